"""A tape is what any reader of vcrpy's format takes, and holds an exchange to the last byte."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from test_recordings import exchanges
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from samsvar.model.exchange import Exchange, Place, Probe, Response
from samsvar.world import tapes
from samsvar.world.cassettes import foreign_tape, tape_text

answered = exchanges().filter(lambda one: one.response is not None)
URL = "https://api.example/api/metadata"


OK = Response(200)


def exchange(number: int = 1, response: Response = OK, url: str = URL, **about: Any) -> Exchange:
    return Exchange(number, Probe("read", url, **about), response)


def read(text: str) -> list[Exchange | None]:
    found = tapes.interactions(text.encode("utf-8"))
    return [tapes.recorded_of(one["request"], one["response"]).exchange for _, _, one in found]


def common(tape: Any) -> Any:
    """What every reader is to understand; that 1e-07 is a number, YAML 1.1 does not know."""
    for one in tape["interactions"]:
        del one["response"][tapes.KEPT]
    return tape


def parts(request: Any) -> tuple[object, ...]:
    """What vcrpy compares of every recorded request; it raises where a URL cannot be taken apart."""
    return request.scheme, request.host, request.port, request.path, request.query


@given(st.lists(answered, max_size=3))
def test_what_is_written_comes_back(said: list[Exchange]) -> None:
    text = tape_text(said)
    assert read(text) == said
    assert [one.exchange for one in foreign_tape(text, ".yaml")] == said


@given(st.lists(answered, max_size=3))
def test_other_readers_take_it_and_agree(said: list[Exchange]) -> None:
    text = tape_text(said)
    assert yaml.load(text, yaml.CSafeLoader) == yaml.load(text, yaml.SafeLoader)
    assert common(yaml.load(text, yaml.CSafeLoader)) == common(tapes.deserialize(text))
    requests, responses = deserialize(text, yamlserializer)
    assert [request.method for request in requests] == [one.probe.method for one in said]
    assert [one["body"]["string"] for one in responses] == [one.response.body for one in said if one.response]
    assert len([parts(request) for request in requests]) == len(said)


LONE = "\udfffa\ud800"
HARD = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA1), 0x2028, 0x2029, 0xFDD0, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF]))
RESPONSES = {
    "every hard character": Response(200, ((HARD, HARD),), HARD.encode(), HARD.encode()),
    "beyond the first plane": Response(200, (("A", "\U0001f600"),), "\U0001fffe\U0010ffff".encode()),
    "the end of a document": Response(200, (), b"\n...\n---\n- {}\n"),
    "bytes": Response(200, (), b"\xff\xfe\x00"),
    "what looks like bytes": Response(200, (), b'"string": !!binary "AAAA" {"!!binary": "AAAA"}'),
    "bytes beside what looks like bytes": Response(200, (("A", ': !!binary "AA"'), ("!!binary", "AA")), b"\xff"),
    "long names": Response(200, (("a" * 5000, "1"), ("a" * 5001, "2"), ("\x85" * 1000, "3"))),
    "lone surrogates": Response(200, ((LONE, LONE),), b"", b"\xed\xa0\x80"),
    "interleaved fields": Response(200, (("A", "1"), ("B", "2"), ("a", "3"), ("A", "4"))),
    "an encoding that was taken off": Response(200, (("Content-Encoding", "gzip"), ("content-length", "9")), b"abc"),
}


@pytest.mark.parametrize("response", RESPONSES.values(), ids=RESPONSES)
def test_hard_answers_come_back_too(response: Response) -> None:
    said = [exchange(1, response), exchange(2, response)]
    text = tape_text(said)
    assert read(text) == said
    assert [one.exchange for one in foreign_tape(text, ".yaml")] == said
    assert yaml.load(text, yaml.CSafeLoader) == yaml.load(text, yaml.SafeLoader)


@pytest.mark.parametrize("url", ["http://[", "http://a:b/", "http://\u2100/", "", f"http://a/{LONE}", "a b\n"])
def test_urls_that_nobody_can_take_apart_disturb_no_reader(url: str) -> None:
    said = [exchange(url=url, place=Place("", LONE))]
    text = tape_text(said)
    assert read(text) == said
    assert [len(parts(request)) for request in deserialize(text, yamlserializer)[0]] == [5]


def test_who_replays_a_decoded_body_is_not_told_to_decode_it() -> None:
    fields = (("Content-Encoding", "gzip"), ("Content-Length", "7"), ("ETag", '"1"'))
    (_, _, one) = next(tapes.interactions(tape_text([exchange(1, Response(200, fields, b"abcde"))]).encode()))
    assert one["response"]["headers"] == {"Content-Length": ["5"], "ETag": ['"1"']}


def test_an_answer_to_head_keeps_its_length() -> None:
    fields = (("Content-Encoding", "gzip"), ("Content-Length", "7"))
    (_, _, one) = next(tapes.interactions(tape_text([exchange(1, Response(200, fields), method="HEAD")]).encode()))
    assert one["response"]["headers"] == {"Content-Encoding": ["gzip"], "Content-Length": ["7"]}


def test_a_line_holds_an_interaction_and_people_can_read_it() -> None:
    text = tape_text([exchange(1, Response(200, (), "Blåbær".encode())), exchange(2)])
    head, names, first, second, end, rest = text.split("\n")
    assert (head, names, end, rest) == ("version: 1", "interactions:", "...", "")
    assert first.startswith('- {"request": {"method": "GET", "uri": "https://api.example/api/metadata"')
    assert "Blåbær" in first and second.startswith("- {")


TEXT = tape_text([exchange(1, Response(200, (), b"\xff")), exchange(2, Response(200, (), b"abc"))])


def test_a_tape_that_was_cut_is_none() -> None:
    for cut in range(len(TEXT)):
        with pytest.raises(ValueError, match=r"byte|Error"):
            read(TEXT[:cut]) if tapes.is_ours(TEXT[:cut].encode()) else list(foreign_tape(TEXT[:cut], ".yaml"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"abc"', '"abc', "line 4, byte"),
        ('- {"request": {"method": "GET", "uri": "https://api.example/api/metadata", "body"', '{"', "line 3, byte 25"),
        ('"/w=="', '"/w="', "line 3, byte 25"),
        ('"at": 0.0', '"at": NaN', "NaN is no JSON"),
        ('"code": 200', '"code": 200' + "[" * 100_000, "line 3"),
    ],
)
def test_where_a_tape_breaks_is_told(old: str, new: str, told: str) -> None:
    with pytest.raises(tapes.TapeError, match=told):
        read(TEXT.replace(old, new, 1))


def test_what_vcrpy_writes_is_not_taken_for_ours() -> None:
    text = yamlserializer.serialize(tapes.deserialize(TEXT))
    assert not tapes.is_ours(text.encode())
    assert [one.exchange for one in foreign_tape(text, ".yaml")] == read(TEXT)


def test_only_values_are_read_from_yaml() -> None:
    text = "version: 1\ninteractions: !!python/object/apply:os.system ['exit 1']\n"
    with pytest.raises(ValueError, match="python/object/apply"):
        list(foreign_tape(text, ".yaml"))


def test_only_json_and_bytes_are_written() -> None:
    with pytest.raises(TypeError, match="cannot hold set"):
        tapes.serialize({"interactions": [{"a": set()}]})

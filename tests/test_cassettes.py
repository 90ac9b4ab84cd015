"""A recording answers whichever client asks what was asked then, and lets nothing through."""

import asyncio
import urllib.request
from typing import Any

import httpx2 as httpx
import pytest
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request

from samsvar.model.exchange import Exchange, Failure, Fields, Login, Means, Probe, Response, Stage
from samsvar.world.cassettes import PREFERRED, Playing, Tape, playing
from samsvar.world.replay import Cassette, Recorded

ROOT = "https://api.example/api"
HAL = "application/hal+json"


def said(
    body: str | Failure, path: str = "/my", accept: str = HAL, login: Login = Login.GIVEN, **about: Any
) -> Recorded:
    fields: Fields = (("Accept", accept),) if accept else ()
    fields = (*fields, *about.pop("fields", ()))
    outcome: Any = body if isinstance(body, Failure) else about.pop("response", Response(200, (), body.encode()))
    probe = Probe("read", ROOT + path, headers=fields, login=login, **about)
    sent = fields if "accept-encoding" in dict(fields) else (*fields, ("Accept-Encoding", "gzip"))
    named = {"failure" if isinstance(body, Failure) else "response": outcome}
    return Recorded.of(Exchange(1, probe, sent=(*sent, ("User-Agent", "samsvar")), credentials=("ApiKey",), **named))


def tape(*recorded: Recorded) -> Tape:
    return Tape(Cassette(ROOT, "", "", Means(), recorded, manifest={"root": ROOT}, folder="cassettes/kept"))


def get(path: str = "/my", accept: str = HAL, method: str = "GET", **fields: str) -> str:
    headers = {"Accept": accept, "ApiKey": "k", **{name.replace("_", "-"): value for name, value in fields.items()}}
    return httpx.request(method, ROOT + path, headers=headers).text


def test_a_client_gets_what_was_said() -> None:
    fields = (("Content-Type", HAL), ("Vary", "Accept"), ("Vary", "Origin"), ("Content-Encoding", "gzip"))
    one = said("", response=Response(404, fields, "Blåbær".encode(), "Fant ikke bær".encode()))
    with playing(tape(one)) as cassette:
        found = httpx.get(f"{ROOT}/my", headers={"Accept": HAL})
    assert (found.status_code, found.text, found.reason_phrase) == (404, "Blåbær", "Fant ikke b??r")
    assert found.headers.get_list("Vary") == ["Accept", "Origin"]
    assert (cassette.play_count, cassette.all_played, len(cassette.requests)) == (1, True, 1)
    assert (cassette.root, cassette.manifest["root"]) == (ROOT, ROOT)


def test_other_clients_get_it_too() -> None:
    async def ask() -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{ROOT}/my", headers={"Accept": HAL})).text

    with playing(tape(said("a"))):
        assert asyncio.run(ask()) == "a"
        with urllib.request.urlopen(urllib.request.Request(f"{ROOT}/my", headers={"Accept": HAL})) as answer:
            assert answer.read() == b"a"


def test_the_same_question_gets_the_answers_in_turn_and_then_the_last() -> None:
    with playing(tape(said("a"), said("x", accept="application/xml"), said("b"))) as cassette:
        assert [get() for _ in range(4)] == ["a", "b", "b", "b"]
        assert get(accept="application/xml") == "x"
        cassette.rewind()
        assert get() == "a"


def test_an_answer_stays_as_it_was_recorded() -> None:
    with playing(tape(said("a", response=Response(200, (("Transfer-Encoding", "chunked"),), b"a")))) as cassette:
        urllib.request.urlopen(urllib.request.Request(f"{ROOT}/my", headers={"Accept": HAL})).close()
        assert cassette.responses[0]["headers"] == {"Transfer-Encoding": ["chunked"]}


def test_the_media_type_decides() -> None:
    with playing(tape(said("j"), said("x", accept="application/xml"))):
        assert [get(accept="application/xml"), get()] == ["x", "j"]


def test_method_and_language_decide_too() -> None:
    english = said("e", fields=(("Accept-Language", "en"),))
    with playing(tape(said("n"), said("", method="HEAD", response=Response(405)), english)):
        assert (get(), get(method="HEAD"), get(Accept_Language="en")) == ("n", "", "e")


@pytest.mark.parametrize("path", ["/my?$top=5&$skip=10", "/my?%24skip=10&%24top=5"])
def test_a_query_may_be_spelled_otherwise(path: str) -> None:
    with playing(tape(said("a", "/my?$top=5&$skip=10"), said("b", "/my"))):
        assert (get(path), get("/my")) == ("a", "b")


def test_the_exact_spelling_comes_first() -> None:
    with playing(tape(said("a", "/my?a=1&b=2"), said("b", "/my?b=2&a=1"))):
        assert (get("/my?b=2&a=1"), get("/my?a=1&b=2")) == ("b", "a")


def test_no_accept_is_any_media_type() -> None:
    with playing(tape(said("none", accept=""))):
        assert get(accept="*/*") == "none"
    with playing(tape(said("none", accept=""), said("any", accept="*/*"))):
        assert get(accept="*/*") == "any"


def test_what_was_asked_with_login_is_preferred_whatever_the_client_sends() -> None:
    refused = said("no", login=Login.NONE, response=Response(403))
    with playing(tape(refused, said("yes"), said("no", login=Login.NO_KEY))):
        assert [get(), get()] == ["yes", "yes"]
        assert httpx.get(f"{ROOT}/my", headers={"Accept": HAL}).text == "yes"
    with playing(tape(refused)):
        assert httpx.get(f"{ROOT}/my", headers={"Accept": HAL}).status_code == 403


def test_what_was_asked_with_wrong_credentials_is_no_answer() -> None:
    assert {login for login in Login if login not in PREFERRED} == {
        Login.WRONG_KEY,
        Login.WRONG_TOKEN,
        Login.EXPIRED_TOKEN,
    }
    with playing(tape(said("no", login=Login.WRONG_KEY))), pytest.raises(CannotOverwriteExistingCassetteException):
        get()


def test_what_was_asked_as_usual_is_preferred_to_odd_encodings() -> None:
    with playing(tape(said("odd", fields=(("accept-encoding", "identity"),)), said("usual"))):
        assert [get(), get()] == ["usual", "usual"]


UNASKED = {
    "another media type": ("/my", "text/html", f"nearest: GET {ROOT}/my (Accept: {HAL}); GET {ROOT}/my (Accept: "),
    "another query": ("/my?a=2", HAL, f"GET {ROOT}/my?a=1 (Accept: {HAL})"),
    "another path": ("/my/else", HAL, f"nearest: GET {ROOT}/my (Accept: {HAL})"),
    "another language": ("/my", HAL, f"nearest: GET {ROOT}/my (Accept: {HAL})"),
}


@pytest.mark.parametrize("unasked", UNASKED)
def test_what_was_not_asked_is_refused_and_the_nearest_named(unasked: str) -> None:
    path, accept, told = UNASKED[unasked]
    recorded = tape(said("a"), said("b", accept="application/xml"), said("c", "/my?a=1"), said("d", "/other/x"))
    with playing(recorded) as cassette, pytest.raises(CannotOverwriteExistingCassetteException) as caught:
        get(path, accept, **({"Accept_Language": "en"} if "language" in unasked else {}))
    message = str(caught.value)
    assert message.startswith(f"GET {ROOT}{path} (Accept: {accept}")
    assert ") is not recorded in cassettes/kept. What comes nearest: " in message and "\n" not in message
    assert told in message
    assert cassette.play_count == 0
    assert caught.value.reason == "no_match" and caught.value.similar_requests


def test_an_empty_recording_says_so() -> None:
    with playing(tape()), pytest.raises(CannotOverwriteExistingCassetteException, match="comes nearest: nothing"):
        get()


def test_a_broken_answer_is_not_played() -> None:
    broken = said(Failure(Stage.FRAMING, "cut short", Response(200, (), b"half")))
    with (
        playing(tape(broken)),
        pytest.raises(CannotOverwriteExistingCassetteException, match=r"no whole answer \(framing: cut short\)"),
    ):
        get()


def test_it_looks_like_any_cassette_to_its_owner() -> None:
    request, other = (Request("GET", ROOT + path, None, {"Accept": HAL}) for path in ("/my", "/else"))
    with playing(tape(said("a"), said("b"))) as cassette:
        assert isinstance(cassette, Playing)
        assert (request in cassette, other in cassette, len(cassette)) == (True, False, 2)
        assert [one["body"]["string"] for one in cassette.responses_of(request)] == [b"a", b"b"]
        assert cassette.write_protected and cassette.find_requests_with_most_matches(other) == []
        with pytest.raises(CannotOverwriteExistingCassetteException):
            cassette.play_response(other)


def test_a_tape_can_be_played_more_than_once() -> None:
    recorded = tape(said("a"), said("b"))
    for _ in range(2):
        with playing(recorded) as cassette:
            assert get() == "a"
        assert cassette.play_count == 1 and not cassette.all_played

"""Recordings are written whole and read whole, or the file that is broken is named."""

import asyncio
import errno
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vcr
from hypothesis import given
from hypothesis import strategies as st
from test_recordings import exchanges
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from samsvar.errors import CassetteError, OutputError, PrivacyError, UsageError
from samsvar.model.exchange import Exchange, Failure, Login, Means, NotVisited, Place, Probe, Response, Stage
from samsvar.model.privacy import Part
from samsvar.model.recording import Recording
from samsvar.world import keeping
from samsvar.world.keeping import check_free, is_cassette, read_cassette, write_recording
from samsvar.world.replay import ReplayTransport

MANIFEST = {"root": "https://api.example/api", "recorded": "2026-10-01", "given": {"key": True, "logins": ["token"]}}
TAPE = {
    "version": 1,
    "interactions": [
        {
            "request": {"method": "GET", "uri": "https://api.example/api/metadata", "body": "", "headers": {}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"], "Vary": ["Accept", "Origin"]},
                "body": {"string": "[]"},
            },
        }
    ],
}


def cassette(folder: Path, manifest: object = MANIFEST, tape: object = TAPE) -> str:
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "tape.json").write_text(json.dumps(tape))
    return str(folder)


def test_a_cassette_is_read_with_repeated_fields(tmp_path: Path) -> None:
    found = read_cassette(cassette(tmp_path))
    (one,) = found.exchanges
    assert found.means.key and not found.means.login and found.recorded == "2026-10-01"
    assert one.url.endswith("/metadata")
    assert getattr(one.said, "headers", ()) == (
        ("Content-Type", "application/json"),
        ("Vary", "Accept"),
        ("Vary", "Origin"),
    )


def test_a_folder_without_manifest_is_no_cassette(tmp_path: Path) -> None:
    assert not is_cassette(str(tmp_path))


@pytest.mark.parametrize(
    "manifest", [[], {}, {"root": 1}, {"root": "x", "given": []}, {"root": "x", "given": {"logins": ["guess"]}}]
)
def test_a_broken_manifest_is_named(tmp_path: Path, manifest: object) -> None:
    with pytest.raises(CassetteError, match=r"manifest\.json"):
        read_cassette(cassette(tmp_path, manifest))


@pytest.mark.parametrize("tape", [[], {}, {"version": 1, "interactions": [{}]}, "x"])
def test_a_broken_tape_is_named_in_one_line(tmp_path: Path, tape: object) -> None:
    with pytest.raises(CassetteError, match=r"tape\.json is not a cassette") as caught:
        read_cassette(cassette(tmp_path, tape=tape))
    assert "\n" not in str(caught.value)


def test_a_tape_that_is_not_even_json_is_named(tmp_path: Path) -> None:
    cassette(tmp_path)
    (tmp_path / "tape.json").write_text("{")
    with pytest.raises(CassetteError, match=r"tape\.json"):
        read_cassette(str(tmp_path))


def test_a_cassette_without_interactions_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    with pytest.raises(CassetteError, match="no interactions"):
        read_cassette(str(tmp_path))


# -- what we write ----------------------------------------------------------------------------------------------------

ROOT = "https://api.example/api"
SAID = (
    Exchange(
        1,
        Probe("read", f"{ROOT}/metadata", headers=(("Accept", "application/json"),), type="Metadata"),
        Response(200, (("A", "1"), ("B", "2"), ("A", "3")), b"[]", "Nær".encode(), "HTTP/1.0", 9),
        sent=(("Accept", "application/json"), ("User-Agent", "samsvar")),
        credentials=("ApiKey",),
        at=1.5,
        seconds=0.25,
    ),
    Exchange(2, Probe("read", f"{ROOT}/my", place=Place("Box", "my")), Response(200, (), b"\xff"), follows=1),
    Exchange(3, Probe("read", f"{ROOT}/cut"), None, Failure(Stage.FRAMING, "cut", Response(200, (), b"half"))),
)
RECORDING = Recording(
    root=ROOT,
    recorded="2026-11-24T10:00:00Z",
    source="a test",
    samsvar="1.0.0",
    contract="altinn2@1",
    profile="default",
    means=Means(True, True, (Login.TOKEN,), ("https://www.eksempel.no",), True),
    exchanges=SAID,
    asked=3,
    limits={"requests": 100},
    stopped="by hand",
    not_visited=(NotVisited("another host", 2, "https://else.example/"),),
    notes=("a note",),
    cleaned={"rules": ["credential"]},
)


def let(parts: Iterable[Part]) -> None:
    """A gate that nothing is held up by."""


def kept(folder: Path, recording: Recording = RECORDING) -> Path:
    write_recording(str(folder / "kept"), recording, let, ())
    return folder / "kept"


def test_what_was_recorded_is_read(tmp_path: Path) -> None:
    found = read_cassette(str(kept(tmp_path)))
    assert tuple(one.exchange for one in found.exchanges) == SAID
    assert found.missing == () and found.manifest["format"] == 1
    names = set(Recording.__dataclass_fields__) - {"exchanges", "begun"}
    assert {name: getattr(found, name) for name in names} == {name: getattr(RECORDING, name) for name in names}


@given(st.lists(exchanges(), max_size=5, unique_by=lambda one: one.number))
def test_any_exchanges_come_back_in_their_order(said: list[Exchange]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        where = kept(Path(folder), replace(RECORDING, exchanges=tuple(said), asked=9999))
        found = read_cassette(str(where))
        assert [one.exchange for one in found.exchanges] == sorted(said, key=lambda one: one.number)
        assert sorted({*found.missing, *(one.number for one in said)}) == list(range(1, 10_000))
        requests, _ = deserialize((where / "tape.yaml").read_text(encoding="utf-8"), yamlserializer)
        assert len(requests) == sum(one.response is not None for one in said)


def test_a_recording_answers_as_the_environment_did(tmp_path: Path) -> None:
    transport = ReplayTransport(read_cassette(str(kept(tmp_path))).exchanges)
    for one in SAID:
        outcome = asyncio.run(transport.send(one.probe))
        assert (outcome.response, outcome.failure) == (one.response, one.failure)
        assert (outcome.sent, outcome.credentials) == (one.sent, one.credentials)
        assert (outcome.at, outcome.seconds) == (one.at, one.seconds)


def test_others_play_the_tape_and_no_broken_answer(tmp_path: Path) -> None:
    tape = kept(tmp_path) / "tape.yaml"
    with vcr.VCR(record_mode="none").use_cassette(str(tape)) as found:
        assert [request.uri for request in found.requests] == [f"{ROOT}/metadata", f"{ROOT}/my"]
        assert [one["body"]["string"] for one in found.responses] == [b"[]", b"\xff"]
    assert "half" not in tape.read_text(encoding="utf-8")


def test_nothing_recorded_is_a_recording_too(tmp_path: Path) -> None:
    found = read_cassette(str(kept(tmp_path, replace(RECORDING, exchanges=(), asked=2))))
    assert (found.exchanges, found.missing) == ((), (1, 2))


def test_the_gate_sees_every_byte_and_whose_they_are(tmp_path: Path) -> None:
    """But for the hashes, which may look like anything."""
    seen: list[Part] = []
    manifest = write_recording(str(tmp_path / "kept"), RECORDING, seen.extend, {"Metadata"})
    hashes = [one["sha256"].encode() for one in manifest["files"].values()]
    for path in (tmp_path / "kept").iterdir():
        told = b"".join(one.data for one in seen if one.name.partition(",")[0] == path.name)
        written = path.read_bytes()
        for one in hashes:
            written = written.replace(one, b"-" * 64)
        assert told == written
    assert [one.name for one in seen if "exchange" in one.name] == [
        "tape.yaml, exchange 1",
        "tape.yaml, exchange 2",
        "failures.json, exchange 3",
    ]
    assert [one.name for one in seen if one.open] == ["tape.yaml, exchange 1"]


def test_what_the_gate_forbids_leaves_no_trace(tmp_path: Path) -> None:
    def forbid(parts: Iterable[Part]) -> None:
        raise PrivacyError("a name", "Clean it.")

    with pytest.raises(PrivacyError):
        write_recording(str(tmp_path / "kept"), RECORDING, forbid, ())
    assert list(tmp_path.iterdir()) == []


def test_a_recording_goes_into_an_empty_folder_too(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    assert is_cassette(str(kept(tmp_path)))


def test_files_get_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    where = kept(tmp_path)
    assert where.stat().st_mode == (tmp_path / "folder").stat().st_mode
    assert {path.stat().st_mode for path in where.iterdir()} == {(tmp_path / "file").stat().st_mode}


BEGUN = "2026-11-24T09:59:58Z"
"""When the run began of which RECORDING is."""


def test_what_an_earlier_life_of_a_run_recorded_gives_way(tmp_path: Path) -> None:
    kept(tmp_path)
    write_recording(str(tmp_path / "kept"), replace(RECORDING, stopped="", asked=4, begun=BEGUN), let, ())
    assert (read_cassette(str(tmp_path / "kept")).stopped, os.listdir(tmp_path)) == ("", ["kept"])  # noqa: PTH208


@pytest.mark.parametrize(
    "other",
    [{"root": "https://b.example/api"}, {"profile": "strict"}, {"begun": "2026-11-24T10:00:01Z"}, {"begun": ""}],
    ids=lambda other: next(iter(other)),
)
def test_what_another_run_recorded_does_not_give_way(tmp_path: Path, other: dict[str, str]) -> None:
    kept(tmp_path)
    with pytest.raises(UsageError, match="is there already"):
        check_free(str(tmp_path / "kept"), replace(RECORDING, **{"begun": BEGUN, **other}).run)


def test_a_recording_beside_which_something_else_lies_does_not_give_way(tmp_path: Path) -> None:
    (kept(tmp_path) / "notes.txt").touch()
    with pytest.raises(UsageError, match="is there already"):
        check_free(str(tmp_path / "kept"), replace(RECORDING, begun=BEGUN).run)


def test_what_could_not_be_replaced_is_still_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    rename = Path.rename

    def full(self: Path, target: Any) -> Path:
        if str(target) == str(tmp_path / "kept") and not self.name.endswith("-before"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OutputError, match="No space left"):
        write_recording(str(tmp_path / "kept"), replace(RECORDING, stopped="", begun=BEGUN), let, ())
    assert (read_cassette(str(tmp_path / "kept")).stopped, os.listdir(tmp_path)) == ("by hand", ["kept"])  # noqa: PTH208


@pytest.mark.parametrize("there", ["full", "file", "link"])
def test_what_is_there_is_not_written_over(tmp_path: Path, there: str) -> None:
    where = tmp_path / "kept"
    if there == "full":
        (where / "sub").mkdir(parents=True)
    elif there == "file":
        where.touch()
    else:
        where.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"is there already.*[Nn]ame"):
        check_free(str(where))


def test_a_recording_needs_a_place(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        check_free(str(tmp_path / "no" / "kept"))


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_full_disk_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "rename")), full)
    with pytest.raises(OutputError, match=r"kept cannot be written \(No space left on device\)\. Name"):
        kept(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_order_of_the_lines_means_nothing(tmp_path: Path) -> None:
    where = kept(tmp_path)
    manifest = json.loads((where / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]
    (where / "manifest.json").write_text(json.dumps(manifest))
    head, names, first, second, end = (where / "tape.yaml").read_bytes().splitlines()
    (where / "tape.yaml").write_bytes(b"\n".join([head, names, second, first, end, b""]))
    assert tuple(one.exchange for one in read_cassette(str(where)).exchanges) == SAID


def test_bodies_that_others_kept_as_they_came_are_decoded(tmp_path: Path) -> None:
    one = json.loads(json.dumps(TAPE["interactions"]))[0]
    one["response"]["headers"] |= {"Content-Encoding": ["gzip"]}
    empty = json.loads(json.dumps(one))
    empty["response"]["body"]["string"] = ""
    one["response"]["body"]["string"] = gzip.compress(b"[1]")
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    text = yamlserializer.serialize({"version": 1, "interactions": [one, empty]})
    (tmp_path / "tape.yaml").write_text(text)
    decoded, left = (found.said for found in read_cassette(str(tmp_path)).exchanges)
    assert isinstance(decoded, Response) and isinstance(left, Response)
    assert (decoded.body, decoded.first("Content-Encoding"), decoded.first("content-length")) == (b"[1]", None, "3")
    assert (left.body, left.first("Content-Encoding")) == (b"", "gzip")


# -- and refuse to read -----------------------------------------------------------------------------------------------


def changed(where: Path, **members: Any) -> None:
    """Edit the manifest."""
    manifest = json.loads((where / "manifest.json").read_text(encoding="utf-8"))
    (where / "manifest.json").write_text(json.dumps({**manifest, **members}), encoding="utf-8")


def test_a_file_cut_anywhere_is_refused_with_the_byte(tmp_path: Path) -> None:
    where = kept(tmp_path)
    for name in ("tape.yaml", "failures.json"):
        whole = (where / name).read_bytes()
        for cut in range(len(whole)):
            (where / name).write_bytes(whole[:cut])
            with pytest.raises(CassetteError, match=rf"{name} ends at byte {cut}; {len(whole)} bytes were recorded"):
                read_cassette(str(where))
        (where / name).write_bytes(whole)
    assert len(read_cassette(str(where)).exchanges) == 3


def test_a_cut_manifest_is_refused(tmp_path: Path) -> None:
    where = kept(tmp_path)
    whole = (where / "manifest.json").read_bytes().rstrip()
    for cut in range(len(whole)):
        (where / "manifest.json").write_bytes(whole[:cut])
        with pytest.raises(CassetteError, match=r"manifest\.json"):
            read_cassette(str(where))


def spoil(where: Path, how: str) -> None:
    tape = where / "tape.yaml"
    data = tape.read_bytes()
    if how == "changed":
        tape.write_bytes(data.replace(b"GET", b"PUT", 1))
    elif how == "line ends":
        tape.write_bytes(data.replace(b"\n", b"\r\n"))
    elif how == "missing":
        tape.unlink()
    elif how == "extra":
        shutil.copy(tape, where / "more.yaml")
    elif how == "link":
        tape.unlink()
        (where.parent / "tape.yaml").write_bytes(data)
        tape.symlink_to(where.parent / "tape.yaml")
    elif how == "folder":
        tape.unlink()
        tape.mkdir()


SPOILED = {
    "changed": r"tape\.yaml is not as it was recorded",
    "line ends": r"tape\.yaml has other line ends.*-text",
    "missing": r"tape\.yaml is missing",
    "extra": r"more\.yaml is not named",
    "link": r"tape\.yaml is a link",
    "folder": r"tape\.yaml is no file",
}


@pytest.mark.parametrize("how", SPOILED)
def test_what_was_touched_is_refused(tmp_path: Path, how: str) -> None:
    where = kept(tmp_path)
    spoil(where, how)
    with pytest.raises(CassetteError, match=SPOILED[how]):
        read_cassette(str(where))


@pytest.mark.parametrize("name", ["../tape.yaml", "/etc/passwd", "a\\b.yaml", "tape.txt", "", "manifest.json", ".."])
def test_a_manifest_names_only_files_of_its_folder(tmp_path: Path, name: str) -> None:
    where = kept(tmp_path)
    changed(where, files={name: {}})
    with pytest.raises(CassetteError, match="no file of this folder"):
        read_cassette(str(where))


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"format": 2}, "is of format 2; this samsvar reads format 1"),
        ({"files": []}, "no object of objects"),
        ({"files": {"tape.yaml": 1}}, "no object of objects"),
        ({"files": {"tape.yaml": {}, "failures.json": {}}}, "ends at byte"),
        ({"asked": -1}, "asked is -1"),
        ({"asked": 10**12}, "asked is"),
        ({"not_visited": [{}]}, "KeyError"),
        ({"limits": {"requests": "many"}}, "ValueError"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(tmp_path: Path, members: dict[str, Any], told: str) -> None:
    where = kept(tmp_path)
    changed(where, **members)
    with pytest.raises(CassetteError, match=told):
        read_cassette(str(where))


def test_more_than_can_be_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = kept(tmp_path)
    monkeypatch.setattr(keeping, "LARGEST", 100)
    with pytest.raises(CassetteError, match=r"more than 100 are not read"):
        read_cassette(str(where))


def test_half_a_recording_is_told(tmp_path: Path) -> None:
    part = kept(tmp_path).rename(tmp_path / ".kept.part-abc")
    with pytest.raises(CassetteError, match="half-written"):
        read_cassette(str(part))
    (part / "manifest.json").unlink()
    with pytest.raises(CassetteError, match="half-written"):
        read_cassette(str(part.rename(tmp_path / "else")))
    with pytest.raises(CassetteError, match="There is no folder"):
        read_cassette(str(tmp_path / "nowhere"))


def test_an_exchange_is_there_once(tmp_path: Path) -> None:
    where = kept(tmp_path, replace(RECORDING, exchanges=(SAID[0], SAID[0])))
    with pytest.raises(CassetteError, match="exchange 1 more than once"):
        read_cassette(str(where))


def test_exchanges_that_were_taken_out_are_known(tmp_path: Path) -> None:
    where = kept(tmp_path, replace(RECORDING, exchanges=SAID[1:2], asked=4))
    assert read_cassette(str(where)).missing == (1, 3, 4)


def test_where_a_tape_without_hash_breaks_is_told(tmp_path: Path) -> None:
    where = kept(tmp_path)
    (where / "manifest.json").write_text(json.dumps({"root": ROOT}))
    assert len(read_cassette(str(where)).exchanges) == 3
    text = (where / "tape.yaml").read_text(encoding="utf-8")
    (where / "tape.yaml").write_text(text.replace('"code": 200', '"code": }', 1), encoding="utf-8")
    with pytest.raises(CassetteError, match=r"tape\.yaml is not a cassette \(TapeError: line 3, byte \d+: "):
        read_cassette(str(where))
    (where / "tape.yaml").write_text(text[: text.index("- ", 30)], encoding="utf-8")
    with pytest.raises(CassetteError, match=r"tape\.yaml is not a cassette"):
        read_cassette(str(where))


def test_a_tape_that_would_run_something_is_refused(tmp_path: Path) -> None:
    cassette(tmp_path)
    (tmp_path / "tape.json").rename(tmp_path / "tape.yaml")
    text = "interactions:\n- !!python/object/apply:os.mkdir ['here']\nversion: 1\n"
    (tmp_path / "tape.yaml").write_text(text)
    with pytest.raises(CassetteError, match=r"tape\.yaml is not a cassette .*python/object/apply"):
        read_cassette(str(tmp_path))

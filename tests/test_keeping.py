"""Recordings are read whole, or the file that is broken is named."""

import json
from pathlib import Path

import pytest

from samsvar.errors import CassetteError
from samsvar.world.keeping import is_cassette, read_cassette

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

"""Planted values, end to end: of what an environment says of people, nothing reaches a file, however it is spelled."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from canaries import ALL, DOCUMENTS, KINDS, LATER, SPELLINGS, Planted, found_in, found_in_files, recorded, session_with

from samsvar.errors import PrivacyError

STRACE = Path("/usr/bin/strace")
NIGHT = bool(os.environ.get("SAMSVAR_NIGHTLY"))


def test_there_are_planted_values_of_every_kind_in_every_spelling() -> None:
    assert len(ALL) >= 200 and len(KINDS) >= 14 and len(SPELLINGS) >= 12


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_search_finds_what_is_there(spelling: str) -> None:
    for kind, value in ALL[::7]:
        written = SPELLINGS[spelling](value).encode()
        assert any(one == kind for one, _ in found_in(b"..." + written + b"...")), (kind, spelling)


def test_the_search_finds_what_is_in_base64_from_any_byte() -> None:
    for front in range(4):
        assert found_in(base64.b64encode(b"x" * front + KINDS["name"][0].encode() + b" more"))


def test_no_planted_value_reaches_a_file_and_nothing_is_refused(tmp_path: Path) -> None:
    environment = Planted()
    session = session_with(environment, tmp_path)
    recorded(session, tmp_path)
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"tape.yaml", "results.json", "junit.xml", "report.sarif", "report.html"} <= names
    assert any(name.endswith(".journal") for name in names) and any(name.endswith("-wal") for name in names)
    assert found_in_files(tmp_path) == {}
    places = {place.partition(",")[0] for place in environment.counts}
    assert len(places) >= 15 and sum(environment.counts.values()) > 1_500 and DOCUMENTS
    session.end()
    assert not list(tmp_path.rglob("*.journal*"))


def test_whom_an_error_names_before_anything_tells_of_them_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    session = session_with(Planted(early=True), tmp_path)
    with pytest.raises(PrivacyError) as caught:
        recorded(session, tmp_path)
    assert caught.value.exit_code == 5
    assert not (tmp_path / "recording").exists() and LATER.split()[0] not in str(caught.value)
    session.end()
    assert not [one.name for one in tmp_path.rglob("*.yaml")] and not list(tmp_path.rglob("*.journal*"))


@pytest.mark.skipif(not STRACE.exists(), reason="strace is not here, so no write can be watched")
@pytest.mark.skipif(not NIGHT, reason="watching every write takes long; at night it is done")
def test_no_planted_value_is_ever_written_by_any_call(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    target = tmp_path / "out"
    target.mkdir()
    watched = [str(STRACE), "-f", "-xx", "-s", "10000000", "-o", str(calls)]
    watched += ["-e", "trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg"]
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), *sys.path])}
    run = subprocess.run(
        [*watched, sys.executable, str(here / "canaries.py"), str(target)],
        env=environment,
        capture_output=True,
        timeout=500,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-500:]
    text = calls.read_text()
    written = b"\n".join(bytes.fromhex(one.replace("\\x", "")) for one in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', text))
    assert len(written) > 1_000_000 and found_in(written) == []

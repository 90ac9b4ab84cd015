"""A recording says what its run said: in any order, on any machine, without a network, and never more."""

import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samsvar.cli import main
from samsvar.logic.reporting.console import summary_lines
from samsvar.model.contract import Contract
from samsvar.model.verdict import Outcome, Verdict
from samsvar.running import Order, Session, explore, judge_all, make_report
from samsvar.world.documents import read_contract

HERE = Path(__file__).resolve().parents[1] / "cassettes"
KEPT = HERE / "miniature-kept"
BROKEN = HERE / "miniature-fault-format-4"
EXPECTED = {
    "miniature-kept": None,
    "miniature-moved": None,
    "miniature-linked": None,
    "miniature-paged": None,
    "miniature-fault-format-4": "FORMAT-4",
    "miniature-fault-link-4": "LINK-4",
    "miniature-fault-auth-3": "AUTH-3",
}
"""Recording -> the guarantee that it shows to be broken."""


def results(path: Path) -> dict[str, Any]:
    """Results without what may differ: how long it took, and what kind of target it was."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in found.items() if name not in ("seconds", "target")}


def told(folder: Path, out: Path) -> dict[str, Any]:
    main(["check", str(folder), "--results", str(out), "--quiet"])
    return results(out)


def changed(source: Path, folder: Path, change: Callable[[list[str]], list[str]]) -> Path:
    """A copy of a recording with other lines of exchanges, its hashes made to fit."""
    shutil.copytree(source, folder)
    tape, manifest = folder / "tape.yaml", folder / "manifest.json"
    lines = tape.read_text(encoding="utf-8").splitlines(keepends=True)
    data = "".join([*lines[:2], *change(lines[2:-1]), lines[-1]]).encode("utf-8")
    tape.write_bytes(data)
    document = json.loads(manifest.read_text(encoding="utf-8"))
    kept = document["files"]["tape.yaml"]
    kept |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "interactions": data.count(b"\n- ")}
    manifest.write_text(json.dumps(document), encoding="utf-8")
    return folder


def shuffled(lines: list[str]) -> list[str]:
    return random.Random(4).sample(lines, len(lines))


@pytest.fixture(scope="module")
def contract() -> Contract:
    return read_contract("altinn2")


# -- the same again ---------------------------------------------------------------------------------------------------


def test_a_recording_says_byte_for_byte_what_its_run_said(tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    arguments = ["record", "-o", str(tape), "--size", "2", "--results", str(tmp_path / "live.json"), "--quiet"]
    assert main([*arguments, "--fault", "format-4-leading-zero-lost-in-xml"]) == 0
    assert told(tape, tmp_path / "replayed.json") == results(tmp_path / "live.json")
    assert results(tmp_path / "live.json")["verdict"] == "broken"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_that_the_project_carries_is_judged_as_its_name_says(name: str, contract: Contract) -> None:
    session = Session(Order(target=str(HERE / name)), contract)
    found = {one.guarantee.id: one.outcome for one in judge_all(session.observed).values()}
    broken = {id_ for id_, outcome in found.items() if outcome is Outcome.BROKEN}
    expected = EXPECTED[name]
    assert (expected in broken) if expected else not broken
    manifest = json.loads((HERE / name / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["source"].startswith("the miniature of samsvar")
    assert len(session.evidence.exchanges) == manifest["asked"] > 1_000


def test_every_recording_that_the_project_carries_is_listed() -> None:
    assert {path.parent.name for path in HERE.glob("*/manifest.json")} == set(EXPECTED)
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in readme for name in EXPECTED)


def test_order_time_zone_locale_and_hash_seed_change_nothing(tmp_path: Path) -> None:
    other = changed(KEPT, tmp_path / "other", shuffled)
    where = {"TZ": "Pacific/Kiritimati", "LC_ALL": "nb_NO.ISO-8859-1", "LANG": "nb_NO", "PYTHONHASHSEED": "4242"}
    command = [sys.executable, "-m", "samsvar", "check", str(other), "--quiet", "--results"]
    subprocess.run([*command, str(tmp_path / "b.json")], env={**os.environ, **where}, check=True, cwd=tmp_path)
    assert results(tmp_path / "b.json") == told(KEPT, tmp_path / "a.json")


def test_a_recording_is_judged_without_any_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a recording reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket.socket, "connect_ex", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert main(["check", str(BROKEN), "--quiet"]) == 1


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare, to be where no network is")
def test_a_recording_is_judged_where_no_network_is(tmp_path: Path) -> None:
    apart = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let a process leave its network")
    command = [*apart, sys.executable, "-m", "samsvar", "check", str(BROKEN), "--quiet"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 1, found.stderr
    assert "FORMAT-4" in found.stdout


# -- never more -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [KEPT, BROKEN], ids=["kept", "broken"])
@pytest.mark.parametrize("count", [1, 40])
def test_what_is_taken_out_of_a_recording_never_makes_it_better(
    source: Path, count: int, tmp_path: Path, contract: Contract
) -> None:
    lines = changed(source, tmp_path / "less", lambda all_: random.Random(count).sample(all_, len(all_) - count))
    _, observed = explore(Order(target=str(lines)), contract, contract.profiles["default"])
    whole = judge_all(explore(Order(target=str(source)), contract, contract.profiles["default"])[1])
    for id_, judgement in judge_all(observed).items():
        if judgement.outcome is Outcome.KEPT:
            pytest.fail(f"{id_} is kept by a recording that is not whole")
        assert judgement.outcome in (whole[id_].outcome, Outcome.UNTESTED), id_


def test_a_question_that_a_recording_does_not_answer_is_untested_with_the_reason(
    tmp_path: Path, contract: Contract
) -> None:
    """A run that asked for less, judged by all: what it did not ask is not recorded."""
    tape = tmp_path / "tape"
    assert main(["record", "-o", str(tape), "--size", "1", "--origin", "https://www.eksempel.no", "--quiet"]) == 0
    asked = Order(target=str(tape))

    def without_options(lines: list[str]) -> list[str]:
        return [line for line in lines if '"method": "OPTIONS"' not in line]

    less = changed(tape, tmp_path / "less", without_options)
    manifest = json.loads((less / "manifest.json").read_text(encoding="utf-8"))
    (less / "manifest.json").write_text(json.dumps({**manifest, "asked": 0}), encoding="utf-8")
    _, observed = explore(replace(asked, target=str(less)), contract, contract.profiles["default"])
    found = judge_all(observed)["CORS-7"]
    assert found.outcome is Outcome.UNTESTED
    assert found.because


@pytest.mark.parametrize(
    ("source", "verdict", "because"),
    [(KEPT, Verdict.INCONCLUSIVE, "takes none older than 30"), (BROKEN, Verdict.BROKEN, "FORMAT-4")],
    ids=["kept", "broken"],
)
def test_a_recording_that_is_too_old_proves_nothing_but_what_was_broken(
    source: Path, verdict: Verdict, because: str, contract: Contract
) -> None:
    profile = replace(contract.profiles["default"], greatest_age=30)
    evidence, observed = explore(Order(target=str(source)), contract, profile)
    report = make_report(observed, evidence, judge_all(observed), 0.0, datetime(2031, 1, 1, tzinfo=UTC))
    assert report.verdict is verdict
    assert because in report.because
    assert report.age is not None
    assert any(f"({report.age} days old) from the miniature" in line for line in summary_lines(report))


# -- recording --------------------------------------------------------------------------------------------------------


def test_a_recording_goes_into_a_new_folder_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "letter.txt").write_text("mine")
    assert main(["record", "-o", str(tmp_path / "there")]) == 2
    assert "there already" in capsys.readouterr().err
    assert (tmp_path / "there" / "letter.txt").read_text() == "mine"


def test_a_recording_is_not_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", str(KEPT), "-o", str(tmp_path / "new")]) == 2
    assert "is a recording already" in capsys.readouterr().err


def test_nothing_is_written_of_a_target_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{free.getsockname()[1]}/api"
        assert main(["record", root, "-o", str(tmp_path / "new"), "--quiet"]) == 3
    assert "said nothing" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_no_credential_of_the_miniature_stands_in_what_the_project_carries() -> None:
    from samsvar.miniature import credentials

    secrets = [credentials.API_KEY, credentials.TOKEN, credentials.PASSWORD, credentials.EXPIRED_TOKEN]
    for path in HERE.rglob("*"):
        if path.is_file() and path.suffix in (".yaml", ".json"):
            data = path.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in data], path

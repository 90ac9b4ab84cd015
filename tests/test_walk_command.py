"""``samsvar walk``: it walks, tells what was walked, walks one walk again, and remembers those that failed."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from enduring import Counting
from test_reporting import schema

from samsvar.cli import main
from samsvar.logic.walking.steps import read_walk
from samsvar.miniature import Answer, Ask
from samsvar.miniature import credentials as given
from samsvar.model.exchange import Exchange, Stage
from samsvar.running import Order, Session, way_to
from samsvar.running.walks import HEAD

Capture = pytest.CaptureFixture[str]
FAULT = "reach-6-box-after-a-message-of-it-crashes"
FAILING = "my/messages > self > /my/messages"
MINIATURE = "--size 12 --content-seed 3"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings and no credentials but those of the test."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SAMSVAR_") and name != "SAMSVAR_CLIENTS"]:
        monkeypatch.delenv(name)


def walk(line: str) -> int:
    return run(f"walk {line}")


def run(line: str) -> int:
    """The exit code of a command line, whoever gives it."""
    try:
        return main(shlex.split(line))
    except SystemExit as ended:
        return int(ended.code or 0)


def results(path: str = "r.json") -> dict[str, Any]:
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def one_line(capsys: Capture) -> str:
    """The one line in which a mistake is told."""
    said = capsys.readouterr()
    assert not said.out and "Traceback" not in said.err
    (line,) = [text for text in said.err.splitlines() if text.strip()]
    return line


# -- walking ----------------------------------------------------------------------------------------------------------


def test_walks_are_told_written_and_repeated_by_their_seed(capsys: Capture) -> None:
    walk(f"{MINIATURE} --replay metadata --results r.json --quiet")  # what is loaded decides, too: see test_wandering
    capsys.readouterr()
    assert walk(f"{MINIATURE} --walks live --seed 7 --results r.json") == 0
    told = capsys.readouterr().out
    assert told.startswith("walked ") and "never, " in told and "seed 7" in told
    assert told.splitlines()[-1].startswith("KEPT: ")
    first = results()
    assert walk(f"{MINIATURE} --walks live --seed 7 --results again.json --quiet") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line == told.splitlines()[-1]
    again = results("again.json")
    for one in (first, again):
        assert one.pop("seconds") >= 0
    assert first == again
    jsonschema.validate(results(), schema())
    walked = first["walked"]
    taken = [row for row in walked if row["answers"]]
    assert len(taken) > 10 and all(bool(row["answers"]) != bool(row["never"]) for row in walked)
    assert {row["relation"] for row in taken if not row["type"]} >= {"metadata", "my/messages", "reportees"}
    assert not Path(".samsvar").exists(), "nothing failed, so nothing is remembered"


def test_without_walks_there_is_nothing_to_judge_and_the_run_says_so(capsys: Capture) -> None:
    assert walk(f"{MINIATURE} --walks none --results r.json") == 3
    assert "INCONCLUSIVE" in capsys.readouterr().out
    assert not results().get("walked")


# -- one walk again ---------------------------------------------------------------------------------------------------


def test_a_walk_that_is_kept_is_told_step_by_step(capsys: Capture) -> None:
    assert walk(f"{MINIATURE} --replay '{FAILING}' --results r.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "walk 1"
    assert [line.split()[1:3] for line in lines[1:4]] == [
        ["my/messages", "200"],
        ["self", "200"],
        ["/my/messages", "200"],
    ]
    assert lines[-1].startswith("KEPT: ")
    assert {row["relation"] for row in results()["walked"] if row["answers"]} == {"my/messages", "self"}


def test_a_walk_that_is_broken_is_told_with_its_command(capsys: Capture) -> None:
    assert walk(f"{MINIATURE} --fault {FAULT} --replay '{FAILING}'") == 1
    told = capsys.readouterr().out
    assert f"samsvar walk --replay '{FAILING}'" in told and "/my/messages  500" in told
    assert "REACH-6 (MUST) broken" in told and told.splitlines()[-1].startswith("BROKEN: ")
    assert not Path(".samsvar").exists(), "a walk that is walked again is not remembered"


def test_a_walk_that_is_not_offered_was_not_walked_to_its_end(capsys: Capture) -> None:
    line = f"{MINIATURE} --replay 'reportees > messages' --replay 'reportees > nothing > self'"
    assert walk(line) == 3
    told = capsys.readouterr().out
    assert "walk 1" in told and "walk 2" in told
    assert "nothing not offered there, or not recorded; offered: " in " ".join(told.split())


WRONG = {
    "--replay 'my/messages > two words'": (2, "Step 2 of the walk, 'two words',"),
    "--replay ''": (2, "Step 1 of the walk, '',"),
    "--replay 'my/messages > [pdf] self'": (2, "no media type 'pdf'"),
    "--walks often": (2, "'often'. Known: none, ci, thorough, live."),
    "--failures damaged": (2, "damaged, line 3: Step 1 of the walk, 'what is this',"),
    "--failures binary": (2, "binary cannot be read (it is no text in UTF-8)"),
    "--failures folder": (2, "folder cannot be read (Is a directory)"),
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_badly_written_is_told_in_one_line(line: str, capsys: Capture) -> None:
    Path("damaged").write_text(f"{HEAD}\n{FAILING}\nwhat is this\n", encoding="utf-8")
    Path("binary").write_bytes(b"\xff\xfe\x00")
    Path("folder").mkdir()
    code, word = WRONG[line]
    assert walk(f"{line} --size 1") == code
    assert word in one_line(capsys)
    assert "what is this" in Path("damaged").read_text(encoding="utf-8"), "it is left as it is"


# -- walks that failed ------------------------------------------------------------------------------------------------


TOURED = "format-4-values-of-the-one-before-in-hal-xml"
"""A fault that tours come upon, whatever Hypothesis chooses."""


def test_walks_that_failed_are_remembered_tried_first_and_forgotten_when_all_is_well(capsys: Capture) -> None:
    kept = Path(".samsvar/miniature.walks")
    assert walk(f"{MINIATURE} --fault {TOURED} --quiet") == 1
    head, *found = kept.read_text(encoding="utf-8").splitlines()
    assert head == HEAD and found
    assert min(len(read_walk(line)) for line in found) <= 4, "a list, an element, the list, another element"
    assert walk(f"{MINIATURE} --fault {TOURED} --walks none --quiet") == 1
    assert set(kept.read_text(encoding="utf-8").splitlines()) >= {HEAD}
    assert len(kept.read_text(encoding="utf-8").splitlines()) > 1, "they fail still"
    assert walk(f"{MINIATURE} --walks none --quiet") == 0
    assert kept.read_text(encoding="utf-8").splitlines() == [HEAD]


def test_a_check_of_a_live_target_remembers_walks_too(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSVAR_API_KEY", given.API_KEY)
    monkeypatch.setenv("SAMSVAR_TOKEN", given.TOKEN)
    monkeypatch.setenv("SAMSVAR_PSEUDONYM_KEY", "00" * 32)
    target, last = Counting(size=3), [""]

    def after_a_message(_: int, ask: Ask) -> Answer | None:
        before, last[0] = last[0], ask.target.partition("?")[0]
        crashes = before.startswith("/api/my/messages/") and last[0] == "/api/my/messages"
        return Answer(500, b"Internal Server Error", (("Content-Length", "0"),), b"") if crashes else None

    try:
        target.hook = after_a_message
        assert run(f"check {target.root} --walks ci --select REACH --quiet") == 1
        (kept,) = Path(".samsvar").glob("*.walks")
        assert len(kept.read_text(encoding="utf-8").splitlines()) > 1
        target.hook = None
        target.anew()
        assert run(f"check {target.root} --walks ci --select REACH --quiet") == 3, "a part is not all"
        assert kept.read_text(encoding="utf-8").splitlines() == [HEAD]
    finally:
        target.close()


def test_a_file_for_failures_may_be_named_and_its_remarks_are_no_walks(capsys: Capture) -> None:
    Path("mine.walks").write_text(f"# mine\n\n{FAILING}\n", encoding="utf-8")
    assert walk(f"{MINIATURE} --fault {FAULT} --walks none --failures mine.walks --quiet") == 1
    assert Path("mine.walks").read_text(encoding="utf-8").splitlines() == [HEAD, FAILING]


def test_what_was_not_tried_is_not_forgotten(capsys: Capture) -> None:
    Path("mine.walks").write_text(f"{FAILING}\n", encoding="utf-8")
    assert walk(f"{MINIATURE} --fault {FAULT} --budget 8 --failures mine.walks --quiet") == 3
    assert FAILING in Path("mine.walks").read_text(encoding="utf-8")


# -- recordings -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("recorded") / "tape"
    assert main(["record", "--output", str(folder), "--size", "12", "--walks", "live", "--quiet"]) == 0
    yield str(folder)


def walked(exchanges: tuple[Exchange, ...]) -> list[Exchange]:
    return [one for one in exchanges if one.probe.walk]


def test_a_recording_is_checked_along_the_walks_that_were_recorded(tape: str, capsys: Capture) -> None:
    session = Session.of(Order(target=tape))
    again, before = walked(session.evidence.exchanges), walked(tuple(way_to(Order(target=tape)).recorded))
    assert len(before) > 30
    assert [(one.probe, one.response, one.failure) for one in again] == [
        (one.probe, one.response, one.failure) for one in before
    ]
    assert [note for note in session.report.notes if note.startswith("walks: ")] == ["walks: profile live, seed 20261"]


def test_a_recording_is_walked_along_what_it_answers(tape: str, capsys: Capture) -> None:
    assert walk(f"{shlex.quote(tape)} --results r.json --seed 3") == 0
    assert "KEPT: " in capsys.readouterr().out
    asked = {name: count for name, count in results()["requests_by_question"].items() if name.startswith("walk.")}
    assert sum(asked.values()) > 20
    assert not Path(".samsvar").exists()


def test_no_step_along_a_recording_asks_what_is_not_recorded(tape: str) -> None:
    from dataclasses import replace

    session = Session.of(replace(Order(target=tape, walks="ci", walk_seed=5), survey=True))
    steps = [one for one in walked(session.evidence.exchanges) if one.probe.question != "walk.confirm"]
    assert len(steps) > 20
    assert not [one for one in steps if one.failure is not None and one.failure.stage is Stage.NOT_RECORDED]


def test_a_walk_along_a_recording_can_be_walked_again_and_nothing_is_remembered(tape: str, capsys: Capture) -> None:
    before = sorted(one.name for one in Path(tape).iterdir())
    assert walk(f"{shlex.quote(tape)} --replay 'my/messages > [json] nothing'") == 3
    told = capsys.readouterr().out
    assert "my/messages" in told and "not offered there, or not recorded" in told
    assert sorted(one.name for one in Path(tape).iterdir()) == before and not Path(".samsvar").exists()

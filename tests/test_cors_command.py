"""``samsvar cors`` from the outside: its exit codes, its files, and its curl lines pasted into a real shell."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from samsvar.cli import main
from samsvar.logic.reporting.commands import SERVED
from samsvar.miniature import Miniature, credentials, serve

ORIGIN = credentials.ORIGINS[0]
Capture = pytest.CaptureFixture[str]


def cors(*words: str) -> int:
    return main(["cors", *words])


@contextmanager
def served(*faults: str) -> Iterator[str]:
    with serve(lambda root: Miniature(root, faults=faults)) as server:
        yield server.root


def pasted(line: str, root: str) -> str:
    """What a shell prints when the line is pasted, with the miniature on another port than the usual one."""
    variables = {"SAMSVAR_API_KEY": credentials.API_KEY, "SAMSVAR_TOKEN": credentials.TOKEN, "PATH": "/usr/bin:/bin"}
    script = line.replace(SERVED, root)
    made = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30, check=True, env=variables)
    return made.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
@pytest.mark.parametrize("fault", ["", "cors-2-not-on-private-resources", "cors-3-everybody-reflected"])
def test_each_curl_line_gives_what_the_table_says(fault: str, tmp_path: Path) -> None:
    switches = ["--fault", fault] if fault else []
    file = tmp_path / "cors.json"
    cors("--origin", ORIGIN, "--origin", credentials.ORIGINS[1], *switches, "--results", str(file))
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    assert len(rows) > 10 and all(row["curl"] for row in rows)
    with served(*[fault] if fault else []) as root:
        for row in rows:
            said = pasted(row["curl"], root)
            status = int(said.split()[1])
            found = re.findall(r"(?im)^Access-Control-Allow-Origin: *(.*?)\r?$", said)
            assert (status, found) == (row["status"], [row["allow_origin"]] if row["allow_origin"] else []), row


def test_the_lines_that_are_printed_are_those_of_the_file(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "cors.json"
    cors("--origin", ORIGIN, "--results", str(file))
    printed = capsys.readouterr().out.splitlines()
    for row in json.loads(file.read_text(encoding="utf-8"))["rows"]:
        assert f"  {row['curl']}" in printed and f"  {row['powershell']}" in printed


def test_before_the_lines_it_says_how_the_miniature_is_served(capsys: Capture) -> None:
    cors("--origin", ORIGIN)
    said = capsys.readouterr().out
    assert "samsvar serve" in said.split("the same in sh")[0]
    assert "SAMSVAR_API_KEY and SAMSVAR_TOKEN" in said.split("the same in sh")[0]


def test_a_powershell_line_shows_a_refusal_too(capsys: Capture) -> None:
    cors("--origin", ORIGIN)
    lines = [line for line in capsys.readouterr().out.splitlines() if "Invoke-WebRequest" in line]
    refused = [line for line in lines if line.startswith("  try { (Invoke-WebRequest ")]
    assert len(refused) == 1 and refused[0].count("{") == refused[0].count("}") and ".StatusCode" in refused[0]
    for line in lines:
        assert line.count("(") == line.count(")") and line.count("'") % 2 == 0 and line.count('"') % 2 == 0


@pytest.mark.parametrize(
    ("words", "code", "begins"),
    [
        ((), 0, "CORS is set up for https://www.eksempel.no in this environment."),
        (("--fault", "cors-1-nobody-on-metadata"), 1, "CORS is not set up for https://www.eksempel.no"),
        (("--fault", "cors-2-not-in-hal-xml"), 1, "CORS is only partly set up for https://www.eksempel.no"),
        (("--fault", "cors-7-preflight-needs-a-key"), 1, "CORS is only partly set up for https://www.eksempel.no"),
        (("--fault", "cors-5-star-with-credentials"), 1, "CORS is not set up for https://www.eksempel.no"),
        (("--fault", "cors-4-null-allowed"), 1, "CORS is set up for https://www.eksempel.no in this environment."),
        (("--evolution", "fields-in-lower-case"), 0, "CORS is set up for https://www.eksempel.no in this environment."),
    ],
)
def test_the_first_line_is_the_answer_and_the_exit_code_fits(
    words: tuple[str, ...], code: int, begins: str, capsys: Capture
) -> None:
    assert cors("--origin", ORIGIN, *words) == code
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith(begins)
    assert second.startswith("fault: others are let in as well.") is any(
        "null" in word or "star" in word for word in words
    )


def test_a_second_origin_has_its_own_answer(capsys: Capture) -> None:
    assert cors("--origin", ORIGIN, "--origin", "https://annet.eksempel.no") == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == f"CORS is set up for {ORIGIN} in this environment."
    assert second.startswith("CORS is not set up for https://annet.eksempel.no in this environment.")


def test_what_cannot_be_reached_cannot_be_seen(capsys: Capture) -> None:
    with served() as root:
        pass
    assert cors(root, "--origin", ORIGIN) == 3
    assert capsys.readouterr().out.startswith(f"It could not be seen whether CORS is set up for {ORIGIN}")


def test_a_wrong_root_cannot_be_seen_either(capsys: Capture) -> None:
    with served("cors-2-not-on-errors") as root:
        assert cors(f"{root}/nowhere", "--origin", ORIGIN) == 3
    said = capsys.readouterr().out
    assert said.startswith("It could not be seen") and "samsvar doctor" in said.splitlines()[0]


def test_quiet_is_the_plain_answer_alone(capsys: Capture) -> None:
    assert cors("--origin", ORIGIN, "--quiet") == 0
    assert capsys.readouterr().out == f"CORS is set up for {ORIGIN} in this environment.\n"


def test_the_file_says_what_a_script_needs(tmp_path: Path) -> None:
    file = tmp_path / "cors.json"
    assert cors("--origin", ORIGIN, "--fault", "cors-4-null-allowed", "--results", str(file)) == 1
    told = json.loads(file.read_text(encoding="utf-8"))
    answer = f"CORS is set up for {ORIGIN} in this environment."
    assert told["origins"] == [{"origin": ORIGIN, "set_up": True, "answer": answer}]
    assert (told["exit_code"], told["let_in"], told["target"]["kind"]) == (1, ["null"], "miniature")
    assert credentials.API_KEY not in file.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path, capsys: Capture) -> None:
    assert cors("--origin", ORIGIN, "--results", str(tmp_path / "none" / "cors.json")) == 2
    assert capsys.readouterr().out == ""


def test_without_an_origin_it_says_what_to_give(capsys: Capture) -> None:
    assert cors() == 2
    assert "--origin" in capsys.readouterr().err


def test_it_is_plain_lines_where_nobody_looks() -> None:
    words = [sys.executable, "-m", "samsvar", "cors", "--origin", ORIGIN]
    source = str(Path(__file__).parents[1] / "src")
    made = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=False, env={"PYTHONPATH": source, "PATH": "/usr/bin"}
    )
    assert made.returncode == 0 and "\x1b" not in made.stdout and made.stderr == ""

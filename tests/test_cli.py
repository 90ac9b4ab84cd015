"""The command line: what is wrong is one clear line with a remedy and the right exit code, never a traceback."""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import RawServer, answering, page

from samsvar.cli import COMMANDS, main, parser

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings and no credentials but those of the test."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SAMSVAR_") and name != "SAMSVAR_CLIENTS"]:
        monkeypatch.delenv(name)


def run(line: str) -> int:
    """The exit code of a command line, whoever gives it."""
    try:
        return main(shlex.split(line))
    except SystemExit as ended:
        return int(ended.code or 0)


WRONG = {
    "check nowhere": (2, "neither a URL nor the folder of a cassette"),
    "check http://www.altinn.no/api": (4, "clear text"),
    "check https://": (2, "cannot be asked"),
    "check --contract nothing": (2, "Known: altinn2"),
    "check --profile nothing": (2, "Known: default"),
    "check --select NOTHING": (2, "Families:"),
    "check --fault nothing": (2, "nothing"),
    "check --evolution nothing": (2, "Known:"),
    "check https://api.example/api --fault x": (2, "Leave out TARGET"),
    "check --results no/such/folder/out.json": (2, "no folder"),
    "check --junit .": (2, "is a folder"),
    "check --report file/out": (2, "cannot be made"),
    "check --waivers missing.toml": (2, "cannot be read"),
    "check --rate 0": (2, "not above 0"),
    "check --rate nan": (2, "not above 0"),
    "check --rate fast": (2, "not a number"),
    "check --budget 0": (2, "not above 0"),
    "check --budget 1.5": (2, "not a whole number"),
    "check --origin https://www.eksempel.no/sti": (2, "give https://www.eksempel.no"),
    "check https://www.altinn.no/api --unsafe-methods": (4, "never sent"),
    "check tape": (3, "tape.json is not a cassette"),
    "check --contract broken": (2, "broken/contract.yaml"),
    "explain NOTHING-1": (2, "samsvar guarantees"),
    "cors": (2, "--origin https://www.eksempel.no"),
    "serve --host 192.0.2.1 --port 0": (2, "cannot be listened on"),
    "": (2, "COMMAND"),
    "nothing": (2, "nothing"),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_mistake_is_told_with_a_remedy_and_its_exit_code(line: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "tape").mkdir()
    (tmp_path / "tape" / "manifest.json").write_text('{"root": "https://api.example/api"}')
    (tmp_path / "tape" / "tape.json").write_text("{}")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "contract.yaml").write_text("name: [")
    code, word = WRONG[line]
    assert run(line) == code
    said = capsys.readouterr()
    assert word in said.err and not said.out
    assert "Traceback" not in said.err
    told = [text for text in said.err.splitlines() if text.startswith("samsvar")]
    assert len(told) == 1, "one line names the thing"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str, capsys: Capture) -> None:
    assert run(f"{command} --help") == 0
    said = capsys.readouterr().out
    assert f"samsvar {command}" in said.split("example")[1]


def test_every_example_is_a_command_line_that_parses(capsys: Capture) -> None:
    examples = [
        part.strip().split("  ")[0]
        for _, epilog, _, _ in COMMANDS.values()
        for part in epilog.splitlines()
        if part.strip().startswith("samsvar ")
    ]
    assert len(examples) >= len(COMMANDS)
    for example in examples:
        assert isinstance(parser().parse_args(shlex.split(example)[1:]), argparse.Namespace)


def test_help_is_quick_because_it_imports_no_client() -> None:
    code = "import sys, samsvar.cli; samsvar.cli.parser().format_help(); print(*sys.modules)"
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=environment()
    )
    assert not {"httpx2", "lxml.etree", "rich", "jinja2", "hypothesis", "pytest", "yaml"} & set(made.stdout.split())


def test_a_root_with_nothing_behind_it_is_inconclusive_in_two_lines(capsys: Capture) -> None:
    gone = page(b"<html>Not here</html>", "Content-Type: text/html", status="404 Not Found")
    with RawServer(answering(lambda _: gone)) as server:
        assert run(f"check {server.root}") == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("INCONCLUSIVE: no entry answers (metadata: 404") and len(lines) == 2
    assert lines[1] == f"what to do: samsvar doctor {server.root}"


def test_a_port_where_nobody_listens_is_inconclusive(capsys: Capture) -> None:
    with RawServer(b"") as server:
        root = server.root
    assert run(f"check {root}") == 3
    assert "INCONCLUSIVE: the target cannot be reached" in capsys.readouterr().out
    assert run(f"doctor {root}") == 3
    assert "AT FAULT: connection" in capsys.readouterr().out


def test_check_writes_all_it_was_asked_for(tmp_path: Path, capsys: Capture) -> None:
    made = "check --contract hal --evolution front-page --size 1"
    assert run(f"{made} --results r.json --junit j.xml --sarif s.json --report out") == 0
    results = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert results["verdict"] == "kept" and results["requests"] > 20
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert (tmp_path / "j.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert "KEPT" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert capsys.readouterr().out.splitlines()[-1].startswith("KEPT: ")


def test_a_plan_asks_nothing_and_says_what_would_be_asked(capsys: Capture) -> None:
    assert run("check https://nowhere.invalid/api --plan --select LINK") == 0
    said = capsys.readouterr().out
    assert "https://nowhere.invalid/api/metadata" in said and "LINK-4" in said and "judge      FORMAT" not in said
    assert "origins    " not in said


def test_a_plan_names_the_cells_of_the_matrix_of_origins(capsys: Capture) -> None:
    assert run("check https://nowhere.invalid/api --plan --select CORS") == 0
    said = capsys.readouterr().out
    assert "origins    304: two registered origins and a stranger" in said and said.count("origins    ") > 10


def test_doctor_finds_nothing_wrong_with_the_miniature(capsys: Capture) -> None:
    assert run("doctor") == 0
    assert "WELL" in capsys.readouterr().out


@pytest.mark.parametrize(("origin", "code"), [("https://www.eksempel.no", 0), ("https://annet.eksempel.no", 1)])
def test_cors_answers_plainly_first(origin: str, code: int, capsys: Capture) -> None:
    assert run(f"cors --origin {origin}") == code
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith(f"CORS is {'' if not code else 'not '}set up for {origin} in this environment.")
    assert any(line.startswith("  curl ") for line in rest)
    assert any(line.startswith("  (Invoke-WebRequest ") for line in rest)


def test_explain_knows_guarantees_faults_and_evolutions(capsys: Capture) -> None:
    assert [run(f"explain {id_}") for id_ in ("format-4", "front-page", "format-4-leading-zero-lost-in-xml")] == [0] * 3
    said = capsys.readouterr().out
    assert "FORMAT-4 (MUST)" in said and "an evolution of the miniature" in said and "a fault of the miniature" in said


def test_guarantees_are_listed_in_bokmal_too(capsys: Capture) -> None:
    assert run("guarantees --language nb") == 0
    assert "medietypene" in capsys.readouterr().out


def test_output_that_nobody_reads_to_its_end_ends_quietly() -> None:
    line = f"{shlex.quote(sys.executable)} -m samsvar guarantees | head -1"
    made = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=60, check=False, env=environment()
    )
    assert made.stderr == "" and made.stdout.count("\n") == 1


def test_a_mistake_of_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def crash(_: object) -> object:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("samsvar.running.interviews.way_to", crash)
    assert run("doctor") == 3
    assert "a mistake of samsvar itself (ZeroDivisionError)" in capsys.readouterr().err


def test_a_secret_never_stands_in_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("SAMSVAR_API_KEY", "the-key-of-this-test")
    monkeypatch.setenv("SAMSVAR_TOKEN", "the.token.ofthistest")

    def echo(request: bytes) -> bytes:
        said = request.replace(b"\r\n", b" ")
        return page(said, "Content-Type: text/html", f"X-Echo: {said.decode('latin-1')}", status="500 Oops")

    with RawServer(answering(echo)) as server:
        run(f"check {server.root} --results r.json --junit j.xml --sarif s.json --report out")
        assert b"the-key-of-this-test" in server.received, "the key went out"
    written = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.*") if path.is_file()]
    said = capsys.readouterr()
    for text in (*written, said.out, said.err):
        assert "the-key-of-this-test" not in text and "ofthistest" not in text


def environment() -> dict[str, str]:
    import os

    import samsvar

    return {**os.environ, "PYTHONPATH": str(Path(samsvar.__path__[0]).parent)}

"""The pages tell what there is: all of it, and nothing else."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from samsvar import cli
from samsvar.logic.asking.examples import PREFIX
from samsvar.miniature import EVOLUTIONS, FAULTS
from samsvar.model.verdict import Cause, Outcome, Verdict
from samsvar.world.credentials import PATHS, SECRETS
from samsvar.world.documents import known_contracts, read_contract, read_guarantees
from samsvar.world.login_settings import KINDS
from samsvar.world.settings import KNOWN, NEEDED

TOP = Path(__file__).resolve().parents[1]
DOCS = TOP / "docs"
PAGES = sorted([*TOP.glob("*.md"), *DOCS.glob("*.md"), *TOP.glob("*/README.md")])


def page(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("samsvar_docs_generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = generator()


@pytest.mark.parametrize("name", GENERATE.PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    assert page(f"docs/{name}") == GENERATE.PAGES[name](), "run: python docs/generate.py"


def test_every_command_stands_in_the_readme_and_no_other() -> None:
    assert set(re.findall(r"^\| `samsvar ([a-z]+)` \|", page("README.md"), re.MULTILINE)) == set(cli.COMMANDS)


def test_every_option_stands_in_the_page_of_commands() -> None:
    told = page("docs/commands.md")
    options = {
        option
        for command in GENERATE.commands().values()
        for action in command._actions
        for option in action.option_strings
        if option not in ("-h", "--help")
    }
    assert len(options) > 15
    assert [option for option in sorted(options) if not re.search(rf"(`|, ){option}\b", told)] == []


def test_no_page_speaks_of_a_command_or_an_option_that_does_not_exist() -> None:
    options = set(re.findall(r"--[a-z][a-z-]*", GENERATE.commands_page()))
    for path in PAGES:
        for line in path.read_text(encoding="utf-8").splitlines():
            for command, rest in re.findall(r"\bsamsvar ([a-z]+)\b((?: [^`#]*)?)", _calls(line)):
                assert command in cli.COMMANDS, f"{path.name}: {line}"
                unknown = set(re.findall(r"(?<= )--[a-z][a-z-]*", rest)) - options
                assert not unknown, f"{path.name}: {line}"


def _calls(line: str) -> str:
    """The parts of a line that are calls: code spans, and a line of a code block that begins with one."""
    spans = re.findall(r"`(?:\$ )?(samsvar [^`]*)`", line)
    begins = r"\s*(?:- )?(?:run: |script: |\$ )?(?:\.venv[/\\](?:bin|Scripts)[/\\])?(samsvar [a-z]+ [^`]*)$"
    block = re.match(begins, line)
    return " ` ".join([*spans, *([block[1]] if block else [])])


@pytest.mark.parametrize("name", ["docs/guarantees.md", "docs/garantier.md"])
def test_every_guarantee_stands_in_both_languages(name: str) -> None:
    told = page(name)
    missing = [id_ for contract in known_contracts() for id_ in read_guarantees(contract) if id_ not in told]
    assert missing == []


def test_every_question_is_told_and_no_other() -> None:
    told = page("docs/questions.md")
    rows = " ".join(line.split("|")[1] for line in told.splitlines() if line.startswith("|"))
    documented = set(re.findall(r"`([a-z.-]+)`", rows))
    assert {word for word in documented if "." in word} == set(_questions())
    written = set(_texts())
    assert [word for word in documented if word not in written] == []


def _questions() -> Iterator[str]:
    """The questions that the asking and judging rooms name: two words with a dot, and no file or host."""
    for text in _texts():
        if re.fullmatch(r"[a-z]+\.(?!yaml$|json$|html$|example$|aspx$|org$)[a-z-]+", text):
            yield text
    yield from _example_questions()


def _example_questions() -> Iterator[str]:
    """Those that are data."""
    for name in known_contracts():
        yield from (f"{PREFIX}{example.id}" for example in read_contract(name).examples)


def _texts() -> Iterator[str]:
    yield from _example_questions()
    for path in (TOP / "src/samsvar/logic").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_manual_tells_every_variable_and_setting() -> None:
    told = page("docs/manual.md")
    words = [f"`SAMSVAR_{name}`" for name in (*SECRETS, *PATHS)] + [f"`SAMSVAR_{name}_FILE`" for name in SECRETS]
    words += [f"\n{name} = " for name in KNOWN] + [f"\n{name} = " for name in NEEDED]
    assert [word for word in words if word not in told] == []


def test_the_manual_tells_every_way_to_log_in_with_its_words_and_variables() -> None:
    told = page("docs/manual.md")
    words = [f"| `{kind}` |" for kind in KINDS]
    words += [f"`{field}`" for kind in KINDS.values() for field in kind.fields]
    words += [f"`{name}`: `SAMSVAR_{variable}`" for kind in KINDS.values() for name, variable in kind.secrets]
    assert [word for word in words if word not in told] == []


def test_the_manual_tells_every_outcome_verdict_cause_and_profile() -> None:
    told = page("docs/manual.md")
    assert [one for one in (*Outcome, *Verdict) if f"\n| {one} |" not in told] == []
    assert [one for one in Cause if f"`{one}`" not in told] == []
    assert [name for name in read_contract("altinn2").profiles if f"| `{name}` |" not in told] == []


def test_every_switch_that_a_page_names_exists() -> None:
    named = [
        (path.name, id_)
        for path in PAGES
        for id_ in re.findall(r"--(?:fault|evolution) ([a-z][a-z0-9-]+)", path.read_text(encoding="utf-8"))
    ]
    assert named
    assert [one for one in named if one[1] not in FAULTS and one[1] not in EVOLUTIONS] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        name, _, anchor = target.partition("#")
        where = (path.parent / name) if name else path
        assert where.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in _anchors(where.read_text(encoding="utf-8")), f"{path.name}: {target}"


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_gate_runs_the_tests_as_the_readme_says() -> None:
    shell = re.findall(r"```sh\n(python3 -m venv .*?)\n```", page("README.md"))
    assert len(shell) == 2
    gate = page(".ci/run").replace(" --quiet", "").replace(" --disable-pip-version-check", "")
    for step in shell[1].split(" && "):
        run = step.replace("python3 -m venv", '"$python" -m venv')
        assert f"\n{run}" in gate, step


def test_the_example_of_the_readme_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    console = re.search(r"```console\n\$ samsvar (.*?)\n(.*?)```", page("README.md"), re.DOTALL)
    assert console is not None
    code = cli.main(console[1].split())
    said = capsys.readouterr().out.splitlines()
    shown = [line for line in console[2].splitlines() if line != "..."]
    assert code == 1
    assert [line for line in shown if line not in said] == []

"""What a user installs: complete, with honest dependencies, and without a trace of where it was made."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import samsvar

TOP = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))

IMPORTED_AS = {"pyyaml": "yaml", "uri-template": "uri_template", "vcrpy": "vcr"}
NOT_IMPORTED = {"tzdata": "zoneinfo reads it where the system has no time zones"}


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found is not None
    return found[0].lower()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of the files in a wheel that is built here and now, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    made = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(folder / made.stdout.split()[-1]) as archive:
        return frozenset(archive.namelist())


def test_the_wheel_holds_all_that_a_checkout_has(wheel: frozenset[str]) -> None:
    wanted = {
        *(
            f"samsvar/{path.relative_to(TOP / 'src/samsvar')}"
            for path in (TOP / "src/samsvar").rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ),
        *(
            f"samsvar/{path.relative_to(TOP)}"
            for folder in ("contracts", "suites", "cassettes")
            for path in (TOP / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ),
    }
    assert len(wanted) > 100
    assert sorted(wanted - wheel) == []


def test_the_wheel_holds_nothing_else(wheel: frozenset[str]) -> None:
    strange = [name for name in wheel if not name.startswith(("samsvar/", f"samsvar-{samsvar.__version__}.dist-info/"))]
    assert strange == []
    assert [name for name in wheel if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_version_is_one() -> None:
    assert PROJECT["project"]["version"] == samsvar.__version__
    assert f"## [{samsvar.__version__}]" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


def test_what_is_public_is_what_we_promise() -> None:
    assert samsvar.__all__ == ["__version__"]


def test_every_import_is_declared_and_every_declaration_is_imported() -> None:
    imported = {
        name.split(".")[0]
        for path in (TOP / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _names(node)
    }
    foreign = {name for name in imported if name not in sys.stdlib_module_names and name != "samsvar"}
    extras = [one for names in PROJECT["project"]["optional-dependencies"].values() for one in names]
    declared = {name_of(one) for one in PROJECT["project"]["dependencies"] + extras} - set(NOT_IMPORTED)
    assert {IMPORTED_AS.get(name, name) for name in declared} == foreign


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_the_lock_has_every_dependency_with_hashes(name: str) -> None:
    text = (TOP / "requirements" / name).read_text(encoding="utf-8")
    locked = {found[1]: found[2] for found in re.finditer(r"^([a-z0-9.-]+)==\S+(.*(?:\n    --hash.*)*)", text, re.M)}
    wanted = PROJECT["project"]["dependencies"] + (PROJECT["dependency-groups"]["dev"] if name == "dev.txt" else [])
    assert [one for one in wanted if name_of(one) not in locked] == []
    assert [one for one, rest in locked.items() if "--hash=sha256:" not in rest] == []


def test_both_locks_agree() -> None:
    """In versions and in hashes: the gate installs from one of them first, and a user from either."""
    run, dev = (
        {block.split(" ")[0]: set(re.findall(r"--hash=\S+", block)) for block in re.split(r"\n(?=\w)", text)}
        for text in ((TOP / "requirements" / name).read_text(encoding="utf-8") for name in ("run.txt", "dev.txt"))
    )
    assert {pin: hashes for pin, hashes in run.items() if dev.get(pin) != hashes} == {}


def committed() -> list[Path]:
    """Every text file that git knows; a checkout without git has nothing to tell."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [TOP / name for name in listed.stdout.split("\0") if name and (TOP / name).is_file()]


# Written apart, so that this file does not name them itself.
TRACES = (
    "pypi" + ".org",
    "python" + "hosted",
    "--index" + "-url",
    "--find" + "-links",
    "/work" + "/main",
    "/ro" + "ot/",
)


def test_no_file_tells_where_packages_come_from_or_where_it_was_made() -> None:
    found = []
    for path in committed():
        text = path.read_text(encoding="utf-8", errors="replace")
        text = text.replace("--no-emit" + "-index-url", "")
        found += [(str(path.relative_to(TOP)), trace) for trace in TRACES if trace in text]
    assert found == []


def test_no_foreign_copy_of_urllib3_is_installed() -> None:
    """niquests brings one that overwrites the real package and breaks whoever uses it."""
    from importlib.metadata import distributions

    names = {str(one.metadata["Name"]).lower() for one in distributions()}
    assert names & {"niquests", "urllib3-future"} == set()

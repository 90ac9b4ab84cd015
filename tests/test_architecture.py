"""The rooms of the house keep to their rules: who imports whom, who may touch the world, where foreign packages live.

Every import counts, also one inside a function or for types only: a dependency that is hidden is still one.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]

ROOMS: Mapping[str, frozenset[str]] = {
    "samsvar": frozenset(),
    "errors": frozenset(),
    "model": frozenset({"model"}),
    "logic": frozenset({"logic", "model", "errors"}),
    "miniature": frozenset({"miniature", "model", "errors"}),
    "world": frozenset({"world", "logic", "model", "errors", "samsvar"}),
    "running": frozenset({"running", "world", "logic", "miniature", "model", "errors", "samsvar"}),
    "cli": frozenset({"running", "world", "logic", "miniature", "model", "errors", "samsvar"}),
    "pytest_plugin": frozenset({"running", "world", "logic", "model", "errors", "samsvar"}),
    "suites": frozenset({"pytest_plugin", "suites", "model"}),
    "__main__": frozenset({"cli"}),
}
"""Room -> the rooms that it may import. Nothing but ``__main__`` and the suites imports a door."""

EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("samsvar.world.in_process", "miniature"): "it is the adapter to the miniature in this process",
    ("samsvar.world.served", "miniature"): "it puts the miniature of this process on a port",
    ("samsvar.world.terminal", "running"): "it shows the progress of a run",
    ("samsvar.world.suites", "running"): "it hands a session to pytest",
    ("samsvar.world.suites", "suites"): "it runs them",
}
"""(module, room) that a module may import although its room may not, and why."""

HOMES: Mapping[str, frozenset[str]] = {
    "httpx2": frozenset({"samsvar.world.http"}),
    # The one leads walks, the other draws cases.
    "hypothesis": frozenset({"samsvar.world.wandering", "samsvar.logic.operations"}),
    "jinja2": frozenset({"samsvar.logic.reporting.page"}),
    "jsonschema": frozenset({"samsvar.logic.contracts"}),
    # One seals pseudonyms, one reads the key of a certificate that trustme made, one how long a certificate is valid.
    "cryptography": frozenset({"samsvar.world.keys", "samsvar.world.authority", "samsvar.world.certificates"}),
    "jwt": frozenset({"samsvar.world.tokens"}),
    "keyring": frozenset({"samsvar.world.keyrings"}),
    # Its reader of XML reads representations, its reader of HTML the help pages, and neither the other's.
    "lxml": frozenset({"samsvar.logic.decoding_xml", "samsvar.logic.decoding_help"}),
    "playwright": frozenset({"samsvar.world.browser"}),
    "rich": frozenset({"samsvar.world.terminal"}),
    "schemathesis": frozenset({"samsvar.logic.operations"}),
    "trustme": frozenset({"samsvar.world.authority"}),
    "uri_template": frozenset({"samsvar.logic.templates"}),
    "vcr": frozenset({"samsvar.world.cassettes"}),
    "yaml": frozenset({"samsvar.world.documents"}),
    # pytest is no library here but a door and the thing that runs the suites.
    "pytest": frozenset({"samsvar.pytest_plugin", "samsvar.world.suites"}),
}
"""Third-party package -> the modules that may import it."""

PURE_ROOMS = frozenset({"errors", "model", "logic"})

# fmt: off
EFFECTS = frozenset({
    "asyncio", "atexit", "concurrent", "ctypes", "fcntl", "ftplib", "getpass", "glob", "http.client",
    "http.server", "imaplib", "importlib", "io", "logging", "mmap", "multiprocessing", "os", "pathlib",
    "pickle", "random", "runpy", "sched", "secrets", "select", "selectors", "shelve", "shutil", "signal",
    "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib.request", "webbrowser",
})
# fmt: on
"""Standard modules by which a pure room would reach network, disk, clock, environment or chance."""

IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "__import__", "breakpoint"})
IMPURE_METHODS = frozenset(
    {
        *((owner, name) for owner in ("datetime", "date") for name in ("now", "today", "utcnow")),
        ("uuid", "uuid1"),
        ("uuid", "uuid4"),
    }
)


def sources() -> dict[str, str]:
    """Every module of the package and of the suites, by its dotted name."""
    found = {}
    for root, prefix in ((TOP / "src", ""), (TOP, "samsvar.")):
        for path in (root / ("samsvar" if not prefix else "suites")).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[prefix + ".".join(parts).removesuffix(".__init__")] = path.read_text(encoding="utf-8")
    return found


def room(module: str) -> str:
    """The first word after "samsvar"."""
    return module.split(".")[1] if "." in module else module


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """The nodes that the rules look at; parsing is what costs, so each source is parsed once."""
    return tuple(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Call | ast.Attribute)
    )


@cache
def imports(source: str, known: frozenset[str]) -> tuple[str, ...]:
    """The dotted names that a module imports; of ``from a import b`` a.b where that is a module of ours."""
    found: list[str] = []
    for node in nodes(source):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.append(whole if whole in known or whole in EFFECTS else base)
    return tuple(found)


def impurities(source: str) -> Iterator[str]:
    """Calls that need no import of an effect and still are one."""
    for node in nodes(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield node.func.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if (owner, node.attr) in IMPURE_METHODS:
                yield f"{owner}.{node.attr}"


def wrong_import(module: str, name: str) -> str:
    """What is wrong with a module importing a name; "" when nothing is."""
    top = name.split(".")[0]
    if name.startswith("."):
        return "imports relatively"
    if top == "samsvar":
        allowed = room(name) in ROOMS[room(module)] or (module, room(name)) in EXCEPTIONS
        return "" if allowed else f"imports {name}, which its room may not"
    if top in sys.stdlib_module_names:
        effect = room(module) in PURE_ROOMS and ({name, top} & EFFECTS)
        return f"imports the effect {name}" if effect else ""
    if top not in HOMES:
        return f"imports {name}, which has no home"
    return "" if module in HOMES[top] else f"imports {name}, which is at home in {', '.join(sorted(HOMES[top]))}"


def violations(modules: Mapping[str, str]) -> list[str]:
    """Every breach of the rules, as "module: what is wrong"."""
    known = frozenset(modules)
    found = []
    for module, source in modules.items():
        assert room(module) in ROOMS, f"{module} is in no known room"
        wrong = [wrong_import(module, name) for name in imports(source, known)]
        if room(module) in PURE_ROOMS:
            wrong += [f"calls {call}" for call in impurities(source)]
        found += [f"{module}: {what}" for what in wrong if what]
    return found + cycles(modules)


def cycles(modules: Mapping[str, str]) -> list[str]:
    """One import cycle, if there is any."""
    known = frozenset(modules)
    graph = {module: {name for name in imports(source, known) if name in known} for module, source in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"{error.args[1][0]}: is in an import cycle: {' > '.join(error.args[1])}"]
    return []


def test_every_module_keeps_to_the_rules_of_its_room() -> None:
    assert violations(sources()) == []


def test_the_whole_house_is_looked_at() -> None:
    assert {room(module) for module in sources()} == set(ROOMS)


def test_every_exception_and_every_home_is_still_needed() -> None:
    modules = sources()
    known = frozenset(modules)
    used = {(module, room(name)) for module, source in modules.items() for name in imports(source, known)}
    homes = {(name.split(".")[0], module) for module, source in modules.items() for name in imports(source, known)}
    assert [pair for pair in EXCEPTIONS if pair not in used] == []
    assert [(package, home) for package, all_ in HOMES.items() for home in all_ if (package, home) not in homes] == []


PLANTED = {
    "model imports logic": ("samsvar.model.verdict", "from samsvar.logic import deciding", "its room may not"),
    "logic imports world for types only": (
        "samsvar.logic.deciding",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from samsvar.world.http import LiveTransport",
        "its room may not",
    ),
    "logic imports miniature": ("samsvar.logic.deciding", "import samsvar.miniature.faults", "its room may not"),
    "miniature imports logic": (
        "samsvar.miniature.odata",
        "def late():\n    from samsvar.logic.decoding import decode",
        "its room may not",
    ),
    "world imports a door": ("samsvar.world.http", "from samsvar.cli import main", "its room may not"),
    "running imports the plugin": ("samsvar.running", "from samsvar import pytest_plugin", "its room may not"),
    "a suite sends": ("samsvar.suites.test_formats", "from samsvar.world.http import LiveTransport", "room may not"),
    "world imports miniature elsewhere": ("samsvar.world.http", "import samsvar.miniature", "its room may not"),
    "logic reads the clock": ("samsvar.logic.deciding", "import time", "effect time"),
    "logic reads the disk inside a function": (
        "samsvar.logic.deciding",
        "def late():\n    from pathlib import Path",
        "effect pathlib",
    ),
    "logic opens a URL": ("samsvar.logic.urls", "from urllib import request", "effect urllib.request"),
    "model uses chance": ("samsvar.model.exchange", "import random", "effect random"),
    "logic asks the time by another name": (
        "samsvar.logic.lexical",
        "import datetime\nnow = datetime.datetime.now()",
        "calls datetime.now",
    ),
    "logic prints": ("samsvar.logic.findings", "print('here')", "calls print"),
    "a second home": ("samsvar.world.files", "import yaml", "at home in samsvar.world.documents"),
    "a foreign client": ("samsvar.world.http", "import requests", "no home"),
    "a relative import": ("samsvar.logic.urls", "from . import reading", "relatively"),
    "a cycle": ("samsvar.model.contract", "from samsvar.model import verdict", "cycle"),
}


@pytest.mark.parametrize(("module", "line", "told"), PLANTED.values(), ids=PLANTED)
def test_a_planted_violation_is_seen(module: str, line: str, told: str) -> None:
    modules = sources()
    assert module in modules
    new = set(violations({**modules, module: f"{modules[module]}\n{line}\n"})) - set(violations(modules))
    assert any(told in one for one in new), new


def test_what_is_allowed_is_not_told() -> None:
    harmless = "from urllib.parse import quote\nfrom http import HTTPStatus\nfrom samsvar.model.exchange import Probe\n"
    modules = sources()
    assert violations({**modules, "samsvar.logic.urls": modules["samsvar.logic.urls"] + harmless}) == []

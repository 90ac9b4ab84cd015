"""Writes the pages that follow from something else, so that they cannot be wrong: guarantees.md and garantier.md from
the contracts, commands.md from the command line and the pytest plugin, fault-matrix.md from the miniature, power.md
from what was measured (power.json). Run it after a change of any of these:

    python docs/generate.py

tests/test_docs.py holds the written pages against these functions.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from samsvar import cli, pytest_plugin
from samsvar.logic.judging.rules import RULES
from samsvar.miniature import EVOLUTIONS, FAULTS
from samsvar.model.contract import Contract, Guarantee
from samsvar.world.documents import known_contracts, read_contract

HERE = Path(__file__).resolve().parent

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Guarantees",
        "intro": "What is promised, sentence by sentence. Written by `docs/generate.py` from the contracts; "
        "`samsvar explain ID` shows the same in the terminal. MUST, SHOULD and MAY mean what RFC 2119 says.",
        "other": "[På bokmål](garantier.md)",
        "contract": "Contract {label}",
        "id": "id",
        "level": "level",
        "statement": "guarantee",
        "seen": "How it is seen",
        "failure": "What a failure means",
        "remedy": "What to do",
        "sources": "Sources",
        "needs": "Needs",
        "companions": "Bound to fail with it",
        "excluded": "Cannot be seen from outside",
        "not_yet": "Not seen yet",
        "short": "The sentences and ids are those of `{other}`; {count} of them hold for any API of this kind:",
    },
    "nb": {
        "title": "Garantier",
        "intro": "Hva som er lovet, setning for setning. Siden er skrevet av `docs/generate.py` fra kontraktene; "
        "`samsvar explain ID --language nb` viser det samme i terminalen. MUST, SHOULD og MAY betyr det RFC 2119 sier: "
        "må, bør og kan.",
        "other": "[In English](guarantees.md)",
        "contract": "Kontrakten {label}",
        "id": "id",
        "level": "nivå",
        "statement": "garanti",
        "seen": "Slik ses det",
        "failure": "Hva et brudd betyr",
        "remedy": "Hva du gjør",
        "sources": "Kilder",
        "needs": "Trenger",
        "companions": "Brytes nødvendigvis sammen med",
        "excluded": "Kan ikke ses utenfra",
        "not_yet": "Ses ikke ennå",
        "short": "Setningene og id-ene er de samme som i `{other}`; {count} av dem gjelder ethvert slikt API:",
    },
}


def guarantees_page(language: str) -> str:
    """Every guarantee of every contract, in one language: the first contract in full, the others as lists."""
    words = WORDS[language]
    contracts = [read_contract(name) for name in known_contracts()]
    main, *others = sorted(contracts, key=lambda contract: -len(contract.guarantees))
    lines = [f"# {words['title']}", "", words["other"], "", words["intro"], ""]
    lines += [f"## {words['contract'].format(label=main.label)}", "", *_table(main, language), ""]
    for guarantee in main.guarantees.values():
        lines += _section(guarantee, language)
    for contract in others:
        lines += _short(contract, main, language)
    return "\n".join(lines).rstrip() + "\n"


def _table(contract: Contract, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f"| {words['id']} | {words['level']} | {words['statement']} |"
    yield "|---|---|---|"
    for one in contract.guarantees.values():
        yield f"| [{one.id}](#{one.id.lower()}) | {one.level} | {_cell(one.statement[language])} |"


def _section(guarantee: Guarantee, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield from (f"### {guarantee.id}", "", f"{guarantee.level}. {guarantee.statement[language]}", "")
    told = (
        ("seen", guarantee.seen.get(language, "")),
        ("failure", guarantee.failure.get(language, "")),
        ("remedy", guarantee.remedy.get(language, "")),
        ("needs", ", ".join(guarantee.needs)),
        ("companions", ", ".join(guarantee.companions)),
        ("excluded", guarantee.excluded),
        ("not_yet", guarantee.not_yet if guarantee.id not in RULES else ""),
        ("sources", "; ".join(guarantee.sources)),
    )
    yield from (f"- **{words[name]}:** {text}" for name, text in told if text)
    yield ""


def _short(contract: Contract, main: Contract, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield from (f"## {words['contract'].format(label=contract.label)}", "")
    yield words["short"].format(other=main.label, count=len(contract.guarantees))
    yield ""
    for one in contract.guarantees.values():
        yield f"- {one.id} ({one.level}): {one.statement[language]}"
    yield ""


def commands_page() -> str:
    """Every command with every option, and the options of the pytest plugin."""
    lines = [
        "# Commands",
        "",
        "Written by `docs/generate.py` from the command line itself. `samsvar COMMAND --help` shows examples too.",
        "",
        "`samsvar --version` prints the version; `samsvar --help` lists the commands.",
        "",
    ]
    for name, command in commands().items():
        lines += [f"## samsvar {name}", "", command.description or "", "", "| | |", "|---|---|"]
        lines += [_row(action) for action in command._actions if action.dest != "help"]
        lines += ["", f"```\n{(command.epilog or '').strip()}\n```", ""]
    lines += ["## pytest", "", "Options of the plugin, in every project where samsvar is installed.", ""]
    lines += ["| | |", "|---|---|", *(f"| `{name}` | {_cell(text)} |" for name, text in plugin_options())]
    return "\n".join(lines).rstrip() + "\n"


def commands() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command, by name."""
    action = next(one for one in cli.parser()._actions if isinstance(one, argparse._SubParsersAction))
    return dict(action.choices)


def _row(action: argparse.Action) -> str:
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
    value = "" if action.nargs == 0 else f" {action.metavar or choices}"
    name = ", ".join(f"{option}{value}" for option in action.option_strings) or str(action.metavar)
    return f"| `{name}` | {_cell(str(action.help))} |"


def plugin_options() -> list[tuple[str, str]]:
    """Option with its value, and help, as the plugin declares them."""
    heard = Listener()
    pytest_plugin.pytest_addoption(heard)  # type: ignore[arg-type]
    return heard.options


class Listener(pytest.Parser):
    """Takes in the options that a plugin adds."""

    def __init__(self) -> None:
        self.options: list[tuple[str, str]] = []

    def getgroup(self, name: str, description: str = "", after: Any = None) -> Any:
        return self

    def addoption(self, *opts: str, **attrs: Any) -> None:
        value = f" {attrs['metavar']}" if "metavar" in attrs else ""
        self.options.append((f"{opts[0]}{value}", str(attrs["help"])))


def fault_matrix_page() -> str:
    """Every fault of the miniature with what it breaks, every evolution."""
    crude = sum(not fault.subtle for fault in FAULTS.values())
    paths = sum(fault.path for fault in FAULTS.values())
    lines = [
        "# The fault matrix",
        "",
        "Written by `docs/generate.py` from the rows of the miniature. `tests/test_fault_matrix.py` shows that it is",
        "true: each fault is caught by its guarantee, and by nothing but that and the companions that stand beside it;",
        "no evolution, alone or with others, raises an alarm. Try one: `samsvar check --fault ID`, `--evolution ID`.",
        "Faults of the kind path show only after a certain path of asks, which `tests/test_miniature_paths.py` walks.",
        "What finds each fault, and after how many requests: [power.md](power.md).",
        "",
        f"## {len(FAULTS)} faults ({crude} crude, {len(FAULTS) - crude} subtle, {paths} of these of paths)",
        "",
        "| guarantee | fault | what it does | kind | may also break |",
        "|---|---|---|---|---|",
    ]
    order = list(read_contract("altinn2").guarantees)
    for fault in sorted(FAULTS.values(), key=lambda one: order.index(one.guarantee)):
        kind = ("subtle" if fault.subtle else "crude") + (", path" if fault.path else "")
        companions = ", ".join(fault.companions)
        lines.append(f"| {fault.guarantee} | `{fault.id}` | {_cell(fault.statement)} | {kind} | {companions} |")
    lines += ["", f"## {len(EVOLUTIONS)} evolutions", "", "| evolution | what it does |", "|---|---|"]
    lines += [f"| `{one.id}` | {_cell(one.statement)} |" for one in EVOLUTIONS.values()]
    return "\n".join(lines) + "\n"


# -- what was measured ------------------------------------------------------------------------------------------------

POWER = HERE / "power.json"
WAYS = {"crawl": "crawl", "walks": "walks", "operations": "generated operations"}
ENOUGH = 0.95
"""The share of seeds with which walks are to find a fault of a path: 19 of 20."""


def power_page() -> str:
    """What finds each fault, and what raised an alarm though nothing was wrong, as it was measured."""
    measured = json.loads(POWER.read_text(encoding="utf-8"))
    lines = [
        "# What finds what",
        "",
        "Written by `docs/generate.py` from `docs/power.json`, which `benchmarks/power.py` measured at",
        f"commit {measured['commit']}, on {measured['date']}, on a machine with {measured['cores']} cores.",
        "Requests do not depend on the machine.",
        "",
        "Each fault of [the miniature](fault-matrix.md) is looked for in three ways, each alone:",
        "",
        "- **crawl**: every place is read in every format and every question of the families is put, without walks;",
        f"- **walks**: a few places are read, then up to {measured['walk_requests']:,} requests are walked,",
        "  and none after the first surprise; only what a request of a walk shows counts;",
        "- **generated operations**: every place is read, then what schemathesis generates from the OpenAPI",
        "  description is asked; only what such a request shows counts.",
        "",
        "The figure is the number of the request that completes the first finding: of all requests, for walks of those",
        "that were walked (what shortens a walk included), the median of the runs that found it and the most in",
        "parentheses. *Other*: seen, but told by another guarantee than its own. An empty cell was not measured.",
        "",
        *_power_in_short(measured["faults"]),
        *_quiet(measured),
        *_not_found(measured["faults"]),
        *_power_table(measured["faults"]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _power_in_short(faults: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        "## In short",
        "",
        "| | faults measured | found | of these in their own guarantee |",
        "|---|---|---|---|",
    )
    for way, name in WAYS.items():
        for kind in (False, True):
            rows = [
                row[way] for id_, row in faults.items() if id_ in FAULTS and FAULTS[id_].path is kind and way in row
            ]
            found = sum(_hits(row) > 0 for row in rows)
            own = sum(row["own"] > 0 for row in rows)
            yield f"| {name}, {'faults of paths' if kind else 'other faults'} | {len(rows)} | {found} | {own} |"
    walked = [row["walks"] for id_, row in faults.items() if id_ in FAULTS and FAULTS[id_].path and "walks" in row]
    seeds = max((row["runs"] for row in walked), default=0)
    enough = sum(_hits(row) >= ENOUGH * row["runs"] for row in walked)
    yield from ("", "Goal: walks find every fault of a path with at least 19 of 20 seeds. Measured, with up to")
    yield from (f"{seeds} seeds: {enough} of {len(walked)} faults of paths are found with at least 95 % of them.", "")


def _quiet(measured: Mapping[str, Any]) -> Iterator[str]:
    told = measured["evolutions"]
    yield from ("## Where nothing is wrong", "")
    yield f"- Evolutions: {told['alone']} alone and {told['together']} combinations, {len(told['alarms'])} alarms."
    for one in told["alarms"]:
        yield f"  - {'+'.join(one['names'])}, seed {one['seed']}: {'; '.join(map(': '.join, one['alarms'].items()))}"
    for one in measured["flake"]:
        size = f"{one['size']} messages" if one["size"] else "all its messages"
        yield f"- The kept miniature with {size}: {one['runs']} runs with different walks, {len(one['alarms'])} of them"
        yield "  with a failure, an unstable outcome or one that the first run did not have."
        for two in one["alarms"]:
            yield f"  - seed {two['seed']}: {two['because'] or two['other']}"
    yield ""


def _not_found(faults: Mapping[str, Any]) -> Iterator[str]:
    """What neither crawl nor walks find, as far as it was measured in the way that is meant for it."""
    meant = {id_: "walks" if FAULTS[id_].path else "crawl" for id_ in FAULTS}
    measured = {id_: faults[id_] for id_, way in meant.items() if way in faults.get(id_, ())}
    missed = [id_ for id_, told in measured.items() if not any(_hits(told.get(way)) for way in ("crawl", "walks"))]
    yield from ("## What crawl and walks do not find", "")
    yield from (f"- `{id_}`: {FAULTS[id_].statement}" for id_ in missed)
    if not missed:
        yield "Nothing of what was measured."
    if len(measured) < len(FAULTS):
        yield from ("", f"Of {len(FAULTS) - len(measured)} faults it was not measured: their cells below are empty.")
    yield ""


def _hits(told: Mapping[str, Any] | None) -> int:
    """How many runs found it."""
    return told["own"] + told["other"] if told else 0


def _power_table(faults: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Each fault", "", f"| guarantee | fault | {' | '.join(WAYS.values())} |", "|---|---|---|---|---|")
    order = list(read_contract("altinn2").guarantees)
    for fault in sorted(FAULTS.values(), key=lambda one: order.index(one.guarantee)):
        cells = [_found(faults.get(fault.id, {}).get(way)) for way in WAYS]
        yield f"| {fault.guarantee} | `{fault.id}` | {' | '.join(cells)} |"


def _found(told: Mapping[str, Any] | None) -> str:
    """One cell: how often found, after how many requests."""
    if told is None:
        return ""
    hits, runs = _hits(told), told["runs"]
    if not hits:
        return "no" if runs == 1 else f"0 of {runs}"
    often = "" if runs == 1 else f"{hits} of {runs}: "
    other = "" if told["own"] == hits else "*other* " if not told["own"] else f"*{told['other']} other* "
    most = f" ({told['most']})" if runs > 1 else ""
    return f"{often}{other}{told['after']}{most}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES = {
    "guarantees.md": lambda: guarantees_page("en"),
    "garantier.md": lambda: guarantees_page("nb"),
    "commands.md": commands_page,
    "fault-matrix.md": fault_matrix_page,
    "power.md": power_page,
}
"""File name -> what stands in it."""


if __name__ == "__main__":
    for name, made in PAGES.items():
        (HERE / name).write_text(made(), encoding="utf-8")

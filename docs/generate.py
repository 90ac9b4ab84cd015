"""Writes the pages that follow from something else, so that they cannot be wrong: guarantees.md and garantier.md from
the contracts, commands.md from the command line and the pytest plugin. Run it after a change of any of these:

    python docs/generate.py

tests/test_docs.py holds the written pages against these functions.
"""

import argparse
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


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES = {
    "guarantees.md": lambda: guarantees_page("en"),
    "garantier.md": lambda: guarantees_page("nb"),
    "commands.md": commands_page,
    "fault-matrix.md": fault_matrix_page,
}
"""File name -> what stands in it."""


if __name__ == "__main__":
    for name, made in PAGES.items():
        (HERE / name).write_text(made(), encoding="utf-8")

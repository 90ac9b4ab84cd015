"""The suites ask for every guarantee exactly once, in sentences."""

import ast
from pathlib import Path

import pytest

import samsvar
from samsvar.logic.judging.rules import RULES
from samsvar.world.documents import known_contracts, read_contract

SUITES = next(path for folder in samsvar.__path__ if (path := Path(folder) / "suites").is_dir())


def bound() -> list[tuple[str, str, str]]:
    """(guarantee, file, test) of every suite test."""
    found = []
    for path in sorted(SUITES.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                (mark,) = node.decorator_list
                assert isinstance(mark, ast.Call) and isinstance(mark.args[0], ast.Constant), (path.name, node.name)
                found.append((str(mark.args[0].value), path.name, node.name))
    return found


def test_every_guarantee_is_bound_to_one_test_or_excluded_with_a_reason() -> None:
    guarantees = read_contract("altinn2").guarantees
    ids = [id_ for id_, _, _ in bound()]
    assert len(ids) == len(set(ids)), "a guarantee is bound twice"
    assert set(ids) == {id_ for id_, row in guarantees.items() if not row.excluded}
    assert all(row.excluded.strip() for id_, row in guarantees.items() if id_ not in ids)


@pytest.mark.parametrize("name", known_contracts())
def test_every_guarantee_of_every_contract_has_a_test(name: str) -> None:
    ids = {id_ for id_, _, _ in bound()}
    assert {id_ for id_, row in read_contract(name).guarantees.items() if not row.excluded} <= ids


def test_every_rule_is_of_a_guarantee_that_is_judged() -> None:
    guarantees = read_contract("altinn2").guarantees
    assert set(RULES) <= set(guarantees)
    assert not [id_ for id_ in RULES if guarantees[id_].excluded or guarantees[id_].not_yet]


def test_every_guarantee_without_a_rule_says_why() -> None:
    silent = [
        id_
        for id_, row in read_contract("altinn2").guarantees.items()
        if id_ not in RULES and not (row.excluded or row.not_yet or row.needs)
    ]
    assert silent == []


def test_suite_tests_read_as_sentences_that_say_what_is() -> None:
    for _, file, name in bound():
        assert len(name.split("_")) >= 4 and "_should_" not in name, (file, name)


def test_a_file_of_the_suite_holds_whole_families() -> None:
    homes: dict[str, set[str]] = {}
    for id_, file, _ in bound():
        homes.setdefault(id_.partition("-")[0], set()).add(file)
    # Walks have a file of their own: they are what a suite does in place of a crawl.
    assert {family: files for family, files in homes.items() if len(files) > 1} == {
        "REACH": {"test_reaching.py", "test_walks.py"}
    }
    assert [id_ for id_, file, _ in bound() if file == "test_walks.py"] == ["REACH-6"]

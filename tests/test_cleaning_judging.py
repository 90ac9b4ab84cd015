"""Judging says the same of answers that were cleaned as of those that were not, and nothing of them leads elsewhere."""

import os

import pytest
from cleaned import CONTRACT
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.miniature import EVOLUTIONS, FAULTS
from samsvar.model.verdict import Judgement
from samsvar.running import Order, explore, judge_all

NIGHT = bool(os.environ.get("SAMSVAR_NIGHTLY"))
SIZE = 8


def judged(faults: tuple[str, ...], evolutions: tuple[str, ...], *, clean: bool) -> dict[str, Judgement]:
    order = Order(faults=faults, evolutions=evolutions, size=SIZE, clean=clean)
    _, observed = explore(order, CONTRACT, CONTRACT.profiles["default"])
    return judge_all(observed)


def outcomes(judgements: dict[str, Judgement]) -> dict[str, tuple[str, int]]:
    """What is said of each guarantee, and how often something speaks against it."""
    return {id_: (found.outcome.value, len(found.findings)) for id_, found in judgements.items()}


def assert_same(fault: str, evolutions: tuple[str, ...]) -> None:
    faults = (fault,) if fault else ()
    raw, cleaned = (outcomes(judged(faults, evolutions, clean=clean)) for clean in (False, True))
    assert cleaned == raw


@given(st.sampled_from(sorted(FAULTS)), st.lists(st.sampled_from(sorted(EVOLUTIONS)), max_size=2, unique=True))
@settings(max_examples=2, deadline=None, derandomize=True)
def test_a_fault_among_evolutions_is_judged_the_same(fault: str, evolutions: list[str]) -> None:
    assert_same(fault, tuple(evolutions))


@pytest.mark.skipif(not NIGHT, reason="every fault and evolution takes a quarter of an hour; at night each is judged")
@pytest.mark.parametrize("fault", ["", *FAULTS])
def test_every_fault_is_judged_the_same(fault: str) -> None:
    assert_same(fault, ())


@pytest.mark.skipif(not NIGHT, reason="every fault and evolution takes a quarter of an hour; at night each is judged")
@pytest.mark.parametrize("evolution", EVOLUTIONS)
def test_every_evolution_is_judged_the_same(evolution: str) -> None:
    assert_same("", (evolution,))

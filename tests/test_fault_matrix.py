"""The fault matrix: every fault of the miniature is caught by its guarantee and by nothing but that and its declared
companions; no evolution, alone or with others, raises an alarm.

docs/fault-matrix.md publishes the same rows. In the gate the miniature is small, but where a fault needs more to show;
at night everything runs on the full one, and more combinations of evolutions are drawn. About half of the rows are
judged among pseudonyms, as a live target is; at night all are judged both ways.

Faults of paths show only to a run that walks: by day some that walks come upon soon, at night all.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest
from browsers import browser

from samsvar.miniature import EVOLUTIONS, FAULTS
from samsvar.miniature.parts import Fault
from samsvar.model.contract import Contract
from samsvar.model.exchange import Client
from samsvar.model.verdict import Judgement, Outcome
from samsvar.running import Order, explore, judge_all
from samsvar.world.commands import installed
from samsvar.world.documents import read_contract

NIGHT = bool(os.environ.get("SAMSVAR_NIGHTLY"))
SMALL = 12
"""Messages: few enough to be quick, enough for one of each kind."""
FULL_ONLY = frozenset({"LIST-1", "LIST-4", "CORS-10"})
"""Guarantees that only lists of more than fifty elements, or one that the database cuts, can show."""
FULL_FAULTS = frozenset(
    {
        "format-5-element-missing-on-page-two",
        "get-1-signing-text-needs-post",
        "link-2-self-of-the-next-in-hal-xml",
        "link-3-archive-of-another-message",
        "reach-4-one-element-between-pages",
        "reach-4-pages-overlap",
    }
)
"""Faults that need the full miniature for another reason: a further page, one message among many."""
CURL_ONLY = frozenset({"example-1-curl-kept-away"})
"""Faults that show to curl alone."""
ALARMS = (Outcome.BROKEN, Outcome.DISCOURAGED, Outcome.NOTED, Outcome.UNSTABLE)
WALKED = "REACH-6"
"""What walks are judged by."""
SEEDS = (1, 2, 3)
"""Of walks, tried in this order until a fault of a path is found."""
ALWAYS = frozenset({"LINK-7"})
"""Noted on the miniature itself, which writes links as Altinn does."""


@cache
def contract() -> Contract:
    return read_contract("altinn2")


def among_pseudonyms(*names: str) -> tuple[bool, ...]:
    """Whether a row is judged on what the miniature says or on that with everything private replaced, as a live target
    is: both at night, by day one of them, always the same."""
    return (False, True) if NIGHT else (sha256("/".join(names).encode()).digest()[1] % 2 == 0,)


def rows(names: Iterable[str]) -> list[object]:
    """Each name with each way of judging it."""
    return [
        pytest.param(name, clean, id=f"{name}-cleaned" if clean else name)
        for name in names
        for clean in among_pseudonyms(name)
    ]


def judged(
    *,
    full: bool,
    faults: tuple[str, ...] = (),
    evolutions: tuple[str, ...] = (),
    clean: bool = False,
    walks: str = "ci",
    seed: int | None = None,
    clients: tuple[Client, ...] = (),
) -> dict[str, Judgement]:
    size = None if full or NIGHT else SMALL
    asked = Order(faults=faults, evolutions=evolutions, size=size, clean=clean, clients=clients)
    order = replace(asked, walks=walks, walk_seed=seed, generated=0)
    _, observed = explore(order, contract(), contract().profiles["default"])
    return judge_all(observed)


def alarms(judgements: dict[str, Judgement]) -> dict[str, str]:
    """Guarantee -> the first thing that speaks against it."""
    return {
        id_: next((f"{one.place}: {one.because}" for one in found.findings), found.because)
        for id_, found in judgements.items()
        if found.outcome in ALARMS and id_ not in ALWAYS
    }


def hashed(name: str) -> bytes:
    """By which rows are chosen, always the same."""
    return sha256(name.encode()).digest()


def strangers(fault: Fault, found: dict[str, str]) -> dict[str, str]:
    """The alarms that a fault is not bound to raise."""
    return {id_: why for id_, why in found.items() if id_ not in (fault.guarantee, *fault.companions)}


def walks_for(name: str, *guarantees: str) -> str:
    """How a run walks: by day most rows that walks have nothing to do with are judged without."""
    return "ci" if NIGHT or WALKED in guarantees or hashed(name)[2] % 6 == 0 else "none"


@pytest.mark.parametrize(("fault", "clean"), rows(name for name, row in FAULTS.items() if not row.path))
def test_a_fault_is_caught_by_its_guarantee_and_its_companions_only(fault: str, clean: bool) -> None:
    row = FAULTS[fault]
    full = row.guarantee in FULL_ONLY or fault in FULL_FAULTS
    walks = walks_for(fault, row.guarantee, *row.companions)
    clients = curl_for(fault) or clients_for(row.guarantee)
    found = alarms(judged(full=full, faults=(fault,), clean=clean, walks=walks, clients=clients))
    assert row.guarantee in found, f"not caught; alarms: {found}"
    assert not strangers(row, found)


def curl_for(fault: str) -> tuple[Client, ...]:
    """curl, for a fault that nobody else sees."""
    if fault not in CURL_ONLY:
        return ()
    if Client.CURL not in installed():
        pytest.skip("curl is not installed, and nobody else sees this fault")
    return (Client.CURL,)


def clients_for(guarantee: str) -> tuple[Client, ...]:
    """What else has to ask, for a guarantee to be seen."""
    if "browser" not in contract().guarantees[guarantee].needs:
        return ()
    browser()
    return (Client.BROWSER,)


SOON = {
    "reach-5-service-missing-after-going-back",
    "reach-6-second-box-shows-the-one-before",
    "reach-6-last-box-after-reportees-in-xml-crashes",
}
"""Faults of paths that the few walks of a gate come upon."""


@pytest.mark.parametrize(
    ("fault", "clean"), rows(name for name, row in FAULTS.items() if row.path and (NIGHT or name in SOON))
)
def test_a_fault_of_a_path_is_caught_by_a_run_that_walks(fault: str, clean: bool) -> None:
    row = FAULTS[fault]
    for seed in SEEDS:
        found = alarms(judged(full=True, faults=(fault,), clean=clean, walks="thorough" if NIGHT else "ci", seed=seed))
        assert not strangers(row, found)
        if row.guarantee in found:
            return
    pytest.fail(f"not caught with the seeds {SEEDS}; alarms: {found}")


@pytest.mark.parametrize(("evolution", "clean"), rows(EVOLUTIONS))
def test_an_evolution_raises_no_alarm(evolution: str, clean: bool) -> None:
    walks = "ci" if NIGHT or hashed(evolution)[2] % 2 else "none"
    assert alarms(judged(full=False, evolutions=(evolution,), clean=clean, walks=walks)) == {}


def combinations(count: int) -> Iterable[tuple[str, ...]]:
    """Combinations of evolutions, always the same: a hash of the number decides which are in."""
    for number in range(count):
        chosen = [id_ for id_ in EVOLUTIONS if sha256(f"{number}/{id_}".encode()).digest()[0] < 40]
        yield tuple(chosen)


ALARMED = (
    ("urls-opaque", "front-page"),
    ("urls-per-session", "front-page", "arrival"),
    ("links-for-elements", "pages-of-ten", "times-with-offset", "front-page", "redirects", "arrival"),
)
"""Combinations that once raised a false alarm."""


@pytest.mark.parametrize("evolutions", [*combinations(200 if NIGHT else 4), *ALARMED], ids="+".join)
def test_evolutions_together_raise_no_alarm(evolutions: tuple[str, ...]) -> None:
    for clean in among_pseudonyms(*evolutions):
        assert alarms(judged(full=False, evolutions=evolutions, clean=clean)) == {}


def test_the_full_miniature_keeps_every_guarantee_that_is_implemented() -> None:
    found = judged(full=True)
    assert alarms(found) == {}
    silent = {
        id_
        for id_, one in found.items()
        if one.outcome is not Outcome.KEPT and not one.guarantee.not_yet and not one.guarantee.excluded
    }
    assert silent - BY_OTHERS == ALWAYS


BY_OTHERS = frozenset({"CORS-9"})
"""What only another client shows; the rows of its faults ask for one."""


def test_every_guarantee_that_is_implemented_has_a_crude_and_a_subtle_fault() -> None:
    rows = contract().guarantees.values()
    implemented = {row.id for row in rows if not row.not_yet and not row.excluded} - ALWAYS
    for kind in (False, True):
        assert {fault.guarantee for fault in FAULTS.values() if fault.subtle is kind} >= implemented

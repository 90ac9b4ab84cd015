"""Evidence goes in, a report comes out: nothing is better for being seen less, and nothing there is said to be so."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.errors import SafetyError, UsageError
from samsvar.logic.observing import observe
from samsvar.miniature import FAULTS
from samsvar.model.exchange import Evidence, Exchange
from samsvar.model.verdict import Outcome, Report, Verdict
from samsvar.running import Order, explore, judge_all, make_report, order_from, selected, way_to
from samsvar.world.documents import read_contract

CONTRACT = read_contract("altinn2")
PROFILE = CONTRACT.profiles["default"]
GOOD = {Outcome.KEPT, Outcome.INAPPLICABLE}


def judged(evidence: Evidence) -> Report:
    """The report on evidence, without waivers."""
    observed = observe(evidence, CONTRACT, PROFILE)
    return make_report(observed, evidence, judge_all(observed), 0.0)


@cache
def gathered(fault: str) -> tuple[Evidence, Report]:
    """A short run against the miniature, and what it says."""
    faults = (fault,) if fault else ()
    evidence, _ = explore(Order(size=1, budget=260, faults=faults), CONTRACT, PROFILE)
    return evidence, judged(evidence)


KEPT = ""
SOME_FAULTS = [KEPT, *list(FAULTS)[::60][:3]]

Cut = Callable[[Evidence, st.DataObject], tuple[Exchange, ...]]


def without_some(evidence: Evidence, data: st.DataObject) -> tuple[Exchange, ...]:
    numbers = data.draw(st.sets(st.integers(1, evidence.asked), min_size=1, max_size=evidence.asked))
    return tuple(one for one in evidence.exchanges if one.number not in numbers)


def without_end(evidence: Evidence, data: st.DataObject) -> tuple[Exchange, ...]:
    return evidence.exchanges[: data.draw(st.integers(0, evidence.asked - 1))]


@pytest.mark.parametrize("fault", SOME_FAULTS)
@pytest.mark.parametrize("cut", [without_some, without_end])
@settings(max_examples=4)
@given(data=st.data())
def test_deleting_evidence_never_makes_anything_better(fault: str, cut: Cut, data: st.DataObject) -> None:
    evidence, before = gathered(fault)
    after = judged(replace(evidence, exchanges=cut(evidence, data)))
    assert after.verdict is not Verdict.KEPT or before.verdict is Verdict.KEPT
    outcomes = {one.guarantee.id: one.outcome for one in before.judgements}
    better = [
        one.guarantee.id for one in after.judgements if one.outcome in GOOD and outcomes[one.guarantee.id] not in GOOD
    ]
    assert better == []


@settings(max_examples=4)
@given(data=st.data())
def test_deleting_evidence_of_a_kept_run_never_leaves_it_kept(data: st.DataObject) -> None:
    evidence, _ = gathered(KEPT)
    after = judged(replace(evidence, exchanges=without_some(evidence, data)))
    assert after.verdict is not Verdict.KEPT
    assert not [one.guarantee.id for one in after.judgements if one.outcome is Outcome.KEPT]


def test_an_emptied_body_breaks_what_it_showed() -> None:
    evidence, before = gathered(KEPT)
    emptied = tuple(
        replace(one, response=replace(one.response, body=b"")) if one.response is not None else one
        for one in evidence.exchanges
    )
    after = judged(replace(evidence, exchanges=emptied))
    assert before.verdict is not Verdict.BROKEN and after.verdict is not Verdict.KEPT


def test_the_same_evidence_gives_the_same_report() -> None:
    evidence, before = gathered(KEPT)
    assert judged(evidence) == before


def test_a_report_has_every_guarantee_of_the_contract_once() -> None:
    _, report = gathered(KEPT)
    assert [one.guarantee.id for one in report.judgements] == list(CONTRACT.guarantees)


# -- orders -----------------------------------------------------------------------------------------------------------


def test_families_and_ids_select() -> None:
    assert selected(CONTRACT, ("link-4", "auth")) == {"LINK-4", "AUTH-1", "AUTH-2", "AUTH-3", "AUTH-4", "AUTH-5"}
    assert selected(CONTRACT, ()) == set(CONTRACT.guarantees)


def test_an_unknown_family_is_told_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="Families: ACCEPT"):
        selected(CONTRACT, ("LINKS",))


@pytest.mark.parametrize("url", ["https://www.altinn.no/api", "https://altinn.no/api"])
def test_unsafe_methods_are_never_for_production(url: str) -> None:
    with pytest.raises(SafetyError, match="Unsafe methods"):
        way_to(Order(target=url, unsafe=True))


@pytest.mark.parametrize("target", ["http://www.altinn.no/api", "ftp://x.example/api", "https://", "nowhere"])
def test_a_target_that_cannot_be_asked_is_told(target: str) -> None:
    with pytest.raises((UsageError, SafetyError)) as caught:
        way_to(Order(target=target))
    assert caught.value.remedy


def test_an_origin_that_no_browser_sends_is_refused_whatever_door_it_came_through() -> None:
    with pytest.raises(UsageError, match=r"give https://www\.eksempel\.no"):
        order_from({"origins": ("https://www.eksempel.no/sti",)})


def test_production_is_asked_one_at_a_time_and_once_a_second_whatever_is_wanted() -> None:
    policy = way_to(Order(target="https://www.altinn.no/api", rate=50.0, concurrency=8)).policy
    assert (policy.rate, policy.concurrency) == (1.0, 1)
    elsewhere = way_to(Order(target="https://tt02.altinn.no/api", rate=2.0, concurrency=3)).policy
    assert (elsewhere.rate, elsewhere.concurrency) == (2.0, 3)

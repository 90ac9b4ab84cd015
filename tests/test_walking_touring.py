"""Walks that are laid out beforehand: where they lead, what follows on what there, and that formats take turns."""

from collections.abc import Callable, Iterator
from itertools import chain, count, islice, pairwise

import pytest
from linked_environment import CONTRACT, HAL_ONLY, World, kept
from stage import explore
from test_judging_reaching import long_box

from samsvar.logic.exploring import Explorer
from samsvar.logic.reading import Reading
from samsvar.logic.walking.heading import goals, long_lists, tours
from samsvar.logic.walking.manners import MANNERS, manners
from samsvar.logic.walking.steps import DOCUMENT, HERE, Step, step_text
from samsvar.logic.walking.touring import (
    Trip,
    Turns,
    away_and_back,
    in_every_format,
    otherwise,
    out_and_back,
    page_by_page,
    rounds,
)
from samsvar.logic.walking.walks import HOSTILE, Walk
from samsvar.model.exchange import HAL_JSON, Exchange, Failure, Probe, Response

POLITE = manners(hostile=False)
NUMBERS = count(100_000)
"""Of exchanges that nobody observed."""


def crawled(world: World) -> Explorer:
    return explore(world.answer, CONTRACT, profile=HAL_ONLY)


KEPT = crawled(kept())
WAYS = {way[-1].type: way for way in tours(KEPT.observed)}


def taken(trip: Trip, world: World | None = None, seen: Explorer = KEPT) -> Walk:
    """The walk that a trip comes to where everything answers."""
    walk = Walk(seen.observed, "1")
    for step in trip(walk):
        heard(walk, step, (world or kept()).answer)
    return walk


def heard(walk: Walk, step: Step, answer: Callable[[Probe], Response | Failure]) -> None:
    """Take a step, if it is offered."""
    probe = walk.probe(step)
    if probe is not None:
        said = answer(probe)
        assert isinstance(said, Response)
        walk.heard(step, Reading(Exchange(next(NUMBERS), probe, said)))


def texts(walk: Walk) -> list[str]:
    return list(map(step_text, walk.steps))


# -- turns ------------------------------------------------------------------------------------------------------------


def test_each_option_has_its_turn_before_any_has_a_second() -> None:
    turns = Turns(1)
    for _ in range(3):
        assert sorted(turns.next(("a",), "xyz") for _ in range(3)) == ["x", "y", "z"]


def test_two_choices_side_by_side_meet_in_every_combination() -> None:
    turns = Turns(1)
    found = {(turns.next(("a",), "wxyz"), turns.next(("b",), "wxyz", lag=True)) for _ in range(16)}
    assert len(found) == 16


def test_the_seed_says_where_turns_begin_and_nothing_else_does() -> None:
    begun = [[Turns(seed).next((kind,), range(4)) for kind in "abcdef"] for seed in (1, 1, 2)]
    assert begun[0] == begun[1] != begun[2]
    assert [Turns(seed).next(("a",), range(4), first=True) for seed in range(9)] == [0] * 9


# -- trips ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_name", WAYS)
def test_a_place_is_shown_in_every_format_that_is_promised_of_it(type_name: str) -> None:
    way = WAYS[type_name]
    walk = taken(in_every_format(way, 0))
    assert walk.readings[len(way) - 1].ok
    there = walk.steps[len(way) - 1 :]
    promised = KEPT.observed.formats(type_name)
    shown = [step.format for step in there if not step.entry or len(way) == 1]
    assert sorted(shown) == sorted(promised)
    assert len(way) == 1 or walk.steps[-1].entry


def test_each_link_is_followed_and_then_comes_what_offered_it_or_what_is_offered_there() -> None:
    way = WAYS["Message"]
    walk = taken(out_and_back(way, Turns(1)))
    here = len(way)
    went = {step.rel for step in walk.steps[here:] if step.at == here and step.rel != HERE}
    assert went == set(walk.followable(here))
    kinds = list(pairwise(walk.steps[here:]))
    assert any(link.rel != HERE and after.rel == HERE and after.at == here for link, after in kinds), "back"
    assert any(link.at == here and link.rel != HERE and after.at == 0 for link, after in kinds), "on"


def test_a_long_list_is_turned_from_every_format_to_every_format() -> None:
    world = long_box(60)
    seen = crawled(world)
    (way,) = long_lists(seen.observed)
    walk = taken(page_by_page(way, Turns(1)), world, seen)
    turned = [(one.format, other.format) for one, other in pairwise(walk.steps) if other.query]
    promised = seen.observed.formats(way[-1].type)
    assert {one for one, _ in turned} == {other for _, other in turned} == set(promised)
    assert len(set(turned)) == min(len(turned), len(promised) ** 2)


def test_a_list_that_is_not_long_has_no_pages_to_turn() -> None:
    assert long_lists(KEPT.observed) == ()
    assert len(taken(page_by_page(WAYS["MessageList"], Turns(1))).steps) == 1


def test_from_a_place_and_its_documents_a_walk_leaves_for_other_entries() -> None:
    left = set()
    for way in goals(KEPT.observed)["Message"]:
        walk = taken(away_and_back(way, Turns(1), ("reportees", "metadata")))
        pairs = {(one.rel, other.rel) for one, other in pairwise(walk.steps) if other.entry}
        here = len(way)
        documents = {rel for rel in walk.followable(here) if walk.formats(Step(rel, at=here)) == (DOCUMENT,)}
        assert {entry for _, entry in pairs} == {"reportees", "metadata"}
        assert {(rel, entry) for rel in documents for entry in ("reportees", "metadata")} <= pairs
        left |= documents
    assert left


@pytest.mark.parametrize("hostile", [True, False])
def test_a_place_is_asked_for_in_each_manner_and_plainly_again(hostile: bool) -> None:
    way = WAYS["ReporteeList"]
    known = manners(hostile=hostile)
    walk = taken(otherwise(way, Turns(1), known))
    manner = [step for step in walk.steps if step.query or step.origin or step.spelling != "plain" or step.values]
    assert {name for step in manner for name, _ in step.query} >= {"$top", "$skip"}
    assert any(step.origin for step in manner) and any(step.spelling != "plain" for step in manner)
    assert bool({value for step in walk.steps for _, value in step.values} & set(HOSTILE)) is hostile
    assert walk.steps[-1] == Step(HERE, at=len(way), format=walk.steps[-1].format)


def test_after_one_origin_another_one_asks_where_there_is_another() -> None:
    walk = taken(otherwise(WAYS["ReporteeList"], Turns(3), {"for_an_origin": MANNERS["for_an_origin"]}))
    pairs = pairwise(walk.steps)
    links = [(one.origin, other.origin) for one, other in pairs if one.origin and other.rel != HERE]
    assert links and all(one != other for one, other in links)


# -- rounds -----------------------------------------------------------------------------------------------------------


def first(count: int, seed: int = 1, seen: Explorer = KEPT) -> Iterator[Trip]:
    return chain.from_iterable(islice(rounds(seen.observed, seed, POLITE), count))


def test_the_first_round_comes_to_every_type() -> None:
    walks = list(map(taken, first(1)))
    assert len(walks) == len(WAYS)
    for walk, way in zip(walks, WAYS.values(), strict=True):
        assert KEPT.observed.place(walk.readings[len(way) - 1]) == way[-1].place


def test_a_second_round_goes_in_other_formats() -> None:
    _, one, two = ([texts(taken(trip)) for trip in trips] for trips in islice(rounds(KEPT.observed, 1, POLITE), 3))
    assert len(one) == len(two) and one != two


def test_the_same_seed_lays_out_the_same_walks() -> None:
    one, same, other = ([texts(taken(trip)) for trip in first(2, seed)] for seed in (1, 1, 2))
    assert one == same != other


def test_where_nothing_was_seen_nothing_is_laid_out() -> None:
    assert list(first(3, seen=crawled(World()))) == []


def test_a_trip_ends_where_the_way_is_not_offered_any_more() -> None:
    world = kept()
    world.lists.pop("my/messages")
    walk = Walk(KEPT.observed, "1")
    for step in out_and_back(WAYS["Message"], Turns(1))(walk):
        heard(walk, step, world.answer)
    assert len(walk.steps) == 1 and walk.steps[0].format == HAL_JSON

"""Where a walk may head for: the ways by which the crawl was led to places, and the link that leads on."""

from itertools import pairwise

import pytest
from linked_environment import CONTRACT, HAL_ONLY, World, kept, message, own
from stage import explore
from strolls import strolled, walk_of
from test_judging_reaching import long_box

from samsvar.logic.exploring import Explorer
from samsvar.logic.observing import Visit
from samsvar.logic.walking.heading import MOST_OF_A_TYPE, goals, riches, tours, toward
from samsvar.logic.walking.steps import read_walk
from samsvar.model.exchange import Place, Response

BOX = "my/messages"


def crawled(world: World) -> Explorer:
    return explore(world.answer, CONTRACT, profile=HAL_ONLY)


KEPT = crawled(kept())


def test_the_rarest_type_comes_first() -> None:
    found = goals(KEPT.observed)
    sizes = [len(chains) for chains in found.values()]
    assert sizes == sorted(sizes) and {"Message", "Form", "Reportee", "ServiceMetaData"} <= set(found)


def test_a_way_begins_at_an_entry_and_each_place_offers_the_next() -> None:
    entries = {entry.name for entry in CONTRACT.entries}
    for type_name, chains in goals(KEPT.observed).items():
        for chain in chains:
            assert chain[0].path in entries and chain[-1].type == type_name and len(chain) > 1
            for before, after in pairwise(chain):
                first = next(iter(after.series[0].values()))
                parent = KEPT.observed.reading(first.probe.parent or 0)
                assert parent is not None and KEPT.observed.place(parent) == before.place


def test_the_way_to_a_form_leads_over_its_message() -> None:
    (chain,) = [one for one in goals(KEPT.observed)["Form"] if one[-1].url.endswith("/1")]
    assert [str(visit.place).partition("?")[0] for visit in chain] == [
        "MessageList my",
        "Message a100003",
        "Form a100003",
    ]


def test_of_a_type_with_many_places_some_are_enough() -> None:
    found = goals(crawled(long_box(40)).observed)
    assert len(found["Message"]) == MOST_OF_A_TYPE


def test_what_did_not_answer_is_no_goal() -> None:
    world = kept()
    world.pages[f"{BOX}/a100001"] = Response(500)
    found = goals(crawled(world).observed)
    assert "a100001" not in {chain[-1].place.key for chain in found["Message"]}
    assert goals(crawled(World()).observed) == {} and tours(crawled(World()).observed) == ()


def test_a_tour_leads_to_one_place_of_each_type_entries_first() -> None:
    found = tours(KEPT.observed)
    types = [chain[-1].type for chain in found]
    answered = {visit.type for visit in KEPT.observed.visits.values() if visit.best is not None}
    assert len(types) == len(set(types)) and set(types) == answered
    lengths = [len(chain) for chain in found]
    assert lengths[:3] == [1, 1, 1] and min(lengths[3:]) > 1


@pytest.mark.parametrize("chain", tours(KEPT.observed), ids=lambda chain: str(chain[-1].type))
def test_a_walk_comes_to_a_goal_by_heading_for_each_place_of_its_way(chain: tuple[Visit, ...]) -> None:
    steps, world = chain[0].path, kept()
    for visit in chain[1:]:
        walk = walk_of(strolled(world.answer, steps))
        step = toward(walk, visit)
        assert step is not None
        steps = f"{steps} > {step.rel}#{step.nth}"
    walk = walk_of(strolled(world.answer, steps))
    here = walk.stand()
    assert len(walk.steps) == len(read_walk(steps)) and here is not None
    assert walk.observed.place(here) == chain[-1].place


def test_nothing_leads_to_what_is_not_offered_here() -> None:
    walk = walk_of(strolled(kept().answer, "metadata"))
    visits = walk.observed.visits
    assert toward(walk, visits[Place("Message", "a100001")]) is None
    assert toward(walk_of(strolled(kept().answer, "organizations")), visits[Place("Message", "a100001")]) is None


def test_an_entry_is_the_richer_the_more_is_seen_from_there() -> None:
    found = riches(KEPT.observed, ("metadata", BOX, "reportees", "organizations"))
    assert found["reportees"] > found["metadata"] > 1
    assert found[BOX] == max(found.values())
    assert min(found.values()) == 1.0, "even where nothing was found"


def test_a_place_that_is_offered_by_itself_only_has_no_way() -> None:
    world = kept()
    lonely = message("a100099")
    world.lists[BOX].elements.append(lonely)
    world.pages[own(lonely)] = lonely
    found = goals(crawled(world).observed)
    for chains in found.values():
        for chain in chains:
            assert len({visit.place for visit in chain}) == len(chain)

"""What the rules of the crawl say of what only walks came to: new places, and other answers at known places."""

import json
from dataclasses import replace

import pytest
from linked_environment import Said, kept
from strolls import strolled

from samsvar.logic.judging.wayside import CONTRIBUTIONS, OF_A_PLACE
from samsvar.logic.observing import Observed
from samsvar.model.exchange import HAL_JSON, Probe, Response
from samsvar.model.verdict import Finding, Sight
from samsvar.running import Order, explore
from samsvar.world.documents import read_contract

CONTRACT = read_contract("altinn2")


def told(observed: Observed) -> dict[str, list[Finding]]:
    found = {guarantee: list(rule(observed)) for guarantee, rule in CONTRIBUTIONS.items()}
    return {guarantee: several for guarantee, several in found.items() if several}


def surveyed(*faults: str) -> Observed:
    """A crawl that looks at a few places of each type only, and walks that see more."""
    order = Order(faults=faults, walks="ci", survey=True, generated=0)
    return explore(order, CONTRACT, CONTRACT.profiles["default"])[1]


def test_of_places_that_keep_the_contract_nothing_is_told() -> None:
    assert told(surveyed()) == {}


@pytest.mark.parametrize(
    "fault", ["link-5-look-alike-host-for-schemas", "format-8-blank-for-t-in-one-date", "model-3-type-translated"]
)
def test_what_is_wrong_at_a_place_that_only_a_walk_came_to_is_told(fault: str) -> None:
    guarantee = "-".join(fault.upper().split("-")[:2])
    observed = surveyed(fault)
    found = told(observed)[guarantee]
    assert set(told(observed)) == {guarantee}
    assert all(one.sight is Sight.UNMET for one in found)
    numbers = {number for one in found for number in one.exchanges}
    readings = {one.number: one for one in observed.readings}
    assert numbers and all(readings[number].probe.walk for number in numbers)


def elsewhere(step: str, host: str) -> Observed:
    """At one step of a walk the links lead to another host."""

    def changed(probe: Probe) -> Said:
        said = kept().answer(probe)
        if probe.walk != step or not isinstance(said, Response) or said.first("Content-Type") != HAL_JSON:
            return said
        document = json.loads(said.body)
        document["_links"]["self"]["href"] = document["_links"]["self"]["href"].replace("api.example", host)
        return replace(said, body=json.dumps(document).encode())

    return strolled(changed, "my/messages > self > @1 . > @1 self").observed


def test_another_answer_at_a_known_place_is_held_to_what_needs_no_more_than_it() -> None:
    assert set(told(elsewhere("r1.4", "node-7.intern.example"))) == {"LINK-5"}
    assert told(elsewhere("r1.9", "node-7.intern.example")) == {}


def test_what_the_crawl_tells_is_not_told_again() -> None:
    full = explore(
        Order(faults=("link-5-other-host",), size=12, walks="ci", generated=0), CONTRACT, CONTRACT.profiles["default"]
    )[1]
    assert told(full) == {}


def test_each_guarantee_has_a_rule_of_the_crawl() -> None:
    assert set(CONTRIBUTIONS) == set(OF_A_PLACE)

"""Runs with generated operations, for tests: an environment is explored, its lists and faults are asked, then what
schemathesis generates."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache, partial
from unittest.mock import patch

from samsvar.logic import operations
from samsvar.logic.asking import Conversation, faults, lists
from samsvar.logic.asking import operations as asking_operations
from samsvar.logic.exploring import Explorer
from samsvar.logic.judging.operations import CONTRIBUTIONS
from samsvar.logic.observing import Observed
from samsvar.logic.operations import Case
from samsvar.model.exchange import Probe, Response
from samsvar.model.verdict import Finding, Sight
from samsvar.running import Order, way_to
from samsvar.world.documents import read_contract
from samsvar.world.driver import drive, stopped_clock
from samsvar.world.transport import Outcome, Transport

ALTINN2 = read_contract("altinn2")
FIRST = ((lists.ask, faults.ask),)


@cache
def every_case(count: int, seed: int) -> tuple[Case, ...]:
    """The cases of all operations; drawing them is what costs, so the tests of one process draw them once."""
    return operations.cases(ALTINN2.openapi, count, seed)


def ask(observed: Observed, count: int, seed: int) -> tuple[Conversation, ...]:
    """What the asker asks, with cases that were drawn before."""

    def drawn(_document: object, _count: int, _seed: int, only: Collection[str]) -> tuple[Case, ...]:
        return tuple(case for case in every_case(count, seed) if case.operation in only)

    with patch.object(asking_operations, "cases", drawn):
        return tuple(asking_operations.ask(observed, count, seed))


Plant = Callable[[Probe, Response], Response]
"""A defect: what is said instead of an answer."""


@dataclass(frozen=True)
class Planted:
    """The way to an environment with a defect."""

    inner: Transport
    plant: Plant
    immediate: bool = True

    async def send(self, probe: Probe) -> Outcome:
        said = await self.inner.send(probe)
        return replace(said, response=self.plant(probe, said.response)) if said.response is not None else said

    async def aclose(self) -> None:
        await self.inner.aclose()


def of_order(order: Order, count: int = 2, seed: int = 1, plant: Plant | None = None) -> Observed:
    """What a run of that order sees, with a defect if one is given."""
    way = way_to(order)
    transport = Planted(way.transport, plant) if plant is not None else way.transport
    profile = ALTINN2.profiles[order.profile]
    rounds = (*FIRST, (partial(ask, count=count, seed=seed),))
    explorer = Explorer(Observed(ALTINN2, profile, way.target, way.means), way.limits, rounds)

    async def run() -> None:
        try:
            await drive(explorer, transport, way.policy, None, stopped_clock())
        finally:
            await way.transport.aclose()

    asyncio.run(run())
    return explorer.observed


def told(observed: Observed) -> dict[str, tuple[Finding, ...]]:
    """What generated operations contribute, by guarantee."""
    return {id_: tuple(rule(observed)) for id_, rule in CONTRIBUTIONS.items()}


def alarms(observed: Observed) -> list[tuple[str, str, str]]:
    """(guarantee, because, URL) of what is not met."""
    found = told(observed).items()
    return [(id_, one.because, one.url) for id_, all_ in found for one in all_ if one.sight is Sight.UNMET]

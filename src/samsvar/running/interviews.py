"""Few questions, one after the other: the doctor, the documented CORS check."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from samsvar.model.exchange import Exchange, Probe, TargetKind
from samsvar.running.orders import Order, token_of
from samsvar.running.ways import Way, way_to

if TYPE_CHECKING:
    from samsvar.logic.diagnosing import Diagnosis
    from samsvar.logic.diagnosing_origins import Answers
    from samsvar.logic.reading import Reading


class Interview:
    """Asks what a conversation asks, each question after the answer to the one before."""

    def __init__(self, asking: Generator[Probe, Reading, None]) -> None:
        self._asking = asking
        self._next: Probe | None = next(asking, None)
        self.stopped = ""

    def offer(self) -> Probe | None:
        """The next question; None while one is under way."""
        probe, self._next = self._next, None
        return probe

    def receive(self, exchange: Exchange) -> None:
        """Take an answer; the conversation goes on with it."""
        from samsvar.logic.reading import Reading

        try:
            self._next = self._asking.send(Reading(exchange))
        except StopIteration:
            self.stopped = "all was asked"

    @property
    def done(self) -> bool:
        return bool(self.stopped)

    def stop(self, reason: str) -> None:
        """No more will be asked."""
        self.stopped = self.stopped or reason


def interview(way: Way, asking: Generator[Probe, Reading, None]) -> str:
    """Hold a conversation with a target, politely. Gives why it ended before its end, "" if it did not."""
    from samsvar.world.driver import Clock, drive, stopped_clock

    asker = Interview(asking)
    clock = Clock() if way.target.kind is TargetKind.LIVE else stopped_clock()

    async def run() -> None:
        try:
            await drive(asker, way.transport, replace(way.policy, concurrency=1), None, clock)
        finally:
            await way.transport.aclose()

    asyncio.run(run())
    return "" if asker.stopped == "all was asked" else asker.stopped


def diagnose(order: Order) -> list[Diagnosis]:
    """What is wrong with the way to an order's target. Raises SamsvarError when it cannot even be asked."""
    from samsvar.logic.diagnosing import Examination, State, read_token
    from samsvar.world.documents import read_contract

    way = way_to(order)
    token = read_token(token_of(order)) if token_of(order) else None
    examination = Examination(read_contract(order.contract), way.target, way.means, token)
    stopped = interview(way, examination.asking())
    if stopped:
        examination.tell("the rest", State.FAULT, f"not asked: {stopped}", "Try again later.")
    return examination.diagnoses


def check_origins(order: Order) -> Answers:
    """The documented CORS check. Raises SamsvarError when the target cannot even be asked."""
    from samsvar.logic.diagnosing_origins import Enquiry
    from samsvar.world.documents import read_contract

    way = way_to(order)
    enquiry = Enquiry(read_contract(order.contract), way.target, way.means)
    enquiry.stopped = interview(way, enquiry.asking())
    return enquiry.answers

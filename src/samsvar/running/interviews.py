"""Few questions, one after the other: the doctor, the documented CORS check."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from samsvar.model.exchange import Exchange, Probe, TargetKind
from samsvar.running.orders import Order
from samsvar.running.ways import Way, way_to

if TYPE_CHECKING:
    from samsvar.logic.diagnosing import Diagnosis, Examination
    from samsvar.logic.diagnosing_logins import Certificate
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
    from samsvar.world.cleaned import HushedTransport
    from samsvar.world.driver import Clock, drive, stopped_clock

    asker = Interview(asking)
    transport = HushedTransport(way.transport, way.fetched)
    clock = Clock() if way.target.kind is TargetKind.LIVE else stopped_clock()

    async def run() -> None:
        try:
            await drive(asker, transport, replace(way.policy, concurrency=1), None, clock)
        finally:
            await transport.aclose()

    asyncio.run(run())
    return "" if asker.stopped == "all was asked" else asker.stopped


def diagnose(order: Order) -> list[Diagnosis]:
    """What is wrong with the way to an order's target. Raises SamsvarError when it cannot even be asked."""
    from samsvar.logic.diagnosing import Examination, State
    from samsvar.world.documents import read_contract

    way = way_to(order)
    examination = Examination(read_contract(order.contract), way.target, way.means)
    examination.certificate = _certificate(way)
    stopped = interview(way, _with_token(way, examination))
    if stopped:
        examination.tell("the rest", State.FAULT, f"not asked: {stopped}", "Try again later.")
    return examination.diagnoses


def _with_token(way: Way, examination: Examination) -> Generator[Probe, Reading, None]:
    """The questions, while the examination is told the token as soon as there is one: some are fetched on the way."""
    from samsvar.logic.diagnosing_logins import read_token

    asking = examination.asking()
    probe = next(asking, None)
    while probe is not None:
        reading = yield probe
        token = way.vault.token() if way.vault is not None else ""
        examination.token = read_token(token) if token else None
        try:
            probe = asking.send(reading)
        except StopIteration:
            return


def _certificate(way: Way) -> Certificate | None:
    """How long the certificate is valid that the first login shows; None where it shows none."""
    from samsvar.logic.diagnosing_logins import Certificate
    from samsvar.model.exchange import Login
    from samsvar.world.certificates import validity

    dress = way.vault.provider(Login.GIVEN) if way.vault is not None else None
    shown = dress.dress() if dress is not None else None
    if shown is None or shown.certificate is None or not shown.certificate.chain:
        return None
    found = validity(shown.certificate.chain)
    return Certificate(found.begins, found.expires) if found is not None else None


def check_origins(order: Order) -> Answers:
    """The documented CORS check. Raises SamsvarError when the target cannot even be asked."""
    from samsvar.logic.diagnosing_origins import Enquiry
    from samsvar.world.documents import read_contract

    way = way_to(order)
    enquiry = Enquiry(read_contract(order.contract), way.target, way.means)
    enquiry.stopped = interview(way, enquiry.asking())
    return enquiry.answers

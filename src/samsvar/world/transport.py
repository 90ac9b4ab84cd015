"""The seam between asking and the world: one method, three ways (live, in-process, replay)."""

from dataclasses import dataclass
from typing import Protocol

from samsvar.model.exchange import Failure, Fields, Probe, Response


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt at a probe gave: exactly one of response and failure.

    sent: the header fields that went out, credentials left out; credentials: names of those that were added.
    at: seconds since the epoch at sending; seconds: how long it took.
    """

    response: Response | None = None
    failure: Failure | None = None
    sent: Fields = ()
    credentials: tuple[str, ...] = ()
    at: float = 0.0
    seconds: float = 0.0


class Transport(Protocol):
    """A way for a probe to reach a target. ``send`` never raises for what a target does: that is in the outcome.

    immediate: ``send`` never waits for anything, so nothing is won by having more than one in flight.
    """

    immediate: bool

    async def send(self, probe: Probe) -> Outcome: ...

    async def aclose(self) -> None: ...

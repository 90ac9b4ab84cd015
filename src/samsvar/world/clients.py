"""Sending each probe by the client that is to put it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from samsvar.model.exchange import Client, Failure, Probe, Stage
from samsvar.world.transport import Outcome, Transport


class Closing(Protocol):
    """Something that is ended with the transports that need it."""

    def close(self) -> None: ...


class RoutedTransport:
    """A transport for what samsvar asks itself, and one for each other client. needed: what they need as long as they
    are open, ended after them."""

    def __init__(self, own: Transport, others: Mapping[Client, Transport], needed: Sequence[Closing] = ()) -> None:
        self._own = own
        self._others = others
        self._needed = needed
        self.immediate = own.immediate  # the few questions of others are waited for

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of a probe, by its client."""
        if probe.by is Client.OWN:
            return await self._own.send(probe)
        if probe.by not in self._others:
            return Outcome(None, Failure(Stage.REFUSED, f"there is no {probe.by.value} to ask by"))
        return await self._others[probe.by].send(probe)

    async def aclose(self) -> None:
        """Ends all of them."""
        for one in (*self._others.values(), self._own):
            await one.aclose()
        for needed in self._needed:
            needed.close()

"""Several ways to one target: each probe goes by the client that is to put it."""

from collections.abc import Mapping

from samsvar.model.exchange import Client, Failure, Probe, Stage
from samsvar.world.transport import Outcome, Transport


class RoutedTransport:
    """A transport of our own, and those of other clients.

    It is as immediate as our own: others are asked a few questions, which are waited for one by one, so that whatever
    is asked arrives in the same order each time.
    """

    def __init__(self, own: Transport, others: Mapping[Client, Transport]) -> None:
        self.immediate = own.immediate
        self._ways = {**others, Client.OWN: own}

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of a probe, put by its client."""
        way = self._ways.get(probe.by)
        if way is None:
            known = ", ".join(client.value for client in self._ways if client)
            return Outcome(None, Failure(Stage.REFUSED, f"there is no {probe.by} here, only: {known or 'samsvar'}"))
        return await way.send(probe)

    async def aclose(self) -> None:
        """Closes each, also where closing another fails."""
        ways = list(self._ways.values())
        await _close(ways)


async def _close(ways: list[Transport]) -> None:
    if ways:
        try:
            await ways[0].aclose()
        finally:
            await _close(ways[1:])

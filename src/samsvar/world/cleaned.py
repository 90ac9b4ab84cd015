"""A transport that takes what is private out of all that comes through it: whoever sends through it lives among
pseudonyms, and what it writes down can hold nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from samsvar.logic.cleaning.cleaner import Cleaner
from samsvar.logic.cleaning.pseudonyms import Pair
from samsvar.model.exchange import Probe
from samsvar.world.transport import Outcome, Transport


def nowhere(pairs: Sequence[Pair]) -> None:
    """The pairs of a run that nobody will take up again are kept in memory only."""


class CleanedTransport:
    """Another transport, among pseudonyms. ``keep``: takes the new pairs before the answer that holds them goes on."""

    def __init__(self, inner: Transport, cleaner: Cleaner, keep: Callable[[Sequence[Pair]], None] = nowhere) -> None:
        self.immediate = inner.immediate
        self._inner = inner
        self._cleaner = cleaner
        self._keep = keep

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of a probe, cleaned."""
        outcome = await self._inner.send(self._cleaner.restored(probe))
        cleaned = replace(
            outcome,
            response=None if outcome.response is None else self._cleaner.response(probe, outcome.response),
            failure=None if outcome.failure is None else self._cleaner.failure(probe, outcome.failure),
            sent=self._cleaner.headers(outcome.sent),
        )
        fresh = self._cleaner.fresh()
        if fresh:
            self._keep(fresh)
        return cleaned

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self._inner.aclose()

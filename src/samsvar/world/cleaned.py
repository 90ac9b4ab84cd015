"""A transport that takes what is private out of all that comes through it: whoever sends through it lives among
pseudonyms, and what it writes down can hold nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from samsvar.logic.cleaning.cleaner import Cleaner
from samsvar.logic.cleaning.pseudonyms import Pair
from samsvar.model.exchange import Probe, Response
from samsvar.world.driver import Journal, Said
from samsvar.world.transport import Outcome, Transport


def nowhere(pairs: Sequence[Pair]) -> None:
    """The pairs of a run that nobody will take up again are kept in memory only."""


class CleanedTransport:
    """Another transport, among pseudonyms. ``keep``: takes the new pairs before the answer that holds them goes on.
    ``secrets``: credentials, those that a login fetched meanwhile included."""

    def __init__(
        self,
        inner: Transport,
        cleaner: Cleaner,
        keep: Callable[[Sequence[Pair]], None] = nowhere,
        secrets: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self.immediate = inner.immediate
        self._inner = inner
        self._cleaner = cleaner
        self._keep = keep
        self._secrets = secrets

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of a probe, cleaned."""
        outcome = await self._inner.send(self._cleaner.restored(probe))
        self._cleaner.guard(self._secrets())
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


class HushedTransport:
    """Another transport, whose answers repeat no credential where answers are shown as they came: in the reason phrase,
    in header fields, in why there is none. For a few questions that nothing is kept of. ``secrets``: the credentials,
    those that a login fetched meanwhile included."""

    def __init__(self, inner: Transport, secrets: Callable[[], tuple[str, ...]]) -> None:
        self.immediate = inner.immediate
        self._inner = inner
        self._secrets = secrets

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of a probe, without what it was asked with."""
        outcome = await self._inner.send(probe)
        response, failure = outcome.response, outcome.failure
        if response is not None:
            response = self._response(response)
        if failure is not None:
            part = None if failure.response is None else self._response(failure.response)
            failure = replace(failure, because=self._hushed(failure.because), response=part)
        return replace(outcome, response=response, failure=failure)

    def _response(self, response: Response) -> Response:
        headers = tuple((name, self._hushed(value)) for name, value in response.headers)
        reason = response.reason
        for secret in self._long():
            reason = reason.replace(secret.encode(), HUSHED.encode())
        return replace(response, headers=headers, reason=reason)

    def _hushed(self, text: str) -> str:
        for secret in self._long():
            text = text.replace(secret, HUSHED)
        return text

    def _long(self) -> list[str]:
        """Those that are no common word, the longest first: one may be a part of another."""
        return sorted((secret for secret in self._secrets() if len(secret) > 3), key=len, reverse=True)

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self._inner.aclose()


HUSHED = "removed"


class HeardJournal:
    """Another journal. The answers that it recalls were cleaned in an earlier life; the cleaner of this one gets to
    know from them what it would know had it cleaned them itself."""

    def __init__(self, inner: Journal, cleaner: Cleaner) -> None:
        self._inner = inner
        self._cleaner = cleaner
        self.planned = inner.planned
        self.sent = inner.sent
        self.received = inner.received
        self.retract = inner.retract

    def recall(self, number: int, probe: Probe) -> Said | None:
        """What was said to a probe in an earlier life."""
        found = self._inner.recall(number, probe)
        if found is not None:
            outcome, _ = found
            failed = outcome.failure.response if outcome.failure is not None else None
            response = outcome.response or failed
            if response is not None:
                self._cleaner.hear_again(probe, response)
        return found

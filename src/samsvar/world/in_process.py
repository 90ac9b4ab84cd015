"""Asking an environment that lives in this process: the miniature, or anything with the same seam."""

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from samsvar.model.exchange import Failure, Fields, Probe, Response, Stage
from samsvar.world.addresses import Origin, Refusal, origin_of, split
from samsvar.world.credentials import ClientCertificate, Person, Vault
from samsvar.world.dressing import SAFE_METHODS, Dresser, Ready
from samsvar.world.reading_bodies import LIMITS, Head, Limits, content_length, finish
from samsvar.world.transport import Outcome


class Framing(Protocol):
    """How a body is sent; ``value`` is its word ("honest", "chunked", "truncated", "cut-chunks", ...)."""

    @property
    def value(self) -> str: ...


class Answer(Protocol):
    """What an environment gives back: header fields as on the wire, and the body that follows them."""

    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> bytes: ...
    @property
    def headers(self) -> Fields: ...
    @property
    def body(self) -> bytes: ...
    @property
    def framing(self) -> Framing: ...


class Environment(Protocol):
    """Anything that answers. Its ask is whatever the factory makes."""

    def answer(self, ask: Any, /) -> Answer: ...


MakeAsk = Callable[[str, str, Fields, bytes, str | None], Any]
"""(method, target, headers, body, certificate subject) -> ask."""

CUT: Final = frozenset({"truncated", "cut-chunks", "cut-gzip"})
"""Framings whose body never comes to its end."""


class InProcessTransport:
    """Sends probes to an environment by calling it. What a connection alone could tell (a body cut short) is told by
    the answer's framing."""

    immediate = True

    def __init__(
        self,
        environment: Environment,
        make_ask: MakeAsk,
        root: str,
        vault: Vault,
        *,
        methods: frozenset[str] = SAFE_METHODS,
        limits: Limits = LIMITS,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._environment = environment
        self._make_ask = make_ask
        self._dresser = Dresser(vault, root_path(root), methods)
        self._limits = limits
        self._now = now
        self._ticks = ticks

    async def ready(self, probe: Probe) -> Ready | Failure:
        """The request for a probe, for whoever sends it instead; signed in where that is needed."""
        return await self._dresser.ready(probe, self._ask)

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of one probe."""
        at, begun = self._now(), self._ticks()
        ready = await self.ready(probe)
        if isinstance(ready, Failure):
            return Outcome(None, ready, at=at)
        said = await self._ask(ready)
        self._dresser.heard(probe, said)
        seconds = self._ticks() - begun
        if isinstance(said, Failure):
            return Outcome(None, said, ready.sent, ready.names, at, seconds)
        return Outcome(said, None, ready.sent, ready.names, at, seconds)

    async def _ask(self, ready: Ready) -> Response | Failure:
        host = ("Host", ready.address.origin.authority)
        length = (("Content-Length", str(len(ready.body))),) if ready.body else ()
        fields = (host, *ready.fields, *length)
        subject = ready.certificate.subject if ready.certificate else None
        answer = self._environment.answer(
            self._make_ask(ready.method, ready.address.target, fields, ready.body, subject)
        )
        return received(ready, answer, self._limits)

    async def aclose(self) -> None:
        """There is nothing to close."""


def received(ready: Ready, answer: Answer, limits: Limits) -> Response | Failure:
    """What a client would have received of an answer."""
    head = Head(ready.method, answer.status, answer.reason, answer.headers, accept_encoding=ready.accept_encoding)
    word, body = answer.framing.value, answer.body
    if word not in CUT or head.bodiless:
        return finish(head, body, limits)
    if word == "cut-gzip" and content_length(head.fields) in (None, len(body)):
        return finish(head, body, limits)  # the framing is whole, what it carries is cut already
    half = body[: len(body) // 2] if content_length(head.fields) == len(body) or word == "cut-chunks" else body
    because = f"the connection closed in the middle of the body, after {len(half)} bytes"
    return Failure(Stage.FRAMING, because, head.response(half, len(half)))


def root_path(root: str) -> str:
    """The path of a root URL, without a final slash."""
    parts = split(root)
    return "" if isinstance(parts, Refusal) else parts[2].rstrip("/")


def miniature_vault(origin: Origin) -> Vault:
    """The credentials that open the miniature; they are public."""
    from samsvar.miniature import credentials

    return Vault(
        origin,
        api_key=credentials.API_KEY,
        token=credentials.TOKEN,
        person=Person(credentials.USERNAME, credentials.PASSWORD),
        certificate=ClientCertificate(subject=credentials.CERTIFICATE),
        expired_token=credentials.EXPIRED_TOKEN,
    )


def miniature_transport(
    environment: Environment, root: str, methods: frozenset[str] = SAFE_METHODS
) -> InProcessTransport:
    """The way to a miniature in this process, with the credentials that open it."""
    from samsvar.miniature.wire import Ask

    origin = origin_of(root)
    if isinstance(origin, Refusal):
        raise ValueError(f"the miniature's root {root!r} is no URL: {origin}")
    return InProcessTransport(environment, Ask, root, miniature_vault(origin), methods=methods)

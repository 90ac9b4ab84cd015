"""Asking over HTTP: the one home of httpx (its maintained continuation httpx2).

The library does connections, TLS and the syntax of HTTP/1.1. Everything that it would decide on its own is switched
off or taken over: redirects, cookies, environment, decoding, time-outs, header fields. No exception leaves ``send``.
"""

import asyncio
import contextlib
import contextvars
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx2 as httpx

from samsvar.errors import UsageError
from samsvar.model.exchange import Failure, Fields, Probe, Response, Stage
from samsvar.world.addresses import Origin, Refusal, in_brackets, named_private, numeric, origin_of, public
from samsvar.world.authority import key_hash
from samsvar.world.credentials import Vault
from samsvar.world.dress import ClientCertificate, Ready, refused
from samsvar.world.dressing import SAFE_METHODS, Dresser
from samsvar.world.in_process import root_path
from samsvar.world.reading_bodies import LIMITS, Head, Limits, content, text_of, too_long, wrong_head
from samsvar.world.transport import Outcome
from samsvar.world.wire import Wire

Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""Host and port to IP addresses as text, best first. Raises OSError when there are none."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait, in seconds: for a whole exchange, for a name, for a connection (TLS included)."""

    exchange: float = 60.0
    lookup: float = 5.0
    connect: float = 10.0


@dataclass(frozen=True, slots=True)
class Dealings:
    """How a live target is dealt with. methods: those that may go out. authorities: a PEM file of further certificate
    authorities to trust ("" for none). private: addresses that are not public may be asked; None lets the root say it,
    by being such an address or a name for private use."""

    methods: frozenset[str] = SAFE_METHODS
    limits: Limits = LIMITS
    patience: Patience = Patience()
    authorities: str = ""
    private: bool | None = None


NAMES_KEPT: Final = 60.0
"""Seconds for which a name that was looked up and found right is not looked up again."""

CONNECTIONS: Final = 64
"""Most connections to a target, kept ones included."""

WIRE: contextvars.ContextVar[Wire] = contextvars.ContextVar("wire")


async def lookup(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host by the system's resolver, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


class LiveTransport:
    """Sends probes to one origin over HTTP/1.1, as the vault's owner."""

    immediate = False

    def __init__(
        self,
        root: str,
        vault: Vault,
        dealings: Dealings = Dealings(),
        *,
        resolve: Resolve = lookup,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.perf_counter,
    ) -> None:
        origin = origin_of(root)
        if isinstance(origin, Refusal):
            raise UsageError(f"{root!r} cannot be asked: {origin.because}.", "Give the https URL of an API root.")
        self._origin = origin
        self._dealings = dealings
        self._dresser = Dresser(vault, root_path(root), dealings.methods)
        self._names = Names(origin, dealings, resolve, ticks)
        self._pools: dict[ClientCertificate | None, httpx.AsyncHTTPTransport] = {}
        self._bases: dict[str, httpx.URL] = {}
        self._host = (b"Host", origin.authority.encode("ascii"))
        self._extensions: dict[str, Any] = {"timeout": {"connect": dealings.patience.connect}, "trace": watch}
        if numeric(origin.host) is None:
            self._extensions["sni_hostname"] = origin.host
        self._now = now
        self._ticks = ticks

    async def ready(self, probe: Probe) -> Ready | Failure:
        """The request for a probe, for whoever sends it instead; signed in where that is needed."""
        return await self._dresser.ready(probe, self.ask)

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of one attempt at a probe."""
        at, begun = self._now(), self._ticks()
        found = await self._dresser.put(probe, self.ask)
        seconds = self._ticks() - begun
        if isinstance(found, Failure):
            return Outcome(None, found, at=at, seconds=seconds)
        ready, said = found
        if isinstance(said, Failure):
            return Outcome(None, said, ready.sent, ready.names, at, seconds)
        return Outcome(said, None, ready.sent, ready.names, at, seconds)

    async def addresses(self) -> tuple[str, ...] | Failure:
        """The checked addresses of the host, for whoever connects to it instead."""
        return await self._names.addresses()

    async def verified_key(self) -> str | Failure:
        """The key of the target's certificate, as browsers name it, when the authorities that we trust vouch for the
        certificate; "" without TLS."""
        addresses = await self.addresses()
        if isinstance(addresses, Failure) or self._origin.scheme != "https":
            return addresses if isinstance(addresses, Failure) else ""
        context = tls_context(self._dealings.authorities, None)
        try:
            async with asyncio.timeout(self._dealings.patience.connect):
                _, writer = await asyncio.open_connection(
                    addresses[0], self._origin.port, ssl=context, server_hostname=self._origin.host
                )
                der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
                writer.close()
                with contextlib.suppress(OSError):  # seen is seen, however the connection ends
                    await writer.wait_closed()
        except ssl.SSLError as error:
            return Failure(Stage.TLS, f"TLS: {tls_reason(error)}")
        except (OSError, TimeoutError) as error:
            return Failure(Stage.CONNECT, f"no connection: {reason_of(error)}")
        return key_hash(der)

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._dresser.aclose()
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    async def ask(self, ready: Ready) -> Response | Failure:
        """What is said to a request, as it is."""
        if ready.certificate is not None and not (ready.certificate.chain and self._origin.scheme == "https"):
            return refused(Refusal("credentials", "a client certificate needs a PEM file and an https root"))
        wire = Wire()
        WIRE.set(wire)
        try:
            async with asyncio.timeout(self._dealings.patience.exchange):
                return await self._to_addresses(ready, wire)
        except TimeoutError:
            because = f"no whole answer within {self._dealings.patience.exchange:g} seconds"
            return Failure(Stage.DEADLINE, because, partial_response(wire))

    async def _to_addresses(self, ready: Ready, wire: Wire) -> Response | Failure:
        """Asks at the checked addresses of the host in turn until one can be connected to."""
        addresses = await self._names.addresses()
        if isinstance(addresses, Failure):
            return addresses
        said: Response | Failure = Failure(Stage.DNS, f"{self._origin.host} has no address")
        for address in addresses:
            said = await self._fresh_enough(ready, address, wire)
            if not isinstance(said, Failure) or said.stage is not Stage.CONNECT:
                self._names.prefer(address)
                return said
        return said

    async def _fresh_enough(self, ready: Ready, address: str, wire: Wire) -> Response | Failure:
        """Asks at an address. A kept connection that the server closed meanwhile says nothing about the server
        (RFC 9112, 9.3.1), so a safe request is then sent again, at last on a connection of its own."""
        for _ in range(CONNECTIONS + 1):
            said = await self._at(ready, address, wire)
            stale = isinstance(said, Failure) and said.stage in (Stage.RECEIVE, Stage.SEND)
            if not stale or wire.connected or wire.received or ready.method not in SAFE_METHODS:
                break
        return said

    async def _at(self, ready: Ready, address: str, wire: Wire) -> Response | Failure:
        try:
            request = self._request(ready, address)
            answer = await self._pool(ready.certificate).handle_async_request(request)
            return await self._read(ready, answer, wire)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            return translated(error, wire, self._dealings.limits)

    def _request(self, ready: Ready, address: str) -> httpx.Request:
        """The request as the library takes it: addressed to the checked IP address, named by Host and SNI."""
        fields = [self._host, *((name.encode(), value.encode()) for name, value in ready.fields)]
        if ready.body:
            fields.append((b"Content-Length", str(len(ready.body)).encode("ascii")))
        base = self._base(address)
        stream = httpx.ByteStream(ready.body)
        request = httpx.Request(ready.method, base, headers=fields, stream=stream, extensions=self._extensions)
        request.url = Exact(base, ready.address.target.encode("ascii"))
        return request

    def _base(self, address: str) -> httpx.URL:
        """The root of the server at an IP address."""
        base = self._bases.get(address)
        if base is None:
            host = in_brackets(address)
            base = self._bases[address] = httpx.URL(f"{self._origin.scheme}://{host}:{self._origin.port}/")
        return base

    async def _read(self, ready: Ready, answer: httpx.Response, wire: Wire) -> Response | Failure:
        limits = self._dealings.limits
        stream = answer.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        head = wire.head = head_of(ready, answer)
        total = 0
        try:
            wrong = wrong_head(head, limits)
            if wrong is not None:
                return wrong
            async for part in stream:
                wire.parts.append(part)
                total += len(part)
                if total > limits.wire:
                    return too_long(head, b"".join(wire.parts), limits)
            return await self._ended(head, answer.extensions["network_stream"], wire)
        finally:
            await stream.aclose()

    async def _ended(self, head: Head, connection: Any, wire: Wire) -> Response | Failure:
        """What the whole answer is, once its end came. Bytes after the end spoil the connection for others."""
        said = content(head, b"".join(wire.parts), self._dealings.limits)
        if isinstance(said, Failure) and said.stage in (Stage.LIMIT, Stage.FRAMING):
            return said
        if self._origin.scheme == "http":  # under TLS what lies there may be a record of TLS itself
            wire.take(connection.tap.waiting())
        _, interim = wire.body_starts()
        if interim > self._dealings.limits.interim:
            because = f"{interim} answers with status 1xx came first"
            return Failure(Stage.LIMIT, because, head.response(b"", None))
        surplus = wire.surplus(head)
        if not surplus:
            return said
        await connection.aclose()
        response = said.response if isinstance(said, Failure) else said
        if response is not None and head.bodiless:
            response = replace(response, body=surplus[: self._dealings.limits.wire])
        return Failure(Stage.FRAMING, f"{len(surplus)} bytes came after the end of the answer", response)

    def _pool(self, certificate: ClientCertificate | None) -> httpx.AsyncHTTPTransport:
        """The connections for requests with that certificate; each has a TLS context of its own (R7)."""
        pool = self._pools.get(certificate)
        if pool is None:
            context = tls_context(self._dealings.authorities, certificate) if self._origin.scheme == "https" else False
            limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=30.0)
            pool = self._pools[certificate] = httpx.AsyncHTTPTransport(
                verify=context, trust_env=False, limits=limits, retries=0
            )
        return pool


SHORT: Final = Dealings(limits=Limits(wire=2**20, decoded=2**20))
"""A token is short."""


class Errands:
    """Asks services beside the target, such as one that gives tokens: each over connections of its own, and with
    nothing but what the request itself holds. ``dealings``: as with a target, only that POST may go out."""

    def __init__(self, dealings: Dealings = SHORT) -> None:
        self._dealings = replace(dealings, methods=SAFE_METHODS | {"POST"})
        self._ways: dict[Origin, LiveTransport] = {}

    async def ask(self, ready: Ready) -> Response | Failure:
        """What a service says. Redirects are not followed."""
        origin = ready.address.origin
        if origin not in self._ways:
            self._ways[origin] = LiveTransport(str(origin), Vault(origin), self._dealings)
        return await self._ways[origin].ask(ready)

    async def aclose(self) -> None:
        """Closes all connections."""
        for way in self._ways.values():
            await way.aclose()


class Names:
    """The addresses of the one host that is asked: looked up, checked and kept, so that what was checked is dialled."""

    def __init__(self, origin: Origin, dealings: Dealings, resolve: Resolve, ticks: Callable[[], float]) -> None:
        self._origin = origin
        self._patience = dealings.patience.lookup
        self._private = named_private(origin) if dealings.private is None else dealings.private
        self._resolve = resolve
        self._ticks = ticks
        self._kept: tuple[str, ...] = ()
        self._until = 0.0
        if numeric(origin.host) is not None:
            self._kept, self._until = (origin.host,), float("inf")

    async def addresses(self) -> tuple[str, ...] | Failure:
        """The addresses to dial in turn, or why none is."""
        if self._kept and self._ticks() < self._until:
            return self._kept if self._private else self._checked(self._kept)
        try:
            async with asyncio.timeout(self._patience):
                found = await self._resolve(self._origin.host, self._origin.port)
        except TimeoutError:
            return Failure(Stage.DNS, f"{self._origin.host} was not looked up within {self._patience:g} seconds")
        except (OSError, UnicodeError) as error:
            return Failure(Stage.DNS, f"{self._origin.host} is not known: {reason_of(error)}")
        checked = self._checked(found)
        if not isinstance(checked, Failure):
            self._kept, self._until = checked, self._ticks() + NAMES_KEPT
        return checked

    def prefer(self, address: str) -> None:
        """That address was connected to: it is tried first from now on."""
        if self._kept[:1] != (address,) and address in self._kept:
            self._kept = (address, *(other for other in self._kept if other != address))

    def _checked(self, found: tuple[str, ...]) -> tuple[str, ...] | Failure:
        """All of them, or a refusal when any is not public (H41, H43) and the root did not say so itself."""
        for text in found:
            number = numeric(text.partition("%")[0])
            if not self._private and (number is None or not public(number)):
                because = f"{self._origin.host} leads to {text}, which is not a public address"
                return refused(Refusal("address", because))
        return found


class Exact(httpx.URL):
    """A URL whose path and query go out as they were checked: no second parser reads or mends them (R4)."""

    def __init__(self, base: httpx.URL, target: bytes) -> None:
        super().__init__(base)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target


class Tap:
    """On a connection: keeps a copy of what is read, for the exchange that is running."""

    def __init__(self, stream: Any) -> None:
        self._read: Callable[[int, float | None], Awaitable[bytes]] = stream.read
        self._socket = stream.get_extra_info("socket")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the connection's own."""
        data = await self._read(max_bytes, timeout)
        WIRE.get().take(data)
        return data

    def waiting(self) -> bytes:
        """What came and was not read yet. None of it is taken away; b"" also when the server has closed or reset the
        connection, which it may after its answer."""
        number = self._socket.fileno()
        if number < 0:
            return b""
        with socket.fromfd(number, self._socket.family, self._socket.type) as copy:
            try:
                return copy.recv(65_536, socket.MSG_PEEK)
            except OSError:
                return b""


async def watch(event: str, info: dict[str, Any]) -> None:
    """Called by the library at each step of an exchange: a new connection gets a tap, so that we see its bytes too."""
    if event == "connection.connect_tcp.complete" or event == "connection.start_tls.complete":
        WIRE.get().connected = True
        stream = info["return_value"]
        stream.tap = Tap(stream)
        stream.read = stream.tap.read


def tls_context(authorities: str, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """A TLS context that trusts the system's authorities and those given, whatever the environment says."""
    context = httpx.create_ssl_context(verify=True, trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if authorities:
            context.load_verify_locations(cafile=authorities)
        if certificate is not None and certificate.chain:
            # An encrypted key would ask for its pass phrase on the terminal: it gets an empty one and is refused.
            context.load_cert_chain(certificate.chain, certificate.key or None, password="")
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"A certificate file cannot be used ({type(error).__name__}).",
            "Give PEM files; the key without pass phrase.",
        ) from None
    return context


def head_of(ready: Ready, answer: httpx.Response) -> Head:
    """Status line and header fields as they came: order, spelling, repetitions and the bytes of the reason phrase."""
    fields: Fields = tuple((text_of(name), text_of(value)) for name, value in answer.headers.raw)
    extensions = answer.extensions
    reason = extensions.get("reason_phrase", b"")
    version = extensions.get("http_version", b"HTTP/1.1").decode("latin-1")
    return Head(ready.method, answer.status_code, reason, fields, version, ready.accept_encoding)


def partial_response(wire: Wire) -> Response | None:
    """What had come of an answer, if its head had."""
    if wire.head is None:
        return None
    body = b"".join(wire.parts)
    return wire.head.response(body, len(body))


def causes(error: BaseException) -> tuple[BaseException, ...]:
    """An exception and what it was raised from, outermost first."""
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in chain:
        chain.append(step)
        step = step.__cause__ or step.__context__
    return tuple(chain)


def translated(error: Exception, wire: Wire, limits: Limits) -> Failure:
    """The failure that an exception of the library or the system stands for. What we sent shows in no message."""
    response = partial_response(wire)
    secure = next((step for step in causes(error) if isinstance(step, ssl.SSLError)), None)
    if secure is not None:
        return Failure(Stage.TLS, f"TLS: {tls_reason(secure)}", response)
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return Failure(Stage.REFUSED, "url-syntax: the library does not read this URL")
    if isinstance(error, (httpx.LocalProtocolError, httpx.WriteError, httpx.WriteTimeout)):
        return Failure(Stage.SEND, f"the request could not be sent ({type(error).__name__})", response)
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return Failure(Stage.CONNECT, f"no connection: {reason_of(error)}")
    if isinstance(error, httpx.RemoteProtocolError):
        return broken(error, wire, limits)
    return Failure(Stage.RECEIVE, f"the connection broke: {reason_of(error)}", response)


def broken(error: Exception, wire: Wire, limits: Limits) -> Failure:
    """The failure for an answer that is not HTTP/1.1, or not all of it."""
    response = partial_response(wire)
    if response is not None:
        return Failure(Stage.FRAMING, f"the body is not whole: {reason_of(error)}", response)
    if wire.received == 0:
        return Failure(Stage.RECEIVE, "the connection was closed without an answer")
    start = wire.raw()[:5]
    if not b"HTTP/".startswith(start):
        return Failure(Stage.FRAMING, f"the answer is not HTTP: it begins with {wire.raw()[:20]!r}")
    if wire.received > limits.head and wire.body_starts()[0] > limits.head:
        return Failure(Stage.LIMIT, f"the header fields are longer than {limits.head} bytes")
    if "disconnected" in str(error):
        return Failure(Stage.RECEIVE, "the connection was closed in the middle of the header fields")
    return Failure(Stage.FRAMING, f"the head of the answer is broken: {reason_of(error)}")


def tls_reason(error: ssl.SSLError) -> str:
    """What OpenSSL says, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid ({error.verify_message})"
    return (error.reason or type(error).__name__).replace("_", " ").lower()


def reason_of(error: BaseException) -> str:
    """The innermost reason as one line of at most 200 characters."""
    for step in reversed(causes(error)):
        if isinstance(step, OSError) and step.strerror:
            return step.strerror
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]

"""From a probe to the request that goes out: the address read, credentials added last, for one origin only."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from samsvar.model.exchange import Failure, Fields, Login, Probe, Response, Stage
from samsvar.world.addresses import Address, Refusal, read_url
from samsvar.world.credentials import (
    CREDENTIAL_FIELDS,
    ClientCertificate,
    Dress,
    Person,
    Vault,
    sign_in_body,
)

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SURROGATE: Final = re.compile("[\ud800-\udfff]")
SIGN_IN: Final = "/authentication/authenticatewithpassword"
USER_AGENT: Final = ("User-Agent", "samsvar/1 (contract test harness)")
ENCODING: Final = ("Accept-Encoding", "gzip")


@dataclass(frozen=True, slots=True)
class Ready:
    """One request as it goes out. fields: with credentials; sent: without; names: of the credentials."""

    method: str
    address: Address
    fields: Fields = field(repr=False)
    sent: Fields = ()
    names: tuple[str, ...] = ()
    certificate: ClientCertificate | None = None
    body: bytes = field(default=b"", repr=False)
    accept_encoding: str = "gzip"


Send = Callable[[Ready], Awaitable[Response | Failure]]


class Dresser:
    """Makes probes ready for one target.

    root: URL path of the API root. methods: those that may go out (a second wall; the first is whoever asks).
    """

    def __init__(self, vault: Vault, root: str, methods: frozenset[str] = SAFE_METHODS) -> None:
        self._vault = vault
        self._root = root.rstrip("/")
        self._methods = methods
        self._signing_in = asyncio.Lock()
        self._not_signed_in: Failure | None = None

    async def ready(self, probe: Probe, send: Send) -> Ready | Failure:
        """The request for a probe, or why it does not go out. ``send`` is used at most once, to log in."""
        address = read_url(probe.url, self._vault.origin, self._root or "/")
        if isinstance(address, Refusal):
            return refused(address)
        wrong = self._wrong(probe)
        if wrong is not None:
            return refused(wrong)
        dress = self._vault.dress(probe.login, address.origin)
        if isinstance(dress, Dress) and dress.sign_in is not None:
            failure = await self._sign_in(dress.sign_in, send)
            if failure is not None:
                return failure
            dress = self._vault.dress(probe.login, address.origin)
        return refused(dress) if isinstance(dress, Refusal) else dressed(probe, address, dress)

    def _wrong(self, probe: Probe) -> Refusal | None:
        if probe.method not in self._methods:
            return Refusal("method", f"{probe.method} is not one of {', '.join(sorted(self._methods))}")
        for name, value in probe.headers:
            if name.lower() in CREDENTIAL_FIELDS:
                return Refusal("credentials", f"a probe carries {name} itself; it names a login instead")
            if SURROGATE.search(value):
                return Refusal("field", f"the value of {name} cannot be written as bytes")
        return None

    def heard(self, probe: Probe, said: Response | Failure) -> None:
        """Lets an answer renew the session that its request was sent in."""
        if isinstance(said, Response) and probe.login in (Login.GIVEN, Login.PASSWORD):
            self._vault.renew_cookies(said, self._vault.origin)

    async def _sign_in(self, person: Person, send: Send) -> Failure | None:
        """Logs in with user name and password; tried once in a run, since a second wrong try may lock the account."""
        async with self._signing_in:
            still = self._vault.dress(Login.PASSWORD, self._vault.origin)
            if isinstance(still, Dress) and still.sign_in is None:
                return None
            if self._not_signed_in is None:
                self._not_signed_in = await self._signed_in(person, send)
            return self._not_signed_in

    async def _signed_in(self, person: Person, send: Send) -> Failure | None:
        key = self._vault.dress(Login.NO_LOGIN, self._vault.origin)
        fields: Fields = (
            ("Content-Type", "application/json"),
            ("Accept", "application/hal+json"),
            *(key.fields if isinstance(key, Dress) else ()),
            ENCODING,
            USER_AGENT,
        )
        address = Address(self._vault.origin, self._root + SIGN_IN)
        said = await send(Ready("POST", address, fields, body=sign_in_body(person)))
        if isinstance(said, Failure):
            return Failure(said.stage, f"signing in with user name and password: {said.because}")
        if said.status < 400 and self._vault.keep_cookies(said, address.origin):
            return None
        because = f"signing in with user name and password was answered {said.status} without a session cookie"
        return Failure(Stage.LOGIN, because, said)


def refused(refusal: Refusal) -> Failure:
    """The failure for what our own safety does not ask."""
    return Failure(Stage.REFUSED, str(refusal))


def dressed(probe: Probe, address: Address, dress: Dress) -> Ready:
    """The request for a probe with what the vault adds."""
    names = {name.lower() for name, _ in probe.headers}
    sent = probe.headers
    if "accept-encoding" not in names:
        sent = (*sent, ENCODING)
    if "user-agent" not in names:
        sent = (*sent, USER_AGENT)
    if dress.query:
        mark = "&" if "?" in address.target else "?"
        address = Address(address.origin, f"{address.target}{mark}{dress.query}")
    codings = probe.header("Accept-Encoding") if "accept-encoding" in names else "gzip"
    return Ready(
        probe.method, address, sent + dress.fields, sent, dress.names, dress.certificate, b"", codings or "identity"
    )

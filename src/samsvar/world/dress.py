"""What a request goes out with: values that credentials, logins and transports hand to each other, and what a login is
to them. What is secret shows in no repr."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from samsvar.model.exchange import Failure, Fields, Login, Response, Stage
from samsvar.world.addresses import Address, Origin, Refusal

USER_AGENT: Final = ("User-Agent", "samsvar/1 (contract test harness)")
ENCODING: Final = ("Accept-Encoding", "gzip")


@dataclass(frozen=True, slots=True)
class Person:
    """User name and password."""

    name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A TLS client certificate: PEM files with the chain and the private key ("" when it is in the first), and the
    common name by which an in-process target is told of it."""

    chain: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Dress:
    """What is added to one request: fields and their names, a part of the query, a certificate. provider: the login
    that it carries; session: which of its sessions. fetch: there is none yet, it has to be fetched first."""

    fields: Fields = field(default=(), repr=False)
    names: tuple[str, ...] = ()
    query: str = ""
    certificate: ClientCertificate | None = None
    provider: Provider | None = field(default=None, repr=False, compare=False)
    session: int = field(default=0, compare=False)
    fetch: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """One request as it goes out. fields: with credentials; sent: without; names: of the credentials; provider,
    session: whose login it carries."""

    method: str
    address: Address
    fields: Fields = field(repr=False)
    sent: Fields = ()
    names: tuple[str, ...] = ()
    certificate: ClientCertificate | None = None
    body: bytes = field(default=b"", repr=False)
    accept_encoding: str = "gzip"
    provider: Provider | None = field(default=None, repr=False, compare=False)
    session: int = field(default=0, compare=False)


Send = Callable[[Ready], Awaitable[Response | Failure]]


@dataclass(frozen=True, slots=True)
class Door:
    """Where a login is had at the target itself: its origin, the path of the API root, the fields of the ApiKey, and
    the way there."""

    origin: Origin
    root: str
    key: Fields = field(repr=False)
    send: Send = field(repr=False)


class Provider(Protocol):
    """One way to log in.

    login: the word for it in evidence. name: what it is called when told. session: counts the logins had by it.
    renewable: it can be had anew without anybody's help.
    """

    login: Login
    name: str
    session: int
    renewable: bool

    def dress(self) -> Dress | None:
        """What a request carries; None when it has to be fetched first."""
        ...

    async def fetch(self, door: Door) -> Failure | None:
        """Have the login, once however many ask at a time. None when it is there."""
        ...

    def heard(self, ready: Ready, said: Response) -> None:
        """An answer to a request that carried this login."""
        ...

    def ended(self, ready: Ready) -> bool:
        """The login that a request carried is over. Returns whether another is worth trying for this request."""
        ...

    def tried(self, *, in_vain: bool) -> None:
        """The request was repeated with another login: whether that helped."""
        ...

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not stand in anything that is written."""
        ...

    def token(self) -> str:
        """The bearer token that is carried just now, "" when it is none."""
        ...

    async def aclose(self) -> None:
        """Closes what was opened for it."""
        ...


def refused(refusal: Refusal) -> Failure:
    """The failure for what our own safety does not ask."""
    return Failure(Stage.REFUSED, str(refusal))

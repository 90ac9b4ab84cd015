"""Asking a recording: questions are answered by what was once said, and what was not asked then is not answered now.

Nothing here can reach a network. The recording is read elsewhere; here come its values.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from samsvar.model.exchange import (
    Client,
    Exchange,
    Failure,
    Fields,
    Login,
    Means,
    NotVisited,
    Probe,
    Response,
    Stage,
    field_values,
)
from samsvar.world.transport import Outcome

DECISIVE: Final = (
    "accept",
    "accept-language",
    "origin",
    "if-none-match",
    "if-modified-since",
    "access-control-request-method",
    "access-control-request-headers",
    "accept-encoding",
)
"""The request fields by which answers may differ, in lower case."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded exchange. fields: what was asked with, credentials left out. question, about: of the probe, where
    the recording knows them ("" where not). exchange: the whole, where the recording holds it."""

    method: str
    url: str
    said: Response | Failure
    fields: Fields = ()
    login: Login = Login.GIVEN
    question: str = ""
    about: str = ""
    at: float = 0.0
    seconds: float = 0.0
    credentials: tuple[str, ...] = ()
    exchange: Exchange | None = None

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """An exchange that is known whole. Raises ValueError for one without an outcome."""
        probe, said = exchange.probe, exchange.response or exchange.failure
        if said is None:
            raise ValueError(f"exchange {exchange.number} has neither response nor failure")
        return cls(
            probe.method,
            probe.url,
            said,
            probe.headers,
            probe.login,
            probe.question,
            probe.about,
            exchange.at,
            exchange.seconds,
            exchange.credentials,
            exchange,
        )

    @property
    def number(self) -> int:
        """Its number in the run; 0 where the recording does not know it."""
        return 0 if self.exchange is None else self.exchange.number

    @property
    def by(self) -> Client:
        """The client that put the question."""
        return Client.OWN if self.exchange is None else self.exchange.probe.by

    def sent(self, otherwise: Fields) -> Fields:
        """The header fields that went out, or what is given here where the recording does not know any."""
        return self.fields or otherwise if self.exchange is None else self.exchange.sent


@dataclass(frozen=True, slots=True)
class Cassette:
    """A recording as it is read: root of the API, instant or day (ISO 8601) and source, what its run was given, and
    what was said.

    exchanges: in the order of their numbers, or of the files where they have none. missing: numbers of exchanges that
    there were and that are not here. manifest: all that the manifest says, as JSON. folder: where it was read. The rest
    as in Recording; what a manifest written by hand leaves out is empty.
    """

    root: str
    recorded: str
    source: str
    means: Means
    exchanges: tuple[Recorded, ...]
    missing: tuple[int, ...] = ()
    asked: int = 0
    samsvar: str = ""
    contract: str = ""
    profile: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""
    not_visited: tuple[NotVisited, ...] = ()
    notes: tuple[str, ...] = ()
    cleaned: Mapping[str, Any] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""


Key = tuple[str, ...]


class ReplayTransport:
    """Answers from a recording. The same question asked again gets the next of the recorded answers, and the last one
    from then on. A recording that knows questions answers by them first, then by the request alone."""

    immediate = True

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self._answers: dict[Key, list[Recorded]] = {}
        self._given: dict[Key, int] = {}
        for one in recorded:
            request = request_key(one.method, one.url, one.fields, one.login, one.by)
            self._answers.setdefault((*request, one.question, one.about), []).append(one)
            self._answers.setdefault(request, []).append(one)

    async def send(self, probe: Probe) -> Outcome:
        """The recorded outcome of a probe; a failure with stage NOT_RECORDED where there is none."""
        request = asked_key(probe)
        found = self._next((*request, probe.question, probe.about)) or self._next(request)
        if found is None:
            because = (
                f"not recorded: {probe.method} {probe.url} ({probe.header('Accept') or 'no Accept'}, {probe.login})"
            )
            return Outcome(None, Failure(Stage.NOT_RECORDED, because))
        sent = found.sent(probe.headers)
        if isinstance(found.said, Failure):
            return Outcome(None, found.said, sent, found.credentials, found.at, found.seconds)
        return Outcome(found.said, None, sent, found.credentials, found.at, found.seconds)

    def answers(self, probe: Probe) -> bool:
        """There is a recorded answer to that question."""
        return asked_key(probe) in self._answers

    def _next(self, key: Key) -> Recorded | None:
        answers = self._answers.get(key)
        if answers is None:
            return None
        turn = self._given.get(key, 0)
        self._given[key] = turn + 1
        return answers[min(turn, len(answers) - 1)]

    async def aclose(self) -> None:
        """There is nothing to close."""


def asked_key(probe: Probe) -> Key:
    """The question that a probe puts."""
    return request_key(probe.method, probe.url, probe.headers, probe.login, probe.by)


def request_key(method: str, url: str, fields: Fields, login: Login, by: Client = Client.OWN) -> Key:
    """What makes two requests one and the same question."""
    *others, accept_encoding = decisive(fields)
    encoding = accept_encoding if accept_encoding != "gzip" else ""  # what we always send says nothing
    return (method, normalised(url), login.value, by.value, *others, encoding)


def decisive(fields: Fields) -> tuple[str, ...]:
    """The values of the fields named in DECISIVE, in its order, "" where there is none."""
    return tuple(", ".join(" ".join(value.split()) for value in field_values(fields, name)) for name in DECISIVE)


ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalised(url: str) -> str:
    """One spelling of equivalent URLs (RFC 3986, 6.2.2 and 6.2.3): scheme and host in lower case, no default port,
    escapes in capitals and only where needed, no fragment. Order of parameters stays."""
    start, mark, rest = url.partition("#")[0].partition("://")
    authority, slash, tail = rest.partition("/")
    host, question, query = authority.partition("?")
    host = host.lower()
    for scheme, port in (("https", ":443"), ("http", ":80")):
        if start.lower() == scheme:
            host = host.removesuffix(port)
    return f"{start.lower()}{mark}{host}{question}{query}{slash}{ESCAPE.sub(one_escape, tail).replace(' ', '%20')}"


def one_escape(match: re.Match[str]) -> str:
    """An escape in its one spelling."""
    letter = chr(int(match.group(1), 16))
    return letter if letter in UNRESERVED else match.group().upper()

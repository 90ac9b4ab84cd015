"""Asking a recording: questions are answered by what was once said, and what was not asked then is not answered now.

Nothing here can reach a network. The recording is read elsewhere; here come its values.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from samsvar.model.exchange import Failure, Fields, Login, Probe, Response, Stage, field_values
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
    """One recorded exchange. fields: what was sent, credentials left out. question, about: of the probe, where the
    recording knows them ("" where not)."""

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


Key = tuple[str, ...]


class ReplayTransport:
    """Answers from a recording. The same question asked again gets the next of the recorded answers, and the last one
    from then on. A recording that knows questions answers by them first, then by the request alone."""

    immediate = True

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self._answers: dict[Key, list[Recorded]] = {}
        self._given: dict[Key, int] = {}
        for one in recorded:
            request = request_key(one.method, one.url, one.fields, one.login)
            self._answers.setdefault((*request, one.question, one.about), []).append(one)
            self._answers.setdefault(request, []).append(one)

    async def send(self, probe: Probe) -> Outcome:
        """The recorded outcome of a probe; a failure with stage NOT_RECORDED where there is none."""
        request = request_key(probe.method, probe.url, probe.headers, probe.login)
        found = self._next((*request, probe.question, probe.about)) or self._next(request)
        if found is None:
            because = (
                f"not recorded: {probe.method} {probe.url} ({probe.header('Accept') or 'no Accept'}, {probe.login})"
            )
            return Outcome(None, Failure(Stage.NOT_RECORDED, because))
        sent = found.fields or probe.headers
        if isinstance(found.said, Failure):
            return Outcome(None, found.said, sent, found.credentials, found.at, found.seconds)
        return Outcome(found.said, None, sent, found.credentials, found.at, found.seconds)

    def _next(self, key: Key) -> Recorded | None:
        answers = self._answers.get(key)
        if answers is None:
            return None
        turn = self._given.get(key, 0)
        self._given[key] = turn + 1
        return answers[min(turn, len(answers) - 1)]

    async def aclose(self) -> None:
        """There is nothing to close."""


def request_key(method: str, url: str, fields: Fields, login: Login) -> Key:
    """What makes two requests one and the same question."""
    decisive = tuple(", ".join(" ".join(value.split()) for value in field_values(fields, name)) for name in DECISIVE)
    accept_encoding = decisive[-1] if decisive[-1] != "gzip" else ""  # what we always send says nothing
    return (method, normalised(url), login.value, *decisive[:-1], accept_encoding)


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

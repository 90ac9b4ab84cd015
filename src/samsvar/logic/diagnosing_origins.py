"""The documented CORS check for the origins that somebody cares about: few questions, a plain answer per origin.

In goes what was given; out come rows, each with the exchange that shows it, and one sentence per origin. What a browser
makes of an answer is computed by the rules of the family CORS, so that this check and ``samsvar check`` agree.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from samsvar.logic import urls
from samsvar.logic.asking.browsing import logins_of_script
from samsvar.logic.asking.cross_origin import NULL, STRANGERS, UNSAFE_FIELDS
from samsvar.logic.asking.look_alikes import Origin, parse_origin
from samsvar.logic.findings import answered
from samsvar.logic.judging.access import busy
from samsvar.logic.judging.cross_origin import ALLOW_ORIGIN, Preflight, allows, combined, refusal
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, Contract, Entry
from samsvar.model.exchange import (
    FORMATS,
    HAL_JSON,
    Client,
    Exchange,
    Fields,
    Login,
    Means,
    Probe,
    Response,
    Stage,
    Target,
)

Asking: TypeAlias = Generator[Probe, Reading, None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. origin: whose it is ("" for those that must not be let in). ok: None when it could not
    be seen, and then ``seen`` says why."""

    origin: str
    what: str
    ok: bool | None
    seen: str
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """All rows, and the origins in the order in which they were given. The first row of an origin is the documented
    check: it decides. stopped: why not everything was asked ("" if it was)."""

    target: Target
    origins: tuple[str, ...]
    rows: tuple[Row, ...]
    stopped: str = ""

    def of(self, origin: str) -> tuple[Row, ...]:
        """The rows of one origin."""
        return tuple(row for row in self.rows if row.origin == origin)

    def set_up(self, origin: str) -> bool | None:
        """CORS is set up for that origin, wholly; None when the documented check could not be seen."""
        rows = self.of(origin)
        if not rows or rows[0].ok is None:
            return None
        return all(row.ok is not False for row in rows)

    def answer(self, origin: str) -> str:
        """The plain answer for an origin, without details."""
        found = self.set_up(origin)
        if found is None:
            return f"It could not be seen whether CORS is set up for {origin} in this environment"
        partly = not found and self.of(origin)[0].ok
        word = "" if found else "only partly " if partly else "not "
        return f"CORS is {word}set up for {origin} in this environment"

    def sentence(self, origin: str) -> str:
        """The plain answer for an origin, and why if it is not yes."""
        rows = self.of(origin)
        found = self.set_up(origin)
        if found:
            return f"{self.answer(origin)}."
        if found is None:
            return f"{self.answer(origin)}: {rows[0].seen if rows else self.stopped or 'not asked'}"
        wrong = [row for row in rows if row.ok is False] if rows[0].ok else rows[:1]
        return f"{self.answer(origin)}. {'; '.join(f'{row.what}: {row.seen}' for row in wrong[:MOST_TOLD])}"

    @property
    def let_in(self) -> tuple[Row, ...]:
        """What was let in that must not be."""
        return tuple(row for row in self.of("") if row.ok is False)

    @property
    def exit_code(self) -> int:
        """0: set up for every origin that was given; 1: not, or set up so that others are let in too: what lets in
        everybody is not set up for anybody in particular, and says nothing of the origin; 3: could not be seen, or not
        everything was asked."""
        found = [self.set_up(origin) for origin in self.origins]
        if False in found or self.let_in:
            return 1
        return 3 if None in found or not found or self.stopped else 0


MOST_TOLD = 3


def origin_problem(text: str) -> str:
    """Why a text is not an origin as browsers send it (RFC 6454, 6.2), with the one that was likely meant; "" if it
    is one."""
    if text in NO_ORIGINS:
        return NO_ORIGINS[text]
    if any(character in ", \t" for character in text.strip()):
        return "it is more than one, or has blanks in it; give --origin for each"
    found = parse_origin(text)
    if found is None:
        return _not_parsed(text)
    if found.scheme.lower() not in DEFAULT_PORTS:
        return "script of web pages has an http or https origin"
    if found.port and not 1 <= int(found.port[1:]) <= 65_535:
        return "a port is a number from 1 to 65535"
    sent = as_sent(found)
    if sent is None:
        return "browsers send the name in its xn-- form, and this one has none"
    return "" if sent == text else f"browsers send it as {sent}"


NO_ORIGINS: Mapping[str, str] = {
    "null": "null stands for pages that have no origin, and must never be let in",
    "*": "* is everybody",
    "": "it is empty",
}
DEFAULT_PORTS: Mapping[str, int] = {"https": 443, "http": 80}


def as_sent(origin: Origin) -> str | None:
    """An origin as a browser writes it: lower case, the name in ASCII (xn--), no default port. None when the name has
    no such form."""
    scheme = origin.scheme.lower()
    try:
        host = origin.host if origin.host.isascii() else origin.host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    port = int(origin.port[1:]) if origin.port else DEFAULT_PORTS[scheme]
    return str(Origin(scheme, host.lower(), "" if port == DEFAULT_PORTS[scheme] else f":{port}"))


def _not_parsed(text: str) -> str:
    """What is wrong with a text that has not the parts of an origin, and what was likely meant."""
    schemed = "://" in text
    scheme, _, rest = text.strip().rpartition("://") if schemed else ("https", "", text.strip())
    name = re.split(r"[/?#\\]", rest)[0].rpartition("@")[2]
    meant = parse_origin(f"{scheme}://{name}")
    sent = as_sent(meant) if meant is not None and scheme.lower() in DEFAULT_PORTS else None
    why = "an origin has no path, query or user name" if schemed else "an origin has a scheme"
    return f"{why}; {f'give {sent}' if sent else 'it looks like https://www.eksempel.no'}"


class Enquiry:
    """One check. ``asking`` is the conversation; ``answers`` what it has shown."""

    def __init__(self, contract: Contract, target: Target, means: Means) -> None:
        self.contract = contract
        self.target = target
        self.means = means
        self.rows: list[Row] = []
        self.stopped = ""

    @property
    def answers(self) -> Answers:
        return Answers(self.target, self.means.origins, tuple(self.rows), self.stopped)

    def asking(self) -> Asking:
        """All questions, origin by origin, then those that must not be let in."""
        for origin in self.means.origins:
            yield from self._documented(origin)
            if self.answers.set_up(origin) is None:
                continue
            yield from self._formats(origin)
            yield from self._private(origin)
            yield from self._preflights(origin)
            yield from self._script(origin)
        for what, origin in (
            (f"an unregistered origin ({STRANGERS['stranger']})", STRANGERS["stranger"]),
            (NULL, NULL),
        ):
            reading = yield self._get(self.opening, origin, HAL_JSON)
            self._stranger(what, origin, reading)
            for probe in self._by_browser(self.opening, origin, Login.NONE):
                reading = yield probe
                self._row("", f"script in a browser, {what}", ANSWERS[read_by_script(reading)], told(reading), reading)

    def _documented(self, origin: str) -> Asking:
        """The documented check. Where the place answers wrongly and says nothing of origins, it is asked without one as
        well: what it refuses to everybody says nothing of CORS (a wrong root, a login before everything, a fault)."""
        what = f"GET {self.opening.path or 'the root'} without login"
        reading = yield self._get(self.opening, origin, HAL_JSON)
        silent = reading.response is not None and combined(reading.response, ALLOW_ORIGIN) is None
        bare = (yield self._get(self.opening, "", HAL_JSON)) if silent and not reading.ok else None
        if silent and (reading.page_for_people or (bare is not None and not bare.ok)):
            seen = f"it does not answer as an API does, whatever the origin ({told(reading)}); samsvar doctor says more"
            self._row(origin, what, None, seen, reading)
        else:
            self._simple(origin, what, reading)

    @property
    def opening(self) -> Entry:
        """The entry of the documented check: the open one (metadata)."""
        entries = [entry for entry in self.contract.entries if entry.required]
        rows = self.contract.types
        opened = (one for one in entries if one.type in rows and rows[one.type].access is Access.OPEN)
        return next(opened, entries[0])

    @property
    def closed(self) -> Entry | None:
        """An entry that needs key and login."""
        entries = [one for one in self.contract.entries if one.required and one is not self.opening]
        return entries[0] if entries else None

    def _probe(self, entry: Entry, fields: Fields, login: Login, method: str = "GET") -> Probe:
        row = self.contract.types.get(entry.type)
        url = urls.with_parameters(urls.below(self.target.root, entry.path), row.read_parameters if row else {})
        return Probe("cors", url, method=method, headers=fields, login=login, type=entry.type, path=entry.name)

    def _get(self, entry: Entry, origin: str, accept: str, login: Login = Login.NONE) -> Probe:
        return self._probe(entry, (("Accept", accept), *((("Origin", origin),) if origin else ())), login)

    def _formats(self, origin: str) -> Asking:
        row = self.contract.types.get(self.opening.type)
        for format_ in row.formats if row is not None else FORMATS:
            if format_ != HAL_JSON:
                reading = yield self._get(self.opening, origin, format_)
                self._simple(origin, f"the same as {format_}", reading)

    def _private(self, origin: str) -> Asking:
        if self.closed is None:
            return
        what = f"GET {self.closed.path} with key and login"
        if not (self.means.key and self.means.login):
            self.rows.append(Row(origin, what, None, "not asked: key and login were not given"))
        else:
            reading = yield self._get(self.closed, origin, HAL_JSON, Login.GIVEN)
            self._simple(origin, what, reading)
        reading = yield self._get(self.closed, origin, HAL_JSON)
        self._simple(origin, f"GET {self.closed.path} refused for want of a key: script can read why", reading)

    def _preflights(self, origin: str) -> Asking:
        entry = self.closed or self.opening
        fields = (
            ("Accept", "*/*"),
            ("Origin", origin),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", ",".join(UNSAFE_FIELDS)),
        )
        reading = yield self._probe(entry, fields, Login.NONE, "OPTIONS")
        what = f"preflight for {entry.path or 'the root'} with ApiKey and Authorization"
        if reading.response is None or busy(reading):
            self._unseen(origin, what, reading)
            return
        why = refusal(reading.response, Preflight(origin, "GET", UNSAFE_FIELDS))
        self._row(origin, what, not why, why or f"a browser goes on ({answered(reading)})", reading)

    def _script(self, origin: str) -> Asking:
        """What a real browser makes of it, where there is one: the documented check, and with key and login."""
        what = f"script in a browser reads {self.opening.path or 'the root'}"
        for probe in self._by_browser(self.opening, origin, Login.NONE):
            reading = yield probe
            self._row(origin, what, read_by_script(reading), told(reading), reading)
        if self.closed is None or not (self.means.key and self.means.login):
            return
        login = next(iter(logins_of_script(self.means)), Login.GIVEN)
        for probe in self._by_browser(self.closed, origin, login):
            reading = yield probe
            what = f"script in a browser reads {self.closed.path} with key and login"
            self._row(origin, what, read_by_script(reading), told(reading), reading)

    def _by_browser(self, entry: Entry, origin: str, login: Login) -> Iterator[Probe]:
        """The question by script on a page of that origin; none without a browser."""
        if Client.BROWSER in self.means.clients:
            yield replace(self._get(entry, origin, HAL_JSON, login), by=Client.BROWSER)

    def _simple(self, origin: str, what: str, reading: Reading) -> None:
        if reading.response is None or (busy(reading) and not back(reading.response, origin)):
            self._unseen(origin, what, reading)
            return
        self._row(origin, what, back(reading.response, origin), allowed(reading), reading)

    def _stranger(self, what: str, origin: str, reading: Reading) -> None:
        if reading.response is None:
            self._unseen("", what, reading)
            return
        self._row("", what, not allows(reading.response, origin), allowed(reading), reading)

    def _unseen(self, origin: str, what: str, reading: Reading) -> None:
        self._row(origin, what, None, answered(reading), reading)

    def _row(self, origin: str, what: str, ok: bool | None, seen: str, reading: Reading) -> None:
        self.rows.append(Row(origin, what, ok, seen, reading.exchange))


def read_by_script(reading: Reading) -> bool | None:
    """Script could read the answer, or the target kept it from script; None when the browser shows neither."""
    failure = reading.exchange.failure
    if failure is not None:
        return False if failure.stage is Stage.SHARING else None
    return True


ANSWERS: Mapping[bool | None, bool | None] = {True: False, False: True, None: None}
"""For pages that must not read: what it means that they did, did not, or that it was not seen."""


def back(response: Response, origin: str) -> bool:
    """The origin comes back as it was sent (CORS-1): the wildcard is not it."""
    return combined(response, ALLOW_ORIGIN) == origin


def allowed(reading: Reading) -> str:
    """Whom an answer lets in, and what it was."""
    value = combined(reading.response, ALLOW_ORIGIN) if reading.response else None
    said = f"no {ALLOW_ORIGIN}" if value is None else f"{ALLOW_ORIGIN}: {value}"
    return f"{said}{', which is everybody,' if value == '*' else ''} ({told(reading)})"


def told(reading: Reading) -> str:
    """What came; of a redirect, where it leads."""
    return f"{answered(reading)}{f', to {reading.redirect}' if reading.redirect else ''}"


WORDS: Mapping[bool | None, str] = {True: "ok", False: "fault", None: "not seen"}


def plain(answers: Answers) -> Iterator[str]:
    """The plain answers: for each origin, and whether others are let in."""
    yield from (answers.sentence(origin) for origin in answers.origins)
    if answers.let_in:
        others = "; ".join(f"{row.what}: {row.seen}" for row in answers.let_in)
        yield f"fault: others are let in as well. {others}"
    if answers.stopped:
        yield f"Not everything was asked: {answers.stopped}"


def lines(answers: Answers) -> Iterator[str]:
    """The plain answers, then the table."""
    yield from plain(answers)
    for heading, rows in (*((one, answers.of(one)) for one in answers.origins), ("must not be let in", answers.of(""))):
        yield ""
        yield heading
        yield from (f"  {WORDS[row.ok]:<9} {row.what}: {row.seen}" for row in rows)

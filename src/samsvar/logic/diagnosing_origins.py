"""The documented CORS check for the origins that somebody cares about: few questions, a plain answer per origin.

In goes what was given; out come rows, each with the exchange that shows it, and one sentence per origin. What a browser
makes of an answer is computed by the rules of the family CORS, so that this check and ``samsvar check`` agree.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from samsvar.logic import urls
from samsvar.logic.asking.cross_origin import NULL, STRANGERS, UNSAFE_FIELDS
from samsvar.logic.asking.look_alikes import parse_origin
from samsvar.logic.findings import answered
from samsvar.logic.judging.cross_origin import Preflight, allows, combined, refusal
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, Contract, Entry
from samsvar.model.exchange import FORMATS, HAL_JSON, Exchange, Fields, Login, Means, Probe, Target

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
    """All rows, and the origins in the order in which they were given."""

    target: Target
    origins: tuple[str, ...]
    rows: tuple[Row, ...]

    def of(self, origin: str) -> tuple[Row, ...]:
        """The rows of one origin."""
        return tuple(row for row in self.rows if row.origin == origin)

    def sentence(self, origin: str) -> str:
        """The plain answer for an origin."""
        rows = self.of(origin)
        wrong = [row for row in rows if row.ok is False]
        if wrong:
            told = "; ".join(f"{row.what}: {row.seen}" for row in wrong[:3])
            word = "not" if not rows[0].ok else "only partly"
            return f"CORS is {word} set up for {origin} in this environment. {told}"
        if not rows or rows[0].ok is None:
            return f"It could not be seen whether CORS is set up for {origin}: {rows[0].seen if rows else 'not asked'}"
        return f"CORS is set up for {origin} in this environment."

    @property
    def exit_code(self) -> int:
        """0: set up for every origin, and for no other; 1: not; 3: the documented check itself could not be seen."""
        if any(row.ok is False for row in self.rows):
            return 1
        return 3 if any(not self.of(one) or self.of(one)[0].ok is None for one in self.origins) else 0


def origin_problem(text: str) -> str:
    """Why a text is not an origin as browsers send it (RFC 6454, 6.2), with the one that was likely meant; "" if it
    is one."""
    found = parse_origin(text)
    if found is None:
        start = "/".join(text.split("/")[:3])
        meant = parse_origin(start if "://" in text else f"https://{text.split('/')[0]}")
        why = "an origin has no path, query or user name" if "://" in text else "an origin has a scheme"
        return f"{why}{f'; give {str(meant).lower()}' if meant else '; it looks like https://www.eksempel.no'}"
    if found.scheme.lower() not in ("http", "https"):
        return "script of web pages has an http or https origin"
    if not text.isascii():
        return "browsers send the name in its xn-- form"
    default = {"https": ":443", "http": ":80"}[found.scheme.lower()]
    sent = str(replace(found, port="" if found.port == default else found.port)).lower()
    return "" if sent == text else f"browsers send it as {sent}"


class Enquiry:
    """One check. ``asking`` is the conversation; ``answers`` what it has shown."""

    def __init__(self, contract: Contract, target: Target, means: Means) -> None:
        self.contract = contract
        self.target = target
        self.means = means
        self.rows: list[Row] = []

    @property
    def answers(self) -> Answers:
        return Answers(self.target, self.means.origins, tuple(self.rows))

    def asking(self) -> Asking:
        """All questions, origin by origin, then those that must not be let in."""
        for origin in self.means.origins:
            first = yield self._get(self.opening, origin, HAL_JSON)
            self._simple(origin, f"GET {self.opening.path or 'the root'} without login", first)
            if first.response is None:
                continue
            yield from self._formats(origin)
            yield from self._private(origin)
            yield from self._preflights(origin)
        for what, origin in (
            (f"an unregistered origin ({STRANGERS['stranger']})", STRANGERS["stranger"]),
            (NULL, NULL),
        ):
            reading = yield self._get(self.opening, origin, HAL_JSON)
            self._stranger(what, origin, reading)

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
        return self._probe(entry, (("Accept", accept), ("Origin", origin)), login)

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
        if reading.response is None:
            self._unseen(origin, what, reading)
            return
        why = refusal(reading.response, Preflight(origin, "GET", UNSAFE_FIELDS))
        self._row(origin, what, not why, why or f"a browser goes on ({answered(reading)})", reading)

    def _simple(self, origin: str, what: str, reading: Reading) -> None:
        if reading.response is None:
            self._unseen(origin, what, reading)
            return
        self._row(origin, what, allows(reading.response, origin), allowed(reading), reading)

    def _stranger(self, what: str, origin: str, reading: Reading) -> None:
        if reading.response is None:
            self._unseen("", what, reading)
            return
        self._row("", what, not allows(reading.response, origin), allowed(reading), reading)

    def _unseen(self, origin: str, what: str, reading: Reading) -> None:
        self._row(origin, what, None, answered(reading), reading)

    def _row(self, origin: str, what: str, ok: bool | None, seen: str, reading: Reading) -> None:
        self.rows.append(Row(origin, what, ok, seen, reading.exchange))


def allowed(reading: Reading) -> str:
    """Whom an answer lets in, and what it was."""
    value = combined(reading.response, "Access-Control-Allow-Origin") if reading.response else None
    said = "no Access-Control-Allow-Origin" if value is None else f"Access-Control-Allow-Origin: {value}"
    return f"{said} ({answered(reading)})"


WORDS: Mapping[bool | None, str] = {True: "ok", False: "fault", None: "not seen"}


def lines(answers: Answers) -> Iterator[str]:
    """The plain answers, then the table."""
    yield from (answers.sentence(origin) for origin in answers.origins)
    for heading, rows in (*((one, answers.of(one)) for one in answers.origins), ("must not be let in", answers.of(""))):
        yield ""
        yield heading
        yield from (f"  {WORDS[row.ok]:<9} {row.what}: {row.seen}" for row in rows)

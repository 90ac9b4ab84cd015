"""What is wrong with the way to a target, before any verdict: questions one after the other, and what they show.

In goes what was given and, step by step, what was said; out come diagnoses, one line each: the name, TLS, the clock,
the root, the key, the login, origins, entries, formats. A question is not asked when an earlier answer makes it
pointless (F44, F50): nobody needs nine refusals to learn that a key is missing.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeAlias

from samsvar.logic import urls
from samsvar.logic.deciding import retired
from samsvar.logic.diagnosing_logins import (
    KEY,
    LOGIN,
    RENEW,
    Certificate,
    Sign,
    Situation,
    Token,
    Told,
    about_certificate,
    about_token,
    sign_of,
    span,
)
from samsvar.logic.findings import answered
from samsvar.logic.judging.cross_origin import allows, combined
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, Contract, Entry
from samsvar.model.exchange import FORMATS, HAL_JSON, Login, Means, Probe, Stage, Target, TargetKind
from samsvar.model.verdict import Cause


class State(StrEnum):
    """How one step went."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One step: what was looked at, how it went, what was seen, what to do, whose it is."""

    step: str
    state: State
    seen: str
    remedy: str = ""
    cause: Cause = Cause.TARGET


Asking: TypeAlias = Generator[Probe, Reading, None]


def is_login_page(reading: Reading) -> bool:
    """A page where people log in, or the way to one, where an answer of the API should be."""
    if reading.status in (301, 302, 303, 307, 308):
        return True
    return reading.page_for_people and (reading.ok or reading.status in (401, 403))


# -- asking -----------------------------------------------------------------------------------------------------------


class Found(StrEnum):
    """What there is at a root."""

    API = "api"
    REFUSAL = "refusal"  # something that refuses us, which may be the API
    NOTHING = "nothing"  # nothing of this contract


class Examination:
    """One look at one target. ``asking`` is the conversation; ``diagnoses`` what it has shown so far."""

    def __init__(self, contract: Contract, target: Target, means: Means, token: Token | None = None) -> None:
        self.contract = contract
        self.target = target
        self.means = means
        self.token = token
        self.certificate: Certificate | None = None
        self.diagnoses: list[Diagnosis] = []

    def tell(self, step: str, state: State, seen: str, remedy: str = "", cause: Cause = Cause.CONFIGURATION) -> None:
        """Note one line."""
        self.diagnoses.append(Diagnosis(step, state, seen, remedy, cause))

    def asking(self) -> Asking:
        """All questions, each only if it can still tell something."""
        first = yield self.probe(self.opening, "door", Login.NONE if self.is_open(self.opening) else Login.GIVEN)
        self._way(first)
        if first.response is None:
            self._skip("root", "key", "login", "entries", "formats", why="there is no way to the target")
            return
        yield from self._beyond(first)

    def probe(self, entry: Entry, about: str, login: Login, accept: str = HAL_JSON, origin: str = "") -> Probe:
        """A question at an entry."""
        row = self.contract.types.get(entry.type)
        url = urls.with_parameters(urls.below(self.target.root, entry.path), row.read_parameters if row else {})
        fields = (("Accept", accept), *((("Origin", origin),) if origin else ()))
        return Probe(f"doctor.{about}", url, about, headers=fields, login=login, type=entry.type, path=entry.name)

    def is_open(self, entry: Entry) -> bool:
        """It needs neither key nor login, or nothing is known of it."""
        row = self.contract.types.get(entry.type)
        return row is not None and row.access is Access.OPEN

    @property
    def required(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.contract.entries if entry.required)

    @property
    def opening(self) -> Entry:
        """The entry to begin with: an open one where there is one."""
        return next((entry for entry in self.required if self.is_open(entry)), self.required[0])

    @property
    def private(self) -> tuple[Entry, ...]:
        """Entries that need a login."""
        needing = (Access.USER, Access.ENTERPRISE, Access.SERVICE_OWNER)
        rows = self.contract.types
        return tuple(one for one in self.required if one.type in rows and rows[one.type].access in needing)

    def _skip(self, *steps: str, why: str) -> None:
        for step in steps:
            self.tell(step, State.NOT_ASKED, why)

    # -- the way there ------------------------------------------------------------------------------------------

    def _way(self, first: Reading) -> None:
        """Name, connection, TLS, clock: all told by the first exchange."""
        if self.target.kind is not TargetKind.LIVE:
            self._skip("name", "TLS", "clock", why=f"a {self.target.kind} needs no network")
            return
        secure = self.target.root.startswith("https:")
        failure = first.exchange.failure
        if failure is not None and failure.response is None and failure.stage in LOST:
            passed, step, remedy = LOST[failure.stage]
            sign = sign_of(first)
            remedy = sign.remedy if sign is not None else remedy
            for name in passed if secure else passed[:1]:
                self.tell(name, State.OK, WELL[name])
            self.tell(step, State.FAULT, failure.because, remedy, Cause.ENVIRONMENT)
            self._skip("clock", why="nothing was answered")
            return
        self.tell("name", State.OK, WELL["name"])
        if secure:
            self.tell("TLS", State.OK, WELL["TLS"])
        else:
            self._skip("TLS", why="the root is http on this machine")
        self._clock(first)

    def _clock(self, first: Reading) -> None:
        date = first.response.first("Date") if first.response else None
        theirs = date_of(date)
        if theirs is None:
            self._skip("clock", why="no Date field came" if date is None else f"the Date field cannot be read: {date}")
            return
        skew = theirs - (first.exchange.at + first.exchange.seconds / 2)
        state = next(state for most, state in SKEWS if abs(skew) <= most)
        if state is State.OK:
            self.tell("clock", State.OK, "the clock of the target agrees with ours")
            return
        seen = f"the clock of the target is {span(abs(skew))} {'ahead of' if skew > 0 else 'behind'} ours"
        self.tell("clock", state, seen, "Set both clocks by NTP: tokens are refused by a wrong one.", Cause.ENVIRONMENT)

    # -- root, key and login ------------------------------------------------------------------------------------

    def _beyond(self, first: Reading) -> Asking:
        """What is behind the door: root, key, login, entries, origins, formats."""
        readings = {self.opening.name: first}
        for entry in self.private:
            if not (self.means.key or self.means.login):
                break
            login = Login.GIVEN if self.means.login else Login.NO_LOGIN
            readings[entry.name] = yield self.probe(entry, "private", login)
            if not readings[entry.name].ok:
                break  # asking the same of every entry could lock the account
        there = self._root(readings)
        if there is Found.NOTHING:
            self._skip("key", "login", "entries", "formats", why="there is no API to ask")
            return
        self._credentials([r for name, r in readings.items() if name in {entry.name for entry in self.private}])
        self._entries(readings)
        if there is Found.API:
            yield from self._origins()
            yield from self._formats()

    def _root(self, readings: Mapping[str, Reading]) -> Found:
        """Whether there is an API of this contract at the root."""
        first = readings[self.opening.name]
        if any(one.resource is not None for one in readings.values()):
            self.tell("root", State.OK, f"an API answers at {self.target.root}")
            return Found.API
        if all(one.status in GONE for one in readings.values()):
            told = ", ".join(f"{name}: {one.status}" for name, one in readings.items())
            seen = f"no entry answers ({told}): the environment is retired or moved, or this is a wrong root"
            self.tell("root", State.FAULT, seen, f"{self._meant} Altinn 2 itself was switched off in June 2026.")
        elif first.page_for_people and first.ok:
            seen = f"{first.probe.url} answers with a page for people: this is a wrong root"
            self.tell("root", State.FAULT, seen, self._meant)
        elif first.ok:
            seen = f"{first.probe.url} answers, but not with a resource ({first.label or 'no Content-Type'})"
            self.tell("root", State.FAULT, seen, self._meant)
        else:
            self.tell("root", State.FAULT, f"{first.probe.url} answers {answered(first)}", FAILS, _blame(first))
            return Found.REFUSAL if first.status in (400, 401, 403) else Found.NOTHING
        return Found.NOTHING

    @property
    def _meant(self) -> str:
        return f"The root is what stands before /{self.opening.path}, such as https://tt02.altinn.no/api."

    def _credentials(self, asked: list[Reading]) -> None:
        refused = next((one for one in asked if not one.ok or one.page_for_people), None)
        sign = sign_of(refused) if refused is not None else None
        self._key(asked, refused, sign)
        self._login(asked, refused, sign)

    def _key(self, asked: list[Reading], refused: Reading | None, sign: Sign | None) -> None:
        if not self.means.key:
            self.tell(KEY, State.WARNING, "none is given: only what is open can be seen", "Set SAMSVAR_API_KEY.")
        elif sign is not None and sign.step == KEY and refused is not None:
            self.tell(KEY, State.FAULT, f"{sign.seen} ({answered(refused)})", sign.remedy)
        elif not asked:
            self._skip(KEY, why="the contract has no entry that needs one")
        elif refused is None:
            self.tell(KEY, State.OK, "the key opens what needs one")
        elif is_login_page(refused) or refused.status == 401 or (sign is not None and sign.step == LOGIN):
            self.tell(KEY, State.OK, "the answer speaks of the login, not of the key")
        else:
            self._skip(KEY, why=f"the answer does not tell ({answered(refused)})")

    def _login(self, asked: list[Reading], refused: Reading | None, sign: Sign | None) -> None:
        if not self.means.login:
            self.tell(
                LOGIN,
                State.WARNING,
                "none is given: nothing private can be seen",
                "Set SAMSVAR_TOKEN, or SAMSVAR_USERNAME and SAMSVAR_PASSWORD, or SAMSVAR_CLIENT_CERT.",
            )
            return
        self._given(asked, refused)
        if sign is not None and sign.step == LOGIN and refused is not None:
            self.tell(LOGIN, State.FAULT, f"{sign.seen} ({answered(refused)})", sign.remedy)
        elif not asked:
            self._skip(LOGIN, why="the contract has no entry that needs one")
        elif refused is None:
            self.tell(LOGIN, State.OK, "the login opens private content")
        else:
            self._refused_without_words(refused, sign)

    def _refused_without_words(self, refused: Reading, sign: Sign | None) -> None:
        """A refusal that says nothing that is known of a login: what it most likely is."""
        said = answered(refused)
        shows = self.means.logins[:1] == (Login.CERTIFICATE,)
        if shows and sign is None and (refused.status == 401 or is_login_page(refused)):
            self.tell(LOGIN, State.FAULT, f"it answers as if no certificate had been sent ({said})", UNSEEN_CERTIFICATE)
        elif shows and refused.response is None:
            self.tell(LOGIN, State.FAULT, f"the connection breaks when the certificate is shown ({said})", SHOWN)
        elif is_login_page(refused):
            self.tell(LOGIN, State.FAULT, f"a login page comes instead of an answer ({said})", RENEW)
        elif refused.response is None:
            self.tell(LOGIN, State.FAULT, said, RENEW)
        elif sign is None and refused.status in (401, 403):
            likely = "the login" if refused.status == 401 else "the rights of the key or the login"
            self.tell(LOGIN, State.FAULT, f"refused without a known reason ({said}): likely {likely}", RENEW)
        else:
            self._skip(LOGIN, why=f"the answer does not tell ({said})")

    def _given(self, asked: list[Reading], refused: Reading | None) -> None:
        """What a token and a certificate say of themselves, by the clock of this machine."""
        if len(self.means.logins) > 1:
            names = ", ".join(self.means.logins)
            self.tell("logins", State.OK, f"{names}: each request carries just one, since Altinn refuses a mixture")
        if not asked:
            return
        now = asked[-1].exchange.at
        if self.token is not None:
            no = refused is not None and (refused.status in (401, 403) or is_login_page(refused))
            self._say("token", about_token(Situation(self.token, now, no, self.target.root)))
        if self.certificate is not None:
            self._say("certificate", about_certificate(self.certificate, now))

    def _say(self, step: str, told: Told | None) -> None:
        if told is not None:
            self.tell(step, State.FAULT if told.fault else State.WARNING, told.seen, told.remedy)

    def _entries(self, readings: Mapping[str, Reading]) -> None:
        for entry in self.required:
            reading = readings.get(entry.name)
            step = f"entry {entry.name}"
            if reading is None:
                why = "an entry before it was refused" if self.means.key or self.means.login else "it needs a login"
                self._skip(step, why=why)
            elif reading.resource is not None:
                self.tell(step, State.OK, answered(reading))
            elif reading.ok and reading.malformed is not None:
                because = f"{answered(reading)}, whose body is not well-formed: {reading.malformed.because}"
                self.tell(step, State.FAULT, because, "See samsvar check.", Cause.TARGET)
            else:
                self.tell(step, State.FAULT, answered(reading), "See root, key and login above.", _blame(reading))

    # -- origins and formats ------------------------------------------------------------------------------------

    def _origins(self) -> Asking:
        login = Login.NONE if self.is_open(self.opening) else Login.GIVEN
        for origin in self.means.origins:
            reading = yield self.probe(self.opening, "origin", login, origin=origin)
            response = reading.response
            if response is None:
                self._skip(f"origin {origin}", why=answered(reading))
            elif allows(response, origin):
                self.tell(f"origin {origin}", State.OK, "allowed")
            else:
                said = combined(response, "Access-Control-Allow-Origin")
                seen = "no Access-Control-Allow-Origin came" if said is None else f"allowed is {said}"
                remedy = "Register the origin for the key in this environment; samsvar cors says more."
                self.tell(f"origin {origin}", State.FAULT, seen, remedy, Cause.TARGET)

    def _formats(self) -> Asking:
        row = self.contract.types.get(self.opening.type)
        login = Login.NONE if self.is_open(self.opening) else Login.GIVEN
        for format_ in row.formats if row is not None and row.formats else FORMATS[:1]:
            reading = yield self.probe(self.opening, "format", login, accept=format_)
            if reading.resource is not None and reading.label == format_:
                self.tell(f"format {format_}", State.OK, answered(reading))
                continue
            wrong = f", not well-formed: {reading.malformed.because}" if reading.malformed else ""
            self.tell(
                f"format {format_}", State.FAULT, f"{answered(reading)}{wrong}", "See samsvar check.", _blame(reading)
            )


GONE = (301, 302, 303, 307, 308, 404, 410, 503)
"""What a retired environment answers on every entry."""

FAILS = "Ask those who run it; if it is no environment of this API, give another root."
WELL = {"name": "the name is known and somebody listens there", "TLS": "the certificate is valid for the name"}

LOST: Mapping[Stage, tuple[tuple[str, ...], str, str]] = {
    Stage.DNS: ((), "name", "Check the spelling, the DNS of this machine and whether you need a VPN."),
    Stage.CONNECT: ((), "connection", "Check the port, the firewall and whether you need a VPN."),
    Stage.TLS: (
        ("name",),
        "TLS",
        "Check the certificate's name, dates and issuer; name an authority of your own in SAMSVAR_AUTHORITIES.",
    ),
    Stage.SEND: (("name", "TLS"), "connection", "Try again; if it stays, look at what stands in between."),
    Stage.LOGIN: (("name", "TLS"), "login", "Look at user name, password and ApiKey."),
    Stage.RECEIVE: (("name", "TLS"), "connection", "Try again; if it stays, look at what stands in between."),
    Stage.DEADLINE: ((), "connection", "The target is too slow or drops packets: try again later."),
    Stage.FRAMING: (("name", "TLS"), "connection", "What answers is not HTTP: check the port."),
    Stage.REFUSED: ((), "safety", "samsvar does not ask this address; give another root."),
    Stage.NOT_RECORDED: ((), "recording", "The recording does not hold the entry: record again."),
}
"""Where the way can end: the steps that went well before, the step that did not, and what to do."""

SHOWN = "The server may refuse it: check its dates, that it is registered here, and that the file holds its chain."
UNSEEN_CERTIFICATE = (
    "The server may not ask for one at this address, or a gateway that opens TLS takes it away: ask which address is "
    "for enterprise certificates."
)
SKEWS = ((30.0, State.OK), (300.0, State.WARNING), (float("inf"), State.FAULT))
"""Seconds of difference between two clocks; most issuers of tokens allow five minutes."""


def nothing_there(observed: Observed) -> str:
    """Why no verdict can be given at all: every required entry refuses, is gone, or is a page for people, so that what
    was seen says nothing about an API. "" when any entry shows a resource, or fails in a way that is the target's."""
    names = {entry.name for entry in observed.contract.entries if entry.required}
    asked = [one for one in observed.crawled() if one.probe.path in names and not one.probe.rel]
    if not asked or any(one.resource is not None for one in asked):
        return ""
    if not all(one.status in (None, 401, 403, *GONE) or (one.ok and one.page_for_people) for one in asked):
        return ""
    told = retired(observed)
    if told:
        return told
    firsts = {one.probe.path: one for one in reversed(asked)}
    seen = ", ".join(f"{name}: {answered(one)}" for name, one in sorted(firsts.items()))
    return f"no entry shows a resource ({seen}): the root is not an API root, or everything here needs another login"


def _blame(reading: Reading) -> Cause:
    """Whose an answer is that is no resource: a refusal of what we gave is ours, no answer is of the way."""
    if reading.response is None:
        return Cause.ENVIRONMENT
    refused = reading.status in (400, 401, 403, *GONE) or (reading.ok and reading.page_for_people)
    return Cause.CONFIGURATION if refused else Cause.TARGET


def date_of(text: str | None) -> float | None:
    """Seconds since the epoch of a Date field, None if it is absent or no date."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None


def exit_code(diagnoses: Sequence[Diagnosis]) -> int:
    """0 when nothing is at fault, 3 when the way or what was given does not work, 1 when the target itself is wrong."""
    causes = {one.cause for one in diagnoses if one.state is State.FAULT}
    if causes & {Cause.CONFIGURATION, Cause.ENVIRONMENT}:
        return 3
    return 1 if causes else 0


def lines(diagnoses: Sequence[Diagnosis]) -> Iterator[str]:
    """What the console shows."""
    for one in diagnoses:
        yield f"{one.state:<10} {one.step}: {one.seen}"
        if one.remedy:
            yield f"           {one.remedy}"
    faults = [one.step for one in diagnoses if one.state is State.FAULT]
    yield ""
    yield f"AT FAULT: {', '.join(faults)}" if faults else "WELL: nothing is in the way of a check"

"""Steps of a walk and the one form in which they are written: ``reportees > messages#2 > [hal+xml] self``.

A walk begins at an entry. A step is a relation to follow, ``.`` for the place where one stands, or ``/entry`` to go
back to an entry. Before it may stand ``@2``, to stand first where step 2 led, and in brackets the media type, with the
way in which Accept spells it; after it ``#2`` for the second link of that relation, ``(MessageId=b1)`` for the
variables of a template, ``?$top=3`` for parameters, and ``+origin=``, ``+login=``, ``+tag=`` for how it is asked.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from samsvar.errors import UsageError
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Login

HERE = "."
"""The relation of the step that stays where it is."""
DOCUMENT = ""
"""The media type of a step to a document: as its link announces it."""
BETWEEN = " > "
UNDER_WAY = 1_000_000
"""The index of a step whose place in its walk is not known: it may name any before it."""
SHORT: Mapping[str, str] = {HAL_JSON: "hal+json", HAL_XML: "hal+xml", XML: "xml", JSON: "json", DOCUMENT: "*"}
WORDS = ("+origin=", "+login=", "+tag=")
LONG: Mapping[str, str] = {short: long for long, short in SHORT.items()}


def _other(format_: str) -> str:
    return JSON if format_ != JSON else HAL_XML


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda format_: format_,
    "capitals": lambda format_: format_.upper(),
    "weights": lambda format_: f"{_other(format_)};q=0.2, {format_};q=0.9",
    "wildcard": lambda format_: f"{format_}, */*;q=0.1",
    "blanks": lambda format_: f"{format_} ; q=1.0 , {_other(format_)} ; q=0.5",
}
"""Ways in which Accept may say that one media type is wanted (RFC 9110, 12.5.1)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. rel: a relation, an entry's name, or HERE. nth: which of the links of that relation, from 1. at: the
    step where one stands first, 0 for the one before. values: of the variables of a template. query: parameters that
    are added. format: the media type, DOCUMENT for as it comes. origin: the Origin that is sent. tag: the step whose
    ETag goes out as If-None-Match, 0 for none."""

    rel: str
    entry: bool = False
    nth: int = 1
    at: int = 0
    values: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    format: str = HAL_JSON
    spelling: str = "plain"
    origin: str = ""
    login: Login = Login.GIVEN
    tag: int = 0

    @property
    def accept(self) -> str:
        """The Accept field, for a step with a media type."""
        return SPELLINGS[self.spelling](self.format)


def written(steps: Iterable[Step]) -> str:
    """A walk as text."""
    return BETWEEN.join(step_text(step, first=not index) for index, step in enumerate(steps))


def step_text(step: Step, *, first: bool = False) -> str:
    """One step as text; of the first one it goes without saying that it is an entry."""
    spelt = f" as {step.spelling}" if step.spelling != "plain" else ""
    parts = [
        f"@{step.at} " if step.at else "",
        f"[{SHORT[step.format]}{spelt}] " if step.format != HAL_JSON or spelt else "",
        "/" if step.entry and not first else "",
        _quoted(step.rel) if not step.rel.startswith("/") else f"%2F{_quoted(step.rel[1:])}",
        f"#{step.nth}" if step.nth != 1 else "",
        f"({_pairs(step.values, ',')})" if step.values else "",
        f"?{_pairs(step.query, '&')}" if step.query else "",
        f" +origin={_quoted(step.origin)}" if step.origin else "",
        f" +login={step.login.value}" if step.login is not Login.GIVEN else "",
        f" +tag={step.tag}" if step.tag else "",
    ]
    return "".join(parts)


def _quoted(text: str) -> str:
    return quote(text, safe="/:._-~$'*")


def _pairs(pairs: Iterable[tuple[str, str]], between: str) -> str:
    return between.join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


STEP = re.compile(
    r"(?:@(?P<at>[1-9]\d*) +)?(?:\[(?P<format>[a-z+*]+)(?: as (?P<spelling>\w+))?\] *)?"
    r"(?P<rel>[^\s#?()+\[\]@>]+)(?:#(?P<nth>[1-9]\d{0,5}))?(?:\((?P<values>[^()\s]*)\))?(?:\?(?P<query>[^\s]+))?"
    r"(?P<words>(?: +\+\w+=\S+)*)"
)


def read_walk(text: str) -> tuple[Step, ...]:
    """The steps of a written walk. Raises UsageError for what is none."""
    return tuple(_step(part.strip(), index) for index, part in enumerate(re.split(r"\s+>\s+", text.strip())))


@lru_cache(1 << 14)
def read_step(text: str) -> Step:
    """One step of a walk that is under way, where an entry has its stroke. Raises UsageError for what is none."""
    return _step(text, UNDER_WAY)


def _step(text: str, index: int) -> Step:
    found = STEP.fullmatch(text)
    if found is None:
        raise UsageError(
            f"Step {index + 1} of the walk, {text!r}, is not written as a step.",
            'Write it like "reportees > messages#2 > [hal+xml] self"; samsvar walk --help shows all of it.',
        )
    words = dict(word.removeprefix("+").split("=", 1) for word in found["words"].split())
    origin, login, tag = words.pop("origin", ""), words.pop("login", Login.GIVEN.value), words.pop("tag", None)
    if words:
        raise UsageError(f"Nothing is asked with +{next(iter(words))} (in {text!r}).", f"Known: {', '.join(WORDS)}.")
    entry = index == 0 or found["rel"].startswith("/")
    return Step(
        rel=unquote(found["rel"].removeprefix("/") if entry else found["rel"]),
        entry=entry,
        nth=int(found["nth"] or 1),
        at=_earlier(found["at"], index, text),
        values=_pairs_of(found["values"], ","),
        query=_pairs_of(found["query"], "&"),
        format=_known(found["format"] or "hal+json", LONG, "media type", text),
        spelling=_known(found["spelling"] or "plain", dict(zip(SPELLINGS, SPELLINGS, strict=True)), "spelling", text),
        origin=unquote(origin),
        login=_login(login, text),
        tag=_earlier(tag, index, text),
    )


def _earlier(number: str | None, index: int, text: str) -> int:
    if number is None:
        return 0
    if not re.fullmatch("[1-9][0-9]{0,5}", number) or int(number) > index:
        raise UsageError(f"Step {index + 1}, {text!r}, names step {number}, which does not come before it.", "")
    return int(number)


def _pairs_of(text: str | None, between: str) -> tuple[tuple[str, str], ...]:
    pieces = (piece.partition("=") for piece in (text or "").split(between) if piece)
    return tuple((unquote(name), unquote(value)) for name, _, value in pieces)


def _known(word: str, table: Mapping[str, str], what: str, text: str) -> str:
    if word not in table:
        raise UsageError(f"There is no {what} {word!r} (in {text!r}).", f"Known: {', '.join(table)}.")
    return table[word]


def _login(word: str, text: str) -> Login:
    try:
        return Login(word)
    except ValueError:
        raise UsageError(f"There is no login {word!r} (in {text!r}).", f"Known: {', '.join(Login)}.") from None

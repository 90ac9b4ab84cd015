"""What walks tell: REACH-6, and what other guarantees owe to what only a walk can see.

In goes what was observed, out come findings. Every walk is judged by what was known before each of its steps; of all
walks that end in the same surprise the shortest is told, with every exchange of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from samsvar.logic.deciding import refused
from samsvar.logic.findings import answered, met, refused_credentials, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.logic.walking.knowing import (
    BUSY,
    WRITTEN,
    Knowledge,
    Surprise,
    is_search,
    known_to_the_crawl,
    step_of,
    walk_of,
    wanted,
)
from samsvar.logic.walking.steps import step_text, written
from samsvar.logic.walking.walks import CONFIRM, REPEATED, SHORTER, STEPS
from samsvar.model.exchange import HAL_JSON
from samsvar.model.verdict import Cause, Finding, Unseen


@dataclass(frozen=True, slots=True)
class Ended:
    """A step that was taken, with all steps of its walk up to it, and what surprised there, None if nothing did."""

    steps: tuple[Reading, ...]
    confirmed: tuple[Reading, ...]
    surprise: Surprise | None

    @property
    def reading(self) -> Reading:
        return self.steps[-1]

    @property
    def kind(self) -> tuple[str, ...]:
        """Surprises of one kind are told once."""
        reading, found = self.reading, self.surprise
        because = found.because.partition(" (")[0] if found is not None else ""
        return (because, reading.probe.type, reading.probe.rel.lower(), wanted(reading), reading.probe.question)

    @property
    def walk(self) -> str:
        """The walk as text."""
        return written(map(step_of, self.steps))


def ends(observed: Observed) -> tuple[Ended, ...]:
    """Every step of every walk, judged by what was known before it."""
    return _ends(observed, len(observed.readings))


@lru_cache(maxsize=2)
def _ends(observed: Observed, count: int) -> tuple[Ended, ...]:
    """count: how much was observed when it was computed. Kept because several guarantees read the same."""
    del count
    knowledge = Knowledge(observed)
    confirmed: dict[str, list[Reading]] = {}
    for one in observed.asked(CONFIRM):
        confirmed.setdefault(one.probe.walk, []).append(one)
    walks: dict[str, tuple[Reading, ...]] = {}
    found = []
    for reading in observed.asked(*STEPS):
        knowledge.catch_up(reading.number)
        number = walk_of(reading)
        walks[number] = (*walks.get(number, ()), reading)
        sure = tuple(confirmed.get(reading.probe.walk, ()))
        surprise = knowledge.surprise(reading, sure)
        if surprise is None:
            knowledge.learn(reading)
        found.append(Ended(walks[number], sure, surprise))
    return tuple(found)


def walks_end_well(observed: Observed) -> Iterator[Finding]:
    """REACH-6. A walk that ends at a fault is told, wherever else the fault is told too. Only how a resource is written
    (its label and body, at the same address in the same format) and what a template does not find are left alone."""
    denied = refused(observed)
    told: dict[tuple[str, ...], list[Ended]] = {}
    for end in ends(observed):
        reading, surprise = end.reading, end.surprise
        if surprise is None:
            yield met(reading)
        elif reading.response is None or reading.status in BUSY:
            because = f"a walk got no answer: {answered(reading)}"
            yield unseen(because, reading, cause=Cause.ENVIRONMENT)
        elif refused_credentials(reading) and (denied or observed.stopped):
            yield unseen(denied or "the credentials stopped working in mid-run", reading, cause=Cause.CONFIGURATION)
        elif surprise.excused:
            yield unseen(f"a walk ended in {surprise.because}: {surprise.excused}", reading, why=Unseen.UNTESTED)
        elif not _told_elsewhere(observed, reading, surprise):
            told.setdefault(end.kind, []).append(end)
    yield from (_lost(several) for several in told.values())
    if not observed.asked(*STEPS):
        yield unseen(f"no walk was made{f': {observed.stopped}' if observed.stopped else ''}")


def _told_elsewhere(observed: Observed, reading: Reading, surprise: Surprise) -> bool:
    """The crawl got just that, and it is a matter of formats, or of a template that does not find (LINK-6)."""
    search = is_search(observed, reading) and reading.status == 404
    matter = surprise.because in WRITTEN or search
    return matter and known_to_the_crawl(observed, reading, surprise.because)


def _length(end: Ended) -> tuple[bool, int, int, int]:
    """By what a walk is the one to tell: that it was walked apart from others, since one that was not may owe its end
    to the walk before it; its steps, its text, and when it was walked."""
    apart = walk_of(end.reading).startswith((SHORTER, REPEATED))
    return not apart, len(end.steps), len(end.walk), end.reading.number


def _lost(several: list[Ended]) -> Finding:
    """The shortest of the walks that end in the same surprise."""
    end = min(several, key=_length)
    surprise = end.surprise
    assert surprise is not None  # they are grouped by it
    more = len(several) - 1
    others = f", as {more} other walk{'s do' if more > 1 else ' does'}" if more else ""
    found = unmet(
        f"the walk {end.walk} ends in {surprise.because}{others}",
        end.reading,
        expected=surprise.expected,
        observed=answered(end.reading),
        format=wanted(end.reading),
    )
    steps = [*end.steps, *dict.fromkeys((*end.confirmed, *surprise.shown))]
    return replace(found, path=end.walk, exchanges=tuple(dict.fromkeys(one.number for one in steps)))


@lru_cache(maxsize=2)
def _apart(observed: Observed, count: int) -> Mapping[tuple[str, ...], tuple[Ended, ...]]:
    """count: as of _ends."""
    del count
    return by_way(ends(observed))


def _of(guarantee: str, observed: Observed) -> Iterator[Finding]:
    """What walks tell of one guarantee besides REACH-6: what is not met, and nothing else, since the questions of its
    own family are what keeps it."""
    told: dict[tuple[str, ...], list[Ended]] = {}
    found, apart = ends(observed), _apart(observed, len(observed.readings))
    for end in found:
        if end.surprise is not None and not _told_elsewhere(observed, end.reading, end.surprise):
            told.setdefault(end.kind, []).append(end)
    for several in told.values():
        if guarantee in guarantees(min(several, key=_length), apart):  # a longer one has more that it might be owed to
            yield _lost(several)


def guarantees(end: Ended, apart: Mapping[tuple[str, ...], tuple[Ended, ...]]) -> tuple[str, ...]:
    """Whose promise a surprise breaks besides REACH-6. What the same walk shows in this media type only, and in
    another one not, is that of FORMAT-4, or of FORMAT-5 where elements are missing. ``apart``: as ``by_way`` gives."""
    surprise = end.surprise
    if surprise is None or surprise.excused:
        return ()
    if surprise.kind != "changed" or surprise.lasts or "MODEL-4" in surprise.guarantees:
        return surprise.guarantees
    others = [one for one in apart.get(_way(end), ()) if wanted(one.reading) != wanted(end.reading)]
    if not others or any(one.surprise is not None for one in others):
        return surprise.guarantees
    return ("FORMAT-4",) if surprise.guarantees == ("GET-3",) else ("FORMAT-5",)


def by_way(found: Iterable[Ended]) -> Mapping[tuple[str, ...], tuple[Ended, ...]]:
    """The steps that were taken by the same way, but for the media type of the last one."""
    apart: dict[tuple[str, ...], list[Ended]] = {}
    for end in found:
        apart.setdefault(_way(end), []).append(end)
    return {way: tuple(several) for way, several in apart.items()}


def _way(end: Ended) -> tuple[str, ...]:
    last = step_text(replace(step_of(end.reading), format=HAL_JSON, spelling="plain"))
    return (*(one.probe.about for one in end.steps[:-1]), last)


def lost_walks(observed: Observed) -> tuple[str, ...]:
    """The walks that end in a surprise, as text: the shortest of each kind, in the order of finding."""
    told: dict[tuple[str, ...], str] = {}
    for end in sorted(ends(observed), key=_length):
        surprise = end.surprise
        if surprise is not None and not surprise.excused and not _told_elsewhere(observed, end.reading, surprise):
            told.setdefault(end.kind, end.walk)
    return tuple(dict.fromkeys(told.values()))


RULES: Mapping[str, Rule] = {"REACH-6": walks_end_well}
CONTRIBUTED = (
    "FORMAT-4",
    "FORMAT-5",
    "ACCEPT-1",
    "ACCEPT-7",
    "REACH-4",
    "REACH-5",
    "GET-3",
    "CORS-2",
    "CORS-3",
    "HTTP-4",
    "LIST-2",
    "LIST-3",
    "MODEL-4",
)
CONTRIBUTIONS: Mapping[str, Rule] = {guarantee: partial(_of, guarantee) for guarantee in CONTRIBUTED}
"""What is told of guarantees that have a rule of their own."""

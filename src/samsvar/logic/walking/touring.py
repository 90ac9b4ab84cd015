"""Walks that are laid out beforehand, so that much is walked however little chance there is for the rest.

In: what was observed. Out: trips, each a function of a walk that gives the next step by where the walk stands then. A
trip leads to a place by the way that the crawl was led there, and then: asks for it in every format; goes out by each
link and comes back; turns the pages of a list; leaves for another entry and comes back. The formats take turns, so
that over many trips each step comes in each format, after a step in each of the others.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from typing import TypeVar

from samsvar.logic.observing import Observed, Visit
from samsvar.logic.walking.heading import long_lists, riches, tours, toward
from samsvar.logic.walking.manners import Manner, origins
from samsvar.logic.walking.steps import DOCUMENT, HERE, Step
from samsvar.logic.walking.walks import Walk, entries
from samsvar.model.exchange import HAL_JSON, HAL_XML, Login

T = TypeVar("T")
Trip = Callable[[Walk], Iterator[Step]]
Way = tuple[Visit, ...]
FEW, FIRST, LAST = (1, 2, 3, -1), (1,), (-1,)
"""Links of one relation that a trip follows, counted from either end."""
RICHEST = 3
"""Entries for which trips leave a place."""
LASTING = ("for_an_origin", "in_a_language")
"""Manners that a trip tries twice, as it does each option of a list: what comes next may keep something of them."""
BACK, PAGE, ON, NEXT, KEPT = "back", "page", "on", "next", "kept"
AGAIN, ALONG, AWAY = "again", "along", "away"
"""What may come after a step, in turns."""
LINKED = (HAL_JSON, HAL_XML)
"""The media types that carry links."""


@dataclass
class Turns:
    """Of each kind of choice the options one after the other, from where the seed has it begin. lag: once more the last
    one after each round, so that two choices side by side come in every combination."""

    seed: int
    taken: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def next(self, kind: tuple[str, ...], options: Sequence[T], *, lag: bool = False, first: bool = False) -> T:
        """The option whose turn it is. first: the first one begins, whatever the seed is."""
        if kind not in self.taken and not first:
            self.taken[kind] = sha256(f"{self.seed} {kind}".encode()).digest()[0]
        number = self.taken[kind]
        self.taken[kind] += 1
        return options[(number + (number // len(options) if lag else 0)) % len(options)]

    def formatted(
        self, walk: Walk, step: Step, kind: tuple[str, ...], wanted: Sequence[str] = (), *, lag: bool = False
    ) -> Step:
        """The step in the format whose turn it is, in one of those that are wanted if it comes in any of them."""
        promised = walk.formats(step)
        formats = [one for one in promised if one in wanted] or promised
        plainly = not formats or formats == (DOCUMENT,)
        return replace(step, format=DOCUMENT if plainly else self.next(kind, formats, lag=lag))


def rounds(observed: Observed, seed: int, manners: Mapping[str, Manner]) -> Iterator[Iterator[Trip]]:
    """Trips without end: in the first round to a place of each type, in all others round about each of them, each time
    in other formats."""
    turns, ways, long = Turns(seed), tours(observed), long_lists(observed)
    rich = riches(observed, [one.name for one in entries(observed)])
    others = sorted(rich, key=lambda name: -rich[name])[:RICHEST]
    yield (in_every_format(way, number) for number, way in enumerate(ways))
    while True:
        yield chain(
            (page_by_page(way, turns) for way in long),
            (out_and_back(way, turns) for way in (*long, *ways)),
            (trip for way in ways for trip in (away_and_back(way, turns, others), otherwise(way, turns, manners))),
        )


def in_every_format(way: Way, number: int) -> Trip:
    """There, changing the format on the way; there in every format; and back to the entry."""

    def trip(walk: Walk) -> Iterator[Step]:
        yield from _led(walk, way, number)
        if not _there(walk, way):
            return
        formats, came = walk.formats(Step(HERE)), walk.steps[-1].format
        yield from (Step(HERE, format=one) for one in formats if one not in (came, DOCUMENT))
        if len(way) > 1:
            yield Step(way[0].path, entry=True, format=LINKED[number % 2])

    return trip


def out_and_back(way: Way, turns: Turns) -> Trip:
    """There, and from there by each link. After it back again, or on to the list's further page, on from where it led,
    or on by the next link of the same kind."""

    def trip(walk: Walk) -> Iterator[Step]:
        yield from _led(walk, way)
        if not _there(walk, way):
            return
        here, page, name = walk.standing, walk.next_page(), way[-1].type
        back = Step(HERE, at=here)
        for link in [*_links(walk, here), *_links(walk, here, LAST)]:
            kind, before = (name, link.rel), walk.steps[-1].format
            after = turns.next((*kind, "after"), (BACK, ON, *((PAGE,) if page else ()), NEXT), first=True)
            yield turns.formatted(walk, link, (*kind, after), LINKED if after == ON else ())
            onward = _onward(walk) if after == ON and walk.standing != here else []
            if onward:
                step = turns.next((*kind, ON, ON), onward, first=True)
                as_before = turns.next((*kind, KEPT), (KEPT, ON), first=True) == KEPT and before in walk.formats(step)
                yield replace(step, format=before) if as_before else turns.formatted(walk, step, (*kind, ON, ON))
            if after == PAGE:
                yield turns.formatted(walk, replace(back, query=page), (name, PAGE), lag=True)
            if after != NEXT:
                yield turns.formatted(walk, back, (name, after), lag=True)

    return trip


def page_by_page(way: Way, turns: Turns) -> Trip:
    """To a list that goes on, and on: its first page and the next, in every format after every other."""

    def trip(walk: Walk) -> Iterator[Step]:
        yield from _led(walk, way)
        here, page = walk.standing, walk.next_page()
        if not _there(walk, way) or not page:
            return
        first, second = Step(HERE, at=here), Step(HERE, at=here, query=page)
        for _ in range(len(walk.formats(first)) * 2):
            yield turns.formatted(walk, first, ("first page",))
            yield turns.formatted(walk, second, ("second page",), lag=True)

    return trip


def otherwise(way: Way, turns: Turns, manners: Mapping[str, Manner]) -> Trip:
    """There, and there in each manner; after it plainly again, at once or by way of a link."""

    def trip(walk: Walk) -> Iterator[Step]:
        yield from _led(walk, way)
        if not _there(walk, way):
            return
        here = walk.standing
        links = list(_links(walk, here))
        for name, manner in manners.items():
            for kind, steps in _kinds(manner(walk)).items():
                for _ in range(2 if kind or name in LASTING else 1):
                    asked = replace(turns.next((name, *kind), steps), at=here)
                    asked = turns.formatted(walk, asked, (name, "asked"), _alike(walk, asked))
                    yield asked
                    if links and turns.next((name, *kind, "after"), (ALONG, AGAIN)) == ALONG:
                        link = turns.next((ALONG, name), links)
                        kept = replace(link, origin=_another(walk, turns, asked.origin), query=_lasting(turns, asked))
                        yield turns.formatted(walk, kept, (ALONG,))
                        if kept.query:
                            yield turns.formatted(walk, link, (ALONG, AGAIN))
                            yield asked
                            yield turns.formatted(walk, link, (ALONG, AGAIN))
                    yield turns.formatted(walk, Step(HERE, at=here), (name, AGAIN), lag=True)

    return trip


def away_and_back(way: Way, turns: Turns, names: Sequence[str]) -> Trip:
    """There, and from there, and from each kind of document there, to each of the other entries."""

    def trip(walk: Walk) -> Iterator[Step]:
        yield from _led(walk, way)
        if not _there(walk, way):
            return
        here, name = walk.standing, way[-1].type
        back = Step(HERE, at=here)
        documents = [link for link in _links(walk, here, FIRST) if walk.formats(link) == (DOCUMENT,)]
        for entry in [Step(one, entry=True) for one in names if one != way[-1].path]:
            yield turns.formatted(walk, entry, (AWAY, entry.rel))
            for link in documents:
                yield replace(back, format=turns.next((name, AGAIN), LINKED))
                yield replace(link, format=DOCUMENT)
                yield turns.formatted(walk, entry, (AWAY, entry.rel))
            yield turns.formatted(walk, back, (name, BACK), lag=True)

    return trip


def _kinds(steps: Iterable[Step]) -> dict[tuple[str, ...], list[Step]]:
    """Steps of one manner by the list options that they set."""
    found: dict[tuple[str, ...], list[Step]] = {}
    for step in steps:
        found.setdefault(tuple(name for name, _ in step.query if name.startswith("$")), []).append(step)
    return found


def _alike(walk: Walk, asked: Step) -> tuple[str, ...]:
    """Whoever asks without the login asks for what came with it just before, in the same format."""
    return (walk.steps[-1].format,) if asked.login is not Login.GIVEN else ()


def _another(walk: Walk, turns: Turns, origin: str) -> str:
    """After a step for an origin another one, if there is one; after others none."""
    others = [one for one in origins(walk) if one != origin] if origin else []
    return turns.next(("origin",), others) if others else ""


def _lasting(turns: Turns, asked: Step) -> tuple[tuple[str, str], ...]:
    """Of the parameters of a step those that a client would go on with, now and then: the language."""
    language = tuple(pair for pair in asked.query if pair[0] == "language")
    return turns.next(("language",), (language, ())) if language else ()


def _links(walk: Walk, at: int, which: Sequence[int] = FEW) -> Iterator[Step]:
    """A step for each relation that is offered there: to those of its links, counted from 1, or from -1 backwards."""
    for rel, offers in walk.followable(at).items():
        last = len(offers)
        numbers = dict.fromkeys(one if one > 0 else last + 1 + one for one in which)
        yield from (Step(rel, nth=number, at=at) for number in numbers if 0 < number <= last)


def _onward(walk: Walk) -> list[Step]:
    """A step by each relation that leads to something else, to the elements of a list first."""
    here = walk.stand()
    own = walk.observed.type_of(here) if here is not None else ""
    steps = [step for step in _links(walk, 0, FIRST) if (aim := walk.aim(step)) is not None and aim.type != own]
    return sorted(steps, key=lambda step: step.rel.lower() != "self")


def _led(walk: Walk, way: Way, number: int = 0) -> Iterator[Step]:
    """The steps by which the crawl came there, in the formats that have links by turns, as long as they are offered."""
    for index, visit in enumerate(way):
        step = Step(visit.path, entry=True) if index == 0 else toward(walk, visit)
        formats = walk.formats(step) if step is not None else ()
        if step is None or not formats:
            return
        linked = [one for one in LINKED if one in formats] or formats
        yield replace(step, format=linked[(number + index + len(way)) % len(linked)])
        if not walk.readings or not walk.readings[-1].ok:
            return


def _there(walk: Walk, way: Way) -> bool:
    """The walk stands where the way leads."""
    return len(walk.steps) == len(way) and walk.stand() is not None and walk.readings[-1].ok

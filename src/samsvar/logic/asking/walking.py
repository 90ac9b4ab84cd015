"""Walks along offered links: question "reach.walk", about "<walk>.<step> <media type>".

Guided walks go from an entry to one place of each type along the links that led the crawl there, changing the format
on the way, read it in every format and go back to the entry. Free walks follow a link, expand a template, turn a page,
read the same place in another format or go back, wherever walks have been least; among equals a hash of number and
step decides. The mix is what a crawl, which asks each URL once and in order, does not show; the same answers give the
same walks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from samsvar.logic.asking import Conversation
from samsvar.logic.following import find_url, listed_by, step, to_the_api
from samsvar.logic.observing import Observed, Offer, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import RelationKind
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, Probe

QUESTION = "reach.walk"
DOCUMENT = "document"
WALKS = 10
"""Walks that go where they will; the guided ones come before."""
STEPS = 6
MOST_TYPES = 30


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a walk is: its number, the step that comes, the entry that it began at, and how often all walks of the run
    took each kind of step."""

    walk: int
    step: int
    entry: Visit
    taken: Counter[tuple[str, str]]

    def chance(self, what: object) -> int:
        """A number that this turn always gives for that choice."""
        digest = sha256(f"{self.walk}/{self.step}/{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big")

    def least(self, choices: Iterable[tuple[str, str]]) -> tuple[str, str]:
        """The choice that was taken least often; among equals the hash decides. It counts as taken now."""
        chosen = min(choices, key=lambda choice: (self.taken[choice], self.chance(choice)))
        self.taken[chosen] += 1
        return chosen

    def about(self, format_: str) -> str:
        return f"{self.walk}.{self.step} {format_}"


def ask(observed: Observed) -> Iterable[Conversation]:
    """The walks, each from an entry that answers; from the required ones where any does."""
    entries = [visit for visit in observed.visits.values() if " > " not in visit.path and _leads_on(observed, visit)]
    required = {entry.name for entry in observed.contract.entries if entry.required}
    entries = [visit for visit in entries if visit.path in required] or entries
    guided = tuple(_guides(observed))
    yield from (_guided(observed, number, chain) for number, chain in enumerate(guided))
    taken: Counter[tuple[str, str]] = Counter()
    for number in range(WALKS if entries else 0):
        yield _walk(observed, len(guided) + number, entries[number % len(entries)], taken)


def _guides(observed: Observed) -> Iterator[tuple[Visit, ...]]:
    """For one place of each type the places that led to it, from an entry on."""
    seen: set[str] = set()
    for visit in observed.visits.values():
        if visit.best is not None and visit.type and visit.type not in seen and len(seen) < MOST_TYPES:
            chain = _chain(observed, visit)
            if chain:
                seen.add(visit.type)
                yield chain


def _chain(observed: Observed, visit: Visit) -> tuple[Visit, ...]:
    """The places from an entry to this one, by the links that the crawl followed; () if they do not begin at one."""
    chain = [visit]
    while " > " in chain[0].path and len(chain) <= STEPS:
        first = next(iter(chain[0].series[0].values()), None)
        parent = observed.reading(first.probe.parent) if first is not None and first.probe.parent else None
        before = observed.visits.get(observed.place(parent)) if parent is not None else None
        if before is None or before in chain:
            return ()
        chain.insert(0, before)
    return tuple(chain) if " > " not in chain[0].path else ()


def _guided(observed: Observed, number: int, chain: tuple[Visit, ...]) -> Conversation:
    """The walk along a chain of places. It ends early where a place does not offer the next (it may stand on another
    page of a list)."""
    entry, index, probe = chain[0], 0, _entry_probe(chain[0])
    for visit, following in zip(chain, (*chain[1:], None), strict=True):
        hal = (HAL_XML, HAL_JSON)[(number + index + len(chain)) % 2]
        formats = observed.formats(visit.type) or (HAL_JSON,)
        turn = Turn(number, index, entry, Counter())
        reading = yield _in(turn, probe, hal if hal in formats else formats[0])
        index += 1
        if following is None or not reading.ok:
            break
        offer = _offer_to(observed, reading, following)
        if offer is None or offer.url is None:
            return
        probe = step(observed, offer, offer.url, QUESTION, "")
    for format_ in [one for one in formats if one != reading.asked] if reading.ok else []:
        yield _in(Turn(number, index, entry, Counter()), probe, format_)
        index += 1
    back = observed.formats(entry.type) or (HAL_JSON,)
    yield _in(Turn(number, index, entry, Counter()), _entry_probe(entry), back[number % len(back)])


def _offer_to(observed: Observed, reading: Reading, visit: Visit) -> Offer | None:
    """The link of a reading that leads to a place that was visited."""
    offers = [one for one in observed.offers(reading) if to_the_api(observed, one) and one.url]
    return next((one for one in offers if observed.place_at(one.url or "") == visit.place), None)


def _leads_on(observed: Observed, visit: Visit) -> bool:
    return visit.best is not None and any(to_the_api(observed, offer) for offer in observed.offers(visit.best))


def _walk(observed: Observed, number: int, entry: Visit, taken: Counter[tuple[str, str]]) -> Conversation:
    reading: Reading | None = None
    for index in range(STEPS):
        probe = _next(observed, Turn(number, index, entry, taken), reading)
        reading = yield probe
        if not reading.ok:
            return


def _next(observed: Observed, turn: Turn, reading: Reading | None) -> Probe:
    """The next step: the entry first, then along a link where the reading offers one, else the same place in a format
    that has links, else back to the entry."""
    ways = _ways(observed, turn, reading) if reading is not None and reading.resource is not None else {}
    if ways:
        return _formatted(observed, turn, ways[_least_known(observed, turn, ways)])
    if reading is not None and reading.asked and reading.asked not in (HAL_JSON, HAL_XML):
        hal = (HAL_JSON, HAL_XML)[turn.chance("hal") % 2]
        if hal in observed.formats(reading.probe.type):
            return _in(turn, reading.probe, hal)
    return _formatted(observed, turn, _entry_probe(turn.entry))


def _least_known(observed: Observed, turn: Turn, ways: Mapping[tuple[str, str], Probe]) -> tuple[str, str]:
    """The way to what walks have seen least, in some format; among equals the relation that was taken least."""

    def rank(way: tuple[str, str]) -> tuple[int, int, int]:
        type_name = ways[way].type
        seen = min(turn.taken[type_name, format_] for format_ in observed.formats(type_name) or (DOCUMENT,))
        return seen, turn.taken[way], turn.chance(way)

    chosen = min(ways, key=rank)
    turn.taken[chosen] += 1
    return chosen


def _ways(observed: Observed, turn: Turn, reading: Reading) -> dict[tuple[str, str], Probe]:
    """The steps that a reading offers, one per relation and carrier's type so that long lists do not drown the rest;
    ways back and into another format are among them."""
    found: dict[tuple[str, str], list[Probe]] = {}
    for offer in observed.offers(reading):
        url = _filled(observed, turn, offer) if offer.link.templated else offer.url
        if url is not None and (offer.link.templated or to_the_api(observed, offer)) and observed.in_api(url):
            key = (offer.type, offer.link.rel.lower())
            found.setdefault(key, []).append(step(observed, offer, url, QUESTION, ""))
    ways = {key: group[turn.chance(key) % len(group)] for key, group in found.items()}
    if ways:
        ways["", "back"] = _entry_probe(turn.entry)
        ways[reading.probe.type, "again"] = replace(reading.probe, question=QUESTION, parent=reading.number, hop=0)
    return ways


def _filled(observed: Observed, turn: Turn, offer: Offer) -> str | None:
    known = listed_by(observed, offer)
    if not known or offer.relation is None or offer.relation.kind is not RelationKind.SEARCH:
        return None
    return find_url(offer, known[turn.chance("element") % len(known)])


def _entry_probe(visit: Visit) -> Probe:
    return Probe(QUESTION, visit.url, type=visit.type, owner=visit.owner, path=visit.path)


def _formatted(observed: Observed, turn: Turn, probe: Probe) -> Probe:
    """The step in one of the media types that are promised there; a document as its link wants it."""
    formats = observed.formats(probe.type)
    if not formats:
        row = observed.type(probe.type)
        document = (row is not None and row.shape is None and not row.is_list) or probe.header("Accept") not in FORMATS
        turn.taken[probe.type, DOCUMENT] += 1
        return replace(probe, about=turn.about(DOCUMENT)) if document else _in(turn, probe, HAL_JSON)
    return _in(turn, probe, turn.least((probe.type, format_) for format_ in formats)[1])


def _in(turn: Turn, probe: Probe, format_: str) -> Probe:
    return replace(
        probe, question=QUESTION, about=turn.about(format_), headers=(("Accept", format_),), place=None, hop=0
    )

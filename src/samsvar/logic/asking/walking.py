"""Walks along offered links: question "reach.walk", about "<walk>.<step> <media type>".

Where a walk goes is derived by hashing its number and step, so the same answers give the same walks. Each step follows
a link, expands a template, turns a page, reads the same place in another format or goes back to the entry; the mix
is what a crawl, which asks each URL once and in order, does not show.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from samsvar.logic.asking import Conversation
from samsvar.logic.asking.stepping import find_url, listed_by, step, to_the_api
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import RelationKind
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, Probe

QUESTION = "reach.walk"
WALKS = 15
STEPS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a walk is: its number, the step that comes, the entry that it began at."""

    walk: int
    step: int
    entry: Visit

    def choose(self, what: str, count: int) -> int:
        """One of ``count`` choices, always the same for this turn."""
        digest = sha256(f"{self.walk}/{self.step}/{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % count

    def about(self, format_: str) -> str:
        return f"{self.walk}.{self.step} {format_}"


def ask(observed: Observed) -> Iterable[Conversation]:
    """The walks, each from an entry that answers."""
    entries = [visit for visit in observed.visits.values() if " > " not in visit.path and _leads_on(observed, visit)]
    for number in range(WALKS if entries else 0):
        yield _walk(observed, number, entries[number % len(entries)])


def _leads_on(observed: Observed, visit: Visit) -> bool:
    return visit.best is not None and any(to_the_api(observed, offer) for offer in observed.offers(visit.best))


def _walk(observed: Observed, number: int, entry: Visit) -> Conversation:
    reading = entry.best
    for index in range(STEPS):
        probe = _next(observed, Turn(number, index, entry), reading)
        reading = yield probe
        if not reading.ok:
            return


def _next(observed: Observed, turn: Turn, reading: Reading | None) -> Probe:
    """The next step: along a link where the reading offers one, else the same place in a format that has links, else
    back to the entry."""
    steps = _ways(observed, turn, reading) if reading is not None and reading.resource is not None else []
    if steps:
        return _formatted(observed, turn, steps[turn.choose("way", len(steps))])
    if reading is not None and reading.asked and reading.asked not in (HAL_JSON, HAL_XML):
        hal = (HAL_JSON, HAL_XML)[turn.choose("hal", 2)]
        if hal in observed.formats(reading.probe.type):
            return _in(turn, reading.probe, hal)
    return _formatted(observed, turn, _entry_probe(turn))


def _ways(observed: Observed, turn: Turn, reading: Reading) -> list[Probe]:
    """All steps that a reading offers, with ways back and into another format among them. One per relation and
    carrier's type, so that long lists do not drown the rest."""
    found: dict[tuple[str, str], list[Probe]] = {}
    for offer in observed.offers(reading):
        key = (offer.type, offer.link.rel.lower())
        if offer.link.templated and offer.relation is not None and offer.relation.kind is RelationKind.SEARCH:
            known = listed_by(observed, offer)
            element = known[turn.choose("element", len(known))] if known else None
            url = find_url(offer, element) if element is not None else None
        else:
            url = offer.url if to_the_api(observed, offer) else None
        if url is not None and observed.in_api(url):
            found.setdefault(key, []).append(step(observed, offer, url, QUESTION, ""))
    ways = [group[turn.choose(f"{key}", len(group))] for key, group in sorted(found.items())]
    if ways:
        ways.append(_entry_probe(turn))
        ways.append(replace(reading.probe, question=QUESTION, parent=reading.number, hop=0))
    return ways


def _entry_probe(turn: Turn) -> Probe:
    visit = turn.entry
    return Probe(QUESTION, visit.url, type=visit.type, owner=visit.owner, path=visit.path)


def _formatted(observed: Observed, turn: Turn, probe: Probe) -> Probe:
    """The step in one of the media types that are promised there; a document as its link wants it."""
    formats = observed.formats(probe.type)
    if not formats:
        row = observed.type(probe.type)
        document = (row is not None and row.shape is None and not row.is_list) or probe.header("Accept") not in FORMATS
        return replace(probe, about=turn.about("document")) if document else _in(turn, probe, HAL_JSON)
    return _in(turn, probe, formats[turn.choose("format", len(formats))])


def _in(turn: Turn, probe: Probe, format_: str) -> Probe:
    return replace(
        probe, question=QUESTION, about=turn.about(format_), headers=(("Accept", format_),), place=None, hop=0
    )

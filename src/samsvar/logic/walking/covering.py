"""What was walked: which relations of the contract, in which media types, with which answers, and which never.

In: what was observed. Out: rows, one for each relation that can be followed, each with its reason where it never was.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from samsvar.logic import urls
from samsvar.logic.following import kind_of
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.logic.walking.knowing import step_of, walk_of, wanted
from samsvar.logic.walking.steps import HERE, SHORT
from samsvar.logic.walking.walks import REPEATED, STEPS, Walk
from samsvar.model.contract import RelationKind
from samsvar.model.walk import Walked

LED_OUT = (RelationKind.PORTAL, RelationKind.ACTION)
NEVER_SEEN = "no resource of that type was seen"
NOT_OFFERED = "not offered by any that was seen"
NOT_WALKED = "offered, and no walk came to follow it"


def covered(observed: Observed) -> tuple[Walked, ...]:
    """One row for each relation of the contract that can be followed, then one for each other that was walked; none at
    all where no walk was made."""
    taken = _taken(observed)
    if not taken:
        return ()
    offered = _offered(observed)
    seen = {visit.type for visit in observed.visits.values() if visit.best is not None}
    seen |= {type_name for type_name, _ in (*offered, *taken)}
    names = dict.fromkeys((*_promised(observed, (*taken, *offered)), *sorted(taken)))
    return tuple(
        Walked(type_name, rel, tuple(sorted(taken.get((type_name, rel), Counter()).items())), never)
        for type_name, rel in names
        for never in ["" if (type_name, rel) in taken else _reason(type_name, rel, seen, offered)]
    )


def _taken(observed: Observed) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
    """How often each relation was walked, by media type and status."""
    found: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for reading in observed.asked(*STEPS):
        if step_of(reading).rel != HERE:
            answer = (SHORT[wanted(reading)], "no answer" if reading.status is None else str(reading.status))
            found.setdefault(carried_by(observed, reading), Counter())[answer] += 1
    return found


def _promised(observed: Observed, known: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The relations of the contract that can be followed; of one that may stand on any type those that carried it."""
    pairs = sorted(set(known))
    for row in observed.contract.relations:
        rel = row.rel.lower()
        if row.kind not in LED_OUT:
            yield from (pair for pair in pairs if pair[1] == rel) if row.source == "*" else ((row.source, rel),)


def _offered(observed: Observed) -> set[tuple[str, str]]:
    """The relations that were offered, crawling and walking, and that may be followed."""
    readings = (*observed.crawled(), *observed.asked(*STEPS))
    return {
        (offer.type, offer.link.rel.lower())
        for reading in readings
        for offer in observed.offers(reading)
        if kind_of(observed, offer) not in LED_OUT
    }


def _reason(type_name: str, rel: str, seen: set[str], offered: set[tuple[str, str]]) -> str:
    if type_name not in seen:
        return NEVER_SEEN
    return NOT_WALKED if (type_name, rel) in offered else NOT_OFFERED


def carried_by(observed: Observed, reading: Reading) -> tuple[str, str]:
    """The type of the resource whose link a step followed, and the relation; of a step to an entry "" and its name."""
    if step_of(reading).entry:
        return "", step_of(reading).rel
    parent = observed.reading(reading.probe.parent) if reading.probe.parent is not None else None
    rel, url = reading.probe.rel.lower(), urls.canonical(reading.probe.url)
    if parent is None:
        return "", rel
    for offer in observed.offers(parent):
        polite = observed.polite(offer.url, reading.probe.type) if offer.url else ""
        if offer.link.rel.lower() == rel and (offer.link.templated or urls.canonical(polite) == url):
            return offer.type, rel
    return observed.type_of(parent), rel


def walked_again(observed: Observed, number: int) -> Walk:
    """The walk that was given as that one (from 1), as far as it was walked."""
    walk = Walk(observed, f"{REPEATED}{number}")
    for reading in observed.asked(*STEPS):
        if walk_of(reading) == walk.number:
            walk.heard(step_of(reading), reading)
    return walk

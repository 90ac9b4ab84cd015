"""Where a walk may head for, and the link that leads there.

In: what was observed. Out: the ways by which the crawl was led to places, and the next step along one of them.
"""

from collections import Counter
from collections.abc import Sequence

from samsvar.logic.asking.reaching import way_to
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.walking.steps import Step
from samsvar.logic.walking.walks import Walk

MOST_OF_A_TYPE = 10
"""Places of one type to head for."""


def goals(observed: Observed) -> dict[str, tuple[tuple[Visit, ...], ...]]:
    """By type, the rarest first, the ways from an entry to places of it, as the crawl was led there."""
    found: dict[str, list[tuple[Visit, ...]]] = {}
    for visit in observed.visits.values():
        kept = found.setdefault(visit.type, [])
        chain = _chain(observed, visit) if visit.best is not None and len(kept) < MOST_OF_A_TYPE else ()
        if len(chain) > 1:
            kept.append(chain)
    ranked = sorted((name for name, kept in found.items() if kept), key=lambda name: (len(found[name]), name))
    return {name: tuple(found[name]) for name in ranked}


def tours(observed: Observed) -> tuple[tuple[Visit, ...], ...]:
    """The way to one place of each type, the types of entries first."""
    entered = (visit for visit in observed.visits.values() if " > " not in visit.path and visit.best is not None)
    ways = (_chain(observed, visit) for visit in entered)
    own = {way[-1].type: way for way in ways if len(way) == 1}
    others = {name: chains[0] for name, chains in goals(observed).items() if name not in own}
    return (*own.values(), *others.values())


def long_lists(observed: Observed) -> tuple[tuple[Visit, ...], ...]:
    """The ways to the lists that may go on on a further page."""
    found = (visit for visit in observed.visits.values() if _is_full(observed, visit))
    return tuple(chain for chain in (_chain(observed, one) for one in found) if chain)


def _is_full(observed: Observed, visit: Visit) -> bool:
    """As long as a list may be, so that there may be more of it."""
    row = observed.type(visit.type)
    return row is not None and row.limited and len(observed.elements(visit)) >= observed.contract.list_limit


def _chain(observed: Observed, visit: Visit) -> tuple[Visit, ...]:
    """The places from an entry to this one, by the links that the crawl followed; () if they do not begin at one."""
    return tuple(hop.visit for hop in way_to(observed, visit) or ())


def toward(walk: Walk, visit: Visit) -> Step | None:
    """The step by a link that leads to that place, where one is offered."""
    for rel, offers in walk.followable().items():
        for index, offer in enumerate(offers):
            if offer.url is not None and walk.observed.place_at(offer.url) == visit.place:
                return Step(rel, nth=index + 1)
    return None


def riches(observed: Observed, names: Sequence[str]) -> dict[str, float]:
    """How much there is to see from each entry: the places that the crawl came to from there."""
    found = Counter(visit.path.partition(" > ")[0] for visit in observed.visits.values())
    return {name: float(max(1, found[name])) for name in names}

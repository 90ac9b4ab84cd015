"""What the rules of the crawl say of places that only walks came to.

In goes what was observed, out come findings: what is not met, and nothing else, since the crawl's places are what a
guarantee is kept by. Only rules that need no more than the place itself are asked; what links between places owe to
each other a walk tells by where it ends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from samsvar.logic.identity import is_known
from samsvar.logic.judging import Rule, formats, links, lists, models
from samsvar.logic.observing import READ, Observed
from samsvar.logic.reading import Reading
from samsvar.logic.walking.knowing import page_of, step_of, wanted
from samsvar.logic.walking.walks import PLAIN
from samsvar.model.exchange import Login, Place
from samsvar.model.verdict import Finding, Sight

ASKED: Mapping[str, Rule] = {**formats.RULES, **links.RULES, **lists.RULES, **models.RULES}
OF_A_PLACE = (
    "FORMAT-2",
    "FORMAT-4",
    "FORMAT-5",
    "FORMAT-6",
    "FORMAT-8",
    "LINK-1",
    "LINK-5",
    "LINK-9",
    "LIST-1",
    "MODEL-1",
    "MODEL-3",
)


def _by_the_way(guarantee: str, observed: Observed) -> Iterator[Finding]:
    places = _places(observed, len(observed.readings))
    yield from (one for one in ASKED[guarantee](places) if one.sight is Sight.UNMET)


@lru_cache(maxsize=2)
def _places(observed: Observed, count: int) -> Observed:
    """The places that only walks came to, as if a crawl had read them. count: how much was observed by then."""
    del count
    found = Observed(observed.contract, observed.profile, observed.target, observed.means)
    for reading in observed.asked(PLAIN):
        place = _new_place(observed, reading)
        if place is not None:
            probe = replace(reading.probe, question=READ, about=wanted(reading), place=place)
            found.add(replace(reading.exchange, probe=probe))
    return found


def _new_place(observed: Observed, reading: Reading) -> Place | None:
    """The place of a step that was asked plainly and led to a resource that is known by its key, and that the crawl did
    not come to."""
    row = observed.type(observed.type_of(reading))
    document = row is None or (row.shape is None and not row.is_list)
    if document or reading.resource is None or reading.probe.login is not Login.GIVEN:
        return None
    place = observed.place(reading)
    step = step_of(reading)
    plainly = not step.query and step.spelling == "plain" and not page_of(observed, reading)
    return place if plainly and is_known(place) and place not in observed.visits else None


CONTRIBUTIONS: Mapping[str, Rule] = {guarantee: partial(_by_the_way, guarantee) for guarantee in OF_A_PLACE}
"""What is told of guarantees that have a rule of their own."""

"""What the rules of the crawl say of what only walks came to: places that the crawl did not see, and other answers at
places that it saw.

In goes what was observed, out come findings: what is not met, and nothing else, since the crawl's places are what a
guarantee is kept by. Only rules that need no more than the place itself are asked; what links between places owe to
each other a walk tells by where it ends.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from hashlib import sha256

from samsvar.logic import urls
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
    known: set[tuple[str, str]] | None = None
    for answers in _apart(observed, len(observed.readings)):
        for one in ASKED[guarantee](answers):
            if one.sight is Sight.UNMET:
                known = known if known is not None else _told(guarantee, observed)
                if (one.place, one.because) not in known:
                    yield one


def _told(guarantee: str, observed: Observed) -> set[tuple[str, str]]:
    """What the crawl tells of it anyhow."""
    return {(one.place, one.because) for one in ASKED[guarantee](observed) if one.sight is Sight.UNMET}


@lru_cache(maxsize=2)
def _apart(observed: Observed, count: int) -> tuple[Observed, ...]:
    """The answers of walks as if a crawl had read them, each place once in each format in each of these; no two that
    say the same. count: how much was observed by then."""
    del count
    seen = {_said(one) for one in observed.crawled()}
    found: list[Observed] = []
    filled: Counter[tuple[Place, str]] = Counter()
    for reading in observed.asked(PLAIN):
        said, place = _said(reading), _place(observed, reading)
        if place is None or said in seen:
            continue
        seen.add(said)
        index = filled[place, said[0]]
        filled[place, said[0]] += 1
        if index == len(found):
            found.append(Observed(observed.contract, observed.profile, observed.target, observed.means))
        probe = replace(reading.probe, question=READ, about=said[0], place=place)
        found[index].add(replace(reading.exchange, probe=probe))
    return tuple(found)


def _said(reading: Reading) -> tuple[str, str, str, bytes]:
    """The format that was asked for and what came, to tell whether it came before."""
    body = reading.response.body if reading.response is not None else b""
    return wanted(reading), reading.label, urls.canonical(reading.probe.url), sha256(body).digest()


def _place(observed: Observed, reading: Reading) -> Place | None:
    """The place of a step that was asked plainly and led to a resource that is known by its key."""
    row = observed.type(observed.type_of(reading))
    document = row is None or (row.shape is None and not row.is_list)
    if document or reading.resource is None or reading.probe.login is not Login.GIVEN:
        return None
    place, step = observed.place(reading), step_of(reading)
    plainly = not step.query and step.spelling == "plain" and not page_of(observed, reading)
    return place if plainly and is_known(place) else None


CONTRIBUTIONS: Mapping[str, Rule] = {guarantee: partial(_by_the_way, guarantee) for guarantee in OF_A_PLACE}
"""What is told of guarantees that have a rule of their own."""

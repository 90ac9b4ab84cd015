"""Questions that schemathesis generates: each described operation whose place the crawl has seen, with right and wrong
queries, and with another last segment where the address ends in the place's key.

In: what the crawl saw, a number, a seed. Out: conversations ``operation``; about: "<operation> positive 0". Nothing is
asked where only the documentation says that something is: an environment may have moved it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, once
from samsvar.logic.asking.access import is_private
from samsvar.logic.following import LONGEST, has_effect
from samsvar.logic.identity import key_of
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.operations import UNKNOWN, Case, Operation, cases, operations
from samsvar.logic.reading import Reading
from samsvar.model.exchange import HAL_JSON, Login, Place, Probe

OPERATION = "operation"
"""The question; about: the case."""
MOST_SITES = 3
"""Places of one operation that are asked in turn."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where an operation was seen to answer. probe: what was asked there; keyed: its address ends in its key."""

    probe: Probe
    place: Place | None
    formats: tuple[str, ...]
    keyed: bool = False


def ask(observed: Observed, cases_per_operation: int, seed: int) -> Iterable[Conversation]:
    """So many right and so many wrong questions for each operation that was seen. Raises UsageError when schemathesis
    is not installed."""
    described = tuple(one for one in operations(observed.contract.openapi) if not one.effect)
    sites = seen(observed, described)
    for case in cases(observed.contract.openapi, cases_per_operation, seed, sites):
        site = sites[case.operation][case.number % len(sites[case.operation])]
        yield from map(once, _probes(observed, case, site))


def seen(observed: Observed, described: tuple[Operation, ...]) -> dict[str, tuple[Site, ...]]:
    """By operation, the first places where it answered. An address that no template fits is of the first operation of
    its type: it may have moved."""
    found: dict[str, list[Site]] = {}
    for type_name, site in (*_visited(observed), *_documents(observed)):
        of_type = [one for one in described if one.type and one.type == type_name]
        fitting = [one for one in of_type if _fits(observed, one, site.probe.url)]
        for one in (fitting or of_type)[:1]:
            sites = found.setdefault(one.id, [])
            if len(sites) < MOST_SITES:
                sites.append(site)
    return {name: tuple(sites) for name, sites in found.items()}


def _visited(observed: Observed) -> Iterator[tuple[str, Site]]:
    for visit in observed.visits.values():
        best = visit.best
        if best is None or not _may_be_asked(observed, best.probe.url):
            continue
        formats = observed.formats(visit.type) or (HAL_JSON,)
        yield visit.type, Site(best.probe, visit.place, formats, _is_keyed(observed, visit, best))


def _documents(observed: Observed) -> Iterator[tuple[str, Site]]:
    for reading in observed.documents:
        if reading.ok and _may_be_asked(observed, reading.probe.url):
            yield (
                reading.probe.type,
                Site(reading.probe, reading.probe.place, (reading.probe.header("Accept") or "*/*",)),
            )


def _is_keyed(observed: Observed, visit: Visit, best: Reading) -> bool:
    row = observed.type(visit.type)
    key = key_of(row, best.resource) if row is not None and best.resource is not None else None
    segment = unquote(urls.path(best.probe.url).rpartition("/")[2])
    return key is not None and segment.lower() == key.rpartition("/")[2].lower()


def _fits(observed: Observed, operation: Operation, url: str) -> bool:
    below = urls.path(url)[len(urls.path(observed.target.root)) :].strip("/")
    pieces = re.split(r"\{\w+\}", operation.path)
    return re.fullmatch("[^/]+".join(map(re.escape, pieces)), below, re.IGNORECASE) is not None


def _may_be_asked(observed: Observed, url: str) -> bool:
    return observed.in_api(url) and not has_effect(observed, url) and len(url) <= LONGEST


def _probes(observed: Observed, case: Case, site: Site) -> Iterator[Probe]:
    """The question, and for what is private the first one of each operation again without login."""
    probe = _probe(observed, case, site)
    if not _may_be_asked(observed, probe.url):
        return
    yield probe
    row = observed.type(probe.type)
    if case.positive and case.number == 0 and row is not None and is_private(row):
        # A document is known by its address, and a made-up key leads nowhere: then the address stays as it was.
        as_it_was = case.path or site.place is None
        url = observed.polite(site.probe.url, row.name) if as_it_was else probe.url
        yield replace(probe, login=Login.NONE, url=url, place=site.place)


def _probe(observed: Observed, case: Case, site: Site) -> Probe:
    accept = site.formats[case.number % len(site.formats)]
    base = replace(
        site.probe, question=OPERATION, about=case.about, headers=(("Accept", accept),), login=Login.GIVEN, hop=0
    )
    if case.path and site.keyed:
        url = observed.polite(_with_last(site.probe.url, case.path[0][1]), base.type)
        return replace(base, url=url, place=None)
    query = case.query or (() if case.positive else UNKNOWN)
    asked = urls.with_parameters(site.probe.url, dict(query))
    return replace(base, url=observed.polite(asked, base.type), place=site.place)


def _with_last(url: str, segment: str) -> str:
    """The URL with another last segment, and without a query, which may have been about the place that was there."""
    parts = urlsplit(url)
    path = f"{parts.path.rpartition('/')[0]}/{quote(segment, safe='')}"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

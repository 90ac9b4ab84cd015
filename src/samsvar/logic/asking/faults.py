"""Questions about faults and validators: unknown paths and ids, parameters that make no sense, conditional requests.

In: what the crawl saw. Out: conversations ``unknown-path``, ``fault.*`` and ``validator.*``; about 45 requests on a
large environment. All are plain GETs.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once, representatives
from samsvar.logic.identity import key_of
from samsvar.logic.observing import Observed, Visit, hal_readings
from samsvar.logic.reading import Reading
from samsvar.logic.templates import fill
from samsvar.model.contract import RelationKind
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, XML, Place, Probe

UNKNOWN_PATH = "unknown-path"  # a path that nobody made; not redirected by the explorer
FAULT_PATH = "fault.path"  # the same, where the first answer was a redirect
FAULT_DEEP = "fault.deep"  # an unknown path below a known one
FAULT_ID = "fault.id"  # about: "<type> <media type>": a well-formed id that nobody has
FAULT_PARAMETER = "fault.parameter"  # about: the parameter whose value makes no sense
MATCH = "validator.match"  # If-None-Match with the ETag that was offered; about: the media type
OTHER = "validator.other"  # If-None-Match with an ETag that nobody made
SINCE = "validator.since"  # If-Modified-Since with the date that was offered
OLD = "validator.old"  # If-Modified-Since with a date long ago

NOWHERE = "samsvar-no-such-resource"
LONG_AGO = "Mon, 01 Jan 1990 00:00:00 GMT"
FOREIGN_TAG = '"samsvar-no-such-entity"'
NUMBERS = ("999999999", "888888887", "777777776")
MOST_IDS = 10
MOST_VALIDATED = 5


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions of this family."""
    for format_ in (HAL_JSON, XML):
        yield _unknown_path(observed, format_)
    yield from _deep(observed)
    yield from map(once, _unknown_ids(observed))
    yield from map(once, _senseless_parameters(observed))
    yield from _validators(observed)


def _unknown_path(observed: Observed, format_: str) -> Conversation:
    probe = Probe(
        UNKNOWN_PATH, urls.below(observed.target.root, NOWHERE), about=format_, headers=(("Accept", format_),)
    )
    reading = yield probe
    if reading.redirect is not None:
        yield replace(probe, question=FAULT_PATH)


def _deep(observed: Observed) -> Iterator[Conversation]:
    """Below the first entry that answered as a list."""
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        if row is not None and row.is_list and visit.resource is not None:
            path = f"{urls.path(visit.url).rstrip('/')}/{NOWHERE}"
            url = urlunsplit((*urlsplit(visit.url)[:2], path, "", ""))
            yield once(Probe(FAULT_DEEP, url, about=HAL_JSON, headers=(("Accept", HAL_JSON),)))
            return


# Ids that nobody has


@dataclass(frozen=True, slots=True)
class UnknownId:
    """A URL that would find a place of that type if somebody had that id."""

    type: str
    url: str


def _unknown_ids(observed: Observed) -> Iterator[Probe]:
    gone: set[str] = set()
    types: set[str] = set()
    for unknown in (*_searches(observed), *_addresses(observed)):
        url = observed.polite(unknown.url, unknown.type)
        if urls.canonical(url) in gone or unknown.type in types or not observed.in_api(url) or len(types) >= MOST_IDS:
            continue
        for format_ in FORMATS if not types else FORMATS[:1]:
            yield _id_probe(unknown.type, url, format_)
        gone.add(urls.canonical(url))
        types.add(unknown.type)


def _id_probe(type_name: str, url: str, format_: str) -> Probe:
    return Probe(
        FAULT_ID,
        url,
        about=f"{type_name} {format_}",
        headers=(("Accept", format_),),
        type=type_name,
        place=Place(type_name, "that nobody has"),
    )


def _searches(observed: Observed) -> Iterator[UnknownId]:
    """The templates that lists offer, filled with an id that nobody has."""
    for visit in list(observed.visits.values()):
        for reading in hal_readings(visit):
            for offer in observed.offers(reading):
                relation = offer.relation
                if relation is None or relation.kind is not RelationKind.SEARCH or not offer.link.templated:
                    continue
                values = {
                    variable: nobodys(_example(observed, relation.target, member), _known(observed, relation.target))
                    for variable, member in relation.variables.items()
                }
                expanded = fill(offer.link.href, values)
                url = urls.resolve(reading.probe.url, expanded) if expanded else None
                if url is not None:
                    yield UnknownId(relation.target, url)


def _example(observed: Observed, type_name: str, member: str) -> str:
    """A value that a key property really has, to copy its form from."""
    found = (visit.resource.text(member) for visit in observed.visits_of(type_name) if visit.resource is not None)
    return next((text.strip() for text in found if text), "")


def _known(observed: Observed, type_name: str) -> set[str]:
    """Every part of every key of that type that was seen."""
    return {part for place in observed.visits if place.type == type_name for part in (place.key, *place.key.split("/"))}


def _addresses(observed: Observed) -> Iterator[UnknownId]:
    """The addresses of places that carry the place's key, with that key replaced."""
    for visit in list(observed.visits.values()):
        row = observed.type(visit.type)
        key = key_of(row, visit.resource) if row is not None and visit.resource is not None else None
        if key is not None:
            last = key.rpartition("/")[2]
            url = with_segment(visit.url, last, nobodys(last, _known(observed, visit.type)))
            if url is not None:
                yield UnknownId(visit.type, url)


def nobodys(example: str, known: Collection[str]) -> str:
    """An id of the same form as the example that is none of the known ones."""
    forms = (re.sub(r"[0-9]+", number, example, count=1) for number in NUMBERS)
    changed = (form for form in forms if form != example and form not in known)
    return next(changed, f"{example}-{NOWHERE}" if example else NOWHERE)


def with_segment(url: str, segment: str, other: str) -> str | None:
    """The URL with the last path segment that is ``segment`` (without case) replaced; None when none is."""
    parts = urlsplit(url)
    segments = parts.path.split("/")
    for index in range(len(segments) - 1, -1, -1):
        if unquote(segments[index]).strip().lower() == segment.lower():
            segments[index] = quote(other, safe="")
            return urlunsplit((parts.scheme, parts.netloc, "/".join(segments), parts.query, ""))
    return None


def _senseless_parameters(observed: Observed) -> Iterator[Probe]:
    """One place whose language can be chosen and one list that dates can narrow, with values that are neither."""
    localised = next((v for v in representatives(observed, most=40) if _row(observed, v, "localised")), None)
    dated = next((v for v in representatives(observed, most=40) if _row(observed, v, "dates")), None)
    for visit, name in ((localised, "language"), (dated, "dateFrom")):
        if visit is not None:
            url = urls.with_parameters(visit.url, {name: "samsvar"})
            yield ask_place(visit, FAULT_PARAMETER, name, accept=HAL_JSON, url=url)


def _row(observed: Observed, visit: Visit, what: str) -> bool:
    return bool(getattr(observed.type(visit.type), what, False))


# Validators


def _validators(observed: Observed) -> Iterator[Conversation]:
    """Conditional requests where a validator was offered: one place per type, some in an XML format too."""
    tagged = dated = 0
    for visit in representatives(observed, most=40):
        for format_ in (observed.outer(visit), HAL_XML) if tagged < 1 else (observed.outer(visit),):
            reading = visit.reading(format_)
            if reading is None or reading.response is None or not reading.ok:
                continue
            tag, date = _offered(reading, "ETag"), _offered(reading, "Last-Modified")
            if tag and tagged <= MOST_VALIDATED:
                tagged += 1
                yield _matched(visit, format_, tag)
            if date and dated < MOST_VALIDATED:
                dated += 1
                yield _dated(visit, format_, date)


def _offered(reading: Reading, name: str) -> str:
    """The validator that an answer offers, "" if there is none that could be sent back."""
    value = reading.response.first(name) if reading.response is not None else None
    return value if value and value.isascii() and value.isprintable() else ""


def _matched(visit: Visit, format_: str, tag: str) -> Conversation:
    def conditional(question: str, value: str) -> Probe:
        return ask_place(visit, question, format_, accept=format_, headers=(("If-None-Match", value),))

    reading = yield conditional(MATCH, tag)
    fresh = _offered(reading, "ETag") if reading.ok else ""
    if fresh and fresh != tag:  # it moved since the crawl, or its tag is made anew each time
        yield conditional(MATCH, fresh)
    yield conditional(OTHER, FOREIGN_TAG)


def _dated(visit: Visit, format_: str, date: str) -> Conversation:
    for question, value in ((SINCE, date), (OLD, LONG_AGO)):
        yield ask_place(visit, question, format_, accept=format_, headers=(("If-Modified-Since", value),))

"""Questions about lists: windows, filters, orders, dates and queries that make no sense.

In: what the crawl saw. Out: conversations ``list.*``; about 190 requests on a large environment. A filter is chosen
from what the elements say, so that it could fail, and is written in its URL: a judge reads it from there.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from samsvar.logic import lexical, urls
from samsvar.logic.asking import Conversation, ask_place, once
from samsvar.logic.identity import elements, key_of
from samsvar.logic.lexical import Instant
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import RelationKind, ResourceType, Shape, ValueKind
from samsvar.model.exchange import XML, Probe
from samsvar.model.resource import Kind, Resource, Scalar

BASE = "list.base"  # the list, before its windows
WINDOW = "list.window"  # about: "$skip=2&$top=3"
FILTER = "list.filter"  # about: what the filter is for
ORDER = "list.order"  # about: the order
AGAIN = "list.again"  # the list after its questions; about: "window" or "filter"
DATES = "list.dates"  # about: the parameters
BAD = "list.bad"  # about: what is wrong with the query

FULL = 3  # types whose lists are asked everything
PER_TYPE = 2
MOST_DATED = 4
FAR = 1_000
LONGEST = 120


# What a list holds


@dataclass(frozen=True, slots=True)
class Item:
    """An element of a list: its key, or all it says where its type has none; and the resource itself."""

    key: str
    resource: Resource


def items(observed: Observed, type_name: str, reading: Reading | None) -> tuple[Item, ...] | None:
    """The elements that a reading of a list shows, in order; None when it cannot be read, or shows links to places
    that were not visited. A list without content (204) is empty."""
    row = observed.type(type_name)
    if row is None or reading is None or not reading.ok:
        return None
    if reading.status == 204:
        return ()
    if reading.resource is None:
        return None
    element = observed.type(row.element)
    embedded = tuple(Item(_name(element, one), one) for one in elements(observed.contract, type_name, reading.resource))
    return embedded or _linked(observed, row, element, reading)


def _name(element: ResourceType | None, resource: Resource) -> str:
    key = key_of(element, resource) if element is not None else None
    if key is not None:
        return key
    said = ((name, node.text) for name, node in resource.properties.members if isinstance(node, Scalar))
    return "; ".join(sorted(f"{name}={text}" for name, text in said if text))


def _linked(
    observed: Observed, row: ResourceType, element: ResourceType | None, reading: Reading
) -> tuple[Item, ...] | None:
    """The elements of a list that links to them instead of embedding them."""
    names = {name.lower() for name in (*row.container, "item")}
    found = []
    for offer in observed.offers(reading):
        if offer.resource is not reading.resource or offer.link.rel.lower() not in names or offer.url is None:
            continue
        place = observed.place_at(offer.url)
        visit = observed.visits.get(place) if place is not None else None
        if visit is None or visit.resource is None:
            return None
        found.append(Item(_name(element, visit.resource), visit.resource))
    return tuple(found)


def whole(observed: Observed, visit: Visit) -> tuple[Item, ...]:
    """All elements of a list as it was browsed to its end."""
    outer = observed.outer(visit)
    readings = (visit.reading(outer), *(page.get(outer) for _, page in sorted(visit.pages.items())))
    return tuple(item for reading in readings for item in items(observed, visit.type, reading) or ())


def offers_next(observed: Observed, reading: Reading) -> bool:
    """The page offers another one."""
    return any(
        offer.link.rel.lower() == "next" and offer.relation is not None and offer.relation.kind is RelationKind.PAGE
        for offer in observed.offers(reading)
    )


def searchable_lists(observed: Observed) -> Iterator[tuple[int, int, Visit]]:
    """The lists to ask: number of the type, number within it, visit; the longest of each type first."""
    by_type: dict[str, list[tuple[int, Visit]]] = {}
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        if row is not None and row.searchable and visit.resource is not None:
            count = len(whole(observed, visit))
            if count:
                by_type.setdefault(visit.type, []).append((-count, visit))
    for number, lists in enumerate(by_type.values()):
        for index, (_, visit) in enumerate(sorted(lists, key=lambda one: one[0])[:PER_TYPE]):
            yield number, index, visit


# Filters


class Operator(StrEnum):
    """The part of OData v3 that is asked for."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    CONTAINS = "substringof"
    STARTS = "startswith"


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: property, operator, value as text, and as what the value is written."""

    property: str
    operator: Operator
    value: str
    kind: ValueKind = ValueKind.TEXT


@dataclass(frozen=True, slots=True)
class Condition:
    """One term, or several joined by "and" or by "or"."""

    terms: tuple[Term, ...]
    joiner: str = "and"


BARE = (ValueKind.INTEGER, ValueKind.DECIMAL, ValueKind.BOOLEAN)


def spelled(condition: Condition) -> str:
    """The condition as OData v3 writes it: a quote inside a text is doubled."""
    return f" {condition.joiner} ".join(map(_spelled, condition.terms))


def _spelled(term: Term) -> str:
    quoted = "'" + term.value.replace("'", "''") + "'"
    if term.operator is Operator.CONTAINS:
        return f"substringof({quoted},{term.property})"
    if term.operator is Operator.STARTS:
        return f"startswith({term.property},{quoted})"
    literal = term.value if term.kind in BARE else f"datetime{quoted}" if term.kind is ValueKind.INSTANT else quoted
    return f"{term.property} {term.operator.value} {literal}"


TEXT = r"'(?:[^']|'')*'"
TERM = re.compile(
    rf"substringof\((?P<part>{TEXT}),(?P<holder>\w+)\)|startswith\((?P<starter>\w+),(?P<start>{TEXT})\)"
    rf"|(?P<name>\w+) (?P<operator>eq|ne|gt|ge) (?:(?P<date>[Dd]ate[Tt]ime)?(?P<text>{TEXT})|(?P<bare>[^\s']+))"
)
JOINER = re.compile(r" (and|or) ")


def condition_of(text: str) -> Condition | None:
    """The condition that a $filter of ours writes; None when it is not one of ours."""
    terms, joiner, at = [], "and", 0
    while found := TERM.match(text, at):
        terms.append(_term(found))
        at = found.end()
        joined = JOINER.match(text, at)
        if joined is None:
            return Condition(tuple(terms), joiner) if at == len(text) else None
        joiner, at = joined.group(1), joined.end()
    return None


def _term(found: re.Match[str]) -> Term:
    if found["part"] is not None:
        return Term(found["holder"], Operator.CONTAINS, _unquoted(found["part"]))
    if found["start"] is not None:
        return Term(found["starter"], Operator.STARTS, _unquoted(found["start"]))
    operator = Operator(found["operator"])
    if found["bare"] is not None:
        kind = ValueKind.BOOLEAN if found["bare"] in ("true", "false") else ValueKind.DECIMAL
        return Term(found["name"], operator, found["bare"], kind)
    kind = ValueKind.INSTANT if found["date"] else ValueKind.TEXT
    return Term(found["name"], operator, _unquoted(found["text"]), kind)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


# Which properties can be asked about


@dataclass(frozen=True, slots=True)
class Column:
    """A declared property that every element of a list has: its values in order, and as what they are written. Of a
    private one we see pseudonyms: they are equal where the values are, but their order and parts mean nothing."""

    name: str
    kind: ValueKind
    values: tuple[str, ...]
    localised: bool = False
    private: bool = False


ASKED_KINDS = (ValueKind.TEXT, ValueKind.INTEGER, ValueKind.INSTANT, ValueKind.BOOLEAN)
WRITTEN = {Kind.NUMBER: ValueKind.INTEGER, Kind.BOOLEAN: ValueKind.BOOLEAN}


def columns(shape: Shape | None, found: tuple[Item, ...]) -> tuple[Column, ...]:
    """The declared properties that each element really has."""
    members = shape.members if shape is not None else {}
    candidates = (_column(name, member, found) for name, member in members.items() if member.kind in ASKED_KINDS)
    return tuple(column for column in candidates if column is not None)


def _column(name: str, member: Shape, found: tuple[Item, ...]) -> Column | None:
    nodes = [item.resource.properties.get(name) for item in found]
    values = tuple(node.text for node in nodes if isinstance(node, Scalar) and node.text.strip())
    kinds = {node.kind for node in nodes if isinstance(node, Scalar)}
    if not values or len(values) != len(found) or len(kinds) != 1:
        return None
    kind = member.kind
    if kind is not ValueKind.INSTANT and Kind.UNTYPED not in kinds:
        kind = WRITTEN.get(next(iter(kinds)), ValueKind.TEXT)
    readable = kind is ValueKind.TEXT or all(lexical.read(value, kind) is not None for value in values)
    if not readable:
        return None
    written = tuple(value.strip() if kind in BARE else value for value in values)
    return Column(name, kind, written, member.localised, member.private is not None)


def _quotable(value: str) -> bool:
    """A text that means the same to every server: no blanks around it, one line, not too long."""
    return value == value.strip() and value.isprintable() and len(value) <= LONGEST


def local_time(instant: Instant) -> str:
    """An instant as Norwegian local time without zone, as the API writes it. Times at the ends of the calendar, which
    stand for "never", are written as those ends."""
    try:
        when = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant.seconds)).astimezone(lexical.NORWAY)
    except OverflowError:
        return "0001-01-01T00:00:00" if instant.seconds < 0 else "9999-12-31T23:59:59"
    fraction = f".{instant.fraction}" if instant.fraction else ""
    return f"{when.replace(tzinfo=None).isoformat(timespec='seconds')}{fraction}"


ZONED = re.compile(r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})\s*\Z")
LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\Z")
CLEAR = 6 * 3600
"""Seconds between two instants that no reading of a time without zone can confuse."""


def pivot(values: Iterable[str]) -> str | None:
    """A time that parts the values in two, written without zone: one of them as it is written, since some servers
    compare texts. Where they are written with a zone, it lies far from any of them, since a server may read a time
    without zone in its own way."""
    known = [(value, text) for text in values if isinstance(value := lexical.read(text, ValueKind.INSTANT), Instant)]
    written = dict(known)
    distinct = sorted(written)
    if len(distinct) < 2:
        return None
    if not any(ZONED.search(text) for text in written.values()):
        middle = distinct[(len(distinct) - 1) // 2]
        return written[middle].strip() if LOCAL.match(written[middle].strip()) else local_time(middle)
    gap, index = max((distinct[i + 1].seconds - distinct[i].seconds, i) for i in range(len(distinct) - 1))
    return local_time(Instant(distinct[index].seconds + gap // 2)) if gap > CLEAR else None


@dataclass(frozen=True, slots=True)
class Search:
    """A filter to ask: what it is for, and the condition."""

    about: str
    condition: Condition


def searches(row: ResourceType | None, found: tuple[Item, ...]) -> Iterator[Search]:
    """The filters that a list can be asked, dearest first."""
    table = columns(row.shape if row is not None else None, found)
    texts = [one for one in table if one.kind is ValueKind.TEXT and not one.localised]
    keys = [one for one in table if row is not None and one.name in row.key]
    if keys:
        yield Search("the last element by its key", _eq(keys[0], keys[0].values[-1]))
    yield from _not_common(texts)
    yield from list(_later(table))[:1]
    yield from _unusual(texts)
    if keys and keys[0].values[0] != keys[0].values[-1]:
        ends = (_eq(keys[0], keys[0].values[0]), _eq(keys[0], keys[0].values[-1]))
        yield Search("the first or the last", Condition(tuple(one.terms[0] for one in ends), "or"))
    yield from _both(texts, keys)
    yield from _part(texts, keys)
    yield from _greater(table)
    yield from list(_later(table))[1:]


def _eq(column: Column, value: str) -> Condition:
    return Condition((Term(column.name, Operator.EQ, value, column.kind),))


def _not_common(texts: list[Column]) -> Iterator[Search]:
    """All but the most frequent value, so that few remain."""
    several = [one for one in texts if len(set(one.values)) > 1 and all(map(_quotable, one.values))]
    if several:
        column = min(several, key=lambda one: len(set(one.values)))
        common = Counter(column.values).most_common(1)[0][0]
        yield Search("all but one value", Condition((Term(column.name, Operator.NE, common),)))


def _later(table: tuple[Column, ...]) -> Iterator[Search]:
    for column in table:
        time = pivot(column.values) if column.kind is ValueKind.INSTANT else None
        if time is not None:
            yield Search("later than", Condition((Term(column.name, Operator.GT, time, ValueKind.INSTANT),)))
            yield Search("not earlier than", Condition((Term(column.name, Operator.GE, time, ValueKind.INSTANT),)))
            return


def _unusual(texts: list[Column]) -> Iterator[Search]:
    """A text with a quote, and one with letters beyond ASCII."""
    for about, pattern in (("a text with a quote", "'"), ("a text with Norwegian letters", "[^\x00-\x7f]")):
        found = (
            (column, value)
            for column in texts
            for value in column.values
            if _quotable(value) and re.search(pattern, value)
        )
        chosen = next(found, None)
        if chosen is not None:
            yield Search(about, _eq(*chosen))


def _both(texts: list[Column], keys: list[Column]) -> Iterator[Search]:
    """Two properties of one element, neither of which is its key."""
    names = {one.name for one in keys}
    free = [one for one in texts if one.name not in names and len(set(one.values)) > 1 and _quotable(one.values[-1])]
    if len(free) > 1:
        terms = tuple(Term(one.name, Operator.EQ, one.values[-1]) for one in free[:2])
        yield Search("two properties", Condition(terms))


WORD = re.compile(r"[A-Za-z]{4,}")


def _part(texts: list[Column], keys: list[Column]) -> Iterator[Search]:
    """A word out of the middle of a text."""
    names = {one.name for one in keys} | {one.name for one in texts if one.private}
    for column in texts:
        for value in column.values:
            found = WORD.search(value, 1) if column.name not in names and len(value) > 6 else None
            if found is not None:
                yield Search("a part of a text", Condition((Term(column.name, Operator.CONTAINS, found.group()),)))
                return


def _greater(table: tuple[Column, ...]) -> Iterator[Search]:
    for column in table:
        values = sorted({int(value) for value in column.values if value.lstrip("-").isdigit()})
        if column.kind is ValueKind.INTEGER and len(values) > 1 and not column.private:
            middle = str(values[(len(values) - 1) // 2])
            yield Search("greater than", Condition((Term(column.name, Operator.GT, middle, ValueKind.INTEGER),)))
            return


def orderable(row: ResourceType | None, found: tuple[Item, ...]) -> Iterator[Column]:
    """Properties whose order is the same everywhere: instants, numbers, and codes of equally many digits."""
    for column in columns(row.shape if row is not None else None, found):
        if len(set(column.values)) < 2 or column.private:
            continue
        digits = len({len(value) for value in column.values}) == 1 and all(
            value.isascii() and value.isdigit() for value in column.values
        )
        if column.kind in (ValueKind.INSTANT, ValueKind.INTEGER) or (column.kind is ValueKind.TEXT and digits):
            yield column


# Asking


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions of this family."""
    for number, index, visit in searchable_lists(observed):
        first = number < FULL
        if index and not first:
            continue
        yield _windows(observed, visit, fully=first and not index)
        yield _search(observed, visit, fully=first and not index)
        yield from map(once, _senseless(observed, visit, number, index))
    yield from _dated(observed)


def _ask(visit: Visit, question: str, about: str, format_: str, parameters: Mapping[str, str]) -> Probe:
    return ask_place(visit, question, about, accept=format_, url=urls.with_parameters(visit.url, parameters))


def _windows(observed: Observed, visit: Visit, *, fully: bool) -> Conversation:
    outer = observed.outer(visit)
    base = yield _ask(visit, BASE, outer, outer, {})
    page = len(items(observed, visit.type, base) or ())
    if page < 2:
        return
    for skip, top in _cuts(page, len(whole(observed, visit)), fully=fully):
        yield _ask(visit, WINDOW, _window(skip, top), outer, _parameters(skip, top))
    if fully and XML in observed.formats(visit.type):
        yield _ask(visit, WINDOW, _window(1, 2), XML, _parameters(1, 2))
    yield _ask(visit, AGAIN, "window", outer, {})


def _cuts(page: int, total: int, *, fully: bool) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of $skip and $top: from the start, from within, across the end of the page, past the end."""
    some = min(3, page - 1)
    skipped = min(2, page - 1)
    yield None, some
    yield skipped, some
    if total > page:
        yield page - 1, 3
    if fully:
        yield skipped, None
        yield total + FAR, None


def _parameters(skip: int | None, top: int | None) -> dict[str, str]:
    named = (("$skip", skip), ("$top", top))
    return {name: str(value) for name, value in named if value is not None}


def _window(skip: int | None, top: int | None) -> str:
    return "&".join(f"{name}={value}" for name, value in _parameters(skip, top).items())


BRIEF = 3
"""Filters that a list of a further type, or a second list, is asked."""


def _search(observed: Observed, visit: Visit, *, fully: bool) -> Conversation:
    row, outer = observed.type(visit.type), observed.outer(visit)
    element = observed.type(row.element) if row is not None else None
    found = whole(observed, visit)
    chosen = list(searches(element, found))
    for one in chosen if fully else chosen[:BRIEF]:
        reading = yield _filter(visit, one.about, outer, spelled(one.condition))
        if reading.status == 400 and "datetime'" in spelled(one.condition):
            # Sources write both datetime'...' and DateTime'...'.
            yield _filter(visit, one.about, outer, spelled(one.condition).replace("datetime'", "DateTime'"))
    if fully and chosen:
        for format_ in observed.formats(visit.type):
            if format_ != outer:
                yield _filter(visit, chosen[0].about, format_, spelled(chosen[0].condition))
        yield _filter(visit, "the first that fits", outer, spelled(chosen[0].condition), {"$top": "1"})
    for column in list(orderable(element, found))[: 2 if fully else 1]:
        for direction in ("", " desc") if fully else (" desc",):
            order = f"{column.name}{direction}"
            yield _ask(visit, ORDER, order, outer, {"$orderby": order})
    yield _ask(visit, AGAIN, "filter", outer, {})


def _filter(visit: Visit, about: str, format_: str, text: str, more: Mapping[str, str] | None = None) -> Probe:
    return _ask(visit, FILTER, about, format_, {"$filter": text, **(more or {})})


NO_SUCH = "SamsvarNoSuchProperty"
SENSELESS: tuple[tuple[str, str, str], ...] = (
    ("a filter on a property that does not exist", "$filter", f"{NO_SUCH} eq 'x'"),
    ("a filter without an end", "$filter", "{property} eq"),
    ("$top below zero", "$top", "-1"),
    ("an order by a property that does not exist", "$orderby", NO_SUCH),
    ("a text without its closing quote", "$filter", "{property} eq 'x"),
    ("$top that is no number", "$top", "samsvar"),
    ("$skip below zero", "$skip", "-1"),
    ("$skip that is no number", "$skip", "samsvar"),
)
"""About, parameter, value; those that tell most first."""
FEW_SENSELESS = 4


def _senseless(observed: Observed, visit: Visit, number: int, index: int) -> Iterator[Probe]:
    row = observed.type(visit.type)
    element = observed.type(row.element) if row is not None else None
    table = columns(element.shape if element is not None else None, whole(observed, visit))
    name = next((one.name for one in table if one.kind is ValueKind.TEXT), "Name")
    outer = observed.outer(visit)
    chosen = (
        SENSELESS[:FEW_SENSELESS] if number >= FULL else SENSELESS if not index else SENSELESS[2:3] + SENSELESS[-1:]
    )
    for about, parameter, value in chosen:
        yield _ask(visit, BAD, about, outer, {parameter: value.replace("{property}", name)})
    if not number and not index and XML in observed.formats(visit.type):
        about, parameter, value = SENSELESS[0]
        yield _ask(visit, BAD, about, XML, {parameter: value})


# Dates


WARNING = "X-Warning-LimitReached"


def warned(visit: Visit) -> bool:
    """Some reading of the list says that the database cut it."""
    return any(one.response is not None and one.response.first(WARNING) is not None for one in visit.latest.values())


def times(shape: Shape | None, found: Iterable[Item]) -> tuple[Instant, ...]:
    """When the elements were last changed, in order of time; () when one of them does not tell."""
    from_items = [_time(shape, item) for item in found]
    known = [one for one in from_items if one is not None]
    return tuple(sorted(known)) if len(known) == len(from_items) else ()


def _time(shape: Shape | None, item: Item) -> Instant | None:
    names = [
        name
        for name, member in (shape.members if shape is not None else {}).items()
        if member.kind is ValueKind.INSTANT and name.lower().startswith("lastchanged")
    ]
    text = item.resource.text(names[0]) if names else None
    value = lexical.read(text, ValueKind.INSTANT) if text else None
    return value if isinstance(value, Instant) else None


def _dated(observed: Observed) -> Iterator[Conversation]:
    """Lists that dates can narrow: those that warn first, then the longest."""
    lists = [
        (not warned(visit), -len(whole(observed, visit)), index, visit)
        for index, visit in enumerate(observed.visits.values())
        if (row := observed.type(visit.type)) is not None and row.dates and visit.resource is not None
    ]
    for _, _, _, visit in sorted(lists, key=lambda one: one[:3])[:MOST_DATED]:
        row = observed.type(visit.type)
        element = observed.type(row.element) if row is not None else None
        seen = times(element.shape if element is not None else None, whole(observed, visit))
        if seen:
            yield _spans(observed, visit, seen)


def _spans(observed: Observed, visit: Visit, seen: tuple[Instant, ...]) -> Conversation:
    """What is older than all that was seen, and what lies among it."""
    outer, middle = observed.outer(visit), seen[len(seen) // 2]
    for about, limits in (
        ("dateTo", {"dateTo": seen[0]}),
        ("dateFrom and dateTo", {"dateFrom": seen[0], "dateTo": middle}),
    ):
        reading = yield _ask(visit, DATES, about, outer, {name: local_time(one) for name, one in limits.items()})
        if reading.status is not None and 400 <= reading.status < 500:
            days = {name: local_time(one)[:10] for name, one in limits.items()}
            yield _ask(visit, DATES, about, outer, days)

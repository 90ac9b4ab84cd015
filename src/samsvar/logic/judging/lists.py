"""LIST-1 to LIST-5: lists hold no more than they may, $skip and $top cut one sequence, $filter and $orderby do what
they say, a list cut short says so, and what cannot be understood is refused."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from samsvar.logic import lexical, urls
from samsvar.logic.asking.lists import (
    AGAIN,
    BAD,
    BASE,
    DATES,
    FILTER,
    ORDER,
    WARNING,
    WINDOW,
    Condition,
    Item,
    Operator,
    Term,
    condition_of,
    items,
    offers_next,
    times,
    warned,
    whole,
)
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.judging.faults import error_in, errors_come_as_successes
from samsvar.logic.lexical import Instant
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import ResourceType, Shape, ValueKind
from samsvar.model.exchange import Place
from samsvar.model.verdict import Cause, Finding, Unseen

BUSY = (429, 503)


def _unclear(observed: Observed, reading: Reading) -> Finding | None:
    """The answer is no answer to the question."""
    if reading.response is None or reading.status in BUSY:
        return unseen(f"no answer that tells: {answered(reading)}", reading, cause=Cause.ENVIRONMENT)
    if reading.status in (401, 403):
        return unseen(f"the list is refused: {answered(reading)}", reading)
    visit = _visit(observed, reading)
    if visit is not None and not _same_in_its_format(observed, visit, reading.asked):
        return unseen(f"the list is another one in {reading.asked} anyway, which FORMAT tells", reading)
    return None


def _same_in_its_format(observed: Observed, visit: Visit, format_: str) -> bool:
    """The list as the crawl read it has the same elements in that format as in the first. In another order they are a
    matter for LIST: FORMAT is silent where no order is defined, yet what $skip counts is the same in all formats."""
    first, here = visit.reading(observed.outer(visit)), visit.reading(format_)
    if here is None or here is first:
        return True
    one, other = items(observed, visit.type, first), items(observed, visit.type, here)
    return one is not None and other is not None and sorted(_keys(one)) == sorted(_keys(other))


def _visit(observed: Observed, reading: Reading) -> Visit | None:
    return observed.visits.get(reading.probe.place) if reading.probe.place is not None else None


def _element(observed: Observed, visit: Visit) -> ResourceType | None:
    row = observed.type(visit.type)
    return observed.type(row.element) if row is not None else None


def _by_place(readings: tuple[Reading, ...]) -> dict[Place, list[Reading]]:
    found: dict[Place, list[Reading]] = {}
    for reading in readings:
        if reading.probe.place is not None:
            found.setdefault(reading.probe.place, []).append(reading)
    return found


def _keys(found: tuple[Item, ...]) -> tuple[str, ...]:
    return tuple(item.key for item in found)


# LIST-1


def lists_are_limited(observed: Observed) -> Iterator[Finding]:
    """LIST-1: what comes of a limited list without $top is no more than the limit, in any format, on any page."""
    limit = observed.contract.list_limit
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        if row is None or not row.limited:
            continue
        pages = [one for series in (visit.latest, *visit.pages.values()) for one in series.values()]
        counted = [(len(found), one) for one in pages if (found := items(observed, visit.type, one)) is not None]
        # Past the limit, links to elements that were not visited count as well.
        counted += [(_linked(observed, row, one), one) for one in pages if items(observed, visit.type, one) is None]
        counted = [(count, one) for count, one in counted if count and urls.parameter(one.probe.url, "$top") is None]
        if not counted:
            continue
        most, reading = max(counted, key=lambda one: one[0])
        if most > limit:
            because = f"a list holds more than {limit} elements"
            yield unmet(because, reading, expected=f"at most {limit}", observed=most, place=str(visit.place))
        elif most == limit or any(index > 0 for index in visit.pages if _holds(observed, visit, index)):
            yield met(reading, place=str(visit.place))
        else:
            because = f"the list has no more than {most} elements in all, so the limit cannot show"
            yield unseen(because, reading, why=Unseen.INAPPLICABLE, place=str(visit.place))


def _holds(observed: Observed, visit: Visit, index: int) -> bool:
    return any(items(observed, visit.type, one) for one in visit.pages[index].values())


def _linked(observed: Observed, row: ResourceType, reading: Reading) -> int:
    names = {name.lower() for name in (*row.container, "item")}
    return sum(
        offer.link.rel.lower() in names and offer.resource is reading.resource for offer in observed.offers(reading)
    )


# LIST-2


def windows_cut_one_sequence(observed: Observed) -> Iterator[Finding]:
    """LIST-2: $skip and $top give the part of the sequence that they name; a shorter one offers its next."""
    again = {one.probe.place: one for one in observed.asked(AGAIN) if one.probe.about == "window"}
    bases = {one.probe.place: one for one in observed.asked(BASE)}
    for place, windows in _by_place(observed.asked(WINDOW)).items():
        visit, base, after = observed.visits.get(place), bases.get(place), again.get(place)
        if visit is None or base is None or after is None:
            yield unseen("the list was not read before and after its windows", *windows[:1])
            continue
        before, now = items(observed, visit.type, base), items(observed, visit.type, after)
        if not before or now is None or _keys(before) != _keys(now):
            yield unseen("the list moved while its windows were read", base, after)
            continue
        for window in windows:
            yield _window(observed, window, _sequence(observed, visit, before))


@dataclass(frozen=True, slots=True)
class Sequence:
    """What is known of a list's order: the keys, how many of them its first page holds, and whether they go to its
    end (else nothing is known of what comes after them)."""

    keys: tuple[str, ...]
    page: int
    ended: bool


def _sequence(observed: Observed, visit: Visit, page: tuple[Item, ...]) -> Sequence:
    """The list as browsed to the end if it still begins so, else its first page. An element that came while the list
    was browsed pushes another to two pages: what is further on was then not seen."""
    browsed = _keys(whole(observed, visit))
    told = browsed[: len(page)] == _keys(page) and len(set(browsed)) == len(browsed)
    return Sequence(browsed if told else _keys(page), len(page), ended=told)


def _window(observed: Observed, reading: Reading, sequence: Sequence) -> Finding:
    unclear = _unclear(observed, reading)
    if unclear is not None:
        return unclear
    query, url = reading.probe.about, reading.probe.url
    skip, top = _number(url, "$skip") or 0, _number(url, "$top")
    if not reading.ok:
        expected = "the elements that the query names"
        return unmet(f"the list does not understand {query}", reading, expected=expected, observed=answered(reading))
    visit = _visit(observed, reading)
    found = items(observed, visit.type, reading) if visit is not None else None
    if found is None:
        return unseen("the window cannot be read", reading)
    wanted = sequence.keys[skip:] if top is None else sequence.keys[skip : skip + top]
    got = _keys(found)
    compared = got if sequence.ended else got[: len(wanted)]
    if compared != wanted[: len(compared)] or (top is not None and len(got) > top):
        because = f"{query} gives other elements than the list has there"
        return unmet(because, reading, expected=_some(wanted), observed=_some(got))
    least = min(len(wanted), sequence.page)
    if len(got) < least and not offers_next(observed, reading):
        because = f"{query} gives too few elements and offers no next page"
        return unmet(because, reading, expected=_some(wanted), observed=_some(got))
    if not wanted and not sequence.ended:
        return unseen("the list moved while it was browsed", reading)
    return met(reading)


def _number(url: str, name: str) -> int | None:
    """The number that an option of the URL has; None where it has none."""
    text = urls.parameter(url, name) or ""
    return int(text) if text.isascii() and text.isdigit() else None


def _some(keys: tuple[str, ...]) -> str:
    return f"{len(keys)}: {', '.join(keys[:6])}" if keys else "no elements"


# LIST-3


def filters_and_orders(observed: Observed) -> Iterator[Finding]:
    """LIST-3: a filter selects exactly what fits, an order orders."""
    again = {one.probe.place: one for one in observed.asked(AGAIN) if one.probe.about == "filter"}
    for place, readings in _by_place(observed.asked(FILTER, ORDER)).items():
        visit = observed.visits.get(place)
        if visit is None:
            continue
        settled = _settled(observed, visit, again.get(place))
        still = settled == whole(observed, visit) and not _grown(observed, visit, again.get(place))
        for reading in readings:
            if reading.probe.question == FILTER:
                yield from _filtered(observed, visit, reading, settled)
            else:
                yield _ordered(observed, visit, reading, still=still)


def _settled(observed: Observed, visit: Visit, again: Reading | None) -> tuple[Item, ...]:
    """The browsed elements that are sure to be there still: all if the list reads as before, else those that it shows
    unchanged."""
    browsed = whole(observed, visit)
    now = items(observed, visit.type, again)
    first = items(observed, visit.type, visit.reading(observed.outer(visit)))
    if now is None or first is None:
        return ()
    same = {item.key: item for item in now}
    if _keys(now) == _keys(first) and all(_unchanged(observed, visit, item, same[item.key]) for item in first):
        return browsed
    return tuple(item for item in browsed if item.key in same and _unchanged(observed, visit, item, same[item.key]))


def _grown(observed: Observed, visit: Visit, again: Reading | None) -> bool:
    """The list shows an element now that it did not hold when it was browsed."""
    now = items(observed, visit.type, again) or ()
    return not set(_keys(now)) <= set(_keys(whole(observed, visit)))


def _unchanged(observed: Observed, visit: Visit, one: Item, other: Item) -> bool:
    element = _element(observed, visit)
    found = observed.meant_differently(element.name if element else "", one.resource, other.resource)
    return next(found, None) is None


def _filtered(observed: Observed, visit: Visit, reading: Reading, settled: tuple[Item, ...]) -> Iterator[Finding]:
    unclear = _unclear(observed, reading)
    text = urls.parameter(reading.probe.url, "$filter") or ""
    condition = condition_of(text)
    if unclear is not None or condition is None:
        yield unclear or unseen("the filter is none of ours", reading)
        return
    if not reading.ok:
        yield _filter_refused(observed, reading, condition, text)
        return
    found = items(observed, visit.type, reading)
    if found is None:
        yield unseen("the result cannot be read", reading)
        return
    yield _selected(observed, visit, reading, condition, settled, found)


def _filter_refused(observed: Observed, reading: Reading, condition: Condition, text: str) -> Finding:
    simple = len(condition.terms) == 1 and condition.terms[0].operator is Operator.EQ
    if (reading.status or 0) < 500 and not simple:
        return unseen(f"the list does not know this filter: {answered(reading)}", reading)
    because = f"a filter for {reading.probe.about} is not answered"
    return unmet(because, reading, expected=f"the elements with {text}", observed=answered(reading))


def _selected(
    observed: Observed,
    visit: Visit,
    reading: Reading,
    condition: Condition,
    settled: tuple[Item, ...],
    found: tuple[Item, ...],
) -> Finding:
    shape = _shape(observed, visit)
    browsed = {item.key: item for item in whole(observed, visit)}
    wrong = [
        item for item in found if fits(condition, item, shape) is False and _known_so(item, browsed, condition, shape)
    ]
    text = f"elements with {urls.parameter(reading.probe.url, '$filter')}"
    if wrong:
        because = f"a filter for {reading.probe.about} gives elements that do not fit"
        return unmet(because, reading, expected=text, observed=f"{len(found)} elements, among them {wrong[0].key}")
    # A list that shows an element twice (REACH-4) still holds it once.
    wanted = list(dict.fromkeys(item.key for item in settled if fits(condition, item, shape) is True))
    got = set(_keys(found))
    if offers_next(observed, reading):
        return met(reading)
    missing = [key for key in wanted if key not in got]
    least = min(len(wanted), _room(observed, visit, reading))
    if len(found) < least or (missing and len(wanted) <= _room(observed, visit, reading)):
        because = f"a filter for {reading.probe.about} leaves out elements that fit"
        expected = f"{len(wanted)} {text}"
        return unmet(because, reading, expected=expected, observed=f"{len(found)}; {missing[0]} is not among them")
    return met(reading)


def _known_so(item: Item, browsed: Mapping[str, Item], condition: Condition, shape: Shape | None) -> bool:
    """An element does not fit by what it says now and, where it was seen before, by what it said then: what moved in
    the meantime may have fitted when the filter looked at it."""
    earlier = browsed.get(item.key)
    return earlier is None or fits(condition, earlier, shape) is not True


def _room(observed: Observed, visit: Visit, reading: Reading) -> int:
    """How many elements the answer can hold."""
    top = _number(reading.probe.url, "$top")
    if top is not None:
        return top
    first = items(observed, visit.type, visit.reading(observed.outer(visit))) or ()
    return len(first)


def _shape(observed: Observed, visit: Visit) -> Shape | None:
    element = _element(observed, visit)
    return element.shape if element is not None else None


def fits(condition: Condition, item: Item, shape: Shape | None) -> bool | None:
    """Whether an element fits a condition: None where servers may differ (case, blanks, properties that are absent)."""
    answers = [_fits(term, item.resource.text(term.property), shape) for term in condition.terms]
    deciding = condition.joiner == "or"
    if deciding in answers:
        return deciding
    return None if None in answers else not deciding


def _fits(term: Term, text: str | None, shape: Shape | None) -> bool | None:
    if text is None:
        return False if term.operator is Operator.EQ else None
    if term.kind is ValueKind.TEXT:
        return TEXTUAL[term.operator](lexical.plain(term.value), lexical.plain(text))
    wanted, got = lexical.read(term.value, term.kind), lexical.read(text, term.kind)
    if wanted is None or got is None:
        return None
    if term.operator in (Operator.EQ, Operator.NE):
        return (got == wanted) is (term.operator is Operator.EQ)
    equal = got == wanted
    return term.operator is Operator.GE if equal else _greater(got, wanted)


def _greater(got: object, wanted: object) -> bool | None:
    if isinstance(got, Instant) and isinstance(wanted, Instant):
        return got > wanted
    return got > wanted if isinstance(got, Decimal) and isinstance(wanted, Decimal) else None


def _equal(wanted: str, got: str) -> bool | None:
    """Databases often compare without case and without trailing blanks."""
    if wanted == got:
        return True
    return None if wanted.strip().casefold() == got.strip().casefold() else False


def _unequal(wanted: str, got: str) -> bool | None:
    same = _equal(wanted, got)
    return None if same is None else not same


def _contains(wanted: str, got: str) -> bool | None:
    if wanted in got:
        return True
    return None if wanted.casefold() in got.casefold() else False


def _starts(wanted: str, got: str) -> bool | None:
    if got.startswith(wanted):
        return True
    return None if got.casefold().startswith(wanted.casefold()) else False


def _cannot_tell(_wanted: str, _got: str) -> bool | None:
    """The order of texts is the server's."""
    return None


TEXTUAL = {
    Operator.EQ: _equal,
    Operator.NE: _unequal,
    Operator.CONTAINS: _contains,
    Operator.STARTS: _starts,
    Operator.GT: _cannot_tell,
    Operator.GE: _cannot_tell,
}


def _ordered(observed: Observed, visit: Visit, reading: Reading, *, still: bool) -> Finding:
    unclear = _unclear(observed, reading)
    if unclear is not None:
        return unclear
    name, _, direction = (urls.parameter(reading.probe.url, "$orderby") or "").partition(" ")
    if not reading.ok:
        because = f"an order by {name} is not answered"
        return unmet(because, reading, expected=f"the list in order of {name}", observed=answered(reading))
    found = items(observed, visit.type, reading)
    values = _values(name, found or (), _shape(observed, visit))
    if not found or values is None:
        return unseen("the order cannot be read", reading)
    falling = direction == "desc"
    if values != sorted(values, reverse=falling):
        shown = ", ".join(item.resource.text(name) or "" for item in found[:4])
        said = "falling" if falling else "rising"
        return unmet(
            f"the list is not in order of {name}", reading, expected=f"{said} {name}", observed=f"{shown}, ..."
        )
    everything = _values(name, whole(observed, visit), _shape(observed, visit))
    if not still or everything is None or not browsed_to_end(observed, visit):
        return met(reading)
    foremost = sorted(everything, reverse=falling)[: len(values)]
    few = len(values) < min(len(everything), _room(observed, visit, reading)) and not offers_next(observed, reading)
    if Counter(values) != Counter(foremost) or few:
        because = f"the list in order of {name} does not begin with the elements that come first"
        return unmet(because, reading, expected=str(foremost[:3]), observed=str(values[:3]))
    return met(reading)


def _values(name: str, found: tuple[Item, ...], shape: Shape | None) -> list[tuple[int, str]] | None:
    """What the elements are ordered by, as comparable pairs; None when one of them cannot be read."""
    member = shape.members.get(name) if shape is not None else None
    kind = member.kind if member is not None else ValueKind.ANY
    values = [_comparable(item.resource.text(name), kind) for item in found]
    known = [one for one in values if one is not None]
    return known if len(known) == len(values) else None


def _comparable(text: str | None, kind: ValueKind) -> tuple[int, str] | None:
    """A value as a pair that compares as the value does."""
    value = lexical.read(text, kind if kind is ValueKind.INSTANT else ValueKind.INTEGER) if text else None
    if isinstance(value, Instant):
        return value.seconds, value.fraction
    return (int(value), "") if isinstance(value, Decimal) else None


def browsed_to_end(observed: Observed, visit: Visit) -> bool:
    """The crawl saw the last element: the last page offers no next one, and a page asked for by $skip is empty."""
    outer = observed.outer(visit)
    first = visit.reading(outer)
    row = observed.type(visit.type)
    if first is None or row is None or not first.ok:
        return False
    if not visit.pages:
        return not offers_next(observed, first) and not row.limited
    last = visit.pages[max(visit.pages)].get(outer)
    found = items(observed, visit.type, last)
    if last is None or found is None:
        return False
    return not offers_next(observed, last) if offers_next(observed, first) else not found


# LIST-4


def cut_lists_say_so(observed: Observed) -> Iterator[Finding]:
    """LIST-4: where narrower dates show elements that browsing did not, the list has said that it was cut."""
    asked = _by_place(observed.asked(DATES))
    for place, readings in asked.items():
        visit = observed.visits.get(place)
        if visit is not None:
            yield _cut(observed, visit, readings)
    if asked:
        return
    plain = [v for v in observed.visits.values() if (row := observed.type(v.type)) and row.dates and v.best is not None]
    if plain and plain[0].best is not None:
        yield unseen("no list that dates can narrow holds elements", plain[0].best)
    else:
        yield unseen("no list that dates can narrow was read")


def _cut(observed: Observed, visit: Visit, readings: list[Reading]) -> Finding:
    lists = list(visit.latest.values())
    place = str(visit.place)
    if not browsed_to_end(observed, visit):
        return unseen("the list could not be browsed to its end", *lists[:1], place=place)
    if len(set(_keys(whole(observed, visit)))) < len(whole(observed, visit)):
        return unseen("browsing gave elements twice, which REACH-4 tells", *lists[:1], place=place)
    told = [one for one in readings if items(observed, visit.type, one) is not None]
    for reading in told:
        hidden = _hidden(observed, visit, reading)
        if hidden:
            searched = [one for one in observed.asked(FILTER, ORDER) if one.probe.place == visit.place]
            return _said(visit, reading, hidden, searched)
    if not told:
        return unseen(f"the dates were not understood: {answered(readings[0])}", *readings, place=place)
    if warned(visit):
        because = f"{WARNING} is there, and the dates that were asked show no more than the list"
        return unseen(because, *lists[:1], *told, place=place)
    because = "the list is not cut: narrower dates show nothing that browsing did not"
    return unseen(because, *lists[:1], *told, why=Unseen.INAPPLICABLE, place=place)


def _hidden(observed: Observed, visit: Visit, reading: Reading) -> list[str]:
    """Elements that browsing did not show because they lie beyond its end: older than all that it did show, as far as
    times tell. What is missing between others is told by REACH-4."""
    oldest = times(_shape(observed, visit), whole(observed, visit))[:1]
    return [key for key, when in _withheld(observed, visit, reading) if when <= oldest[0]]


def passed_over(observed: Observed, visit: Visit) -> tuple[list[str], list[Reading]]:
    """Elements between the oldest and the newest that browsing showed, which it passed over though the dates show them,
    and the readings that do."""
    oldest = times(_shape(observed, visit), whole(observed, visit))[:1]
    found: dict[str, Reading] = {}
    for reading in observed.asked(DATES):
        if reading.probe.place == visit.place:
            for key, when in _withheld(observed, visit, reading):
                if when > oldest[0]:
                    found.setdefault(key, reading)
    return list(found), list(dict.fromkeys(found.values()))


def _withheld(observed: Observed, visit: Visit, reading: Reading) -> Iterator[tuple[str, Instant]]:
    """Elements that browsing did not show, with their times, although they are older than something that it did: not
    new ones."""
    found = whole(observed, visit)
    shape = _shape(observed, visit)
    seen, shown = set(_keys(found)), times(shape, found)
    for item in items(observed, visit.type, reading) or ():
        when = times(shape, (item,))
        if item.key not in seen and shown and when and when[0] < shown[-1]:
            yield item.key, when[0]


def _said(visit: Visit, reading: Reading, hidden: list[str], searched: list[Reading]) -> Finding:
    """The database cuts before a filter or an order is looked at, so their answers lack elements as well."""
    lists = [one for one in (*visit.latest.values(), *searched) if one.ok and one.response is not None]
    silent = [one for one in lists if one.response is not None and one.response.first(WARNING) is None]
    if not silent:
        return met(*lists, reading, place=str(visit.place))
    return unmet(
        f"the list is cut and does not say so: {reading.probe.about} shows {len(hidden)} more",
        *silent,
        reading,
        expected=f"{WARNING} on the list",
        observed=f"no {WARNING}; {hidden[0]} is not in the list",
        place=str(visit.place),
    )


# LIST-5


def senseless_queries_are_refused(observed: Observed) -> Iterator[Finding]:
    """LIST-5: a query that cannot be understood is answered 400."""
    for reading in observed.asked(BAD):
        unclear = _unclear(observed, reading)
        if unclear is not None:
            yield unclear
        elif reading.status == 400:
            yield met(reading)
        elif reading.ok and error_in(None, reading) and errors_come_as_successes(observed):
            yield unseen("errors come as successes here, which HTTP-1 tells", reading)
        elif reading.ok and left_out(observed, _option(reading), reading.probe.place):
            because = f"the list leaves {_option(reading)} out of account altogether, which LIST-2 or LIST-3 tells"
            yield unseen(because, reading)
        else:
            because = f"{reading.probe.about} is {_instead(reading)}"
            yield unmet(because, reading, expected="400", observed=answered(reading))


PROPER = {"$filter": FILTER, "$orderby": ORDER, "$top": WINDOW, "$skip": WINDOW}
"""Option -> the question that uses it properly."""


def _option(reading: Reading) -> str:
    return next(name for name in PROPER if urls.parameter(reading.probe.url, name) is not None)


def left_out(observed: Observed, option: str, place: Place | None) -> bool:
    """The list answers every proper use of the option, two or more, as if its value were not looked at; a list that
    was not asked so often is taken for one like the others."""
    proper = _by_place(
        tuple(
            one
            for one in observed.asked(PROPER[option])
            if one.ok and urls.parameter(one.probe.url, option) is not None
        )
    )
    telling = {place: uses for place, uses in proper.items() if len({one.probe.about for one in uses}) > 1}
    chosen = {place: telling[place]} if place is not None and place in telling else telling
    return bool(chosen) and all(_unheeded(observed, option, one, uses) for one, uses in chosen.items())


def _unheeded(observed: Observed, option: str, place: Place, uses: list[Reading]) -> bool:
    """All these uses of an option on one list are answered as if its value were not looked at."""
    visit = observed.visits.get(place)
    if visit is None:
        return False
    plain = items(observed, visit.type, visit.reading(observed.outer(visit))) or ()
    results = [(one, items(observed, visit.type, one) or ()) for one in uses]
    if option == "$filter":
        return len({_keys(found) for one, found in results if urls.parameter(one.probe.url, "$top") is None}) == 1
    if option == "$top":
        return all(len(found) > (_number(one.probe.url, "$top") or 0) for one, found in results)
    return all(_keys(found) == _keys(plain)[: len(found)] for _, found in results)


def _instead(reading: Reading) -> str:
    status = reading.status or 0
    if status >= 500:
        return "answered as the server's fault"
    return "not understood and yet answered" if status < 300 else "refused with another status than 400"


RULES: Mapping[str, Rule] = {
    "LIST-1": lists_are_limited,
    "LIST-2": windows_cut_one_sequence,
    "LIST-3": filters_and_orders,
    "LIST-4": cut_lists_say_so,
    "LIST-5": senseless_queries_are_refused,
}

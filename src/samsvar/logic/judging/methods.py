"""GET-1 to GET-5: content comes by GET, other methods retrieve nothing, and reading changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from samsvar.logic import lexical, urls
from samsvar.logic.asking.methods import (
    EFFECT_AFTER,
    EFFECT_BEFORE,
    EFFECT_READ,
    GET_AGAIN,
    HEAD,
    HEAD_AFTER,
    HEAD_GET,
    LIST,
    MESSAGE,
    OPTIONS,
    UNSAFE,
    UNSAFE_METHODS,
    UNSAFE_NOWHERE,
    became_read,
    change_property,
    content_shape,
    differing,
    is_unread,
    undocumented_methods,
)
from samsvar.logic.findings import answered, met, refused_credentials, unmet, unseen
from samsvar.logic.identity import elements, key_of
from samsvar.logic.judging import Rule
from samsvar.logic.judging.faults import error_in, errors_come_as_successes
from samsvar.logic.observing import AGAIN, FOLLOW, PAGE, READ, Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.logic.sameness import differences
from samsvar.model.contract import Access, ResourceType, Shape, ValueKind
from samsvar.model.exchange import Login, Place, Stage
from samsvar.model.resource import Aspect, Resource
from samsvar.model.verdict import Cause, Finding, Unseen

BUSY = (429, 503)
NO_GET = (405, 501)


# GET-1


def content_comes_by_get(observed: Observed) -> Iterator[Finding]:
    """GET-1: whatever was offered and asked for by GET came; dead links are LINK-4's."""
    for readings in _questions(observed):
        yield from _retrieved(observed, readings)


def _questions(observed: Observed) -> Iterator[list[Reading]]:
    """The readings of the crawl, those of one URL together."""
    together: dict[str, list[Reading]] = {}
    for reading in observed.asked(READ, FOLLOW, PAGE):
        if not _optional_entry(observed, reading):
            together.setdefault(urls.canonical(reading.probe.url), []).append(reading)
    yield from together.values()


def _optional_entry(observed: Observed, reading: Reading) -> bool:
    """The reading is of an entry that an environment may lack."""
    if reading.probe.rel:
        return False
    entry = next((one for one in observed.contract.entries if one.name == reading.probe.path), None)
    return entry is not None and not entry.required


def _retrieved(observed: Observed, readings: list[Reading]) -> Iterator[Finding]:
    place = str(observed.place(readings[0]))
    empty = [one for one in readings if one.ok and one.response is not None and not one.response.body]
    refusing = [one for one in readings if one.status in NO_GET]
    if refusing and not any(one.ok for one in readings):
        because = "content that is offered does not come by GET"
        yield unmet(because, *refusing, expected="200 with the content", observed=answered(refusing[0]), place=place)
    elif empty and not _announced_empty(observed, empty[0]):
        because = "GET succeeds and brings no content"
        yield unmet(because, *empty, expected="the content", observed=f"{answered(empty[0])}, 0 bytes", place=place)
    elif any(one.ok for one in readings):
        yield met(*(one for one in readings if one.ok), place=place)


def _announced_empty(observed: Observed, reading: Reading) -> bool:
    """The link that led here said that the document has no bytes."""
    parent = observed.reading(reading.probe.parent) if reading.probe.parent is not None else None
    if parent is None:
        return False
    sizes = [
        offer.link.attribute("filesize") for offer in observed.offers(parent) if offer.link.rel == reading.probe.rel
    ]
    return "0" in sizes


# GET-2


def other_methods_retrieve_nothing(observed: Observed) -> Iterator[Finding]:
    """GET-2: unsafe methods are refused with 405 and Allow; without leave to try them, as OPTIONS tells."""
    for reading in observed.asked(UNSAFE):
        yield _refused(observed, reading)
    for reading in observed.asked(UNSAFE_NOWHERE):
        yield _nothing_made(reading)
    for reading in observed.asked(OPTIONS):
        yield _allowed(observed, reading)


def allowed_methods(reading: Reading) -> tuple[str, ...] | None:
    """The methods that Allow names, None when the field is not there."""
    values = reading.response.all("Allow") if reading.response is not None else ()
    return (
        tuple(part.strip().upper() for value in values for part in value.split(",") if part.strip()) if values else None
    )


def _unclear(reading: Reading) -> Finding | None:
    if reading.response is None or reading.status in BUSY:
        return unseen(f"no answer that tells: {answered(reading)}", reading, cause=Cause.ENVIRONMENT)
    return None


def _refused(observed: Observed, reading: Reading) -> Finding:
    method, allow = reading.probe.method, allowed_methods(reading)
    unclear = _unclear(reading)
    if unclear is not None:
        return unclear
    expected = "405 with Allow: GET"
    if reading.ok and _told_as_success(observed, reading):
        return unseen("errors come as successes here, which HTTP-1 tells", reading)
    if reading.ok or _gives_content(observed, reading):
        because = f"{method} is accepted where only GET is documented"
        return unmet(because, reading, expected=expected, observed=answered(reading))
    if reading.status == 405 and (allow is None or "GET" not in allow):
        said = "no Allow" if allow is None else f"Allow: {', '.join(allow)}"
        return unmet(
            f"{method} is refused without saying that GET is allowed", reading, expected=expected, observed=said
        )
    if reading.status in NO_GET:
        return met(reading)
    if reading.status in (400, 401, 403) and _stranger(observed, reading):
        because = "callers without key and login are refused before the method is looked at"
        return unseen(because, reading, cause=Cause.CONFIGURATION)
    if reading.redirect is not None:
        return unseen(f"{method} is redirected", reading)
    because = f"{method} is not refused as a method that is not allowed"
    return unmet(because, reading, expected=expected, observed=answered(reading))


def _told_as_success(observed: Observed, reading: Reading) -> bool:
    return bool(error_in(None, reading)) and errors_come_as_successes(observed)


def _stranger(observed: Observed, reading: Reading) -> bool:
    """The run lacks what a caller of this private resource has."""
    row = observed.type(reading.probe.type)
    private = row is None or row.access is not Access.OPEN
    return private and not (observed.means.key and observed.means.login)


def _gives_content(observed: Observed, reading: Reading) -> bool:
    """The body, whatever the status, is the resource that GET gives."""
    resource, row = reading.decoded, observed.type(reading.probe.type)
    if not isinstance(resource, Resource) or row is None or reading.probe.place is None:
        return False
    if row.is_list:
        return any(
            _declared(observed.type(row.element), one) for one in elements(observed.contract, row.name, resource)
        )
    return key_of(row, resource) == reading.probe.place.key if row.key else _declared(row, resource)


def _declared(row: ResourceType | None, resource: Resource) -> bool:
    """Two members or more are those of the model: an error has at most one by chance."""
    shape = row.shape if row is not None else None
    return shape is not None and sum(name in shape.members for name, _ in resource.properties.members) > 1


def _nothing_made(reading: Reading) -> Finding:
    unclear = _unclear(reading)
    if unclear is not None:
        return unclear
    if reading.ok:
        because = f"{reading.probe.method} succeeds on a path that nobody made"
        return unmet(because, reading, expected="404 or 405", observed=answered(reading))
    return met(reading)


def _allowed(observed: Observed, reading: Reading) -> Finding:
    unclear, allow = _unclear(reading), allowed_methods(reading)
    if unclear is not None:
        return unclear
    if _gives_content(observed, reading):
        return unmet("OPTIONS brings the content", reading, expected="no content", observed=answered(reading))
    if allow is None:
        return unseen("OPTIONS does not tell which methods are allowed", reading)
    refused = undocumented_methods(observed, reading.probe.url)
    extra = [method for method in allow if method in refused and method in UNSAFE_METHODS]
    said = f"Allow: {', '.join(allow)}"
    if "GET" not in allow:
        return unmet("Allow does not name GET", reading, expected="Allow: GET", observed=said)
    if extra:
        because = f"{', '.join(extra)} is allowed where only GET is documented"
        return unmet(because, reading, expected="Allow: GET and methods that change nothing", observed=said)
    return met(reading)


# GET-3


@dataclass(frozen=True, slots=True)
class Sighting:
    """One content as one reading told it."""

    reading: Reading
    resource: Resource


def get_changes_nothing(observed: Observed) -> Iterator[Finding]:
    """GET-3: what is read again says the same, unless it says that it was changed; unread messages stay unread."""
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        readings = _readings(observed, visit)
        if row is None or len(readings) < 2:
            continue
        shape = content_shape(observed, visit.type)
        found = list(_changes(observed, visit, row, shape, readings))
        yield from found or (met(readings[0], readings[-1], place=str(visit.place)),)


def _readings(observed: Observed, visit: Visit) -> tuple[Reading, ...]:
    """The same question in order of asking, first and closing readings included, as far as they can be read."""
    outer = observed.outer(visit)
    series = [one.get(name) for one in visit.series for name in (outer, AGAIN)]
    closing = [one for one in observed.asked(GET_AGAIN) if one.probe.place == visit.place]
    return tuple(one for one in (*series, *closing) if one is not None and one.resource is not None)


def _changes(
    observed: Observed, visit: Visit, row: ResourceType, shape: Shape | None, readings: tuple[Reading, ...]
) -> Iterator[Finding]:
    changed = change_property(shape)
    for place, sightings in _contents(observed, visit, row, readings).items():
        finding = _change(place, shape, changed, sightings)
        if finding is not None:
            yield finding
    if row.is_list:
        yield from _read_all_at_once(observed, visit, row, readings)


def _contents(
    observed: Observed, visit: Visit, row: ResourceType, readings: tuple[Reading, ...]
) -> dict[str, list[Sighting]]:
    """Each content that was seen, by a name for people: the place itself, or each keyed element of the list."""
    found: dict[str, list[Sighting]] = {}
    element = observed.type(row.element) if row.is_list else None
    for reading in readings:
        if reading.resource is None:
            continue
        if element is None:
            found.setdefault(str(visit.place), []).append(Sighting(reading, reading.resource))
            continue
        for item in elements(observed.contract, row.name, reading.resource):
            key = key_of(element, item)
            if key is not None:
                name = f"{visit.place}: {Place(element.name, key)}"
                found.setdefault(name, []).append(Sighting(reading, item))
    return found


def _change(place: str, shape: Shape | None, changed: str, sightings: list[Sighting]) -> Finding | None:
    """What is wrong with the sightings of one content. Runs with one date of change must agree."""
    if changed and _dated_by_reading(shape, changed, sightings):
        first, last = sightings[0], sightings[-1]
        because = f"{changed} is another at each reading, and nothing else ever changed"
        was, now = first.resource.text(changed), last.resource.text(changed)
        return unmet(because, first.reading, last.reading, expected=was, observed=now, place=place)
    for run in _runs(changed, sightings):
        kinds: list[Sighting] = []
        order: list[int] = []
        for sighting in run:
            same = (index for index, one in enumerate(kinds) if not _differ(shape, one.resource, sighting.resource))
            index = next(same, len(kinds))
            if index == len(kinds):
                kinds.append(sighting)
            order.append(index)
        if len(kinds) > 1:
            return _changed(place, shape, changed, kinds, flapping=order != sorted(order))
    return None


MANY_READINGS = 4


def _dated_by_reading(shape: Shape | None, changed: str, sightings: list[Sighting]) -> bool:
    """Each of several readings has a date of change of its own, and no reading shows a change: what dates it is the
    reading."""
    dates = {_date(one, changed) for one in sightings}
    if len(sightings) < MANY_READINGS or len(dates) < len(sightings):
        return False
    first = sightings[0].resource
    return all({where for where, _, _ in _differ(shape, first, one.resource)} == {changed} for one in sightings[1:])


def _changed(place: str, shape: Shape | None, changed: str, kinds: list[Sighting], *, flapping: bool) -> Finding:
    first, second = kinds[0], kinds[1]
    where, left, right = _differ(shape, first.resource, second.resource)[0]
    if not changed or flapping:
        because = f"{where} is {left}, then {right}, and nothing tells why"
        # What moved once and then held still has moved; what never holds still cannot be judged.
        why = Unseen.UNSTABLE if flapping or len(kinds) > 2 else Unseen.UNTESTED
        return unseen(because, first.reading, second.reading, why=why, place=place)
    because = f"{where} changed while it was only read, and {changed} did not"
    return unmet(because, first.reading, second.reading, expected=left, observed=right, place=place)


def _runs(changed: str, sightings: list[Sighting]) -> Iterator[list[Sighting]]:
    """The sightings cut where the content says that it was changed."""
    run: list[Sighting] = []
    for sighting in sightings:
        if run and changed and _date(run[-1], changed) != _date(sighting, changed):
            yield run
            run = []
        run.append(sighting)
    yield run


def _date(sighting: Sighting, changed: str) -> str:
    return lexical.canonical(sighting.resource.text(changed) or "", ValueKind.INSTANT)


def _differ(shape: Shape | None, left: Resource, right: Resource) -> list[tuple[str, str, str]]:
    """Where two tellings differ in declared properties that say something of the content: where, left, right."""
    declared = shape.members if shape is not None else {}
    return [
        (one.where, one.left or "nothing", one.right or "nothing")
        for one in differences(left, right, shape)
        if one.aspect is Aspect.VALUE
        and (name := one.where.partition(" / ")[0].partition("[")[0]) in declared
        # A link written as a property may be made anew each time, as any other URL.
        and declared[name].kind is not ValueKind.URI
    ]


FEW_READ = 2
"""One message may have been read by its owner meanwhile; not every one that we read, and at once."""


def _read_all_at_once(
    observed: Observed, visit: Visit, row: ResourceType, readings: tuple[Reading, ...]
) -> Iterator[Finding]:
    """Every unread message that we read is read now, so it was us, whatever the dates of change say."""
    first, last = readings[0], readings[-1]
    element = observed.type(row.element)
    if element is None or not element.read_parameters or first.resource is None or last.resource is None:
        return
    now = {key_of(element, item): item for item in elements(observed.contract, row.name, last.resource)}
    ours = [
        key
        for item in elements(observed.contract, row.name, first.resource)
        if is_unread(item)
        and (key := key_of(element, item)) in now
        and _read_between(observed, element, key, first, last)
    ]
    if len(ours) >= FEW_READ and not any(is_unread(now[key]) for key in ours):
        because = f"all {len(ours)} unread messages that were read with {_spelt(element)} are marked as read"
        yield unmet(because, first, last, expected="unread", observed="read", place=str(visit.place))


def _spelt(element: ResourceType) -> str:
    return ", ".join(f"{name}={value}" for name, value in element.read_parameters.items())


def _read_between(observed: Observed, element: ResourceType, key: str | None, first: Reading, last: Reading) -> bool:
    visit = observed.visits.get(Place(element.name, key or ""))
    series = visit.series if visit is not None else []
    return any(one.ok and first.number < one.number < last.number for part in series for one in part.values())


# GET-4


def head_is_get_without_body(observed: Observed) -> Iterator[Finding]:
    """GET-4: HEAD gives the status and the header fields of GET, and no body."""
    before = {one.probe.about: one for one in observed.asked(HEAD_GET)}
    after = {one.probe.about: one for one in observed.asked(HEAD_AFTER)}
    alike: dict[tuple[str, str | None], list[Reading]] = {}
    for one in observed.readings:
        if one.ok and one.probe.method == "GET" and one.probe.login is Login.GIVEN:
            alike.setdefault((one.probe.url, one.probe.header("Accept")), []).append(one)
    for head in observed.asked(HEAD):
        get = before.get(head.probe.about)
        if get is not None:
            others = alike.get((get.probe.url, get.probe.header("Accept")), [])
            yield _compared(get, head, after.get(head.probe.about), others)


def _compared(get: Reading, head: Reading, after: Reading | None, others: Iterable[Reading]) -> Finding:
    """others: more answers to the same GET. What is not alike among them, HEAD cannot be held against."""
    failure = head.exchange.failure
    if failure is not None and failure.stage is Stage.FRAMING:
        return unmet("the answer to HEAD is not framed as one without a body", head, observed=failure.because)
    if head.response is None or get.response is None or head.status in BUSY or get.status in BUSY:
        return unseen(f"no answers to compare: {answered(get)}, {answered(head)}", get, head, cause=Cause.ENVIRONMENT)
    if not get.ok or refused_credentials(get):
        return unseen(f"GET brings nothing any more: {answered(get)}", get, head)
    if head.response.body:
        size = f"{len(head.response.body)} bytes"
        return unmet("HEAD brings a body", head, get, expected="no body", observed=size)
    found = dict(differing(get.response, head.response))
    if not found:
        return met(get, head)
    if after is None or after.response is None or differing(get.response, after.response):
        return unseen("GET itself answered in different ways meanwhile", get, head)
    for other in others:
        if other.response is not None and found.keys() & differing(get.response, other.response).keys():
            return unseen("GET itself answers in different ways", get, head, other)
    name, (wanted, got) = next(iter(found.items()))
    because = "HEAD has another status than GET" if name == "status" else f"HEAD does not give GET's {', '.join(found)}"
    return unmet(because, head, get, after, expected=f"{name}: {wanted}", observed=f"{name}: {got}")


# GET-5


def reading_marks_as_read(observed: Observed) -> Iterator[Finding]:
    """GET-5: a correspondence that is read without the parameter is marked as read, and nothing else changes."""
    told = {
        (one.probe.question, one.probe.about): one for one in observed.asked(EFFECT_BEFORE, EFFECT_READ, EFFECT_AFTER)
    }
    before, after = told.get((EFFECT_BEFORE, LIST)), told.get((EFFECT_AFTER, LIST))
    read = told.get((EFFECT_READ, ""))
    if before is None or read is None or after is None:
        yield unseen("no unread correspondence was seen")
    elif not read.ok or before.resource is None or after.resource is None:
        yield unseen(f"the correspondence or its list could not be read: {answered(read)}", before, read, after)
    else:
        own = (told.get((EFFECT_BEFORE, MESSAGE)), told.get((EFFECT_AFTER, MESSAGE)))
        yield from _effect(observed, (before, after), read, own)


def _effect(
    observed: Observed, lists: tuple[Reading, Reading], read: Reading, own: tuple[Reading | None, Reading | None]
) -> Iterator[Finding]:
    element = observed.type(read.probe.type)
    key = read.probe.place.key if read.probe.place is not None else ""
    before, after = lists
    if element is None:
        return
    was, now = _by_key(observed, element, before), _by_key(observed, element, after)
    if key not in was or key not in now:
        yield unseen("the correspondence is not in its list any more", before, read, after)
        return
    single = tuple(one.resource for one in own if one is not None and one.resource is not None)
    marked = became_read(was[key], now[key]) or (len(single) == 2 and became_read(single[0], single[1]))
    if marked:
        yield met(before, read, after)
    else:
        yield unmet("a correspondence that was read is still unread", before, read, after, expected="read")
    if len(single) == 2:
        yield from _beside(element, key, key, single[0], single[1], (read, *(one for one in own if one is not None)))
    for other in was.keys() & now.keys():
        yield from _beside(element, key, other, was[other], now[other], (before, read, after))


READ_STATE = ("Status", "MarkedUnread")


def _beside(
    element: ResourceType, key: str, other: str, was: Resource, now: Resource, readings: tuple[Reading, ...]
) -> Iterator[Finding]:
    """What changed beside the read state of the correspondence that was read. Another message that says that it was
    changed has moved on its own."""
    found = _differ(element.shape, was, now)
    changed = change_property(element.shape)
    if other != key and changed in {where for where, _, _ in found}:
        return
    for where, left, right in found:
        if other != key or where not in READ_STATE:
            because = f"reading one correspondence changed {where} of {Place(element.name, other)}"
            yield unmet(because, *readings, expected=left, observed=right)
            return


def _by_key(observed: Observed, element: ResourceType, reading: Reading) -> Mapping[str, Resource]:
    resource = reading.resource
    found: Iterable[Resource] = elements(observed.contract, reading.probe.type, resource) if resource else ()
    return {key: item for item in found if (key := key_of(element, item)) is not None}


RULES: Mapping[str, Rule] = {
    "GET-1": content_comes_by_get,
    "GET-2": other_methods_retrieve_nothing,
    "GET-3": get_changes_nothing,
    "GET-4": head_is_get_without_body,
    "GET-5": reading_marks_as_read,
}

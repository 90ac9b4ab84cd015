"""REACH: what is said of getting there, by links and searches from the entries.

What a run left out is never held against the target: it is unseen. What goes wrong for another named reason (a dead
link, a template that leads nowhere, a format that fails) is the other guarantee's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from samsvar.logic.asking.reaching import (
    Hop,
    again_url,
    browsed,
    earliest,
    keys,
    lost,
    next_url,
    pages,
    repeated,
    reply_options,
    search_offers,
    ways,
)
from samsvar.logic.deciding import refused, retired
from samsvar.logic.findings import answered, met, refused_credentials, unmet, unseen
from samsvar.logic.following import find_url, is_element, listed_by
from samsvar.logic.identity import elements, key_of
from samsvar.logic.judging import Rule
from samsvar.logic.judging.faults import errors_come_as_successes
from samsvar.logic.judging.links import BUSY, HAL, found_at, in_state, is_active, same_text, went_away
from samsvar.logic.judging.lists import passed_over
from samsvar.logic.observing import FRONT, Observed, Offer, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, Entry, RelationKind, ResourceType
from samsvar.model.exchange import Place
from samsvar.model.resource import Record, Resource
from samsvar.model.verdict import Cause, Finding, Unseen

# -- REACH-1: the entries ---------------------------------------------------------------------------------------


def entries_lead_on(observed: Observed) -> Iterator[Finding]:
    """REACH-1."""
    gone, denied = retired(observed), refused(observed)
    for entry in observed.contract.entries:
        if entry.required:
            yield _entry(observed, entry, gone, denied)
    yield from _front_page(observed)


def _entry(observed: Observed, entry: Entry, gone: str, denied: str) -> Finding:
    row = observed.type(entry.type)
    private = row is not None and row.access not in (Access.OPEN, Access.API_KEY)
    visit = entry_visit(observed, entry)
    direct = [r for r in observed.crawled() if r.probe.path == entry.name and not r.probe.rel]
    if visit is not None and visit.best is not None:
        return _leads_on(observed, visit, visit.best, entry.name)
    if private and not observed.means.login:
        return unseen(f"{entry.name} needs a login", place=entry.name, cause=Cause.CONFIGURATION)
    if not direct:
        return unseen(f"{entry.name} was not asked{_stopped(observed)}", place=entry.name, cause=Cause.HARNESS)
    if private and denied:
        return unseen(denied, *direct, place=entry.name, cause=Cause.CONFIGURATION)
    if gone or all(reading.response is None or reading.status in BUSY for reading in direct):
        because = gone or f"{entry.name} gave no answer: {answered(direct[0])}"
        return unseen(because, *direct, place=entry.name, cause=Cause.ENVIRONMENT)
    if any(reading.ok and reading.malformed is not None for reading in direct):
        return unseen(f"{entry.name} answers what cannot be read", *direct, place=entry.name)
    return unmet(
        f"the entry {entry.name} does not answer with a resource",
        *direct,
        expected="an answer of 2xx with a resource",
        observed=answered(direct[0]),
        place=entry.name,
    )


def entry_visit(observed: Observed, entry: Entry) -> Visit | None:
    """What was read as that entry: at its documented path, or where a front page offers it."""
    typed = observed.visits.get(Place(entry.type, entry.owner)) if entry.type else None
    return typed or next((visit for visit in observed.visits.values() if visit.path == entry.name), None)


def _stopped(observed: Observed) -> str:
    return f": {observed.stopped}" if observed.stopped else ""


def _leads_on(observed: Observed, visit: Visit, best: Reading, name: str) -> Finding:
    """An entry leads on by links or templates, unless it is a list whose elements (if any) have nowhere to lead."""
    linked = [reading for reading in visit.latest.values() if _ways_on(observed, reading)]
    hal = [reading for reading in visit.latest.values() if reading.label in HAL and reading.resource is not None]
    row = observed.type(visit.type)
    inside = [e for r in hal if r.resource is not None for e in elements(observed.contract, visit.type, r.resource)]
    if not linked and hal and row is not None and row.is_list and not inside:
        return unseen(f"the list {name} is empty, so there is nothing to lead on to", *hal, place=name)
    if linked or not hal or (row is not None and row.is_list and not _should_lead_on(observed, row, inside)):
        return met(*linked[:1] or (best,), place=name)
    return unmet(f"the entry {name} leads nowhere", *hal, expected="links or templates that lead on", place=name)


def _should_lead_on(observed: Observed, row: ResourceType, inside: list[Resource]) -> bool:
    """The list holds elements that the documentation gives an address of their own."""
    element = observed.type(row.element)
    return element is not None and any(_has_an_address(observed, element, item) for item in inside)


def _ways_on(observed: Observed, reading: Reading) -> bool:
    """The reading offers something else of the API than itself."""
    return any(
        (offer.link.templated and offer.link.href)
        or (offer.url and observed.in_api(offer.url) and not observed.same_url(offer.url, reading.probe.url))
        for offer in observed.offers(reading)
    )


def _front_page(observed: Observed) -> Iterator[Finding]:
    for visit in observed.visits_of(FRONT):
        hal = [reading for reading in visit.latest.values() if reading.label in HAL and reading.resource is not None]
        if hal and any(_ways_on(observed, reading) or _embeds(reading) for reading in hal):
            yield met(*hal, place="front page")
        elif hal and not errors_come_as_successes(observed):
            yield unmet("the front page leads nowhere", *hal, expected="links to the entries", place="front page")


def _embeds(reading: Reading) -> bool:
    return reading.resource is not None and bool(reading.resource.embedded)


# -- REACH-2: what is mentioned ---------------------------------------------------------------------------------


def mentioned_is_reached(observed: Observed) -> Iterator[Finding]:
    """REACH-2."""
    findings = [*_listed_are_reached(observed), *_archives(observed), *_replies(observed), *_originals(observed)]
    yield from findings
    if not findings:
        yield unseen("nothing was seen that mentions something else")


def _listed_are_reached(observed: Observed) -> Iterator[Finding]:
    """Each listed element of a kind that has resources of its own is a place that was read."""
    reached = {visit.type for visit in observed.visits.values() if visit.resource is not None}
    left = 0
    for visit, row, reading, item in _listed(observed):
        key = key_of(row, item)
        if key is None or row.name not in reached:
            continue
        place = Place(row.name, key)
        there = observed.visits.get(place)
        if there is not None and there.resource is not None:
            yield met(reading, there.best or reading, place=str(place))
        elif there is None and _offered_a_way(observed, visit, reading, item):
            left += 1  # not asked, or dead, or another resource: other guarantees say so
        elif there is None and _has_an_address(observed, row, item):
            because = "it is listed, and neither its own link nor a search leads to it"
            yield unmet(because, reading, expected="a link self, or a template that finds it", place=str(place))
    if left:
        yield unseen(f"{left} listed elements were offered by links or templates and not read{_stopped(observed)}")


def _listed(observed: Observed) -> Iterator[tuple[Visit, ResourceType, Reading, Resource]]:
    """Every element of every browsed list, from the first HAL representation of each page."""
    for visit in list(observed.visits.values()):
        row = observed.type(visit.type)
        element = observed.type(row.element) if row is not None and row.is_list else None
        if element is None or not element.key:
            continue
        for readings in (visit.latest, *visit.pages.values()):
            reading = next((readings[f] for f in HAL if f in readings and readings[f].resource is not None), None)
            if reading is not None and reading.resource is not None:
                for item in elements(observed.contract, visit.type, reading.resource):
                    yield visit, element, reading, item


def _offered_a_way(observed: Observed, visit: Visit, reading: Reading, item: Resource) -> bool:
    own = item.link("self")
    if own is not None and own.href:
        return True
    return any(offer.place == visit.place and find_url(offer, item) is not None for offer in search_offers(observed))


def _has_an_address(observed: Observed, row: ResourceType, item: Resource) -> bool:
    """The documentation gives a resource of that type in its state an address of its own."""
    return any(
        relation.source == row.name and relation.kind is RelationKind.SELF and relation.required
        for relation in observed.contract.relations
        if in_state(relation, item)
    )


def _archives(observed: Observed) -> Iterator[Finding]:
    """An active message that has an archive reference points to what was archived. An environment shows by others
    that it keeps the two apart; else the message may be the archived one itself."""
    holders: dict[str, list[Visit]] = {}
    for visit in observed.visits_of("Message"):
        reference = visit.resource.text("ArchiveReference") if visit.resource is not None else None
        if reference and reference.strip():
            holders.setdefault(reference.strip(), []).append(visit)
    apart = any(len(group) > 1 and any(is_active(visit.place.key) for visit in group) for group in holders.values())
    for reference, group in holders.items():
        for visit in group:
            if visit.best is None or not is_active(visit.place.key):
                continue
            if len(group) > 1:
                yield met(visit.best, place=f"{visit.place} / ArchiveReference {reference}")
            elif _dead_archive(observed, visit) or (apart and not _links_archive(visit)):
                yield unmet(
                    "an archive reference is mentioned, and the archived message is not reached",
                    visit.best,
                    expected=f"a message with ArchiveReference {reference}",
                    place=str(visit.place),
                )


def _links_archive(visit: Visit) -> bool:
    """It has the link; where that leads is LINK-3's and LINK-4's."""
    return any(
        r.resource is not None and r.resource.link("archivereference") is not None for r in visit.latest.values()
    )


def _dead_archive(observed: Observed, visit: Visit) -> bool:
    """Its link leads to what is not there: the link is LINK-4's, that the archived message is not to be had is told
    here too, since nothing else leads to it."""
    for reading in visit.latest.values():
        for offer in observed.offers(reading):
            if offer.place == visit.place and offer.link.rel.lower() == "archivereference" and offer.url is not None:
                there = observed.answer(offer.url)
                if there is not None and there.status in (404, 410):
                    return True
    return False


def _originals(observed: Observed) -> Iterator[Finding]:
    """OriginalId is the id before archiving: it may be gone with the active element, so it is never missed."""
    for visit in observed.visits_of("Message"):
        original = visit.resource.text("OriginalId") if visit.resource is not None else None
        there = observed.visits.get(Place("Message", (original or "").strip())) if original else None
        if there is not None and there.resource is not None and there.place != visit.place and visit.best is not None:
            yield met(visit.best, place=f"{visit.place} / OriginalId {original}")


def _replies(observed: Observed) -> Iterator[Finding]:
    services = _services(observed)
    for visit, option in reply_options(observed):
        kind = (option.text("Type") or "").strip().lower()
        if kind == "service":
            yield from _service_reply(observed, visit, option, services)
        elif kind == "archivereference":
            yield from _archive_reply(observed, visit, option)


def _services(observed: Observed) -> tuple[Resource, ...]:
    """All services that were listed or read."""
    found = [v.resource for v in observed.visits_of("ServiceMetaData") if v.resource is not None]
    for visit in observed.visits_of("ServiceMetaDataList"):
        for format_ in visit.latest:
            found.extend(observed.elements(visit, format_))
            break
    return tuple(found)


def _service_reply(
    observed: Observed, visit: Visit, option: Record, services: tuple[Resource, ...]
) -> Iterator[Finding]:
    code, edition = option.text("ServiceCode"), option.text("ServiceEditionCode")
    row = observed.type("ServiceMetaData")
    if not code or visit.best is None or row is None or row.shape is None:
        return
    place = f"{visit.place} / reply option {code} {edition or ''}".strip()
    shape = row.shape.members.get("ServiceEditionCode")
    for service in services:
        same_edition = not edition or same_text(edition, service.text("ServiceEditionCode") or "", shape)
        if (service.text("ServiceCode") or "").strip() == code.strip() and same_edition:
            yield met(visit.best, place=place)
            return
    if not services or not _all_services_seen(observed):
        yield unseen("the list of services was not read to its end", visit.best, place=place)
        return
    because = "a reply option mentions a service that is not reached"
    yield unmet(because, visit.best, expected=f"service {code} edition {edition or 'any'}", place=place)


def _all_services_seen(observed: Observed) -> bool:
    """Every page of the list of services was read, and so was what it only links."""
    for visit in observed.visits_of("ServiceMetaDataList"):
        readings = pages(observed, visit)
        linked = [
            offer
            for reading in readings
            for offer in observed.offers(reading)
            if is_element(observed, offer) and offer.url is not None
        ]
        if not readings or next_url(observed, readings[-1]) is not None:
            return False
        if any(observed.answer(offer.url) is None for offer in linked if offer.url is not None):
            return False
    return True


def _archive_reply(observed: Observed, visit: Visit, option: Record) -> Iterator[Finding]:
    url, best = option.text("URL") or "", visit.best
    if not observed.in_api(url) or best is None:
        return
    place = f"{visit.place} / reply option {url}"
    known = {observed.loose(other.url) for other in observed.visits_of("Message") if other.resource is not None}
    if observed.place_at(url) is not None or observed.loose(url) in known:
        yield met(best, place=place)
        return
    wanted = observed.loose(url)
    asked = [
        r for r in observed.asked("reach.mentioned") if observed.loose(r.probe.url) == wanted or r.exchange.follows
    ]
    if not asked:
        yield unseen("the address that a reply option mentions was not asked", best, place=place)
        return
    there = asked[0]
    row = observed.type("Message")
    key = key_of(row, there.resource) if row is not None and there.resource is not None else None
    reached = observed.visits.get(Place("Message", key)) if key is not None else None
    if reached is not None:
        yield met(best, there, place=place)
    elif there.status in (404, 410):
        because = "a reply option mentions an archived message that is not there"
        yield unmet(because, best, there, expected="an archived message", observed=answered(there), place=place)
    elif there.ok and key is not None and not observed.stopped:
        yield unmet("no link and no list leads to the archived message of a reply option", best, there, place=place)
    else:
        yield unseen(f"the address that a reply option mentions gave {answered(there)}", best, there, place=place)


# -- REACH-3: what is listed is found ---------------------------------------------------------------------------


def listed_is_found(observed: Observed) -> Iterator[Finding]:
    """REACH-3. A template that finds nothing at all is a broken template (LINK-6), not a search that misses some."""
    findings = [*_found_by_template(observed), *_found_by_filter(observed)]
    yield from findings
    if not findings:
        yield unseen("no list was seen that offers a search and has elements")


def _found_by_template(observed: Observed) -> Iterator[Finding]:
    for offer in search_offers(observed):
        row = observed.type(offer.relation.target) if offer.relation is not None else None
        if row is None:
            continue
        tried = [(key, there) for key, there in searched(observed, offer, row) if not _undecided(there)]
        finding = [(key, there, _is(row, key, there)) for key, there in tried]
        any_found = any(found for _, _, found in finding)
        for key, there, found in finding:
            if found:
                yield met(there, place=f"{row.name} {key}")
            elif any_found:
                yield unmet(
                    "it is listed, and searching for it by its key does not find it",
                    offer.reading,
                    there,
                    expected=f"{row.name} {key}",
                    observed=answered(there),
                    place=f"{row.name} {key}",
                )


def searched(observed: Observed, offer: Offer, row: ResourceType) -> Iterator[tuple[str, Reading]]:
    """The keys listed under a template with what came when it was filled; elements of all pages of the list."""
    visit = observed.visits.get(offer.place)
    more = observed.elements(visit, offer.reading.asked) if visit is not None and offer.reading.asked else ()
    for element in more or listed_by(observed, offer):
        key, url = key_of(row, element), find_url(offer, element)
        there = found_at(observed, url, row.name) if url is not None else None
        if key is not None and there is not None and (there.ok or not went_away(observed, offer, element)):
            yield key, there


def _undecided(there: Reading) -> bool:
    """No word on whether the element is there: no whole answer, a refusal, a server in trouble, a broken body."""
    server = there.status is not None and there.status >= 500
    return (
        there.response is None
        or server
        or there.status in BUSY
        or refused_credentials(there)
        or (there.ok and there.resource is None)
    )


def _is(row: ResourceType, key: str, there: Reading) -> bool:
    return there.resource is not None and key_of(row, there.resource) in (key, None)


def _found_by_filter(observed: Observed) -> Iterator[Finding]:
    for reading in observed.asked("reach.filter"):
        visit = observed.visits.get(reading.probe.place) if reading.probe.place is not None else None
        key = reading.probe.about
        if visit is None or _undecided(reading) or not reading.ok:
            continue
        place = f"{visit.place} / {key}"
        if key in keys(observed, visit, reading):
            yield met(reading, place=place)
        elif observed.holds_still(visit):
            because = "it is listed, and filtering the list by its key does not find it"
            yield unmet(because, reading, expected=key, observed=_some(keys(observed, visit, reading)), place=place)


def _some(found: Iterable[str]) -> str:
    listed = list(found)
    return ", ".join(listed[:5]) + (", ..." if len(listed) > 5 else "") or "nothing"


# -- REACH-4: browsing ------------------------------------------------------------------------------------------


def browsing_gives_each_once(observed: Observed) -> Iterator[Finding]:
    """REACH-4."""
    seen = False
    for visit in list(observed.visits.values()):
        row = observed.type(visit.type)
        element = observed.type(row.element) if row is not None and row.is_list else None
        if row is None or element is None or not element.key:
            continue
        readings = pages(observed, visit)
        if readings and readings[0].resource is not None and keys(observed, visit, readings[0]):
            seen = True
            yield _browsed(observed, visit, row, readings)
    if not seen:
        yield unseen("no list was seen whose elements have a key")


def _browsed(observed: Observed, visit: Visit, row: ResourceType, readings: tuple[Reading, ...]) -> Finding:
    again = tuple(r for r in observed.asked("reach.browse") if r.probe.place == visit.place)
    doubled = _doubled_on_one_page(observed, visit, readings) or repeated(observed, visit)
    if doubled:
        return _judged_twice(observed, visit, readings, again, doubled)
    missing, looks = _never_given(observed, visit, readings)
    cut = any(r.response is not None and r.response.first("X-Warning-LimitReached") for r in (*readings, *looks))
    if missing and not cut:
        return _missing_twice(observed, visit, again, looks, missing)
    skipped, dated = passed_over(observed, visit)
    if skipped and not cut and observed.holds_still(visit):
        return unmet(
            "browsing the list passes over elements that its dates show",
            *dated,
            *readings,
            expected=_some(skipped),
            observed="not on any page",
            place=str(visit.place),
        )
    if not observed.holds_still(visit):
        return unseen("the list changed while it was browsed", *readings, place=str(visit.place), why=Unseen.UNSTABLE)
    if not _to_its_end(observed, visit, row, readings):
        return unseen(f"the list was not browsed to its end{_stopped(observed)}", *readings, place=str(visit.place))
    return met(*readings, *looks, place=str(visit.place))


def _doubled_on_one_page(observed: Observed, visit: Visit, readings: tuple[Reading, ...]) -> tuple[str, ...]:
    """Keys twice on one page, where the list is one of places (its elements have addresses, or it is paged)."""
    row = observed.type(visit.type)
    own = readings[0].resource is not None and any(
        item.link("self") for item in elements(observed.contract, visit.type, readings[0].resource)
    )
    if row is None or not (row.limited or own):
        return ()
    counts = (Counter(keys(observed, visit, reading)) for reading in readings)
    return tuple(key for count in counts for key, times in count.items() if times > 1)


def _judged_twice(
    observed: Observed,
    visit: Visit,
    readings: tuple[Reading, ...],
    again: tuple[Reading, ...],
    doubled: tuple[str, ...],
) -> Finding:
    """Something was given twice. New content pushes elements onto the next page, so a second look decides."""
    whole = browsed(observed, visit, again)
    on_one_page = bool(_doubled_on_one_page(observed, visit, readings))
    still = [key for key in dict.fromkeys(whole) if whole.count(key) > 1]
    looped = _loops(observed, visit, readings)
    if on_one_page or still or (looped and (not again or _loops(observed, visit, again))):
        because = (
            "browsing never comes to an end: a page repeats" if looped else "browsing gives elements more than once"
        )
        return unmet(
            because,
            *readings,
            *again,
            expected="every element exactly once",
            observed=_some(still or doubled),
            place=str(visit.place),
        )
    if again and again[-1].ok:
        return met(
            *again, because="elements moved while the list was browsed, not on a second look", place=str(visit.place)
        )
    return unseen("elements came twice, and there was no second look", *readings, place=str(visit.place))


def _loops(observed: Observed, visit: Visit, readings: tuple[Reading, ...]) -> bool:
    """A next link led to a page that had been given."""
    for before, page in pairwise(readings):
        known = {key for r in readings if r.number < page.number for key in keys(observed, visit, r)}
        found = keys(observed, visit, page)
        if found and set(found) <= known and next_url(observed, before) is not None:
            return True
    return False


def _never_given(
    observed: Observed, visit: Visit, readings: tuple[Reading, ...]
) -> tuple[tuple[str, ...], tuple[Reading, ...]]:
    """Elements that the list has, as other looks at it show, and that browsing did not give."""
    known = {key for reading in readings for key in keys(observed, visit, reading)}
    looks = tuple(
        r for r in observed.asked("reach.window", "reach.ends") if r.probe.place == visit.place and r.resource
    )
    missing = (key for look in looks for key in keys(observed, visit, look) if key not in known)
    return tuple(dict.fromkeys(missing)), looks


def _missing_twice(
    observed: Observed, visit: Visit, again: tuple[Reading, ...], looks: tuple[Reading, ...], missing: tuple[str, ...]
) -> Finding:
    later = {key for reading in again for key in keys(observed, visit, reading)}
    still = [key for key in missing if key not in later]
    ended = bool(again) and (not keys(observed, visit, again[-1]) or next_url(observed, again[-1]) is None)
    if still and ended:
        return unmet(
            "the list has elements that browsing it to its end never gives",
            *looks,
            *again,
            expected=_some(still),
            observed="not on any page",
            place=str(visit.place),
        )
    if ended and not still:
        return met(
            *again, because="elements came while the list was browsed, a second look gave them", place=str(visit.place)
        )
    return unseen("elements came while the list was browsed", *looks, place=str(visit.place))


def _to_its_end(observed: Observed, visit: Visit, row: ResourceType, readings: tuple[Reading, ...]) -> bool:
    last = readings[-1]
    if not last.ok or last.malformed is not None:
        return False
    found = keys(observed, visit, last)
    linked = any(next_url(observed, reading) is not None for reading in readings)
    if linked or not row.limited:
        return next_url(observed, last) is None
    before = {key for reading in readings[:-1] for key in keys(observed, visit, reading)}
    return not found or (len(readings) > 1 and set(found) <= before)


# -- REACH-5: the second visit ----------------------------------------------------------------------------------


def reached_again(observed: Observed) -> Iterator[Finding]:
    """REACH-5."""
    fresh = {reading.probe.about: reading for reading in observed.asked("reach.again")}
    if not fresh:
        yield unseen(f"nothing was visited a second time{_stopped(observed)}")
        return
    judged: set[str] = set()
    for way in ways(observed):
        above: Reading | None = None
        for hop in way:
            reading = fresh.get(hop.about)
            if hop.about not in judged:
                judged.add(hop.about)
                yield from _second_visit(observed, hop, above, reading)
            if reading is None or reading.resource is None:
                break
            above = reading


def _second_visit(observed: Observed, hop: Hop, above: Reading | None, reading: Reading | None) -> Iterator[Finding]:
    first = hop.visit.best
    if first is None:
        return
    place = str(hop.place)
    if reading is None:
        if above is not None and again_url(observed, above, hop) is None:
            because = f"on a second visit {hop.rel} is not offered any more, and no search finds what it led to"
            yield unmet(because, above, first, expected=place, place=place)
        else:
            yield unseen(f"it was not visited a second time{_stopped(observed)}", first, place=place)
    elif not reading.ok:
        yield _refused_again(observed, hop, first, reading)
    elif reading.resource is None:
        if reading.malformed is not None:
            yield unseen("on the second visit the answer cannot be read", reading, place=place)
        elif reading.page_for_people:
            because = "on a second visit a page for people comes instead of the resource"
            yield unmet(because, reading, first, expected=place, observed=answered(reading), place=place)
    else:
        yield _same_again(observed, hop, first, reading)


def _refused_again(observed: Observed, hop: Hop, first: Reading, reading: Reading) -> Finding:
    place = str(hop.place)
    if reading.response is None or reading.status in BUSY:
        because = f"no answer on the second visit: {answered(reading)}"
        return unseen(because, reading, place=place, cause=Cause.ENVIRONMENT)
    later = [r for r in observed.asked("reach.again") if r.number >= reading.number]
    if refused_credentials(reading) and observed.stopped and not any(r.ok for r in later):
        because = "the credentials stopped working in mid-run"
        return unseen(because, reading, place=place, cause=Cause.CONFIGURATION)
    return unmet(
        "on a second visit the way by relations does not lead to the content any more",
        reading,
        first,
        expected=place,
        observed=answered(reading),
        place=place,
    )


def _same_again(observed: Observed, hop: Hop, first: Reading, reading: Reading) -> Finding:
    row = observed.type(hop.place.type)
    place = str(hop.place)
    if row is not None and row.is_list:
        return _same_list_again(observed, hop.visit, first, reading)
    key = key_of(row, reading.resource) if row is not None and reading.resource is not None else None
    before = key_of(row, first.resource) if row is not None and first.resource is not None else None
    if before is not None:
        if key == before:
            return met(reading, place=place)
        because = "on a second visit the way by relations leads to other content"
        return unmet(because, reading, first, expected=before, observed=key or answered(reading), place=place)
    old, new = hop.visit.reading(observed.outer(hop.visit)), reading
    if old is None or old.resource is None or new.resource is None or not observed.holds_still(hop.visit):
        return unseen("the first visit does not tell what to find again", reading, place=place)
    moved = list(observed.meant_differently(hop.place.type, old.resource, new.resource))
    if moved and observed.same_url(old.probe.url, new.probe.url):
        return unseen("the same address says something else now", old, new, place=place, why=Unseen.UNTESTED)
    if moved:
        because = "on a second visit the way by relations leads to other content"
        return unmet(because, new, old, expected="the same content", observed=_some(moved), place=place)
    return met(reading, place=place)


def _same_list_again(observed: Observed, visit: Visit, first: Reading, reading: Reading) -> Finding:
    gone = lost(observed, visit, reading)
    before = keys(observed, visit, earliest(observed, visit) or first)
    place = str(visit.place)
    if not gone:
        return met(reading, place=place)
    still = [r for r in observed.asked("reach.lost") if r.resource is not None and r.probe.about in map(str, gone)]
    if still or (len(gone) == len(before) and observed.holds_still(visit)):
        return unmet(
            "on a second visit the list does not hold what it held",
            reading,
            first,
            *still,
            expected=_some(before),
            observed=_some(keys(observed, visit, reading)),
            place=place,
        )
    return unseen("elements went away between the visits", reading, first, place=place, why=Unseen.UNSTABLE)


RULES: Mapping[str, Rule] = {
    "REACH-1": entries_lead_on,
    "REACH-2": mentioned_is_reached,
    "REACH-3": listed_is_found,
    "REACH-4": browsing_gives_each_once,
    "REACH-5": reached_again,
}

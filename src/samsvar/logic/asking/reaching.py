"""What the crawl alone does not show of being reached.

Questions:
- "reach.find": a search template that the crawl could not fill, for an element that is known; about: its key
- "reach.filter": $filter on the key of a listed element; about: the key
- "reach.window": two elements across the border of two pages; about: how many are skipped
- "reach.ends": the last elements of a list, had by turning its order; about: the $orderby
- "reach.browse": a list that looked wrong, browsed once more; about: the page's number
- "reach.mentioned": an address that a property mentions; about: the place that mentions it
- "reach.again": the way from an entry to a place, gone a second time by relations; about: the hop
- "reach.lost": what was listed on the first visit and is not on the second, at its own address; about: the place
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once
from samsvar.logic.following import filled, find_url, has_effect, listed_by, step
from samsvar.logic.identity import elements, key_of
from samsvar.logic.observing import Observed, Offer, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import RelationKind, ResourceType, ValueKind
from samsvar.model.exchange import HAL_JSON, HAL_XML, Place, Probe
from samsvar.model.resource import Node, Record, Resource, Sequence

MOST_FINDS = 10
MOST_FILTERS = 8
MOST_LISTS = 3
MOST_BORDERS = 2
MOST_PAGES = 8
MOST_MENTIONS = 5
MOST_AGAIN = 12
LONGEST_WAY = 4
MOST_LOST = 2


def ask(observed: Observed) -> Iterable[Conversation]:
    """Searches, page borders, mentioned addresses."""
    yield from map(once, _finds(observed))
    yield from map(once, _filters(observed))
    yield from map(once, _mentions(observed))
    for visit in _paged_lists(observed):
        yield _browse_twice(observed, visit)


def ask_again(observed: Observed) -> Iterable[Conversation]:
    """The second visit, after everything else."""
    yield _again(observed)


# -- searching --------------------------------------------------------------------------------------------------


def search_offers(observed: Observed) -> Iterator[Offer]:
    """The search templates of visited lists, each once per list (of the first HAL reading that has it)."""
    seen = set()
    for visit in observed.visits.values():
        for format_ in (HAL_JSON, HAL_XML):
            reading = visit.reading(format_)
            for offer in observed.offers(reading) if reading is not None else ():
                meant = offer.relation is not None and offer.relation.kind is RelationKind.SEARCH
                key = (offer.place, offer.link.rel.lower())
                if meant and offer.link.templated and offer.place == visit.place and key not in seen:
                    seen.add(key)
                    yield offer


def _finds(observed: Observed) -> Iterator[Probe]:
    asked = 0
    for offer in search_offers(observed):
        for element in listed_by(observed, offer)[:2]:
            url = find_url(offer, element)
            crawled = filled(offer, element) is not None and bool(
                elements(observed.contract, offer.type, offer.resource)
            )
            if url is not None and not crawled and observed.in_api(url) and asked < MOST_FINDS:
                asked += 1
                row = observed.type(offer.relation.target) if offer.relation else None
                yield step(observed, offer, url, "reach.find", (key_of(row, element) or "") if row else "")


def _filters(observed: Observed) -> Iterator[Probe]:
    """The last listed element of one searchable list of each type."""
    asked: set[str] = set()
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        element = observed.type(row.element) if row is not None and row.searchable else None
        if element is None or visit.resource is None or visit.type in asked or len(asked) >= MOST_FILTERS:
            continue
        for item in elements(observed.contract, visit.type, visit.resource)[-1:]:
            key, condition = key_of(element, item), key_filter(element, item)
            if key is not None and condition:
                asked.add(visit.type)
                url = urls.with_parameters(visit.url, {"$filter": condition})
                yield ask_place(visit, "reach.filter", key, accept=observed.outer(visit), url=url)


def key_filter(row: ResourceType, item: Resource) -> str:
    """The OData condition that selects the element by its key; "" if its values cannot be written in one."""
    parts = []
    for name in row.key:
        value = (item.text(name) or "").strip()
        shape = row.shape.members.get(name) if row.shape else None
        if shape is None or not value:
            return ""
        number = shape.kind in (ValueKind.INTEGER, ValueKind.DECIMAL)
        quoted = value if number else "'" + value.replace("'", "''") + "'"
        parts.append(f"{name} eq {quoted}")
    return " and ".join(parts)


# -- browsing ---------------------------------------------------------------------------------------------------


def pages(observed: Observed, visit: Visit) -> tuple[Reading, ...]:
    """The pages of a list in order, as the crawl browsed them."""
    format_ = observed.outer(visit)
    first = visit.reading(format_)
    rest = [page[format_] for _, page in sorted(visit.pages.items()) if format_ in page]
    return (first, *rest) if first is not None else ()


def keys(observed: Observed, visit: Visit, reading: Reading) -> tuple[str, ...]:
    """The keys of the elements on one page; elements whose key cannot be read are left out."""
    row = observed.type(visit.type)
    element = observed.type(row.element) if row is not None else None
    if reading.resource is None or element is None:
        return ()
    found = (key_of(element, item) for item in elements(observed.contract, visit.type, reading.resource))
    return tuple(key for key in found if key is not None)


def next_url(observed: Observed, reading: Reading) -> str | None:
    """Where the next link of a list's page leads."""
    for offer in observed.offers(reading):
        paging = offer.relation is not None and offer.relation.kind is RelationKind.PAGE
        if paging and offer.link.rel.lower() == "next" and offer.url and observed.in_api(offer.url):
            return offer.url
    return None


def _paged_lists(observed: Observed) -> Iterator[Visit]:
    """A few lists of elements with keys, those of several pages first."""
    lists = [
        visit
        for visit in observed.visits.values()
        if (row := observed.type(visit.type)) is not None
        and row.is_list
        and row.limited
        and len([page for page in pages(observed, visit) if keys(observed, visit, page)]) > 0
    ]
    full = [visit for visit in lists if sum(bool(keys(observed, visit, page)) for page in pages(observed, visit)) > 1]
    doubled = [visit for visit in lists if visit not in full and repeated(observed, visit)]
    return iter([*full[:MOST_LISTS], *doubled[:MOST_LISTS]])


def browsed(observed: Observed, visit: Visit, readings: Iterable[Reading]) -> tuple[str, ...]:
    """The keys that browsing gave, page after page. A last page that repeats what was there and is no step of a next
    link is left out: how $skip cuts is another guarantee's."""
    whole: list[str] = []
    previous: Reading | None = None
    for reading in readings:
        found = keys(observed, visit, reading)
        linked = previous is not None and next_url(observed, previous) is not None
        if previous is not None and not linked and set(found) <= set(whole):
            break
        whole.extend(found)
        previous = reading
    return tuple(whole)


def repeated(observed: Observed, visit: Visit) -> tuple[str, ...]:
    """The keys that browsing a list gave more than once."""
    whole = browsed(observed, visit, pages(observed, visit))
    return tuple(dict.fromkeys(key for key in whole if whole.count(key) > 1)) if len(set(whole)) < len(whole) else ()


def _browse_twice(observed: Observed, visit: Visit) -> Conversation:
    """Look across the borders and at the ends of a list; if anything is odd, browse it once more, so that content that
    moved meanwhile is not taken for a fault."""
    row, accept = observed.type(visit.type), observed.outer(visit)
    known = set(browsed(observed, visit, pages(observed, visit)))
    odd = bool(repeated(observed, visit))
    for question, about, url in _looks(observed, visit) if row is not None and row.searchable else ():
        reading = yield ask_place(visit, question, about, accept=accept, url=url)
        odd = odd or not set(keys(observed, visit, reading)) <= known
    if odd:
        yield from _browse(observed, visit, accept)


def _looks(observed: Observed, visit: Visit) -> Iterator[tuple[str, str, str]]:
    count = 0
    sizes = [len(keys(observed, visit, page)) for page in pages(observed, visit)]
    for size, following in list(pairwise(sizes))[:MOST_BORDERS]:
        count += size
        if size and following:
            window = {"$skip": str(count - 1), "$top": "2"}
            yield "reach.window", str(count - 1), urls.with_parameters(visit.url, window)
    row = observed.type(visit.type)
    element = observed.type(row.element) if row is not None else None
    if element is not None and len(element.key) == 1 and sum(size > 0 for size in sizes) > 1:
        for direction in ("asc", "desc"):
            order = f"{element.key[0]} {direction}"
            yield "reach.ends", order, urls.with_parameters(visit.url, {"$orderby": order, "$top": "5"})


def _browse(observed: Observed, visit: Visit, accept: str) -> Conversation:
    row = observed.type(visit.type)
    url: str | None = visit.url
    whole: list[str] = []
    for index in range(MOST_PAGES):
        if url is None:
            return
        reading = yield ask_place(visit, "reach.browse", str(index), accept=accept, url=url)
        found = keys(observed, visit, reading)
        if not found or set(found) <= set(whole):
            return
        whole.extend(found)
        url = next_url(observed, reading)
        if url is None and row is not None and row.limited and next_url(observed, pages(observed, visit)[0]) is None:
            url = urls.with_parameters(visit.url, {"$skip": str(len(whole))})


# -- mentions ---------------------------------------------------------------------------------------------------


def records(node: Node | None) -> Iterator[Record]:
    """The objects of a list, however a format writes it: an array, or XML's children of one name."""
    if isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Record))
    elif isinstance(node, Record):
        inner = [value for _, value in node.members if isinstance(value, Record | Sequence)]
        if node.untyped and inner and len(inner) == len(node.members):
            for value in inner:
                yield from records(value) if isinstance(value, Sequence) else (value,)
        else:
            yield node


def reply_options(observed: Observed) -> Iterator[tuple[Visit, Record]]:
    """Each reply option that a message mentions."""
    for visit in observed.visits_of("Message"):
        if visit.resource is not None:
            for option in records(visit.resource.properties.get("ReplyOptions")):
                yield visit, option


def _mentions(observed: Observed) -> Iterator[Probe]:
    """Addresses of archived messages that reply options mention and that no link led to."""
    asked: set[str] = set()
    visited = {observed.loose(visit.url) for visit in observed.visits_of("Message")}
    for visit, option in reply_options(observed):
        url = option.text("URL") or ""
        wanted = (option.text("Type") or "").lower() == "archivereference" and observed.in_api(url)
        if not wanted or has_effect(observed, url) or observed.place_at(url) is not None or url in asked:
            continue
        if len(asked) < MOST_MENTIONS and observed.loose(url) not in visited:
            asked.add(url)
            yield Probe(
                "reach.mentioned",
                observed.polite(url, "Message"),
                about=str(visit.place),
                headers=(("Accept", observed.outer(visit)),),
                type="Message",
                owner=visit.place.key,
                path=f"{visit.path} (reply option)",
                parent=visit.best.number if visit.best else None,
            )


# -- the second visit -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a way: to ``place`` by the relation ``rel`` that the resource at ``carrier`` offers (the whole
    representation, or one embedded in it); label tells apart links of one relation. An entry has no relation."""

    place: Place
    visit: Visit
    rel: str = ""
    carrier: Place | None = None
    whole: bool = False
    label: str = ""

    @property
    def about(self) -> str:
        return f"{self.carrier} > {self.rel} {self.label} > {self.place}" if self.rel else str(self.place)


Way = tuple[Hop, ...]


def ways(observed: Observed) -> tuple[Way, ...]:
    """The ways to go again: each entry, and of each type the first readable places that hold still."""
    entries = [v for v in observed.visits.values() if " > " not in v.path and not _first(v).probe.rel and v.resource]
    found: list[Way] = [(Hop(visit.place, visit),) for visit in entries]
    counts: dict[str, int] = {}
    for visit in observed.visits.values():
        if visit.resource is None or not visit.type or visit in entries or counts.get(visit.type, 0) >= 1:
            continue
        way = way_to(observed, visit)
        if way is not None and len(found) < len(entries) + MOST_AGAIN:
            counts[visit.type] = counts.get(visit.type, 0) + 1
            found.append(way)
    return tuple(found)


def _first(visit: Visit) -> Reading:
    return next(iter(visit.series[0].values()))


def way_to(observed: Observed, visit: Visit) -> Way | None:
    """How the crawl came to a place, by relations; None when it came by a further page, from what is not a place, or
    from too far."""
    hops: list[Hop] = []
    here = visit
    while len(hops) <= LONGEST_WAY:
        reading = _first(here)
        if reading.probe.parent is None:
            return (Hop(here.place, here), *reversed(hops)) if not reading.probe.rel else None
        parent = observed.reading(reading.probe.parent)
        came = _taken(observed, parent, reading) if parent is not None else None
        above = observed.visits.get(observed.place(parent)) if parent is not None else None
        if came is None or above is None or parent is None or parent.probe.question != "read":
            return None
        whole = came.resource is parent.resource
        hops.append(Hop(here.place, here, came.link.rel.lower(), came.place, whole, label_of(came)))
        here = above
    return None


def label_of(offer: Offer) -> str:
    """What tells links of one relation apart."""
    return offer.link.attribute("filename") or offer.link.attribute("name") or ""


def _taken(observed: Observed, parent: Reading, reading: Reading) -> Offer | None:
    """The offer that a reading followed."""
    asked = {urls.canonical(reading.probe.url)}
    step_: Reading | None = reading
    while step_ is not None and step_.exchange.follows:
        step_ = observed.reading(step_.exchange.follows)
        asked |= {urls.canonical(step_.probe.url)} if step_ is not None else set()
    for offer in observed.offers(parent):
        if offer.link.rel == reading.probe.rel:
            if offer.link.templated:
                return offer if _fills(observed, offer, asked) else None
            if offer.url is not None and urls.canonical(observed.polite(offer.url, reading.probe.type)) in asked:
                return offer
            if offer.url is not None and urls.canonical(observed.polite(offer.url)) in asked:
                return offer
    return None


def _fills(observed: Observed, offer: Offer, asked: set[str]) -> bool:
    found = (find_url(offer, element) for element in listed_by(observed, offer))
    return any(
        url and urls.canonical(observed.polite(url, offer.relation.target if offer.relation else "")) in asked
        for url in found
    )


def again_url(observed: Observed, reading: Reading, hop: Hop) -> tuple[Offer, str] | None:
    """Where a hop leads on this reading: by its link, else by searching for what it led to; None when it is neither
    linked nor found. Of several links that nothing tells apart the first would be a guess: a search comes first."""
    linked = _linked_again(observed, reading, hop)
    if len(linked) == 1:
        return linked[0]
    return _searched_again(observed, reading, hop) or next(iter(linked), None)


def _linked_again(observed: Observed, reading: Reading, hop: Hop) -> list[tuple[Offer, str]]:
    """The links of a hop, told apart by their labels and by where their addresses led on the first visit."""
    same = [
        offer
        for offer in observed.offers(reading)
        if offer.link.rel.lower() == hop.rel
        and (offer.resource is reading.resource if hop.whole else offer.place == hop.carrier)
    ]
    labelled = [offer for offer in same if label_of(offer) == hop.label] or same
    known = [offer for offer in labelled if offer.url and observed.place_at(offer.url) == hop.place] or labelled
    return [(offer, offer.url) for offer in known if offer.url is not None and not offer.link.templated]


def _searched_again(observed: Observed, reading: Reading, hop: Hop) -> tuple[Offer, str] | None:
    for offer in observed.offers(reading):
        meant = offer.relation is not None and offer.relation.kind is RelationKind.SEARCH
        if meant and offer.relation and offer.relation.target == hop.place.type and hop.visit.resource is not None:
            url = find_url(offer, hop.visit.resource)
            if url is not None:
                return offer, url
    return None


def _again(observed: Observed) -> Conversation:
    fresh: dict[str, Reading] = {}
    for way in ways(observed):
        yield from _go(observed, way, fresh)
    for visit, reading in list(_entry_lists(observed, fresh)):
        for place in lost(observed, visit, reading)[:MOST_LOST]:
            again = observed.visits.get(place)
            if again is not None:
                yield ask_place(again, "reach.lost", str(place), accept=observed.outer(again))


def _go(observed: Observed, way: Way, fresh: dict[str, Reading]) -> Conversation:
    """Go one way, without asking again what an earlier way asked."""
    above: Reading | None = None
    for hop in way:
        reading = fresh.get(hop.about)
        if reading is None:
            probe = _hop_probe(observed, hop, above)
            if probe is None:
                return
            reading = yield probe
            fresh[hop.about] = reading
        above = reading
        if reading.resource is None:
            return


def _hop_probe(observed: Observed, hop: Hop, above: Reading | None) -> Probe | None:
    accept = observed.outer(hop.visit)
    if above is None:
        visit = hop.visit
        return Probe(
            "reach.again",
            visit.url,
            about=hop.about,
            headers=(("Accept", accept),),
            type=visit.type,
            owner=visit.owner,
            path=visit.path,
        )
    found = again_url(observed, above, hop)
    if found is None or not observed.in_api(found[1]) or has_effect(observed, found[1]):
        return None
    return step(observed, *found, "reach.again", hop.about, accept)


def _entry_lists(observed: Observed, fresh: dict[str, Reading]) -> Iterator[tuple[Visit, Reading]]:
    for visit in observed.visits.values():
        reading = fresh.get(str(visit.place))
        if reading is not None and reading.resource is not None:
            yield visit, reading


def earliest(observed: Observed, visit: Visit) -> Reading | None:
    """The very first reading of a place, however often it was read again because it did not hold still."""
    format_ = observed.outer(visit)
    return next((one[format_] for one in visit.series if format_ in one), None)


def lost(observed: Observed, visit: Visit, reading: Reading) -> tuple[Place, ...]:
    """What the first page of a list held on the first visit and does not on this one, and that new elements did not
    push out."""
    row = observed.type(visit.type)
    first = earliest(observed, visit)
    if row is None or not row.is_list or first is None:
        return ()
    before, now = keys(observed, visit, first), keys(observed, visit, reading)
    gone = [key for key in before if key not in set(now)]
    added = len(set(now) - set(before))
    pushed_out = added >= len(gone) and len(now) >= len(before) and _moved_on(observed, visit, reading, set(before))
    return () if pushed_out else tuple(Place(row.element, key) for key in gone)


def _moved_on(observed: Observed, visit: Visit, reading: Reading, before: set[str]) -> bool:
    """The list holds something that it held on the first visit, or when it was read in between (walks take their time):
    it is the same list, further on."""
    now = set(keys(observed, visit, reading))
    if now & before:
        return True
    between = (one for one in observed.readings if one.number < reading.number and one.resource is not None)
    mine = (one for one in between if observed.place(one) == visit.place)
    return any(now & set(keys(observed, visit, one)) for one in mine)

"""Questions about methods: HEAD, OPTIONS, the unsafe ones where they are allowed, and what reading does to content.

In: what the crawl saw. Out: conversations ``head*``, ``method.*``, ``get.again`` (closing round) and ``effect.*`` (the
one documented effect, last of all); about 90 requests on a large environment.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once, representatives
from samsvar.logic.asking.faults import NOWHERE
from samsvar.logic.decoding import bare_media_type
from samsvar.logic.identity import elements
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import Contract, RelationKind, ResourceType, Shape, ValueKind
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Probe, Response
from samsvar.model.resource import Resource

HEAD = "head"  # about: "<number> <media type>"
HEAD_GET = "head.get"  # the GET before it, same about
HEAD_AFTER = "head.after"  # the GET after it, where the two differ
UNSAFE = "method.unsafe"  # about: the method
UNSAFE_NOWHERE = "method.nowhere"  # an unsafe method on a path that nobody made; about: the method
OPTIONS = "method.options"
GET_AGAIN = "get.again"  # a place read once more when everything else is asked
EFFECT_BEFORE = "effect.before"  # about: LIST, which holds an unread correspondence, or MESSAGE, read politely
EFFECT_READ = "effect.read"  # the correspondence, read without markAsRead
EFFECT_AFTER = "effect.after"  # both again
LIST, MESSAGE = "list", "message"

UNSAFE_METHODS = ("POST", "PUT", "DELETE", "PATCH")
HARMLESS = ("PUT", "PATCH")  # asked of lists only, where the content is somebody's
MOST = 12
MOST_DOCUMENTS = 4
MOST_DATED_LISTS = 6
MOST_DATED = 6
HOLDING = 2  # more readings of what changed since the crawl


def ask(observed: Observed) -> Iterable[Conversation]:
    """HEAD beside GET, and other methods as far as they are allowed."""
    for number, probe in enumerate(_readable(observed)):
        yield _head(replace(probe, about=f"{number} {probe.about}"))
    if observed.means.unsafe:
        yield from map(once, _unsafe(observed))
    for visit in representatives(observed, most=MOST):
        yield once(ask_place(visit, OPTIONS, visit.type, method="OPTIONS"))


# HEAD


def _readable(observed: Observed) -> Iterator[Probe]:
    """What HEAD is compared on: places of each type, some in the other formats, some documents."""
    for index, visit in enumerate(representatives(observed, most=MOST)):
        outer = observed.outer(visit)
        others = [one for one in (HAL_XML, XML, JSON) if index < 1 and one in observed.formats(visit.type)]
        for format_ in (outer, *others):
            reading = visit.reading(format_)
            if reading is not None and reading.ok:
                yield ask_place(visit, HEAD_GET, format_, accept=format_)
    types: set[str] = set()
    for reading in observed.documents:
        if reading.ok and reading.probe.type not in types and len(types) < MOST_DOCUMENTS:
            types.add(reading.probe.type)
            yield replace(reading.probe, question=HEAD_GET, about=reading.probe.type, hop=0)


def _head(get: Probe) -> Conversation:
    before = yield get
    head = yield replace(get, question=HEAD, method="HEAD")
    if before.response is not None and head.response is not None and differing(before.response, head.response):
        yield replace(get, question=HEAD_AFTER)


COMPARED = (
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Vary",
    "Cache-Control",
    "Content-Language",
    "Content-Disposition",
    "X-Warning-LimitReached",
)
"""Header fields that describe the content. The others belong to one answer (Date, Set-Cookie) or to the connection."""
TOKENS = ("Vary", "Cache-Control")


def differing(get: Response, head: Response) -> Mapping[str, tuple[str, str]]:
    """The header fields that GET gave and HEAD did not give alike, with both values; "status" among them.
    Content-Length may be left out of either (RFC 9110, 9.3.2), but where HEAD gives it, it is GET's."""
    if get.status != head.status:
        return {"status": (str(get.status), str(head.status))}
    same_coding = (get.first("Content-Encoding") or "") == (head.first("Content-Encoding") or "")
    found = {}
    for name in COMPARED:
        one, other = get.first(name), head.first(name)
        if one is not None and _meant(name, one) != _meant(name, other or "") and (same_coding or name != "ETag"):
            found[name] = (one, other or "absent")
    length, claimed = _length(get), head.first("Content-Length")
    if claimed is not None and length is not None and same_coding and claimed.strip() != length:
        found["Content-Length"] = (length, claimed)
    return found


def _length(get: Response) -> str | None:
    claimed = get.first("Content-Length")
    if claimed is not None:
        return claimed.strip()
    return None if get.wire_length is None else str(get.wire_length)


def _meant(name: str, value: str) -> object:
    if name == "Content-Type":
        return bare_media_type(value)
    if name in TOKENS:
        # Accept-Encoding depends on whether there was anything to compress.
        return frozenset(part.strip().lower() for part in value.split(",")) - {"", "accept-encoding"}
    return value.strip()


# Other methods


def documented_methods(contract: Contract, root: str, url: str) -> frozenset[str] | None:
    """The methods beside GET that the documentation gives a URL; None when it does not know the URL, because it is
    opaque or has moved."""
    base, path = urls.path(root).rstrip("/"), urls.path(url)
    if not path.lower().startswith(f"{base.lower()}/"):
        return None
    inner = path[len(base) + 1 :].rstrip("/")
    if not any(_fits(pattern, inner) for method, pattern in contract.operations if method == "GET"):
        return None
    return frozenset(method for method, pattern in contract.write_operations if _fits(pattern, inner))


def _fits(pattern: str, path: str) -> bool:
    wanted, given = pattern.lower().split("/"), path.lower().split("/")
    return len(wanted) == len(given) and all(
        one == other or (one.startswith("{") and other) for one, other in zip(wanted, given, strict=True)
    )


def undocumented_methods(observed: Observed, url: str) -> tuple[str, ...]:
    """The unsafe methods that must be refused at a URL. Of a URL that the documentation does not know, only those that
    it gives no resource at all; of a contract without operations, none."""
    contract = observed.contract
    if not contract.operations:
        return ()
    known = documented_methods(contract, observed.target.root, url)
    taken = known if known is not None else frozenset(method for method, _ in contract.write_operations)
    return tuple(method for method in UNSAFE_METHODS if method not in taken)


def _unsafe(observed: Observed) -> Iterator[Probe]:
    ours = observed.means.ours
    for visit in representatives(observed, most=MOST):
        row = observed.type(visit.type)
        for method in undocumented_methods(observed, visit.url):
            if ours or (method in HARMLESS and row is not None and row.is_list):
                yield ask_place(visit, UNSAFE, method, accept=HAL_JSON, method=method)
    if not ours:
        for method in UNSAFE_METHODS:
            url = urls.below(observed.target.root, NOWHERE)
            yield Probe(UNSAFE_NOWHERE, url, about=method, method=method, headers=(("Accept", HAL_JSON),))


# What reading does


def change_property(shape: Shape | None) -> str:
    """The property that says when a resource was last changed; "" if its model has none."""
    members = shape.members if shape is not None else {}
    dates = (name for name, member in members.items() if member.kind is ValueKind.INSTANT)
    return next((name for name in dates if name.lower() in ("lastchangeddatetime", "lastchanged")), "")


def content_shape(observed: Observed, type_name: str) -> Shape | None:
    """The model of a type, of a list that of its elements."""
    row = observed.type(type_name)
    if row is not None and row.is_list:
        row = observed.type(row.element)
    return row.shape if row is not None else None


def ask_again(observed: Observed) -> Iterable[Conversation]:
    """The closing round: what was read first of all, read once more. Most of it tells when it was last changed."""
    chosen: dict[str, Visit] = {}
    lists = singles = 0
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        if visit.resource is None or row is None or not change_property(content_shape(observed, visit.type)):
            continue
        if row.is_list and lists < MOST_DATED_LISTS and elements(observed.contract, visit.type, visit.resource):
            lists += 1
            chosen[visit.url] = visit
        elif not row.is_list and singles < MOST_DATED:
            singles += 1
            chosen[visit.url] = visit
    for visit in representatives(observed, most=MOST):
        chosen.setdefault(visit.url, visit)
    for visit in chosen.values():
        yield _again(observed, visit)


def _again(observed: Observed, visit: Visit) -> Conversation:
    """Once more; and where that tells something else than the first reading, whether it holds or flaps."""
    outer = observed.outer(visit)
    reading = yield ask_place(visit, GET_AGAIN, outer, accept=outer)
    first = visit.series[0].get(outer) if visit.series else None
    if first is None or first.resource is None or reading.resource is None:
        return
    if any(True for _ in observed.meant_differently(visit.type, first.resource, reading.resource)):
        for _ in range(HOLDING):
            yield ask_place(visit, GET_AGAIN, outer, accept=outer)


UNREAD_WORDS = ("ulest", "ulesen", "unread")
READ_WORDS = ("lest", "lesen", "read")
"""How Status says in the three languages whether a message is read."""


def read_state(resource: Resource) -> tuple[bool, bool]:
    """Whether a message's status says that nobody has read it, and whether somebody has marked it so."""
    marked = (resource.text("MarkedUnread") or "").strip().lower() == "true"
    return (resource.text("Status") or "").strip().lower() in UNREAD_WORDS, marked


def is_unread(resource: Resource) -> bool:
    """A message says that it is not read."""
    return any(read_state(resource))


def became_read(before: Resource, after: Resource) -> bool:
    """A message said in some way that it was not read, and does not say so any more."""
    return any(was and not now for was, now in zip(read_state(before), read_state(after), strict=True))


def ask_last(observed: Observed) -> Iterable[Conversation]:
    """The documented exception: reading a correspondence without the parameter. One, and only where that is allowed."""
    if not observed.means.unsafe:
        return
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        element = observed.type(row.element) if row is not None and row.is_list else None
        if row is None or element is None or not element.read_parameters or not _found_by_id(observed, row):
            continue
        if _unread(observed, visit.reading(HAL_JSON), element):
            yield _effect(observed, visit, element)
            return


def _found_by_id(observed: Observed, row: ResourceType) -> bool:
    """The documentation gives the elements of the list an address: those of a trash bin have none."""
    rows = observed.contract.relations_of(row.name)
    return any(one.kind is RelationKind.SEARCH and one.target == row.element for one in rows)


def _unread(observed: Observed, reading: Reading | None, element: ResourceType) -> tuple[Resource, str] | None:
    """An unread correspondence of a list, and the URL at which it is."""
    if reading is None or reading.resource is None:
        return None
    found = [
        (offer.resource, offer.url)
        for offer in observed.offers(reading)
        if offer.type == element.name and offer.link.rel.lower() == "self" and offer.url and observed.in_api(offer.url)
        if (offer.resource.text("Type") or "").strip().lower() == "correspondence" and is_unread(offer.resource)
    ]
    # One that was read and is only marked by its owner may stay marked, so it tells nothing.
    return next((one for one in found if (one[0].text("Status") or "").strip().lower() not in READ_WORDS), None)


def _effect(observed: Observed, visit: Visit, element: ResourceType) -> Conversation:
    before = yield ask_place(visit, EFFECT_BEFORE, LIST, accept=HAL_JSON)
    found = _unread(observed, before, element)
    if found is None:
        return
    resource, url = found
    place = next(one for one, _, part, _ in observed.parts(before) if part is resource)
    plain = Probe(
        EFFECT_READ,
        without_parameters(url, element.read_parameters),
        headers=(("Accept", HAL_JSON),),
        type=element.name,
        place=place,
    )
    polite = replace(plain, about=MESSAGE, url=observed.polite(url, element.name))
    yield replace(polite, question=EFFECT_BEFORE)
    yield plain
    yield replace(polite, question=EFFECT_AFTER)
    yield ask_place(visit, EFFECT_AFTER, LIST, accept=HAL_JSON)


def without_parameters(url: str, names: Iterable[str]) -> str:
    """The URL without those query parameters (names without case)."""
    gone = {name.lower() for name in names}
    parts = urlsplit(url)
    kept = [piece for piece in parts.query.split("&") if piece.partition("=")[0].lower() not in gone]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept), ""))

"""LINK: what is said of links, read from every HAL representation that the crawl saw.

A link is judged once per place, relation, address and format. Each rule leaves alone what another one owns: a link that
is no URI reference is LINK-1 only, one that leaves the environment LINK-5 only, a dead one LINK-4 only, and a body that
does not parse is nobody's here.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from samsvar.logic import lexical, urls
from samsvar.logic.deciding import refused
from samsvar.logic.decoding import bare_media_type
from samsvar.logic.findings import answered, met, refused_credentials, unmet, unseen
from samsvar.logic.following import find_url, has_effect, listed_by
from samsvar.logic.identity import LIKENESS, elements, is_known, key_of
from samsvar.logic.judging import Rule
from samsvar.logic.observing import FOLLOW, PAGE, READ, Observed, Offer, Visit
from samsvar.logic.reading import Reading
from samsvar.logic.templates import variables
from samsvar.model.contract import Relation, RelationKind, ResourceType, Shape, ValueKind
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, Login, Place, Stage
from samsvar.model.resource import Link, Resource, Scalar
from samsvar.model.verdict import Cause, Finding, Unseen

HAL = (HAL_JSON, HAL_XML)

# -- what is looked at ------------------------------------------------------------------------------------------


def linking(observed: Observed) -> Iterator[Reading]:
    """The readings that carry links: resources in a HAL format, places and pages."""
    for reading in observed.asked(READ, PAGE):
        if reading.label in HAL and reading.resource is not None:
            yield reading


def offered(observed: Observed) -> Iterator[Offer]:
    """Every link that was offered, once per place, relation, address and format."""
    seen = set()
    for reading in linking(observed):
        for offer in observed.offers(reading):
            link = offer.link
            key = (offer.place, link.rel.lower(), link.href, link.templated, link.attributes, reading.label)
            if key not in seen or link.broken:
                seen.add(key)
                yield offer


def named(offer: Offer) -> str:
    """The place and the link, for people."""
    return f"{offer.place} / {offer.link.node or offer.link.rel}"


def is_self(offer: Offer) -> bool:
    return offer.link.rel.lower() == "self"


# -- LINK-1: well-formed ----------------------------------------------------------------------------------------

PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
URI_REFERENCE = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:|(?![^/?#]*:))"
    rf"(?://(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{{2}})*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{{2}})*)(?::[0-9]*)?(?=[/?#]|$)|(?!//))"
    rf"(?:{PCHAR}|/)*(?:\?(?:{PCHAR}|[/?])*)?(?:#(?:{PCHAR}|[/?])*)?"
)
"""A URI or a relative reference (RFC 3986, appendix A), by its characters and the shape of its authority."""

STRING_LINKS = "BrokerService"
"""The documentation prints the links of these resources as plain strings."""

MISSHAPEN = {
    "raw-links": "the links are a list of raw objects, not an object by relation",
    "string-link": "the link is a text, not an object with an href",
}
"""Spellings of links that a decoder reads and HAL does not know, and by which something of a link is lost."""


def well_formed(observed: Observed) -> Iterator[Finding]:
    """LINK-1."""
    yield from _misshapen(observed)
    for offer in offered(observed):
        wrong = _ill(offer)
        if wrong:
            yield unmet(
                f"the link {offer.link.rel or '(no relation)'} is not well-formed: {wrong}",
                offer.reading,
                expected="an href that is a URI reference, or a flagged template",
                observed=offer.link.href or offer.link.broken,
                place=named(offer),
            )
        elif not offer.link.templated:
            yield met(offer.reading, place=named(offer))
    if not any(True for _ in offered(observed)):
        yield no_links(observed)


def no_links(observed: Observed) -> Finding:
    """There is no link to judge."""
    return unseen("no link was offered in what was seen", *list(linking(observed))[:5])


def _misshapen(observed: Observed) -> Iterator[Finding]:
    seen = set()
    for reading in linking(observed):
        for place, type_name, resource, _ in observed.parts(reading):
            for oddity in resource.oddities:
                because = MISSHAPEN.get(oddity.code, "")
                key = (place, oddity.code, oddity.where, reading.label)
                if because and key not in seen and not type_name.startswith(STRING_LINKS):
                    seen.add(key)
                    yield unmet(because, reading, place=f"{place} / {oddity.where}", observed=oddity.text)


def _ill(offer: Offer) -> str:
    """What is wrong with a link's form, "" if nothing."""
    link = offer.link
    if link.broken:
        return link.broken
    if not link.rel.strip():
        return "it has no relation"
    if link.templated:
        return "" if link.href else "its template is empty"
    if not link.href:
        return "" if _names_its_document(offer) else "its href is empty"
    if link.href != link.href.strip():
        return "blanks around it are no part of a URI reference"
    if "{" in link.href or "}" in link.href:
        return "it has braces and is not flagged as a template"
    if not URI_REFERENCE.fullmatch(link.href):
        return "it has characters that a URI reference cannot have"
    return ""


def _names_its_document(offer: Offer) -> bool:
    """An empty reference is the document that it stands in (RFC 3986, 4.4): right for its own self."""
    return is_self(offer) and offer.resource is offer.reading.resource


# -- LINK-2: self -----------------------------------------------------------------------------------------------


def self_leads_home(observed: Observed) -> Iterator[Finding]:
    """LINK-2."""
    seen = False
    for offer in offered(observed):
        if not is_self(offer) or offer.link.templated or offer.link.broken:
            continue
        seen = True
        if offer.url is not None and observed.in_environment(offer.url):
            yield from (_page_self if _is_page_itself(offer) else _self)(observed, offer, offer.url)
    if not seen:
        yield unseen("no self link was offered in what was seen", *list(linking(observed))[:5])


def _is_page_itself(offer: Offer) -> bool:
    return offer.reading.probe.question == PAGE and offer.resource is offer.reading.resource


def _page_self(observed: Observed, offer: Offer, url: str) -> Iterator[Finding]:
    """A further page may name itself or its list (as filtered lists are documented to do), not another page."""
    visit = observed.visits.get(offer.place)
    if visit is None or any(observed.same_url(url, own) for own in (offer.reading.probe.url, visit.url)):
        yield met(offer.reading, place=named(offer))
        return
    for page in visit.pages.values():
        for other in page.values():
            if observed.same_url(url, other.probe.url):
                seen = f"another page: {url}"
                because = "self of a page leads to another page"
                yield unmet(because, offer.reading, other, expected=offer.place, observed=seen, place=named(offer))
                return


def _self(observed: Observed, offer: Offer, url: str) -> Iterator[Finding]:
    whole = offer.resource is offer.reading.resource
    if whole and observed.same_url(url, offer.reading.probe.url):
        yield met(offer.reading, place=named(offer))
        return
    there = observed.answer(url)
    if there is None:
        yield unseen("the self link was not followed", offer.reading, place=named(offer))
        return
    if there.resource is None:
        return  # dead (LINK-4), or not to be read (FORMAT-3)
    same = same_resource(observed, offer, there)
    if same is None:
        yield unseen("self leads to a resource that could not be told from its own", offer.reading, place=named(offer))
    elif same:
        yield met(offer.reading, there, place=named(offer))
    else:
        yield unmet(
            "self leads to another resource",
            offer.reading,
            there,
            expected=offer.place,
            observed=what(observed, offer.type, there),
            place=named(offer),
        )


def what(observed: Observed, type_name: str, reading: Reading) -> str:
    """What came, as a place: by its content where that tells, else by its URL."""
    row = observed.type(type_name)
    key = key_of(row, reading.resource) if row is not None and reading.resource is not None else None
    if row is not None and key is not None:
        return str(Place(row.name, key))
    return f"{likely_type(observed, reading.resource) or reading.probe.type or 'a resource'} at {reading.probe.url}"


def same_resource(observed: Observed, offer: Offer, there: Reading) -> bool | None:
    """What the link stands on and what it leads to are one resource; None where content does not tell."""
    row = observed.type(offer.type)
    if there.resource is None:
        return None
    if row is None:
        return _same_content(offer.resource, there.resource) if offer.resource is offer.reading.resource else None
    if row.is_list:
        return _same_list(observed, row, offer, there.resource)
    mine = key_of(row, offer.resource)
    if mine is not None:
        theirs = key_of(row, there.resource)
        if theirs is None:
            return False if _is_another_kind(observed, row, there.resource) else None
        return mine == theirs
    if offer.resource is not offer.reading.resource:
        return None
    return _same_content(offer.resource, there.resource)


def _same_list(observed: Observed, row: ResourceType, offer: Offer, there: Resource) -> bool | None:
    here, theirs = _listed(observed, row, offer.resource), _listed(observed, row, there)
    if here == theirs:
        return True if here else None
    if not here and not theirs:
        return None
    shared = len(here & theirs)
    if shared * 2 > len(here | theirs):
        return None  # one came or went between the readings
    return False


def _listed(observed: Observed, row: ResourceType, resource: Resource) -> frozenset[object]:
    """What a list holds: keys, or the texts of elements without one, or the addresses of elements that are linked."""
    element = observed.type(row.element)
    found = elements(observed.contract, row.name, resource)
    inside = frozenset((key_of(element, item) if element else None) or texts(item) for item in found)
    rels = {name.lower() for name in (*row.container, "item")}
    return inside or frozenset(link.href for link in resource.links if link.rel.lower() in rels)


def texts(resource: Resource) -> frozenset[tuple[str, str]]:
    """The scalar properties of a resource as texts."""
    return frozenset(
        (name, value.text.strip()) for name, value in resource.properties.members if isinstance(value, Scalar)
    )


def _same_content(left: Resource, right: Resource) -> bool | None:
    """Two resources without a key: the same when most of the texts that both could have are shared; None when they
    have next to nothing to compare."""
    here, there = texts(left), texts(right)
    names = {name for name, _ in here} & {name for name, _ in there}
    if not here and not there:
        return None
    if not names:
        return False
    shared = sum(name in names for name, _ in here & there)
    return shared * 2 > len(names)


# -- LINK-3: each relation leads to what it means ---------------------------------------------------------------


def likely_type(observed: Observed, resource: Resource | None) -> str:
    """The keyed type that a resource resembles most, "" if none. Types of one model count as one."""
    if resource is None:
        return ""
    names = [name for name, _ in resource.properties.members]
    scores = [
        (_likeness(row, names), row.name)
        for row in observed.contract.types.values()
        if row.shape is not None and row.key and not row.is_list and names and key_of(row, resource) is not None
    ]
    best = max(scores, default=(0.0, ""))
    return best[1] if best[0] >= LIKENESS else ""


def _likeness(row: ResourceType, names: list[str]) -> float:
    return sum(name in row.shape.members for name in names) / len(names) if row.shape and names else 0.0


def _is_another_kind(observed: Observed, row: ResourceType, resource: Resource) -> bool:
    """A resource plainly is of another type than the one it should be of."""
    names = [name for name, _ in resource.properties.members]
    other = observed.type(likely_type(observed, resource))
    if other is None or other.shape is None or (row.shape is not None and other.shape.name == row.shape.name):
        return _is_list_instead(observed, row, resource)
    return _likeness(row, names) < _likeness(other, names)


def _is_list_instead(observed: Observed, row: ResourceType, resource: Resource) -> bool:
    holds = bool(resource.elements) or bool(resource.embedded)
    return not row.is_list and not resource.properties.members and holds


def leads_as_meant(observed: Observed) -> Iterator[Finding]:
    """LINK-3."""
    seen = False
    for offer in offered(observed):
        relation = offer.relation
        judge = MEANINGS.get(relation.kind) if relation is not None else None
        if judge is None or relation is None or offer.url is None or not observed.in_api(offer.url):
            continue
        there = observed.answer(offer.url)
        if there is None or not there.ok:
            continue
        for finding in judge(observed, offer, relation, there):
            seen = True
            yield finding
    for finding in (*_parts_of_others(observed), *_swapped_forms(observed), *_boxes(observed)):
        seen = True
        yield finding
    if not seen:
        yield unseen("no link whose relation has a meaning was followed", *list(linking(observed))[:5])


def _wrong(offer: Offer, there: Reading, because: str, expected: object, seen: object) -> Finding:
    return unmet(because, offer.reading, there, expected=expected, observed=seen, place=named(offer))


def _resource_meant(observed: Observed, offer: Offer, relation: Relation, there: Reading) -> Iterator[Finding]:
    row = observed.type(relation.target)
    if row is None or there.resource is None:
        return
    if _target_is_wrong(observed, row, there.resource):
        seen = what(observed, "", there)
        yield _wrong(offer, there, f"{offer.link.rel} does not lead to a {row.name}", row.name, seen)
        return
    differing = tuple(_mismatches(observed, offer, relation, row, there.resource))
    for theirs, wanted, came in differing:
        yield _wrong(
            offer,
            there,
            f"{offer.link.rel} leads to a {row.name} with another {theirs}",
            f"{theirs} {wanted}",
            f"{theirs} {came}",
        )
    if not differing:
        yield met(offer.reading, there, place=named(offer))


def _target_is_wrong(observed: Observed, row: ResourceType, resource: Resource) -> bool:
    if not row.is_list:
        return key_of(row, resource) is None and _is_another_kind(observed, row, resource)
    inside = elements(observed.contract, row.name, resource)
    element = observed.type(row.element)
    if not inside:
        return bool(likely_type(observed, resource)) and resource.elements is None and not resource.embedded
    return (
        element is not None
        and bool(element.key)
        and all(key_of(element, item) is None and _is_another_kind(observed, element, item) for item in inside)
    )


def _mismatches(
    observed: Observed, offer: Offer, relation: Relation, row: ResourceType, there: Resource
) -> Iterator[tuple[str, str, str]]:
    for theirs, mine in relation.match.items():
        wanted, came = offer.resource.text(mine), there.text(theirs)
        shape = row.shape.members.get(theirs) if row.shape else None
        if wanted is not None and came is not None and not same_text(wanted, came, shape):
            yield theirs, wanted, came
    if relation.rel.lower() == "archivereference":
        yield from _other_archive(observed, offer, there)


def same_text(one: str, other: str, shape: Shape | None) -> bool:
    """Two values of a key are equal: integers as numbers, all else to the last character but blanks around."""
    one, other = one.strip(), other.strip()
    equal = lexical.same(one, other, shape.kind) if shape is not None and shape.kind is ValueKind.INTEGER else None
    return one == other if equal is None else equal


def _other_archive(observed: Observed, offer: Offer, there: Resource) -> Iterator[tuple[str, str, str]]:
    """The archived message has the archive reference of the one that points to it, and is not that one itself."""
    wanted, came = offer.resource.text("ArchiveReference"), there.text("ArchiveReference")
    if wanted and came and wanted.strip() != came.strip():
        yield "ArchiveReference", wanted, came
    mine, theirs = offer.resource.text("MessageId"), there.text("MessageId")
    if wanted and mine and mine == theirs and is_active(mine):
        for visit in observed.visits_of("Message"):
            other = visit.resource
            if other is not None and other.text("ArchiveReference") == wanted and not is_active(visit.place.key):
                yield "MessageId", visit.place.key, mine
                return


def is_active(message_id: str) -> bool:
    """The documentation: ids of active elements begin with a, those of archived ones with b."""
    return message_id[:1].lower() == "a" and message_id[1:].isdecimal()


GENERIC = ("", "application/octet-stream", "text/plain", "binary/octet-stream")
"""Media types that say nothing: what comes under them may still be the document."""


def _document_meant(observed: Observed, offer: Offer, relation: Relation, there: Reading) -> Iterator[Finding]:
    row = observed.type(relation.target)
    body = there.response.body if there.response is not None else b""
    size = offer.link.attribute("filesize")
    label = there.label
    if there.probe.question == READ and there.resource is not None and observed.place_at(there.probe.url) is not None:
        place = observed.place_at(there.probe.url)
        if place is not None and observed.type(place.type) is not None:
            yield _wrong(offer, there, f"{offer.link.rel} leads to a resource, not to a document", "a document", place)
            return
    if size is not None and size.isdecimal() and int(size) != len(body):
        expected, came = f"{size} bytes", f"{len(body)} bytes"
        yield _wrong(offer, there, f"{offer.link.rel} leads to a file of another size than it says", expected, came)
    elif not body and not (size or "").isdecimal():
        yield _wrong(offer, there, f"{offer.link.rel} leads to an empty document", "a document", answered(there))
    elif row is not None and row.media_types and _another_document(offer, row, label):
        because = f"{offer.link.rel} leads to a document of another kind"
        yield _wrong(offer, there, because, " or ".join(row.media_types), label)
    else:
        yield met(offer.reading, there, place=named(offer))


def _another_document(offer: Offer, row: ResourceType, label: str) -> bool:
    """The media type is none that the contract gives. Where the link announces one, that is LINK-8's."""
    announced = bare_media_type(offer.link.attribute("type"))[0]
    return label not in row.media_types and label not in GENERIC and announced in ("", label)


MEANINGS: Mapping[RelationKind, Callable[[Observed, Offer, Relation, Reading], Iterator[Finding]]] = {
    RelationKind.RESOURCE: _resource_meant,
    RelationKind.DOCUMENT: _document_meant,
}

PARTS = ("form", "print", "formdata", "signingtext")
"""Relations that lead to a part of the one resource that offers them: two resources cannot share it."""


def _parts_of_others(observed: Observed) -> Iterator[Finding]:
    """A part that two resources claim belongs to one of them at most."""
    claims: defaultdict[tuple[str, str], dict[Place, Offer]] = defaultdict(dict)
    within: dict[tuple[Place, str, str], Offer] = {}
    for offer in offered(observed):
        rel = offer.link.rel.lower()
        if offer.url is None or offer.relation is None or not is_known(offer.place):
            continue
        loose = observed.loose(offer.url)
        if rel in PARTS:
            claims[rel, loose].setdefault(offer.place, offer)
        if offer.relation.many and rel in (*PARTS, "attachment"):
            twin = within.setdefault((offer.place, rel, f"{offer.reading.number} {loose}"), offer)
            if twin.resource is offer.resource and twin.link.node != offer.link.node and _tell_apart(twin, offer):
                yield _wrong(offer, offer.reading, f"two {rel} links lead to one target", twin.link.node, offer.url)
    for (rel, _), carriers in claims.items():
        first, *others = carriers.values()
        for other in others:
            if not _related(observed, first, other):
                because = f"{rel} leads to what {first.place} offers as its own {rel}"
                yield unmet(because, other.reading, first.reading, place=named(other), observed=other.url or "")


def _tell_apart(one: Offer, other: Offer) -> bool:
    names = ("filename", "name", "filesize")
    return any(one.link.attribute(name) != other.link.attribute(name) for name in names)


def _related(observed: Observed, one: Offer, other: Offer) -> bool:
    """Two messages are stages of one element (before and after archiving), so that they may share parts."""
    mine, theirs = _identities(observed, one), _identities(observed, other)
    linked = any(each.resource.link("archivereference") is not None for each in (one, other))
    return bool(mine & theirs) or linked


def _identities(observed: Observed, offer: Offer) -> frozenset[str]:
    """The names that an element has had, as the message itself and where it is listed tell."""
    visit = observed.visits.get(offer.place)
    told = (offer.resource, visit.resource if visit is not None else None)
    ids = ("MessageId", "OriginalId", "ArchiveReference")
    return frozenset(text for each in told if each is not None for name in ids if (text := each.text(name)))


def _swapped_forms(observed: Observed) -> Iterator[Finding]:
    """A form link names its form. A target with another name is another form if some other link has just that name."""
    links = [o for o in offered(observed) if o.link.rel.lower() == "form" and o.relation and o.link.attribute("name")]
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for offer in links:
        by_name[(offer.link.attribute("name") or "").strip()].add(observed.loose(offer.url or ""))
    for offer in links:
        there = observed.answer(offer.url) if offer.url else None
        name = (there.resource.text("Name") or "").strip() if there is not None and there.resource else ""
        said = (offer.link.attribute("name") or "").strip()
        if there is None or not name or name == said:
            continue
        if by_name.get(name, set()) - {observed.loose(offer.url or "")}:
            yield _wrong(offer, there, "form leads to another form than it names", said, name)


def _boxes(observed: Observed) -> Iterator[Finding]:
    """Two reportees never have one message box."""
    boxes: dict[Place, tuple[Offer, Visit]] = {}
    for offer in offered(observed):
        if offer.link.rel.lower() == "messages" and offer.type == "Reportee" and offer.url and is_known(offer.place):
            place = observed.place_at(offer.url)
            if place is not None and place in observed.visits and offer.place not in boxes:
                boxes[offer.place] = (offer, observed.visits[place])
    found = list(boxes.values())
    for index, (offer, box) in enumerate(found):
        for earlier, other in found[:index]:
            if _one_box(observed, offer, box, earlier, other):
                because = f"messages leads to the box that {earlier.place} offers as its own"
                yield unmet(because, offer.reading, earlier.reading, place=named(offer), observed=offer.url or "")
                break


def _one_box(observed: Observed, offer: Offer, box: Visit, earlier: Offer, other: Visit) -> bool:
    if box.place == other.place or observed.same_url(offer.url or "", earlier.url or ""):
        return True
    row = observed.type(box.type)
    if row is None or box.resource is None or other.resource is None:
        return False
    here, there = _listed(observed, row, box.resource), _listed(observed, row, other.resource)
    return bool(here) and here == there and (_own_name(box) == _own_name(other) or _is_callers(box, other))


def _own_name(visit: Visit) -> str | None:
    own = visit.resource.link("self") if visit.resource is not None else None
    return urls.resolve(visit.url, own.href) if own is not None and own.href else visit.url


def _is_callers(one: Visit, other: Visit) -> bool:
    """One of two equal boxes is an entry of its own: the caller's."""
    return " > " not in one.path or " > " not in other.path


# -- LINK-4: followed -------------------------------------------------------------------------------------------

OURS = {
    Stage.REFUSED: Cause.HARNESS,
    Stage.LIMIT: Cause.HARNESS,
    Stage.NOT_RECORDED: Cause.HARNESS,
    Stage.INTERRUPTED: Cause.HARNESS,
    Stage.LOGIN: Cause.CONFIGURATION,
    Stage.DNS: Cause.ENVIRONMENT,
    Stage.CONNECT: Cause.ENVIRONMENT,
    Stage.TLS: Cause.ENVIRONMENT,
    Stage.DEADLINE: Cause.ENVIRONMENT,
    Stage.SEND: Cause.ENVIRONMENT,
}
"""Failures that say nothing of the link. The others (a broken answer) are HTTP-2's."""
BUSY = (429, 503)


def can_be_followed(observed: Observed) -> Iterator[Finding]:
    """LINK-4."""
    denied = refused(observed)
    seen, left = set(), 0
    for offer in offered(observed):
        if offer.url is None or not _to_follow(observed, offer, offer.url):
            continue
        url = urls.canonical(offer.url)
        if url in seen:
            continue
        seen.add(url)
        there = observed.answer(offer.url)
        if there is None:
            left += 1
        else:
            yield from _followed(observed, offer, there, denied)
    if left and not observed.stopped:
        yield unseen(f"{left} offered links were not followed: other addresses of what was read, or limits of the run")
    elif left:
        yield unseen(f"{left} offered links were not followed: {observed.stopped}")
    elif not seen:
        yield no_links(observed)


def _to_follow(observed: Observed, offer: Offer, url: str) -> bool:
    kind = offer.relation.kind if offer.relation else None
    if kind in (RelationKind.PORTAL, RelationKind.ACTION) or _ill(offer):
        return False
    actions = {name.lower() for name in observed.contract.actions}
    return observed.in_api(url) and offer.link.rel.lower() not in actions and not has_effect(observed, url)


def _followed(observed: Observed, offer: Offer, there: Reading, denied: str) -> Iterator[Finding]:
    place = named(offer)
    failure = there.exchange.failure
    if there.ok:
        yield met(offer.reading, there, place=place)
    elif failure is not None:
        cause = OURS.get(failure.stage, Cause.TARGET)
        yield unseen(
            f"the link gave no whole answer: {failure.because}", offer.reading, there, place=place, cause=cause
        )
    elif there.status in BUSY:
        busy = f"the target was too busy to answer: {answered(there)}"
        yield unseen(busy, offer.reading, there, place=place, cause=Cause.ENVIRONMENT)
    elif there.status in (401, 403) and (denied or _ended_refused(observed, there)):
        why = denied or "the credentials stopped working in mid-run"
        yield unseen(why, offer.reading, there, place=place, cause=Cause.CONFIGURATION)
    elif there.redirect is not None and not observed.in_environment(there.redirect):
        return  # it leaves the environment: LINK-5
    elif _moved_away(observed, offer):
        yield unseen(
            "what was linked went away while we looked", offer.reading, there, place=place, why=Unseen.UNSTABLE
        )
    else:
        yield unmet(
            f"the link {offer.link.rel} cannot be followed",
            offer.reading,
            there,
            expected="an answer of 2xx",
            observed=answered(there),
            place=place,
        )


def _ended_refused(observed: Observed, there: Reading) -> bool:
    """The run was stopped, and nothing was let in any more from this answer on."""
    later = [r for r in observed.readings if r.number >= there.number and r.probe.login is Login.GIVEN]
    return bool(observed.stopped) and all(not r.ok or r.status is None for r in later) and refused_credentials(there)


def _moved_away(observed: Observed, offer: Offer) -> bool:
    """The link is the own one of a listed element that a later reading of the list no longer holds."""
    return (
        is_self(offer) and offer.resource is not offer.reading.resource and went_away(observed, offer, offer.resource)
    )


def went_away(observed: Observed, offer: Offer, element: Resource) -> bool:
    """An element of the list that an offer stands on is not in the last reading of that list any more."""
    visit = observed.visits.get(observed.place(offer.reading))
    row = observed.type(visit.type) if visit is not None else None
    inner = observed.type(row.element) if row is not None else None
    key = key_of(inner, element) if inner is not None else None
    if visit is None or key is None or offer.reading.probe.question != READ:
        return False
    series = [reading for one in visit.series for reading in one.values()]
    again = [r for r in observed.asked("reach.again") if observed.place(r) == visit.place]
    later = [r for r in (*series, *again) if r.number > offer.reading.number and r.resource is not None]
    last = max(later, key=lambda reading: reading.number).resource if later else None
    return last is not None and key not in {
        key_of(inner, e) for e in elements(observed.contract, visit.type, last) if inner
    }


# -- LINK-5: in the environment ---------------------------------------------------------------------------------

LOGIN_WORDS = ("login", "logon", "signin", "authenticat", "idporten", "id-porten", "sso", "oauth", "redirect.aspx")
URI_STAND_INS = ("messagelink", "attachmentlink", "messageslink")
"""Members by which the plain formats stand in for links."""


def stays_inside(observed: Observed) -> Iterator[Finding]:
    """LINK-5."""
    seen = False
    for offer in offered(observed):
        if _may_leave(observed, offer):
            continue
        url = urls.resolve(offer.reading.probe.url, re.sub(r"\{[^{}]*\}", "x", offer.link.href))
        if url is None:
            continue
        seen = True
        yield _inside(observed, url, offer.reading, f"the link {offer.link.rel}", named(offer))
    for reading, name, url, place in _stand_ins(observed):
        seen = True
        yield _inside(observed, url, reading, f"the member {name}", place)
    for reading in observed.readings:
        finding = _redirected(observed, reading)
        if finding is not None:
            seen = True
            yield finding
    if not seen:
        yield no_links(observed)


def _may_leave(observed: Observed, offer: Offer) -> bool:
    """Pages for people may be anywhere, and so may what a relation that the contract does not know leads to, unless it
    is this API spoken to without encryption."""
    if offer.link.broken or not offer.link.href:
        return True
    if offer.relation is not None:
        return offer.relation.kind is RelationKind.PORTAL
    url = offer.url or ""
    return not (_downgrades(observed, url) and observed.in_api("https" + url[4:]))


def _downgrades(observed: Observed, url: str) -> bool:
    return url.lower().startswith("http:") and observed.target.root.lower().startswith("https:")


def _inside(observed: Observed, url: str, reading: Reading, what_: str, place: str) -> Finding:
    if observed.in_environment(url):
        return met(reading, place=place)
    because = "goes from https to http" if _downgrades(observed, url) else "leaves the environment"
    own = urls.origin(observed.target.root)
    return unmet(f"{what_} {because}", reading, expected=own, observed=urls.origin(url) or url, place=place)


def _stand_ins(observed: Observed) -> Iterator[tuple[Reading, str, str, str]]:
    """The Uri members of the plain formats, each address once."""
    seen = set()
    for reading in observed.asked(READ, PAGE):
        if reading.resource is None or reading.label not in FORMATS or reading.label in HAL:
            continue
        for place, _, resource, _ in observed.parts(reading):
            for name, value in resource.properties.members:
                if name.lower() in URI_STAND_INS and isinstance(value, Scalar) and value.text.strip():
                    url = urls.resolve(reading.probe.url, value.text)
                    if url is not None and (place, name, url) not in seen:
                        seen.add((place, name, url))
                        yield reading, name, url, f"{place} / {name}"


def _redirected(observed: Observed, reading: Reading) -> Finding | None:
    """A redirect of a link that was offered: inside is fine, to a login is not a link's, elsewhere is outside."""
    target = reading.redirect
    if target is None or reading.probe.question not in (READ, PAGE, FOLLOW) or reading.probe.login is not Login.GIVEN:
        return None
    if observed.in_environment(target):
        return met(reading)
    if not _downgrades(observed, target) and any(word in target.lower() for word in LOGIN_WORDS):
        return None
    because = (
        "a redirect goes from https to http" if _downgrades(observed, target) else "a redirect leaves the environment"
    )
    return unmet(because, reading, expected=urls.origin(observed.target.root), observed=target)


# -- LINK-6: templates ------------------------------------------------------------------------------------------


def templates_expand(observed: Observed) -> Iterator[Finding]:
    """LINK-6."""
    any_template = False
    for offer in offered(observed):
        if offer.link.broken or not offer.link.href:
            continue  # LINK-1
        names = variables(offer.link.href) if "{" in offer.link.href or offer.link.templated else None
        if not offer.link.templated:
            if names:
                any_template = True
                yield _template_wrong(offer, "a template is not flagged as one", "templated: true")
            continue
        any_template = True
        meant = offer.relation is not None and offer.relation.kind is RelationKind.SEARCH
        if names is None:
            yield _template_wrong(offer, "it is no template of RFC 6570", "a template of RFC 6570")
        elif meant and not names:
            yield _template_wrong(offer, "it is flagged as a template and has no variable", "a variable for the key")
        else:
            yield met(offer.reading, place=named(offer))
            yield from _expanded(observed, offer) if meant else ()
    if not any_template:
        proof = list(linking(observed))
        why = Unseen.INAPPLICABLE if proof else Unseen.UNTESTED
        yield unseen("no template was offered in what was seen", *proof[:20], why=why)


def _template_wrong(offer: Offer, because: str, expected: str) -> Finding:
    return unmet(because, offer.reading, expected=expected, observed=offer.link.href, place=named(offer))


def _expanded(observed: Observed, offer: Offer) -> Iterator[Finding]:
    row = observed.type(offer.relation.target) if offer.relation else None
    for element in listed_by(observed, offer) if row is not None else ():
        url, key = find_url(offer, element), key_of(row, element) if row is not None else None
        there = found_at(observed, url, row.name) if url is not None and row is not None else None
        if url is not None and not observed.in_environment(url):
            return  # LINK-5
        if there is None or key is None or row is None or url is None:
            continue
        if not there.ok:
            gone = _dead_anyway(observed, element, url, offer) or went_away(observed, offer, element)
            if not gone and not _says_nothing(there):
                yield _not_found(offer, there, f"{row.name} {key}", answered(there))
        elif there.resource is not None:
            came = key_of(row, there.resource)
            if came is not None and came != key:
                yield _not_found(offer, there, f"{row.name} {key}", f"{row.name} {came}")
            elif came is None and _is_another_kind(observed, row, there.resource):
                yield _not_found(offer, there, f"{row.name} {key}", what(observed, "", there))
            else:
                yield met(offer.reading, there, place=named(offer))


def _not_found(offer: Offer, there: Reading, expected: str, seen: str) -> Finding:
    because = "the template does not lead to the resource for a known key"
    return unmet(because, offer.reading, there, expected=expected, observed=seen, place=named(offer))


def found_at(observed: Observed, url: str, type_name: str) -> Reading | None:
    """The answer to an expanded template: of the crawl, or of an asker."""
    there = observed.answer(url)
    if there is not None:
        return there
    polite = urls.canonical(observed.polite(url, type_name))
    return next((r for r in observed.asked("reach.find") if _first_url(observed, r) == polite), None)


def _first_url(observed: Observed, reading: Reading) -> str:
    """The URL that was asked before redirects."""
    while reading.exchange.follows:
        before = observed.reading(reading.exchange.follows)
        if before is None:
            break
        reading = before
    return urls.canonical(reading.probe.url)


def _dead_anyway(observed: Observed, element: Resource, url: str, offer: Offer) -> bool:
    """The element's own link leads to the same URL: that it is dead is LINK-4's."""
    own = element.link("self")
    home = urls.resolve(offer.reading.probe.url, own.href) if own is not None and own.href else None
    return home is not None and observed.same_url(home, url)


def _says_nothing(reading: Reading) -> bool:
    """An answer that is no word on whether the resource is there."""
    return reading.response is None or reading.status in BUSY or refused_credentials(reading)


# -- LINK-7: HAL's own names ------------------------------------------------------------------------------------

OWN_NAMES = {"isTemplated": "templated", "mime-type": "type"}


def names_of_hal(observed: Observed) -> Iterator[Finding]:
    """LINK-7."""
    odd: dict[tuple[str, str], Reading] = {}
    standard: list[Reading] = []
    for reading in linking(observed):
        for resource in reading.resource.walk() if reading.resource else ():
            found = [oddity for oddity in resource.oddities if oddity.code in OWN_NAMES]
            for oddity in found:
                odd.setdefault((oddity.code, reading.label), reading)
            used = sum(_uses(link, "type") for link in resource.links) + sum(link.templated for link in resource.links)
            if used > len(found):
                standard.append(reading)
    for (code, label), reading in odd.items():
        yield unmet(
            f"links say {code} where HAL says {OWN_NAMES[code]}",
            reading,
            expected=OWN_NAMES[code],
            observed=code,
            format=label,
        )
    yield from (met(reading) for reading in standard)
    if not odd and not standard:
        proof = list(linking(observed))
        why = Unseen.INAPPLICABLE if proof else Unseen.UNTESTED
        yield unseen("no link is a template or announces a media type", *proof[:20], why=why)


def _uses(link: Link, name: str) -> bool:
    return link.attribute(name) is not None


# -- LINK-8: the announced media type ---------------------------------------------------------------------------

ALIASES = {"text/xml": "application/xml", "text/json": "application/json", "application/x-pdf": "application/pdf"}


def comes_as_announced(observed: Observed) -> Iterator[Finding]:
    """LINK-8."""
    announcing = False
    for offer in offered(observed):
        announced = bare_media_type(offer.link.attribute("type"))[0]
        if "/" not in announced or "*" in announced or offer.url is None or not observed.in_api(offer.url):
            continue
        announcing = True
        yield from _came(observed, offer, offer.url, ALIASES.get(announced, announced))
    if not announcing:
        proof = list(linking(observed))
        why = Unseen.INAPPLICABLE if proof else Unseen.UNTESTED
        yield unseen("no followed link announces a media type", *proof[:20], why=why)


def _came(observed: Observed, offer: Offer, url: str, announced: str) -> Iterator[Finding]:
    there = observed.answer(url)
    place = observed.place_at(url)
    if place is not None and place in observed.visits and announced in FORMATS:
        there = observed.visits[place].reading(announced) or there
    if there is None or not there.ok or there.response is None:
        return
    came = ALIASES.get(there.label, there.label)
    if came == announced:
        yield met(offer.reading, there, place=named(offer))
    elif announced in (there.probe.header("Accept") or "").lower() or "*/*" in (there.probe.header("Accept") or ""):
        yield unmet(
            f"{offer.link.rel} announces a media type, and another one comes",
            offer.reading,
            there,
            expected=announced,
            observed=there.label or "no Content-Type",
            place=named(offer),
        )


# -- LINK-9: the documented relations are there -----------------------------------------------------------------


def documented_are_there(observed: Observed) -> Iterator[Finding]:
    """LINK-9. Of a place its first HAL representation is judged: what only the other lacks is FORMAT-6's. A resource
    that is embedded somewhere with a link to itself may be a summary; it is judged where it stands on its own."""
    seen = False
    for reading in _references(observed):
        for place, type_name, resource, _ in observed.parts(reading):
            whole = resource is reading.resource
            for row in observed.contract.relations:
                if row.source == type_name and row.required and in_state(row, resource):
                    finding = _there(observed, row, reading, place, resource, whole)
                    if finding is not None:
                        seen = True
                        yield finding
    for finding in _listed_with_more(observed):
        seen = True
        yield finding
    if not seen:
        yield unseen("nothing was read whose relations the documentation gives", *list(linking(observed))[:5])


def _references(observed: Observed) -> Iterator[Reading]:
    """Of each place the first representation in a HAL format, and so of further pages."""
    for visit in observed.visits.values():
        for readings in (visit.latest, *visit.pages.values()):
            hal = (readings.get(format_) for format_ in HAL)
            first = next((r for r in hal if r is not None and r.resource is not None and r.label in HAL), None)
            if first is not None:
                yield first


def _listed_with_more(observed: Observed) -> Iterator[Finding]:
    """A relation that a list gives an element is one that the element has in its state: alone it has it too."""
    told = set()
    for reading in _references(observed):
        for place, type_name, resource, _ in observed.parts(reading):
            visit = observed.visits.get(place)
            if visit is None or resource is reading.resource or not _hal_of(visit):
                continue
            for row in _lacking(observed, type_name, resource, visit):
                if (place, row.rel) not in told:
                    told.add((place, row.rel))
                    alone = _hal_of(visit)[0]
                    because = f"the relation {row.rel} that a list gives the resource is missing where it stands alone"
                    seen = _rels(alone.resource) if alone.resource is not None else ""
                    yield unmet(because, alone, reading, expected=f"a link {row.rel}", observed=seen, place=str(place))


def _lacking(observed: Observed, type_name: str, listed: Resource, visit: Visit) -> Iterator[Relation]:
    """The relations that a listed element has and the resource itself has in no format."""
    for link in listed.links:
        row = observed.contract.relation(type_name, link.rel)
        if row is None or row.source != type_name or row.kind not in MEANINGS or row.required:
            continue
        if not any(_has(row, reading.resource) for reading in _hal_of(visit)) and observed.holds_still(visit):
            yield row


def _hal_of(visit: Visit) -> list[Reading]:
    readings = (visit.latest.get(format_) for format_ in HAL)
    return [r for r in readings if r is not None and r.resource is not None and r.label in HAL]


def _has(row: Relation, resource: Resource | None) -> bool:
    return resource is not None and _offers(row, resource)


def in_state(row: Relation, resource: Resource) -> bool:
    """The resource is in the state in which the relation means something ("when" of its row)."""
    return all(
        (resource.text(name) or "").strip().lower() in {word.lower() for word in words}
        for name, words in row.when.items()
    )


def _there(
    observed: Observed, row: Relation, reading: Reading, place: Place, resource: Resource, whole: bool
) -> Finding | None:
    """Whether a required relation is there; None where nothing can be said."""
    own = row.kind is RelationKind.SELF
    if not whole and not own and resource.link("self") is not None:
        return None
    if whole and (own or row.kind is RelationKind.SEARCH) and reading.probe.question == PAGE:
        return None
    if row.kind is RelationKind.SEARCH and not elements(observed.contract, place.type, resource):
        return None
    if _offers(row, resource):
        return met(reading, place=f"{place} / {row.rel}")
    state = ", ".join(f"{name} {resource.text(name)}" for name in row.when)
    because = f"the documented relation {row.rel} is missing" + (f" ({state})" if state else "")
    return unmet(because, reading, expected=f"a link {row.rel}", observed=_rels(resource), place=str(place))


def _offers(row: Relation, resource: Resource) -> bool:
    """The relation is there: linked, or embedded instead."""
    rel = row.rel.lower()
    return resource.link(rel) is not None or any(name.lower() == rel for name, _ in resource.embedded)


def _rels(resource: Resource) -> str:
    return ", ".join(dict.fromkeys(link.rel for link in resource.links)) or "no links"


RULES: Mapping[str, Rule] = {
    "LINK-1": well_formed,
    "LINK-2": self_leads_home,
    "LINK-3": leads_as_meant,
    "LINK-4": can_be_followed,
    "LINK-5": stays_inside,
    "LINK-6": templates_expand,
    "LINK-7": names_of_hal,
    "LINK-8": comes_as_announced,
    "LINK-9": documented_are_there,
}

"""One step along an offered link, asked outside the crawl: which links may be followed, where a template leads for a
known element, and the probe that goes there. Askers take the steps, rules take them again in thought.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from samsvar.logic import urls
from samsvar.logic.exploring import filled
from samsvar.logic.identity import elements
from samsvar.logic.observing import FRONT, Observed, Offer, Visit
from samsvar.logic.templates import expand, variables
from samsvar.model.contract import Entry, RelationKind
from samsvar.model.exchange import FORMATS, Probe
from samsvar.model.resource import Resource

NOT_FOLLOWED = (RelationKind.PORTAL, RelationKind.ACTION)
LONGEST = 2_048
"""Characters of a URL that is still asked."""


def to_the_api(observed: Observed, offer: Offer) -> bool:
    """The link leads to something of the API that may be asked by GET."""
    if offer.url is None or not observed.in_api(offer.url) or len(offer.url) > LONGEST:
        return False
    if offer.relation is not None and offer.relation.kind in NOT_FOLLOWED:
        return False
    return offer.link.rel.lower() not in {name.lower() for name in observed.contract.actions} and not has_effect(
        observed, offer.url
    )


def has_effect(observed: Observed, url: str) -> bool:
    """A GET there is seen by somebody or changes a session: it is never asked."""
    below = urls.path(url)[len(urls.path(observed.target.root)) :].strip("/").lower()
    return any(fnmatchcase(below, pattern.lower()) for pattern in observed.contract.effect_paths)


def is_element(observed: Observed, offer: Offer) -> bool:
    """The link stands on a list and leads to one of its elements (a list may link what it could embed)."""
    row = observed.type(offer.type)
    return row is not None and row.is_list and offer.link.rel.lower() in {n.lower() for n in (*row.container, "item")}


def target_type(observed: Observed, offer: Offer) -> str:
    """The type of what the link leads to; "" if the contract does not say."""
    if offer.relation is not None:
        kind = offer.relation.kind
        return offer.type if kind in (RelationKind.SELF, RelationKind.PAGE) else offer.relation.target
    row = observed.type(offer.type)
    if row is not None and is_element(observed, offer):
        return row.element
    entry = offered_entry(observed, offer)
    return entry.type if entry is not None else ""


def offered_entry(observed: Observed, offer: Offer) -> Entry | None:
    """The entry that a front page offers by this link."""
    if offer.type != FRONT and observed.type(offer.type) is not None:
        return None
    rel = offer.link.rel.lower()
    return next((e for e in observed.contract.entries if rel in {name.lower() for name in e.rels}), None)


def is_document(observed: Observed, offer: Offer) -> bool:
    """The link leads to bytes and not to a resource."""
    if offer.relation is not None:
        return offer.relation.kind is RelationKind.DOCUMENT
    announced = (offer.link.attribute("type") or "").lower()
    return "/" in announced and not announced.endswith(("json", "xml"))


def step(observed: Observed, offer: Offer, url: str, question: str, about: str, accept: str = FORMATS[0]) -> Probe:
    """The probe that follows a link (or an expansion of its template) to ``url``."""
    type_name = target_type(observed, offer)
    entry = offered_entry(observed, offer)
    announced = offer.link.attribute("type") or ""
    if is_document(observed, offer):
        accept = f"{announced}, */*;q=0.1" if "/" in announced else "*/*"
    return Probe(
        question=question,
        url=observed.polite(url, type_name),
        about=about,
        headers=(("Accept", accept),),
        type=type_name,
        owner=entry.owner if entry is not None and entry.type == type_name else offer.place.key,
        path=offer.path if offer.link.rel.lower() == "self" else f"{offer.path} > {offer.link.rel}",
        parent=offer.reading.number,
        rel=offer.link.rel,
    )


def find_url(offer: Offer, element: Resource) -> str | None:
    """Where a search template leads for one element: with its variables filled as the contract means them. Variables
    that the contract does not know stay undefined; the only variable of a template whose element has one key is taken
    to be that key. None when there is nothing to fill, or the template is broken."""
    url = filled(offer, element)
    if url is not None or offer.relation is None:
        return url
    known = {name.lower(): (element.text(member) or "").strip() for name, member in offer.relation.variables.items()}
    known = {name: value for name, value in known.items() if value}
    names = variables(offer.link.href) or ()
    values = {name: known[name.lower()] for name in names if name.lower() in known}
    if not values and len(names) == 1 and len(known) == 1:
        values = {names[0]: next(iter(known.values()))}
    expanded = expand(offer.link.href, values) if values else None
    return urls.resolve(offer.reading.probe.url, expanded) if expanded else None


def listed_by(observed: Observed, offer: Offer) -> tuple[Resource, ...]:
    """The elements that the list of a search template is known to hold: the embedded ones, else those that were
    visited by its links."""
    embedded = elements(observed.contract, offer.type, offer.resource)
    return embedded or tuple(visit.resource for visit in linked_elements(observed, offer) if visit.resource)


def linked_elements(observed: Observed, offer: Offer) -> Iterator[Visit]:
    """The visited elements of a list that links them."""
    for other in observed.offers(offer.reading):
        if other.place == offer.place and other.url is not None and is_element(observed, other):
            place = observed.place_at(other.url)
            if place is not None and place in observed.visits:
                yield observed.visits[place]

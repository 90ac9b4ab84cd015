"""Following an offered link: what it gives, whether it may be followed at all, and the probe that follows it.

The crawl takes these steps, askers take them outside the crawl, rules take them again in thought: one home for all.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from samsvar.logic import urls
from samsvar.logic.identity import elements
from samsvar.logic.observing import FRONT, Observed, Offer, Visit
from samsvar.logic.templates import expand, fill, variables
from samsvar.model.contract import Entry, RelationKind
from samsvar.model.exchange import FORMATS, Probe
from samsvar.model.resource import Resource

LONGEST = 2_048
"""Characters of a URL that is still asked."""
HINTS = frozenset({RelationKind.DOCUMENT, RelationKind.PORTAL, RelationKind.ACTION})
"""What a relation may be taken for on a type that the contract does not know it on, because it is that elsewhere."""


def kind_of(observed: Observed, offer: Offer) -> RelationKind | None:
    """What following gives: as the contract says for this type, else as it says wherever it knows the relation, if
    that is a document, a page for people or an action."""
    if offer.relation is not None:
        return offer.relation.kind
    elsewhere = observed.kinds_elsewhere(offer.link.rel)
    return next(iter(elsewhere)) if len(elsewhere) == 1 and elsewhere <= HINTS else None


def reason_not_to(observed: Observed, offer: Offer, url: str) -> str:
    """Why a link is never followed, wherever it stands; "" when it may be."""
    kind = kind_of(observed, offer)
    if kind is RelationKind.PORTAL:
        return "a page for people, outside the API"
    if kind is RelationKind.ACTION or offer.link.rel.lower() in {name.lower() for name in observed.contract.actions}:
        return "following it would do something"
    if not observed.in_environment(url):
        return "outside the environment's origin"
    if not observed.in_api(url):
        return "outside the API root"
    if has_effect(observed, url):
        return "a GET there has an effect"
    return f"a URL of more than {LONGEST} characters" if len(url) > LONGEST else ""


def to_the_api(observed: Observed, offer: Offer) -> bool:
    """The link leads to something of the API that may be asked by GET."""
    return offer.url is not None and not reason_not_to(observed, offer, offer.url)


def has_effect(observed: Observed, url: str) -> bool:
    """A GET there is seen by somebody or changes a session: it is never asked."""
    below = urls.path(url)[len(urls.path(observed.target.root)) :].strip("/").lower()
    return any(fnmatchcase(below, pattern.lower()) for pattern in observed.contract.effect_paths)


def is_element(observed: Observed, offer: Offer) -> bool:
    """The link stands on a list and leads to one of its elements (a list may link what it could embed)."""
    row = observed.type(offer.type)
    return row is not None and row.is_list and offer.link.rel.lower() in {n.lower() for n in (*row.container, "item")}


def offered_entry(observed: Observed, offer: Offer) -> Entry | None:
    """The entry that a front page offers by this link: only a resource without a type can be a front page."""
    if offer.type != FRONT and observed.type(offer.type) is not None:
        return None
    rel = offer.link.rel.lower()
    return next((e for e in observed.contract.entries if rel in {name.lower() for name in e.rels}), None)


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


def owner_of(observed: Observed, offer: Offer) -> str:
    """The key of what a keyless place behind the link belongs to: of several documents of one place each its own."""
    row = observed.type(target_type(observed, offer))
    entry = offered_entry(observed, offer)
    if entry is not None and row is not None and entry.type == row.name:
        return entry.owner
    kind = offer.relation.kind if offer.relation else None
    if kind is RelationKind.DOCUMENT and offer.relation is not None and offer.relation.many:
        label = offer.link.attribute("filename") or offer.link.attribute("name") or offer.link.node
        return f"{offer.place.key}/{label}"
    return offer.place.key


def is_document(observed: Observed, offer: Offer) -> bool:
    """The link leads to bytes and not to a resource."""
    announced = (offer.link.attribute("type") or "").lower()
    unknown = offer.relation is None and "/" in announced and not announced.endswith(("json", "xml"))
    return kind_of(observed, offer) is RelationKind.DOCUMENT or unknown


def step(observed: Observed, offer: Offer, url: str, question: str, about: str, accept: str = FORMATS[0]) -> Probe:
    """The probe that follows a link (or an expansion of its template) to ``url``."""
    type_name = target_type(observed, offer)
    announced = offer.link.attribute("type") or ""
    if is_document(observed, offer):
        accept = f"{announced}, */*;q=0.1" if "/" in announced else "*/*"
    return Probe(
        question=question,
        url=observed.polite(url, type_name) if type_name else _polite(observed, offer, url),
        about=about,
        headers=(("Accept", accept),),
        type=type_name,
        owner=owner_of(observed, offer),
        path=offer.path if offer.link.rel.lower() == "self" else f"{offer.path} > {offer.link.rel}",
        parent=offer.reading.number,
        rel=offer.link.rel,
    )


def _polite(observed: Observed, offer: Offer, url: str) -> str:
    """An unknown relation of a resource whose reads must be polite may lead to another of them."""
    row = observed.type(offer.type)
    element = observed.type(row.element) if row is not None and row.is_list else row
    return urls.with_parameters(url, element.read_parameters) if element is not None else url


# -- search templates -------------------------------------------------------------------------------------------------


def filled(offer: Offer, element: Resource) -> str | None:
    """The URL of a search template for one element of its list; None when the template or its variables are not
    what RFC 6570 and the contract say."""
    expanded = fill(offer.link.href, _known(offer, element))
    return urls.resolve(offer.reading.probe.url, expanded) if expanded else None


def _known(offer: Offer, element: Resource) -> dict[str, str]:
    """What the variables of a template are for an element, as the contract means them; only those that it has."""
    meaning = offer.relation.variables if offer.relation else {}
    known = {variable: (element.text(member) or "").strip() for variable, member in meaning.items()}
    return {variable: value for variable, value in known.items() if value}


def find_url(offer: Offer, element: Resource) -> str | None:
    """Where a search template leads for one element: with its variables filled as the contract means them. Variables
    that the contract does not know stay undefined; the only variable of a template whose element has one key is taken
    to be that key. None when there is nothing to fill, or the template is broken."""
    url = filled(offer, element)
    if url is not None or offer.relation is None:
        return url
    values = template_values(offer, element)
    expanded = expand(offer.link.href, values) if values else None
    return urls.resolve(offer.reading.probe.url, expanded) if expanded else None


def template_values(offer: Offer, element: Resource) -> dict[str, str]:
    """The values of a template's variables for an element, by the names that the template gives them."""
    known = {name.lower(): value for name, value in _known(offer, element).items()}
    names = variables(offer.link.href) or ()
    values = {name: known[name.lower()] for name in names if name.lower() in known}
    if not values and len(names) == 1 and len(known) == 1:
        values = {names[0]: next(iter(known.values()))}
    return values


def listed_by(observed: Observed, offer: Offer) -> tuple[Resource, ...]:
    """The elements that the list of a search template is known to hold: the embedded ones, else those that were
    visited by its links."""
    embedded = elements(observed.contract, offer.type, offer.resource)
    return embedded or tuple(visit.resource for visit in _linked_elements(observed, offer) if visit.resource)


def _linked_elements(observed: Observed, offer: Offer) -> Iterator[Visit]:
    """The visited elements of a list that links them."""
    for other in observed.offers(offer.reading):
        if other.place == offer.place and other.url is not None and is_element(observed, other):
            place = observed.place_at(other.url)
            if place is not None and place in observed.visits:
                yield observed.visits[place]

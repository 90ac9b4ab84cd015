"""Which place a representation speaks of: type and key, whatever its URL and format."""

from samsvar.logic.sameness import listed
from samsvar.model.contract import Contract, RelationKind, ResourceType
from samsvar.model.exchange import Place
from samsvar.model.resource import Kind, Node, Record, Resource, Scalar


def key_of(row: ResourceType, resource: Resource) -> str | None:
    """The key of a resource of that type: its key properties joined by "/", blanks around them left out; None when
    one of them is missing or empty, or the type has no key of its own."""
    values = [(resource.text(name) or "").strip() for name in row.key]
    return "/".join(values) if values and all(values) else None


def identify(contract: Contract, type_name: str, resource: Resource | None, owner: str, url: str) -> Place:
    """The place that a representation of this type speaks of. A type without a key of its own is one per owner; an
    unknown type, or a keyed one whose key cannot be read, is known by its URL only."""
    row = contract.types.get(type_name)
    if row is None:
        return Place("", url)
    if row.key:
        key = key_of(row, resource) if resource else None
        return Place(type_name, key if key is not None else f"{owner}?{url}")
    return Place(type_name, owner or url if not row.is_list else owner)


def is_known(place: Place) -> bool:
    """The place is known by its key, not only by the URL at which it was read."""
    return bool(place.type and place.key) and "?" not in place.key


def embedded_type(contract: Contract, type_name: str, group: str) -> str:
    """The type of what a resource embeds under a name: the element of a list, or the target of the relation of that
    name; "" when the contract does not say."""
    row = contract.types.get(type_name)
    if row is not None and row.is_list and group.lower() in {name.lower() for name in row.container}:
        return row.element
    relation = contract.relation(type_name, group)
    if relation is not None and relation.kind is RelationKind.RESOURCE:
        return relation.target
    if row is not None and row.is_list and not relation:
        return row.element
    return ""


def elements(contract: Contract, type_name: str, resource: Resource) -> tuple[Resource, ...]:
    """The elements of a list, however the representation carries them."""
    row = contract.types.get(type_name)
    return listed(resource, row.container if row else ())


LIKENESS = 0.6
"""The least share of a resource's members that a type must declare to be recognised by content alone."""


def infer_type(contract: Contract, resource: Resource) -> str:
    """The type that a resource shows by its content: all key members are there and most others are declared (of types
    with one model the first declared); a list by the type of its first element. "" when none fits."""
    names = [name for name, _ in resource.properties.members]
    scores = {
        row.name: sum(name in row.shape.members for name in names) / len(names)
        for row in contract.types.values()
        if row.shape and row.key and not row.is_list and names and key_of(row, resource) is not None
    }
    best = max(scores, key=lambda name: scores[name], default="")
    return best if best and scores[best] >= LIKENESS else _infer_list(contract, resource)


def _infer_list(contract: Contract, resource: Resource) -> str:
    for name, group in resource.embedded:
        element = infer_type(contract, group[0]) if group else ""
        for row in contract.types.values():
            fits = element == row.element if element else name in row.container[:1]
            if row.is_list and fits and name.lower() in {one.lower() for one in row.container}:
                return row.name
    return ""


def plain(node: Node | None) -> str:
    """A node as a short text for people."""
    if node is None:
        return "absent"
    if isinstance(node, Scalar):
        return "null" if node.kind is Kind.NULL else node.text
    return f"{{{', '.join(name for name, _ in node.members)}}}" if isinstance(node, Record) else f"[{len(node.items)}]"

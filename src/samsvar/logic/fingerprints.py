"""One short name for what a resource means: in go a resource and its declared shape, out comes a hash.

Equal for equal meaning: the format, the order of members, the order of lists where it means nothing, the spelling of
values and every URL may change. A link is written as what it leads to, as the caller tells it.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from samsvar.logic import lexical
from samsvar.logic.sameness import DEFINITIONS, READABLE, UNDECLARED, items_of, members_of, object_of, says_nothing
from samsvar.logic.sameness import attributes_of as link_attributes
from samsvar.model.contract import Shape, ValueKind
from samsvar.model.resource import Kind, Link, Node, Record, Resource, Scalar, Sequence

LinkTarget = Callable[[Link], str]
"""What a link leads to, without its URL: relation or type and key of the target."""


def fingerprint(resource: Resource, shape: Shape | None, link_target: LinkTarget) -> str:
    """SHA-256, in hex, of the canonical meaning of a resource: properties, links, and what it embeds or lists. A
    declared Uri member is written as what it leads to. Two formats give one fingerprint as far as the shape declares
    what they say and both carry the links."""
    return sha256(_written(_meaning(resource, shape or UNDECLARED, link_target)).encode("utf-8")).hexdigest()


def _written(meaning: Any) -> str:
    return json.dumps(meaning, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sorted(meanings: list[Any]) -> list[Any]:
    return sorted(meanings, key=_written)


def _meaning(resource: Resource, shape: Shape, link_target: LinkTarget) -> dict[str, Any]:
    """What a resource says as JSON values; parts that say nothing are left out."""
    inner = object_of(resource, shape.members)
    listed = () if inner else resource.elements or ()
    elements = [_meaning(each, shape.item or UNDECLARED, link_target) for each in listed]
    links = [_link(link, rel, link_target) for link in resource.links for rel in link.rel.lower().split()]
    parts: dict[str, Any] = {
        "value": _node(resource.scalar, shape, link_target) if resource.scalar else None,
        "properties": _record(inner or resource.properties, shape, link_target),
        "links": _sorted([link for link in links if link[0] not in DEFINITIONS]),
        "embedded": _sorted([_embedded(each, link_target) for _, group in resource.embedded for each in group]),
        "elements": elements if shape.ordered else _sorted(elements),
    }
    return {name: part for name, part in parts.items() if part}


def _embedded(resource: Resource, link_target: LinkTarget) -> Any:
    """What is embedded is a place of its own where it has a self link; its relation is not named, since the formats
    name groups differently (messages, message)."""
    own = resource.link("self")
    return link_target(own) if own else _meaning(resource, UNDECLARED, link_target)


def _link(link: Link, rel: str, link_target: LinkTarget) -> list[Any]:
    return [rel, link_target(link), link.templated, sorted(link_attributes(link).items())]


def _node(node: Node, shape: Shape, link_target: LinkTarget) -> Any:
    if shape.kind is ValueKind.LIST or isinstance(node, Sequence) or _is_repeated(node, shape):
        item = shape.item or UNDECLARED
        meanings = [_node(each, item, link_target) for each in items_of(node, None, item)]
        return meanings if shape.ordered else _sorted(meanings)
    if isinstance(node, Scalar):
        return _scalar(node, shape, link_target)
    return _record(node, shape, link_target)


def _is_repeated(node: Node, shape: Shape) -> bool:
    """Whether an undeclared XML element is surely a list: it has one kind of child, more than once."""
    if not (isinstance(node, Record) and node.untyped and shape.kind is ValueKind.ANY):
        return False
    return len(node.members) > len(members_of(node)) == 1


def _record(record: Record, shape: Shape, link_target: LinkTarget) -> dict[str, Any]:
    declared = ((name, node, shape.members.get(name, UNDECLARED)) for name, node in members_of(record).items())
    return {name: _node(node, kind, link_target) for name, node, kind in declared if not says_nothing(node, kind)}


def _scalar(scalar: Scalar, shape: Shape, link_target: LinkTarget) -> str | None:
    if scalar.kind is Kind.NULL:
        return None
    if shape.kind is ValueKind.URI:
        return link_target(Link("", scalar.text))
    if shape.kind in READABLE and ValueKind.TEXT not in shape.also:
        return lexical.canonical(scalar.text, shape.kind)
    if scalar.kind is Kind.NUMBER and shape.kind is not ValueKind.TEXT:
        return _plain_number(scalar.text)
    return lexical.plain(scalar.text)


def _plain_number(text: str) -> str:
    """A number that nobody declared, as XML most likely writes it: digits as they are, without trailing zeros."""
    bare = text.rstrip("0").rstrip(".") if "." in text and "e" not in text.lower() else text
    return bare or "0"

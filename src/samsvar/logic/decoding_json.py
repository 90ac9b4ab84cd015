"""Resources from JSON, HAL or plain: in go bytes, out comes a Resource, or a Malformed that says why not.

Strict where RFC 8259 is strict, and also where I-JSON (RFC 7493) is: duplicate names and lone surrogates mean
different things to different clients. Numbers keep their text. Tolerant where Altinn varies: raw link objects,
links as plain strings, links in plain JSON.
"""

import json
import re
from functools import lru_cache
from typing import Any

from samsvar.logic.charsets import json_text
from samsvar.logic.decoding_links import Found, numbered, read_link
from samsvar.model.resource import Kind, Link, Malformed, Node, Oddity, Record, Resource, Scalar, Sequence

DEPTH = 64
"""Deepest nesting of arrays and objects that we read (as System.Text.Json)."""
VALUES = 500_000
"""Most values in one body."""

SHORT = 80
"""Characters of a text that is kept for the next time."""

TRUE = Scalar("true", Kind.BOOLEAN)
FALSE = Scalar("false", Kind.BOOLEAN)
NULL = Scalar("", Kind.NULL)

MARK = "\ufeff"
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]|,', re.DOTALL)
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


class _Refused(ValueError):
    """Something the standard library's parser would let pass."""


@lru_cache(maxsize=2048)
def _number(text: str) -> Scalar:
    return Scalar(text, Kind.NUMBER)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Refused(f"the name {next(name for name in names if names.count(name) > 1)!r} occurs twice in an object")
    return members


def _constant(text: str) -> Any:
    raise _Refused(f"{text} is not JSON")


PARSER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_number, parse_float=_number, parse_constant=_constant, strict=True
)


def decode_hal_json(media_type: str, body: bytes, charset: str | None) -> Resource | Malformed:
    """A HAL+JSON document: object, or (documented exceptions of Altinn) bare array."""
    return _decode(media_type, body, charset, hal=True)


def decode_plain_json(media_type: str, body: bytes, charset: str | None) -> Resource | Malformed:
    """A JSON document: object, array or scalar. Links that are there all the same are read, with an oddity."""
    return _decode(media_type, body, charset, hal=False)


def _decode(media_type: str, body: bytes, charset: str | None, *, hal: bool) -> Resource | Malformed:
    text = json_text(body, charset)
    if isinstance(text, Malformed):
        return text
    marked = text.startswith(MARK)
    value = _parsed(text[1:] if marked else text)
    if isinstance(value, Malformed):
        return value
    # RFC 8259, 8.1: a byte order mark must not be added, but a reader may ignore it.
    return _document(value, media_type, hal, (Oddity("bom", "", MARK),) if marked else ())


def _parsed(text: str) -> Any:
    """The value as the standard library's types, with Scalars for numbers; or a Malformed."""
    if beyond := _beyond_limits(text):
        return Malformed("limit", beyond)
    try:
        value = PARSER.decode(text)
    except _Refused as error:
        return Malformed("json", str(error))
    except json.JSONDecodeError as error:
        return Malformed("json", error.msg, f"{error.lineno}:{error.colno}")
    if SURROGATE_ESCAPE.search(text) and not _encodes(value):
        return Malformed("json", "a lone surrogate, which is no character")
    return value


def _beyond_limits(text: str) -> str:
    """What is too deep or too many, "" if nothing. Looked at before parsing, so that no parser runs out of stack; the
    first, quick look counts brackets inside strings too, so only what it finds is looked at again."""
    deepest = depth = 0
    for byte in text.encode("utf-8", "surrogatepass").translate(None, NO_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest <= DEPTH and text.count(",") < VALUES:
        return ""
    return _exactly_beyond(text)


def _exactly_beyond(text: str) -> str:
    depth = values = 0
    for match in TOKENS.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        elif token == ",":
            values += 1
        if depth > DEPTH:
            return f"nested deeper than {DEPTH}"
        if values >= VALUES:
            return f"more than {VALUES} values"
    return ""


def _encodes(value: Any) -> bool:
    """Whether all strings are characters: UTF-8 has no form for half a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False, default=lambda number: number.text).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _document(value: Any, media_type: str, hal: bool, oddities: tuple[Oddity, ...]) -> Resource:
    if isinstance(value, list):
        elements = tuple(_resource(item, media_type, hal) for item in value)
        return Resource(media_type, elements=elements, oddities=oddities)
    return _resource(value, media_type, hal, oddities)


def _resource(value: Any, media_type: str, hal: bool, oddities: tuple[Oddity, ...] = ()) -> Resource:
    found = Found(hal, oddities=list(oddities))
    if not isinstance(value, dict):
        return _valueless(value, media_type, found)
    members: list[tuple[str, Node]] = []
    embedded: list[tuple[str, tuple[Resource, ...]]] = []
    for name, item in value.items():
        if name == "_links":
            _links(item, "", found)
        elif name == "_embedded" and isinstance(item, dict):
            embedded += [(rel, _group(group, media_type, hal)) for rel, group in item.items()]
        elif isinstance(item, dict) and "_embedded" in item:
            # A property that is a HAL list of its own (the Roles of a right holder).
            embedded.append((name, (_resource(item, media_type, hal),)))
        else:
            members.append((name, _node(item, name, found)))
    if not hal and "_embedded" in value:
        found.odd("embedded-in-plain", "_embedded")
    record = Record(tuple(members))
    return Resource(media_type, record, tuple(found.links), tuple(embedded), oddities=tuple(found.oddities))


def _valueless(value: Any, media_type: str, found: Found) -> Resource:
    """What stands where an object was expected: a scalar, or a list in a list."""
    if isinstance(value, list):
        elements = tuple(_resource(item, media_type, found.hal) for item in value)
        return Resource(media_type, elements=elements, oddities=tuple(found.oddities))
    return Resource(media_type, scalar=_scalar(value), oddities=tuple(found.oddities))


def _group(value: Any, media_type: str, hal: bool) -> tuple[Resource, ...]:
    """HAL, 4.1.2: an embedded member is a resource object or an array of them; null is none."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(_resource(item, media_type, hal) for item in items)


@lru_cache(maxsize=8192)
def _short_text(text: str) -> Scalar:
    """The scalar of a text. Most short texts of an environment occur again and again, in every format of a place."""
    return Scalar(text, Kind.TEXT)


def _text(text: str) -> Scalar:
    return _short_text(text) if len(text) < SHORT else Scalar(text, Kind.TEXT)


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Scalar):
        return value
    return NULL if value is None else TRUE if value else FALSE


def _node(value: Any, where: str, found: Found) -> Node:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return Sequence(tuple(_node(item, f"{where}[{index}]", found) for index, item in enumerate(value)))
    if isinstance(value, dict):
        return _record(value, where, found)
    return _scalar(value)


def _record(value: dict[str, Any], where: str, found: Found) -> Record:
    if "_links" in value:
        _links(value["_links"], where + "/", found)
        value = {name: item for name, item in value.items() if name != "_links"}
    return Record(tuple((name, _node(item, f"{where}/{name}", found)) for name, item in value.items()))


def _links(value: Any, base: str, found: Found) -> None:
    """The links of one ``_links`` member: an object by relation (HAL, 4.1.1), or a list of raw link objects."""
    if not found.hal:
        found.odd("links-in-plain", base + "_links")
    if isinstance(value, dict):
        for rel, item in value.items():
            found.links += _links_of(rel, item, f"{base}_links/{rel}", found)
    elif isinstance(value, list):
        found.odd("raw-links", base + "_links")
        _raw_links(value, base, found)
    elif value is None:
        found.odd("null-links", base + "_links")
    else:
        found.links.append(Link("", "", node=base + "_links", broken="_links is neither an object nor a list"))


def _links_of(rel: str, item: Any, where: str, found: Found) -> list[Link]:
    if isinstance(item, list):
        return [_link(rel, each, f"{where}[{index}]", found) for index, each in enumerate(item)]
    return [_link(rel, item, where, found)]


def _raw_links(items: list[Any], base: str, found: Found) -> None:
    rels = [_rel_of(item) for item in items]
    for rel, item, node in zip(rels, items, numbered(rels, base), strict=True):
        link = _link(rel, item, node, found)
        found.links.append(link if rel else Link("", link.href, node=node, broken="it has no relation"))


def _rel_of(item: Any) -> str:
    """The relation that a raw link object names itself; "" if it does not."""
    if isinstance(item, dict):
        for name, value in item.items():
            if name.lower() == "rel" and isinstance(value, str):
                return value
    return ""


def _link(rel: str, item: Any, node: str, found: Found) -> Link:
    if isinstance(item, str):
        found.odd("string-link", node, item)
        return Link(rel, item, node=node)
    if not isinstance(item, dict):
        return Link(rel, "", node=node, broken="it is not a link object")
    href = next((value for name, value in item.items() if name.lower() == "href"), None)
    if not isinstance(href, str):
        return Link(rel, "", node=node, broken="it has no href" if href is None else "its href is not text")
    if len(item) == 1:
        return Link(rel, href, node=node)
    return read_link(rel, node, ((name, _attribute(name, value, node, found)) for name, value in item.items()), found)


def _attribute(name: str, value: Any, node: str, found: Found) -> str | None:
    if isinstance(value, dict | list):
        found.odd("link-attribute", node, name)
        return None
    return None if value is None else _scalar(value).text

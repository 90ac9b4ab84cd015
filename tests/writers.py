"""Resources written in the four formats, for tests: an own model of plain Python values, strings put together by hand.

Nothing here imports the readers, so that reader and writer share no misunderstanding. ``noise`` varies everything that
means nothing: order of members, white space between elements, prefixes, quotes, character references, CDATA, comments,
escaped slashes, isTemplated for templated, nulls and empty lists left out or written, False attributes, trailing zeros.
"""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from samsvar.model.contract import Shape, ValueKind

XSI = "http://www.w3.org/2001/XMLSchema-instance"
CONTRACT = "http://schemas.datacontract.org/2004/07/Example"


@dataclass
class Anchor:
    """A link. attributes: text, int or bool by name."""

    rel: str
    href: str
    templated: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Thing:
    """A resource: properties are str, int, Decimal, bool, None, list or dict; what kind of text, the shape tells."""

    properties: dict[str, Any] = field(default_factory=dict)
    links: list[Anchor] = field(default_factory=list)
    embedded: dict[str, list["Thing"]] = field(default_factory=dict)


def write(thing: Thing, shape: Shape, media_type: str, noise: Random) -> bytes:
    """One representation of a thing."""
    return WRITERS[media_type](thing, shape, noise).encode("utf-8")


def _shuffled(items: Any, noise: Random) -> list[Any]:
    found = list(items)
    noise.shuffle(found)
    return found


def _kept(properties: dict[str, Any], noise: Random) -> list[tuple[str, Any]]:
    """Members in any order; nulls and empty lists may be left out."""
    return [
        (name, value)
        for name, value in _shuffled(properties.items(), noise)
        if not ((value is None or value == []) and noise.random() < 0.5)
    ]


def _number(value: int | Decimal, noise: Random) -> str:
    text = str(value)
    if isinstance(value, Decimal) and noise.random() < 0.5:
        text += "0" if "." in text else ".0"
    return text


def _same_text(text: str, shape: Shape, noise: Random) -> str:
    """Another standard writing of the same value."""
    if shape.kind is ValueKind.INSTANT and noise.random() < 0.5:
        clock, zone = re.fullmatch("(.*?)(Z|[+-][0-9]{2}:[0-9]{2})?", text).groups("")
        return clock + ("00" if "." in clock else ".0") + zone
    if shape.kind is ValueKind.UUID and noise.random() < 0.5:
        return text.upper()
    return text


# JSON


def _json_text(text: str, noise: Random) -> str:
    written = json.dumps(text, ensure_ascii=noise.random() < 0.5)
    return written.replace("/", "\\/") if noise.random() < 0.5 else written


def _json_value(value: Any, shape: Shape, noise: Random) -> str:
    if isinstance(value, dict):
        return _json_object(
            [(name, _json_value(each, shape.members.get(name, Shape()), noise)) for name, each in _kept(value, noise)],
            noise,
        )
    if isinstance(value, list):
        items = value if shape.ordered else _shuffled(value, noise)
        return "[" + ", ".join(_json_value(each, shape.item or Shape(), noise) for each in items) + "]"
    if isinstance(value, str):
        return _json_text(_same_text(value, shape, noise), noise)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return _number(value, noise)


def _json_object(members: list[tuple[str, str]], noise: Random) -> str:
    blank = noise.choice(["", " ", "\n  ", "\r\n\t"])
    return "{" + blank + ("," + blank).join(f"{_json_text(name, noise)}:{blank}{text}" for name, text in members) + "}"


def _json_link(link: Anchor, noise: Random) -> str:
    members = [("href", _json_text(link.href, noise))]
    if link.templated:
        members.append((noise.choice(["templated", "isTemplated"]), "true"))
    elif noise.random() < 0.2:
        members.append((noise.choice(["templated", "isTemplated"]), "false"))
    for name, value in link.attributes.items():
        if value is not False or noise.random() < 0.5:
            spelt = noise.choice(["type", "mime-type"]) if name == "type" else name
            members.append((spelt, _json_value(value, Shape(), noise)))
    return _json_object(_shuffled(members, noise), noise)


def _json_links(links: list[Anchor], noise: Random) -> str:
    by_rel: dict[str, list[str]] = {}
    for link in _shuffled(links, noise):
        by_rel.setdefault(link.rel, []).append(_json_link(link, noise))
    members = []
    for rel, written in by_rel.items():
        single = len(written) == 1 and noise.random() < 0.5
        members.append((rel, written[0] if single else "[" + ",".join(written) + "]"))
    return _json_object(members, noise)


def hal_json(thing: Thing, shape: Shape, noise: Random) -> str:
    members = [
        (name, _json_value(value, shape.members.get(name, Shape()), noise))
        for name, value in _kept(thing.properties, noise)
    ]
    if thing.links:
        members.append(("_links", _json_links(thing.links, noise)))
    if thing.embedded:
        groups = [
            (rel, "[" + ",".join(hal_json(each, shape, noise) for each in group) + "]")
            for rel, group in thing.embedded.items()
        ]
        members.append(("_embedded", _json_object(groups, noise)))
    return _json_object(_shuffled(members, noise), noise)


def plain_json(thing: Thing, shape: Shape, noise: Random) -> str:
    return _json_value(thing.properties, shape, noise)


def json_list(things: list[Thing], shape: Shape, noise: Random) -> str:
    return "[" + ",".join(plain_json(each, shape, noise) for each in things) + "]"


# XML


def _xml_text(text: str, noise: Random) -> str:
    way = noise.random()
    if way < 0.2 and "]]>" not in text and "\r" not in text:
        return f"<![CDATA[{text}]]>"
    written = escape(text).replace("\r", "&#13;")
    if way < 0.5 and text:
        at = noise.randrange(len(text))
        written = escape(text[:at]) + f"&#x{ord(text[at]):X};" + escape(text[at + 1 :])
        written = written.replace("\r", "&#xD;")
    if way > 0.9:
        at = noise.randrange(len(text) + 1)
        written = (escape(text[:at]) + "<!-- none -->" + escape(text[at:])).replace("\r", "&#13;")
    return written


def _attribute(name: str, text: str, noise: Random) -> str:
    quote = noise.choice(["'", '"'])
    written = escape(text, {quote: f"&#{ord(quote)};", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
    return f" {name}={quote}{written}{quote}"


class _Xml:
    """One XML document: its prefix and its taste in white space."""

    def __init__(self, noise: Random, namespace: str) -> None:
        self.noise = noise
        self.prefix = noise.choice(["", "a:", "d2p1:"]) if namespace else ""
        self.namespace = namespace
        self.declared = False

    def between(self) -> str:
        return self.noise.choice(["", "", "\n", "\n    ", "\r\n\t", "<!-- note -->", "<?note well?>"])

    def element(self, name: str, inside: str, attributes: str = "") -> str:
        tag = self.prefix + name
        if not inside and self.noise.random() < 0.5:
            return f"<{tag}{attributes}/>"
        return f"<{tag}{attributes}>{inside}</{tag}>"

    def root(self, name: str, inside: str, attributes: str = "") -> str:
        spaces = f' xmlns:i="{XSI}"'
        if self.namespace:
            colon = ":" + self.prefix[:-1] if self.prefix else ""
            spaces += f' xmlns{colon}="{self.namespace}"'
        declaration = self.noise.choice(["", '<?xml version="1.0" encoding="utf-8"?>', "<?xml version='1.0'?>\n"])
        return declaration + self.between().replace("\r", "") + self.element(name, inside, spaces + attributes)

    def members(self, properties: dict[str, Any], shape: Shape) -> str:
        parts = [
            self.member(name, value, shape.members.get(name, Shape())) for name, value in _kept(properties, self.noise)
        ]
        return "".join(self.between() + part for part in parts) + (self.between() if parts else "")

    def member(self, name: str, value: Any, shape: Shape) -> str:
        if value is None:
            return self.element(name, "", f' i:nil="{self.noise.choice(["true", "1"])}"')
        if isinstance(value, dict):
            return self.element(name, self.members(value, shape))
        if isinstance(value, list):
            return self.list(name, value, shape)
        return self.element(name, _xml_text(self.text(value, shape), self.noise))

    def text(self, value: Any, shape: Shape) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return _same_text(value, shape, self.noise)
        return _number(value, self.noise)

    def list(self, name: str, items: list[Any], shape: Shape) -> str:
        """A list in a wrapper, or (declared lists only) as the element repeated."""
        ordered = items if shape.ordered else _shuffled(items, self.noise)
        item = shape.item or Shape()
        bare = shape.kind is ValueKind.LIST and items and not any(each in ("", {}) for each in items)
        if bare and not any(isinstance(each, str) and each.isspace() for each in items) and self.noise.random() < 0.3:
            return "".join(self.between() + self.member(name, each, item) for each in ordered)
        # The element may be called anything, even like one of its own members.
        called = self.noise.choice(["Item", *item.members])
        inside = "".join(self.between() + self.member(called, each, item) for each in ordered)
        return self.element(name, inside + (self.between() if items else ""))

    def link(self, link: Anchor) -> str:
        parts = [_attribute("rel", link.rel, self.noise), _attribute("href", link.href, self.noise)]
        if link.templated:
            name = self.noise.choice(["templated", "isTemplated"])
            parts.append(_attribute(name, self.noise.choice(["true", "True"]), self.noise))
        for name, value in link.attributes.items():
            if value is not False or self.noise.random() < 0.5:
                spelt = self.noise.choice(["type", "mime-type"]) if name == "type" else name
                text = self.noise.choice([str(value), str(value).lower()]) if isinstance(value, bool) else str(value)
                parts.append(_attribute(spelt, text, self.noise))
        return self.element("link", "", "".join(_shuffled(parts, self.noise)))

    def resource(self, thing: Thing, shape: Shape, rel: str) -> tuple[str, str]:
        """What stands inside a resource element, and its attributes."""
        own = next(
            (link for link in thing.links if link.rel == "self" and not (link.attributes or link.templated)), None
        )
        attributes = [_attribute("rel", rel, self.noise)]
        if own:
            attributes.append(_attribute("href", own.href, self.noise))
        parts = [self.link(link) for link in _shuffled(thing.links, self.noise) if link is not own]
        for name, group in thing.embedded.items():
            for each in group:
                inside, spelt = self.resource(each, shape, name)
                parts.append(self.element("resource", inside, spelt))
        inside = "".join(self.between() + part for part in parts) + self.members(thing.properties, shape)
        return inside, "".join(_shuffled(attributes, self.noise))


def hal_xml(thing: Thing, shape: Shape, noise: Random) -> str:
    xml = _Xml(noise, noise.choice(["", "http://stateless.co/hal"]))
    inside, attributes = xml.resource(thing, shape, "self")
    return xml.root("resource", inside, attributes)


def plain_xml(thing: Thing, shape: Shape, noise: Random) -> str:
    xml = _Xml(noise, CONTRACT)
    return xml.root("Thing", xml.members(thing.properties, shape))


def xml_list(things: list[Thing], shape: Shape, noise: Random) -> str:
    xml = _Xml(noise, CONTRACT)
    parts = [xml.element("Thing", xml.members(each.properties, shape)) for each in things]
    return xml.root("ArrayOfThing", "".join(xml.between() + part for part in parts))


WRITERS = {
    "application/hal+json": hal_json,
    "application/hal+xml": hal_xml,
    "application/xml": plain_xml,
    "application/json": plain_json,
}

"""How the foreign environment writes a document in each of the four formats.

A `Doc` goes in, the text of one representation comes out. `STYLE` holds every choice that the facts leave open.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

HAL_JSON, HAL_XML = "application/hal+json", "application/hal+xml"
JSON, XML = "application/json", "application/xml"
FORMATS = (JSON, XML, HAL_JSON, HAL_XML)
CONTRACT_NS = "http://schemas.datacontract.org/2004/07/Nordmarka.Api"
INSTANCE_NS = "http://www.w3.org/2001/XMLSchema-instance"
ARRAYS_NS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"


class Moment(str):
    """A local Norwegian time, written as the environment keeps it."""


@dataclass
class Link:
    rel: str
    href: str
    attrs: dict[str, Any] = field(default_factory=dict)
    templated: bool = False


@dataclass
class Doc:
    """One resource or one complex value; a list is a Doc whose `listed` names the embedded list."""

    kind: str
    props: dict[str, Any]
    links: list[Link] = field(default_factory=list)
    embedded: dict[str, list["Doc"]] = field(default_factory=dict)
    listed: str = ""

    def link(self, rel: str) -> Link | None:
        return next((one for one in self.links if one.rel == rel), None)

    @property
    def items(self) -> list["Doc"]:
        return self.embedded.get(self.listed, [])


STYLE: dict[str, Any] = {
    "nulls": False,  # write null members (JSON null, i:nil)
    "empty_lists": False,  # write lists without elements
    "reverse": False,  # members in reverse order
    "links_last": False,
    "indent": None,
    "ascii": False,  # \uXXXX in JSON, character references in XML
    "slashes": False,  # \/ in JSON
    "arrays": ("attachment", "form"),  # relations that are always arrays
    "templated_name": "isTemplated",
    "type_name": "mime-type",
    "xml_namespace": CONTRACT_NS,
    "xml_prefix": "",
    "xml_alphabetical": True,
    "xml_list_name": "ArrayOf{kind}",
    "xml_item_name": "{kind}",
    "xml_int_name": "a:int",
    "declaration": True,
    "encoding": "utf-8",
    "cdata": False,
    "quote": '"',
    "comments": False,
    "xml_indent": False,
    "hal_namespace": "",
    "hal_prefix": "",
    "hal_root_rel": "self",
    "hal_item_rel": "{list}",
    "hal_self_link": False,
    "hal_attributes_reversed": False,
    "hal_links_last": False,
    "date": "kept",
    "date_formats": FORMATS,
    "true_false": ("true", "false"),
}


def dated(value: Moment, style: dict[str, Any], media: str) -> str:
    """The same instant in another spelling (winter time only: all content lies in November to March)."""
    text = str(value)
    if media not in style["date_formats"] or style["date"] == "kept":
        return text
    whole, _, fraction = text.partition(".")
    spellings = {
        "seven": f"{whole}.{fraction:0<7}",
        "trimmed": whole + ("." + fraction.rstrip("0") if fraction.rstrip("0") else ""),
        "zoned": text + "+01:00",
        "milli": f"{whole}.{fraction:0<3}",
    }
    return spellings[style["date"]]


def kept(props: dict[str, Any], style: dict[str, Any]) -> list[tuple[str, Any]]:
    rows = [
        (name, value)
        for name, value in props.items()
        if (value is not None or style["nulls"]) and (value != [] or style["empty_lists"])
    ]
    return rows[::-1] if style["reverse"] else rows


# --- JSON ---------------------------------------------------------------------------------------------------------


def json_value(value: Any, style: dict[str, Any], media: str) -> Any:
    if isinstance(value, Moment):
        return dated(value, style, media)
    if isinstance(value, Doc):
        return json_object(value, style, media)
    if isinstance(value, list):
        return [json_value(one, style, media) for one in value]
    return value


def json_link(link: Link, style: dict[str, Any]) -> dict[str, Any]:
    members: dict[str, Any] = {"href": link.href}
    if link.templated:
        members[style["templated_name"]] = True
    members |= {style["type_name"] if name == "mime-type" else name: value for name, value in link.attrs.items()}
    return members


def json_links(links: list[Link], style: dict[str, Any]) -> dict[str, Any]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for link in links:
        grouped.setdefault(link.rel, []).append(json_link(link, style))
    many = style["arrays"]
    return {rel: rows if len(rows) > 1 or many == "all" or rel in many else rows[0] for rel, rows in grouped.items()}


def json_object(doc: Doc, style: dict[str, Any], media: str) -> dict[str, Any]:
    members = {name: json_value(value, style, media) for name, value in kept(doc.props, style)}
    if media != HAL_JSON:
        return members
    links = {"_links": json_links(doc.links, style)} if doc.links else {}
    inside = {name: [json_object(one, style, media) for one in rows] for name, rows in doc.embedded.items()}
    embedded = {"_embedded": inside} if inside else {}
    return members | embedded | links if style["links_last"] else links | members | embedded


def write_json(doc: Doc, style: dict[str, Any], media: str) -> str:
    bare = media == JSON and doc.listed
    value = [json_object(one, style, media) for one in doc.items] if bare else json_object(doc, style, media)
    text = json.dumps(value, ensure_ascii=style["ascii"], indent=style["indent"])
    return text.replace("/", "\\/") if style["slashes"] else text


# --- XML ----------------------------------------------------------------------------------------------------------


@dataclass
class El:
    name: str
    attrs: list[tuple[str, str]] = field(default_factory=list)
    children: list["El"] = field(default_factory=list)
    text: str | None = None


def lexical(value: Any, style: dict[str, Any], media: str) -> str:
    if isinstance(value, Moment):
        return dated(value, style, media)
    if isinstance(value, bool):
        return str(style["true_false"][0 if value else 1])
    return str(value)


def member(name: str, value: Any, style: dict[str, Any], media: str) -> El:
    if value is None:
        return El(name, [("i:nil", "true")])
    if isinstance(value, Doc):
        return El(name, [], members(value, style, media))
    if isinstance(value, list):
        return El(name, [], [element_of(one, style, media) for one in value])
    return El(name, [], [], lexical(value, style, media))


def element_of(value: Any, style: dict[str, Any], media: str) -> El:
    if isinstance(value, Doc):
        return El(value.kind, [], members(value, style, media))
    return El(style["xml_int_name"] if isinstance(value, int) else "a:string", [], [], str(value))


def members(doc: Doc, style: dict[str, Any], media: str) -> list[El]:
    rows = kept(doc.props, style)
    if media == XML and style["xml_alphabetical"] and not style["reverse"]:
        rows = sorted(rows)
    written = [member(name, value, style, media) for name, value in rows]
    return written if media == XML else written + [hal_link(link, style) for link in doc.links]


def hal_link(link: Link, style: dict[str, Any]) -> El:
    attrs = [("rel", link.rel), ("href", link.href)]
    if link.templated:
        attrs.append((style["templated_name"], "true"))
    for name, value in link.attrs.items():
        attrs.append((style["type_name"] if name == "mime-type" else name, lexical(value, style, HAL_XML)))
    return El("link", attrs[::-1] if style["hal_attributes_reversed"] else attrs)


def hal_resource(doc: Doc, rel: str, style: dict[str, Any]) -> El:
    own = doc.link("self")
    attrs = [("rel", rel)] + ([("href", own.href)] if own else [])
    links = [hal_link(link, style) for link in doc.links if link.rel != "self" or style["hal_self_link"]]
    plain = Doc(doc.kind, doc.props)
    props = members(plain, style, HAL_XML)
    nested = [
        hal_resource(one, style["hal_item_rel"].format(list=name, kind=one.kind.lower()), style)
        for name, rows in doc.embedded.items()
        for one in rows
    ]
    order = nested + props + links if style["hal_links_last"] else links + props + nested
    return El("resource", attrs[::-1] if style["hal_attributes_reversed"] else attrs, order)


def contract_document(doc: Doc, style: dict[str, Any]) -> El:
    item = str(style["xml_item_name"])
    if not doc.listed:
        return El(item.format(kind=doc.kind), [], members(doc, style, XML))
    one = doc.kind.removesuffix("List")
    rows = [El(item.format(kind=one), [], members(row, style, XML)) for row in doc.items]
    return El(style["xml_list_name"].format(kind=one), [], rows)


def serialise(element: El, style: dict[str, Any], prefix: str, depth: int) -> str:
    name = element.name if ":" in element.name else prefix + element.name
    quote = style["quote"]
    attrs = "".join(f" {key}={quote}{attribute(value, quote)}{quote}" for key, value in element.attrs)
    if element.text is not None:
        return f"<{name}{attrs}>{text_of(element.text, style)}</{name}>"
    if not element.children:
        return f"<{name}{attrs}/>"
    gap = "\n" + "  " * (depth + 1) if style["xml_indent"] else ""
    note = "<!-- part -->" if style["comments"] else ""
    inside = "".join(gap + serialise(one, style, prefix, depth + 1) for one in element.children)
    return f"<{name}{attrs}>{note}{inside}{gap[:-2] if gap else ''}</{name}>"


def attribute(value: str, quote: str) -> str:
    return escape(value, {'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\r": "&#13;"})


def text_of(text: str, style: dict[str, Any]) -> str:
    if style["cdata"] and text and "]]>" not in text:
        return f"<![CDATA[{text}]]>"
    return escape(text)


def write_xml(doc: Doc, style: dict[str, Any], media: str) -> str:
    if media == HAL_XML:
        root = hal_resource(doc, style["hal_root_rel"].format(kind=doc.kind, list=doc.listed or doc.kind), style)
        space, prefix = style["hal_namespace"], style["hal_prefix"]
    else:
        root = contract_document(doc, style)
        space, prefix = style["xml_namespace"], style["xml_prefix"]
    declared = [(f"xmlns:{prefix}" if prefix else "xmlns", space)] if space else []
    body = serialise(root, style, f"{prefix}:" if prefix else "", 0)
    if "i:nil" in body:
        declared.append(("xmlns:i", INSTANCE_NS))
    if "<a:" in body:
        declared.append(("xmlns:a", ARRAYS_NS))
    root.attrs = declared + root.attrs
    body = serialise(root, style, f"{prefix}:" if prefix else "", 0)
    note = "<?style none?><!-- written by hand -->" if style["comments"] else ""
    head = f'<?xml version="1.0" encoding="{style["encoding"]}"?>' if style["declaration"] else ""
    return head + note + body


def write(doc: Doc, style: dict[str, Any], media: str) -> bytes:
    """The document in that media type, encoded as the style says (JSON is always UTF-8)."""
    if media in (JSON, HAL_JSON):
        return write_json(doc, style, media).encode()
    text = write_xml(doc, style, media)
    handling = "xmlcharrefreplace"
    return text.encode("ascii" if style["ascii"] else style["encoding"], handling)

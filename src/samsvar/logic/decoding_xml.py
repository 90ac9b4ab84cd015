"""Resources from XML, HAL or data contract: in go bytes, out comes a Resource, or a Malformed that says why not.

The one home of lxml. XML has no types: an element is text, or a record of its children, and whether that record is a
list or an object is left to whoever knows the declared type or a typed twin (``Record.untyped``). Prefixes, comments,
processing instructions, CDATA, character references and white space between elements mean nothing.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from lxml import etree

from samsvar.logic.charsets import xml_text
from samsvar.logic.decoding_links import Found, numbered, read_link
from samsvar.model.resource import Kind, Link, Malformed, Node, Record, Resource, Scalar

DEPTH = 128
"""Deepest nesting of elements that we read."""
ELEMENTS = 500_000
"""Most elements in one body."""

SHORT = 80
"""Characters of a text that is kept for the next time."""

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
NULL = Scalar("", Kind.NULL)
RESOURCE_LIMIT = 114  # XML_ERR_RESOURCE_LIMIT of libxml2: depth 256, text of 10 MB

# Names that .NET's data contract gives to the root of a lone value.
PRIMITIVES = frozenset(
    "string int integer long short byte boolean decimal double float dateTime guid anyURI base64Binary".lower().split()
)


class _TooDeep(ValueError):
    """Nested deeper than DEPTH."""


def decode_hal_xml(media_type: str, body: bytes, charset: str | None) -> Resource | Malformed:
    """A HAL+XML document: <resource rel href> with <link>, properties as elements, and nested <resource>."""
    return _decode(media_type, body, charset, hal=True)


def decode_plain_xml(media_type: str, body: bytes, charset: str | None) -> Resource | Malformed:
    """A data-contract XML document: an object, ArrayOf..., or a lone value such as <string>."""
    return _decode(media_type, body, charset, hal=False)


def _decode(media_type: str, body: bytes, charset: str | None, *, hal: bool) -> Resource | Malformed:
    text = xml_text(body, charset)
    if isinstance(text, Malformed):
        return text
    root = _parsed(text)
    if isinstance(root, Malformed):
        return root
    try:
        return _Reading(media_type, hal).document(root)
    except _TooDeep:
        return Malformed("limit", f"nested deeper than {DEPTH}")


def _parsed(text: str) -> "etree._Element | Malformed":
    if _has_doctype(text):
        return Malformed("xml", "it has a DOCTYPE, which is not read")
    if text.count("<") > 2 * ELEMENTS:
        return Malformed("limit", f"more than {ELEMENTS} elements")
    try:
        root = etree.fromstring(text.encode("utf-8"), _parser())
    except etree.XMLSyntaxError as error:
        code = error.code  # type: ignore[attr-defined]  # the stubs leave it out
        layer = "limit" if code == RESOURCE_LIMIT else "xml"
        line, column = error.position
        return Malformed(layer, str(error.msg), f"{line}:{column}")
    version = root.getroottree().docinfo.xml_version
    return root if version == "1.0" else Malformed("xml", f"XML {version}, not 1.0")


def _parser() -> etree.XMLParser:
    """Nothing is fetched or expanded. encoding: the text is given as UTF-8, whatever its declaration says. A parser is
    for one document: sharing one between threads would make them wait for each other."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
    )


def _has_doctype(text: str) -> bool:
    """Whether a document type declaration stands in the prolog. Looked for before parsing: with entities unresolved,
    lxml would silently leave text out. In content the word is only text."""
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        else:
            return text[at : at + 9].upper() == "<!DOCTYPE"
        if end < 0:
            return False
        at = text.index(">", end) + 1


def _local(element: "etree._Element") -> str:
    return str(element.tag).rpartition("}")[2]


@lru_cache(maxsize=8192)
def _short_text(text: str) -> Scalar:
    """The scalar of a text. Most short texts of an environment occur again and again."""
    return Scalar(text, Kind.UNTYPED)


def _scalar(element: "etree._Element") -> Scalar:
    if element.get(NIL) in ("true", "1"):
        return NULL
    text = element.text or ""
    return _short_text(text) if len(text) < SHORT else Scalar(text, Kind.UNTYPED)


def _mixed(element: "etree._Element", children: "list[etree._Element]") -> str:
    """Text between child elements that is more than white space, else ""."""
    texts = [element.text, *(child.tail for child in children)]
    return "".join(text for text in texts if text and not text.isspace())


def _attributes(element: "etree._Element") -> list[tuple[str, str]]:
    """Attributes without a namespace, in order."""
    return [(str(name), str(value)) for name, value in element.attrib.items() if not str(name).startswith("{")]


Pairs = list[tuple[str, str | None]]
"""What a link says, by name; None is null."""


def _link_pairs(element: "etree._Element") -> Pairs:
    """What a link element says: its attributes, and child elements that hold text (a raw link object)."""
    pairs: Pairs = list(_attributes(element))
    return pairs + [(_local(child), _scalar_text(child)) for child in element if not len(child)]


def _scalar_text(element: "etree._Element") -> str | None:
    scalar = _scalar(element)
    return None if scalar.kind is Kind.NULL else scalar.text


def _names(pairs: Pairs) -> set[str]:
    """Lower-case names of what a link element says."""
    return {name.lower() for name, _ in pairs}


def _relation(pairs: Pairs) -> str:
    return next((text for name, text in pairs if text and name.lower() == "rel"), "")


def _is_link(element: "etree._Element", pairs: Pairs, hal: bool) -> bool:
    """<link> is a link unless it is plainly a property of that name. HAL: it has a rel, an href or nothing at all;
    elsewhere, where links are not expected: it has both."""
    names = _names(pairs)
    if hal:
        return bool(names & {"rel", "href"}) or not (len(element) or element.text)
    return names >= {"rel", "href"}


def _path(element: "etree._Element", top: "etree._Element") -> str:
    """Where an element stands below ``top``: "FormsMetaData/FormMetaData[1]/". Only nested links need it."""
    steps: list[str] = []
    while element is not top:
        name = _local(element)
        parent = element.getparent()
        assert parent is not None  # top is an ancestor
        twins = [child for child in parent if _local(child) == name]
        steps.append(f"{name}[{twins.index(element)}]" if len(twins) > 1 else name)
        element = parent
    return "".join(f"{step}/" for step in reversed(steps))


class _Reading:
    """One document being read. Local names are kept by tag, since the same few tags occur over and over."""

    def __init__(self, media_type: str, hal: bool) -> None:
        self.media_type = media_type
        self.hal = hal
        self.locals: dict[str, str] = {}

    def local(self, element: "etree._Element") -> str:
        tag = element.tag
        name = self.locals.get(tag)
        if name is None:
            name = self.locals[tag] = _local(element)
        return name

    def document(self, root: "etree._Element") -> Resource:
        if self.is_list(root):
            elements = tuple(self.resource(child, 2) for child in root)
            return Resource(self.media_type, elements=elements, name=_local(root))
        return self.resource(root, 1)

    def is_list(self, root: "etree._Element") -> bool:
        """Whether the root is surely a list: by its name, or by children that are all records of one name."""
        name = _local(root)
        if name.startswith("ArrayOf"):
            return True
        children = list(root)
        names = {_local(child) for child in children}
        return (
            len(children) > 1
            and len(names) == 1
            and names.isdisjoint(SPECIAL)
            and name.lower() != "resource"
            and all(len(child) for child in children)
        )

    def resource(self, element: "etree._Element", depth: int) -> Resource:
        """One element as a resource of its own. depth: its level, the root's being 1."""
        found = Found(self.hal)
        name = _local(element)
        children = list(element)
        if not children and (lone := self.lone(element, name)):
            return Resource(self.media_type, scalar=lone, name=name)
        self.own_link(element, name, found)
        inside = _Inside(self, element, found, depth)
        members = inside.members(element, children, depth)
        found.links += inside.taken_links()
        return Resource(
            self.media_type,
            Record(members, untyped=True),
            tuple(found.links),
            tuple((rel, tuple(group)) for rel, group in inside.embedded.items()),
            name=(element.get("name") or name) if name == "resource" else name,
            rel=(element.get("rel") or "") if name == "resource" else "",
            oddities=tuple(found.oddities),
        )

    def lone(self, element: "etree._Element", name: str) -> Scalar | None:
        """The value of an element without children, unless it is an object that merely has no members."""
        scalar = _scalar(element)
        if scalar.kind is Kind.NULL or scalar.text.strip() or name.lower() in PRIMITIVES:
            return scalar
        return None

    def own_link(self, element: "etree._Element", name: str, found: Found) -> None:
        """HAL+XML writes the self link as attributes of the resource element."""
        if name == "resource" and element.get("href") is not None:
            pairs = [pair for pair in _attributes(element) if pair[0] not in ("rel", "name")]
            found.links.append(read_link("self", "_links/self", pairs, found))


class _Inside:
    """What stands inside one resource element: members are returned, links and embedded resources gathered."""

    def __init__(self, reading: _Reading, top: "etree._Element", found: Found, depth: int) -> None:
        self.reading = reading
        self.top = top
        self.found = found
        self.embedded: dict[str, list[Resource]] = {}
        self.links: list[tuple[str, str, Pairs]] = []  # where, relation, what it says

    def members(
        self, element: "etree._Element", children: "list[etree._Element]", depth: int
    ) -> tuple[tuple[str, Node], ...]:
        if children and depth >= DEPTH:
            raise _TooDeep
        members: list[tuple[str, Node]] = []
        for child in children:
            name = self.reading.local(child)
            take = SPECIAL.get(name)
            if take and take(self, child, depth):
                continue
            grandchildren = list(child)
            if not grandchildren:
                members.append((name, _scalar(child)))
            elif self.holds_resources(grandchildren) and element is self.top:
                self.embed(name, grandchildren, depth + 1)
            else:
                members.append((name, Record(self.members(child, grandchildren, depth + 1), untyped=True)))
        if children and (text := _mixed(element, children)):
            members.append(("", Scalar(text, Kind.UNTYPED)))
        return tuple(members)

    def holds_resources(self, children: "list[etree._Element]") -> bool:
        return all(self.reading.local(child) == "resource" for child in children)

    def embed(self, rel: str, elements: "Iterable[etree._Element]", depth: int) -> None:
        group = self.embedded.setdefault(rel, [])
        for element in elements:
            if depth > DEPTH:
                raise _TooDeep
            group.append(self.reading.resource(element, depth))

    def take_resource(self, element: "etree._Element", depth: int) -> bool:
        """HAL+XML: a nested resource is embedded under its relation; <resource name="..."> may lack one."""
        self.embed(element.get("rel") or element.get("name") or "resource", (element,), depth + 1)
        return True

    def take_link(self, element: "etree._Element", depth: int) -> bool:
        pairs = _link_pairs(element)
        if not _is_link(element, pairs, self.reading.hal):
            return False
        if not self.reading.hal:
            self.found.odd("links-in-plain", _local(element))
        self.links.append((self.base(element.getparent()), _relation(pairs), pairs))
        return True

    def take_links(self, element: "etree._Element", depth: int) -> bool:
        """A wrapper around links: <links><link rel href/></links>, <_links><self href/></_links>, raw link objects.
        It is one only if everything in it has an href."""
        said = [(child, _link_pairs(child)) for child in element]
        if not said or not all("href" in _names(pairs) for _, pairs in said):
            return False
        self.found.odd("links-wrapper" if self.reading.hal else "links-in-plain", _local(element))
        base = self.base(element.getparent())
        for child, pairs in said:
            rel = _relation(pairs) or ("" if _local(child).lower() == "link" else _local(child))
            self.links.append((base, rel, pairs))
        return True

    def take_embedded(self, element: "etree._Element", depth: int) -> bool:
        """A wrapper around embedded resources: <_embedded><resource/>... or <_embedded><messages><message/>..."""
        for child in element:
            if self.reading.local(child) == "resource":
                self.take_resource(child, depth)
            else:
                within = list(child) if self.is_container(list(child)) else [child]
                self.embed(self.reading.local(child), within, depth + 1)
        return True

    def is_container(self, children: "list[etree._Element]") -> bool:
        """Whether these are resources in a group, and not the members of one resource."""
        names = {self.reading.local(child) for child in children}
        return len(names) == 1 and names.isdisjoint({"link"}) and all(len(child) for child in children)

    def base(self, carrier: "etree._Element | None") -> str:
        """Where the element that carries a link stands; "" for the resource itself."""
        return "" if carrier is self.top or carrier is None else _path(carrier, self.top)

    def taken_links(self) -> list[Link]:
        """The links gathered, each with its place; a relation that occurs more than once in a place is numbered."""
        by_base: dict[str, list[str]] = {}
        for base, rel, _ in self.links:
            by_base.setdefault(base, []).append(rel)
        places = {base: iter(numbered(rels, base)) for base, rels in by_base.items()}
        return [self.link(rel, pairs, next(places[base])) for base, rel, pairs in self.links]

    def link(self, rel: str, pairs: Pairs, node: str) -> Link:
        link = read_link(rel, node, pairs, self.found)
        return link if rel else Link("", link.href, link.templated, link.attributes, node, "it has no relation")


SPECIAL: "dict[str, Callable[[_Inside, etree._Element, int], bool]]" = {
    "resource": _Inside.take_resource,
    "link": _Inside.take_link,
    "Link": _Inside.take_link,
    "_links": _Inside.take_links,
    "links": _Inside.take_links,
    "Links": _Inside.take_links,
    "_embedded": _Inside.take_embedded,
}
"""Elements that may be more than a property; a row says whether this one is."""

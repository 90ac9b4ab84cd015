"""What a representation says: the one resource model for all four media types.

Decoders give these values; nothing here knows a media type's syntax. Scalars keep their text as written (numbers too:
"1.10" stays "1.10"), because sameness is decided by declared type and must not lose a digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What the syntax tells of a scalar. XML tells nothing: UNTYPED."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    UNTYPED = "untyped"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. For BOOLEAN the text is "true" or "false", for NULL it is ""."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, in the order in which it was written."""

    items: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Members in the order in which they were written. ``untyped`` (from XML): a name may occur more than once, and
    whether this is a list or an object is only known with the declared type or a typed twin."""

    members: tuple[tuple[str, "Node"], ...] = ()
    untyped: bool = False

    def get(self, name: str) -> "Node | None":
        """The first member of exactly that name, or None."""
        for key, value in self.members:
            if key == name:
                return value
        return None

    def text(self, name: str) -> str | None:
        """The text of a scalar member; None if absent, null or not a scalar."""
        value = self.get(name)
        if isinstance(value, Scalar) and value.kind is not Kind.NULL:
            return value.text
        return None


Node: TypeAlias = Scalar | Sequence | Record


@dataclass(frozen=True, slots=True)
class Link:
    """A link as offered. ``attributes`` holds the rest by canonical name (name, title, type, filename, filesize,
    encrypted, ...: lower case; "mime-type" is "type"), values as text. ``templated`` is true when flagged so, whatever
    the spelling. ``node`` is where in the representation it stands, e.g. "_links/attachment[1]".
    ``broken`` says what is wrong when it is not a well-formed link object; href is then "" or what could be read."""

    rel: str
    href: str
    templated: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    node: str = ""
    broken: str = ""

    def attribute(self, name: str) -> str | None:
        """The value of an attribute by its canonical lower-case name, or None."""
        for key, value in self.attributes:
            if key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Oddity:
    """A spelling that is read but is not the standard one: code ("isTemplated", "mime-type", "raw-links",
    "boolean-case", "bom", ...), where it stands, what was written."""

    code: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as one representation tells it.

    properties: its members without links and embedded resources. links: in the order offered. embedded: by relation
    or member name, each with its resources in order. elements: the items of a representation that is nothing but a
    list (bare JSON array, ArrayOf...); None when the representation is not one. name: root element's local name in
    XML, "" in JSON. rel, href: of a hal+xml <resource> element.
    """

    media_type: str
    properties: Record = Record()
    links: tuple[Link, ...] = ()
    embedded: tuple[tuple[str, tuple["Resource", ...]], ...] = ()
    elements: tuple["Resource", ...] | None = None
    scalar: Scalar | None = None
    name: str = ""
    rel: str = ""
    oddities: tuple[Oddity, ...] = ()

    def text(self, name: str) -> str | None:
        """The text of a scalar property of exactly that name, or None."""
        return self.properties.text(name)

    def link(self, rel: str) -> Link | None:
        """The first link with that relation (compared without case), or None."""
        wanted = rel.lower()
        return next((link for link in self.links if link.rel.lower() == wanted), None)

    def walk(self) -> Iterator["Resource"]:
        """This resource and everything embedded in it, in document order."""
        yield self
        for _, group in self.embedded:
            for resource in group:
                yield from resource.walk()
        for resource in self.elements or ():
            yield from resource.walk()


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body that is not what it claims: layer ("charset", "json", "xml", "hal", "limit"), why, and the offset in
    bytes or a line:column where known."""

    layer: str
    because: str
    where: str = ""


class Aspect(StrEnum):
    """In what two representations of one place differ. Each aspect belongs to one guarantee."""

    VALUE = "value"  # a property's value, presence or nullness
    ELEMENT = "element"  # an element of a list is missing, extra
    ORDER = "order"  # same elements, another order, where order means something
    LINK = "link"
    EMBEDDED = "embedded"
    LEXICAL = "lexical"  # same value, not in its standard written form


@dataclass(frozen=True, slots=True)
class Difference:
    """One located difference: where ("ReplyOptions[1] / ServiceCode"), what each side says (None: it is not there)."""

    aspect: Aspect
    where: str
    left: str | None
    right: str | None
    because: str = ""

"""The one internal form of everything that the environment says; each writer turns it into one media type.

Paths are canonical: below the root, without leading slash ("my/messages/b12"). The layout alone knows URLs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Instant:
    """Date and time as the environment writes it: Norwegian local time without zone unless the text has one."""

    text: str


@dataclass(frozen=True, slots=True)
class Href:
    """A value that is the address of a place of the API. plain: only the plain formats carry it, as the stand-in for
    a link that HAL carries. outside: an absolute address that is not the API's."""

    path: str
    plain: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a resource. attributes: in the environment's own spelling. many: an array even when alone."""

    rel: str
    path: str
    attributes: tuple[tuple[str, "Value"], ...] = ()
    templated: bool = False
    many: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One resource, or one object inside a resource. ``self`` is its own path ("" if it has none).

    elements: of a list (None: not a list), embedded under the name ``container``. embedded: further resources inside.
    bare: a list that HAL+JSON writes as a bare array too (the broker's inbox).
    """

    model: str
    self: str = ""
    members: tuple[tuple[str, "Value"], ...] = ()
    links: tuple[Link, ...] = ()
    embedded: tuple[tuple[str, tuple["Record", ...]], ...] = ()
    elements: tuple["Record", ...] | None = None
    container: str = ""
    bare: bool = False

    def get(self, name: str) -> "Value":
        """The value of a member; None when it is null or not there."""
        return next((value for key, value in self.members if key == name), None)

    def having(self, name: str, value: "Value") -> "Record":
        """The same with another value of an existing member, in its old place, or a new member at the end."""
        if all(key != name for key, _ in self.members):
            return replace(self, members=(*self.members, (name, value)))
        return replace(self, members=tuple((key, value if key == name else old) for key, old in self.members))

    def lacking(self, *names: str) -> "Record":
        """The same without these members."""
        return replace(self, members=tuple(pair for pair in self.members if pair[0] not in names))

    def link(self, rel: str) -> Link | None:
        """The first link of that relation."""
        return next((link for link in self.links if link.rel == rel), None)


Value: TypeAlias = str | int | Decimal | bool | Instant | Href | Record | tuple["Value", ...] | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list before the window is cut: ``at(i)`` makes element i of ``count`` when it is wanted.

    limited: holds at most the page size unless fewer are asked for. cut: the database gave only the first part.
    """

    model: str
    self: str
    container: str
    count: int
    at: Callable[[int], Record]
    links: tuple[Link, ...] = ()
    limited: bool = False
    cut: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes with a media type of their own, whatever Accept says."""

    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal: status, the text of the reason phrase, the code of the body, fields that go with it."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> int:
        """The ErrorCode of the body."""
        return self.status * 100


Result: TypeAlias = Record | Listing | Document | Problem


def listing(model: str, path: str, container: str, elements: tuple[Record, ...], limited: bool = False) -> Listing:
    """A listing of elements that are few enough to be made at once."""
    return Listing(model, path, container, len(elements), elements.__getitem__, limited=limited)

"""What a link says, whatever the syntax that it was written in: in go names and texts, out comes a Link.

Altinn writes ``isTemplated`` and ``mime-type`` where HAL says ``templated`` and ``type``, and once sent raw link
objects with .NET names. All are read; the spelling is kept as an oddity.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from samsvar.model.resource import Link, Oddity

CANONICAL = {
    "istemplated": "templated",
    "mime-type": "type",
    "mimetype": "type",
    "filenamewithextension": "filename",
}
ODDITIES = {"istemplated": "isTemplated", "mime-type": "mime-type", "mimetype": "mime-type"}
FLAGS = {"true": True, "1": True, "false": False, "0": False, "": False}


@dataclass(slots=True)
class Found:
    """What a decoder gathers on its way through one resource. ``hal``: links belong into this media type."""

    hal: bool
    links: list[Link] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)

    def odd(self, code: str, where: str, text: str = "") -> None:
        self.oddities.append(Oddity(code, where, text))


def read_link(rel: str, node: str, pairs: Iterable[tuple[str, str | None]], found: Found) -> Link:
    """The link that these attributes make. A None is null and counts as absent; an href that is absent makes the link
    broken, an empty one does not: it is a URI reference (RFC 3986, 4.4)."""
    href: str | None = None
    templated = False
    attributes: dict[str, str] = {}
    for name, text in pairs:
        if text is None:
            continue
        lower = name.lower()
        canonical = CANONICAL.get(lower, lower)
        if lower in ODDITIES:
            found.odd(ODDITIES[lower], node, name)
        if canonical == "href":
            href = text
        elif canonical == "templated":
            templated = _flag(text, node, found) or templated
        elif canonical != "rel":
            attributes.setdefault(canonical, text)
    broken = "" if href is not None else "it has no href"
    return Link(rel, href or "", templated, tuple(attributes.items()), node, broken)


def _flag(text: str, node: str, found: Found) -> bool:
    """Whether the link is flagged as a template; another word than true or false is odd and flags nothing."""
    value = FLAGS.get(text.lower())
    if value is None:
        found.odd("templated-value", node, text)
    return bool(value)


def numbered(rels: Iterable[str], base: str = "") -> list[str]:
    """Where links stand, by their relations in order: "_links/form[1]" when the relation occurs more than once."""
    names = list(rels)
    many = Counter(names)
    seen: dict[str, int] = {}
    places = []
    for name in names:
        index = seen.get(name, 0)
        seen[name] = index + 1
        places.append(f"{base}_links/{name}[{index}]" if many[name] > 1 else f"{base}_links/{name}")
    return places

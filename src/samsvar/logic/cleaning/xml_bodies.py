"""An XML or HTML text with its private values replaced and every other byte as it was, mistakes included: the text is
cut into tags and what stands between them, not parsed.
"""

import html
import re
from itertools import takewhile
from typing import Final

from samsvar.logic.cleaning.edits import Edit, respelled
from samsvar.logic.cleaning.json_bodies import DEEPEST, Clean, Leaf

TOKEN: Final = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<\?xml\s[^<>]*\?>"
    r"|<\?[\w.:-]*(?P<instruction>.*?)(?:\?>|\Z)|<!ENTITY\b(?P<entity>[^<>]*+)>?|<!(?P<declared>[^<>]*+)>?"
    r"|<(?P<end>/)?(?P<name>[\w:.-]+)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)(?:>|\Z)|(?P<text>[^<]+|<)",
    re.DOTALL,
)
ATTRIBUTE: Final = re.compile(r"(?<![\w:.-])(?P<name>[\w:.-]++)\s*+=\s*+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")
UNIT: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});|.", re.DOTALL)
ITEMS: Final = frozenset({"string", "int", "long", "anytype", "item", "value", "decimal", "datetime", "boolean"})
"""Elements that only say that they are one of several: the name around them counts."""
BESIDE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "comment": ("comment", ()),
    "instruction": ("comment", ()),
    "entity": ("comment", ()),
    "declared": ("type", ("<!>",)),
}
"""What stands beside the elements, and as what it counts: free text, but for a declaration."""
VOID: Final = frozenset({"br", "hr", "img", "input", "meta", "link", "base", "area", "col", "embed", "source", "wbr"})
"""HTML elements without an end tag."""


def cleaned_xml(text: str, clean: Clean, *, page: bool = False) -> str:
    """The text with each leaf edited. ``page``: it is HTML."""
    return _Walk(text, clean, page).through()


class _Walk:
    """One pass over the tokens: which elements we are in; the pieces of text of the innermost one wait until a tag
    ends them, since together they are one value."""

    def __init__(self, text: str, clean: Clean, page: bool) -> None:
        self._text = text
        self._clean = clean
        self._page = page
        self._above: list[str] = []
        self._waiting: list[tuple[int, int, list[str], str]] = []  # start, end, units, what they say
        self._new: list[tuple[int, int, str]] = []

    def through(self) -> str:
        for match in TOKEN.finditer(self._text):
            self._token(match)
        self._flush()
        if not self._new:
            return self._text
        found, at = [], 0
        for start, end, new in sorted(self._new):
            found += [self._text[at:start], new]
            at = end
        return "".join([*found, self._text[at:]])

    def _token(self, match: re.Match[str]) -> None:
        if match["text"] is not None:
            self._wait(match, "text", UNIT.findall(match["text"]) if "&" in match["text"] else list(match["text"]))
        elif match["cdata"] is not None:
            self._wait(match, "cdata", list(match["cdata"]))
        elif match["name"] is not None:
            self._flush()
            self._tag(match)
        else:
            for group, (name, above) in BESIDE.items():
                if match[group]:
                    said = match[group]
                    self._edit(match.start(group), list(said), said, Leaf(said, name, above))

    def _wait(self, match: re.Match[str], group: str, units: list[str]) -> None:
        said = html.unescape(match[group]) if group == "text" and "&" in match[group] else match[group]
        if len(said) != len(units):
            said = "".join(one if len(one) == 1 else (html.unescape(one) + " ")[0] for one in units)
        self._waiting.append((match.start(group), match.end(group), units, said))

    def _flush(self) -> None:
        """The value of an element is whole."""
        waiting, self._waiting = self._waiting, []
        said = "".join(piece[3] for piece in waiting)
        if not said.strip():
            return
        edits = self._clean(self._leaf(said))
        at = first = 0
        for start, end, units, piece in waiting:
            while first < len(edits) and edits[first].end <= at:
                first += 1
            near = takewhile(lambda edit: edit.start < at + len(piece), edits[first:])  # noqa: B023  # used at once
            inside = tuple(within(edit, at, len(piece)) for edit in near)
            if inside:
                self._new.append((start, end, respelled(units, piece, inside)))
            at += len(piece)

    def _leaf(self, said: str) -> Leaf:
        names = self._above[-DEEPEST:]
        while len(names) > 1 and names[-1].lower() in ITEMS:
            names.pop()
        return Leaf(said, names[-1] if names else "", tuple(names[:-1]))

    def _tag(self, match: re.Match[str]) -> None:
        name = match["name"].rpartition(":")[2]
        if match["end"]:
            if self._above:
                self._above.pop()
            return
        for attribute in ATTRIBUTE.finditer(match["rest"]):
            self._attribute(attribute, match.start("rest"), name)
        if not match["rest"].endswith("/") and not (self._page and name.lower() in VOID):
            self._above.append(name)

    def _attribute(self, match: re.Match[str], offset: int, element: str) -> None:
        group = "double" if match["double"] is not None else "single"
        written = match[group]
        if match["name"].lower().startswith("xmlns") or not written:
            return
        units = UNIT.findall(written) if "&" in written else list(written)
        said = html.unescape(written) if "&" in written else written
        if len(said) != len(units):
            said = "".join(one if len(one) == 1 else (html.unescape(one) + " ")[0] for one in units)
        above = (*self._above[-DEEPEST:], f"<{element.lower()}>")
        self._edit(offset + match.start(group), units, said, Leaf(said, match["name"].rpartition(":")[2], above))

    def _edit(self, start: int, units: list[str], said: str, leaf: Leaf) -> None:
        edits = self._clean(leaf) if said.strip() else ()
        if edits:
            self._new.append((start, start + sum(map(len, units)), respelled(units, said, edits)))


def within(edit: Edit, at: int, length: int) -> Edit:
    """The part of an edit that falls on one piece of a value: letters replaced one for one are shared out, any other
    replacement goes to the piece where it begins."""
    start, end = max(edit.start, at), min(edit.end, at + length)
    if edit.end - edit.start == len(edit.new):
        new = edit.new[start - edit.start : end - edit.start]
    else:
        new = edit.new if edit.start >= at else ""
    return Edit(start - at, end - at, new)

"""A JSON text with its private values replaced and every other byte as it was, mistakes included: the text is cut into
tokens, not parsed, so that what is not JSON goes through too.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from samsvar.logic.cleaning.edits import Edit, respelled

TOKEN: Final = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.|\\\Z)*+)(?:"|\Z)|(?P<number>-?[0-9][0-9.eE+-]*(?![^\s"{}\[\],:]))|(?P<mark>[{}\[\],:])'
    r'|(?P<word>[^\s"{}\[\],:]+)',
    re.DOTALL,
)
WORDS: Final = frozenset({"true", "false", "null"})
DEEPEST: Final = 64
"""Names around a value that are told; the innermost ones."""
UNIT: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value where it stands. name: of its member (of the array's, for an element); above: the names around it,
    outermost first; number: it is written as one; member: it is itself the name of a member."""

    text: str
    name: str
    above: tuple[str, ...] = ()
    number: bool = False
    member: bool = False


Clean = Callable[[Leaf], tuple[Edit, ...]]


def cleaned_json(text: str, clean: Clean) -> str:
    """The text with each leaf edited."""
    return _Walk(text, clean).through()


class _Walk:
    """One pass over the tokens: which container we are in, which member is next."""

    def __init__(self, text: str, clean: Clean) -> None:
        self._text = text
        self._clean = clean
        self._above: list[tuple[str, bool]] = []  # names of the open containers, and whether each is an object
        self._around: tuple[str, ...] = ()
        self._name = ""
        self._value = True  # a value comes next, not the name of a member

    def through(self) -> str:
        found, at = [], 0
        for match in TOKEN.finditer(self._text):
            new = self._token(match)
            if new is not None:
                found += [self._text[at : match.start()], new]
                at = match.end()
        return "".join([*found, self._text[at:]]) if found else self._text

    def _token(self, match: re.Match[str]) -> str | None:
        kind = match.lastgroup
        if kind == "mark":
            self._mark(match.group())
            return None
        if kind == "string":
            return self._string(match)
        return self._bare(match.group(), number=kind == "number" and self._value)

    def _bare(self, text: str, *, number: bool) -> str | None:
        """A number, or a word without quotes, which is a mistake unless it is one of three."""
        if text in WORDS:
            return None
        inside = bool(self._above) and self._above[-1][1]
        edits = self._clean(self._leaf(text, number=number, member=inside and not self._value))
        return respelled(list(text), text, edits) if edits else None

    def _leaf(self, text: str, *, number: bool = False, member: bool = False) -> Leaf:
        return Leaf(text, self._name, self._around, number, member)

    def _mark(self, mark: str) -> None:
        if mark in "{[":
            self._above.append((self._name, mark == "{"))
            self._around = (*self._around[1 - DEEPEST :], self._name)
            self._value = mark == "["
        elif mark in "}]":
            self._name = self._above.pop()[0] if self._above else ""
            self._around = tuple(name for name, _ in self._above[-DEEPEST:])
            self._value = not self._above  # one text of JSON may follow another
        elif mark == ":":
            self._value = True
        elif self._above:
            self._name = self._above[-1][0]
            self._value = not self._above[-1][1]

    def _string(self, match: re.Match[str]) -> str | None:
        written = match["string"]
        text = unescaped(written)
        leaf = self._leaf(text, member=not self._value)
        if leaf.member:
            self._name = text
        edits = self._clean(leaf) if text else ()
        if not edits:
            return None
        units = UNIT.findall(written) if "\\" in written else list(written)
        end = '"' if match.group().endswith('"') and match.end() - match.start() > 1 else ""
        return f'"{respelled(units, text, edits)}{end}'


def unescaped(written: str) -> str:
    """What the inside of a string literal says; as it stands where its escapes are none."""
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return written

"""The searches that the foreign environment understands: a small part of OData v3 over plain members.

`select` takes rows of members and a query, and gives the page; what cannot be understood raises `BadQuery`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

Row = Mapping[str, Any]
Term = Callable[[Row], Any]
TOKEN = re.compile(r"\s*(?:(datetime'[^']*'|'(?:[^']|'')*')|(-?\d+)(?![\w.])|([A-Za-z_]\w*)|([(),]))", re.IGNORECASE)
OPTIONS = ("$filter", "$orderby", "$top", "$skip")


class BadQuery(Exception):
    """The query says nothing that this environment understands; the text says why."""


def tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise BadQuery(f"Syntax error at position {at}.")
        found.append(match.group().strip())
        at = match.end()
    return found


def instant(text: str) -> str:
    """Local times compare as text once their fractions have one length."""
    whole, _, fraction = text.partition(".")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?", whole):
        raise BadQuery(f"'{text}' is no date.")
    whole = whole if "T" in whole else whole + "T00:00:00"
    return f"{whole:0<19}.{fraction:0<7}" if len(whole) == 19 else f"{whole}:00.{fraction:0<7}"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "substringof": lambda part, text: part in (text or ""),
    "startswith": lambda text, part: (text or "").startswith(part),
    "endswith": lambda text, part: (text or "").endswith(part),
    "tolower": lambda text: (text or "").lower(),
    "toupper": lambda text: (text or "").upper(),
    "length": lambda text: len(text or ""),
    "trim": lambda text: (text or "").strip(),
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and b is not None and a > b,
    "ge": lambda a, b: a is not None and b is not None and a >= b,
    "lt": lambda a, b: a is not None and b is not None and a < b,
    "le": lambda a, b: a is not None and b is not None and a <= b,
}


class Reader:
    """A recursive descent over the tokens of one $filter."""

    def __init__(self, text: str, known: Mapping[str, str]) -> None:
        self.left, self.known = tokens(text), known

    def take(self, wanted: str = "") -> str:
        if not self.left or (wanted and self.left[0].lower() != wanted):
            raise BadQuery("Syntax error: the expression is not complete.")
        return self.left.pop(0)

    def next_is(self, *words: str) -> bool:
        return bool(self.left) and self.left[0].lower() in words

    def whole(self) -> Term:
        made = self.either()
        if self.left:
            raise BadQuery(f"Syntax error at '{self.left[0]}'.")
        return made

    def either(self) -> Term:
        left = self.both()
        while self.next_is("or"):
            self.take()
            left = (lambda a, b: lambda row: bool(a(row)) or bool(b(row)))(left, self.both())
        return left

    def both(self) -> Term:
        left = self.one()
        while self.next_is("and"):
            self.take()
            left = (lambda a, b: lambda row: bool(a(row)) and bool(b(row)))(left, self.one())
        return left

    def one(self) -> Term:
        if self.next_is("not"):
            self.take()
            inner = self.one()
            return lambda row: not inner(row)
        if self.next_is("("):
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        return self.comparison()

    def comparison(self) -> Term:
        left, kind = self.operand()
        if not self.next_is(*COMPARE):
            if kind not in ("bool", "any"):
                raise BadQuery("The filter is no condition.")
            return left
        test = COMPARE[self.take().lower()]
        right, other = self.operand()
        if "any" not in (kind, other) and kind != other:
            raise BadQuery(f"A {kind} cannot be compared with a {other}.")
        return lambda row: test(left(row), right(row))

    def operand(self) -> tuple[Term, str]:
        word = self.take()
        low = word.lower()
        if low.startswith("datetime'"):
            value = instant(word[9:-1])
            return lambda row: value, "moment"
        if word.startswith("'"):
            text = word[1:-1].replace("''", "'")
            return lambda row: text, "text"
        if re.fullmatch(r"-?\d+", word):
            number = int(word)
            return lambda row: number, "number"
        if low in ("true", "false"):
            return lambda row: low == "true", "bool"
        if low == "null":
            return lambda row: None, "any"
        if self.next_is("("):
            return self.call(low)
        return self.property(word)

    def call(self, name: str) -> tuple[Term, str]:
        if name not in FUNCTIONS:
            raise BadQuery(f"Unknown function '{name}'.")
        self.take("(")
        parts = [self.operand()[0]]
        while self.next_is(","):
            self.take()
            parts.append(self.operand()[0])
        self.take(")")
        function = FUNCTIONS[name]
        if len(parts) != function.__code__.co_argcount:
            raise BadQuery(f"'{name}' takes another number of arguments.")
        kind = {"tolower": "text", "toupper": "text", "trim": "text", "length": "number"}.get(name, "bool")
        return (lambda row: function(*(part(row) for part in parts))), kind

    def property(self, name: str) -> tuple[Term, str]:
        if name not in self.known:
            raise BadQuery(f"Could not find property named '{name}'.")
        if self.known[name] == "moment":
            return (lambda row: instant(row[name]) if row.get(name) else None), "moment"
        return (lambda row: row.get(name)), self.known[name]


def whole_number(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or (name == "$top" and int(text) > 10000):
        raise BadQuery(f"The value '{text}' of {name} is not allowed.")
    return int(text)


def ordering(text: str, known: Mapping[str, str]) -> list[tuple[str, bool]]:
    made = []
    for part in text.split(","):
        words = part.split()
        if not 1 <= len(words) <= 2 or words[0] not in known or words[1:] not in ([], ["asc"], ["desc"]):
            raise BadQuery(f"$orderby does not understand '{part.strip()}'.")
        made.append((words[0], words[1:] == ["desc"]))
    return made


def compare(a: Any, b: Any) -> int:
    if a is None or b is None:
        return (a is not None) - (b is not None)
    return int(a > b) - int(a < b)


def ordered(
    rows: list[Any], keys: list[tuple[str, bool]], of: Callable[[Any], Row], known: Mapping[str, str]
) -> list[Any]:
    for name, down in reversed(keys):

        def value(row: Any, name: str = name) -> Any:
            found = of(row).get(name)
            return instant(found) if found and known[name] == "moment" else found

        rows = sorted(rows, key=cmp_to_key(lambda a, b: compare(value(a), value(b))), reverse=down)
    return rows


def select(rows: list[Any], query: Mapping[str, str], of: Callable[[Any], Row], known: Mapping[str, str]) -> list[Any]:
    """All rows that fit, in the order asked for; $skip and $top are cut by `page`."""
    if "$filter" in query:
        fits = Reader(query["$filter"], known).whole()
        rows = [row for row in rows if fits(of(row))]
    if "$orderby" in query:
        rows = ordered(rows, ordering(query["$orderby"], known), of, known)
    return rows


def page(rows: list[Any], query: Mapping[str, str], limit: int | None) -> list[Any]:
    skip = whole_number("$skip", query.get("$skip", "0"))
    rows = rows[skip:]
    if "$top" in query:
        rows = rows[: whole_number("$top", query["$top"])]
    return rows if limit is None else rows[:limit]

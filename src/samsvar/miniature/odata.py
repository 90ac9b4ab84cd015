"""The part of OData version 3 that the environment understands: $filter, $orderby, $top, $skip. Everything else is
refused with a reason; nothing is ignored.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from samsvar.miniature.operations import MODELS
from samsvar.miniature.records import Instant, Record, Value

OPTIONS = ("$filter", "$orderby", "$top", "$skip")
LARGEST = 10_000
"""The largest $top that is accepted."""
DEEPEST = 50
"""How deep a $filter may be nested."""
LEXEMES = re.compile(
    r"\s*(?:(?P<instant>datetime'[^']*')|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?[MmLlDdFf]?(?![\w.]))"
    r"|(?P<name>[A-Za-z_][\w]*)|(?P<sign>[(),]))",
    re.IGNORECASE,
)
Comparable: TypeAlias = str | Decimal | bool | datetime | None
Term: TypeAlias = Callable[[Record], Comparable]
COMPARISONS: dict[str, Callable[[int], bool]] = {
    "eq": lambda order: order == 0,
    "ne": lambda order: order != 0,
    "gt": lambda order: order > 0,
    "ge": lambda order: order >= 0,
    "lt": lambda order: order < 0,
    "le": lambda order: order <= 0,
}
KINDS = {"text": str, "uri": str, "integer": Decimal, "boolean": bool, "instant": datetime}
TEXT_FUNCTIONS: dict[str, tuple[int, Callable[..., Comparable]]] = {
    "substringof": (2, lambda part, whole: part in whole),
    "startswith": (2, lambda whole, part: whole.startswith(part)),
    "endswith": (2, lambda whole, part: whole.endswith(part)),
    "tolower": (1, lambda text: text.lower()),
    "toupper": (1, lambda text: text.upper()),
}


class QueryError(ValueError):
    """The query cannot be understood; the text becomes the reason phrase."""


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression with the type of what it gives (None: null)."""

    term: Term
    type: type | None


def comparable(value: Value) -> Comparable:
    """A member's value as it is compared: numbers as decimals, instants as local time."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Instant):
        return moment(value.text)
    return Decimal(value) if isinstance(value, int | Decimal) else None


def moment(text: str) -> datetime:
    """Local time with any number of fraction digits, or none, and perhaps without seconds."""
    head, dot, fraction = text.removesuffix("Z").partition(".")
    try:
        whole = datetime.fromisoformat(head)
    except ValueError as error:
        raise QueryError(f"'{text}' is not a date and time") from error
    if whole.tzinfo or (dot and not fraction.isdecimal()):
        raise QueryError(f"'{text}' is not a local date and time")
    return whole.replace(microsecond=int(fraction[:6].ljust(6, "0")) if dot else 0)


def lexemes(text: str) -> list[tuple[str, str]]:
    """The words of an expression as (kind, text)."""
    found, place = [], 0
    while text[place:].strip():
        match = LEXEMES.match(text, place)
        if not match or not match.lastgroup:
            raise QueryError(f"Syntax error at position {place} in '{text}'")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return found


class Reader:
    """Reads one $filter from left to right. Precedence: not, comparisons, and, or."""

    def __init__(self, text: str, model: str) -> None:
        self.words, self.place, self.text = lexemes(text), 0, text
        if sum(word in ("(", "not") for _, word in self.words) > DEEPEST:
            raise QueryError(f"The filter is nested more than {DEEPEST} levels deep")
        self.model, self.kinds = model, MODELS.get(model, {})

    def whole(self) -> Term:
        """The whole filter."""
        found = self.either()
        if self.place < len(self.words) or found.type is not bool:
            raise self.error()
        return found.term

    def error(self) -> QueryError:
        return QueryError(f"Syntax error at position {self.place} in '{self.text}'")

    def peek(self) -> tuple[str, str]:
        return self.words[self.place] if self.place < len(self.words) else ("end", "")

    def accept(self, word: str) -> bool:
        """Takes the next word if it is this one."""
        if self.peek()[1] != word or self.peek()[0] not in ("name", "sign"):
            return False
        self.place += 1
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.error()

    def either(self) -> Typed:
        left = self.both()
        while self.accept("or"):
            left = joined(self.logical(left), self.logical(self.both()), any)
        return left

    def both(self) -> Typed:
        left = self.comparison()
        while self.accept("and"):
            left = joined(self.logical(left), self.logical(self.comparison()), all)
        return left

    def logical(self, found: Typed) -> Typed:
        if found.type is not bool:
            raise self.error()
        return found

    def comparison(self) -> Typed:
        left = self.unary()
        kind, word = self.peek()
        if kind != "name" or word not in COMPARISONS:
            return left
        self.place += 1
        return compared(left, self.unary(), word)

    def unary(self) -> Typed:
        if not self.accept("not"):
            return self.primary()
        inner = self.logical(self.unary())
        return Typed(lambda record: not inner.term(record), bool)

    def primary(self) -> Typed:
        """A literal, a function call, a property or an expression in parentheses."""
        kind, word = self.peek()
        self.place += 1
        if (kind, word) == ("sign", "("):
            inner = self.either()
            self.expect(")")
            return inner
        if kind in LITERALS:
            return constant(LITERALS[kind](word))
        if kind == "name":
            return self.named(word)
        self.place -= 1
        raise self.error()

    def named(self, word: str) -> Typed:
        """What a name means."""
        if word in WORDS:
            return constant(WORDS[word])
        if word in TEXT_FUNCTIONS and self.peek()[1] == "(":
            return self.call(word)
        return Typed(member(word, self.model), KINDS[self.kinds[word]])

    def call(self, name: str) -> Typed:
        """A function of texts."""
        arity, function = TEXT_FUNCTIONS[name]
        self.expect("(")
        terms = [self.text_term()]
        while self.accept(","):
            terms.append(self.text_term())
        self.expect(")")
        if len(terms) != arity:
            raise QueryError(f"No function signature for the function with name '{name}' matches the arguments")

        def apply(record: Record) -> Comparable:
            values = [term(record) for term in terms]
            return None if None in values else function(*values)

        return Typed(apply, bool if arity == 2 else str)

    def text_term(self) -> Term:
        found = self.either()
        if found.type is not str:
            raise QueryError(f"A function of texts was given something else in '{self.text}'")
        return found.term


WORDS: dict[str, Comparable] = {"true": True, "false": False, "null": None}
LITERALS: dict[str, Callable[[str], Comparable]] = {
    "instant": lambda word: moment(word[9:-1]),
    "text": lambda word: word[1:-1].replace("''", "'"),
    "number": lambda word: Decimal(word.rstrip("MmLlDdFf")),
}


def constant(value: Comparable) -> Typed:
    """A literal."""
    return Typed(lambda _: value, None if value is None else type(value))


def member(name: str, model: str) -> Term:
    """The value of a property; a model's lists and objects cannot be compared."""
    if MODELS.get(model, {}).get(name) not in KINDS:
        raise QueryError(f"Could not find a property named '{name}' on type 'Altinn.SBL.AltinnWebAPI.Models.{model}'")
    return lambda record: comparable(record.get(name))


def joined(left: Typed, right: Typed, rule: Callable[[tuple[bool, bool]], bool]) -> Typed:
    """Two conditions under ``and`` (all) or ``or`` (any)."""
    return Typed(lambda record: rule((bool(left.term(record)), bool(right.term(record)))), bool)


def compared(left: Typed, right: Typed, word: str) -> Typed:
    """A comparison. Null equals only null, and is neither greater nor less than anything."""
    if left.type and right.type and left.type is not right.type:
        raise QueryError(f"A binary operator with incompatible types was detected: '{word}'")
    rule = COMPARISONS[word]

    def holds(record: Record) -> bool:
        one, other = left.term(record), right.term(record)
        if one is None or other is None:
            return (one is other) == (word == "eq") if word in ("eq", "ne") else False
        return rule(sign_of(one, other))

    return Typed(holds, bool)


def sign_of(one: Comparable, other: Comparable) -> int:
    """-1, 0 or 1; both are of one type."""
    return (one > other) - (one < other)  # type: ignore[operator]


def parse_filter(text: str, model: str) -> Callable[[Record], bool]:
    """The condition that a $filter states. Raises QueryError."""
    term = Reader(text, model).whole()
    return lambda record: bool(term(record))


def parse_order(text: str, model: str) -> tuple[tuple[Term, bool], ...]:
    """The keys of an $orderby, each with whether it descends. Raises QueryError."""
    found = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise QueryError(f"Syntax error in '{text}'")
        found.append((member(name, model), direction.strip() == "desc"))
    return tuple(found)


def ordered(records: list[Record], order: tuple[tuple[Term, bool], ...]) -> list[Record]:
    """Sorted by the keys; nulls come first, equals keep their order."""
    for term, descending in reversed(order):
        records = sorted(records, key=lambda record: sort_key(term(record)), reverse=descending)
    return records


def sort_key(value: Comparable) -> tuple[bool, Comparable | int]:
    """Nulls before everything."""
    return (value is not None, value if value is not None else 0)


def parse_count(text: str, name: str) -> int:
    """A $top or $skip. Raises QueryError."""
    if not text.isascii() or not text.isdecimal():
        raise QueryError(f"Invalid value '{text}' for {name} query option: a whole number is expected")
    value = int(text[:20])
    if name == "$top" and value > LARGEST:
        raise QueryError(
            f"The limit of '{LARGEST}' for Top query has been exceeded. "
            f"The value from the incoming request is '{value}'"
        )
    return value

"""What a written value stands for, by its declared kind: in go texts, out come exact values, or None where the text is
no value of that kind.

Exact: decimals are never floats, instants keep every digit of their fraction. Tolerant in reading, since servers write
``True`` or dates in their culture's form; ``is_standard`` tells whether the form is the one of XML Schema (part 2) or
ISO 8601.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from uuid import UUID
from zoneinfo import ZoneInfo

from samsvar.model.contract import ValueKind

NORWAY = ZoneInfo("Europe/Oslo")
BLANKS = " \t\r\n"
"""White space of XML. Around a value that is not text it means nothing (XML Schema part 2, whiteSpace=collapse)."""


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A point in time: whole seconds since 1970 in UTC, and the digits of the fraction without trailing zeros."""

    seconds: int
    fraction: str = ""


Value = int | Decimal | bool | Instant | UUID | str

INTEGER = re.compile(r"[+-]?[0-9]+\Z")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")

ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
NORWEGIAN = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"
    r"(?: (?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?)?\Z"
)
AMERICAN = re.compile(
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r"(?: (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?: (?P<half>[AaPp])[Mm])?)?\Z"
)
DOTNET = re.compile(r"/Date\((?P<milliseconds>-?[0-9]+)(?:[+-][0-9]{4})?\)/\Z")
STANDARD_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)


def read(text: str, kind: ValueKind) -> Value | None:
    """The value that a text stands for, or None if it is none of that kind. An instant in the hour that Norway lives
    twice each autumn is read as the first; ``same`` knows both."""
    return READERS[kind](text)


def is_standard(text: str, kind: ValueKind) -> bool:
    """Whether a text is written in the standard form of its kind. Text, URIs and what is not declared always are."""
    return STANDARDS[kind](text.strip(BLANKS))


def same(left: str, right: str, kind: ValueKind) -> bool | None:
    """Whether two texts stand for one value; None if either is no value of that kind, so that nothing can be said."""
    if kind is ValueKind.INSTANT:
        lefts, rights = _instants(left), _instants(right)
        return bool(set(lefts) & set(rights)) if lefts and rights else None
    one, other = read(left, kind), read(right, kind)
    return None if one is None or other is None else one == other


def plain(text: str) -> str:
    """Text with its line ends normalised, as XML does to every text (XML 1.0, 2.11)."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def canonical(text: str, kind: ValueKind) -> str:
    """One writing per value, for hashing; a text that is no value of its kind stays as it is, line ends normalised."""
    value = read(text, kind)
    if value is None:
        return plain(text)
    if isinstance(value, Decimal):
        return canonical_number(value)
    if isinstance(value, Instant):
        return f"{value.seconds}.{value.fraction}"
    return str(value)


def canonical_number(value: Decimal) -> str:
    """Sign, digits and exponent without trailing zeros. Not Decimal.normalize: it rounds to 28 digits."""
    sign, digits, exponent = value.as_tuple()
    written = "".join(map(str, digits)).lstrip("0")
    significant = written.rstrip("0")
    if not significant:
        return "0"
    assert isinstance(exponent, int)  # NaN and Infinity are not read
    return f"{'-' if sign else ''}{significant}e{exponent + len(written) - len(significant)}"


def _integer(text: str) -> Decimal | None:
    # As Decimal: Python refuses to convert more than 4,300 digits to int, and 2.0 is the integer 2 (JSON Schema).
    value = _decimal(text)
    return value if value is None or _whole(value) else None


def _whole(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # NaN and Infinity are not read
    return exponent >= 0 or not any(digits[exponent:])


def _decimal(text: str) -> Decimal | None:
    stripped = text.strip(BLANKS)
    if not DECIMAL.match(stripped):
        return None
    try:
        return Decimal(stripped)
    except InvalidOperation:  # an exponent beyond what Decimal can hold
        return None


def _boolean(text: str) -> bool | None:
    return BOOLEANS.get(text.strip(BLANKS).lower())


def _uuid(text: str) -> UUID | None:
    bare = text.strip(BLANKS)
    if bare[:1] + bare[-1:] in ("{}", "()"):
        bare = bare[1:-1]
    if UUID_FORM.match(bare) or re.fullmatch("[0-9a-fA-F]{32}", bare):
        return UUID(bare)
    return None


def _instant(text: str) -> Instant | None:
    found = _instants(text)
    return found[0] if found else None


def _instants(text: str) -> tuple[Instant, ...]:
    """The points in time that a text may stand for: none, one, or two in the hour that is lived twice."""
    bare = text.strip(BLANKS)
    if found := DOTNET.match(bare):
        seconds, rest = divmod(int(found["milliseconds"]), 1000)
        return (Instant(seconds, f"{rest:03}".rstrip("0")),)
    found = ISO.match(bare) or NORWEGIAN.match(bare) or AMERICAN.match(bare)
    return _points(found.groupdict()) if found else ()


def _points(parts: dict[str, str | None]) -> tuple[Instant, ...]:
    hour = _hour(int(parts["hour"] or 0), parts.get("half"))
    day_after = hour == 24 and not int(parts["minute"] or 0) + int(parts["second"] or 0)  # ISO 8601: 24:00
    try:
        local = datetime(
            int(parts["year"] or 0),
            int(parts["month"] or 0),
            int(parts["day"] or 0),
            0 if day_after else hour,
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
        ) + timedelta(days=day_after)
        zone = _zone(parts.get("zone"))
        both = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        seconds = [int((point - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) for point in both]
    except (ValueError, OverflowError):  # no such day, hour or zone
        return ()
    fraction = (parts.get("fraction") or "").rstrip("0")
    # A time in the hour that spring leaves out also has two readings; the clock never showed it, so the first will do.
    lived_twice = seconds[1] > seconds[0]
    return tuple(Instant(second, fraction) for second in (seconds if lived_twice else seconds[:1]))


def _hour(hour: int, half: str | None) -> int:
    """Hour of the day; half: "A" or "P" of the American clock, which counts 12, 1, 2, ... 11."""
    return hour if half is None else hour % 12 + (12 if half in "Pp" else 0)


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return NORWAY
    if text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _always(_: str) -> bool:
    return True


READERS: dict[ValueKind, Callable[[str], Value | None]] = {
    ValueKind.TEXT: plain,
    ValueKind.URI: plain,
    ValueKind.ANY: plain,
    ValueKind.OBJECT: plain,
    ValueKind.LIST: plain,
    ValueKind.INTEGER: _integer,
    ValueKind.DECIMAL: _decimal,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.INSTANT: _instant,
    ValueKind.UUID: _uuid,
}

STANDARDS: dict[ValueKind, Callable[[str], bool]] = {
    ValueKind.TEXT: _always,
    ValueKind.URI: _always,
    ValueKind.ANY: _always,
    ValueKind.OBJECT: _always,
    ValueKind.LIST: _always,
    ValueKind.INTEGER: lambda text: bool(INTEGER.match(text)),
    ValueKind.DECIMAL: lambda text: bool(DECIMAL.match(text)),
    ValueKind.BOOLEAN: lambda text: text in BOOLEANS,
    # ISO 8601 allows a time without seconds, as the broker service writes it; XML Schema does not. One of them will do.
    ValueKind.INSTANT: lambda text: bool(STANDARD_INSTANT.match(text)) and bool(_instants(text)),
    ValueKind.UUID: lambda text: bool(UUID_FORM.match(text)),
}

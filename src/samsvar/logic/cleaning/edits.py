"""Edits of a text, and spellings: how each character of a text is written where it stands.

In: what a text says, how it is written, what is to stand in it. Out: the new writing, in which all that no edit touches
is as it was, and what one touches is escaped as before.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a text and what stands in its place."""

    start: int
    end: int
    new: str


def edited(text: str, edits: tuple[Edit, ...]) -> str:
    """A text with its edits made."""
    if not edits:
        return text
    found, at = [], 0
    for edit in edits:
        found += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*found, text[at:]])


def joined(one: tuple[Edit, ...], two: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Edits of both in their order, those of the second only where the first leaves off."""
    if not one or not two:
        return one or two
    free, rest = [], iter(one)
    near = next(rest, None)
    for edit in two:
        while near is not None and near.end <= edit.start:
            near = next(rest, None)
        if near is None or near.start >= edit.end:
            free.append(edit)
    return in_order((*one, *free))


def in_order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits by the place where they begin."""
    return tuple(sorted(edits, key=lambda edit: edit.start))


# -- spellings --------------------------------------------------------------------------------------------------------

PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+|.", re.DOTALL)


def percent_units(written: str) -> list[str] | None:
    """How each character is written in a percent-encoded text; None where the bytes are not UTF-8."""
    units: list[str] = []
    for match in PERCENT.finditer(written):
        one = match.group()
        if len(one) == 1:
            units.append(one)
            continue
        try:
            letters = bytes.fromhex(one.replace("%", "")).decode("utf-8")
        except UnicodeDecodeError:
            return None
        at = 0
        for letter in letters:
            end = at + 3 * len(letter.encode("utf-8"))
            units.append(one[at:end])
            at = end
    return units


def percent_said(units: list[str]) -> str:
    """What such a text says."""
    return "".join(one if len(one) == 1 else bytes.fromhex(one.replace("%", "")).decode("utf-8") for one in units)


REFERENCE: Final = re.compile("&#[xX]?[0-9A-Fa-f]{1,6};|.", re.DOTALL)


def letter_units(written: str) -> list[str]:
    """How each character is written in a text that names letters and digits by their code."""
    units: list[str] = []
    for unit in REFERENCE.findall(written):
        units += [unit] if html.unescape(unit).isalnum() else unit
    return units


def letters_said(units: list[str]) -> str:
    """What such a text says. A reference to anything but a letter or digit is left: it may be no markup."""
    return "".join(unit if len(unit) == 1 else html.unescape(unit) for unit in units)


def respelled(units: list[str], text: str, edits: tuple[Edit, ...]) -> str:
    """A spelling with edits made, unit by unit. ``units``: how each character of the text is written."""
    if len(units) != len(text):  # escapes that are none: the text was taken as it stands
        units = list(text)
    found, at = [], 0
    for edit in (narrowed(one, text) for one in edits):
        found += units[at : edit.start]
        old = text[edit.start : edit.end]
        if len(old) == len(edit.new):
            written = zip(units[edit.start : edit.end], old, edit.new, strict=True)
            found += [unit if a == b else spelled(b, unit) for unit, a, b in written]
        else:
            found.append(edit.new)
        at = edit.end
    return "".join([*found, *units[at:]])


def narrowed(edit: Edit, text: str) -> Edit:
    """An edit without what it leaves as it was at either end, where it changes the length."""
    old, new = text[edit.start : edit.end], edit.new
    if len(old) == len(new):
        return edit
    least = min(len(old), len(new))
    front = next((i for i in range(least) if old[i] != new[i]), least)
    back = next((i for i in range(least - front) if old[-1 - i] != new[-1 - i]), least - front)
    return Edit(edit.start + front, edit.end - back, new[front : len(new) - back])


def spelled(letter: str, like: str) -> str:
    """A letter, escaped in the way in which another is written."""
    if len(like) == 1 or len(letter) != 1:
        return letter
    if like.startswith("%"):
        return "".join(f"%{_hex(byte, 2, like)}" for byte in letter.encode("utf-8"))
    if like[:2] in ("\\u", "\\U"):
        halves = letter.encode("utf-16-be", "surrogatepass")  # beyond 0xFFFF a letter is written in two
        codes = (int.from_bytes(halves[at : at + 2]) for at in range(0, len(halves), 2))
        return "".join(f"{like[:2]}{_hex(code, 4, like[2:])}" for code in codes)
    if like[:3] in ("&#x", "&#X"):
        return f"{like[:3]}{_hex(ord(letter), 1, like[3:])};"
    return f"&#{ord(letter)};" if like.startswith("&#") else letter


def _hex(value: int, width: int, like: str) -> str:
    digits = f"{value:0{width}x}"
    return digits.upper() if any(letter in "ABCDEF" for letter in like) else digits

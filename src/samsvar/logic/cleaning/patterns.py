"""What is private wherever it stands, by its form alone: numbers, addresses of mail, tokens, in every spelling that a
text or a URL may hide them in.

In: text. Out: edits of it. Numbers keep their separators; a coded spelling (percent, base64, character references) is
undone, cleaned and coded again.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from samsvar.logic.cleaning.numbers import digits_of, into, is_account, is_national, is_organisation
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.model.privacy import Private

REMOVED: Final = "removed"
SPACE: Final = "[ \u00a0\u202f\u2009]"
JWT: Final = r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,2}"
PLAIN: Final = re.compile(
    rf"(?P<pem>-----BEGIN [A-Z ]{{3,40}}-----.{{0,16000}}?(?:-----END [A-Z ]{{3,40}}-----|\Z))"
    rf"|(?P<jwt>{JWT})"
    r"|(?P<bearer>(?<=[Bb]earer )[A-Za-z0-9._~+/-]{16,}=*)"
    r"|(?P<cookie>(?<=ASPXAUTH=)[^;\s\"'<>]+)"
    r"|(?P<email>[^\W_][\w.+%'-]{0,63}@[^\W_](?:[\w-]{0,62}\.)+[^\W\d_]{2,24})"
    rf"|(?P<phone>(?<![0-9%])(?:\+|00)47{SPACE}?[2-9](?:{SPACE}?[0-9]){{7}}(?![0-9]))"
    rf"|(?P<account>(?<![0-9%])[0-9]{{4}}(?P<mark>[. ]|{SPACE})[0-9]{{2}}(?P=mark)[0-9]{{5}}(?![0-9]))"
    rf"|(?P<national>(?<![0-9%])[0-9]{{6}}(?:{SPACE}|[.\-\u2010\u2011\u2013])?[0-9]{{5}}(?![0-9]))"
    rf"|(?P<organisation>(?<![0-9%])[0-9]{{3}}{SPACE}?[0-9]{{3}}{SPACE}?[0-9]{{3}}(?![0-9]))",
    re.DOTALL,
)
CODED: Final = re.compile(
    r"(?P<percent>(?:[A-Za-z0-9._~@+-]|%[0-9A-Fa-f]{2})*%[0-9A-Fa-f]{2}(?:[A-Za-z0-9._~@+-]|%[0-9A-Fa-f]{2})*)"
    r"|(?P<reference>(?:[\w@.+-]|&#[xX]?[0-9A-Fa-f]{1,6};)*&#[xX]?[0-9A-Fa-f]{1,6};(?:[\w@.+-]|&#[xX]?[0-9A-Fa-f]{1,6};)*)"
    r"|(?P<base64>(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/_=-]))"
)
POSSIBLE: Final = re.compile(r"[@%]|&#|[0-9]{3}|[A-Za-z0-9+/_-]{12}")
"""What a text needs to hold for anything to be in it: most hold none of these."""
DEPTH: Final = 3
"""Codings inside codings that are undone."""


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


Organisations = Callable[[str], bool]
"""Whether nine digits that look like an organisation number are to be replaced."""


class Patterns:
    """Finds what is private by its form. ``organisations``: which organisation numbers are. ``credentials``: those of
    the run, which are private wherever they stand."""

    def __init__(self, table: Pseudonyms, organisations: Organisations, credentials: Iterable[str] = ()) -> None:
        self._table = table
        self._organisations = organisations
        secrets = sorted({one for one in credentials if len(one) >= SHORTEST}, key=len, reverse=True)
        self._credentials = re.compile("|".join(map(re.escape, secrets))) if secrets else None
        self._seen: dict[tuple[str, bool], tuple[Edit, ...]] = {}

    def edits(self, text: str, bare: bool = False, depth: int = 0) -> tuple[Edit, ...]:
        """The edits that a text needs. ``bare``: any number that could be an organisation's is one; else only those
        that were seen to be."""
        if POSSIBLE.search(text) is None and (self._credentials is None or self._credentials.search(text) is None):
            return ()
        key = (text, bare)
        if depth == 0 and key in self._seen:
            return self._seen[key]
        found = tuple(sorted(self._plain(text, bare), key=lambda edit: edit.start))
        if depth < DEPTH:
            found = self._with_coded(text, found, bare, depth)
        if depth == 0 and len(self._seen) < MOST_KEPT:
            self._seen[key] = found
        return found

    def _plain(self, text: str, bare: bool) -> Iterator[Edit]:
        given = tuple(self._given(text))
        yield from given
        for match in PLAIN.finditer(text):
            new = None if touched(match, given) else self._replacement(match, bare)
            if new is not None and new != match.group():
                yield Edit(match.start(), match.end(), new)

    def _given(self, text: str) -> Iterator[Edit]:
        if self._credentials is not None:
            yield from (Edit(match.start(), match.end(), REMOVED) for match in self._credentials.finditer(text))

    def _replacement(self, match: re.Match[str], bare: bool) -> str | None:
        kind, text = str(match.lastgroup), match.group()
        if kind == "mark":
            kind = "account"
        if kind in ("pem", "jwt", "bearer", "cookie"):
            return REMOVED
        if kind == "email":
            return None if NOBODY.search(text) else self._table.email(text)
        digits = digits_of(text)
        if kind == "phone":
            return into(text, digits[:-8] + self._table.number(Private.PHONE, digits[-8:]))
        if kind == "organisation":
            return self.organisation(text, digits, bare)
        if is_national(digits) or self._table.knows(Private.NATIONAL_ID, digits):
            return into(text, self._table.number(Private.NATIONAL_ID, digits))
        if (kind == "account" and is_account(digits)) or self._table.knows(Private.ACCOUNT, digits):
            return into(text, self._table.number(Private.ACCOUNT, digits))
        return None

    def organisation(self, text: str, digits: str, bare: bool) -> str | None:
        """What stands for nine digits, None when they are to stay."""
        known = self._table.knows(Private.ORGANISATION, digits)
        if known or (bare and is_organisation(digits) and self._organisations(digits)):
            return into(text, self._table.number(Private.ORGANISATION, digits))
        return None

    def _with_coded(self, text: str, plain: tuple[Edit, ...], bare: bool, depth: int) -> tuple[Edit, ...]:
        found = list(plain)
        for match in CODED.finditer(text):
            new = None if touched(match, plain) else self._recoded(match, bare, depth)
            if new is not None:
                found.append(Edit(match.start(), match.end(), new))
        return tuple(sorted(found, key=lambda edit: edit.start))

    def _recoded(self, match: re.Match[str], bare: bool, depth: int) -> str | None:
        undo, redo = CODINGS[str(match.lastgroup)]
        coded = match.group()
        text = undo(coded)
        if text is None or text == coded:
            return None
        edits = self.edits(text, bare, depth + 1)
        if not edits:
            return None
        new = redo(edited(text, edits), coded)
        self._table.enter(Private.TEXT, coded, new, key=True)  # a link may hold it, and has to lead on
        return new


def touched(match: re.Match[str], edits: tuple[Edit, ...]) -> bool:
    """A stretch of which a part is edited already."""
    return any(edit.start < match.end() and match.start() < edit.end for edit in edits)


NOBODY: Final = re.compile(r"(?:[@.]example\.(?:com|net|org|no)|\.(?:example|invalid|test))\Z", re.IGNORECASE)
"""Domains at which nobody can have an address (RFC 2606)."""
MOST_KEPT: Final = 50_000
SHORTEST: Final = 4
"""Characters of a credential. A shorter one would be found in everything."""


def unquoted(text: str) -> str | None:
    """A text with its percent-encoding undone; None where it is not UTF-8."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


def from_base64(text: str) -> str | None:
    """The text that is written in base64, either alphabet, padded or not; None where it is none."""
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(bare) % 4 == 1:
        return None
    try:
        data = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
        found = data.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return found if all(letter.isprintable() or letter in "\t\r\n" for letter in found) else None


def to_base64(text: str, like: str) -> str:
    """A text in base64, in the alphabet and padding of another."""
    found = base64.b64encode(text.encode("utf-8")).decode("ascii")
    if "-" in like or "_" in like:
        found = found.replace("+", "-").replace("/", "_")
    return found if like.endswith("=") or len(like) % 4 == 0 else found.rstrip("=")


CODINGS: Final[dict[str, tuple[Callable[[str], str | None], Callable[[str, str], str]]]] = {
    "percent": (unquoted, lambda text, like: quote(text, safe="._~@+-")),
    "reference": (html.unescape, lambda text, like: html.escape(text, quote=False)),
    "base64": (from_base64, to_base64),
}
"""How a spelling is undone, and done again."""

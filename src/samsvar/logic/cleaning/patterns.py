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
from typing import Final

from samsvar.logic.cleaning.edits import Edit, edited, in_order, joined, percent_said, percent_units, respelled
from samsvar.logic.cleaning.numbers import digits_of, into, is_account, is_national, is_organisation
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.model.privacy import Private

REMOVED: Final = "removed"
SPACE: Final = "[ \u00a0\u202f\u2009]"
JWT: Final = r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{4,}+\.[A-Za-z0-9_-]*+(?:\.[A-Za-z0-9_-]++){0,2}"
PLAIN: Final = re.compile(
    r"(?P<pem>-----BEGIN [A-Z ]{3,40}-----(?:(?!-----).)*+(?:-----END [A-Z ]{3,40}-----)?)"
    rf"|(?P<jwt>{JWT})"
    r"|(?P<bearer>(?<=(?i:bearer) )[A-Za-z0-9._~+/-]{16,}=*)"
    r"|(?P<cookie>(?<=ASPXAUTH=)[^;\s\"'<>]+)"
    r"|(?P<email>[^\W_][\w.+%'-]{0,63}@[^\W_](?:[\w-]{0,62}\.)+[^\W\d_]{2,24})"
    rf"|(?P<phone>(?<![0-9%])(?:\+|00)47{SPACE}?[2-9](?:{SPACE}?[0-9]){{7}}(?![0-9]))"
    rf"|(?P<account>(?<![0-9%])[0-9]{{4}}(?P<mark>[. ]|{SPACE})[0-9]{{2}}(?P=mark)[0-9]{{5}}(?![0-9]))"
    rf"|(?P<national>(?<![0-9%])[0-9]{{6}}(?:{SPACE}|[.+\-\u2010\u2011\u2013])?[0-9]{{5}}(?![0-9]))"
    rf"|(?P<organisation>(?<![0-9%])[0-9]{{3}}{SPACE}?[0-9]{{3}}{SPACE}?[0-9]{{3}}(?![0-9]))"
    r"|(?P<shorter>(?<![0-9%])(?:[0-9]{10}|[0-9]{8})(?![0-9]))",
    re.DOTALL,
)
UNRESERVED: Final = "[A-Za-z0-9._~@+-]"
REFERENCE: Final = "&#[xX]?[0-9A-Fa-f]{1,6};"
ESCAPE: Final = r"\\[uU][0-9A-Fa-f]{4}"
CODED: Final = re.compile(
    rf"(?P<percent>(?<!{UNRESERVED}){UNRESERVED}*+%[0-9A-Fa-f]{{2}}(?:{UNRESERVED}|%[0-9A-Fa-f]{{2}})*+)"
    rf"|(?P<reference>(?<![\w@.+-])[\w@.+-]*+{REFERENCE}(?:[\w@.+-]|{REFERENCE})*+)"
    rf"|(?P<escape>(?<![\w@.+-])[\w@.+-]*+{ESCAPE}(?:[\w@.+-]|{ESCAPE})*+)"
    r"|(?P<base64>(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}+={0,2})"
)
"""Runs that a coding may hide something in. Each begins where no run before it could have, and gives nothing back, so
that a long text without any costs no more than its length."""
POSSIBLE: Final = re.compile(r"[@%]|&#|\\\\[uU]|[0-9]{3}|[A-Za-z0-9+/_-]{12}|ASPXAUTH=")
"""What a text needs to hold for anything to be in it: most hold none of these."""
DEPTH: Final = 3
"""Codings inside codings that are undone."""


Heard = Callable[[str], tuple[Edit, ...]]
Organisations = Callable[[str], bool]
"""Whether nine digits that look like an organisation number are to be replaced."""


class Patterns:
    """Finds what is private by its form. ``organisations``: which organisation numbers are. ``heard``: what in a text
    was seen to be private elsewhere; looked for beneath a coding only, since above it is for others to say where.
    ``credentials``: those of the run, which are private wherever they stand."""

    def __init__(
        self, table: Pseudonyms, organisations: Organisations, heard: Heard, credentials: Iterable[str] = ()
    ) -> None:
        self._table = table
        self._organisations = organisations
        self._heard = heard
        self._credentials: re.Pattern[str] | None = None
        self._seen: dict[tuple[str, bool], tuple[Edit, ...]] = {}
        self.hide(credentials)

    def hide(self, credentials: Iterable[str]) -> None:
        """From now on these credentials are private wherever they stand."""
        secrets = sorted({one for one in credentials if len(one) >= SHORTEST}, key=len, reverse=True)
        self._credentials = re.compile("|".join(map(re.escape, secrets)), re.IGNORECASE) if secrets else None
        self._seen.clear()

    def possible(self, text: str) -> bool:
        """Whether a text could hold anything private by its form. Most could not."""
        given = self._credentials
        return POSSIBLE.search(text) is not None or (given is not None and given.search(text) is not None)

    def edits(self, text: str, bare: bool = False, depth: int = 0) -> tuple[Edit, ...]:
        """The edits that a text needs. ``bare``: any number that could be an organisation's is one; else only those
        that were seen to be."""
        if not self.possible(text):
            return ()
        key = (text, bare)
        if depth == 0 and key in self._seen:
            return self._seen[key]
        found = in_order(self._plain(text, bare))
        if depth < DEPTH:
            found = joined(found, tuple(self._coded(text, bare, depth)))
        if depth == 0 and len(self._seen) < MOST_KEPT:
            self._seen[key] = found
        return found

    def _plain(self, text: str, bare: bool) -> tuple[Edit, ...]:
        return joined(tuple(self._given(text)), tuple(self._formed(text, bare)))

    def _given(self, text: str) -> Iterator[Edit]:
        if self._credentials is not None:
            yield from (Edit(match.start(), match.end(), REMOVED) for match in self._credentials.finditer(text))

    def _formed(self, text: str, bare: bool) -> Iterator[Edit]:
        for match in PLAIN.finditer(text):
            new = self._replacement(match, bare)
            if match.lastgroup == "email" and new is not None:
                yield from _beside(match, new)
            elif new is not None and new != match.group():
                yield Edit(match.start(), match.end(), new)

    def _replacement(self, match: re.Match[str], bare: bool) -> str | None:
        kind, text = str(match.lastgroup), match.group()
        if kind == "mark":
            kind = "account"
        if kind in ("pem", "jwt", "bearer", "cookie"):
            return REMOVED
        if kind == "email":
            return self._table.email(text) if bare or not NOBODY.search(text) else None
        digits = digits_of(text)
        if kind == "phone":
            return into(text, digits[:-8] + self._table.number(Private.PHONE, digits[-8:]))
        if kind == "organisation":
            return self.organisation(text, digits, bare)
        if kind == "shorter":
            return self._shorter(digits, bare)
        if is_national(digits) or self._table.knows(Private.NATIONAL_ID, digits):
            return into(text, self._table.number(Private.NATIONAL_ID, digits))
        if (kind == "account" and is_account(digits)) or self._table.knows(Private.ACCOUNT, digits):
            return into(text, self._table.number(Private.ACCOUNT, digits))
        return None

    def _shorter(self, digits: str, bare: bool) -> str | None:
        """What stands for a telephone number that was seen, or a national identity number without its leading zero.
        An id of the target may be eight digits long: it stands in links, too, so it cannot be taken for a telephone."""
        if len(digits) == 8:
            known = self._table.knows(Private.PHONE, digits)
            return self._table.number(Private.PHONE, digits) if known else None
        whole = f"0{digits}"
        known = self._table.knows(Private.NATIONAL_ID, whole)
        return self._table.number(Private.NATIONAL_ID, whole)[1:] if known or (bare and is_national(whole)) else None

    def organisation(self, text: str, digits: str, bare: bool) -> str | None:
        """What stands for nine digits, None when they are to stay."""
        known = self._table.knows(Private.ORGANISATION, digits)
        if known or (bare and is_organisation(digits) and self._organisations(digits)):
            return into(text, self._table.number(Private.ORGANISATION, digits))
        return None

    def _coded(self, text: str, bare: bool, depth: int) -> Iterator[Edit]:
        for match in CODED.finditer(text):
            kind = str(match.lastgroup)
            new = self._recoded(kind, match.group(), bare, depth)
            if new is not None:
                yield Edit(match.start(), match.end(), new)
            elif kind == "base64":
                yield from self._in_parts(match, bare, depth)

    def _in_parts(self, run: re.Match[str], bare: bool, depth: int) -> Iterator[Edit]:
        """A run of letters in base64's alphabet may be a path of which one segment is coded."""
        for part in PART.finditer(run.group()):
            new = None if part.group() == run.group() else self._recoded("base64", part.group(), bare, depth)
            if new is not None:
                yield Edit(run.start() + part.start(), run.start() + part.end(), new)

    def _recoded(self, kind: str, coded: str, bare: bool, depth: int) -> str | None:
        for undo, redo in CODINGS[kind]:
            text = undo(coded)
            if text is not None and text != coded:
                edits = joined(self.edits(text, bare, depth + 1), self._heard(text))
                if edits:
                    return redo(coded, text, edits)
        return None


def _beside(match: re.Match[str], new: str) -> Iterator[Edit]:
    """An address of mail in place of another; the sign in it stays as it is written."""
    at, here = match.group().index("@"), match.start()
    yield Edit(here, here + at, new.partition("@")[0])
    yield Edit(here + at + 1, match.end(), new.partition("@")[2])


NOBODY: Final = re.compile(r"(?:[@.]example\.(?:com|net|org|no)|\.(?:example|invalid|test))\Z", re.IGNORECASE)
"""Domains at which nobody can have an address (RFC 2606)."""
MOST_KEPT: Final = 50_000
SHORTEST: Final = 4
"""Characters of a credential. A shorter one would be found in everything."""


PART: Final = re.compile(r"[A-Za-z0-9+]{12,}={0,2}")


def unquoted(text: str) -> str | None:
    """A text with its percent-encoding undone; None where it is not UTF-8."""
    units = percent_units(text)
    return None if units is None else percent_said(units)


def requoted(coded: str, text: str, edits: tuple[Edit, ...]) -> str:
    """A percent-encoded text with edits made in what it says."""
    return respelled(percent_units(coded) or [], text, edits)


UNITS: Final = re.compile(rf"{REFERENCE}|{ESCAPE}|.", re.DOTALL)


def unescaped(coded: str) -> str:
    """A text with its numeric character references and its escapes by code undone."""
    return "".join(map(_letter, UNITS.findall(coded)))


def _letter(unit: str) -> str:
    if unit[0] == "\\" and len(unit) > 1:
        return chr(int(unit[2:], 16))
    return html.unescape(unit)[:1] or " "


def escaped(coded: str, text: str, edits: tuple[Edit, ...]) -> str:
    """A text in such references and escapes, with edits made in what it says."""
    return respelled(UNITS.findall(coded), text, edits)


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


def to_base64(coded: str, text: str, edits: tuple[Edit, ...]) -> str:
    """A text in base64 with edits made in it, in the alphabet and padding that it had."""
    found = base64.b64encode(edited(text, edits).encode("utf-8")).decode("ascii")
    if "-" in coded or "_" in coded:
        found = found.replace("+", "-").replace("/", "_")
    return found if coded.endswith("=") or len(coded) % 4 == 0 else found.rstrip("=")


def from_hex(text: str) -> str | None:
    """The text that is written in hexadecimal digits; None where it is none."""
    try:
        found = bytes.fromhex(text).decode("utf-8")
    except ValueError:
        return None
    return found if found.isprintable() else None


def to_hex(coded: str, text: str, edits: tuple[Edit, ...]) -> str:
    """A text in hexadecimal digits with edits made in it, in capitals where it was."""
    found = edited(text, edits).encode("utf-8").hex()
    return found if coded == coded.lower() else found.upper()


Redo = Callable[[str, str, tuple[Edit, ...]], str]
CODINGS: Final[dict[str, tuple[tuple[Callable[[str], str | None], Redo], ...]]] = {
    "percent": ((unquoted, requoted),),
    "reference": ((unescaped, escaped),),
    "escape": ((unescaped, escaped),),
    "base64": ((from_base64, to_base64), (from_hex, to_hex)),
}
"""What a run may be: how its spelling is undone, and done again with edits."""

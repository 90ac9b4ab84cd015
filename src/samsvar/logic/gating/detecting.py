"""What stands in a text as it is, without any decoding: in go a text and the index, out come what was found and where.

Known values are looked up, not searched one after the other; patterns find what nobody knew of.
"""

import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from samsvar.logic.gating.decodings import Hit, Place
from samsvar.logic.gating.indexing import WORD, Index, folded, sketch
from samsvar.model.privacy import Private


def detect(text: str, index: Index) -> Iterator[Hit]:
    """What is private in a text by itself, but for its numbers (``chains``)."""
    lower = folded(text)
    yield from _phrases(lower, index)
    yield from _credentials(text, index)
    yield from _emails(lower, index)
    for pattern in PATTERNS:
        for needle in pattern.needles:
            for start in _occurrences(lower, needle):
                yield from _match(text, start, pattern, index)


def _hit(kind: Private, start: int, end: int) -> Hit:
    return Hit(kind, Place(start, end))


# --- names, addresses, texts ------------------------------------------------------------------------------------------


def _phrases(lower: str, index: Index) -> Iterator[Hit]:
    """Known texts, word by word: whatever stands between the words (blanks, tags' ends, plus signs) is no difference,
    and a word that goes on is another word."""
    if not _may_hold_phrases(lower, index):
        return
    places = [found.span() for found in WORD.finditer(lower)]
    words = [lower[start:end] for start, end in places]
    for at, word in enumerate(words):
        if word in index.phrases:
            for first, count, kind in _phrases_at(words, at, index):
                yield _hit(kind, places[first][0], places[first + count - 1][1])


def _may_hold_phrases(lower: str, index: Index) -> bool:
    """Whether the sketch of some phrase stands in that of the text."""
    if index.foreign and not lower.isascii():
        return True
    words = sketch(lower) if index.sketches else []
    hot = index.sketches.keys() & set(words)
    return bool(hot) and any(_sketched_at(words, at, index) for at, word in enumerate(words) if word in hot)


def _sketched_at(words: list[bytes], at: int, index: Index) -> bool:
    shapes = index.sketches[words[at]].items()
    return any(
        tuple(words[max(at - before, 0) : at - before + count]) in sketches for (before, count), sketches in shapes
    )


def _phrases_at(words: list[str], at: int, index: Index) -> Iterator[tuple[int, int, Private]]:
    """(first word, number of words, kind) of each known text whose key word is the one at this place."""
    for (before, count), phrases in index.phrases[words[at]].items():
        first = at - before
        if first >= 0:
            kind = phrases.get(tuple(words[first : first + count]))
            if kind is not None:
                yield first, count, kind


# --- credentials ------------------------------------------------------------------------------------------------------


def _credentials(text: str, index: Index) -> Iterator[Hit]:
    for secret in index.secrets:
        for start in _occurrences(text, secret):
            yield _hit(Private.CREDENTIAL, start, start + len(secret))
    for code in index.codes:
        for start in _occurrences(text, code):
            if not text[max(start - 1, 0) : start].isalnum() and not text[start + len(code) :][:1].isalnum():
                yield _hit(Private.CREDENTIAL, start, start + len(code))


def _occurrences(text: str, value: str) -> Iterator[int]:
    start = text.find(value)
    while start >= 0:
        yield start
        start = text.find(value, start + len(value))


# --- e-mail -----------------------------------------------------------------------------------------------------------

LABEL = r"[^\W_](?:[^\W_]|-(?=[^\W_])){0,62}"
DOMAIN = re.compile(rf"@({LABEL}(?:\.{LABEL}){{0,8}})")
LOCAL = re.compile(r"[\w.+%'-]{1,64}\Z")
LONGEST_LOCAL = 64
"""RFC 5321, 4.5.3.1.1."""
NOBODYS = re.compile(r"(?:.*\.)?(?:example\.(?:com|org|net|no|invalid)|example|invalid|test)\Z")
"""Domains that belong to nobody (RFC 2606; example.no is Norid's own)."""
NEVER = re.compile(r"(?:.*\.)?example\.invalid\Z")
"""Where pseudonyms live."""
FILES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "map"})
"""Endings of names such as logo@2x.png."""


def _emails(lower: str, index: Index) -> Iterator[Hit]:
    if "@" not in lower:
        return
    for found in DOMAIN.finditer(lower):
        at, domain = found.start(), found[1]
        size = _known_local(lower, at, domain, index) or _unknown_local(lower, at, domain, index)
        if size:
            yield _hit(Private.EMAIL, at - size, found.end())


def _known_local(lower: str, at: int, domain: str, index: Index) -> int:
    """Length of the known local part before an @, 0 for none."""
    locals_ = index.emails.get(domain, frozenset())
    if not locals_ or NEVER.match(domain):
        return 0
    before = lower[max(at - LONGEST_LOCAL, 0) : at]
    return next((size for size in range(len(before), 0, -1) if before[-size:] in locals_), 0)


def _unknown_local(lower: str, at: int, domain: str, index: Index) -> int:
    """Length of what looks like the local part of somebody's address, 0 for none."""
    top = domain.rpartition(".")[2] if "." in domain else ""
    if len(top) < 2 or not top.isalpha() or top in FILES or NOBODYS.match(domain):
        return 0
    local = LOCAL.search(lower[max(at - LONGEST_LOCAL, 0) : at])
    return len(local[0]) if local and f"{local[0]}@{domain}" not in index.issued else 0


# --- what looks like a credential -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pattern:
    """A form that only credentials have. needles: how it begins, in lower case, since to look for a few words is
    quicker than to look for a form; is_one: what the form alone does not tell."""

    needles: tuple[str, ...]
    form: re.Pattern[str]
    is_one: Callable[[re.Match[str]], bool] = lambda _: True


def _match(text: str, start: int, pattern: Pattern, index: Index) -> Iterator[Hit]:
    found = pattern.form.match(text, start)
    if found and pattern.is_one(found) and folded(found[0]) not in index.issued:
        yield _hit(Private.CREDENTIAL, found.start(), found.end())


def _decoded(part: str) -> bytes:
    try:
        return binascii.a2b_base64(part.translate({45: "+", 95: "/"}) + "=" * (-len(part) % 4))
    except binascii.Error:
        return b""


def _is_token(found: re.Match[str]) -> bool:
    """The first part of a token is a JSON object with "alg" (RFC 7515, 4.1.1)."""
    try:
        head = json.loads(_decoded(found[1]))
    except ValueError:
        return False
    return isinstance(head, dict) and "alg" in head


def _is_secret(found: re.Match[str]) -> bool:
    """No word of prose or of a challenge ("Bearer token", "Bearer realm=...") but a value."""
    value = found[1]
    return len(value) >= 20 or any(each.isdigit() for each in value)


PATTERNS = (
    # A JSON object begins with { and then " or white space; in base64 that is one of these.
    Pattern(
        ("eyj", "eya", "ewo", "ew0", "ewk"),
        re.compile(r"(e[wy][A-Za-z0-9_-]{6,})\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*"),
        _is_token,
    ),
    Pattern(
        ("bearer",), re.compile(r"(?<![A-Za-z0-9])bearer[\s+]{1,3}([A-Za-z0-9._~+/-]{8,}=*)", re.IGNORECASE), _is_secret
    ),
    Pattern(("-----begin",), re.compile(r"-----BEGIN[ +](?:[A-Z0-9]{1,12}[ +]){0,4}(?:PRIVATE[ +]KEY|CERTIFICATE)")),
    Pattern(
        ("aspxauth", "aspxroles", "aspxformsauth", "asp.net_sessionid", ".aspnet", "jsessionid"),
        re.compile(
            r"(?:ASPX(?:AUTH|ROLES|FORMSAUTH)|ASP\.NET_SessionId|\.AspNet[A-Za-z.]{0,40}|JSESSIONID)"
            r"[\"']?[ ]?[=:][ ]?[\"']?[A-Za-z0-9+/_-]{20,}",
            re.IGNORECASE,
        ),
    ),
)

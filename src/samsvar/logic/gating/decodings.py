"""The ways in which bytes hide a text: in goes a text, out come the texts that it would be if it were encoded.

Every step takes the whole text and decodes whatever in it looks encoded, so a layer costs one pass however much there
is of it, and layers are seen by taking steps one after the other. No expression here can backtrack: each of its
repetitions is over characters that what follows it cannot begin with, or is bounded.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from unicodedata import is_normalized, normalize

from samsvar.model.privacy import Private

BREAK = "\x1e"
"""Between things that do not belong together; no value goes across it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a derived text. start: in the derived text; source, length: where it stands in the source; encoding:
    how, or "" where it is copied."""

    start: int
    source: int
    length: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A text found in another, and, only when asked, where each stretch of it comes from."""

    text: str
    segments: Callable[[], tuple[Segment, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a text, and how it is written there: the encodings from the inside out."""

    start: int
    end: int
    encodings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """Something private in a text: its kind, and where. Never the value."""

    kind: Private
    place: Place

    def moved(self, by: int) -> "Hit":
        """The same in a text that has so many characters more before it."""
        return Hit(self.kind, Place(self.place.start + by, self.place.end + by, self.place.encodings))


class Origins:
    """Leads places in a derived text back to its source. What is copied has its exact place, what is decoded a place
    within the stretch that was decoded."""

    def __init__(self, derived: Derived) -> None:
        self._segments = derived.segments()
        self._starts = [segment.start for segment in self._segments]
        self._end = len(derived.text)

    def back(self, place: Place) -> Place:
        """The same in the source, with the encoding of this layer added where there is one in or beside the place."""
        first, last = self._at(place.start), self._at(max(place.start, place.end - 1))
        near = range(max(first - 1, 0), min(last + 2, len(self._segments)))
        inside = [self._segments[i].encoding for i in range(first, last + 1)]
        beside = [self._segments[i].encoding for i in near if self._touches(i, place)]
        encoding = next((each for each in (*inside, *beside) if each), "")
        start = self._source(first, place.start)
        end = max(start + 1, self._source(last, place.end))
        return Place(start, end, (*place.encodings, encoding) if encoding else place.encodings)

    def _at(self, position: int) -> int:
        return max(bisect_right(self._starts, position) - 1, 0)

    def _stop(self, index: int) -> int:
        return self._starts[index + 1] if index + 1 < len(self._starts) else self._end

    def _touches(self, index: int, place: Place) -> bool:
        return self._starts[index] <= place.end and self._stop(index) >= place.start

    def _source(self, index: int, position: int) -> int:
        segment, size = self._segments[index], max(self._stop(index) - self._starts[index], 1)
        if not segment.encoding:
            return segment.source + min(position - segment.start, segment.length)
        return segment.source + min(position - segment.start, size) * segment.length // size


LONE = re.compile("[\udc80-\udcff]")


def text_of(data: bytes) -> str:
    """Bytes as UTF-8, those that are not as Latin-1. Bytes with NUL in them are Latin-1 as a whole: they may be UTF-16,
    and so every byte keeps its place."""
    if b"\0" in data:
        return data.decode("latin-1")
    text = data.decode("utf-8", "surrogateescape")
    return text if text.isascii() else LONE.sub(lambda found: chr(ord(found[0]) & 0xFF), text)


class Offsets:
    """Bytes at which characters of ``text_of(data)`` begin, asked for in their order."""

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("latin-1") if b"\0" in data else data.decode("utf-8", "surrogateescape")
        self._codec = "latin-1" if b"\0" in data else "utf-8"
        self._last = (0, 0)

    def at(self, position: int) -> int:
        """The byte of a character that is not before the one asked for last."""
        last, offset = self._last
        offset += len(self._text[last:position].encode(self._codec, "surrogateescape"))
        self._last = (position, offset)
        return offset


# --- escapes: decoded where they stand, one kind in a step ------------------------------------------------------------
# Not all kinds at once: what is an escape of one kind may be, or end, a value that another kind encodes.

PERCENT = re.compile(r"%(?:u[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*)")
JSON = re.compile(r'\\(?:u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*|[/\\"bfnrt]|x[0-9A-Fa-f]{2}|U[0-9A-Fa-f]{8})')
ENTITY = re.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9A-Fa-f]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};)")
MISREAD = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]{1,3}")
IN_BASE64 = "[A-Za-z0-9+/_-]"
LINES = re.compile(rf"\n(?:(?<={IN_BASE64}{{48}}\n)|(?<={IN_BASE64}{{48}}\r\n))[ \t]*(?={IN_BASE64})")
LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def percent(text: str) -> Iterator[Derived]:
    """Percent-encoding (RFC 3986, 2.1), and %u of ECMAScript's escape."""
    if "%" in text:
        yield from _substituted(text, PERCENT, _from_percent, "percent")


def json(text: str) -> Iterator[Derived]:
    """Escapes of JSON strings (RFC 8259, 7), and those that YAML has more."""
    if "\\" in text:
        yield from _substituted(text, JSON, _from_json, "json")


def entities(text: str) -> Iterator[Derived]:
    """Character references of XML and HTML."""
    if "&" in text:
        yield from _substituted(text, ENTITY, lambda found: unescape(found[0]), "entity")


def misread(text: str) -> Iterator[Derived]:
    """UTF-8 that somebody took for Latin-1, as header fields are read, and wrote as UTF-8 again."""
    if not text.isascii():
        yield from _substituted(text, MISREAD, _from_latin, "utf-8")


def lines(text: str) -> Iterator[Derived]:
    """Base64 in lines (RFC 2045, 6.8), made one."""
    if "\n" in text:
        yield from _substituted(text, LINES, lambda _: "", "lines")


def _from_percent(found: re.Match[str]) -> str:
    escape = found[0]
    return chr(int(escape[2:], 16)) if escape[1] == "u" else text_of(bytes.fromhex(escape.replace("%", "")))


def _from_json(found: re.Match[str]) -> str:
    escape = found[0]
    if escape[1] == "u":
        return bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "replace")
    if escape[1] in "xU":
        number = int(escape[2:], 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return LETTERS.get(escape[1], escape[1])


def _from_latin(found: re.Match[str]) -> str:
    try:
        return found[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


QUOTED = re.compile(
    r"=(?:\r?\n|[2-7][0-9A-Fa-f]|0[9AD]|[89A-F][0-9A-F](?:=[89AB][0-9A-F]){0,3}|[c-f][0-9a-f](?:=[89ab][0-9a-f]){1,3})"
)


def quoted_printable(text: str) -> Iterator[Derived]:
    """Quoted-printable (RFC 2045, 6.7)."""
    if "=" in text:
        yield from _substituted(text, QUOTED, _from_quoted, "quoted-printable")


def _from_quoted(found: re.Match[str]) -> str:
    return "" if found[0].endswith("\n") else text_of(bytes.fromhex(found[0].replace("=", "")))


AROUND = 400
"""Characters before and after an escape that are looked at with it: more than anything that is searched for has."""


def _around(text: str, pattern: re.Pattern[str]) -> tuple[tuple[int, int], ...]:
    """The slices of a text in which something matches. They begin and end at the edges of words and numbers."""
    near = ((found.start() - AROUND, found.end() + AROUND) for found in pattern.finditer(text))
    return tuple((_edge(text, start, -1), _edge(text, end, 1)) for start, end in merged(near))


def _edge(text: str, at: int, step: int) -> int:
    for _ in range(AROUND // 4):
        if not 0 < at < len(text) or not (text[at - 1].isalnum() and text[at].isalnum()):
            break
        at += step
    return min(max(at, 0), len(text))


def merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order of their starts, those that nearly touch made one."""
    current = next(spans, None)
    for start, end in spans:
        assert current is not None
        if start <= current[1] + AROUND:
            current = (current[0], max(end, current[1]))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current


def _substituted(
    text: str,
    pattern: re.Pattern[str],
    replace: Callable[[re.Match[str]], str],
    name: str,
) -> Iterator[Derived]:
    """The text around whatever matches, with that replaced; nothing where it leaves the text as it is."""
    slices = _around(text, pattern)
    source = BREAK.join(text[start:end] for start, end in slices)
    derived = BREAK.join(pattern.sub(replace, text[start:end]) for start, end in slices)
    if derived != source:
        yield Derived(derived, lambda: tuple(_copied_and_replaced(text, slices, pattern, replace, name)))


def _copied_and_replaced(
    text: str,
    slices: tuple[tuple[int, int], ...],
    pattern: re.Pattern[str],
    replace: Callable[[re.Match[str]], str],
    name: str,
) -> Iterator[Segment]:
    at = 0
    for start, end in slices:
        last = start
        for found in pattern.finditer(text[start:end]):
            begin, stop = start + found.start(), start + found.end()
            yield Segment(at, last, begin - last, "")
            at += begin - last
            yield Segment(at, begin, stop - begin, name)
            at += len(replace(found))
            last = stop
        yield Segment(at, last, end - last, "")
        at += end - last + len(BREAK)


# --- letters and their marks ---------------------------------------------------------------------------------------

DECOMPOSED = re.compile("[^\\W\\d_][\u0300-\u036f]+")


def composed(text: str) -> Iterator[Derived]:
    """Letters and the marks that follow them as one character each (NFC, Unicode Annex 15)."""
    if not text.isascii() and not is_normalized("NFC", text):
        yield from _substituted(text, DECOMPOSED, lambda found: normalize("NFC", found[0]), "decomposed")


# --- UTF-16 -----------------------------------------------------------------------------------------------------------

WIDE = re.compile(r"(?:[^\0]\0){4}|(?:\0[^\0]){4}")
STRANGE = re.compile("[^\0-\u024f\u2000-\u206f]")


NO_PAIRS = bytes(0xE0 if 0xD8 <= code <= 0xDF else code for code in range(256))


def utf16(text: str) -> Iterator[Derived]:
    """The text as UTF-16 of either order, beginning at an even or an odd byte. What is no European letter or
    punctuation then was none of UTF-16, and separates; so do surrogates, since two bytes are to be one character."""
    if "\0" in text and WIDE.search(text):
        data = text.encode("latin-1", "replace")
        for high, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
            for shift in (0, 1):
                units = bytearray(data[shift : len(data) - (len(data) - shift) % 2])
                units[high::2] = units[high::2].translate(NO_PAIRS)
                yield _widened(STRANGE.sub(BREAK, units.decode(codec)), shift, len(units), codec)


def _widened(text: str, shift: int, length: int, codec: str) -> Derived:
    return Derived(text, lambda: (Segment(0, shift, length, codec),))

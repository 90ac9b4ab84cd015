"""Base64 and hex: in goes a text, out come its runs of their characters, and the text that those may hide.

Runs are decoded many at a time, since most words of any text look like base64 and few are.
"""

import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from samsvar.logic.gating.decodings import BREAK, Derived, Segment, merged, text_of

RUN = re.compile(r"[A-Za-z0-9+/_-]{6,}")
LETTERS_OF_RUNS = ("[A-Za-z0-9+/_-]", "[A-Za-z0-9+/]", "[A-Za-z0-9_-]", "[A-Za-z0-9]")
RUN_FORMS = tuple(re.compile(letters + "{6,}") for letters in LETTERS_OF_RUNS)
"""A slash may be of a path, and a hyphen or low line of a name, as well as of base64."""
NOT_IN_RUNS = tuple(re.compile(letters) for letters in ("[_-]+", "[+/]+", "[+/_-]+"))
LEAST_RUN, LEAST_PADDED = 8, 6
"""Characters of a run of base64 that is worth a look; fewer where an equals sign follows."""
OF_RUNS = bytes(code if code < 128 and (chr(code).isalnum() or chr(code) in "+/_-=") else 32 for code in range(256))
HEX_RUN = re.compile(r"[0-9A-Fa-f]{12,}")
TO_STANDARD = str.maketrans("-_", "+/")

# Printable ASCII, NUL and the first planes of UTF-16, the letters of UTF-8 and those of Latin-1 that names have.
TEXTUAL = (
    rb"(?:[\0\x01\t\n\r -~]|[\xc2-\xcf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
    rb"|[\xa0\xc0-\xcf\xd6\xd8\xdc\xe0-\xef\xf2\xf3\xf4\xf6\xf8\xfc])"
)
STRETCH = re.compile(TEXTUAL + rb"{6,}")
SHORT = re.compile(TEXTUAL + rb"{4,5}")
LONG_RUN, LONG_STRETCH = 300, 10
"""In decoded runs above 300 bytes, which may be pictures, a stretch counts from 10 characters on."""
MARGIN = 24
GAP = BREAK * 3
"""Between runs: also in UTF-16 of either alignment it is no letter."""


def runs_of(text: str) -> set[str]:
    """The runs of a text that may be base64 or hex, each once."""
    found: set[str] = set()
    for word in set(text.encode("ascii", "replace").translate(OF_RUNS).decode("ascii").split()):
        *padded, last = word.split("=")
        found.update(run for run in padded if len(run) >= LEAST_PADDED)
        if len(last) >= LEAST_RUN:
            found.add(last)
    pieces = {piece for run in found for divider in NOT_IN_RUNS for piece in divider.split(run)}
    return found | {piece for piece in pieces if len(piece) >= LEAST_RUN}


def base64_runs(text: str) -> Derived:
    """What the runs of base64 or base64url in a text say, padded or not, read from each of their first four characters
    on: a run may begin with a path, and the value anywhere within. What is plainly no text is left out."""
    return _decoded(text, RUN, 4, "base64", _bytes_of_base64)


def hex_runs(text: str) -> Derived:
    """What runs of at least 12 hexadecimal digits say, read from the first and from the second on."""
    return _decoded(text, HEX_RUN, 2, "hex", _bytes_of_hex)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Runs decoded in one go. data: all of them, with bytes of no text between; starts, sizes: where each lies in data;
    sources: where it begins in the text."""

    data: bytes
    starts: list[int]
    sizes: list[int]
    sources: list[int]


def _bytes_of_base64(runs: list[tuple[int, str]]) -> Pieces:
    padded, starts, sizes, at = [], [], [], 0
    for _, run in runs:
        padded.append(run + "A" * (-len(run) % 4))
        starts.append(at)
        sizes.append(len(run) * 6 // 8)
        at += len(padded[-1]) // 4 * 3 + 3
    data = binascii.a2b_base64("////".join(padded).translate(TO_STANDARD))
    return Pieces(data, starts, sizes, [source for source, _ in runs])


def _bytes_of_hex(runs: list[tuple[int, str]]) -> Pieces:
    even, starts, at = [], [], 0
    for _, run in runs:
        even.append(run[: len(run) // 2 * 2])
        starts.append(at)
        at += len(run) // 2 + 1
    return Pieces(bytes.fromhex("ff".join(even)), starts, [len(run) // 2 for run in even], [at for at, _ in runs])


def _decoded(
    text: str, pattern: re.Pattern[str], unit: int, name: str, decode: Callable[[list[tuple[int, str]]], Pieces]
) -> Derived:
    runs = [(found.start(), found[0]) for found in pattern.finditer(text)]
    texts: list[str] = []
    segments: list[Segment] = []
    at = 0
    for shift in range(unit):
        pieces = decode([(start + shift, run[shift:]) for start, run in runs])
        for index, start, end in _windows(pieces):
            texts.append(text_of(pieces.data[start:end]))
            source = pieces.sources[index] + _written(start - pieces.starts[index], unit)
            segments.append(Segment(at, source, _written(end - start, unit), name))
            at += len(texts[-1]) + len(GAP)
    return Derived(GAP.join(texts), lambda: tuple(segments))


def _written(size: int, unit: int) -> int:
    """Characters for so many bytes: 4 for 3 in base64, 2 for 1 in hex."""
    return size * 4 // 3 if unit == 4 else size * 2


def _windows(pieces: Pieces) -> Iterator[tuple[int, int, int]]:
    """(piece, start, end) in the data, of whatever may be text, with a little around it."""
    by_piece: dict[int, list[tuple[int, int]]] = {}
    for found in STRETCH.finditer(pieces.data):
        index = bisect_right(pieces.starts, found.start()) - 1
        first, stop = pieces.starts[index], pieces.starts[index] + pieces.sizes[index]
        if pieces.sizes[index] <= LONG_RUN or found.end() - found.start() >= LONG_STRETCH:
            span = (max(first, found.start() - MARGIN), min(stop, found.end() + MARGIN))
            by_piece.setdefault(index, []).append(span)
    for index, spans in by_piece.items():
        yield from ((index, start, end) for start, end in merged(iter(spans)))
    yield from _short(pieces)


def _short(pieces: Pieces) -> Iterator[tuple[int, int, int]]:
    """Pieces that are four or five characters of text and nothing else."""
    for index, (start, size) in enumerate(zip(pieces.starts, pieces.sizes, strict=True)):
        if size in (4, 5) and SHORT.fullmatch(pieces.data, start, start + size):
            yield index, start, start + size

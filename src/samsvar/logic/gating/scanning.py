"""The search for what is private in parts: layer after layer of encoding, each text looked at once.

A layer is a text; its steps (``decodings``) give the texts that it hides; what is found in one of those is led back to
the place where it stands encoded.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from samsvar.logic.gating.chains import Numbers
from samsvar.logic.gating.decodings import (
    BREAK,
    Derived,
    Hit,
    Offsets,
    Origins,
    composed,
    entities,
    json,
    lines,
    misread,
    percent,
    quoted_printable,
    text_of,
    utf16,
)
from samsvar.logic.gating.detecting import detect
from samsvar.logic.gating.indexing import Index, index_of
from samsvar.logic.gating.runs import RUN_FORMS, base64_runs, hex_runs, runs_of
from samsvar.model.privacy import Known, Leak, Part, Private

DEPTH = 4
"""Layers of encoding that are seen through. No step makes a text more than some times as long, so this bounds the work
for each byte, whatever is made to look encoded."""

BATCH = 400_000
"""Bytes of parts that are searched together."""

UNSECRET = frozenset({Private.NAME, Private.ADDRESS, Private.TEXT, Private.ORGANISATION})
"""Kinds that are nobody's secret in what anybody may read."""

STEPS: tuple[Callable[[str], Iterator[Derived]], ...] = (
    json,
    percent,
    entities,
    quoted_printable,
    lines,
    misread,
    composed,
    utf16,
)
RUN_STEPS: tuple[Callable[[str], Derived], ...] = (base64_runs, hex_runs)
"""Steps that decode runs of characters, each by itself, so that a run seen before need not be decoded again."""


def leaks(parts: Iterable[Part], known: Iterable[Known], issued: Collection[str]) -> Iterator[Leak]:
    """What of the known private values, and of values that look private by themselves, still stands in what is about
    to be written; nothing, if it may be written. Leaks come in the order of the parts and of their bytes.

    known: private values as the target sent them, and the credentials of the run. issued: the pseudonyms that stand in
    their place; numbers by their digits. An issued value is never a leak, whatever it looks like, and neither is an
    address at example.invalid. A part's name is told with the leak, so it must not hold private values itself: what
    becomes the name of a file is given as data.

    Found whether known or not: national identity numbers (11 digits, one separator after the sixth or none, a date that
    exists, check digits of today or of 2032); phone numbers with the country code 47; bank accounts written 4.2.5;
    e-mail addresses, but for domains that belong to nobody; tokens (JWT), Bearer values, session cookies, private keys
    and certificates. Found only when known, since too many others look like them:

    - organisation numbers (9 % of all 9-digit numbers pass the check), and other numbers of at least 7 digits, with
      whatever separators and also without their leading zeros;
    - names, addresses and texts, word by word without regard to case and to what stands between the words: with at
      least 6 letters, and 8 if they are a single word. One false alarm refuses a whole recording, and shorter words
      ("Vei", "Hansen") stand in every text. In an open part they, and organisation numbers, are no leaks;
    - credentials, exactly: from 6 characters on anywhere, those of 4 and 5 as whole words, shorter ones not at all.

    Seen through, up to four layers deep: UTF-8, Latin-1, UTF-16, UTF-8 read as Latin-1, decomposed letters, percent,
    JSON and YAML escapes, entities, quoted-printable, base64 and base64url from any character on, hex. Not seen
    through: compression, encryption, other bases. A run of base64 or hex is looked at as a whole, so its leaks are
    placed within it to about a character.
    """
    return Gate(index_of(known, issued)).leaks(parts)


@dataclass
class Gate:
    """The search of one run: what is searched for, and what was seen so far."""

    index: Index
    numbers: Numbers = field(init=False, repr=False)
    _runs: "Runs" = field(init=False, repr=False, default_factory=lambda: Runs())
    _shallowest: dict[str, int] = field(init=False, repr=False, default_factory=dict)
    _contents: dict[bytes, tuple[Leak, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.index)

    def leaks(self, parts: Iterable[Part]) -> Iterator[Leak]:
        """See the function of this name."""
        batch: list[Part] = []
        size = 0
        for part in parts:
            batch.append(part)
            size += len(part.data)
            if size >= BATCH:
                yield from self._batch(batch)
                batch, size = [], 0
        yield from self._batch(batch)

    def _batch(self, batch: list[Part]) -> Iterator[Leak]:
        """Parts are searched together, since looking at a text costs something however short it is; those of equal
        content once."""
        digests = [sha256(part.data).digest() for part in batch]
        new = {digest: part.data for digest, part in zip(digests, batch, strict=True) if digest not in self._contents}
        # What has NUL in it may be UTF-16 as a whole, which is no matter of the others.
        groups = [{digest: data} for digest, data in new.items() if b"\0" in data]
        for group in (*groups, {digest: data for digest, data in new.items() if b"\0" not in data}):
            self._contents.update(self._search(group))
        for digest, part in zip(digests, batch, strict=True):
            for leak in self._contents[digest]:
                if not (part.open and leak.kind in UNSECRET):
                    yield replace(leak, part=part.name)

    def _search(self, contents: Mapping[bytes, bytes]) -> dict[bytes, tuple[Leak, ...]]:
        """What is private in some contents, of parts without a name, in the order of bytes."""
        pool = Pool([text_of(data) for data in contents.values()], f"\n{BREAK}\n")
        found: list[list[Hit]] = [[] for _ in contents]
        self._shallowest = {}
        for hit in sorted(self._layer(pool.text, 0), key=lambda hit: hit.place.start):
            index, inside = pool.inside(hit)
            found[index].append(inside)
        return {
            digest: tuple(_leaks_of(data, hits)) for (digest, data), hits in zip(contents.items(), found, strict=True)
        }

    def _layer(self, text: str, depth: int) -> list[Hit]:
        """What is private in a text and in all that it hides. The same value at the same place counts once, as its
        outermost layer has it; and a text to which two ways of decoding lead, once."""
        if not text or self._shallowest.get(text, DEPTH + 1) <= depth:
            return []
        self._shallowest[text] = depth
        hits = [*detect(text, self.index), *self.numbers.find(text)]
        if depth < DEPTH:
            for step in STEPS:
                for derived in step(text):
                    hits += self._beneath(derived, depth + 1)
            hits += self._in_runs(text, depth + 1)
        return list({(hit.kind, hit.place.start): hit for hit in reversed(hits)}.values())

    def _beneath(self, derived: Derived, depth: int) -> Iterator[Hit]:
        hits = self._layer(derived.text, depth)
        if hits:
            origins = Origins(derived)
            for hit in hits:
                yield Hit(hit.kind, origins.back(hit.place))

    def _in_runs(self, text: str, depth: int) -> Iterator[Hit]:
        runs = self._runs
        found = runs_of(text)
        new = runs.new(found, depth)
        pool = Pool(new, "\n")
        for step in RUN_STEPS if new else ():
            for hit in self._beneath(step(pool.text), depth):
                index, inside = pool.inside(hit)
                runs.guilty.setdefault(new[index], []).append(inside)
        runs.seen[depth].update(new)  # only now: what is found on the way may hold the same runs
        if any(run in runs.guilty for run in found):
            for match in (match for form in RUN_FORMS for match in form.finditer(text)):
                for hit in runs.guilty.get(match[0], ()):
                    yield hit.moved(match.start())


@dataclass
class Runs:
    """Runs that were seen, by the depth at which they were decoded (what lies less deep is looked into deeper), and
    what was found in those that hold something."""

    seen: tuple[set[str], ...] = field(default_factory=lambda: tuple(set() for _ in range(DEPTH + 1)), repr=False)
    guilty: dict[str, list[Hit]] = field(default_factory=dict, repr=False)

    def new(self, runs: set[str], depth: int) -> list[str]:
        """Those that are to be decoded at this depth."""
        for seen in self.seen[: depth + 1]:
            runs = runs - seen
        return sorted(runs)


class Pool:
    """Texts to be looked at together, as one."""

    def __init__(self, texts: list[str], between: str) -> None:
        self.text = between.join(texts)
        self._starts = [0]
        for text in texts[:-1]:
            self._starts.append(self._starts[-1] + len(text) + len(between))

    def inside(self, hit: Hit) -> tuple[int, Hit]:
        """In which of the texts something was found, and where in that."""
        index = bisect_right(self._starts, hit.place.start) - 1
        return index, hit.moved(-self._starts[index])


def _leaks_of(data: bytes, hits: Iterable[Hit]) -> Iterator[Leak]:
    """Hits, in the order of their places, as leaks of a part without a name."""
    offsets = Offsets(data)
    for hit in hits:
        yield Leak(hit.kind, "", " in ".join(hit.place.encodings) or "plain", offsets.at(hit.place.start))

"""What is searched for, arranged so that one look at each word and number of a text suffices: in go the known values
and the issued pseudonyms, out comes an index.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import is_normalized, normalize

from samsvar.logic.gating.decodings import BREAK, entities, json, percent
from samsvar.logic.gating.numbers import phone_forms
from samsvar.model.privacy import Known, Private

NUMERIC = frozenset({Private.NATIONAL_ID, Private.ORGANISATION, Private.PHONE, Private.ACCOUNT})
LEAST_DIGITS = 7
"""Shorter numbers (service codes, 5-digit phone numbers) are everybody's."""
LEAST_AFTER_ZERO = 8
"""Digits that a number must still have when it has lost its leading zeros, as in a JSON number."""
LEAST_LETTERS = 6
LEAST_LETTERS_OF_ONE_WORD = 8
MOST_WORDS = 24
"""Of a longer text, its beginning stands for the whole."""
LEAST_SECRET = 6
LEAST_CODE = 4

WORD = re.compile(rf"[^\W\d_]+|[0-9]+|{BREAK}")
OF_WORDS = bytes(code if bytes([code]).decode("latin-1").isalpha() else 32 for code in range(256))

Phrase = tuple[str, ...]
Sketch = tuple[bytes, ...]
Shape = tuple[int, int]
"""Which word of a phrase its key word is, and how many words it has."""


@dataclass(frozen=True, slots=True)
class Index:
    """numbers: digits -> kind, in every form in which they may be written. emails: domain -> local parts. secrets:
    searched anywhere; codes: searched as whole words. phrases: longest word -> shape -> phrases; sketches: the same of
    their sketches; foreign: there are phrases without one. issued: digits, and texts in lower case, that are no leak.
    Nothing of it shows in a repr."""

    numbers: Mapping[str, Private] = field(repr=False)
    emails: Mapping[str, frozenset[str]] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)
    phrases: Mapping[str, Mapping[Shape, Mapping[Phrase, Private]]] = field(repr=False)
    sketches: Mapping[bytes, Mapping[Shape, frozenset[Sketch]]] = field(repr=False)
    foreign: bool
    issued: frozenset[str] = field(repr=False)


def index_of(known: Iterable[Known], issued: Collection[str]) -> Index:
    """The index of a run."""
    harmless = frozenset(form for each in issued for form in (*_issued_forms(each),))
    wanted = [each for each in known if folded(normal(each.value)) not in harmless]
    phrases = _phrases(wanted)
    return Index(
        {form: each.kind for each in wanted for form in _number_forms(each) if form not in harmless},
        _emails(wanted),
        tuple(dict.fromkeys(form for form in _credentials(wanted) if len(form) >= LEAST_SECRET)),
        tuple(dict.fromkeys(form for form in _credentials(wanted) if LEAST_CODE <= len(form) < LEAST_SECRET)),
        _by_key(phrases),
        _sketches(phrases),
        any(not sketch(" ".join(phrase)) for phrase in phrases),
        harmless,
    )


def normal(text: str) -> str:
    """NFC (Unicode Annex 15): a letter with its mark is one character."""
    return text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text)


def folded(text: str) -> str:
    """Without a difference between upper and lower case, and of the same length, so that places stay: not casefold."""
    return text.lower() if text.isascii() else text.replace("\u0130", "i").lower()


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(each for each in text if each in "0123456789")


def forms(value: str) -> Iterator[str]:
    """A value as it is, and with its own escapes decoded."""
    yield value
    yield normal(value)
    for step in (json, percent, entities):
        yield from (normal(derived.text) for derived in step(value))


def _is_number(known: Known) -> bool:
    letters = sum(map(str.isalpha, known.value))
    return known.kind in NUMERIC and letters < LEAST_LETTERS and len(digits_of(known.value)) >= LEAST_DIGITS


def _number_forms(known: Known) -> Iterator[str]:
    if _is_number(known):
        digits = digits_of(known.value)
        yield from phone_forms(digits) if known.kind is Private.PHONE else _without_zeros(digits)


def _without_zeros(digits: str) -> Iterator[str]:
    yield digits
    bare = digits.lstrip("0")
    if len(bare) >= LEAST_AFTER_ZERO:
        yield bare


def _issued_forms(value: str) -> Iterator[str]:
    digits = digits_of(value)
    yield folded(normal(value))
    if len(digits) >= LEAST_DIGITS:
        yield from _without_zeros(digits)
        yield from phone_forms(digits) if len(digits) in (8, 10, 12) else ()


def _emails(known: Iterable[Known]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for each in known:
        local, at, domain = folded(normal(each.value.strip())).rpartition("@")
        if each.kind is Private.EMAIL and at and local:
            found.setdefault(domain, set()).add(local)
    return {domain: frozenset(locals_) for domain, locals_ in found.items()}


def _credentials(known: Iterable[Known]) -> Iterator[str]:
    """Credentials in every form; a blank of one is a plus in the query of a URL (HTML, urlencoded form data)."""
    for each in known:
        if each.kind is Private.CREDENTIAL:
            for form in forms(each.value):
                yield form
                yield form.replace(" ", "+")


def sketch(lower: str) -> list[bytes]:
    """The words of a text as far as Latin-1 has their letters, and nothing else: a text that holds a phrase holds its
    sketch too. Quick, where looking for words exactly is not."""
    return lower.encode("latin-1", "replace").translate(OF_WORDS).split()


def _phrases(known: Iterable[Known]) -> dict[Phrase, Private]:
    """The known values that are searched for word by word."""
    found: dict[Phrase, Private] = {}
    for each in known:
        if each.kind is Private.CREDENTIAL or _is_number(each) or (each.kind is Private.EMAIL and "@" in each.value):
            continue
        for form in dict.fromkeys(forms(each.value)):
            phrase = tuple(WORD.findall(folded(form))[:MOST_WORDS])
            if is_searched(phrase):
                found[phrase] = each.kind
    return found


def _by_key(phrases: Mapping[Phrase, Private]) -> Mapping[str, Mapping[Shape, Mapping[Phrase, Private]]]:
    found: dict[str, dict[Shape, dict[Phrase, Private]]] = {}
    for phrase, kind in phrases.items():
        key = max(phrase, key=_weight)
        found.setdefault(key, {}).setdefault((phrase.index(key), len(phrase)), {})[phrase] = kind
    return found


def _sketches(phrases: Iterable[Phrase]) -> Mapping[bytes, Mapping[Shape, frozenset[Sketch]]]:
    found: dict[bytes, dict[Shape, set[Sketch]]] = {}
    for phrase in phrases:
        words = tuple(sketch(" ".join(phrase)))
        if words:
            key = max(words, key=len)
            found.setdefault(key, {}).setdefault((words.index(key), len(words)), set()).add(words)
    return {key: {shape: frozenset(all_) for shape, all_ in shapes.items()} for key, shapes in found.items()}


def _weight(word: str) -> int:
    return len(word) if word.isalpha() else 0


def is_searched(phrase: Phrase) -> bool:
    """Whether a text is searched for: one alarm refuses a whole recording, so what anybody may write is not. At least
    6 letters in all; a single word at least 8."""
    words = [word for word in phrase if word.isalpha()]
    least = LEAST_LETTERS_OF_ONE_WORD if len(words) == 1 else LEAST_LETTERS
    return sum(map(len, words)) >= least

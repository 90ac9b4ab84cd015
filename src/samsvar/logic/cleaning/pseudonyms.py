"""Keyed pseudonyms: for the same value always the same, for two values never the same, back only for who has the table.

A pseudonym is drawn from a keyed hash (HMAC-SHA-256) of the value in its canonical form, and drawn again while it is
taken: 11-digit numbers are few enough that draws alone would collide.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from samsvar.logic.cleaning.numbers import (
    Chance,
    account_pseudonym,
    is_account,
    is_national,
    national_pseudonym,
    organisation_pseudonym,
    phone_pseudonym,
)
from samsvar.model.privacy import Private

KEY_BYTES: Final = 32
VERSION: Final = "samsvar 1"
"""Stands in every draw, so that a later version may draw otherwise without meeting this one."""

LETTERS: Final = bytes.maketrans(b"0123456789abcdef", b"ghijklmnopabcdef")
HOST: Final = "@example.invalid"
MOST_DRAWS: Final = 1_000
SHORT: Final = 3
"""Texts of so few letters are permuted instead of drawn: there are too few of them to draw without meeting."""

LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
BEYOND: Final = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ"
"""Letters of one byte in Latin-1 and two in UTF-8, so that a text keeps its length in either."""

NUMBERS: Final = {
    Private.NATIONAL_ID: national_pseudonym,
    Private.ORGANISATION: organisation_pseudonym,
    Private.ACCOUNT: account_pseudonym,
    Private.PHONE: phone_pseudonym,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A private value and what stands for it. The value shows in no repr. key: it identifies a resource, so links hold
    it, too. link: it is a piece of a URL with what stands before it, both as they are written there."""

    kind: Private
    value: str = field(repr=False)
    pseudonym: str
    key: bool = False
    link: bool = False

    def kept(self) -> str:
        """What has to be sealed, so that ``of`` gives the pair again."""
        return f"{'l' if self.link else 'k' if self.key else '-'}{self.value}"

    @classmethod
    def of(cls, kind: Private, kept: str, pseudonym: str) -> "Pair":
        """The pair of which that was kept."""
        return cls(kind, kept[1:], pseudonym, kept[0] == "k", kept[0] == "l")


def nothing(text: str) -> bool:
    """Of no text."""
    return False


class Pseudonyms:
    """The table of one run. Raises ValueError for a key that is not of KEY_BYTES bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self._drawn: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()
        self._pairs: dict[str, Pair] = {}
        self._written: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._fresh: list[Pair] = []

    @property
    def pairs(self) -> Iterable[Pair]:
        """Every pair so far: values as they were written, pseudonyms as they were."""
        return self._pairs.values()

    def fresh(self) -> tuple[Pair, ...]:
        """The pairs that came since the last call."""
        found, self._fresh = tuple(self._fresh), []
        return found

    def take_back(self, pairs: Iterable[Pair]) -> None:
        """The pairs of an earlier life of the run hold on."""
        for pair in pairs:
            if pair.link:
                self._links[pair.pseudonym] = pair.value
                continue
            self._pairs[pair.pseudonym] = pair
            self._written[pair.value] = pair.pseudonym
            if pair.kind in NUMBERS or pair.kind is Private.EMAIL:
                core, drawn = pair.value.casefold(), pair.pseudonym.casefold()
            else:
                core, drawn = core_of(pair.value), core_of(pair.pseudonym)
            self._drawn[label(pair.kind), core] = drawn
            self._taken.add((label(pair.kind), drawn))

    def pair_of(self, pseudonym: str) -> Pair | None:
        """The pair of a pseudonym; None for what is no pseudonym of this run."""
        return self._pairs.get(pseudonym)

    def link_of(self, piece: str) -> str | None:
        """The piece of a URL that went out as that one; None for one that went out as it was."""
        return self._links.get(piece)

    def pseudonym_of(self, value: str) -> str | None:
        """What stands for a value that was written like that; None for one that was not seen to be private."""
        return self._written.get(value)

    def knows(self, kind: Private, core: str) -> bool:
        """A number has its pseudonym already."""
        return (label(kind), core) in self._drawn

    def number(self, kind: Private, digits: str) -> str:
        """The pseudonym of a number in its canonical form: digits only, as many of them as the kind has."""
        found = self._draw(kind, digits, lambda draw: NUMBERS[kind](digits, draw.below))
        self.enter(kind, digits, found)
        return found

    def email(self, value: str) -> str:
        """The pseudonym of an e-mail address. Capitals are no part of it, but two spellings stay two."""
        plain = value.casefold()
        found = self._draw(Private.EMAIL, plain, lambda draw: f"p_{draw.bytes(6).hex()}{HOST}")
        if value != plain:
            lower = found
            found = self._draw(Private.EMAIL, value, lambda draw: recased(lower, draw.below))
        self.enter(Private.EMAIL, value, found)
        return found

    def letters(self, kind: Private, core: str) -> str:
        """What stands for the letters and digits of a text, in lower case, one for one."""
        if len(core) <= SHORT:
            return "".join(permuted(self._key, letter, index) for index, letter in enumerate(core))
        return self._draw(kind, core, lambda draw: replaced(core, draw.bytes(len(core))), looks_like_somebodys)

    def uuid(self, value: str) -> str:
        """The pseudonym of a UUID: another one, spelled in the same way."""
        found = self._draw(Private.CREDENTIAL, value.casefold(), lambda draw: spelled_like(value, draw.bytes(16).hex()))
        return found.upper() if value != value.casefold() else found

    def noise(self, value: bytes, count: int) -> bytes:
        """So many letters, always the same for one value. No digits: among many, some would be somebody's number."""
        draw = Draw(self._key, f"{VERSION}/noise/{hashlib.sha256(value).hexdigest()}")
        return draw.bytes(count // 2 + 1).hex().encode().translate(LETTERS)[:count]

    def enter(self, kind: Private, value: str, pseudonym: str, *, key: bool = False) -> None:
        """That value, as it was written, went out as that pseudonym."""
        before = self._pairs.get(pseudonym)
        if value != pseudonym and (before is None or (key and not before.key)):
            self._pairs[pseudonym] = pair = Pair(kind, value, pseudonym, key)
            self._written[value] = pseudonym
            self._fresh.append(pair)

    def enter_link(self, piece: str, new: str) -> None:
        """That piece of a URL, with what stands before it, went out as that one."""
        if new not in self._links:
            self._links[new] = piece
            self._fresh.append(Pair(Private.TEXT, piece, new, link=True))

    def _draw(
        self, kind: Private, core: str, make: Callable[["Draw"], str], unfit: Callable[[str], object] = nothing
    ) -> str:
        name = label(kind)
        found = self._drawn.get((name, core))
        if found is not None:
            return found
        for turn in range(MOST_DRAWS):
            found = make(Draw(self._key, f"{VERSION}/{name}/{turn}/{core}"))
            if found != core and (name, found) not in self._taken and not unfit(found):
                break
        assert found is not None
        self._drawn[name, core] = found
        self._taken.add((name, found))
        return found


WORDS: Final = frozenset({Private.NAME, Private.ADDRESS, Private.TEXT, Private.CREDENTIAL})


def label(kind: Private) -> str:
    """Kinds that are written in letters share one series: a name is the same in a text."""
    return "words" if kind in WORDS else kind.value


class Draw:
    """A fixed series of numbers for one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        seed = hmac.digest(key, purpose.encode("utf-8", "surrogatepass"), "sha256")
        self._source = hashlib.shake_256(seed)
        self._at = 0

    def bytes(self, count: int) -> bytes:
        """So many bytes from the start of the series."""
        return self._source.digest(count)

    def below(self, limit: int) -> int:
        """The next number from 0 to limit - 1."""
        self._at += 8
        return int.from_bytes(self._source.digest(self._at)[-8:]) % limit


def spelled_like(value: str, digits: str) -> str:
    """Hexadecimal digits with the hyphens of another value."""
    rest = iter(digits)
    return "".join("-" if letter == "-" else next(rest) for letter in value)


def recased(text: str, chance: Chance) -> str:
    """A text in other capitals, at least one of them."""
    capitals = [bool(chance(2)) for _ in text]
    capitals[0] = True
    return "".join(letter.upper() if high else letter for letter, high in zip(text, capitals, strict=True))


def core_of(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return "".join(folded(letter) for letter in text if letter.isalnum())


def folded(letter: str) -> str:
    """A letter in lower case, where its capital can be had again from that."""
    lower = letter.lower()
    return lower if lower != letter and lower.upper() == letter else letter


RUN: Final = re.compile("[0-9]{10,}")
CALLED: Final = re.compile("47[2-9]")


def looks_like_somebodys(core: str) -> bool:
    """Digits that were drawn happen to be a number that somebody may have, if separators stand where they might."""
    return any(
        is_national(run[at : at + 11]) or is_account(run[at : at + 11]) or CALLED.match(run, at)
        for run in RUN.findall(core)
        for at in range(len(run) - 9)
    )


@lru_cache(maxsize=4_096)
def alphabet(letter: str, first: bool) -> str:
    """The letters among which one is replaced; itself alone where it has none like it. A number that begins with 0
    goes on to, and no other. Letters of other scripts stay in theirs, so that they need as many bytes as before."""
    if letter.isascii():
        if letter.isdigit():
            return "0123456789" if not first else "0" if letter == "0" else "123456789"
        return LOWER
    if letter < "\u0100":
        return BEYOND if letter in BEYOND else letter
    found = "".join(one for one in _block(letter) if _like(one) == _like(letter))
    return found if letter in found else letter


def _block(letter: str) -> Iterable[str]:
    """The letters beside one that are written in as many bytes, in lower case."""
    start = ord(letter) & ~0x3F
    return (one for one in map(chr, range(start, start + 0x40)) if one.isalnum() and folded(one) == one)


def _like(letter: str) -> tuple[bool, int]:
    """Whether a letter has a capital, and how many bytes that has."""
    upper = letter.upper()
    has = upper != letter and len(upper) == 1 and upper.lower() == letter
    return has, len((upper if has else letter).encode("utf-8", "surrogatepass"))


def replaced(core: str, noise: bytes) -> str:
    """A core with each letter and digit replaced by one of its alphabet."""
    found = []
    digit = False
    for letter, byte in zip(core, noise, strict=True):
        among = alphabet(letter, not digit)
        found.append(among[byte % len(among)])
        digit = letter.isascii() and letter.isdigit()
    return "".join(found)


def permuted(key: bytes, letter: str, index: int) -> str:
    """A letter replaced by a keyed permutation of its alphabet, so that no two meet."""
    among = alphabet(letter, not index)
    shift = 1 + Draw(key, f"{VERSION}/permuted/{index}/{among[0]}").below(max(1, len(among) - 1))
    return among[among.index(letter) - shift]


def laid_over(text: str, core: str) -> str:
    """A text with its letters and digits replaced in turn by those of a core, capitals kept."""
    rest = iter(core)
    return "".join(capital(next(rest), letter) if letter.isalnum() else letter for letter in text)


def capital(letter: str, like: str) -> str:
    """A letter in the case of another."""
    return letter.upper() if folded(like) != like else letter

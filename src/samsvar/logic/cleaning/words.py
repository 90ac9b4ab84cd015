"""Words of a text: which stretches of it are words and which are markup, and the texts that were seen to be private."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from samsvar.logic.cleaning.edits import Edit
from samsvar.logic.cleaning.pseudonyms import core_of, laid_over

MARKUP: Final = re.compile(r"<[A-Za-z/!?][^<>]{0,2000}>|&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
QUOTED: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")


def pieces(text: str, forms: tuple[Edit, ...]) -> list[tuple[int, int]]:
    """The stretches of a text that are words: markup and edited stretches left out, but for what a tag quotes."""
    taken = [(edit.start, edit.end) for edit in forms]
    if "<" in text or "&" in text:
        taken += [span for match in MARKUP.finditer(text) for span in unquoted_spans(match)]
    found, at = [], 0
    for start, end in sorted(taken):
        if start > at:
            found.append((at, start))
        at = max(at, end)
    return [*found, (at, len(text))] if at < len(text) else found


def unquoted_spans(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A piece of markup without the values that it quotes."""
    at = match.start()
    for quoted in QUOTED.finditer(match.group()):
        group = 1 if quoted.group(1) is not None else 2
        yield at, match.start() + quoted.start(group)
        at = match.start() + quoted.end(group)
    yield at, match.end()


WORD: Final = re.compile(r"[^\W_]+")
SEVERAL: Final = 2
"""Words of a text that is no segment of a path."""
LEAST: Final = 6
ALONE: Final = 8
LONGEST: Final = 200
"""Letters of a text that is looked for elsewhere: at least so many, if it is one word so many, and at most so many. A
shorter one would be found in everything."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, without regard to capitals and to how accents are composed."""
    return tuple(map(str.casefold, WORD.findall(unicodedata.normalize("NFC", text))))


class Spoken:
    """Texts that were seen to be private, found again where nobody declares anything: in a reason phrase, an error.
    Word by word: what stands between the words, and capitals, make no difference."""

    def __init__(self) -> None:
        self._heard: dict[str, dict[int, dict[tuple[str, ...], str]]] = {}

    def heard(self, text: str, pseudonym: str) -> None:
        """A private text and what stands for it."""
        words = words_of(text)
        letters = sum(map(len, words))
        if LEAST <= letters <= LONGEST and (len(words) > 1 or letters >= ALONE) and not text.isdigit():
            by_length = self._heard.setdefault(words[0], {})
            by_length.setdefault(len(words), {}).setdefault(words, pseudonym.strip())

    def found(self, text: str) -> Iterator[tuple[str, ...]]:
        """The words of such texts that stand in another."""
        folded = words_of(text) if self._heard else ()
        for at, first in enumerate(folded):
            for length, known in self._heard.get(first, {}).items():
                if folded[at : at + length] in known:
                    yield folded[at : at + length]

    def edits(self, text: str, least: int = 1) -> tuple[Edit, ...]:
        """Where such a text, of at least so many words, stands in another; of several the longest."""
        words = list(WORD.finditer(text)) if self._heard else []
        folded = tuple(word.group().casefold() for word in words)
        found: list[Edit] = []
        at = 0
        while at < len(words):
            by_length = self._heard.get(folded[at], {})
            length = max((one for one, known in by_length.items() if folded[at : at + one] in known), default=0)
            if length >= least:
                found += _laid(words[at : at + length], by_length[length][folded[at : at + length]])
            at += length or 1
        return tuple(found)


def _laid(words: list[re.Match[str]], pseudonym: str) -> list[Edit]:
    """Edits that put a pseudonym into words that stand for its own: word for word where those are as long."""
    new = WORD.findall(pseudonym)
    if list(map(len, new)) != [word.end() - word.start() for word in words]:
        return [Edit(words[0].start(), words[-1].end(), pseudonym)]
    alike = zip(words, new, strict=True)
    return [Edit(word.start(), word.end(), laid_over(word.group(), core_of(one))) for word, one in alike]

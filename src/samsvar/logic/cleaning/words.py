"""Words of a text: which stretches of it are words and which are markup, and the texts that were seen to be private."""

import re
from collections.abc import Iterator
from typing import Final

from samsvar.logic.cleaning.patterns import Edit

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
LEAST: Final = 6
ALONE: Final = 8
LONGEST: Final = 200
"""Letters of a text that is looked for elsewhere: at least so many, if it is one word so many, and at most so many. A
shorter one would be found in everything."""


class Spoken:
    """Texts that were seen to be private, found again where nobody declares anything: in a reason phrase, an error."""

    def __init__(self) -> None:
        self._by_first: dict[str, dict[str, str]] = {}

    def heard(self, text: str, pseudonym: str) -> None:
        """A private text and what stands for it."""
        words = WORD.findall(text)
        letters = sum(map(len, words))
        if LEAST <= letters <= LONGEST and (len(words) > 1 or letters >= ALONE) and not text.isdigit():
            self._by_first.setdefault(words[0].casefold(), {})[text.strip()] = pseudonym.strip()

    def found(self, text: str) -> Iterator[str]:
        """Such texts that stand in another, as they were heard."""
        for match in WORD.finditer(text):
            for said in self._by_first.get(match.group().casefold(), {}):
                if self._stands(said, match, text):
                    yield said

    @staticmethod
    def _stands(said: str, match: re.Match[str], text: str) -> Edit | None:
        """Where a text stands whose first word is matched; None where it does not."""
        start = match.start() - said.casefold().find(match.group().casefold())
        end = start + len(said)
        whole = text[max(start, 0) : end].casefold() == said.casefold() and not text[end : end + 1].isalnum()
        return Edit(start, end, "") if whole and start >= 0 else None

    def edits(self, text: str) -> tuple[Edit, ...]:
        """Where such a text stands in another."""
        found: list[Edit] = []
        at = 0
        for match in WORD.finditer(text):
            if match.start() < at:
                continue
            for said, pseudonym in self._by_first.get(match.group().casefold(), {}).items():
                stretch = self._stands(said, match, text)
                if stretch is not None and stretch.start >= at:
                    found.append(Edit(stretch.start, stretch.end, pseudonym))
                    at = stretch.end
                    break
        return tuple(found)

"""Numbers in a text: in go chains of digits with separators between, out come the private numbers among them.

A number is one group of digits or several in a row; which, is tried from each group on. Most chains stand in a
recording many times (dates, keys), so each is judged once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from samsvar.logic.gating.decodings import Hit, Place
from samsvar.logic.gating.indexing import Index
from samsvar.logic.gating.numbers import is_account, is_national_id, is_phone
from samsvar.model.privacy import Private

SEPARATORS = " \t\r\n\u00a0\u2007\u2009\u202f\u00ad\u200b\u2060\ufeff\u2010-\u2014\u2212._+()-"
CHAIN = re.compile(rf"[+0-9](?:[{SEPARATORS}]{{0,2}}[0-9]){{6,}}")
"""Digits with at most two separators between any two of them, and a plus sign before."""
GROUP = re.compile(r"[0-9]+")
MOST_DIGITS = 15
AFTER_DATE = re.compile("[ +.\u00a0\u2007\u2009\u202f\u2010\u2011-]")
"""What may stand after the sixth digit of a national identity number."""
ACCOUNT_FORM = re.compile("[0-9]{4}([+. \u00a0\u202f])[0-9]{2}\\1[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Chain:
    """Groups of digits and what stands between them: text, and the span of each group in it."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def written(self, first: int, last: int) -> str:
        """The groups from first to last as they stand there."""
        return self.text[self.spans[first][0] : self.spans[last][1]]

    def digits(self, first: int, last: int) -> str:
        """Their digits alone."""
        return "".join(self.text[start:end] for start, end in self.spans[first : last + 1])

    def before(self, first: int) -> str:
        """The separators before a group."""
        return self.text[self.spans[first - 1][1] if first else 0 : self.spans[first][0]]

    def after(self, last: int) -> str:
        """The separators after a group."""
        return self.text[self.spans[last][1] : self.spans[last + 1][0]] if last + 1 < len(self.spans) else ""


class Numbers:
    """Finds numbers in texts. It remembers which chains of digits hold none, since most stand in a recording often."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._seen: set[str] = set()
        self._guilty: dict[str, tuple[Hit, ...]] = {}

    def find(self, text: str) -> Iterator[Hit]:
        """The private numbers of a text: known ones however they are grouped, others by their form."""
        chains = set(CHAIN.findall(text))
        for chain in chains - self._seen:
            hits = tuple(numbers_in(chain, self._index))
            if hits:
                self._guilty[chain] = hits
        self._seen |= chains
        if any(chain in self._guilty for chain in chains):
            for found in CHAIN.finditer(text):
                for hit in self._guilty.get(found[0], ()):
                    yield hit.moved(found.start())


def numbers_in(text: str, index: Index) -> Iterator[Hit]:
    """The private numbers in one chain. Numbers end where groups do; the longest that begins at a group counts, and
    what belongs to an issued pseudonym belongs to nothing else."""
    chain = Chain(text, tuple(found.span() for found in GROUP.finditer(text)))
    first = 0
    while first < len(chain.spans):
        step = 1
        for last in reversed(_ends(chain, first)):
            digits = chain.digits(first, last)
            kind = index.numbers.get(digits) or _kind_by_form(chain, first, last, digits)
            if digits in index.issued or kind:
                step = last - first + 1
                if digits not in index.issued and kind:
                    yield Hit(kind, Place(chain.spans[first][0], chain.spans[last][1]))
                break
        first += step


def _ends(chain: Chain, first: int) -> range:
    """The groups at which a number that begins at a group may end."""
    last, size = first, 0
    while last < len(chain.spans) and (size := size + chain.spans[last][1] - chain.spans[last][0]) <= MOST_DIGITS:
        last += 1
    return range(first, last)


def _kind_by_form(chain: Chain, first: int, last: int, digits: str) -> Private | None:
    """What a number must be by its form and check digits alone."""
    if len(digits) == 11:
        if _is_whole_or_cut_after_date(chain, first, last) and is_national_id(digits):
            return Private.NATIONAL_ID
        return Private.ACCOUNT if _is_written_as_account(chain, first, last) and is_account(digits) else None
    return Private.PHONE if is_phone(digits) and _is_international(chain, first, digits) else None


def _is_whole_or_cut_after_date(chain: Chain, first: int, last: int) -> bool:
    if first == last:
        return True
    start, end = chain.spans[first]
    return last == first + 1 and end - start == 6 and AFTER_DATE.fullmatch(chain.before(last)) is not None


def _is_written_as_account(chain: Chain, first: int, last: int) -> bool:
    form = ACCOUNT_FORM.fullmatch(chain.written(first, last))
    return form is not None and form[1] not in (chain.before(first), chain.after(last))


def _is_international(chain: Chain, first: int, digits: str) -> bool:
    return digits.startswith("00") or "+" in chain.before(first)

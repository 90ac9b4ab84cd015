"""A guarantee, a fault or an evolution in words, for ``samsvar explain`` and ``samsvar guarantees``."""

import textwrap
from collections.abc import Iterable, Iterator

from samsvar.model.contract import Guarantee

HEADINGS = {
    "en": ("how it is seen", "what a failure means", "what to do", "sources", "needs", "not seen", "not seen yet"),
    "nb": ("slik ses det", "hva et brudd betyr", "hva du gjør", "kilder", "trenger", "ses ikke", "ses ikke ennå"),
}


def explanation(guarantee: Guarantee, language: str) -> Iterator[str]:
    """All that the contract says of a guarantee, in one language."""
    seen, failure, remedy, sources, needs, excluded, not_yet = HEADINGS[language]
    yield f"{guarantee.id} ({guarantee.level})"
    yield from _wrapped(guarantee.statement.get(language, ""))
    told = (
        (seen, guarantee.seen.get(language, "")),
        (failure, guarantee.failure.get(language, "")),
        (remedy, guarantee.remedy.get(language, "")),
        (sources, "; ".join(guarantee.sources)),
        (needs, ", ".join(guarantee.needs)),
        (excluded, guarantee.excluded),
        (not_yet, guarantee.not_yet),
    )
    for heading, text in told:
        if text:
            yield ""
            yield f"{heading}:"
            yield from _wrapped(text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent="  ", subsequent_indent="  ")


def listing(guarantees: Iterable[Guarantee], language: str) -> Iterator[str]:
    """One line per guarantee: id, level, statement."""
    for one in guarantees:
        mark = " (not yet)" if one.not_yet else " (excluded)" if one.excluded else ""
        yield f"{one.id:<10} {one.level:<6} {one.statement.get(language, '')}{mark}"

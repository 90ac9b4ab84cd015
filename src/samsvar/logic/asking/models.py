"""What we ask about models: one place of each type that has texts for people, in every language of the contract.

The crawl alone shows names, types, keys and words. Here the same place is asked with ``language``; if more than texts
differ, the first language is asked once more, to tell a language that changes values from a place that moves.
Pages of lists that differ between media types get their second look here too.
"""

from collections.abc import Iterable, Iterator

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once
from samsvar.logic.judging.models import LANGUAGE, LANGUAGE_AGAIN, PARAMETER, asked_in_language, beyond_texts
from samsvar.logic.judging.sheets import SECOND_LOOK, compared, sheets
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.exchange import Probe
from samsvar.model.resource import Aspect

MOST_REQUESTS = 60
"""Questions about languages; places are left out rather than languages."""
MOST_PAGES = 4
"""Pages that get a second look."""


def ask(observed: Observed) -> Iterable[Conversation]:
    """The conversations of this family."""
    languages = observed.contract.languages
    if len(languages) > 1:
        for visit in _places(observed, MOST_REQUESTS // len(languages)):
            yield _in_languages(observed, visit, languages)
    yield from _second_looks(observed)


def _places(observed: Observed, most: int) -> Iterator[Visit]:
    """The first place of each localised type that has texts, single resources before lists of them."""
    found: dict[str, Visit] = {}
    for sheet in sheets(observed):
        row = observed.type(sheet.visit.type)
        if row is not None and row.localised and row.name not in found and asked_in_language(observed, sheet):
            found[row.name] = sheet.visit
    ranked = sorted(found.values(), key=lambda visit: _is_list(observed, visit))
    yield from ranked[:most]


def _is_list(observed: Observed, visit: Visit) -> bool:
    row = observed.type(visit.type)
    return row is not None and row.is_list


def _in_languages(observed: Observed, visit: Visit, languages: tuple[str, ...]) -> Conversation:
    readings: list[Reading] = []
    for language in languages:
        reading = yield _probe(observed, visit, LANGUAGE, language)
        if reading.resource is not None:
            readings.append(reading)
    if any(any(beyond_texts(observed, readings[0], other)) for other in readings[1:]):
        yield _probe(observed, visit, LANGUAGE_AGAIN, readings[0].probe.about)


def _probe(observed: Observed, visit: Visit, question: str, language: str) -> Probe:
    url = urls.with_parameters(observed.polite(visit.url, visit.type), {PARAMETER: language})
    return ask_place(visit, question, language, accept=observed.outer(visit), url=url)


def _second_looks(observed: Observed) -> Iterator[Conversation]:
    """A page is not read twice in the crawl: what seems to differ between media types may be a list that has moved."""
    pages = [
        comparisons[0].left
        for sheet, comparisons in compared(observed)
        if sheet.page and any(each.aspect is not Aspect.LEXICAL for one in comparisons for each in one.differences)
    ]
    for reading in pages[:MOST_PAGES]:
        place = reading.probe.place
        visit = observed.visits.get(place) if place is not None else None
        if visit is not None:
            index = reading.probe.about.partition(" ")[0]
            yield once(ask_place(visit, SECOND_LOOK, index, accept=reading.asked, url=reading.probe.url))

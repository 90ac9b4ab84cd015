"""What we ask beyond the crawl: one file per family. A conversation is a generator that yields probes and is sent
readings; the explorer runs many at once. An asker looks at what was seen so far and gives the conversations of its
family. Nothing here sends.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeAlias

from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.exchange import Client, Fields, Login, Probe

Conversation: TypeAlias = Generator[Probe, Reading, None]
Asker: TypeAlias = Callable[[Observed], Iterable[Conversation]]


def once(probe: Probe) -> Conversation:
    """The conversation that asks one question and does not care for the answer."""
    yield probe


def ask_place(
    visit: Visit,
    question: str,
    about: str = "",
    *,
    accept: str | None = None,
    headers: Fields = (),
    login: Login = Login.GIVEN,
    method: str = "GET",
    url: str | None = None,
    by: Client = Client.OWN,
) -> Probe:
    """A question about a place that was visited: at its URL (or another), with an Accept unless it is None, and more
    header fields if given."""
    fields = (("Accept", accept), *headers) if accept is not None else headers
    return Probe(
        question=question,
        url=url or visit.url,
        about=about,
        method=method,
        headers=fields,
        login=login,
        type=visit.type,
        owner=visit.owner,
        place=visit.place,
        path=visit.path,
        by=by,
    )


def representatives(observed: Observed, per_type: int = 1, most: int = 12) -> Iterator[Visit]:
    """Places to put dear questions to: readable ones, so many of each type, entries and lists with elements first,
    in the order in which they were found."""
    counts: dict[str, int] = {}
    given = 0
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        if row is None or visit.resource is None or (row.shape is None and not row.is_list):
            continue
        if counts.get(visit.type, 0) < per_type and given < most:
            counts[visit.type] = counts.get(visit.type, 0) + 1
            given += 1
            yield visit

"""EXAMPLE: the requests that the documentation shows do what it says of them.

What is judged is what a reader of the page sees who tries its examples, not more: each name that an example has under
``says`` is a row of SAYS. What an answer breaks beside that is for other guarantees to tell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from samsvar.logic import urls
from samsvar.logic.asking.examples import AFTER, BEFORE, client_for, lacking, question
from samsvar.logic.asking.lists import Item, condition_of, items, whole
from samsvar.logic.asking.methods import became_read, is_unread
from samsvar.logic.findings import answered, met, refused_credentials, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.judging.access import BUSY_SAID, busy
from samsvar.logic.judging.cross_origin import ALLOW_ORIGIN, combined, origin_of, several
from samsvar.logic.judging.cross_origin import said as origin_said
from samsvar.logic.judging.lists import fits
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.contract import Example, Shape
from samsvar.model.exchange import Client, Stage
from samsvar.model.verdict import Cause, Finding

INSTALL: Mapping[Client, str] = MappingProxyType(
    {
        Client.CURL: "curl was not run: it is not installed, or cannot reach this target (the miniature "
        "can be reached with samsvar[browser])",
        Client.POWERSHELL: "PowerShell was not run: it is not installed (pwsh or powershell), or cannot "
        "reach this target (as it cannot the miniature)",
    }
)
"""Why the client of an example did not put it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An example with what was said to it: the answer itself, and the looks before and after it."""

    example: Example
    reading: Reading
    before: Reading | None = None
    after: Reading | None = None

    @property
    def place(self) -> str:
        """How findings name it."""
        return named(self.example)


def named(example: Example) -> str:
    """How findings name an example."""
    return f"example {example.id}"


def examples_do_what_the_page_says(observed: Observed) -> Iterable[Finding]:
    """EXAMPLE-1: each example, as far as it could be asked."""
    for example in observed.contract.examples:
        yield from _tried(observed, example)


def _tried(observed: Observed, example: Example) -> Iterator[Finding]:
    absent = client_for(observed, example) is not example.by
    if absent:
        yield unseen(INSTALL[example.by], place=named(example), cause=Cause.CONFIGURATION)
    said = {reading.probe.about: reading for reading in observed.asked(question(example))}
    reading = said.get("")
    if reading is None:
        lack = lacking(observed, example)
        if lack or not absent:
            yield unseen(lack or "it was not asked", place=named(example), cause=Cause.CONFIGURATION)
        return
    tried = Tried(example, reading, said.get(BEFORE), said.get(AFTER))
    unclear = _unclear(observed, tried)
    if unclear is not None:
        yield unclear
        return
    for name in example.says:
        yield SAYS[name](observed, tried)


def _unclear(observed: Observed, tried: Tried) -> Finding | None:
    """An answer that tells nothing of the example: none at all, "not now", another address, a refusal of what the run
    was given."""
    reading = tried.reading
    failure = reading.exchange.failure
    if failure is not None and failure.stage is Stage.RECEIVE and reading.probe.by and _answers_us(observed, reading):
        expected, got = "the answer that samsvar itself gets", answered(reading)
        because = f"{reading.probe.by.value} gets no answer where others do"
        return unmet(because, reading, place=tried.place, expected=expected, observed=got)
    if failure is not None:
        return unseen(f"no answer: {answered(reading)}", reading, place=tried.place, cause=Cause.ENVIRONMENT)
    if busy(reading):
        return unseen(BUSY_SAID, reading, place=tried.place, cause=Cause.ENVIRONMENT)
    if 300 <= (reading.status or 0) < 400:
        return unseen(f"the example leads on: {answered(reading)}", reading, place=tried.place)
    if refused_credentials(reading):
        because = f"what the run was given is refused: {answered(reading)}"
        return unseen(because, reading, place=tried.place, cause=Cause.CONFIGURATION)
    return None


def _answers_us(observed: Observed, reading: Reading) -> bool:
    visit = observed.visits.get(reading.probe.place) if reading.probe.place is not None else None
    return visit is not None and visit.resource is not None


# What the page says of an answer


def answers(observed: Observed, tried: Tried) -> Finding:
    """It is answered: a status of success."""
    reading = tried.reading
    if reading.ok:
        return met(reading, place=tried.place)
    return _broken(tried, "it is not answered", "a status of success (2xx)", answered(reading))


def as_asked(observed: Observed, tried: Tried) -> Finding:
    """The content comes in the format that Accept names."""
    reading = tried.reading
    if not reading.ok:
        return _not_there(tried)
    if reading.label != reading.asked:
        return _broken(tried, "the content comes in another format", reading.asked, reading.label or "no Content-Type")
    if reading.malformed is not None:
        return unseen("the content does not read, which FORMAT-3 tells", reading, place=tried.place)
    return met(reading, place=tried.place)


def limited(observed: Observed, tried: Tried) -> Finding:
    """A list holds at most so many elements."""
    found, limit = _items(observed, tried, tried.reading), observed.contract.list_limit
    if found is None:
        return _not_there(tried)
    if len(found) > limit:
        return _broken(tried, "the list holds more than it may", f"at most {limit} elements", f"{len(found)} elements")
    return met(tried.reading, place=tried.place)


def pages(observed: Observed, tried: Tried) -> Finding:
    """$skip goes on after so many elements: none of those that the first page shows, before and after, is there."""
    page, first = _items(observed, tried, tried.reading), _items(observed, tried, tried.before)
    if page is None or first is None:
        return _not_there(tried)
    if not first:
        return unseen("the list is empty", tried.reading, place=tried.place)
    skipped = urls.parameter(tried.reading.probe.url, "$skip") or "0"
    twice = _keys(first[: int(skipped)]) & _keys(page)
    still = _items(observed, tried, tried.after)
    if twice and still is None:
        return unseen("the first page could not be looked at again", tried.reading, place=tried.place)
    again = sorted(twice & _keys((still or ())[: int(skipped)]))
    if again:
        expected = f"the elements after the first {skipped}"
        return _broken(tried, "the page shows elements of the first one", expected, f"{again[0]} is there again")
    return met(tried.reading, place=tried.place)


def selects(observed: Observed, tried: Tried) -> Finding:
    """$filter gives elements that fit, and some where there are any."""
    found, text = _items(observed, tried, tried.reading), urls.parameter(tried.reading.probe.url, "$filter") or ""
    condition = condition_of(text)
    if found is None or condition is None:
        return _not_there(tried)
    shape = _shape(observed, tried)
    known = _known(observed, tried)
    fitting = [one for one in known if fits(condition, one, shape) is True]
    wrong = [one for one in found if fits(condition, one, shape) is False and one.key not in _keys(fitting)]
    if wrong:
        return _broken(tried, "elements come that do not fit", text, f"{wrong[0].key} among {len(found)}")
    if len(fitting) >= FEW and not found:
        return _broken(tried, "nothing comes though elements fit", text, f"nothing, though {fitting[0].key} fits")
    if len(fitting) < FEW and not any(fits(condition, one, shape) is False for one in known):
        return unseen("no element is known that could tell", tried.reading, place=tried.place)
    return met(tried.reading, place=tried.place)


FEW = 2
"""Elements that are known to fit, of which none comes. One may have gone meanwhile."""


def at_most_top(observed: Observed, tried: Tried) -> Finding:
    """$top gives at most so many elements."""
    found, top = _items(observed, tried, tried.reading), urls.parameter(tried.reading.probe.url, "$top") or "0"
    if found is None:
        return _not_there(tried)
    if len(found) > int(top):
        return _broken(tried, "more elements come than were asked for", f"at most {top}", f"{len(found)} elements")
    return met(tried.reading, place=tried.place)


def stays_unread(observed: Observed, tried: Tried) -> Finding:
    """A message that was not read is not read afterwards."""
    first, again = tried.reading.resource, tried.after.resource if tried.after is not None else None
    if first is None or not is_unread(first):
        return unseen("no unread message was seen to ask for", tried.reading, place=tried.place)
    if again is None or tried.after is None:
        return unseen("the message could not be read again", tried.reading, place=tried.place)
    if became_read(first, again):
        expected, got = f"Status: {first.text('Status')}", f"Status: {again.text('Status')}"
        because = "the message is marked as read"
        return unmet(because, tried.reading, tried.after, place=tried.place, expected=expected, observed=got)
    return met(tried.reading, tried.after, place=tried.place)


def gives_origin(observed: Observed, tried: Tried) -> Finding:
    """Access-Control-Allow-Origin comes back with the domain that was sent."""
    reading, response = tried.reading, tried.reading.response
    origin = origin_of(reading)
    if response is None:
        return _not_there(tried)
    if combined(response, ALLOW_ORIGIN) == origin:
        return met(reading, place=tried.place)
    if several(response):
        return unseen("there are several values, which CORS-8 judges", reading, place=tried.place)
    return _broken(tried, "the registered domain does not come back", f"{ALLOW_ORIGIN}: {origin}", origin_said(reading))


SAYS: Mapping[str, Callable[[Observed, Tried], Finding]] = MappingProxyType(
    {
        "answers": answers,
        "as-asked": as_asked,
        "limited": limited,
        "pages": pages,
        "selects": selects,
        "at-most-top": at_most_top,
        "stays-unread": stays_unread,
        "gives-origin": gives_origin,
    }
)
"""What a page can say of an answer. The schema of examples.yaml knows the same names."""


def _broken(tried: Tried, because: str, expected: object, observed: object) -> Finding:
    return unmet(because, tried.reading, place=tried.place, expected=expected, observed=observed)


def _not_there(tried: Tried) -> Finding:
    return unseen(f"there is nothing to look at: {answered(tried.reading)}", tried.reading, place=tried.place)


def _items(observed: Observed, tried: Tried, reading: Reading | None) -> tuple[Item, ...] | None:
    return items(observed, tried.example.type, reading)


def _known(observed: Observed, tried: Tried) -> tuple[Item, ...]:
    """What the crawl saw in the list."""
    visit = observed.visits.get(tried.reading.probe.place) if tried.reading.probe.place is not None else None
    return whole(observed, visit) if visit is not None else ()


def _shape(observed: Observed, tried: Tried) -> Shape | None:
    row = observed.type(tried.example.type)
    element = observed.type(row.element) if row is not None else None
    return element.shape if element is not None else None


def _keys(found: tuple[Item, ...] | list[Item]) -> frozenset[str]:
    return frozenset(item.key for item in found)


RULES: Mapping[str, Rule] = {"EXAMPLE-1": examples_do_what_the_page_says}

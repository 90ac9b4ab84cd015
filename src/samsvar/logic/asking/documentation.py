"""What we ask of the documentation that an environment gives of itself: its help pages, as a browser asks for them.

In: the contract's word on where they are. Out: the indexes, the page of one operation for each model, and the pages of
models that these link and do not show themselves; about 50 requests. They are asked without key and login, since they
are for whoever has none yet; what such a page would show to somebody known could be private, and is not asked for.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from urllib.parse import urldefrag

from samsvar.logic import urls
from samsvar.logic.asking import Conversation
from samsvar.logic.decoding_help import Listed, Section, bare
from samsvar.logic.following import LONGEST, has_effect
from samsvar.logic.helping import INDEX, MODEL, PAGE, TYPE, Operation, covering, expected, inner, page, pages_of
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.contract import Shape
from samsvar.model.exchange import Login, Probe

ACCEPT = (("Accept", "text/html"),)
MOST_PAGES = 40
MOST_MODELS = 24
MOST_REDIRECTS = 3


def ask(observed: Observed) -> Iterable[Conversation]:
    """One conversation: a page is known from what was read before it."""
    if observed.contract.help.indexes:
        yield _conversation(observed)


def _conversation(observed: Observed) -> Conversation:
    rows: list[tuple[Listed, str]] = []
    for index in observed.contract.help.indexes:
        url = urls.below(observed.target.root, index.path)
        reading = yield from _followed(observed, _probe(INDEX, url, index.path))
        rows += [(row, reading.probe.url) for row in page(reading).operations]
    read: list[tuple[Reading, Shape]] = []
    for operation, url in _pages(observed, rows):
        reading = yield from _followed(observed, _probe(PAGE, url, operation.name))
        if operation.shape is not None:
            read.append((reading, operation.shape))
    yield from _models(observed, read)


def _probe(question: str, url: str, about: str) -> Probe:
    return Probe(question, url, about, headers=ACCEPT, login=Login.NONE, type=TYPE)


def _followed(observed: Observed, probe: Probe) -> Generator[Probe, Reading, Reading]:
    """What is at a URL, after redirects: those of a stranger are nobody else's to follow. A page for people may have
    moved out of the API, and a page to log in is known by what it shows; so any on the same origin is followed."""
    reading = yield probe
    for _ in range(MOST_REDIRECTS):
        target = reading.redirect
        if target is None or urls.origin(target) != urls.origin(probe.url) or len(target) > LONGEST:
            break
        if has_effect(observed, target) or urls.canonical(target) == urls.canonical(reading.probe.url):
            break
        reading = yield replace(probe, url=urldefrag(target).url, parent=reading.number)
    return reading


def _pages(observed: Observed, rows: list[tuple[Listed, str]]) -> Iterator[tuple[Operation, str]]:
    """The operations whose pages are asked for, with where these are."""
    homes = dict(rows)
    listed = [(one, row) for one in expected(observed.contract) if (row := covering(observed, one, homes)) is not None]
    chosen = set(pages_of(one for one, row in listed if row.href and _address(observed, homes[row], row.href)))
    found = 0
    for operation, row in listed:
        url = _address(observed, homes[row], row.href)
        if operation in chosen and url is not None and found < MOST_PAGES:
            found += 1
            yield operation, url


def _address(observed: Observed, base: str, href: str) -> str | None:
    """Where a link of a page leads, if that is a place that may be asked."""
    url = urls.resolve(base, href) if href and not href.startswith("#") else None
    if url is None or not observed.in_api(url) or has_effect(observed, url) or len(url) > LONGEST:
        return None
    return urldefrag(url).url


Wanted = dict[str, tuple[str, Shape]]
"""Pages of models by name: the URL, and what the contract knows of the model."""


def _models(observed: Observed, read: list[tuple[Reading, Shape]]) -> Conversation:
    """The pages of models that no page read so far shows, and of the models inside them; each is asked once."""
    known = {name for reading, _ in read for name in _shown(reading)}
    wanted: Wanted = {}
    for reading, shape in read:
        wanted |= _linked(observed, reading, shape)
    for _ in range(MOST_MODELS):
        wanted = {name: one for name, one in wanted.items() if bare(name) not in known}
        if not wanted:
            return
        name, (url, shape) = next(iter(wanted.items()))
        known.add(bare(name))
        reading = yield from _followed(observed, _probe(MODEL, url, name))
        wanted |= _linked(observed, reading, shape)


def _shown(reading: Reading) -> set[str]:
    """The models that a page shows, bare."""
    return {bare(table.name) for table in page(reading).tables if table.name and table.section is not Section.REQUEST}


def _linked(observed: Observed, reading: Reading, shape: Shape) -> Wanted:
    """The pages of models that a page links: of what it is about, where it has no table itself, and of properties that
    have properties of their own."""
    shown = page(reading)
    tables = [table for table in shown.tables if table.section is not Section.REQUEST]
    found: Wanted = {}
    for name, href in shown.links:
        url = _address(observed, reading.probe.url, href)
        users = (inner(shape, row.name) for table in tables for row in table.rows if bare(row.type) == bare(name))
        about = next(filter(None, users), None) if tables else shape
        if url is not None and about is not None:
            found[name] = (url, about)
    return found

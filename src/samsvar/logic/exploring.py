"""The explorer: a sans-IO machine that offers probes, is given exchanges, and follows the links it is offered.

In: exchanges, in the order in which their probes were offered. Out: probes, evidence, what was not visited and why.
The same answers give the same probes in the same order, however many are in flight: the queue is first in first out,
and grows only as answers are received.

It may know: the contract, what was observed. It must not know: clocks, sockets, how a credential looks.
"""

import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from samsvar.logic import following, urls
from samsvar.logic.asking import Asker, once
from samsvar.logic.identity import elements, key_of
from samsvar.logic.observing import AGAIN, FOLLOW, PAGE, READ, Observed, Offer, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, RelationKind, ResourceType
from samsvar.model.exchange import HAL_JSON, HAL_XML, Evidence, Exchange, NotVisited, Probe

Talk: TypeAlias = Generator[Probe, Reading, None]
Round: TypeAlias = Callable[[], Iterable[Talk]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to go. requests: in all; crawl_share: the part of them that the crawl may use, the rest is for questions;
    places: of one type; depth: relations from an entry; pages: of one list; full_pages: of them in every format;
    links: of one resource; series: how often a restless place is read again; unknown: how many
    relations in a row may be unknown to the contract."""

    requests: int = 20_000
    crawl_share: float = 0.75
    places: int = 500
    depth: int = 8
    pages: int = 40
    full_pages: int = 2
    links: int = 2_000
    series: int = 3
    unknown: int = 3

    def figures(self) -> dict[str, int]:
        """The limits by name, but for the share: what a recording has to be asked with again."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "crawl_share"}


class Explorer:
    """Explores one target. ``rounds`` are the askers that come after the crawl, each round when the one before has
    ended."""

    def __init__(self, observed: Observed, limits: Limits, rounds: Sequence[Sequence[Asker]] = ()) -> None:
        self.observed = observed
        self.limits = limits
        self.exchanges: list[Exchange] = []
        self.done = False
        self._rounds: deque[Round] = deque([self._crawl, self._settle, *(self._round(askers) for askers in rounds)])
        self._queue: deque[tuple[Probe, Talk, int | None]] = deque()
        self._pending: dict[int, tuple[Talk, int | None]] = {}
        self._offered = 0
        self._crawling = True
        self._gone: set[str] = set()
        self._planned: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    # -- the machine --------------------------------------------------------------------------------------------

    def offer(self) -> Probe | None:
        """The next probe to send; None while only answers can tell what to ask, and when ``done``."""
        while not self.done:
            if self._queue:
                probe, talk, follows = self._queue.popleft()
                if self._spent():
                    self._leave("the budget of requests is used up", probe.url)
                    talk.close()
                    continue
                self._offered += 1
                self._pending[self._offered] = (talk, follows)
                return probe
            if self._pending:
                return None
            self._next_round()
        return None

    def _spent(self) -> bool:
        share = self.limits.crawl_share if self._crawling else 1.0
        return self._offered >= self.limits.requests * share

    def _next_round(self) -> None:
        if not self._rounds:
            self.done = True
            return
        for talk in self._rounds.popleft()():
            self._begin(talk)

    def receive(self, exchange: Exchange) -> None:
        """Take the answer to a probe; exchanges come in the order of their probes."""
        talk, follows = self._pending.pop(exchange.number)
        exchange = replace(exchange, follows=follows) if follows is not None else exchange
        self.exchanges.append(exchange)
        reading = self.observed.add(exchange)
        if self.done:
            return
        hop = self.observed.hop(reading)
        if hop is not None:
            probe = replace(exchange.probe, url=hop, hop=exchange.probe.hop + 1)
            self._queue.append((probe, talk, exchange.number))
            return
        self._go_on(talk, reading)

    def _go_on(self, talk: Talk, reading: Reading | None) -> None:
        """Let a conversation put its next question (None: its first). One that fails is our own fault: it is said, and
        the run cannot be more than inconclusive, but what was and will be seen is not lost."""
        try:
            self._queue.append((next(talk) if reading is None else talk.send(reading), talk, None))
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - see above; nothing is hidden
            last = traceback.extract_tb(error.__traceback__)[-1]
            why = f"samsvar itself failed to ask: {type(error).__name__}: {error} ({last.name}, line {last.lineno})"
            self.observed.stopped = self.observed.stopped or why
            self._leave(why, self.observed.target.root)

    def stop(self, reason: str) -> None:
        """End the run: nothing more is offered; what is in flight may still be received."""
        if self.done:
            return
        self.observed.stopped = reason
        for probe, talk, _ in self._queue:
            self._leave(reason, probe.url)
            talk.close()
        self._queue.clear()
        self._rounds.clear()
        self.done = True

    def evidence(self) -> Evidence:
        """All that was said so far."""
        seen = self.observed
        return Evidence(
            contract=seen.contract.label,
            profile=seen.profile.name,
            target=seen.target,
            means=seen.means,
            exchanges=tuple(self.exchanges),
            asked=len(self.exchanges),
            not_visited=self.not_visited,
            stopped=seen.stopped,
        )

    @property
    def not_visited(self) -> tuple[NotVisited, ...]:
        """What was seen and not asked, by reason."""
        return tuple(NotVisited(reason, count, self._examples[reason]) for reason, count in sorted(self._left.items()))

    def _leave(self, reason: str, example: str) -> None:
        self._left[reason] += 1
        self._examples.setdefault(reason, example)

    def _begin(self, talk: Talk) -> None:
        self._go_on(talk, None)

    # -- rounds -------------------------------------------------------------------------------------------------

    def _crawl(self) -> Iterable[Talk]:
        means, contract = self.observed.means, self.observed.contract
        for entry in contract.entries:
            row = self.observed.type(entry.type)
            private = row is not None and row.access not in (Access.OPEN, Access.API_KEY)
            if private and not means.login:
                self._leave("needs a login, and the run was given none", entry.path)
                continue
            yield self._visit(
                Probe(
                    READ,
                    urls.below(self.observed.target.root, entry.path),
                    type=entry.type,
                    owner=entry.owner,
                    path=entry.name,
                )
            )

    def _settle(self) -> Iterable[Talk]:
        self._crawling = False
        for visit in list(self.observed.visits.values()):
            if AGAIN in visit.latest and not self.observed.holds_still(visit):
                yield self._reread(visit)

    def _round(self, askers: Sequence[Asker]) -> Round:
        def begin() -> Iterable[Talk]:
            for asker in askers:
                yield from asker(self.observed)

        return begin

    # -- conversations ------------------------------------------------------------------------------------------

    def _visit(self, probe: Probe) -> Talk:
        """Read a place in every promised format, the first one once more, then follow what it offers."""
        self._gone.add(urls.canonical(probe.url))
        formats = self._formats(probe.type)
        first = yield self._in(probe, formats[0])
        visit = self.observed.visits.get(self.observed.place(first))
        if visit is None or visit.reading(formats[0]) is not first:
            return  # another URL of a place that is known already
        if first.status in (401, 403, 404, 410) and (first.status in (401, 403) or not probe.rel):
            return
        if not probe.type and first.ok and first.decoded is None:
            return  # a relation that the contract does not know led to a document
        probe = replace(probe, place=visit.place, type=visit.type)
        for format_ in self._formats(visit.type)[1:]:
            yield self._in(probe, format_)
        yield replace(self._in(probe, formats[0]), about=AGAIN)
        self._discover_all(visit.latest.values())
        row = self.observed.type(visit.type)
        if row is not None and row.is_list:
            yield from self._browse(visit, probe, row)

    def _reread(self, visit: Visit) -> Talk:
        probe = Probe(READ, visit.url, type=visit.type, owner=visit.owner, path=visit.path, place=visit.place)
        formats = self._formats(visit.type)
        for _ in range(self.limits.series - 1):
            for format_ in formats:
                yield self._in(probe, format_)
            yield replace(self._in(probe, formats[0]), about=AGAIN)
            self._discover_all(visit.latest.values())
            if self.observed.holds_still(visit):
                return

    def _formats(self, type_name: str) -> tuple[str, ...]:
        return self.observed.formats(type_name) or (HAL_JSON, HAL_XML)

    def _in(self, probe: Probe, format_: str) -> Probe:
        return replace(
            probe,
            about=format_,
            url=self.observed.polite(probe.url, probe.type) if probe.type else probe.url,
            headers=(("Accept", format_),),
        )

    def _browse(self, visit: Visit, probe: Probe, row: ResourceType) -> Talk:
        """Read a list to its end: by its next links, else, where the contract limits lists, by $skip."""
        formats = self._formats(visit.type)
        reading: Reading | None = visit.reading(formats[0])
        seen = self._keys(visit, row, reading)
        count, linked = len(seen), False
        for index in range(1, self.limits.pages + 1):
            url = self._next_url(reading)
            linked = linked or url is not None
            if url is None and (linked or not row.limited or not count):
                return
            url = url or urls.with_parameters(visit.url, {"$skip": str(count)})
            reading = yield from self._page(probe, url, index, formats)
            keys = self._keys(visit, row, reading)
            if not keys or set(keys) <= set(seen):
                return
            seen, count = [*seen, *keys], count + len(keys)
        self._leave(f"more than {self.limits.pages} pages of one list", visit.url)

    def _page(self, probe: Probe, url: str, index: int, formats: tuple[str, ...]) -> Generator[Probe, Reading, Reading]:
        readings = []
        for format_ in formats if index <= self.limits.full_pages else formats[:1]:
            page = replace(probe, question=PAGE, url=url, about=f"{index} {format_}", headers=(("Accept", format_),))
            reading = yield page
            readings.append(reading)
            if not reading.ok or (len(readings) == 1 and not self._keys_of(reading)):
                break  # an empty last page tells the same in every format
        self._discover_all(readings)
        return readings[0]

    def _keys_of(self, reading: Reading) -> tuple[object, ...]:
        return elements(self.observed.contract, reading.probe.type, reading.resource) if reading.resource else ()

    def _keys(self, visit: Visit, row: ResourceType, reading: Reading | None) -> list[object]:
        if reading is None or reading.resource is None:
            return []
        element = self.observed.type(row.element)
        found = elements(self.observed.contract, visit.type, reading.resource)
        listed: list[object] = [(key_of(element, item) if element else None) or item for item in found]
        return listed or [
            offer.url
            for offer in self.observed.offers(reading)
            if offer.url and following.is_element(self.observed, offer)
        ]

    def _next_url(self, reading: Reading | None) -> str | None:
        if reading is None:
            return None
        return next(
            (
                offer.url
                for offer in self.observed.offers(reading)
                if offer.relation
                and offer.relation.kind is RelationKind.PAGE
                and offer.place == self.observed.place(reading)
                and offer.link.rel.lower() == "next"
                and offer.url
                and self.observed.in_api(offer.url)
            ),
            None,
        )

    # -- following links ----------------------------------------------------------------------------------------

    def _discover_all(self, readings: Iterable[Reading]) -> None:
        for reading in readings:
            if reading.asked in (HAL_JSON, HAL_XML):
                self._discover(reading)

    def _discover(self, reading: Reading) -> None:
        for index, offer in enumerate(self.observed.offers(reading)):
            if index >= self.limits.links:
                self._leave(f"more than {self.limits.links} links in one resource", reading.probe.url)
                return
            if offer.link.templated:
                self._expand(offer)
            elif offer.url is not None:
                self._follow(offer, offer.url)

    def _follow(self, offer: Offer, url: str) -> None:
        if urls.canonical(url) in self._gone or following.kind_of(self.observed, offer) is RelationKind.PAGE:
            return  # browsing its list reads a page
        reason = following.reason_not_to(self.observed, offer, url) or self._too_far(offer)
        if reason:
            self._leave(reason, url)
            return
        probe = following.step(self.observed, offer, url, READ, "")
        if urls.canonical(probe.url) in self._gone:
            return
        self._gone.update((urls.canonical(url), urls.canonical(probe.url)))
        if following.is_document(self.observed, offer):
            self._begin(once(replace(probe, question=FOLLOW, about=offer.link.rel)))
        elif self._planned[probe.type] >= self.limits.places:
            self._leave(f"more than {self.limits.places} places of type {probe.type or 'unknown'}", probe.url)
        else:
            self._planned[probe.type] += 1
            self._begin(self._visit(probe))

    def _too_far(self, offer: Offer) -> str:
        """Why a link is not followed from where it stands; "" to follow it."""
        if offer.path.count(" > ") >= self.limits.depth:
            return f"more than {self.limits.depth} relations from an entry"
        unknown = offer.relation is None and not following.target_type(self.observed, offer)
        if unknown and self._unknowns(offer) >= self.limits.unknown:
            return f"more than {self.limits.unknown} relations in a row that the contract does not know"
        return ""

    def _unknowns(self, offer: Offer) -> int:
        count, reading = 0, self.observed.reading(offer.reading.number)
        while reading is not None and not self.observed.type_of(reading):
            count += 1
            reading = self.observed.reading(reading.probe.parent) if reading.probe.parent else None
        return count

    def _expand(self, offer: Offer) -> None:
        """Expand a search template for every element of the list it stands on, each URL to be asked once."""
        relation, row = offer.relation, self.observed.type(offer.type)
        if relation is None or relation.kind is not RelationKind.SEARCH or row is None:
            self._leave("a template whose variables the contract does not know", offer.link.href)
            return
        for item in elements(self.observed.contract, offer.type, offer.resource):
            url = following.filled(offer, item)
            if url is None:
                self._leave("a template that cannot be expanded", offer.link.href)
                return
            probe = following.step(self.observed, offer, url, READ, "")
            if urls.canonical(probe.url) in self._gone or not self.observed.in_api(url):
                continue
            self._gone.update((urls.canonical(url), urls.canonical(probe.url)))
            self._begin(self._visit(probe))

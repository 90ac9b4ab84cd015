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
from fnmatch import fnmatchcase
from typing import TypeAlias

from samsvar.logic import urls
from samsvar.logic.asking import Asker
from samsvar.logic.identity import elements, key_of
from samsvar.logic.observing import AGAIN, FOLLOW, FRONT, PAGE, READ, Observed, Offer, Visit
from samsvar.logic.reading import Reading
from samsvar.logic.templates import fill
from samsvar.model.contract import Access, Entry, RelationKind, ResourceType
from samsvar.model.exchange import HAL_JSON, HAL_XML, Evidence, Exchange, NotVisited, Probe
from samsvar.model.resource import Resource

Talk: TypeAlias = Generator[Probe, Reading, None]
Round: TypeAlias = Callable[[], Iterable[Talk]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to go. requests: in all; crawl_share: the part of them that the crawl may use, the rest is for questions;
    places: of one type; depth: relations from an entry; pages: of one list; full_pages: of them in every format;
    links: of one resource; url: characters; series: how often a restless place is read again; unknown: how many
    relations in a row may be unknown to the contract."""

    requests: int = 20_000
    crawl_share: float = 0.75
    places: int = 500
    depth: int = 8
    pages: int = 40
    full_pages: int = 2
    links: int = 2_000
    url: int = 2_048
    series: int = 3
    unknown: int = 3


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
        self._elsewhere: dict[str, RelationKind | None] = {}

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
        return listed or [o.url for o in self.observed.offers(reading) if self._is_element(o) and o.url]

    def _is_element(self, offer: Offer) -> bool:
        row = self.observed.type(offer.type)
        return (
            row is not None and row.is_list and offer.link.rel.lower() in {n.lower() for n in (*row.container, "item")}
        )

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
        if urls.canonical(url) in self._gone or self._kind(offer) is RelationKind.PAGE:
            return  # browsing its list reads a page
        reason = self._reason_not_to(offer, url)
        if reason:
            self._leave(reason, url)
            return
        type_name = self._target_type(offer)
        row = self.observed.type(type_name)
        kind = self._kind(offer)
        polite = self.observed.polite(url, type_name) if type_name else self._polite_unknown(offer, url)
        if urls.canonical(polite) in self._gone:
            return
        self._gone.update((urls.canonical(url), urls.canonical(polite)))
        probe = Probe(
            READ,
            polite,
            type=type_name,
            owner=self._owner(offer, row),
            path=offer.path if kind is RelationKind.SELF else f"{offer.path} > {offer.link.rel}",
            parent=offer.reading.number,
            rel=offer.link.rel,
        )
        if kind is RelationKind.DOCUMENT or self._announces_document(offer):
            self._begin(self._fetch(replace(probe, question=FOLLOW), offer))
        elif self._planned[type_name] >= self.limits.places:
            self._leave(f"more than {self.limits.places} places of type {type_name or 'unknown'}", polite)
        else:
            self._planned[type_name] += 1
            self._begin(self._visit(probe))

    def _reason_not_to(self, offer: Offer, url: str) -> str:
        """Why a link is not followed; "" to follow it."""
        observed, kind = self.observed, self._kind(offer)
        if kind is RelationKind.PORTAL:
            return "a page for people, outside the API"
        if kind is RelationKind.ACTION or offer.link.rel.lower() in {
            name.lower() for name in observed.contract.actions
        }:
            return "following it would do something"
        if not observed.in_environment(url):
            return "outside the environment's origin"
        if not observed.in_api(url):
            return "outside the API root"
        if self._has_effect(url):
            return "a GET there has an effect"
        if len(url) > self.limits.url:
            return f"a URL of more than {self.limits.url} characters"
        if self._depth(offer) >= self.limits.depth:
            return f"more than {self.limits.depth} relations from an entry"
        if offer.relation is None and not self._target_type(offer) and self._unknowns(offer) >= self.limits.unknown:
            return f"more than {self.limits.unknown} relations in a row that the contract does not know"
        return ""

    def _kind(self, offer: Offer) -> RelationKind | None:
        """What following gives: as the contract says for this type, else as it says wherever it knows the relation, if
        that is a document, a page for people or an action."""
        if offer.relation is not None:
            return offer.relation.kind
        rel = offer.link.rel.lower()
        if rel not in self._elsewhere:
            self._elsewhere[rel] = self._kind_elsewhere(rel)
        return self._elsewhere[rel]

    def _kind_elsewhere(self, rel: str) -> RelationKind | None:
        elsewhere = {row.kind for row in self.observed.contract.relations if row.rel.lower() == rel}
        special = {RelationKind.DOCUMENT, RelationKind.PORTAL, RelationKind.ACTION}
        return elsewhere.pop() if len(elsewhere) == 1 and elsewhere <= special else None

    def _has_effect(self, url: str) -> bool:
        below = urls.path(url)[len(urls.path(self.observed.target.root)) :].strip("/").lower()
        return any(fnmatchcase(below, pattern.lower()) for pattern in self.observed.contract.effect_paths)

    def _depth(self, offer: Offer) -> int:
        return offer.path.count(" > ")

    def _unknowns(self, offer: Offer) -> int:
        count, reading = 0, self.observed.reading(offer.reading.number)
        while reading is not None and not self.observed.type_of(reading):
            count += 1
            reading = self.observed.reading(reading.probe.parent) if reading.probe.parent else None
        return count

    def _target_type(self, offer: Offer) -> str:
        if offer.relation is not None:
            return offer.type if offer.relation.kind is RelationKind.SELF else offer.relation.target
        if self._is_element(offer):
            row = self.observed.type(offer.type)
            return row.element if row else ""
        entry = self._entry(offer)
        return entry.type if entry is not None else ""

    def _entry(self, offer: Offer) -> Entry | None:
        """The entry that a front page offers by this link: only a resource without a type can be a front page."""
        if self.observed.type(offer.type) is not None and offer.type != FRONT:
            return None
        rel = offer.link.rel.lower()
        return next((e for e in self.observed.contract.entries if rel in {name.lower() for name in e.rels}), None)

    def _owner(self, offer: Offer, row: ResourceType | None) -> str:
        kind = offer.relation.kind if offer.relation else None
        if kind is RelationKind.SELF:
            return offer.place.key
        entry = self._entry(offer)
        if entry is not None and row is not None and entry.type == row.name:
            return entry.owner
        if row is not None and row.shape is None and not row.is_list and offer.relation and offer.relation.many:
            label = offer.link.attribute("filename") or offer.link.attribute("name") or offer.link.node
            return f"{offer.place.key}/{label}"
        return offer.place.key

    def _polite_unknown(self, offer: Offer, url: str) -> str:
        """An unknown relation of a resource whose reads must be polite may lead to another of them."""
        row = self.observed.type(offer.type)
        element = self.observed.type(row.element) if row is not None and row.is_list else row
        return urls.with_parameters(url, element.read_parameters) if element is not None else url

    def _announces_document(self, offer: Offer) -> bool:
        announced = (offer.link.attribute("type") or "").lower()
        return offer.relation is None and "/" in announced and not announced.endswith(("json", "xml"))

    def _fetch(self, probe: Probe, offer: Offer) -> Talk:
        announced = offer.link.attribute("type") or ""
        accept = f"{announced}, */*;q=0.1" if "/" in announced else "*/*"
        yield replace(probe, about=offer.link.rel, headers=(("Accept", accept),))

    def _expand(self, offer: Offer) -> None:
        """Expand a search template for every element of the list it stands on, each URL to be asked once."""
        relation, row = offer.relation, self.observed.type(offer.type)
        if relation is None or relation.kind is not RelationKind.SEARCH or row is None:
            self._leave("a template whose variables the contract does not know", offer.link.href)
            return
        for item in elements(self.observed.contract, offer.type, offer.resource):
            url = filled(offer, item)
            if url is None:
                self._leave("a template that cannot be expanded", offer.link.href)
                return
            self._search(offer, relation.target, url)

    def _search(self, offer: Offer, target: str, url: str) -> None:
        polite = self.observed.polite(url, target)
        if urls.canonical(polite) in self._gone or not self.observed.in_api(url):
            return
        self._gone.update((urls.canonical(url), urls.canonical(polite)))
        probe = Probe(
            READ,
            polite,
            type=target,
            owner=offer.place.key,
            path=f"{offer.path} > {offer.link.rel}",
            parent=offer.reading.number,
            rel=offer.link.rel,
        )
        self._begin(self._visit(probe))


def filled(offer: Offer, element: Resource) -> str | None:
    """The URL of a search template for one element of its list; None when the template or its variables are not
    what RFC 6570 and the contract say."""
    meaning = offer.relation.variables if offer.relation else {}
    known = {variable: (element.text(member) or "").strip() for variable, member in meaning.items()}
    expanded = fill(offer.link.href, {variable: value for variable, value in known.items() if value})
    return urls.resolve(offer.reading.probe.url, expanded) if expanded else None

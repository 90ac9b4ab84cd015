"""What was seen: a fold over exchanges, in order, into readings, places, pages and offered links.

The explorer folds as it goes and decides by it what to ask next; a judge folds the finished evidence. Both see the
same, because the fold looks at nothing but the exchanges and the contract.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from samsvar.logic import urls
from samsvar.logic.identity import elements, embedded_type, identify, infer_type
from samsvar.logic.reading import Reading
from samsvar.logic.sameness import Terms, differences, element_differences
from samsvar.model.contract import Contract, Profile, Relation, RelationKind, ResourceType
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, Client, Evidence, Exchange, Login, Means, Place, Target
from samsvar.model.resource import Aspect, Link, Resource

READ = "read"  # a place in one format, one of a series; about: the media type, or AGAIN
FOLLOW = "follow"  # another URL that should lead to a known place, or a document
PAGE = "page"  # a further page of a list; about: "<index> <media type>"
AGAIN = "again"
FRONT = "FrontPage"  # the type of an entry that a contract may call its front page
CRAWL = (READ, FOLLOW, PAGE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A link as it was offered: by which resource (place, type), in which reading, and where it leads.

    url: absolute, None when the reference cannot be resolved or is a template. relation: its meaning in the contract,
    None when unknown. resource: the resource that carries it (the whole one, or an embedded one).
    """

    link: Link
    place: Place
    type: str
    url: str | None
    relation: Relation | None
    reading: Reading
    resource: Resource
    path: str


@dataclass(slots=True)
class Visit:
    """All that was read of one place. series: each a full set of readings by format ("again" closes it); the last one
    counts. pages: for lists, the further pages, each by format. aliases: readings of other URLs that led here."""

    place: Place
    type: str
    owner: str
    url: str
    path: str
    series: list[dict[str, Reading]] = field(default_factory=list)
    pages: dict[int, dict[str, Reading]] = field(default_factory=dict)
    aliases: list[Reading] = field(default_factory=list)

    @property
    def latest(self) -> dict[str, Reading]:
        """The last series."""
        return self.series[-1] if self.series else {}

    def reading(self, format_: str) -> Reading | None:
        """The reading of the last series in that media type (or AGAIN), whatever its status."""
        return self.latest.get(format_)

    @property
    def best(self) -> Reading | None:
        """The reading to know the place by: the first of the formats, in their order, that reads as a resource."""
        for format_ in (*FORMATS, AGAIN):
            reading = self.latest.get(format_)
            if reading is not None and reading.resource is not None:
                return reading
        return None

    @property
    def resource(self) -> Resource | None:
        """The resource of the best reading."""
        return self.best.resource if self.best else None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the last series' exchanges."""
        return tuple(reading.number for reading in self.latest.values())


class Observed:
    """What was seen so far, as rules and askers look at it. Grown by ``add`` only."""

    def __init__(self, contract: Contract, profile: Profile, target: Target, means: Means) -> None:
        self.contract = contract
        self.profile = profile
        self.target = target
        self.means = means
        self.stopped = ""
        self.missing: tuple[int, ...] = ()
        self.readings: list[Reading] = []
        self.visits: dict[Place, Visit] = {}
        self.documents: list[Reading] = []
        self._by_number: dict[int, Reading] = {}
        self._by_question: defaultdict[str, list[Reading]] = defaultdict(list)
        self._by_url: dict[str, Reading] = {}
        self._place_at: dict[str, Place] = {}
        self._kinds: dict[str, frozenset[RelationKind]] = {}
        self._relations: dict[tuple[str, str], Relation | None] = {}
        self._renamed: dict[Place, Place] = {}
        self._offers: dict[int, tuple[Offer, ...]] = {}
        self._settled: dict[tuple[Place, int], bool] = {}

    # -- growing ------------------------------------------------------------------------------------------------

    def add(self, exchange: Exchange) -> Reading:
        """Take one exchange in; numbers must rise."""
        reading = Reading(exchange)
        if exchange.probe.by is Client.BROWSER:  # script sees a part of an answer: for who asked only
            self._by_question[exchange.probe.question].append(reading)
            self._by_number[exchange.number] = reading
            return reading
        self.readings.append(reading)
        self._by_number[exchange.number] = reading
        if self.hop(reading) is not None:
            return reading  # the exchange that follows it answers the question
        self._by_question[exchange.probe.question].append(reading)
        if exchange.probe.question in CRAWL and exchange.probe.login is Login.GIVEN:
            self._crawled(reading)
        return reading

    def _crawled(self, reading: Reading) -> None:
        for url in self._addresses(reading):
            known = self._by_url.get(url)
            if known is None or (not known.ok and reading.ok):
                self._by_url[url] = reading
        if reading.probe.question == READ:
            self._place(reading)
        elif reading.probe.question == PAGE and reading.probe.place in self.visits:
            index, _, format_ = reading.probe.about.partition(" ")
            self.visits[reading.probe.place].pages.setdefault(int(index), {})[format_] = reading
        elif reading.probe.question == FOLLOW:
            self._alias(reading)

    def _addresses(self, reading: Reading) -> Iterator[str]:
        """The URLs that this reading answers: its own and those of the redirects before it."""
        step: Reading | None = reading
        while step is not None:
            yield urls.canonical(step.probe.url)
            step = self._by_number.get(step.exchange.follows) if step.exchange.follows else None

    def _place(self, reading: Reading) -> None:
        probe = reading.probe
        known = self._renamed.get(probe.place, probe.place) if probe.place else None
        if known is not None and known in self.visits:
            visit = self._named(self.visits[known], reading)
            if probe.about == HAL_JSON or not visit.series or probe.about in visit.latest:
                visit.series.append({})
            visit.latest[probe.about] = reading
            return
        place = self.place(reading)
        for url in self._addresses(reading):
            self._place_at.setdefault(url, place)
        if place in self.visits and not (self.visits[place].best is None and reading.resource is not None):
            self.visits[place].aliases.append(reading)
            return
        visit = Visit(place, self.type_of(reading), probe.owner, probe.url, probe.path)
        visit.series.append({probe.about: reading})
        self.visits[place] = visit

    def _named(self, visit: Visit, reading: Reading) -> Visit:
        """The visit under its real name, if this is the first of its readings that tells it (the formats before did
        not read)."""
        if visit.best is not None or reading.resource is None:
            return visit
        place = identify(self.contract, visit.type, reading.resource, visit.owner, urls.canonical(visit.url))
        if place in self.visits:
            return visit
        self._renamed[visit.place] = place
        del self.visits[visit.place]
        self._place_at.update({url: place for url, old in self._place_at.items() if old == visit.place})
        visit.place = place
        self.visits[place] = visit
        return visit

    def _alias(self, reading: Reading) -> None:
        probe = reading.probe
        row = self.contract.types.get(probe.type)
        if row is not None and row.shape is None and not row.is_list:
            self.documents.append(reading)
            return
        if reading.resource is not None:
            place = self.place(reading)
            for url in self._addresses(reading):
                self._place_at.setdefault(url, place)
            if place in self.visits:
                self.visits[place].aliases.append(reading)

    # -- looking ------------------------------------------------------------------------------------------------

    def reading(self, number: int) -> Reading | None:
        """The reading of one exchange."""
        return self._by_number.get(number)

    def asked(self, *questions: str) -> tuple[Reading, ...]:
        """All readings of these questions in order of asking; of a redirected one the last hop."""
        if len(questions) == 1:
            return tuple(self._by_question.get(questions[0], ()))
        found = [reading for question in questions for reading in self._by_question.get(question, ())]
        return tuple(sorted(found, key=lambda reading: reading.number))

    def crawled(self) -> tuple[Reading, ...]:
        """All readings of the crawl: places, other URLs of them, documents, pages."""
        return self.asked(*CRAWL)

    def visits_of(self, *types: str) -> tuple[Visit, ...]:
        """The visits of these types in order."""
        return tuple(visit for visit in self.visits.values() if visit.type in types)

    def type_of(self, reading: Reading) -> str:
        """The type that a reading is of: as the probe expected, else as the content shows; "" if neither tells."""
        if reading.probe.type or reading.resource is None:
            return reading.probe.type
        return infer_type(self.contract, reading.resource)

    def place(self, reading: Reading) -> Place:
        """The place that a reading speaks of: the one it was asked for, else by type and key."""
        probe = reading.probe
        if probe.place is not None:
            return self._renamed.get(probe.place, probe.place)
        return identify(self.contract, self.type_of(reading), reading.resource, probe.owner, urls.canonical(probe.url))

    def type(self, name: str) -> ResourceType | None:
        """The contract's row of a type, None if unknown."""
        return self.contract.types.get(name)

    def relation(self, type_name: str, rel: str) -> Relation | None:
        """The meaning of a relation on a type, None if the contract does not know it."""
        key = (type_name, rel)
        if key not in self._relations:
            self._relations[key] = self.contract.relation(type_name, rel)
        return self._relations[key]

    def kinds_elsewhere(self, rel: str) -> frozenset[RelationKind]:
        """The kinds that a relation has on the types on which the contract knows it."""
        name = rel.lower()
        if name not in self._kinds:
            self._kinds[name] = frozenset(row.kind for row in self.contract.relations if row.rel.lower() == name)
        return self._kinds[name]

    def formats(self, type_name: str) -> tuple[str, ...]:
        """The media types that are promised for a type and judged by the profile, in reading order; none for a type
        that the contract does not know or promises nothing of."""
        row = self.type(type_name)
        promised = row.formats if row is not None else ()
        judged = self.profile.formats or FORMATS
        return tuple(format_ for format_ in FORMATS if format_ in promised and format_ in judged)

    def answer(self, url: str) -> Reading | None:
        """What the crawl got at a URL (after redirects; the best of several), None if it was not asked."""
        found = self._by_url.get(urls.canonical(url))
        return found if found is not None else self._by_url.get(urls.canonical(self.polite(url)))

    def place_at(self, url: str) -> Place | None:
        """The place that the crawl found at a URL, None if it did not ask or could not tell."""
        found = self._place_at.get(urls.canonical(url))
        return found if found is not None else self._place_at.get(urls.canonical(self.polite(url)))

    def polite(self, url: str, type_name: str = "") -> str:
        """The URL with the parameters that reads of this type carry (markAsRead=false); with no type given, those of
        any type of the contract."""
        if type_name:
            row = self.type(type_name)
            return urls.with_parameters(url, row.read_parameters) if row else url
        return urls.with_parameters(url, self._read_parameters)

    @cached_property
    def _read_parameters(self) -> dict[str, str]:
        return {k: v for row in self.contract.types.values() for k, v in row.read_parameters.items()}

    @cached_property
    def ignored_parameters(self) -> tuple[str, ...]:
        """Query parameters that say how to read and not what: they do not tell two URLs apart."""
        return tuple(sorted({name for row in self.contract.types.values() for name in row.read_parameters}))

    def loose(self, url: str) -> str:
        """The spelling in which URLs of one resource agree (for comparing only)."""
        return urls.loose(url, self.contract.hosts, self.ignored_parameters)

    def same_url(self, one: str, two: str) -> bool:
        """Two URLs are the same for the contract: hosts that it calls equivalent, path without case."""
        return urls.canonical(one) == urls.canonical(two) or self.loose(one) == self.loose(two)

    @cached_property
    def at_two_times(self) -> Terms:
        """How to compare two readings that are not of one moment or not of one session: URLs of the API may be made
        anew for each, so a URI member that lies in the API says no more than that."""
        return Terms(same_url=lambda one, two: self.same_url(one, two) or (self.in_api(one) and self.in_api(two)))

    def in_environment(self, url: str) -> bool:
        """The URL has the origin of the target's root (hosts that the contract calls equivalent count as one)."""
        mine, theirs = urls.origin(self.target.root), urls.origin(url)
        if mine == theirs:
            return True
        scheme, host = urls.origin(url).partition("://")[0], urls.host(url)
        groups = [group for group in self.contract.hosts if urls.host(self.target.root) in group]
        return scheme == mine.partition("://")[0] and any(host in group for group in groups)

    def in_api(self, url: str) -> bool:
        """The URL lies below the API root (path without case)."""
        root = urls.path(self.target.root).rstrip("/").lower()
        where = urls.path(url).lower()
        return self.in_environment(url) and (where == root or where.startswith(root + "/"))

    def hop(self, reading: Reading) -> str | None:
        """The URL of a redirect inside the origin that is followed, None when the reading stands for itself."""
        target = reading.redirect
        if target is None or reading.probe.hop >= MOST_HOPS or reading.probe.method not in ("GET", "HEAD"):
            return None
        if reading.probe.question in NOT_REDIRECTED or reading.probe.login is not Login.GIVEN:
            return None
        inside = urls.origin(target) == urls.origin(reading.probe.url) and self.in_api(target)
        return target if inside and urls.canonical(target) != urls.canonical(reading.probe.url) else None

    def offers(self, reading: Reading) -> tuple[Offer, ...]:
        """Every link that a reading offers, those of embedded resources included, each with the resource it is of."""
        found = self._offers.get(reading.number)
        if found is None:
            found = tuple(self._offers_of(reading))
            self._offers[reading.number] = found
        return found

    def _offers_of(self, reading: Reading) -> Iterator[Offer]:
        if reading.resource is None:
            return
        probe = reading.probe
        for place, type_name, resource, path in self.parts(reading):
            for link in resource.links:
                url = None if link.templated or link.broken or not link.href else urls.resolve(probe.url, link.href)
                relation = self.relation(type_name, link.rel)
                yield Offer(link, place, type_name, url, relation, reading, resource, path)

    def parts(self, reading: Reading) -> Iterator[tuple[Place, str, Resource, str]]:
        """The resource of a reading and all embedded in it: place, type, resource, relation path."""
        if reading.resource is not None:
            place = self.place(reading)
            yield from self._parts(reading, reading.resource, self.type_of(reading), place, reading.probe.path)

    def _parts(
        self, reading: Reading, resource: Resource, type_name: str, place: Place, path: str
    ) -> Iterator[tuple[Place, str, Resource, str]]:
        yield place, type_name, resource, path
        row = self.type(type_name)
        for name, group in resource.embedded:
            inner = embedded_type(self.contract, type_name, name)
            for item in group:
                step = f"{path} > {name}" if not (row and row.is_list and inner == row.element) else path
                yield from self._parts(reading, item, inner, self._inner(reading, item, inner, place), step)
        if row is not None and row.is_list and not resource.embedded:
            for item in elements(self.contract, type_name, resource):
                yield from self._parts(reading, item, row.element, self._inner(reading, item, row.element, place), path)

    def _inner(self, reading: Reading, resource: Resource, type_name: str, outer: Place) -> Place:
        """The place of an embedded resource: by key, else by its self link."""
        own = resource.link("self")
        href = urls.resolve(reading.probe.url, own.href) if own and own.href and not own.templated else None
        return identify(self.contract, type_name, resource, outer.key, urls.canonical(href) if href else "")

    def elements(self, visit: Visit, format_: str = HAL_JSON) -> tuple[Resource, ...]:
        """All elements of a list as browsed to its end in one format: first page and further ones."""
        found: list[Resource] = []
        first = visit.reading(format_)
        for reading in (first, *(page.get(format_) for _, page in sorted(visit.pages.items()))):
            if reading is not None and reading.resource is not None:
                found.extend(elements(self.contract, visit.type, reading.resource))
        return tuple(found)

    def holds_still(self, visit: Visit) -> bool:
        """The two outer readings of the last series mean the same (links aside: they may be made anew each time)."""
        key = (visit.place, len(visit.series))
        if key not in self._settled or AGAIN in visit.latest:
            self._settled[key] = self._compare_outer(visit)
        return self._settled[key]

    def _compare_outer(self, visit: Visit) -> bool:
        first, last = visit.reading(self.outer(visit)), visit.reading(AGAIN)
        if first is None or last is None:
            return False
        if first.status != last.status or (first.resource is None) != (last.resource is None):
            return False
        if first.resource is None or last.resource is None:
            return True
        if any(self.meant_differently(visit.type, first.resource, last.resource)):
            return False
        return not self._links_other_elements(visit.type, first.resource, last.resource)

    def _links_other_elements(self, type_name: str, left: Resource, right: Resource) -> bool:
        """A list that links its elements instead of embedding them has others, or another number of them. Links that
        are made anew each time have no URL in common, and then only their number tells."""
        row = self.type(type_name)
        if row is None or not row.is_list or any(elements(self.contract, type_name, one) for one in (left, right)):
            return False
        rels = element_relations(row)
        before, now = (Counter(link.href for link in one.links if link.rel.lower() in rels) for one in (left, right))
        return before != now if before & now else before.total() != now.total()

    def outer(self, visit: Visit) -> str:
        """The media type that opens and closes a series of that place."""
        return (self.formats(visit.type) or (HAL_JSON,))[0]

    def meant_differently(self, type_name: str, left: Resource, right: Resource) -> Iterator[str]:
        """Where two readings of one place in one format differ in properties or elements."""
        row = self.type(type_name)
        shape = row.shape if row else None
        if row is not None and row.is_list:
            element = self.type(row.element)
            found = element_differences(
                elements(self.contract, type_name, left),
                elements(self.contract, type_name, right),
                element.shape if element else None,
                element.key if element else (),
                row.ordered,
                self.at_two_times,
            )
        else:
            found = differences(left, right, shape, self.at_two_times)
        yield from (one.where for one in found if one.aspect is not Aspect.LEXICAL)

    def requests(self) -> Counter[str]:
        """How many exchanges each question took."""
        return Counter(reading.probe.question for reading in self.readings)


def element_relations(row: ResourceType) -> frozenset[str]:
    """The relations, in lower case, by which a list may link its elements instead of embedding them."""
    return frozenset(name.lower() for name in (*row.container, "item"))


MOST_HOPS = 5
NOT_REDIRECTED = ("unknown-path",)


def observe(evidence: Evidence, contract: Contract, profile: Profile) -> Observed:
    """The whole evidence of a run, folded."""
    observed = Observed(contract, profile, evidence.target, evidence.means)
    observed.stopped = evidence.stopped
    numbers = {exchange.number for exchange in evidence.exchanges}
    observed.missing = tuple(number for number in range(1, evidence.asked + 1) if number not in numbers)
    for exchange in sorted(evidence.exchanges, key=lambda one: one.number):
        observed.add(exchange)
    return observed


def hal_readings(visit: Visit) -> Iterable[Reading]:
    """The HAL readings of the last series, further pages included."""
    for readings in (visit.latest, *visit.pages.values()):
        for format_ in (HAL_JSON, HAL_XML):
            reading = readings.get(format_)
            if reading is not None and reading.resource is not None:
                yield reading

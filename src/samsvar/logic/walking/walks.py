"""One walk: where it stands, what is offered there, and the probe of the next step.

In: steps and the readings that answered them. Out: what may be chosen, and probes. A walk keeps to what it was offered:
a link is followed from a reading of this walk that carries it, however long ago that was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from samsvar.logic import urls
from samsvar.logic.following import (
    has_effect,
    is_document,
    listed_by,
    step,
    target_type,
    template_values,
    to_the_api,
)
from samsvar.logic.identity import elements, key_of
from samsvar.logic.observing import Observed, Offer
from samsvar.logic.reading import Reading
from samsvar.logic.templates import expand, variables
from samsvar.logic.walking.steps import DOCUMENT, HERE, Step, step_text
from samsvar.model.contract import Access, Entry, RelationKind, ResourceType, ValueKind
from samsvar.model.exchange import HAL_JSON, HAL_XML, Fields, Login, Probe

PLAIN = "walk.read"
"""A place in a media type, however Accept, language or Origin say it; about, as for all steps: the step as text."""
NARROWED = "walk.list"
"""A list with $skip, $top, $filter or $orderby."""
TRIED = "walk.try"
"""A template with values that nobody has."""
TAGGED = "walk.tag"
"""A place, unless it still has a tag that was seen."""
STRANGE = "walk.stranger"
"""A private place, without the login."""
CONFIRM = "walk.confirm"
"""What is asked to make sure of a surprise; about: what for."""
STEPS = (PLAIN, NARROWED, TRIED, TAGGED, STRANGE)
"""The questions that steps are; CONFIRM is none."""

HOSTILE = ("0", "does-not-exist", "'", "a/b", "%00", "{x}", "<b>", "å ø", "\U0001f426", "9" * 300, "b" * 1500)
"""Values for variables that no element has: nobody's key, and what software has stumbled over before. Dot segments are
not among them, since what stands between here and there may take them away."""
TEMPLATE_KINDS = (RelationKind.SEARCH,)
REPEATED, TOUR, SHORTER, APART = "r", "t", "s", "a"
"""Before the number of a walk that was given, that was laid out beforehand, that is shorter than one that failed, and
that stands between two others."""
MOST_ELEMENTS = 25
"""Known elements by which a template is expanded."""


@dataclass(slots=True)
class Walk:
    """A walk under way. number: counts the walks of a run, with a letter before it where it was not chosen as it went.
    steps, readings: what was done and what came; of a redirect the last answer. marks: where one stands after each step
    (index of a reading), None while nowhere. offerers: the step whose place offered the link by which one came there,
    0 for an entry."""

    observed: Observed
    number: str
    steps: list[Step] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    marks: list[int | None] = field(default_factory=list)
    offerers: list[int] = field(default_factory=list)

    # -- where one stands -------------------------------------------------------------------------------------------

    def stand(self, at: int = 0) -> Reading | None:
        """The reading of the place where one stands after a step (0: the last one)."""
        if not self.marks:
            return None
        mark = self.marks[at - 1 if at else -1]
        return self.readings[mark] if mark is not None else None

    @property
    def row(self) -> ResourceType | None:
        """What the contract says of the type where one stands."""
        here = self.stand()
        return self.observed.type(self.observed.type_of(here)) if here is not None else None

    def links(self, at: int = 0) -> Reading | None:
        """The reading whose links are known where one stands: that one, or an earlier one of this walk of the same
        place in a format that carries links."""
        here = self.stand(at)
        if here is None or carries_links(here):
            return here
        where = self.observed.place(here)
        known = (self.readings[mark] for mark in reversed(self.marks) if mark is not None)
        return next((one for one in known if carries_links(one) and self.observed.place(one) == where), None)

    def heard(self, taken: Step, reading: Reading) -> None:
        """A step was taken, and this came."""
        here = 0 if taken.entry else taken.at or len(self.marks)
        before = self.marks[here - 1] if here else None
        stands = reading.resource is not None and taken.login is Login.GIVEN
        self.steps.append(taken)
        self.readings.append(reading)
        self.marks.append(len(self.readings) - 1 if stands else before)
        came = taken.rel != HERE and stands
        self.offerers.append(here if came or not here else self.offerers[here - 1])

    @property
    def standing(self) -> int:
        """The step that led where one stands, 0 while nowhere."""
        mark = self.marks[-1] if self.marks else None
        return 0 if mark is None else mark + 1

    @property
    def offerer(self) -> int:
        """The step whose place offered the link by which one came where one stands; 0 for an entry."""
        return self.offerers[self.standing - 1] if self.standing else 0

    @property
    def mark(self) -> str:
        """The name of the step that comes: walk and number."""
        return f"{self.number}.{len(self.steps) + 1}"

    # -- what is offered there --------------------------------------------------------------------------------------

    def followable(self, at: int = 0) -> dict[str, list[Offer]]:
        """The links that can be followed, by relation. Those of embedded resources come before the list's own self."""
        reading = self.links(at)
        found: dict[str, list[Offer]] = {}
        late: list[Offer] = []
        for offer in self.observed.offers(reading) if reading is not None else ():
            if offer.link.templated or not to_the_api(self.observed, offer):
                continue
            own = offer.link.rel.lower() == "self" and offer.resource is offer.reading.resource
            if own and is_list(self.observed, offer.type):
                late.append(offer)
            else:
                found.setdefault(offer.link.rel, []).append(offer)
        for offer in late:
            found.setdefault(offer.link.rel, []).append(offer)
        return found

    def next_page(self, at: int = 0) -> tuple[tuple[str, str], ...]:
        """The parameters by which a limited list that is as long as lists may be gives its next elements; none where it
        links them, or is shorter."""
        here = self.stand(at)
        row = self.observed.type(self.observed.type_of(here)) if here is not None else None
        if here is None or here.resource is None or row is None or not row.limited:
            return ()
        count = len(elements(self.observed.contract, row.name, here.resource))
        known = self.links(at)
        offers = self.observed.offers(known) if known is not None else ()
        linked = any(one.relation is not None and one.relation.kind is RelationKind.PAGE for one in offers)
        skipped = urls.parameter(here.probe.url, "$skip") or "0"
        if linked or count < self.observed.contract.list_limit or not skipped.isdigit():
            return ()
        return (("$skip", str(int(skipped) + count)),)

    def templates(self, at: int = 0) -> dict[str, Offer]:
        """The search templates that are offered, by relation."""
        reading = self.links(at)
        offers = self.observed.offers(reading) if reading is not None else ()
        return {
            offer.link.rel: offer
            for offer in offers
            if offer.link.templated
            and offer.relation is not None
            and offer.relation.kind in TEMPLATE_KINDS
            and variables(offer.link.href)
        }

    def known(self, offer: Offer) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The values by which a template is known to find something."""
        several = (
            tuple(template_values(offer, one).items()) for one in listed_by(self.observed, offer)[:MOST_ELEMENTS]
        )
        return tuple(dict.fromkeys(values for values in several if values))

    def variables(self, offer: Offer) -> tuple[str, ...]:
        """The names of a template's variables."""
        return variables(offer.link.href) or ()

    @property
    def tagged(self) -> tuple[int, ...]:
        """The steps whose answers told a tag of the place where one stands."""
        here = self.stand()
        if here is None:
            return ()
        where = self.observed.place(here)
        return tuple(
            index + 1
            for index, one in enumerate(self.readings)
            if one.ok and one.response and one.response.first("ETag") and self.observed.place(one) == where
        )

    def formats(self, step_: Step) -> tuple[str, ...]:
        """The media types in which the end of a step is promised; DOCUMENT for what is none of resources."""
        where = self.aim(step_)
        if where is None:
            return ()
        if where.document:
            return (DOCUMENT,)
        return self.observed.formats(where.type) or (HAL_JSON, HAL_XML)

    # -- the next step ----------------------------------------------------------------------------------------------

    def aim(self, step_: Step) -> "Aim | None":
        """Where a step leads; None when it is not offered here."""
        if step_.entry:
            return self._entry(step_)
        if step_.rel == HERE:
            return self._here(step_)
        if step_.values:
            return self._expanded(step_)
        group = {rel.lower(): offers for rel, offers in self.followable(step_.at).items()}.get(step_.rel.lower(), [])
        if not 0 < step_.nth <= len(group):
            return None
        offer = group[step_.nth - 1]
        assert offer.url is not None  # followable
        return _along(self.observed, offer, offer.url)

    def _entry(self, step_: Step) -> "Aim | None":
        entry = next((one for one in self.observed.contract.entries if one.name == step_.rel), None)
        if entry is None:
            return None
        probe = entry_probe(self.observed, entry)
        return Aim(probe, entry.type)

    def _here(self, step_: Step) -> "Aim | None":
        here = self.stand(step_.at)
        if here is None:
            return None
        probe = replace(here.probe, type=self.observed.type_of(here), hop=0, headers=())
        return Aim(probe, probe.type)

    def _expanded(self, step_: Step) -> "Aim | None":
        found = {rel.lower(): offer for rel, offer in self.templates(step_.at).items()}.get(step_.rel.lower())
        if found is None:
            return None
        names = {name.lower(): name for name in variables(found.link.href) or ()}
        values = {names[name.lower()]: value for name, value in step_.values if name.lower() in names}
        expanded = expand(found.link.href, values)
        url = urls.resolve(found.reading.probe.url, expanded) if expanded else None
        return _along(self.observed, found, url) if url is not None else None

    def probe(self, step_: Step) -> Probe | None:
        """The question of a step; None when it is not offered here, or must not be asked."""
        where = self.aim(step_)
        if where is None:
            return None
        url = where.probe.url
        if step_.query:
            url = urls.with_parameters(url, dict(step_.query))
        if not self.observed.in_api(url) or has_effect(self.observed, url):
            return None
        tag = self._tag(step_)
        if step_.tag and not tag:
            return None
        return replace(
            where.probe,
            question=self._question(step_),
            about=step_text(step_),
            url=url,
            headers=(*_accept(step_, where), *tag, *((("Origin", step_.origin),) if step_.origin else ())),
            login=step_.login,
            place=None,
            walk=self.mark,
        )

    def _tag(self, step_: Step) -> Fields:
        if not 0 < step_.tag <= len(self.readings):
            return ()
        response = self.readings[step_.tag - 1].response
        found = response.first("ETag") if response is not None else None
        return (("If-None-Match", found),) if found else ()

    def _question(self, step_: Step) -> str:
        if step_.login is not Login.GIVEN:
            return STRANGE
        if step_.tag:
            return TAGGED
        if any(name.startswith("$") for name, _ in step_.query):
            return NARROWED
        return TRIED if step_.values and not self._is_known(step_) else PLAIN

    def _is_known(self, step_: Step) -> bool:
        offer = {rel.lower(): offer for rel, offer in self.templates(step_.at).items()}.get(step_.rel.lower())
        wanted = {value for _, value in step_.values}
        return offer is not None and any({value for _, value in values} == wanted for values in self.known(offer))


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a step leads: the probe that follows the link, the type there, and whether it is a document."""

    probe: Probe
    type: str
    document: bool = False


def _along(observed: Observed, offer: Offer, url: str) -> Aim:
    probe = step(observed, offer, url, PLAIN, "")
    return Aim(probe, target_type(observed, offer), is_document(observed, offer))


def _accept(step_: Step, where: Aim) -> Fields:
    return (("Accept", step_.accept),) if step_.format else where.probe.headers or (("Accept", "*/*"),)


def entry_probe(observed: Observed, entry: Entry) -> Probe:
    """The question for an entry, where the contract says that it stands."""
    url = observed.polite(urls.below(observed.target.root, entry.path), entry.type)
    return Probe(PLAIN, url, type=entry.type, owner=entry.owner, path=entry.name)


def entries(observed: Observed) -> tuple[Entry, ...]:
    """The entries that a walk may begin at: those that answered, else, where none was asked yet, those that the run's
    credentials open."""
    found = tuple(entry for entry in observed.contract.entries if _answered(observed, entry))
    if found or observed.crawled():
        return found
    return tuple(entry for entry in observed.contract.entries if entry.required and _may(observed, entry))


def _answered(observed: Observed, entry: Entry) -> bool:
    return any(visit.path == entry.name and visit.best is not None for visit in observed.visits.values())


def _may(observed: Observed, entry: Entry) -> bool:
    row = observed.type(entry.type)
    return observed.means.login or row is None or row.access in (Access.OPEN, Access.API_KEY)


def carries_links(reading: Reading) -> bool:
    """Links are known from it."""
    return reading.resource is not None and reading.label in (HAL_JSON, HAL_XML)


def is_list(observed: Observed, type_name: str) -> bool:
    row = observed.type(type_name)
    return row is not None and row.is_list


# -- what a list may be asked -------------------------------------------------------------------------------------


def narrowings(observed: Observed, reading: Reading) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The parameters by which a searchable list may be cut, searched and sorted, by what it holds."""
    row = observed.type(observed.type_of(reading))
    if row is None or not row.searchable or reading.resource is None or options_of(reading):
        return ()
    count = len(elements(observed.contract, row.name, reading.resource))
    tops = tuple({"$top": str(top)} for top in (1, 2, 5) if top < count)
    skips = tuple({"$skip": str(skip)} for skip in dict.fromkeys((1, count // 2, count - 1, count)) if skip > 0)
    both = tuple({**skip, **top} for skip in skips[:2] for top in tops[:2])
    found = (*tops, *skips, *both, *_filters(observed, row, reading), *_orders(observed, row))
    return tuple(tuple(one.items()) for one in found)


def _filters(observed: Observed, row: ResourceType, reading: Reading) -> Iterator[dict[str, str]]:
    name = filter_property(observed, row)
    element = observed.type(row.element)
    if not name or element is None or reading.resource is None:
        return
    keys = (key_of(element, one) for one in elements(observed.contract, row.name, reading.resource))
    for key in [key for key in keys if key][:3]:
        yield {"$filter": f"{name} eq '{key.replace(chr(39), chr(39) * 2)}'"}


def filter_property(observed: Observed, row: ResourceType) -> str:
    """The text by which an element of a list is found: its key, where that is one property; "" where it is not."""
    element = observed.type(row.element)
    if element is None or element.shape is None or len(element.key) != 1:
        return ""
    member = element.shape.members.get(element.key[0])
    return element.key[0] if member is not None and member.kind is ValueKind.TEXT and member.private is None else ""


def _orders(observed: Observed, row: ResourceType) -> Iterator[dict[str, str]]:
    for name in order_properties(observed, row):
        yield from ({"$orderby": f"{name} {way}"} for way in ("asc", "desc"))


def order_properties(observed: Observed, row: ResourceType) -> tuple[str, ...]:
    """Properties whose order is beyond doubt: instants that every element has."""
    element = observed.type(row.element)
    members = element.shape.members.items() if element is not None and element.shape is not None else ()
    return tuple(name for name, one in members if one.kind is ValueKind.INSTANT and one.private is None)[:1]


def language_of(reading: Reading) -> str:
    """The language that was asked for, "" when none was."""
    return urls.parameter(reading.probe.url, "language") or ""


def options_of(reading: Reading) -> tuple[str, ...]:
    """The OData options that were asked with, in their order."""
    return tuple(name for name, _ in urls.pairs(urls.query(reading.probe.url)) if name.startswith("$"))

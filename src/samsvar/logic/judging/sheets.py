"""Sheets: one question side by side in several media types. In goes what was observed, out come the located differences
between the answers, each with its aspect, so that every guarantee reads its own.

A sheet is compared only if its answers say by themselves that they are what was asked for: a wrong label, a body that
does not parse and a refusal are told by other guarantees. Rules for what counts as still are at the end.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from samsvar.logic import urls
from samsvar.logic.identity import elements, key_of
from samsvar.logic.observing import AGAIN, Observed, Visit, element_relations
from samsvar.logic.reading import Reading
from samsvar.logic.sameness import (
    Terms,
    differences,
    element_differences,
    embedded_differences,
    link_differences,
    listed,
)
from samsvar.model.contract import ResourceType, ValueKind
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML
from samsvar.model.resource import Aspect, Difference, Link, Record, Resource, Sequence

SECOND_LOOK = "format.again"
"""The question that reads a page of a list once more; about: its index."""
STAND_IN = "Link"
"""The end of the names of properties that stand for a link in the plain formats: MessagesLink for messages."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One place, or one further page of a list (index from 1), as each media type tells it."""

    visit: Visit
    readings: Mapping[str, Reading]
    page: int = 0

    @property
    def usable(self) -> tuple[Reading, ...]:
        """The answers that can be compared, in the order of FORMATS."""
        found = (self.readings.get(format_) for format_ in FORMATS)
        return tuple(reading for reading in found if reading is not None and usable(reading))

    def __str__(self) -> str:
        return f"{self.visit.place}{f', page {self.page + 1}' if self.page else ''}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers of a sheet and in what they differ."""

    left: Reading
    right: Reading
    differences: tuple[Difference, ...]


def usable(reading: Reading) -> bool:
    """A successful answer that reads as a resource and is labelled as what was asked for."""
    return reading.resource is not None and reading.label == reading.asked


def sheets(observed: Observed) -> Iterator[Sheet]:
    """Every place and every further page, the last reading of each."""
    for visit in observed.visits.values():
        yield Sheet(visit, {about: one for about, one in visit.latest.items() if about != AGAIN})
        for index, readings in sorted(visit.pages.items()):
            yield Sheet(visit, readings, index)


def compared(observed: Observed) -> tuple[tuple[Sheet, tuple[Comparison, ...]], ...]:
    """Every sheet that two media types or more can be compared on, with the comparisons of the first to each other."""
    return _compared(observed, len(observed.readings))


@lru_cache(maxsize=2)
def _compared(observed: Observed, count: int) -> tuple[tuple[Sheet, tuple[Comparison, ...]], ...]:
    """count: how much was observed when it was computed, since what is observed grows. Kept because five guarantees
    read the same comparisons."""
    del count
    return tuple((sheet, tuple(_compare(observed, sheet))) for sheet in sheets(observed) if len(sheet.usable) > 1)


def _compare(observed: Observed, sheet: Sheet) -> Iterator[Comparison]:
    left, *others = sheet.usable
    for right in others:
        yield Comparison(left, right, tuple(_Pair(observed, sheet.visit, left, right).differences()))


@dataclass(frozen=True)  # without slots, for the property that is kept
class _Pair:
    """Two answers on their way to a comparison."""

    observed: Observed
    visit: Visit
    left: Reading
    right: Reading
    rekeyed: set[str] = field(default_factory=set)
    """Names of elements that are on both sides under different keys."""

    def differences(self) -> Iterator[Difference]:
        one, other = self.left.resource, self.right.resource
        if one is None or other is None:
            return
        row = self.observed.type(self.visit.type)
        both_hal = {self.left.asked, self.right.asked} == {HAL_JSON, HAL_XML}
        is_list = (row is not None and row.is_list) or one.elements is not None or other.elements is not None
        inside = self.elements(one, other, row) if is_list else ()
        yield from inside
        if both_hal or not is_list:
            # A bare list has nowhere to put properties of its own.
            yield from differences(one, other, row.shape if row else None, self.terms(row))
        if both_hal:
            yield from self.links(one, other)
            yield from self.embedded(one, other, row, inside)

    def terms(self, row: ResourceType | None) -> Terms:
        return Terms(stand_ins(row), self.same_url) if row is not None else Terms()

    # -- elements of lists

    def elements(self, one: Resource, other: Resource, row: ResourceType | None) -> tuple[Difference, ...]:
        element = self.observed.type(row.element) if row is not None else None
        lefts, rights = (elements_of(self.observed, self.visit.type, each) for each in (one, other))
        linked = [linked_keys(self.observed, reading) for reading in (self.left, self.right)]
        if not (lefts and rights) and any(linked) and element is not None:
            keys = [_keys(side, element) or each for side, each in zip((lefts, rights), linked, strict=True)]
            return tuple(_key_differences(*keys))
        shape, key = (element.shape, element.key) if element is not None else (None, ())
        found = element_differences(lefts, rights, shape, key, row.ordered if row else False, self.terms(element))
        return self.with_keys_compared(found, lefts, rights, element) if element is not None else found

    def with_keys_compared(
        self,
        found: tuple[Difference, ...],
        lefts: tuple[Resource, ...],
        rights: tuple[Resource, ...],
        element: ResourceType,
    ) -> tuple[Difference, ...]:
        """Elements that are there on both sides and differ in nothing but their key have a wrong value, and are not
        missing: a code that lost its leading zero."""
        lost = {each.where for each in found if each.aspect is Aspect.ELEMENT and each.right is None}
        new = {each.where for each in found if each.aspect is Aspect.ELEMENT and each.left is None}
        one = tuple(each for each in lefts if key_of(element, each) in lost)
        other = tuple(each for each in rights if key_of(element, each) in new)
        if not one or len(one) != len(other):
            return found
        inside = element_differences(one, other, element.shape, (), False, self.terms(element))
        if any(_member_of(each) not in element.key for each in inside):
            return found
        self.rekeyed.update(lost, new)
        return (*(each for each in found if each.aspect is not Aspect.ELEMENT), *inside)

    # -- links

    def links(self, one: Resource, other: Resource) -> Iterator[Difference]:
        for each in link_differences(one, other, self.same_target):
            if not _told_of_links(each):
                yield each

    def same_target(self, one: Link, other: Link) -> bool:
        """Whether two links lead to the same: the same URL, or what the crawl found at both is the same place."""
        left, right = self.resolved(one.href, other.href)
        if left is None or right is None:
            return one.href == other.href
        if self.observed.same_url(left, right):
            return True
        if one.templated or other.templated:
            return False
        return self.same_found(left, right, one.rel.lower())

    def same_url(self, text: str, href: str) -> bool:
        """Whether a URI property and a link's href lead to the same. A link without href is told elsewhere."""
        if not href:
            return True
        left, right = self.resolved(text, href)
        if left is None or right is None:
            return text == href
        return self.observed.same_url(left, right) or self.same_found(left, right, None)

    def resolved(self, left: str, right: str) -> tuple[str | None, str | None]:
        # The two answers have one URL, or two that a redirect made: the first will do for both.
        base = self.left.probe.url
        return urls.resolve(base, left), urls.resolve(self.right.probe.url if right else base, right)

    @cached_property
    def volatile(self) -> frozenset[str]:
        return volatile(self.observed, self.visit)

    def same_found(self, left: str, right: str, rel: str | None) -> bool:
        """Whether two URLs lead to the same as far as the crawl went; where it did not, only if those of that relation
        (None: of any) are made anew in each answer, so that nothing follows from their text."""
        places = self.observed.place_at(left), self.observed.place_at(right)
        if all(places):
            return places[0] == places[1] or self.same_body(left, right)
        return self.same_body(left, right) or (bool(self.volatile) if rel is None else rel in self.volatile)

    def same_body(self, left: str, right: str) -> bool:
        one, other = self.observed.answer(left), self.observed.answer(right)
        if one is None or other is None or not (one.ok and other.ok) or one.response is None or other.response is None:
            return False
        return one.response.body == other.response.body

    # -- embedded resources

    def embedded(
        self, one: Resource, other: Resource, row: ResourceType | None, inside: tuple[Difference, ...]
    ) -> Iterator[Difference]:
        """What is embedded. An element that HAL embeds on one side only is told here too; the values of the others are
        not, since the comparison of elements has told them."""
        names: set[str] = set()
        if row is not None and row.is_list:
            names = set(row.container) | {each.embedded[0][0] for each in (one, other) if len(each.embedded) == 1}
        element = self.observed.type(row.element) if row is not None else None
        told = {(each.aspect, each.where, each.left, each.right) for each in inside}
        for each in embedded_differences(
            one,
            other,
            self.same_target,
            element.shape if element else None,
            element.key if element else (),
            names,
        ):
            where = each.where.partition(" / ")[2]
            known = (each.aspect, where, each.left, each.right) in told or where in self.rekeyed
            if not known and not _told_of_links(each):
                yield each


def _member_of(each: Difference) -> str:
    """The property of an element in which it differs: "[0] / ServiceCode"."""
    return each.where.partition(" / ")[2]


def _told_of_links(each: Difference) -> bool:
    """A template that one side forgets to flag, or a link without href: both are told where links are judged."""
    template = each.because == "one is a template" and each.left == each.right
    return each.aspect is Aspect.LINK and (template or (not each.left and not each.right))


def stand_ins(row: ResourceType | None) -> Mapping[str, str]:
    """The URI properties of a type that stand for links, with the relation: one that is named for the type itself
    stands for self (MessageLink of a Message), another for the relation that it names (MessagesLink)."""
    if row is None or row.shape is None:
        return {}
    found = {}
    for name, shape in row.shape.members.items():
        if shape.kind is ValueKind.URI and name.endswith(STAND_IN) and len(name) > len(STAND_IN):
            rel = name.removesuffix(STAND_IN).lower()
            found[name] = "self" if row.shape.name.lower() == rel or row.name.lower() == rel else rel
    return found


def elements_of(observed: Observed, type_name: str, resource: Resource) -> tuple[Resource, ...]:
    """The elements of a list, in whatever way a media type carries them."""
    found = elements(observed.contract, type_name, resource)
    if found or resource.elements is not None or resource.embedded:
        return found
    row = observed.type(type_name)
    names = {name.lower() for name in row.container} if row is not None else set()
    if resource.media_type == XML:
        return listed(resource, names)
    if resource.media_type == JSON:
        return _within_object(resource, names)
    return ()


def _within_object(resource: Resource, names: set[str]) -> tuple[Resource, ...]:
    """The elements of a plain JSON list that stands in an object, under one of its names."""
    for name, node in resource.properties.members:
        if name.lower() in names and isinstance(node, Sequence):
            return tuple(Resource(resource.media_type, item) for item in node.items if isinstance(item, Record))
    return ()


def linked_keys(observed: Observed, reading: Reading) -> tuple[str, ...]:
    """The keys of the elements that a list only links to; "" for one that the crawl did not come to."""
    row = observed.type(observed.type_of(reading))
    if row is None or not row.is_list:
        return ()
    rels = element_relations(row)
    mine = [one for one in observed.offers(reading) if one.resource is reading.resource]
    hrefs = [one.url for one in mine if one.link.rel.lower() in rels and not one.link.templated]
    places = [observed.place_at(url) if url else None for url in hrefs]
    return tuple(place.key if place is not None and place.type == row.element else "" for place in places)


def _keys(side: tuple[Resource, ...], element: ResourceType) -> tuple[str, ...]:
    return tuple(key_of(element, each) or "" for each in side)


def _key_differences(lefts: tuple[str, ...], rights: tuple[str, ...]) -> Iterator[Difference]:
    """How two lists of keys differ; where a key is not known, only their number tells."""
    if not (all(lefts) and all(rights)):
        if len(lefts) != len(rights):
            because = "the lists have not the same number of elements"
            yield Difference(Aspect.ELEMENT, "", f"{len(lefts)} elements", f"{len(rights)} elements", because)
        return
    one, other = Counter(lefts), Counter(rights)
    for key in sorted((one - other).elements()):
        yield Difference(Aspect.ELEMENT, key, key, None, "it is not in the other list")
    for key in sorted((other - one).elements()):
        yield Difference(Aspect.ELEMENT, key, None, key, "it is not in the other list")


# What holds still


def volatile(observed: Observed, visit: Visit) -> frozenset[str]:
    """The relations whose targets are written anew each time the place is read in one media type: their URLs cannot be
    compared as texts."""
    first, last = visit.reading(observed.outer(visit)), visit.reading(AGAIN)
    if first is None or last is None:
        return frozenset()
    one, other = (_hrefs(observed, reading) for reading in (first, last))
    return frozenset(rel for rel in one.keys() & other.keys() if one[rel] != other[rel])


def _hrefs(observed: Observed, reading: Reading) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for resource in reading.resource.walk() if reading.resource is not None else ():
        for link in resource.links:
            url = urls.resolve(reading.probe.url, link.href) or link.href
            found.setdefault(link.rel.lower(), Counter())[observed.loose(url)] += 1
    return found


def holds_still(observed: Observed, sheet: Sheet) -> bool:
    """The place was the same before and after; a page also when it was looked at once more."""
    if not observed.holds_still(sheet.visit):
        return False
    return not sheet.page or not any(
        one.probe.place == sheet.visit.place and one.probe.about == str(sheet.page) and _moved(observed, sheet, one)
        for one in observed.asked(SECOND_LOOK)
    )


def _moved(observed: Observed, sheet: Sheet, again: Reading) -> bool:
    first = next((one for one in sheet.readings.values() if one.asked == again.asked), None)
    if first is None or first.resource is None or again.resource is None:
        return True
    return any(observed.meant_differently(sheet.visit.type, first.resource, again.resource))

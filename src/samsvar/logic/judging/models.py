"""MODEL: documented properties have their names, types and words, and the language changes texts only.

In goes what was observed, out come findings. What differs between media types is FORMAT's; here a property is judged by
the first media type that can be read, and the others only add what a comparison of values does not show: another
spelling of a name, a number written as text. Members that nobody documented are never judged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from samsvar.logic import lexical, urls
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.identity import infer_type, plain
from samsvar.logic.judging import Rule
from samsvar.logic.judging.formats import MOST, or_else, short
from samsvar.logic.judging.sheets import Sheet, elements_of, holds_still, sheets, usable, volatile
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.logic.sameness import element_differences
from samsvar.model.contract import ResourceType, Shape, ValueKind
from samsvar.model.exchange import Place
from samsvar.model.resource import Aspect, Difference, Kind, Node, Record, Resource, Scalar, Sequence
from samsvar.model.verdict import Finding, Unseen

LANGUAGE = "model.language"
"""The question that asks a place in one language; about: the language."""
LANGUAGE_AGAIN = "model.language-again"
"""The question that asks it in the first language once more, where the languages differ in more than texts."""
PARAMETER = "language"
NOT_FOUND = 404


# What a representation says of its model


class Sort(StrEnum):
    """In what way a property is not as documented."""

    KIND = "kind"
    SPELLING = "spelling"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A property that is not as documented. readable: its text is a value of the documented type all the same."""

    sort: Sort
    where: str
    because: str
    expected: str
    observed: str
    readable: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A resource of a declared model in an answer: the place, its type, and which of the resources there it is."""

    place: Place
    row: ResourceType
    resource: Resource
    index: int

    @property
    def name(self) -> tuple[Place, int]:
        return self.place, self.index


@dataclass(frozen=True, slots=True)
class Member:
    """A documented member and what stands there; None when nothing does. carrier: the object that it belongs to, and
    how that is declared."""

    where: str
    name: str
    node: Node | None
    shape: Shape
    carrier: tuple[Record, Shape]


def parts(observed: Observed, reading: Reading) -> Iterator[Part]:
    """The resources of an answer that have a declared model, each as far as it is one of that model: a resource that
    shares no member with its model is another one, which is told where links are judged."""
    counts: Counter[Place] = Counter()
    for place, type_name, resource, _ in observed.parts(reading):
        row = observed.type(type_name)
        if row is None or row.shape is None or _is_another(observed, row, resource):
            continue
        yield Part(place, row, resource, counts[place])
        counts[place] += 1


def _is_another(observed: Observed, row: ResourceType, resource: Resource) -> bool:
    names = {fold(name) for name, _ in resource.properties.members}
    declared = row.shape.members if row.shape is not None else {}
    if not names or not declared or (row.key and all(fold(key) in names for key in row.key)):
        return False
    if names.isdisjoint(map(fold, declared)):
        return True
    inferred = observed.type(infer_type(observed.contract, resource)) if row.key else None
    if inferred is None or inferred.shape is None or inferred.shape == row.shape:
        return False
    mine, theirs = (len(names & {fold(name) for name in one}) for one in (declared, inferred.shape.members))
    return theirs > mine  # it lacks its key, and is more like something else


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A name without case and signs, to recognise another spelling of it: service_code, serviceCode."""
    return "".join(filter(str.isalnum, name)).casefold()


def members(record: Record, shape: Shape, where: str = "") -> Iterator[Member]:
    """Every documented member of an object, then those of the objects and lists inside it."""
    held = _by_name(record)
    for name, declared in shape.members.items():
        node = held.get(name)
        place = f"{where} / {name}" if where else name
        yield Member(place, name, node, declared, (record, shape))
        yield from _inside(node, declared, place)


def _inside(node: Node | None, shape: Shape, where: str) -> Iterator[Member]:
    if shape.kind is ValueKind.LIST and shape.item is not None:
        for index, each in enumerate(_items(node, shape.item)):
            yield from _inside(each, shape.item, f"{where}[{index}]")
    elif isinstance(node, Record) and shape.members:
        yield from members(node, shape, where)


def _by_name(record: Record) -> dict[str, Node]:
    """Members by name. In XML a name that occurs more than once is a list without a wrapper."""
    held: dict[str, list[Node]] = {}
    for name, node in record.members:
        held.setdefault(name, []).append(node)
    return {name: nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes)) for name, nodes in held.items()}


def _items(node: Node | None, item: Shape) -> tuple[Node, ...]:
    """The elements of a list; of an XML element that is a list of one without a wrapper, the element itself."""
    if isinstance(node, Sequence):
        return node.items
    if not isinstance(node, Record) or not node.untyped:
        return ()
    names = {name for name, _ in node.members}
    alone = len(names) > 1 or (len(node.members) == 1 and _is_member_of(node.members[0], item))
    return (node,) if alone else tuple(child for _, child in node.members)


def _is_member_of(member: tuple[str, Node], item: Shape) -> bool:
    """Whether the one child of a list element is a member of an element without a wrapper, and not an element that is
    called like one of its members (a Code in Codes has a Code)."""
    name, node = member
    declared = item.members.get(name)
    return declared is not None and (isinstance(node, Scalar) or declared.kind in (ValueKind.OBJECT, ValueKind.LIST))


# MODEL-1: names and types


def documented(observed: Observed) -> Iterator[Finding]:
    """MODEL-1. A defect of one place that shows in several answers is told once."""
    told: set[tuple[str, str]] = set()
    for sheet in sheets(observed):
        found: dict[tuple[str, str], list[tuple[Misfit, Reading]]] = {}
        for part, reading, misfit in _misfits_of(observed, sheet):
            found.setdefault((str(part.place), misfit.where), []).append((misfit, reading))
        fresh = [(name, told_of) for name, told_of in found.items() if name not in told]
        told.update(found)
        yield from (_misfit_finding(place, told_of) for (place, _), told_of in fresh[:MOST])
        if not found and any(True for one in sheet.usable[:1] for _ in parts(observed, one)):
            yield met(sheet.usable[0], place=str(sheet))


def _misfit_finding(place: str, told_of: list[tuple[Misfit, Reading]]) -> Finding:
    misfit = told_of[0][0]
    readings = list(dict.fromkeys(reading for _, reading in told_of))
    return unmet(
        f"{misfit.where}: {misfit.because}",
        *readings,
        expected=misfit.expected,
        observed=misfit.observed,
        place=place,
        format=", ".join(short(reading.asked) for reading in readings),
    )


def _misfits_of(observed: Observed, sheet: Sheet) -> Iterator[tuple[Part, Reading, Misfit]]:
    if not sheet.usable:
        return
    first, *others = sheet.usable
    missing = []
    for part in parts(observed, first):
        for misfit in misfits(part):
            if misfit.sort is Sort.MISSING:
                missing.append((part, misfit))
            else:
                yield part, first, misfit
    elsewhere = {name for reading in others for name in _there(observed, reading)} if missing else set()
    yield from ((part, first, misfit) for part, misfit in missing if (part.name, misfit.where) not in elsewhere)
    for reading in others:
        for part in parts(observed, reading):
            yield from ((part, reading, one) for one in misfits(part) if one.sort is Sort.SPELLING or one.readable)


def _there(observed: Observed, reading: Reading) -> set[tuple[tuple[Place, int], str]]:
    """The documented members that an answer has: where one is missing in some media types only, FORMAT-4 tells."""
    return {
        (part.name, member.where)
        for part in parts(observed, reading)
        for member in members(part.resource.properties, part.row.shape or Shape())
        if not _absent(member.node)
    }


def misfits(part: Part) -> Iterator[Misfit]:
    """The properties of a resource that are not as documented. A missing key is MODEL-2's."""
    held = {fold(rel) for rel, _ in part.resource.embedded}
    for member in members(part.resource.properties, part.row.shape or Shape()):
        if member.node is not None and not _is_null(member.node):
            yield from _misfit_of_value(member)
            continue
        twin = _respelled(member) if member.node is None else None
        if twin is not None:
            because = f"the documented property is written {twin!r}"
            yield Misfit(Sort.SPELLING, member.where, because, member.name, twin)
        elif member.shape.required and member.where not in part.row.key and fold(member.name) not in held:
            observed = plain(member.node)
            because = f"the property is always there, as documented, and here it is {observed}"
            yield Misfit(Sort.MISSING, member.where, because, f"a value of type {member.shape.kind.value}", observed)


def _respelled(member: Member) -> str | None:
    """The undocumented member that can only be this one in another spelling."""
    record, declared = member.carrier
    wanted = fold(member.name)
    return next((name for name, _ in record.members if fold(name) == wanted and name not in declared.members), None)


def _misfit_of_value(member: Member) -> Iterator[Misfit]:
    node, shape = member.node, member.shape
    kinds = (shape.kind, *shape.also)
    if node is None or any(fits(node, kind) for kind in kinds):
        yield from _misfits_of_items(member)
        return
    named = " or ".join(kind.value for kind in kinds)
    because = f"it is {_sort_of(node)}, documented as {named}"
    readable = isinstance(node, Scalar) and any(lexical.read(node.text, kind) is not None for kind in kinds)
    yield Misfit(Sort.KIND, member.where, because, named, f"{plain(node)} ({_sort_of(node)})", readable)


def _misfits_of_items(member: Member) -> Iterator[Misfit]:
    """Of a list, its elements; the members of elements that are objects are members of their own."""
    item = member.shape.item
    if member.shape.kind is ValueKind.LIST and item is not None:
        for index, each in enumerate(_items(member.node, item)):
            if not _is_null(each) and not any(fits(each, kind) for kind in (item.kind, *item.also)):
                where = f"{member.where}[{index}]"
                because = f"it is {_sort_of(each)}, documented as {item.kind.value}"
                yield Misfit(Sort.KIND, where, because, item.kind.value, f"{plain(each)} ({_sort_of(each)})")


def _sort_of(node: Node) -> str:
    if isinstance(node, Scalar):
        return (
            f"the text {node.text!r}"
            if node.kind in (Kind.TEXT, Kind.UNTYPED)
            else f"the {node.kind.value} {node.text}"
        )
    return "an object" if isinstance(node, Record) else "a list"


JSON_KINDS: Mapping[ValueKind, Kind] = {
    ValueKind.TEXT: Kind.TEXT,
    ValueKind.URI: Kind.TEXT,
    ValueKind.UUID: Kind.TEXT,
    ValueKind.INSTANT: Kind.TEXT,
    ValueKind.INTEGER: Kind.NUMBER,
    ValueKind.DECIMAL: Kind.NUMBER,
    ValueKind.BOOLEAN: Kind.BOOLEAN,
}
"""How JSON writes a value of each declared kind."""


def fits(node: Node, kind: ValueKind) -> bool:
    """Whether a value is of a declared kind, as far as the media type tells kinds apart."""
    if kind is ValueKind.ANY:
        return True
    if isinstance(node, Scalar):
        return _scalar_fits(node, kind)
    if isinstance(node, Sequence):
        return kind is ValueKind.LIST
    # An XML element with children is an object or a list; only its content tells which.
    return kind is ValueKind.OBJECT or (kind is ValueKind.LIST and node.untyped)


def _scalar_fits(scalar: Scalar, kind: ValueKind) -> bool:
    if scalar.kind is Kind.NULL:
        return True
    if scalar.kind is Kind.UNTYPED:
        # An element without content is nothing for every kind but text; a list of one may lack its wrapper.
        empty = not scalar.text.strip(lexical.BLANKS)
        return empty or kind is ValueKind.LIST or (kind in JSON_KINDS and lexical.read(scalar.text, kind) is not None)
    return JSON_KINDS.get(kind) is scalar.kind and lexical.read(scalar.text, kind) is not None


def _is_null(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.kind is Kind.NULL


def _absent(node: Node | None) -> bool:
    return node is None or _is_null(node)


# MODEL-2: what identifies a resource


def identified(observed: Observed) -> Iterator[Finding]:
    """MODEL-2, in every media type. Only keys that the model requires: some real resources are known by where they
    stand. A key in another spelling is MODEL-1's."""
    for sheet in sheets(observed):
        lacking: dict[tuple[str, int, str], list[Reading]] = {}
        keyed = False
        for reading in sheet.usable:
            for index, part in enumerate(parts(observed, reading)):
                needed = _required_keys(part)
                keyed = keyed or bool(needed)
                for name in (name for name in needed if _lacks(part, name)):
                    lacking.setdefault((part.row.name, index, name), []).append(reading)
        yield from (_lacking_finding(sheet, *what, readings) for what, readings in islice(lacking.items(), MOST))
        if keyed and not lacking:
            yield met(*sheet.usable, place=str(sheet))


def _required_keys(part: Part) -> tuple[str, ...]:
    declared = part.row.shape.members if part.row.shape else {}
    return tuple(name for name in part.row.key if name in declared and declared[name].required)


def _lacks(part: Part, name: str) -> bool:
    if (part.resource.text(name) or "").strip():
        return False
    respelled = (fold(name) == fold(other) for other, _ in part.resource.properties.members if other != name)
    return not any(respelled)


def _lacking_finding(sheet: Sheet, type_name: str, index: int, name: str, readings: list[Reading]) -> Finding:
    which = f"element {index + 1}" if sheet.visit.type != type_name else "the resource"
    formats = ", ".join(short(one.asked) for one in readings)
    return unmet(
        f"{which}, a {type_name}, has no {name}, which identifies it",
        *readings,
        expected=f"a {name}",
        observed="nothing",
        place=str(sheet),
        format=formats,
    )


# MODEL-3: closed sets of words


def worded(observed: Observed) -> Iterator[Finding]:
    """MODEL-3, in the first media type that can be read; another word in another one is FORMAT-4's."""
    told: set[tuple[str, str]] = set()
    for sheet in sheets(observed):
        seen, wrong = False, []
        for reading in sheet.usable[:1]:
            for part, member, scalar in _words(observed, reading):
                seen = True
                if scalar.text not in member.shape.words and (str(part.place), member.where) not in told:
                    told.add((str(part.place), member.where))
                    wrong.append(_word_finding(part, member, scalar, reading))
        yield from wrong[:MOST]
        if seen and not wrong:
            yield met(sheet.usable[0], place=str(sheet))


def _words(observed: Observed, reading: Reading) -> Iterator[tuple[Part, Member, Scalar]]:
    for part in parts(observed, reading):
        for member in members(part.resource.properties, part.row.shape or Shape()):
            node = member.node
            if member.shape.words and isinstance(node, Scalar) and node.kind is not Kind.NULL and node.text:
                yield part, member, node


def _word_finding(part: Part, member: Member, scalar: Scalar, reading: Reading) -> Finding:
    words = ", ".join(member.shape.words)
    because = f"{member.where}: {scalar.text!r} is none of the documented words"
    return unmet(because, reading, expected=words, observed=scalar.text, place=str(part.place))


# MODEL-4: the language changes texts and nothing else


def in_languages(observed: Observed) -> Iterator[Finding]:
    """MODEL-4. That no text changed shows nothing: there may be no translation, or the parameter is not read."""
    by_place: dict[Place, list[Reading]] = {}
    for reading in observed.asked(LANGUAGE):
        if reading.probe.place is not None:
            by_place.setdefault(reading.probe.place, []).append(reading)
    again = {one.probe.place: one for one in observed.asked(LANGUAGE_AGAIN)}
    for place, readings in by_place.items():
        yield from _place_in_languages(observed, place, readings, again.get(place))


def _place_in_languages(
    observed: Observed, place: Place, readings: list[Reading], again: Reading | None
) -> Iterator[Finding]:
    yield from (_unanswered(one) for one in readings if not one.ok)
    spoken = [one for one in readings if usable(one)]
    if len(spoken) < 2:
        yield unseen("the place could not be read in two languages", *readings, place=str(place))
        return
    first, *others = spoken
    found = [(other, each) for other in others for each in beyond_texts(observed, first, other)]
    if found and again is not None and (not usable(again) or any(beyond_texts(observed, first, again))):
        because = "the place gave another answer in the same language"
        yield unseen(because, first, again, place=str(place), why=Unseen.UNSTABLE)
    elif found:
        yield from (_language_finding(first, other, each) for other, each in found[:MOST])
    elif any(texts(observed, first) != texts(observed, other) for other in others):
        yield met(*spoken, place=str(place))
    else:
        yield unseen("no text changed with the language", *spoken, place=str(place))


def _unanswered(reading: Reading) -> Finding:
    language = reading.probe.about
    if reading.status is not None and reading.status >= 500:
        because = f"asked for language {language}, the place answers {reading.status}"
        return unmet(because, reading, expected="the resource with texts in that language", observed=answered(reading))
    if reading.status == NOT_FOUND:
        return unseen(f"the place is not there in language {language}, as documented of some", reading)
    return unseen(f"the question for language {language} was not answered: {answered(reading)}", reading)


def _language_finding(first: Reading, other: Reading, each: Difference) -> Finding:
    one, two = first.probe.about, other.probe.about
    says = f"{plain_text(each.left)} in language {one}, {plain_text(each.right)} in {two}"
    expected, observed = plain_text(each.left), plain_text(each.right)
    return unmet(f"{each.where}: {says}", first, other, expected=expected, observed=observed)


def plain_text(text: str | None) -> str:
    """One side of a difference for people."""
    return "nothing" if text is None else text or '""'


def beyond_texts(observed: Observed, left: Reading, right: Reading) -> Iterator[Difference]:
    """What differs between two answers in two languages besides texts that a language may change."""
    lefts, rights = (_by_type(observed, reading) for reading in (left, right))
    whole = not any(_is_cut(observed, one) or _is_per_language(observed, one) for one in (left, right))
    for name in dict.fromkeys((*lefts, *rights)):
        row = observed.contract.types[name]
        one, other = (_masked(side.get(name, ()), row) for side in (lefts, rights))
        for each in element_differences(one, other, row.shape, row.key):
            if (whole or each.aspect is not Aspect.ELEMENT) and _matters(each):
                yield each
    if whole:
        yield from _other_relations(observed, left, right)


def _matters(each: Difference) -> bool:
    return each.aspect in (Aspect.VALUE, Aspect.ELEMENT) or (each.aspect is Aspect.LEXICAL and each.left != each.right)


def _by_type(observed: Observed, reading: Reading) -> dict[str, tuple[Resource, ...]]:
    """The resources of an answer by the name of their type."""
    found: dict[str, list[Resource]] = {}
    for part in parts(observed, reading):
        found.setdefault(part.row.name, []).append(part.resource)
    return {name: tuple(resources) for name, resources in found.items()}


def _masked(resources: tuple[Resource, ...], row: ResourceType) -> tuple[Resource, ...]:
    """The resources without texts for people and without what nobody documented."""
    return tuple(
        replace(one, properties=_without_texts(one.properties, row.shape or Shape()), embedded=()) for one in resources
    )


def _without_texts(record: Record, shape: Shape) -> Record:
    kept = [
        (name, _mask(node, shape.members[name]))
        for name, node in record.members
        if name in shape.members and not _is_spoken(name, shape.members[name])
    ]
    return Record(tuple(kept), record.untyped)


def _is_spoken(name: str, shape: Shape) -> bool:
    """A text for people, or the name of the language that they are in."""
    return shape.localised or fold(name) == PARAMETER


def _mask(node: Node, shape: Shape) -> Node:
    if isinstance(node, Record) and shape.members:
        return _without_texts(node, shape)
    if isinstance(node, Sequence) and shape.item is not None:
        return Sequence(tuple(_mask(each, shape.item) for each in node.items if not shape.item.localised))
    return node


def texts(observed: Observed, reading: Reading) -> Counter[tuple[str, str]]:
    """The texts for people in an answer: property and text."""
    return Counter(
        (member.where, member.node.text)
        for part in parts(observed, reading)
        for member in members(part.resource.properties, part.row.shape or Shape())
        if member.shape.localised and isinstance(member.node, Scalar)
    )


def _is_cut(observed: Observed, reading: Reading) -> bool:
    """Whether the answer may be the first part of a longer list. Sorted by a translated text, it is another part."""
    row = observed.type(observed.type_of(reading))
    if row is None or not row.is_list or reading.resource is None:
        return False
    count = len(elements_of(observed, row.name, reading.resource))
    return reading.resource.link("next") is not None or (row.limited and count >= observed.contract.list_limit)


def _is_per_language(observed: Observed, reading: Reading) -> bool:
    """Whether it lists what is there per language, so that a translation that is missing is missing in the list too:
    a code list says its language."""
    row = observed.type(observed.type_of(reading))
    element = observed.type(row.element) if row is not None else None
    shape = element.shape if element is not None else None
    return shape is not None and any(fold(name) == PARAMETER for name in shape.members)


def _other_relations(observed: Observed, left: Reading, right: Reading) -> Iterator[Difference]:
    """Relations that are there in one language only, and links that lead to other places."""
    lefts, rights = _targets(observed, left), _targets(observed, right)
    visit = observed.visits.get(left.probe.place) if left.probe.place is not None else None
    restless = volatile(observed, visit) if visit is not None else frozenset()
    for rel in sorted(lefts.keys() | rights.keys()):
        one, other = lefts.get(rel, ()), rights.get(rel, ())
        if len(one) != len(other):
            yield Difference(Aspect.LINK, f"links {rel!r}", f"{len(one)} links", f"{len(other)} links")
        elif rel not in restless and _elsewhere(observed, one, other):
            yield Difference(Aspect.LINK, f"links {rel!r}", " ".join(sorted(one)), " ".join(sorted(other)))


def _targets(observed: Observed, reading: Reading) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for resource in reading.resource.walk() if reading.resource is not None else ():
        for link in resource.links:
            rel, url = link.rel.lower(), urls.resolve(reading.probe.url, link.href) or link.href
            found[rel] = (*found.get(rel, ()), _without_language(url))
    return found


def _without_language(url: str) -> str:
    """The URL without the parameter that links may carry on."""
    address, _, query = url.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0].lower() != PARAMETER]
    return f"{address}?{'&'.join(kept)}" if kept else address


def _elsewhere(observed: Observed, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether links of one relation surely lead to other places: the crawl knows what is at all of them."""
    if Counter(map(observed.loose, one)) == Counter(map(observed.loose, other)):
        return False
    lefts, rights = ([observed.place_at(url) for url in side] for side in (one, other))
    return all(lefts) and all(rights) and Counter(lefts) != Counter(rights)


def asked_in_language(observed: Observed, sheet: Sheet) -> bool:
    """Whether a place is fit to be asked in several languages: it has texts for people and holds still."""
    if sheet.page or not sheet.usable or not holds_still(observed, sheet):
        return False
    return bool(texts(observed, sheet.usable[0]))


RULES: Mapping[str, Rule] = {
    "MODEL-1": or_else(documented, "no resource with a documented model was read"),
    "MODEL-2": or_else(identified, "no resource that is identified by a property was read"),
    "MODEL-3": or_else(worded, "no property with a closed set of words was seen"),
    "MODEL-4": or_else(in_languages, "no place with texts was asked in several languages"),
}

"""DOC: the help pages that an environment makes of itself list what the contract knows, and show its models.

In goes what was observed, out come findings. The pages are made by the running code, so that what they lack is a sign
of drift even where nobody reads them. They may say more than the contract does: operations, properties and formats that
it does not know are never judged, and neither are wording, language or layout.

What a page has to be to count at all is DOC-1's: it is there, for whoever asks, and lists operations. What stands in
its tables and samples is DOC-2's. Of a sample only names and types are judged: its values stand for others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from samsvar.logic import lexical
from samsvar.logic.decoding import DECODERS, decode
from samsvar.logic.decoding_help import HelpPage, Property, Sample, Section, Table, bare
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.helping import (
    INDEX,
    MODEL,
    PAGE,
    Operation,
    answers,
    covering,
    expected,
    index_of,
    inner,
    listings,
    page,
)
from samsvar.logic.judging import Rule
from samsvar.logic.judging.faults import BUSY
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.contract import HelpIndex, Shape, ValueKind
from samsvar.model.resource import Kind, Malformed, Node, Record, Scalar, Sequence
from samsvar.model.verdict import Cause, Finding

DEEPEST = 4
"""Models inside models that are followed; a model may contain itself."""
MOST = 20
"""Findings of one page; more would say nothing new."""


# DOC-1: the pages are there and list what the contract knows


def lists_every_operation(observed: Observed) -> Iterator[Finding]:
    """DOC-1, operation by operation, and each page that an index leads to."""
    read = answers(observed, INDEX)
    troubles: dict[str, Finding] = {}
    for index in observed.contract.help.indexes:
        reading = read.get(index.path)
        trouble = _trouble(observed, index, reading) if reading is not None else None
        if trouble is not None:
            troubles[index.path] = trouble
            yield trouble
    if read:
        yield from _operations(observed, read, set(troubles))
        yield from _pages(observed)


def _trouble(observed: Observed, index: HelpIndex, reading: Reading) -> Finding | None:
    """Why an index cannot be held against the contract; None if it can."""
    place = f"help page {index.path}"
    if reading.response is None or reading.status in BUSY:
        return unseen(f"no answer that tells: {answered(reading)}", reading, place=place, cause=Cause.ENVIRONMENT)
    if page(reading).operations:
        return None
    if not index.required and (400 <= (reading.status or 0) < 500 or reading.redirect is not None):
        return unseen(f"there is no such help page: {answered(reading)}", reading, place=place)
    expected_there = "a page that lists the operations"
    if reading.redirect is not None:
        because = "whoever asks for the help page is sent elsewhere"
        return unmet(because, reading, expected=expected_there, observed=reading.redirect, place=place)
    if not reading.ok:
        because = "the help page does not answer"
        return unmet(because, reading, expected=expected_there, observed=answered(reading), place=place)
    if not index.required:
        return unseen("what is there lists no operations", reading, place=place)
    because = "what stands where the help page is lists no operations"
    return unmet(because, reading, expected=expected_there, observed=answered(reading), place=place)


def _operations(observed: Observed, read: Mapping[str, Reading], troubled: set[str]) -> Iterator[Finding]:
    rows = dict(listings(observed))
    known = expected(observed.contract)
    found = {one: covering(observed, one, rows) for one in known}
    own = {index.path for one in known if found[one] is not None and (index := index_of(observed.contract, one))}
    for operation, row in found.items():
        index = index_of(observed.contract, operation)
        if row is not None and not row.removed:
            yield met(rows[row], place=operation.name)
        elif index is None or index.path not in read or index.path in troubled:
            continue  # told once, of the index
        elif not index.required and index.path not in own:
            continue  # another page stands there: it lists nothing of what this one would
        else:
            because = "the help page says that it was removed" if row is not None else "the help page does not list it"
            told = row.path if row is not None else "no such operation"
            yield unmet(because, read[index.path], expected=operation.name, observed=told, place=operation.name)


def _pages(observed: Observed) -> Iterator[Finding]:
    """A link of an index leads to a page: one that leads nowhere documents nothing."""
    for question in (PAGE, MODEL):
        for about, reading in answers(observed, question).items():
            if reading.status is None or reading.status in BUSY:
                continue  # told by DOC-2, which wanted to read it
            if reading.ok:
                yield met(reading, place=f"help page of {about}")
            else:
                because = "a page that the help page links does not answer"
                yield unmet(
                    because, reading, expected="the page", observed=answered(reading), place=f"help page of {about}"
                )


# DOC-2: the models and samples are those of the contract


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of properties, with the page on which it stands."""

    table: Table
    reading: Reading


@dataclass(frozen=True, slots=True)
class Drift:
    """In what a page differs from the contract: where, why, what was expected and what is there."""

    where: str
    because: str
    expected: str
    observed: str


def shows_the_models(observed: Observed) -> Iterator[Finding]:
    """DOC-2, page by page: the table of what an operation gives, those of the models in it, and the samples."""
    operations = {one.name: one for one in expected(observed.contract)}
    models = dict(_models(observed))
    indexes = tuple(answers(observed, INDEX).values())
    if indexes and not observed.asked(PAGE):
        yield unseen(
            "no help page links a page about an operation below the root; DOC-1 tells of the help page", *indexes
        )
    for about, reading in answers(observed, PAGE).items():
        operation = operations.get(about)
        if operation is None or operation.shape is None:
            continue
        if not reading.ok:
            yield unseen(f"its help page was not read: {answered(reading)}", reading, place=about)
            continue
        yield from _page(observed, operation, operation.shape, reading, models)


def _models(observed: Observed) -> Iterator[tuple[str, Shown]]:
    """Every model that some page shows under a name; of several tables of one name the last, which a page of its own
    has (those come last)."""
    for question in (PAGE, MODEL):
        for about, reading in answers(observed, question).items():
            for table in page(reading).tables:
                name = table.name or (about if question == MODEL else "")
                if name and table.section is not Section.REQUEST:
                    yield bare(name), Shown(table, reading)


def _page(
    observed: Observed, operation: Operation, shape: Shape, reading: Reading, models: Mapping[str, Shown]
) -> Iterator[Finding]:
    shown = page(reading)
    top = _table(shown, shape, operation, reading, models)
    place = f"{shape.name} on the help page of {operation.name}"
    compared = 0
    told = 0
    if top is not None:
        here = {bare(table.name): Shown(table, reading) for table in shown.tables if table.name}
        known = {**models, **here}
        for step in _compared(observed, top.table, shape, shape.name, known, DEEPEST):
            compared += 1
            if step is not None and told < MOST:
                told += 1
                yield _finding(step, place, top.reading)
    for sample in shown.samples:
        if sample.section is not Section.REQUEST:
            seen, drifts = _sample(sample, operation, shape)
            compared += seen
            for drift in drifts[: MOST - told]:
                told += 1
                yield _finding(drift, place, reading)
    if not compared:
        yield unseen("the page shows neither properties nor a sample", reading, place=place)
    elif not told:
        yield met(reading, place=place)


def _finding(drift: Drift, place: str, reading: Reading) -> Finding:
    because = f"{drift.where}: {drift.because}"
    return unmet(because, reading, expected=drift.expected, observed=drift.observed, place=place)


def _table(
    shown: HelpPage, shape: Shape, operation: Operation, reading: Reading, models: Mapping[str, Shown]
) -> Shown | None:
    """The table of what an operation gives. Under a heading about the response it is the first one, whatever is in it;
    elsewhere one that is plainly of this model. A list may show itself: then it is that of its elements."""
    answering = [Shown(one, reading) for one in shown.tables if one.section is Section.RESPONSE]
    linked = [models[bare(name)] for name, _ in shown.links if bare(name) in models]
    elsewhere = [Shown(one, reading) for one in shown.tables if one.section is Section.NONE]
    likely = [one for one in (*answering, *elsewhere, *linked) if _likeness(one.table, shape) >= 0.5]
    if likely:
        return likely[0]
    return answering[0] if answering and not operation.is_list else None


def _likeness(table: Table, shape: Shape) -> float:
    """How much of a model a table names."""
    names = {bare(row.name) for row in table.rows}
    return sum(bare(name) in names for name in shape.members) / max(1, len(shape.members))


def _compared(
    observed: Observed, table: Table, shape: Shape, where: str, models: Mapping[str, Shown], deepest: int
) -> Iterator[Drift | None]:
    """Every property of a model that the contract knows, each with what is wrong or None. More are never wrong."""
    for name, member in shape.members.items():
        if f"{shape.name or where}/{name}" in observed.contract.help.unshown:
            continue
        row = table.row(name)
        place = f"{where} / {name}"
        if row is None:
            yield Drift(place, "the page does not show it", words_for(member), "no such property")
            continue
        if not agrees(row, member):
            told = f"Collection of {row.type}" if row.collection else row.type
            yield Drift(place, "the page shows another type", words_for(member), told)
            continue
        below = inner(shape, name)
        home = models.get(bare(row.type))
        if home is not None and _one_of_many(row, member, home.table):
            yield Drift(place, "the page shows one, not a list of them", words_for(member), row.type)
            continue
        yield None
        if below is not None and home is not None and deepest:
            yield from _compared(observed, home.table, below, place, models, deepest - 1)


def _one_of_many(row: Property, member: Shape, home: Table) -> bool:
    """The type is named by a model that is plainly that of one element, where the contract has a list of them."""
    alone = {member.kind, *member.also} == {ValueKind.LIST} and not row.collection
    return alone and member.item is not None and bool(member.item.members) and _likeness(home, member.item) >= 0.5


# Words for types

TEXTS = frozenset({ValueKind.TEXT, ValueKind.URI, ValueKind.UUID})
NUMBERS = frozenset({ValueKind.INTEGER})
KINDS: Mapping[str, frozenset[ValueKind]] = {
    **dict.fromkeys(("string", "text", "char", "character", "tekst", "streng"), TEXTS),
    **dict.fromkeys(("uri", "url", "anyuri", "link"), frozenset({ValueKind.URI, ValueKind.TEXT})),
    **dict.fromkeys(("globally unique identifier", "guid", "uuid"), frozenset({ValueKind.UUID, ValueKind.TEXT})),
    **dict.fromkeys(
        ("date", "datetime", "date time", "date-time", "datetimeoffset", "timestamp", "dato", "instant"),
        frozenset({ValueKind.INSTANT}),
    ),
    **dict.fromkeys(
        ("integer", "int", "int16", "int32", "int64", "long", "short", "unsigned integer", "heltall"), NUMBERS
    ),
    **dict.fromkeys(("byte", "signed byte"), NUMBERS),
    **dict.fromkeys(("number", "numeric", "tall"), frozenset({ValueKind.INTEGER, ValueKind.DECIMAL})),
    **dict.fromkeys(("decimal number", "decimal", "double", "float", "single"), frozenset({ValueKind.DECIMAL})),
    **dict.fromkeys(("boolean", "bool"), frozenset({ValueKind.BOOLEAN})),
}
"""The words of ASP.NET for simple types, and those that others use -> the declared kinds that they may stand for. A
date has a word of its own: what is called a string has no form that anybody promises. Collections of bytes are text."""


def words_for(shape: Shape) -> str:
    """A declared type in the words of a help page."""
    if shape.kind is ValueKind.LIST:
        return f"Collection of {words_for(shape.item)}" if shape.item is not None else "Collection"
    return WORDS.get(shape.kind, shape.name or "Object")


WORDS: Mapping[ValueKind, str] = {
    ValueKind.TEXT: "string",
    ValueKind.URI: "URI",
    ValueKind.UUID: "globally unique identifier",
    ValueKind.INSTANT: "date",
    ValueKind.INTEGER: "integer",
    ValueKind.DECIMAL: "decimal number",
    ValueKind.BOOLEAN: "boolean",
}


def agrees(row: Property, shape: Shape) -> bool:
    """The type that a row shows may be the declared one. Words that nobody knows are names of models, and are let
    through: a name may also be that of an enumeration, which is a text or a number."""
    kinds = {shape.kind, *shape.also}
    if ValueKind.ANY in kinds:
        return True
    word = _plain(row.type)
    simple = KINDS.get(word)
    if row.collection:
        bytes_as_text = simple is not None and word == "byte" and bool(kinds & TEXTS)
        item = shape.item if ValueKind.LIST in kinds else None
        if item is None:
            return ValueKind.LIST in kinds or bytes_as_text
        return agrees(Property(row.name, row.type, False, row.href), item)
    return simple is None or bool(simple & kinds)


def _plain(words: str) -> str:
    """Words for a type without case, without what stands in brackets and without a mark for "may be absent". The form
    of a text that stands there, as OpenAPI has it, is the type: "string($date-time)"."""
    outer, _, inside = words.partition("(")
    word = outer.strip(" ?*.").lower().removeprefix("system.").removeprefix("nullable<").rstrip(">")
    form = inside.partition(")")[0].strip(" $").lower()
    return form if word == "string" and form in FORMS else word


FORMS = frozenset({"date", "date-time", "datetime", "uri", "url", "uuid", "guid"})
"""Forms of a text that are types of their own."""


# Samples


def _sample(sample: Sample, operation: Operation, shape: Shape) -> tuple[int, tuple[Drift, ...]]:
    """How many observations a sample gives, and what is wrong. The stored pages have no sample that their format cannot
    read, though some hand-written ones elsewhere have: these pages are made by the serialiser itself."""
    media_type = _format(sample)
    if media_type is None:
        return 0, ()
    found = decode(media_type, sample.text.strip().encode())
    if isinstance(found, Malformed):
        if found.layer == "limit":
            return 0, ()
        told = f"{found.layer}: {found.because}"
        return 1, (Drift(f"sample in {media_type}", "it cannot be read", f"a representation in {media_type}", told),)
    parts = [one for one in found.walk() if _is_of(one.properties, shape)]
    drifts = tuple(drift for part in parts[:1] for drift in _misfits(part.properties, shape, shape.name, media_type))
    return len(parts[:1]), tuple(dict.fromkeys(drifts))


def _format(sample: Sample) -> str | None:
    """The media type by which a sample is read: of several above it the first whose syntax it can be."""
    start = sample.text.lstrip("\ufeff \t\r\n")[:1]
    known = [one for one in sample.media_types if one in DECODERS]
    fitting = [one for one in known if one.endswith("xml") == (start == "<")]
    return next(iter(fitting or known), None)


def _is_of(record: Record, shape: Shape) -> bool:
    names = {bare(name) for name, _ in record.members}
    shared = sum(bare(name) in names for name in shape.members)
    return shared * 2 >= min(len(shape.members), max(1, len(names)))


def _misfits(record: Record, shape: Shape, where: str, media_type: str) -> Iterator[Drift]:
    declared = {bare(name): (name, member) for name, member in shape.members.items()}
    for key, node in record.members:
        name, member = declared.get(bare(key), (key, None))
        if member is None:
            continue
        place = f"{where} / {name}"
        if not fits(node, member):
            because = f"the sample in {media_type} has a value of another type"
            yield Drift(place, because, words_for(member), _told(node))
        elif isinstance(node, Record) and member.members:
            yield from _misfits(node, member, place, media_type)
        elif isinstance(node, Sequence) and member.item is not None and member.item.members:
            for item in node.items[:1]:
                if isinstance(item, Record):
                    yield from _misfits(item, member.item, place, media_type)


def fits(node: Node, shape: Shape) -> bool:
    """What stands in a sample may be a value of the declared type. In JSON every text may stand for a date or an
    identifier, since a sample has placeholders; XML tells nothing but what can be read."""
    kinds = {shape.kind, *shape.also}
    if ValueKind.ANY in kinds:
        return True
    if isinstance(node, Sequence):
        item = shape.item
        return ValueKind.LIST in kinds and (item is None or all(fits(one, item) for one in node.items))
    if isinstance(node, Record):
        return ValueKind.OBJECT in kinds or (node.untyped and ValueKind.LIST in kinds)
    return SCALARS[node.kind](node, frozenset(kinds))


def _number(node: Scalar, kinds: frozenset[ValueKind]) -> bool:
    whole = lexical.read(node.text, ValueKind.INTEGER) is not None
    return ValueKind.DECIMAL in kinds or (whole and ValueKind.INTEGER in kinds)


def _untyped(node: Scalar, kinds: frozenset[ValueKind]) -> bool:
    if not node.text.strip() or kinds & {*TEXTS, ValueKind.INSTANT}:
        return True
    return any(lexical.read(node.text, kind) is not None for kind in kinds if kind in WORDS)


SCALARS = {
    Kind.NULL: lambda node, kinds: True,
    Kind.TEXT: lambda node, kinds: bool(kinds & {*TEXTS, ValueKind.INSTANT}),
    Kind.BOOLEAN: lambda node, kinds: ValueKind.BOOLEAN in kinds,
    Kind.NUMBER: _number,
    Kind.UNTYPED: _untyped,
}
"""What the syntax tells of a scalar -> whether it may be of one of these kinds."""


def _told(node: Node) -> str:
    if isinstance(node, Scalar):
        return f"{node.kind.value}: {node.text}"
    return "a list" if isinstance(node, Sequence) else "an object"


RULES: Mapping[str, Rule] = {"DOC-1": lists_every_operation, "DOC-2": shows_the_models}

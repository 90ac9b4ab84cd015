"""FORMAT: the four media types answer, are what they say they are, and say the same.

In goes what was observed, out come findings. A defect shows once: no answer is FORMAT-1, a wrong label FORMAT-2, a body
that does not parse FORMAT-3; only answers beyond that are compared (see ``sheets``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from samsvar.logic.decoding import bare_media_type, decode
from samsvar.logic.findings import answered, met, shown, unmet, unseen, unstable
from samsvar.logic.judging import Rule
from samsvar.logic.judging.sheets import Comparison, Sheet, compared, elements_of, holds_still, sheets
from samsvar.logic.observing import AGAIN, Observed
from samsvar.logic.reading import HTML, Reading
from samsvar.logic.sameness import READABLE, spellings
from samsvar.model.contract import Shape
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML
from samsvar.model.resource import Aspect, Difference, Malformed, Node, Record, Resource, Scalar, Sequence
from samsvar.model.verdict import Cause, Finding, Unseen

MOST = 20
"""Findings of one guarantee at one place."""
NO_CONTENT = (204, 205)
BUSY = 429
UNAVAILABLE = 503
DOCTYPE = "DOCTYPE"


def short(format_: str) -> str:
    """A media type as people say it: "hal+json"."""
    return format_.removeprefix("application/")


# FORMAT-1: every promised media type answers


def answers(observed: Observed) -> Iterator[Finding]:
    """FORMAT-1. A place that answers in no media type is a dead link, which is told elsewhere."""
    for sheet in sheets(observed):
        promised = {name: sheet.readings[name] for name in _promised(observed, sheet) if name in sheet.readings}
        if not any(_represents(reading) for reading in promised.values()) or _went_away(sheet):
            continue
        yield from (_answer(sheet, format_, reading) for format_, reading in promised.items())


def _promised(observed: Observed, sheet: Sheet) -> tuple[str, ...]:
    row = observed.type(sheet.visit.type)
    return observed.formats(row.name) if row is not None and (row.shape is not None or row.is_list) else ()


def _represents(reading: Reading) -> bool:
    return reading.ok and reading.status not in NO_CONTENT


def _went_away(sheet: Sheet) -> bool:
    """The place answered at first and no more when it was read again: that has nothing to do with the media types."""
    again = sheet.visit.reading(AGAIN)
    first = next((one for one in sheet.visit.latest.values() if again and one.asked == again.asked), None)
    return again is not None and first is not None and first.ok and not again.ok


def _answer(sheet: Sheet, format_: str, reading: Reading) -> Finding:
    if _represents(reading):
        return met(reading, place=str(sheet))
    if reading.response is None:
        because = f"the question in {short(format_)} has no whole answer"
        return unseen(because, reading, place=str(sheet), cause=Cause.ENVIRONMENT)
    if reading.status == BUSY or (reading.status == UNAVAILABLE and reading.response.first("Retry-After")):
        because = f"the target was too busy to answer in {short(format_)}"
        return unseen(because, reading, place=str(sheet), cause=Cause.ENVIRONMENT)
    others = [short(one.asked) for one in sheet.readings.values() if _represents(one)]
    return unmet(
        f"the place answers in {', '.join(others)} but not in {short(format_)}",
        reading,
        expected=f"a representation in {format_}",
        observed=answered(reading),
        place=str(sheet),
        format=format_,
    )


# FORMAT-2: the label is what was asked for


def labels(observed: Observed) -> Iterator[Finding]:
    """FORMAT-2, of places, further pages and other URLs that led to a place."""
    for sheet in sheets(observed):
        promised = _promised(observed, sheet)
        aliases = sheet.visit.aliases if not sheet.page else []
        readings = [*sheet.readings.values(), *aliases]
        told = [one for one in readings if one.asked in promised and one.ok and one.response and one.response.body]
        if told and all(_is_page(one) for one in told):
            because = "a page for people comes in every media type, most likely a login page"
            yield unseen(because, *told, place=str(sheet), cause=Cause.CONFIGURATION)
            continue
        yield from (_labelled(sheet, one) for one in told)


def _is_page(reading: Reading) -> bool:
    body = reading.response.body if reading.response else b""
    return reading.label in HTML and body.lstrip()[:1] == b"<"


def _labelled(sheet: Sheet, reading: Reading) -> Finding:
    fields = reading.response.all("Content-Type") if reading.response else ()
    says = {bare_media_type(value)[0] for value in fields}
    if says == {reading.asked}:
        return met(reading, place=str(sheet))
    observed = ", ".join(fields) or "no Content-Type"
    because = f"asked for {short(reading.asked)}, the answer is labelled {observed}"
    return unmet(because, reading, expected=reading.asked, observed=observed, place=str(sheet))


# FORMAT-3: the body is what it claims to be


def well_formed(observed: Observed) -> Iterator[Finding]:
    """FORMAT-3, of every body that claims to be JSON or XML, whatever was asked."""
    for reading in observed.readings:
        finding = _form(reading)
        if finding is not None:
            yield finding


def _form(reading: Reading) -> Finding | None:
    response = reading.response
    if response is None or reading.probe.method == "HEAD":
        return None
    if not response.body:
        return _empty(reading)
    decoded = reading.decoded
    if isinstance(decoded, Malformed):
        return _malformed(reading, decoded)
    if decoded is None:
        return None
    if any(oddity.code == "bom" for oddity in decoded.oddities):
        because = "the JSON text begins with a byte order mark, which RFC 8259 (8.1) forbids"
        return unmet(because, reading, expected="JSON text", observed="EF BB BF")
    return met(reading)


def _empty(reading: Reading) -> Finding | None:
    """An answer without a body says nothing that could be malformed, but a successful one that claims a type does."""
    if reading.probe.method != "GET" or reading.status != 200 or reading.label not in FORMATS:
        return None
    return unmet(
        f"the body is empty, which is not {short(reading.label)}", reading, expected=reading.label, observed="no bytes"
    )


def _malformed(reading: Reading, wrong: Malformed) -> Finding | None:
    response = reading.response
    if wrong.layer == "type":
        return None  # it claims a type that is none of ours: a wrong label, not a broken body
    if wrong.layer == "limit":
        return unseen(f"the body is beyond what samsvar reads: {wrong.because}", reading, cause=Cause.HARNESS)
    if DOCTYPE in wrong.because and not {reading.asked, reading.label} <= set(FORMATS):
        return unseen(f"a document that samsvar does not read: {wrong.because}", reading, cause=Cause.HARNESS)
    if response is not None and reading.asked and reading.asked != reading.label:
        charset = bare_media_type(response.first("Content-Type"))[1]
        if isinstance(decode(reading.asked, response.body, charset), Resource):
            return None  # it is what was asked for under a wrong label: FORMAT-2
    where = f" at {wrong.where}" if wrong.where else ""
    return unmet(
        f"the body is not well-formed {short(reading.label)}: {wrong.because}{where}",
        reading,
        expected=f"well-formed {reading.label}",
        observed=shown(response.body[: MOST * 10].decode("utf-8", "replace")) if response else "",
    )


# FORMAT-4 to FORMAT-8: the answers say the same

Applies = Callable[[Observed, Sheet, Comparison], bool]
"""Whether a comparison could have shown a difference of that aspect."""


def comparing(*aspects: Aspect, applies: Applies) -> Rule:
    """The rule that a comparison shows no difference of these aspects."""

    def rule(observed: Observed) -> Iterator[Finding]:
        for sheet, comparisons in compared(observed):
            relevant = tuple(one for one in comparisons if applies(observed, sheet, one))
            if not relevant:
                continue
            if not holds_still(observed, sheet):
                yield from _restless(observed, sheet)
                continue
            unequal = tuple(islice(_unequal(sheet, relevant, aspects), MOST))
            yield from unequal or (met(*_both(relevant), place=str(sheet)),)

    return rule


def _both(comparisons: tuple[Comparison, ...]) -> tuple[Reading, ...]:
    return (comparisons[0].left, *(one.right for one in comparisons))


def _restless(observed: Observed, sheet: Sheet) -> Iterator[Finding]:
    """A place that did not hold still. Of one that the contract does not know nothing was promised."""
    if observed.type(sheet.visit.type) is None:
        return
    if sheet.page and observed.holds_still(sheet.visit):
        because = "the page was another one when it was read once more"
        yield unseen(because, *sheet.usable, place=str(sheet), why=Unseen.UNSTABLE)
    elif AGAIN in sheet.visit.latest:
        yield unstable(sheet.visit)
    else:
        yield unseen("the place was not read a second time, so it may have moved", *sheet.usable, place=str(sheet))


def _unequal(sheet: Sheet, comparisons: Iterable[Comparison], aspects: tuple[Aspect, ...]) -> Iterator[Finding]:
    """One finding for each location, whatever the number of media types that differ there."""
    found: dict[tuple[str, str | None], list[tuple[Comparison, Difference]]] = {}
    for comparison in comparisons:
        for each in comparison.differences:
            if each.aspect in aspects:
                found.setdefault((each.where, each.left), []).append((comparison, each))
    for differing in found.values():
        yield _difference(sheet, differing)


def _difference(sheet: Sheet, differing: list[tuple[Comparison, Difference]]) -> Finding:
    comparison, first = differing[0]
    left = comparison.left
    formats = list(dict.fromkeys(short(one.right.asked) for one, _ in differing))
    says = f"{_said(first.left)} in {short(left.asked)}, {_said(first.right)} in {', '.join(formats)}"
    why = f" ({first.because})" if first.because else ""
    return unmet(
        f"{first.where or 'the resource'}: {says}{why}",
        left,
        *dict.fromkeys(one.right for one, _ in differing),
        expected=_said(first.left),
        observed=_said(first.right),
        place=str(sheet),
        format=", ".join(formats),
    )


def _said(text: str | None) -> str:
    return "nothing" if text is None else shown(text) or '""'


def _any_property(observed: Observed, sheet: Sheet, comparison: Comparison) -> bool:
    return any(
        resource.properties.members or resource.scalar is not None or resource.elements
        for reading in (comparison.left, comparison.right)
        if reading.resource is not None
        for resource in reading.resource.walk()
    )


def _any_element(observed: Observed, sheet: Sheet, comparison: Comparison) -> bool:
    """Either side has an element: that two empty lists are equal shows nothing."""
    row = observed.type(sheet.visit.type)
    pair = (comparison.left.resource, comparison.right.resource)
    is_list = (row is not None and row.is_list) or any(one is not None and one.elements is not None for one in pair)
    differs = any(each.aspect is Aspect.ELEMENT for each in comparison.differences)
    listed = any(one is not None and elements_of(observed, sheet.visit.type, one) for one in pair)
    return (is_list and (listed or differs)) or any(_is_ordered(one, row.shape if row else None) for one in pair)


def _is_ordered(resource: Resource | None, shape: Shape | None) -> bool:
    """It has a list whose order means something."""
    if resource is None or shape is None:
        return False
    return any(name in shape.members and shape.members[name].ordered for name, _ in resource.properties.members)


def _both_hal(comparison: Comparison) -> bool:
    return {comparison.left.asked, comparison.right.asked} == {HAL_JSON, HAL_XML}


def _any_link(observed: Observed, sheet: Sheet, comparison: Comparison) -> bool:
    pair = (comparison.left.resource, comparison.right.resource)
    return _both_hal(comparison) and any(one.links for side in pair if side for one in side.walk())


def _any_embedded(observed: Observed, sheet: Sheet, comparison: Comparison) -> bool:
    pair = (comparison.left.resource, comparison.right.resource)
    return _both_hal(comparison) and any(one.embedded for side in pair if side for one in side.walk())


def spelt(observed: Observed) -> Iterator[Finding]:
    """FORMAT-8: each answer on its own by declared type, and what only a typed twin shows (True beside true)."""
    twins = dict(_twin_spellings(observed))
    for sheet in sheets(observed):
        for reading in sheet.usable:
            found = dict(_spellings(observed, reading))
            for each in twins.get(reading.number, ()):
                found.setdefault(each.where, each.because)
            yield from _spelling_findings(observed, sheet, reading, found)


def _spelling_findings(observed: Observed, sheet: Sheet, reading: Reading, found: dict[str, str]) -> Iterator[Finding]:
    for where, because in islice(found.items(), MOST):
        yield unmet(f"{where}: {because}", reading, expected="the standard form", observed=because, place=str(sheet))
    if not found and any(_typed(one.properties, shape) for one, shape in _shaped(observed, reading)):
        yield met(reading, place=str(sheet))


def _shaped(observed: Observed, reading: Reading) -> Iterator[tuple[Resource, Shape]]:
    for _, type_name, resource, _ in observed.parts(reading):
        row = observed.type(type_name)
        if row is not None and row.shape is not None:
            yield resource, row.shape


def _spellings(observed: Observed, reading: Reading) -> Iterator[tuple[str, str]]:
    whole = str(observed.place(reading))
    for place, type_name, resource, _ in observed.parts(reading):
        row = observed.type(type_name)
        for each in spellings(resource, row.shape if row else None):
            where = each.where if str(place) == whole else f"{place} / {each.where}"
            yield where, each.because


def _twin_spellings(observed: Observed) -> Iterator[tuple[int, list[Difference]]]:
    for _, comparisons in compared(observed):
        for comparison in comparisons:
            odd = [each for each in comparison.differences if each.aspect is Aspect.LEXICAL]
            yield comparison.right.number, [each for each in odd if _right_is_odd(each)]


def _right_is_odd(each: Difference) -> bool:
    """The comparison names the text that is not standard; told of the left as well, it is found there by itself."""
    return each.right is not None and each.because.startswith(repr(each.right))


def _typed(node: Node | None, shape: Shape) -> bool:
    """Whether there is a value that could have been written in another form."""
    if isinstance(node, Scalar):
        return shape.kind in READABLE
    if isinstance(node, Sequence):
        return any(_typed(each, shape.item or shape) for each in node.items)
    return isinstance(node, Record) and any(
        _typed(child, shape.members[name]) for name, child in node.members if name in shape.members
    )


def or_else(rule: Rule, because: str) -> Rule:
    """A rule that says why, when it has nothing to say."""

    def told(observed: Observed) -> Iterator[Finding]:
        found = False
        for finding in rule(observed):
            found = True
            yield finding
        if not found:
            yield unseen(because)

    return told


def _nothing_embedded(observed: Observed) -> Iterator[Finding]:
    """FORMAT-7, with the proof where nothing is embedded anywhere."""
    findings = tuple(comparing(Aspect.EMBEDDED, applies=_any_embedded)(observed))
    if findings:
        yield from findings
        return
    both = [one for _, comparisons in compared(observed) for one in comparisons if _both_hal(one)]
    if both:
        because = "no resource embeds another in either HAL format"
        yield unseen(because, *_both(tuple(both))[:MOST], why=Unseen.INAPPLICABLE)


RULES: Mapping[str, Rule] = {
    "FORMAT-1": or_else(answers, "no place that promises media types answered"),
    "FORMAT-2": or_else(labels, "no place that promises media types answered with a body"),
    "FORMAT-3": or_else(well_formed, "no body claimed to be JSON or XML"),
    "FORMAT-4": or_else(
        comparing(Aspect.VALUE, applies=_any_property), "no place could be compared in two media types"
    ),
    "FORMAT-5": or_else(
        comparing(Aspect.ELEMENT, Aspect.ORDER, applies=_any_element),
        "no list with elements could be compared in two media types",
    ),
    "FORMAT-6": or_else(
        comparing(Aspect.LINK, applies=_any_link), "no place with links could be compared in the two HAL formats"
    ),
    "FORMAT-7": or_else(_nothing_embedded, "no place could be compared in the two HAL formats"),
    "FORMAT-8": or_else(spelt, "no value of a declared type was seen"),
}

"""What generated questions show, for guarantees that have a rule of their own: HTTP-1, FORMAT-2, MODEL-1 and LIST-5.

In: the answers to the question ``operation``. Out: findings to be joined to those of the guarantee's own rule. What
those rules read of every answer anyway is not told again here: HTTP-2, HTTP-3, FORMAT-3 and AUTH-3.

A question that is generated finds what nobody thought of; it also meets every defect that is known already. So an
answer is only held against a place that did well in the crawl, in the same media type, and one that says what the crawl
heard at the same address tells nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote

from samsvar.logic import urls
from samsvar.logic.asking.lists import BAD
from samsvar.logic.asking.operations import OPERATION
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.judging.faults import BUSY, error_in, errors_come_as_successes
from samsvar.logic.judging.lists import left_out
from samsvar.logic.observing import PAGE, READ, Observed
from samsvar.logic.operations import Checks, checks
from samsvar.logic.reading import Reading
from samsvar.model.exchange import HAL_JSON, JSON, Login
from samsvar.model.verdict import Cause, Finding

STATUS = ("not_a_server_error", "status_code_conformance")
CONTENT_TYPE = ("content_type_conformance",)
SCHEMA = ("response_schema_conformance",)
MOST_TOLD = 20


def _given(observed: Observed) -> Iterator[Reading]:
    """The answers to a known caller that tell something. What comes without login is told where access is judged."""
    for reading in observed.asked(OPERATION):
        if reading.probe.login is Login.GIVEN and not _heard_before(observed, reading):
            yield reading


def _heard_before(observed: Observed, reading: Reading) -> bool:
    known = observed.answer(reading.probe.url)
    same_question = known is not None and known.probe.header("Accept") == reading.probe.header("Accept")
    return same_question and known is not None and _said(known) == _said(reading)


def _said(reading: Reading) -> tuple[object, ...]:
    return reading.status, reading.label, reading.response.body if reading.response else None


def _untold(reading: Reading) -> Finding | None:
    """Why an answer tells nothing; None if it does."""
    if reading.response is None or reading.status in BUSY:
        return unseen(f"no answer that tells: {answered(reading)}", reading, cause=Cause.ENVIRONMENT)
    if reading.redirect is not None or (reading.ok and reading.page_for_people and reading.asked):
        return unseen(f"the caller is sent elsewhere: {answered(reading)}", reading, cause=Cause.CONFIGURATION)
    return None


def _before(observed: Observed, reading: Reading) -> Reading | None:
    """What the crawl got at the place, in the same media type; of a document, what came."""
    probe = reading.probe
    visit = observed.visits.get(probe.place) if probe.place is not None else None
    if visit is not None:
        return visit.reading(reading.asked) or visit.best
    bare = probe.url.partition("?")[0]
    return next((one for one in observed.documents if one.probe.url.partition("?")[0] == bare), None)


def _did_well(observed: Observed, reading: Reading) -> bool:
    """The crawl was answered there as it should be; where an address was made up, at some place of its type."""
    before = _before(observed, reading)
    if before is not None or reading.probe.place is not None:
        return before is not None and before.ok
    asked = (visit.reading(reading.asked) for visit in observed.visits_of(reading.probe.type))
    return any(one is not None and one.ok for one in asked)


# Schemathesis


NOT_INSTALLED = "schemathesis is not installed, so its checks were not made: pip install 'samsvar[schemathesis]'"


@lru_cache(maxsize=1)
def _checks(observed: Observed) -> Checks | None:
    """Kept, since three guarantees ask for them."""
    return checks(observed.contract.openapi)


def _complaints(observed: Observed, reading: Reading, names: tuple[str, ...]) -> tuple[str, ...]:
    """What these checks say of an answer. Of one that the description has no operation for: nothing."""
    made = _checks(observed)
    if made is None:
        return ()
    operation = reading.probe.about.partition(" ")[0]
    return tuple(told for name, told in made.complaints(operation, reading.exchange) if name in names)


Judge = Callable[[Observed, Reading], Finding | None]


def _checked(judge: Judge) -> Rule:
    """The rule that judges each answer, as long as schemathesis is there to check it."""

    def rule(observed: Observed) -> Iterator[Finding]:
        readings = tuple(_given(observed))
        if readings and _checks(observed) is None:
            yield unseen(NOT_INSTALLED, readings[0], cause=Cause.HARNESS)
            return
        told = 0
        for reading in readings:
            finding = _untold(reading) or judge(observed, reading)
            if finding is not None and finding.sight == "UNMET":
                told += 1
            if finding is not None and (finding.sight != "UNMET" or told <= MOST_TOLD):
                yield finding

    return rule


# HTTP-1


def _status(observed: Observed, reading: Reading) -> Finding | None:
    """No question is answered as the server's fault, and no error as a success. A query that nobody can understand is
    LIST-5's."""
    if senseless(observed, reading) or not _did_well(observed, reading):
        return None
    if (reading.status or 0) >= 500:
        if "$" in unquote(reading.probe.url) and _queries_crash(observed, len(observed.readings)):
            return None
        expected = "an answer, or 4xx if the caller is wrong"
        because = "a question is answered as the server's fault"
        return unmet(because, reading, expected=expected, observed=answered(reading))
    error = error_in(observed.type(reading.probe.type), reading) if reading.ok else ""
    if error:
        if errors_come_as_successes(observed):
            return None
        return unmet("a success holds an error", reading, expected="4xx or 5xx", observed=error)
    complaints = _complaints(observed, reading, STATUS)
    if complaints:
        because = f"the status is none that the operation has ({complaints[0]})"
        return unmet(because, reading, expected="a documented status", observed=answered(reading))
    return met(reading)


@lru_cache(maxsize=2)
def _queries_crash(observed: Observed, _count: int) -> bool:
    """Queries that nobody can understand are the server's fault here, which LIST-5 tells."""
    crashed = (one for one in observed.asked(BAD, OPERATION) if (one.status or 0) >= 500 and one.status not in BUSY)
    return any(one.probe.question == BAD or senseless(observed, one) for one in crashed)


# FORMAT-2


def _label(observed: Observed, reading: Reading) -> Finding | None:
    """A success is labelled as what was asked for, whatever the query."""
    before = _before(observed, reading)
    if not reading.ok or reading.response is None or not reading.response.body or before is None or not before.ok:
        return None
    if error_in(observed.type(reading.probe.type), reading):
        return None  # HTTP-1 tells
    if reading.asked:
        if before.label != before.asked:
            return None  # it is wrong without a query too
        if reading.label == reading.asked:
            return met(reading)
        because = f"with this query the answer is labelled {reading.label or 'with nothing'}"
        return unmet(because, reading, before, expected=reading.asked, observed=reading.label)
    complaints = _complaints(observed, reading, CONTENT_TYPE)
    if not complaints:
        return met(reading)
    if reading.label == before.label:
        return None
    return unmet(f"the document is of another type ({complaints[0]})", reading, before, observed=reading.label)


# MODEL-1


def _model(observed: Observed, reading: Reading) -> Finding | None:
    """A representation in JSON is as its model says. Where the crawl met any that is not, MODEL-1 or another guarantee
    tells of it."""
    if not reading.ok or reading.label not in (HAL_JSON, JSON) or reading.label != reading.asked:
        return None
    if reading.resource is None or error_in(observed.type(reading.probe.type), reading):
        return None
    complaints = _complaints(observed, reading, SCHEMA)
    if not complaints:
        return met(reading)
    if _known_misfits(observed, len(observed.readings), reading.probe.type):
        return None
    return unmet(complaints[0], reading, expected="as the model says", observed="; ".join(complaints[:3]))


@lru_cache(maxsize=32)  # the types of one run: each key holds all that was observed in it
def _known_misfits(observed: Observed, _count: int, type_name: str) -> bool:
    """Whether the crawl met a representation of that type, of its elements or of a list of them that is not as the
    description says."""
    made = _checks(observed)
    row = observed.type(type_name)
    related = {type_name, *((row.element,) if row is not None and row.element else ())}
    operation_of = {item["get"].get("x-type", ""): item["get"]["operationId"] for item in _paths(observed)}
    lists = {one.name for one in observed.contract.types.values() if one.element in related}
    return made is not None and any(
        name in SCHEMA
        for reading in observed.asked(READ, PAGE)
        if reading.probe.type in related | lists and reading.ok and reading.label in (HAL_JSON, JSON)
        for name, _ in made.complaints(operation_of.get(reading.probe.type, ""), reading.exchange)
    )


def _paths(observed: Observed) -> Iterator[Mapping[str, Mapping[str, str]]]:
    yield from observed.contract.openapi.get("paths", {}).values()


# LIST-5

COUNT = re.compile(r"\s*[+-]?\d+(?:[.,]0*)?\s*|\s*")
NAME = re.compile(r"\s*[^\W\d][\w./]*(?:\s+(?:asc|desc))?\s*", re.IGNORECASE)
OPERATORS = re.compile(r"\b(?:eq|ne|gt|ge|lt|le|and|or|not|true|false)\b|\(|^\s*[^\W\d][\w./]*\s*$", re.IGNORECASE)


def _no_count(text: str) -> bool:
    """No whole number in any spelling; a negative one is a number, but no count."""
    return COUNT.fullmatch(text) is None or bool(re.match(r"\s*-0*[1-9]", text))


def _no_filter(text: str) -> bool:
    """A filter that compares nothing: no operator, no function, not even the name of a property."""
    bare = re.sub(r"'[^']*'", "''", text)
    return bool(text.strip()) and (bare.count("'") % 2 == 1 or OPERATORS.search(bare) is None)


def _no_order(text: str) -> bool:
    """Something that is no list of names, each perhaps with its direction."""
    return bool(text.strip()) and "(" not in text and any(NAME.fullmatch(part) is None for part in text.split(","))


SENSELESS: Mapping[str, Callable[[str], bool]] = {
    "$filter": _no_filter,
    "$orderby": _no_order,
    "$top": _no_count,
    "$skip": _no_count,
}
"""Option of OData -> what nobody can understand as its value. Mild: what some reader might make sense of is none."""


def senseless(observed: Observed, reading: Reading) -> tuple[str, ...]:
    """The options in a question to a searchable list that nobody can understand. One that stands there twice is left
    out: readers differ in which one they take."""
    row = observed.type(reading.probe.type)
    if row is None or not row.searchable:
        return ()
    pairs = urls.pairs(reading.probe.url.partition("?")[2])
    values = {name: [value for key, value in pairs if key.lower() == name] for name in SENSELESS}
    return tuple(name for name, found in values.items() if len(found) == 1 and SENSELESS[name](found[0]))


def refuses_senseless_queries(observed: Observed) -> Iterator[Finding]:
    """LIST-5, with generated queries."""
    for reading in _given(observed):
        options = senseless(observed, reading)
        finding = (_untold(reading) or _refused(observed, reading, options)) if options else None
        if finding is not None:
            yield finding


def _refused(observed: Observed, reading: Reading, options: tuple[str, ...]) -> Finding | None:
    if reading.status == 400:
        return met(reading)
    if not _did_well(observed, reading):
        return None
    told = " and ".join(options)
    if reading.ok:
        if error_in(None, reading) and errors_come_as_successes(observed):
            return unseen("errors come as successes here, which HTTP-1 tells", reading)
        if any(left_out(observed, option, reading.probe.place) for option in options):
            return unseen(f"the list leaves {told} out of account, which LIST-2 or LIST-3 tells", reading)
        because = f"a value of {told} that nobody can understand is answered all the same"
    elif (reading.status or 0) >= 500:
        because = f"a value of {told} that nobody can understand is answered as the server's fault"
    else:
        return unseen(f"refused for another reason: {answered(reading)}", reading)
    return unmet(because, reading, expected="400", observed=answered(reading))


CONTRIBUTIONS: Mapping[str, Rule] = {
    "HTTP-1": _checked(_status),
    "FORMAT-2": _checked(_label),
    "MODEL-1": _checked(_model),
    "LIST-5": refuses_senseless_queries,
}
"""Guarantee -> what generated questions tell of it, beside what its own rule tells."""

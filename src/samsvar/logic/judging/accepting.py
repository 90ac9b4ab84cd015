"""ACCEPT: the Accept header chooses the format, as RFC 9110 (12.5.1) reads it, and nothing else does.

A place takes part only in the formats in which the crawl got it right: a format that never comes is FORMAT-1, a wrong
label without any temptation is FORMAT-2, a body that does not parse is FORMAT-3.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from samsvar.logic.asking.accepting import (
    ANY,
    BROWSER,
    CASE,
    DEFAULT,
    MALFORMED,
    NO_ACCEPT,
    OTHER,
    SERIES,
    UNMEETABLE,
    WEIGHT,
    right_formats,
)
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.judging.access import BUSY_SAID, busy
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import HTML, Reading
from samsvar.model.exchange import FORMATS, Response, field_values
from samsvar.model.verdict import Finding, Unseen

# -- RFC 9110, 12.4.2 and 12.5.1 --------------------------------------------------------------------------------------

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
QUOTED = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*"'
RANGE = re.compile(rf"\s*({TOKEN})/({TOKEN})\s*")
PARAMETER = re.compile(rf";\s*(?:({TOKEN})(?:=({TOKEN}|{QUOTED})?)?\s*)?")
ELEMENT = re.compile(rf'(?:{QUOTED}|[^,"])+')
WEIGHT_FORM = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class Wish:
    """One media range with its weight in thousandths. parameters: those that are not the weight, lower case."""

    type: str
    subtype: str
    weight: int
    parameters: frozenset[tuple[str, str]] = frozenset()

    @property
    def precision(self) -> tuple[int, int]:
        """The more specific range has precedence (12.5.1)."""
        return (0 if self.type == "*" else 1 if self.subtype == "*" else 2, len(self.parameters))

    def fits(self, media_type: str, parameters: frozenset[tuple[str, str]] = frozenset()) -> bool:
        """The range covers that media type with these parameters."""
        major, _, minor = media_type.partition("/")
        names = self.type in ("*", major) and self.subtype in ("*", minor)
        return names and self.parameters <= parameters


def read_accept(value: str) -> tuple[Wish, ...] | None:
    """The ranges of an Accept field in order; None when it does not follow the grammar."""
    wishes = []
    rest = ELEMENT.sub("", value)
    if rest.strip(", \t"):
        return None
    for element in ELEMENT.findall(value):
        if element.strip():
            wish = _read_range(element)
            if wish is None:
                return None
            wishes.append(wish)
    return tuple(wishes)


def _read_range(element: str) -> Wish | None:
    head = RANGE.match(element)
    if head is None:
        return None
    position, weight, parameters = head.end(), None, set()
    while position < len(element):
        found = PARAMETER.match(element, position)
        if found is None or (found[1] and not found[2] and weight is None):
            return None
        position = found.end()
        name, value = (found[1] or "").lower(), (found[2] or "").lower()
        if name == "q":
            if not WEIGHT_FORM.fullmatch(value):
                return None
            weight = round(float(value) * 1000)
        elif name and weight is None:  # what follows the weight was an extension once, and does not choose
            parameters.add((name, value.strip('"')))
    return Wish(head[1].lower(), head[2].lower(), 1000 if weight is None else weight, frozenset(parameters))


def weight_of(wishes: Iterable[Wish], media_type: str) -> int:
    """How much a media type is wanted, in thousandths, by the most specific range that covers it; 0: not at all.
    A charset does not tell our formats apart: a range that names one covers the type with it."""
    name, _, tail = media_type.lower().partition(";")
    given = frozenset((key.strip(), value.strip()) for key, _, value in (one.partition("=") for one in tail.split(";")))
    fitting = [wish for wish in wishes if wish.fits(name.strip(), given | CHARSET)]
    return max(fitting, key=lambda wish: wish.precision).weight if fitting else 0


CHARSET = frozenset((("charset", "utf-8"), ("charset", "utf8")))


def accept_of(reading: Reading) -> str | None:
    """The Accept that was sent, all lines joined (RFC 9110, 5.3); None if there was none."""
    values = field_values(reading.probe.headers, "Accept")
    return ", ".join(values) if values else None


# -- looking ----------------------------------------------------------------------------------------------------------


def visit_of(observed: Observed, reading: Reading) -> Visit | None:
    """The visit of the place that a question is about."""
    return observed.visits.get(reading.probe.place) if reading.probe.place else None


def asked_of_places(observed: Observed, *questions: str) -> Iterator[tuple[Reading, Visit]]:
    """The answers to these questions, each with the visit of its place."""
    for reading in observed.asked(*questions):
        visit = visit_of(observed, reading)
        if visit is not None:
            yield reading, visit


def _wrong_type(reading: Reading, because: str, expected: object) -> Finding:
    return unmet(because, reading, expected=expected, observed=answered(reading))


# -- ACCEPT-1 ---------------------------------------------------------------------------------------------------------


def accept_alone_decides(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-1: with a tempting header field, suffix or parameter, or after other formats, a 2xx is in the type that
    was asked for. A refusal of an invented URL tells nothing."""
    for reading, visit in asked_of_places(observed, OTHER, *WITH_ORIGIN):
        if reading.asked in right_formats(observed, visit) and reading.probe.method == "GET":
            yield _undisturbed(reading)
    yield from _series(observed)
    yield from _followed(observed)


WITH_ORIGIN = ("cors.registered", "cors.unregistered")
"""Questions of another family that send one header field more: an Origin."""


def _undisturbed(reading: Reading) -> Finding:
    invented = reading.probe.about.startswith((".", "?"))
    if not reading.ok or (invented and reading.label not in FORMATS):
        return unseen("the answer is no representation of the place", reading)
    if reading.label == reading.asked:
        return met(reading)
    return _wrong_type(reading, f"something else than Accept decides the format: {reading.probe.about}", reading.asked)


def _series(observed: Observed) -> Iterator[Finding]:
    for reading, visit in asked_of_places(observed, SERIES):
        if reading.asked not in right_formats(observed, visit):
            continue
        if not reading.ok:
            yield unseen(BUSY_SAID if busy(reading) else "the answer is no representation of the place", reading)
        elif reading.label == reading.asked:
            yield met(reading)
        else:
            yield _wrong_type(reading, "an earlier request decides the format", reading.asked)


FEW = 3
"""Answers that must agree before a likeness is more than chance."""


def _followed(observed: Observed) -> Iterator[Finding]:
    """Where Accept leaves the choice, the format changes with the answer just before."""
    for about in (ANY, NO_ACCEPT):
        readings = [one for one, _ in asked_of_places(observed, DEFAULT) if one.probe.about == about and one.ok]
        before = [_label_before(observed, one) for one in readings]
        changing = len({one.label for one in readings}) > 1 and len(readings) >= FEW
        if changing and all(one.label == label for one, label in zip(readings, before, strict=True)):
            because = f"Accept {about}: the format is that of the request before"
            yield unmet(because, *readings, expected="one format", observed=", ".join(one.label for one in readings))


def _label_before(observed: Observed, reading: Reading) -> str:
    """The format of the last representation that came before this one."""
    for number in range(reading.number - 1, 0, -1):
        earlier = observed.reading(number)
        if earlier is not None and earlier.ok and earlier.label in FORMATS:
            return earlier.label
    return ""


def _same_body(one: Reading, other: Reading) -> bool:
    return bool(one.response and other.response and one.response.body == other.response.body)


# -- ACCEPT-2, ACCEPT-3 -----------------------------------------------------------------------------------------------


def names_have_no_case(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-2: a media type in another case gives that media type."""
    for reading, visit in asked_of_places(observed, CASE):
        wanted = reading.probe.about
        if wanted not in right_formats(observed, visit):
            continue
        if busy(reading) or reading.redirect:
            yield unseen(BUSY_SAID, reading)
        elif reading.ok and reading.label == wanted:
            yield met(reading)
        else:
            yield _wrong_type(reading, f"{accept_of(reading)} is not taken for {wanted}", wanted)


def weights_are_honoured(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-3: the answer is in one of the promised types that are wanted most."""
    for reading, visit in asked_of_places(observed, WEIGHT):
        wishes = read_accept(accept_of(reading) or "")
        right = right_formats(observed, visit)
        promised = observed.formats(visit.type)
        if not wishes or not promised:
            continue
        best = max(weight_of(wishes, format_) for format_ in promised)
        wanted = tuple(format_ for format_ in promised if weight_of(wishes, format_) == best)
        if not best or not set(wanted) <= set(right):
            yield unseen("the crawl did not get every type that is wanted most", reading)
        elif busy(reading) or reading.redirect:
            yield unseen(BUSY_SAID, reading)
        elif reading.ok and weight_of(wishes, reading.label) >= best:
            yield met(reading)
        else:
            yield _wrong_type(reading, f"Accept: {accept_of(reading)} is not honoured", " or ".join(wanted))


# -- ACCEPT-4, ACCEPT-5 -----------------------------------------------------------------------------------------------


def defaults_are_firm(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-4: a wildcard, and no Accept, give one of the formats, at places of one kind always the same, and the
    body is what the label says."""
    first: dict[tuple[str, str], Reading] = {}
    for reading, visit in asked_of_places(observed, DEFAULT):
        if busy(reading) or reading.redirect:
            yield unseen(BUSY_SAID, reading)
            continue
        told = "" if reading.ok else "it is refused"
        told = told or ("" if reading.label in FORMATS else "the answer is not in one of the formats")
        told = told or dishonest(reading, visit)
        earlier = first.setdefault((visit.type, reading.probe.about), reading) if not told else reading
        if told:
            because = f"Accept {reading.probe.about}: {told}"
            yield unmet(because, reading, expected="one of the formats, labelled as such", observed=answered(reading))
        elif earlier.label != reading.label:
            because = f"Accept {reading.probe.about} gives now one format and now another"
            yield unmet(because, reading, earlier, expected=earlier.label, observed=reading.label)
        else:
            yield met(reading)


def nonsense_is_survived(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-5: what cannot be met or understood gives a refusal of the 4xx kind or the default format: no fault of
    the server, and no body that is something else than its label says."""
    for reading, visit in asked_of_places(observed, UNMEETABLE, MALFORMED, BROWSER):
        if busy(reading) or reading.redirect:
            yield unseen(BUSY_SAID, reading)
            continue
        because = _not_survived(observed, reading, visit)
        if because:
            yield _wrong_type(
                reading, f"Accept: {reading.probe.about}: {because}", "a refusal, or the default format under its name"
            )
        else:
            yield met(reading)


def _not_survived(observed: Observed, reading: Reading, visit: Visit) -> str:
    if reading.status is None or reading.status >= 500:
        return "a fault of the server"
    told = dishonest(reading, visit)
    if told or not reading.ok:
        return told
    if reading.label in HTML and reading.probe.question == BROWSER:
        return ""
    if reading.label not in FORMATS:
        wanted = weight_of(read_accept(accept_of(reading) or "") or (), reading.label)
        return "" if wanted else "neither a refusal nor one of the formats"
    defaults = _defaults_at(observed, visit)
    if reading.probe.about in NOTHING_LIKE_OURS and defaults and reading.label not in defaults:
        return "a format that is not the default"
    return ""


NOTHING_LIKE_OURS = ("image/png", "application/pdf", "text/csv;q=0.5, image/gif")
"""Values of Accept that no reading takes for one of the formats."""


def _defaults_at(observed: Observed, visit: Visit) -> frozenset[str]:
    """The formats that a wildcard or no Accept gave at places of that type."""
    readings = [one for one, seen in asked_of_places(observed, DEFAULT) if seen.type == visit.type and one.ok]
    return frozenset(one.label for one in readings if one.label in FORMATS)


STARTS: Mapping[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG",),
    "image/gif": (b"GIF8",),
    "application/pdf": (b"%PDF",),
}
"""How bodies of types begin that we ask for and that are hardly there."""


def dishonest(reading: Reading, visit: Visit) -> str:
    """How an answer's body is not what its label says; "" when it is, or when there is no body in a refusal."""
    body = reading.response.body.lstrip() if reading.response else b""
    if not body:
        return "an empty answer" if reading.ok else ""
    if not reading.label:
        return "the body has no Content-Type"
    same = visit.reading(reading.label)
    if reading.malformed is not None:
        return "" if same is not None and same.malformed is not None else f"the body is not {reading.label}"
    if "samsvar" in reading.label:
        return "the label only repeats what was asked for"
    if reading.label in HTML:
        return f"the body is not {reading.label}" if body.startswith((b"{", b"[")) else ""
    if reading.label in STARTS:
        return "" if body.startswith(STARTS[reading.label]) else f"the body is not {reading.label}"
    if reading.label == "text/csv" and body.startswith((b"{", b"[", b"<")):
        return f"the body is not {reading.label}"
    return _other_dress(reading, same)


def _other_dress(reading: Reading, same: Reading | None) -> str:
    """HAL under the name of a plain format, or the other way round, seen beside what the crawl got under that name."""
    left, right = reading.resource, same.resource if same is not None else None
    if left is None or right is None:
        return ""
    alike = bool(left.links) == bool(right.links) and (left.elements is None) == (right.elements is None)
    return "" if alike else f"the body is not what else comes as {reading.label}"


# -- ACCEPT-6, ACCEPT-7 -----------------------------------------------------------------------------------------------


def answers_name_accept(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-6: where Accept chose between formats, Vary says so."""
    found = False
    for visit in observed.visits.values():
        readings = _in_formats(observed, visit)
        if len(readings) < 2:
            continue
        found = True
        missing = [one for one in readings if one.response and not _varies(one.response)]
        if missing:
            value = ", ".join(missing[0].response.all("Vary")) if missing[0].response else ""
            because = "answers that depend on Accept do not say so"
            yield unmet(because, *missing, expected="Vary: Accept", observed=f"Vary: {value or 'absent'}")
        else:
            yield met(*readings)
    if not found:
        yield unseen("no place was read in two formats")


def _in_formats(observed: Observed, visit: Visit) -> tuple[Reading, ...]:
    return tuple(one for format_ in right_formats(observed, visit) if (one := visit.reading(format_)) is not None)


def _varies(response: Response) -> bool:
    listed = {part.strip().lower() for value in response.all("Vary") for part in value.split(",")}
    return bool(listed & {"accept", "*"})


def formats_share_no_etag(observed: Observed) -> Iterable[Finding]:
    """ACCEPT-7: two formats of a place with different bodies have different strong ETags."""
    asked: list[Reading] = []
    seen = False
    for visit in observed.visits.values():
        readings = _in_formats(observed, visit)
        asked.extend(readings[:1] if len(asked) < 3 else ())
        strong = [(tag, one) for one in readings if (tag := strong_etag(one))]
        if len(strong) > 1:
            seen = True
            yield _etags(strong)
    if seen:
        return
    if asked:
        yield unseen("no place has strong ETags in two formats", *asked, why=Unseen.INAPPLICABLE)
    else:
        yield unseen("no place was read in two formats")


def _etags(strong: list[tuple[str, Reading]]) -> Finding:
    by_tag: dict[str, Reading] = {}
    for tag, reading in strong:
        other = by_tag.setdefault(tag, reading)
        if other is not reading and not _same_body(other, reading):
            because = f"{other.label} and {reading.label} share a strong ETag"
            return unmet(because, other, reading, expected="an ETag of its own for each format", observed=tag)
    return met(*(reading for _, reading in strong))


def strong_etag(reading: Reading) -> str:
    """The ETag of an answer if it is a strong one, else "" (RFC 9110, 8.8.3)."""
    tag = (reading.response.first("ETag") or "").strip() if reading.response else ""
    return tag if tag.startswith('"') else ""


RULES: Mapping[str, Rule] = {
    "ACCEPT-1": accept_alone_decides,
    "ACCEPT-2": names_have_no_case,
    "ACCEPT-3": weights_are_honoured,
    "ACCEPT-4": defaults_are_firm,
    "ACCEPT-5": nonsense_is_survived,
    "ACCEPT-6": answers_name_accept,
    "ACCEPT-7": formats_share_no_etag,
}

"""AUTH: metadata is open, and private content comes to nobody but the one who has key and login.

What counts as content is read from the answers themselves: a representation in one of the formats, the bytes of a
document that came before, or the values of a resource that was read with login.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

from samsvar.logic import urls
from samsvar.logic.asking.access import LOGINS, NO_KEY, NO_LOGIN, OPEN_PLACE, WRONG, is_private
from samsvar.logic.findings import answered, met, unmet, unseen, unstable
from samsvar.logic.identity import elements
from samsvar.logic.judging import Rule
from samsvar.logic.observing import Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.logic.sameness import differences, element_differences
from samsvar.model.contract import Shape, ValueKind
from samsvar.model.exchange import FORMATS, Login
from samsvar.model.resource import Aspect, Difference, Record, Resource, Scalar, Sequence
from samsvar.model.verdict import Cause, Finding

BUSY = frozenset((408, 425, 429, 502, 503, 504))
"""Answers of the moment: they say nothing of the question."""
ERROR_WORDS = frozenset(
    (
        "errorcode",
        "errormessage",
        "errordescription",
        "error",
        "error_description",
        "message",
        "messagedetail",
        "title",
        "status",
        "detail",
        "type",
        "instance",
        "traceid",
        "code",
        "description",
        "correlationid",
        "timestamp",
    )
)
"""Members of a body that tells of an error, in lower case."""
STANDARD_PHRASES = sorted({status.phrase.lower() for status in HTTPStatus} | {"error", "http"}, key=len, reverse=True)
STANDARD = re.compile(rf"\b(?:{'|'.join(map(re.escape, STANDARD_PHRASES))})\b")
TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
LETTERS = re.compile(r"[^\W\d_]{2,}")
LONG_ENOUGH = 8
"""Characters that a value must have to be recognised in a body that is not a representation."""
MANY_VALUES = 40
FEW_HITS = 3
NO_REASONS = (2, 3)
"""Major versions of HTTP that have no reason phrase (RFC 9113, 8.3.1; RFC 9114, 4.3.2)."""


def final(observed: Observed, *questions: str) -> tuple[Reading, ...]:
    """The answers to these questions without the redirects that were followed."""
    readings = observed.asked(*questions)
    later = {_step(reading, 0, reading.probe.url) for reading in readings if reading.probe.hop}
    return tuple(one for one in readings if not (one.redirect and _step(one, 1, one.redirect) in later))


def _step(reading: Reading, further: int, url: str) -> tuple[object, ...]:
    probe = reading.probe
    return (probe.question, probe.about, probe.login, probe.method, probe.header("Accept"), probe.hop + further, url)


def busy(reading: Reading) -> bool:
    """No whole answer, or one that says to come back later."""
    return reading.status is None or reading.status in BUSY


def known(observed: Observed, reading: Reading) -> Reading | None:
    """What the crawl got for the same place in the same format; for a document its bytes."""
    visit = observed.visits.get(reading.probe.place) if reading.probe.place else None
    if visit is not None:
        return visit.reading(reading.asked) or visit.best
    return observed.answer(reading.probe.url)


# -- AUTH-1 -----------------------------------------------------------------------------------------------------------


def metadata_is_open(observed: Observed) -> Iterable[Finding]:
    """AUTH-1: what the crawl read of an open type comes without key and login too, and says the same."""
    for reading in final(observed, OPEN_PLACE):
        before = known(observed, reading)
        if before is None or not before.ok or busy(reading):
            because = "an open place gave no answer to compare" if before is None or not before.ok else BUSY_SAID
            yield unseen(because, reading)
        else:
            yield _opened(observed, reading, before)


BUSY_SAID = "the target did not answer just then, or asked to come back later"


def _opened(observed: Observed, reading: Reading, before: Reading) -> Finding:
    if reading.status in (404, 410) and not _offered_to(observed, OPEN_PLACE, reading):
        return unseen("whoever is not logged in was not offered that URL", reading)
    if not reading.ok or (reading.page_for_people and not before.page_for_people):
        return unmet(
            "an open place is refused without key and login",
            reading,
            before,
            expected=answered(before),
            observed=answered(reading),
        )
    if before.resource is None or reading.resource is None:
        if before.resource is not None and reading.malformed is None:
            return unmet("an open place gives no content without key and login", reading, before)
        return met(reading) if before.resource is None else unseen("the body cannot be read", reading)
    visit = observed.visits.get(reading.probe.place) if reading.probe.place else None
    if visit is not None and not observed.holds_still(visit):
        return unseen("the place does not hold still", reading)
    told = first_difference(observed, reading.probe.type, before.resource, reading.resource)
    if told is None:
        return met(reading)
    return unmet(
        f"without key and login an open place says something else: {told.where}",
        reading,
        before,
        expected=told.left,
        observed=told.right,
    )


def first_difference(observed: Observed, type_name: str, left: Resource, right: Resource) -> Difference | None:
    """The first difference in meaning between two representations of one place; texts that depend on the language of
    whoever asks, the order that follows from them, and addresses, which may be made for each login, are left out."""
    row = observed.type(type_name)
    if row is not None and row.is_list:
        element = observed.type(row.element)
        shape = element.shape if element else None
        lists = (elements(observed.contract, type_name, left), elements(observed.contract, type_name, right))
        found = element_differences(*lists, shape, element.key if element else (), False)
    else:
        shape = row.shape if row else None
        found = differences(left, right, shape)
    loose = loose_names(shape) if shape else frozenset()
    return next((one for one in found if one.aspect not in LESSER and not _is_loose(observed, one, loose)), None)


LESSER = (Aspect.LEXICAL, Aspect.ORDER)


def _is_loose(observed: Observed, difference: Difference, loose: frozenset[str]) -> bool:
    name = re.sub(r"\[\d+\]$", "", difference.where.rpartition(" / ")[2])
    addresses = all(text is not None and observed.in_api(text) for text in (difference.left, difference.right))
    return name in loose or addresses


def loose_names(shape: Shape) -> frozenset[str]:
    """Names of members that hold a text in somebody's language or an address, wherever they stand."""
    inner = [*shape.members.items(), *(shape.item.members.items() if shape.item else ())]
    own = {name for name, member in inner if member.localised or member.kind is ValueKind.URI}
    return frozenset(own).union(*(loose_names(member) for _, member in inner))


# -- AUTH-2 -----------------------------------------------------------------------------------------------------------


def key_is_asked_for(observed: Observed) -> Iterable[Finding]:
    """AUTH-2: without ApiKey a private place is refused with 4xx, and the answer says why."""
    for reading in final(observed, NO_KEY):
        before = known(observed, reading)
        if busy(reading) or before is None or not before.ok:
            yield unseen(BUSY_SAID, reading)
        else:
            yield _keyless(observed, reading)


def _keyless(observed: Observed, reading: Reading) -> Finding:
    if reading.status in (404, 410) and not _offered_to(observed, NO_KEY, reading):
        return unseen("whoever has no key was not offered that URL", reading)
    if reading.status is None or not 400 <= reading.status < 500:
        return unmet(
            "a private place without ApiKey is not refused with 4xx",
            reading,
            expected="4xx",
            observed=answered(reading),
        )
    if not says_why(reading):
        return unmet(
            "a private place without ApiKey is refused, and the answer does not say why",
            reading,
            expected="a reason in the reason phrase or the body",
            observed=answered(reading),
        )
    return met(reading)


def says_why(reading: Reading) -> bool:
    """The answer holds words of its own: in the reason phrase (HTTP/1 only), in the body, or in a challenge."""
    response = reading.response
    if response is None:
        return False
    if own_words(response.phrase) and not response.version.upper().startswith(tuple(f"HTTP/{n}" for n in NO_REASONS)):
        return True
    if own_words(TAGS.sub(" ", response.body.decode("utf-8", "replace"))):
        return True
    return any("error" in value.lower() or "apikey" in value.lower() for value in response.all("WWW-Authenticate"))


def own_words(text: str) -> bool:
    """Text that says more than status codes and their standard phrases, however often they are repeated."""
    bare = " ".join(re.sub(r"\d{3}|[^\w\s'-]", " ", text).split()).lower()
    return bool(LETTERS.search(STANDARD.sub(" ", bare)))


# -- AUTH-3 -----------------------------------------------------------------------------------------------------------


def private_stays_private(observed: Observed) -> Iterable[Finding]:
    """AUTH-3: no answer to one who is not logged in carries private content, whoever asked and for whatever reason."""
    questions = dict.fromkeys((NO_LOGIN, NO_KEY, *(one.probe.question for one in observed.readings)))
    for reading in final(observed, *questions):
        row = observed.type(reading.probe.type)
        anonymous = reading.probe.login in (Login.NONE, Login.NO_LOGIN)
        if not anonymous or row is None or not is_private(row) or reading.probe.method not in ("GET", "HEAD"):
            continue
        if busy(reading):
            yield unseen(BUSY_SAID, reading)
            continue
        because = leak(observed, reading)
        if because:
            yield unmet(because, reading, expected="a refusal", observed=answered(reading))
        else:
            yield met(reading)


def leak(observed: Observed, reading: Reading) -> str:
    """How an answer gives private content away; "" when it does not."""
    before = known(observed, reading)
    if reading.probe.method == "HEAD":
        given = reading.ok and reading.label in FORMATS
        return "HEAD without login is answered as to one who is logged in" if given else ""
    body = reading.response.body if reading.response else b""
    if not body:
        return ""
    row = observed.type(reading.probe.type)
    if row is not None and row.shape is None and not row.is_list:
        return _document_leak(reading, before)
    if reading.ok and isinstance(reading.decoded, Resource) and not tells_of_error(reading.decoded):
        return "a private resource comes without login"
    if reading.ok and reading.label in FORMATS and reading.malformed:
        return "a private resource comes without login"
    if before is not None and before.resource is not None and shows(reading, before.resource):
        return "an answer without login shows what the private resource says"
    return ""


def _document_leak(reading: Reading, before: Reading | None) -> str:
    if before is None or before.response is None or reading.response is None:
        return ""
    same = reading.response.body == before.response.body
    alike = reading.ok and reading.label == before.label and not reading.page_for_people
    told = reading.ok and isinstance(reading.decoded, Resource) and tells_of_error(reading.decoded)
    return "a private document comes without login" if (same or alike) and not told else ""


def tells_of_error(resource: Resource) -> bool:
    """Nothing but the members of an error."""
    first = resource.elements[0] if resource.elements else resource
    names = {name.lower() for name, _ in first.properties.members}
    return bool(names) and names <= ERROR_WORDS


def shows(reading: Reading, resource: Resource) -> bool:
    """A body that is no representation holds many of the values that tell this resource from others."""
    url = reading.probe.url.lower()
    values = [value for value in telling_values(resource) if value.lower() not in url]
    text = reading.response.body.decode("utf-8", "replace") if reading.response else ""
    hits = sum(value in text for value in values)
    return bool(values) and hits >= max(min(FEW_HITS, len(values)), len(values) / 2) and hits > 1


def telling_values(resource: Resource) -> tuple[str, ...]:
    """Values that are long enough to be known again, those of listed and embedded resources included."""
    found = dict.fromkeys(
        text for part in resource.walk() for text in _texts(part.properties) if len(text) >= LONG_ENOUGH
    )
    return tuple(found)[:MANY_VALUES]


def _texts(node: Record | Sequence | Scalar) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, Record):
        for _, member in node.members:
            yield from _texts(member)
    else:
        for item in node.items:
            yield from _texts(item)


# -- AUTH-4 -----------------------------------------------------------------------------------------------------------


def wrong_credentials_are_refused(observed: Observed) -> Iterable[Finding]:
    """AUTH-4: with a wrong key, a token that nobody signed or one that has expired, the answer is a refusal."""
    for reading in final(observed, WRONG):
        before = known(observed, reading)
        if busy(reading) or before is None or not before.ok:
            yield unseen(BUSY_SAID, reading)
        elif _refuses(reading, before):
            yield met(reading)
        else:
            what = reading.probe.login.value.replace("-", " ")
            yield unmet(f"{what}: it is not refused", reading, expected="a refusal", observed=answered(reading))


def _refuses(reading: Reading, before: Reading) -> bool:
    """4xx, a redirect to a login, or a login page."""
    if reading.status is None:
        return False
    if 300 <= reading.status < 500:
        return True
    same = bool(before.response and reading.response and before.response.body == reading.response.body)
    return reading.ok and reading.page_for_people and not same


# -- AUTH-5 -----------------------------------------------------------------------------------------------------------


def logins_give_the_same(observed: Observed) -> Iterable[Finding]:
    """AUTH-5: the same place read with each login says the same."""
    series: dict[object, dict[str, Reading]] = {}
    for reading in final(observed, LOGINS):
        series.setdefault(reading.probe.place, {})[reading.probe.about] = reading
    shut, others = _shut_out(series), _other_users(observed, series)
    for place, readings in series.items():
        visit = next((one for key, one in observed.visits.items() if key == place), None)
        if visit is not None:
            known_users = {about: one for about, one in readings.items() if about not in others}
            yield from _compared(observed, visit, known_users, shut)
            yield from (unseen(OTHER_USER.format(about), one) for about, one in readings.items() if about in others)


OTHER_USER = "the login by {} is of another user: nothing can be compared with it"
WHO = "MyProfile"
"""The place that tells who is logged in, and below the members that tell it, the surest first."""
NAMES = ("UserName", "Name")


def _other_users(observed: Observed, series: Mapping[object, Mapping[str, Reading]]) -> frozenset[str]:
    """The logins that are, by their own profile, of somebody else than the first: what they see differs by right. Where
    no profile was seen, they are taken to be of the same user."""
    first = next(iter(observed.means.logins), Login.GIVEN).value
    profiles = [rows for rows in series.values() if first in rows and rows[first].probe.type == WHO]
    return frozenset(
        about
        for rows in profiles
        for about, one in rows.items()
        if about != "again" and _is_other(rows[first].resource, one.resource)
    )


def _is_other(first: Resource | None, second: Resource | None) -> bool:
    if first is None or second is None:
        return False
    pairs = ((_member(first, name), _member(second, name)) for name in NAMES)
    told = next((pair for pair in pairs if all(pair)), None)
    return told is not None and told[0] != told[1]


def _member(resource: Resource, name: str) -> str:
    found = dict(resource.properties.members).get(name)
    return found.text.strip() if isinstance(found, Scalar) else ""


def _shut_out(series: Mapping[object, Mapping[str, Reading]]) -> frozenset[str]:
    """The logins that opened nothing anywhere: most likely they are wrong."""
    seen = {about for readings in series.values() for about in readings}
    opened = {about for readings in series.values() for about, one in readings.items() if one.resource is not None}
    return frozenset(seen - opened)


def _compared(
    observed: Observed, visit: Visit, readings: Mapping[str, Reading], shut: frozenset[str]
) -> Iterator[Finding]:
    names = [login.value for login in observed.means.logins]
    first, again = readings.get(names[0]) if names else None, readings.get("again")
    if first is None or again is None or first.resource is None or again.resource is None:
        yield unseen("the first login did not give the content", *(one for one in (first, again) if one is not None))
        return
    if first_difference(observed, visit.type, first.resource, again.resource):
        yield unstable(visit)
        return
    for name in names[1:]:
        other = readings.get(name)
        if other is not None:
            yield _same_for(observed, visit, first, other, name in shut)


def _same_for(observed: Observed, visit: Visit, first: Reading, other: Reading, shut: bool) -> Finding:
    name = other.probe.login.value
    if busy(other) or other.malformed:
        return unseen(BUSY_SAID if busy(other) else "the body cannot be read", other)
    if other.resource is None:
        if other.status in (404, 410) and not _offered_to(observed, LOGINS, other):
            return unseen("this login was not offered that URL", other)
        cause = Cause.CONFIGURATION if shut else Cause.TARGET
        because = f"the login by {name} does not open what the first login opens"
        return unmet(because, other, first, expected=answered(first), observed=answered(other), cause=cause)
    told = first_difference(observed, visit.type, first.resource, other.resource) if first.resource else None
    if told is None:
        return met(other, first)
    because = f"the login by {name} gives other content: {told.where}"
    return unmet(because, other, first, expected=told.left, observed=told.right)


def _offered_to(observed: Observed, question: str, reading: Reading) -> bool:
    """The URL is an entry's, or was offered to this login too: it is not one that lives in another's session."""
    url, login = reading.probe.url, reading.probe.login
    entries = {urls.below(observed.target.root, entry.path) for entry in observed.contract.entries}
    if any(observed.same_url(url, entry) for entry in entries):
        return True
    own = [one for one in observed.asked(question) if one.probe.login is login]
    return any(offer.url and observed.same_url(offer.url, url) for one in own for offer in observed.offers(one))


RULES: Mapping[str, Rule] = {
    "AUTH-1": metadata_is_open,
    "AUTH-2": key_is_asked_for,
    "AUTH-3": private_stays_private,
    "AUTH-4": wrong_credentials_are_refused,
    "AUTH-5": logins_give_the_same,
}

"""HTTP-1 to HTTP-4: faults told by status, honest framing, errors that say what is wrong, validators that work."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import unquote

from samsvar.logic import urls
from samsvar.logic.asking.faults import (
    FAULT_DEEP,
    FAULT_ID,
    FAULT_PARAMETER,
    FAULT_PATH,
    FOREIGN_TAG,
    MATCH,
    OLD,
    OTHER,
    SINCE,
    UNKNOWN_PATH,
)
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.observing import AGAIN, FOLLOW, PAGE, READ, Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import ResourceType
from samsvar.model.exchange import FORMATS, Login, Response, Stage
from samsvar.model.resource import Kind, Node, Record, Resource, Scalar, Sequence
from samsvar.model.verdict import Cause, Finding, Unseen

BUSY = (429, 503)
"""The environment asks for a pause: nothing is told."""
MOST_TOLD = 50
"""Findings of one kind; more would say nothing new."""


def _pausing(reading: Reading) -> bool:
    """No answer that tells anything: none at all, or a request to come back later."""
    return reading.response is None or reading.status in BUSY


def _not_told(reading: Reading) -> Finding:
    return unseen(f"no answer that tells: {answered(reading)}", reading, cause=Cause.ENVIRONMENT)


# HTTP-1


def tells_faults_by_status(observed: Observed) -> Iterator[Finding]:
    """HTTP-1: unknown paths are 404, unknown ids and senseless values 4xx, and no success holds an error."""
    for reading in observed.asked(UNKNOWN_PATH):
        yield _unknown_path(observed, reading)
    for reading in observed.asked(FAULT_ID, FAULT_DEEP):
        yield _callers_fault(observed, reading)
    for reading in observed.asked(FAULT_PARAMETER):
        yield _not_the_servers(reading)
    yield from _refusals(observed)
    yield from _successes(observed)


WRONGLY = frozenset((Login.NONE, Login.NO_KEY, Login.WRONG_KEY, Login.NO_LOGIN, Login.WRONG_TOKEN, Login.EXPIRED_TOKEN))
"""Logins that a private place refuses: the caller's fault, whoever the caller is."""


def _ordinary(reading: Reading) -> bool:
    """A GET in a format that can be met: what becomes of another Accept is ACCEPT-5's."""
    return reading.probe.method == "GET" and reading.probe.header("Accept") in (None, "*/*", *FORMATS)


def _refusals(observed: Observed) -> Iterator[Finding]:
    """A caller without the right credentials is refused as such; what the right ones get as well is another matter."""
    for reading in observed.readings:
        if reading.probe.login not in WRONGLY or _pausing(reading) or reading.ok or not _ordinary(reading):
            continue
        known = observed.answer(reading.probe.url)
        if 400 <= (reading.status or 0) < 500:
            yield met(reading)
        elif (reading.status or 0) >= 500 and known is not None and known.ok:
            because = f"a caller with {reading.probe.login} is refused as if it were the server's fault"
            yield unmet(because, reading, expected="4xx", observed=answered(reading))


def _stranger(observed: Observed) -> bool:
    """The run was not given all that a known caller has, so a refusal may come before the path is looked at."""
    return not (observed.means.key and observed.means.login)


def _unknown_path(observed: Observed, reading: Reading) -> Finding:
    if _pausing(reading):
        return _not_told(reading)
    if reading.redirect is not None:
        followed = next((one for one in observed.asked(FAULT_PATH) if one.probe.about == reading.probe.about), None)
        if followed is not None and not _pausing(followed):
            reading = followed
    if reading.status == 404:
        return met(reading)
    if _stranger(observed) and (reading.status in (400, 401, 403) or reading.redirect is not None):
        because = "callers without key and login are refused before their path is looked at"
        return unseen(because, reading, cause=Cause.CONFIGURATION)
    return unmet("a path that nobody made is not answered 404", reading, expected="404", observed=answered(reading))


def _callers_fault(observed: Observed, reading: Reading) -> Finding:
    status = reading.status or 0
    if _pausing(reading):
        return _not_told(reading)
    if 400 <= status < 500:
        return met(reading)
    if reading.resource is not None and _is_empty_list(reading.resource):
        return unseen("the search answers with an empty list", reading)
    if status < 400 and reading.redirect is not None and _stranger(observed):
        return unseen("callers without key and login are sent elsewhere", reading, cause=Cause.CONFIGURATION)
    what = "an id that nobody has" if reading.probe.question == FAULT_ID else "an unknown path"
    return unmet(f"{what} is not answered with a 4xx status", reading, expected="404", observed=answered(reading))


def _is_empty_list(resource: Resource) -> bool:
    if resource.elements is not None:
        return not resource.elements
    return bool(resource.embedded) and not any(group for _, group in resource.embedded)


def _not_the_servers(reading: Reading) -> Finding:
    if _pausing(reading):
        return _not_told(reading)
    if (reading.status or 0) < 500:
        return met(reading)
    because = f"a value of {reading.probe.about} that makes no sense is answered as the server's fault"
    return unmet(because, reading, expected="4xx, or the parameter is left out of account", observed=answered(reading))


def _successes(observed: Observed) -> Iterator[Finding]:
    """A success of the crawl that holds nothing but an error; one finding per place."""
    told: dict[str, Finding] = {}
    for reading in observed.asked(READ, FOLLOW, PAGE):
        if not reading.ok or _may_hold_anything(observed, reading):
            continue
        place = str(observed.place(reading))
        error = error_in(observed.type(observed.type_of(reading)), reading)
        if error:
            told[place] = unmet("a success holds an error", reading, expected="4xx or 5xx", observed=error, place=place)
        else:
            told.setdefault(place, met(reading, place=place))
    yield from told.values()


def errors_come_as_successes(observed: Observed) -> bool:
    """Even a path that nobody made is answered by a success: then no status tells a refusal from an answer, and other
    rules need not tell it again."""
    asked = observed.asked(UNKNOWN_PATH)
    return bool(asked) and all(reading.ok for reading in asked)


def _may_hold_anything(observed: Observed, reading: Reading) -> bool:
    """A document that may be of any media type may well be about errors."""
    row = observed.type(reading.probe.type)
    if row is None:
        return reading.probe.question == FOLLOW
    return row.shape is None and not row.is_list and (not row.media_types or reading.label in row.media_types)


STRONG = frozenset(("errorcode", "errormessage", "errordescription", "error_description", "exceptionmessage"))
"""Members that only an error has."""
WEAK = frozenset(
    (
        *STRONG,
        *("error", "errors", "exceptiontype", "stacktrace", "innerexception", "message", "messagedetail", "modelstate"),
        *("title", "detail", "status", "statuscode", "type", "instance", "traceid", "code", "timestamp", "path"),
    )
)
"""Members that an error may have besides."""
ROOTS = frozenset(("error", "fault", "exception", "problem"))
PROBLEMS = ("application/problem+json", "application/problem+xml")
FAILED_PAGE = re.compile(
    r"<(?:title|h1)[^<>]{0,200}>[^<]{0,200}"
    r"\b(?:error|feil|exception|not found|ikke funnet|bad request|forbidden|[45][0-9]{2})\b",
    re.IGNORECASE,
)


def error_in(row: ResourceType | None, reading: Reading) -> str:
    """The error that a success holds in place of a resource of that type, as a few words; "" if it holds none."""
    if reading.label in PROBLEMS:
        return reading.label
    if reading.page_for_people and reading.response is not None:
        found = FAILED_PAGE.search(reading.response.body[:8_000].decode("utf-8", "replace"))
        return f"a page that says {found.group(0)}" if found else ""
    resource = reading.resource
    if resource is None:
        return ""
    parts = resource.elements if resource.elements else (resource,)
    return _error_words(resource) if all(_is_error(row, part) for part in parts) else ""


def _is_error(row: ResourceType | None, resource: Resource) -> bool:
    names = {name.lower() for name, _ in resource.properties.members}
    declared = {name.lower() for name in row.shape.members} if row is not None and row.shape is not None else set()
    if resource.name.lower() in ROOTS and names <= WEAK:
        return True
    if not names or names & (declared - WEAK) or not names <= WEAK or resource.embedded:
        return False
    return bool(names & (STRONG - declared)) or names == {"error"} or names == {"message"}


def _error_words(resource: Resource) -> str:
    return "; ".join(messages(resource)) or ", ".join(name for name, _ in resource.properties.members) or resource.name


# HTTP-2

DISHONEST = (Stage.FRAMING, Stage.ENCODING)
ENVIRONMENT = (Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.SEND, Stage.RECEIVE, Stage.DEADLINE, Stage.LIMIT)
CODINGS = frozenset(("gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "identity"))
GZIP_MAGIC = b"\x1f\x8b\x08"


def frames_honestly(observed: Observed) -> Iterator[Finding]:
    """HTTP-2: every answer is as long as it says and coded as it says."""
    told = 0
    for reading in observed.readings:
        finding = _framing(reading)
        if finding is None:
            continue
        told += finding.sight == "UNMET"
        if finding.sight != "UNMET" or told <= MOST_TOLD:
            yield finding


def _framing(reading: Reading) -> Finding | None:
    failure = reading.exchange.failure
    if reading.response is not None:
        wrong = _wrong_frame(reading, reading.response)
        if wrong:
            return unmet(wrong[0], reading, expected=wrong[1], observed=wrong[2])
        return met(reading) if reading.response.body else None
    if failure is None or reading.probe.method == "HEAD":  # a body after HEAD is GET-4's
        return None
    if failure.stage in DISHONEST:
        return unmet("the answer is not framed or coded as it says", reading, observed=failure.because)
    if failure.stage is Stage.RECEIVE and failure.response is not None:
        return unmet("the answer ends before it is whole", reading, observed=failure.because)
    if failure.stage in ENVIRONMENT:
        return unseen(f"no whole answer: {answered(reading)}", reading, cause=Cause.ENVIRONMENT)
    return None


def _wrong_frame(reading: Reading, response: Response) -> tuple[str, str, str] | None:
    """What is wrong with a whole answer: a sentence, what was expected, what was observed; None if nothing is."""
    lengths = {part.strip() for value in response.all("Content-Length") for part in value.split(",")}
    codings = [part.strip().lower() for value in response.all("Content-Encoding") for part in value.split(",")]
    if len(lengths) > 1:
        return "there are different values of Content-Length", "one", ", ".join(sorted(lengths))
    if lengths and response.first("Transfer-Encoding"):
        return "there are both Content-Length and Transfer-Encoding", "one of them", "both"
    if reading.probe.method == "HEAD" or response.status == 304:
        return None
    if response.status == 204 and response.body:
        return "an answer without content has some", "no body", f"{len(response.body)} bytes"
    length = next(iter(lengths), "")
    if length and response.wire_length is not None and length != str(response.wire_length):
        return "Content-Length is not the length of the body", f"{response.wire_length}", length
    strange = [coding for coding in codings if coding and coding not in CODINGS]
    if strange:
        return "Content-Encoding is none that exists", "a registered coding", strange[0]
    if response.body.startswith(GZIP_MAGIC) and reading.label in (*FORMATS, "text/html", "text/plain"):
        return "the content is compressed more often than Content-Encoding says", "readable content", "gzip"
    return None


# HTTP-3

PRECISE = (401, 403, 404, 405, 406, 410, 412, 413, 414, 415, 428, 429, 431)
"""Statuses whose standard phrase says what is wrong."""
NUMBER_ENOUGH = (404, 405, 406)
"""Statuses that say it even where a phrase is missing."""
EMPTY_WORDS = frozenset(("", "error", "unknown", "failed", "failure", "feil", "none", "null", "problem", "exception"))
MESSAGES = frozenset(
    ("errormessage", "errordescription", "error_description", "message", "messagedetail", "detail", "title", "error")
)
INSIDES: Mapping[str, re.Pattern[str]] = {
    "a stack trace": re.compile(
        r"(?:^|\s)at [A-Za-z_$][\w$]{0,80}(?:[.+`/][\w$<>`\[\],]{1,80}){1,12}\(|Traceback \(most recent call last\)"
        r"|\bFile \"[^\"\n]{1,200}\", line [0-9]|:line [0-9]|\([\w$]{1,80}\.(?:java|kt|cs|py|js|ts):[0-9]"
    ),
    "the name of an exception": re.compile(
        r"\b(?:[A-Za-z_]\w{0,60}\.){0,10}[A-Z]\w{1,80}Exception\b"
        r"|\b(?:Key|Value|Type|Attribute|Index|Name|Runtime|Reference|Syntax|Assertion|ZeroDivision|Lookup)Error\b"
    ),
    "a file path": re.compile(
        r"\b[A-Za-z]:\\[\w .$-]{1,80}\\|\\\\[\w.-]{1,80}\\[\w$-]{1,80}"
        r"|(?<![\w:/.-])/(?:home|usr|var|srv|opt|etc|tmp|root|mnt|proc|app/src|inetpub)/[\w.-]"
    ),
    "a database statement": re.compile(
        r"\bSELECT [^\n]{1,300} FROM\b|\bINSERT INTO \w|\bDELETE FROM \w|\bUPDATE \w{1,60} SET\b|\bORA-[0-9]{5}\b"
        r"|\bSQLSTATE\b|\b(?i:data source|initial catalog|user id|pwd|password) ?= ?[^\s;]|\bjdbc:\w"
    ),
    "the address of an inner host": re.compile(
        r"\b(?:[a-z0-9_-]{1,63}\.){1,6}(?:local|internal|intern|lan|corp|localdomain)\b"
        r"|(?<![\w.])(?:10\.[0-9]{1,3}|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))\.[0-9]{1,3}\.[0-9]{1,3}(?![\w.])",
        re.IGNORECASE,
    ),
}
MOST_SEARCHED = 20_000
"""Characters of an error that are searched."""
TAGS = re.compile(r"<(?:script|style)\b.{0,4000}?</(?:script|style)>|<[^<>]{0,400}>", re.DOTALL | re.IGNORECASE)


def explains_errors(observed: Observed) -> Iterator[Finding]:
    """HTTP-3: every error that was seen says what is wrong and shows no insides; like ones are told once."""
    told: set[tuple[str, int | None, str]] = set()
    seen = False
    for reading in observed.readings:
        if reading.response is None or (reading.status or 0) < 400 or reading.probe.method in ("HEAD", "OPTIONS"):
            continue
        seen = True
        finding = _explained(observed, reading)
        like = (finding.because, reading.status, reading.probe.question)
        if finding.sight == "UNMET" and like in told:
            continue
        told.add(like)
        yield finding
    if not seen:
        yield unseen("no error was seen")


def _explained(observed: Observed, reading: Reading) -> Finding:
    text = _without_echoes("\n".join((reading.response.phrase if reading.response else "", _said(reading))), reading)
    for what, pattern in INSIDES.items():
        found = next((one for one in pattern.finditer(text[:MOST_SEARCHED]) if not _ours(observed, one.group())), None)
        if found is not None:
            around = text[max(0, found.start() - 40) : found.end() + 60]
            return unmet(f"an error shows {what}", reading, expected="what is wrong, for the caller", observed=around)
    if says_why(reading):
        return met(reading)
    expected = "a reason phrase of its own, or ErrorMessage"
    return unmet("an error does not say what is wrong", reading, expected=expected, observed=answered(reading))


def _said(reading: Reading) -> str:
    """The text of an error; of JSON its texts, since an escape in one of them is nothing that it says."""
    text = body_text(reading)
    try:
        return "\n".join(_texts(json.loads(text))) if reading.label.endswith("json") else text
    except (ValueError, RecursionError):
        return text


def _texts(value: object) -> Iterator[str]:
    """Every text in decoded JSON, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from (name, *_texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


SHORTEST_ECHO = 4
"""Characters: what is shorter stands in many a text by chance."""


def _without_echoes(text: str, reading: Reading) -> str:
    """The text without what the caller said: an error that repeats it shows no insides."""
    url = reading.probe.url
    said = {*map(unquote, urls.path(url).split("/")), *(value for _, value in urls.pairs(urls.query(url)))}
    for one in sorted(said, key=len, reverse=True):
        if len(one) >= SHORTEST_ECHO:
            text = text.replace(one, " ")
    return text


def _ours(observed: Observed, name: str) -> bool:
    """The name of the environment itself, which its callers know."""
    return name.lower() == urls.host(observed.target.root)


def says_why(reading: Reading) -> bool:
    """The error tells its caller what is wrong: by phrase, by body, or because its status leaves nothing to tell."""
    response = reading.response
    if response is None:
        return False
    status = response.status
    if _says(response.phrase) or any(_says(message) for message in _told_by(reading)):
        return True
    if status in NUMBER_ENOUGH:
        return True
    if not response.version.startswith(("HTTP/1", "HTTP/0")):  # RFC 9113, 8.3.1: HTTP/2 has no reason phrase
        return status != 400
    return (status in PRECISE or status >= 500) and bool(response.phrase or response.body)


def _says(text: str) -> bool:
    words = re.sub(r"[^a-zæøå]+", " ", text.lower()).strip()
    return words not in EMPTY_WORDS and words.replace(" ", "") not in STANDARD and len(words) > 2


STANDARD = frozenset(re.sub(r"[^a-z]", "", status.phrase.lower()) for status in HTTPStatus) | {
    "requestentitytoolarge",
    "requesturitoolong",
    "requestedrangenotsatisfiable",
    "unprocessableentity",
    "payloadtoolarge",
    "objectmoved",
    "anerrorhasoccurred",
    "anerroroccurred",
}
"""Phrases that only repeat the status, as letters."""


def _told_by(reading: Reading) -> Iterator[str]:
    decoded = reading.decoded
    if isinstance(decoded, Resource):
        yield from messages(decoded)
    elif reading.response is not None and reading.label in ("text/plain", "text/html", "application/xhtml+xml", ""):
        for line in unescape(TAGS.sub("\n", body_text(reading)[:MOST_SEARCHED])).split("\n"):
            yield re.sub(r"\b(?:nginx|apache|iis|kestrel|tomcat|error)\b|[0-9./]", "", line.lower())


def messages(resource: Resource) -> Iterator[str]:
    """What an error's body tells in words, wherever in it that stands."""
    for part in resource.walk():
        if part.scalar is not None:
            yield part.scalar.text
        yield from _messages(part.properties)


def _messages(node: Node, named: str = "") -> Iterator[str]:
    if isinstance(node, Scalar):
        if named in MESSAGES and node.kind is not Kind.NULL and node.text.strip():
            yield node.text
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _messages(item, named)
    elif isinstance(node, Record):
        for name, value in node.members:
            yield from _messages(value, name.lower())


def body_text(reading: Reading) -> str:
    """The body of an answer as text, as far as it is one."""
    body = reading.response.body if reading.response is not None else b""
    return body[: 2 * MOST_SEARCHED].decode("utf-8", "replace")


# HTTP-4


def validators_work(observed: Observed) -> Iterator[Finding]:
    """HTTP-4: an ETag or a Last-Modified that was offered can be used to ask whether anything changed."""
    asked = observed.asked(MATCH, OTHER, SINCE, OLD)
    for reading in asked:
        yield VALIDATORS[reading.probe.question](observed, reading)
    yield from _steady_tags(observed)
    offering = [reading for reading in observed.crawled() if reading.response is not None and _offers(reading.response)]
    if asked:
        return
    if offering:
        yield unseen("validators were offered and not asked about", offering[0])
    elif readings := [reading for reading in observed.crawled() if reading.ok][:5]:
        yield unseen("no answer offers a validator", *readings, why=Unseen.INAPPLICABLE)
    else:
        yield unseen("nothing was read")


def _offers(response: Response) -> bool:
    return bool(response.first("ETag") or response.first("Last-Modified"))


def _untold(observed: Observed, reading: Reading) -> Finding | None:
    """Why the answer to a conditional request tells nothing, None if it does."""
    if _pausing(reading):
        return _not_told(reading)
    if 400 <= (reading.status or 0) < 500 and reading.status != 412:
        return unseen(f"the place is not there any more: {answered(reading)}", reading)
    return None


def _wrong_status(reading: Reading) -> Finding | None:
    """A conditional GET has two answers: 304, or what is there."""
    if reading.status == 304 and reading.response is not None and reading.response.body:
        size = f"{len(reading.response.body)} bytes"
        return unmet("304 comes with a body", reading, expected="no body", observed=size)
    if reading.ok or reading.status == 304:
        return None
    return unmet(
        "a conditional GET is not understood", reading, expected="304, or the content", observed=answered(reading)
    )


def _weak(tag: str | None) -> str:
    """The tag for weak comparison (RFC 9110, 8.8.3.2)."""
    return (tag or "").strip().removeprefix("W/").removeprefix("w/")


def _same_tag(observed: Observed, reading: Reading) -> Finding:
    untold = _untold(observed, reading) or _wrong_status(reading)
    if untold is not None:
        return untold
    if reading.status == 304:
        return met(reading)
    sent, now = reading.probe.header("If-None-Match"), reading.response.first("ETag") if reading.response else None
    if _weak(now) == _weak(sent):
        because = "the content is sent again to somebody who has it"
        return unmet(because, reading, expected="304", observed=f"{reading.status} with ETag {now}")
    twin = _twin(observed, reading, sent or "")
    if twin is not None and _body(twin) == _body(reading):
        because = "the ETag of the same content is another each time, so it never matches"
        return unmet(because, reading, twin, expected=sent, observed=now or "no ETag")
    return unseen("the content moved since its ETag was given", reading)


def _body(reading: Reading) -> bytes | None:
    return reading.response.body if reading.response is not None else None


def _twin(observed: Observed, reading: Reading, tag: str) -> Reading | None:
    """The reading that gave the tag that was sent."""
    place = reading.probe.place
    visit = observed.visits.get(place) if place is not None else None
    given = [one for series in visit.series for one in series.values()] if visit is not None else []
    candidates = [*given, *observed.asked(MATCH)]
    return next(
        (
            one
            for one in candidates
            if one.response is not None
            and one.number < reading.number
            and one.response.first("ETag") == tag
            and one.probe.place == place
            and one.asked == reading.asked
        ),
        None,
    )


def _foreign_tag(observed: Observed, reading: Reading) -> Finding:
    untold = _untold(observed, reading)
    if untold is not None:
        return untold
    if reading.ok:
        return met(reading)
    return unmet(
        "somebody who has other content is not given what is there",
        reading,
        expected=f"200, since nothing has the ETag {FOREIGN_TAG}",
        observed=answered(reading),
    )


def _same_date(observed: Observed, reading: Reading) -> Finding:
    untold = _untold(observed, reading) or _wrong_status(reading)
    if untold is not None:
        return untold
    if reading.status == 304:
        return met(reading)
    return unseen("the server leaves If-Modified-Since out of account, as it may", reading)


def _old_date(observed: Observed, reading: Reading) -> Finding:
    untold = _untold(observed, reading)
    if untold is not None:
        return untold
    offered = _offered_date(observed, reading)
    sent = parsedate_to_datetime(reading.probe.header("If-Modified-Since") or "")
    if reading.ok:
        return met(reading)
    if reading.status == 304 and offered is not None and offered <= sent.timestamp():
        return unseen("the content is older than the date that was asked with", reading)
    expected = "200, since the content was modified after that date"
    return unmet("content that changed since is held back", reading, expected=expected, observed=answered(reading))


def _offered_date(observed: Observed, reading: Reading) -> float | None:
    visit = observed.visits.get(reading.probe.place) if reading.probe.place is not None else None
    earlier = visit.reading(reading.probe.about) if visit is not None else None
    text = earlier.response.first("Last-Modified") if earlier is not None and earlier.response is not None else None
    try:
        date = parsedate_to_datetime(text) if text else None
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() if date else None
    except (ValueError, OverflowError):  # theirs, and not a date: then it says nothing
        return None


VALIDATORS = {MATCH: _same_tag, OTHER: _foreign_tag, SINCE: _same_date, OLD: _old_date}


def _steady_tags(observed: Observed) -> Iterator[Finding]:
    """The same ETag for content that means something else: it would keep a client from the new content."""
    for visit in observed.visits.values():
        outer = observed.outer(visit)
        readings = [one for series in visit.series for one in (series.get(outer), series.get(AGAIN)) if one is not None]
        for left, right in pairwise(readings):
            where = _changed_under_tag(observed, visit, left, right)
            if where:
                because = "the content changed and its ETag did not"
                yield unmet(because, left, right, expected="another ETag", observed=f"{where} changed")


def _changed_under_tag(observed: Observed, visit: Visit, left: Reading, right: Reading) -> str:
    if left.resource is None or right.resource is None or left.response is None or right.response is None:
        return ""
    tags = (left.response.first("ETag"), right.response.first("ETag"))
    if not tags[0] or tags[0] != tags[1]:
        return ""
    return next(iter(observed.meant_differently(visit.type, left.resource, right.resource)), "")


RULES: Mapping[str, Rule] = {
    "HTTP-1": tells_faults_by_status,
    "HTTP-2": frames_honestly,
    "HTTP-3": explains_errors,
    "HTTP-4": validators_work,
}

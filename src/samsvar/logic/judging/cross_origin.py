"""CORS: whose script may read. Header fields are read byte for byte as the Fetch standard reads them.

Nothing here asks whether an environment ought to allow an origin in general: registered are those that the run was
told of. No other origin that was sent can be registered by anybody, but for those that differ from a registered one by
scheme or port: where such a one is allowed, the finding says that it may have to be named to the run as well.

Decisions that are not plain from the sentences of the contract:

- The wildcard. "Gets itself back" (CORS-1) is not met by ``*``, though a browser would read the answer without
  credentials; and ``*`` allows every unregistered origin (CORS-3). Open metadata are no exception in the contract.
- Whoever answers in place of the API. A 502, 503 or 504 is a gateway's by definition (RFC 9110, 15.6), and a 405, 500
  or 501 may be that of the server before the API: such an answer is judged where it speaks as the API does, with a body
  in JSON or XML, or allows the origin. So may a 404 be that is a page for people: no route led to the API.
- 304. A browser takes the fields of a 304 over into its copy and runs the CORS check on that (RFC 9111, 4.3.4; Fetch,
  HTTP-network-or-cache fetch), so a 304 without the field leaves the permission as it was. It is a fault only where
  script may itself send If-None-Match, since then the 304 comes to script as it is; one that names another origin is
  one always.
- Vary. Told for answers that a cache may keep. no-store is never kept (RFC 9111, 5.2.2.5); private is, by the browser,
  which is the very cache that one site shares with another. ``Vary: *`` names everything. A 304 has the Vary of the 200
  (RFC 9110, 15.4.5). Preflights are left out: OPTIONS is never cached (RFC 9110, 9.3.7).
- Origins are compared byte for byte, as browsers do: case, a default port, a slash at the end all make another value
  (Fetch, CORS check). Blanks around a value are no part of it (Fetch, header value normalisation).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from samsvar.logic import urls
from samsvar.logic.asking.cross_origin import (
    CONDITIONAL,
    ERROR,
    FOREIGN_PREFLIGHT,
    LIMIT_WARNING,
    MORE_PREFLIGHT,
    NULL,
    PREFLIGHT,
    REGISTERED,
    UNREGISTERED,
    WARNING,
    entrance,
)
from samsvar.logic.asking.look_alikes import LOOK_ALIKES
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.judging.access import BUSY_SAID, busy, final
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.exchange import Login, Response
from samsvar.model.resource import Resource
from samsvar.model.verdict import Finding, Sight, Unseen

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOW_METHODS = "Access-Control-Allow-Methods"
ALLOW_HEADERS = "Access-Control-Allow-Headers"
EXPOSE_HEADERS = "Access-Control-Expose-Headers"
REQUEST_METHOD = "Access-Control-Request-Method"
REQUEST_HEADERS = "Access-Control-Request-Headers"
BLANKS = " \t\r\n"
"""HTTP whitespace (Fetch standard): taken off both ends of a value, and nothing else is."""

SAFE_METHODS = frozenset(("GET", "HEAD", "POST"))
"""CORS-safelisted methods."""
SAFE_FIELDS = frozenset(("accept", "accept-language", "content-language", "content-type", "range"))
"""Names that are on the safe list with ordinary values."""
NEVER_BY_WILDCARD = frozenset(("authorization",))
"""CORS non-wildcard request-header names."""
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

SIMPLE = (REGISTERED, UNREGISTERED, ERROR, CONDITIONAL, LIMIT_WARNING)
PREFLIGHTS = (PREFLIGHT, MORE_PREFLIGHT, FOREIGN_PREFLIGHT)


# -- the Fetch standard -----------------------------------------------------------------------------------------------


def combined(response: Response, name: str) -> str | None:
    """The value of a field as browsers take it: all lines, trimmed, joined by a comma and a blank; None if absent."""
    values = response.all(name)
    return ", ".join(value.strip(BLANKS) for value in values) if values else None


def allows(response: Response, origin: str) -> bool:
    """The CORS check for a request without credentials: the wildcard, or this origin byte for byte."""
    return combined(response, ALLOW_ORIGIN) in ("*", origin)


def allows_credentials(response: Response) -> bool:
    """The field says exactly ``true``."""
    return combined(response, ALLOW_CREDENTIALS) == "true"


def names_in(response: Response, name: str) -> tuple[str, ...] | None:
    """The names that a field lists, as written; () if it is absent, None if it is not a list of names."""
    value = combined(response, name)
    listed = [part.strip(BLANKS) for part in (value or "").split(",")]
    names = tuple(part for part in listed if part)
    return names if all(TOKEN.fullmatch(part) for part in names) else None


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a browser wants to know: may script of this origin send this method with these fields (names in lower
    case), with the user's credentials or without."""

    origin: str
    method: str
    fields: tuple[str, ...]
    credentials: bool = False


def refusal(response: Response, wish: Preflight) -> str:
    """Why a browser takes the answer to a preflight for a no; "" when it goes on (Fetch standard, 4.8)."""
    if not 200 <= response.status < 300:
        return f"the status is {response.status}, not 2xx"
    if not allows(response, wish.origin):
        return f"{ALLOW_ORIGIN} does not allow the origin"
    methods, fields = names_in(response, ALLOW_METHODS), names_in(response, ALLOW_HEADERS)
    if methods is None or fields is None:
        return f"{ALLOW_METHODS if methods is None else ALLOW_HEADERS} is not a list of names"
    if not _method_allowed(methods, wish):
        return f"{ALLOW_METHODS} does not name {wish.method}"
    missing = [name for name in wish.fields if not _field_allowed(fields, name, wish)]
    return f"{ALLOW_HEADERS} does not name {', '.join(missing)}" if missing else ""


def _method_allowed(methods: tuple[str, ...], wish: Preflight) -> bool:
    if wish.method in methods or wish.method in SAFE_METHODS or not methods:
        return True
    return "*" in methods and not wish.credentials


def _field_allowed(fields: tuple[str, ...], name: str, wish: Preflight) -> bool:
    if name.lower() in {field.lower() for field in fields} or name.lower() in SAFE_FIELDS:
        return True
    return "*" in fields and not wish.credentials and name.lower() not in NEVER_BY_WILDCARD


def exposes(response: Response, name: str) -> bool:
    """Script can read that response field. The wildcard counts where no credentials are allowed."""
    names = names_in(response, EXPOSE_HEADERS) or ()
    return name.lower() in {one.lower() for one in names} or ("*" in names and not allows_credentials(response))


# -- looking ----------------------------------------------------------------------------------------------------------


def origin_of(reading: Reading) -> str:
    """The Origin that was sent; "" if none."""
    return reading.probe.header("Origin") or ""


def is_registered(observed: Observed, reading: Reading) -> bool:
    """It was sent by an origin that the run was told of."""
    return origin_of(reading) in observed.means.origins


def said(reading: Reading) -> str:
    """What the answer says of origins, in a few words."""
    value = combined(reading.response, ALLOW_ORIGIN) if reading.response else None
    return f"{reading.status} without {ALLOW_ORIGIN}" if value is None else f"{ALLOW_ORIGIN}: {value}"


def several(response: Response) -> tuple[str, ...]:
    """The values where there is more than one Access-Control-Allow-Origin, or more than one origin in it; else ()."""
    lines = response.all(ALLOW_ORIGIN)
    values = tuple(part for line in lines for part in re.split(r"[,\s]+", line.strip(BLANKS)) if part)
    return lines if len(lines) > 1 or len(values) > 1 else ()


def _holds(response: Response, origin: str) -> bool:
    """The origin is one of several values: it was meant to be allowed, and CORS-8 tells why it is not."""
    return any(origin in re.split(r"[,\s]+", line) for line in several(response))


# -- CORS-1, CORS-2 ---------------------------------------------------------------------------------------------------


def _is_entrance(observed: Observed, reading: Reading) -> bool:
    places = [visit.place for visit in entrance(observed)]
    first = [visit for visit in entrance(observed) if reading.probe.about == (observed.formats(visit.type) or ("",))[0]]
    return reading.probe.place in places and bool(first) and reading.probe.login is Login.NONE


def metadata_allows(observed: Observed) -> Iterable[Finding]:
    """CORS-1: the documented check. Metadata, asked without login by a registered origin, gives that origin back."""
    for reading in final(observed, REGISTERED):
        if is_registered(observed, reading) and _is_entrance(observed, reading):
            shut = not reading.ok and _shut_anyway(observed, reading)
            yield unseen("metadata does not answer without login", reading) if shut else _gives_back(reading, observed)


def _shut_anyway(observed: Observed, reading: Reading) -> bool:
    """The place refuses whoever is not logged in, with and without an Origin: that is AUTH-1."""
    alike = [
        one
        for one in observed.readings
        if one.probe.url == reading.probe.url and one.probe.login is Login.NONE and not origin_of(one)
    ]
    no_word = reading.response is None or combined(reading.response, ALLOW_ORIGIN) is None
    return no_word and bool(alike) and not any(one.ok for one in alike)


def every_answer_allows(observed: Observed) -> Iterable[Finding]:
    """CORS-2: so does every other place, in every format, and every refusal."""
    for reading in final(observed, REGISTERED, ERROR, CONDITIONAL):
        if not is_registered(observed, reading) or _is_entrance(observed, reading):
            continue
        status = reading.status or 0
        if status == 304:
            yield _still_allows(observed, reading)
        elif 300 <= status < 400:
            yield unseen("a redirect is no answer of the API", reading)
        elif reading.probe.question == ERROR and reading.page_for_people and reading.ok:
            yield unseen("the answer is a login page, not a refusal", reading)
        elif (status in IN_FRONT or _page_of_no_route(reading)) and not _speaks_as_the_api(reading):
            yield unseen("whether the API answers or the server before it does not show", reading)
        else:
            yield _gives_back(reading, observed)


IN_FRONT = frozenset((405, *range(500, 600)))
"""Answers that often come from the server before the API."""


def _page_of_no_route(reading: Reading) -> bool:
    """A 404 as a page for people: that of a server that has nothing of the API at that path."""
    return reading.status == 404 and reading.page_for_people


def _speaks_as_the_api(reading: Reading) -> bool:
    """It has a body such as the API's, or does what only the API does: it knows the origin."""
    allowed = reading.response is not None and combined(reading.response, ALLOW_ORIGIN) == origin_of(reading)
    return allowed or isinstance(reading.decoded, Resource)


def _still_allows(observed: Observed, reading: Reading) -> Finding:
    """A 304: as it is for script that asked conditionally, else as what it makes of the browser's copy."""
    if reading.response is None or reading.response.all(ALLOW_ORIGIN) or _asks_conditionally(observed, reading):
        return _gives_back(reading, observed)
    return unseen("a 304 without the field leaves the browser's copy as it was", reading)


def _asks_conditionally(observed: Observed, reading: Reading) -> bool:
    """Script of that origin may send If-None-Match: a preflight for it succeeded."""
    answers = [one for one in final(observed, MORE_PREFLIGHT) if one.probe.about == "If-None-Match"]
    return any(one.response is not None and not refusal(one.response, wish_of(one)) for one in answers)


def _gives_back(reading: Reading, observed: Observed) -> Finding:
    origin = origin_of(reading)
    if reading.response is None or busy(reading):
        return unseen(BUSY_SAID, reading)
    if combined(reading.response, ALLOW_ORIGIN) == origin:
        return met(reading)
    if _holds(reading.response, origin):
        return unseen("the origin is one of several values, which CORS-8 judges", reading)
    return unmet(
        f"a registered origin does not get itself back{_instead(reading.response, observed)}",
        reading,
        expected=f"{ALLOW_ORIGIN}: {origin}",
        observed=said(reading),
    )


def _instead(response: Response, observed: Observed) -> str:
    """What came in place of the origin, where that tells the cause."""
    value = combined(response, ALLOW_ORIGIN)
    kept = f" from a cache (Age: {response.first('Age')})" if response.first("Age") else ""
    if value in observed.means.origins:
        return f" but another registered one{kept}"
    return " but the wildcard" if value == "*" else kept


# -- CORS-3, CORS-4, CORS-5 -------------------------------------------------------------------------------------------


def strangers_are_not_allowed(observed: Observed) -> Iterable[Finding]:
    """CORS-3: neither an unregistered origin nor a look-alike is allowed, in answers and in preflights."""
    yield from _not_allowed(observed, lambda origin: origin != NULL)


def null_is_not_allowed(observed: Observed) -> Iterable[Finding]:
    """CORS-4: the origin null is not allowed."""
    yield from _not_allowed(observed, lambda origin: origin == NULL)


def _not_allowed(observed: Observed, concerned: Callable[[str], bool]) -> Iterator[Finding]:
    for reading in final(observed, *SIMPLE, *PREFLIGHTS):
        origin = origin_of(reading)
        if not origin or is_registered(observed, reading) or not concerned(origin):
            continue
        if reading.response is None or busy(reading):
            yield unseen(BUSY_SAID, reading)
        elif _lets_in(reading, reading.response, origin):
            because = f"the origin {origin}{_kind(reading)} is allowed"
            yield unmet(because, reading, expected="it is not allowed", observed=said(reading))
        else:
            yield met(reading)


def _kind(reading: Reading) -> str:
    """Of which class a foreign origin is; and what to do where its owner may have registered it."""
    row = LOOK_ALIKES.get(reading.probe.about)
    more = "; if it is registered as well, name it to the run with --origin" if row and row.registrable else ""
    return f" ({reading.probe.about}{more})" if reading.probe.about else ""


def _lets_in(reading: Reading, response: Response, origin: str) -> bool:
    passed = reading.probe.method != "OPTIONS" or 200 <= response.status < 300
    return passed and allows(response, origin)


def credentials_are_guarded(observed: Observed) -> Iterable[Finding]:
    """CORS-5: no answer allows credentials together with the wildcard or with an unregistered origin. One that names a
    registered origin allows them to that one only, whoever asked; one that names none allows nothing (Fetch, 4.10)."""
    for reading in observed.readings:
        if reading.response is None or busy(reading):
            continue
        origin, value = origin_of(reading), combined(reading.response, ALLOW_ORIGIN)
        foreign = bool(origin) and not is_registered(observed, reading)
        if allows_credentials(reading.response) and (value == "*" or (foreign and value == origin)):
            yield unmet(
                f"credentials are allowed to {'every origin' if value == '*' else f'the origin {origin}'}",
                reading,
                expected=f"no {ALLOW_CREDENTIALS}",
                observed=f"{ALLOW_ORIGIN}: {value or 'absent'}; {ALLOW_CREDENTIALS}: true",
            )
        elif foreign or value == "*":
            yield met(reading)


# -- CORS-6 -----------------------------------------------------------------------------------------------------------

CACHED_UNASKED = frozenset((200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501))
"""Answers that a cache may keep without being told to (RFC 9110, 15.1)."""
NOT_KEPT = "no cache may keep the answers that depend on Origin (no-store)"

Group = tuple[str, tuple[str, ...], Login]


def answers_name_origin(observed: Observed) -> Iterable[Finding]:
    """CORS-6: where two origins (or none) get different answers to the same question, Vary names Origin in each answer
    to an origin that a cache may keep, and in the 304 that stands for it."""
    groups = _groups(observed)
    depending = [group for group in groups if len({_sharing(one) for one in group}) > 1]
    for reading in (one for group in depending for one in group if origin_of(one)):
        yield from _varies(reading)
    yield from _still_varies(observed)
    if depending:
        return
    compared = [group for group in groups if len({origin_of(one) for one in group}) > 1]
    if any(is_registered(observed, one) for group in compared for one in group) or _wildcards(compared):
        proof = tuple(one for group in compared[:2] for one in group[:2])
        yield unseen("no answer depends on Origin", *proof, why=Unseen.INAPPLICABLE)
    else:
        yield unseen("without a registered origin it does not show whether answers depend on Origin")


def directives(response: Response) -> Mapping[str, str]:
    """The directives of Cache-Control, names in lower case, with their arguments."""
    parts = (part.strip().partition("=") for value in response.all("Cache-Control") for part in value.split(","))
    return {name.strip().lower(): argument.strip(' "') for name, _, argument in parts if name.strip()}


def cacheable(response: Response) -> bool:
    """A cache may keep the answer: of itself, or because it is told to (RFC 9111, 3). Expires alone is left out."""
    told = directives(response)
    if "no-store" in told:
        return False
    fresh = any(told.get(name, "").isdigit() and int(told[name]) > 0 for name in ("max-age", "s-maxage"))
    return response.status in CACHED_UNASKED or "public" in told or fresh


def _varies(reading: Reading) -> Iterator[Finding]:
    if reading.response is None:
        yield unseen(BUSY_SAID, reading)
    elif cacheable(reading.response):
        yield _named(reading, reading.response, "an answer that depends on Origin does not say so")
    elif "no-store" in directives(reading.response):
        yield unseen(NOT_KEPT, reading, why=Unseen.INAPPLICABLE)


def _still_varies(observed: Observed) -> Iterator[Finding]:
    """A 304 says in Vary what the 200 for the same origin says (RFC 9110, 15.4.5)."""
    whole = {
        (urls.canonical(one.probe.url), one.probe.header("Accept"), one.probe.login, origin_of(one))
        for one in final(observed, REGISTERED, UNREGISTERED)
        if one.response is not None and one.ok and vary_names(one.response, "Origin")
    }
    for reading in final(observed, CONDITIONAL):
        probe = reading.probe
        same = (urls.canonical(probe.url), probe.header("Accept"), probe.login, origin_of(reading))
        if reading.status == 304 and reading.response is not None and same in whole:
            yield _named(reading, reading.response, "a 304 does not say that the answer depends on Origin")


def _named(reading: Reading, response: Response, because: str) -> Finding:
    if vary_names(response, "Origin"):
        return met(reading)
    observed = f"Vary: {combined(response, 'Vary') or 'absent'}"
    return unmet(because, reading, expected="Vary: Origin", observed=observed)


def _wildcards(groups: list[list[Reading]]) -> bool:
    answers = [one.response for group in groups for one in group if one.response and origin_of(one)]
    return bool(answers) and all(combined(response, ALLOW_ORIGIN) == "*" for response in answers)


def _groups(observed: Observed) -> list[list[Reading]]:
    """The answers to the same question, asked by several origins or none."""
    found: dict[Group, list[Reading]] = defaultdict(list)
    for reading in (*observed.crawled(), *final(observed, "auth.open", "auth.no-key", "auth.no-login", *SIMPLE)):
        if reading.probe.method == "GET" and reading.probe.question != CONDITIONAL and not busy(reading):
            accept = tuple(value for name, value in reading.probe.headers if name.lower() == "accept")
            found[(urls.canonical(reading.probe.url), accept, reading.probe.login)].append(reading)
    return [group for group in found.values() if any(origin_of(one) for one in group)]


def _sharing(reading: Reading) -> tuple[tuple[str, str], ...]:
    """What the answer says of sharing."""
    fields = reading.response.headers if reading.response else ()
    return tuple(sorted((name.lower(), value) for name, value in fields if name.lower().startswith("access-control-")))


def vary_names(response: Response, field: str) -> bool:
    """Vary names that request field, or everything."""
    listed = {part.strip().lower() for value in response.all("Vary") for part in value.split(",")}
    return field.lower() in listed or "*" in listed


# -- CORS-7, CORS-8, CORS-10 ------------------------------------------------------------------------------------------


def wish_of(reading: Reading) -> Preflight:
    """What a preflight asked for, without credentials."""
    names = (reading.probe.header(REQUEST_HEADERS) or "").split(",")
    fields = tuple(name for name in names if name)
    return Preflight(origin_of(reading), reading.probe.header(REQUEST_METHOD) or "GET", fields)


def preflights_succeed(observed: Observed) -> Iterable[Finding]:
    """CORS-7: a browser goes on after the preflight for GET with ApiKey, Accept and Authorization."""
    for reading in final(observed, PREFLIGHT):
        if is_registered(observed, reading):
            yield _goes_on(reading)


MORE = ("HEAD", "X-Requested-With")


def more_preflights_succeed(observed: Observed) -> Iterable[Finding]:
    """CORS-11: it goes on for HEAD and X-Requested-With as well. Told only where GET without them goes on: what refuses
    that is CORS-7's."""
    plain = [one for one in final(observed, PREFLIGHT) if is_registered(observed, one)]
    refused = {urls.canonical(one.probe.url) for one in plain if _goes_on(one).sight is Sight.UNMET}
    for reading in final(observed, MORE_PREFLIGHT):
        if reading.probe.about not in MORE or not is_registered(observed, reading):
            continue
        if urls.canonical(reading.probe.url) in refused:
            yield unseen("the preflight for GET does not succeed there, which CORS-7 judges", reading)
        else:
            yield _goes_on(reading)


def _goes_on(reading: Reading) -> Finding:
    if reading.response is None or busy(reading):
        return unseen(BUSY_SAID, reading)
    wish = wish_of(reading)
    because = refusal(reading.response, wish)
    if not because:
        return met(reading)
    if _holds(reading.response, wish.origin):
        return unseen("the origin is one of several values, which CORS-8 judges", reading)
    return unmet(
        f"a browser takes the preflight for a no: {because}",
        reading,
        expected=f"2xx that allows the origin, {wish.method} and {', '.join(wish.fields)}",
        observed=f"{answered(reading)}; {said(reading)}",
    )


def one_origin_is_named(observed: Observed) -> Iterable[Finding]:
    """CORS-8: an answer that has Access-Control-Allow-Origin has it once, with one value."""
    for reading in observed.readings:
        if reading.response is None or not reading.response.all(ALLOW_ORIGIN):
            continue
        values = several(reading.response)
        if values == (origin_of(reading),):
            continue  # what was sent came back: CORS-3 judges that
        if values:
            yield unmet(
                f"{ALLOW_ORIGIN} does not hold exactly one origin once",
                reading,
                expected="one field with one origin",
                observed=" | ".join(values),
            )
        else:
            yield met(reading)


def warnings_are_exposed(observed: Observed) -> Iterable[Finding]:
    """CORS-10: script can read X-Warning-LimitReached where it comes to a registered origin."""
    count = 0
    for reading in final(observed, *SIMPLE):
        response = reading.response
        if response is None or not is_registered(observed, reading) or reading.probe.method != "GET":
            continue
        if response.first(WARNING) is None or not allows(response, origin_of(reading)):
            continue
        count += 1
        if exposes(response, WARNING):
            yield met(reading)
        else:
            yield unmet(
                f"{WARNING} is not exposed to script",
                reading,
                expected=f"{EXPOSE_HEADERS}: {WARNING}",
                observed=f"{EXPOSE_HEADERS}: {combined(response, EXPOSE_HEADERS) or 'absent'}",
            )
    if not count:
        yield _no_warning(observed)


def _no_warning(observed: Observed) -> Finding:
    warned = [one for one in observed.readings if one.response and one.response.first(WARNING) is not None]
    lists = [one for one in observed.crawled() if one.ok and (row := observed.type(one.probe.type)) and row.limited]
    if warned:
        return unseen(f"{WARNING} came only where no registered origin had asked or was allowed", *warned[:1])
    if lists:
        return unseen(f"no list that was read had {WARNING}", *lists[:3], why=Unseen.INAPPLICABLE)
    return unseen("no list that could be cut short was read")


RULES: Mapping[str, Rule] = {
    "CORS-1": metadata_allows,
    "CORS-2": every_answer_allows,
    "CORS-3": strangers_are_not_allowed,
    "CORS-4": null_is_not_allowed,
    "CORS-5": credentials_are_guarded,
    "CORS-6": answers_name_origin,
    "CORS-7": preflights_succeed,
    "CORS-8": one_origin_is_named,
    "CORS-10": warnings_are_exposed,
    "CORS-11": more_preflights_succeed,
}

"""What is asked about script on other sites' pages: registered origins, unregistered ones, look-alikes, preflights.

An Origin is only a header field here; whether a browser lets script read the answer is computed by the rules.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once, representatives
from samsvar.logic.asking.access import documents_that, first_format, insistent, is_open, is_private, visits_that
from samsvar.logic.observing import Observed, Visit
from samsvar.model.exchange import Fields, Login, Probe

REGISTERED = "cors.registered"
UNREGISTERED = "cors.unregistered"
ERROR = "cors.error"
PREFLIGHT = "cors.preflight"
FOREIGN_PREFLIGHT = "cors.preflight-unregistered"
LIMIT_WARNING = "cors.warning"

WARNING = "X-Warning-LimitReached"
"""The one response field that the contract gives a meaning and that browsers do not show unless it is exposed."""

STRANGERS: Mapping[str, str] = {
    "stranger": "https://samsvar-uregistrert.example",
    "stranger without TLS": "http://samsvar-uregistrert.example",
}
"""Origins that nobody can register: .example is reserved (RFC 2606)."""
NULL = "null"
FOREIGN_HOST = "samsvar.example"

WANTED_FIELDS = ("accept", "apikey", "authorization")
"""As browsers write them in Access-Control-Request-Headers: lower case, sorted."""
UNSAFE_FIELDS = ("apikey", "authorization")
"""Those of them that a browser itself would name: Accept is on the safe list."""

MOST_ORIGINS = 4
MOST_PLACES = 12
MOST_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class Origin:
    """The parts of a serialised origin; port with its colon, or ""."""

    scheme: str
    host: str
    port: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.port}"


def parse_origin(text: str) -> Origin | None:
    """The parts of an origin, None when the text is not one."""
    found = re.fullmatch(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[^/:?#@\s]+)(:\d+)?", text, re.IGNORECASE)
    return Origin(found[1], found[2], found[3] or "") if found else None


def _with_host(change: Callable[[str], str]) -> Callable[[Origin], str]:
    return lambda origin: str(replace(origin, host=change(origin.host)))


def _homograph(host: str) -> str:
    """The host with one letter of its longest label replaced by its Cyrillic twin, as it goes on the wire."""
    longest = max(host.split("."), key=len)
    twins = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х"}
    letter = next((letter for letter in longest if letter in twins), None)
    if letter is None:
        return host
    try:
        return host.replace(longest, longest.replace(letter, twins[letter], 1).encode("idna").decode("ascii"))
    except UnicodeError:
        return host


def _first_dot(host: str) -> str:
    return host.replace(".", "x", 1)


def _last_dot(host: str) -> str:
    return "x".join(host.rsplit(".", 1))


def _sibling(host: str) -> str:
    """Another host of the same domain: what *.domain would allow."""
    labels = host.split(".")
    return ".".join(["samsvar", *labels[1:]]) if len(labels) > 2 else f"samsvar.{host}"


def _glued(host: str) -> str:
    """A domain that only ends like the registered one."""
    labels = host.split(".")
    return ".".join([f"samsvar{labels[-2]}", labels[-1]]) if len(labels) > 1 else f"samsvar{host}"


LOOK_ALIKES: Mapping[str, Callable[[Origin], str]] = {
    "begins like it": _with_host(lambda host: f"{host}.{FOREIGN_HOST}"),
    "begins like it, no dot": _with_host(lambda host: f"{host}{FOREIGN_HOST}"),
    "ends like it": _with_host(lambda host: f"samsvar{host}"),
    "ends like its domain": _with_host(_glued),
    "sub-domain": _with_host(lambda host: f"samsvar.{host}"),
    "sibling": _with_host(_sibling),
    "other scheme": lambda origin: str(replace(origin, scheme="http" if origin.scheme == "https" else "https")),
    "other port": lambda origin: str(replace(origin, port=":8443" if origin.port != ":8443" else ":9443")),
    "longer port": lambda origin: str(replace(origin, port=f"{origin.port}1" if origin.port else ":4431")),
    "trailing dot": _with_host(lambda host: f"{host}."),
    "trailing slash": lambda origin: f"{origin}/",
    "upper case": _with_host(str.upper),
    "percent form": _with_host(lambda host: host.replace(".", "%2E", 1)),
    "backtick": _with_host(lambda host: f"{host}%60.{FOREIGN_HOST}"),
    "underscore": _with_host(lambda host: f"{host}_.{FOREIGN_HOST}"),
    "user name": lambda origin: f"{origin}@{FOREIGN_HOST}",
    "contained": lambda origin: f"https://{FOREIGN_HOST}/{origin}",
    "homograph": _with_host(_homograph),
    "first dot is any": _with_host(_first_dot),
    "last dot is any": _with_host(_last_dot),
    "first letter gone": _with_host(lambda host: host[1:]),
    "last letter gone": lambda origin: f"{origin.scheme}://{origin.host[:-1]}",
    "two origins": lambda origin: f"{origin} https://{FOREIGN_HOST}",
    "list of origins": lambda origin: f"https://{FOREIGN_HOST}, {origin}",
}
"""Ways in which careless comparing takes a foreign origin for a registered one, each with how it is formed."""


def look_alikes(registered: str, known: Iterable[str]) -> Mapping[str, str]:
    """By class, the look-alikes of a registered origin; none that is registered itself, and none twice."""
    origin = parse_origin(registered)
    if origin is None:
        return {}
    literal = origin.host.startswith("[") or "." not in origin.host or bool(re.fullmatch(r"[\d.]+", origin.host))
    rows = {name: make for name, make in LOOK_ALIKES.items() if not literal or name in FOR_ANY_HOST}
    found: dict[str, str] = {}
    for name, make in rows.items():
        made = make(origin)
        if made not in known and made not in found.values():
            found[name] = made
    return found


FOR_ANY_HOST = frozenset(("other scheme", "other port", "longer port", "trailing slash", "user name", "contained"))
"""Classes that make sense for an address or a name without dots (localhost) as well."""


def foreign_origins(observed: Observed) -> Mapping[str, str]:
    """All origins that are not to be allowed, by class: made-up ones, null, look-alikes of the first registered one."""
    origins = observed.means.origins
    alike = look_alikes(origins[0], origins) if origins else {}
    return {**STRANGERS, NULL: NULL, **alike}


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions of the family."""
    for probe in (*_registered(observed), *_errors(observed), *_foreign(observed), *_warned(observed)):
        yield insistent(observed, probe)
    for probe in (*_preflights(observed), *_foreign_preflights(observed)):
        yield once(probe)


def with_origin(origin: str) -> Fields:
    """The header field that says where script comes from."""
    return (("Origin", origin),)


def stages(observed: Observed) -> tuple[tuple[Visit, Login], ...]:
    """An open and a private place, each with the login that shows its content."""
    opened = [(visit, Login.NONE) for visit in entrance(observed)]
    private = [(visit, Login.GIVEN) for visit in visits_that(observed, is_private)[:1]]
    return (*opened, *private)


def entrance(observed: Observed) -> tuple[Visit, ...]:
    """The open entry (metadata), or another open place if that was not read."""
    entries = {entry.type for entry in observed.contract.entries if entry.required}
    visits = visits_that(observed, is_open)
    return tuple(sorted(visits, key=lambda visit: visit.type not in entries)[:1])


def _registered(observed: Observed) -> Iterator[Probe]:
    origins = observed.means.origins[:MOST_ORIGINS]
    if not origins:
        return
    for visit, login in stages(observed):
        first, *others = observed.formats(visit.type) or (first_format(observed, visit),)
        for origin in origins:
            yield ask_place(visit, REGISTERED, first, accept=first, headers=with_origin(origin), login=login)
        for format_ in others:
            yield ask_place(visit, REGISTERED, format_, accept=format_, headers=with_origin(origins[0]), login=login)
    asked = {visit.place for visit, _ in stages(observed)}
    fields = with_origin(origins[0])
    for visit in representatives(observed, most=MOST_PLACES):
        if visit.place not in asked:
            accept = first_format(observed, visit)
            yield ask_place(visit, REGISTERED, accept, accept=accept, headers=fields)
    yield from _other_registered(observed, fields)


def _other_registered(observed: Observed, fields: Fields) -> Iterator[Probe]:
    """Documents, a further page, and HEAD."""
    for reading in documents_that(observed, lambda row: True)[:MOST_DOCUMENTS]:
        headers = (*reading.probe.headers, *fields)
        yield replace(reading.probe, question=REGISTERED, about="document", headers=headers, hop=0)
    pages = [page for visit in observed.visits.values() for page in visit.pages.get(1, {}).values() if page.ok]
    for page in pages[:1]:
        headers = (*page.probe.headers, *fields)
        yield replace(page.probe, question=REGISTERED, about="page", headers=headers, hop=0)
    for visit, login in stages(observed)[:1]:
        accept = first_format(observed, visit)
        yield ask_place(visit, REGISTERED, "HEAD", accept=accept, headers=fields, login=login, method="HEAD")


UNKNOWN_PATH = "samsvar-finnes-ikke"
BROKEN_FILTER = "SamsvarFinnesIkke eq"


def _errors(observed: Observed) -> Iterator[Probe]:
    """Answers that are errors: an unknown path, no key, no login, a broken query."""
    origins = (*observed.means.origins[:1], *STRANGERS.values())[:2]
    for origin in origins:
        url = urls.below(observed.target.root, UNKNOWN_PATH)
        yield Probe(ERROR, url, "unknown path", headers=(("Accept", "application/hal+json"), *with_origin(origin)))
    if not observed.means.origins:
        return
    fields = with_origin(origins[0])
    private = visits_that(observed, is_private)
    for visit in private[:1]:
        accept = first_format(observed, visit)
        yield ask_place(visit, ERROR, "no key", accept=accept, headers=fields, login=Login.NONE)
        yield ask_place(visit, ERROR, "no login", accept=accept, headers=fields, login=Login.NO_LOGIN)
    for visit in visits_that(observed, lambda row: row.searchable)[:1]:
        url = urls.with_parameters(visit.url, {"$filter": BROKEN_FILTER})
        accept = first_format(observed, visit)
        yield ask_place(visit, ERROR, "broken query", accept=accept, headers=fields, url=url)


def _foreign(observed: Observed) -> Iterator[Probe]:
    origins = foreign_origins(observed)
    staged = stages(observed)
    for visit, login in staged:
        accept = first_format(observed, visit)
        for name, origin in origins.items():
            yield ask_place(visit, UNREGISTERED, name, accept=accept, headers=with_origin(origin), login=login)
    stranger = with_origin(STRANGERS["stranger"])
    for visit, login in staged[:1]:
        for format_ in observed.formats(visit.type)[1:]:
            yield ask_place(visit, UNREGISTERED, "stranger", accept=format_, headers=stranger, login=login)
    asked = {visit.place for visit, _ in staged}
    for visit in representatives(observed, most=MOST_PLACES):
        if visit.place not in asked:
            yield ask_place(visit, UNREGISTERED, "stranger", accept=first_format(observed, visit), headers=stranger)
    for reading in documents_that(observed, lambda row: True)[:MOST_DOCUMENTS]:
        headers = (*reading.probe.headers, *stranger)
        yield replace(reading.probe, question=UNREGISTERED, about="stranger", headers=headers, hop=0)


def _preflight(visit: Visit, question: str, about: str, origin: str, names: tuple[str, ...]) -> Probe:
    """A preflight as a browser sends it: without key and login (Fetch standard, CORS-preflight fetch)."""
    fields: Fields = (
        ("Origin", origin),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", ",".join(names)),
    )
    return ask_place(visit, question, about, accept="*/*", headers=fields, login=Login.NONE, method="OPTIONS")


def _preflights(observed: Observed) -> Iterator[Probe]:
    origins = observed.means.origins[:MOST_ORIGINS]
    for index, visit in enumerate(representatives(observed, most=MOST_PLACES) if origins else ()):
        yield _preflight(visit, PREFLIGHT, "all fields", origins[0], WANTED_FIELDS)
        if not index:
            yield _preflight(visit, PREFLIGHT, "as a browser", origins[0], UNSAFE_FIELDS)
            for origin in origins[1:]:
                yield _preflight(visit, PREFLIGHT, "all fields", origin, WANTED_FIELDS)
    for reading in documents_that(observed, lambda row: True)[:1] if origins else ():
        probe = _preflight_of_document(reading.probe, origins[0])
        yield probe


def _preflight_of_document(probe: Probe, origin: str) -> Probe:
    fields: Fields = (
        ("Accept", "*/*"),
        ("Origin", origin),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", ",".join(WANTED_FIELDS)),
    )
    return replace(
        probe, question=PREFLIGHT, about="document", headers=fields, login=Login.NONE, method="OPTIONS", hop=0
    )


def _foreign_preflights(observed: Observed) -> Iterator[Probe]:
    private = visits_that(observed, is_private)[:1] or entrance(observed)
    for visit in private:
        for name, origin in foreign_origins(observed).items():
            yield _preflight(visit, FOREIGN_PREFLIGHT, name, origin, WANTED_FIELDS)


def _warned(observed: Observed) -> Iterator[Probe]:
    """A place whose answer had the warning, asked by a registered origin."""
    warned = [one for one in observed.crawled() if one.response is not None and one.response.first(WARNING) is not None]
    for origin in observed.means.origins[:1]:
        for reading in warned[:1]:
            headers = (*reading.probe.headers, *with_origin(origin))
            yield replace(reading.probe, question=LIMIT_WARNING, about=WARNING, headers=headers, hop=0)

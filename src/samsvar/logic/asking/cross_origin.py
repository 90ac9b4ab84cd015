"""What is asked about script on other sites' pages: the matrix of origins, places, formats, answers and preflights.

An Origin is only a header field here; whether a browser lets script read the answer is computed by the rules. The whole
matrix is too large to be asked of anybody, so ``PLAN`` has the cells that can tell something that no other cell tells,
each with its reason; docs/questions.md shows it as a table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once, representatives
from samsvar.logic.asking.access import documents_that, first_format, insistent, is_open, is_private, visits_that
from samsvar.logic.asking.look_alikes import LookAlike, look_alikes
from samsvar.logic.asking.methods import undocumented_methods
from samsvar.logic.observing import Observed, Visit
from samsvar.model.exchange import HAL_JSON, Fields, Login, Probe

REGISTERED = "cors.registered"
UNREGISTERED = "cors.unregistered"
ERROR = "cors.error"
CONDITIONAL = "cors.conditional"
PREFLIGHT = "cors.preflight"
MORE_PREFLIGHT = "cors.preflight-more"
FOREIGN_PREFLIGHT = "cors.preflight-unregistered"
LIMIT_WARNING = "cors.warning"

WARNING = "X-Warning-LimitReached"
"""The one response field that the contract gives a meaning and that browsers do not show unless it is exposed."""

STRANGERS: Mapping[str, str] = {
    "stranger": "https://samsvar-uregistrert.example",
    "stranger without TLS": "http://samsvar-uregistrert.example",
}
"""Origins that nobody can register: .example is reserved (RFC 2606)."""
STRANGER = STRANGERS["stranger"]
NULL = "null"

WANTED_FIELDS = ("accept", "apikey", "authorization")
"""As browsers write them in Access-Control-Request-Headers: lower case, sorted."""
UNSAFE_FIELDS = ("apikey", "authorization")
"""Those of them that a browser itself would name: Accept is on the safe list."""
LIBRARY_FIELDS = (*UNSAFE_FIELDS, "x-requested-with")
"""With the field that script libraries add of themselves."""
CONDITIONAL_FIELDS = (*UNSAFE_FIELDS, "if-none-match")

AMBIENT: Mapping[Login, str] = {Login.PASSWORD: "by cookie", Login.CERTIFICATE: "by certificate"}
"""Logins that a browser sends of itself, whoever's page it is: what a foreign page would act with."""

MOST_ORIGINS = 4
MOST_PLACES = 12
MOST_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells of the matrix: what they are, the probes, and why they are asked (what they can tell, of which
    guarantees)."""

    what: str
    probes: Callable[[Observed], Iterator[Probe]]
    why: str


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions of the family."""
    for cells in PLAN:
        for probe in cells.probes(observed):
            yield insistent(observed, probe) if probe.method in ("GET", "HEAD") else once(probe)


# -- who and where ----------------------------------------------------------------------------------------------------


def with_origin(origin: str) -> Fields:
    """The header field that says where script comes from."""
    return (("Origin", origin),)


def registered(observed: Observed) -> tuple[str, ...]:
    """The registered origins that are asked for beyond the documented check."""
    return observed.means.origins[:MOST_ORIGINS]


def alike(observed: Observed, fits: Callable[[LookAlike], bool] = lambda row: True) -> Mapping[str, str]:
    """Look-alikes of the first registered origin: it shows how all are compared."""
    origins = observed.means.origins
    return look_alikes(origins[0], origins, fits) if origins else {}


def foreign_origins(observed: Observed) -> Mapping[str, str]:
    """All origins that are not to be allowed, by class: made-up ones, null, look-alikes of the first registered one."""
    return {**STRANGERS, NULL: NULL, **alike(observed)}


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


def others(observed: Observed) -> Iterator[Visit]:
    """A place of each type beside those that are asked about in full."""
    asked = {visit.place for visit, _ in stages(observed)}
    return (visit for visit in representatives(observed, most=MOST_PLACES) if visit.place not in asked)


# -- registered origins -----------------------------------------------------------------------------------------------


def _in_full(observed: Observed) -> Iterator[Probe]:
    origins = observed.means.origins
    for index, (visit, login) in enumerate(stages(observed) if origins else ()):
        first, *more = observed.formats(visit.type) or (first_format(observed, visit),)
        for origin in registered(observed) if index else origins:  # the documented check is made for every one
            yield ask_place(visit, REGISTERED, first, accept=first, headers=with_origin(origin), login=login)
        for format_ in more:
            yield ask_place(visit, REGISTERED, format_, accept=format_, headers=with_origin(origins[0]), login=login)


def _each_type(observed: Observed) -> Iterator[Probe]:
    for origin in observed.means.origins[:1]:
        for visit in others(observed):
            accept = first_format(observed, visit)
            yield ask_place(visit, REGISTERED, accept, accept=accept, headers=with_origin(origin))


def _other_answers(observed: Observed) -> Iterator[Probe]:
    """Documents, a further page, and HEAD."""
    for origin in observed.means.origins[:1]:
        fields = with_origin(origin)
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


def _ambient(observed: Observed) -> Iterator[Probe]:
    """A private place with the logins that browsers send of themselves, for a registered origin and a stranger."""
    logins = [login for login in observed.means.logins[1:] if login in AMBIENT]  # the first is used throughout
    for visit in visits_that(observed, is_private)[:1]:
        accept = first_format(observed, visit)
        for login in logins:
            for origin in observed.means.origins[:1]:
                fields = with_origin(origin)
                yield ask_place(visit, REGISTERED, AMBIENT[login], accept=accept, headers=fields, login=login)
            about = f"stranger, {AMBIENT[login]}"
            fields = with_origin(STRANGER)
            yield ask_place(visit, UNREGISTERED, about, accept=accept, headers=fields, login=login)


def tag_of(visit: Visit, format_: str) -> str:
    """The entity tag that the crawl was given in that format, "" if none that can be sent back."""
    reading = visit.reading(format_)
    value = reading.response.first("ETag") if reading is not None and reading.ok and reading.response else None
    return value if value and value.isascii() and value.isprintable() else ""


def _conditional(observed: Observed) -> Iterator[Probe]:
    """If-None-Match with the tag that the crawl was given: by two registered origins where it is open, and a
    stranger."""
    origins = registered(observed)
    for index, (visit, login) in enumerate(stages(observed)):
        accept = first_format(observed, visit)
        tag = tag_of(visit, accept)
        askers = (*origins[:2], STRANGER) if not index else origins[:1]
        for origin in askers if tag else ():
            fields = (("If-None-Match", tag), *with_origin(origin))
            yield ask_place(visit, CONDITIONAL, "still the same", accept=accept, headers=fields, login=login)


def warned(observed: Observed) -> Iterator[Probe]:
    """A list that has the warning, as a registered origin asks for it."""
    found = [one for one in observed.crawled() if one.response is not None and one.response.first(WARNING) is not None]
    for origin in observed.means.origins[:1]:
        for reading in found[:1]:
            headers = (*reading.probe.headers, *with_origin(origin))
            yield replace(reading.probe, question=LIMIT_WARNING, about=WARNING, headers=headers, hop=0)


# -- errors -----------------------------------------------------------------------------------------------------------

UNKNOWN_PATH = "samsvar-finnes-ikke"
BROKEN_FILTER = "SamsvarFinnesIkke eq"
NOBODYS_FORMAT = "application/x-samsvar"


def _unknown(observed: Observed) -> Iterator[Probe]:
    url = urls.below(observed.target.root, UNKNOWN_PATH)
    for origin in (*observed.means.origins[:2], STRANGER):
        yield Probe(ERROR, url, "unknown path", headers=(("Accept", HAL_JSON), *with_origin(origin)))


def _refusals(observed: Observed) -> Iterator[Probe]:
    """No key, and no login; a stranger only where a registered origin shows what is expected."""
    origins = (*observed.means.origins[:1], *((STRANGER,) if observed.means.origins else ()))
    for visit in visits_that(observed, is_private)[:1]:
        accept = first_format(observed, visit)
        for origin in origins:
            fields = with_origin(origin)
            yield ask_place(visit, ERROR, "no key", accept=accept, headers=fields, login=Login.NONE)
            yield ask_place(visit, ERROR, "no login", accept=accept, headers=fields, login=Login.NO_LOGIN)


def _mistakes(observed: Observed) -> Iterator[Probe]:
    """A broken query, a format that nobody has, a method that is not supported."""
    for origin in observed.means.origins[:1]:
        fields = with_origin(origin)
        for visit in visits_that(observed, lambda row: row.searchable)[:1]:
            url = urls.with_parameters(visit.url, {"$filter": BROKEN_FILTER})
            accept = first_format(observed, visit)
            yield ask_place(visit, ERROR, "broken query", accept=accept, headers=fields, url=url)
        for visit in entrance(observed):
            about, login = "nobody's format", Login.NONE
            yield ask_place(visit, ERROR, about, accept=NOBODYS_FORMAT, headers=fields, login=login)
            row = observed.type(visit.type)
            refused = row is not None and row.is_list and "PUT" in undocumented_methods(observed, visit.url)
            if observed.means.unsafe and refused:
                about = "method not supported"
                yield ask_place(visit, ERROR, about, accept=HAL_JSON, headers=fields, login=login, method="PUT")


def _faults(observed: Observed) -> Iterator[Probe]:
    """What the server failed at before it knew of any origin."""
    failed = [one for one in observed.crawled() if one.status in (500, 501) and one.probe.method == "GET"]
    for origin in observed.means.origins[:1]:
        for reading in failed[:1]:
            headers = (*reading.probe.headers, *with_origin(origin))
            yield replace(reading.probe, question=ERROR, about="fault of the server", headers=headers, hop=0)


# -- foreign origins --------------------------------------------------------------------------------------------------


def _strangers(observed: Observed) -> Iterator[Probe]:
    for visit, login in stages(observed):
        accept = first_format(observed, visit)
        for name, origin in foreign_origins(observed).items():
            yield ask_place(visit, UNREGISTERED, name, accept=accept, headers=with_origin(origin), login=login)


def _alike_others(observed: Observed) -> Iterator[Probe]:
    origins = registered(observed)
    taken = {*observed.means.origins, *foreign_origins(observed).values()}
    for visit, login in stages(observed)[:1]:
        accept = first_format(observed, visit)
        for one in origins[1:]:
            for name, origin in look_alikes(one, taken, lambda row: row.every).items():
                taken.add(origin)
                yield ask_place(visit, UNREGISTERED, name, accept=accept, headers=with_origin(origin), login=login)


def _stranger_in_formats(observed: Observed) -> Iterator[Probe]:
    for visit, login in stages(observed):
        for format_ in observed.formats(visit.type)[1:]:
            fields = with_origin(STRANGER)
            yield ask_place(visit, UNREGISTERED, "stranger", accept=format_, headers=fields, login=login)


def _stranger_elsewhere(observed: Observed) -> Iterator[Probe]:
    fields = with_origin(STRANGER)
    for visit in others(observed):
        yield ask_place(visit, UNREGISTERED, "stranger", accept=first_format(observed, visit), headers=fields)
    for reading in documents_that(observed, lambda row: True)[:MOST_DOCUMENTS]:
        headers = (*reading.probe.headers, *fields)
        yield replace(reading.probe, question=UNREGISTERED, about="stranger", headers=headers, hop=0)


# -- preflights -------------------------------------------------------------------------------------------------------


def preflight_fields(origin: str, names: tuple[str, ...], method: str = "GET") -> Fields:
    """What a browser sends before script may (Fetch standard, CORS-preflight fetch)."""
    return (
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", ",".join(names)),
    )


def _preflight(visit: Visit, question: str, about: str, fields: Fields) -> Probe:
    """A preflight as a browser sends it: without key and login."""
    return ask_place(visit, question, about, accept="*/*", headers=fields, login=Login.NONE, method="OPTIONS")


def _preflights(observed: Observed) -> Iterator[Probe]:
    for origin in observed.means.origins[:1]:
        for index, visit in enumerate(representatives(observed, most=MOST_PLACES)):
            yield _preflight(visit, PREFLIGHT, "all fields", preflight_fields(origin, WANTED_FIELDS))
            if not index:
                yield _preflight(visit, PREFLIGHT, "as a browser", preflight_fields(origin, UNSAFE_FIELDS))
        for reading in documents_that(observed, lambda row: True)[:1]:
            fields = (("Accept", "*/*"), *preflight_fields(origin, WANTED_FIELDS))
            made = replace(reading.probe, question=PREFLIGHT, about="document", headers=fields, login=Login.NONE)
            yield replace(made, method="OPTIONS", hop=0)


def _preflights_of_others(observed: Observed) -> Iterator[Probe]:
    for visit, _ in stages(observed):
        for origin in registered(observed)[1:]:
            yield _preflight(visit, PREFLIGHT, "all fields", preflight_fields(origin, WANTED_FIELDS))


def _more_preflights(observed: Observed) -> Iterator[Probe]:
    """Where a preflight matters most, on a private place: HEAD, what libraries add, and what script may ask
    conditionally."""
    visits = visits_that(observed, is_private)[:1] or entrance(observed)
    for origin in observed.means.origins[:1]:
        for visit in visits:
            yield _preflight(visit, MORE_PREFLIGHT, "HEAD", preflight_fields(origin, UNSAFE_FIELDS, "HEAD"))
            yield _preflight(visit, MORE_PREFLIGHT, "X-Requested-With", preflight_fields(origin, LIBRARY_FIELDS))
            if tag_of(visit, first_format(observed, visit)):
                yield _preflight(visit, MORE_PREFLIGHT, "If-None-Match", preflight_fields(origin, CONDITIONAL_FIELDS))


def _foreign_preflights(observed: Observed) -> Iterator[Probe]:
    private = visits_that(observed, is_private)[:1] or entrance(observed)
    origins = {**STRANGERS, NULL: NULL, **alike(observed, lambda row: row.browsers)}
    for visit in private:
        for name, origin in origins.items():
            yield _preflight(visit, FOREIGN_PREFLIGHT, name, preflight_fields(origin, WANTED_FIELDS))
        yield _preflight(visit, FOREIGN_PREFLIGHT, "stranger, POST", preflight_fields(STRANGER, WANTED_FIELDS, "POST"))
    for visit in entrance(observed):
        if visit not in private:
            yield _preflight(visit, FOREIGN_PREFLIGHT, "stranger", preflight_fields(STRANGER, WANTED_FIELDS))


PLAN: tuple[Cells, ...] = (
    Cells(
        "each registered origin, open and private; the first in each format",
        _in_full,
        "CORS-1, CORS-2: each origin is entered by hand, and each format may have a writer of its own",
    ),
    Cells("the first registered origin, a place of each type", _each_type, "CORS-2: areas are configured one by one"),
    Cells(
        "the first registered origin: documents, a further page, HEAD",
        _other_answers,
        "CORS-2: these answers are often made beside what sets the fields",
    ),
    Cells(
        "a registered origin and a stranger, with cookie or certificate",
        _ambient,
        "CORS-2, CORS-3, CORS-5: browsers send these logins of themselves, so a stranger would act as the user",
    ),
    Cells(
        "304: two registered origins and a stranger",
        _conditional,
        "CORS-2, CORS-3, CORS-6: what a 304 says replaces what the browser's copy said (RFC 9111, 4.3.4), and caches "
        "on the way answer conditional requests",
    ),
    Cells("404: two registered origins and a stranger", _unknown, "CORS-2, CORS-3, CORS-6: no route sets any field"),
    Cells(
        "400 and 401 or 403: a registered origin and a stranger",
        _refusals,
        "CORS-2, CORS-3: keys and logins are often looked at before origins",
    ),
    Cells(
        "400, 406, 405 (with --unsafe-methods): a registered origin",
        _mistakes,
        "CORS-2: each is refused in another layer",
    ),
    Cells(
        "500 or 501, if the crawl came upon one: a registered origin",
        _faults,
        "CORS-2: what fails last loses the fields that were set before",
    ),
    Cells(
        "strangers, null and each look-alike, open and private",
        _strangers,
        "CORS-3, CORS-4, CORS-5: each class is let in by another mistake, and each area may have its own list",
    ),
    Cells(
        "look-alikes of the other registered origins, open",
        _alike_others,
        "CORS-3: an origin may have been entered as a pattern; the classes that show that",
    ),
    Cells(
        "a stranger in each format, open and private",
        _stranger_in_formats,
        "CORS-3: a format may set fields of its own",
    ),
    Cells("a stranger, a place of each type and documents", _stranger_elsewhere, "CORS-3: the same"),
    Cells(
        "preflight by the first registered origin for ApiKey, Accept and Authorization, a place of each type",
        _preflights,
        "CORS-7: OPTIONS is answered place by place",
    ),
    Cells(
        "the same by the other registered origins, open and private",
        _preflights_of_others,
        "CORS-7: each origin is entered by hand",
    ),
    Cells(
        "preflight for HEAD, X-Requested-With and If-None-Match, private",
        _more_preflights,
        "CORS-11: what script and its libraries send besides; CORS-2: whether script ever sees a 304",
    ),
    Cells(
        "preflight by strangers, null and look-alikes that a browser may have, private; a stranger for POST, and open",
        _foreign_preflights,
        "CORS-3, CORS-4: preflights are often answered by another layer than GET",
    ),
    Cells("a list with the warning, for a registered origin", warned, "CORS-10: only there it can be exposed"),
)
"""What is asked, in this order."""

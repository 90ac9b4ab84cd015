"""What is asked about who may read what: open places without login and key, private ones without the one, the other or
both, with wrong ones, and with each way to log in that was given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place
from samsvar.logic.observing import FRONT, Observed, Visit
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, ResourceType
from samsvar.model.exchange import HAL_JSON, Login, Probe

OPEN_PLACE = "auth.open"
NO_KEY = "auth.no-key"
NO_LOGIN = "auth.no-login"
WRONG = "auth.wrong"
LOGINS = "auth.logins"

MOST_OPEN = 12
MOST_KEYLESS = 4
MOST_PRIVATE = 10
MOST_SHARED = 5
MOST_DOCUMENTS = 4
MOST_HOPS = 3
"""How often a redirect inside the API is followed without login."""

WRONG_LOGINS = (Login.WRONG_KEY, Login.WRONG_TOKEN, Login.EXPIRED_TOKEN)
WITH_LOGIN = frozenset((Access.USER, Access.ENTERPRISE, Access.SERVICE_OWNER))


def is_open(row: ResourceType) -> bool:
    """The documentation says that it needs neither login nor key. The front page is nowhere said to be open."""
    return row.access is Access.OPEN and row.name != FRONT


def is_private(row: ResourceType) -> bool:
    """The documentation says that it needs a login and a key."""
    return row.access in WITH_LOGIN


def visits_that(observed: Observed, fits: Callable[[ResourceType], bool], per_type: int = 1) -> tuple[Visit, ...]:
    """Places that were read, of types that fit: so many of each type, of different owners where there are such."""
    chosen: dict[str, dict[str, Visit]] = {}
    for visit in observed.visits.values():
        row = observed.type(visit.type)
        if row is None or visit.resource is None or not fits(row):
            continue
        kept = chosen.setdefault(visit.type, {})
        if len(kept) < per_type:
            kept.setdefault(visit.owner, visit)
    return _in_turn(tuple(tuple(kept.values()) for kept in chosen.values()))


def _in_turn(groups: tuple[tuple[Visit, ...], ...]) -> tuple[Visit, ...]:
    """The first of each group, then the second of each."""
    longest = max((len(group) for group in groups), default=0)
    return tuple(group[turn] for turn in range(longest) for group in groups if turn < len(group))


def documents_that(observed: Observed, fits: Callable[[ResourceType], bool]) -> tuple[Reading, ...]:
    """Documents that came, one of each type that fits."""
    chosen: dict[str, Reading] = {}
    for reading in observed.documents:
        row = observed.type(reading.probe.type)
        if row is not None and reading.ok and fits(row):
            chosen.setdefault(reading.probe.type, reading)
    return tuple(chosen.values())


def document_probe(reading: Reading, question: str, about: str, login: Login) -> Probe:
    """A question about a document that came."""
    return replace(reading.probe, question=question, about=about, login=login, hop=0)


def first_format(observed: Observed, visit: Visit) -> str:
    """The media type to ask a place in when the type is not the question: the first that is promised."""
    return (observed.formats(visit.type) or (HAL_JSON,))[0]


def leads_on(observed: Observed, reading: Reading) -> str | None:
    """Where a redirect inside the API leads that may be followed without login; None when it is no such redirect."""
    target = reading.redirect
    if target is None or not observed.in_api(target) or urls.canonical(target) == urls.canonical(reading.probe.url):
        return None
    below = urls.path(target)[len(urls.path(observed.target.root)) :].strip("/").lower()
    if any(fnmatchcase(below, pattern.lower()) for pattern in observed.contract.effect_paths):
        return None
    return target


def insistent(observed: Observed, probe: Probe) -> Conversation:
    """Ask, and follow redirects inside the API: the explorer follows them only for the login that it crawls with."""
    reading = yield probe
    while probe.login is not Login.GIVEN and reading.probe.hop < MOST_HOPS:
        target = leads_on(observed, reading)
        if target is None:
            return
        reading = yield replace(reading.probe, url=target, hop=reading.probe.hop + 1)


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions of the family; private places only with the key and login that show their content first."""
    for probe in _open(observed):
        yield insistent(observed, probe)
    if not (observed.means.key and observed.means.login):
        return
    for probe in (*_keyless(observed), *_loginless(observed), *_wrong(observed)):
        yield insistent(observed, probe)
    yield from _logins(observed)


def rotated(observed: Observed, visits: tuple[Visit, ...]) -> Iterator[tuple[Visit, str]]:
    """Each place with one of its formats, the next one for the next place: all formats for the price of one."""
    for index, visit in enumerate(visits):
        formats = observed.formats(visit.type) or (HAL_JSON,)
        yield visit, formats[index % len(formats)]


def _open(observed: Observed) -> Iterator[Probe]:
    for visit, format_ in rotated(observed, visits_that(observed, is_open)[:MOST_OPEN]):
        yield ask_place(visit, OPEN_PLACE, "no key, no login", accept=format_, login=Login.NONE)
    for reading in documents_that(observed, is_open)[:1]:
        yield document_probe(reading, OPEN_PLACE, "no key, no login", Login.NONE)


def _keyless(observed: Observed) -> Iterator[Probe]:
    for index, (visit, format_) in enumerate(rotated(observed, visits_that(observed, is_private)[:MOST_KEYLESS])):
        yield ask_place(visit, NO_KEY, "login without key", accept=format_, login=Login.NO_KEY)
        if index < 2:
            yield ask_place(visit, NO_KEY, "neither key nor login", accept=format_, login=Login.NONE)
    for reading in documents_that(observed, is_private)[:MOST_DOCUMENTS]:
        yield document_probe(reading, NO_KEY, "login without key", Login.NO_KEY)


def _loginless(observed: Observed) -> Iterator[Probe]:
    visits = visits_that(observed, is_private, per_type=2)[:MOST_PRIVATE]
    whole = (*_entries(observed, visits), *_a_list_and_a_single(observed, visits)[-1:])
    for visit, format_ in rotated(observed, visits):
        for each in observed.formats(visit.type) if visit in whole else (format_,):
            yield ask_place(visit, NO_LOGIN, "key only", accept=each, login=Login.NO_LOGIN)
    for visit in _a_list_and_a_single(observed, visits):
        accept = first_format(observed, visit)
        yield ask_place(visit, NO_LOGIN, "HEAD", accept=accept, login=Login.NO_LOGIN, method="HEAD")
    yield from _other_views(observed, visits)
    for reading in documents_that(observed, is_private)[:MOST_DOCUMENTS]:
        yield document_probe(reading, NO_LOGIN, "key only", Login.NO_LOGIN)


def _entries(observed: Observed, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Those of the places that are entries which every environment has: they are asked for in each format."""
    names = {entry.name for entry in observed.contract.entries if entry.required}
    return tuple(visit for visit in visits if visit.path in names)


def _other_views(observed: Observed, visits: tuple[Visit, ...]) -> Iterator[Probe]:
    """A list by a query and by its second page: other ways to the same content."""
    for visit in visits:
        row = observed.type(visit.type)
        if row is None or not row.searchable:
            continue
        url = urls.with_parameters(visit.url, {"$top": "1"})
        accept = first_format(observed, visit)
        yield ask_place(visit, NO_LOGIN, "a query", accept=accept, login=Login.NO_LOGIN, url=url)
        for page in list(visit.pages.get(1, {}).values())[:1]:
            yield ask_place(visit, NO_LOGIN, "a page", accept=accept, login=Login.NO_LOGIN, url=page.probe.url)
        return


def _a_list_and_a_single(observed: Observed, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    lists = [visit for visit in visits if (row := observed.type(visit.type)) is not None and row.is_list]
    return (*lists[:1], *[visit for visit in visits if visit not in lists][:1])


def _wrong(observed: Observed) -> Iterator[Probe]:
    visits = visits_that(observed, is_private)
    for visit in _a_list_and_a_single(observed, visits):
        for login in WRONG_LOGINS:
            yield ask_place(visit, WRONG, login.value, accept=first_format(observed, visit), login=login)
    for reading in documents_that(observed, is_private)[:1]:
        for login in WRONG_LOGINS:
            yield document_probe(reading, WRONG, login.value, login)


def _logins(observed: Observed) -> Iterator[Conversation]:
    logins = observed.means.logins
    if len(logins) < 2:
        return
    for visit in visits_that(observed, is_private)[: MOST_SHARED - max(0, len(logins) - 2)]:
        yield _each_login(observed, visit, logins)


def _each_login(observed: Observed, visit: Visit, logins: tuple[Login, ...]) -> Conversation:
    """The place with each login, and with the first once more, so that what moved in between is known."""
    for about, login in (*((login.value, login) for login in logins), ("again", logins[0])):
        probe = ask_place(visit, LOGINS, about, accept=first_format(observed, visit), login=login)
        yield from insistent(observed, probe)


QUESTIONS: Mapping[str, str] = {
    OPEN_PLACE: "an open place without key and login",
    NO_KEY: "a private place without key",
    NO_LOGIN: "a private place without login",
    WRONG: "a private place with a wrong key or token",
    LOGINS: "a private place with each login",
}
"""What each question asks, for people."""

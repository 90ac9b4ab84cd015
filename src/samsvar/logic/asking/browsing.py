"""What script in a real browser asks: the documented check without login, then with key and login, from a page of the
registered origin and from pages that are not to read anything.

Each probe names the page's origin; whether script could read is the answer. Few places stand for all, since the header
fields of every place are judged without a browser.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from samsvar.logic.asking import Conversation, ask_place, once
from samsvar.logic.asking.access import first_format, is_private, visits_that
from samsvar.logic.asking.cross_origin import (
    MOST_ORIGINS,
    NULL,
    STRANGERS,
    entrance,
    warned,
    with_origin,
)
from samsvar.logic.asking.look_alikes import look_alikes
from samsvar.logic.observing import Observed, Visit
from samsvar.model.exchange import Client, Login, Means, Probe

READABLE = "cors.script"
"""Asked from a page of a registered origin."""
KEPT_FROM = "cors.script-unregistered"
"""Asked from another page."""

ALIKE = "ends like it"
"""The class of look-alikes that stands for all: a domain that anybody can buy."""


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions by script; none where there is no browser."""
    if Client.BROWSER not in observed.means.clients or not observed.means.origins:
        return
    for probe in (*_readable(observed), *_warned(observed), *_kept_from(observed)):
        yield once(probe)


def _readable(observed: Observed) -> Iterator[Probe]:
    origins = observed.means.origins[:MOST_ORIGINS]
    for visit in entrance(observed):
        for format_ in observed.formats(visit.type) or (first_format(observed, visit),):
            yield script(visit, READABLE, format_, origins[0], format_, Login.NONE)
        for origin in origins[1:]:
            first = first_format(observed, visit)
            yield script(visit, READABLE, first, origin, first, Login.NONE)
        if observed.means.key:
            first = first_format(observed, visit)
            yield script(visit, READABLE, "with ApiKey", origins[0], first, Login.NO_LOGIN)
    for visit, login in _private(observed):
        formats = observed.formats(visit.type) or (first_format(observed, visit),)
        for format_ in formats if login is not Login.PASSWORD else formats[:1]:
            about = f"{format_} with a cookie" if login is Login.PASSWORD else format_
            yield script(visit, READABLE, about, origins[0], format_, login)


def _warned(observed: Observed) -> Iterator[Probe]:
    """A list that has the warning: whether script sees the field, which no browser shows unless it is exposed."""
    for probe in warned(observed):
        yield replace(probe, question=READABLE, by=Client.BROWSER)


def _private(observed: Observed) -> Iterator[tuple[Visit, Login]]:
    """A private place, with each login that script can have."""
    for visit in visits_that(observed, is_private)[:1]:
        for login in logins_of_script(observed.means):
            yield visit, login


def logins_of_script(means: Means) -> tuple[Login, ...]:
    """The logins that script can have: every token and the cookie, but no certificate."""
    return tuple(login for login in means.logins if login is not Login.CERTIFICATE)


def _kept_from(observed: Observed) -> Iterator[Probe]:
    registered = observed.means.origins
    pages = {"stranger": STRANGERS["stranger"], NULL: NULL}
    alike = look_alikes(registered[0], registered).get(ALIKE)
    pages |= {ALIKE: alike} if alike else {}
    for name, origin in pages.items():
        for visit in entrance(observed):
            yield script(visit, KEPT_FROM, name, origin, first_format(observed, visit), Login.NONE)
        for visit, login in _private(observed):
            about = f"{name} with a cookie" if login is Login.PASSWORD else name
            yield script(visit, KEPT_FROM, about, origin, first_format(observed, visit), login)


def script(visit: Visit, question: str, about: str, origin: str, accept: str, login: Login) -> Probe:
    """A question that script on a page of that origin puts."""
    headers = with_origin(origin)
    return ask_place(visit, question, about, accept=accept, headers=headers, login=login, by=Client.BROWSER)

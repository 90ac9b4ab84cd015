"""The documented ways to log in, each a small provider: it says what a request carries, and fetches that first where it
has to be fetched. A provider knows one way and nothing of the others; which of them there are, and for which origin,
is the vault's to say.
"""

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from typing import Final, NoReturn

from samsvar.errors import UsageError
from samsvar.model.exchange import Failure, Fields, Login, Response, Stage
from samsvar.world.addresses import Address
from samsvar.world.dress import ENCODING, USER_AGENT, ClientCertificate, Door, Dress, Person, Provider, Ready

MOST_COOKIES: Final = 20
LONGEST_COOKIE: Final = 4096
SECRET_COOKIE: Final = 16
"""Characters from which the value of a cookie is a secret; shorter ones are settings (a language, a server)."""
MOST_SECRET: Final = 100
MOST_IN_VAIN: Final = 2
"""How often a login is had anew in a run without any good coming of it, for places that were never open."""
SIGN_IN: Final = "/authentication/authenticatewithpassword"
FORCE: Final = "ForceEIAuthentication"
"""The parameter that makes Altinn look at the client certificate; its value means nothing."""
ENTERPRISE_FIELD: Final = "X-Altinn-EnterpriseUser-Authentication"


class Sealed:
    """What holds a login is never pickled."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("a login is never pickled: it holds credentials")


class Given(Sealed):
    """A login that is there from the start and never changes: what all such providers do."""

    session = 0
    renewable = False

    async def fetch(self, door: Door) -> Failure | None:
        return None

    def heard(self, ready: Ready, said: Response) -> None: ...

    def ended(self, ready: Ready) -> bool:
        return False

    def tried(self, *, in_vain: bool) -> None: ...

    def token(self) -> str:
        return ""

    async def aclose(self) -> None: ...


class BearerToken(Given):
    """A bearer token that the run was given. One of ID-porten goes over the wire just like any other: it has a word of
    its own so that it can be compared with others."""

    def __init__(self, token: str, login: Login = Login.TOKEN) -> None:
        self.login = login
        self.name = {Login.TOKEN: "token", Login.IDPORTEN: "ID-porten token"}[login]
        self._token = sendable(self.name, token.strip().removeprefix("Bearer "))

    def dress(self) -> Dress | None:
        return bearer(self._token, self)

    def token(self) -> str:
        return self._token

    def secrets(self) -> tuple[str, ...]:
        return (self._token,)


class Enterprise(Given):
    """An enterprise certificate: mutual TLS, asked for by a parameter, and the user name and password of an enterprise
    user where one was given."""

    login = Login.CERTIFICATE
    name = "certificate"

    def __init__(self, certificate: ClientCertificate, user: Person | None = None) -> None:
        self.certificate = certificate
        self._fields: Fields = ((ENTERPRISE_FIELD, enterprise_user(user)),) if user is not None else ()
        self._user = user

    def dress(self) -> Dress | None:
        names = ("certificate", *(name for name, _ in self._fields))
        return Dress(self._fields, names, FORCE, self.certificate, self)

    def secrets(self) -> tuple[str, ...]:
        return (*((self._user.password,) if self._user else ()), *(value for _, value in self._fields))


class Renewed(Sealed):
    """A login that can be had anew: how often, and for what. Once for each session that ended, and after two times in
    vain only for places that were open to it before; so a place that is shut whoever asks is no reason to log in
    again and again."""

    renewable = True

    def __init__(self) -> None:
        self.session = 0
        self._lock = asyncio.Lock()
        self._refused: Failure | None = None
        self._opened: set[int] = set()
        self._in_vain = 0

    def heard(self, ready: Ready, said: Response) -> None:
        """Remembers what was open, a few bytes for each."""
        if said.status < 300:
            self._opened.add(hash(ready.address.target))

    def ended(self, ready: Ready) -> bool:
        if self._refused is not None:
            return False
        if ready.session != self.session:
            return True  # somebody else was told before us, and there is another already
        return self._in_vain < MOST_IN_VAIN or hash(ready.address.target) in self._opened

    def tried(self, *, in_vain: bool) -> None:
        self._in_vain = self._in_vain + 1 if in_vain else 0

    async def aclose(self) -> None: ...


class Session(Renewed):
    """A session cookie, given or had by user name and password. It slides: answers renew it by Set-Cookie."""

    login = Login.PASSWORD
    name = "password"

    def __init__(self, person: Person | None = None, cookie: str = "") -> None:
        super().__init__()
        self._person = person
        self._cookies = dict(cookie_pairs(sendable("cookie", cookie)))
        self._had: dict[str, None] = dict.fromkeys(self._cookies.values())
        self.renewable = person is not None

    def dress(self) -> Dress | None:
        if not self._cookies:
            return None
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return Dress((("Cookie", cookie),), ("Cookie",), provider=self, session=self.session)

    async def fetch(self, door: Door) -> Failure | None:
        """Signs in. A sign-in that was refused is never tried again: another wrong try may lock the account."""
        async with self._lock:
            if self._cookies:
                return None
            if self._refused is None and self._person is not None:
                self._refused = await self._sign_in(self._person, door)
            return self._refused

    async def _sign_in(self, person: Person, door: Door) -> Failure | None:
        fields: Fields = (
            ("Content-Type", "application/json"),
            ("Accept", "application/hal+json"),
            *door.key,
            ENCODING,
            USER_AGENT,
        )
        said = await door.send(
            Ready("POST", Address(door.origin, door.root + SIGN_IN), fields, body=sign_in_body(person))
        )
        if isinstance(said, Failure):
            return Failure(said.stage, f"signing in with user name and password: {said.because}")
        if said.status < 400 and self.keep(said):
            self.session += 1
            return None
        because = f"signing in with user name and password was answered {said.status} without a session cookie"
        return Failure(Stage.LOGIN, because, said)

    def keep(self, response: Response) -> bool:
        """Takes the session cookies of a sign-in, for one origin only whatever their Domain says (H26, H27). Returns
        whether there were any."""
        self._set(dict(new_cookies(response)))
        return bool(self._cookies)

    def heard(self, ready: Ready, said: Response) -> None:
        """Cookies that we hold get their new values, from answers inside the session only."""
        super().heard(ready, said)
        if ready.session == self.session:
            self._set({name: value for name, value in new_cookies(said) if name in self._cookies})

    def _set(self, fresh: Mapping[str, str]) -> None:
        self._cookies.update(fresh)
        while len(self._cookies) > MOST_COOKIES:
            self._cookies.popitem()
        if len(self._had) < MOST_SECRET:  # a target may renew at every answer, and its fields are cleaned by name too
            self._had.update(dict.fromkeys(fresh.values()))

    def ended(self, ready: Ready) -> bool:
        again = self.renewable and super().ended(ready)
        if again and ready.session == self.session:
            self._cookies.clear()
        return again

    def token(self) -> str:
        return ""

    def secrets(self) -> tuple[str, ...]:
        long = (value for value in self._had if len(value) >= SECRET_COOKIE)
        return (*((self._person.password,) if self._person else ()), *long)


def bearer(token: str, provider: Provider | None = None, session: int = 0) -> Dress:
    """A bearer token as a request field (RFC 6750, 2.1)."""
    return Dress((("Authorization", f"Bearer {token}"),), ("Authorization",), provider=provider, session=session)


def enterprise_user(person: Person) -> str:
    """The value of X-Altinn-EnterpriseUser-Authentication."""
    return base64.b64encode(f"{person.name}:{person.password}".encode()).decode("ascii")


def sign_in_body(person: Person) -> bytes:
    """The body of POST authentication/authenticatewithpassword."""
    return json.dumps({"UserName": person.name, "UserPassword": person.password}).encode()


def cookie_pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Name and value of each cookie in a Cookie field; a lone value is taken for Altinn's session cookie."""
    pieces = [piece.strip() for piece in text.split(";") if piece.strip()]
    cut = [piece.partition("=") for piece in pieces]
    return tuple((name, value) if mark else (".ASPXAUTH", name) for name, mark, value in cut)


def new_cookies(response: Response) -> tuple[tuple[str, str], ...]:
    """The cookies that a response sets and does not at once remove."""
    found = []
    for line in response.all("Set-Cookie"):
        pair, _, attributes = line.partition(";")
        name, mark, value = pair.strip().partition("=")
        gone = not value or re.search(r"max-age\s*=\s*(0|-\d+)\s*(;|$)", attributes, re.IGNORECASE)
        if mark and not gone and len(pair) <= LONGEST_COOKIE:
            found.append((name.strip(), value.strip()))
    return tuple(found[:MOST_COOKIES])


def sendable(what: str, value: str) -> str:
    """A secret as it can stand in a header field; the message about one that cannot never shows it."""
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        raise UsageError(f"The {what} holds characters that cannot be sent.", "Give it without line breaks or quotes.")
    return value


LOGIN_WORDS: Final = re.compile(r"log-?(in|on)|sign-?in|authenticat|idporten|id-porten|returnurl", re.IGNORECASE)


def is_over(said: Response) -> bool:
    """Whether an answer tells that whoever asked is not logged in: 401, or a redirect to where people log in."""
    if said.status == 401:
        return True
    return said.status in (302, 303, 307) and LOGIN_WORDS.search(said.first("Location") or "") is not None

"""The credentials of a run, bound to one exact origin.

A probe only names a login; the transport asks the vault for the fields after the URL is final, and gets them only for
the vault's own origin. What is inside shows in no repr, no message and no pickle.
"""

import base64
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from samsvar.errors import UsageError
from samsvar.model.exchange import Fields, Login, Means, Response
from samsvar.world.addresses import Origin, Refusal

CREDENTIAL_FIELDS: Final = frozenset(
    {"apikey", "authorization", "cookie", "proxy-authorization", "x-altinn-enterpriseuser-authentication"}
)
"""Request fields that only a vault may add, in lower case."""

WRONG_KEY: Final = "00000000-0000-4000-8000-000000000000"
"""A well-formed ApiKey that nobody has."""

MOST_COOKIES: Final = 20
LONGEST_COOKIE: Final = 4096


@dataclass(frozen=True, slots=True)
class Person:
    """User name and password."""

    name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A TLS client certificate: PEM files with the chain and the private key ("" when it is in the first), and the
    common name by which an in-process target is told of it."""

    chain: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Dress:
    """What is added to one request: fields and their names, a part of the query, a certificate. sign_in: a cookie has
    to be fetched first."""

    fields: Fields = field(default=(), repr=False)
    names: tuple[str, ...] = ()
    query: str = ""
    certificate: ClientCertificate | None = None
    sign_in: Person | None = None


def jwt(claims: Mapping[str, Any], key: bytes) -> str:
    """A JSON Web Token signed with HS256 (RFC 7519, RFC 7518 3.2)."""
    parts = [json.dumps({"alg": "HS256", "typ": "JWT"}).encode(), json.dumps(dict(claims)).encode()]
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    signature = hmac.digest(key, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


CLAIMS: Final = {"iss": "https://samsvar.example/", "sub": "samsvar", "aud": "samsvar", "nbf": 1_577_836_800}
WRONG_TOKEN: Final = jwt({**CLAIMS, "exp": 4_102_444_800}, b"nobody trusts this key")
EXPIRED_TOKEN: Final = jwt({**CLAIMS, "exp": 1_577_923_200}, b"nobody trusts this key")
"""Its exp is 2 January 2020. Whoever has an expired token that the target did sign gives that to the vault instead."""

ROWS: Final[Mapping[Login, tuple[str, str]]] = {
    Login.GIVEN: ("key", "first"),
    Login.NONE: ("no key", "no login"),
    Login.NO_KEY: ("no key", "first"),
    Login.WRONG_KEY: ("wrong key", "first"),
    Login.NO_LOGIN: ("key", "no login"),
    Login.WRONG_TOKEN: ("key", "wrong token"),
    Login.EXPIRED_TOKEN: ("key", "expired token"),
    Login.TOKEN: ("key", "token"),
    Login.PASSWORD: ("key", "password"),
    Login.CERTIFICATE: ("key", "certificate"),
}
"""Which key and which login each word stands for."""


class Vault:
    """Everything secret that a run was given, for one origin. Of several ways to log in, the first of token, cookie,
    password and certificate is the one that ``Login.GIVEN`` means; Altinn refuses a token together with a cookie."""

    __slots__ = ("_api_key", "_certificate", "_cookies", "_expired", "_person", "_token", "origin")

    def __init__(
        self,
        origin: Origin,
        *,
        api_key: str = "",
        token: str = "",
        cookie: str = "",
        person: Person | None = None,
        certificate: ClientCertificate | None = None,
        expired_token: str = EXPIRED_TOKEN,
    ) -> None:
        self.origin = origin
        self._api_key = sendable("ApiKey", api_key)
        self._token = sendable("bearer token", token.removeprefix("Bearer "))
        self._cookies = dict(cookie_pairs(sendable("cookie", cookie)))
        self._expired = sendable("expired token", expired_token)
        self._person = person
        self._certificate = certificate

    def __repr__(self) -> str:
        return f"Vault({self.origin}, {', '.join(self.holds()) or 'empty'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault is never pickled: it holds credentials")

    def holds(self) -> tuple[str, ...]:
        """Names of what is inside."""
        every = {
            "ApiKey": self._api_key,
            "token": self._token,
            "cookie": self._cookies,
            "password": self._person,
            "certificate": self._certificate,
        }
        return tuple(name for name, value in every.items() if value)

    def logins(self) -> tuple[Login, ...]:
        """Each separate way to log in. A cookie is what logging in with a password gives."""
        ways = {
            Login.TOKEN: bool(self._token),
            Login.PASSWORD: bool(self._person or self._cookies),
            Login.CERTIFICATE: self._certificate is not None,
        }
        return tuple(way for way, given in ways.items() if given)

    def means(self, origins: tuple[str, ...] = (), unsafe: bool = False) -> Means:  # a field of Means, handed on
        """What a run with this vault can see with."""
        logins = self.logins()
        return Means(bool(self._api_key), bool(logins), logins, origins, unsafe)

    def dress(self, login: Login, origin: Origin) -> Dress | Refusal:
        """What a request to that origin goes out with. Another origin than the vault's own gets nothing at all."""
        if origin != self.origin:
            return Refusal("credentials", f"credentials are for {self.origin} and never go to {origin}")
        key, way = ROWS[login]
        dress = self._login(way)
        if isinstance(dress, Refusal):
            return dress
        value = {"key": self._api_key, "wrong key": WRONG_KEY}.get(key, "")
        if not value:
            return dress
        fields, names = (("ApiKey", value), *dress.fields), ("ApiKey", *dress.names)
        return Dress(fields, names, dress.query, dress.certificate, dress.sign_in)

    def _login(self, way: str) -> Dress | Refusal:
        if way == "no login":
            return Dress()
        if way == "first":
            way = self._first()
        if way == "wrong token":
            return bearer(WRONG_TOKEN)
        if way == "expired token":
            return bearer(self._expired)
        return self._given(way)

    def _first(self) -> str:
        logins = self.logins()
        return logins[0].value if logins else "no login"

    def _given(self, way: str) -> Dress | Refusal:
        if way == "no login":
            return Dress()
        if way == "token" and self._token:
            return bearer(self._token)
        if way == "password" and self._cookies:
            cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            return Dress((("Cookie", cookie),), ("Cookie",))
        if way == "password" and self._person is not None:
            return Dress(sign_in=self._person)
        if way == "certificate" and self._certificate is not None:
            return Dress((), ("certificate",), "ForceEIAuthentication", self._certificate)
        return Refusal("credentials", f"no {way} was given to log in with")

    def keep_cookies(self, response: Response, origin: Origin) -> bool:
        """Takes the session cookies of a sign-in, for this origin only whatever their Domain says (H26, H27).
        Returns whether there were any."""
        if origin != self.origin:
            return False
        self._cookies.update(new_cookies(response))
        while len(self._cookies) > MOST_COOKIES:
            self._cookies.popitem()
        return bool(self._cookies)

    def renew_cookies(self, response: Response, origin: Origin) -> None:
        """A session is renewed by Set-Cookie on ordinary answers: the cookies we hold get their new values."""
        if self._cookies and origin == self.origin:
            self._cookies.update({name: value for name, value in new_cookies(response) if name in self._cookies})


def bearer(token: str) -> Dress:
    """A bearer token as a request field (RFC 6750, 2.1)."""
    return Dress((("Authorization", f"Bearer {token}"),), ("Authorization",))


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


def sign_in_body(person: Person) -> bytes:
    """The body of POST authentication/authenticatewithpassword."""
    return json.dumps({"UserName": person.name, "UserPassword": person.password}).encode()


SECRETS: Final = ("API_KEY", "TOKEN", "COOKIE", "USERNAME", "PASSWORD")
PATHS: Final = ("CLIENT_CERT", "CLIENT_KEY")


def from_environment(origin: Origin, environ: Mapping[str, str], settings: Mapping[str, str]) -> Vault:
    """The vault for an origin out of SAMSVAR_API_KEY and its like. Each may be a file instead (SAMSVAR_API_KEY_FILE,
    or ``api_key_file`` in the settings). Raises UsageError for what contradicts itself or cannot be read."""
    found = {name: secret(name, environ, settings) for name in SECRETS}
    paths = {name: environ.get(f"SAMSVAR_{name}") or settings.get(name.lower(), "") for name in PATHS}
    return Vault(
        origin,
        api_key=found["API_KEY"],
        token=found["TOKEN"],
        cookie=found["COOKIE"],
        person=person_of(found["USERNAME"], found["PASSWORD"]),
        certificate=certificate_of(paths["CLIENT_CERT"], paths["CLIENT_KEY"]),
    )


def secret(name: str, environ: Mapping[str, str], settings: Mapping[str, str]) -> str:
    """One secret by its name, from the environment or from the file that is named there; "" when it is not given."""
    if name != "USERNAME" and settings.get(name.lower()):
        raise UsageError(
            f"A secret ({name.lower()}) stands in the settings.", f"Use SAMSVAR_{name} or {name.lower()}_file."
        )
    given = environ.get(f"SAMSVAR_{name}", "")
    path = environ.get(f"SAMSVAR_{name}_FILE", "") or settings.get(f"{name.lower()}_file", "")
    if given and environ.get(f"SAMSVAR_{name}_FILE"):
        raise UsageError(f"Both SAMSVAR_{name} and SAMSVAR_{name}_FILE are set.", "Keep one of them.")
    if given or not path:
        return given or (settings.get("username", "") if name == "USERNAME" else "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file of {name} cannot be read ({type(error).__name__}).", f"Look at {path}.") from None


def person_of(name: str, password: str) -> Person | None:
    """User name and password, which only mean something together."""
    if bool(name) != bool(password):
        missing = "SAMSVAR_PASSWORD" if name else "SAMSVAR_USERNAME"
        raise UsageError(f"{missing} is missing.", "A user name and a password are given together.")
    return Person(name, password) if name else None


def certificate_of(chain: str, key: str) -> ClientCertificate | None:
    """The client certificate by its files."""
    if key and not chain:
        raise UsageError("SAMSVAR_CLIENT_CERT is missing.", "A client key is given together with its certificate.")
    for path in filter(None, (chain, key)):
        if not Path(path).is_file():
            raise UsageError(f"There is no certificate file {path}.", "Give the path of a PEM file.")
    return ClientCertificate(chain, key) if chain else None

"""The credentials of a run, bound to one exact origin.

A probe only names a login; the transport asks the vault for the fields after the URL is final, and gets them only for
the vault's own origin. What is inside shows in no repr, no message and no pickle.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NoReturn

from samsvar.errors import UsageError
from samsvar.model.exchange import Login, Means
from samsvar.world import tokens
from samsvar.world.addresses import Origin, Refusal
from samsvar.world.certificates import certificate_problem
from samsvar.world.dress import ClientCertificate, Dress, Person, Provider
from samsvar.world.keyrings import from_keyring
from samsvar.world.logins import BearerToken, Enterprise, Session, bearer, sendable

CREDENTIAL_FIELDS: Final = frozenset(
    {"apikey", "authorization", "cookie", "proxy-authorization", "x-altinn-enterpriseuser-authentication"}
)
"""Request fields that only a vault may add, in lower case."""

WRONG_KEY: Final = "00000000-0000-4000-8000-000000000000"
"""A well-formed ApiKey that nobody has."""

ROWS: Final[Mapping[Login, tuple[str, str]]] = {
    Login.GIVEN: ("key", "first"),
    Login.NONE: ("no key", "no login"),
    Login.NO_KEY: ("no key", "first"),
    Login.WRONG_KEY: ("wrong key", "first"),
    Login.NO_LOGIN: ("key", "no login"),
    Login.WRONG_TOKEN: ("key", "wrong token"),
    Login.EXPIRED_TOKEN: ("key", "expired token"),
    Login.TOKEN: ("key", "one"),
    Login.IDPORTEN: ("key", "one"),
    Login.MASKINPORTEN: ("key", "one"),
    Login.PASSWORD: ("key", "one"),
    Login.CERTIFICATE: ("key", "one"),
}
"""Which key and which login each word stands for; one: that of its name."""


class Vault:
    """Everything secret that a run was given, for one origin. The first of its logins is the one that ``Login.GIVEN``
    means: of those of the settings, in their order, then token, cookie or password, and certificate. No request carries
    two of them, since Altinn refuses a token together with a cookie."""

    __slots__ = ("_api_key", "_expired", "_logins", "origin")

    def __init__(
        self,
        origin: Origin,
        *,
        api_key: str = "",
        token: str = "",
        cookie: str = "",
        person: Person | None = None,
        certificate: ClientCertificate | None = None,
        expired_token: str = "",
        providers: Iterable[Provider] = (),
    ) -> None:
        self.origin = origin
        self._api_key = sendable("ApiKey", api_key)
        self._expired = sendable("expired token", expired_token)
        self._logins: dict[Login, Provider] = {one.login: one for one in providers}
        if token:
            self._logins.setdefault(Login.TOKEN, BearerToken(token))
        if person is not None or cookie:
            self._logins.setdefault(Login.PASSWORD, Session(person, cookie))
        if certificate is not None:
            self._logins.setdefault(Login.CERTIFICATE, Enterprise(certificate))

    def __repr__(self) -> str:
        return f"Vault({self.origin}, {', '.join(self.holds()) or 'empty'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault is never pickled: it holds credentials")

    def holds(self) -> tuple[str, ...]:
        """Names of what is inside."""
        return (*(("ApiKey",) if self._api_key else ()), *(one.name for one in self._logins.values()))

    def logins(self) -> tuple[Login, ...]:
        """Each separate way to log in. A cookie is what logging in with a password gives."""
        return tuple(self._logins)

    def provider(self, login: Login) -> Provider | None:
        """The login that is meant, None where there is none."""
        if ROWS[login][1] == "first":
            return next(iter(self._logins.values()), None)
        return self._logins.get(login)

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not stand in anything that is written, those that were fetched meanwhile included."""
        found = [self._api_key, *(secret for one in self._logins.values() for secret in one.secrets())]
        return tuple(dict.fromkeys(filter(None, found)))

    def token(self) -> str:
        """The bearer token that the first login carries just now, "" when it carries none."""
        first = self.provider(Login.GIVEN)
        return first.token() if first is not None else ""

    def means(self, origins: tuple[str, ...] = (), unsafe: bool = False) -> Means:  # a field of Means, handed on
        """What a run with this vault can see with."""
        logins = self.logins()
        return Means(bool(self._api_key), bool(logins), logins, origins, unsafe)

    def dress(self, login: Login, origin: Origin) -> Dress | Refusal:
        """What a request to that origin goes out with. Another origin than the vault's own gets nothing at all."""
        if origin != self.origin:
            return Refusal("credentials", f"credentials are for {self.origin} and never go to {origin}")
        key, way = ROWS[login]
        dress = self._login(login, way)
        if isinstance(dress, Refusal):
            return dress
        value = {"key": self._api_key, "wrong key": WRONG_KEY}.get(key, "")
        if not value:
            return dress
        fields, names = (("ApiKey", value), *dress.fields), ("ApiKey", *dress.names)
        return Dress(fields, names, dress.query, dress.certificate, dress.provider, dress.session, dress.fetch)

    def _login(self, login: Login, way: str) -> Dress | Refusal:
        if way == "no login":
            return Dress()
        if way == "wrong token":
            return bearer(tokens.wrong_token())
        if way == "expired token":
            return bearer(self._expired or tokens.expired_token())
        provider = self.provider(login)
        if provider is not None:
            return provider.dress() or Dress(provider=provider, fetch=True)
        return Dress() if way == "first" else Refusal("credentials", f"no {login.value} was given to log in with")

    async def aclose(self) -> None:
        """Closes what logins opened."""
        for provider in self._logins.values():
            await provider.aclose()


SECRETS: Final = ("API_KEY", "TOKEN", "COOKIE", "USERNAME", "PASSWORD")
PATHS: Final = ("CLIENT_CERT", "CLIENT_KEY")
PARTS: Final[Mapping[Login, tuple[str, ...]]] = {
    Login.TOKEN: ("TOKEN",),
    Login.PASSWORD: ("COOKIE", "USERNAME", "PASSWORD"),
    Login.CERTIFICATE: PATHS,
}
"""What each login is made of."""


def from_environment(
    origin: Origin, environ: Mapping[str, str], settings: Mapping[str, str], providers: Iterable[Provider] = ()
) -> Vault:
    """The vault for an origin out of SAMSVAR_API_KEY and its like. Each may be a file instead (SAMSVAR_API_KEY_FILE,
    or ``api_key_file`` in the settings), or lie in a keyring (``api_key_keyring``). ``providers``: the logins of the
    settings, which come first. Raises UsageError for what contradicts itself or cannot be read."""
    chosen = tuple(providers)
    taken = {name for one in chosen for name in PARTS.get(one.login, ())}  # half of it may stand in the table
    found = {name: "" if name in taken else secret(name, environ, settings) for name in SECRETS}
    paths = {
        name: "" if name in taken else environ.get(f"SAMSVAR_{name}") or settings.get(name.lower(), "")
        for name in PATHS
    }
    return Vault(
        origin,
        api_key=found["API_KEY"],
        token=found["TOKEN"],
        cookie=found["COOKIE"],
        person=person_of(found["USERNAME"], found["PASSWORD"]),
        certificate=certificate_of(paths["CLIENT_CERT"], paths["CLIENT_KEY"]),
        providers=chosen,
    )


def secret(name: str, environ: Mapping[str, str], settings: Mapping[str, str]) -> str:
    """One secret by its name, from the environment, from the file that is named there, or from the file or the entry of
    a keyring that the settings name; "" when it is not given."""
    if name != "USERNAME" and settings.get(name.lower()):
        raise UsageError(
            f"A secret ({name.lower()}) stands in the settings.", f"Use SAMSVAR_{name} or {name.lower()}_file."
        )
    given = environ.get(f"SAMSVAR_{name}", "")
    path = environ.get(f"SAMSVAR_{name}_FILE", "") or settings.get(f"{name.lower()}_file", "")
    if given and environ.get(f"SAMSVAR_{name}_FILE"):
        raise UsageError(f"Both SAMSVAR_{name} and SAMSVAR_{name}_FILE are set.", "Keep one of them.")
    entry = settings.get(f"{name.lower()}_keyring", "")
    if not (given or path) and entry:
        return from_keyring(entry)
    if given or not path:
        return given or (settings.get("username", "") if name == "USERNAME" else "")
    try:
        return Path(path).read_text(encoding="utf-8-sig").strip()  # some editors begin a file with a byte order mark
    except (OSError, ValueError) as error:  # a path may hold what no path can
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
    problem = certificate_problem(chain, key) if chain else None
    if problem is not None:
        raise UsageError(f"The client certificate cannot be used: {problem.seen}.", problem.remedy)
    return ClientCertificate(chain, key) if chain else None

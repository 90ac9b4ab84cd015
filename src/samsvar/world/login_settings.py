"""The logins that samsvar.toml chooses: tables in, providers out. Everything that a table lacks or has too much is told
in one line, before anything is asked. Secrets never stand in the file: it names where they lie.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from samsvar.errors import UsageError
from samsvar.model.exchange import Login
from samsvar.world.addresses import Address, Origin, Refusal, origin_of, read_url
from samsvar.world.credentials import certificate_of, person_of, secret
from samsvar.world.dress import Person, Provider
from samsvar.world.logins import BearerToken, Enterprise, Session, enterprise_user
from samsvar.world.maskinporten import Maskinporten, Terms, Way
from samsvar.world.tokens import SigningKey, chain_of, key_set

Row: TypeAlias = Mapping[str, Any]
"""One [login] table."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table while it is read. where: how it is called when told; environ: SAMSVAR_* by name; origin: of the target;
    way: makes the way to other services."""

    row: Row
    where: str
    environ: Mapping[str, str] = field(repr=False)
    origin: Origin
    way: Callable[[], Way]

    def text(self, name: str, default: str = "") -> str:
        return str(self.row.get(name, default)).strip()

    def needed(self, name: str) -> str:
        if not self.text(name):
            raise UsageError(f"{self.where} has no {name}.", "See docs/manual.md, logging in.")
        return self.text(name)

    def secret(self, name: str, variable: str) -> str:
        """A secret: from SAMSVAR_<variable> (or its _FILE), from <name>_file or <name>_keyring."""
        return _secret(self.row, name, variable, self.environ)

    def needed_secret(self, name: str, variable: str) -> str:
        found = self.secret(name, variable)
        if not found:
            raise UsageError(
                f"{self.where}: no {name} is given.", f"Set SAMSVAR_{variable}, or write {name}_file or {name}_keyring."
            )
        return found

    def address(self, name: str, default: str) -> Address:
        """The URL of a service: https, but on this machine."""
        url = self.text(name, default)
        if not url:
            hosts = ", ".join(SERVICES)
            raise UsageError(
                f"{self.where} has no {name}, and none is known for {self.origin.host}.", f"Known are those of {hosts}."
            )
        origin = origin_of(url)
        found = origin if isinstance(origin, Refusal) else read_url(url, origin)
        if isinstance(found, Refusal):
            raise UsageError(f"{self.where}: {name} cannot be asked: {found.because}.", "Give an https URL.")
        return found

    def file(self, name: str) -> str:
        """The text of a file that holds no secret, "" when none is named."""
        path = self.text(name)
        try:
            return Path(path).read_text(encoding="utf-8-sig") if path else ""
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{self.where}: {name} cannot be read ({type(error).__name__}).", f"Look at {path}."
            ) from None

    def enterprise_user(self) -> Person | None:
        name, password = self.text("enterprise_username"), self.secret("enterprise_password", "ENTERPRISE_PASSWORD")
        if bool(name) != bool(password):
            missing = "enterprise_username" if password else "enterprise_password"
            raise UsageError(
                f"{self.where} has no {missing}.",
                "Write enterprise_username, and enterprise_password_file or enterprise_password_keyring.",
            )
        return Person(name, password) if name else None


def _secret(row: Row, name: str, variable: str, environ: Mapping[str, str]) -> str:
    named = {f"{variable.lower()}_{how}": str(row.get(f"{name}_{how}", "")) for how in SOURCES}
    return secret(variable, environ, named)


SOURCES: Final = ("file", "keyring")


# -- one function per kind --------------------------------------------------------------------------------------------


def _token(table: Table) -> Provider:
    return BearerToken(table.needed_secret("token", "TOKEN"))


def _idporten(table: Table) -> Provider:
    return BearerToken(table.needed_secret("token", "IDPORTEN_TOKEN"), Login.IDPORTEN)


def _password(table: Table) -> Provider:
    name = table.environ.get("SAMSVAR_USERNAME", "") or table.needed("username")
    person = person_of(name, table.needed_secret("password", "PASSWORD"))
    return Session(person, table.secret("cookie", "COOKIE"))


def _cookie(table: Table) -> Provider:
    return Session(cookie=table.needed_secret("cookie", "COOKIE"))


def _certificate(table: Table) -> Provider:
    chain = table.environ.get("SAMSVAR_CLIENT_CERT", "") or table.needed("certificate")
    key = table.environ.get("SAMSVAR_CLIENT_KEY", "") or table.text("key")
    found = certificate_of(chain, key)
    assert found is not None  # a chain was given
    return Enterprise(found, table.enterprise_user())


PRODUCTION: Final = (
    "https://maskinporten.no/token",
    "https://platform.altinn.no/authentication/api/v1/exchange/maskinporten",
)
TEST: Final = (
    "https://test.maskinporten.no/token",
    "https://platform.tt02.altinn.no/authentication/api/v1/exchange/maskinporten",
)
SERVICES: Final[Mapping[str, tuple[str, str]]] = {
    "www.altinn.no": PRODUCTION,
    "altinn.no": PRODUCTION,
    "tt02.altinn.no": TEST,
}
"""By host of a target: where its tokens come from, and where they are exchanged."""


def _maskinporten(table: Table) -> Provider:
    token, exchange = SERVICES.get(table.origin.host, ("", ""))
    key = SigningKey(table.needed_secret("key", "MASKINPORTEN_KEY"))
    where = table.address("token_endpoint", token)
    exchanged = table.row.get("exchange_endpoint") != ""  # written and empty: the token is used as it is
    terms = Terms(
        client=table.needed("client_id"),
        scopes=_scopes(table),
        token=where,
        issuer=table.text("issuer", f"{where.origin}/"),
        exchange=table.address("exchange_endpoint", exchange) if exchanged else None,
        kid=table.text("kid", key.kid),
        chain=tuple(chain_of(table.file("certificate"))) if table.text("certificate") else (),
        resource=table.text("resource"),
        consumer=table.text("consumer_org"),
        token_issuer=table.text("token_issuer"),
        keys=key_set(table.file("jwks_file")) if table.text("jwks_file") else (),
        user=table.enterprise_user(),
    )
    if not (terms.kid or terms.chain):
        raise UsageError(
            f"{table.where} has neither kid nor certificate.",
            "Write kid = the name of the key in Maskinporten, or certificate = the PEM file of the chain.",
        )
    return Maskinporten(terms, key, table.way())


def _scopes(table: Table) -> tuple[str, ...]:
    if not table.row.get("scopes"):
        raise UsageError(f"{table.where} has no scopes.", 'Write them as scopes = ["altinn:..."].')
    return tuple(table.row["scopes"])


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to log in as the settings know it. fields: what may stand in its table, but for secrets; secrets: those
    with their variables, each to be named by <name>_file or <name>_keyring."""

    make: Callable[[Table], Provider]
    fields: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return ("kind", *self.fields, *(f"{name}_{how}" for name, _ in self.secrets for how in SOURCES))


ENTERPRISE: Final = ("enterprise_password", "ENTERPRISE_PASSWORD")
KINDS: Final[Mapping[str, Kind]] = {
    "token": Kind(_token, (), (("token", "TOKEN"),)),
    "id-porten": Kind(_idporten, (), (("token", "IDPORTEN_TOKEN"),)),
    "maskinporten": Kind(
        _maskinporten,
        (
            "client_id",
            "scopes",
            "kid",
            "certificate",
            "token_endpoint",
            "issuer",
            "exchange_endpoint",
            "resource",
            "consumer_org",
            "token_issuer",
            "jwks_file",
            "enterprise_username",
        ),
        (("key", "MASKINPORTEN_KEY"), ENTERPRISE),
    ),
    "password": Kind(_password, ("username",), (("password", "PASSWORD"), ("cookie", "COOKIE"))),
    "cookie": Kind(_cookie, (), (("cookie", "COOKIE"),)),
    "certificate": Kind(_certificate, ("certificate", "key", "enterprise_username"), (ENTERPRISE,)),
}
"""What ``kind`` may say."""


# -- reading ----------------------------------------------------------------------------------------------------------


def checked_logins(found: object, path: str) -> tuple[Row, ...]:
    """The [login] table, or the [[login]] tables, of a file: known words, no secrets. Raises UsageError."""
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{path}: login is no table.", "Write [login], or [[login]] for each of several.")
    for row, where in _named(rows, path):
        _check(row, where)
    return tuple(rows)


def _named(rows: Sequence[Row], path: str) -> Iterator[tuple[Row, str]]:
    for number, row in enumerate(rows, 1):
        which = f" {number}" if len(rows) > 1 else ""
        yield row, f"{path}: login{which} ({row['kind']})" if row.get("kind") else f"{path}: login{which}"


def _check(row: Row, where: str) -> None:
    if not (isinstance(row.get("kind"), str) and row["kind"] in KINDS):
        told = f"{where} has no kind." if "kind" not in row else f"{where} is of no known kind."
        raise UsageError(told, f"Known kinds: {', '.join(KINDS)}.")
    kind = KINDS[row["kind"]]
    for name, variable in kind.secrets:
        if name in row and name not in kind.fields:
            raise UsageError(
                f"{where}: a secret ({name}) stands in the settings.",
                f"Use SAMSVAR_{variable}, {name}_file or {name}_keyring.",
            )
        if all(row.get(f"{name}_{how}") for how in SOURCES):
            raise UsageError(f"{where} has both {name}_file and {name}_keyring.", "Keep one of them.")
    for name, value in row.items():
        if name not in kind.known:
            raise UsageError(f"{where} has an unknown word {name!r}.", f"Known: {', '.join(kind.known)}.")
        if name == "scopes":
            if not (isinstance(value, list) and value and all(isinstance(one, str) and one for one in value)):
                raise UsageError(f"{where}: scopes is no list of texts.", 'Write scopes = ["altinn:..."].')
        elif not isinstance(value, str):
            raise UsageError(f"{where}: {name} has a value of the wrong type.", "Write it as a text.")


def providers_of(
    rows: Sequence[Row], origin: Origin, environ: Mapping[str, str], way: Callable[[], Way], path: str = "samsvar.toml"
) -> tuple[Provider, ...]:
    """The logins that checked tables choose, for a target of that origin. ``way``: makes the way to the services that
    give tokens. Raises UsageError for what is missing or cannot be read, or when two log in alike."""
    found: dict[Login, Provider] = {}
    for row, where in _named(rows, path):
        provider = KINDS[row["kind"]].make(Table(row, where, environ, origin, way))
        if provider.login in found:
            raise UsageError(
                f"{where} logs in like one before it ({provider.login.value}).", "Keep one login of each kind."
            )
        found[provider.login] = provider
    return tuple(found.values())


def secrets_in(rows: Sequence[Row], environ: Mapping[str, str]) -> Iterator[str]:
    """The secrets that tables name, as far as they can be read now."""
    for row in rows:
        for name, variable in KINDS[row["kind"]].secrets:
            value = _secret(row, name, variable, environ)
            yield value.removeprefix("Bearer ")
            if name == "enterprise_password" and value:
                yield enterprise_user(Person(str(row.get("enterprise_username", "")), value))

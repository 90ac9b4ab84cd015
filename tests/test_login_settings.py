"""What samsvar.toml may say of logins: what is chosen is what goes out, what is wrong is one clear line."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme

from samsvar.errors import UsageError
from samsvar.model.exchange import Login
from samsvar.running.orders import Order, order_from, secrets_of
from samsvar.world.addresses import Origin
from samsvar.world.certificates import certificate_problem, validity
from samsvar.world.credentials import Vault, from_environment, secret
from samsvar.world.dress import Dress
from samsvar.world.keyrings import from_keyring
from samsvar.world.login_settings import KINDS, Table, checked_logins, providers_of, secrets_in
from samsvar.world.maskinporten import Way
from samsvar.world.settings import read_settings

HOME = Origin("https", "tt02.altinn.no", 443)
ELSEWHERE = Origin("https", "altinn.vendor.example", 443)


def no_way() -> Way:
    async def nothing(*_: object) -> Any:
        raise AssertionError("nothing is asked while settings are read")

    return Way(nothing, nothing)


def vault(rows: object, environ: Mapping[str, str] | None = None, origin: Origin = HOME) -> Vault:
    named = environ or {}
    found = providers_of(checked_logins(rows, "samsvar.toml"), origin, named, no_way)
    return from_environment(origin, named, {}, found)


def fields(one: Vault, login: Login = Login.GIVEN) -> dict[str, str]:
    dress = one.dress(login, one.origin)
    assert isinstance(dress, Dress)
    return dict(dress.fields)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """token, other, password and certificate files."""
    for name in ("token", "other", "password"):
        (tmp_path / name).write_text(f"{name}-canary\n")
    issued = trustme.CA().issue_cert("a.example", common_name="A")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    trustme.CA().issue_cert("b.example").private_key_pem.write_to_path(str(tmp_path / "strange.pem"))
    return tmp_path


# -- what is chosen ---------------------------------------------------------------------------------------------------


def test_a_token_lies_in_a_file_or_in_the_environment(files: Path) -> None:
    row = {"kind": "token", "token_file": str(files / "token")}
    assert fields(vault(row)) == {"Authorization": "Bearer token-canary"}
    assert fields(vault(row, {"SAMSVAR_TOKEN": "Bearer e"})) == {"Authorization": "Bearer e"}
    assert fields(vault({"kind": "token"}, {"SAMSVAR_TOKEN": "e"})) == {"Authorization": "Bearer e"}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbftoken-canary\r\n")
    (tmp_path / "samsvar.toml").write_bytes(b"\xef\xbb\xbf[login]\r\nkind = 'token'\r\n")
    rows = read_settings(str(tmp_path / "samsvar.toml"))["login"]
    one = vault({**rows, "token_file": str(tmp_path / "token")})
    assert fields(one)["Authorization"] == "Bearer token-canary"


def test_what_an_order_and_a_table_were_given_shows_in_no_repr() -> None:
    given = {"SAMSVAR_TOKEN": "token-canary"}
    assert "canary" not in repr(Order(settings=given)) + repr(Table({"kind": "token"}, "", given, HOME, no_way))


def test_several_logins_keep_their_order_and_what_the_environment_gives_comes_after(files: Path) -> None:
    rows = [
        {"kind": "id-porten", "token_file": str(files / "other")},
        {"kind": "password", "username": "ola", "password_file": str(files / "password")},
        {"kind": "certificate", "certificate": str(files / "cert.pem"), "key": str(files / "key.pem")},
    ]
    one = vault(rows, {"SAMSVAR_TOKEN": "e", "SAMSVAR_API_KEY": "k"})
    assert one.logins() == (Login.IDPORTEN, Login.PASSWORD, Login.CERTIFICATE, Login.TOKEN)
    assert one.means().logins == one.logins()
    assert fields(one) == {"ApiKey": "k", "Authorization": "Bearer other-canary"}
    assert fields(one, Login.TOKEN)["Authorization"] == "Bearer e"
    assert "canary" not in repr(one)


def test_a_login_of_the_settings_goes_before_the_same_of_the_environment(files: Path) -> None:
    row = {"kind": "cookie", "cookie_file": str(files / "other")}
    one = vault(row, {"SAMSVAR_USERNAME": "ola", "SAMSVAR_PASSWORD": "p"})
    assert one.logins() == (Login.PASSWORD,)
    assert fields(one) == {"Cookie": ".ASPXAUTH=other-canary"}


def test_an_enterprise_user_is_named_beside_its_certificate(files: Path) -> None:
    row = {"kind": "certificate", "certificate": str(files / "both.pem"), "enterprise_username": "ola"}
    one = vault(row, {"SAMSVAR_ENTERPRISE_PASSWORD": "p-canary"})
    assert list(fields(one)) == ["X-Altinn-EnterpriseUser-Authentication"]
    assert "p-canary" in one.secrets() and len(one.secrets()) == 2


def test_one_login_is_a_table_and_several_are_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAMSVAR_TOKEN", "token-canary")
    for text in ('[login]\nkind = "token"\n', '[[login]]\nkind = "token"\n'):
        Path("samsvar.toml").write_text(f'target = "https://tt02.altinn.no/api"\n{text}')
        order = order_from({})
        assert order.logins == ({"kind": "token"},) and "login" not in order.settings
        assert "token-canary" in secrets_of(order)


# -- what is wrong ----------------------------------------------------------------------------------------------------

MASKINPORTEN = {"kind": "maskinporten", "client_id": "c", "kid": "k", "scopes": ["altinn:x"]}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("token", "is no table"),
        ([1], "is no table"),
        ({}, "has no kind"),
        ({"kind": "tocken"}, "of no known kind"),
        ({"kind": ["token"]}, "of no known kind"),
        ({"kind": {"a": 1}}, "of no known kind"),
        ({"kind": "token", "token": "canary"}, r"login \(token\): a secret \(token\) stands in the settings"),
        ({"kind": "password", "username": "o", "password": "canary"}, "a secret"),
        ({**MASKINPORTEN, "key": "canary"}, "a secret"),
        ({"kind": "token", "tokenfile": "x"}, "unknown word 'tokenfile'"),
        ({"kind": "token", "token_file": 3}, "wrong type"),
        ({"kind": "token", "token_file": "a", "token_keyring": "b/c"}, "both token_file and token_keyring"),
        ({**MASKINPORTEN, "scopes": "altinn:x"}, "scopes is no list"),
        ({**MASKINPORTEN, "scopes": []}, "scopes is no list"),
        ([{"kind": "token"}, {"kind": "nothing"}], r"login 2 \(nothing\)"),
    ],
)
def test_a_table_that_is_wrong_is_told_as_it_is_read(rows: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        checked_logins(rows, "samsvar.toml")
    assert "canary" not in str(caught.value) and caught.value.args


def test_the_settings_file_is_checked_with_its_logins(tmp_path: Path) -> None:
    path = tmp_path / "samsvar.toml"
    path.write_text('[login]\nkind = "tocken"\n')
    with pytest.raises(UsageError, match=r"samsvar\.toml: login \(tocken\) is of no known kind"):
        read_settings(str(path))


@pytest.mark.parametrize(
    ("rows", "environ", "words"),
    [
        ({"kind": "token"}, {}, r"login \(token\): no token is given"),
        ({"kind": "password"}, {"SAMSVAR_PASSWORD": "canary"}, "has no username"),
        ({"kind": "password", "username": "ola"}, {}, "no password is given"),
        ({"kind": "cookie"}, {}, "no cookie is given"),
        ({"kind": "certificate"}, {}, "has no certificate"),
        ({"kind": "certificate", "certificate": "gone.pem"}, {}, "no certificate file"),
        ({"kind": "token", "token_file": "gone"}, {}, "cannot be read"),
        ({"kind": "token", "token_file": "a\0b"}, {}, "cannot be read"),
        ({"kind": "token"}, {"SAMSVAR_TOKEN": "canary\nX: 1"}, "cannot be sent"),
        (MASKINPORTEN, {}, "no key is given"),
        (MASKINPORTEN, {"SAMSVAR_MASKINPORTEN_KEY": "canary"}, "private key of Maskinporten cannot be read"),
        (
            [{"kind": "password", "username": "o"}, {"kind": "cookie"}],
            {"SAMSVAR_PASSWORD": "p", "SAMSVAR_COOKIE": "canary"},
            "logs in like one before it",
        ),
    ],
)
def test_a_login_that_lacks_something_is_told(rows: object, environ: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        vault(rows, environ)
    assert "canary" not in str(caught.value)


def rsa_pem() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from token_service import pem

    return pem(rsa.generate_private_key(65537, 2048))


def test_a_maskinporten_table_that_lacks_something_is_told() -> None:
    environ = {"SAMSVAR_MASKINPORTEN_KEY": rsa_pem()}
    rows: list[tuple[dict[str, object], Origin, str]] = [
        ({"kid": ""}, HOME, "neither kid nor certificate"),
        ({"client_id": ""}, HOME, "has no client_id"),
        ({}, ELSEWHERE, r"has no token_endpoint, and none is known for altinn\.vendor\.example"),
        ({"token_endpoint": "http://tokens.example/token"}, HOME, "token_endpoint cannot be asked: .*clear text"),
        ({"exchange_endpoint": "platform.altinn.no"}, HOME, "exchange_endpoint cannot be asked"),
        ({"jwks_file": "gone.json"}, HOME, "jwks_file cannot be read"),
        ({"certificate": "gone.pem"}, HOME, "certificate cannot be read"),
        ({"enterprise_username": "ola"}, HOME, "has no enterprise_password"),
    ]
    for more, origin, words in rows:
        with pytest.raises(UsageError, match=words):
            vault({**MASKINPORTEN, **more}, environ, origin)
    with pytest.raises(UsageError, match="has no scopes"):
        vault({name: value for name, value in MASKINPORTEN.items() if name != "scopes"}, environ)


def test_every_word_of_every_kind_is_read_as_it_is_told() -> None:
    for name, kind in KINDS.items():
        row: dict[str, object] = {word: "x" for word in kind.known if not word.endswith("_keyring")}
        row |= {"kind": name, **({"scopes": ["x"]} if "scopes" in kind.fields else {})}
        assert checked_logins(row, "samsvar.toml") == (row,)


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_what_an_order_names_is_secret(files: Path) -> None:
    rows = (
        {"kind": "token", "token_file": str(files / "token")},
        {"kind": "certificate", "certificate": "c", "enterprise_username": "ola"},
    )
    environ = {"SAMSVAR_ENTERPRISE_PASSWORD": "enterprise-canary", "SAMSVAR_API_KEY": "key-canary"}
    order = Order(target="https://tt02.altinn.no/api", settings=environ, logins=rows)
    found = secrets_of(order)
    assert {"token-canary", "enterprise-canary", "key-canary"} <= set(found) and len(found) == 4
    assert secrets_of(Order(settings=environ, logins=rows)) == ()
    assert list(secrets_in((), environ)) == []


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring in memory."""
    import keyring
    from keyring.backend import KeyringBackend

    held: dict[tuple[str, str], str] = {}

    class Memory(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            if service == "locked":
                raise keyring.errors.KeyringLocked("canary")
            return held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            held[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield held  # type: ignore[misc]
    keyring.set_keyring(before)


def test_a_secret_may_lie_in_the_keyring(ring: dict[tuple[str, str], str]) -> None:
    ring["samsvar/tt02", "token"] = "token-canary"
    ring["samsvar", "key"] = "key-canary"
    row = {"kind": "token", "token_keyring": "samsvar/tt02/token"}
    assert fields(vault(row)) == {"Authorization": "Bearer token-canary"}
    assert secret("API_KEY", {}, {"api_key_keyring": "samsvar/key"}) == "key-canary"
    assert secret("API_KEY", {"SAMSVAR_API_KEY": "e"}, {"api_key_keyring": "samsvar/key"}) == "e"
    assert fields(from_environment(HOME, {}, {"token_keyring": "samsvar/tt02/token"})) == {
        "Authorization": "Bearer token-canary"
    }


@pytest.mark.parametrize(
    ("entry", "words"), [("samsvar/gone", "has no entry"), ("locked/x", "does not give"), ("samsvar", "names no entry")]
)
def test_an_entry_that_is_not_there_is_told(ring: object, entry: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        from_keyring(entry)
    assert "canary" not in str(caught.value)


def test_a_keyring_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UsageError, match="keyring is not installed") as caught:
        from_keyring("samsvar/x")
    assert "samsvar[keyring]" in str(caught.value)


def test_the_keyring_is_not_loaded_where_none_is_named() -> None:
    code = "import sys, samsvar.world.login_settings; assert not {'keyring', 'jwt', 'cryptography'} & set(sys.modules)"
    source = Path(__file__).resolve().parents[1] / "src"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(source)})


# -- certificates -----------------------------------------------------------------------------------------------------


def test_files_that_do_not_make_a_certificate_are_told_before_they_are_shown(files: Path) -> None:
    (files / "locked.pem").write_text(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    (files / "bad.pem").write_text(
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n!\n"
    )
    (files / "bytes.p12").write_bytes(b"\xff\xfe\x00")
    rows: Sequence[tuple[str, str, str]] = (
        ("cert.pem", "strange.pem", "belongs to another certificate"),
        ("cert.pem", "locked.pem", "encrypted"),
        ("cert.pem", "", "no private key"),
        ("key.pem", "", "no certificate"),
        ("bad.pem", "", "cannot be read as PEM"),
        ("bytes.p12", "", "cannot be read"),
    )
    for chain, key, words in rows:
        found = certificate_problem(str(files / chain), str(files / key) if key else "")
        assert found is not None and words in found.seen and found.remedy, (chain, key)
    for chain, key in (("cert.pem", "key.pem"), ("both.pem", "")):
        assert certificate_problem(str(files / chain), str(files / key) if key else "") is None
    with pytest.raises(UsageError, match="belongs to another certificate"):
        vault({"kind": "certificate", "certificate": str(files / "cert.pem"), "key": str(files / "strange.pem")})


def test_a_certificate_tells_how_long_it_is_valid(files: Path) -> None:
    found = validity(str(files / "cert.pem"))
    assert found is not None and found.begins < found.expires
    assert validity(str(files / "key.pem")) is None and validity(str(files / "gone.pem")) is None

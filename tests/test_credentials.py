"""Credentials come from the environment or a file, go to one origin, and show nowhere."""

import base64
import json
from pathlib import Path

import pytest

from samsvar.errors import UsageError
from samsvar.model.exchange import Login, Response
from samsvar.world.addresses import Origin, Refusal
from samsvar.world.credentials import (
    EXPIRED_TOKEN,
    WRONG_KEY,
    WRONG_TOKEN,
    ClientCertificate,
    Dress,
    Person,
    Vault,
    from_environment,
)

HOME = Origin("https", "tt02.altinn.no", 443)
FULL = {
    "SAMSVAR_API_KEY": "key-canary",
    "SAMSVAR_TOKEN": "token-canary",
    "SAMSVAR_COOKIE": ".ASPXAUTH=cookie-canary",
    "SAMSVAR_USERNAME": "name-canary",
    "SAMSVAR_PASSWORD": "password-canary",
}


def fields(vault: Vault, login: Login) -> dict[str, str]:
    dress = vault.dress(login, HOME)
    assert isinstance(dress, Dress), dress
    assert {name for name, _ in dress.fields} <= set(dress.names)
    return dict(dress.fields)


KEY = {"ApiKey": "key-canary"}
TOKEN = {"Authorization": "Bearer token-canary"}


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        (Login.GIVEN, KEY | TOKEN),
        (Login.NONE, {}),
        (Login.NO_KEY, TOKEN),
        (Login.WRONG_KEY, {"ApiKey": WRONG_KEY} | TOKEN),
        (Login.NO_LOGIN, KEY),
        (Login.WRONG_TOKEN, KEY | {"Authorization": f"Bearer {WRONG_TOKEN}"}),
        (Login.EXPIRED_TOKEN, KEY | {"Authorization": f"Bearer {EXPIRED_TOKEN}"}),
        (Login.TOKEN, KEY | TOKEN),
        (Login.PASSWORD, KEY | {"Cookie": ".ASPXAUTH=cookie-canary"}),
    ],
)
def test_each_login_goes_out_with_just_its_own(login: Login, expected: dict[str, str]) -> None:
    assert fields(from_environment(HOME, FULL, {}), login) == expected


@pytest.mark.parametrize("login", list(Login))
@pytest.mark.parametrize(
    "other",
    [
        Origin("http", "tt02.altinn.no", 443),
        Origin("https", "tt02.altinn.no", 8443),
        Origin("https", "www.altinn.no", 443),
    ],
)
def test_another_origin_gets_nothing(login: Login, other: Origin) -> None:
    assert isinstance(from_environment(HOME, FULL, {}).dress(login, other), Refusal)


def test_a_way_to_log_in_that_was_not_given_is_refused() -> None:
    vault = Vault(HOME, api_key="k")
    for login in (Login.TOKEN, Login.PASSWORD, Login.CERTIFICATE):
        assert isinstance(vault.dress(login, HOME), Refusal)
    assert fields(vault, Login.GIVEN) == {"ApiKey": "k"}


def test_without_anything_nothing_is_added() -> None:
    assert fields(from_environment(HOME, {}, {}), Login.GIVEN) == {}
    means = from_environment(HOME, {}, {}).means()
    assert not means.key and not means.login and means.logins == ()


def test_the_means_say_what_there_is_and_nothing_of_it() -> None:
    vault = Vault(HOME, api_key="k", token="t", person=Person("a", "b"), certificate=ClientCertificate(subject="c"))
    means = vault.means(("https://www.eksempel.no",), True)
    assert means.key and means.login and means.unsafe
    assert means.logins == (Login.TOKEN, Login.PASSWORD, Login.CERTIFICATE)


def test_nothing_shows_in_any_repr() -> None:
    vault = from_environment(HOME, FULL, {})
    shown = repr((vault, [vault.dress(login, HOME) for login in Login], Person("name-canary", "password-canary")))
    assert "canary" not in shown and "ApiKey" in shown


def test_the_expired_token_is_a_well_formed_one_whose_time_is_over() -> None:
    for token, over in ((EXPIRED_TOKEN, True), (WRONG_TOKEN, False)):
        claims = token.split(".")[1]
        expires = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        assert (expires < 1_600_000_000) is over


def test_secrets_may_lie_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("key-canary\n")
    path = str(tmp_path / "key")
    assert fields(from_environment(HOME, {"SAMSVAR_API_KEY_FILE": path}, {}), Login.GIVEN) == KEY
    assert fields(from_environment(HOME, {}, {"api_key_file": path}), Login.GIVEN) == KEY
    given = fields(from_environment(HOME, {"SAMSVAR_API_KEY": "k"}, {"api_key_file": path}), Login.GIVEN)
    assert given == {"ApiKey": "k"}


@pytest.mark.parametrize(
    ("environ", "settings", "words"),
    [
        ({"SAMSVAR_USERNAME": "ola"}, {}, "SAMSVAR_PASSWORD is missing"),
        ({"SAMSVAR_PASSWORD": "canary"}, {}, "SAMSVAR_USERNAME is missing"),
        ({"SAMSVAR_CLIENT_KEY": "k.pem"}, {}, "SAMSVAR_CLIENT_CERT is missing"),
        ({"SAMSVAR_CLIENT_CERT": "no-such.pem"}, {}, "no certificate file"),
        ({"SAMSVAR_API_KEY_FILE": "no-such-file"}, {}, "cannot be read"),
        ({"SAMSVAR_API_KEY_FILE": "a", "SAMSVAR_API_KEY": "canary"}, {}, "Both"),
        ({}, {"api_key": "canary"}, "stands in the settings"),
        ({"SAMSVAR_TOKEN": "canary\r\nX-Evil: 1"}, {}, "cannot be sent"),
        ({"SAMSVAR_API_KEY": "canary\u00e6"}, {}, "cannot be sent"),
    ],
)
def test_what_cannot_be_used_is_said_without_showing_it(
    environ: dict[str, str], settings: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        from_environment(HOME, environ, settings)
    assert "canary" not in str(caught.value)


def setting(*cookies: str) -> Response:
    return Response(200, tuple(("Set-Cookie", cookie) for cookie in cookies))


def test_session_cookies_are_kept_renewed_and_never_mixed_with_others() -> None:
    vault = Vault(HOME, person=Person("a", "b"))
    assert vault.keep_cookies(setting(".AspxAuthTT02=one; Path=/; Secure", "gone=x; Max-Age=0", "empty="), HOME)
    assert fields(vault, Login.PASSWORD) == {"Cookie": ".AspxAuthTT02=one"}
    vault.renew_cookies(setting(".AspxAuthTT02=two", "BIGipServer=3"), HOME)
    assert fields(vault, Login.PASSWORD) == {"Cookie": ".AspxAuthTT02=two"}


def test_cookies_of_another_origin_are_not_taken() -> None:
    vault = Vault(HOME, person=Person("a", "b"))
    other = Origin("https", "tt02.altinn.no", 8443)
    assert not vault.keep_cookies(setting("a=b"), other)
    assert vault.dress(Login.PASSWORD, HOME) == Dress(sign_in=Person("a", "b"))


def test_two_hundred_large_cookies_are_not_all_kept() -> None:
    vault = Vault(HOME, person=Person("a", "b"))
    vault.keep_cookies(setting(*[f"c{i}={'x' * 4_000}" for i in range(200)], "huge=" + "x" * 5_000), HOME)
    assert fields(vault, Login.PASSWORD)["Cookie"].count("=") == 20

"""Credentials come from the environment or a file, go to one origin, and show nowhere."""

import base64
import json
from pathlib import Path

import pytest

from samsvar.errors import UsageError
from samsvar.model.exchange import Login
from samsvar.world.addresses import Origin, Refusal
from samsvar.world.credentials import WRONG_KEY, Vault, from_environment
from samsvar.world.dress import ClientCertificate, Dress, Person
from samsvar.world.tokens import expired_token, wrong_token

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
        (Login.WRONG_TOKEN, KEY | {"Authorization": f"Bearer {wrong_token()}"}),
        (Login.EXPIRED_TOKEN, KEY | {"Authorization": f"Bearer {expired_token()}"}),
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
    for token, over in ((expired_token(), True), (wrong_token(), False)):
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

"""Logging in by Maskinporten: the real exchange with a service on this machine, and each way in which it can fail."""

import asyncio
import base64
import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from loopback import RawServer
from token_service import Client, TokenService, pem, public_jwk

from samsvar.errors import UsageError
from samsvar.logic.diagnosing_logins import read_token, sign_of
from samsvar.logic.reading import Reading
from samsvar.miniature import Miniature, credentials, serve
from samsvar.model.exchange import Exchange, Failure, Login, Probe, Stage
from samsvar.world.addresses import Origin, origin_of
from samsvar.world.credentials import Vault
from samsvar.world.dress import Door, Person, Provider
from samsvar.world.http import SHORT, Errands, LiveTransport, Patience
from samsvar.world.login_settings import checked_logins, providers_of
from samsvar.world.maskinporten import Way
from samsvar.world.tokens import SigningKey, chain_of, is_signed_by, key_set
from samsvar.world.transport import Outcome

HOME = Origin("https", "tt02.altinn.no", 443)
SCOPES = ("altinn:instances.read", "altinn:instances.write")
NOW = float(credentials.NOW)
QUICK = replace(SHORT, patience=Patience(2.0, 0.5, 1.0))


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SAMSVAR TESTVIRKSOMHET")])
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key().public_key())
    made = made.serial_number(1).not_valid_before(day).not_valid_after(day + datetime.timedelta(days=900))
    return made.sign(key(), hashes.SHA256())


class Clock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Iterator[TokenService]:
    der = certificate().public_bytes(serialization.Encoding.DER)
    client = Client({"key-1": key().public_key()}, [der], SCOPES)
    with TokenService({"client-1": client}, clock) as running:
        yield running


def row(service: TokenService, **more: object) -> dict[str, Any]:
    """The table of samsvar.toml that fits the service."""
    found: dict[str, object] = {
        "kind": "maskinporten",
        "client_id": "client-1",
        "kid": "key-1",
        "scopes": [SCOPES[0]],
        "token_endpoint": service.token_endpoint,
        "exchange_endpoint": service.exchange_endpoint,
    }
    return {name: value for name, value in {**found, **more}.items() if value is not None}


def provider(
    table: Mapping[str, Any], clock: Clock, private: str = "", environ: Mapping[str, str] | None = None
) -> Provider:
    """The login of a table, with its private key in the environment."""
    named = {"SAMSVAR_MASKINPORTEN_KEY": private or pem(key()), **(environ or {})}
    errands = Errands(QUICK)
    (found,) = providers_of(
        checked_logins(table, "samsvar.toml"), HOME, named, lambda: Way(errands.ask, errands.aclose, clock)
    )
    return found


def fetched(one: Provider, times: int = 1) -> Failure | None:
    """The end of fetching it, so many at once."""

    async def run() -> Failure | None:
        async def nobody(ready: object) -> Failure:
            raise AssertionError("the target is not asked to log in by Maskinporten")

        door = Door(HOME, "/api", (("ApiKey", "KEYCANARY"),), nobody)
        try:
            return (await asyncio.gather(*[one.fetch(door) for _ in range(times)]))[0]
        finally:
            await one.aclose()

    return asyncio.run(run())


def carried(one: Provider) -> str:
    dress = one.dress()
    assert dress is not None and dress.names == ("Authorization",)
    return dict(dress.fields)["Authorization"]


def test_a_grant_is_exchanged_for_a_token_of_altinn(service: TokenService, clock: Clock) -> None:
    one = provider(row(service), clock)
    assert one.dress() is None and not service.heard  # nothing is fetched before it is needed
    assert fetched(one) is None
    assert carried(one) == f"Bearer {service.given[-1]}" and one.token() == service.given[-1]
    assert [heard.service for heard in service.heard] == ["token", "exchange"]


def test_the_grant_says_what_is_asked_for_and_nothing_else(service: TokenService, clock: Clock) -> None:
    table = row(service, resource="https://api.example/", consumer_org="310702641", scopes=list(SCOPES))
    assert fetched(provider(table, clock)) is None
    grant = service.heard[0].body.decode().partition("assertion=")[2]
    claims = jwt.decode(grant, options={"verify_signature": False})
    assert claims.pop("jti")
    assert claims == {
        "aud": service.issuer,
        "iss": "client-1",
        "scope": " ".join(SCOPES),
        "iat": int(NOW),
        "exp": int(NOW) + 100,
        "resource": "https://api.example/",
        "consumer_org": "310702641",
    }
    head = jwt.get_unverified_header(grant)
    assert head == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}


def test_a_jwk_signs_as_a_pem_does_and_brings_its_name(service: TokenService, clock: Clock) -> None:
    jwk = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key())), "kid": "key-1"}
    for text in (json.dumps(jwk), json.dumps({"keys": [jwk]})):
        assert fetched(provider(row(service, kid=None), clock, private=text)) is None


def test_a_certificate_may_stand_for_the_name_of_a_key(service: TokenService, clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(certificate().public_bytes(serialization.Encoding.PEM))
    assert fetched(provider(row(service, kid=None, certificate=str(path)), clock)) is None


def test_an_enterprise_user_goes_to_the_exchange_alone(service: TokenService, clock: Clock) -> None:
    service.enterprise = base64.b64encode(b"ola:PASSWORDCANARY").decode()
    environ = {"SAMSVAR_ENTERPRISE_PASSWORD": "PASSWORDCANARY"}
    one = provider(row(service, enterprise_username="ola"), clock, environ=environ)
    assert fetched(one) is None
    shown = [heard.service for heard in service.heard if service.enterprise.encode() in heard.whole()]
    assert shown == ["exchange"]
    assert {service.enterprise, "PASSWORDCANARY", *service.given} <= set(one.secrets())


def test_each_service_gets_its_own_and_nothing_of_another(service: TokenService, clock: Clock) -> None:
    assert fetched(provider(row(service), clock)) is None
    granted, exchanged = service.heard
    assert b"KEYCANARY" not in granted.whole() + exchanged.whole()
    assert "authorization" not in granted.headers and not exchanged.body
    assert granted.body.partition(b"assertion=")[2] not in exchanged.whole()


def test_many_that_ask_at_once_are_served_by_one_exchange(service: TokenService, clock: Clock) -> None:
    assert fetched(provider(row(service), clock), times=20) is None
    assert service.count("token") == service.count("exchange") == 1


def test_a_token_is_renewed_before_it_runs_out_and_not_sooner(service: TokenService, clock: Clock) -> None:
    one = provider(row(service), clock)
    fetched(one)
    first = one.token()
    clock.now += 1_730
    assert carried(one) == f"Bearer {first}"
    clock.now += 15  # less than a minute is left
    assert one.dress() is None
    assert fetched(one) is None and one.token() != first and one.session == 2


def test_a_wrong_clock_does_not_shorten_a_tokens_life(service: TokenService, clock: Clock) -> None:
    service.now = lambda: clock.now - 8
    one = provider(row(service), clock)
    assert fetched(one) is None
    clock.now += 1_735
    assert one.dress() is not None


def test_the_old_token_does_while_it_is_valid_and_the_service_is_away(service: TokenService, clock: Clock) -> None:
    one = provider(row(service), clock)
    fetched(one)
    first = one.token()
    service.instead["token"] = [(503, {"error": "away"})] * 2
    clock.now += 1_745
    assert fetched(one) is None and carried(one) == f"Bearer {first}"
    clock.now += 31
    assert fetched(one) is None and carried(one) == f"Bearer {first}"
    clock.now += 31
    assert fetched(one) is None and one.token() != first


def failing(service: TokenService, clock: Clock, private: str = "", **more: object) -> Failure:
    failure = fetched(provider(row(service, **more), clock, private))
    assert failure is not None
    return failure


def sign(failure: Failure) -> str:
    found = sign_of(Reading(Exchange(1, Probe("read", "https://tt02.altinn.no/api/x"), None, failure)))
    assert found is not None and found.remedy and found.step == "login"
    return found.seen


def test_each_refusal_of_a_grant_is_told_and_has_a_remedy(service: TokenService, clock: Clock) -> None:
    rows: list[tuple[dict[str, Any], str, str]] = [
        ({"client_id": "client-2"}, "invalid_client", "does not know this client"),
        ({"kid": "key-2"}, "Unknown key identifier", "does not know the key"),
        ({"private": pem(stranger())}, "Invalid JWT signature", "does not accept the grant"),
        ({"scopes": ["altinn:other"]}, "invalid_scope", "does not give this client the scopes"),
        ({"issuer": "https://maskinporten.no/"}, "Invalid audience", "does not take itself for the audience"),
    ]
    for more, word, seen in rows:
        failure = failing(service, clock, **more)
        assert failure.stage is Stage.LOGIN and failure.response is None
        assert word in failure.because and "asking http://127.0.0.1" in failure.because
        assert seen in sign(failure), failure


@pytest.mark.parametrize(("skew", "words"), [(-40, "in the future"), (200, "JWT has expired")])
def test_a_clock_that_is_off_is_told_as_such(service: TokenService, clock: Clock, skew: int, words: str) -> None:
    service.now = lambda: clock.now + skew
    failure = failing(service, clock)
    assert words in failure.because and "seconds" in failure.because
    assert "for its times" in sign(failure)


def exchanged_instead(service: TokenService, clock: Clock, status: int, said: object, **more: object) -> Failure:
    service.instead["exchange"] = [(status, said)]
    return failing(service, clock, **more)


def altinn(clock: Clock, **claims: object) -> str:
    told = {"iss": "https://platform.example/", "exp": int(clock.now) + 600, **claims}
    return jwt.encode(told, key(), algorithm="RS256", headers={"kid": "altinn"})


def test_each_refusal_of_an_exchange_is_told_and_has_a_remedy(service: TokenService, clock: Clock) -> None:
    rows: list[tuple[int, object, str, str]] = [
        (401, {"title": "Unauthorized"}, "answered 401 (Unauthorized)", "does not take the token"),
        (403, {"title": "Forbidden"}, "answered 403", "refuses this organisation"),
        (302, b"", "redirects are not followed", "gives no token"),
        (200, b"<html>log in</html>", "without a token", "gives no token"),
        (200, "opaque", "no JSON Web Token", "gives no token"),
        (200, altinn(clock, exp=int(clock.now) - 600), "has expired already", "times of the token"),
        (200, altinn(clock, nbf=int(clock.now) + 600), "is not valid yet", "times of the token"),
    ]
    for status, said, word, seen in rows:
        failure = exchanged_instead(service, clock, status, said)
        assert word in failure.because, failure
        assert seen in sign(failure), failure
    assert not any(heard.path == "/elsewhere" for heard in service.heard)


def crafted(claims: bytes, head: bytes = b'{"alg": "RS256"}') -> str:
    """A token with claims that no library would write."""
    parts = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (head, claims))
    return ".".join((*parts, "AAAA"))


DEEP = b"[" * 100_000
HUGE = b"1" + b"0" * 400


@pytest.mark.parametrize(
    "said",
    [
        (200, DEEP),
        (500, DEEP),
        (200, b'{"access_token": "abc", "expires_in": ' + HUGE + b"}"),
        (200, b'{"access_token": "abc", "expires_in": NaN}'),
        (200, b'{"access_token": "abc", "expires_in": -1e999}'),
    ],
)
def test_no_answer_of_maskinporten_is_more_than_a_refusal(
    service: TokenService, clock: Clock, said: tuple[int, bytes]
) -> None:
    service.instead["token"] = [said]
    one = provider(row(service, exchange_endpoint=""), clock)
    failure = fetched(one)
    assert failure.stage is Stage.LOGIN if failure is not None else one.token() == "abc" and one.dress() is not None


@pytest.mark.parametrize(
    "token",
    [
        crafted(b'{"exp": ' + HUGE + b"}"),
        crafted(b'{"exp": 4102444800, "iat": -' + HUGE + b"}"),
        crafted(b'{"exp": 4102444800, "nbf": 1e999}'),
        crafted(b'{"a": ' + DEEP[:9_000]),
        crafted(b"{}", b'{"a": ' + DEEP[:9_000]),
    ],
)
def test_no_token_of_the_exchange_is_more_than_a_refusal(service: TokenService, clock: Clock, token: str) -> None:
    service.instead["exchange"] = [(200, token)]
    one = provider(row(service), clock)
    failure = fetched(one)
    assert failure.stage is Stage.LOGIN if failure is not None else one.dress() is not None
    assert read_token(token).expires in (None, 4_102_444_800.0)
    assert not is_signed_by(token, key_set(json.dumps({"keys": [public_jwk(key(), "altinn")]})))


@pytest.mark.parametrize("date", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 99 Jan 2026 00:00:00 GMT", "now"])
def test_no_date_of_a_service_is_more_than_no_date(service: TokenService, clock: Clock, date: str) -> None:
    body = f'"{altinn(clock)}"'.encode()
    head = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with RawServer(head + body) as server:
        assert fetched(provider(row(service, exchange_endpoint=f"http://127.0.0.1:{server.port}/x"), clock)) is None


@pytest.mark.parametrize("lives", [-5, 0, 0.001, 1])
def test_a_token_that_is_over_at_once_goes_out_and_is_not_had_anew_for_each_question(
    service: TokenService, clock: Clock, lives: float
) -> None:
    service.instead["token"] = [(200, {"access_token": altinn(clock), "expires_in": lives})] * 9
    direct = provider(row(service, exchange_endpoint=""), clock)
    for _ in range(5):
        assert fetched(direct) is None and direct.dress() is not None
    assert service.count("token") == 1


def test_the_issuer_and_the_signature_are_looked_at_where_they_are_named(
    service: TokenService, clock: Clock, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [public_jwk(key(), "altinn")]}))
    named = {"jwks_file": str(keys), "token_issuer": "https://platform.example/"}
    service.instead["exchange"] = [(200, altinn(clock))]
    assert fetched(provider(row(service, **named), clock)) is None
    failure = exchanged_instead(service, clock, 200, altinn(clock, iss="https://elsewhere.example/"), **named)
    assert "is not issued by https://platform.example/" in failure.because and "from whom" in sign(failure)
    forged = jwt.encode({"iss": "https://platform.example/", "exp": int(NOW) + 600}, stranger(), algorithm="RS256")
    assert "signed by none" in exchanged_instead(service, clock, 200, forged, **named).because


def test_a_token_signed_with_a_shared_secret_or_not_at_all_is_signed_by_none() -> None:
    keys = key_set(json.dumps({"keys": [public_jwk(key(), "altinn")]}))
    assert is_signed_by(jwt.encode({"a": 1}, key(), algorithm="RS256"), keys)
    for token in (jwt.encode({"a": 1}, None, algorithm="none"), jwt.encode({"a": 1}, "x" * 40, algorithm="HS256"), "a"):
        assert not is_signed_by(token, keys)


def test_a_token_without_quotes_and_an_exchange_that_is_not_wanted_do_too(service: TokenService, clock: Clock) -> None:
    token = altinn(clock)
    service.instead["exchange"] = [(200, token.encode())]
    one = provider(row(service), clock)
    assert fetched(one) is None and one.token() == token
    direct = provider(row(service, exchange_endpoint=""), clock)
    assert fetched(direct) is None and direct.token() == service.given[-1]
    assert service.count("exchange") == 1


def test_a_refusal_is_not_repeated_and_no_answer_three_times_at_most(service: TokenService, clock: Clock) -> None:
    refused = provider(row(service, kid="key-2"), clock)
    assert fetched(refused) == fetched(refused) and service.count("token") == 1
    service.instead["token"] = [(503, {})] * 9
    away = provider(row(service), clock)
    for _ in range(5):
        assert fetched(away) is not None
    assert service.count("token") == 4


def test_a_service_that_echoes_secrets_does_not_make_us_tell_them(service: TokenService, clock: Clock) -> None:
    one = provider(row(service), clock)
    token = altinn(clock)
    private = pem(key()).splitlines()[3]
    service.instead["token"] = [(400, {"error": "no", "error_description": f"{token} {private} \x1b[2J"})]
    failure = fetched(one)
    assert failure is not None and token not in failure.because and private not in failure.because
    assert "\x1b" not in failure.because and len(failure.because) < 400
    assert pem(key())[60:100] not in repr(one) + repr(failure)


def test_a_service_that_is_not_there_or_never_ends_is_told(service: TokenService, clock: Clock) -> None:
    gone = failing(service, clock, token_endpoint="http://127.0.0.1:1023/token")
    assert gone.stage is Stage.CONNECT and "asking http://127.0.0.1:1023" in gone.because
    assert "could not be had" in sign(gone)
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b" " * 3_000_000
    with RawServer(endless) as server:
        failure = failing(service, clock, token_endpoint=f"http://127.0.0.1:{server.port}/token")
    assert failure.stage is Stage.LIMIT


# -- with the miniature ----------------------------------------------------------------------------------------------


def ask_miniature(one: Provider, root: str, *probes: Probe) -> list[Outcome]:
    origin = origin_of(root)
    assert isinstance(origin, Origin)

    async def run() -> list[Outcome]:
        transport = LiveTransport(root, Vault(origin, api_key=credentials.API_KEY, providers=(one,)), QUICK)
        try:
            return [await transport.send(probe) for probe in probes]
        finally:
            await transport.aclose()

    return asyncio.run(run())


def test_the_exchanged_token_opens_the_miniature(service: TokenService, clock: Clock) -> None:
    with serve(lambda root: Miniature(root, size=3)) as server:
        probe = Probe("read", f"{server.root}/my/messages")
        outcomes = ask_miniature(provider(row(service), clock), server.root, probe, probe)
    assert [one.response and one.response.status for one in outcomes] == [200, 200]
    assert outcomes[0].credentials == ("ApiKey", "Authorization") and service.count("token") == 1
    assert not any(credentials.API_KEY.encode() in heard.whole() for heard in service.heard)


def test_a_token_that_is_refused_in_mid_run_is_fetched_anew_once(service: TokenService, clock: Clock) -> None:
    one = provider(row(service), clock)
    service.instead["exchange"] = [(200, altinn(clock))]  # a token that the miniature does not take
    with serve(lambda root: Miniature(root, size=3)) as server:
        probe = Probe("read", f"{server.root}/my/messages")
        outcomes = ask_miniature(one, server.root, probe, replace(probe, login=Login.MASKINPORTEN))
    assert [one.response and one.response.status for one in outcomes] == [200, 200]
    assert service.count("exchange") == 2


def test_without_a_token_the_question_is_not_put(service: TokenService, clock: Clock) -> None:
    with serve(lambda root: Miniature(root, size=3)) as server:
        probe = Probe("read", f"{server.root}/my/messages")
        (outcome,) = ask_miniature(provider(row(service, kid="key-2"), clock), server.root, probe)
    assert outcome.failure is not None and outcome.failure.stage is Stage.LOGIN


# -- keys and settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "nonsense", "{}", '{"kty": "RSA", "d": "!"}', "-----BEGIN PRIVATE KEY-----\nAAAA\n"]
)
def test_a_private_key_that_cannot_be_read_is_told_without_showing_it(text: str) -> None:
    with pytest.raises(UsageError, match="private key of Maskinporten") as caught:
        SigningKey(text)
    assert "AAAA" not in str(caught.value)


def test_what_cannot_sign_so_that_others_can_verify_is_told_at_once() -> None:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key())
    shared = json.dumps({"kty": "oct", "k": "eHg", "d": "x", "alg": "HS256"})
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    locked = key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    for text in (public, shared, curve.decode(), locked.decode()):
        with pytest.raises(UsageError, match="cannot be read"):
            SigningKey(text)


def test_a_chain_needs_certificates_and_a_set_keys() -> None:
    with pytest.raises(UsageError, match="holds none"):
        chain_of("nothing")
    for text in ("", "[]", '{"keys": []}', '{"keys": [1]}'):
        with pytest.raises(UsageError, match="holds no keys"):
            key_set(text)


def test_known_targets_know_their_services(clock: Clock) -> None:
    table = {"kind": "maskinporten", "client_id": "c", "kid": "k", "scopes": ["altinn:x"]}
    one = provider(table, clock)
    assert str(one._terms.token) == "https://test.maskinporten.no/token"  # type: ignore[attr-defined]
    assert one._terms.issuer == "https://test.maskinporten.no/"  # type: ignore[attr-defined]
    assert one._terms.exchange.origin.host == "platform.tt02.altinn.no"  # type: ignore[attr-defined]


def test_no_person_is_in_the_repr_of_what_is_asked() -> None:
    assert "canary" not in repr(Person("canary", "canary"))

"""Each way to log in goes out as it should; a session that ends in mid-run is had anew, once, and never in a loop."""

import asyncio
import base64
import pickle
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from samsvar.miniature import Miniature, credentials, serve
from samsvar.model.exchange import Failure, Login, Probe, Response, Stage
from samsvar.world.addresses import Address, Origin, origin_of
from samsvar.world.credentials import Vault
from samsvar.world.dress import ClientCertificate, Door, Dress, Person, Ready
from samsvar.world.dressing import Dresser
from samsvar.world.http import Dealings, LiveTransport, Patience
from samsvar.world.in_process import MakeAsk, miniature_transport
from samsvar.world.logins import BearerToken, Enterprise, Session, enterprise_user, is_over
from samsvar.world.transport import Outcome

HOME = Origin("https", "tt02.altinn.no", 443)
ROOT = "https://tt02.altinn.no/api"
PERSON = Person("ola", "PASSWORDCANARY")
PRIVATE = Probe("read", f"{ROOT}/my/messages", login=Login.PASSWORD)
SHUT = replace(PRIVATE, url=f"{ROOT}/serviceowner")


def setting(*cookies: str, status: int = 200) -> Response:
    return Response(status, tuple(("Set-Cookie", cookie) for cookie in cookies))


class Target:
    """Sessions that live for so many questions; some places are shut whoever asks."""

    def __init__(self, lives: int = 10**6, name: str = ".ASPXAUTH") -> None:
        self.lives = lives
        self.name = name
        self.signed_in = 0
        self.asked: list[Ready] = []
        self.refusing: Response | None = None
        self.over = Response(401)
        self._left: dict[str, int] = {}

    async def __call__(self, ready: Ready) -> Response | Failure:
        self.asked.append(ready)
        if ready.method == "POST":
            return self._sign_in(ready)
        if "serviceowner" in ready.address.target:
            return self.over
        cookie = dict(ready.fields).get("Cookie", "")
        if self._left.get(cookie, 0) <= 0:
            return self.over
        self._left[cookie] -= 1
        return Response(200, body=b"private")

    def _sign_in(self, ready: Ready) -> Response:
        self.signed_in += 1
        if self.refusing is not None:
            return self.refusing
        assert b"PASSWORDCANARY" in ready.body
        self._left[f"{self.name}=SESSION{self.signed_in}CANARY-CANARY"] = self.lives
        return setting(f"{self.name}=SESSION{self.signed_in}CANARY-CANARY; Path=/; Secure; HttpOnly", status=204)


def put(target: Callable[[Ready], object], *probes: Probe, vault: Vault | None = None) -> list[Response | Failure]:
    """What comes of these probes, one after the other, in one session."""
    dresser = Dresser(vault or Vault(HOME, api_key="k", person=PERSON), "/api")

    async def run() -> list[Response | Failure]:
        said = []
        for probe in probes:
            found = await dresser.put(probe, target)  # type: ignore[arg-type]
            said.append(found if isinstance(found, Failure) else found[1])
        return said

    return asyncio.run(run())


def statuses(said: list[Response | Failure]) -> list[int | Stage]:
    return [one.stage if isinstance(one, Failure) else one.status for one in said]


# -- the session cookie -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".ASPXAUTH", ".AspxAuthTT02", ".AspxAuthProd", ".AspxAuthCloud"])
def test_the_session_cookie_may_have_any_of_its_names(name: str) -> None:
    target = Target(name=name)
    assert statuses(put(target, PRIVATE, PRIVATE)) == [200, 200] and target.signed_in == 1
    assert dict(target.asked[-1].fields)["Cookie"] == f"{name}=SESSION1CANARY-CANARY"


def test_a_session_that_ends_in_mid_run_is_had_anew_and_the_question_put_again() -> None:
    target = Target(lives=3)
    assert statuses(put(target, *[PRIVATE] * 10)) == [200] * 10
    assert target.signed_in == 4 and len(target.asked) == 10 + 3 + 4


@pytest.mark.parametrize("location", ["/Pages/Login.aspx", "https://idporten.no/authorize", "/x?ReturnUrl=%2Fapi"])
def test_a_redirect_to_a_login_ends_a_session_too(location: str) -> None:
    target = Target(lives=1)
    target.over = Response(302, (("Location", location),))
    assert statuses(put(target, PRIVATE, PRIVATE)) == [200, 200] and target.signed_in == 2


@pytest.mark.parametrize(
    "said", [Response(403), Response(404), Response(302, (("Location", f"{ROOT}/v2/my/messages"),)), Response(200)]
)
def test_other_answers_do_not_end_a_session(said: Response) -> None:
    assert not is_over(said)


def test_a_place_that_is_shut_whoever_asks_is_no_reason_to_log_in_again_and_again() -> None:
    target = Target()
    probes = [SHUT if number % 2 else PRIVATE for number in range(40)]
    assert statuses(put(target, *probes)) == [200, 401] * 20
    assert target.signed_in == 1 + 2


def test_after_two_logins_in_vain_a_place_that_was_open_still_gets_another() -> None:
    target = Target(lives=12)
    probes = [PRIVATE, *[SHUT] * 4, *[PRIVATE] * 30]
    assert statuses(put(target, *probes)) == [200, *[401] * 4, *[200] * 30]
    assert target.signed_in == 1 + 2 + 2


@given(st.integers(1, 9), st.lists(st.booleans(), max_size=60))
def test_whatever_is_open_stays_open_and_logins_are_few(lives: int, shut: list[bool]) -> None:
    target = Target(lives=lives)
    said = put(target, *[SHUT if one else PRIVATE for one in shut])
    assert statuses(said) == [401 if one else 200 for one in shut]
    ended = shut.count(False) // lives
    assert target.signed_in <= 1 + ended + 2 * (ended + 1)


def test_those_that_ask_at_once_share_the_new_session() -> None:
    target = Target(lives=1)
    dresser = Dresser(Vault(HOME, person=PERSON), "/api")

    async def run() -> list[object]:
        await dresser.put(PRIVATE, target)
        target.lives = 100
        return await asyncio.gather(*[dresser.put(PRIVATE, target) for _ in range(8)])

    found = asyncio.run(run())
    assert [one[1].status for one in found] == [200] * 8  # type: ignore[index]
    assert target.signed_in == 2


def test_a_refused_sign_in_is_never_tried_again() -> None:
    target = Target()
    target.refusing = Response(401, reason=b"Wrong user name or password")
    said = put(target, PRIVATE, PRIVATE, PRIVATE)
    assert statuses(said) == [Stage.LOGIN] * 3 and target.signed_in == 1
    assert "PASSWORDCANARY" not in repr(said) and "401" in said[0].because  # type: ignore[union-attr]


def test_a_session_that_cannot_be_had_anew_leaves_the_answer_as_it_was() -> None:
    target = Target(lives=1)

    def put_and_lock() -> list[Response | Failure]:
        dresser = Dresser(Vault(HOME, person=PERSON), "/api")

        async def run() -> list[Response | Failure]:
            first = await dresser.put(PRIVATE, target)
            target.refusing = Response(403)
            second, third = await dresser.put(PRIVATE, target), await dresser.put(PRIVATE, target)
            return [one if isinstance(one, Failure) else one[1] for one in (first, second, third)]

        return asyncio.run(run())

    assert statuses(put_and_lock()) == [200, 401, Stage.LOGIN]
    assert target.signed_in == 2


def test_a_question_that_is_not_safe_is_not_put_again() -> None:
    target = Target(lives=1)
    dresser = Dresser(Vault(HOME, person=PERSON), "/api", frozenset({"GET", "DELETE"}))

    async def run() -> list[object]:
        return [await dresser.put(one, target) for one in (PRIVATE, replace(PRIVATE, method="DELETE"))]

    assert [one[1].status for one in asyncio.run(run())] == [200, 401]  # type: ignore[index]
    assert target.signed_in == 1


def test_a_cookie_that_was_given_alone_is_not_had_anew() -> None:
    target = Target()
    assert statuses(put(target, PRIVATE, vault=Vault(HOME, cookie="x"))) == [401] and target.signed_in == 0


def test_session_cookies_are_kept_renewed_and_never_mixed_with_others() -> None:
    session = Session(PERSON)
    assert session.dress() is None
    assert session.keep(setting(".AspxAuthTT02=one; Path=/; Secure", "gone=x; Max-Age=0", "empty="))
    ready = Ready("GET", Address(HOME, "/api/x"), ())
    session.heard(ready, setting(".AspxAuthTT02=two", "BIGipServer=3"))
    dress = session.dress()
    assert dress is not None and dress.fields == (("Cookie", ".AspxAuthTT02=two"),)
    session.heard(replace(ready, session=7), setting(".AspxAuthTT02=of another session"))
    assert session.dress() == dress


def test_two_hundred_large_cookies_are_not_all_kept() -> None:
    session = Session(PERSON)
    session.keep(setting(*[f"c{i}={'x' * 4_000}" for i in range(200)], "huge=" + "x" * 5_000))
    dress = session.dress()
    assert dress is not None and dict(dress.fields)["Cookie"].count("=") == 20


def test_every_cookie_that_was_had_is_a_secret_and_the_password_is_one() -> None:
    session = Session(PERSON)
    session.keep(setting(".ASPXAUTH=FIRSTCOOKIECANARY", "lang=nb"))
    session.heard(Ready("GET", Address(HOME, "/api/x"), ()), setting(".ASPXAUTH=SECONDCOOKIECANARY"))
    assert set(session.secrets()) == {"PASSWORDCANARY", "FIRSTCOOKIECANARY", "SECONDCOOKIECANARY"}


def test_the_password_goes_to_the_sign_in_alone_and_to_no_other_origin() -> None:
    target = Target()
    foreign = replace(PRIVATE, url="https://elsewhere.example/api/my/messages")
    said = put(target, foreign, PRIVATE)
    assert statuses(said) == [Stage.REFUSED, 200]
    assert [ready.address.origin for ready in target.asked] == [HOME, HOME]
    assert [b"PASSWORDCANARY" in repr((r.fields, r.body)).encode() for r in target.asked] == [True, False]


# -- tokens and certificates ------------------------------------------------------------------------------------------


def test_a_token_of_id_porten_goes_out_as_any_other() -> None:
    plain, named = BearerToken("t"), BearerToken("t", Login.IDPORTEN)
    assert plain.dress() == named.dress() and named.login is Login.IDPORTEN
    vault = Vault(HOME, providers=(named,), token="other")
    assert vault.logins() == (Login.IDPORTEN, Login.TOKEN) and vault.token() == "t"


def test_an_enterprise_user_goes_with_the_certificate() -> None:
    dress = Enterprise(ClientCertificate("c.pem"), PERSON).dress()
    assert dress is not None and dress.query == "ForceEIAuthentication"
    assert dict(dress.fields) == {"X-Altinn-EnterpriseUser-Authentication": enterprise_user(PERSON)}
    assert base64.b64decode(enterprise_user(PERSON)) == b"ola:PASSWORDCANARY"
    assert "CANARY" not in repr(dress)


def test_the_parameter_of_a_certificate_is_not_added_twice() -> None:
    target = Target()
    vault = Vault(HOME, certificate=ClientCertificate("c.pem"))
    urls = (f"{ROOT}/x", f"{ROOT}/x?a=1", f"{ROOT}/x?forceeiauthentication=true")
    put(target, *[Probe("read", url, login=Login.CERTIFICATE) for url in urls], vault=vault)
    assert [ready.address.target for ready in target.asked] == [
        "/api/x?ForceEIAuthentication",
        "/api/x?a=1&ForceEIAuthentication",
        "/api/x?forceeiauthentication=true",
    ]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def folder(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ca.pem, and right.pem and wrong.pem with certificate and key."""
    found = tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(str(found / "ca.pem"))
    for name, subject in (("right", credentials.CERTIFICATE), ("wrong", "ANNEN VIRKSOMHET")):
        issued = authority.issue_cert("client.example", common_name=subject)
        issued.private_key_and_cert_chain_pem.write_to_path(str(found / f"{name}.pem"))
    return found


def context(authority: trustme.CA, mode: ssl.VerifyMode) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(found)
    authority.configure_trust(found)
    found.verify_mode = mode
    return found


@pytest.fixture(scope="module")
def root(authority: trustme.CA) -> Iterator[str]:
    """The miniature behind TLS that looks at client certificates."""
    with serve(lambda at: Miniature(at, size=3), tls=context(authority, ssl.CERT_OPTIONAL)) as server:
        yield server.root


def over_tls(root: str, folder: Path, vault: dict[str, object], *probes: Probe) -> list[Outcome]:
    origin = origin_of(root)
    assert isinstance(origin, Origin)
    dealings = Dealings(authorities=str(folder / "ca.pem"), patience=Patience(5.0, 1.0, 5.0))

    async def run() -> list[Outcome]:
        held = Vault(origin, api_key=credentials.API_KEY, **vault)  # type: ignore[arg-type]
        transport = LiveTransport(root, held, dealings)
        try:
            return [await transport.send(probe) for probe in probes]
        finally:
            await transport.aclose()

    return asyncio.run(run())


def certificate(folder: Path, name: str) -> ClientCertificate:
    return ClientCertificate(str(folder / f"{name}.pem"))


def test_an_enterprise_certificate_opens_the_miniature_over_real_tls(root: str, folder: Path) -> None:
    probe = Probe("read", f"{root}/reportees")
    (by_token,) = over_tls(root, folder, {"token": credentials.TOKEN}, probe)
    (by_certificate,) = over_tls(root, folder, {"certificate": certificate(folder, "right")}, probe)
    assert by_token.response is not None and by_certificate.response is not None
    assert by_certificate.response.status == 200
    assert by_certificate.response.body == by_token.response.body
    assert by_certificate.credentials == ("ApiKey", "certificate")


def test_the_certificate_of_somebody_else_and_none_are_refused_over_real_tls(root: str, folder: Path) -> None:
    probe = Probe("read", f"{root}/reportees")
    (other,) = over_tls(root, folder, {"certificate": certificate(folder, "wrong")}, probe)
    (none,) = over_tls(root, folder, {}, probe)
    assert other.response is not None and other.response.status == 401
    assert b"Enterprise certificate authentication failed" in other.response.reason
    assert none.response is not None and none.response.status == 401
    assert b"Enterprise certificate" not in none.response.reason


def test_an_enterprise_user_is_looked_at_over_real_tls(root: str, folder: Path) -> None:
    probe = Probe("read", f"{root}/reportees")
    for password, status in ((credentials.ENTERPRISE_PASSWORD, 200), ("wrong", 401)):
        user = Person(credentials.ENTERPRISE_USER, password)
        login = Enterprise(certificate(folder, "right"), user)
        (outcome,) = over_tls(root, folder, {"providers": (login,)}, probe)
        assert outcome.response is not None and outcome.response.status == status


def test_a_server_that_insists_on_a_certificate_says_so(authority: trustme.CA, folder: Path) -> None:
    with serve(lambda at: Miniature(at, size=3), tls=context(authority, ssl.CERT_REQUIRED)) as server:
        probe = Probe("read", f"{server.root}/reportees")
        (without,) = over_tls(server.root, folder, {"token": credentials.TOKEN}, probe)
        (shown,) = over_tls(server.root, folder, {"certificate": certificate(folder, "right")}, probe)
    assert without.failure is not None and without.failure.stage is Stage.TLS
    assert "certificate required" in without.failure.because
    assert shown.response is not None and shown.response.status == 200


def test_a_certificate_of_an_unknown_authority_is_a_tls_failure(root: str, folder: Path, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("client.example", common_name=credentials.CERTIFICATE)
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "alien.pem"))
    (outcome,) = over_tls(
        root, folder, {"certificate": certificate(tmp_path, "alien")}, Probe("read", f"{root}/reportees")
    )
    assert outcome.failure is not None and outcome.failure.stage is Stage.TLS
    assert "alert" in outcome.failure.because


# -- the miniature in this process ------------------------------------------------------------------------------------

MINIATURE = "https://miniature.samsvar.example/api"


@pytest.mark.parametrize("evolutions", [(), ("cookie-renamed",), ("sessions-end-early",)])
@pytest.mark.parametrize("login", [Login.TOKEN, Login.PASSWORD, Login.CERTIFICATE])
def test_each_login_opens_the_miniature_for_long(login: Login, evolutions: tuple[str, ...]) -> None:
    transport = miniature_transport(Miniature(MINIATURE, size=3, evolutions=evolutions), MINIATURE)

    async def run() -> list[Outcome]:
        return [await transport.send(Probe("read", f"{MINIATURE}/reportees", login=login)) for _ in range(40)]

    outcomes = asyncio.run(run())
    assert {one.response.status if one.response else None for one in outcomes} == {200}
    assert len({one.response.body for one in outcomes if one.response}) == 1


def test_doors_and_dresses_show_nothing() -> None:
    async def nobody(ready: Ready) -> Failure:
        return Failure(Stage.LOGIN, "no")

    door = Door(HOME, "/api", (("ApiKey", "KEYCANARY"),), nobody)
    session = Session(PERSON, "COOKIECANARYCANARY")
    for one in (session, BearerToken("t"), Enterprise(ClientCertificate("c"))):
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(one)
    assert "CANARY" not in repr((door, session, session.dress(), Dress((("a", "CANARY"),)), MakeAsk))

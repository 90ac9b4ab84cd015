"""What stands in the way to a target is found by few questions, and named once, with what to do."""

import base64
import json
from collections.abc import Callable, Generator

import pytest

from samsvar.logic.diagnosing import (
    Diagnosis,
    Examination,
    State,
    date_of,
    exit_code,
    lines,
    nothing_there,
)
from samsvar.logic.diagnosing_logins import Certificate, Token, read_token, span
from samsvar.logic.diagnosing_origins import Answers, Enquiry, Row, origin_problem
from samsvar.logic.diagnosing_origins import lines as origin_lines
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.contract import Profile
from samsvar.model.exchange import Exchange, Failure, Login, Means, Probe, Response, Stage, Target, TargetKind
from samsvar.world.documents import read_contract

ROOT = "https://api.example/api"
CONTRACT = read_contract("altinn2")
NOW = 1_790_000_000.0
DATE = "Mon, 21 Sep 2026 14:13:20 GMT"  # NOW
ORIGIN = "https://www.eksempel.no"
BODIES = {
    "application/hal+json": b'{"_links": {"self": {"href": "https://api.example/api/x"}}, "_embedded": {}}',
    "application/hal+xml": b'<resource rel="self" href="https://api.example/api/x"></resource>',
    "application/xml": b"<ArrayOfMessage/>",
    "application/json": b"[]",
}

Answer = Callable[[Probe], Response | Failure]


def good(probe: Probe) -> Response:
    """What a healthy environment says."""
    accept = probe.header("Accept") or "application/json"
    fields = [("Content-Type", accept), ("Date", DATE)]
    if probe.header("Origin") == ORIGIN:
        fields += [("Access-Control-Allow-Origin", ORIGIN), ("Vary", "Origin")]
    if probe.method == "OPTIONS":
        allowed = (("Access-Control-Allow-Methods", "GET"), ("Access-Control-Allow-Headers", "ApiKey, Authorization"))
        return Response(204, (*fields, *allowed))
    if "/my/" in probe.url and probe.login is Login.NONE:
        return Response(400, tuple(fields[1:]), b"", b"Required header 'ApiKey' is missing.")
    return Response(200, tuple(fields), BODIES.get(accept, b"[]"), b"OK")


def saying(status: int, reason: str = "", body: bytes = b"", label: str = "text/html", only: str = "") -> Answer:
    """Healthy, but this is said wherever the URL holds ``only``."""

    def answer(probe: Probe) -> Response:
        if only in probe.url and not (only and probe.login is Login.NONE):
            return Response(status, (("Content-Type", label), ("Date", DATE)), body, reason.encode())
        return good(probe)

    return answer


def talk(asking: Generator[Probe, Reading, None], answer: Answer) -> list[Probe]:
    """Hold a conversation; gives what was asked."""
    asked: list[Probe] = []
    probe = next(asking, None)
    while probe is not None:
        asked.append(probe)
        said = answer(probe)
        response, failure = (said, None) if isinstance(said, Response) else (None, said)
        try:
            probe = asking.send(Reading(Exchange(len(asked), probe, response, failure, at=NOW)))
        except StopIteration:
            probe = None
    return asked


def examined(
    answer: Answer, means: Means | None = None, token: Token | None = None, root: str = ROOT
) -> dict[str, Diagnosis]:
    means = means or Means(key=True, login=True, logins=(Login.TOKEN,), origins=(ORIGIN,))
    examination = Examination(CONTRACT, Target(TargetKind.LIVE, root), means, token)
    talk(examination.asking(), answer)
    steps = [one.step for one in examination.diagnoses]
    assert len(steps) == len(set(steps)), "a step is told twice"
    return {one.step: one for one in examination.diagnoses}


def faults(found: dict[str, Diagnosis]) -> set[str]:
    return {step for step, one in found.items() if one.state is State.FAULT}


def test_a_healthy_environment_has_no_fault_and_every_step_is_told() -> None:
    found = examined(good)
    assert {one.state for one in found.values()} == {State.OK}
    assert {"name", "TLS", "clock", "root", "key", "login", "entry metadata", "format application/xml"} <= set(found)
    assert exit_code(list(found.values())) == 0


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        (Stage.DNS, "name"),
        (Stage.CONNECT, "connection"),
        (Stage.TLS, "TLS"),
        (Stage.RECEIVE, "connection"),
        (Stage.DEADLINE, "connection"),
        (Stage.FRAMING, "connection"),
        (Stage.REFUSED, "safety"),
    ],
)
def test_a_way_that_ends_is_told_where_it_ends_and_nothing_more_is_asked(stage: Stage, step: str) -> None:
    examination = Examination(CONTRACT, Target(TargetKind.LIVE, ROOT), Means(key=True, login=True))
    asked = talk(examination.asking(), lambda probe: Failure(stage, "so it ended"))
    assert len(asked) == 1
    found = {one.step: one for one in examination.diagnoses}
    assert faults(found) == {step} and found[step].remedy
    assert exit_code(examination.diagnoses) == 3


@pytest.mark.parametrize(
    ("status", "reason", "step", "word"),
    [
        (400, "Required header 'ApiKey' is missing.", "key", "did not arrive"),
        (403, "Forbidden - The API key is not authorized for this operation", "key", "API resource"),
        (401, "Invalid ApiKey", "key", "nobody knows"),
        (401, "IDX10223: Lifetime validation failed. The token is expired.", "login", "expired"),
        (401, "Claims Authorization failed: Missing required scope", "login", "scope"),
        (401, "IDX10501: Signature validation failed.", "login", "not accepted"),
        (
            401,
            "Enterprise certificate authentication failed, verify that the supplied certificate is valid",
            "login",
            "certificate",
        ),
        (400, "User profile does not exist", "login", "profile"),
        (401, "", "login", "without a known reason"),
        (403, "", "login", "rights"),
        (302, "Found", "login", "login page"),
    ],
)
def test_a_refusal_is_laid_to_the_key_or_the_login_by_its_words(status: int, reason: str, step: str, word: str) -> None:
    found = examined(saying(status, reason, label="text/plain", only="/my/"))
    assert step in faults(found)
    assert {"key", "login"} - {step} and not ({"key", "login"} - {step}) & faults(found)
    assert word in found[step].seen and found[step].remedy
    assert exit_code(list(found.values())) == 3


def test_a_login_page_with_status_200_is_seen() -> None:
    found = examined(saying(200, "OK", b"<html>Log in</html>", only="/my/"))
    assert "login page" in found["login"].seen and "login" in faults(found)


def test_words_in_the_body_count_where_there_is_no_reason_phrase() -> None:
    body = b'{"ErrorCode": 1, "ErrorMessage": "Required header \'ApiKey\' is missing."}'
    assert "did not arrive" in examined(saying(400, "", body, "application/json", "/my/"))["key"].seen


def test_after_a_refusal_no_more_private_entries_are_asked() -> None:
    examination = Examination(CONTRACT, Target(TargetKind.LIVE, ROOT), Means(key=True, login=True))
    asked = talk(examination.asking(), saying(401, "", only="/my/"))
    assert sum(probe.login is Login.GIVEN for probe in asked) == 1


def test_without_credentials_nothing_private_is_asked_and_that_is_no_fault() -> None:
    found = examined(good, Means())
    assert not faults(found)
    assert found["key"].state is found["login"].state is State.WARNING
    assert found["entry my/messages"].state is State.NOT_ASKED


def test_a_key_alone_is_tried_and_its_refusal_for_want_of_login_speaks_for_it() -> None:
    found = examined(saying(302, "Found", only="/my/"), Means(key=True))
    assert found["key"].state is State.OK and found["login"].state is State.WARNING


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (saying(404, "Not Found"), "wrong root"),
        (saying(410, "Gone"), "retired"),
        (saying(503, "Service Unavailable"), "retired"),
        (saying(301, "Moved"), "moved"),
        (saying(200, "OK", b"<html></html>"), "page for people"),
        (saying(200, "OK", b"hello", "text/plain"), "not with a resource"),
    ],
)
def test_a_wrong_or_retired_root_is_one_fault(answer: Answer, word: str) -> None:
    found = examined(answer)
    assert faults(found) == {"root"} and word in found["root"].seen
    assert found["key"].state is State.NOT_ASKED
    assert exit_code(list(found.values())) == 3


def test_a_target_that_fails_is_at_fault_itself() -> None:
    found = examined(saying(500, "Internal Server Error", b"oops"))
    assert exit_code(list(found.values())) == 1


@pytest.mark.parametrize(
    ("skew", "state"), [(0, State.OK), (-120, State.WARNING), (120, State.WARNING), (-7200, State.FAULT)]
)
def test_the_clocks_are_compared(skew: int, state: State) -> None:
    from email.utils import formatdate

    def answer(probe: Probe) -> Response:
        response = good(probe)
        others = tuple(pair for pair in response.headers if pair[0] != "Date")
        return Response(response.status, (*others, ("Date", formatdate(NOW + skew, usegmt=True))), response.body)

    assert examined(answer)["clock"].state is state


def test_a_date_that_cannot_be_read_is_said() -> None:
    def answer(probe: Probe) -> Response:
        return Response(200, (("Content-Type", probe.header("Accept") or ""), ("Date", "yesterday")), b"[]")

    assert examined(answer)["clock"].state is State.NOT_ASKED


@pytest.mark.parametrize("kept", ["format application/hal+json", "format application/xml", "format application/json"])
def test_a_format_that_does_not_come_is_the_targets_fault(kept: str) -> None:
    def answer(probe: Probe) -> Response:
        response = good(probe)
        if probe.header("Accept") == "application/hal+xml":
            return Response(200, (("Content-Type", "application/json"),), b"[]")
        return response

    found = examined(answer)
    assert faults(found) == {"format application/hal+xml"} and found[kept].state is State.OK
    assert exit_code(list(found.values())) == 1


def test_an_origin_that_is_not_allowed_is_found() -> None:
    means = Means(key=True, login=True, origins=(ORIGIN, "https://annet.eksempel.no"))
    assert faults(examined(good, means)) == {"origin https://annet.eksempel.no"}


# -- tokens -----------------------------------------------------------------------------------------------------------


def jwt(**claims: object) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + ".x"


def test_a_token_tells_its_times() -> None:
    assert read_token("Bearer " + jwt(exp=NOW + 5, nbf=NOW)) == Token(True, NOW + 5, NOW)


@pytest.mark.parametrize("text", ["", "opaque", "a.b.c", "a..c", jwt() + ".more", "e30.W10.x", "e30.!!!!.x", "a.é.c"])
def test_what_is_no_token_is_not_read(text: str) -> None:
    assert not read_token(text).readable


def test_a_token_tells_its_issuer_and_its_scopes() -> None:
    told = jwt(iss="https://maskinporten.no/", scope="altinn:a altinn:b")
    assert read_token(told) == Token(True, issuer="https://maskinporten.no/", scopes=("altinn:a", "altinn:b"))
    assert read_token(jwt(scope=["altinn:a"])).scopes == ("altinn:a",)
    assert read_token(jwt(scope="")).scopes == () and read_token(jwt(iss=7, scope=7)) == Token(True)


TEST_ROOT = "https://tt02.altinn.no/api"
LIVE_ROOT = "https://www.altinn.no/api"
REFUSED = saying(401, "Unauthorized", label="text/plain", only="/my/")
EXCHANGED = "https://platform.tt02.altinn.no/authentication/api/v1/openid/"


@pytest.mark.parametrize(
    ("token", "root", "answer", "word"),
    [
        (Token(True, issuer="https://test.maskinporten.no/"), TEST_ROOT, REFUSED, "was not exchanged"),
        (Token(True, issuer=EXCHANGED), LIVE_ROOT, REFUSED, "which is of a test environment"),
        (Token(True, issuer="https://idporten.no"), TEST_ROOT, REFUSED, "which is of production"),
        (Token(True, issuer=EXCHANGED, scopes=("digdir:x",)), TEST_ROOT, REFUSED, "none of its scopes"),
        (Token(True, scopes=()), TEST_ROOT, REFUSED, "it has none"),
        (Token(False), TEST_ROOT, REFUSED, "no JSON Web Token"),
        (Token(True, scopes=("openid", "altinn:instances.meta")), TEST_ROOT, good, "no message"),
        (Token(True, NOW + 9_000, issuer=EXCHANGED, scopes=("altinn:x",)), TEST_ROOT, REFUSED, ""),
        (Token(True, issuer="https://login.vendor.example/test"), LIVE_ROOT, REFUSED, ""),
        (Token(True, issuer="https://maskinporten.no/", scopes=("x",)), TEST_ROOT, good, ""),
        (Token(False), TEST_ROOT, good, ""),
    ],
)
def test_what_a_token_says_explains_its_refusal(token: Token, root: str, answer: Answer, word: str) -> None:
    found = examined(answer, token=token, root=root).get("token")
    assert (found is not None) is bool(word)
    assert found is None or (word in found.seen and found.remedy)


@pytest.mark.parametrize(
    ("certificate", "state", "word"),
    [
        (Certificate(NOW - 9_000_000, NOW - 90_000), State.FAULT, "expired"),
        (Certificate(NOW + 90_000, NOW + 9_000_000), State.FAULT, "valid only in"),
        (Certificate(NOW - 9_000_000, NOW + 90_000), State.WARNING, "expires in"),
        (Certificate(NOW - 9_000_000, NOW + 9_000_000), None, ""),
    ],
)
def test_the_dates_of_a_certificate_are_told(certificate: Certificate, state: State | None, word: str) -> None:
    examination = Examination(CONTRACT, Target(TargetKind.LIVE, ROOT), SHOWING)
    examination.certificate = certificate
    talk(examination.asking(), good)
    found = {one.step: one for one in examination.diagnoses}.get("certificate")
    assert (found.state if found else None) is state
    assert found is None or (word in found.seen and found.remedy)


SHOWING = Means(key=True, login=True, logins=(Login.CERTIFICATE,))
BY_PASSWORD = Means(key=True, login=True, logins=(Login.PASSWORD,))
BY_MASKINPORTEN = Means(key=True, login=True, logins=(Login.MASKINPORTEN,))
SIGNING = "signing in with user name and password was answered"
MASKINPORTEN = "logging in by Maskinporten: "
ASKED = MASKINPORTEN + "asking https://test.maskinporten.no for a token was answered 400"
EXCHANGING = MASKINPORTEN + "exchanging the token of Maskinporten at https://platform.tt02.altinn.no was answered"


def failing(failure: Failure) -> Answer:
    """Healthy, but no private question can be put."""
    return lambda probe: failure if "/my/" in probe.url and probe.login is not Login.NONE else good(probe)


@pytest.mark.parametrize(
    ("means", "answer", "word"),
    [
        (SHOWING, REFUSED, "as if no certificate"),
        (SHOWING, saying(302, "Found", only="/my/"), "as if no certificate"),
        (SHOWING, failing(Failure(Stage.TLS, "TLS: tlsv13 alert certificate required")), "was not sent"),
        (SHOWING, failing(Failure(Stage.TLS, "TLS: tlsv1 alert unknown ca")), "refuses the certificate"),
        (SHOWING, failing(Failure(Stage.TLS, "TLS: ssl/tls alert bad certificate")), "refuses the certificate"),
        (SHOWING, failing(Failure(Stage.TLS, "TLS: sslv3 alert certificate expired")), "refuses the certificate"),
        (SHOWING, failing(Failure(Stage.RECEIVE, "the connection broke: reset")), "connection breaks"),
        (
            SHOWING,
            failing(Failure(Stage.REFUSED, "credentials: a client certificate needs a PEM file and an https root")),
            "not https",
        ),
        (BY_PASSWORD, failing(Failure(Stage.LOGIN, f"{SIGNING} 401 without a session cookie")), "not accepted"),
        (BY_PASSWORD, failing(Failure(Stage.LOGIN, f"{SIGNING} 204 without a session cookie")), "no session"),
        (BY_PASSWORD, failing(Failure(Stage.LOGIN, f"{SIGNING} 404 without a session cookie")), "no way to log in"),
        (BY_MASKINPORTEN, failing(Failure(Stage.LOGIN, f"{ASKED} (invalid_grant: JWT has expired.)")), "times"),
        (BY_MASKINPORTEN, failing(Failure(Stage.LOGIN, f"{ASKED} (invalid_client: no)")), "know this client"),
        (BY_MASKINPORTEN, failing(Failure(Stage.LOGIN, f"{ASKED} (invalid_scope: no)")), "scopes"),
        (
            BY_MASKINPORTEN,
            failing(Failure(Stage.LOGIN, f"{ASKED} (invalid_grant: Unknown key identifier (kid) for client.)")),
            "the key of this client",
        ),
        (
            BY_MASKINPORTEN,
            failing(Failure(Stage.LOGIN, f"{ASKED} (server_error); its clock is 75 seconds ahead of ours")),
            "times",
        ),
        (BY_MASKINPORTEN, failing(Failure(Stage.LOGIN, f"{EXCHANGING} 401 (Unauthorized)")), "does not take"),
        (BY_MASKINPORTEN, failing(Failure(Stage.LOGIN, f"{EXCHANGING} 403 (Forbidden)")), "refuses this organisation"),
        (BY_MASKINPORTEN, failing(Failure(Stage.LOGIN, f"{EXCHANGING} 500")), "could not be had"),
    ],
)
def test_a_login_that_fails_is_told_with_its_step_and_a_remedy(means: Means, answer: Answer, word: str) -> None:
    found = examined(answer, means)
    assert faults(found) >= {"login"} and "key" not in faults(found)
    assert word in found["login"].seen and found["login"].remedy
    assert exit_code(list(found.values())) == 3


def test_a_sign_in_that_is_refused_for_its_key_is_laid_to_the_key() -> None:
    said = Response(403, (), b"", b"Forbidden - The API key is not authorized for this operation")
    found = examined(failing(Failure(Stage.LOGIN, f"{SIGNING} 403 without a session cookie", said)), BY_PASSWORD)
    assert "key" in faults(found) and "API resource" in found["key"].seen


def test_a_server_that_insists_on_a_certificate_at_once_is_told_so() -> None:
    found = examined(lambda probe: Failure(Stage.TLS, "TLS: tlsv13 alert certificate required"))
    assert faults(found) == {"TLS"} and "SAMSVAR_CLIENT_CERT" in found["TLS"].remedy


def test_several_logins_are_told_never_to_be_mixed() -> None:
    found = examined(good, Means(key=True, login=True, logins=(Login.TOKEN, Login.PASSWORD)))
    assert "just one" in found["logins"].seen and not faults(found)


@pytest.mark.parametrize(
    ("token", "state"),
    [
        (Token(True, NOW - 7_200), State.FAULT),
        (Token(True, NOW + 60), State.WARNING),
        (Token(True, NOW + 7_200, NOW + 3_600), State.FAULT),
        (Token(True, NOW + 7_200), None),
        (Token(True), None),
        (Token(False), None),
    ],
)
def test_the_tokens_own_times_are_compared_with_ours(token: Token, state: State | None) -> None:
    found = examined(good, token=token).get("token")
    assert (found.state if found else None) is state


def test_a_span_is_told_in_words() -> None:
    assert [span(seconds) for seconds in (1, 119, 120, 7_200, 200_000)] == [
        "1 seconds",
        "119 seconds",
        "2 minutes",
        "2 hours",
        "2 days",
    ]


def test_lines_end_with_what_is_at_fault() -> None:
    assert list(lines([Diagnosis("root", State.FAULT, "gone", "go elsewhere")]))[-1] == "AT FAULT: root"
    assert list(lines([Diagnosis("root", State.OK, "there")]))[-1].startswith("WELL")


# -- no verdict where there is nothing --------------------------------------------------------------------------------


def seen(*said: Response | Failure) -> Observed:
    observed = Observed(CONTRACT, Profile("test"), Target(TargetKind.LIVE, ROOT), Means(key=True, login=True))
    entries = [entry for entry in CONTRACT.entries if entry.required]
    for number, (entry, one) in enumerate(zip(entries, said, strict=True), 1):
        probe = Probe("read", f"{ROOT}/{entry.path}", "application/hal+json", type=entry.type, path=entry.name)
        response, failure = (one, None) if isinstance(one, Response) else (None, one)
        observed.add(Exchange(number, probe, response, failure))
    return observed


HTML = (("Content-Type", "text/html"),)
HAL = (("Content-Type", "application/hal+json"),)


@pytest.mark.parametrize(
    "said",
    [
        Response(404),
        Response(410),
        Response(503),
        Response(401),
        Response(403),
        Response(301, (("Location", "https://elsewhere.example/"),)),
        Response(200, HTML, b"<html></html>"),
        Failure(Stage.DNS, "not known"),
    ],
)
def test_a_root_with_nothing_behind_it_gives_no_verdict(said: Response | Failure) -> None:
    assert nothing_there(seen(said, said, said))


def test_one_entry_that_shows_a_resource_is_an_api() -> None:
    assert not nothing_there(seen(Response(200, HAL, b"{}"), Response(404), Response(404)))


@pytest.mark.parametrize("said", [Response(500), Response(200, HAL, b"{"), Response(400), Response(204)])
def test_a_target_that_answers_wrongly_is_judged(said: Response) -> None:
    assert not nothing_there(seen(said, said, said))


# -- origins ----------------------------------------------------------------------------------------------------------


def enquired(answer: Answer, *origins: str, means: Means | None = None) -> tuple[list[str], int]:
    means = means or Means(key=True, login=True, origins=origins or (ORIGIN,))
    enquiry = Enquiry(CONTRACT, Target(TargetKind.LIVE, ROOT), means)
    talk(enquiry.asking(), answer)
    return list(origin_lines(enquiry.answers)), enquiry.answers.exit_code


def allowing(value: str, only: Callable[[Probe], bool] = lambda probe: True) -> Answer:
    """Healthy, but these answers allow that."""

    def answer(probe: Probe) -> Response:
        response = good(probe)
        others = tuple(pair for pair in response.headers if pair[0] != "Access-Control-Allow-Origin")
        added = (("Access-Control-Allow-Origin", value),) if value else ()
        return Response(response.status, (*others, *added), response.body, response.reason) if only(probe) else response

    return answer


def test_a_registered_origin_gets_the_plain_answer_first() -> None:
    told, code = enquired(good)
    assert told[0] == f"CORS is set up for {ORIGIN} in this environment." and code == 0


def test_an_origin_that_gets_nothing_back_is_not_set_up() -> None:
    told, code = enquired(good, "https://annet.eksempel.no")
    assert told[0].startswith("CORS is not set up for https://annet.eksempel.no") and code == 1


def test_a_preflight_that_fails_makes_it_partly() -> None:
    told, code = enquired(allowing("", lambda probe: probe.method == "OPTIONS"))
    assert "only partly" in told[0] and "preflight" in told[0] and code == 1


def test_letting_everybody_in_is_a_fault() -> None:
    told, code = enquired(allowing("https://samsvar-uregistrert.example", lambda p: "uregistrert" in str(p.headers)))
    assert any("fault" in line and "unregistered" in line for line in told) and code == 1


def test_an_origin_that_cannot_be_seen_is_neither_set_up_nor_not() -> None:
    told, code = enquired(lambda probe: Failure(Stage.CONNECT, "refused"))
    assert told[0].startswith("It could not be seen") and code == 3


def test_the_wildcard_is_not_the_origin_itself() -> None:
    told, code = enquired(allowing("*"))
    assert told[0].startswith(f"CORS is not set up for {ORIGIN}") and "which is everybody" in told[0] and code == 1


def test_naming_another_origin_is_not_set_up() -> None:
    told, code = enquired(allowing("https://annet.eksempel.no"))
    assert told[0].startswith(f"CORS is not set up for {ORIGIN}") and code == 1


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (Response(404, (), b"", b"Not Found"), "404 Not Found"),
        (Response(401, (), b"", b"Log in"), "401 Log in"),
        (Response(503, (), b"", b"Later"), "503 Later"),
        (Response(302, (("Location", "https://login.example/"),), b"", b"Found"), "to https://login.example/"),
        (Response(200, (("Content-Type", "text/html"),), b"<html></html>", b"OK"), "text/html"),
    ],
)
def test_a_place_that_answers_nobody_says_nothing_of_an_origin(said: Response, word: str) -> None:
    asked: list[Probe] = []

    def answer(probe: Probe) -> Response:
        asked.append(probe)
        return said

    told, code = enquired(answer)
    assert told[0].startswith("It could not be seen") and word in told[0] and code == 3
    assert len([probe for probe in asked if probe.header("Origin") == ORIGIN]) == 1


def test_a_refusal_of_the_origin_alone_is_not_set_up() -> None:
    def answer(probe: Probe) -> Response:
        return Response(403, (), b"", b"Unknown origin") if probe.header("Origin") else good(probe)

    told, code = enquired(answer)
    assert told[0].startswith(f"CORS is not set up for {ORIGIN}") and "403 Unknown origin" in told[0] and code == 1


def test_a_place_that_is_busy_is_not_seen_and_spoils_nothing() -> None:
    def answer(probe: Probe) -> Response:
        return Response(503, (), b"", b"Later") if probe.header("Accept") == "application/xml" else good(probe)

    told, code = enquired(answer)
    assert told[0] == f"CORS is set up for {ORIGIN} in this environment." and code == 0
    assert any(line.startswith("  not seen") and "503 Later" in line for line in told)


def test_each_origin_has_its_answer_before_the_table() -> None:
    told, code = enquired(good, ORIGIN, "https://annet.eksempel.no")
    assert told[0].startswith("CORS is set up for") and told[1].startswith("CORS is not set up for") and code == 1
    assert told[2] == ""


def test_rows_from_elsewhere_are_told_like_the_others() -> None:
    seen = Row(ORIGIN, "GET metadata without login", True, "it came back")
    browser = Row(ORIGIN, "script in a browser", False, "TypeError: Failed to fetch")
    answers = Answers(Target(TargetKind.LIVE, ROOT), (ORIGIN,), (seen, browser))
    assert answers.sentence(ORIGIN).startswith("CORS is only partly set up") and answers.exit_code == 1
    assert any("script in a browser" in line for line in origin_lines(answers))


def test_what_was_not_asked_is_said() -> None:
    answers = Answers(Target(TargetKind.LIVE, ROOT), (ORIGIN,), (), "the budget is used up")
    assert answers.exit_code == 3
    assert list(origin_lines(answers))[:2] == [
        f"It could not be seen whether CORS is set up for {ORIGIN} in this environment: the budget is used up",
        "Not everything was asked: the budget is used up",
    ]


def test_without_credentials_the_private_place_is_not_asked() -> None:
    told, code = enquired(good, means=Means(origins=(ORIGIN,)))
    assert any("not seen" in line and "key and login were not given" in line for line in told) and code == 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("https://www.eksempel.no/", "give https://www.eksempel.no"),
        ("https://www.eksempel.no/sti?a=b", "give https://www.eksempel.no"),
        ("www.eksempel.no", "give https://www.eksempel.no"),
        ("HTTPS://WWW.Eksempel.NO", "browsers send it as https://www.eksempel.no"),
        ("https://www.eksempel.no:443", "browsers send it as https://www.eksempel.no"),
        ("https://blåbær.no", "browsers send it as https://xn--blbr-roah.no"),
        ("https://Blåbær.no/sti", "give https://xn--blbr-roah.no"),
        ("https://www.eksempel.no:0443", "browsers send it as https://www.eksempel.no"),
        ("http://www.eksempel.no:80", "browsers send it as http://www.eksempel.no"),
        ("https://www.eksempel.no:70000", "a port is a number from 1 to 65535"),
        ("https://bruker@www.eksempel.no", "give https://www.eksempel.no"),
        ("https://www.eksempel.no, https://a.no", "--origin for each"),
        ("https://www.eksempel.no https://a.no", "--origin for each"),
        ("www.eksempel.no:8443/sti", "give https://www.eksempel.no:8443"),
        ("//www.eksempel.no", "an origin has a scheme"),
        ("https://", "it looks like https://www.eksempel.no"),
        ("ftp://eksempel.no", "http or https"),
        ("null", "must never be let in"),
        ("*", "everybody"),
        ("", "empty"),
    ],
)
def test_what_is_no_origin_is_told_with_the_one_that_was_meant(text: str, word: str) -> None:
    assert word in origin_problem(text) and origin_problem(text)


@pytest.mark.parametrize(
    "text", [ORIGIN, "http://localhost:3000", "https://[2001:db8::1]:8443", "https://xn--blbr-roah.no"]
)
def test_an_origin_is_an_origin(text: str) -> None:
    assert origin_problem(text) == ""


@pytest.mark.parametrize("text", [None, "", "now", "Mon, 01 Jan 99999999999 00:00:00 GMT"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert date_of(text) is None

"""AUTH: each guarantee kept, broken crudely and subtly, varied harmlessly, and with nothing to see."""

import json
from dataclasses import replace
from functools import cache

import pytest
from small_environment import MESSAGES, THINGS, kept, path_of, refusal, setting, written
from stage import ROOT, explore

from samsvar.logic.asking import access as asking
from samsvar.logic.judging.access import RULES, own_words
from samsvar.model.contract import Contract
from samsvar.model.exchange import HAL_JSON, Login, Means, Probe, Response
from samsvar.model.verdict import Cause, Finding, Sight
from samsvar.world.documents import read_contract

MEANS = Means(key=True, login=True, logins=(Login.TOKEN, Login.PASSWORD))
PRIVATE = {path for path, thing in THINGS.items() if thing.private}
LOGIN_PAGE = Response(200, (("Content-Type", "text/html"),), b"<html><body>Logg inn hos oss</body></html>", b"OK")
TO_LOGIN = Response(302, (("Location", "https://login.example/"),), b"", b"Found")


@cache
def contract() -> Contract:
    return read_contract("altinn2")


def findings(environment, guarantee, means=MEANS) -> tuple[Finding, ...]:
    observed = explore(environment, contract(), rounds=((asking.ask,),), means=means).observed
    return tuple(RULES[guarantee](observed))


def sights(found) -> set[Sight]:
    return {one.sight for one in found}


def anonymous(probe: Probe) -> bool:
    return probe.login in (Login.NONE, Login.NO_LOGIN)


def as_if(login, *given):
    """An environment that takes these logins for another."""
    return lambda probe: kept(replace(probe, login=login) if probe.login in given else probe)


def instead(when, answer):
    """An environment that gives another answer where ``when`` says so."""
    return lambda probe: (answer(probe) if callable(answer) else answer) if when(probe) else kept(probe)


def at(path, *logins):
    return lambda probe: path_of(probe) == path and (not logins or probe.login in logins)


def private_at(*logins):
    return lambda probe: path_of(probe) in PRIVATE and probe.login in logins


def fewer_services(probe):
    thing = THINGS["metadata"]
    return written(replace(thing, many=thing.many[:1]), probe.header("Accept"))


def one_other_value(probe):
    other = replace(MESSAGES[0], properties={**MESSAGES[0].properties, "Subject": "En annen melding"})
    return written(other, HAL_JSON)


def leaking_error(status, label):
    def answer(probe):
        body = json.dumps({"ErrorMessage": "log in", "was": MESSAGES[0].properties}).encode()
        return Response(status, (("Content-Type", label),), body, b"Unauthorized")

    return answer


FAULTS = {
    "metadata needs a key": ("AUTH-1", instead(at("metadata", Login.NONE), refusal(400, "ApiKey is missing"))),
    "one service needs a login": ("AUTH-1", instead(at("metadata/formtask/4481/1", Login.NONE), TO_LOGIN)),
    "metadata gives a login page": ("AUTH-1", instead(at("metadata", Login.NONE), LOGIN_PAGE)),
    "metadata crashes without key": ("AUTH-1", instead(at("metadata", Login.NONE), refusal(500, "Oops"))),
    "strangers see fewer services": ("AUTH-1", instead(at("metadata", Login.NONE), fewer_services)),
    "the key is not looked at": ("AUTH-2", as_if(Login.GIVEN, Login.NO_KEY)),
    "no reason": ("AUTH-2", instead(private_at(Login.NO_KEY, Login.NONE), refusal(400, "Bad Request"))),
    "the standard phrase in a body": (
        "AUTH-2",
        instead(
            private_at(Login.NO_KEY),
            Response(403, (("Content-Type", "text/html"),), b"<html><title>403</title><h1>403 Forbidden</h1></html>"),
        ),
    ),
    "a crash without key": ("AUTH-2", instead(private_at(Login.NO_KEY), refusal(500, "No key at all"))),
    "a login page for a missing key": ("AUTH-2", instead(private_at(Login.NO_KEY), LOGIN_PAGE)),
    "a phrase that HTTP/2 cannot carry": (
        "AUTH-2",
        instead(private_at(Login.NO_KEY), replace(refusal(400, "ApiKey is missing"), version="HTTP/2")),
    ),
    "no login is needed": ("AUTH-3", as_if(Login.GIVEN, Login.NO_LOGIN)),
    "neither key nor login is needed": ("AUTH-3", as_if(Login.GIVEN, Login.NONE)),
    "one message is open": (
        "AUTH-3",
        lambda probe: as_if(Login.GIVEN, Login.NO_LOGIN)(probe) if path_of(probe).endswith("a100001") else kept(probe),
    ),
    "another reportee's box is open": (
        "AUTH-3",
        lambda probe: as_if(Login.GIVEN, Login.NO_LOGIN)(probe) if path_of(probe) == "r50001/messages" else kept(probe),
    ),
    "a query opens the box": (
        "AUTH-3",
        lambda probe: as_if(Login.GIVEN, Login.NO_LOGIN)(probe) if "top=" in probe.url else kept(probe),
    ),
    "plain XML is open": (
        "AUTH-3",
        lambda probe: (
            as_if(Login.GIVEN, Login.NO_LOGIN)(probe) if probe.header("Accept") == "application/xml" else kept(probe)
        ),
    ),
    "attachments are open": (
        "AUTH-3",
        lambda probe: as_if(Login.GIVEN, Login.NO_LOGIN)(probe) if "attachments" in probe.url else kept(probe),
    ),
    "HEAD is open": (
        "AUTH-3",
        lambda probe: as_if(Login.GIVEN, Login.NO_LOGIN)(probe) if probe.method == "HEAD" else kept(probe),
    ),
    "the refusal holds the message": (
        "AUTH-3",
        instead(at("my/messages/a100001", Login.NO_LOGIN), leaking_error(401, "application/json")),
    ),
    "the login page holds the message": (
        "AUTH-3",
        instead(at("my/messages/a100001", Login.NO_LOGIN), leaking_error(200, "text/html")),
    ),
    "a wrong key will do": ("AUTH-4", as_if(Login.GIVEN, Login.WRONG_KEY)),
    "tokens are not verified": ("AUTH-4", as_if(Login.GIVEN, Login.WRONG_TOKEN)),
    "tokens never expire": ("AUTH-4", as_if(Login.GIVEN, Login.EXPIRED_TOKEN)),
    "an expired token opens documents": (
        "AUTH-4",
        lambda probe: as_if(Login.GIVEN, Login.EXPIRED_TOKEN)(probe) if "attachments" in probe.url else kept(probe),
    ),
    "a wrong token is a crash": ("AUTH-4", instead(private_at(Login.WRONG_TOKEN), refusal(500, "Oops"))),
    "the password opens nothing": ("AUTH-5", instead(private_at(Login.PASSWORD), refusal(403, "No"))),
    "the password does not open one message": (
        "AUTH-5",
        instead(at("my/messages/a100001", Login.PASSWORD), refusal(404, "Not there")),
    ),
    "the password shows another text": ("AUTH-5", instead(at("my/messages/a100001", Login.PASSWORD), one_other_value)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen_in_its_own_guarantee(name):
    guarantee, environment = FAULTS[name]
    assert Sight.UNMET in sights(findings(environment, guarantee))


@pytest.mark.parametrize("guarantee", RULES)
def test_the_kept_environment_meets_every_guarantee(guarantee):
    assert sights(findings(kept, guarantee)) == {Sight.MET}


def challenged(probe):
    said = Response(401, (("WWW-Authenticate", 'Bearer error="invalid_token"'),), b"", b"", "HTTP/2")
    return said if path_of(probe) in PRIVATE else kept(probe)


def english_for_strangers(probe):
    """The service names come in the language of whoever asks."""
    said = kept(probe)
    return replace(said, body=said.body.replace(b"Skatt", b"Tax")) if probe.login is Login.NONE else said


def told_in_body(probe):
    if path_of(probe) in PRIVATE and probe.login in (Login.NO_KEY, Login.NONE):
        body = b'{"ErrorCode": 1, "ErrorMessage": "The key is missing"}'
        return Response(400, (("Content-Type", "application/json"),), body, b"", "HTTP/2")
    return kept(probe)


def moved_once(probe):
    """Who is not logged in is sent to another path inside the API first."""
    if path_of(probe) == "metadata" and probe.login is Login.NONE:
        return Response(307, (("Location", f"{ROOT}/v2/metadata"),), b"", b"Temporary Redirect")
    return kept(replace(probe, url=probe.url.replace("/v2/", "/")))


def addresses_per_login(probe):
    """Addresses are made anew for each login; only the entries stay."""
    own = f"{ROOT}/s-{probe.login.value}/"
    inside = replace(probe, url=probe.url.replace(own, f"{ROOT}/"))
    if inside.url == probe.url and path_of(probe) not in ("metadata", "my/messages", "reportees"):
        return refusal(404, "Gone")
    said = kept(inside)
    return replace(said, body=said.body.replace(f"{ROOT}/".encode(), own.encode()))


VARIATIONS = {
    "addresses per login": addresses_per_login,
    "redirects to login": instead(private_at(Login.NO_LOGIN, Login.WRONG_TOKEN, Login.EXPIRED_TOKEN), TO_LOGIN),
    "login pages": instead(private_at(Login.NO_LOGIN, Login.WRONG_TOKEN, Login.EXPIRED_TOKEN), LOGIN_PAGE),
    "login is asked for before the key": instead(private_at(Login.NONE), refusal(401, "Logg inn")),
    "a challenge": instead(
        private_at(Login.NO_KEY, Login.NONE, Login.NO_LOGIN),
        Response(401, (("WWW-Authenticate", 'Bearer error="invalid_request"'),), b"", b"", "HTTP/2"),
    ),
    "the reason is in the body": told_in_body,
    "another language": english_for_strangers,
    "a redirect inside the API": moved_once,
    "404 for strangers": instead(private_at(Login.NO_LOGIN, Login.WRONG_TOKEN), refusal(404, "Nothing for you")),
    "busy for a while": instead(
        lambda probe: probe.login is not Login.GIVEN and probe.question.endswith("login"), refusal(503, "Later")
    ),
    "HEAD is not known": lambda probe: refusal(405, "Only GET") if probe.method == "HEAD" else kept(probe),
    "more header fields": lambda probe: setting(kept(probe), "X-More", "yes"),
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_harmless_variation_breaks_nothing(name):
    observed = explore(VARIATIONS[name], contract(), rounds=((asking.ask,),), means=MEANS).observed
    assert {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))} == set()


def test_a_password_that_opens_nothing_is_a_matter_of_configuration():
    found = findings(FAULTS["the password opens nothing"][1], "AUTH-5")
    assert {one.cause for one in found if one.sight is Sight.UNMET} == {Cause.CONFIGURATION}


def test_a_message_that_only_one_session_has_an_address_for_is_not_a_difference():
    def environment(probe):
        own = f"/s-{probe.login.value}" if probe.login is Login.PASSWORD else "/s-first"
        inside = replace(probe, url=probe.url.replace(own, ""))
        if path_of(probe) in PRIVATE and path_of(probe) not in ("my/messages", "reportees"):
            return refusal(404, "Gone")
        said = kept(inside)
        body = said.body.replace(f"{ROOT}/my/messages/".encode(), f"{ROOT}{own}/my/messages/".encode())
        return replace(said, body=body)

    assert sights(findings(environment, "AUTH-5")) == {Sight.MET, Sight.UNSEEN}


def test_content_that_moves_while_logins_are_compared_is_unstable():
    count = iter(range(10_000))

    def environment(probe):
        said = kept(probe)
        changed = said.body.replace(b"Melding om a1", f"{next(count)} om a1".encode())
        return replace(said, body=changed) if probe.question == asking.LOGINS else said

    assert Sight.UNMET not in sights(findings(environment, "AUTH-5"))


@pytest.mark.parametrize("guarantee", ["AUTH-2", "AUTH-3", "AUTH-4", "AUTH-5"])
def test_without_credentials_nothing_is_asked_of_private_places(guarantee):
    assert sights(findings(kept, guarantee, Means())) <= {Sight.UNSEEN}


def test_one_login_cannot_be_compared():
    assert findings(kept, "AUTH-5", Means(True, True, (Login.TOKEN,))) == ()


def test_questions_stay_within_their_budget():
    evidence = explore(kept, contract(), rounds=((asking.ask,),), means=MEANS).evidence()
    asked = [one for one in evidence.exchanges if one.probe.question in asking.QUESTIONS]
    assert 20 < len(asked) <= 60
    assert len(asked) == len({(one.probe.question, one.probe.about, one.probe) for one in asked})


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Bad Request", False),
        ("400", False),
        ("", False),
        ("403 Forbidden HTTP Error 403 - Forbidden", False),
        ("Required header 'ApiKey' is missing.", True),
        ("nøkkel mangler", True),
    ],
)
def test_a_standard_phrase_is_no_reason(text, own):
    assert own_words(text) is own

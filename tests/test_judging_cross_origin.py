"""CORS: the Fetch standard read row by row; each guarantee kept, broken, varied harmlessly, and with nothing to see."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from small_environment import ORIGINS, accept_of, kept, path_of, refusal, setting
from stage import explore

from samsvar.logic.asking import cross_origin as asking
from samsvar.logic.judging.cross_origin import RULES, Preflight, allows, exposes
from samsvar.logic.judging.cross_origin import refusal as preflight_refusal
from samsvar.model.contract import Contract
from samsvar.model.exchange import FORMATS, Login, Means, Response
from samsvar.model.verdict import Sight, Unseen
from samsvar.world.documents import read_contract

ALLOW = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
MEANS = Means(key=True, login=True, origins=ORIGINS)
VECTORS = Path(__file__).parents[2] / "shared" / "vectors" / "cors"


@cache
def contract() -> Contract:
    return read_contract("altinn2")


def observed_of(environment, means=MEANS):
    return explore(environment, contract(), rounds=((asking.ask,),), means=means).observed


def findings(environment, guarantee, means=MEANS):
    return tuple(RULES[guarantee](observed_of(environment, means)))


def sights(found):
    return {one.sight for one in found}


# -- the Fetch standard


def vectors(name):
    path = VECTORS / name
    if not path.exists():
        pytest.skip("the public test vectors are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_cors_check_agrees_with_the_browsers_table():
    table = vectors("wpt_acao_values.json")
    origin = table["request_origin"]
    passed = [v for v in table["response_acao_should_pass"] if not allows(Response(200, ((ALLOW, v),)), origin)]
    failed = [v for v in table["response_acao_should_fail"] if allows(Response(200, ((ALLOW, v),)), origin)]
    twice = [
        lines
        for lines in table["two_acao_header_lines_should_fail"]
        if allows(Response(200, tuple((ALLOW, line) for line in lines)), origin)
    ]
    assert (passed, failed, twice) == ([], [], [])


def test_preflight_stars_agree_with_the_browsers_table():
    table = vectors("wpt_preflight_star.json")
    for succeeds, credentials, methods, fields, method, header in table["rows"]:
        response = Response(
            200,
            (
                (ALLOW, "https://a.example"),
                (CREDENTIALS, "true"),
                ("Access-Control-Allow-Methods", methods),
                ("Access-Control-Allow-Headers", fields),
            ),
        )
        wish = Preflight("https://a.example", method, tuple(name.lower() for name in header[:1]), credentials)
        assert (preflight_refusal(response, wish) == "") is succeeds, (methods, fields, method, header)


def test_a_preflight_needs_a_status_of_success():
    table = vectors("wpt_preflight_status.json")
    wish = Preflight("https://a.example", "GET", ())
    for status, passes in [*((s, True) for s in table["pass"]), *((s, False) for s in table["fail"])]:
        said = Response(status, ((ALLOW, "https://a.example"),))
        assert (preflight_refusal(said, wish) == "") is passes, status


def test_every_known_misconfiguration_is_asked_for_or_is_a_stranger():
    table = vectors("misconfiguration_origins.json")
    made = set(asking.look_alikes(table["allowed"], (table["allowed"],)).values())
    kinds = {
        "prefix_match / post-domain wildcard": "https://app.example.com.",
        "https_trust_http / http origin allowed": "http://app.example.com",
        "trust_any_subdomain": "https://samsvar.app.example.com",
        "not_escape_dot (last dot)": "https://app.examplexcom",
        "unescaped regex (first dot)": "https://appxexample.com",
    }
    assert {row["class"] for row in table["cases"]} >= set(kinds)
    assert all(any(origin.startswith(begin) for origin in made) for begin in kinds.values())


def test_lists_of_names_with_blanks_in_a_name_fail_a_preflight():
    fields = ((ALLOW, "https://a.example"), ("Access-Control-Allow-Headers", "header name with space, apikey"))
    assert preflight_refusal(Response(200, fields), Preflight("https://a.example", "GET", ("apikey",)))


@pytest.mark.parametrize(
    ("listed", "readable"),
    [
        (((("Access-Control-Expose-Headers", "x-warning-limitreached, X-More"),)), True),
        (((("Access-Control-Expose-Headers", "*"),)), True),
        (((("Access-Control-Expose-Headers", "*"), (CREDENTIALS, "true"))), False),
        (((("Access-Control-Expose-Headers", "X-More"),)), False),
        ((), False),
    ],
)
def test_a_field_is_exposed_by_name_or_without_credentials_by_the_wildcard(listed, readable):
    assert exposes(Response(200, listed), "X-Warning-LimitReached") is readable


def test_look_alikes_are_never_registered_and_never_twice():
    for origin in (*ORIGINS, "http://localhost:3000", "https://[::1]:8443", "https://10.0.0.1", "https://eksempel.no"):
        made = asking.look_alikes(origin, (*ORIGINS, origin))
        assert made and origin not in made.values()
        assert len(set(made.values())) == len(made)
        assert all(value.isascii() for value in made.values())


def test_what_is_no_origin_has_no_look_alikes():
    assert asking.look_alikes("www.eksempel.no", ()) == {}


# -- faults


def allowing(fits, *, credentials=True):
    """Origins that fit are allowed like registered ones."""

    def environment(probe):
        origin = probe.header("Origin")
        said = kept(probe)
        if origin is None or origin in ORIGINS or not fits(origin):
            return said
        as_registered = replace(
            probe,
            headers=tuple((name, ORIGINS[0] if name == "Origin" else value) for name, value in probe.headers),
        )
        told = setting(kept(as_registered), ALLOW, origin)
        return told if credentials else setting(told, CREDENTIALS, None)

    return environment


def where(fits, change):
    """Answers to an Origin are changed where ``fits`` says so."""
    return lambda probe: change(kept(probe)) if probe.header("Origin") and fits(probe) else kept(probe)


def without(name):
    return lambda response: setting(response, name, None)


def saying(name, value):
    return lambda response: setting(response, name, value)


def if_allowed(change):
    return lambda response: change(response) if response.first(ALLOW) else response


def doubled(response):
    return replace(response, headers=(*response.headers, *((ALLOW, value) for value in response.all(ALLOW))))


def everywhere(probe):
    return True


def on_metadata(probe):
    return path_of(probe) == "metadata" and probe.login is Login.NONE and probe.method == "GET"


def is_preflight(probe):
    return probe.method == "OPTIONS"


def not_preflight(probe):
    return probe.method != "OPTIONS"


HOST = "www.eksempel.no"
LIMITED = "X-Warning-LimitReached"


def limited(probe):
    """A list that was cut short says so."""
    said = kept(probe)
    return setting(said, LIMITED, "true") if path_of(probe) == "my/messages" and said.status == 200 else said


def preflight_behind_the_key(probe):
    return refusal(400, "ApiKey is missing") if probe.method == "OPTIONS" else kept(probe)


def registered_is_forbidden_on_metadata(probe):
    return refusal(403, "No") if on_metadata(probe) and probe.header("Origin") in ORIGINS else kept(probe)


FAULTS = {
    "metadata says nothing": ("CORS-1", where(on_metadata, without(ALLOW))),
    "metadata says another registered origin": ("CORS-1", where(on_metadata, if_allowed(saying(ALLOW, ORIGINS[1])))),
    "metadata adds a slash": ("CORS-1", where(on_metadata, if_allowed(saying(ALLOW, f"{ORIGINS[0]}/")))),
    "metadata says the wildcard": ("CORS-1", where(on_metadata, saying(ALLOW, "*"))),
    "metadata forbids": ("CORS-1", registered_is_forbidden_on_metadata),
    "messages say nothing": (
        "CORS-2",
        where(lambda p: not_preflight(p) and path_of(p) == "my/messages", without(ALLOW)),
    ),
    "one message says nothing": ("CORS-2", where(lambda p: path_of(p).endswith("a100001"), without(ALLOW))),
    "HAL XML says nothing": ("CORS-2", where(lambda p: p.header("Accept") == FORMATS[1], without(ALLOW))),
    "documents say nothing": ("CORS-2", where(lambda p: not_preflight(p) and "attachments" in p.url, without(ALLOW))),
    "an unknown path says nothing": ("CORS-2", where(lambda p: kept(p).status == 404, without(ALLOW))),
    "a missing key says nothing": ("CORS-2", where(lambda p: kept(p).status == 400, without(ALLOW))),
    "a missing login says nothing": ("CORS-2", where(lambda p: kept(p).status == 401, without(ALLOW))),
    "the second origin is forgotten": (
        "CORS-2",
        where(lambda p: p.header("Origin") == ORIGINS[1] and path_of(p) != "metadata", without(ALLOW)),
    ),
    "every origin is reflected": ("CORS-3", allowing(lambda origin: origin != "null")),
    "the wildcard for strangers": ("CORS-3", where(everywhere, saying(ALLOW, "*"))),
    "compared by beginning": ("CORS-3", allowing(lambda origin: origin.startswith(ORIGINS[0]))),
    "compared by end": ("CORS-3", allowing(lambda origin: origin.endswith(HOST))),
    "compared by contents": ("CORS-3", allowing(lambda origin: HOST in origin)),
    "compared without case": ("CORS-3", allowing(lambda origin: origin.lower() in ORIGINS)),
    "a trailing dot is cut": ("CORS-3", allowing(lambda origin: origin.rstrip(".") in ORIGINS)),
    "the scheme is not looked at": ("CORS-3", allowing(lambda origin: origin == f"http://{HOST}")),
    "the port is not looked at": ("CORS-3", allowing(lambda origin: origin.rpartition(":")[0] == ORIGINS[0])),
    "sub-domains are allowed": ("CORS-3", allowing(lambda origin: origin.endswith(f".{HOST}"))),
    "the whole domain is allowed": ("CORS-3", allowing(lambda origin: origin.endswith(".eksempel.no"))),
    "a dot is any character": ("CORS-3", allowing(lambda origin: origin == "https://wwwxeksempel.no")),
    "a stranger in preflights": (
        "CORS-3",
        lambda p: allowing(lambda origin: origin != "null")(p) if is_preflight(p) else kept(p),
    ),
    "a look-alike on private places": (
        "CORS-3",
        lambda p: allowing(lambda origin: origin.startswith(ORIGINS[0]))(p) if "messages" in p.url else kept(p),
    ),
    "null is reflected": ("CORS-4", allowing(lambda origin: origin == "null")),
    "null in preflights": (
        "CORS-4",
        lambda p: allowing(lambda origin: origin == "null")(p) if is_preflight(p) else kept(p),
    ),
    "null for private content": (
        "CORS-4",
        lambda p: allowing(lambda o: o == "null")(p) if p.login is Login.GIVEN else kept(p),
    ),
    "credentials for strangers": ("CORS-5", allowing(lambda origin: origin != "null")),
    "credentials with the wildcard": (
        "CORS-5",
        where(everywhere, lambda r: setting(setting(r, ALLOW, "*"), CREDENTIALS, "true")),
    ),
    "credentials with the wildcard without Origin": (
        "CORS-5",
        lambda p: setting(setting(kept(p), ALLOW, "*"), CREDENTIALS, "true") if not p.header("Origin") else kept(p),
    ),
    "no Vary": ("CORS-6", where(not_preflight, without("Vary"))),
    "Vary names Accept only": ("CORS-6", where(not_preflight, saying("Vary", "Accept"))),
    "Vary only when allowed": (
        "CORS-6",
        where(not_preflight, lambda r: r if r.first(ALLOW) else setting(r, "Vary", "Accept")),
    ),
    "Vary not in plain JSON": ("CORS-6", where(lambda p: p.header("Accept") == FORMATS[3], without("Vary"))),
    "Vary not on errors": ("CORS-6", where(lambda p: kept(p).status == 404, without("Vary"))),
    "preflight wants a key": ("CORS-7", preflight_behind_the_key),
    "preflight redirects": (
        "CORS-7",
        where(is_preflight, lambda r: replace(r, status=302, headers=(*r.headers, ("Location", "/")))),
    ),
    "preflight forgets ApiKey": (
        "CORS-7",
        where(is_preflight, if_allowed(saying("Access-Control-Allow-Headers", "Authorization, Accept"))),
    ),
    "preflight covers Authorization by the wildcard": (
        "CORS-7",
        where(is_preflight, if_allowed(saying("Access-Control-Allow-Headers", "*"))),
    ),
    "preflight allows nobody": ("CORS-7", where(is_preflight, without(ALLOW))),
    "preflight of one type is not found": (
        "CORS-7",
        where(
            lambda p: is_preflight(p) and path_of(p) == "my/messages/a100001", lambda r: refusal(404, "No OPTIONS here")
        ),
    ),
    "two equal lines": ("CORS-8", where(everywhere, doubled)),
    "a list of origins": ("CORS-8", where(everywhere, if_allowed(saying(ALLOW, ", ".join(ORIGINS))))),
    "origins with a blank between": (
        "CORS-8",
        where(lambda p: "messages" in p.url, if_allowed(saying(ALLOW, " ".join(ORIGINS)))),
    ),
    "two lines in preflights": ("CORS-8", where(is_preflight, doubled)),
    "the warning is not exposed": (
        "CORS-10",
        lambda p: setting(limited(p), "Access-Control-Expose-Headers", None),
    ),
    "another field is exposed": (
        "CORS-10",
        lambda p: (
            setting(limited(p), "Access-Control-Expose-Headers", "X-More") if limited(p).first(ALLOW) else limited(p)
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen_in_its_own_guarantee(name):
    guarantee, environment = FAULTS[name]
    assert Sight.UNMET in sights(findings(environment, guarantee))


ALONE = (
    "messages say nothing",
    "documents say nothing",
    "null in preflights",
    "compared by end",
    "Vary names Accept only",
    "preflight forgets ApiKey",
    "two equal lines",
    "a list of origins",
    "the warning is not exposed",
)


@pytest.mark.parametrize("name", ALONE)
def test_a_fault_shows_in_few_other_guarantees(name):
    guarantee, environment = FAULTS[name]
    observed = observed_of(environment)
    broken = {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))}
    followers = {"CORS-5"} if guarantee in ("CORS-3", "CORS-4") else set()
    assert broken - followers == {guarantee}


def test_the_kept_environment_meets_every_guarantee():
    observed = observed_of(limited)
    assert {id_: sights(rule(observed)) for id_, rule in RULES.items()} == {id_: {Sight.MET} for id_ in RULES}


# -- harmless variations


def answers_the_registered_one_always(probe):
    """One fixed origin, whoever asks: it allows nobody else."""
    said = setting(setting(kept(probe), ALLOW, ORIGINS[0]), CREDENTIALS, "true")
    return setting(said, "Access-Control-Expose-Headers", "X-Warning-LimitReached")


def other_casing(probe):
    said = kept(probe)
    return replace(said, headers=tuple((name.lower(), value) for name, value in said.headers))


VARIATIONS = {
    "field names in lower case": other_casing,
    "blanks around values": where(
        everywhere, lambda r: replace(r, headers=tuple((name, f" {value}\t") for name, value in r.headers))
    ),
    "strangers are forbidden": lambda p: (
        refusal(403, "Unknown origin") if p.header("Origin") and p.header("Origin") not in ORIGINS else kept(p)
    ),
    "preflight says 200 and more": where(
        is_preflight,
        lambda r: replace(r, status=200, headers=(*r.headers, ("Access-Control-Max-Age", "600"))),
    ),
    "preflight names fields in lower case and no Accept": where(
        is_preflight, if_allowed(saying("Access-Control-Allow-Headers", "authorization,apikey,x-requested-with"))
    ),
    "preflight names no methods": where(is_preflight, without("Access-Control-Allow-Methods")),
    "credentials said to everybody, with no origin allowed": where(everywhere, saying(CREDENTIALS, "true")),
    "no credentials at all": where(everywhere, without(CREDENTIALS)),
    "Vary is everything": where(not_preflight, saying("Vary", "*")),
    "Vary in several lines": where(
        not_preflight,
        lambda r: replace(r, headers=(*setting(r, "Vary", None).headers, ("Vary", "Accept"), ("vary", "ORIGIN"))),
    ),
    "no Vary in preflights": where(is_preflight, without("Vary")),
    "no Vary without Origin": lambda p: kept(p) if p.header("Origin") else setting(kept(p), "Vary", "Accept"),
    "login page instead of 401": lambda p: (
        Response(302, (("Location", "https://login.example/"),), b"", b"Found") if kept(p).status == 401 else kept(p)
    ),
    "busy": lambda p: refusal(503, "Later") if p.header("Origin") and accept_of(p) == FORMATS[1] else kept(p),
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_harmless_variation_breaks_nothing(name):
    observed = observed_of(VARIATIONS[name])
    assert {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))} == set()


def test_naming_the_registered_origin_to_a_stranger_allows_nobody():
    observed = observed_of(answers_the_registered_one_always, replace(MEANS, origins=ORIGINS[:1]))
    assert {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))} == set()
    assert {one.unseen for one in RULES["CORS-6"](observed)} == {Unseen.INAPPLICABLE}


def test_a_wildcard_for_all_does_not_depend_on_origin():
    def environment(probe):
        bare = replace(probe, headers=tuple(pair for pair in probe.headers if pair[0] != "Origin"))
        return setting(setting(kept(bare), ALLOW, "*"), "Vary", "Accept")

    (only,) = findings(environment, "CORS-6")
    assert only.unseen is Unseen.INAPPLICABLE and only.exchanges


def test_metadata_that_is_shut_to_everyone_is_not_a_matter_of_origins():
    from samsvar.logic.asking import access

    def environment(probe):
        return refusal(401, "Log in") if probe.login is Login.NONE and "metadata" in probe.url else kept(probe)

    observed = explore(environment, contract(), rounds=((asking.ask, access.ask),), means=MEANS).observed
    assert sights(RULES["CORS-1"](observed)) == {Sight.UNSEEN}


def test_without_a_registered_origin_strangers_are_asked_about_all_the_same():
    means = Means(key=True, login=True)
    for guarantee in ("CORS-3", "CORS-4", "CORS-5"):
        assert sights(findings(kept, guarantee, means)) == {Sight.MET}
    reflecting = allowing(lambda origin: True)
    assert Sight.UNMET in sights(findings(reflecting, "CORS-3", means))
    assert Sight.UNMET in sights(findings(reflecting, "CORS-4", means))
    for guarantee in ("CORS-1", "CORS-2", "CORS-7"):
        assert sights(findings(kept, guarantee, means)) <= {Sight.UNSEEN}


def test_no_list_with_the_warning_is_inapplicable_with_proof():
    (only,) = findings(kept, "CORS-10")
    assert only.unseen is Unseen.INAPPLICABLE and only.exchanges


def test_questions_stay_within_their_budget():
    evidence = explore(kept, contract(), rounds=((asking.ask,),), means=MEANS).evidence()
    asked = [one.probe for one in evidence.exchanges if one.probe.question.startswith("cors.")]
    assert 60 < len(asked) <= 160
    assert len(asked) == len({(p.method, p.url, p.login, p.headers) for p in asked})

"""CORS: the Fetch standard read row by row; each guarantee kept, broken, varied harmlessly, and with nothing to see."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from small_environment import ORIGINS, THINGS, accept_of, kept, path_of, refusal, setting
from stage import explore

from samsvar.logic.asking import cross_origin as asking
from samsvar.logic.asking.look_alikes import LOOK_ALIKES, look_alikes
from samsvar.logic.judging.cross_origin import RULES, Preflight, allows, allows_credentials, cacheable, exposes
from samsvar.logic.judging.cross_origin import refusal as preflight_refusal
from samsvar.model.contract import Contract
from samsvar.model.exchange import FORMATS, Login, Means, Response
from samsvar.model.verdict import Sight, Unseen
from samsvar.world.documents import read_contract

ALLOW = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
MEANS = Means(key=True, login=True, logins=(Login.TOKEN, Login.PASSWORD), origins=ORIGINS, unsafe=True, ours=True)
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


NOT_MADE = {
    "custom_third_parties": "may have been registered by somebody in a test environment",
    "reflect_origin": "what a stranger shows",
    "trust_null": "asked as it is",
    "substring match": "the last letter gone shows it",
    "include_match / substring (the registrable domain less its first character)": "the first letter gone shows it",
}
"""Classes of the table that are shown by another origin than a look-alike of ours with the same form, and why."""
OURS = {
    "prefix_match / post-domain wildcard": "begins like it",
    "suffix_match": "ends like its domain",
    "pre-domain wildcard": "ends like it",
    "not_escape_dot (last dot)": "last dot is any",
    "unescaped regex (first dot)": "first dot is any",
    "trust_any_subdomain": "sub-domain",
    "https_trust_http / http origin allowed": "other scheme",
    "unrecognized underscore": "underscore",
    "broken parser (backtick)": "backtick",
}


def test_every_row_of_known_misconfigurations_is_asked_in_our_own_form_or_shown_otherwise():
    table = vectors("misconfiguration_origins.json")
    made = look_alikes(table["allowed"], (table["allowed"],))
    assert {row["class"] for row in table["cases"]} == set(OURS) | set(NOT_MADE)
    for row in table["cases"]:
        ours = made[OURS[row["class"]]] if row["class"] in OURS else ""
        if ours:  # theirs is made with hosts of their own: only the form can be the same
            kept_parts = ("app.example.com" in row["origin"], row["origin"].startswith("https://app"))
            assert kept_parts == ("app.example.com" in ours, ours.startswith("https://app")), row
    assert made["other scheme"] == "http://app.example.com" and made["last dot is any"] == "https://app.examplexcom"


def test_every_answer_that_is_known_to_be_wrong_breaks_a_rule():
    told = {
        "wildcard value": {"CORS-1", "CORS-2", "CORS-3", "CORS-4"},
        "wildcard with credentials (browsers refuse; a contradiction)": {"CORS-5"},
        "credentialed reflection": {"CORS-3", "CORS-5"},
        "cache poisoning across origins": {"CORS-3", "CORS-6"},
    }
    for row in vectors("misconfiguration_origins.json")["response_side"]:

        def environment(probe, row=row):
            origin = probe.header("Origin")
            acao = {"*": "*", "<reflected>": origin}[row["acao"]]
            said = setting(setting(kept(probe), ALLOW, acao), CREDENTIALS, row.get("acac"))
            return setting(said, "Vary", "Accept") if "vary" in row else said

        observed = observed_of(environment)
        broken = {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))}
        assert broken >= told[row["class"]], row


def test_who_may_read_agrees_with_the_browsers_table_of_requests():
    table = vectors("wpt_origin_and_preflight_misc.json")
    asker, server = "https://www.eksempel.no", "https://api.example"
    for case in table["cors_origin"]["cases"]:
        told = case[-1]
        value = asker if "request origin" in told else server if "server origin" in told else ""
        assert allows(Response(200, ((ALLOW, value),)), asker) is told.endswith("pass"), case


def test_lists_that_are_none_fail_a_preflight_as_in_the_browsers_table():
    for row in vectors("wpt_origin_and_preflight_misc.json")["preflight_invalid_lists_fail"]:
        names = {"allow_headers": "Access-Control-Allow-Headers", "allow_methods": "Access-Control-Allow-Methods"}
        fields = tuple((names[key], value) for key, value in row.items())
        said = Response(200, ((ALLOW, "https://a.example"), *fields))
        assert preflight_refusal(said, Preflight("https://a.example", "GET", ())), row


def test_what_the_wildcard_exposes_agrees_with_the_browsers_table():
    for row in vectors("wpt_origin_and_preflight_misc.json")["expose_headers_star"]:
        fields = ((ALLOW, row["acao"]), ("Access-Control-Expose-Headers", row["aceh"]))
        response = Response(200, (*fields, *(((CREDENTIALS, row["acac"]),) if "acac" in row else ())))
        always = {"content-type", "set-cookie"}  # on the safe list, or forbidden whatever is said
        for name in set(row["readable"]) - always:
            assert exposes(response, name), (row, name)
        for name in set(row["not_readable"]) - always:
            assert not exposes(response, name), (row, name)


def test_the_warning_must_be_exposed_since_it_is_on_no_list_of_the_browsers_table():
    table = vectors("wpt_origin_and_preflight_misc.json")
    readable = {name.lower() for name in (*table["readable_without_expose"], *table["never_readable"])}
    assert asking.WARNING.lower() not in readable
    assert not any(exposes(Response(200), name) for name in table["not_readable_without_expose"])


def test_the_formats_are_values_of_accept_that_need_no_preflight_and_the_key_needs_one():
    unsafe = vectors("wpt_origin_and_preflight_misc.json")["not_cors_safelisted_request_headers"]
    bad = [value for name, value in unsafe if name == "accept"]
    assert bad and all(len(value) > 128 or '"' in value for value in bad)
    assert not any(len(value) > 128 or '"' in value for value in (*FORMATS, "*/*"))
    only_safe = Response(200, ((ALLOW, "*"),))
    for name in ("authorization", "test"):
        assert name in {listed for listed, _ in unsafe}
        assert preflight_refusal(only_safe, Preflight("https://a.example", "GET", (name,)))
    assert not preflight_refusal(only_safe, Preflight("https://a.example", "GET", ("accept",)))


def test_a_list_of_origins_fails_whatever_an_old_table_said():
    vectors("wpt_origin_and_preflight_misc.json")
    for value in ("https://a.example https://b.example", "https://a.example, https://b.example"):
        assert not allows(Response(200, ((ALLOW, value),)), "https://a.example")


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


def test_credentials_said_twice_are_not_allowed_and_lists_said_twice_are_one():
    twice = Response(200, ((CREDENTIALS, "true"), (CREDENTIALS, "true")))
    assert not allows_credentials(twice) and allows_credentials(Response(200, ((CREDENTIALS, " true "),)))
    listed = (("Access-Control-Allow-Headers", "apikey"), ("access-control-allow-headers", "Authorization"))
    said = Response(204, ((ALLOW, "https://a.example"), *listed))
    assert not preflight_refusal(said, Preflight("https://a.example", "GET", ("apikey", "authorization")))


@pytest.mark.parametrize(
    ("status", "told", "kept_by_caches"),
    [
        (200, (), True),
        (200, ("private, max-age=60",), True),
        (200, ("no-cache",), True),
        (200, ("no-store",), False),
        (200, ("private", "No-Store"), False),
        (404, (), True),
        (401, (), False),
        (401, ("max-age=0",), False),
        (401, ("max-age=60",), True),
        (401, ('s-maxage="60"',), True),
        (403, ("public",), True),
        (500, ("max-age=x",), False),
    ],
)
def test_what_a_cache_may_keep_follows_from_status_and_cache_control(status, told, kept_by_caches):
    assert cacheable(Response(status, tuple(("Cache-Control", value) for value in told))) is kept_by_caches


def test_look_alikes_are_never_registered_and_never_twice():
    for origin in (*ORIGINS, "http://localhost:3000", "https://[::1]:8443", "https://10.0.0.1", "https://eksempel.no"):
        made = look_alikes(origin, (*ORIGINS, origin))
        assert made and origin not in made.values()
        assert len(set(made.values())) == len(made)
        assert all(value.isascii() for value in made.values())


def test_what_is_no_origin_has_no_look_alikes():
    assert look_alikes("www.eksempel.no", ()) == {}


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


TAG = '"tag"'


def tagged(probe, changed=lambda response: response):
    """An environment whose places have a tag, and which says 304 to whoever has it; ``changed``: what 304 says."""
    said = kept(probe)
    if said.status != 200 or probe.method != "GET":
        return said
    said = setting(said, "ETag", TAG)
    if probe.header("If-None-Match") != TAG:
        return said
    return changed(replace(said, status=304, body=b""))


def on_304(change):
    return lambda probe: tagged(probe, change)


def script_may_ask_conditionally(environment):
    wider = "ApiKey, Authorization, Accept, X-Requested-With, If-None-Match"
    return lambda p: (
        if_allowed(saying("Access-Control-Allow-Headers", wider))(environment(p)) if is_preflight(p) else environment(p)
    )


def first_come(probe_key):
    """A cache that takes the same answer for several: what ``probe_key`` does not tell apart."""

    def made():
        store = {}

        def environment(probe):
            if probe.method != "GET" or not probe.header("Origin"):
                return kept(probe)
            return store.setdefault(probe_key(probe), setting(kept(probe), "Age", "7"))

        return environment

    return made()


def spoken(status, said=b'{"ErrorCode": 1, "ErrorMessage": "It failed"}'):
    """A refusal in the words of the API, for everybody alike."""
    return Response(status, (("Content-Type", "application/json"),), said, b"It failed")


def failing(path, answer):
    """One place fails, whoever asks."""
    return lambda p: answer if path_of(p) == path and p.method == "GET" else kept(p)


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
    "304 says nothing, and script may ask conditionally": (
        "CORS-2",
        script_may_ask_conditionally(on_304(without(ALLOW))),
    ),
    "304 names another registered origin": ("CORS-2", on_304(if_allowed(saying(ALLOW, ORIGINS[0])))),
    "a format that nobody has says nothing": ("CORS-2", where(lambda p: kept(p).status == 406, without(ALLOW))),
    "a method that is not supported says nothing": (
        "CORS-2",
        lambda p: spoken(405) if p.method == "PUT" else kept(p),
    ),
    "a fault of the API says nothing": ("CORS-2", failing("reportees/r50001", spoken(500))),
    "the second origin is forgotten on private places only": (
        "CORS-2",
        where(
            lambda p: not_preflight(p) and p.header("Origin") == ORIGINS[1] and path_of(p) != "metadata",
            without(ALLOW),
        ),
    ),
    "a cache does not look at Origin": ("CORS-1", first_come(lambda p: (p.url, p.header("Accept"), p.login))),
    "a registered origin is forgotten with a cookie": (
        "CORS-2",
        where(lambda p: p.login is Login.PASSWORD, without(ALLOW)),
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
    "a stranger with a cookie": (
        "CORS-3",
        lambda p: allowing(lambda o: o != "null")(p) if p.login is Login.PASSWORD else kept(p),
    ),
    "a stranger in one format on private places": (
        "CORS-3",
        lambda p: (
            allowing(lambda o: o != "null")(p) if p.login is Login.GIVEN and accept_of(p) == FORMATS[2] else kept(p)
        ),
    ),
    "a stranger on refusals": (
        "CORS-3",
        lambda p: allowing(lambda o: o != "null")(p) if kept(p).status in (400, 401) else kept(p),
    ),
    "a stranger who has it already": (
        "CORS-3",
        lambda p: setting(tagged(p), ALLOW, p.header("Origin")) if p.header("If-None-Match") else tagged(p),
    ),
    "a stranger in preflights for POST": (
        "CORS-3",
        lambda p: (
            allowing(lambda o: o != "null")(p) if p.header("Access-Control-Request-Method") == "POST" else kept(p)
        ),
    ),
    "the second origin is a pattern": ("CORS-3", allowing(lambda o: o.endswith("skjema.eksempel.no"))),
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
    "304 has no Vary": ("CORS-6", on_304(saying("Vary", "Accept"))),
    "an error that may be kept has no Vary": (
        "CORS-6",
        where(
            lambda p: kept(p).status in (400, 401),
            lambda r: setting(setting(r, "Vary", None), "Cache-Control", "public, max-age=60"),
        ),
    ),
    "private answers have no Vary": (
        "CORS-6",
        where(not_preflight, lambda r: setting(setting(r, "Vary", None), "Cache-Control", "private, no-cache")),
    ),
    "the second origin's preflight fails on private places": (
        "CORS-7",
        where(
            lambda p: is_preflight(p) and p.header("Origin") == ORIGINS[1] and path_of(p) != "metadata",
            without(ALLOW),
        ),
    ),
    "preflight for HEAD fails": (
        "CORS-11",
        lambda p: refusal(405, "No") if p.header("Access-Control-Request-Method") == "HEAD" else kept(p),
    ),
    "preflight forgets X-Requested-With": (
        "CORS-11",
        where(is_preflight, if_allowed(saying("Access-Control-Allow-Headers", "ApiKey, Authorization"))),
    ),
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
    "304 names another registered origin",
    "304 has no Vary",
    "a fault of the API says nothing",
    "a stranger with a cookie",
    "a stranger in preflights for POST",
    "the second origin is a pattern",
    "private answers have no Vary",
    "the second origin's preflight fails on private places",
    "preflight for HEAD fails",
    "preflight forgets X-Requested-With",
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
    "nothing may be kept, and nothing says Vary": where(
        everywhere, lambda r: setting(setting(r, "Vary", None), "Cache-Control", "no-cache, no-store")
    ),
    "304 without any field of sharing, in the browser's own cache": on_304(without(ALLOW)),
    "304 with all fields": tagged,
    "a gateway refuses a method in its own words": lambda p: (
        refusal(405, "Method Not Allowed") if p.method == "PUT" else kept(p)
    ),
    "a server before the API has a page of its own for a path that nobody has": lambda p: (
        Response(404, (("Content-Type", "text/html"),), b"<html><h1>404 Not Found</h1></html>", b"Not Found")
        if p.url.endswith(asking.UNKNOWN_PATH)
        else kept(p)
    ),
    "a server before the API fails in its own words": failing(
        "reportees/r50001",
        Response(500, (("Content-Type", "text/html"),), b"<html>500</html>", b"Internal Server Error"),
    ),
    "a gateway is down": failing("reportees/r50001", refusal(502, "Bad Gateway")),
    "refusals without Vary, which no cache keeps": where(lambda p: kept(p).status in (400, 401), without("Vary")),
    "preflight allows more, for longer": where(
        is_preflight,
        if_allowed(
            lambda r: setting(
                setting(r, "Access-Control-Allow-Methods", "DELETE,GET,HEAD,PUT"), "Access-Control-Max-Age", "86400"
            )
        ),
    ),
    "no preflights where nothing stands": lambda p: (
        refusal(404, "Nothing stands there") if is_preflight(p) and path_of(p) not in THINGS else kept(p)
    ),
    "Vary in another order": where(not_preflight, saying("Vary", "accept-encoding,ORIGIN, accept")),
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


# -- look-alikes, one by one

PLACES = {
    "open": lambda p: path_of(p) == "metadata" and not_preflight(p),
    "private": lambda p: path_of(p) == "my/messages" and not_preflight(p),
    "in preflights": is_preflight,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_an_environment_that_lets_in_one_class_alone_is_found_out(name, place):
    made = look_alikes(ORIGINS[0], ORIGINS).get(name)
    if made is None:
        assert name == "unicode form"  # makes sense for names in xn-- form only
        return
    environment = allowing(lambda origin: origin == made)
    found = findings(lambda p: environment(p) if PLACES[place](p) else kept(p), "CORS-3")
    seen = [one for one in found if one.sight is Sight.UNMET]
    assert bool(seen) is (place != "in preflights" or LOOK_ALIKES[name].browsers)
    assert all(f"{made} ({name}" in one.because for one in seen)


def test_an_origin_in_xn_form_has_a_look_alike_that_is_written_out():
    made = look_alikes("https://www.xn--blbr-roah.no", ())
    assert made["unicode form"] == "https://www.bl%C3%A5b%C3%A6r.no"


def test_what_its_owner_may_have_registered_says_what_to_do():
    found = findings(allowing(lambda origin: origin == f"http://{HOST}"), "CORS-3")
    assert any("--origin" in one.because for one in found if one.sight is Sight.UNMET)
    told = findings(
        allowing(lambda origin: origin == f"http://{HOST}"),
        "CORS-3",
        replace(MEANS, origins=(*ORIGINS, f"http://{HOST}")),
    )
    assert Sight.UNMET not in sights(told)


def test_each_class_has_its_reason_and_stands_in_the_table_of_questions():
    page = (Path(__file__).parents[1] / "docs" / "questions.md").read_text(encoding="utf-8")
    for name, row in LOOK_ALIKES.items():
        assert row.why and f"| {name} |" in page, name
    for cells in asking.PLAN:
        assert "CORS-" in cells.why and f"| {cells.what} |" in page, cells.what


def test_a_cache_that_gives_one_origin_what_another_got_is_named():
    found = findings(FAULTS["a cache does not look at Origin"][1], "CORS-1")
    assert any("another registered one from a cache (Age: 7)" in one.because for one in found)


def test_answers_that_nobody_may_keep_need_no_vary_and_that_is_shown():
    found = findings(VARIATIONS["nothing may be kept, and nothing says Vary"], "CORS-6")
    assert {one.unseen for one in found} == {Unseen.INAPPLICABLE} and all(one.exchanges for one in found)


def test_preflights_that_fail_for_get_are_told_once():
    assert Sight.UNMET not in sights(findings(preflight_behind_the_key, "CORS-11"))


def test_the_documented_check_is_made_for_every_origin_that_was_given():
    many = tuple(f"https://www{number}.eksempel.no" for number in range(7))
    found = findings(kept, "CORS-1", replace(MEANS, origins=many))
    assert len(found) == len(many)


def test_a_login_that_is_used_throughout_is_not_asked_with_again():
    means = replace(MEANS, logins=(Login.PASSWORD,))
    evidence = explore(kept, contract(), rounds=((asking.ask,),), means=means).evidence()
    assert not [one for one in evidence.exchanges if one.probe.login is Login.PASSWORD]


def test_questions_stay_within_their_budget():
    evidence = explore(kept, contract(), rounds=((asking.ask,),), means=MEANS).evidence()
    asked = [one.probe for one in evidence.exchanges if one.probe.question.startswith("cors.")]
    assert 60 < len(asked) <= 170
    assert len(asked) == len({(p.method, p.url, p.login, p.headers) for p in asked})

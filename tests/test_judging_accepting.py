"""ACCEPT: RFC 9110 read row by row; each guarantee kept, broken, varied harmlessly, and with nothing to see."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from small_environment import THINGS, accept_of, chosen, kept, path_of, refusal, setting, written
from stage import explore

from samsvar.logic.asking import accepting as asking
from samsvar.logic.judging.accepting import RULES, read_accept, weight_of
from samsvar.model.contract import Contract
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML, Failure, Login, Means, Response, Stage
from samsvar.model.verdict import Sight, Unseen
from samsvar.world.documents import read_contract

MEANS = Means(key=True, login=True)
VECTORS = Path(__file__).parents[2] / "shared" / "vectors" / "conneg"


@cache
def contract() -> Contract:
    return read_contract("altinn2")


def observed_of(environment, means=MEANS):
    return explore(environment, contract(), rounds=((asking.ask,),), means=means).observed


def findings(environment, guarantee, means=MEANS):
    return tuple(RULES[guarantee](observed_of(environment, means)))


def sights(found):
    return {one.sight for one in found}


# -- RFC 9110


def vectors(name):
    path = VECTORS / name
    if not path.exists():
        pytest.skip("the public test vectors are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def weights(accept, *media_types):
    wishes = read_accept(accept)
    assert wishes is not None, accept
    return [weight_of(wishes, each) / 1000 for each in media_types]


def test_weights_agree_with_the_example_of_the_rfc():
    example = vectors("rfc9110_section12.json")["quality_example"]
    for media_type, expected in example["quality"].items():
        assert weights(example["accept"], media_type) == [expected], media_type


def test_weights_agree_with_mimeparse():
    for (media_type, accept), expected in vectors("mimeparse_testdata.json")["quality"]:
        if "*;" not in accept.replace("/*;", ""):  # a lone * is no media range
            assert weights(accept, media_type) == [expected], (media_type, accept)


def test_what_may_come_agrees_with_the_cases_for_a_server_with_json_and_xml():
    names = {JSON: "json", XML: "xml"}
    for row in vectors("rfc9110_section12.json")["cases_for_a_server_with_json_and_xml"]:
        wishes = read_accept(row["accept"] or "*/*")
        if wishes is None or not any(weight_of(wishes, each) for each in names):
            assert {"406", "xml"} <= set(row["ok"])
            continue
        best = max(weight_of(wishes, each) for each in names)
        assert {names[each] for each in names if weight_of(wishes, each) == best} <= set(row["ok"]), row


def test_headers_that_webob_refuses_are_refused_and_others_are_read():
    for table in vectors("webob_accept_tables.json")["tables"]:
        if table["class"] == "TestAccept" and "header" in table["test"]:
            for row in table["rows"]:
                if row[0].strip(", \t") and not row[0].endswith(";"):  # RFC 9110 (5.6.6) came to allow empty ones
                    assert (read_accept(row[0]) is None) is ("invalid" in table["test"]), row[0]


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("application/xml;q=0.2, application/hal+json;q=0.9", [HAL_JSON]),
        ("application/*;q=0.5, application/hal+xml", [HAL_XML]),
        ("*/*, application/hal+json;q=0.1, application/json;q=0.1, application/hal+xml;q=0.2", [XML]),
        ("application/json;q=0, */*", [HAL_JSON, HAL_XML, XML]),
        ("APPLICATION/JSON;Q=1 , application/xml;q=0.999", [JSON]),
        ("application/xml;charset=utf-8;q=0.4, application/json;q=0.3", [XML]),
    ],
)
def test_the_best_types_are_those_of_the_rfc(accept, best):
    wishes = read_accept(accept)
    top = max(weight_of(wishes, each) for each in FORMATS)
    assert [each for each in FORMATS if weight_of(wishes, each) == top] == best


@pytest.mark.parametrize("value", ["application/", "q=1", ";;;", "application/xml;q=abc", "application/json;q=2"])
def test_what_is_malformed_is_not_read(value):
    assert read_accept(value) is None


def test_every_weighted_question_has_an_answer():
    for value in asking.WEIGHTS:
        assert max(weight_of(read_accept(value), each) for each in FORMATS) > 0


# -- faults


def answering(choose):
    """Another way to choose the format: from (probe, Accept) to a media type, or to what is to be sent."""

    def environment(probe):
        thing = THINGS.get(path_of(probe))
        plain = thing is None or thing.document or probe.login is not Login.GIVEN or "filter" in probe.url
        if plain or probe.method != "GET":
            return kept(probe)
        said = choose(probe, accept_of(probe))
        if isinstance(said, Response):
            return setting(said, "Vary", "Accept, Origin")
        return setting(written(thing, said), "Vary", "Accept, Origin") if said else refusal(406, "None is wanted")

    return environment


def tempted(when, media_type):
    return answering(lambda probe, accept: media_type if when(probe) else chosen(accept))


def suffixed(probe):
    bare = probe.url.replace(".xml", "").replace(".json", "")
    said = kept(replace(probe, url=bare))
    thing = THINGS.get(path_of(replace(probe, url=bare)))
    if bare != probe.url and said.status == 200 and thing is not None:
        return written(thing, XML if ".xml" in probe.url else JSON)
    return said


def sticky():
    """The format that was asked for last time comes again if the URL was asked for just before."""
    last: dict[str, str] = {}

    def choose(probe, accept):
        before = last.get(probe.url)
        last[probe.url] = chosen(accept) or ""
        return before if before and probe.question == "accept.series" else chosen(accept)

    return answering(choose)


def echoing():
    """Where nothing is wanted, what was given last."""
    last = [JSON]

    def choose(probe, accept):
        last[0] = last[0] if accept in (None, "*/*") else chosen(accept) or last[0]
        return last[0] if accept in (None, "*/*") else chosen(accept)

    return answering(choose)


def cached():
    """A cache that looks at the URL only."""
    kept_answers: dict[str, Response] = {}

    def environment(probe):
        if probe.method != "GET" or probe.login is not Login.GIVEN:
            return kept(probe)
        said = kept_answers.get(probe.url) or kept(probe)
        if said.status == 200:
            kept_answers[probe.url] = said
        return said

    return environment


def naive(accept):
    """The first media type that is named at all."""
    if accept is None:
        return JSON
    found = [each for each in FORMATS if each in accept.lower()]
    return min(found, key=accept.lower().index) if found else (JSON if "*" in accept else None)


def no_zero(accept):
    """A weight of nothing is taken for no weight."""
    return JSON if accept and "application/json;q=0, */*" in accept else chosen(accept)


def alternating():
    turn = iter(range(10**6))
    return answering(lambda probe, accept: FORMATS[next(turn) % 4] if accept in ("*/*", None) else chosen(accept))


def dressed(media_type, label):
    """A body of one type under the name of another."""

    def choose(probe, accept):
        if accept not in ("*/*", None):
            return chosen(accept)
        return written(THINGS[path_of(probe)], media_type, label)

    return answering(choose)


def on_nonsense(answer):
    """What is said to an Accept that gives none of the formats."""

    def choose(probe, accept):
        return chosen(accept) or (answer(probe, accept) if callable(answer) else answer)

    return answering(choose)


def echoed(probe, accept):
    """The first type that was asked for becomes the label, whatever the body is."""
    return written(THINGS[path_of(probe)], HAL_JSON, accept.split(",")[0].split(";")[0])


def labelled(label, body, status=406):
    return Response(status, (("Content-Type", label),) if label else (), body, b"Not Acceptable")


def etag(make):
    def environment(probe):
        said = kept(probe)
        return setting(said, "ETag", make(probe, said)) if said.status == 200 else said

    return environment


FAULTS = {
    "a suffix decides": ("ACCEPT-1", suffixed),
    "a parameter decides": ("ACCEPT-1", tempted(lambda p: "?format=xml" in p.url or "&format=xml" in p.url, XML)),
    "$format decides": ("ACCEPT-1", tempted(lambda p: "$format=json" in p.url, JSON)),
    "Content-Type decides": (
        "ACCEPT-1",
        tempted(lambda p: p.header("Content-Type") == "application/json", JSON),
    ),
    "a browser gets JSON": ("ACCEPT-1", tempted(lambda p: "Mozilla" in (p.header("User-Agent") or ""), JSON)),
    "a browser gets HTML": (
        "ACCEPT-1",
        answering(
            lambda p, a: (
                labelled("text/html", b"<html></html>", 200)
                if "Mozilla" in (p.header("User-Agent") or "")
                else chosen(a)
            )
        ),
    ),
    "X-Requested-With decides": ("ACCEPT-1", tempted(lambda p: bool(p.header("X-Requested-With")), JSON)),
    "Accept-Language decides": ("ACCEPT-1", tempted(lambda p: bool(p.header("Accept-Language")), XML)),
    "the last request decides": ("ACCEPT-1", sticky()),
    "the default is what came last": ("ACCEPT-1", echoing()),
    "a cache decides": ("ACCEPT-1", cached()),
    "case matters": ("ACCEPT-2", answering(lambda p, a: chosen(a) if a is None or a == a.lower() else None)),
    "another case gives the default": (
        "ACCEPT-2",
        answering(lambda p, a: chosen(a) if a is None or a == a.lower() else JSON),
    ),
    "only the documented case is unknown": (
        "ACCEPT-2",
        answering(lambda p, a: JSON if a == "application/HAL+json" else chosen(a)),
    ),
    "another case is a crash": (
        "ACCEPT-2",
        answering(lambda p, a: chosen(a) if a is None or a == a.lower() else refusal(500, "Oops")),
    ),
    "the first one named comes": ("ACCEPT-3", answering(lambda p, a: naive(a))),
    "q=0 is no weight": ("ACCEPT-3", answering(lambda p, a: no_zero(a))),
    "weights are cut to one digit": (
        "ACCEPT-3",
        answering(lambda p, a: chosen(a.replace("0.998", "0.9").replace("0.999", "0.9")) if a else chosen(a)),
    ),
    "a wildcard wins over a type": (
        "ACCEPT-3",
        answering(lambda p, a: JSON if a and "application/*;q=0.5" in a else chosen(a)),
    ),
    "a list of types is refused": (
        "ACCEPT-3",
        answering(lambda p, a: None if a and "," in a and "*" not in a else chosen(a)),
    ),
    "blanks are not understood": (
        "ACCEPT-3",
        answering(lambda p, a: XML if a and " ;  q" in a else chosen(a)),
    ),
    "a wildcard gives now this and now that": ("ACCEPT-4", alternating()),
    "a wildcard is refused": ("ACCEPT-4", answering(lambda p, a: None if a == "*/*" else chosen(a))),
    "no Accept is a crash": ("ACCEPT-4", answering(lambda p, a: refusal(500, "Oops") if a is None else chosen(a))),
    "no Accept gives a page": (
        "ACCEPT-4",
        answering(lambda p, a: labelled("text/html", b"<html></html>", 200) if a is None else chosen(a)),
    ),
    "the default has no label": (
        "ACCEPT-4",
        answering(lambda p, a: labelled("", b"{}", 200) if a is None else chosen(a)),
    ),
    "XML under the name of JSON": ("ACCEPT-4", dressed(XML, JSON)),
    "HAL under the name of JSON": ("ACCEPT-4", dressed(HAL_JSON, JSON)),
    "plain JSON under the name of HAL": ("ACCEPT-4", dressed(JSON, HAL_JSON)),
    "the second place has another default": (
        "ACCEPT-4",
        answering(lambda p, a: XML if a is None and "a100002" in p.url else chosen(a)),
    ),
    "nonsense is a crash": ("ACCEPT-5", on_nonsense(refusal(500, "Oops"))),
    "a broken weight is a crash": (
        "ACCEPT-5",
        answering(lambda p, a: refusal(500, "ValueError") if a and "q=abc" in a else chosen(a)),
    ),
    "the wish becomes the label": ("ACCEPT-5", on_nonsense(echoed)),
    "the refusal has no label": ("ACCEPT-5", on_nonsense(labelled("", b"Not acceptable"))),
    "the refusal is not the JSON it says": ("ACCEPT-5", on_nonsense(labelled("application/json", b"Not acceptable"))),
    "nonsense gives an empty success": ("ACCEPT-5", on_nonsense(Response(200, (), b"", b"OK"))),
    "nonsense gives plain text": ("ACCEPT-5", on_nonsense(labelled("text/plain", b"Hello", 200))),
    "an image gives what is not the default": ("ACCEPT-5", on_nonsense(lambda p, a: HAL_XML)),
    "JSON under the name of HTML": (
        "ACCEPT-5",
        answering(lambda p, a: labelled("text/html", b'{"a": 1}', 200) if a and "text/html" in a else chosen(a)),
    ),
    "no Vary": ("ACCEPT-6", lambda p: setting(kept(p), "Vary", None)),
    "Vary names Accept-Encoding only": ("ACCEPT-6", lambda p: setting(kept(p), "Vary", "Accept-Encoding")),
    "Vary is missing in one format": (
        "ACCEPT-6",
        lambda p: setting(kept(p), "Vary", None) if accept_of(p) == XML else kept(p),
    ),
    "one ETag per place": ("ACCEPT-7", etag(lambda p, said: f'"{len(path_of(p))}"')),
    "the HAL formats share an ETag": (
        "ACCEPT-7",
        etag(lambda p, said: '"h"' if "hal" in str(said.first("Content-Type")) else f'"{len(said.body)}"'),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen_in_its_own_guarantee(name):
    guarantee, environment = FAULTS[name]
    assert Sight.UNMET in sights(findings(environment, guarantee))


ALONE = (
    "a suffix decides",
    "$format decides",
    "Accept-Language decides",
    "the last request decides",
    "case matters",
    "weights are cut to one digit",
    "a wildcard is refused",
    "the second place has another default",
    "a broken weight is a crash",
    "the refusal has no label",
    "Vary is missing in one format",
    "one ETag per place",
)


@pytest.mark.parametrize("name", ALONE)
def test_a_fault_shows_in_no_other_guarantee(name):
    guarantee, environment = FAULTS[name]
    observed = observed_of(environment)
    assert {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))} == {guarantee}


def test_the_kept_environment_meets_every_guarantee():
    observed = observed_of(etag(lambda p, said: f'"{len(said.body)}-{said.first("Content-Type")}"'))
    assert {id_: sights(rule(observed)) - {Sight.UNSEEN} for id_, rule in RULES.items()} == {
        id_: {Sight.MET} for id_ in RULES
    }


# -- harmless variations


def drops(probe):
    """Long header fields close the connection."""
    long = len(accept_of(probe) or "") > 1000
    return Failure(Stage.RECEIVE, "the connection was closed") if long else kept(probe)


BROWSER_PAGE = labelled("text/html", b"<!DOCTYPE html><html><body>Logg inn</body></html>", 200)

VARIATIONS = {
    "the default is HAL": answering(lambda p, a: HAL_JSON if a in (None, "*/*") else chosen(a)),
    "a wildcard and no Accept differ": answering(lambda p, a: XML if a is None else chosen(a)),
    "ties go to XML": answering(
        lambda p, a: (
            None
            if a is not None and chosen(a) is None
            else max(reversed(FORMATS), key=lambda each: weight_of(read_accept(a or "*/*") or (), each))
        )
    ),
    "nonsense gives the default": on_nonsense(lambda p, a: JSON),
    "nonsense is refused with 400 and a text": on_nonsense(labelled("text/plain; charset=utf-8", b"What?", 400)),
    "nonsense is refused with an error in JSON": on_nonsense(labelled("application/json", b'{"ErrorCode": 1}', 406)),
    "browsers get a login page": answering(lambda p, a: BROWSER_PAGE if a and "text/html" in a else chosen(a)),
    "browsers get HAL": answering(lambda p, a: HAL_JSON if a and "text/html" in a else chosen(a)),
    "unknown parameters are refused": lambda p: refusal(400, "Unknown parameter") if "format=" in p.url else kept(p),
    "a page for every unknown path": lambda p: BROWSER_PAGE if kept(p).status == 404 else kept(p),
    "labels without charset": lambda p: (
        setting(kept(p), "Content-Type", str(kept(p).first("Content-Type")).partition(";")[0])
        if kept(p).status == 200
        else kept(p)
    ),
    "labels in another case": lambda p: (
        setting(kept(p), "Content-Type", str(kept(p).first("Content-Type")).upper())
        if kept(p).status == 200
        else kept(p)
    ),
    "only JSON formats": answering(lambda p, a: chosen(a) if chosen(a) in (HAL_JSON, JSON) else None),
    "busy for a while": lambda p: refusal(503, "Later") if p.question.startswith("accept.") else kept(p),
    "weak ETags": etag(lambda p, said: 'W/"1"'),
    "ETags per format": etag(lambda p, said: f'"{len(said.body)}-{said.first("Content-Type")}"'),
    "long fields are dropped": drops,
    "Vary is everything": lambda p: setting(kept(p), "Vary", "*"),
    "more formats": answering(
        lambda p, a: labelled("image/png", b"\x89PNG synthetic", 200) if a and a.startswith("image/png") else chosen(a)
    ),
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_harmless_variation_breaks_nothing(name):
    observed = observed_of(VARIATIONS[name])
    assert {id_ for id_, rule in RULES.items() if Sight.UNMET in sights(rule(observed))} == set()


def test_a_format_that_never_comes_is_not_judged_here():
    def environment(probe):
        return answering(lambda p, a: HAL_JSON if chosen(a) == XML else chosen(a))(probe)

    observed = observed_of(environment)
    assert {id_ for id_ in ("ACCEPT-1", "ACCEPT-2", "ACCEPT-3") if Sight.UNMET in sights(RULES[id_](observed))} == set()


def test_no_strong_etag_is_inapplicable_with_proof():
    (only,) = findings(kept, "ACCEPT-7")
    assert only.unseen is Unseen.INAPPLICABLE and only.exchanges


@pytest.mark.parametrize("guarantee", RULES)
def test_an_environment_that_is_not_there_shows_nothing(guarantee):
    found = findings(lambda probe: refusal(404, "Nothing here"), guarantee)
    assert sights(found) <= {Sight.UNSEEN}


def test_questions_stay_within_their_budget():
    evidence = explore(kept, contract(), rounds=((asking.ask,),), means=MEANS).evidence()
    asked = [one.probe for one in evidence.exchanges if one.probe.question.startswith("accept.")]
    assert 60 < len(asked) <= 160

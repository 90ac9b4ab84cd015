"""HTTP-1 to HTTP-4: kept, each defect crude and subtle, harmless variations, nothing to see."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

import pytest
from small_environment import kept, path_of, refusal, setting
from stage import ROOT, explore

from samsvar.logic.asking import faults
from samsvar.logic.asking.faults import nobodys, with_segment
from samsvar.logic.judging.faults import RULES
from samsvar.logic.observing import Observed
from samsvar.model.exchange import HAL_JSON, JSON, XML, Exchange, Failure, Means, Probe, Response, Stage
from samsvar.model.verdict import Finding, Sight, Unseen
from samsvar.world.documents import read_contract

CONTRACT = read_contract("altinn2")
Said = Response | Failure
Environment = Callable[[Probe], Said]


def tagged(probe: Probe) -> Response:
    """The kept environment with validators."""
    said = kept(probe)
    if said.status != 200:
        return said
    tag = f'"{hashlib.sha256(said.body).hexdigest()[:16]}"'
    said = setting(setting(said, "ETag", tag), "Last-Modified", "Mon, 01 Sep 2025 10:00:00 GMT")
    known = probe.header("If-None-Match") == tag or (probe.header("If-Modified-Since") or "").startswith("Mon, 01 Sep")
    return replace(said, status=304, body=b"", reason=b"Not Modified") if known else said


def see(environment: Environment, means: Means | None = None) -> Observed:
    return explore(environment, CONTRACT, rounds=((faults.ask,),), means=means).observed


def judged(guarantee: str, environment: Environment) -> tuple[Finding, ...]:
    return tuple(RULES[guarantee](see(environment)))


def sights(findings: tuple[Finding, ...]) -> set[Sight]:
    return {one.sight for one in findings}


def reasons(findings: tuple[Finding, ...]) -> str:
    return "; ".join(f"{one.because} ({one.observed})" for one in findings if one.sight is not Sight.MET)


@pytest.mark.parametrize("guarantee", RULES)
def test_an_environment_that_keeps_the_contract_is_met(guarantee: str) -> None:
    findings = judged(guarantee, tagged)
    assert Sight.MET in sights(findings)
    assert Sight.UNMET not in sights(findings), reasons(findings)


def instead(when: Callable[[Probe, Response], bool], change: Callable[[Probe, Response], Said]) -> Environment:
    """The kept environment, with some of its answers changed."""

    def environment(probe: Probe) -> Said:
        said = tagged(probe)
        return change(probe, said) if when(probe, said) else said

    return environment


def unknown(probe: Probe, said: Response) -> bool:
    return said.status == 404


def unknown_message(probe: Probe, said: Response) -> bool:
    return said.status == 404 and "/messages/a" in probe.url


def error(body: object, status: int = 200, media_type: str = JSON, reason: bytes = b"") -> Response:
    return Response(status, (("Content-Type", media_type),), json.dumps(body).encode(), reason)


def with_phrase(status: int, phrase: str) -> Callable[[Probe, Response], Said]:
    return lambda probe, said: replace(said, status=status, reason=phrase.encode())


def with_body(text: str, media_type: str = "text/plain") -> Callable[[Probe, Response], Said]:
    return lambda probe, said: replace(said, body=text.encode(), headers=(("Content-Type", media_type),))


def anything(probe: Probe, said: Response) -> bool:
    return said.status == 200


def attachment(probe: Probe, said: Response) -> bool:
    return said.status == 200 and "/attachments/" in probe.url


def failing(stage: Stage, response: bool = True) -> Callable[[Probe, Response], Said]:
    return lambda probe, said: Failure(stage, "the body is not what it says", said if response else None)


def redirected(probe: Probe, said: Response) -> Response:
    return Response(302, (("Location", "https://login.example/"),), reason=b"Found")


DEFECTS: Mapping[str, tuple[str, Environment]] = {
    "unknown path crashes": ("HTTP-1", instead(unknown, with_phrase(500, "Out of order"))),
    "unknown path is 200": ("HTTP-1", instead(unknown, lambda p, s: error({"ErrorCode": 1, "ErrorMessage": "None"}))),
    "unknown path is 403": (
        "HTTP-1",
        instead(lambda p, s: unknown(p, s) and "no-such" in p.url, with_phrase(403, "Not for you")),
    ),
    "unknown path leads to a login page": ("HTTP-1", instead(unknown, redirected)),
    "unknown path is 200 in XML only": (
        "HTTP-1",
        instead(
            lambda p, s: unknown(p, s) and p.header("Accept") == XML,
            lambda p, s: Response(200, (("Content-Type", XML),), b"<Error><Message>None</Message></Error>"),
        ),
    ),
    "unknown message is an empty 200": (
        "HTTP-1",
        instead(unknown_message, lambda p, s: error({}, media_type=HAL_JSON)),
    ),
    "unknown message is 204": ("HTTP-1", instead(unknown_message, lambda p, s: Response(204))),
    "unknown message is 500": ("HTTP-1", instead(unknown_message, with_phrase(500, "Out of order"))),
    "a bad language crashes": (
        "HTTP-1",
        instead(lambda p, s: "language=samsvar" in p.url, with_phrase(500, "Out of order")),
    ),
    "one message holds an error": (
        "HTTP-1",
        instead(
            lambda p, s: path_of(p) == "my/messages/a100002" and p.header("Accept") == JSON,
            lambda p, s: error({"ErrorCode": 40332, "ErrorMessage": "Something went wrong"}),
        ),
    ),
    "a list of errors": (
        "HTTP-1",
        instead(lambda p, s: path_of(p) == "reportees", lambda p, s: error([{"ErrorCode": "1", "ErrorMessage": "No"}])),
    ),
    "a page says that something failed": (
        "HTTP-1",
        instead(lambda p, s: path_of(p) == "reportees", with_body("<title>Feil 500</title>", "text/html")),
    ),
    "cut short": ("HTTP-2", instead(anything, failing(Stage.FRAMING))),
    "only attachments are cut short": ("HTTP-2", instead(attachment, failing(Stage.FRAMING))),
    "gzip is broken": ("HTTP-2", instead(attachment, failing(Stage.ENCODING))),
    "the connection breaks in the body": ("HTTP-2", instead(attachment, failing(Stage.RECEIVE))),
    "a wrong length": (
        "HTTP-2",
        instead(attachment, lambda p, s: replace(setting(s, "Content-Length", "7"), wire_length=9)),
    ),
    "two lengths": (
        "HTTP-2",
        instead(attachment, lambda p, s: replace(s, headers=(("Content-Length", "7"), ("Content-Length", "8")))),
    ),
    "a coding that nobody knows": (
        "HTTP-2",
        instead(attachment, lambda p, s: setting(s, "Content-Encoding", "secret")),
    ),
    "compressed and not said": (
        "HTTP-2",
        instead(lambda p, s: path_of(p) == "reportees", lambda p, s: replace(s, body=b"\x1f\x8b\x08\x00rest")),
    ),
    "a bare 400": ("HTTP-3", instead(unknown_message, with_phrase(400, "Bad Request"))),
    "a 400 without phrase": ("HTTP-3", instead(unknown_message, with_phrase(400, ""))),
    "a 400 whose message is empty": (
        "HTTP-3",
        instead(unknown_message, lambda p, s: error({"ErrorCode": 1, "ErrorMessage": ""}, 400, reason=b"Bad Request")),
    ),
    "a stack trace of .NET": (
        "HTTP-3",
        instead(unknown, with_body("It failed\n   at Box.Core.Reader.Find(String id) in Reader.cs:line 20")),
    ),
    "a stack trace of Java": ("HTTP-3", instead(unknown, with_body("Oops\n\tat no.box.Reader.find(Reader.java:20)"))),
    "a stack trace of Python": (
        "HTTP-3",
        instead(unknown, with_body('Traceback (most recent call last):\n  File "x.py", line 2\nKeyError: 7')),
    ),
    "an exception in the phrase": ("HTTP-3", instead(unknown, with_phrase(404, "System.NullReferenceException"))),
    "a file path": ("HTTP-3", instead(unknown, with_body("No file at C:\\inetpub\\box\\message.xml"))),
    "another file path": ("HTTP-3", instead(unknown, with_body("cannot open /var/lib/box/7.xml"))),
    "a statement": ("HTTP-3", instead(unknown, with_body("Failed: SELECT id, text FROM messages WHERE id = 7"))),
    "an inner host": ("HTTP-3", instead(unknown, with_body("No answer from db01.altinn.local:1433"))),
    "an inner address": ("HTTP-3", instead(unknown, with_body("No answer from 10.20.30.40"))),
    "any tag is 304": (
        "HTTP-4",
        instead(lambda p, s: p.header("If-None-Match") is not None, lambda p, s: Response(304)),
    ),
    "a tag is never heeded": (
        "HTTP-4",
        lambda p: tagged(replace(p, headers=tuple(one for one in p.headers if one[0] != "If-None-Match"))),
    ),
    "304 with a body": ("HTTP-4", instead(lambda p, s: s.status == 304, lambda p, s: replace(s, body=b"more"))),
    "a conditional request crashes": (
        "HTTP-4",
        instead(lambda p, s: p.question.startswith("validator"), with_phrase(500, "Out of order")),
    ),
    "nothing changed since any date": (
        "HTTP-4",
        instead(lambda p, s: p.header("If-Modified-Since") is not None, lambda p, s: Response(304)),
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_unmet_in_its_guarantee(name: str) -> None:
    guarantee, environment = DEFECTS[name]
    findings = judged(guarantee, environment)
    assert Sight.UNMET in sights(findings), reasons(findings)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_unmet_in_no_other_guarantee(name: str) -> None:
    own, environment = DEFECTS[name]
    observed = see(environment)
    others = {
        guarantee
        for guarantee, rule in RULES.items()
        if guarantee != own and any(one.sight is Sight.UNMET for one in rule(observed))
    }
    assert not others


def test_a_tag_that_is_new_each_time_is_unmet() -> None:
    count = iter(range(10**6))

    def environment(probe: Probe) -> Response:
        said = kept(probe)
        return setting(said, "ETag", f'"{next(count)}"') if said.status == 200 else said

    assert Sight.UNMET in sights(judged("HTTP-4", environment))


def test_an_old_tag_on_new_content_is_unmet() -> None:
    count = iter(range(10**6))

    def environment(probe: Probe) -> Response:
        said = setting(kept(probe), "ETag", '"1"')
        if path_of(probe) != "my/messages/a100002" or probe.header("Accept") != HAL_JSON or said.status != 200:
            return said
        return replace(said, body=said.body.replace(b"Melding om", b"Melding %d om" % next(count)))

    findings = judged("HTTP-4", environment)
    assert any("ETag did not" in one.because for one in findings), reasons(findings)


def moved(probe: Probe) -> Response:
    """Everything lies elsewhere; each request is redirected there first."""
    elsewhere = probe.url.replace("/api/", "/api/v2/")
    if "/api/v2" not in probe.url:
        return Response(302, (("Location", elsewhere),), reason=b"Found")
    return tagged(replace(probe, url=probe.url.replace("/api/v2", "/api")))


def says(text: str) -> Environment:
    return instead(unknown, lambda p, s: error({"ErrorCode": 1, "ErrorMessage": text}, 404, reason=b"Not Found"))


def weakly(probe: Probe) -> Response:
    """The same validators, called weak."""
    fields = tuple((name, value.removeprefix("W/")) for name, value in probe.headers)
    said = tagged(replace(probe, headers=fields))
    tag = said.first("ETag")
    return setting(said, "ETag", f"W/{tag}") if tag else said


VARIATIONS: Mapping[str, Environment] = {
    "unknown ids are 403": instead(unknown_message, with_phrase(403, "Not for you")),
    "unknown ids are 400": instead(unknown_message, with_phrase(400, "That is no id")),
    "an unknown id finds an empty list": instead(
        unknown_message, lambda p, s: error({"_embedded": {"messages": []}}, media_type=HAL_JSON)
    ),
    "404 with its standard phrase": instead(unknown, with_phrase(404, "Not Found")),
    "HTTP/2 has no phrases": lambda p: replace(tagged(p), reason=b"", version="HTTP/2"),
    "errors as problem details": instead(
        unknown,
        lambda p, s: error({"title": "No such thing", "status": 404}, 404, "application/problem+json", b"Not Found"),
    ),
    "errors as a page": instead(unknown, with_body("<html><p>There is no such message here</p></html>", "text/html")),
    "the server's own model in an OData message": says(
        "Could not find property named 'ValidTil' on type 'Altinn.SBL.AltinnWebAPI.Models.ServiceMetaData'"
    ),
    "words that look like insides": says(
        "Select one from /api/my/messages, or look at www.altinn.no/help (in Norwegian)"
    ),
    "redirects inside": moved,
    "no validators": kept,
    "validators that are weak": weakly,
    "dates are left out of account": lambda p: tagged(
        replace(p, headers=tuple(one for one in p.headers if one[0] != "If-Modified-Since"))
    ),
    "more members that sound like errors": instead(
        lambda p, s: s.status == 200 and (p.header("Accept") or "").endswith("json"),
        lambda p, s: replace(s, body=s.body.replace(b'{"MessageId"', b'{"ErrorCode": 0, "Message": "", "MessageId"')),
    ),
    "an attachment about errors": instead(
        attachment, lambda p, s: error({"ErrorCode": 1, "ErrorMessage": "an example for developers"})
    ),
    "a length that is right": lambda p: replace(
        setting(tagged(p), "Content-Length", str(len(tagged(p).body))), wire_length=len(tagged(p).body)
    ),
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_harmless_variations_fail_nothing(name: str) -> None:
    observed = see(VARIATIONS[name])
    for guarantee, rule in RULES.items():
        findings = tuple(rule(observed))
        assert Sight.UNMET not in sights(findings), f"{guarantee}: {reasons(findings)}"


def test_without_validators_there_is_nothing_to_see_and_the_readings_prove_it() -> None:
    (finding,) = judged("HTTP-4", kept)
    assert (finding.unseen, bool(finding.exchanges)) == (Unseen.INAPPLICABLE, True)


@pytest.mark.parametrize("guarantee", RULES)
def test_nothing_is_told_where_nothing_answers(guarantee: str) -> None:
    findings = judged(guarantee, lambda _probe: Failure(Stage.CONNECT, "nobody is there"))
    assert sights(findings) <= {Sight.UNSEEN}


def test_a_stranger_who_is_refused_first_tells_nothing_of_unknown_paths() -> None:
    environment = instead(unknown, lambda p, s: refusal(400, "Required header 'ApiKey' is missing."))
    findings = tuple(RULES["HTTP-1"](see(environment, Means())))
    assert Sight.UNMET not in sights(findings), reasons(findings)


def test_questions_about_faults_are_few() -> None:
    requests = see(tagged).requests()
    asked = {question: count for question, count in requests.items() if question not in ("read", "follow", "page")}
    assert sum(asked.values()) <= 60, asked


@pytest.mark.parametrize(
    ("example", "known", "given"),
    [
        ("a100001", (), "a999999999"),
        ("999999999", ("999999999",), "888888887"),
        ("r50001", ("r999999999", "r888888887"), "r777777776"),
        ("ASF_Land", (), "ASF_Land-samsvar-no-such-resource"),
        ("", (), "samsvar-no-such-resource"),
    ],
)
def test_an_id_that_nobody_has_looks_like_the_others(example: str, known: tuple[str, ...], given: str) -> None:
    assert nobodys(example, known) == given


def test_the_last_segment_that_is_the_key_is_replaced() -> None:
    assert with_segment("https://x/4/a/4?b=4", "4", "9") == "https://x/4/a/9?b=4"
    assert with_segment("https://x/opaque", "4", "9") is None


def test_a_caller_without_login_is_not_told_that_the_server_failed() -> None:
    from samsvar.logic.asking import access

    def crashing(probe: Probe) -> Said:
        said = tagged(probe)
        return refusal(500, "Out of order") if said.status == 401 else said

    for environment, wanted in ((tagged, False), (crashing, True)):
        observed = explore(environment, CONTRACT, rounds=((faults.ask, access.ask),)).observed
        findings = tuple(RULES["HTTP-1"](observed))
        assert (Sight.UNMET in sights(findings)) is wanted, reasons(findings)


@pytest.mark.parametrize(
    ("asked", "said", "shows"),
    [
        ("/var/lib/x", "the language /var/lib/x is not known", False),
        ("{6\u00af\\8\\\\9", "the language {6\u00af\\8\\\\9 is not known", False),
        ("\u00af\\x", "\u00af\\x is no language", False),
        ("/var/lib/x", "cannot open /var/lib/y", True),
        ("1033", "cannot open /var/lib/1033", True),
    ],
)
def test_an_error_may_repeat_what_was_asked(asked: str, said: str, shows: bool) -> None:
    observed = see(kept)
    url = f"{ROOT}/metadata?language={quote(asked, safe='')}"
    body = json.dumps({"ErrorMessage": said}).encode()
    answer = Response(400, (("Content-Type", JSON),), body, b"Bad Request")
    observed.add(Exchange(len(observed.readings) + 1, Probe("walk.read", url), answer))
    assert (Sight.UNMET in sights(RULES["HTTP-3"](observed))) is shows


def test_a_date_that_no_clock_can_hold_says_nothing() -> None:
    def dated(probe: Probe) -> Said:
        return setting(tagged(probe), "Last-Modified", "Mon, 01 Jan 99999999999 00:00:00 GMT")

    assert Sight.UNMET not in sights(judged("HTTP-4", dated))

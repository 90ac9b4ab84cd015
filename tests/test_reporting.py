"""A run told in several ways: each says the same, none says more than was seen, and nothing of a target breaks out."""

import json
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from reports import NASTY, ROOT, every_outcome, exchange, finding, guarantee, judgement, report

import samsvar
from samsvar.logic.reporting.commands import curl, pasted, powershell, safe
from samsvar.logic.reporting.console import summary_lines, verdict_line
from samsvar.logic.reporting.document import judgement_document, judgement_from, report_document
from samsvar.logic.reporting.explaining import explanation, listing
from samsvar.logic.reporting.junit import CASES, junit
from samsvar.logic.reporting.page import MOST_BODY, page
from samsvar.logic.reporting.sarif import LEVELS, MOST_RESULTS, sarif
from samsvar.model.contract import Level
from samsvar.model.exchange import Login, Probe, Response, Target, TargetKind
from samsvar.model.verdict import Outcome, Report, Verdict


def schema() -> dict[str, object]:
    folders = [Path(folder) / "contracts" / "schema" for folder in samsvar.__path__]
    found = next(folder for folder in folders if folder.is_dir()) / "results.schema.json"
    return json.loads(found.read_text(encoding="utf-8"))


def element(parent: ElementTree.Element, path: str) -> ElementTree.Element:
    found = parent.find(path)
    assert found is not None, path
    return found


# -- the JSON document ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [every_outcome(), every_outcome(NASTY), report(verdict=Verdict.INCONCLUSIVE)])
def test_the_results_document_fits_its_schema(made: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(json.dumps(report_document(made))), schema())


def test_the_schema_refuses_a_member_that_it_does_not_know() -> None:
    document = report_document(every_outcome()) | {"new": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_the_schema_refuses_a_guarantee_that_is_kept_without_an_observation() -> None:
    document = report_document(report(replace(judgement(Outcome.KEPT), asked=0)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


@pytest.mark.parametrize("outcome", Outcome)
def test_a_judgement_survives_its_document(outcome: Outcome) -> None:
    told = judgement(outcome)
    assert judgement_from(json.loads(json.dumps(judgement_document(told))), told.guarantee) == told


# -- JUnit ------------------------------------------------------------------------------------------------------------

TOLD_AS = {
    Outcome.KEPT: "",
    Outcome.BROKEN: "failure",
    Outcome.DISCOURAGED: "",
    Outcome.NOTED: "",
    Outcome.UNTESTED: "skipped",
    Outcome.INAPPLICABLE: "skipped",
    Outcome.UNSTABLE: "skipped",
    Outcome.WAIVED: "skipped",
}


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_is_one_kind_of_junit_result(outcome: Outcome) -> None:
    root = ElementTree.fromstring(junit(report(judgement(outcome))))
    case = element(root, ".//testcase")
    kinds = [child.tag for child in case if child.tag in ("failure", "skipped", "error")]
    assert kinds == ([TOLD_AS[outcome]] if TOLD_AS[outcome] else [])
    assert case.attrib["classname"] == "FORMAT"
    assert {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}["outcome"] == outcome.value


def test_junit_has_a_way_to_tell_every_outcome() -> None:
    assert set(CASES) == set(Outcome)


def test_an_inconclusive_run_is_not_green_in_junit() -> None:
    kept = report(judgement(Outcome.KEPT), verdict=Verdict.INCONCLUSIVE)
    root = ElementTree.fromstring(junit(kept))
    assert root.attrib["errors"] == "1"
    assert element(root, ".//error").attrib["message"] == "the reason"


def test_junit_counts_what_it_holds() -> None:
    suite = next(iter(junitparser.JUnitXml.fromstring(junit(every_outcome()).encode())))
    assert (suite.tests, suite.failures, suite.skipped, suite.errors) == (8, 1, 4, 0)


def test_junit_stays_xml_whatever_a_target_says() -> None:
    made = junit(report(judgement(Outcome.BROKEN, text=NASTY)))
    text = element(ElementTree.fromstring(made.encode("utf-8")), ".//failure").text or ""
    assert "<script>" in text
    assert "\\u001b" in text and "\x1b" not in text


def test_a_failure_in_junit_has_all_that_is_needed() -> None:
    text = element(ElementTree.fromstring(junit(every_outcome())), ".//failure").text or ""
    for part in ("Message b0", "my/messages > self", "application/xml", "expected", "observed", "Mend FORMAT-2."):
        assert part in text


# -- SARIF ------------------------------------------------------------------------------------------------------------


def test_sarif_has_a_result_for_every_finding_that_is_not_met() -> None:
    made = report(judgement(Outcome.BROKEN, count=3), judgement(Outcome.DISCOURAGED), judgement(Outcome.NOTED))
    run = sarif(made)["runs"][0]
    assert [one["level"] for one in run["results"]] == ["error", "error", "error", "warning", "note"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_sarif_says_what_was_not_tested_without_making_it_a_result() -> None:
    run = sarif(report(judgement(Outcome.UNTESTED), verdict=Verdict.INCONCLUSIVE))["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False
    said = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert said[0] == "inconclusive: the reason" and "FORMAT-5 untested" in said[1]


def test_a_waived_finding_is_suppressed_in_sarif_with_its_reason() -> None:
    (result,) = sarif(report(judgement(Outcome.WAIVED)))["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "because of it differs"}]


def test_sarif_stays_below_the_limit_and_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_RESULTS == 25_000
    monkeypatch.setattr("samsvar.logic.reporting.sarif.MOST_RESULTS", 10)
    run = sarif(report(judgement(Outcome.BROKEN, count=15)))["runs"][0]
    assert len(run["results"]) == 10
    assert "5 more results" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_the_same_finding_has_the_same_fingerprint_when_its_url_moved() -> None:
    here, there = judgement(Outcome.BROKEN), judgement(Outcome.BROKEN)
    there = replace(there, findings=tuple(replace(one, url=f"{ROOT}/elsewhere") for one in there.findings))
    prints = [sarif(report(one))["runs"][0]["results"][0]["partialFingerprints"] for one in (here, there)]
    other = sarif(report(judgement(Outcome.BROKEN, text="else")))["runs"][0]["results"][0]["partialFingerprints"]
    assert prints[0] == prints[1] != other


def test_a_location_in_sarif_is_a_uri() -> None:
    broken = replace(judgement(Outcome.BROKEN), findings=(finding(url=f"{ROOT}/a b\u202eæ"),))
    (result,) = sarif(report(broken))["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"{ROOT}/a%20b%E2%80%AE%C3%A6"


def test_every_outcome_with_findings_has_a_sarif_level() -> None:
    assert set(LEVELS) == {Outcome.BROKEN, Outcome.DISCOURAGED, Outcome.NOTED, Outcome.WAIVED}


# -- the page ---------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """What is in a page: its tags with attributes, and that they are closed in order."""

    VOID = frozenset(("meta", "br"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_one_file_that_runs_and_fetches_nothing() -> None:
    found = Tags(page(every_outcome(NASTY), [exchange()]))
    assert found.open == []
    names = {tag for tag, _ in found.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "form", "input"}
    assert not any(name.startswith("on") or name == "src" for _, attrs in found.tags for name in attrs)
    assert all((attrs.get("href") or "#").startswith("#") for tag, attrs in found.tags if tag == "a")
    policy = next(attrs["content"] for _, attrs in found.tags if attrs.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_every_link_inside_the_page_leads_somewhere() -> None:
    found = Tags(page(every_outcome(), [exchange()]))
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {(attrs["href"] or "")[1:] for tag, attrs in found.tags if tag == "a"} <= set(ids)


def test_the_page_tells_every_guarantee_with_outcome_and_count() -> None:
    made = page(every_outcome(), [exchange()])
    for number, outcome in enumerate(Outcome, 1):
        assert f"FORMAT-{number}" in made
        assert f'class="outcome {outcome}"' in made


def test_what_a_target_says_is_text_in_the_page() -> None:
    made = page(every_outcome(NASTY), [exchange(body=NASTY.encode("utf-8", "replace"))])
    assert "<script>" not in made and "\x1b" not in made and "\u202e" not in made
    made.encode("utf-8")


def test_no_credential_stands_in_the_page() -> None:
    body = b'{"token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "echo": "key-of-the-run"}'
    shown = page(every_outcome("key-of-the-run"), [exchange(body=body)], secrets=("key-of-the-run",))
    assert "sessionsecret" not in shown and "eyJzdWIi" not in shown and "key-of-the-run" not in shown
    assert "(left out)" in shown and "$SAMSVAR_API_KEY" in shown


def test_a_secret_with_markup_in_it_is_left_out_too() -> None:
    secret = "pass<word>&\"'1"
    assert "word" not in page(report(judgement(Outcome.BROKEN, text=secret)), secrets=(secret,)).split("</style>")[1]


def test_a_long_body_is_cut_and_its_length_said() -> None:
    made = page(report(judgement(Outcome.BROKEN)), [exchange(body=b"x" * (MOST_BODY + 500))])
    assert "x" * MOST_BODY in made and "x" * (MOST_BODY + 1) not in made
    assert f"({MOST_BODY + 500} characters in all)" in made


def test_a_body_that_is_no_text_is_not_shown() -> None:
    assert "(3 bytes that are no UTF-8 text)" in page(
        report(judgement(Outcome.BROKEN)), [exchange(body=b"\x00\xff\xfe")]
    )


# -- the console ------------------------------------------------------------------------------------------------------


def test_a_kept_run_is_short() -> None:
    kept = replace(report(judgement(Outcome.KEPT), verdict=Verdict.KEPT), not_visited=(), notes=())
    assert len([line for line in summary_lines(kept) if line]) == 3


def test_the_verdict_is_the_last_line() -> None:
    assert list(summary_lines(every_outcome()))[-1] == verdict_line(every_outcome()) == "BROKEN: the reason"


def test_a_run_that_read_nothing_says_why_and_no_more() -> None:
    nothing = replace(report(judgement(Outcome.UNTESTED), verdict=Verdict.INCONCLUSIVE), places=())
    assert list(summary_lines(nothing)) == ["INCONCLUSIVE: the reason", f"what to do: samsvar doctor {ROOT}"]


def test_findings_are_shown_from_different_places_first() -> None:
    same = judgement(Outcome.BROKEN)
    places = ("Message a", "Message a", "Message a", "Message a", "Message b", "Message c")
    text = "\n".join(summary_lines(report(replace(same, findings=tuple(finding(place) for place in places)))))
    assert "Message b" in text and "Message c" in text and "and 3 more like these" in text


def test_no_line_of_the_console_can_be_taken_for_a_command() -> None:
    for line in summary_lines(every_outcome(NASTY), [exchange(url=f"{ROOT}/my")]):
        assert all(character.isprintable() for character in line), line


def test_what_cannot_be_seen_from_outside_is_counted_only() -> None:
    outside = replace(judgement(Outcome.UNTESTED), guarantee=guarantee("DOCPAGE-1", excluded="it binds the client"))
    text = "\n".join(summary_lines(report(outside)))
    assert "1 sentences of the documentation cannot be seen from outside" in text and "DOCPAGE-1" not in text


# -- command lines ----------------------------------------------------------------------------------------------------

LIVE = Target(TargetKind.LIVE, ROOT)


def test_a_curl_line_asks_what_was_asked() -> None:
    words = shlex.split(curl(exchange(), LIVE))
    assert words[:2] == ["curl", "-sSi"] and words[-1] == f"{ROOT}/my"
    assert "Accept: application/xml" in words and "Origin: https://www.eksempel.no" in words
    assert "ApiKey: $SAMSVAR_API_KEY" in words and "Authorization: Bearer $SAMSVAR_TOKEN" in words


@pytest.mark.parametrize("url", [f"{ROOT}/$(id)", f"{ROOT}/`id`", f"{ROOT}/';id;'", f'{ROOT}/";id;"', f"{ROOT}/a&b"])
def test_nothing_in_a_url_is_run_by_a_shell(url: str) -> None:
    assert shlex.split(curl(exchange(url=url), LIVE))[-1] == url
    assert f"-Uri {chr(39)}{url.replace(chr(39), chr(39) * 2)}{chr(39)}" in powershell(exchange(url=url), LIVE)


def test_no_accept_is_no_accept_in_curl_too() -> None:
    bare = replace(exchange(), probe=Probe("accept", f"{ROOT}/my"), credentials=())
    assert curl(bare, LIVE) == f"curl -sSi -H Accept: {ROOT}/my"


def test_a_wrong_key_stays_wrong_on_the_line() -> None:
    probe = replace(exchange().probe, login=Login.WRONG_KEY)
    line = curl(replace(exchange(), probe=probe), LIVE)
    assert "SAMSVAR_API_KEY" not in line and "ApiKey: 00000000-" in line and "$SAMSVAR_TOKEN" in line


def test_lines_about_the_miniature_go_to_where_it_is_served() -> None:
    target = Target(TargetKind.MINIATURE, ROOT)
    assert shlex.split(curl(exchange(), target))[-1] == "http://127.0.0.1:8080/api/my"


def test_head_and_options_are_asked_as_such() -> None:
    head, options = (replace(exchange(), probe=Probe("x", ROOT, method=method)) for method in ("HEAD", "OPTIONS"))
    assert curl(head, LIVE).startswith("curl -sSI ") and curl(options, LIVE).startswith("curl -sSi -X OPTIONS ")
    assert "-Method Options" in powershell(options, LIVE)


def test_lines_to_paste_are_for_both_shells() -> None:
    text = "\n".join(pasted((exchange(),), LIVE))
    assert "the same in sh" in text and "$SAMSVAR_TOKEN" in text
    assert "the same in PowerShell" in text and "Bearer $env:SAMSVAR_TOKEN" in text


def test_safe_text_shows_what_cannot_be_seen() -> None:
    assert safe("a\x1b[0m\u202e\u2028æ") == "a\\u001b[0m\\u202e\\u2028æ"


# -- explaining -------------------------------------------------------------------------------------------------------


def test_an_explanation_leaves_out_what_the_contract_does_not_say() -> None:
    text = "\n".join(explanation(guarantee("FORMAT-1"), "en"))
    assert "what to do" in text and "not seen yet" not in text


def test_a_listing_has_one_line_per_guarantee() -> None:
    lines = list(listing([guarantee("FORMAT-1"), guarantee("LINK-7", Level.MAY, excluded="x")], "en"))
    assert len(lines) == 2 and lines[1].endswith("(excluded)")


def test_a_response_that_never_came_is_told_by_its_failure() -> None:
    lost = replace(exchange(), response=Response(200, (), b"", b""))
    assert "200" in page(report(judgement(Outcome.BROKEN)), [lost])

"""A report as JUnit XML for CI servers: one test case per guarantee, and one more when the run is inconclusive, since
a server that reads nothing but this file must not show green for a run that saw too little (DESIGN 3).
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from samsvar.logic.reporting.console import explain_judgement
from samsvar.model.verdict import Judgement, Outcome, Report, Verdict

UNWRITABLE = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) cannot carry, and the carriage return, which it would not give back."""


def xml_text(text: str) -> str:
    """Text that XML can carry; other characters are written as escapes."""
    return UNWRITABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


Tell: TypeAlias = Callable[[Element, Judgement], None]


def _nothing(case: Element, judgement: Judgement) -> None:
    """Passed, and there is nothing to say."""


def _failed(case: Element, judgement: Judgement) -> None:
    failure = SubElement(case, "failure", {"type": judgement.outcome.value, "message": xml_text(judgement.because)})
    failure.text = xml_text(explain_judgement(judgement))


def _skipped(case: Element, judgement: Judgement) -> None:
    SubElement(case, "skipped", {"message": xml_text(f"{judgement.outcome}: {judgement.because}")})
    if judgement.findings:
        _said(case, judgement)


def _said(case: Element, judgement: Judgement) -> None:
    SubElement(case, "system-out").text = xml_text(explain_judgement(judgement))


CASES: Mapping[Outcome, Tell] = {
    Outcome.KEPT: _nothing,
    Outcome.BROKEN: _failed,
    Outcome.DISCOURAGED: _said,
    Outcome.NOTED: _said,
    Outcome.WAIVED: _skipped,
    Outcome.UNTESTED: _skipped,
    Outcome.INAPPLICABLE: _skipped,
    Outcome.UNSTABLE: _skipped,
}
"""How each outcome is told. A SHOULD and a MAY that are not met fail nothing, and are told in the output."""


def junit(report: Report) -> str:
    """The whole document."""
    cases = [_case(one) for one in report.judgements]
    if report.verdict is Verdict.INCONCLUSIVE:
        cases.append(_inconclusive(report))
    counts = {
        "tests": str(len(cases)),
        "failures": str(_having(cases, "failure")),
        "errors": str(_having(cases, "error")),
        "skipped": str(_having(cases, "skipped")),
        "time": f"{report.seconds:.3f}",
    }
    suites = Element("testsuites", {"name": "samsvar", **counts})
    suite = SubElement(suites, "testsuite", {"name": f"{report.contract} {report.profile}", **counts})
    _properties(
        suite,
        {
            "samsvar": report.samsvar,
            "target": f"{report.target.kind} {report.target.root}",
            "verdict": report.verdict.value,
            "because": report.because,
            "requests": str(report.requests),
        },
    )
    suite.extend(cases)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _having(cases: list[Element], child: str) -> int:
    return sum(case.find(child) is not None for case in cases)


def _case(judgement: Judgement) -> Element:
    guarantee = judgement.guarantee
    case = Element(
        "testcase",
        {
            "classname": guarantee.family or guarantee.id,
            "name": xml_text(f"{guarantee.id} {_statement(judgement)}"),
            "time": "0",
        },
    )
    told = {"level": guarantee.level.value, "outcome": judgement.outcome.value, "asked": str(judgement.asked)}
    _properties(case, told | ({"cause": judgement.cause.value} if judgement.cause else {}))
    CASES[judgement.outcome](case, judgement)
    return case


def _statement(judgement: Judgement) -> str:
    return judgement.guarantee.statement.get("en", "")


def _properties(parent: Element, values: Mapping[str, str]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in values.items():
        SubElement(properties, "property", {"name": name, "value": xml_text(value)})


def _inconclusive(report: Report) -> Element:
    case = Element("testcase", {"classname": "VERDICT", "name": "the run saw enough for a verdict", "time": "0"})
    SubElement(case, "error", {"type": "inconclusive", "message": xml_text(report.because)}).text = xml_text(
        report.because
    )
    return case

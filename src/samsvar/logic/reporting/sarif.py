"""A report as SARIF 2.1.0 for code scanning: rules are guarantees, results are findings that are not met.

What was not tested is no result: it stands in the notifications of the invocation, which is not successful when the run
is inconclusive.
"""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from samsvar.logic.reporting.commands import safe
from samsvar.model.contract import Guarantee
from samsvar.model.verdict import Finding, Judgement, Outcome, Report, Sight, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
"""What code scanning takes of one run; more would make it refuse the file."""

LEVELS: Mapping[Outcome, str] = {
    Outcome.BROKEN: "error",
    Outcome.DISCOURAGED: "warning",
    Outcome.NOTED: "note",
    Outcome.WAIVED: "warning",
}
"""Outcomes whose findings are results."""

NOTIFIED = (Outcome.UNTESTED, Outcome.UNSTABLE)
RULE_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}


def sarif(report: Report) -> dict[str, Any]:
    """The whole document."""
    results = list(islice(_results(report), MOST_RESULTS))
    total = sum(len(unmet(one)) for one in report.judgements if one.outcome in LEVELS)
    rules = [_rule(one.guarantee) for one in report.judgements]
    run = {
        "tool": {"driver": {"name": "samsvar", "version": report.samsvar, "rules": rules}},
        "invocations": [_invocation(report, total - len(results))],
        "results": results,
        "properties": {
            "contract": report.contract,
            "profile": report.profile,
            "target": {"kind": report.target.kind.value, "root": report.target.root},
            "verdict": report.verdict.value,
            "because": report.because,
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def unmet(judgement: Judgement) -> tuple[Finding, ...]:
    """The findings that show a guarantee not met."""
    return tuple(one for one in judgement.findings if one.sight is Sight.UNMET)


def _rule(guarantee: Guarantee) -> dict[str, Any]:
    statement = guarantee.statement.get("en", guarantee.id)
    told = [("How it is seen", guarantee.seen), ("What a failure means", guarantee.failure)]
    told += [("What to do", guarantee.remedy)]
    parts = [statement, *(f"{heading}: {texts['en']}" for heading, texts in told if texts.get("en"))]
    return {
        "id": guarantee.id,
        "shortDescription": {"text": statement},
        "fullDescription": {"text": guarantee.failure.get("en") or statement},
        "help": {"text": "\n\n".join([*parts, f"Sources: {'; '.join(guarantee.sources)}."])},
        "defaultConfiguration": {"level": RULE_LEVELS[guarantee.level.value]},
        "properties": {"tags": [guarantee.family or guarantee.id, guarantee.level.value]},
    }


def _results(report: Report) -> Iterator[dict[str, Any]]:
    for index, judgement in enumerate(report.judgements):
        if judgement.outcome in LEVELS:
            for finding in unmet(judgement):
                yield _result(report, judgement, finding, index)


def _result(report: Report, judgement: Judgement, finding: Finding, index: int) -> dict[str, Any]:
    result = {
        "ruleId": judgement.guarantee.id,
        "ruleIndex": index,
        "level": LEVELS[judgement.outcome],
        "message": {"text": _message(finding)},
        "locations": [_location(finding, report.target.root)],
        "partialFingerprints": {"samsvar/v2": _fingerprint(judgement, finding)},
        "properties": {"cause": finding.cause.value, "exchanges": list(finding.exchanges), "format": finding.format},
    }
    if judgement.outcome is Outcome.WAIVED:
        result["suppressions"] = [{"kind": "external", "justification": judgement.because}]
    return result


def _message(finding: Finding) -> str:
    parts = [f"{finding.place}: {finding.because}" if finding.place else finding.because]
    if finding.format:
        parts.append(f"format: {finding.format}")
    if finding.expected or finding.observed:
        parts += [f"expected: {finding.expected}", f"observed: {finding.observed}"]
    return "\n".join(safe(part) for part in parts)


def _location(finding: Finding, root: str) -> dict[str, Any]:
    names = [{"fullyQualifiedName": safe(finding.path), "name": safe(finding.place)}] if finding.path else []
    where: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.url or root)}}}
    return where | ({"logicalLocations": names} if names else {})


def _uri(url: str) -> str:
    """A URL with what no URI may hold in percent form: links are quoted as they were offered."""
    kept = "!#$%&'()*+,/:;=?@[]~-._"
    letters = (c if c.isascii() and (c.isalnum() or c in kept) else _percent(c) for c in url)
    return "".join(letters)


def _percent(character: str) -> str:
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))


LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A digest in letters only: among figures, one in some thousand holds what looks like somebody's number."""


def _fingerprint(judgement: Judgement, finding: Finding) -> str:
    """The same finding in another run has the same: by what it is about, never by URL, which may change."""
    parts = (judgement.guarantee.id, finding.place, finding.path, finding.format, finding.because)
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return digest.translate(LETTERS)


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    untested = [
        _notification(f"{one.guarantee.id} {one.outcome}: {one.because}", "note", one.guarantee.id)
        for one in report.judgements
        if one.outcome in NOTIFIED
    ]
    if report.verdict is Verdict.INCONCLUSIVE:
        untested.insert(0, _notification(f"inconclusive: {report.because}", "error"))
    if left_out:
        untested.insert(0, _notification(f"{left_out} more results do not fit here; see --results", "warning"))
    return {
        "executionSuccessful": report.verdict is not Verdict.INCONCLUSIVE,
        "toolExecutionNotifications": untested,
    }


def _notification(text: str, level: str, rule: str = "") -> dict[str, Any]:
    about = {"associatedRule": {"id": rule}} if rule else {}
    return {"level": level, "message": {"text": safe(text)}, **about}

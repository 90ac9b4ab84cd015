"""A report as the JSON document of ``--results`` (its schema: contracts/schema/results.schema.json), and back."""

from collections.abc import Mapping
from typing import Any

from samsvar.model.contract import Guarantee
from samsvar.model.exchange import NotVisited
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Report, Sight, Unseen
from samsvar.model.walk import Walked


def report_document(report: Report) -> dict[str, Any]:
    """The whole report. Only "seconds" may differ between two runs that saw the same; a recording and the run that it
    is of differ in "target", too."""
    places = sum(count for _, count in report.places)
    return {
        "samsvar": report.samsvar,
        "contract": report.contract,
        "profile": report.profile,
        "target": {"kind": report.target.kind.value, "root": report.target.root, **_recording(report)},
        "verdict": report.verdict.value,
        "because": report.because,
        "guarantees": [judgement_document(one) for one in report.judgements],
        "requests": report.requests,
        "requests_per_place": round(report.requests / places, 2) if places else None,
        "requests_by_question": dict(report.requests_by_question),
        "seconds": round(report.seconds, 3),
        "places": dict(report.places),
        "not_visited": [_not_visited(one) for one in report.not_visited],
        "notes": list(report.notes),
        **({"walked": [_walked(one) for one in report.walked]} if report.walked else {}),
    }


def _walked(one: Walked) -> dict[str, Any]:
    answers = {f"{format_} {status}": count for (format_, status), count in one.answers}
    return {"type": one.type, "relation": one.relation, "answers": answers, "never": one.never}


def _recording(report: Report) -> dict[str, Any]:
    found = report.recording
    if found is None:
        return {}
    told = {"recorded": found.recorded, "source": found.source, "samsvar": found.samsvar, "age_days": report.age}
    return {"recording": told}


def _not_visited(one: NotVisited) -> dict[str, Any]:
    return {"reason": one.reason, "count": one.count, "example": one.example}


def judgement_document(judgement: Judgement) -> dict[str, Any]:
    """One guarantee with its outcome and findings."""
    return {
        "id": judgement.guarantee.id,
        "level": judgement.guarantee.level.value,
        "outcome": judgement.outcome.value,
        "because": judgement.because,
        "cause": judgement.cause.value if judgement.cause else None,
        "asked": judgement.asked,
        "findings": [finding_document(one) for one in judgement.findings],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding; "unseen" says why nothing could be told, null where something was."""
    return {
        "sight": finding.sight.value,
        "because": finding.because,
        "place": finding.place,
        "path": finding.path,
        "url": finding.url,
        "format": finding.format,
        "expected": finding.expected,
        "observed": finding.observed,
        "cause": finding.cause.value,
        "unseen": finding.unseen.value if finding.sight is Sight.UNSEEN else None,
        "exchanges": list(finding.exchanges),
    }


def judgement_from(document: Mapping[str, Any], guarantee: Guarantee) -> Judgement:
    """The judgement that such a document tells, of a guarantee that is known."""
    return Judgement(
        guarantee,
        Outcome(document["outcome"]),
        document["asked"],
        tuple(_finding_from(one) for one in document["findings"]),
        document["because"],
        Cause(document["cause"]) if document["cause"] else None,
    )


def _finding_from(document: Mapping[str, Any]) -> Finding:
    texts = ("because", "place", "path", "url", "format", "expected", "observed")
    return Finding(
        Sight(document["sight"]),
        **{name: document[name] for name in texts},
        cause=Cause(document["cause"]),
        exchanges=tuple(document["exchanges"]),
        unseen=Unseen(document["unseen"]) if document["unseen"] else Unseen.UNTESTED,
    )

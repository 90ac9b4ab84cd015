"""What a tired person reads in the terminal: what is broken, where, expected and observed, the curl line, what to do.

Everything that came from the target is made safe to show: control characters and direction marks are escaped (H68).
Lines carry marks of a small set of styles, ("bad", text), which the door turns into colours or drops.
"""

import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from samsvar.model.verdict import Finding, Judgement, Outcome, Report, Sight, Verdict

MOST_FINDINGS = 3
"""Findings shown per guarantee; the rest is counted and stands in --results and --report."""

ORDER = (
    Outcome.BROKEN,
    Outcome.UNSTABLE,
    Outcome.DISCOURAGED,
    Outcome.NOTED,
    Outcome.WAIVED,
    Outcome.UNTESTED,
    Outcome.INAPPLICABLE,
    Outcome.KEPT,
)


def safe(text: str) -> str:
    """Text of unknown origin as one line that a terminal cannot mistake for a command."""
    return "".join(character if _harmless(character) else f"\\u{ord(character):04x}" for character in text)


def _harmless(character: str) -> bool:
    return character == " " or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co")


def curl_line(finding: Finding) -> str:
    """The command that shows the place of a finding; credentials come from the environment, never from the line."""
    parts = ["curl", "-i", "-H", f"Accept: {finding.format or '*/*'}", '-H "ApiKey: $SAMSVAR_API_KEY"']
    parts += ['-H "Authorization: Bearer $SAMSVAR_TOKEN"', finding.url]
    return " ".join(part if part.startswith("-H ") else shlex.quote(safe(part)) for part in parts)


def finding_lines(finding: Finding) -> Iterator[str]:
    """One finding, indented."""
    where = " ".join(part for part in (finding.place, f"({finding.format})" if finding.format else "") if part)
    yield f"    {safe(where) or 'the run'}: {safe(finding.because)}"
    if finding.path:
        yield f"      path      {safe(finding.path)}"
    if finding.expected or finding.observed:
        yield f"      expected  {safe(finding.expected)}"
        yield f"      observed  {safe(finding.observed)}"
    if finding.url:
        yield f"      see it    {curl_line(finding)}"


def judgement_lines(judgement: Judgement, most: int = MOST_FINDINGS) -> Iterator[str]:
    """One guarantee that is not simply kept: statement, outcome, the first findings, what to do."""
    guarantee = judgement.guarantee
    yield f"  {guarantee.id} ({guarantee.level}) {judgement.outcome}: {guarantee.statement.get('en', '')}"
    if judgement.outcome in (Outcome.UNTESTED, Outcome.INAPPLICABLE, Outcome.UNSTABLE):
        yield f"    {safe(judgement.because)}"
        return
    unmet = [one for one in judgement.findings if one.sight is Sight.UNMET]
    for finding in unmet[:most]:
        yield from finding_lines(finding)
    if len(unmet) > most:
        yield f"    and {len(unmet) - most} more like these"
    if guarantee.remedy.get("en") and judgement.outcome is Outcome.BROKEN:
        yield f"    what to do: {guarantee.remedy['en']}"


def explain_judgement(judgement: Judgement) -> str:
    """A judgement as a failing test shows it."""
    return "\n".join(judgement_lines(judgement, most=10))


def grouped(judgements: Iterable[Judgement]) -> dict[Outcome, list[Judgement]]:
    """Judgements by outcome, worst first."""
    found: dict[Outcome, list[Judgement]] = {outcome: [] for outcome in ORDER}
    for one in judgements:
        found[one.outcome].append(one)
    return found


def summary_lines(report: Report) -> Iterator[str]:
    """The whole report for a console."""
    groups = grouped(report.judgements)
    for outcome in (Outcome.BROKEN, Outcome.UNSTABLE, Outcome.DISCOURAGED, Outcome.NOTED, Outcome.WAIVED):
        for one in groups[outcome]:
            yield from judgement_lines(one)
            yield ""
    yield from _untested_lines(groups[Outcome.UNTESTED])
    if report.not_visited:
        total = sum(one.count for one in report.not_visited)
        yield f"  not visited: {total} links or places"
        yield from (f"    {one.count} x {safe(one.reason)}" for one in report.not_visited)
    yield from (f"  note: {safe(note)}" for note in report.notes)
    yield ""
    yield f"{report.contract}, profile {report.profile}, {report.target.kind} {safe(report.target.root)}"
    yield _counted(report)
    yield verdict_line(report)


def verdict_line(report: Report) -> str:
    """The verdict and its reason."""
    return f"{WORDS[report.verdict]}: {safe(report.because)}"


WORDS = {Verdict.KEPT: "KEPT", Verdict.BROKEN: "BROKEN", Verdict.INCONCLUSIVE: "INCONCLUSIVE"}


def _untested_lines(untested: list[Judgement]) -> Iterator[str]:
    if not untested:
        return
    yield f"  untested ({len(untested)}):"
    by_reason: dict[str, list[str]] = {}
    for one in untested:
        by_reason.setdefault(one.because, []).append(one.guarantee.id)
    yield from (f"    {', '.join(ids)}: {safe(reason)}" for reason, ids in by_reason.items())


def _counted(report: Report) -> str:
    counts = Counter(one.outcome for one in report.judgements)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in reversed(ORDER) if counts[outcome])
    places = sum(count for _, count in report.places)
    return f"{outcomes}; {report.requests} requests to {places} places in {report.seconds:.1f} s"

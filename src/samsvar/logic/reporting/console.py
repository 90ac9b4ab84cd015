"""What a tired person reads in the terminal: what is broken, where, expected and observed, the curl line, what to do.

Everything that came from the target is made safe to show: control characters and direction marks are escaped (H68).
"""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator

from samsvar.logic.reporting.commands import curl, safe, shown_by
from samsvar.model.exchange import Exchange, Target, TargetKind
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Report, Sight, Verdict

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

TOLD = (Outcome.BROKEN, Outcome.UNSTABLE, Outcome.DISCOURAGED, Outcome.WAIVED)
"""Outcomes that are told with their findings, one guarantee after the other."""

CAUSES = {
    Cause.TARGET: "",
    Cause.CONFIGURATION: "the configuration (key, login, origin or root) is the likely cause: samsvar doctor says more",
    Cause.ENVIRONMENT: "the way to the target (network, TLS, clock) is the likely cause: samsvar doctor says more",
    Cause.HARNESS: "samsvar itself is the likely cause",
}


class AtHand:
    """What lines are made from: the target that was asked and the exchanges at hand."""

    def __init__(self, target: Target | None = None, exchanges: Iterable[Exchange] = ()) -> None:
        self.target = target
        self.exchanges = {exchange.number: exchange for exchange in exchanges}


def curl_lines(finding: Finding, at_hand: AtHand) -> Iterator[str]:
    """The commands that show a finding; credentials come from the environment, never from the line."""
    if at_hand.target is not None:
        for exchange in shown_by(finding, at_hand.exchanges):
            yield curl(exchange, at_hand.target)


def walked_again(finding: Finding, at_hand: AtHand) -> str:
    """The command that walks the walk of a finding again; "" where it is of none."""
    first = next((at_hand.exchanges[number] for number in finding.exchanges if number in at_hand.exchanges), None)
    if at_hand.target is None or first is None or not first.probe.walk:
        return ""
    target = "" if at_hand.target.kind is TargetKind.MINIATURE else f" {at_hand.target.root}"
    options = " (with the same --fault and --evolution)" if not target else ""
    return safe(f"samsvar walk{target} --replay {shlex.quote(finding.path)}{options}")


def varied(findings: list[Finding]) -> list[Finding]:
    """The first finding of each place, then all others: three of one place tell less than three of three places."""
    firsts: dict[str, Finding] = {}
    others = [one for one in findings if firsts.setdefault(one.place or one.url, one) is not one]
    return [*firsts.values(), *others]


def finding_lines(finding: Finding, commands: tuple[str, ...], again: str = "") -> Iterator[str]:
    """One finding, indented, with the command lines that show it, and the one that repeats its walk."""
    where = " ".join(part for part in (finding.place, f"({finding.format})" if finding.format else "") if part)
    yield f"    {safe(where) or 'the run'}: {safe(finding.because)}"
    if finding.path:
        yield f"      path      {safe(finding.path)}"
    if finding.expected or finding.observed:
        yield f"      expected  {safe(finding.expected)}"
        yield f"      observed  {safe(finding.observed)}"
    yield from (f"      {'      ' if index else 'see it'}    {line}" for index, line in enumerate(commands))
    if again:
        yield f"      again     {again}"
    if finding.url and not commands:
        yield f"      at        {safe(finding.url)}"


def judgement_lines(judgement: Judgement, at_hand: AtHand, most: int = MOST_FINDINGS) -> Iterator[str]:
    """One guarantee that is not simply kept: statement, outcome, the first findings, what to do."""
    guarantee = judgement.guarantee
    yield f"  {guarantee.id} ({guarantee.level}) {judgement.outcome}: {guarantee.statement.get('en', '')}"
    unmet = [one for one in judgement.findings if one.sight is Sight.UNMET]
    shown = unmet or [one for one in judgement.findings if judgement.outcome is Outcome.UNSTABLE]
    if not unmet:
        yield f"    {safe(judgement.because)}"
    last: tuple[str, ...] = ()
    for finding in varied(shown)[:most]:
        lines = tuple(curl_lines(finding, at_hand))
        yield from finding_lines(finding, lines if lines != last else (), walked_again(finding, at_hand))
        last = lines or last
    if len(shown) > most:
        yield f"    and {len(shown) - most} more like these"
    if unmet and judgement.cause and CAUSES[judgement.cause]:
        yield f"    {CAUSES[judgement.cause]}"
    if judgement.outcome is Outcome.WAIVED:
        yield f"    {safe(judgement.because)}"
    elif guarantee.remedy.get("en") and unmet:
        yield f"    what to do: {guarantee.remedy['en']}"


def explain_judgement(judgement: Judgement) -> str:
    """A judgement as a failing test shows it."""
    return "\n".join(judgement_lines(judgement, AtHand(), most=10))


def grouped(judgements: Iterable[Judgement]) -> dict[Outcome, list[Judgement]]:
    """Judgements by outcome, worst first."""
    found: dict[Outcome, list[Judgement]] = {outcome: [] for outcome in ORDER}
    for one in judgements:
        found[one.outcome].append(one)
    return found


def summary_lines(report: Report, exchanges: Iterable[Exchange] = ()) -> Iterator[str]:
    """The whole report for a console. Of a run that read nothing, only why."""
    if nothing_read(report):
        yield verdict_line(report)
        yield f"what to do: samsvar doctor {safe(report.target.root)}"
        return
    groups = grouped(report.judgements)
    at_hand = AtHand(report.target, exchanges)
    yield from _told_lines(groups, at_hand)
    yield from _noted_lines(groups[Outcome.NOTED])
    yield from _untested_lines(groups[Outcome.UNTESTED])
    yield from _left_lines(report)
    if at_hand.exchanges and report.target.kind is TargetKind.MINIATURE and any(groups[o] for o in TOLD):
        yield "  note: the curl lines work while samsvar serve runs, which prints the key and the token to set"
    yield ""
    yield f"{report.contract}, profile {report.profile}, {report.target.kind} {safe(report.target.root)}"
    if report.recording is not None:
        yield provenance(report)
    yield _counted(report)
    yield verdict_line(report)


def walk_summary(report: Report, exchanges: Iterable[Exchange] = ()) -> Iterator[str]:
    """The report of a run that only walked: what does not hold, how it walked, the verdict. What walking does not ask
    about is not told as untested."""
    yield from _told_lines(grouped(report.judgements), AtHand(report.target, exchanges))
    yield from (f"  note: {safe(note)}" for note in report.notes)
    places = sum(count for _, count in report.places)
    walked = sum(count for name, count in report.requests_by_question if name.startswith("walk."))
    yield f"{report.requests} requests to {places} places, {walked} of them walking, in {report.seconds:.1f} s"
    yield verdict_line(report)


def _told_lines(groups: dict[Outcome, list[Judgement]], at_hand: AtHand) -> Iterator[str]:
    for outcome in TOLD:
        for one in groups[outcome]:
            yield from judgement_lines(one, at_hand)
            yield ""


def provenance(report: Report) -> str:
    """Where a recording comes from and how old it is, as one line."""
    told = report.recording
    if told is None:
        return ""
    age = "" if report.age is None else " (today)" if report.age == 0 else f" ({report.age} days old)"
    by = f", with samsvar {told.samsvar}" if told.samsvar else ""
    return safe(f"recorded {told.recorded or 'at an unknown time'}{age} from {told.source}{by}")


def nothing_read(report: Report) -> bool:
    """The target could not be asked, or is no such API: nothing is known of it, and the reason says it all."""
    return report.verdict is Verdict.INCONCLUSIVE and not report.places


def verdict_line(report: Report) -> str:
    """The verdict and its reason."""
    return f"{WORDS[report.verdict]}: {safe(report.because)}"


WORDS = {Verdict.KEPT: "KEPT", Verdict.BROKEN: "BROKEN", Verdict.INCONCLUSIVE: "INCONCLUSIVE"}


def _noted_lines(noted: list[Judgement]) -> Iterator[str]:
    """A MAY asks for nothing: one line each."""
    for one in noted:
        first = next((safe(f.because) for f in one.findings if f.sight is Sight.UNMET), "")
        yield f"  {one.guarantee.id} ({one.guarantee.level}) {one.outcome}: {first} ({safe(one.because)})"


def _untested_lines(untested: list[Judgement]) -> Iterator[str]:
    """By reason; what cannot be seen from outside is only counted, since no run can change it."""
    outside = [one for one in untested if one.guarantee.excluded]
    by_reason: dict[str, list[str]] = {}
    for one in untested:
        if not one.guarantee.excluded:
            by_reason.setdefault(one.because, []).append(one.guarantee.id)
    if by_reason:
        yield f"  untested ({sum(map(len, by_reason.values()))}):"
    yield from (f"    {', '.join(ids)}: {safe(reason)}" for reason, ids in by_reason.items())
    if outside:
        yield f"  {len(outside)} sentences of the documentation cannot be seen from outside (samsvar guarantees)"


def _left_lines(report: Report) -> Iterator[str]:
    if report.not_visited:
        total = sum(one.count for one in report.not_visited)
        yield f"  not visited: {total} links or places"
        yield from (f"    {one.count} x {safe(one.reason)}" for one in report.not_visited)
    yield from (f"  note: {safe(note)}" for note in report.notes)


def _counted(report: Report) -> str:
    counts = Counter(one.outcome for one in report.judgements)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in reversed(ORDER) if counts[outcome])
    places = sum(count for _, count in report.places)
    return f"{outcomes}; {report.requests} requests to {places} places in {report.seconds:.1f} s"

"""What walks tell in a terminal: what was walked, and a given walk step by step."""

from collections import Counter
from collections.abc import Iterator

from samsvar.logic.findings import answered
from samsvar.logic.observing import Observed
from samsvar.logic.reporting.commands import safe
from samsvar.logic.walking.covering import walked_again
from samsvar.logic.walking.steps import SHORT, Step, step_text
from samsvar.logic.walking.walks import Walk
from samsvar.model.exchange import FORMATS
from samsvar.model.walk import Walked

DOCUMENT = "*"


def coverage_lines(rows: tuple[Walked, ...]) -> Iterator[str]:
    """The table: relations down, media types across, how often each was answered well and how often not; then those
    that were never walked, by reason."""
    taken = [row for row in rows if not row.never]
    if not rows:
        return
    columns = [*(SHORT[one] for one in FORMATS), DOCUMENT]
    yield f"walked {len(taken)} of {len(rows)} relations (times; 4xx and 5xx apart)"
    width = max((len(_named(row)) for row in taken), default=0)
    yield f"  {'':{width}}  " + "  ".join(f"{name:>12}" for name in columns)
    for row in taken:
        yield f"  {safe(_named(row)):{width}}  " + "  ".join(f"{_cell(row, name):>12}" for name in columns)
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.never:
            reasons.setdefault(row.never, []).append(_named(row))
    for reason, names in reasons.items():
        yield f"  never, {reason}: {safe(', '.join(names))}"


def _named(row: Walked) -> str:
    return f"{row.type} > {row.relation}" if row.type else row.relation


def _cell(row: Walked, column: str) -> str:
    counts: Counter[str] = Counter()
    for (format_, status), count in row.answers:
        if format_ == column:
            counts["" if status[:1] in ("2", "3") else status] += count
    well = [str(counts.pop(""))] if counts[""] else []
    return " ".join([*well, *(f"{count}x{status}" for status, count in sorted(counts.items()) if count)])


def walk_lines(observed: Observed, number: int, steps: tuple[Step, ...]) -> Iterator[str]:
    """A given walk as it was walked: each step with what came, and why it went no further."""
    walk = walked_again(observed, number)
    width = max(len(step_text(step)) for step in steps)
    for index, (step, reading) in enumerate(zip(walk.steps, walk.readings, strict=True)):
        place = observed.place(reading) if reading.resource is not None else ""
        text = safe(step_text(step, first=not index))
        yield f"  {index + 1:2}  {text:{width}}  {safe(answered(reading))}  {safe(str(place))}".rstrip()
    if len(walk.steps) < len(steps):
        text = safe(step_text(steps[len(walk.steps)], first=not walk.steps))
        offered = sorted({*walk.followable(), *walk.templates()})
        yield f"  {len(walk.steps) + 1:2}  {text:{width}}  {_no_further(walk, offered)}"


def _no_further(walk: Walk, offered: list[str]) -> str:
    if not walk.steps:
        return "no such entry answers"
    last = walk.readings[-1]
    if last.resource is None and not last.ok:
        return "not walked: the walk ended before"
    return f"not offered there, or not recorded; offered: {safe(', '.join(offered)) or 'nothing'}"

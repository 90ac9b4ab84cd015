"""The terminal: progress while a run goes on, the report at its end. Colours and movement only where a person looks.

The home of rich. In CI and in pipes everything is plain lines; NO_COLOR is obeyed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from samsvar.logic.reporting.commands import safe
from samsvar.logic.reporting.console import summary_lines, verdict_line, walk_summary
from samsvar.model.exchange import Exchange
from samsvar.model.verdict import Report
from samsvar.running import Progress, Watcher

if TYPE_CHECKING:
    from samsvar.logic.diagnosing import Diagnosis
    from samsvar.logic.diagnosing_origins import Answers

STYLES = {
    "BROKEN: ": "bold red",
    "KEPT: ": "bold green",
    "INCONCLUSIVE: ": "bold yellow",
    "AT FAULT: ": "bold red",
    "WELL: ": "bold green",
    "CORS is set up ": "bold green",
    "CORS is ": "bold red",
    "It could not be seen ": "bold yellow",
    "fault: ": "bold red",
    "fault ": "red",
    "  fault ": "red",
    "warning ": "yellow",
}
"""By how a line begins."""
WORDS = {" broken:": "red", " discouraged:": "yellow", " noted:": "yellow", " unstable:": "magenta", " waived:": "cyan"}


class Screen:
    """What is shown. ``quiet``: only the verdict, or the plain answers."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.coloured = sys.stdout.isatty() and not plain
        self.moving = sys.stderr.isatty() and not plain and not quiet and not os.environ.get("CI")

    def line(self, text: str) -> None:
        """One line, coloured by the outcome word in it."""
        style = next((s for word, s in STYLES.items() if text.startswith(word)), "") or next(
            (s for word, s in WORDS.items() if word in text and text.startswith("  ") and text[2:3] != " "), ""
        )
        if self.coloured and style:
            from rich.console import Console
            from rich.text import Text

            Console(soft_wrap=True, highlight=False).print(Text(text, style=style))
        else:
            print(text)

    def lines(self, lines: Iterable[str]) -> None:
        """Several lines."""
        for text in lines:
            self.line(text)

    def report(self, report: Report, exchanges: Iterable[Exchange] = ()) -> None:
        """The report, or its last line when quiet."""
        self.lines([verdict_line(report)] if self.quiet else summary_lines(report, exchanges))

    def walked(self, told: Iterable[str], report: Report, exchanges: Iterable[Exchange]) -> None:
        """What was walked and where it failed, or the last line when quiet."""
        self.lines([verdict_line(report)] if self.quiet else [*told, *walk_summary(report, exchanges)])

    def recorded(self, folder: str, manifest: Mapping[str, Any], report: Report) -> None:
        """What was recorded where, what was cleaned, and what it says."""
        values = manifest["cleaned"].get("values", {})
        cleaned = ", ".join(f"{count} {kind}" for kind, count in values.items()) or "nothing private was seen"
        size = sum(one["bytes"] for one in manifest["files"].values()) / 1e6
        if not self.quiet:
            self.line(f"recorded   {manifest['asked']} exchanges with {safe(report.target.root)}, {size:.1f} MB")
            self.line(f"source     {safe(manifest['source'])}")
            self.line(f"cleaned    {cleaned}")
            self.line(f"judge it   samsvar check {folder}")
        self.line(verdict_line(report))

    def diagnoses(self, found: Sequence[Diagnosis]) -> int:
        """What stands in the way to a target, line by line; gives the exit code."""
        from samsvar.logic.diagnosing import exit_code, lines

        self.lines(safe(text) for text in lines(found))
        return exit_code(found)

    def origins(self, answers: Answers) -> int:
        """Who is let in: the plain answers, the table, the lines to paste; gives the exit code."""
        from samsvar.logic.diagnosing_origins import lines, plain
        from samsvar.logic.reporting.commands import before_pasting, pasted

        self.lines(safe(text) for text in (plain(answers) if self.quiet else lines(answers)))
        if not self.quiet:
            asked = tuple(
                row.exchange for row in answers.rows if row.exchange is not None and not row.exchange.probe.by
            )
            self.lines((*before_pasting(asked, answers.target), *pasted(asked, answers.target)))
        return answers.exit_code

    @contextlib.contextmanager
    def progress(self) -> Iterator[Watcher | None]:
        """A line that moves while the run goes on: requests, places, rate, where it is. Nothing in CI and in pipes."""
        if not self.moving:
            yield None
            return
        from rich.console import Console
        from rich.status import Status

        with Status("asking", console=Console(stderr=True)) as status:
            last = [0.0]

            def watch(now: Progress) -> None:
                if now.seconds - last[0] >= 0.1:
                    last[0] = now.seconds
                    status.update(told(now))

            yield watch


def told(now: Progress) -> str:
    """Where a run stands, as one line."""
    rate = now.requests / now.seconds if now.seconds else 0.0
    where = safe(now.path)[-60:]
    return f"{now.requests} requests, {now.places} places, {rate:.0f}/s  {where}".replace("[", "(").replace("]", ")")

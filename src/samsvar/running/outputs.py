"""Reports as files: each whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from samsvar.model.exchange import Exchange
from samsvar.model.verdict import Report


def write_results(report: Report, path: str) -> None:
    """Write a report as JSON, whole or not at all. Raises OutputError."""
    import json

    from samsvar.logic.reporting.document import report_document
    from samsvar.world.files import write_whole

    write_whole(path, json.dumps(report_document(report), ensure_ascii=False, indent=1) + "\n")


def write_junit(report: Report, path: str) -> None:
    """Write a report as JUnit XML, whole or not at all. Raises OutputError."""
    from samsvar.logic.reporting.junit import junit
    from samsvar.world.files import write_whole

    write_whole(path, junit(report))


def write_sarif(report: Report, path: str) -> None:
    """Write a report as SARIF, whole or not at all. Raises OutputError."""
    import json

    from samsvar.logic.reporting.sarif import sarif
    from samsvar.world.files import write_whole

    write_whole(path, json.dumps(sarif(report), ensure_ascii=False, indent=1) + "\n")


def write_page(report: Report, exchanges: Iterable[Exchange], secrets: tuple[str, ...], folder: str) -> None:
    """Write a report for people, index.html in a folder, with the exchanges that show its findings. Raises
    OutputError."""
    from samsvar.logic.reporting.page import page
    from samsvar.world.files import write_whole

    write_whole(str(Path(folder) / "index.html"), page(report, tuple(exchanges), secrets))

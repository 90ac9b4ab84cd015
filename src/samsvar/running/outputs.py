"""Reports as files: each whole or not at all, and none with anything private in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from samsvar.errors import PrivacyError
from samsvar.model.exchange import Exchange
from samsvar.model.privacy import Part
from samsvar.model.verdict import Report

if TYPE_CHECKING:
    from samsvar.logic.diagnosing_origins import Answers
    from samsvar.world.keeping import Gate


def results_text(report: Report) -> str:
    """A report as the JSON document of --results."""
    from samsvar.logic.reporting.document import report_document

    return json.dumps(report_document(report), ensure_ascii=False, indent=1) + "\n"


def junit_text(report: Report) -> str:
    """A report as JUnit XML."""
    from samsvar.logic.reporting.junit import junit

    return junit(report)


def sarif_text(report: Report) -> str:
    """A report as SARIF."""
    from samsvar.logic.reporting.sarif import sarif

    return json.dumps(sarif(report), ensure_ascii=False, indent=1) + "\n"


def origins_text(answers: Answers) -> str:
    """Who is let in, as the JSON document of samsvar cors --results."""
    from samsvar import __version__
    from samsvar.logic.reporting.origins import origins_document

    return json.dumps(origins_document(answers, __version__), ensure_ascii=False, indent=1) + "\n"


def page_text(report: Report, exchanges: Iterable[Exchange], secrets: tuple[str, ...]) -> str:
    """A report for people, with the exchanges that show its findings."""
    from samsvar.logic.reporting.page import page

    return page(report, tuple(exchanges), secrets)


def plain_gate(parts: Iterable[Part]) -> None:
    """The gate for what was asked without a cleaner, and holds no words of the target: numbers and addresses are looked
    for all the same. Raises PrivacyError."""
    from samsvar.logic.gating import leaks

    found = list(leaks(parts, (), frozenset()))
    if found:
        raise PrivacyError(f"Nothing was written, since private values would have been: {found[0]}.", "Report it.")


def write(path: str, text: str, gate: Gate) -> None:
    """Write a report, once the gate has let it pass. Texts of a report stand beside words of the contract, so that no
    name in it can be told from them: numbers, addresses and credentials are looked for. Raises PrivacyError and
    OutputError."""
    from samsvar.world.files import write_whole

    gate((Part(path, text.encode("utf-8", "surrogatepass"), open=True),))
    write_whole(path, text)

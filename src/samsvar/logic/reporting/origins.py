"""Who is let in, as the JSON document of ``samsvar cors --results``.

Reason phrases are left out: what a target says in its own words may be private, and nothing of this check is cleaned.
"""

from typing import Any

from samsvar.logic.diagnosing_origins import Answers, Row
from samsvar.logic.judging.cross_origin import ALLOW_ORIGIN, combined
from samsvar.logic.reporting.commands import curl, powershell


def origins_document(answers: Answers, version: str) -> dict[str, Any]:
    """The plain answer for each origin (set_up: true, false, or null when it could not be seen), and every row, as this
    version of samsvar tells it."""
    return {
        "samsvar": version,
        "target": {"kind": answers.target.kind.value, "root": answers.target.root},
        "exit_code": answers.exit_code,
        "origins": [
            {"origin": one, "set_up": answers.set_up(one), "answer": f"{answers.answer(one)}."}
            for one in answers.origins
        ],
        "let_in": [row.what for row in answers.let_in],
        "stopped": answers.stopped,
        "rows": [_row(answers, row) for row in answers.rows],
    }


def _row(answers: Answers, row: Row) -> dict[str, Any]:
    found = row.exchange
    response = found.response if found is not None else None
    return {
        "origin": row.origin,
        "what": row.what,
        "ok": row.ok,
        "status": response.status if response is not None else None,
        "allow_origin": combined(response, ALLOW_ORIGIN) if response is not None else None,
        "curl": curl(found, answers.target) if found is not None else None,
        "powershell": powershell(found, answers.target) if found is not None else None,
    }

"""Faults of the EXAMPLE family: what a newcomer tries first does not work."""

from collections.abc import Callable
from dataclasses import replace

from samsvar.miniature.faults_of_access import unshared
from samsvar.miniature.odata import QueryError
from samsvar.miniature.parts import Call, Fault, Parts
from samsvar.miniature.records import Record
from samsvar.miniature.switching import on_answer
from samsvar.miniature.wire import Answer


def slash_unknown(call: Call, answer: Answer) -> Answer:
    """A path that ends in a slash never comes to the API: the server before it knows no such page."""
    path = call.ask.target.partition("?")[0]
    return replace(unshared(answer), status=404, reason=b"Not Found") if path.endswith("/") else answer


def robots_kept_away(call: Call, answer: Answer) -> Answer:
    """A filter before the API takes curl for a robot, and answers itself."""
    said = call.ask.header("User-Agent") or ""
    return replace(unshared(answer), status=403, reason=b"Forbidden") if said.lower().startswith("curl/") else answer


def dates_in_one_spelling(parts: Parts) -> Parts:
    """A filter with a date is understood only as later versions of OData spell it."""
    before = parts.parse_filter

    def parse(words: str, model: str) -> Callable[[Record], bool]:
        if "DateTime'" in words:
            raise QueryError(f"Syntax error in '{words}'")
        return before(words, model)

    return replace(parts, parse_filter=parse)


ROWS: tuple[Fault, ...] = (
    Fault(
        "example-1-final-slash-unknown",
        "EXAMPLE-1",
        "A path that ends in a slash, as in the documented check of a domain, is unknown.",
        False,
        on_answer(slash_unknown),
    ),
    Fault(
        "example-1-curl-kept-away",
        "EXAMPLE-1",
        "Whoever says that he is curl is kept away as a robot.",
        True,
        on_answer(robots_kept_away),
    ),
    Fault(
        "example-1-date-as-documented-refused",
        "EXAMPLE-1",
        "A filter with a date is refused in the spelling that the page has, DateTime'...', and understood in another.",
        True,
        dates_in_one_spelling,
    ),
)

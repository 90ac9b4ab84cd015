"""A report as one web page for people, with the exchanges that show each finding: the home of Jinja2.

Credentials never stand in it: what samsvar sends is recorded without them, and what a target sends back of them
(session cookies, tokens, an echo of the key) is left out here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from samsvar.logic.reporting.commands import curl, safe, shown_by
from samsvar.logic.reporting.console import TOLD, grouped, provenance
from samsvar.logic.reporting.page_template import PAGE, STYLE
from samsvar.model.exchange import Exchange, Fields, Response, Target
from samsvar.model.verdict import Finding, Judgement, Outcome, Report, Sight

MOST_BODY = 2_000
"""Characters of a body that are shown."""
MOST_FINDINGS = 200
MOST_WITH_EXCHANGES = 20
"""Findings per guarantee that are shown, and of those the first that are shown with their exchanges."""

SECRET_FIELDS = frozenset(("set-cookie", "cookie", "authorization", "apikey", "proxy-authorization"))
TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*")
"""A JSON Web Token (RFC 7519): its head is the JSON of an object, so it begins like this."""
LEFT_OUT = "(left out)"
SHORTEST_SECRET = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange as the page shows it."""

    number: int
    asked: str
    said: str
    curl: str
    request: str
    answer: str


def page(report: Report, exchanges: Iterable[Exchange] = (), secrets: Iterable[str] = ()) -> str:
    """The whole page. ``secrets`` are values that must not stand in it, whoever wrote them."""
    counts = Counter(one.outcome for one in report.judgements)
    groups = grouped(report.judgements)
    book = Book(report.target, exchanges)
    return (
        _environment(tuple(secrets))
        .from_string(PAGE)
        .render(
            report=report,
            root=safe(report.target.root),
            recording=provenance(report),
            style=STYLE,
            places=sum(count for _, count in report.places),
            counts=[(outcome, counts[outcome]) for outcome in groups if counts[outcome]],
            told=[one for outcome in (*TOLD, Outcome.NOTED) for one in groups[outcome]],
            shown=lambda one: telling(one)[:MOST_FINDINGS],
            more=lambda one: max(0, len(telling(one)) - MOST_FINDINGS),
            exchanges=book.of,
        )
    )


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without these values; one too short to be a secret would only tear holes into it."""
    for secret in sorted((one for one in secrets if len(one) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, LEFT_OUT)
    return text


def telling(judgement: Judgement) -> tuple[Finding, ...]:
    """The findings that say why a guarantee is not kept."""
    unmet = tuple(one for one in judgement.findings if one.sight is Sight.UNMET)
    return unmet or judgement.findings


class Book:
    """Looks up the exchanges of findings, for the first findings that come."""

    def __init__(self, target: Target, exchanges: Iterable[Exchange]) -> None:
        self._target = target
        self._exchanges = {exchange.number: exchange for exchange in exchanges}
        self._given: Counter[str] = Counter()

    def of(self, finding: Finding, guarantee: str) -> list[Shown]:
        """What shows a finding of that guarantee; nothing when the page has shown enough of it."""
        self._given[guarantee] += 1
        if self._given[guarantee] > MOST_WITH_EXCHANGES:
            return []
        return [shown(one, self._target) for one in shown_by(finding, self._exchanges)]


def shown(exchange: Exchange, target: Target) -> Shown:
    """An exchange in text."""
    probe = exchange.probe
    return Shown(
        exchange.number,
        f"{probe.method} {probe.url}",
        said(exchange),
        TOKEN.sub(LEFT_OUT, curl(exchange, target)),
        "\n".join((f"{probe.method} {probe.url}", *_fields(exchange.sent or probe.headers), *_added(exchange))),
        TOKEN.sub(LEFT_OUT, "\n".join(_answer(exchange))),
    )


def said(exchange: Exchange) -> str:
    """What came, in a few words."""
    if exchange.response is not None:
        return f"{exchange.response.status} {exchange.response.phrase}".strip()
    return f"{exchange.failure.stage}: {exchange.failure.because}" if exchange.failure else "nothing"


def _fields(fields: Fields) -> Iterator[str]:
    for name, value in fields:
        yield f"{name}: {LEFT_OUT if name.lower() in SECRET_FIELDS else value}"


def _added(exchange: Exchange) -> Iterator[str]:
    if exchange.credentials:
        yield f"(and, not shown: {', '.join(exchange.credentials)})"


def _answer(exchange: Exchange) -> Iterator[str]:
    response = exchange.response or (exchange.failure.response if exchange.failure else None)
    if exchange.failure is not None:
        yield f"({exchange.failure.stage}: {exchange.failure.because})"
    if response is not None:
        yield f"{response.version} {response.status} {response.phrase}".rstrip()
        yield from _fields(response.headers)
        yield ""
        yield body_text(response)


def body_text(response: Response) -> str:
    """The beginning of a body as text; bytes that are not text are said, not shown."""
    text = response.body.decode("utf-8", "replace")
    if text.count("\ufffd") > len(text) // 10 or "\x00" in text[:MOST_BODY]:
        return f"({len(response.body)} bytes that are no UTF-8 text)" if response.body else ""
    if len(text) <= MOST_BODY:
        return text
    # A token that the cut goes through would no longer look like one.
    return f"{TOKEN.sub(LEFT_OUT, text)[:MOST_BODY]}\n... ({len(text)} characters in all)"


def safe_lines(text: str) -> str:
    """Lines of unknown origin, each made safe to show."""
    return "\n".join(safe(line.replace("\t", "  ")) for line in text.replace("\r\n", "\n").split("\n"))


def _environment(secrets: tuple[str, ...]) -> Environment:
    """Everything that came from the target goes through one of the two filters."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["safe_text"] = lambda text: safe(without(text, secrets))
    environment.filters["safe_lines"] = lambda text: safe_lines(without(text, secrets))
    return environment

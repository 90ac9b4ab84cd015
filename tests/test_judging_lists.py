"""LIST-1 to LIST-5 on a small list service written by hand: kept, each defect, harmless variations, nothing to see."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import ROOT, explore

from samsvar.logic.asking import lists
from samsvar.logic.asking.lists import Condition, Operator, Term, condition_of, local_time, pivot, spelled
from samsvar.logic.exploring import Limits
from samsvar.logic.judging.lists import RULES
from samsvar.logic.lexical import read
from samsvar.logic.observing import Observed
from samsvar.model.contract import Profile, ValueKind
from samsvar.model.exchange import HAL_JSON, Probe, Response
from samsvar.model.verdict import Finding, Sight, Unseen
from samsvar.world.documents import read_contract

CONTRACT = read_contract("altinn2")
PROFILE = Profile("test", formats=(HAL_JSON,))
Row = dict[str, Any]
NAMES = ("Melding om skatt", "Søknad på nytt", "Kari's brev", "Vedtak i sak")


def messages(count: int) -> list[Row]:
    """Messages, the newest first."""
    return [
        {
            "MessageId": f"a{5000 + n}",
            "Subject": f"{NAMES[n % 4]} {n % 7}",
            "Status": "Lest",
            "LastChangedDateTime": f"2025-{12 - n // 25:02}-{25 - n % 25:02}T10:00:00.5",
            "LastChangedBy": "Testdepartementet",
            "ServiceOwner": "Testdepartementet",
            "Type": "Correspondence" if n % 3 else "FormTask",
            "ServiceCode": f"{4000 + n % 3}",
            "ServiceEdition": n % 4 + 1,
        }
        for n in range(count)
    ]


class Refused(Exception):
    """The query cannot be understood."""


def _literal(text: str) -> Any:
    if text.lower().startswith("datetime'"):
        return text[9:-1]
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return int(text)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
}
TEXT = r"'(?:[^']|'')*'"


def filtered(rows: list[Row], text: str) -> list[Row]:
    """OData as far as these tests go; written apart from what asks."""
    for joiner, fold in ((" or ", any), (" and ", all)):
        parts = re.split(joiner + r"(?=(?:[^']*'[^']*')*[^']*\Z)", text)
        if len(parts) > 1:
            kept = [{row["MessageId"] for row in filtered(rows, part)} for part in parts]
            return [row for row in rows if fold(row["MessageId"] in one for one in kept)]
    if found := re.fullmatch(rf"substringof\(({TEXT}),(\w+)\)", text):
        return [row for row in rows if _literal(found[1]) in row[found[2]]]
    found = re.fullmatch(rf"(\w+) (eq|ne|gt|ge) ((?:datetime)?{TEXT}|-?\d+)", text)
    if not found or found[1] not in rows[0]:
        raise Refused(text)
    wanted = _literal(found[3])
    return [row for row in rows if OPERATORS[found[2]](row[found[1]], wanted)]


def whole_number(text: str) -> int:
    if not text.isdigit():
        raise Refused(text)
    return int(text)


@dataclass
class Box:
    """A message box. The fields are what a defect or a variation changes."""

    rows: list[Row] = field(default_factory=lambda: messages(60))
    limit: int = 50
    next_links: bool = False
    hidden: list[Row] = field(default_factory=list)
    headers: tuple[tuple[str, str], ...] = ()
    warns: Callable[[dict[str, str]], bool] = lambda _query: False
    search: Callable[[list[Row], str], list[Row]] = filtered
    query: Callable[[dict[str, str]], dict[str, str]] = lambda query: query
    refusal: int = 400
    arrives: int = 10**9
    asked: int = 0

    def __call__(self, probe: Probe) -> Response:
        parts = urlsplit(probe.url)
        if parts.path != urlsplit(f"{ROOT}/my/messages").path:
            return self._other(parts.path)
        self.asked += 1
        if self.asked == self.arrives:
            self.rows = [
                {**self.rows[0], "MessageId": "a9999", "LastChangedDateTime": "2026-01-01T10:00:00"},
                *self.rows,
            ]
        try:
            return self._page(self.query(dict(parse_qsl(parts.query))))
        except Refused:
            return Response(self.refusal, reason=b"The query cannot be understood")

    def _other(self, path: str) -> Response:
        found = next(
            (row for row in [*self.rows, *self.hidden] if path.endswith(f"/my/messages/{row['MessageId']}")), None
        )
        return self._said(found) if found else Response(404, reason=b"No such resource")

    def _page(self, query: dict[str, str]) -> Response:
        rows = self.rows
        if "dateTo" in query:
            narrow = [*self.rows, *self.hidden] if self.hidden else self.rows
            rows = [row for row in narrow if row["LastChangedDateTime"] <= query["dateTo"]]
            rows = [row for row in rows if row["LastChangedDateTime"] >= query.get("dateFrom", "")]
        if "$filter" in query:
            rows = self.search(rows, query["$filter"])
        if "$orderby" in query:
            name, _, direction = query["$orderby"].partition(" ")
            if name not in self.rows[0]:
                raise Refused(name)
            rows = sorted(rows, key=lambda row: row[name], reverse=direction == "desc")
        skip, top = whole_number(query.get("$skip", "0")), whole_number(query.get("$top", str(self.limit)))
        shown = rows[skip : skip + min(top, self.limit)]
        links: dict[str, Any] = {"self": {"href": f"{ROOT}/my/messages"}}
        if self.next_links and skip + len(shown) < len(rows) and "$top" not in query:
            kept = "&".join(f"{name}={value}" for name, value in query.items() if name != "$skip")
            links["next"] = {"href": f"{ROOT}/my/messages?{kept}{'&' if kept else ''}$skip={skip + len(shown)}"}
        more = (("X-Warning-LimitReached", "true"),) if self.warns(query) else ()
        body = {"_links": links, "_embedded": {"messages": [self._linked(row) for row in shown]}}
        return self._said(body, (*self.headers, *more))

    def _linked(self, row: Row) -> Row:
        return {**row, "_links": {"self": {"href": f"{ROOT}/my/messages/{row['MessageId']}"}}}

    def _said(self, body: Row, headers: tuple[tuple[str, str], ...] = ()) -> Response:
        return Response(200, (("Content-Type", HAL_JSON), *headers), json.dumps(body).encode(), b"OK")


def see(box: Callable[[Probe], Response]) -> Observed:
    return explore(box, CONTRACT, rounds=((lists.ask,),), profile=PROFILE, limits=Limits(places=2)).observed


def judged(guarantee: str, box: Callable[[Probe], Response]) -> tuple[Finding, ...]:
    return tuple(RULES[guarantee](see(box)))


def sights(findings: tuple[Finding, ...]) -> set[Sight]:
    return {one.sight for one in findings}


def reasons(findings: tuple[Finding, ...]) -> str:
    return "; ".join(one.because for one in findings if one.sight is not Sight.MET)


@pytest.mark.parametrize("guarantee", ["LIST-1", "LIST-2", "LIST-3", "LIST-5"])
def test_a_box_that_keeps_the_contract_is_met(guarantee: str) -> None:
    findings = judged(guarantee, Box())
    assert sights(findings) == {Sight.MET}, reasons(findings)


def _without_case(rows: list[Row], text: str) -> list[Row]:
    """As many databases compare texts."""
    lowered = [
        {name: value.lower() if isinstance(value, str) else value for name, value in row.items()} for row in rows
    ]
    literals = re.sub(TEXT, lambda found: found[0].lower(), text)
    kept = {row["MessageId"] for row in filtered(lowered, literals)}
    return [row for row in rows if row["MessageId"].lower() in kept]


VARIATIONS: Mapping[str, Callable[[], Box]] = {
    "pages of ten with next links": lambda: Box(limit=10, next_links=True),
    "a short list": lambda: Box(rows=messages(5)),
    "one element": lambda: Box(rows=messages(1)),
    "three pages": lambda: Box(rows=messages(130)),
    "more members": lambda: Box(rows=[{**row, "New": [1, {"x": None}]} for row in messages(60)]),
    "times with offset": lambda: Box(
        rows=[{**row, "LastChangedDateTime": row["LastChangedDateTime"] + "+01:00"} for row in messages(60)]
    ),
    "times with zeros at their end, compared as texts": lambda: Box(
        rows=[{**row, "LastChangedDateTime": row["LastChangedDateTime"] + "00"} for row in messages(60)]
    ),
    "a message arrives early": lambda: Box(arrives=8),
    "a message arrives late": lambda: Box(arrives=24),
    "other members are missing here and there": lambda: Box(
        rows=[{k: v for k, v in row.items() if k != "Subject" or n % 2} for n, row in enumerate(messages(60))]
    ),
    "texts compare without case": lambda: Box(search=_without_case),
    "cut and said": lambda: Box(rows=messages(130)[:60], hidden=messages(130)[60:], warns=lambda _query: True),
    "the warning without need": lambda: Box(warns=lambda _query: True),
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_harmless_variations_fail_nothing(name: str) -> None:
    observed = see(VARIATIONS[name]())
    for guarantee, rule in RULES.items():
        findings = tuple(rule(observed))
        assert Sight.UNMET not in sights(findings), f"{guarantee}: {reasons(findings)}"


@pytest.mark.parametrize("arrives", range(2, 40, 3))
def test_a_message_that_arrives_at_any_moment_fails_nothing(arrives: int) -> None:
    observed = see(Box(arrives=arrives))
    for guarantee, rule in RULES.items():
        findings = tuple(rule(observed))
        assert Sight.UNMET not in sights(findings), f"{guarantee}: {reasons(findings)}"


def _leaks(rows: list[Row], text: str) -> list[Row]:
    found = filtered(rows, text)
    return found + [row for row in rows if row not in found][:1] if " ne " in text else found


def _loses(rows: list[Row], text: str) -> list[Row]:
    found = filtered(rows, text)
    return found[1:] if len(found) > 1 else found


def _first_page_only(rows: list[Row], text: str) -> list[Row]:
    return (
        filtered(rows, text) if text.count("'") % 2 or not rows else [r for r in filtered(rows, text) if r in rows[:50]]
    )


def _quotes_break(rows: list[Row], text: str) -> list[Row]:
    if "''" in text:
        raise Refused(text)
    return filtered(rows, text)


def _strict_becomes_lax(rows: list[Row], text: str) -> list[Row]:
    return filtered(rows, text.replace(" gt ", " ge "))


def without(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda query: {name: value for name, value in query.items() if name not in names}


def _one_off(query: dict[str, str]) -> dict[str, str]:
    return {**query, "$skip": str(int(query["$skip"]) + 1)} if {"$skip", "$top"} <= query.keys() else query


def _no_falling(query: dict[str, str]) -> dict[str, str]:
    return {name: value.removesuffix(" desc") if name == "$orderby" else value for name, value in query.items()}


def _lenient(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """Numbers that cannot be understood are left out of account."""
    return lambda query: {k: v for k, v in query.items() if k not in names or v.isdigit()}


def _unknown_ignored(rows: list[Row], text: str) -> list[Row]:
    try:
        return filtered(rows, text)
    except Refused:
        return rows


DEFECTS: Mapping[str, tuple[str, Callable[[], Box]]] = {
    "no limit": ("LIST-1", lambda: Box(rows=messages(60), limit=1000)),
    "fifty-one": ("LIST-1", lambda: Box(limit=51)),
    "$skip ignored": ("LIST-2", lambda: Box(query=without("$skip"))),
    "$top ignored": ("LIST-2", lambda: Box(query=without("$top"))),
    "window one off": ("LIST-2", lambda: Box(query=_one_off)),
    "filter ignored": ("LIST-3", lambda: Box(search=lambda rows, _text: rows)),
    "filter finds nothing": ("LIST-3", lambda: Box(search=lambda _rows, _text: [])),
    "ne leaks": ("LIST-3", lambda: Box(search=_leaks)),
    "one that fits is lost": ("LIST-3", lambda: Box(search=_loses)),
    "only the first page is searched": ("LIST-3", lambda: Box(search=_first_page_only)),
    "quotes break a filter": ("LIST-3", lambda: Box(search=_quotes_break)),
    "gt means ge": ("LIST-3", lambda: Box(search=_strict_becomes_lax)),
    "order ignored": ("LIST-3", lambda: Box(query=without("$orderby"))),
    "desc ignored": ("LIST-3", lambda: Box(query=_no_falling)),
    "cut and silent": ("LIST-4", lambda: Box(rows=messages(130)[:60], hidden=messages(130)[60:])),
    "cut and silent when searched": (
        "LIST-4",
        lambda: Box(rows=messages(130)[:60], hidden=messages(130)[60:], warns=lambda query: "$filter" not in query),
    ),
    "a filter that cannot be understood is ignored": ("LIST-5", lambda: Box(search=_unknown_ignored)),
    "a filter that cannot be understood crashes": ("LIST-5", lambda: Box(refusal=500)),
    "a negative $skip is ignored": ("LIST-5", lambda: Box(query=_lenient("$skip"))),
    "$top without a number is ignored": ("LIST-5", lambda: Box(query=_lenient("$top"))),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_unmet_in_its_guarantee(name: str) -> None:
    guarantee, box = DEFECTS[name]
    findings = judged(guarantee, box())
    assert Sight.UNMET in sights(findings), reasons(findings)
    assert all(one.because and one.observed and one.exchanges for one in findings if one.sight is Sight.UNMET)


@pytest.mark.parametrize("name", [name for name in DEFECTS if name not in ("$skip ignored", "window one off")])
def test_a_defect_is_unmet_in_no_other_guarantee(name: str) -> None:
    own, box = DEFECTS[name]
    observed = see(box())
    others = {
        guarantee
        for guarantee, rule in RULES.items()
        if guarantee != own and any(one.sight is Sight.UNMET for one in rule(observed))
    }
    assert not others


def test_a_cut_list_that_says_so_is_met() -> None:
    findings = judged("LIST-4", VARIATIONS["cut and said"]())
    assert sights(findings) == {Sight.MET}, reasons(findings)


def test_a_list_that_is_not_cut_proves_that_there_is_nothing_to_say() -> None:
    (finding,) = judged("LIST-4", Box())
    assert (finding.sight, finding.unseen) == (Sight.UNSEEN, Unseen.INAPPLICABLE)
    assert finding.exchanges


def test_a_list_below_the_limit_shows_nothing_of_the_limit() -> None:
    (finding,) = judged("LIST-1", Box(rows=messages(5)))
    assert (finding.sight, finding.unseen) == (Sight.UNSEEN, Unseen.INAPPLICABLE)


@pytest.mark.parametrize("guarantee", RULES)
def test_nothing_is_met_where_nothing_answers(guarantee: str) -> None:
    findings = judged(guarantee, lambda _probe: Response(404, reason=b"Not here"))
    assert Sight.MET not in sights(findings)
    assert Sight.UNMET not in sights(findings)


def test_a_list_that_repeats_itself_is_judged_without_a_crash() -> None:
    observed = see(Box(rows=[*messages(55), *messages(40)]))
    for rule in RULES.values():
        tuple(rule(observed))


def test_questions_about_lists_are_few() -> None:
    requests = see(Box()).requests()
    assert sum(count for question, count in requests.items() if question.startswith("list.")) <= 45


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
terms = st.one_of(
    st.builds(Term, st.just("Subject"), st.sampled_from([Operator.EQ, Operator.NE]), words),
    st.builds(Term, st.just("Subject"), st.sampled_from([Operator.CONTAINS, Operator.STARTS]), words),
    st.builds(Term, st.just("Edition"), st.just(Operator.GT), st.integers(0, 999).map(str), st.just(ValueKind.DECIMAL)),
    st.just(Term("Changed", Operator.GE, "2026-01-01T10:00:00.5", ValueKind.INSTANT)),
)


@given(st.lists(terms, min_size=1, max_size=1), st.lists(terms, max_size=1), st.sampled_from(["and", "or"]))
@settings(max_examples=80)
def test_a_filter_that_is_written_is_read_back(first: list[Term], more: list[Term], joiner: str) -> None:
    condition = Condition((*first, *more), joiner if more else "and")
    assert condition_of(spelled(condition)) == condition


@given(st.lists(st.datetimes().map(lambda when: when.isoformat()), min_size=2, max_size=6, unique=True))
@settings(max_examples=60)
def test_a_pivot_parts_the_times(times: list[str]) -> None:
    values = [read(text, ValueKind.INSTANT) for text in times]
    text = pivot(times)
    if len(set(values)) > 1:
        assert text is not None
        between = read(text, ValueKind.INSTANT)
        assert any(value > between for value in values) and any(value <= between for value in values)  # type: ignore


def test_an_instant_is_written_in_norwegian_time() -> None:
    assert local_time(read("2026-07-01T10:00:00.25Z", ValueKind.INSTANT)) == "2026-07-01T12:00:00.25"  # type: ignore[arg-type]

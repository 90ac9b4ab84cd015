"""What was walked: how often each relation, in which format, with which answer, and why the others never were."""

import dataclasses
from collections.abc import Callable

from linked_environment import CONTRACT, HAL_ONLY, kept, to
from stage import explore
from strolls import strolled

from samsvar.logic.exploring import Explorer
from samsvar.logic.reporting.walks import coverage_lines, walk_lines
from samsvar.logic.walking.covering import (
    LED_OUT,
    NEVER_SEEN,
    NOT_OFFERED,
    NOT_WALKED,
    carried_by,
    covered,
)
from samsvar.logic.walking.steps import read_walk
from samsvar.logic.walking.walks import STEPS
from samsvar.model.exchange import Failure, Probe, Response, Stage
from samsvar.model.walk import Walked

BOX = "my/messages"


def walked(*lines: str) -> dict[tuple[str, str], Walked]:
    return rows(strolled(kept().answer, *lines))


def rows(explorer: Explorer) -> dict[tuple[str, str], Walked]:
    found = covered(explorer.observed)
    assert len({(row.type, row.relation) for row in found}) == len(found), "one row for each"
    return {(row.type, row.relation): row for row in found}


def answers(row: Walked) -> dict[tuple[str, str], int]:
    return dict(row.answers)


def test_without_a_walk_there_are_no_rows() -> None:
    assert covered(explore(kept().answer, CONTRACT, profile=HAL_ONLY).observed) == ()
    assert list(coverage_lines(())) == []


def test_each_relation_is_counted_by_format_and_answer() -> None:
    found = walked("reportees > messages > [hal+xml] self", "reportees > messages#2", "[hal+xml] reportees")
    assert answers(found["", "reportees"]) == {("hal+json", "200"): 2, ("hal+xml", "200"): 1}
    assert answers(found["Reportee", "messages"]) == {("hal+json", "200"): 2}
    assert answers(found["Message", "self"]) == {("hal+xml", "200"): 1}


def test_staying_where_one_is_follows_no_relation() -> None:
    found = walked("reportees > . > [hal+xml] . > .?$top=1")
    assert sum(sum(answers(row).values()) for row in found.values()) == 1


def test_what_comes_is_counted_as_it_came() -> None:
    world = kept()
    world.hook = lambda probe, said: (
        Response(500) if probe.walk == "r1.2" else Failure(Stage.RECEIVE, "closed") if probe.walk == "r2.2" else said
    )
    found = rows(strolled(world.answer, "reportees > messages", "reportees > messages", "reportees > messages"))
    counted = {("hal+json", "500"): 1, ("hal+json", "no answer"): 1, ("hal+json", "200"): 1}
    assert answers(found["Reportee", "messages"]) == counted


def test_documents_and_templates_are_relations_too() -> None:
    found = walked(f"{BOX} > find(messageId=a100003) > [*] print")
    assert answers(found["MessageList", "find"]) == {("hal+json", "200"): 1}
    assert answers(found["Message", "print"]) == {("*", "200"): 1}


def test_a_relation_belongs_to_the_embedded_resource_that_carries_it() -> None:
    found = walked("reportees > self", "reportees > self#3")
    assert answers(found["Reportee", "self"]) == {("hal+json", "200"): 1}
    assert answers(found["ReporteeList", "self"]) == {("hal+json", "200"): 1}


def test_what_was_never_walked_has_its_reason() -> None:
    found = walked("reportees > messages")
    assert found["Message", "print"].never == NOT_WALKED
    assert found["ReporteeList", "find"].never == NOT_WALKED
    reasons = {row.never for row in found.values() if not row.answers}
    assert reasons == {NEVER_SEEN, NOT_OFFERED, NOT_WALKED}
    assert all(bool(row.never) != bool(row.answers) for row in found.values())


def test_what_leads_out_is_never_listed() -> None:
    found = walked("reportees")
    led_out = {(row.source, row.rel.lower()) for row in CONTRACT.relations if row.kind in LED_OUT and row.source != "*"}
    assert led_out and not led_out & set(found)


def test_every_relation_of_the_contract_that_can_be_followed_has_its_row() -> None:
    found = walked("reportees")
    wanted = {
        (row.source, row.rel.lower()) for row in CONTRACT.relations if row.kind not in LED_OUT and row.source != "*"
    }
    assert wanted <= set(found)


def test_a_relation_that_the_contract_does_not_know_is_counted_where_it_was_walked() -> None:
    world = kept()
    world.pages[f"{BOX}/a100001"]["_links"]["odd"] = to("metadata")
    found = rows(strolled(world.answer, f"{BOX} > self > odd"))
    assert answers(found["Message", "odd"]) == {("hal+json", "200"): 1}


def test_the_carrier_is_the_type_that_offered_the_link() -> None:
    observed = strolled(kept().answer, f"{BOX} > self#3 > form#2 > @1 find(messageId=a100001)").observed
    found = [carried_by(observed, reading) for reading in observed.asked(*STEPS)]
    assert found == [("", BOX), ("Message", "self"), ("Message", "form"), ("MessageList", "find")]


def test_with_fewer_exchanges_the_carrier_is_not_guessed() -> None:
    explorer = strolled(kept().answer, "reportees > messages")
    last = explorer.observed.asked(*STEPS)[-1]
    lost = dataclasses.replace(last.exchange, probe=dataclasses.replace(last.probe, parent=None))
    assert carried_by(explorer.observed, type(last)(lost)) == ("", "messages")


# -- how it is told ---------------------------------------------------------------------------------------------------


def test_the_table_tells_what_was_walked_and_what_never() -> None:
    world = kept()
    world.hook = lambda probe, said: Response(500) if probe.walk == "r2.2" else said
    explorer = strolled(world.answer, "reportees > messages", "reportees > messages")
    lines = list(coverage_lines(covered(explorer.observed)))
    assert lines[0].startswith("walked 2 of ") and lines[1].split() == ["hal+json", "hal+xml", "xml", "json", "*"]
    assert ["Reportee", ">", "messages", "1", "1x500"] in [line.split() for line in lines]
    assert ["reportees", "2"] in [line.split() for line in lines]
    never = [line for line in lines if line.startswith("  never, ")]
    assert [line.partition(": ")[0].removeprefix("  never, ") for line in never]
    assert len(never) == 3 and "MessageList > find" in "".join(never)


def told(line: str, hook: Callable[[Probe, object], object] | None = None) -> list[str]:
    world = kept()
    if hook is not None:
        world.hook = hook  # type: ignore[assignment]
    return list(walk_lines(strolled(world.answer, line).observed, 1, read_walk(line)))


def test_a_walk_is_told_step_by_step() -> None:
    lines = told("reportees > messages#2 > [hal+xml] self")
    assert [" ".join(line.split()[:3]) for line in lines] == [
        "1 reportees 200",
        "2 messages#2 200",
        "3 [hal+xml] self",
    ]
    assert "Message a400010" in lines[2]


def test_a_walk_that_goes_no_further_says_why() -> None:
    assert "not offered there, or not recorded; offered: find, messages, self" in told("reportees > nothing > x")[1]
    assert len(told("reportees > nothing > x")) == 2
    assert [line.split() for line in told("nothing > x")] == [["1", "nothing", "no", "such", "entry", "answers"]]


def test_a_walk_that_broke_off_says_so() -> None:
    lines = told("organizations > self")
    assert "404" in lines[0] and lines[1].endswith("not walked: the walk ended before")


def test_what_an_environment_says_cannot_write_over_the_terminal() -> None:
    world = kept()
    world.pages[f"{BOX}/a100001"]["_links"]["\x1b[31mred"] = to("metadata")
    line = f"{BOX} > self > nothing"
    lines = list(walk_lines(strolled(world.answer, line).observed, 1, read_walk(line)))
    assert all(one.isprintable() for one in lines)

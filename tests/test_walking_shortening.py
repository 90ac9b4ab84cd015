"""A shorter walk is a walk: it begins at an entry, names only steps before, and is simpler than the one it is of."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.logic.walking.shortening import Steps, fewer, in_other_formats, plainer, without
from samsvar.logic.walking.steps import DOCUMENT, SPELLINGS, Step, read_walk, written
from samsvar.model.exchange import FORMATS, HAL_JSON, Login

MOST = 6
FEWER = settings(max_examples=40)


@st.composite
def walks(draw: st.DrawFn) -> Steps:
    """A walk whose every step has a name of its own, so that one sees which are left."""
    size = draw(st.integers(1, MOST))
    return tuple(
        Step(
            rel=f"rel{index}",
            entry=index == 0 or draw(st.booleans()),
            nth=draw(st.integers(1, 3)),
            at=draw(st.sampled_from((0, draw(st.integers(0, index))))),
            query=draw(st.sampled_from(((), (("$top", "1"),), (("$top", "1"), ("$skip", "2"))))),
            format=draw(st.sampled_from((*FORMATS, DOCUMENT))),
            spelling=draw(st.sampled_from(list(SPELLINGS))),
            origin=draw(st.sampled_from(("", "https://a.example"))),
            login=draw(st.sampled_from((Login.GIVEN, Login.NONE))),
            tag=draw(st.integers(0, index)),
        )
        for index in range(size)
    )


def candidates(steps: Steps) -> list[Steps]:
    return [*fewer(steps), *plainer(steps), *in_other_formats(steps)]


@FEWER
@given(walks())
def test_a_shortened_walk_is_a_walk(steps: Steps) -> None:
    for one in candidates(steps):
        assert one and one[0].entry
        assert all(step.at <= index and step.tag <= index for index, step in enumerate(one))
        assert read_walk(written(one)) == one


@FEWER
@given(walks())
def test_fewer_steps_are_some_of_the_steps_in_their_order_and_the_last_one_stays(steps: Steps) -> None:
    names = [step.rel for step in steps]
    for one in fewer(steps):
        left = [step.rel for step in one]
        assert len(left) < len(names) and left[-1] == names[-1]
        assert left == [name for name in names if name in left]


def named(all_: Steps, number: int) -> str:
    return all_[number - 1].rel if number else ""


@FEWER
@given(walks())
def test_a_tag_is_that_of_the_same_step_as_before(steps: Steps) -> None:
    before = {step.rel: named(steps, step.tag) for step in steps}
    for one in fewer(steps):
        assert {step.rel: named(one, step.tag) for step in one}.items() <= before.items()


@FEWER
@given(walks())
def test_a_step_goes_on_from_the_same_step_or_from_the_one_before_what_is_gone(steps: Steps) -> None:
    order = [step.rel for step in steps]
    before = {step.rel: named(steps, step.at) for step in steps}
    for one in fewer(steps):
        left = {step.rel for step in one}
        for step in one:
            wanted, got = before[step.rel], named(one, step.at)
            if wanted in left or not wanted:
                assert got == wanted
            else:
                assert got == max((rel for rel in left if rel < wanted), key=order.index, default="")


@FEWER
@given(walks())
def test_steps_whose_tags_are_sent_are_not_left_out(steps: Steps) -> None:
    needed = {step.tag for step in steps}
    for number, _ in enumerate(steps, start=1):
        left = without(steps, number - 1, number)
        assert number not in needed or left is None
        assert left is None or len(left) == len(steps) - 1


@FEWER
@given(walks())
def test_every_simpler_walk_is_tried_once_and_the_shortest_first(steps: Steps) -> None:
    lengths = [len(one) for one in fewer(steps)]
    assert lengths == sorted(lengths)
    for found in (list(fewer(steps)), list(in_other_formats(steps))):
        assert len({written(one) for one in found}) == len(found)
    assert all(one != steps for one in candidates(steps))


@FEWER
@given(walks())
def test_plainer_steps_come_to_an_end(steps: Steps) -> None:
    turns = 0
    while (plain := next(plainer(steps), None)) is not None:
        steps, turns = plain, turns + 1
        assert turns <= MOST * 7
    assert all(step.spelling == "plain" and step.nth == 1 and not step.origin for step in steps)
    assert all(step.format in (HAL_JSON, DOCUMENT) and step.login is Login.GIVEN for step in steps)


@FEWER
@given(walks())
def test_plainer_walks_have_the_same_steps(steps: Steps) -> None:
    for one in (*plainer(steps), *in_other_formats(steps)):
        assert [step.rel for step in one] == [step.rel for step in steps]
        assert sum(a != b for a, b in zip(one, steps, strict=True)) == 1


@FEWER
@given(walks())
def test_other_formats_are_those_of_the_last_step(steps: Steps) -> None:
    others = list(in_other_formats(steps))
    last = steps[-1]
    assert [one[-1].format for one in others] == (
        [] if last.format == DOCUMENT else [format_ for format_ in FORMATS if format_ != last.format]
    )
    assert all(replace(one[-1], format=last.format) == last and one[:-1] == steps[:-1] for one in others)


SHORTENED = {
    "a > b > c > d": ["a > b > d", "a > c > d"],
    "a > b > @1 c > @3 d": ["a > @1 c > @2 d", "a > b > @2 d"],
    "a > b > . +tag=2": [],
    "a > b > /c > d > . +tag=4": [
        "c > d > . +tag=2",
        "a > d > . +tag=2",
        "a > /c > d > . +tag=3",
        "a > b > d > . +tag=3",
    ],
    "a > /b": ["b"],
    "a": [],
}


@pytest.mark.parametrize("line", SHORTENED)
def test_fewer_steps(line: str) -> None:
    assert sorted(written(one) for one in fewer(read_walk(line))) == sorted(SHORTENED[line])


def test_shortening_again_and_again_comes_to_the_steps_that_matter() -> None:
    steps = read_walk("a > b > c > @1 d > /e > f > @2 g > h")
    matter = {"e", "f", "h"}
    found = True
    while found:
        shorter = (one for one in fewer(steps) if matter <= {step.rel for step in one})
        found = (one := next(shorter, None)) is not None
        steps = one or steps
    assert written(steps) == "e > f > h"


def test_a_walk_of_no_steps_has_no_shorter_one() -> None:
    assert candidates(()) == []

"""Steps of a walk as text: whatever a step is, it comes back as it was, and what is no step is told in one line."""

import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.cli import WALK
from samsvar.errors import UsageError
from samsvar.logic.walking import steps as module
from samsvar.logic.walking.steps import (
    DOCUMENT,
    HERE,
    LONG,
    SPELLINGS,
    Step,
    read_step,
    read_walk,
    step_text,
    written,
)
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML, Login

ODD = (
    " ",
    "#",
    ">",
    " > ",
    "(",
    ")",
    "@",
    "@1 ",
    "+",
    " +tag=1",
    "[",
    "]",
    "%",
    "%20",
    "?",
    "&",
    ",",
    "=",
    "å",
    "\n",
    "🐦",
)
text = st.lists(st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=4))).map(
    "".join
)
names = text.filter(bool)
relations = names | names.map(lambda name: f"/{name}")
pairs = st.lists(st.tuples(text, text), max_size=3).map(tuple)
numbers = st.integers(1, 99)
FEWER = settings(max_examples=60)


@st.composite
def steps(draw: st.DrawFn, before: int) -> Step:
    """A step after so many others; the first one is at an entry."""
    entry = before == 0 or draw(st.booleans())
    return Step(
        rel=draw(relations),
        entry=entry,
        nth=draw(numbers),
        at=draw(st.integers(0, before)),
        values=draw(pairs),
        query=draw(pairs),
        format=draw(st.sampled_from((*FORMATS, DOCUMENT))),
        spelling=draw(st.sampled_from(list(SPELLINGS))),
        origin=draw(text),
        login=draw(st.sampled_from(list(Login))),
        tag=draw(st.integers(0, before)),
    )


@st.composite
def walks(draw: st.DrawFn) -> tuple[Step, ...]:
    return tuple(draw(steps(before)) for before in range(draw(st.integers(1, 4))))


@given(steps(before=9))
def test_a_step_comes_back_as_it_was(step: Step) -> None:
    assert read_step(step_text(step)) == step


@FEWER
@given(walks())
def test_a_walk_comes_back_as_it_was_from_one_line_that_terminals_and_files_carry(walk: tuple[Step, ...]) -> None:
    told = written(walk)
    assert read_walk(told) == walk
    assert told.isascii() and told.isprintable()
    assert len(told.split(" > ")) == len(walk)


def test_what_is_usual_is_not_written() -> None:
    assert step_text(Step("messages")) == "messages"
    assert step_text(Step("messages", nth=2, format=HAL_XML)) == "[hal+xml] messages#2"
    assert step_text(Step("reportees", entry=True)) == "/reportees"
    assert step_text(Step("reportees", entry=True), first=True) == "reportees"
    assert step_text(Step(HERE, at=2, format=DOCUMENT, spelling="capitals")) == "@2 [* as capitals] ."


READ = {
    "reportees > messages#2 > [hal+xml] self": (
        Step("reportees", entry=True),
        Step("messages", nth=2),
        Step("self", format=HAL_XML),
    ),
    "reportees > find(MessageId=b1) > .?$top=3&$skip=1": (
        Step("reportees", entry=True),
        Step("find", values=(("MessageId", "b1"),)),
        Step(HERE, query=(("$top", "3"), ("$skip", "1"))),
    ),
    "metadata > [json as weights] . > /reportees > @1 [*] help": (
        Step("metadata", entry=True),
        Step(HERE, format=JSON, spelling="weights"),
        Step("reportees", entry=True),
        Step("help", at=1, format=DOCUMENT),
    ),
    "my > . +origin=https://www.eksempel.no +login=no-login +tag=1": (
        Step("my", entry=True),
        Step(HERE, origin="https://www.eksempel.no", login=Login.NO_LOGIN, tag=1),
    ),
    "  my   >   [xml]messages  ": (Step("my", entry=True), Step("messages", format=XML)),
    "/my": (Step("my", entry=True),),
    "my > http://docs.example/rel/part%23one": (Step("my", entry=True), Step("http://docs.example/rel/part#one")),
    "my > b%C3%A6%20r": (Step("my", entry=True), Step("bæ r")),
}


@pytest.mark.parametrize("line", READ)
def test_what_people_write_is_read(line: str) -> None:
    assert read_walk(line) == READ[line]


def test_the_examples_of_the_docstring_are_walks() -> None:
    examples = re.findall(r"``([^`]+)``", module.__doc__ or "")
    assert "reportees > messages#2 > [hal+xml] self" in examples and len(examples) > 8
    for example in examples:
        before = "" if " > " in example else "my > my > "
        assert read_walk(f"{before}{_a_step(example)}")


def _a_step(example: str) -> str:
    """The example with what it leaves out."""
    found = f"self {example}" if example.startswith("+") else f"self{example}" if example[0] in "#(?" else example
    found = f"{found} self" if found.startswith("@") else found
    return {"self +origin=": "self +origin=a", "self +login=": "self +login=none", "self +tag=": "self +tag=1"}.get(
        found, found
    )


def test_the_examples_of_the_help_are_walks() -> None:
    shown = [shlex.split(line.strip())[3] for line in WALK.splitlines() if " --replay " in line]
    assert shown and all(len(read_walk(one)) == 3 for one in shown)
    told = WALK.partition("a walk is written")[2].partition("\n\n")[0]
    for part in ("#2", "[hal+xml]", "@1", "/reportees", "find(MessageId=b1)", "?$top=3", "+login=no-login", "+tag=1"):
        assert part in told
    line = (
        "reportees > @1 [hal+xml] messages#2?$top=3 +origin=a +login=no-login +tag=1 > /reportees > find(MessageId=b1)"
    )
    assert written(read_walk(line)) == line


WRONG = {
    "": "Step 1 of the walk, '',",
    "my > ": "Step 1 of the walk, 'my >',",
    "my > > self": "Step 2 of the walk, '> self',",
    "my > two words": "Step 2 of the walk, 'two words',",
    "my > self#": "Step 2 of the walk, 'self#',",
    "my > self#0": "Step 2 of the walk, 'self#0',",
    "my > self#x": "Step 2 of the walk, 'self#x',",
    "my > @0 self": "Step 2 of the walk, '@0 self',",
    "my > find(": "Step 2 of the walk, 'find(',",
    "my > self?": "Step 2 of the walk, 'self?',",
    "my > self\n+tag": "Step 2 of the walk, 'self\\n+tag',",
    "my > [hal+xml self": "Step 2 of the walk, '[hal+xml self',",
    "my > self +tag": "Step 2 of the walk, 'self +tag',",
    "my > [HAL] self": "Step 2 of the walk, '[HAL] self',",
    "my > [pdf] self": "There is no media type 'pdf' (in '[pdf] self'). Known: hal+json, hal+xml, xml, json, *.",
    "my > [xml as shouted] self": "There is no spelling 'shouted' (in '[xml as shouted] self'). Known: plain,",
    "my > self +cookie=a": "Nothing is asked with +cookie (in 'self +cookie=a'). Known: +origin=, +login=, +tag=.",
    "my > self +login=admin": "There is no login 'admin' (in 'self +login=admin'). Known: given, none, no-key,",
    "my > @2 self": "Step 2, '@2 self', names step 2, which does not come before it.",
    "@1 my": "Step 1, '@1 my', names step 1, which does not come before it.",
    "my > self +tag=2": "Step 2, 'self +tag=2', names step 2, which does not come before it.",
    "my > self +tag=0": "Step 2, 'self +tag=0', names step 0, which does not come before it.",
    "my > self +tag=-1": "Step 2, 'self +tag=-1', names step -1, which does not come before it.",
    "my > self +tag=x": "Step 2, 'self +tag=x', names step x, which does not come before it.",
    "my > self +tag=²": "Step 2, 'self +tag=²', names step ², which does not come before it.",
    f"my > self +tag={'9' * 5000}": "names step 99",
    f"my > self#{'9' * 5000}": "Step 2 of the walk, 'self#99",
}


@pytest.mark.parametrize("line", WRONG, ids=lambda line: line[:30])
def test_what_is_no_walk_is_told_in_one_line_that_names_it(line: str) -> None:
    with pytest.raises(UsageError) as told:
        read_walk(line)
    assert WRONG[line] in str(told.value)
    assert len(str(told.value).splitlines()) == 1


@given(st.text(max_size=30))
def test_any_text_is_a_walk_or_a_mistake_that_is_told(line: str) -> None:
    try:
        walk = read_walk(line)
    except UsageError as told:
        assert len(str(told).splitlines()) == 1
    else:
        assert read_walk(written(walk)) == walk


@given(steps(before=3))
def test_accept_names_the_media_type_in_every_spelling(step: Step) -> None:
    if step.format:
        accept = replace(step, spelling=step.spelling).accept.lower().replace(" ", "")
        assert step.format in accept
        weights = {one.partition(";")[0]: one.partition("q=")[2] or "1" for one in accept.split(",")}
        assert all(float(weights[step.format]) > float(q) for one, q in weights.items() if one != step.format)
    else:
        assert step == read_step(step_text(step))


def test_every_media_type_has_a_short_name_of_its_own() -> None:
    assert set(LONG.values()) == {*FORMATS, DOCUMENT}
    assert LONG["hal+json"] == HAL_JSON

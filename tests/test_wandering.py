"""Walks that Hypothesis chooses: what they promise, whichever they are. Which walks a seed gives is not asked here."""

import asyncio
import contextlib
import gc
import importlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path

import pytest
from hypothesis.errors import FlakyStrategyDefinition
from linked_environment import CONTRACT, HAL_ONLY, Said, World, at, hal, judge, kept, to, unmet_of
from stage import explore
from strolls import came, strolled, surprises

from samsvar.logic.asking import Asker
from samsvar.logic.exploring import Explorer, Limits
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.logic.walking.knowing import step_of
from samsvar.logic.walking.steps import HERE, Step, read_walk
from samsvar.logic.walking.walks import CONFIRM, HOSTILE, STEPS, TRIED, Walk
from samsvar.model.exchange import HAL_JSON, Exchange, Failure, Means, Probe, Response, Stage, Target, TargetKind
from samsvar.model.walk import NO_WALKS, WALKINGS, Walking
from samsvar.world import wandering
from samsvar.world.driver import drive, policy_for, stopped_clock
from samsvar.world.transport import Outcome
from samsvar.world.wandering import wanderer

SOME = Walking("some", walks=12, steps=5, requests=60, laid_out=0, failures=2)
BOX = "my/messages"
Hook = Callable[[Probe, Said], Said]


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "samsvar walks"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    if threads():
        gc.collect()
    assert not threads()


def wandered(world: World, walking: Walking = SOME, limits: Limits | None = None, **more: object) -> Explorer:
    rounds: Sequence[Sequence[Asker]] = ((wanderer(walking, **more),),)  # type: ignore[arg-type]
    return explore(world.answer, CONTRACT, rounds=rounds, profile=HAL_ONLY, limits=limits)


def hooked(hook: Hook) -> World:
    world = kept()
    world.hook = hook
    return world


def asked(explorer: Explorer) -> list[Probe]:
    """What was asked by walks, redirects left out."""
    return [one.probe for one in explorer.exchanges if one.probe.walk and not one.probe.hop]


def walks_of(explorer: Explorer) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = {}
    for one in explorer.observed.asked(*STEPS):
        found.setdefault(one.probe.walk.partition(".")[0], []).append(one)
    return found


def after_a_message(said: Said) -> Callable[[], World]:
    """The environment with a fault that shows only after a certain path: right after one of its messages was read, the
    box is not answered as it should be, within one walk."""

    def made() -> World:
        last = [("", "")]

        def hook(probe: Probe, kept_: Said) -> Said:
            walk = probe.walk.partition(".")[0]
            before, last[0] = last[0], (walk, probe.url.partition("?")[0])
            wrong = probe.walk and before[0] == walk and before[1].startswith(at(f"{BOX}/a")) and last[0][1] == at(BOX)
            return said if wrong else kept_

        return hooked(hook)

    return made


# -- the same again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [kept, after_a_message(Response(500))])
def test_the_same_seed_over_the_same_answers_walks_the_same_walks(made: Callable[[], World]) -> None:
    one, other = (asked(wandered(made())) for _ in range(2))
    assert one == other and len(one) > 20


def test_what_else_is_loaded_does_not_change_the_walks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    one = asked(wandered(kept(), LONGER))
    (tmp_path / "full_of_numbers.py").write_text(f"NUMBERS = {[number * 397 for number in range(1, 160)]}")
    importlib.import_module("full_of_numbers")
    assert asked(wandered(kept(), LONGER)) == one


def test_another_seed_walks_otherwise() -> None:
    one, other = (asked(wandered(kept(), replace(SOME, seed=seed))) for seed in (1, 2))
    assert one != other


def test_given_walks_come_first_and_change_nothing_else() -> None:
    explorer = wandered(kept(), before=(read_walk("reportees > messages"), read_walk("metadata > nothing > self")))
    walks = list(walks_of(explorer))
    assert walks[:2] == ["r1", "r2"] and len(walks) > 2
    assert [len(walks_of(explorer)[name]) for name in ("r1", "r2")] == [2, 1]


def test_without_walks_nothing_is_asked_but_what_is_given() -> None:
    assert asked(wandered(kept(), NO_WALKS)) == []
    assert len(asked(wandered(kept(), NO_WALKS, before=(read_walk("reportees > messages"),)))) == 2


# -- budgets ----------------------------------------------------------------------------------------------------------

RESTLESS = cycle((500, 200, 404, 200, 200))


def failing(probe: Probe, said: Said) -> Said:
    """Whatever is asked by a walk fails in the next moment."""
    return Response(next(RESTLESS)) if probe.walk else said


@pytest.mark.parametrize("requests", [1, 2, 7, 25, 60])
@pytest.mark.parametrize("hook", [lambda probe, said: said, failing], ids=["kept", "failing"])
def test_requests_are_never_more_than_the_budget(requests: int, hook: Hook) -> None:
    explorer = wandered(hooked(hook), replace(SOME, requests=requests))
    assert len(asked(explorer)) <= requests
    assert not explorer.observed.stopped


def test_the_budget_is_used() -> None:
    assert len(asked(wandered(kept(), replace(SOME, walks=100, requests=50)))) == 50


@pytest.mark.parametrize("walks", [1, 3, 12])
def test_walks_are_never_more_than_the_budget(walks: int) -> None:
    explorer = wandered(kept(), replace(SOME, walks=walks, requests=400))
    chosen = [name for name in walks_of(explorer) if name.isdigit()]  # neither tours nor shorter walks
    assert 0 < len(chosen) <= walks


def test_a_walk_has_no_more_steps_than_it_may() -> None:
    explorer = wandered(kept(), replace(SOME, steps=3, requests=80))
    assert max(map(len, walks_of(explorer).values())) <= 2 * (3 + 1), "a move is one step there and one back at most"


def test_redirects_are_requests_too() -> None:
    explorer = wandered(hooked(lambda probe, said: redirected(probe) if probe.walk and not probe.hop else said))
    assert len([one for one in explorer.exchanges if one.probe.walk]) <= SOME.requests


def redirected(probe: Probe) -> Response:
    return Response(307, (("Location", f"{probe.url}{'&' if '?' in probe.url else '?'}hop=1"),))


def test_the_run_may_end_before_the_walks_do() -> None:
    crawl = len(wandered(kept(), NO_WALKS).exchanges)
    explorer = wandered(kept(), limits=Limits(requests=crawl + 10, crawl_share=1.0))
    assert len(asked(explorer)) == 10
    assert "budget of requests" in " ".join(one.reason for one in explorer.not_visited)


def test_no_more_is_looked_for_after_so_many_failures() -> None:
    walking = replace(SOME, requests=150, walks=60, failures=1)
    few = wandered(
        hooked(lambda probe, said: Response(500) if probe.walk and "messages" in probe.url else said), walking
    )
    kinds = {(one.probe.type, one.probe.rel, one.probe.walk) for one in few.observed.asked(*STEPS) if not one.ok}
    assert kinds and len(asked(few)) < walking.requests


# -- the profiles -----------------------------------------------------------------------------------------------------


def test_the_profile_for_other_peoples_machines_stays_small_and_sends_nothing_hostile() -> None:
    live = WALKINGS["live"]
    explorer = wandered(kept(), live)
    probes = asked(explorer)
    assert 0 < len(probes) <= live.requests <= 80 and not live.hostile
    assert not explorer.observed.asked(TRIED)
    sent = {value for one in explorer.observed.asked(*STEPS) for _, value in step_of(one).values}
    assert not sent & set(HOSTILE)
    assert {one.method for one in probes} == {"GET"}


@pytest.mark.parametrize("hostile", [True, False])
def test_hostile_values_are_sent_only_where_the_profile_allows(hostile: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    real = wandering.manners
    few = ("searched_by_what_nobody_has", "again")
    monkeypatch.setattr(
        wandering, "manners", lambda **how: {name: one for name, one in real(**how).items() if name in few}
    )
    explorer = wandered(kept(), replace(SOME, hostile=hostile, requests=150, walks=40, steps=8))
    tried = {value for one in explorer.observed.asked(TRIED) for _, value in step_of(one).values}
    assert bool(tried) is hostile and tried <= set(HOSTILE)


@pytest.mark.parametrize("name", WALKINGS)
def test_profiles_are_named_and_never_spend_all_on_one_failure(name: str) -> None:
    found = WALKINGS[name]
    assert found.name == name and 0 < found.shorten < 1 and found.failures > 0
    assert found.requests <= WALKINGS["thorough"].requests


# -- mistakes, ours and theirs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("laid_out", [0, 0.5])
@pytest.mark.parametrize("steps", [1, 4, 15])
def test_a_mistake_of_our_own_is_not_swallowed(steps: int, laid_out: float, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, real = count(1), Walk.probe

    def mistaken(walk: Walk, step: Step) -> Probe | None:
        if next(numbers) == steps:
            raise KeyError("a mistake of ours")
        return real(walk, step)

    monkeypatch.setattr(Walk, "probe", mistaken)
    explorer = wandered(kept(), replace(SOME, laid_out=laid_out))
    assert "samsvar itself failed to ask: KeyError: 'a mistake of ours'" in explorer.observed.stopped
    assert len(asked(explorer)) < 20, "it ends there"


def test_a_mistake_while_a_walk_is_shortened_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(steps: object) -> Iterator[object]:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(wandering, "fewer", mistaken)
    explorer = wandered(after_a_message(Response(500))(), replace(SOME, walks=60, requests=200, steps=8))
    assert "samsvar itself failed to ask: KeyError" in explorer.observed.stopped


@pytest.mark.parametrize("turns", [1, 3])
def test_a_hypothesis_that_gives_up_early_does_not_end_the_walks(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, real = count(1), wandering.run_machine

    def giving_up(machine: object, settings: object) -> None:
        if next(numbers) <= turns:
            raise FlakyStrategyDefinition("it is not what it was")
        real(machine, settings=settings)  # type: ignore[arg-type]

    monkeypatch.setattr(wandering, "run_machine", giving_up)
    explorer = wandered(kept(), replace(SOME, walks=40))
    assert len(asked(explorer)) == SOME.requests and not explorer.observed.stopped
    assert next(numbers) > turns + 1


def test_a_hypothesis_that_walks_nothing_is_not_begun_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[object] = []
    monkeypatch.setattr(wandering, "run_machine", lambda machine, settings: turns.append(machine))
    explorer = wandered(kept(), replace(SOME, walks=500, requests=500))
    assert len(turns) == wandering.MOST_TURNS and not explorer.observed.stopped


SILENT = Failure(Stage.RECEIVE, "the connection was closed")
UNANSWERED: dict[str, Hook] = {
    "500 everywhere": lambda probe, said: Response(500) if probe.walk else said,
    "404 everywhere": lambda probe, said: Response(404) if probe.walk else said,
    "no answer everywhere": lambda probe, said: SILENT if probe.walk else said,
    "429 everywhere": lambda probe, said: Response(429) if probe.walk else said,
    "pages for people": lambda probe, said: (
        Response(200, (("Content-Type", "text/html"),), b"<html></html>") if probe.walk else said
    ),
    "one entry no more": lambda probe, said: Response(500) if probe.walk and probe.url == at("reportees") else said,
    "two entries no more": lambda probe, said: (
        SILENT if probe.walk and probe.url in (at("reportees"), at(BOX)) else said
    ),
    "elements no more": lambda probe, said: Response(404) if probe.walk and probe.rel else said,
    "no links": lambda probe, said: hal({"_links": {}}, HAL_JSON) if probe.walk else said,
    "redirects for ever": lambda probe, said: Response(307, (("Location", probe.url),)) if probe.walk else said,
}


@pytest.mark.parametrize("what", UNANSWERED)
def test_entries_that_do_not_answer_end_nothing_before_its_time(what: str) -> None:
    explorer = wandered(hooked(UNANSWERED[what]))
    assert not explorer.observed.stopped
    assert asked(explorer)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_environment_that_answers_otherwise_each_time_is_walked_all_the_same(seed: int) -> None:
    numbers = count(seed * 7)

    def hook(probe: Probe, said: Said) -> Said:
        if not probe.walk:
            return said
        turn = next(numbers) * 2_654_435_761 % 97 % 9
        if turn == 0:
            return Response(500)
        if turn == 1:
            return SILENT
        if turn == 2:
            return hal({"_links": {"self": to("reportees")}, "_embedded": {"messages": []}}, HAL_JSON)
        if turn == 3 and isinstance(said, Response):
            return replace(said, body=said.body[: len(said.body) // 2])
        if turn == 4 and isinstance(said, Response) and said.body.startswith(b"{"):
            document = json.loads(said.body)
            document["_links"] = dict(list(document["_links"].items())[::-1][:2])
            return replace(said, body=json.dumps(document | {"Subject": str(next(numbers))}).encode())
        return said

    explorer = wandered(hooked(hook), replace(SOME, seed=seed, requests=80, failures=3))
    assert not explorer.observed.stopped
    assert 0 < len(asked(explorer)) <= 80
    judge(explorer.evidence())


# -- threads ----------------------------------------------------------------------------------------------------------


def conversation(walking: Walking = SOME) -> Iterator[Probe]:
    explorer = explore(kept().answer, CONTRACT, profile=HAL_ONLY)
    (talk,) = wanderer(walking)(explorer.observed)
    return talk


def test_a_conversation_that_is_never_begun_has_no_thread() -> None:
    talk = conversation()
    assert not threads()
    talk.close()  # type: ignore[attr-defined]


def test_closing_the_conversation_ends_its_thread() -> None:
    talk = conversation()
    assert next(talk).walk == "1.1"
    assert len(threads()) == 1
    talk.close()  # type: ignore[attr-defined]
    assert not threads()


def test_a_conversation_that_is_let_go_ends_its_thread() -> None:
    talk = conversation()
    next(talk)
    del talk
    gc.collect()
    assert not threads()


def test_an_error_that_is_thrown_in_ends_the_thread() -> None:
    talk = conversation()
    next(talk)
    with pytest.raises(ZeroDivisionError):
        talk.throw(ZeroDivisionError())  # type: ignore[attr-defined]
    assert not threads()


def test_a_run_that_is_stopped_leaves_no_thread() -> None:
    seen = Observed(CONTRACT, HAL_ONLY, Target(TargetKind.MINIATURE, at("").rstrip("/")), Means(key=True, login=True))
    explorer = Explorer(seen, Limits(), ((wanderer(SOME),),))
    world = kept()
    for number in count(1):
        probe = explorer.offer()
        if probe is None:
            break
        if probe.walk == "3.1":
            explorer.stop("told to")
        said = world.answer(probe)
        assert isinstance(said, Response)
        explorer.receive(Exchange(number, probe, said))
    assert explorer.done and explorer.observed.stopped == "told to"
    gc.collect()
    assert not threads()


class Interrupting:
    """A transport at which somebody presses Ctrl-C in the middle of a walk."""

    immediate = True

    def __init__(self, press: Callable[[], None]) -> None:
        self.world, self.press = kept(), press

    async def send(self, probe: Probe) -> Outcome:
        if probe.walk == "2.1":
            self.press()
            await asyncio.sleep(0)
        said = self.world.answer(probe)
        return Outcome(said) if isinstance(said, Response) else Outcome(failure=said)

    async def aclose(self) -> None:
        return None


def raised() -> None:
    raise KeyboardInterrupt


def cancelled() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


@pytest.mark.parametrize("press", [raised, cancelled])
def test_ctrl_c_leaves_no_thread(press: Callable[[], None]) -> None:
    seen = Observed(CONTRACT, HAL_ONLY, Target(TargetKind.MINIATURE, at("").rstrip("/")), Means(key=True, login=True))
    explorer = Explorer(seen, Limits(), ((wanderer(SOME),),))
    policy = policy_for(seen.target)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(drive(explorer, Interrupting(press), policy, None, stopped_clock()))
    assert len(asked(explorer)) < SOME.requests and explorer.observed.asked(*STEPS)
    del explorer
    gc.collect()
    assert not threads()


# -- what is found ----------------------------------------------------------------------------------------------------

LONGER = replace(SOME, walks=120, steps=8, requests=400, laid_out=0.85, failures=2)


@pytest.mark.parametrize("said", [Response(500), Response(404), hal({"_links": {"self": to(BOX)}}, HAL_JSON)])
def test_a_fault_that_depends_on_the_path_is_told_as_the_shortest_walk_and_shows_again(said: Said) -> None:
    made = after_a_message(said)
    explorer = wandered(made(), LONGER)
    found = unmet_of(judge(explorer.evidence())["REACH-6"])
    assert found, "it was found"
    for path in {one.path for one in found}:
        assert len(read_walk(path)) <= 4
        again = strolled(made().answer, path)
        assert len(came(again)) == len(read_walk(path)) and len(surprises(again)) == 1
    shortest = [path for path in {one.path for one in found} if len(read_walk(path)) == 3]
    assert shortest, "box, message, box"
    path = shortest[0]
    assert surprises(strolled(kept().answer, path)) == []


def test_a_fault_that_depends_on_the_walk_before_is_told_by_a_walk_that_shows_it_again() -> None:
    last = [""]

    def hook(probe: Probe, kept_: Said) -> Said:
        before, last[0] = last[0], probe.url.partition("?")[0]
        return Response(500) if probe.walk and (before, last[0]) == (at("reportees"), at(BOX)) else kept_

    found = unmet_of(judge(wandered(hooked(hook), LONGER).evidence())["REACH-6"])
    assert found
    assert all(surprises(strolled(hooked(hook).answer, one.path)) for one in found)


def test_every_exchange_of_the_walk_is_shown() -> None:
    explorer = wandered(after_a_message(Response(500))(), LONGER)
    found = unmet_of(judge(explorer.evidence())["REACH-6"])[0]
    walks = Counter(explorer.exchanges[number - 1].probe.walk.partition(".")[0] for number in found.exchanges)
    assert len(walks) == 1 and len(found.exchanges) > len(read_walk(found.path))
    assert CONFIRM in {explorer.exchanges[number - 1].probe.question for number in found.exchanges}


# -- what can be answered ---------------------------------------------------------------------------------------------


def test_only_what_can_be_answered_is_asked() -> None:
    def answerable(probe: Probe) -> bool:
        return "messages" not in probe.url and probe.header("Accept") == HAL_JSON

    explorer = wandered(kept(), answerable=answerable)
    assert asked(explorer) and all(map(answerable, asked(explorer)))
    assert not explorer.observed.stopped


def test_where_nothing_can_be_answered_nothing_is_asked() -> None:
    explorer = wandered(kept(), answerable=lambda probe: False)
    assert asked(explorer) == [] and not explorer.observed.stopped


def test_steps_are_numbered_without_gaps() -> None:
    for number, readings in walks_of(wandered(kept())).items():
        assert [one.probe.walk for one in readings] == [f"{number}.{at_}" for at_ in range(1, len(readings) + 1)]


def test_a_walk_begins_at_an_entry_and_goes_where_it_was_offered_to() -> None:
    for readings in walks_of(wandered(kept(), replace(SOME, requests=150))).values():
        assert step_of(readings[0]).entry
        numbers = {one.number for one in readings}
        for one in readings:
            step = step_of(one)
            if not step.entry and step.rel != HERE:
                assert one.probe.parent in numbers

"""Walks that are laid out, then those that Hypothesis chooses: a state machine over what is offered. Every question of
them goes out like any other.

Hypothesis leads and wants each answer before its next choice; the explorer leads, too, and wants to be asked for the
next question. So Hypothesis runs in a thread of its own, and a conversation hands questions and answers over: never do
both go on at a time, so what was observed needs no lock.

The same seed over the same answers makes the same walks. A failing walk is shortened as long as its
share of the requests lasts; whatever came of it, the exchanges are evidence, and the rule of REACH-6 tells the
shortest.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, count
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings, target
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from samsvar.logic.asking import Asker, Conversation
from samsvar.logic.observing import Observed
from samsvar.logic.operations import nothing_of_this_program
from samsvar.logic.reading import Reading
from samsvar.logic.walking.covering import carried_by
from samsvar.logic.walking.heading import goals, riches, toward
from samsvar.logic.walking.knowing import Knowledge, Surprise, known_to_the_crawl, wanted
from samsvar.logic.walking.manners import manner_of, manners, origins
from samsvar.logic.walking.shortening import Steps, fewer, in_other_formats, joined, plainer
from samsvar.logic.walking.steps import DOCUMENT, HERE, SPELLINGS, Step, written
from samsvar.logic.walking.touring import rounds
from samsvar.logic.walking.walks import APART, REPEATED, SHORTER, TOUR, Walk, entries
from samsvar.model.exchange import HAL_JSON, HAL_XML, Login, Probe
from samsvar.model.walk import Walking

T = TypeVar("T")
Ask = Callable[[Probe], Reading]
Answerable = Callable[[Probe], bool]
PLAINLY = 5
"""How much likelier it is that a step is asked as everybody asks: in plain words, and not as script of an origin."""
NOWHERE = 0
"""The place of a walk whose entry did not answer: its last step, if it ever comes to one."""
NEXT, ELSEWHERE = "(next page)", "(elsewhere)"
"""What can be chosen beside relations: the further page of a list that links none, and to leave what leads nowhere."""
MOVES = {
    "a_link_from_here": 4.0,
    "a_link_from_here_and_back": 6.0,
    "a_link_from_here_and_its_neighbour": 3.0,
    "a_link_from_an_earlier_place": 1.0,
    "another_link_from_where_that_one_was": 2.0,
    "back_to_what_offered_it": 2.0,
    "a_way_to_some_place": 1.0,
    "enter": 1.0,
    "same_place_again": 1.0,
    "in_another_manner": 2.0,
    "in_another_manner_and_plainly_again": 2.0,
    "in_the_same_manner_otherwise": 1.0,
}
"""The moves of a walk, each with how often it is made in the long run: clients go on, go back, and go on elsewhere."""
MOST_TURNS = 40
"""Times that Hypothesis is begun anew in one run."""
CHOICES = 1 << 16
"""A choice is drawn as a number below this one, whatever there is to choose from: what is offered may change between
two walks that begin alike, and Hypothesis must not take that for a strategy that is not what it was."""

GOLDEN = 0.6180339887498949
"""By this much of a turn each choice begins elsewhere: no two of them soon come near each other (Weyl)."""

Draw = Callable[[], int]
Kind = tuple[str, ...]


@st.composite
def _draws(draw: st.DrawFn) -> Draw:
    return lambda: draw(st.integers(0, CHOICES - 1))


DRAW = _draws()


class Enough(BaseException):
    """The requests that walks may take are spent. Not an Exception, so that Hypothesis lets it pass."""


class LetGo(BaseException):
    """Whoever waits for the walks has gone."""


class Lost(AssertionError):
    """A walk ends in a surprise."""


def wanderer(walking: Walking, before: Sequence[Steps] = (), answerable: Answerable | None = None) -> Asker:
    """The asker whose one conversation are the walks: first the given ones again, then those that are laid out,
    then those that Hypothesis chooses.
    answerable: which questions can be answered at all, of a recording (None: any)."""

    def ask(observed: Observed) -> tuple[Conversation, ...]:
        def lead(put: Ask) -> None:
            _wander(Outing(observed, walking, put, answerable), before)

        return (led(lead),) if (walking.walks or before) and entries(observed) else ()

    return ask


def led(lead: Callable[[Ask], None]) -> Conversation:
    """The conversation of a function that puts questions and waits for each answer."""
    questions: SimpleQueue[Probe | BaseException | None] = SimpleQueue()
    answers: SimpleQueue[Reading | None] = SimpleQueue()

    def put(probe: Probe) -> Reading:
        questions.put(probe)
        reading = answers.get()
        if reading is None:
            raise LetGo
        return reading

    def run() -> None:
        try:
            lead(put)
        except LetGo:
            return
        except BaseException as error:  # noqa: BLE001 - it is raised again by whoever holds the conversation
            questions.put(error)
        else:
            questions.put(None)

    thread = Thread(target=run, name="samsvar walks", daemon=True)
    thread.start()
    try:
        while (said := questions.get()) is not None:
            if isinstance(said, BaseException):
                raise said
            answers.put((yield said))
    finally:
        answers.put(None)
        thread.join()


# -- one outing -------------------------------------------------------------------------------------------------------


def equally(_: object) -> float:
    """No option is worth more than another."""
    return 1.0


@dataclass
class Outing:
    """All walks of a run: what is known, what was spent, what was found. told: the kinds of surprise that were found
    before; hunted: the kind whose walk is being shortened; since: how many requests there had been by then; shortest:
    the shortest walk to it yet; led_up: the walk before the first of them. previous, current: the walk before, and the
    one under way. mistake: what went wrong here. before, now: how often each choice was made in the walks before and in
    this one; the first stays while one is shortened."""

    observed: Observed
    walking: Walking
    put: Ask
    answerable: Answerable | None = None
    requests: int = 0
    begun: int = 0
    shortened: int = 0
    turn: float = 0.0
    start: float = 0.0
    last: Kind = ()
    hunted: Kind = ()
    since: int = 0
    shortest: Steps = ()
    led_up: Steps = ()
    previous: Steps = ()
    current: Walk | None = None
    mistake: Exception | None = None
    told: set[Kind] = field(default_factory=set)
    seen: Counter[Kind] = field(default_factory=Counter)
    before: Counter[Kind] = field(default_factory=Counter)
    now: Counter[Kind] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.knowledge = Knowledge(self.observed)
        self.knowledge.catch_up()
        self.entries = tuple(entry.name for entry in entries(self.observed))
        self.goals = goals(self.observed)
        self.riches = riches(self.observed, self.entries)
        self.manners = manners(hostile=self.walking.hostile)

    def walk(self) -> Walk:
        """A new walk. Raises Enough when there were as many as there may be."""
        if self.begun >= self.walking.walks:
            raise Enough
        self.begun += 1
        if not self.hunted:
            self.before.update(self.now)
            self.start = self.begun * GOLDEN**2 % 1.0
        self.now.clear()
        self.turn = self.start
        self.last = ()
        return self.new(str(self.begun))

    def new(self, number: str) -> Walk:
        """A walk of that number, which comes after the one before."""
        self.previous = tuple(self.current.steps) if self.current is not None else ()
        self.current = Walk(self.observed, number)
        return self.current

    def pick(
        self,
        draw: Draw,
        options: Sequence[T],
        kind: Callable[[T], Kind],
        worth: Callable[[T], float] = equally,
        keenness: float = 2.0,
    ) -> T:
        """One of the options, the more likely the less often its kind was chosen before, after the same step above all,
        since what depends on a path shows by what came before; ``worth`` is its weight otherwise,
        keenness how much what is new is preferred."""
        kinds = [kind(one) for one in options]
        pairs = [(*self.last, "then", *one) for one in kinds]
        weights = [
            worth(one) / ((1 + self._times(pair)) ** keenness * (1 + self._times(single)) ** 0.5)
            for one, pair, single in zip(options, pairs, kinds, strict=True)
        ]
        point = self._point(draw) * sum(weights)
        index = next(index for index, upto in enumerate(accumulate(weights)) if point < upto)
        self.now.update((kinds[index], pairs[index]))
        return options[index]

    def _point(self, draw: Draw) -> float:
        """Where between 0 and 1 a choice falls. What Hypothesis leaves at its simplest is another choice each time."""
        self.turn = (self.turn + GOLDEN) % 1.0
        return (draw() / CHOICES + self.turn) % 1.0

    def lot(self, draw: Draw, options: Sequence[T], worth: Callable[[T], float]) -> T:
        """One of the options by its weight alone."""
        weights = list(accumulate(map(worth, options)))
        point = self._point(draw) * weights[-1]
        return next(one for one, upto in zip(options, weights, strict=True) if point < upto)

    def _times(self, kind: Kind) -> int:
        return self.before[kind] + self.now[kind]

    def take(self, walk: Walk, step: Step) -> Reading | None:
        """Take one step. None when it is not offered there. Raises Lost for a surprise of a new kind."""
        probe = walk.probe(step)
        if probe is None or (self.answerable is not None and not self.answerable(probe)):
            return None
        reading = self._asked(probe)
        walk.heard(step, reading)
        surprise = self._surprise(reading)
        if surprise is None:
            self.knowledge.learn(reading)
        elif not surprise.excused and not known_to_the_crawl(self.observed, reading, surprise.because):
            self._lost(walk, reading, surprise)
        return reading

    def _asked(self, probe: Probe) -> Reading:
        if self.spent or (self.hunted and self.requests - self.since > self.walking.requests * self.walking.shorten):
            raise Enough
        before = len(self.observed.readings)
        reading = self.put(probe)
        self.requests += max(1, len(self.observed.readings) - before)  # redirects are asked, too
        return reading

    def _surprise(self, reading: Reading) -> Surprise | None:
        talk = self.knowledge.make_sure(reading)
        confirmed = []
        probe = next(talk, None)
        while probe is not None:
            confirmed.append(self._asked(probe))
            try:
                probe = talk.send(confirmed[-1])
            except StopIteration:
                break
        return self.knowledge.surprise(reading, confirmed)

    def _lost(self, walk: Walk, reading: Reading, surprise: Surprise) -> None:
        kind = (surprise.kind, *surprise.guarantees, reading.probe.type, reading.probe.rel.lower(), wanted(reading))
        if kind in self.told or self.hunted not in ((), kind):
            return  # one thing at a time
        if not self.hunted:
            self.hunted, self.since, self.led_up = kind, self.requests, self.previous
        self.shortest = self.shortest or tuple(walk.steps)
        raise Lost(f"{written(walk.steps)} ends in {surprise.because}")

    @contextlib.contextmanager
    def no_mistake_hidden(self) -> Iterator[None]:
        """What goes wrong in here is kept: where it goes well the second time, Hypothesis tells of nothing but that."""
        try:
            yield
        except (Lost, HypothesisException):
            raise
        except Exception as error:
            self.mistake = error
            raise

    @property
    def spent(self) -> bool:
        """No more may be asked."""
        return self.requests >= self.walking.requests

    def look_for_others(self) -> bool:
        """What was hunted is found. Whether something was."""
        found, self.hunted, self.shortest = self.hunted, (), ()
        self.told |= {found} if found else set()
        return bool(found)


@contextlib.contextmanager
def _what_walks_end_with() -> Iterator[None]:
    """A surprise, the end of the budget, or a target that answers otherwise than before. All else is a mistake here."""
    try:
        yield
    except (Lost, Enough):
        return
    except Flaky as error:
        if isinstance(error, BaseExceptionGroup):
            others = error.split((Lost, Enough, Flaky))[1]
            if others is not None:
                raise others from None


# -- the machine ------------------------------------------------------------------------------------------------------


def _wander(outing: Outing, before: Sequence[Steps]) -> None:
    """All walks. Hypothesis ends a turn early where the target answers otherwise than it did before; then another turn
    begins, with another seed."""
    walking = outing.walking
    for index, steps in enumerate(before):
        with contextlib.suppress(Enough):
            _repeated(outing, steps, f"{REPEATED}{index + 1}")
        outing.look_for_others()
    found = _laid_out(outing) if walking.walks else 0
    turn = 0
    while turn < MOST_TURNS and found < walking.failures and outing.begun < walking.walks and not outing.spent:
        _run(outing, walking.seed + turn)
        _shorten(outing)
        found += outing.look_for_others()
        turn += 1


def _laid_out(outing: Outing) -> int:
    """The walks that are laid out beforehand, for their share of the requests. How many kinds of surprise are found."""
    walking, found, numbers = outing.walking, 0, count(1)
    for round_ in rounds(outing.observed, walking.seed, outing.manners):
        before = outing.requests
        for trip in round_:
            if found >= walking.failures or outing.requests >= walking.requests * walking.laid_out:
                return found
            _trip(outing, trip, next(numbers))
            found += outing.look_for_others()
        if outing.requests == before:
            return found  # nothing of it can be asked
    return found


def _trip(outing: Outing, steps: Callable[[Walk], Iterator[Step]], number: int) -> None:
    """One walk that was laid out beforehand, as far as it is offered. Hypothesis has no part in it."""
    walk = outing.new(f"{TOUR}{number}")
    with _what_walks_end_with():
        for step in steps(walk):
            outing.take(walk, step)
    _shorten(outing)


def _again(outing: Outing, steps: Steps) -> Steps:
    """A walk once more, apart from what was walked before: its steps up to a surprise, () if it ends in none."""
    outing.shortened += 1
    between = outing.new(f"{APART}{outing.shortened}")
    for step in _apart(outing, steps):
        outing.take(between, replace(step, format=between.formats(step)[0]))
    return _repeated(outing, steps, f"{SHORTER}{outing.shortened}")


def _apart(outing: Outing, steps: Steps) -> list[Step]:
    """The entry that is asked for before a walk, so that nothing of another walk stands directly before it: where there
    is least to see, and not where that walk goes."""
    gone = {step.rel for step in steps if step.entry}
    others = sorted((one for one in outing.entries if one not in gone), key=lambda one: outing.riches[one])
    return [Step(one, entry=True) for one in others[:1]]


def _repeated(outing: Outing, steps: Steps, number: str) -> Steps:
    """A walk with these steps: those up to a surprise, () if it ends in none."""
    walk = outing.new(number)
    try:
        for step in steps:
            if outing.take(walk, step) is None:
                return ()
    except Lost:
        return tuple(walk.steps)
    return ()


def _shorten(outing: Outing) -> None:
    """Look for a shorter walk to the same surprise, as long as the share of requests for it lasts. Where a walk does
    not show it by itself, the one before it has a part in it."""
    if not outing.shortest:
        return
    with contextlib.suppress(Enough):
        if not _again(outing, outing.shortest):
            outing.shortest = joined(outing.led_up, outing.shortest)
            if not _again(outing, outing.shortest):
                return
        for simpler in (fewer, plainer):
            while found := next(filter(None, (_again(outing, one) for one in simpler(outing.shortest))), ()):
                outing.shortest = found
        outing.since = outing.requests
        for candidate in in_other_formats(outing.shortest):
            _again(outing, candidate)  # whether it is a matter of the format


def _run(outing: Outing, number: int) -> None:
    """Walk until a kind of surprise is found and its walk is short, or there was enough of it. Whatever Hypothesis
    makes of it (that a walk does not fail each time is nothing new to it), it stands in the evidence."""
    chosen = settings(
        max_examples=outing.walking.walks,
        stateful_step_count=outing.walking.steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.target),  # _shorten knows steps, and asks for less
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        derandomize=False,
    )
    with nothing_of_this_program(), _what_walks_end_with():
        run_machine(seed(number)(machine_of(outing)), settings=chosen)
    if outing.mistake is not None:
        raise outing.mistake


def machine_of(outing: Outing) -> type[RuleBasedStateMachine]:
    """The state machine of an outing: places where a walk has been, and the moves by which it goes on from them. It has
    one rule for all moves: of several rules Hypothesis would switch some off in each run, and walk in circles."""

    class Wanderer(RuleBasedStateMachine):
        places: Bundle[int] = Bundle("places")

        def __init__(self) -> None:
            super().__init__()
            self.walk = outing.walk()
            self.news: set[Kind] = set()
            self.manner = ""
            self.origin = ""

        @initialize(target=places, draw=DRAW)
        def begin(self, draw: Draw) -> Any:
            with outing.no_mistake_hidden():
                came = self.enter(draw, 0)
            return came if isinstance(came, int) else NOWHERE

        @rule(target=places, earlier=places, draw=DRAW)
        def move(self, earlier: int, draw: Draw) -> Any:
            name = outing.pick(draw, self.able, lambda one: ("move", one), lambda one: MOVES[one], keenness=1.0)
            with outing.no_mistake_hidden():
                return getattr(self, name)(draw, earlier)

        @property
        def able(self) -> list[str]:
            """The moves that can be made."""
            here, offered = self.here is not None, bool(self.walk.offerer)
            able = {
                "a_way_to_some_place": bool(outing.goals),
                "a_link_from_here": here,
                "a_link_from_here_and_back": here,
                "a_link_from_here_and_its_neighbour": here,
                "another_link_from_where_that_one_was": offered,
                "back_to_what_offered_it": offered,
                "in_another_manner": here,
                "in_another_manner_and_plainly_again": here,
                "in_the_same_manner_otherwise": here and bool(self.manner),
            }
            return [name for name in MOVES if able.get(name, True)]

        # -- going

        def enter(self, draw: Draw, earlier: int) -> Any:
            name = outing.pick(draw, outing.entries, lambda one: ("", one), lambda one: outing.riches[one])
            return self.take(draw, Step(name, entry=True))

        def a_link_from_here(self, draw: Draw, earlier: int) -> Any:
            return self.follow(draw, 0)

        def a_link_from_here_and_back(self, draw: Draw, earlier: int) -> Any:
            here, before = self.walk.standing, len(self.walk.steps)
            came = self.follow(draw, 0)
            return self.take(draw, Step(HERE, at=here)) if len(self.walk.steps) > before else came

        def a_link_from_here_and_its_neighbour(self, draw: Draw, earlier: int) -> Any:
            here, before = self.walk.standing, len(self.walk.steps)
            came = self.follow(draw, 0)
            last = self.walk.steps[-1]
            if len(self.walk.steps) == before or last.entry or last.rel == HERE:
                return came
            page = self.walk.next_page(here)
            turned = outing.lot(draw, (NEXT, ""), equally)
            if page and turned:
                return self.take(draw, Step(HERE, at=here, query=page))
            others = [n + 1 for n in range(len(self.walk.followable(here).get(last.rel, ()))) if n + 1 != last.nth]
            if not others:
                return came
            nth = outing.pick(draw, others, lambda one: (last.rel, "neighbour", str(one)))
            return self.take(draw, Step(last.rel, nth=nth, at=here))

        def a_link_from_an_earlier_place(self, draw: Draw, earlier: int) -> Any:
            return self.follow(draw, earlier)

        def another_link_from_where_that_one_was(self, draw: Draw, earlier: int) -> Any:
            return self.follow(draw, self.walk.offerer)

        def back_to_what_offered_it(self, draw: Draw, earlier: int) -> Any:
            return self.take(draw, Step(HERE, at=self.walk.offerer))

        def follow(self, draw: Draw, at: int) -> Any:
            ways, page = self.walk.followable(at), self.walk.next_page(at)
            if not ways:
                return self.in_a_format_with_links(draw, at)
            leads_nowhere = set(ways) == {"self"} and not page
            onward = [*sorted(ways), *([NEXT] if page else []), *([ELSEWHERE] if leads_nowhere else [])]
            rel = outing.pick(draw, onward, lambda one: (ways[one][0].type if one in ways else "", one))
            if rel == ELSEWHERE:
                return self.enter(draw, at)
            if rel == NEXT:
                return self.take(draw, Step(HERE, at=at, query=page))
            offers = ways[rel]
            nth = outing.pick(draw, range(1, len(offers) + 1), lambda one: (rel, offers[one - 1].url or ""))
            return self.take(draw, Step(rel, nth=nth, at=at))

        def in_a_format_with_links(self, draw: Draw, at: int) -> Any:
            step = Step(HERE, at=at)
            if HAL_JSON not in self.walk.formats(step):
                return self.enter(draw, at)
            return self.take(draw, step, on_the_way=True)

        def a_way_to_some_place(self, draw: Draw, earlier: int) -> Any:
            type_name = outing.pick(draw, list(outing.goals), lambda one: ("goal", one))
            chains = outing.goals[type_name]
            entry, *others = outing.pick(draw, chains, lambda one: ("goal", str(one[-1].place)))
            came = self.take(draw, Step(entry.path, entry=True), on_the_way=True)
            for visit in others:
                step = toward(self.walk, visit)
                if step is None:
                    return came
                came = self.take(draw, step, on_the_way=visit is not others[-1])
            return came

        # -- asking otherwise

        def same_place_again(self, draw: Draw, earlier: int) -> Any:
            return self.take(draw, Step(HERE, at=earlier))

        def in_another_manner(self, draw: Draw, earlier: int) -> Any:
            able = [name for name, one in outing.manners.items() if one(self.walk)]
            return self.ask_in(draw, outing.pick(draw, able, lambda one: ("manner", one, self.type_name)))

        def in_another_manner_and_plainly_again(self, draw: Draw, earlier: int) -> Any:
            plainly, before = self.walk.standing, len(self.walk.steps)
            came = self.in_another_manner(draw, earlier)
            if len(self.walk.steps) == before:
                return came
            detour = outing.lot(draw, (self.a_link_from_here, self.enter, None), lambda one: 1 if one else 2)
            if detour is not None:
                detour(draw, earlier)
            return self.take(draw, Step(HERE, at=plainly))

        def in_the_same_manner_otherwise(self, draw: Draw, earlier: int) -> Any:
            return self.ask_in(draw, self.manner) if outing.manners[self.manner](self.walk) else multiple()

        def ask_in(self, draw: Draw, name: str) -> Any:
            self.manner = name
            steps = outing.manners[name](self.walk)
            return self.take(
                draw, outing.pick(draw, steps, lambda one: (name, self.type_name, *map(str, manner_of(one))))
            )

        # -- choosing and taking

        @property
        def here(self) -> Reading | None:
            return self.walk.stand()

        @property
        def type_name(self) -> str:
            return outing.observed.type_of(self.here) if self.here is not None else ""

        def formatted(self, draw: Draw, step: Step, *, on_the_way: bool) -> Step:
            """The step in some media type, spelt in some way; on the way to somewhere in one that has links."""
            formats = self.walk.formats(step)
            linked = [one for one in formats if one in (HAL_JSON, HAL_XML)]
            formats = tuple(linked) if on_the_way and linked else formats
            if not formats or formats == (DOCUMENT,):
                return replace(step, format=DOCUMENT)
            format_ = outing.pick(draw, formats, lambda one: ("format", step.rel, one))
            if step.spelling == "plain":
                often = PLAINLY * len(SPELLINGS)
                spelling = outing.lot(draw, [*SPELLINGS], lambda one: often if one == "plain" else 1)
                step = replace(step, spelling=spelling)
            return self.with_an_origin(draw, replace(step, format=format_))

        def with_an_origin(self, draw: Draw, step: Step) -> Step:
            """The step as script of some origin, now and then; all the more when the one before was."""
            others = origins(self.walk)
            if step.origin or step.tag or step.login is not Login.GIVEN:
                return step
            often = len(others) if self.origin else PLAINLY * len(others)
            origin = outing.lot(draw, ("", *others), lambda one: 1 if one else often)
            self.origin = origin
            return replace(step, origin=origin)

        def take(self, draw: Draw, step: Step, *, on_the_way: bool = False) -> Any:
            step = self.formatted(draw, step, on_the_way=on_the_way)
            reading = outing.take(self.walk, step)
            if reading is None:
                return multiple()
            kind = (*carried_by(outing.observed, reading), wanted(reading), str(reading.status))
            if kind not in outing.seen:
                self.news.add(kind)
            outing.seen[kind] += 1
            outing.last = kind[:3]
            return len(self.walk.steps) if self.walk.marks[-1] is not None else multiple()

        def teardown(self) -> None:
            target(float(len(self.news)), label="answers of a kind that no walk had")

    return Wanderer

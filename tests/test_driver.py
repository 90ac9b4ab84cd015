"""The driver keeps its order, its pace and its patience, whatever the timing. Time is counted, never waited for."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.model.exchange import Client, Exchange, Failure, Login, Probe, Response, Stage, Target, TargetKind
from samsvar.world.driver import Clock, Policy, drive, policy_for, retry_after
from samsvar.world.transport import Outcome

OK = Outcome(Response(200))
FREE = Policy(concurrency=4, rate=None, jitter=lambda longest: longest, lock_out=False)
NOW = 1_800_000_000.0


class Time:
    """Counted time: whoever sleeps longest wakes last."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0
        self._running = False

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self._count += 1
        self._sleepers.append((self.passed + seconds, self._count, event))
        if not self._running:
            self._running = True
            self.task = asyncio.create_task(self._run())
        await event.wait()

    async def _run(self) -> None:
        while self._sleepers:
            for _ in range(20):
                await asyncio.sleep(0)
            self._sleepers.sort(key=lambda sleeper: sleeper[:2])
            until, _, event = self._sleepers.pop(0)
            self.passed = max(self.passed, until)
            event.set()
        self._running = False

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.passed, lambda: NOW + self.passed, self.sleep)


class Script:
    """Asks a fixed list; records what it is given."""

    def __init__(self, *probes: Probe) -> None:
        self.waiting = deque(probes)
        self.exchanges: list[Exchange] = []
        self.stopped = ""
        self.total = len(probes)

    def offer(self) -> Probe | None:
        return self.waiting.popleft() if self.waiting else None

    def receive(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    @property
    def done(self) -> bool:
        return bool(self.stopped) or len(self.exchanges) == self.total

    def stop(self, reason: str) -> None:
        self.stopped = reason


class Fake:
    """Answers by a function from the probe and how often it was asked, after the seconds that another one says."""

    immediate = False

    def __init__(
        self, time: Time, answer: Callable[[Probe, int], Outcome], takes: Callable[[Probe], float] = lambda _: 0.1
    ) -> None:
        self._time = time
        self._answer = answer
        self._takes = takes
        self.sent: list[tuple[float, str]] = []
        self.under_way = 0
        self.most = 0

    async def send(self, probe: Probe) -> Outcome:
        self.sent.append((round(self._time.passed, 6), probe.url))
        turn = sum(url == probe.url for _, url in self.sent)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self._time.sleep(self._takes(probe))
        self.under_way -= 1
        return self._answer(probe, turn)

    async def aclose(self) -> None:
        pass


def probes(count: int, **about: object) -> list[Probe]:
    return [Probe("read", f"https://a.example/{i}", **about) for i in range(count)]  # type: ignore[arg-type]


def run(
    asker: Script,
    answer: Callable[[Probe, int], Outcome],
    policy: Policy = FREE,
    takes: Callable[[Probe], float] = lambda _: 0.1,
) -> Fake:
    time = Time()
    fake = Fake(time, answer, takes)
    asyncio.run(asyncio.wait_for(drive(asker, fake, policy, None, time.clock), 20))
    return fake


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 5), min_size=1, max_size=20), st.integers(1, 6))
def test_exchanges_come_in_the_order_of_asking_whatever_each_takes(takes: list[float], concurrency: int) -> None:
    asker = Script(*probes(len(takes)))
    fake = run(
        asker,
        lambda *_: OK,
        replace(FREE, concurrency=concurrency),
        lambda probe: takes[int(probe.url.rpartition("/")[2])],
    )
    assert [exchange.number for exchange in asker.exchanges] == list(range(1, len(takes) + 1))
    assert [exchange.probe for exchange in asker.exchanges] == probes(len(takes))
    assert fake.most <= concurrency and not asker.stopped


class Growing(Script):
    """Every answer leads to two more questions, until there are thirty; says in which order it was called."""

    def __init__(self) -> None:
        super().__init__(*probes(1))
        self.total = 30
        self.calls: list[str] = []
        self._made = 1

    def offer(self) -> Probe | None:
        probe = super().offer()
        self.calls.append(f"offer {probe and probe.url}")
        return probe

    def receive(self, exchange: Exchange) -> None:
        super().receive(exchange)
        self.calls.append(f"receive {exchange.number}")
        for _ in range(2):
            if self._made < self.total:
                self.waiting.append(Probe("read", f"https://a.example/new/{self._made}"))
                self._made += 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.01, 5), min_size=30, max_size=30))
def test_the_asker_sees_the_same_calls_whatever_the_timing(takes: list[float]) -> None:
    first, second = Growing(), Growing()
    run(first, lambda *_: OK)
    run(second, lambda *_: OK, takes=lambda probe: takes[int(probe.url.rpartition("/")[2])])
    assert first.calls == second.calls and len(first.exchanges) == 30


def test_as_many_are_under_way_as_allowed() -> None:
    assert run(Script(*probes(20)), lambda *_: OK).most == 4


def test_the_pace_is_kept() -> None:
    fake = run(Script(*probes(5)), lambda *_: OK, replace(FREE, rate=2.0))
    assert [at for at, _ in fake.sent] == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_an_asker_with_nothing_to_ask_ends_the_run() -> None:
    asker = Script()
    asker.total = 1
    run(asker, lambda *_: OK)
    assert "nothing is offered" in asker.stopped


def busy(status: int, *fields: tuple[str, str]) -> Outcome:
    return Outcome(Response(status, fields, reason=b"Busy"))


def test_retry_after_is_obeyed_and_the_attempt_is_kept() -> None:
    asker = Script(*probes(1))
    fake = run(asker, lambda _, turn: busy(503, ("Retry-After", "2")) if turn == 1 else OK)
    assert [at for at, _ in fake.sent] == [0.0, 2.1]
    exchange = asker.exchanges[0]
    assert exchange.response is not None and exchange.response.status == 200
    assert [(attempt.status, attempt.because, attempt.waited) for attempt in exchange.attempts] == [(503, "Busy", 2.0)]


def test_a_pause_that_was_asked_for_is_kept_by_every_request() -> None:
    asker = Script(*probes(8))
    policy = replace(FREE, concurrency=2)
    fake = run(
        asker, lambda probe, turn: busy(429, ("Retry-After", "9")) if probe.url[-1] == "0" and turn == 1 else OK, policy
    )
    assert not [at for at, _ in fake.sent if 0.2 < at < 9.0]
    assert len(asker.exchanges) == 8


def test_a_promised_retry_is_always_given_however_small_the_budget_of_retries() -> None:
    asker = Script(*probes(40))
    run(asker, lambda _, turn: busy(503, ("Retry-After", "1")) if turn == 1 else OK)
    assert [exchange.response.status for exchange in asker.exchanges if exchange.response] == [200] * 40


def test_retries_without_a_promise_stay_within_a_tenth() -> None:
    fake = run(Script(*probes(200)), lambda *_: busy(503))
    assert 20 <= len(fake.sent) - 200 <= 23


def test_three_tries_and_no_more() -> None:
    asker = Script(*probes(1))
    fake = run(asker, lambda *_: busy(429))
    assert len(fake.sent) == 3 and len(asker.exchanges[0].attempts) == 2
    assert [at for at, _ in fake.sent] == [0.0, 0.6, 1.7]


def test_a_pause_longer_than_we_wait_ends_the_run() -> None:
    asker = Script(*probes(50))
    fake = run(asker, lambda *_: busy(429, ("Retry-After", "3600")))
    assert asker.stopped == "rate limited until 2027-01-15 09:00:00 UTC"
    assert len(fake.sent) <= 8


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 406, 408, 500, 502, 504])
def test_other_statuses_are_answers(status: int) -> None:
    assert len(run(Script(*probes(1)), lambda *_: busy(status, ("Retry-After", "1"))).sent) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_not_safe_to_repeat_is_not_repeated(method: str) -> None:
    assert len(run(Script(*probes(1, method=method)), lambda *_: busy(503)).sent) == 1


def broken(stage: Stage, response: Response | None = None) -> Outcome:
    return Outcome(None, Failure(stage, "because", response))


@pytest.mark.parametrize(
    ("stage", "tries"),
    [(stage, 3 if stage in (Stage.CONNECT, Stage.DNS, Stage.RECEIVE, Stage.SEND) else 1) for stage in Stage],
)
def test_only_a_connection_without_an_answer_is_tried_again(stage: Stage, tries: int) -> None:
    assert len(run(Script(*probes(1)), lambda *_: broken(stage)).sent) == tries


@pytest.mark.parametrize(
    ("said", "tries"),
    [
        (broken(Stage.CONNECT), 3),
        (broken(Stage.DNS), 3),
        (broken(Stage.SEND), 1),
        (broken(Stage.RECEIVE), 1),
        (busy(503), 1),
    ],
)
def test_a_read_with_an_effect_is_sent_again_only_when_it_did_not_go_out(said: Outcome, tries: int) -> None:
    policy = replace(FREE, effect=lambda probe: probe.question == "effect.read")
    asker = Script(Probe("effect.read", "https://a.example/0"))
    assert len(run(asker, lambda *_: said, policy).sent) == tries


def test_half_an_answer_is_not_asked_again() -> None:
    assert len(run(Script(*probes(1)), lambda *_: broken(Stage.RECEIVE, Response(200))).sent) == 1


def test_five_failed_connections_in_a_row_end_the_run() -> None:
    asker = Script(*probes(100))
    run(asker, lambda *_: broken(Stage.CONNECT), replace(FREE, concurrency=1, attempts=1))
    assert len(asker.exchanges) == 5 and "in a row" in asker.stopped


def test_what_other_clients_do_not_reach_does_not_end_the_run() -> None:
    """They trust other authorities and know other proxies; it is what they were asked to show."""
    asker = Script(*[Probe("cors.script", f"https://a.example/{i}", by=Client.BROWSER) for i in range(12)])
    run(asker, lambda *_: broken(Stage.TLS), replace(FREE, attempts=1))
    assert len(asker.exchanges) == 12 and not asker.stopped


def test_one_place_that_never_answers_does_not_end_the_run() -> None:
    asker = Script(*[Probe("read", "https://a.example/same", about=str(i)) for i in range(12)])
    run(asker, lambda *_: broken(Stage.RECEIVE), replace(FREE, attempts=1))
    assert len(asker.exchanges) == 12 and not asker.stopped


@pytest.mark.parametrize("status", [401, 403])
def test_two_refusals_of_our_login_in_a_row_end_the_run(status: int) -> None:
    asker = Script(*probes(100))
    fake = run(asker, lambda *_: busy(status), replace(FREE, concurrency=1, lock_out=True))
    assert len(fake.sent) == 2 and "lock" in asker.stopped


def test_refusals_of_other_logins_are_what_was_asked_for() -> None:
    asker = Script(*probes(10, login=Login.WRONG_TOKEN))
    run(asker, lambda *_: busy(401), replace(FREE, lock_out=True))
    assert len(asker.exchanges) == 10


def test_a_refusal_between_answers_does_not_end_the_run() -> None:
    asker = Script(*probes(10))
    run(asker, lambda probe, _: busy(403) if int(probe.url[-1]) % 2 else OK, replace(FREE, lock_out=True))
    assert len(asker.exchanges) == 10 and not asker.stopped


def test_the_budget_counts_retries() -> None:
    asker = Script(*probes(100))
    fake = run(asker, lambda *_: busy(503), replace(FREE, budget=10))
    assert len(fake.sent) == 10 and "10 requests" in asker.stopped


def test_the_budget_of_seconds_ends_the_run() -> None:
    asker = Script(*probes(100))
    run(asker, lambda *_: OK, replace(FREE, concurrency=1, seconds=1.0))
    assert 9 <= len(asker.exchanges) <= 11 and "1 seconds" in asker.stopped


def test_a_stop_lets_what_is_under_way_arrive() -> None:
    asker = Script(*probes(100))
    run(asker, lambda probe, _: busy(401), replace(FREE, lock_out=True))
    assert asker.stopped and [exchange.number for exchange in asker.exchanges] == list(
        range(1, len(asker.exchanges) + 1)
    )


def test_an_interruption_delivers_what_came_and_ends_in_peace() -> None:
    asker = Script(*probes(100))

    async def interrupted() -> None:
        time = Time()
        fake = Fake(time, lambda *_: OK, lambda probe: 0.1 if int(probe.url.rpartition("/")[2]) < 10 else 1e9)
        task = asyncio.create_task(drive(asker, fake, FREE, None, time.clock))
        while len(fake.sent) < 14:
            await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(interrupted())
    assert asker.stopped == "interrupted"
    assert [exchange.number for exchange in asker.exchanges] == list(range(1, 11))


def test_an_error_of_ours_is_not_swallowed_and_leaves_nothing_running() -> None:
    class Broken(Script):
        def receive(self, exchange: Exchange) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(Broken(*probes(10)), lambda *_: OK)


DATES = {
    "120": 120.0,
    " 5 ": 5.0,
    "Fri, 15 Jan 2027 08:00:10 GMT": 10.0,
    "Fri, 15 Jan 2020 08:00:10 GMT": 0.0,
    "-3": None,
    "soon": None,
    "1.5": None,
    "": None,
    "\u0665": None,
    "Mon, 01 Jan 99999999999 00:00:00 GMT": None,
}


@pytest.mark.parametrize(("value", "seconds"), DATES.items())
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(busy(503, ("retry-after", value)), NOW) == seconds


def test_an_absurd_number_of_seconds_is_just_long() -> None:
    assert (retry_after(busy(503, ("Retry-After", "1" + "0" * 20)), NOW) or 0) > 1e9


def test_production_is_asked_most_politely() -> None:
    live = {root: policy_for(Target(TargetKind.LIVE, root)) for root in ROOTS}
    assert {root: (policy.concurrency, policy.rate, policy.lock_out) for root, policy in live.items()} == ROOTS
    assert policy_for(Target(TargetKind.MINIATURE, "https://miniature.samsvar.example/api")).rate is None
    assert policy_for(Target(TargetKind.CASSETTE, "https://www.altinn.no/api")).attempts == 1


ROOTS = {
    "https://www.altinn.no/api": (1, 1.0, True),
    "https://ALTINN.no/api": (1, 1.0, True),
    "https://tt02.altinn.no/api": (4, 5.0, True),
    "http://127.0.0.1:8080/api": (16, None, False),
    "http://localhost:8080/api": (16, None, False),
}

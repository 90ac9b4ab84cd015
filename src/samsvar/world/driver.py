"""Drives a question-asker against a target: so many in flight, so fast, so patient, and in a fixed order.

The asker decides what is asked; the driver only when. Whatever the timing, the asker sees the same order of calls:
probes are taken until the window is full, then exactly one exchange is delivered, the oldest, and so on.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

from samsvar.model.exchange import Attempt, Exchange, Login, Probe, Stage, Target, TargetKind
from samsvar.world.addresses import Origin, origin_of
from samsvar.world.transport import Outcome, Transport


class Asker(Protocol):
    """Who asks. ``offer``: the next probe, or None when there is nothing to ask right now. ``receive``: called once
    for each offered probe, in the order of offering. ``done``: nothing will ever be offered again. ``stop``: no more
    will be asked, and why."""

    def offer(self) -> Probe | None: ...

    def receive(self, exchange: Exchange) -> None: ...

    @property
    def done(self) -> bool: ...

    def stop(self, reason: str) -> None: ...


Said = tuple[Outcome, tuple[Attempt, ...]]
"""The last outcome of a probe and the attempts before it."""


class Journal(Protocol):
    """Who remembers a run, so that it can go on after whatever ended it. Probes are known by their number in the
    order of offering, which is the number of their exchange.

    recall: what was said to that probe in an earlier life of the run, None when it is to be asked (again). planned,
    sent, received: what happens to a probe, each told before anything else does; ``sent`` before each attempt.
    retract: those exchanges ended the run and are to be asked again when it goes on. Each may raise SamsvarError,
    which ends the run.
    """

    def recall(self, number: int, probe: Probe) -> Said | None: ...

    def planned(self, number: int, probe: Probe) -> None: ...

    def sent(self, number: int) -> None: ...

    def received(self, number: int, said: Said) -> None: ...

    def retract(self, numbers: Sequence[int]) -> None: ...


class NoJournal:
    """The journal of a run that nobody will take up again."""

    def recall(self, number: int, probe: Probe) -> Said | None:
        """Nothing is known."""
        return None

    def planned(self, number: int, probe: Probe) -> None:
        """Nothing is kept."""

    def sent(self, number: int) -> None:
        """Nothing is kept."""

    def received(self, number: int, said: Said) -> None:
        """Nothing is kept."""

    def retract(self, numbers: Sequence[int]) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from: seconds that only grow, seconds since the epoch, and a way to let time pass."""

    ticks: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def stopped_clock() -> Clock:
    """A clock for targets that live in no time of their own: waiting takes none, but is counted."""
    passed = [0.0]

    async def sleep(seconds: float) -> None:
        passed[0] += max(0.0, seconds)
        await asyncio.sleep(0)

    return Clock(lambda: passed[0], lambda: time.time() + passed[0], sleep)


def full_jitter(longest: float) -> float:
    """Somewhere between no wait and the longest one, so that many clients do not come back together."""
    return random.uniform(0.0, longest)


def unsafe_method(probe: Probe) -> bool:
    """Sending a probe may change something, as far as its method tells."""
    return probe.method not in RETRIED_METHODS


@dataclass(frozen=True, slots=True)
class Policy:
    """How a target is treated.

    concurrency: most probes under way at a time. rate: requests per second (None: as fast as they are answered).
    budget: the most requests, retries included; seconds: the longest run (None: no limit). attempts: tries at one
    probe, the first included. jitter: the wait for a longest wait. lock_out: two refusals of our login in a row end
    the run. longest_wait: seconds of Retry-After that are waited for; a longer one ends the run. effect: whether
    sending a probe changes something, so that it is not sent again when its answer got lost (F8).
    """

    concurrency: int = 4
    rate: float | None = 5.0
    budget: int | None = None
    seconds: float | None = None
    attempts: int = 3
    jitter: Callable[[float], float] = full_jitter
    lock_out: bool = True
    longest_wait: float = 120.0
    effect: Callable[[Probe], bool] = unsafe_method


PRODUCTION: Final = frozenset({"www.altinn.no", "altinn.no", "platform.altinn.no"})


def policy_for(target: Target) -> Policy:
    """The polite default: what runs here is asked as fast as it answers, production one at a time, one a second."""
    if target.kind is TargetKind.CASSETTE:
        return Policy(concurrency=16, rate=None, attempts=1, lock_out=False)
    origin = origin_of(target.root)
    if target.kind is TargetKind.MINIATURE or (isinstance(origin, Origin) and origin.loopback):
        return Policy(concurrency=16, rate=None, lock_out=False)
    if isinstance(origin, Origin) and origin.host in PRODUCTION:
        return Policy(concurrency=1, rate=1.0)
    return Policy(concurrency=4, rate=5.0)


RETRIED_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
RETRIED_STATUSES: Final = frozenset({429, 503})
UNREACHED: Final = frozenset({Stage.DNS, Stage.CONNECT, Stage.SEND})
"""Failures before anything was asked; with RECEIVE, those after which a question is put again."""
IN_A_ROW: Final = 5
REFUSALS: Final = frozenset({401, 403})
RETRIES_ALWAYS: Final = 3
RETRY_SHARE: Final = 0.1

Progress = Callable[[Exchange], None]


async def drive(  # the world in which a run is driven, each part of it replaceable
    asker: Asker,
    transport: Transport,
    policy: Policy,
    progress: Progress | None = None,
    clock: Clock | None = None,
    journal: Journal | None = None,
) -> None:
    """Asks until the asker is done or told to stop. When the run is interrupted (Ctrl-C), what was answered so far is
    delivered up to the first probe that was not, since order is what numbers mean; then the asker is told
    "interrupted" and this returns."""
    run = Run(asker, transport, policy, progress, clock or Clock(), journal or NoJournal())
    try:
        await run.through()
    except asyncio.CancelledError:
        await run.interrupted()
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
    finally:
        await run.let_go()


@dataclass(slots=True)
class Asked:
    """A probe under way (task) or answered (said); neither when the run was stopped before it went out."""

    number: int
    probe: Probe
    task: asyncio.Task[Said | None] | None = None
    said: Said | None = None


class Run:
    """One drive: what is under way and what is left of the budgets."""

    def __init__(
        self,
        asker: Asker,
        transport: Transport,
        policy: Policy,
        progress: Progress | None,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._asker = asker
        self._journal = journal
        self._transport = transport
        self._policy = policy
        self._progress = progress
        self._clock = clock
        self._pace = Pace(policy, clock)
        self._under_way: deque[Asked] = deque()
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._alone = transport.immediate or policy.concurrency == 1
        self._window = 1 if policy.concurrency == 1 else 2 * policy.concurrency
        self._offered = 0
        self._number = 0
        self._requests = 0
        self._retries = 0
        self._stopped = ""
        self._failing: set[str] = set()
        self._refused = 0
        self._turned_away: list[int] = []
        self._broken_off = False

    async def through(self) -> None:
        """Asks and delivers until nothing is left."""
        while True:
            await self._fill()
            if not self._under_way:
                break
            asked = self._under_way[0]
            if asked.task is not None:
                asked.said = await asked.task
            self._under_way.popleft()
            self._deliver(asked)
        if not self._asker.done and not self._stopped:
            self._stop("nothing is offered and nothing is under way")

    async def interrupted(self) -> None:
        """Delivers what has come, lets go of the rest."""
        waiting, self._under_way = self._under_way, deque()
        for asked in waiting:
            task = asked.task
            if task is not None and task.done() and not task.cancelled() and task.exception() is None:
                asked.said = task.result()
            self._deliver(asked)
        await cancelled(tuple(waiting))
        self._stop("interrupted")

    async def let_go(self) -> None:
        """Ends what is still under way."""
        await cancelled(tuple(self._under_way))

    async def _fill(self) -> None:
        """Takes probes until the window is full or none is offered."""
        while len(self._under_way) < self._window and not self._stopped and not self._asker.done:
            spent = self._pace.spent(self._requests)
            if spent:
                self._stop(spent)
                return
            probe = self._asker.offer()
            if probe is None:
                return
            self._requests += 1
            self._offered += 1
            asked = Asked(self._offered, probe)
            self._under_way.append(asked)
            asked.said = self._journal.recall(asked.number, probe)
            if asked.said is not None:
                self._requests += len(asked.said[1])
                if is_turned_away(probe, asked.said[0]):
                    self._turned_away.append(asked.number)
                continue
            self._journal.planned(asked.number, probe)
            if self._alone:
                asked.said = await self._ask(asked.number, probe)
            else:
                asked.task = asyncio.create_task(self._in_turn(asked.number, probe))

    async def _in_turn(self, number: int, probe: Probe) -> Said | None:
        async with self._slots:
            return await self._ask(number, probe)

    async def _ask(self, number: int, probe: Probe) -> Said | None:
        """One probe, tried again where that is called for. None when the run was stopped before it went out."""
        attempts: tuple[Attempt, ...] = ()
        outcome: Outcome | None = None
        while True:
            await self._pace.turn()
            if self._stopped:
                return None if outcome is None else (outcome, attempts[:-1])
            self._journal.sent(number)
            outcome = await self._transport.send(probe)
            wait = self._wait(probe, outcome, len(attempts))
            if wait is None:
                self._tell(number, probe, (outcome, attempts))
                return outcome, attempts
            attempts += (attempt_of(outcome, wait),)
            await self._clock.sleep(wait)

    def _tell(self, number: int, probe: Probe, said: Said) -> None:
        """Tells the journal how a probe ended. What was put off or turned away when the run was stopped is no answer:
        it is asked again when the run goes on."""
        turned_away = is_turned_away(probe, said[0])
        if self._stopped and (turned_away or retried(said[0], effect=self._policy.effect(probe))):
            self._journal.retract((number,))
            return
        self._journal.received(number, said)
        if turned_away:
            self._turned_away.append(number)

    def _wait(self, probe: Probe, outcome: Outcome, before: int) -> float | None:
        """How long to wait before the same probe is tried again; None: it is not."""
        because = retried(outcome, effect=self._policy.effect(probe))
        asked_for = retry_after(outcome, self._clock.now())
        if because and asked_for is not None and asked_for > self._policy.longest_wait:
            until = time.strftime(
                "%Y-%m-%d %H:%M:%S UTC", time.gmtime(min(self._clock.now() + asked_for, 253402300799))
            )
            self._stop(f"rate limited until {until}")
            return None
        if not because or before + 1 >= self._policy.attempts or self._stopped or self._pace.spent(self._requests):
            return None
        promised = asked_for is not None and before == 0
        if not promised and self._retries >= max(RETRIES_ALWAYS, RETRY_SHARE * self._requests):
            return None
        self._requests += 1
        self._retries += not promised
        if asked_for is None:
            return self._policy.jitter(min(30.0, 0.5 * 2**before))
        self._pace.hold(asked_for)
        return asked_for

    def _deliver(self, asked: Asked) -> None:
        self._broken_off = self._broken_off or asked.said is None
        if asked.said is None or self._broken_off:
            return
        outcome, attempts = asked.said
        self._number += 1
        exchange = Exchange(
            self._number,
            asked.probe,
            outcome.response,
            outcome.failure,
            outcome.sent,
            outcome.credentials,
            attempts,
            outcome.at,
            outcome.seconds,
        )
        self._asker.receive(exchange)
        if self._progress is not None:
            self._progress(exchange)
        self._watch(exchange)

    def _watch(self, exchange: Exchange) -> None:
        """Ends a run that only does harm: the target is gone, or our login is being refused. That another client does
        not get there says neither: it has authorities, proxies and rules of its own."""
        if exchange.probe.by:
            return
        failure = exchange.failure
        if failure is None or not (
            failure.stage in UNREACHED | {Stage.RECEIVE, Stage.TLS} and failure.response is None
        ):
            self._failing.clear()
        else:
            # One place that never answers is a finding about that place: it counts once.
            broke = failure.stage is Stage.RECEIVE
            self._failing.add(exchange.probe.url if broke else str(exchange.number))
            if len(self._failing) >= IN_A_ROW:
                self._stop(f"{IN_A_ROW} connections in a row failed, the last because: {failure.because}")
        if self._policy.lock_out and exchange.probe.login is Login.GIVEN and exchange.probe.question == "read":
            refused = exchange.response is not None and exchange.response.status in REFUSALS
            self._refused = self._refused + 1 if refused else 0
            if self._refused == 2:
                # Whatever was turned away before, one at a time among answers that need no login, may have been so for
                # the same reason.
                self._journal.retract(self._turned_away)
                self._stop("the login was refused twice in a row (401 or 403); asking on may lock the account")

    def _stop(self, reason: str) -> None:
        if not self._stopped:
            self._stopped = reason
            self._asker.stop(reason)


async def cancelled(several: tuple[Asked, ...]) -> None:
    """Cancels what is under way and waits until it is over."""
    tasks = [asked.task for asked in several if asked.task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Pace:
    """When the next request may go out, and when the budget is used up. The bucket of tokens is one deep: a pause is
    not made up for by a burst."""

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self._clock = clock
        self._policy = policy
        self._gap = 0.0 if policy.rate is None else 1.0 / policy.rate
        self._begun = self._next = self._held = clock.ticks()

    async def turn(self) -> None:
        """Waits until a request may go out."""
        while True:
            ticks = self._clock.ticks()
            if self._held > ticks:
                await self._clock.sleep(self._held - ticks)
                continue
            if self._gap == 0.0:
                return
            mine = max(self._next, ticks)
            self._next = mine + self._gap
            if mine > ticks:
                await self._clock.sleep(mine - ticks)
            if self._held <= mine:
                return

    def hold(self, seconds: float) -> None:
        """The target asked for a pause: nothing goes out before it is over."""
        self._held = max(self._held, self._clock.ticks() + seconds)

    def spent(self, requests: int) -> str:
        """Why the budget is used up after so many requests; "" while it is not."""
        if self._policy.budget is not None and requests >= self._policy.budget:
            return f"the budget of {self._policy.budget} requests is used up"
        if self._policy.seconds is not None and self._clock.ticks() - self._begun >= self._policy.seconds:
            return f"the budget of {self._policy.seconds:g} seconds is used up"
        return ""


def retried(outcome: Outcome, *, effect: bool = False) -> str:
    """Why the same probe may be tried again; "" when it may not: only after "not now" (429, 503) or a connection that
    gave no answer at all, and a probe with an effect only when it did not go out."""
    if outcome.response is not None:
        status = outcome.response.status
        return f"status {status}" if status in RETRIED_STATUSES and not effect else ""
    failure = outcome.failure
    if failure is None or failure.response is not None:
        return ""
    lost = failure.stage in (Stage.SEND, Stage.RECEIVE)
    again = failure.stage in UNREACHED or failure.stage is Stage.RECEIVE
    return failure.because if again and not (lost and effect) else ""


def is_turned_away(probe: Probe, outcome: Outcome) -> bool:
    """Our login was refused."""
    given = probe.login is Login.GIVEN
    return given and outcome.response is not None and outcome.response.status in REFUSALS


def attempt_of(outcome: Outcome, waited: float) -> Attempt:
    """What an exchange keeps of a try that was not the last."""
    if outcome.response is not None:
        return Attempt(outcome.response.status, outcome.response.phrase, waited)
    return Attempt(None, outcome.failure.because if outcome.failure else "", waited)


def retry_after(outcome: Outcome, now: float) -> float | None:
    """The seconds that Retry-After asks for (RFC 9110, 10.2.3): a number, or a date, which is 0 when past. None when
    it is absent or cannot be read."""
    value = outcome.response.first("Retry-After") if outcome.response is not None else None
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        date = parsedate_to_datetime(value)
        at = date.timestamp() if value.endswith("GMT") or date.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    return max(0.0, at - now) if at is not None else None

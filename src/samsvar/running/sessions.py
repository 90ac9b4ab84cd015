"""One run: asked once, judged by rule, told in a report."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from samsvar import __version__
from samsvar.errors import UsageError
from samsvar.model.contract import Contract, Guarantee, Level, Profile
from samsvar.model.exchange import Evidence, Exchange, Means, Probe, Provenance, Stage, TargetKind
from samsvar.model.privacy import Part
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Report, Verdict, Waiver
from samsvar.running.lives import Life, earlier, effect_of, life_of
from samsvar.running.orders import Order, secrets_of
from samsvar.running.outputs import results_text, write
from samsvar.running.walks import generators, walk_notes, walkers
from samsvar.running.ways import Way, way_to

if TYPE_CHECKING:
    from datetime import datetime

    from samsvar.logic.exploring import Explorer
    from samsvar.logic.observing import Observed
    from samsvar.world.journal import Unfinished


WALKS_KEEP = "REACH-6"
"""What a run that only walks must have tested."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: requests sent, places found, the path asked last, seconds since the start."""

    requests: int
    places: int
    path: str
    seconds: float


Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Explored:
    """What asking gave: the evidence, what the explorer made of it (which is what ``observe`` makes of it again), the
    way that was gone and the life in which."""

    evidence: Evidence
    observed: Observed
    way: Way
    life: Life


def explore(
    order: Order, contract: Contract, profile: Profile, watch: Watcher | None = None
) -> tuple[Evidence, Observed]:
    """Ask everything there is to ask, once, and leave nothing behind. Raises SamsvarError."""
    found = explored(order, contract, profile, watch)
    found.life.end(whole=not found.evidence.stopped)
    return found.evidence, found.observed


def explored(order: Order, contract: Contract, profile: Profile, watch: Watcher | None = None) -> Explored:
    """Ask everything there is to ask, once. Ctrl-C ends the asking and keeps what was said. Raises SamsvarError."""
    from samsvar.logic.asking.rounds import GENERATED, WALKED, rounds_for
    from samsvar.logic.exploring import Explorer
    from samsvar.logic.observing import Observed
    from samsvar.world.driver import Clock, drive, stopped_clock

    way = way_to(order)
    life = life_of(order, way, contract, profile)
    families = {id_.rpartition("-")[0] for id_ in selected(contract, order.select)}
    between = (
        *((generators(order, way),) if families & GENERATED else ()),
        *((walkers(order, way),) if WALKED in families else ()),
    )
    rounds = between if order.survey else rounds_for(families, between)
    explorer = Explorer(Observed(contract, profile, way.target, way.means), way.limits, rounds)
    asker = explorer if way.cassette is None else AsFarAs(explorer, way.cassette.stopped)
    begun = time.perf_counter()
    clock = Clock() if way.target.kind is TargetKind.LIVE else stopped_clock()

    def progress(exchange: Exchange) -> None:
        if watch is not None:
            places, seconds = len(explorer.observed.visits), time.perf_counter() - begun
            watch(Progress(exchange.number, places, exchange.probe.path, seconds))

    async def run() -> None:
        try:
            policy = replace(way.policy, effect=effect_of(contract))
            await drive(asker, life.transport, policy, progress, clock, life.memory)
        finally:
            await life.transport.aclose()

    try:
        asyncio.run(run())
    except BaseException as error:
        life.leave(error)
        raise
    return Explored(_evidence(order, explorer, way), explorer.observed, way, life)


def _evidence(order: Order, explorer: Explorer, way: Way) -> Evidence:
    """The evidence of a run, with what is noted of it. Of a recording that is not whole, with what is missing."""
    seen = explorer.observed
    only = (f"only {', '.join(order.select)} was selected; all else is untested",) if order.select else ()
    how = (*walk_notes(order, way, explorer.exchanges), *_not_run(order, seen))
    found = replace(explorer.evidence(), notes=(*only, *_left_out(seen.contract, seen.profile), *how))
    told = way.cassette
    if told is None:
        return found
    found = replace(found, recording=Provenance(told.recorded, told.source or told.root, told.samsvar))
    if told.stopped and told.profile == order.profile and not order.select:
        found = replace(found, not_visited=told.not_visited)
    seen.missing = told.missing
    return replace(found, asked=found.asked + len(told.missing))


class AsFarAs:
    """An explorer that asks a recording of a run that was stopped: where the recording ends, the run ended."""

    def __init__(self, explorer: Explorer, stopped: str) -> None:
        self._explorer = explorer
        self._stopped = stopped
        self._over = False

    def offer(self) -> Probe | None:
        """The next probe."""
        return self._explorer.offer()

    def receive(self, exchange: Exchange) -> None:
        """Take an answer; the first that the recording does not have is its end."""
        failure = exchange.failure
        if self._stopped and failure is not None and failure.stage is Stage.NOT_RECORDED:
            self._over = True
            self._explorer.stop(self._stopped)
        if not self._over:
            self._explorer.receive(exchange)

    @property
    def done(self) -> bool:
        """Nothing will be offered any more."""
        return self._explorer.done

    def stop(self, reason: str) -> None:
        """No more will be asked."""
        self._explorer.stop(reason)


def _left_out(contract: Contract, profile: Profile) -> tuple[str, ...]:
    formats = {name for row in contract.types.values() for name in row.formats}
    left = sorted(formats - set(profile.formats)) if profile.formats else []
    return (f"the profile {profile.name} leaves out {', '.join(left)}",) if left else ()


def _not_run(order: Order, seen: Observed) -> tuple[str, ...]:
    """The clients for which examples are shown and that put none, where examples were to be asked."""
    from samsvar.logic.judging.examples import INSTALL

    families = {id_.rpartition("-")[0] for id_ in selected(seen.contract, order.select)}
    wanted = {example.by for example in seen.contract.examples if example.by} if "EXAMPLE" in families else set()
    return tuple(INSTALL[client] for client in INSTALL if client in wanted - set(seen.means.clients))


def selected(contract: Contract, words: tuple[str, ...]) -> frozenset[str]:
    """The ids that families and ids select; all when there are none. Raises UsageError for an unknown word."""
    if not words:
        return frozenset(contract.guarantees)
    found: set[str] = set()
    for word in words:
        ids = {id_ for id_, row in contract.guarantees.items() if word.upper() in (id_, row.family)}
        if not ids:
            known = sorted({row.family for row in contract.guarantees.values()})
            raise UsageError(f"There is no guarantee or family {word!r}.", f"Families: {', '.join(known)}.")
        found |= ids
    return frozenset(found)


class Session:
    """One run: its order and contract, its evidence once gathered, its judgements, its report once finished."""

    def __init__(self, order: Order, contract: Contract, waivers: tuple[Waiver, ...] = (), shared: str = "") -> None:
        if order.profile not in contract.profiles:
            known = ", ".join(sorted(contract.profiles))
            raise UsageError(f"There is no profile {order.profile!r} in {contract.label}.", f"Known: {known}.")
        self.order = order
        self.contract = contract
        self.selected = selected(contract, order.select)
        self.profile = contract.profiles[order.profile]
        if order.survey:
            self.profile = replace(self.profile, tested=(WALKS_KEEP,), places={})
        self.waivers = waivers
        self.ledger: dict[str, Judgement] = {}
        self._shared = shared
        self._evidence: Evidence | None = None
        self._observed: Observed | None = None
        self._explored: Explored | None = None
        self._report: Report | None = None
        self._begun = time.perf_counter()
        self._own: dict[str, Guarantee] = {}

    @classmethod
    def of(cls, order: Order, shared: str = "") -> Session:
        """The session for an order, with its contract and waivers read. Raises SamsvarError."""
        from datetime import date

        from samsvar.world.documents import read_contract
        from samsvar.world.settings import read_waivers

        return cls(order, read_contract(order.contract), read_waivers(order.waivers, date.today()), shared)

    @property
    def guarantees(self) -> Mapping[str, Guarantee]:
        return self.contract.guarantees

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not stand in anything that is written, those included that logins fetched in the run."""
        fetched = self._explored.way.fetched() if self._explored is not None else ()
        return (*secrets_of(self.order), *fetched)

    def gather(self, watch: Watcher | None = None) -> Evidence:
        """The evidence; asked for on the first call, kept from then on. Raises SamsvarError."""
        if self._evidence is None:
            if self._shared:
                from samsvar.world.sharing import share

                self._evidence = share(self._shared, lambda: self._explore(watch).evidence)
            else:
                found = self._explore(watch)
                self._evidence, self._observed = found.evidence, found.observed
        return self._evidence

    def _explore(self, watch: Watcher | None) -> Explored:
        self._explored = explored(self.order, self.contract, self.profile, watch)
        return self._explored

    def plan(self) -> Iterable[str]:
        """What would be asked: a hypermedia API is explored, so only entries and questions are known beforehand."""
        way = way_to(self.order)
        yield f"target     {way.target.kind} {way.target.root}"
        yield f"contract   {self.contract.label}, profile {self.profile.name}"
        limits = way.limits
        yield f"limits     {limits.requests} requests, {limits.places} places of a type, depth {limits.depth}"
        rate = f"{way.policy.rate:g} per second" if way.policy.rate else "as fast as it answers"
        yield f"manners    {rate}, {way.policy.concurrency} at a time"
        yield f"given      {', '.join(_given(way.means)) or 'nothing: only what is open can be seen'}"
        yield from (f"entry      {way.target.root}/{entry.path}".rstrip("/") for entry in self.contract.entries)
        yield "then       every offered link to the API, each place in each promised format"
        if any(id_.startswith("CORS-") for id_ in self.selected):
            from samsvar.logic.asking.cross_origin import PLAN

            yield from (f"origins    {cells.what}" for cells in PLAN)
        yield from (f"judge      {id_}" for id_ in self.contract.guarantees if id_ in self.selected)

    @property
    def evidence(self) -> Evidence:
        return self.gather()

    @property
    def observed(self) -> Observed:
        """The evidence, folded."""
        evidence = self.gather()
        if self._observed is None:
            from samsvar.logic.observing import observe

            self._observed = observe(evidence, self.contract, self.profile)
        return self._observed

    def guarantee(self, id_: str, level: str = "MUST", statement: str = "") -> Guarantee:
        """The contract's guarantee of that id, or one made for a test that brings its own."""
        known = self.contract.guarantees.get(id_) or self._own.get(id_)
        if known is None:
            known = Guarantee(id_, Level(level), {"en": statement or id_}, ("a test of your own",))
            self._own[id_] = known
        return known

    def judge(self, id_: str) -> Judgement:
        """The judgement of one guarantee of the contract, entered into the ledger."""
        self.ledger[id_] = judge_one(self.contract.guarantees[id_], self.observed, self.waivers)
        return self.ledger[id_]

    def decide(self, guarantee: Guarantee, findings: tuple[Finding, ...]) -> Judgement:
        """The judgement that somebody's own findings give, entered into the ledger."""
        from samsvar.logic.deciding import decide

        self.ledger[guarantee.id] = decide(guarantee, findings, self.observed, self.waivers)
        return self.ledger[guarantee.id]

    def finish(self, ledger: Mapping[str, Judgement], results: str = "") -> Report:
        """The report on what was judged; guarantees that no test judged are untested. Written as JSON when asked."""
        from datetime import UTC, datetime

        self.ledger.update(ledger)
        seconds = time.perf_counter() - self._begun
        self._report = make_report(self.observed, self.evidence, self.ledger, seconds, datetime.now(UTC))
        if self._explored is not None and self._explored.life.journal is not None:
            told = results_text(self._report).encode("utf-8", "replace").decode("utf-8")
            self._explored.life.journal.judged(told)
        if results:
            write(results, results_text(self._report), self.gate)
        if self._shared:
            from samsvar.world.sharing import forget

            forget(self._shared)
        return self._report

    def gate(self, parts: Iterable[Part]) -> None:
        """Let pass what is about to be written. Raises PrivacyError when something private is in it."""
        if self._explored is not None:
            self._explored.life.gate(parts)

    @property
    def explored(self) -> Explored:
        """What asking gave, in the process that asked."""
        self.gather()
        if self._explored is None:
            raise UsageError("The evidence was gathered by another process.", "Run without -n.")
        return self._explored

    @property
    def waiting(self) -> bool:
        """A later life may go on with this run."""
        kept = self._explored is not None and self._explored.life.journal is not None
        return kept and bool(self.evidence.stopped)

    def earlier(self) -> Unfinished | None:
        """The run that this one goes on with, or drops. Raises UsageError when another process is writing it."""
        return earlier(self.order, self.contract)

    @contextlib.contextmanager
    def lasting(self) -> Iterator[None]:
        """Whatever ends what is done in here, what was answered is kept and the error says how to go on."""
        try:
            yield
        except BaseException as error:
            if self._explored is not None:
                self._explored.life.leave(error)
            raise

    def end(self) -> None:
        """All is told and written: a run that came to its end leaves nothing behind, another waits to go on."""
        if self._explored is not None:
            self._explored.life.end(whole=not self.evidence.stopped)

    @property
    def report(self) -> Report:
        """The report, once finished."""
        if self._report is None:
            return self.finish({})
        return self._report


def _given(means: Means) -> tuple[str, ...]:
    words = (("an ApiKey", means.key), ("unsafe methods", means.unsafe))
    return (
        *(word for word, given in words if given),
        *(f"login by {login}" for login in means.logins),
        *(f"origin {origin}" for origin in means.origins),
    )


def make_report(  # what was seen, what was made of it, and how long it took until when
    observed: Observed,
    evidence: Evidence,
    ledger: Mapping[str, Judgement],
    seconds: float,
    now: datetime | None = None,
) -> Report:
    """The report on judgements: every guarantee of the contract is in it, judged or not. ``now`` tells how old a
    recording is."""
    from samsvar.logic.deciding import days_since, too_old, unbound, verdict
    from samsvar.logic.diagnosing import nothing_there
    from samsvar.logic.walking.covering import covered

    order = [*observed.contract.guarantees, *(id_ for id_ in ledger if id_ not in observed.contract.guarantees)]
    judgements = {id_: ledger.get(id_) or unbound(observed.contract.guarantees[id_]) for id_ in order}
    found, because = verdict(judgements, observed.profile, observed)
    absent = nothing_there(observed)
    if absent:
        found, because = Verdict.INCONCLUSIVE, absent
    age = days_since(evidence.recording.recorded, now) if evidence.recording is not None and now is not None else None
    aged = too_old(observed.profile, age) if evidence.recording is not None else ""
    if aged and found is Verdict.KEPT:
        found, because = Verdict.INCONCLUSIVE, aged
    places = Counter(v.type or "unknown" for v in observed.visits.values() if v.resource is not None)
    return Report(
        samsvar=__version__,
        contract=evidence.contract,
        profile=evidence.profile,
        target=evidence.target,
        verdict=found,
        because=because,
        judgements=tuple(judgements.values()),
        requests=len(evidence.exchanges),
        seconds=seconds,
        places=tuple(sorted(places.items())),
        requests_by_question=tuple(sorted(observed.requests().items())),
        not_visited=evidence.not_visited,
        notes=evidence.notes,
        recording=evidence.recording,
        age=age,
        walked=covered(observed),
    )


def judge_all(observed: Observed, waivers: Iterable[Waiver] = ()) -> dict[str, Judgement]:
    """Every guarantee judged without pytest, by the same rules as the suites: for comparing and verifying."""
    given = tuple(waivers)
    return {id_: judge_one(row, observed, given) for id_, row in observed.contract.guarantees.items()}


def judge_one(guarantee: Guarantee, observed: Observed, waivers: tuple[Waiver, ...]) -> Judgement:
    """One guarantee judged by its rule; untested where there is nothing that could keep or break it."""
    from samsvar.logic.deciding import judge
    from samsvar.logic.diagnosing import nothing_there
    from samsvar.logic.judging.rules import RULES

    reason = nothing_there(observed)
    if reason and not guarantee.excluded:
        return Judgement(guarantee, Outcome.UNTESTED, 0, (), reason, Cause.CONFIGURATION)
    return judge(guarantee, RULES.get(guarantee.id), observed, waivers)

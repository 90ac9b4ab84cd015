"""One run: asked once, judged by rule, told in a report."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from samsvar import __version__
from samsvar.errors import UsageError
from samsvar.model.contract import Contract, Guarantee, Level, Profile
from samsvar.model.exchange import Evidence, Exchange, Means, TargetKind
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Report, Verdict, Waiver
from samsvar.running.orders import Order
from samsvar.running.outputs import write_results
from samsvar.running.ways import way_to

if TYPE_CHECKING:
    from samsvar.logic.observing import Observed


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: requests sent, places found, the path asked last, seconds since the start."""

    requests: int
    places: int
    path: str
    seconds: float


Watcher = Callable[[Progress], None]


def explore(
    order: Order, contract: Contract, profile: Profile, watch: Watcher | None = None
) -> tuple[Evidence, Observed]:
    """Ask everything there is to ask, once: the evidence, and what the explorer made of it, which is what ``observe``
    makes of it again. Ctrl-C ends the asking and keeps what was said. Raises SamsvarError."""
    from samsvar.logic.asking.rounds import rounds_for
    from samsvar.logic.exploring import Explorer
    from samsvar.logic.observing import Observed
    from samsvar.world.driver import Clock, drive, stopped_clock

    way = way_to(order)
    rounds = rounds_for({id_.rpartition("-")[0] for id_ in selected(contract, order.select)})
    explorer = Explorer(Observed(contract, profile, way.target, way.means), way.limits, rounds)
    begun = time.perf_counter()
    clock = Clock() if way.target.kind is TargetKind.LIVE else stopped_clock()

    def progress(exchange: Exchange) -> None:
        if watch is not None:
            places, seconds = len(explorer.observed.visits), time.perf_counter() - begun
            watch(Progress(exchange.number, places, exchange.probe.path, seconds))

    async def run() -> None:
        try:
            await drive(explorer, way.transport, way.policy, progress, clock)
        finally:
            await way.transport.aclose()

    asyncio.run(run())
    evidence = explorer.evidence()
    only = (f"only {', '.join(order.select)} was selected; all else is untested",) if order.select else ()
    return replace(evidence, notes=(*way.notes, *only, *_left_out(contract, profile))), explorer.observed


def _left_out(contract: Contract, profile: Profile) -> tuple[str, ...]:
    formats = {name for row in contract.types.values() for name in row.formats}
    left = sorted(formats - set(profile.formats)) if profile.formats else []
    return (f"the profile {profile.name} leaves out {', '.join(left)}",) if left else ()


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
        self.waivers = waivers
        self.ledger: dict[str, Judgement] = {}
        self._shared = shared
        self._evidence: Evidence | None = None
        self._observed: Observed | None = None
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

    def gather(self, watch: Watcher | None = None) -> Evidence:
        """The evidence; asked for on the first call, kept from then on. Raises SamsvarError."""
        if self._evidence is None:
            if self._shared:
                from samsvar.world.sharing import share

                self._evidence = share(self._shared, lambda: self._explore(watch)[0])
            else:
                self._evidence, self._observed = self._explore(watch)
        return self._evidence

    def _explore(self, watch: Watcher | None) -> tuple[Evidence, Observed]:
        return explore(self.order, self.contract, self.profile, watch)

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
        self.ledger.update(ledger)
        self._report = make_report(self.observed, self.evidence, self.ledger, time.perf_counter() - self._begun)
        if results:
            write_results(self._report, results)
        if self._shared:
            from samsvar.world.sharing import forget

            forget(self._shared)
        return self._report

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


def make_report(observed: Observed, evidence: Evidence, ledger: Mapping[str, Judgement], seconds: float) -> Report:
    """The report on judgements: every guarantee of the contract is in it, judged or not."""
    from samsvar.logic.deciding import unbound, verdict
    from samsvar.logic.diagnosing import nothing_there

    order = [*observed.contract.guarantees, *(id_ for id_ in ledger if id_ not in observed.contract.guarantees)]
    judgements = {id_: ledger.get(id_) or unbound(observed.contract.guarantees[id_]) for id_ in order}
    found, because = verdict(judgements, observed.profile, observed)
    absent = nothing_there(observed)
    if absent:
        found, because = Verdict.INCONCLUSIVE, absent
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

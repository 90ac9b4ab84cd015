"""Where asking, sending and judging meet: an order goes in, evidence and a report come out.

Heavy rooms are imported where they are used, so that ``samsvar --help`` does not pay for a client.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samsvar import __version__
from samsvar.errors import SafetyError, UsageError
from samsvar.model.contract import Contract, Guarantee, Level, Profile
from samsvar.model.exchange import Evidence, Exchange, Means, Probe, Target, TargetKind
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Report, Verdict, Waiver

if TYPE_CHECKING:
    from samsvar.logic.diagnosing import Diagnosis
    from samsvar.logic.diagnosing_origins import Answers
    from samsvar.logic.exploring import Limits
    from samsvar.logic.observing import Observed
    from samsvar.logic.reading import Reading
    from samsvar.world.driver import Policy
    from samsvar.world.transport import Transport

MINIATURE_ROOT = "https://miniature.samsvar.example/api"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: one run against one target.

    target: URL of an API root, folder of a cassette, or "" for the miniature. settings: SAMSVAR_* values by name, from
    the environment and samsvar.toml. rate: requests per second (None: as polite as the target asks for). budget: the
    most requests (None: by target). select: families or ids to judge (none: all). faults, evolutions, seed, size: of
    the miniature only.
    """

    target: str = ""
    contract: str = "altinn2"
    profile: str = "default"
    origins: tuple[str, ...] = ()
    unsafe: bool = False
    rate: float | None = None
    budget: int | None = None
    concurrency: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    evolutions: tuple[str, ...] = ()
    seed: int = 1
    size: int | None = None
    waivers: str = ""
    select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: requests sent, places found, the path asked last, seconds since the start."""

    requests: int
    places: int
    path: str
    seconds: float


Watcher = Callable[[Progress], None]


def order_from(options: Mapping[str, Any]) -> Order:
    """The order that options give, completed by samsvar.toml and the environment. Options that are None or empty are
    not given. Raises UsageError."""
    import os

    from samsvar.world.settings import read_settings

    settings = read_settings()
    plain = {"target", "contract", "profile", "rate", "budget", "concurrency", "waivers"}
    found: dict[str, Any] = {name: value for name, value in settings.items() if name in plain}
    found["origins"] = tuple(settings.get("origins", ()))
    found["unsafe"] = bool(settings.get("unsafe_methods", False))
    found.update({name: value for name, value in options.items() if value not in (None, "", ())})
    _check_origins(found["origins"])
    secrets = {name: value for name, value in os.environ.items() if name.startswith("SAMSVAR_")}
    return Order(**found, settings={**{k: str(v) for k, v in settings.items()}, **secrets})


def _check_origins(origins: tuple[str, ...]) -> None:
    """An Origin that no browser would ever send makes every answer about it worthless."""
    if not origins:
        return
    from samsvar.logic.diagnosing_origins import origin_problem

    for origin in origins:
        problem = origin_problem(origin)
        if problem:
            raise UsageError(f"{origin} is not an origin: {problem}.", "Give one such as https://www.eksempel.no.")


@dataclass(frozen=True, slots=True)
class Way:
    """How a target is asked: what it is, what the run was given, the transport, how polite, how far."""

    target: Target
    means: Means
    transport: Transport
    policy: Policy
    limits: Limits
    notes: tuple[str, ...] = ()


def way_to(order: Order) -> Way:
    """The way to an order's target. Raises UsageError, SafetyError or CassetteError when there is none."""
    if not order.target:
        return _way_to_miniature(order)
    if "://" in order.target:
        return _way_to_environment(order)
    return _way_to_cassette(order)


def miniature_of(order: Order, root: str = MINIATURE_ROOT) -> Any:
    """The miniature that an order describes."""
    from samsvar.miniature import Miniature

    sized = {} if order.size is None else {"size": order.size}
    return Miniature(root=root, seed=order.seed, faults=order.faults, evolutions=order.evolutions, **sized)


def _way_to_miniature(order: Order) -> Way:
    from samsvar.miniature.credentials import ORIGINS
    from samsvar.world.addresses import origin_of
    from samsvar.world.driver import policy_for
    from samsvar.world.in_process import miniature_transport, miniature_vault

    vault = miniature_vault(origin_of(MINIATURE_ROOT))  # type: ignore[arg-type]
    transport = miniature_transport(miniature_of(order), MINIATURE_ROOT, ALL_METHODS)
    means = vault.means(order.origins or tuple(ORIGINS), unsafe=True)
    target = Target(TargetKind.MINIATURE, MINIATURE_ROOT)
    return Way(target, means, transport, policy_for(target), _limits(order, own=True))


ALL_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
LONGEST_RUN = 7_200.0
"""Seconds after which a run against an environment ends, with what was seen."""
PRODUCTION = ("www.altinn.no", "altinn.no", "platform.altinn.no")


def _way_to_environment(order: Order) -> Way:
    from samsvar.world.addresses import Refusal, origin_of
    from samsvar.world.credentials import from_environment
    from samsvar.world.dressing import SAFE_METHODS
    from samsvar.world.driver import policy_for
    from samsvar.world.http import Dealings, LiveTransport

    root = order.target.rstrip("/")
    origin = origin_of(root)
    if isinstance(origin, Refusal):
        refuse = SafetyError if origin.reason == "downgrade" else UsageError
        raise refuse(f"{order.target} cannot be asked: {origin.because}.", "Give the https URL of an API root.")
    if order.unsafe and origin.host in PRODUCTION:
        raise SafetyError(f"Unsafe methods are never sent to {origin.host}.", "Use a test environment.")
    vault = from_environment(origin, dict(order.settings), dict(order.settings))
    methods = ALL_METHODS if order.unsafe else SAFE_METHODS
    transport = LiveTransport(root, vault, Dealings(methods=methods))
    target = Target(TargetKind.LIVE, root)
    polite = policy_for(target)
    rate, concurrency = order.rate or polite.rate, order.concurrency or polite.concurrency
    if origin.host in PRODUCTION:  # a ceiling, whatever is asked for
        rate, concurrency = min(rate or 1.0, polite.rate or 1.0), 1
    policy = replace(polite, rate=rate, concurrency=concurrency, seconds=LONGEST_RUN)
    means = vault.means(order.origins, unsafe=order.unsafe)
    return Way(target, means, transport, policy, _limits(order, own=origin.loopback))


def _way_to_cassette(order: Order) -> Way:
    from samsvar.world.driver import policy_for
    from samsvar.world.keeping import is_cassette, read_cassette
    from samsvar.world.replay import ReplayTransport

    if not Path(order.target).is_dir() or not is_cassette(order.target):
        raise UsageError(
            f"{order.target} is neither a URL nor the folder of a cassette.",
            "Give an API root such as https://tt02.altinn.no/api, a folder with a manifest.json, or nothing.",
        )
    cassette = read_cassette(order.target)
    note = f"recorded {cassette.recorded or 'at an unknown time'} from {cassette.source or cassette.root}"
    transport = ReplayTransport(cassette.exchanges)
    target = Target(TargetKind.CASSETTE, cassette.root.rstrip("/"))
    return Way(target, cassette.means, transport, policy_for(target), _limits(order, own=True), (note,))


def _limits(order: Order, *, own: bool) -> Limits:
    """How far to go: generously on what is ours or on this machine, sparingly elsewhere."""
    from samsvar.logic.exploring import Limits

    budget = order.budget or (20_000 if own else 2_000)
    return Limits(requests=budget, places=500 if own else 60, pages=40 if own else 5)


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


def write_results(report: Report, path: str) -> None:
    """Write a report as JSON, whole or not at all. Raises OutputError."""
    import json

    from samsvar.logic.reporting.document import report_document
    from samsvar.world.files import write_whole

    write_whole(path, json.dumps(report_document(report), ensure_ascii=False, indent=1) + "\n")


def write_junit(report: Report, path: str) -> None:
    """Write a report as JUnit XML, whole or not at all. Raises OutputError."""
    from samsvar.logic.reporting.junit import junit
    from samsvar.world.files import write_whole

    write_whole(path, junit(report))


def write_sarif(report: Report, path: str) -> None:
    """Write a report as SARIF, whole or not at all. Raises OutputError."""
    import json

    from samsvar.logic.reporting.sarif import sarif
    from samsvar.world.files import write_whole

    write_whole(path, json.dumps(sarif(report), ensure_ascii=False, indent=1) + "\n")


def write_page(session: Session, folder: str) -> None:
    """Write a report for people, index.html in a folder, with the exchanges that show its findings. Raises
    OutputError."""
    from samsvar.logic.reporting.page import page
    from samsvar.world.files import write_whole

    made = page(session.report, session.evidence.exchanges, secrets_of(session.order))
    write_whole(str(Path(folder) / "index.html"), made)


def secrets_of(order: Order) -> tuple[str, ...]:
    """Values that must not stand in anything that is written. Those of the miniature are public."""
    from samsvar.world.credentials import secret

    names = ("API_KEY", "TOKEN", "COOKIE", "PASSWORD")
    found = (secret(name, order.settings, order.settings) for name in names) if order.target else ()
    return tuple(value.removeprefix("Bearer ") for value in found if value)


# -- few questions, one after the other -------------------------------------------------------------------------------


class Interview:
    """Asks what a conversation asks, each question after the answer to the one before."""

    def __init__(self, asking: Generator[Probe, Reading, None]) -> None:
        self._asking = asking
        self._next: Probe | None = next(asking, None)
        self.stopped = ""

    def offer(self) -> Probe | None:
        """The next question; None while one is under way."""
        probe, self._next = self._next, None
        return probe

    def receive(self, exchange: Exchange) -> None:
        """Take an answer; the conversation goes on with it."""
        from samsvar.logic.reading import Reading

        try:
            self._next = self._asking.send(Reading(exchange))
        except StopIteration:
            self.stopped = "all was asked"

    @property
    def done(self) -> bool:
        return bool(self.stopped)

    def stop(self, reason: str) -> None:
        """No more will be asked."""
        self.stopped = self.stopped or reason


def interview(way: Way, asking: Generator[Probe, Reading, None]) -> str:
    """Hold a conversation with a target, politely. Gives why it ended before its end, "" if it did not."""
    from samsvar.world.driver import Clock, drive, stopped_clock

    asker = Interview(asking)
    clock = Clock() if way.target.kind is TargetKind.LIVE else stopped_clock()

    async def run() -> None:
        try:
            await drive(asker, way.transport, replace(way.policy, concurrency=1), None, clock)
        finally:
            await way.transport.aclose()

    asyncio.run(run())
    return "" if asker.stopped == "all was asked" else asker.stopped


def diagnose(order: Order) -> list[Diagnosis]:
    """What is wrong with the way to an order's target. Raises SamsvarError when it cannot even be asked."""
    from samsvar.logic.diagnosing import Examination, State, read_token
    from samsvar.world.documents import read_contract

    way = way_to(order)
    token = read_token(_token(order)) if _token(order) else None
    examination = Examination(read_contract(order.contract), way.target, way.means, token)
    stopped = interview(way, examination.asking())
    if stopped:
        examination.tell("the rest", State.FAULT, f"not asked: {stopped}", "Try again later.")
    return examination.diagnoses


def _token(order: Order) -> str:
    from samsvar.world.credentials import secret

    return secret("TOKEN", order.settings, order.settings) if order.target else ""


def check_origins(order: Order) -> Answers:
    """The documented CORS check. Raises SamsvarError when the target cannot even be asked."""
    from samsvar.logic.diagnosing_origins import Enquiry
    from samsvar.world.documents import read_contract

    way = way_to(order)
    enquiry = Enquiry(read_contract(order.contract), way.target, way.means)
    interview(way, enquiry.asking())
    return enquiry.answers


def serve_miniature(order: Order, host: str, port: int, say: Callable[[str], None]) -> int:
    """The miniature on a port until Ctrl-C. Raises UsageError when the port cannot be had."""
    import threading

    from samsvar.miniature import credentials, serve

    try:
        serving = serve(lambda root: miniature_of(order, root), host=host, port=port)
    except OSError as error:
        raise UsageError(f"{host}:{port} cannot be listened on ({error.strerror}).", "Give another --port.") from error
    with serving as server:
        say(f"the miniature is at {server.root}")
        say(f"  SAMSVAR_API_KEY={credentials.API_KEY}")
        say(f"  SAMSVAR_TOKEN={credentials.TOKEN}")
        say(f"  registered origins: {', '.join(credentials.ORIGINS)}")
        say("  stop it with Ctrl-C")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("stopped")
    return 0

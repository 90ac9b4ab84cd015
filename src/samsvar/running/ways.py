"""The way to a target: what it is, what the run was given, how it is asked and how far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from samsvar.errors import SafetyError, UsageError
from samsvar.model.exchange import Exchange, Means, Probe, Target, TargetKind
from samsvar.running.clients import for_environment, for_miniature, reaching_miniature
from samsvar.running.orders import Order

if TYPE_CHECKING:
    from samsvar.logic.exploring import Limits
    from samsvar.world.credentials import Vault
    from samsvar.world.driver import Policy
    from samsvar.world.maskinporten import Way as Services
    from samsvar.world.replay import Cassette
    from samsvar.world.transport import Transport

MINIATURE_ROOT = "https://miniature.samsvar.example/api"


@runtime_checkable
class Recorded(Protocol):
    """A transport that knows which questions it can answer."""

    def answers(self, probe: Probe) -> bool: ...


@dataclass(frozen=True, slots=True)
class Way:
    """How a target is asked: what it is, what the run was given, the transport, how polite, how far. loopback: it is
    on this machine. cassette: the recording that is asked. secrets: credentials that the order does not tell. vault:
    where those are that a run fetches."""

    target: Target
    means: Means
    transport: Transport
    policy: Policy
    limits: Limits
    loopback: bool = False
    cassette: Cassette | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    vault: Vault | None = None

    def fetched(self) -> tuple[str, ...]:
        """The secrets of the logins, those included that were fetched until now."""
        return self.vault.secrets() if self.vault is not None else ()

    @property
    def recorded(self) -> tuple[Exchange, ...]:
        """What a recording that knows whole exchanges holds; nothing of other targets and tapes."""
        several = self.cassette.exchanges if self.cassette is not None else ()
        return tuple(one.exchange for one in several if one.exchange is not None)

    def answers(self, probe: Probe) -> bool:
        """The recording has an answer to that question."""
        return isinstance(self.transport, Recorded) and self.transport.answers(probe)


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
    from samsvar.miniature import credentials
    from samsvar.world.addresses import origin_of
    from samsvar.world.driver import policy_for
    from samsvar.world.in_process import miniature_transport, miniature_vault

    vault = miniature_vault(origin_of(MINIATURE_ROOT))  # type: ignore[arg-type]
    environment, origin = miniature_of(order), vault.origin
    own = miniature_transport(environment, MINIATURE_ROOT, ALL_METHODS)
    means = replace(vault.means(order.origins or tuple(credentials.ORIGINS), unsafe=True), ours=True)
    order = replace(order, clients=reaching_miniature(order.clients))
    means = replace(means, clients=order.clients)
    transport = for_miniature(order, own, environment, origin, means.origins) if order.clients else own
    target = Target(TargetKind.MINIATURE, MINIATURE_ROOT)
    secrets = (credentials.API_KEY, credentials.TOKEN, credentials.EXPIRED_TOKEN, credentials.PASSWORD)
    return Way(target, means, transport, policy_for(target), _limits(order, own=True), secrets=secrets)


ALL_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
LONGEST_RUN = 7_200.0
"""Seconds after which a run against an environment ends, with what was seen."""
SURVEYED = 3
"""Places of one type that a run reads before it only walks."""
PRODUCTION = ("www.altinn.no", "altinn.no", "platform.altinn.no")


def _way_to_environment(order: Order) -> Way:
    from samsvar.world.addresses import Refusal, origin_of
    from samsvar.world.certificates import authorities_of
    from samsvar.world.credentials import from_environment
    from samsvar.world.dressing import SAFE_METHODS
    from samsvar.world.driver import policy_for
    from samsvar.world.http import Dealings, LiveTransport
    from samsvar.world.login_settings import providers_of

    root = order.target.rstrip("/")
    origin = origin_of(root)
    if isinstance(origin, Refusal):
        refuse = SafetyError if origin.reason == "downgrade" else UsageError
        shown = re.sub(r"//[^?#]*@", "//", order.target)  # somebody's password may stand there
        raise refuse(f"{shown} cannot be asked: {origin.because}.", "Give the https URL of an API root.")
    if order.unsafe and origin.host in PRODUCTION:
        raise SafetyError(f"Unsafe methods are never sent to {origin.host}.", "Use a test environment.")
    settings = dict(order.settings)
    authorities = authorities_of(settings)
    providers = providers_of(order.logins, origin, settings, partial(_way_to_services, authorities))
    vault = from_environment(origin, settings, settings, providers)
    methods = ALL_METHODS if order.unsafe else SAFE_METHODS
    own = LiveTransport(root, vault, Dealings(methods=methods, authorities=authorities))
    transport = for_environment(order, own, origin) if order.clients else own
    target = Target(TargetKind.LIVE, root)
    polite = policy_for(target)
    rate, concurrency = order.rate or polite.rate, order.concurrency or polite.concurrency
    if origin.host in PRODUCTION:  # a ceiling, whatever is asked for
        rate, concurrency = min(rate or 1.0, polite.rate or 1.0), 1
    policy = replace(polite, rate=rate, concurrency=concurrency, seconds=LONGEST_RUN)
    means = replace(vault.means(order.origins, unsafe=order.unsafe), clients=order.clients)
    limits = _limits(order, own=origin.loopback)
    return Way(target, means, transport, policy, limits, loopback=origin.loopback, vault=vault)


def _way_to_services(authorities: str) -> Services:
    """The way to what gives tokens, which may trust authorities of one's own as the target may."""
    from samsvar.world.http import SHORT, Errands
    from samsvar.world.maskinporten import Way as Services

    errands = Errands(replace(SHORT, authorities=authorities))
    return Services(errands.ask, errands.aclose)


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
    transport = ReplayTransport(cassette.exchanges)
    target = Target(TargetKind.CASSETTE, cassette.root.rstrip("/"))
    limits = replace(_limits(order, own=True), **cassette.limits)
    return Way(target, cassette.means, transport, policy_for(target), limits, cassette=cassette)


def _limits(order: Order, *, own: bool) -> Limits:
    """How far to go: generously on what is ours or on this machine, sparingly elsewhere."""
    from samsvar.logic.exploring import Limits

    budget = order.budget or (20_000 if own else 2_000)
    if order.survey:
        return Limits(requests=budget, places=SURVEYED if own else 1, pages=1, full_pages=1)
    return Limits(requests=budget, places=500 if own else 60, pages=40 if own else 5)

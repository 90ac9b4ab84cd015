"""How what puts questions besides samsvar itself reaches a target."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from samsvar.model.exchange import Client, Failure, Probe
from samsvar.running.orders import Order

if TYPE_CHECKING:
    from samsvar.world.addresses import Origin
    from samsvar.world.browser import Dial
    from samsvar.world.commands import Find
    from samsvar.world.dress import Ready
    from samsvar.world.transport import Transport

    Prepare = Callable[[Probe], Awaitable[Ready | Failure]]
    Reach = Callable[[], Awaitable[Dial | Failure]]


def by_browser(origin: Origin, ready: Prepare, dial: Reach, origins: Sequence[str]) -> Transport:
    """The way for script in a browser."""
    from samsvar.world.browser import BrowserTransport, browser_path

    return BrowserTransport(origin, browser_path(os.environ), ready, dial, tuple(origins))


def by_programs(order: Order, own: Any, find: Find, root: str) -> dict[Client, Transport]:
    """The ways by curl and PowerShell, as far as they may put questions and are there."""
    from samsvar.world.commands import CommandTransport, Curl, PowerShell, Program, installed

    found: dict[Client, Program] = {}
    for client, path in installed().items():
        if client in order.clients:
            found[client] = Curl(path) if client is Client.CURL else PowerShell(path, root)
    return {client: CommandTransport(own.ready, program, find) for client, program in found.items()}


def for_miniature(order: Order, own: Any, environment: Any, origin: Origin, origins: Sequence[str]) -> Transport:
    """The transport to a miniature in this process, by whatever client: for programs of their own it is served."""
    from samsvar.world.browser import Dial
    from samsvar.world.clients import RoutedTransport
    from samsvar.world.commands import served_route
    from samsvar.world.served import ServedEnvironment

    served = ServedEnvironment(environment, origin.host)

    async def dial() -> Dial | Failure:
        served.start()
        return Dial(f"127.0.0.1:{served.port}", served.leaf_spki)

    others = by_programs(order, own, served_route(served), environment.root)
    if Client.BROWSER in order.clients:
        others[Client.BROWSER] = by_browser(origin, own.ready, dial, origins)
    return RoutedTransport(own, others, (served,)) if others else own


def reaching_miniature(clients: tuple[Client, ...]) -> tuple[Client, ...]:
    """Those that can be told where the miniature is served: PowerShell cannot, and nobody where no certificate is to
    be had."""
    from samsvar.world.served import servable

    return tuple(client for client in clients if client is not Client.POWERSHELL and servable())


def for_environment(order: Order, own: Any, origin: Origin) -> Transport:
    """The transport to a live environment, by whatever client: names are looked up and checked as for our own."""
    from samsvar.world.addresses import in_brackets
    from samsvar.world.browser import Dial
    from samsvar.world.certificates import authorities_of
    from samsvar.world.clients import RoutedTransport
    from samsvar.world.commands import checked_route

    authorities = authorities_of(order.settings)

    async def dial() -> Dial | Failure:
        addresses = await own.addresses()
        if isinstance(addresses, Failure):
            return addresses
        key = await own.verified_key() if authorities else ""  # the browser does not know them, so we look for it
        return key if isinstance(key, Failure) else Dial(f"{in_brackets(addresses[0])}:{origin.port}", key)

    route = checked_route(origin, own.addresses, authorities)
    others = by_programs(order, own, route, order.target.rstrip("/"))
    if Client.BROWSER in order.clients:
        others[Client.BROWSER] = by_browser(origin, own.ready, dial, order.origins)
    return RoutedTransport(own, others) if others else own

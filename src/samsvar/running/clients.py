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
    from samsvar.world.dress import Ready
    from samsvar.world.transport import Transport

    Prepare = Callable[[Probe], Awaitable[Ready | Failure]]
    Reach = Callable[[], Awaitable[Dial | Failure]]


def by_browser(origin: Origin, ready: Prepare, dial: Reach, origins: Sequence[str]) -> Transport:
    """The way for script in a browser."""
    from samsvar.world.browser import BrowserTransport, browser_path

    return BrowserTransport(origin, browser_path(os.environ), ready, dial, tuple(origins))


def for_miniature(order: Order, own: Any, environment: Any, origin: Origin, origins: Sequence[str]) -> Transport:
    """The transport to a miniature in this process, by whatever client: for programs of their own it is served."""
    from samsvar.world.browser import Dial
    from samsvar.world.clients import RoutedTransport
    from samsvar.world.served import ServedEnvironment

    served = ServedEnvironment(environment, origin.host)

    async def dial() -> Dial | Failure:
        served.start()
        return Dial(f"127.0.0.1:{served.port}", served.leaf_spki)

    others = {Client.BROWSER: by_browser(origin, own.ready, dial, origins)} if Client.BROWSER in order.clients else {}
    return RoutedTransport(own, others, (served,)) if others else own


def for_environment(order: Order, own: Any, origin: Origin) -> Transport:
    """The transport to a live environment, by whatever client: names are looked up and checked as for our own."""
    from samsvar.world.browser import Dial
    from samsvar.world.clients import RoutedTransport

    async def dial() -> Dial | Failure:
        addresses = await own.addresses()
        if isinstance(addresses, Failure):
            return addresses
        host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        return Dial(f"{host}:{origin.port}")

    others = (
        {Client.BROWSER: by_browser(origin, own.ready, dial, order.origins)} if Client.BROWSER in order.clients else {}
    )
    return RoutedTransport(own, others) if others else own

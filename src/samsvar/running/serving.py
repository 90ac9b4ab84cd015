"""The miniature on a port, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable

from samsvar.errors import UsageError
from samsvar.running.orders import Order
from samsvar.running.ways import miniature_of


def serve_miniature(order: Order, host: str, port: int, say: Callable[[str], None]) -> int:
    """The miniature on a port until Ctrl-C. Raises UsageError when the port cannot be had."""
    import threading

    from samsvar.miniature import credentials, serve
    from samsvar.miniature.browsing import PLACE, Browsable

    try:
        serving = serve(lambda root: Browsable(miniature_of(order, root), root), host=host, port=port)
    except OSError as error:
        raise UsageError(f"{host}:{port} cannot be listened on ({error.strerror}).", "Give another --port.") from error
    try:
        with serving as server:
            say(f"the miniature is at {server.root}")
            say(f"  test client: {server.root.removesuffix('/api')}{PLACE}")
            say(f"  SAMSVAR_API_KEY={credentials.API_KEY}")
            say(f"  SAMSVAR_TOKEN={credentials.TOKEN}")
            say(f"  registered origins: {', '.join(credentials.ORIGINS)}")
            say("  stop it with Ctrl-C")
            threading.Event().wait()
    except KeyboardInterrupt:
        say("stopped")
    return 0

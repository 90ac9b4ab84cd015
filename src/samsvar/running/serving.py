"""The miniature on a port, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from samsvar.errors import UsageError
from samsvar.running.orders import Order
from samsvar.running.ways import miniature_of


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the miniature listens. tls: a folder for the certificates of this run, "" for plain HTTP."""

    host: str
    port: int
    tls: str = ""


def serve_miniature(order: Order, at: Listening, say: Callable[[str], None]) -> int:
    """The miniature on a port until Ctrl-C. Raises UsageError when the port or the folder cannot be had."""
    import threading

    from samsvar.miniature import credentials, serve
    from samsvar.miniature.browsing import PLACE, Browsable
    from samsvar.world.authority import AUTHORITY, CLIENT, mutual_leaf_for

    context = mutual_leaf_for(at.tls, credentials.CERTIFICATE, at.host).context if at.tls else None
    try:
        serving = serve(lambda root: Browsable(miniature_of(order, root), root), at.host, at.port, context)
    except OSError as error:
        raise UsageError(
            f"{at.host}:{at.port} cannot be listened on ({error.strerror}).", "Give another --port."
        ) from error
    try:
        with serving as server:
            say(f"the miniature is at {server.root}")
            say(f"  test client: {server.root.removesuffix('/api')}{PLACE}")
            say(f"  SAMSVAR_API_KEY={credentials.API_KEY}")
            say(f"  SAMSVAR_TOKEN={credentials.TOKEN}")
            if at.tls:
                say(f"  SAMSVAR_AUTHORITIES={Path(at.tls, AUTHORITY)}")
                say(f"  SAMSVAR_CLIENT_CERT={Path(at.tls, CLIENT)}")
            say(f"  registered origins: {', '.join(credentials.ORIGINS)}")
            say("  stop it with Ctrl-C")
            threading.Event().wait()
    except KeyboardInterrupt:
        say("stopped")
    return 0

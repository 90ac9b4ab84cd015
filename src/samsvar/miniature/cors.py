"""Which origins may read, and how a preflight is answered (Fetch standard, 3.2). Origins compare byte by byte."""

from samsvar.miniature.credentials import ORIGINS
from samsvar.model.exchange import Fields

METHODS = "GET, HEAD, OPTIONS"
REQUEST_FIELDS = "ApiKey, Accept, Authorization, X-Requested-With, Content-Type"
EXPOSED = "X-Warning-LimitReached"
VARY_PREFLIGHT = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def allowed(origin: str | None) -> bool:
    """Whether the origin is registered. Nothing else is: neither null nor look-alikes."""
    return origin in ORIGINS


def sharing_fields(origin: str | None) -> Fields:
    """What an ordinary answer says to an origin; nothing to those that are not registered."""
    if origin is None or not allowed(origin):
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", EXPOSED),
    )


def preflight_fields(origin: str | None) -> Fields:
    """What a preflight is answered."""
    if origin is None or not allowed(origin):
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", REQUEST_FIELDS),
        ("Access-Control-Max-Age", "600"),
    )

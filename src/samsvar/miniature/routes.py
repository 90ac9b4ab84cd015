"""Paths: which operation a path means, who may use it, in which media types it answers. Made from the table of
operations; literal segments compare without case, and a literal wins over a variable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from urllib.parse import unquote

from samsvar.miniature.operations import OPERATIONS
from samsvar.model.exchange import FORMATS, HAL_JSON, JSON

CONSTRAINTS = {"who": re.compile(r"my|r\d+|\d{9}", re.IGNORECASE), "orgno": re.compile(r"\d{9}")}
ANYTHING = re.compile(r".+", re.DOTALL)
OPEN_PATHS = ("metadata", "authentication", "help")
KEY_PATHS = ("brokerservice/inbox/hasavailablefiles", "authorization/token")
ENTERPRISE_PATHS = ("consentrequests", "delegationrequests", "enterpriseusers")
HELP_PATHS = tuple(
    prefix + path for prefix in ("", "serviceowner/") for path in ("help", "help/Api/{operation}", "help/ResourceModel")
)
JSON_ONLY = ("metadata/well-known", "metadata/jwk", "brokerservice/inbox/hasavailablefiles")
JSON_KINDS = {"BrokerServiceFile": (HAL_JSON, JSON), "BrokerServiceReceipt": (JSON,)}


@cache
def segments_of(template: str) -> tuple[str, ...]:
    """The segments of a template."""
    return tuple(template.split("/"))


@dataclass(frozen=True, slots=True)
class Route:
    """One path. template: as the documentation writes it. access: open, api-key, user, enterprise or service-owner.
    model: "" for a document. methods: the documented unsafe methods. formats: () for a document."""

    template: str
    access: str
    model: str = ""
    reads: bool = True
    methods: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    @property
    def segments(self) -> tuple[str, ...]:
        return segments_of(self.template)

    @property
    def literals(self) -> int:
        """How many segments are fixed: the more, the earlier it is tried."""
        return sum(not segment.startswith("{") for segment in self.segments)

    @property
    def allow(self) -> str:
        """The Allow field."""
        return ", ".join((*(("GET", "HEAD") if self.reads else ()), *self.methods, "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Match:
    """A route with the values of its variables."""

    route: Route
    variables: Mapping[str, str]


def access_of(template: str) -> str:
    """What an operation asks of its caller."""
    lower = template.lower()
    if lower.startswith("serviceowner/"):
        return "service-owner"
    if lower.startswith(ENTERPRISE_PATHS):
        return "enterprise"
    if lower.startswith(KEY_PATHS):
        return "api-key"
    return "open" if lower.split("/")[0] in OPEN_PATHS else "user"


def formats_of(template: str, model: str) -> tuple[str, ...]:
    """In which media types a resource answers."""
    if template in JSON_ONLY:
        return (JSON,)
    return JSON_KINDS.get(model, FORMATS if model else ())


def spellings(template: str) -> tuple[str, ...]:
    """A template with an optional last segment stands for two."""
    head, bracket, tail = template.partition("[")
    return (head, head + tail.rstrip("]")) if bracket else (template,)


def routes() -> tuple[Route, ...]:
    """All paths that exist."""
    reads = {
        spelling: model for method, path, _, model in OPERATIONS if method == "GET" for spelling in spellings(path)
    }
    unsafe: dict[str, list[str]] = {}
    for method, path, _, _ in OPERATIONS:
        if method != "GET":
            unsafe.setdefault(path, []).append(method)
    made = [
        Route(
            path,
            access_of(path),
            reads.get(path, ""),
            path in reads,
            tuple(unsafe.get(path, ())),
            formats_of(path, reads.get(path, "")),
        )
        for path in {**reads, **unsafe}
    ]
    made += [
        *(Route(path, "open") for path in HELP_PATHS),
        Route("", "open", "FrontPage", formats=FORMATS),
    ]
    return tuple(sorted(made, key=lambda route: -route.literals))


ROUTES = routes()


def fits(segment: str, value: str) -> bool:
    """Whether one segment of a path fits one of a template."""
    if not segment.startswith("{"):
        return segment.lower() == value.lower()
    return bool(CONSTRAINTS.get(segment[1:-1], ANYTHING).fullmatch(value))


def match(path: str) -> Match | None:
    """The route that a path (below the root, percent-encoded, a final slash allowed) means."""
    values = tuple(unquote(segment) for segment in path.removesuffix("/").split("/"))
    for route in ROUTES:
        if len(route.segments) == len(values) and all(map(fits, route.segments, values)):
            pairs = zip(route.segments, values, strict=True)
            named = {segment[1:-1]: value for segment, value in pairs if segment.startswith("{")}
            if "who" in named:
                named["who"] = named["who"].lower()
            return Match(route, MappingProxyType(named))
    return None

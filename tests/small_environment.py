"""A small environment for tests of judging: a function from probe to answer that keeps the contract, written by hand.

A fault or a variation is another such function, made from this one. Credentials are told by the probe's login word.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape, quoteattr

from stage import ROOT

from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML, Login, Probe, Response, field_values

ORIGINS = ("https://www.eksempel.no", "https://skjema.eksempel.no")
Answering = Callable[[Probe], Response]
WITH_KEY = frozenset(Login) - {Login.NONE, Login.NO_KEY, Login.WRONG_KEY}
WITH_LOGIN = frozenset(Login) - {Login.NONE, Login.NO_LOGIN, Login.WRONG_TOKEN, Login.EXPIRED_TOKEN}
LINKS = "_links"


@dataclass(frozen=True)
class Thing:
    """What stands at a path. many: it is a list; name: of its XML element; document: bytes instead of a resource."""

    name: str
    properties: dict[str, str] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()
    many: "tuple[Thing, ...] | None" = None
    embedded_as: str = ""
    private: bool = True
    document: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def message(number: str, *links: tuple[str, str], owner: str = "my") -> Thing:
    properties = {
        "MessageId": number,
        "Subject": f"Melding om {number}",
        "Type": "Correspondence",
        "ServiceCode": "5682",
        "LastChangedDateTime": "2026-10-01T10:00:00",
    }
    return Thing("Message", properties, (("self", f"{owner}/messages/{number}"), *links))


def service(kind: str, code: str, edition: str, name: str) -> Thing:
    properties = {
        "ServiceCode": code,
        "ServiceEditionCode": edition,
        "ServiceName": name,
        "ServiceType": kind,
    }
    return Thing("ServiceMetaData", properties, (("self", f"metadata/{kind.lower()}/{code}/{edition}"),), private=False)


SERVICES = (service("FormTask", "4481", "1", "Skatt"), service("Correspondence", "5682", "2", "Brev"))
MESSAGES = (message("a100001", ("attachment", "my/messages/a100001/attachments/1")), message("a100002"))
THEIRS = (message("b200001", owner="r50001"),)
REPORTEE = Thing(
    "Reportee",
    {"ReporteeId": "r50001", "Name": "SYNTETISK KATT AS", "Type": "Foretak"},
    (("self", "reportees/r50001"), ("messages", "r50001/messages")),
)


def listing(name: str, things: tuple[Thing, ...], path: str, **more: object) -> Thing:
    return replace(Thing(f"ArrayOf{things[0].name}", {}, (("self", path),), things, name), **more)


THINGS: dict[str, Thing] = {
    "metadata": listing("metadata", SERVICES, "metadata", private=False),
    "my/messages": listing("messages", MESSAGES, "my/messages"),
    "r50001/messages": listing("messages", THEIRS, "r50001/messages"),
    "reportees": listing("reportees", (REPORTEE,), "reportees"),
    **{one.links[0][1]: one for one in (*SERVICES, *MESSAGES, *THEIRS, REPORTEE)},
    "my/messages/a100001/attachments/1": Thing("Attachment", document=b"%PDF-1.4 synthetic"),
}


def _url(path: str) -> str:
    return f"{ROOT}/{path}"


def hal_json(thing: Thing) -> dict[str, object]:
    written: dict[str, object] = {**thing.properties, LINKS: {rel: {"href": _url(path)} for rel, path in thing.links}}
    if thing.many is not None:
        written["_embedded"] = {thing.embedded_as: [hal_json(one) for one in thing.many]}
    return written


def hal_xml(thing: Thing, rel: str = "self") -> str:
    links = "".join(f"<link rel={quoteattr(name)} href={quoteattr(_url(path))}/>" for name, path in thing.links[1:])
    inner = "".join(hal_xml(one, thing.embedded_as) for one in thing.many or ())
    href = f" href={quoteattr(_url(thing.links[0][1]))}"
    return f"<resource rel={quoteattr(rel)}{href}>{links}{_members(thing)}{inner}</resource>"


def plain_xml(thing: Thing) -> str:
    return f"<{thing.name}>{_members(thing)}{''.join(plain_xml(one) for one in thing.many or ())}</{thing.name}>"


def plain_json(thing: Thing) -> object:
    return [one.properties for one in thing.many] if thing.many is not None else thing.properties


def _members(thing: Thing) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in thing.properties.items())


WRITERS: dict[str, Callable[[Thing], str]] = {
    HAL_JSON: lambda thing: json.dumps(hal_json(thing)),
    HAL_XML: hal_xml,
    XML: plain_xml,
    JSON: lambda thing: json.dumps(plain_json(thing)),
}


def written(thing: Thing, media_type: str, label: str = "") -> Response:
    body = WRITERS[media_type](thing).encode()
    return Response(200, (("Content-Type", f"{label or media_type}; charset=utf-8"), *thing.headers), body, b"OK")


def refusal(status: int, why: str) -> Response:
    return Response(status, (), b"", why.encode())


def accept_of(probe: Probe) -> str | None:
    values = field_values(probe.headers, "Accept")
    return ", ".join(values) if values else None


def weight(accept: str, media_type: str) -> float:
    """By the most specific range; a range that cannot be read counts for nothing."""
    found: list[tuple[int, float]] = []
    for piece in accept.lower().split(","):
        name, *parameters = (part.strip() for part in piece.split(";"))
        values = [one.partition("=")[2] for one in parameters if one.startswith("q=")]
        if values and not re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", values[0]):
            continue
        rank = {"*/*": 0, "application/*": 1, media_type: 2}.get(name)
        if rank is not None:
            found.append((rank, float(values[0]) if values else 1.0))
    return max(found)[1] if found else 0.0


def chosen(accept: str | None) -> str | None:
    """The media type that comes; None when none is wanted."""
    if accept is None:
        return JSON
    best = max(FORMATS, key=lambda each: weight(accept, each))
    return best if weight(accept, best) else None


def path_of(probe: Probe) -> str:
    return probe.url.partition("?")[0].removeprefix(f"{ROOT}/").strip("/").lower()


def content(probe: Probe) -> Response:
    """What is said before anything about origins."""
    thing = THINGS.get(path_of(probe))
    if thing is None:
        return refusal(404, "Nothing stands there")
    if thing.private and probe.login not in WITH_KEY:
        return refusal(403, "The key is wrong") if probe.login is Login.WRONG_KEY else refusal(400, "ApiKey is missing")
    if thing.private and probe.login not in WITH_LOGIN:
        return refusal(401, "Nobody is logged in")
    if "filter" in probe.url:
        return refusal(400, "Syntax error in the filter")
    if thing.document:
        return Response(200, (("Content-Type", "application/pdf"),), thing.document, b"OK")
    media_type = chosen(accept_of(probe))
    return written(thing, media_type) if media_type else refusal(406, "None of the formats is wanted")


def sharing(probe: Probe) -> tuple[tuple[str, str], ...]:
    origin = probe.header("Origin")
    if origin not in ORIGINS:
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "X-Warning-LimitReached"),
    )


def preflight(probe: Probe) -> Response:
    allowed = (*sharing(probe), ("Access-Control-Allow-Methods", "GET"))
    named = ("Access-Control-Allow-Headers", "ApiKey, Authorization, Accept, X-Requested-With")
    return Response(204, (*allowed, named) if sharing(probe) else (), b"", b"No Content")


def kept(probe: Probe) -> Response:
    """The environment that keeps every guarantee."""
    if probe.method == "OPTIONS":
        return preflight(probe)
    said = content(probe)
    body = b"" if probe.method == "HEAD" else said.body
    return replace(said, headers=(*said.headers, *sharing(probe), ("Vary", "Accept, Origin")), body=body)


def setting(response: Response, name: str, value: str | None) -> Response:
    """The answer with exactly this value of a header field, or without the field."""
    rest = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
    return replace(response, headers=rest if value is None else (*rest, (name, value)))

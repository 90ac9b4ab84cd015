"""Exchanges as JSON documents and back: the one form in which journals and cassettes keep what was said.

In: exchanges whose values were cleaned already. Out: documents of JSON values only; bytes that are not UTF-8 stand in
base64 under a name of their own. What is read back equals what was written, to the last byte.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from samsvar.model.exchange import Attempt, Client, Exchange, Failure, Fields, Login, Place, Probe, Response, Stage

TEXT = "text"
BASE64 = "base64"


def bytes_document(data: bytes) -> dict[str, str]:
    """Bytes as {"text": ...} where they are UTF-8, else as {"base64": ...}."""
    try:
        return {TEXT: data.decode("utf-8")}
    except UnicodeDecodeError:
        return {BASE64: base64.b64encode(data).decode("ascii")}


def bytes_from(document: Mapping[str, str]) -> bytes:
    """The bytes of such a document. Raises ValueError for one that is none."""
    if TEXT in document:
        return str(document[TEXT]).encode("utf-8")
    try:
        return base64.b64decode(document[BASE64], validate=True)
    except (KeyError, binascii.Error) as error:
        raise ValueError(f"neither {TEXT} nor {BASE64} of bytes ({type(error).__name__})") from error


def exchange_document(exchange: Exchange) -> dict[str, Any]:
    """One exchange, whole."""
    return {
        "number": exchange.number,
        "probe": probe_document(exchange.probe),
        **said_document(exchange.response, exchange.failure),
        "sent": _fields(exchange.sent),
        "credentials": list(exchange.credentials),
        "attempts": [[one.status, one.because, one.waited] for one in exchange.attempts],
        "at": exchange.at,
        "seconds": exchange.seconds,
        "follows": exchange.follows,
    }


def exchange_from(document: Mapping[str, Any]) -> Exchange:
    """The exchange of such a document. Raises KeyError, TypeError or ValueError for one that is none."""
    response, failure = said_from(document)
    return Exchange(
        int(document["number"]),
        probe_from(document["probe"]),
        response,
        failure,
        _fields_from(document["sent"]),
        tuple(map(str, document["credentials"])),
        tuple(Attempt(status, str(because), float(waited)) for status, because, waited in document["attempts"]),
        float(document["at"]),
        float(document["seconds"]),
        document["follows"],
    )


def probe_document(probe: Probe) -> dict[str, Any]:
    """A probe; members that say nothing are left out."""
    texts = ("question", "url", "about", "method", "type", "owner", "path", "rel", "walk")
    found: dict[str, Any] = {name: getattr(probe, name) for name in texts if getattr(probe, name)}
    found["login"] = probe.login.value
    if probe.headers:
        found["headers"] = _fields(probe.headers)
    if probe.place is not None:
        found["place"] = [probe.place.type, probe.place.key]
    if probe.parent is not None:
        found["parent"] = probe.parent
    if probe.hop:
        found["hop"] = probe.hop
    if probe.by:
        found["by"] = probe.by.value
    return found


def probe_from(document: Mapping[str, Any]) -> Probe:
    """The probe of such a document."""
    texts = ("about", "type", "owner", "path", "rel", "walk")
    place = document.get("place")
    return Probe(
        str(document["question"]),
        str(document["url"]),
        **{name: str(document.get(name, "")) for name in texts},
        method=str(document.get("method", "GET")),
        headers=_fields_from(document.get("headers", ())),
        login=Login(document["login"]),
        place=Place(str(place[0]), str(place[1])) if place is not None else None,
        parent=document.get("parent"),
        hop=int(document.get("hop", 0)),
        by=Client(document.get("by", "")),
    )


def said_document(response: Response | None, failure: Failure | None) -> dict[str, Any]:
    """What came back: {"response": ...} or {"failure": ...}."""
    if failure is None:
        return {"response": None if response is None else _response(response)}
    partial = None if failure.response is None else _response(failure.response)
    return {"failure": {"stage": failure.stage.value, "because": failure.because, "response": partial}}


def said_from(document: Mapping[str, Any]) -> tuple[Response | None, Failure | None]:
    """What came back, of such a document."""
    found = document.get("failure")
    if found is None:
        return _response_from(document["response"]), None
    partial = found.get("response")
    return None, Failure(
        Stage(found["stage"]), str(found["because"]), None if partial is None else _response_from(partial)
    )


def _response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "reason": bytes_document(response.reason),
        "headers": _fields(response.headers),
        "body": bytes_document(response.body),
        "version": response.version,
        "wire_length": response.wire_length,
    }


def _response_from(document: Mapping[str, Any]) -> Response:
    return Response(
        int(document["status"]),
        _fields_from(document["headers"]),
        bytes_from(document["body"]),
        bytes_from(document["reason"]),
        str(document["version"]),
        document["wire_length"],
    )


def _fields(fields: Fields) -> list[list[str]]:
    return [[name, value] for name, value in fields]


def _fields_from(found: Any) -> Fields:
    return tuple((str(name), str(value)) for name, value in found)

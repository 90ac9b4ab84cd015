"""The text of a tape: YAML for every reader of vcrpy's format, and one line of JSON per interaction for us.

In: exchanges. Out: the members that vcrpy's format knows, and in the response one more, ``samsvar``, that it keeps and
ignores: whatever of the exchange the others cannot hold. What is read back equals what was written, to the last byte.

``serialize`` and ``deserialize`` are what vcrpy calls a serializer.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from samsvar.logic.recordings import bytes_document, exchange_document, exchange_from
from samsvar.model.exchange import Exchange, Fields, Response
from samsvar.world.replay import Recorded

KEPT: Final = "samsvar"
"""The member of a response that holds what vcrpy's format does not."""

HEAD: Final = "version: 1\ninteractions:\n"
EMPTY: Final = "version: 1\ninteractions: []\n"
END: Final = "...\n"
"""How YAML ends a document: a tape that was cut between two lines is seen to be."""

BINARY: Final = "!!binary"
LONGEST_NAME: Final = 128
"""Of a header field as a key: YAML readers refuse a key of more than 1,024 characters, escapes included."""

UNSAFE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""What YAML readers refuse or fold, beside the controls that JSON escapes already."""

LONE: Final = re.compile("[\ud800-\udfff]")
UNTAGGED: Final = re.compile(r'\{"!!binary": "([A-Za-z0-9+/=]*)"\}')
TAGGED: Final = re.compile(rb': !!binary "([A-Za-z0-9+/=]*)"')
"""Unescaped quotes do not occur inside a JSON string, so neither of these can be part of one."""


class TapeError(ValueError):
    """A tape is broken: at which line (from 1) and byte (from 0), and why."""

    def __init__(self, line: int, offset: int, because: str) -> None:
        super().__init__(f"line {line}, byte {offset}: {because}")


def _bytes(data: object) -> dict[str, str]:
    if not isinstance(data, bytes):
        raise TypeError(f"a tape cannot hold {type(data).__name__}")
    return {BINARY: base64.b64encode(data).decode("ascii")}


def _constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_bytes)
DECODER: Final = json.JSONDecoder(parse_constant=_constant)


def json_text(value: Any) -> str:
    """One line of JSON that is YAML too, but for lone surrogates, which YAML cannot say."""
    return escaped(ENCODER.encode(value))


def escaped(text: str) -> str:
    """JSON text with every character escaped that readers of YAML would refuse or fold."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


# -- a whole tape -----------------------------------------------------------------------------------------------------


def serialize(tape: Mapping[str, Any]) -> str:
    """The text of a tape in vcrpy's form: {"interactions": [{"request": ..., "response": ...}, ...]}."""
    lines = [f"- {_line(one)}\n" for one in tape["interactions"]]
    return "".join((HEAD, *lines, END)) if lines else EMPTY + END


def deserialize(text: str) -> dict[str, Any]:
    """The tape of a text in our layout. Raises TapeError for a broken one."""
    return {"version": 1, "interactions": [one for _, _, one in interactions(text.encode("utf-8"))]}


def is_ours(data: bytes) -> bool:
    """The text of a tape is in our layout, whole or not."""
    return data.startswith((f'{HEAD}- {{"'.encode(), EMPTY.encode() + b"."))


def interactions(data: bytes) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Line, byte where it starts, and content of each interaction. Raises TapeError where the text breaks."""
    head, _, rest = data.partition(b"interactions:")
    at = len(head) + len(b"interactions:") + rest.index(b"\n") + 1
    lines = data[at:].split(b"\n")
    if lines[-2:] != [b"...", b""]:
        raise TapeError(len(lines) + 2, len(data), "it ends without the line '...', so it was cut")
    for number, line in enumerate(lines[:-2], 3):
        if not line.startswith(b"- "):
            raise TapeError(number, at, "there is no interaction")
        yield number, at, _interaction(line[2:], number, at)
        at += len(line) + 1


def _interaction(line: bytes, number: int, at: int) -> dict[str, Any]:
    tagged = b': !!binary "' in line
    try:
        found = DECODER.decode((TAGGED.sub(rb': {"!!binary": "\1"}', line) if tagged else line).decode("utf-8"))
        if tagged:
            body = found["response"]["body"]
            body["string"] = base64.b64decode(body["string"][BINARY], validate=True)
    except json.JSONDecodeError as error:
        before = 0 if tagged else len(error.doc[: error.pos].encode("utf-8"))
        raise TapeError(number, at + 2 + before, error.msg) from error
    except UnicodeDecodeError as error:
        raise TapeError(number, at + 2 + error.start, "it is not UTF-8") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise TapeError(number, at, f"{type(error).__name__}: {error}") from error
    return found  # type: ignore[no-any-return]


def _line(interaction: Mapping[str, Any]) -> str:
    text = ENCODER.encode(interaction)
    if LONE.search(text):  # only what is kept can hold one; as a text in the text it needs no escape of YAML
        response = interaction["response"]
        text = ENCODER.encode({**interaction, "response": {**response, KEPT: json_text(response[KEPT])}})
    if f'{{"{BINARY}": "' in text:
        text = UNTAGGED.sub(rf'{BINARY} "\1"', text)
    return escaped(text)


# -- one exchange as vcrpy tells it -----------------------------------------------------------------------------------


def request_of(exchange: Exchange) -> dict[str, Any]:
    """The request of an exchange: method, uri, body and headers as vcrpy's Request takes them."""
    probe = exchange.probe
    told = {"method": _plain(probe.method), "uri": plain_url(probe.url)}
    return {**told, "body": None, "headers": _one_each(exchange.sent)}


def response_of(exchange: Exchange, response: Response) -> dict[str, Any]:
    """The response of an exchange: what vcrpy's format holds, and what it does not."""
    played = played_of(exchange.probe.method, response)
    return {**played, KEPT: _kept(exchange, response, _flat(played["headers"]))}


def played_of(method: str, response: Response) -> dict[str, Any]:
    """A response to a method as vcrpy plays it to a client."""
    message = response.reason.decode("ascii", "replace").replace("\ufffd", "?")  # clients take no more than ASCII
    return {
        "status": {"code": response.status, "message": message},
        "headers": _grouped(_served(method, response)),
        "body": {"string": response.body},
    }


def _kept(exchange: Exchange, response: Response, told: Fields) -> dict[str, Any]:
    """Everything of an exchange that does not follow from vcrpy's members. told: the header fields that do."""
    request = request_of(exchange)
    kept = exchange_document(exchange)
    del kept["response"]
    for name, said in (("url", request["uri"]), ("method", request["method"])):
        if kept["probe"].get(name, "") == said:
            kept["probe"].pop(name, None)
    if exchange.sent == tuple(request["headers"].items()):
        del kept["sent"]
    if not response.reason.isascii():
        kept["reason"] = bytes_document(response.reason)
    if response.headers != told:
        kept["headers"] = [list(pair) for pair in response.headers]
    kept |= {"version": response.version, "wire_length": response.wire_length}
    return {name: value for name, value in kept.items() if value not in ([], None)}


def _plain(text: str) -> str:
    return text if text.isascii() else LONE.sub("\ufffd", text)


def plain_url(url: str) -> str:
    """A URL as any reader can take it apart: one that cannot be goes in escapes."""
    plain = _plain(url)
    try:
        _ = urlsplit(plain).port
    except ValueError:
        return quote(plain, safe="")
    return plain


def _served(method: str, response: Response) -> Fields:
    """The header fields that fit the body as it is kept, decoded: who replays it must not decode it again."""
    names = {name.lower() for name, _ in response.headers}
    if method == "HEAD" or "content-encoding" not in names:
        return response.headers
    length = str(len(response.body))
    return tuple(
        (name, length if name.lower() == "content-length" else value)
        for name, value in response.headers
        if name.lower() != "content-encoding"
    )


def _grouped(fields: Fields) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(_plain(name)[:LONGEST_NAME], []).append(_plain(value))
    return found


def _one_each(fields: Fields) -> dict[str, str]:
    """The first value of each name, names compared without case: vcrpy's requests hold no more."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in fields:
        short = _plain(name)[:LONGEST_NAME]
        found.setdefault(short.lower(), (short, _plain(value)))
    return dict(found.values())


# -- and back ---------------------------------------------------------------------------------------------------------


def recorded_of(request: Mapping[str, Any], response: Mapping[str, Any]) -> Recorded:
    """What an interaction of vcrpy's format holds. Raises KeyError, TypeError, AttributeError or ValueError for what
    is none."""
    kept = response.get(KEPT)
    if kept is None:
        return Recorded(request["method"], request["uri"], _response(response), _flat(request.get("headers") or {}))
    if isinstance(kept, str):
        kept = DECODER.decode(kept)
    return Recorded.of(_exchange(request, response, kept))


def _exchange(request: Mapping[str, Any], response: Mapping[str, Any], kept: Mapping[str, Any]) -> Exchange:
    said = _response(response)
    if kept["number"] < 1:
        raise ValueError(f"the number {kept['number']} is none of an exchange")
    document: dict[str, Any] = {
        "credentials": (),
        "attempts": (),
        "follows": None,
        "sent": _flat(request["headers"]),
        **kept,
        "probe": {"url": request["uri"], "method": request["method"], **kept["probe"]},
        "response": {
            "status": said.status,
            "headers": kept.get("headers", said.headers),
            "body": bytes_document(said.body),
            "reason": kept.get("reason", bytes_document(said.reason)),
            "version": kept["version"],
            "wire_length": kept.get("wire_length"),
        },
    }
    return exchange_from(document)


def _response(found: Mapping[str, Any]) -> Response:
    body = found["body"]["string"]
    if not isinstance(body, str | bytes | None):
        raise TypeError(f"the body is neither text nor bytes but {type(body).__name__}")
    data = body if isinstance(body, bytes) else (body or "").encode("utf-8")
    status = found["status"]
    message = str(status.get("message") or "").encode("latin-1", "replace")
    return Response(int(status["code"]), _flat(found["headers"]), data, message)


def _flat(headers: Mapping[str, Any]) -> Fields:
    pairs = []
    for name, values in headers.items():
        for value in values if isinstance(values, list | tuple) else [values]:
            pairs.append((name, value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    return tuple(pairs)

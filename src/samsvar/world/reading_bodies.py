"""From what came over the wire to a response: the same function for a live answer, an in-process one and a recording.

In goes the head (status line and header fields) and the body's bytes as transferred; out comes a ``Response`` with the
content decoded, or a ``Failure`` that says in what the answer was not what it claimed, with what had come by then.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Final

from samsvar.model.exchange import Failure, Fields, Response, Stage, field_values

BODILESS: Final = frozenset({204, 304})
"""Statuses whose answers have no body whatever their header fields say (RFC 9112, 6.3); so have all 1xx."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one answer is taken. Sizes in bytes; ``ratio`` is decoded : wire, looked at past ``ratio_from``."""

    wire: int = 10 * 2**20
    decoded: int = 32 * 2**20
    ratio: int = 100
    ratio_from: int = 2**20
    fields: int = 100
    head: int = 64 * 2**10
    interim: int = 8


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Head:
    """What came before the body. ``method`` and ``accept_encoding`` are what we had asked with."""

    method: str
    status: int
    reason: bytes
    fields: Fields
    version: str = "HTTP/1.1"
    accept_encoding: str = "gzip"

    @property
    def bodiless(self) -> bool:
        """Whether this answer ends with its header fields, whatever they say (RFC 9112, 6.3)."""
        return self.method == "HEAD" or self.status in BODILESS or self.status < 200

    def response(self, body: bytes, wire_length: int | None) -> Response:
        """The response with that content."""
        return Response(self.status, self.fields, body, self.reason, self.version, wire_length)


def text_of(octets: bytes) -> str:
    """The bytes of a header field as text: UTF-8 where they are, else Latin-1, as with the reason phrase."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def finish(head: Head, wire: bytes, limits: Limits = LIMITS) -> Response | Failure:
    """The whole response, or why it is not one. ``wire`` is the body after Transfer-Encoding has been taken off."""
    return wrong_head(head, limits) or content(head, wire, limits)


def content(head: Head, wire: bytes, limits: Limits = LIMITS) -> Response | Failure:
    """As ``finish``, for a head with which nothing is wrong."""
    wrong = wrong_framing(head, len(wire))
    if wrong:
        return Failure(Stage.FRAMING, wrong, head.response(wire[: limits.decoded], len(wire)))
    if len(wire) > limits.wire:
        return too_long(head, wire, limits)
    coding = content_coding(head.fields)
    if not coding or not wire:
        return head.response(wire, len(wire))
    return decoded(head, wire, coding, limits)


def too_long(head: Head, wire: bytes, limits: Limits) -> Failure:
    """The failure of a body past the limit; the part within it is kept."""
    because = f"the body is longer than {limits.wire} bytes"
    return Failure(Stage.LIMIT, because, head.response(wire[: limits.wire], len(wire)))


def wrong_head(head: Head, limits: Limits) -> Failure | None:
    """The failure when the header fields are too many or contradict each other; None if nothing is wrong."""
    if len(head.fields) > limits.fields:
        return headless(head, Stage.LIMIT, f"there are {len(head.fields)} header fields, more than {limits.fields}")
    if sum(map(field_size, head.fields)) > limits.head:
        return headless(head, Stage.LIMIT, f"the header fields are longer than {limits.head} bytes")
    if not head.version.startswith("HTTP/1."):
        return headless(head, Stage.FRAMING, f"the status line says {head.version} on an HTTP/1.1 connection")
    lengths = field_values(head.fields, "Content-Length")
    coded = bool(field_values(head.fields, "Transfer-Encoding"))
    if coded and lengths:
        # RFC 9112, 6.3: "Such a message might indicate an attempt to perform request smuggling."
        return headless(head, Stage.FRAMING, "there are both Content-Length and Transfer-Encoding")
    if coded and head.status == 204:
        # RFC 9112, 6.1: no Transfer-Encoding in an answer with status 1xx or 204.
        return headless(head, Stage.FRAMING, "status 204 comes with Transfer-Encoding")
    wrong = wrong_lengths(lengths)
    return headless(head, Stage.FRAMING, wrong) if wrong else None


def headless(head: Head, stage: Stage, because: str) -> Failure:
    """A failure of the head itself, whose body is not looked at."""
    return Failure(stage, because, head.response(b"", None))


def field_size(field: tuple[str, str]) -> int:
    """The bytes of one header field with its colon, blank and line end."""
    return len(field[0]) + len(field[1]) + 4


def wrong_lengths(values: tuple[str, ...]) -> str:
    """What is wrong with the values of Content-Length (a list of equal numbers is allowed, RFC 9110, 8.6)."""
    if len(values) == 1 and values[0].isascii() and values[0].isdigit() and len(values[0]) < 19:
        return ""
    lengths = {part.strip() for value in values for part in value.split(",")}
    if len(lengths) > 1:
        return f"there are different values of Content-Length: {', '.join(sorted(lengths))[:100]}"
    wrong = [length for length in lengths if not re.fullmatch(r"[0-9]{1,18}", length)]
    return f"Content-Length is {wrong[0][:40]!r}, not a number of bytes" if wrong else ""


def content_length(fields: Fields) -> int | None:
    """What Content-Length says, or None when it is absent. Only for fields that ``wrong_head`` accepts."""
    for name, value in fields:
        if name.lower() == "content-length":
            return int(value.partition(",")[0])
    return None


def wrong_framing(head: Head, length: int) -> str:
    """In what the body's length contradicts the header fields; "" if in nothing."""
    if head.bodiless:
        what = "HEAD" if head.method == "HEAD" else f"status {head.status}"
        return f"{length} bytes came after the end of an answer that has no body ({what})" if length else ""
    claimed = content_length(head.fields)
    if claimed is None or claimed == length:
        return ""
    if length < claimed:
        return f"the body ends after {length} of {claimed} bytes"
    return f"{length - claimed} bytes came after the {claimed} that Content-Length says"


def content_coding(fields: Fields) -> str:
    """The codings applied to the content, joined by ", ", in lower case; identity counts as none."""
    parts = [part.strip().lower() for value in field_values(fields, "Content-Encoding") for part in value.split(",")]
    return ", ".join(part for part in parts if part not in ("", "identity"))


def decoded(head: Head, wire: bytes, coding: str, limits: Limits) -> Response | Failure:
    """The response with its content decoded; gzip is the only coding that we ask for and read."""
    wrong = unwanted(coding, head.accept_encoding)
    if wrong:
        return Failure(Stage.ENCODING, wrong, head.response(wire, len(wire)))
    body, stage, because = gunzip(wire, limits)
    if stage is not None:
        return Failure(stage, because, head.response(body, len(wire)))
    return head.response(body, len(wire))


def unwanted(coding: str, accept_encoding: str) -> str:
    """Why a coding is not one that was asked for; "" if it was."""
    if coding not in ("gzip", "x-gzip"):
        return f"Content-Encoding {coding[:60]!r} was not asked for ({accept_encoding})"
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        if name.strip() in ("gzip", "x-gzip", "*") and not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameter):
            return ""
    return f"Content-Encoding {coding!r} was not asked for ({accept_encoding or 'no coding'})"


def gunzip(wire: bytes, limits: Limits = LIMITS) -> tuple[bytes, Stage | None, str]:
    """The content of one whole gzip member; else what could be read, the stage and the reason."""
    most = min(limits.decoded, max(limits.ratio_from, limits.ratio * len(wire)))
    reader = zlib.decompressobj(wbits=31)
    try:
        content = reader.decompress(wire, most + 1)
    except zlib.error as error:
        return salvaged(wire, limits), Stage.ENCODING, f"the gzip content is broken: {error}"
    if len(content) > most:
        return content[:most], Stage.LIMIT, f"{len(wire)} bytes of gzip grow past {most} bytes"
    if not reader.eof:
        return content, Stage.ENCODING, f"the gzip content ends too early, after {len(content)} decoded bytes"
    if reader.unused_data:
        what = "a second gzip member follows" if reader.unused_data[:2] == b"\x1f\x8b" else "other bytes follow"
        return content, Stage.ENCODING, f"{what} after the gzip content ({len(reader.unused_data)} bytes)"
    return content, None, ""


def salvaged(wire: bytes, limits: Limits) -> bytes:
    """What broken gzip content gives before it breaks, so that a report can show it; at most 64 KiB."""
    reader = zlib.decompressobj(wbits=31)
    content = b""
    for start in range(0, min(len(wire), limits.head), 256):
        try:
            content += reader.decompress(wire[start : start + 256], limits.head)
        except zlib.error:
            return content
    return content

"""The raw bytes of one answer, kept beside what the HTTP library makes of them.

A library hides what a judge of framing has to see: bytes after the end of an answer (which it would take for the next
answer), and answers in between. Fed with what the socket gave; says how many bytes were too many.
"""

import re
from typing import Final

from samsvar.world.reading_bodies import Head, content_length

HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
INTERIM: Final = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}[ \r\n]")
CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[^\n]{0,20000}\n")
CHUNKED: Final = re.compile(r"chunked\s*", re.IGNORECASE)


class Wire:
    """What came from the socket for one request. head and parts are what the library read of it so far."""

    __slots__ = ("chunks", "connected", "head", "parts", "received")

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.received = 0
        self.connected = False
        self.head: Head | None = None
        self.parts: list[bytes] = []

    def take(self, data: bytes) -> None:
        """More bytes came."""
        if data:
            self.chunks.append(data)
            self.received += len(data)

    def raw(self) -> bytes:
        """All bytes that came."""
        if len(self.chunks) > 1:
            self.chunks[:] = [b"".join(self.chunks)]
        return self.chunks[0] if self.chunks else b""

    def body_starts(self) -> tuple[int, int]:
        """Where the body begins in the raw bytes, and how many answers with status 1xx came before its head."""
        raw = self.chunks[0] if self.chunks else b""
        match = HEAD_END.search(raw)
        if match is None or raw.startswith(b"HTTP/1.1 1"):
            raw = self.raw()
            match = HEAD_END.search(raw)
        interim = start = 0
        while match is not None and INTERIM.match(raw, start):
            start, interim = match.end(), interim + 1
            match = HEAD_END.search(raw, start)
        return (match.end() if match else len(raw)), interim

    def surplus(self, head: Head) -> bytes:
        """The bytes that came after the end of the answer."""
        start, _ = self.body_starts()
        if head.bodiless:
            return self.raw()[start:] if self.received > start else b""
        claimed = content_length(head.fields)
        if claimed is not None:
            return self.raw()[start + claimed :] if self.received > start + claimed else b""
        if any(name.lower() == "transfer-encoding" and CHUNKED.fullmatch(value) for name, value in head.fields):
            return after_chunks(self.raw(), start)
        return b""


def after_chunks(raw: bytes, at: int) -> bytes:
    """What follows a chunked body and its trailer fields (RFC 9112, 7.1). Only for what the library has accepted."""
    while (size := CHUNK.match(raw, at)) is not None:
        length = int(size.group(1), 16)
        at = size.end()
        if length == 0:
            return after_trailers(raw, at)
        at += length + (2 if raw[at + length : at + length + 2] == b"\r\n" else 1)
    return b""


def after_trailers(raw: bytes, at: int) -> bytes:
    """What follows the trailer fields that begin there."""
    for end in (b"\r\n", b"\n"):
        if raw.startswith(end, at):
            return raw[at + len(end) :]
    match = HEAD_END.search(raw, at)
    return raw[match.end() :] if match else b""

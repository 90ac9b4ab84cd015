"""Where an answer ends is found in its raw bytes, however they arrive."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.model.exchange import Fields
from samsvar.world.reading_bodies import Head
from samsvar.world.wire import Wire

LINE_ENDS = ("\r\n0\r\n\r\n", "\r\n\r\n", "\n\n", "3\r\nabc\r\n", "HTTP/1.1 100 Continue\r\n\r\n")
BODIES = st.lists(st.sampled_from([*LINE_ENDS, "x", ""]), max_size=6).map(lambda parts: "".join(parts).encode())
INTERIMS = st.integers(0, 3).map(lambda count: b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n" * count)


def wire_of(raw: bytes, cuts: list[int]) -> Wire:
    wire = Wire()
    edges = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    for start, end in pairwise(edges):
        wire.take(raw[start:end])
    return wire


def surplus(raw: bytes, fields: Fields, cuts: list[int], method: str = "GET") -> bytes:
    return wire_of(raw, cuts).surplus(Head(method, 200, b"OK", fields))


@settings(max_examples=100, deadline=None)
@given(BODIES, BODIES, INTERIMS, st.lists(st.integers(0, 500), max_size=4))
def test_bytes_after_the_announced_length_are_surplus(
    body: bytes, extra: bytes, interim: bytes, cuts: list[int]
) -> None:
    fields = (("Content-Length", str(len(body))),)
    raw = interim + f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    assert surplus(raw + extra, fields, cuts) == extra
    assert surplus(raw, fields, cuts, "HEAD") == body


@settings(max_examples=100, deadline=None)
@given(st.lists(BODIES.filter(bool), max_size=4), BODIES, INTERIMS, st.sampled_from([b"", b"X: 1\r\n"]))
def test_bytes_after_the_last_chunk_are_surplus(
    chunks: list[bytes], extra: bytes, interim: bytes, trailers: bytes
) -> None:
    fields = (("transfer-encoding", "Chunked"),)
    raw = interim + b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
    raw += b"".join(b"%x;a=b\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailers + b"\r\n"
    assert surplus(raw + extra, fields, []) == extra


def test_a_body_that_ends_with_the_connection_has_no_surplus() -> None:
    assert surplus(b"HTTP/1.0 200 OK\r\n\r\nabc", (), []) == b""


def test_interim_answers_are_counted() -> None:
    assert wire_of(b"HTTP/1.1 100 C\r\n\r\n" * 9 + b"HTTP/1.1 200 OK\r\n\r\n", [3, 40]).body_starts()[1] == 9

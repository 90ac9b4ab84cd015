"""A response is made of head and wire bytes by one function; it keeps what had come when something is wrong."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.model.exchange import Failure, Fields, Response, Stage
from samsvar.world.reading_bodies import Head, Limits, finish


def head(*fields: tuple[str, str], status: int = 200, **about: str) -> Head:
    return Head(about.pop("method", "GET"), status, b"OK", fields, **about)


GZIP: tuple[tuple[str, str], ...] = (("Content-Encoding", "gzip"),)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=2_000))
def test_gzip_content_is_what_was_packed(content: bytes) -> None:
    said = finish(head(*GZIP), gzip.compress(content))
    assert isinstance(said, Response) and said.body == content


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=500), st.data())
def test_gzip_content_cut_anywhere_is_never_taken_for_whole(content: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(content)
    cut = data.draw(st.integers(1, len(packed) - 1))
    said = finish(head(*GZIP), packed[:cut])
    assert isinstance(said, Failure) and said.stage is Stage.ENCODING
    assert said.response is not None and content.startswith(said.response.body)


def test_an_empty_body_needs_no_decoding() -> None:
    assert isinstance(finish(head(*GZIP), b""), Response)


def test_the_ratio_counts_past_the_first_mebibyte_only() -> None:
    limits = Limits(ratio_from=100_000)
    assert isinstance(finish(head(*GZIP), gzip.compress(b"0" * 100_000), limits), Response)
    said = finish(head(*GZIP), gzip.compress(b"0" * 100_001), limits)
    assert isinstance(said, Failure) and said.stage is Stage.LIMIT


HEADS: dict[str, tuple[Fields, int, Stage]] = {
    "length and chunks": ((("Content-Length", "3"), ("transfer-encoding", "chunked")), 200, Stage.FRAMING),
    "other digits": ((("Content-Length", "\u0663"),), 200, Stage.FRAMING),
    "empty length": ((("Content-Length", ""),), 200, Stage.FRAMING),
    "hexadecimal": ((("Content-Length", "0x3"),), 200, Stage.FRAMING),
    "204 with chunks": ((("Transfer-Encoding", "chunked"),), 204, Stage.FRAMING),
    "204 with a body": ((), 204, Stage.FRAMING),
    "304 with a body": ((), 304, Stage.FRAMING),
    "too many fields": (tuple((f"X-{i}", "") for i in range(101)), 200, Stage.LIMIT),
    "too long": ((("X", "a" * 70_000),), 200, Stage.LIMIT),
}


@pytest.mark.parametrize(("fields", "status", "stage"), HEADS.values(), ids=HEADS.keys())
def test_header_fields_that_contradict_the_body_are_told(fields: Fields, status: int, stage: Stage) -> None:
    said = finish(head(*fields, status=status), b"abc")
    assert isinstance(said, Failure) and said.stage is stage
    assert said.response is not None and said.response.status == status


@pytest.mark.parametrize("status", [200, 400, 404, 500, 999])
def test_the_status_does_not_decide_whether_a_body_is_read(status: int) -> None:
    said = finish(head(("content-length", "3"), status=status), b"abc")
    assert isinstance(said, Response) and (said.body, said.wire_length) == (b"abc", 3)

"""What journals and cassettes keep is what was said, to the last byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.logic.recordings import bytes_from, exchange_document, exchange_from
from samsvar.model.exchange import Attempt, Exchange, Failure, Login, Place, Probe, Response, Stage

text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
fields = st.lists(st.tuples(text, text), max_size=3).map(tuple)
responses = st.builds(
    Response,
    st.integers(100, 599),
    fields,
    st.binary(max_size=30),
    st.binary(max_size=12),
    text,
    st.none() | st.integers(0, 99),
)
probes = st.builds(
    Probe,
    question=text.filter(bool),
    url=text.filter(bool),
    about=text,
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    headers=fields,
    login=st.sampled_from(list(Login)),
    type=text,
    owner=text,
    place=st.none() | st.builds(Place, text, text),
    path=text,
    parent=st.none() | st.integers(1, 99),
    rel=text,
    hop=st.integers(0, 5),
)
seconds = st.floats(0, 2e9, allow_nan=False)
outcomes = st.one_of(
    st.fixed_dictionaries({"response": responses}),
    st.fixed_dictionaries({"failure": st.builds(Failure, st.sampled_from(list(Stage)), text, st.none() | responses)}),
)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    attempt = st.builds(Attempt, st.none() | st.integers(100, 599), text, seconds)
    return Exchange(
        draw(st.integers(1, 9999)),
        draw(probes),
        **draw(outcomes),
        sent=draw(fields),
        credentials=draw(st.lists(text, max_size=2).map(tuple)),
        attempts=draw(st.lists(attempt, max_size=2).map(tuple)),
        at=draw(seconds),
        seconds=draw(seconds),
        follows=draw(st.none() | st.integers(1, 99)),
    )


@given(exchanges())
def test_an_exchange_comes_back_as_it_was(exchange: Exchange) -> None:
    assert exchange_from(json.loads(json.dumps(exchange_document(exchange)))) == exchange


@pytest.mark.parametrize("wrong", [{}, {"base64": "%"}, {"else": ""}])
def test_what_holds_no_bytes_is_told(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="of bytes"):
        bytes_from(wrong)

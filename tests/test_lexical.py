"""Written values stand for exact values, and it is known which form is the standard one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.logic.lexical import Instant, canonical, is_standard, plain, read, same
from samsvar.model.contract import ValueKind

K = ValueKind


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("2", " 2\n", K.INTEGER),
        ("2", "2.0", K.INTEGER),
        ("100", "1E2", K.INTEGER),
        ("-0", "0", K.INTEGER),
        ("007", "7", K.INTEGER),
        ("1.10", "1.1", K.DECIMAL),
        ("12345678901234567890.10", "12345678901234567890.1", K.DECIMAL),
        ("true", "True", K.BOOLEAN),
        ("false", "0", K.BOOLEAN),
        ("2013-11-20T19:50:54.86", "2013-11-20T19:50:54.8600000", K.INSTANT),
        ("2013-11-20T19:50:54", "2013-11-20T18:50:54Z", K.INSTANT),
        ("2013-07-20T19:50:54", "2013-07-20T17:50:54Z", K.INSTANT),
        ("2013-11-20T19:50:54+01:00", "2013-11-20T18:50:54.0Z", K.INSTANT),
        ("2013-11-20T19:50", "2013-11-20T19:50:00", K.INSTANT),
        ("2013-11-20", "2013-11-20T00:00:00", K.INSTANT),
        ("2013-11-20T24:00:00", "2013-11-21T00:00:00", K.INSTANT),
        ("2013-11-20T19:50:54", "20.11.2013 19:50:54", K.INSTANT),
        ("2013-11-02T19:50:54", "11/2/2013 7:50:54 PM", K.INSTANT),
        ("2013-12-01T00:05:00", "12/01/2013 12:05:00 AM", K.INSTANT),
        ("2013-11-20T17:53:20.5Z", "/Date(1384970000500+0100)/", K.INSTANT),
        ("2020-10-25T02:30:00", "2020-10-25T02:30:00+02:00", K.INSTANT),
        ("2020-10-25T02:30:00", "2020-10-25T02:30:00+01:00", K.INSTANT),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00.000", K.INSTANT),
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999", K.INSTANT),
        ("{35ABB71C-7243-46AA-9E6B-F1C986B9EFAA}", "35abb71c724346aa9e6bf1c986b9efaa", K.UUID),
        ("/a", "/a", K.URI),
        ("a\r\nb\rc", "a\nb\nc", K.TEXT),
    ],
)
def test_two_writings_of_one_value_are_the_same(left: str, right: str, kind: ValueKind) -> None:
    assert same(left, right, kind) is True
    assert same(right, left, kind) is True


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("9007199254740993", "9007199254740992", K.INTEGER),
        ("0.1", "0.1000000000000000055", K.DECIMAL),
        ("true", "false", K.BOOLEAN),
        ("2013-11-20T19:50:54.86", "2013-11-20T19:50:54", K.INSTANT),
        ("2013-11-20T19:50:54.1234567", "2013-11-20T19:50:54.1234568", K.INSTANT),
        ("2013-11-20T19:50:54", "2013-11-20T19:50:54Z", K.INSTANT),
        ("2013-11-20T19:50:54", "2013-11-20T00:00:00", K.INSTANT),
        ("2013-11-20T24:00:00", "2013-11-20T00:00:00", K.INSTANT),
        ("2020-10-25T02:30:00+02:00", "2020-10-25T02:30:00+01:00", K.INSTANT),
        ("2013-02-01T00:00:00", "1/2/2013", K.INSTANT),
        ("35abb71c-7243-46aa-9e6b-f1c986b9efaa", "35abb71c-7243-46aa-9e6b-f1c986b9efab", K.UUID),
        ("/a", "/A", K.URI),
        ("a", "a ", K.TEXT),
    ],
)
def test_two_values_are_not_the_same(left: str, right: str, kind: ValueKind) -> None:
    assert same(left, right, kind) is False


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", K.INTEGER),
        ("1.5", K.INTEGER),
        ("1,5", K.DECIMAL),
        ("NaN", K.DECIMAL),
        ("\u0661", K.INTEGER),
        ("1e999999999999999999999", K.DECIMAL),
        ("yes", K.BOOLEAN),
        ("2013-02-30", K.INSTANT),
        ("2013-11-20T25:00:00", K.INSTANT),
        ("2013-11-20T19:50:54+99:00", K.INSTANT),
        ("soon", K.INSTANT),
        ("35abb71c", K.UUID),
    ],
)
def test_what_is_no_value_of_a_kind_is_not_read(text: str, kind: ValueKind) -> None:
    assert read(text, kind) is None
    assert same(text, text, kind) is None
    assert not is_standard(text, kind) or kind is K.DECIMAL


@pytest.mark.parametrize(
    ("text", "kind", "standard"),
    [
        ("True", K.BOOLEAN, False),
        ("1", K.BOOLEAN, True),
        ("2", K.INTEGER, True),
        ("2.0", K.INTEGER, False),
        ("1e5", K.DECIMAL, True),
        ("2013-11-20T19:50:54.86", K.INSTANT, True),
        ("2021-02-10T09:30Z", K.INSTANT, True),
        ("2013-11-20", K.INSTANT, True),
        ("2013-11-20 19:50:54", K.INSTANT, False),
        ("20.11.2013 19:50:54", K.INSTANT, False),
        ("11/20/2013 7:50:54 PM", K.INSTANT, False),
        ("/Date(1384970000000)/", K.INSTANT, False),
        ("{35abb71c-7243-46aa-9e6b-f1c986b9efaa}", K.UUID, False),
        ("35ABB71C-7243-46AA-9E6B-F1C986B9EFAA", K.UUID, True),
        ("anything at all", K.TEXT, True),
        ("http://a b", K.URI, True),
    ],
)
def test_the_standard_form_of_each_kind_is_known(text: str, kind: ValueKind, standard: bool) -> None:
    assert is_standard(text, kind) is standard


def test_instants_are_exact_and_in_order() -> None:
    assert read("1970-01-01T00:00:01.50Z", K.INSTANT) == Instant(1, "5")
    assert Instant(1) < Instant(1, "01") < Instant(1, "1") < Instant(2)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_has_one_canonical_writing(number: Decimal) -> None:
    texts = {canonical(text, K.DECIMAL) for text in (str(number), f"{number:f}", f"{number:E}")}
    assert len(texts) == 1
    assert Decimal(texts.pop()) == number


@given(st.text())
def test_plain_text_has_no_carriage_returns_and_stays_as_it_is(text: str) -> None:
    assert "\r" not in plain(text)
    assert plain(plain(text)) == plain(text)
    assert plain(text) == text or "\r" in text


@pytest.mark.parametrize("kind", list(K))
@given(text=st.text(max_size=30))
def test_any_text_is_read_or_not_read_but_never_breaks(kind: ValueKind, text: str) -> None:
    read(text, kind)
    is_standard(text, kind)
    canonical(text, kind)

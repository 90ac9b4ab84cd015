"""Pseudonyms: one for a value, never one for two, back for who has the table, nothing without the key."""

import os

import pytest
from cleaned import KEY, PERSON, account, national, organisation
from hypothesis import given
from hypothesis import strategies as st

from samsvar.logic.cleaning.numbers import is_national
from samsvar.logic.cleaning.pseudonyms import KEY_BYTES, Pair, Pseudonyms, core_of, laid_over
from samsvar.model.privacy import Private

NIGHT = bool(os.environ.get("SAMSVAR_NIGHTLY"))
MANY = 200_000 if NIGHT else 20_000


@pytest.mark.parametrize("key", [b"", b"short", bytes(31), bytes(33)])
def test_a_key_has_thirty_two_bytes(key: bytes) -> None:
    with pytest.raises(ValueError, match=f"{KEY_BYTES} bytes"):
        Pseudonyms(key)


def test_a_value_has_one_pseudonym_and_another_under_another_key() -> None:
    one, two = Pseudonyms(KEY), Pseudonyms(bytes(32))
    found = one.number(Private.NATIONAL_ID, PERSON)
    assert found == one.number(Private.NATIONAL_ID, PERSON) == Pseudonyms(KEY).number(Private.NATIONAL_ID, PERSON)
    assert found not in (PERSON, two.number(Private.NATIONAL_ID, PERSON))


def test_many_numbers_meet_nowhere() -> None:
    table = Pseudonyms(KEY)
    numbers = [f"0181{number:07d}" for number in range(MANY)]
    found = {table.number(Private.NATIONAL_ID, number) for number in numbers}
    assert len(found) == MANY and not any(is_national(one) for one in list(found)[:50] if one in numbers)


@pytest.mark.parametrize(
    ("kind", "first"),
    [(Private.ORGANISATION, 910_000_000), (Private.ACCOUNT, 12_340_000_000), (Private.PHONE, 91_000_000)],
)
def test_numbers_of_other_kinds_meet_nowhere_either(kind: Private, first: int) -> None:
    table = Pseudonyms(KEY)
    assert len({table.number(kind, str(first + number)) for number in range(MANY // 10)}) == MANY // 10


def test_what_is_a_kind_of_number_stays_one() -> None:
    table = Pseudonyms(KEY)
    for serial in range(0, 500, 50):
        assert is_national(table.number(Private.NATIONAL_ID, national(41, 81, 90, serial)))
    assert table.number(Private.ORGANISATION, organisation(91067299)).startswith("3")
    assert table.number(Private.ACCOUNT, account(1234567890)).startswith("9999")


def test_the_kinds_have_series_of_their_own_but_words_one_in_common() -> None:
    table = Pseudonyms(KEY)
    assert table.number(Private.NATIONAL_ID, PERSON) != table.number(Private.ACCOUNT, PERSON)
    assert table.letters(Private.NAME, "karinordmann") == table.letters(Private.TEXT, "karinordmann")


def test_a_number_is_known_once_it_was_seen() -> None:
    table = Pseudonyms(KEY)
    assert not table.knows(Private.PHONE, "91234567")
    table.number(Private.PHONE, "91234567")
    assert table.knows(Private.PHONE, "91234567") and not table.knows(Private.ACCOUNT, "91234567")


def test_an_address_of_mail_is_nobodys_and_its_spellings_stay_several() -> None:
    table = Pseudonyms(KEY)
    spellings = ["kari@firma.no", "Kari@firma.no", "KARI@FIRMA.NO", "kari@Firma.no", "kAri@firma.no"]
    found = [table.email(one) for one in spellings]
    assert len(set(found)) == len(found) and len({one.casefold() for one in found}) == 1
    assert found[0].endswith("@example.invalid")
    assert [pair.value for one in found if (pair := table.pair_of(one))] == spellings


cores = st.text(max_size=12).map(core_of).filter(bool)


@given(st.lists(cores, min_size=2, max_size=30, unique=True))
def test_letters_are_replaced_one_for_one_in_their_script_and_meet_nowhere(values: list[str]) -> None:
    table = Pseudonyms(KEY)
    found = [table.letters(Private.TEXT, core) for core in values]
    assert len(set(found)) == len(values)
    for old, new in zip(values, found, strict=True):
        assert [len(one.encode("utf-8", "surrogatepass")) for one in new] == [
            len(one.encode("utf-8", "surrogatepass")) for one in old
        ]


@given(st.text(max_size=20))
def test_capitals_separators_and_leading_zeros_stay(text: str) -> None:
    core = core_of(text)
    new = laid_over(text, Pseudonyms(KEY).letters(Private.TEXT, core)) if core else text
    assert len(new) == len(text)
    for old, letter in zip(text, new, strict=True):
        assert letter == old if not old.isalnum() else letter.isalnum()
        assert not (old.isascii() and old.isalpha()) or letter.isupper() == old.isupper()
        assert not (old.isascii() and old.isdigit()) or (letter.isascii() and letter.isdigit())


@pytest.mark.parametrize("text", ["0", "007", "0150", "a05x", "10"])
def test_a_number_that_begins_with_zero_goes_on_to_and_no_other(text: str) -> None:
    new = Pseudonyms(KEY).letters(Private.TEXT, text)
    assert next(one == "0" for one in new if one.isdigit()) == (text.strip("ax")[0] == "0")


def test_a_text_in_latin_1_stays_one() -> None:
    letters = "".join(chr(code) for code in range(0xA0, 0x100))
    core = core_of(letters)
    laid_over(letters, Pseudonyms(KEY).letters(Private.TEXT, core)).encode("latin-1")


@pytest.mark.parametrize("value", ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3F2504E0-4F89-41D3-9A0C-0305E82C3301"])
def test_a_uuid_becomes_another_in_the_same_capitals(value: str) -> None:
    found = Pseudonyms(KEY).uuid(value)
    assert found != value and (found == found.upper()) == (value == value.upper())
    assert [len(part) for part in found.split("-")] == [8, 4, 4, 4, 12]


def test_noise_is_as_long_as_asked_and_the_same_for_the_same() -> None:
    table = Pseudonyms(KEY)
    assert table.noise(b"a", 7) == Pseudonyms(KEY).noise(b"a", 7) != table.noise(b"b", 7)
    assert len(table.noise(b"a", 7)) == 7 and table.noise(b"a", 0) == b""


@given(st.sampled_from(list(Private)), st.text(), st.sampled_from([(False, False), (True, False), (False, True)]))
def test_what_is_kept_of_a_pair_gives_it_again(kind: Private, value: str, marks: tuple[bool, bool]) -> None:
    pair = Pair(kind, value, "other", *marks)
    assert Pair.of(kind, pair.kept(), "other") == pair


def test_a_pair_shows_no_value() -> None:
    assert PERSON not in repr(Pair(Private.NATIONAL_ID, PERSON, "x"))


def test_a_later_life_has_the_pseudonyms_of_the_earlier_one() -> None:
    first, second = Pseudonyms(KEY), Pseudonyms(bytes(32))
    told = [
        first.number(Private.NATIONAL_ID, PERSON),
        first.email("Kari@firma.no"),
        first.uuid("0" * 8 + "-0000" * 3 + "-" + "0" * 12),
    ]
    first.enter(Private.NAME, "Kari", laid_over("Kari", first.letters(Private.NAME, "kari")))
    first.enter_link("=a%20b", "=c%20d")
    pairs = first.fresh()
    assert first.fresh() == ()
    second.take_back(pairs)
    assert second.number(Private.NATIONAL_ID, PERSON) == told[0]
    assert second.letters(Private.TEXT, "kari") == first.letters(Private.TEXT, "kari")
    assert second.link_of("=c%20d") == "=a%20b" and second.fresh() == ()
    assert {pair.pseudonym for pair in pairs} >= set(told[:1])

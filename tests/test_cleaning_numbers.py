"""Which digits are a Norwegian number, and that what stands for one is nobody's."""

import random

import pytest
from cleaned import PERSON, account, national, organisation

from samsvar.logic.cleaning.numbers import (
    account_pseudonym,
    digits_of,
    into,
    is_account,
    is_national,
    is_organisation,
    national_pseudonym,
    organisation_pseudonym,
    phone_pseudonym,
)

TODAY = (PERSON, "41819010267", "01419010029", "41419010012", "01669010156")
FROM_2032 = (
    *("01819010362", "01819010370", "01819010389"),
    *("41819010275", "41819010283", "41819010291"),
    *("01419010037", "01419010045", "01419010053"),
    *("41419010020", "41419010039", "41419010047"),
    *("01669010164", "01669010172", "01669010180"),
)
NONE = ("01819010355", "01819010353", "12345678910", "00000000000", "018190103540", "0181901035", "0181901035４")


@pytest.mark.parametrize("digits", [*TODAY, *FROM_2032])
def test_a_synthetic_number_of_any_kind_is_one_by_the_rule_of_today_or_of_2032(digits: str) -> None:
    assert is_national(digits)


@pytest.mark.parametrize("digits", NONE)
def test_a_wrong_digit_an_impossible_date_or_another_length_is_none(digits: str) -> None:
    assert not is_national(digits)


@pytest.mark.parametrize("month", [1, 41, 66, 81])
@pytest.mark.parametrize("day", [1, 41])
@pytest.mark.parametrize("remainder", [0, 1, 2, 3])
def test_every_kind_is_known_with_every_remainder(day: int, month: int, remainder: int) -> None:
    assert is_national(national(day, month, 90, 100, remainder))


def test_a_remainder_of_four_is_valid_under_no_rule() -> None:
    assert not is_national(national(1, 81, 90, 100, 4))


@pytest.mark.parametrize(("day", "month"), [(31, 84), (32, 81), (30, 82), (72, 81), (1, 93), (1, 13), (0, 81)])
def test_a_day_that_is_in_no_calendar_makes_no_number(day: int, month: int) -> None:
    assert not is_national(national(day, month, 90, 100))


@pytest.mark.parametrize("front", [8, 9, 2, 3])
def test_an_organisation_number_begins_with_eight_or_nine_or_is_synthetic(front: int) -> None:
    assert is_organisation(organisation(front * 10_000_000 + 1067299))


@pytest.mark.parametrize("digits", ["123456785", "213456780", "91067299", "9106729911"])
def test_another_series_a_wrong_check_digit_or_another_length_is_no_organisation(digits: str) -> None:
    assert not is_organisation(digits)


def test_an_account_number_has_its_check_digit() -> None:
    good = account(1234567890)
    assert is_account(good) and not is_account(good[:-1] + str((int(good[-1]) + 1) % 10))


def test_digits_are_taken_out_of_separators_and_put_back_between_them() -> None:
    assert digits_of("018190 10354") == PERSON
    assert into("018190 10354", "08908508646") == "089085 08646"


KINDS = [(day + d, month + m) for day, month in ((1, 1), (12, 11)) for d in (0, 40) for m in (0, 40, 65, 80)]


@pytest.mark.parametrize(("day", "month"), KINDS)
def test_a_pseudonym_is_synthetic_and_keeps_d_number_and_leading_zero(day: int, month: int) -> None:
    chance = random.Random(1).randrange
    for serial in range(0, 900, 30):
        digits = national(day, month, 77, serial)
        found = national_pseudonym(digits, chance)
        assert is_national(found) and 81 <= int(found[2:4]) <= 92
        assert (int(found[0]) >= 4) == (day > 40) and (found[0] == "0") == (digits[0] == "0")


@pytest.mark.parametrize("digits", ["01819010355", "12345678910", "00000000000", "99999999999"])
def test_what_is_wrong_with_a_number_is_wrong_with_its_pseudonym(digits: str) -> None:
    chance = random.Random(1).randrange
    assert not any(is_national(national_pseudonym(digits, chance)) for _ in range(200))


def test_an_organisation_gets_a_synthetic_number_right_or_wrong_as_its_own() -> None:
    chance = random.Random(1).randrange
    right = organisation(91067299)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    for _ in range(100):
        assert is_organisation(organisation_pseudonym(right, chance))
        assert not is_organisation(organisation_pseudonym(wrong, chance))
        assert organisation_pseudonym(right, chance)[0] == "3" and organisation_pseudonym("012345678", chance)[0] == "0"


def test_an_account_gets_a_number_of_no_bank_that_is_no_persons() -> None:
    chance = random.Random(1).randrange
    right = account(1234567890)
    for _ in range(100):
        found = account_pseudonym(right, chance)
        assert is_account(found) and found.startswith("9999") and not is_national(found)
        assert not is_account(account_pseudonym("12345678901", chance))


@pytest.mark.parametrize(("digits", "front"), [("91234567", "1"), ("41234567", "1"), ("02800123", "0")])
def test_no_subscriber_has_the_telephone_number_of_a_pseudonym(digits: str, front: str) -> None:
    found = phone_pseudonym(digits, random.Random(1).randrange)
    assert len(found) == 8 and found.isdigit() and found[0] == front

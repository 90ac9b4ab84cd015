"""Norwegian numbers: which digits are a national identity, organisation or account number, and how one is made that
is nobody's.

Rules: the national population register's check digits (modulus 11, weights below), the rule that is added in 2032 (the
first check digit may be off by 0 to 3), day + 40 for D-numbers, month + 40, + 65 and + 80 for synthetic numbers.
"""

import re
from collections.abc import Callable
from typing import Final

Chance = Callable[[int], int]
"""A number from 0 to n - 1, the next of a fixed series."""

FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
ORGANISATION: Final = (3, 2, 7, 6, 5, 4, 3, 2)
ACCOUNT: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
SYNTHETIC: Final = 80
MONTHS: Final = (0, 40, 65, 80)
LONGEST_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DIGITS: Final = re.compile(r"[0-9]")
ELEVEN: Final = re.compile(r"[0-9]{11}")
REMAINDERS: Final = (0, 1, 2, 3)
"""By how much the first check digit may be off: today by nothing."""


def check_digit(digits: str, weights: tuple[int, ...]) -> int:
    """The modulus 11 check digit; 10 where there is none."""
    return -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11


def is_national(digits: str) -> bool:
    """Eleven digits that are a national identity number of any kind, by today's rule or that of 2032."""
    if not ELEVEN.fullmatch(digits) or not _is_date(digits[:4]) or check_digit(digits, SECOND) != int(digits[10]):
        return False
    return (int(digits[9]) - check_digit(digits, FIRST)) % 11 in REMAINDERS


def _is_date(digits: str) -> bool:
    day, month = int(digits[:2]) % 40, int(digits[2:])
    months = [month - offset for offset in MONTHS if 1 <= month - offset <= 12]
    return int(digits[:2]) < 72 and any(1 <= day <= LONGEST_MONTHS[one - 1] for one in months)


def is_organisation(digits: str) -> bool:
    """Nine digits with the check digit of an organisation number, in a series that is in use (8, 9) or synthetic
    (2, 3)."""
    return len(digits) == 9 and digits[0] in "2389" and check_digit(digits, ORGANISATION) == int(digits[8])


def is_account(digits: str) -> bool:
    """Eleven digits with the check digit of a bank account."""
    return len(digits) == 11 and check_digit(digits, ACCOUNT) == int(digits[10])


def digits_of(text: str) -> str:
    """The digits of a text, separators left out."""
    return "".join(DIGITS.findall(text))


def into(text: str, digits: str) -> str:
    """A text with its digits replaced in turn, its separators kept."""
    rest = iter(digits)
    return DIGITS.sub(lambda _: next(rest), text)


def national_pseudonym(digits: str, chance: Chance) -> str:
    """A synthetic national identity number (month + 80) in place of one: a D-number for a D-number, beginning with 0
    where that does, with right check digits where its are right."""
    d_number = 4 <= int(digits[0]) <= 7
    while True:
        day = 1 + chance(9) if digits[0] == "0" else 10 + chance(19)
        front = f"{day + 40 * d_number:02d}{SYNTHETIC + 1 + chance(12):02d}{chance(100):02d}{chance(1000):03d}"
        first = check_digit(front, FIRST)
        second = check_digit(f"{front}{first}", SECOND) if first < 10 else 10
        if second < 10:
            return f"{front}{first}{second if is_national(digits) else (second + 1 + chance(9)) % 10}"


def organisation_pseudonym(digits: str, chance: Chance) -> str:
    """An organisation number of the synthetic series in place of one, with a right check digit where its is right."""
    while True:
        front = f"{'0' if digits[0] == '0' else '3'}{chance(10**7):07d}"
        last = check_digit(front, ORGANISATION)
        if last < 10:
            right = check_digit(digits, ORGANISATION) == int(digits[8])
            return f"{front}{last if right else (last + 1 + chance(9)) % 10}"


def account_pseudonym(digits: str, chance: Chance) -> str:
    """An account number of a bank that is not there (0000, 9999), with a right check digit where its is right."""
    while True:
        front = f"{'0000' if digits[0] == '0' else '9999'}{chance(10**6):06d}"
        last = check_digit(front, ACCOUNT)
        if last < 10 and not is_national(f"{front}{last}"):
            return f"{front}{last if is_account(digits) else (last + 1 + chance(9)) % 10}"


def phone_pseudonym(digits: str, chance: Chance) -> str:
    """A telephone number that no subscriber has: no Norwegian one of eight digits begins with 1."""
    first = "0" if digits[0] == "0" else "1"
    return first + "".join(str(chance(10)) for _ in digits[1:])

"""Norwegian numbers by their own rules: in go digits, out comes whether they can be a number of that kind.

Everything here takes ASCII digits only; whoever finds them in a text says where a number begins and ends.
"""

from datetime import date

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
FIRST_REMAINDERS = frozenset({0, 1, 2, 3})
"""0 today; 1, 2 and 3 too for numbers given from 1 January 2032 (Skatteetaten). Both rules hold side by side."""
MONTH_OFFSETS = (0, 40, 65, 80)
"""Ordinary, health (H-number) and NAV's synthetic, Norsk helsenett's synthetic, Tenor's synthetic."""
DAY_OFFSETS = (0, 40)
"""Ordinary, D-number."""


def is_national_id(digits: str) -> bool:
    """Whether 11 digits can be a national identity number: a D-number or not, real or synthetic, by today's rule or by
    that of 2032. The date must exist in some century: 00000000000 passes both check digits."""
    return len(digits) == 11 and _is_date(digits[:6]) and _has_check_digits(digits)


def _has_check_digits(digits: str) -> bool:
    return weighted(digits[:10], FIRST_WEIGHTS) % 11 in FIRST_REMAINDERS and weighted(digits, SECOND_WEIGHTS) % 11 == 0


def is_account(digits: str) -> bool:
    """Whether 11 digits can be the number of a Norwegian bank account: the last is a check digit modulo 11."""
    return len(digits) == 11 and int(digits) > 0 and weighted(digits, SECOND_WEIGHTS) % 11 == 0


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of digit times weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _is_date(digits: str) -> bool:
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    return any(_exists(day - d, month - m, year) for d in DAY_OFFSETS for m in MONTH_OFFSETS)


def _exists(day: int, month: int, year: int) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    try:
        date(2000 + year, month, day)  # where 29 February exists in any century, it does in this one
    except ValueError:
        return False
    return True


def phone_forms(digits: str) -> tuple[str, ...]:
    """How a phone number may be written: a Norwegian one with and without its country code, a foreign one with its
    code behind + or 00."""
    bare = digits.removeprefix("00")
    local = bare.removeprefix("47") if len(bare) == 10 else bare
    if len(local) == 8:
        return (local, f"47{local}", f"0047{local}")
    return (bare, f"00{bare}")


def is_phone(digits: str) -> bool:
    """Whether digits are a Norwegian phone number with its country code (after + or with 00): 8 digits from 2 up."""
    local = digits.removeprefix("00").removeprefix("47")
    return len(local) == 8 and local[0] in "23456789" and digits[:-8] in ("47", "0047")

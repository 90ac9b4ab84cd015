"""Seeded chance and synthetic numbers: the same seed and keys always give the same, in any order of asking."""

from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
PERSON_WEIGHTS = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def number(seed: int, *keys: object) -> int:
    """A whole number of 64 bits that depends on the seed and the keys only."""
    text = "\x1f".join((str(seed), *map(str, keys)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def pick(choices: tuple[T, ...], seed: int, *keys: object) -> T:
    """One of the choices."""
    return choices[number(seed, *keys) % len(choices)]


def check_digit(digits: str, weights: tuple[int, ...]) -> int:
    """The modulus-11 check digit; 10 means that no number with these digits exists."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return 0 if rest == 0 else 11 - rest


def person_number(seed: int, *keys: object) -> str:
    """A synthetic national identity number: month + 80, valid check digits. No living person can have it."""
    base = number(seed, "person", *keys)
    for attempt in range(1000):
        day, month, year = 1 + base % 28, 81 + base // 28 % 12, 40 + base // 336 % 60
        digits = f"{day:02}{month:02}{year:02}{(base // 20160 + attempt) % 500:03}"
        first = check_digit(digits, PERSON_WEIGHTS[0])
        second = check_digit(f"{digits}{first}", PERSON_WEIGHTS[1]) if first < 10 else 10
        if second < 10:
            return f"{digits}{first}{second}"
    raise AssertionError("some individual number always has check digits")


def organisation_number(seed: int, *keys: object) -> str:
    """A synthetic organisation number: first digit 3, valid check digit."""
    base = number(seed, "organisation", *keys) % 10_000_000
    for attempt in range(1000):
        digits = f"3{(base + attempt) % 10_000_000:07}"
        last = check_digit(digits, ORGANISATION_WEIGHTS)
        if last < 10:
            return f"{digits}{last}"
    raise AssertionError("some number always has a check digit")


def identifier(seed: int, *keys: object) -> str:
    """A UUID of version 4's form."""
    text = f"{number(seed, 'high', *keys):016x}{number(seed, 'low', *keys):016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

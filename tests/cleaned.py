"""A cleaner for tests, with a fixed key, and numbers computed where they are needed: a valid one that is plain may be
somebody's, so none is written down.
"""

from samsvar.logic.cleaning.cleaner import Cleaner
from samsvar.logic.cleaning.numbers import ACCOUNT, FIRST, ORGANISATION, SECOND, check_digit
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.model.contract import Organisations, Privacy
from samsvar.model.exchange import Failure, Probe, Response, Stage
from samsvar.world.documents import read_contract

KEY = bytes(range(32))
CONTRACT = read_contract("altinn2")
ROOT = "https://api.example/api"
PERSON = "01819010354"
"""A synthetic national identity number (month + 80)."""


def cleaner(*credentials: str, texts: bool = True, organisations: Organisations = Organisations.ALL) -> Cleaner:
    return Cleaner(CONTRACT, Privacy(texts, organisations), Pseudonyms(KEY), credentials)


def probe(path: str = "reportees", type_: str = "Reportee", **more: object) -> Probe:
    return Probe("read", f"{ROOT}/{path}", type=type_, **more)  # type: ignore[arg-type]


def response(body: str | bytes, label: str = "application/hal+json", status: int = 200, **fields: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return Response(status, (("Content-Type", label), *named), data, b"OK")


def cleaned(
    one: Cleaner, body: str, label: str = "application/hal+json", *, status: int = 200, type_: str = "Reportee"
) -> str:
    """A body after cleaning."""
    return one.response(probe(type_=type_), response(body, label, status)).body.decode("utf-8", "surrogatepass")


def broken(one: Cleaner, because: str) -> str:
    return one.failure(probe(), Failure(Stage.RECEIVE, because)).because


def national(day: int, month: int, year: int, serial: int, remainder: int = 0) -> str:
    """The first valid number from a serial number on: its kind is in the day (+ 40) and the month (+ 40, 65, 80).
    remainder: by how much its first check digit is off, which is valid from 2032 on."""
    for number in range(serial, serial + 100):
        front = f"{day:02d}{month:02d}{year:02d}{number % 1000:03d}"
        first = (check_digit(front, FIRST) + remainder) % 11
        second = check_digit(f"{front}{first}", SECOND) if first < 10 else 10
        if second < 10:
            return f"{front}{first}{second}"
    raise ValueError("there is no such number")


def organisation(number: int) -> str:
    """The first valid organisation number from eight digits on."""
    return _ending(number, 8, ORGANISATION)


def account(number: int) -> str:
    """The first valid account number from ten digits on."""
    return _ending(number, 10, ACCOUNT)


def _ending(number: int, width: int, weights: tuple[int, ...]) -> str:
    while check_digit(f"{number:0{width}d}", weights) > 9:
        number += 1
    return f"{number:0{width}d}{check_digit(f'{number:0{width}d}', weights)}"

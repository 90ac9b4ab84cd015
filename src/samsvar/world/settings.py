"""Settings of a run: samsvar.toml in the working folder, and the file of waivers. Secrets never stand in either."""

import tomllib
from collections.abc import Mapping
from datetime import date
from math import inf
from pathlib import Path
from typing import Any

from samsvar.errors import UsageError
from samsvar.model.verdict import Waiver
from samsvar.world.login_settings import checked_logins

KNOWN: Mapping[str, type | tuple[type, ...]] = {
    "target": str,
    "contract": str,
    "profile": str,
    "origins": list,
    "rate": (int, float),
    "budget": int,
    "concurrency": int,
    "waivers": str,
    "journal": str,
    "clients": str,
    "pseudonym_key_file": str,
    "unsafe_methods": bool,
    "username": str,
    "api_key_file": str,
    "token_file": str,
    "cookie_file": str,
    "password_file": str,
    "client_cert": str,
    "client_key": str,
    "authorities": str,
    "api_key_keyring": str,
    "token_keyring": str,
    "cookie_keyring": str,
    "password_keyring": str,
}
"""What may stand in samsvar.toml, and of what type; the tables of logins have words of their own."""
ABOVE_NOTHING = frozenset({"rate", "budget", "concurrency"})
"""Else a rate below 0 would be no limit at all."""
LOGIN = "login"


def read_settings(path: str = "samsvar.toml") -> Mapping[str, Any]:
    """The settings of a file, empty when it is not there. Raises UsageError for what is not known or not TOML."""
    if not Path(path).is_file():
        return {}
    found = _toml(path)
    for name, value in found.items():
        if name == LOGIN:
            checked_logins(value, path)
            continue
        if name not in KNOWN:
            known = ", ".join(sorted((*KNOWN, LOGIN)))
            raise UsageError(f"{path} has an unknown setting {name!r}.", f"Known: {known}.")
        if not isinstance(value, KNOWN[name]) or (isinstance(value, bool) and KNOWN[name] is not bool):
            raise UsageError(f"{path}: {name} has a value of the wrong type.", "See docs/manual.md, settings.")
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise UsageError(f"{path}: {name} is no list of texts.", "See docs/manual.md, settings.")
        if name in ABOVE_NOTHING and not 0 < found[name] < inf:
            raise UsageError(f"{path}: {name} is not above 0.", "Write a number above 0, or leave it out.")
    return found


def _toml(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Correct the file.") from error


NEEDED = ("guarantee", "owner", "reason", "ticket", "until")


def read_waivers(path: str, today: date) -> tuple[Waiver, ...]:
    """The waivers of a TOML file ([[waiver]] tables with guarantee, owner, reason, ticket, until, and place if it is
    for one place only) that are in force on a day. Raises UsageError for a waiver that lacks a word."""
    if not path:
        return ()
    rows = _toml(path).get("waiver", [])
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{path} holds no [[waiver]].", "See docs/manual.md, waivers.")
    waivers = tuple(_waiver(path, index, row) for index, row in enumerate(rows, 1))
    return tuple(waiver for waiver in waivers if date.fromisoformat(waiver.until) >= today)


def _waiver(path: str, index: int, row: Any) -> Waiver:
    missing = [name for name in NEEDED if not isinstance(row, dict) or not str(row.get(name, ""))]
    if missing:
        raise UsageError(f"{path}: waiver {index} has no {', '.join(missing)}.", "A waiver needs all of them.")
    unknown = sorted(set(row) - {*NEEDED, "place"})
    if unknown:
        known = ", ".join((*NEEDED, "place"))
        raise UsageError(f"{path}: waiver {index} has unknown words: {', '.join(unknown)}.", f"Known: {known}.")
    until = str(row["until"])
    try:
        date.fromisoformat(until)
    except ValueError:
        raise UsageError(f"{path}: waiver {index}: {until!r} is no day.", "Write until = 2026-12-31.") from None
    values = {name: str(row[name]) for name in NEEDED}
    return Waiver(**values, place=str(row.get("place", "")))

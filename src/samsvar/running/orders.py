"""What is to be done: an order, made of options, samsvar.toml and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from samsvar.errors import UsageError
from samsvar.model.exchange import Client

if TYPE_CHECKING:
    from samsvar.logic.walking.steps import Step


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: one run against one target.

    target: URL of an API root, folder of a cassette, or "" for the miniature. settings: SAMSVAR_* values by name, from
    the environment and samsvar.toml. rate: requests per second (None: as polite as the target asks for). budget: the
    most requests (None: by target). select: families or ids to judge (none: all). faults, evolutions, seed, size: of
    the miniature only. journal: folder for the journal of a live run ("" for none); resume: go on with the run that it
    tells of. clean: take out what is private also where nobody's data can come (of a live target it always is).
    walks: the profile of walks ("": by target); walk_seed: of the walks that Hypothesis chooses (None: the profile's);
    replays: walks that are walked before those. survey: look only as far as walks need, and put no other questions.
    logins: the tables of samsvar.toml that choose ways to log in.
    clients: what else may put questions (none, unless they are named).
    generated: cases of each kind for each operation that schemathesis makes (None: as the profile of walks says).
    """

    target: str = ""
    contract: str = "altinn2"
    profile: str = "default"
    origins: tuple[str, ...] = ()
    unsafe: bool = False
    rate: float | None = None
    budget: int | None = None
    concurrency: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)  # there are credentials among them
    faults: tuple[str, ...] = ()
    evolutions: tuple[str, ...] = ()
    seed: int = 1
    size: int | None = None
    waivers: str = ""
    select: tuple[str, ...] = ()
    journal: str = ""
    resume: bool = False
    clean: bool = False
    walks: str = ""
    walk_seed: int | None = None
    replays: tuple[tuple[Step, ...], ...] = ()
    survey: bool = False
    generated: int | None = None
    logins: tuple[Mapping[str, Any], ...] = ()
    clients: tuple[Client, ...] = ()


def order_from(options: Mapping[str, Any]) -> Order:
    """The order that options give, completed by samsvar.toml and the environment. Options that are None or empty are
    not given. Raises UsageError."""
    import os

    from samsvar.world.login_settings import checked_logins
    from samsvar.world.settings import LOGIN, read_settings

    settings = read_settings()
    plain = {"target", "contract", "profile", "rate", "budget", "concurrency", "waivers", "journal"}
    found: dict[str, Any] = {name: value for name, value in settings.items() if name in plain}
    found["origins"] = tuple(settings.get("origins", ()))
    found["unsafe"] = bool(settings.get("unsafe_methods", False))
    found.update({name: value for name, value in options.items() if value not in (None, "", ())})
    _check_origins(found["origins"])
    found["clients"] = wanted_clients(
        found.get("clients") or os.environ.get("SAMSVAR_CLIENTS") or settings.get("clients") or EVERY
    )
    secrets = {name: value for name, value in os.environ.items() if name.startswith("SAMSVAR_")}
    named = {name: str(value) for name, value in settings.items() if name != LOGIN}
    logins = checked_logins(settings[LOGIN], "samsvar.toml") if LOGIN in settings else ()
    return Order(**found, settings={**named, **secrets}, logins=logins)


def _check_origins(origins: tuple[str, ...]) -> None:
    """An Origin that no browser would ever send makes every answer about it worthless."""
    if not origins:
        return
    from samsvar.logic.diagnosing_origins import origin_problem

    for origin in origins:
        problem = origin_problem(origin)
        if problem:
            raise UsageError(f"{origin} is not an origin: {problem}.", "Give one such as https://www.eksempel.no.")


def secrets_of(order: Order) -> tuple[str, ...]:
    """Values that must not stand in anything that is written, as far as the order tells them; those that are fetched
    in a run the way tells. Those of the miniature are public."""
    from samsvar.world.credentials import secret
    from samsvar.world.login_settings import secrets_in

    if not order.target:
        return ()
    names = ("API_KEY", "TOKEN", "COOKIE", "PASSWORD")
    found = [secret(name, order.settings, order.settings).removeprefix("Bearer ") for name in names]
    return tuple(value for value in (*found, *secrets_in(order.logins, order.settings)) if value)


def target_name(order: Order) -> str:
    """A name by which journals of one target are found."""
    import re

    host = re.sub(r"[^A-Za-z0-9.-]+", "-", order.target.partition("://")[2].partition("/")[0])
    return f"{host}-{short_hash(order.target.rstrip('/'))}"


def short_hash(text: str) -> str:
    """A few letters that stand for a text in a name."""
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:8]


EVERY = "installed"
"""Instead of names: whatever is there."""


def wanted_clients(text: str) -> tuple[Client, ...]:
    """The clients that a list of names wants: "none", "installed", or names with commas between. Raises UsageError for
    a name that is unknown, or one that is not there."""
    there = clients_there()
    if text in ("none", EVERY):
        return there if text == EVERY else ()
    names = {client.value: client for client in Client if client}
    found = []
    for name in filter(None, (part.strip() for part in text.split(","))):
        if name not in names:
            raise UsageError(f"There is no client {name!r}.", f"Give none, {EVERY}, or some of {', '.join(names)}.")
        if names[name] not in there:
            raise UsageError(f"There is no {name} here to ask by.", INSTALL[names[name]])
        found.append(names[name])
    return tuple(found)


INSTALL = {
    Client.BROWSER: "pip install 'samsvar[browser]', and Chromium or Chrome (on Debian: apt-get install chromium); "
    "SAMSVAR_BROWSER names one that is not found.",
    Client.CURL: "Install curl.",
    Client.POWERSHELL: "Install PowerShell (pwsh).",
}


def clients_there() -> tuple[Client, ...]:
    """What is installed."""
    import os

    from samsvar.world.browser import browser_path
    from samsvar.world.commands import installed

    browser = (Client.BROWSER,) if browser_path(os.environ) else ()
    return (*browser, *installed())

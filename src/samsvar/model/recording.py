"""What a recording is: everything that was said in one run, and what is needed to judge it again later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samsvar.model.exchange import Exchange, Means, NotVisited


@dataclass(frozen=True, slots=True)
class Recording:
    """One run as it is kept, its values cleaned already.

    root: absolute URL of the API root. recorded: instant of the recording, ISO 8601 in UTC. source: who was asked, in
    free text. samsvar: version that recorded. contract, profile: labels of what the run was judged by.
    limits: how far the run went, by name of the limit. asked: how many exchanges there were when the run ended.
    stopped: why it ended before everything was asked ("" if it did not). cleaned: what was cleaned and how; nobody
    here looks into it, but it must be JSON.
    """

    root: str
    recorded: str
    source: str
    samsvar: str
    contract: str
    profile: str
    means: Means
    exchanges: tuple[Exchange, ...]
    asked: int
    limits: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""
    not_visited: tuple[NotVisited, ...] = ()
    notes: tuple[str, ...] = ()
    cleaned: Mapping[str, Any] = field(default_factory=dict)

"""What a recording is: everything that was said in one run, and what is needed to judge it again later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samsvar.model.exchange import Exchange, Means, NotVisited


@dataclass(frozen=True, slots=True)
class Run:
    """A run that may have several lives, each of which may have recorded it as far as it came. root, profile: as of a
    recording. begun: when its first life began, ISO 8601 in UTC."""

    root: str
    profile: str
    begun: str


@dataclass(frozen=True, slots=True)
class Recording:
    """One run as it is kept, its values cleaned already.

    root: absolute URL of the API root. recorded: instant of the recording, ISO 8601 in UTC. source: who was asked, in
    free text. samsvar: version that recorded. contract, profile: labels of what the run was judged by.
    limits: how far the run went, by name of the limit. asked: how many exchanges there were when the run ended.
    stopped: why it ended before everything was asked ("" if it did not). cleaned: what was cleaned and how; nobody
    here looks into it, but it must be JSON. begun: when the first life of the run began ("" when it can have but one);
    not written down.
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
    begun: str = ""

    @property
    def run(self) -> Run | None:
        """The run that it is of, when others may have recorded it in earlier lives."""
        return Run(self.root, self.profile, self.begun) if self.begun else None

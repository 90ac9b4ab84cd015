"""How far walks go: profiles by name, with what a run may spend on them; and what was walked."""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_SEED = 20_261


@dataclass(frozen=True, slots=True)
class Walking:
    """How a run walks. name: of the profile. walks: the most that are begun without a plan; steps: of one of them.
    requests: of all walks, those that make sure of a surprise and those that shorten a failing walk included; laid_out:
    the part of them after which no more walks begin that are laid out beforehand; shorten: the part that one failing
    walk may take to be shortened. failures: different ones after which no more are looked for. hostile: values that
    software has stumbled over before may be sent. generated: cases per operation that schemathesis makes of the
    contract's OpenAPI description (0: none). seed: the same one walks the same walks over the same answers."""

    name: str
    walks: int
    steps: int
    requests: int
    laid_out: float = 0.85
    shorten: float = 0.3
    failures: int = 5
    hostile: bool = True
    generated: int = 0
    seed: int = DEFAULT_SEED


NO_WALKS = Walking("none", walks=0, steps=0, requests=1_000)
"""None but those that are given."""

WALKINGS: Mapping[str, Walking] = {
    "none": NO_WALKS,
    "ci": Walking("ci", walks=60, steps=8, requests=600),
    "thorough": Walking("thorough", walks=1_000, steps=20, requests=8_000, generated=3),
    "live": Walking("live", walks=12, steps=6, requests=80, hostile=False, failures=2),
}
"""The profiles: seconds in a gate, minutes at night, and what is polite to somebody's environment."""


@dataclass(frozen=True, slots=True)
class Walked:
    """How often one relation was walked. type: of the resource that carries the link ("" for an entry, whose name is
    the relation). answers: (media type, status) -> how often. never: why it was not walked; "" when it was."""

    type: str
    relation: str
    answers: tuple[tuple[tuple[str, str], int], ...] = ()
    never: str = ""

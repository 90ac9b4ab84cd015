"""In what order questions are asked after the crawl: each round begins when the one before has ended.

What could disturb comes last: second visits after all first ones, effects after everything.
"""

from collections.abc import Sequence, Set

from samsvar.logic.asking import (
    Asker,
    accepting,
    access,
    cross_origin,
    faults,
    lists,
    methods,
    models,
    reaching,
)

ROUNDS: tuple[tuple[tuple[str, Asker], ...], ...] = (
    (
        ("ACCEPT", accepting.ask),
        ("MODEL", models.ask),
        ("LIST", lists.ask),
        ("HTTP", faults.ask),
        ("GET", methods.ask),
        ("CORS", cross_origin.ask),
        ("AUTH", access.ask),
        ("REACH", reaching.ask),
    ),
    (("REACH", reaching.ask_again), ("GET", methods.ask_again)),
    (("GET", methods.ask_last),),
)
"""Each asker with the family whose guarantees it asks for."""
WALKED = "REACH"
"""The family that walks are made for."""


def rounds_for(families: Set[str], walkers: Sequence[Asker] = ()) -> tuple[tuple[Asker, ...], ...]:
    """The rounds that these families need. Walks come after the first questions, by which they know what to expect, and
    before second visits, which show what walking has left behind."""
    first, *later = (tuple(ask for family, ask in row if family in families) for row in ROUNDS)
    return (first, tuple(walkers) if WALKED in families else (), *later)

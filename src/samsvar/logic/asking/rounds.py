"""In what order questions are asked after the crawl: each round begins when the one before has ended.

What could disturb comes last: second visits after all first ones, effects after everything.
"""

from collections.abc import Set

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
    walking,
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
    (("REACH", walking.ask),),
    (("REACH", reaching.ask_again), ("GET", methods.ask_again)),
    (("GET", methods.ask_last),),
)
"""Each asker with the family whose guarantees it asks for."""


def rounds_for(families: Set[str]) -> tuple[tuple[Asker, ...], ...]:
    """The rounds that these families need."""
    return tuple(tuple(ask for family, ask in row if family in families) for row in ROUNDS)

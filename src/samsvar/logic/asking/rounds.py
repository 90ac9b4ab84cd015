"""In what order questions are asked after the crawl: each round begins when the one before has ended.

What could disturb comes last: second visits after all first ones, effects after everything.
"""

from collections.abc import Sequence, Set

from samsvar.logic.asking import (
    Asker,
    accepting,
    access,
    browsing,
    cross_origin,
    documentation,
    examples,
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
        ("EXAMPLE", examples.ask),
        ("REACH", reaching.ask),
        ("DOC", documentation.ask),
    ),
    (("REACH", reaching.ask_again), ("GET", methods.ask_again), ("CORS", browsing.ask)),
    (("GET", methods.ask_last),),
)
"""Each asker with the family whose guarantees it asks for."""
WALKED = "REACH"
"""The family that walks are made for."""
GENERATED = frozenset({"FORMAT", "HTTP", "LIST", "MODEL"})
"""The families that generated questions tell of."""


def rounds_for(families: Set[str], between: Sequence[tuple[Asker, ...]] = ()) -> tuple[tuple[Asker, ...], ...]:
    """The rounds that these families need. What is generated and walked comes between the first questions, by which it
    is known what to expect, and second visits, which show what it has left behind."""
    first, *later = (tuple(ask for family, ask in row if family in families) for row in ROUNDS)
    return (first, *between, *later)

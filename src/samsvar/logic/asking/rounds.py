"""In what order questions are asked after the crawl: each round begins when the one before has ended.

What could disturb comes last: second visits after all first ones, effects after everything.
"""

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

ROUNDS: tuple[tuple[Asker, ...], ...] = (
    (accepting.ask, models.ask, lists.ask, faults.ask, methods.ask, cross_origin.ask, access.ask, reaching.ask),
    (walking.ask,),
    (reaching.ask_again, methods.ask_again),
    (methods.ask_last,),
)

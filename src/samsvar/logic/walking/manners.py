"""Manners in which a place may be asked for otherwise than plainly.

In: a walk, which stands somewhere. Out: by manner the steps that ask in it there; none where it cannot be asked so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from samsvar.logic.asking.access import is_private
from samsvar.logic.walking.steps import HERE, SPELLINGS, Step, step_text
from samsvar.logic.walking.walks import HOSTILE, Walk, narrowings
from samsvar.model.exchange import Login

Manner = Callable[[Walk], Sequence[Step]]
FOREIGN = "https://walker.example"
"""An origin that nobody has registered."""
MOST_TAGS = 3
"""Tags that a place is asked with."""


def manner_of(step: Step) -> tuple[str, ...]:
    """What makes two steps of one manner alike: the options of a list by name, all else by what is asked."""
    options = tuple(name for name, _ in step.query if name.startswith("$"))
    return options or (step_text(step),)


def again(walk: Walk) -> Sequence[Step]:
    """The same question."""
    return (Step(HERE),)


def in_a_language(walk: Walk) -> Sequence[Step]:
    """In each language."""
    row, languages = walk.row, walk.observed.contract.languages
    spoken = languages if row is not None and row.localised and len(languages) > 1 else ()
    return tuple(Step(HERE, query=(("language", language),)) for language in spoken)


def for_an_origin(walk: Walk) -> Sequence[Step]:
    """As script of a registered origin, and of one that nobody has registered."""
    return tuple(Step(HERE, origin=origin) for origin in origins(walk))


def origins(walk: Walk) -> tuple[str, ...]:
    """The registered origins, and one that nobody has registered."""
    return (*walk.observed.means.origins, FOREIGN)


def unless_it_has_a_tag(walk: Walk) -> Sequence[Step]:
    """Only if it is another one than was seen."""
    tags = walk.tagged[-MOST_TAGS:]
    otherwise = [one for one in in_a_language(walk) for _ in tags[-1:]]
    return (
        *(Step(HERE, tag=number) for number in tags),
        *(replace(one, tag=number) for one in otherwise for number in tags[-1:]),
    )


def cut_searched_or_sorted(walk: Walk) -> Sequence[Step]:
    """A part of the list, or in another order."""
    here = walk.stand()
    return tuple(Step(HERE, query=query) for query in narrowings(walk.observed, here)) if here is not None else ()


def as_a_stranger(walk: Walk) -> Sequence[Step]:
    """A private place without the login."""
    row = walk.row
    private = row is not None and is_private(row) and walk.observed.means.login
    return tuple(Step(HERE, login=login) for login in (Login.NO_LOGIN, Login.NONE)) if private else ()


def spelt_otherwise(walk: Walk) -> Sequence[Step]:
    """With Accept in other words."""
    return tuple(Step(HERE, spelling=spelling) for spelling in SPELLINGS if spelling != "plain")


def searched_by_what_is_known(walk: Walk) -> Sequence[Step]:
    """By a template, what the list has."""
    return tuple(Step(rel, values=values) for rel, offer in walk.templates().items() for values in walk.known(offer))


def searched_by_what_nobody_has(walk: Walk) -> Sequence[Step]:
    """By a template, what nobody has and what software has stumbled over."""
    return tuple(
        Step(rel, values=tuple((name, value) for name in walk.variables(offer)))
        for rel, offer in walk.templates().items()
        for value in HOSTILE
    )


_POLITE: tuple[Manner, ...] = (
    again,
    in_a_language,
    for_an_origin,
    unless_it_has_a_tag,
    cut_searched_or_sorted,
    as_a_stranger,
    spelt_otherwise,
    searched_by_what_is_known,
)
POLITE: Mapping[str, Manner] = {one.__name__: one for one in _POLITE}
"""Those that send nothing unheard of."""
MANNERS: Mapping[str, Manner] = {**POLITE, searched_by_what_nobody_has.__name__: searched_by_what_nobody_has}
"""All manners by name."""


def manners(*, hostile: bool) -> Mapping[str, Manner]:
    """The manners of a run."""
    return MANNERS if hostile else POLITE

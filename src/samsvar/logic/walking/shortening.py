"""Shorter walks that may end in the same surprise, in the order in which to try them.

In: a walk as steps. Out: candidates, each simpler: with fewer steps first (large parts before single ones), then the
same steps asked more plainly. Steps that name earlier ones are renumbered; what went on from a step that is gone goes
on from the one before it, and where a tag is gone there is no candidate.
"""

from collections.abc import Iterator
from dataclasses import replace

from samsvar.logic.walking.steps import DOCUMENT, Step
from samsvar.model.exchange import FORMATS, HAL_JSON, Login

Steps = tuple[Step, ...]


def fewer(steps: Steps) -> Iterator[Steps]:
    """The walk without some steps before its last."""
    size = len(steps) - 1
    while size > 0:
        for start in range(len(steps) - size):
            found = without(steps, start, start + size)
            if found is not None:
                yield found
        size //= 2


def without(steps: Steps, start: int, end: int) -> Steps | None:
    """The walk without the steps from start up to end (indices); None when it could not be walked so."""
    left = [step for index, step in enumerate(steps) if not start <= index < end]
    numbers = {index + 1: index + 1 if index < start else index + 1 - (end - start) for index in range(len(steps))}
    gone = set(range(start + 1, end + 1))
    if not left or not left[0].entry or any(step.tag in gone for step in left):
        return None
    numbers |= dict.fromkeys(gone, start)  # what went on from a step that is gone goes on from the one before
    return tuple(replace(step, at=numbers.get(step.at, 0), tag=numbers.get(step.tag, 0)) for step in left)


def joined(before: Steps, after: Steps) -> Steps:
    """One walk of two."""
    moved = (
        replace(step, at=step.at + len(before) if step.at else 0, tag=step.tag + len(before) if step.tag else 0)
        for step in after
    )
    return (*before, *moved)


def plainer(steps: Steps) -> Iterator[Steps]:
    """The walk with one step asked more plainly."""
    for index, step in enumerate(steps):
        for plain in _plainer_step(step):
            yield (*steps[:index], plain, *steps[index + 1 :])


def _plainer_step(step: Step) -> Iterator[Step]:
    if step.spelling != "plain":
        yield replace(step, spelling="plain")
    if step.format not in (HAL_JSON, DOCUMENT):
        yield replace(step, format=HAL_JSON)
    if step.nth != 1:
        yield replace(step, nth=1)
    if step.query and len(step.query) > 1:
        yield from (replace(step, query=(pair,)) for pair in step.query)
    if step.origin:
        yield replace(step, origin="")
    if step.login is not Login.GIVEN:
        yield replace(step, login=Login.GIVEN)


def in_other_formats(steps: Steps) -> Iterator[Steps]:
    """The walk with its last step in each other media type."""
    last = steps[-1:]
    for step in last:
        if step.format != DOCUMENT:
            yield from ((*steps[:-1], replace(step, format=one)) for one in FORMATS if one != step.format)

"""Given walks over an environment written by hand: who walks is the wanderer itself, and Hypothesis chooses nothing."""

from collections.abc import Sequence

from linked_environment import CONTRACT, HAL_ONLY
from stage import Environment, explore

from samsvar.logic.asking import Asker
from samsvar.logic.exploring import Explorer
from samsvar.logic.judging.walks import Ended, by_way, ends, guarantees
from samsvar.logic.reading import Reading
from samsvar.logic.walking.covering import walked_again
from samsvar.logic.walking.steps import Step, read_walk
from samsvar.logic.walking.walks import CONFIRM, Walk
from samsvar.model.contract import Profile
from samsvar.model.exchange import Means
from samsvar.model.walk import NO_WALKS
from samsvar.world.wandering import wanderer


def strolled(
    environment: Environment,
    *walks: str,
    means: Means | None = None,
    profile: Profile = HAL_ONLY,
    first: Sequence[Sequence[Asker]] = (),
) -> Explorer:
    """Crawl an environment, then walk these walks one after the other."""
    given = (wanderer(NO_WALKS, before=tuple(map(read_walk, walks))),)
    explorer = explore(environment, CONTRACT, rounds=(*first, given), profile=profile, means=means)
    assert not explorer.observed.stopped
    return explorer


def walk_of(explorer: Explorer, number: int = 1) -> Walk:
    """A given walk, as far as it was walked."""
    return walked_again(explorer.observed, number)


def came(explorer: Explorer, number: int = 1) -> list[Reading]:
    return walk_of(explorer, number).readings


def probed(walk: Walk, step: Step | str) -> Reading | str | None:
    """The URL that a further step asks; None when it is not offered."""
    probe = walk.probe(read_walk(f"my > {step}")[1] if isinstance(step, str) else step)
    return probe.url if probe is not None else None


def surprises(explorer: Explorer) -> list[tuple[str, tuple[str, ...], str]]:
    """The kind, the guarantees and the step of each surprise that tells something."""
    found = ends(explorer.observed)
    return [
        (end.surprise.kind, guarantees(end, by_way(found)), end.reading.probe.walk)
        for end in found
        if end.surprise is not None and not end.surprise.excused
    ]


def excuses(explorer: Explorer) -> list[str]:
    return [end.surprise.excused for end in ends(explorer.observed) if end.surprise is not None]


def confirmed(explorer: Explorer) -> list[str]:
    """What was asked to make sure of, in order."""
    return [one.probe.about.partition(" ")[0] for one in explorer.observed.asked(CONFIRM)]


def ended(explorer: Explorer) -> tuple[Ended, ...]:
    return ends(explorer.observed)

"""The walks of a run: who chooses them, how far they go, what is told of them, and which are remembered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from samsvar.errors import UsageError
from samsvar.model.exchange import Exchange, Probe, TargetKind
from samsvar.model.walk import WALKINGS, Walking
from samsvar.running.orders import Order, target_name
from samsvar.running.outputs import write
from samsvar.running.ways import Way

if TYPE_CHECKING:
    from samsvar.logic.asking import Asker, Conversation
    from samsvar.logic.observing import Observed
    from samsvar.logic.walking.steps import Step
    from samsvar.world.keeping import Gate

NOTE, GENERATED = "walks: ", "generated: "
"""How the notes begin by which a report says how it walked and what was generated."""


def walking_of(order: Order, way: Way) -> Walking:
    """How a run walks: as the order says, else politely where somebody else's machine is asked. Raises UsageError."""
    name = order.walks or ("live" if way.target.kind is TargetKind.LIVE and not way.loopback else "ci")
    if name not in WALKINGS:
        raise UsageError(f"There is no profile of walks {name!r}.", f"Known: {', '.join(WALKINGS)}.")
    found = WALKINGS[name]
    return found if order.walk_seed is None else replace(found, seed=order.walk_seed)


def walkers(order: Order, way: Way) -> tuple[Asker, ...]:
    """Who walks. Of a recording the walks that were recorded are walked, since what Hypothesis chooses is another one's
    choice with each of its versions; of a tape that knows none, new ones along what it answers."""
    if _as_recorded(order, way):
        return (recorded(one.probe for one in way.recorded if one.probe.walk),)
    from samsvar.world.wandering import wanderer  # brings Hypothesis, which a recording has no use for

    return (wanderer(walking_of(order, way), order.replays, way.answers if way.cassette is not None else None),)


def _as_recorded(order: Order, way: Way) -> bool:
    """The walks are those of a recording that knows its own, and no others were ordered."""
    return bool(way.recorded) and not order.walks and not order.replays and not order.survey


def generators(order: Order, way: Way) -> tuple[Asker, ...]:
    """Who puts generated questions: schemathesis, where they are asked for. Raises UsageError when they are asked for
    by name and it is not installed."""
    from samsvar.logic.asking.operations import OPERATION, ask
    from samsvar.logic.operations import installed

    if _as_recorded(order, way):
        return (recorded(one.probe for one in way.recorded if one.probe.question == OPERATION),)
    count = cases_of(order, way)
    if not count or (order.generated is None and not installed()):
        return ()
    return (partial(ask, cases_per_operation=count, seed=walking_of(order, way).seed),)


def cases_of(order: Order, way: Way) -> int:
    """How many right and how many wrong cases of each operation are generated."""
    return walking_of(order, way).generated if order.generated is None else order.generated


def recorded(probes: Iterable[Probe]) -> Asker:
    """The asker that puts recorded questions once more, in their order. Redirects are followed anew."""
    several = [probe for probe in probes if not probe.hop]

    def ask(_: Observed) -> tuple[Conversation, ...]:
        return (_in_order(several),) if several else ()

    return ask


def _in_order(probes: Sequence[Probe]) -> Conversation:
    waiting = deque(probes)
    while waiting:  # not "yield from": a sequence cannot be sent answers
        yield waiting.popleft()


def walk_notes(order: Order, way: Way, exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """What a report says of how it walked: as it was recorded, or the profile with the seed that repeats it."""
    if _as_recorded(order, way) and way.cassette is not None:
        return tuple(note for note in way.cassette.notes if note.startswith((NOTE, GENERATED)))
    from samsvar.logic.asking.operations import OPERATION
    from samsvar.logic.operations import installed

    walking, count = walking_of(order, way), cases_of(order, way)
    walked = walking.walks and any(exchange.probe.walk for exchange in exchanges)
    asked = any(exchange.probe.question == OPERATION for exchange in exchanges)
    return (
        *((f"{NOTE}profile {walking.name}, seed {walking.seed}",) if walked else ()),
        *((f"{GENERATED}{count} right and {count} wrong cases an operation, seed {walking.seed}",) if asked else ()),
        *((f"{GENERATED}none, since schemathesis is not installed",) if count and not installed() else ()),
    )


# -- walks that failed ------------------------------------------------------------------------------------------------

MOST_REMEMBERED = 50
HEAD = "# Walks that failed, the shortest for each surprise: one a line, tried first the next time."


def failures_path(order: Order) -> str:
    """Where the walks that failed at a target are remembered."""
    return str(Path(order.journal, f"{target_name(order) if order.target else 'miniature'}.walks"))


def remembering(order: Order, path: str) -> Order:
    """The order with the walks that failed before, to be walked first. Raises UsageError for a file of something
    else."""
    from samsvar.world.files import read_lines

    lines = enumerate(read_lines(path), start=1)
    found = [_read(text, path, number) for number, text in lines if text.strip() and not text.startswith("#")]
    return replace(order, replays=(*order.replays, *found))


def _read(text: str, path: str, number: int) -> tuple[Step, ...]:
    from samsvar.logic.walking.steps import read_walk

    try:
        return read_walk(text)
    except UsageError as error:
        raise UsageError(f"{path}, line {number}: {error.what}", "Mend or remove that line, or the file.") from error


def remember(order: Order, observed: Observed, path: str, gate: Gate) -> tuple[str, ...]:
    """Write down the walks that failed in a run, in place of those that failed before and were walked to their end
    again. Gives them. Raises OutputError and PrivacyError as writing does."""
    from samsvar.logic.judging.walks import lost_walks
    from samsvar.logic.walking.steps import written

    untried = map(written, _not_whole(order, observed))
    found = tuple(dict.fromkeys((*lost_walks(observed), *untried)))[:MOST_REMEMBERED]
    if found or Path(path).exists():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write(path, "\n".join((HEAD, *found, "")), gate)
    return found


def walked_whole(order: Order, observed: Observed) -> bool:
    """Every given walk was walked to its end."""
    return not _not_whole(order, observed)


def _not_whole(order: Order, observed: Observed) -> list[tuple[Step, ...]]:
    """The given walks that were not walked to their end."""
    from samsvar.logic.walking.covering import walked_again

    given = enumerate(order.replays, start=1)
    return [steps for number, steps in given if len(walked_again(observed, number).steps) < len(steps)]

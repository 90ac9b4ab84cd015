"""What was asked before: the trail of each session, and conditions on it, for faults that show only after a certain
path of asks.

A step is a GET that was answered for good. HEAD and OPTIONS are no steps, nor are 307 and 503 with Retry-After, since
the same is asked again after them; so neither redirects nor busy hours lead off a path.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Generic, TypeAlias, TypeVar

from samsvar.miniature.parts import Call, Change, Parts
from samsvar.miniature.switching import When
from samsvar.miniature.wire import Answer

Kept = TypeVar("Kept")
Way: TypeAlias = tuple[Call, ...]
Relation: TypeAlias = Callable[[Way], bool]

STEPS = 4
"""How many asks a trail holds: as many as any path needs before its last ask, and one more."""
SESSIONS = 64
"""How many sessions are remembered; the one that was quiet for longest is forgotten first."""
ASKED_AGAIN = (307, 503)


class Memory(Generic[Kept]):
    """One value for each session, bounded and safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def get(self, session: str) -> Kept | None:
        """What is kept of a session."""
        with self._lock:
            return self._kept.get(session)

    def put(self, session: str, value: Kept) -> None:
        """Keeps it instead of what was kept before."""
        with self._lock:
            self._kept[session] = value
            self._kept.move_to_end(session)
            if len(self._kept) > SESSIONS:
                self._kept.popitem(last=False)


def following(change: Change, session: Callable[[Call], str]) -> Change:
    """The same change, with the trail of its session in every GET."""

    def changed(parts: Parts) -> Parts:
        trails: Memory[Way] = Memory()

        def led(call: Call) -> Call:
            return replace(call, trail=trails.get(session(call)) or ()) if call.ask.method == "GET" else call

        def noted(call: Call, answer: Answer) -> Answer:
            if call.ask.method == "GET" and answer.status not in ASKED_AGAIN:
                before = trails.get(session(call)) or ()
                trails.put(session(call), (*before, replace(call, trail=()))[-STEPS:])
            return answer

        return change(replace(parts, calls=(*parts.calls, led))).with_final(noted)

    return changed


def of_the_session(change: Change) -> Change:
    """With what was asked with the same login."""
    return following(change, lambda call: call.session)


def of_everybody(change: Change) -> Change:
    """With what anybody asked, as a shared cache sees it."""
    return following(change, lambda call: "")


def walked(*steps: When, where: tuple[Relation, ...] = ()) -> When:
    """After all but the last of these steps, one directly after the other, at the last of them. where: what holds
    between the steps, which are numbered from 0."""

    def holds(call: Call) -> bool:
        way = (*call.trail, call)[-len(steps) :] if call.trail else ()
        fits = len(way) == len(steps) and all(step(one) for step, one in zip(steps, way, strict=True))
        return fits and all(relation(way) for relation in where)

    return holds


def place(call: Call) -> str:
    """Which place is asked: the path; case and a final slash mean nothing."""
    return call.path.removesuffix("/").lower()


def same(one: int, other: int) -> Relation:
    """Both steps ask for the same place."""
    return lambda way: place(way[one]) == place(way[other])


def apart(one: int, other: int) -> Relation:
    """The steps ask for different places."""
    return lambda way: place(way[one]) != place(way[other])


def below(outer: int, inner: int) -> Relation:
    """The second step asks for something that stands below the first, as an element of a list or a part does."""
    return lambda way: place(way[inner]).startswith(f"{place(way[outer])}/")


def in_one_format(one: int, other: int) -> Relation:
    """Both steps were answered in the same format."""
    return lambda way: way[one].format == way[other].format

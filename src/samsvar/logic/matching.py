"""Which elements of two lists belong together: in go the lists and what makes two elements the same, out come pairs.

Knows nothing of resources, so the lists may be of anything. Order means nothing here; who cares about it looks at the
indexes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from collections.abc import Sequence as Row
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Traits = Counter[Hashable]
Pair = tuple[int, int]

FEW = 2_500
"""Up to so many pairs are compared one by one; beyond that only those whose traits are equal."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Indexes into both lists. alike: pairs that are the same. unlike: pairs that differ, but belong together more
    than any other. left, right: what is on one side only."""

    alike: tuple[Pair, ...]
    unlike: tuple[Pair, ...] = ()
    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()


def match(left: Row[T], right: Row[T], same: Callable[[T, T], bool], traits: Callable[[T], Traits]) -> Matching:
    """Pair two lists as multisets. traits: what an element consists of; the same elements have equal traits. The more
    traits two differing elements share, the sooner they are paired."""
    in_place = [(index, index) for index in range(min(len(left), len(right))) if same(left[index], right[index])]
    if len(in_place) == len(left) == len(right):
        return Matching(tuple(in_place))
    lefts = _without(range(len(left)), (i for i, _ in in_place))
    rights = _without(range(len(right)), (j for _, j in in_place))
    left_traits = {i: traits(left[i]) for i in lefts}
    right_traits = {j: traits(right[j]) for j in rights}
    moved = _moved(left_traits, right_traits, lambda i, j: same(left[i], right[j]))
    for i, j in moved:
        del left_traits[i], right_traits[j]
    unlike = _nearest(left_traits, right_traits)
    return Matching(
        tuple(sorted(in_place + moved)),
        tuple(sorted(unlike)),
        tuple(_without(left_traits, (i for i, _ in unlike))),
        tuple(_without(right_traits, (j for _, j in unlike))),
    )


def _without(indexes: Iterable[int], taken: Iterable[int]) -> list[int]:
    gone = set(taken)
    return [index for index in indexes if index not in gone]


def _moved(lefts: dict[int, Traits], rights: dict[int, Traits], same: Callable[[int, int], bool]) -> list[Pair]:
    """Pairs of the same elements at different indexes."""
    few = len(lefts) * len(rights) <= FEW
    buckets: defaultdict[Hashable, list[int]] = defaultdict(list)
    for j, traits in rights.items():
        buckets[None if few else frozenset(traits.items())].append(j)
    pairs = []
    for i, traits in lefts.items():
        candidates = buckets[None if few else frozenset(traits.items())]
        found = next((j for j in candidates if same(i, j)), None)
        if found is not None:
            candidates.remove(found)
            pairs.append((i, found))
    return pairs


def _nearest(lefts: dict[int, Traits], rights: dict[int, Traits]) -> list[Pair]:
    """Pairs of differing elements, the most alike first; among many, by position."""
    if len(lefts) * len(rights) > FEW:
        return list(zip(lefts, rights, strict=False))
    ranked = sorted(
        (-(one & other).total(), abs(i - j), i, j) for i, one in lefts.items() for j, other in rights.items()
    )
    free_left, free_right = set(lefts), set(rights)
    pairs = []
    for _, _, i, j in ranked:
        if i in free_left and j in free_right:
            free_left.remove(i)
            free_right.remove(j)
            pairs.append((i, j))
    return pairs

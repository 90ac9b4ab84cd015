"""What the help pages of a contract are about: which operations they can be expected to list, whether a page lists one,
and of which model an operation is.

In go the contract and what was read, out come values that asking and judging share.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile

from samsvar.logic import urls
from samsvar.logic.decoding import bare_media_type
from samsvar.logic.decoding_help import NOTHING, HelpPage, Listed, bare, decode_help
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.contract import Contract, HelpIndex, Shape

INDEX = "help.index"
"""The question; about: the path of the index."""
PAGE = "help.page"
"""The page of an operation; about: "GET {who}/messages"."""
MODEL = "help.model"
"""The page of a model that another page links; about: the name of the model."""
TYPE = "HelpPage"
"""The type of all of them, by which a contract says that anybody may read them."""
ME = "my"
"""What may stand in a path for whoever asks, instead of a number: as good as a variable."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that a help page can be expected to list. shape: the model of what it gives, or of each element of
    a list; None where it has none. is_list: it gives a list of them."""

    method: str
    path: str
    shape: Shape | None = field(default=None, compare=False)
    is_list: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def expected(contract: Contract) -> tuple[Operation, ...]:
    """The retrievals that the contract knows, but for those that it says need not be listed. What changes something is
    left out: an environment that is read only keeps all that is promised of reading."""
    paths = contract.openapi.get("paths", {})
    types = {path.strip("/"): str(item["get"].get("x-type", "")) for path, item in paths.items() if "get" in item}
    left_out = set(contract.help.unlisted)
    return tuple(
        _operation(contract, method, path, types.get(path, ""))
        for method, path in contract.operations
        if method == "GET" and (method, path) not in left_out
    )


def _operation(contract: Contract, method: str, path: str, type_name: str) -> Operation:
    row = contract.types.get(type_name)
    element = contract.types.get(row.element) if row is not None and row.element else row
    shape = element.shape if element is not None and element.shape is not None and element.shape.members else None
    return Operation(method, path, shape, row is not None and row.is_list)


def index_of(contract: Contract, operation: Operation) -> HelpIndex | None:
    """The index that can be expected to list an operation."""
    head = operation.path.partition("/")[0].lower()
    own = next((one for one in contract.help.indexes if one.about and one.about.lower() == head), None)
    return own or next((one for one in contract.help.indexes if not one.about), None)


def pages_of(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """One operation for each model; a single resource rather than a list, which may show itself and not what is in it.
    The same model is the same class in the code behind the pages, so that more pages would say nothing new."""
    chosen: dict[str, Operation] = {}
    for operation in operations:
        if operation.shape is not None:
            known = chosen.get(operation.shape.name)
            if known is None or (known.is_list and not operation.is_list):
                chosen[operation.shape.name] = operation
    return tuple(chosen.values())


def inner(shape: Shape, name: str) -> Shape | None:
    """The model inside a property, or inside each item of it; None where it has no properties of its own."""
    member = next((one for key, one in shape.members.items() if bare(key) == bare(name)), None)
    while member is not None and member.item is not None:
        member = member.item
    return member if member is not None and member.members else None


# Pages


@lru_cache(maxsize=512)
def _decoded(body: bytes, charset: str | None) -> HelpPage:
    return decode_help(body, charset)


def page(reading: Reading) -> HelpPage:
    """What a reading says as a help page; NOTHING unless it is a success."""
    if not reading.ok or reading.response is None:
        return NOTHING
    return _decoded(reading.response.body, bare_media_type(reading.response.first("Content-Type"))[1])


def answers(observed: Observed, question: str) -> dict[str, Reading]:
    """The answers to a question by what they are about: the last one of each, since asking once more is how a redirect
    is followed."""
    return {reading.probe.about: reading for reading in observed.asked(question)}


def listings(observed: Observed) -> Iterator[tuple[Listed, Reading]]:
    """Everything that the indexes list, each with the index that lists it."""
    for reading in answers(observed, INDEX).values():
        for row in page(reading).operations:
            yield row, reading


def covering(observed: Observed, operation: Operation, rows: Iterable[Listed]) -> Listed | None:
    """The row that lists an operation: one that is written alike before one that is not, and one that is said to be
    removed last."""
    mine = operation.path.split("/")
    twins = _twins(observed.contract, operation)
    listed = tuple(rows)
    heads = (_root(observed), _shared(tuple(row.path for row in listed)))
    fitting = [
        (row.removed, _unlike(segments, mine), not row.href, index, row)
        for index, row in enumerate(listed)
        if row.method == operation.method
        for spelled in _spellings(row.path)
        for segments in dict.fromkeys(_below(head, spelled) for head in heads)
        if _covers(segments, mine, twins)
    ]
    return min(fitting, default=(None,))[-1]


def _unlike(listed: tuple[str, ...], known: list[str]) -> int:
    return sum(bare(one) != bare(other) for one, other in zip(listed, known, strict=True))


def _twins(contract: Contract, operation: Operation) -> frozenset[str]:
    """What stands first, bare, in the paths of other operations that differ from this one in nothing else."""
    head, _, rest = operation.path.partition("/")
    others = (path.partition("/") for method, path in contract.operations if method == operation.method)
    return frozenset(
        bare(first) for first, _, tail in others if tail.lower() == rest.lower() and bare(first) != bare(head)
    )


@lru_cache(maxsize=8192)
def _spellings(path: str) -> tuple[tuple[str, ...], ...]:
    """The segments of a path; one with optional parts ("[/{version}]", "{version?}", "{version=1}") stands for two."""
    without = re.sub(r"\[[^\]]*\]|/?\{[^{}]*[?=][^{}]*\}", "", path)
    spelled = dict.fromkeys((path.replace("[", "").replace("]", ""), without))
    return tuple(tuple(segment for segment in one.split("/") if segment) for one in spelled)


def _root(observed: Observed) -> tuple[str, ...]:
    return tuple(segment.lower() for segment in urls.path(observed.target.root).split("/") if segment)


@lru_cache(maxsize=16)
def _shared(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The words that all paths of a page begin with: the root as the code behind it knows it, which a gateway may have
    put elsewhere. Few paths share too much by chance."""
    split = [[one.lower() for one in path.split("/") if one] for path in paths]
    if len(split) < FEW_PATHS:
        return ()
    shared = takewhile(lambda alike: len(set(alike)) == 1 and "{" not in alike[0], zip(*split, strict=False))
    return tuple(alike[0] for alike in shared)


FEW_PATHS = 10


def _below(head: tuple[str, ...], segments: tuple[str, ...]) -> tuple[str, ...]:
    """Segments below the root: an index may write paths from the root of the host, or from that of the application,
    which knows the last segments only."""
    lower = tuple(segment.lower() for segment in segments)
    for first in range(len(head)):
        rest = head[first:]
        if lower[: len(rest)] == rest:
            return segments[len(rest) :]
    return segments


def _covers(listed: tuple[str, ...], known: list[str], twins: frozenset[str]) -> bool:
    return len(listed) == len(known) and all(
        _fits(one, other, twins if not index else frozenset())
        for index, (one, other) in enumerate(zip(listed, known, strict=True))
    )


def _fits(listed: str, known: str, twins: frozenset[str]) -> bool:
    """One segment of a path fits another: both are variables, or the same word. "my" is a word for a variable, unless
    it or the variable is what another operation has there: then it is that other operation."""
    variable = "{" in listed or listed.startswith((":", "<"))
    if variable == known.startswith("{"):
        return variable or listed.lower() == known.lower()
    return ME in (listed.lower(), known.lower()) and bare(listed) not in twins

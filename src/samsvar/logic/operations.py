"""Questions that schemathesis generates from the OpenAPI description of a contract, and its checks of the answers.

In: the description as data (``Contract.openapi``), a seed, a number. Out: cases as values, and what a check says of an
exchange. The home of schemathesis. It and Hypothesis are imported inside functions, for they take a third of a second
and most runs do without. Neither sends anything: schemathesis is used as a generator and as a judge.

The same seed gives the same cases, as long as the versions of the two packages are the same.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast
from urllib.parse import unquote
from zlib import crc32

from samsvar.errors import UsageError
from samsvar.model.exchange import Exchange

if TYPE_CHECKING:
    from schemathesis.schemas import APIOperation

    AnyOperation: TypeAlias = APIOperation[Any, Any, Any, Any]

Pairs: TypeAlias = tuple[tuple[str, str], ...]
Drawn: TypeAlias = tuple[Pairs, Pairs]
"""A value for the last segment, or a query."""
UNKNOWN: Pairs = (("samsvar", "unknown"),)
"""What a negative case of an operation asks that takes no parameter that could be wrong."""
LONGEST = 300
"""Characters of a value; longer ones only try how long a URL may be."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
"""The checks of schemathesis that one exchange is enough for. Not negative_data_rejection: a server may ignore a
parameter that it does not know, and which ones it may not ignore is LIST-5's to say."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One GET of the description. path: its template, without a slash in front; type: of the contract ("" if none);
    last: the parameter that the path ends with, "" if it ends otherwise; query: its parameters there, without those
    that every read carries; effect: a GET is seen by somebody, so it is never asked for trial."""

    id: str
    path: str
    type: str
    last: str
    query: tuple[str, ...]
    effect: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One generated question. path: a value for the last segment, empty to leave it as it is. number: from 0, among
    the positive and among the negative ones of its operation."""

    operation: str
    template: str
    path: Pairs
    query: Pairs
    positive: bool
    number: int

    @property
    def about(self) -> str:
        """The case as evidence names it: "listMessages negative 2"."""
        return f"{self.operation} {'positive' if self.positive else 'negative'} {self.number}"


def operations(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """The operations of a description, in its order."""
    return tuple(_operation(document, path, item["get"]) for path, item in document.get("paths", {}).items())


def _operation(document: Mapping[str, Any], path: str, row: Mapping[str, Any]) -> Operation:
    segment = path.rpartition("/")[2]
    return Operation(
        id=row["operationId"],
        path=path.removeprefix("/"),
        type=row.get("x-type", ""),
        last=segment[1:-1] if segment.startswith("{") else "",
        query=tuple(one["name"] for one in _parameters(document, row) if _may_vary(one)),
        effect="x-effect" in row,
    )


def _parameters(document: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    known = document["components"].get("parameters", {})
    for one in row.get("parameters", ()):
        yield known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one


def _may_vary(parameter: Mapping[str, Any]) -> bool:
    """What is required in a query makes a read polite (markAsRead): it is never tried without."""
    return bool(parameter["in"] == "query" and not parameter.get("required"))


# Generating


def cases(
    document: Mapping[str, Any], per_operation: int, seed: int, only: Collection[str] | None = None
) -> tuple[Case, ...]:
    """So many positive and so many negative cases for each operation without an effect (fewer where there are not so
    many), by id in ``only`` if given. Raises UsageError when schemathesis is not installed."""
    wanted = [one for one in operations(document) if not one.effect and (only is None or one.id in only)]
    if not wanted or per_operation < 1:
        return ()
    if not installed():
        raise UsageError("Generated operations need schemathesis.", "Install it: pip install 'samsvar[schemathesis]'.")
    with nothing_of_this_program():
        source = _Source(document, wanted, seed, per_operation)
        return tuple(case for one in wanted for positive in (True, False) for case in source.cases(one, positive))


def installed() -> bool:
    """Whether schemathesis can be imported."""
    try:
        import schemathesis  # noqa: F401
    except ImportError:
        return False
    return True


class _Enough(BaseException):
    """As many cases were drawn as are wanted. Not an Exception, so that Hypothesis lets it pass."""


class _Source:
    """Draws from a description of its own making: for each operation one path with nothing but its query, one with
    nothing but the options of OData, and one with nothing but its last segment. So each case varies one thing, the
    queries that a server may not ignore come often enough, and no key or login is made up."""

    def __init__(self, document: Mapping[str, Any], wanted: list[Operation], seed: int, count: int) -> None:
        import schemathesis

        rows = {item["get"]["operationId"]: item["get"] for item in document["paths"].values()}
        self._declared: dict[str, list[Mapping[str, Any]]] = {}
        for one in wanted:
            every = list(_parameters(document, rows[one.id]))
            query = [parameter for parameter in every if _may_vary(parameter)]
            odata = [parameter for parameter in query if parameter["name"].startswith("$")]
            last = [parameter for parameter in every if parameter["name"] == one.last]
            self._declared.update(zip(_kinds(one, False), (query, odata, last), strict=True))
        paths = {path: _get(parameters) for path, parameters in self._declared.items() if parameters}
        info = {"title": "cases", "version": "1"}
        self._schema = schemathesis.openapi.from_dict({"openapi": document["openapi"], "info": info, "paths": paths})
        self._seed = seed
        self._count = count

    def cases(self, one: Operation, positive: bool) -> Iterator[Case]:
        """The cases of one operation, of each kind in turn."""
        kinds = [path for path in _kinds(one, positive) if self._declared[path]]
        drawn = [self._drawn(path, positive, -(-self._count // len(kinds))) for path in kinds]
        found = list(_in_turn(drawn)) or [((), () if positive else UNKNOWN)]
        for number, (path, query) in enumerate(found[: self._count]):
            yield Case(one.id, one.path, path, query, positive, number)

    def _drawn(self, path: str, positive: bool, count: int) -> list[Drawn]:
        """So many distinct pairs of (last segment, query), none of them empty."""
        declared = {one["name"]: one["schema"] for one in self._declared[path]}
        found: dict[Drawn, None] = {}

        def take(drawn: Drawn) -> None:
            segment, query = drawn
            wrong = any(not _fits(value, declared.get(name)) for name, value in (*segment, *query))
            if (segment or query) and _can_be_sent(segment, query) and wrong is not positive:
                found[drawn] = None
            if len(found) >= count:
                raise _Enough

        _draw(self._schema[path]["GET"], positive, take, crc32(f"{self._seed} {path} {positive}".encode()))
        return list(found)


def _kinds(one: Operation, positive: bool) -> tuple[str, ...]:
    """The paths of an operation in the description that is drawn from. Right options of OData are part of right
    queries already."""
    every = (f"/{one.id}", f"/{one.id}/odata", f"/{one.id}/{{{one.last}}}")
    return (every[0], every[2]) if positive else every


def _get(parameters: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {"get": {"parameters": parameters, "responses": {"200": {"description": "An answer."}}}}


def _in_turn(groups: list[list[Drawn]]) -> Iterator[Drawn]:
    """The first of each, then the second of each."""
    for turn in range(max(map(len, groups), default=0)):
        yield from (group[turn] for group in groups if turn < len(group))


MOST_DRAWN = 25
"""Draws for one kind of case; after so many there is nothing else to be had."""


def _draw(operation: "AnyOperation", positive: bool, take: Callable[[Drawn], None], seed: int) -> None:
    """Hand on what Hypothesis draws, until it is enough, without looking for a failure and without keeping anything."""
    import hypothesis
    from hypothesis.errors import Unsatisfiable
    from schemathesis import GenerationMode
    from schemathesis.generation.feedback import NO_FEEDBACK

    mode = GenerationMode.POSITIVE if positive else GenerationMode.NEGATIVE
    # Without feedback: schemathesis would draw constants from the sources of the folder that it runs in.
    strategy = operation.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        database=None,
        deadline=None,
        max_examples=MOST_DRAWN,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=tuple(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def draw(case: Any) -> None:
        path = tuple((name, _plain(unquote(str(value)))) for name, value in case.path_parameters.items())
        take((path, tuple(_written(case.query or {}))))

    with suppress(_Enough, Unsatisfiable):  # unsatisfiable: there is nothing that could be wrong
        draw()


def _written(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A query as it goes over the wire: a list is a name that occurs several times, an object shows its names."""
    for name, value in query.items():
        for one in value if isinstance(value, list | dict) else (value,):
            yield _plain(name), _plain(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False))


def _plain(text: str) -> str:
    """Without the characters that XML cannot write: who repeats the question in an error would break its form, and
    that is not what is asked here."""
    return NOT_IN_XML.sub("", text)


NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _fits(text: str, schema: Mapping[str, Any] | None) -> bool:
    """Whether a text of the wire is what a parameter asks for, as far as the description says: the number 2068 is no
    text, but in a URL nobody can tell."""
    if schema is None:
        return False
    if schema["type"] == "integer":
        found = re.fullmatch(r"[+-]?[0-9]{1,18}", text)
        return found is not None and schema.get("minimum", 0) <= int(text) <= schema.get("maximum", int(text))
    if "enum" in schema:
        return text in schema["enum"]
    return re.search(schema.get("pattern", ""), text) is not None and len(text) >= schema.get("minLength", 0)


def _can_be_sent(path: Pairs, query: Pairs) -> bool:
    """A segment that stays one segment, and texts that are not too long."""
    segments = all(value.strip(" .") and not set("/\\") & set(value) for _, value in path)
    texts = [text for pair in (*path, *query) for text in pair]
    return segments and all(len(text) <= LONGEST for text in texts) and all(n for n, _ in query)


@contextmanager
def nothing_of_this_program() -> Iterator[None]:
    """Hypothesis likes to draw constants that stand in the modules of the program around it. Here the same seed shall
    give the same cases in whatever program, so it finds none. Where its inside is another, it draws as it likes."""
    from hypothesis.internal.conjecture import providers

    name = "_get_local_constants"
    known = getattr(providers, name, None)
    if known is None or not hasattr(providers, "Constants"):
        yield
        return
    providers.CONSTANTS_CACHE.cache.clear()
    setattr(providers, name, providers.Constants)
    try:
        yield
    finally:
        setattr(providers, name, known)
        providers.CONSTANTS_CACHE.cache.clear()


# Checking


class Checks(Protocol):
    """What the checks of schemathesis say of one exchange of an operation."""

    def complaints(self, operation: str, exchange: Exchange) -> tuple[tuple[str, str], ...]:
        """(name of the check, what is wrong) for each that fails; () for an operation that is not described, and for
        an exchange without a whole answer."""


def checks(document: Mapping[str, Any]) -> Checks | None:
    """The checks for a description; None when schemathesis is not installed."""
    return _Checks(document) if installed() else None


class _Checks:
    def __init__(self, document: Mapping[str, Any]) -> None:
        import schemathesis
        from schemathesis.checks import CHECKS as REGISTRY
        from schemathesis.checks import load_all_checks

        load_all_checks()
        schema = schemathesis.openapi.from_dict(dict(document))
        self._operations = {
            one.definition.raw["operationId"]: one for one in (schema[path]["GET"] for path in document["paths"])
        }
        self._checks = {name: cast(Any, REGISTRY.get_one(name)) for name in CHECKS}

    def complaints(self, operation: str, exchange: Exchange) -> tuple[tuple[str, str], ...]:
        from schemathesis.core.failures import FailureGroup
        from schemathesis.core.transport import Response

        described, said = self._operations.get(operation), exchange.response
        if described is None or said is None:
            return ()
        names = dict.fromkeys(name.lower() for name, _ in said.headers)
        headers = {name: list(said.all(name)) for name in names}
        # The question itself is only looked at by checks that are not run here.
        request = cast(Any, SimpleNamespace(url=exchange.probe.url, method="GET", headers={}, body=None))
        response = Response(said.status, headers, said.body, request, 0.0, True, message=said.phrase)
        found = []
        for name, check in self._checks.items():
            try:
                self._case(described).validate_response(response, checks=[check])
            except FailureGroup as group:
                found += [(name, _told(failure)) for failure in group.exceptions]
        return tuple(found)

    def _case(self, described: Any) -> Any:
        """Whose path does not matter: the answer may have come from anywhere."""
        return described.Case(path_parameters={one.name: "x" for one in described.path_parameters})


def _told(failure: Exception) -> str:
    """What a failure says, in one line: the rest of its message is for a terminal."""
    title, message = (str(getattr(failure, name, "")) for name in ("title", "message"))
    first = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return f"{title}: {first}" if first else title

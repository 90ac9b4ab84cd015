"""The home of vcrpy: tapes are written and those of others read by its own machinery, and it plays them to clients.

In: exchanges, or a tape as text. Out: text, or what it holds; or answers to whichever HTTP client asks. Importing this
costs what importing vcrpy costs, which looks for every HTTP client there is: nobody does before it is needed.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import takewhile
from typing import Any, Final
from urllib.parse import parse_qsl

from vcr.cassette import Cassette as Base  # type: ignore[import-untyped]  # vcrpy has no types
from vcr.cassette import CassetteContextDecorator
from vcr.errors import CannotOverwriteExistingCassetteException  # type: ignore[import-untyped]
from vcr.filters import decode_response  # type: ignore[import-untyped]
from vcr.record_mode import RecordMode  # type: ignore[import-untyped]
from vcr.request import Request  # type: ignore[import-untyped]
from vcr.serialize import deserialize, serialize  # type: ignore[import-untyped]
from vcr.serializers import jsonserializer, yamlserializer  # type: ignore[import-untyped]

from samsvar.model.exchange import Exchange, Failure, Fields, Login, Response
from samsvar.world import tapes
from samsvar.world.replay import Cassette, Recorded, decisive, normalised

# -- tapes as text ----------------------------------------------------------------------------------------------------


def tape_text(exchanges: Iterable[Exchange]) -> str:
    """The tape of exchanges, all of which have a response."""
    requests, responses = [], []
    for one in exchanges:
        assert one.response is not None
        requests.append(Request(**tapes.request_of(one)))
        responses.append(tapes.response_of(one, one.response))
    return str(serialize({"requests": requests, "responses": responses}, tapes))


def foreign_tape(text: str, suffix: str) -> Iterator[Recorded]:
    """What a tape holds that others wrote: JSON where the suffix is ".json", else YAML of vcrpy's safe loader. Raises
    ValueError for what is no tape."""
    try:
        requests, responses, *_ = deserialize(text, jsonserializer if suffix == ".json" else yamlserializer)
        for request, response in zip(requests, responses, strict=True):
            told = {"method": request.method, "uri": request.uri, "headers": dict(request.headers)}
            yield tapes.recorded_of(told, response if tapes.KEPT in response else _decoded(response))
    except Exception as error:
        # vcrpy raises whatever its parsers raise; nothing is hidden.
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from error


def _decoded(response: dict[str, Any]) -> Mapping[str, Any]:
    """Others may keep a body as it came over the wire; one that does not decode vcrpy takes for decoded already. Where
    there is no body (HEAD, 304), the fields speak of another one."""
    return decode_response(response) if response["body"]["string"] else response


# -- tapes played to clients ------------------------------------------------------------------------------------------

Key = tuple[str, ...]
Similar = tuple[Any, list[str], list[tuple[str, str]]]
"""A recorded request, what is the same, and what is not and how: as vcrpy tells it."""

PREFERRED: Final = (
    Login.GIVEN,
    Login.TOKEN,
    Login.IDPORTEN,
    Login.MASKINPORTEN,
    Login.PASSWORD,
    Login.CERTIFICATE,
    Login.NONE,
    Login.NO_LOGIN,
    Login.NO_KEY,
)
"""Whose answer a client gets where the same was asked with several logins. What was asked with wrong credentials, to
see it refused, is no answer for anybody else."""

RANK: Final = {login: rank for rank, login in enumerate(PREFERRED)}
SHOWN: Final = 3
"""Recorded questions that are named when another was asked."""

MANY: Final = 50
"""Recorded questions that are compared with it closely."""


class Tape:
    """A recording made ready for playing, once for as many players as wanted."""

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self.data: list[tuple[Any, dict[str, Any]]] = []
        self.failures: dict[Key, Failure] = {}
        self.index: dict[Key, list[int]] = {}
        ranks: dict[Key, tuple[int, bool]] = {}
        for one in cassette.exchanges:
            if one.login in RANK and not one.by:  # what another client read of an answer is not all of it
                self._add(one, ranks)

    def _add(self, one: Recorded, ranks: dict[Key, tuple[int, bool]]) -> None:
        fields = one.sent(one.fields) or one.fields
        rank = RANK[one.login], decisive(fields)[-1] not in ("", "gzip")
        if isinstance(one.said, Response):
            self.data.append((_request(one, fields), _answer(one, one.said)))
        for key in question_keys(one.method, one.url, fields):
            if isinstance(one.said, Failure):
                self.failures[key] = one.said
            elif key not in ranks or rank < ranks[key]:
                ranks[key], self.index[key] = rank, [len(self.data) - 1]
            elif rank == ranks[key]:
                self.index[key].append(len(self.data) - 1)


class NotRecorded(CannotOverwriteExistingCassetteException):  # type: ignore[misc]  # vcrpy has no types
    """A client asked what the recording does not answer. ``str()`` is one line that names what comes nearest."""

    def __init__(self, cassette: "Playing", failed_request: Any) -> None:
        self.cassette = cassette
        self.failed_request = failed_request
        self.similar_requests = cassette.nearest(failed_request)
        self.reason = "no_match" if self.similar_requests else "nothing_similar"
        Exception.__init__(self, _not_recorded(cassette, failed_request, self.similar_requests))


class Playing(Base):  # type: ignore[misc]  # vcrpy has no types
    """A recording in play. It finds an answer by its question, however many there are; records nothing, saves nothing
    and lets nothing through to a network. The same question again gets the next of its answers, and the last one from
    then on."""

    def __init__(self, path: str, tape: Tape) -> None:
        super().__init__(path, record_mode=RecordMode.NONE, allow_playback_repeats=True)
        self._tape = tape
        self._turns: dict[Key, int] = {}
        self.data = list(tape.data)
        self.rewound = True

    @property
    def root(self) -> str:
        """URL of the API root that was recorded."""
        return self._tape.cassette.root

    @property
    def manifest(self) -> Mapping[str, Any]:
        """All that the manifest says, as JSON."""
        return self._tape.cassette.manifest

    def can_play_response_for(self, request: Any) -> bool:
        """True. Raises NotRecorded where the recording has no answer: clients must not go on to a network."""
        if self._key(request) is None:
            raise NotRecorded(self, request)
        return True

    def play_response(self, request: Any) -> dict[str, Any]:
        """The next answer to a request. Raises NotRecorded where there is none."""
        key = self._key(request)
        if key is None:
            raise NotRecorded(self, request)
        positions, turn = self._tape.index[key], self._turns.get(key, 0)
        while turn < len(positions) - 1 and self.play_counts[positions[turn]]:
            turn += 1
        self._turns[key] = turn
        self.play_counts[positions[turn]] += 1
        answer = self.data[positions[turn]][1]
        return {**answer, "headers": {name: list(values) for name, values in answer["headers"].items()}}

    def rewind(self) -> None:
        """Begin anew: nothing was asked yet."""
        super().rewind()
        self._turns.clear()

    def find_requests_with_most_matches(self, request: Any) -> list[Any]:
        """None: some stubs of vcrpy would play what is merely similar."""
        return []

    def nearest(self, request: Any) -> list[Similar]:
        """The recorded requests that come nearest to one that is not recorded."""
        path = _path(normalised(request.uri))
        same = [one for one, _ in self.data if _path(normalised(one.uri)) == path]
        if not same:
            same = sorted((one for one, _ in self.data), key=lambda one: -_shared(one.uri, request.uri))[:MANY]
        compared = [(one, *_compared(request, one)) for one in same]
        found = {_told(one[0]): one for one in sorted(compared, key=lambda one: len(one[2]))}
        return list(found.values())[:SHOWN]

    def _key(self, request: Any) -> Key | None:
        keys = question_keys(request.method, request.uri, _fields(request))
        return next((key for key in keys if key in self._tape.index), None)

    def failure_of(self, request: Any) -> Failure | None:
        """Why the recording holds no whole answer to a request that was put; None where it was not."""
        keys = question_keys(request.method, request.uri, _fields(request))
        return next((self._tape.failures[key] for key in keys if key in self._tape.failures), None)

    def _responses(self, request: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        key = self._key(request)
        yield from ((at, self.data[at][1]) for at in (self._tape.index[key] if key else ()))

    def _load(self) -> None:
        """It came with the tape."""

    def _save(self, force: bool = False) -> None:
        """Nothing changes."""


def playing(tape: Tape) -> AbstractContextManager[Playing]:
    """While this lasts, every HTTP client that vcrpy knows is answered from the tape, and from nowhere else."""
    path = tape.cassette.folder or tape.cassette.root
    return CassetteContextDecorator.from_args(Playing, path=path, tape=tape)  # type: ignore[no-any-return]


def question_keys(method: str, url: str, fields: Fields) -> tuple[Key, ...]:
    """Under what a question is found, the strictest first: as it is; with any media type for no Accept, since that is
    what it means (RFC 9110, 12.5.1) and most clients say it unasked; with the parameters of the query in any order and
    spelling. Bodies are played decoded, so Accept-Encoding decides nothing."""
    accept, *others, _ = decisive(fields)
    anything = accept or "*/*"
    exact = normalised(url)
    return (
        ("0", method, exact, accept, *others),
        ("1", method, exact, anything, *others),
        ("2", method, _loose(exact), anything, *others),
    )


def _loose(url: str) -> str:
    path, question, query = url.partition("?")
    return f"{path}{question}{sorted(parse_qsl(query, keep_blank_values=True))}" if query else path


def _shared(one: str, other: str) -> int:
    """How many segments two URLs begin with alike."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _path(url: str) -> str:
    return url.partition("?")[0]


def _request(one: Recorded, fields: Fields) -> Any:
    """As vcrpy has it; a URL that it cannot take apart is given whole in escapes."""
    return Request(one.method, tapes.plain_url(one.url), None, dict(fields))


def _answer(one: Recorded, response: Response) -> dict[str, Any]:
    return tapes.played_of(one.method if one.exchange else "HEAD", response)  # those of others are as vcrpy plays them


def _fields(request: Any) -> Fields:
    pairs = request.headers.items()
    return tuple(
        (str(name), value.decode("latin-1") if isinstance(value, bytes) else str(value)) for name, value in pairs
    )


def _compared(request: Any, recorded: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """What two requests have in common, and what not."""
    names = ("method", "uri", "headers")
    asked, known = (
        (one.method, _loose(normalised(one.uri)), decisive(_fields(one))[:-1]) for one in (request, recorded)
    )
    same = [name for name, left, right in zip(names, asked, known, strict=True) if left == right]
    others = [
        (name, f"{left} != {right}") for name, left, right in zip(names, asked, known, strict=True) if left != right
    ]
    return same, others


def _told(request: Any) -> str:
    """A question in a few words."""
    fields = _fields(request)
    accept, language, origin, *_ = decisive(fields)
    said = [f"Accept: {accept}" if accept else "no Accept"]
    said += [f"{name}: {value}" for name, value in (("Accept-Language", language), ("Origin", origin)) if value]
    return f"{request.method} {request.uri} ({', '.join(said)})"


def _not_recorded(cassette: Playing, request: Any, nearest: list[Similar]) -> str:
    failure = cassette.failure_of(request)
    if failure is not None:
        because = f"{failure.stage}: {failure.because}"
        return f"{_told(request)} was asked and got no whole answer ({because}) in {cassette.path}."
    near = "; ".join(_told(one) for one, _, _ in nearest) or "nothing"
    return f"{_told(request)} is not recorded in {cassette.path}. What comes nearest: {near}."

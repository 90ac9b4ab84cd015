"""The home of vcrpy: tapes are written and those of others read by its own machinery.

In: exchanges, or a tape as text. Out: text, or what it holds. Importing this costs what importing vcrpy costs, which
looks for every HTTP client there is: nobody does before it is needed.
"""

from collections.abc import Iterable, Iterator

from vcr.request import Request  # type: ignore[import-untyped]  # vcrpy has no types
from vcr.serialize import deserialize, serialize  # type: ignore[import-untyped]
from vcr.serializers import jsonserializer, yamlserializer  # type: ignore[import-untyped]

from samsvar.model.exchange import Exchange
from samsvar.world import tapes
from samsvar.world.replay import Recorded


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
            yield tapes.recorded_of(told, response)
    except Exception as error:
        # vcrpy raises whatever its parsers raise; nothing is hidden.
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from error

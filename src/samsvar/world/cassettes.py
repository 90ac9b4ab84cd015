"""Recordings in vcrpy's own format, read for replay: the home of vcrpy.

A cassette is a folder: ``manifest.json`` (root of the API, day of recording, what the run was given) and one or more
``*.yaml`` or ``*.json`` files of interactions.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samsvar.errors import CassetteError
from samsvar.model.exchange import Fields, Login, Means, Response
from samsvar.world.replay import Recorded

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Cassette:
    """A recording: root of the API, day (ISO date) and source, what its run was given, and what was said."""

    root: str
    recorded: str
    source: str
    means: Means
    exchanges: tuple[Recorded, ...]


def is_cassette(folder: str) -> bool:
    """The folder has a manifest."""
    return (Path(folder) / MANIFEST).is_file()


def read_cassette(folder: str) -> Cassette:
    """The cassette in a folder. Raises CassetteError, naming the file, for what is missing or broken."""
    manifest = _manifest(Path(folder) / MANIFEST)
    files = sorted([*Path(folder).glob("*.yaml"), *(p for p in Path(folder).glob("*.json") if p.name != MANIFEST)])
    if not files:
        raise CassetteError(
            f"{folder} holds no interactions.", "A cassette has *.yaml or *.json files beside its manifest."
        )
    given = manifest.get("given", {})
    try:
        logins = tuple(Login(word) for word in given.get("logins", ()))
        origins = tuple(map(str, given.get("origins", ())))
    except (TypeError, ValueError) as error:
        raise CassetteError(f"{folder}/{MANIFEST}: {error}.", "Record again, or mend the manifest.") from error
    means = Means(bool(given.get("key")), bool(given.get("login")), logins, origins)
    exchanges = tuple(one for file in files for one in _interactions(file))
    return Cassette(
        manifest["root"], str(manifest.get("recorded", "")), str(manifest.get("source", "")), means, exchanges
    )


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CassetteError(f"{path} cannot be read: {error}.", "Record again, or mend the manifest.") from error
    if not isinstance(found, dict) or not isinstance(found.get("root"), str):
        raise CassetteError(f"{path} does not say the root of the API.", 'It needs "root": "https://.../api".')
    if not isinstance(found.get("given", {}), dict):
        raise CassetteError(f"{path}: what was given is not an object.", 'Write "given": {"key": true, "login": true}.')
    return found


def _interactions(path: Path) -> Iterator[Recorded]:
    from vcr.persisters.filesystem import FilesystemPersister  # type: ignore[import-untyped]  # vcrpy has no types
    from vcr.serializers import jsonserializer, yamlserializer  # type: ignore[import-untyped]

    serializer = jsonserializer if path.suffix == ".json" else yamlserializer
    try:
        requests, responses = FilesystemPersister.load_cassette(path, serializer)
        for request, response in zip(requests, responses, strict=True):
            yield Recorded(request.method, request.uri, _response(response), _fields(request.headers))
    except Exception as error:
        # vcrpy raises whatever its parsers raise; the file is named, nothing is hidden.
        because = " ".join(f"{type(error).__name__}: {error}".split())
        raise CassetteError(f"{path} is not a cassette ({because}).", "Record it again.") from error


def _response(found: dict[str, Any]) -> Response:
    body = found["body"]["string"]
    data = body if isinstance(body, bytes) else str(body).encode("utf-8")
    status = found["status"]
    fields = _fields(found["headers"])
    return Response(int(status["code"]), fields, data, str(status.get("message") or "").encode("latin-1", "replace"))


def _fields(headers: Any) -> Fields:
    pairs = []
    for name, values in headers.items():
        for value in values if isinstance(values, list | tuple) else [values]:
            pairs.append((name, value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    return tuple(pairs)

"""Recordings on the disk: a folder with a manifest and the hash of every file, whole or not there.

In: a Recording, or a folder. Out: a folder, or a Cassette. A folder by others (a manifest and tapes in the format of
vcrpy, no hashes) is read too.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from samsvar.errors import CassetteError, OutputError, UsageError
from samsvar.logic.recordings import exchange_document, exchange_from
from samsvar.model.exchange import Client, Login, Means, NotVisited
from samsvar.model.privacy import Part
from samsvar.model.recording import Recording, Run
from samsvar.world import tapes
from samsvar.world.files import mask
from samsvar.world.replay import Cassette, Recorded

FORMAT: Final = 1
"""Of the folder. A number that we do not know is refused, since its meaning may have changed."""

MANIFEST: Final = "manifest.json"
TAPE: Final = "tape.yaml"
FAILURES: Final = "failures.json"
"""Exchanges without a whole answer: no player of tapes could tell them from good ones, so they stand apart."""

LARGEST: Final = 1 << 30
"""Bytes of a file that is read."""

TO_SECONDS: Final = len("2026-11-01T12:00:00")

MOST: Final = 10_000_000
"""Exchanges that a run may have had."""

TEXTS: Final = ("recorded", "source", "samsvar", "contract", "profile", "stopped")
TAPES: Final = frozenset({".yaml", ".yml", ".json"})
PART: Final = ".part-"
AGAIN: Final = "Record it again."

Gate = Callable[[Iterable[Part]], None]
"""Is shown all that is about to be written, and raises to forbid it."""

Content = tuple[Part, ...]


# -- writing ----------------------------------------------------------------------------------------------------------


def check_free(folder: str, run: Run | None = None) -> None:
    """Find out before anything is asked whether a recording could be written there: what an earlier life of that run
    recorded gives way. Raises UsageError where something else is there already, OutputError where nothing can be."""
    where = _absolute(folder)
    if os.path.lexists(where) and not (where.is_dir() and not where.is_symlink()):
        raise UsageError(f"{folder} is there already and is no folder.", "Name a new folder.")
    if where.is_dir() and (where == Path.cwd() or any(where.iterdir())) and not _is_of(where, run):
        raise UsageError(f"{folder} is there already.", "A recording goes into a new folder: name another.")
    if not where.parent.is_dir():
        raise OutputError(
            f"{folder} cannot be written: there is no folder {where.parent}.", "Make it, or name another folder."
        )
    if not os.access(where.parent, os.W_OK):
        raise OutputError(f"{folder} cannot be written: no permission.", "Name a folder where you may write.")


def _is_of(where: Path, run: Run | None) -> bool:
    """A folder holds what a run recorded in an earlier life, and nothing else."""
    if run is None or where == Path.cwd():
        return False
    with contextlib.suppress(CassetteError):
        found = read_manifest(str(where))
        same = (found["root"], found.get("profile")) == (run.root, run.profile)
        since = str(found.get("recorded"))[:TO_SECONDS] >= run.begun[:TO_SECONDS]
        return same and since and {path.name for path in where.iterdir()} == {MANIFEST, *found.get("files", ())}
    return False


def write_recording(folder: str, recording: Recording, gate: Gate, open_types: Collection[str]) -> Mapping[str, Any]:
    """Write a recording to a folder that is not there yet, or empty, or holds what the same run recorded in an earlier
    life; afterwards it is there whole, or not at all.

    gate: is shown every byte before any is written, but for our own hashes; what it raises goes through. open_types:
    types of the contract whose resources anybody may read, which marks their parts as open. Gives the manifest. Raises
    UsageError, where the folder is there, and OutputError, where it cannot be written.
    """
    check_free(folder, recording.run)
    contents = {TAPE: _tape(recording, open_types)}
    failures = _failures(recording, open_types)
    if failures:
        contents[FAILURES] = failures
    manifest = _manifest_of(recording, contents)
    text = tapes.escaped(json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=2)) + "\n"
    said = (part for content in contents.values() for part in content)
    gate((*said, Part(MANIFEST, _without_hashes(text, manifest).encode("utf-8"))))
    contents[MANIFEST] = (Part(MANIFEST, text.encode("utf-8")),)
    _write(_absolute(folder), contents)
    return manifest


def _without_hashes(text: str, manifest: Mapping[str, Any]) -> str:
    """A manifest without the hashes of what the gate is shown anyway: one in some two thousand has eleven figures in
    a row that could be somebody's number."""
    for described in manifest["files"].values():
        text = text.replace(described["sha256"], "-" * len(described["sha256"]))
    return text


def _tape(recording: Recording, open_types: Collection[str]) -> Content:
    """The tape, line by line; the names of the parts say which exchange a line holds."""
    from samsvar.world.cassettes import tape_text

    answered = [one for one in recording.exchanges if one.response is not None]
    lines = tape_text(answered).encode("utf-8").splitlines(keepends=True)
    head, middle, end = lines[:2], lines[2:-1], lines[-1]
    return (
        Part(f"{TAPE}, head", b"".join(head)),
        *(
            Part(f"{TAPE}, exchange {one.number}", line, one.probe.type in open_types)
            for one, line in zip(answered, middle, strict=True)
        ),
        Part(f"{TAPE}, end", end),
    )


def _failures(recording: Recording, open_types: Collection[str]) -> Content:
    """A list of documents, one a line; nothing where nothing failed."""
    failed = [one for one in recording.exchanges if one.response is None]
    if not failed:
        return ()
    ends = [",\n"] * (len(failed) - 1) + ["\n"]
    return (
        Part(f"{FAILURES}, head", b"[\n"),
        *(
            Part(
                f"{FAILURES}, exchange {one.number}",
                (tapes.json_text(exchange_document(one)) + end).encode("utf-8"),
                one.probe.type in open_types,
            )
            for one, end in zip(failed, ends, strict=True)
        ),
        Part(f"{FAILURES}, end", b"]\n"),
    )


def _manifest_of(recording: Recording, contents: Mapping[str, Content]) -> dict[str, Any]:
    means = recording.means
    return {
        "format": FORMAT,
        "root": recording.root,
        "recorded": recording.recorded,
        "source": recording.source,
        "samsvar": recording.samsvar,
        "contract": recording.contract,
        "profile": recording.profile,
        "given": {
            "key": means.key,
            "login": means.login,
            "logins": [login.value for login in means.logins],
            "origins": list(means.origins),
            "unsafe": means.unsafe,
            "ours": means.ours,
            "clients": [client.value for client in means.clients],
        },
        "limits": dict(recording.limits),
        "asked": recording.asked,
        "stopped": recording.stopped,
        "not_visited": [
            {"reason": one.reason, "count": one.count, "example": one.example} for one in recording.not_visited
        ],
        "notes": list(recording.notes),
        "cleaned": dict(recording.cleaned),
        "counts": _counts(recording),
        "files": {name: _described(content) for name, content in contents.items()},
    }


def _counts(recording: Recording) -> dict[str, Any]:
    questions = Counter(one.probe.question for one in recording.exchanges)
    failures = sum(one.response is None for one in recording.exchanges)
    return {"exchanges": len(recording.exchanges), "failures": failures, "questions": dict(sorted(questions.items()))}


def _described(content: Content) -> dict[str, Any]:
    digest = hashlib.sha256()
    for part in content:
        digest.update(part.data)
    return {
        "sha256": digest.hexdigest(),
        "bytes": sum(len(part.data) for part in content),
        "interactions": len(content) - 2,  # head and end
    }


def _write(where: Path, contents: Mapping[str, Content]) -> None:
    """Beside, flushed to the disk, then renamed: nobody ever sees half of it under its name."""
    beside: Path | None = None
    aside: Path | None = None
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{where.name}{PART}", dir=where.parent))
        for name, content in contents.items():
            with (beside / name).open("xb") as stream:
                stream.writelines(part.data for part in content)
                stream.flush()
                os.fsync(stream.fileno())
        beside.chmod(0o777 & ~mask())  # as any new folder: a temporary one is its owner's alone
        _flush(beside)
        if where.is_dir():  # not every system renames over a folder, and none over a full one
            aside = where.rename(f"{beside}-before")
        beside.rename(where)
        beside = None
        _flush(where.parent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(
            f"{where} cannot be written ({reason}).", "Name a folder where you may write and where there is room."
        ) from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
            if aside is not None:
                with contextlib.suppress(OSError):
                    aside.rename(where)
        elif aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _flush(folder: Path) -> None:
    """A name is on the disk only when its folder is. Systems that cannot open a folder do so themselves."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _absolute(folder: str) -> Path:
    return Path(os.path.abspath(folder))  # noqa: PTH100  # a link is not followed: the name itself is what counts


# -- reading ----------------------------------------------------------------------------------------------------------


def is_cassette(folder: str) -> bool:
    """The folder has a manifest."""
    return (Path(folder) / MANIFEST).is_file()


def read_cassette(folder: str) -> Cassette:
    """The recording in a folder, or what others put into one. Raises CassetteError, naming the file and where it
    breaks, for what is missing, broken, changed since it was written, or of a format that we do not know."""
    where = Path(folder)
    manifest = read_manifest(folder)
    found: list[Recorded] = []
    for name in _names(where, manifest):
        data = _data(where / name)
        described = manifest.get("files", {}).get(name)
        if described is not None:
            _verify(where / name, data, described)
        here = list(_recorded(where / name, data))
        if described is not None and described.get("interactions") != len(here):
            raise CassetteError(
                f"{where / name} holds {len(here)} interactions; the manifest says {described.get('interactions')}.",
                AGAIN,
            )
        found += here
    return _cassette(where / MANIFEST, manifest, found)


def read_manifest(folder: str) -> dict[str, Any]:
    """What the manifest of a folder says. Raises CassetteError where it is none that we can read."""
    where = Path(folder)
    path = where / MANIFEST
    if not where.is_dir():
        raise CassetteError(f"There is no folder {folder}.", "Name the folder of a recording.")
    if where.name.startswith(".") and PART in where.name:
        raise CassetteError(f"{folder} is half-written: the recording was not finished.", "Remove it and record again.")
    if not os.path.lexists(path):
        raise CassetteError(f"{folder} has no {MANIFEST}: it is half-written, or no recording.", "Record it again.")
    try:
        found = tapes.DECODER.decode(_data(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CassetteError(f"{path} cannot be read: {error}.", "Record again, or mend the manifest.") from error
    if not isinstance(found, dict) or not isinstance(found.get("root"), str):
        raise CassetteError(f"{path} does not say the root of the API.", 'It needs "root": "https://.../api".')
    if found.get("format", FORMAT) != FORMAT:
        raise CassetteError(
            f"{path} is of format {found['format']}; this samsvar reads format {FORMAT}.", "Use a newer samsvar."
        )
    return found


def _names(where: Path, manifest: Mapping[str, Any]) -> list[str]:
    """The files to read: those that the manifest names, which must be all there are; without names those there are."""
    there = sorted(path.name for path in where.iterdir() if path.suffix in TAPES and path.name != MANIFEST)
    if "files" not in manifest:
        if not there:
            raise CassetteError(
                f"{where} holds no interactions.", "A cassette has *.yaml or *.json files beside its manifest."
            )
        return there
    files = manifest["files"]
    if not isinstance(files, dict) or not all(isinstance(one, dict) for one in files.values()):
        raise CassetteError(f"{where / MANIFEST}: files is no object of objects.", AGAIN)
    for name in files:
        if Path(name).name != name or "\\" in name or Path(name).suffix not in TAPES or name == MANIFEST:
            raise CassetteError(f"{where / MANIFEST} names {name!r}, which is no file of this folder.", AGAIN)
    for name in sorted({*there, *files}):
        if name not in files:
            raise CassetteError(f"{where / name} is not named in the manifest.", "Take it out, or record again.")
        if not os.path.lexists(where / name):
            raise CassetteError(f"{where / name} is missing; the manifest names it.", AGAIN)
    return list(files)


def _data(path: Path) -> bytes:
    """The bytes of a file that lies in its folder itself and is not beyond measure."""
    try:
        if path.is_symlink():
            raise CassetteError(f"{path} is a link to somewhere else.", "Put the file itself there.")
        if not path.is_file():
            raise CassetteError(f"{path} is no file.", AGAIN)
        if path.stat().st_size > LARGEST:
            raise CassetteError(
                f"{path} is {path.stat().st_size} bytes long; more than {LARGEST} are not read.",
                "Record less, in several recordings.",
            )
        return path.read_bytes()
    except OSError as error:
        raise CassetteError(f"{path} cannot be read ({error.strerror}).", "See who may read it.") from error


def _verify(path: Path, data: bytes, described: Mapping[str, Any]) -> None:
    if hashlib.sha256(data).hexdigest() == described.get("sha256") and len(data) == described.get("bytes"):
        return
    unturned = hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()
    if unturned == described.get("sha256"):
        raise CassetteError(f"{path} has other line ends than were recorded.", "Tell git: *.yaml -text, *.json -text.")
    if len(data) != described.get("bytes"):
        was = described.get("bytes")
        raise CassetteError(f"{path} ends at byte {len(data)}; {was} bytes were recorded.", AGAIN)
    raise CassetteError(f"{path} is not as it was recorded: its hash is another.", AGAIN)


def _recorded(path: Path, data: bytes) -> Iterator[Recorded]:
    """What a file holds. Raises CassetteError with the place where it breaks."""
    try:
        if path.name == FAILURES:
            yield from (Recorded.of(exchange_from(one)) for one in tapes.DECODER.decode(data.decode("utf-8")))
        elif tapes.is_ours(data):
            for line, at, found in tapes.interactions(data):
                yield _of_line(line, at, found)
        else:
            from samsvar.world.cassettes import foreign_tape

            yield from foreign_tape(data.decode("utf-8"), path.suffix)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        because = " ".join(f"{type(error).__name__}: {error}".split())
        raise CassetteError(f"{path} is not a cassette ({because}).", AGAIN) from error


def _of_line(line: int, at: int, found: Mapping[str, Any]) -> Recorded:
    try:
        return tapes.recorded_of(found["request"], found["response"])
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise tapes.TapeError(line, at, f"{type(error).__name__}: {error}") from error


def _cassette(path: Path, manifest: dict[str, Any], found: list[Recorded]) -> Cassette:
    """The manifest's words as values, the exchanges in their order."""
    try:
        asked = int(manifest.get("asked", len(found)))
        if not 0 <= asked <= MOST:
            raise ValueError(f"asked is {asked}")
        texts = {name: str(manifest.get(name, "")) for name in TEXTS}
        return Cassette(
            root=manifest["root"],
            means=_means(manifest.get("given", {})),
            exchanges=tuple(_ordered(path, found)),
            missing=_missing(found, asked),
            asked=asked,
            limits={str(name): int(value) for name, value in manifest.get("limits", {}).items()},
            not_visited=tuple(_not_visited(one) for one in manifest.get("not_visited", ())),
            notes=tuple(map(str, manifest.get("notes", ()))),
            cleaned=dict(manifest.get("cleaned", {})),
            manifest=manifest,
            folder=str(path.parent),
            **texts,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        because = f"{type(error).__name__}: {error}"
        raise CassetteError(f"{path} cannot be read ({because}).", "Record again, or mend the manifest.") from error


def _not_visited(one: Mapping[str, Any]) -> NotVisited:
    return NotVisited(str(one["reason"]), int(one["count"]), str(one.get("example", "")))


def _means(given: Mapping[str, Any]) -> Means:
    return Means(
        bool(given.get("key")),
        bool(given.get("login")),
        tuple(Login(word) for word in given.get("logins", ())),
        tuple(map(str, given.get("origins", ()))),
        bool(given.get("unsafe")),
        bool(given.get("ours")),
        tuple(Client(word) for word in given.get("clients", ())),
    )


def _ordered(path: Path, found: list[Recorded]) -> list[Recorded]:
    """By number; what has none stays in the order of the files, after the others."""
    numbers = Counter(one.number for one in found if one.number)
    twice = [number for number, count in numbers.items() if count > 1]
    if twice:
        raise CassetteError(f"{path.parent} holds exchange {min(twice)} more than once.", AGAIN)
    return sorted(found, key=lambda one: one.number or MOST + 1)


def _missing(found: list[Recorded], asked: int) -> tuple[int, ...]:
    """Where exchanges are numbered, or the manifest says how many there were: those that are not here."""
    numbers = {one.number for one in found if one.number}
    if not numbers and len(found) >= asked:
        return ()
    last = max(asked, *numbers) if numbers else asked
    if last > MOST:
        raise ValueError(f"there is an exchange {last}")
    return tuple(number for number in range(1, last + 1) if number not in numbers)

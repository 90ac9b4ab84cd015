"""The journal of one live run: what was asked and what was said, kept so that the run can go on after whatever ended
it: a kill, Ctrl-C, a power cut, a full disk.

In: what happens to each probe, cleaned already, told by the driver. Out: the same facts in a later life of the run.
What is told as sent or received is on the disk before the call returns; what is merely planned waits for the next such
fact. One file of SQLite (WAL), beside it its -wal and -shm while it is open, and a lock. Nothing here judges, cleans or
sends.
"""

import contextlib
import errno
import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from samsvar.errors import JournalError, UsageError
from samsvar.logic.recordings import probe_document, probe_from, said_document, said_from
from samsvar.model.exchange import Attempt, Failure, Probe, Response, Stage
from samsvar.world.driver import Said
from samsvar.world.transport import Outcome

FORMAT: Final = 1
"""Counts up when a journal of before can no longer be read."""
APPLICATION: Final = 0x73616D73
"""SQLite's application_id, at byte 68 of the file: nothing that does not bear it is ever replaced."""
MAGIC: Final = b"SQLite format 3\0"
BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""The file first: a -wal without its file is nothing to SQLite, a file without its -wal would be an older state."""
LOCK: Final = ".lock"

PROBES: Final = """
CREATE TABLE probes (
  number INTEGER PRIMARY KEY,
  probe TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,  -- 0: planned; more without said: sent; with said: received
  at REAL NOT NULL DEFAULT 0,
  said TEXT,
  failed TEXT,  -- the stage of a failure with which nothing at all came back
  body BLOB
)"""
PSEUDONYMS: Final = """
CREATE TABLE pseudonyms (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  pseudonym TEXT NOT NULL,
  sealed BLOB NOT NULL,
  UNIQUE (kind, pseudonym)
)"""
TABLES: Final = (
    "CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    PROBES,
    "CREATE TABLE bodies (hash BLOB PRIMARY KEY, data BLOB NOT NULL)",
    PSEUDONYMS,
    # What went out with an effect on a way that the run did not take again.
    "CREATE TABLE effects (request TEXT PRIMARY KEY)",
)
PLANNED: Final = "INSERT INTO probes (number, probe) VALUES (?, ?) ON CONFLICT DO NOTHING"
SENT: Final = "UPDATE probes SET tries = tries + 1, at = ?, said = NULL, failed = NULL, body = NULL WHERE number = ?"
BODY: Final = "INSERT INTO bodies VALUES (?, ?) ON CONFLICT DO NOTHING"
RECEIVED: Final = "UPDATE probes SET said = ?, failed = ?, body = ? WHERE number = ?"
RETRACTED: Final = "UPDATE probes SET tries = 0, at = 0, said = NULL, failed = NULL, body = NULL WHERE number = ?"
FORGOTTEN: Final = "DELETE FROM probes WHERE number >= ?"
EFFECT: Final = "INSERT INTO effects VALUES (?) ON CONFLICT DO NOTHING"
PSEUDONYM: Final = (
    "INSERT INTO pseudonyms (kind, pseudonym, sealed) VALUES (?, ?, ?)"
    " ON CONFLICT (kind, pseudonym) DO UPDATE SET sealed = excluded.sealed"
)
MEMBER: Final = "INSERT INTO run VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
RECALLED: Final = (
    "SELECT probe, tries, at, said, body, data FROM probes LEFT JOIN bodies ON hash = body WHERE number = ?"
)
OUT: Final = "SELECT probe FROM probes WHERE number >= ? AND tries > 0"

NOT_REACHED: Final = frozenset({Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.LOGIN})
"""Failures before the question went out."""
UNANSWERED: Final = NOT_REACHED | {Stage.SEND, Stage.RECEIVE, Stage.DEADLINE}
"""Failures that say something about the network of that day and nothing about the target: asked again."""
ANSWERED: Final = "SELECT count(*) FROM probes WHERE said IS NOT NULL AND coalesce(failed, '') NOT IN ({})".format(
    ", ".join(f"'{stage.value}'" for stage in sorted(UNANSWERED))
)
UNKNOWN: Final = "it was sent before the run was interrupted and is not sent again, because a GET there has an effect"

FULL: Final = "Make room and go on with --resume."
PLACE: Final = "Let it be written to and go on with --resume, or name another folder with --journal."
ANEW: Final = "Begin anew, without --resume."
REFUSED: Final[Mapping[int, tuple[str, str]]] = {
    sqlite3.SQLITE_FULL: ("disk full", FULL),
    sqlite3.SQLITE_IOERR: ("disk error", "See whether it is full, over quota or failing, and go on with --resume."),
    sqlite3.SQLITE_READONLY: ("read-only", PLACE),
    sqlite3.SQLITE_CANTOPEN: ("no permission", PLACE),
    sqlite3.SQLITE_PERM: ("no permission", PLACE),
    sqlite3.SQLITE_BUSY: ("another program holds it", "Close that and go on with --resume."),
}
"""What SQLite reports (primary result code) -> why, and what to do. Any other code means a damaged file."""

Effect = Callable[[Probe], bool]
"""Whether to send a probe changes something at the target, so that it must not be sent twice."""
Now = Callable[[], float]
"""Seconds since the epoch."""
Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a journal holds of a run: its header as it was given, how many answers need not be asked for again, when it
    began (ISO 8601, UTC), and its results (JSON) when it came to its end."""

    header: Mapping[str, Any]
    answered: int
    begun: str
    results: str | None = None

    @property
    def finished(self) -> bool:
        """It was judged to the end."""
        return self.results is not None


class RunJournal:
    """The journal of one run, open; a ``driver.Journal``. Made by ``begin`` and ``resume`` only.

    Every call that writes raises JournalError when it cannot, and so do all after it: a disk that refused once may
    report success the next time without having written.
    """

    def __init__(self, path: str, lock: "Lock", connection: sqlite3.Connection, effect: Effect, now: Now) -> None:
        self._path = path
        self._lock = lock
        self._connection = connection
        self._effect = effect
        self._now = now
        self._waiting: list[Statement] = []
        self._broken: JournalError | None = None

    @classmethod
    def begin(
        cls, path: str, header: Mapping[str, Any], *, durable: bool, effect: Effect, now: Now = time.time
    ) -> "RunJournal":
        """A new journal of a new run; an old one there is replaced. The folder is made if there is none (0700, ignored
        by git), the file is for its owner only (0600).

        header: what the run is, as JSON values without secrets. durable: what is told stands a power cut, not only a
        kill, at the price of waiting for the disk. effect: whether sending a probe changes something; such a probe is
        never sent again when its answer is unknown. Raises UsageError when another process writes this journal,
        JournalError when it cannot be written or when the file there is something else.
        """
        with _opening(path, now) as (lock, undo):
            _must_be_ours(path)
            for name in BESIDE:
                Path(path + name).unlink(missing_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))  # SQLite gives its others the same mode
            connection = undo.enter_context(contextlib.closing(connected(path, durable=durable)))
            journal = cls(path, lock, connection, effect, now)
            journal._start(header)
            undo.pop_all()
        return journal

    @classmethod
    def resume(
        cls, path: str, header: Mapping[str, Any], *, durable: bool, effect: Effect, now: Now = time.time
    ) -> "RunJournal":
        """The journal of a run that goes on; from then on that run is unfinished until it is judged again.

        Parameters as of ``begin``. Raises UsageError when there is none, when its header differs in any member, or when
        another process writes it; JournalError when it is damaged, of another format, no journal, or not writable.
        """
        if not Path(path).is_file():
            raise UsageError(f"There is no run to go on with at {path}.", ANEW)
        with _opening(path, now) as (lock, undo):
            _must_be_ours(path)
            connection = undo.enter_context(contextlib.closing(connected(path, durable=durable)))
            journal = cls(path, lock, connection, effect, now)
            found = _found(connection)
            if found is None:  # killed before the first table: nothing was asked
                journal._start(header)
            else:
                _must_be_same(path, found.header, header)
                journal._write(("DELETE FROM run WHERE name = 'results'", ()))
            undo.pop_all()
        return journal

    def recall(self, number: int, probe: Probe) -> Said | None:
        """What was said to this probe in an earlier life; None when it is to be asked (again).

        When another probe bears the number, the run has gone another way: all from there on is forgotten. A probe that
        went out and whose answer is unknown is asked again, unless it has an effect: then it has failed, INTERRUPTED.
        """
        with _translated(self._path):
            row = self._connection.execute(RECALLED, (number,)).fetchone()
        if row is not None and row[0] != _text(probe_document(probe)):
            self._forget(number)
            row = None
        if row is None:
            return self._spent(probe)
        _, tries, at, text, body, data = row
        if text is None:
            return _interrupted(at) if tries and self._effect(probe) else None
        said = self._read(text, body, data)
        return said if _stands(said, effect=self._effect(probe)) else None

    def planned(self, number: int, probe: Probe) -> None:
        """A probe will be sent. Reaches the disk with the next fact; a row that ``recall`` gave up stays as it is."""
        self._waiting.append((PLANNED, (number, _text(probe_document(probe)))))

    def sent(self, number: int) -> None:
        """A planned probe goes out as soon as this returns; told before each attempt."""
        self._write((SENT, (self._now(), number)))

    def received(self, number: int, said: Said) -> None:
        """The last outcome of a probe, and the attempts before it."""
        bare, body = _without_body(said[0])
        key = hashlib.sha256(body).digest() if body else None
        failure = bare.failure
        failed = failure.stage.value if failure is not None and failure.response is None else None
        bodies = [(BODY, (key, body))] if body else []
        self._write(*bodies, (RECEIVED, (_text(_document((bare, said[1]))), failed, key, number)))

    def retract(self, numbers: Sequence[int]) -> None:
        """What was said to these probes stands in this life, and is asked for again in the next."""
        self._write(*((RETRACTED, (number,)) for number in numbers))

    def keep_pseudonyms(self, rows: Iterable[tuple[str, str, bytes]]) -> None:
        """Rows (kind, pseudonym, sealed) to hand back when the run goes on; a pseudonym of the same kind is kept once,
        as given last. Reaches the disk with the next fact, so never after an answer in which one of them stands."""
        self._waiting += ((PSEUDONYM, row) for row in rows)

    def pseudonyms(self) -> tuple[tuple[str, str, bytes], ...]:
        """All of them, of every life of the run, in the order in which they were first given."""
        self._write()
        with _translated(self._path):
            return tuple(self._connection.execute("SELECT kind, pseudonym, sealed FROM pseudonyms ORDER BY id"))

    def judged(self, results: str) -> None:
        """The run came to its end: its results, as JSON text."""
        self._write((MEMBER, ("results", results)))

    @property
    def answered(self) -> int:
        """How many answers need not be asked for again."""
        with _translated(self._path):
            return int(self._connection.execute(ANSWERED).fetchone()[0])

    @property
    def begun(self) -> str:
        """When the run began, in its first life (ISO 8601, UTC)."""
        with _translated(self._path):
            return str(self._connection.execute("SELECT value FROM run WHERE name = 'begun'").fetchone()[0])

    def close(self) -> None:
        """Let others have it. A second time, nothing happens."""
        try:
            if self._waiting and self._broken is None:
                self._write()
        finally:
            self._waiting.clear()
            self._connection.close()
            self._lock.release()

    def remove(self) -> None:
        """Close it and delete it, with all that lies beside it. Raises JournalError when it cannot be deleted."""
        self._waiting.clear()
        self._connection.close()
        with _translated(self._path):
            for name in BESIDE:
                Path(self._path + name).unlink(missing_ok=True)
            self._lock.remove()

    def _start(self, header: Mapping[str, Any]) -> None:
        members = {"header": _text(dict(header)), "begun": _iso(self._now())}
        self._write(*((table, ()) for table in TABLES), *((MEMBER, member) for member in members.items()))

    def _write(self, *statements: Statement) -> None:
        """What waits and these, in one transaction."""
        if self._broken is not None:
            raise JournalError(self._broken.what, self._broken.remedy)
        try:
            with _translated(self._path), self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement in (*self._waiting, *statements):
                    self._connection.execute(*statement)
        except JournalError as error:
            self._broken = error
            raise
        # Cleared only now: were this left out after an interrupt, the same statements would do no harm.
        self._waiting.clear()

    def _forget(self, number: int) -> None:
        """Drops all from a number on, but not that something with an effect went out."""
        with _translated(self._path):
            texts = [row[0] for row in self._connection.execute(OUT, (number,))]
        with _understood(self._path):
            out = [probe_from(json.loads(text)) for text in texts]
        effects = ((EFFECT, (_request(probe),)) for probe in out if self._effect(probe))
        self._write(*effects, (FORGOTTEN, (number,)))

    def _spent(self, probe: Probe) -> Said | None:
        """INTERRUPTED for a probe whose effect took place on a way that the run did not take again."""
        if not self._effect(probe):
            return None
        with _translated(self._path):
            found = self._connection.execute("SELECT 1 FROM effects WHERE request = ?", (_request(probe),)).fetchone()
        return None if found is None else _interrupted(0.0)

    def _read(self, text: str, key: bytes | None, data: bytes | None) -> Said:
        if key is not None and (data is None or hashlib.sha256(data).digest() != key):
            _damaged(self._path, "a body is not what was kept")
        with _understood(self._path):
            outcome, attempts = _said(json.loads(text))
        return _with_body(outcome, data or b""), attempts


def unfinished(path: str) -> Unfinished | None:
    """What the journal at a path holds, whether or not a run is writing it; None when there is none or nothing in it.
    Raises JournalError when it is damaged, of another format, no journal, or cannot be read."""
    if not Path(path).is_file():
        return None
    with _translated(path):
        _must_be_ours(path)
        if not Path(path).stat().st_size:
            return None
        with contextlib.closing(connected(path, durable=False)) as connection:
            return _found(connection)


def connected(path: str, *, durable: bool) -> sqlite3.Connection:
    """A connection to the file of a journal, which is marked as one when it is empty. Raises JournalError for a file of
    another format or a damaged one, sqlite3.Error when it cannot be opened."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            with connection:  # both or none: a mark without its format would be of another one
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {FORMAT}")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found != FORMAT:
            what = f"The journal {path} is of format {found}, this samsvar reads format {FORMAT}."
            raise JournalError(what, "Go on with the samsvar that began it, or begin anew, without --resume.")
        _set_up(connection, durable=durable)
        sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if sound != "ok":
            _damaged(path, sound)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection, *, durable: bool) -> None:
    """Readers never wait for the writer; every commit is flushed (FULL) or only never torn (NORMAL)."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA fullfsync = {int(durable)}")  # macOS: a plain fsync stops at the cache of the drive


@contextlib.contextmanager
def _opening(path: str, now: Now) -> Iterator[tuple["Lock", contextlib.ExitStack]]:
    """The lock of a journal, let go when opening it fails; so is what is put on the stack."""
    with _translated(path), contextlib.ExitStack() as undo:
        _make_folder(Path(path).parent)
        lock = Lock(path)
        undo.callback(lock.release)
        lock.sign(_iso(now()))
        yield lock, undo


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _must_be_ours(path: str) -> None:
    """Raises JournalError when a file is there that is neither a journal nor empty."""
    if not Path(path).exists():
        return
    with Path(path).open("rb") as stream:
        head = stream.read(100)
    if head and not (head.startswith(MAGIC) and head[68:72] == APPLICATION.to_bytes(4, "big")):
        raise JournalError(f"{path} is no journal of a run.", "Name another file, or remove it.")


def _must_be_same(path: str, then: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raises UsageError when a run would go on as another run."""
    now = json.loads(_text(dict(given)))
    names = sorted(name for name in then.keys() | now.keys() if _shown(then, name) != _shown(now, name))
    if names:
        differences = "; ".join(f"{name}: then {_shown(then, name)}, now {_shown(now, name)}" for name in names)
        raise UsageError(
            f"The journal {path} is of another run: {differences}.",
            "Give the same options again, or begin anew, without --resume.",
        )


def _shown(header: Mapping[str, Any], name: str) -> str:
    return json.dumps(header[name], ensure_ascii=False, sort_keys=True) if name in header else "not given"


def _found(connection: sqlite3.Connection) -> Unfinished | None:
    """What the tables hold; None when there are none yet."""
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        return None
    run = dict(connection.execute("SELECT name, value FROM run"))
    answered = connection.execute(ANSWERED).fetchone()[0]
    return Unfinished(json.loads(run["header"]), answered, run["begun"], run.get("results"))


def _interrupted(at: float) -> Said:
    return Outcome(None, Failure(Stage.INTERRUPTED, UNKNOWN), at=at), ()


def _stands(said: Said, *, effect: bool) -> bool:
    """Whether an outcome is an answer. That nothing came back is none, but what has an effect is not risked again
    unless it certainly never went out. What came with a login that failed was said to the login."""
    outcome, attempts = said
    if outcome.failure is None:
        return True
    stage = outcome.failure.stage
    if outcome.failure.response is not None and stage is not Stage.LOGIN:
        return True
    return stage not in UNANSWERED or (effect and (stage not in NOT_REACHED or bool(attempts)))


def _request(probe: Probe) -> str:
    """What makes two probes the same to the target, whatever led to them."""
    return _text([probe.method, probe.url, probe.headers, probe.login])


def _document(said: Said) -> dict[str, Any]:
    outcome, attempts = said
    return {
        **said_document(outcome.response, outcome.failure),
        "sent": outcome.sent,
        "credentials": outcome.credentials,
        "attempts": [[one.status, one.because, one.waited] for one in attempts],
        "at": outcome.at,
        "seconds": outcome.seconds,
    }


def _said(document: Mapping[str, Any]) -> Said:
    outcome = Outcome(
        *said_from(document),
        tuple((name, value) for name, value in document["sent"]),
        tuple(document["credentials"]),
        document["at"],
        document["seconds"],
    )
    return outcome, tuple(Attempt(*one) for one in document["attempts"])


def _without_body(outcome: Outcome) -> tuple[Outcome, bytes]:
    """Bodies are kept apart, each once: in many formats and logins the same is said."""
    response = _came(outcome)
    return (_with_body(outcome, b""), response.body) if response is not None else (outcome, b"")


def _with_body(outcome: Outcome, body: bytes) -> Outcome:
    response, failure = outcome.response, outcome.failure
    if response is not None:
        return replace(outcome, response=replace(response, body=body))
    if failure is not None and failure.response is not None:
        return replace(outcome, failure=replace(failure, response=replace(failure.response, body=body)))
    return outcome


def _came(outcome: Outcome) -> Response | None:
    """What came back, whole or not."""
    return outcome.failure.response if outcome.failure is not None else outcome.response


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _damaged(path: str, because: str) -> NoReturn:
    raise JournalError(f"The journal {path} is damaged ({because}).", ANEW)


@contextlib.contextmanager
def _understood(path: str) -> Iterator[None]:
    """What a journal holds is JSON of the form in which it was written, or the journal is damaged."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise JournalError(f"The journal {path} is damaged ({type(error).__name__}).", ANEW) from error


@contextlib.contextmanager
def _translated(path: str) -> Iterator[None]:
    """The refusals of disk and database, as JournalError."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # ours
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code not in REFUSED:
            raise JournalError(f"The journal {path} is damaged ({error}).", ANEW) from error
        reason, remedy = REFUSED[code]
        raise JournalError(f"The journal {path} cannot be written ({reason}).", remedy) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        reason = "disk full" if full else error.strerror or type(error).__name__
        raise JournalError(f"The journal {path} cannot be written ({reason}).", FULL if full else PLACE) from error


if sys.platform == "win32":
    import msvcrt

    BEYOND: Final = 1 << 30
    """Windows keeps others from reading what is locked: so not the text, but a byte far behind it."""

    def _locked(handle: int) -> bool:
        os.lseek(handle, BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        os.lseek(handle, 0, os.SEEK_SET)
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, BEYOND, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


class Lock:
    """The sole right to write a journal. The system holds it for this process, so that it ends with the process however
    that ends; the file beside the journal only says to others who has it (pid and start)."""

    def __init__(self, journal: str) -> None:
        """Raises UsageError, naming the holder, when another has it; OSError when there can be no such file."""
        self._path = Path(journal + LOCK)
        self._handle: int | None = self._taken(journal)

    def sign(self, since: str) -> None:
        """Tell others who has it."""
        if self._handle is not None:
            text = f"pid {os.getpid()}, since {since}\n".encode()
            os.write(self._handle, text)
            os.ftruncate(self._handle, len(text))

    def release(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            _unlock(self._handle)
            os.close(self._handle)
            self._handle = None

    def remove(self) -> None:
        """Let go and delete the file: while it is held, or another could take it in between and hold what is gone."""
        if sys.platform != "win32":
            self._path.unlink(missing_ok=True)
            self.release()
        else:  # where what is open cannot be deleted, not even by who else has opened it
            self.release()
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _taken(self, journal: str) -> int:
        for _ in range(100):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            if not _locked(handle):
                holder = os.read(handle, 200).decode("utf-8", "replace").strip() or "a process that just began"
                os.close(handle)
                raise UsageError(
                    f"Another run writes the journal {journal} ({holder}).", "Wait for it, or name another file."
                )
            if self._is(handle):
                return handle
            os.close(handle)  # deleted by who held it, between our opening and our locking
        raise UsageError(f"Other runs come and go on the journal {journal}.", "Name another file.")

    def _is(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

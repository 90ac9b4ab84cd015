"""Whole commands as processes that can be killed, and a target that survives them and counts what it is asked."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import samsvar
from samsvar.miniature import Answer, Ask, Miniature, serve
from samsvar.miniature import credentials as given
from samsvar.world.journal import UNANSWERED

NIGHT = bool(os.environ.get("SAMSVAR_NIGHTLY"))
PATIENCE = 60.0
"""Seconds after which a command that should have ended is a failure of its own."""
Hook = Callable[[int, Ask], Answer | None]
"""Sees the number and the words of each request before it is answered; may answer it itself."""


class Counting:
    """The miniature on a port, as long as the test lasts. ``asked``: all that arrived, in that order."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._arrived = threading.Condition()
        self.asked: list[str] = []
        self.hook: Hook | None = None
        self._served = serve(self._at)  # type: ignore[arg-type]  # all that is called is answer
        self.root = self._served.root

    def _at(self, root: str) -> "Counting":
        self.root = root
        self.anew()
        return self

    def anew(self) -> None:
        """As if nobody had ever asked."""
        self.miniature = Miniature(self.root, size=self._size)
        self.asked = []
        self.hook = None

    def answer(self, ask: Ask) -> Answer:
        with self._arrived:
            self.asked.append(words(ask))
            number = len(self.asked)
            self._arrived.notify_all()
        said = self.hook(number, ask) if self.hook is not None else None
        return said if said is not None else self.miniature.answer(ask)

    def wait_for(self, number: int, process: subprocess.Popen[str]) -> None:
        """Until so many requests arrived, or the process that asks has ended."""
        with self._arrived:
            while len(self.asked) < number and process.poll() is None:
                self._arrived.wait(0.02)

    def settle(self) -> None:
        """Until all is counted that a client sent before it was gone: each of its connections has come to its end."""
        quiet, until = 0, time.monotonic() + PATIENCE
        while quiet < 3 and time.monotonic() < until:
            busy = any("process_request_thread" in thread.name for thread in threading.enumerate())
            quiet = 0 if busy else quiet + 1
            time.sleep(0.005)

    def close(self) -> None:
        self._served.close()


def words(ask: Ask) -> str:
    """All of a request that makes it another question."""
    fields = sorted(f"{name}: {value}" for name, value in ask.headers if name.lower() not in ("host", "connection"))
    return "\n".join((f"{ask.method} {ask.target}", *fields, repr(ask.body)))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. ``asked``: how many requests arrived meanwhile."""

    code: int
    out: str
    err: str
    asked: int

    @property
    def told(self) -> list[str]:
        """What it said of itself, line by line."""
        return [line for line in self.err.splitlines() if line.startswith("samsvar: ")]


def attentive() -> None:
    """A command begins as from a terminal: whoever started the tests in the background has Ctrl-C ignored for all."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


ATTENTIVE = attentive if os.name == "posix" else None


@dataclass(slots=True)
class Folder:
    """A working folder in which commands are run against one target. ``alone``: one after the other."""

    path: Path
    target: Counting
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    program: tuple[str, ...] = ("-m", "samsvar")
    alone: bool = True

    def line(self, command: str) -> list[str]:
        return [*self.prefix, sys.executable, *self.program, *command.replace("URL", self.target.root).split()]

    @contextmanager
    def started(self, command: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
        """A command under way; what is left of it is killed."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "preexec_fn": ATTENTIVE, **more}
        with subprocess.Popen(
            self.line(command), cwd=self.path, env=surroundings(self.environment), text=True, encoding="utf-8", **pipes
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, command: str, during: Callable[[subprocess.Popen[str]], None] | None = None, **more: Any) -> Ended:
        """A command to its end; ``during`` is done to it meanwhile."""
        before = len(self.target.asked)
        with self.started(command, **more) as process:
            if during is not None:
                during(process)
            out, err = process.communicate(timeout=PATIENCE)
        if self.alone:
            self.target.settle()
        return Ended(process.returncode, out or "", err or "", len(self.target.asked) - before)

    def at(self, number: int) -> Callable[[subprocess.Popen[str]], None]:
        """The moment when that many more requests have arrived."""
        wanted = len(self.target.asked) + number
        return lambda process: self.target.wait_for(wanted, process)

    def signalled(
        self, number: int, *signals: signal.Signals, pause: float = 0.2
    ) -> Callable[[subprocess.Popen[str]], None]:
        """Signals, one after the other, while the target answers only so many more requests and the others wait. pause:
        seconds after each."""
        gone = threading.Event()
        most = len(self.target.asked) + number

        def hold(at: int, _: Ask) -> None:
            if at > most:
                gone.wait(20)

        self.target.hook = hold

        def send(process: subprocess.Popen[str]) -> None:
            self.target.wait_for(most + 1, process)
            for one in signals:
                process.send_signal(one)
                time.sleep(pause)
            gone.set()
            self.target.hook = None

        return send

    @property
    def journals(self) -> list[Path]:
        return sorted(self.path.glob(".samsvar/*.journal"))

    def left(self) -> list[str]:
        """All that lies there, but for the folder of journals itself."""
        there = (path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())
        return sorted(name for name in there if name != ".samsvar/.gitignore")


def surroundings(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command: the miniature's credentials and one key of pseudonyms, and no settings of ours."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SAMSVAR_")}
    return {
        **ours,
        "SAMSVAR_CLIENTS": "none",
        "PYTHONPATH": str(Path(samsvar.__path__[0]).parent),
        "SAMSVAR_API_KEY": given.API_KEY,
        "SAMSVAR_TOKEN": given.TOKEN,
        "SAMSVAR_PSEUDONYM_KEY": "5a" * 32,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Facts:
    """What a journal holds: answers that need not be asked for again, and questions that went out and were not
    answered."""

    answered: int = 0
    flying: int = 0


def facts(folder: Folder) -> Facts:
    """The facts of the one journal in a folder, read from a copy, so that it stays as a kill left it."""
    if not folder.journals:
        return Facts()
    with tempfile.TemporaryDirectory() as copies:
        for path in folder.path.glob(".samsvar/*.journal*"):
            if path.suffix != ".lock":
                shutil.copy(path, copies)
        with closing(sqlite3.connect(Path(copies, folder.journals[0].name))) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                return Facts()
            nothing = ", ".join(f"'{stage.value}'" for stage in UNANSWERED)
            answered = f"SELECT count(*) FROM probes WHERE said IS NOT NULL AND coalesce(failed, '') NOT IN ({nothing})"
            flying = "SELECT count(*) FROM probes WHERE tries > 0 AND said IS NULL"
            return Facts(*(connection.execute(query).fetchone()[0] for query in (answered, flying)))


def results(path: Path) -> Any:
    """The results in a file, but for how long it took."""
    found = json.loads(path.read_text(encoding="utf-8"))
    del found["seconds"]
    return found


TIMES = re.compile(rb'"at": [0-9.e+-]+, "seconds": [0-9.e+-]+')


def recording(folder: Path) -> Mapping[str, Any]:
    """All files of a recording, but for when it was and how long it took."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["recorded"]
    for name in manifest["files"]:
        del manifest["files"][name]["sha256"], manifest["files"][name]["bytes"]
    return {"manifest": manifest, **{name: TIMES.sub(b"", (folder / name).read_bytes()) for name in manifest["files"]}}


def more_than(several: Counter[str], few: Counter[str]) -> Counter[str]:
    """What was asked more often than it should have been, and how much more often. What was asked less often is in it
    too, below zero."""
    return Counter({one: several[one] - few[one] for one in several | few if several[one] != few[one]})

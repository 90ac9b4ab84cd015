"""Whole commands go on after whatever ended them, and come to the end of an unbroken run: the same results byte for
byte, the same recording, and nothing asked again that was answered.

In the gate few kills, at night 300, and one at every write of a small run.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from enduring import NIGHT, Counting, Facts, Folder, facts, more_than, recording, results, surroundings

from samsvar.cli import main
from samsvar.miniature import Answer, Ask
from samsvar.miniature import credentials as given
from samsvar.model.exchange import Target
from samsvar.world import driver

Capture = pytest.CaptureFixture[str]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals, limits or permissions of this kind")
KEPT = "samsvar: what was answered is kept; go on with the same command and --resume"
SOME = "--budget 120"
"""Enough to come to lists and messages, few enough to be quick."""


@pytest.fixture(scope="module")
def target() -> Iterator[Counting]:
    served = Counting(size=3)
    yield served
    served.close()


@pytest.fixture
def folder(tmp_path: Path, target: Counting) -> Folder:
    (tmp_path / "work").mkdir()
    target.anew()
    return Folder(tmp_path / "work", target)


Whole = Callable[[str], tuple[Path, list[str]]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, target: Counting) -> Whole:
    """What an unbroken run of a command leaves, and what it asked."""

    @cache
    def run(command: str) -> tuple[Path, list[str]]:
        target.anew()
        made = Folder(tmp_path_factory.mktemp("whole"), target)
        ended = made.run(command)
        assert ended.code in (0, 3) and not ended.told, ended.err
        assert not made.journals
        asked = target.asked
        target.anew()
        return made.path, asked

    return run


# -- kills ------------------------------------------------------------------------------------------------------------

Moment = Callable[[subprocess.Popen[str]], None]


class Chain:
    """One run, killed again and again. What was acknowledged in one life is not asked in the next: of what arrives in a
    life, all but what was in flight at its end is then in the journal."""

    def __init__(self, folder: Folder, command: str, asked: list[str]) -> None:
        self.folder = folder
        self.command = command
        self.asked = Counter(asked)
        self.kills = 0
        self.again = 0
        self.ended = False
        self._before = Facts()

    def live(self, until: Moment | None = None) -> None:
        """One life, killed at a moment unless it has ended before."""

        def during(process: subprocess.Popen[str]) -> None:
            if until is not None:
                until(process)
                process.kill()

        begun = bool(self.folder.journals)
        life = self.folder.run(f"{self.command} --resume" if begun else self.command, during)
        if life.code != -signal.SIGKILL:
            assert life.code in (0, 3) and not life.told and not self.folder.journals, life.err
        self.kills += life.code == -signal.SIGKILL
        if self.folder.journals:
            now = facts(self.folder)
            fresh = now.answered - self._before.answered
            assert 0 <= fresh <= life.asked <= fresh + now.flying
            self.again += life.asked - fresh
            self._before = now
        elif begun or life.asked:
            self._end(life.asked)

    def _end(self, asked: int) -> None:
        """All that was asked is what an unbroken run asks, and what was in flight when a life was killed once more."""
        self.ended = True
        assert asked == self.asked.total() - self._before.answered
        again = more_than(Counter(self.folder.target.asked), self.asked)
        assert min(again.values(), default=0) >= 0 and max(again.values(), default=0) <= self.kills
        assert again.total() == self.again


def moment(chance: random.Random, folder: Folder, most: int) -> Moment:
    """Some moment of a life: soon after a request arrived, or while it starts, or when all is asked."""
    number = chance.randint(1, most)
    late = chance.random()
    if chance.random() < 0.2:
        return lambda process: waited(process, late)
    at = folder.at(number)

    def asking(process: subprocess.Popen[str]) -> None:
        at(process)
        waited(process, late * (0.02 if chance.random() < 0.8 else 1.0))

    return asking


def waited(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


DAY = [("check", 1, 4), ("record", 2, 4)]
NIGHTS = [*(("check", seed, 20) for seed in range(8)), *(("record", seed, 20) for seed in range(7))]
"""(command, seed, kills of the chain): 300."""
BOTH = {"check": "check URL --results r.json", "record": "record URL -o tape --results r.json"}


@POSIX
@pytest.mark.parametrize(("command", "seed", "kills"), NIGHTS if NIGHT else DAY)
def test_a_run_killed_again_and_again_comes_to_the_end_of_an_unbroken_one(
    command: str, seed: int, kills: int, folder: Folder, whole: Whole
) -> None:
    line = f"{BOTH[command]} {'' if NIGHT and seed % 2 else SOME}"
    unbroken, asked = whole(line)
    chance = random.Random(seed)
    done = again = 0
    while done < kills:
        folder = anew(folder)
        chain = Chain(folder, line, asked)
        while done + chain.kills < kills and not chain.ended:
            chain.live(moment(chance, folder, max(2, 2 * len(asked) // kills)))
        if not chain.ended:
            chain.live()
        assert chain.ended
        done, again = done + chain.kills, again + chain.again
        assert results(folder.path / "r.json") == results(unbroken / "r.json")
        if command == "record":
            assert recording(folder.path / "tape") == recording(unbroken / "tape")
    print(f"{command} {seed}: {done} kills, {again} requests twice, {len(asked)} in an unbroken run")


def anew(folder: Folder) -> Folder:
    """Another working folder for another run."""
    folder.target.anew()
    path = folder.path.with_name(f"{folder.path.name}-")
    path.mkdir()
    return replace(folder, path=path)


KILLER = """
import os, pathlib, signal, sys
from samsvar.cli import main
left = [int(sys.argv.pop(1))]
def dying(call):
    def one(*given, **named):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)
    return one
os.fsync, pathlib.Path.rename, pathlib.Path.replace = map(dying, (os.fsync, pathlib.Path.rename, pathlib.Path.replace))
sys.exit(main())
"""
"""samsvar, killed when it is about to flush or rename a file for the n-th time: the tape, the manifest, their folder,
the name of that, the folder around it, the results, the name of those."""


@POSIX
@pytest.mark.parametrize("number", range(1, 8) if NIGHT else (3, 5))
def test_no_half_recording_is_ever_taken_for_a_whole_one(number: int, folder: Folder, whole: Whole) -> None:
    line = "record URL -o tape --results r.json --budget 25"
    unbroken, asked = whole(line)
    folder.program = ("-c", KILLER, str(number))
    assert folder.run(line).code == -signal.SIGKILL
    folder.program = ("-m", "samsvar")
    half = sorted(path.name for path in folder.path.glob(".tape.part-*"))
    assert len(half) == (number < 5) and (folder.path / "tape").exists() == (number > 4)
    for name in half:
        assert folder.run(f"check {name}").code in (2, 3)
    if number > 4:
        assert recording(folder.path / "tape") == recording(unbroken / "tape")
    life = folder.run(f"{line} --resume")
    assert (life.code, life.asked, life.told) == (0, 0, [])
    assert recording(folder.path / "tape") == recording(unbroken / "tape")
    assert results(folder.path / "r.json") == results(unbroken / "r.json")
    assert len(folder.target.asked) == len(asked) and not folder.journals


CALLS = ("pwrite64", "write", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "mkdir", "rmdir")
"""By which a run changes what lies on the disk."""


@pytest.mark.skipif(not NIGHT, reason="a kill at every write takes minutes: SAMSVAR_NIGHTLY=1")
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("call", CALLS)
def test_a_run_killed_at_any_write_goes_on_to_the_end_of_an_unbroken_one(
    call: str, folder: Folder, whole: Whole
) -> None:
    line = "record URL -o tape --results r.json --budget 8"
    unbroken, asked = whole(line)
    for number in count(1):
        folder = anew(folder)
        folder.prefix = ("strace", "-f", "-qqq", "-o", os.devnull, "-e", f"trace={call}")
        folder.prefix += ("-e", f"inject={call}:signal=SIGKILL:when={number}")
        chain = Chain(folder, line, asked)
        chain.live()
        folder.prefix = ()
        if not chain.kills:
            break
        if not chain.ended:
            chain.live()
        assert chain.ended
        assert results(folder.path / "r.json") == results(unbroken / "r.json")
        assert recording(folder.path / "tape") == recording(unbroken / "tape")
    print(f"{call}: {number - 1} kills")


EFFECTS = ("PATCH /api/my/messages", "POST /api/samsvar-no-such-resource", "GET /api/my/messages/a1000000")
"""The last is a message, read in the way that marks it as read."""


@POSIX
def test_what_has_an_effect_is_never_sent_twice(folder: Folder, whole: Whole) -> None:
    """Killed whenever something with an effect has arrived and is not answered yet."""
    line = "check URL --unsafe-methods --select GET --results r.json"
    chosen = EFFECTS if NIGHT else EFFECTS[2:]  # which is the last, after all others
    asked = Counter(whole(line)[1]) if NIGHT else None
    for effect in chosen:
        begun = bool(folder.journals)
        life = folder.run(f"{line} --resume" if begun else line, killed_at(folder.target, effect))
        assert life.code == -signal.SIGKILL
    life = folder.run(f"{line} --resume")
    assert life.code in (0, 3) and not life.told and not folder.journals
    sent = Counter(one for one in folder.target.asked if has_effect(one))
    assert max(sent.values()) == 1 and len(sent) > 10
    assert asked is None or sent.keys() <= asked.keys()
    assert {effect for effect in chosen if any(one.startswith(f"{effect}\n") for one in sent)} == set(chosen)


def has_effect(asked: str) -> bool:
    return not asked.startswith(("GET", "HEAD", "OPTIONS")) or asked.startswith(f"{EFFECTS[2]}\n")


def killed_at(target: Counting, effect: str) -> Moment:
    """Killed while the target has that request and has not answered it."""
    arrived, gone = threading.Event(), threading.Event()

    def hold(_: int, ask: Ask) -> None:
        if f"{ask.method} {ask.target}" == effect:
            arrived.set()
            gone.wait(20)

    def kill(process: subprocess.Popen[str]) -> None:
        assert arrived.wait(20)
        process.kill()
        process.wait(20)
        gone.set()
        target.hook = None

    target.hook = hold
    return kill


# -- Ctrl-C and SIGTERM -----------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(("command", "ending"), [("check", signal.SIGINT), ("record", signal.SIGTERM)])
def test_a_run_that_is_interrupted_tells_what_it_saw_and_goes_on(
    command: str, ending: signal.Signals, folder: Folder, whole: Whole
) -> None:
    line = f"{BOTH[command]} {SOME}"
    unbroken, asked = whole(line)
    cut = folder.run(line, folder.signalled(60, ending))
    assert cut.code == 3 and cut.told == [KEPT]
    assert "INCONCLUSIVE: the run was stopped: interrupted" in cut.out
    assert results(folder.path / "r.json")["because"] == "the run was stopped: interrupted"
    known = facts(folder).answered
    assert 0 < known < len(asked)
    if command == "record":
        assert recording(folder.path / "tape")["manifest"]["stopped"] == "interrupted"
    rest = folder.run(f"{line} --resume")
    assert (rest.told, rest.asked) == ([], len(asked) - known)
    assert results(folder.path / "r.json") == results(unbroken / "r.json")
    if command == "record":
        assert recording(folder.path / "tape") == recording(unbroken / "tape")
    assert folder.left() == made_by(command)


def made_by(command: str) -> list[str]:
    return ["r.json", "tape/manifest.json", "tape/tape.yaml"] if command == "record" else ["r.json"]


QUIET = 'trap "" INT; exec "$@"'
"""How a script starts what is to go on in the background: Ctrl-C is not for it."""


ONCE_MORE = {
    "Ctrl-C twice": ((), (signal.SIGINT, signal.SIGINT)),
    "SIGTERM twice": ((), (signal.SIGTERM, signal.SIGTERM)),
    "SIGTERM in the background": (("sh", "-c", QUIET, "sh"), (signal.SIGTERM,)),
}


@POSIX
@pytest.mark.parametrize("way", ONCE_MORE if NIGHT else ["Ctrl-C twice"])
def test_a_run_that_is_interrupted_twice_ends_at_once_and_goes_on(way: str, folder: Folder, whole: Whole) -> None:
    prefix, endings = ONCE_MORE[way]
    line = f"{BOTH['record']} {SOME}"
    unbroken, asked = whole(line)
    folder.prefix = prefix
    for pause in (0.2, 0.1, 0.05, 0.4):  # the second has to come after the first was heard and before all is written
        cut = folder.run(line, folder.signalled(60, *endings, pause=pause))
        if not cut.out:
            break
        shutil.rmtree(folder.path / ".samsvar")
        shutil.rmtree(folder.path / "tape")
    # One that comes when all is said and the interpreter goes ends that, too.
    assert cut.code in (3, -signal.SIGINT) and (cut.told, cut.out) == (["samsvar: interrupted", KEPT], "")
    assert not (folder.path / "tape").exists() and "Traceback" not in cut.err
    known = facts(folder).answered
    assert 0 < known < len(asked)
    folder.prefix = ()
    rest = folder.run(f"{line} --resume")
    assert (rest.told, rest.asked) == ([], len(asked) - known)
    assert recording(folder.path / "tape") == recording(unbroken / "tape")


@POSIX
def test_a_miniature_that_is_served_ends_on_sigterm(folder: Folder) -> None:
    with folder.started("serve --port 0 --size 1") as process:
        assert process.stdout is not None and "the miniature is at" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out.splitlines()[-1], err) == (0, "stopped", "")


# -- disks ------------------------------------------------------------------------------------------------------------


@contextmanager
def mounted(path: Path, options: str) -> Iterator[None]:
    """A file system of its own at a folder."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("there is nothing to mount here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """A folder that nobody can write to, not even root."""
    if sys.platform == "win32":
        pytest.skip("Windows has no permissions of this kind")
    if os.geteuid() == 0:
        with mounted(path, "ro"):
            yield
    else:
        path.chmod(0o500)
        yield
        path.chmod(0o700)


LOOK = "See whether it is full, over quota or failing, and go on with --resume."


@POSIX
def test_a_journal_that_may_not_grow_ends_the_run_which_goes_on(folder: Folder, whole: Whole) -> None:
    line = f"{BOTH['check']} {SOME}"
    unbroken, asked = whole(line)
    folder.prefix = ("sh", "-c", 'ulimit -f 300; exec "$@"', "sh")
    cut = folder.run(line)
    journal = folder.journals[0].relative_to(folder.path)
    assert cut.code == 3 and cut.told == [
        f"samsvar: The journal {journal} cannot be written (disk error). {LOOK}",
    ]
    assert not (folder.path / "r.json").exists() and not cut.out
    known = facts(folder).answered
    folder.prefix = ()
    rest = folder.run(f"{line} --resume")
    assert (rest.told, rest.asked) == ([], len(asked) - known) and 0 < known < len(asked)
    assert results(folder.path / "r.json") == results(unbroken / "r.json")


@pytest.mark.skipif(not NIGHT, reason="as where a file may not grow, with more effort: SAMSVAR_NIGHTLY=1")
def test_a_journal_on_a_full_disk_ends_the_run_before_it_asks_much(folder: Folder, whole: Whole) -> None:
    line = f"{BOTH['check']} {SOME}"
    unbroken, asked = whole(line)
    (folder.path / ".samsvar").mkdir()
    with mounted(folder.path / ".samsvar", "size=200k"):
        cut = folder.run(line)
        assert cut.code == 3 and len(cut.told) == 1 and cut.told[0].startswith("samsvar: The journal .samsvar")
        assert cut.told[0].endswith("(disk full). Make room and go on with --resume.")
        subprocess.run(["mount", "-o", "remount,size=9m", str(folder.path / ".samsvar")], check=True)
        known = facts(folder).answered
        rest = folder.run(f"{line} --resume")
        assert (rest.told, rest.asked) == ([], len(asked) - known) and 0 < known < len(asked)
    assert results(folder.path / "r.json") == results(unbroken / "r.json")


@pytest.mark.parametrize("option", ["-o out/tape", *(["--report out", "--results out/r.json"] if NIGHT else [])])
def test_what_does_not_fit_on_a_disk_is_not_there_and_is_written_later_without_asking(
    option: str, folder: Folder, whole: Whole
) -> None:
    command = "record URL" if option.startswith("-o") else "check URL"
    line = f"{command} {SOME} {option}"
    out = folder.path / "out"
    out.mkdir()
    with mounted(out, "size=16k"):
        cut = folder.run(line)
        assert cut.code == 2 and cut.told[1:] == [KEPT] and len(cut.told) == 2
        assert "out" in cut.told[0] and "cannot be written (No space left on device)" in cut.told[0]
        assert list(out.iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=9m", str(out)], check=True)
        rest = folder.run(f"{line} --resume")
        assert (rest.told, rest.asked) == ([], 0) and rest.code in (0, 3)
        assert any(out.iterdir()) and not folder.journals


def test_a_folder_that_is_gone_when_all_is_asked_costs_no_answer(folder: Folder, whole: Whole) -> None:
    line = f"check URL {SOME} --results out/r.json"
    out = folder.path / "out"
    out.mkdir()
    folder.target.hook = lambda number, _: out.rmdir() if number == 20 else None
    cut = folder.run(line)
    assert cut.code == 2 and "out/r.json cannot be written" in cut.told[0].replace("\\", "/") and cut.told[1:] == [KEPT]
    out.mkdir()
    rest = folder.run(f"{line} --resume")
    assert (rest.told, rest.asked, rest.code) == ([], 0, 3)
    assert results(out / "r.json") == results(whole(f"{BOTH['check']} {SOME}")[0] / "r.json")


def test_a_report_that_finds_no_room_on_standard_output_costs_no_answer(folder: Folder) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("w") as full:
        cut = folder.run(f"check URL {SOME}", stdout=full)
    assert cut.code == 2 and cut.told[1:] == [KEPT] and "Traceback" not in cut.err
    assert cut.told[0].startswith("samsvar: Standard output cannot be written (No space left on device)")
    assert folder.journals


@POSIX
def test_a_reader_who_has_had_enough_leaves_no_journal(folder: Folder) -> None:
    with folder.started(f"check URL {SOME}") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.wait(30), process.stderr.read()) == (3, "")
    assert not folder.journals


# -- in this process --------------------------------------------------------------------------------------------------


@pytest.fixture
def here(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A working folder with its environment, as this process has it."""
    monkeypatch.chdir(folder.path)
    for name in [name for name in os.environ if name.startswith("SAMSVAR_") and name != "SAMSVAR_CLIENTS"]:
        monkeypatch.delenv(name)
    for name, value in surroundings({}).items():
        monkeypatch.setenv(name, value)
    return folder


def done(folder: Folder, command: str) -> tuple[int, int]:
    """The exit code of a command and how many requests arrived meanwhile."""
    before = len(folder.target.asked)
    code = main(command.replace("URL", folder.target.root).split())
    return code, len(folder.target.asked) - before


def told_in(text: str) -> list[str]:
    """What a command said of itself, line by line."""
    return [line for line in text.splitlines() if line.startswith("samsvar: ")]


def told(capsys: Capture) -> str:
    """The one line of what went wrong."""
    (line,) = told_in(capsys.readouterr().err)
    return line


@pytest.mark.parametrize(
    "line", ["check URL --results no/r.json", "record URL -o no/tape", "check URL --report no/out"]
)
def test_a_folder_that_is_read_only_is_found_before_the_first_request(line: str, here: Folder, capsys: Capture) -> None:
    (here.path / "no").mkdir()
    with read_only(here.path / "no"):
        assert done(here, line) == (2, 0)
    assert "samsvar: no" in told(capsys).replace(os.sep, "/")


def test_a_working_folder_that_is_read_only_is_found_before_the_first_request(
    here: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with read_only(here.path):
        monkeypatch.chdir(here.path)
        assert done(here, "check URL --budget 5") == (3, 0)
        line = told(capsys)
        assert "cannot be written (" in line and line.endswith("or name another folder with --journal.")
        assert done(here, f"check URL --budget 5 --journal {tmp_path / 'journals'}") == (3, 5)
        assert "INCONCLUSIVE" in capsys.readouterr().out
        monkeypatch.chdir(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps it elsewhere")
def test_without_a_home_a_run_works_or_says_what_it_needs(
    here: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME")
    assert done(here, "check URL --budget 5") == (3, 5)
    capsys.readouterr()
    monkeypatch.delenv("SAMSVAR_PSEUDONYM_KEY")
    assert done(here, "check URL --budget 5") == (2, 0)
    assert "Set HOME. Or give a key of your own in SAMSVAR_PSEUDONYM_KEY." in told(capsys)
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert done(here, "check URL --budget 5") == (2, 0)
    assert "cannot be kept at" in told(capsys)
    assert done(here, "check --select DOC --size 1 --quiet")[0] == 3, "the miniature is nobody's"


# -- going on with what ---------------------------------------------------------------------------------------------


@pytest.fixture
def cut(here: Folder, capsys: Capture) -> Folder:
    """A folder with a run that was cut short: after 40 answers the target wants a pause of an hour."""
    here.target.hook = paused(40)
    assert done(here, f"check URL {SOME} --quiet")[0] == 3 and here.journals
    said = capsys.readouterr()
    assert "the run was stopped: rate limited until 2" in said.out and told_in(said.err) == [KEPT]
    here.target.hook = None
    return here


def paused(number: int) -> Callable[[int, Ask], Answer | None]:
    """A target that from a request on wants a pause of an hour."""
    answer = Answer(429, b"Too Many Requests", (("Retry-After", "3600"), ("Content-Length", "0")), b"")
    return lambda at, _: answer if at > number else None


OTHERWISE = {
    "--budget 119": "limits",
    "--budget 120 --origin https://www.eksempel.no": "origins",
    "--budget 120 --unsafe-methods": "unsafe",
    "--budget 120 --walk-seed 7": "walks",
}
SURROUNDED = {"SAMSVAR_TOKEN": "logins", "SAMSVAR_API_KEY": "key", "SAMSVAR_PSEUDONYM_KEY": "pseudonyms"}


def test_a_run_goes_on_only_as_itself(cut: Folder, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    for options, difference in OTHERWISE.items():
        assert done(cut, f"check URL --resume {options}") == (2, 0)
        assert f"is of another run: {difference}: then " in told(capsys)
    for name, difference in SURROUNDED.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, "6b" * 32) if name.endswith("_KEY") and "PSEUDONYM" in name else patch.delenv(name)
            assert done(cut, f"check URL --resume {SOME}") == (2, 0)
        assert f"{difference}: then " in told(capsys)
    for options, difference in (
        ("--contract hal", "contract"),
        ("--profile thorough", "profile"),
        ("--select HTTP", "select"),
    ):
        assert done(cut, f"check URL --resume {SOME} {options}") == (2, 0)
        assert f"{difference}: then " in told(capsys)
    with closing(sqlite3.connect(cut.journals[0])) as connection, connection:
        header = json.loads(connection.execute("SELECT value FROM run WHERE name = 'header'").fetchone()[0])
        connection.execute(
            "UPDATE run SET value = ? WHERE name = 'header'", (json.dumps({**header, "samsvar": "0.9"}),)
        )
    assert done(cut, f"check URL --resume {SOME}") == (2, 0)
    assert 'samsvar: then "0.9", now "' in told(capsys)


def test_a_pause_that_is_too_long_ends_the_run_which_goes_on_later(cut: Folder, whole: Whole) -> None:
    known = facts(cut).answered
    code, more = done(cut, f"{BOTH['check']} {SOME} --resume")
    assert (code, more) == (3, SIZE - known) and not cut.journals
    unbroken = results(cut.path / "r.json")
    assert unbroken == results(whole(f"{BOTH['check']} {SOME}")[0] / "r.json")


def test_a_run_that_begins_anew_says_what_it_drops(cut: Folder, capsys: Capture) -> None:
    known = facts(cut).answered
    assert done(cut, f"check URL {SOME}") == (3, SIZE)
    line = told(capsys)
    assert f"is dropped with its {known} answers; --resume would have gone on with it" in line
    assert not cut.journals
    assert done(cut, "check URL --budget 5") == (3, 5)
    assert not capsys.readouterr().err


def test_a_plan_drops_nothing(cut: Folder, capsys: Capture) -> None:
    assert done(cut, f"check URL {SOME} --plan") == (0, 0)
    assert cut.journals and not capsys.readouterr().err


SIZE = 120
NOTHING = {
    "check URL --resume": (2, "There is no run to go on with at"),
    "record URL -o tape --resume": (2, "There is no run to go on with at"),
    "check --resume": (2, "There is no run of a live target to resume."),
    "check tape --resume": (2, "There is no run of a live target to resume."),
    "record -o tape --resume": (2, "There is no run of a live target to resume."),
}


@pytest.mark.parametrize("line", NOTHING)
def test_where_there_is_nothing_to_go_on_with_is_told(line: str, here: Folder, capsys: Capture) -> None:
    code, words = NOTHING[line]
    assert done(here, line) == (code, 0)
    assert words in told(capsys)


@pytest.mark.parametrize("damage", [b"", b"no journal at all", None], ids=["empty", "something else", "overwritten"])
def test_a_journal_that_is_damaged_is_told(damage: bytes | None, cut: Folder, capsys: Capture) -> None:
    journal = cut.journals[0]
    data = journal.read_bytes()
    journal.write_bytes(data[:2048] + b"\x5a" * 8192 + data[10_240:] if damage is None else damage)
    code, asked = done(cut, f"check URL {SOME} --resume")
    if damage == b"":  # as when it was killed before it wrote anything
        assert (code, asked) == (3, SIZE)
    else:
        assert (code, asked) == (3, 0)
        assert ("is no journal of a run" if damage else "is damaged") in told(capsys)


def test_of_two_runs_at_once_the_second_names_the_first(folder: Folder, whole: Whole) -> None:
    line = f"{BOTH['check']} {SOME}"
    unbroken, asked = whole(line)
    arrived, others_done = threading.Event(), threading.Event()

    def hold(number: int, _: Ask) -> None:
        if number == 20:
            arrived.set()
            others_done.wait(30)

    folder.target.hook = hold
    with folder.started(line) as first:
        assert arrived.wait(30)
        for second in ("check URL", "record URL -o tape --resume"):
            life = replace(folder, alone=False).run(f"{second} {SOME}")
            assert life.code == 2 and len(life.told) == 1, life.err
            assert "Another run writes the journal" in life.told[0] and f"(pid {first.pid}, since 20" in life.told[0]
        others_done.set()
        first.communicate(timeout=60)
    assert first.returncode == 3 and Counter(folder.target.asked) == Counter(asked)
    assert results(folder.path / "r.json") == results(unbroken / "r.json")
    assert folder.left() == ["r.json"]


# -- logins that run out ----------------------------------------------------------------------------------------------


def test_a_login_that_runs_out_ends_the_run_and_a_new_one_goes_on(
    here: Folder, whole: Whole, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def careful(target: Target) -> driver.Policy:
        return replace(policy_for(target), lock_out=True, concurrency=2)

    def old(number: int, ask: Ask) -> Answer | None:
        if ask.header("Authorization") != "Bearer old":
            return None
        now = given.TOKEN if number < 60 else given.EXPIRED_TOKEN
        fields = tuple((name, f"Bearer {now}" if name == "Authorization" else value) for name, value in ask.headers)
        return here.target.miniature.answer(replace(ask, headers=fields))

    unbroken, asked = whole(f"{BOTH['check']} {SOME}")
    policy_for = driver.policy_for
    monkeypatch.setattr(driver, "policy_for", careful)
    here.target.hook = old
    monkeypatch.setenv("SAMSVAR_TOKEN", "old")
    code, asked_before = done(here, f"{BOTH['check']} {SOME}")
    assert code == 3 and asked_before < 70, "nobody is locked out"
    said = capsys.readouterr()
    assert "the login was refused twice in a row" in said.out and KEPT in said.err
    known = facts(here).answered
    monkeypatch.setenv("SAMSVAR_TOKEN", given.TOKEN)
    assert done(here, f"{BOTH['check']} {SOME} --resume") == (3, len(asked) - known)
    assert results(here.path / "r.json") == results(unbroken / "r.json")
    assert not here.journals


# -- where a recording goes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", ["full", "file", "none"])
def test_where_no_recording_can_be_is_found_before_the_first_request(there: str, here: Folder, capsys: Capture) -> None:
    where = here.path / "there" / "tape"
    if there != "none":
        where.parent.mkdir()
    if there == "full":
        where.mkdir()
        (where / "something").touch()
    elif there == "file":
        where.touch()
    assert done(here, "record URL -o there/tape") == (2, 0)
    words = {"full": "is there already", "file": "is there already and is no folder", "none": "there is no folder"}
    assert words[there] in told(capsys)


def test_a_recording_goes_on_only_into_what_is_its_own(here: Folder, capsys: Capture) -> None:
    """What another run recorded there, of the same target and a minute ago, is not written over."""
    assert done(here, "record URL -o tape --budget 10")[0] == 0
    manifest = json.loads((here.path / "tape" / "manifest.json").read_text(encoding="utf-8"))
    (here.path / "tape" / "manifest.json").write_text(json.dumps({**manifest, "recorded": "2026-01-01T00:00:00"}))
    here.target.hook = lambda number, _: paused(0)(number, _) if number > 20 else None
    assert done(here, "record URL -o other --budget 100")[0] == 3
    here.target.hook = None
    capsys.readouterr()
    assert done(here, "record URL -o tape --budget 100 --resume") == (2, 0)
    assert "tape is there already" in told(capsys)
    assert done(here, "record URL -o other --budget 100 --resume")[0] == 0

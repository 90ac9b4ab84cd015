"""Whole commands go on after whatever ended them, and come to the end of an unbroken run: the same results byte for
byte, the same recording, and nothing asked again that was answered.

In the gate few kills, at night 300, and one at every write of a small run.
"""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from enduring import NIGHT, Counting, Facts, Folder, facts, more_than, recording, results

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals, limits or permissions of this kind")
KEPT = "samsvar: what was answered is kept; go on with the same command and --resume"
SOME = "--budget 150"
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


@pytest.fixture
def whole(tmp_path: Path, target: Counting) -> Callable[[str], tuple[Path, list[str]]]:
    """What an unbroken run of a command leaves, and what it asked."""

    def run(command: str) -> tuple[Path, list[str]]:
        (tmp_path / "whole").mkdir()
        target.anew()
        made = Folder(tmp_path / "whole", target)
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
    command: str, seed: int, kills: int, folder: Folder, whole: Callable[[str], tuple[Path, list[str]]]
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

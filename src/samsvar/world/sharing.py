"""One evidence for several processes of a parallel run: the first that needs it gathers, the others wait for it."""

import contextlib
import os
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from samsvar.errors import SafetyError, SamsvarError, UnreachableError
from samsvar.model.exchange import Evidence

LONGEST_WAIT = 3_600.0
"""Seconds that a process waits for the one that gathers."""


def folder_of(run: str) -> Path:
    """The folder that all processes of a parallel run know; only its owner may look into it."""
    return Path(tempfile.gettempdir()) / f"samsvar-{run}"


def share(run: str, gather: Callable[[], Evidence]) -> Evidence:
    """The evidence of a parallel run, gathered by exactly one of its processes. Raises SamsvarError when that one
    could not."""
    folder = folder_of(run)
    folder.mkdir(mode=0o700, exist_ok=True)
    _ours_alone(folder)
    done, failed = folder / "evidence", folder / "failed"
    try:
        os.close(os.open(folder / "lock", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return _await(done, failed)
    try:
        evidence = gather()
    except SamsvarError as error:
        _put(failed, pickle.dumps((str(error), error.exit_code)))
        raise
    except BaseException as error:  # nobody shall wait for one that has gone, whatever ended it
        _put(failed, pickle.dumps((f"Gathering the evidence ended with {type(error).__name__}.", 3)))
        raise
    _put(done, pickle.dumps(evidence))
    return evidence


def _ours_alone(folder: Path) -> None:
    """What is unpickled runs as code: never out of a folder that somebody else may write into."""
    found = folder.lstat()
    theirs = found.st_mode & 0o077 or (hasattr(os, "getuid") and found.st_uid != os.getuid())
    if os.name == "posix" and (theirs or folder.is_symlink()):
        raise SafetyError(f"{folder} is not ours alone.", "Remove it, and run again.")


def _await(done: Path, failed: Path) -> Evidence:
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        if done.is_file():
            found = pickle.loads(done.read_bytes())  # written by our own process into our own folder
            if isinstance(found, Evidence):
                return found
        if failed.is_file():
            said, code = pickle.loads(failed.read_bytes())
            raise (UnreachableError if code == 3 else SamsvarError)(said)
        time.sleep(0.05)
    raise SamsvarError("The process that gathers the evidence did not finish.", "Run again without -n.")


def _put(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".part")
    beside.write_bytes(data)
    beside.replace(path)


def forget(run: str) -> None:
    """Remove what a parallel run shared."""
    folder = folder_of(run)
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

"""Files that are whole or not there: written beside, flushed to the disk, then renamed."""

import contextlib
import os
import tempfile
from pathlib import Path

from samsvar.errors import OutputError, UsageError


def write_whole(path: str, text: str) -> None:
    """Write a text file so that under its name there is always either the old or the whole new content. Raises
    OutputError, naming the path, when it cannot be written."""
    where = Path(path)
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{where.name}.", dir=where.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).chmod(_mode(where))
        Path(beside).replace(where)
        beside = ""
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(
            f"{path} cannot be written ({reason}).", "Name a file in a folder that exists and has room."
        ) from error
    finally:
        if beside:
            with contextlib.suppress(OSError):
                Path(beside).unlink()


def _mode(where: Path) -> int:
    """The permissions that the file has, or that any new file of this process gets: a temporary file's own would keep
    a CI server from collecting it."""
    return where.stat().st_mode & 0o777 if where.exists() else 0o666 & ~mask()


def mask() -> int:
    """What a new file or folder of this process may not be: it can only be read by setting it."""
    found = os.umask(0o077)
    os.umask(found)
    return found


def read_lines(path: str) -> tuple[str, ...]:
    """The lines of a text file, none where there is no such file. Raises UsageError for one that cannot be read."""
    try:
        return tuple(Path(path).read_text("utf-8").splitlines())
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise UsageError(f"{path} cannot be read ({reason}).", "Mend it, or name another file.") from error


def check_writable(path: str) -> None:
    """Find out before the first request whether a result could be written. Raises OutputError."""
    where = Path(path)
    if where.is_dir():
        raise OutputError(f"{path} is a folder.", "Name a file.")
    if not where.parent.is_dir():
        raise OutputError(
            f"{path} cannot be written: there is no folder {where.parent}.", "Make it, or name another file."
        )
    if not os.access(where.parent, os.W_OK) or (where.exists() and not os.access(where, os.W_OK)):
        raise OutputError(f"{path} cannot be written: no permission.", "Name a file that you may write.")


def prepare_folder(path: str) -> None:
    """Make a folder for results if it is not there. Raises OutputError when it cannot be."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be made ({error.strerror}).", "Name a folder that you may write.") from error
    check_writable(str(Path(path) / "index.html"))

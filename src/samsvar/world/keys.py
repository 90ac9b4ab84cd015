"""Keys of pseudonyms: given by who wants the same pseudonyms in every recording, else made for one run, kept outside
all that is recorded, and destroyed when the run is over. The home of cryptography.
"""

import base64
import binascii
import contextlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from samsvar.errors import JournalError, UsageError
from samsvar.logic.cleaning.pseudonyms import KEY_BYTES
from samsvar.world.credentials import secret

NAME: Final = "PSEUDONYM_KEY"
HOW: Final = 'Make one: python -c "import secrets; print(secrets.token_hex(32))".'


def given_key(environ: Mapping[str, str], settings: Mapping[str, str]) -> bytes | None:
    """The key in SAMSVAR_PSEUDONYM_KEY, or in the file that SAMSVAR_PSEUDONYM_KEY_FILE names: 32 bytes in hexadecimal
    digits or base64. None when none is given. Raises UsageError for one that is too weak or unreadable."""
    text = secret(NAME, environ, settings)
    if not text:
        return None
    for read in (bytes.fromhex, lambda one: base64.b64decode(one, validate=True)):
        with contextlib.suppress(ValueError, binascii.Error):
            key = read(text)
            if len(key) == KEY_BYTES:
                return key
    raise UsageError(f"SAMSVAR_{NAME} is not {KEY_BYTES} bytes in hexadecimal digits or base64.", HOW)


def new_key() -> bytes:
    """A key that nobody has."""
    return secrets.token_bytes(KEY_BYTES)


def name_of(key: bytes) -> str:
    """A name by which two recordings tell that they were made with one key, and that gives nothing of it away."""
    return hmac.digest(key, b"samsvar/name", "sha256").hex()[:12]


def key_folder(environ: Mapping[str, str]) -> Path | None:
    """Where keys of unfinished runs are kept: the folder for state of this user. None where there is no home."""
    local, state, home = (environ.get(name) for name in ("LOCALAPPDATA", "XDG_STATE_HOME", "HOME"))
    if os.name == "nt":
        return Path(local, "samsvar", "keys") if local else None
    if state:
        return Path(state, "samsvar", "keys")
    return Path(home, ".local", "state", "samsvar", "keys") if home else None


def keep_key(path: Path, key: bytes) -> None:
    """Keep the key of a run, for its owner only. Raises JournalError when it cannot be kept."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(key)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise JournalError(
            f"The key of the journal cannot be kept at {path} ({error.strerror}).",
            f"Make the folder writable, or give a key of your own in SAMSVAR_{NAME}. {HOW}",
        ) from error


def kept_key(path: Path) -> bytes | None:
    """The key of a run that was kept, None when it is gone or broken."""
    try:
        key = path.read_bytes()
    except OSError:
        return None
    return key if len(key) == KEY_BYTES else None


def destroy_key(path: Path) -> None:
    """Destroy the key of a run that is over: what was sealed with it is gone for good."""
    with contextlib.suppress(OSError):
        path.unlink()


class Seal:
    """Seals what only the run itself may read again."""

    def __init__(self, key: bytes) -> None:
        from cryptography.fernet import Fernet

        derived = hmac.digest(key, b"samsvar/seal", "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def closed(self, text: str) -> bytes:
        """A text, sealed."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass"))

    def opened(self, data: bytes) -> str:
        """The text of a seal. Raises JournalError when it was sealed with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(data).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise JournalError(
                "The journal was written with another key.", f"Give that key in SAMSVAR_{NAME}, or start anew."
            ) from None

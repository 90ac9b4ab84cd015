"""The key of pseudonyms: given by who wants the same pseudonyms elsewhere, else one for each user of a machine, kept
outside all that is recorded. The home of cryptography.
"""

import base64
import binascii
import contextlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from samsvar.errors import JournalError, OutputError, UsageError
from samsvar.logic.cleaning.pseudonyms import KEY_BYTES
from samsvar.world.credentials import secret

NAME: Final = "PSEUDONYM_KEY"
FILE: Final = "pseudonym-key"
OR: Final = f"Or give a key of your own in SAMSVAR_{NAME}."
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


def name_of(key: bytes) -> str:
    """A name by which two recordings tell that they were made with one key, and that gives nothing of it away."""
    return hmac.digest(key, b"samsvar/name", "sha256").hex()[:12]


def key_of(environ: Mapping[str, str], settings: Mapping[str, str]) -> bytes:
    """The key that is given; else that of this user, made at its first use, so that two runs have one pseudonym for one
    value. Whoever deletes its file cuts the recordings made until then from those to come. Raises UsageError for a
    weak key, OutputError where none can be kept."""
    given = given_key(environ, settings)
    if given is not None:
        return given
    place = key_place(environ)
    if place is None:
        raise OutputError("There is no home folder in which the key of pseudonyms could be kept.", f"Set HOME. {OR}")
    try:
        return _made(place)
    except OSError as error:
        raise OutputError(
            f"The key of pseudonyms cannot be kept at {place} ({error.strerror}).", f"Make the folder writable. {OR}"
        ) from error


def key_place(environ: Mapping[str, str]) -> Path | None:
    """Where the key of this user is kept: in the folder for state. None where there is no home."""
    local, state, home = (environ.get(name) for name in ("LOCALAPPDATA", "XDG_STATE_HOME", "HOME"))
    if os.name == "nt":
        return Path(local, "samsvar", FILE) if local else None
    if state:
        return Path(state, "samsvar", FILE)
    return Path(home, ".local", "state", "samsvar", FILE) if home else None


def _made(place: Path) -> bytes:
    """The key in a file, made whole or not at all, for its owner only; the first of several processes makes it."""
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(secrets.token_bytes(KEY_BYTES))
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(beside, place)
        finally:
            Path(beside).unlink(missing_ok=True)
    key = place.read_bytes()
    if len(key) != KEY_BYTES:
        raise OutputError(f"{place} is not a key of pseudonyms.", "Delete it: a new one is made.")
    return key


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

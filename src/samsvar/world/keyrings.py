"""Secrets that lie in the keyring of the system. The home of keyring, an extra that is loaded when one is named."""

from samsvar.errors import UsageError


def from_keyring(entry: str) -> str:
    """The secret of an entry, "service/name". Raises UsageError when it cannot be had."""
    service, mark, name = entry.rpartition("/")
    if not (mark and service and name):
        raise UsageError(f"{entry!r} names no entry of a keyring.", 'Write it as "service/name".')
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UsageError(
            f"The keyring is to give {entry}, and keyring is not installed.", "pip install 'samsvar[keyring]'"
        ) from None
    try:
        found = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise UsageError(
            f"The keyring does not give {entry} ({type(error).__name__}).",
            "Unlock it, or give the secret in a file or the environment.",
        ) from None
    if not found:
        raise UsageError(
            f"The keyring has no entry {entry}.", f"Put it there: keyring set {service} {name}, in a terminal."
        )
    return found

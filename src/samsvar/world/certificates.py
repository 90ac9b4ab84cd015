"""Certificates, looked at before they are used: of clients, whether their files belong together, whose they are, how
long they are valid; of authorities, whether they can be read."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from samsvar.errors import UsageError


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the files of a certificate, and what to do. Neither shows anything of the key."""

    seen: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a certificate is valid, in seconds since the epoch."""

    begins: float
    expires: float


MISMATCH: Final = Problem("the key belongs to another certificate", "Give SAMSVAR_CLIENT_KEY of the same pair.")
LOCKED: Final = Problem(
    "the private key is encrypted", "Write it without pass phrase (openssl pkey -in KEY -out PLAIN), readable by you."
)
NO_KEY: Final = Problem("there is no private key in its file", "Name the file of the key in SAMSVAR_CLIENT_KEY.")
NO_CERTIFICATE: Final = Problem(
    "there is no certificate in its file", "Give it as PEM (of a .p12: openssl pkcs12 -in FILE -out PEM -nodes)."
)
UNREADABLE: Final = Problem("the files cannot be read as PEM", "Give PEM files; the key without pass phrase.")


def certificate_problem(chain: str, key: str) -> Problem | None:
    """What is wrong with a certificate and its key ("" when it is in the same file), by path; None if nothing."""
    try:
        certificate, private = _text(chain), _text(key or chain)
    except (OSError, UnicodeDecodeError) as error:
        return Problem(f"its file cannot be read ({type(error).__name__})", UNREADABLE.remedy)
    if "-----BEGIN CERTIFICATE-----" not in certificate:
        return NO_CERTIFICATE
    if "PRIVATE KEY-----" not in private:
        return NO_KEY
    if "ENCRYPTED" in private:
        return LOCKED
    try:
        # An encrypted key would ask for its pass phrase on the terminal: it gets an empty one and is refused.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(chain, key or None, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        return MISMATCH if "KEY_VALUES_MISMATCH" in str(error) else UNREADABLE
    return None


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def validity(chain: str) -> Validity | None:
    """How long the first certificate of a PEM file is valid; None if it cannot be read."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(Path(chain).read_bytes())
    except (OSError, ValueError):
        return None
    return Validity(found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp())


def authorities_of(settings: Mapping[str, str]) -> str:
    """The PEM file of further authorities to trust, by SAMSVAR_AUTHORITIES or the setting; "" when none is named.
    Raises UsageError for one that cannot be used."""
    path = settings.get("SAMSVAR_AUTHORITIES") or settings.get("authorities", "")
    if not path:
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "no PEM of certificates"
        raise UsageError(f"The authorities in {path} cannot be used ({why}).", "Give a PEM file.") from None
    return path

"""A throw-away certificate authority for servers of this process: the one home of trustme.

Whoever connects is told of the authority or of the leaf's key; nothing is installed anywhere, and the keys die with
the process.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samsvar.errors import UsageError

if TYPE_CHECKING:
    import trustme


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a server on this machine shows. context: for its sockets. authority: PEM of who signed it. key: the SHA-256
    of its SubjectPublicKeyInfo in base64, by which browsers can be told of it (RFC 7469, 2.4)."""

    context: ssl.SSLContext
    authority: bytes
    key: str


def leaf_for(*hosts: str) -> Leaf:
    """A fresh certificate for these hosts, by an authority of its own. Raises UsageError where trustme is missing."""
    return _leaf(_authority(), hosts)


def mutual_leaf_for(folder: str, subject: str, *hosts: str) -> Leaf:
    """The same for a server that looks at certificates of clients, whether or not they show one. Into the folder go
    ``authority.pem``, whom a client is to trust, and ``client.pem``, certificate and key of a client of that common
    name. Raises UsageError where trustme is missing or the folder cannot be written."""
    authority = _authority()
    leaf = _leaf(authority, hosts)
    authority.configure_trust(leaf.context)
    leaf.context.verify_mode = ssl.CERT_OPTIONAL
    client = authority.issue_cert("client.samsvar.example", common_name=subject)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, AUTHORITY).write_bytes(leaf.authority)
        key = Path(folder, CLIENT)
        key.touch(mode=0o600)
        key.write_bytes(client.private_key_and_cert_chain_pem.bytes())
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}).", "Give another folder.") from error
    return leaf


AUTHORITY = "authority.pem"
CLIENT = "client.pem"


def _authority() -> trustme.CA:
    try:
        import trustme
    except ImportError:
        raise UsageError(
            "What makes certificates for the miniature is not installed.", "pip install 'samsvar[browser]'."
        ) from None
    return trustme.CA(organization_name="samsvar", organization_unit_name="for one run")


def _leaf(authority: trustme.CA, hosts: tuple[str, ...]) -> Leaf:
    issued = authority.issue_cert(*hosts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode("ascii"))
    return Leaf(context, authority.cert_pem.bytes(), key_hash(der))


def key_hash(der: bytes) -> str:
    """By which a browser is told of a certificate's key: the SHA-256 of its SubjectPublicKeyInfo in base64."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(der).public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(octets).digest()).decode("ascii")

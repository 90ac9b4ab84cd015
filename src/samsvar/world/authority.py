"""A throw-away certificate authority for servers of this process: the one home of trustme.

Whoever connects is told of the authority or of the leaf's key; nothing is installed anywhere, and the keys die with
the process.
"""

import base64
import hashlib
import ssl
from dataclasses import dataclass

from samsvar.errors import UsageError


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a server on this machine shows. context: for its sockets. authority: PEM of who signed it. key: the SHA-256
    of its SubjectPublicKeyInfo in base64, by which browsers can be told of it (RFC 7469, 2.4)."""

    context: ssl.SSLContext
    authority: bytes
    key: str


def leaf_for(*hosts: str) -> Leaf:
    """A fresh certificate for these hosts, by an authority of its own. Raises UsageError where trustme is missing."""
    try:
        import trustme
    except ImportError:
        raise UsageError(
            "What makes certificates for the miniature is not installed.", "pip install 'samsvar[browser]'."
        ) from None
    authority = trustme.CA(organization_name="samsvar", organization_unit_name="for one run")
    issued = authority.issue_cert(*hosts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode("ascii"))
    return Leaf(
        context, authority.cert_pem.bytes(), base64.b64encode(hashlib.sha256(public_key(der)).digest()).decode()
    )


def public_key(der: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate, both in DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(der).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

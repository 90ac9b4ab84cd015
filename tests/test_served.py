"""The miniature of this process, on a port under its own name: one environment, asked here or there."""

import base64
import socket
import ssl
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from samsvar.miniature import Ask, Miniature
from samsvar.world.authority import key_hash
from samsvar.world.served import ServedEnvironment

HOST = "miniature.samsvar.example"


class Line(HTTPSConnection):
    """A connection to a port of this machine that asks for the host by its name."""

    def __init__(self, served: ServedEnvironment) -> None:
        super().__init__(
            HOST, context=ssl.create_default_context(cadata=served.authority_pem.decode("ascii")), timeout=10
        )
        self.at = ("127.0.0.1", served.port)

    def connect(self) -> None:
        plain = socket.create_connection(self.at, timeout=10)
        self.sock = self._context.wrap_socket(plain, server_hostname=HOST)


def fetch(served: ServedEnvironment, target: str) -> bytes:
    with closing(Line(served)) as line:
        line.request("GET", target, headers={"Accept": "application/hal+json"})
        return line.getresponse().read()


def test_what_is_served_is_the_environment_itself() -> None:
    miniature = Miniature()
    with ServedEnvironment(miniature, HOST) as served:
        body = fetch(served, "/api/metadata")
        assert body == miniature.answer(Ask("GET", "/api/metadata", (("Accept", "application/hal+json"),))).body
        assert b"https://miniature.samsvar.example/api/metadata" in body


def test_it_is_started_once_and_closed_once() -> None:
    served = ServedEnvironment(Miniature(), HOST)
    served.close()
    assert served.port == 0
    port = served.start().port
    assert served.start().port == port
    path = Path(served.authority_path)
    assert path.read_bytes() == served.authority_pem
    served.close()
    served.close()
    assert not path.exists()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_the_certificate_is_named_as_browsers_name_it() -> None:
    with ServedEnvironment(Miniature(), HOST) as served:
        with closing(Line(served)) as line:
            line.connect()
            shown = line.sock.getpeercert(binary_form=True) or b""
        assert key_hash(shown) == served.leaf_spki
        assert len(base64.b64decode(served.leaf_spki)) == 32


def test_nobody_trusts_it_who_was_not_told_to() -> None:
    with ServedEnvironment(Miniature(), HOST) as served:
        plain = socket.create_connection(("127.0.0.1", served.port), timeout=10)
        with closing(plain), pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(plain, server_hostname=HOST)

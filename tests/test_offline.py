"""Without a network nothing leaves this machine, by whatever way."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from samsvar.errors import SafetyError
from samsvar.world.offline import here, offline

AWAY = ("192.0.2.1", 9)


def tcp(call: Callable[[socket.socket], object]) -> object:
    with socket.socket() as made:
        return call(made)


def udp() -> object:
    with socket.socket(type=socket.SOCK_DGRAM) as made:
        return made.sendto(b"", AWAY)


WAYS: dict[str, Callable[[], object]] = {
    "a connection": lambda: tcp(lambda made: made.connect(AWAY)),
    "a connection that tells by number": lambda: tcp(lambda made: made.connect_ex(AWAY)),
    "a packet": udp,
    "a name": lambda: socket.getaddrinfo("api.example", 443),
    "a name, the old way": lambda: socket.gethostbyname("api.example"),
    "both": lambda: socket.create_connection(("api.example", 443), timeout=1),
    "an event loop": lambda: asyncio.run(asyncio.open_connection("192.0.2.1", 9)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_out_is_closed(way: str) -> None:
    with offline(), pytest.raises(SafetyError, match="out of reach"):
        WAYS[way]()


def test_this_machine_is_still_there_and_the_network_comes_back() -> None:
    before = socket.socket.connect, socket.getaddrinfo
    with offline(), socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("localhost", server.getsockname()[1]), timeout=5):
            pass
        with socket.create_connection(server.getsockname(), timeout=5):
            pass
    assert (socket.socket.connect, socket.getaddrinfo) == before


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        (None, True),
        (b"localhost", True),
        ("10.0.0.1", False),
        ("localhost.se", False),
    ],
)
def test_what_this_machine_is(host: object, is_here: bool) -> None:
    assert here(host) is is_here

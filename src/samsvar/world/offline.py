"""No network, for a while: what connects to another machine or looks up its name is refused."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

from samsvar.errors import SafetyError

CONNECTING: Final = ("connect", "connect_ex", "sendto")
LOOKING_UP: Final = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")


@contextmanager
def offline() -> Iterator[None]:
    """While this lasts, every socket of this process that would reach another machine raises SafetyError. This machine
    itself may be reached: it holds the databases of tests, and event loops."""
    with ExitStack() as stack:
        for name in CONNECTING:
            stack.enter_context(mock.patch.object(socket.socket, name, _connecting(getattr(socket.socket, name))))
        for name in LOOKING_UP:
            stack.enter_context(mock.patch.object(socket, name, _looking_up(getattr(socket, name))))
        yield


def _connecting(real: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, *about: Any) -> Any:
        address = about[-1]
        if isinstance(address, tuple):  # a name in the file system reaches nobody else
            _allow(address[0])
        return real(self, *about)

    return connect


def _looking_up(real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *about: Any, **options: Any) -> Any:
        _allow(host)
        return real(host, *about, **options)

    return look_up


def _allow(host: Any) -> None:
    if not here(host):
        raise SafetyError(f"{host} is out of reach: this test plays a recording.", "Ask what was recorded.")


def here(host: Any) -> bool:
    """A host is this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False

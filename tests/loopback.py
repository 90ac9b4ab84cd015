"""Servers on 127.0.0.1 that say exactly the bytes they are told to, and remember every byte they were sent."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType

Script = Callable[[socket.socket], None]


class RawServer:
    """One thread per connection; each runs the script. ``received`` holds what came, over all connections."""

    def __init__(self, script: "Script | bytes") -> None:
        self._script = script if callable(script) else saying(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.connections = 0
        self.received = b""
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._script(Heard(connection, self))  # type: ignore[arg-type]
        except OSError:
            pass  # the client has gone, which is what many of these tests are about
        finally:
            connection.close()

    def __enter__(self) -> "RawServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        finally:
            self._listener.close()
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by its own thread
        for thread in (self._accepting, *self._threads):
            thread.join(5)


class Heard:
    """A connection whose incoming bytes are remembered by its server."""

    def __init__(self, connection: socket.socket, server: RawServer) -> None:
        self._connection = connection
        self._server = server

    def recv(self, size: int) -> bytes:
        data = self._connection.recv(size)
        self._server.received += data
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def request(connection: socket.socket) -> bytes:
    """Reads one request; b"" when the client has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def saying(answer: bytes) -> Script:
    """Gives that answer to the first request and closes."""

    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(answer)

    return script


def answering(respond: Callable[[bytes], bytes]) -> Script:
    """Answers request after request on a connection with what ``respond`` makes of each."""

    def script(connection: socket.socket) -> None:
        while data := request(connection):
            connection.sendall(respond(data))

    return script


def page(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """An honest answer."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", "")
    return "\r\n".join(lines).encode("latin-1") + body

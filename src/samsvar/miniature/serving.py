"""The miniature on a real port: HTTP/1.1 with its own reason phrases, duplicate fields and dishonest framing."""

import ssl
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from samsvar.miniature.environment import Miniature
from samsvar.miniature.wire import Answer, Ask, Framing

CHUNK = 1024
LARGEST_BODY = 1_000_000
IDLE_SECONDS = 30


class Answering(Protocol):
    """Whatever can be served: the miniature, or something that stands before it."""

    def answer(self, ask: Ask) -> Answer:
        """What is said to one request. Never raises."""
        ...


def chunks(body: bytes) -> bytes:
    """The body in chunks, without the closing one (RFC 9112, 7.1)."""
    parts = (body[place : place + CHUNK] for place in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def head_of(answer: Answer) -> bytes:
    """Status line and fields, as they stand in the answer."""
    chunked = answer.framing in (Framing.CHUNKED, Framing.CUT_CHUNKS)
    fields = (
        answer.without("Content-Length").adding("Transfer-Encoding", "chunked").headers if chunked else answer.headers
    )
    lines = [b"HTTP/1.1 %d %s" % (answer.status, answer.reason)]
    lines += [
        f"{name}: {value}".encode("utf-8" if name.lower() != "location" else "ascii", "replace")
        for name, value in fields
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def tail_of(answer: Answer, method: str) -> bytes:
    """What follows the head."""
    if method == "HEAD":
        return b""
    ways: dict[Framing, Callable[[bytes], bytes]] = {
        Framing.HONEST: lambda body: body,
        Framing.CHUNKED: lambda body: chunks(body) + b"0\r\n\r\n",
        Framing.TRUNCATED: lambda body: body[: len(body) // 2],
        Framing.CUT_CHUNKS: lambda body: chunks(body[: len(body) // 2]),
    }
    return ways[answer.framing](answer.body)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    miniature: Answering

    def __getattr__(self, name: str) -> Any:
        """Every method is answered, also those that nobody knows."""
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def respond(self) -> None:
        """Hands the request to the miniature and sends what it says."""
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length), LARGEST_BODY)) if length.isdecimal() else b""
        ask = Ask(self.command, self.path, tuple(self.headers.items()), body, self.certificate())
        answer = self.miniature.answer(ask)
        self.wfile.write(head_of(answer) + tail_of(answer, self.command))
        self.wfile.flush()
        if answer.framing in (Framing.TRUNCATED, Framing.CUT_CHUNKS):
            self.close_connection = True

    def certificate(self) -> str | None:
        """The common name of the client certificate, which the TLS context has verified."""
        if not isinstance(self.connection, ssl.SSLSocket):
            return None
        found = self.connection.getpeercert() or {}
        subject: Any = found.get("subject", ())
        return next((value for part in subject for name, value in part if name == "commonName"), None)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: what was asked is the caller's to record."""


class QuietServer(ThreadingHTTPServer):
    """A client that goes away in the middle of an answer is everyday life for a server under test."""

    daemon_threads = True
    request_queue_size = 128  # with five, as by default, clients that come at once wait for their second SYN

    def __init__(self, address: tuple[str, int], handler: type[Handler], tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        super().__init__(address, handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """TLS is shaken hands on in the connection's own thread, so a slow client blocks nobody."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(IDLE_SECONDS)
        with self.tls.wrap_socket(request, server_side=True) as secured:  # the socket as it came is empty from now on
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connection faults are the client's business; everything else is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Served:
    """A running server. ``root``: the URL of the API on it, at that ``port``. Also a context manager that closes it."""

    def __init__(self, factory: Callable[[str], Answering], host: str, port: int, tls: ssl.SSLContext | None) -> None:
        handler = type("BoundHandler", (Handler,), {})
        self._server = QuietServer((host, port), handler, tls)
        scheme = "http" if tls is None else "https"
        self.port = int(self._server.server_address[1])
        self.root = f"{scheme}://{host}:{self.port}/api"
        self.miniature = factory(self.root)
        handler.miniature = self.miniature  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops the server and frees the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(
    factory: Callable[[str], Answering] = Miniature,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Served:
    """Serves the miniature that ``factory`` makes for the root it is given. port 0: any free one."""
    return Served(factory, host, port, tls)

"""The live transport against servers that lie, stall and lure (cases H1 to H97), all on loopback."""

import asyncio
import gzip
import pickle
import shutil
import socket
import ssl
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import RawServer, answering, page, request, saying

from samsvar.errors import UsageError
from samsvar.model.exchange import Failure, Login, Probe, Response, Stage
from samsvar.world.addresses import Origin, origin_of
from samsvar.world.credentials import Vault
from samsvar.world.dress import ClientCertificate, Person
from samsvar.world.http import Dealings, LiveTransport, Patience, Resolve, lookup
from samsvar.world.reading_bodies import Limits
from samsvar.world.transport import Outcome

CANARIES = {"api_key": "KEYCANARY", "token": "TOKENCANARY"}
QUICK = Dealings(limits=Limits(wire=200_000, decoded=400_000), patience=Patience(1.0, 0.5, 1.0))


def vault_for(root: str, **more: object) -> Vault:
    origin = origin_of(root)
    assert isinstance(origin, Origin)
    return Vault(origin, **{**CANARIES, **more})  # type: ignore[arg-type]


def send_all(
    root: str, *probes: Probe, vault: Vault | None = None, dealings: Dealings = QUICK, resolve: Resolve = lookup
) -> tuple[Outcome, ...]:
    async def run() -> tuple[Outcome, ...]:
        transport = LiveTransport(root, vault or vault_for(root), dealings, resolve=resolve)
        try:
            return tuple([await transport.send(probe) for probe in probes])
        finally:
            await transport.aclose()

    return asyncio.run(run())


def ask(server: RawServer, **about: object) -> Outcome:
    probe = Probe("read", server.root + "/x", **about)  # type: ignore[arg-type]
    return send_all(server.root, probe)[0]


def answer_to(raw: bytes, **about: object) -> Outcome:
    with RawServer(raw) as server:
        return ask(server, **about)


def failure_of(outcome: Outcome) -> Failure:
    assert outcome.failure is not None, outcome
    return outcome.failure


def response_of(outcome: Outcome) -> Response:
    assert outcome.response is not None, outcome
    return outcome.response


# -- what goes out ------------------------------------------------------------------------------------------------


def test_only_our_own_fields_and_the_credentials_go_out() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        outcome = ask(server, headers=(("Accept", "application/hal+json"),))
        lines = server.received.decode().split("\r\n")
    assert lines == [
        "GET /api/x HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Accept: application/hal+json",
        "Accept-Encoding: gzip",
        "User-Agent: samsvar/1 (contract test harness)",
        "ApiKey: KEYCANARY",
        "Authorization: Bearer TOKENCANARY",
        "",
        "",
    ]
    assert outcome.credentials == ("ApiKey", "Authorization")
    assert "CANARY" not in repr(outcome)


def test_without_accept_none_is_sent() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        ask(server)
        assert b"accept:" not in server.received.lower()


def test_proxies_and_netrc_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("default login a password NETRCCANARY")
    with RawServer(answering(lambda _: page(b"{}"))) as proxy, RawServer(answering(lambda _: page(b"{}"))) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert response_of(ask(server)).status == 200
        assert proxy.connections == 0
        assert b"NETRC" not in server.received


@pytest.mark.parametrize("name", ["ApiKey", "authorization", "Cookie"])
def test_a_probe_that_carries_a_credential_does_not_go_out(name: str) -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        failure = failure_of(ask(server, headers=((name, "CANARY"),)))
        assert failure.stage is Stage.REFUSED and "CANARY" not in failure.because
        assert server.connections == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_unsafe_methods_do_not_go_out_unless_allowed(method: str) -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        assert failure_of(ask(server, method=method)).stage is Stage.REFUSED
        assert server.connections == 0


def test_a_field_value_with_a_line_break_is_not_sent() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        assert failure_of(ask(server, headers=(("Origin", "a\r\nX-Evil: 1"),))).stage is Stage.SEND
        assert b"Evil" not in server.received


def test_a_field_value_that_is_no_text_is_not_sent() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        assert failure_of(ask(server, headers=(("Origin", "\ud800"),))).stage is Stage.REFUSED


# -- nothing leaks to another origin (R1 to R5) -------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_is_an_answer_and_is_not_followed(status: int) -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as other:
        target = f"Location: http://127.0.0.1:{other.port}/api/x"
        with RawServer(answering(lambda _: page(b"", target, status=f"{status} Moved"))) as server:
            assert response_of(ask(server)).status == status
        assert other.connections == 0


@pytest.mark.parametrize("login", list(Login))
def test_a_link_to_another_origin_is_refused_before_any_connection(login: Login) -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as other, RawServer(answering(lambda _: page(b"{}"))) as server:
        vault = vault_for(server.root, person=Person("a", "b"), certificate=ClientCertificate(subject="x"))
        probes = [Probe("follow", url, login=login) for url in (other.root, f"http://localhost:{server.port}/api")]
        for outcome in send_all(server.root, *probes, vault=vault):
            assert failure_of(outcome).stage is Stage.REFUSED
        assert other.connections == server.connections == 0


def test_a_session_cookie_is_for_the_origin_that_set_it_whatever_its_domain_says() -> None:
    def respond(data: bytes) -> bytes:
        if data.startswith(b"POST"):
            assert b'"UserPassword": "PASSCANARY"' in data
            return page(b"", "Set-Cookie: .ASPXAUTH=COOKIECANARY; Domain=127.0.0.1; Path=/; Secure")
        return page(b"{}")

    with RawServer(answering(lambda _: page(b"{}"))) as other, RawServer(answering(respond)) as server:
        vault = vault_for(server.root, person=Person("ola", "PASSCANARY"))
        probes = [
            Probe("read", server.root + "/a", login=Login.PASSWORD),
            Probe("read", server.root + "/b", login=Login.PASSWORD),
            Probe("read", server.root + "/c", login=Login.NO_LOGIN),
            Probe("read", other.root, login=Login.PASSWORD),
        ]
        outcomes = send_all(server.root, *probes, vault=vault)
        asked = server.received.split(b"HTTP/1.1\r\n")
        assert server.received.count(b"POST /api/authentication/authenticatewithpassword") == 1
        assert [b"COOKIECANARY" in head for head in asked] == [False, False, True, True, False]
        assert b"TOKENCANARY" not in server.received
        assert other.connections == 0
    assert outcomes[0].credentials == ("ApiKey", "Cookie")
    assert "CANARY" not in repr((outcomes, vault))


def test_a_sign_in_that_fails_is_tried_once_only() -> None:
    with RawServer(answering(lambda _: page(b"", status="401 Unauthorized"))) as server:
        vault = vault_for(server.root, token="", person=Person("ola", "x"))
        probe = Probe("read", server.root + "/a", login=Login.GIVEN)
        first, second = send_all(server.root, probe, probe, vault=vault)
        assert server.received.count(b"POST") == 1 and b"GET" not in server.received
    assert failure_of(first) == failure_of(second)
    assert "401" in failure_of(first).because


def test_credentials_of_another_origin_are_refused() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        vault = Vault(Origin("https", "www.altinn.no", 443), api_key="KEYCANARY")
        assert failure_of(send_all(server.root, Probe("read", server.root), vault=vault)[0]).stage is Stage.REFUSED
        assert server.connections == 0


def test_a_vault_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(vault_for("https://www.altinn.no"))


# -- framing -----------------------------------------------------------------------------------------------------

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

HONEST = {
    "plain": (page(b"abc"), b"abc"),
    "until close": (b"HTTP/1.0 200 OK\r\n\r\nabc", b"abc"),
    "chunked": (CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
    "chunk extension": (CHUNKED + b"3;a=b\r\nabc\r\n0\r\n\r\n", b"abc"),
    "trailers": (CHUNKED + b"3\r\nabc\r\n0\r\nX: 1\r\nSet-Cookie: a=b\r\n\r\n", b"abc"),
    "a chunk that looks like the end": (CHUNKED + b"7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", b"\r\n0\r\n\r\n"),
    "equal lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc", b"abc"),
    "interim": (b"HTTP/1.1 103 Early\r\nX: 1\r\n\r\n" * 8 + page(b"abc"), b"abc"),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", b"abc"),
    "not modified with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", b""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "gzip": (page(gzip.compress(b"abc"), "Content-Encoding: gzip"), b"abc"),
    "x-gzip": (page(gzip.compress(b"abc"), "Content-Encoding: X-GZip"), b"abc"),
    "identity": (page(b"abc", "Content-Encoding: identity"), b"abc"),
}


@pytest.mark.parametrize(("raw", "body"), HONEST.values(), ids=HONEST.keys())
def test_an_honest_answer_is_read_whole(raw: bytes, body: bytes) -> None:
    assert response_of(answer_to(raw)).body == body


DISHONEST = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
    "signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
    "length in words": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nab",
    "length and chunks": CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "short body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    "bytes after the length": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
    "a second answer": page(b"abc") + page(b"def"),
    "chunk size in words": CHUNKED + b"ZZ\r\nabc\r\n0\r\n\r\n",
    "no last chunk": CHUNKED + b"3\r\nabc\r\n",
    "bytes after the last chunk": CHUNKED + b"3\r\nabc\r\n0\r\n\r\nmore",
    "chunks after the last chunk": CHUNKED + b"3\r\nabc\r\n0\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "wrong chunk end": CHUNKED + b"3\r\nabcXX0\r\n\r\n",
    "unknown transfer encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nabc",
    "no colon": b"HTTP/1.1 200 OK\r\nbad line\r\n\r\n",
    "blank before the colon": b"HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n",
    "nul in a value": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "status in words": b"HTTP/1.1 two hundred\r\n\r\n",
    "version 3": b"HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no content with chunks": b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no content with content": b"HTTP/1.1 204 No\r\n\r\nabc",
}


@pytest.mark.parametrize("raw", DISHONEST.values(), ids=DISHONEST.keys())
def test_dishonest_framing_is_told(raw: bytes) -> None:
    assert failure_of(answer_to(raw)).stage is Stage.FRAMING


def test_what_came_of_a_truncated_body_is_kept() -> None:
    failure = failure_of(answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"))
    assert failure.response is not None and failure.response.body == b"abc"


def test_a_body_after_head_is_told_and_kept() -> None:
    failure = failure_of(answer_to(page(b"abc"), method="HEAD"))
    assert failure.stage is Stage.FRAMING
    assert failure.response is not None and failure.response.body == b"abc"


def test_an_honest_head_keeps_the_length_it_tells() -> None:
    response = response_of(answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", method="HEAD"))
    assert (response.first("content-length"), response.body) == ("3", b"")


def test_bytes_after_an_answer_never_become_the_next_answer() -> None:
    def respond(data: bytes) -> bytes:
        return page(b"abc") + (page(b"smuggled") if b"/first" in data else b"")

    with RawServer(answering(respond)) as server:
        probes = [Probe("read", server.root + path) for path in ("/first", "/second", "/third")]
        first, second, third = send_all(server.root, *probes)
    assert failure_of(first).stage is Stage.FRAMING
    assert response_of(second).body == response_of(third).body == b"abc"


def test_a_later_answer_on_a_kept_connection_is_watched_as_closely() -> None:
    def respond(data: bytes) -> bytes:
        return page(b"abc") + (b"!" if b"/second" in data else b"")

    with RawServer(answering(respond)) as server:
        first, second = send_all(server.root, *(Probe("read", server.root + path) for path in ("/first", "/second")))
        assert server.connections == 1
    assert response_of(first).body == b"abc"
    assert failure_of(second).stage is Stage.FRAMING


def test_a_reset_after_the_whole_answer_is_no_failure() -> None:
    def script(connection: socket.socket) -> None:
        request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(page(b"abc"))

    with RawServer(script) as server:
        outcomes = send_all(server.root, *[Probe("read", server.root)] * 5)
    assert not [outcome for outcome in outcomes if outcome.response and outcome.response.body != b"abc"]
    assert not [outcome for outcome in outcomes if outcome.failure and outcome.failure.stage is not Stage.RECEIVE]


@pytest.mark.parametrize("cut", range(1, 70, 3))
def test_an_answer_cut_anywhere_is_never_taken_for_whole(cut: int) -> None:
    whole = page(b'{"a": "b"}', "Content-Type: application/json")
    assert failure_of(answer_to(whole[: min(cut, len(whole) - 1)])).stage in (Stage.FRAMING, Stage.RECEIVE)


def test_header_fields_keep_order_spelling_and_repetition() -> None:
    raw = b"HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nContent-Length: 0\r\n\r\n"
    assert response_of(answer_to(raw)).headers == (("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("Content-Length", "0"))


@pytest.mark.parametrize("reason", ["P\u00e5krevd".encode(), "P\u00e5krevd".encode("latin-1"), b""])
def test_the_bytes_of_the_reason_phrase_are_kept(reason: bytes) -> None:
    assert response_of(answer_to(b"HTTP/1.1 400 " + reason + b"\r\nContent-Length: 0\r\n\r\n")).reason == reason


def test_the_version_is_kept() -> None:
    assert response_of(answer_to(b"HTTP/1.0 200 OK\r\n\r\n")).version == "HTTP/1.0"


# -- encodings ---------------------------------------------------------------------------------------------------

PACKED = gzip.compress(b'{"a": 1}' * 50)
MISCODED = {
    "plain bytes": (b'{"a": 1}', "gzip"),
    "bad checksum": (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "gzip"),
    "cut in the stream": (PACKED[:20], "gzip"),
    "cut before the trailer": (PACKED[:-8], "gzip"),
    "bytes behind": (PACKED + b"xx", "gzip"),
    "second member": (PACKED + PACKED, "gzip"),
    "many empty members": (gzip.compress(b"") * 5_000, "gzip"),
    "gzip of gzip": (gzip.compress(PACKED), "gzip, gzip"),
    "brotli": (PACKED, "br"),
    "deflate": (zlib.compress(b"abc"), "deflate"),
    "rot13": (b"nop", "rot13"),
}


@pytest.mark.parametrize(("body", "coding"), MISCODED.values(), ids=MISCODED.keys())
def test_content_that_is_not_coded_as_it_says_is_told(body: bytes, coding: str) -> None:
    assert failure_of(answer_to(page(body, f"Content-Encoding: {coding}"))).stage is Stage.ENCODING


def test_a_coding_that_was_excluded_is_told() -> None:
    raw = page(PACKED, "Content-Encoding: gzip")
    for asked in ("identity", "gzip;q=0", "br"):
        assert failure_of(answer_to(raw, headers=(("Accept-Encoding", asked),))).stage is Stage.ENCODING
    assert response_of(answer_to(raw, headers=(("Accept-Encoding", "br, gzip;q=0.5"),))).body


def test_a_bomb_is_stopped_by_its_decoded_size() -> None:
    failure = failure_of(answer_to(page(gzip.compress(b"0" * 2_000_000), "Content-Encoding: gzip")))
    assert failure.stage is Stage.LIMIT
    assert failure.response is not None and len(failure.response.body) <= 400_000


# -- limits and time ---------------------------------------------------------------------------------------------


def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not() -> None:
    assert len(response_of(answer_to(page(b"x" * 200_000))).body) == 200_000
    assert failure_of(answer_to(page(b"x" * 200_001))).stage is Stage.LIMIT


def test_an_endless_body_ends_at_the_limit() -> None:
    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with RawServer(script) as server:
        assert failure_of(ask(server)).stage is Stage.LIMIT


@pytest.mark.parametrize(
    "fields",
    [[f"X-{i}: 1" for i in range(101)], ["X: " + "a" * 70_000], ["X: " + "a" * 1_000_000]],
    ids=["101 fields", "70 KB", "1 MB"],
)
def test_too_much_head_is_a_limit(fields: list[str]) -> None:
    assert failure_of(answer_to(page(b"", *fields))).stage is Stage.LIMIT


def test_a_hundred_fields_are_not_too_many() -> None:
    assert response_of(answer_to(page(b"", *[f"X-{i}: 1" for i in range(99)]))).status == 200


def test_nine_interim_answers_are_too_many() -> None:
    assert failure_of(answer_to(b"HTTP/1.1 100 Continue\r\n\r\n" * 9 + page(b""))).stage is Stage.LIMIT


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(head)
        connection.settimeout(0.05)
        while True:
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                connection.sendall(b"x")

    return script


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_the_deadline_is_for_the_whole_exchange_however_it_drips(head: bytes) -> None:
    patience = Patience(0.3, 0.3, 0.3)
    with RawServer(dripping(head)) as server:
        outcome = send_all(server.root, Probe("read", server.root), dealings=Dealings(patience=patience))[0]
    failure = failure_of(outcome)
    assert failure.stage is Stage.DEADLINE if head[:1] else failure.stage in (Stage.DEADLINE, Stage.FRAMING)
    assert outcome.seconds < 3


# -- no connection, no answer ------------------------------------------------------------------------------------


def test_nobody_listening_is_a_failure_to_connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    root = f"http://127.0.0.1:{port}/api"
    assert failure_of(send_all(root, Probe("read", root))[0]).stage is Stage.CONNECT


def test_closing_without_an_answer_is_a_failure_to_receive() -> None:
    with RawServer(saying(b"")) as server:
        failure = failure_of(ask(server))
    assert failure.stage is Stage.RECEIVE and failure.response is None


def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    with RawServer(saying(page(b"abc"))) as server:
        outcomes = send_all(server.root, *[Probe("read", server.root)] * 3)
        assert [response_of(outcome).body for outcome in outcomes] == [b"abc"] * 3


def test_plain_http_on_a_tls_port_is_a_tls_failure() -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawServer(script) as server:
        root = f"https://127.0.0.1:{server.port}"
        failure = failure_of(send_all(root, Probe("read", root))[0])
    assert failure.stage is Stage.TLS and "CANARY" not in failure.because


# -- TLS ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """server.pem for 127.0.0.1 and client.pem, each self-signed and with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl command to make certificates with")
    folder = tmp_path_factory.mktemp("tls")
    for name in ("server", "client"):
        command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "2", "-subj", f"/CN={name}"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def tls_server(folder: Path, seen: list[object]) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    context.load_verify_locations(folder / "client.crt")
    context.verify_mode = ssl.CERT_OPTIONAL
    respond = answering(lambda _: page(b"{}"))

    def script(connection: socket.socket) -> None:
        with context.wrap_socket(connection._connection, server_side=True) as secure:  # type: ignore[attr-defined]
            seen.append(secure.getpeercert())
            respond(Echo(secure, seen))  # type: ignore[arg-type]

    return RawServer(script)


class Echo:
    """Remembers what a TLS connection received."""

    def __init__(self, secure: ssl.SSLSocket, seen: list[object]) -> None:
        self._secure = secure
        self._seen = seen
        self.sendall = secure.sendall

    def recv(self, size: int) -> bytes:
        data = self._secure.recv(size)
        self._seen.append(data)
        return data


def test_a_certificate_that_nobody_vouches_for_is_a_tls_failure(certificates: Path) -> None:
    seen: list[object] = []
    with tls_server(certificates, seen) as server:
        root = f"https://127.0.0.1:{server.port}/api"
        failure = failure_of(send_all(root, Probe("read", root))[0])
    assert failure.stage is Stage.TLS and "self-signed" in failure.because
    assert not seen


def test_the_client_certificate_is_shown_only_where_its_login_is_named(certificates: Path) -> None:
    seen: list[object] = []
    dealings = Dealings(authorities=str(certificates / "server.crt"))
    certificate = ClientCertificate(str(certificates / "client.crt"), str(certificates / "client.key"))
    with tls_server(certificates, seen) as server:
        root = f"https://127.0.0.1:{server.port}/api"
        vault = vault_for(root, certificate=certificate)
        probes = [Probe("read", root + "?a=1", login=login) for login in (Login.GIVEN, Login.CERTIFICATE)]
        first, second = send_all(root, *probes, vault=vault, dealings=dealings)
    assert response_of(first).status == response_of(second).status == 200
    shown = [one for one in seen if not isinstance(one, bytes)]
    heads = [one for one in seen if isinstance(one, bytes) and one]
    assert not shown[0] and "client" in str(shown[1])
    assert heads[0].startswith(b"GET /api?a=1 ") and heads[1].startswith(b"GET /api?a=1&ForceEIAuthentication ")
    assert b"Bearer" in heads[0] and b"Bearer" not in heads[1]
    assert second.credentials == ("ApiKey", "certificate")


def test_a_certificate_is_not_pretended_where_there_is_no_tls() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        vault = vault_for(server.root, certificate=ClientCertificate("client.crt"))
        outcome = send_all(server.root, Probe("read", server.root, login=Login.CERTIFICATE), vault=vault)[0]
        assert failure_of(outcome).stage is Stage.REFUSED and server.connections == 0


def test_a_certificate_file_that_cannot_be_used_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("nothing")
    dealings = Dealings(authorities=str(tmp_path / "a.pem"))
    with pytest.raises(UsageError, match="certificate file"):
        send_all("https://127.0.0.1:4443/api", Probe("read", "https://127.0.0.1:4443/api"), dealings=dealings)


# -- names (R6) --------------------------------------------------------------------------------------------------


def resolving(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return addresses

    return resolve


@pytest.mark.parametrize(
    "found", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::ffff:127.0.0.1",), ("169.254.169.254",)]
)
def test_a_public_name_that_leads_to_a_private_address_is_refused(found: tuple[str, ...]) -> None:
    root = "https://www.altinn.no/api"
    failure = failure_of(send_all(root, Probe("read", root), resolve=resolving(*found))[0])
    assert failure.stage is Stage.REFUSED and "address" in failure.because


def test_the_address_that_was_checked_is_the_one_that_is_dialled() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        root = f"http://miniature.localhost:{server.port}"
        outcome = send_all(root, Probe("read", root), resolve=resolving("127.0.0.1"))[0]
        assert response_of(outcome).status == 200
        assert f"Host: miniature.localhost:{server.port}".encode() in server.received


def test_the_next_address_is_tried_when_one_cannot_be_connected_to() -> None:
    with RawServer(answering(lambda _: page(b"{}"))) as server:
        root = f"http://miniature.localhost:{server.port}"
        resolve = resolving("127.0.0.2", "127.0.0.1")
        assert response_of(send_all(root, Probe("read", root), resolve=resolve)[0]).status == 200


def test_a_name_that_is_not_known_is_a_dns_failure() -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    root = "https://www.altinn.no/api"
    assert failure_of(send_all(root, Probe("read", root), resolve=resolve)[0]).stage is Stage.DNS


def test_a_name_server_that_never_answers_is_a_dns_failure() -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    root = "https://www.altinn.no/api"
    assert failure_of(send_all(root, Probe("read", root), resolve=resolve)[0]).stage is Stage.DNS


def test_a_root_that_cannot_be_asked_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="clear text"):
        LiveTransport("http://www.altinn.no/api", vault_for("https://www.altinn.no"))

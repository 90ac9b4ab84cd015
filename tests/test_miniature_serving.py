"""The miniature over a real connection on loopback."""

import socket
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest

from samsvar.miniature import Ask, Framing, Miniature, serve
from samsvar.miniature import credentials as given


def connection(root: str):
    return closing(HTTPConnection(urlsplit(root).netloc, timeout=10))


def fetch(line: HTTPConnection, target: str, **fields: str):
    line.request("GET", target, headers=fields)
    answer = line.getresponse()
    return answer, answer.read()


def framed(framing: Framing):
    """A miniature whose answers are sent in that framing."""

    def made(root: str) -> Miniature:
        site = Miniature(root)
        site.parts = site.parts.with_final(lambda call, answer: replace(answer, framing=framing))
        return site

    return made


def test_the_port_says_what_the_miniature_says_and_keeps_the_connection():
    with serve() as served, connection(served.root) as line:
        for _ in range(3):
            answer, body = fetch(line, "/api/metadata", Accept="application/hal+json")
            said = served.miniature.answer(Ask("GET", "/api/metadata", (("Accept", "application/hal+json"),)))
            assert (answer.status, body) == (200, said.body)
            assert answer.getheaders() == list(said.headers)
        assert served.root.encode() in body


def test_reason_phrases_go_over_the_wire():
    with serve() as served, connection(served.root) as line:
        answer, _ = fetch(line, "/api/my/messages")
        assert (answer.status, answer.reason) == (400, "Required header 'ApiKey' is missing.")


def test_every_method_is_answered():
    with serve() as served, connection(served.root) as line:
        line.request("BREW", "/api/metadata")
        answer = line.getresponse()
        assert (answer.status, answer.getheader("Allow")) == (405, "GET, HEAD, OPTIONS")


def test_head_has_a_length_and_no_body():
    with serve() as served, connection(served.root) as line:
        line.request("HEAD", "/api/metadata")
        answer = line.getresponse()
        assert int(answer.getheader("Content-Length")) > 1000
        assert answer.read() == b""
        assert fetch(line, "/api/metadata")[0].status == 200


def test_chunks_carry_the_same_body():
    with serve(framed(Framing.CHUNKED)) as served, connection(served.root) as line:
        answer, body = fetch(line, "/api/metadata")
        assert answer.getheader("Transfer-Encoding") == "chunked"
        assert body == served.miniature.answer(Ask("GET", "/api/metadata")).body


@pytest.mark.parametrize("framing", [Framing.TRUNCATED, Framing.CUT_CHUNKS])
def test_dishonest_framing_is_seen_by_a_client(framing):
    with serve(framed(framing)) as served, connection(served.root) as line, pytest.raises(IncompleteRead):
        fetch(line, "/api/metadata")


def test_a_login_over_the_wire():
    with serve() as served, connection(served.root) as line:
        fields = {"ApiKey": given.API_KEY, "Authorization": f"Bearer {given.TOKEN}"}
        answer, body = fetch(line, "/api/my/messages", **fields)
        assert answer.status == 200
        assert f"{served.root}/my/messages/".encode() in body


def test_closing_frees_the_port():
    served = serve()
    port = urlsplit(served.root).port
    served.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0

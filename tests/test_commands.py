"""curl is really run, against servers on loopback; PowerShell is played by a program that says what it was given."""

import asyncio
import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import RawServer, page, request

from samsvar.logic.reporting import commands as lines
from samsvar.miniature import Miniature
from samsvar.model.exchange import Client, Exchange, Failure, Login, Probe, Response, Stage, Target, TargetKind
from samsvar.world.addresses import Origin, origin_of
from samsvar.world.clients import RoutedTransport
from samsvar.world.commands import (
    EXECUTABLES,
    SCRIPT_IN,
    STAGES,
    Command,
    CommandTransport,
    Curl,
    PowerShell,
    Program,
    checked_route,
    complaint,
    heads,
    in_quotes,
    installed,
    run,
    served_route,
)
from samsvar.world.credentials import Vault
from samsvar.world.http import Dealings, LiveTransport, Resolve, lookup
from samsvar.world.reading_bodies import Limits
from samsvar.world.served import ServedEnvironment
from samsvar.world.transport import Outcome

CURL = shutil.which("curl") or ""
needs_curl = pytest.mark.skipif(not CURL, reason="curl is not installed: install it to see it run")
posix = pytest.mark.skipif(os.name != "posix", reason="the programs that play others are scripts")

KEY, TOKEN = "key-that-nobody-sees", "token-that-nobody-sees"
HOST = "miniature.samsvar.example"


def vault(root: str) -> Vault:
    origin = origin_of(root)
    assert isinstance(origin, Origin)
    return Vault(origin, api_key=KEY, token=TOKEN)


async def public(host: str, port: int) -> tuple[str, ...]:
    return ("93.184.216.34", "2606:2800:220:1::1")


def transport(
    root: str, program: Program | None = None, resolve: Resolve | None = None, **how: Any
) -> CommandTransport:
    """The way by a program, made ready as our own. How names are looked up, if not as ever: then they are public."""
    holder = vault(root)
    own = LiveTransport(root, holder, Dealings(private=resolve is None), resolve=resolve or lookup)
    return CommandTransport(own.ready, program or Curl(CURL), checked_route(holder.origin, own.addresses), **how)


def sent(way: CommandTransport, probe: Probe) -> Outcome:
    return asyncio.run(way.send(probe))


def ask(root: str, path: str = "/metadata/", **changes: object) -> Probe:
    probe = Probe("example.x", f"{root}{path}", login=Login.NONE, by=Client.CURL)
    return replace(probe, **changes)  # type: ignore[arg-type]


def response(outcome: Outcome) -> Response:
    assert outcome.response is not None, outcome.failure
    return outcome.response


def failure(outcome: Outcome) -> Failure:
    assert outcome.failure is not None, outcome.response
    return outcome.failure


# -- what is run is what is printed


LOGINS = (Login.NONE, Login.GIVEN, Login.NO_LOGIN)


@needs_curl
@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("path", ["/metadata/", "/my/messages?$filter=ServiceOwner%20eq%20'A'&$top=3", "/a[1-2]"])
def test_curl_asks_byte_for_byte_what_the_printed_line_asks(login: Login, path: str) -> None:
    fields = (("Origin", "https://www.eksempel.no"), ("Accept", "application/hal+json"), ("X-Note", 'a "b" \\ c'))
    with RawServer(page(b"{}")) as server:
        probe = ask(server.root, path, login=login, headers=fields)
        outcome = sent(transport(server.root), probe)
        response(outcome)
        ran, server.received = server.received, b""
        exchange = Exchange(1, probe, outcome.response, credentials=outcome.credentials)
        line = lines.curl(exchange, Target(TargetKind.LIVE, server.root))
        environment = {"PATH": os.environ["PATH"], "SAMSVAR_API_KEY": KEY, "SAMSVAR_TOKEN": TOKEN}
        subprocess.run(["sh", "-c", line], env=environment, check=True, capture_output=True, timeout=30)
        assert sorted(server.received.split(b"\r\n")) == sorted(ran.split(b"\r\n"))
    assert (KEY.encode() in ran) is (login is not Login.NONE)


@needs_curl
def test_curl_says_who_it_is_and_accepts_anything_as_in_the_documented_line() -> None:
    with RawServer(page(b"{}")) as server:
        probe = ask(server.root, headers=(("Origin", "https://www.eksempel.no"),))
        sent(transport(server.root), probe)
        words = server.received.decode().split("\r\n")
    assert words[0] == "GET /api/metadata/ HTTP/1.1"
    assert "Accept: */*" in words and any(word.startswith("User-Agent: curl/") for word in words)
    assert not any("samsvar" in word or word.startswith("Accept-Encoding") for word in words)


def test_no_header_field_stands_in_an_argument() -> None:
    root = "https://api.example/api"
    seen: list[Command] = []

    class Listening(Curl):
        def command(self, *given):  # type: ignore[no-untyped-def]
            seen.append(super().command(*given))
            return Command((sys.executable, "-c", "pass"))

    way = transport(root, Listening("curl"), public)
    failure(sent(way, ask(root, login=Login.GIVEN, headers=(("Origin", "https://secret.example"),))))
    (command,) = seen
    assert command.arguments == ("curl", "--disable", "--config", "-")
    text = command.reads.decode()
    assert f'header = "ApiKey: {KEY}"' in text and f"Bearer {TOKEN}" in text and "https://secret.example" in text
    assert 'resolve = "api.example:443:93.184.216.34,[2606:2800:220:1::1]"' in text
    assert 'proto = "=https"' in text
    assert KEY not in repr(command) and KEY not in str(command.environment)


def test_a_name_that_leads_to_a_private_address_is_not_asked() -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return ("10.0.0.1",)

    root = "https://api.example/api"
    way = transport(root, Curl("/no/such/program"), resolve)
    assert failure(sent(way, ask(root))).stage is Stage.REFUSED


@pytest.mark.parametrize(
    ("text", "written"),
    [("plain", '"plain"'), ('a "b"', '"a \\"b\\""'), ("a\\b", '"a\\\\b"'), ("a\tb", '"a\\tb"'), ("a\nb", '"a\\nb"')],
)
def test_values_are_written_as_curl_reads_them(text: str, written: str) -> None:
    assert in_quotes(text) == written


@pytest.mark.parametrize("pair", [("X-Note", "a\r\nApiKey: b"), ("X-Note", "a\x00"), ("@/etc/passwd", "x"), ("", "x")])
def test_a_field_that_is_more_than_a_field_is_refused(pair: tuple[str, str]) -> None:
    root = "http://127.0.0.1:9999/api"
    assert failure(sent(transport(root), ask(root, headers=(pair,)))).stage is Stage.REFUSED


def test_credentials_and_the_client_go_to_one_origin_only() -> None:
    way = transport("http://127.0.0.1:9999/api", Curl("/no/such/program"))
    assert failure(sent(way, ask("http://127.0.0.1:9998/api"))).stage is Stage.REFUSED
    assert failure(sent(way, ask("http://127.0.0.1:9999/api", method="POST"))).stage is Stage.REFUSED


# -- what curl says


@needs_curl
def test_the_answer_is_read_with_its_fields_as_they_came() -> None:
    answer = page(b'{"a": 1}', "X-Two: a", "x-two: b", "Content-Type: application/json", status="400 Mangler nøkkel")
    with RawServer(answer) as server:
        said = response(sent(transport(server.root), ask(server.root)))
    assert (said.status, said.body, said.version, said.wire_length) == (400, b'{"a": 1}', "HTTP/1.1", 8)
    assert said.reason == "Mangler nøkkel".encode("latin-1")
    assert said.all("X-Two") == ("a", "b") and ("x-two", "b") in said.headers


@needs_curl
def test_any_coding_may_come_to_who_names_none() -> None:
    zipped = gzip.compress(b"{}")
    with RawServer(page(zipped, "Content-Encoding: gzip")) as server:
        assert response(sent(transport(server.root), ask(server.root))).body == b"{}"
    with RawServer(page(b"\x0b\x01", "Content-Encoding: br")) as server:
        assert response(sent(transport(server.root), ask(server.root))).body == b"\x0b\x01"


@needs_curl
def test_chunks_and_interim_answers_are_taken_off() -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawServer(answer + b"2\r\n{}\r\n0\r\n\r\n") as server:
        said = response(sent(transport(server.root), ask(server.root)))
    assert (said.status, said.body, said.first("Link")) == (200, b"{}", None)


@needs_curl
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_other_safe_methods_are_asked_too(method: str) -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        assert response(sent(transport(server.root), ask(server.root, method=method))).status == 200
        assert server.received.startswith(method.encode())


@needs_curl
def test_a_redirect_is_not_followed() -> None:
    with RawServer(page(b"", "Location: http://127.0.0.1:1/", status="302 Found")) as server:
        assert response(sent(transport(server.root), ask(server.root))).status == 302
        assert server.connections == 1


@needs_curl
def test_neither_a_configuration_nor_a_proxy_of_the_user_has_a_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".curlrc").write_text('header = "X-Mine: yes"\n', "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CURL_HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with RawServer(page(b"{}")) as server:
        assert response(sent(transport(server.root), ask(server.root))).status == 200
        assert b"X-Mine" not in server.received


def silent(connection: object) -> None:
    request(connection)  # type: ignore[arg-type]
    time.sleep(1.5)


SHORT = Limits(wire=2_000, head=2_000)
BROKEN: dict[str, tuple[bytes | Callable[[object], None], Stage]] = {
    "nothing": (b"", Stage.RECEIVE),
    "no HTTP": (b"SSH-2.0-OpenSSH_9\r\n\r\n", Stage.REFUSED),  # curl calls it a protocol that it does not speak
    "cut": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Stage.FRAMING),
    "cut chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{", Stage.FRAMING),
    "too long": (page(b"x" * 3_000), Stage.LIMIT),
    "endless": (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000, Stage.LIMIT),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Stage.FRAMING,
    ),
    "late": (silent, Stage.DEADLINE),
}


@needs_curl
@pytest.mark.parametrize(("script", "stage"), BROKEN.values(), ids=BROKEN)
def test_each_way_to_fail_has_its_stage(script: "bytes | Callable[[object], None]", stage: Stage) -> None:
    with RawServer(script) as server:  # type: ignore[arg-type]
        program = Curl(CURL, SHORT, 0.5)
        found = failure(sent(transport(server.root, program, limits=SHORT, seconds=0.5), ask(server.root)))
    assert found.stage is stage, found
    if script and isinstance(script, bytes) and b"Content-Length: 100" in script:
        assert found.response is not None and found.response.status == 200


@needs_curl
def test_a_closed_port_is_a_failure_to_connect() -> None:
    with RawServer(b"") as server:
        root = server.root
    assert failure(sent(transport(root), ask(root))).stage is Stage.CONNECT


@needs_curl
def test_a_name_that_nobody_has_is_told_as_such() -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        raise OSError(-2, "Name or service not known")

    root = "https://nobody.example/api"
    way = transport(root, Curl(CURL), resolve)
    assert failure(sent(way, ask(root))).stage is Stage.DNS


def test_exit_codes_are_those_of_curl() -> None:
    assert {code for code, stage in STAGES.items() if stage is Stage.DNS} == {6}
    assert STAGES[7] is Stage.CONNECT and STAGES[28] is Stage.DEADLINE and STAGES[60] is Stage.TLS
    assert STAGES[18] is Stage.FRAMING and STAGES[63] is Stage.LIMIT


def test_an_answer_without_the_end_of_its_head_is_none() -> None:
    assert heads("GET", b"HTTP/1.1 200 OK\r\nA: b\r\n") == (None, b"HTTP/1.1 200 OK\r\nA: b\r\n")
    head, body = heads("GET", b"HTTP/2 200 \r\na: b\r\nc: d\r\n e\r\n\r\nbody\r\n\r\nmore")
    assert head is not None and (head.version, head.reason, body) == ("HTTP/2", b"", b"body\r\n\r\nmore")
    assert head.fields == (("a", "b"), ("c", "d e"))
    bare, _ = heads("GET", b"HTTP/1.1 204 No Content\r\n\r\n")
    assert bare is not None and bare.fields == ()


# -- the miniature


class Unasked:
    """Our own way, which nobody goes."""

    immediate = True

    async def send(self, probe: Probe) -> Outcome:
        raise AssertionError(probe)

    async def aclose(self) -> None:
        """There is nothing to close."""


@needs_curl
def test_curl_asks_the_miniature_of_this_process_under_its_own_name() -> None:
    root = f"https://{HOST}/api"
    served = ServedEnvironment(Miniature(), HOST)
    way = RoutedTransport(
        Unasked(), {Client.CURL: CommandTransport(transport(root)._ready, Curl(CURL), served_route(served))}, (served,)
    )
    assert served.port == 0

    async def both() -> Outcome:
        try:
            return await way.send(ask(root, headers=(("Origin", "https://www.eksempel.no"),)))
        finally:
            assert served.port
            await way.aclose()

    assert response(asyncio.run(both())).first("Access-Control-Allow-Origin") == "https://www.eksempel.no"
    assert served.port == 0


@needs_curl
def test_curl_trusts_no_authority_that_it_was_not_told_of() -> None:
    root = f"https://{HOST}/api"
    with ServedEnvironment(Miniature(), HOST) as served:

        async def find() -> tuple[tuple[str, str], ...]:
            return (("connect-to", f"{HOST}:443:127.0.0.1:{served.port}"),)

        way = CommandTransport(transport(root)._ready, Curl(CURL), find)
        assert failure(sent(way, ask(root))).stage is Stage.TLS


# -- any program


@posix
@pytest.mark.parametrize("how", ["cancelled", "late", "talking"])
def test_whatever_ends_the_asking_ends_the_program(how: str, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    loud = "\nwhile True: print('x' * 10_000)" if how == "talking" else "\ntime.sleep(60)"
    code = f"import os, time, pathlib; pathlib.Path({str(told)!r}).write_text(str(os.getpid())){loud}"
    command = Command((sys.executable, "-c", code), b"something to read")

    async def asking() -> None:
        task = asyncio.create_task(run(command, 50_000, 3.0 if how == "late" else 30.0))
        while not (told.exists() and told.read_text("utf-8")):
            await asyncio.sleep(0.02)
        if how == "cancelled":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            ran = await task
            assert (ran.code, ran.late, len(ran.said) <= 50_000) == (None, how == "late", True)

    asyncio.run(asking())
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text("utf-8")), 0)


def test_a_program_that_is_not_there_is_a_failure() -> None:
    root = "http://127.0.0.1:9999/api"
    assert failure(sent(transport(root, Curl("/no/such/program")), ask(root))).stage is Stage.SEND


@posix
def test_clients_are_found_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installed() == {}
    for name in ("curl", "powershell"):
        player(tmp_path / name, "pass")
    assert installed() == {
        Client.CURL: str(tmp_path / "curl"),
        Client.POWERSHELL: str(tmp_path / "powershell"),
    }
    assert set(EXECUTABLES) == {Client.CURL, Client.POWERSHELL}


# -- PowerShell


def player(path: Path, code: str) -> str:
    """A program that plays another one."""
    path.write_text(f"#!{sys.executable}\nimport json, os, sys\n{code}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


NOTING = """
json.dump([sys.argv[1:], dict(os.environ)], open({told!r}, "w"))
sys.stdout.buffer.write({said!r})
sys.stderr.write({complaint!r})
sys.exit({code})
"""


def played(
    tmp_path: Path, probe: Probe, said: bytes, code: int = 0, complaint_: str = ""
) -> tuple[Outcome, list[str], dict[str, str]]:
    told = tmp_path / "told.json"
    path = player(tmp_path / "pwsh", NOTING.format(told=str(told), said=said, code=code, complaint=complaint_))
    root = "https://api.example/api"
    outcome = sent(transport(root, PowerShell(path, root), public), probe)
    arguments, environment = json.loads(told.read_text("utf-8"))
    return outcome, arguments, environment


@posix
def test_powershell_is_given_the_very_line_that_is_printed(tmp_path: Path) -> None:
    root = "https://api.example/api"
    probe = ask(root, login=Login.GIVEN, headers=(("Origin", "https://www.eksempel.no"),), by=Client.POWERSHELL)
    raw = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://www.eksempel.no\r\n\r\n{æ}".encode()
    outcome, arguments, environment = played(tmp_path, probe, raw)
    said = response(outcome)
    assert (said.status, said.body, said.wire_length) == (200, "{æ}".encode(), None)
    assert said.first("Access-Control-Allow-Origin") == "https://www.eksempel.no"
    printed = lines.powershell(Exchange(1, probe, said, credentials=outcome.credentials), Target(TargetKind.LIVE, root))
    assert f"[Console]::Out.Write({printed})" in environment[SCRIPT_IN]
    assert (environment["SAMSVAR_API_KEY"], environment["SAMSVAR_TOKEN"]) == (KEY, TOKEN)
    assert not any(KEY in one or TOKEN in one or "eksempel" in one for one in arguments)
    assert KEY not in environment[SCRIPT_IN] and TOKEN not in environment[SCRIPT_IN]
    assert "'Invoke-WebRequest:MaximumRedirection' = 0" in environment[SCRIPT_IN]


@posix
def test_powershell_gets_neither_proxies_nor_other_secrets_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("SAMSVAR_PASSWORD", "hidden")
    _, _, environment = played(tmp_path, ask("https://api.example/api"), b"HTTP/1.1 204 No Content\r\n\r\n")
    assert not {"HTTPS_PROXY", "SAMSVAR_PASSWORD", "SAMSVAR_API_KEY"} & set(environment)


@posix
def test_what_powershell_complains_of_is_a_failure(tmp_path: Path) -> None:
    outcome, _, _ = played(tmp_path, ask("https://api.example/api"), b"", 1, "The SSL connection\n could not be made")
    found = failure(outcome)
    assert (found.stage, found.because) == (Stage.RECEIVE, "PowerShell: The SSL connection could not be made")


def test_a_complaint_is_one_line_without_the_name_of_the_program() -> None:
    from samsvar.world.commands import Ran

    assert complaint(Ran(6, b"", b"curl: (6) Could not resolve\n host\n")) == "(6) Could not resolve host"
    assert complaint(Ran(43, b"")) == "it ended with 43 and said nothing"

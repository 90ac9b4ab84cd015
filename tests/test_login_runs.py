"""Whole runs with logins of samsvar.toml, against the miniature and a token service on this machine."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cleaned import cleaner
from cryptography.hazmat.primitives.asymmetric import rsa
from loopback import RawServer
from token_service import Client, TokenService, pem

from samsvar.cli import main
from samsvar.miniature import Miniature, credentials, serve
from samsvar.model.exchange import Probe, Response
from samsvar.world.cleaned import CleanedTransport
from samsvar.world.transport import Outcome

KEY = rsa.generate_private_key(65537, 2048)
SCOPE = "altinn:instances.read"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def service() -> Iterator[TokenService]:
    with TokenService({"client-1": Client({"key-1": KEY.public_key()}, scopes=(SCOPE,))}, time.time) as running:
        running.user_of = lambda ends: credentials.token(credentials.FIRST_USER, 4_102_444_800 + len(running.heard))
        yield running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without settings and credentials but those of the test."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SAMSVAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SAMSVAR_API_KEY", credentials.API_KEY)
    (tmp_path / "key.pem").write_text(pem(KEY))
    return tmp_path


def settings(service: TokenService, more: str = "") -> str:
    return f"""
[[login]]
kind = "maskinporten"
client_id = "client-1"
key_file = "key.pem"
kid = "key-1"
scopes = ["{SCOPE}"]
token_endpoint = "{service.token_endpoint}"
exchange_endpoint = "{service.exchange_endpoint}"
{more}"""


PASSWORD = f"""
[[login]]
kind = "password"
username = "{credentials.USERNAME}"
"""


def test_a_check_logs_in_by_maskinporten_and_compares_it_with_the_password(
    service: TokenService, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("SAMSVAR_PASSWORD", credentials.PASSWORD)
    (folder / "samsvar.toml").write_text(settings(service, PASSWORD))
    with serve(lambda root: Miniature(root, size=12, evolutions=("sessions-end-early",))) as server:
        line = f"check {server.root} --select AUTH --results r.json --report page --junit j.xml --walks none".split()
        assert main(line) in (0, 3)
    found = {one["id"]: one["outcome"] for one in json.loads((folder / "r.json").read_text())["guarantees"]}
    assert {name: found[name] for name in ("AUTH-2", "AUTH-3", "AUTH-4", "AUTH-5")} == dict.fromkeys(
        ("AUTH-2", "AUTH-3", "AUTH-4", "AUTH-5"), "kept"
    )
    assert service.count("token") == service.count("exchange") == 1
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "key.pem"]
    told = "\n".join(capsys.readouterr())
    lines = pem(KEY).splitlines()[1:-1]
    for secret in (*service.given, credentials.PASSWORD, credentials.API_KEY, *lines):
        assert secret not in told and not any(secret.encode() in one for one in written), secret[:12]


def test_a_recording_with_a_fetched_token_passes_the_gate(service: TokenService, folder: Path) -> None:
    (folder / "samsvar.toml").write_text(settings(service))
    with serve(lambda root: Miniature(root, size=3)) as server:
        assert main(["record", server.root, "-o", "tape", "--walks", "none"]) in (0, 3)
    manifest = json.loads((folder / "tape" / "manifest.json").read_text())
    assert manifest["given"]["logins"] == ["maskinporten"]
    assert main(["check", "tape", "--select", "AUTH"]) in (0, 3)
    held = b"".join(path.read_bytes() for path in (folder / "tape").iterdir())
    assert not any(token.encode() in held for token in service.given)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("key-1", "key-2"), "does not know the key"),
        (("client-1", "client-2"), "does not know this client"),
        ((SCOPE, "altinn:other"), "does not give this client the scopes"),
        (("", ""), "WELL: nothing is in the way"),
    ],
)
def test_doctor_explains_a_maskinporten_that_fails(
    service: TokenService, folder: Path, edit: tuple[str, str], words: str, capsys: Capture
) -> None:
    text = settings(service)
    (folder / "samsvar.toml").write_text(text.replace(*edit) if edit[0] else text)
    with serve(lambda root: Miniature(root, size=3)) as server:
        code = main(["doctor", server.root])
    told = " ".join(capsys.readouterr().out.split())
    assert words in told and code == (0 if words.startswith("WELL") else 3)


def test_doctor_tells_a_wrong_password_and_tries_it_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("SAMSVAR_PASSWORD", "WRONG-CANARY")
    (folder / "samsvar.toml").write_text(PASSWORD)
    with serve(lambda root: Miniature(root, size=3)) as server:
        assert main(["doctor", server.root]) == 3
    told = " ".join(capsys.readouterr().out.split())
    assert "user name and password are not accepted" in told and "WRONG-CANARY" not in told


@pytest.mark.parametrize("status", [200, 401, 302, 500])
@pytest.mark.parametrize("command", ["doctor", "cors"])
def test_a_target_that_echoes_credentials_does_not_make_us_tell_them(
    command: str, status: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("SAMSVAR_API_KEY", "canary-of-a-key")
    monkeypatch.setenv("SAMSVAR_TOKEN", "canary-of-a-token")

    def echo(connection: socket.socket) -> None:
        while asked := connection.recv(65_536):
            held = b" ".join(line for line in asked.split(b"\r\n") if b"canary" in line) or b"OK"
            head = b"HTTP/1.1 %d %b\r\nAccess-Control-Allow-Origin: %b\r\nContent-Type: %b\r\nLocation: /login?%b\r\n"
            connection.sendall(head % (status, held, held, held, held) + b"Content-Length: 2\r\n\r\n{}")

    with RawServer(echo) as server:
        assert main([command, server.root, "--origin", "https://www.eksempel.no"]) in (1, 3)
    assert b"canary-of-a-key" in server.received and b"Bearer canary-of-a-token" in server.received
    told = "\n".join(capsys.readouterr())
    assert "canary" not in told and "mistake" not in told


def test_a_password_in_a_url_is_refused_and_not_repeated(folder: Path, capsys: Capture) -> None:
    assert main(["check", "https://ola:canary@tt02.altinn.no/api"]) == 2
    assert main(["doctor", "https://ola:canary@tt02.altinn.no/api"]) == 2
    told = "".join(capsys.readouterr())
    assert "user name or password in the URL" in told and "canary" not in told


def test_a_login_that_lacks_something_is_one_line_and_exit_code_2(folder: Path, capsys: Capture) -> None:
    (folder / "samsvar.toml").write_text('[login]\nkind = "token"\n')
    assert main(["check", "http://127.0.0.1:4443/api"]) == 2
    told = capsys.readouterr().err
    assert "no token is given" in told and "SAMSVAR_TOKEN" in told and "Traceback" not in told


def test_a_token_that_is_fetched_in_mid_run_is_cleaned_from_then_on() -> None:
    secrets = ["FIRST-CANARY-TOKEN"]

    class Echoing:
        immediate = True

        async def send(self, probe: Probe) -> Outcome:
            return Outcome(Response(400, (("X-Echo", secrets[-1]),), f"bad token {secrets[-1]}".encode()))

        async def aclose(self) -> None: ...

    held = cleaner()
    transport = CleanedTransport(Echoing(), held, secrets=lambda: tuple(secrets))
    probe = Probe("read", "https://tt02.altinn.no/api/my/messages")
    for fresh in ("SECOND-CANARY-TOKEN", "THIRD-CANARY-TOKEN"):
        assert "CANARY" not in repr(asyncio.run(transport.send(probe)))
        secrets.append(fresh)
    asyncio.run(transport.send(probe))
    assert set(secrets) <= {known.value for known in held.known()}


def auth_5(folder: Path, size: int = 12) -> dict[str, object]:
    with serve(lambda root: Miniature(root, size=size)) as server:
        main(["check", server.root, "--select", "AUTH", "--results", "r.json", "--walks", "none"])
    rows = json.loads((folder / "r.json").read_text())["guarantees"]
    found: dict[str, object] = next(one for one in rows if one["id"] == "AUTH-5")
    return found


def test_logins_of_two_users_are_not_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSVAR_TOKEN", credentials.SECOND_TOKEN)
    monkeypatch.setenv("SAMSVAR_USERNAME", credentials.USERNAME)
    monkeypatch.setenv("SAMSVAR_PASSWORD", credentials.PASSWORD)
    found = auth_5(folder)
    assert found["outcome"] == "untested" and "of another user" in json.dumps(found)
    monkeypatch.setenv("SAMSVAR_TOKEN", credentials.TOKEN)
    assert auth_5(folder)["outcome"] == "kept"

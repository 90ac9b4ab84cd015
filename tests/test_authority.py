"""TLS of this process: the miniature behind it, certificates of clients looked at, and an authority of one's own."""

import asyncio
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import browser
from cryptography.hazmat.primitives.asymmetric import rsa
from token_service import pem

from samsvar.cli import main
from samsvar.errors import UsageError
from samsvar.miniature import Miniature, credentials, serve
from samsvar.model.exchange import Failure, Stage
from samsvar.world.addresses import Origin, origin_of
from samsvar.world.authority import AUTHORITY, CLIENT, mutual_leaf_for
from samsvar.world.certificates import authorities_of
from samsvar.world.credentials import Vault
from samsvar.world.http import Dealings, LiveTransport

PAGE = credentials.ORIGINS[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls") / "certificates"


@pytest.fixture(scope="module")
def root(folder: Path) -> Iterator[str]:
    """The root of the miniature behind TLS, as ``samsvar serve --tls`` has it."""
    leaf = mutual_leaf_for(str(folder), credentials.CERTIFICATE, "127.0.0.1")
    with serve(lambda at: Miniature(at, size=4), tls=leaf.context) as server:
        yield server.root


@pytest.fixture
def given(root: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What ``samsvar serve --tls`` tells to set, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "API_KEY": credentials.API_KEY,
        "TOKEN": credentials.TOKEN,
        "AUTHORITIES": str(folder / AUTHORITY),
        "CLIENT_CERT": str(folder / CLIENT),
    }.items():
        monkeypatch.setenv(f"SAMSVAR_{name}", value)
    return tmp_path


def told(path: Path) -> dict[str, tuple[str, int]]:
    rows = json.loads(path.read_text(encoding="utf-8"))["guarantees"]
    return {row["id"]: (row["outcome"], row["asked"]) for row in rows}


def test_a_check_logs_in_by_token_and_by_certificate_over_tls(
    root: str, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", root, "--select", "AUTH", "--walks", "none", "--results", "out.json"])
    assert {name: outcome for name, (outcome, _) in told(given / "out.json").items() if name.startswith("AUTH")} == {
        f"AUTH-{number}": "kept" for number in range(1, 6)
    }, capsys.readouterr().out


def test_script_and_curl_trust_the_authority_that_we_were_given(
    root: str, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    browser()
    line = ["check", root, "--origin", PAGE, "--select", "CORS-9", "--select", "EXAMPLE", "--walks", "none"]
    main([*line, "--clients", "installed", "--results", "out.json"])
    found = told(given / "out.json")
    assert found["CORS-9"] == ("kept", 15), capsys.readouterr().out
    assert found["EXAMPLE-1"][0] == "kept"


def test_without_it_nothing_is_asked_and_doctor_names_the_remedy(
    root: str, given: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SAMSVAR_AUTHORITIES")
    assert main(["doctor", root]) == 3
    said = capsys.readouterr().out
    assert "self-signed certificate" in said and "SAMSVAR_AUTHORITIES" in said


def test_what_gives_tokens_may_have_an_authority_of_ones_own_too(
    root: str, given: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSVAR_MASKINPORTEN_KEY", pem(rsa.generate_private_key(65537, 2048)))
    (given / "samsvar.toml").write_text(
        f"""[login]
kind = "maskinporten"
client_id = "c"
kid = "k"
scopes = ["altinn:x"]
token_endpoint = "{root}/token"
exchange_endpoint = ""
"""
    )
    assert main(["doctor", root]) == 3
    said = capsys.readouterr().out
    assert "what answers there gives no token" in said or "could not be had" in said, said
    assert "self-signed" not in said


def test_the_key_of_a_certificate_that_nobody_vouches_for_is_not_told(root: str, folder: Path) -> None:
    origin = origin_of(root)
    assert isinstance(origin, Origin)

    def key(authorities: str) -> str | Failure:
        async def asked() -> str | Failure:
            transport = LiveTransport(root, Vault(origin), Dealings(authorities=authorities))
            try:
                return await transport.verified_key()
            finally:
                await transport.aclose()

        return asyncio.run(asked())

    assert isinstance(key(str(folder / AUTHORITY)), str)
    refused = key("")
    assert isinstance(refused, Failure) and refused.stage is Stage.TLS


def test_the_key_of_the_client_is_for_its_owner_only(root: str, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [AUTHORITY, CLIENT]
    if os.name == "posix":
        assert stat.S_IMODE((folder / CLIENT).stat().st_mode) == 0o600
    assert "PRIVATE KEY" not in (folder / AUTHORITY).read_text(encoding="ascii")


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        mutual_leaf_for(str(tmp_path / "file"), "A", "127.0.0.1")


@pytest.mark.parametrize("text", ["", "no certificate"])
def test_authorities_that_cannot_be_used_are_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "authorities.pem"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"authorities\.pem cannot be used"):
        authorities_of({"authorities": str(path)})
    with pytest.raises(UsageError, match="No such file"):
        authorities_of({"SAMSVAR_AUTHORITIES": str(tmp_path / "nothing")})
    assert authorities_of({}) == ""

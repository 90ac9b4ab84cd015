"""Script in a real browser: what it can read is what the target's header fields let it read, and nothing that only
looks so for another reason passes for it.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browsers import browser
from loopback import RawServer

from samsvar.cli import main
from samsvar.logic.observing import observe
from samsvar.miniature import FAULTS, Miniature, credentials, serve
from samsvar.model.exchange import Client, Failure, Login, Probe, Response, Stage
from samsvar.model.verdict import Cause, Judgement, Outcome
from samsvar.running import Order, explore, judge_all
from samsvar.world import browser as module
from samsvar.world.addresses import Refusal, origin_of
from samsvar.world.browser import (
    CONTROL,
    STRANGER,
    BrowserTransport,
    Dial,
    Running,
    browser_path,
    failure_of,
    kept_cookie,
    surroundings,
)
from samsvar.world.credentials import Vault
from samsvar.world.documents import read_contract
from samsvar.world.http import LiveTransport
from samsvar.world.transport import Outcome as Sent

PAGE = "https://www.eksempel.no"
CONTRACT = read_contract("altinn2")
MINE = f"Access-Control-Allow-Origin: {PAGE}"
KEYED = "Access-Control-Allow-Headers: ApiKey, Authorization"
WITH = "Access-Control-Allow-Credentials: true"


@dataclass
class Target:
    """A server that answers every request with the fields it is given. heard: method, Origin,
    ApiKey and Cookie of each."""

    fields: tuple[str, ...] = ()
    preflight: tuple[str, ...] | None = None
    status: str = "200 Alt vel"
    body: bytes = b'{"a": 1}'
    silent: bool = False
    heard: list[tuple[str, str, str, str]] = field(default_factory=list)

    def answer(self, head: str) -> bytes:
        line, *rest = head.split("\r\n")
        asked = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        method = line.split(" ")[0]
        self.heard.append((method, asked.get("origin", ""), asked.get("apikey", ""), asked.get("cookie", "")))
        if self.silent:
            return b""
        fields = self.preflight if method == "OPTIONS" and self.preflight is not None else self.fields
        status = "204 No Content" if method == "OPTIONS" else self.status
        length = () if method == "OPTIONS" else (f"Content-Length: {len(self.body)}",)
        said = "\r\n".join((f"HTTP/1.1 {status}", "Content-Type: application/json", *fields, *length))
        return said.encode("latin-1") + b"\r\n\r\n" + (b"" if method == "OPTIONS" else self.body)

    @property
    def methods(self) -> list[str]:
        return [method for method, *_ in self.heard]


class Desk:
    """One browser and one port for many targets, which stand there in turn; each question has a URL of its own, so that
    no preflight is answered by what the browser remembers."""

    def __init__(self) -> None:
        self.target = Target()
        self.asked = 0
        self.loop = asyncio.new_event_loop()
        self.server = RawServer(self.serve)
        origin = origin_of(self.server.root)
        assert not isinstance(origin, Refusal)
        self.vault = Vault(origin, api_key="k1", cookie=".ASPXAUTH=abc")
        self.own = LiveTransport(self.server.root, self.vault)
        self.transport = self.by(browser())

    def by(self, executable: str) -> BrowserTransport:
        """The way by that browser."""

        async def dial() -> Dial | Failure:
            return Dial(f"127.0.0.1:{self.server.port}")

        return BrowserTransport(self.vault.origin, executable, self.own.ready, dial, (LOCAL,))

    def serve(self, connection: Any) -> None:
        """Every request on a connection is answered by the target that stands here then."""
        buffer = b""
        while part := connection.recv(65_536):
            buffer += part
            while b"\r\n\r\n" in buffer:
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                said = self.target.answer(head.decode("latin-1"))
                if not said:
                    return
                connection.sendall(said)

    def ask(
        self,
        target: Target,
        origin: str = PAGE,
        login: Login = Login.NO_LOGIN,
        transport: BrowserTransport | None = None,
    ) -> Sent:
        """What script of an origin can read of a target."""
        self.target = target
        self.asked += 1
        probe = Probe(
            "cors.script",
            f"{self.server.root}/metadata/{self.asked}",
            headers=(("Accept", "application/json"), ("Origin", origin)),
            login=login,
            by=Client.BROWSER,
        )
        return self.loop.run_until_complete((transport or self.transport).send(probe))

    def close(self) -> None:
        """Ends the browser and frees the port."""
        self.loop.run_until_complete(self.transport.aclose())
        self.loop.run_until_complete(self.own.aclose())
        self.loop.close()
        self.server.__exit__(None, None, None)


LOCAL = "http://localhost:3000"


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    found = Desk()
    yield found
    found.close()


READS: dict[str, tuple[Target, list[str]]] = {
    "itself, in answer and preflight": (Target((MINE,), (MINE, KEYED)), ["OPTIONS", "GET"]),
    "everybody, without credentials": (
        Target(("Access-Control-Allow-Origin: *",), ("Access-Control-Allow-Origin: *", KEYED)),
        ["OPTIONS", "GET"],
    ),
    "an error that is shared": (Target((MINE,), (MINE, KEYED), status="500 Feil"), ["OPTIONS", "GET"]),
}


@pytest.mark.parametrize("name", READS)
def test_script_reads_what_is_shared_with_it(desk: Desk, name: str) -> None:
    target, methods = READS[name]
    said = desk.ask(target)
    assert isinstance(said.response, Response), said.failure
    assert (said.response.body, said.response.phrase) == (target.body, target.status.partition(" ")[2])
    assert target.methods == methods
    assert target.heard[-1] == ("GET", PAGE, "k1", "")
    assert ("ApiKey", "k1") not in said.sent and said.credentials == ("ApiKey",)


KEPT: dict[str, tuple[Target, list[str], str]] = {
    "nothing is said of sharing": (Target(), ["OPTIONS"], "PreflightMissingAllowOriginHeader"),
    "only the preflight says it": (Target((), (MINE, KEYED)), ["OPTIONS", "GET"], "MissingAllowOriginHeader"),
    "only the answer says it": (Target((MINE,), ()), ["OPTIONS"], "PreflightMissingAllowOriginHeader"),
    "another origin": (
        Target(("Access-Control-Allow-Origin: https://annet.eksempel.no",), (MINE, KEYED)),
        ["OPTIONS", "GET"],
        "AllowOriginMismatch",
    ),
    "the field ApiKey is not allowed": (Target((MINE,), (MINE,)), ["OPTIONS"], "HeaderDisallowedByPreflightResponse"),
    "twice": (Target((MINE, MINE), (MINE, KEYED)), ["OPTIONS", "GET"], "MultipleAllowOriginValues"),
    "an error that is not shared": (
        Target((), (MINE, KEYED), status="500 Feil"),
        ["OPTIONS", "GET"],
        "MissingAllowOriginHeader",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_script_is_kept_from_what_is_not_shared_and_the_preflight_did_arrive(desk: Desk, name: str) -> None:
    target, methods, word = KEPT[name]
    said = desk.ask(target)
    assert isinstance(said.failure, Failure) and said.failure.stage is Stage.SHARING
    assert word in said.failure.because
    assert target.methods == methods


def test_credentials_need_their_own_word_and_a_cookie_needs_tls(desk: Desk) -> None:
    said = desk.ask(Target((MINE,), (MINE, KEYED, WITH)), login=Login.PASSWORD)
    assert said.failure is not None and "InvalidAllowCredentials" in said.failure.because
    said = desk.ask(Target((MINE, WITH), (MINE, KEYED, WITH)), login=Login.PASSWORD)
    assert said.failure is not None and said.failure.stage is Stage.BROWSER and "TLS" in said.failure.because
    assert desk.target.heard[-1] == ("GET", PAGE, "k1", "")
    assert said.credentials == ("ApiKey", "Cookie")


def test_no_cookie_stays_in_the_browser_once_the_question_is_answered(desk: Desk) -> None:
    desk.ask(Target((MINE,), (MINE, KEYED)))
    running = desk.transport._running
    assert isinstance(running, Running) and running.context is not None
    cookie = {"name": "session", "value": "canary", "url": CONTROL, "sameSite": "None", "secure": True}
    said = desk.loop.run_until_complete(running.ask(STRANGER, f"{CONTROL}/open", (), (cookie,)))
    assert isinstance(said, Failure) and said.stage is Stage.SHARING, "it went with the question"
    assert desk.loop.run_until_complete(running.context.cookies()) == []


def test_what_a_browser_keeps_by_rules_of_its_own_is_no_word_of_the_target() -> None:
    rows = {
        Stage.SHARING: {"corsErrorStatus": {"corsError": "AllowOriginMismatch"}},
        Stage.BROWSER: {"corsErrorStatus": {"corsError": "LocalNetworkAccessPermissionDenied"}},
        Stage.CONNECT: {"errorText": "net::ERR_CONNECTION_REFUSED"},
    }
    assert {stage: failure_of([row]).stage for stage, row in rows.items()} == {stage: stage for stage in rows}
    mixed = failure_of([{"errorText": "", "blockedReason": "mixed-content"}])
    assert (mixed.stage, "mixed-content" in mixed.because) == (Stage.BROWSER, True)
    kept = kept_cookie([{"associatedCookies": [{"blockedReasons": ["UserPreferences"]}]}], mixed)
    assert kept is not None and kept.stage is Stage.BROWSER
    assert kept_cookie([{"associatedCookies": [], "headers": {"Cookie": "a=b"}}], Response(200)) is None
    assert kept_cookie([{"headers": {}}], mixed) is None
    assert failure_of([]).stage is Stage.BROWSER


@pytest.mark.parametrize(
    ("origin", "because"),
    [
        ("", "not one that a page can have"),
        ("https://www.eksempel.no/", "not one that a page can have"),
        ("itself", "own origin"),
    ],
)
def test_what_no_page_can_be_is_not_asked(desk: Desk, origin: str, because: str) -> None:
    said = desk.ask(Target((MINE,)), origin=str(desk.vault.origin) if origin == "itself" else origin)
    assert said.failure is not None and said.failure.stage is Stage.REFUSED and because in said.failure.because
    assert desk.target.heard == []


def test_a_page_without_tls_on_a_port_of_its_own_is_a_page(desk: Desk) -> None:
    allowed = f"Access-Control-Allow-Origin: {LOCAL}"
    said = desk.ask(Target((allowed,), (allowed, KEYED)), origin=LOCAL)
    assert said.response is not None, said.failure
    assert desk.target.heard[-1][1] == LOCAL


def test_a_sandboxed_page_has_the_origin_null(desk: Desk) -> None:
    said = desk.ask(Target((MINE,), (MINE, KEYED)), origin="null")
    assert said.failure is not None and said.failure.stage is Stage.SHARING
    assert [origin for _, origin, *_ in desk.target.heard] == ["null"]


def test_a_target_that_hangs_up_is_no_word_of_sharing(desk: Desk) -> None:
    said = desk.ask(Target(silent=True))
    assert said.failure is not None and said.failure.stage is Stage.RECEIVE
    assert desk.target.methods


def test_a_redirect_to_another_host_ends_at_our_own_pages_which_share_nothing(desk: Desk) -> None:
    said = desk.ask(Target((MINE, "Location: https://annet.example/"), (MINE, KEYED), status="302 Found"))
    assert said.response is None


def test_a_browser_that_does_not_keep_to_the_rules_is_not_believed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one would be that answers preflights itself: here the controls are changed instead."""
    monkeypatch.setattr(module, "page_for", lambda path: PAGES_FOR_ALL)
    transport = desk.by(browser())
    said = desk.ask(Target((MINE,), (MINE, KEYED)), transport=transport)
    assert said.failure is not None and said.failure.stage is Stage.BROWSER
    assert "not to be relied on" in said.failure.because and "/silent" in said.failure.because
    assert desk.target.heard == []


PAGES_FOR_ALL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Origin: *\r\n"
    b"Access-Control-Allow-Headers: *\r\nContent-Length: 0\r\n\r\n"
)


def test_a_program_that_is_no_browser_is_told_of(desk: Desk, tmp_path: Path) -> None:
    said = desk.ask(Target(), transport=desk.by(str(tmp_path / "nothing")))
    assert said.failure is not None and said.failure.stage is Stage.BROWSER
    assert "did not start" in said.failure.because


def test_the_browser_is_found_by_name_or_not_at_all() -> None:
    assert browser_path({"SAMSVAR_BROWSER": "there-is-no-such-browser"}) == ""


def test_the_browser_does_not_get_our_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSVAR_API_KEY", "secret")
    given = surroundings("folder")
    assert not [name for name in given if name.startswith("SAMSVAR_")]
    assert given["XDG_CONFIG_HOME"] == "folder"


# -- the guarantee ----------------------------------------------------------------------------------------------------


def judged(fault: str = "", clients: tuple[Client, ...] = (Client.BROWSER,)) -> Judgement:
    faults = (fault,) if fault else ()
    order = Order(select=("CORS",), size=12, walks="none", clients=clients, faults=faults)
    evidence, observed = explore(order, CONTRACT, CONTRACT.profiles["default"])
    found = judge_all(observed)["CORS-9"]
    assert judge_all(observe(evidence, CONTRACT, CONTRACT.profiles["default"]))["CORS-9"] == found
    return found


def test_the_miniature_lets_script_read_in_every_format_and_by_every_login_of_script() -> None:
    browser()
    heard: list[tuple[str, str | None]] = []
    answer: Callable[..., Any] = Miniature.answer

    def listening(self: Miniature, ask: Any) -> Any:
        if ask.header("Sec-Fetch-Mode"):
            heard.append((ask.method, ask.header("Origin")))
        return answer(self, ask)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Miniature, "answer", listening)
        found = judged()
    assert (found.outcome, found.asked) == (Outcome.KEPT, 20), found
    assert ("OPTIONS", credentials.ORIGINS[0]) in heard and ("OPTIONS", "null") in heard
    assert {origin for _, origin in heard} >= set(credentials.ORIGINS)


def test_without_a_browser_nothing_is_told_and_the_remedy_is_named() -> None:
    found = judged(clients=())
    assert (found.outcome, found.cause) == (Outcome.UNTESTED, Cause.CONFIGURATION)
    assert "apt-get install chromium" in found.because


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        *((name, "cannot read") for name, row in FAULTS.items() if row.guarantee == "CORS-9"),
        ("cors-3-suffix-suffices", "ends like it"),
        ("cors-4-null-allowed", "null"),
        ("cors-7-apikey-not-allowed", "cannot read"),
    ],
)
def test_what_a_browser_makes_of_a_fault(fault: str, told: str) -> None:
    browser()
    found = judged(fault)
    assert found.outcome is Outcome.BROKEN
    assert any(told in one.because for one in found.findings)


# -- by the command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings, and no credentials but those of the miniature."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAMSVAR_API_KEY", credentials.API_KEY)
    monkeypatch.setenv("SAMSVAR_TOKEN", credentials.TOKEN)
    return tmp_path


def test_cors_tells_what_script_in_a_browser_reads(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    browser()
    assert main(["cors", "--browser", "--origin", PAGE, "--size", "12"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"CORS is set up for {PAGE} in this environment.\n")
    assert said.count("ok        script in a browser") == 4
    assert said.count("curl -sSi") == 9  # one for each answer, none for what script read
    assert main(["cors", "--browser", "--origin", PAGE, "--fault", "cors-9-script-turned-away", "--quiet"]) == 1
    assert "only partly set up" in capsys.readouterr().out


def test_a_live_target_is_asked_by_script_and_its_answers_are_cleaned(
    alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    browser()
    with serve(lambda root: Miniature(root, size=12)) as served:
        line = ["check", served.root, "--origin", PAGE, "--select", "CORS-9", "--clients", "browser", "--walks", "none"]
        main([*line, "--results", "out.json"])
    capsys.readouterr()
    told = {row["id"]: row for row in json.loads((alone / "out.json").read_text(encoding="utf-8"))["guarantees"]}
    assert (told["CORS-9"]["outcome"], told["CORS-9"]["asked"]) == ("kept", 15)


def test_what_a_browser_saw_is_judged_again_from_a_recording(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    browser()
    line = ["record", "-o", "tape", "--clients", "browser", "--walks", "none", "--size", "12", "--generated", "0"]
    assert main([*line, "--fault", "cors-9-credentials-in-capitals"]) == 0
    assert main(["check", "tape", "--results", "out.json"]) == 1
    capsys.readouterr()
    told = {row["id"]: row for row in json.loads((alone / "out.json").read_text(encoding="utf-8"))["guarantees"]}
    assert told["CORS-9"]["outcome"] == "broken"
    assert "InvalidAllowCredentials" in told["CORS-9"]["findings"][0]["observed"]


def test_a_browser_that_is_wanted_and_not_there_is_one_clear_line(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSVAR_BROWSER", "there-is-no-such-browser")
    assert main(["cors", "--browser", "--origin", PAGE]) == 2
    assert "apt-get install chromium" in capsys.readouterr().err
    assert main(["check", "--clients", "gopher"]) == 2
    assert "no client 'gopher'" in capsys.readouterr().err

"""Asking by script in a real browser: the one home of Playwright.

A page of the origin that the probe names is opened, and script on it puts the question with ``fetch``. The response is
what that script could read, the failure what kept it from reading. Nothing of the browser's own safety is switched off:
the pages are served here over TLS, names lead here or to the target by a rule of the resolver, and no request is
intercepted (a browser that intercepts answers preflights itself). Before the first question the browser has to show, on
a server of ours, that it asks preflights and keeps from script what it has to keep.
"""

import asyncio
import base64
import contextlib
import importlib.util
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from samsvar.logic.asking.cross_origin import NULL, STRANGER
from samsvar.model.exchange import Failure, Fields, Probe, Response, Stage, field_values
from samsvar.world.addresses import Origin, Refusal, in_brackets, origin_of
from samsvar.world.authority import Leaf, leaf_for
from samsvar.world.credentials import CREDENTIAL_FIELDS
from samsvar.world.dress import Ready, refused
from samsvar.world.transport import Outcome

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Playwright

COMMANDS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    *(
        f"{os.environ.get(name, '')}/{path}"
        for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        for path in ("Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe")
        if os.environ.get(name)
    ),
)
"""Where macOS and Windows have it."""


def browser_path(environ: Mapping[str, str]) -> str:
    """The Chromium or Chrome to use: SAMSVAR_BROWSER, else one that is installed; "" when there is none, or nothing to
    drive it with."""
    if not all(importlib.util.find_spec(name) for name in ("playwright", "trustme")):
        return ""
    named = environ.get("SAMSVAR_BROWSER", "")
    if named:
        return shutil.which(named) or ""
    found = (shutil.which(name) for name in COMMANDS)
    return next(filter(None, found), None) or next((place for place in PLACES if Path(place).is_file()), "")


@dataclass(frozen=True, slots=True)
class Dial:
    """Where the target's name leads: host and port of a socket ("127.0.0.1:40001"), and the key of a certificate that
    is to be taken for a good one there ("" for none)."""

    socket: str
    key: str = ""


ARGUMENTS: Final = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",  # as our own transport: a proxy would look names up itself
)
PREFERENCES: Final = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
"""Cookies go to other sites, as they do in Chrome unless its user says otherwise; distributions ship other settings."""

LONGEST: Final = 60.0
"""Seconds that one question may take."""
PROMPT: Final = 5.0
"""Seconds in which a browser that works has cleared its cookies."""
LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a body that are read."""

FETCH: Final = """async ([url, headers, credentials, most, milliseconds]) => {
  try {
    const answer = await fetch(url, {
      headers, credentials, cache: "no-store", signal: AbortSignal.timeout(milliseconds),
    });
    const reader = answer.body ? answer.body.getReader() : null;
    const parts = [];
    let length = 0;
    while (reader) {
      const {done, value} = await reader.read();
      if (done) break;
      length += value.length;
      if (length > most) { await reader.cancel(); return {large: true}; }
      parts.push(value);
    }
    const whole = await new Blob(parts).arrayBuffer();
    let letters = "";
    for (const one of new Uint8Array(whole)) letters += String.fromCharCode(one);
    return {status: answer.status, reason: answer.statusText, headers: [...answer.headers], body: btoa(letters)};
  } catch (error) {
    return {error: error.name};
  }
}"""

SHARING: Final = frozenset(
    {
        "WildcardOriginNotAllowed",
        "MissingAllowOriginHeader",
        "MultipleAllowOriginValues",
        "InvalidAllowOriginValue",
        "AllowOriginMismatch",
        "InvalidAllowCredentials",
        "PreflightInvalidStatus",
        "PreflightDisallowedRedirect",
        "PreflightWildcardOriginNotAllowed",
        "PreflightMissingAllowOriginHeader",
        "PreflightMultipleAllowOriginValues",
        "PreflightInvalidAllowOriginValue",
        "PreflightAllowOriginMismatch",
        "PreflightInvalidAllowCredentials",
        "InvalidAllowMethodsPreflightResponse",
        "InvalidAllowHeadersPreflightResponse",
        "MethodDisallowedByPreflightResponse",
        "HeaderDisallowedByPreflightResponse",
        "RedirectContainsCredentials",
    }
)
"""Of the reasons that Chromium names (DevTools protocol, Network.CorsError) those by which the target has said no. The
others tell of rules that are not CORS, as that for the local network."""

STAGES: Final[Mapping[str, Stage]] = {
    "net::ERR_NAME_NOT_RESOLVED": Stage.DNS,
    "net::ERR_CONNECTION_REFUSED": Stage.CONNECT,
    "net::ERR_CONNECTION_TIMED_OUT": Stage.CONNECT,
    "net::ERR_ADDRESS_UNREACHABLE": Stage.CONNECT,
    "net::ERR_INTERNET_DISCONNECTED": Stage.CONNECT,
    "net::ERR_CONNECTION_RESET": Stage.RECEIVE,
    "net::ERR_CONNECTION_CLOSED": Stage.RECEIVE,
    "net::ERR_EMPTY_RESPONSE": Stage.RECEIVE,
    "net::ERR_CONTENT_LENGTH_MISMATCH": Stage.FRAMING,
    "net::ERR_INCOMPLETE_CHUNKED_ENCODING": Stage.FRAMING,
    "net::ERR_INVALID_HTTP_RESPONSE": Stage.FRAMING,
    "net::ERR_CONTENT_DECODING_FAILED": Stage.ENCODING,
}
"""What a browser's network says, in our words."""

Events = list[dict[str, Any]]
Cookies = tuple[dict[str, Any], ...]


class BrowserTransport:
    """Puts questions by script of the probe's origin. ready: makes the request for a probe, as for any other client;
    dial: where the target is, or why it cannot be asked; origins: pages that are wanted without TLS or on a port of
    their own are known beforehand, since names are led somewhere when the browser starts."""

    immediate = False

    def __init__(
        self,
        origin: Origin,
        executable: str,
        ready: Callable[[Probe], Awaitable[Ready | Failure]],
        dial: Callable[[], Awaitable[Dial | Failure]],
        origins: tuple[str, ...] = (),
        *,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._origin = origin
        self._executable = executable
        self._ready = ready
        self._dial = dial
        self._origins = origins
        self._now = now
        self._ticks = ticks
        self._one = asyncio.Lock()
        self._running: Running | Failure | None = None

    async def send(self, probe: Probe) -> Outcome:
        """What script could read of the answer to a probe."""
        at, begun = self._now(), self._ticks()
        ready = await self._ready(probe)
        if isinstance(ready, Failure):
            return Outcome(None, ready, at=at)
        fields = script_fields(ready)
        wrong = self._wrong(probe, ready)
        async with self._one:
            said = wrong or await self._asked(probe, ready, fields)
        seconds = self._ticks() - begun
        sent = tuple((name, value) for name, value in fields if name.lower() not in CREDENTIAL_FIELDS)
        sent = (("Origin", probe.header("Origin") or ""), *sent)
        if isinstance(said, Failure):
            return Outcome(None, said, sent, ready.names, at, seconds)
        return Outcome(said, None, sent, ready.names, at, seconds)

    def _wrong(self, probe: Probe, ready: Ready) -> Failure | None:
        page = probe.header("Origin") or ""
        read = None if page == NULL else origin_of(page)
        if isinstance(read, Refusal) or (read and str(read) != page):
            return refused(Refusal("origin", f"{page or 'no origin'} is not one that a page can have"))
        if read == self._origin:
            return refused(Refusal("origin", f"{page} is the target's own origin, where everything may be read"))
        if ready.certificate is not None:
            return refused(Refusal("credentials", "script logs in with a token or a cookie, not with a certificate"))
        return None

    async def _asked(self, probe: Probe, ready: Ready, fields: Fields) -> Response | Failure:
        if self._running is None:
            self._running = await self._started()
        if isinstance(self._running, Failure):
            return self._running
        cookies = cookies_of(ready, probe.url)
        url = f"{ready.address.origin}{ready.address.target}"
        return await self._running.ask(probe.header("Origin") or "", url, fields, cookies)

    async def _started(self) -> "Running | Failure":
        dial = await self._dial()
        if isinstance(dial, Failure):
            return dial
        running = Running()
        try:
            await running.start(self._executable, self._origin, dial, self._origins)
            unfit = await running.unfit()
        except BaseException as error:
            await running.close()
            if not is_playwrights(error):
                raise
            return Failure(Stage.BROWSER, f"the browser {self._executable} did not start: {first_line(error)}")
        if unfit:
            await running.close()
            return Failure(Stage.BROWSER, f"the browser {self._executable} is not to be relied on: {unfit}")
        return running

    async def aclose(self) -> None:
        """Ends the browser and the server of its pages."""
        if isinstance(self._running, Running):
            await self._running.close()
        self._running = None


def script_fields(ready: Ready) -> Fields:
    """The fields that script can give itself: those of the question and the credentials, but for cookies."""
    own = {"origin", "cookie", "user-agent", "accept-encoding"}
    return tuple((name, value) for name, value in ready.fields if name.lower() not in own)


def cookies_of(ready: Ready, url: str) -> Cookies:
    """The cookies that a request goes out with, as a browser is given them: for use on pages of other sites."""
    pairs = (part.strip().partition("=") for line in field_values(ready.fields, "Cookie") for part in line.split(";"))
    flags = {"url": url, "sameSite": "None", "secure": True}
    return tuple({"name": name, "value": value, **flags} for name, mark, value in pairs if mark)


def is_playwrights(error: BaseException) -> bool:
    """It is what Playwright raises, or the system when it cannot start something."""
    from playwright.async_api import Error

    return isinstance(error, Error | OSError)


def first_line(error: BaseException) -> str:
    """The first line of a message of many, at most 200 characters."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


@dataclass(slots=True)
class Running:
    """A started browser, the server of its pages, and one page for each origin. Its profile is an ordinary one, in
    which cookies go to other sites as they do for most people, and lies in a folder that ends with it."""

    server: "Pages | None" = None
    playwright: "Playwright | None" = None
    context: "BrowserContext | None" = None
    folder: "tempfile.TemporaryDirectory[str] | None" = None
    pages: "dict[str, tuple[Page, Events]]" = field(default_factory=dict)

    async def start(self, executable: str, target: Origin, dial: Dial, origins: tuple[str, ...]) -> None:
        """Raises what Playwright and the system raise."""
        from playwright.async_api import async_playwright

        self.server = await Pages.open()
        self.playwright = await async_playwright().start()
        self.folder = tempfile.TemporaryDirectory(prefix="samsvar-browser-", ignore_cleanup_errors=True)
        keys = ",".join(filter(None, (self.server.leaf.key, dial.key)))
        arguments = [
            *ARGUMENTS,
            f"--host-resolver-rules={','.join(resolver_rules(target, dial, origins, self.server))}",
            f"--ignore-certificate-errors-spki-list={keys}",
        ]
        profile = Path(self.folder.name, "profile")
        Path(profile, "Default").mkdir(parents=True)
        Path(profile, "Default", "Preferences").write_text(json.dumps(PREFERENCES), encoding="utf-8")
        self.context = await self.playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=executable,
            args=arguments,
            env=surroundings(self.folder.name),
            chromium_sandbox=not is_root() and not os.environ.get("SAMSVAR_BROWSER_NO_SANDBOX"),
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )

    async def close(self) -> None:
        """Whatever has started ends; what has ended already is no matter."""
        for ending in (self.context and self.context.close, self.playwright and self.playwright.stop):
            if ending:
                try:
                    await ending()
                except Exception as error:
                    if not is_playwrights(error):
                        raise
        if self.server:
            await self.server.close()
        if self.folder:
            self.folder.cleanup()

    async def ask(self, origin: str, url: str, fields: Fields, cookies: Cookies) -> Response | Failure:
        """What script of an origin can read of a URL."""
        assert self.context is not None
        try:
            async with asyncio.timeout(LONGEST + 10):
                page, events = await self._page(origin)
                await self.context.add_cookies([{**one} for one in cookies])  # type: ignore[typeddict-item]
                events.clear()
                mode = "include" if cookies else "omit"
                try:
                    found = await page.evaluate(FETCH, [url, dict(fields), mode, LARGEST, round(LONGEST * 1000)])
                finally:  # a browser writes its cookies down after a while, and a kill may leave its profile behind
                    async with asyncio.timeout(PROMPT):
                        await self.context.clear_cookies()
                said = await read(found, events)
                return (kept_cookie(events, said) if cookies else None) or said
        except TimeoutError:
            return Failure(Stage.DEADLINE, f"no whole answer within {LONGEST:g} seconds")
        except Exception as error:
            if not is_playwrights(error):
                raise
            return Failure(Stage.BROWSER, f"the browser ended or lost the page: {first_line(error)}")

    async def _page(self, origin: str) -> "tuple[Page, Events]":
        if origin in self.pages:
            return self.pages[origin]
        assert self.context is not None
        page = await self.context.new_page()
        events: Events = []
        session = await self.context.new_cdp_session(page)
        await session.send("Network.enable")
        for name in ("Network.loadingFailed", "Network.requestWillBeSentExtraInfo"):
            session.on(name, lambda event: events.append(event))  # a bare method is not taken
        # whose sandboxed page it is does not matter
        await page.goto(f"{STRANGER}{SANDBOX}" if origin == NULL else f"{origin}/")
        self.pages[origin] = (page, events)
        return page, events

    async def unfit(self) -> str:
        """What the browser does otherwise than the Fetch standard wants on our own server; "" when it is fit."""
        assert self.server is not None
        for path, fields, readable, asked in CONTROLS:
            self.server.heard.clear()
            said = await self.ask(STRANGER, f"{CONTROL}{path}", fields, ())
            heard = tuple(method for method, where in self.server.heard if where == path)
            kept = isinstance(said, Failure) and said.stage is Stage.SHARING
            if heard != asked or (readable and isinstance(said, Failure)) or not (readable or kept):
                told = said.because if isinstance(said, Failure) else f"script read a {said.status}"
                return f"of a server of ours, asked for {path}, {told}; there came {', '.join(heard) or 'nothing'}"
        return ""


def surroundings(folder: str) -> dict[str, str | float | bool]:
    """The environment of the browser: without our credentials, and with nothing of its own to be kept elsewhere."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SAMSVAR_")}
    return {**ours, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}


def kept_cookie(events: Events, said: Response | Failure) -> Failure | None:
    """The browser did not send a cookie that script wanted to go with the question: that is a rule of its own."""
    several = [one for event in events for one in event.get("associatedCookies", ())]
    reasons = [str(word) for one in several for word in one.get("blockedReasons", ())]
    went = any(name.lower() == "cookie" for event in events for name in event.get("headers", ()))
    if not reasons and (went or isinstance(said, Failure)):
        return None
    told = ", ".join(dict.fromkeys(reasons)) or "it goes over TLS only"
    return Failure(Stage.BROWSER, f"the browser does not send a cookie to another site: {told}")


async def read(found: dict[str, Any], events: Events) -> Response | Failure:
    """What came of a fetch, as script and the network panel tell it."""
    if "status" in found:
        headers = tuple((str(name), str(value)) for name, value in found["headers"])
        reason = str(found["reason"]).encode("latin-1", "replace")
        return Response(int(found["status"]), headers, base64.b64decode(found["body"]), reason)
    if found.get("large"):
        return Failure(Stage.LIMIT, f"the body is longer than {LARGEST} bytes")
    if found.get("error") == "TimeoutError":
        return Failure(Stage.DEADLINE, f"no whole answer within {LONGEST:g} seconds")
    for _ in range(100):  # the panel may tell a little later than script
        if any(one.get("type") == "Fetch" for one in events):
            break
        await asyncio.sleep(0.02)
    return failure_of([one for one in events if one.get("type") == "Fetch"] or events)


def failure_of(events: Events) -> Failure:
    """Why script could not read, by the events of failed loading."""
    cors = [one["corsErrorStatus"] for one in events if one.get("corsErrorStatus")]
    if cors:
        word, parameter = cors[-1].get("corsError", ""), cors[-1].get("failedParameter", "")
        told = f"the browser keeps the answer from script: {word}{f' ({parameter[:200]})' if parameter else ''}"
        return Failure(Stage.SHARING if word in SHARING else Stage.BROWSER, told)
    blocked = next((one["blockedReason"] for one in events if one.get("blockedReason")), "")
    if blocked:
        return Failure(Stage.BROWSER, f"the browser does not ask: {blocked}")
    text = next((str(one["errorText"]) for one in events if one.get("errorText")), "no reason was told")
    stage = Stage.TLS if text.startswith(("net::ERR_CERT", "net::ERR_SSL")) else STAGES.get(text, Stage.BROWSER)
    return Failure(stage, f"the browser could not load it: {text}")


def is_root() -> bool:
    """Chromium's sandbox does not run for root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


# -- pages ------------------------------------------------------------------------------------------------------------

SANDBOX: Final = "/sandbox"
CONTROL: Final = "https://samsvar-kontroll.example"
"""A server that is no target: on it the browser is tried."""
KEYED: Final[Fields] = (("ApiKey", "samsvar"),)
CONTROLS: Final[tuple[tuple[str, Fields, bool, tuple[str, ...]], ...]] = (
    ("/silent", (), False, ("GET",)),
    ("/silent-preflight", KEYED, False, ("OPTIONS",)),
    ("/open", (), True, ("GET",)),
    ("/open-preflight", KEYED, True, ("OPTIONS", "GET")),
)
"""Path, fields that script gives, whether it can read, and what has to arrive."""

PAGE: Final = b'<!DOCTYPE html><html lang="en"><title>samsvar</title><link rel="icon" href="data:,"></html>'


def resolver_rules(target: Origin, dial: Dial, origins: tuple[str, ...], pages: "Pages") -> tuple[str, ...]:
    """By which names lead to the target or to our pages, and nowhere else (the first that fits counts)."""
    plain = [found for text in origins if isinstance(found := origin_of(text), Origin) and found.scheme == "http"]
    return (
        f"MAP {in_brackets(target.host)}:{target.port} {dial.socket}",
        *(f"MAP {in_brackets(one.host)}:{one.port} 127.0.0.1:{pages.plain}" for one in plain),
        f"MAP *:80 127.0.0.1:{pages.plain}",
        f"MAP * 127.0.0.1:{pages.secure}",
    )


class Pages:
    """Serves the pages of all origins on this machine, with TLS and without, and the controls. heard: method and path
    of what came."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.heard: list[tuple[str, str]] = []
        self.secure = self.plain = 0
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    @classmethod
    async def open(cls) -> "Pages":
        """Both servers, on any free port."""
        pages = cls(leaf_for("samsvar.example"))  # other names are taken too: the browser knows the key
        for context in (pages.leaf.context, None):
            server = await asyncio.start_server(pages._serve, "127.0.0.1", 0, ssl=context)
            pages._servers.append(server)
        pages.secure, pages.plain = (int(one.sockets[0].getsockname()[1]) for one in pages._servers)
        return pages

    async def close(self) -> None:
        """Frees the ports and ends what is connected."""
        for server in self._servers:
            server.close()
        for writer in tuple(self._writers):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        for server in self._servers:
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, path = (*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "")[:2]
                self.heard.append((method, path))
                writer.write(page_for(path))
                await writer.drain()
        self._writers.discard(writer)
        writer.close()


def page_for(path: str) -> bytes:
    """The answer of our own server."""
    fields = [b"Content-Type: text/html; charset=utf-8", b"Cache-Control: no-store", b"Content-Length: %d" % len(PAGE)]
    if path == SANDBOX:
        fields.append(b"Content-Security-Policy: sandbox allow-scripts")  # by which a document has the origin null
    if path.startswith("/open"):
        fields += [b"Access-Control-Allow-Origin: " + STRANGER.encode(), b"Access-Control-Allow-Headers: ApiKey"]
    return b"\r\n".join((b"HTTP/1.1 200 OK", *fields)) + b"\r\n\r\n" + PAGE

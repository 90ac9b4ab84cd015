"""The test client of `samsvar serve`, in a real browser."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from browsers import running

from samsvar.miniature import EVOLUTIONS, Answer, Ask, Framing, Miniature, serve
from samsvar.miniature import credentials as given
from samsvar.miniature.browsing import PARTS, PLACE, Browsable, pages

HAL_JSON = "application/hal+json"
LOGIN = (("ApiKey", given.API_KEY), ("Authorization", f"Bearer {given.TOKEN}"))
FORMATS = ("hal+json", "hal+xml", "json", "xml")
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def chromium():
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def profile(chromium):
    """What tabs share that want nothing special; each has a port, and so an origin, of its own."""
    return chromium.new_context()


def browsable(**switches):
    """A miniature with the client beside it, for ``serve``."""
    return lambda root: Browsable(Miniature(root, size=12, **switches), root)


@dataclass
class Client:
    """The client in a tab of its own. tolerated: what the browser may complain of."""

    page: object
    origin: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    tolerated: str = "^$"

    def open(self, at: str = "", format_: str = "hal+json") -> "Client":
        fragment = f"#at={quote(at, safe='')}&format={quote(format_, safe='')}" if at else ""
        there = f"{self.origin}{PLACE}{fragment}"
        if at:
            self.after(lambda: self.page.goto(there))
        else:
            self.page.goto(there)
        return self

    def after(self, act: Callable[[], object], heading: str = "") -> None:
        """Does that and waits for the answer whose heading begins so."""
        self.page.evaluate("() => document.activeElement.blur()")
        act()
        self.answered(heading)

    def answered(self, heading: str = "") -> None:
        """Waits until the focus is on an answer whose heading begins so."""
        self.page.wait_for_function(
            "text => document.activeElement.id === 'answer' && document.activeElement.textContent.startsWith(text)",
            arg=heading,
        )

    def received(self, text: str) -> None:
        """Waits for an answer with that in its header fields, wherever the focus is."""
        self.page.wait_for_function("text => document.getElementById('received').textContent.includes(text)", arg=text)

    def enter(self, name: str, heading: str = "200") -> None:
        """Follows an entry."""
        self.after(self.page.get_by_role("navigation").get_by_role("link", name=name).click, heading)

    def follow(self, relation: str, group: str = "", heading: str = "200") -> None:
        """Follows the first link of a relation, of the resource that is told so."""
        titled = self.page.locator("h4", has_text=group)
        links = self.page.locator("#links > div").filter(has=titled).get_by_role("link", name=relation)
        self.after(links.first.click, heading)

    def ask(self, heading: str = "200") -> None:
        self.after(self.page.get_by_role("button", name="Ask", exact=True).click, heading)

    @property
    def questions(self) -> list[str]:
        """What was asked of the API."""
        return [url for url in self.asked if not urlsplit(url).path.startswith(PLACE)]

    def text(self, id_: str) -> str:
        return self.page.locator(f"#{id_}").text_content()

    def hrefs(self) -> set[tuple[str, str]]:
        """(relation, address) of every link on the page."""
        rows = self.page.eval_on_selector_all(
            "#links li",
            "rows => rows.map(row => [row.querySelector('strong').textContent,"
            " (row.querySelector('.quiet') ?? row).textContent.trim()])",
        )
        return {tuple(row) for row in rows}


@pytest.fixture
def opened(chromium, profile):
    """Opens clients of miniatures, and holds each against what no page of ours may do."""
    with ExitStack() as stack:
        clients = []

        def open_(factory: Callable[[str], object] | None = None, **context) -> Client:
            origin = stack.enter_context(serve(factory or browsable())).root.removesuffix("/api")
            shared = chromium.new_context(**context) if context else profile
            client = Client(shared.new_page(), origin)
            stack.callback(shared.close if context else client.page.close)
            client.page.set_default_timeout(10_000)
            client.page.on("request", lambda request: client.asked.append(request.url))
            client.page.on("pageerror", lambda error: client.complaints.append(str(error)))
            client.page.on(
                "console", lambda line: client.complaints.append(line.text) if line.type in ("error", "warning") else 0
            )
            clients.append(client)
            return client

        yield open_
        for client in clients:
            strangers = [url for url in client.asked if urlsplit(url).netloc != urlsplit(client.origin).netloc]
            assert strangers == []
            # Chromium tells every status from 400 on, which is no fault of the page.
            told = [text for text in client.complaints if "the server responded with a status of" not in text]
            assert [text for text in told if not re.search(client.tolerated, text)] == []


@pytest.fixture
def client(opened) -> Client:
    return opened().open()


def said(at: str, format_: str = "hal+json", origin: str = "http://127.0.0.1", **switches) -> str:
    """What the same miniature says in this process."""
    miniature = Miniature(f"{origin}/api", size=12, **switches)
    return miniature.answer(Ask("GET", at, (("Accept", f"application/{format_}"), *LOGIN))).body.decode()


# -- beside the API ---------------------------------------------------------------------------------------------------


def test_the_api_answers_as_it_does_without_the_client():
    plain, beside = Miniature("http://127.0.0.1/api", size=12), browsable()("http://127.0.0.1/api")
    for target in ("/api/metadata", "/api/my/messages", "/api/", "/api/nowhere", "/client/nowhere", "/Pages/x", "*"):
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            ask = Ask(method, target, LOGIN)
            assert beside.answer(ask) == plain.answer(ask), (method, target)
    for target in ("/", PLACE):
        assert beside.answer(Ask("POST", target, LOGIN)) == plain.answer(Ask("POST", target, LOGIN))


@pytest.mark.parametrize("evolution", ["", *EVOLUTIONS])
def test_no_answer_of_the_api_leads_to_the_client(evolution):
    site = Browsable(Miniature(size=4, evolutions=(evolution,) if evolution else ()), "https://miniature.example/api")
    for target in ("/api", "/api/metadata", "/api/my/messages", "/api/reportees", "/api/help"):
        answer = site.answer(Ask("GET", target, (("Accept", HAL_JSON), *LOGIN)))
        assert PLACE.encode() not in answer.body
        assert PLACE not in repr(answer.headers)


def test_the_front_door_leads_to_the_client():
    with serve(browsable()) as served:
        line = HTTPConnection(urlsplit(served.root).netloc, timeout=10)
        line.request("GET", "/")
        answer = line.getresponse()
        assert (answer.status, answer.getheader("Location"), answer.read()) == (302, PLACE, b"")
        line.request("HEAD", PLACE)
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        assert int(answer.getheader("Content-Length")) > 1000
        line.close()


def test_every_page_forbids_what_it_does_not_need():
    for path, page in pages("http://127.0.0.1/api").items():
        if page.status == 302:
            continue
        policy = page.first("Content-Security-Policy")
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
        assert {rules[f"{name}-src"] for name in ("script", "style", "img", "connect")} == {"'self'"}, path
        assert rules["require-trusted-types-for"] == "'script'"
        assert page.first("X-Content-Type-Options") == "nosniff"


def test_the_browser_forbids_it_too(client):
    client.tolerated = "TrustedHTML|Content Security Policy"
    markup = client.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>' } catch (error) { return error.name } }"
    )
    assert markup == "TypeError"
    with serve() as other:
        asked = client.page.evaluate("url => fetch(url).catch(error => error.name)", f"{other.root}/metadata")
    assert asked == "TypeError"


def test_every_file_of_the_client_is_served_and_names_nothing_elsewhere():
    folder = Path(sys.modules[Browsable.__module__].__file__).parent / "client"
    assert {path.name for path in folder.iterdir()} == {*PARTS, "page.html"}
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"https?://[a-z]", text.replace("http://www.w3.org/2000/svg", "")) == [], path.name
        assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(| on[a-z]+=|style=", text) == []


def test_serve_says_where_the_client_is():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    run = subprocess.Popen(
        [sys.executable, "-m", "samsvar", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        lines = [run.stdout.readline() for _ in range(2)]
        found = re.fullmatch(r"  test client: (http://127\.0\.0\.1:\d+/client)\n", lines[1])
        assert found, lines
        line = HTTPConnection(urlsplit(found[1]).netloc, timeout=10)
        line.request("GET", PLACE)
        assert b"<title>Test client" in line.getresponse().read()
        line.close()
    finally:
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=10)


# -- following and asking ---------------------------------------------------------------------------------------------


def test_nothing_is_asked_before_somebody_asks(client):
    assert client.questions == []
    assert client.page.title() == "Test client – samsvar"
    assert not client.page.locator("#exchange").is_visible()


def test_links_are_followed_three_deep(client):
    client.enter("reportees")
    client.follow("messages", group="reportees 1")
    client.follow("self", group="messages 1")
    client.follow("metadata")
    assert client.text("answer") == "200 OK for metadata/correspondence/0247/2"
    assert client.page.title() == "200 OK for metadata/correspondence/0247/2 – Test client – samsvar"
    assert '"ServiceCode": "0247"' in client.text("body")
    client.after(client.page.go_back, "200 OK for r50000001/messages/")
    client.after(client.page.go_back, "200 OK for r50000001/messages")
    assert client.text("answer") == "200 OK for r50000001/messages"
    client.after(client.page.go_forward, "200 OK for r50000001/messages/")


def test_the_exchange_is_shown_as_it_went(client):
    client.enter("my/messages")
    host = urlsplit(client.origin).netloc
    assert client.text("sent").splitlines() == [
        "GET /api/my/messages HTTP/1.1",
        f"Host: {host}",
        f"Accept: {HAL_JSON}",
        *(f"{name}: {value}" for name, value in LOGIN),
    ]
    received = client.text("received").splitlines()
    assert received[0] == "HTTP/1.1 200 OK"
    assert f"content-type: {HAL_JSON}; charset=utf-8" in received
    body = said("/api/my/messages", origin=client.origin)
    assert client.text("body") == body
    assert re.search(rf"200 OK, {len(body.encode())} bytes in \d+ ms, links: \d+$", client.text("status"))


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_shown_and_its_links_are_found(opened, format_):
    client = opened().open("/api/my/messages", format_)
    assert client.text("body") == said("/api/my/messages", format_, client.origin)
    assert f"Accept: application/{format_}" in client.text("sent")
    relation = "self" if "hal" in format_ else "MessageLink"
    assert (relation, "my/messages/a1000000") in client.hrefs()
    client.follow(relation, group="a1000000")
    assert client.text("answer") == "200 OK for my/messages/a1000000"
    assert f"content-type: application/{format_}" in client.text("received")


def test_both_hal_formats_offer_the_same_links(opened):
    client = opened()
    found = []
    for format_ in ("hal+json", "hal+xml"):
        found.append(set())
        for at in ("/api/my/messages", "/api/my/messages/a1000000", "/api/reportees", "/api/metadata"):
            found[-1] |= client.open(at, format_).hrefs()
    assert len(found[0]) > 40
    assert found[0] == found[1]


def test_a_format_is_switched_without_moving_the_focus(client):
    client.enter("my/messages")
    for format_ in ("hal+xml", "json", "xml"):
        client.page.get_by_role("radio", name=format_, exact=True).press("Space")
        client.received(f"application/{format_};")
        assert client.page.evaluate("document.activeElement.value") == format_
        assert client.text("status").startswith("200 OK")
    client.page.go_back()
    client.received("application/json;")
    assert client.page.get_by_role("radio", name="json", exact=True).is_checked()


def test_a_link_is_followed_in_the_format_and_language_that_are_chosen_now(opened):
    client = opened().open("/api/my/messages?$top=1")
    client.page.get_by_role("combobox", name="Language of the answer").select_option("1033")
    client.page.get_by_role("radio", name="hal+xml").check()
    client.received("hal+xml;")
    client.follow("self", group="messages")
    assert client.text("sent").startswith("GET /api/my/messages/a1000000?language=1033 HTTP/1.1")
    assert client.page.get_by_role("combobox", name="Language of the answer").input_value() == "1033"


def test_parameters_are_asked_and_shown_again(client):
    page = client.page
    page.get_by_role("textbox", name="Address below").fill("my/messages")
    page.get_by_role("textbox", name="$top").fill("2")
    page.get_by_role("textbox", name="$skip").fill("1")
    page.get_by_role("textbox", name="$filter").fill("ServiceOwner ne 'A & B + C'")
    page.get_by_role("combobox", name="Language of the answer").select_option("1033")
    client.ask("200")
    asked = urlsplit(client.questions[-1])
    assert parse_qs(asked.query) == {
        "$top": ["2"],
        "$skip": ["1"],
        "$filter": ["ServiceOwner ne 'A & B + C'"],
        "language": ["1033"],
    }
    assert len(json.loads(client.text("body"))["_embedded"]["messages"]) == 2
    client.after(page.reload, "200")
    assert page.get_by_role("textbox", name="Address below").input_value() == "my/messages"
    assert page.get_by_role("textbox", name="$filter").input_value() == "ServiceOwner ne 'A & B + C'"
    page.get_by_role("textbox", name="$top").fill("many")
    client.ask("400")


def test_a_template_has_a_form_for_its_variables(client):
    client.enter("my/messages")
    client.page.locator("summary").click()
    client.page.get_by_role("textbox", name="MessageId").fill("a1000000")
    client.page.get_by_role("button", name="Follow").click()
    client.answered("200 OK for my/messages/a1000000")


def test_refusals_are_shown_with_their_reason_phrase(client):
    page = client.page
    page.get_by_label("send the key").uncheck()
    client.enter("my/messages", heading="400")
    assert client.text("received").startswith("HTTP/1.1 400 Required header 'ApiKey' is missing.\n")
    assert client.page.locator("#status .bad").is_visible()
    assert "ApiKey" not in client.text("sent") + client.text("curl")
    page.get_by_label("send the key").check()
    page.get_by_label("send the token").uncheck()
    client.enter("my/messages", heading="401")
    assert '"ErrorCode": 40100' in client.text("body")
    page.get_by_label("send the token").check()
    page.get_by_role("textbox", name="Bearer token").fill(given.EXPIRED_TOKEN)
    client.enter("my/messages", heading="401 IDX10223")


def test_a_reason_phrase_beyond_ascii_is_readable(opened):
    client = opened(changed_answers(lambda answer: replace(answer, reason="Så ærlig – ja".encode())))
    client.open("/api/metadata")
    assert client.text("received").startswith("HTTP/1.1 200 Så ærlig – ja\n")


def test_a_document_is_shown_by_its_bytes(opened):
    client = opened().open("/api/my/messages/a1000001/print")
    assert client.text("body-note").startswith("No text, but application/pdf: the first of its ")
    assert client.text("body").startswith("000000  25 50 44 46 2d")


def test_a_body_that_breaks_off_is_told_and_its_head_is_shown(opened):
    client = opened(changed_answers(lambda answer: replace(answer, framing=Framing.CUT_CHUNKS)))
    client.tolerated = "ERR_INCOMPLETE_CHUNKED_ENCODING"
    client.open("/api/metadata")
    assert "The body broke off after" in client.text("status")
    assert client.text("links") == ""
    assert client.text("received").startswith("HTTP/1.1 200 OK")


def test_no_answer_is_told(opened):
    client = opened(
        changed_answers(lambda answer: replace(answer, status=200, headers=(("Content-Encoding", "gzip"),)))
    )
    client.tolerated = "ERR_CONTENT_DECODING_FAILED"
    client.open("/api/metadata")
    assert "broke off" in client.text("status")


def test_header_fields_that_cannot_be_sent_are_told(client):
    client.page.get_by_role("textbox", name="ApiKey").fill("nøkkel – ₪")
    client.enter("metadata", heading="–")
    assert client.text("status").startswith("No answer: ")
    assert not client.page.locator("#came").is_visible()
    assert client.questions == []


@pytest.mark.parametrize(
    "at", ["//example.net/api/metadata", "https://example.net/", "javascript:alert(1)", "data:text/html,x", "http://["]
)
def test_another_origin_is_never_asked(opened, at):
    client = opened().open(at)
    assert at in client.text("status")
    assert client.page.locator("#status .bad").is_visible()
    assert client.questions == []


def test_the_client_works_by_another_name_of_the_machine(opened):
    client = opened()
    client.origin = client.origin.replace("127.0.0.1", "localhost")
    client.open("/api/my/messages")
    client.follow("self", group="messages 1")
    assert client.text("answer") == "200 OK for my/messages/a1000000"


@pytest.mark.parametrize(
    "evolution", ["urls-opaque", "links-path-only", "links-without-scheme", "names-of-the-draft", "gzip", "chunked"]
)
def test_an_evolved_environment_is_followed_all_the_same(opened, evolution):
    client = opened(browsable(evolutions=(evolution,))).open("/api/reportees")
    client.follow("messages", group="reportees 1")
    client.follow("self", group="messages 1")
    client.follow("metadata")
    assert '"ServiceCode"' in client.text("body")


def test_a_redirect_is_told(opened):
    client = opened(browsable(evolutions=("redirects",))).open("/api/my/messages")
    client.follow("self", group="messages 1")
    assert "After a redirect" in client.text("redirected")


def test_a_fault_shows_in_what_the_client_shows(opened):
    fault = "format-4-leading-zero-lost-in-xml"
    client = opened(browsable(faults=(fault,))).open("/api/my/messages", "xml")
    assert client.text("body") == said("/api/my/messages", "xml", client.origin, faults=(fault,))


def test_the_curl_line_asks_the_same(client):
    client.enter("my/messages")
    client.page.get_by_role("textbox", name="$filter").fill("ServiceOwner ne 'NAV'")
    client.ask("200")
    line = client.text("curl")
    assert given.API_KEY not in line and given.TOKEN not in line
    assert shlex.split(line)[-1] == client.questions[-1]
    if shutil.which("curl") is None or os.name == "nt":
        pytest.skip("no curl, or no sh, here")
    secrets = {"SAMSVAR_API_KEY": given.API_KEY, "SAMSVAR_TOKEN": given.TOKEN}
    run = subprocess.run(["sh", "-c", line], capture_output=True, env={**os.environ, **secrets}, check=True, timeout=20)
    assert run.stdout.decode().partition("\r\n\r\n")[2] == client.text("body")


def test_the_curl_line_is_copied_or_marked(client):
    client.enter("metadata")
    client.page.get_by_role("button", name="Copy").click()
    client.page.wait_for_function("() => document.getElementById('copied').textContent !== ''")
    assert client.text("copied") in ("Copied.", "Marked: copy it with the keyboard.")


def test_a_body_is_indented_on_request(opened):
    client = opened().open("/api/my/messages?$top=1", "hal+xml")
    raw = client.text("body")
    client.page.get_by_label("indented for reading").check()
    shown = client.text("body")
    assert len(shown.splitlines()) > 15
    assert "      <MessageId>" not in shown.splitlines()[0]
    assert re.sub(r">\s+<", "><", shown) == re.sub(r">\s+<", "><", raw)
    client.page.get_by_label("indented for reading").uncheck()
    assert client.text("body") == raw


# -- hostile content --------------------------------------------------------------------------------------------------

SHOT = '<img src=x onerror="window.shot=1"><script>window.shot=1</script>'


def changed_answers(change: Callable[[Answer], Answer]) -> Callable[[str], Browsable]:
    """A miniature each of whose answers is changed on its way out."""

    def made(root: str) -> Browsable:
        site = Miniature(root, size=12)
        site.parts = site.parts.with_final(lambda call, answer: change(answer))
        return Browsable(site, root)

    return made


def saying(kind: str, body: str, reason: str = "OK", status: int = 200) -> Callable[[str], Browsable]:
    """A miniature that says only this."""
    whole = body.encode()
    fields = (("Content-Type", kind), ("Content-Length", str(len(whole))), ("X-Shot", SHOT))
    return changed_answers(lambda answer: Answer(status, reason.encode(), fields, whole))


def hostile_json() -> str:
    links = {
        "self": {"href": "javascript:window.shot=1", "name": SHOT, "title": SHOT},
        SHOT: [{"href": f"/api/{SHOT}", "name": '"><script>window.shot=1</script>'}],
        "find": {"href": "/api/{a}{?<b>}", "isTemplated": True, "name": SHOT},
        "__proto__": {"href": "data:text/html,<script>window.shot=1</script>"},
        "broken": [None, 7, "text", {"href": None}, {"href": {"a": 1}}, {}],
    }
    return json.dumps({SHOT: SHOT, "_links": links, "_embedded": {SHOT: [{"Id": SHOT, "_links": links}]}})


def hostile_xml() -> str:
    shot = SHOT.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        '<resource xmlns:h="http://www.w3.org/1999/xhtml" rel="self" href="javascript:window.shot=1">'
        f'<link rel="{shot}" href="/api/{shot}" name="{shot}"/><Subject>{shot}</Subject>'
        '<h:script>window.shot=1</h:script><h:img src="x" onerror="window.shot=1"/>'
        f'<resource rel="{shot}" href="/api/x"><h:svg onload="window.shot=1"/></resource></resource>'
    )


HOSTILE = {
    "hal+json": (f"{HAL_JSON}", hostile_json()),
    "hal+xml": ("application/hal+xml", hostile_xml()),
    "json": ("application/json", json.dumps([{"Id": SHOT, "A": f"http://127.0.0.1/{SHOT.replace(' ', '')}"}])),
    "xml": ("application/xml", f"<a><b>{SHOT.replace('<', '&lt;')}</b><c>javascript:window.shot=1</c></a>"),
    "html": ("text/html", f"<!DOCTYPE html><title>x</title>{SHOT}"),
    "type": ("constructor", SHOT),
    "no type": (f"text/plain; charset={SHOT}", SHOT),
    "entities": (
        "application/xml",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://example.net/x"><!ENTITY y "z">]><a>&x;&y;</a>',
    ),
    "deep": ("application/json", "[" * 100_000 + "]" * 100_000),
    "malformed": ("application/hal+json", f'{{"a": {SHOT}'),
    "malformed XML": ("application/hal+xml", f"<resource><link>{SHOT}</resource>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_shown_as_text(opened, name):
    kind, body = HOSTILE[name]
    client = opened(saying(kind, body, reason=SHOT))
    if name == "malformed XML":  # Chromium writes its own error into the document that it read, and paints it red
        client.tolerated = "Applying inline style"
    client.open("/api/metadata")
    before = client.page.evaluate("document.scripts.length")
    client.page.get_by_label("indented for reading").check()
    client.page.get_by_label("indented for reading").uncheck()
    assert client.text("body") == body or kind == "constructor"
    assert SHOT in client.text("received") and SHOT in client.text("answer")
    assert client.page.evaluate("window.shot") is None
    assert client.page.evaluate("document.scripts.length") == before == 1
    assert client.page.evaluate("document.querySelectorAll('img, svg, iframe, object, embed').length") == 0
    hrefs = client.page.eval_on_selector_all("#links a", "all => all.map(one => one.getAttribute('href'))")
    assert [href for href in hrefs if not href.startswith("#at=")] == []
    for place in client.page.locator("#links summary").all():
        place.click()
    assert client.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_hostile_link_leads_nowhere_else(opened):
    client = opened(saying(*HOSTILE["hal+json"])).open("/api/metadata")
    client.after(client.page.locator("#links").get_by_role("link").first.click, "200")
    assert urlsplit(client.questions[-1]).path.startswith("/api/%3Cimg")
    assert client.page.evaluate("window.shot") is None


# -- accessible -------------------------------------------------------------------------------------------------------

BOTH = {"en": "English", "nb": "Norsk bokmål"}

CONTRASTS = """() => {
  const parse = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const straight = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * straight(r / 255) + .7152 * straight(g / 255) + .0722 * straight(b / 255);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(one).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return null;
  };
  const ratio = (one, other) => {
    const [more, less] = [light(one), light(other)].sort((x, y) => y - x);
    return (more + .05) / (less + .05);
  };
  const rows = [];
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const texts = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const add = (what, color, other) => rows.push([element.outerHTML.slice(0, 80), what, ratio(parse(color), other)]);
    if (texts || element.matches('input, select, button')) add('text', style.color, behind(element));
    if (element.matches('input:not([type=radio], [type=checkbox]), select, button'))
      add('edge', style.borderTopColor, behind(element.parentElement));
  }
  return rows;
}"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_everything_stands_out_from_what_is_behind_it(opened, scheme):
    client = opened(color_scheme=scheme).open("/api/my/messages?$top=3")
    client.page.locator("summary").click()
    rows = client.page.evaluate(CONTRASTS)
    client.open("https://example.net/")
    rows += client.page.evaluate(CONTRASTS)
    assert len([row for row in rows if row[1] == "text"]) > 60
    assert client.page.locator(".bad").is_visible()
    assert [row for row in rows if row[2] < {"text": 4.5, "edge": 3}[row[1]]] == []


def test_the_schemes_differ(opened):
    found = [
        opened(color_scheme=scheme).open().page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in SCHEMES
    ]
    assert found[0] != found[1]


FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {id: one.id, name: one.tagName, text: (one.textContent || one.name || '').trim(), outline: style.outlineStyle,
    width: parseFloat(style.outlineWidth), seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight};
}"""


def tab_to(page, wanted: Callable[[dict], bool], key: str = "Tab") -> dict:
    """Presses the key until the focus is there; each stop on the way is seen and marked."""
    for _ in range(60):
        page.keyboard.press(key)
        stop = page.evaluate(FOCUSED)
        if stop["name"] != "BODY":
            assert stop["outline"] != "none" and stop["width"] >= 2 and stop["seen"], stop
        if wanted(stop):
            return stop
    raise AssertionError("never reached by keyboard")


def test_all_is_done_by_keyboard(client):
    page = client.page
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["id"] == "skip"
    tab_to(page, lambda stop: stop["text"] == "my/messages")
    page.keyboard.press("Enter")
    client.answered("200")
    tab_to(page, lambda stop: stop["name"] == "SUMMARY")
    page.keyboard.press("Enter")
    tab_to(page, lambda stop: stop["name"] == "INPUT")
    page.keyboard.type("a1000000")
    page.keyboard.press("Enter")
    client.answered("200 OK for my/messages/a1000000")
    tab_to(page, lambda stop: stop["text"] == "To the links")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["id"] == "links-title"
    tab_to(page, lambda stop: stop["text"] == "metadata")
    page.keyboard.press("Enter")
    client.answered("200 OK for metadata/correspondence")
    tab_to(page, lambda stop: stop["name"] == "INPUT" and stop["text"] == "format", key="Shift+Tab")
    page.keyboard.press("ArrowRight")
    client.received("hal+xml;")
    tab_to(page, lambda stop: stop["text"] == "address", key="Shift+Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("reportees")
    page.keyboard.press("Enter")
    client.answered("200 OK for reportees")


def test_the_skip_link_leads_to_the_answer(opened):
    client = opened().open("/api/metadata")
    where = client.page.url
    client.page.locator("#skip").focus()
    client.page.keyboard.press("Enter")
    assert client.page.evaluate(FOCUSED)["id"] == "answer"
    assert client.page.url == where


def test_the_page_has_landmarks_names_and_ordered_headings(opened):
    client = opened().open("/api/my/messages?$top=2")
    client.page.locator("summary").click()
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert client.page.get_by_role(role).count() == 1
    levels = client.page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    nameless = client.page.eval_on_selector_all(
        "input, select, button, a, summary",
        "all => all.filter(one => !(one.labels?.[0] ?? one).textContent.trim()).map(one => one.outerHTML)",
    )
    assert nameless == []
    repeated = client.page.evaluate(
        "(ids => ids.filter((id, at) => ids.indexOf(id) !== at))([...document.querySelectorAll('[id]')].map(e => e.id))"
    )
    assert repeated == []
    assert client.page.locator("#status").get_attribute("role") == "status"


def test_the_page_speaks_both_languages_and_remembers(opened):
    client = opened().open("/api/my/messages?$top=1")
    page = client.page
    for tag, name in BOTH.items():
        page.get_by_role("button", name=name).click()
        assert page.evaluate("document.documentElement.lang") == tag
        assert page.get_by_role("button", name=name).get_attribute("aria-pressed") == "true"
    assert page.evaluate(FOCUSED)["text"] == "Norsk bokmål"
    assert page.get_by_role("heading", name="Spørsmål").is_visible()
    assert client.text("links-title") == "Lenker"
    assert re.search(r"byte på \d+ ms, lenker: 6$", client.text("status"))
    assert page.title() == "200 OK for my/messages?$top=1 – Testklient – samsvar"
    client.after(page.reload, "200")
    assert page.evaluate("document.documentElement.lang") == "nb"
    assert "Kopier" in page.locator("#copy").text_content()


@pytest.mark.parametrize(("locale", "tag"), [("nb-NO", "nb"), ("nn-NO", "nb"), ("en-GB", "en"), ("se", "en")])
def test_the_page_speaks_first_as_the_browser_likes(opened, locale, tag):
    assert opened(locale=locale).open().page.evaluate("document.documentElement.lang") == tag


def test_every_word_stands_in_both_languages_and_is_used(client):
    words = client.page.evaluate("import('/client/words.js').then(all => all.WORDS)")
    assert words["en"].keys() == words["nb"].keys()
    holes = {
        tag: {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in told.items()} for tag, told in words.items()
    }
    assert holes["en"] == holes["nb"]
    folder = Path(sys.modules[Browsable.__module__].__file__).parent / "client"
    page = (folder / "page.html").read_text(encoding="utf-8")
    used = page + (folder / "page.js").read_text(encoding="utf-8")
    assert [key for key in words["en"] if not re.search(rf"""["']{key}["']""", used)] == []
    stated = dict(re.findall(r'data-word="(\w+)"[^>]*>([^<]*)<', page))
    assert {key: words["en"][key] for key in stated} == stated


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("enlarged", [False, True])
def test_a_narrow_or_enlarged_page_is_not_scrolled_sideways(opened, language, enlarged):
    client = opened(viewport={"width": 320, "height": 640}, locale=language)
    client.open("/api/my/messages")
    client.page.locator("summary").click()
    if enlarged:  # text alone, as 1.4.4 of WCAG asks; a zoomed page is a narrow one
        client.page.evaluate("document.documentElement.style.fontSize = '200%'")
    for format_ in FORMATS:
        client.page.get_by_role("radio", name=format_, exact=True).check()
        client.received(f"application/{format_};")
        assert client.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), format_


def test_nothing_moves(opened):
    client = opened().open("/api/metadata")
    moving = client.page.eval_on_selector_all(
        "*",
        "all => all.map(one => getComputedStyle(one)).filter(style => parseFloat(style.transitionDuration) > 0"
        " || style.animationName !== 'none' || style.scrollBehavior === 'smooth').length",
    )
    assert moving == 0


# -- reading ----------------------------------------------------------------------------------------------------------

TEMPLATES = {  # RFC 6570, 3.2
    "{var}": "value",
    "{hello}": "Hello%20World%21",
    "{+hello}": "Hello%20World!",
    "{+path}/here": "/foo/bar/here",
    "{#x,hello,y}": "#1024,Hello%20World!,768",
    "{+half}": "50%25",
    "{var:3}": "val",
    "map?{x,y}": "map?1024,768",
    "X{.var}": "X.value",
    "{/var,x}/here": "/value/1024/here",
    "{;x,y,empty}": ";x=1024;y=768;empty",
    "{?x,y,empty}": "?x=1024&y=768&empty=",
    "?fixed=yes{&x}": "?fixed=yes&x=1024",
    "{?x,undef}": "?x=1024",
    "{undef}{?undef}": "",
    "{norsk}": "bl%C3%A5b%C3%A6r",
}
VALUES = {
    "var": "value",
    "hello": "Hello World!",
    "path": "/foo/bar",
    "half": "50%",
    "x": "1024",
    "y": "768",
    "empty": "",
    "norsk": "blåbær",
}


def test_templates_are_expanded_as_rfc_6570_says(client):
    got = client.page.evaluate(
        "([all, values]) => import('/client/reading.js').then(m =>"
        " all.map(one => m.expanded(one, new Map(Object.entries(values)))))",
        [list(TEMPLATES), VALUES],
    )
    assert dict(zip(TEMPLATES, got, strict=True)) == TEMPLATES


INDENTED = {
    ("application/json", '{"a":1.10,"b":[],"c":{},"d":[1,{"e":"x, {y}: \\" z"}],"f":12345678901234567890}'): (
        '{\n  "a": 1.10,\n  "b": [],\n  "c": {},\n  "d": [\n    1,\n    {\n      "e": "x, {y}: \\" z"\n    }\n  ],\n'
        '  "f": 12345678901234567890\n}'
    ),
    ("application/xml", '<?xml version="1.0"?><a x=">"><b> t </b><c/><d></d><e><f>1</f></e><g><h/></g></a>'): (
        '<?xml version="1.0"?>\n<a x=">">\n  <b> t </b>\n  <c/>\n  <d></d>\n'
        "  <e>\n    <f>1</f>\n  </e>\n  <g><h/></g>\n</a>"
    ),
    ("application/xml", "<a>\n <b><![CDATA[<x>]]></b>\n</a>"): "<a>\n  <b><![CDATA[<x>]]></b>\n</a>",
}


def test_indenting_changes_no_value(client):
    got = client.page.evaluate(
        "all => import('/client/reading.js').then(m => all.map(([kind, text]) => m.indented(text, kind)))",
        [list(row) for row in INDENTED],
    )
    assert got == list(INDENTED.values())

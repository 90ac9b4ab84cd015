"""The test client beside the API: a page where a person follows links and sees each exchange as it went.

It knows nothing of what the API says. The page asks over the same connection as any other client, so faults and
evolutions show in it as they show everywhere. No answer of the API leads to it.
"""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from importlib.resources import files

from samsvar.miniature import credentials
from samsvar.miniature.serving import Answering
from samsvar.miniature.wire import Answer, Ask
from samsvar.model.exchange import Fields

PLACE = "/client"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",  # so no link and no redirect takes the key and the token to another origin
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types read-xml",
    )
)
GUARDED: Fields = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
PARTS: Mapping[str, str] = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "reading.js": "text/javascript; charset=utf-8",
    "words.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What the page is made of besides itself, with its media type."""


class Browsable:
    """An environment with the test client beside it. root: the URL of its API, as it stands in its links."""

    def __init__(self, environment: Answering, root: str) -> None:
        self._environment = environment
        self._pages = pages(root)

    def answer(self, ask: Ask) -> Answer:
        """A page of the client, or what the environment says."""
        page = self._pages.get(ask.target.partition("?")[0]) if ask.method in ("GET", "HEAD") else None
        if page is None:
            return self._environment.answer(ask)
        return replace(page, body=b"") if ask.method == "HEAD" else page


def pages(root: str) -> dict[str, Answer]:
    """Every page of the client by its path."""
    moved = Answer(302, b"Found", (("Location", PLACE), ("Content-Length", "0")))
    parts = {f"{PLACE}/{name}": page(kind, content(name)) for name, kind in PARTS.items()}
    return {"/": moved, f"{PLACE}/": moved, PLACE: page("text/html; charset=utf-8", start(root)), **parts}


def page(kind: str, body: bytes) -> Answer:
    """One page."""
    return Answer(200, b"OK", (("Content-Type", kind), *GUARDED, ("Content-Length", str(len(body)))), body)


def start(root: str) -> bytes:
    """The page itself, with the root and the credentials of the miniature, which are public."""
    text = content("page.html").decode()
    given = {"root": root, "key": credentials.API_KEY, "token": credentials.TOKEN}
    for name, value in given.items():
        text = text.replace(f"{{{{{name}}}}}", escape(value))
    return text.encode()


def content(name: str) -> bytes:
    """A file of the client."""
    return files("samsvar.miniature").joinpath("client", name).read_bytes()

"""URLs as links use them: resolve, compare, extend. Theirs may be junk, so nothing here raises on a bad URL.

What a URL may be sent to is decided elsewhere (``samsvar.world.addresses``); here it is only read.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
REMEMBERED = 1 << 16
"""URLs whose reading is remembered: the same few thousand are compared again and again."""
DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(REMEMBERED)
def resolve(base: str, href: str) -> str | None:
    """The absolute URL of a reference (RFC 3986, 5), or None when it is not one."""
    try:
        absolute = urljoin(base, href.strip())
        parts = urlsplit(absolute)
        parts.port  # noqa: B018 - a port that is no number raises here
    except ValueError:
        return None
    return absolute if parts.scheme else None


@lru_cache(REMEMBERED)
def origin(url: str) -> str:
    """Scheme, host and port of a URL in their serialised form (Fetch standard); "" if it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = "" if port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


@lru_cache(REMEMBERED)
def canonical(url: str) -> str:
    """One spelling per URL (RFC 3986, 6.2.2 and 6.2.3): case of scheme and host, default port, percent-encoding of
    unreserved characters, no fragment. The path keeps its case: an opaque path may mean something by it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path = _respell(parts.path) or "/"
    return (
        urlunsplit(("", "", path, _respell(parts.query), ""))
        if not parts.netloc
        else origin(url) + urlunsplit(("", "", path, _respell(parts.query), ""))
    )


def _respell(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        character = chr(int(found.group(1), 16))
        return character if character in UNRESERVED else found.group(0).upper()

    return re.sub(r"%([0-9A-Fa-f]{2})", one, text.replace(" ", "%20"))


@lru_cache(REMEMBERED)
def loose(url: str, hosts: tuple[tuple[str, ...], ...] = (), ignore: tuple[str, ...] = ()) -> str:
    """A spelling in which two URLs of one resource agree: path without case and final slash, parameters sorted and
    without those in ``ignore``, equivalent hosts made one. For comparing, never for sending."""
    try:
        parts = urlsplit(canonical(url))
    except ValueError:
        return url
    host = (parts.hostname or "").lower()
    for group in hosts:
        if host in group:
            host = group[0]
    dropped = {name.lower() for name in ignore}
    query = sorted(pair for pair in pairs(parts.query) if pair[0].lower() not in dropped)
    path = unquote(parts.path).lower().rstrip("/ ")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{path}?{'&'.join('='.join(pair) for pair in query)}"


def pairs(query: str) -> tuple[tuple[str, str], ...]:
    """The name and value pairs of a query, decoded, in order."""
    found = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            found.append((unquote(name.replace("+", " ")), unquote(value.replace("+", " "))))
    return tuple(found)


def query(url: str) -> str:
    """The query of a URL, without the question mark; "" when there is none."""
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def without_parameters(url: str, unwanted: Callable[[str], bool]) -> str:
    """The URL without the query parameters whose names (in lower case) are not wanted."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    kept = [piece for piece in parts.query.split("&") if piece and not unwanted(_name(piece))]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept), ""))


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """The URL with these query parameters set; ones that are already there are replaced (names without case)."""
    if not parameters:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    replaced = {name.lower() for name in parameters}
    kept = [piece for piece in parts.query.split("&") if piece and _name(piece) not in replaced]
    added = urlencode(parameters, quote_via=quote, safe="$/:,'()")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join([*kept, added]), ""))


def _name(piece: str) -> str:
    return unquote(piece.partition("=")[0]).lower()


def parameter(url: str, name: str) -> str | None:
    """The value of a query parameter (name without case), or None."""
    return next((value for key, value in pairs(query(url)) if key.lower() == name.lower()), None)


def below(root: str, path: str) -> str:
    """The URL of a path below an API root; the root itself for an empty path."""
    return f"{root.rstrip('/')}/{path.lstrip('/')}" if path else root


@lru_cache(REMEMBERED)
def host(url: str) -> str:
    """The host of a URL in lower case, "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


@lru_cache(REMEMBERED)
def path(url: str) -> str:
    """The path of a URL as a server resolves it, without dot segments (RFC 3986, 5.2.4), however they are escaped; ""
    if it cannot be read."""
    try:
        found = urlsplit(url).path
    except ValueError:
        return ""
    return _without_dots(found) if "/." in found or "%2e" in found.lower() else found


def _without_dots(text: str) -> str:
    segments: list[str] = []
    for segment in text.split("/")[1:]:
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            segments = segments[:-1]
        elif plain != ".":
            segments.append(segment)
    return "/" + "/".join(segments)

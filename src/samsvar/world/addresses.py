"""URLs read once, strictly: what goes in is text that a server wrote, what comes out is the very address that is
asked, or a refusal with its reason.

The address that was checked is the one that is sent: it is put together again from its parts, and nobody parses it a
second time by other rules. Cleaning up is not done (a TAB in a host is refused, not dropped), with two exceptions that
every client makes and that real hrefs need: blanks and non-ASCII characters in a path or query are percent-encoded.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

DEFAULT_PORTS: Final = {"https": 443, "http": 80}
MOST_CHARACTERS: Final = 8_192
"""Longer URLs are refused. RFC 9110, 4.1 asks for at least 8000 octets."""

UNCHECKED_PORTS: Final = frozenset(
    {1, 7, 9, 19, 20, 21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 993, 995, 2049, 3306, 6379}
)
"""Ports of other protocols, where an HTTP request would be an attack (a part of the Fetch standard's list)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, compared exactly (RFC 6454). The host is ASCII in lower case; IPv6 without brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port as a Host field writes them: the port only when it is not the scheme's own."""
        host = in_brackets(self.host)
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the host names this machine: a loopback address or a localhost name (RFC 6761, 6.3)."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        number = numeric(self.host)
        return number is not None and number.is_loopback


def in_brackets(host: str) -> str:
    """A host as it stands before a port: an IPv6 address in brackets (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an address is not asked. reason: a fixed word ("url-syntax", "scheme", "userinfo", "host-form", "host",
    "port", "downgrade", "environment-mix", "path", "template", "url-length", "address"). because: a sentence."""

    reason: str
    because: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.because}"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL that may be asked: its origin and the request target (path and query, as they go over the wire)."""

    origin: Origin
    target: str

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


Number = ipaddress.IPv4Address | ipaddress.IPv6Address

SPLIT: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(//)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_\-]{0,61}[a-z0-9_])?")
FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")
UNSAFE: Final = re.compile(r"[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]")
BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
DOT_SEGMENT: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|\Z)", re.IGNORECASE)
ENCODABLE: Final = re.compile(r"[ \x80-\U0010ffff]")
TRIVIAL: Final = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=]*")
"""A path and query in which nothing has to be looked at: no escapes, brackets or blanks."""


def read_url(url: str, allowed: Origin, below: str = "/") -> Address | Refusal:
    """The address of an absolute URL of exactly that origin, or why it is not asked.

    ``below`` is the path of the API root: a path that climbs with dot segments may not leave it.
    """
    plain = plain_address(url, allowed)
    if plain is not None:
        return plain
    parts = split(url)
    if isinstance(parts, Refusal):
        return parts
    origin = origin_of(url)
    if isinstance(origin, Refusal):
        return origin
    refusal = foreign(origin, allowed)
    if refusal is not None:
        return refusal
    return address(origin, parts[2], parts[3], below)


def check_url(url: str, allowed: Origin) -> Refusal | None:
    """Why a URL would not be asked by a run that may ask that origin only, or None if it would be."""
    found = read_url(url, allowed)
    return found if isinstance(found, Refusal) else None


def plain_address(url: str, allowed: Origin) -> Address | None:
    """The short way for what nearly every URL is: the origin as we write it, and a path and query without anything
    that needs a look. None sends it the long way."""
    prefix = str(allowed)
    target = url[len(prefix) :]
    ours = url.startswith(prefix) and target[:1] == "/" and len(url) <= MOST_CHARACTERS
    return Address(allowed, target) if ours and "/." not in target and TRIVIAL.fullmatch(target) else None


def origin_of(url: str) -> Origin | Refusal:
    """The origin of an absolute http or https URL, or what is wrong with it. http is for loopback only."""
    parts = split(url)
    if isinstance(parts, Refusal):
        return parts
    scheme, authority = parts[0], parts[1]
    if "@" in authority:
        return Refusal("userinfo", "there is a user name or password in the URL")
    name, port = cut_port(authority)
    host = ascii_host(name)
    if isinstance(host, Refusal):
        return host
    number = DEFAULT_PORTS[scheme] if port == "" else int(port) if port.isascii() and port.isdigit() else -1
    if not 0 < number < 65_536 or number in UNCHECKED_PORTS:
        return Refusal("port", f"port {port[:8]!r} is not one that an API answers on")
    origin = Origin(scheme, host, number)
    if scheme == "http" and not origin.loopback:
        return Refusal("downgrade", f"{origin} would be asked in clear text; only https is")
    return origin


def split(url: str) -> tuple[str, str, str, str] | Refusal:
    """Scheme (lower case), authority, path and query ("" or with its question mark); the fragment is left off."""
    if len(url) > MOST_CHARACTERS:
        return Refusal("url-length", f"the URL has {len(url)} characters, more than {MOST_CHARACTERS}")
    bad = FORBIDDEN.search(url)
    if bad is not None:
        return Refusal("url-syntax", f"the URL holds the character U+{ord(bad.group()):04X} at position {bad.start()}")
    match = SPLIT.fullmatch(url)
    if match is None:
        return Refusal("url-syntax", f"{url[:80]!r} is not an absolute URL")
    scheme = match.group(1).lower()
    if scheme not in DEFAULT_PORTS:
        return Refusal("scheme", f"{scheme!r} is not https")
    if match.group(2) is None or not match.group(3):
        return Refusal("url-syntax", f"{url[:80]!r} has no host")
    return scheme, match.group(3), match.group(4), match.group(5) or ""


def cut_port(authority: str) -> tuple[str, str]:
    """Host and port ("" when there is none) of an authority without user information."""
    if authority.startswith("["):
        host, bracket, rest = authority.partition("]")
        return host + bracket, rest[1:] if rest.startswith(":") else rest and "?"
    host, _, port = authority.partition(":")
    return host, port


def ascii_host(name: str) -> str | Refusal:
    """The host in lower-case ASCII, or what is wrong with its form. Names that the system library would read as
    numbers ("127.1", "0x7f.1") are refused, because the address asked would not be the one that was read."""
    if not name.startswith("[") and ("%" in name or " " in name):
        return Refusal("url-syntax", f"there is a blank or a percent sign in the host {name[:80]!r}")
    if name.startswith("["):
        return bracketed(name)
    if not name.isascii():
        return international(name)
    host = name.lower()
    if host.endswith("."):
        return Refusal("host-form", f"the host {host[:80]!r} ends with a dot")
    labels = host.split(".")
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        return Refusal("host-form", f"{host[:80]!r} is not a host name")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]) and numeric(host) is None:
        return Refusal("host-form", f"{host[:80]!r} is a number in disguise")
    return host


def bracketed(name: str) -> str | Refusal:
    """An IPv6 address in its shortest form; no zone, and no IPv4 address inside it."""
    if not name.endswith("]"):
        return Refusal("url-syntax", f"the bracket in {name[:80]!r} is never closed")
    number = numeric(name[1:-1])
    if not isinstance(number, ipaddress.IPv6Address) or "%" in name:
        return Refusal("host-form", f"{name[:80]!r} is not a plain IPv6 address")
    if number.ipv4_mapped is not None:
        return Refusal("host-form", f"{name[:80]!r} hides an IPv4 address")
    return number.compressed


def international(name: str) -> str | Refusal:
    """The A-label form of a name with other letters. Forms that are folded away silently are refused."""
    folded = unicodedata.normalize("NFKC", name).lower()
    if folded != name.lower() or any(unicodedata.category(letter) in ("Cf", "Zs", "Mn") for letter in name):
        return Refusal("host-form", f"the host {ascii(name)[:120]} is written with characters that only look right")
    try:
        return name.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return Refusal("host-form", f"{ascii(name)[:120]} is not a host name")


def numeric(host: str) -> Number | None:
    """The IP address that a host is when written as one in full, else None."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def foreign(origin: Origin, allowed: Origin) -> Refusal | None:
    """Why an origin is not the allowed one, in the word that says most; None if it is."""
    if origin == allowed:
        return None
    if origin.host != allowed.host:
        return other_host(origin.host, allowed.host)
    if origin.scheme != allowed.scheme:
        word = "downgrade" if origin.scheme == "http" else "scheme"
        return Refusal(word, f"{origin} has another scheme than {allowed}")
    return Refusal("port", f"{origin} has another port than {allowed}")


def other_host(host: str, allowed: str) -> Refusal:
    """The refusal for another host, with what it may be mistaken for."""
    shown = f"{host} ({readable(host)})" if "xn--" in host else host
    if altinn(host) and altinn(allowed):
        return Refusal("environment-mix", f"{shown} is another environment than {allowed}")
    if skeleton(readable(host)) == skeleton(allowed):
        return Refusal("host", f"{shown} is a look-alike of {allowed}")
    if allowed in host:
        return Refusal("host", f"{shown} only contains the name {allowed}")
    steps = distance(host, allowed)
    if steps <= 2:
        return Refusal("host", f"{shown} is not {allowed}: {steps} letters differ")
    return Refusal("host", f"{shown} is not {allowed}, the only host that is asked")


def altinn(host: str) -> bool:
    """Whether a host belongs to Altinn, whichever environment it is."""
    return host in ("altinn.no", "altinn.cloud") or host.endswith((".altinn.no", ".altinn.cloud"))


def readable(host: str) -> str:
    """A host with its A-labels written out; as it is where they do not decode."""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


LOOK_ALIKES: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u04cf\u0501\u051b\u0455\u03bf\u03b1\u03bd\u03b9\u03ba\u0131\u014201",
    "aeopcyxijldqsoavikilol",
)
"""Cyrillic, Greek and other letters with the Latin ones that they are taken for (part of Unicode TR 39)."""


def skeleton(host: str) -> str:
    """What a host looks like at a glance: accents dropped, look-alikes folded, l and i made one."""
    spread = unicodedata.normalize("NFKD", host.translate(LOOK_ALIKES))
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return bare.translate(LOOK_ALIKES).replace("rn", "m").replace("vv", "w").replace("i", "l")


def distance(left: str, right: str) -> int:
    """The number of letters to change, insert or drop between two names (Levenshtein)."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left[:253], 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def address(origin: Origin, path: str, query: str, below: str) -> Address | Refusal:
    """The address at an origin, its path and query in the form in which they are sent."""
    written = encoded((path or "/") + query)
    if isinstance(written, Refusal):
        return written
    path, mark, rest = written.partition("?")
    if DOT_SEGMENT.search(path):
        path = climbed(path)
        if not (path + "/").startswith(below.rstrip("/") + "/"):
            return Refusal("path", f"the path climbs to {path[:80]!r}, out of {below!r}")
    return Address(origin, path + mark + rest)


def encoded(text: str) -> str | Refusal:
    """Path and query with blanks and non-ASCII characters percent-encoded (as UTF-8, RFC 3987, 3.1)."""
    if "{" in text or "}" in text:
        return Refusal("template", "the URL holds a template that was not expanded")
    wrong = BAD_ESCAPE.search(text)
    if wrong is not None:
        return Refusal("url-syntax", f"the percent sign at position {wrong.start()} of the path begins no escape")
    text = ENCODABLE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), text)
    bad = UNSAFE.search(text)
    if bad is not None:
        return Refusal("url-syntax", f"the path or query holds {bad.group()!r}, which a URI cannot")
    return text


def climbed(path: str) -> str:
    """A path with its dot segments resolved (RFC 3986, 5.2.4); an encoded dot is a dot (RFC 3986, 6.2.2.3)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        plain = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if plain == "..":
            kept[-1:] = []
        elif plain != ".":
            kept.append(segment)
    last = re.sub("%2e", ".", segments[-1], flags=re.IGNORECASE)
    return "/" + "/".join(kept) + ("/" if last in (".", "..") and kept else "")


def public(number: Number) -> bool:
    """Whether an address is reachable for everybody: not private, loopback, link-local, shared (100.64/10),
    multicast or reserved, and not an IPv6 form that stands for an IPv4 address."""
    if isinstance(number, ipaddress.IPv6Address):
        inside = number.ipv4_mapped or number.sixtofour or embedded(number)
        if inside is not None:
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved


NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def embedded(number: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a NAT64 address (RFC 6052), or None."""
    return ipaddress.IPv4Address(int(number) & 0xFFFFFFFF) if number in NAT64 else None


LOCAL_ENDINGS: Final = (".localhost", ".local", ".internal", ".test", ".lan", ".home.arpa", ".intranet", ".corp")


def named_private(origin: Origin) -> bool:
    """Whether an origin itself says that it is not on the public Internet: a private address, a name without a dot,
    or one under a name kept for private use. Whoever gives such a root wants it asked."""
    number = numeric(origin.host)
    if number is not None:
        return not public(number)
    return "." not in origin.host or origin.host.endswith(LOCAL_ENDINGS)

"""Origins that careless comparing takes for a registered one, by class. An origin in, its look-alikes out.

What is not here, and why: the registered origin with its default port (https://www.eksempel.no:443) is the same origin
(RFC 6454, 4 and 5), so nobody is let in by it; an address of this machine, and sites where anybody may put script
(pastebins, code playgrounds), may have been registered by somebody in a test environment, so letting them in proves
nothing to us; two Origin fields in one request never come from a browser, and servers refuse them for other reasons.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

FOREIGN_HOST = "samsvar.example"
"""Nobody can have it: .example is reserved (RFC 2606)."""
OTHER_PORTS = (":52143", ":52144")
"""Ports that nobody serves pages on; 8443, 3000 and their like may well be registered for a test."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The parts of a serialised origin; port with its colon, or ""."""

    scheme: str
    host: str
    port: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.port}"


def parse_origin(text: str) -> Origin | None:
    """The parts of an origin, None when the text is not one."""
    found = re.fullmatch(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[^/:?#@\s]+)(:\d+)?", text, re.IGNORECASE)
    return Origin(found[1], found[2], found[3] or "") if found else None


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A class of look-alikes.

    make: how one is formed. why: what lets it in, or who has it. browsers: a browser may have this origin; the others
    are sent by other clients only, so that nothing is lost when a preflight lets them in. every: made of each
    registered origin, since each is entered by hand; the others show how all are compared. any_host: makes sense for
    an address or a name without dots (localhost) as well. registrable: its owner is the registered one's, so it may
    have been registered beside it.
    """

    make: Callable[[Origin], str]
    why: str
    browsers: bool = True
    every: bool = False
    any_host: bool = False
    registrable: bool = False


def _with_host(change: Callable[[str], str]) -> Callable[[Origin], str]:
    return lambda origin: str(replace(origin, host=change(origin.host)))


def _homograph(host: str) -> str:
    """The host with one letter of its longest label replaced by its Cyrillic twin, as it goes on the wire."""
    longest = max(host.split("."), key=len)
    twins = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х"}
    letter = next((letter for letter in longest if letter in twins), None)
    if letter is None:
        return host
    try:
        return host.replace(longest, longest.replace(letter, twins[letter], 1).encode("idna").decode("ascii"))
    except UnicodeError:
        return host


def _unicode_form(host: str) -> str:
    """A host in xn-- form with its letters written out, percent-encoded; another host as it is."""
    try:
        written = host.encode("ascii").decode("idna")
    except UnicodeError:
        return host
    return "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in written)


def _first_dot(host: str) -> str:
    return host.replace(".", "x", 1)


def _last_dot(host: str) -> str:
    return "x".join(host.rsplit(".", 1))


def _sibling(host: str) -> str:
    """Another host of the same domain: what *.domain would allow."""
    labels = host.split(".")
    return ".".join(["samsvar", *labels[1:]]) if len(labels) > 2 else f"samsvar.{host}"


def _glued(host: str) -> str:
    """A domain that only ends like the registered one."""
    labels = host.split(".")
    return ".".join([f"samsvar{labels[-2]}", labels[-1]]) if len(labels) > 1 else f"samsvar{host}"


def _other_scheme(origin: Origin) -> str:
    return str(replace(origin, scheme="http" if origin.scheme == "https" else "https"))


def _other_port(origin: Origin) -> str:
    return str(replace(origin, port=next(port for port in OTHER_PORTS if port != origin.port)))


def _longer_port(origin: Origin) -> str:
    return str(replace(origin, port=f"{origin.port}1" if origin.port else ":4431"))


LOOK_ALIKES: Mapping[str, LookAlike] = {
    "begins like it": LookAlike(
        _with_host(lambda host: f"{host}.{FOREIGN_HOST}"), "compared by its beginning", every=True
    ),
    "begins like it, no dot": LookAlike(
        _with_host(lambda host: f"{host}{FOREIGN_HOST}"), "compared by its beginning, a dot refused"
    ),
    "ends like it": LookAlike(_with_host(lambda host: f"samsvar{host}"), "compared by its end", every=True),
    "ends like its domain": LookAlike(_with_host(_glued), "the domain compared by its end, without its dot"),
    "sub-domain": LookAlike(
        _with_host(lambda host: f"samsvar.{host}"), "a wildcard before the name: *.name", every=True
    ),
    "sibling": LookAlike(_with_host(_sibling), "a wildcard for the domain: *.domain", every=True),
    "other scheme": LookAlike(
        _other_scheme,
        "the scheme not looked at: whoever is in the network between writes a page without TLS",
        every=True,
        any_host=True,
        registrable=True,
    ),
    "other port": LookAlike(_other_port, "the port not looked at", every=True, any_host=True, registrable=True),
    "longer port": LookAlike(_longer_port, "the port compared by its beginning", any_host=True, registrable=True),
    "trailing dot": LookAlike(
        _with_host(lambda host: f"{host}."), "a dot at the end taken off; browsers keep it, as another origin"
    ),
    "trailing slash": LookAlike(
        lambda origin: f"{origin}/", "compared as a URL, not as an origin", browsers=False, any_host=True
    ),
    "upper case": LookAlike(_with_host(str.upper), "compared without case (Fetch: byte for byte)", browsers=False),
    "percent form": LookAlike(
        _with_host(lambda host: host.replace(".", "%2E", 1)), "decoded before it is compared", browsers=False
    ),
    "unicode form": LookAlike(
        _with_host(_unicode_form), "letters and xn-- taken for one, in a form that no browser sends", browsers=False
    ),
    "backtick": LookAlike(
        _with_host(lambda host: f"{host}%60.{FOREIGN_HOST}"), "a pattern that ends at a character it does not know"
    ),
    "underscore": LookAlike(
        _with_host(lambda host: f"{host}_.{FOREIGN_HOST}"), "a pattern that ends at an underscore, which hosts may have"
    ),
    "user name": LookAlike(
        lambda origin: f"{origin}@{FOREIGN_HOST}",
        "compared by its beginning, the host read after the @",
        browsers=False,
        any_host=True,
    ),
    "contained": LookAlike(
        lambda origin: f"https://{FOREIGN_HOST}/{origin}", "looked for anywhere", browsers=False, any_host=True
    ),
    "homograph": LookAlike(_with_host(_homograph), "letters that look alike taken for one (xn-- form)"),
    "first dot is any": LookAlike(_with_host(_first_dot), "a dot of a pattern that is any character: the first"),
    "last dot is any": LookAlike(_with_host(_last_dot), "a dot of a pattern that is any character: the last"),
    "first letter gone": LookAlike(_with_host(lambda host: host[1:]), "looked for in the registered one, not the same"),
    "last letter gone": LookAlike(
        lambda origin: f"{origin.scheme}://{origin.host[:-1]}", "the registered one begins with it"
    ),
    "two origins": LookAlike(
        lambda origin: f"{origin} https://{FOREIGN_HOST}", "the first of several is looked at", browsers=False
    ),
    "list of origins": LookAlike(
        lambda origin: f"https://{FOREIGN_HOST}, {origin}", "the last of several is looked at", browsers=False
    ),
}
"""Each class by its name, which stands in questions and findings."""


def look_alikes(
    registered: str, known: Iterable[str], fits: Callable[[LookAlike], bool] = lambda row: True
) -> Mapping[str, str]:
    """By class, the look-alikes of a registered origin; none that is registered itself, and none twice. fits: which
    classes are wanted."""
    origin = parse_origin(registered)
    if origin is None:
        return {}
    taken = {registered, *known}
    found: dict[str, str] = {}
    for name, row in _sensible(origin):
        made = row.make(origin)
        if fits(row) and made not in taken:
            taken.add(made)
            found[name] = made
    return found


def _sensible(origin: Origin) -> Iterator[tuple[str, LookAlike]]:
    """The classes that make sense for such a host."""
    literal = origin.host.startswith("[") or "." not in origin.host or bool(re.fullmatch(r"[\d.]+", origin.host))
    yield from ((name, row) for name, row in LOOK_ALIKES.items() if row.any_host or not literal)

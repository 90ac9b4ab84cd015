"""An exchange as a command line that asks the same again: for curl and for PowerShell.

Credentials come from environment variables, so a line can be pasted into a ticket. Everything that came from a target
is quoted, and made safe to show (H68).
"""

import shlex
import unicodedata
from collections.abc import Iterator, Mapping

from samsvar.model.exchange import Client, Exchange, Fields, Login, Probe, Target, TargetKind
from samsvar.model.verdict import Finding

SERVED = "http://127.0.0.1:8080/api"
"""Where the miniature is when it is served: in-process it cannot be asked by others."""

NOBODYS_KEY = "00000000-0000-4000-8000-000000000000"
NOBODYS_TOKEN = "nobody.signed.this"

SECRETS: Mapping[str, tuple[str, str]] = {
    "ApiKey": ("ApiKey", "SAMSVAR_API_KEY"),
    "Authorization": ("Authorization", "SAMSVAR_TOKEN"),
    "Cookie": ("Cookie", "SAMSVAR_COOKIE"),
}
"""By name of a credential, the header field that it goes in and the variable that holds it."""

PREFIXES = {"Authorization": "Bearer "}


def safe(text: str) -> str:
    """Text of unknown origin as one line that a terminal cannot mistake for a command."""
    return "".join(character if _harmless(character) else _escaped(character) for character in text)


def _harmless(character: str) -> bool:
    return character == " " or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def reachable(url: str, target: Target) -> str:
    """The URL as somebody else can ask it: of the miniature, where ``samsvar serve`` puts it."""
    if target.kind is TargetKind.MINIATURE and url.startswith(target.root):
        return SERVED + url[len(target.root) :]
    return url


def curl(exchange: Exchange, target: Target) -> str:
    """The curl line (for sh and its like) that asks what this exchange asked."""
    probe = exchange.probe
    how = {"GET": "curl -sSi", "HEAD": "curl -sSI"}.get(probe.method, f"curl -sSi -X {probe.method}")
    fields = [f"-H {shlex.quote(safe(f'{name}: {value}'))}" for name, value in asked_fields(probe)]
    if probe.header("Accept") is None and probe.by is not Client.CURL:
        fields.append("-H Accept:")  # curl would add one of its own
    secrets = [f'-H "{field}: {PREFIXES.get(name, "")}${variable}"' for name, field, variable in secrets_of(exchange)]
    wrong = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in wrong_fields(probe.login)]
    certificate = ['--cert "$SAMSVAR_CLIENT_CERT"'] if "certificate" in exchange.credentials else []
    url = shlex.quote(safe(forced(exchange, reachable(probe.url, target))))
    how += " -g" if any(character in url for character in "[]{}") else ""  # curl would read a range or a choice
    return " ".join((how, *fields, *secrets, *wrong, *certificate, url))


def powershell(exchange: Exchange, target: Target) -> str:
    """The PowerShell line that asks what this exchange asked and prints status and header fields."""
    probe = exchange.probe
    pairs = [f"{quoted(name)}={quoted(value)}" for name, value in asked_fields(probe)]
    pairs += [f'{quoted(f)}="{PREFIXES.get(name, "")}$env:{variable}"' for name, f, variable in secrets_of(exchange)]
    pairs += [f"{quoted(name)}={quoted(value)}" for name, value in wrong_fields(probe.login)]
    url = quoted(reachable(probe.url, target))
    method = "" if probe.method == "GET" else f" -Method {probe.method.capitalize()}"
    asked = f"(Invoke-WebRequest -UseBasicParsing -Uri {url}{method} -Headers @{{{'; '.join(pairs)}}}).RawContent"
    refused = exchange.response is not None and exchange.response.status >= 400
    return f"try {{ {asked} }} catch {{ {CAUGHT} }}" if refused else asked


CAUGHT = "if (-not ($r = $_.Exception.Response)) { throw }; [int]$r.StatusCode; $r.Headers.ToString()"
"""PowerShell throws where the status is 4xx or 5xx; this prints what was said all the same, in 5.1 and in 7."""


def forced(exchange: Exchange, url: str) -> str:
    """The URL as it went out: with a certificate goes the parameter that has it looked at."""
    if "certificate" not in exchange.credentials or "forceeiauthentication" in url.lower():
        return url
    return f"{url}{'&' if '?' in url else '?'}ForceEIAuthentication"


def quoted(text: str) -> str:
    """A PowerShell string that says exactly this; its kinds of single quote all end one, so all are doubled."""
    return "'" + "".join(c * 2 if c in "'‘’‚‛" else c for c in safe(text)) + "'"


def asked_fields(probe: Probe) -> Fields:
    """The header fields that are part of the question."""
    return tuple((name, value) for name, value in probe.headers if name.lower() != "user-agent")


def secrets_of(exchange: Exchange) -> tuple[tuple[str, str, str], ...]:
    """(name, header field, variable) of the run's own credentials that went out; none that were wrong on purpose."""
    wrong = {name for name, _ in wrong_fields(exchange.probe.login)}
    return tuple((name, *SECRETS[name]) for name in exchange.credentials if name in SECRETS and name not in wrong)


def wrong_fields(login: Login) -> Fields:
    """What goes out on purpose that nobody would accept."""
    rows: Mapping[Login, Fields] = {
        Login.WRONG_KEY: (("ApiKey", NOBODYS_KEY),),
        Login.WRONG_TOKEN: (("Authorization", f"Bearer {NOBODYS_TOKEN}"),),
        Login.EXPIRED_TOKEN: (("Authorization", f"Bearer {NOBODYS_TOKEN}"),),
    }
    return rows.get(login, ())


WHOLE_WALK = 8
"""Questions of a walk that are shown: it is the way that matters."""


def shown_by(finding: Finding, exchanges: Mapping[int, Exchange], most: int = 2) -> tuple[Exchange, ...]:
    """The exchanges that show a finding, as far as they are at hand, each different question once."""
    found: dict[tuple[str, str, Fields], Exchange] = {}
    for number in finding.exchanges:
        if number in exchanges:
            probe = exchanges[number].probe
            most = max(most, WHOLE_WALK) if probe.walk else most
            found.setdefault((probe.method, probe.url, probe.headers), exchanges[number])
    return tuple(found.values())[:most]


def before_pasting(exchanges: tuple[Exchange, ...], target: Target) -> Iterator[str]:
    """What must be there before the lines work: the miniature on its port, the variables that they take credentials
    from."""
    variables = dict.fromkeys(variable for one in exchanges for _, _, variable in secrets_of(one))
    named = " and ".join(variables)
    if exchanges and target.kind is TargetKind.MINIATURE:
        yield ""
        yield "before the lines below, in another window: samsvar serve (with the same switches)"
        yield from ([f"  and set {named} to what it prints"] if named else [])
    elif named:
        yield ""
        yield f"the lines below take credentials from {named}"


def pasted(exchanges: tuple[Exchange, ...], target: Target) -> Iterator[str]:
    """The same questions as lines to paste, for both kinds of shell."""
    for shell, line in (("sh", curl), ("PowerShell", powershell)):
        yield ""
        yield f"the same in {shell}"
        yield from (f"  {line(exchange, target)}" for exchange in exchanges)

"""Asking by the command lines that documentations show: curl and PowerShell, really run.

What is asked is what the line asks that reports print (``samsvar.logic.reporting.commands``), the client's own header
fields included. How it is asked is ours: no shell, no configuration file, no proxy, no redirect, only the addresses
that were checked, so long and so much. Neither credentials nor other header fields stand in an argument, where every
user of the machine can read them: curl reads them from its standard input, PowerShell from its environment.
"""

import asyncio
import os
import re
import shutil
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Protocol

from samsvar.logic.reporting import commands as lines
from samsvar.model.exchange import Client, Exchange, Failure, Fields, Probe, Response, Stage, Target, TargetKind
from samsvar.world.addresses import Origin, Refusal, in_brackets, numeric
from samsvar.world.dress import ENCODING, USER_AGENT, Ready, refused
from samsvar.world.reading_bodies import LIMITS, Head, Limits, content_coding, finish, text_of
from samsvar.world.served import ServedEnvironment
from samsvar.world.transport import Outcome

EXECUTABLES: Final[Mapping[Client, tuple[str, ...]]] = MappingProxyType(
    {Client.CURL: ("curl",), Client.POWERSHELL: ("pwsh", "powershell")}
)
"""By which names a client is looked for."""

LEFT_TO_IT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "HOME", "USERPROFILE")
"""Variables that a client gets from ours. Those that would change what it asks, whom it trusts or by which proxy it
goes are not among them."""

MOST_SAID: Final = 4_096
"""Bytes that are read of what a client complains of."""

GRACE: Final = 5.0
"""Seconds after its own deadline in which a client must have ended."""


def installed() -> Mapping[Client, str]:
    """The clients that there are on this machine, each with the path of its program."""
    found = {client: next(filter(None, map(shutil.which, names)), None) for client, names in EXECUTABLES.items()}
    return {client: path for client, path in found.items() if path is not None}


# -- the way there ----------------------------------------------------------------------------------------------------

Route = tuple[tuple[str, str], ...]
"""Options of curl that say which address a host is at and whom to trust."""
Find = Callable[[], Awaitable[Route | Failure]]
Addresses = Callable[[], Awaitable[tuple[str, ...] | Failure]]
"""The addresses of the host that were checked, or why it is not asked."""
Prepare = Callable[[Probe], Awaitable[Ready | Failure]]
"""The request for a probe, credentials added, or why it does not go out."""


def checked_route(origin: Origin, addresses_of: Addresses, authorities: str = "") -> Find:
    """The way to an environment: its name is looked up and checked by us, and what was checked is dialled. authorities:
    a PEM file of whom to trust instead of those of the system ("": of the system)."""
    trust = (("cacert", authorities),) if authorities else ()

    async def find() -> Route | Failure:
        addresses = await addresses_of()
        if isinstance(addresses, Failure) or numeric(origin.host) is not None:
            return addresses if isinstance(addresses, Failure) else trust
        at = ",".join(map(in_brackets, addresses))
        return (("resolve", f"{origin.host}:{origin.port}:{at}"), *trust)

    return find


def served_route(served: ServedEnvironment) -> Find:
    """The way to an environment of this process, which is served when it is first asked."""

    async def find() -> Route | Failure:
        served.start()
        return (
            ("connect-to", f"{served.host}:443:127.0.0.1:{served.port}"),
            ("cacert", served.authority_path),
        )

    return find


# -- programs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: arguments, what it reads, its environment."""

    arguments: tuple[str, ...]
    reads: bytes = field(default=b"", repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Ran:
    """How it went: exit code (None: it had to be ended, since it was late or said too much), what it said."""

    code: int | None
    said: bytes
    complaint: bytes = b""
    late: bool = False


class Program(Protocol):
    """A client as a program. ``command``: what puts a request; ``heard``: what it said."""

    def command(self, probe: Probe, ready: Ready, route: Route) -> Command: ...

    def heard(self, ready: Ready, ran: Ran) -> Response | Failure: ...


def left_environment() -> dict[str, str]:
    """What a client gets of our environment."""
    return {name: os.environ[name] for name in LEFT_TO_IT if name in os.environ}


def asked_fields(probe: Probe, ready: Ready) -> Fields:
    """The header fields of a request but those that only samsvar sends: the client has its own."""
    ours = [pair for pair in (ENCODING, USER_AGENT) if pair not in probe.headers]
    return tuple(pair for pair in ready.fields if pair not in ours)


def unsayable(fields: Fields) -> Refusal | None:
    """Why header fields cannot be handed to a program, or None."""
    for name, value in fields:
        if not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            return Refusal("field", f"the header field {name[:40]!r} cannot be written on one line")
    return None


class Curl:
    """The program curl."""

    def __init__(self, path: str, limits: Limits = LIMITS, seconds: float = 60.0) -> None:
        self._path = path
        self._limits = limits
        self._seconds = seconds

    def command(self, probe: Probe, ready: Ready, route: Route) -> Command:
        """All that is asked stands in a configuration on standard input; --disable keeps any other from being read."""
        rows = "\n".join(self._rows(probe, ready, route)) + "\n"
        return Command((self._path, "--disable", "--config", "-"), rows.encode(), left_environment())

    def _rows(self, probe: Probe, ready: Ready, route: Route) -> Iterator[str]:
        yield f"url = {in_quotes(str(ready.address))}"
        if probe.method == "HEAD":
            yield "head"
        elif probe.method != "GET":
            yield f"request = {in_quotes(probe.method)}"
        for name, value in asked_fields(probe, ready):
            yield f"header = {in_quotes(f'{name}: {value}' if value else f'{name};')}"
        if ready.certificate is not None:
            yield f"cert = {in_quotes(ready.certificate.chain)}"
            if ready.certificate.key:
                yield f"key = {in_quotes(ready.certificate.key)}"
        yield from ("silent", "show-error", "include", "globoff", "path-as-is")
        yield f"proto = {in_quotes(f'={ready.address.origin.scheme}')}"
        yield f"noproxy = {in_quotes('*')}"
        yield f"max-time = {self._seconds:g}"
        yield f"max-filesize = {self._limits.wire}"
        yield from (f"{name} = {in_quotes(value)}" for name, value in route)

    def heard(self, ready: Ready, ran: Ran) -> Response | Failure:
        """The answer, or the failure that the exit code stands for."""
        head, body = heads(ready.method, ran.said)
        part = head.response(body[: self._limits.wire], len(body)) if head is not None else None
        if ran.late:
            return Failure(Stage.DEADLINE, f"no whole answer within {self._seconds:g} seconds", part)
        if ran.code is None:
            return Failure(Stage.LIMIT, f"the answer is longer than {self._limits.wire} bytes", part)
        if ran.code != 0:
            return Failure(STAGES.get(ran.code, Stage.RECEIVE), f"curl: {complaint(ran)}", part)
        if head is None:
            return Failure(Stage.FRAMING, f"the answer is not HTTP: it begins with {ran.said[:20]!r}")
        if content_coding(head.fields) not in READABLE:
            return head.response(body, len(body))
        # Others than HTTP/1.1 may be spoken here, and curl has read the framing of each.
        said = finish(replace(head, version="HTTP/1.1"), body, self._limits)
        return replace(said, version=head.version) if isinstance(said, Response) else said


STAGES: Final[Mapping[int, Stage]] = MappingProxyType(
    {
        1: Stage.REFUSED,
        3: Stage.REFUSED,
        6: Stage.DNS,
        7: Stage.CONNECT,
        8: Stage.FRAMING,
        16: Stage.FRAMING,
        18: Stage.FRAMING,
        23: Stage.LIMIT,
        28: Stage.DEADLINE,
        35: Stage.TLS,
        52: Stage.RECEIVE,
        53: Stage.TLS,
        54: Stage.TLS,
        55: Stage.SEND,
        56: Stage.RECEIVE,
        58: Stage.TLS,
        59: Stage.TLS,
        60: Stage.TLS,
        61: Stage.ENCODING,
        63: Stage.LIMIT,
        64: Stage.TLS,
        66: Stage.TLS,
        77: Stage.TLS,
        80: Stage.TLS,
        83: Stage.TLS,
        90: Stage.TLS,
        91: Stage.TLS,
        92: Stage.FRAMING,
        95: Stage.FRAMING,
        96: Stage.CONNECT,
        98: Stage.TLS,
        100: Stage.LIMIT,
    }
)
"""Where an exchange failed, by curl's exit code (libcurl-errors)."""


READABLE: Final = ("", "gzip", "x-gzip")
"""Codings of content that are undone. Another may come to a client that names none, and is left as it is."""


def in_quotes(text: str) -> str:
    """A value as curl's configuration reads it."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


class PowerShell:
    """The program PowerShell, 7 or Windows PowerShell. It looks names up itself, after we did."""

    def __init__(self, path: str, root: str, limits: Limits = LIMITS, seconds: float = 60.0) -> None:
        self._path = path
        self._target = Target(TargetKind.LIVE, root)
        self._limits = limits
        self._seconds = seconds

    def command(self, probe: Probe, ready: Ready, route: Route) -> Command:
        """The very line that reports print, with the secrets in the variables that it names. The script goes by a
        variable too: what PowerShell reads from its standard input it takes line by line."""
        asked = Exchange(0, replace(probe, url=str(ready.address)), credentials=ready.names)
        script = SCRIPT.format(line=lines.powershell(asked, self._target), seconds=max(1, round(self._seconds)))
        arguments = (self._path, "-NoProfile", "-NonInteractive", "-Command", f"Invoke-Expression $env:{SCRIPT_IN}")
        return Command(arguments, environment={**left_environment(), **secrets(asked, ready), SCRIPT_IN: script})

    def heard(self, ready: Ready, ran: Ran) -> Response | Failure:
        """The answer as PowerShell gives it: the content as text, so that its length tells nothing."""
        head, body = heads(ready.method, ran.said)
        if ran.late:
            return Failure(Stage.DEADLINE, f"no whole answer within {self._seconds:g} seconds")
        if ran.code is None or len(body) > self._limits.wire:
            return Failure(Stage.LIMIT, f"the answer is longer than {self._limits.wire} bytes")
        if ran.code != 0 or head is None:
            return Failure(Stage.RECEIVE, f"PowerShell: {complaint(ran)}")
        return head.response(body, None)


SCRIPT_IN: Final = "SAMSVAR_SCRIPT"
SCRIPT: Final = """\
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSDefaultParameterValues = @{{
  'Invoke-WebRequest:MaximumRedirection' = 0
  'Invoke-WebRequest:TimeoutSec' = {seconds}
}}
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
try {{
  [Console]::Out.Write({line})
}} catch {{
  $answer = $_.Exception.Response
  if ($null -eq $answer) {{
    [Console]::Error.Write($_.Exception.Message)
    exit 1
  }}
  $phrase = "$($answer.StatusDescription)$($answer.ReasonPhrase)"
  [Console]::Out.Write("HTTP/1.1 $([int]$answer.StatusCode) $phrase`r`n")
  foreach ($field in $answer.Headers) {{
    if ($field -is [string]) {{
      [Console]::Out.Write("${{field}}: $($answer.Headers[$field])`r`n")
    }} else {{
      foreach ($value in $field.Value) {{
        [Console]::Out.Write("$($field.Key): $value`r`n")
      }}
    }}
  }}
  [Console]::Out.Write("`r`n")
}}
"""
"""A refusal or a redirect is an error to PowerShell: its status and header fields are told as those of an answer."""


def secrets(asked: Exchange, ready: Ready) -> dict[str, str]:
    """The credentials of a request in the variables by which printed lines name them."""
    found = {}
    for name, field_name, variable in lines.secrets_of(asked):
        value = next(value for key, value in ready.fields if key == field_name)
        found[variable] = value.removeprefix(lines.PREFIXES.get(name, ""))
    return found


# -- what a program says ----------------------------------------------------------------------------------------------

ANY_CODING: Final = "*"
"""What is accepted by whoever sends no Accept-Encoding (RFC 9110, 12.5.3)."""
STATUS: Final = re.compile(rb"(HTTP/[0-9.]+) ([0-9]{3})(?: ([^\r\n]*))?\r?\n")
BLANK: Final = re.compile(rb"(?:\A|\n)\r?\n")


def heads(method: str, said: bytes) -> tuple[Head | None, bytes]:
    """The head of the answer and what follows it; interim ones (1xx) are passed over. None where none is whole."""
    while begun := STATUS.match(said):
        rest = said[begun.end() :]
        end = BLANK.search(rest)
        if end is None:
            break
        status, fields = int(begun[2]), fields_of(rest[: end.start()])
        said = rest[end.end() :]
        if status >= 200 or status == 101:
            version = begun[1].decode("ascii")
            return Head(method, status, begun[3] or b"", fields, version, ANY_CODING), said
    return None, said


def fields_of(block: bytes) -> Fields:
    """The header fields of a block of lines."""
    found: list[tuple[str, str]] = []
    for line in block.split(b"\n"):
        name, colon, value = text_of(line.rstrip(b"\r")).partition(":")
        if found and name[:1] in (" ", "\t"):  # a line that goes on (RFC 9112, 5.2)
            found[-1] = (found[-1][0], f"{found[-1][1]} {(name + colon + value).strip()}")
        elif name:
            found.append((name, value.strip(" \t")))
    return tuple(found)


def complaint(ran: Ran) -> str:
    """What a program complained of, as one line."""
    text = " ".join(ran.complaint.decode("utf-8", "replace").split())
    return re.sub(r"^curl: ", "", text)[:200] or f"it ended with {ran.code} and said nothing"


# -- the transport ----------------------------------------------------------------------------------------------------


class CommandTransport:
    """Sends probes by a program. ``ready``: makes their requests, as for our own transport; ``find``: the way there."""

    immediate = False

    def __init__(
        self, ready: Prepare, program: Program, find: Find, *, limits: Limits = LIMITS, seconds: float = 60.0
    ) -> None:
        self._ready = ready
        self._program = program
        self._find = find
        self._most = limits.head + limits.wire
        self._seconds = seconds + GRACE

    async def send(self, probe: Probe) -> Outcome:
        """The outcome of one probe."""
        at, begun = time.time(), time.perf_counter()
        ready = await self._ready(probe)
        if isinstance(ready, Failure):
            return Outcome(None, ready, at=at)
        said = await self._ask(probe, ready)
        seconds = time.perf_counter() - begun
        if isinstance(said, Failure):
            return Outcome(None, said, probe.headers, ready.names, at, seconds)
        return Outcome(said, None, probe.headers, ready.names, at, seconds)

    async def _ask(self, probe: Probe, ready: Ready) -> Response | Failure:
        wrong = unsayable(asked_fields(probe, ready))
        if wrong is not None:
            return refused(wrong)
        route = await self._find()
        if isinstance(route, Failure):
            return route
        try:
            ran = await run(self._program.command(probe, ready, route), self._most, self._seconds)
        except OSError as error:
            return Failure(Stage.SEND, f"the program cannot be started: {error.strerror}")
        return self._program.heard(ready, ran)

    async def aclose(self) -> None:
        """There is nothing to close: each program ends with its answer."""


async def run(command: Command, most: int, seconds: float) -> Ran:
    """Runs a program to its end, to its deadline, or until it has said more than ``most`` bytes. Whatever ends this,
    the program has ended then. Raises OSError when it cannot be started."""
    reads = PIPE if command.reads else DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command.arguments, stdin=reads, stdout=PIPE, stderr=PIPE, env=dict(command.environment)
    )
    said, complained = bytearray(), bytearray()
    late = False
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(
                fed(process, command.reads), said_by(process, said, most), complaints_of(process, complained)
            )
            await process.wait()
    except TimeoutError:
        late = True
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    code = None if late or len(said) > most else process.returncode
    return Ran(code, bytes(said[:most]), bytes(complained), late)


async def fed(process: Process, data: bytes) -> None:
    """Gives a program what it reads."""
    if process.stdin is None:
        return
    try:
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended without reading; its exit code tells why


async def said_by(process: Process, said: bytearray, most: int) -> None:
    """Takes what a program says; one that says more than ``most`` bytes is ended."""
    assert process.stdout is not None
    while part := await process.stdout.read(65_536):
        said += part
        if len(said) > most and process.returncode is None:
            process.kill()
            return


async def complaints_of(process: Process, complained: bytearray) -> None:
    """Takes what a program complains of, and keeps the beginning."""
    assert process.stderr is not None
    while part := await process.stderr.read(MOST_SAID):
        complained += part[: max(0, MOST_SAID - len(complained))]

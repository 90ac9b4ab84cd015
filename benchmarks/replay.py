"""What keeping, reading and replaying a recording costs, beside vcrpy alone.

    python benchmarks/replay.py [--sizes 100 1000 10000] [--foreign 100 1000]

Interactions have bodies of 1 KB and the header fields of the miniature. Written and read: seconds for all of them.
Replayed, and played to a client (httpx2): microseconds per interaction, in random order. vcrpy alone reads and plays
the same tape, on the smaller sizes only, since what it looks through grows with the tape. Goals: reading 10,000 in
about 2 s, replaying at a price that does not depend on how many there are.
"""

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import vcr

from samsvar.model.exchange import Exchange, Means, Probe, Response
from samsvar.model.privacy import Part
from samsvar.model.recording import Recording
from samsvar.world.cassettes import Tape, playing
from samsvar.world.keeping import read_cassette, write_recording
from samsvar.world.replay import ReplayTransport

ROOT = "https://api.example/api"
ACCEPT = ("Accept", "application/hal+json")
FIELDS = (
    ("Content-Type", "application/hal+json; charset=utf-8"),
    ("Content-Length", "1024"),
    ("Vary", "Accept, Origin"),
    ("ETag", '"1"'),
    ("Cache-Control", "private"),
    ("Date", "Tue, 24 Nov 2026 10:00:00 GMT"),
)
PLAYED = 300


def said(number: int) -> Exchange:
    """One exchange with a body of 1 KB."""
    probe = Probe("read", f"{ROOT}/messages/{number}", "application/hal+json", headers=(ACCEPT,), type="Message")
    body = (f'{{"MessageId": "{number}", "Subject": "Blåbær", "Body": "' + "x" * 1024)[:1021] + '"}'
    sent = (ACCEPT, ("Accept-Encoding", "gzip"), ("User-Agent", "samsvar"))
    return Exchange(number, probe, Response(200, FIELDS, body.encode(), b"OK"), None, sent, ("ApiKey",), (), 1.0, 0.1)


def let(parts: Iterable[Part]) -> None:
    """A gate that looks at nothing."""


@contextmanager
def clock(told: Callable[[float], None]) -> Iterator[None]:
    """Tells the seconds that the block took."""
    begun = time.perf_counter()
    yield
    told(time.perf_counter() - begun)


def ours(exchanges: tuple[Exchange, ...], folder: str) -> dict[str, float]:
    """Seconds to write and read, microseconds to replay and to play one."""
    found: dict[str, float] = {}
    recording = Recording(ROOT, "", "", "", "", "", Means(), exchanges, len(exchanges))
    with clock(lambda seconds: found.update(write=seconds)):
        write_recording(folder, recording, let, ())
    with clock(lambda seconds: found.update(read=seconds)):
        cassette = read_cassette(folder)
    transport = ReplayTransport(cassette.exchanges)
    probes = [one.probe for one in exchanges]
    random.Random(1).shuffle(probes)

    async def replay() -> None:
        for probe in probes:
            assert (await transport.send(probe)).response is not None

    with clock(lambda seconds: found.update(replay=seconds / len(probes) * 1e6)):
        asyncio.run(replay())
    with clock(lambda seconds: found.update(index=seconds)):
        tape = Tape(cassette)
    with playing(tape):
        found["play"] = played(len(exchanges))
    return found


def alone(folder: str) -> dict[str, float]:
    """The same tape by vcrpy alone."""
    found: dict[str, float] = {}
    context = vcr.VCR(record_mode="none").use_cassette(str(Path(folder) / "tape.yaml"), allow_playback_repeats=True)
    with clock(lambda seconds: found.update(read=seconds)):
        cassette = context.__enter__()
    found["play"] = played(len(cassette))
    context.__exit__(None, None, None)
    return found


def played(count: int) -> float:
    """Microseconds that a client waits for one answer."""
    numbers = random.Random(2).choices(range(1, count + 1), k=min(count, PLAYED))
    found: list[float] = []
    with httpx.Client(headers=dict([ACCEPT])) as client, clock(found.append):
        for number in numbers:
            assert client.get(f"{ROOT}/messages/{number}").status_code == 200
    return found[0] / len(numbers) * 1e6


def row(name: str, found: dict[str, Any]) -> str:
    """One line of the table."""
    cells = {"write": "7.2f", "read": "7.2f", "index": "7.2f", "replay": "7.0f", "play": "8.0f"}
    told = (format(found[one], form) if one in found else "      -" for one, form in cells.items())
    return f"{name:>16} {' '.join(told)}"


def main() -> None:
    """Prints one line per size, and one for vcrpy alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--foreign", type=int, nargs="+", default=[100, 1_000])
    order = parser.parse_args()
    logging.getLogger("vcr").setLevel(logging.WARNING)
    print(f"{'interactions':>16} write s  read s index s  replay us  play us")
    for size in order.sizes:
        with tempfile.TemporaryDirectory() as folder:
            where = str(Path(folder) / "kept")
            print(row(str(size), ours(tuple(map(said, range(1, size + 1))), where)))
            if size in order.foreign:
                print(row("vcrpy alone", alone(where)))


if __name__ == "__main__":
    main()

"""What gathering costs, beside a bare loop of the same HTTP client over the same URLs in the same run.

    python benchmarks/gather.py [--rounds 5] [--json FILE]

The miniature is served by a process of its own, so its work is not counted. Per exchange: CPU of this process for the
bare loop (httpx2.Client, one GET after the other, body read), for gathering (address check, credentials, bounded read,
framing and decoding checks, order, record) and for gathering with the representation decoded too; then wall time at 16
in flight against the bare loop. Rounds are interleaved and the median is printed. Goals: CPU ratio at most 2.0, wall
time below the bare loop's.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx

from samsvar.logic.decoding import bare_media_type, decode
from samsvar.miniature import credentials
from samsvar.model.exchange import FORMATS, Exchange, Probe, Target, TargetKind
from samsvar.model.resource import Malformed
from samsvar.world.addresses import Origin, origin_of
from samsvar.world.driver import Policy, drive, policy_for
from samsvar.world.http import LiveTransport
from samsvar.world.in_process import miniature_vault

PATHS = ("metadata", "my/messages", "reportees", "my/profile", "my/messages?$top=10", "organizations")
REPEATS = 8
SERVER = """
import sys
from samsvar.miniature import serve
served = serve()
print(served.root, flush=True)
sys.stdin.read()
served.close()
"""


@contextmanager
def served() -> Iterator[str]:
    """The root of a miniature in a process of its own."""
    child = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None and child.stdout is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.stdin.close()
        child.wait(10)
        child.stdout.close()


def questions(root: str) -> list[tuple[str, str]]:
    """URL and media type of each exchange of a round."""
    return [(f"{root}/{path}", accept) for path in PATHS for accept in FORMATS] * REPEATS


def bare(asked: list[tuple[str, str]]) -> None:
    """The loop that anybody would write."""
    fields = {"ApiKey": credentials.API_KEY, "Authorization": f"Bearer {credentials.TOKEN}"}
    with httpx.Client(headers=fields, verify=False) as client:
        for url, accept in asked:
            answer = client.get(url, headers={"Accept": accept})
            assert answer.status_code == 200 and answer.content


class Gatherer:
    """Asks a list and keeps every exchange; ``look`` is what is done with each answer."""

    def __init__(self, asked: list[tuple[str, str]], look: Callable[[Exchange], None]) -> None:
        self._waiting = deque(Probe("read", url, about=accept, headers=(("Accept", accept),)) for url, accept in asked)
        self._total = len(asked)
        self._look = look
        self.kept: list[Exchange] = []

    def offer(self) -> Probe | None:
        return self._waiting.popleft() if self._waiting else None

    def receive(self, exchange: Exchange) -> None:
        self.kept.append(exchange)
        self._look(exchange)

    @property
    def done(self) -> bool:
        return len(self.kept) == self._total

    def stop(self, reason: str) -> None:
        raise SystemExit(f"the benchmark was stopped: {reason}")


def take(exchange: Exchange) -> None:
    """Recording only."""
    assert exchange.response is not None and exchange.response.status == 200, exchange.failure


def read(exchange: Exchange) -> None:
    """Recording and decoding."""
    assert exchange.response is not None, exchange.failure
    media_type, charset = bare_media_type(exchange.response.first("Content-Type"))
    assert not isinstance(decode(media_type, exchange.response.body, charset), Malformed)


def gather(root: str, asked: list[tuple[str, str]], policy: Policy, look: Callable[[Exchange], None]) -> None:
    """What a run does with each question."""

    async def run() -> None:
        origin = origin_of(root)
        assert isinstance(origin, Origin)
        transport = LiveTransport(root, miniature_vault(origin))
        try:
            await drive(Gatherer(asked, look), transport, policy)
        finally:
            await transport.aclose()

    asyncio.run(run())


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """CPU and wall seconds of a piece of work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def measure(root: str, rounds: int) -> dict[str, Any]:
    """Medians over interleaved rounds, in microseconds per exchange, and their ratios to the bare loop."""
    asked = questions(root)
    many = policy_for(Target(TargetKind.LIVE, root))
    one = Policy(concurrency=1, rate=None, lock_out=False)
    ways: dict[str, Callable[[], None]] = {
        "bare": lambda: bare(asked),
        "gather, 1 in flight": lambda: gather(root, asked, one, take),
        "gather, 16 in flight": lambda: gather(root, asked, many, take),
        "gather and decode, 16 in flight": lambda: gather(root, asked, many, read),
    }
    for work in ways.values():
        work()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(measured(work))
    figures = {}
    for name, several in times.items():
        cpu = statistics.median(first / second[0] for (first, _), second in zip(several, times["bare"], strict=True))
        wall = statistics.median(first / second[1] for (_, first), second in zip(several, times["bare"], strict=True))
        micro = statistics.median(first for first, _ in several) * 1e6 / len(asked)
        figures[name] = {"cpu_us": round(micro), "cpu_ratio": round(cpu, 2), "wall_ratio": round(wall, 2)}
        figures[name]["wall_us"] = round(statistics.median(second for _, second in several) * 1e6 / len(asked))
    return {"exchanges": len(asked), "rounds": rounds, "ways": figures}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with served() as root:
        result = measure(root, given.rounds)
    print(f"{result['exchanges']} exchanges a round, {given.rounds} rounds, medians; ratios to the bare loop")
    for name, figure in result["ways"].items():
        cpu, wall = f"x{figure['cpu_ratio']}", f"x{figure['wall_ratio']}"
        print(f"{name:32} CPU {figure['cpu_us']:6} us {cpu:6} wall {figure['wall_us']:6} us {wall}")
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

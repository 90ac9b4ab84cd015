"""What finds what: every fault of the miniature by the crawl, the walks and the generated operations alone, and what
raises an alarm though nothing is wrong.

    PYTHONPATH=src python benchmarks/power.py faults --out FILE [--ways crawl,walks,operations] [--seeds N] [ID...]
    PYTHONPATH=src python benchmarks/power.py evolutions --out FILE [--combinations 200]
    PYTHONPATH=src python benchmarks/power.py flake --out FILE [--runs 100] [--size N]
    PYTHONPATH=src python benchmarks/power.py table --commit ID FILE... > docs/power.json

The first three write one JSON object per run to the file, and leave out the runs that stand there already, so one that
was cut (Ctrl-C) is taken up by the same command. ``table`` makes of all of them what `docs/generate.py` reads.

crawl: every place read and every question put, no walks. walks: few places read, then up to 2,000 requests of walks, up
to the first surprise. operations: every place read, then what schemathesis generates. Of the last two only findings
count that one of their own requests shows. ``after`` is the number of the request that completes the first finding,
what was asked to shorten a walk included; ``walked`` is how many of those were walks.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from samsvar.logic.asking import Asker, operations
from samsvar.logic.asking.rounds import rounds_for
from samsvar.logic.exploring import Explorer
from samsvar.logic.judging import operations as judging_operations
from samsvar.logic.judging import rules
from samsvar.logic.observing import Observed
from samsvar.logic.operations import installed
from samsvar.miniature import EVOLUTIONS, FAULTS
from samsvar.model.contract import Contract
from samsvar.model.exchange import Exchange, Probe
from samsvar.model.verdict import Finding, Outcome, Sight
from samsvar.model.walk import WALKINGS
from samsvar.running import Order, explore, judge_all, way_to
from samsvar.running.orders import wanted_clients
from samsvar.world.documents import read_contract
from samsvar.world.driver import drive, stopped_clock
from samsvar.world.wandering import wanderer

Row = dict[str, Any]
Told = dict[str, tuple[Finding, ...]]

REQUESTS = 2_000
"""Of walks, in one run for one fault."""
CASES = 3
"""Right and wrong questions per operation, as many as the profile `thorough` has."""
ALWAYS = frozenset({"LINK-7"})
"""Noted on the miniature itself, which writes links as Altinn does."""
ASKED_BY = {"CORS-9": "browser", "EXAMPLE-1": "curl"}
"""What else has to ask, for a guarantee to be seen."""
ALARMS = (Outcome.BROKEN, Outcome.DISCOURAGED, Outcome.NOTED, Outcome.UNSTABLE)


@cache
def contract() -> Contract:
    return read_contract("altinn2")


# -- one fault, one way -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """How a fault is looked for. rounds: what is asked after the places are read; own: whether a request is of this
    way."""

    order: Order
    rounds: Callable[[int], tuple[tuple[Asker, ...], ...]]
    own: Callable[[Probe], bool]


def _every_question(_: int) -> tuple[tuple[Asker, ...], ...]:
    return rounds_for({row.family for row in contract().guarantees.values()})


def _walks(seed: int) -> tuple[tuple[Asker, ...], ...]:
    return ((wanderer(replace(WALKINGS["thorough"], requests=REQUESTS, failures=1, seed=seed)),),)


def _operations(seed: int) -> tuple[tuple[Asker, ...], ...]:
    return ((partial(operations.ask, cases_per_operation=CASES, seed=seed),),)


WAYS: Mapping[str, Way] = {
    "crawl": Way(Order(), _every_question, lambda probe: True),
    "walks": Way(Order(survey=True), _walks, lambda probe: bool(probe.walk)),
    "operations": Way(Order(), _operations, lambda probe: probe.question == operations.OPERATION),
}


def asked(way: Way, fault: str, seed: int) -> Explorer:
    """What a run sees that goes this way. Raises KeyboardInterrupt when it was cut."""
    order = replace(way.order, faults=(fault,), clients=wanted_clients(ASKED_BY.get(FAULTS[fault].guarantee, "none")))
    to = way_to(order)
    seen = Observed(contract(), contract().profiles[order.profile], to.target, to.means)
    explorer = Explorer(seen, to.limits, way.rounds(seed))

    async def run() -> None:
        try:
            await drive(explorer, to.transport, to.policy, None, stopped_clock())
        finally:
            await to.transport.aclose()

    asyncio.run(run())
    return explorer


def unmet(observed: Observed) -> Told:
    """Guarantee -> what is not met, by the rules of a run and by what generated operations tell."""
    found = {id_: one.findings for id_, one in judge_all(observed).items() if one.outcome in ALARMS}
    if judging_operations.CONTRIBUTIONS not in rules.CONTRIBUTIONS:
        for id_, rule in judging_operations.CONTRIBUTIONS.items():
            found[id_] = (*found.get(id_, ()), *rule(observed))
    kept = {id_: tuple(one for one in several if one.sight is Sight.UNMET) for id_, several in found.items()}
    return {id_: several for id_, several in kept.items() if several and id_ not in ALWAYS}


def of_this_way(told: Told, way: Way, exchanges: Iterable[Exchange]) -> dict[str, int]:
    """Guarantee -> the number of the request that completes its first finding, of findings that this way shows."""
    own = {one.number for one in exchanges if way.own(one.probe)}
    ends = {id_: [max(one.exchanges) for one in several if own & {*one.exchanges}] for id_, several in told.items()}
    return {id_: min(numbers) for id_, numbers in ends.items() if numbers}


def looked_for(fault: str, name: str, seed: int) -> Row:
    """One run for one fault, as a row."""
    begun = time.perf_counter()
    way = WAYS[name]
    explorer = asked(way, fault, seed)
    ends = of_this_way(unmet(explorer.observed), way, explorer.exchanges)
    own = FAULTS[fault].guarantee
    after = ends.get(own) or min(ends.values(), default=0)
    return {
        "kind": "fault",
        "id": fault,
        "way": name,
        "seed": seed,
        "found": "own" if own in ends else "other" if ends else "none",
        "guarantees": sorted(ends),
        "after": after,
        "walked": sum(bool(one.probe.walk) and one.number <= after for one in explorer.exchanges),
        "requests": len(explorer.exchanges),
        "stopped": explorer.observed.stopped,
        "seconds": round(time.perf_counter() - begun, 1),
    }


def fault_runs(given: argparse.Namespace) -> Iterator[tuple[Row, Callable[[], Row]]]:
    """Every run with its key. The crawl has no chance in it, so it needs one seed."""
    chosen = given.ids or list(FAULTS)
    names = [name for name in given.ways.split(",") if name != "operations" or installed()]
    for name in names:
        for id_ in chosen:
            if given.paths and not FAULTS[id_].path:
                continue
            for seed in range(1, 2 if name == "crawl" else given.seeds + 1):
                yield {"kind": "fault", "id": id_, "way": name, "seed": seed}, partial(looked_for, id_, name, seed)


# -- nothing is wrong -------------------------------------------------------------------------------------------------


def combination(number: int) -> tuple[str, ...]:
    """Evolutions, always the same for a number: a hash decides which are in."""
    return tuple(id_ for id_ in EVOLUTIONS if sha256(f"power/{number}/{id_}".encode()).digest()[0] < 40)


def changed(names: tuple[str, ...], size: int, seed: int) -> Row:
    """One run on harmless changes, as a row: every alarm with its first reason."""
    order = Order(evolutions=names, size=size or None, walks="ci", walk_seed=seed)
    _, observed = explore(order, contract(), contract().profiles["default"])
    found = {id_: one for id_, one in judge_all(observed).items() if one.outcome in ALARMS and id_ not in ALWAYS}
    told = {
        id_: next((f"{two.place}: {two.because}" for two in one.findings), one.because) for id_, one in found.items()
    }
    return {"kind": "evolutions", "names": list(names), "size": size, "seed": seed, "alarms": told}


def evolution_runs(given: argparse.Namespace) -> Iterator[tuple[Row, Callable[[], Row]]]:
    """Each evolution alone, then combinations; the seed of the walks is another one each time."""
    all_ = [(), *((name,) for name in EVOLUTIONS), *map(combination, range(given.combinations))]
    for seed, names in enumerate(dict.fromkeys(all_), start=1):
        key = {"kind": "evolutions", "names": list(names), "size": given.size, "seed": seed}
        yield key, partial(changed, names, given.size, seed)


def outcomes(size: int, seed: int) -> Row:
    """One run on the kept miniature, as a row: the outcome of every guarantee."""
    order = Order(size=size or None, walks="ci", walk_seed=seed)
    _, observed = explore(order, contract(), contract().profiles["default"])
    found = judge_all(observed)
    because = {id_: one.because for id_, one in found.items() if one.outcome in ALARMS and id_ not in ALWAYS}
    said = {id_: str(one.outcome) for id_, one in found.items()}
    return {"kind": "flake", "size": size, "seed": seed, "outcomes": said, "because": because}


def flake_runs(given: argparse.Namespace) -> Iterator[tuple[Row, Callable[[], Row]]]:
    """As many runs as asked for, each with another seed of the walks."""
    for seed in range(1, given.runs + 1):
        yield {"kind": "flake", "size": given.size, "seed": seed}, partial(outcomes, given.size, seed)


# -- what was found, in words -----------------------------------------------------------------------------------------


def differing(rows: Iterable[Row]) -> Iterator[tuple[Row, dict[str, str]]]:
    """Each run on the kept miniature with the guarantees whose outcome is not that of the first run of its size, or is
    unstable."""
    first: dict[int, dict[str, str]] = {}
    for row in sorted((one for one in rows if one["kind"] == "flake"), key=lambda one: one["seed"]):
        usual = first.setdefault(row["size"], row["outcomes"])
        told = row["outcomes"].items()
        yield row, {id_: one for id_, one in told if one != usual.get(id_) or one == Outcome.UNSTABLE}


def line(row: Row) -> str:
    """One run in one line."""
    if row["kind"] == "fault":
        said = f"{row['found']} {' '.join(row['guarantees'])}".strip()
        return (
            f"{row['id']:55} {row['way']:10} seed {row['seed']:3} {said} after {row['after']} ({row['walked']} walked)"
        )
    if row["kind"] == "evolutions":
        return f"{'+'.join(row['names']) or 'kept'}: seed {row['seed']}, {row['alarms'] or 'no alarm'}"
    return f"size {row['size']}, seed {row['seed']}: {row['because'] or 'no failure, nothing unstable'}"


# -- the file of rows -------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Row]:
    """The rows of a file. A last line that was cut is no row."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [json.loads(one) for one in text.splitlines(keepends=True) if one.endswith("\n")]


def key_of(row: Row) -> str:
    """What is the same in two rows of the same run."""
    return json.dumps([row.get(name) for name in ("kind", "id", "way", "names", "size", "seed")])


def write(runs: Iterable[tuple[Row, Callable[[], Row]]], path: Path) -> None:
    """Makes the runs that the file does not have, and writes each down as it ends."""
    rows = read(path)
    done = {key_of(row) for row in rows}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    waiting = [(key, make) for key, make in runs if key_of(key) not in done]
    with path.open("a", encoding="utf-8") as out:
        for number, (_, make) in enumerate(waiting, start=1):
            row = {**make(), "day": f"{datetime.now(UTC):%Y-%m-%d}"}
            out.write(json.dumps(row) + "\n")
            out.flush()
            print(f"{number}/{len(waiting)} {line(row)}", file=sys.stderr, flush=True)


# -- the table --------------------------------------------------------------------------------------------------------


def table(rows: list[Row], commit: str) -> Row:
    """What the page tells, of rows: of a run that stands in several files the last counts."""
    rows = list({key_of(row): row for row in rows}.values())
    return {
        "date": max((row["day"] for row in rows if "day" in row), default=""),
        "commit": commit,
        "cores": os.cpu_count(),
        "walk_requests": REQUESTS,
        "faults": _faults([row for row in rows if row["kind"] == "fault"]),
        "evolutions": _evolutions([row for row in rows if row["kind"] == "evolutions"]),
        "flake": _flake([row for row in rows if row["kind"] == "flake"]),
    }


def _faults(rows: list[Row]) -> dict[str, dict[str, Row]]:
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["id"], row["way"]), []).append(row)
    found: dict[str, dict[str, Row]] = {}
    for (id_, way), several in sorted(grouped.items()):
        found.setdefault(id_, {})[way] = _told(several)
    return found


def _told(rows: list[Row]) -> Row:
    """The runs of one fault one way. after: the median and the most, of those that found it."""
    counts = Counter(row["found"] for row in rows)
    hits = sorted(row["walked"] or row["after"] for row in rows if row["found"] != "none")
    return {
        "runs": len(rows),
        "own": counts["own"],
        "other": counts["other"],
        "after": round(median(hits)) if hits else 0,
        "most": max(hits, default=0),
        "guarantees": sorted({id_ for row in rows for id_ in row["guarantees"]}),
    }


def _evolutions(rows: list[Row]) -> Row:
    alarms = [{name: row[name] for name in ("names", "seed", "size", "alarms")} for row in rows if row["alarms"]]
    return {
        "alone": sum(len(row["names"]) == 1 for row in rows),
        "together": sum(len(row["names"]) > 1 for row in rows),
        "alarms": alarms,
    }


def _flake(rows: list[Row]) -> list[Row]:
    found: dict[int, Row] = {}
    for row, other in differing(rows):
        told = found.setdefault(row["size"], {"size": row["size"], "runs": 0, "alarms": []})
        told["runs"] += 1
        if other or row["because"]:
            told["alarms"].append({"seed": row["seed"], "other": other, "because": row["because"]})
    return [found[size] for size in sorted(found)]


# -- the door ---------------------------------------------------------------------------------------------------------

RUNS = {"faults": fault_runs, "evolutions": evolution_runs, "flake": flake_runs}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = found.add_subparsers(dest="command", required=True)
    made = {name: commands.add_parser(name) for name in RUNS}
    for one in made.values():
        one.add_argument("--out", type=Path, required=True, help="where the rows stand")
    made["faults"].add_argument("ids", nargs="*", metavar="ID", help="of faults (none: all)")
    made["faults"].add_argument("--ways", default=",".join(WAYS), help="some of them, with commas between")
    made["faults"].add_argument("--seeds", type=int, default=1, help="runs of walks and operations for each fault")
    made["faults"].add_argument("--paths", action="store_true", help="faults of paths only")
    made["evolutions"].add_argument("--combinations", type=int, default=200)
    made["flake"].add_argument("--runs", type=int, default=100)
    for name in ("evolutions", "flake"):
        made[name].add_argument("--size", type=int, default=12, help="messages of the miniature (0: all of them)")
    told = commands.add_parser("table")
    told.add_argument("files", nargs="+", type=Path)
    told.add_argument("--commit", required=True, help="what was measured")
    return found


def summary(rows: list[Row]) -> Iterator[str]:
    """What was asked for above all: what is not as it must be."""
    yield from (line(row) for row in rows if row["kind"] == "fault" and row["found"] != "own")
    yield from (line(row) for row in rows if row["kind"] == "evolutions" and row["alarms"])
    for row, other in differing(rows):
        if other or row["because"]:
            yield f"{line(row)}; not as in the first run: {other}"
    yield f"{len(rows)} runs"


def main() -> int:
    given = parser().parse_args()
    if given.command == "table":
        rows = [row for path in given.files for row in read(path)]
        print(json.dumps(table(rows, given.commit), indent=1, ensure_ascii=False))
        return 0
    try:
        write(RUNS[given.command](given), given.out)
    except KeyboardInterrupt:
        print("Cut. The same command goes on where this one was.", file=sys.stderr)
        return 130
    print("\n".join(summary(read(given.out))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

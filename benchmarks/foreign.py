"""Check the foreign environment whole, varied and broken, and print what samsvar said.

    PYTHONPATH=src python benchmarks/foreign.py [--only TEXT] [--workers N] [--lines FILE] [--random N]

One line per run: the change, the guarantee that it is meant to break, the guarantees that samsvar calls not kept, the
requests and the seconds. A variation must break nothing; a defect must break one of the guarantees that its row names.
The exit code is 1 when a row is not as it must be.
"""

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from foreign.defects import DEFECTS
from foreign.serving import KEY, ORIGIN, Twist, serve, token
from foreign.variations import VARIATIONS

from samsvar.cli import main as samsvar

BAD = ("broken", "discouraged", "unstable")
ROWS = {one.id: one for one in (*VARIATIONS, *DEFECTS)}


def combinations(count: int) -> list[tuple[str, ...]]:
    """Seeded choices of three to six variations that make sense together."""
    chance = random.Random(2026)
    made: list[tuple[str, ...]] = []
    while len(made) < count:
        names = chance.sample([one.id for one in VARIATIONS], chance.randint(3, 6))
        if not any(other in ROWS[name].clash for name in names for other in names):
            made.append(tuple(names))
    return made


def checked(names: tuple[str, ...]) -> dict[str, Any]:
    """One run of the command against the environment with these changes."""
    os.environ |= {"SAMSVAR_API_KEY": KEY, "SAMSVAR_TOKEN": token()}
    said, began = io.StringIO(), time.monotonic()
    with serve(*(ROWS[name] for name in names)) as environment, tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        argv = ["check", environment.root, "--origin", ORIGIN, "--results", str(results), "--quiet"]
        crash = ""
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                code = samsvar(argv)
            except SystemExit as left:
                code = left.code
            except Exception as error:  # noqa: BLE001  a crash of the command is a result of the campaign
                code, crash = None, repr(error)
        read = json.loads(results.read_text()) if results.exists() else {"verdict": "", "guarantees": [], "requests": 0}
    return {"names": names, "expected": expected(names), "exit": code, "crash": crash, "verdict": read["verdict"],
            "requests": read["requests"], "seconds": round(time.monotonic() - began, 1), "said": said.getvalue()[-600:],
            "bad": {one["id"]: [one["outcome"], *evidence(one)] for one in read["guarantees"] if one["outcome"] in BAD}}


def evidence(guarantee: dict[str, Any]) -> list[str]:
    kept = ("because", "place", "format", "expected", "observed", "url")
    return [" | ".join(f"{name}={finding.get(name)}" for name in kept) for finding in guarantee["findings"][:3]]


def expected(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for name in names for one in ROWS[name].family))


def judged(row: dict[str, Any]) -> str:
    """kept, false alarm, caught, caught elsewhere, missed, or crash."""
    if row["crash"] or row["exit"] not in (0, 1, 3):
        return "CRASH"
    if not row["expected"]:
        return "kept" if not row["bad"] and row["exit"] == 0 else "FALSE ALARM"
    if set(row["bad"]) & set(row["expected"]):
        return "caught"
    return "CAUGHT ELSEWHERE" if row["bad"] else "MISSED"


def line(row: dict[str, Any]) -> str:
    bad = " ".join(row["bad"]) or "-"
    return (f"{judged(row):17} {'+'.join(row['names']) or 'kept':34} {' '.join(row['expected']) or '-':24} "
            f"{bad:40} {row['verdict']:12} {row['requests']:5} {row['seconds']:6}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names that contain this text, or exact names with commas between")
    parser.add_argument("--kind", choices=("variations", "defects"), help="these rows only")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--random", type=int, default=20)
    parser.add_argument("--lines", type=Path, default=Path(os.devnull), help="all that was found, a JSON object per line")
    asked = parser.parse_args()
    exact = asked.only.split(",")
    runs = [(), *((name,) for name in ROWS), *combinations(asked.random)]
    runs = [one for one in runs if not asked.only or set(exact) & set(one) or (len(exact) == 1 and asked.only in "+".join(one))]
    if asked.kind:
        runs = [one for one in runs if bool(expected(one)) == (asked.kind == "defects")]
    wrong = 0
    with multiprocessing.Pool(asked.workers, maxtasksperchild=20) as pool, asked.lines.open("a") as lines:
        for row in pool.imap_unordered(checked, runs):
            wrong += judged(row).isupper()
            print(line(row), flush=True)
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines.flush()
    print(f"{len(runs)} runs, {wrong} not as they must be")
    return min(wrong, 1)


if __name__ == "__main__":
    raise SystemExit(main())

"""Check the foreign environment whole, varied and broken, and print what samsvar said.

    PYTHONPATH=src python benchmarks/foreign.py [--only TEXT] [--workers N] [--lines FILE] [--random N]

One line per run: the change, the guarantee that it is meant to break, the guarantees that samsvar calls not kept, the
requests and the seconds. A variation must break nothing; a defect must break one of the guarantees that its row names.
The exit code is 1 when a row is not as it must be.
"""

import argparse
import json
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from foreign.campaign import OF_GATEWAYS, ROWS, checked, combinations, expected, judged


def line(row: dict[str, Any]) -> str:
    bad = " ".join(row["bad"]) or "-"
    return (
        f"{judged(row):17} {'+'.join(row['names']) or 'kept':34} {' '.join(row['expected']) or '-':24} "
        f"{bad:40} {row['verdict']:12} {row['requests']:5} {row['seconds']:6}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names that contain this text, or exact names with commas between")
    parser.add_argument("--kind", choices=("variations", "defects"), help="these rows only")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--random", type=int, default=20)
    parser.add_argument(
        "--lines", type=Path, default=Path(os.devnull), help="all that was found, a JSON object per line"
    )
    asked = parser.parse_args()
    exact = asked.only.split(",")
    runs = [(), *((name,) for name in (*ROWS, *OF_GATEWAYS)), *combinations(asked.random)]
    runs = [
        one
        for one in runs
        if not asked.only or set(exact) & set(one) or (len(exact) == 1 and asked.only in "+".join(one))
    ]
    if not runs:
        parser.error(f"no row is named {asked.only}")
    if asked.kind:
        runs = [one for one in runs if bool(expected(one)) == (asked.kind == "defects")]
    done = (
        {tuple(json.loads(one)["names"]) for one in asked.lines.read_text().splitlines()}
        if asked.lines.is_file()
        else set()
    )
    runs = [one for one in runs if one not in done]
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

"""What the privacy gate costs and sees: speed on clean recordings, recall on planted canaries, precision on clean text.

    python benchmarks/gate.py [--known 20000] [--copies 4] [--every 1] [--json FILE]

Speed: what the miniature answers in all formats, many parts of which recur, and again with every answer made another by
a number of its own, against so many known values; reading the known values is measured apart. Recall: every canary of
tests/test_gating.py in every encoding at every position, or each so-manyth. Precision: parts stopped that were planted,
of all parts stopped. Goals: 5 MB/s on clean text, recall 100 %, precision at least 95 %.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_gating import canaries, clean_parts, issued_of_the_miniature, missed, name, planted

from samsvar.logic.gating import leaks
from samsvar.model.privacy import Known, Part, Private


def many_known(count: int) -> tuple[Known, ...]:
    """Known values of no part: names, texts, digits, addresses, credentials."""
    chance = Random(1)
    makers = (
        lambda: Known(Private.NAME, name(chance)),
        lambda: Known(Private.NATIONAL_ID, f"{chance.randrange(10**11):011}"),
        lambda: Known(Private.TEXT, " ".join(name(chance) for _ in range(12))),
        lambda: Known(Private.EMAIL, f"x{chance.randrange(10**9)}@postkasse.no"),
        lambda: Known(Private.PHONE, f"+479{chance.randrange(10**7):07}"),
    )
    made = [makers[number % len(makers)]() for number in range(max(count - 20, 0))]
    return (*made, *(Known(Private.CREDENTIAL, chance.randbytes(16).hex()) for _ in range(20)))


def speed(parts: tuple[Part, ...], known: tuple[Known, ...]) -> dict[str, float]:
    """Megabytes, seconds to read the known values, seconds to search, and MB/s of the search."""
    issued = issued_of_the_miniature()
    start = time.perf_counter()
    assert not list(leaks([], known, issued))
    ready = time.perf_counter()
    list(leaks(parts, known, issued))
    indexing, searching = ready - start, time.perf_counter() - ready - (ready - start)
    size = sum(len(part.data) for part in parts) / 1e6
    return {"MB": round(size, 2), "indexing": round(indexing, 2), "MB/s": round(size / searching, 2)}


def measure(known: int, copies: int, every: int) -> dict[str, Any]:
    """All figures."""
    values, parts = many_known(known), clean_parts(2_000_000)
    other = tuple(
        Part(part.name, part.data + f"<!--{copy}-{number}-->".encode())
        for copy in range(copies)
        for number, part in enumerate(parts)
    )
    sample = list(planted())[::every]
    wrong = missed(sample, canaries())
    stopped = {leak.part for leak in leaks(parts, canaries(), issued_of_the_miniature())}
    seen = len(sample) - sum(wrong.values())
    return {
        "speed, as recorded": speed(parts, values),
        "speed, all parts different": speed(other, values),
        "canaries": len(sample),
        "recall": round(seen / len(sample), 6),
        "clean parts": len(parts),
        "precision": round(seen / (seen + len(stopped)), 6),
        "missed": [[*what, count] for what, count in wrong.most_common(20)],
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--known", type=int, default=20_000)
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = measure(given.known, given.copies, given.every)
    for what, figure in result.items():
        print(f"{what:30} {figure}")
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

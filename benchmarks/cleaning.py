"""What cleaning costs: milliseconds per megabyte of the miniature's answers, by media type.

    python benchmarks/cleaning.py [--size 60]

Cold: every distinct body once, by a cleaner that has seen nothing. Again: the same bodies by the same cleaner, as a run
asks most of them several times. Run: the seconds that cleaning takes of a whole run beside that run without it. Goal:
50 ms per MB, which is met for answers seen before; a token costs about 5 microseconds here, so what is new costs ten
times as much. Small bodies show the cost of an answer rather than of its bytes.
"""

import argparse
import time
from collections.abc import Sequence

from samsvar.logic.cleaning.cleaner import Cleaner
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.model.contract import Privacy
from samsvar.model.exchange import Exchange, Probe, Response
from samsvar.running import Order, explore
from samsvar.world.documents import read_contract

CONTRACT = read_contract("altinn2")
KEY = bytes(32)
Said = tuple[Probe, Response]


def answers(exchanges: Sequence[Exchange]) -> dict[str, list[Said]]:
    """Distinct bodies by media type."""
    found: dict[str, dict[bytes, Said]] = {}
    for one in exchanges:
        if one.response is not None and one.response.body:
            label = (one.response.first("Content-Type") or "none").partition(";")[0]
            found.setdefault(label, {}).setdefault(one.response.body, (one.probe, one.response))
    return {label: list(bodies.values()) for label, bodies in sorted(found.items())}


def seconds(cleaner: Cleaner, said: Sequence[Said]) -> float:
    begun = time.perf_counter()
    for probe, response in said:
        cleaner.response(probe, response)
    return time.perf_counter() - begun


def gathered(size: int, *, clean: bool) -> tuple[float, tuple[Exchange, ...]]:
    begun = time.perf_counter()
    evidence, _ = explore(Order(size=size, clean=clean), CONTRACT, CONTRACT.profiles["default"])
    return time.perf_counter() - begun, evidence.exchanges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=60, help="messages of the miniature")
    size = parser.parse_args().size
    raw, exchanges = gathered(size, clean=False)
    print(f"{'media type':<28}{'bodies':>8}{'MB':>8}{'cold, ms/MB':>14}{'again, ms/MB':>14}")
    for label, said in answers(exchanges).items():
        cleaner = Cleaner(CONTRACT, Privacy(), Pseudonyms(KEY))
        megabytes = sum(len(response.body) for _, response in said) / 1e6
        cold, again = (1000 * seconds(cleaner, said) / megabytes for _ in range(2))
        print(f"{label:<28}{len(said):>8}{megabytes:>8.2f}{cold:>14.0f}{again:>14.1f}")
    cleaned, _ = gathered(size, clean=True)
    print(f"\na run of {len(exchanges)} requests: {raw:.2f} s, with cleaning {cleaned:.2f} s")


if __name__ == "__main__":
    main()

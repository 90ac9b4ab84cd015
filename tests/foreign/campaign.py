"""Run the command of samsvar against the foreign environment, and say whether it told what it should.

The only file here that knows samsvar, and it knows the command line alone.
"""

import contextlib
import io
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from foreign.defects import DEFECTS
from foreign.gateways import BROKEN_GATEWAYS, GATEWAYS
from foreign.path_variations import PATH_VARIATIONS
from foreign.paths import PATHS
from foreign.serving import KEY, ORIGIN, serve, token
from foreign.variations import VARIATIONS
from samsvar.cli import main as samsvar

BAD = ("broken", "discouraged", "unstable")
ROWS = {one.id: one for one in (*VARIATIONS, *DEFECTS)}
OF_PATHS = {one.id: one for one in (*PATH_VARIATIONS, *PATHS)}
OF_GATEWAYS = {one.id: one for one in (*GATEWAYS, *BROKEN_GATEWAYS)}
EVERY = ROWS | OF_PATHS | OF_GATEWAYS
"""All that `checked` can be asked for; the campaign goes over `ROWS`, at night over `OF_GATEWAYS` too."""


UNSEEN = {
    "no-archivereference": "the documentation gives the link to some messages with an archive reference, not to each",
    "no-form": "samples show form tasks without form links",
    "empty-metadata": "an entry may be empty; that its services are seen elsewhere is not held against it",
    "lost-role": "the documented sample itself names parent roles that it does not list",
    "late-500": "only the third reading of one place in one format fails; no place is read as often",
    "loginless-one": "two places of each type are asked without login; this is the fifth message",
    "short-key": "made-up keys are sent, none that is derived from the true one",
    "key-case": "made-up keys are sent, none that is derived from the true one",
    "empty-token": "no empty token is sent",
    "language-not-xml": "the formats are compared in the default language only",
    "other-requirements": "a list of role requirements does not say which service it is for",
    "unsearchable-type": "an answer without elements to one search among several",
    "localhost-origin": "the documentation lets localhost be registered in test environments",
    "top-zero": "no page of no elements is asked for",
    "filter-case": "many databases compare without case, so that is allowed for",
    "not-lost": "no filter with not is asked",
    "order-first": "no order by two properties is asked",
}
"""Defects that samsvar did not see when this was written, each with the reason why."""


def combinations(count: int) -> list[tuple[str, ...]]:
    """Seeded choices of three to six variations that make sense together."""
    chance = random.Random(2026)
    made: list[tuple[str, ...]] = []
    while len(made) < count:
        names = chance.sample([one.id for one in VARIATIONS], chance.randint(3, 6))
        if not any(other in ROWS[name].clash for name in names for other in names):
            made.append(tuple(names))
    return made


def checked(names: tuple[str, ...], walks: str = "ci") -> dict[str, Any]:
    """One run of the command against the environment with these changes. walks: the profile by which it walks."""
    means = {"SAMSVAR_API_KEY": KEY, "SAMSVAR_TOKEN": token()}
    for name in names:
        means |= EVERY[name].means
    said, began = io.StringIO(), time.monotonic()
    code: Any
    with serve(*(EVERY[name] for name in names)) as environment, tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        argv = ["check", environment.root, "--origin", ORIGIN, "--results", str(results), "--quiet"]
        argv += ["--journal", str(Path(folder) / "journal"), "--walks", walks]
        crash, code = "", None
        given = patch.dict(os.environ, means)
        with given, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                code = samsvar(argv)
            except SystemExit as left:
                code = left.code
            except Exception as error:  # noqa: BLE001  a crash of the command is a result of the campaign
                code, crash = None, repr(error)
        read = json.loads(results.read_text()) if results.exists() else {"verdict": "", "guarantees": [], "requests": 0}
    return {
        "names": names,
        "expected": expected(names),
        "exit": code,
        "crash": crash,
        "verdict": read["verdict"],
        "requests": read["requests"],
        "seconds": round(time.monotonic() - began, 1),
        "said": said.getvalue()[-600:],
        "bad": {one["id"]: [one["outcome"], *evidence(one)] for one in read["guarantees"] if one["outcome"] in BAD},
    }


def evidence(guarantee: dict[str, Any]) -> list[str]:
    kept = ("because", "place", "format", "expected", "observed", "url")
    return [" | ".join(f"{name}={finding.get(name)}" for name in kept) for finding in guarantee["findings"][:3]]


def expected(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for name in names for one in EVERY[name].family))


def judged(row: dict[str, Any]) -> str:
    """kept, false alarm, caught, caught elsewhere, missed, or crash."""
    if row["crash"] or row["exit"] not in (0, 1, 3):
        return "CRASH"
    if not row["expected"]:
        return "kept" if not row["bad"] and row["exit"] == 0 else "FALSE ALARM"
    if set(row["bad"]) & set(row["expected"]):
        return "caught"
    return "CAUGHT ELSEWHERE" if row["bad"] else "MISSED"

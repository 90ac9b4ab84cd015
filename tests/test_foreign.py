"""The command against an environment that others wrote: kept as it is and varied, broken where it is broken.

The whole campaign (benchmarks/foreign.py) takes half an hour: it runs at night only, with SAMSVAR_NIGHTLY=1 or the
Hypothesis profile of `tox -e nightly`. What runs in every gate is one run of each kind.
"""

import os

import pytest
from foreign.campaign import OF_GATEWAYS, ROWS, UNSEEN, checked, combinations, judged
from foreign.defects import DEFECTS
from foreign.gateways import BROKEN_GATEWAYS, GATEWAYS
from foreign.variations import VARIATIONS

QUICK_DEFECTS = ("leading-zero", "no-order", "reflects-documents", "half-letter")
QUICK_VARIATIONS = ("json-reversed", "quotes", "hal-singular", "single-links", "moved", "gzip", "more-members")
QUICK_GATEWAYS = (
    *("express", "blank-origin", "vary-encoding", "nginx-404", "slashed", "password-sliding"),
    *("help-badges", "help-other-root", "help-openapi"),
)
QUICK_BROKEN_GATEWAYS = ("password-subject", "help-one-reply")
RUNS = ((), *((one.id,) for one in (*VARIATIONS, *DEFECTS, *GATEWAYS, *BROKEN_GATEWAYS)), *combinations(20))
ACROSS = [
    pytest.param(names, id="+".join(names) or "kept", marks=[pytest.mark.xfail(reason=why)] if why else [])
    for names in RUNS
    for why in [next((UNSEEN[name] for name in names if name in UNSEEN), "")]
]


def at_night(config: pytest.Config) -> bool:
    profile = config.getoption("--hypothesis-profile", None)
    return profile == "nightly" or os.environ.get("SAMSVAR_NIGHTLY") == "1"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """By day the campaign is one test that says why it is skipped."""
    if "names" in metafunc.fixturenames:
        why = "the whole campaign takes half an hour: tox -e nightly, or SAMSVAR_NIGHTLY=1"
        by_day = [pytest.param((), marks=pytest.mark.skip(why), id="by day")]
        metafunc.parametrize("names", ACROSS if at_night(metafunc.config) else by_day)


def test_the_tables_are_large_enough_to_mean_something_and_name_nothing_twice() -> None:
    families = {one.family[0].partition("-")[0] for one in DEFECTS}
    assert len(VARIATIONS) >= 35
    assert len(DEFECTS) >= 90
    assert len(ROWS) == len(VARIATIONS) + len(DEFECTS)
    assert families == {"FORMAT", "ACCEPT", "LINK", "REACH", "GET", "CORS", "AUTH", "HTTP", "LIST", "MODEL", "DOC"}
    assert all(one.family for one in DEFECTS)
    assert not any(one.family for one in VARIATIONS)
    assert set(UNSEEN) <= {one.id for one in DEFECTS}


def test_a_foreign_environment_in_another_style_keeps_the_contract() -> None:
    row = checked(QUICK_VARIATIONS)
    assert judged(row) == "kept", row


def test_the_tables_of_gateways_name_nothing_that_others_name() -> None:
    assert len(GATEWAYS) >= 40 and not any(one.family for one in GATEWAYS)
    assert len(BROKEN_GATEWAYS) >= 40 and all(one.family for one in BROKEN_GATEWAYS)
    assert len(OF_GATEWAYS) == len(GATEWAYS) + len(BROKEN_GATEWAYS) and not set(OF_GATEWAYS) & set(ROWS)


def test_what_gateways_and_frameworks_do_keeps_the_contract() -> None:
    row = checked(QUICK_GATEWAYS, "none")
    assert judged(row) == "kept", row


@pytest.mark.parametrize("name", QUICK_BROKEN_GATEWAYS)
def test_what_a_gateway_breaks_is_told_by_the_guarantee_that_it_is_about(name: str) -> None:
    row = checked((name,), "none")
    assert judged(row) == "caught", row
    assert set(row["bad"]) <= set(OF_GATEWAYS[name].family), row


@pytest.mark.parametrize("name", QUICK_DEFECTS)
def test_a_foreign_defect_breaks_the_guarantee_that_it_is_about(name: str) -> None:
    row = checked((name,))
    assert judged(row) == "caught", row
    assert set(row["bad"]) <= set(ROWS[name].family), row


def test_the_whole_campaign_finds_each_defect_and_nothing_else(names: tuple[str, ...]) -> None:
    row = checked(names)
    assert judged(row) in ("kept", "caught"), row

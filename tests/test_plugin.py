"""Under plain pytest: the suites and anybody's own tests judge one evidence, and say what samsvar check says."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

import samsvar

SUITES = next(path for folder in samsvar.__path__ if (path := Path(folder) / "suites").is_dir())
QUICK = ("--samsvar-contract", "hal", "--samsvar-evolution", "front-page", "--samsvar-size", "1")
"""The small contract against a small miniature that has a front page: a few hundred requests."""

OWN = """
import pytest
from samsvar.pytest_plugin import guarantee
from samsvar.logic.findings import met, unmet

@guarantee("OURS-1", level="MUST", statement="Our clients find a front page.")
def test_our_clients_find_a_front_page(observed, report, target):
    assert target.kind == "miniature"
    readings = [one for one in observed.crawled() if one.ok]
    judged = report(met(one) for one in readings)
    assert judged.holds, judged.explanation

@guarantee("OURS-2", level="MUST")
def test_our_clients_find_what_is_not_there(observed, report):
    first = observed.crawled()[0]
    judged = report([unmet("nothing is there", first, expected="a", observed="b")])
    assert judged.holds, judged.explanation

@guarantee("OURS-3", level="SHOULD")
def test_a_wish_fails_nothing(observed, report):
    assert report([unmet("a wish", observed.crawled()[0])]).holds

@guarantee("OURS-4")
def test_nothing_seen_is_not_green(report):
    assert report([]).holds

@guarantee("LINK-1")
def test_links_are_well_formed_here_too(judged):
    assert judged.holds, judged.explanation
"""


@pytest.fixture
def alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """pytest in a process of its own, with samsvar's plugin however samsvar is installed."""
    monkeypatch.setenv("PYTHONPATH", str(Path(samsvar.__path__[0]).parent))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p samsvar.pytest_plugin\n")
    return pytester


def outcomes(path: Path) -> dict[str, str]:
    """Outcome by guarantee, as results tell it."""
    return {one["id"]: one["outcome"] for one in json.loads(path.read_text(encoding="utf-8"))["guarantees"]}


def test_the_suites_judge_and_say_what_check_says(alone: pytest.Pytester) -> None:
    ran = alone.runpytest_subprocess(
        "--pyargs", "samsvar.suites", *QUICK, "--samsvar-results", "r.json", "--junitxml", "j.xml", "--strict-markers"
    )
    ran.stdout.fnmatch_lines(["*= samsvar =*", "hal@*, profile default, miniature *", "*KEPT: *"])
    assert ran.ret == 0
    checked = alone.run(
        sys.executable,
        "-m",
        "samsvar",
        "check",
        "--contract",
        "hal",
        "--evolution",
        "front-page",
        "--size",
        "1",
        "--results",
        "c.json",
        "--quiet",
    )
    assert checked.ret == 0
    assert outcomes(alone.path / "r.json") == outcomes(alone.path / "c.json")
    cases = list(ElementTree.parse(alone.path / "j.xml").getroot().iter("testcase"))
    told = [{p.attrib["name"]: p.attrib["value"] for p in case.iter("property")} for case in cases]
    assert {one["outcome"] for one in told if one} >= {"kept"}
    assert all(
        case.find("skipped") is not None
        for case, one in zip(cases, told, strict=True)
        if one.get("outcome") in ("untested", "unstable", None)
    )


def test_tests_of_ones_own_use_the_same_evidence(alone: pytest.Pytester) -> None:
    alone.makepyfile(OWN)
    ran = alone.runpytest_subprocess(*QUICK, "--samsvar-results", "r.json", "--strict-markers", "-rs")
    ran.assert_outcomes(passed=3, failed=1, skipped=1)
    ran.stdout.fnmatch_lines(
        ["*OURS-2 (MUST) broken*", "*nothing is there*", "BROKEN: *OURS-2*", "*untested: nothing was seen*"]
    )
    found = outcomes(alone.path / "r.json")
    assert (found["OURS-1"], found["OURS-2"], found["OURS-3"], found["OURS-4"]) == (
        "kept",
        "broken",
        "discouraged",
        "untested",
    )
    assert found["LINK-1"] == "kept"


def test_markers_and_names_select(alone: pytest.Pytester) -> None:
    alone.makepyfile(OWN)
    by_level = alone.runpytest_subprocess(*QUICK, "-m", "should", "--strict-markers")
    by_level.assert_outcomes(passed=1, deselected=4)
    by_family = alone.runpytest_subprocess(*QUICK, "-m", "link and must", "--strict-markers")
    by_family.assert_outcomes(passed=1, deselected=4)
    assert by_family.ret == 0, "who selects on purpose gets pytest's own exit code"
    by_family.stdout.fnmatch_lines(["*INCONCLUSIVE*"])


def test_parallel_workers_gather_once_and_the_controller_tells(alone: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    alone.makepyfile(OWN)
    ran = alone.runpytest_subprocess("-p", "xdist", "-n", "2", *QUICK, "--samsvar-results", "r.json")
    ran.assert_outcomes(passed=3, failed=1, skipped=1)
    ran.stdout.fnmatch_lines(["*= samsvar =*", "BROKEN: *OURS-2*"])
    assert outcomes(alone.path / "r.json")["LINK-1"] == "kept"


@pytest.mark.parametrize(
    ("option", "value", "code", "word"),
    [
        ("--samsvar-target", "nowhere", 2, "neither a URL"),
        ("--samsvar-contract", "nothing", 2, "There is no contract"),
        ("--samsvar-profile", "nothing", 2, "There is no profile"),
        ("--samsvar-origin", "eksempel.no", 2, "give https://eksempel.no"),
    ],
)
def test_a_wrong_option_ends_the_run_in_one_line(
    alone: pytest.Pytester, option: str, value: str, code: int, word: str
) -> None:
    alone.makepyfile(OWN)
    ran = alone.runpytest_subprocess(option, value)
    assert ran.ret == code
    assert word in ran.stdout.str() + ran.stderr.str()
    assert "Traceback" not in ran.stdout.str() + ran.stderr.str()


def test_a_project_without_guarantees_is_left_alone(alone: pytest.Pytester) -> None:
    alone.makepyfile("def test_of_others():\n    assert True\n")
    ran = alone.runpytest_subprocess("--strict-markers")
    ran.assert_outcomes(passed=1)
    ran.stdout.no_fnmatch_line("*samsvar*= ")


def test_a_report_without_a_guarantee_is_told(alone: pytest.Pytester) -> None:
    alone.makepyfile("def test_of_mine(report):\n    report([])\n")
    alone.runpytest_subprocess(*QUICK).stdout.fnmatch_lines(["*need @guarantee('ID') on the test*"])

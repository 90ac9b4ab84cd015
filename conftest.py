"""How the tests of samsvar itself run: reproducible in the gate, with new seeds and more of them at night, and without
touching what the user of this machine keeps."""

import gc
import os
import shutil
import tempfile

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

ROUNDS_AT_NIGHT = 25
"""How often a nightly run repeats each property, each time with another seed."""

# A gate that is red on Monday and green on Tuesday for the same commit helps nobody: fixed seeds, no deadlines (the
# machines of others are slower). What fixed seeds miss is what the nightly run is for.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("nightly", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("gate")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """What samsvar keeps for a user lies in a folder of these tests. Set before xdist starts its workers, which get it
    with the environment, as does every process that a test starts."""
    gc.set_threshold(50_000, 20, 20)  # short runs make much that goes soon
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.mkdtemp(prefix="samsvar-tests-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["SAMSVAR_CLIENTS"] = "none"  # a browser for each of hundreds of runs: the tests of it ask for one
    os.environ["XDG_STATE_HOME"] = os.environ["LOCALAPPDATA"] = folder


@pytest.fixture
def night(request: pytest.FixtureRequest) -> object:
    """The number of the round, so that each has a name of its own."""
    return request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    at_night = metafunc.config.getoption("--hypothesis-profile", None) == "nightly"
    if at_night and getattr(metafunc.function, "is_hypothesis_test", False):
        metafunc.fixturenames.append("night")
        metafunc.parametrize("night", range(ROUNDS_AT_NIGHT), indirect=True)


STATE = {"module": ""}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What the tests of a module leave behind for the next (contracts, recordings, kept environments) is looked at by
    every collection of garbage, which thousands of short runs start: once is enough."""
    if item.module.__name__ != STATE["module"]:
        STATE["module"] = item.module.__name__
        gc.collect()
        gc.freeze()

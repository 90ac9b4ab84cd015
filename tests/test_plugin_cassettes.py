"""A test that names a recording is answered from it, and from nowhere else; no other test notices."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import samsvar
from samsvar.model.exchange import Exchange, Means, Probe, Response
from samsvar.model.privacy import Part
from samsvar.model.recording import Recording
from samsvar.world.keeping import write_recording

ROOT = "https://api.example/api"
HAL = "application/hal+json"

HELP = f"""
import socket
import urllib.request
import httpx2 as httpx
import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

def get(path="/my", accept="{HAL}"):
    return httpx.get("{ROOT}" + path, headers={{"Accept": accept}}).text
"""


def let(parts: Iterable[Part]) -> None:
    """A gate that nothing is held up by."""


def record(folder: Path, *bodies: bytes) -> None:
    """A recording of one question with these answers."""
    probe = Probe("read", f"{ROOT}/my", headers=(("Accept", HAL),))
    said = tuple(Exchange(at, probe, Response(200, (), body)) for at, body in enumerate(bodies, 1))
    write_recording(str(folder), Recording(ROOT, "", "a test", "", "", "", Means(), said, len(said)), let, ())


@pytest.fixture
def alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """pytest in a process of its own, with a recording beside the tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(samsvar.__path__[0]).parent))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p samsvar.pytest_plugin --strict-markers\nfilterwarnings = error\n")
    record(pytester.path / "kept", b"first", b"then")
    yield pytester


def run(alone: pytest.Pytester, text: str, *options: str) -> pytest.RunResult:
    alone.makepyfile(HELP + text)
    return alone.runpytest_subprocess(*options)


def test_the_marker_alone_is_enough(alone: pytest.Pytester) -> None:
    run(
        alone,
        """
@pytest.mark.samsvar_cassette("kept")
def test_answered():
    assert [get(), get(), get()] == ["first", "then", "then"]

@pytest.mark.samsvar_cassette("kept")
def test_answered_anew():
    request = urllib.request.Request("https://api.example/api/my", headers={"Accept": "application/hal+json"})
    assert urllib.request.urlopen(request).read() == b"first"
""",
    ).assert_outcomes(passed=2)


def test_the_fixture_tells_what_was_played(alone: pytest.Pytester) -> None:
    run(
        alone,
        """
@pytest.mark.samsvar_cassette("kept")
def test_played(samsvar_cassette):
    assert samsvar_cassette.root == "https://api.example/api"
    assert samsvar_cassette.manifest["source"] == "a test"
    assert [one.uri for one in samsvar_cassette.requests] == ["https://api.example/api/my"] * 2
    get()
    assert (samsvar_cassette.play_count, samsvar_cassette.all_played) == (1, False)
    get()
    assert (samsvar_cassette.play_count, samsvar_cassette.all_played) == (2, True)
""",
    ).assert_outcomes(passed=1)


def test_modules_classes_and_parameters_are_marked_too(alone: pytest.Pytester) -> None:
    record(alone.path / "else", b"else")
    run(
        alone,
        """
import unittest
pytestmark = pytest.mark.samsvar_cassette("kept")

def test_module():
    assert get() == "first"

@pytest.mark.samsvar_cassette("else")
class TestClass:
    def test_class(self):
        assert get() == "else"

    @pytest.mark.samsvar_cassette("kept")
    def test_nearest(self):
        assert get() == "first"

class TestOld(unittest.TestCase):
    def setUp(self):
        self.body = get()

    def test_old(self):
        assert self.body == "first"

@pytest.mark.parametrize("body", ["first", pytest.param("else", marks=pytest.mark.samsvar_cassette("else"))])
def test_parameter(body):
    assert get() == body
""",
    ).assert_outcomes(passed=6)


def test_the_option_names_a_recording_for_all(alone: pytest.Pytester) -> None:
    text = """
def test_fixture(samsvar_cassette):
    assert get() == "first"

@pytest.mark.samsvar_cassette
def test_marker():
    assert get() == "first"
"""
    run(alone, text, "--samsvar-cassette", "kept").assert_outcomes(passed=2)
    ran = run(alone, text)
    ran.assert_outcomes(errors=2)
    ran.stdout.fnmatch_lines(['*No recording is named: write @pytest.mark.samsvar_cassette("cassettes/kept"), or *'])


def test_a_folder_is_looked_for_beside_the_test_and_then_from_the_top(alone: pytest.Pytester) -> None:
    (alone.path / "sub").mkdir()
    record(alone.path / "sub" / "near", b"near")
    (alone.path / "sub" / "test_sub.py").write_text(
        HELP
        + """
@pytest.mark.samsvar_cassette("near")
def test_near():
    assert get() == "near"

@pytest.mark.samsvar_cassette("kept")
def test_top():
    assert get() == "first"
"""
    )
    alone.runpytest_subprocess("sub").assert_outcomes(passed=2)


def test_what_is_not_recorded_is_refused_in_one_line(alone: pytest.Pytester) -> None:
    ran = run(
        alone,
        """
@pytest.mark.samsvar_cassette("kept")
def test_else():
    get(accept="text/html")

@pytest.mark.samsvar_cassette("kept")
def test_other_machines():
    with pytest.raises(CannotOverwriteExistingCassetteException):
        httpx.get("https://elsewhere.example/")
    with pytest.raises(Exception, match="out of reach"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(Exception, match="out of reach"):
        socket.getaddrinfo("elsewhere.example", 443)
""",
    )
    ran.assert_outcomes(failed=1, passed=1)
    here = f"GET {ROOT}/my (Accept: {{}})".format
    ran.stdout.fnmatch_lines(
        [f"*NotRecorded: {here('text/html')} is not recorded in *kept. What comes nearest: {here(HAL)}."]
    )


def test_no_other_test_notices(alone: pytest.Pytester) -> None:
    ran = run(
        alone,
        """
import sys
connect = socket.socket.connect
send = httpx.HTTPTransport.handle_request

def test_before():
    assert "vcr" in sys.modules  # by this file; see below for the plugin

@pytest.mark.samsvar_cassette("kept")
def test_with():
    assert socket.socket.connect is not connect and httpx.HTTPTransport.handle_request is not send

def test_after():
    assert socket.socket.connect is connect and httpx.HTTPTransport.handle_request is send
""",
    )
    ran.assert_outcomes(passed=3)


def test_the_plugin_loads_nothing_for_others(alone: pytest.Pytester) -> None:
    alone.makepyfile(
        """
import sys

def test_nothing_of_ours():
    heavy = {"vcr", "yaml", "httpx2", "samsvar.world.cassettes", "samsvar.world.keeping", "samsvar.running"}
    assert heavy.isdisjoint(sys.modules)
"""
    )
    ran = alone.runpytest_subprocess("--setup-show")
    ran.assert_outcomes(passed=1)
    assert "samsvar" not in "".join(line for line in ran.outlines if "SETUP" in line)


def test_what_is_shared_is_not_made_from_the_recording_of_one_test(alone: pytest.Pytester) -> None:
    run(
        alone,
        """
@pytest.fixture(scope="session")
def shared():
    return httpx.HTTPTransport.handle_request

@pytest.fixture
def own():
    return httpx.HTTPTransport.handle_request

send = httpx.HTTPTransport.handle_request

@pytest.mark.samsvar_cassette("kept")
def test_order(own, shared):
    assert shared is send and own is not send
""",
    ).assert_outcomes(passed=1)


BROKEN = {
    "nowhere": "There is no folder nowhere in *.",
    "bare": "*bare has no manifest.json: it is half-written, or no recording. Record it again.",
    "spoiled": "*tape.yaml is not as it was recorded: its hash is another. Record it again.",
}


def test_a_recording_that_cannot_be_read_is_an_error_of_the_test(alone: pytest.Pytester) -> None:
    (alone.path / "bare").mkdir()
    record(alone.path / "spoiled", b"old")
    tape = alone.path / "spoiled" / "tape.yaml"
    tape.write_bytes(tape.read_bytes().replace(b"old", b"new"))
    text = "".join(f'@pytest.mark.samsvar_cassette("{name}")\ndef test_{name}():\n    pass\n\n' for name in BROKEN)
    ran = run(alone, text + "def test_other():\n    pass\n")
    ran.assert_outcomes(errors=3, passed=1)
    ran.stdout.fnmatch_lines(list(BROKEN.values()))
    ran.stdout.no_fnmatch_line("*Traceback*")


def test_a_marker_with_more_than_a_folder_is_told(alone: pytest.Pytester) -> None:
    ran = run(alone, '@pytest.mark.samsvar_cassette("kept", "else")\ndef test_two():\n    pass\n')
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["the marker samsvar_cassette takes one folder, not *"])

"""The suites, run by pytest inside this process, shut off from whatever pytest settings and plugins are around."""

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samsvar.errors import SamsvarError

if TYPE_CHECKING:
    from samsvar.running import Session

QUIET = (
    "no:terminal",
    "no:cacheprovider",
    "no:hypothesispytest",
    "no:schemathesis",
    "no:faulthandler",
    "no:logging",
    "no:xdist",
    "no:junitxml",
)


@dataclass(frozen=True, slots=True)
class Handed:
    """How the plugin gets the session that this process already has."""

    session: "Session"


def run_suites(session: "Session", select: str = "") -> None:
    """Judge a session's evidence with the suites; what was judged lies in ``session.ledger`` afterwards. ``select`` is
    a pytest -k expression. Raises SamsvarError when pytest itself could not run."""
    import pytest

    from samsvar import suites  # type: ignore[attr-defined]  # beside the package in a checkout, inside it in a wheel

    folder = Path(suites.__path__[0]).resolve()
    settings = ("-c", str(folder / "pytest.ini"), "--rootdir", str(folder), "--import-mode=importlib")
    arguments = [str(folder), *settings]
    arguments += [part for name in QUIET for part in ("-p", name)]
    arguments += ["-p", "samsvar.pytest_plugin", *(("-k", select) if select else ())]
    said = io.StringIO()
    with _shut_off(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(arguments, plugins=[Registrar(session)])
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SamsvarError(f"the suites could not be run (pytest ended with {int(code)}): {said.getvalue()[-2000:]}")
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt


class Registrar:
    """Hands the session to the plugin under a name, before anything is configured."""

    def __init__(self, session: "Session") -> None:
        self.handed = Handed(session)

    def pytest_addoption(self, pluginmanager: object) -> None:
        pluginmanager.register(self.handed, "samsvar-session")  # type: ignore[attr-defined]


@contextlib.contextmanager
def _shut_off() -> Iterator[None]:
    """Without plugins that happen to be installed and options that happen to be set."""
    before = {
        name: os.environ.get(name) for name in ("PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_PLUGINS")
    }
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

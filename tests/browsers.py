"""The browser of this machine, for tests that need a real one."""

import os

import pytest

from samsvar.world.browser import browser_path


def browser() -> str:
    """Its path. Where nobody said which to use and there is none, the test is skipped; the gate says which."""
    found = browser_path(os.environ)
    if not found and os.environ.get("SAMSVAR_BROWSER"):
        pytest.fail(f"there is no browser {os.environ['SAMSVAR_BROWSER']}")
    if not found:
        pytest.skip("no Chromium or Chrome here (on Debian: apt-get install chromium)")
    return found

"""The browser of this machine, for tests that need a real one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from samsvar.world.browser import ARGUMENTS, browser_path


def browser() -> str:
    """Its path. Where nobody said which to use and there is none, the test is skipped; the gate says which."""
    found = browser_path(os.environ)
    if not found and os.environ.get("SAMSVAR_BROWSER"):
        pytest.fail(f"there is no browser {os.environ['SAMSVAR_BROWSER']}, or nothing to drive it with")
    if not found:
        pytest.skip("no Playwright with Chromium or Chrome here (on Debian: apt-get install chromium)")
    return found


@contextmanager
def running() -> Iterator[object]:
    """A running browser, for pages that are tried in it."""
    path = browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=["--no-sandbox", *ARGUMENTS])
        try:
            yield found
        finally:
            found.close()

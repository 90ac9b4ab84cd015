"""An installed Chromium for tests, and what a page of ours may not do in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str | None:
    """Where a Chromium is, or None."""
    return os.environ.get("SAMSVAR_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser() -> Iterator[object]:
    """A running browser. Skips the test, with the reason, where none is installed."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
    )
    path = executable()
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium, or name one in SAMSVAR_BROWSER")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, headless=True, args=list(ARGUMENTS))
        try:
            yield found
        finally:
            found.close()

"""The fixtures of the browser tests. One server and one browser serve them all; each test opens notebooks of its own.

Without a browser the tests are skipped, with the reason; where CI is set they fail instead.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

try:
    from .lab import Browser, Server
except ModuleNotFoundError as error:
    MISSING = str(error)
else:
    MISSING = None


def pytest_collection_modifyitems(items):
    """Mark every test of this folder, so that `-m "not browser"` leaves them out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


def _without_browser(reason):
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no browser to test in: {reason}")


@pytest.fixture(scope="session")
def browser():
    """Chromium, for the whole session."""
    if MISSING:
        _without_browser(MISSING)
    try:
        browser = Browser()
    except Exception as error:  # Playwright reports every way of not starting in one class
        _without_browser(str(error).splitlines()[0])
    with browser:
        yield browser


@pytest.fixture(scope="session")
def server(tmp_path_factory, browser):
    """A JupyterLab server, for the whole session (asked for after the browser: without one there is no need for it)."""
    with Server(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def open_notebook(server, browser):
    """A function that opens a notebook: `open_notebook("cell", "cell")` or `open_notebook(path=..., width=700)`.

    When the test is over, no request may have left the machine and the console must be free of errors. A notebook that
    serves several tests: a fixture of scope "module" around `with browser.open(server, "cell") as notebook:`.
    """
    with ExitStack() as opened:
        yield lambda *cells, **options: opened.enter_context(browser.open(server, *cells, **options))

"""The fixtures of the hub's tests: one rehearsal with three learners serves a whole file."""

import os
import shutil

import pytest

from .rehearsal import Rehearsal


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A running rehearsal; skips where npm cannot install its proxy, but fails in CI."""
    if os.name == "nt" or not shutil.which("npm"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("JupyterHub wants Linux or macOS, and npm for its proxy")
    with Rehearsal(tmp_path_factory.mktemp("rehearsal")) as hub:
        yield hub


@pytest.fixture(scope="module")
def learners(hub):
    """Ada, Bob and Cleo, each with a server that has started while the others' did."""
    from concurrent.futures import ThreadPoolExecutor

    seats = [hub.seat(name) for name in ("ada", "bob", "cleo")]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda seat: seat.start(), seats))
    return seats

"""The fixtures of the hub's tests: one rehearsal with three learners serves a whole file."""

import pytest

from .rehearsal import Rehearsal, needs_npm


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A running rehearsal."""
    needs_npm()
    with Rehearsal(tmp_path_factory.mktemp("rehearsal")) as hub:
        yield hub


@pytest.fixture(scope="module")
def learners(hub):
    """Ada, Bob and Cleo."""
    return hub.started("ada", "bob", "cleo")

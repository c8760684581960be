"""Kernels listed and ended on a real Jupyter server; this test plays the notebook that asks."""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from jupyter_client import BlockingKernelClient

from helpers import kernels
from helpers.kernels import JupyterServer, NoServerError
from notebooks.build import execute

lab = pytest.importorskip("tests.browser.lab", reason="playwright is missing")  # only for its Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with lab.Server(tmp_path_factory.mktemp("kernels")) as server:
        yield server


@pytest.fixture
def start(server, monkeypatch):
    """A function that starts a kernel and returns its id; the first one is ours."""
    for name in ("JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.folder / "runtime"))
    monkeypatch.setattr(kernels, "QUIET", 0.2)
    started = []

    def start():
        started.append(server.api("POST", "kernels")["id"])
        if len(started) == 1:
            monkeypatch.setattr(kernels, "own_kernel", lambda: started[0])
        return started[-1]

    yield start
    for one in {kernel["id"] for kernel in server.api("GET", "kernels")} & set(started):
        server.api("DELETE", f"kernels/{one}")


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def state_of(server, kernel):
    return next(one["execution_state"] for one in server.api("GET", "kernels") if one["id"] == kernel)


@contextmanager
def running(server, kernel, code="0"):
    """Have a kernel run code; what it says is not waited for."""
    client = BlockingKernelClient(connection_file=str(server.folder / "runtime" / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)
    until(lambda: client.kernel_info() and state_of(server, kernel) == "idle")  # now the server hears what it says
    client.execute(code)
    try:
        yield
    finally:
        client.stop_channels()


def test_idle_kernels_end_and_busy_ones_and_our_own_live_on(server, start):
    own, idle, busy = start(), start(), start()
    with running(server, own), running(server, idle), running(server, busy, "import time; time.sleep(600)"):
        until(lambda: [state_of(server, one) for one in (own, idle, busy)] == ["idle", "idle", "busy"])
        ours = JupyterServer()
        until(lambda: [one.id for one in ours.kernels() if one.is_idle] == [idle])
        listed = ours.kernels()
        assert listed[0].id == own
        assert listed[0].own
        assert {one.id for one in listed} == {own, idle, busy}
        assert all(10e6 < one.memory < 1e9 for one in listed)
        assert [one.id for one in ours.end(listed)] == [idle]
        assert {one["id"] for one in server.api("GET", "kernels")} == {own, busy}
        assert ours.end(listed) == [], "ended already, busy, our own"


def test_a_kernel_that_has_just_worked_is_left_alone(server, start, monkeypatch):
    _, other = start(), start()
    with running(server, other):
        until(lambda: state_of(server, other) == "idle")
        monkeypatch.setattr(kernels, "QUIET", 3600)
        assert JupyterServer().end(JupyterServer().kernels()) == []


def test_in_a_hub_address_and_token_come_from_the_environment(server, start, monkeypatch, tmp_path):
    own = start()
    port = server.url.rpartition(":")[2]
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))  # its file is not to be seen
    with pytest.raises(NoServerError):
        JupyterServer()
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", f"http://0.0.0.0:{port}/user/ada/")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", server.token)
    assert own in {one.id for one in JupyterServer().kernels()}
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "wrong")
    with pytest.raises(NoServerError, match="Kernel, Shut Down"):
        JupyterServer()


def test_another_notebooks_server_is_not_ours(server, start, monkeypatch):
    start()
    monkeypatch.setattr(kernels, "own_kernel", lambda: "nobody")
    with pytest.raises(NoServerError):
        JupyterServer()


def test_outside_a_notebook_it_says_so():
    with pytest.raises(NoServerError, match="does not run in a notebook"):
        kernels.own_kernel()


def test_our_kernel_is_known_by_its_connection_file(monkeypatch):
    path = os.path.join("runtime", "kernel-0a1b-2c.json")
    monkeypatch.setattr("ipykernel.connect.get_connection_file", lambda: path)
    assert kernels.own_kernel() == "0a1b-2c"


class Process:
    """What psutil says of a process."""

    def __init__(self, kernel, alone):
        self.info = {"cmdline": ["python", "-f", f"kernel-{kernel}.json"]}
        self.memory_info = lambda: SimpleNamespace(rss=alone + 90)
        self.alone = alone

    def memory_full_info(self):
        if sys.platform == "darwin":
            raise psutil.AccessDenied
        return SimpleNamespace(uss=self.alone)


@pytest.mark.parametrize(("system", "memory"), [("win32", {"a": 301, "b": 7}), ("darwin", {"a": 481, "b": 97})])
def test_on_other_systems_memory_is_what_can_be_known_launchers_included(monkeypatch, system, memory):
    processes = [Process("a", 300), Process("b", 7), Process("a", 1)]
    monkeypatch.setattr(psutil, "process_iter", lambda _: processes)
    monkeypatch.setattr(sys, "platform", system)
    assert kernels.memory_of_kernels() == memory


CELLS = """
import gc, weakref
from helpers import plots
plots.use_course_style()
gc.disable()  # nobody else tidies
class Thing: pass
thing = Thing(); thing.itself = thing; seen = weakref.ref(thing)
del thing  # its circle keeps it, as a figure's does
---
print(seen() is None, len(get_ipython().events.callbacks["post_run_cell"]))
plots.use_course_style()
---
print(gc.get_freeze_count() > 10_000, len(get_ipython().events.callbacks["post_run_cell"]))
"""


def test_after_each_cell_a_notebook_gives_back_what_nobody_holds():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS.split("---")])
    execute(notebook, Path(__file__).parents[1])
    first, second = (cell.outputs[0].text.split() for cell in notebook.cells[1:])
    assert first[0] == second[0] == "True"
    assert first[1] == second[1], "the style was asked for twice, and it tidies twice"

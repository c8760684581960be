"""The kernels of the Jupyter server that this kernel belongs to: what memory they hold, and how it comes back.

Every open notebook keeps a kernel, and every kernel its own torch: a dozen of them fill a small machine. Here one of
them asks its server for the others (Jupyter's REST interface) and the operating system for their memory.
"""

import ctypes
import gc
import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import ProxyHandler, Request, build_opener

QUIET = 5.0  # seconds of rest after which a kernel counts as idle: between two cells of a "Run all" it rests for less
DIRECT = build_opener(ProxyHandler({}))  # our own machine needs no proxy


def tidy_after_cells(ipython):
    """After each cell, give back what only that cell needed: pictures above all, 120 MB of them by the end of 05.

    Whatever is there by now stays for good (modules, most of it) and need not be looked at again: 5 ms a cell, not 100.
    """
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None

    def tidy(*_):
        gc.collect()
        if trim:
            trim(0)

    ipython.events.register("post_run_cell", tidy)


class NoServerError(RuntimeError):
    """There is no Jupyter server to ask; the message says why, for the learner."""


@dataclass(frozen=True)
class Kernel:
    """One running kernel."""

    id: str
    notebook: str  # its path below the server's folder; "" when it has none
    state: str  # "idle", "busy", "starting", ...: as the server says
    rested: float  # seconds since it last did anything
    memory: int | None  # bytes that come back when it ends; None when nobody knows
    own: bool  # the one that asks

    @property
    def is_idle(self):
        """Whether nothing is lost but its variables when it ends."""
        return self.state == "idle" and self.rested >= QUIET and not self.own


class JupyterServer:
    """The server that runs this kernel.

    Raises:
        NoServerError: this is no kernel, or none of the servers on this machine knows it or lets us ask.
    """

    def __init__(self):
        self.own_id = own_kernel()
        for self.url, self.token in addresses():
            try:
                if self.own_id in {kernel["id"] for kernel in self._ask("GET", "api/kernels")}:
                    return
            except (URLError, OSError, ValueError):  # gone, not for us, or no Jupyter
                continue
        raise NoServerError("No Jupyter server was found that runs this notebook. Use its own menu: Kernel, Shut Down.")

    def kernels(self):
        """All running kernels, this one first, then those that hold most memory."""
        notebooks = {session["kernel"]["id"]: session["path"] for session in self._ask("GET", "api/sessions")}
        memory = memory_of_kernels()
        found = [
            self._kernel(known, notebooks.get(known["id"], ""), memory.get(known["id"]))
            for known in self._ask("GET", "api/kernels")
        ]
        return sorted(found, key=lambda kernel: (not kernel.own, -(kernel.memory or 0), kernel.notebook))

    def end(self, kernels):
        """End those of some kernels that are idle at this very moment; returns them."""
        return [kernel for kernel in kernels if self._end(kernel)]

    def _end(self, kernel):
        try:
            now = self._kernel(self._ask("GET", f"api/kernels/{kernel.id}"))
            if now.is_idle:
                self._ask("DELETE", f"api/kernels/{kernel.id}")
        except HTTPError as error:
            if error.code == 404:  # somebody else has ended it in the meantime
                return False
            raise
        return now.is_idle

    def _kernel(self, known, notebook="", memory=None):
        rested = datetime.now(UTC) - datetime.fromisoformat(known["last_activity"])
        own = known["id"] == self.own_id
        return Kernel(known["id"], notebook, known["execution_state"], rested.total_seconds(), memory, own)

    def _ask(self, method, path):
        request = Request(f"{self.url}{path}", method=method, headers={"Authorization": f"token {self.token}"})
        with DIRECT.open(request, timeout=15) as answer:
            return json.loads(answer.read() or "null")


def own_kernel():
    """The id of the kernel that runs this code, from the name of its connection file.

    Raises:
        NoServerError: this is no kernel, or one that no server started.
    """
    from ipykernel.connect import get_connection_file  # here: only a kernel has it loaded already

    try:
        name = os.path.basename(get_connection_file())
    except RuntimeError as error:
        raise NoServerError("This code does not run in a notebook.") from error
    return _id_in(name) or name


def addresses():
    """Yield (url, token) of every Jupyter server this one may belong to: those on this machine, then the hub's."""
    from jupyter_server.serverapp import list_running_servers  # here: it takes a second

    hub = os.environ.get("JUPYTERHUB_API_TOKEN", "")
    for server in list_running_servers():
        yield server["url"], server.get("token") or hub
    if service := os.environ.get("JUPYTERHUB_SERVICE_URL"):  # a hub in containers keeps its files elsewhere
        parts = urlsplit(service)
        everywhere = parts.hostname in ("0.0.0.0", "::", None)
        host = f"127.0.0.1:{parts.port}" if everywhere else parts.netloc
        path = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", parts.path)
        yield urlunsplit((parts.scheme, host, path, "", "")), hub


def memory_of_kernels():
    """Kernel id -> bytes of its process alone: what two kernels share does not come back when one of them ends."""
    import psutil  # here: helpers is imported where there is none

    found = {}
    for process in psutil.process_iter(["cmdline"]):
        kernel_id = next(filter(None, map(_id_in, process.info["cmdline"] or [])), None)
        try:
            if kernel_id:
                found[kernel_id] = found.get(kernel_id, 0) + _memory(process)  # Windows starts Python by a launcher
        except psutil.Error:  # it has just ended, or belongs to somebody else
            continue
    return found


def _memory(process):
    """Bytes of a process alone; on macOS, which tells that to nobody else, all that it holds."""
    return process.memory_info().rss if sys.platform == "darwin" else process.memory_full_info().uss


def _id_in(text):
    """The kernel's id in the name of a connection file, "kernel-<id>.json"; None elsewhere."""
    match = re.search(r"kernel-([\w-]+)\.json$", text)
    return match.group(1) if match else None

"""A real JupyterHub, as `course.py hub` starts it, and learners who sit in it, driven from Python.

with Rehearsal(folder) as hub:
    ada = hub.seat("ada")                   # logged in as a browser is: the form, then a token of its own
    ada.start()                             # its single-user server, with the copies laid
    with ada.kernel("05_attention.ipynb") as kernel:
        kernel.run("print(6 * 7)")          # -> "42\n", over the proxy's websocket
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
import websocket

ROOT = Path(__file__).resolve().parents[2]
PRINTED = re.compile(r"JupyterHub: (\S+)\n.*password (\S+)\n.*password (\S+)\n")


def needs_npm():
    """Skip the test where npm cannot install the hub's proxy, but fail in CI."""
    if os.name == "nt" or not shutil.which("npm"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("JupyterHub wants Linux or macOS, and npm for its proxy")


class Rehearsal:
    """`course.py hub` in a process of its own; its state lies in `folder`, where the next one finds it.

    Raises:
        RuntimeError: it did not start; what it printed.
    """

    def __init__(self, folder, port=None):
        self.folder, self.port = Path(folder), port or three_free_ports()
        self.start()

    def start(self):
        """Start the hub, again after kill()."""
        command = [sys.executable, "course.py", "hub", "--here", f"--port={self.port}", f"--folder={self.folder}"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = ""
        for line in self._process.stdout:
            said += line
            if line.startswith("Press Ctrl-C"):
                break
        printed = PRINTED.search(said)
        if not printed:
            raise RuntimeError(f"The hub did not start:\n{said}")
        self.url, self.password, self.admin_password = printed.groups()

    def seat(self, name):
        """Log a learner in; "instructor" with the other password."""
        return Seat(self.url, name, self.admin_password if name == "instructor" else self.password)

    def started(self, *names):
        """The seats of these learners; their servers have started at the same time."""
        seats = [self.seat(name) for name in names]
        with ThreadPoolExecutor(len(seats)) as pool:
            list(pool.map(lambda seat: seat.start(), seats))
        return seats

    def kill(self):
        """Kill hub and proxy, as a crash does: nobody gets to put anything in order."""
        for name in "hub.pid", "jupyterhub-proxy.pid":
            os.kill(int((self.folder / name).read_text()), signal.SIGKILL)
        self._process.communicate(timeout=30)

    def log(self):
        """What the hub has written so far."""
        return (self.folder / "hub.log").read_text(errors="replace")

    def close(self):
        """End the hub, which ends every seat."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=60)

    def __enter__(self):
        """Return the running hub."""
        return self

    def __exit__(self, *error):
        """End it, whatever happened."""
        self.close()


class Seat:
    """One learner, logged in.

    Raises:
        requests.HTTPError: the hub does not let them in.
    """

    def __init__(self, url, name, password):
        self.url, self.name, self.path = url, name, f"user/{name}"
        self.browser = requests.Session()
        self.browser.trust_env = False  # this machine needs no proxy
        form = self.browser.get(f"{url}/hub/login")
        form.raise_for_status()
        xsrf = self.browser.cookies.get("_xsrf", path="/hub/")
        answer = self.browser.post(
            f"{url}/hub/login", data={"username": name, "password": password, "_xsrf": xsrf}, allow_redirects=False
        )
        answer.raise_for_status()
        if answer.status_code != 302:
            raise requests.HTTPError(f"{name} was not let in", response=answer)
        self.browser.get(f"{url}/hub/token")  # the log-in has changed the token against forged requests
        xsrf = {"X-XSRFToken": self.browser.cookies.get("_xsrf", path="/hub/")}
        self.token = self.hub("POST", f"users/{name}/tokens", headers=xsrf).json()["token"]

    def hub(self, method, path, **options):
        """Ask the hub's REST interface as this learner; raises requests.HTTPError where it refuses."""
        return self._ask(method, f"{self.url}/hub/api/{path}", **options)

    def server(self, method, path, **options):
        """Ask this learner's own single-user server, or by an absolute path (/user/bob/...) somebody else's."""
        at = path if path.startswith("/") else f"/{self.path}/{path}"
        return self._ask(method, f"{self.url}{at}", **options)

    def _ask(self, method, url, headers=None, **options):
        login = {"Authorization": f"token {self.token}"} if hasattr(self, "token") else {}
        client = requests if login else self.browser
        answer = client.request(method, url, headers={**login, **(headers or {})}, timeout=180, **options)
        answer.raise_for_status()
        return answer

    def start(self, seconds=180):
        """Start the single-user server and wait until it answers; returns the seconds that took."""
        began = time.monotonic()
        self.hub("POST", f"users/{self.name}/server")
        wait_until(lambda: not self.state().get("pending", True), seconds, f"{self.name}'s server")
        if not self.state()["ready"]:
            raise RuntimeError(f"{self.name}'s server did not start; the hub's log says why")
        return time.monotonic() - began

    def state(self):
        """What the hub knows of this learner's server: {} when there is none, else "ready", "state", ..."""
        return self.hub("GET", f"users/{self.name}").json()["servers"].get("", {})

    def pid(self):
        """The process of this learner's server, by what the hub gave it: another hub may have an ada, too."""
        hub = f"http://127.0.0.1:{urlsplit(self.url).port + 1}/"
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error):
                if "jupyterhub.singleuser" in (process.info["cmdline"] or []):
                    given = process.environ()
                    own = given["JUPYTERHUB_API_URL"].startswith(hub)
                    if own and given["JUPYTERHUB_SERVICE_PREFIX"] == f"/{self.path}/":
                        return process.pid
        raise LookupError(f"{self.name} has no server")

    def read(self, path):
        """The content of a file in the learner's folder."""
        return self.server("GET", f"api/contents/{path}").json()["content"]

    def write(self, path, text):
        """Save a text file, as the editor does."""
        self.server("PUT", f"api/contents/{path}", json={"type": "file", "format": "text", "content": text})

    def kernel(self, notebook):
        """Open a notebook's kernel."""
        asked = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        return Kernel(self, self.server("POST", "api/sessions", json=asked).json()["kernel"]["id"])


class Kernel:
    """A running kernel behind the proxy, over Jupyter's websocket."""

    def __init__(self, seat, kernel_id):
        self.seat, self.id = seat, kernel_id
        address = f"{seat.url.replace('http', 'ws', 1)}/{seat.path}/api/kernels/{kernel_id}/channels"
        self._socket = websocket.create_connection(
            address, header={"Authorization": f"token {seat.token}"}, timeout=600, http_no_proxy=["*"]
        )

    def run(self, code):
        """Run code and return what it printed and showed, as text.

        Raises:
            RuntimeError: the code ended in an error.
        """
        asked = uuid.uuid4().hex
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        header = {"msg_id": asked, "msg_type": "execute_request", "username": "", "session": asked, "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self._socket.send(json.dumps(message))
        said = ""
        while True:
            frame = self._socket.recv()
            if isinstance(frame, bytes):  # a widget's arrays, which are for the browser
                continue
            answer = json.loads(frame)
            if answer["parent_header"].get("msg_id") != asked:
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind == "stream":
                said += content["text"]
            elif kind == "execute_result":
                said += content["data"].get("text/plain", "")
            elif kind == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                return said

    def close(self):
        """Leave the kernel, as closing the tab does; it goes on."""
        self._socket.close()

    def end(self):
        """Leave the kernel and shut it down."""
        self.close()
        self.seat.server("DELETE", f"api/kernels/{self.id}")

    def __enter__(self):
        """Return the connected kernel."""
        return self

    def __exit__(self, *error):
        """Leave it, whatever happened."""
        self.close()


def wait_until(is_true, seconds, what):
    """Return as soon as a function says something true, that value.

    Raises:
        TimeoutError: it did not in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(requests.RequestException):
            if value := is_true():
                return value
        time.sleep(0.1)
    raise TimeoutError(f"{what} was not there after {seconds} s")


def three_free_ports(first=18000, last=28000):
    """The first of three free ports in a row, below those that the system hands out."""
    for port in range(first + os.getpid() % 1000 * 3, last, 3):
        with suppress(OSError):
            for offset in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
            return port
    raise RuntimeError(f"there are no three free ports in a row between {first} and {last}")

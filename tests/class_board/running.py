"""A real board in a process of its own, and a stub in place of the hub that answers honestly who a token is.

with StubHub() as hub, RunningBoard(folder, hub) as board:
    hub.learner("ada")                                  # her token
    board.post(token, report("softmax", "passed"))      # -> status, answer
"""

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.serving import JsonHandler, JsonServer

REPO = Path(__file__).parents[2]
PREFIX = "/services/board/"
REPORT, READ = "custom:board:report", "custom:board:read"


def report(exercise, status, diagnosis=None, moment=None, **other):
    """A report as the course sends it; `other` changes what it holds."""
    time = (moment or datetime.now(UTC)).isoformat(timespec="seconds")
    content = {"id": uuid.uuid4().hex, "exercise": exercise, "status": status, "diagnosis": diagnosis, "time": time}
    return content | other


class StubHub(JsonServer):
    """Token -> user model, and OAuth that lets the user of `browsing` in without a password."""

    def __init__(self):
        self.users = {}  # token -> model
        self.asked = 0  # how often somebody looked a token up
        self.browsing = None  # the token that a browser gets
        hub = self

        class Handler(JsonHandler):
            def get(self):
                url = urlsplit(self.path)
                if url.path == "/hub/api/oauth2/authorize":
                    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                    return self.answer(302, {}, f"{asked['redirect_uri']}?code=x&state={asked['state']}")
                hub.asked += 1
                model = hub.users.get(self.headers["Authorization"].partition(" ")[2])
                return self.answer(200, model) if model else self.answer(403, {})

            def post(self):
                self.body()
                self.answer(200, {"access_token": hub.browsing})

        super().__init__(Handler)

    def token(self, name, *scopes, kind="user"):
        """Make a token of somebody who holds these scopes."""
        token = uuid.uuid4().hex
        self.users[token] = {"name": name, "kind": kind, "scopes": list(scopes), "groups": [], "admin": False}
        return token

    def learner(self, name):
        """The token of a learner's server."""
        return self.token(name, REPORT, f"access:servers!server={name}/")

    def instructor(self, name="grace"):
        """The token of an instructor."""
        return self.token(name, READ, "access:services!service=board")


class RunningBoard:
    """`python -m board` over a folder; it can be killed and started again on the same port."""

    def __init__(self, folder, hub):
        self.folder, self.hub, self.port = Path(folder), hub, free_port()
        self.file = self.folder / "board.sqlite"
        self.log = self.folder / "board.log"
        self.address = f"http://127.0.0.1:{self.port}{PREFIX}"
        self.start()

    def start(self):
        """Start the process and wait until it answers."""
        own = {
            "JUPYTERHUB_SERVICE_NAME": "board",
            "JUPYTERHUB_API_TOKEN": "the board's own token",
            "JUPYTERHUB_API_URL": f"{self.hub.url}/hub/api",
            "JUPYTERHUB_HOST": self.hub.url,
            "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{self.port}",
            "JUPYTERHUB_CLIENT_ID": "service-board",
            "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{self.address}oauth_callback",
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "board", "--file", str(self.file)],
                env=os.environ | own, cwd=REPO, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.ask("GET", "static/board.css")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"the board did not start:\n{self.log.read_text()}")

    def kill(self):
        """End it as a crash would: no chance to write anything."""
        self.process.kill()
        self.process.wait()

    def ask(self, method, path="", token=None, body=None, headers=()):
        """One request; returns the status and the text of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            auth = {"Authorization": f"token {token}"} if token else {}
            connection.request(method, PREFIX + path, body, {**auth, **dict(headers)})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def post(self, token, content):
        """Post a report, or any bytes; returns the status and the answer."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        status, text = self.ask("POST", "reports", token, body)
        return status, json.loads(text or "null")

    def stream(self, token, names=False):
        """Connect to the live stream; yields each state that comes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            headers = {"Authorization": f"token {token}"}
            connection.request("GET", f"{PREFIX}events{'?names=1' if names else ''}", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.status
            while line := answer.readline():
                if line.startswith(b"data: {"):  # not the sign of life
                    yield json.loads(line[6:])
        finally:
            connection.close()

    def state(self, token, names=False):
        """What the pages show now."""
        return next(self.stream(token, names))

    def __enter__(self):
        """Return the running board."""
        return self

    def __exit__(self, *error):
        """End it."""
        self.kill()


def free_port():
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def exercise(state, name):
    """What a state says of one exercise."""
    return next(one for book in state["notebooks"] for one in book["exercises"] if one["name"] == name)

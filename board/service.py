"""The addresses of the board, below /services/board/. Who asks, and what they may, is the hub's to say.

                    scope
reports  POST       custom:board:report   one report of the learner whose token it is
         GET        custom:board:report   what the board holds of that learner
         DELETE     custom:board:report   ... which it then forgets
(page)   GET        custom:board:read     the counts, for the projector
names    GET        custom:board:read     the same with names
events   GET        custom:board:read     what either page shows, again at every change (server-sent events)
"""

import asyncio
import hashlib
import json
import logging
import sqlite3
import time
from contextlib import suppress
from dataclasses import asdict

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado import web
from tornado.iostream import StreamClosedError

from board import report
from board.classroom import Classroom
from board.limit import Limit
from board.report import RefusedError
from board.store import open_store

REPORT, READ = "custom:board:report", "custom:board:read"  # deploy/ gives the first to learners' servers
PAUSE = 0.2  # seconds in which changes gather before they are shown
HEARTBEAT = 5.0  # seconds after which a quiet stream shows that it lives; the page waits for three of them
STREAM = 600.0  # seconds after which a page must connect again, and the hub is asked again whether it may
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
log = logging.getLogger("board")


class Board:
    """The reports on the disk and the class they make, and who waits for news of it."""

    def __init__(self, catalogue, path):
        self.catalogue, self.path = catalogue, path
        self.limit = Limit()
        self.version = 0  # counts the changes
        self._news = asyncio.Event()
        self._open()

    def _open(self):
        self.store, self.classroom = open_store(self.path), Classroom(self.catalogue)
        for learner, one in self.store.all():
            if one.exercise in self.catalogue.exercises:  # of an older edition of the course, perhaps
                self.classroom.take(learner, one)

    def take(self, learner, one):
        """Keep a report, then count it."""
        self.store.add(learner, one)
        self.classroom.take(learner, one)
        self._announce()

    def forget(self, learner):
        """Forget one learner; returns how many reports there were."""
        count = self.store.forget(learner)
        self.classroom.learners.pop(learner, None)
        self._announce()
        return count

    def begin_anew_if_deleted(self):
        """Follow `python -m board --delete`: no file, no class."""
        if self.store.is_gone:
            self.store.close()
            self._open()
            self._announce()

    def _announce(self):
        self.version += 1
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, seen, patience):
        """Wait until there is another version than the one seen; returns whether there is."""
        if self.version == seen:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), patience)
        return self.version != seen


class Handler(HubOAuthenticated, web.RequestHandler):
    """What all addresses have in common."""

    hub_scopes = frozenset({READ})

    @property
    def board(self):
        """The one Board."""
        return self.application.settings["board"]

    def set_default_headers(self):
        """Nothing from elsewhere, nothing inline, nothing kept."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    async def prepare(self):
        """Ask the hub who this is, without making the others wait."""
        await self.hub_auth.get_user(self, sync=False)

    def write_error(self, status_code, **details):
        """Say what is wrong in a sentence."""
        reason = "Only instructors see the class board" if status_code == 403 else self._reason
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {reason}.\n")

    def log_exception(self, kind, error, trace):
        """One line for what was refused; the whole story only of what nobody foresaw."""
        what = self.request.method, self.request.path  # without the query: it may hold the code of a log-in
        if isinstance(error, web.HTTPError):
            log.warning("refused %s %s %s from %s", error.status_code, *what, self.request.remote_ip)
        else:
            log.error("%s %s failed", *what, exc_info=(kind, error, trace))


@web.stream_request_body
class Reports(Handler):
    """What learners' notebooks send. Only a token in the header counts, no cookie: no page can post for a learner."""

    async def prepare(self):
        """Refuse whoever may not report, and whatever is too long or does not say how long, before reading it."""
        self.body, headers = b"", self.request.headers
        self.board.begin_anew_if_deleted()
        token = self.hub_auth.get_token(self, in_cookie=False)
        model = await self.hub_auth.user_for_token(token, sync=False) if token else None
        self.learner = model["name"] if model else None
        if not model:
            self.refuse(401, "no token, or none that the hub knows")
        elif not self.hub_auth.check_scopes({REPORT}, model) or model.get("kind") != "user":
            self.refuse(403, "this token may not report")
        elif not self.board.limit.allows(self.learner):
            self.set_header("Retry-After", "10")
            self.refuse(429, "more than any class sends")
        elif "Transfer-Encoding" in headers or (self.request.method == "POST" and "Content-Length" not in headers):
            self.refuse(411, "a report comes with its length")
        elif not headers.get("Content-Length", "0").isdecimal():
            self.refuse(400, "a length is a whole number")
        elif int(headers.get("Content-Length", 0)) > report.LONGEST:
            self.refuse(413, f"a report has at most {report.LONGEST} bytes")

    def refuse(self, status, reason):
        """Answer with an error, and log one line."""
        who = repr(self.learner) if self.learner else "nobody known"
        log.warning("refused %s %s from %s (%s): %s", status, self.request.method, who, self.request.remote_ip, reason)
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish({"refused": reason})

    def data_received(self, chunk):
        """Gather the body; prepare() has looked at its length."""
        self.body += chunk

    def post(self):
        """Take one report."""
        try:
            self.board.take(self.learner, report.read(self.body, self.board.catalogue))
        except RefusedError as error:
            self.refuse(error.status, error.reason)
        except sqlite3.OperationalError as error:  # a full disk; the sender tries again
            self.refuse(503, f"the board cannot write: {error}")
        else:
            self.set_status(201)

    def get(self):
        """What the board holds of this learner."""
        self.finish({"reports": [asdict(one) for one in self.board.store.of(self.learner)]})

    def delete(self):
        """Forget this learner."""
        self.finish({"forgotten": self.board.forget(self.learner)})


class Page(Handler):
    """One of the two pages. The token that guards the stream against other sites' scripts travels in the page."""

    def initialize(self, template):
        """Remember which."""
        self.template = template

    @web.authenticated
    def get(self):
        """The page; it fills itself from the stream."""
        self.render(self.template, xsrf=self.xsrf_token)


class Events(Handler):
    """The stream: the whole state, again whenever it has changed."""

    async def get(self):
        """Stream until the page is closed, or has to ask again."""
        if not self.current_user:
            raise web.HTTPError(403)
        names = self.get_argument("names", "") == "1"
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")  # a proxy that gathers would hold the news back
        end, fresh = time.monotonic() + STREAM, True
        with suppress(StreamClosedError):
            while time.monotonic() < end:
                seen, classroom = self.board.version, self.board.classroom
                state = classroom.names() if names else classroom.counts()
                await self.send(f"data: {json.dumps(state)}" if fresh else "event: here\ndata: 1")
                await asyncio.sleep(PAUSE)
                fresh = await self.board.news(seen, HEARTBEAT)

    async def send(self, text):
        """One event."""
        self.write(f"{text}\n\n")
        await self.flush()


def application(board, prefix, token):
    """The service below `prefix`; `token` is the service's own for the hub, and seals the browsers' cookies too."""
    here = __file__.rpartition("service.py")[0]
    return web.Application(
        [
            (prefix, Page, {"template": "board.html"}),
            (f"{prefix}names", Page, {"template": "names.html"}),
            (f"{prefix}events", Events),
            (f"{prefix}reports", Reports),
            (f"{prefix}oauth_callback", HubOAuthCallbackHandler),
            (f"{prefix}static/(.*)", Static, {"path": f"{here}static"}),
        ],
        board=board,
        template_path=f"{here}pages",
        cookie_secret=hashlib.sha256(f"cookies of the board {token}".encode()).digest(),
        log_function=lambda handler: None,  # addresses hold codes of log-ins: only refusals are logged
    )


class Static(web.StaticFileHandler):
    """Style and script, the same for everybody."""

    def set_extra_headers(self, path):
        """As for the pages."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

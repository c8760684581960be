"""What the checks say, sent to the class board: in the background, and only on a hub that has one.

The hub says where the board is (COURSE_BOARD_URL) and who we are (JUPYTERHUB_API_TOKEN); without both nothing leaves
this machine. A report holds exercise, status, diagnosis and time, never code. The learner can switch it off: that is
kept beside progress.json. When the board is away a report is tried again for a while and dropped, without a word.
"""

import contextlib
import http.client
import json
import os
import queue
import threading
import time
import urllib.request
import uuid
from datetime import UTC, datetime
from urllib.error import HTTPError

from helpers.workspace import learner_folder, write_whole

FILE = "board.json"
PATIENCE = 3.0  # seconds in which the board must answer
PAUSES = 1.0, 5.0, 30.0  # seconds before a report is tried again; a hub needs up to 30 to notice that its board ended
WAITING = 50  # reports at most; what comes on top is dropped
_waiting = queue.Queue(WAITING)
_lock = threading.Lock()
_sender = None
_here = None  # whether this kernel sends, where that could not be written down
_before = None  # when FILE was written last before that


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        """Nowhere: our token goes to the board, and to nobody it names."""


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def has_board():
    """Whether a hub has told us of its board."""
    return bool(os.environ.get("COURSE_BOARD_URL") and os.environ.get("JUPYTERHUB_API_TOKEN"))


def is_on():
    """Whether reports are sent: there is a board, and the learner has not switched it off."""
    return has_board() and not _is_off()


def switch(on):
    """Send from now on, or no more; kept for every notebook of this learner.

    Raises:
        OSError: it cannot be written down; it holds in this kernel all the same.
    """
    global _here, _before
    folder = learner_folder()
    _here, _before = on, _written(folder)
    if folder is None:
        return
    if _is_off_for_all(folder) is on:  # else it stands there already
        write_whole(folder / FILE, json.dumps({"send": on}) + "\n")
    _here = None


def send(report):
    """Hand a Report to the background; returns at once, whatever becomes of it."""
    if not is_on():
        return
    content = {
        "id": uuid.uuid4().hex,  # the board knows a report again that comes twice
        "exercise": report.exercise,
        "status": report.status,
        "diagnosis": report.diagnosis,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with contextlib.suppress(queue.Full, RuntimeError):  # no more threads: not our learner's worry
        _waiting.put_nowait(content)
        _start()


def held():
    """What the board holds of this learner: a list of reports, each a dict.

    Raises:
        OSError: there is no board, or it does not answer.
    """
    return json.loads(_ask("GET"))["reports"]


def forget():
    """Have the board forget this learner; returns how many reports there were.

    Raises:
        OSError: there is no board, or it does not answer.
    """
    return json.loads(_ask("DELETE"))["forgotten"]


def _is_off():
    folder = learner_folder()
    if folder is None or _here is False:
        return _here is False
    if _here and _written(folder) == _before:  # who switches off later, in another kernel, is heard here too
        return False
    return _is_off_for_all(folder)


def _is_off_for_all(folder):
    try:
        return json.loads((folder / FILE).read_text(encoding="utf-8"))["send"] is not True
    except FileNotFoundError:
        return False
    except (OSError, ValueError, LookupError, TypeError):
        return True  # a damaged answer: rather send nothing


def _written(folder):
    try:
        return (folder / FILE).stat().st_mtime_ns if folder else None
    except OSError:
        return None


def _start():
    global _sender
    with _lock:
        if _sender is None or not _sender.is_alive():
            _sender = threading.Thread(target=_send_all, name="class board", daemon=True)
            _sender.start()


def _send_all():
    while True:
        content = _waiting.get()
        for pause in (0.0, *PAUSES):
            time.sleep(pause)
            if _is_off() or _delivered(content):
                break


def _delivered(content):
    """Whether that is settled: the board has it, or will never want it."""
    try:
        _ask("POST", content)
    except HTTPError as error:
        error.close()
        return error.code < 500 and error.code != 429
    except Exception:  # away, or its address makes no sense: nothing here may disturb the learner
        return False
    return True


def _ask(method, content=None):
    if not has_board():
        raise OSError("there is no class board here")
    request = urllib.request.Request(
        f"{os.environ['COURSE_BOARD_URL'].rstrip('/')}/reports",
        data=json.dumps(content).encode() if content else None,
        method=method,
        headers={"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}", "Content-Type": "application/json"},
    )
    try:
        with DIRECT.open(request, timeout=PATIENCE) as answer:
            return answer.read()
    except http.client.HTTPException as error:  # it ended in mid-answer
        raise OSError(f"the class board's answer broke off ({type(error).__name__})") from error

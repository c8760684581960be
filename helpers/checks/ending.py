"""End a learner's function whose time is over: from inside its own thread, at its next line."""

import os
import sys
import sysconfig
import threading

from helpers.checks.guards import Stopped

LIBRARIES = (*(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")), "<frozen")
CHECKS = os.path.dirname(__file__)


class Ending:
    """While active in a thread, look at every line of the learner's whether the time is over.

    The other way, an exception sent from outside (PyThreadState_SetAsyncExc), can strike while another one is being
    handled; sent again and again, to a function that swallows them, it crashed Python 3.11. Library code is left to
    finish: half an import would be broken for good.
    """

    def __init__(self):
        self.over = False
        self.ended = threading.Event()  # nothing of the learner's runs in the thread any more

    def __enter__(self):
        sys.settrace(self._trace)
        return self

    def __exit__(self, *error):
        sys.settrace(None)

    def enforce(self, thread, patience):
        """Say that the time is over, and return whether the function ended within `patience` seconds."""
        self.over = True
        if sys.version_info < (3, 12):  # "while True: pass", written in one line, is no new line to Python 3.11
            _trace_instructions(sys._current_frames().get(thread.ident))  # 3.12.1 crashes at it
        return self.ended.wait(patience)

    def _trace(self, frame, event, arg):
        if frame.f_code.co_filename.startswith((*LIBRARIES, CHECKS)):
            return None  # no events from its lines
        if self.over:
            self._end(frame)
        return self._trace

    def _end(self, frame):
        """Raise where nothing can catch it; elsewhere fall asleep for good, as a daemon thread may."""
        if not _may_catch(frame):
            raise Stopped
        self.ended.set()
        threading.Event().wait()


def _trace_instructions(frame):
    """Look at every instruction of a frame and of its callers, not only at every line."""
    while frame is not None:
        frame.f_trace_opcodes = True
        frame = frame.f_back


def _may_catch(frame):
    """Whether a function between the check and this frame has a `try` (or a `with`)."""
    while frame is not None and os.path.dirname(frame.f_code.co_filename) != CHECKS:
        if frame.f_code.co_exceptiontable:
            return True
        frame = frame.f_back
    return False

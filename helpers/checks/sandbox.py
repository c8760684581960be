"""Call a learner's function on every case, whatever it does, and come back within seconds.

The function runs in a thread of its own, because that works on Linux, macOS and Windows alike. One thing it cannot end:
C code that never hands the interpreter back, such as 9**9**9. There, as anywhere in Python, only "Restart" helps.
"""

import contextlib
import ctypes
import importlib
import io
import re
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass

from helpers.checks.guards import Refused, Stopped, guarded
from helpers.checks.values import UnreadableError, clone, differing, to_tensors
from helpers.checks.watch import Watch

TIME_LIMIT = 3.0  # seconds for all cases together; the verdict has to be there after 5
ENDINGS = "refused", "stopped"  # outcomes after which no further case is tried
THREAD_NAME = "check of an exercise"


@dataclass(frozen=True)
class Outcome:
    """What one call gave: a value, or what happened instead."""

    kind: str  # "value", "nothing", "error", "refused", "stopped"
    value: object = None  # a tensor, or a tuple of tensors
    detail: str = ""  # the sentence for everything that is not a value
    note: str = ""  # something worth saying about a value: "a numpy array"
    changed: tuple[int, ...] = ()  # positions of the arguments that were changed in place


class Capture(io.TextIOBase):
    """Keep the first lines that the learner's thread prints; let every other thread through."""

    def __init__(self, original, limit=2000):
        self.original, self.limit, self.text, self.owner = original, limit, "", None

    def write(self, text):
        """Keep it or pass it on, depending on the thread."""
        if threading.get_ident() != self.owner:
            return self.original.write(text)
        if len(self.text) < self.limit:
            self.text += text[: self.limit]
        return len(text)

    def flush(self):
        """Pass it on, unless the text was kept."""
        if threading.get_ident() != self.owner:
            self.original.flush()

    def close(self):
        """Nothing: a learner's sys.stdout.close() must not close the kernel's."""


@dataclass(frozen=True)
class Run:
    """The outcomes of one function, one per case that was reached, and what it printed."""

    outcomes: list[Outcome]
    printed: str


def run(fn: Callable, cases: list[tuple], exercise) -> Run:
    """Call fn(*case) for every case; stop early where going on makes no sense."""
    _import_before_the_clock_starts(fn)
    outcomes, done, watch = [], threading.Event(), Watch(exercise, fn)
    captures = Capture(sys.stdout), Capture(sys.stderr)

    def work():
        try:
            for capture in captures:
                capture.owner = threading.get_ident()
            with watch:
                for case in cases:
                    outcomes.append(_call(fn, case, len(exercise.returns), watch))
                    if outcomes[-1].kind in ENDINGS or (outcomes[-1].kind == "nothing" and len(outcomes) == 1):
                        break
        except BaseException:  # the thread is being stopped, or out of memory
            outcomes.append(Outcome("stopped", detail="It ended in a way that the check could not follow."))
        finally:
            done.set()

    with ExitStack() as stack:
        for enter in (redirect_stdout(captures[0]), redirect_stderr(captures[1]), warnings.catch_warnings(), guarded()):
            stack.enter_context(enter)
        warnings.simplefilter("ignore")
        thread = threading.Thread(target=work, daemon=True, name=THREAD_NAME)
        thread.start()
        try:
            in_time = done.wait(TIME_LIMIT)
        finally:  # also when the learner presses "Interrupt" while waiting
            ended = _end(thread, done, watch)
    if not in_time:
        outcomes = [*outcomes, Outcome("stopped", detail=_too_long(ended))]
    return Run(list(outcomes), captures[0].text)


def _import_before_the_clock_starts(fn):
    """The first optimiser of a session imports torch's compiler: seconds, and broken for good if stopped half-way."""
    if {"optim", "Adam", "AdamW", "SGD"} & set(getattr(getattr(fn, "__code__", None), "co_names", ())):
        importlib.import_module("torch._dynamo")


def _call(fn, case, n_returns, watch):
    arguments = clone(case)
    try:
        result = fn(*arguments)
        if watch.refused:  # called, and the exception swallowed
            return Outcome("refused", detail=watch.refused)
        if _is_nothing(result):
            return Outcome("nothing")
        value, note = to_tensors(result, n_returns)
    except Refused:
        return Outcome("refused", detail=watch.refused)
    except Stopped as stopped:
        return Outcome("stopped", detail=str(stopped))
    except SystemExit:
        return Outcome("stopped", detail="It tries to leave Python (exit). End a function with `return`.")
    except NotImplementedError as error:
        return Outcome("nothing") if _raised_by_learner(error) else Outcome("error", detail=_describe(error, fn))
    except UnreadableError as error:
        return Outcome("error", detail=str(error))
    except BaseException as error:  # whatever the learner's function raises becomes a sentence
        if watch.refused:
            return Outcome("refused", detail=watch.refused)
        return Outcome("error", detail=_describe(error, fn))
    changed = tuple(i for i, (new, old) in enumerate(zip(arguments, case, strict=True)) if differing(new, old))
    return Outcome("value", value=value, note=note, changed=changed)


def _is_nothing(result):
    parts = result if isinstance(result, tuple) and result else (result,)
    return all(part is None or part is ... for part in parts)


def _raised_by_learner(error):
    """Tell a stub's own `raise NotImplementedError` from torch's "not implemented for 'Long'"."""
    innermost = list(traceback.walk_tb(error.__traceback__))[-1][0]
    return innermost.f_globals.get("__name__") != Watch.__module__ and "torch" not in innermost.f_code.co_filename


def _describe(error, fn):
    """Say what was raised and where: "ValueError: ... (line 3 of your function: `scores = ...`)"."""
    if isinstance(error, RecursionError):
        return "It calls itself without end (RecursionError): no call returns before the next one starts."
    text = re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(error).split()))  # an address would differ every time
    sentence = f"It raises {type(error).__name__}{': ' + text[:300] if text else ''}."
    code = getattr(fn, "__code__", None)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if code and frame.name == code.co_name]
    if lines and lines[-1].line and lines[-1].filename == code.co_filename:
        where = lines[-1].lineno - code.co_firstlineno + 1
        sentence += f" That is line {where} of your function: `{lines[-1].line.strip()[:120]}`."
    return sentence


def _too_long(ended):
    sentence = f"It was still running after {TIME_LIMIT:.0f} seconds, so the check stopped it."
    sentence += " Does a loop run for ever, wait, or just take its time? Run the function alone in a cell to see."
    return sentence if ended else sentence + " If the computer stays busy, restart the kernel."


def _end(thread, done, watch, patience=0.6):
    """End the thread: ask, then wait for its next call, then insist. Return whether it ended.

    One exception ends every ordinary loop. A loop that swallows even that one ("except: pass") is put to sleep at its
    next call, or, having none, meets an exception outside its try before long.
    """
    if done.is_set():
        thread.join(patience)
        return True
    stop_at = time.monotonic() + patience
    _raise_in(thread.ident)
    done.wait(0.1)
    watch.park = True
    done.wait(0.1)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that a second exception can arrive while the first is being swallowed
    try:
        while not (done.is_set() or watch.parked) and time.monotonic() < stop_at:
            _raise_in(thread.ident)
            done.wait(0.001)
    finally:
        sys.setswitchinterval(interval)
        _lower_the_flag()
    return done.is_set() or watch.parked


def _raise_in(ident):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Stopped))


def _lower_the_flag():
    """Raise one here and catch it.

    An exception that waits for a thread asleep in C keeps a flag up for all threads, and with it up Python 3.11 never
    gets past the first line of a profiled thread: the next check would hang. Whoever meets an exception lowers it.
    """
    with contextlib.suppress(Stopped):
        _raise_in(threading.get_ident())
        for _ in range(100):
            pass

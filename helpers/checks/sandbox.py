"""Call a learner's function on every case, whatever it does, and come back within seconds.

The function runs in a thread of its own, because that works on Linux, macOS and Windows alike. When its time is over
it ends at its next line (ending.py). One thing it cannot end: C code that does not come back (time.sleep(1e6)) or never
hands the interpreter back (9**9**9). There, as anywhere in Python, only "Restart" helps.
"""

import importlib
import io
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass

import torch

from helpers.checks.ending import Ending
from helpers.checks.explain import describe_error
from helpers.checks.guards import Refused, Stopped, guarded
from helpers.checks.values import UnreadableError, clone, differing, to_tensors
from helpers.checks.watch import Watch

TIME_LIMIT = 3.0  # seconds for all cases together; the verdict has to be there after 5
ENDINGS = "refused", "stopped"  # outcomes after which no further case is tried
PATIENCE = 0.6  # seconds for a function that was told to end
THREAD_NAME = "check of an exercise"


@dataclass(frozen=True)
class Outcome:
    """What one call gave: a value, or what happened instead."""

    kind: str  # "value", "nothing", "error", "refused", "stopped"
    value: object = None  # a tensor, or a tuple of tensors
    detail: str = ""  # the sentence for everything that is not a value
    note: str = ""  # something worth saying about a value: "a numpy array"
    changed: tuple[int, ...] = ()  # positions of the arguments that were changed in place
    cut: bool = False  # an argument asks for a gradient, and none leads back to it


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
    outcomes, watch, ending = [], Watch(exercise, fn), Ending()
    captures = Capture(sys.stdout), Capture(sys.stderr)

    def work():
        try:
            for capture in captures:
                capture.owner = threading.get_ident()
            with watch, ending:
                for case in cases:
                    outcomes.append(_call(fn, case, exercise, watch))
                    if outcomes[-1].kind in ENDINGS or (outcomes[-1].kind == "nothing" and len(outcomes) == 1):
                        break
        except BaseException:  # the thread is being stopped, or out of memory
            outcomes.append(Outcome("stopped", detail="It ended in a way that the check could not follow."))
        finally:
            ending.ended.set()

    with ExitStack() as stack:
        for enter in (redirect_stdout(captures[0]), redirect_stderr(captures[1]), warnings.catch_warnings(), guarded()):
            stack.enter_context(enter)
        warnings.simplefilter("ignore")
        thread = threading.Thread(target=work, daemon=True, name=THREAD_NAME)
        thread.start()
        try:
            in_time = ending.ended.wait(TIME_LIMIT)
        finally:  # also when the learner presses "Interrupt" while waiting
            ended = ending.enforce(thread, PATIENCE)
    if not in_time:
        outcomes = [*outcomes, Outcome("stopped", detail=_too_long(ended))]
    return Run(list(outcomes), captures[0].text)


def _import_before_the_clock_starts(fn):
    """Torch's compiler (for the first optimiser) and scikit-learn: seconds each, and broken if stopped half-way."""
    names = getattr(getattr(fn, "__code__", None), "co_names", ())
    if {"optim", "Adam", "AdamW", "SGD"}.intersection(names):
        importlib.import_module("torch._dynamo")
    for name in names:
        if name.partition(".")[0] == "sklearn":
            with suppress(ImportError):  # a module that is not there is told when the function asks for it
                importlib.import_module(name)


def _call(fn, case, exercise, watch):
    arguments = clone(case)

    def error_outcome(error):
        return Outcome("error", detail=describe_error(error, fn, exercise.arguments, watch.silent))

    try:
        result = fn(*arguments)
        if watch.refused:  # called, and the exception swallowed
            return Outcome("refused", detail=watch.refused)
        if _is_nothing(result):
            return Outcome("nothing")
        value, note = to_tensors(result, len(exercise.returns))
    except Refused:
        return Outcome("refused", detail=watch.refused)
    except Stopped as stopped:
        return Outcome("stopped", detail=str(stopped))
    except SystemExit:
        return Outcome("stopped", detail="It tries to leave Python (exit). End a function with `return`.")
    except NotImplementedError as error:
        return Outcome("nothing") if _raised_by_learner(error) else error_outcome(error)
    except UnreadableError as error:
        return Outcome("error", detail=str(error))
    except BaseException as error:  # whatever the learner's function raises becomes a sentence
        if watch.refused:
            return Outcome("refused", detail=watch.refused)
        return error_outcome(error)
    changed = tuple(i for i, (new, old) in enumerate(zip(arguments, case, strict=True)) if differing(new, old))
    cut = _needs_gradient(case) and not _needs_gradient(result if isinstance(result, (tuple, list)) else (result,))
    return Outcome("value", value=value, note=note, changed=changed, cut=cut)


def _needs_gradient(things):
    return any(isinstance(thing, torch.Tensor) and thing.requires_grad for thing in things)


def _is_nothing(result):
    parts = result if isinstance(result, tuple) and result else (result,)
    return all(part is None or part is ... for part in parts)


def _raised_by_learner(error):
    """Tell a stub's own `raise NotImplementedError` from torch's "not implemented for 'Long'"."""
    innermost = list(traceback.walk_tb(error.__traceback__))[-1][0]
    return innermost.f_globals.get("__name__") != Watch.__module__ and "torch" not in innermost.f_code.co_filename


def _too_long(ended):
    sentence = f"It was still running after {TIME_LIMIT:.0f} seconds, so the check stopped it."
    sentence += " Does a loop run for ever, wait, or just take its time? Run the function alone in a cell to see."
    return sentence if ended else sentence + " If the computer stays busy, restart the kernel."

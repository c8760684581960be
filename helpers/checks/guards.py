"""What is put aside while a learner's function runs, and put back afterwards."""

import builtins
import io
import os
import sys
import threading
from contextlib import ExitStack, contextmanager

import torch

try:
    import resource  # not on Windows
except ImportError:
    resource = None

MEMORY = 2 * 2**30  # bytes a function may take while it is checked: no exercise needs a hundredth of it


class Stopped(BaseException):
    """Ends the learner's function. Not an Exception, so that `except Exception` does not catch it."""


class Refused(Stopped):
    """The function called the very thing it should implement."""


@contextmanager
def guarded():
    """Keep the kernel alive: no way out of it, no question, no hundred gigabytes; torch's settings are restored."""
    leave = _refusal("It tries to end the whole process. End a function with `return`.")
    ask = _refusal("It waits for an answer (input). A function gets what it needs through its arguments.")
    dtype, random_state = torch.get_default_dtype(), torch.get_rng_state()
    threads = threading.stack_size(64 * 2**20)  # deep recursion ends in RecursionError, not in a crash
    with ExitStack() as stack:
        for owner, name, replacement in (
            (os, "_exit", leave),
            (os, "abort", leave),
            (os, "kill", leave),
            (builtins, "input", ask),
            (sys, "stdin", io.StringIO()),  # the interpreter's exit() closes it
            *_notebook_exits(leave),
        ):
            stack.enter_context(_replaced(owner, name, replacement))
        stack.enter_context(_memory_limit())
        try:
            yield
        finally:
            threading.stack_size(threads)
            torch.set_default_dtype(dtype)
            torch.set_rng_state(random_state)


def _refusal(sentence):
    def refuse(*args, **kwargs):
        raise Stopped(sentence)

    return refuse


def _notebook_exits(leave):
    """In a notebook, exit() asks the shell to shut the kernel down."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return [(shell, "ask_exit", leave)] if shell is not None else []


@contextmanager
def _replaced(owner, name, replacement):
    own = name in vars(owner)
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, original)
        else:  # it came from the class
            delattr(owner, name)


@contextmanager
def _memory_limit():
    """Let a huge allocation fail at once, as a MemoryError, instead of taking the machine down (Linux only)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = used + MEMORY
        narrower = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (narrower, hard))
    except (OSError, AttributeError, ValueError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

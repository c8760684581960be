"""The course's own environment: .venv, made on first use and brought up to date when a lock has changed.

A stamp, written last, says what .venv holds. No stamp, or one from another folder or Python: .venv is made afresh,
which is how a set-up that was killed half-way heals. A stamp with another lock: the new one is installed over the old.
"""

import hashlib
import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from commands.install import SetUpError, install, venv_python
from commands.machine import Machine, cramped, obstacle

__all__ = ["LOCKS", "ROOT", "STAMP", "SetUpError", "ensure", "venv_python"]

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"learner": "requirements.lock", "dev": "requirements-dev.lock"}  # the second holds all of the first
STAMP = "course-stamp.json"


def ensure(level, root=ROOT, install=install):
    """Make .venv ready for `level` ("learner" or "dev") and return its Python; does nothing when it is ready.

    Args:
        level: "learner" runs the notebooks, "dev" also the tests.
        root: the course's folder.
        install: called as install(root, lock, fresh, hold) to do the work.

    Raises:
        SetUpError: a step failed; the message says which and what to do.
    """
    folder = root / ".venv"
    if _is_ready(folder, root, level):
        return venv_python(folder)
    if reason := obstacle(Machine.this()):
        raise SetUpError(f"{reason}. Read the web edition, which needs no Python, or use your class's server.")
    if remedy := cramped(Machine.this(), root):
        raise SetUpError(f"Windows would not let all files be written here: {remedy}, and start again.")
    with _alone(root) as hold:
        stamp = _read_stamp(folder)
        if _is_ready(folder, root, level):  # another start made it while we waited
            return venv_python(folder)
        fresh = not (_same_place(stamp, root) and venv_python(folder).exists())
        if stamp and stamp["level"] == "dev":
            level = "dev"  # tests once wanted are wanted again
        lock = root / LOCKS[level]
        if not lock.exists():
            raise SetUpError(f"{lock.name} is missing. Get it back with: git checkout {lock.name}")
        print(f"Setting up: {_why(fresh, stamp, level)}", flush=True)
        began = time.monotonic()
        (folder / STAMP).unlink(missing_ok=True)
        try:
            install(root, lock, fresh, hold)
        except SetUpError:
            if not fresh:  # the old stamp still tells the next start that it need not begin from nothing
                _write_stamp(folder, stamp)
            raise
        _write_stamp(folder, {**_place(root), "level": level, "lock": _digest(lock)})
        print(f"Set up in {time.monotonic() - began:.0f} s.")
    return venv_python(folder)


def _why(fresh, stamp, level):
    if fresh:
        return "a new environment in .venv, a few minutes"
    return "the lock has changed" if stamp["level"] == level else "what the tests need besides"


def _place(root):
    """What ties an environment to this folder and this Python: scripts inside it hold both paths."""
    return {"root": str(root), "python": "{}.{}".format(*sys.version_info[:2])}


def _same_place(stamp, root):
    return bool(stamp) and all(stamp.get(key) == value for key, value in _place(root).items())


def _is_ready(folder, root, level):
    stamp = _read_stamp(folder)
    if not (_same_place(stamp, root) and venv_python(folder).exists()):
        return False
    lock = root / LOCKS.get(stamp["level"], "")
    return stamp["level"] in (level, "dev") and lock.is_file() and stamp["lock"] == _digest(lock)


def _digest(path):
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()  # git may check out either


def _read_stamp(folder):
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) and {"root", "python", "level", "lock"} <= stamp.keys() else None


def _write_stamp(folder, stamp):
    unfinished = folder / (STAMP + ".new")
    unfinished.write_text(json.dumps(stamp), encoding="utf-8")
    unfinished.replace(folder / STAMP)


@contextmanager
def _alone(root):
    """Hold the set-up lock; yields the file descriptor.

    The installers inherit it, so that even when this process is killed nobody else starts before they have ended
    (except on Windows, where a lock ends with its process).
    """
    with open(root / ".venv.lock", "w", encoding="ascii") as file:
        said = False
        while not _try_lock(file):
            if not said:
                print("Another start is setting up; waiting for it.", flush=True)
                said = True
            time.sleep(0.3)
        yield file.fileno()


def _try_lock(file):
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

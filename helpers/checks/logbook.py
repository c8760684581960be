"""What became of each exercise: remembered in the learner's own folder, and nowhere else."""

import contextlib
import errno
import json
import os

from helpers.workspace import learner_folder, write_whole

FILE = "progress.json"
DONE = "done"
_seen = {}  # exercise -> state, as this kernel has seen it


def states():
    """Exercise -> DONE, or the id of its last mistake ("" where that is in no list); what nobody tried is missing."""
    return _updated(_seen, _read())


def record(report):
    """Remember a verdict; in the learner's folder when the kernel runs there. What is done stays done.

    Returns:
        "", or the sentence that says why it is remembered in this kernel only.
    """
    if report.status == "not attempted":
        return ""
    known = _updated(states(), {report.exercise: DONE if report.passed else report.diagnosis or ""})
    _seen.update(known)
    folder = learner_folder()
    if folder is None:
        return ""
    content = {
        "done": sorted(name for name, state in known.items() if state == DONE),
        "tried": {name: state for name, state in sorted(known.items()) if state != DONE},
    }
    try:
        write_whole(folder / FILE, json.dumps(content, indent=1) + "\n")
    except OSError as error:  # a full or read-only disk must not spoil the verdict
        remedy = "make room on the disk" if error.errno == errno.ENOSPC else "it is kept until this kernel ends"
        return f"Your progress could not be saved ({(error.strerror or str(error)).lower()}): {remedy}."
    return ""


def _updated(old, new):
    return old | {name: state for name, state in new.items() if old.get(name) != DONE}


def _read():
    folder = learner_folder()
    if folder is None:
        return {}
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = dict(content.get("tried", {})) | dict.fromkeys(content["done"], DONE)
        return {name: state for name, state in known.items() if isinstance(name, str) and isinstance(state, str)}
    except OSError:  # not there yet, or not readable
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):  # damaged: keep it aside, begin a new one
        with contextlib.suppress(OSError):
            os.replace(path, path.with_name("progress.damaged.json"))
        return {}

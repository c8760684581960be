"""The learner's own copies of the notebooks, in my_notebooks/: laid without outputs, never overwritten.

Standard library only: course.py calls it before there is an environment, the start page from inside a kernel.
On a hub the course lies in one place for all, and the variable MY_NOTEBOOKS names each learner's own folder.
"""

import contextlib
import hashlib
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MY_NOTEBOOKS = Path(os.environ.get("MY_NOTEBOOKS") or ROOT / "my_notebooks")
RECORD = ".laid.json"  # in my_notebooks/: name -> digest of the original that was laid
QUESTION = re.compile(r"^.*\?.*$", re.MULTILINE)
MINUTES = re.compile(r"(\d+)\s+minutes?\b")


@dataclass(frozen=True)
class Entry:
    """One notebook of the course, and the state of the learner's copy of it."""

    number: str  # "05"
    name: str  # "05_attention.ipynb"
    title: str  # its H1, without the number
    question: str  # the first paragraph of its first cell that asks something; "" if none does
    minutes: int | None  # as its first two cells state
    there: bool  # the learner has a copy
    changed: bool  # the original is no longer the one that was copied


@dataclass(frozen=True)
class Fresh:
    """What fresh() did."""

    new: Path  # the fresh copy
    kept: Path | None  # the learner's former one under its dated name, if there was one

    @property
    def sentence(self):
        """What happened, for the learner."""
        kept = f"; your former one is kept beside it as {self.kept.name}" if self.kept else ""
        return f"{self.new.name} is fresh{kept}."


def learner_folder(root=ROOT):
    """The my_notebooks folder when this kernel runs inside it, else None."""
    folder = _copies(root).resolve()
    here = Path.cwd()
    return folder if folder == here or folder in here.parents else None


def lay_copies(root=ROOT):
    """Lay a copy of every notebook that has none yet; returns the names of those laid.

    A file that is there stays as it is, whatever it holds.
    """
    folder = _copies(root)
    folder.mkdir(parents=True, exist_ok=True)
    laid = [path.name for path in _originals(root) if not (folder / path.name).exists()]
    for name in laid:
        _lay(root, name, _read(root / "notebooks" / name))
    return laid


def fresh(number, root=ROOT):
    """Put a fresh copy of one notebook in place and keep the former one beside it under a dated name.

    Args:
        number: 5, "5", "05" or "05_attention.ipynb".
        root: the course's folder.

    Raises:
        ValueError: there is no such notebook; the message lists those there are. Or the original is damaged.
        OSError: the disk is full or read-only. Whatever is raised, the learner's copy stays under its name.
    """
    name = _find(number, root)
    original = _read(root / "notebooks" / name)  # a damaged one raises before anything moves
    folder = _copies(root)
    folder.mkdir(parents=True, exist_ok=True)
    kept = None
    if (folder / name).exists():
        kept = _dated(folder / name)
        (folder / name).rename(kept)
    try:
        _lay(root, name, original)
    except BaseException:  # a full disk, or a learner who interrupts: everything as it was
        if kept:
            kept.replace(folder / name)
        raise
    return Fresh(folder / name, kept)


def status(root=ROOT):
    """One Entry for each notebook of the course, in order."""
    record = _record(root)
    entries = []
    for path in _originals(root):
        notebook = _read(path)
        there = (_copies(root) / path.name).exists()
        changed = there and record.get(path.name, _digest(notebook)) != _digest(notebook)
        entries.append(Entry(path.name[:2], path.name, *_describe(notebook), there, changed))
    return entries


def without_outputs(notebook):
    """A notebook as a learner first sees it: no outputs, no counts, no widget state."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell = {**cell, "outputs": [], "execution_count": None}
        cells.append(cell)
    metadata = {key: value for key, value in notebook["metadata"].items() if key != "widgets"}
    return {**notebook, "cells": cells, "metadata": metadata}


def _copies(root):
    return MY_NOTEBOOKS if root == ROOT else root / "my_notebooks"


def _originals(root):
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def _find(number, root):
    wanted = str(number).strip()
    names = [path.name for path in _originals(root)]
    found = [name for name in names if wanted == name or wanted.zfill(2) == name[:2] or wanted == name[:-6]]
    if not found:
        raise ValueError(f"There is no notebook {number}. There are: {', '.join(name[:-6] for name in names)}.")
    return found[0]


def _lay(root, name, notebook):
    _write(_copies(root) / name, without_outputs(notebook))
    _write(_copies(root) / RECORD, {**_record(root), name: _digest(notebook)})


def _read(path):
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        _digest(without_outputs(notebook))  # raises where the file is JSON and no notebook
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} in notebooks/ is damaged; get it back with: git checkout notebooks") from error
    return notebook


def _write(path, content):
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_whole(path, text):
    """Write a file or leave it as it was: a full disk, or a process that is killed, spoils one beside it only."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")  # another process may be writing too
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def _record(root):
    try:
        record = json.loads((_copies(root) / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _digest(notebook):
    """What a learner would notice: other outputs alone are no change."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _dated(path):
    stem = f"{path.stem}_kept_{time.strftime('%Y-%m-%d_%H%M')}"
    names = [f"{stem}.ipynb", *(f"{stem}_{i}.ipynb" for i in range(2, 1000))]
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _describe(notebook):
    text = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"][:2]
    title = re.search(r"^# +(?:\d\d\W+)?(.+)$", text[0] if text else "", re.MULTILINE)
    question = QUESTION.search(text[0].partition("\n")[2] if text else "")
    minutes = MINUTES.search("\n".join(text))
    return (
        title.group(1).strip() if title else "",
        question.group().strip(" *_>") if question else "",
        int(minutes.group(1)) if minutes else None,
    )

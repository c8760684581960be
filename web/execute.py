"""Run the notebooks for the web edition, with the state of their widgets; what has run once is kept by its digest."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from notebooks.build import HERE as NOTEBOOKS
from notebooks.build import execute, read_source

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "executed"  # ignored by git
# What a notebook's outputs depend on, besides its source: Python, the style of the figures, data and the text of the
# course, which notebook 10 searches, but not the widgets' JavaScript.
INPUTS = (
    "helpers/**/*.py", "helpers/**/*.mplstyle", "data/*.*", "data/results/*",
    "notebooks/[0-9]*.ipynb", "notebooks/build.py", "web/execute.py", "requirements.lock",
)  # fmt: skip


def executed(sources, jobs=2, kept=KEPT, say=print):
    """Run these sources, `jobs` at a time, unless they have run before; returns their notebooks, in the same order.

    Raises:
        BuildError: a cell failed or took too long.
    """
    shared = _digest(path for pattern in INPUTS for path in sorted(ROOT.glob(pattern)))
    kept.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda source: _one(source, shared, kept, say), sources))


def _one(source, shared, kept, say):
    path = kept / f"{source.stem}-{hashlib.sha256((_digest([source]) + shared).encode()).hexdigest()[:16]}.ipynb"
    if path.exists():
        return nbformat.read(path, as_version=4)
    say(f"{source.stem} runs ...", flush=True)
    notebook = read_source(source)
    execute(notebook, NOTEBOOKS, after_cell=_note_reveals(), FIGURES_FOR_THE_WEB="1")
    for old in kept.glob(f"{source.stem}-*"):
        old.unlink()
    half = path.with_suffix(f".{os.getpid()}")
    nbformat.write(notebook, half)
    half.replace(path)  # at once: another process may be reading
    return notebook


def _note_reveals():
    """Write into each cell's metadata which predictions it has answered: ids of their models."""
    answered = set()

    def after_cell(cell, states):
        now = {model for model, state in states.items() if state.get("truth") is not None}
        if now - answered:
            cell.metadata["reveals"] = sorted(now - answered)
            answered.update(now)

    return after_cell


def _digest(paths):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

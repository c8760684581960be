"""Which exercises are done: remembered in the learner's own folder, and nowhere else."""

import contextlib
import json
import os
from dataclasses import dataclass

from helpers.checks.card import card
from helpers.checks.registry import EXERCISES
from helpers.workspace import learner_folder

FILE = "progress.json"
_done = set()


@dataclass(frozen=True)
class Progress:
    """The exercises of the course, notebook by notebook, each done or open."""

    done: frozenset

    def _rows(self):
        for exercise in EXERCISES.values():
            yield exercise, exercise.name in self.done

    def __repr__(self):
        lines = [f"{len(self.done)} of {len(EXERCISES)} exercises done"]
        lines += [f"{'✓' if done else '○'} {exercise.notebook}  {exercise.name}" for exercise, done in self._rows()]
        return "\n".join(lines)

    def _repr_html_(self):
        rows = "".join(
            f"<tr><td>{exercise.notebook}</td>"
            f'<th scope="row" style="text-align:left"><code>{exercise.name}</code></th>'
            f"<td>{exercise.minutes} min</td>"
            f'<td class="{"passed" if done else "open"}"><span aria-hidden="true">{"✓" if done else "○"}</span> '
            f"{'done' if done else 'open'}</td></tr>"
            for exercise, done in self._rows()
        )
        head = f"{len(self.done)} of {len(EXERCISES)} exercises done"
        return card("Progress", f"<table><caption>{head}</caption><tbody>{rows}</tbody></table>")


def progress():
    """Show which exercises are done."""
    return Progress(frozenset(_done | _read()) & frozenset(EXERCISES))


def record(name):
    """Remember that an exercise is done; in the learner's folder when the kernel runs there."""
    _done.add(name)
    folder = learner_folder()
    if folder is None:
        return
    path, done = folder / FILE, sorted(_done | _read())
    unfinished = path.with_name(f"{FILE}.{os.getpid()}")  # another kernel may be writing too
    with contextlib.suppress(OSError):  # a full or read-only disk must not spoil the verdict
        unfinished.write_text(json.dumps({"done": done}, indent=1) + "\n", encoding="utf-8")
        os.replace(unfinished, path)


def _read():
    folder = learner_folder()
    if folder is None:
        return set()
    path = folder / FILE
    try:
        done = json.loads(path.read_text(encoding="utf-8"))["done"]
        return {name for name in done if isinstance(name, str)}
    except OSError:  # not there yet, or not readable
        return set()
    except (ValueError, KeyError, TypeError):  # damaged: keep it aside, begin a new one
        with contextlib.suppress(OSError):
            os.replace(path, path.with_name("progress.damaged.json"))
        return set()

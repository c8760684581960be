"""The exercises and their named mistakes, from exercises.json: written out, so that the service needs no torch.

python -m board.catalogue      after a change of an exercise: writes exercises.json anew from the registry
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FILE = Path(__file__).with_name("exercises.json")


@dataclass(frozen=True)
class Exercise:
    """One exercise, as far as the board must know it."""

    name: str
    notebook: str  # "05"
    minutes: int  # planned
    mistakes: dict[str, str]  # id of a misconception -> the sentence that says it


@dataclass(frozen=True)
class Notebook:
    """One notebook that has exercises."""

    number: str  # "05"
    title: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Catalogue:
    """All notebooks with exercises, in the order of the course."""

    notebooks: tuple[Notebook, ...]

    @cached_property
    def exercises(self):
        """Name -> Exercise."""
        return {exercise.name: exercise for notebook in self.notebooks for exercise in notebook.exercises}


def load(path=FILE):
    """Read the catalogue."""
    return Catalogue(tuple(map(_notebook, json.loads(path.read_text(encoding="utf-8")))))


def _notebook(entry):
    number = entry["number"]
    return Notebook(number, entry["title"], tuple(Exercise(notebook=number, **one) for one in entry["exercises"]))


def text():
    """What exercises.json has to hold."""
    from itertools import groupby  # here, with the course's own package: only who writes the file needs it

    from helpers import workspace
    from helpers.checks import EXERCISES

    titles = {entry.number: entry.title for entry in workspace.status()}
    notebooks = [
        {"number": number, "title": titles[number], "exercises": [_entry(exercise) for exercise in exercises]}
        for number, exercises in groupby(EXERCISES.values(), lambda exercise: exercise.notebook)
    ]
    return json.dumps(notebooks, indent=1, ensure_ascii=False) + "\n"


def _entry(exercise):
    mistakes = {name: mistake.summary for name, mistake in exercise.misconceptions.items()}
    return {"name": exercise.name, "minutes": exercise.minutes, "mistakes": mistakes}


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8", newline="\n")
    print(f"{FILE.name}: {len(load().exercises)} exercises")

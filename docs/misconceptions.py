"""Write docs/misconceptions.md from the registry: `python -m docs.misconceptions`.

A test compares the file with what this makes, so the page says what the checks say.
"""

import inspect
from itertools import groupby
from pathlib import Path

from helpers.checks import EXERCISES

PAGE = Path(__file__).with_suffix(".md")
OPENING = """\
# What learners get wrong

Every wrong answer that the checks know by name, and the sentence that the learner reads. Made from the registry by
`python -m docs.misconceptions`; edit the sentence in `helpers/checks/`, not here.

Whoever walks about a class reads the entries beforehand: the sentence is what to say, the name in front of it is
what the check calls the mistake.
"""


def page():
    """The whole page, as text."""
    parts = [OPENING]
    for notebook, exercises in groupby(EXERCISES.values(), key=lambda exercise: exercise.notebook):
        parts += [f"## Notebook {notebook}\n", *map(_exercise, exercises)]
    return "\n".join(parts)


def _exercise(exercise):
    where = "in class" if exercise.class_time else "at home"
    call = f"{exercise.name}({', '.join(inspect.signature(exercise.reference).parameters)})"
    lines = [f"### {exercise.name} ({exercise.minutes} minutes, {where})", "", f"`{call}`", ""]
    said = {}  # two ways to the same sentence are one entry
    for name, misconception in exercise.misconceptions.items():
        said.setdefault(misconception.message, []).append(name)
    lines += [f"- **{', '.join(names)}**: {message}" for message, names in said.items()]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")

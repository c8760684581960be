"""Help on request: three hints, one at a time, and the reference folded."""

import inspect
import textwrap
from dataclasses import dataclass
from html import escape

from helpers.checks.card import card, paragraph, verdict
from helpers.checks.registry import EXERCISES

STEPS = "a picture", "the shapes", "the first line"
_given = {}  # exercise -> how many steps were asked for in this kernel

# JupyterLab's own editor colours, so that the source looks like a cell in every theme.
SOURCE_STYLE = """<style>
.check-card .k,.check-card .ow,.check-card .kc{color:var(--jp-mirror-editor-keyword-color,#067a2c);font-weight:600}
.check-card .nf,.check-card .fm{color:var(--jp-mirror-editor-def-color,#1a4fd0)}
.check-card .sd,.check-card .s2,.check-card .s1,.check-card .sa,.check-card .si{
color:var(--jp-mirror-editor-string-color,#b02020)}
.check-card .mi,.check-card .mf{color:var(--jp-mirror-editor-number-color,#05683a)}
.check-card .c1{color:var(--jp-mirror-editor-comment-color,#356b6b);font-style:italic}
</style>"""


@dataclass(frozen=True)
class Hint:
    """The hints asked for so far; ``more`` is False once somebody asks beyond the last."""

    exercise: str
    steps: tuple[str, ...]
    more: bool

    @property
    def _state(self):
        return f"hint {len(self.steps)} of {len(STEPS)}" if self.more else "no more hints"

    @property
    def _lines(self):
        lines = [f"{number}. {text}" for number, text in enumerate(self.steps, start=1)]
        end = f'There are no more hints. `checks.show_source("{self.exercise}")` folds out our solution.'
        return lines if self.more else [*lines, end]

    def __repr__(self):
        lines = [textwrap.fill(line, 100, break_long_words=False) for line in self._lines]
        return "\n".join([f"→ {self.exercise}: {self._state}", *lines])

    def _repr_html_(self):
        top = verdict("→", self.exercise, self._state, "open")
        return card(f"{self.exercise}: {self._state}", top, *map(paragraph, self._lines))


@dataclass(frozen=True)
class Source:
    """The reference of an exercise, closed until someone opens it."""

    name: str
    module: str
    source: str

    def __repr__(self):
        return f"{self.name}, from {self.module} (folded; `.source` holds the text)"

    def _repr_html_(self):
        summary = f"<summary>Our <code>{escape(self.name)}</code>, from <code>{escape(self.module)}</code></summary>"
        return SOURCE_STYLE + card(
            f"Source of {self.name}", f"<details>{summary}<pre tabindex=0>{self._coloured()}</pre></details>"
        )

    def _coloured(self):
        from pygments import highlight  # here: only this card needs it
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        return highlight(self.source, PythonLexer(), HtmlFormatter(nowrap=True))


def hint(exercise):
    """Give the next hint: a picture or an example, then the shapes, then the first line of code.

    Raises:
        ValueError: there is no such exercise.
    """
    found = _find(exercise)
    asked = _given[found.name] = _given.get(found.name, 0) + 1
    return Hint(found.name, found.hints[:asked], more=asked <= len(found.hints))


def show_source(exercise):
    """Fold the reference out, from the package itself; by name or by function.

    Raises:
        ValueError: there is no such exercise.
    """
    reference = _find(exercise).reference
    return Source(reference.__name__, reference.__module__, inspect.getsource(reference).rstrip())


def _find(exercise):
    name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", repr(exercise))
    if name not in EXERCISES:
        raise ValueError(f"there is no exercise called {name!r}; there are {', '.join(EXERCISES)}")
    return EXERCISES[name]

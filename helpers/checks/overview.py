"""progress(): every exercise of the course with its state, notebook by notebook."""

from dataclasses import dataclass
from html import escape
from itertools import groupby

from helpers import workspace
from helpers.checks.card import card, paragraph, rich
from helpers.checks.logbook import DONE, states
from helpers.checks.registry import EXERCISES

# Not CSS of every card: only this table has words to the left of its numbers.
STYLE = """<style>
.check-card .course details{margin:0;border-top:1px solid var(--jp-border-color2,#d4d4d4);padding:4px 0}
.check-card .course summary span{margin-left:8px}.check-card .course table{margin:4px 0 8px 16px}
.check-card .course th,.check-card .course td{text-align:left;vertical-align:top;white-space:normal}
.check-card .course th{min-width:17em}.check-card .course .minutes{min-width:4em;white-space:nowrap}
@media (max-width:600px){.check-card .course table{margin-left:0}.check-card .course th{min-width:0}
.check-card .course code{overflow-wrap:anywhere}}
</style>"""


@dataclass(frozen=True)
class Line:
    """One exercise and what became of it."""

    name: str
    notebook: str
    minutes: int
    symbol: str
    state: str  # in words: never colour or symbol alone
    css: str

    @property
    def is_done(self):
        """Whether it was solved."""
        return self.css == "passed"

    @classmethod
    def of(cls, exercise, state):
        """State: as in logbook.states(), None when nobody has tried it."""
        if state is None:
            look = "○", "not started", "open"
        elif state == DONE:
            look = "✓", "done", "passed"
        else:
            look = "✗", f"tried. {_mistake(exercise, state)}", "failed"
        return cls(exercise.name, exercise.notebook, exercise.minutes, *look)


@dataclass(frozen=True)
class Progress:
    """The exercises of the course, each not started, tried (with the mistake it was last) or done."""

    lines: tuple[Line, ...]
    titles: dict[str, str]  # number of a notebook -> its title

    @property
    def done(self):
        """The names of those done."""
        return frozenset(line.name for line in self.lines if line.is_done)

    @property
    def sentence(self):
        """How many are done."""
        return f"{len(self.done)} of {len(self.lines)} exercises done"

    @property
    def notebooks(self):
        """Number of a notebook -> its lines."""
        return {number: tuple(lines) for number, lines in groupby(self.lines, lambda line: line.notebook)}

    def __repr__(self):
        pieces = [self.sentence]
        for number, lines in self.notebooks.items():
            pieces += [f"{self._title(number)}: {count(lines)}"]
            pieces += [f"  {line.symbol} {line.name}: {line.state}" for line in lines]
        return "\n".join(pieces)

    def _repr_html_(self):
        groups = "".join(self._group(number, lines) for number, lines in self.notebooks.items())
        return STYLE + card("Progress", paragraph(self.sentence, "verdict"), f'<div class="course">{groups}</div>')

    def _group(self, number, lines):
        begun = len({line.css for line in lines}) > 1 or lines[0].css == "failed"
        symbols = "".join(f'<span aria-hidden="true" class="{line.css}">{line.symbol}</span>' for line in lines)
        return (
            f"<details{' open' if begun else ''}><summary>{escape(self._title(number))}: {count(lines)}{symbols}"
            f"</summary><table><tbody>{''.join(map(_row, lines))}</tbody></table></details>"
        )

    def _title(self, number):
        return f"{number} {self.titles.get(number, '')}".strip()


def progress():
    """Show every exercise of the course with its state; run the cell again to refresh it."""
    known = states()
    lines = tuple(Line.of(exercise, known.get(name)) for name, exercise in EXERCISES.items())
    return Progress(lines, {entry.number: entry.title for entry in workspace.status()})


def count(lines):
    """How many of some lines are done: "2 of 3 done"."""
    return f"{sum(line.is_done for line in lines)} of {len(lines)} done"


def _mistake(exercise, diagnosis):
    """The first sentence of what the check said, where it knew the mistake and the course still knows it."""
    known = exercise.misconceptions.get(diagnosis)
    return known.summary if known else "Its check says what the result shows."


def _row(line):
    return (
        f'<tr><th scope="row"><code>{escape(line.name)}</code></th><td class="minutes">{line.minutes} min</td>'
        f'<td class="{line.css}"><span aria-hidden="true">{line.symbol}</span> {rich(line.state)}</td></tr>'
    )

"""What check() returns, and how it looks in a notebook, in a terminal and to a screen reader."""

import textwrap
from dataclasses import dataclass

import torch

from helpers.checks.card import card, paragraph, table, verdict
from helpers.checks.values import close

LOOKS = {  # status -> symbol, words, class: never colour alone
    "passed": ("✓", "passed", "passed"),
    "failed": ("✗", "not yet", "failed"),
    "not attempted": ("○", "not attempted yet", "open"),
}
SHOWN = 6  # rows and columns of a table


@dataclass(frozen=True)
class Example:
    """The smallest failing case: what went in, and one result as it should be and as it is."""

    call: str
    name: str
    expected: tuple[tuple[str, ...], ...]
    got: tuple[tuple[str, ...], ...]
    wrong: frozenset

    def html(self):
        """The call, then two tables side by side."""
        tables = table(f"{self.name}, expected", self.expected, ()) + table(f"{self.name}, got", self.got, self.wrong)
        return paragraph(self.call) + f'<div class="pair">{tables}</div>'

    def text(self):
        """The same in a fixed-width font; what is wrong carries a star."""
        got = [
            [cell + ("*" if (i, j) in self.wrong else " ") for j, cell in enumerate(row)]
            for i, row in enumerate(self.got)
        ]
        left = ["expected", *_aligned(self.expected)]
        right = [f"got ({self.name})", *_aligned(got)]
        height, width = max(len(left), len(right)), max(map(len, left)) + 4
        left, right = (side + [""] * (height - len(side)) for side in (left, right))
        return "\n".join(
            [_wrapped(self.call), *(f"  {a:<{width}}{b}".rstrip() for a, b in zip(left, right, strict=True))]
        )


@dataclass(frozen=True)
class Report:
    """The verdict on one answer."""

    exercise: str
    status: str  # "not attempted", "passed" or "failed"
    message: str
    diagnosis: str | None = None  # the id of the recognised misconception
    notes: tuple[str, ...] = ()
    example: Example | None = None

    @property
    def passed(self):
        """Whether the answer is right."""
        return self.status == "passed"

    def __repr__(self):
        symbol, words, _ = LOOKS[self.status]
        pieces = [f"{symbol} {self.exercise}: {words}", *map(_wrapped, (self.message, *self.notes))]
        return "\n".join(pieces + ([self.example.text()] if self.example else []))

    def _repr_html_(self):
        symbol, words, css = LOOKS[self.status]
        return card(
            f"Check of {self.exercise}: {words}",
            verdict(symbol, self.exercise, words, css),
            paragraph(self.message),
            *(paragraph(note) for note in self.notes),
            self.example.html() if self.example else "",
        )


def example(call, name, expected, got):
    """Two tensors of any number of axes -> the tables of the first slice in which they differ."""
    first = ()
    if expected.shape == got.shape and expected.dim() > 2:
        differs = (~close(got, expected)).nonzero()
        first = tuple(int(i) for i in differs[0][:-2]) if len(differs) else (0,) * (expected.dim() - 2)
        name = f"{name}[{', '.join(map(str, first))}]"
    expected, got = (_matrix(x, first) for x in (expected, got))
    wrong, digits = frozenset(), 2
    if expected.shape == got.shape:
        differs = ~close(got, expected)
        wrong = frozenset((int(i), int(j)) for i, j in differs.nonzero())
        gaps = (got.double() - expected.double()).abs()[differs]
        digits = 2 if not len(gaps) or not gaps.max() < 0.01 else 6
    return Example(call, name, _cells(expected, digits), _cells(got, digits), wrong)


def inline(value, digits=2):
    """A tensor as a short list, "[[1, 0.5], [0, 2]]"; only its shape when it is long."""
    if isinstance(value, dict):
        return f"a dict of {', '.join(value)}"
    if not isinstance(value, torch.Tensor):
        return "a function" if callable(value) else repr(value)[:60]
    if value.numel() > 12:
        return "×".join(map(str, value.shape)) + " numbers"
    return _listed(value.tolist(), digits)


def _listed(value, digits):
    if isinstance(value, list):
        return f"[{', '.join(_listed(item, digits) for item in value)}]"
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _matrix(x, first):
    x = x[first] if first else x
    while x.dim() > 2:
        x = x[0] if len(x) else x.flatten(end_dim=1)  # no rows are a result as well
    return torch.atleast_2d(x)


def _cells(matrix, digits):
    rows, columns = matrix.shape
    shown = [[_cell(value, digits) for value in row[:SHOWN]] for row in matrix[:SHOWN].tolist()]
    if columns > SHOWN:
        shown = [[*row, "…"] for row in shown]
    if rows > SHOWN:
        shown.append(["…"])
    return tuple(map(tuple, shown))


def _cell(value, digits):
    if isinstance(value, float):
        return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.1e}"
    return str(value)


def _aligned(rows):
    width = max((len(cell) for row in rows for cell in row), default=0)
    return [" ".join(f"{cell:>{width}}" for cell in row) for row in rows]


def _wrapped(text):
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)

"""The exhibits: what each bug looks like, its lines beside the right ones, what finds it and what does not."""

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from helpers.arguments import expect_type
from helpers.museum import parts, pipelines


@dataclass(frozen=True)
class Exhibit:
    """One bug."""

    bug: str
    right: Callable
    wrong: Callable
    caught_by: str  # the test or audit that returns True
    missed_by: str  # a weaker test that passes all the same

    @property
    def diff(self):
        """The right lines (-) and the wrong ones (+), without what is the same in both."""
        lines = list(difflib.ndiff(_body(self.right), _body(self.wrong)))
        return "\n".join(line.rstrip() for line in lines if line[0] in "+-")

    def __repr__(self):
        return f"{self.bug}\n{self.diff}"


EXHIBITS = (
    Exhibit(
        "one token of the future is let through",
        parts.look_back,
        parts.look_one_ahead,
        "future_leaks",
        "the loss goes down",
    ),
    Exhibit("the mask is the wrong half", parts.look_back, parts.look_ahead, "future_leaks", "the shapes agree"),
    Exhibit(
        "positions are added along the batch",
        parts.add_positions,
        parts.add_positions_along_the_batch,
        "batch_order_matters",
        "a batch of one",
    ),
    Exhibit(
        "the state is read in the padding",
        parts.read_at_the_end,
        parts.read_in_the_last_column,
        "padding_matters",
        "one batch of equal lengths",
    ),
    Exhibit(
        "positions are forgotten", parts.add_positions, parts.forget_positions, "order_ignored", "the loss goes down"
    ),
    Exhibit(
        "labels come one step late",
        pipelines.cut_windows,
        pipelines.cut_windows_late,
        "answers_inside",
        "the test score",
    ),
    Exhibit(
        "the worst checkpoint is kept", pipelines.keep_best, pipelines.keep_worst, "not is_the_best", "the loss curve"
    ),
    Exhibit(
        "the scaler has seen the test rows",
        pipelines.scale,
        pipelines.scale_with_everything,
        "knows_the_test",
        "mean 0 and std 1",
    ),
    Exhibit(
        "the map is drawn without the mask",
        pipelines.drawn_map,
        pipelines.drawn_without_mask,
        "sees_the_masked",
        "rows sum to 1",
    ),
)


@dataclass(frozen=True)
class Catalogue:
    """All exhibits, as a table."""

    exhibits: tuple[Exhibit, ...] = EXHIBITS

    def __repr__(self):
        rows = [("bug", "what finds it", "what does not"), *((e.bug, e.caught_by, e.missed_by) for e in self.exhibits)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
        return "\n".join("  ".join(row).rstrip() for row in padded)

    def _repr_html_(self):
        names = "bug", "found by", "missed by"
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in names)
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left;font-weight:normal">{escape(e.bug)}</th>'
            f'<td style="text-align:left"><code>{escape(e.caught_by).replace("_", "_<wbr>")}</code></td>'
            f'<td style="text-align:left">{escape(e.missed_by)}</td></tr>'
            for e in self.exhibits
        )
        return f"<table><caption>The museum</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def exhibit(words):
    """The exhibit whose name holds these words.

    Raises:
        ValueError: there is none.
    """
    expect_type("words", words, str)
    found = [each for each in EXHIBITS if words in each.bug]
    if not found:
        raise ValueError(f"words: there is no exhibit {words!r}; there are: {'; '.join(each.bug for each in EXHIBITS)}")
    return found[0]


def _body(function):
    """The lines of a function behind its docstring."""
    source = inspect.getsource(function)
    return [line.strip() for line in source.rpartition('"""')[2].strip().splitlines()]

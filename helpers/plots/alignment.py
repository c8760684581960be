"""Which letters of a source did each written letter look at?"""

import numpy as np

from helpers.arguments import expect_strings
from helpers.plots.style import ROLES, as_array, drawing_on, readable_on

CELL = 0.42  # inches
OUTSIDE = 1.9, 1.5  # inches beside and above the cells, for letters, colours and what they mean


def alignment(weights, written, read, ax=None, title=None):
    """Draw cross-attention letter by letter: a row for each letter written, a column for each letter read.

    Each row's largest weight is written into its cell.

    Args:
        weights: (target_pos, source_pos)
        written: a text, or its letters.
        read: a text, or its letters.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.

    Raises:
        ValueError: sizes that do not fit the letters, or numbers that are not finite.
    """
    written, read = (
        expect_strings(name, list(text) if isinstance(text, str) else text)
        for name, text in (("written", written), ("read", read))
    )
    weights = as_array("weights", weights, (len(written), "letters written"), (len(read), "letters read"))
    ax = drawing_on(ax, figsize=(CELL * len(read) + OUTSIDE[0], CELL * len(written) + OUTSIDE[1]))
    cells = ax.pcolormesh(weights, vmin=0, vmax=1, edgecolors="white", linewidth=1)
    best = weights.argmax(axis=1)
    for row, column in enumerate(best):
        number, colour = f"{weights[row, column]:.2f}"[1:], readable_on(cells.to_rgba(weights[row, column]))
        number = "1" if weights[row, column] > 0.995 else number
        ax.text(column + 0.5, row + 0.5, number, ha="center", va="center", color=colour, fontsize=10)
    ax.invert_yaxis()
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    for axis, letters, role in ((ax.xaxis, read, "key"), (ax.yaxis, written, "query")):
        axis.set_ticks(np.arange(len(letters)) + 0.5, ["␣" if letter == " " else letter for letter in letters])
        for label in axis.get_ticklabels():
            label.set(color=ROLES[role], fontweight="bold", fontsize=13, parse_math=False)
    ax.set(aspect="equal", xlabel="row: written, column: read; each row sums to 1")
    ax.figure.colorbar(cells, ax=ax, shrink=0.6, label="weight").outline.set_visible(False)
    ax.set_title(title or "")
    looks = (f"{letter} looks most at letter {i + 1}, {read[i]}" for letter, i in zip(written, best, strict=True))
    ax.set_label(f"{title or 'Alignment'}, {len(written)} letters written by {len(read)} read. {'; '.join(looks)}.")
    return ax

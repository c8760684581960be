"""One number for each head of a model: a row per layer, a column per head."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.arguments import expect_number, expect_number_format, expect_pair
from helpers.plots.style import INK, as_array, drawing_on, readable_on

CELL = 0.46  # inches


def head_map(values, title=None, marked=(), high=1.0, number="{:.2f}", ax=None):
    """Draw one number for each head, and a frame around those one talks about.

    Args:
        values: (layer, head), from 0 to ``high``.
        title: what the numbers are.
        marked: heads to frame, (layer, head) from 1; by default the largest.
        high: the value that gets the brightest colour.
        number: how each is written.
        ax: the Axes to draw on; by default a new figure.

    Returns:
        the Axes.
    """
    values = as_array("values", values, "layers", "heads")
    expect_number("high", high, above=0)
    expect_number_format("number", number)
    for head in () if marked is None else marked if isinstance(marked, tuple | list) else [marked]:
        place = expect_pair("marked", head, "pairs (layer, head)")
        if not all(1 <= one <= size for one, size in zip(place, values.shape, strict=True)):
            raise ValueError(f"marked: layers 1 to {values.shape[0]}, heads 1 to {values.shape[1]}; got {head}")
    best = np.unravel_index(values.argmax(), values.shape)
    marked = marked or [(best[0] + 1, best[1] + 1)]
    ax = drawing_on(ax, figsize=(CELL * values.shape[1] + 0.9, CELL * values.shape[0] + 1.3))
    cells = ax.pcolormesh(values, vmin=0, vmax=high, edgecolors="white", linewidth=2)
    for (row, column), value in np.ndenumerate(values):
        text = number.format(value).removeprefix("0")  # room is scarce
        colour = readable_on(cells.to_rgba(value))
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=colour, fontsize=11)
    for layer, head in marked:
        for colour, width in (("white", 6), (INK, 2.5)):  # seen on dark cells and on bright ones
            frame = Rectangle((head - 1, layer - 1), 1, 1, fill=False, edgecolor=colour, linewidth=width, clip_on=False)
            ax.add_patch(frame)
    ax.invert_yaxis()
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xticks(np.arange(values.shape[1]) + 0.5, range(1, values.shape[1] + 1))
    ax.set_yticks(np.arange(values.shape[0]) + 0.5, range(1, values.shape[0] + 1))
    ax.set(xlabel="head", ylabel="layer", title=title or "")
    told = (f"layer {layer} head {head}: {number.format(values[layer - 1, head - 1])}" for layer, head in marked)
    ax.set_label(
        f"{title or 'A number for each head'}, {values.shape[0]} layers of {values.shape[1]} heads; {', '.join(told)}."
    )
    return ax

"""A recurrent layer, folded and unfolded in time: the same weights at every step."""

from matplotlib.patches import FancyArrowPatch

from helpers.arguments import expect_count
from helpers.plots.style import HAIRLINE, INK, MUTED, ROLES, drawing_on

STEP, ROW = 3.0, 3.0  # from one step to the next, from one layer to the next
FOLDED = -4.2  # where the folded picture stands; the unfolded one starts at 0
EDGE = 0.55  # from the middle of a cell to its edge
CENTRED = {"ha": "center", "va": "center", "parse_math": True}


def unfolded(n_steps=4, n_layers=1, ax=None, title=None):
    """Draw recurrent layers twice: folded, with a loop, and unfolded, with a cell for each step.

    Args:
        n_steps: cells in a row of the unfolded picture.
        n_layers: rows; each reads the states of the row below.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    expect_count("n_steps", n_steps, most=20)
    expect_count("n_layers", n_layers, most=20)  # more cells would be too small to be read
    ax = drawing_on(ax, figsize=(11, 1.1 + 1.7 * n_layers))
    right = n_steps * STEP + 1.6
    ax.set(xlim=(FOLDED - 1.8, right), ylim=(-0.6, n_layers * ROW + 1), aspect="equal")
    ax.axis("off")
    for layer in range(n_layers):
        _folded(ax, layer)
        height = (layer + 1) * ROW
        prime = "'" * layer
        _word(ax, (0, height), f"$h{prime}_0$", ROLES["output"])
        for t in range(1, n_steps + 1):
            _arrow(ax, ((t - 1) * STEP + EDGE, height), (t * STEP - EDGE, height), f"$W{prime}_h$")
            _cell(ax, (t * STEP, height), f"$h{prime}_{t}$")
            _arrow(ax, (t * STEP, height - ROW + EDGE), (t * STEP, height - EDGE), f"$W{prime}_x$")
    for t in range(1, n_steps + 1):
        _word(ax, (t * STEP, 0), f"$x_{t}$", INK)
    ax.text(-1.6, ROW * (n_layers + 1) / 2, "=", fontsize=22, color=MUTED, **CENTRED)
    ax.set_title(title or "The same weights at every step")
    ax.set_label(
        f"{n_layers} recurrent layer{'s' if n_layers > 1 else ''}, folded with a loop and unfolded in time: {n_steps} "
        "cells in a row, each reading its input and the state of the cell before it; the first one gets h0. The "
        "weights W_x and W_h are the same at every step" + (", and each layer has its own." if n_layers > 1 else ".")
    )
    return ax


def _folded(ax, layer):
    height, prime = (layer + 1) * ROW, "'" * layer
    _cell(ax, (FOLDED, height), f"$h{prime}_t$")
    loop = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.4, "mutation_scale": 13}
    ends = (FOLDED + 0.3, height + 0.42), (FOLDED + EDGE, height)  # from the top round to the side
    ax.add_patch(FancyArrowPatch(*ends, connectionstyle="arc3,rad=-2.2", shrinkA=0, shrinkB=0, **loop))
    _chip(ax, (FOLDED + 1.35, height + 0.75), f"$W{prime}_h$")
    _arrow(ax, (FOLDED, height - ROW + EDGE), (FOLDED, height - EDGE), f"$W{prime}_x$")
    if not layer:
        _word(ax, (FOLDED, 0), "$x_t$", INK)


def _cell(ax, place, text):
    style = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": ROLES["output"], "linewidth": 1.8}
    ax.text(*place, text, fontsize=16, color=ROLES["output"], bbox=style, **CENTRED)


def _word(ax, place, text, colour):
    ax.text(*place, text, fontsize=16, color=colour, **CENTRED)


def _arrow(ax, start, end, name):
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.4, "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)
    _chip(ax, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), name)


def _chip(ax, place, name):
    style = {"boxstyle": "round,pad=0.25", "facecolor": "#f6f7f8", "edgecolor": HAIRLINE}
    ax.text(*place, name, fontsize=13, color=INK, bbox=style, **CENTRED)

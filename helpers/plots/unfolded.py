"""A recurrent layer, folded and unfolded in time: the same weights at every step."""

from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch

from helpers.arguments import expect_count
from helpers.plots.style import HAIRLINE, INK, MUTED, ROLES, title_above

STEP, ROW = 2.5, 2.9  # from one step to the next, from one layer to the next
FOLDED = -1.9, 2.6  # left and right edge of the folded picture, whose cell stands at 0
UNIT = 0.47  # inches
EDGE = 0.55  # from the middle of a cell to its edge
CENTRED = {"ha": "center", "va": "center", "parse_math": True}


def unfolded(n_steps=4, n_layers=1, title=None):
    """Draw recurrent layers twice: folded, with a loop, and unfolded, with a cell for each step.

    Args:
        n_steps: cells in a row of the unfolded picture.
        n_layers: rows; each reads the states of the row below.
        title: what the picture shows.

    Returns:
        the Axes of the unfolded picture; the other is in its figure.
    """
    expect_count("n_steps", n_steps, most=20)
    expect_count("n_layers", n_layers, most=20)  # more cells would be too small to be read
    edges = FOLDED, (-0.9, n_steps * STEP + 0.9)
    widths = [right - left for left, right in edges]
    size = UNIT * sum(widths) + 0.4, UNIT * (ROW * n_layers + 1.6) + 0.5
    figure, axes = plt.subplots(1, 2, figsize=size, width_ratios=widths)
    for one, edge in zip(axes, edges, strict=True):
        one.set(xlim=edge, ylim=(-0.6, n_layers * ROW + 1), aspect="equal")
        one.axis("off")
    ax = axes[1]
    for layer in range(n_layers):
        _folded(axes[0], layer)
        height = (layer + 1) * ROW
        prime = "'" * layer
        _word(ax, (0, height), f"$h{prime}_0$", ROLES["output"])
        for t in range(1, n_steps + 1):
            _arrow(ax, ((t - 1) * STEP + EDGE, height), (t * STEP - EDGE, height), f"$W{prime}_h$")
            _cell(ax, (t * STEP, height), f"$h{prime}_{t}$")
            _arrow(ax, (t * STEP, height - ROW + EDGE), (t * STEP, height - EDGE), f"$W{prime}_x$")
    for t in range(1, n_steps + 1):
        _word(ax, (t * STEP, 0), f"$x_{t}$", INK)
    axes[0].text(FOLDED[1] - 0.2, ROW * (n_layers + 1) / 2, "=", fontsize=22, color=MUTED, **CENTRED)
    title_above(figure, title or "The same weights at every step")
    ax.set_label(
        f"{n_layers} recurrent layer{'s' if n_layers > 1 else ''}, folded with a loop and unfolded in time: {n_steps} "
        "cells in a row, each reading its input and the state of the cell before it; the first one gets h0. The "
        "weights W_x and W_h are the same at every step" + (", and each layer has its own." if n_layers > 1 else ".")
    )
    return ax


def _folded(ax, layer):
    height, prime = (layer + 1) * ROW, "'" * layer
    _cell(ax, (0, height), f"$h{prime}_t$")
    loop = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.4, "mutation_scale": 13}
    ends = (0.3, height + 0.42), (EDGE, height)  # from the top round to the side
    ax.add_patch(FancyArrowPatch(*ends, connectionstyle="arc3,rad=-2.2", shrinkA=0, shrinkB=0, **loop))
    _chip(ax, (1.35, height + 0.75), f"$W{prime}_h$")
    _arrow(ax, (0, height - ROW + EDGE), (0, height - EDGE), f"$W{prime}_x$")
    if not layer:
        _word(ax, (0, 0), "$x_t$", INK)


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

"""Which number lands where when vectors are split into heads."""

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle

from helpers.arguments import expect_filled, expect_strings
from helpers.plots.style import INK, MUTED, as_array, drawing_on, readable_on

ASTRAY = "#a3195b"
GAP = 0.5  # between two heads, in cells; three times as much between two ways


def landing_places(x, ways, tokens, ax=None, title=None):
    """Draw vectors, and beside them the same numbers split into heads in several ways.

    A cell's tint is the token it came from; a number that has landed in another token's row is framed.

    Args:
        x: (seq, d_model), every number different.
        ways: dict title -> (head, seq, d_head), the numbers of x in other places.
        tokens: the words of the rows.
        ax: the Axes to draw on; by default a new figure.
        title: what stands above x.

    Returns:
        the Axes.

    Raises:
        ValueError: a way does not hold the numbers of x, or has other rows.
    """
    tokens = expect_strings("tokens", tokens)
    expect_filled("ways", ways)
    x = as_array("x", x, (len(tokens), "tokens"), "numbers")
    axes = "heads", (len(x), "tokens"), "numbers"
    ways = {name: as_array(f"ways[{name!r}]", way, *axes) for name, way in ways.items()}
    for name, way in ways.items():
        if len(set(x.flat)) < x.size:
            raise ValueError(f"x: expected {x.size} different numbers, got {len(set(x.flat))}")
        if sorted(way.flat) != sorted(x.flat):
            raise ValueError(f"ways[{name!r}]: expected the {x.size} numbers of x, each once and all different")
    blocks = {title or "the vectors": x[None], **ways}
    width = sum(block.shape[0] * (block.shape[2] + GAP) + 2 * GAP for block in blocks.values())
    ax = drawing_on(ax, figsize=(0.62 * width + 0.8, 0.62 * len(x) + 1.3))
    origin = {number: row for row, numbers in enumerate(x) for number in numbers}
    left = 0
    for name, block in blocks.items():
        ax.text(left, -0.95, name, weight="bold", fontsize=13, va="bottom")
        for head, rows in enumerate(block, start=1):
            if len(block) > 1:
                ax.text(left, -0.2, f"head {head}", color=MUTED, fontsize=12, va="bottom")
            for (row, column), number in np.ndenumerate(rows):
                _cell(ax, left + column, row, number, origin[number] / max(1, len(x) - 1), origin[number] != row)
            left += block.shape[2] + GAP
        left += 2 * GAP
    ax.set_yticks(np.arange(len(x)) + 0.5, tokens)
    ax.tick_params(axis="y", length=0, labelcolor=INK, labelsize=13)
    ax.set(xlim=(-0.1, left - 3 * GAP + 0.1), ylim=(len(x) + 0.1, -1.6), aspect="equal", xticks=[])
    ax.spines[:].set_visible(False)
    ax.set_label(_describe(x, ways, tokens, origin))
    return ax


def _cell(ax, left, top, number, shade, astray):
    tint = mpl.colormaps["cividis"](0.15 + 0.8 * shade)
    ax.add_patch(Rectangle((left, top), 1, 1, facecolor=tint, edgecolor="white", linewidth=2))
    if astray:
        ax.add_patch(Rectangle((left + 0.08, top + 0.08), 0.84, 0.84, fill=False, edgecolor="white", linewidth=5))
        ax.add_patch(Rectangle((left + 0.08, top + 0.08), 0.84, 0.84, fill=False, edgecolor=ASTRAY, linewidth=2.5))
    ax.text(left + 0.5, top + 0.5, f"{number:g}", ha="center", va="center", color=readable_on(tint), fontsize=14)


def _describe(x, ways, tokens, origin):
    vectors = "; ".join(f"{token} {', '.join(f'{n:g}' for n in row)}" for token, row in zip(tokens, x, strict=True))
    sentences = [f"Vectors {vectors}."]
    for name, way in ways.items():
        heads = (
            f"head {head} " + "; ".join(", ".join(f"{n:g}" for n in row) for row in rows)
            for head, rows in enumerate(way, start=1)
        )
        astray = sum(origin[number] != row for (_, row, _), number in np.ndenumerate(way))
        sentences.append(f"{name}: {' | '.join(heads)} ({astray} numbers in another token's row).")
    return " ".join(sentences)

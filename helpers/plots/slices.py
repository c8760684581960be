"""Which number lands where when vectors are split into heads."""

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from helpers.arguments import expect_filled, expect_strings
from helpers.plots.style import INK, MUTED, as_array, readable_on

ASTRAY = "#a3195b"
CELL = 0.55  # inches
GAP = 0.5  # between two heads, in cells


def landing_places(x, ways, tokens, title=None):
    """Draw vectors, and beside them the same numbers split into heads in several ways.

    A cell's tint is the token it came from; a number that has landed in another token's row is framed.

    Args:
        x: (seq, d_model), every number different.
        ways: dict title -> (head, seq, d_head), the numbers of x in other places.
        tokens: the words of the rows.
        title: what stands above x.

    Returns:
        the Axes of x; the others are in its figure.

    Raises:
        ValueError: a way does not hold the numbers of x, or has other rows.
    """
    tokens = expect_strings("tokens", tokens)
    expect_filled("ways", ways)
    x = as_array("x", x, (len(tokens), "tokens"), "numbers")
    axes = "heads", (len(x), "tokens"), "numbers"
    ways = {name: as_array(f"ways[{name!r}]", way, *axes) for name, way in ways.items()}
    if len(set(x.flat)) < x.size:
        raise ValueError(f"x: expected {x.size} different numbers, got {len(set(x.flat))}")
    for name, way in ways.items():
        if sorted(way.flat) != sorted(x.flat):
            raise ValueError(f"ways[{name!r}]: expected the {x.size} numbers of x, each once and all different")
    blocks = {title or "the vectors": x[None], **ways}
    widths = [len(block) * (block.shape[2] + GAP) - GAP for block in blocks.values()]
    size = CELL * sum(widths) + 1.4 * len(blocks), CELL * len(x) + 1.4
    _, axes = plt.subplots(1, len(blocks), figsize=size, width_ratios=widths, squeeze=False)
    origin = {number: row for row, numbers in enumerate(x) for number in numbers}
    for ax, (name, block), width in zip(axes[0], blocks.items(), widths, strict=True):
        for head, rows in enumerate(block):
            left = head * (block.shape[2] + GAP)
            if len(block) > 1:
                ax.text(left, -0.15, f"head {head + 1}", color=MUTED, fontsize=12, va="bottom")
            for (row, column), number in np.ndenumerate(rows):
                _cell(ax, left + column, row, number, origin[number] / max(1, len(x) - 1), origin[number] != row)
        ax.set_title(name, pad=24)
        ax.set_yticks(np.arange(len(x)) + 0.5, tokens)
        ax.tick_params(axis="y", length=0, labelcolor=INK, labelsize=13)
        ax.set(xlim=(-0.1, width + 0.1), ylim=(len(x) + 0.1, -0.1), aspect="equal", xticks=[])
        ax.spines[:].set_visible(False)
    ax = axes[0][0]
    ax.set_label(_describe(x, ways, tokens, origin))
    return ax


def _cell(ax, left, top, number, shade, astray):
    tint = mpl.colormaps["cividis"](0.15 + 0.8 * shade)
    ax.add_patch(Rectangle((left, top), 1, 1, facecolor=tint, edgecolor="white", linewidth=2))
    if astray:
        ax.add_patch(Rectangle((left + 0.08, top + 0.08), 0.84, 0.84, fill=False, edgecolor="white", linewidth=5))
        ax.add_patch(Rectangle((left + 0.08, top + 0.08), 0.84, 0.84, fill=False, edgecolor=ASTRAY, linewidth=2.5))
    ax.text(left + 0.5, top + 0.5, f"{number:g}", ha="center", va="center", color=readable_on(tint), fontsize=13)


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

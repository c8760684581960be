"""Recurrent layers in pictures: the shapes of their tasks, an LSTM built up gate by gate, and what its gates did."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import FancyBboxPatch

from helpers.arguments import expect_choice, expect_filled, expect_strings
from helpers.plots.style import INK, MUTED, as_array, drawing_on, readable_on, title_above

TASKS = (  # title, an example, steps that get an input, steps that give an output
    ("many to one", "a name → its language", (0, 1, 2), (2,)),
    ("one to many", "an image → a word, letter by letter", (0,), (0, 1, 2)),
    ("many to many, step by step", "a series so far → its next value", (0, 1, 2), (0, 1, 2)),
    ("many to many, one after the other", "a sentence → its translation", (0, 1, 2), (2, 3, 4)),
)
PARTS = "cell", "input", "forget", "output"
TOLD = {
    "cell": "it is added to the cell, and tanh of the cell is the new state",
    "input": "an input gate i multiplies the candidate first",
    "forget": "a forget gate f multiplies the cell before",
    "output": "an output gate o multiplies what is shown as the state",
}
NEW = "#b5480b"  # what this picture adds to the one before


def task_shapes(title=None):
    """Draw the four shapes of sequence tasks, one small unfolded layer each.

    Returns:
        the first of the Axes, one per shape; ``.figure.axes`` holds them all.
    """
    figure, axes = plt.subplots(1, len(TASKS), figsize=(13, 2.9), width_ratios=[4, 4, 4, 5.6])
    for ax, (name, example, inputs, outputs) in zip(axes, TASKS, strict=True):
        n_steps = max(*inputs, *outputs) + 1
        ax.set(xlim=(-0.7, n_steps - 0.3), ylim=(-0.95, 2.95), aspect="equal")
        ax.axis("off")
        for t in range(n_steps):
            _box(ax, (t, 1), "h", facecolor="white")
            if t:
                _arrow(ax, (t - 0.68, 1), (t - 0.32, 1))
            if t in inputs:
                _box(ax, (t, 0), "x", facecolor="#eef1f4")
                _arrow(ax, (t, 0.32), (t, 0.68))
            if t in outputs:
                _box(ax, (t, 2), "y", facecolor="#dcebf6")
                _arrow(ax, (t, 1.32), (t, 1.68))
        ax.set_title(name, fontsize=12)
        ax.text((n_steps - 1) / 2, -0.72, example, ha="center", va="center", color=MUTED, fontsize=10.5)
        ax.set_label(f"{name}: {example}; inputs at {len(inputs)}, answers at {len(outputs)} of {n_steps} steps.")
    title_above(figure, title)
    return axes[0]


def lstm_diagram(parts=PARTS, new=None, ax=None, title=None):
    """Draw an LSTM cell with some of its parts; the same picture grows from call to call.

    Args:
        parts: of "cell", "input", "forget", "output"; none of them is a plain recurrent layer.
        new: the part to highlight.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    for part in expect_strings("parts", parts):
        expect_choice("parts", part, PARTS)
    expect_choice("new", new, (None, *PARTS))
    ax = drawing_on(ax, figsize=(6, 3.1))
    ax.set(xlim=(-1.9, 8.6), ylim=(-0.45, 4.0), aspect="equal")
    ax.axis("off")
    at = {"forget": 0.9, "input": 2.4, "cell": 3.9, "output": 6.5}  # where the gates and the candidate stand
    shown, edge, height = 5.4, 7.5, 3.3  # where the state leaves the cell; the right edge; how high the cell runs

    def look(part):
        is_new = part is not None and part == new
        return {"color": NEW if is_new else INK, "linewidth": 2.6 if is_new else 1.5}

    def gate(x, letter, part, target, how):
        _box(ax, (x, 1), letter, edgecolor=look(part)["color"], weight="bold", facecolor="white")
        _arrow(ax, (x, 0.1), (x, 0.68), **look(part))
        _arrow(ax, (x, 1.32), target, **look(part))
        ax.text(x + 0.14, 0.37, how, color=MUTED, fontsize=9.5, va="center")

    _line(ax, (0, 0.1), (at["output"] if "output" in parts else at["cell"], 0.1), **look(None))
    ax.text(-0.15, 0.1, "input and\nstate before", ha="right", va="center", fontsize=11)
    top = 2.0 if "input" in parts else height - 0.3 if "cell" in parts else 2.3
    gate(at["cell"], "g", None, (at["cell"], top), "tanh")
    if "cell" in parts:
        _line(ax, (0, height), (at["cell"] - 0.2, height), **look("cell"))
        _arrow(ax, (at["cell"] + 0.3, height), (edge, height), **look("cell"))
        ax.text(-0.15, height, "cell\nbefore", ha="right", va="center", fontsize=11)
        ax.text(edge + 0.1, height, "cell", ha="left", va="center", fontsize=13)
        _knot(ax, (at["cell"], height), "+", **look("cell"))
        _line(ax, (shown, height), (shown, 2.55 if "output" in parts else 2.3), **look("cell"))
        ax.text(shown + 0.15, 2.93, "tanh", color=MUTED, fontsize=9.5, va="center")
    if "forget" in parts:
        gate(at["forget"], "f", "forget", (at["forget"], height - 0.3), "sigmoid")
        _knot(ax, (at["forget"], height), "×", **look("forget"))
    if "input" in parts:
        gate(at["input"], "i", "input", (at["cell"] - 0.24, 2.14), "sigmoid")
        _knot(ax, (at["cell"], 2.3), "×", **look("input"))
        _arrow(ax, (at["cell"], 2.55), (at["cell"], height - 0.28), **look("input"))
    if "output" in parts:
        gate(at["output"], "o", "output", (shown + 0.2, 2.1), "sigmoid")
        _knot(ax, (shown, 2.3), "×", **look("output"))
    start = shown + 0.25 if "output" in parts else shown if "cell" in parts else at["cell"]
    _arrow(ax, (start, 2.3), (edge, 2.3), **look(None))
    ax.text(edge + 0.1, 2.3, "state", ha="left", va="center", fontsize=13)
    ax.set_title(title or "")
    told = [TOLD[part] + (" (new here)" if part == new else "") for part in PARTS if part in parts]
    ax.set_label("; ".join(["From the input and the state before, a candidate g is computed", *told]) + ".")
    return ax


def gate_strips(values, tokens, ax=None, title=None):
    """Draw what gates and states of one unit did, step by step, as strips of numbers.

    Args:
        values: dict name -> (step,)
        tokens: one for each step.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    tokens = expect_strings("tokens", tokens)
    expect_filled("values", values)
    rows = np.stack([as_array(f"values[{name!r}]", row, (len(tokens), "steps")) for name, row in values.items()])
    ax = drawing_on(ax, figsize=(1.9 + 0.62 * len(tokens), 0.9 + 0.52 * len(rows)))
    reach = np.maximum(1.0, abs(rows).max(axis=1, keepdims=True))
    lowest = np.where(rows.min(axis=1, keepdims=True) < 0, -reach, 0.0)  # gates from 0, what has a sign around 0
    image = ax.imshow((rows - lowest) / (reach - lowest), cmap="cividis", vmin=0, vmax=1, aspect="auto")
    shades = image.cmap(image.norm(image.get_array()))
    for (i, t), value in np.ndenumerate(rows):
        colour = readable_on(shades[i, t])
        ax.text(t, i, f"{value:.2f}".replace("-0.00", "0.00"), ha="center", va="center", color=colour, fontsize=10.5)
    ax.set_xticks(range(len(tokens)), tokens)
    ax.set_yticks(range(len(values)), values)
    ax.tick_params(length=0, labeltop=True, labelbottom=False, labelsize=13)
    ax.set_xticks(np.arange(0.5, len(tokens) - 1), minor=True)
    ax.set_yticks(np.arange(0.5, len(values) - 1), minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="minor", length=0)
    ax.set_xlabel("colours: gates from 0 to 1, states around 0")
    ax.set_title(title or "", pad=12)
    told = "; ".join(f"{name} " + " ".join(f"{x:.2f}" for x in row) for name, row in zip(values, rows, strict=True))
    ax.set_label(f"{title or 'Gates'}, at {' '.join(tokens)}: {told}.")
    return ax


def _box(ax, middle, text, edgecolor=INK, weight="normal", **style):
    x, y = middle
    ax.add_patch(
        FancyBboxPatch((x - 0.22, y - 0.22), 0.44, 0.44, boxstyle="round,pad=0.1", edgecolor=edgecolor, **style)
    )
    ax.text(x, y, text, ha="center", va="center", fontsize=12, weight=weight)


def _knot(ax, middle, sign, color, linewidth):
    ax.add_patch(plt.Circle(middle, 0.26, facecolor="white", edgecolor=color, linewidth=linewidth, zorder=3))
    ax.text(*middle, sign, ha="center", va="center", fontsize=14, color=color, zorder=4)


def _line(ax, start, end, color=INK, linewidth=1.5):
    ax.plot(*zip(start, end, strict=True), color=color, linewidth=linewidth, solid_capstyle="round")


def _arrow(ax, start, end, color=INK, linewidth=1.4):
    style = {"arrowstyle": "-|>", "color": color, "linewidth": linewidth, "mutation_scale": 12}
    ax.annotate("", end, start, arrowprops=style | {"shrinkA": 0, "shrinkB": 0})

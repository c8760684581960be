"""Two-dimensional vectors as arrows, each with its word."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, MultipleLocator

from helpers.arguments import expect_choice, expect_list, expect_number, expect_pair, expect_strings
from helpers.plots.dark import HALO
from helpers.plots.style import HAIRLINE, INK, ROLES, as_array, drawing_on, spread

SIDES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)])  # where a name may stand
WORD = {
    "textcoords": "offset points",
    "va": "center",
    "weight": "bold",
    "parse_math": False,
    "path_effects": [withStroke(linewidth=HALO, foreground="white")],
}
STOPS = 12  # points of an arrow that a name should not cover


def vectors(x, words, ax=None, role=None, title=None):
    """Draw vectors (word, 2) as arrows from the origin, each with its word.

    Args:
        x: (word, 2)
        words: one for each vector.
        ax: the Axes to draw on; by default a new figure.
        role: "query", "key", "value" or "output" gives the colour; by default ink.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    expect_choice("role", role, (*ROLES, None))
    words = expect_strings("words", words)
    x = as_array("x", x, (len(words), "words"), (2, "numbers each"))
    colour = ROLES.get(role, INK)
    ax = _plane(ax, x)
    _arrows(ax, x, colour, width=2.2)
    _write(ax, x, words, [colour] * len(words))
    ax.set_title(title or "", color=colour)
    ax.set_label(f"{title or 'Vectors from the origin'}: {_coordinates(x, words)}.")
    return ax


def values_and_outputs(values, outputs, words, ax=None, title=None):
    """Draw values as arrows and outputs as dots: weights that sum to 1 keep every output in the hull of the values.

    Args:
        values: (word, 2), or (key, 2) with other keys than the words; then they stay without names.
        outputs: (word, 2)
        words: one for each output.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    words = expect_strings("words", words)
    values = as_array("values", values, "values", (2, "numbers each"))
    outputs = as_array("outputs", outputs, (len(words), "words"), (2, "numbers each"))
    ax = _plane(ax, np.concatenate([values, outputs]))
    ax.fill(*np.transpose(_hull(values)), facecolor=ROLES["value"], alpha=0.1)
    ax.fill(*np.transpose(_hull(values)), fill=False, edgecolor=ROLES["value"], linestyle=(0, (4, 3)), linewidth=1.3)
    _arrows(ax, values, ROLES["value"], width=1.6)
    ax.plot(*outputs.T, "o", color=ROLES["output"], markersize=9)
    points, names, colours = outputs, list(words), [ROLES["output"]] * len(words)
    if len(values) == len(words):
        points, names = np.concatenate([outputs, values]), names * 2
        colours += [ROLES["value"]] * len(words)
    _write(ax, points, names, colours)
    ax.set_title(title or "values: arrows   outputs: dots")
    ax.set_label(
        f"{title or 'Outputs inside the hull of the values'}: "
        f"values {_coordinates(values, names[-len(values) :] if len(values) == len(words) else None)}; "
        f"outputs {_coordinates(outputs, words)}."
    )
    return ax


def word_plane(flat, words, share=None, steps=(), ax=None, title=None):
    """Draw words as dots on a flat picture, each with its name.

    Args:
        flat: (word, 2), such as two principal components.
        words: one for each point.
        share: how much of the words' spread the picture keeps, from 0 to 1; written below it.
        steps: pairs (from, to) of positions in words; each becomes an arrow.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    words = expect_strings("words", words)
    if share is not None:
        expect_number("share", share, least=0, most=1)
    steps = [expect_pair("steps", step, "pairs (from, to)") for step in (expect_list("steps", steps) if steps else ())]
    if outside := [step for step in steps if not all(0 <= place < len(words) for place in step)]:
        raise ValueError(f"steps: expected positions from 0 to {len(words) - 1}, got {outside[0]}")
    flat = as_array("flat", flat, (len(words), "words"), (2, "numbers each"))
    ax = drawing_on(ax, figsize=(6.4, 4.6))
    (left, low), (right, high) = flat.min(axis=0), flat.max(axis=0)
    margin = 0.25 * max(right - left, high - low, 1e-6)  # room for the names
    ax.set(xlim=(left - 1.4 * margin, right + 1.4 * margin), ylim=(low - margin, high + margin), aspect="equal")
    step = np.diff(MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(*ax.get_xlim()))[0]
    for axis in (ax.xaxis, ax.yaxis):  # squares, as the scales are equal
        axis.set_major_locator(MultipleLocator(step))
    ax.set(xlabel="first direction" + (f" (the two keep {share:.0%} of the spread)" if share is not None else ""))
    ax.set(ylabel="second direction")
    ax.grid(visible=True)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.6, "mutation_scale": 14, "shrinkA": 4, "shrinkB": 4}
    for start, end in steps:
        ax.annotate("", flat[end], flat[start], arrowprops=style)
    ax.plot(*flat.T, "o", color=INK, markersize=7)
    _write_clear(ax, flat, words, [np.linspace(flat[start], flat[end], STOPS) for start, end in steps])
    arrows = "".join(f"; an arrow from {words[start]} to {words[end]}" for start, end in steps)
    ax.set_title(title or "")
    ax.set_label(f"{title or 'Words laid flat'}: {_coordinates(flat, words)}{arrows}.")
    return ax


def _plane(ax, points):
    ax = drawing_on(ax, figsize=(4.8, 5))
    reach = 1.35 * max(1, np.abs(points).max())
    step = max(1, reach // 3)
    ticks = np.arange(-(reach // step) * step, reach, step)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=ticks, yticks=ticks, aspect="equal")
    ax.set(xlabel="first number", ylabel="second number")
    ax.grid(visible=True)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, edgecolor=HAIRLINE, linestyle=(0, (3, 3))))
    return ax


def _arrows(ax, points, colour, width):
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "mutation_scale": 14, "shrinkA": 0, "shrinkB": 0}
    for point in points:
        ax.annotate("", point, (0, 0), arrowprops=style)


def _write(ax, points, words, colours):
    """Write each word beside its point; words on the same side of the plane make room for each other."""
    ax.figure.draw_without_rendering()  # settles the layout, so that the distances below are those of the picture
    heights = ax.transData.transform(points)[:, 1]
    sides = np.where(points[:, 0] < 0, -1, 1)
    for side in (-1, 1):
        chosen = np.flatnonzero(sides == side)
        wanted = heights[chosen] + 9 * np.sign(points[chosen, 1])
        for i, height in zip(chosen, spread(wanted, gap=21), strict=True):
            place = (9 * side, (height - heights[i]) * 72 / ax.figure.dpi)
            ax.annotate(words[i], points[i], place, color=colours[i], ha="left" if side > 0 else "right", **WORD)


def _write_clear(ax, points, words, lines):
    """Write each word beside its point, where it covers least of points, of lines and of words already written."""
    ax.figure.draw_without_rendering()
    renderer, dpi = ax.figure.canvas.get_renderer(), ax.figure.dpi
    dots = ax.transData.transform(np.concatenate([points, *lines]))
    taken = []  # (middle, half of the size) of each word written
    for word, point, dot in zip(words, points, dots, strict=False):
        text = ax.annotate(word, point, (0, 0), color=INK, ha="center", **WORD)
        half = np.array(text.get_window_extent(renderer).size) / 2
        middles = [dot + side * (half + 8) for side in SIDES]

        def covered(middle, half=half):
            on_dots = (np.abs(dots - middle) < half + 4).all(axis=1).sum()
            on_words = sum(np.clip(half + size - np.abs(middle - place), 0, None).prod() for place, size in taken)
            return 1000 * on_dots + on_words

        middle = min(middles, key=covered)  # of equals the first
        text.set_position((middle - dot) * 72 / dpi)
        taken.append((middle, half))


def _hull(points):
    """The corners of the convex hull of (point, 2), in order (Andrew's monotone chain)."""
    ordered = sorted(map(tuple, points))
    corners = []
    for chain in (ordered, ordered[::-1]):
        half = []
        for point in chain:
            while len(half) > 1 and not _turns_left(half[-2], half[-1], point):
                half.pop()
            half.append(point)
        corners += half[:-1]
    return corners or ordered


def _turns_left(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])


def _coordinates(points, words):
    words = words or [f"number {i + 1}" for i in range(len(points))]
    return ", ".join(f"{word} ({x:.2f}, {y:.2f})" for word, (x, y) in zip(words, points, strict=True))

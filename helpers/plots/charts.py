"""Curves and bars that carry their own names."""

import numpy as np

from helpers.arguments import expect_filled, expect_number_format
from helpers.plots.style import INK, KINDS, MUTED, OTHER_KINDS, as_array, drawing_on, spread

BESIDE = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}  # a number to the right of its place


def lines(xs, series, xlabel, ylabel, ax=None, title=None, log_x=False, log_y=False):
    """Draw curves, each named at its right end.

    Args:
        xs: (point,)
        series: dict name -> (point,); "train", "validation", "test", "RNN", "GRU" and "LSTM" keep their looks.
        xlabel, ylabel: what the axes are, with the unit.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.
        log_x, log_y: logarithmic axes.

    Returns:
        the Axes.
    """
    xs = as_array("xs", xs, "points")
    expect_filled("series", series)
    ax = drawing_on(ax)
    ax.set(xscale="log" if log_x else "linear", yscale="log" if log_y else "linear", xlabel=xlabel, ylabel=ylabel)
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter("{x:g}")  # matplotlib's own writes formulas, which the style shows as typed
    ends, lowest, highest = [], np.inf, -np.inf
    for i, (name, ys) in enumerate(series.items()):
        ys = as_array(f"series[{name!r}]", ys, (len(xs), "points"))
        colour, dash, marker = KINDS.get(name, OTHER_KINDS[i % len(OTHER_KINDS)])
        width = None if len(xs) <= 150 else 1.3  # a long series is a fine line, or its wiggles melt into one
        marker = marker if len(xs) <= 20 else ""  # and one at the edge is drawn whole
        ax.plot(xs, ys, color=colour, linestyle=dash, linewidth=width, marker=marker, clip_on=not marker)
        ends.append((name, colour, (xs[-1], ys[-1])))
        lowest, highest = min(lowest, ys.min()), max(highest, ys.max())
    if log_x and len(xs) <= 8:  # the points that were measured, rather than powers of ten
        ax.set_xticks(xs, [f"{x:g}" for x in xs])
        ax.minorticks_off()
    if not log_y and lowest >= 0:
        ticks = ax.yaxis.get_major_locator().tick_values(0, highest)
        ax.set_ylim(0, min(tick for tick in ticks if tick >= highest) or None)  # from a tick to a tick
    ax.grid(axis="y")
    ax.set_title(title or "")
    name_ends(ax, ends)
    ax.set_label(f"{title or 'Curves'}: {ylabel} against {xlabel} for {', '.join(series)}.")
    return ax


def bars(values, xlabel, ax=None, title=None, number="{:.2f}"):
    """Draw a bar and its number for each name.

    Args:
        values: dict name -> a number, or one number per seed: each becomes a dot, the bar is their mean.
        xlabel: what is measured, with the unit.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.
        number: how the (mean) number is written.

    Returns:
        the Axes.
    """
    expect_filled("values", values)
    expect_number_format("number", number)
    seeds = {name: as_array(f"values[{name!r}]", np.atleast_1d(runs), "seeds") for name, runs in values.items()}
    ax = drawing_on(ax, figsize=(7, 1.3 + 0.55 * len(seeds)))
    reach = max(runs.max() for runs in seeds.values())
    several = max(map(len, seeds.values())) > 1
    for row, (name, runs) in enumerate(seeds.items()):
        colour, _, marker = KINDS.get(name, OTHER_KINDS[0])
        ax.barh(row, runs.mean(), height=0.62, color=colour, alpha=0.4)
        if len(runs) > 1:
            size, sway = (9, 0.18) if len(runs) <= 12 else (5, 0.22)  # many dots are small, or they melt into one
            heights = row + np.linspace(-sway, sway, len(runs))
            ax.plot(runs, heights, marker, color=colour, markeredgecolor="white", markersize=size, clip_on=False)
        # A number behind the best dot would be taken for its value: means stand in a column of their own.
        place, along = (1, ("axes fraction", "data")) if several else (max(0, runs.max()), "data")
        ax.annotate(number.format(runs.mean()), (place, row), xycoords=along, weight="bold", **BESIDE)
    if several:
        ax.annotate("mean", (1, 1), xycoords="axes fraction", color=MUTED, **BESIDE)
    ax.set_yticks(range(len(seeds)), seeds)
    ax.set(xlabel=xlabel, ylim=(len(seeds) - 0.4, -0.6), xlim=(min(0, ax.get_xlim()[0]), max(0, 1.12 * reach)))
    ax.tick_params(axis="y", length=0, labelcolor=INK, labelsize=13)
    ax.set_title(title or "")
    ax.set_label(f"{title or 'Bars'}: {xlabel} for {', '.join(seeds)}.")
    return ax


def name_ends(ax, ends):
    """Write each name beside the end of its curve, none over another; ends: (name, colour, (x, y)) each."""
    ax.figure.draw_without_rendering()  # settles the layout, so that the distances below are those of the picture
    heights = [ax.transData.transform(end)[1] for _, _, end in ends]
    targets = spread(heights, gap=22)
    lowest = ax.bbox.y0 + 9  # clear of the numbers below the axis
    for i in targets.argsort(kind="stable"):
        targets[i] = max(targets[i], lowest)
        lowest = targets[i] + 22
    for (name, colour, end), height, target in zip(ends, heights, targets, strict=True):
        offset = (10, (target - height) * 72 / ax.figure.dpi)
        ax.annotate(name, end, offset, textcoords="offset points", va="center", color=colour, weight="bold")

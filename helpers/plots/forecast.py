"""A series cut into its parts, and forecasts beside what came."""

import numpy as np
from matplotlib import dates as mdates

from helpers.arguments import expect_count, expect_filled, expect_pair, expect_type, told
from helpers.plots.charts import name_ends
from helpers.plots.style import INK, KINDS, MUTED, as_array, drawing_on

FORECASTS = (("#a3195b", "-", "o"), ("#3d4db3", "--", "^"))


def series_in_parts(times, values, parts, ylabel, ax=None, title=None):
    """Draw a series with its parts; what no part uses, the gaps, is pale.

    Args:
        times: (steps,) datetime64, or numbers.
        values: (steps,)
        parts: dict name -> (first row, last row), both included.
        ylabel: what is measured, with the unit.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    times = _as_times(times)
    values = as_array("values", values, (len(times), "times"))
    expect_filled("parts", parts)
    for name, part in parts.items():
        rows = expect_pair(f"parts[{name!r}]", part, "(first row, last row)")
        if not 0 <= rows[0] <= rows[1] < len(times):
            raise ValueError(f"parts[{name!r}]: expected rows from 0 to {len(times) - 1}, in order, got {part}")
    ax = drawing_on(ax, figsize=(7, 3.6))
    ax.plot(times, values, color=MUTED, linewidth=1, alpha=0.5)
    for name, (first, last) in parts.items():
        colour, _, _ = KINDS.get(name, FORECASTS[0])
        ax.plot(times[first : last + 1], values[first : last + 1], color=colour, linewidth=1.6)
        ax.axvspan(times[first], times[last], color=colour, alpha=0.08, linewidth=0)
        middle = times[first] + (times[last] - times[first]) / 2
        ax.annotate(
            name, (middle, 1), (0, 5), xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
            color=colour, weight="bold", annotation_clip=False,
        )  # fmt: skip
    _time_axis(ax, times)
    ax.set(ylabel=ylabel)
    ax.set_title(title or "", pad=28)
    spans = "; ".join(f"{name} {_day(times[a])} to {_day(times[b])}" for name, (a, b) in parts.items())
    ax.set_label(f"{title or 'A series in parts'}: {ylabel} from {values.min():.4g} to {values.max():.4g}. {spans}.")
    return ax


def forecasts(times, truth, levels, ylabel, ax=None, title=None, last=120):
    """Draw forecasts over what came.

    Args:
        times: (steps,) datetime64, or numbers.
        truth: (steps,) what came.
        levels: dict name -> (steps,), at most two forecasts.
        ylabel: what is measured, with the unit.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.
        last: as many steps at the end; a longer stretch melts into a band.

    Returns:
        the Axes.
    """
    times, last = _as_times(times), expect_count("last", last)
    expect_type("levels", levels, dict)
    truth = as_array("truth", truth, (len(times), "times"))
    levels = {name: as_array(f"levels[{name!r}]", each, (len(times), "times")) for name, each in levels.items()}
    if len(levels) > len(FORECASTS):
        raise ValueError(f"levels: {len(levels)} forecasts in one picture; {len(FORECASTS)} can be told apart")
    ax = drawing_on(ax, figsize=(7, 3.8))
    ax.plot(times[-last:], truth[-last:], color=INK, linewidth=2.2)
    at_end = mdates.date2num(times[-1]) if _are_dates(times) else times[-1]
    ends = [("what came", INK, (at_end, truth[-1]))]
    for (name, each), (colour, dash, marker) in zip(levels.items(), FORECASTS, strict=False):
        style = {"linestyle": dash, "marker": marker, "markersize": 3.5, "linewidth": 1.4}
        ax.plot(times[-last:], each[-last:], color=colour, **style)
        ends.append((name, colour, (at_end, each[-1])))
    _time_axis(ax, times)
    ax.set(ylabel=ylabel)
    ax.set_title(title or "")
    name_ends(ax, ends)
    errors = ", ".join(f"{name} off by {np.abs(each - truth).mean():.3g} on average" for name, each in levels.items())
    ax.set_label(f"{title or 'Forecasts and what came'}: {ylabel}, {_day(times[0])} to {_day(times[-1])}; {errors}.")
    return ax


def _as_times(times):
    times = np.asarray(times)
    if times.ndim != 1 or times.dtype.kind not in "Miuf":
        raise ValueError(f"times: expected dates (numpy's datetime64) or numbers, (steps,); got {told(times)}")
    return times


def _time_axis(ax, times):
    if _are_dates(times):
        locator = mdates.AutoDateLocator(maxticks=6)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
        ax.set_xlabel("time")
    else:
        ax.set_xlabel("step")
    ax.grid(axis="y")


def _are_dates(times):
    return np.issubdtype(np.asarray(times).dtype, np.datetime64)


def _day(time):
    return str(time)[:10]

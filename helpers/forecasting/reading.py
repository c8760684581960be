"""From a CSV file to a series on an even grid; every doubt becomes a sentence, nothing is filled in silence."""

import re
from dataclasses import dataclass

import numpy as np

from helpers.arguments import expect_type
from helpers.forecasting.cells import to_numbers, to_times
from helpers.forecasting.grid import find_grid, period_means, show
from helpers.forecasting.settings import Settings
from helpers.forecasting.table import read_table

PERIODS = {1: '"day"', 7: '"week" or "month"', 28: '"month"', np.inf: '"year"'}  # longer than steps of so many days


@dataclass(frozen=True)
class Reading:
    """A series as it was read, and how."""

    times: np.ndarray  # (steps,) datetime64[s], or numbers
    values: np.ndarray  # (steps, columns) float64, all finite
    measured: np.ndarray  # (steps,) bool: True where the first column has a value of its own, not a repeated one
    columns: tuple[str, ...]
    notes: tuple[str, ...]  # what was found, guessed and done, a sentence each

    def __str__(self):
        return "\n".join(f"- {note}" for note in self.notes)


def read(settings):
    """Read the columns of the settings, and lay them on an even grid.

    Raises:
        FileNotFoundError, ValueError: what cannot be read; one sentence that says what to change.
    """
    expect_type("settings", settings, Settings)
    table = read_table(settings.path)
    cells = {name: table.column(name, "values") for name in settings.values}
    times, said_of_times = np.arange(float(len(table.rows))), "times: none, so the rows count as even steps"
    if settings.time is not None:
        times, said_of_times = to_times(table.column(settings.time, "time"), table.lines, settings.date_format)
    values, said_of_values = to_numbers(cells, table.lines, table.separator)
    notes = [table.note, said_of_times, said_of_values]
    if settings.every:
        if times.dtype.kind != "M":
            raise ValueError(f"every: the times are plain numbers, which have no {settings.every}")
        again = len(times) - len(np.unique(times))
        if again:
            notes.append(f"{again:,} rows have the time of another row: their mean counts; are there several series?")
        times, values = period_means(times, values, settings.every)
        step = f"1 {settings.every}, the mean of what lies in it"
    else:
        times, values = _in_order(times, values, notes)
        times, values, step = _on_grid(times, values)
        _expect_weeks(step, settings.season)
    notes.append(f"{len(times):,} steps of {step}, from {show(times[0])} to {show(times[-1])}")
    times, values, measured = _without_holes(times, values, settings, notes)
    _expect_changes(values, settings)
    return Reading(times, values, measured, settings.values, tuple(notes))


def _in_order(times, values, notes):
    """Sorted by time; a time that stands there twice is refused, because nobody knows which value counts."""
    if len(times) < 3:
        raise ValueError(f"{len(times)} rows are no series")
    if (np.diff(times).astype(float) < 0).any():
        backwards = (np.diff(times).astype(float) < 0).all()
        notes.append("the newest row came first: turned round" if backwards else "the rows were not in order: sorted")
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
    twice = times[1:][np.diff(times).astype(float) == 0]
    if len(twice):
        raise ValueError(
            f"time: {show(twice[0])} stands there twice ({len(twice)} such rows): keep one (one shop, one sensor), "
            'or set every="hour", "day", "week" or "month" to take means'
        )
    return times, values


def _on_grid(times, values):
    """Rows at their places on the grid, NaN at the steps without a row."""
    places, step, grid = find_grid(times)
    filled = np.full((len(grid), values.shape[1]), np.nan)
    filled[places] = values
    return grid, filled, step


def _without_holes(times, values, settings, notes):
    """Every step has a value in every column: refuse the holes, or repeat the last known value where that was asked."""
    for name, column in zip(settings.values, values.T, strict=True):
        if np.isnan(column).all():
            raise ValueError(f'values: column "{name}" is empty')
    first = int((~np.isnan(values)).all(axis=1).argmax()) if (~np.isnan(values)).all(axis=1).any() else len(values)
    if first == len(values):
        raise ValueError(f"values: no step has a value in each of {', '.join(settings.values)}; choose fewer columns")
    if first:
        notes.append(f"the first {f'{first:,} steps have' if first > 1 else 'step has'} no value yet: left out")
        times, values = times[first:], values[first:]
    measured = ~np.isnan(values[:, 0])
    for column, name in enumerate(settings.values):
        holes = np.isnan(values[:, column])
        if not holes.any():
            continue
        where = f"{holes.sum():,} of {len(holes):,} steps, the first at {show(times[int(holes.argmax())])}"
        if settings.missing == "refuse":
            raise ValueError(
                f'missing: "{name}" has no value at {where}; mend the file, or set missing="last" to repeat the last '
                f"known value{_longer_steps(times)} ({notes[1]})"
            )
        last_known = np.maximum.accumulate(np.where(holes, 0, np.arange(len(holes))))
        values[:, column] = values[last_known, column]
        never = ", and never a target" if column == 0 else ""
        notes.append(f'"{name}" has no value at {where}: the last known value is repeated{never}')
    return times, values, measured


def _longer_steps(times):
    """What else may help against holes: means over longer periods, where times are dates."""
    if times.dtype.kind != "M":
        return ""
    days = (times[1] - times[0]) / np.timedelta64(1, "D")
    periods = next(words for limit, words in PERIODS.items() if days < limit)
    return f", or every={periods} to take means"


def _expect_weeks(step, season):
    """A season of 7 where a week has fewer steps would make the seasonal forecast worse than it is."""
    if season == 7 and (week := re.search(r"never on .*\(a week is (\d) steps\)", step)):
        raise ValueError(f"season: {step}; a season of 7 is no week here, set season={week[1]}")


def _expect_changes(values, settings):
    if settings.every and len(values) == 1:
        raise ValueError(f"every: all rows lie in one {settings.every}; choose a shorter period")
    for name, column in zip(settings.values, values.T, strict=True):
        if (column == column[0]).all():
            raise ValueError(f'values: column "{name}" is {column[0]:g} everywhere; there is nothing to learn from it')

"""Evenly spaced steps: found in the times, or made by taking one mean for each period."""

from collections import Counter

import numpy as np

from helpers.arguments import as_number

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
DAYS = "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
MONDAY = np.datetime64("1970-01-05", "s")  # weeks are counted from here


def find_grid(times):
    """The step between the times, and where each of them stands.

    Args:
        times: (rows,) datetime64[s] or float64, ascending and all different.

    Returns:
        places (rows,) int64, from 0, with holes where a step is missing; the step in words; and all times of the grid.

    Raises:
        ValueError: the times are on no grid; the message names the first that is off.

    >>> days = np.array(["2024-01-01", "2024-01-02", "2024-01-04"], dtype="datetime64[s]")
    >>> find_grid(days)[:2]
    (array([0, 1, 3]), '1 day')
    """
    if times.dtype.kind == "f":
        return _numbers_grid(times)
    seconds = times.astype(np.int64)
    step = _usual(np.diff(seconds))
    open_days = _weekdays(times)
    if step == SECONDS["day"] and seconds[-1] - seconds[0] >= 2 * SECONDS["week"] and not open_days.all():
        days = times.astype("datetime64[D]")
        places = np.busday_count(days[0], days, weekmask=open_days)
        grid = np.busday_offset(days[0], np.arange(places[-1] + 1), weekmask=open_days)
        closed = " or ".join(day for day, is_open in zip(DAYS, open_days, strict=True) if not is_open)
        return places, f"1 day, never on {closed} (a week is {open_days.sum()} steps)", grid.astype(times.dtype)
    if not ((seconds - seconds[0]) % step).any():
        places = (seconds - seconds[0]) // step
        return places, _in_words(step), times[0] + np.arange(places[-1] + 1) * np.timedelta64(step, "s")
    months = times.astype("datetime64[M]")
    count = (months - months[0]).astype(np.int64)
    if (np.diff(count) > 0).all() and not (count % (step := _usual(np.diff(count)))).any():
        places = count // step
        words = f"{step // 12} year" if step % 12 == 0 else f"{step} month"
        grid = months[0] + np.arange(places[-1] + 1) * np.timedelta64(step, "M")
        return places, _plural(words), grid.astype(times.dtype)
    off = 1 + int(((np.diff(seconds) % (step := _usual(np.diff(seconds)))) != 0).argmax())
    raise ValueError(
        f"time: the steps are uneven: mostly {_in_words(step)}, but {show(times[off - 1])} is followed by "
        f'{show(times[off])}; set every="hour", "day", "week" or "month" to take means'
    )


def period_means(times, values, every):
    """One mean for each period, NaN where a period has no value.

    Args:
        times: (rows,) datetime64[s], in any order.
        values: (rows, columns), NaN where there is none.
        every: "hour", "day", "week" (from Monday), "month" or "year".

    Returns:
        the times at which the periods begin (periods,), and means (periods, columns).
    """
    if every in SECONDS:
        period = (times - MONDAY).astype(np.int64) // SECONDS[every]
        begins = MONDAY + np.arange(period.min(), period.max() + 1) * np.timedelta64(SECONDS[every], "s")
    else:
        unit = times.astype("datetime64[M]" if every == "month" else "datetime64[Y]")
        period = unit.astype(np.int64)
        begins = np.arange(period.min(), period.max() + 1).astype(unit.dtype).astype(times.dtype)
    place = period - period.min()
    means = np.full((len(begins), values.shape[1]), np.nan)
    for column, cells in enumerate(values.T):
        known = ~np.isnan(cells)
        count = np.bincount(place[known], minlength=len(begins))
        total = np.bincount(place[known], weights=cells[known], minlength=len(begins))
        means[count > 0, column] = total[count > 0] / count[count > 0]
    return begins, means


def show(time):
    """A time as a reader writes it: the day, and the hour only where there is one.

    >>> show(np.datetime64("2024-03-01T00:00:00")), show(np.datetime64("2024-03-01T06:30:00"))
    ('2024-03-01', '2024-03-01 06:30')
    """
    if not isinstance(time, np.datetime64):
        return f"{as_number('time', time):g}"
    text = str(time).replace("T", " ")
    return text.removesuffix(":00").removesuffix(" 00:00")


def _weekdays(times):
    """Which days of the week occur at all, from Monday: bool (7,)."""
    days = times.astype("datetime64[D]")
    return np.bincount((days - MONDAY.astype(days.dtype)).astype(np.int64) % 7, minlength=7) > 0


def _numbers_grid(times):
    step = float(np.median(np.diff(times)))
    places = np.rint((times - times[0]) / step).astype(np.int64)
    off = np.abs(times - times[0] - places * step) > 0.01 * step
    if off.any() or (np.diff(places) < 1).any():
        raise ValueError(f"time: the steps are uneven: mostly {step:g}, but not up to {times[int(off.argmax())]:g}")
    return places, f"{step:g}", times[0] + np.arange(places[-1] + 1) * step


def _usual(steps):
    return int(Counter(steps.tolist()).most_common(1)[0][0])


def _in_words(seconds):
    unit = next(unit for unit in reversed(SECONDS) if seconds % SECONDS[unit] == 0)
    return _plural(f"{seconds // SECONDS[unit]} {unit}")


def _plural(words):
    return words if words.startswith("1 ") else f"{words}s"

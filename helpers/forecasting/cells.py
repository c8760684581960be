"""Words to numbers and times: the way they are written is guessed from all cells, and said."""

import datetime
import functools
import re

import numpy as np

from helpers.forecasting.table import quoted

EMPTY = {"", "na", "n/a", "nan", "null", "none", "-", "#n/a", "."}
PLAIN, GROUPED = r"[+-]?\d*", r"[+-]?\d{1,3}"
WAYS = {  # how numbers may be written -> pattern, sign between thousands, decimal sign
    "a decimal point": (rf"{PLAIN}\.?\d+\.?(e[+-]?\d+)?", "", "."),
    "a decimal comma": (rf"{PLAIN},?\d+(e[+-]?\d+)?", "", ","),
    "a comma between thousands": (rf"{GROUPED}(,\d{{3}})*(\.\d+)?|{PLAIN}\.?\d+", ",", "."),
    "a point between thousands and a decimal comma": (rf"{GROUPED}(\.\d{{3}})*(,\d+)?|{PLAIN},?\d+", ".", ","),
}
DAYS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y-%m", "%Y/%m", "%Y",
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%m/%Y", "%m.%Y",
    "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %Y", "%B %Y",
]  # fmt: skip
CLOCKS = "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p"


def to_numbers(columns, lines, separator):
    """Numbers, with NaN where a cell is empty.

    Args:
        columns: dict name -> cells (rows,)
        lines: where each row stands in the file.
        separator: of the cells; in a file with commas, a comma inside a number parts thousands.

    Returns:
        values (rows, columns) float64, and a sentence that says how they were read.

    Raises:
        ValueError: a text, or an infinite number; the message names the column, the line and the text.
    """
    written = [_bare(cell) for cells in columns.values() for cell in cells if cell.lower() not in EMPTY]
    order = sorted(WAYS, key=lambda way: separator == "," and way == "a decimal comma")  # the last to be tried there
    way = max(order, key=lambda way: sum(_is_written(cell, way) for cell in written))  # of equals the first
    _expect_numbers(columns, lines, way)
    values = [
        [_number(cell, way, name, line) for cell, line in zip(cells, lines, strict=True)]
        for name, cells in columns.items()
    ]
    as_it_stands = (cell for cells in columns.values() for cell in cells if cell.lower() not in EMPTY)
    telling = next((cell for cell in as_it_stands if not cell.lstrip("+-").isdigit()), None)
    said = f'numbers with {way}: "{telling}" is {_number(telling, way, "", 0):.12g}' if telling else "whole numbers"
    return np.array(values).T, said


def _bare(cell):
    """A number without the signs of money and percent around it, and without blanks between its thousands."""
    return re.sub(r"(?<=\d)[\s'](?=\d{3})", "", cell.strip("$€£¥% \u00a0"))


def _is_written(cell, way):
    return re.fullmatch(WAYS[way][0], cell, re.IGNORECASE) is not None


def _expect_numbers(columns, lines, way):
    for name, cells in columns.items():
        wrong = [
            (cell, line)
            for cell, line in zip(cells, lines, strict=True)
            if cell.lower() not in EMPTY and not _is_written(_bare(cell), way)
        ]
        if wrong:
            cell, line = wrong[0]
            remedy = "mend or empty it" if len(wrong) == 1 else f"mend or empty it, and {len(wrong) - 1:,} more"
            if len(wrong) == sum(cell.lower() not in EMPTY for cell in cells):
                remedy = "no cell of this column is one: leave it out of values"
            raise ValueError(f'values: column "{name}", line {line}: {quoted(cell)} is not a number; {remedy}')


def _number(cell, way, name, line):
    if cell.lower() in EMPTY:
        return np.nan
    bare = _bare(cell)
    _, thousands, point = WAYS[way]
    number = float((bare.replace(thousands, "") if thousands else bare).replace(point, "."))
    if not np.isfinite(number):
        raise ValueError(f'values: column "{name}", line {line}: {quoted(cell)} is not finite; mend or empty it')
    return number


def to_times(cells, lines, date_format=None):
    """Times, or plain numbers such as seconds.

    Args:
        cells: (rows,) words.
        lines: where each row stands in the file.
        date_format: as in datetime.strptime; by default guessed.

    Returns:
        times (rows,) datetime64[s] or float64, and a sentence that says how they were read.

    Raises:
        ValueError: a cell that is empty, or not written as the others are.
    """
    if "" in cells:
        raise ValueError(f"time: line {lines[cells.index('')]} has no time; fill it in or delete the line")
    read = {name: _as_far_as_it_goes(cells, parse) for name, parse in _parsers(date_format).items()}
    whole = {name: _as_times(moments) for name, moments in read.items() if len(moments) == len(cells)}
    if not whole:
        wrong = max(len(moments) for moments in read.values())
        expected = (
            f"written like {quoted(cells[0])}" if wrong else f'written as "{date_format}"' if date_format else "a time"
        )
        remedy = (
            "mend it or delete the line" if wrong else 'say how it is written, such as date_format="%d/%m/%Y %H:%M"'
        )
        raise ValueError(f"time: line {lines[wrong]}: {quoted(cells[wrong])} is not {expected}; {remedy}")
    # where day and month could be either, the right way is the one in which time runs one way, in even steps
    name = max(whole, key=lambda name: (_runs_one_way(whole[name]), _evenness(whole[name])))  # of equals the first
    times, others = whole[name], [other for other in whole if "%" in other and other != name]
    if name == "number":
        if wrong := (~np.isfinite(times)).nonzero()[0].tolist():
            line, cell = lines[wrong[0]], quoted(cells[wrong[0]])
            raise ValueError(f"time: line {line}: {cell} is no time; fill it in or delete the line")
        return times, f'times: plain numbers, from "{cells[0]}"'
    differing = [i for other in others for i in (times != whole[other]).nonzero()[0][:1]]
    told = min(differing, default=0)  # 01/01 is 1 January either way
    moment = times[told].item()
    said = f'times: "{cells[told]}" is {moment.day} {moment:%B %Y}'
    if moment.hour or moment.minute:
        said += f", {moment:%H:%M}"
    if getattr(read[name][0], "tzinfo", None):
        said += " UTC; all steps are counted in UTC"
    return times, said + (f' (if not, set date_format="{others[0]}")' if others and "%" in name else "")


def _parsers(date_format):
    """The ways to read a time: dict name -> function of a cell."""
    formats = [day + clock for day in DAYS for clock in CLOCKS] if date_format is None else [date_format]
    dates = {each: functools.partial(_strptime, date_format=each) for each in formats}
    return dates if date_format else {"iso": datetime.datetime.fromisoformat, **dates, "number": float}


def _strptime(cell, date_format):
    return datetime.datetime.strptime(cell, date_format)


def _as_far_as_it_goes(cells, parse):
    read = []
    for cell in cells:
        try:
            read.append(parse(cell))
        except ValueError:
            break
    return read


def _as_times(moments):
    """Numbers -> float64; datetimes -> datetime64[s], in UTC where they tell their zone."""
    if isinstance(moments[0], float):
        return np.array(moments)
    utc = [m.astimezone(datetime.UTC).replace(tzinfo=None) if m.tzinfo else m for m in moments]
    return np.array(utc, dtype="datetime64[s]")


def _evenness(times):
    """The share of the steps that are as long as most of them, counted in seconds or in months."""
    times = np.unique(times)
    ways = [np.diff(times).astype(float)]
    if times.dtype.kind == "M":
        ways.append(np.diff(times.astype("datetime64[M]")).astype(float))
    shares = [
        np.unique(steps, return_counts=True)[1].max() / len(steps) for steps in ways if len(steps) and steps.all()
    ]
    return max(shares, default=0)


def _runs_one_way(times):
    steps = np.diff(times).astype(float)
    return bool((steps > 0).all() or (steps < 0).all())

"""Notebook 01, chronological_split. One answer is right; a judge looks at it, because no two shuffles are alike."""

import torch

from helpers import splits
from helpers.checks.exercise import Exercise, Finding, Misconception
from helpers.checks.values import same

FRACTIONS = 0.5, 0.25, 0.25
PARTS = "train", "validation", "test"


def cases(seed):
    """Two of six have cuts between two rows; there `int` and `round` part ways."""
    generator = torch.Generator().manual_seed(seed)
    sizes = (40, 4, 3, (0.5, 0.3, 0.2)), (60, 1, 7, (0.6, 0.2, 0.2)), (50, 6, 1, (0.4, 0.2, 0.4))
    more = torch.randint(0, 30, (2,), generator=generator).tolist()
    uneven = [(4 * (20 + k) + 3, 5, 2 + i, FRACTIONS) for i, k in enumerate(more)]
    return [(48, 4, 2, FRACTIONS), *sizes, *uneven]


def judge(outputs, n_steps, length, horizon, fractions):
    """None for the reference's own answer; otherwise the mistake, and one window that shows it."""
    arguments = n_steps, length, horizon, fractions
    right = splits.chronological_split(*arguments)
    if same(outputs, right):
        decimal = next((name for name, part in zip(PARTS, outputs, strict=True) if part.dtype.is_floating_point), None)
        return decimal and Finding(None, f"`{decimal}` holds decimal numbers; rows are counted in whole ones.")
    known = (name for name, m in MISCONCEPTIONS.items() for f in m.functions if same(outputs, f(*arguments)))
    if diagnosis := next(known, None):
        return Finding(diagnosis)
    if not isinstance(outputs, tuple) or len(outputs) != 3:
        return Finding(None, "Return three parts: `train, validation, test`.")
    if any(part.dim() != 1 for part in outputs):
        return Finding(None, "Each part is one row of whole numbers: where its windows start.")
    if any((part.diff() < 0).any() for part in outputs):
        return Finding("shuffled")
    return Finding(None, _shown(outputs, right, arguments))


def _shown(outputs, right, arguments):
    """The first part that differs, as it is and as it should be."""
    n_steps, length, horizon, fractions = arguments
    i = next(i for i in range(3) if not same(outputs[i], right[i]))
    got, expected = (f"{part[0]} ... {part[-1]}" if len(part) else "nothing" for part in (outputs[i], right[i]))
    return (
        f"With {n_steps} rows in shares of {fractions}, length {length} and horizon {horizon}, the windows of "
        f"{PARTS[i]} start at {expected} ({len(right[i])} of them); here it is {got} ({len(outputs[i])})."
    )


def _cuts(n_steps, fractions, whole=round):
    return 0, whole(n_steps * fractions[0]), whole(n_steps * (fractions[0] + fractions[1])), n_steps


def _range(first, stop):
    return torch.arange(first, max(first, stop))


def _between(first_shift=0, stop_shift=0, whole=round, uncut=False):
    """The windows of each part, its first start and the end of its starts moved by so many rows.

    uncut: also at the end of the series, where the last windows then have no target.
    """

    def wrong(n_steps, length, horizon, fractions):
        first, stop = (shift(length, horizon) if callable(shift) else shift for shift in (first_shift, stop_shift))
        cuts = _cuts(n_steps, fractions, whole)
        span = length + horizon - 1
        return tuple(
            _range(cuts[i] + (first if i else 0), min(cuts[i + 1] - span + stop, n_steps - (0 if uncut else span)))
            for i in range(3)
        )

    return wrong


_right = _between()


def _shuffled(n_steps, length, horizon, fractions):
    n_windows = n_steps - length - horizon + 1
    order = torch.randperm(n_windows, generator=torch.Generator().manual_seed(0))
    cuts = _cuts(n_windows, fractions)
    return tuple(order[cuts[i] : cuts[i + 1]] for i in range(3))


def _windows_cut(n_steps, length, horizon, fractions):
    n_windows = n_steps - length - horizon + 1
    cuts = _cuts(n_windows, fractions)
    return tuple(_range(cuts[i], cuts[i + 1]) for i in range(3))


def _fractions_of_windows(n_steps, length, horizon, fractions):
    span, n_windows = length + horizon - 1, n_steps - length - horizon + 1
    cuts = _cuts(n_windows, fractions)
    return tuple(_range(cuts[i] + (span if i else 0), cuts[i + 1]) for i in range(3))


def _not_cumulated(n_steps, length, horizon, fractions):
    cuts = 0, round(n_steps * fractions[0]), round(n_steps * fractions[1]), n_steps
    span = length + horizon - 1
    return tuple(_range(cuts[i], cuts[i + 1] - span) for i in range(3))


def _by_row(row):
    """row(length, horizon) -> a window goes to the part in which that row of it lies, counted from its start."""

    def wrong(n_steps, length, horizon, fractions):
        starts = torch.arange(n_steps - length - horizon + 1)
        cuts = _cuts(n_steps, fractions)
        looked_at = starts + row(length, horizon)
        return tuple(starts[(cuts[i] <= looked_at) & (looked_at < cuts[i + 1])] for i in range(3))

    return wrong


def _rounded_apart(n_steps, length, horizon, fractions):
    first = round(n_steps * fractions[0])
    cuts = 0, first, first + round(n_steps * fractions[1]), n_steps
    span = length + horizon - 1
    return tuple(_range(cuts[i], cuts[i + 1] - span) for i in range(3))


def _rows(n_steps, length, horizon, fractions):
    cuts = _cuts(n_steps, fractions)
    return tuple(_range(cuts[i], cuts[i + 1]) for i in range(3))


def _end_forgotten(n_steps, length, horizon, fractions):
    train, validation, test = _right(n_steps, length, horizon, fractions)
    return train, validation, torch.arange(int(test[0]), n_steps)


def _from_zero(n_steps, length, horizon, fractions):
    return tuple(part - part[0] for part in _right(n_steps, length, horizon, fractions))


MISCONCEPTIONS = {
    "shuffled": Misconception(
        _shuffled,
        "The windows were shuffled before they were dealt out: nearly every test window shares rows with training "
        "windows, and the future stands in training.",
    ),
    "windows_cut": Misconception(
        _windows_cut,
        "The windows are in the order of time, but nothing is left out between the parts: the last training windows "
        "reach over the cut, into rows that the next part uses.",
    ),
    "straddling": Misconception(
        _between(stop_shift=lambda length, horizon: length + horizon - 1),
        "The parts begin at the right rows, but windows that *start* before a cut and end behind it are kept. Where "
        "does the last row that a window needs lie?",
    ),
    "horizon_forgotten": Misconception(
        _between(stop_shift=lambda length, horizon: horizon),
        "The inputs stay inside their part, but some targets lie behind the cut. A target is a row of the series too.",
        also=(_between(stop_shift=lambda length, horizon: horizon, uncut=True),),
    ),
    "length_forgotten": Misconception(
        _between(stop_shift=lambda length, horizon: length - 1),
        "The last windows of a part still reach over the cut: only the horizon was counted, not the window's own "
        "length.",
    ),
    "by_last_input": Misconception(
        _by_row(lambda length, horizon: length - 1),
        "Each window went to the part in which its *last input* lies: its target may then lie in the next part, its "
        "first inputs in the one before. Every row of a window counts.",
    ),
    "by_target": Misconception(
        _by_row(lambda length, horizon: length + horizon - 1),
        "Each window went to the part in which its *target* lies. Train is right; but the first windows of validation "
        "and test take inputs from before their cut.",
    ),
    "one_too_many": Misconception(
        _between(stop_shift=1),
        "Nearly: the last window of a part has its target exactly on the first row of the next part.",
        also=(_between(stop_shift=1, uncut=True),),
    ),
    "end_forgotten": Misconception(
        _end_forgotten,
        "Train and validation are right. The test part needs the same care: its last windows have no target any more, "
        "for the series ends as well.",
    ),
    "one_too_few": Misconception(
        _between(stop_shift=-1),
        "No row stands on two sides, but each part lacks its last window: the one whose target is the part's very last "
        "row still fits.",
    ),
    "dropped_twice": Misconception(
        _between(first_shift=lambda length, horizon: length + horizon - 1),
        "No row stands on two sides, but too much is thrown away: windows are dropped before the cut *and* behind it. "
        "One of the two is enough.",
    ),
    "behind_the_cut": Misconception(
        _between(
            first_shift=lambda length, horizon: length + horizon - 1,
            stop_shift=lambda length, horizon: length + horizon - 1,
        ),
        "The windows are dropped behind the cut, where they should be dropped before it: as it stands the last "
        "training windows still use rows behind the cut.",
    ),
    "fractions_of_windows": Misconception(
        _fractions_of_windows,
        "An honest split, but of another kind: here the shares are shares of the *rows*, and the cuts lie between "
        "rows.",
    ),
    "not_cumulated": Misconception(
        _not_cumulated,
        "The first part is right. The second cut lies too early: it comes after the first *two* shares together.",
    ),
    "rounded_apart": Misconception(
        _rounded_apart,
        "An honest split; only the second cut is a row off at times: two shares were rounded one by one and then "
        "added, where their sum is to be rounded.",
    ),
    "rows_returned": Misconception(
        _rows,
        "These are all the rows of each part. Asked for are the rows at which its *windows* start, and a window needs "
        "room for its inputs and its target.",
    ),
    "from_zero": Misconception(
        _from_zero,
        "Each part counts from 0 again. The starts are rows of the whole series.",
    ),
    "rounded_down": Misconception(
        _between(whole=int),
        "An honest split; only where a share is no whole number of rows, the cut lies one row early: `int` cuts the "
        "decimals off. Round to the nearest row.",
    ),
    "order_reversed": Misconception(
        lambda *arguments: _right(*arguments)[::-1],
        "The right parts in the wrong order: return train, validation, test.",
    ),
    "two_parts": Misconception(
        lambda *arguments: _right(*arguments)[::2],
        "Two parts came back. Three are asked for: train, validation, test.",
    ),
}

CHRONOLOGICAL = Exercise(
    name="chronological_split",
    reference=splits.chronological_split,
    returns=PARTS,
    cases=cases,
    judge=judge,
    misconceptions=MISCONCEPTIONS,
    forbidden=(splits.chronological_split, splits.walk_forward),
    hints=(
        "48 rows in shares of 0.5, 0.25, 0.25: the cuts lie before rows 24 and 36. Windows of 4 rows with the target 2 "
        "further reach over 6 rows: the last one of train uses rows 18 ... 21 and 23. So train's start at 0 ... 18.",
        "Two cuts: int, int. Three parts, each (windows,) of whole numbers; together fewer than T - length - horizon + "
        "1.",
        "`first_cut = round(n_steps * fractions[0])`",
    ),
    notebook="01",
    minutes=15,
)

EXERCISES = (CHRONOLOGICAL,)

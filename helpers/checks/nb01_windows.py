"""Notebook 01, make_windows."""

import torch

from helpers import splits
from helpers.checks.exercise import Exercise, Misconception


def cases(seed):
    """Steps, features, length and horizon all differ, and the horizon is at least 2: with 1, half the mistakes hide."""
    generator = torch.Generator().manual_seed(seed)
    sizes = (12, 2, 3, 4), (11, 3, 4, 2), (9, 1, 2, 5), (14, 4, 5, 3), (8, 2, 4, 3), (8, 3, 3, 1), (7, 2, 3, 4)
    random = [
        (torch.randn(steps, features, generator=generator), length, horizon)
        for steps, features, length, horizon in sizes
    ]
    on_paper = torch.arange(7.0)[:, None] * torch.tensor([1.0, 10.0])
    return [(on_paper, 3, 2), *random]


def _inputs(x, length, n_windows):
    return torch.stack([x[s : s + length] for s in range(n_windows)])


def _count(x, length, horizon):
    return len(x) - length - horizon + 1


def _with_target(offset):
    """offset(length, horizon) -> windows whose target lies that many rows after their start, as many as there are."""

    def wrong(x, length, horizon):
        shift = offset(length, horizon)
        n_windows = min(len(x) - shift, len(x) - length + 1)
        return _inputs(x, length, n_windows), x[shift : shift + n_windows]

    return wrong


def _kept(offset):
    """The same, with the right number of windows."""

    def wrong(x, length, horizon):
        n_windows, shift = _count(x, length, horizon), offset(length, horizon)
        return _inputs(x, length, n_windows), x[shift : shift + n_windows]

    return wrong


def _right(x, length, horizon):
    return _with_target(lambda length, horizon: length + horizon - 1)(x, length, horizon)


def _without_last(x, length, horizon):
    X, y = _right(x, length, horizon)
    return X[:-1], y[:-1]


def _without_last_stacked(x, length, horizon):
    """The same, where stacking no window at all is an error."""
    return _inputs(x, length, _count(x, length, horizon) - 1), x[length + horizon - 1 : -1]


def _uncut(x, length, horizon):
    return _inputs(x, length, len(x) - length + 1), _right(x, length, horizon)[1]


def _side_by_side(x, length, horizon):
    X, y = _right(x, length, horizon)
    return X[::length], y[::length]


def _reshaped(x, length, horizon):
    X, y = _right(x, length, horizon)
    return X.transpose(1, 2).reshape(X.shape), y


def _path(x, length, horizon):
    X, _ = _right(x, length, horizon)
    return X, torch.stack([x[s + length : s + length + horizon] for s in range(len(X))])


def _kept_axis(x, length, horizon):
    X, y = _right(x, length, horizon)
    return X, y[:, None]


def _first_feature(x, length, horizon):
    X, y = _right(x, length, horizon)
    return X, y[:, 0]


def _first_feature_kept(x, length, horizon):
    X, y = _right(x, length, horizon)
    return X, y[:, :1]


LATE = (
    "Each target stands one step late: `horizon` steps after the row that *follows* the window (so there is one window "
    "less, too). Horizon 1 means the very next row."
)
INSIDE = (
    "The target lies inside the window: it is the last row that the model is shown. A model that copies it would be "
    "perfect, and useless."
)
NEXT = (
    "The target is always the row right behind the window, whatever the horizon. On paper: where does a horizon of 2 "
    "point?"
)
FROM_START = (
    "The target lies `horizon` steps after the window's *first* row, where it should be counted from its last: with a "
    "short horizon the model is shown the answer."
)

MISCONCEPTIONS = {
    "one_late": Misconception(_with_target(lambda length, horizon: length + horizon), LATE),
    "one_early": Misconception(
        _kept(lambda length, horizon: length + horizon - 2),
        "Each target stands one step early; with a horizon of 1 it even lies inside its window. Count on paper from "
        "the window's last row, row `s + length - 1`.",
    ),
    "inside": Misconception(_kept(lambda length, horizon: length - 1), INSIDE),
    "inside_uncut": Misconception(_with_target(lambda length, horizon: length - 1), INSIDE),
    "next_row": Misconception(_kept(lambda length, horizon: length), NEXT),
    "next_row_uncut": Misconception(_with_target(lambda length, horizon: length), NEXT),
    "from_the_start": Misconception(_kept(lambda length, horizon: horizon), FROM_START),
    "last_lost": Misconception(
        _without_last,
        "Every window is right, but the last one is missing. The window whose target is the very last row counts too: "
        "`range(n)` already stops before n.",
        also=(_without_last_stacked,),
    ),
    "inputs_uncut": Misconception(
        _uncut,
        "The targets are right, but there are more inputs than targets: the last windows have nothing left to "
        "forecast.",
    ),
    "side_by_side": Misconception(
        _side_by_side,
        "The windows stand side by side, without overlap. Here a new window starts at every row.",
    ),
    "one_row_too_many": Misconception(
        lambda x, length, horizon: (
            _inputs(x, length + 1, _count(x, length, horizon)),
            _right(x, length, horizon)[1],
        ),
        "The targets are right, but each window has a row too many: the one behind its end, which with a horizon of 1 "
        "is the answer itself.",
    ),
    "features_first": Misconception(
        lambda x, length, horizon: (_right(x, length, horizon)[0].transpose(1, 2), _right(x, length, horizon)[1]),
        "The right numbers, but a window here has one row per *feature*. (That is how `unfold` gives them.) A window "
        "is a piece of the series: one row per step.",
    ),
    "reshaped": Misconception(
        _reshaped,
        "The shape is right, but inside each window the numbers are mixed up: a reshape does not turn rows into "
        "columns, it only counts them off anew. Look at one window beside its piece of the series.",
    ),
    "whole_path": Misconception(
        _path,
        "y holds all the rows from the window's end up to the target. Asked for is only the one that lies `horizon` "
        "steps ahead.",
    ),
    "axis_kept": Misconception(
        _kept_axis,
        "The right numbers, but y has an axis of size 1 too many: a slice keeps its axis, an index takes it away.",
    ),
    "first_feature": Misconception(
        _first_feature,
        "y holds the first feature only. A target is a whole row of the series.",
        also=(_first_feature_kept,),
    ),
    "y_first": Misconception(
        lambda x, length, horizon: _right(x, length, horizon)[::-1],
        "Both results are right, in the wrong order: `y, X` came back, where `X, y` is expected.",
    ),
    "inputs_only": Misconception(
        lambda x, length, horizon: _right(x, length, horizon)[0],
        "The inputs are right, but they come alone. Return the targets as well: `X, y`.",
    ),
}

WINDOWS = Exercise(
    name="make_windows",
    reference=splits.make_windows,
    returns=("X", "y"),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(splits.make_windows,),
    hints=(
        "Seven rows 0 ... 6, length 3, horizon 2. The first window shows rows 0, 1, 2 and asks for row 4; the next one "
        "shows 1, 2, 3 and asks for 5; the last one asks for row 6. So there are three.",
        "x (T, F); one window (length, F), one target (F,); stacked: X (N, length, F), y (N, F), N = T - length - "
        "horizon + 1.",
        "`n_windows = len(x) - length - horizon + 1`",
    ),
    notebook="01",
    minutes=8,
    class_time=True,
)

EXERCISES = (WINDOWS,)

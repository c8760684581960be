"""Windows, and ways to split them that do not leak.

A window takes `length` rows as input and the row `horizon` steps after its last one as target; the window that starts
at row s needs the rows s ... s + length + horizon - 1. A split leaks when a row, or an entity, stands on both sides.

    make_windows, fit_scaler                            inputs, targets, and what scales them
    chronological_split, walk_forward, group_split      ways that do not leak
    split_by_start, shuffled_split                      two that do: the usual suspects, to be looked at
    leaking_windows, rows_of, check_times               to judge a split, or the times of a series

Shapes: a series is (steps, features); windows are known by the row they start at.
"""

import numpy as np
import torch

from helpers.arguments import expect_count, expect_number, expect_shares, expect_times, expect_type
from helpers.shapes import expect_floats, expect_shape, expect_whole


def make_windows(x, length, horizon):
    """Cut a series into every window it has: inputs x[s : s + length], target x[s + length + horizon - 1].

    Args:
        x: (steps, features)
        length: rows each window looks at.
        horizon: how many steps after the last of them the target lies; 1 is the very next row.

    Returns:
        X (windows, length, features) and y (windows, features), with windows = steps - length - horizon + 1.

    Raises:
        ValueError: a window longer than the series, or NaN in it.

    >>> X, y = make_windows(torch.arange(6.0)[:, None], length=3, horizon=2)
    >>> X[:, :, 0].tolist(), y[:, 0].tolist()
    ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [4.0, 5.0])
    """
    expect_type("x", x, torch.Tensor)
    steps = expect_shape("x", x, "steps features")["steps"]
    _check_window(length, horizon)
    _check_finite("x", x)
    if steps < length + horizon:
        raise ValueError(f"x: {_needs(length, horizon)}, but the series has {steps}")
    X = x.unfold(0, length, 1).transpose(1, 2)[: steps - length - horizon + 1]
    return X.clone(memory_format=torch.contiguous_format), x[length + horizon - 1 :].clone()


def chronological_split(n_steps, length, horizon, fractions, gap=0):
    """Cut the rows in three, in the order of time, and keep the windows that lie wholly inside one part.

    The cuts lie at round(n_steps * fractions[0]) and round(n_steps * (fractions[0] + fractions[1])). A window that
    straddles a cut is dropped: so no row, be it input or target, stands on two sides.

    Args:
        n_steps: rows of the series.
        length, horizon: as in make_windows.
        fractions: three shares of the rows, which sum to 1.
        gap: rows left out after each cut, where neighbours resemble each other for longer than one window.

    Returns:
        train, validation, test: the rows at which their windows start, int64; rows of make_windows' X and y.

    Raises:
        ValueError: fractions that do not sum to 1, a gap longer than a part, a window longer than a part.

    >>> [part.tolist() for part in chronological_split(20, length=3, horizon=1, fractions=(0.5, 0.25, 0.25))]
    [[0, 1, 2, 3, 4, 5, 6], [10, 11], [15, 16]]
    """
    _check_split(n_steps, length, horizon, fractions)
    if expect_count("gap", gap, least=0) >= n_steps:
        raise ValueError(f"gap: {gap} rows do not fit into a series of {n_steps}")
    cuts = [0, round(n_steps * fractions[0]), round(n_steps * (fractions[0] + fractions[1])), n_steps]
    starts = []
    for name, first, stop in zip(("train", "validation", "test"), cuts[:-1], cuts[1:], strict=True):
        first = first + gap if first else first
        if stop - first < length + horizon:
            after = f" after the gap of {gap}" if gap else ""
            raise ValueError(f"{name}: {_needs(length, horizon)}, but this part has {max(stop - first, 0)}{after}")
        starts.append(torch.arange(first, stop - length - horizon + 1))
    return tuple(starts)


def split_by_start(n_steps, length, horizon, fractions, gap=0):
    """The careless cut, to be looked at: a window belongs to the part it starts in, wherever it ends.

    Arguments and returns: see chronological_split. The last windows of a part use the first rows behind the cut, unless
    the gap is at least length + horizon - 1.

    >>> [part.tolist() for part in split_by_start(12, length=3, horizon=1, fractions=(0.5, 0.25, 0.25))]
    [[0, 1, 2, 3, 4, 5], [6, 7, 8], []]
    """
    _check_split(n_steps, length, horizon, fractions)
    gap = expect_count("gap", gap, least=0)
    windows = torch.arange(max(n_steps - length - horizon + 1, 0))
    cuts = [0, round(n_steps * fractions[0]), round(n_steps * (fractions[0] + fractions[1])), n_steps]
    firsts = [first + gap if first else first for first in cuts[:-1]]
    return tuple(windows[first:stop] for first, stop in zip(firsts, cuts[1:], strict=True))


def shuffled_split(n_steps, length, horizon, fractions, seed):
    """The usual mistake, to be looked at: windows dealt out at random, in shares of the windows.

    Arguments and returns: see chronological_split.
    """
    _check_split(n_steps, length, horizon, fractions)
    order = window_order(n_steps, length, horizon, seed)
    cuts = [int(len(order) * share + 0.5) for share in (fractions[0], fractions[0] + fractions[1])]
    return order[: cuts[0]], order[cuts[0] : cuts[1]], order[cuts[1] :]


def window_order(n_steps, length, horizon, seed):
    """All windows of a series in random order: (windows,) int64."""
    expect_count("n_steps", n_steps)
    _check_window(length, horizon)
    return torch.from_numpy(
        np.random.default_rng(expect_count("seed", seed, least=0)).permutation(max(n_steps - length - horizon + 1, 0))
    )


def walk_forward(n_steps, length, horizon, n_splits=5):
    """Train on the past, test on what follows, n_splits times, each time from further on.

    scikit-learn's TimeSeriesSplit over the windows, with the gap that it does not leave by default: the windows between
    train and test that would share a row with both.

    Returns:
        list of n_splits pairs train, test: the rows at which their windows start, int64.

    >>> [(train.tolist(), test.tolist()) for train, test in walk_forward(9, length=2, horizon=1, n_splits=2)]
    [([0], [3, 4]), ([0, 1, 2], [5, 6])]
    """
    from sklearn.model_selection import TimeSeriesSplit  # here: every widget and check would wait seconds for it

    expect_count("n_steps", n_steps)
    expect_count("n_splits", n_splits, least=2)
    _check_window(length, horizon)
    span = length + horizon
    try:
        splits = list(TimeSeriesSplit(n_splits, gap=span - 1).split(np.zeros(max(n_steps - span + 1, 0))))
    except ValueError as error:
        raise ValueError(
            f"n_steps: {n_steps} rows are too few for {n_splits} splits of windows that need {span} rows each"
        ) from error
    return [(torch.from_numpy(train), torch.from_numpy(test)) for train, test in splits]


def group_split(groups, fraction, seed):
    """Split rows so that every group (a place, a writer, a patient) stands wholly on one side.

    Args:
        groups: (rows,) the group of each row: a tensor of whole numbers, or a list of words.
        fraction: the share of the *groups* that goes to train, rounded to whole groups.
        seed: which groups; the same seed gives the same split.

    Returns:
        train_mask (rows,) bool: True where a row belongs to train; the others are the test set.

    Raises:
        ValueError: fewer than two groups, or a fraction that leaves a side empty.

    Source: scikit-learn's GroupShuffleSplit.

    >>> mask = group_split(torch.tensor([7, 7, 8, 8, 8, 9, 9, 7]), fraction=2 / 3, seed=0)
    >>> bool(mask[0] == mask[1] == mask[7])
    True
    """
    from sklearn.model_selection import GroupShuffleSplit

    groups = np.asarray(groups)
    if groups.ndim != 1 or groups.dtype == object or (groups.dtype.kind == "f" and np.isnan(groups).any()):
        raise ValueError(f"groups: expected whole numbers or words (rows,), got {groups!r:.60}")
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError(f"groups: expected one group per row and at least two groups, got {n_groups}")
    expect_number("fraction", fraction, least=0, most=1)
    n_train = round(fraction * n_groups)
    if not 0 < n_train < n_groups:
        raise ValueError(f"fraction: {fraction} of {n_groups} groups leaves one side empty")
    seed = expect_count("seed", seed, least=0)
    train, _ = next(GroupShuffleSplit(1, train_size=n_train, random_state=seed).split(groups, groups=groups))
    return torch.isin(torch.arange(len(groups)), torch.from_numpy(train))


def fit_scaler(train, test):
    """What (x - mean) / std needs, one pair per feature, learnt from train alone.

    Args:
        train: (rows, features)
        test: (rows, features): must not be looked at; it is here because in real code it lies within reach.

    Returns:
        mean (features,) and std (features,), the population's (divided by n, as scikit-learn's StandardScaler does);
        1 where a feature never changes, so that nothing is divided by 0.

    >>> mean, std = fit_scaler(torch.tensor([[1.0, 5.0], [3.0, 5.0]]), torch.tensor([[100.0, 100.0]]))
    >>> mean.tolist(), std.tolist()
    ([2.0, 5.0], [1.0, 1.0])
    """
    expect_floats(train=train, test=test)
    n_features = expect_shape("train", train, "rows features")["features"]
    if not len(train):
        raise ValueError("train: expected at least one row to learn from, got none")
    expect_shape("test", test, "rows features", features=n_features)
    _check_finite("train", train)
    std = train.std(dim=0, correction=0)
    constant = (train == train[:1]).all(dim=0)  # rounding may leave a std of 1e-8 instead of 0
    return train.mean(dim=0), torch.where(constant, torch.ones_like(std), std)


def rows_of(starts, length, horizon):
    """Every row that the windows starting at `starts` use, once and sorted: the inputs and the target of each.

    >>> rows_of(torch.tensor([0, 5]), length=2, horizon=2).tolist()
    [0, 1, 3, 5, 6, 8]
    """
    _check_window(length, horizon)
    offsets = torch.tensor([*range(length), length + horizon - 1])
    return torch.unique(expect_whole("starts", starts)[:, None] + offsets)


def leaking_windows(train, test, length, horizon):
    """Which test windows share a row with train: bool, one per test window; not one True is an honest split.

    Args:
        train, test: the rows at which the windows of each side start.
        length, horizon: as in make_windows.
    """
    _check_window(length, horizon)
    offsets = torch.tensor([*range(length), length + horizon - 1])
    train, test = expect_whole("train", train), expect_whole("test", test)
    return torch.isin(test[:, None] + offsets, rows_of(train, length, horizon)).any(dim=1)


def check_times(times):
    """Raise ValueError unless times (steps,), dates or numbers, are known, sorted and all different."""
    expect_times("times", times)


def _check_window(length, horizon):
    expect_count("length", length)
    expect_count("horizon", horizon)


def _check_split(n_steps, length, horizon, fractions):
    expect_count("n_steps", n_steps)
    _check_window(length, horizon)
    expect_shares("fractions", fractions)


def _check_finite(name, x):
    bad = ~torch.isfinite(x)
    if bad.any():
        row, feature = bad.nonzero()[0].tolist()
        raise ValueError(f"{name}: {x[row, feature]} in row {row}, feature {feature}; fill or drop such rows first")


def _needs(length, horizon):
    return f"a window of {length} with its target {horizon} further on needs {length + horizon} rows"

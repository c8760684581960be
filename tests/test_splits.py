from datetime import datetime

import numpy as np
import pytest
import torch

from helpers.splits import (
    check_times,
    chronological_split,
    fit_scaler,
    group_split,
    leaking_windows,
    make_windows,
    rows_of,
    walk_forward,
)

ROUNDS = 200


def sizes(seed):
    draw = np.random.default_rng(seed)
    length, horizon = int(draw.integers(1, 12)), int(draw.integers(1, 12))
    return int(draw.integers(5 * (length + horizon) + 10, 300)), length, horizon, draw


def spans(starts, length, horizon):
    """Every row from a window's first to its target, told apart from rows_of on purpose: the plain way, in a loop."""
    return {row for start in starts.tolist() for row in range(start, start + length + horizon)}


def test_a_window_is_its_rows_and_the_target_lies_horizon_steps_after_the_last():
    for seed in range(ROUNDS):
        steps, length, horizon, _ = sizes(seed)
        x = torch.arange(steps * 2.0).reshape(steps, 2)
        X, y = make_windows(x, length, horizon)
        assert X.shape == (steps - length - horizon + 1, length, 2)
        for s in (0, len(X) // 2, len(X) - 1):
            assert torch.equal(X[s], x[s : s + length])
            assert torch.equal(y[s], x[s + length - 1 + horizon])


def test_a_series_of_exactly_one_window_has_one():
    assert make_windows(torch.zeros(7, 1), 4, 3)[0].shape == (1, 4, 1)


@pytest.mark.parametrize("length", [1, 3])
def test_windows_are_the_learners_own(length):
    x = torch.zeros(9, 1)
    X, y = make_windows(x, length, 1)
    X += 1
    y += 1
    assert not x.any()


def test_no_row_stands_in_two_parts():
    for seed in range(ROUNDS):
        steps, length, horizon, draw = sizes(seed)
        gap = int(draw.integers(0, 3))
        fractions = 0.4, 0.3, 0.3
        parts = chronological_split(steps, length, horizon, fractions, gap)
        train, validation, test = (spans(part, length, horizon) for part in parts)
        assert not train & validation
        assert not validation & test
        assert max(train) + gap < min(validation)
        assert max(validation) + gap < min(test)
        assert max(test) < steps
        assert not leaking_windows(parts[0], parts[2], length, horizon).any()


def test_only_the_windows_that_straddle_a_cut_are_dropped():
    for seed in range(ROUNDS):
        steps, length, horizon, _ = sizes(seed)
        fractions = 0.4, 0.3, 0.3
        kept = set(torch.cat(chronological_split(steps, length, horizon, fractions)).tolist())
        cuts = round(steps * 0.4), round(steps * 0.7)
        for start in range(steps - length - horizon + 1):
            straddles = any(start < cut <= start + length + horizon - 1 for cut in cuts)
            assert (start in kept) != straddles


def test_walk_forward_tests_only_on_what_comes_after():
    for seed in range(50):
        steps, length, horizon, _ = sizes(seed)
        for train, test in walk_forward(steps + 60, length, horizon, n_splits=3):
            assert max(spans(train, length, horizon)) < min(spans(test, length, horizon))


def test_leaking_windows_are_those_that_share_a_row():
    for seed in range(50):
        steps, length, horizon, draw = sizes(seed)
        starts = torch.from_numpy(draw.permutation(steps - length - horizon + 1))
        train, test = starts[: len(starts) // 2], starts[len(starts) // 2 :]
        used = set(rows_of(train, length, horizon).tolist())
        expected = [bool(used & set(rows_of(torch.tensor([s]), length, horizon).tolist())) for s in test.tolist()]
        assert leaking_windows(train, test, length, horizon).tolist() == expected


@pytest.mark.parametrize("words", [False, True])
def test_a_group_stands_on_one_side_and_the_fraction_counts_groups(words):
    for seed in range(ROUNDS):
        draw = np.random.default_rng(seed)
        n_groups = int(draw.integers(3, 30))
        rows = draw.permutation(np.concatenate([np.arange(n_groups), draw.integers(0, 2, 200)]))  # two large groups
        groups = [f"place {row}" for row in rows] if words else torch.from_numpy(rows)
        mask = group_split(groups, 0.6, seed)
        assert mask.dtype == torch.bool
        assert mask.shape == (len(rows),)
        train, test = set(rows[mask.numpy()]), set(rows[~mask.numpy()])
        assert not train & test
        assert len(train) == round(0.6 * n_groups)


def test_the_seed_decides_which_groups():
    groups = torch.arange(40)
    assert torch.equal(group_split(groups, 0.5, 3), group_split(groups, 0.5, 3))
    assert not torch.equal(group_split(groups, 0.5, 3), group_split(groups, 0.5, 4))


def test_the_scaler_is_scikit_learns_and_does_not_see_the_test_set():
    from sklearn.preprocessing import StandardScaler

    torch.manual_seed(0)
    train = torch.randn(50, 3) * torch.tensor([1.0, 10.0, 0.0]) + torch.tensor([0.0, 5.0, 0.1])
    mean, std = fit_scaler(train, torch.full((4, 3), 1e6))
    reference = StandardScaler().fit(train.double().numpy())
    torch.testing.assert_close(mean, torch.tensor(reference.mean_, dtype=torch.float32))
    torch.testing.assert_close(std, torch.tensor(reference.scale_, dtype=torch.float32))
    assert std[2] == 1  # a constant feature


def test_nan_in_the_test_set_is_not_looked_at():
    fit_scaler(torch.randn(5, 1), torch.full((2, 1), torch.nan))


def nan_series():
    x = torch.zeros(30, 2)
    x[4, 1] = torch.nan
    return x


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: make_windows(torch.zeros(20, 1), 18, 3), "a window of 18 .* needs 21 rows, but the series has 20"),
        (lambda: make_windows(torch.zeros(20), 3, 1), r"x: expected 2 axes \(steps features\) but got 1"),
        (lambda: make_windows(torch.zeros(20, 1), 0, 1), "length: expected at least 1, got 0"),
        (lambda: make_windows(torch.zeros(20, 1), 3, 0), "horizon: expected at least 1, got 0"),
        (lambda: make_windows(nan_series(), 3, 1), "x: nan in row 4, feature 1"),
        (
            lambda: chronological_split(100, 10, 5, (0.8, 0.1, 0.1)),
            "validation: .* needs 15 rows, but this part has 10",
        ),
        (lambda: chronological_split(100, 5, 1, (0.8, 0.1, 0.2)), r"sum to 1, got 0.8 \+ 0.1 \+ 0.2 = 1.1"),
        (lambda: chronological_split(100, 5, 1, (0.8, 0.2)), "expected three shares"),
        (lambda: chronological_split(100, 5, 1, (0.8, float("nan"), 0.2)), "sum to 1, got .* = nan"),
        (lambda: chronological_split(100, 5, 1, (1.2, -0.4, 0.2)), "three shares above 0"),
        (lambda: chronological_split(100, 5, 1, (0.5, 0.3, 0.2), gap=100), "gap: 100 rows do not fit into .* 100"),
        (lambda: chronological_split(100, 5, 1, (0.5, 0.3, 0.2), gap=40), "validation: .* has 0 after the gap of 40"),
        (lambda: chronological_split(100, 5, 1, (0.5, 0.3, 0.2), gap=-1), "gap: expected at least 0, got -1"),
        (lambda: walk_forward(20, 10, 5), "n_steps: 20 rows are too few for 5 splits .* 15 rows each"),
        (lambda: walk_forward(5, 10, 5), "n_steps: 5 rows are too few"),
        (lambda: group_split(torch.zeros(5), 0.5, 0), "at least two groups, got 1"),
        (lambda: group_split(torch.arange(5), 0.01, 0), "fraction: 0.01 of 5 groups leaves one side empty"),
        (lambda: group_split(torch.arange(5), 1.0, 0), "leaves one side empty"),
        (lambda: fit_scaler(nan_series(), torch.zeros(3, 2)), "train: nan in row 4, feature 1"),
        (lambda: fit_scaler(torch.zeros(5, 2), torch.zeros(3, 1)), "test: features should be 2 but is 1"),
        (lambda: check_times(["2001-01-02", "2001-01-01"]), r"2001-01-01 \(row 1\) comes after a later one"),
        (lambda: check_times([1, 2, 2, 3]), r"2 \(row 2\) is there twice"),
        (lambda: check_times(np.array(["2001-01", "NaT"], dtype="datetime64[M]")), "row 1 has no time"),
        (lambda: check_times([1.0, float("nan")]), "row 1 has no time"),
    ],
)
def test_what_cannot_be_split_is_said_in_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_times_in_order_pass():
    check_times(["2001-01-01", "2001-01-08"])
    check_times(np.arange(5))
    check_times([])


def test_moments_within_a_second_are_told_apart():
    check_times([datetime(2024, 3, 1, microsecond=moment) for moment in (1, 2)])

"""The checks of notebook 01 on answers that are in no list: right ones of another kind, and wrong ones."""

import re

import numpy as np
import pytest
import torch
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import StandardScaler

from helpers.checks import check


def windows_in_a_loop(x, length, horizon):
    X, y = [], []
    for start in range(len(x)):
        if start + length + horizon - 1 < len(x):
            X.append(x[start : start + length])
            y.append(x[start + length + horizon - 1])
    return torch.stack(X), torch.stack(y)


def windows_by_index(x, length, horizon):
    starts = torch.arange(len(x) - length - horizon + 1)[:, None]
    return x[starts + torch.arange(length)], x[starts[:, 0] + length + horizon - 1]


def groups_by_numpy(groups, fraction, seed):
    known = np.unique(groups.numpy())
    np.random.default_rng(seed).shuffle(known)
    return np.isin(groups.numpy(), known[: round(fraction * len(known))])


def groups_by_dict(groups, fraction, seed):
    known = list(dict.fromkeys(groups.tolist()))
    order = torch.randperm(len(known), generator=torch.Generator().manual_seed(seed))
    chosen = {known[i] for i in order[: round(fraction * len(known))].tolist()}
    return torch.tensor([group in chosen for group in groups.tolist()])


def groups_by_sklearn(groups, fraction, seed):
    n_train = round(fraction * len(groups.unique()))
    train, _ = next(GroupShuffleSplit(1, train_size=n_train, random_state=seed).split(groups, groups=groups))
    mask = torch.zeros(len(groups), dtype=torch.bool)
    mask[train] = True
    return mask


def split_by_asking(n_steps, length, horizon, fractions):
    cuts = [0, round(n_steps * fractions[0]), round(n_steps * (fractions[0] + fractions[1])), n_steps]
    need = length + horizon - 1
    return tuple(torch.tensor([s for s in range(n_steps) if cuts[i] <= s and s + need < cuts[i + 1]]) for i in range(3))


def naive_in_a_loop(x, season, start):
    return sum(abs(float(x[t]) - float(x[t - season])) for t in range(start, len(x))) / (len(x) - start)


RIGHT = {
    "make_windows": {
        "a loop": windows_in_a_loop,
        "an index": windows_by_index,
        "unfold": lambda x, length, horizon: (
            x.unfold(0, length, 1).mT[: len(x) - length - horizon + 1],
            x[length + horizon - 1 :],
        ),
        "a list of two": lambda *arguments: [*windows_in_a_loop(*arguments)],
    },
    "group_split": {"numpy": groups_by_numpy, "a dict": groups_by_dict, "scikit-learn": groups_by_sklearn},
    "fit_scaler": {
        "by n - 1": lambda train, test: (train.mean(0), train.std(0)),
        "by n": lambda train, test: (train.mean(0), train.std(0, correction=0)),
        "by hand": lambda train, test: (
            train.sum(0) / len(train),
            ((train - train.mean(0)) ** 2).mean(0).sqrt(),
        ),
        "scikit-learn": lambda train, test: (lambda s: (s.mean_, s.scale_))(StandardScaler().fit(train.numpy())),
        "torch's own": lambda train, test: torch.std_mean(train, dim=0)[::-1],
    },
    "chronological_split": {
        "asking each": split_by_asking,
        "lists": lambda *arguments: [part.tolist() for part in split_by_asking(*arguments)],
        "int32": lambda *arguments: tuple(part.int() for part in split_by_asking(*arguments)),
    },
    "seasonal_naive_mae": {
        "a loop": naive_in_a_loop,
        "a tensor": lambda x, season, start: (x[start:] - x[start - season : -season]).abs().mean(),
        "numpy": lambda x, season, start: np.abs(x.numpy()[start:] - x.numpy()[start - season : -season]).mean(),
        "roll": lambda x, season, start: (x - x.roll(season))[start:].abs().mean(),
    },
}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, ways in RIGHT.items() for way in ways])
def test_unusual_right_answers_pass(name, way):
    report = check(RIGHT[name][way], name)
    assert report.passed, report


def test_either_way_to_divide_is_right_and_said():
    assert "n - 1" in " ".join(check(RIGHT["fit_scaler"]["by n - 1"], "fit_scaler").notes)
    assert not check(RIGHT["fit_scaler"]["by n"], "fit_scaler").notes


def shuffled(n_steps, length, horizon, fractions):
    """Another shuffle than the one that the registry knows."""
    order = np.random.default_rng(7).permutation(n_steps - length - horizon + 1)
    cuts = [round(len(order) * fractions[0]), round(len(order) * (fractions[0] + fractions[1]))]
    return tuple(torch.tensor(part) for part in np.split(order, cuts))


def by_chance(groups, fraction, seed):
    rows, _ = train_test_split(np.arange(len(groups)), train_size=fraction, random_state=seed)
    return torch.isin(torch.arange(len(groups)), torch.tensor(rows))


def groups_by_a_set(groups, fraction, seed):
    """What `list(set(groups))` does, in an order that stays: to a set no two entries of a tensor are the same."""
    order = torch.randperm(len(groups), generator=torch.Generator().manual_seed(seed))
    return torch.isin(groups, groups[order][: round(fraction * len(groups))])


def inputs_inside(n_steps, length, horizon, fractions):
    cuts = [0, round(n_steps * fractions[0]), round(n_steps * (fractions[0] + fractions[1])), n_steps]
    return tuple(torch.arange(cuts[i], cuts[i + 1] - length + 1) for i in range(3))


def a_window_less(x, length, horizon):
    """One too few; of a series with a single window nothing is left to stack."""
    n_windows = len(x) - length - horizon
    return torch.stack([x[s : s + length] for s in range(n_windows)]), x[length + horizon - 1 : -1]


WRONG = {
    "make_windows": {
        "a window less": (a_window_less, "the last one is missing"),
        "two rows late": (lambda x, n, h: tuple(part[:-2] for part in windows_in_a_loop(x, n, h)), "shape"),
        "backwards": (lambda x, n, h: (windows_in_a_loop(x, n, h)[0].flip(1), windows_in_a_loop(x, n, h)[1]), "order"),
        "flat": (
            lambda x, n, h: (windows_in_a_loop(x, n, h)[0].flatten(1), windows_in_a_loop(x, n, h)[1]),
            "axes|shape",
        ),
        "scaled": (lambda x, n, h: (windows_in_a_loop(x, n, h)[0] * 2, windows_in_a_loop(x, n, h)[1]), "2.00 times"),
        "no target": (lambda x, n, h: (windows_in_a_loop(x, n, h)[0], None), "return|nothing|NoneType"),
        "a crash": (lambda x, n, h: x[n, h, 0], "IndexError"),
        "empty": (lambda x, n, h: (x[:0, None], x[:0]), "shape"),
        "nothing in a tuple": (lambda x, n, h: (), "tuple of 0|two results|2 results|not attempted|nothing"),
    },
    "group_split": {
        "dealt by sklearn": (by_chance, "rows of one group|one by one"),
        "numbers 0 and 1": (lambda g, f, s: groups_by_dict(g, f, s).int(), "True and False"),
        "text": (lambda g, f, s: "train", "returns a str"),
        "one too many": (lambda g, f, s: torch.isin(g, g.unique()[: round(f * len(g.unique())) + 1]), "expected round"),
        "all in test": (lambda g, f, s: torch.zeros(len(g), dtype=torch.bool), "One side is empty"),
        "too short": (lambda g, f, s: groups_by_dict(g, f, s)[:-1], "one entry per row"),
        "parity": (lambda g, f, s: g % 2 == 0, "expected round|side"),
        "numbered from 0": (
            lambda g, f, s: torch.isin(g, torch.randperm(len(g.unique()))[: round(f * len(g.unique()))]),
            "only its name.*here they are 14, 17, 18, 19",
        ),
        "a set of tensors": (groups_by_a_set, "`set` does not see"),
    },
    "fit_scaler": {
        "halves": (lambda train, test: (train.mean(0), train.std(0, correction=0) / 2), "0.50 times"),
        "kept axis": (lambda train, test: (train.mean(0, keepdim=True), train.std(0, keepdim=True)), "axes"),
        "median": (lambda train, test: (train.median(0).values, train.std(0)), "^failed `mean`.*`std`: right"),
        "in place": (
            lambda train, test: (train.mean(0), train.sub_(train.mean(0)).std(0)),
            "changes its input `train`",
        ),
        "a dict": (lambda train, test: {"mean": train.mean(0)}, "returns a dict"),
    },
    "chronological_split": {
        "another shuffle": (shuffled, "shuffled"),
        "one part": (lambda n, *rest: torch.arange(n), "three parts"),
        "decimals": (lambda *a: tuple(part.float() for part in split_by_asking(*a)), "decimal numbers"),
        "inputs only": (inputs_inside, "A target is a row"),
        "test to the end": (lambda *a: (*split_by_asking(*a)[:2], torch.arange(a[0])), "windows of test start at"),
        "ends": (lambda *a: tuple(part + 1 for part in split_by_asking(*a)), "start at .* here it is"),
        "masks": (lambda n, *rest: tuple(torch.zeros(n, dtype=torch.bool) for _ in range(3)), "start at|rows"),
    },
    "seasonal_naive_mae": {
        "doubled": (lambda x, season, start: 2 * naive_in_a_loop(x, season, start), "expected"),
        "a list of errors": (lambda x, s, start: (x[start:] - x[start - s : -s]).abs(), "shape"),
        "not a number": (lambda x, season, start: float("nan"), "NaN"),
        "constant": (lambda x, season, start: 2.75, "expected|cases are right"),
    },
}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, ways in WRONG.items() for way in ways])
def test_wrong_answers_in_no_list_get_a_useful_sentence(name, way):
    wrong, expected = WRONG[name][way]
    report = check(wrong, name)
    print(report)
    assert not report.passed
    assert re.search(expected, f"{report.status} {report.message}"), report.message

"""Notebook 01, fit_scaler."""

import torch

from helpers import splits
from helpers.checks.exercise import Exercise, Misconception


def cases(seed):
    """Features of different size and place, a test set from elsewhere, no feature that never changes."""
    generator = torch.Generator().manual_seed(seed)

    def case(n_train, n_test, n_features):
        place, spread = (
            3 * torch.randn(n_features, generator=generator),
            1 + torch.rand(n_features, generator=generator),
        )
        train, test = (torch.randn(n, n_features, generator=generator) for n in (n_train, n_test))
        return place + spread * train, place + 2 + 2 * spread * test

    on_paper = torch.tensor([[1.0, 10.0], [3.0, 30.0], [5.0, 80.0]]), torch.tensor([[9.0, 100.0], [6.0, 60.0]])
    return [on_paper, case(7, 4, 3), case(5, 6, 2), case(4, 4, 4), case(12, 3, 5)]


def _fitted(look):
    """look(train, test) -> the rows whose mean and std are returned."""

    def wrong(train, test, correction):
        rows = look(train, test)
        return rows.mean(dim=0), rows.std(dim=0, correction=correction)

    return wrong


WRONG = {  # with either way to divide: by n, or by n - 1 as torch's std does
    "both": (
        _fitted(lambda train, test: torch.cat([train, test])),
        "Mean and std were learnt from train and test together: the test set has told the model where it lies. Nobody "
        "has the future's mean.",
    ),
    "test_only": (
        _fitted(lambda train, test: test),
        "Mean and std come from the test set. What is learnt, even a mean, is learnt from train.",
    ),
    "one_for_all": (
        lambda train, test, correction: (train.mean(), train.std(correction=correction)),
        "One mean and one std for the whole table. Features have units of their own: each needs its own pair.",
    ),
    "per_row": (
        lambda train, test, correction: (train.mean(dim=1), train.std(dim=1, correction=correction)),
        "One mean per *row*: the average ran along the wrong axis. The rows are steps, the columns are features.",
    ),
    "variance": (
        lambda train, test, correction: (train.mean(dim=0), train.var(dim=0, correction=correction)),
        "The mean is right, but its companion is the variance, in squared units: a root is missing.",
    ),
    "reversed": (
        lambda train, test, correction: (train.std(dim=0, correction=correction), train.mean(dim=0)),
        "The right numbers in the wrong order: return `mean, std`.",
    ),
    "test_std": (
        lambda train, test, correction: (train.mean(dim=0), test.std(dim=0, correction=correction)),
        "The mean is train's, the std is the test set's. Both are to be learnt from train.",
    ),
}


def _averaged(train, test, correction):
    stds = train.std(dim=0, correction=correction) + test.std(dim=0, correction=correction)
    return (train.mean(dim=0) + test.mean(dim=0)) / 2, stds / 2


def _with(function, correction):
    return lambda train, test: function(train, test, correction)


def _ranged(train, test):
    return train.amin(dim=0), train.amax(dim=0) - train.amin(dim=0)


def _scaled(train, test):
    mean, std = train.mean(dim=0), train.std(dim=0)
    return (train - mean) / std, (test - mean) / std


MISCONCEPTIONS = {
    **{
        name + suffix: Misconception(_with(function, correction), sentence)
        for name, (function, sentence) in WRONG.items()
        for suffix, correction in (("", 1), ("_by_n", 0))
    },
    "range": Misconception(
        _ranged,
        "These are the smallest value and the range of each feature: another kind of scaling. Asked for are mean and "
        "standard deviation.",
    ),
    "min_max": Misconception(
        lambda train, test: (train.amin(dim=0), train.amax(dim=0)),
        "These are the smallest and the largest value of each feature: another kind of scaling. Asked for are mean and "
        "standard deviation.",
    ),
    "averaged": Misconception(
        _with(_averaged, 1),
        "Train's numbers and the test's were averaged, so the test has half a say. It should have none.",
        also=(_with(_averaged, 0),),
    ),
    "scaled": Misconception(
        _scaled,
        "These are the scaled tables themselves. Asked for are only the two numbers per feature that do it: `mean, "
        "std`.",
    ),
    "sum": Misconception(
        lambda train, test: (train.sum(dim=0), train.std(dim=0)),
        "The first result is the sum of each feature, not its mean.",
    ),
    "two_means": Misconception(
        lambda train, test: (train.mean(dim=0), test.mean(dim=0)),
        "Two means came back, train's and the test's. Asked for are a mean and a std, both from train.",
    ),
    "mean_only": Misconception(
        lambda train, test: train.mean(dim=0),
        "The mean is right, but it comes alone. Return both: `mean, std`.",
    ),
}

SCALER = Exercise(
    name="fit_scaler",
    reference=splits.fit_scaler,
    returns=("mean", "std"),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    variants={
        "Right, with a note: this std divides by n - 1, as torch does; scikit-learn's divides by n. Both are fine.": (
            lambda train, test: (train.mean(dim=0), train.std(dim=0))
        ),
    },
    forbidden=(splits.fit_scaler,),
    hints=(
        "Train holds 1, 3 and 5, test 9 and 6: the mean is 3, whatever the test set says. Another column, another "
        "mean.",
        "train (N, F), test (M, F) -> mean (F,), std (F,).",
        "`mean = train.mean(dim=0)`",
    ),
    notebook="01",
    minutes=3,
    class_time=True,
)

EXERCISES = (SCALER,)

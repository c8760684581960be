"""Notebook 01, seasonal_naive_mae."""

import torch

from helpers import baselines
from helpers.checks.exercise import Exercise, Misconception


def cases(seed):
    """A season, a rise or a fall, and noise; the start is not the season, the end not a whole season away."""
    generator = torch.Generator().manual_seed(seed)

    def case(steps, season, start, slope=0.1):
        t = torch.arange(float(steps))
        noise = 0.5 * torch.randn(steps, generator=generator)
        return 12 + torch.sin(2 * torch.pi * t / season) + slope * t + noise, season, start

    on_paper = torch.tensor([1.0, 5.0, 2.0, 9.0, 4.0, 7.0, 1.0]), 2, 3
    return [on_paper, case(31, 4, 9), case(40, 7, 16, -0.2), case(25, 3, 4), case(50, 12, 12, -0.2), case(18, 1, 5)]


def _errors(x, season, start):
    return x[start:] - x[start - season : len(x) - season]


def _measured(measure):
    return lambda x, season, start: measure(_errors(x, season, start))


def _ahead(x, season, start):
    return (x[start:-season] - x[start + season :]).abs().mean()


def _frozen(x, season, start):
    """Repeats the one season that lies before the start, over and over."""
    last = x[start - season : start]
    forecast = last.repeat(len(x) // season + 1)[: len(x) - start]
    return (x[start:] - forecast).abs().mean()


def _season_mean(x, season, start):
    return torch.stack([(x[t] - x[t - season : t].mean()).abs() for t in range(start, len(x))]).mean()


MISCONCEPTIONS = {
    "looks_ahead": Misconception(
        _ahead,
        "The first pair that is compared is (start, start + season). Either the forecast for step t is taken from t + "
        "season, which looks ahead, or the series was cut off at `start`: what lies before it is known and may be "
        "used.",
    ),
    "rolled_ahead": Misconception(
        lambda x, season, start: (x[start:] - x.roll(-season)[start:]).abs().mean(),
        "`roll` went the other way: the forecast for step t is taken from t + season, and at the end from the very "
        "first steps. Only what lies before t is known.",
    ),
    "signed": Misconception(
        _measured(lambda errors: errors.mean()),
        "Errors above and below cancel: signed errors were averaged. A forecast that is wrong by 10 up and 10 down is "
        "not right.",
    ),
    "sign_of_the_mean": Misconception(
        _measured(lambda errors: errors.mean().abs()),
        "The absolute value comes after the mean: until then errors above and below have cancelled each other.",
    ),
    "squared": Misconception(
        _measured(lambda errors: errors.square().mean()),
        "This is the mean of the *squared* errors, in squared units. The M of MAE is mean, the A is absolute.",
    ),
    "root_mean_square": Misconception(
        _measured(lambda errors: errors.square().mean().sqrt()),
        "This is the root of the mean squared error: large errors count more. Here each counts by its size.",
    ),
    "summed": Misconception(
        _measured(lambda errors: errors.abs().sum()),
        "The absolute errors are summed up, and grow with the length of the test. Take their mean.",
    ),
    "median": Misconception(
        _measured(lambda errors: errors.abs().median()),
        "This is the median of the absolute errors. Asked for is their mean.",
    ),
    "divided_by_all": Misconception(
        lambda x, season, start: _errors(x, season, start).abs().sum() / len(x),
        "The sum is right, but it is divided by all steps of the series, also those that are not forecast.",
    ),
    "relative": Misconception(
        lambda x, season, start: (_errors(x, season, start) / x[start:]).abs().mean(),
        "Each error is divided by the value it belongs to: a share, where the unit of x is asked for.",
    ),
    "from_the_first_season": Misconception(
        lambda x, season, start: _errors(x, season, season).abs().mean(),
        "Every step after the first season is counted. The score is for the steps from `start` on.",
    ),
    "yesterday": Misconception(
        lambda x, season, start: _errors(x, 1, start).abs().mean(),
        "The forecast repeats the step before. That is the plain naive one; the seasonal one goes back a whole season.",
    ),
    "season_too_long": Misconception(
        lambda x, season, start: (x[start + 1 :] - x[start - season : len(x) - season - 1]).abs().mean(),
        "The forecast goes back one step too far: season + 1.",
        also=(lambda x, season, start: (x[start:] - x[start - season - 1 : len(x) - season - 1]).abs().mean(),),
    ),
    "season_too_short": Misconception(
        lambda x, season, start: (x[start:] - x[start - season + 1 : len(x) - season + 1]).abs().mean(),
        "The forecast goes back one step too little: season - 1.",
    ),
    "start_lost": Misconception(
        lambda x, season, start: _errors(x, season, start)[1:].abs().mean(),
        "The first step, `start` itself, is not counted.",
    ),
    "end_lost": Misconception(
        lambda x, season, start: _errors(x, season, start)[:-1].abs().mean(),
        "The last step is not counted.",
    ),
    "one_season_repeated": Misconception(
        _frozen,
        "An honest forecast, but a harder one: it repeats the single season before `start` for ever. Here each step "
        "may look at the value one season before *it*.",
    ),
    "one_value": Misconception(
        lambda x, season, start: (x[start:] - x[start - season]).abs().mean(),
        "One single value, from a season before `start`, is the forecast for every step. Each step has a value of its "
        "own, one season before it.",
    ),
    "mean_of_the_season": Misconception(
        _season_mean,
        "The forecast is the mean of the whole season before. Asked for is the one value a season ago.",
    ),
}

NAIVE = Exercise(
    name="seasonal_naive_mae",
    reference=baselines.seasonal_naive_mae,
    returns=("error",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(baselines.seasonal_naive_mae, baselines.naive_mae),
    hints=(
        "x = 1, 5, 2, 9, 4, 7, 1 with season 2, from step 3 on: 9 was 5 a season ago, 4 was 2, 7 was 9, 1 was 4. The "
        "errors are 4, 2, 2 and 3.",
        "x (T,); truth (T - start,), forecast (T - start,); error: one number.",
        "`truth = x[start:]`",
    ),
    notebook="01",
    minutes=6,
)

EXERCISES = (NAIVE,)

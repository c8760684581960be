"""The stored table of bench/leaks.py says what notebook 01 says."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.datasets import load_results

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def scores():
    table = load_results("leaks")

    def pick(study, model, metric, split):
        rows = (table["study"] == study) & (table["model"] == model)
        rows &= (table["metric"] == metric) & (table["split"] == split)
        order = np.argsort(table["seed"][rows])
        return table["score"][rows][order]

    return pick


def standard_error(values):
    return values.std(ddof=1) / math.sqrt(len(values))


@pytest.mark.parametrize("model", ["forest", "ridge"])
def test_on_a_random_walk_no_model_has_skill_beyond_its_noise(scores, model):
    signs = scores("random_walk", model, "right signs", "honest")
    assert len(signs) >= 10
    assert abs(signs.mean() - 0.5) < 2.5 * standard_error(signs)
    skill = scores("random_walk", model, "R2", "honest")
    assert skill.mean() < 2.5 * standard_error(skill)


def test_a_leaky_split_makes_the_random_walk_look_predictable(scores):
    leaky, honest = (scores("random_walk", "forest", "R2", split) for split in ("leaky", "honest"))
    assert leaky.mean() > 0.2
    assert (leaky > honest).mean() >= 0.9
    signs = scores("random_walk", "forest", "right signs", "leaky")
    assert signs.mean() > 0.65


@pytest.mark.parametrize(
    ("study", "model", "metric"),
    [("digits", "SVM", "accuracy"), ("names", "n-grams: kind", "accuracy"), ("co2", "LSTM on levels", "R2")],
)
def test_a_leak_flatters_beyond_the_noise_of_ten_seeds(scores, study, model, metric):
    leaky, honest = (scores(study, model, metric, split) for split in ("leaky", "honest"))
    assert len(leaky) == len(honest) == 10
    difference = leaky - honest
    assert difference.mean() > 2 * standard_error(difference)


def test_without_a_gap_the_first_windows_behind_the_cut_look_easier(scores):
    honest, leaky = (scores("gap", "forest", "error / naive error", split) for split in ("honest", "leaky"))
    assert (honest - leaky).mean() > 2 * standard_error(honest - leaky)
    assert honest.mean() > 1  # worse than saying "nothing changes", as it must be on a random walk


def test_shares_lie_between_0_and_1_and_no_r2_is_above_1():
    table = load_results("leaks")
    shares = table["score"][np.isin(table["metric"], ["accuracy", "right signs"])]
    assert 0 <= shares.min() < shares.max() <= 1
    assert table["score"][table["metric"] == "R2"].max() <= 1


def test_every_study_has_both_columns_and_at_least_ten_seeds():
    table = load_results("leaks")
    script = (ROOT / "bench" / "leaks.py").read_text("utf-8")
    studies = re.search(r"for f in \(([^)]*)\)", script)[1].split(", ")
    assert set(table["study"]) == set(studies)
    for study in studies:
        for split in "honest", "leaky":
            seeds = table["seed"][(table["study"] == study) & (table["split"] == split)]
            assert len(set(seeds)) >= 10, (study, split)

"""The race on the names: a fair start, a complete table, and what notebook 03 says about it."""

import pytest
import torch

from bench import race
from helpers.datasets import load_results

SIZES = 124, 16  # symbols, languages


@pytest.fixture(scope="module")
def table():
    return load_results("race")


def runs(table, model, equal, column="test", stage="race"):
    return table[column][(table["stage"] == stage) & (table["model"] == model) & (table["equal"] == equal)]


@pytest.mark.parametrize("case", race.CASES)
def test_five_seeds_of_each_at_the_rate_that_validation_chose(table, case):
    assert runs(table, *case, "seed").tolist() == list(race.RACE)
    (rate,) = set(runs(table, *case, "learning_rate"))
    tried = runs(table, *case, "validation", stage="choice")
    rates = runs(table, *case, "learning_rate", stage="choice")
    assert set(rates) == set(race.RATES)
    assert tried[rates == rate] == max(tried)


@pytest.mark.parametrize("case", race.CASES)
def test_equal_means_equal(table, case):
    width = race.width_of(*case, SIZES)
    (stored,) = set(runs(table, *case, "width"))
    assert stored == width
    lstm = race.n_parameters(race.build("LSTM", race.WIDTH, *SIZES))
    assert case[1] == "width" or abs(race.n_parameters(race.build(case[0], width, *SIZES)) / lstm - 1) < 0.01


def test_what_the_notebook_says_is_in_the_table(table):
    rnn, gru, lstm = (runs(table, model, "width") for model in ("RNN", "GRU", "LSTM"))
    assert min(gru.mean(), lstm.mean()) > rnn.mean() + 0.09
    assert 0.01 < gru.mean() - lstm.mean() < 0.03
    assert 0.01 < runs(table, "GRU", "parameters").mean() - lstm.mean() < 0.03
    seconds = [runs(table, model, "width", "cpu_seconds").mean() for model in ("GRU", "LSTM")]
    assert 0.7 < seconds[0] / seconds[1] < 0.9
    assert runs(table, "n-grams", "neither")[0] > max(table["test"][table["model"] != "n-grams"])


def test_what_is_kept_for_the_backward_pass_grows_with_the_batch_and_leaves_the_parameters_out():
    torch.manual_seed(0)
    reader = race.build("GRU", 8, *SIZES)
    ids, lengths, label = torch.ones(6, 5, dtype=torch.long), torch.full((6,), 5), torch.zeros(6, dtype=torch.long)
    whole = race.kept_for_backward(reader, (ids, lengths, label))
    half = race.kept_for_backward(reader, (ids[:3], lengths[:3], label[:3]))
    assert 1.6 < whole / half < 2.1
    with torch.no_grad():
        assert race.kept_for_backward(reader, (ids, lengths, label)) == 0

"""The stored tables of notebook 08: complete, and what the notebook says of them."""

import numpy as np
import pytest

from bench import generate, training
from helpers.datasets import load_results


@pytest.fixture(scope="module")
def trained():
    return load_results("transformers")


@pytest.fixture(scope="module")
def timed():
    return load_results("length")


def runs(table, task, model, column="score"):
    return table[column][(table["task"] == task) & (table["model"] == model)]


@pytest.mark.parametrize("case", training.CASES)
def test_all_seeds_with_the_settings_of_the_bench(trained, case):
    task, model, n_steps = case
    seeds = training.SEEDS if model != "real names" else training.SEEDS[:1]
    assert runs(trained, task, model, "seed").tolist() == list(seeds)
    assert set(runs(trained, task, model, "steps")) == {n_steps}


def test_what_the_notebook_says_of_translating(trained):
    transformer, grus, without = (
        runs(trained, "translate", model) for model in ("Transformer", "GRU with attention", "GRU")
    )
    assert min(transformer.min(), grus.min()) >= 0.99
    assert without.max() < 0.25
    assert runs(trained, "translate", "Transformer", "cpu_seconds").max() < 30


def test_what_the_notebook_says_of_names(trained):
    assert 0.6 < runs(trained, "classify", "encoder").mean() < 0.7
    decoder, counted = (
        {c: runs(trained, "invent", m, c) for c in ("score", "new", "nats")} for m in ("decoder", "n-grams")
    )
    real = runs(trained, "invent", "real names")[0]
    assert decoder["score"].mean() >= 0.7
    assert decoder["new"].mean() >= 0.9 > counted["new"].mean()
    assert counted["score"].mean() > real > decoder["score"].mean()
    assert counted["nats"].mean() < decoder["nats"].mean()


def test_what_the_notebook_says_of_length(timed):
    def seconds(way):
        return timed["cpu_seconds"][timed["way"] == way]

    kept, anew = seconds("written, keys and values kept"), seconds("written, all read again")
    assert generate.AT_LEAST <= anew[-1] / kept[-1] <= 10
    assert 1.7 < kept[-1] / kept[-2] < 2.4
    assert 3.3 < anew[-1] / anew[-2] < 4.1
    transformer, gru = seconds("read by a Transformer"), seconds("read by a GRU")
    assert (transformer < gru).tolist() == [True] * 4 + [False] * 2
    assert np.all(transformer[1:3] / transformer[:2] < 2.3)
    assert transformer[-1] / transformer[-2] > 2.8


def test_every_day_stands_on_one_side_only():
    (source, _, target), _, write = training.days()
    assert sum(training.N_DAYS.values()) <= len(source) == len(target)
    assert write.decode(target[0]) == "<2038-04-01>"
    assert len({tuple(row) for row in target.tolist()}) == len(target)


def test_names_are_judged_by_what_training_knew():
    names = training.load_names()
    texts, labels = names.part("train")
    share, new = training.judged(names, texts[:200], labels[:200])
    assert share > 0.95
    assert new == 0
    assert training.judged(names, ["Xyzzyq"], labels[:1])[1] == 1
    assert training.tokens(names, "train")[0] == ["<cs>", *"afarština", ">"]

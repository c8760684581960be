import math

import pytest
import torch

from helpers.baselines import NgramLanguageModel, RidgeForecast, naive_mae, ngram_classifier, seasonal_naive_mae
from helpers.datasets import load_names, load_sunspots
from helpers.splits import make_windows


def test_the_seasonal_naive_error_is_that_of_a_plain_loop():
    torch.manual_seed(0)
    x = torch.randn(40)
    for season, start in (1, 1), (3, 3), (7, 20), (11, 39):
        errors = [abs(x[t] - x[t - season]).item() for t in range(start, 40)]
        assert seasonal_naive_mae(x, season, start) == pytest.approx(sum(errors) / len(errors), rel=1e-5)


def test_a_series_that_repeats_has_no_seasonal_error():
    assert seasonal_naive_mae(torch.arange(4.0).repeat(6), season=4, start=8) == 0


def test_sunspots_five_years_ahead_are_better_told_by_the_last_cycle_than_by_today():
    x = load_sunspots().values[:, 0]
    assert seasonal_naive_mae(x, season=11, start=200) < 0.7 * naive_mae(x, horizon=5, start=200)


def test_ridge_finds_a_linear_rule_and_naive_does_not():
    t = torch.arange(200.0)
    x = torch.stack([torch.sin(t / 5), torch.cos(t / 3)], dim=1)
    X, y = make_windows(x, length=6, horizon=4)
    forecast = RidgeForecast(alpha=1e-6).fit(X[:100], y[:100]).predict(X[100:])
    assert forecast.shape == y[100:].shape
    assert forecast.dtype == y.dtype
    assert (forecast - y[100:]).abs().max() < 0.05
    assert naive_mae(x[:, 0], horizon=4, start=100) > 0.3


def test_ridge_forecasts_one_feature_in_the_shape_of_y():
    X, y = make_windows(torch.randn(30, 1), length=3, horizon=1)
    assert RidgeForecast().fit(X, y).predict(X).shape == y.shape


def test_letters_tell_the_language_of_four_names_in_five():
    data = load_names()
    score = ngram_classifier().fit(*data.part("train")).score(*data.part("test"))
    assert 0.79 < score < 0.87  # chance: 0.06


def test_probabilities_of_all_next_letters_and_an_unknown_one_sum_to_one():
    model = NgramLanguageModel(n=4).fit(["banana", "bandana", "ananas"])
    for context in "\n", "\nb", "ana", "nan", "qqq", "ban":
        total = sum(model.probability(letter, context) for letter in [*model.counts[""], "?"])
        assert total == pytest.approx(1)
    assert model.probability("n", "\nba") > 0.8
    assert 0 < model.probability("?", "\nba") < 0.05


def test_asking_for_a_probability_teaches_the_model_nothing():
    model = NgramLanguageModel(n=4).fit(["banana"])
    before = len(model.counts)
    model.probability("x", "xyz")
    assert len(model.counts) == before


def test_longer_contexts_help_on_names_it_has_not_seen():
    data = load_names()
    (train, train_labels), (test, test_labels) = data.part("train"), data.part("test")
    finnish = data.languages.index("fi")
    train = [name for name, label in zip(train, train_labels, strict=True) if label == finnish]
    test = [name for name, label in zip(test, test_labels, strict=True) if label == finnish]
    nats = [NgramLanguageModel(n).fit(train).nats_per_letter(test) for n in (1, 2, 4)]
    assert math.log(60) > nats[0] > nats[1] > nats[2] > 1


def test_invented_names_are_drawn_by_the_seed_from_known_letters():
    model = NgramLanguageModel(n=3).fit(["banana", "bandana", "ananas"])
    texts = [model.invent(seed) for seed in range(20)]
    assert texts == [model.invent(seed) for seed in range(20)]
    assert len(set(texts)) > 5
    assert set("".join(texts)) <= set("bandanas")
    assert all(len(text) <= 5 for text in (model.invent(seed, longest=5) for seed in range(20)))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: seasonal_naive_mae(torch.zeros(10), 4, 3), r"start: expected between 4 \(one season\) and 9"),
        (lambda: seasonal_naive_mae(torch.zeros(10), 4, 10), "got 10"),
        (lambda: seasonal_naive_mae(torch.zeros(10), 0, 3), "season: expected at least 1, got 0"),
        (lambda: seasonal_naive_mae(torch.zeros(10, 1), 1, 3), r"x: expected 1 axes \(steps\)"),
        (lambda: RidgeForecast().fit(torch.zeros(9, 3, 1), torch.zeros(8, 1)), "y: windows should be 9 but is 8"),
        (lambda: NgramLanguageModel(0), "n: expected at least 1"),
        (lambda: NgramLanguageModel().fit(["a\nb"]), "line break"),
        (lambda: NgramLanguageModel().invent(0), "seen no text yet"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_before_fit_they_say_so():
    with pytest.raises(ValueError, match=r"call fit\(X, y\) first"):
        RidgeForecast().predict(torch.randn(2, 3, 1))
    model = NgramLanguageModel(3)
    for ask in (lambda: model.probability("a", ""), lambda: model.nats_per_letter(["a"])):
        with pytest.raises(ValueError, match=r"call fit\(texts\) first"):
            ask()

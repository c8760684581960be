"""From windows to a verdict: nothing leaks, the test is asked once, and noise is called noise."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers import forecasting, plots
from helpers.baselines import RidgeForecast
from helpers.forecasting import Settings, Task
from helpers.forecasting.candidates import NETWORKS, build, forecast, train
from helpers.forecasting.cells import to_times
from helpers.forecasting.race import Race
from helpers.forecasting.reading import Reading
from helpers.forecasting.results import FILES
from helpers.forecasting.verdict import compare
from helpers.models.forecast import ChangeForecast, Linear, SeasonalNaive
from helpers.splits import leaking_windows

SETTINGS = Settings("mine.csv", time=None, values=["a", "b"], length=12, horizon=3, season=6, unit="kg")


def task_of(values, settings=SETTINGS):
    values = np.asarray(values, dtype=float).reshape(len(values), -1)
    reading = Reading(np.arange(float(len(values))), values, np.full(len(values), True), settings.values, ())
    return Task(reading, settings)


def season_and_trend(n, seed=0):
    draw, t = np.random.default_rng(seed), np.arange(n)
    helper = draw.standard_normal(n)
    return np.stack([0.05 * t + 3 * np.sin(t * np.pi / 3) + 0.2 * draw.standard_normal(n), helper], axis=1)


def walk(seed, n=600):
    return np.random.default_rng(seed).standard_normal(n).cumsum()


WALK = replace(SETTINGS, values=("a",), length=20, horizon=5, gap=5, season=None)


@pytest.fixture(scope="module")
def race():
    return forecasting.run(task_of(season_and_trend(400)), seeds=(0, 1), n_steps=20)


# --- the task ---


def test_a_window_its_target_and_its_time_belong_together():
    values = season_and_trend(300)
    task = task_of(values)
    for part in ("train", "validation", "test"):
        windows, target = task.levels(part)
        for row, start in enumerate(task.starts[part].tolist()):
            assert (windows[row].numpy() == values[start : start + 12]).all()
            assert target[row] == values[start + 14, 0]
            assert task.target_times(part)[row] == start + 14


def test_a_repeated_value_may_be_seen_but_is_never_a_target():
    measured = np.full(300, True)
    measured[[40, 290]] = False
    values = season_and_trend(300)
    task = Task(Reading(np.arange(300.0), values, measured, SETTINGS.values, ()), SETTINGS)
    targets = np.concatenate([task.target_times(part) for part in task.starts])
    assert not {40, 290} & set(targets)
    whole = task_of(values)
    assert {part: len(whole.starts[part]) - len(rows) for part, rows in task.starts.items()} == {
        "train": 1,
        "validation": 0,
        "test": 1,
    }
    measured[250:] = False
    with pytest.raises(ValueError, match="in the test part only 0 windows have a target that was measured"):
        Task(Reading(np.arange(300.0), values, measured, SETTINGS.values, ()), SETTINGS)


def test_no_row_stands_in_two_parts_and_the_gap_lies_between():
    task = task_of(season_and_trend(300), replace(SETTINGS, gap=9))
    train_starts, validation, test = task.starts.values()
    for one, other in ((train_starts, validation), (train_starts, test), (validation, test)):
        assert not leaking_windows(one, other, 12, 3).any()
    cuts = list(task.cuts().values())
    assert [cuts[1][0] - cuts[0][1], cuts[2][0] - cuts[1][1]] == [10, 10]


def test_the_scaler_knows_nothing_of_validation_and_test():
    values = season_and_trend(300)
    later = values.copy()
    later[task_of(values).cuts()["train"][1] + 1 :] *= 100
    one, other = task_of(values), task_of(later)
    for name in one.scaler:
        assert torch.equal(one.scaler[name], other.scaler[name]), name
    x, change = one.scaled("train")
    assert change.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert x.flatten(0, 1).mean(dim=0).abs().max() < 1e-5


def test_a_new_level_is_no_news_to_a_network():
    values = season_and_trend(300)
    lifted = values.copy()
    lifted[task_of(values).cuts()["test"][0] :, 0] += 1000  # nothing like it before
    (x, change), (x_lifted, change_lifted) = task_of(values).scaled("test"), task_of(lifted).scaled("test")
    torch.testing.assert_close(x, x_lifted, atol=1e-4, rtol=0)
    torch.testing.assert_close(change, change_lifted, atol=1e-4, rtol=0)


# --- the candidates ---


def test_the_seasonal_forecast_repeats_whole_seasons_and_only_what_is_known():
    windows = torch.arange(10.0)[None, :, None]  # the last step is 9
    for season, horizon, expected in ((6, 3, 6), (6, 6, 9), (6, 7, 4), (1, 4, 9), (10, 1, 0)):
        level = SeasonalNaive(season, horizon)(windows).item()
        assert level == expected
        assert (9 + horizon - level) % season == 0
    with pytest.raises(ValueError, match="10 steps do not hold a season of 11"):
        SeasonalNaive(11, 1)(windows)


def test_the_ridge_is_the_courses_ridge_on_the_change():
    task = task_of(season_and_trend(400))
    windows, _ = task.levels("test")
    ours = forecast(train("ridge", task), windows)
    reference = RidgeForecast().fit(*task.scaled("train")).predict(task.scaled("test")[0])[:, 0].double()
    expected = windows[:, -1, 0] + reference * task.scaler["y_std"] + task.scaler["y_mean"]
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_an_untrained_network_says_the_mean_change_and_a_trained_one_learns(name):
    task = task_of(season_and_trend(400))
    windows, truth = task.levels("validation")
    fresh = build(name, task.settings)
    assert torch.equal(forecast(fresh, windows), windows[:, -1, 0])
    before = (windows[:, -1, 0] - truth).abs().mean()
    after = (forecast(train(name, task, n_steps=60), windows) - truth).abs().mean()
    assert after < 0.5 * before


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_and_column_of_the_window_counts(name):
    torch.manual_seed(0)
    model = build(name, SETTINGS)
    torch.nn.init.normal_(model.network.output.weight)
    windows = torch.randn(4, 12, 2, dtype=torch.float64, requires_grad=True)
    model(windows).sum().backward()
    assert (windows.grad.abs().sum(dim=0) > 0).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_order_of_the_steps_counts(name):
    torch.manual_seed(0)
    network = build(name, SETTINGS).network
    torch.nn.init.normal_(network.output.weight)
    x = torch.randn(4, 12, 2)
    other = torch.cat([x[:, :-1].flip(1), x[:, -1:]], dim=1)
    assert not torch.allclose(network(x), network(other), atol=1e-4)


def test_a_small_change_of_a_large_level_is_not_lost():
    model = ChangeForecast(Linear(3, 1), n_features=1)
    torch.nn.init.zeros_(model.network[1].weight)
    torch.nn.init.constant_(model.network[1].bias, 0.01)
    levels = torch.full((1, 3, 1), 5e8, dtype=torch.float64)
    assert model(levels).item() - 5e8 == pytest.approx(0.01, abs=1e-6)


def test_the_same_seed_gives_the_same_model():
    task = task_of(season_and_trend(300))
    windows, _ = task.levels("test")
    one, same, other = (forecast(train("GRU", task, seed, n_steps=5), windows) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_candidate_that_is_none_is_refused():
    for name, settings in (("prophet", SETTINGS), ("seasonal naive", WALK)):
        with pytest.raises(ValueError, match="expected one of naive, seasonal naive, ridge, GRU, Transformer"):
            build(name, settings)


# --- the race ---


def test_validation_chooses_and_the_test_is_asked_of_two_forecasts_only(race):
    assert list(race.validation) == list(forecasting.CANDIDATES)
    assert [len(errors) for errors in race.validation.values()] == [1, 1, 1, 2, 2]
    means = {name: np.mean(errors) for name, errors in race.validation.items()}
    assert race.chosen == min(means, key=means.get)
    outcome = race.judge()
    assert set(outcome.levels) == {"truth", race.chosen, race.reference}
    assert race.judge() is outcome
    tested = [name for name, _, test in outcome.rows() if test is not None]
    assert set(tested) == {race.chosen, race.reference}


def test_the_race_itself_never_touches_the_test():
    values = season_and_trend(400)
    spoilt = values.copy()
    spoilt[task_of(values).cuts()["test"][0] :] = 0
    one, other = (forecasting.run(task_of(v), seeds=(0,), n_steps=5) for v in (values, spoilt))
    assert one.validation == other.validation


def test_of_several_seeds_the_best_on_validation_is_kept(race):
    for name in NETWORKS:
        errors = race.validation[name]
        assert race.model(name) is race.models[name][int(np.argmin(errors))]


def test_a_season_with_a_trend_is_better_than_naive(race):
    outcome = race.judge()
    assert race.reference == "seasonal naive"
    assert race.chosen == "ridge"
    assert outcome.headline == "Better than seasonal naive"
    assert f"{outcome.error('ridge'):.3g} kg on average" in outcome.verdict
    assert outcome.error("ridge") == pytest.approx(
        np.abs(outcome.levels["ridge"].numpy() - outcome.levels["truth"].numpy()).mean()
    )


def test_the_table_marks_the_chosen_one_first_and_fits_a_phone_with_as_many_decimals_in_every_row(race):
    outcome = replace(race.judge(), chosen="ridge", validation={"naive": [1.5], "ridge": [0.4367], "GRU": [12.0]})
    head, *rows = outcome.table.split("\n")
    assert [line[:3] for line in (head, *rows)] == ["   ", "   ", "-> ", "   "]
    assert [row.split()[-2] for row in rows] == ["1.500", "0.437", "12.000"]
    assert {len(line) for line in (head, *rows)} == {46}


def test_a_unit_is_said_once_and_steps_by_their_name():
    assert SETTINGS.label == "a (kg)"
    assert replace(SETTINGS, values=["mass_kg"]).label == "mass (kg)"
    assert replace(SETTINGS, values=["mass_"], unit="").label == "mass_"
    assert [replace(SETTINGS, horizon=n).ahead for n in (1, 3)] == ["1 step ahead", "3 steps ahead"]
    assert replace(SETTINGS, time="t", every="month").ahead == "3 months ahead"


# --- the verdict ---


def test_on_random_walks_the_verdict_is_no_better_than_naive():
    headlines = [
        forecasting.run(task_of(walk(seed), WALK), seeds=(0,), n_steps=4).judge().headline for seed in range(10)
    ]
    assert headlines == ["No better than naive"] * 10


def test_a_ridge_on_many_walks_is_called_better_as_rarely_as_the_rule_says():
    better = 0
    for seed in range(100):
        task = task_of(walk(seed), WALK)
        windows, truth = task.levels("test")
        errors = [(level - truth).abs() for level in (forecast(train("ridge", task), windows), windows[:, -1, 0])]
        better += compare(*errors, horizon=5).is_better
    assert better <= 4  # 2.5 of 100 would be, if ridge were as good as naive; it is a little worse


@pytest.mark.parametrize("horizon", [1, 5, 20])
def test_of_two_equal_forecasts_with_overlapping_errors_one_is_rarely_called_better(horizon):
    draw = np.random.default_rng(horizon)

    def errors():
        return torch.from_numpy(np.convolve(draw.standard_normal(399 + horizon), np.ones(horizon), "valid")).abs()

    called = sum(compare(errors(), errors(), horizon).is_better for _ in range(300))
    assert called <= 16  # 7.5 expected; a rule that took the windows for independent says it 60 times at horizon 20


def test_a_gain_in_every_block_is_better_and_the_same_the_other_way_is_worse():
    draw = torch.Generator().manual_seed(0)
    small, large = torch.rand(200, generator=draw), 1 + torch.rand(200, generator=draw)
    better, worse = compare(small, large, 3), compare(large, small, 3)
    assert better.is_better
    assert not better.is_worse
    assert (better.n_better, better.n_blocks) == (10, 10)
    assert worse.is_worse
    assert better.gain == pytest.approx((large - small).mean().item(), abs=1e-6)


def test_one_lucky_stretch_is_not_enough():
    gain = torch.zeros(200)
    gain[40:60] = 5
    assert not compare(torch.ones(200), torch.ones(200) + gain, 3).is_better


def test_too_few_windows_are_said_to_be_too_few():
    assert not compare(torch.zeros(15), torch.ones(15), 2).is_better
    outcome = forecasting.run(task_of(season_and_trend(150)), seeds=(0,), n_steps=2).judge()
    assert outcome.headline == "Too few to tell"
    assert "test windows are not the 24 it takes" in outcome.verdict


def test_naive_chosen_and_a_model_that_is_worse_say_so():
    task = task_of(walk(3), WALK)
    outcome = forecasting.run(task, seeds=(0,), n_steps=2).judge()
    chosen = Race(task, {"naive": [build("naive", WALK)]}).judge()
    assert chosen.verdict == "No better than naive: on validation nothing that learns beats it."
    lost = compare(torch.ones(99), torch.zeros(99), horizon=5)
    worse = replace(outcome, chosen="GRU", comparison=lost, levels={**outcome.levels, "GRU": outcome.levels["naive"]})
    assert worse.verdict.startswith("No better than naive: it is worse;")


# --- what is kept ---


def test_a_saved_model_forecasts_the_same_and_nothing_is_overwritten(race, tmp_path, course_style):
    outcome, folder = race.judge(), tmp_path / "mine" / "results"
    reading = Reading(None, None, None, ("a",), ("read <as> it was",))
    ax = plots.forecasts(np.arange(len(outcome.times)), outcome.levels["truth"], {}, "kg")
    assert forecasting.save(folder, outcome, reading, ax.figure) == FILES
    model, settings = forecasting.load(folder)
    windows, _ = race.task.levels("test")
    assert settings == race.task.settings
    assert torch.equal(forecast(model, windows), outcome.levels[outcome.chosen])
    with pytest.raises(FileExistsError, match=r"already holds settings.json.*choose another folder"):
        forecasting.save(folder, outcome, reading)
    forecasting.save(folder, outcome, reading, overwrite=True)


@pytest.mark.parametrize("name", forecasting.CANDIDATES)
def test_every_candidate_can_be_kept(race, name, tmp_path):
    windows, truth = race.task.levels("test")
    outcome = race.judge()
    outcome = replace(outcome, chosen=name, model=race.model(name), levels={**outcome.levels, name: truth})
    forecasting.save(tmp_path, outcome, Reading(None, None, None, ("a",), ()))
    assert torch.equal(forecast(forecasting.load(tmp_path)[0], windows), forecast(race.model(name), windows))


def test_the_page_and_the_tables_say_what_came_out(race, tmp_path, course_style):
    outcome = race.judge()
    ax = plots.forecasts(outcome.times, outcome.levels["truth"], {}, "kg")
    forecasting.save(tmp_path, outcome, Reading(None, None, None, ("a",), ("read <as> it was",)), ax.figure)
    page = (tmp_path / "results.html").read_text("utf-8")
    assert outcome.verdict in page
    assert "read &lt;as&gt; it was" in page
    assert f'alt="{ax.get_label()}"' in page
    assert "http" not in page
    assert page.count("<tr><td>") == 5
    kept = json.loads((tmp_path / "settings.json").read_text("utf-8"))
    assert kept["versions"]["torch"] == torch.__version__
    rows = (tmp_path / "forecasts.csv").read_text("utf-8").splitlines()
    assert rows[0] == f"time,truth,{outcome.chosen},{outcome.reference}"
    assert len(rows) == 1 + len(outcome.times)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no settings.json and no model.safetensors"):
        forecasting.load(tmp_path)


# --- the pictures ---


def test_the_parts_are_named_and_told(course_style):
    times = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")
    ax = plots.series_in_parts(times, np.arange(60), {"train": (0, 39), "test": (45, 59)}, "kg")
    assert [text.get_text() for text in ax.texts] == ["train", "test"]
    assert "train 2020-01-01 to 2020-02-09; test 2020-02-15 to 2020-02-29" in ax.get_label()


def test_forecasts_are_named_at_their_ends_and_their_errors_told(course_style):
    times, truth = np.arange(50.0), np.arange(50.0)
    ax = plots.forecasts(times, truth, {"ridge": truth + 0.5, "naive": truth - 2}, "kg", last=20)
    assert [text.get_text() for text in ax.texts] == ["what came", "ridge", "naive"]
    assert "ridge off by 0.5 on average, naive off by 2 on average" in ax.get_label()
    assert [len(line.get_xdata()) for line in ax.lines] == [20, 20, 20]
    with pytest.raises(ValueError, match="3 forecasts in one picture; 2 can be told apart"):
        plots.forecasts(times, truth, {name: truth for name in "abc"}, "kg")


def test_settings_counted_by_numpy_can_be_saved():
    settings = replace(SETTINGS, length=np.int64(12), horizon=np.int64(3), fractions=np.array([0.6, 0.2, 0.2]))
    assert json.loads(json.dumps([*settings.fractions, settings.length, settings.horizon])) == [0.6, 0.2, 0.2, 12, 3]


def test_a_change_is_forecast_in_whatever_numbers_the_network_has():
    windows = torch.randn(3, 24, 2, dtype=torch.float64)
    assert ChangeForecast(Linear(24, 2).double(), n_features=2)(windows).dtype == torch.float64


def test_a_time_that_is_no_number_is_named():
    with pytest.raises(ValueError, match=r'time: line 4: "?nan"? is no time'):
        to_times(["1", "2", "nan"], [2, 3, 4])

"""SplitTimeline without a browser: what Python computes, takes and refuses, and that the browser computes the same."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import splits
from helpers.widgets import SplitTimeline

SCRIPT = Path(__file__).parent / "widgets" / "windows.mjs"
FEATURES = torch.zeros(40, 2)


@pytest.fixture
def timeline():
    return SplitTimeline(40, length=4, horizon=2, fractions=(0.5, 0.25, 0.25))


def starts(timeline):
    return [part.tolist() for part in timeline.split()]


# --- what Python computes


def test_the_split_is_the_honest_one_and_clean(timeline):
    expected = splits.chronological_split(40, 4, 2, (0.5, 0.25, 0.25))
    assert starts(timeline) == [part.tolist() for part in expected]
    assert (timeline.leaks, timeline.is_clean) == ([], True)


def test_kept_windows_leak_until_the_gap_is_wide_enough(timeline):
    timeline.drop = False
    assert str(timeline.leaks[0]) == "validation windows that share rows with train: 5 of 10"
    counts = []
    for gap in range(5):
        timeline.gap = gap
        counts.append([leak.count for leak in timeline.leaks])
    assert counts == [[5, 5], [4, 4], [3, 3], [2, 2], [1, 1]]
    wider = SplitTimeline(60, length=4, horizon=2, drop=False, gap=5)
    assert wider.is_clean


def test_shuffled_windows_leak_in_every_way_and_the_seed_decides_which(timeline):
    timeline.shuffle = True
    names = {leak.name for leak in timeline.leaks}
    assert "test windows that share rows with train" in names
    assert "train windows that reach into the time of the test" in names
    assert sorted(torch.cat(timeline.split()).tolist()) == list(range(35))
    assert starts(timeline) != starts(SplitTimeline(40, length=4, horizon=2, cuts=[20, 30], shuffle=True, seed=1))


def test_a_scaler_on_everything_is_a_leak_of_its_own():
    x = torch.arange(20.0)
    timeline = SplitTimeline(x, length=2, horizon=1, cuts=[10, 15])
    assert timeline.mean_std == pytest.approx((4.5, np.std(range(10))))
    timeline.scaler = "all"
    assert timeline.mean_std == pytest.approx((9.5, np.std(range(20))))
    assert timeline.leaks == [("rows outside train that the scaler was fitted on", 10, 20)]


def test_no_row_stands_on_two_sides_wherever_the_cuts_lie():
    draw = np.random.default_rng(0)
    for _ in range(100):
        length, horizon = draw.integers(1, 8, 2)
        n_steps = int(draw.integers(3 * (length + horizon) + 5, 120))
        room = int(length + horizon)
        first = int(draw.integers(room, n_steps - 2 * room))
        second = int(draw.integers(first + room, n_steps - room + 1))
        timeline = SplitTimeline(n_steps, length=int(length), horizon=int(horizon), cuts=[first, second])
        used = [set(splits.rows_of(part, int(length), int(horizon)).tolist()) for part in timeline.split()]
        assert sum(map(len, used)) == len(set.union(*used))
        assert timeline.is_clean


# --- what it takes


def test_a_series_may_be_a_column_a_list_or_an_array():
    column = torch.arange(30.0)[:, None]
    for given in (column, column.numpy(), column[:, 0].tolist()):
        timeline = SplitTimeline(given, length=3)
        assert timeline.x.tolist() == list(range(30))
        assert (timeline.n_steps, timeline.cuts) == (30, [18, 24])


def test_cuts_may_be_set_and_must_leave_room(timeline):
    timeline.cuts = [10, 34]
    assert [len(part) for part in timeline.split()] == [5, 19, 1]
    with pytest.raises(ValueError, match=r"test: a window of 4 .* needs 6 rows, but this part has 5"):
        timeline.cuts = [10, 35]
    with pytest.raises(ValueError, match=r"test: .* has 5 after the gap of 1"):
        timeline.gap = 1
    assert (timeline.cuts, timeline.gap) == ([10, 34], 0)


def test_the_browser_may_move_a_cut_and_the_gap_at_once(timeline):
    timeline.set_state({"cuts": [12, 26], "gap": 3})
    assert (timeline.cuts, timeline.gap) == ([12, 26], 3)
    assert timeline.is_clean


@pytest.mark.parametrize(
    "state",
    [
        {"cuts": [0, 10]},
        {"cuts": [30, 20]},
        {"cuts": [20, 40]},
        {"gap": 20},
        {"gap": -1},
        {"cuts": [8]},
        {"scaler": "?"},
        {"gap": True},
        {"cuts": [10, 30], "gap": 1.5},
        {"n_steps": 50},
        {"shuffle": True, "order": list(range(35))},
        {"times": ["noon"]},
    ],
)
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(timeline, state, monkeypatch):
    before, parts, told = timeline.state(), starts(timeline), []
    monkeypatch.setattr(timeline, "send_state", told.append)
    with pytest.raises(Exception, match=r"\w"):
        timeline.set_state(state)
    assert timeline.state() == before
    assert starts(timeline) == parts
    assert told == [list(state)]


def test_false_for_a_gap_of_0_is_no_gap(timeline):
    before = starts(timeline)
    timeline.set_state({"gap": False})
    assert timeline.gap is not False
    assert starts(timeline) == before


def test_state_and_repr(timeline):
    assert repr(timeline) == "SplitTimeline(40 steps cut at 20 and 30)"
    timeline.set_state({"gap": 2, "drop": False, "scaler": "all"})
    assert (
        repr(timeline)
        == "SplitTimeline(40 steps cut at 20 and 30, gap 2; straddling windows kept; scaler fitted on all)"
    )
    timeline.shuffle = True
    assert "; shuffled;" in repr(timeline)
    assert timeline.state() == {
        "cuts": [20, 30], "gap": 2, "shuffle": True, "drop": False, "scaler": "all", "projector": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("x", "settings", "sentence"),
    [
        (40, {"length": 30}, "train: a window of 30 with its target 1 further on needs 31 rows, but this part has 24"),
        (40, {"length": 4, "fractions": (0.5, 0.2, 0.2)}, "fractions: .* sum to 1, got 0.5 .* = 0.9"),
        (40, {"length": 4, "fractions": (0.5, 0.25, 0.25), "gap": 50}, "gap: 50 rows do not fit into a series of 40"),
        (40, {"length": 4, "fractions": (0.5, 0.25, 0.25), "gap": 6}, "validation: .* after the gap of 6"),
        (40, {"length": 0}, "length: expected at least 1, got 0"),
        (40, {"length": 4, "cuts": [20]}, "cuts"),
        (40, {"length": 4, "cuts": [30, 20]}, "cuts: expected two rows between 1 and 39"),
        (40, {"length": 4, "cuts": [20, 30], "fractions": (0.5, 0.25, 0.25)}, "give either fractions or cuts"),
        (2, {"length": 1}, "x: between 3 and 600 steps can be shown, got 2"),
        (700, {"length": 4}, "x: between 3 and 600 steps can be shown, got 700"),
        ([1.0] * 20 + [float("nan")] * 20, {"length": 4}, "x: expected finite numbers, but 20 are NaN"),
        (FEATURES, {"length": 4}, r"x: expected 1 axes \(steps\) but got 2"),
        (
            9,
            {"length": 1, "times": [1, 3, 2, 4, 5, 6, 7, 8, 9], "cuts": [3, 6]},
            "times: 2 .row 2. comes after a later one",
        ),
        (40, {"length": 1, "times": [1, 2]}, "times: expected one for each of 40 steps, got 2"),
        (40, {"length": 1, "times": [2000] * 40}, "times: 2000 .row 1. is there twice"),
        (40, {"length": 1, "scaler": "future"}, "scaler"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(x, settings, sentence):
    with pytest.raises(Exception, match=sentence) as refused:
        SplitTimeline(x, **settings)
    assert isinstance(refused.value, ValueError) or "trait" in str(refused.value)


def test_mean_and_std_need_a_series(timeline):
    with pytest.raises(ValueError, match="made without a series"):
        _ = timeline.mean_std


# --- the browser's half, in node


def random_timelines():
    draw = np.random.default_rng(1)
    for number in range(60):
        length, horizon = map(int, draw.integers(1, 9, 2))
        room = length + horizon
        n_steps = int(draw.integers(3 * room + 8, 150))
        gap = int(draw.integers(0, 4))
        first = int(draw.integers(room, n_steps - 2 * room - 2 * gap))
        second = int(draw.integers(first + gap + room, n_steps - gap - room + 1))
        yield SplitTimeline(
            draw.standard_normal(n_steps).tolist(), length=length, horizon=horizon, cuts=[first, second], gap=gap,
            shuffle=number % 3 == 0, drop=number % 2 == 0, scaler=["train", "all"][number % 5 == 0], seed=number,
        )  # fmt: skip


def test_browser_and_python_make_the_same_split_and_find_the_same_leaks():
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    timelines = list(random_timelines())
    names = {"n_steps": "nSteps"}
    keys = ("n_steps", "length", "horizon", "cuts", "gap", "shuffle", "drop", "scaler", "order")
    cases = [
        {names.get(key, key): getattr(one, key) for key in keys} | {"x": one.x.astype(float).tolist()}
        for one in timelines
    ]
    done = subprocess.run(["node", SCRIPT], input=json.dumps(cases), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for timeline, shown in zip(timelines, json.loads(done.stdout), strict=True):
        assert starts(timeline) == [shown["parts"][name] for name in ("train", "validation", "test")]
        assert [list(leak) for leak in timeline.leaks] == shown["leaks"]
        assert timeline.mean_std == pytest.approx(shown["scaler"], abs=1e-5)


def test_the_handles_stop_exactly_where_python_would_refuse():
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    case = {"nSteps": 40, "length": 4, "horizon": 2, "cuts": [20, 30], "gap": 2, "shuffle": False, "drop": True}
    case |= {"scaler": "train", "order": [], "x": [0.0] * 40}
    done = subprocess.run(["node", SCRIPT], input=json.dumps([case]), capture_output=True, text=True, timeout=60)
    ranges = json.loads(done.stdout)[0]["ranges"]
    for which, (least, most) in enumerate(ranges):
        for value, allowed in ((least - 1, False), (least, True), (most, True), (most + 1, False)):
            cuts = [value if i == which else cut for i, cut in enumerate([20, 30])]
            settings = {"cuts": cuts, "gap": value if which == 2 else 2}
            try:
                SplitTimeline(40, length=4, horizon=2, **settings)
            except ValueError:
                assert not allowed, settings
            else:
                assert allowed, settings

"""The benches' own arithmetic and book-keeping; what they measure is no test's business."""

import re
from pathlib import Path

import pytest

from bench import _table, hub, notebooks
from commands import bench

README = (Path(__file__).parents[1] / "bench" / "README.md").read_text(encoding="utf-8")


def test_what_benches_share_is_no_bench():
    assert not [name for name in bench.benches() if name.startswith("_")]


def test_every_bench_has_its_last_results_with_command_date_and_machine():
    sections = re.split(r"^## ", README, flags=re.MULTILINE)[1:]
    assert {section.partition("\n")[0] for section in sections} >= set(bench.benches())
    for section in sections:
        name = section.partition("\n")[0]
        assert f"python course.py bench {name}" in section
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", section), f"{name}: no date"
        assert re.search(r"cores?\b|machine", section), f"{name}: no machine"


def test_a_table_grows_row_by_row_and_comes_back(tmp_path):
    path = tmp_path / "table.csv"
    assert _table.read(path) == []
    _table.add(path, ("name", "score"), ("ours", "0.5"))
    _table.add(path, ("name", "score"), ("theirs, too", "nan"))
    assert _table.read(path) == [{"name": "ours", "score": "0.5"}, {"name": "theirs, too", "score": "nan"}]
    assert path.read_bytes() == b'name,score\nours,0.5\n"theirs, too",nan\n'


def test_growth_is_the_power_that_fits():
    assert _table.exponent([8, 32, 128], [3, 12, 48]) == pytest.approx(1)
    assert _table.exponent([1, 2, 4], [5, 5, 5]) == pytest.approx(0)


def test_a_class_grows_column_by_column():
    rounds = [hub.Round(n, [1], [n], [n**2], [n**0.5], [1], [400], [700 / n]) for n in (1, 2, 4)]
    powers = re.findall(r"seats\^(\S+)", hub.growth(rounds))
    assert [float(power) for power in powers] == [0, 1, 2, 0.5, 0, -1]
    rounds[-1].failed.append("learner1: gone")
    assert hub.growth(rounds) == "", "of times that somebody did not need"


def test_notebooks_take_turns_with_the_numbers_of_threads_and_are_interrupted_once():
    runs = list(notebooks.plan(["a", "b"], ["floor"], times=4, threads=[1, 2]))
    assert [path for path, *_ in runs[:3]] == ["floor", "a", "b"]
    for path in "a", "b":
        mine = [(run, threads) for each, run, threads in runs if each == path]
        assert [run for run, _ in mine] == ["1", "2", "3", "4", notebooks.INTERRUPTED]
        assert sorted(threads for _, threads in mine[:4]) == [1, 1, 2, 2]
        assert mine[0][1] != mine[1][1]

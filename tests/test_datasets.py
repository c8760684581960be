import datetime
import hashlib
import importlib.util
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import datasets
from helpers.splits import check_times

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
FROZEN = "assets.csv", "words.csv", "co2.csv", "sunspots.csv", "names.tsv", "dates.json", "plucks.wav", "ball.npy"
OF_MINILM = "minilm.safetensors", "word_pieces.txt", "word_rows.npy", "word_table.npy", "review_vectors.npy"
OF_WORDS = "analogies.csv", "reviews.tsv"  # with the word files, held against their script by test_vocabulary
MADE_BY = {
    "slides": {"assets.csv": lambda made: made["ASSETS"].encode(), "words.csv": lambda made: made["WORDS"].encode()},
    "series": {"co2.csv": lambda made: made["co2_csv"](), "sunspots.csv": lambda made: made["sunspots_csv"]()},
    "cldr": {
        "names.tsv": lambda made: made["names_tsv"](),
        "dates.json": lambda made: made["dates_json"](),
        "LICENSE-UNICODE.txt": lambda made: made["licence"](),
    },
    "sound": {"plucks.wav": lambda made: made["plucks_wav"]()},
    "movie": {"ball.npy": lambda made: made["ball_npy"]()},
}
NEEDS = {"series": "statsmodels", "cldr": "babel"}


def sums():
    return dict(line.split()[::-1] for line in (DATA / "SHA256SUMS").read_text().splitlines())


@pytest.fixture(scope="module")
def names():
    return datasets.load_names()


def test_every_file_is_the_one_on_its_card():
    cards = dict(re.findall(r"sha256 of `([^`]+)`: `([0-9a-f]*)`", (DATA / "README.md").read_text("utf-8")))
    assert set(cards) == set(sums()) == {*FROZEN, *OF_MINILM, *OF_WORDS, "LICENSE-UNICODE.txt"}
    for name, digest in sums().items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest == cards[name], name


def test_every_table_of_results_has_a_card():
    text = (DATA / "README.md").read_text("utf-8")
    for table in (DATA / "results").glob("*.csv"):
        assert f"results/{table.name}" in text, table.name


def test_the_files_are_small():
    assert all((DATA / name).stat().st_size < 700_000 for name in sums())


def test_git_leaves_line_ends_alone():
    rule = subprocess.run(
        ["git", "check-attr", "text", "data/names.tsv"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if rule.returncode:
        pytest.skip("not a git checkout")
    assert rule.stdout.strip().endswith("text: unset")


@pytest.mark.parametrize("script", MADE_BY)
def test_the_script_makes_the_frozen_file_again(script, monkeypatch):
    library = NEEDS.get(script)
    if library and not importlib.util.find_spec(library):
        pytest.skip(f"{library} is not installed; only authors need it")
    monkeypatch.syspath_prepend(DATA / "make")
    made = runpy.run_path(str(DATA / "make" / f"{script}.py"))
    for name, make in MADE_BY[script].items():
        assert make(made) == (DATA / name).read_bytes(), name


def test_loading_needs_no_author_library():
    code = "import sys; from helpers import datasets as d; d.load_names(); d.load_dates(5); d.load_co2(); "
    code += "print([m for m in ('babel', 'statsmodels', 'pandas', 'matplotlib', 'sklearn') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


LOADERS = {
    "assets.csv": datasets.load_assets,
    "words.csv": datasets.load_words,
    "co2.csv": datasets.load_co2,
    "sunspots.csv": datasets.load_sunspots,
    "names.tsv": datasets.load_names,
    "dates.json": datasets.load_dates,
    "plucks.wav": datasets.load_sound,
    "ball.npy": datasets.load_movie,
}


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of data/ that a test may damage."""
    for name in ("SHA256SUMS", *FROZEN):
        shutil.copy(DATA / name, tmp_path)
    monkeypatch.setattr(datasets, "DATA", tmp_path)
    datasets._date_formats.cache_clear()
    yield tmp_path
    datasets._date_formats.cache_clear()


@pytest.mark.parametrize("name", LOADERS)
def test_a_missing_cut_or_changed_file_is_named_with_the_remedy(name, copy):
    whole = (copy / name).read_bytes()
    for content in (whole[:-1], b"", whole.replace(whole[-2:-1], b"!"), whole.replace(b"\n", b"\r\n") + b"\n"):
        (copy / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf"data/{name} is cut short or damaged .*git restore data/{name}"):
            LOADERS[name]()
    (copy / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"data/{name} is missing: `git restore data/{name}"):
        LOADERS[name]()


def test_a_missing_or_cut_list_of_hashes_is_named_too(copy):
    (copy / "SHA256SUMS").write_text("")
    with pytest.raises(ValueError, match=r"SHA256SUMS has no line for co2.csv"):
        datasets.load_co2()
    (copy / "SHA256SUMS").unlink()
    with pytest.raises(FileNotFoundError, match=r"data/SHA256SUMS is missing"):
        datasets.load_co2()
    with pytest.raises(FileNotFoundError, match=r"data/results/leaks.csv is missing"):
        datasets.load_results("leaks")


def test_the_slides_tables_are_as_shown():
    assets = datasets.load_assets()
    assert assets.values.shape == (3, 5)
    assert assets.values[1, 3] == pytest.approx(9.99)  # asset 4 on day 2
    assert assets.features[3], assets.times[1] == ("asset 4", "day 2")
    words, vectors = datasets.load_words()
    assert words == ["I", "am", "learning", "."]
    assert vectors.shape == (4, 10)
    assert vectors[2, 0] == pytest.approx(-0.9)


def test_series_run_forward_in_plausible_units():
    for series, steps, low, high in (
        (datasets.load_co2(), 526, 310, 375),
        (datasets.load_sunspots(), 309, 0, 200),
    ):
        check_times(series.times)
        assert series.values.shape == (steps, 1)
        assert len(series.times) == steps
        assert low <= series.values.min()
        assert series.values.max() <= high
        assert len(set(np.diff(series.times).tolist())) == 1  # no month and no year is left out


def test_a_month_without_co2_repeats_the_one_before_and_knows_nothing_of_the_next():
    weeks, months = datasets.load_co2("week"), datasets.load_co2()
    assert weeks.values.isnan().sum() == 59
    measured = {week.astype("datetime64[M]") for week in weeks.times[~weeks.values[:, 0].isnan().numpy()]}
    empty = [i for i, month in enumerate(months.times) if month not in measured]
    assert len(empty) == 5
    assert all(months.values[i] == months.values[i - 1] for i in empty)
    may = weeks.values[weeks.times.astype("datetime64[M]") == np.datetime64("1958-05")]
    assert months.values[2] == pytest.approx(may.nanmean().item())
    with pytest.raises(ValueError, match="every: expected one of month, week"):
        datasets.load_co2("day")


def test_no_entity_stands_in_two_parts(names):
    part = {}
    for entity, here in zip(names.entities, names.parts, strict=True):
        assert part.setdefault(entity, here) == here
    assert set(names.parts) == {"train", "validation", "test"}


def test_no_name_is_spelled_alike_in_two_languages_or_for_two_entities(names):
    assert len({name.casefold() for name in names.names}) == len(names.names)


def test_there_are_about_seven_thousand_names_in_sixteen_languages(names):
    assert 6_900 < len(names.names) < 7_300
    assert len(names.languages) == 16
    counts = torch.bincount(names.labels)
    assert counts.min() > 300
    assert counts.max() < 0.1 * len(names.names)
    share = sum(part == "train" for part in names.parts) / len(names.parts)
    assert share == pytest.approx(0.7, abs=0.02)


def test_a_name_keeps_its_label(names):
    for name, code, entity in (("Alemania", "es", "place:DE"), ("Niemcy", "pl", "place:DE")):
        row = names.names.index(name)
        assert names.languages[names.labels[row]] == code
        assert names.entities[row] == entity


def test_a_part_of_the_names_is_that_part(names):
    texts, labels = names.part("validation")
    assert len(texts) == len(labels) == names.parts.count("validation")
    row = names.names.index(texts[5])
    assert names.parts[row] == "validation"
    assert labels[5] == names.labels[row]
    with pytest.raises(ValueError, match="name: expected one of test, train, validation; got 'dev'"):
        names.part("dev")


def test_every_day_stands_there_once_and_the_seed_decides_which():
    dates = datasets.load_dates(2000, seed=1)
    assert len(set(dates.days)) == 2000
    assert dates == datasets.load_dates(2000, seed=1)
    assert dates != datasets.load_dates(2000, seed=2)
    assert [datetime.date.fromisoformat(text) for text in dates.target] == dates.days


def test_dates_are_written_as_babel_writes_them():
    format_date = pytest.importorskip("babel.dates", reason="babel is not installed; only authors need it").format_date
    for language, entry in datasets._date_formats().items():
        for style in entry["patterns"]:
            dates = datasets.load_dates(100, source=language, target="iso", styles=(style,))
            assert dates.source == [format_date(day, style, language) for day in dates.days], (language, style)


def test_both_sides_of_a_translation_have_the_same_style():
    dates = datasets.load_dates(200, source="fr", target="de")
    for french, german in zip(dates.source, dates.target, strict=True):
        assert french[0].isalpha() == german[0].isalpha()  # both begin with a weekday, or both with a figure


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"source": "ru"}, "source: expected one of iso, cs, da"),
        ({"target": "de", "styles": ("medium",)}, "styles: no 'medium' dates for target 'de', only long, full"),
        ({"n_days": 80_000}, "n_days: expected between 1 and 73049"),
        ({"n_days": 0}, "n_days"),
    ],
)
def test_dates_that_cannot_be_written_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        datasets.load_dates(**arguments)


def test_sound_movie_photo_and_digits_have_the_axes_they_promise():
    sound, movie = datasets.load_sound(), datasets.load_movie()
    assert sound.samples.shape == (16_000,)
    assert sound.rate == 8000
    assert 0.9 < sound.samples.abs().max() <= 1
    assert movie.shape == (60, 24, 40)
    photo, (images, labels) = datasets.load_photo(), datasets.load_digits()
    assert photo.shape == (3, 427, 640)
    assert images.shape == (1797, 1, 8, 8)
    assert labels.bincount().min() > 170
    for picture in (movie, photo, images):
        assert picture.dtype == torch.float32
        assert 0 == picture.min() < 0.5 < picture.max() <= 1


def test_the_ball_falls_and_comes_back():
    movie = datasets.load_movie()
    height = (movie.sum(dim=2) * torch.arange(24.0)).sum(dim=1) / movie.sum(dim=(1, 2))  # 0 is the top
    assert height[0] == pytest.approx(4, abs=0.3)
    turns = (height.diff().sign().diff() != 0).sum()
    assert turns >= 4
    assert height.max() < 22


def test_a_repr_is_one_stable_line(names):
    assert repr(names) == "Names(6999 names of 880 entities, 16 languages)"
    assert repr(datasets.load_co2()) == "Series(526 steps of 1 in ppm, 1958-03 to 2001-12)"
    assert repr(datasets.load_sound()) == "Sound(16000 samples, 8000 per second)"


@pytest.mark.parametrize("content", ["", "a,b\n", "a,b\n1,2\n3"])
def test_results_that_were_cut_short_are_named(tmp_path, monkeypatch, content):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "half.csv").write_text(content, encoding="utf-8")
    monkeypatch.setattr(datasets, "DATA", tmp_path)
    with pytest.raises(ValueError, match=r"half\.csv is cut short: `git restore"):
        datasets.load_results("half")


def test_a_style_that_a_language_does_not_have_is_named():
    with pytest.raises(ValueError, match=r"styles: no 'short' dates for source 'en', only .*long"):
        datasets.load_dates(3, styles=("short",))

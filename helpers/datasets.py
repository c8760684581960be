"""One loader per data set, all offline; what each file is and where it comes from stands in data/README.md.

    load_assets, load_co2, load_sunspots    a Series: one row per step, one column per feature
    load_words                              a sentence as a matrix
    load_names, load_dates                  text, to classify, to invent, to translate
    load_sound, load_movie, load_photo      what else is a sequence
    load_digits                             small images, from scikit-learn
    load_results                            tables of many seeds, made by the scripts in bench/

Every file but the results is compared with its sha256 first; what is missing or damaged is named, with the remedy.
"""

import csv
import datetime
import functools
import hashlib
import io
import json
import random
import re
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from helpers.arguments import expect_choice, expect_count, expect_list, expect_strings

DATA = Path(__file__).parent.parent / "data"
YEARS = 1900, 2099  # the days that load_dates draws from


@dataclass(frozen=True)
class Series:
    """Numbers in the order of time."""

    times: np.ndarray  # (steps,) datetime64, or words for the assets' days
    values: torch.Tensor  # (steps, features), float32
    features: tuple[str, ...]  # one name per column
    unit: str

    def __repr__(self):
        steps, features = self.values.shape
        return f"Series({steps} steps of {features} in {self.unit}, {self.times[0]} to {self.times[-1]})"


@dataclass(frozen=True)
class Names:
    """Names of places and languages in 16 languages; all have the same length, one entry per name."""

    names: list[str]
    labels: torch.Tensor  # (N,) int64: which of `languages` the name is in
    languages: tuple[str, ...]  # ISO 639 codes: "cs", "da", ...
    entities: list[str]  # what is named: "place:FR"; the same in every language
    kinds: list[str]  # "place" or "language"
    parts: list[str]  # "train", "validation" or "test"; an entity stands in one of them only

    def part(self, name):
        """The names of one part: -> list[str], labels (n,)."""
        expect_choice("name", name, sorted(set(self.parts)))
        rows = [i for i, part in enumerate(self.parts) if part == name]
        return [self.names[i] for i in rows], self.labels[rows]

    def __repr__(self):
        return f"Names({len(self.names)} names of {len(set(self.entities))} entities, {len(self.languages)} languages)"


@dataclass(frozen=True)
class Dates:
    """The same days written in two ways; each day stands there once, so any split of rows is a split of days."""

    days: list[datetime.date]
    source: list[str]  # "Tuesday, March 4, 1997"
    target: list[str]  # "1997-03-04", or the day in another language

    def __repr__(self):
        return f"Dates({len(self.days)} days, such as {self.source[0]!r} -> {self.target[0]!r})"


@dataclass(frozen=True)
class Sound:
    """Air pressure, sampled at equal intervals."""

    samples: torch.Tensor  # (steps,) float32 between -1 and 1
    rate: int  # samples per second

    def __repr__(self):
        return f"Sound({len(self.samples)} samples, {self.rate} per second)"


def load_assets():
    """The slides' prices: Series of 3 days by 5 assets (the slide's table, turned so that time runs downwards)."""
    header, *rows = _table("assets.csv")
    values = torch.tensor([[float(cell) for cell in row[1:]] for row in rows]).T.contiguous()
    return Series(np.array(header[1:]), values, tuple(row[0] for row in rows), "price")


def load_words():
    """The slides' sentence: its 4 tokens, and one vector each (4, 10)."""
    rows = _table("words.csv")
    return [row[0] for row in rows], torch.tensor([[float(cell) for cell in row[1:]] for row in rows])


def load_co2(every="month"):
    """CO2 in the air at Mauna Loa, Hawaii, 1958 to 2001, in parts per million (ppm).

    Args:
        every: "month" for monthly means (526, 1), in which a month without a measurement repeats the one before (a
            line drawn to the next one would know the future); "week" for the file as it is (2284, 1), 59 of them NaN.
    """
    expect_choice("every", every, ("month", "week"))
    _, *rows = _table("co2.csv")
    weeks = np.array([row[0] for row in rows], dtype="datetime64[D]")
    ppm = np.array([float(row[1]) if row[1] else np.nan for row in rows])
    if every == "week":
        return Series(weeks, _column(ppm), ("co2",), "ppm")
    months, values = weeks.astype("datetime64[M]"), []
    for month in np.unique(months):
        measured = ppm[(months == month) & ~np.isnan(ppm)]
        values.append(measured.mean() if len(measured) else values[-1])
    return Series(np.unique(months), _column(values), ("co2",), "ppm")


def load_sunspots():
    """The yearly mean number of sunspots, 1700 to 2008: Series (309, 1)."""
    _, *rows = _table("sunspots.csv")
    years, number = zip(*rows, strict=True)
    return Series(np.array(years, dtype="datetime64[Y]"), _column([float(n) for n in number]), ("sunspots",), "spots")


def load_names():
    """Names of places and languages in 16 languages that share the Latin alphabet; no name is right in two of them."""
    _, *rows = _table("names.tsv", delimiter="\t")
    names, language, kinds, entities, parts = map(list, zip(*rows, strict=True))
    languages = tuple(sorted(set(language)))
    labels = torch.tensor([languages.index(code) for code in language])
    return Names(names, labels, languages, entities, kinds, parts)


def load_dates(n_days=10_000, seed=0, source="en", target="iso", styles=("long", "full")):
    """Days between 1900 and 2099 written in one language, and again in another or as ISO 8601.

    Args:
        n_days: how many different days; there are 73,049.
        seed: of the choice of days and styles.
        source, target: a language of load_names, such as "en" or "fr", or "iso".
        styles: of each day one, on both sides: "full" has the weekday, "medium" (not in cs, de, fi) the short month.

    >>> load_dates(3).source[0], load_dates(3).target[0]
    ('Thursday, April 1, 2038', '2038-04-01')
    """
    languages = _date_formats()
    styles = expect_strings("styles", expect_list("styles", styles))
    for name, code in ("source", source), ("target", target):
        expect_choice(name, code, ("iso", *languages))
        patterns = languages[code]["patterns"] if code != "iso" else styles
        if wrong := [style for style in styles if style not in patterns]:
            raise ValueError(f"styles: no {wrong[0]!r} dates for {name} {code!r}, only {', '.join(patterns)}")
    first, last = datetime.date(YEARS[0], 1, 1).toordinal(), datetime.date(YEARS[1], 12, 31).toordinal()
    n_days = expect_count("n_days", n_days, most=last - first + 1)
    draw = random.Random(expect_count("seed", seed, least=0))
    days = [datetime.date.fromordinal(day) for day in draw.sample(range(first, last + 1), n_days)]
    chosen = [draw.choice(styles) for _ in days]
    both = ([_written(*pair, code) for pair in zip(days, chosen, strict=True)] for code in (source, target))
    return Dates(days, *both)


def _written(day, style, code):
    if code == "iso":
        return day.isoformat()
    words = _date_formats()[code]
    fields = {"EEEE": words["EEEE"][day.weekday()], "MMMM": words["MMMM"][day.month - 1]}
    fields |= {"MMM": words["MMM"][day.month - 1], "d": str(day.day), "y": str(day.year)}
    # what stands between apostrophes is text: Spanish d 'de' MMMM 'de' y
    pattern = r"'([^']*)'|EEEE|MMMM|MMM|d|y"
    return re.sub(pattern, lambda m: fields.get(m[0]) or m[1], words["patterns"][style])


@functools.cache
def _date_formats():
    return json.loads(read_file("dates.json"))


def load_sound():
    """Three plucked strings, 2 seconds: Sound of 16,000 samples."""
    with wave.open(io.BytesIO(read_file("plucks.wav"))) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return Sound(torch.tensor(samples / 32768, dtype=torch.float32), file.getframerate())


def load_movie():
    """A ball that falls and bounces: frames (60, 24, 40), from 0 (black) to 1 (white)."""
    return torch.tensor(np.load(io.BytesIO(read_file("ball.npy"))) / 255, dtype=torch.float32)


def load_photo():
    """A photograph of a Chinese temple, from scikit-learn: (channel, height, width) = (3, 427, 640), from 0 to 1."""
    from sklearn.datasets import load_sample_image

    return torch.tensor(load_sample_image("china.jpg") / 255, dtype=torch.float32).permute(2, 0, 1)


def load_digits():
    """Handwritten digits, from scikit-learn, in the order of the file, so that neighbours often share a writer.

    Returns:
        images (1797, 1, 8, 8) from 0 to 1, and labels (1797,) from 0 to 9.
    """
    from sklearn import datasets

    digits = datasets.load_digits()
    return torch.tensor(digits.images / 16, dtype=torch.float32)[:, None], torch.tensor(digits.target)


def load_results(name):
    """A table of data/results, such as "leaks": dict column -> array, numbers where every cell is one."""
    path = DATA / "results" / f"{name}.csv".rpartition("/")[2]
    if not path.is_file():
        raise FileNotFoundError(f"data/results/{path.name} is missing: `git restore data/results` brings it back")
    header, *rows = list(csv.reader(path.read_text("utf-8").splitlines())) or [[]]
    if not rows or any(len(row) != len(header) for row in rows):
        raise ValueError(f"data/results/{path.name} is cut short: `git restore data/results` brings it back")
    return {column: _numbers(cells) for column, cells in zip(header, zip(*rows, strict=True), strict=True)}


def _numbers(cells):
    try:
        return np.array(cells, dtype=float)
    except ValueError:
        return np.array(cells)


def _column(values):
    return torch.tensor(np.asarray(values), dtype=torch.float32)[:, None]


def _table(name, delimiter=","):
    return list(csv.reader(read_file(name).decode("utf-8").splitlines(), delimiter=delimiter, quoting=csv.QUOTE_NONE))


def read_file(name):
    """The bytes of data/NAME, if they are those of data/SHA256SUMS."""
    remedy = f"`git restore data/{name} data/SHA256SUMS` brings it back; without git, download the course again"
    try:
        content = (DATA / name).read_bytes()
        expected = {line.split()[1]: line.split()[0] for line in (DATA / "SHA256SUMS").read_text("ascii").splitlines()}[
            name
        ]
    except FileNotFoundError as error:
        raise FileNotFoundError(f"data/{Path(error.filename).name} is missing: {remedy}") from error
    except (KeyError, IndexError) as error:
        raise ValueError(f"data/SHA256SUMS has no line for {name}: {remedy}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(
            f"data/{name} is cut short or damaged ({len(content):,} bytes, sha256 {found[:8]}..., "
            f"not {expected[:8]}...): {remedy}"
        )
    return content

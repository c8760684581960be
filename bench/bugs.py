"""What each bug of the museum costs: what is reported beside what is true, three seeds -> data/results/bugs.csv.

    python course.py bench bugs               everything, then the table
    python course.py bench bugs positions     only these studies; the others' rows stay

One process, one thread, about a minute of processor time.
"""

import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import mean

import torch
from torch import nn
from torch.nn import functional as F

from bench import _table
from helpers import tasks
from helpers.baselines import RidgeForecast
from helpers.batches import Batches
from helpers.datasets import load_digits, load_names, load_sunspots
from helpers.models.letters import Alphabet
from helpers.museum import parts, pipelines
from helpers.museum.trained import Language, Neighbours, NextLetter
from helpers.training import evaluate, fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/bugs.csv"
COLUMNS = "study", "version", "seed", "measure", "score"
SEEDS = 0, 1, 2


def masks():
    """Which letter comes next? Surprise in nats, as training reports it and as writing meets it."""
    names = load_names()
    alphabet = Alphabet(names.part("train")[0], at_least=2)
    train, test = (alphabet.encode(names.part(part)[0])[0] for part in ("train", "test"))
    versions = {"right": parts.look_back, "wrong half": parts.look_ahead, "one ahead": parts.look_one_ahead}
    for version, mask in versions.items():
        for seed in SEEDS:
            set_seed(seed)
            model = NextLetter(len(alphabet), mask)
            fit(model, NextLetter.loss, Batches(train, size=64), n_steps=200, learning_rate=0.01)
            batch = (test[:200],)
            yield version, seed, "reported (nats)", evaluate(model, NextLetter.loss, [batch])
            yield version, seed, "while writing (nats)", model.loss_while_writing(batch).item()
            if version == "right":
                yield "map without mask", seed, "weight on the future", pipelines.drawn_on_the_future(model, test[:50])


def positions():
    """The letters beside each place of a ring, right answers."""
    versions = {
        "right": parts.add_positions,
        "along the batch": parts.add_positions_along_the_batch,
        "forgotten": parts.forget_positions,
    }
    for version, place in versions.items():
        for seed in SEEDS:
            set_seed(seed)
            model, rings = Neighbours(place), [tasks.ring(128) for _ in range(250)]
            history = fit(model, Neighbours.loss, rings, n_epochs=1, learning_rate=0.01)
            yield version, seed, "loss at first", history.loss[0]
            yield version, seed, "loss at last", history.loss[-1]
            yield version, seed, "accuracy", evaluate(model, Neighbours.accuracy, [tasks.ring(128)])


def padding():
    """Which language is this name? Right answers in large batches and alone, and how many differ between the two."""
    names = load_names()
    alphabet = Alphabet(names.part("train")[0], at_least=2)
    data = {part: (*alphabet.encode(texts), y) for part in ("train", "test") for texts, y in [names.part(part)]}
    for version, read in {"right": parts.read_at_the_end, "last column": parts.read_in_the_last_column}.items():
        for seed in SEEDS:
            set_seed(seed)
            model = Language(len(alphabet), len(names.languages), read)
            fit(model, Language.loss, Batches(*data["train"], size=64), n_steps=160, learning_rate=0.01, clip=1.0)
            answers = {}
            for measure, size in ("in batches of 256", 256), ("alone", 1):
                batches = Batches(*(tensor[:300] for tensor in data["test"]), size=size, shuffle=False)
                yield version, seed, measure, evaluate(model, Language.accuracy, batches)
                with torch.no_grad():
                    answers[size] = torch.cat([model(ids, lengths).argmax(dim=1) for ids, lengths, _ in batches])
            yield version, seed, "change with company", (answers[1] != answers[256]).float().mean().item()


def labels():
    """Next year's sunspots from eleven years: R2 as reported, and of the year that follows each window."""
    x, length = load_sunspots().values, 11
    for version, cut_windows in {"right": pipelines.cut_windows, "late": pipelines.cut_windows_late}.items():
        X, y = cut_windows(x, length)
        cut = len(X) * 3 // 4
        forecast = RidgeForecast().fit(X[:cut], y[:cut]).predict(X[cut:])
        yield version, 0, "reported (R2)", pipelines.r2(y[cut:], forecast)
        late = version == "late"  # then the year behind the window is the answer of the next one
        yield version, 0, "next year (R2)", pipelines.r2(y[cut + late :], forecast[: len(forecast) - late])
    yield "same as last year", 0, "next year (R2)", pipelines.r2(y[cut:], y[cut - 1 : -1])


def checkpoints():
    """Which digit? Accuracy on test of the checkpoint that was kept, of thirty."""
    images, digits = load_digits()
    rows = {"train": slice(0, 1000), "validation": slice(1000, 1400), "test": slice(1400, None)}
    data = {part: (images[which].flatten(1), digits[which]) for part, which in rows.items()}
    for seed in SEEDS:
        set_seed(seed)
        model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        scores, tests = [], []
        for _ in range(30):
            fit(model, _digit_loss, Batches(*data["train"], size=50), n_steps=10, learning_rate=0.01)
            scores.append(evaluate(model, _digit_loss, [data["validation"]]))
            tests.append(evaluate(model, _digit_accuracy, [data["test"]]))
        for version, keep in pipelines.KEEPING.items():
            yield version, seed, "accuracy", tests[keep(scores)]


def _digit_loss(model, batch):
    return F.cross_entropy(model(batch[0]), batch[1])


def _digit_accuracy(model, batch):
    return (model(batch[0]).argmax(dim=1) == batch[1]).float().mean()


STUDIES = {study.__name__: study for study in (masks, positions, padding, labels, checkpoints)}


def run(chosen):
    """Run the chosen studies, keep the stored rows of the others, and write the table."""
    rows = [row for row in _table.read(TABLE) if row["study"] not in chosen]
    for name in chosen:
        start = time.process_time()
        values = ((name, *row[:-1], f"{row[-1]:.4f}") for row in STUDIES[name]())
        rows += [dict(zip(COLUMNS, row, strict=True)) for row in values]
        print(f"{name}: {time.process_time() - start:.0f} s of processor time", flush=True)
    rows.sort(key=lambda row: list(STUDIES).index(row["study"]))
    _table.write(TABLE, rows)
    return rows


def show(rows):
    """Print the mean of each measure."""
    scores = defaultdict(list)
    for study, version, _, measure, score in map(dict.values, rows):
        scores[study, version, measure].append(float(score))
    for (study, version, measure), runs in scores.items():
        print(f"{study:<12}{version:<18}{measure:<22}{mean(runs):8.3f}   {min(runs):.3f} to {max(runs):.3f}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    unknown = set(sys.argv[1:]) - set(STUDIES)
    if unknown:
        sys.exit(f"No study {', '.join(sorted(unknown))}; there are {', '.join(STUDIES)}")
    show(run(sys.argv[1:] or list(STUDIES)))

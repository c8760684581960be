"""How much a leak flatters: honest beside leaky scores, ten seeds or forty walks each -> data/results/leaks.csv.

    python course.py bench leaks               every study, then the table
    python course.py bench leaks co2 digits    only these; their rows are replaced, the others stay

One process, one thread; each study takes less than a minute of processor time.
"""

import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVC
from torch import nn

from bench import _table
from helpers.baselines import RidgeForecast, ngram_classifier
from helpers.datasets import load_co2, load_digits, load_names
from helpers.splits import fit_scaler, group_split, leaking_windows, make_windows

TABLE = Path(__file__).parent.parent / "data/results/leaks.csv"
COLUMNS = "study", "model", "split", "seed", "metric", "score"
N_SEEDS, N_WALKS = 10, 40
TRAIN = 0.75  # share of the windows, or of the rows


def random_walk():
    """Forecast the change of a pure random walk over 20 steps from its last 20 values: nothing can be known."""
    length, horizon = 20, 20
    for seed in range(N_WALKS):
        X, change = _walk(seed, 2000, length, horizon)
        for split, (train, test) in _both_ways(len(X), length, horizon, seed).items():
            models = {
                "forest": RandomForestRegressor(50, max_features=0.33, random_state=seed, n_jobs=1),
                "ridge": RidgeForecast(),
            }
            for model, forecaster in models.items():
                forecast = _fit_predict(forecaster, X, change, train, test)
                yield model, split, seed, "R2", r2_score(change[test], forecast)
                yield model, split, seed, "right signs", np.mean(np.sign(forecast) == np.sign(change[test, 0].numpy()))
            yield "no change", split, seed, "R2", r2_score(change[test], np.zeros(len(test)))


def gap():
    """The same walks, cut in time, tested on the 40 windows behind the cut: with and without a gap before them."""
    length, horizon, n_test = 20, 20, 40
    for seed in range(N_WALKS):
        X, change = _walk(seed, 1000, length, horizon)
        test = np.arange(len(X) - n_test, len(X))
        stop = {"honest": test[0] - (length + horizon - 1), "leaky": test[0]}
        for split in stop:
            # both train on as many windows: what differs is only how near to the test they come
            train = np.arange(stop[split] - 700, stop[split])
            forest = RandomForestRegressor(50, max_features=0.33, random_state=seed, n_jobs=1)
            forecast = _fit_predict(forest, X, change, train, test)
            error = np.abs(forecast - change[test, 0].numpy()).mean()
            yield "forest", split, seed, "error / naive error", error / change[test].abs().mean().item()


def digits():
    """Which digit? Tested on a block of the file (other writers), or on images picked at random."""
    images, labels = load_digits()
    images, labels = images.flatten(start_dim=1).numpy(), labels.numpy()
    n_test = len(labels) // 4
    for seed in range(N_SEEDS):
        shuffled = np.random.default_rng(seed).permutation(len(labels))
        # Blocks that start at ten places: the last is the file's last quarter.
        first = round((len(labels) - n_test) * seed / (N_SEEDS - 1))
        blocks = np.concatenate([np.arange(first + n_test, len(labels)), np.arange(first), first + np.arange(n_test)])
        for split, order in ("honest", blocks), ("leaky", shuffled):
            train, test = order[:-n_test], order[-n_test:]
            score = SVC(gamma=0.25, C=10).fit(images[train], labels[train]).score(images[test], labels[test])
            yield "SVM", split, seed, "accuracy", score


def names():
    """Place or language? Which of 16 languages? Split by what is named, or by rows picked at random."""
    data = load_names()
    texts, codes = np.array(data.names), np.unique(data.entities, return_inverse=True)[1]
    for seed in range(N_SEEDS):
        by_entity = group_split(codes, 0.8, seed).numpy()
        by_row = np.zeros(len(texts), dtype=bool)
        by_row[np.random.default_rng(seed).permutation(len(texts))[: by_entity.sum()]] = True
        for task, answer in ("kind", np.array(data.kinds)), ("language", data.labels.numpy()):
            for split, train in ("honest", by_entity), ("leaky", by_row):
                model = ngram_classifier().fit(texts[train], answer[train])
                yield f"n-grams: {task}", split, seed, "accuracy", model.score(texts[~train], answer[~train])


def scaler():
    """CO2 cut in time; mean and std from the past alone, or from everything."""
    x = load_co2().values
    length, horizon = 12, 6
    train, test = _both_ways(len(x) - length - horizon + 1, length, horizon, seed=0)["honest"]
    past = x[: train[-1] + length + horizon]
    for split, seen in ("honest", past), ("leaky", x):
        mean, std = fit_scaler(seen, x)
        X, y = make_windows((x - mean) / std, length, horizon)
        for seed in range(N_SEEDS):
            yield "LSTM on levels", split, seed, "R2", r2_score(y[test], _lstm(X, y, train, test, seed))
        forecast = _fit_predict(RidgeForecast(), X, y, train, test)
        yield "ridge", split, 0, "R2", r2_score(y[test], forecast)


def co2():
    """CO2 at Mauna Loa six months ahead from the last twelve: windows cut in time, or shuffled."""
    length, horizon = 12, 6
    x = load_co2().values
    n_windows = len(x) - length - horizon + 1
    for seed in range(N_SEEDS):
        for split, (train, test) in _both_ways(n_windows, length, horizon, seed).items():
            # Its own scaler per split; the shuffled one sees rows from everywhere, as such code does.
            rows = x[: train[-1] + length + horizon] if split == "honest" else x
            mean, std = fit_scaler(rows, x)
            X, y = make_windows((x - mean) / std, length, horizon)
            last = X[:, -1]
            yield "LSTM on levels", split, seed, "R2", r2_score(y[test], _lstm(X, y, train, test, seed))
            # Ten times larger, and what the network sees and says is about 1 again: a change is small beside a level.
            change = _lstm(10 * (X - last[:, None]), 10 * (y - last), train, test, seed) / 10
            yield "LSTM on changes", split, seed, "R2", r2_score(y[test], change + last[test].numpy())
            yield "ridge", split, seed, "R2", r2_score(y[test], _fit_predict(RidgeForecast(), X, y, train, test))
            nearest = KNeighborsRegressor(1).fit(train[:, None], y[train]).predict(test[:, None])
            yield "nearest in time", split, seed, "R2", r2_score(y[test], nearest)


STUDIES = {f.__name__: f for f in (random_walk, gap, digits, names, scaler, co2)}


def _walk(seed, steps, length, horizon):
    walk = np.random.default_rng(seed).standard_normal(steps).cumsum()
    X, y = make_windows(torch.tensor(walk, dtype=torch.float32)[:, None], length, horizon)
    return X, y - X[:, -1]


def _both_ways(n_windows, length, horizon, seed):
    """Window numbers: cut in time with the windows between left out, or shuffled. dict split -> train, test."""
    cut = round(TRAIN * n_windows)
    honest = np.arange(cut - (length + horizon - 1)), np.arange(cut, n_windows)
    assert not leaking_windows(*map(torch.from_numpy, honest), length, horizon).any()
    leaky = train_test_split(
        np.arange(n_windows), train_size=len(honest[0]), test_size=len(honest[1]), random_state=seed
    )
    return {"honest": honest, "leaky": leaky}


def _fit_predict(model, X, y, train, test):
    if isinstance(model, RidgeForecast):
        return model.fit(X[train], y[train]).predict(X[test]).numpy()[:, 0]
    X = X.flatten(start_dim=1).numpy()
    return model.fit(X[train], y[train, 0].numpy()).predict(X[test])


def _lstm(X, y, train, test, seed, n_steps=100):
    torch.manual_seed(seed)
    lstm, head = nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 1)
    optimiser = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.02)
    for _ in range(n_steps):
        optimiser.zero_grad()
        nn.functional.mse_loss(head(lstm(X[train])[0][:, -1]), y[train]).backward()
        optimiser.step()
    with torch.no_grad():
        return head(lstm(X[test])[0][:, -1]).numpy()


def run(chosen):
    """Run the chosen studies, keep the stored rows of the others, and write the table."""
    rows = [row for row in _table.read(TABLE) if row["study"] not in chosen]
    for name in chosen:
        start = time.process_time()
        values = ((name, *row[:-1], f"{row[-1]:.4f}") for row in STUDIES[name]())
        rows += [dict(zip(COLUMNS, row, strict=True)) for row in values]
        print(f"{name}: {time.process_time() - start:.0f} s of processor time")
    rows.sort(key=lambda row: list(STUDIES).index(row["study"]))
    _table.write(TABLE, rows)
    return rows


def summary(rows):
    """Print mean and spread, honest beside leaky."""
    scores = defaultdict(lambda: defaultdict(list))
    for study, model, split, _, metric, score in map(dict.values, rows):
        scores[study, model, metric][split].append(float(score))
    print(f"{'study':<12}{'model':<20}{'metric':<21}{'honest':>15}{'leaky':>15}")
    for (study, model, metric), split in scores.items():
        cells = (f"{statistics.mean(s):.3f} ± {statistics.pstdev(s):.3f}" for s in (split["honest"], split["leaky"]))
        print(f"{study:<12}{model:<20}{metric:<21}{next(cells):>15}{next(cells):>15}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    unknown = set(sys.argv[1:]) - set(STUDIES)
    if unknown:
        sys.exit(f"No study {', '.join(sorted(unknown))}; there are {', '.join(STUDIES)}")
    summary(run(sys.argv[1:] or list(STUDIES)))

"""Who still knows the first symbol after 20, 50 and 100 steps of noise? Five seeds each -> data/results/memory.csv.

    python course.py bench memory              every lag, then the table
    python course.py bench memory 100          only this lag; its rows are replaced, the others stay

One process, one thread; a quarter of an hour of processor time.
"""

import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from bench import _table
from helpers.models.recurrent_layers import Recurrent
from helpers.models.through_time import chrono_init_, gradient_norms, orthogonal_init_
from helpers.tasks import N_LETTERS, N_NOISE, recall
from helpers.training import evaluate, fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/memory.csv"
COLUMNS = "kind", "init", "learning_rate", "lag", "seed", "steps", "accuracy", "first_gradient", "cpu_seconds"
CASES = (  # kind, init, learning rate; who fails at the first rate gets a second chance, the LSTM a third
    ("rnn", "default", 0.01),
    ("rnn", "default", 0.003),
    ("rnn", "orthogonal", 0.01),
    ("rnn", "orthogonal", 0.003),
    ("gru", "default", 0.01),
    ("gru", "chrono", 0.01),
    ("lstm", "default", 0.01),
    ("lstm", "default", 0.003),
    ("lstm", "default", 0.03),
    ("lstm", "chrono", 0.01),
)
LAGS, N_SEEDS = (20, 50, 100), 5
D_HIDDEN, BATCH, N_STEPS, CLIP = 64, 32, 400, 1.0
SOLVED = 0.95  # accuracy on 1,000 fresh sequences


class Recall(nn.Module):
    """A recurrent layer, and a guess from its last state."""

    def __init__(self, kind, init, lag):
        super().__init__()
        self.recurrent = Recurrent(kind, N_LETTERS + N_NOISE, D_HIDDEN)
        if init == "chrono":
            chrono_init_(self.recurrent, lag)
        elif init == "orthogonal":
            orthogonal_init_(self.recurrent)
        self.guess = nn.Linear(D_HIDDEN, N_LETTERS)

    def forward(self, x):
        """(batch, seq, symbols) -> logits (batch, letters)."""
        return self.guess(self.recurrent(x)[0][:, -1])


def loss(model, batch):
    """Cross-entropy of the guesses."""
    x, letter = batch
    return F.cross_entropy(model(x), letter)


def accuracy(model, batch):
    """The share of right guesses."""
    x, letter = batch
    return (model(x).argmax(dim=1) == letter).float().mean()


def fresh_batches(lag):
    """New sequences for ever: nothing to learn by heart."""
    while True:
        yield recall(BATCH, lag)


def measure(kind, init, learning_rate, lag, seed):
    """Train one model -> a row of the table."""
    set_seed(seed)
    model = Recall(kind, init, lag)
    norms = gradient_norms(model.recurrent, recall(1, lag)[0][0])
    begin = time.process_time()
    history = fit(model, loss, fresh_batches(lag), n_steps=N_STEPS, learning_rate=learning_rate, clip=CLIP)
    cpu_seconds = time.process_time() - begin
    right = evaluate(model, accuracy, [recall(1000, lag)])
    first_gradient = f"{norms[0] / norms[-1]:.1e}"  # before training: of the first input, as a share of the last's
    values = (
        kind,
        init,
        learning_rate,
        lag,
        seed,
        len(history.loss),
        f"{right:.3f}",
        first_gradient,
        f"{cpu_seconds:.1f}",
    )
    return dict(zip(COLUMNS, map(str, values), strict=True))


def show(rows):
    """Print the table, a line for each lag and case."""
    for lag in LAGS:
        for kind, init, learning_rate in CASES:
            case = {"kind": kind, "init": init, "learning_rate": str(learning_rate), "lag": str(lag)}
            mine = [row for row in rows if case.items() <= row.items()]
            right = [float(row["accuracy"]) for row in mine]
            seconds = [float(row["cpu_seconds"]) for row in mine]
            if mine:
                solved = f"{sum(each >= SOLVED for each in right)} of {len(right)}"
                gradient = statistics.median(float(row["first_gradient"]) for row in mine)
                print(
                    f"lag {lag:3}  {kind:4} {init:10} {learning_rate:<5}  solved {solved}"
                    f"  ({' '.join(f'{each:4.0%}' for each in right)})  first gradient {gradient:.0e}"
                    f"  {statistics.median(seconds):4.1f} s, at most {max(seconds):.1f}"
                )


def main(arguments):
    """Measure the lags asked for, write the table and print it."""
    torch.set_num_threads(1)
    lags = [int(argument) for argument in arguments] or LAGS
    rows = [row for row in _table.read(TABLE) if int(row["lag"]) not in lags]
    rows += [measure(*case, lag, seed) for lag in lags for case in CASES for seed in range(N_SEEDS)]
    rows.sort(key=lambda row: int(row["lag"]))  # the sort is stable: cases and seeds stay in order
    _table.write(TABLE, rows)
    show(rows)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What is each piece of a block for? The neighbours' sum on the ring, five seeds each -> data/results/pieces.csv.

    python course.py bench pieces

Two pre-norm blocks, whole and without one piece, 64 fresh rings of six letters a step. Steps and learning rate were
found with the whole model. One process, one thread; three minutes of processor time.
"""

import time
from pathlib import Path

import torch

from bench import _table
from helpers.models.pieces import PIECES, RingAdder
from helpers.tasks import ring
from helpers.training import fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/pieces.csv"
N_SEEDS, N_STEPS, BATCH, N_TEST, N_LETTERS, LEARNING_RATE = 5, 800, 64, 1000, 6, 3e-3


@torch.no_grad()
def accuracy(model):
    """The share of right sums on fresh rings."""
    return model.accuracy(ring(N_TEST, n_letters=N_LETTERS)).item()


def measure(without, seed):
    """Train one model -> a row of the table."""
    set_seed(seed)
    model = RingAdder(without, n_letters=N_LETTERS)
    begin = time.process_time()
    rings = [ring(BATCH, n_letters=N_LETTERS) for _ in range(N_STEPS)]
    fit(model, RingAdder.loss, rings, n_epochs=1, learning_rate=LEARNING_RATE)
    cpu_seconds = f"{time.process_time() - begin:.1f}"
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    case = {"without": without or "nothing", "seed": seed, "parameters": n_parameters}
    return case | {"accuracy": f"{accuracy(model):.3f}", "cpu_seconds": cpu_seconds}


def main():
    """Measure every case, write the table and print it."""
    torch.set_num_threads(1)
    rows = []
    for without in (None, *PIECES):
        rows += (mine := [measure(without, seed) for seed in range(N_SEEDS)])
        accuracies = " ".join(f"{float(row['accuracy']):4.0%}" for row in mine)
        print(f"without {without or 'nothing':<10} {accuracies}", flush=True)
    _table.write(TABLE, rows)


if __name__ == "__main__":
    main()

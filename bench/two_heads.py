"""Can one head look two ways at once? The ring of helpers.tasks, five seeds each -> data/results/two_heads.csv.

    python course.py bench two_heads

Every case sees 128 fresh rings a step. One head also gets four times the steps, or twice the width (more than twice
the parameters). One process, one thread; about two minutes of processor time.
"""

import statistics
import time
from pathlib import Path

import torch

from bench import _table
from helpers.models.ring import RingReader
from helpers.tasks import ring, ring_attention
from helpers.training import fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/two_heads.csv"
CASES = (  # heads, d_model, steps
    (1, 32, 400),
    (1, 32, 1600),
    (1, 64, 400),
    (2, 32, 400),
    (4, 32, 400),
)
N_SEEDS, BATCH, LEARNING_RATE, N_TEST = 5, 128, 1e-2, 2000


@torch.no_grad()
def judged(reader):
    """How a trained reader does on fresh rings, and where its heads look."""
    letters, neighbours = test = ring(N_TEST)
    right = reader.is_right(test).float().mean(dim=(0, 1))
    logits, weights = reader(letters, need_weights=True)
    answers = logits.argmax(dim=-1)
    named = ((answers == neighbours) | (answers == neighbours.flip(-1))).float().mean()
    onto = torch.einsum("hqk,sqk->sh", weights.mean(dim=0), ring_attention()) / letters.shape[1]
    values = {
        "accuracy": right.mean(),
        "before": right[0],
        "after": right[1],
        "named_a_neighbour": named.float().mean(),
    }
    # The head that looks most to this side: the mean weight that it puts there.
    values |= {"looks_before": onto[0].max(), "looks_after": onto[1].max()}
    return {name: f"{value:.3f}" for name, value in values.items()}


def measure(n_heads, d_model, n_steps, seed):
    """Train one reader -> a row of the table."""
    set_seed(seed)
    reader = RingReader(n_heads, d_model)
    begin = time.process_time()
    fit(reader, RingReader.loss, [ring(BATCH) for _ in range(n_steps)], n_epochs=1, learning_rate=LEARNING_RATE)
    cpu_seconds = f"{time.process_time() - begin:.1f}"
    n_parameters = sum(parameter.numel() for parameter in reader.parameters())
    case = {"heads": n_heads, "d_model": d_model, "steps": n_steps, "parameters": n_parameters, "seed": seed}
    return case | judged(reader) | {"cpu_seconds": cpu_seconds}


def main():
    """Measure every case, write the table and print it."""
    torch.set_num_threads(1)
    rows = []
    for case in CASES:
        rows += (mine := [measure(*case, seed) for seed in range(N_SEEDS)])
        accuracies = " ".join(f"{float(row['accuracy']):4.0%}" for row in mine)
        seconds = statistics.median(float(row["cpu_seconds"]) for row in mine)
        print("heads {}, d_model {}, steps {:4}".format(*case), f" {accuracies}  {seconds:.1f} s each", flush=True)
    _table.write(TABLE, rows)


if __name__ == "__main__":
    main()

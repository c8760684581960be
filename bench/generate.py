"""What length costs a Transformer, in reading and in writing -> data/results/length.csv.

    python course.py bench generate     three minutes on one core

Reading: one pass over n tokens, beside a GRU of torch's. Writing: n tokens, one after the other, with keys and values
kept or with the whole text read again for each. Processor time, the median of runs that take turns.
"""

import csv
import statistics
import time
from functools import partial
from pathlib import Path

import torch
from torch import nn

from bench._table import exponent
from helpers.models.generate import generate
from helpers.models.text import LanguageModel
from helpers.models.transformer import Encoder, TransformerConfig

TABLE = Path(__file__).parent.parent / "data/results/length.csv"
CONFIG = TransformerConfig(d_model=256, n_heads=8, n_layers=4, d_ff=1024, norm_first=True)
N_TOKENS = 100  # different ones
READ, WRITTEN = (128, 256, 512, 1024, 2048, 4096), (64, 128, 256, 512)
RUNS = 3
AT_LEAST = 3.0  # times faster with what is kept, at the longest text: what the course promises


def reading():
    """Name -> (number of tokens -> a function that reads so many)."""
    transformer, gru = Encoder(CONFIG).eval(), nn.GRU(CONFIG.d_model, CONFIG.d_model, CONFIG.n_layers, batch_first=True)

    def ready(model):
        return lambda n: partial(model, torch.randn(1, n, CONFIG.d_model))

    return {"read by a Transformer": ready(transformer), "read by a GRU": ready(gru)}


def writing():
    """Name -> (number of tokens -> a function that writes so many, the likeliest at each step)."""
    model, start = LanguageModel(N_TOKENS, max(WRITTEN) + 1, CONFIG).eval(), torch.zeros(1, 1, dtype=torch.long)

    def ready(cached):
        return lambda n: partial(generate, model, start, n, temperature=0, cached=cached)

    return {"written, keys and values kept": ready(True), "written, all read again": ready(False)}


def seconds(ways, n_tokens):
    """The median processor seconds of each way."""
    steps, taken = {name: way(n_tokens) for name, way in ways.items()}, {name: [] for name in ways}
    for _ in range(RUNS):
        for name, step in steps.items():
            begin = time.process_time()
            step()
            taken[name].append(time.process_time() - begin)
    return {name: statistics.median(each) for name, each in taken.items()}


@torch.no_grad()
def run():
    """Measure, write the table down and return its rows: way, tokens, seconds."""
    rows = []
    readers, writers = reading(), writing()
    kept, anew = (way(max(WRITTEN))() for way in writers.values())
    assert torch.equal(kept, anew), "not the same text"
    for ways, lengths in ((readers, READ), (writers, WRITTEN)):
        for n_tokens in lengths:
            rows += [(name, n_tokens, taken) for name, taken in seconds(ways, n_tokens).items()]
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        written = [(way, n_tokens, f"{taken:.5f}") for way, n_tokens, taken in rows]
        csv.writer(file, lineterminator="\n").writerows([("way", "tokens", "cpu_seconds"), *written])
    return rows


def main():
    """Run and print."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = run()
    for name in dict.fromkeys(way for way, _, _ in rows):
        lengths, taken = zip(*((n, s) for way, n, s in rows if way == name), strict=True)
        power = exponent(lengths[-3:], taken[-3:])
        print(f"{name:31}", *(f"{n:>5}: {1000 * s:8.1f} ms" for n, s in zip(lengths, taken, strict=True)), end="")
        print(f"   tokens^{power:.1f} at the end")
    longest = {way: taken for way, n, taken in rows if n == max(WRITTEN)}
    ratio = longest["written, all read again"] / longest["written, keys and values kept"]
    print(f"{max(WRITTEN)} tokens with keys and values kept: {ratio:.1f} times faster (promised: {AT_LEAST:.0f})")


if __name__ == "__main__":
    main()

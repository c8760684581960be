"""What several heads cost: ours beside torch's module, the bare fused kernel, the explicit form and a loop over heads.

    python course.py bench attention       two minutes on one core

Time: the median over runs that take turns, so that all see the same machine, in processor time, so that other programs
count less. Memory: the most that forward and backward hold at once, beyond parameters and input, as torch's profiler
counts it. Growth: the exponent p of T^p that fits best; 2 means that twice the text costs four times as much.
"""

import json
import os
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.profiler import ProfilerActivity, profile

from bench._table import exponent
from helpers.models.attention import MultiHeadAttention, scaled_dot_product_attention

BATCH, D_MODEL, N_HEADS = 8, 384, 12  # the sizes of all-MiniLM-L6-v2
RUNS = {64: 21, 256: 9, 512: 7}  # tokens -> runs of each
AT_MOST = 1.1  # times the bare kernel: what the course promises where no weights are asked for


def contenders():
    """Five ways to the same output: name -> (x (batch, seq, d_model) -> output), and the parameters they share."""
    ours, torchs = MultiHeadAttention(D_MODEL, N_HEADS), nn.MultiheadAttention(D_MODEL, N_HEADS, batch_first=True)
    torchs.in_proj_weight, torchs.in_proj_bias = ours.project_in.weight, ours.project_in.bias
    torchs.out_proj.weight, torchs.out_proj.bias = ours.project_out.weight, ours.project_out.bias

    def kernel(x):
        q, k, v = ours.project_in(x).view(*x.shape[:2], 3, N_HEADS, -1).permute(2, 0, 3, 1, 4)
        return ours.project_out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(start_dim=2))

    def loop(x):
        slices = (part.chunk(N_HEADS, dim=-1) for part in ours.project_in(x).chunk(3, dim=-1))
        contexts = [scaled_dot_product_attention(q, k, v)[0] for q, k, v in zip(*slices, strict=True)]
        return ours.project_out(torch.cat(contexts, dim=-1))

    ways = {
        "ours": lambda x: ours(x, x, x)[0],
        "torch's module": lambda x: torchs(x, x, x, need_weights=False)[0],
        "bare fused kernel": kernel,
        "ours, with weights": lambda x: ours(x, x, x, need_weights=True)[0],
        "a loop over heads": loop,
    }
    return ways, list(ours.parameters())


def forward(way, x, parameters):
    """One pass without gradients."""
    with torch.no_grad():
        way(x)


def both(way, x, parameters):
    """Forward, then backward to the input and to every parameter."""
    torch.autograd.grad(way(x).sum(), [x, *parameters])


def seconds(step, ways, x, parameters):
    """The median processor seconds of each way."""
    taken = {name: [] for name in ways}
    for _ in range(RUNS[x.shape[1]]):
        for name, way in ways.items():
            begin = time.process_time()
            step(way, x, parameters)
            taken[name].append(time.process_time() - begin)
    return {name: statistics.median(each) for name, each in taken.items()}


def peak(step, way, x, parameters):
    """The most bytes that one step holds at once."""
    with quiet(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        step(way, x, parameters)
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace.json")
        profiler.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    changes = sorted((event["ts"], event["args"]["Bytes"]) for event in events if event["name"] == "[memory]")
    return np.cumsum([change for _, change in changes]).max()


@contextmanager
def quiet():
    """The profiler's C++ side announces itself on stderr."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def main():
    """Print the tables."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ways, parameters = contenders()
    measures = {"forward, ms": {}, "forward and backward, ms": {}, "forward and backward, MiB": {}}
    for n_tokens in RUNS:
        x = torch.randn(BATCH, n_tokens, D_MODEL, requires_grad=True)
        outputs = [way(x) for way in ways.values()]
        assert all(torch.allclose(other, outputs[0], atol=1e-5) for other in outputs), "not the same computation"
        del outputs
        memory = {name: peak(both, way, x, parameters) / 2**20 for name, way in ways.items()}
        times = [seconds(step, ways, x, parameters) for step in (forward, both)]
        results = [{name: value * 1e3 for name, value in taken.items()} for taken in times]
        for measure, values in zip(measures.values(), [*results, memory], strict=True):
            measure[n_tokens] = values
    print(f"{BATCH} texts, width {D_MODEL}, {N_HEADS} heads, one thread, processor time")
    for measure, table in measures.items():
        columns = "".join(f"{f'T = {n_tokens}':>10}" for n_tokens in table)
        print(f"\n{measure:26}{columns}    growth   beside the kernel")
        for name in ways:
            values = [row[name] for row in table.values()]
            ratios = " ".join(f"{row[name] / row['bare fused kernel']:5.2f}" for row in table.values())
            cells = "".join(f"{value:10.1f}" for value in values)
            print(f"{name:26}{cells}    T^{exponent(list(table), values):.2f}   {ratios}")
    print(f"\nPromised: ours at most {AT_MOST} times the bare kernel's time.")


if __name__ == "__main__":
    main()

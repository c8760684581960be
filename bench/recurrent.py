"""How fast our recurrent layers are: forward and backward, beside torch's own layer and two plain loops.

    python course.py bench recurrent       one minute on one core

The median over runs that take turns, so that all see the same machine, in processor time, so that other programs count
less. Growth: the exponent p of T^p that fits best. The columns: ours (the input product for all steps at once, outside
the loop); torch's layer; torch's cell in a loop; our cell in a loop, with the input product inside it.
"""

import statistics
import time

import torch
from torch import nn

from bench._table import exponent
from helpers.models.recurrent import gru_cell, lstm_cell, rnn_cell, unroll
from helpers.models.recurrent_layers import from_torch

BATCH, D_INPUT, D_HIDDEN = 32, 32, 128
RUNS = {32: 40, 128: 16, 512: 9}  # steps -> runs of each
TORCH = {"rnn": (nn.RNN, nn.RNNCell), "gru": (nn.GRU, nn.GRUCell), "lstm": (nn.LSTM, nn.LSTMCell)}
AT_MOST = {"rnn": 1.15, "gru": 1.15, "lstm": 2.0}  # times torch's layer: what the course promises


def contenders(kind):
    """Four ways to the same states: name -> (x (batch, seq, d_input) -> states, the parameters)."""
    layer_class, cell_class = TORCH[kind]
    layer = layer_class(D_INPUT, D_HIDDEN, batch_first=True)
    ours, cell = from_torch(layer), cell_class(D_INPUT, D_HIDDEN)
    cell.load_state_dict({name.removesuffix("_l0"): tensor for name, tensor in layer.state_dict().items()})
    mine = ours.layers[0]
    weights = mine.W_x, mine.W_h, mine.b_x, mine.b_h
    steps = {
        "rnn": lambda x, h: rnn_cell(x, h, *weights[:2], weights[2] + weights[3]),
        "gru": lambda x, h: gru_cell(x, h, *weights),
        "lstm": lambda x, state: lstm_cell(x, *state, *weights),
    }

    def loop(step):
        def run(x):
            h = x.new_zeros(BATCH, D_HIDDEN)
            states = unroll(step, x, (h, h) if kind == "lstm" else h)
            return torch.stack([state[0] if kind == "lstm" else state for state in states], dim=1)

        return run

    return {
        "ours": (lambda x: ours(x)[0], ours.parameters()),
        "torch's layer": (lambda x: layer(x)[0], layer.parameters()),
        "torch's cell": (loop(cell), cell.parameters()),
        "step by step": (loop(steps[kind]), ours.parameters()),
    }


def measure(kind, n_steps):
    """The median processor seconds of each contender, forward and backward."""
    torch.manual_seed(0)
    x, ways = torch.randn(BATCH, n_steps, D_INPUT), contenders(kind)
    states = [run(x) for run, _ in ways.values()]
    assert all(torch.allclose(other, states[0], atol=1e-5) for other in states), "not the same computation"
    ways = {name: (run, list(parameters)) for name, (run, parameters) in ways.items()}
    seconds = {name: [] for name in ways}
    for _ in range(RUNS[n_steps]):
        for name, (run, parameters) in ways.items():
            begin = time.process_time()
            torch.autograd.grad(run(x).sum(), parameters)
            seconds[name].append(time.process_time() - begin)
    return {name: statistics.median(each) for name, each in seconds.items()}


def main():
    """Print the table."""
    torch.set_num_threads(1)
    print(f"Milliseconds of processor time, forward and backward, one thread, batch {BATCH}, {D_INPUT} -> {D_HIDDEN}\n")
    for kind in TORCH:
        seconds = {}
        for n_steps in RUNS:
            medians = seconds[n_steps] = measure(kind, n_steps)
            ratio = medians["ours"] / medians["torch's layer"]
            columns = "  ".join(f"{name} {value * 1e3:7.1f}" for name, value in medians.items())
            print(f"{kind:4}  T = {n_steps:3}  {columns}  ratio {ratio:.2f} (promised {AT_MOST[kind]})", flush=True)
        powers = {name: exponent(list(seconds), [each[name] for each in seconds.values()]) for name in medians}
        print(f"{kind:4}  growth   {'  '.join(f'{name} T^{power:5.2f}' for name, power in powers.items())}\n")


if __name__ == "__main__":
    main()

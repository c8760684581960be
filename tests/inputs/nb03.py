"""Inputs for the mutants of notebook 03."""

import torch

from tests.inputs import sizes


def last_valid_inputs(generator, scale):
    """states (B, T, H) and lengths (B,)."""
    batch, seq, d_hidden = sizes(generator, 3)
    lengths = torch.randint(1, seq + 1, (batch,), generator=generator)
    return scale * torch.randn(batch, seq, d_hidden, generator=generator), lengths


def gated(n_gates, n_states):
    """Inputs of a cell: x (B, F), its states (B, H), W_x, W_h, b_x, b_h."""

    def inputs(generator, scale):
        batch, d_input, d_hidden = sizes(generator, 3)
        states = [torch.randn(batch, d_hidden, generator=generator) for _ in range(n_states)]
        weights = [torch.randn(n_gates * d_hidden, *axes, generator=generator) for axes in ((d_input,), (d_hidden,))]
        biases = [torch.randn(n_gates * d_hidden, generator=generator) for _ in range(2)]
        return scale * torch.randn(batch, d_input, generator=generator), *states, *weights, *biases

    return inputs


def generate_inputs(generator, scale):
    """A step whose logits are a row of a table, picked by symbol and state; h0 (B,), start (B,), n."""
    batch, n = sizes(generator, 2)
    table = scale * torch.randn(4, 3, 4, generator=generator)  # symbol, state, logits

    def step(ids, h):
        return table[ids, h], (h + ids) % 3

    start = torch.randint(4, (batch,), generator=generator)
    return step, torch.randint(3, (batch,), generator=generator), start, n


INPUTS = {
    "last_valid": last_valid_inputs,
    "lstm_cell": gated(4, 2),
    "gru_cell": gated(3, 1),
    "generate": generate_inputs,
}

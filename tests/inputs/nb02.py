"""Inputs for the mutants of notebook 02."""

import torch

from tests.inputs import sizes


def layer(generator, d_input, d_hidden):
    """W_x, W_h, b of a plain layer."""
    shapes = (d_hidden, d_input), (d_hidden, d_hidden), (d_hidden,)
    return [torch.randn(shape, generator=generator) for shape in shapes]


def cell_inputs(generator, scale):
    """x (B, F), h (B, H), and a layer."""
    batch, d_input, d_hidden = sizes(generator, 3)
    x, h = torch.randn(batch, d_input, generator=generator), torch.randn(batch, d_hidden, generator=generator).tanh()
    return scale * x, h, *layer(generator, d_input, d_hidden)


def forward_inputs(generator, scale):
    """x (B, T, F), h0 (B, H), and a layer."""
    batch, seq, d_input, d_hidden = sizes(generator, 4)
    h0 = torch.randn(batch, d_hidden, generator=generator).tanh()
    return scale * torch.randn(batch, seq, d_input, generator=generator), h0, *layer(generator, d_input, d_hidden)


def jacobian_inputs(generator, scale):
    """States (T, H), W_h (H, H), and a step k."""
    seq, d_hidden = sizes(generator, 2)
    k = int(torch.randint(seq, (), generator=generator))
    states = (scale * torch.randn(seq, d_hidden, generator=generator)).tanh()
    return states, torch.randn(d_hidden, d_hidden, generator=generator), k


def truncated_inputs(generator, scale):
    """x (T, F), a layer, and the step of the cut."""
    seq, d_input, d_hidden = sizes(generator, 3)
    cut = int(torch.randint(seq, (), generator=generator))
    return scale * torch.randn(seq, d_input, generator=generator), *layer(generator, d_input, d_hidden), cut


INPUTS = {
    "rnn_cell": cell_inputs,
    "rnn_forward": forward_inputs,
    "state_jacobian": jacobian_inputs,
    "truncated_gradient": truncated_inputs,
}

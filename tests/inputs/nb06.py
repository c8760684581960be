"""Inputs for the mutants of notebook 06."""

import torch

from tests.inputs import sizes


def split_inputs(generator, scale):
    """x (B, T, h d), and h."""
    batch, seq, n_heads, d_head = sizes(generator, 4)
    return scale * torch.randn(batch, seq, n_heads * d_head, generator=generator), n_heads


def merge_inputs(generator, scale):
    """x (B, h, T, d)."""
    return (scale * torch.randn(sizes(generator, 4), generator=generator),)


def multi_head_inputs(generator, scale):
    """x (B, T, D), W_in (3D, D), b_in, W_out (D, D), b_out, and h."""
    batch, seq, n_heads, d_head = sizes(generator, 4)
    d_model = n_heads * d_head
    shapes = (batch, seq, d_model), (3 * d_model, d_model), (3 * d_model,), (d_model, d_model), (d_model,)
    x, *parameters = (torch.randn(shape, generator=generator) for shape in shapes)
    return scale * x, *parameters, n_heads


INPUTS = {
    "split_heads": split_inputs,
    "merge_heads": merge_inputs,
    "multi_head_attention": multi_head_inputs,
}

"""Inputs for the mutants of notebook 07."""

import torch

from tests.inputs import sizes


def mask_inputs(generator, scale):
    """n."""
    return tuple(sizes(generator, 1, most=9))


def attention_inputs(generator, scale):
    """query (T, d), key (T, d), value (T, v)."""
    seq, d_key, d_value = sizes(generator, 3)
    shapes = (seq, d_key), (seq, d_key), (seq, d_value)
    query, key, value = (torch.randn(shape, generator=generator) for shape in shapes)
    return scale * query, key, value


def position_inputs(generator, scale):
    """x (B, T, D), table (n, D) with n >= T."""
    batch, seq, d_model, more = sizes(generator, 4)
    shapes = (batch, seq, d_model), (seq + more - 1, d_model)
    x, table = (torch.randn(shape, generator=generator) for shape in shapes)
    return scale * x, table


def block_inputs(generator, scale):
    """x (B, T, D), p, and h."""
    batch, seq, n_heads, d_head, d_ff = sizes(generator, 5)
    D = n_heads * d_head
    shapes = {"W_in": (3 * D, D), "b_in": (3 * D,), "W_out": (D, D), "b_out": (D,)}
    shapes |= {f"norm_{half}_{kind}": (D,) for half in (1, 2) for kind in ("weight", "bias")}
    shapes |= {"W_1": (d_ff, D), "b_1": (d_ff,), "W_2": (D, d_ff), "b_2": (D,)}
    p = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    return scale * torch.randn(batch, seq, D, generator=generator), p, n_heads


INPUTS = {
    "causal_mask": mask_inputs,
    "causal_attention": attention_inputs,
    "add_positions": position_inputs,
    "transformer_block": block_inputs,
}

"""Inputs for the mutants of notebook 08."""

import torch

from tests.inputs import sizes


def next_token_inputs(generator, scale):
    """logits (B, T, V), ids (B, T) and pad, with one token to foretell at least."""
    batch, seq, n_tokens = sizes(generator, 3)
    logits = scale * torch.randn(batch, seq + 1, n_tokens + 1, generator=generator)
    ids = torch.randint(n_tokens + 1, (batch, seq + 1), generator=generator)
    pad = int(torch.randint(n_tokens + 1, (1,), generator=generator))
    ids[0, 1] = (pad + 1) % (n_tokens + 1)
    return logits, ids, pad


def cross_inputs(generator, scale):
    """decoder (B, Tt, D), encoder (B, Ts, D), W_q and W_k (d, D), W_v (D, D)."""
    batch, target, source, d_key, d_model = sizes(generator, 5)
    shapes = (batch, target, d_model), (batch, source, d_model), (d_key, d_model), (d_key, d_model), (d_model, d_model)
    decoder, *rest = (torch.randn(shape, generator=generator) for shape in shapes)
    return scale * decoder, *rest


INPUTS = {"next_token_loss": next_token_inputs, "cross_attention": cross_inputs}

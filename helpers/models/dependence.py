"""Which output can be changed by which input? Once by autograd, from a real model; once by counting, from its mask."""

from collections.abc import Callable

import torch

from helpers.arguments import expect_count, expect_type
from helpers.shapes import expect_floats, expect_mask, expect_shape


def dependence(model, x, mask=None):
    """Ask the model itself: has any number of output i a gradient by any number of input j?

    Args:
        model: an Encoder or a Decoder.
        x: (seq, d_model)
        mask: bool, broadcastable to (batch, head, query_pos, key_pos); True = may attend.

    Returns:
        bool (out_pos, in_pos)

    >>> from helpers.models.transformer import Decoder, TransformerConfig
    >>> decoder = Decoder(TransformerConfig(d_model=8, n_heads=2, n_layers=2, d_ff=16))
    >>> dependence(decoder, torch.randn(3, 8)).int().tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    expect_type("model", model, Callable)
    expect_floats(x=x)
    size = expect_shape("x", x, "seq d_model")
    # A copy for each output: one backward pass answers for all. Not a plain sum, which a LayerNorm keeps constant.
    copies = x.detach().repeat(size["seq"], 1, 1).requires_grad_()
    with torch.enable_grad():
        hidden, _ = model(copies, mask)
        outputs = hidden.diagonal().T  # output i of copy i: (out_pos, d_model)
        mixed = (outputs @ torch.arange(1, size["d_model"] + 1).to(outputs)).sum()
    (gradient,) = torch.autograd.grad(mixed, copies)
    return (gradient != 0).any(dim=-1)


def blocks_needed(mask, depth):
    """How many blocks does it take until input j can reach output i? 0 where even ``depth`` blocks are too few.

    In one block a token reaches those that may attend to it, and itself by the residual connection; with every
    further block it goes one such step on.

    Args:
        mask: bool (query_pos, key_pos), True = may attend.
        depth: blocks in series, at least 1.

    Returns:
        whole numbers (out_pos, in_pos), from 0 to ``depth``.

    >>> blocks_needed(torch.eye(3, dtype=torch.bool).roll(1, dims=0), depth=3).tolist()
    [[1, 2, 1], [1, 1, 2], [2, 1, 1]]
    """
    expect_mask("mask", mask)
    depth = expect_count("depth", depth)
    n = expect_shape("mask", mask, "query_pos key_pos")["query_pos"]
    expect_shape("mask", mask, "query_pos key_pos", key_pos=n)
    reached = torch.eye(n, device=mask.device)
    step, needed = (mask | (reached > 0)).float(), torch.zeros_like(mask, dtype=torch.long)
    for block in range(1, min(depth, n) + 1):  # the longest way goes through every position once
        reached = (step @ reached > 0).float()
        needed[(reached > 0) & (needed == 0)] = block
    return needed

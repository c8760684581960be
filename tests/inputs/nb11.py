"""Inputs for the mutants of notebook 11: linear models, most with a bug in one random place."""

import torch

from tests.inputs import sizes


def _mixing(generator, scale, n, blank):
    """A matrix (n, n) that mixes rows or tokens, zero where `blank`, but for one entry in every other model."""
    mix = torch.randn(n, n, generator=generator).masked_fill(blank, 0.0)
    row, column = torch.randint(n, (2,), generator=generator).tolist()
    if torch.rand((), generator=generator) < 0.6:
        mix[row, column] = scale
    return mix


def future_inputs(generator, scale):
    """Tokens are mixed by a lower triangle, which sometimes has a number above its diagonal."""
    batch, seq, d_model = (size + 1 for size in sizes(generator, 3))
    mix = _mixing(generator, scale, seq, torch.ones(seq, seq, dtype=torch.bool).triu(1))
    x = torch.randn(batch, seq, d_model, generator=generator)
    return lambda x: mix[: x.shape[1], : x.shape[1]] @ x, x


def batch_inputs(generator, scale):
    """Every row gets its own tokens; sometimes a bit of another row. Of two rows there is but one shuffle."""
    batch, seq, d_model = (size + 2 for size in sizes(generator, 3))
    mix = _mixing(generator, scale, batch, torch.ones(batch, batch, dtype=torch.bool))
    x = torch.randn(batch, seq, d_model, generator=generator)
    return lambda x: 2 * x + torch.einsum("ij,jtd->itd", mix[: len(x), : len(x)], x), x


def padding_inputs(generator, scale):
    """The real tokens are mixed among themselves; sometimes one listens to a place that may be padding."""
    batch, seq, d_model = (size + 1 for size in sizes(generator, 3))
    mix = _mixing(generator, scale, seq, torch.ones(seq, seq, dtype=torch.bool))
    lengths = torch.randint(1, seq + 1, (batch,), generator=generator)

    def model(x, lengths):
        real = (torch.arange(x.shape[1]) < lengths[:, None])[:, :, None]
        return x + (x * real).sum(dim=1, keepdim=True) + mix @ x

    return model, torch.randn(batch, seq, d_model, generator=generator), lengths


def order_inputs(generator, scale):
    """Every token gets the sum of its text; sometimes one place gets a number more. Of two there is but one shuffle."""
    batch, seq, d_model = (size + 2 for size in sizes(generator, 3))
    places = torch.zeros(seq, 1)
    if torch.rand((), generator=generator) < 0.6:
        places[torch.randint(seq, (1,), generator=generator)] = scale
    x = torch.randn(batch, seq, d_model, generator=generator)
    return lambda x: x + x.sum(dim=1, keepdim=True) + places, x


INPUTS = {
    "future_leaks": future_inputs,
    "batch_order_matters": batch_inputs,
    "padding_matters": padding_inputs,
    "order_ignored": order_inputs,
}

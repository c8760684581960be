"""Inputs for the mutants of notebook 00."""

import torch

from tests.inputs import sizes


def table_inputs(generator, scale):
    """x (B, T, D)."""
    return (scale * torch.randn(sizes(generator, 3), generator=generator),)


def row_inputs(generator, scale):
    """query (d), key (T, d)."""
    n_keys, width = sizes(generator, 2)
    return scale * torch.randn(width, generator=generator), torch.randn(n_keys, width, generator=generator)


def vector_inputs(generator, scale):
    """a (n), b (m)."""
    n, m = sizes(generator, 2)
    return scale * torch.randn(n, generator=generator), torch.randn(m, generator=generator)


INPUTS = {"mean_of_rows": table_inputs, "row_times_rows": row_inputs, "outer_sum": vector_inputs}

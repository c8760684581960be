"""Inputs for the mutants of notebook 04."""

import torch


def analogy_inputs(generator, scale):
    """Three different ids, a table with rows of very different length, and up to all other words asked for."""
    n_words, width = torch.randint(5, 16, (), generator=generator).item(), 3
    table = scale * torch.randn(n_words, width, generator=generator) * torch.rand(n_words, 1, generator=generator)
    a, b, c = torch.randperm(n_words, generator=generator)[:3].tolist()
    return a, b, c, table, torch.randint(1, n_words - 2, (), generator=generator).item()


INPUTS = {"analogy": analogy_inputs}

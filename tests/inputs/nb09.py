"""Inputs for the mutants of notebook 09."""

import torch

from tests.inputs import sizes


def image_inputs(generator, scale):
    """An image (B, C, rows * P, columns * P), and P."""
    batch, channels, rows, columns, patch = sizes(generator, 5, most=4)
    return scale * torch.randn(batch, channels, rows * patch, columns * patch, generator=generator), patch


def patch_embed_inputs(generator, scale):
    """An image, weight (D, C, P, P), bias (D,)."""
    image, patch = image_inputs(generator, scale)
    (d_model,) = sizes(generator, 1)
    weight = torch.randn(d_model, image.shape[1], patch, patch, generator=generator)
    return image, weight, torch.randn(d_model, generator=generator)


INPUTS = {"patchify": image_inputs, "patch_embed": patch_embed_inputs}

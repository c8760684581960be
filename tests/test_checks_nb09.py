"""Notebook 09: wrong answers as learners write them, each told what its result shows."""

import re

import pytest
import torch

from helpers.checks import check


def corners(image, patch, short=0):
    """All squares in the order of reading, each (batch, channel, patch, patch)."""
    rows, columns = (range(0, side - short, patch) for side in image.shape[2:])
    return [image[:, :, i : i + patch, j : j + patch] for i in rows for j in columns]


def cut_from_the_front(image, patch):
    cut = image.unflatten(2, (-1, patch)).unflatten(3, (-1, patch))
    return cut.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


@pytest.mark.parametrize(
    ("patchify", "says"),
    [
        (lambda image, patch: torch.stack([square.flatten() for square in corners(image, patch)]), "same square of"),
        (lambda image, patch: torch.stack([square.flatten(1) for square in corners(image, patch)]), "before the batch"),
        (
            lambda image, patch: torch.stack([square.flatten(1) for square in corners(image, patch, patch)], 1),
            "last row",
        ),
        (cut_from_the_front, "width is axis 4"),
        (lambda image, patch: torch.cat([square.flatten(1) for square in corners(image, patch)], 1), "one long row"),
        (lambda image, patch: torch.cat([square.flatten(1) for square in corners(image, patch)]), "one long list"),
    ],
)
def test_a_wrong_patchify_is_told_what_it_did(patchify, says):
    report = check(patchify, "patchify")
    assert report.status == "failed"
    assert re.search(says, report.message), report.message

"""Rows cut into batches, and passes over them."""

import math

import torch

from helpers.arguments import expect_count, expect_type
from helpers.shapes import expect_shape


class Batches:
    """Rows cut into batches, shuffled anew in each pass by torch's random numbers (set_seed repeats them).

    Args:
        *tensors: each (n, ...); row i of all of them belongs together.
        size: rows in a batch; the last batch of a pass takes what is left.
        shuffle: False for validation and test.

    Raises:
        ValueError: no rows, different numbers of rows, or a size below 1.

    >>> batches = Batches(torch.arange(5), torch.arange(5) * 10, size=2, shuffle=False)
    >>> len(batches), [x.tolist() for x, y in batches]
    (3, [[0, 1], [2, 3], [4]])
    """

    def __init__(self, *tensors, size, shuffle=True):
        size = expect_count("size", size)
        for number, tensor in enumerate(tensors):
            expect_type(f"tensors[{number}]", tensor, torch.Tensor)
            expect_shape(f"tensors[{number}]", tensor, "... n")
        counts = [len(tensor) for tensor in tensors]
        if not tensors or min(counts) == 0:
            raise ValueError("tensors: there are no rows to cut into batches")
        if min(counts) != max(counts):
            raise ValueError(f"tensors: they have different numbers of rows: {counts}")
        self.tensors, self.size, self.shuffle = tensors, size, shuffle

    def __len__(self):
        return math.ceil(len(self.tensors[0]) / self.size)

    def __iter__(self):
        n = len(self.tensors[0])
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        for rows in order.split(self.size):
            yield tuple(tensor[rows] for tensor in self.tensors)


def first_of(name, batch):
    """The first tensor of a batch, whose rows are counted."""
    first = batch[0] if isinstance(batch, tuple | list) and batch else batch
    expect_type(f"a batch of {name}", first, torch.Tensor)
    return first


def on_device(batch, device):
    """The same batch with every tensor in it on the device."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    return tuple(on_device(part, device) for part in batch) if isinstance(batch, tuple | list) else batch


def stream(train, n_epochs, n_steps):
    """The batches to train on, one after another, each with whether it ends its pass."""
    n_passes, taken = 0, 0
    while n_passes < n_epochs if n_steps is None else taken < n_steps:
        batches = iter(train)
        batch = next(batches, None)
        if batch is None:
            once = "; a generator can be gone through only once, a list again and again" if n_passes else ""
            raise ValueError(f"train: no batches in pass {n_passes + 1}{once}")
        while batch is not None and (n_steps is None or taken < n_steps):
            following = next(batches, None)
            first_of("train", batch)
            yield batch, following is None
            batch, taken = following, taken + 1
        n_passes += 1

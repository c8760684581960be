"""Synthetic tasks, small enough to train on in seconds, whose right answer is known.

ring      every place says the letter before it and the letter after it: two questions at once
recall    a letter, then noise: who still knows the letter at the end?
"""

import torch
from torch.nn import functional as F

from helpers.arguments import MOST_POSITIONS, MOST_ROWS, expect_count

N_LETTERS, N_NOISE = 4, 4  # of recall: what can come first, and what can follow; chance is 1 / N_LETTERS


def ring(n_rows, n_places=8, n_letters=10):
    """Draw rings of letters, and what each place has to say: its neighbours.

    Returns:
        letters: whole numbers below n_letters (n_rows, n_places); the last place stands before the first one.
        neighbours: (n_rows, n_places, 2), the letter before and the letter after each place.

    Raises:
        ValueError: fewer than three places; before and after would be the same place.

    >>> letters, neighbours = ring(4, n_places=5)
    >>> letters.shape, neighbours.shape
    (torch.Size([4, 5]), torch.Size([4, 5, 2]))
    """
    _need_three(n_places)
    expect_count("n_rows", n_rows, most=MOST_ROWS)
    expect_count("n_letters", n_letters, most=MOST_ROWS)
    letters = torch.randint(n_letters, (n_rows, n_places))
    return letters, torch.stack([letters.roll(1, dims=1), letters.roll(-1, dims=1)], dim=-1)


def ring_attention(n_places=8):
    """The attention that solves the ring, known beforehand: (2, n_places, n_places), to the place before, and after.

    >>> ring_attention(3).int().tolist()
    [[[0, 0, 1], [1, 0, 0], [0, 1, 0]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]]
    """
    _need_three(n_places)
    places = torch.eye(n_places)
    return torch.stack([places.roll(-1, dims=1), places.roll(1, dims=1)])


def recall(n_rows, lag):
    """Draw sequences of one letter and `lag` symbols of noise; what has to be said at the end is the letter.

    Returns:
        x: one-hot (n_rows, lag + 1, N_LETTERS + N_NOISE)
        letter: whole numbers below N_LETTERS (n_rows,)

    >>> x, letter = recall(3, lag=5)
    >>> x.shape, torch.equal(x[:, 0].argmax(dim=1), letter)
    (torch.Size([3, 6, 8]), True)
    """
    expect_count("n_rows", n_rows, most=MOST_ROWS)
    expect_count("lag", lag, least=0, most=MOST_POSITIONS)
    letter = torch.randint(N_LETTERS, (n_rows, 1))
    noise = torch.randint(N_LETTERS, N_LETTERS + N_NOISE, (n_rows, lag))
    return F.one_hot(torch.cat([letter, noise], dim=1), N_LETTERS + N_NOISE).float(), letter[:, 0]


def _need_three(n_places):
    if expect_count("n_places", n_places, most=MOST_POSITIONS) < 3:
        raise ValueError(f"n_places: a ring needs at least 3, got {n_places}")

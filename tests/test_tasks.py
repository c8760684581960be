"""The synthetic tasks ask what they say they ask."""

import pytest
import torch

from helpers.tasks import ring, ring_attention


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_every_place_of_a_ring_has_its_two_neighbours():
    letters, neighbours = ring(n_rows=3, n_places=5, n_letters=4)
    assert letters.shape == (3, 5)
    for row, answers in zip(letters.tolist(), neighbours.tolist(), strict=True):
        assert answers == [[row[place - 1], row[(place + 1) % 5]] for place in range(5)]


def test_letters_are_drawn_evenly():
    letters, _ = ring(n_rows=2000)
    shares = torch.bincount(letters.flatten()) / letters.numel()
    torch.testing.assert_close(shares, torch.full((10,), 0.1), atol=0.01, rtol=0)


def test_the_known_attention_gives_the_right_answer():
    letters, neighbours = ring(n_rows=20, n_places=6)
    looked_up = torch.einsum("hqk,bk->bqh", ring_attention(6), letters.float())
    assert torch.equal(looked_up, neighbours.float())


@pytest.mark.parametrize("draw", [lambda: ring(2, n_places=2), lambda: ring_attention(1)])
def test_a_ring_has_three_places(draw):
    with pytest.raises(ValueError, match="n_places: a ring needs at least 3, got"):
        draw()

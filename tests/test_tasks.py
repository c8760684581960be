"""The synthetic tasks ask what they say they ask."""

import pytest
import torch

from helpers.models.ring import RingReader
from helpers.tasks import N_LETTERS, N_NOISE, recall, ring, ring_attention
from helpers.training import fit


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


@pytest.mark.parametrize(("n_heads", "least", "most"), [(1, 0.4, 0.65), (2, 0.95, 1)])
def test_two_heads_read_the_ring_and_one_head_cannot(n_heads, least, most):
    reader = RingReader(n_heads)
    fit(reader, RingReader.loss, [ring(128) for _ in range(200)], n_epochs=1, learning_rate=1e-2)
    letters, _ = test = ring(500)
    assert least <= reader.accuracy(test).item() <= most
    assert least <= reader.is_right(test).float().mean(dim=(0, 1)).mean().item() <= most
    if n_heads == 2:
        found = reader(letters, need_weights=True)[1].mean(dim=0)
        gaps = [(found[list(order)] - ring_attention()).abs().max() for order in ((0, 1), (1, 0))]
        assert min(gaps) < 0.1, "each head has found one of the two right maps"


def test_the_two_answers_are_counted_apart():
    reader = RingReader(n_heads=1)
    letters, _ = ring(50)
    said = reader(letters)[0].argmax(dim=-1)
    wrong_after = torch.stack([said[..., 0], (said[..., 1] + 1) % 10], dim=-1)
    assert reader.is_right((letters, wrong_after)).float().mean(dim=(0, 1)).tolist() == [1, 0]
    assert reader.accuracy((letters, wrong_after)) == 0.5
    assert reader.loss((letters, said)) < reader.loss((letters, wrong_after))


def test_a_ring_of_another_size_is_refused():
    with pytest.raises(ValueError, match="letters: place should be 8 but is 7"):
        RingReader(n_heads=1)(ring(2, n_places=7)[0])


def test_recall_asks_for_the_first_symbol_and_only_noise_follows():
    x, letter = recall(500, lag=7)
    symbols = x.argmax(dim=2)
    assert x.shape == (500, 8, N_LETTERS + N_NOISE)
    assert (x.sum(dim=2) == 1).all()
    assert torch.equal(symbols[:, 0], letter)
    assert set(letter.tolist()) == set(range(N_LETTERS))
    assert set(symbols[:, 1:].flatten().tolist()) == set(range(N_LETTERS, N_LETTERS + N_NOISE))

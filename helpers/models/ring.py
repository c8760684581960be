"""One layer of attention and nothing else, for the ring of helpers.tasks: who stands before me, and who after me?"""

from torch import nn
from torch.nn import functional as F

from helpers.arguments import expect_sizes
from helpers.models.attention import MultiHeadAttention
from helpers.shapes import expect_ids

SIDES = 2  # before and after


class RingReader(nn.Module):
    """Letter and place become a vector, attention lets the places meet, a linear layer answers for both sides.

    No residual connection and no MLP: what is not in the heads' mixture cannot be said.

    >>> import torch
    >>> logits, weights = RingReader(n_heads=2)(torch.zeros(3, 8, dtype=torch.long), need_weights=True)
    >>> logits.shape, weights.shape
    (torch.Size([3, 8, 2, 10]), torch.Size([3, 2, 8, 8]))
    """

    def __init__(self, n_heads, d_model=32, n_places=8, n_letters=10):
        super().__init__()
        expect_sizes(d_model=d_model, n_places=n_places, n_letters=n_letters)
        self.letter = nn.Embedding(n_letters, d_model)
        self.place = nn.Embedding(n_places, d_model)
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.answer = nn.Linear(d_model, SIDES * n_letters)

    def forward(self, letters, need_weights=False):
        """Whole numbers (batch, place) -> logits (batch, place, side, letter), weights (batch, head, place, place)."""
        n_places = self.place.num_embeddings
        expect_ids("letters", letters, "batch place", self.letter.num_embeddings, place=n_places)
        x = self.letter(letters) + self.place.weight
        context, weights = self.attention(x, x, x, need_weights=need_weights)
        return self.answer(context).unflatten(-1, (SIDES, -1)), weights

    def loss(self, batch):
        """The mean cross-entropy of both answers: (letters, neighbours) -> a scalar."""
        letters, neighbours = batch
        return F.cross_entropy(self(letters)[0].flatten(0, 2), neighbours.flatten())

    def is_right(self, batch):
        """Which answers are right: (letters, neighbours) -> bool (batch, place, side)."""
        letters, neighbours = batch
        return self(letters)[0].argmax(dim=-1) == neighbours

    def accuracy(self, batch):
        """The share of right answers, before and after counted alike: (letters, neighbours) -> a scalar."""
        return self.is_right(batch).float().mean()

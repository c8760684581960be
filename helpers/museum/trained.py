"""Three small tasks on which a bug of the museum shows what it costs; each model takes the part that may be wrong.

NextLetter    ids (batch, seq) -> logits of each next letter; the mask may be wrong
Neighbours    letters (batch, place) -> which letters stand beside each; the positions may be wrong
Language      ids, lengths -> logits of a language; the state that is read may be wrong
"""

import torch
from torch import nn
from torch.nn import functional as F

from helpers.models.recurrent_layers import Recurrent
from helpers.models.text import next_token_loss
from helpers.museum import parts
from helpers.museum.small import Stack

PADDING = 0  # the id that stands for no letter
SUSPECTS = {"A": parts.look_back, "B": parts.look_one_ahead}  # two masks for NextLetter; one lets the future through


class NextLetter(nn.Module):
    """Which letter comes next? One block under a mask.

    >>> NextLetter(9)(torch.ones(2, 5, dtype=torch.long)).shape
    torch.Size([2, 5, 9])
    """

    def __init__(self, n_symbols, mask=parts.look_back, d_model=32):
        super().__init__()
        self.letter = nn.Embedding(n_symbols, d_model)
        self.stack = Stack(d_model, masks=(mask,))
        self.next = nn.Linear(d_model, n_symbols)

    def forward(self, ids):
        """Ids (batch, seq) -> logits (batch, seq, n_symbols)."""
        return self.next(self.stack(self.letter(ids)))

    def loss(self, batch):
        """The mean surprise over a batch (ids,), in nats, all letters at once: as in training."""
        (ids,) = batch
        return next_token_loss(self(ids), ids, PADDING)

    @torch.no_grad()
    def loss_while_writing(self, batch):
        """The same, where each letter is forecast from those before it and nothing else is there: as in writing."""
        (ids,) = batch
        logits = [self(ids[:, : t + 1])[:, -1] for t in range(ids.shape[1])]
        return next_token_loss(torch.stack(logits, dim=1), ids, PADDING)


class Neighbours(nn.Module):
    """The letters of a ring, each place with what stands before and after it: one block that looks everywhere.

    >>> Neighbours()(torch.zeros(2, 8, dtype=torch.long)).shape
    torch.Size([2, 8, 2, 10])
    """

    def __init__(self, place=parts.add_positions, n_letters=10, d_model=32):
        super().__init__()
        self.letter = nn.Embedding(n_letters, d_model)
        self.stack = Stack(d_model, place)
        self.output = nn.Linear(d_model, 2 * n_letters)

    def forward(self, letters):
        """Letters (batch, place) -> logits (batch, place, 2, n_letters)."""
        return self.output(self.stack(self.letter(letters))).unflatten(-1, (2, -1))

    def loss(self, batch):
        """Cross-entropy of a batch (letters, neighbours)."""
        letters, neighbours = batch
        return F.cross_entropy(self(letters).flatten(end_dim=2), neighbours.flatten())

    def accuracy(self, batch):
        """The share of right letters in a batch (letters, neighbours)."""
        letters, neighbours = batch
        return (self(letters).argmax(dim=-1) == neighbours).float().mean()


class Language(nn.Module):
    """Which language is this name? A GRU that reads on through the padding, and the state that is taken from it.

    >>> Language(9, 4)(torch.ones(2, 5, dtype=torch.long), torch.tensor([5, 3])).shape
    torch.Size([2, 4])
    """

    def __init__(self, n_symbols, n_classes, read=parts.read_at_the_end, d_hidden=48):
        super().__init__()
        self.read = read
        self.letter = nn.Embedding(n_symbols, d_hidden)
        self.recurrent = Recurrent("gru", d_hidden, d_hidden)
        self.answer = nn.Linear(d_hidden, n_classes)

    def forward(self, ids, lengths):
        """Ids (batch, seq), lengths (batch,) -> logits (batch, n_classes)."""
        ids = ids[:, : int(lengths.max())]
        return self.answer(self.read(self.recurrent(self.letter(ids))[0], lengths))

    def loss(self, batch):
        """Cross-entropy of a batch (ids, lengths, label)."""
        ids, lengths, label = batch
        return F.cross_entropy(self(ids, lengths), label)

    def accuracy(self, batch):
        """The share of right answers to a batch (ids, lengths, label)."""
        ids, lengths, label = batch
        return (self(ids, lengths).argmax(dim=1) == label).float().mean()

"""What is each piece of a block for? Encoders that lack one, to be trained beside the whole."""

from torch import nn
from torch.nn import functional as F

from helpers.arguments import expect_choice, expect_sizes, expect_type
from helpers.models.block import TransformerBlock
from helpers.models.text import Embedded
from helpers.models.transformer import Encoder, TransformerConfig
from helpers.shapes import expect_ids

PIECES = "attention", "MLP", "residual", "norm"


class BlockWithout(TransformerBlock):
    """A pre-norm block that lacks one of PIECES; None leaves it whole.

    Without "attention" or "MLP" that half adds nothing. Without "residual" each half replaces x instead of adding to
    it. Without "norm" each half reads x as it is.

    >>> import torch
    >>> BlockWithout("MLP", d_model=8, n_heads=2, d_ff=32)(torch.randn(1, 5, 8))[0].shape
    torch.Size([1, 5, 8])
    """

    def __init__(self, piece, d_model, n_heads, d_ff, eps=1e-5):
        super().__init__(d_model, n_heads, d_ff, norm_first=True, eps=eps)
        expect_choice("piece", piece, (None, *PIECES))
        self.piece = piece
        if piece == "norm":
            self.norm_1, self.norm_2 = nn.Identity(), nn.Identity()

    def forward(self, x, mask=None, need_weights=False, cache=None):
        """As TransformerBlock.forward; there are no weights without attention."""
        self.expect(x=x)
        if need_weights and self.piece == "attention":
            raise ValueError("need_weights: this block has no attention, and so no weights")
        weights = None
        if self.piece != "attention":
            normed = self.norm_1(x)
            attended, weights = self.attention(normed, normed, normed, mask, need_weights, cache)
            x = attended if self.piece == "residual" else x + attended
        if self.piece != "MLP":
            changed = self.mlp(self.norm_2(x))
            x = changed if self.piece == "residual" else x + changed
        return x, weights


def leave_out_(encoder, piece):
    """Give a pre-norm Encoder new blocks that lack one piece; returns the encoder, changed in place.

    Raises:
        ValueError: a piece that a block does not have, or an encoder of post-norm blocks.
    """
    expect_type("encoder", encoder, Encoder)
    expect_choice("piece", piece, (None, *PIECES))
    config = encoder.config
    if not config.norm_first:
        raise ValueError("encoder: its blocks are post-norm; pieces are left out of pre-norm blocks")
    blocks = [BlockWithout(piece, config.d_model, config.n_heads, config.d_ff, config.eps) for _ in encoder.blocks]
    encoder.blocks = nn.ModuleList(blocks).to(next(encoder.parameters()))  # the device and type of number
    if piece == "norm":
        encoder.norm = nn.Identity()
    return encoder


class RingAdder(nn.Module):
    """For the ring of helpers.tasks: every place says the sum of its two neighbours, modulo the number of letters.

    The neighbours have to be fetched from two other places, and then there is something to compute: no mixture of two
    letters is such a sum.

    >>> import torch
    >>> RingAdder(without="MLP")(torch.zeros(3, 8, dtype=torch.long)).shape
    torch.Size([3, 8, 6])
    """

    def __init__(self, without=None, d_model=32, n_heads=2, n_layers=2, n_places=8, n_letters=6):
        super().__init__()
        expect_choice("without", without, (None, *PIECES))
        expect_sizes(d_model=d_model, n_places=n_places, n_letters=n_letters)
        config = TransformerConfig(d_model, n_heads, n_layers, d_ff=2 * d_model, norm_first=True)
        self.embedded = Embedded(n_letters, n_places, d_model)
        self.encoder = leave_out_(Encoder(config), without)
        self.answer = nn.Linear(d_model, n_letters)

    def forward(self, letters):
        """Whole numbers (batch, place) -> logits (batch, place, letter)."""
        n_letters, n_places = self.answer.out_features, len(self.embedded.position)
        expect_ids("letters", letters, "batch place", n_letters, place=n_places)
        return self.answer(self.encoder(self.embedded(letters))[0])

    def loss(self, batch):
        """The mean cross-entropy: (letters, neighbours) -> a scalar."""
        letters, neighbours = batch
        return F.cross_entropy(self(letters).flatten(0, 1), self._sums(neighbours).flatten())

    def accuracy(self, batch):
        """The share of right answers: (letters, neighbours) -> a scalar."""
        letters, neighbours = batch
        return (self(letters).argmax(dim=-1) == self._sums(neighbours)).float().mean()

    def _sums(self, neighbours):
        return neighbours.sum(dim=-1) % self.answer.out_features

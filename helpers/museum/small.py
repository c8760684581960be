"""Small models out of the course's own parts: x (batch, seq, d_model)[, lengths (batch,)] -> (batch, seq, d_model).

    Stack        positions, then Transformer blocks, each under a mask of its own
    Summarised   a GRU whose summary of the text is added to every token

Both take their parts from parts.py, right ones or wrong ones.
"""

from torch import nn

from helpers.models.block import TransformerBlock
from helpers.models.positions import sinusoidal_positions
from helpers.models.recurrent_layers import Recurrent
from helpers.museum import parts

N_POSITIONS = 256


class Stack(nn.Module):
    """Positions, then one block for each mask.

    Args:
        d_model: width, even.
        place: adds positions, see parts.
        masks: who may look at whom, in each block.
        n_heads: of each block.

    >>> import torch
    >>> Stack(d_model=4, masks=[parts.look_back, parts.look_back])(torch.randn(2, 5, 4)).shape
    torch.Size([2, 5, 4])
    """

    def __init__(self, d_model, place=parts.add_positions, masks=(parts.look_at_real_tokens,), n_heads=2):
        super().__init__()
        self.place, self.masks = place, masks
        self.register_buffer("table", sinusoidal_positions(N_POSITIONS, d_model))
        self.blocks = nn.ModuleList(TransformerBlock(d_model, n_heads, 2 * d_model) for _ in masks)

    def forward(self, x, lengths=None, need_weights=False):
        """Read, and with need_weights also return what the last block attended to."""
        x = self.place(x, self.table)
        for block, mask in zip(self.blocks, self.masks, strict=True):
            x, weights = block(x, mask(x, lengths), need_weights)
        return (x, weights) if need_weights else x


class Summarised(nn.Module):
    """Every state of a GRU, with the summary of the whole text added to it.

    Args:
        d_model: width of input and state.
        read: takes the summary, see parts.

    >>> import torch
    >>> Summarised(4)(torch.randn(2, 5, 4), torch.tensor([5, 3])).shape
    torch.Size([2, 5, 4])
    """

    def __init__(self, d_model, read=parts.read_at_the_end):
        super().__init__()
        self.read = read
        self.recurrent = Recurrent("gru", d_model, d_model)

    def forward(self, x, lengths=None):
        """Read to the end, past the padding; the summary is what `read` takes from the states."""
        states, last = self.recurrent(x)
        summary = last[0] if lengths is None else self.read(states, lengths)
        return states + summary[:, None]

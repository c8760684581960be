"""The Transformer: one block after another, each of which keeps the shape (batch, seq, d_model).

Encoder: every position sees every other. Decoder: the same, but no position sees what comes after it. EncoderDecoder:
an encoder reads the source, and each block of the decoder also listens to it.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.
"""

from dataclasses import dataclass

import torch
from torch import nn

from helpers.arguments import MOST_DEEP, expect_count, expect_divisor, expect_number, expect_sizes, expect_type
from helpers.models.attention import causal_mask
from helpers.models.block import CrossBlock, TransformerBlock
from helpers.shapes import expect_mask


@dataclass(frozen=True)
class TransformerConfig:
    """The sizes of an encoder, checked as soon as they are written down.

    Raises:
        ValueError: a size below 1, or heads that do not divide d_model.
        TypeError: a size that is not a whole number.

    >>> TransformerConfig(d_model=384, n_heads=12, n_layers=6, d_ff=1536).d_head
    32
    """

    d_model: int  # width of every token's vector, the same into and out of each block
    n_heads: int  # attentions side by side in each block; each gets d_model / n_heads of the width
    n_layers: int  # blocks in series
    d_ff: int  # width inside the MLP, usually 4 d_model
    norm_first: bool = False  # False: norm after each sum (2017, BERT); True: before each half (GPT-2 and since)
    eps: float = 1e-5  # added to the variance in each LayerNorm, so that a constant vector does not divide by zero

    def __post_init__(self):
        expect_sizes(d_model=self.d_model, d_ff=self.d_ff)
        expect_divisor("n_heads", self.n_heads, self.d_model)
        expect_count("n_layers", self.n_layers, most=MOST_DEEP)
        expect_number("eps", self.eps, above=0)

    @property
    def d_head(self):
        """Width of one head's queries, keys and values."""
        return self.d_model // self.n_heads


class Encoder(nn.Module):
    """Blocks in series; the last pre-norm block is followed by one more norm.

    >>> encoder = Encoder(TransformerConfig(d_model=8, n_heads=2, n_layers=3, d_ff=32))
    >>> hidden, weights = encoder(torch.randn(1, 5, 8), need_weights=True)
    >>> hidden.shape, weights.shape
    (torch.Size([1, 5, 8]), torch.Size([3, 1, 2, 5, 5]))
    """

    def __init__(self, config):
        super().__init__()
        expect_type("config", config, TransformerConfig)
        self.config = config
        self.blocks, self.norm = _stacked(TransformerBlock, config)

    def forward(self, x, mask=None, need_weights=False, cache=None):
        """Read a batch of sequences.

        Args:
            x: (batch, seq, d_model)
            mask: bool, broadcastable to (batch, head, query_pos, key_pos); True = this query may attend to this key.
            need_weights: also return what every head of every layer attended to.
            cache: a generate.Cache; x then holds only the positions that are not in it yet. In a Decoder the result is
                the same as without; here, what was kept has not seen the positions that came later.

        Returns:
            hidden (batch, seq, d_model), and weights (layer, batch, head, query_pos, key_pos) or None.
        """
        self.blocks[0].expect(x=x)
        weights = []
        for block in self.blocks:
            x, layer_weights = block(x, mask, need_weights, cache)
            weights.append(layer_weights)
        return self.norm(x), torch.stack(weights) if need_weights else None

    def query_key(self, x, layer, head, mask=None):
        """The queries and keys of one head: (batch, seq, d_model) -> two (batch, seq, d_head).

        ``layer`` and ``head`` count from 1, as in the text of the course.

        Raises:
            IndexError: there is no such layer or head.
        """
        self.blocks[0].expect(x=x)
        for name, number, count in (("layer", layer, self.config.n_layers), ("head", head, self.config.n_heads)):
            if type(number) is not int or not 1 <= number <= count:
                raise IndexError(f"{name}: choose 1 to {count} ({name}s count from 1), not {number}")
        for block in self.blocks[: layer - 1]:
            x, _ = block(x, mask)
        query, key = self.blocks[layer - 1].query_key(x)
        return query[:, head - 1], key[:, head - 1]


class Decoder(Encoder):
    """The encoder with one more rule: no position sees what comes after it.

    Same blocks, same parameters; only the mask differs. So an encoder's weights load into a decoder and back.

    >>> decoder = Decoder(TransformerConfig(d_model=8, n_heads=2, n_layers=3, d_ff=32))
    >>> x = torch.randn(1, 5, 8)
    >>> torch.allclose(decoder(x)[0][:, :2], decoder(x[:, :2])[0], atol=1e-6)  # the first two know nothing of the rest
    True
    """

    def forward(self, x, mask=None, need_weights=False, cache=None):
        """As Encoder.forward; the mask given is combined with the causal one."""
        self.blocks[0].expect(x=x)
        return super().forward(x, _causal(x, mask, cache), need_weights, cache)


class EncoderDecoder(nn.Module):
    """An encoder reads the source; a decoder writes the target, listening to itself and to what the encoder made of it.

    >>> model = EncoderDecoder(TransformerConfig(d_model=8, n_heads=2, n_layers=3, d_ff=32))
    >>> hidden, weights = model(torch.randn(1, 5, 8), torch.randn(1, 4, 8), need_weights=True)
    >>> hidden.shape, weights.shape
    (torch.Size([1, 4, 8]), torch.Size([3, 1, 2, 4, 5]))
    """

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.blocks, self.norm = _stacked(CrossBlock, config)

    def forward(self, source, target, source_mask=None, need_weights=False):
        """Read the source, then write every position of the target at once, each from those before it.

        Args:
            source: (batch, source_pos, d_model)
            target: (batch, target_pos, d_model)
            source_mask: bool, broadcastable to (batch, head, any_pos, source_pos); True = may be attended to.
            need_weights: also return what the target attended to in the source.

        Returns:
            hidden (batch, target_pos, d_model), and weights (layer, batch, head, target_pos, source_pos) or None.
        """
        self.blocks[0].expect(source=source, target=target)
        read, _ = self.encoder(source, source_mask)
        return self.decode(target, read, source_mask, need_weights)

    def decode(self, target, read, source_mask=None, need_weights=False, cache=None):
        """The second half of forward: ``read`` (batch, source_pos, d_model) is what the encoder returned."""
        x, weights = target, []
        self.blocks[0].expect(target=target, read=read)
        mask = _causal(target, None, cache)
        for block in self.blocks:
            x, _, layer_weights = block(x, read, mask, source_mask, need_weights, cache)
            weights.append(layer_weights)
        return self.norm(x), torch.stack(weights) if need_weights else None


def _stacked(block, config):
    """The blocks of a model, and the norm that ends it."""
    blocks = nn.ModuleList(
        block(config.d_model, config.n_heads, config.d_ff, config.norm_first, config.eps)
        for _ in range(config.n_layers)
    )
    # After post-norm blocks everything is normalised already; after pre-norm blocks nothing is.
    return blocks, nn.LayerNorm(config.d_model, eps=config.eps) if config.norm_first else nn.Identity()


def _causal(x, mask, cache):
    """The causal mask for the rows of x, which follow on what the cache holds; combined with another mask."""
    known, new = (len(cache) if cache is not None else 0), x.shape[1]
    causal = causal_mask(known + new)[known:].to(x.device)
    if mask is None:
        return causal
    expect_mask("mask", mask, causal.shape)
    return causal & mask

"""The Transformer encoder: embeddings, then one block after another, each of which keeps the shape.

ids (batch, seq) -> Embeddings -> x (batch, seq, d_model) -> Encoder -> hidden (batch, seq, d_model)

Sources: Vaswani et al. 2017, "Attention Is All You Need", section 3; Devlin et al. 2019, "BERT", section 3 (post-norm,
GELU, learned positions); Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture" (pre-norm).
"""

from dataclasses import dataclass

import torch
from torch import nn

from helpers.models.attention import MultiHeadAttention
from helpers.shapes import expect_shape


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
        for name in ("d_model", "n_heads", "n_layers", "d_ff"):
            size = getattr(self, name)
            if not isinstance(size, int):
                raise TypeError(f"{name}: expected a whole number, got {size!r}")
            if size < 1:
                raise ValueError(f"{name}: expected at least 1, got {size}")
        if self.d_model % self.n_heads:
            raise ValueError(f"n_heads: {self.n_heads} heads do not divide d_model = {self.d_model}")
        if not self.eps > 0:
            raise ValueError(f"eps: expected a small positive number, got {self.eps}")

    @property
    def d_head(self):
        """Width of one head's queries, keys and values."""
        return self.d_model // self.n_heads


class Embeddings(nn.Module):
    """Look up a vector for the token, one for its position, one for its segment; add them and normalise.

    x[b, t] = LayerNorm(token[ids[b, t]] + position[t] + segment[segments[b, t]])

    Source: Devlin et al. 2019, figure 2. With n_segments = 0 there is no segment vector.

    >>> Embeddings(n_tokens=10, n_positions=7, d_model=4)(torch.tensor([[1, 5, 2]])).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, n_tokens, n_positions, d_model, n_segments=0, eps=1e-5):
        super().__init__()
        self.token = nn.Embedding(n_tokens, d_model)
        self.position = nn.Embedding(n_positions, d_model)
        self.segment = nn.Embedding(n_segments, d_model) if n_segments else None
        self.norm = nn.LayerNorm(d_model, eps=eps)

    def forward(self, ids, segments=None):
        """(batch, seq) -> (batch, seq, d_model).

        Args:
            ids: whole numbers (batch, seq), rows of the token table.
            segments: whole numbers (batch, seq), which text a token belongs to; by default all belong to the first.

        Raises:
            ValueError: more tokens than there are positions, or segments without a segment table.
        """
        n_tokens, n_positions = expect_shape("ids", ids, "batch seq")["seq"], self.position.num_embeddings
        if n_tokens > n_positions:
            raise ValueError(f"ids: {n_tokens} tokens, but there are only {n_positions} positions")
        if segments is not None and self.segment is None:
            raise ValueError("segments: this model was built with n_segments = 0")
        x = self.token(ids) + self.position.weight[:n_tokens]
        if self.segment is not None:
            x = x + self.segment(torch.zeros_like(ids) if segments is None else segments)
        return self.norm(x)


class TransformerBlock(nn.Module):
    """Attention lets the tokens listen to each other, the MLP works on each alone; both add to what is there.

    post-norm (norm_first=False):  x = norm_1(x + attention(x));  x = norm_2(x + mlp(x))
    pre-norm  (norm_first=True):   x = x + attention(norm_1(x));  x = x + mlp(norm_2(x))

    mlp(x) = GELU(x W_1 + b_1) W_2 + b_2, with the exact GELU, x times the normal distribution's cdf.

    >>> block = TransformerBlock(d_model=8, n_heads=2, d_ff=32)
    >>> block(torch.randn(1, 5, 8))[0].shape
    torch.Size([1, 5, 8])
    """

    def __init__(self, d_model, n_heads, d_ff, norm_first=False, eps=1e-5):
        super().__init__()
        self.norm_first = norm_first
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.norm_1 = nn.LayerNorm(d_model, eps=eps)
        self.mlp = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        self.norm_2 = nn.LayerNorm(d_model, eps=eps)

    def forward(self, x, mask=None, need_weights=False):
        """(batch, seq, d_model) -> the same, and weights (batch, head, seq, seq) or None; mask: True = may attend."""
        if self.norm_first:
            normed = self.norm_1(x)
            attended, weights = self.attention(normed, normed, normed, mask, need_weights)
            x = x + attended
            x = x + self.mlp(self.norm_2(x))
        else:
            attended, weights = self.attention(x, x, x, mask, need_weights)
            x = self.norm_1(x + attended)
            x = self.norm_2(x + self.mlp(x))
        return x, weights

    def query_key(self, x):
        """The queries and keys that forward(x) compares: (batch, seq, d_model) -> two (batch, head, seq, d_head)."""
        normed = self.norm_1(x) if self.norm_first else x
        query, key, _ = self.attention.project(normed, normed, normed)
        return query, key


class Encoder(nn.Module):
    """Blocks in series; the last pre-norm block is followed by one more norm.

    >>> encoder = Encoder(TransformerConfig(d_model=8, n_heads=2, n_layers=3, d_ff=32))
    >>> hidden, weights = encoder(torch.randn(1, 5, 8), need_weights=True)
    >>> hidden.shape, weights.shape
    (torch.Size([1, 5, 8]), torch.Size([3, 1, 2, 5, 5]))
    """

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.blocks = nn.ModuleList(
            TransformerBlock(config.d_model, config.n_heads, config.d_ff, config.norm_first, config.eps)
            for _ in range(config.n_layers)
        )
        # After post-norm blocks everything is normalised already; after pre-norm blocks nothing is.
        self.norm = nn.LayerNorm(config.d_model, eps=config.eps) if config.norm_first else nn.Identity()

    def forward(self, x, mask=None, need_weights=False):
        """Read a batch of sequences.

        Args:
            x: (batch, seq, d_model)
            mask: bool, broadcastable to (batch, head, query_pos, key_pos); True = this query may attend to this key.
            need_weights: also return what every head of every layer attended to.

        Returns:
            hidden (batch, seq, d_model), and weights (layer, batch, head, query_pos, key_pos) or None.
        """
        expect_shape("x", x, "batch seq d_model", d_model=self.config.d_model)
        weights = []
        for block in self.blocks:
            x, layer_weights = block(x, mask, need_weights)
            weights.append(layer_weights)
        return self.norm(x), torch.stack(weights) if need_weights else None

    def query_key(self, x, layer, head, mask=None):
        """The queries and keys of one head: (batch, seq, d_model) -> two (batch, seq, d_head).

        ``layer`` and ``head`` count from 1, as in the text of the course.

        Raises:
            IndexError: there is no such layer or head.
        """
        expect_shape("x", x, "batch seq d_model", d_model=self.config.d_model)
        for name, number, count in (("layer", layer, self.config.n_layers), ("head", head, self.config.n_heads)):
            if number not in range(1, count + 1):
                raise IndexError(f"{name}: choose 1 to {count} ({name}s count from 1), not {number}")
        for block in self.blocks[: layer - 1]:
            x, _ = block(x, mask)
        query, key = self.blocks[layer - 1].query_key(x)
        return query[:, head - 1], key[:, head - 1]

"""Where a token stands: attention itself cannot tell, so it is added to the vectors.

Sources: Vaswani et al. 2017, section 3.5 (sine and cosine); Devlin et al. 2019, figure 2 (a learned table).
"""

import math

import torch
from torch import nn

from helpers.arguments import MOST_POSITIONS, expect_count, expect_number, expect_sizes
from helpers.shapes import expect_floats, expect_ids, expect_shape


def sinusoidal_positions(n, d_model):
    """A table of waves, one row per position: (n, d_model), d_model even.

    table[t, 2i] = sin(t / 10000^(2i / d_model)),  table[t, 2i + 1] = cos(the same)

    The first columns turn quickly, the last ones slowly, and the row of t + k is a rotation of the row of t.

    Raises:
        ValueError: d_model is odd, or one of the sizes is below 1.

    Source: Vaswani et al. 2017, section 3.5.

    >>> sinusoidal_positions(50, 6).shape
    torch.Size([50, 6])
    """
    n = expect_count("n", n, most=MOST_POSITIONS)
    expect_sizes(d_model=d_model)
    if d_model % 2:
        raise ValueError(f"d_model: expected an even width, for a sine and a cosine each, got {d_model}")
    turns = torch.exp(-math.log(10_000) * torch.arange(0, d_model, 2) / d_model)  # radians per position
    angles = torch.arange(n)[:, None] * turns
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(start_dim=1)


def add_positions(x, table, start=0):
    """Add to each vector the row of its position: (batch, seq, d_model) + (n, d_model) -> (batch, seq, d_model).

    Args:
        x: (batch, seq, d_model)
        table: (n, d_model), a row for each position.
        start: the position of the first vector of x; not 0 where a text is continued.

    Raises:
        ValueError: more positions than the table has rows, or widths that differ.
    """
    expect_floats(x=x, table=table)
    size = expect_shape("x", x, "batch seq d_model")
    start = expect_count("start", start, least=0)
    n = expect_shape("table", table, "position d_model", d_model=size["d_model"])["position"]
    if start + size["seq"] > n:
        raise ValueError(f"x: {start + size['seq']} positions, but the table has only {n} (start is {start})")
    return x + table[start : start + size["seq"]]


class Embeddings(nn.Module):
    """Look up a vector for the token, one for its position, one for its segment; add them and normalise.

    x[b, t] = LayerNorm(token[ids[b, t]] + position[t] + segment[segments[b, t]])

    Source: Devlin et al. 2019, figure 2. With n_segments = 0 there is no segment vector.

    >>> Embeddings(n_tokens=10, n_positions=7, d_model=4)(torch.tensor([[1, 5, 2]])).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, n_tokens, n_positions, d_model, n_segments=0, eps=1e-5):
        super().__init__()
        expect_sizes(n_tokens=n_tokens, n_positions=n_positions, d_model=d_model)
        expect_count("n_segments", n_segments, least=0, most=MOST_POSITIONS)
        expect_number("eps", eps, above=0)
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
        size = expect_ids("ids", ids, "batch seq", self.token.num_embeddings)
        n_tokens, n_positions = size["seq"], self.position.num_embeddings
        if n_tokens > n_positions:
            raise ValueError(f"ids: {n_tokens} tokens, but there are only {n_positions} positions")
        if segments is not None and self.segment is None:
            raise ValueError("segments: this model was built with n_segments = 0")
        if segments is not None:
            expect_ids("segments", segments, "batch seq", self.segment.num_embeddings, **size)
        x = add_positions(self.token(ids), self.position.weight)
        if self.segment is not None:
            x = x + self.segment(torch.zeros_like(ids) if segments is None else segments)
        return self.norm(x)

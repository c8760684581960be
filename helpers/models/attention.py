"""Attention, from a softmax over three numbers to several heads.

Shapes: (..., query_pos, d_key) and (..., key_pos, d_key) -> scores, weights (..., query_pos, key_pos).
Masks are boolean and True means "this query may attend to this key", as in torch's scaled_dot_product_attention
(nn.MultiheadAttention means the opposite).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import MOST_POSITIONS, expect_count, expect_divisor, expect_sizes, expect_type
from helpers.shapes import expect_floats, expect_lengths, expect_mask, expect_shape


def softmax(scores):
    """Turn scores into weights that are positive and sum to 1 along the last axis.

    softmax(s)_j = exp(s_j) / sum_k exp(s_k), with the largest score subtracted first so that exp never overflows.

    >>> softmax(torch.tensor([0.0, 1000.0])).tolist()
    [0.0, 1.0]
    """
    expect_floats(scores=scores)
    if not expect_shape("scores", scores, "... scores")["scores"]:
        raise ValueError(f"scores: expected at least one along the last axis, got none {tuple(scores.shape)}")
    exponentials = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    return exponentials / exponentials.sum(dim=-1, keepdim=True)


def scaled_dot_product_attention(query, key, value, mask=None):
    """Mix the values: each query takes most from the keys it matches best.

    weights = softmax(query @ key^T / sqrt(d_key)),  context = weights @ value

    Args:
        query: (..., query_pos, d_key)
        key: (..., key_pos, d_key)
        value: (..., key_pos, d_value)
        mask: bool, broadcastable to (..., query_pos, key_pos); True where a query may attend to a key.

    Returns:
        context (..., query_pos, d_value) and weights (..., query_pos, key_pos); each row of weights sums to 1.

    Raises:
        ValueError: axes that do not fit, or a query that may attend to nothing.

    Source: Vaswani et al. 2017, equation 1. We return the weights as well, because the course looks at them.

    >>> context, weights = scaled_dot_product_attention(torch.randn(2, 4), torch.randn(3, 4), torch.randn(3, 5))
    >>> context.shape, weights.shape
    (torch.Size([2, 5]), torch.Size([2, 3]))
    """
    expect_floats(query=query, key=key, value=value)
    d_key = expect_shape("query", query, "... query_pos d_key")["d_key"]
    n_keys = expect_shape("key", key, "... key_pos d_key", d_key=d_key)["key_pos"]
    expect_shape("value", value, "... key_pos d_value", key_pos=n_keys)
    scores = query @ key.transpose(-2, -1) / math.sqrt(d_key)
    if mask is not None:
        scores = scores.masked_fill(~_checked(mask, scores.shape), -math.inf)
    weights = softmax(scores)
    return weights @ value, weights


def _checked(mask, shape):
    expect_mask("mask", mask, shape)
    if mask.dim() > len(shape):
        raise ValueError(f"mask: its shape {tuple(mask.shape)} does not fit scores of shape {tuple(shape)}")
    if not mask.any(dim=-1).all():
        raise ValueError("mask: a query has no key to attend to; each row needs at least one True")
    return mask


def causal_mask(n):
    """Each position may attend to itself and to what came before: bool (n, n), True on and below the diagonal.

    >>> causal_mask(3).int().tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    n = expect_count("n", n, most=MOST_POSITIONS)
    return torch.ones(n, n, dtype=torch.bool).tril()


def window_mask(n, back=1, ahead=1):
    """Each position may attend to itself, to ``back`` before it and ``ahead`` after it: bool (n, n).

    >>> window_mask(4, back=2, ahead=0).int().tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1]]
    """
    n = expect_count("n", n, most=MOST_POSITIONS)
    back, ahead = expect_count("back", back, least=0), expect_count("ahead", ahead, least=0)
    return torch.ones(n, n, dtype=torch.bool).tril(min(ahead, n)).triu(-min(back, n))


def padding_mask(lengths, n):
    """Nobody may attend to padding: lengths (batch,) -> bool (batch, 1, 1, n), True where a token is real.

    >>> padding_mask(torch.tensor([1, 3]), 3)[:, 0, 0].int().tolist()
    [[1, 0, 0], [1, 1, 1]]
    """
    n = expect_count("n", n, most=MOST_POSITIONS)
    lengths = expect_lengths("lengths", lengths, n)
    return (torch.arange(n, device=lengths.device) < lengths[:, None])[:, None, None, :]


def causal_attention(query, key, value):
    """Nobody looks ahead: query and key (..., seq, d_key), value (..., seq, d_value) -> context (..., seq, d_value)."""
    seq = expect_shape("query", query, "... seq d_key")["seq"]
    expect_shape("key", key, "... seq d_key", seq=seq)
    mask = causal_mask(seq).to(query.device)
    context, _ = scaled_dot_product_attention(query, key, value, mask)
    return context


def split_heads(x, n_heads):
    """(batch, seq, d_model) -> (batch, head, seq, d_head): slice each vector into n_heads pieces."""
    expect_type("x", x, torch.Tensor)
    expect_divisor("n_heads", n_heads, expect_shape("x", x, "batch seq d_model")["d_model"])
    return x.unflatten(-1, (n_heads, -1)).transpose(1, 2)


def merge_heads(x):
    """(batch, head, seq, d_head) -> (batch, seq, d_model): put the pieces of each vector side by side again."""
    expect_type("x", x, torch.Tensor)
    expect_shape("x", x, "batch head seq d_head")
    return x.transpose(1, 2).flatten(start_dim=2)


def multi_head_attention(x, W_in, b_in, W_out, b_out, n_heads, mask=None):
    """Self-attention with several heads, from the projections in to the projection out.

    head_h = attention(x W_Q^T + b_Q, x W_K^T + b_K, x W_V^T + b_V) on slice h;  output = concat(heads) W_out^T + b_out

    Args:
        x: (batch, seq, d_model)
        W_in, b_in: (3 d_model, d_model) and (3 d_model,); the rows of query, key and value below each other.
        W_out, b_out: (d_model, d_model) and (d_model,)
        n_heads: how many; they divide d_model.
        mask: bool, broadcastable to (batch, head, query_pos, key_pos); True = may attend.

    Returns:
        output (batch, seq, d_model)

    Raises:
        ValueError: axes that do not fit, or a query that may attend to nothing.

    Source: Vaswani et al. 2017, section 3.2.2. MultiHeadAttention adds other keys and values, and a faster way.
    """
    expect_floats(x=x, W_in=W_in, b_in=b_in, W_out=W_out, b_out=b_out)
    d_model = expect_shape("x", x, "batch seq d_model")["d_model"]
    expect_shape("W_in", W_in, "3*d_model d_model", **{"3*d_model": 3 * d_model, "d_model": d_model})
    expect_shape("b_in", b_in, "3*d_model", **{"3*d_model": 3 * d_model})
    expect_shape("W_out", W_out, "d_model d_concat", d_model=d_model, d_concat=d_model)
    expect_shape("b_out", b_out, "d_model", d_model=d_model)
    q, k, v = (split_heads(part, n_heads) for part in (x @ W_in.T + b_in).chunk(3, dim=-1))
    context, _ = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(context) @ W_out.T + b_out


def cross_attention(decoder, encoder, W_q, W_k, W_v, mask=None):
    """One text asks, another answers: queries from the decoder, keys and values from the encoder.

    output = attention(decoder W_q^T, encoder W_k^T, encoder W_v^T)

    Args:
        decoder: (batch, target_pos, d_model), the text being written.
        encoder: (batch, source_pos, d_model), the text that was read.
        W_q, W_k: (d_key, d_model)
        W_v: (d_value, d_model)
        mask: bool, broadcastable to (batch, target_pos, source_pos); True = may attend.

    Returns:
        (batch, target_pos, d_value)

    Raises:
        ValueError: axes that do not fit, or a query that may attend to nothing.

    Source: Vaswani et al. 2017, section 3.2.3, with one head.
    """
    expect_floats(decoder=decoder, encoder=encoder, W_q=W_q, W_k=W_k, W_v=W_v)
    size = expect_shape("decoder", decoder, "batch target_pos d_model")
    batch, d_model = size["batch"], size["d_model"]
    expect_shape("encoder", encoder, "batch source_pos d_model", batch=batch, d_model=d_model)
    d_key = expect_shape("W_q", W_q, "d_key d_model", d_model=d_model)["d_key"]
    expect_shape("W_k", W_k, "d_key d_model", d_key=d_key, d_model=d_model)
    expect_shape("W_v", W_v, "d_value d_model", d_model=d_model)
    context, _ = scaled_dot_product_attention(decoder @ W_q.T, encoder @ W_k.T, encoder @ W_v.T, mask)
    return context


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own slice of query, key and value.

    head_h = attention(query W_Q, key W_K, value W_V) on slice h;  output = concat(head_1 ... head_n) W_O

    Source: Vaswani et al. 2017, section 3.2.2. The three input projections are stacked in one matrix, in the order
    query, key, value, as nn.MultiheadAttention stacks them.

    >>> attention = MultiHeadAttention(d_model=8, n_heads=2)
    >>> x = torch.randn(1, 5, 8)
    >>> output, weights = attention(x, x, x, need_weights=True)
    >>> output.shape, weights.shape
    (torch.Size([1, 5, 8]), torch.Size([1, 2, 5, 5]))
    """

    def __init__(self, d_model, n_heads):
        super().__init__()
        expect_sizes(d_model=d_model)
        expect_divisor("n_heads", n_heads, d_model)
        self.n_heads = n_heads
        self.project_in = nn.Linear(d_model, 3 * d_model)
        self.project_out = nn.Linear(d_model, d_model)

    def project(self, query, key, value):
        """Three (batch, seq, d_model) -> q, k, v, each (batch, head, seq, d_head)."""
        if query is key and key is value:  # self-attention: one product instead of three
            q, k, v = self.project_in(query).chunk(3, dim=-1)
        else:
            matrices = zip(self.project_in.weight.chunk(3), self.project_in.bias.chunk(3), strict=True)
            q, k, v = (F.linear(x, *wb) for x, wb in zip((query, key, value), matrices, strict=True))
        return tuple(split_heads(x, self.n_heads) for x in (q, k, v))

    def forward(self, query, key, value, mask=None, need_weights=False, cache=None):
        """Attend from query to key and value.

        Args:
            query: (batch, query_pos, d_model)
            key, value: (batch, key_pos, d_model)
            mask: bool, broadcastable to (batch, head, query_pos, key_pos); True = may attend.
            need_weights: compute the weights explicitly and return them; otherwise torch's fused kernel is used.
            cache: a generate.Cache, which puts the keys and values it has kept before these.

        Returns:
            output (batch, query_pos, d_model), and weights (batch, head, query_pos, key_pos) or None.

        Raises:
            ValueError: axes that do not fit, or a query that may attend to nothing.
        """
        expect_floats(weight=self.project_out.weight, query=query, key=key, value=value)
        d_model = self.project_out.in_features
        batch = expect_shape("query", query, "batch query_pos d_model", d_model=d_model)["batch"]
        n_keys = expect_shape("key", key, "batch key_pos d_model", batch=batch, d_model=d_model)["key_pos"]
        expect_shape("value", value, "batch key_pos d_model", batch=batch, key_pos=n_keys, d_model=d_model)
        q, k, v = self.project(query, key, value)
        if cache is not None:
            k, v = cache.extend(self, k, v)
        if need_weights:
            context, weights = scaled_dot_product_attention(q, k, v, mask)
        else:
            mask = mask if mask is None else _checked(mask, (*q.shape[:-1], k.shape[-2]))
            context, weights = F.scaled_dot_product_attention(q, k, v, attn_mask=mask), None
        return self.project_out(merge_heads(context)), weights

"""The Transformer block: its formula as a function, the same as a module, and the one that listens to a source.

Sources: Vaswani et al. 2017, "Attention Is All You Need", section 3 (norm after each sum); Devlin et al. 2019, "BERT"
(GELU); Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture" (norm before each half).
"""

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import expect_number, expect_sizes, expect_type
from helpers.models.attention import MultiHeadAttention, multi_head_attention
from helpers.shapes import expect_floats, expect_shape


def transformer_block(x, p, n_heads):
    """One pre-norm block, every parameter in sight.

    x = x + attention(norm_1(x));  x = x + mlp(norm_2(x));  mlp(x) = GELU(x W_1^T + b_1) W_2^T + b_2

    Args:
        x: (batch, seq, d_model)
        p: dict of tensors: W_in (3 d_model, d_model), b_in, W_out (d_model, d_model), b_out for the attention;
            norm_1_weight, norm_1_bias, norm_2_weight, norm_2_bias (d_model,); W_1 (d_ff, d_model), b_1,
            W_2 (d_model, d_ff), b_2 for the MLP.
        n_heads: how many; they divide d_model.

    Returns:
        (batch, seq, d_model)

    Source: Xiong et al. 2020, figure 1b. TransformerBlock is the same as a module.
    """
    _expect_parameters(x, p)
    d_model = x.shape[-1:]
    normed = F.layer_norm(x, d_model, p["norm_1_weight"], p["norm_1_bias"])
    x = x + multi_head_attention(normed, p["W_in"], p["b_in"], p["W_out"], p["b_out"], n_heads)
    normed = F.layer_norm(x, d_model, p["norm_2_weight"], p["norm_2_bias"])
    return x + F.gelu(normed @ p["W_1"].T + p["b_1"]) @ p["W_2"].T + p["b_2"]


def _expect_parameters(x, p):
    """Every tensor of the dict is there, and fits."""
    expect_floats(x=x)
    d_model = expect_shape("x", x, "batch seq d_model")["d_model"]
    expect_type("p", p, dict)
    d_ff = len(p["W_1"]) if isinstance(p.get("W_1"), torch.Tensor) and p["W_1"].dim() else 1
    names = {"W_in": "3*d_model d_model", "b_in": "3*d_model", "W_out": "d_model d_concat", "b_out": "d_model"}
    names |= {f"norm_{half}_{part}": "d_model" for half in (1, 2) for part in ("weight", "bias")}
    names |= {"W_1": "d_ff d_model", "b_1": "d_ff", "W_2": "d_model d_ff", "b_2": "d_model"}
    if missing := [name for name in names if name not in p]:
        raise ValueError(
            f"p: expected {', '.join(names)}; there is no {', '.join(missing)} among {', '.join(p) or 'none'}"
        )
    sizes = {"d_model": d_model, "d_concat": d_model, "3*d_model": 3 * d_model, "d_ff": d_ff}
    for name, axes in names.items():
        label = f"p['{name}']"
        expect_floats(x=x, **{label: p[name]})
        expect_shape(label, p[name], axes, **{axis: sizes[axis] for axis in axes.split()})


class TransformerBlock(nn.Module):
    """Attention lets the tokens listen to each other, the MLP works on each alone; both add to what is there.

    post-norm (norm_first=False):  x = norm_1(x + attention(x));  x = norm_2(x + mlp(x))
    pre-norm  (norm_first=True):   x = x + attention(norm_1(x));  x = x + mlp(norm_2(x))

    mlp(x) = GELU(x W_1 + b_1) W_2 + b_2, with the exact GELU, x times the normal distribution's cdf.

    >>> import torch
    >>> block = TransformerBlock(d_model=8, n_heads=2, d_ff=32)
    >>> block(torch.randn(1, 5, 8))[0].shape
    torch.Size([1, 5, 8])
    """

    def __init__(self, d_model, n_heads, d_ff, norm_first=False, eps=1e-5):
        super().__init__()
        self.norm_first = norm_first
        self.attention = MultiHeadAttention(d_model, n_heads)
        expect_sizes(d_ff=d_ff)
        expect_number("eps", eps, above=0)
        self.norm_1 = nn.LayerNorm(d_model, eps=eps)
        self.mlp = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))
        self.norm_2 = nn.LayerNorm(d_model, eps=eps)

    def forward(self, x, mask=None, need_weights=False, cache=None):
        """(batch, seq, d_model) -> the same, and weights (batch, head, seq, seq) or None; mask: True = may attend."""
        self.expect(x=x)
        if self.norm_first:
            normed = self.norm_1(x)
            attended, weights = self.attention(normed, normed, normed, mask, need_weights, cache)
            x = x + attended
            x = x + self.mlp(self.norm_2(x))
        else:
            attended, weights = self.attention(x, x, x, mask, need_weights, cache)
            x = self.norm_1(x + attended)
            x = self.norm_2(x + self.mlp(x))
        return x, weights

    def expect(self, **sequences):
        """Check that these are (batch, seq, d_model) of this block's width and kind of numbers."""
        weight = self.mlp[0].weight
        expect_floats(weight=weight, **sequences)
        batch = {}
        for name, x in sequences.items():
            batch = {"batch": expect_shape(name, x, "batch seq d_model", d_model=weight.shape[1], **batch)["batch"]}

    def query_key(self, x):
        """The queries and keys that forward(x) compares: (batch, seq, d_model) -> two (batch, head, seq, d_head)."""
        normed = self.norm_1(x) if self.norm_first else x
        query, key, _ = self.attention.project(normed, normed, normed)
        return query, key


class CrossBlock(TransformerBlock):
    """A block that also listens to a source: attention to itself, attention to the source, MLP.

    The queries come from x, the keys and values from the source: nothing else is new.

    pre-norm:  x = x + attention(norm_1(x));  x = x + cross_attention(norm_cross(x), source);  x = x + mlp(norm_2(x))

    >>> import torch
    >>> block = CrossBlock(d_model=8, n_heads=2, d_ff=32)
    >>> x, _, weights = block(torch.randn(1, 3, 8), torch.randn(1, 5, 8), need_weights=True)
    >>> x.shape, weights.shape
    (torch.Size([1, 3, 8]), torch.Size([1, 2, 3, 5]))
    """

    def __init__(self, d_model, n_heads, d_ff, norm_first=False, eps=1e-5):
        super().__init__(d_model, n_heads, d_ff, norm_first, eps)
        self.cross_attention = MultiHeadAttention(d_model, n_heads)
        self.norm_cross = nn.LayerNorm(d_model, eps=eps)

    def forward(self, x, source, mask=None, source_mask=None, need_weights=False, cache=None):
        """Listen to itself, then to the source (batch, source_pos, d_model).

        Returns:
            x (batch, seq, d_model), the weights on itself (batch, head, seq, seq) and those on the source
            (batch, head, seq, source_pos); the weights are None unless asked for.
        """
        self.expect(x=x, source=source)
        if self.norm_first:
            normed = self.norm_1(x)
            attended, weights = self.attention(normed, normed, normed, mask, need_weights, cache)
            x = x + attended
            attended, cross = self.cross_attention(self.norm_cross(x), source, source, source_mask, need_weights)
            x = x + attended
            x = x + self.mlp(self.norm_2(x))
        else:
            attended, weights = self.attention(x, x, x, mask, need_weights, cache)
            x = self.norm_1(x + attended)
            attended, cross = self.cross_attention(x, source, source, source_mask, need_weights)
            x = self.norm_cross(x + attended)
            x = self.norm_2(x + self.mlp(x))
        return x, weights, cross

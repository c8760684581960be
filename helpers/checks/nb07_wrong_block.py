"""Ways to get a block wrong, (x, p, n_heads) -> (batch, seq, d_model) each; nb07_block gives them names."""

from torch.nn import functional as F

from helpers.models import attention


def norm(x, p, half):
    """The norm of the first or second half, as it should be."""
    return F.layer_norm(x, x.shape[-1:], p[f"norm_{half}_weight"], p[f"norm_{half}_bias"])


def attend(x, p, n_heads):
    """Attention, as it should be."""
    return attention.multi_head_attention(x, p["W_in"], p["b_in"], p["W_out"], p["b_out"], n_heads)


def block_with(
    norm=norm,
    attend=attend,
    activation=F.gelu,
    biases=(1, 1),
    first=lambda x, normed, new: x + new,
    second=lambda start, x, normed, new: x + new,
    into_mlp=lambda start, x: x,
):
    """The block with one step replaced; `start` is what came into it, `x` what the first half made."""

    def wrong(start, p, n_heads):
        normed = norm(start, p, 1)
        x = first(start, normed, attend(normed, p, n_heads))
        normed = norm(into_mlp(start, x), p, 2)
        inner = activation(normed @ p["W_1"].T + biases[0] * p["b_1"])
        return second(start, x, normed, inner @ p["W_2"].T + biases[1] * p["b_2"])

    return wrong


def post_norm(x, p, n_heads):
    """Each norm after the sum."""
    x = norm(x + attend(x, p, n_heads), p, 1)
    return norm(x + mlp(x, p), p, 2)


def normed_once_more(x, p, n_heads):
    """The block, and one norm behind it."""
    return norm(block_with()(x, p, n_heads), p, 2)


def mlp(x, p):
    """The MLP, as it should be."""
    return F.gelu(x @ p["W_1"].T + p["b_1"]) @ p["W_2"].T + p["b_2"]


def mlp_first(x, p, n_heads):
    """The halves in the other order."""
    x = x + mlp(norm(x, p, 2), p)
    return x + attend(norm(x, p, 1), p, n_heads)


def not_transposed(names):
    """The block that uses some of the MLP's matrices as they are stored; most sizes do not fit."""
    right = block_with()
    return lambda x, p, n_heads: right(x, p | {name: p[name].T for name in names}, n_heads)


def by_hand(variance=None, eps=1e-5, axes=(-1,), scaled=True, outside=False):
    """A LayerNorm whose steps can be chosen."""

    def norm(x, p, half):
        centred = x - x.mean(dim=axes, keepdim=True)
        var = centred.pow(2).mean(dim=axes, keepdim=True) if variance is None else variance(x)
        normed = centred / (var.sqrt() + eps if outside else (var + eps).sqrt())
        return normed * p[f"norm_{half}_weight"] + p[f"norm_{half}_bias"] if scaled else normed

    return norm


def unless(half, norm=norm):
    """The norm of one half only; the other half reads x as it is."""
    return lambda x, p, this: x if this == half else norm(x, p, this)


def instead(normed):
    """A norm that uses the parameters of another half."""
    return lambda x, p, half: norm(x, p, normed(half))


def causal(x, p, n_heads):
    """Attention with a causal mask."""
    return attention.multi_head_attention(
        x, p["W_in"], p["b_in"], p["W_out"], p["b_out"], n_heads, attention.causal_mask(x.shape[1])
    )

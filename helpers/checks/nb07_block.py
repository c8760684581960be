"""Notebook 07, transformer_block: attention and MLP, each after a norm, each added to what is there."""

import torch
from torch import nn
from torch.nn import functional as F

from helpers.checks import nb07_wrong_block as wrong
from helpers.checks.exercise import Exercise, Misconception
from helpers.models import block

# batch, seq, heads, d_head, d_ff, size of x: small ones show the eps, and d_ff = d_model lets a wrong axis fit
SIZES = (2, 5, 3, 2, 7, 1.0), (3, 4, 2, 3, 5, 1.0), (2, 3, 2, 2, 4, 0.02), (1, 1, 2, 2, 3, 1.0), (2, 4, 1, 4, 6, 3.0)
NORMS = "norm_1_weight", "norm_1_bias", "norm_2_weight", "norm_2_bias"
NAMES = "W_in", "b_in", "W_out", "b_out", *NORMS, "W_1", "b_1", "W_2", "b_2"


def cases(seed):
    """Every parameter random, norms and biases too; for paper: one head, and hardly anything but ones and zeros."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, seq, n_heads, d_head, d_ff, size):
        d = n_heads * d_head
        shapes = [(3 * d, d), (3 * d,), (d, d), (d,), *[(d,)] * 4, (d_ff, d), (d_ff,), (d, d_ff), (d,)]
        p = {name: torch.randn(shape, generator=generator) for name, shape in zip(NAMES, shapes, strict=True)}
        p["W_in"] = p["W_in"] / (2 * d)  # soft weights
        return size * torch.randn(batch, seq, d, generator=generator), p, n_heads

    same, ones, zeros = torch.eye(2), torch.ones(2), torch.zeros(2)
    paper = torch.cat([same, same, 2 * same]), torch.zeros(6), same, torch.tensor([1.0, 0.0]), ones, zeros, ones, zeros
    mlp = same, torch.tensor([0.0, 1.0]), 3 * same, zeros
    x = torch.tensor([[[1.0, 3.0], [4.0, 0.0]]])
    return [(x, dict(zip(NAMES, (*paper, *mlp), strict=True)), 1), *(case(*size) for size in SIZES)]


MISCONCEPTIONS = {
    "no_residual": Misconception(
        wrong.block_with(first=lambda x, normed, new: new, second=lambda start, x, normed, new: new),
        "Nothing is added to what came in: both residual connections are missing. Each half adds to x, it does not "
        "replace it.",
    ),
    "first_residual_forgotten": Misconception(
        wrong.block_with(first=lambda x, normed, new: new),
        "The attention replaces x instead of adding to it: the first residual connection is missing.",
    ),
    "second_residual_forgotten": Misconception(
        wrong.block_with(second=lambda start, x, normed, new: new),
        "The MLP replaces x instead of adding to it: the second residual connection is missing.",
    ),
    "added_to_the_normed": Misconception(
        wrong.block_with(first=lambda x, normed, new: normed + new, second=lambda start, x, normed, new: normed + new),
        "Each half was added to the normed x. The path around a half carries x itself, untouched.",
        also=(
            wrong.block_with(first=lambda x, normed, new: normed + new),
            wrong.block_with(second=lambda start, x, normed, new: normed + new),
        ),
    ),
    "added_to_the_start": Misconception(
        wrong.block_with(second=lambda start, x, normed, new: start + new),
        "The MLP's result was added to what came into the block, so what the attention found is lost on the way. It "
        "belongs on top of the first half's sum.",
    ),
    "side_by_side": Misconception(
        wrong.block_with(into_mlp=lambda start, x: start),
        "Both halves read the x that came in. Some large models do that to save time; here the MLP reads what the "
        "attention has made.",
    ),
    "post_norm": Misconception(
        wrong.post_norm,
        "The norms come after the sums: that is the block of 2017, post-norm. Asked for is pre-norm: each half reads a "
        "normed x, and the sum stays as it is.",
    ),
    "one_norm_for_both": Misconception(
        wrong.block_with(norm=wrong.instead(lambda half: 1)),
        "Both halves use the same norm. Each has weights and biases of its own, norm_1 and norm_2.",
        also=(wrong.block_with(norm=wrong.instead(lambda half: 2)),),
    ),
    "norms_exchanged": Misconception(
        wrong.block_with(norm=wrong.instead(lambda half: 3 - half)),
        "The two norms have changed places: norm_1 belongs before the attention, norm_2 before the MLP.",
    ),
    "no_norm": Misconception(
        wrong.block_with(norm=lambda x, p, half: x),
        "Neither half has its norm: both read x as it is.",
    ),
    "first_norm_forgotten": Misconception(
        wrong.block_with(norm=wrong.unless(1)),
        "The attention reads x as it is: the first norm is missing.",
    ),
    "second_norm_forgotten": Misconception(
        wrong.block_with(norm=wrong.unless(2)),
        "The MLP reads x as it is, not the normed x: the second norm is missing.",
    ),
    "norm_without_parameters": Misconception(
        wrong.block_with(norm=wrong.by_hand(scaled=False)),
        "The norms have no weights and biases: after mean 0 and spread 1, each number is multiplied by its weight, and "
        "its bias is added.",
    ),
    "norm_over_the_text": Misconception(
        wrong.block_with(norm=wrong.by_hand(axes=(-2, -1))),
        "The norm took mean and spread over all words together. It looks at one word's vector at a time.",
        also=(
            wrong.block_with(norm=wrong.by_hand(axes=(-2,))),
            wrong.block_with(norm=wrong.by_hand(axes=(0, 1, 2))),
            wrong.block_with(norm=wrong.by_hand(axes=(0, 1, 2), variance=lambda x: x.var(), eps=0.0)),
        ),
    ),
    "spread_of_a_sample": Misconception(
        wrong.block_with(norm=wrong.by_hand(variance=lambda x: x.var(dim=-1, keepdim=True))),
        "The norm divides by the spread with n - 1, as statistics does for a sample (torch's `std` and `var` do it "
        "unless told otherwise). LayerNorm uses n.",
        also=(
            wrong.block_with(norm=wrong.by_hand(variance=lambda x: x.var(dim=-1, keepdim=True), eps=0.0)),
            wrong.block_with(norm=wrong.by_hand(variance=lambda x: x.var(dim=-1, keepdim=True), outside=True)),
        ),
    ),
    "eps_misplaced": Misconception(
        wrong.block_with(norm=wrong.by_hand(eps=0.0)),
        "It differs only where the numbers are small: the eps, 1e-5, is missing or stands in another place. It is "
        "added to the variance, under the root.",
        also=(
            wrong.block_with(norm=wrong.by_hand(outside=True)),
            wrong.block_with(norm=wrong.by_hand(eps=1e-6)),
        ),
    ),
    "normed_once_more": Misconception(
        wrong.normed_once_more,
        "One norm too many: the last sum was normed again. The one last norm follows the whole stack of blocks, once; "
        "it is no part of a block.",
    ),
    "mlp_first": Misconception(
        wrong.mlp_first,
        "The two halves have changed places: first the attention, then the MLP, which reads what the attention has "
        "made.",
    ),
    "not_transposed": Misconception(
        wrong.not_transposed(("W_1", "W_2")),
        "The matrices of the MLP are stored (out, in), as torch stores them. Used as they stand, they only fit where "
        "d_ff happens to equal D, and then each number meets the wrong weights.",
        also=(wrong.not_transposed(("W_1",)), wrong.not_transposed(("W_2",))),
    ),
    "gelu_at_the_end": Misconception(
        wrong.block_with(activation=lambda x: x, second=lambda start, x, normed, new: x + F.gelu(new)),
        "There is a GELU after the MLP's second linear layer. The only bend stands between the two.",
        also=(wrong.block_with(second=lambda start, x, normed, new: x + F.gelu(new)),),
    ),
    "relu": Misconception(wrong.block_with(activation=F.relu), "The MLP bends with a ReLU. Here it is GELU."),
    "gelu_by_tanh": Misconception(
        wrong.block_with(activation=lambda x: F.gelu(x, approximate="tanh")),
        "Nearly: this is the quick approximation of GELU by tanh, as GPT-2 uses it. It is right to the third decimal; "
        "here the exact GELU is asked for, which `F.gelu` computes when nothing else is said.",
    ),
    "silu": Misconception(
        wrong.block_with(activation=F.silu),
        "The MLP bends by x times a sigmoid. It looks like GELU and is not the same: there x is multiplied by the "
        "share of a normal distribution that lies below x.",
        also=(wrong.block_with(activation=lambda x: x * torch.sigmoid(1.702 * x)),),
    ),
    "no_activation": Misconception(
        wrong.block_with(activation=lambda x: x),
        "The MLP does not bend: two linear layers in a row are one linear layer. The activation between them is "
        "missing.",
    ),
    "biases_forgotten": Misconception(
        wrong.block_with(biases=(0, 0)),
        "Both biases of the MLP are missing, b_1 and b_2.",
    ),
    "b_1_forgotten": Misconception(wrong.block_with(biases=(0, 1)), "The first bias of the MLP is missing."),
    "b_2_forgotten": Misconception(
        wrong.block_with(biases=(1, 0)),
        "Every word is off by the same vector: the last bias of the MLP is missing.",
    ),
    "attention_alone": Misconception(
        wrong.block_with(second=lambda start, x, normed, new: x),
        "The first half is right. The second one, norm and MLP, is missing.",
    ),
    "mlp_alone": Misconception(
        wrong.block_with(first=lambda x, normed, new: x),
        "The attention has no effect: what it found is not added to x, so no word has met another.",
    ),
    "one_head": Misconception(
        wrong.block_with(attend=lambda x, p, n_heads: wrong.attend(x, p, 1)),
        "The attention has a single head, whatever n_heads says.",
    ),
    "causal": Misconception(
        wrong.block_with(attend=wrong.causal),
        "The attention looks back only. The block itself has no mask: everybody sees everybody.",
    ),
}


def torchs(x, p, n_heads):
    """The same by torch's own layer."""
    layer = nn.TransformerEncoderLayer(
        x.shape[-1], n_heads, len(p["b_1"]), dropout=0, activation="gelu", batch_first=True, norm_first=True
    )
    pieces = "self_attn.in_proj_", "self_attn.out_proj.", "norm1.", "norm2.", "linear1.", "linear2."
    names = [piece + kind for piece in pieces for kind in ("weight", "bias")]
    layer.load_state_dict(dict(zip(names, (p[name] for name in NAMES), strict=True)))
    return layer(x)


BLOCK = Exercise(
    name="transformer_block",
    reference=block.transformer_block,
    returns=("output",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=torchs,
    forbidden=(block.transformer_block, block.TransformerBlock, nn.TransformerEncoderLayer),
    hints=(
        "Two sentences, said twice: take x, norm it, let the words listen to each other, add the result to x. Take "
        "that, norm it, put each word through the MLP, add the result.",
        "x (B, T, D) -> normed (B, T, D) -> attended (B, T, D), added; normed (B, T, D) -> (B, T, d_ff) -> GELU -> "
        '(B, T, D), added. A norm wants the shape it works on, the last axis: `x.shape[-1:]`; `p["W_1"]` is (d_ff, D).',
        '`normed = F.layer_norm(x, x.shape[-1:], p["norm_1_weight"], p["norm_1_bias"])`',
    ),
    notebook="07",
    minutes=12,
)

EXERCISES = (BLOCK,)

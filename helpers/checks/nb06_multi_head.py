"""Notebook 06, multi_head_attention: the whole layer, from the projections in to the projection out."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention

# batch, seq, heads, d_head: all different, then equal where a wrong order of axes would hide
SIZES = (2, 5, 3, 4), (3, 4, 2, 5), (2, 4, 2, 2), (2, 1, 2, 3), (2, 3, 1, 4), (2, 3, 4, 1)


def cases(seed):
    """Every parameter random, biases too, and soft weights; for paper: q = x, k is x swapped, v = 2 x + (0, 1)."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, seq, n_heads, d_head):
        d_model = n_heads * d_head
        shapes = (batch, seq, d_model), (3 * d_model, d_model), (3 * d_model,), (d_model, d_model), (d_model,)
        x, W_in, b_in, W_out, b_out = (torch.randn(shape, generator=generator) for shape in shapes)
        q, k, _ = (_split(part, n_heads) for part in F.linear(x, W_in, b_in).chunk(3, dim=-1))
        softer = torch.ones(3 * d_model)
        softer[:d_model] = math.sqrt(d_head) / (q @ k.mT).abs().max()  # every scaled score between -1 and 1
        return x, W_in * softer[:, None], b_in * softer, W_out, b_out, n_heads

    x, same, swap = torch.tensor([[[1.0, 0.0], [0.0, -1.0]]]), torch.eye(2), torch.eye(2).flip(0)
    b_in = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    paper = x, torch.cat([same, swap, 2 * same]), b_in, swap, torch.tensor([0.0, 1.0])
    return [(*paper, 2), *(case(*size) for size in SIZES)]


def _split(x, n_heads):
    return x.unflatten(-1, (n_heads, -1)).transpose(1, 2)


def _merge(x):
    return x.transpose(1, 2).flatten(2)


def _wrong(
    thirds=lambda q, k, v: (q, k, v),
    split=_split,
    scale=lambda D, h: math.sqrt(D / h),
    weights=lambda scores: scores.softmax(dim=-1),
    merge=_merge,
    project_in=F.linear,
    project_out=F.linear,
):
    """The layer with one step replaced."""

    def layer(x, W_in, b_in, W_out, b_out, n_heads):
        q, k, v = (split(part, n_heads) for part in thirds(*project_in(x, W_in, b_in).chunk(3, dim=-1)))
        return project_out(merge(weights(q @ k.mT / scale(x.shape[-1], n_heads)) @ v), W_out, b_out)

    return layer


def _packed_by_head(x, W_in, b_in, W_out, b_out, n_heads):
    packed = F.linear(x, W_in, b_in).unflatten(-1, (n_heads, 3, -1)).permute(3, 0, 2, 1, 4)
    context, _ = attention.scaled_dot_product_attention(*packed)
    return F.linear(_merge(context), W_out, b_out)


def _texts_sliced(x, W_in, b_in, W_out, b_out, n_heads):
    """The notebook's q[:, s], which cut the numbers of one text, cuts the tokens of a batch."""
    q, k, v = F.linear(x, W_in, b_in).chunk(3, dim=-1)
    width = x.shape[-1] // n_heads
    slices = [slice(start, start + width) for start in range(0, x.shape[-1], width)]
    contexts = [attention.scaled_dot_product_attention(q[:, s], k[:, s], v[:, s])[0] for s in slices]
    return F.linear(torch.cat(contexts, dim=1), W_out, b_out)


def _over_heads_and_keys(scores):
    """One softmax for each query, over the keys of all heads together."""
    return scores.transpose(1, 2).flatten(2).softmax(dim=-1).unflatten(-1, (scores.shape[1], -1)).transpose(1, 2)


ORDER = (
    "The thirds of W_in are used in another order. Its rows are stacked as query, key, value: the first third of the "
    "projected numbers asks, the second answers, the last is what gets mixed."
)

MISCONCEPTIONS = {
    "scaled_by_root_of_d_model": Misconception(
        _wrong(scale=lambda D, h: math.sqrt(D)),
        "The scores are divided by the root of the whole width. The dot products run over the width of *one head*, "
        "which is smaller: the weights come out too even.",
    ),
    "no_scale": Misconception(
        _wrong(scale=lambda D, h: 1),
        "The scores are not scaled, so the softmax is too sharp. Each head does exactly what notebook 05 did, with its "
        "own width.",
    ),
    "divided_by_d_head": Misconception(
        _wrong(scale=lambda D, h: D / h),
        "The scores are divided by the width of a head itself, which is too much: the spread of a dot product grows "
        "with the root of the width.",
    ),
    "scaled_by_root_of_heads": Misconception(
        _wrong(scale=lambda D, h: math.sqrt(h)),
        "The scale uses the number of heads. A score is a sum over the width of one head; how many heads there are "
        "does not matter to it.",
    ),
    "one_head": Misconception(
        _wrong(split=lambda x, n_heads: x[:, None], scale=lambda D, h: math.sqrt(D)),
        "This is attention with a single head: n_heads makes no difference. Each head compares its own slices and has "
        "weights of its own.",
    ),
    "one_softmax_for_all_heads": Misconception(
        _wrong(weights=_over_heads_and_keys),
        "The softmax ran over the keys of all heads together, so the heads share one total. Every head has a whole of "
        "its own to give away.",
    ),
    "over_the_heads": Misconception(
        _wrong(weights=lambda scores: scores.softmax(dim=1)),
        "The softmax ran over the heads. It belongs along the keys, within each head.",
    ),
    "over_the_queries": Misconception(
        _wrong(weights=lambda scores: scores.softmax(dim=-2)),
        "The softmax ran over the queries: the weights of each key sum to 1, not those of each query.",
    ),
    "no_softmax": Misconception(
        _wrong(weights=lambda scores: scores),
        "The softmax is missing: the values are mixed with bare scores, which may be negative and sum to anything.",
    ),
    "averaged_maps": Misconception(
        _wrong(weights=lambda scores: scores.softmax(dim=-1).mean(dim=1, keepdim=True)),
        "All heads mix their values with the same weights, the average of the maps. The point of several heads is that "
        "each uses its own map.",
    ),
    "averaged_heads": Misconception(
        _wrong(merge=lambda x: x.mean(dim=1).repeat(1, 1, x.shape[1])),
        "The results of the heads were averaged before the last projection. They belong side by side, so that it can "
        "tell them apart.",
    ),
    "tokens_not_attended": Misconception(
        _wrong(split=lambda x, n_heads: x.unflatten(-1, (n_heads, -1)), merge=lambda x: x.flatten(2)),
        "The heads of one token attend to each other, and no token ever meets another. Which axes does `@` multiply? "
        "The last two have to be token and number.",
    ),
    "view_without_transpose": Misconception(
        _wrong(split=lambda x, n_heads: x.reshape(len(x), n_heads, x.shape[1], -1)),
        "The split only counts the numbers off anew, so each head mixes pieces of different tokens. Compare with "
        "`split_heads`.",
    ),
    "merged_without_transpose": Misconception(
        _wrong(merge=lambda x: x.reshape(len(x), x.shape[2], -1)),
        "Each head is right, but the merge only counts the numbers off anew, so a row mixes tokens. Compare with "
        "`merge_heads`.",
    ),
    "never_transposed": Misconception(
        _wrong(
            split=lambda x, n_heads: x.reshape(len(x), n_heads, x.shape[1], -1),
            merge=lambda x: x.reshape(len(x), x.shape[2], -1),
        ),
        "Split and merge both count the numbers off in memory order. They undo each other, and that hides the damage: "
        "in between, a head's rows are made of pieces of different tokens.",
    ),
    "interleaved": Misconception(
        _wrong(
            split=lambda x, n_heads: x.unflatten(-1, (-1, n_heads)).permute(0, 3, 1, 2),
            merge=lambda x: x.permute(0, 2, 3, 1).flatten(2),
        ),
        "Each head takes every n-th number of the projected vectors. A head is a slice of neighbouring numbers.",
    ),
    "packed_by_head": Misconception(
        _packed_by_head,
        "Each head finds its query, key and value next to each other in W_in: some published models store it so. Here "
        "W_in holds all queries first, then all keys, then all values.",
    ),
    "key_first": Misconception(_wrong(thirds=lambda q, k, v: (k, q, v)), ORDER),
    "value_first": Misconception(_wrong(thirds=lambda q, k, v: (v, q, k)), ORDER),
    "value_in_the_middle": Misconception(_wrong(thirds=lambda q, k, v: (q, v, k)), ORDER),
    "turned_by_one": Misconception(_wrong(thirds=lambda q, k, v: (k, v, q)), ORDER),
    "backwards": Misconception(_wrong(thirds=lambda q, k, v: (v, k, q)), ORDER),
    "one_third_for_all": Misconception(
        _wrong(thirds=lambda q, k, v: (q, q, q)),
        "Queries, keys and values are the same numbers, from the first third of W_in. Each has a third of its own.",
    ),
    "values_not_projected": Misconception(
        lambda x, *rest: _wrong(thirds=lambda q, k, v: (q, k, x))(x, *rest),
        "What the weights mix is x itself. The values are a projection of x, like queries and keys.",
    ),
    "W_in_reshaped": Misconception(
        _wrong(project_in=lambda x, W_in, b_in: x @ W_in.reshape(x.shape[-1], -1) + b_in),
        "W_in was given other axes by counting its numbers off anew, so every projection is a jumble. Weights are "
        "stored (out, in); rows have to become columns.",
    ),
    "not_projected": Misconception(
        _wrong(project_in=lambda x, W_in, b_in: x.repeat(1, 1, 3)),
        "Queries, keys and values are all x itself: W_in and b_in are not used.",
    ),
    "texts_sliced": Misconception(
        _texts_sliced,
        "The slices were cut along the tokens. `q[:, s]` takes numbers where there is one text; here the batch stands "
        "in front, and the second axis holds the tokens. The numbers are the last axis.",
    ),
    "biases_forgotten": Misconception(
        _wrong(project_in=lambda x, W_in, b_in: x @ W_in.T, project_out=lambda x, W_out, b_out: x @ W_out.T),
        "Both biases are missing, `b_in` of the projections in and `b_out` of the last one.",
    ),
    "b_in_forgotten": Misconception(
        _wrong(project_in=lambda x, W_in, b_in: x @ W_in.T),
        "The bias of the projections in is missing.",
    ),
    "W_out_forgotten": Misconception(
        _wrong(project_out=lambda x, W_out, b_out: x),
        "The heads stand side by side, but the last projection is missing: without it, what one head found never meets "
        "what another found.",
        also=(_wrong(project_out=lambda x, W_out, b_out: x + b_out),),
    ),
    "b_out_forgotten": Misconception(
        _wrong(project_out=lambda x, W_out, b_out: x @ W_out.T),
        "Every row is off by the same vector: the bias of the last projection is missing.",
    ),
    "W_out_not_transposed": Misconception(
        _wrong(project_out=lambda x, W_out, b_out: x @ W_out + b_out),
        "The last projection is applied the other way round. Weights are stored (out, in), as torch stores them.",
    ),
    "residual": Misconception(
        lambda x, *rest: x + _wrong()(x, *rest),
        "The input was added to the output. A Transformer block does that around this layer (notebook 07); here it is "
        "too early.",
    ),
}


def torchs(x, W_in, b_in, W_out, b_out, n_heads):
    """The same by torch's function, which wants the sequence first."""
    tokens, projections = x.transpose(0, 1), (W_in, b_in, None, None, False, 0.0, W_out, b_out)  # the plain layer
    return F.multi_head_attention_forward(tokens, tokens, tokens, x.shape[-1], n_heads, *projections)[0].transpose(0, 1)


MULTI_HEAD = Exercise(
    name="multi_head_attention",
    reference=attention.multi_head_attention,
    returns=("output",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=torchs,
    forbidden=(
        *(attention.multi_head_attention, attention.MultiHeadAttention, nn.MultiheadAttention),
        *(F.multi_head_attention_forward, torch._native_multi_head_attention),
    ),
    hints=(
        "Five stations: project, cut into heads, attend in each head, put side by side, project. In a head of width 1 "
        "two words ask with 1 and 0, offer 0 and -1, hand over 2 and 0: the scores of the first are 0 and -1, its "
        "weights .73 and .27, it gets 1.46; the second gives each a half and gets 1. The other heads do the same.",
        "x (B, T, D) -> (B, T, 3D) -> three of (B, T, D) -> three of (B, h, T, D/h) -> context (B, h, T, D/h) -> "
        "(B, T, D) -> output (B, T, D).",
        "`projected = x @ W_in.T + b_in`",
    ),
    notebook="06",
    minutes=15,
)

EXERCISES = (MULTI_HEAD,)

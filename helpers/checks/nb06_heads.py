"""Notebook 06, split_heads and merge_heads: where each number has to land."""

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention

SIZES = (  # batch, seq, heads, d_head: all different, then equal where a wrong order of axes would hide
    *((2, 5, 3, 4), (3, 4, 2, 5), (2, 3, 3, 2), (2, 4, 2, 2), (1, 6, 3, 3), (3, 6, 2, 4)),
    *((2, 1, 4, 3), (2, 3, 1, 4), (2, 3, 4, 1)),
)


def split_cases(seed):
    """Vectors to split; the numbers of the first case say where they stand: token 1 has 10 to 13, token 2 20 to 23."""
    generator = torch.Generator().manual_seed(seed)
    paper = 10.0 * torch.arange(1, 4)[:, None] + torch.arange(4)
    return [
        (paper[None], 2),
        *((torch.randn(b, t, h * d, generator=generator), h) for b, t, h, d in SIZES),
    ]


def merge_cases(seed):
    """Heads to merge; the numbers of the first case say where they stand: head 1 has 10 to 15, head 2 20 to 25."""
    generator = torch.Generator().manual_seed(seed)
    paper = 10.0 * torch.arange(1, 3)[:, None] + torch.arange(6)
    return [
        (paper.reshape(1, 2, 3, 2),),
        *((torch.randn(b, h, t, d, generator=generator),) for b, t, h, d in SIZES),
    ]


def _pieces(x, n_heads):
    """The right pieces, before any change of axes: (batch, seq, d_model) -> (batch, seq, head, d_head)."""
    return x.unflatten(-1, (n_heads, -1))


SPLIT = {
    "view_without_transpose": Misconception(
        lambda x, n_heads: x.reshape(len(x), n_heads, x.shape[1], -1),
        "The shape is right, the numbers are not: they were only counted off anew, in the order in which they lie in "
        "memory, so the first head holds whole early tokens instead of a piece of every token.",
    ),
    "transposed_first": Misconception(
        lambda x, n_heads: x.mT.reshape(len(x), n_heads, x.shape[1], -1),
        "The shape is right, but tokens are mixed up inside the heads: the vectors have to be cut into pieces first; "
        "only then may axes change places.",
    ),
    "interleaved": Misconception(
        lambda x, n_heads: x.unflatten(-1, (-1, n_heads)).permute(0, 3, 1, 2),
        "Dealt out like cards: each head gets every n-th number of a vector. The course (and every published model) "
        "cuts the vector into slices of neighbouring numbers.",
    ),
    "count_and_width": Misconception(
        lambda x, n_heads: x.unflatten(-1, (-1, n_heads)).transpose(1, 2),
        "There are as many heads as each should have numbers, and the other way round: n_heads says *how many* pieces "
        "there are, not how wide each is.",
    ),
    "heads_behind_tokens": Misconception(
        _pieces,
        "The pieces are right, but the axes stand as batch, token, head, number. For attention among the tokens of one "
        "head, the head has to come before the token.",
    ),
    "tokens_last": Misconception(
        lambda x, n_heads: _pieces(x, n_heads).permute(0, 2, 3, 1),
        "The pieces are right, but every head has its tokens along the last axis: one column, not one row, per token.",
    ),
    "heads_last": Misconception(
        lambda x, n_heads: _pieces(x, n_heads).mT,
        "The pieces are right, but the heads lie along the last axis. The order asked for: batch, head, token, number.",
    ),
    "heads_before_batch": Misconception(
        lambda x, n_heads: _pieces(x, n_heads).permute(2, 0, 1, 3),
        "The pieces are right, one after another along a new *first* axis. Here the batch always stays first: batch, "
        "head, token, number.",
    ),
    "heads_in_the_batch": Misconception(
        lambda x, n_heads: _pieces(x, n_heads).transpose(1, 2).flatten(0, 1),
        "The pieces are right, but heads and batch share one axis (some libraries do that). Here the head keeps an "
        "axis of its own.",
    ),
    "tokens_before_batch": Misconception(
        lambda x, n_heads: _pieces(x, n_heads).transpose(0, 1),
        "The pieces are right, but batch and tokens have changed places. In the notebook's picture there was one text "
        "and no axis for a batch; here it comes first and stays there.",
    ),
    "always_two": Misconception(
        lambda x, n_heads: _pieces(x, 2).transpose(1, 2),
        "There are two heads whatever `n_heads` says: right for the example it was taken from, wrong for others.",
    ),
    "apart": Misconception(
        lambda x, n_heads: x.chunk(n_heads, dim=-1),
        "The pieces are right, but they come one by one. One tensor is asked for, with an axis for the heads.",
    ),
    "sequence_cut": Misconception(
        lambda x, n_heads: x.unflatten(1, (n_heads, -1)),
        "The *sequence* was cut: each head has some of the tokens, with their whole vectors. Every head needs all "
        "tokens and a slice of each vector.",
    ),
    "whole_vectors": Misconception(
        lambda x, n_heads: x[:, None].repeat(1, n_heads, 1, 1),
        "Every head has the whole vectors: nothing was split. Each head gets a slice of its own, as wide as the vector "
        "divided by the number of heads.",
    ),
    "first_piece": Misconception(
        lambda x, n_heads: _pieces(x, n_heads)[:, :, :1].repeat(1, 1, n_heads, 1).transpose(1, 2),
        "Every head has the same slice, the first one. Each should have its own.",
    ),
}

MERGE = {
    "reshape_without_transpose": Misconception(
        lambda x: x.reshape(len(x), x.shape[2], -1),
        "The shape is right, the numbers are not: they were only counted off anew, in the order in which they lie in "
        "memory, so a row mixes tokens. The pieces of one token lie far apart there; first bring them together.",
    ),
    "interleaved": Misconception(
        lambda x: x.permute(0, 2, 3, 1).flatten(2),
        "Shuffled like cards: the first numbers of all heads, then the second ones. The pieces should stay whole, head "
        "after head.",
    ),
    "averaged": Misconception(
        lambda x: x.mean(dim=1),
        "The heads were averaged, so what each of them found is lost. Merging puts the pieces side by side and keeps "
        "every number.",
    ),
    "summed": Misconception(
        lambda x: x.sum(dim=1),
        "The heads were added up, so what each of them found is lost. Merging puts the pieces side by side and keeps "
        "every number.",
    ),
    "below_each_other": Misconception(
        lambda x: x.flatten(1, 2),
        "The heads stand below each other: more rows than tokens. They belong side by side, so that each token has one "
        "row again.",
    ),
    "in_the_batch": Misconception(
        lambda x: x.transpose(0, 1).flatten(0, 1),
        "The heads were put behind each other along the batch. They belong side by side within the row of a token.",
    ),
    "tokens_joined": Misconception(
        lambda x: x.flatten(2),
        "The tokens of each head were joined into one long row. What belongs together are the heads of each token.",
    ),
    "not_flattened": Misconception(
        lambda x: x.transpose(1, 2),
        "Almost: each token has its pieces together, but they still have an axis of their own. One row per token is "
        "asked for.",
    ),
    "heads_last": Misconception(
        lambda x: x.permute(0, 2, 3, 1),
        "The heads lie along a new last axis, so each number stands beside the same number of the other heads. One row "
        "per token is asked for, the pieces whole, one after the other.",
    ),
    "tokens_last": Misconception(
        lambda x: x.mT.flatten(1, 2),
        "The right numbers with rows and columns exchanged: one column per token, where one row is asked for.",
    ),
    "one_row_per_piece": Misconception(
        lambda x: x.transpose(1, 2).flatten(1, 2),
        "The pieces are in the right order, but each has its own row. The pieces of one token belong into one row: "
        "as many rows as tokens.",
    ),
    "numbers_and_tokens": Misconception(
        lambda x: x.mT.reshape(len(x), x.shape[2], -1),
        "The shape is right, but it was tokens and *numbers* that changed places, and the pieces fell apart. Which two "
        "axes keep the pieces of one token from lying next to each other?",
    ),
    "first_head": Misconception(
        lambda x: x[:, 0],
        "Only the first head is left. All heads belong into the row, side by side.",
    ),
    "backwards": Misconception(
        lambda x: x.flip(1).transpose(1, 2).flatten(2),
        "The pieces stand side by side, but from the last head to the first.",
    ),
}

EXERCISES = (
    Exercise(
        name="split_heads",
        reference=attention.split_heads,
        returns=("heads",),
        cases=split_cases,
        misconceptions=SPLIT,
        twin=lambda x, n_heads: torch.stack(x.chunk(n_heads, dim=-1), dim=1),
        forbidden=(attention.split_heads,),
        hints=(
            "One text, three tokens of four numbers, two heads: token 1 is 10 11 12 13, token 2 is 20 21 22 23, token "
            "3 is 30 31 32 33. Head 1 gets 10 11, 20 21, 30 31; head 2 gets 12 13, 22 23, 32 33.",
            "x (B, T, D) -> cut each vector: (B, T, h, D/h) -> two axes change places: (B, h, T, D/h).",
            "`batch, seq, d_model = x.shape`",
        ),
        notebook="06",
        minutes=6,
        class_time=True,
    ),
    Exercise(
        name="merge_heads",
        reference=attention.merge_heads,
        returns=("x",),
        cases=merge_cases,
        misconceptions=MERGE,
        twin=lambda x: torch.cat(x.unbind(dim=1), dim=-1),
        forbidden=(attention.merge_heads,),
        hints=(
            "Two heads, three tokens, two numbers each: head 1 is 10 11, 12 13, 14 15; head 2 is 20 21, 22 23, 24 25. "
            "Token 1 becomes 10 11 20 21, token 2 becomes 12 13 22 23.",
            "x (B, h, T, d) -> the pieces of a token next to each other: (B, T, h, d) -> one row each: (B, T, h d).",
            "`batch, n_heads, seq, d_head = x.shape`",
        ),
        notebook="06",
        minutes=4,
    ),
)

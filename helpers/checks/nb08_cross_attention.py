"""Notebook 08, cross_attention."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention

# batch, target, source, d_key, d_model: all different; then equal where a mix-up would only show in the numbers
SIZES = (2, 4, 6, 3, 5), (3, 2, 5, 7, 4), (2, 4, 4, 3, 3), (3, 3, 3, 4, 4), (1, 5, 2, 4, 6), (2, 3, 4, 6, 6)


def cases(seed):
    """Soft weights, so that a wrong scale is seen; for paper: one target word asks two source words, W_k swaps."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, target, source, d_key, d_model):
        shapes = (batch, target, d_model), (batch, source, d_model), (d_key, d_model), (d_key, d_model)
        decoder, encoder, W_q, W_k = (torch.randn(shape, generator=generator) for shape in shapes)
        scores = (decoder @ W_q.T) @ (encoder @ W_k.T).mT / math.sqrt(d_key)
        return decoder, encoder, W_q / scores.abs().max(), W_k, torch.randn(d_model, d_model, generator=generator)

    same, swap = torch.eye(2), torch.eye(2).flip(0)
    paper = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0], [2.0, 0.0]]]), same, swap, 3 * same
    return [paper, *(case(*size) for size in SIZES)]


def _softmax(scores):
    return scores.softmax(dim=-1)


def _attend(q, k, v, weights=_softmax, scale=None):
    return weights(q @ k.mT / (math.sqrt(k.shape[-1]) if scale is None else scale)) @ v


def _from(query="decoder", key="encoder", value="encoder"):
    """Attention with the right matrices, applied to these texts."""

    def wrong(decoder, encoder, W_q, W_k, W_v):
        texts = {"decoder": decoder, "encoder": encoder}
        return _attend(texts[query] @ W_q.T, texts[key] @ W_k.T, texts[value] @ W_v.T)

    return wrong


def _weighing(weights=_softmax, scale=lambda decoder, encoder, W_q: None):
    """Right projections, another scale or other weights."""

    def wrong(decoder, encoder, W_q, W_k, W_v):
        q, k, v = decoder @ W_q.T, encoder @ W_k.T, encoder @ W_v.T
        return _attend(q, k, v, weights, scale(decoder, encoder, W_q))

    return wrong


def _causal(scores):
    return scores.masked_fill(~torch.ones(scores.shape[-2:], dtype=torch.bool).tril(), -math.inf).softmax(dim=-1)


def _right(decoder, encoder, W_q, W_k, W_v):
    return _from()(decoder, encoder, W_q, W_k, W_v)


def _weights(decoder, encoder, W_q, W_k, W_v):
    return (decoder @ W_q.T @ (encoder @ W_k.T).mT / math.sqrt(len(W_q))).softmax(dim=-1)


def _both_texts(decoder, encoder, W_q, W_k, W_v):
    return _right(decoder, torch.cat([encoder, decoder], dim=1), W_q, W_k, W_v)


MISCONCEPTIONS = {
    "queries_from_the_encoder": Misconception(
        _from(query="encoder", key="decoder", value="decoder"),
        "The two texts have changed places: every word of the *source* asks, and there is one row for each of them. "
        "Who is writing, and has to know something?",
    ),
    "self_attention": Misconception(
        _from(key="decoder", value="decoder"),
        "Queries, keys and values all come from the decoder: the text being written only listens to itself, and the "
        "source has no influence.",
    ),
    "encoder_only": Misconception(
        _from(query="encoder"),
        "Queries, keys and values all come from the encoder: the source listens to itself, and what has been written "
        "has no influence.",
    ),
    "keys_from_the_decoder": Misconception(
        _from(key="decoder"),
        "The keys come from the decoder, so the weights say how its words match each other; they are then laid on the "
        "source, whose length need not fit.",
    ),
    "values_from_the_decoder": Misconception(
        _from(value="decoder"),
        "The values come from the decoder: the weights say where to look in the source, and then something else is "
        "mixed. Where lengths differ it cannot work at all.",
    ),
    "asking_encoder_answering_decoder": Misconception(
        _from(query="encoder", key="decoder"),
        "Queries come from the encoder and keys from the decoder: the rows of the weights belong to the wrong text.",
    ),
    "both_texts": Misconception(
        _both_texts,
        "Keys and values come from both texts, one behind the other. To itself the decoder listens in another step of "
        "its block; here only the source answers.",
    ),
    "matrices_swapped": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_k, W_q, W_v),
        "The three matrices have changed places: `W_q` makes queries, `W_k` keys, `W_v` values.",
        also=(
            lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_q, W_v, W_k),
            lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_v, W_k, W_q),
            lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_k, W_v, W_q),
            lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_v, W_q, W_k),
        ),
    ),
    "values_by_W_k": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_q, W_k, W_k),
        "What the weights mix are the keys. The values have a matrix of their own.",
    ),
    "keys_by_W_q": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder, W_q, W_q, W_v),
        "Queries and keys were made with the same matrix, `W_q`: `W_k` has no influence.",
    ),
    "W_v_twice": Misconception(
        lambda *arguments: _right(*arguments) @ arguments[4].T,
        "The mixed values went through `W_v` once more. It makes the values out of the source; nothing comes after the "
        "mixing.",
    ),
    "values_not_projected": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder @ W_q.T, encoder @ W_k.T, encoder),
        "What the weights mix are the encoder's vectors as they are: `W_v` has no influence.",
    ),
    "not_projected": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder, encoder, encoder),
        "The bare vectors of both texts were used: none of the three matrices has any influence.",
    ),
    "queries_not_projected": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder, encoder @ W_k.T, encoder @ W_v.T),
        "The decoder's vectors ask as they are: `W_q` has no influence, and the widths need not fit.",
    ),
    "keys_not_projected": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder @ W_q.T, encoder, encoder @ W_v.T),
        "The encoder's vectors are compared as they are: `W_k` has no influence, and the widths need not fit.",
    ),
    "not_transposed": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder @ W_q, encoder @ W_k, encoder @ W_v),
        "A matrix is applied the other way round, which only works where it is square. Weights are stored (out, in), "
        "as torch stores them.",
        also=(
            lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder @ W_q, encoder @ W_k.T, encoder @ W_v.T),
            lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder @ W_q.T, encoder @ W_k, encoder @ W_v.T),
        ),
    ),
    "W_v_not_transposed": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _attend(decoder @ W_q.T, encoder @ W_k.T, encoder @ W_v),
        "Queries and keys are right, but `W_v` is applied the other way round. Weights are stored (out, in).",
    ),
    "no_scale": Misconception(
        _weighing(scale=lambda decoder, encoder, W_q: 1),
        "The scores are not scaled, so the softmax is too sharp. Attention to another text is scaled as any other.",
    ),
    "scaled_by_root_of_d_model": Misconception(
        _weighing(scale=lambda decoder, encoder, W_q: math.sqrt(decoder.shape[-1])),
        "The scale uses the width of the texts' vectors. A score is a sum over the width of query and key, and that is "
        "another one here.",
    ),
    "divided_by_d_key": Misconception(
        _weighing(scale=lambda decoder, encoder, W_q: len(W_q)),
        "The scores are divided by the width of the queries itself, which is too much: the spread of a dot product "
        "grows with the root of the width.",
    ),
    "scaled_by_length": Misconception(
        _weighing(scale=lambda decoder, encoder, W_q: math.sqrt(encoder.shape[1])),
        "The scale uses the length of the source. A score is a sum over the width of query and key; how many words "
        "there are does not matter.",
        also=(_weighing(scale=lambda decoder, encoder, W_q: math.sqrt(decoder.shape[1])),),
    ),
    "multiplied_by_the_scale": Misconception(
        _weighing(scale=lambda decoder, encoder, W_q: 1 / math.sqrt(len(W_q))),
        "The scores are made larger by the scale instead of smaller: multiplied where they should be divided.",
    ),
    "scaled_after": Misconception(
        lambda *arguments: _weighing(scale=lambda *rest: 1)(*arguments) / math.sqrt(len(arguments[2])),
        "The scale comes after the softmax, which makes the output smaller and the weights no softer. It belongs to "
        "the scores.",
    ),
    "over_the_queries": Misconception(
        _weighing(lambda scores: scores.softmax(dim=-2)),
        "The softmax ran over the target's words: the weights of each *source* word sum to 1. Each word that asks "
        "shares out its own attention.",
    ),
    "over_the_batch": Misconception(
        _weighing(lambda scores: scores.softmax(dim=0)),
        "The softmax ran over the batch, so that the texts compete with each other. It belongs along the source.",
    ),
    "no_softmax": Misconception(
        _weighing(lambda scores: scores),
        "The softmax is missing: the values are mixed with bare scores, which may be negative and sum to anything.",
    ),
    "even": Misconception(
        _weighing(lambda scores: torch.full_like(scores, 1 / scores.shape[-1])),
        "Every word of the source gets the same weight, so all target words hear the plain average.",
    ),
    "causal": Misconception(
        _weighing(_causal),
        "Each target word sees the source only up to its own place. The source is there from the start: there is no "
        "future in it to be hidden.",
    ),
    "residual": Misconception(
        lambda decoder, *rest: decoder + _right(decoder, *rest),
        "The decoder's vectors were added to the output. The block does that around this step; here it is too early.",
    ),
    "weights_returned": Misconception(
        _weights,
        "These are the weights: one row for each target word, one column for each source word. The values are still to "
        "be mixed with them.",
    ),
    "both_returned": Misconception(
        lambda *arguments: (_right(*arguments), _weights(*arguments)),
        "The output is right, but the weights came with it. Only the output is asked for.",
    ),
    "first_text_only": Misconception(
        lambda decoder, encoder, W_q, W_k, W_v: _right(decoder, encoder[:1], W_q, W_k, W_v),
        "All texts of the batch listen to the *first* source. Each has a source of its own.",
    ),
}


def torchs(decoder, encoder, W_q, W_k, W_v):
    """The same by torch's fused kernel."""
    return F.scaled_dot_product_attention(decoder @ W_q.T, encoder @ W_k.T, encoder @ W_v.T)


CROSS_ATTENTION = Exercise(
    name="cross_attention",
    reference=attention.cross_attention,
    returns=("output",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=torchs,
    forbidden=(
        *(attention.cross_attention, attention.MultiHeadAttention),
        *(nn.MultiheadAttention, F.multi_head_attention_forward),
    ),
    hints=(
        "One writes a text and asks, the other has read a text and answers. In the first case the writer's only "
        "word is (1, 0). The reader has (0, 1) and (2, 0), whose keys are (1, 0) and (0, 2): scores .71 and 0, "
        "weights .67 and .33, mixed from the values (0, 3) and (6, 0) to (1.98, 2.01).",
        "queries (B, Tt, d); keys (B, Ts, d) and values (B, Ts, D); scores (B, Tt, Ts); output (B, Tt, D).",
        "`q = decoder @ W_q.T`",
    ),
    notebook="08",
    minutes=8,
)

EXERCISES = (CROSS_ATTENTION,)

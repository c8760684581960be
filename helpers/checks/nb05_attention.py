"""Notebook 05, scaled_dot_product_attention."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention


def cases(seed):
    """Sizes that differ wherever they can, and one square case; no weight above 0.9, which would hide a wrong scale."""
    generator = torch.Generator().manual_seed(seed)

    def case(n_queries, n_keys, d_key, d_value):
        sizes = (n_queries, d_key), (n_keys, d_key), (n_keys, d_value)
        query, key, value = (torch.randn(*size, generator=generator) for size in sizes)
        largest = (query @ key.T).abs().max() / math.sqrt(d_key)
        return query / largest, key, value  # every scaled score between -1 and 1

    query = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    key = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    value = torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 3.0]])
    sizes = (3, 5, 4, 2), (5, 3, 8, 3), (1, 4, 2, 5), (4, 1, 3, 2), (4, 4, 4, 4), (2, 6, 16, 1), (3, 4, 1, 2)
    return [(query, key, value), *(case(*size) for size in sizes)]


def _attend(scores, value):
    weights = torch.softmax(scores, dim=-1)
    return weights @ value, weights


def _scores(query, key):
    return query @ key.T / math.sqrt(query.shape[-1])


def _mixed(weights_of):
    """A wrong way from the scaled scores to weights -> the attention built on it."""

    def wrong(query, key, value):
        weights = weights_of(_scores(query, key))
        return weights @ value, weights

    return wrong


def _right(query, key, value):
    return _attend(_scores(query, key), value)


def _fixed_scale(scale):
    return lambda query, key, value: _attend(query @ key.T / scale, value)


def _causal(query, key, value):
    scores = _scores(query, key)
    return _attend(scores.masked_fill(~torch.ones_like(scores, dtype=torch.bool).tril(), -math.inf), value)


def _scale_after(query, key, value):
    weights = torch.softmax(query @ key.T, dim=-1) / math.sqrt(query.shape[-1])
    return weights @ value, weights


MISCONCEPTIONS = {
    "no_scale": Misconception(
        lambda query, key, value: _attend(query @ key.T, value),
        "The scores are not scaled. Dot products grow with the width of the vectors, and without the scale the softmax "
        "is too sharp: one key takes nearly everything.",
    ),
    "divided_by_d": Misconception(
        lambda query, key, value: _attend(query @ key.T / query.shape[-1], value),
        "The scores are divided by d_key itself, which is too much: the weights come out too even. The spread of a dot "
        "product grows with the root of the width.",
    ),
    "half_outside_the_power": Misconception(
        lambda query, key, value: _attend(query @ key.T / (query.shape[-1] ** 1 / 2), value),
        "The scores are divided by half the width, or by twice the width, not by its root. In Python a power binds "
        "closer than a division: the exponent ends before the `/`.",
        also=(lambda query, key, value: _attend(query @ key.T / query.shape[-1] ** 1 / 2, value),),
    ),
    "cosines": Misconception(
        lambda query, key, value: _attend(F.normalize(query) @ F.normalize(key).T, value),
        "The scores are cosines: the lengths of queries and keys were divided away. A score is the whole dot product, "
        "divided by one number that is the same for all.",
        also=(
            lambda query, key, value: _attend(
                F.normalize(query) @ F.normalize(key).T / math.sqrt(query.shape[-1]), value
            ),
        ),
    ),
    "multiplied_by_root_d": Misconception(
        lambda query, key, value: _attend(query @ key.T * math.sqrt(query.shape[-1]), value),
        "The scores are made larger by the scale instead of smaller: multiplied where they should be divided.",
    ),
    "scaled_by_d_value": Misconception(
        lambda query, key, value: _attend(query @ key.T / math.sqrt(value.shape[-1]), value),
        "The scale uses the width of the values. The scores are products of queries and keys: it is their width that "
        "counts.",
    ),
    "scaled_by_n_keys": Misconception(
        lambda query, key, value: _attend(query @ key.T / math.sqrt(key.shape[0]), value),
        "The scale uses the number of keys. A score is a sum over the width of query and key; how many keys there are "
        "does not matter.",
    ),
    "fixed_scale": Misconception(
        _fixed_scale(math.sqrt(2)),
        "The scores are divided by the same number, however wide the vectors are. It was right for the example it was "
        "taken from; here queries and keys of many widths come.",
        also=(_fixed_scale(2), _fixed_scale(8), _fixed_scale(math.sqrt(3))),
    ),
    "scaled_by_n_queries": Misconception(
        lambda query, key, value: _attend(query @ key.T / math.sqrt(query.shape[0]), value),
        "The scale uses the number of queries. A score is a sum over the width of query and key; how many queries "
        "there are does not matter.",
    ),
    "scaled_after": Misconception(
        _scale_after,
        "The scale comes after the softmax, so the rows no longer sum to 1. It belongs to the scores.",
    ),
    "over_the_queries": Misconception(
        _mixed(lambda scores: torch.softmax(scores, dim=0)),
        "Each column sums to 1, not each row: the softmax ran over the queries. Each query shares out its attention "
        "over the keys.",
    ),
    "one_softmax": Misconception(
        _mixed(lambda scores: torch.softmax(scores.flatten(), dim=0).reshape(scores.shape)),
        "All weights together sum to 1: the softmax ran over the whole matrix. Each query has a whole of its own to "
        "share out.",
    ),
    "roles_swapped": Misconception(
        lambda query, key, value: _right(key, query, value),
        "Queries and keys have changed places: the rows of the weights belong to the keys. One row for each query.",
    ),
    "not_transposed": Misconception(
        lambda query, key, value: _attend(query @ key / math.sqrt(query.shape[-1]), value),
        "Queries and keys are multiplied as they stand, which only works when both are square, and means nothing then. "
        "A score is the dot product of one row of query with one row of key.",
    ),
    "weights_transposed": Misconception(
        lambda query, key, value: (_right(query, key, value)[1].T @ value, _right(query, key, value)[1]),
        "The weights are right, but the values are mixed with the weights' columns. Row i of the context uses row i of "
        "the weights.",
    ),
    "weights_times_value": Misconception(
        lambda query, key, value: (_right(query, key, value)[1] * value, _right(query, key, value)[1]),
        "The weights are right, but `*` multiplies them with the values place by place, which hardly ever fits. A row "
        "of the context is a sum: every row of value, taken as often as its weight says.",
    ),
    "value_first": Misconception(
        lambda query, key, value: (value @ _right(query, key, value)[1], _right(query, key, value)[1]),
        "The weights are right, but value stands on the wrong side of the product: rows of value meet columns of the "
        "weights. One row of weights makes one row of the context.",
    ),
    "scores_mixed": Misconception(
        lambda query, key, value: (_scores(query, key) @ value, _right(query, key, value)[1]),
        "The weights are right, but the context was mixed with the scores, from before the softmax.",
    ),
    "softmax_last": Misconception(
        lambda query, key, value: (torch.softmax(_scores(query, key) @ value, dim=-1), _right(query, key, value)[1]),
        "The scores have mixed the values, and the softmax came after that: each row of the context sums to 1. The "
        "softmax belongs in between, where scores become weights.",
        also=(lambda query, key, value: (torch.softmax(_scores(query, key) @ value, dim=-1), _scores(query, key)),),
    ),
    "causal": Misconception(
        _causal,
        "Each query sees only the keys up to its own place. That is the mask of notebook 07; here every query may "
        "attend to all keys.",
    ),
    "keys_mixed": Misconception(
        lambda query, key, value: _right(query, key, key),
        "The weights are right, but they mix the keys. What is mixed are the values: keys only decide how much of "
        "each.",
    ),
    "scores_returned": Misconception(
        lambda query, key, value: (_right(query, key, value)[0], _scores(query, key)),
        "The context is right, but what comes with it are the scores. The weights are what the softmax made of them: "
        "each row sums to 1.",
    ),
    "no_softmax": Misconception(
        _mixed(lambda scores: scores),
        "The softmax is missing: the values are mixed with the bare scores, which may be negative and sum to anything.",
    ),
    "not_normalised": Misconception(
        _mixed(torch.exp),
        "The weights are the exponentials of the scores, but the rows do not sum to 1: half of the softmax is missing.",
    ),
    "sigmoid": Misconception(
        _mixed(torch.sigmoid),
        "Each score went through a sigmoid on its own. In attention the keys compete: the weights of a row share a "
        "total of 1.",
    ),
    "hard": Misconception(
        _mixed(lambda scores: F.one_hot(scores.argmax(dim=-1), scores.shape[-1]).float()),
        "Each query takes its best key only. Attention is a soft choice: the other keys keep a share (and a gradient).",
    ),
    "even": Misconception(
        _mixed(lambda scores: torch.full_like(scores, 1 / scores.shape[-1])),
        "Every key gets the same weight, so each query takes the plain average: the scores have no influence.",
    ),
    "order_of_results": Misconception(
        lambda query, key, value: _right(query, key, value)[::-1],
        "Both results are right, in the wrong order: `weights, context` came back, where `context, weights` is "
        "expected.",
    ),
    "context_only": Misconception(
        lambda query, key, value: _right(query, key, value)[0],
        "The context is right, but it comes alone. Return the weights as well: `context, weights`.",
    ),
    "weights_only": Misconception(
        lambda query, key, value: _right(query, key, value)[1],
        "The weights are right, but the values are still to be mixed with them. Return both: `context, weights`.",
    ),
}

ATTENTION = Exercise(
    name="scaled_dot_product_attention",
    reference=attention.scaled_dot_product_attention,
    returns=("context", "weights"),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=F.scaled_dot_product_attention,  # returns the context alone
    forbidden=(
        attention.scaled_dot_product_attention,
        attention.MultiHeadAttention,
        F.scaled_dot_product_attention,
        F.multi_head_attention_forward,
        nn.MultiheadAttention,
        torch.ops.aten.scaled_dot_product_attention,
    ),
    hints=(
        "Query (2, 0, 0, 0) meets keys (1, 0, 0, 0), (0, 1, 0, 0), (1, 1, 0, 0): dot products 2, 0, 2; the width is 4, "
        "so the scores are 1, 0, 1; the softmax makes .42, .16, .42; these weights mix the three values into one.",
        "query (Tq, dk) and key (Tk, dk) -> scores (Tq, Tk) -> weights (Tq, Tk), rows sum to 1; with value (Tk, dv) -> "
        "context (Tq, dv).",
        "`scores = query @ key.T` is the beginning; what is missing before the softmax?",
    ),
    notebook="05",
    minutes=10,
    class_time=True,
)

EXERCISES = (ATTENTION,)

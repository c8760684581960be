"""Notebook 07, causal_attention: where the mask goes."""

import math

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention


def cases(seed):
    """Sizes that differ, then some that agree, where a wrong axis would hide; no scaled score beyond 1."""
    generator = torch.Generator().manual_seed(seed)

    def case(seq, d_key, d_value):
        sizes = (seq, d_key), (seq, d_key), (seq, d_value)
        query, key, value = (torch.randn(*size, generator=generator) for size in sizes)
        return query * math.sqrt(d_key) / (query @ key.T).abs().max(), key, value

    query = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    key = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    sizes = (5, 3, 2), (4, 6, 3), (3, 4, 3), (4, 4, 4), (1, 2, 3), (6, 2, 1), (2, 16, 5)
    return [(query, key, torch.tensor([[1.0], [3.0], [8.0]])), *(case(*size) for size in sizes)]


def _scores(query, key):
    return query @ key.T / math.sqrt(query.shape[-1])


def _past(scores, diagonal=0):
    return torch.ones_like(scores, dtype=torch.bool).tril(diagonal)


def _mixed(weights_of, scores_of=_scores):
    """A wrong way from scores to weights -> the attention built on it."""
    return lambda query, key, value: weights_of(scores_of(query, key)) @ value


def _filled(allowed_of, number=-math.inf, dim=-1):
    """Weights from scores whose forbidden places hold a number."""
    return lambda scores: scores.masked_fill(~allowed_of(scores), number).softmax(dim=dim)


def _causal(scores):
    return _filled(_past)(scores)


def _inverted(scores):
    return ~_past(scores)


def _later(scores):
    return torch.ones_like(scores, dtype=torch.bool).triu()


def _earlier(scores):
    return _past(scores, -1)


def _by_columns(scores):
    masked = scores.softmax(dim=-1) * _past(scores)
    return masked / masked.sum(dim=0)


MISCONCEPTIONS = {
    "no_mask": Misconception(
        _mixed(lambda scores: scores.softmax(dim=-1)),
        "No mask at work: every word listens to the words after it as well.",
    ),
    "after_the_softmax": Misconception(
        _mixed(lambda scores: scores.softmax(dim=-1) * _past(scores)),
        "The mask came after the softmax, so the rows no longer sum to 1: what the future got is lost, not shared out "
        "among the past.",
    ),
    "infinity_as_a_weight": Misconception(
        _mixed(lambda scores: scores.softmax(dim=-1).masked_fill(~_past(scores), -math.inf)),
        "Minus infinity stands among the *weights*: it came after the softmax, and mixes itself into the values. It "
        "hides a score.",
    ),
    "score_times_mask": Misconception(
        _mixed(_filled(_past, 0.0)),
        "The forbidden scores are 0, and a score of 0 still gets a weight: exp(0) = 1. Which score becomes weight 0?",
    ),
    "small_penalty": Misconception(
        _mixed(_filled(_past, -1.0)),
        "The forbidden scores became a little smaller, but they still get some weight. Only a score far below all "
        "others gets none.",
    ),
    "mask_added": Misconception(
        _mixed(lambda scores: (scores + _past(scores)).softmax(dim=-1)),
        "The mask was added as numbers: True counts as 1, so the allowed scores went up by one and nothing is hidden.",
    ),
    "large_instead_of_small": Misconception(
        _mixed(_filled(_past, 1e9)),
        "The forbidden words take nearly all the weight: their scores were made very large. Large the other way?",
        also=(_mixed(_filled(_past, math.inf)),),
    ),
    "inverted": Misconception(
        _mixed(_filled(_inverted)),
        "What is allowed was hidden, and what is forbidden was kept: each word listens only to what comes after it. "
        "The last word has nothing left.",
        also=(_mixed(_filled(_inverted, -1e9)),),
    ),
    "ahead": Misconception(
        _mixed(_filled(_later)),
        "Each word listens to itself and to what comes after it. Rows are queries, columns are keys.",
    ),
    "without_itself": Misconception(
        _mixed(_filled(_earlier)),
        "No word may listen to itself, so the first one has nothing at all to listen to.",
        also=(_mixed(_filled(_earlier, -1e9)),),
    ),
    "one_ahead": Misconception(
        _mixed(_filled(lambda scores: _past(scores, 1))),
        "Each word still hears one word of the future, the one right after it.",
    ),
    "even": Misconception(
        _mixed(lambda scores: _past(scores) / _past(scores).sum(dim=-1, keepdim=True)),
        "Each word takes the plain average of the words up to its own: the scores have no influence.",
    ),
    "softmax_twice": Misconception(
        _mixed(lambda scores: _causal(scores.softmax(dim=-1))),
        "Two softmaxes, one before the mask and one after it: the second one takes weights for scores, and the result "
        "is nearly even. One, after the mask, is enough.",
    ),
    "renormalised_by_columns": Misconception(
        _mixed(_by_columns),
        "After the mask, each column was made to sum to 1. It is each row that shares out a whole.",
    ),
    "over_the_queries": Misconception(
        _mixed(_filled(_past, dim=0)),
        "The softmax ran over the queries: each column of the weights sums to 1, not each row.",
    ),
    "no_softmax": Misconception(
        _mixed(lambda scores: scores.tril()),
        "The softmax is missing: masked scores mix the values as they are, and they may be negative or infinite.",
        also=(_mixed(lambda scores: scores.masked_fill(~_past(scores), -math.inf)),),
    ),
    "zero_times_infinity": Misconception(
        _mixed(lambda scores: (scores + ~_past(scores) * -math.inf).softmax(dim=-1)),
        "Nothing but NaN. Was infinity multiplied by a mask? 0 times infinity is no number. Or are whole rows minus "
        "infinity? Then their softmax has nothing to share out.",
    ),
    "context_masked": Misconception(
        lambda query, key, value: (_scores(query, key).softmax(dim=-1) @ value).tril(),
        "The mask fell on the context: some of its numbers are 0, and the others have heard the future already. Hide "
        "scores, before anything is mixed.",
    ),
    "no_scale": Misconception(
        _mixed(_causal, lambda query, key: query @ key.T),
        "The mask is right, but the scores are not scaled (notebook 05).",
    ),
    "divided_by_d": Misconception(
        _mixed(_causal, lambda query, key: query @ key.T / query.shape[-1]),
        "The mask is right, but the scores are divided by the width itself, which is too much.",
    ),
    "scaled_by_length": Misconception(
        _mixed(_causal, lambda query, key: query @ key.T / math.sqrt(len(query))),
        "The mask is right, but the scale uses the number of words. A score is a sum over the width.",
    ),
    "scaled_by_the_values": Misconception(
        lambda query, key, value: _causal(query @ key.T / math.sqrt(value.shape[-1])) @ value,
        "The mask is right, but the scale uses the width of the values. A score is a sum over the width of query and "
        "key, and theirs is another one here.",
    ),
    "roles_swapped": Misconception(
        _mixed(_causal, lambda query, key: _scores(key, query)),
        "Queries and keys have changed places: row i belongs to query i.",
    ),
    "transposed": Misconception(
        _mixed(lambda scores: _causal(scores).T),
        "The weights are right, but the values were mixed with their columns. Row i of the context uses row i.",
    ),
    "keys_mixed": Misconception(
        lambda query, key, value: _causal(_scores(query, key)) @ key,
        "The weights are right, but they mix the keys. What is mixed are the values.",
    ),
    "weights_returned": Misconception(
        lambda query, key, value: _causal(_scores(query, key)),
        "These are the weights, and they are right. Now mix the values with them.",
    ),
    "both_returned": Misconception(
        lambda query, key, value: (_causal(_scores(query, key)) @ value, _causal(_scores(query, key))),
        "The context is right, and the weights came with it. Here the context alone is asked for.",
    ),
}

ATTENTION = Exercise(
    name="causal_attention",
    reference=attention.causal_attention,
    returns=("context",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=lambda query, key, value: F.scaled_dot_product_attention(query[None], key[None], value[None], is_causal=True)[
        0
    ],
    forbidden=(attention.causal_attention, F.scaled_dot_product_attention),
    hints=(
        "In the first case the first word can only keep its own value, 1. The second has scores 0 and 1, weights .27 "
        "and .73, and gets 2.46. The third has three scores of 0, and gets the average, 4.",
        "query (T, d) and key (T, d) -> scores (T, T) -> forbidden ones hidden (T, T) -> weights (T, T); "
        "with value (T, v) -> context (T, v).",
        "`scores = query @ key.T / query.shape[-1] ** 0.5`; what must a forbidden score become, so that the softmax "
        "gives it nothing?",
    ),
    notebook="07",
    minutes=7,
    class_time=True,
)

EXERCISES = (ATTENTION,)

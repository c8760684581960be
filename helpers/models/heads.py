"""Find heads with a job by a score: how much weight does a head give exactly where the job wants it?

A job turns the tokens of a text into pairs (query_pos, key_pos); a head's score is its mean weight on these pairs, over
all texts. 1 means: does nothing else. A head that spreads its attention evenly over n tokens scores 1 / n.

Source: Clark et al. 2019, "What Does BERT Look At?", section 4, which also counts how often a head's largest weight is
right; a mean needs no threshold.
"""

import itertools
import math
from collections.abc import Callable

import torch

from helpers.arguments import expect_count, expect_strings, expect_type
from helpers.shapes import expect_finite, expect_floats, expect_shape

MARKS = ("[CLS]", "[SEP]", "[PAD]")  # tokens that are no part of the text


def word_positions(tokens):
    """The positions of the tokens that belong to the text.

    >>> word_positions(["[CLS]", "the", "dog", "[SEP]"])
    [1, 2]
    """
    return [i for i, token in enumerate(expect_strings("tokens", tokens)) if token not in MARKS]


def neighbour(offset):
    """A job: look at the token so many places further on (-1: the one before), where that is one of the text.

    >>> neighbour(-1)(["[CLS]", "the", "dog", "[SEP]"])
    [(2, 1)]
    """
    offset = expect_count("offset", offset, least=-math.inf)

    def job(tokens):
        words = word_positions(tokens)
        return [(i, i + offset) for i in words if i + offset in words]

    return job


def rest(tokens):
    """A job: look at the first token, [CLS].

    >>> rest(["[CLS]", "the", "dog", "[SEP]"])
    [(1, 0), (2, 0)]
    """
    return [(i, 0) for i in word_positions(tokens)]


def links(pairs):
    """A job: from the first word of each pair to the second.

    Raises:
        ValueError: a word that a text does not have exactly once.

    >>> links("big dog, red dog")(["[CLS]", "big", "red", "dog", "[SEP]"])
    [(1, 3), (2, 3)]
    """
    expect_type("pairs", pairs, str)
    words = [pair.split() for pair in pairs.split(", ")]
    if wrong := [pair for pair in words if len(pair) != 2]:
        raise ValueError(f'pairs: expected two words in each, such as "big dog, red dog"; got "{" ".join(wrong[0])}"')

    def job(tokens):
        for word in itertools.chain(*words):
            if tokens.count(word) != 1:
                raise ValueError(f'pairs: "{word}" stands {tokens.count(word)} times in {" ".join(tokens)}, not once')
        return [(tokens.index(word), tokens.index(other)) for word, other in words]

    return job


def at_distance(job, least, most):
    """The same job, only where the two are between ``least`` and ``most`` places apart.

    >>> at_distance(links("big dog, red dog"), 2, 9)(["[CLS]", "big", "red", "dog", "[SEP]"])
    [(1, 3)]
    """
    expect_type("job", job, Callable)
    least = expect_count("least", least, least=0)
    most = expect_count("most", most, least=least)
    return lambda tokens: [(i, j) for i, j in job(tokens) if least <= abs(j - i) <= most]


def head_scores(readings, jobs):
    """How much each head gives where the job wants it, averaged over all pairs of all texts.

    Args:
        readings: for each text (tokens, weights), the weights (layer, head, query_pos, key_pos).
        jobs: a job, or a list with one for each text.

    Returns:
        (layer, head)

    Raises:
        ValueError: weights that do not fit their tokens, or no pair at all.

    >>> back = torch.eye(3).roll(-1, dims=1)  # row i has its 1 in column i - 1
    >>> head_scores([(["a", "b", "c"], torch.stack([back, torch.eye(3)])[None])], neighbour(-1)).tolist()
    [[1.0, 0.0]]
    """
    pairs = readings if isinstance(readings, list | tuple) else ()
    if not pairs or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise ValueError(f"readings: expected (tokens, weights) for each text, got {readings!r:.60}")
    jobs = [jobs] * len(readings) if callable(jobs) else jobs
    if not isinstance(jobs, list | tuple) or len(jobs) != len(readings) or not all(map(callable, jobs)):
        raise ValueError(f"jobs: expected a job, or one for each of {len(readings)} texts; got {jobs!r:.60}")
    found = []
    for (tokens, weights), job in zip(readings, jobs, strict=True):
        expect_floats(weights=weights)
        n = len(tokens)
        expect_shape("weights of readings", weights, "layer head query_pos key_pos", query_pos=n, key_pos=n)
        pairs = torch.tensor(job(tokens), dtype=torch.long).reshape(-1, 2)
        found.append(weights[:, :, pairs[:, 0], pairs[:, 1]])
    if not sum(one.shape[-1] for one in found):
        raise ValueError("jobs: no pair in any of the texts, so there is nothing to average")
    return torch.cat(found, dim=-1).mean(dim=-1)


def best_head(scores):
    """The head with the highest score, both counted from 1: (layer, head) -> layer, head, score."""
    expect_finite("scores", scores)
    expect_shape("scores", scores, "layer head")
    if not scores.numel():
        raise ValueError(f"scores: expected a number for each head, got none (its shape is {tuple(scores.shape)})")
    layer, head = divmod(scores.argmax().item(), scores.shape[1])
    return layer + 1, head + 1, scores[layer, head].item()

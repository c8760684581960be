"""Notebook 07, causal_mask: nobody looks ahead."""

import math

import torch
from torch import nn

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention

LENGTHS = 3, 1, 2, 4, 7  # the first one is for paper


def _square(n):
    return torch.ones(n, n, dtype=torch.bool)


def _numbers(value):
    """0 where one may look, another number elsewhere: what some libraries add to the scores."""
    return lambda n: torch.zeros(n, n).masked_fill(~_square(n).tril(), value)


MASK = Exercise(
    name="causal_mask",
    reference=attention.causal_mask,
    returns=("mask",),
    cases=lambda seed: [(n,) for n in (*LENGTHS, 5 + seed % 7)],
    misconceptions={
        "true_is_blocked": Misconception(
            lambda n: _square(n).triu(1),
            "True stands where one may NOT look. Some libraries mean it so; in this course True = may look.",
        ),
        "ahead": Misconception(
            lambda n: _square(n).triu(),
            "Each position may look at itself and ahead, at what is still to come. Row = who looks, column = at whom: "
            "in row 0 only one cell should be True.",
        ),
        "without_itself": Misconception(
            lambda n: _square(n).tril(-1),
            "Nobody may look at itself, and the first position has nothing left to look at: a softmax over nothing.",
        ),
        "one_ahead": Misconception(
            lambda n: _square(n).tril(1),
            "Each position sees one place of the future: the very thing a model that guesses the next word must not "
            "see.",
        ),
        "all": Misconception(_square, "Everybody may look everywhere: nothing is masked."),
        "nothing": Misconception(lambda n: ~_square(n), "Nobody may look anywhere, not even at itself."),
        "only_itself": Misconception(
            lambda n: torch.eye(n, dtype=torch.bool),
            "Each position sees itself alone, so no word ever meets another. All that came before is allowed too.",
        ),
        "only_the_last": Misconception(
            lambda n: _square(n).tril().triu(-1),
            "Each position sees itself and the one just before it. Everything further back is allowed too.",
        ),
        "only_the_one_before": Misconception(
            lambda n: torch.eye(n, dtype=torch.bool).roll(-1, dims=1).tril(-1),
            "Each position sees the one just before it and nothing else, not even itself.",
        ),
        "mirrored": Misconception(
            lambda n: _square(n).tril().flip(1),
            "The triangle stands mirrored, left and right exchanged: the first position sees the last one only.",
        ),
        "upside_down": Misconception(
            lambda n: _square(n).tril().flip(0),
            "The triangle stands upside down: the first position sees everything, the last one only the first.",
        ),
        "to_be_added": Misconception(
            _numbers(-math.inf),
            "These are numbers to be added to the scores, 0 and minus infinity. Asked for are booleans, True where one "
            "may look.",
        ),
    },
    forbidden=(
        *(attention.causal_mask, attention.window_mask),
        nn.Transformer.generate_square_subsequent_mask,
    ),
    hints=(
        "Three words. The first sees itself: True False False. The second sees the first and itself: True True False. "
        "And the third?",
        "n -> mask (n, n) of booleans; row i, column j is True where j is not after i.",
        "`square = torch.ones(n, n, dtype=torch.bool)`, and what lies above the diagonal has to go.",
    ),
    notebook="07",
    minutes=3,
    class_time=True,
)

EXERCISES = (MASK,)

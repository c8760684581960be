"""Notebook 05, softmax."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import attention


def cases(seed):
    """Scores of one to four axes, some large; the tiny ones have weights 1/7, 2/7, 4/7 and 1/4, 5/8, 1/8."""
    generator = torch.Generator().manual_seed(seed)

    def scores(*shape):
        return torch.rand(*shape, generator=generator) * 2 - 1

    return [
        (torch.tensor([[1.0, 2.0, 4.0], [2.0, 5.0, 1.0]]).log(),),
        (scores(3),),
        (scores(3, 3),),
        (scores(1, 4),),
        (scores(4, 1),),
        (scores(2, 3, 4),),
        (scores(2, 1, 3, 5),),
        (scores(2, 3) + 1000,),
        (scores(3, 4) + torch.tensor([[0.0], [1000.0], [-1000.0]]),),  # each row needs its own maximum
        (scores(2, 4) + torch.tensor([0.0, 400.0, -400.0, 0.0]),),  # only the maximum is safe: the mean is not
    ]


def _shifted(scores):
    return torch.exp(scores - scores.amax(dim=-1, keepdim=True))


def _naive(scores):
    return torch.exp(scores) / torch.exp(scores).sum(dim=-1, keepdim=True)


def _whole(scores):
    return _shifted(scores.flatten()).div(_shifted(scores.flatten()).sum()).reshape(scores.shape)


def _along(axis):
    def softmax_along(scores):
        exponentials = torch.exp(scores - scores.amax(dim=axis, keepdim=True))
        return exponentials / exponentials.sum(dim=axis, keepdim=True)

    return softmax_along


MISCONCEPTIONS = {
    "columns": Misconception(
        _along(-2),
        "Each column sums to 1, not each row: the softmax ran over the axis before the last one. The weights of one "
        "row belong together, so maximum and sum run along the last axis.",
    ),
    "first_axis": Misconception(
        _along(0),
        "The softmax ran over the first axis: in a matrix each column sums to 1, not each row. The weights that belong "
        "together lie along the last axis.",
    ),
    "second_axis": Misconception(
        _along(1),
        "The softmax runs over axis 1. That is the last axis of a matrix only: one row alone has no axis 1, and in a "
        "batch it is another one. Count from the end instead.",
    ),
    "one_softmax": Misconception(
        lambda scores: _along(0)(scores.flatten()).reshape(scores.shape),
        "All weights together sum to 1, not each row: the sum went over the whole tensor. Every row is a softmax of "
        "its own.",
    ),
    "row_by_row": Misconception(
        lambda scores: torch.stack([_whole(part) for part in scores]),
        "A loop over the first axis treats each part it meets as one row. That is so in a matrix only: in a single row "
        "the parts are numbers, in a batch they are whole matrices. Say once, for all shapes, along which axis.",
    ),
    "keepdim_forgotten": Misconception(
        lambda scores: _shifted(scores) / _shifted(scores).sum(dim=-1),
        "A sum or a maximum over a row removes that axis, so what follows pairs the rows' results with the columns: a "
        "square matrix comes out wrong, most others stop with an error. Keep the axis, with size 1.",
        also=(
            lambda scores: torch.exp(scores) / torch.exp(scores).sum(dim=-1),
            lambda scores: _naive(scores - scores.amax(dim=-1)),
        ),
    ),
    "overflows": Misconception(
        lambda scores: _naive(scores),
        "Right for small scores, but with scores near 1000 the exponential overflows and the weights are lost. Softmax "
        "does not change when the same number is taken away from a whole row: choose one that keeps exp in range.",
        also=(
            lambda scores: _naive(scores.double()).float(),
            lambda scores: torch.nan_to_num(_naive(scores)),
            lambda scores: _naive(scores.clamp(max=80)),
        ),
    ),
    "minimum_subtracted": Misconception(
        lambda scores: _naive(scores - scores.amin(dim=-1, keepdim=True)),
        "Nearly: the smallest score of the row is taken away, which leaves the others above 0, where exp can still "
        "overflow. What is the one number after which no score is above 0?",
    ),
    "one_maximum_for_all": Misconception(
        lambda scores: torch.exp(scores - scores.max()) / torch.exp(scores - scores.max()).sum(-1, keepdim=True),
        "Nearly: one maximum is taken away from the whole tensor. A row far below it becomes 0 / 0. Each row needs its "
        "own maximum.",
    ),
    "mean_subtracted": Misconception(
        lambda scores: _naive(scores - scores.mean(dim=-1, keepdim=True)),
        "Nearly: the mean of the row is taken away, but a score far above the mean still overflows. What is the one "
        "number after which no score is above 0?",
    ),
    "fixed_shift": Misconception(
        lambda scores: _naive(scores - 1000),
        "The same fixed number is taken away from every score. That saves scores near 1000, and turns small ones into "
        "0 / 0. Which number does each row bring along itself?",
        also=tuple(lambda scores, by=by: _naive(scores - by) for by in (999, 1001)),
    ),
    "divided_by_largest": Misconception(
        lambda scores: _naive(scores / scores.amax(dim=-1, keepdim=True)),
        "The scores were *divided* to keep them small, by the largest or by another large number. That changes how far "
        "apart they are, and so the weights. Softmax stays the same when a number is taken away from the whole row.",
        also=(
            lambda scores: _naive(scores / scores.max()),
            lambda scores: _naive(scores / scores.abs().max()),
            lambda scores: _naive(scores / scores.abs().amax(dim=-1, keepdim=True)),
            lambda scores: _naive(scores / 1000),
        ),
    ),
    "no_exp": Misconception(
        lambda scores: scores / scores.sum(dim=-1, keepdim=True),
        "The scores are divided by their sum, without the exponential: negative scores give negative weights.",
    ),
    "not_divided": Misconception(
        lambda scores: torch.exp(scores),
        "These are the exponentials, but nothing makes a row sum to 1 yet: the division is missing.",
    ),
    "largest_is_one": Misconception(
        _shifted,
        "The largest weight of each row is 1: the exponentials were divided by the largest one, or the division by "
        "their sum is still missing. The weights of a row should sum to 1.",
    ),
    "mean_instead_of_sum": Misconception(
        lambda scores: _shifted(scores) / _shifted(scores).mean(dim=-1, keepdim=True),
        "Each row averages to 1, where it should sum to 1: the exponentials were divided by their mean.",
    ),
    "base_2": Misconception(
        lambda scores: _along(-1)(scores * math.log(2)),
        "Each row sums to 1, but these are powers of 2, where softmax takes powers of e.",
    ),
    "softmin": Misconception(
        lambda scores: _along(-1)(-scores),
        "The smallest score gets the largest weight: there is a minus sign too many in front of the scores.",
    ),
    "log_softmax": Misconception(
        lambda scores: torch.log(_along(-1)(scores)),
        "These are the logarithms of the weights: all are negative, where weights are positive and sum to 1.",
    ),
    "sigmoid": Misconception(
        torch.sigmoid,
        "This is the sigmoid: every score is squeezed between 0 and 1 on its own, so the weights of a row do not share "
        "a total of 1.",
    ),
    "one_hot": Misconception(
        lambda scores: F.one_hot(scores.argmax(dim=-1), scores.shape[-1]).float(),
        "All the weight goes to the largest score. Softmax is soft: the others keep a share.",
    ),
}


SOFTMAX = Exercise(
    name="softmax",
    reference=attention.softmax,
    returns=("weights",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=lambda scores: torch.softmax(scores, dim=-1),
    forbidden=(
        attention.softmax,
        *(torch.softmax, torch.Tensor.softmax, torch.special.softmax, torch._softmax, torch.ops.aten.softmax),
        *(torch.log_softmax, torch.Tensor.log_softmax, torch.special.log_softmax, torch.ops.aten._softmax),
        *(F.softmax, F.log_softmax, F.softmin, F.gumbel_softmax, F.scaled_dot_product_attention),
        *(nn.Softmax, nn.LogSoftmax, nn.Softmin, nn.Softmax2d),
    ),
    hints=(
        "Scores 0, ln 2 and ln 4: exp makes 1, 2 and 4 of them, their sum is 7, the weights are 1/7, 2/7 and 4/7. "
        "Scores 1000, 1000 + ln 2 and 1000 + ln 4 have the same weights; what can be taken away first?",
        "scores (..., n); maximum of each row (..., 1); exponentials (..., n); their sum (..., 1); weights (..., n).",
        "`largest = scores.amax(dim=-1, keepdim=True)`",
    ),
    notebook="05",
    minutes=5,
    class_time=True,
)

EXERCISES = (SOFTMAX,)

"""Notebook 02, state_jacobian."""

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import through_time


def cases(seed):
    """Near and far, the last state itself, a layer of one neuron; no product so small that a mistake would not show."""
    generator = torch.Generator().manual_seed(seed)

    def case(seq, d_hidden, k):
        states = 1.6 * torch.rand(seq, d_hidden, generator=generator) - 0.8
        W_h = torch.randn(d_hidden, d_hidden, generator=generator)
        return states, 1.5 * W_h / torch.linalg.matrix_norm(W_h, 2), k

    states = torch.tensor([[0.2, 0.4], [0.5, 0.0], [0.0, -0.5]])
    W_h = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    sizes = (4, 3, 0), (5, 2, 1), (6, 4, 3), (3, 3, 1), (5, 3, 4), (2, 2, 0), (4, 1, 1), (4, 4, 0), (1, 3, 0)
    return [(states, W_h, 0), *(case(*size) for size in sizes)]


def _slope(h_t):
    return 1 - h_t**2


def _product(chosen, factor, states):
    """factor(last) @ ... @ factor(first) over the chosen states; the identity when none is chosen."""
    jacobian = torch.eye(states.shape[1])
    for h_t in chosen:
        jacobian = factor(h_t) @ jacobian
    return jacobian


def _with_factor(factor):
    """A wrong factor for each step, in the right places and the right order."""
    return lambda states, W_h, k: _product(states[k + 1 :], lambda h_t: factor(h_t, W_h), states)


def _over(choose):
    """The right factor, for the wrong steps."""
    return lambda states, W_h, k: _product(choose(states, k), lambda h_t: torch.diag(_slope(h_t)) @ W_h, states)


def _right(states, W_h, k):
    return _over(lambda states, k: states[k + 1 :])(states, W_h, k)


def _other_order(states, W_h, k):
    jacobian = torch.eye(states.shape[1])
    for h_t in states[k + 1 :]:
        jacobian = jacobian @ torch.diag(_slope(h_t)) @ W_h
    return jacobian


def _added(states, W_h, k):
    return sum((torch.diag(_slope(h_t)) @ W_h for h_t in states[k + 1 :]), torch.zeros_like(W_h))


MISCONCEPTIONS = {
    "no_slope": Misconception(
        _with_factor(lambda h_t, W_h: W_h),
        "This is W_h multiplied with itself. Between two states lies a tanh as well, and its slope is below 1 wherever "
        "the state is not 0.",
    ),
    "one_factor_more": Misconception(
        _over(lambda states, k: states[k:]),
        "There is one factor too many: going from state k to the last one passes T - 1 - k cells (k counts from 0). "
        "When k is the last step, nothing lies in between.",
    ),
    "one_factor_less": Misconception(
        _over(lambda states, k: states[k + 2 :]),
        "There is one factor too few: the cell right after state k is missing.",
    ),
    "last_cell_missing": Misconception(
        _over(lambda states, k: states[k + 1 : -1]),
        "There is one factor too few: the last cell is missing.",
    ),
    "slope_one_early": Misconception(
        _over(lambda states, k: states[k:-1]),
        "The number of factors is right, but each takes the slope at the state that enters the cell. The tanh comes "
        "last in a cell: its slope belongs to the state that leaves.",
    ),
    "transposed": Misconception(
        lambda states, W_h, k: _right(states, W_h, k).T,
        "The right numbers with rows and columns exchanged: row i belongs to neuron i of the last state, column j to "
        "neuron j of state k.",
    ),
    "W_h_transposed": Misconception(
        _with_factor(lambda h_t, W_h: torch.diag(_slope(h_t)) @ W_h.T),
        "Each factor uses W_h with rows and columns exchanged. In the cell the state is multiplied from the left as a "
        "row, with the transposed matrix; seen from neuron i of the new state, what counts is row i of W_h as it is "
        "stored.",
    ),
    "other_order": Misconception(
        _other_order,
        "The factors are right, their order is not: matrices do not commute. The cell next to the last state has to "
        "stand on the left, since its result comes out last.",
    ),
    "slope_on_the_columns": Misconception(
        _with_factor(lambda h_t, W_h: W_h * _slope(h_t)),
        "The slopes scale the columns of W_h: they are applied to what enters the cell. The tanh acts on what leaves "
        "it, neuron by neuron: each slope belongs to a row.",
    ),
    "state_for_slope": Misconception(
        _with_factor(lambda h_t, W_h: torch.diag(h_t) @ W_h),
        "Each factor is scaled by the state itself. A tanh that gives 0 is steepest there, and this makes it flat.",
    ),
    "not_squared": Misconception(
        _with_factor(lambda h_t, W_h: torch.diag(1 - h_t) @ W_h),
        "The slope comes out above 1 for negative states and differs between h and -h. The slope of tanh is the same "
        "on both sides: a square is missing.",
    ),
    "tanh_twice": Misconception(
        _with_factor(lambda h_t, W_h: torch.diag(1 - torch.tanh(h_t) ** 2) @ W_h),
        "The states have been through the tanh already, and here they go through it once more before the slope is "
        "taken.",
    ),
    "star_for_product": Misconception(
        _with_factor(lambda h_t, W_h: torch.diag(_slope(h_t)) * W_h),
        "Each factor is zero off its diagonal, as if each neuron heard only itself: a diagonal matrix times W_h, entry "
        "by entry, keeps nothing else.",
    ),
    "last_slope_everywhere": Misconception(
        lambda states, W_h, k: _product(states[k + 1 :], lambda _: torch.diag(_slope(states[-1])) @ W_h, states),
        "The number of factors is right, but all of them are the last cell's. Each cell has slopes of its own.",
    ),
    "only_one_cell": Misconception(
        lambda states, W_h, k: torch.diag(_slope(states[k + 1])) @ W_h,
        "Only the first cell after state k is passed. From there to the last state the same thing happens again at "
        "each step.",
    ),
    "only_the_last_cell": Misconception(
        lambda states, W_h, k: torch.diag(_slope(states[-1])) @ W_h,
        "The result is the same for every k: only the last cell is passed.",
    ),
    "added": Misconception(
        _added,
        "The factors are added. What happens one after the other multiplies (the chain rule).",
    ),
    "starts_at_zero": Misconception(
        lambda states, W_h, k: torch.zeros_like(W_h),
        "Everything is 0: a product that starts at 0 stays there. It starts from what changes nothing when it is "
        "multiplied, and that is also the result when k is the last step.",
    ),
    "k_as_distance": Misconception(
        _over(lambda states, k: states[len(states) - k :]),
        "k is used as a distance from the end. It is a step, counted from the beginning, from 0.",
    ),
    "k_ignored": Misconception(
        _over(lambda states, k: states),
        "The result is the same for every k: all cells are passed, from the first one on. The way begins at state k.",
    ),
    "first_cells": Misconception(
        _over(lambda states, k: states[: len(states) - 1 - k]),
        "The number of factors is right, but they are those of the first cells. Wanted are the cells between state k "
        "and the last one.",
    ),
    "first_cells_and_one": Misconception(
        _over(lambda states, k: states[: len(states) - k]),
        "These are the factors of the first cells, T - k of them. The way begins after state k, and passes T - 1 - k "
        "cells.",
    ),
    "W_h_once_more": Misconception(
        lambda states, W_h, k: _right(states, W_h, k) @ W_h,
        "There is one W_h too many, on the right: does the product begin with W_h? When k is the last step, nothing "
        "lies in between, and the result changes nothing.",
    ),
    "from_the_beginning": Misconception(
        _over(lambda states, k: states[1 : k + 1]),
        "This goes from the first state to state k. Wanted is the way from state k to the last one.",
    ),
}

STATE_JACOBIAN = Exercise(
    name="state_jacobian",
    reference=through_time.state_jacobian,
    returns=("jacobian",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(through_time.state_jacobian,),
    hints=(
        "One neuron, W_h = 2, the states after step k are 0.5 and 0: the slopes of tanh there are 0.75 and 1. A nudge "
        "of 0.01 to state k becomes 0.01 x 2 x 0.75 = 0.015 after one step and 0.015 x 2 x 1 = 0.03 after two: the "
        "derivative is 3.",
        "Each cell on the way is a matrix (H, H), W_h with every row scaled by a slope (H,); T - 1 - k of them are "
        "multiplied, the last cell's on the left. None at all: the identity (H, H).",
        "`jacobian = torch.eye(len(W_h))`",
    ),
    notebook="02",
    minutes=15,
)

EXERCISES = (STATE_JACOBIAN,)

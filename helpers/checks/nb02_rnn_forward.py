"""Notebook 02, rnn_forward."""

import itertools

import torch
from torch import nn

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb02_rnn_cell import random_layer
from helpers.models import recurrent, recurrent_layers


def cases(seed):
    """One step and many, a batch as long as the sequences, h0 never zero."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, seq, d_input, d_hidden):
        x, h0 = torch.randn(batch, seq, d_input, generator=generator), torch.rand(batch, d_hidden, generator=generator)
        return x, 2 * h0 - 1, *random_layer(generator, d_input, d_hidden)

    paper = ([[[1.0], [0.0], [-1.0]]], [[0.5]], [[1.0]], [[0.5]], [0.25])
    sizes = (2, 4, 3, 5), (3, 2, 1, 4), (4, 4, 2, 3), (3, 1, 2, 2), (1, 5, 3, 3), (3, 3, 3, 3)
    return [tuple(map(torch.tensor, paper)), *(case(*size) for size in sizes)]


def _cell(x, h, W_x, W_h, b):
    return torch.tanh(x @ W_x.T + h @ W_h.T + b)


def _states(x, h, W_x, W_h, b, cell=_cell):
    """The list of the states after each step."""
    states = []
    for x_t in x.unbind(1):
        h = cell(x_t, h, W_x, W_h, b)
        states.append(h)
    return states


def _right(x, h0, W_x, W_h, b, cell=_cell):
    states = _states(x, h0, W_x, W_h, b, cell)
    return torch.stack(states, 1), states[-1]


def _with_cell(cell):
    return lambda *arguments: _right(*arguments, cell=cell)


def _never_updated(x, h0, W_x, W_h, b):
    states = [_cell(x_t, h0, W_x, W_h, b) for x_t in x.unbind(1)]
    return torch.stack(states, 1), states[-1]


def _backwards(x, h0, W_x, W_h, b):
    states, last = _right(x.flip(1), h0, W_x, W_h, b)
    return states.flip(1), last


def _over_the_batch(cell, n_steps, axis):
    """The loop takes x[0], x[1], ...; the course's own cell refuses most of them, a cell in one line stretches."""

    def wrong(x, h, W_x, W_h, b):
        states = []
        for t in range(n_steps(x)):
            h = cell(x[t], h, W_x, W_h, b)
            states.append(h)
        return torch.stack(states, axis), h

    return wrong


OVER_THE_BATCH = itertools.starmap(
    _over_the_batch, itertools.product((_cell, recurrent.rnn_cell), (len, lambda x: x.shape[1]), (0, 1))
)


def _carried_over(x, h0, W_x, W_h, b):
    rows, h = [], h0[:1]
    for row in x.split(1):
        rows.append(torch.stack(_states(row, h, W_x, W_h, b), 1))
        h = rows[-1][:, -1]
    states = torch.cat(rows)
    return states, states[:, -1]


def _lasts(pick):
    """The states are right; which of them is called the last one is not."""

    def wrong(*arguments):
        states, _ = _right(*arguments)
        return states, pick(states, arguments[1])

    return wrong


MISCONCEPTIONS = {
    "never_updated": Misconception(
        _never_updated,
        "The first state is right, and every later one is computed from h0 again: the state is not carried from step "
        "to step.",
    ),
    "h0_ignored": Misconception(
        lambda x, h0, W_x, W_h, b: _right(x, torch.zeros_like(h0), W_x, W_h, b),
        "It starts from the null vector, whatever `h0` is. The null vector is what the caller passes at the beginning "
        "of a sequence; a layer takes the state it is given.",
    ),
    "backwards": Misconception(
        _backwards,
        "The sequence is read from its end to its beginning.",
    ),
    "over_the_batch": Misconception(
        next(OVER_THE_BATCH),
        "The loop runs over the first axis of x, which is the batch: the state goes from one sequence to the next. "
        "Time is the second axis.",
        also=tuple(OVER_THE_BATCH),
    ),
    "as_many_steps_as_sequences": Misconception(
        lambda x, *rest: _right(x[:, range(len(x))], *rest),
        "The loop takes as many steps as there are sequences in the batch: the first axis of x was counted. T is the "
        "size of the second.",
    ),
    "first_step_missing": Misconception(
        lambda x, *rest: _right(x[:, 1:], *rest),
        "The first step is never taken: there is one state too few, and the layer has not read its first input. Python "
        "counts from 0.",
    ),
    "carried_over": Misconception(
        _carried_over,
        "The first sequence is right; each further one starts from where the one before it ended. The sequences of a "
        "batch know nothing of each other: each starts from its own row of h0.",
    ),
    "time_first": Misconception(
        lambda *arguments: (torch.stack(_states(*arguments), 0), _states(*arguments)[-1]),
        "The numbers are right, but time is the first axis of `states`. Batch comes first, then time.",
    ),
    "h0_among_the_states": Misconception(
        lambda *arguments: (
            torch.cat([arguments[1][:, None], _right(*arguments)[0]], 1),
            _right(*arguments)[1],
        ),
        "There is one state too many: h0 stands among them. Wanted are the states after each step.",
    ),
    "states_before": Misconception(
        lambda *arguments: (
            torch.cat([arguments[1][:, None], _right(*arguments)[0][:, :-1]], 1),
            _right(*arguments)[1],
        ),
        "Each state is kept before its step instead of after it: the first one is h0, and the newest is missing.",
    ),
    "last_is_first": Misconception(
        _lasts(lambda states, h0: states[:, 0]),
        "`states` is right, but what comes with it is the state after the first step, not after the last.",
    ),
    "last_is_h0": Misconception(
        _lasts(lambda states, h0: h0),
        "`states` is right, but what comes with it is h0, as it was handed in.",
    ),
    "last_one_early": Misconception(
        _lasts(lambda states, h0: states[:, -2]),
        "`states` is right, but what comes with it is the state of the step before the last.",
    ),
    "last_sequence": Misconception(
        _lasts(lambda states, h0: states[-1]),
        "`states` is right, but what comes with it is all that the last sequence of the batch went through: an index "
        "counts along the first axis, and time is the second. Wanted is each sequence's last step, (B, H).",
    ),
    "last_is_a_mean": Misconception(
        _lasts(lambda states, h0: states.mean(1)),
        "`states` is right, but what comes with it is their mean over time. Wanted is the last one alone.",
    ),
    "order_of_results": Misconception(
        lambda *arguments: _right(*arguments)[::-1],
        "Both results are right, in the wrong order: `last, states` came back, where `states, last` is expected.",
    ),
    "returned_at_once": Misconception(
        lambda *arguments: (_right(*arguments)[0][:, :1], _right(*arguments)[0][:, 0]),
        "There is one step only, the first. Does the `return` stand inside the loop?",
    ),
    "last_step_missing": Misconception(
        lambda *arguments: (_right(*arguments)[0][:, :-1], _right(*arguments)[0][:, -2]),
        "The last step is never taken: there is one state too few.",
    ),
    "first_input_only": Misconception(
        lambda x, *rest: _right(x[:, :1].expand_as(x), *rest),
        "The first state is right, and every further step reads the first input again.",
    ),
    "states_only": Misconception(
        lambda *arguments: _right(*arguments)[0],
        "The states are right, but they come alone. Return the last one as well: `states, last`.",
    ),
    "last_only": Misconception(
        lambda *arguments: _right(*arguments)[1],
        "The last state is right, but all the others are wanted too: `states, last`.",
    ),
    "no_tanh": Misconception(
        _with_cell(lambda x, h, W_x, W_h, b: x @ W_x.T + h @ W_h.T + b),
        "The loop is right, but the cell inside it lacks its activation: the states are bare sums.",
    ),
    "W_h_not_transposed": Misconception(
        _with_cell(lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h + b)),
        "The loop is right, but the cell inside it uses W_h as it stands. W_h is square, so the shapes raise no alarm; "
        "weights are stored (out, in).",
    ),
    "no_bias": Misconception(
        _with_cell(lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h.T)),
        "The loop is right, but `b` has no influence on the states.",
    ),
}


def _torchs_own(x, h0, W_x, W_h, b):
    weights = [W_x, W_h, b, torch.zeros_like(b)]
    states, last = torch.rnn_tanh(x, h0[None], weights, True, 1, 0.0, False, False, True)
    return states, last[0]


RNN_FORWARD = Exercise(
    name="rnn_forward",
    reference=recurrent.rnn_forward,
    returns=("states", "last"),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=_torchs_own,
    forbidden=(
        *(recurrent.rnn_forward, recurrent.unroll, recurrent_layers.Recurrent, recurrent_layers.Layer.run),
        *(nn.RNN, nn.RNNCell, torch.rnn_tanh, torch.rnn_tanh_cell),
    ),
    hints=(
        "Two cells side by side in a drawing: the arrow that leaves the first one is the arrow that enters the second. "
        "In code that arrow is a name which is overwritten at each step.",
        "x[:, t] (B, F) and h (B, H) -> h (B, H), at each of T steps; T of these, one behind the other along the "
        "second axis, are states (B, T, H).",
        "`h, states = h0, []`",
    ),
    notebook="02",
    minutes=7,
    class_time=True,
)

EXERCISES = (RNN_FORWARD,)

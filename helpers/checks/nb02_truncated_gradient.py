"""Notebook 02, truncated_gradient."""

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb02_rnn_cell import random_layer
from helpers.models import through_time


def cases(seed):
    """A cut before the first step, before the last and in between; numbers so large that no gradient vanishes."""
    generator = torch.Generator().manual_seed(seed)

    def case(seq, d_input, d_hidden, cut):
        return torch.randn(seq, d_input, generator=generator), *random_layer(generator, d_input, d_hidden), cut

    paper = [torch.tensor(each) for each in ([[0.0], [0.5], [0.0]], [[1.0]], [[2.0]], [0.25])]
    sizes = (5, 2, 3, 2), (4, 3, 2, 3), (4, 1, 4, 0), (6, 4, 3, 4), (3, 3, 3, 1), (1, 2, 3, 0)
    return [(*paper, 1), *(case(*size) for size in sizes)]


def _gradient(x, W_x, W_h, b, enter=lambda h, t: h, answer=lambda states: states[-1].sum(), leave=lambda h, t: h):
    """The gradient of answer(states) by x; enter(h, t) is the state that step t gets, leave(h, t) what it hands on."""
    x = x.detach().requires_grad_()
    h, states = torch.zeros(len(W_h)), []
    for t, x_t in enumerate(x):
        h = leave(torch.tanh(x_t @ W_x.T + enter(h, t) @ W_h.T + b), t)
        states.append(h)
    return torch.autograd.grad(answer(states), x)[0]


def _cut_at(step, cut=torch.Tensor.detach, **settings):
    """Do something to the state that enters step(cut)."""
    return lambda x, W_x, W_h, b, at: _gradient(x, W_x, W_h, b, lambda h, t: cut(h) if t == step(at) else h, **settings)


def _only(chosen):
    """The whole gradient, zero except in the chosen rows."""

    def wrong(x, W_x, W_h, b, cut):
        keep = torch.tensor([[float(chosen(t, cut))] for t in range(len(x))])
        return keep * _gradient(x, W_x, W_h, b)

    return wrong


MISCONCEPTIONS = {
    "not_cut": Misconception(
        lambda x, W_x, W_h, b, cut: _gradient(x, W_x, W_h, b),
        "This is the whole gradient: inputs before the cut still get their share, so something flows back through the "
        "state that enters step `cut`.",
    ),
    "reset_to_zero": Misconception(
        _cut_at(lambda cut: cut, torch.zeros_like),
        "Inputs before the cut get zeros, but the gradients after it have changed too: the state was set to zero, so "
        "the forward pass forgot what it had read. The state keeps its value; only the way back is closed.",
    ),
    "one_step_late": Misconception(
        _cut_at(lambda cut: cut + 1),
        "The cut comes one step late: the input of step `cut` gets nothing, or an input before it gets something. What "
        "is held back is the state that enters step `cut`, counted from 0.",
    ),
    "held_back_leaving": Misconception(
        lambda x, W_x, W_h, b, cut: _gradient(x, W_x, W_h, b, leave=lambda h, t: h.detach() if t == cut else h),
        "The state is held back as it leaves step `cut`, so that this step's own input gets nothing, and at the last "
        "step no gradient is left at all. Hold back the state that enters it.",
        also=(_only(lambda t, cut: t > cut),),
    ),
    "W_h_not_transposed": Misconception(
        lambda x, W_x, W_h, b, cut: _gradient(x, W_x, W_h.T, b, lambda h, t: h.detach() if t == cut else h),
        "The cut is in the right place, but the cell uses W_h as it stands; weights are stored (out, in).",
    ),
    "no_bias": Misconception(
        lambda x, W_x, W_h, b, cut: _gradient(x, W_x, W_h, 0 * b, lambda h, t: h.detach() if t == cut else h),
        "The cut is in the right place, but `b` has no influence: without it the tanh has other slopes.",
    ),
    "one_step_early": Misconception(
        _cut_at(lambda cut: cut - 1),
        "The cut comes one step early: the input just before the cut still gets its share. What is held back is the "
        "state that enters step `cut`, counted from 0.",
    ),
    "cut_everywhere": Misconception(
        lambda x, W_x, W_h, b, cut: _gradient(x, W_x, W_h, b, lambda h, t: h.detach()),
        "Only the last input gets a gradient: the state is held back at every step, not at one.",
    ),
    "other_side": Misconception(
        _only(lambda t, cut: t < cut),
        "The inputs before the cut get their share and those after it get zeros: it is the other way round.",
    ),
    "one_input_held_back": Misconception(
        _only(lambda t, cut: t != cut),
        "Only the input of step `cut` gets zero. Inputs before it still reach the last state, through the state.",
    ),
    "all_states": Misconception(
        _cut_at(lambda cut: cut, answer=lambda states: torch.stack(states).sum()),
        "This is the gradient of all states added up. Wanted is the gradient of the last state's sum.",
    ),
    "one_unit": Misconception(
        _cut_at(lambda cut: cut, answer=lambda states: states[-1][0]),
        "This is the gradient of the last state's first neuron alone. Wanted is the gradient of the sum of all.",
    ),
    "mean": Misconception(
        _cut_at(lambda cut: cut, answer=lambda states: states[-1].mean()),
        "This is the gradient of the mean of the last state's neurons. Wanted is the gradient of their sum.",
    ),
    "rows_missing": Misconception(
        lambda x, W_x, W_h, b, cut: _cut_at(lambda cut: cut)(x, W_x, W_h, b, cut)[cut:],
        "The rows before the cut are missing. Their gradient is zero, which is an answer too: (T, F) numbers.",
    ),
}

TRUNCATED_GRADIENT = Exercise(
    name="truncated_gradient",
    reference=through_time.truncated_gradient,
    returns=("gradient",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(through_time.truncated_gradient,),
    hints=(
        "A chain of three cells, cut = 1: draw the way forward, unbroken, from all three inputs to the last state. Now "
        "the way back: it meets the inputs of steps 2 and 1, and at the arrow that enters step 1 it ends. Tensors have "
        "a method that keeps the value and ends the way back.",
        "x (T, F) -> T states (H,), the first cell gets zeros (H,) -> one number, the sum of the last -> its gradient "
        "by x, (T, F), zero in the first `cut` rows.",
        "`x = x.detach().requires_grad_()`, and at the end ask torch for the gradient of one number by x.",
    ),
    notebook="02",
    minutes=12,
)

EXERCISES = (TRUNCATED_GRADIENT,)

"""Notebook 03, gru_cell."""

import torch
from torch import nn

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb03_lstm_cell import random_gates
from helpers.models import recurrent, recurrent_layers


def cases(seed):
    """Sizes that differ wherever they can; some that agree, because only there a wrong product still runs."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, d_input, d_hidden):
        x, h = torch.randn(batch, d_input, generator=generator), torch.randn(batch, d_hidden, generator=generator)
        return x, h.tanh(), *random_gates(generator, 3, d_input, d_hidden)

    paper = [[1.0]], [[0.5]], [[0.5], [1.0], [0.3]], [[1.0], [-2.0], [2.0]], [0.0, 0.5, 0.2], [0.5, 0.0, 0.6]
    sizes = (3, 4, 2), (2, 3, 5), (4, 6, 2), (1, 2, 3), (3, 3, 3)
    return [tuple(map(torch.tensor, paper)), *(case(*size) for size in sizes)]


def _right_n(r, x_n, h_n, **_):
    return (x_n + r * h_n).tanh()


def _mixed(n, z, h, **_):
    return (1 - z) * n + z * h


def _equations(new_n=_right_n, new_h=_mixed, order="rzn", squeeze=torch.sigmoid):
    """A cell with another candidate or another mixture: r, z are gates, x_n and h_n the candidate's two sums."""

    def wrong(x, h, W_x, W_h, b_x, b_h):
        xs = dict(zip(order, (x @ W_x.T + b_x).chunk(3, dim=1), strict=True))
        hs = dict(zip(order, (h @ W_h.T + b_h).chunk(3, dim=1), strict=True))
        gates = {gate: squeeze(xs[gate] + hs[gate]) for gate in "rz"} | {"x_n": xs["n"], "h_n": hs["n"], "h": h}
        W_n, b_n = W_h.chunk(3)[order.index("n")], b_h.chunk(3)[order.index("n")]
        return new_h(n=new_n(**gates, W_n=W_n, b_n=b_n), **gates)

    return wrong


_right = _equations()


def _with(change):
    """The right cell on changed arguments."""
    return lambda *arguments: _right(*change(*arguments))


def _interleaved(x, h, W_x, W_h, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = (
        sums.unflatten(1, (-1, 3)).unbind(dim=2) for sums in (x @ W_x.T + b_x, h @ W_h.T + b_h)
    )
    return _mixed(_right_n((x_r + h_r).sigmoid(), x_n, h_n), (x_z + h_z).sigmoid(), h)


def _squeezed_apart(x, h, W_x, W_h, b_x, b_h, squeeze=lambda sums: sums):
    """Every gate as the sum of two sigmoids; `squeeze` is what the candidate's two sums go through."""
    xs, hs = (x @ W_x.T + b_x).chunk(3, dim=1), (h @ W_h.T + b_h).chunk(3, dim=1)
    r, z = (xs[gate].sigmoid() + hs[gate].sigmoid() for gate in (0, 1))
    return _mixed(_right_n(r, squeeze(xs[2]), squeeze(hs[2])), z, h)


def _transposed(x, h, W_x, W_h, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = ((sums).chunk(3, dim=1) for sums in (x @ W_x + b_x, h @ W_h.T + b_h))
    return _mixed(_right_n((x_r + h_r).sigmoid(), x_n, h_n), (x_z + h_z).sigmoid(), h)


MISCONCEPTIONS = {
    "reset_before_the_product": Misconception(
        _equations(lambda r, x_n, h, W_n, b_n, **_: (x_n + (r * h) @ W_n.T + b_n).tanh()),
        "This is a right GRU by another convention, the one of the first paper: the reset gate acts on `h` before it "
        "meets the matrix. Torch resets after the product, so that all three products are one; with torch's weights "
        "the two give different numbers. Asked for is torch's.",
    ),
    "update_turned_round": Misconception(
        _equations(new_h=lambda n, z, h, **_: z * n + (1 - z) * h),
        "This is a right GRU by another convention, where an open update gate takes the candidate. In torch an open "
        "update gate (z = 1) *keeps* the old state.",
    ),
    "both_conventions": Misconception(
        _equations(
            lambda r, x_n, h, W_n, b_n, **_: (x_n + (r * h) @ W_n.T + b_n).tanh(),
            lambda n, z, h, **_: z * n + (1 - z) * h,
        ),
        "This is the GRU of another convention, in both points: the reset comes before the product, and an open update "
        "gate takes the candidate. In torch the reset comes after the product, and an open update gate keeps.",
    ),
    "gates_swapped": Misconception(
        _equations(order="zrn"),
        "Reset gate and update gate have changed places: the blocks stand in the order r, z, n. (Some libraries stack "
        "z first.)",
    ),
    "interleaved": Misconception(
        _interleaved,
        "The rows are dealt out in turn, one to each gate. They stand in blocks: the first H rows all belong to r, the "
        "next H to z, and the last H to n.",
    ),
    "candidate_through_sigmoid": Misconception(
        _equations(lambda r, x_n, h_n, **_: (x_n + r * h_n).sigmoid()),
        "The candidate went through a sigmoid like the gates. It is no gate: it may be negative, between -1 and 1.",
    ),
    "candidate_not_squeezed": Misconception(
        _equations(lambda r, x_n, h_n, **_: x_n + r * h_n),
        "The candidate is used as the bare sum. It has to be squeezed between -1 and 1 first.",
    ),
    "gates_through_tanh": Misconception(
        _equations(squeeze=torch.tanh),
        "The gates went through a tanh and can be negative. A gate lies between 0 (shut) and 1 (open).",
    ),
    "squeezed_apart": Misconception(
        _squeezed_apart,
        "The input's share and the state's share are squeezed each for itself, so a gate can reach 2. They are one "
        "sum, and the sum is squeezed.",
        also=(lambda *arguments: _squeezed_apart(*arguments, squeeze=torch.sigmoid),),
    ),
    "gates_not_squeezed": Misconception(
        _equations(squeeze=lambda sums: sums),
        "The gates are the bare sums: they may be negative, or larger than 1. A gate lies between 0 (shut) and 1 "
        "(open).",
        also=(_equations(lambda r, x_n, h_n, **_: x_n + r * h_n, squeeze=lambda sums: sums),),
    ),
    "product_forgotten": Misconception(
        _equations(lambda r, x_n, h, **_: (x_n + r * h).tanh()),
        "The candidate sees the old state itself, reset but not multiplied with its block of W_h.",
    ),
    "no_reset": Misconception(
        _equations(lambda x_n, h_n, **_: (x_n + h_n).tanh()),
        "The reset gate has no influence: the candidate always listens to the whole old state.",
    ),
    "resets_the_input_too": Misconception(
        _equations(lambda r, x_n, h_n, **_: (r * (x_n + h_n)).tanh()),
        "The reset gate holds back the input as well. It acts on what comes from the old state only.",
    ),
    "resets_the_input": Misconception(
        _equations(lambda r, x_n, h_n, **_: (r * x_n + h_n).tanh()),
        "The reset gate holds back what comes from the input. It acts on the other one, what comes from the old state.",
    ),
    "bias_outside_the_reset": Misconception(
        _equations(lambda r, x_n, h_n, b_n, **_: (x_n + r * (h_n - b_n) + b_n).tanh()),
        "Nearly: the candidate's share of `b_h` escapes the reset gate. In torch the bias belongs to the state's "
        "product, and the gate acts on both together. That is why a GRU needs its two biases apart.",
    ),
    "state_not_mixed": Misconception(
        _equations(new_h=lambda n, z, **_: (1 - z) * n),
        "The old state is not mixed in: where the update gate keeps, zeros are kept.",
    ),
    "all_of_the_state": Misconception(
        _equations(new_h=lambda n, z, h, **_: (1 - z) * n + h),
        "The whole old state is added, and can grow without end. Candidate and old state share a total of 1.",
    ),
    "all_of_the_candidate": Misconception(
        _equations(new_h=lambda n, z, h, **_: n + z * h),
        "The whole candidate is added. Candidate and old state share a total of 1.",
    ),
    "candidate_only": Misconception(
        _equations(new_h=lambda n, **_: n),
        "This is the candidate: the update gate, which mixes it with the old state, has no influence.",
    ),
    "mixes_the_reset_state": Misconception(
        _equations(new_h=lambda n, z, r, h, **_: (1 - z) * n + z * (r * h)),
        "The state that is mixed in was reset before. The reset gate is for the candidate only; what is kept is kept "
        "as it is.",
    ),
    "resets_what_is_mixed": Misconception(
        _equations(lambda x_n, h_n, **_: (x_n + h_n).tanh(), lambda n, z, r, h, **_: (1 - z) * n + z * (r * h)),
        "The reset gate holds back the state that is mixed in, and not what the candidate sees. It is the other way "
        "round: what is kept is kept as it is.",
    ),
    "matrix_products": Misconception(
        _equations(new_h=lambda n, z, h, **_: (1 - z) @ n + z @ h),
        "A matrix product stands between the gate and what it mixes. It runs only where B and H are equal, and is "
        "wrong there: gates act unit by unit, each number on its own one.",
        also=(_equations(lambda r, x_n, h_n, **_: (x_n + r @ h_n).tanh(), lambda n, z, h, **_: (1 - z) @ n + z @ h),),
    ),
    "same_share": Misconception(
        _equations(new_h=lambda n, z, h, **_: z * n + z * h),
        "Candidate and old state get the same share z, so with z = 0 nothing is left. The two shares sum to 1.",
    ),
    "mixed_by_the_reset_gate": Misconception(
        _equations(new_h=lambda n, r, h, **_: (1 - r) * n + r * h),
        "The reset gate mixes old state and candidate. Each gate has a job: reset says what the candidate may see, "
        "update how much of the old state is kept.",
    ),
    "squeezed_again": Misconception(
        _equations(new_h=lambda n, z, h, **_: ((1 - z) * n + z * h).tanh()),
        "The mixture is squeezed once more. Both parts already lie between -1 and 1, and a state that is squeezed at "
        "every step fades.",
    ),
    "b_h_forgotten": Misconception(
        _with(lambda x, h, W_x, W_h, b_x, b_h: (x, h, W_x, W_h, b_x, torch.zeros_like(b_h))),
        "`b_h` has no influence on the result. A GRU keeps two biases, one beside each product.",
    ),
    "b_x_forgotten": Misconception(
        _with(lambda x, h, W_x, W_h, b_x, b_h: (x, h, W_x, W_h, torch.zeros_like(b_x), b_h)),
        "`b_x` has no influence on the result. A GRU keeps two biases, one beside each product.",
    ),
    "no_biases": Misconception(
        _with(lambda x, h, W_x, W_h, b_x, b_h: (x, h, W_x, W_h, *torch.zeros(2, len(b_x)))),
        "The two products are right, but the biases have no influence on the result.",
    ),
    "input_ignored": Misconception(
        _with(lambda x, *rest: (torch.zeros_like(x), *rest)),
        "The result is the same whatever the input is: `x` has no influence.",
    ),
    "gates_deaf_to_the_state": Misconception(
        lambda x, h, W_x, W_h, b_x, b_h: _mixed(
            _right_n(
                (x @ W_x.T + b_x).chunk(3, 1)[0].sigmoid(),
                (x @ W_x.T + b_x).chunk(3, 1)[2],
                (h @ W_h.T + b_h).chunk(3, 1)[2],
            ),
            (x @ W_x.T + b_x).chunk(3, 1)[1].sigmoid(),
            h,
        ),
        "The gates listen to the input alone. Like the candidate, they listen to the state as well.",
    ),
    "W_x_not_transposed": Misconception(
        _transposed,
        "The input meets W_x as it stands, which runs only where W_x is square, and is wrong there. Weights are stored "
        "(out, in).",
    ),
    "twice": Misconception(
        lambda *arguments: (_right(*arguments),) * 2,
        "Two results came back. A GRU has no cell besides its state: one tensor, `h`.",
    ),
}

GRU_CELL = Exercise(
    name="gru_cell",
    reference=recurrent.gru_cell,
    returns=("h",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=torch.gru_cell,
    forbidden=(
        *(recurrent.gru_cell, recurrent.gru_step, recurrent.gru_gates),
        *(recurrent_layers.Recurrent, recurrent_layers.Layer.run, recurrent_layers.Layer.gates),
        *(nn.GRU, nn.GRUCell, torch.gru, torch.gru_cell),
    ),
    hints=(
        "One unit: the old state is 0.5, the update gate 0.75, the candidate -0.4. A quarter of the candidate and "
        "three quarters of the old state: 0.275.",
        "x @ W_x.T + b_x and h @ W_h.T + b_h are (B, 3H) each, three blocks r, z, n of (B, H). The first two blocks "
        "are added and become gates; in the third, the reset gate holds back what comes from h.",
        "`x_r, x_z, x_n = (x @ W_x.T + b_x).chunk(3, dim=1)`",
    ),
    notebook="03",
    minutes=10,
)

EXERCISES = (GRU_CELL,)

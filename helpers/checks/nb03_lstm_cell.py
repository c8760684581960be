"""Notebook 03, lstm_cell."""

import torch
from torch import nn

from helpers.checks import nb03_wrong_lstm as wrong
from helpers.checks.exercise import Exercise, Misconception
from helpers.models import recurrent, recurrent_layers


def random_gates(generator, n_gates, d_input, d_hidden):
    """W_x, W_h, b_x, b_h of a gated cell, so small that no gate is quite open or quite shut."""
    shapes = (d_input,), (d_hidden,), (), ()
    return [1.2 * torch.rand(n_gates * d_hidden, *shape, generator=generator) - 0.6 for shape in shapes]


def cases(seed):
    """Sizes that differ wherever they can; some that agree, because only there a wrong product still runs."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, d_input, d_hidden):
        x, h, c = (torch.randn(batch, size, generator=generator) for size in (d_input, d_hidden, d_hidden))
        return x, h.tanh(), c, *random_gates(generator, 4, d_input, d_hidden)

    one = [[1.0]], [[0.5]], [[2.0]]
    paper = *one, [[0.5], [1.0], [0.3], [-0.5]], [[1.0], [0.5], [-1.0], [2.0]], [0.0, 0.5, 0.2, 0.0], [0.0, 0.0, 0.5, 1]
    sizes = (3, 4, 2), (2, 3, 5), (4, 8, 2), (1, 2, 3), (4, 4, 4)
    return [tuple(map(torch.tensor, paper)), *(case(*size) for size in sizes)]


MISCONCEPTIONS = {
    "input_and_forget_swapped": Misconception(
        wrong.blocks("figo"),
        "Input gate and forget gate have changed places: what should decide how much of `c` is kept decides how much "
        "is taken in. The blocks stand in the order i, f, g, o.",
    ),
    "candidate_and_output_swapped": Misconception(
        wrong.blocks("ifog"),
        "The third and the fourth block have changed places: candidate and output gate. The order is i, f, g, o.",
    ),
    "candidate_last": Misconception(
        wrong.blocks("fiog"),
        "These are the blocks in the order f, i, o, g, as many books write the equations. Torch and this course "
        "stack them i, f, g, o.",
    ),
    "interleaved": Misconception(
        wrong.interleaved,
        "The rows are dealt out in turn, one to each gate. They stand in blocks: the first H rows all belong to i, the "
        "next H to f, and so on.",
    ),
    "candidate_through_sigmoid": Misconception(
        wrong.equations(lambda i, f, a, c, **_: f * c + i * a.sigmoid()),
        "The candidate went through a sigmoid like the gates, so the cell could only ever be added to. It is no gate: "
        "it may be negative, between -1 and 1.",
    ),
    "candidate_not_squeezed": Misconception(
        wrong.equations(lambda i, f, a, c, **_: f * c + i * a),
        "The candidate is used as the bare sum. It has to be squeezed between -1 and 1 first.",
    ),
    "squeezed_before_it_was_split": Misconception(
        wrong.equations(lambda i, f, a, c, **_: f * c + i * a.sigmoid().tanh()),
        "All four sums went through a sigmoid, and the candidate through a tanh after that: it cannot be negative any "
        "more. Its tanh takes the bare sum.",
    ),
    "squeezed_apart": Misconception(
        wrong.squeezed_apart,
        "The input's share and the state's share are squeezed each for itself, so a gate can reach 2. They are one "
        "sum, and the sum is squeezed.",
    ),
    "matrix_products": Misconception(
        wrong.matrix_products(torch.mul),
        "A matrix product stands between a gate and what it holds back. It runs only where B and H are equal, and is "
        "wrong there: gates act unit by unit, each number on its own one.",
        also=(wrong.matrix_products(torch.matmul),),
    ),
    "gates_through_tanh": Misconception(
        wrong.equations(wrong.right_c, squeeze=torch.tanh),
        "The gates went through a tanh and can be negative. A gate lies between 0 (shut) and 1 (open).",
    ),
    "output_gate_through_tanh": Misconception(
        wrong.equations(wrong.right_c, lambda c_new, o, **_: o.logit().tanh() * c_new.tanh()),
        "`c` is right. But the output gate went through a tanh and can be negative. A gate lies between 0 (shut) and 1 "
        "(open).",
    ),
    "gates_not_squeezed": Misconception(
        wrong.equations(wrong.right_c, squeeze=lambda sums: sums),
        "The gates are the bare sums: they may be negative, or larger than 1. A gate lies between 0 (shut) and 1 "
        "(open).",
        also=(wrong.equations(lambda i, f, a, c, **_: f * c + i * a, squeeze=lambda sums: sums),),
    ),
    "cell_not_squeezed": Misconception(
        wrong.equations(wrong.right_c, lambda c_new, o, **_: o * c_new),
        "`c` is right. But the output gate shows the cell as it is; before it is shown, the cell is squeezed between "
        "-1 and 1.",
    ),
    "squeezed_after_the_gate": Misconception(
        wrong.equations(wrong.right_c, lambda c_new, o, **_: (o * c_new).tanh()),
        "`c` is right. But the output gate takes its share of the bare cell, and that share is squeezed. The other way "
        "round: the gate says how much of the squeezed cell is shown.",
    ),
    "squeezed_cell_kept": Misconception(
        wrong.equations(lambda i, f, g, c, **_: (f * c + i * g).tanh(), lambda c_new, o, **_: o * c_new),
        "`h` is right. But the cell that is carried on was squeezed as well: then it shrinks at every step, and that "
        "is what an LSTM avoids. Squeeze only what is shown.",
    ),
    "squeezed_twice": Misconception(
        wrong.equations(lambda i, f, g, c, **_: (f * c + i * g).tanh()),
        "The cell is squeezed before it is kept, and again before it is shown. Squeeze only what is shown.",
    ),
    "old_cell_shown": Misconception(
        wrong.equations(wrong.right_c, lambda c, o, **_: o * c.tanh()),
        "`c` is right, but `h` shows the cell of the step before. First the new cell, then what is shown of it.",
    ),
    "nothing_forgotten": Misconception(
        wrong.equations(lambda i, g, c, **_: c + i * g),
        "The forget gate has no influence: nothing is ever erased. (So it was in 1997; the forget gate came in 2000.)",
    ),
    "everything_taken_in": Misconception(
        wrong.equations(lambda f, g, c, **_: f * c + g),
        "The input gate has no influence: every candidate is written into the cell at full strength.",
    ),
    "cell_not_carried": Misconception(
        wrong.equations(lambda i, g, **_: i * g),
        "The old cell has no influence on the new one: whatever was remembered is lost at every step.",
    ),
    "coupled": Misconception(
        wrong.equations(lambda f, g, c, **_: f * c + (1 - f) * g),
        "What is not kept is replaced: that is how a GRU mixes, with one gate. An LSTM decides about keeping and "
        "taking in with two gates.",
    ),
    "forget_means_erase": Misconception(
        wrong.equations(lambda i, f, g, c, **_: (1 - f) * c + i * g),
        "The forget gate works the wrong way round here. Despite its name, 1 means keep and 0 means erase.",
    ),
    "forgets_the_candidate_too": Misconception(
        wrong.equations(lambda i, f, g, c, **_: f * (c + i * g)),
        "The forget gate also holds back what is new. It acts on the old cell only.",
    ),
    "b_h_forgotten": Misconception(
        wrong.on_changed(lambda x, h, c, W_x, W_h, b_x, b_h: (x, h, c, W_x, W_h, b_x, torch.zeros_like(b_h))),
        "`b_h` has no influence on the result. Torch keeps two biases, and both are added.",
    ),
    "b_x_forgotten": Misconception(
        wrong.on_changed(lambda x, h, c, W_x, W_h, b_x, b_h: (x, h, c, W_x, W_h, torch.zeros_like(b_x), b_h)),
        "`b_x` has no influence on the result. Torch keeps two biases, and both are added.",
    ),
    "no_biases": Misconception(
        wrong.on_changed(lambda x, h, c, W_x, W_h, b_x, b_h: (x, h, c, W_x, W_h, *torch.zeros(2, len(b_x)))),
        "The two products are right, but the biases have no influence on the result.",
    ),
    "state_ignored": Misconception(
        wrong.on_changed(lambda x, h, c, *weights: (x, torch.zeros_like(h), c, *weights)),
        "The gates listen to the input alone: `h` has no influence on them.",
    ),
    "input_ignored": Misconception(
        wrong.on_changed(lambda x, *rest: (torch.zeros_like(x), *rest)),
        "The gates listen to the state alone: `x` has no influence on them.",
    ),
    "cell_for_state": Misconception(
        wrong.on_changed(lambda x, h, c, *weights: (x, c, c, *weights)),
        "The gates are computed from `c`. They listen to the input and to what was shown, `h`; the cell itself is "
        "private.",
    ),
    "state_for_cell": Misconception(
        wrong.on_changed(lambda x, h, c, *weights: (x, h, h, *weights)),
        "The forget gate multiplies `h`, what was shown, where it should multiply what is kept, the cell.",
    ),
    "other_order": Misconception(
        wrong.concatenated,
        "Vectors and matrices are both laid side by side, but in different orders: the input meets numbers of W_h. The "
        "shapes cannot tell.",
    ),
    "W_x_not_transposed": Misconception(
        wrong.transposed,
        "The input meets W_x as it stands, which runs only where W_x is square, and is wrong there. Weights are stored "
        "(out, in).",
    ),
    "order_of_results": Misconception(
        lambda *arguments: wrong.right(*arguments)[::-1],
        "Both results are right, in the wrong order: `c, h` came back, where `h, c` is expected.",
    ),
    "h_only": Misconception(
        lambda *arguments: wrong.right(*arguments)[0],
        "`h` is right, but it comes alone. The next step needs the cell as well: return both.",
    ),
}

LSTM_CELL = Exercise(
    name="lstm_cell",
    reference=recurrent.lstm_cell,
    returns=("h", "c"),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=lambda x, h, c, *weights: torch.lstm_cell(x, (h, c), *weights),
    forbidden=(
        *(recurrent.lstm_cell, recurrent.lstm_step, recurrent.lstm_gates),
        *(recurrent_layers.Recurrent, recurrent_layers.Layer.run, recurrent_layers.Layer.gates),
        *(nn.LSTM, nn.LSTMCell, torch.lstm, torch.lstm_cell),
    ),
    hints=(
        "One unit, after the activations: i = 0.5, f = 0.9, g = -0.4, o = 0.8, and the cell held 1. Of that 0.9 is "
        "kept, and 0.5 times -0.4 comes in: the new cell is 0.7. Shown is 0.8 times tanh(0.7) = 0.48.",
        "sums (B, 4H), four blocks i, f, g, o of (B, H); c (B, H); h (B, H). Three blocks become gates between 0 and "
        "1, one becomes a candidate between -1 and 1.",
        "`i, f, g, o = (x @ W_x.T + b_x + h @ W_h.T + b_h).chunk(4, dim=1)`",
    ),
    notebook="03",
    minutes=12,
)

EXERCISES = (LSTM_CELL,)

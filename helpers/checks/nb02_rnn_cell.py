"""Notebook 02, rnn_cell."""

import torch
from torch import nn

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import recurrent, recurrent_layers


def random_layer(generator, d_input, d_hidden):
    """W_x (d_hidden, d_input), W_h (d_hidden, d_hidden), b (d_hidden,): small enough that no tanh is flat."""
    shapes = (d_hidden, d_input), (d_hidden, d_hidden), (d_hidden,)
    return tuple(1.2 * torch.rand(shape, generator=generator) - 0.6 for shape in shapes)


def cases(seed):
    """Sizes that differ wherever they can; some that agree, because only there a missing transpose still runs."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, d_input, d_hidden):
        x, h = torch.randn(batch, d_input, generator=generator), torch.rand(batch, d_hidden, generator=generator)
        return x, 2 * h - 1, *random_layer(generator, d_input, d_hidden)

    paper = ([[1.0, 2.0]], [[0.5, -0.5]], [[1.0, 0.0], [0.5, 0.5]], [[1.0, 2.0], [0.0, 1.0]], [0.5, -0.5])
    sizes = (3, 4, 2), (2, 3, 5), (4, 3, 3), (3, 3, 3), (1, 2, 4), (3, 1, 2)
    return [tuple(map(torch.tensor, paper)), *(case(*size) for size in sizes)]


def _sum(x, h, W_x, W_h, b):
    return x @ W_x.T + h @ W_h.T + b


MISCONCEPTIONS = {
    "no_tanh": Misconception(
        _sum,
        "These are the sums before the activation: some are larger than 1, or could be. Something still has to squeeze "
        "them between -1 and 1.",
    ),
    "W_h_not_transposed": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h + b),
        "The state meets the columns of W_h, where the rows are meant. W_h is square, so the shapes raise no alarm; "
        "weights are stored (out, in), both matrices alike.",
    ),
    "W_x_not_transposed": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x + h @ W_h.T + b),
        "The input meets W_x as it stands, which runs only where W_x is square, and is wrong there. Weights are stored "
        "(out, in).",
    ),
    "nothing_transposed": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x + h @ W_h + b),
        "Both matrices are used as they stand. They are stored (out, in), so each row belongs to one neuron of the new "
        "state.",
    ),
    "no_bias": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h.T),
        "The two products are right, but `b` has no influence on the result.",
    ),
    "bias_twice": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(_sum(x, h, W_x, W_h, b) + b),
        "The bias counts twice. (Torch's own layer keeps two biases, one beside each matrix; here there is one.)",
    ),
    "bias_after": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h.T) + b,
        "The bias is added after the tanh, so the state may leave the range from -1 to 1. It belongs to the sum.",
    ),
    "place_by_place": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x * W_x + h * W_h + b),
        "`*` multiplies place by place, which runs only where the shapes happen to fit. A neuron needs the sum over "
        "all its inputs: a matrix product.",
        also=(lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h * W_h + b),),
    ),
    "one_column": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(W_x @ x + W_h @ h + b),
        "The matrices stand on the left, as for *one* sequence written as a column. Here x and h are batches, with a "
        "sequence in each row, and it is the rows that have to meet the weights.",
    ),
    "bias_along_the_batch": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(W_x @ x.T + W_h @ h.T + b).T,
        "With the batch in the columns, `b` is laid along the batch: a number for each sequence, where each neuron has "
        "one. With the sequences in the rows it falls into its place by itself.",
    ),
    "sigmoid": Misconception(
        lambda x, h, W_x, W_h, b: torch.sigmoid(_sum(x, h, W_x, W_h, b)),
        "Every number lies between 0 and 1: that is the sigmoid. A plain recurrent cell uses the function that goes "
        "from -1 to 1.",
    ),
    "relu": Misconception(
        lambda x, h, W_x, W_h, b: torch.relu(_sum(x, h, W_x, W_h, b)),
        "Nothing is negative and nothing is held below 1: that is the ReLU. A plain recurrent cell uses the function "
        "that goes from -1 to 1.",
    ),
    "state_ignored": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + b),
        "The result is the same whatever the state before was: this is a dense layer. What makes it recurrent is that "
        "`h` comes in as well.",
    ),
    "input_ignored": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(h @ W_h.T + b),
        "The result is the same whatever the input is: `x` has no influence.",
    ),
    "squeezed_apart": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + b) + torch.tanh(h @ W_h.T),
        "Input and state are squeezed separately and added afterwards, so the sum can reach 2. First the sum, then one "
        "activation.",
        also=(
            lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T) + torch.tanh(h @ W_h.T + b),
            lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T) + torch.tanh(h @ W_h.T) + b,
        ),
    ),
    "input_squeezed_only": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + b) + h @ W_h.T,
        "Only the input goes through the tanh; what the state brings is added afterwards, unsqueezed, and can grow "
        "from step to step. First the sum, then one activation.",
    ),
    "input_squeezed_without_bias": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T) + h @ W_h.T + b,
        "The tanh closes too early: it takes the input alone, and state and bias are added outside. First the whole "
        "sum, then one activation.",
    ),
    "state_squeezed_only": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(h @ W_h.T + b) + x @ W_x.T,
        "Only the state goes through the tanh; what the input brings is added afterwards, unsqueezed. First the sum, "
        "then one activation.",
    ),
    "added_to_the_state": Misconception(
        lambda x, h, W_x, W_h, b: h + torch.tanh(_sum(x, h, W_x, W_h, b)),
        "The new state is added to the old one. In a plain cell the new state replaces the old one.",
    ),
    "roles_swapped": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(h @ W_x.T + x @ W_h.T + b),
        "The matrices have changed places: W_x belongs to the input, W_h to the state.",
    ),
    "other_order": Misconception(
        lambda x, h, W_x, W_h, b: torch.tanh(torch.cat([h, x], 1) @ torch.cat([W_x, W_h], 1).T + b),
        "Vectors and matrices are both laid side by side, but in different orders: the state meets numbers of W_x. The "
        "shapes cannot tell.",
    ),
}

RNN_CELL = Exercise(
    name="rnn_cell",
    reference=recurrent.rnn_cell,
    returns=("h",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=lambda x, h, W_x, W_h, b: torch.rnn_tanh_cell(x, h, W_x, W_h, b, torch.zeros_like(b)),
    forbidden=(
        *(recurrent.rnn_cell, recurrent.rnn_step, recurrent.rnn_forward),
        *(recurrent_layers.Recurrent, recurrent_layers.Layer.run, recurrent_layers.Layer.gates),
        *(nn.RNN, nn.RNNCell, torch.rnn_tanh, torch.rnn_tanh_cell, torch.rnn_relu_cell),
    ),
    hints=(
        "One neuron, one input: x = 2, state 0.5, weights 0.3 for the input and -1 for the state, bias 0.4. The sum is "
        "0.6 - 0.5 + 0.4 = 0.5, and the new state 0.46.",
        "x (B, F) with W_x (H, F), and h (B, H) with W_h (H, H), give (B, H) each; b (H,) is the same for every row.",
        "`from_input = x @ W_x.T` is the beginning; what does the state add?",
    ),
    notebook="02",
    minutes=5,
    class_time=True,
)

EXERCISES = (RNN_CELL,)

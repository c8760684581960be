"""Recurrent layers, from one cell to several layers in series: the same weights at every step.

Weights are stored as torch stores them, (out, in), with the gates stacked along the rows: i, f, g, o in an LSTM and
r, z, n in a GRU. A step gets the input's part of the sum, the *drive* x W_x^T + b, ready made: it does not depend on
the state, so a layer computes it for all steps at once, outside the loop. Steps take W, which is W_h transposed, for
the same reason: a layer transposes once.

Sources: Elman 1990, "Finding Structure in Time"; Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", with the
forget gate of Gers et al. 2000; Cho et al. 2014, "Learning Phrase Representations", for the GRU.
"""

from collections.abc import Callable

import torch
from torch.nn import functional as F

from helpers.arguments import expect_count, expect_type
from helpers.shapes import expect_floats, expect_ids, expect_lengths, expect_shape


def rnn_cell(x, h, W_x, W_h, b):
    """One step of a plain recurrent layer: h_t = tanh(x_t W_x^T + h_(t-1) W_h^T + b).

    Args:
        x: (batch, d_input)
        h: the state before, (batch, d_hidden); the first cell gets the null vector.
        W_x: (d_hidden, d_input)
        W_h: (d_hidden, d_hidden)
        b: (d_hidden,)

    Returns:
        the state after, (batch, d_hidden).

    Raises:
        ValueError: axes that do not fit.

    >>> rnn_cell(torch.randn(2, 3), torch.zeros(2, 4), torch.randn(4, 3), torch.randn(4, 4), torch.zeros(4)).shape
    torch.Size([2, 4])
    """
    _expect_cell(x, h, W_x, W_h, n_gates=1, b=b)
    return torch.tanh(x @ W_x.T + h @ W_h.T + b)


def rnn_step(drive, h, W):
    """rnn_cell with the input's part ready made: h_t = tanh(drive_t + h_(t-1) W), all (batch, d_hidden)."""
    return torch.tanh(torch.addmm(drive, h, W))  # addmm: the sum and the product in one go


def lstm_cell(x, h, c, W_x, W_h, b_x, b_h):
    """One step of an LSTM: gates decide what the cell state c forgets, takes in and shows.

    i, f, o = sigmoid(...), g = tanh(...) of the four blocks of  x W_x^T + b_x + h W_h^T + b_h
    c_t = f * c_(t-1) + i * g,    h_t = o * tanh(c_t)

    Args:
        x: (batch, d_input)
        h, c: the state before, (batch, d_hidden) each.
        W_x: (4 d_hidden, d_input), gates in torch's order i, f, g, o.
        W_h: (4 d_hidden, d_hidden)
        b_x, b_h: (4 d_hidden,); only their sum matters, torch keeps both.

    Returns:
        h, c after the step, (batch, d_hidden) each.

    Raises:
        ValueError: axes that do not fit.
    """
    _expect_cell(x, h, W_x, W_h, n_gates=4, b_x=b_x, b_h=b_h)
    expect_floats(h=h, c=c)
    expect_shape("c", c, "batch d_hidden", batch=h.shape[0], d_hidden=h.shape[1])
    input_gate, forget_gate, candidate, output_gate = (x @ W_x.T + b_x + h @ W_h.T + b_h).chunk(4, dim=1)
    c = forget_gate.sigmoid() * c + input_gate.sigmoid() * candidate.tanh()
    return output_gate.sigmoid() * c.tanh(), c


def lstm_step(drive, state, W):
    """lstm_cell with the input's part ready made: drive (batch, 4 d_hidden), state (h, c) -> the next (h, c)."""
    h, c = state
    input_gate, forget_gate, candidate, output_gate = lstm_gates(drive, h, W)
    c = forget_gate * c + input_gate * candidate
    return output_gate * c.tanh(), c


def lstm_gates(drive, h, W):
    """(n, 4 d_hidden) and (n, d_hidden) -> input_gate, forget_gate, candidate, output_gate, each (n, d_hidden)."""
    i, f, g, o = torch.addmm(drive, h, W).chunk(4, dim=1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def gru_cell(x, h, W_x, W_h, b_x, b_h):
    """One step of a GRU: mix the state before with a candidate.

    r, z = sigmoid(...) of the first two blocks of  x W_x^T + b_x + h W_h^T + b_h
    n = tanh(x W_x^T + b_x + r * (h W_h^T + b_h)) of the third,    h_t = (1 - z) * n + z * h_(t-1)

    Args:
        x: (batch, d_input)
        h: the state before, (batch, d_hidden)
        W_x: (3 d_hidden, d_input), gates in torch's order r, z, n.
        W_h: (3 d_hidden, d_hidden)
        b_x, b_h: (3 d_hidden,)

    Returns:
        the state after, (batch, d_hidden).

    Raises:
        ValueError: axes that do not fit.

    Source: Cho et al. 2014, in torch's variant: the reset gate acts after the product with W_h, not before.
    """
    _expect_cell(x, h, W_x, W_h, n_gates=3, b_x=b_x, b_h=b_h)
    from_input, from_state = x @ W_x.T + b_x, h @ W_h.T + b_h
    x_r, x_z, x_n = from_input.chunk(3, dim=1)
    h_r, h_z, h_n = from_state.chunk(3, dim=1)
    reset_gate, update_gate = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    candidate = torch.tanh(x_n + reset_gate * h_n)
    return (1 - update_gate) * candidate + update_gate * h


def gru_step(drive, h, W, b_h):
    """gru_cell with the input's part ready made: drive (batch, 3 d_hidden), h (batch, d_hidden) -> the next h."""
    _, update_gate, candidate = gru_gates(drive, h, W, b_h)
    return torch.lerp(candidate, h, update_gate)  # (1 - z) * candidate + z * h


def gru_gates(drive, h, W, b_h):
    """(n, 3 d_hidden) and (n, d_hidden) -> reset_gate, update_gate, candidate, each (n, d_hidden)."""
    d_hidden = h.shape[1]
    drive_gates, drive_n = drive.split([2 * d_hidden, d_hidden], dim=1)
    state_gates, state_n = torch.addmm(b_h, h, W).split([2 * d_hidden, d_hidden], dim=1)
    reset_gate, update_gate = torch.sigmoid(drive_gates + state_gates).chunk(2, dim=1)
    return reset_gate, update_gate, torch.tanh(drive_n + reset_gate * state_n)


def unroll(step, inputs, state):
    """Unfold a recurrence in time: state_t = step(inputs[:, t], state_(t-1)), the same step at every t.

    Args:
        step: (inputs_t (batch, ...), state) -> the next state; a state may be a tensor or a tuple such as (h, c).
        inputs: (batch, seq, ...)
        state: what the first step gets.

    Returns:
        the list of the states after each step.

    >>> unroll(lambda x_t, total: total + x_t, torch.tensor([[1, 2, 3]]), torch.tensor([10]))
    [tensor([11]), tensor([13]), tensor([16])]
    """
    expect_type("step", step, Callable)
    expect_type("inputs", inputs, torch.Tensor)
    expect_shape("inputs", inputs, "... batch seq")
    states = []
    for x_t in inputs.unbind(1):
        state = step(x_t, state)
        states.append(state)
    return states


def rnn_forward(x, h0, W_x, W_h, b):
    """Run a plain recurrent layer over whole sequences.

    Args:
        x: (batch, seq, d_input)
        h0: the state before the first step, (batch, d_hidden)
        W_x, W_h, b: as in rnn_cell, the same at every step.

    Returns:
        states (batch, seq, d_hidden) and the last of them (batch, d_hidden).

    Raises:
        ValueError: axes that do not fit, or no step at all.
    """
    expect_steps(x)
    _expect_cell(x[:, 0], h0, W_x, W_h, n_gates=1, state="h0", b=b)
    W, h, states = W_h.T, h0, []
    for drive in F.linear(x, W_x, b).unbind(1):  # the input's part of all steps at once: it needs no state
        h = rnn_step(drive, h, W)
        states.append(h)
    return torch.stack(states, dim=1), h


def last_valid(states, lengths):
    """The state after each sequence's own last step, not after the padding: states[b, lengths[b] - 1].

    Args:
        states: (batch, seq, d_hidden)
        lengths: whole numbers (batch,), each between 1 and seq.

    Returns:
        (batch, d_hidden)

    Raises:
        ValueError: lengths that do not fit the batch; the message names the sequence.

    >>> last_valid(torch.arange(6.0).view(2, 3, 1), torch.tensor([1, 3])).flatten().tolist()
    [0.0, 5.0]
    """
    expect_type("states", states, torch.Tensor)
    size = expect_shape("states", states, "batch seq d_hidden")
    lengths = expect_lengths("lengths", lengths, size["seq"], size["batch"]).to(states.device)
    return states[torch.arange(size["batch"], device=states.device), lengths - 1]


def generate(step, h0, start, n):
    """Write n symbols one after another: each step is fed the most likely symbol of the step before.

    Args:
        step: (ids (batch,), h) -> logits (batch, vocabulary), h
        h0: the state before the first step; any type that step takes.
        start: ids (batch,) fed to the first step; they are not part of the result.
        n: how many symbols to write.

    Returns:
        ids (batch, n)
    """
    expect_type("step", step, Callable)
    expect_ids("start", start, "batch")
    n = expect_count("n", n, least=0)
    ids, h, written = start, h0, []
    for _ in range(n):
        logits, h = step(ids, h)
        ids = logits.argmax(dim=-1)
        written.append(ids)
    return torch.stack(written, dim=1) if written else start.new_empty(len(start), 0)


def expect_steps(x):
    """The sizes of x (batch, seq, d_input), or a sentence when there is no step to take."""
    expect_floats(x=x)
    size = expect_shape("x", x, "batch seq d_input")
    if not size["seq"]:
        raise ValueError(f"x: a sequence needs at least one step (its shape is {tuple(x.shape)}, batch seq d_input)")
    return size


def _expect_cell(x, h, W_x, W_h, n_gates, state="h", **biases):
    expect_floats(x=x, **{state: h}, W_x=W_x, W_h=W_h, **biases)
    d_input = expect_shape("x", x, "batch d_input")["d_input"]
    d_hidden = expect_shape(state, h, "batch d_hidden", batch=x.shape[0])["d_hidden"]
    rows = "d_hidden" if n_gates == 1 else f"{n_gates}*d_hidden"
    expect_shape("W_x", W_x, f"{rows} d_input", **{rows: n_gates * d_hidden, "d_input": d_input})
    expect_shape("W_h", W_h, f"{rows} d_hidden_before", **{rows: n_gates * d_hidden, "d_hidden_before": d_hidden})
    for name, bias in biases.items():
        expect_shape(name, bias, rows, **{rows: n_gates * d_hidden})

"""How far back a recurrent layer can learn: gradients through time, and initialisations that reach further.

Sources: Bengio, Simard & Frasconi 1994, "Learning Long-Term Dependencies with Gradient Descent Is Difficult"; Pascanu,
Mikolov & Bengio 2013, "On the Difficulty of Training Recurrent Neural Networks".
"""

import torch

from helpers.arguments import expect_count, expect_number, expect_type
from helpers.models.recurrent import rnn_step
from helpers.models.recurrent_layers import GATES, Recurrent
from helpers.shapes import expect_floats, expect_shape


def state_jacobian(states, W_h, k):
    """How the last state of a plain recurrent layer answers to the state after step k: d states[-1] / d states[k].

    d h_T / d h_k = product over t = T ... k+1 of diag(1 - h_t^2) W_h, since tanh' = 1 - tanh^2.

    Args:
        states: (seq, d_hidden), the states of one sequence.
        W_h: (d_hidden, d_hidden)
        k: a step, counted from 0; at the last step the answer is the identity.

    Returns:
        (d_hidden, d_hidden), row i holding the derivatives of the last state's unit i.

    Raises:
        ValueError: axes that do not fit, or a step that is not there.
    """
    expect_floats(states=states, W_h=W_h)
    size = expect_shape("states", states, "seq d_hidden")
    expect_shape("W_h", W_h, "d_hidden_out d_hidden", d_hidden_out=size["d_hidden"], d_hidden=size["d_hidden"])
    k = expect_count("k", k, least=0, most=size["seq"] - 1)
    jacobian = torch.eye(size["d_hidden"], dtype=states.dtype, device=states.device)
    for h_t in states[k + 1 :]:
        jacobian = (1 - h_t**2)[:, None] * (W_h @ jacobian)
    return jacobian


def truncated_gradient(x, W_x, W_h, b, cut):
    """Back-propagation stopped at a step: the gradient of the sum of the last state by every input.

    The state that enters step `cut` keeps its value, but nothing flows back through it (detach): inputs before `cut`
    get zeros. The layer is a plain one and starts from the null vector.

    Args:
        x: (seq, d_input), one sequence.
        W_x, W_h, b: as in rnn_cell.
        cut: a step, counted from 0; cut = 0 is the whole gradient.

    Returns:
        (seq, d_input)

    Raises:
        ValueError: axes that do not fit, or a step that is not there.
    """
    expect_floats(x=x, W_x=W_x, W_h=W_h, b=b)
    size = expect_shape("x", x, "seq d_input")
    d_hidden = expect_shape("W_x", W_x, "d_hidden d_input", d_input=size["d_input"])["d_hidden"]
    expect_shape("W_h", W_h, "d_hidden d_hidden_before", d_hidden=d_hidden, d_hidden_before=d_hidden)
    expect_shape("b", b, "d_hidden", d_hidden=d_hidden)
    cut = expect_count("cut", cut, least=0, most=size["seq"] - 1)
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        h = x.new_zeros(1, len(W_h))
        for t, drive in enumerate((x @ W_x.T + b).split(1)):
            h = rnn_step(drive, h.detach() if t == cut else h, W_h.T)
        return torch.autograd.grad(h.sum(), x)[0]


def gradient_norms(recurrent, x, state=None):
    """How much the last state still feels of each input: the Frobenius norm of d states[-1] / d x[t], for every t.

    Exact, by one batched backward pass (a row for each unit of the state); distance to the end is seq - 1 - t.

    Args:
        recurrent: a Recurrent of any kind.
        x: (seq, d_input), one sequence.
        state: what the first step gets, as in Recurrent.forward, for a batch of one; by default zeros.

    Returns:
        (seq,)
    """
    expect_type("recurrent", recurrent, Recurrent)
    expect_floats(weight=recurrent.layers[0].W_x, x=x)
    expect_shape("x", x, "seq d_input", d_input=recurrent.d_input)
    with torch.enable_grad():
        x = x.detach()[None].requires_grad_()
        last = recurrent(x, state)[0][0, -1]
        directions = torch.eye(len(last), dtype=last.dtype, device=last.device)
        (jacobian,) = torch.autograd.grad(last, x, directions, is_grads_batched=True)  # (d_hidden, 1, seq, d_input)
    return jacobian[:, 0].pow(2).sum(dim=(0, 2)).sqrt()


@torch.no_grad()
def orthogonal_init_(recurrent, gain=1.0):
    """Make W_h, gate by gate, an orthogonal matrix times gain: all its singular values are gain. Returns the layer.

    A plain layer then neither shrinks nor stretches a gradient, except by tanh', which is at most 1.

    Source: Saxe, McClelland & Ganguli 2014, "Exact Solutions to the Nonlinear Dynamics of Learning".
    """
    expect_type("recurrent", recurrent, Recurrent)
    expect_number("gain", gain, above=0)
    for layer in recurrent.layers:
        for block in layer.W_h.split(layer.d_hidden):
            torch.nn.init.orthogonal_(block, gain)
    return recurrent


@torch.no_grad()
def chrono_init_(recurrent, longest):
    """Let the gates start out remembering for up to `longest` steps: it has to be told. Returns the layer.

    LSTM: b_forget = log u, b_input = -b_forget;  GRU: b_update = log u;  u ~ Uniform(1, longest) for each unit

    A gate of sigmoid(log u) = u / (1 + u) keeps a state for about 1 + u steps. All other biases stay as they are.

    Args:
        recurrent: a Recurrent of kind "lstm" or "gru".
        longest: steps, more than 1.

    Raises:
        ValueError: a plain layer, which has no gates, or a longest of 1 or less.

    Source: Tallec & Ollivier 2018, "Can Recurrent Neural Networks Warp Time?" (u up to longest - 1 there). Torch's GRU
    keeps the state where its update gate is open, theirs where it is shut: hence the other sign.
    """
    expect_type("recurrent", recurrent, Recurrent)
    if recurrent.kind == "rnn":
        raise ValueError("recurrent: a plain layer has no gates to open; chrono_init_ is for an LSTM or a GRU")
    expect_number("longest", longest, above=1)
    for layer in recurrent.layers:
        remember = torch.empty_like(layer.b_x[: layer.d_hidden]).uniform_(1, longest).log()
        gates = {"update_gate": remember} if layer.kind == "gru" else {"forget_gate": remember, "input_gate": -remember}
        for gate, bias in gates.items():
            row = GATES[layer.kind].index(gate)
            layer.b_x.unflatten(0, (-1, layer.d_hidden))[row] = bias
            layer.b_h.unflatten(0, (-1, layer.d_hidden))[row] = 0.0  # the two biases are added: one of them says it
    return recurrent

"""Gradients through time against autograd; initialisations against what they promise."""

import pytest
import torch

from helpers.models.recurrent import rnn_forward
from helpers.models.recurrent_layers import GATES, Recurrent
from helpers.models.through_time import (
    chrono_init_,
    gradient_norms,
    orthogonal_init_,
    state_jacobian,
    truncated_gradient,
)

SEQ, D_INPUT, D_HIDDEN = 6, 3, 4


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


def plain_layer():
    return [torch.randn(*shape) * 0.6 for shape in ((SEQ, D_INPUT), (D_HIDDEN, D_INPUT), (D_HIDDEN,) * 2, (D_HIDDEN,))]


@pytest.mark.parametrize("k", range(SEQ))
def test_state_jacobian_equals_autograd(k):
    x, W_x, W_h, b = plain_layer()
    states, _ = rnn_forward(x[None], torch.zeros(1, D_HIDDEN), W_x, W_h, b)
    states = states[0]

    def rest(h):
        return rnn_forward(x[None, k + 1 :], h[None], W_x, W_h, b)[1][0] if k + 1 < SEQ else h

    torch.testing.assert_close(
        state_jacobian(states, W_h, k), torch.autograd.functional.jacobian(rest, states[k].clone())
    )


@pytest.mark.parametrize("cut", range(SEQ))
def test_truncated_gradient_is_the_whole_gradient_from_the_cut_on_and_zero_before(cut):
    x, W_x, W_h, b = plain_layer()
    got = truncated_gradient(x, W_x, W_h, b, cut)
    states = rnn_forward(x[None], torch.zeros(1, D_HIDDEN), W_x, W_h, b)[0][0]
    whole = torch.stack([(state_jacobian(states, W_h, t) * (1 - states[t] ** 2)).sum(0) @ W_x for t in range(SEQ)])
    torch.testing.assert_close(got[cut:], whole[cut:])
    assert (got[:cut] == 0).all()
    assert not x.requires_grad


def test_steps_that_are_not_there_are_refused():
    x, W_x, W_h, b = plain_layer()
    with pytest.raises(ValueError, match="k: expected between 0 and 5, got 6"):
        state_jacobian(torch.zeros(SEQ, D_HIDDEN), W_h, 6)
    with pytest.raises(ValueError, match="cut: expected between 0 and 5, got -1"):
        truncated_gradient(x, W_x, W_h, b, -1)


@pytest.mark.parametrize("kind", GATES)
def test_gradient_norms_equal_finite_differences(kind):
    layer = Recurrent(kind, D_INPUT, D_HIDDEN, n_layers=2).double()
    x, eps = torch.randn(SEQ, D_INPUT, dtype=torch.float64), 1e-6
    squares = torch.zeros(SEQ, dtype=torch.float64)
    with torch.no_grad():
        for t in range(SEQ):
            for i in range(D_INPUT):
                nudge = torch.zeros_like(x)
                nudge[t, i] = eps
                up, down = (layer(each[None])[0][0, -1] for each in (x + nudge, x - nudge))
                squares[t] += (((up - down) / (2 * eps)) ** 2).sum()
    torch.testing.assert_close(gradient_norms(layer, x), squares.sqrt(), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("kind", GATES)
def test_orthogonal_init_makes_every_singular_value_the_gain(kind):
    layer = orthogonal_init_(Recurrent(kind, D_INPUT, D_HIDDEN, n_layers=2), gain=0.9)
    for each in layer.layers:
        for block in each.W_h.split(D_HIDDEN):
            torch.testing.assert_close(torch.linalg.svdvals(block), torch.full((D_HIDDEN,), 0.9))


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_chrono_init_keeps_a_state_for_up_to_the_longest_lag(kind):
    layer = chrono_init_(Recurrent(kind, D_INPUT, 2000), longest=100)
    zeros = torch.zeros(1, 1, D_INPUT)
    gates = layer.trace(zeros)[0].gates  # first step, x = 0 and h = 0: the biases alone
    keep = gates["forget_gate" if kind == "lstm" else "update_gate"]
    steps_kept = 1 / (1 - keep)  # 1 + u, u uniform on 1 ... 100
    assert steps_kept.min() >= 1.99
    assert steps_kept.max() <= 101.5
    assert abs(steps_kept.mean() - 51.5) < 3
    if kind == "lstm":
        torch.testing.assert_close(gates["input_gate"], 1 - keep)


def test_chrono_init_lets_the_gradient_reach_further():
    x = torch.randn(60, D_INPUT)
    for kind in ("lstm", "gru"):
        plain = gradient_norms(Recurrent(kind, D_INPUT, 16), x)[0]
        assert gradient_norms(chrono_init_(Recurrent(kind, D_INPUT, 16), 60), x)[0] > 1000 * plain


def test_chrono_init_refuses_a_layer_without_gates_and_no_distance():
    with pytest.raises(ValueError, match="no gates to open"):
        chrono_init_(Recurrent("rnn", 2, 3), 10)
    with pytest.raises(ValueError, match="longest: expected a number above 1, got 1"):
        chrono_init_(Recurrent("gru", 2, 3), 1)

"""Our recurrent cells and layers against torch's own: values and gradients, every parameter random, h0 != 0."""

import pytest
import torch
from torch import nn

from helpers.models import recurrent as cells
from helpers.models.recurrent_layers import GATES, Recurrent, from_torch, reverse
from tests.randomised import randomised

TORCH_LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
TORCH_CELLS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}
KINDS = list(GATES)
BATCH, SEQ, D_INPUT, D_HIDDEN = 3, 7, 4, 5


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


def random_state(kind, n_layers):
    h, c = torch.randn(2, n_layers, BATCH, D_HIDDEN)
    return (h, c) if kind == "lstm" else h


def pair(kind, n_layers=2, two_way=False):
    theirs = TORCH_LAYERS[kind](D_INPUT, D_HIDDEN, n_layers, batch_first=True, bidirectional=two_way)
    return randomised(theirs), from_torch(theirs)


def flat(state):
    return torch.cat([each.flatten() for each in (state if isinstance(state, tuple) else (state,))])


@pytest.mark.parametrize("kind", KINDS)
def test_cells_equal_torchs_cells_in_values_and_gradients(kind):
    theirs = randomised(TORCH_CELLS[kind](D_INPUT, D_HIDDEN))
    W_x, W_h, b_x, b_h = (p.detach().clone().requires_grad_() for p in theirs.parameters())
    x, h, c = torch.randn(BATCH, D_INPUT), torch.randn(BATCH, D_HIDDEN), torch.randn(BATCH, D_HIDDEN)
    if kind == "rnn":
        ours = cells.rnn_cell(x, h, W_x, W_h, b_x + b_h)
        expected = theirs(x, h)
    elif kind == "gru":
        ours = cells.gru_cell(x, h, W_x, W_h, b_x, b_h)
        expected = theirs(x, h)
    else:
        ours = torch.cat(cells.lstm_cell(x, h, c, W_x, W_h, b_x, b_h))
        expected = torch.cat(theirs(x, (h, c)))
    torch.testing.assert_close(ours, expected)
    weighting = torch.randn_like(expected)
    ours = torch.autograd.grad((ours * weighting).sum(), (W_x, W_h, b_x, b_h))
    torch.testing.assert_close(ours, torch.autograd.grad((expected * weighting).sum(), tuple(theirs.parameters())))


@pytest.mark.parametrize("two_way", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_layers_equal_torchs_layers_in_values_and_gradients(kind, two_way):
    theirs, ours = pair(kind, two_way=two_way)
    x, state = torch.randn(BATCH, SEQ, D_INPUT), random_state(kind, 4 if two_way else 2)
    expected, got = theirs(x, state), ours(x, state)
    torch.testing.assert_close(got, expected)
    weighting, weighting_last = torch.randn_like(expected[0]), torch.randn_like(flat(expected[1]))
    for states, last in (expected, got):
        ((states * weighting).sum() + (flat(last) * weighting_last).sum()).backward()
    for name, parameter in theirs.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
        parameter.data = parameter.grad  # so that from_torch brings their gradients under our names
    torch.testing.assert_close(
        {name: p.grad for name, p in ours.named_parameters()}, dict(from_torch(theirs).state_dict())
    )


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_state_the_first_step_gets_zeros(kind):
    theirs, ours = pair(kind)
    x = torch.randn(BATCH, SEQ, D_INPUT)
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_go_one_three_four(kind):
    count = sum(p.numel() for p in Recurrent(kind, D_INPUT, D_HIDDEN, n_layers=2).parameters())
    plain = sum(p.numel() for p in Recurrent("rnn", D_INPUT, D_HIDDEN, n_layers=2).parameters())
    assert count == {"rnn": 1, "gru": 3, "lstm": 4}[kind] * plain
    assert count == sum(p.numel() for p in TORCH_LAYERS[kind](D_INPUT, D_HIDDEN, 2).parameters())


def test_rnn_forward_is_the_cell_again_and_again_and_equals_the_layer():
    theirs, _ = pair("rnn", n_layers=1)
    W_x, W_h, b_x, b_h = (p.detach() for p in theirs.parameters())
    x, h0 = torch.randn(BATCH, SEQ, D_INPUT), torch.randn(BATCH, D_HIDDEN)
    states, last = cells.rnn_forward(x, h0, W_x, W_h, b_x + b_h)
    torch.testing.assert_close(states, theirs(x, h0[None])[0])
    assert torch.equal(last, states[:, -1])
    by_cells = cells.unroll(lambda x_t, h: cells.rnn_cell(x_t, h, W_x, W_h, b_x + b_h), x, h0)
    torch.testing.assert_close(torch.stack(by_cells, 1), states)


@pytest.mark.parametrize("two_way", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_and_equals_torchs_packed_sequences(kind, two_way):
    theirs, ours = pair(kind, two_way=two_way)
    lengths, state = torch.tensor([2, SEQ, 5]), random_state(kind, 4 if two_way else 2)
    x = torch.randn(BATCH, SEQ, D_INPUT)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, expected_last = theirs(packed, state)
    expected, _ = nn.utils.rnn.pad_packed_sequence(expected, batch_first=True)
    got = ours(x, state, lengths)
    torch.testing.assert_close(got, (expected, expected_last))
    x[0, 2:], x[2, 5:] = 1e3, -1e3
    assert torch.equal(ours(x, state, lengths)[0], got[0])


@pytest.mark.parametrize("kind", KINDS)
def test_halves_of_a_sequence_can_be_read_one_after_the_other(kind):
    ours = randomised(Recurrent(kind, D_INPUT, D_HIDDEN, n_layers=2))
    x = torch.randn(BATCH, SEQ, D_INPUT)
    first, state = ours(x[:, :3])
    second, last = ours(x[:, 3:], state)
    torch.testing.assert_close((torch.cat([first, second], 1), last), ours(x))


def test_reverse_turns_each_sequence_and_leaves_its_padding_behind():
    x = torch.arange(8).view(2, 4)
    assert reverse(x).tolist() == [[3, 2, 1, 0], [7, 6, 5, 4]]
    assert reverse(x, torch.tensor([3, 1])).tolist() == [[2, 1, 0, 3], [4, 5, 6, 7]]


# What the gates did


@pytest.mark.parametrize("kind", KINDS)
def test_trace_holds_the_states_and_the_gates_of_this_pass(kind):
    ours = randomised(Recurrent(kind, D_INPUT, D_HIDDEN, n_layers=2))
    x, state = torch.randn(BATCH, SEQ, D_INPUT), random_state(kind, 2)
    traces = ours.trace(x, state)
    assert torch.equal(traces[-1].hidden, ours(x, state)[0])
    for number, trace in enumerate(traces):
        start = (state[0] if kind == "lstm" else state)[number]
        before = torch.cat([start[:, None], trace.hidden[:, :-1]], dim=1)
        gates = trace.gates
        assert all(gate.shape == (BATCH, SEQ, D_HIDDEN) for gate in gates.values())
        if kind == "lstm":  # the equations again, by hand, from what was recorded
            cells_before = torch.cat([state[1][number][:, None], trace.cell_state[:, :-1]], dim=1)
            c = gates["forget_gate"] * cells_before + gates["input_gate"] * gates["candidate"]
            torch.testing.assert_close(trace.cell_state, c)
            torch.testing.assert_close(trace.hidden, gates["output_gate"] * c.tanh())
        elif kind == "gru":
            z = gates["update_gate"]
            torch.testing.assert_close(trace.hidden, (1 - z) * gates["candidate"] + z * before)
        else:
            torch.testing.assert_close(trace.hidden, gates["candidate"])


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize(("kind", "gate"), [(k, g) for k in KINDS for g in GATES[k] if g != "candidate"])
def test_forcing_a_gate_changes_the_states_from_there_on_and_only_there(kind, gate, value):
    ours = randomised(Recurrent(kind, D_INPUT, D_HIDDEN, n_layers=2))
    x, step = torch.randn(BATCH, SEQ, D_INPUT), 3
    plain, forced = ours.trace(x), ours.trace(x, forced={(0, step, gate): value})
    assert (forced[0].gates[gate][:, step] == value).all()
    for before, after in zip(plain, forced, strict=True):
        same = (before.hidden == after.hidden).all(dim=2)
        assert same[:, :step].all()
        assert not same[:, step:].any()


def test_forcing_a_gate_of_the_upper_layer_leaves_the_lower_one_alone():
    ours = randomised(Recurrent("lstm", D_INPUT, D_HIDDEN, n_layers=2))
    x = torch.randn(BATCH, SEQ, D_INPUT)
    plain, forced = ours.trace(x), ours.trace(x, forced={(1, 3, "forget_gate"): 0})
    assert torch.equal(plain[0].hidden, forced[0].hidden)
    assert not torch.equal(plain[1].hidden, forced[1].hidden)


def test_one_unit_can_be_forced_alone_and_goes_before_all_units():
    ours = randomised(Recurrent("lstm", D_INPUT, D_HIDDEN))
    x = torch.randn(BATCH, SEQ, D_INPUT)
    (plain,), (one,) = ours.trace(x), ours.trace(x, forced={(0, 2, "forget_gate", 1): 0})
    changed = (plain.cell_state != one.cell_state).any(dim=0)  # (seq, d_hidden)
    assert changed[2].tolist() == [unit == 1 for unit in range(D_HIDDEN)]
    assert not changed[:2].any()
    assert changed[3:].all()
    (both,) = ours.trace(x, forced={(0, 2, "forget_gate", 1): 1, (0, 2, "forget_gate"): 0})
    assert both.gates["forget_gate"][0, 2].tolist() == [0, 1, 0, 0, 0]


def test_a_gru_with_its_update_gate_open_keeps_the_state_exactly():
    ours = randomised(Recurrent("gru", D_INPUT, D_HIDDEN))
    (trace,) = ours.trace(torch.randn(BATCH, SEQ, D_INPUT), forced={(0, 4, "update_gate"): 1})
    assert torch.equal(trace.hidden[:, 4], trace.hidden[:, 3])


def test_forcing_a_unit_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="forced: no unit 5; units up to 4"):
        Recurrent("gru", D_INPUT, D_HIDDEN).trace(torch.randn(1, 2, D_INPUT), forced={(0, 0, "reset_gate", 5): 0})


@pytest.mark.parametrize("where", [(1, 0, "forget_gate"), (0, SEQ, "forget_gate"), (0, 0, "update_gate")])
def test_forcing_a_gate_that_is_not_there_is_refused(where):
    with pytest.raises(ValueError, match="gates input_gate, forget_gate, output_gate"):
        Recurrent("lstm", D_INPUT, D_HIDDEN).trace(torch.randn(1, SEQ, D_INPUT), forced={where: 0})


# What is refused, and how


def test_last_valid_reads_before_the_padding():
    states = torch.randn(BATCH, SEQ, D_HIDDEN)
    got = cells.last_valid(states, [1, SEQ, 3])
    assert torch.equal(got, torch.stack([states[0, 0], states[1, -1], states[2, 2]]))


@pytest.mark.parametrize(
    ("lengths", "error", "sentence"),
    [
        ([1, 8, 3], ValueError, "sequence 1 has length 8, but there are only 7 steps"),
        ([1, 2, 0], ValueError, "sequence 2 has length 0; an empty sequence"),
        ([1, 2], ValueError, "one for each of the 3 sequences, got shape \\(2,\\)"),
        ([1.0, 2.0, 3.0], TypeError, "whole numbers, got torch.float32"),
    ],
)
def test_lengths_that_do_not_fit_get_a_sentence(lengths, error, sentence):
    with pytest.raises(error, match=sentence):
        cells.last_valid(torch.randn(BATCH, SEQ, D_HIDDEN), lengths)
    with pytest.raises(error, match=sentence):
        Recurrent("rnn", D_INPUT, D_HIDDEN)(torch.randn(BATCH, SEQ, D_INPUT), lengths=lengths)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((torch.ones(3, 7, 6),), ValueError, "x: d_input should be 4 but is 6"),
        ((torch.ones(7, 4),), ValueError, "x: expected 3 axes"),
        ((torch.ones(3, 0, 4),), ValueError, "x: a sequence needs at least one step"),
        ((torch.ones(3, 7, 4), torch.ones(1, 2, 5)), TypeError, "state: the lstm carries the pair"),
        ((torch.ones(3, 7, 4), (torch.ones(1, 2, 5),) * 2), ValueError, "state h: batch should be 3 but is 2"),
    ],
)
def test_wrong_shapes_get_a_sentence(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        Recurrent("lstm", D_INPUT, D_HIDDEN)(*arguments)


def test_cells_refuse_weights_that_do_not_fit():
    x, h = torch.ones(2, D_INPUT), torch.ones(2, D_HIDDEN)
    W_x, W_h = torch.ones(4 * D_HIDDEN, D_INPUT), torch.ones(4 * D_HIDDEN, D_HIDDEN)
    with pytest.raises(ValueError, match="W_x: 3\\*d_hidden should be 15 but is 20"):
        cells.gru_cell(x, h, W_x, W_h, torch.ones(20), torch.ones(20))
    with pytest.raises(ValueError, match="h: batch should be 2 but is 3"):
        cells.lstm_cell(x, torch.ones(3, D_HIDDEN), h, W_x, W_h, torch.ones(20), torch.ones(20))


def test_unknown_kinds_and_sizes_are_refused():
    with pytest.raises(ValueError, match="kind: expected one of rnn, gru, lstm; got 'LSTM'"):
        Recurrent("LSTM", 2, 3)
    with pytest.raises(ValueError, match="d_hidden: expected at least 1, got 0"):
        Recurrent("rnn", 2, 0)


# Writing one symbol after another


def test_generate_feeds_each_symbol_back_and_carries_the_state():
    def count(ids, h):  # the next symbol is the last one plus how many steps were taken
        return nn.functional.one_hot((ids + h) % 10, 10).float(), h + 1

    ids = cells.generate(count, torch.ones(2, dtype=torch.long), torch.tensor([0, 3]), 4)
    assert ids.tolist() == [[1, 3, 6, 0], [4, 6, 9, 3]]
    assert cells.generate(count, torch.ones(2), torch.tensor([0, 3]), 0).shape == (2, 0)


@pytest.mark.parametrize("two_way", [False, True])
@pytest.mark.parametrize("kind", GATES)
def test_not_even_nan_in_the_padding_reaches_a_gradient(kind, two_way):
    layer, x, lengths = Recurrent(kind, 3, 4, n_layers=2, two_way=two_way), torch.randn(2, 5, 3), torch.tensor([5, 2])

    def gradients():
        layer.zero_grad()
        layer(x, lengths=lengths)[0].square().sum().backward()
        return [parameter.grad for parameter in layer.parameters()]

    clean = gradients()
    x[1, 2:] = torch.nan
    assert all(torch.equal(one, other) for one, other in zip(clean, gradients(), strict=True))

"""Recurrent layers in series, as a module: plain, LSTM or GRU, one way or two ways, with or without padding.

x (batch, seq, d_input) -> Recurrent -> states (batch, seq, d_hidden), and the state after the last step
"""

import math
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import MOST_DEEP, expect_choice, expect_count, expect_sizes, expect_type
from helpers.models.recurrent import (
    expect_steps,
    gru_gates,
    gru_step,
    last_valid,
    lstm_gates,
    lstm_step,
    rnn_step,
    unroll,
)
from helpers.shapes import expect_floats, expect_lengths, expect_shape

GATES = {  # kind of cell -> its blocks of rows, in the order in which torch stacks them
    "rnn": ("candidate",),
    "gru": ("reset_gate", "update_gate", "candidate"),
    "lstm": ("input_gate", "forget_gate", "candidate", "output_gate"),
}


class Layer(nn.Module):
    """One recurrent layer, running one way; see Recurrent for the arguments.

    Every kind keeps two biases as torch does, so that parameters go 1 : 3 : 4 (rnn, gru, lstm).
    """

    def __init__(self, kind, d_input, d_hidden):
        super().__init__()
        self.kind, self.d_hidden = kind, d_hidden
        n_rows = len(GATES[kind]) * d_hidden
        self.W_x = nn.Parameter(torch.empty(n_rows, d_input))
        self.W_h = nn.Parameter(torch.empty(n_rows, d_hidden))
        self.b_x = nn.Parameter(torch.empty(n_rows))
        self.b_h = nn.Parameter(torch.empty(n_rows))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(d_hidden), 1 / math.sqrt(d_hidden))  # as torch does

    def drive(self, x):
        """The input's part of every step at once: (batch, seq, d_input) -> (batch, seq, gates d_hidden)."""
        # A GRU multiplies b_h by its reset gate, so only there it has to wait for the step.
        return F.linear(x, self.W_x, self.b_x if self.kind == "gru" else self.b_x + self.b_h)

    def gates(self, drive, h):
        """What the gates did at a step with this drive after the state h: (n, d_hidden) each, in the order of GATES."""
        if self.kind == "lstm":
            return lstm_gates(drive, h, self.W_h.T)
        if self.kind == "gru":
            return gru_gates(drive, h, self.W_h.T, self.b_h)
        return (rnn_step(drive, h, self.W_h.T),)

    def run(self, drive, state):
        """(batch, seq, gates d_hidden) -> the list of all states h, and of all cells c (an LSTM's) or None."""
        W, b_h = self.W_h.T, self.b_h
        if self.kind == "lstm":
            return tuple(zip(*unroll(lambda d, state: lstm_step(d, state, W), drive, state), strict=True))
        if self.kind == "gru":
            return unroll(lambda d, h: gru_step(d, h, W, b_h), drive, state), None
        return unroll(lambda d, h: rnn_step(d, h, W), drive, state), None


class Trace(NamedTuple):
    """What happened inside one layer at every step, (batch, seq, d_hidden) each."""

    gates: dict[str, torch.Tensor]  # "forget_gate", "candidate", ... as in GATES
    hidden: torch.Tensor
    cell_state: torch.Tensor | None  # only an LSTM has one


class Recurrent(nn.Module):
    """Recurrent layers in series: each layer reads the states of the one below.

    Args:
        kind: "rnn", "gru" or "lstm".
        d_input: width of the vector at each step.
        d_hidden: width of the state.
        n_layers: layers in series.
        two_way: a second set of cells reads from the end; its states stand beside the first's, d_hidden wide each.

    Raises:
        ValueError: an unknown kind or a size below 1.

    Source: as torch.nn.RNN, LSTM and GRU with batch_first=True; weights and gradients compare one to one.

    >>> states, last = Recurrent("gru", d_input=5, d_hidden=8)(torch.randn(2, 7, 5))
    >>> states.shape, last.shape
    (torch.Size([2, 7, 8]), torch.Size([1, 2, 8]))
    """

    def __init__(self, kind, d_input, d_hidden, n_layers=1, two_way=False):
        super().__init__()
        expect_choice("kind", kind, GATES)
        expect_sizes(d_input=d_input, d_hidden=d_hidden)
        expect_count("n_layers", n_layers, most=MOST_DEEP)
        self.kind, self.d_input, self.d_hidden, self.n_layers, self.two_way = kind, d_input, d_hidden, n_layers, two_way
        ways = 2 if two_way else 1
        widths = [d_input] + [ways * d_hidden] * (n_layers - 1)
        self.layers = nn.ModuleList(Layer(kind, width, d_hidden) for width in widths for _ in range(ways))

    def forward(self, x, state=None, lengths=None):
        """Read whole sequences.

        Args:
            x: (batch, seq, d_input)
            state: what the first step gets, as returned; by default zeros.
            lengths: whole numbers (batch,); what stands after a sequence's end is padding and changes nothing.

        Returns:
            states of the top layer (batch, seq, d_hidden), zero at padding (twice as wide with two_way);
            and each layer's state after the last step, (layer, batch, d_hidden), for an LSTM the pair (h, c) of
            these. With two_way the layers stand in pairs: forward, backward.

        Raises:
            ValueError: axes or lengths that do not fit, or a sequence without a step.
            TypeError: a state that is not what this kind carries.
        """
        size = self._expect(x)
        if lengths is not None:
            lengths = expect_lengths("lengths", lengths, size["seq"], size["batch"]).to(x.device)
            padding = (torch.arange(size["seq"], device=x.device) >= lengths[:, None])[:, :, None]
            x = x.masked_fill(padding, 0.0)  # for the gradients: NaN times 0 is NaN
        ways = 2 if self.two_way else 1
        starts, finals = self._starts(state, x), []
        for first in range(0, len(self.layers), ways):
            sides = []
            for way, layer in enumerate(self.layers[first : first + ways]):
                trails = layer.run(layer.drive(reverse(x, lengths) if way else x), starts[first + way])
                finals.append([_last(trail, lengths) for trail in trails if trail is not None])
                hidden = torch.stack(trails[0], dim=1)
                sides.append(reverse(hidden, lengths) if way else hidden)
            x = torch.cat(sides, dim=2) if self.two_way else sides[0]
        if lengths is not None:
            x = x.masked_fill(padding, 0.0)
        finals = tuple(torch.stack(each) for each in zip(*finals, strict=True))
        return x, finals if self.kind == "lstm" else finals[0]

    def trace(self, x, state=None, forced=None):
        """Read whole sequences and keep what every gate did: a Trace for each layer.

        Args:
            x, state: as in forward.
            forced: {(layer, step, gate): 0 or 1}, counted from 0: this gate is held shut or open there, for all units;
                or {(layer, step, gate, unit): 0 or 1} for one of them, which then goes first.

        Raises:
            ValueError: a place or a gate that is not there, a value other than 0 and 1, or two_way.

        >>> trace = Recurrent("lstm", 3, 4).trace(torch.randn(1, 5, 3), forced={(0, 2, "forget_gate"): 0})[0]
        >>> trace.gates["forget_gate"][0, 2].tolist()
        [0.0, 0.0, 0.0, 0.0]
        """
        size = self._expect(x)
        if self.two_way:
            raise ValueError("trace: follows one way only; this layer was built with two_way=True")
        forced = {} if forced is None else forced
        expect_type("forced", forced, dict)
        for place, value in forced.items():
            self._expect_gate(place, value, size["seq"])
        held = sorted(forced.items(), key=lambda item: len(item[0]))  # single units after all units
        traces = []
        for number, (layer, start) in enumerate(zip(self.layers, self._starts(state, x), strict=True)):
            drive = layer.drive(x).unflatten(2, (-1, self.d_hidden))
            for (which, t, gate, *unit), value in held:
                if which == number:  # sigmoid(+-inf) is exactly 1 or 0, whatever the state adds
                    drive[:, t, GATES[self.kind].index(gate), unit or slice(None)] = math.inf if value else -math.inf
            drive = drive.flatten(2)
            x, cells = (trail and torch.stack(trail, dim=1) for trail in layer.run(drive, start))
            before = torch.cat([(start[0] if self.kind == "lstm" else start)[:, None], x[:, :-1]], dim=1)
            gates = layer.gates(drive.flatten(0, 1), before.flatten(0, 1))  # all steps at once: the states are known
            gates = {
                name: gate.unflatten(0, before.shape[:2]) for name, gate in zip(GATES[self.kind], gates, strict=True)
            }
            traces.append(Trace(gates, x, cells))
        return traces

    def _expect(self, x):
        expect_floats(weight=self.layers[0].W_x, x=x)
        expect_steps(x)
        return expect_shape("x", x, "batch seq d_input", d_input=self.d_input)

    def _expect_gate(self, place, value, n_steps):
        if not (isinstance(place, tuple) and len(place) in (3, 4) and {*map(type, place[:2] + place[3:])} == {int}):
            raise ValueError(f"forced: expected (layer, step, gate) or (layer, step, gate, unit), got {place!r:.60}")
        layer, t, gate, unit = place if len(place) == 4 else (*place, 0)
        if not (0 <= layer < self.n_layers and 0 <= t < n_steps and gate in GATES[self.kind]):
            raise ValueError(
                f"forced: no {gate!r} in layer {layer} at step {t}; layers up to {self.n_layers - 1}, steps up to "
                f"{n_steps - 1}, gates {', '.join(g for g in GATES[self.kind] if g != 'candidate')}"
            )
        if not 0 <= unit < self.d_hidden:
            raise ValueError(f"forced: no unit {unit}; units up to {self.d_hidden - 1}")
        if gate == "candidate" or value not in (0, 1):
            raise ValueError(f"forced: a gate is held at 0 or 1, got {value!r} for {gate!r}")

    def _starts(self, state, x):
        """The state before the first step of each layer: a list of h (batch, d_hidden), for an LSTM of pairs (h, c)."""
        axes, shape = "layer batch d_hidden", (len(self.layers), x.shape[0], self.d_hidden)
        if state is None:
            zeros = x.new_zeros(shape)
            state = (zeros, zeros) if self.kind == "lstm" else zeros
        is_pair = isinstance(state, tuple | list)
        if is_pair != (self.kind == "lstm") or (is_pair and len(state) != 2):
            carries = "the pair (h, c)" if self.kind == "lstm" else "one tensor h"
            raise TypeError(f"state: the {self.kind} carries {carries}, each (layer, batch, d_hidden)")
        for name, each in zip(("h", "c"), state, strict=True) if is_pair else [("h", state)]:
            expect_floats(x=x, **{f"state {name}": each})
            expect_shape(f"state {name}", each, axes, **dict(zip(axes.split(), shape, strict=True)))
        return list(zip(*state, strict=True)) if is_pair else list(state)


def reverse(x, lengths=None):
    """(batch, seq, ...) -> the same with each sequence back to front; padding stays where it is, after the end."""
    if lengths is None:
        return x.flip(1)
    t = torch.arange(x.shape[1], device=x.device).expand(x.shape[:2])
    t = torch.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)
    return x[torch.arange(x.shape[0], device=x.device)[:, None], t]


def _last(trail, lengths):
    """The last of a list of states (batch, d_hidden), or each sequence's own last one."""
    return trail[-1] if lengths is None else last_valid(torch.stack(trail, dim=1), lengths)


def from_torch(layer):
    """Our Recurrent with a copy of the weights of an nn.RNN (tanh), nn.GRU or nn.LSTM.

    >>> from_torch(nn.LSTM(3, 4, num_layers=2, batch_first=True)).n_layers
    2
    """
    if not isinstance(layer, nn.RNNBase) or layer.mode == "RNN_RELU" or not layer.bias or layer.proj_size:
        raise ValueError(f"layer: expected torch's RNN (tanh), GRU or LSTM, with biases, no projection; got {layer!r}")
    ours = Recurrent(
        layer.mode.removesuffix("_TANH").lower(),
        layer.input_size,
        layer.hidden_size,
        layer.num_layers,
        layer.bidirectional,
    )
    theirs = layer.state_dict()  # weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, ...
    ways = ("", "_reverse") if layer.bidirectional else ("",)
    suffixes = [f"_l{number}{way}" for number in range(layer.num_layers) for way in ways]
    names = {"W_x": "weight_ih", "W_h": "weight_hh", "b_x": "bias_ih", "b_h": "bias_hh"}
    ours.load_state_dict(
        {f"layers.{i}.{our}": theirs[its + suffix] for i, suffix in enumerate(suffixes) for our, its in names.items()}
    )
    return ours

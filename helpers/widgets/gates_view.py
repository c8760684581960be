"""GatesView: an LSTM or a GRU reads a text; every gate visible, and each can be held open or shut."""

import torch
import traitlets

from helpers.arguments import expect_count, expect_type
from helpers.models.recurrent_layers import GATES, Recurrent
from helpers.widgets.base import Array, CourseWidget, as_array, as_tokens, validates

MOST_STEPS, MOST_UNITS = 32, 16  # beyond it the cells are too small to be read
ALL = -1  # as a unit: all of them


class GatesView(CourseWidget):
    """Walk along a text, see what the gates do, hold one of them and see what is forgotten.

    Everything is readable back: ``gates``, ``cell_state``, ``hidden`` and ``moved`` are computed here, in Python, by
    the layer itself, with the gates held that are held now.

    Args:
        tokens: the letters or words, between 1 and 32 of them.
        recurrent: a Recurrent of kind "lstm" or "gru", one way, with up to 16 units.
        x: what the layer reads at each step, (seq, d_input).
        state: what its first step gets, as Recurrent takes it, for a batch of one; by default zeros.
        layer: which of the layers in series is shown, from 1.
        override: gates to hold, see the property.
        show: what is shown of all units, such as "forget_gate"; by default "cell_state", or "hidden" in a GRU.
        part, focus: what is spelled out, such as "forget_gate", at [step, unit], both from 0.
        projector: everything larger, for the back row.

    Raises:
        ValueError: a plain or a two-way layer, too many units or steps, shapes that do not fit.

    >>> layer = Recurrent("lstm", d_input=3, d_hidden=4)
    >>> view = GatesView(["R", "o", "m", "e"], layer, torch.eye(4, 3), override={(1, "forget_gate"): 0})
    >>> view
    GatesView(R o m e; lstm of 4 units; 1 gate held)
    >>> view.gates["forget_gate"][1].tolist(), view.moved[0].item()
    ([0.0, 0.0, 0.0, 0.0], 0.0)
    """

    python_only = ("tokens", "kind", "drive", "W_h", "b_h", "h", "c")
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    drive = Array("seq rows", allow_none=False)  # the input's part of all sums
    W_h = Array("rows d_hidden", allow_none=False)
    b_h = Array("rows", allow_none=False)  # what a GRU's reset gate holds back with the state; zeros in an LSTM
    h = Array("d_hidden", allow_none=False)
    c = Array("d_hidden", allow_none=False)
    held = traitlets.List().tag(sync=True)  # [[step, gate, unit or ALL, 0 or 1], ...]
    all_units = traitlets.Bool(True).tag(sync=True)  # whether a click holds all units
    show = traitlets.Unicode().tag(sync=True)
    part = traitlets.Unicode().tag(sync=True)
    focus = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)

    def __init__(self, tokens, recurrent, x, state=None, *, layer=1, override=None, show=None, part=None, **settings):
        _expect_gated(recurrent, layer)
        x = as_array("x", x, "seq d_input", d_input=recurrent.d_input)
        tokens = as_tokens("tokens", tokens, len(x))
        if len(tokens) > MOST_STEPS:
            raise ValueError(f"tokens: up to {MOST_STEPS} steps can be shown, got {len(tokens)}")
        self._layer, self._x, self._state = _alone(recurrent, torch.tensor(x)[None], state, layer)
        (mine,) = self._layer.layers
        h, c = self._state if mine.kind == "lstm" else (self._state, torch.zeros_like(self._state))
        super().__init__(
            tokens=tokens,
            kind=mine.kind,
            drive=mine.drive(self._x)[0].detach(),
            W_h=mine.W_h,
            b_h=mine.b_h if mine.kind == "gru" else torch.zeros_like(mine.b_h),
            h=h.flatten(),
            c=c.flatten(),
            show=show if show is not None else ("cell_state" if mine.kind == "lstm" else "hidden"),
            part=part if part is not None else ("forget_gate" if mine.kind == "lstm" else "update_gate"),
            **settings,
        )
        self.override = {} if override is None else override

    @property
    def override(self):
        """The gates that are held: {(step, gate): 0 or 1} for all units, {(step, gate, unit): 0 or 1} for one.

        Steps and units are counted from 0. A single unit goes before all units.
        """
        return {(t, gate) if unit == ALL else (t, gate, unit): value for t, gate, unit, value in self.held}

    @override.setter
    def override(self, override):
        expect_type("override", override, dict)
        if wrong := [place for place in override if not isinstance(place, tuple)]:
            raise ValueError(f"override: expected (step, gate) or (step, gate, unit): 0 or 1, got {wrong[0]!r:.60}")
        self.held = [[*place, *(() if len(place) == 3 else (ALL,)), value] for place, value in override.items()]

    def _trace(self, held):
        forced = {(0, t, gate) if unit == ALL else (0, t, gate, unit): value for t, gate, unit, value in held}
        with torch.no_grad():
            return self._layer.trace(self._x, self._state, forced)[0]

    @property
    def gates(self):
        """What every gate, and the candidate, did: dict name -> (seq, d_hidden)."""
        return {name: gate[0] for name, gate in self._trace(self.held).gates.items()}

    @property
    def cell_state(self):
        """An LSTM's cell after each step, (seq, d_hidden)."""
        if self.kind == "gru":
            raise ValueError("cell_state: a GRU has none; what it keeps is its state, `.hidden`")
        return self._trace(self.held).cell_state[0]

    @property
    def hidden(self):
        """The state after each step, (seq, d_hidden)."""
        return self._trace(self.held).hidden[0]

    @property
    def moved(self):
        """How far each step's state is from where it would be with no gate held, (seq,): the largest over the units."""
        return (self.hidden - self._trace([]).hidden[0]).abs().amax(dim=1)

    @validates("held")
    def _validate_held(self, proposal):
        for place in proposal.value:
            if not isinstance(place, list | tuple) or len(place) != 4:
                raise ValueError(f"override: expected (step, gate) or (step, gate, unit): 0 or 1, got {place!r:.60}")
        try:
            self._trace(proposal.value)  # refuses what is not there, with a sentence
        except ValueError as error:
            raise ValueError(str(error).replace("forced: ", "override: ")) from None
        return [list(place) for place in proposal.value]

    @validates("focus")
    def _validate_focus(self, proposal):
        t, unit = proposal.value
        if not (0 <= t < len(self.tokens) and 0 <= unit < len(self.h)):
            raise ValueError(
                f"focus: no step {t} and unit {unit} among {len(self.tokens)} steps and {len(self.h)} units"
            )
        return proposal.value

    @validates("show", "part")
    def _validate_part(self, proposal):
        parts = [*GATES[self.kind], *(("cell_state",) if self.kind == "lstm" else ()), "hidden"]
        parts += ["moved"] if proposal.trait.name == "part" else []
        if proposal.value not in parts:
            raise ValueError(f"{proposal.trait.name}: expected one of {', '.join(parts)}, got {proposal.value!r:.40}")
        return proposal.value

    def state(self):
        """Where everything is now, as a plain dict."""
        names = "show", "part", "focus", "all_units", "projector"
        return {"override": self.override} | {name: getattr(self, name) for name in names}

    def summary(self):  # noqa: D102 (see the base)
        held = f"; {len(self.held)} gate{'s' * (len(self.held) > 1)} held" if self.held else ""
        return f"{' '.join(self.tokens):.60}; {self.kind} of {len(self.h)} units{held}"


def _expect_gated(recurrent, layer):
    if not isinstance(recurrent, Recurrent) or recurrent.kind == "rnn" or recurrent.two_way:
        kind = f"a {recurrent.kind}" if isinstance(recurrent, Recurrent) else type(recurrent).__name__
        two_way = " that reads two ways" if getattr(recurrent, "two_way", False) else ""
        raise ValueError(f"recurrent: expected a Recurrent with gates (lstm or gru), one way; got {kind}{two_way}")
    if recurrent.d_hidden > MOST_UNITS:
        raise ValueError(f"recurrent: up to {MOST_UNITS} units can be shown, this one has {recurrent.d_hidden}")
    expect_count("layer", layer, most=recurrent.n_layers)


@torch.no_grad()
def _alone(recurrent, x, state, layer):
    """One of the layers in series, by itself: a Recurrent, what it reads (1, seq, d_input), and its first state."""
    traces = recurrent.trace(x, state)
    below = x if layer == 1 else traces[layer - 2].hidden
    alone = Recurrent(recurrent.kind, below.shape[2], recurrent.d_hidden)
    alone.layers[0].load_state_dict(recurrent.layers[layer - 1].state_dict())
    if state is None:
        zeros = below.new_zeros(1, 1, recurrent.d_hidden)
        return alone, below, (zeros, zeros) if recurrent.kind == "lstm" else zeros
    mine = slice(layer - 1, layer)
    return alone, below, tuple(each[mine] for each in state) if recurrent.kind == "lstm" else state[mine]

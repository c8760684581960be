"""RecurrentStepper: a plain recurrent layer, one step at a time, and the gradient that comes back through time."""

import numpy as np
import torch
import traitlets

from helpers.models.recurrent import rnn_forward
from helpers.models.recurrent_layers import Recurrent
from helpers.models.through_time import gradient_norms
from helpers.shapes import expect_shape
from helpers.widgets.base import Array, CourseWidget, as_array, validates

MOST_STEPS, MOST_UNITS = 12, 4  # beyond it the numbers are too small to be read from the back row
LARGEST = 10  # of any number, for the same reason


class RecurrentStepper(CourseWidget):
    """h_t = tanh(W_x x_t + W_h h_(t-1) + b), walked through with the arrow keys; W_h can be stretched and shrunk.

    Everything is readable back: ``hidden`` and ``gradient_norms`` are computed here, in Python, from the inputs and
    from where the slider is now.

    Args:
        x: (seq, d_input), between 1 and 12 steps of between 1 and 4 numbers.
        W_x: (d_hidden, d_input), between 1 and 4 units.
        W_h: (d_hidden, d_hidden), not all zeros; stored (out, in), as torch stores it.
        b: (d_hidden,)
        h0: the state before the first step, (d_hidden,); the null vector unless given.
        largest: the largest singular value that W_h is rescaled to; by default W_h stays as it is.
        view: "forward" or "gradient".
        step: the step that is spelled out, from 0.
        projector: everything larger, for the back row.

    Raises:
        ValueError: shapes that do not fit, numbers that are not finite or beyond 10, too many steps or units.

    >>> stepper = RecurrentStepper(torch.eye(3), torch.ones(2, 3), [[0.5, 0.3], [0.0, 0.5]], [0.0, 0.0])
    >>> stepper
    RecurrentStepper(3 steps, 2 units; largest singular value 0.67)
    >>> stepper.hidden.shape, stepper.gradient_norms.shape
    (torch.Size([3, 2]), torch.Size([3]))
    """

    python_only = ("x", "W_x", "b", "h0", "direction", "radius", "start")
    x = Array("seq d_input", allow_none=False)
    W_x = Array("d_hidden d_input", allow_none=False)
    b = Array("d_hidden", allow_none=False)
    h0 = Array("d_hidden", allow_none=False)
    direction = Array("d_hidden d_hidden_before", allow_none=False)  # W_h with the largest singular value 1
    largest = traitlets.Float().tag(sync=True)
    radius = traitlets.Float().tag(sync=True)  # the spectral radius of direction
    view = traitlets.Enum(["forward", "gradient"], "forward").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    start = traitlets.Float().tag(sync=True)  # the largest singular value that reset goes back to

    def __init__(self, x, W_x, W_h, b, h0=None, *, largest=None, **settings):
        W_x = as_array("W_x", W_x, "d_hidden d_input")
        n_units = len(W_x)
        arrays = {
            "x": as_array("x", x, "seq d_input", d_input=W_x.shape[1]),
            "W_x": W_x,
            "b": as_array("b", b, "d_hidden", d_hidden=n_units),
            "h0": np.zeros(n_units) if h0 is None else as_array("h0", h0, "d_hidden", d_hidden=n_units),
        }
        for name, size, most in (
            ("x", len(arrays["x"]), f"{MOST_STEPS} steps"),
            ("W_x", n_units, f"{MOST_UNITS} units"),
            ("x", W_x.shape[1], f"{MOST_UNITS} numbers at each step"),
        ):
            if size > int(most.split()[0]):
                raise ValueError(f"{name}: at most {most} can be shown, got {size}")
        d_input, axes = W_x.shape[1], ("seq", "d_input", "d_hidden", "d_hidden_before")
        self._sizes = dict(zip(axes, (len(arrays["x"]), d_input, n_units, n_units), strict=True))
        direction, own_largest = _unit(W_h, n_units)
        largest = own_largest if largest is None else largest
        super().__init__(
            **arrays, direction=direction, radius=_radius(direction), largest=largest, start=largest, **settings
        )

    @validates("x", "W_x", "b", "h0", "direction")
    def _validate_array(self, proposal):
        trait, array = proposal.trait, proposal.value
        sizes = {axis: self._sizes[axis] for axis in trait.axes.split()}
        expect_shape(trait.name, array, trait.axes, **sizes)  # the picture is laid out once: sizes stay
        return _expect_small(trait.name, array)

    @validates("largest", "start")
    def _validate_largest(self, proposal):
        if not 0 <= proposal.value <= LARGEST:
            raise ValueError(f"largest: expected a singular value from 0 to {LARGEST}, got {proposal.value:g}")
        return proposal.value

    @validates("step")
    def _validate_step(self, proposal):
        if not 0 <= proposal.value < len(self.x):
            raise ValueError(f"step: expected between 0 and {len(self.x) - 1}, got {proposal.value}")
        return proposal.value

    def _rescaled(self):
        return self.largest * self.direction

    def _replace(self, W_h):
        direction, largest = _unit(W_h, len(self.b))
        with self.hold_trait_notifications():
            self.direction, self.largest, self.radius = direction, largest, _radius(direction)

    W_h = property(_rescaled, _replace, doc="The recurrent weights as they are now, (d_hidden, d_hidden).")

    def _doubles(self, *names):
        return (torch.tensor(getattr(self, name), dtype=torch.float64) for name in names)

    @property
    def hidden(self):
        """The state after each step, (seq, d_hidden)."""
        x, h0, W_x, W_h, b = self._doubles("x", "h0", "W_x", "W_h", "b")
        return rnn_forward(x[None], h0[None], W_x, W_h, b)[0][0].float()

    @property
    def gradient_norms(self):
        """How much the last state still feels of each input, |d h_T / d x_t|, (seq,)."""
        x, h0, W_x, W_h, b = self._doubles("x", "h0", "W_x", "W_h", "b")
        layer = Recurrent("rnn", x.shape[1], len(b)).double()
        weights = {"W_x": W_x, "W_h": W_h, "b_x": b, "b_h": torch.zeros_like(b)}
        layer.load_state_dict({f"layers.0.{name}": weight for name, weight in weights.items()})
        return gradient_norms(layer, x, h0[None, None]).float()

    def state(self):
        """Where everything is now, as a plain dict."""
        return {name: getattr(self, name) for name in ("W_h", "largest", "view", "step", "projector")}

    def summary(self):  # noqa: D102 (see the base)
        steps, units = (
            f"{n} {what}{'s' if n > 1 else ''}" for n, what in ((len(self.x), "step"), (len(self.b), "unit"))
        )
        return f"{steps}, {units}; largest singular value {self.largest:.2f}"


def _unit(W_h, n_units):
    """W_h -> the same with the largest singular value 1, and what that was."""
    axes = {"d_hidden": n_units, "d_hidden_before": n_units}
    W_h = _expect_small("W_h", as_array("W_h", W_h, "d_hidden d_hidden_before", **axes))
    largest = float(np.linalg.norm(W_h.astype(float), 2))
    if not largest:
        raise ValueError("W_h: all zeros cannot be rescaled; give a matrix, and largest=0 if it shall do nothing")
    return W_h / largest, largest


def _radius(matrix):
    """The spectral radius: the largest size of an eigenvalue."""
    return float(abs(np.linalg.eigvals(matrix.astype(float))).max())


def _expect_small(name, array):
    if abs(array).max() > LARGEST:
        raise ValueError(f"{name}: expected numbers from -{LARGEST} to {LARGEST}, got {abs(array).max():g}")
    return array

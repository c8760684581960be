"""RecurrentStepper without a browser: what Python computes, takes and refuses; its agreement with the JavaScript."""

import json
import subprocess

import numpy as np
import pytest
import torch
from torch import nn

from helpers.widgets import RecurrentStepper
from helpers.widgets.base import HERE

X = [[1.0, 0.0], [0.0, 0.0], [0.0, 0.5]]
W_X = [[0.8, 0.5], [-0.6, 0.9], [0.3, 0.2]]
W_H = [[0.9, -0.4, 0.0], [0.5, 0.6, 0.2], [0.0, 0.1, 0.3]]
B = [0.1, -0.2, 0.0]
LAYER = {"x": X, "W_x": W_X, "W_h": W_H, "b": B}


@pytest.fixture
def stepper():
    return RecurrentStepper(**LAYER)


def random_layer(seed, seq, d_input, d_hidden):
    generator = torch.Generator().manual_seed(seed)
    shapes = {"x": (seq, d_input), "W_x": (d_hidden, d_input), "W_h": (d_hidden,) * 2, "b": (d_hidden,)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


# --- the numbers


def test_hidden_is_torchs_own_whatever_the_slider_says():
    given = random_layer(0, 7, 2, 3)
    h0 = torch.tensor([0.5, -0.5, 0.9])
    stepper = RecurrentStepper(**given, h0=h0, largest=1.3)
    torchs = nn.RNN(2, 3, batch_first=True)
    weights = {"weight_ih_l0": given["W_x"], "bias_ih_l0": given["b"], "bias_hh_l0": torch.zeros(3)}
    for largest in (1.3, 0.4):
        stepper.largest = largest
        rescaled = largest * given["W_h"] / torch.linalg.matrix_norm(given["W_h"], 2)
        torchs.load_state_dict(weights | {"weight_hh_l0": rescaled})
        torch.testing.assert_close(stepper.hidden, torchs(given["x"][None], h0[None, None])[0][0].detach())
        torch.testing.assert_close(torch.tensor(stepper.W_h), rescaled)


def test_gradient_norms_are_autograds():
    given = random_layer(1, 6, 3, 2)
    h0 = torch.tensor([[0.3, -0.8]])
    W_h = given["W_h"]

    def last(x):
        h = h0[0]
        for x_t in x:
            h = torch.tanh(given["W_x"] @ x_t + W_h @ h + given["b"])
        return h

    expected = torch.autograd.functional.jacobian(last, given["x"]).pow(2).sum(dim=(0, 2)).sqrt()
    stepper = RecurrentStepper(**given, h0=h0[0])
    torch.testing.assert_close(stepper.gradient_norms, expected)
    stepper.h0 = [0, 0]
    assert not torch.allclose(stepper.gradient_norms, expected)


def test_a_matrix_of_zeros_leaves_the_last_input_alone(stepper):
    stepper.largest = 0
    assert (stepper.gradient_norms > 0).tolist() == [False, False, True]


def test_the_matrix_is_what_was_given_and_can_be_replaced(stepper):
    np.testing.assert_allclose(stepper.W_h, W_H, atol=1e-6)
    assert stepper.largest == pytest.approx(np.linalg.norm(W_H, 2))
    stepper.W_h = 2 * np.eye(3)
    assert (stepper.largest, stepper.radius) == (2, 1)
    np.testing.assert_allclose(stepper.W_h, 2 * np.eye(3))


def test_the_spectral_radius_is_that_of_the_rescaled_matrix():
    stepper = RecurrentStepper(**LAYER | {"W_h": [[0.5, 3, 0], [0, 0.5, 0], [0, 0, 0.1]]}, largest=2.0)
    assert stepper.largest * stepper.radius == pytest.approx(abs(np.linalg.eigvals(stepper.W_h)).max())
    assert stepper.largest * stepper.radius < 0.4


def test_state_and_repr(stepper):
    stepper.set_state({"largest": 1.5, "step": 2, "view": "gradient"})
    state = stepper.state()
    assert (state["largest"], state["step"], state["view"], state["projector"]) == (1.5, 2, "gradient", False)
    np.testing.assert_allclose(np.linalg.norm(state["W_h"], 2), 1.5, rtol=1e-6)
    assert repr(stepper) == "RecurrentStepper(3 steps, 3 units; largest singular value 1.50)"
    assert repr(RecurrentStepper([[1]], [[1]], [[0.5]], [0])) == (
        "RecurrentStepper(1 step, 1 unit; largest singular value 0.50)"
    )


# --- what is refused, with a sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"x": [[1, 2, 3]]}, "x: d_input should be 2 but is 3"),
        ({"x": [1, 2]}, "x: expected 2 axes"),
        ({"x": []}, "x: expected 2 axes"),
        ({"x": [[0, 0]] * 13}, "x: at most 12 steps can be shown, got 13"),
        ({"x": [[0, float("nan")]]}, "x: expected finite numbers"),
        ({"x": [[0, 11]]}, "x: expected numbers from -10 to 10, got 11"),
        ({"x": "abc"}, "x: expected numbers"),
        ({"W_x": [[1, 0]] * 5, "W_h": np.eye(5), "b": [0] * 5}, "W_x: at most 4 units can be shown, got 5"),
        ({"W_x": np.eye(3, 5), "x": [[1] * 5]}, "x: at most 4 numbers at each step can be shown, got 5"),
        ({"W_h": np.eye(2)}, "W_h: d_hidden should be 3 but is 2"),
        ({"W_h": np.ones((3, 2))}, "W_h: d_hidden_before should be 3 but is 2"),
        ({"W_h": np.zeros((3, 3))}, "W_h: all zeros cannot be rescaled"),
        ({"W_h": 100 * np.eye(3)}, "W_h: expected numbers from -10 to 10, got 100"),
        ({"b": [0, 0]}, "b: d_hidden should be 3 but is 2"),
        ({"h0": [[0, 0, 0]]}, "h0: expected 1 axes"),
        ({"largest": -1}, "largest: expected a singular value from 0 to 10, got -1"),
        ({"largest": float("nan")}, "largest: expected a singular value from 0 to 10, got nan"),
        ({"step": 3}, "step: expected between 0 and 2, got 3"),
    ],
)
def test_bad_input_is_refused(changed, sentence):
    with pytest.raises(ValueError, match=sentence):
        RecurrentStepper(**LAYER | changed)


@pytest.mark.parametrize(
    "state",
    [
        {"largest": -1}, {"step": 3}, {"step": -1}, {"x": [[1, 1]]}, {"view": "sideways"}, {"b": [1]}, {"radius": 7.0},
        {"largest": 2, "direction": np.eye(3).tolist()},
    ],
)  # fmt: skip
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(stepper, state):
    before, radius = stepper.hidden, stepper.radius
    with pytest.raises(Exception, match=r"\w"):  # traitlets has errors of its own; in a kernel they end in the log
        stepper.set_state(state)
    assert torch.equal(stepper.hidden, before)
    assert stepper.radius == radius


def test_python_itself_still_sets_what_the_browser_must_not(stepper):
    stepper.W_h = 2 * np.eye(3)
    assert (stepper.largest, stepper.radius) == (2.0, 1.0)


def test_lists_arrays_and_tensors_are_all_welcome(stepper):
    for kind in (np.array, torch.tensor):
        other = RecurrentStepper(**{name: kind(value) for name, value in LAYER.items()})
        torch.testing.assert_close(other.hidden, stepper.hidden)


# --- the browser's half, in node


def test_browser_and_python_compute_the_same():
    sizes = [(1, 1, 1), (12, 4, 4), (8, 2, 3), (5, 3, 2), (12, 1, 4)]
    steppers = [
        RecurrentStepper(**random_layer(seed, *size), h0=np.linspace(-0.9, 0.9, size[2]), largest=largest)
        for seed, size in enumerate(sizes)
        for largest in (0.3, 1.0, 1.8)
    ]
    cases = [{name: getattr(stepper, name).tolist() for name in ("x", "h0", "W_x", "W_h", "b")} for stepper in steppers]
    code = f"""import {{ gradientNorms, unfold }} from "{(HERE / "through_time.js").as_uri()}";
    const run = ({{ x, h0, ...weights }}) => {{
      const cells = unfold(x, h0, weights);
      return {{ hidden: cells.map(({{ after }}) => after), norms: gradientNorms(cells, weights) }};
    }};
    console.log(JSON.stringify({json.dumps(cases)}.map(run)));"""
    done = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    for stepper, shown in zip(steppers, json.loads(done.stdout), strict=True):
        torch.testing.assert_close(stepper.hidden, torch.tensor(shown["hidden"]), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(stepper.gradient_norms, torch.tensor(shown["norms"]), atol=1e-7, rtol=1e-4)

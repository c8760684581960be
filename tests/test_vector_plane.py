"""VectorPlane without a browser: what Python computes, takes and refuses, and how the labels are placed."""

import json
import subprocess

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.widgets import VectorPlane
from helpers.widgets.base import HERE

WORDS = ["The", "big", "dog"]
X = [[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]]
STRETCHED = [[0.2, 0], [0, 1.5]]


@pytest.fixture
def plane():
    return VectorPlane(WORDS, X, STRETCHED)


def packed(rows):
    """An array as the browser sends it."""
    array = np.array(rows, dtype="<f4")
    return {"shape": list(array.shape), "data": memoryview(array.tobytes())}


# --- the numbers


def test_raw_products_by_hand():
    products = VectorPlane(WORDS, X, scale=False).scores
    torch.testing.assert_close(products[0, 1:], torch.tensor([-0.96, -0.11]), atol=0.006, rtol=0)
    assert products[1, 2].item() == pytest.approx(-0.15, abs=0.006)


def test_stretched_matrix_of_the_lesson(plane):
    expected = torch.tensor([[0.80, 0.09, 0.11], [0.08, 0.49, 0.42], [0.11, 0.46, 0.43]])
    torch.testing.assert_close(plane.weights, expected, atol=0.005, rtol=0)


def test_weights_are_stored_out_in_and_outputs_are_torchs_own():
    generator = torch.Generator().manual_seed(0)
    x, *matrices = (torch.randn(n, 2, generator=generator) for n in (5, 2, 2, 2))
    plane = VectorPlane(list("abcde"), x, *matrices, temperature=0.7)
    q, k, v = (F.linear(x, W) for W in matrices)
    for computed, ours in ((q, plane.q), (k, plane.k), (v, plane.v)):
        torch.testing.assert_close(ours, computed)
    expected = F.scaled_dot_product_attention(q, k, v, scale=1 / (0.7 * 2**0.5))
    torch.testing.assert_close(plane.outputs, expected)
    torch.testing.assert_close(plane.weights, plane.scores.softmax(dim=1))
    plane.scale = False
    torch.testing.assert_close(plane.scores, q @ k.T / 0.7)


# --- what can be set


def test_everything_is_the_identity_unless_given():
    plane = VectorPlane(WORDS, X)
    assert plane.same
    assert all(np.array_equal(W, np.eye(2)) for W in (plane.W_query, plane.W_key, plane.W_value))


def test_one_matrix_is_enough_while_they_are_the_same():
    for given in ({"W_query": STRETCHED}, {"W_key": STRETCHED}):
        plane = VectorPlane(WORDS, X, **given)
        assert plane.same
        assert np.array_equal(plane.W_query, plane.W_key)
        assert plane.W_query[1, 1] == 1.5
    assert VectorPlane(WORDS, X, STRETCHED, same=False).W_key.tolist() == [[1, 0], [0, 1]]


def test_two_different_matrices_untick_the_box():
    plane = VectorPlane(WORDS, X, STRETCHED, [[0, 1], [1, 0]])
    assert plane.same is False
    assert repr(plane) == "VectorPlane(The big dog; W_Q and W_K of their own)"


def test_editing_one_edits_both_while_they_are_the_same(plane):
    plane.W_key = [[1, 2], [3, 4]]
    assert plane.W_query.tolist() == [[1, 2], [3, 4]]
    plane.W_query = [[0, 1], [1, 0]]
    assert plane.W_key.tolist() == [[0, 1], [1, 0]]
    plane.same = False
    plane.W_query = STRETCHED
    assert plane.W_key.tolist() == [[0, 1], [1, 0]]
    plane.same = True
    assert np.array_equal(plane.W_key, plane.W_query)


def test_words_can_be_moved_from_python(plane):
    plane.x = torch.eye(2)[[0, 1, 1]]
    assert plane.x.tolist() == [[1, 0], [0, 1], [0, 1]]
    torch.testing.assert_close(plane.weights[1], plane.weights[2])


def test_numbers_cannot_be_changed_behind_the_picture(plane):
    with pytest.raises(ValueError, match="read-only"):
        plane.x[0, 0] = 1
    weight = torch.eye(2)
    plane.W_value = weight
    weight += 1
    assert plane.W_value.tolist() == [[1, 0], [0, 1]]


def test_state_and_repr(plane):
    plane.W_value = [[2, 0], [0, 2]]
    state = plane.state()
    assert state["W_value"].tolist() == [[2, 0], [0, 2]]
    assert {"x", "W_query", "W_key", "same", "temperature", "scale", "focus"} < set(state)
    assert repr(plane) == "VectorPlane(The big dog; W_Q = W_K)"


# --- what the browser sends


def test_browser_is_not_answered_with_what_it_just_said(plane, monkeypatch):
    sent = []
    monkeypatch.setattr(plane, "send_state", lambda key=None: sent.append(key))
    matrix = packed([[0.1, 0.2], [0.3, 0.4]])
    plane.set_state({"x": packed([[1, 0.1], [0, 0.7], [0, 0]]), "W_query": matrix, "W_key": matrix})
    assert sent == []
    assert plane.x[1, 1] == np.float32(0.7)
    assert plane.W_key[1, 0] == np.float32(0.3)


def test_bad_state_from_the_browser_is_refused(plane):
    before = plane.weights
    for state in ({"x": packed([[1, 1]])}, {"W_key": packed([[np.nan, 0], [0, 0]])}, {"focus": [0, 3]}):
        with pytest.raises(ValueError):  # noqa: PT011 (any sentence will do: nobody reads it)
            plane.set_state(state)
    torch.testing.assert_close(plane.weights, before)


# --- what is refused, with a sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"words": ["The", "big"]}, "words: expected one for each of 3 vectors, got 2"),
        ({"words": "The"}, "words: expected a list of words"),
        ({"words": ["a"], "x": [[1, 2]]}, "words: between 2 and 8 fit into the plane, got 1"),
        ({"words": list("abcdefghi"), "x": [[1, 2]] * 9}, "words: between 2 and 8 fit into the plane, got 9"),
        ({"x": [[1, 2, 3]] * 3}, "x: d_model should be 2 but is 3"),
        ({"x": [1, 2, 3]}, "x: expected 2 axes"),
        ({"x": [[1, float("nan")]] * 3}, "x: expected finite numbers, but 3 are NaN"),
        ({"x": [[1, 101]] * 3}, "x: expected numbers from -100 to 100, got 101"),
        ({"W_query": [[1, 2]]}, "W_query: d_out should be 2 but is 1"),
        ({"W_key": [[1, 2, 3]] * 2}, "W_key: d_in should be 2 but is 3"),
        ({"W_value": [[1, 2], [3, float("inf")]]}, "W_value: expected finite numbers"),
        ({"temperature": 0}, "temperature: expected a positive number"),
        ({"focus": [0, 3]}, r"focus: no cell \[0, 3\] in a matrix of 3 by 3"),
    ],
)
def test_bad_input_is_refused(changed, sentence):
    with pytest.raises(ValueError, match=sentence):
        VectorPlane(**{"words": WORDS, "x": X} | changed)


@pytest.mark.parametrize(
    ("name", "value"),
    [("x", [[1, 2]]), ("x", None), ("W_query", None), ("W_value", np.eye(3)), ("W_key", [[1e9] * 2] * 2)],
)
def test_bad_change_is_refused_and_nothing_changes(plane, name, value):
    before = plane.weights
    with pytest.raises(ValueError, match=name):
        setattr(plane, name, value)
    torch.testing.assert_close(plane.weights, before)


# --- the browser's half, in node


def in_node(expression, **values):
    code = f"""import {{ placeLabels, reach }} from "{(HERE / "plane.js").as_uri()}";
    import {{ fromRows, toRows }} from "{(HERE / "core.js").as_uri()}";
    const {{ {", ".join(values)} }} = {json.dumps(values)};
    console.log(JSON.stringify({expression}));"""
    done = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_arrays_survive_the_way_there_and_back():
    rows = [[0.5, -0.25], [3, 4], [-0.125, 0]]
    assert in_node("toRows(fromRows(rows))", rows=rows) == rows


def test_plane_grows_in_steps_to_hold_its_points():
    points = [[[0, 0]], [[2, -1]], [[0.1, -2.1]], [[4, 0]], [[5, 5]], [[100, 0]]]
    assert in_node("points.map(reach)", points=points) == [2, 2, 4, 4, 8, 128]


def test_labels_stay_inside_and_apart_even_when_the_tips_meet():
    centre, width, side = 150, 40, 300
    layouts = [
        [[centre, centre]] * 3,  # three words at the origin
        [[295, 20], [296, 22], [290, 30]],  # in a corner
        [[centre + 60, centre + 3 * i] for i in range(6)],
    ]
    for layout in layouts:
        tips = [{"at": at, "width": width, "radius": 8} for at in layout]
        labels = in_node("placeLabels(tips, [])", tips=tips)
        for i, (x, y) in enumerate(labels):
            assert width / 2 <= x <= side - width / 2
            assert 8 <= y <= side - 8
            assert all(abs(x - a) >= width or abs(y - b) >= 14 for a, b in labels[:i])


def test_label_of_a_lone_arrow_continues_it():
    tips = [{"at": [250, 150], "width": 30, "radius": 0}]
    ((x, y),) = in_node("placeLabels(tips, [])", tips=tips)
    assert x > 250 + 15
    assert y == pytest.approx(150)

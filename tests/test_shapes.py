"""expect_shape is the voice of every error in the course: what it says is part of the lesson."""

import numpy as np
import pytest
import torch

from helpers.shapes import expect_shape


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_returns_the_size_of_each_axis(make):
    assert expect_shape("x", make((2, 5, 8)), "batch seq d_model") == {"batch": 2, "seq": 5, "d_model": 8}


def test_open_ended_axes_may_be_any_number_including_none():
    for shape in [(5, 8), (3, 5, 8), (2, 3, 5, 8)]:
        assert expect_shape("x", np.zeros(shape), "... seq d_key", d_key=8) == {"seq": 5, "d_key": 8}


@pytest.mark.parametrize(
    ("shape", "axes", "sizes", "words"),
    [
        ((2, 5, 8), "batch seq d_model", {"d_model": 9}, ["x", "d_model", "9", "8", "(2, 5, 8)"]),
        ((2, 5, 8), "batch seq d_model", {"batch": 3}, ["x", "batch", "3", "2"]),
        ((5, 8), "batch seq d_model", {}, ["x", "3 axes", "2", "(5, 8)"]),
        ((1, 2, 5, 8), "batch seq d_model", {}, ["3 axes", "4"]),
        ((8,), "... seq d_key", {}, ["at least 2", "1"]),
    ],
)
def test_the_message_names_argument_axis_and_both_sizes(shape, axes, sizes, words):
    with pytest.raises(ValueError, match=r"^x: ") as caught:
        expect_shape("x", np.zeros(shape), axes, **sizes)
    assert all(word in str(caught.value) for word in words)


def test_something_without_a_shape_is_named_by_its_type():
    with pytest.raises(TypeError, match=r"query.*batch seq.*list"):
        expect_shape("query", [[1.0]], "batch seq")

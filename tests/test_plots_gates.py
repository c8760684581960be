"""The pictures of recurrent layers: they draw what they are given, and say it in words."""

import pytest
import torch
from matplotlib import pyplot as plt

from helpers import plots

pytestmark = pytest.mark.usefixtures("course_style")


def written(ax):
    return [text.get_text() for text in ax.texts]


def test_the_four_shapes_have_as_many_inputs_and_answers_as_they_say():
    axes = plots.task_shapes().figure.axes
    counts = [(written(ax).count("x"), written(ax).count("h"), written(ax).count("y")) for ax in axes]
    assert counts == [(3, 3, 1), (1, 3, 3), (3, 3, 3), (3, 5, 3)]
    assert plots.alt_text(axes[0].figure).startswith("many to one: a name → its language; inputs at 3, answers at 1")


def test_an_lstm_grows_from_picture_to_picture():
    letters = []
    for count in range(5):
        ax = plots.lstm_diagram(["cell", "input", "forget", "output"][:count])
        letters.append("".join(sorted(set(written(ax)) & set("fgio+×"))))
    assert letters == ["g", "+g", "+gi×", "+fgi×", "+fgio×"]
    assert "an output gate o multiplies what is shown" in ax.get_label()


def test_what_is_new_is_drawn_thicker_and_told():
    old, new = plots.lstm_diagram(["cell", "forget"]), plots.lstm_diagram(["cell", "forget"], new="forget")
    widths = [[patch.get_linewidth() for patch in ax.patches if isinstance(patch, plt.Circle)] for ax in (old, new)]
    assert widths == [[1.5, 1.5], [1.5, 2.6]]
    assert "(new here)" in new.get_label()
    assert "(new here)" not in old.get_label()


def test_a_part_that_an_lstm_does_not_have_is_refused():
    with pytest.raises(ValueError, match="parts: expected one of cell, input, forget, output; got 'reset'"):
        plots.lstm_diagram(["cell", "reset"])


def test_strips_write_every_number_at_its_step_and_can_be_read():
    values = {"forget gate": torch.tensor([0.1, 0.9, 1.0]), "cell": [-1.25, 0.3, -0.001]}
    ax = plots.gate_strips(values, ["R", "o", "m"])
    numbers = {text.get_position(): text.get_text() for text in ax.texts}
    assert numbers[0, 1] == "-1.25"
    assert numbers[2, 0] == "1.00"
    assert numbers[2, 1] == "0.00"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["forget gate", "cell"]
    assert "at R o m: forget gate 0.10 0.90 1.00; cell -1.25 0.30" in ax.get_label()
    assert {text.get_color() for text in ax.texts} == {"#000000", "#ffffff"}  # dark on light, light on dark


def test_strips_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"values\['f'\]: expected 2 steps, got shape \(3,\)"):
        plots.gate_strips({"f": [1, 2, 3]}, ["a", "b"])

"""The unfolded layer is drawn with one name for each matrix, however many steps it has."""

from collections import Counter

import pytest

from helpers import plots

pytestmark = pytest.mark.usefixtures("course_style")


@pytest.mark.parametrize("n_steps", [1, 4])
def test_every_step_uses_the_same_two_matrices(n_steps):
    ax = plots.unfolded(n_steps)
    written = Counter(text.get_text() for one in ax.figure.axes for text in one.texts)
    assert written["$W_x$"] == written["$W_h$"] == n_steps + 1  # once more in the folded picture
    assert {f"$h_{t}$" for t in range(n_steps + 1)} <= set(written)
    ax.figure.draw_without_rendering()  # every formula can be set


def test_a_second_layer_has_weights_of_its_own():
    ax = plots.unfolded(3, n_layers=2)
    written = Counter(text.get_text() for one in ax.figure.axes for text in one.texts)
    assert written["$W_h$"] == written["$W'_h$"] == 4
    assert "each layer has its own" in plots.alt_text(ax.figure)
    assert "each layer" not in plots.alt_text(plots.unfolded(3).figure)


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="n_steps: expected between 1 and 20, got 0"):
        plots.unfolded(0)

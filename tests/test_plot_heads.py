"""The map of all heads says what it draws."""

import numpy as np
import pytest

from helpers import plots

pytestmark = pytest.mark.usefixtures("course_style")


def test_every_head_has_its_number_and_the_best_a_frame():
    values = np.arange(6).reshape(2, 3) / 5
    ax = plots.head_map(values, title="share")
    numbers = {text.get_position(): text.get_text() for text in ax.texts}
    assert numbers[(0.5, 0.5)] == ".00"
    assert numbers[(1.5, 0.5)] == ".20"
    assert numbers[(2.5, 1.5)] == "1.00"
    assert [patch.get_xy() for patch in ax.patches] == [(2, 1), (2, 1)]
    assert ax.get_label() == "share, 2 layers of 3 heads; layer 2 head 3: 1.00."
    assert ax.yaxis_inverted(), "layer 1 stands on top"


def test_heads_are_named_from_one():
    ax = plots.head_map(np.full((2, 3), 0.01), marked=[(1, 2)], high=0.05, number="{:.3f}")
    assert [patch.get_xy() for patch in ax.patches] == [(1, 0), (1, 0)]
    assert ax.get_label().endswith("layer 1 head 2: 0.010.")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3"]


def test_what_is_no_map_is_refused():
    with pytest.raises(ValueError, match="values: expected layers by heads"):
        plots.head_map(np.zeros(3))

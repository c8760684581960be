"""Words laid flat: dots, names and steps are where the numbers say."""

import numpy as np
import pytest

from helpers import plots

WORDS = ["man", "king", "woman", "queen"]
FLAT = np.array([[1.0, 0.0], [1.0, 2.0], [3.0, 0.2], [3.0, 2.2]])


pytestmark = pytest.mark.usefixtures("course_style")


def test_every_word_is_a_named_dot_inside_the_picture():
    ax = plots.word_plane(FLAT, WORDS, share=0.384)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), FLAT)
    assert [text.get_text() for text in ax.texts] == WORDS
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert (((left, low) < FLAT) & ((right, high) > FLAT)).all()
    assert "38%" in ax.get_xlabel()


def test_steps_are_arrows_and_are_told():
    ax = plots.word_plane(FLAT, WORDS, steps=[(0, 1), (2, 3)], title="one step, twice")
    arrows = [text for text in ax.texts if text.arrow_patch is not None]
    assert [(tuple(arrow.xyann), tuple(arrow.xy)) for arrow in arrows] == [((1, 0), (1, 2)), ((3, 0.2), (3, 2.2))]
    assert ax.get_label().startswith("one step, twice: man (1.00, 0.00)")
    assert "an arrow from woman to queen" in ax.get_label()


def test_names_stand_clear_of_dots_arrows_and_each_other():
    crowd = np.array([[0.0, 0.0], [1.2, 0.0], [0.6, 0.15], [3.0, 3.0]])
    ax = plots.word_plane(crowd, ["monarchy", "monarch", "kingdom", "woman"], steps=[(1, 3)])
    ax.figure.draw_without_rendering()
    names = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert not any(one.overlaps(other) for i, one in enumerate(names) for other in names[:i])
    along = np.linspace(crowd[1], crowd[3], 50)
    assert not any(name.contains(*dot) for name in names for dot in ax.transData.transform([*crowd, *along]))


def test_one_place_for_all_and_wrong_sizes():
    plots.word_plane(np.zeros((2, 2)), ["a", "b"]).figure.draw_without_rendering()
    with pytest.raises(ValueError, match="flat: expected 3 words by 2 numbers each"):
        plots.word_plane(FLAT, WORDS[:3])

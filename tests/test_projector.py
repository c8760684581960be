"""Projector mode for a whole notebook: widgets of before and after, figures, and back again."""

import pytest
from matplotlib import pyplot as plt

from helpers import plots
from helpers.projector import projector
from helpers.widgets import AttentionMatrix, Predict

pytestmark = pytest.mark.usefixtures("course_style")


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    projector(False)


def matrix(**settings):
    return AttentionMatrix(["The", "dog"], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], **settings)


def test_widgets_of_before_and_after_are_larger_and_return():
    before = matrix()
    projector()
    after, small = Predict("Larger?", ["yes", "no"]), matrix(projector=False)
    assert (before.projector, after.projector, small.projector) == (True, True, False)
    projector(False)
    assert (before.projector, after.projector, matrix().projector) == (False, False, False)


def test_figures_are_half_as_large_again_also_after_a_set_up_cell():
    usual = plots.use_course_style() or plt.figure().dpi
    projector()
    plots.use_course_style()
    assert plt.figure().dpi == 1.5 * usual
    projector(False)
    assert plt.figure().dpi == usual

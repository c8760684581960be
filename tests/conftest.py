"""The fixtures that tests of several parts share."""

import warnings

import pytest


@pytest.fixture
def course_style():
    """Figures in the course's style, drawn without a screen and closed afterwards."""
    import matplotlib as mpl  # here, so that tests without figures do not wait for it
    from matplotlib import pyplot as plt

    from helpers import plots

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.use("agg")
        plots.use_course_style()
        yield
    plt.close("all")

"""The fixtures that tests of several parts share."""

import signal
import warnings

import pytest

# A shell starts what runs in the background deaf to Ctrl-C, and so would be all that the tests start and end.
signal.signal(signal.SIGINT, signal.default_int_handler)


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

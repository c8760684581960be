"""A whole notebook for the back row, in one call: widgets, figures, text and code.

    from helpers.projector import projector
    projector()        # projector(False) takes it back

It holds for the widgets on the page and for all that is made afterwards. A figure that is there already stays as it was
drawn: run its cell again.
"""

from IPython import get_ipython
from IPython.display import HTML, display, update_display

from helpers import plots
from helpers.widgets.base import CourseWidget

# JupyterLab's own variables, usually 14 and 13 pixels: the text between the cells, and the code
LARGER_TEXT = "<style>.jp-Notebook {--jp-content-font-size1: 20px; --jp-code-font-size: 18px}</style>"


def projector(on=True):
    """Make everything in this notebook larger; `projector(False)`: as it was."""
    CourseWidget.use_projector(on)
    plots.use_course_style(projector=on)
    if get_ipython() is not None:
        text = HTML(LARGER_TEXT if on else "")
        update_display(text, display_id="projector")  # what an earlier call has shown
        display(text, display_id="projector")

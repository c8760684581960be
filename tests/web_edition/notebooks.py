"""Executed notebooks written by hand: what the web edition is made of, without running anything."""

import nbformat
from ipywidgets.widgets.widget import Widget
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebooks.build import WIDGET_VIEW
from web.page import page_of
from web.state import MIME

TITLE = "# 99 A title\n\n**Why is it\nso?**\n\nSome words."


def html(text, **metadata):
    """An output of HTML."""
    return new_output("execute_result", {"text/html": text, "text/plain": "plain"}, metadata=metadata)


def view(widget):
    """An output that shows a widget."""
    return new_output("execute_result", {WIDGET_VIEW: {"model_id": widget.model_id}, "text/plain": repr(widget)})


def code(source, *outputs, **metadata):
    """A code cell that has shown these outputs."""
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def page(*cells, title=TITLE):
    """The page of a notebook of these cells; a text is a cell of prose."""
    cells = [new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in (title, *cells)]
    state = Widget.get_manager_state()
    return page_of("99_by_hand", new_notebook(cells=cells, metadata=nbformat.from_dict({"widgets": {MIME: state}})))

"""One call, and everything in a notebook can be read from the back row."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

WIDGET = """
import torch
from helpers import plots, widgets
from helpers.projector import projector
plots.use_course_style()
words, x = ["The", "big", "dog"], torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
widgets.VectorPlane(words, x, torch.eye(2), torch.eye(2))
"""
CALL = 'projector(globals().get("in_class", False))'
FIGURE = 'plots.vectors(x, words, title="three words")'
SIZES = """() => {
    const style = selector => getComputedStyle(document.querySelector(`.jp-Notebook ${selector}`));
    const size = selector => parseFloat(style(selector).fontSize);
    return {widget: size(".course-widget"), text: size(".jp-RenderedMarkdown p"), code: size(".cm-content"),
            figure: document.querySelector(".jp-Notebook img").getBoundingClientRect().width};
}"""


def test_a_whole_notebook_in_one_call_and_back(open_notebook, tmp_path):
    cells = [new_markdown_cell("Three words."), *map(new_code_cell, (WIDGET, CALL, FIGURE))]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # or JupyterLab asks which, and waits
    nbformat.write(new_notebook(cells=cells, metadata=kernel), tmp_path / "projector.ipynb")
    book = open_notebook(path=tmp_path / "projector.ipynb")
    sizes = []
    for in_class in (False, True, False):
        book.run(f"in_class = {in_class}")
        book.run_all()
        book.page.evaluate("courseDriver.settle()")
        sizes.append(book.page.evaluate(SIZES))
    usual, large, again = sizes
    assert again == usual
    assert all(large[what] > 1.3 * usual[what] for what in usual), (usual, large)

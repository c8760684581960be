"""The committed notebooks are what their sources say, were run from top to bottom, and keep the house style.

Their outputs are compared by nbval, which runs them.
"""

import re
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.checks import EXERCISES
from notebooks.build import read_source

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))
EVERY = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def built(source):
    return nbformat.read(NOTEBOOKS / f"{source.stem}.ipynb", as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_notebook_has_a_source_and_every_source_a_notebook():
    assert [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))] == [path.stem for path in SOURCES]
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem) for path in SOURCES)


@EVERY
def test_source_and_notebook_agree(source):
    def content(notebook):
        return [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]

    assert content(built(source)) == content(read_source(source)), f"python course.py notebooks {source.stem[:2]}"


@EVERY
def test_every_cell_was_run_in_order_without_an_error(source):
    cells = code_cells(built(source))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


@EVERY
def test_outputs_hold_no_widget_state_and_nothing_of_the_machine_that_made_them(source):
    notebook = built(source)
    assert "widgets" not in notebook.metadata
    text = "\n".join(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])) for cell in notebook.cells)
    assert "widget-view+json" not in text
    for path in (NOTEBOOKS.parent, Path.home(), Path(sys.prefix)):
        assert len(path.parts) == 1 or str(path) not in text
    assert not re.search(r"<[\w.]+ object at 0x", text)


@EVERY
def test_progress_lists_the_exercises_in_the_order_of_the_notebook(source):
    checked = re.findall(r"^checks\.check\((\w+)\)", source.read_text(encoding="utf-8"), re.MULTILINE)
    assert checked == [name for name, exercise in EXERCISES.items() if exercise.notebook == source.stem[:2]]


@EVERY
def test_the_form_of_a_lesson(source):
    notebook = built(source)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert texts[0].startswith("# ")
    assert sum(len(re.findall(r"^# ", text, re.MULTILINE)) for text in texts) == 1
    assert len(notebook.cells) <= 60
    lengths = sorted(len(cell.source.splitlines()) for cell in code_cells(notebook))
    assert lengths[-1] <= 30
    assert lengths[len(lengths) // 2] <= 8
    too_long = [text for text in texts[1:-1] if len(text.split()) > 100]  # 80 words; a formula counts as several
    assert not too_long


@EVERY
def test_where_another_notebook_is_first_mentioned_a_link_leads_there(source):
    texts = [cell.source for cell in read_source(source).cells if cell.cell_type == "markdown"]
    text = re.sub(r"^#+ .*$", "", "\n".join(texts), flags=re.MULTILINE)
    mentions = re.findall(r"(\[)?\bnotebook (\d\d)(?:\]\((\S+?)\.ipynb\))?", text)
    first = {number: stem if bracket else "" for bracket, number, stem in reversed(mentions)}
    assert first == {
        number: stem for number in first for stem in [one.stem for one in SOURCES if one.stem[:2] == number]
    }


@EVERY
def test_one_thing_has_one_name(source):
    texts = [cell.source for cell in read_source(source).cells if cell.cell_type == "markdown"]
    headings = re.findall(r"^#+ (.*\bat home\b.*)$", "\n".join(texts), re.MULTILINE | re.IGNORECASE)
    assert all(heading.startswith("Exercise at home: ") for heading in headings)
    asked = re.findall(r"^### Exercise( at home)?: ", "\n".join(texts), re.MULTILINE)
    assert [not home for home in asked] == [e.class_time for e in EXERCISES.values() if e.notebook == source.stem[:2]]
    assert source.stem.startswith("00") or "\n\n**Sources**\n\n- " in texts[-1]

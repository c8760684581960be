"""Figures for a dark page: every colour of the course has a twin there, and what is a value keeps its colour."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from helpers import plots
from helpers.plots.dark import DARK, PAPER, on_slate, repaint
from helpers.plots.style import INK, MUTED, OTHER_KINDS, contrast

FOLDER = Path(plots.__file__).parent
CAUSAL = np.tril(np.ones((3, 3), dtype=bool))
pytestmark = pytest.mark.usefixtures("course_style")


def test_every_colour_written_down_in_this_package_has_a_twin():
    styles = (FOLDER / "course.mplstyle").read_text()
    written = {f"#{colour}" for colour in re.findall(r"\b[0-9a-f]{6}\b", styles)}
    for module in FOLDER.glob("*.py"):
        written |= set(re.findall(r'"(#[0-9a-f]{6})"', module.read_text())) if module.name != "dark.py" else set()
    assert written - {"#000000"} <= DARK.keys()


def test_what_is_written_can_be_read_on_slate():
    colours = [INK, MUTED, *plots.ROLES.values(), *(kind[0] for kind in (*plots.KINDS.values(), *OTHER_KINDS))]
    assert min(contrast(on_slate(colour)[:3], PAPER) for colour in colours) >= 4.5
    boxes = [DARK[tint] for tint in ("#f6f7f8", "#f3f4f6", "#eef1f4", "#dcebf6")]
    assert min(contrast(DARK[INK], box) for box in boxes) >= 4.5


@pytest.mark.parametrize("colour", ["none", "auto"])
def test_no_colour_stays_none(colour):
    assert on_slate(colour) == colour


def test_a_colour_is_as_transparent_as_before():
    assert on_slate((1, 1, 1, 0.25))[3] == 0.25
    assert to_hex(on_slate("#123456")) == "#123456"


def test_cells_and_the_numbers_on_them_keep_their_colours_and_the_rest_does_not():
    ax = plots.attention_map(np.eye(3) * 0.5 + 0.1, ["The", "big", "dog"], mask=CAUSAL, title="M")
    ax.figure.canvas.draw()
    cells, number, word = ax.collections[0], ax.texts[0], ax.get_yticklabels()[0]
    before = cells.get_facecolor().copy(), number.get_color()
    repaint(ax.figure)
    ax.figure.canvas.draw()
    assert (cells.get_facecolor() == before[0]).all()
    assert number.get_color() == before[1]
    assert to_hex(cells.get_edgecolor()[0]) == PAPER
    assert to_hex(word.get_color()) == DARK[plots.ROLES["query"]]
    assert to_hex(ax.title.get_color()) == DARK[INK]
    assert to_hex(ax.figure.get_facecolor()) == to_hex(ax.get_facecolor()) == PAPER


def test_nothing_of_the_paper_is_left():
    figures = [plots.lines([1, 2], {"GRU": [2, 1]}, "step", "loss"), plots.block_diagram(), plots.transformer_types(),
               plots.vectors([[1, 0.5], [0.2, 1]], ["a", "b"], role="key"), plots.unfolded(3)]  # fmt: skip
    for ax in figures:
        repaint(ax.figure)
        ax.figure.canvas.draw()
        pixels = np.asarray(ax.figure.canvas.buffer_rgba())[..., :3]
        assert (pixels.min(axis=2) > 245).mean() < 0.001
        assert [to_hex(colour / 255) for colour in pixels[2, :3]] == 3 * [PAPER]

"""A row of panels is cut between its panels, and nothing that is drawn gets lost."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import plots
from helpers.plots.parts import parts

pytestmark = pytest.mark.usefixtures("course_style")


def drawn(ax):
    """The picture as a notebook shows it, one pixel to a point; True where something is drawn."""
    png = BytesIO()
    ax.figure.savefig(png, dpi=ax.figure.dpi, bbox_inches="tight")
    return np.asarray(Image.open(png).convert("L")) < 200


def test_maps_are_cut_apart_and_keep_their_colourbars():
    maps = np.eye(14)[None].repeat(3, axis=0)
    ax = plots.attention_maps(maps, list("abcdefghijklmn"), ["one", "two", "a third with a longer name"])[0]
    [row] = parts(ax.figure)
    picture = drawn(ax)
    assert len(ax.figure.axes) == 6
    assert len(row) == 3
    inks = [picture[top:bottom, left:right].sum() for left, top, right, bottom in row]
    assert sum(inks) == picture.sum(), "every pixel is in one part"
    assert min(inks) > 0.3 * max(inks), "a colourbar alone is no part"


def test_the_title_above_a_row_is_a_part_of_its_own_no_wider_than_it_is():
    ax = plots.in_a_row(np.zeros((8, 12, 12)), title="A film")
    (title,), frames = parts(ax.figure)
    assert len(frames) == 8
    assert title[2] < 200 < frames[-1][2]
    assert title[3] == frames[0][1]


def test_what_stands_alone_is_not_cut():
    assert parts(plots.attention_map(np.eye(14), list("abcdefghijklmn")).figure) == []
    assert parts(plots.lines([1, 2], {"GRU": [2, 1]}, "step", "loss").figure) == []

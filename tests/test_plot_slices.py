"""The picture of a split shows where each number lands, and which ones went astray."""

import matplotlib as mpl
import pytest
import torch

from helpers import plots
from helpers.plots.slices import ASTRAY

WORDS = ["The", "big", "dog"]
X = 10.0 * torch.arange(1, 4)[:, None] + torch.arange(4)
SPLIT, VIEW = X.view(3, 2, 2).transpose(0, 1), X.view(2, 3, 2)


pytestmark = pytest.mark.usefixtures("course_style")


def written(ax):
    """What is written in each cell: (column, row) -> number."""
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    return {place: text for place, text in cells.items() if text.isdigit()}


def framed(ax):
    patches = [patch for one in ax.figure.axes for patch in one.patches]
    return sum(mpl.colors.to_hex(patch.get_edgecolor()) == ASTRAY for patch in patches)


def test_every_number_stands_where_it_landed():
    vectors, heads = map(written, plots.landing_places(X, {"right": SPLIT}, WORDS).figure.axes)
    assert [vectors[0.5 + column, 1.5] for column in range(4)] == ["20", "21", "22", "23"]
    rows = [[heads[place] for place in sorted(heads) if place[1] == row + 0.5] for row in range(3)]
    assert rows == [["10", "11", "12", "13"], ["20", "21", "22", "23"], ["30", "31", "32", "33"]]


def test_only_what_went_astray_is_framed_and_it_is_told():
    ax = plots.landing_places(X, {"right": SPLIT}, WORDS)
    assert framed(ax) == 0
    assert "right: head 1 10, 11; 20, 21; 30, 31 |" in plots.alt_text(ax.figure)
    ax = plots.landing_places(X, {"right": SPLIT, "wrong": VIEW}, WORDS)
    assert framed(ax) == 8
    assert "(8 numbers in another token's row)" in plots.alt_text(ax.figure)


@pytest.mark.parametrize(
    ("ways", "message"),
    [
        ({"new": SPLIT + 1}, "ways\\['new'\\]: expected the 12 numbers of x"),
        ({"turned": SPLIT.mT}, "ways\\['turned'\\]: expected heads by 3 tokens by numbers"),
    ],
)
def test_other_numbers_or_rows_are_refused(ways, message):
    with pytest.raises(ValueError, match=message):
        plots.landing_places(X, ways, WORDS)

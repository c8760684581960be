"""Pictures of patches show what they are given, where it belongs."""

import pytest
import torch

from helpers import plots

pytestmark = pytest.mark.usefixtures("course_style")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_an_image_is_cut_between_its_patches_which_are_numbered_as_they_are_read():
    ax = plots.cut_image(torch.rand(3, 4, 6), 2, title="a photo")
    assert texts(ax) == ["1", "2", "3", "4", "5", "6"]
    spots = [text.get_position() for text in ax.texts]
    assert spots[1][0] > spots[0][0]
    assert spots[3][1] > spots[0][1]
    assert sorted(line.get_xdata()[0] for line in ax.lines if line.get_ydata()[0] == 0) == [1.5, 3.5]
    assert ax.get_label() == "a photo: 2 rows of 3 patches, 2 by 2 pixels each."


def test_weights_lie_where_their_patches_lie_and_the_one_that_asks_is_outlined():
    weights = torch.eye(6) * 0.7 + 0.05
    axes = plots.attention_over_image(torch.rand(1, 4, 6), 2, weights, [0, 5]).figure.axes
    assert len(axes) == 3
    for ax, query in zip(axes[1:], (0, 5), strict=True):
        cells = ax.collections[0].get_array().reshape(2, 3)
        assert cells.flatten().argmax() == query
        assert texts(ax)[query] == "0.75"
        frame = ax.patches[0]
        assert (int(frame.get_y()), int(frame.get_x())) == divmod(query, 3)
        assert f"Patch {query + 1} attends most to patches {query + 1} (0.75)" in ax.get_label()


def test_each_place_has_its_map_with_itself_framed():
    similarity = 2 * torch.eye(6) - 1
    ax = plots.position_maps(similarity, (2, 3), title="alike")
    for place, (cells, frame) in enumerate(zip(ax.collections, ax.patches, strict=True)):
        top, left = (2.35 * (place // 3), 3.35 * (place % 3))
        assert cells.get_array().flatten().argmax() == place
        assert (frame.get_y(), frame.get_x()) == pytest.approx((top + place // 3, left + place % 3))
    assert "2 by 3 maps of 2 by 3; cosines between different positions from -1.00 to -1.00" in ax.get_label()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: plots.cut_image(torch.rand(1, 4, 6), 4), "patch: 4 does not divide an image of 4 by 6"),
        (lambda: plots.cut_image(torch.rand(4, 6), 2), "image: expected channels by rows by columns"),
        (lambda: plots.attention_over_image(torch.rand(1, 4, 6), 2, torch.eye(5), [0]), "weights: expected 6 queries"),
        (lambda: plots.position_maps(torch.eye(5), (2, 3)), "similarity: expected 6 positions by 6 positions"),
    ],
)
def test_what_does_not_fit_is_said(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()

"""Images in a row show what they are given."""

import numpy as np
import pytest
import torch

from helpers import plots

pytestmark = pytest.mark.usefixtures("course_style")


def test_frames_stand_in_order_each_with_its_number():
    frames = torch.arange(3)[:, None, None].expand(3, 4, 6) / 2
    axes = plots.in_a_row(frames, title="a film").figure.axes
    assert [ax.images[0].get_array().mean() for ax in axes] == [0, 0.5, 1]
    assert [ax.get_title() for ax in axes] == ["1", "2", "3"]
    assert "a film: 3 in a row, 4 by 6 pixels each." in plots.alt_text(axes[0].figure)


def test_channels_become_colours():
    red = np.zeros((1, 3, 2, 2))
    red[:, 0] = 1
    ax = plots.in_a_row(red, titles=["red"])
    assert np.asarray(ax.images[0].get_array())[0, 0].tolist() == [1, 0, 0]


def test_a_wrong_number_of_titles_or_channels_is_said():
    with pytest.raises(ValueError, match="titles: expected one for each of 2 images, got 1"):
        plots.in_a_row(torch.zeros(2, 3, 3), titles=["one"])
    with pytest.raises(ValueError, match="images: expected 3 channels by rows by columns"):
        plots.in_a_row(torch.zeros(2, 4, 3, 3))

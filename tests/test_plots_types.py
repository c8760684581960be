"""The pictures of notebook 08 say what they show."""

import pytest
import torch

from helpers import plots

pytestmark = pytest.mark.usefixtures("course_style")


def test_an_alignment_names_the_letter_that_each_looked_at():
    weights = torch.tensor([[0.1, 0.9, 0.0], [1.0, 0.0, 0.0]])
    ax = plots.alignment(weights, "04", "a 1")
    assert [text.get_text() for text in ax.texts] == [".90", "1"]
    assert [text.get_position() for text in ax.texts] == [(1.5, 0.5), (0.5, 1.5)]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "␣", "1"]
    alt = plots.alt_text(ax.figure)
    assert "2 letters written by 3 read. 0 looks most at letter 2" in alt
    assert "4 looks most at letter 1, a." in alt


def test_an_alignment_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="weights: expected 2 letters written by 4 letters read, got shape"):
        plots.alignment(torch.zeros(2, 3), "04", "long")


def test_the_decoder_has_six_arrows_where_the_encoder_has_nine():
    axes = plots.transformer_types().figure.axes
    arrows = [sum(text.arrow_patch is not None for text in ax.texts if hasattr(text, "arrow_patch")) for ax in axes]
    assert arrows == [9 + 3, 6 + 3, 9 + 6 + 3 + 1]
    assert "Decoder: <de>, R, o each see themselves and what came before" in plots.alt_text(axes[0].figure)

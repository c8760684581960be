"""Images in the order in which a model meets them."""

import numpy as np
from matplotlib import pyplot as plt

from helpers.arguments import expect_strings, told
from helpers.plots.style import HAIRLINE, MUTED, as_array, title_above

WIDTH = 11  # inches of a whole row
TALLEST = 3.2


def in_a_row(images, titles=None, title=None):
    """Draw images side by side: the frames of a film, the patches of a photograph.

    Args:
        images: (image, height, width) in grey, or (image, channel, height, width) with three channels; from 0 to 1.
        titles: a short text above each; by default its number, from 1.
        title: what the picture shows.

    Returns:
        the Axes of the first image; the others are in its figure.
    """
    if (
        not hasattr(images, "__len__")
        or isinstance(images, str)
        or getattr(images, "shape", (1,)) == ()
        or not len(images)
    ):
        raise ValueError(f"images: expected (image, height, width) or (image, 3, height, width), got {told(images)}")
    coloured = np.ndim(images[0]) == 3
    images = [
        as_array("images", image, *([(3, "channels")] if coloured else []), "rows", "columns") for image in images
    ]
    titles = (
        [str(number) for number in range(1, len(images) + 1)] if titles is None else expect_strings("titles", titles)
    )
    if len(titles) != len(images):
        raise ValueError(f"titles: expected one for each of {len(images)} images, got {len(titles)}")
    height, width = images[0].shape[-2:]
    each = min(WIDTH / len(images), TALLEST * width / height)
    figure, axes = plt.subplots(
        1, len(images), figsize=(each * len(images), each * height / width + 0.7), squeeze=False
    )
    for ax, image, above in zip(axes[0], images, titles, strict=True):
        pixels = image.transpose(1, 2, 0) if coloured else image
        ax.imshow(pixels.clip(0, 1), cmap="gray", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=HAIRLINE)
        ax.set_title(above, loc="center", fontsize=12, fontweight="normal", color=MUTED, pad=4)
    title_above(figure, title)
    axes[0][0].set_label(f"{title or 'Images'}: {len(images)} in a row, {height} by {width} pixels each.")
    return axes[0][0]

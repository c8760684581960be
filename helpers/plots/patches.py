"""Images cut into patches: where the cuts lie, what a patch attends to, which positions resemble each other."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from helpers.arguments import expect_count, expect_list, expect_pair
from helpers.plots.style import ROLES, as_array, drawing_on, readable_on

LARGEST = 4.2  # inches of the longer side of an image
MOST_NUMBERS = 64  # patches with room for a number


def cut_image(image, patch, ax=None, title=None):
    """Draw an image with the cuts between its patches, which are numbered in the order of the sequence.

    Args:
        image: (channel, height, width) with one channel (grey) or three, from 0 to 1.
        patch: pixels along one side of a patch.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    image, rows, columns = _as_cut(image, patch)
    height, width = (LARGEST * 1.4 * side / max(image.shape[1:]) for side in image.shape[1:])
    ax = drawing_on(ax, figsize=(width, height + 0.4))
    _show(ax, image)
    for edges, line in ((rows, ax.axhline), (columns, ax.axvline)):
        for edge in range(1, edges):
            line(edge * patch - 0.5, color="white", linewidth=1.5)
    if rows * columns <= MOST_NUMBERS:
        for place in range(rows * columns):
            y, x = divmod(place, columns)
            spot = (x * patch - 0.5 + 0.06 * patch, y * patch - 0.5 + 0.06 * patch)
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
            ax.text(*spot, str(place + 1), ha="left", va="top", fontsize=9, bbox=box)
    ax.set_title(title or "")
    ax.set_label(f"{title or 'An image'}: {rows} rows of {columns} patches, {patch} by {patch} pixels each.")
    return ax


def attention_over_image(image, patch, weights, queries, title=None):
    """Draw an image, and beside it what some of its patches attend to: each weight where its patch lies.

    Args:
        image: (channel, height, width)
        patch: pixels along one side of a patch.
        weights: (n, n), a row for each patch; rows sum to 1.
        queries: the patches that ask, counted row by row from 0; they are outlined.
        title: what the picture shows.

    Returns:
        the Axes of the image; the others are in its figure.

    Raises:
        ValueError: weights that do not fit the number of patches.
    """
    image, rows, columns = _as_cut(image, patch)
    n = rows * columns
    weights = as_array("weights", weights, (n, "queries"), (n, "keys"))
    queries = [expect_count("queries", query, least=0, most=n - 1) for query in expect_list("queries", queries)]
    height = 3.1
    _, axes = plt.subplots(1, 1 + len(queries), figsize=((1 + len(queries)) * height * columns / rows, height + 0.6))
    cut_image(image, patch, axes[0], title)
    for ax, query in zip(axes[1:], queries, strict=True):
        largest = weights[query].max()
        cells = ax.pcolormesh(
            weights[query].reshape(rows, columns), vmin=0, vmax=largest, edgecolors="white", linewidth=2
        )
        for place, weight in enumerate(weights[query]):
            y, x = divmod(place, columns)
            if n <= MOST_NUMBERS:
                colour = readable_on(cells.to_rgba(weight))
                ax.text(x + 0.5, y + 0.5, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=11)
        y, x = divmod(query, columns)
        ax.add_patch(Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, fill=False, edgecolor=ROLES["query"], linewidth=4))
        ax.invert_yaxis()
        ax.set(aspect="equal", xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_title(f"patch {query + 1} attends to", color=ROLES["query"])
        best = ", ".join(f"{place + 1} ({weights[query][place]:.2f})" for place in weights[query].argsort()[::-1][:3])
        ax.set_label(f"Patch {query + 1} attends most to patches {best}.")
    return axes[0]


def position_maps(similarity, grid, title=None):
    """Draw how alike learned positions are: one small map for each position, in its place on the grid.

    Args:
        similarity: (n, n), such as cosines, from -1 to 1.
        grid: rows and columns of patches, which make n.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    rows, columns = (expect_count("grid", side) for side in expect_pair("grid", grid, "rows and columns"))
    n = rows * columns
    similarity = as_array("similarity", similarity, (n, "positions"), (n, "positions"))
    gap = 0.35  # between the maps, in cells
    pitch = np.array([rows + gap, columns + gap])
    _, ax = plt.subplots(figsize=(LARGEST * 1.35 * columns / max(grid) + 0.8, LARGEST * 1.35 * rows / max(grid) + 0.4))
    for place in range(n):
        top, left = pitch * divmod(place, columns)
        y, x = divmod(place, columns)
        cells = ax.pcolormesh(
            left + np.arange(columns + 1),
            top + np.arange(rows + 1),
            similarity[place].reshape(rows, columns),
            vmin=-1,
            vmax=1,
        )
        ax.add_patch(Rectangle((left + x, top + y), 1, 1, fill=False, edgecolor="white", linewidth=2))
    ax.invert_yaxis()
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(cells, ax=ax, shrink=0.6, label="cosine").outline.set_visible(False)
    ax.set_title(title or "")
    others = similarity[~np.eye(n, dtype=bool)]
    said = f"; cosines between different positions from {others.min():.2f} to {others.max():.2f}" if n > 1 else ""
    ax.set_label(f"{title or 'Similarity of positions'}: {rows} by {columns} maps of {rows} by {columns}{said}.")
    return ax


def _as_cut(image, patch):
    image = as_array("image", image, "channels", "rows", "columns")
    if len(image) not in (1, 3):
        raise ValueError(f"image: expected one channel (grey) or three (colours), got {len(image)}")
    patch = expect_count("patch", patch)
    rows, columns = image.shape[1] // patch, image.shape[2] // patch
    if (rows * patch, columns * patch) != image.shape[1:]:
        raise ValueError(f"patch: {patch} does not divide an image of {image.shape[1]} by {image.shape[2]}")
    return image, rows, columns


def _show(ax, image):
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    ax.imshow(pixels.clip(0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)

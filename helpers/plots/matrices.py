"""Attention as a matrix: a row per query, a column per key."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from helpers.arguments import expect_strings, told
from helpers.plots.style import ROLES, as_array, as_floats, drawing_on, readable_on

ROOMY = 7  # with more tokens words are slanted, and numbers lose their zero
MOST_NUMBERS = 12  # with more tokens the cells are too small for a number
MOST_LABELS = 40  # with more tokens the words would run into each other


def attention_map(weights, tokens, key_tokens=None, ax=None, title=None, mask=None, scores=False):
    """Draw who listens to whom: a row per query, a column per key, the weight in each cell.

    Args:
        weights: (query_pos, key_pos)
        tokens: the queries' words, and the keys' too unless key_tokens is given.
        key_tokens: the keys' words.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.
        mask: bool, broadcastable to weights; where False the query may not look, and the cell is hatched.
        scores: the numbers are scores before the softmax; the colours then run from the smallest to the largest.

    Returns:
        the Axes.

    Raises:
        ValueError: sizes that do not fit each other, or numbers that are not finite.
    """
    tokens = expect_strings("tokens", tokens)
    keys = tokens if key_tokens is None else expect_strings("key_tokens", key_tokens)
    allowed = _allowed(mask, (len(tokens), len(keys)))
    weights = _masked(weights, allowed)
    written, crowded = max(weights.shape) <= MOST_NUMBERS, max(weights.shape) > ROOMY
    # Weights keep the same colours from map to map where the number is written; beyond, the map uses the whole ramp.
    low, high = (weights.min(), weights.max()) if scores else (0, 1 if written else weights.max())
    ax = drawing_on(ax, figsize=_size(weights.shape))
    cells = ax.pcolormesh(weights, vmin=low, vmax=high, edgecolors="white", linewidth=2 if written else 0)
    for row, column in np.argwhere(~allowed):
        ax.add_patch(Rectangle((column, row), 1, 1, facecolor="#f3f4f6", hatch="///", edgecolor="white", linewidth=2))
    if written:
        for row, column in np.argwhere(allowed):
            number = f"{weights[row, column]:.2f}".replace("-", "\N{MINUS SIGN}")
            number, size = (number.removeprefix("0"), 11) if crowded else (number, 12)
            colour = readable_on(cells.to_rgba(weights[row, column]))
            ax.text(column + 0.5, row + 0.5, number, ha="center", va="center", color=colour, fontsize=size)
    else:
        ax.figure.colorbar(cells, ax=ax, shrink=0.6, label="score" if scores else "weight").outline.set_visible(False)
    _label(ax, tokens, keys)
    ax.set(aspect="equal", xlabel="row: query, column: key" if scores else "row listens to column; each row sums to 1")
    ax.set_title(title or "")
    ax.set_label(_describe(weights, tokens, keys, title, scores))
    return ax


def attention_maps(maps, tokens, titles, key_tokens=None, masks=None):
    """Draw several attention maps side by side.

    Args:
        maps: (map, query_pos, key_pos)
        tokens: the queries' words.
        titles: one for each map.
        key_tokens: the keys' words, where they differ.
        masks: one for each map; None where everything may be looked at.

    Returns:
        list of Axes.
    """
    tokens = expect_strings("tokens", tokens)
    shape = getattr(maps, "shape", None) or (len(maps) if isinstance(maps, list | tuple) else 0,)
    if not shape[0] or len(getattr(maps[0], "shape", (0, 0))) != 2:
        raise ValueError(f"maps: expected (map, query_pos, key_pos), got {told(maps)}")
    masks = [None] * len(maps) if masks is None else masks
    for name, given in (("titles", titles), ("masks", masks)):
        if not isinstance(given, list | tuple) or len(given) != len(maps):
            raise ValueError(f"{name}: expected one for each of the {len(maps)} maps, got {told(given)}")
    width, height = _size((len(tokens), len(key_tokens or tokens)))
    _, axes = plt.subplots(1, len(maps), figsize=(len(maps) * width, height), squeeze=False)
    return [
        attention_map(weights, tokens, key_tokens, ax, title, mask)
        for weights, ax, title, mask in zip(maps, axes[0], titles, masks, strict=True)
    ]


def _allowed(mask, shape):
    if mask is None:
        return np.ones(shape, dtype=bool)
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask: expected booleans (True = may attend), got {mask.dtype}")
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask: its shape {mask.shape} does not fit {shape[0]} queries by {shape[1]} keys") from None


def _masked(weights, allowed):
    given, weights = weights, as_floats("weights", weights)
    if weights.ndim == 0:
        raise ValueError(f"weights: expected (query_pos, key_pos), got {told(given)}")
    if weights.shape == allowed.shape:  # scores may be -inf where the mask forbids
        weights = np.where(allowed, weights, 0)
    queries, keys = allowed.shape
    return np.ma.array(as_array("weights", weights, (queries, "queries"), (keys, "keys")), mask=~allowed)


def _size(shape):
    rows, columns = shape
    cell = 0.68 if max(shape) <= ROOMY else 0.5 if max(shape) <= MOST_NUMBERS else 7 / max(shape)
    return max(4, cell * columns + 1.8), cell * rows + 1.5


def _label(ax, tokens, keys):
    ax.invert_yaxis()
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    small = max(len(tokens), len(keys)) > MOST_NUMBERS
    slanted = {"rotation": 50, "rotation_mode": "anchor", "ha": "left", "va": "center"}
    longest = max(map(len, keys))
    crowded = longest > 6 or (longest > 2 and len(keys) > ROOMY)
    for axis, words, colour, place in (
        (ax.xaxis, keys, ROLES["key"], slanted if crowded else {}),
        (ax.yaxis, tokens, ROLES["query"], {"va": "center"}),
    ):
        words = words if len(words) <= MOST_LABELS else []
        axis.set_ticks(np.arange(len(words)) + 0.5, words)
        for label in axis.get_ticklabels():
            label.set(color=colour, fontweight="bold", fontsize=10 if small else 13, parse_math=False, **place)


def _describe(weights, tokens, keys, title, scores):
    start = f"{title or ('Scores' if scores else 'Attention map')}, {len(tokens)} queries by {len(keys)} keys."
    if max(weights.shape) > MOST_NUMBERS:
        return start
    verb = "scores highest with" if scores else "listens most to"
    rounded = weights.round(2)  # first, so that a tie is a tie on every machine
    best = (
        f"{word} {verb} {keys[row.argmax()]} ({row.max():.2f})" if np.ma.count(row) else f"{word} may look at none"
        for word, row in zip(tokens, rounded, strict=True)
    )
    return f"{start} {'; '.join(best)}."

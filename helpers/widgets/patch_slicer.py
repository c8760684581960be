"""PatchSlicer: an image becomes a sequence; every patch, its vector and the attention over it can be walked through."""

import math

import numpy as np
import torch
import traitlets

from helpers.arguments import expect_count
from helpers.models.vision import patchify, unpatchify
from helpers.widgets.base import Array, CourseWidget, as_array, validates

MOST_PIXELS = 128  # along a side
MOST_PATCHES = 432
MOST_NUMBERS = 432  # in the vector of a patch


class PatchSlicer(CourseWidget):
    """Cut an image into patches, read them in order or shuffled, with positions or without.

    Read back, computed here from the inputs: ``grid``, ``patches``, ``places``, ``told`` and ``attention()``.

    Args:
        image: (height, width) or (channel, height, width) with one or three channels, from 0 to 1; at most 128 pixels
            along a side.
        patch: pixels along one side of a patch; by default the size that makes about 60 patches.
        weights: what a model attended to in this image, (layer, head, n, n), rows that sum to 1; n patches of size
            ``patch``, which has to be given then.
        order: "rows", as one reads, or "shuffled".
        positions: whether a model is told where a patch stands.
        seed: of the shuffled order.
        layer, head: whose weights are shown, counted from 1; head 0 is the mean over the heads of the layer.
        focus: [place, number]: the patch that is looked at, counted row by row, and the number in its vector; from 0.
        projector: everything larger, for the back row.

    Raises:
        ValueError: an image of another kind, a patch size that does not divide it, weights that do not fit.

    >>> slicer = PatchSlicer(torch.rand(3, 8, 12), patch=4)
    >>> slicer, slicer.grid, slicer.patches.shape
    (PatchSlicer(8 by 12 pixels, patches of 4; n = 6), (2, 3), torch.Size([6, 48]))
    """

    python_only = ("image", "weights", "trained", "draw", "sizes")
    image = Array("channel height width", allow_none=False)
    patch = traitlets.Int().tag(sync=True)
    weights = Array("layer head query_pos key_pos")
    trained = traitlets.Int(0).tag(sync=True)  # the patch size that the weights belong to
    draw = traitlets.List(traitlets.Int()).tag(sync=True)  # shuffled, the places come in this order
    order = traitlets.Enum(["rows", "shuffled"], "rows").tag(sync=True)
    positions = traitlets.Bool(True).tag(sync=True)
    layer = traitlets.Int(1).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    sizes = traitlets.List(traitlets.Int()).tag(sync=True)  # patch sizes to choose from
    focus = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)

    def __init__(self, image, patch=None, weights=None, *, seed=0, **settings):
        image = _as_image(image)
        sizes = _sizes(image)
        if not sizes:
            raise ValueError(f"image: no patch size cuts {image.shape[1]} by {image.shape[2]} into few enough squares")
        if weights is not None:
            if patch is None:
                raise ValueError("patch: weights belong to patches of one size; say which")
            weights = _as_weights(weights)
        if patch is None:
            patch = min(sizes, key=lambda size: abs(math.log(_count(image, size) / 60)))
        draw = np.random.default_rng(expect_count("seed", seed, least=0)).permutation(MOST_PATCHES).tolist()
        self._fixed = {"image": image, "weights": weights, "draw": draw, "sizes": sizes}
        self._fixed["trained"] = 0 if weights is None else patch
        _check_patch(patch, image, sizes)
        if weights is not None and weights.shape[-1] != _count(image, patch):
            raise ValueError(
                f"weights: over {weights.shape[-1]} patches, but an image of {image.shape[1]} by {image.shape[2]} has "
                f"{_count(image, patch)} of {patch} by {patch}"
            )
        super().__init__(patch=patch, **self._fixed, **settings)

    @validates(*python_only)
    def _validate_fixed(self, proposal):
        name = proposal.trait.name
        if not np.array_equal(proposal.value, self._fixed[name]):
            raise ValueError(f"{name}: stays as it was given; make a new PatchSlicer for another")
        return proposal.value

    @validates("patch")
    def _validate_patch(self, proposal):
        _check_patch(proposal.value, self._fixed["image"], self._fixed["sizes"])
        return proposal.value

    @validates("layer", "head")
    def _validate_number(self, proposal):
        name, number = proposal.trait.name, proposal.value
        weights = self._fixed["weights"]
        if weights is not None:
            first, last = (1, weights.shape[0]) if name == "layer" else (0, weights.shape[1])
            if not first <= number <= last:
                raise ValueError(f"{name}: choose {first} to {last}, not {number}")
        return number

    @validates("focus")
    def _validate_focus(self, proposal):
        place, number = proposal.value
        n, numbers = _count(self.image, self.patch), len(self.image) * self.patch**2
        if not (0 <= place < n and 0 <= number < numbers):
            raise ValueError(f"focus: no number {number} in patch {place} of {n} patches of {numbers} numbers")
        return [place, number]

    @traitlets.observe("patch")
    def _keep_focus_inside(self, _change):
        n, numbers = _count(self.image, self.patch), len(self.image) * self.patch**2
        self.focus = [min(self.focus[0], n - 1), min(self.focus[1], numbers - 1)]

    @property
    def grid(self):
        """How many patches lie below each other and side by side: (rows, columns)."""
        _, height, width = self.image.shape
        return height // self.patch, width // self.patch

    @property
    def places(self):
        """Which place of the image each patch of the sequence comes from, counted row by row from 0: list of n."""
        n = _count(self.image, self.patch)
        return list(range(n)) if self.order == "rows" else [place for place in self.draw if place < n]

    @property
    def patches(self):
        """The sequence as a model gets it: (n, channel * patch * patch)."""
        return patchify(torch.tensor(self.image)[None], self.patch)[0, self.places]

    @property
    def told(self):
        """The picture that a model can make of the sequence: (channel, height, width).

        With positions the patches lie where the model is told they lie. Without, they are a heap, here from dark to
        light: the same heap, whatever the order.
        """
        patches = self.patches
        if not self.positions:
            patches = patches[_from_dark_to_light(patches)]
        return unpatchify(patches[None], self.patch, *self.image.shape[1:])[0]

    def attention(self, layer=None, head=None):
        """What every patch attended to, (n, n) in the order of the image; by default the layer and head shown.

        Raises:
            ValueError: made without weights, or a layer or head that is not there.
        """
        if self.weights is None:
            raise ValueError("attention: this PatchSlicer was made without `weights`")
        layer, head = self.layer if layer is None else layer, self.head if head is None else head
        n_layers, n_heads = self.weights.shape[:2]
        expect_count("layer", layer, most=n_layers)
        expect_count("head", head, least=0, most=n_heads)  # 0: their mean
        weights = torch.tensor(self.weights[layer - 1])
        return weights[head - 1] if head else weights.mean(dim=0)

    def state(self):
        """What is shown now, as a plain dict."""
        names = ("patch", "order", "positions", "layer", "head", "focus", "projector")
        return {name: getattr(self, name) for name in names}

    def summary(self):  # noqa: D102 (see the base)
        _, height, width = self.image.shape
        n = _count(self.image, self.patch)
        told = f"{'; shuffled' * (self.order == 'shuffled')}{'; without positions' * (not self.positions)}"
        return f"{height} by {width} pixels, patches of {self.patch}; n = {n}{told}"


def _as_image(image):
    image = as_array("image", image, "... height width")
    image = as_array("image", image[None] if image.ndim == 2 else image, "channel height width")
    channels, height, width = image.shape
    if channels not in (1, 3):
        raise ValueError(f"image: expected one channel (grey) or three (red, green, blue), got {channels}")
    if max(height, width) > MOST_PIXELS:
        raise ValueError(f"image: at most {MOST_PIXELS} pixels along a side can be shown, got {height} by {width}")
    if image.min() < 0 or image.max() > 1:
        raise ValueError(f"image: expected values from 0 to 1, got {image.min():.4g} to {image.max():.4g}")
    return image


def _as_weights(weights):
    weights = as_array("weights", weights, "layer head query_pos key_pos")
    sums = weights.sum(axis=-1)
    if weights.shape[-1] != weights.shape[-2] or weights.min() < 0 or not np.allclose(sums, 1, atol=0.01):
        raise ValueError(
            f"weights: expected (layer, head, n, n) with rows that sum to 1, got shape {weights.shape} and sums from "
            f"{sums.min():.2f} to {sums.max():.2f}"
        )
    return weights


def _count(image, patch):
    return image.shape[1] // patch * (image.shape[2] // patch)


def _sizes(image):
    """The patch sizes that divide the image and make neither too many patches nor too long vectors."""
    channels, height, width = image.shape
    divisors = [size for size in range(1, min(height, width) + 1) if height % size == width % size == 0]
    return [size for size in divisors if _count(image, size) <= MOST_PATCHES and channels * size**2 <= MOST_NUMBERS]


def _check_patch(patch, image, sizes):
    if patch in sizes:
        return
    _, height, width = image.shape
    choices = ", ".join(map(str, sizes))
    if not isinstance(patch, int) or patch < 1 or height % patch or width % patch:
        raise ValueError(f"patch: {patch} does not divide an image of {height} by {width}; choose {choices}")
    raise ValueError(f"patch: {patch} makes too many patches or too long vectors to show; choose {choices}")


def _from_dark_to_light(patches):
    """By the sum of each, to four decimals, then by its numbers: equal patches are interchangeable."""
    keys = [(math.floor(1e4 * patch.double().sum().item() + 0.5), patch.tolist()) for patch in patches]
    return sorted(range(len(keys)), key=keys.__getitem__)

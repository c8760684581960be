"""The Vision Transformer: an image is cut into patches, and the patches are read as a text is read.

    patchify, unpatchify    an image as a sequence of vectors, and back
    patch_embed             a linear layer on every patch: the same as a strided convolution
    VisionTransformer       patches, positions, the course's Encoder, the mean of all patches, a head
    SmallCNN                a convolutional network to stand beside it
    image_loss, image_accuracy   for fit() and evaluate()

Source: Dosovitskiy et al. 2020, "An Image is Worth 16x16 Words". Theirs reads the answer off a class token; ours off
the mean over all patches, which is as good and has one part less.
"""

from dataclasses import dataclass
from numbers import Integral

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import MOST_WIDE, expect_count, expect_number, expect_sizes, expect_type
from helpers.models.positions import add_positions
from helpers.models.transformer import Encoder, TransformerConfig
from helpers.shapes import expect_floats, expect_shape


def patchify(image, patch):
    """Cut images into square patches, row by row; inside a patch channel, then row, then column.

    (batch, channel, height, width) -> (batch, n, channel * patch * patch), with n = height / patch * width / patch.

    Args:
        image: (batch, channel, height, width)
        patch: pixels along one side of a patch; divides height and width.

    Raises:
        ValueError: a patch size that does not divide the image; the message names those that do.

    >>> image = torch.arange(16).reshape(1, 1, 4, 4)
    >>> patchify(image, 2)[0].tolist()
    [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    """
    expect_type("image", image, torch.Tensor)
    expect_shape("image", image, "batch channel height width")
    grid_size(image, patch)
    cut = image.unflatten(3, (-1, patch)).unflatten(2, (-1, patch))  # batch channel row y column x
    return cut.permute(0, 2, 4, 1, 3, 5).flatten(start_dim=3).flatten(1, 2)


def unpatchify(patches, patch, height, width):
    """Put patches together again: (batch, n, channel * patch * patch) -> (batch, channel, height, width).

    Raises:
        ValueError: patches that do not make an image of that size.

    >>> image = torch.rand(2, 3, 4, 6)
    >>> torch.equal(unpatchify(patchify(image, 2), 2, 4, 6), image)
    True
    """
    expect_type("patches", patches, torch.Tensor)
    size = expect_shape("patches", patches, "batch n numbers")
    patch, height, width = (
        expect_count(name, side) for name, side in (("patch", patch), ("height", height), ("width", width))
    )
    n, channels = (height // patch) * (width // patch), size["numbers"] // patch**2
    if height % patch or width % patch or size["n"] != n or size["numbers"] != channels * patch**2:
        raise ValueError(
            f"patches: {size['n']} of {size['numbers']} numbers do not make an image of {height} by {width} in patches "
            f"of {patch} by {patch}"
        )
    cut = patches.unflatten(2, (channels, patch, patch)).unflatten(1, (height // patch, width // patch))
    return cut.permute(0, 3, 1, 4, 2, 5).flatten(4).flatten(2, 3)


def grid_size(image, patch):
    """How many patches lie below each other and side by side: (..., height, width) -> rows, columns.

    Raises:
        ValueError: a patch size that does not divide the image.
    """
    size = expect_shape("image", image, "... height width")
    return _grid(size["height"], size["width"], patch)


def _grid(height, width, patch):
    whole = isinstance(patch, Integral) and not isinstance(patch, bool)
    if not whole or patch < 1 or height % patch or width % patch:
        fitting = [side for side in range(1, min(height, width) + 1) if height % side == width % side == 0]
        raise ValueError(
            f"patch: {patch} does not divide an image of {height} by {width}; {', '.join(map(str, fitting))} would"
        )
    return height // patch, width // patch


def patch_embed(image, weight, bias):
    """The same linear layer on every patch: a vector of d_model numbers for each.

    embedded = patchify(image, patch) @ W^T + bias, where a row of W is one filter, flattened

    Args:
        image: (batch, channel, height, width)
        weight: (d_model, channel, patch, patch), as a convolution stores it.
        bias: (d_model,)

    Returns:
        (batch, n, d_model)

    Source: Dosovitskiy et al. 2020, equation 1.

    >>> patch_embed(torch.rand(2, 3, 4, 6), torch.rand(5, 3, 2, 2), torch.rand(5)).shape
    torch.Size([2, 6, 5])
    """
    expect_floats(image=image, weight=weight, bias=bias)
    channel = expect_shape("image", image, "batch channel height width")["channel"]
    size = expect_shape("weight", weight, "d_model channel patch patch_width", channel=channel)
    expect_shape("weight", weight, "d_model channel patch patch_width", patch_width=size["patch"])
    expect_shape("bias", bias, "d_model", d_model=size["d_model"])
    return patchify(image, weight.shape[-1]) @ weight.flatten(start_dim=1).T + bias


SMALL = TransformerConfig(d_model=32, n_heads=4, n_layers=3, d_ff=64, norm_first=True)  # enough for small digits


@dataclass(frozen=True)
class VisionConfig:
    """What a VisionTransformer is made of, checked as soon as it is written down.

    Raises:
        ValueError: sizes that do not fit each other.

    >>> VisionConfig(height=8, width=8, patch=2).n_patches
    16
    """

    height: int = 8  # pixels
    width: int = 8  # pixels
    n_channels: int = 1  # 1 for grey, 3 for colour
    patch: int = 2  # pixels along one side of a patch
    n_classes: int = 10
    positions: bool = True  # False: the patches come as a heap
    position_std: float = 0.5  # of the position vectors before training, beside patches of about the same size
    encoder: TransformerConfig = SMALL

    def __post_init__(self):
        for name in ("height", "width"):
            expect_count(name, getattr(self, name), most=MOST_WIDE)
        _grid(self.height, self.width, self.patch)
        expect_sizes(n_channels=self.n_channels, n_classes=self.n_classes)
        expect_number("position_std", self.position_std, least=0)
        expect_type("encoder", self.encoder, TransformerConfig)

    @property
    def n_patches(self):
        """The length of the sequence."""
        return self.height // self.patch * (self.width // self.patch)


class VisionTransformer(nn.Module):
    """Patches as words: embed them, say where they are, let them listen to each other, average, decide.

    logits = head(mean over patches of encoder(patch_embed(image) + position))

    ``positions_on`` may be switched at any time; without positions the order of the patches changes nothing.

    >>> model = VisionTransformer(VisionConfig())
    >>> logits, weights = model(torch.rand(5, 1, 8, 8), need_weights=True)
    >>> logits.shape, weights.shape
    (torch.Size([5, 10]), torch.Size([3, 5, 4, 16, 16]))
    """

    def __init__(self, config):
        super().__init__()
        expect_type("config", config, VisionConfig)
        self.config, self.positions_on = config, config.positions
        d_model, side = config.encoder.d_model, config.patch
        self.embed = nn.Conv2d(config.n_channels, d_model, side, stride=side)  # only to hold weight and bias
        self.position = nn.Parameter(config.position_std * torch.randn(config.n_patches, d_model))
        self.encoder = Encoder(config.encoder)
        self.head = nn.Linear(d_model, config.n_classes)

    def forward(self, image, need_weights=False):
        """Which class is it?

        Args:
            image: (batch, channel, height, width)
            need_weights: also return what every patch attended to, in every head of every layer.

        Returns:
            logits (batch, n_classes), and weights (layer, batch, head, query_pos, key_pos) or None.

        Raises:
            ValueError: images of another size than the model was built for.
        """
        wanted = {"channel": self.config.n_channels, "height": self.config.height, "width": self.config.width}
        expect_floats(weight=self.embed.weight, image=image)
        expect_shape("image", image, "batch channel height width", **wanted)
        x = patch_embed(image, self.embed.weight, self.embed.bias)
        if self.positions_on:
            x = add_positions(x, self.position)
        hidden, weights = self.encoder(x, need_weights=need_weights)
        return self.head(hidden.mean(dim=1)), weights


class SmallCNN(nn.Module):
    """Two convolutions, each followed by a maximum over squares of 2 by 2, and a linear layer: the usual choice.

    >>> SmallCNN()(torch.rand(5, 1, 8, 8))[0].shape
    torch.Size([5, 10])
    """

    def __init__(self, n_channels=1, height=8, width=8, n_classes=10, n_filters=32):
        super().__init__()
        self.size = {"channel": n_channels, "height": height, "width": width}
        expect_sizes(n_channels=n_channels, n_classes=n_classes, n_filters=n_filters)
        for name in ("height", "width"):
            expect_count(name, self.size[name], least=4, most=MOST_WIDE)
        self.layers = nn.Sequential(
            *(nn.Conv2d(n_channels, n_filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(n_filters, 2 * n_filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Flatten(),
            nn.Linear(2 * n_filters * (height // 4) * (width // 4), n_classes),
        )

    def forward(self, image, need_weights=False):
        """(batch, channel, height, width) -> logits (batch, n_classes), and None: it attends to nothing."""
        if need_weights:
            raise ValueError("need_weights: a convolutional network has none; its neighbours are fixed")
        expect_floats(weight=self.layers[0].weight, image=image)
        expect_shape("image", image, "batch channel height width", **self.size)
        return self.layers(image), None


def image_loss(model, batch):
    """Cross-entropy of (image, label) pairs, for fit()."""
    image, label = batch
    return F.cross_entropy(model(image)[0], label)


def image_accuracy(model, batch):
    """The share of (image, label) pairs that are right."""
    image, label = batch
    return (model(image)[0].argmax(dim=-1) == label).float().mean()

"""Notebook 09, patch_embed: a linear layer on every patch, which is a convolution with large steps."""

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import vision

SIZES = (  # batch, channel, height, width, patch, d_model
    *((2, 3, 4, 6, 2, 5), (3, 2, 9, 6, 3, 4), (1, 3, 8, 12, 4, 7), (2, 3, 8, 6, 2, 3)),
    *((2, 1, 6, 10, 2, 6), (2, 3, 4, 4, 4, 1), (2, 3, 2, 5, 1, 4)),
)


def cases(seed):
    """Images, filters, biases. The first: two filters, of which one adds a patch up and one takes its last pixel."""
    generator = torch.Generator().manual_seed(seed)
    paper = 10.0 * torch.arange(1, 3)[:, None] + torch.arange(1, 5)
    filters = torch.tensor([[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]])
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    drawn = [(draw(b, c, h, w), draw(d, c, p, p), draw(d)) for b, c, h, w, p, d in SIZES]
    return [(paper[None, None], filters[:, None], torch.tensor([0.0, 100.0])), *drawn]


def _convolved(image, weight, bias):
    """(batch, d_model, grid row, grid column)."""
    return F.conv2d(image, weight, bias, stride=weight.shape[-1])


def _linear(patches, weight, bias):
    return patches @ weight.flatten(1).T + bias


def _right(image, weight, bias):
    return _linear(vision.patchify(image, weight.shape[-1]), weight, bias)


def _with_weight(change):
    """The right layer on filters that were changed first."""
    return lambda image, weight, bias: _right(image, change(weight), bias)


def _by_columns(image, weight, bias):
    return _convolved(image, weight, bias).transpose(2, 3).flatten(2).mT


MISCONCEPTIONS = {
    "bias_forgotten": Misconception(
        lambda image, weight, bias: _right(image, weight, 0 * bias),
        "Every number is off by what belongs to its filter, the same for all patches: the products are right, and "
        "something is still to be added.",
    ),
    "bias_by_filter_size": Misconception(
        lambda image, weight, bias: _linear(vision.patchify(image, weight.shape[-1]), weight, weight[0].numel() * bias),
        "The bias counts once for every number of a patch. It belongs to the sum, once.",
    ),
    "bias_subtracted": Misconception(
        lambda image, weight, bias: _right(image, weight, -bias),
        "The bias is taken away instead of added.",
    ),
    "channel_last": Misconception(
        _with_weight(lambda weight: weight.permute(0, 2, 3, 1).reshape(weight.shape)),
        "Patch and filter are flattened in different orders, channel first in one, channel last in the other: each "
        "number meets the weight of another pixel.",
        also=(
            lambda image, weight, bias: _linear(
                vision.patchify(image, p := weight.shape[-1])
                .unflatten(2, (-1, p, p))
                .permute(0, 1, 3, 4, 2)
                .flatten(2),
                weight,
                bias,
            ),
        ),
    ),
    "filter_on_its_side": Misconception(
        _with_weight(lambda weight: weight.mT),
        "The filters lie on their sides: row and column inside the patch have changed places, in the patch or in the "
        "weight.",
    ),
    "flipped": Misconception(
        _with_weight(lambda weight: weight.flip(2, 3)),
        "The filters are turned upside down and left to right: that is how mathematics defines a convolution. Deep "
        "learning does not turn them, and neither does a linear layer.",
        also=(_with_weight(lambda weight: weight.flip(1, 2, 3)),),
    ),
    "weight_reshaped": Misconception(
        lambda image, weight, bias: vision.patchify(image, weight.shape[-1]) @ weight.reshape(-1, len(weight)) + bias,
        "The shape is right, but the weights were counted off anew where rows and columns should change places: each "
        "filter is made of pieces of several.",
    ),
    "plain_reshape": Misconception(
        lambda image, weight, bias: _linear(image.reshape(len(image), -1, weight[0].numel()), weight, bias),
        "The filters met strips of the image's rows instead of squares: the image was only counted off anew. It has to "
        "be cut into patches first.",
    ),
    "columns_first": Misconception(
        _by_columns,
        "Every vector is right, but the patches come column by column. Asked for is the order of reading, row by row.",
    ),
    "embedding_reshaped": Misconception(
        lambda image, weight, bias: (out := _convolved(image, weight, bias)).reshape(len(image), -1, out.shape[1]),
        "The shape is right, the numbers are not: a convolution returns one *map* per filter, and these were counted "
        "off anew. Two axes have to change places.",
    ),
    "maps_kept": Misconception(
        _convolved,
        "The right numbers, as one map per filter. A sequence is asked for: one row of d_model numbers per patch.",
        also=(lambda image, weight, bias: _convolved(image, weight, bias).permute(0, 2, 3, 1),),
    ),
    "patches_last": Misconception(
        lambda image, weight, bias: _right(image, weight, bias).mT,
        "The right numbers, but one *column* per patch. The order asked for: batch, patch, d_model.",
    ),
    "overlapping": Misconception(
        lambda image, weight, bias: F.conv2d(image, weight, bias).flatten(2).mT,
        "The filters move on by one pixel, so the squares overlap and there are too many. They should move on by a "
        "whole patch.",
        also=(F.conv2d,),
    ),
    "averaged": Misconception(
        lambda image, weight, bias: _right(image, weight / weight[0].numel(), bias),
        "The products were averaged over the patch. A linear layer adds them up.",
        also=(lambda image, weight, bias: _right(image, weight, bias) / weight[0].numel(),),
    ),
    "channels_averaged": Misconception(
        _with_weight(lambda weight: weight / weight.shape[1]),
        "The channels were averaged. Each filter has weights for every channel, and their products are added up.",
        also=(_with_weight(lambda weight: weight.mean(dim=1, keepdim=True).expand_as(weight)),),
    ),
    "first_channel": Misconception(
        lambda image, weight, bias: _right(image[:, :1], weight[:, :1], bias),
        "Only the first channel is counted. Each filter has weights for every channel.",
    ),
    "with_relu": Misconception(
        lambda image, weight, bias: _right(image, weight, bias).relu(),
        "Negative numbers have become 0: a relu came after the layer. Here nothing follows it.",
    ),
}

PATCH_EMBED = Exercise(
    name="patch_embed",
    reference=vision.patch_embed,
    returns=("embedded",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=lambda image, weight, bias: _convolved(image, weight, bias).flatten(2).mT,
    forbidden=(vision.patch_embed,),
    hints=(
        "The image's rows are 11 12 13 14 and 21 22 23 24, the patches 2 wide. A filter of four ones and bias 0 gives "
        "66 and 74, the sums; a filter 0 0 0 1 with bias 100 gives 122 and 124.",
        "image (B, C, H, W) -> patches (B, N, C*P*P); weight (D, C, P, P) -> (D, C*P*P); product -> (B, N, D).",
        "`side = weight.shape[-1]`",
    ),
    notebook="09",
    minutes=6,
)

EXERCISES = (PATCH_EMBED,)

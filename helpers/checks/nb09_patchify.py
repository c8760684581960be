"""Notebook 09, patchify: which pixel lands where."""

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import vision

SIZES = (  # batch, channel, height, width, patch: no two axes alike, then one patch, one row, one pixel a patch
    *((2, 3, 4, 6, 2), (3, 2, 9, 6, 3), (2, 3, 8, 12, 4), (1, 2, 12, 9, 3)),
    *((2, 3, 4, 4, 4), (2, 2, 3, 12, 3), (2, 3, 2, 5, 1)),
)


def cases(seed):
    """Images to cut; the numbers of the first say where they stand: row 1 has 11 to 14, row 2 21 to 24."""
    generator = torch.Generator().manual_seed(seed)
    paper = 10.0 * torch.arange(1, 5)[:, None] + torch.arange(1, 5)
    drawn = [(torch.randn(b, c, h, w, generator=generator), patch) for b, c, h, w, patch in SIZES]
    return [(paper[None, None], 2), *drawn]


def _cut(image, patch):
    """(batch, channel, height, width) -> (batch, channel, grid row, row, grid column, column)."""
    return image.unflatten(3, (-1, patch)).unflatten(2, (-1, patch))


def _in_order(*axes):
    """A way to patchify that puts the six axes of _cut in another order."""
    return lambda image, patch: _cut(image, patch).permute(axes).flatten(3).flatten(1, 2)


_patches = _in_order(0, 2, 4, 1, 3, 5)  # the right order, to go wrong from


def _strided(image, patch):
    cut = image.unflatten(3, (patch, -1)).unflatten(2, (patch, -1))  # batch channel row y' column x'
    return cut.permute(0, 3, 5, 1, 2, 4).flatten(3).flatten(1, 2)


def _sliced_in_steps(image, patch):
    starts = [(row, column) for row in range(patch) for column in range(patch)]
    return torch.stack([image[:, :, row::patch, column::patch].flatten(1) for row, column in starts], dim=1)


def _by_one_side(axis):
    """Loops that take one side of the image for both."""

    def loops(image, patch):
        starts = range(0, image.shape[axis], patch)
        squares = [image[:, :, i : i + patch, j : j + patch].flatten(1) for i in starts for j in starts]
        return torch.stack(squares, dim=1)

    return loops


def _without_last(image, patch):
    """Loops whose range ends a patch too early."""
    rows, columns = (range(0, side - patch, patch) for side in image.shape[2:])
    return torch.stack([image[:, :, i : i + patch, j : j + patch].flatten(1) for i in rows for j in columns], dim=1)


def _count(image, patch):
    cut = image.unflatten(3, (patch, -1)).unflatten(2, (patch, -1))
    return cut.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


def _reshaped(image, patch):
    return image.reshape(len(image), -1, image.shape[1] * patch * patch)


MISCONCEPTIONS = {
    "plain_reshape": Misconception(
        _reshaped,
        "The shape is right, the numbers are not: they were only counted off anew, in the order in which they lie in "
        "memory, so each piece is a strip of an image's rows instead of a square.",
        also=(lambda image, patch: image.permute(0, 2, 3, 1).reshape(len(image), -1, image.shape[1] * patch**2),),
    ),
    "columns_first": Misconception(
        _in_order(0, 4, 2, 1, 3, 5),
        "Each patch is right, but they come column by column: the second one lies *below* the first. Asked for is the "
        "order of reading, row by row.",
    ),
    "channel_last": Misconception(
        _in_order(0, 2, 4, 3, 5, 1),
        "The patches are right and in order, but inside each the channels of one pixel stand together (red, green, "
        "blue, red, ...). Here a patch lists its first channel completely, then the next.",
    ),
    "column_before_row": Misconception(
        _in_order(0, 2, 4, 1, 5, 3),
        "The patches are right and in order, but each lies on its side: it is read column by column where it should be "
        "read row by row.",
    ),
    "image_turned": Misconception(
        _in_order(0, 4, 2, 1, 5, 3),
        "Rows and columns have changed places everywhere, among the patches and inside them, as if the image had been "
        "mirrored at its diagonal.",
        also=(_in_order(0, 4, 2, 5, 3, 1), _in_order(0, 4, 2, 3, 5, 1)),
    ),
    "strided": Misconception(
        _strided,
        "Each piece takes pixels from all over the image, at equal distances. A patch consists of *neighbours*. (Was "
        "an axis cut into the right two factors in the wrong order, or sliced in steps?)",
        also=(_sliced_in_steps,),
    ),
    "side_and_count": Misconception(
        _count,
        "`patch` was taken for the number of patches along a side. It is the number of *pixels* along the side of one "
        "patch.",
    ),
    "channels_apart": Misconception(
        lambda image, patch: _cut(image, patch).permute(0, 1, 2, 4, 3, 5).flatten(4).flatten(1, 3),
        "Every channel has patches of its own, so there are too many and each is too short. A patch holds all channels "
        "of its square.",
        also=(
            lambda image, patch: _patches(image, patch).reshape(len(image), -1, patch * patch),
            lambda image, patch: _cut(image, patch).permute(0, 1, 2, 4, 3, 5).flatten(4).flatten(2, 3),
        ),
    ),
    "channel_before_patch": Misconception(
        lambda image, patch: _cut(image, patch).permute(0, 1, 2, 4, 3, 5).reshape(_reshaped(image, patch).shape),
        "Right for grey images. With several channels a row holds squares of *one* channel from several places: when "
        "the axes were joined, the channel still stood in front of those that say which patch.",
    ),
    "not_flattened": Misconception(
        lambda image, patch: _patches(image, patch).unflatten(2, (-1, patch, patch)),
        "The right patches, but each is still a little image. One row of numbers per patch is asked for.",
        also=(
            lambda image, patch: _cut(image, patch).permute(0, 2, 4, 1, 3, 5),
            lambda image, patch: _patches(image, patch).unflatten(2, (-1, patch * patch)),
        ),
    ),
    "grid_kept": Misconception(
        lambda image, patch: _cut(image, patch).permute(0, 2, 4, 1, 3, 5).flatten(3),
        "The right numbers, but the patches still stand in rows and columns. A sequence has one axis for them.",
    ),
    "patches_last": Misconception(
        lambda image, patch: _patches(image, patch).mT,
        "The right numbers, but one *column* per patch. The order asked for: batch, patch, number.",
    ),
    "overlapping": Misconception(
        lambda image, patch: (
            image.unfold(2, patch, 1).unfold(3, patch, 1).permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)
        ),
        "The squares overlap: the next one starts one pixel further on. Patches lie side by side, and every pixel "
        "belongs to one of them.",
    ),
    "strips": Misconception(
        lambda image, patch: image.unflatten(2, (-1, patch)).transpose(1, 2).flatten(2),
        "Cut in one direction only: each piece is as wide as the whole image. The columns want cutting too.",
    ),
    "as_if_square": Misconception(
        _by_one_side(2),
        "Right where an image is as high as it is wide: one of its sides was taken for both.",
        also=(_by_one_side(3),),
    ),
    "averaged": Misconception(
        lambda image, patch: F.avg_pool2d(image, patch).flatten(2).mT,
        "Of each patch only its mean is left. No number of the image may be lost: they only find new places.",
    ),
    "channels_averaged": Misconception(
        lambda image, patch: _patches(image.mean(dim=1, keepdim=True), patch),
        "The channels were averaged, the image has become grey. All of them belong in the patch, one after another.",
    ),
    "first_channel": Misconception(
        lambda image, patch: _patches(image[:, :1], patch),
        "Only the first channel is there. All of them belong in the patch, one after another.",
    ),
    "first_image": Misconception(
        lambda image, patch: _patches(image, patch)[0],
        "Only the first image of the batch came back. The batch stays as the first axis.",
        also=(lambda image, patch: _patches(image[:1], patch),),
    ),
    "batch_joined": Misconception(
        lambda image, patch: _patches(image, patch).flatten(0, 1),
        "The patches of all images stand in one long list. Each image keeps its own sequence: the batch stays first.",
        also=(lambda image, patch: _patches(image, patch).transpose(0, 1).flatten(0, 1),),
    ),
    "one_long_row": Misconception(
        lambda image, patch: _patches(image, patch).flatten(1),
        "The patches of an image follow one another in one long row. A sequence has an axis for them: one row of "
        "numbers per patch.",
    ),
    "patch_before_batch": Misconception(
        lambda image, patch: _patches(image, patch).transpose(0, 1),
        "The numbers are right, but the axis that counts the patches stands before the batch. The order asked for: "
        "batch, patch, number.",
    ),
    "images_in_one_row": Misconception(
        lambda image, patch: _patches(image, patch).transpose(0, 1).flatten(1),
        "There is no axis for the batch: each row holds the same square of *all* images. Each image keeps its own "
        "sequence, and the batch stays first.",
    ),
    "last_left_out": Misconception(
        _without_last,
        "The last row and the last column of patches are missing: the cutting ends one patch too early. (`range(0, 4, "
        "2)` is 0, 2: its end is left out already.)",
    ),
    "shifted_axis": Misconception(
        lambda image, patch: image.transpose(1, 2).flatten(2),
        "Each piece is one whole row of pixels. Cutting an axis in two moves those behind it: once axis 2 is cut, the "
        "width is axis 4, no longer 3.",
    ),
    "always_two": Misconception(
        lambda image, patch: _patches(image, 2),
        "The patches are two pixels wide whatever `patch` says: right for the example, wrong for others.",
    ),
}

PATCHIFY = Exercise(
    name="patchify",
    reference=vision.patchify,
    returns=("patches",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=lambda image, patch: F.unfold(image, patch, stride=patch).mT,
    forbidden=(vision.patchify, F.unfold, F.pixel_unshuffle),
    hints=(
        "An image of 4 by 4, its rows 11 12 13 14, 21 22 23 24, 31 32 33 34 and 41 42 43 44, in patches of 2: the "
        "first is 11 12 21 22, the second 13 14 23 24, the third 31 32 41 42.",
        "image (B, C, H, W) -> both long axes cut in two: (B, C, H/P, P, W/P, P) -> the axes that say which patch "
        "come forward: (B, H/P, W/P, C, P, P) -> (B, N, C*P*P).",
        "`cut = image.unflatten(3, (-1, patch))`: the last axis first, so that the height is still axis 2.",
    ),
    notebook="09",
    minutes=12,
    class_time=True,
)

EXERCISES = (PATCHIFY,)

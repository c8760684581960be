"""The Vision Transformer: cut and put together, equal to torch's own parts, order and positions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.models.transformer import TransformerConfig
from helpers.models.vision import (
    SmallCNN,
    VisionConfig,
    VisionTransformer,
    grid_size,
    image_accuracy,
    image_loss,
    patch_embed,
    patchify,
    unpatchify,
)
from tests.randomised import randomised

SIZES = [(2, 3, 4, 6, 2), (1, 1, 9, 3, 3), (3, 2, 5, 10, 5), (2, 4, 3, 2, 1)]  # batch channel height width patch
CONFIG = VisionConfig(
    *(6, 4, 3, 2, 5), encoder=TransformerConfig(d_model=12, n_heads=3, n_layers=2, d_ff=20, norm_first=True)
)


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


@pytest.fixture
def model():
    return randomised(VisionTransformer(CONFIG), std=0.4)


# --- patches


@pytest.mark.parametrize(("batch", "channels", "height", "width", "patch"), SIZES)
def test_patches_are_torchs_own_and_go_back(batch, channels, height, width, patch):
    image = torch.randn(batch, channels, height, width)
    patches = patchify(image, patch)
    assert torch.equal(patches, F.unfold(image, patch, stride=patch).transpose(1, 2))
    assert torch.equal(unpatchify(patches, patch, height, width), image)


def test_a_patch_is_a_corner_of_the_image():
    image = torch.randn(1, 3, 4, 6)
    assert torch.equal(patchify(image, 2)[0, 4], image[0, :, 2:4, 2:4].flatten())  # row 2, column 2 of 2 by 3


@pytest.mark.parametrize(("batch", "channels", "height", "width", "patch"), SIZES)
def test_a_linear_layer_on_patches_is_a_strided_convolution(batch, channels, height, width, patch):
    image, weight = torch.randn(batch, channels, height, width), torch.randn(7, channels, patch, patch)
    bias = torch.randn(7)
    expected = F.conv2d(image, weight, bias, stride=patch).flatten(2).transpose(1, 2)
    torch.testing.assert_close(patch_embed(image, weight, bias), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: patchify(torch.zeros(1, 3, 6, 4), 4), "4 does not divide an image of 6 by 4; 1, 2 would"),
        (lambda: patchify(torch.zeros(1, 3, 6, 4), 0), "patch: 0 does not divide"),
        (lambda: patchify(torch.zeros(1, 3, 6, 4), 2.0), "patch: 2.0 does not divide"),
        (lambda: patchify(torch.zeros(3, 6, 4), 2), r"image: expected 4 axes \(batch channel height width\)"),
        (lambda: patchify([[1.0]], 1), "image: expected a tensor"),
        (lambda: unpatchify(torch.zeros(1, 5, 12), 2, 4, 6), "5 of 12 numbers do not make an image of 4 by 6"),
        (lambda: unpatchify(torch.zeros(1, 6, 7), 2, 4, 6), "6 of 7 numbers do not make"),
        (lambda: unpatchify(torch.zeros(1, 6, 4), 2, 5, 6), "do not make an image of 5 by 6"),
        (lambda: VisionConfig(patch=3), "patch: 3 does not divide an image of 8 by 8; 1, 2, 4, 8 would"),
        (lambda: VisionConfig(n_classes=0), "n_classes: expected at least 1, got 0"),
        (lambda: VisionTransformer(CONFIG)(torch.zeros(1, 3, 4, 6)), "image: height should be 6 but is 4"),
        (lambda: VisionTransformer(CONFIG)(torch.zeros(1, 1, 6, 4)), "image: channel should be 3 but is 1"),
        (lambda: SmallCNN()(torch.zeros(1, 1, 8, 8), need_weights=True), "need_weights: a convolutional network"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(call, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        call()


# --- the model


def torchs_own(model, image):
    """The same network out of torch's parts, every parameter copied."""
    sizes = model.config.encoder
    embed = nn.Conv2d(model.config.n_channels, sizes.d_model, model.config.patch, stride=model.config.patch)
    layer = nn.TransformerEncoderLayer(
        sizes.d_model, sizes.n_heads, sizes.d_ff, 0, F.gelu, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, sizes.n_layers, nn.LayerNorm(sizes.d_model), enable_nested_tensor=False)
    embed.load_state_dict(model.embed.state_dict())
    encoder.norm.load_state_dict(model.encoder.norm.state_dict())
    for theirs, ours in zip(encoder.layers, model.encoder.blocks, strict=True):
        for to, source in (
            (theirs.self_attn.out_proj, ours.attention.project_out),
            (theirs.linear1, ours.mlp[0]),
            (theirs.linear2, ours.mlp[2]),
            (theirs.norm1, ours.norm_1),
            (theirs.norm2, ours.norm_2),
        ):
            to.load_state_dict(source.state_dict())
        theirs.self_attn.in_proj_weight.data = ours.attention.project_in.weight.data
        theirs.self_attn.in_proj_bias.data = ours.attention.project_in.bias.data
    x = embed(image).flatten(2).transpose(1, 2) + model.position
    return model.head(encoder(x).mean(dim=1))


def test_it_is_torchs_convolution_and_torchs_encoder(model):
    image = torch.randn(4, 3, 6, 4)
    torch.testing.assert_close(model(image)[0], torchs_own(model, image), atol=1e-5, rtol=1e-5)


def test_the_weights_are_those_of_this_very_pass(model):
    image = torch.randn(4, 3, 6, 4)
    logits, weights = model(image, need_weights=True)
    assert weights.shape == (2, 4, 3, 6, 6)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 4, 3, 6))
    torch.testing.assert_close(logits, model(image)[0])
    x = patch_embed(image, model.embed.weight, model.embed.bias) + model.position
    query, key = model.encoder.query_key(x, layer=2, head=3)
    expected = (query @ key.transpose(1, 2) / 2).softmax(dim=-1)  # heads of width 4
    torch.testing.assert_close(weights[1, :, 2], expected)


def test_the_order_of_the_patches_matters_with_positions_only(model):
    image = torch.randn(4, 3, 6, 4)
    shuffled = unpatchify(patchify(image, 2)[:, torch.randperm(6)], 2, 6, 4)
    with_positions = (model(image)[0] - model(shuffled)[0]).abs().max()
    model.positions_on = False
    without = (model(image)[0] - model(shuffled)[0]).abs().max()
    assert without < 1e-5 < 0.01 < with_positions


def test_positions_may_be_off_from_the_start():
    blind = VisionTransformer(replace(CONFIG, positions=False))
    assert not blind.positions_on
    image_loss(blind, (torch.randn(2, 3, 6, 4), torch.tensor([0, 1]))).backward()
    assert blind.position.grad is None


def test_every_parameter_learns(model):
    image_loss(model, (torch.randn(4, 3, 6, 4), torch.tensor([0, 1, 2, 3]))).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_loss_and_accuracy_are_those_of_the_logits(model):
    image, label = torch.randn(50, 3, 6, 4), torch.randint(5, (50,))
    logits = model(image)[0]
    expected = -logits.log_softmax(dim=-1)[torch.arange(50), label].mean()
    torch.testing.assert_close(image_loss(model, (image, label)), expected)
    assert image_accuracy(model, (image, logits.argmax(dim=1))) == 1
    assert image_accuracy(model, (image, (logits.argmax(dim=1) + 1) % 5)) == 0


def test_the_convolutional_network_takes_other_sizes():
    assert SmallCNN(n_channels=3, height=12, width=8, n_classes=4)(torch.randn(2, 3, 12, 8))[0].shape == (2, 4)


def test_a_patch_may_be_counted_by_numpy():
    assert grid_size(torch.zeros(4, 6), np.int64(2)) == (2, 3)
    with pytest.raises(ValueError, match="patch: 4 does not divide an image of 4 by 6; 1, 2 would"):
        grid_size(torch.zeros(4, 6), np.int64(4))

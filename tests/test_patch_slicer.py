"""PatchSlicer without a browser: what Python computes, takes and refuses, and that the browser computes the same."""

import json

import numpy as np
import pytest
import torch

from helpers.models.vision import patchify, unpatchify
from helpers.widgets import PatchSlicer
from tests.test_widgets import SCRIPTS, node

IMAGE = torch.rand(3, 8, 12, generator=torch.Generator().manual_seed(0))
EVEN = torch.full((2, 3, 6, 6), 1 / 6)


@pytest.fixture
def slicer():
    return PatchSlicer(IMAGE, patch=4)


# --- what Python computes


def test_patches_are_those_of_the_model(slicer):
    assert slicer.grid == (2, 3)
    assert torch.equal(slicer.patches, patchify(IMAGE[None], 4)[0])
    assert torch.equal(slicer.told, IMAGE)


def test_shuffled_every_patch_comes_once_and_the_places_tell_which(slicer):
    slicer.order = "shuffled"
    assert sorted(slicer.places) == list(range(6)) != slicer.places
    assert torch.equal(slicer.patches, patchify(IMAGE[None], 4)[0, slicer.places])
    assert torch.equal(slicer.told, unpatchify(slicer.patches[None], 4, 8, 12)[0])
    assert slicer.places != PatchSlicer(IMAGE, patch=4, order="shuffled", seed=1).places


def test_without_positions_a_model_is_told_the_same_in_any_order(slicer):
    slicer.positions = False
    heap = slicer.told
    assert not torch.equal(heap, IMAGE)
    slicer.order = "shuffled"
    assert torch.equal(slicer.told, heap)
    sums = patchify(heap[None], 4)[0].sum(dim=1)
    assert torch.equal(sums, sums.sort().values)


def test_attention_is_that_of_a_head_or_the_mean_of_its_layer():
    weights = torch.rand(2, 3, 6, 6).softmax(dim=-1)
    slicer = PatchSlicer(IMAGE, patch=4, weights=weights, layer=2, head=3)
    torch.testing.assert_close(slicer.attention(), weights[1, 2])
    torch.testing.assert_close(slicer.attention(layer=1, head=0), weights[0].mean(dim=0))
    with pytest.raises(ValueError, match=r"head: expected between 0 and 3, got 4"):
        slicer.attention(head=4)


def test_nobody_chose_a_size():
    assert PatchSlicer(IMAGE).patch == 1  # 96 patches: nearer to 60 than 24 are
    assert PatchSlicer(torch.rand(48, 72)).patch == 8
    assert PatchSlicer(torch.rand(8, 8).tolist()).patch == 1


# --- what can be set


def test_a_larger_patch_keeps_the_focus_inside(slicer):
    slicer.focus = [5, 47]
    slicer.patch = 2
    assert slicer.focus == [5, 11]
    slicer.set_state({"patch": 4, "focus": [3, 40]})
    assert (slicer.patch, slicer.focus) == (4, [3, 40])


@pytest.mark.parametrize(
    "state",
    [
        {"patch": 3},
        {"patch": 5, "focus": [0, 0]},
        {"focus": [6, 0]},
        {"focus": [0, 48]},
        {"focus": [0]},
        {"order": "columns"},
        {"draw": [1, 0]},
        {"sizes": [1, 2, 3]},
        {"trained": 2},
        {"image": IMAGE[:1].tolist()},
    ],
)
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(slicer, state):
    before = slicer.state()
    with pytest.raises(Exception, match=r"\w"):
        slicer.set_state(state)
    assert slicer.state() == before
    assert torch.equal(slicer.told, IMAGE)


def test_python_is_told_that_another_image_needs_another_slicer(slicer):
    with pytest.raises(ValueError, match="image: stays as it was given; make a new PatchSlicer for another"):
        slicer.image = 1 - IMAGE
    assert torch.equal(slicer.told, IMAGE)


def test_state_and_repr(slicer):
    assert repr(slicer) == "PatchSlicer(8 by 12 pixels, patches of 4; n = 6)"
    slicer.set_state({"order": "shuffled", "positions": False, "patch": 2, "focus": [7, 3]})
    assert repr(slicer) == "PatchSlicer(8 by 12 pixels, patches of 2; n = 24; shuffled; without positions)"
    assert slicer.state() == {
        "patch": 2, "order": "shuffled", "positions": False, "layer": 1, "head": 0, "focus": [7, 3], "projector": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("image", "settings", "sentence"),
    [
        (IMAGE, {"patch": 3}, "patch: 3 does not divide an image of 8 by 12; choose 1, 2, 4"),
        (IMAGE, {"patch": 0}, "patch: 0 does not divide an image of 8 by 12"),
        (torch.rand(64, 64), {"patch": 1}, "patch: 1 makes too many patches or too long vectors"),
        (torch.rand(31, 29), {}, "image: no patch size cuts 31 by 29 into few enough squares"),
        (torch.rand(2, 8, 8), {}, "image: expected one channel .grey. or three .red, green, blue., got 2"),
        (torch.rand(200, 8), {}, "image: at most 128 pixels along a side can be shown, got 200 by 8"),
        (255 * IMAGE, {}, "image: expected values from 0 to 1, got"),
        (IMAGE * float("nan"), {}, "image: expected finite numbers, but 288 are NaN"),
        (torch.rand(8), {}, "image: expected at least 2 axes .* but got 1"),
        ("a photograph", {}, "image: expected numbers"),
        (IMAGE, {"weights": EVEN}, "patch: weights belong to patches of one size; say which"),
        (IMAGE, {"weights": EVEN, "patch": 2}, "weights: over 6 patches, but an image of 8 by 12 has 24 of 2 by 2"),
        (IMAGE, {"weights": 2 * EVEN, "patch": 4}, "rows that sum to 1, got .* sums from 2.00 to 2.00"),
        (IMAGE, {"weights": EVEN[0], "patch": 4}, "weights: expected 4 axes"),
        (IMAGE, {"weights": EVEN, "patch": 4, "layer": 3}, "layer: choose 1 to 2, not 3"),
        (IMAGE, {"weights": EVEN, "patch": 4, "head": -1}, "head: choose 0 to 3, not -1"),
        (IMAGE, {"patch": 4, "focus": [6, 0]}, "focus: no number 0 in patch 6 of 6 patches of 48 numbers"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(image, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        PatchSlicer(image, **settings)


def test_attention_needs_weights(slicer):
    with pytest.raises(ValueError, match="made without `weights`"):
        slicer.attention()


# --- the browser's half, in node


def test_browser_and_python_cut_and_lay_the_same_patches():
    draw = np.random.default_rng(0)
    slicers = []
    for number in range(40):
        channels, patch = [1, 3][number % 2], int(draw.integers(1, 6))
        height, width = (patch * int(draw.integers(1, 5)) for _ in range(2))
        image = draw.integers(0, 17, (channels, height, width)) / 16  # coarse: patches with equal sums occur
        order, positions = ["rows", "shuffled"][number // 2 % 2], bool(number // 4 % 2)
        slicers.append(PatchSlicer(image, patch=patch, order=order, positions=positions, seed=number))
    cases = [
        {
            "image": one.image.tolist(), "patch": one.patch, "draw": one.draw,
            "shuffled": one.order == "shuffled", "positions": one.positions,
        }
        for one in slicers
    ]  # fmt: skip
    shown = json.loads(node(SCRIPTS / "patches.mjs", input=json.dumps(cases)))
    for one, there in zip(slicers, shown, strict=True):
        assert (list(one.grid), one.places, len(one.patches)) == (there["grid"], there["places"], there["n"])
        torch.testing.assert_close(one.patches, torch.tensor(there["patches"]))
        torch.testing.assert_close(one.told, torch.tensor(there["told"]))

"""The Python half of DependencyView: it says what autograd finds in a real model, and what the browser counts."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.models.attention import causal_mask
from helpers.models.dependence import blocks_needed, dependence
from helpers.models.transformer import Encoder, TransformerConfig
from helpers.widgets import DependencyView
from helpers.widgets.dependency_view import MASKS, MOST_DEPTH
from tests.randomised import randomised

SCRIPT = Path(__file__).parent / "widgets/masks.mjs"
WORDS = ["The", "big", "red", "dog", "[PAD]", "[PAD]"]


@pytest.fixture
def view():
    return DependencyView(WORDS[:4], mask="causal", depth=2)


# --- read back


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("depth", range(1, MOST_DEPTH + 1))
def test_it_says_what_autograd_finds_in_a_randomised_encoder(name, depth):
    torch.manual_seed(depth)
    view = DependencyView(WORDS, mask=name, depth=depth)
    for norm_first in (False, True):
        config = TransformerConfig(d_model=8, n_heads=2, n_layers=depth, d_ff=12, norm_first=norm_first)
        found = dependence(randomised(Encoder(config)), torch.randn(6, 8), view.mask)
        assert torch.equal(view.depends, found)


def test_masks_are_set_by_name_or_cell_by_cell(view):
    assert torch.equal(view.mask, causal_mask(4))
    assert torch.equal(view.depends, causal_mask(4))
    view.mask = "neighbours"
    assert view.blocks[0].tolist() == [1, 1, 2, 0]
    view.depth = 3
    assert view.depends.all()
    view.mask = None
    assert view.mask.all()
    view.mask = causal_mask(4).tolist()
    assert view.blocks.max() == 1


def test_padding_is_what_stands_at_the_end_or_the_last_word():
    assert DependencyView(WORDS, mask="padding").mask[0].tolist() == [True] * 4 + [False] * 2
    assert DependencyView(WORDS[:3], mask="padding").mask[0].tolist() == [True, True, False]
    assert DependencyView(["[PAD]"], mask="padding").mask.tolist() == [[True]]


def test_it_reads_the_same_every_time(view):
    assert repr(view) == "DependencyView(The big red dog; mask causal; depth 2)"
    view.mask = torch.eye(4).flip(0)
    assert repr(view) == "DependencyView(The big red dog; mask your own; depth 2)"
    assert view.state().keys() == {"mask", "depth", "focus", "projector"}
    hostile = ["<b>", "🙂", "مرحبا", "x" * 10_000]
    assert DependencyView(hostile).tokens == hostile
    assert len(repr(DependencyView(hostile))) < 110


# --- the browser's half


def test_the_browser_counts_what_python_counts():
    if shutil.which("node") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed")
    generator = torch.Generator().manual_seed(0)
    masks = [torch.rand(n, n, generator=generator) < share for n in (1, 2, 5, 9, 40) for share in (0.1, 0.3, 0.8)]
    cases = [(mask, depth) for mask in masks for depth in (1, 2, 4)]
    words = [WORDS, WORDS[:3], ["a"], ["[PAD]", "[PAD]"]]
    sent = {"cases": [{"mask": mask.int().tolist(), "depth": depth} for mask, depth in cases], "words": words}
    done = subprocess.run(["node", SCRIPT], input=json.dumps(sent), capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    for (mask, depth), needed in zip(cases, result["needed"], strict=True):
        assert needed == blocks_needed(mask, depth).tolist()
    for tokens, presets in zip(words, result["presets"], strict=True):
        for name, mask in presets.items():
            assert mask == DependencyView(tokens, mask=name).mask.int().tolist(), (tokens, name)


# --- refused, with a sentence

HALF = np.full((4, 4), 0.5)
REFUSED = {
    "one text": (("The big dog",), "tokens: expected a list of words"),
    "no words": (([],), "tokens: between 1 and 128 can be shown, got 0"),
    "500 words": ((["a"] * 500,), "tokens: between 1 and 128 can be shown, got 500"),
    "a name": (
        (WORDS[:4], "casual"),
        "mask: choose one of none, causal, padding, neighbours, one back, .* got 'casual'",
    ),
    "mask of another size": ((WORDS, causal_mask(4)), "mask: query_pos should be 6 but is 4"),
    "one axis": ((WORDS[:4], [1, 1, 1, 1]), r"mask: expected 2 axes \(query_pos key_pos\) but got 1"),
    "half a mask": ((WORDS[:4], HALF), r"mask: expected True \(may attend\) or False"),
    "a row without True": ((WORDS[:4], causal_mask(4).T & ~torch.eye(4).bool()), 'row of "dog" allows nothing'),
    "NaN": ((WORDS[:4], HALF * np.nan), "mask: expected finite numbers"),
    "no block": ((WORDS, "causal", 0), "depth: expected 1 to 4 blocks, got 0"),
    "too deep": ((WORDS, "causal", 5), "depth: expected 1 to 4 blocks, got 5"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_with_a_sentence(case):
    arguments, sentence = REFUSED[case]
    with pytest.raises(ValueError, match=sentence):
        DependencyView(*arguments)


@pytest.mark.parametrize(
    "state",
    [
        {"depth": 9}, {"depth": "two"}, {"focus": [0, 4]}, {"focus": [-1, 0]}, {"focus": [0]}, {"allowed": [[1, 0]]},
        {"allowed": [[0] * 4] * 4}, {"allowed": "causal"},
    ],
)  # fmt: skip
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(view, state, monkeypatch):
    before, told = repr(view.state()), []
    monkeypatch.setattr(view, "send_state", told.append)
    with pytest.raises(Exception, match=r"\w"):
        view.set_state(state)
    assert repr(view.state()) == before
    assert told[-1] == list(state)

"""The states of widgets that the instructor's pages tell: each sentence with its numbers, from the widget itself."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers import datasets, prepared, vocabulary, widgets
from helpers.models import attention, words

DOCS = Path(__file__).parents[1] / "docs" / "instructor"
TOLD, QUESTIONS = (" ".join((DOCS / f"{name}.md").read_text("utf-8").split()) for name in ("notebooks", "questions"))
WORDS, X = ["The", "big", "dog"], torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
W = torch.diag(torch.tensor([0.2, 1.5]))


def test_01_the_gap_of_fifteen():
    sunspots = datasets.load_sunspots().values[:, 0]
    timeline = widgets.SplitTimeline(sunspots, length=11, horizon=5, fractions=(0.6, 0.2, 0.2), times=np.arange(309))
    timeline.drop = False
    assert f"Two leaks appear, {timeline.leaks[0].count} windows each" in TOLD
    assert [leak.count for leak in timeline.leaks] == [15, 15]
    timeline.gap = 14
    assert not timeline.is_clean
    timeline.gap = 15
    assert timeline.is_clean
    assert "with {}, {} and {} windows".format(*map(len, timeline.split())) in TOLD
    timeline.shuffle = True
    assert f"all {timeline.leaks[0].count} validation windows" in TOLD
    assert timeline.leaks[0].count == timeline.leaks[0].of


def test_02_how_much_the_first_step_counts():
    x = torch.zeros(8, 2)
    x[0, 0], x[2, 1], x[4, 1], x[6, 1] = 1, 0.5, -0.5, 0.5
    matrices = ([[0.4, 0.5], [-0.3, 0.4]], [[0.6, -0.8], [0.7, 0.6]], [0.1, -0.1])
    stepper, shares = widgets.RecurrentStepper(x, *matrices), []
    for stepper.largest in (0.5, 1.0, 1.5, 2.0):
        shares.append((stepper.gradient_norms[0] / stepper.gradient_norms[-1]).item())
    for sentence in ("at 0.50 the first step counts {:.3f}", "at 1.00 {:.2f}", "at 1.50 {:.2f}", "at 2.00 {:.2f}"):
        assert sentence.format(shares.pop(0)) in TOLD


def test_04_neighbours():
    vocab = vocabulary.load_vocabulary()
    seen = widgets.WordMap(vocab.words, vocab.table, "python").neighbours
    assert "*{}* {:.2f}, *{}* {:.2f}".format(*seen[0], *seen[1]) in TOLD
    assert widgets.WordMap(vocab.words, vocab.table, "cat").neighbours[7][0] == "car"
    for word, one, other in (("nurse", "she", "he"), ("engineer", "she", "he")):
        row, *others = vocab.find(word, one, other)
        numbers = [f"{cosine:.2f}" for cosine in words.cosine(vocab.table[row], vocab.table[others])]
        assert all(number in QUESTIONS for number in numbers), (word, numbers)


BOTH = (
    "*big* gives *dog* {:.2f} and itself {:.2f}, *dog* gives *big* {:.2f} and itself {:.2f}, *The* gives itself {:.2f}"
)
MIRRORS = [
    ((-1, 1.5), BOTH),
    ((-5, 1.5), "With **-5**: {0:.2f}, {2:.2f}, {4:.2f}"),
    ((-1, 1), "({0:.2f}, {2:.2f}, {4:.2f})"),
]


@pytest.mark.parametrize(("keys", "sentence"), MIRRORS)
def test_05_the_mirror_solves_it(keys, sentence):
    W_query = W if keys[1] == 1.5 else torch.eye(2)
    plane = widgets.VectorPlane(WORDS, X, W_query, torch.diag(torch.tensor(keys, dtype=torch.float32)))
    (the, big, dog), weights = plane.weights, plane.weights
    assert big.argmax() == 2
    assert dog.argmax() == 1
    assert the.argmax() == 0
    assert sentence.format(*(weights[i, j].item() for i, j in ((1, 2), (1, 1), (2, 1), (2, 2), (0, 0)))) in TOLD


def test_05_temperatures():
    matrix = widgets.AttentionMatrix(WORDS, X @ W.T, X @ W.T, X)
    sentences = {0.1: "at 0.1 *big* gives *dog* {2:.2f}", 0.3: "0.3: {2:.2f}", 5.0: "5.0: {0:.2f} {1:.2f} {2:.2f}"}
    for matrix.temperature, sentence in sentences.items():
        assert sentence.format(*matrix.weights[1].tolist()) in TOLD


def test_05_the_head_looks_ahead_only():
    minilm = prepared.load_minilm()
    tokens, weights = minilm.heads(prepared.BIG_DOG)
    assert f"walk to *red*: *dog* {weights[2, 8, tokens.index('red'), tokens.index('dog')]:.2f}" in TOLD
    if not isinstance(minilm, prepared.Prepared):  # which knows its own sentences only
        tokens, weights = minilm.heads("The dog is big and the cat is small")
        big = weights[2, 8, tokens.index("big")]
        assert f"*big* gives *dog* {big[tokens.index('dog')]:.2f} and [CLS] {big[0]:.2f}" in TOLD


def test_07_depth_spreads():
    def seen(depth, mask="neighbours"):
        return widgets.DependencyView(["The", "big", "red", "dog"], mask=mask, depth=depth).depends.tolist()

    assert [seen(depth)[3] for depth in (1, 2, 3)] == [[0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]]
    leak = attention.causal_mask(4)
    leak[0, 3] = True
    assert [[row[3] for row in seen(depth, leak)] for depth in (1, 2)] == [[1, 0, 0, 1], [1, 1, 1, 1]]


def test_09_half_the_patch():
    photo = F.interpolate(datasets.load_photo()[None, :, 27:411, 32:608], size=(48, 72), mode="area")[0]
    for patch, sentence in {8: "{} patches, n² = {:,}", 4: "{} patches, {:,}"}.items():
        rows, columns = widgets.PatchSlicer(photo, patch=patch).grid
        assert sentence.format(rows * columns, (rows * columns) ** 2) in TOLD

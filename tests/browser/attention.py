"""What the tests of AttentionMatrix share: the notebook's cells, and what a card says."""

import re

import numpy as np

SMALL = """
import torch
from helpers.widgets import AttentionMatrix

x = torch.tensor([[0.5, -0.87], [-0.7, 0.7], [0.81, 0.59]])
small = AttentionMatrix(["The", "big", "dog"], x @ torch.diag(torch.tensor([0.2, 1.5])), x, x)
small
"""
HOSTILE = """
words = ["<img src=x onerror=alert(1)>", "👩‍👩‍👧🙂", "مرحبا بالعالم", "x" * 10_000, "[PAD]"]
torch.manual_seed(0)
hostile = AttentionMatrix(words, *torch.randn(2, 5, 4))
hostile
"""
CROSS = """
cross = AttentionMatrix(["un"], [[1.0, 0]], [[1.0, 0], [0, 1]], key_tokens=["one", "two"], beside="padding")
cross
"""
SIZES = (8, 32, 128)
LARGE = "\n".join(
    ["torch.manual_seed(0)", "from IPython.display import display"]
    + [
        f"m{n} = AttentionMatrix([f'w{{i}}' for i in range({n})], *torch.randn(2, {n}, 16)); display(m{n})"
        for n in SIZES
    ]
)


RESET = """
small.temperature, small.scale, small.mask, small.focus = 1, True, None, [0, 0]
small.show, small.per_row, small.beside, small.projector = "weights", False, "nothing", False
"""


def cell(card, i, j):
    return card.locator(f'[data-cell="{i},{j}"]').first


def labels(card):
    """What a screen reader says on each cell, row by row."""
    return (
        card.locator("[role=grid]")
        .first.locator("[role=gridcell]")
        .evaluate_all("cells => cells.map((cell) => cell.getAttribute('aria-label'))")
    )


def assert_signs_are_honest(text):
    """Sums of products that are spelled out: "=" where the terms shown lead to the result shown, "≈" elsewhere."""
    found = re.findall(r"((?:\(-?[\d.]+\)\(-?[\d.]+\)(?: \+ )?)+) ([=≈]) (-?[\d.]+)", text)
    assert found, text
    for terms, sign, result in found:
        reckoned = sum(float(a) * float(b) for a, b in re.findall(r"\((-?[\d.]+)\)\((-?[\d.]+)\)", terms))
        assert (abs(reckoned - float(result)) < 0.00501) == (sign == "="), text


def spelled(card):
    """The line of arithmetic, with its no-break spaces as spaces."""
    return card.locator(".spelled").text_content().replace("\N{NO-BREAK SPACE}", " ")


def expected_labels(book, name, show="weights"):
    parts = (show, "scores", "tokens", "key_tokens")
    values, scores, queries, keys = (np.array(book.read(f"{name}.{part}")) for part in parts)
    return [
        f"{queries[i]} attends to {keys[j]}: {value:.2f}".replace("-0.00", "0.00")
        if scores[i, j] > -np.inf else f"{queries[i]} may not attend to {keys[j]}: masked"
        for (i, j), value in np.ndenumerate(values)
    ]  # fmt: skip

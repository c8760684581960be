"""What the tests of VectorPlane share: the notebook's cells, and what a card says."""

import numpy as np

PLANE = """
import torch
from helpers.widgets import VectorPlane

x = [[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]]
plane = VectorPlane(["The", "big", "dog"], x, [[0.2, 0], [0, 1.5]])
plane
"""
EIGHT = """
torch.manual_seed(0)
words = "the animal did not cross the wide street".split()
eight = VectorPlane(words, torch.randn(8, 2).clamp(-2, 2), torch.randn(2, 2), torch.randn(2, 2), 3 * torch.randn(2, 2))
eight
"""
HOSTILE = """
words = ["<img src=x onerror=alert(1)>", "👩‍👩‍👧🙂", "مرحبا بالعالم", "x" * 10_000]
hostile = VectorPlane(words, [[1, 1], [-1, 1], [-1, -1], [0, 0]])
hostile
"""
RESET = """
plane.same = False
plane.x, plane.W_query, plane.W_key, plane.W_value = x, [[0.2, 0], [0, 1.5]], [[0.2, 0], [0, 1.5]], [[1, 0], [0, 1]]
plane.same, plane.scale, plane.temperature, plane.focus, plane.projector = True, True, 1, [0, 0], False
"""
MIRRORED = ("W_K row 1 column 1", "-0.2")  # the keys of big and dog change sides


def point(card, word):
    return card.get_by_role("slider", name=word, exact=True)


def weights_on_screen(card):
    cells = card.get_by_role("gridcell").evaluate_all("cells => cells.map((cell) => cell.getAttribute('aria-label'))")
    n = round(len(cells) ** 0.5)
    return np.array([float(label.rpartition(" ")[2]) for label in cells]).reshape(n, n)


def assert_screen_is_python(book, card, name="plane"):
    np.testing.assert_allclose(weights_on_screen(card), book.read(f"{name}.weights"), atol=0.0051)
    i, j = book.read(f"{name}.focus")
    spelled = card.locator(".spelled").text_content().replace("≈", "=")
    assert f"gives {weights_on_screen(card)[i, j]:.2f}" in spelled
    product = np.dot(book.read(f"{name}.q")[i], book.read(f"{name}.k")[j])
    assert abs(float(spelled.split(" = ")[2].split(";")[0]) - product) < 0.0051


def fill(card, name, text):
    card.get_by_label(name, exact=True).fill(text)

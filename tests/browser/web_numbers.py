"""For each widget of the web edition: how to move it, and what Python says should then be on screen.

`agrees(card, state)` computes the numbers anew from the state that the page holds; nothing is taken over from the page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from helpers import prepared
from helpers.models.recurrent_layers import Recurrent
from helpers.widgets import (
    AttentionMatrix,
    DependencyView,
    GatesView,
    HeadsView,
    PatchSlicer,
    RecurrentStepper,
    SplitTimeline,
    VectorPlane,
    WordMap,
)

from .attention import labels
from .test_dependency_view import right
from .test_gates_view import ROWS
from .test_recurrent_stepper import steps
from .test_split_timeline import bars_on_screen, leaks_on_screen

DIGITS = 0.0051  # two decimals
STATE = """id => JSON.stringify(courseModels[id].state, (_, value) =>
  value instanceof DataView ? [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] : value)"""


@dataclass
class Case:
    """A page that has the widget; something a key does, something the pointer does; and the comparison."""

    page: str
    key: Callable
    point: Callable
    agrees: Callable


def state_of(page, card):
    """What the page holds of a widget, arrays as arrays."""
    import json

    def revived(value):
        if set(value) == {"shape", "data"}:
            return np.frombuffer(bytes(value["data"]), "<f4").reshape(value["shape"])
        return value

    model = card.evaluate("card => card.closest('[data-model]').dataset.model")
    return json.loads(page.evaluate(STATE, model), object_hook=revived)


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text)]


def picked(state, *names):
    return {name: state[name] for name in names}


def press(selector, *keys):
    def act(card):
        card.locator(selector).first.focus()
        for key in keys:
            card.page.keyboard.press(key)

    return act


def click(selector):
    return lambda card: card.locator(selector).first.click()


def drag(selector, right, down):
    def act(card):
        box = card.locator(selector).first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        card.page.mouse.move(x, y)
        card.page.mouse.down()
        card.page.mouse.move(x + right, y + down, steps=4)
        card.page.mouse.up()

    return act


def look_up(text):
    def act(card):
        box = card.get_by_label("word", exact=True)
        box.fill(text)
        box.press("Enter")

    return act


def assert_attends(card, queries, keys, weights):
    expected = [
        (f"{query} attends to {key}: ", w)
        for query, row in zip(queries, weights, strict=True)
        for key, w in zip(keys, row, strict=True)
    ]
    shown = [label.rpartition(" ") for label in labels(card)]
    assert [head + " " for head, _, _ in shown] == [head for head, _ in expected]
    np.testing.assert_allclose([float(tail) for _, _, tail in shown], [float(w) for _, w in expected], atol=DIGITS)


def vector_plane(card, state):
    made = VectorPlane(**picked(state, "words", "x", "W_query", "W_key", "W_value", "same", "temperature", "scale"))
    assert_attends(card, made.words, made.words, made.weights)


def attention_matrix(card, state):
    names = "tokens", "query", "key", "value", "key_tokens", "temperature", "scale"
    made = AttentionMatrix(**picked(state, *names), mask=state["allowed"])
    assert_attends(card, made.tokens, made.key_tokens, made.weights)


def heads_view(card, state):
    made = HeadsView(prepared.load_reference(), state["text"], **picked(state, "layer", "head", "show", "on"))
    assert made.tokens == state["tokens"]
    for i, row in enumerate(made.shown.tolist()):
        label = card.locator(f'[data-word="query {i}"]').get_attribute("aria-label")
        assert label.startswith(f"{state['tokens'][i]} gives ")
        shown = [float(x) for x in re.findall(r"(\d\.\d\d)(?:,|$)", label)]
        np.testing.assert_allclose(shown, sorted(row, reverse=True)[: len(shown)], atol=0.0071)


def gates_view(card, state):
    rows, width = len(state["W_h"]), state["W_h"].shape[1]
    layer = Recurrent(state["kind"], rows, width)
    weights = {"W_x": np.eye(rows), "W_h": state["W_h"], "b_x": np.zeros(rows), "b_h": state["b_h"]}
    layer.load_state_dict({f"layers.0.{name}": torch.tensor(value).float() for name, value in weights.items()})
    h, c = (torch.tensor(state[name])[None, None] for name in "hc")
    made = GatesView(state["tokens"], layer, state["drive"], (h, c))
    made.held = state["held"]
    unit = state["focus"][1]
    every = made.gates | {"cell_state": made.cell_state, "hidden": made.hidden}
    expected = [*(every[row][:, unit] for row in ROWS), made.moved]
    texts = card.get_by_role("grid").first.locator(".cell text").all_text_contents()
    shown = np.array([float(text.removeprefix("=")) for text in texts]).reshape(len(expected), -1)
    np.testing.assert_allclose(shown, torch.stack(expected), atol=DIGITS)


def word_map(card, state):
    words = state["vocabulary"].split("\n")
    made = WordMap(
        words, state["prepared_vectors"], state["word"], inputs=state["inputs"], **picked(state, "show", "k", "exclude")
    )
    expected = made.neighbours if state["show"] == "neighbours" else made.analogy
    shown = card.locator("[role=option]").evaluate_all("rows => rows.map((row) => row.getAttribute('aria-label'))")
    assert [re.match(r"\d+\. (\S+): cosine", label)[1] for label in shown] == [word for word, _ in expected]
    np.testing.assert_allclose(
        [numbers(label)[0] for label in shown], [likeness for _, likeness in expected], atol=DIGITS
    )


def recurrent_stepper(card, state):
    made = RecurrentStepper(**picked(state, "x", "W_x", "b", "h0", "largest"), W_h=state["direction"])
    np.testing.assert_allclose(
        [numbers(label) for label in steps(card)], np.concatenate([made.x, made.hidden], axis=1), atol=DIGITS
    )


def split_timeline(card, state):
    names = "length", "horizon", "cuts", "gap", "shuffle", "drop", "scaler"
    made = SplitTimeline(state["n_steps"] if state["x"] is None else state["x"], **picked(state, *names))
    made.order = state["order"]
    assert bars_on_screen(card)[0] == [len(part) for part in made.split()]
    expected = [str(leak) for leak in made.leaks]
    assert leaks_on_screen(card) == (expected or ["no row stands on two sides, and the scaler learns from train alone"])


def patch_slicer(card, state):
    made = PatchSlicer(state["image"], state["patch"])
    patch, number = state["focus"]
    shown = card.locator(".plate.of-numbers text:not(.tick)").all_text_contents()
    if shown:
        np.testing.assert_allclose([float(text) for text in shown], made.patches[patch], atol=DIGITS)
    assert card.locator(".spelled").text_content().endswith(f": {float(made.patches[patch, number]):.2f}")


def dependency_view(card, state):
    made = DependencyView(
        state["tokens"], "none" if state["allowed"] is None else state["allowed"] != 0, state["depth"]
    )
    words = made.tokens
    assert right(card) == [
        f"{output} can be changed by {one}: {needed} block{'s'[: needed - 1]}" if needed
        else f"{output} cannot be changed by {one}"
        for output, row in zip(words, made.blocks.tolist(), strict=True) for one, needed in zip(words, row, strict=True)
    ]  # fmt: skip


CASES = {
    "vector-plane": Case(
        "05_attention", press(".handle", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"), drag(".handle", 30, 20), vector_plane
    ),
    "attention-matrix": Case(
        "05_attention",
        press("input[type=range]", "ArrowRight", "ArrowRight"),
        click("input[type=checkbox]"),
        attention_matrix,
    ),
    "heads-view": Case(
        "05_attention",
        press(".head-grid [tabindex='0']", "ArrowUp", "ArrowLeft"),
        click("[data-head='1,3']"),
        heads_view,
    ),
    "gates-view": Case(
        "03_lstm_vs_gru", press(".cell[tabindex='0']", "ArrowLeft", "Enter"), click("[data-cell='0,1']"), gates_view
    ),
    "word-map": Case(
        "04_word_vectors", look_up("good"), lambda card: card.locator("[role=option]").nth(2).dblclick(), word_map
    ),
    "recurrent-stepper": Case(
        "02_rnn_unfolding",
        press("input[type=range]", "ArrowRight", "ArrowRight"),
        lambda card: card.locator("[role=option]").nth(2).click(),
        recurrent_stepper,
    ),
    "split-timeline": Case(
        "01_sequential_data", press(".handle", "ArrowLeft", "ArrowLeft"), drag(".handle", 40, 0), split_timeline
    ),
    "patch-slicer": Case(
        "09_vision_transformer", press("[role=gridcell]", "ArrowRight", "ArrowDown"), click(".plate"), patch_slicer
    ),
    "dependency-view": Case(
        "07_transformer_block",
        press(".cell[tabindex='0']", "ArrowUp"),
        click("[role=grid] >> nth=1 >> [data-cell='0,1']"),
        dependency_view,
    ),
}

"""GatesView in a real JupyterLab: walked through, gates held and let go, every number held against Python."""

import numpy as np
import pytest

LSTM = """
import torch
from helpers.models.recurrent_layers import Recurrent
from helpers.widgets import GatesView

torch.manual_seed(0)
layers = {kind: Recurrent(kind, 3, 4) for kind in ("lstm", "gru")}
for layer in layers.values():
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.8)
x = torch.randn(6, 3)
lstm = GatesView(list("Zürich"), layers["lstm"], x)
lstm
"""
GRU = """
tokens = ["<img src=x onerror=alert(1)>", "👩‍👩‍👧🙂", "مرحبا", "x" * 10_000, "", "b"]
gru = GatesView(tokens, layers["gru"], x)
gru
"""
RESET = """
for view in (lstm, gru):
    view.override, view.focus, view.all_units, view.projector = {}, [0, 0], True, False
lstm.part, lstm.show, gru.part, gru.show = "forget_gate", "cell_state", "update_gate", "hidden"
"""
ROWS = ["forget_gate", "input_gate", "candidate", "cell_state", "output_gate", "hidden"]


@pytest.fixture(scope="module")
def book(server, browser):
    with browser.open(server, LSTM, GRU) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="gates-view"]').nth(1).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    book.run(RESET)
    return book.page.locator('[data-widget="gates-view"]')


@pytest.fixture
def card(cards):
    cards.first.scroll_into_view_if_needed()
    return cards.first


def cell(card, i, j):
    return card.locator(f'[data-cell="{i},{j}"]').first


def strips(card):
    """The numbers of the first matrix, row by row; what is held as 0 or 1."""
    texts = card.get_by_role("grid").first.locator(".cell text").all_text_contents()
    return np.array([float(text.removeprefix("=")) for text in texts]).reshape(-1, 6)


def assert_screen_is_python(book, card):
    unit = book.read("lstm.focus[1]")
    values = [book.read(f"lstm.{row}" if row in ("cell_state", "hidden") else f"lstm.gates[{row!r}]") for row in ROWS]
    expected = [np.array(value)[:, unit] for value in values] + [book.read("lstm.moved")]
    np.testing.assert_allclose(strips(card), expected, atol=0.0051)


def test_the_keys_walk_from_gate_to_gate_and_the_line_computes_the_cell(book, card):
    assert_screen_is_python(book, card)
    with book.keys_stay_inside(cell(card, 0, 0)):
        for key in ("ArrowRight", "ArrowRight", "ArrowDown", "b", "a"):
            book.page.keyboard.press(key)
    book.read_until("[lstm.part, lstm.focus]", ["input_gate", [2, 0]])
    spelled = card.locator(".spelled").text_content().replace("≈", "=")
    assert spelled.startswith("input gate of unit 1 at “r”: sigmoid(")
    assert f"= {book.read('lstm.gates')['input_gate'][2][0]:.2f}c = forget" in spelled
    assert f"{book.read('lstm.hidden[2, 0].item()'):.2f}".replace("-0.00", "0.00") == spelled.rpartition("= ")[2]


def test_a_gate_held_with_the_keys_changes_what_comes_and_nothing_that_was(book, card):
    free = strips(card)
    with book.keys_stay_inside(cell(card, 0, 0)):
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
            book.page.keyboard.press(key)
    assert cell(card, 0, 3).get_attribute("aria-label") == "forget gate of unit 1 at i, step 4: held at 0"
    held = strips(card)
    np.testing.assert_array_equal(held[:, :3], free[:, :3])
    assert (np.abs(held[3] - free[3])[3:] > 0).any()
    assert card.get_by_role("grid").first.locator(".cell text").all_text_contents()[-6:-3] == ["0", "0", "0"]
    assert (held[-1, 3:] > 0).all()
    assert book.read_until("len(lstm.override)", bool) == 1
    assert book.read("[*lstm.override.items()]") == [[[3, "forget_gate"], 0]]
    assert_screen_is_python(book, card)
    book.page.keyboard.press("Enter")
    book.read_until("[*lstm.override.values()]", [1])
    assert_screen_is_python(book, card)
    book.page.keyboard.press("Enter")
    np.testing.assert_array_equal(strips(card), free)
    book.read_until("lstm.held", [])


def test_one_unit_is_held_by_a_click_and_all_are_let_go(book, card):
    card.get_by_label("hold all units").uncheck()
    card.get_by_role("grid").nth(1).locator('[data-cell="2,1"]').click()
    cell(card, 4, 1).click()
    assert book.read_until("[*lstm.override.items()]", bool) == [[[1, "output_gate", 2], 0]]
    assert_screen_is_python(book, card)
    card.get_by_role("button", name="let all gates go").click()
    book.read_until("lstm.held", [])
    assert_screen_is_python(book, card)


def test_what_is_no_gate_cannot_be_held_and_says_so(card):
    cell(card, 2, 1).click()
    assert card.locator("[role=alert]").text_content() == "Only gates can be held; “candidate” follows from them."
    assert "=" not in cell(card, 2, 1).text_content()


def test_python_holds_a_gate_while_the_picture_stands(book, card):
    book.run("lstm.override = {(2, 'input_gate', 0): 1}")
    card.locator('[aria-label="input gate of unit 1 at r, step 3: held at 1"]').first.wait_for()
    assert_screen_is_python(book, card)


def test_the_table_has_every_number(book, card):
    card.get_by_role("button", name="show as table").click()
    rows = card.locator("tbody tr").evaluate_all("rows => rows.map((r) => [...r.children].map((c) => c.textContent))")
    assert [row[0] for row in rows][-2:] == ["state h", "moved by"]
    np.testing.assert_allclose(np.array(rows[3][1:], float), np.array(book.read("lstm.cell_state"))[:, 0], atol=0.0051)
    card.get_by_role("button", name="show as table").click()


def test_words_are_shown_as_typed_and_a_gru_keeps_its_state(book, cards):
    gru = cards.nth(1)
    assert gru.locator("img, script").count() == 0
    assert gru.locator(".matrix title", has_text="<img src=x").count() == 2
    cell(gru, 2, 4).click()
    cell(gru, 2, 4).click()
    book.read_until("[*gru.override.items()]", [[[4, "update_gate"], 1]])
    assert strips(gru)[3, 3] == strips(gru)[3, 4]

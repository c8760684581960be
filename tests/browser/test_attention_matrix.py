"""AttentionMatrix in a real JupyterLab: every control by real keys and clicks, every number held against Python."""

import re

import numpy as np
import pytest

from .attention import RESET, SMALL, assert_signs_are_honest, cell, expected_labels, labels, spelled

CAUSAL = [[True, False, False], [True, True, False], [True, True, True]]


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for these tests: a small matrix and a second view of it."""
    with browser.open(server, SMALL, "small") as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="attention-matrix"]').nth(1).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    """The cards in the order of the notebook, the small one as it was at the start."""
    book.run(RESET)
    return book.page.locator('[data-widget="attention-matrix"]')


@pytest.fixture
def card(cards):
    return cards.first


def masked_as(mask):
    return lambda value: value == mask


def test_labels_say_what_python_computes(book, card):
    assert labels(card) == expected_labels(book, "small")
    assert re.fullmatch(r"big attends to dog: 0\.\d\d", labels(card)[5])


def test_temperature_moves_with_keys_and_both_views_follow(book, cards):
    before = labels(cards.nth(0))
    slider = cards.nth(0).get_by_role("slider", name="temperature")
    slider.focus()
    with book.keys_stay_inside():
        for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Home"):
            slider.press(key)
    book.read_until("small.temperature", 0.1)
    assert labels(cards.nth(0)) == labels(cards.nth(1)) == expected_labels(book, "small") != before
    assert cards.nth(1).locator("output").text_content() == "0.1"
    assert "÷ 0.1 " in spelled(cards.nth(1))


def test_a_temperature_below_the_slider_is_written_as_it_is(book, card):
    book.run("small.temperature = 0.05")
    card.get_by_text("0.05", exact=True).wait_for()
    assert "÷ 0.05 " in spelled(card)


def test_scale_and_scores(book, card):
    card.get_by_label("divide by √d").uncheck()
    book.read_until("small.scale", False)
    assert labels(card) == expected_labels(book, "small")
    assert "√" not in spelled(card)
    card.get_by_role("combobox", name="show", exact=True).select_option("scores")
    assert book.read_until("small.show", "scores")
    assert labels(card) == expected_labels(book, "small", "scores")
    assert "scores before the softmax" in card.locator(".caption").first.text_content()


@pytest.mark.parametrize(
    ("choice", "mask"), [("causal", CAUSAL), ("padding", [[True, True, False]] * 3), ("none", None)]
)
def test_masks_from_the_menu(book, card, choice, mask):
    menu = card.get_by_role("combobox", name="mask", exact=True)
    menu.select_option("causal" if choice == "none" else "none")
    menu.select_option(choice)
    assert book.read_until("small.mask", masked_as(mask)) == mask
    assert labels(card) == expected_labels(book, "small")
    assert menu.input_value() == choice


def test_mask_edited_by_clicks_and_by_enter(book, card):
    menu = card.get_by_role("combobox", name="mask", exact=True)
    cell(card, 0, 1).click()
    assert book.read("small.mask") is None  # a click only looks, until it is told to edit
    menu.select_option("yours")
    assert card.get_by_label("click edits the mask").is_checked()
    cell(card, 0, 1).click()
    cell(card, 0, 1).press("ArrowRight")
    cell(card, 0, 2).press("Enter")
    cell(card, 0, 2).press("ArrowDown")
    cell(card, 1, 2).press(" ")
    assert book.read_until("small.mask", masked_as(CAUSAL)) == CAUSAL
    assert labels(card) == expected_labels(book, "small")
    assert menu.input_value() == "causal"
    assert "url(" in cell(card, 0, 1).locator("rect").first.evaluate("rect => getComputedStyle(rect).fill")

    cell(card, 0, 0).click()  # the last word of its row
    alert = card.locator("[role=alert]")
    assert alert.text_content().startswith("The must keep at least one word to listen to")
    assert alert.is_visible()
    assert book.read("small.mask") == CAUSAL
    cell(card, 2, 2).hover()
    assert alert.is_visible()  # looking elsewhere does not answer it

    for i, j in ((0, 1), (0, 2), (1, 2)):
        cell(card, i, j).click()
    book.read_until("small.mask", None)
    assert alert.text_content() == ""
    card.get_by_label("click edits the mask").uncheck()


def test_walking_through_the_matrix_spells_out_each_cell(book, card):
    weights = np.array(book.read("small.weights"))
    at = [0, 0]
    steps = [
        ("ArrowDown", [1, 0]), ("ArrowRight", [1, 1]), ("End", [1, 2]), ("ArrowRight", [1, 2]), ("Home", [1, 0]),
        ("Control+End", [2, 2]), ("PageUp", [0, 2]), ("PageDown", [2, 2]), ("ArrowLeft", [2, 1]), ("ArrowUp", [1, 1]),
        ("Control+Home", [0, 0]),
    ]  # fmt: skip
    cell(card, *at).focus()
    with book.keys_stay_inside():
        for key, to in steps:
            book.page.keyboard.press(key)
            focused = book.page.evaluate("document.activeElement.dataset.cell")
            assert focused == f"{to[0]},{to[1]}", key
            assert f"gives {weights[*to]:.2f}" in spelled(card)
        for key in "bdax":  # JupyterLab's own: insert, delete, above, cut
            book.page.keyboard.press(key)
    assert card.locator('.matrix >> nth=0 >> [tabindex="0"]').count() == 1
    cell(card, 1, 2).hover()
    book.read_until("small.focus", [1, 2])


def test_the_spelled_line_computes_the_weight(book, card):
    book.run("small.focus, small.temperature = [1, 2], 2")
    card.get_by_text("big listens to dog").wait_for()
    assert_signs_are_honest(spelled(card))
    text = spelled(card).replace("≈", "=")
    scores, weights, outputs = (np.array(book.read(f"small.{name}"))[1] for name in ("scores", "weights", "outputs"))
    row = ", ".join(f"{score:.2f}" for score in scores)
    assert f"÷ 2.0 = {scores[2]:.2f}" in text
    assert f"softmax over [{row}] gives {weights[2]:.2f}" in text
    assert text.endswith(f"= ({', '.join(f'{x:.2f}' for x in outputs)})")


def test_the_live_region_follows_politely(book, card):
    cell(card, 0, 0).press("ArrowDown")
    assert card.get_by_role("status").get_attribute("aria-live") == "polite"
    card.locator("[role=status]", has_text=labels(card)[3]).wait_for(state="attached")


def test_table_colours_by_row_and_a_second_mask(book, card):
    card.get_by_role("button", name="show as table").click()
    book.run("small.temperature = 3")
    card.get_by_text("3.0", exact=True).wait_for()
    numbers = [f"{x:.2f}" for row in book.read("small.weights") for x in row]
    assert card.locator("tbody td").all_text_contents() == numbers
    assert card.locator("tbody th").all_text_contents() == ["The", "big", "dog"]
    card.get_by_role("button", name="show as table").click()
    assert not card.locator("table").is_visible()

    fills = "cells => cells.map((cell) => getComputedStyle(cell.querySelector('rect')).fill)"
    card.get_by_label("colour by row").check()
    assert book.read_until("small.per_row", bool)
    by_row = np.array(card.locator(".cell:visible").evaluate_all(fills)).reshape(3, 3)
    assert all({"rgb(0, 34, 78)", "rgb(254, 232, 56)"} <= set(row) for row in by_row)  # both ends of the ramp

    card.get_by_role("combobox", name="beside it").select_option("causal")
    grids = card.get_by_role("grid")
    assert grids.count() == 2
    beside = grids.nth(1).get_by_role("gridcell")
    assert beside.nth(0).get_attribute("aria-label") == "The attends to The: 1.00"
    assert beside.nth(1).get_attribute("aria-label") == "The may not attend to big: masked"
    assert labels(card) == expected_labels(book, "small")
    caption = card.get_by_text("row listens to column; each row sums to 1", exact=True)
    caption.wait_for()
    card.get_by_role("combobox", name="show", exact=True).select_option("scores")
    assert not caption.is_visible(), "scores sum to whatever they like"


def test_a_hand_that_goes_to_the_other_view_takes_nothing_back_there(book, cards):
    for view, row in (0, 2), (1, 1):  # as quickly as the pointer crosses
        cell(cards.nth(view), row, row).dispatch_event("pointermove", {"bubbles": True})
    assert book.read_until("small.focus", [1, 1]) == [1, 1]
    book.run("small.focus = [0, 0]")
    cards.nth(1).locator(".spelled", has_text="The").wait_for()
    for view in 0, 1:
        assert cell(cards.nth(view), 0, 0).get_attribute("aria-selected") == "true"


def test_projector_makes_everything_larger(book, card):
    size = "card => parseFloat(getComputedStyle(card).fontSize)"
    before, width = card.evaluate(size), cell(card, 0, 0).bounding_box()["width"]
    card.get_by_role("button", name="projector").click()
    assert book.read_until("small.projector", bool)
    assert card.evaluate(size) >= 1.4 * before
    assert cell(card, 0, 0).bounding_box()["width"] >= 1.4 * width


def test_a_cell_run_again_leaves_nothing_behind(open_notebook):
    notebook = open_notebook(SMALL, "small")
    notebook.run_all()
    first = notebook.widget("attention-matrix").element_handle()
    notebook.page.locator('[data-widget="attention-matrix"]').nth(1).wait_for()
    second = notebook.page.locator('[data-widget="attention-matrix"]').last
    notebook.page.evaluate("courseDriver.panel().content.widgets[0].outputArea.model.clear()")
    assert not first.evaluate("card => card.isConnected")
    before, after = first.text_content(), spelled(second)
    second.get_by_role("slider").press("End")
    assert spelled(second) != after
    assert first.text_content() == before  # no longer drawn: nobody listens

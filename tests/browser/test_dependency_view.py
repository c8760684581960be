"""DependencyView in a real JupyterLab: every cell, sentence and line of the net held against Python."""

import pytest

from .attention import cell, labels, spelled

CODE = """
from helpers.widgets import DependencyView
view = DependencyView(["The", "big", "red", "dog"], mask="neighbours", depth=2)
view
"""
LONG = 'long = DependencyView(["<b>", "👩‍👩‍👧🙂", "مرحبا"] + [f"w{i}" for i in range(37)], mask="causal")\nlong'
RESET = 'view.mask, view.depth, view.focus, view.projector = "neighbours", 2, [3, 0], False'


@pytest.fixture(scope="module")
def book(server, browser):
    with browser.open(server, CODE, "view", LONG) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="dependency-view"]').nth(2).wait_for()
        yield notebook


@pytest.fixture
def card(book):
    book.run(RESET)
    card = book.page.locator('[data-widget="dependency-view"]').first
    card.get_by_text("3 blocks would do").wait_for()
    return card


def expected(book):
    """What a screen reader should say on each cell of the right matrix, from Python's numbers."""
    words, blocks = book.read("[view.tokens, view.blocks]")
    return [
        f"{output} can be changed by {one}: {needed} block{'s'[: needed - 1]}" if needed
        else f"{output} cannot be changed by {one}"
        for output, row in zip(words, blocks, strict=True) for one, needed in zip(words, row, strict=True)
    ]  # fmt: skip


def right(card):
    """What it says there."""
    return (
        card.locator("[role=grid]")
        .nth(1)
        .locator("[role=gridcell]")
        .evaluate_all("cells => cells.map((cell) => cell.getAttribute('aria-label'))")
    )


def test_both_matrices_say_what_python_holds(book, card):
    assert right(card) == expected(book)
    assert labels(card)[2] == "The may not attend to red"
    assert labels(card)[1] == "The may attend to big"


def test_depth_by_keys_opens_the_window(book, card):
    slider = card.get_by_role("slider", name="blocks")
    slider.focus()
    with book.keys_stay_inside():
        slider.press("ArrowRight")
    assert "a way in 3 blocks: The → big → red → dog" in spelled(card)
    assert book.read_until("view.depth", lambda depth: depth == 3) == 3
    assert right(card) == expected(book)
    assert spelled(card).startswith("dog can be changed by every word")


@pytest.mark.parametrize("name", ["none", "causal", "padding", "one back"])
def test_masks_from_the_menu(book, card, name):
    menu = card.get_by_role("combobox", name="mask of each block")
    menu.select_option(name)
    assert "mask " + name in book.read_until("repr(view)", lambda text: name in text)
    assert right(card) == expected(book)
    assert menu.input_value() == name


def test_one_wrong_cell_lets_the_future_through(book, card):
    book.run('view.mask = "causal"')
    card.get_by_text("a way in 1 block").wait_for()
    cell(card, 0, 3).click()
    assert book.read("view.mask")[0] == [True, False, False, False]  # a click only looks, until it is told to edit
    assert spelled(card).startswith("The can be changed by The; by nothing after it")
    card.get_by_label("click edits the mask").check()
    cell(card, 0, 3).press("Enter")
    assert book.read_until("view.mask", lambda mask: mask[0][3])
    assert right(card) == expected(book)
    assert right(card)[7] == "big can be changed by dog: 2 blocks"
    assert card.get_by_role("combobox").first.input_value() == "yours"
    for j in (3, 0):
        cell(card, 0, j).click()
    assert card.locator("[role=alert]").text_content().startswith("The must keep at least one word to listen to")
    card.get_by_label("click edits the mask").uncheck()


def test_keys_walk_both_matrices_together(book, card):
    with book.keys_stay_inside(card.locator("[role=grid]").nth(1).locator("[data-cell='3,0']")):
        for key in ("ArrowRight", "ArrowUp", "End", "Home", "b", "x"):
            book.page.keyboard.press(key)
    assert book.read_until("view.focus", lambda focus: focus == [2, 0]) == [2, 0]
    assert card.locator("[aria-selected=true]").count() == 2
    assert "a way in 2 blocks: The → big → red" in spelled(card)
    card.locator("[role=status]", has_text="red can be changed by every word").wait_for(state="attached")


def test_the_net_shows_what_is_on_its_way(book, card):
    assert card.locator("circle.mark:not(.hollow)").count() == 3 + 2 + 1  # big red dog, red dog, dog
    cell(card, 0, 0).hover()
    assert card.locator("circle.mark:not(.hollow)").count() == 3 + 2 + 1  # The big red, The big, The
    assert card.locator("path.way").get_attribute("d").count("M") == 2  # the residual connection, twice


def test_many_words_are_counted_and_shown_as_typed(book):
    long = book.page.locator('[data-widget="dependency-view"]').nth(2)
    assert spelled(long).startswith("w36 can be changed by every word")
    assert long.locator("circle").count() == 0
    book.run("long.focus = [20, 1]")
    long.get_by_text("can be changed by 21 words; by nothing after it").wait_for()
    assert "👩‍👩‍👧🙂 → w17" in spelled(long)
    assert long.locator("b b").count() == 0

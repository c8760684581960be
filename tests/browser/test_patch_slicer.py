"""PatchSlicer in a real JupyterLab: image, sequence and vector walked by real keys, every number held to Python."""

import pytest

CODE = """
import torch
from helpers.widgets import PatchSlicer
torch.manual_seed(0)
weights = (2 * torch.randn(2, 3, 6, 6)).softmax(dim=-1)
slicer = PatchSlicer(torch.rand(3, 8, 12), patch=4, weights=weights)
slicer
"""
RESET = """
with slicer.hold_sync():
    slicer.patch, slicer.order, slicer.positions = 4, "rows", True
    slicer.layer, slicer.head, slicer.focus = 1, 0, [0, 0]
"""


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for all tests."""
    with browser.open(server, CODE, "'the cell below'") as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        yield notebook


@pytest.fixture
def card(book):
    book.page.mouse.move(0, 0)
    book.page.wait_for_timeout(250)  # Python is told what the last test set, before it sets it back
    book.run(RESET)
    card = book.widget("patch-slicer")
    card.locator(".spelled", has_text="n = 8/4 · 12/4 = 2 · 3 = 6;  row 1, column 1 is patch 0 · 3 + 1 = 1;").wait_for()
    return card


def plate(card, name):
    return card.get_by_role("grid", name=name)


def here(card, name):
    return plate(card, name).get_by_role("gridcell")


def test_the_image_is_walked_patch_by_patch_and_pixel_by_pixel(book, card):
    cell = here(card, "the image, cut into patches")
    with book.keys_stay_inside(cell):
        for key in ("ArrowRight", "ArrowDown", "b", "x"):
            book.page.keyboard.press(key)
    assert cell.get_attribute("aria-label") == "patch 5, row 2, column 2"
    assert book.read_until("slicer.focus", lambda focus: focus != [0, 0]) == [4, 0]
    with book.keys_stay_inside(cell):
        for _ in range(5):
            book.page.keyboard.press("Shift+ArrowRight")  # over the edge into the next patch
        book.page.keyboard.press("Shift+ArrowDown")
    assert book.read_until("slicer.focus", lambda focus: focus[1] == 5) == [5, 5]
    value = book.read("slicer.patches[5, 5]")
    assert card.locator(".spelled").text_content() == (
        "n = 8/4 · 12/4 = 2 · 3 = 6;  row 2, column 3 is patch 1 · 3 + 3 = 6;  "
        f"its red pixel in row 2, column 2 is number 0 · 16 + 1 · 4 + 2 = 6 of 48: {value:.2f}"
    )


def test_the_vector_is_walked_and_says_what_python_holds(book, card):
    cell = here(card, "the vector of the patch in focus")
    with book.keys_stay_inside(cell):
        for key in ("ArrowDown", "ArrowDown", "End", "ArrowLeft"):
            book.page.keyboard.press(key)
    assert book.read_until("slicer.focus", lambda focus: focus[1] > 40) == [0, 46]
    value = book.read("slicer.patches[0, 46]")
    assert cell.get_attribute("aria-label") == f"number 47: blue, row 4, column 3: {value:.2f}"
    assert card.locator(".plate.of-numbers text:not(.tick)").all_text_contents() == [
        f"{number:.2f}" for number in book.read("slicer.patches[0]")
    ]


def test_pointing_at_the_image_finds_the_number_and_pointing_at_the_sequence_the_patch(book, card):
    image = plate(card, "the image, cut into patches")
    box = image.bounding_box()
    image.hover(position={"x": 9.5 / 12 * box["width"], "y": 6.5 / 8 * box["height"]})
    assert book.read_until("slicer.focus", lambda focus: focus != [0, 0]) == [5, 9]  # row 2, column 1 of the sixth
    sequence = plate(card, "the sequence of patches")
    box = sequence.bounding_box()
    sequence.hover(position={"x": 1.4 / 6 * box["width"], "y": 0.3 * box["height"]})
    assert book.read_until("slicer.focus[0]", lambda place: place != 5) == 1
    assert here(card, "the image, cut into patches").get_attribute("aria-label") == "patch 2, row 1, column 2"


def test_shuffled_the_sequence_is_pythons(book, card):
    card.get_by_role("combobox", name="order").select_option("shuffled")
    places = book.read_until("slicer.places", lambda places: places != sorted(places))
    cell = here(card, "the sequence of patches")
    with book.keys_stay_inside(cell):
        book.page.keyboard.press("Home")
        for i, place in enumerate(places):
            where = f"row {place // 3 + 1}, column {place % 3 + 1}"
            assert cell.get_attribute("aria-label") == f"number {i + 1} of 6: the patch of {where}"
            book.page.keyboard.press("ArrowRight")
    assert f"which comes as number {places.index(places[-1]) + 1}" in card.locator(".spelled").text_content()
    assert "every patch and a place: another picture" in card.text_content()


def test_without_positions_the_heap_is_the_same_in_any_order(book, card):
    told = card.get_by_role("img", name="a heap without places")
    card.get_by_role("checkbox", name="positions").uncheck()
    heap = told.inner_html()
    card.get_by_role("combobox", name="order").select_option("shuffled")
    assert told.inner_html() == heap
    card.get_by_role("checkbox", name="positions").check()
    assert card.get_by_role("img", name="every patch and a place: another picture").count() == 1


def test_another_size_keeps_the_pixel_and_says_what_it_costs(book, card):
    here(card, "the image, cut into patches").focus()
    for key in ("ArrowRight", "Shift+ArrowDown"):
        book.page.keyboard.press(key)
    card.get_by_role("combobox", name="patch").select_option("2")
    assert book.read_until("[slicer.patch, slicer.focus]", lambda state: state[0] == 2) == [2, [2, 2]]
    assert card.get_by_role("img", name="patches of 2 × 2: n = 24, n² = 576").count() == 1
    assert "known for patches of 4 × 4" in card.text_content()
    book.run("slicer.patch = 4")
    card.get_by_role("img", name="patches of 4 × 4: n = 6, n² = 36").wait_for()


def test_attention_is_that_of_the_layer_and_head_chosen(book, card):
    card.get_by_role("combobox", name="layer").select_option("2")
    card.get_by_role("combobox", name="head", exact=True).select_option("3")
    here(card, "the image, cut into patches").press("ArrowDown")
    book.read_until("slicer.focus", lambda focus: focus == [3, 0])
    row = book.read("slicer.attention()[3]")
    assert book.read("[slicer.layer, slicer.head]") == [2, 3]
    shown = card.locator(".slim svg text").all_text_contents()
    assert [float(number) for number in shown] == pytest.approx(row, abs=0.0051)
    label = card.locator(".slim svg").get_attribute("aria-label")
    assert label.startswith(f"patch 4 attends to patch {row.index(max(row)) + 1}: {max(row):.2f}")


def test_every_quick_press_is_drawn(book, card):
    frames = book.press(
        here(card, "the vector of the patch in focus"), "ArrowRight", shown_in=card.locator(".spelled"), times=15
    )
    assert (frames.drawn, frames.unpainted) == (15, 0)


def test_the_table_is_the_patch_in_focus(book, card):
    card.get_by_role("button", name="show as table").click()
    table = card.locator(".as-table table")
    assert table.locator("caption").text_content() == "patch 1: its 48 numbers, row by row"
    assert table.locator("tbody th").all_text_contents()[4] == "green, row 1"
    numbers = [float(cell) for cell in table.locator("td").all_text_contents() if cell]
    assert numbers == pytest.approx(book.read("slicer.patches[0]"), abs=0.0051)
    card.get_by_role("button", name="show as table").click()

"""AttentionMatrix in a real JupyterLab: every control by real keys and clicks, every number held against Python."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

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
CONTRASTS = """card => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const fill = (node) => getComputedStyle(node).fill;
  const paper = getComputedStyle(card).backgroundColor;
  const cells = [...card.querySelectorAll(".cell")].filter((cell) => cell.querySelector("text")?.textContent);
  const isShown = (node) => node.getBoundingClientRect().width > 0;
  const labels = [...card.querySelectorAll("svg g[aria-hidden] text")].filter(isShown);
  return [...cells.map((cell) => contrast(fill(cell.querySelector("rect")), fill(cell.querySelector("text")))),
          ...labels.map((label) => contrast(fill(label), paper))];
}"""


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for most tests: a small matrix, a second view of it, hostile words, cross-attention, three sizes."""
    with browser.open(server, SMALL, "small", HOSTILE, CROSS, LARGE) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="attention-matrix"]').nth(6).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    """The cards in the order of the notebook, the small one as it was at the start."""
    book.run(RESET)
    return book.page.locator('[data-widget="attention-matrix"]')


@pytest.fixture
def card(cards):
    return cards.first


def cell(card, i, j):
    return card.locator(f'[data-cell="{i},{j}"]').first


def labels(card):
    """What a screen reader says on each cell, row by row."""
    return (
        card.locator("[role=grid]")
        .first.locator("[role=gridcell]")
        .evaluate_all("cells => cells.map((cell) => cell.getAttribute('aria-label'))")
    )


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


def masked_as(mask):
    return lambda value: value == mask


CAUSAL = [[True, False, False], [True, True, False], [True, True, True]]


# --- controls


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
    assert book.read_until("small.temperature", lambda value: value != 1) == 0.1
    assert labels(cards.nth(0)) == labels(cards.nth(1)) == expected_labels(book, "small") != before
    assert cards.nth(1).locator("output").text_content() == "0.1"
    assert "÷ 0.1 =" in spelled(cards.nth(1))


def test_a_temperature_below_the_slider_is_written_as_it_is(book, card):
    book.run("small.temperature = 0.05")
    card.get_by_text("0.05", exact=True).wait_for()
    assert "÷ 0.05 =" in spelled(card)


def test_scale_and_scores(book, card):
    card.get_by_label("divide by √d").uncheck()
    assert book.read_until("small.scale", lambda value: value is False) is False
    assert labels(card) == expected_labels(book, "small")
    assert "√" not in spelled(card)
    card.get_by_role("combobox", name="show", exact=True).select_option("scores")
    assert book.read_until("small.show", lambda value: value == "scores")
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
    assert book.read_until("small.mask", lambda mask: mask is None) is None
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
    assert book.read_until("small.focus", lambda focus: focus == [1, 2]) == [1, 2]


def test_the_spelled_line_computes_the_weight(book, card):
    book.run("small.focus, small.temperature = [1, 2], 2")
    card.get_by_text("big listens to dog").wait_for()
    text = spelled(card)
    scores, weights, outputs = (np.array(book.read(f"small.{name}"))[1] for name in ("scores", "weights", "outputs"))
    row = ", ".join(f"{score:.2f}" for score in scores)
    assert f"÷ 2.0 = {scores[2]:.2f}" in text
    assert f"softmax over [{row}] gives {weights[2]:.2f}" in text
    assert text.endswith(f"= ({', '.join(f'{x:.2f}' for x in outputs)})")
    # (a)(b) + (c)(d) = product, as far as two decimals can tell
    a, b, c, d, product = map(
        float, re.search(r"= \((.*?)\)\((.*?)\) \+ \((.*?)\)\((.*?)\) = (-?[\d.]+)", text).groups()
    )
    assert a * b + c * d == pytest.approx(product, abs=0.03)


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


def test_projector_makes_everything_larger(book, card):
    size = "card => parseFloat(getComputedStyle(card).fontSize)"
    before, width = card.evaluate(size), cell(card, 0, 0).bounding_box()["width"]
    card.get_by_role("button", name="projector").click()
    assert book.read_until("small.projector", bool)
    assert card.evaluate(size) >= 1.4 * before
    assert cell(card, 0, 0).bounding_box()["width"] >= 1.4 * width


# --- what is shown, and where


def test_words_are_shown_as_typed_and_never_run(book, cards):
    hostile = cards.nth(2)
    assert hostile.locator("img, script").count() == 0
    assert labels(hostile)[1] == "<img src=x onerror=alert(1)> attends to 👩‍👩‍👧🙂: " + labels(hostile)[1][-4:]
    assert labels(hostile) == expected_labels(book, "hostile")
    assert hostile.locator("svg text.query title").nth(3).text_content() == "x" * 10_000
    cell(hostile, 2, 3).hover()
    assert hostile.locator(".spelled bdi").first.text_content() == "مرحبا بالعالم"
    assert len(spelled(hostile)) < 1000
    hostile.get_by_role("combobox", name="mask", exact=True).select_option("padding")
    assert all(row == [True] * 4 + [False] for row in book.read_until("hostile.mask", bool))


def test_labels_stay_apart(cards):
    """No word touches another, the caption or the cells."""
    for i in (0, 2, 3):
        boxes = cards.nth(i).evaluate("""card => {
          const grid = card.querySelector(".matrix");
          const words = [...grid.querySelectorAll("g[aria-hidden] text:not([transform])")];
          const captionEnd = card.querySelector(".caption").getBoundingClientRect().bottom;
          const tilted = [...grid.querySelectorAll("text[transform]")].map((text) => text.getBoundingClientRect().top);
          return { captionEnd, tilted, words: words.map((word) => word.getBoundingClientRect().toJSON()),
                   cell: grid.querySelector(".cell").getBoundingClientRect().toJSON() };
        }""")
        assert all(top >= boxes["captionEnd"] for top in boxes["tilted"])
        for box in boxes["words"]:
            assert box["top"] >= boxes["captionEnd"]
            assert box["right"] <= boxes["cell"]["left"] or box["bottom"] <= boxes["cell"]["top"]


def test_one_query_over_the_keys_of_another_sentence(book, cards):
    assert labels(cards.nth(3)) == expected_labels(book, "cross")
    grids = cards.nth(3).get_by_role("grid")
    assert grids.nth(1).get_by_role("gridcell").nth(1).get_attribute("aria-label") == "un may not attend to two: masked"
    assert grids.nth(0).get_attribute("aria-colcount") == "2"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_silent_and_every_number_can_be_read(book, cards, theme):
    book.theme(theme)
    book.run('small.mask, small.beside = torch.ones(3, 3).tril().bool(), "none"')
    cards.first.get_by_role("button", name="show as table").click()
    cards.first.get_by_role("button", name="save", exact=True).click()
    for i in (0, 3, 6):
        assert book.axe(cards.nth(i)) == []
    for i in (0, 2, 3, 4):
        ratios = cards.nth(i).evaluate(CONTRASTS)
        assert len(ratios) > 3
        assert min(ratios) >= 4.5
    cards.first.get_by_role("button", name="show as table").click()
    cards.first.get_by_role("button", name="save", exact=True).click()
    book.theme("light")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_of_a_narrow_card(book, cards, width):
    book.run('small.beside, small.projector = "causal", True')
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        for i in range(7):
            inside = "card => [card.scrollWidth, card.clientWidth, card.parentElement.clientWidth]"
            scroll, client, room = cards.nth(i).evaluate(inside)
            assert scroll <= client <= room
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


# --- files


def saved(book, card, form, folder):
    card.get_by_role("button", name="save", exact=True).click()
    with book.page.expect_download() as download:
        card.get_by_role("button", name=f"save as {form}").click()
    card.get_by_role("button", name="save", exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_saved_as_svg(book, cards, tmp_path):
    book.run("small.mask = torch.ones(3, 3).tril().bool()")
    path = saved(book, cards.first, "SVG", tmp_path)
    assert path.name == "attention-matrix.svg"
    tree = ElementTree.parse(path)
    tags = {node.tag.rpartition("}")[2] for node in tree.iter()}
    assert {"svg", "rect", "text", "pattern"} <= tags
    assert not tags & {"script", "foreignObject", "img"}
    assert not any(name.startswith("on") for node in tree.iter() for name in node.attrib)
    texts = list(tree.getroot().itertext())
    assert {"The", "big", "dog", "1.00"} <= set(texts)
    assert any("listens to" in text for text in texts)
    assert "var(" not in path.read_text(encoding="utf-8").replace(
        "fill: var", "", 2
    )  # the hatching keeps two, overruled
    hostile = ElementTree.parse(saved(book, cards.nth(2), "SVG", tmp_path))
    assert "<img src=x onerror=alert(1)>" in hostile.getroot().itertext()


@pytest.mark.parametrize("which", [0, 6])  # drawn as SVG, drawn on a canvas
def test_saved_as_png(book, cards, tmp_path, which):
    data = saved(book, cards.nth(which), "PNG", tmp_path).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    card, bar = cards.nth(which).bounding_box(), cards.nth(which).locator(".bar").bounding_box()
    assert width == pytest.approx(2 * card["width"], abs=2)
    assert height == pytest.approx(2 * (card["height"] - bar["height"]), abs=4)
    assert len(data) > 5000  # not an empty sheet


# --- speed, and the end


@pytest.mark.parametrize("n", SIZES)
def test_every_quick_press_is_painted(book, cards, n, record_property):
    card = cards.nth(4 + SIZES.index(n))
    slider = card.get_by_role("slider")
    slider.press("Home")
    book.read_until(f"m{n}.temperature", lambda value: value == 0.1)
    frames = book.press(slider, "ArrowRight", shown_in=card.locator(".picture"))
    record_property("milliseconds from press to paint", round(frames.median))
    print(f"{n} words: {frames.median:.0f} ms from press to paint, {frames.pictures} pictures")
    assert (frames.pictures, frames.unpainted) == (30, 0)
    assert book.read_until(f"m{n}.temperature", lambda value: value > 3) == pytest.approx(3.1)


def test_the_large_matrix_is_walked_and_labelled_too(book, cards):
    cursor = cards.nth(6).get_by_role("gridcell")
    cursor.focus()
    with book.keys_stay_inside():
        cursor.press("Control+End")
        cursor.press("ArrowUp")
    value = book.read("m128.weights[126, 127]")
    assert cursor.get_attribute("aria-label") == f"w126 attends to w127: {value:.2f}"
    assert (cursor.get_attribute("aria-rowindex"), cursor.get_attribute("aria-colindex")) == ("127", "128")
    assert book.read_until("m128.focus", lambda focus: focus != [0, 0]) == [126, 127]


def test_a_cell_run_again_leaves_nothing_behind_and_widgets_outlive_the_kernel(open_notebook):
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

    notebook.kill_kernel()
    after = spelled(second)
    second.get_by_role("slider").press("Home")
    assert spelled(second) not in (before, after)
    assert "÷ 0.1 =" in spelled(second)

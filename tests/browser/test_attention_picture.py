"""What AttentionMatrix shows beyond what every widget keeps: hostile words, many words, masks, narrow pages."""

import xml.etree.ElementTree as ElementTree

import pytest

from .attention import CROSS, HOSTILE, LARGE, RESET, SIZES, SMALL, cell, expected_labels, labels, spelled
from .every import contrasts, overflow, save


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for these tests: a small matrix twice, hostile words, cross-attention, three sizes."""
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
def test_masked_many_and_hostile_words_can_be_read_in_both_themes(book, cards, theme):
    book.theme(theme)
    book.run('small.mask, small.beside = torch.ones(3, 3).tril().bool(), "none"')
    for i in (0, 2, 3, 5, 6):
        assert book.axe(cards.nth(i)) == []
        assert min(ratio for _, ratio in contrasts(cards.nth(i))) >= 4.5
    book.theme("light")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_of_a_narrow_card(book, cards, width):
    book.run('small.beside, small.projector = "causal", True')
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        assert [overflow(cards.nth(i)) for i in range(7)] == [0] * 7
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


def test_many_words_scroll_on_a_phone_and_are_saved_whole(book, cards, tmp_path):
    many = cards.nth(5)
    cursor = many.get_by_role("gridcell")
    book.page.set_viewport_size({"width": 360, "height": 900})
    try:
        word = many.locator("svg text").first.evaluate("word => word.getBoundingClientRect().height")
        assert word > 10  # pixels: three quarters of the full size, and no smaller
        cursor.press("Control+End")
        edges = "cell => [cell.getBoundingClientRect().right, cell.closest('.scroller').getBoundingClientRect().right]"
        cell_ends, panel_ends = cursor.evaluate(edges)
        assert cell_ends <= panel_ends + 1  # the focus is brought into view
        sheet = ElementTree.parse(save(book, many, "SVG", tmp_path)).getroot()
        ends = [
            float(image.get("x")) + float(image.get("width"))
            for image in sheet.iter("{http://www.w3.org/2000/svg}image")
        ]
        assert min(float(image.get("x")) for image in sheet.iter("{http://www.w3.org/2000/svg}image")) >= 0
        assert 360 < max(ends) <= float(sheet.get("width"))
    finally:
        cursor.press("Control+Home")
        book.page.set_viewport_size({"width": 1280, "height": 900})


def test_saved_picture_has_the_masked_cells_and_the_words_as_typed(book, cards, tmp_path):
    book.run("small.mask = m32.mask = None")
    book.run("small.mask, m32.mask = torch.ones(3, 3).tril().bool(), torch.ones(32, 32).tril().bool()")
    for i, words in ((0, {"The", "big", "dog", "1.00"}), (5, {"w0", "w31"})):
        tree = ElementTree.parse(save(book, cards.nth(i), "SVG", tmp_path))
        assert words <= set(tree.getroot().itertext())
        assert any("listens to" in text for text in tree.getroot().itertext())
        hatched = [node for node in tree.iter() if "url(" in node.get("style", "")]
        assert len(hatched) >= 1
        assert "var(" not in ElementTree.tostring(hatched[0], encoding="unicode")
    hostile = ElementTree.parse(save(book, cards.nth(2), "SVG", tmp_path))
    assert "<img src=x onerror=alert(1)>" in hostile.getroot().itertext()
    book.run("m32.mask = None")


@pytest.mark.parametrize("n", SIZES)
def test_every_quick_press_is_drawn_at_once_and_painted(book, cards, n):
    card = cards.nth(4 + SIZES.index(n))
    slider = card.get_by_role("slider")
    slider.press("Home")
    frames = book.press(slider, "ArrowRight", shown_in=card.locator(".picture"))
    assert (frames.drawn, len(frames.paints), frames.unpainted) == (30, 30, 0)
    book.read_until(f"m{n}.temperature", pytest.approx(3.1))


@pytest.mark.parametrize("n", SIZES[1:])
def test_a_large_matrix_is_walked_and_labelled_too(book, cards, n):
    cursor = cards.nth(4 + SIZES.index(n)).get_by_role("gridcell")
    cursor.focus()
    with book.keys_stay_inside():
        cursor.press("Control+End")
        cursor.press("ArrowUp")
    value = book.read(f"m{n}.weights[{n - 2}, {n - 1}]")
    assert cursor.get_attribute("aria-label") == f"w{n - 2} attends to w{n - 1}: {value:.2f}"
    assert (cursor.get_attribute("aria-rowindex"), cursor.get_attribute("aria-colindex")) == (str(n - 1), str(n))
    book.read_until(f"m{n}.focus", [n - 2, n - 1])


def test_up_to_32_words_are_all_written_and_beyond_that_those_in_focus(cards):
    assert cards.nth(5).locator(".matrix").first.locator("svg text").count() == 64
    words = cards.nth(6).locator(".matrix").first.locator("svg text")
    cards.nth(6).get_by_role("gridcell").press("Control+Home")
    assert words.all_text_contents() == ["w0", "w0"]
    cards.nth(6).get_by_role("gridcell").press("ArrowDown")
    assert words.all_text_contents() == ["w1", "w0"]


def test_a_pixel_is_the_colour_of_its_weight(book, cards):
    """The canvas shows the same ramp as the cells of a small matrix; a masked pixel is clear."""
    book.run("m32.mask = torch.ones(32, 32).tril().bool()")
    cards.nth(5).get_by_label("colour by row").check()
    pixels = (
        cards.nth(5)
        .locator("canvas")
        .first.evaluate("canvas => [...canvas.getContext('2d').getImageData(0, 0, 32, 32).data]")
    )
    weights = book.read("m32.weights")
    for i, row in enumerate(weights):
        alphas = pixels[4 * 32 * i + 3 : 4 * 32 * (i + 1) : 4]
        assert alphas == [255] * (i + 1) + [0] * (31 - i)
        largest = max(range(i + 1), key=row.__getitem__)
        assert i == 0 or pixels[4 * (32 * i + largest) :][:3] == [254, 232, 56]
    cards.nth(5).get_by_label("colour by row").uncheck()
    book.run("m32.mask = None")

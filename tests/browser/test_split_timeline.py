"""SplitTimeline in a real JupyterLab: cuts and gap dragged and pushed, every count held against Python."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

TIMELINE = """
from helpers.datasets import load_sunspots
from helpers.widgets import SplitTimeline

series = load_sunspots()
years = series.times.astype(str)
timeline = SplitTimeline(series.values, length=11, horizon=5, cuts=[185, 247], times=years, label="sunspots")
timeline
"""
PLAIN = "plain = SplitTimeline(60, length=4, horizon=2, label='<img src=x onerror=alert(1)>'); plain"
LARGE = "large = SplitTimeline(600, length=40, horizon=20); large"
RESET = """
honest = {"gap": 0, "shuffle": False, "drop": True, "scaler": "train", "projector": False}
timeline.set_state({"cuts": [185, 247], **honest})
plain.set_state({"cuts": [36, 48], **honest})
"""
PARTS = "train", "validation", "test"


@pytest.fixture(scope="module")
def book(server, browser):
    with browser.open(server, TIMELINE, PLAIN, LARGE) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="split-timeline"]').nth(2).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    book.run(RESET)
    return book.page.locator('[data-widget="split-timeline"]')


@pytest.fixture
def card(cards):
    cards.first.scroll_into_view_if_needed()
    return cards.first


def handle(card, name):
    return card.get_by_role("slider", name=name, exact=True)


def counts_on_screen(card):
    """The windows of each part as they are spelled out."""
    spelled = card.locator(".spelled").text_content()
    return [
        int(re.search(rf"{part}\b.*?(\d+)(?: window|,|$)(?! rows)", spelled.split(";")[i])[1])
        for i, part in enumerate(PARTS)
    ]


def bars_on_screen(card):
    """How many bars are drawn for each part, hatched ones included, and how many of them are hatched."""
    count = "(path) => (path.getAttribute('d').match(/M/g) || []).length"
    clean = [card.locator(f"[data-windows={part}]").evaluate(count) for part in PARTS]
    leaky = [card.locator(f"[data-leaky={part}]").evaluate(count) for part in PARTS]
    return [a + b for a, b in zip(clean, leaky, strict=True)], leaky


def leaks_on_screen(card):
    verdict = card.locator(".heading[data-mark]")
    return [text.text_content() for text in verdict.locator("xpath=..").locator("div .caption").all()]


def assert_screen_is_python(book, card, name="timeline"):
    """Pictures, words and Python's own split agree, once Python has heard of the change."""
    bars, _ = bars_on_screen(card)
    book.read_until(f"[len(part) for part in {name}.split()]", bars)
    leaks = book.read(f"[str(leak) for leak in {name}.leaks]")
    assert leaks_on_screen(card) == (leaks or ["no row stands on two sides, and the scaler learns from train alone"])


def test_a_cut_moves_with_the_keys_and_everything_with_it(book, card):
    first = handle(card, "first cut")
    assert first.get_attribute("aria-valuetext") == "before row 185, 1885"
    assert counts_on_screen(card) == [170, 47, 47]
    with book.keys_stay_inside(first):
        for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "PageUp", "ArrowDown", "b", "a", "x"):
            book.page.keyboard.press(key)
    assert first.get_attribute("aria-valuenow") == "182"
    book.read_until("timeline.cuts", [182, 247])
    assert counts_on_screen(card) == [167, 50, 47]
    assert_screen_is_python(book, card)


def test_a_handle_ends_where_a_part_has_room_for_one_window(book, card):
    second = handle(card, "second cut")
    second.press("End")
    book.read_until("timeline.cuts[1]", 309 - 16)
    assert counts_on_screen(card)[2] == 1
    second.press("ArrowRight")
    assert "room for one window of 11 + 5 rows" in card.locator("[role=alert]").text_content()
    second.press("ArrowLeft")
    assert card.locator("[role=alert]").text_content() == ""
    assert_screen_is_python(book, card)


def drag(book, target, right):
    box = target.locator(".grip").bounding_box()
    x, y = box["x"] + box["width"] / 2 + 2, box["y"] + box["height"] / 2
    book.page.mouse.move(x, y)
    book.page.mouse.down()
    book.page.mouse.move(x + right, y + 5, steps=8)
    book.page.mouse.up()


def test_cuts_and_gap_are_dragged(book, card):
    step = (card.locator(".timeline").bounding_box()["width"] - 28 * 15 / 16) / 309
    drag(book, handle(card, "first cut"), 0)
    assert handle(card, "first cut").get_attribute("aria-valuenow") == "185"
    drag(book, handle(card, "first cut"), -40 * step)
    book.read_until("timeline.cuts[0]", pytest.approx(145, abs=1))
    drag(book, handle(card, "gap"), 20 * step)
    book.read_until("timeline.gap", pytest.approx(20, abs=1))
    assert_screen_is_python(book, card)


def test_straddling_windows_are_hatched_until_the_gap_is_wide_enough(book, cards):
    card = cards.nth(1)
    card.get_by_label("drop straddling windows").uncheck()
    assert bars_on_screen(card)[1] == [5, 10, 5]
    assert "✗ 2 leaks" in card.locator(".heading[data-mark]").text_content()
    assert_screen_is_python(book, card, "plain")
    handle(card, "gap").focus()
    for gap in range(1, 6):
        book.page.keyboard.press("ArrowRight")
        assert bars_on_screen(card)[1] == [5 - gap, 2 * (5 - gap), 5 - gap]
    assert "✓ nothing leaks" in card.locator(".heading[data-mark]").text_content()
    assert "A gap of 5 = 4 + 2 − 1 rows is enough" in card.locator(".done").text_content()
    assert book.read_until("plain.is_clean", bool)
    assert_screen_is_python(book, card, "plain")


def test_shuffle_and_scaler_leak(book, card):
    card.get_by_label("shuffle windows").check()
    totals, hatched = bars_on_screen(card)
    assert totals == [176, 59, 59]
    assert hatched[2] > 55
    assert_screen_is_python(book, card)
    card.get_by_label("shuffle windows").uncheck()
    card.get_by_label("scaler fitted on").select_option("everything")
    assert leaks_on_screen(card) == ["rows outside train that the scaler was fitted on: 124 of 309"]
    assert_screen_is_python(book, card)
    mean, std = book.read("timeline.mean_std")
    assert f"mean {mean:.2f}, std {std:.2f}" in card.locator(".whole .caption").text_content()


def test_python_moves_a_cut_and_reset_brings_it_back(book, card):
    book.run("timeline.cuts = [100, 200]")
    card.locator('[aria-valuetext="before row 100, 1800"]').wait_for()
    assert_screen_is_python(book, card)
    card.get_by_role("button", name="reset").click()
    book.read_until("timeline.cuts", [185, 247])


def test_table_and_saved_picture(book, card, tmp_path):
    card.get_by_role("button", name="show as table").click()
    rows = card.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.children].map((c) => c.textContent))"
    )
    assert rows[0] == ["train", "170", "0", "169", "0"]
    card.get_by_role("button", name="show as table").click()
    card.get_by_role("button", name="save", exact=True).click()
    with book.page.expect_download() as download:
        card.get_by_role("button", name="save as SVG").click()
    card.get_by_role("button", name="save", exact=True).click()
    download.value.save_as(tmp_path / "split.svg")
    texts = " ".join(ElementTree.parse(tmp_path / "split.svg").getroot().itertext())
    for text in ("1885", "■ validation", "sunspots", "nothing leaks", "170 windows"):
        assert text in texts


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_silent_in_both_themes(book, cards, theme):
    book.theme(theme)
    cards.nth(1).get_by_label("drop straddling windows").uncheck()
    assert [book.axe(cards.nth(i)) for i in range(3)] == [[], [], []]
    book.theme("light")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_and_text_keeps_its_size(book, cards, width):
    book.run("timeline.projector = True")
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        book.page.wait_for_timeout(300)
        for i in range(3):
            scroll, client = cards.nth(i).evaluate("card => [card.scrollWidth, card.clientWidth]")
            assert scroll <= client
        letters = cards.nth(1).locator(".partname").first.bounding_box()["height"]
        assert letters > 14  # in pixels, at 15 a letter
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


def test_text_is_text_and_many_windows_are_painted_at_every_press(book, cards):
    assert cards.nth(1).locator("img").count() == 0
    frames = book.press(handle(cards.nth(2), "first cut"), "ArrowLeft", shown_in=cards.nth(2).locator(".picture"))
    assert (frames.drawn, frames.unpainted) == (30, 0)
    assert_screen_is_python(book, cards.nth(2), "large")


def test_a_late_echo_takes_nothing_back(book, card):
    first = handle(card, "first cut")
    first.focus()
    for _ in range(15):  # each press comes when the one before has just been sent to Python, whose echo is on its way
        book.page.keyboard.press("ArrowLeft")
        book.page.wait_for_timeout(160)
    assert first.get_attribute("aria-valuenow") == "170"
    book.read_until("timeline.cuts[0]", 170)


def test_it_outlives_the_kernel(open_notebook):
    notebook = open_notebook(PLAIN.replace("plain =", "from helpers.widgets import SplitTimeline\nplain ="))
    notebook.run_all()
    card = notebook.widget("split-timeline")
    notebook.kill_kernel()
    handle(card, "first cut").press("ArrowLeft")
    assert counts_on_screen(card) == [30, 8, 7]

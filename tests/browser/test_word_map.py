"""WordMap in a real JupyterLab: words looked up by hand, answered by the kernel, and by the browser when it is gone."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

MANY = """
import torch
from helpers.widgets import WordMap

generator = torch.Generator().manual_seed(0)
words = ["king", "queen", "man", "woman", "kings", *(f"word{i}" for i in range(2000))]
table = torch.randn(len(words), 100, generator=generator)
table[:5] *= 0.2
table[:5, :2] = torch.tensor([[5.0, 9], [-5, 9], [5, 0], [-5, 0], [6, 9]])
look = WordMap(words, table, "king", prepared=words[:60])
look
"""
FEW = """
few = WordMap(words[:30], table[:30], inputs=["man", "king", "woman"], k=12)
few
"""
HOSTILE = """
odd = ["<img src=x onerror=alert(1)>", "👩‍👩‍👧🙂", "مرحبا", "x" * 10_000, "plain"]
hostile = WordMap(odd, torch.randn(5, 3, generator=generator), odd[0])
hostile
"""
RESET = """
look.show, look.word, look.inputs, look.k = "neighbours", "king", words[:3], 8
look.exclude, look.focus, look.projector = True, 0, False
"""
CONTRASTS = """card => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(card).backgroundColor);
  return [...card.querySelectorAll(".flat .label, .ranking text")].map((node) => {
    const ink = luminance(getComputedStyle(node).fill);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
}"""


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for most tests: many words, of which the browser holds sixty; few words; hostile words."""
    with browser.open(server, MANY, FEW, HOSTILE) as notebook:
        notebook.page.set_default_timeout(10_000)
        notebook.run_all()
        notebook.page.locator('[data-widget="word-map"]').nth(2).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    book.run(RESET)
    return book.page.locator('[data-widget="word-map"]')


@pytest.fixture
def card(cards):
    cards.first.scroll_into_view_if_needed()
    return cards.first


def found(card):
    """The list, as a screen reader says it: [(word, cosine)]."""
    labels = card.get_by_role("option").evaluate_all(
        "rows => rows.filter((row) => row.closest('.ranking')).map((row) => row.getAttribute('aria-label'))"
    )
    pairs = [
        label.split(". ", 1)[1].removesuffix(", a word of the question").rsplit(": cosine ", 1) for label in labels
    ]
    return [(word, float(cosine)) for word, cosine in pairs]


def assert_screen_is_python(book, card, what, name="look"):
    shown, computed = found(card), book.read(f"{name}.{what}")
    assert [word for word, _ in shown] == [word for word, _ in computed]
    np.testing.assert_allclose([x for _, x in shown], [x for _, x in computed], atol=0.0051)


def look_up(card, label, text):
    box = card.get_by_label(label, exact=True)
    box.fill(text)
    box.press("Enter")


def test_any_word_is_answered_by_the_kernel(book, card):
    with book.keys_stay_inside(card.get_by_label("word", exact=True)):
        look_up(card, "word", "word1999")
        for key in ("b", "a", "x", "d", "Escape"):
            book.page.keyboard.press(key)
    card.get_by_text("neighbours of word1999").first.wait_for()
    assert book.read("look.word") == "word1999"
    assert_screen_is_python(book, card, "neighbours")
    assert "among all 2,005 words" in card.locator(".caption").first.text_content()


def test_capitals_and_spaces_around_a_word_do_not_matter(book, card):
    look_up(card, "word", "  Queen ")
    card.get_by_text("neighbours of queen").first.wait_for()
    assert card.get_by_label("word", exact=True).input_value() == "queen"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("kinng", "is not among the 2,005 words; near: king, kings"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("🙂", "🙂"),
        ("مرحبا", "مرحبا"),
        ("big dog", "one word at a time"),
        ("x" * 10_000, "has 10,000 characters: no word is that long"),
        ("", "Type a word"),
    ],
)
def test_what_is_no_word_is_said_and_the_picture_stays(book, card, typed, says):
    picture = card.locator(".flat").inner_html()
    look_up(card, "word", "kinng" if typed == "" else "zzz")  # so that the next text is a change
    look_up(card, "word", typed)
    alert = card.locator("[role=alert]")
    assert says in alert.text_content()
    assert "picture stays" in alert.text_content()
    assert alert.locator("*").count() == 0
    assert card.get_by_label("word", exact=True).get_attribute("aria-invalid") is not None
    assert card.locator(".flat").inner_html() == picture
    assert book.read("look.word") == "king"
    look_up(card, "word", "queen")
    card.get_by_text("neighbours of queen").first.wait_for()
    assert alert.text_content() == ""


def test_list_is_walked_with_the_keys_and_enter_looks_a_word_up(book, card):
    first, second = found(card)[:2]
    row = card.get_by_role("option", name=f"1. {first[0]}:")
    with book.keys_stay_inside(row):
        for key in ("ArrowDown", "End", "Home", "ArrowUp", "ArrowDown"):
            book.page.keyboard.press(key)
        assert second[0] in card.locator(".spelled").text_content()
        assert f"cosine {second[1]:.2f}" in card.locator(".spelled").text_content()
        assert (
            card.locator(".flat .label", has_text=second[0]).first.evaluate("e => getComputedStyle(e).fontWeight")
            == "700"
        )
        book.read_until("look.focus", 1)
        book.page.keyboard.press("Enter")
    book.read_until("look.word", second[0])
    card.get_by_role("option", name=f"1. {book.read('look.neighbours[0][0]')}:").wait_for()
    assert_screen_is_python(book, card, "neighbours")


def test_the_spelled_line_is_the_kernels_arithmetic(book, card):
    expected = book.read(
        "(lambda x, y: [float(x @ y), float(x.norm()), float(y.norm()), float((x - y).norm())])"
        "(table[0], table[words.index(look.neighbours[0][0])])"
    )
    spelled = card.locator(".spelled").text_content()
    for number in expected:
        assert f"{number:.2f}" in spelled
    _, flat, share = book.read("look.plane")
    assert f"{np.hypot(*(np.array(flat[0]) - flat[1])):.2f} apart in the picture" in spelled
    assert f"keeps {100 * share:.0f}% of the spread" in spelled


def test_analogy_with_the_three_left_out_and_let_in(book, card):
    card.locator("select").select_option("analogy")
    look_up(card, "a", "man")
    look_up(card, "b", "king")
    look_up(card, "c", "woman")
    book.read_until("look.inputs", ["man", "king", "woman"])
    card.get_by_text("king − man + woman").first.wait_for()
    card.get_by_role("option", name="1. queen").wait_for()
    assert_screen_is_python(book, card, "analogy")
    assert card.locator(".arrow").count() == 2
    card.get_by_label("leave the three words out").uncheck()
    assert {"king", "woman"} & {word for word, _ in found(card)}
    book.read_until("look.exclude", False)
    assert_screen_is_python(book, card, "analogy")


def test_python_asks_and_the_picture_follows(book, card):
    book.run("look.word, look.k = 'word7', 3")
    card.get_by_text("neighbours of word7").first.wait_for()
    assert len(found(card)) == 3
    assert_screen_is_python(book, card, "neighbours")


def test_what_is_typed_is_completed(book, card):
    box = card.get_by_label("word", exact=True)
    box.fill("WORD12")
    offered = box.evaluate("box => [...box.list.options].map((option) => option.value)")
    assert offered == ["word12", *(f"word{i}" for i in range(120, 127))]
    box.fill("king")


def test_few_words_are_all_in_the_browser(book, cards):
    few = cards.nth(1)
    assert "among all 30 words" in few.locator(".caption").first.text_content()
    assert_screen_is_python(book, few, "analogy", "few")
    assert few.locator(".flat .label").count() == 15


def test_table_and_saved_picture(book, card, tmp_path):
    card.get_by_role("button", name="show as table").click()
    rows = card.locator("tbody tr").evaluate_all("rows => rows.map((r) => [...r.children].map((c) => c.textContent))")
    assert [row[0] for row in rows] == [word for word, _ in found(card)]
    assert float(rows[0][3]) <= float(rows[0][2]) + 0.01, "drawn distances are never longer than the true ones"
    card.get_by_role("button", name="show as table").click()
    card.get_by_role("button", name="save", exact=True).click()
    with book.page.expect_download() as download:
        card.get_by_role("button", name="save as SVG").click()
    card.get_by_role("button", name="save", exact=True).click()
    download.value.save_as(tmp_path / "map.svg")
    texts = list(ElementTree.parse(tmp_path / "map.svg").getroot().itertext())
    assert {"king", found(card)[0][0], "the same words, laid flat"} <= {text.strip() for text in texts}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_silent_and_every_word_can_be_read(book, cards, card, theme):
    book.theme(theme)
    try:
        look_up(card, "word", "kinng")
        for i in range(3):
            assert book.axe(cards.nth(i)) == []
            assert min(cards.nth(i).evaluate(CONTRASTS)) >= 4.5
    finally:
        book.theme("light")
        look_up(card, "word", "king")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_of_a_narrow_card(book, cards, width):
    book.run("look.projector, look.show = True, 'analogy'")
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        for i in range(3):
            inside = "card => [card.scrollWidth, card.clientWidth, card.parentElement.clientWidth]"
            scroll, client, room = cards.nth(i).evaluate(inside)
            assert scroll <= client <= room
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


def test_words_are_shown_as_typed_and_never_run(book, cards):
    hostile = cards.nth(2)
    assert hostile.locator("img, script").count() == 0
    assert "<img src=x" in hostile.locator(".caption, .heading").first.text_content()
    assert {word for word, _ in found(hostile)} < {"👩‍👩‍👧🙂", "مرحبا", "x" * 10_000, "plain"}
    assert_screen_is_python(book, hostile, "neighbours", "hostile")


def test_without_a_kernel_the_prepared_words_answer_and_say_so(open_notebook):
    notebook = open_notebook(MANY)
    notebook.run_all()
    card = notebook.widget("word-map")
    notebook.kill_kernel()
    look_up(card, "word", "queen")
    card.get_by_text("among 60 prepared words only").wait_for()
    assert "neighbours of queen" in card.locator(".heading").first.text_content()
    assert len(found(card)) == 8
    picture = card.locator(".flat").inner_html()
    look_up(card, "word", "word1999")
    assert "Without one only 60 prepared words" in card.locator("[role=alert]").text_content()
    assert card.locator(".flat").inner_html() == picture
    card.locator("select").select_option("analogy")
    card.get_by_text("queen − king + man").first.wait_for()
    look_up(card, "c", "woman")
    card.get_by_text("queen − king + woman").first.wait_for()


def test_a_first_question_that_nobody_can_answer_is_taken_back(open_notebook):
    notebook = open_notebook(MANY)
    notebook.run_all()
    card = notebook.widget("word-map")
    notebook.kill_kernel()
    look_up(card, "word", "word1999")
    card.get_by_text("No kernel answers").wait_for()
    assert card.get_by_label("word", exact=True).input_value() == "king"
    assert "neighbours of king" in card.locator(".heading").first.text_content()

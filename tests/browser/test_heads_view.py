"""HeadsView in a real JupyterLab: words and heads walked by real keys, sentences typed, every number held to Python."""

import re

import pytest

MINILM = """
from helpers import prepared
from helpers.widgets import HeadsView

minilm = prepared.load_minilm()
view = HeadsView(minilm, layer=3, head=9)
view
"""
LONG = 'long = HeadsView(minilm, "dog " * 126, layer=2, head=9); long'
RESET = """
view.show, view.layer, view.head, view.on, view.projector = "one", 3, 9, [], False
view.read("The big red dog chased the small cat")
"""


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for most tests: the model's heads, a second view of them, 128 word pieces."""
    with browser.open(server, MINILM, "view", LONG) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="heads-view"]').nth(2).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    """The cards in the order of the notebook, the first two as at the start."""
    book.page.mouse.move(0, 0)
    book.run(RESET)
    cards = book.page.locator('[data-widget="heads-view"]')
    cards.first.locator(".spelled", has_text="layer 3, head 9: big gives dog 0.73").wait_for()
    return cards


@pytest.fixture
def card(cards):
    cards.first.scroll_into_view_if_needed()
    return cards.first


def word(card, side, i):
    return card.locator(f'[data-word="{side} {i}"]')


def thumbnail(card, layer, head):
    return card.locator(f'[data-head="{layer},{head}"]')


def ask(card, text):
    box = card.get_by_label("sentence", exact=True)
    box.fill(text)
    box.press("Enter")


def assert_words_say_what_python_holds(book, card, name="view"):
    """Of each word: its three largest weights, as far as two decimals can tell."""
    shown, tokens = book.read(f"{name}.shown"), book.read(f"{name}.tokens")
    assert card.locator("[data-word^=query]").count() == len(tokens)
    for i, row in enumerate(shown):
        label = word(card, "query", i).get_attribute("aria-label")
        numbers = [float(x) for x in re.findall(r"(\d\.\d\d)(?:,|$)", label)]
        assert numbers == pytest.approx(sorted(row, reverse=True)[: len(numbers)], abs=0.0071), label
        assert label.startswith(f"{tokens[i]} gives ")


def test_it_opens_on_the_strongest_tie(book, card):
    assert card.get_by_role("listbox").count() == 2
    assert card.locator(".spelled").text_content() == (
        "layer 3, head 9: big gives dog 0.73, [CLS] 0.11, red 0.10 and 0.05 to the other 7; the row sums to 1"
    )
    assert word(card, "query", 3).get_attribute("aria-label").startswith("red gives dog 0.68, [CLS] 0.19")
    assert_words_say_what_python_holds(book, card)


def test_words_are_walked_with_the_keys_and_both_views_follow(book, cards, card):
    with book.keys_stay_inside(word(card, "query", 2)):
        for key in ("ArrowDown", "ArrowRight", "End", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "b", "x"):
            book.page.keyboard.press(key)
    assert book.page.evaluate("document.activeElement.dataset.word") == "key 4"
    book.read_until("view.focus", ["key", 4])
    given = sum(row[4] for row in book.read("view.shown"))
    spelled = "layer 3, head 9: to dog listen most big 0.73, red 0.68, "
    for one in (card, cards.nth(1)):
        assert one.locator(".spelled").text_content().startswith(spelled)
        assert one.locator(".spelled").text_content().endswith(f"all 10 together give it {given:.1f}")
        assert one.locator(".weight.key").all_text_contents()[:2] == ["0.43", "0.73"]
    card.locator("[role=status]", has_text="dog is listened to by big 0.73").wait_for(state="attached")


def test_a_word_under_the_pointer_shows_its_lines(book, card):
    word(card, "query", 7).hover()
    book.read_until("view.focus", ["query", 7])
    assert "0.70" in card.locator(".weight.query").all_text_contents()
    widths = card.locator(".link").evaluate_all(
        "lines => lines.map((line) => Number(line.getAttribute('stroke-width')))"
    )
    assert max(widths) > 5 * sorted(widths)[len(widths) // 2]


def test_heads_are_walked_with_the_keys(book, card):
    with book.keys_stay_inside(thumbnail(card, 3, 9)):
        for key in ("ArrowUp", "ArrowUp", "Home", "ArrowRight", "ArrowRight", "a"):
            book.page.keyboard.press(key)
    book.read_until("[view.layer, view.head]", [1, 3])
    assert thumbnail(card, 1, 3).get_attribute("aria-selected") == "true"
    assert card.locator(".thumbnail[tabindex='0']").count() == 1
    assert "layer 1, head 3: big gives the 1.00" in card.locator(".spelled").text_content()
    assert_words_say_what_python_holds(book, card)
    thumbnail(card, 6, 12).click()
    book.read_until("[view.layer, view.head]", [6, 12])


def test_heads_are_merged(book, card):
    show = card.get_by_role("combobox", name="show")
    show.select_option("layer")
    assert book.read_until("view.show", "layer")
    assert_words_say_what_python_holds(book, card)
    assert card.locator(".thumbnail[data-on]").count() == 12
    show.select_option("several")
    thumbnail(card, 1, 3).click()
    with book.keys_stay_inside(thumbnail(card, 1, 3)):
        for key in ("ArrowDown", "End", "ArrowLeft", "ArrowLeft", "ArrowLeft", "Enter"):
            book.page.keyboard.press(key)
    on = book.read_until("view.on", lambda on: len(on) == 3)
    assert on == [[3, 9], [1, 3], [2, 9]]
    assert_words_say_what_python_holds(book, card)
    spelled = card.locator(".spelled").text_content()
    terms, sign, mean = re.search(r"\(([\d. +]+)\) / 3 ([=≈]) ([\d.]+)$", spelled).groups()
    reckoned = sum(float(term) for term in terms.split(" + ")) / 3
    assert (abs(reckoned - float(mean)) < 0.00501) == (sign == "=")
    for head in on:
        thumbnail(card, *head).click()
    assert "One head has to stay on" in card.locator("[role=alert]").text_content()
    book.read_until("view.on", on[-1:])


# --- sentences


def test_a_sentence_is_typed_and_read(book, card):
    ask(card, "Naïve IDRIS barks")
    book.read_until("view.text", "Naïve IDRIS barks")
    card.locator("[data-word='query 6']").wait_for()
    words = card.locator("[data-word^=query] text").all_text_contents()
    assert words == book.read("view.tokens") == ["[CLS]", "naive", "id", "##ris", "bark", "##s", "[SEP]"]
    assert "## continues the piece before it" in card.text_content()
    assert_words_say_what_python_holds(book, card)
    assert card.get_by_role("button", name="read", exact=True).is_enabled()
    assert card.locator("[role=alert]").text_content() == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected at least one word"),
        ("dog " * 2500, "10,000 characters make 2,502 word pieces, the model reads 256"),
    ],
)
def test_a_refused_sentence_says_why_and_the_picture_stays(book, card, text, sentence):
    before = card.locator(".picture").inner_html()
    ask(card, text)
    card.locator("[role=alert]", has_text=sentence).wait_for()
    assert card.locator(".picture").inner_html() == before
    assert book.read("view.text") == "The big red dog chased the small cat"
    word(card, "query", 5).hover()
    book.read_until("view.focus", lambda focus: focus[1] == 5)
    assert sentence in card.locator("[role=alert]").text_content()  # looking around does not answer it


@pytest.mark.parametrize("text", ["<script>alert(1)</script> <img src=x onerror=alert(1)>", "🙂 مرحبا", "x" * 10_000])
def test_anything_typed_is_text(book, card, text):
    ask(card, text)
    assert book.read_until("view.text", text)
    tokens = book.read("view.tokens")
    card.locator(f"[data-word='key {len(tokens) - 1}']").wait_for()
    assert card.locator("script, img").count() == 0
    assert card.locator("[data-word^=key] title").all_text_contents() == tokens
    assert_words_say_what_python_holds(book, card)


def test_long_texts_have_a_scroll_bar_of_their_own(book, cards):
    long = cards.nth(2)
    assert long.locator("[data-word^=query]").count() == 128
    long.scroll_into_view_if_needed()
    word(long, "query", 0).focus()
    with book.keys_stay_inside():
        book.page.keyboard.press("End")
    assert word(long, "query", 127).evaluate("node => node.getBoundingClientRect().bottom") <= (
        long.locator(".links").evaluate("node => node.getBoundingClientRect().bottom") + 3
    )
    assert book.read_until("long.focus", ["query", 127])


def test_without_a_kernel_all_but_a_new_sentence_works(open_notebook):
    notebook = open_notebook(MINILM)
    notebook.run_all()
    card = notebook.widget("heads-view")
    notebook.kill_kernel()
    ask(card, "Hello")
    card.locator("[role=alert]", has_text="needs a running kernel").wait_for(timeout=6000)
    thumbnail(card, 2, 9).click()
    word(card, "query", 3).hover()
    assert "layer 2, head 9: red gives dog" in card.locator(".spelled").text_content()
    card.get_by_role("combobox", name="show").select_option("layer")
    assert "mean of 12 heads" in card.locator(".spelled").text_content()

"""Predict in a real JupyterLab: choose with keys, change one's mind, run the cell that computes the answer."""

import pytest

from .every import overflow

QUESTION = """
from helpers.widgets import Predict

guess = Predict("How many weights over 4 words?", [4, 8, 16], why="Every word looks at every word.")
guess
"""
HOSTILE = """
hostile = Predict("<b>Which</b> one, of a question as long as this, fits into a narrow card?",
                  ["<img src=x onerror=alert(1)>", "👩‍👩‍👧🙂", "مرحبا بالعالم", "x" * 10_000])
hostile
"""
REVEAL = "guess.reveal(4 * 4)"


@pytest.fixture
def book(open_notebook):
    notebook = open_notebook(QUESTION, HOSTILE, "guess")
    notebook.page.set_default_timeout(5000)
    notebook.run_all()
    notebook.page.locator('[data-widget="predict"]').nth(2).wait_for()
    return notebook


def text(card):
    return card.locator(".spelled").text_content().strip()


def options(card):
    return card.locator(".option").evaluate_all("labels => labels.map((label) => label.textContent)")


def test_choose_by_keys_change_ones_mind_and_see_the_answer(book):
    card, hostile, other_view = (book.page.locator('[data-widget="predict"]').nth(i) for i in range(3))
    radios = card.get_by_role("radio")
    assert card.get_by_role("group").get_attribute("class") == "question"
    assert text(card).startswith("No answer is wrong yet")
    radios.first.focus()
    assert book.read("guess.answer") is None  # and nothing waits to be sent
    book.page.keyboard.press("ArrowDown")
    assert book.read("guess.answer") == "8"  # told at once: the next thing pressed may run the cell below
    with book.keys_stay_inside():
        for key in ("ArrowDown", "ArrowUp", "b", "x", "Shift+Enter"):
            book.page.keyboard.press(key)
    book.read_until("guess.answer", "8")  # JupyterLab sends one change at a time
    assert radios.nth(1).is_checked()
    assert other_view.get_by_role("radio").nth(1).is_checked()
    assert text(card).startswith("You say 8.")
    assert book.read("guess.correct") is None

    hostile.get_by_role("radio").nth(3).check()
    assert book.read("hostile.answer") == "x" * 10_000
    assert hostile.locator("img, script, b:text('Which')").count() == 0
    assert options(hostile)[:3] == ["<img src=x onerror=alert(1)>", "👩‍👩‍👧🙂", "مرحبا بالعالم"]

    book.run(REVEAL)
    card.get_by_text("✓ what the code says").wait_for()
    assert options(card) == ["4", "8✗ what you said", "16✓ what the code says"]
    assert text(card) == "The code says 16. Every word looks at every word."
    assert radios.evaluate_all("radios => radios.every((radio) => radio.disabled)")
    assert options(other_view) == options(card)
    card.locator("[role=status]", has_text="The code says 16.").wait_for(state="attached")
    assert book.read("[guess.answer, guess.correct]") == ["8", False]

    book.run("hostile.reveal('x' * 10_000)")
    hostile.get_by_text("✓ the code agrees with you").wait_for()
    assert hostile.locator(".mark").evaluate_all("marks => marks.filter((mark) => mark.textContent).length") == 1

    for width in (700, 360):
        book.page.set_viewport_size({"width": width, "height": 900})
        assert (overflow(card), overflow(hostile)) == (0, 0)
    assert not card.get_by_text("projector").is_visible(), "nobody projects a phone"
    book.page.set_viewport_size({"width": 1100, "height": 900})
    size = "card => parseFloat(getComputedStyle(card).fontSize)"
    before = card.evaluate(size)
    card.get_by_role("button", name="projector").click()
    assert card.evaluate(size) >= 1.4 * before


def test_run_all_without_a_prediction_and_choosing_without_a_kernel(open_notebook):
    notebook = open_notebook(QUESTION, REVEAL, "later = Predict('Which?', [True, False]); later")
    notebook.page.set_default_timeout(5000)
    notebook.run_all()
    card, later = (notebook.page.locator('[data-widget="predict"]').nth(i) for i in range(2))
    later.wait_for()
    sentence = "The code says 16; nothing was predicted. Every word looks at every word."
    assert text(card) == sentence
    assert notebook.page.locator(".jp-OutputArea-output p").first.text_content() == sentence
    assert options(card) == ["4", "8", "16✓ what the code says"]

    notebook.kill_kernel()
    later.get_by_role("radio").first.focus()
    notebook.page.keyboard.press("ArrowDown")
    assert text(later).startswith("You say False.")
    later.get_by_role("radio").first.check()
    assert text(later).startswith("You say True.")

"""The start page in a real JupyterLab: press its buttons with the keyboard, end a real kernel, answer the quiz."""

import json

import pytest

from .every import overflow

PANELS = """
from pathlib import Path
from helpers import kernels
from helpers.start_page import FreeMemory, FreshCopies, MyWork
kernels.QUIET = 0.5
copies, memory, work = FreshCopies(Path("desk")), FreeMemory(), MyWork()
display(copies, memory, work)
"""
PROGRESS = """
from helpers.checks import check, progress
check(lambda x: x.sum(dim=1), "mean_of_rows")
check(lambda a, b: a[:, None] + b, "outer_sum")
progress()
"""
QUIZ = "from helpers.quiz import Quiz; quiz = Quiz(); quiz"


@pytest.fixture(scope="module")
def book(server, browser):
    """The parts of the start page in one notebook, over a course of its own."""
    desk = server.notebooks / "desk" / "notebooks"
    desk.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "# 05 Attention\n\n**Who listens?**"}]
    (desk / "05_attention.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}}))
    with browser.open(server, PANELS, PROGRESS, QUIZ) as notebook:
        notebook.page.set_default_timeout(15_000)
        notebook.run_all()
        notebook.page.get_by_role("button", name="Open the quiz").wait_for()
        yield notebook


def press(book, name, key="Enter"):
    button = book.page.get_by_role("button", name=name, exact=True).first
    with book.keys_stay_inside(button):
        book.page.keyboard.press(key)


def says(book, text):
    book.page.get_by_role("status").filter(has_text=text).wait_for()


def test_a_fresh_copy_by_keyboard(book):
    press(book, "Fresh copy")
    says(book, "Then: a fresh copy?")
    no = book.page.get_by_role("button", name="No", exact=True).first
    book.page.wait_for_function("document.activeElement.textContent === 'No'")
    no.press("Enter")
    says(book, "Nothing has changed.")
    book.page.wait_for_function("document.activeElement.textContent === 'Fresh copy'")
    press(book, "Fresh copy")
    press(book, "Yes, keep mine beside it")
    says(book, "05_attention.ipynb is fresh.")
    assert (book.server.notebooks / "desk" / "my_notebooks" / "05_attention.ipynb").exists()


def test_memory_is_freed_and_nobody_is_disturbed(book, browser):
    with browser.open(book.server, "x = 1") as other:
        other.run_all()
        others = {one["kernel"]["id"] for one in other.server.api("GET", "sessions") if one["path"] == other.name}
        book.page.bring_to_front()
        book.page.wait_for_timeout(600)
        press(book, "Show running kernels")
        says(book, "idle; ending would free")
        table = book.page.locator("table", has_text="kernel of")
        assert "this one" in table.locator("tr", has_text=book.name).text_content()
        assert "idle" in table.locator("tr", has_text=other.name).text_content()
        press(book, "End the idle ones")
        says(book, "what their cells have computed is gone")
        press(book, "Yes, end them")
        says(book, "MB free")
        left = {one["id"] for one in book.server.api("GET", "kernels")}
        assert not others & left
        assert book.read("1 + 1") == 2
        other.page.bring_to_front()
        other.page.wait_for_timeout(500)
        assert other.page.locator(".jp-Dialog").count() == 0


def test_my_work_is_written_where_the_learner_looks(book):
    book.run("from helpers import workspace; workspace.MY_NOTEBOOKS = Path('desk/my_notebooks').resolve()")
    book.run("workspace.MY_NOTEBOOKS.mkdir(exist_ok=True)")
    press(book, "Write my work on one page")
    says(book, "It lies in the list of files")
    (page,) = (book.server.notebooks / "desk" / "my_notebooks").glob("my_work_*.html")
    assert "<h1>My work</h1>" in page.read_text()


def test_the_quiz_by_keyboard(book):
    press(book, "Open the quiz")
    cards = book.page.locator('[data-widget="predict"]')
    cards.nth(7).wait_for()
    assert "Choose what you believe" in cards.first.text_content()
    press(book, "Compare my answers with the code")
    says(book, "Choose first.")
    cards.nth(1).get_by_role("radio").first.focus()
    for _ in range(2):
        book.page.keyboard.press("ArrowDown")
    book.read_until("quiz.cards[1].choice", lambda choice: choice == 2)
    press(book, "Compare my answers with the code")
    cards.nth(1).get_by_text("✓ the code agrees with you").wait_for()
    says(book, "The code agrees with 1 of your 1 answers. 7 questions are still open.")
    assert cards.nth(0).get_by_text("✓").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_it(book, theme):
    book.theme(theme)
    outputs = book.page.locator(".jp-OutputArea-output")
    assert [found for output in outputs.all() for found in book.axe(output)] == []
    book.theme("light")


def test_progress_says_its_states_in_words(book):
    card = book.page.locator(".check-card", has_text="exercises done")
    row = card.locator("tr", has_text="mean_of_rows")
    assert row.is_visible()
    assert "tried. The rows are added up along the right axis" in row.text_content()
    assert "done" in card.locator("tr", has_text="outer_sum").text_content()
    closed = card.locator("summary", has_text="05 Attention")
    with book.keys_stay_inside(closed):
        book.page.keyboard.press("Enter")
    card.locator("tr", has_text="softmax").wait_for()


@pytest.mark.parametrize("width", [700, 360])
def test_it_fits(book, width):
    book.page.set_viewport_size({"width": width, "height": 900})
    for output in book.page.locator(".jp-OutputArea-output").all():
        assert overflow(output) <= 0

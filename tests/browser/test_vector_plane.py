"""VectorPlane in a real JupyterLab: points dragged and pushed, matrices edited, every number held against Python."""

import numpy as np
import pytest

from .plane import MIRRORED, PLANE, RESET, assert_screen_is_python, fill, point, weights_on_screen


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for these tests: a plane and a second view of it."""
    with browser.open(server, PLANE, "plane") as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="vector-plane"]').nth(1).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    """The cards in the order of the notebook, the first two as at the start."""
    book.run(RESET)
    return book.page.locator('[data-widget="vector-plane"]')


@pytest.fixture
def card(cards):
    cards.first.scroll_into_view_if_needed()
    return cards.first


# --- words


def test_a_word_moves_with_the_arrow_keys(book, cards, card):
    big = point(card, "big")
    assert big.get_attribute("aria-valuetext") == "x -0.70, y 0.70"
    with book.keys_stay_inside(big):
        for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowUp", "b", "a", "x", "d"):
            book.page.keyboard.press(key)
    assert big.get_attribute("aria-valuetext") == "x -0.50, y 1.60"
    assert point(cards.nth(1), "big").get_attribute("aria-valuetext") == "x -0.50, y 1.60"  # the other view
    book.read_until("plane.x[1]", pytest.approx([-0.5, 1.6]))
    np.testing.assert_allclose(book.read("plane.x"), [[0.5, -0.87], [-0.5, 1.6], [0.81, 0.59]], atol=1e-6)
    assert_screen_is_python(book, card)
    np.testing.assert_array_equal(weights_on_screen(card), weights_on_screen(cards.nth(1)))


def test_a_word_stays_in_the_plane(book, card):
    dog = point(card, "dog")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown"):
        dog.press(key)
    assert dog.get_attribute("aria-valuetext") == "x 2.00, y -2.00"
    book.read_until("plane.x[2]", [2, -2])


def drag(book, handle, right, up, steps=8):
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2 + 3  # taken hold of beside its middle
    book.page.mouse.move(x, y)
    book.page.mouse.down()
    book.page.mouse.move(x + right, y - up, steps=steps)
    book.page.mouse.up()


def test_a_word_is_dragged_and_does_not_jump(book, card):
    big = point(card, "big")
    drag(book, big, 0, 0)
    assert big.get_attribute("aria-valuetext") == "x -0.70, y 0.70"
    unit = card.locator(".unit").first.bounding_box()["width"] / 2
    drag(book, big, unit, -unit / 2)
    assert point(card, "big").evaluate("handle => handle === document.activeElement")
    book.read_until("plane.x[1]", pytest.approx([0.30, 0.20], abs=0.03))
    assert_screen_is_python(book, card)
    book.page.mouse.move(0, 0)  # let go: it stays
    drag(book, big, 3000, 0)
    book.read_until("plane.x[1, 0]", 2)


def test_python_moves_a_word_while_the_picture_stands(book, card):
    book.run("plane.x = [[0, 1], [1, 0], [-1, 0]]")
    card.locator('[aria-valuetext="x 0.00, y 1.00"]').wait_for()
    assert_screen_is_python(book, card)


# --- matrices


def test_one_number_edits_both_while_the_box_is_ticked(book, cards, card):
    fill(card, "W_Q row 1 column 2", "0.7")
    assert card.get_by_label("W_K row 1 column 2").input_value() == "0.7"
    fill(card, "W_K row 2 column 2", "-1")
    assert cards.nth(1).get_by_label("W_Q row 2 column 2").input_value() == "-1.0"
    matrix = book.read_until("plane.W_query", lambda W: W[1][1] < 0)
    np.testing.assert_allclose(matrix, [[0.2, 0.7], [0, -1]])
    assert matrix == book.read("plane.W_key")
    assert book.read("plane.same") is True
    assert_screen_is_python(book, card)


def test_numbers_step_with_the_keys(book, card):
    number = card.get_by_label("W_V row 1 column 1")
    with book.keys_stay_inside(number):
        for _ in range(3):
            number.press("ArrowUp")
    book.read_until("plane.W_value[0, 0]", pytest.approx(1.3))
    assert book.read("plane.W_query[0, 0]") == pytest.approx(0.2)


def test_what_is_no_number_is_said_and_the_picture_stays(book, card):
    picture = card.locator(".plane").nth(1).inner_html()
    for bad in ("", "101", "-1e9"):
        fill(card, "W_Q row 1 column 1", bad)
        alert = card.locator("[role=alert]")
        assert alert.text_content() == ("W_Q row 1 column 1: type a number from -100 to 100; the picture keeps 0.20.")
        assert card.get_by_label("W_Q row 1 column 1").get_attribute("aria-invalid") is not None
        assert card.locator(".plane").nth(1).inner_html() == picture
    card.get_by_label("W_Q row 1 column 1").press("Tab")
    assert card.get_by_label("W_Q row 1 column 1").input_value() == "0.2"
    fill(card, "W_Q row 1 column 1", "0.5")
    assert alert.text_content() == ""
    book.read_until("plane.W_query[0, 0]", 0.5)


def test_a_number_is_not_rewritten_while_it_is_typed(book, card):
    number = card.get_by_label("W_V row 2 column 1")
    number.click()
    number.press("Control+a")
    number.press_sequentially("-1.205")
    assert number.input_value() == "-1.205"
    book.read_until("plane.W_value[1, 0]", pytest.approx(-1.205))


def test_the_discovery(book, card):
    """With one matrix big and dog cannot prefer each other; with two they can, and the card says so."""
    assert card.locator(".done").text_content() == ""
    assert card.locator(".arrow.key").count() == 0
    card.get_by_label("WQ = WK").uncheck()
    assert card.locator(".arrow.key").count() == 3
    fill(card, *MIRRORED)
    fill(card, "W_Q row 1 column 1", "1")
    assert "Done" in card.locator(".done").text_content()
    book.read_until("plane.same", False)
    weights = np.array(book.read_until("plane.weights", lambda w: w[1][2] > w[1][1] and w[2][1] > w[2][2]))
    assert not np.allclose(weights, weights.T)
    assert_screen_is_python(book, card)
    card.get_by_label("WQ = WK").check()
    assert book.read_until("plane.W_key.tolist() == plane.W_query.tolist()", bool)
    assert card.locator(".done").text_content() == ""
    assert card.locator(".arrow.key").count() == 0
    assert_screen_is_python(book, card)


# --- the bar


def test_knobs_and_reset(book, card):
    card.get_by_role("slider", name="temperature").press("End")
    card.get_by_label("divide by √d").uncheck()
    assert book.read_until("[plane.temperature, plane.scale]", [5, False])
    assert_screen_is_python(book, card)
    point(card, "The").press("Shift+ArrowUp")
    fill(card, "W_V row 1 column 1", "3")
    card.get_by_label("WQ = WK").uncheck()
    fill(card, "W_Q row 1 column 1", "3")
    card.get_by_role("button", name="reset").click()
    book.read_until("plane.temperature", 1)
    state = book.read("plane.state()")
    np.testing.assert_allclose(state["x"], [[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
    assert (state["temperature"], state["scale"], state["same"]) == (1, True, True)
    np.testing.assert_allclose(state["W_query"], [[0.2, 0], [0, 1.5]])
    np.testing.assert_allclose([state["W_key"], state["W_value"]], [state["W_query"], np.eye(2)])
    np.testing.assert_allclose(weights_on_screen(card)[1], [0.08, 0.49, 0.42])
    assert_screen_is_python(book, card)


def test_table_has_every_number(book, card):
    card.get_by_role("button", name="show as table").click()
    rows = card.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.children].map((c) => c.textContent))"
    )
    assert rows[1][:2] == ["big", "(-0.70, 0.70)"]
    assert rows[1][5:8] == ["0.08", "0.49", "0.42"]
    assert rows[1][8] == "({:.2f}, {:.2f})".format(*book.read("plane.outputs[1]"))
    card.get_by_role("button", name="show as table").click()

"""What VectorPlane shows beyond what every widget keeps: labels kept apart, hostile words, eight words, its file."""

import xml.etree.ElementTree as ElementTree

import pytest

from .every import contrasts, overflow, save
from .plane import EIGHT, HOSTILE, MIRRORED, PLANE, RESET, assert_screen_is_python, fill, point


@pytest.fixture(scope="module")
def book(server, browser):
    """One notebook for these tests: a plane, eight words, hostile words."""
    with browser.open(server, PLANE, EIGHT, HOSTILE) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="vector-plane"]').nth(2).wait_for()
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


def test_saved_picture_has_words_arrows_and_matrices(book, card, tmp_path):
    tree = ElementTree.parse(save(book, card, "SVG", tmp_path))
    texts = set(tree.getroot().itertext())
    assert {"The", "big", "dog", "0.49", "1.5", "words"} <= texts
    assert len(tree.findall(".//{*}polygon")) >= 7  # 3 queries, 3 values, the hull
    assert "Your turn" not in texts


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_keys_of_their_own_hostile_words_and_a_refused_number_can_be_read(book, cards, card, theme):
    book.theme(theme)
    card.get_by_label("WQ = WK").uncheck()
    fill(card, *MIRRORED)
    fill(card, "W_V row 1 column 1", "")
    for one in (card, cards.nth(2)):
        assert book.axe(one) == []
        assert min(ratio for _, ratio in contrasts(one)) >= 4.5
        assert len(contrasts(one)) > 8
        marks = one.evaluate("card => courseEvery.marks(card, '.arrow polygon, .dot')")
        assert len(marks) > 8
        assert min(marks) >= 4.5
    fill(card, "W_V row 1 column 1", "1")
    book.theme("light")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_of_a_narrow_card(book, cards, width):
    book.run("plane.projector = True")
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        assert [overflow(cards.nth(i)) for i in range(3)] == [0] * 3
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


def test_labels_lie_inside_their_plane_and_apart(cards):
    planes = cards.first.locator(".plane").evaluate_all("""planes => planes.map((plane) => ({
      plane: plane.getBoundingClientRect().toJSON(),
      labels: [...plane.querySelectorAll(".label")].map((label) => label.getBoundingClientRect().toJSON()),
    }))""")
    assert [len(one["labels"]) for one in planes] == [3, 3, 3]
    for one in planes:
        for i, label in enumerate(one["labels"]):
            assert one["plane"]["left"] <= label["left"]
            assert label["right"] <= one["plane"]["right"]
            for other in one["labels"][:i]:
                across = min(label["right"], other["right"]) - max(label["left"], other["left"])
                down = min(label["bottom"], other["bottom"]) - max(label["top"], other["top"])
                assert across <= 0 or down <= 5  # the boxes of letters have air above and below


def test_words_are_shown_as_typed_and_never_run(book, cards):
    hostile = cards.nth(2)
    assert hostile.locator("img, script").count() == 0
    assert point(hostile, "<img src=x onerror=alert(1)>").count() == 1
    assert hostile.locator(".label title").nth(3).text_content() == "x" * 10_000
    assert "👩‍👩‍👧🙂" in hostile.locator(".label").nth(1).text_content()
    assert len(hostile.locator(".turn").text_content()) < 300
    assert_screen_is_python(book, hostile, "hostile")


def test_eight_words(book, cards):
    eight = cards.nth(1)
    assert eight.locator(".handle").count() == 8
    assert eight.locator(".arrow.query").count() == eight.locator(".arrow.key").count() == 8
    assert_screen_is_python(book, eight, "eight")
    eight.get_by_label("W_V row 1 column 1").fill("9")
    inside = (
        "plane => [...plane.querySelectorAll('.arrow')].every((a) => { const [b, p] = [a, plane]"
        ".map((n) => n.getBoundingClientRect()); return b.left >= p.left && b.right <= p.right; })"
    )
    assert eight.locator(".plane").nth(2).evaluate(inside)

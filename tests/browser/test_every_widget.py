"""What every widget keeps, in a real JupyterLab; each test runs for each of EXAMPLES."""

import xml.etree.ElementTree as ElementTree

import pytest

from .every import contrasts, overflow, render_elsewhere, save
from .examples import EXAMPLES

STOPS = "button:visible, select:visible, input:visible, [tabindex='0']:visible"


@pytest.fixture(scope="module", params=EXAMPLES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def book(server, browser, name):
    """A notebook with one example and a cell below it, for all tests of that widget."""
    with browser.open(server, EXAMPLES[name].code, "'the cell below'") as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        yield notebook


@pytest.fixture
def card(book, name):
    return book.widget(name)


@pytest.fixture
def control(card, name):
    return card.locator(EXAMPLES[name].control).first


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_silent_and_every_word_can_be_read(book, card, theme):
    book.theme(theme)
    hidden = card.locator("[aria-label='show as table'], [aria-expanded]").all()  # the table, the kinds of file
    for button in hidden:
        button.click()
    assert book.axe(card) == []
    assert [(word, ratio) for word, ratio in contrasts(card) if ratio < 4.5] == []
    assert card.locator("[aria-live]").count() == 1
    for button in hidden:
        button.click()
    book.theme("light")


def test_no_key_reaches_the_notebook_from_any_control(book, card):
    stops = card.locator(STOPS).all()
    assert stops
    for stop in stops:
        with book.keys_stay_inside(stop):
            for key in ("b", "x", "m", "ArrowDown", "ArrowUp"):
                book.page.keyboard.press(key)


@pytest.mark.parametrize("width", [700, 360])
@pytest.mark.parametrize("projector", [False, True])
def test_nothing_sticks_out_of_a_narrow_card(book, card, name, width, projector):
    book.run(f"{EXAMPLES[name].variable}.projector = {projector}")
    card.locator(f"xpath=self::*[{'@data-projector' if projector else 'not(@data-projector)'}]").wait_for()
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        assert overflow(card) == 0
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})
        book.run(f"{EXAMPLES[name].variable}.projector = False")


def test_saved_pictures_stand_on_their_own(book, card, name, tmp_path):
    if not card.get_by_role("button", name="save", exact=True).count():
        pytest.skip("there is no picture to save")
    path = save(book, card, "SVG", tmp_path)
    assert path.name == f"{name}.svg"
    tree = ElementTree.parse(path)
    assert not {node.tag.rpartition("}")[2] for node in tree.iter()} & {"script", "foreignObject", "img"}
    assert not any(attribute.startswith("on") for node in tree.iter() for attribute in node.attrib)
    assert {word for word, _ in contrasts(card)} <= {"".join(node.itertext()) for node in tree.iter()}
    data = save(book, card, "PNG", tmp_path).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(data[16:20]) == pytest.approx(2 * card.bounding_box()["width"], abs=2)
    assert len(data) > 5000  # not an empty sheet


def test_every_quick_press_is_drawn_at_once_and_painted(book, card, control, name):
    times = EXAMPLES[name].presses
    if not times:
        pytest.skip("a few options")
    frames = book.press(control, EXAMPLES[name].key, shown_in=card.locator(".picture"), times=times)
    assert (frames.drawn, len(frames.paints), frames.unpainted) == (times, times, 0)


def test_any_host_will_do_and_nothing_is_left_listening(book, name):
    scope = {}
    exec(EXAMPLES[name].code, scope)
    card = render_elsewhere(book, scope[EXAMPLES[name].variable])
    try:
        before = card.inner_html()
        card.locator(EXAMPLES[name].control).first.press(EXAMPLES[name].key)
        assert card.inner_html() != before
        assert book.page.evaluate("otherHost.counts().listening") > 0
    finally:
        left = book.page.evaluate("otherHost.end()")
    assert left.pop("saved") > 0  # the last change is not lost
    assert set(left.values()) == {0}


def test_it_moves_without_a_kernel(book, card, control, name):
    """The last test of this file: nobody can ask Python after it."""
    book.kill_kernel()
    before = card.inner_html()
    control.press(EXAMPLES[name].key)
    assert card.inner_html() != before

"""RecurrentStepper in a real JupyterLab: walked through, stretched, and every number held against Python."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from helpers.widgets.base import joined

STEPPER = """
import torch
from helpers.widgets import RecurrentStepper

x = [[1, 0], [0, 0], [0, 0.5], [0, 0], [0, -0.5], [0, 0]]
W_h = [[0.6, -0.8], [0.7, 0.6]]
stepper = RecurrentStepper(x, [[0.4, 0.5], [-0.3, 0.4]], W_h, [0.1, -0.1])
stepper
"""
LARGE = """
torch.manual_seed(0)
large = RecurrentStepper(torch.randn(12, 4), torch.randn(4, 4), torch.randn(4, 4), torch.randn(4))
large
"""
RESET = "stepper.W_h, stepper.step, stepper.view, stepper.projector = W_h, 0, 'forward', False"
CONTRASTS = """card => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const papers = [card, card.querySelector(".bar")].map((node) => luminance(getComputedStyle(node).backgroundColor));
  return [...card.querySelectorAll("svg text, .flow polygon, .mark")].flatMap((node) => {
    const style = getComputedStyle(node);
    const ink = luminance(node.matches(".hollow") ? style.stroke : style.fill);
    return papers.map((paper) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
  });
}"""
RENDERED_AND_REMOVED = """async (source) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const state = { x: [[1], [0]], W_x: [[1]], b: [0], h0: [0], direction: [[1]], largest: 1, radius: 1, start: 1,
                  view: "forward", step: 0, projector: false };
  const listeners = new Set();
  const model = { get: (name) => state[name], set: () => {}, save_changes: () => {},
                  on: (name, run) => listeners.add(run), off: (name, run) => listeners.delete(run) };
  const el = document.createElement("div");
  const outside = [window, document, document.body];
  outside.forEach((node) => (node.addEventListener = () => listeners.add(node)));
  const remove = widget.render({ model, el });
  outside.forEach((node) => delete node.addEventListener);
  const before = listeners.size;
  remove();
  return { before, after: listeners.size, left: el.childNodes.length };
}"""


@pytest.fixture(scope="module")
def book(server, browser):
    with browser.open(server, STEPPER, LARGE) as notebook:
        notebook.page.set_default_timeout(5000)
        notebook.run_all()
        notebook.page.locator('[data-widget="recurrent-stepper"]').nth(1).wait_for()
        yield notebook


@pytest.fixture
def cards(book):
    book.run(RESET)
    return book.page.locator('[data-widget="recurrent-stepper"]')


@pytest.fixture
def card(cards):
    cards.first.scroll_into_view_if_needed()
    return cards.first


def steps(card):
    """What a screen reader says of each step."""
    return card.locator("[role=option]").evaluate_all("steps => steps.map((step) => step.getAttribute('aria-label'))")


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text)]


def assert_screen_is_python(book, card, name="stepper"):
    x, hidden = (np.array(book.read(f"{name}.{what}")) for what in ("x", "hidden"))
    shown = [numbers(label) for label in steps(card)]
    np.testing.assert_allclose(shown, np.concatenate([x, hidden], axis=1), atol=0.0051)
    step = book.read(f"{name}.step")
    results = re.findall(r"[=≈] (-?\d\.\d\d)(?=h|$)", card.locator(".spelled").text_content())
    np.testing.assert_allclose(np.array(results, dtype=float), hidden[step], atol=0.0051)


def chosen(card):
    return card.locator('[role=option][aria-selected="true"]')


def test_walking_with_keys_buttons_and_pointer(book, card):
    options = card.locator("[role=option]")
    with book.keys_stay_inside(options.first):
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "b", "a", "x", "ArrowDown"):
            book.page.keyboard.press(key)
    assert chosen(card).get_attribute("aria-label").startswith("step 3:")
    assert chosen(card).evaluate("step => step === document.activeElement")
    book.read_until("stepper.step", 2)
    assert_screen_is_python(book, card)
    book.page.keyboard.press("End")
    on, back = (card.get_by_role("button", name=name) for name in ("on →", "← back"))
    assert on.is_disabled()
    back.click()
    book.read_until("stepper.step", 4)
    options.nth(1).click()
    book.read_until("stepper.step", 1)
    book.page.keyboard.press("Home")
    assert back.is_disabled()
    book.read_until("stepper.step", 0)
    assert_screen_is_python(book, card)


def test_every_step_shows_the_same_weights_drawn_once(card):
    names = card.locator(".unfolded .chip").all_text_contents()
    assert sorted(names) == ["Wh"] * 6 + ["Wx"] * 6
    assert card.locator(".unfolded .numbers.weight").count() == 2
    before = card.locator(".unfolded .numbers.weight").all_text_contents()
    card.get_by_role("button", name="on →").click()
    assert card.locator(".unfolded .numbers.weight").all_text_contents() == before
    assert before == ["0.60-0.800.700.60", "0.400.50-0.300.40"]


def test_the_slider_stretches_the_one_matrix(book, card):
    slider = card.get_by_role("slider", name="largest singular value")
    with book.keys_stay_inside(slider):
        for _ in range(3):
            slider.press("ArrowRight")
    book.read_until("stepper.largest", pytest.approx(1.15))  # 1.01 lies on no notch: the slider starts from 1
    shown = numbers(card.locator(".unfolded .numbers.weight").first.locator("text").evaluate_all(
        "texts => texts.map((text) => text.textContent).join(' ')"
    ))  # fmt: skip
    np.testing.assert_allclose(shown, np.array(book.read("stepper.W_h")).ravel(), atol=0.0051)
    assert_screen_is_python(book, card)
    card.get_by_role("button", name="reset").click()
    book.read_until("stepper.largest", pytest.approx(1.0105, abs=1e-3))


def test_the_gradient_on_screen_is_pythons(book, card):
    card.get_by_role("combobox", name="show").select_option("gradient")
    assert card.locator(".decay").is_visible()
    for largest in (0.1, 1.0, 1.6):
        book.run(f"stepper.largest = {largest}")
        card.locator(".spelled", has_text=f"largest singular value {largest:.2f}").wait_for()
        expected = np.array(book.read("stepper.gradient_norms"))
        shown = np.array([float(label.split()[-1]) for label in steps(card)])
        np.testing.assert_allclose(shown, expected, atol=0.0051)
        np.testing.assert_allclose(shown[expected < 0.01], expected[expected < 0.01], rtol=0.5)  # one digit is shown
        done = "Done" in card.locator(".done").text_content()
        assert done == (expected[0] >= expected[-1])
    assert done
    assert "spectral radius" in card.locator(".spelled").text_content()


def test_table_has_every_number(book, card):
    card.get_by_role("button", name="show as table").click()
    cells = card.locator("tbody tr").nth(2).locator("td").all_text_contents()
    hidden, norms = book.read("stepper.hidden[2]"), book.read("stepper.gradient_norms")
    assert cells[0] == "(0.00, 0.50)"
    assert cells[4] == "({:.2f}, {:.2f})".format(*hidden)
    assert cells[6] == f"{norms[2]:.2f}"
    card.get_by_role("button", name="show as table").click()


def test_saved_picture_has_the_layer_and_the_arithmetic(book, card, tmp_path):
    card.get_by_role("button", name="save", exact=True).click()
    with book.page.expect_download() as download:
        card.get_by_role("button", name="save as SVG").click()
    card.get_by_role("button", name="save", exact=True).click()
    download.value.save_as(tmp_path / "stepper.svg")
    texts = list(ElementTree.parse(tmp_path / "stepper.svg").getroot().itertext())
    assert {"h₀", "h₆", "x₁", "sum", "tanh →", "inside this cell"} <= set(texts)
    assert "Your turn" not in texts


@pytest.mark.parametrize("view", ["forward", "gradient"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_silent_and_every_mark_can_be_read(book, cards, theme, view):
    book.run(f"stepper.view = large.view = {view!r}")
    book.theme(theme)
    try:
        for i in range(2):
            assert book.axe(cards.nth(i)) == []
            ratios = cards.nth(i).evaluate(CONTRASTS)
            assert len(ratios) > 50
            assert min(ratios) >= 4.5
    finally:
        book.theme("light")
        book.run("large.view = 'forward'")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_of_a_narrow_card_and_the_chosen_step_is_in_sight(book, cards, width):
    book.run("stepper.projector = True")
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        for i, name in enumerate(("stepper", "large")):
            book.run(f"{name}.step = 0")
            book.run(f"{name}.step = len({name}.x) - 1")
            cards.nth(i).locator('[role=option]:last-child[aria-selected="true"]').wait_for()
            inside = "card => [card.scrollWidth, card.clientWidth, card.parentElement.clientWidth]"
            scroll, client, room = cards.nth(i).evaluate(inside)
            assert scroll <= client <= room
            step, scroller = chosen(cards.nth(i)).bounding_box(), cards.nth(i).locator(".scroller").bounding_box()
            assert scroller["x"] <= step["x"] + 6
            assert step["x"] + step["width"] <= scroller["x"] + scroller["width"] + 6
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


def test_every_quick_press_is_painted(book, cards, record_property):
    slider = cards.nth(1).get_by_role("slider", name="largest singular value")
    book.run("large.largest, large.view = 0.2, 'gradient'")
    cards.nth(1).locator(".spelled", has_text="largest singular value 0.20").wait_for()
    frames = book.press(slider, "ArrowRight", shown_in=cards.nth(1).locator(".picture"))
    record_property("milliseconds from press to paint", round(frames.quantile(0.5)))
    print(f"{frames.quantile(0.5):.0f} ms from press to paint, {frames.pictures} pictures")
    assert (frames.drawn, frames.unpainted) == (30, 0)
    book.read_until("large.largest", pytest.approx(1.7))


def test_a_view_removed_takes_its_listeners_along_and_the_rest_outlives_the_kernel(open_notebook):
    notebook = open_notebook(STEPPER)
    notebook.run_all()
    card = notebook.widget("recurrent-stepper")
    removed = notebook.page.evaluate(RENDERED_AND_REMOVED, joined("recurrent_stepper"))
    assert removed == {"before": 1, "after": 0, "left": 0}

    notebook.kill_kernel()
    before = steps(card)
    card.get_by_role("slider", name="largest singular value").press("End")
    assert steps(card) != before
    chosen(card).press("ArrowRight")
    assert chosen(card).get_attribute("aria-label").startswith("step 2:")
    card.get_by_role("button", name="reset").click()
    assert steps(card) == before

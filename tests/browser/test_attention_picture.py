"""What AttentionMatrix shows, and where: hostile words, narrow pages, themes, files, speed, other hosts."""

import xml.etree.ElementTree as ElementTree

import pytest

from helpers.widgets.base import joined

from .attention import CROSS, HOSTILE, LARGE, RESET, SIZES, SMALL, cell, expected_labels, labels, spelled

CONTRASTS = """card => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const fill = (node) => getComputedStyle(node).fill;
  const paper = getComputedStyle(card).backgroundColor;
  const cells = [...card.querySelectorAll(".cell")].filter((cell) => cell.querySelector("text")?.textContent);
  const isShown = (node) => node.getBoundingClientRect().width > 0;
  const labels = [...card.querySelectorAll("svg g[aria-hidden] text")].filter(isShown);
  return [...cells.map((cell) => contrast(fill(cell.querySelector("rect")), fill(cell.querySelector("text")))),
          ...labels.map((label) => contrast(fill(label), paper))];
}"""


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
def test_axe_is_silent_and_every_number_can_be_read(book, cards, theme):
    book.theme(theme)
    book.run('small.mask, small.beside = torch.ones(3, 3).tril().bool(), "none"')
    cards.first.get_by_role("button", name="show as table").click()
    cards.first.get_by_role("button", name="save", exact=True).click()
    for i in (0, 3, 6):
        assert book.axe(cards.nth(i)) == []
    for i in (0, 2, 3, 4):
        ratios = cards.nth(i).evaluate(CONTRASTS)
        assert len(ratios) > 3
        assert min(ratios) >= 4.5
    cards.first.get_by_role("button", name="show as table").click()
    cards.first.get_by_role("button", name="save", exact=True).click()
    book.theme("light")


@pytest.mark.parametrize("width", [700, 360])
def test_nothing_sticks_out_of_a_narrow_card(book, cards, width):
    book.run('small.beside, small.projector = "causal", True')
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        for i in range(7):
            inside = "card => [card.scrollWidth, card.clientWidth, card.parentElement.clientWidth]"
            scroll, client, room = cards.nth(i).evaluate(inside)
            assert scroll <= client <= room
    finally:
        book.page.set_viewport_size({"width": 1280, "height": 900})


def saved(book, card, form, folder):
    card.get_by_role("button", name="save", exact=True).click()
    with book.page.expect_download() as download:
        card.get_by_role("button", name=f"save as {form}").click()
    card.get_by_role("button", name="save", exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_saved_as_svg(book, cards, tmp_path):
    book.run("small.mask = torch.ones(3, 3).tril().bool()")
    path = saved(book, cards.first, "SVG", tmp_path)
    assert path.name == "attention-matrix.svg"
    tree = ElementTree.parse(path)
    tags = {node.tag.rpartition("}")[2] for node in tree.iter()}
    assert {"svg", "rect", "text", "pattern"} <= tags
    assert not tags & {"script", "foreignObject", "img"}
    assert not any(name.startswith("on") for node in tree.iter() for name in node.attrib)
    texts = list(tree.getroot().itertext())
    assert {"The", "big", "dog", "1.00"} <= set(texts)
    assert any("listens to" in text for text in texts)
    assert "var(" not in path.read_text(encoding="utf-8").replace(
        "fill: var", "", 2
    )  # the hatching keeps two, overruled
    hostile = ElementTree.parse(saved(book, cards.nth(2), "SVG", tmp_path))
    assert "<img src=x onerror=alert(1)>" in hostile.getroot().itertext()


@pytest.mark.parametrize("which", [0, 6])  # drawn as SVG, drawn on a canvas
def test_saved_as_png(book, cards, tmp_path, which):
    data = saved(book, cards.nth(which), "PNG", tmp_path).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    card, bar = cards.nth(which).bounding_box(), cards.nth(which).locator(".bar").bounding_box()
    assert width == pytest.approx(2 * card["width"], abs=2)
    assert height == pytest.approx(2 * (card["height"] - bar["height"]), abs=4)
    assert len(data) > 5000  # not an empty sheet


@pytest.mark.parametrize("n", SIZES)
def test_every_quick_press_is_painted(book, cards, n, record_property):
    card = cards.nth(4 + SIZES.index(n))
    slider = card.get_by_role("slider")
    for _ in range(3):  # on a busy machine two keys may arrive in one frame; a widget that waits would fail each time
        slider.press("Home")
        book.read_until(f"m{n}.temperature", lambda value: value == 0.1)
        frames = book.press(slider, "ArrowRight", shown_in=card.locator(".picture"))
        if frames.pictures == 30:
            break
    record_property("milliseconds from press to paint", round(frames.median))
    print(f"{n} words: {frames.median:.0f} ms from press to paint, {frames.pictures} pictures")
    assert (frames.pictures, frames.unpainted) == (30, 0)
    assert book.read_until(f"m{n}.temperature", lambda value: value > 3) == pytest.approx(3.1)


def test_the_large_matrix_is_walked_and_labelled_too(book, cards):
    cursor = cards.nth(6).get_by_role("gridcell")
    cursor.focus()
    with book.keys_stay_inside():
        cursor.press("Control+End")
        cursor.press("ArrowUp")
    value = book.read("m128.weights[126, 127]")
    assert cursor.get_attribute("aria-label") == f"w126 attends to w127: {value:.2f}"
    assert (cursor.get_attribute("aria-rowindex"), cursor.get_attribute("aria-colindex")) == ("127", "128")
    assert book.read_until("m128.focus", lambda focus: focus != [0, 0]) == [126, 127]


HOST = """async ([source, state]) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(address);
  const listeners = new Set();
  let saved = 0;
  const model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; listeners.forEach((run) => run()); },
    save_changes: () => (saved += 1),
    on: (event, run) => listeners.add(run),
    off: (event, run) => listeners.delete(run),
  };
  const el = document.createElement("div");
  document.body.append(el);
  const cleanUp = await widget.render({ model, el });
  const shown = el.querySelector(".spelled").textContent;
  const control = el.querySelectorAll("input")[1];
  control.click();
  const changed = el.querySelector(".spelled").textContent !== shown;
  const listening = listeners.size;
  cleanUp();
  el.remove();
  return { changed, listening, left: listeners.size, saved, drawn: el.childElementCount };
}"""
ONE_WORD = {"tokens": ["a"], "key_tokens": ["a"], "query": [[1, 2]], "key": [[1, 2]], "value": None, "allowed": None}
CONTROLS = {"temperature": 1, "scale": True, "show": "weights", "per_row": False, "beside": "nothing", "focus": [0, 0]}
STATES = {
    "attention_matrix": ONE_WORD | CONTROLS,
    "predict": {"question": "?", "options": ["a", "b"], "choice": None, "said": None, "truth": None, "why": ""},
}


@pytest.mark.parametrize("stem", STATES)
def test_any_host_with_get_set_on_off_will_do_and_nothing_is_left_listening(book, stem):
    ended = book.page.evaluate(HOST, [joined(stem), STATES[stem]])
    assert ended == {"changed": True, "listening": 1, "left": 0, "saved": 1, "drawn": 0}  # the last change is not lost

"""The web edition as its readers meet it: built once, opened from disk, with no network at all.

Building runs every notebook (build/executed keeps what has run before), so this file needs minutes in CI.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .attention import assert_signs_are_honest, spelled
from .notebook import AXE, HERE
from .web_numbers import CASES, state_of

ROOT = Path(__file__).parents[2]
PAGES = ["index", "search", *sorted(path.stem for path in (ROOT / "notebooks" / "source").glob("[0-9]*.py"))]
MOST_BYTES = 1_500_000
VISIT = "() => document.activeElement.dataset.visited === undefined && (document.activeElement.dataset.visited = 'yes')"
STOPS = "a[href], button, select, summary, input:not([type=radio]), [tabindex='0']"  # of radio buttons one is a stop
MISSED = f"""() => [...document.querySelectorAll("{STOPS}")]
  .filter((stop) => stop.checkVisibility() && !stop.disabled && !stop.dataset.visited).map((stop) => stop.outerHTML)"""

TINY = """() => [...document.querySelectorAll("main .output img")]
  .filter((img) => img.checkVisibility())
  .filter((img) => img.getBoundingClientRect().width < Math.min(280, 0.69 * img.getAttribute("width")))
  .map((img) => img.getAttribute("src"))"""
TINY_WORDS = """() => [...document.querySelectorAll(".course-widget svg text")].filter((text) => text.checkVisibility())
  .filter((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a < 9)
  .map((text) => `${text.closest(".course-widget").dataset.widget}: ${text.textContent}`)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder, built as `course.py site` builds it."""
    out = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "web.build", "--out", out], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return out


@pytest.fixture
def context(browser):
    """A browser without a network that wants no motion, and that remembers no theme of another test."""
    context = browser.context(offline=True, reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    context.add_init_script(path=HERE / "every.js")
    yield context
    context.close()


@pytest.fixture
def open_page(site, context):
    """A function that opens a page from disk; in the end nothing was asked of another host, and no error reported."""
    opened = []

    def open_page(name, query=""):
        page = context.new_page()
        page.set_default_timeout(15_000)
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: message.type in ("error", "warning") and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append((page, asked, errors))
        page.goto((site / f"{name}.html").as_uri() + query)
        return page

    yield open_page
    for page, asked, errors in opened:
        page.close()
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert errors == []


def theme(page, name):
    if page.evaluate("document.documentElement.dataset.theme") != name:
        page.get_by_role("button", name=name.capitalize(), exact=True).click()
    assert page.evaluate("document.documentElement.dataset.theme") == name


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")


def axe(page, rules=None):
    """What the accessibility checker finds; given to the browser by its driver, which no policy of the page stops."""
    if not AXE.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core is missing: run `npm ci` in tests/")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{one['id']}: {one['help']} in {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_both_themes_and_fits_a_phone(open_page, name):
    page = open_page(name)
    assert page.locator("h1").count() == 1
    silent = "img:not([alt]), img[alt='']:not(.parts img), .parts:not([aria-label*=' '])"  # of parts, the whole speaks
    assert page.locator(silent).count() == 0
    assert page.locator(".widget > p").count() == 0  # every place has its widget
    unfold(page)
    theme(page, "light")
    assert axe(page) == []
    assert page.locator("main img:not(.on-light)").filter(visible=True).count() == 0
    theme(page, "dark")
    assert page.locator("main img:not(.on-dark)").filter(visible=True).count() == 0
    assert axe(page, ["color-contrast", "link-in-text-block"]) == []  # the rest does not know of themes
    for width in (640, 360):  # 1280 pixels at 200%; a phone
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(TINY) == []
    assert page.evaluate(TINY_WORDS) == []


def test_pages_are_light_before_their_pictures(site):
    weights = {path.name: path.stat().st_size for path in site.glob("*.html")}
    assert {name: weight for name, weight in weights.items() if weight > MOST_BYTES} == {}


@pytest.mark.parametrize("name", CASES)
def test_a_widget_moves_by_key_and_by_pointer_and_its_numbers_are_pythons(open_page, name):
    case = CASES[name]
    page = open_page(case.page)
    unfold(page)
    card = page.locator(f'[data-widget="{name}"]').first
    card.scroll_into_view_if_needed()
    state = state_of(page, card)
    case.agrees(card, state)
    for act in (case.key, case.point):
        act(card)
        before, state = state, state_of(page, card)
        assert {k: v for k, v in state.items() if repr(v) != repr(before[k])}, "nothing has changed"
        case.agrees(card, state)


def test_a_new_sentence_needs_the_notebook_and_prepared_ones_are_read(open_page):
    page = open_page("05_attention")
    card = page.locator('[data-widget="heads-view"]')
    assert "open the notebook" in page.locator(".cell .remark").text_content()
    assert card.get_by_role("textbox").count() == card.get_by_role("button", name="read", exact=True).count() == 0
    card.get_by_role("combobox", name="sentence").select_option("Time flies like an arrow")
    assert card.locator("[data-word='query 1']").get_attribute("aria-label").startswith("time gives ")
    CASES["heads-view"].agrees(card, state_of(page, card))


def test_the_chosen_head_has_a_frame_that_is_seen(open_page):
    page = open_page("05_attention")
    for name in ("light", "dark"):
        theme(page, name)
        # between two lines of paper, so that it is not taken for a part of the maps
        frame, paper = page.locator('.thumbnail[aria-selected="true"]').evaluate("""chosen => {
          const { outlineColor, boxShadow } = getComputedStyle(chosen);
          return [outlineColor, boxShadow].map((colour) => colour.match(/rgb[^)]*/)[0].match(/\\d+/g).map(Number));
        }""")
        assert abs(sum(frame) - sum(paper)) > 500


def test_what_is_not_ticked_is_empty(open_page):
    page = open_page("05_attention")
    for name in ("light", "dark"):
        theme(page, name)
        filled = page.locator(".course-widget :is([type=checkbox], [type=radio]):not(:checked)").evaluate_all("""
          boxes => boxes.map((box) => [box, box.closest(".course-widget")])
            .map((both) => both.map((node) => getComputedStyle(node).backgroundColor))
            .filter(([box, paper]) => box !== paper)""")
        assert filled == []


def test_letters_of_a_sentence_fit_a_phone(open_page):
    page = open_page("08_transformer_types")
    page.set_viewport_size({"width": 360, "height": 800})
    wide = page.locator('[data-widget="attention-matrix"] .scroller').evaluate_all(
        "boxes => boxes.filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth).length"
    )
    assert wide == 0


def test_products_that_are_spelled_out_add_up_or_say_that_they_are_rounded(open_page):
    page = open_page("07_transformer_block")
    card = page.locator('[data-widget="attention-matrix"]').first
    lines = set()
    for cell in card.get_by_role("grid").nth(0).locator(".cell").all():
        cell.hover()
        lines.add(spelled(card))
    lines = [line for line in lines if "the mask hides" not in line]
    assert len(lines) == 10  # a causal mask of four words
    for line in lines:
        assert_signs_are_honest(line)
    assert any("≈" in line for line in lines)


def test_a_label_that_had_to_go_far_is_tied_to_its_dot(open_page):
    page = open_page("04_word_vectors")
    card = page.locator('[data-widget="word-map"]').nth(1)
    assert card.locator(".leader").count() == 0
    for name, word in {"a": "france", "b": "paris", "c": "japan"}.items():
        box = card.get_by_label(name, exact=True)
        box.fill(word)
        box.press("Enter")
    assert 0 < card.locator(".leader").count() < 4


def test_two_slicers_of_a_page_set_two_tasks_and_show_where_they_cut(open_page):
    page = open_page("09_vision_transformer")
    tasks = page.locator('[data-widget="patch-slicer"] .turn').all_text_contents()
    assert len(set(tasks)) == len(tasks) == 2
    cuts = page.locator('[data-widget="patch-slicer"] .cut').evaluate_all(
        "cuts => cuts.map((cut) => [getComputedStyle(cut).stroke, getComputedStyle(cut).fill])"
    )
    assert len(cuts) == 8  # on the image and on what a model is told, a light line over a dark one
    assert {tuple(cut) for cut in cuts} == {("rgb(255, 255, 255)", "none"), ("rgb(0, 0, 0)", "none")}


def test_a_word_that_the_page_does_not_carry_is_refused_with_a_sentence(open_page):
    page = open_page("04_word_vectors")
    card = page.locator('[data-widget="word-map"]').first
    box = card.get_by_label("word", exact=True)
    box.fill("locomotive")
    box.press("Enter")
    assert "is not among the" in card.locator("[role=alert]").text_content()
    assert "The notebook has all" in page.locator(".cell .remark").first.text_content()
    card.locator("select").select_option("analogy")
    assert card.locator(".heading").first.text_content().startswith("nearest to ")


def test_a_prediction_is_committed_by_keys_and_then_the_outputs_unfold(open_page):
    page = open_page("05_attention")
    card = page.locator('[data-widget="predict"]').first
    fold = page.locator("details.fold").first
    assert not fold.evaluate("fold => fold.open")
    assert card.get_by_text("what the code says").count() == 0
    card.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    assert card.locator(".spelled").text_content().startswith("You say on top of dog")
    page.keyboard.press("Tab")  # the projector button
    button = page.get_by_role("button", name="Compare with the code").first
    button.press("Enter")
    assert card.locator(".option[data-mark='✗']").text_content() == "on top of dog✗ what you said"
    assert card.locator(".option[data-mark='✓']").text_content() == "halfway between big and dog✓ what the code says"
    assert fold.evaluate("fold => fold.open")
    assert fold.locator("img.on-light").is_visible()
    again = page.get_by_role("button", name="Fold the outputs")
    assert again.evaluate("button => button === document.activeElement")
    again.press("Enter")
    assert not fold.evaluate("fold => fold.open")


def test_unfolding_by_hand_counts_as_comparing(open_page):
    page = open_page("05_attention")
    page.locator("details.fold > summary").first.click()
    card = page.locator('[data-widget="predict"]').first
    card.locator(".spelled", has_text="nothing was predicted").wait_for()


def test_the_quiz_answers_without_python(open_page):
    page = open_page("00_start")
    card = page.locator('[data-widget="predict"]').last
    card.get_by_role("radio").nth(3).click()
    page.get_by_role("button", name="Compare with the code").last.click()
    assert card.locator(".option[data-mark='✓']").text_content() == "16 times as many✓ the code agrees with you"
    assert page.get_by_role("button", name="Compare with the code").count() == 9


def test_searching_leads_to_the_passage(open_page):
    page = open_page("index")
    page.get_by_role("searchbox").fill("softmax weights")
    page.get_by_role("searchbox").press("Enter")
    page.locator(".results li").first.wait_for()
    assert re.match(r"\d+ places? for “softmax weights”", page.get_by_role("status").text_content())
    assert page.locator(".results mark").first.text_content().lower() in ("softmax", "weights")
    index = page.locator("#index").text_content()
    for excerpt in page.locator(".results p").all_text_contents():  # ends with a whole word
        assert not excerpt.endswith(" …") or f" {excerpt.split()[-2]} " in index
    page.locator(".results a").first.click()
    page.wait_for_url(re.compile(r"/\d\d_\w+\.html#.+"))
    assert page.evaluate("document.getElementById(decodeURIComponent(location.hash.slice(1))) !== null")


def test_the_theme_follows_the_system_until_the_reader_chooses(open_page):
    page = open_page("index")
    shown = "document.documentElement.dataset.theme"
    for system in ("dark", "light", "dark"):
        page.emulate_media(color_scheme=system)
        page.locator(f"html[data-theme='{system}']").wait_for()
    button = page.locator("button.theme")
    assert button.text_content() == "Light"  # what it does
    button.press("Enter")
    assert page.evaluate(shown) == "light"
    assert button.text_content() == "Dark"
    assert page.evaluate("localStorage.getItem('theme')") == "light"  # kept for all pages
    page.reload()
    assert page.evaluate(shown) == "light"
    button.press("Enter")
    assert page.evaluate("localStorage.getItem('theme')") is None  # again as the system says
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(shown) == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(shown) == "dark"


def test_the_tab_key_goes_through_a_whole_page_and_is_always_seen(open_page):
    page = open_page("05_attention")
    page.locator("body").press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    while page.evaluate("document.activeElement !== document.body"):
        assert page.evaluate(VISIT), "the Tab key goes round in circles"
        outlined = page.evaluate("""() => {
          const here = document.activeElement;
          const { outlineStyle } = getComputedStyle(here);
          const rings = here.querySelectorAll("rect, circle, path");
          return outlineStyle !== "none" || [...rings].some((ring) => getComputedStyle(ring).stroke !== "none");
        }""")
        assert outlined, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        page.keyboard.press("Tab")
    assert page.evaluate(MISSED) == []


def test_what_is_smuggled_into_a_page_does_not_run(site, context, tmp_path):
    text = (site / "00_start.html").read_text(encoding="utf-8")
    smuggled = (
        "<script>window.hacked = 1</script><img src='x' onerror='window.hacked = 1'><style>h1 { color: red }</style>"
        "<p style='color: red' onclick='window.hacked = 1' class='bait'>x</p><iframe src='index.html'></iframe>"
        "<script src='https://example.org/x.js'></script><a class='link' href='javascript:window.hacked = 1'>y</a>"
    )
    path = tmp_path / "smuggled.html"
    path.write_text(text.replace("<h1", smuggled + "<h1", 1), encoding="utf-8")
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(path.as_uri())
    page.locator('[data-widget="predict"]').first.wait_for()  # what belongs to the page runs
    page.locator(".bait").click()
    page.locator(".link").click()
    assert page.evaluate("window.hacked") is None
    assert "255, 0, 0" not in page.locator("h1").evaluate("h1 => getComputedStyle(h1).color")
    assert "255, 0, 0" not in page.locator(".bait").evaluate("bait => getComputedStyle(bait).color")
    assert sum("Content Security Policy" in error for error in errors) >= 6
    page.close()


def test_printed_the_outputs_are_there_and_the_controls_are_not(open_page):
    page = open_page("05_attention")
    page.emulate_media(media="print")
    assert page.locator("details.fold img").first.is_visible()
    for hidden in (".top", ".contents", ".neighbours", ".compare"):
        assert not page.locator(hidden).first.is_visible()


def test_printed_on_a4_no_widget_is_cut(open_page):
    page = open_page("02_rnn_unfolding")
    page.set_viewport_size({"width": 680, "height": 1000})  # 180 mm
    page.emulate_media(media="print")
    assert page.evaluate("""() => [...document.querySelectorAll(".course-widget .scroller")]
      .every((box) => box.scrollWidth <= box.clientWidth)""")

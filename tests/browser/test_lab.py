"""The harness itself: each of its promises, on a widget small enough to see through."""

import pytest

COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button");
      const draw = () => { button.textContent = `pressed ${model.get("count")} times`; };
      button.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
      button.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowRight") return;
        model.set("count", model.get("count") + 1);
        model.save_changes();
      });
      model.on("change:count", draw);
      draw();
      el.dataset.widget = "counter";
      el.append(button);
    } };
    """
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter
'''
LAZY = COUNTER.replace('"change:count", draw', '"change:count", () => setTimeout(draw, 60)')  # draws when it has rested
DEAF = COUNTER.replace('"data-lm-suppress-shortcuts"', '"data-nothing"')  # forgets to keep its keys to itself
SLIDER = "import ipywidgets; slider = ipywidgets.IntSlider(3, description='steps'); slider"


@pytest.fixture
def counter(open_notebook):
    notebook = open_notebook(COUNTER)
    notebook.run_all()
    return notebook


def test_python_reads_back_what_the_browser_did(counter):
    counter.widget("counter").get_by_role("button").press("ArrowRight")
    counter.read_until("counter.count", 1)


def test_browser_shows_what_python_did(counter):
    counter.run("counter.count = 7")
    counter.widget("counter").get_by_text("pressed 7 times").wait_for()


def test_helpers_can_be_imported_and_arrays_come_back(open_notebook):
    notebook = open_notebook("import helpers.shapes, numpy as np")
    notebook.run_all()
    assert notebook.read("np.eye(2)") == [[1, 0], [0, 1]]


def test_standard_slider_is_drawn(open_notebook):
    notebook = open_notebook(SLIDER)
    notebook.run_all()
    notebook.page.get_by_role("slider").press("ArrowRight")
    notebook.read_until("slider.value", 4)


def test_failing_cell_is_reported(open_notebook):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        open_notebook("1 / 0").run_all()


def test_failing_question_is_reported(counter):
    with pytest.raises(RuntimeError, match="NameError"):
        counter.read("nobody")


def test_theme_turns_dark_and_light_again(counter):
    background = "getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor"
    light = counter.page.evaluate(background)
    counter.theme("dark")
    assert counter.page.evaluate(background) != light
    counter.theme("light")
    assert counter.page.evaluate(background) == light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_tells_good_from_bad(counter, theme):
    counter.theme(theme)
    widget = counter.widget("counter")
    assert counter.axe(widget) == []
    widget.evaluate("element => element.append(document.createElement('input'))")
    assert "label" in counter.axe(widget)[0]


def test_requests_to_other_machines_are_noticed_and_go_nowhere(browser, server):
    # A browser takes spy.localhost for this machine, where the server would answer: only our flags refuse it.
    spy = server.url.replace("127.0.0.1", "spy.localhost") + "/"
    asking = "url => fetch(url, { mode: 'no-cors' }).then(() => 'answered', () => 'refused')"
    with pytest.raises(AssertionError, match=r"other machines.*spy"), browser.open(server) as notebook:
        answer = notebook.page.evaluate(asking, spy)
    assert answer == "refused"


def test_errors_in_the_console_are_noticed(browser, server):
    with pytest.raises(AssertionError, match="oh no"), browser.open(server) as notebook:
        notebook.page.evaluate("console.error('oh no')")


def test_widget_lives_without_its_kernel(counter):
    counter.kill_kernel()
    assert counter.server.api("GET", "kernels") == []
    counter.widget("counter").get_by_role("button").press("ArrowRight")
    counter.widget("counter").get_by_text("pressed 1 times").wait_for()


@pytest.mark.parametrize("key", ["b", "m", "ArrowUp", "ArrowDown"])  # insert, turn into text, leave
def test_keys_that_leak_are_noticed(open_notebook, key):
    notebook = open_notebook("0", DEAF)
    notebook.run_all()
    button = notebook.widget("counter").get_by_role("button")
    with pytest.raises(AssertionError, match="leaked"), notebook.keys_stay_inside(button):
        button.press(key)


def test_keys_that_stay_inside_are_welcome(open_notebook):
    notebook = open_notebook(COUNTER, "0")
    notebook.run_all()
    button = notebook.widget("counter").get_by_role("button")
    with notebook.keys_stay_inside(button):
        for key in ("b", "m", "ArrowUp", "ArrowDown", "Enter"):
            button.press(key)


def test_every_quick_press_is_drawn_and_painted(counter):
    widget = counter.widget("counter")
    frames = counter.press(widget.get_by_role("button"), "ArrowRight", shown_in=widget)
    assert (frames.drawn, len(frames.paints), frames.unpainted) == (30, 30, 0)
    one = counter.press(widget.get_by_role("button"), "ArrowRight", shown_in=widget, times=3, every=None)
    assert (one.pictures, one.unpainted) == (3, 0)  # each has a frame of its own when it is waited for


def test_widget_that_draws_late_is_noticed(open_notebook):
    notebook = open_notebook(LAZY)
    notebook.run_all()
    widget = notebook.widget("counter")
    assert notebook.press(widget.get_by_role("button"), "ArrowRight", shown_in=widget).drawn < 30


def test_press_that_changes_nothing_is_noticed(counter):
    widget = counter.widget("counter")
    frames = counter.press(widget.get_by_role("button"), "ArrowLeft", shown_in=widget, times=2)
    assert (frames.drawn, frames.pictures, frames.unpainted) == (0, 0, 2)

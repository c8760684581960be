"""One notebook open in the browser: what a learner can do with it, and what a test wants to know about it."""

import ast
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
AXE = HERE.parent / "node_modules" / "axe-core" / "axe.min.js"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
LOCAL_HOSTS = {"127.0.0.1", "localhost", None}  # None: blob: and data: have no host


@dataclass
class Frames:
    """What was painted while a test pressed keys."""

    paints: list  # per key press, milliseconds until the frame that shows its effect was painted
    pictures: int  # how many different pictures of the element were painted
    frames: int  # how many frames the browser made meanwhile
    unpainted: int  # key presses that changed nothing

    @property
    def median(self):
        """Milliseconds from a key press to its painted frame, in the median."""
        return sorted(self.paints)[len(self.paints) // 2]


class Notebook:
    """A notebook in JupyterLab; made by `Browser.open`.

    page: the Playwright page, for everything this class has no word for.
    requests: every address the page asked for; `left_machine` are those of other hosts (none was answered).
    errors: what the browser's console reported as an error, and exceptions nobody caught.
    """

    def __init__(self, page, server, name):
        self.page, self.server, self.name = page, server, name
        self.requests, self.errors = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)
        page.add_init_script(path=HERE / "page.js")
        workspace = name.removesuffix(".ipynb")  # a dot in a workspace's name would hang the address
        page.goto(f"{server.url}/lab/workspaces/{workspace}/tree/{name}?token={server.token}")
        page.wait_for_function("window.jupyterapp !== undefined")
        page.evaluate("courseDriver.ready()")

    def _note(self, message):
        # A new workspace has not been saved yet, and JupyterLab asks for it all the same.
        if message.type == "error" and "/api/workspaces/" not in message.location.get("url", ""):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    @property
    def left_machine(self):
        """The addresses on other machines that the page asked for."""
        return [url for url in self.requests if urlsplit(url).hostname not in LOCAL_HOSTS]

    # --- running and asking Python

    def run_all(self):
        """Run all cells and wait for the last; raises AssertionError when one ends in an error."""
        failed = self.page.evaluate("courseDriver.runAll()")
        assert not failed, failed

    def run(self, code):
        """Run code in the notebook's kernel, beside its cells; raises RuntimeError with the kernel's error."""
        self._ask(code, "None")

    def read(self, expression):
        """Evaluate a Python expression in the notebook's kernel: numbers, text, lists, arrays and tensors come back."""
        dumps = f"__import__('json').dumps({expression}, default=lambda array: array.tolist())"
        return json.loads(ast.literal_eval(self._ask("", dumps)))

    def read_until(self, expression, accept, seconds=5):
        """Read until `accept(value)` is true (widgets tell Python a little later) and return the value."""
        deadline = time.monotonic() + seconds
        while not accept(value := self.read(expression)):
            assert time.monotonic() < deadline, f"{expression} stayed {value!r} for {seconds} s"
            self.page.wait_for_timeout(50)
        return value

    def _ask(self, code, expression):
        answer = self.page.evaluate("([code, expression]) => courseDriver.ask(code, expression)", [code, expression])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["repr"]

    def kill_kernel(self):
        """End the kernel for good, as the Running panel does, and wait until JupyterLab has noticed."""
        session = next(one for one in self.server.api("GET", "sessions") if one["path"] == self.name)
        self.server.api("DELETE", f"kernels/{session['kernel']['id']}")
        self.page.wait_for_function(
            "(courseDriver.panel().sessionContext.session?.kernel?.status ?? 'dead') === 'dead'"
        )

    # --- looking

    def widget(self, name):
        """The locator of the first widget of that name (`data-widget`), once it is drawn and in view."""
        widget = self.page.locator(f'[data-widget="{name}"]').first
        widget.wait_for(state="visible", timeout=15_000)
        widget.scroll_into_view_if_needed()
        return widget

    def theme(self, name):
        """Switch JupyterLab to "light" or "dark"."""
        change = "name => jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
        self.page.evaluate(change, THEMES[name])
        self.page.locator(f'body[data-jp-theme-name="{THEMES[name]}"]').wait_for(state="attached")
        self.page.wait_for_timeout(300)  # the style sheet of the theme arrives after its name

    def axe(self, locator):
        """What the accessibility checker finds wrong inside an element: a list of sentences, empty when all is well."""
        if not AXE.exists():
            raise FileNotFoundError("axe-core is missing: run `npm ci` in tests/")
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        found = locator.evaluate("element => axe.run(element, { resultTypes: ['violations'] })")["violations"]
        return [f"{one['id']}: {one['help']} in {node['html']}" for one in found for node in one["nodes"]]

    # --- keys

    @contextmanager
    def keys_stay_inside(self):
        """Whatever is pressed in this block must not reach JupyterLab: same cells, same mode, same active cell."""
        before = self.page.evaluate("courseDriver.state()")
        yield
        after = self.page.evaluate("courseDriver.state()")
        assert after == before, f"keys leaked into JupyterLab: {before} became {after}"

    def press(self, control, key, shown_in, times=30, every=33):
        """Focus a control and press a key quickly; returns the Frames in which the effect was painted.

        Args:
            control: the locator the keys go to.
            shown_in: the locator of the element whose picture changes; controls may be inside it.
            key: Playwright's name of the key, such as "ArrowRight".
            times: how many presses.
            every: milliseconds between two presses (33: a held key repeats about 30 times a second).
        """
        control.focus()
        shown_in.evaluate("element => courseDriver.watch(element)")
        start = time.monotonic()
        for i in range(times):
            self.page.wait_for_timeout(max(0, start + i * every / 1000 - time.monotonic()) * 1000)
            self.page.keyboard.press(key)
        self.page.wait_for_timeout(200)
        return Frames(**self.page.evaluate("courseWatch.stop()"))

    def close(self):
        """Close the page and end the kernel."""
        self.page.close()
        for session in self.server.api("GET", "sessions"):
            if session["path"] == self.name:
                self.server.api("DELETE", f"sessions/{session['id']}")

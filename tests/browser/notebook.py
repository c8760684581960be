"""One notebook open in the browser: what a learner can do with it, and what a test wants to know about it."""

import ast
import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

HERE = Path(__file__).parent
AXE = HERE.parent / "node_modules" / "axe-core" / "axe.min.js"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
NOISE = ["/api/workspaces/"]  # a new workspace is asked for before it was ever saved
NOISE_WITHOUT_KERNEL = ["Canceled future for", "Could not send widget sync message"]
LOCAL_HOSTS = {"127.0.0.1", "localhost", None}  # None: blob: and data: have no host


@dataclass
class Frames:
    """What was drawn and painted while a test pressed keys."""

    paints: list  # per key press, milliseconds until the frame that shows its effect was painted
    drawn: (
        int  # how many presses had changed the picture by the time the key came up: all, in a widget that never waits
    )
    pictures: int  # how many different pictures were painted; fewer where the machine had no time for a frame a press
    unpainted: int  # presses whose effect no frame has shown

    def quantile(self, share):
        """Milliseconds from a key press to its painted frame: 0.5 gives the median."""
        return sorted(self.paints)[min(len(self.paints) - 1, int(share * len(self.paints)))]


class Notebook:
    """A notebook in JupyterLab; made by `Browser.open`.

    page: the Playwright page, for everything this class has no word for.
    requests: every address the page asked for; `left_machine` are those of other hosts (none was answered).
    errors: what the browser's console reported as an error, and exceptions nobody caught.
    """

    def __init__(self, page, server, name, idle_pages):
        self.page, self.server, self.name = page, server, name
        self.requests, self.errors = [], []
        self._noise = [*NOISE]
        self._idle_pages = idle_pages  # where the page goes when this notebook is closed
        self._listeners = {
            "request": lambda request: self.requests.append(request.url),
            "websocket": lambda socket: self.requests.append(socket.url),
            "pageerror": lambda error: self.errors.append(str(error)),
            "console": self._note,
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)
        page.bring_to_front()  # a page in the background paints no frames
        if page.url == "about:blank":
            # The name of the workspace must not contain a dot, or JupyterLab hangs.
            address = f"{server.url}/lab/workspaces/{name.removesuffix('.ipynb')}?token={server.token}"
            page.goto(address, timeout=120_000)  # a busy machine takes its time
            page.wait_for_function("window.jupyterapp !== undefined")
        page.evaluate("name => courseDriver.open(name)", name)
        self.theme("light")

    def _note(self, message):
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(noise in text for noise in self._noise):
            self.errors.append(text)

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
        """Run code in the notebook's kernel, beside its cells; raises RuntimeError with the kernel's error.

        Widgets tell Python 150 ms after the last key: what a key has set comes first, and is not set over this.
        """
        self.page.wait_for_timeout(200)
        self._ask(code, "None")

    def read(self, expression):
        """Evaluate a Python expression in the notebook's kernel: numbers, text, lists, arrays and tensors come back."""
        dumps = f"__import__('json').dumps({expression}, default=lambda array: array.tolist())"
        return json.loads(ast.literal_eval(self._ask("", dumps)))

    def read_until(self, expression, accept, seconds=5):
        """Read until the value is the expected one, or `accept(value)` is true, and return it.

        Widgets tell Python a little later, and of several key presses perhaps in several steps: wait for the last.
        """
        accepted = accept if callable(accept) else lambda value: value == accept
        deadline = time.monotonic() + seconds
        while not accepted(value := self.read(expression)):
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
        self._noise += NOISE_WITHOUT_KERNEL
        for session in self.server.api("GET", "sessions"):
            if session["path"] == self.name:
                self.server.api("DELETE", f"sessions/{session['id']}")
        self.page.evaluate("courseDriver.kernelIsGone()")

    # --- looking

    def widget(self, name):
        """The locator of the first widget of that name (`data-widget`), once it is drawn and in view."""
        widget = self.page.locator(f'[data-widget="{name}"]').first
        widget.wait_for(state="visible", timeout=15_000)
        widget.scroll_into_view_if_needed()
        return widget

    def theme(self, name):
        """Switch JupyterLab to "light" or "dark"."""
        self.page.evaluate("name => courseDriver.theme(name)", THEMES[name])

    def axe(self, locator):
        """What the accessibility checker finds wrong inside an element: a list of sentences, empty when all is well."""
        if not AXE.exists():
            (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core is missing: run `npm ci` in tests/")
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        found = locator.evaluate("element => axe.run(element, { resultTypes: ['violations'] })")["violations"]
        return [f"{one['id']}: {one['help']} in {node['html']}" for one in found for node in one["nodes"]]

    # --- keys

    @contextmanager
    def keys_stay_inside(self, control=None):
        """Whatever is pressed in this block must not reach JupyterLab: same cells, same mode, same place.

        The control is focused first, which makes its cell the active one; leave it out when it has the focus already.
        """
        if control is not None:
            control.focus()
        before = self.page.evaluate("courseDriver.state()")
        yield
        deadline = time.monotonic() + 2  # where Python answers with another button, the focus arrives a little later
        while (after := self.page.evaluate("courseDriver.state()")) != before and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
        assert after == before, f"keys leaked into JupyterLab: {before} became {after}"

    def press(self, control, key, shown_in, times=30, every=33):
        """Focus a control and press a key quickly; returns the Frames in which the effect was painted.

        Args:
            control: the locator the keys go to.
            shown_in: the locator of the element whose picture changes; controls may be inside it.
            key: Playwright's name of the key, such as "ArrowRight".
            times: how many presses.
            every: milliseconds between two presses (a held key repeats 30 times a second); None waits for each picture.
        """
        control.focus()
        shown_in.evaluate("element => courseDriver.watch(element)")
        for _ in range(times):
            self.page.keyboard.press(key)
            if every is None:
                self.page.evaluate("courseWatch.answered()")
            else:
                self.page.wait_for_timeout(every)
        return Frames(**self.page.evaluate("courseWatch.stop()"))

    def close(self):
        """Close the notebook and end its kernel; raises AssertionError if it was not silent.

        Silent: no request left the machine, no error was reported in the console.
        """
        self.kill_kernel()
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
        self.page.evaluate("courseDriver.close()")
        if self.errors or self.page.locator(".jp-Dialog").count():
            self.page.close()  # whatever is wrong with it, the next notebook shall not inherit it
        else:
            self._idle_pages.append(self.page)
        assert not self.left_machine, f"asked for on other machines: {self.left_machine}"
        assert not self.errors, f"errors in the browser's console: {self.errors}"

    def __enter__(self):
        """Return the open notebook."""
        return self

    def __exit__(self, *error):
        """Close it."""
        self.close()

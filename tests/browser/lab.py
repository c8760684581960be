"""A real JupyterLab and a real Chromium, driven from Python.

    with Server(folder) as server, Browser() as browser:
        notebook = browser.open(server, "from helpers.widgets import ...", "matrix = AttentionMatrix(...); matrix")
        notebook.run_all()
        widget = notebook.widget("attention-matrix")       # a Playwright locator
        widget.get_by_role("slider").press("ArrowRight")   # a real key
        notebook.read("matrix.temperature")                # asked of the same kernel

The server has its own home, configuration, data, runtime and workspace folders and the browser its own profile, so
nothing of the person who runs the tests is read or changed, and neither can reach any other machine.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import Request, urlopen

import nbformat
from playwright.sync_api import sync_playwright

from .notebook import HERE, THEMES, Notebook

REPO = Path(__file__).parents[2]
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "apputils-extension/themes": {"theme": THEMES["light"], "adaptive-theme": False},
    "docmanager-extension/plugin": {"autosave": False},
    # Every cell is in the page, in view or not, and the page ends where the last cell ends.
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
}
DEBIAN_CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # no other host exists
    "--no-proxy-server",  # a proxy would resolve names in its place
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers give /dev/shm too little memory
    "--disable-sync",
    "--no-first-run",
]


class Server:
    """A JupyterLab server of its own, on a free port; `notebooks` is the folder it shows."""

    def __init__(self, folder, seconds=60):
        self.folder = Path(folder)
        self.notebooks = self._make("notebooks")
        self.token = secrets.token_hex(16)
        self._log = (self.folder / "server.log").open("w")
        self._process = subprocess.Popen(
            self._command(), env=self._environment(), cwd=self.notebooks, stdout=self._log, stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the tests, which then end the server themselves
        )  # fmt: skip
        try:
            self.url = self._wait_until_up(seconds)
        except BaseException:
            self.close()
            raise

    def _make(self, *parts):
        path = self.folder.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _command(self):
        return [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
            f"--ServerApp.root_dir={self.notebooks}", f"--IdentityProvider.token={self.token}",
            "--LabApp.extension_manager=readonly",  # the usual one asks PyPI for extensions
            "--LabApp.expose_app_in_browser=True",  # window.jupyterapp: commands without guessing at menus
            # Should the tests be killed before they can end the server, it ends itself.
            "--MappingKernelManager.cull_idle_timeout=900", "--ServerApp.shutdown_no_activity_timeout=900",
        ]  # fmt: skip

    def _environment(self):
        settings = self._make("settings")
        for plugin, values in SETTINGS.items():
            path = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        page_config = self._make("config", "labconfig") / "page_config.json"
        page_config.write_text(json.dumps({"buildCheck": False, "buildAvailable": False}))
        own = {
            "HOME": self._make("home"),
            "JUPYTER_CONFIG_DIR": self._make("config"),
            "JUPYTER_DATA_DIR": self._make("data"),
            "JUPYTER_RUNTIME_DIR": self._make("runtime"),
            "JUPYTERLAB_SETTINGS_DIR": settings,
            "JUPYTERLAB_WORKSPACES_DIR": self._make("workspaces"),
        }
        paths = [str(REPO), *filter(None, [os.environ.get("PYTHONPATH")])]
        return os.environ | {name: str(path) for name, path in own.items()} | {"PYTHONPATH": os.pathsep.join(paths)}

    def _wait_until_up(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            for path in (self.folder / "runtime").glob("jpserver-*.json"):
                with suppress(OSError, ValueError):  # half written, or not yet listening
                    port = json.loads(path.read_text())["port"]
                    self.url = f"http://127.0.0.1:{port}"
                    self.api("GET", "status")
                    return self.url
            time.sleep(0.05)
        raise RuntimeError(f"JupyterLab did not start:\n{(self.folder / 'server.log').read_text()[-2000:]}")

    def api(self, method, path):
        """Ask the server's REST interface; returns the decoded answer, or None where there is none."""
        request = Request(f"{self.url}/api/{path}", method=method, headers={"Authorization": f"token {self.token}"})
        with urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def close(self):
        """End the server and every kernel it started."""
        with suppress(OSError):
            for kernel in self.api("GET", "kernels") if hasattr(self, "url") else []:
                self.api("DELETE", f"kernels/{kernel['id']}")
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self):
        """Return the running server."""
        return self

    def __exit__(self, *error):
        """End it, whatever happened."""
        self.close()


class Browser:
    """Chromium without a window: $CHROMIUM, else Debian's, else Playwright's own.

    Pages are used again for the next notebook once theirs is closed: JupyterLab itself takes seconds to load.

    Raises:
        playwright.sync_api.Error: there is no browser to start.
    """

    def __init__(self):
        self._playwright = sync_playwright().start()
        path = os.environ.get("CHROMIUM") or (DEBIAN_CHROMIUM if Path(DEBIAN_CHROMIUM).exists() else None)
        sandbox = [] if hasattr(os, "geteuid") and os.geteuid() else ["--no-sandbox"]  # root cannot have one
        try:
            self._browser = self._playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS + sandbox)
        except BaseException:
            self._playwright.stop()
            raise
        self._context = self._browser.new_context()
        for script in ("page.js", "every.js"):
            self._context.add_init_script(path=HERE / script)
        self._idle_pages = []

    def open(self, server, *cells, path=None, width=1280, height=900):
        """Open a notebook made of these code cells, or a copy of the one at `path`, and wait for its kernel."""
        if path is None:
            book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
            book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        else:
            book = nbformat.read(path, as_version=4)
        name = f"{Path(path).stem if path else 'test'}_{secrets.token_hex(4)}.ipynb"
        nbformat.write(book, server.notebooks / name)
        page = self._idle_pages.pop() if self._idle_pages else self.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return Notebook(page, server, name, self._idle_pages)

    def new_page(self):
        """An empty Playwright page, for what is no notebook of ours."""
        return self._context.new_page()

    def context(self, **options):
        """A Playwright context of its own: cookies know no port, so one host cannot tell two servers apart."""
        return self._browser.new_context(**options)

    def close(self):
        """End the browser."""
        self._browser.close()
        self._playwright.stop()

    def __enter__(self):
        """Return the running browser."""
        return self

    def __exit__(self, *error):
        """End it, whatever happened."""
        self.close()

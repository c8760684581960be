"""From `course.py lab` to the first widget of notebook 05 on screen: where the time goes, beside a bare JupyterLab.

    python course.py bench start                    a minute; needs a browser, as the tests do
    python course.py bench start --also FOLDER      another checkout of the course beside this one, in turns
    python course.py bench start --times 5          (default: 3)

The environment is ready and the browser open, on an empty page; home and settings are its own, the copies new.
"Run All Cells" is chosen as soon as the kernel is ready. The floor is what no course can save: JupyterLab as it comes,
with a notebook that imports torch and shows a slider of ipywidgets. They take turns, after one run each that is not
counted: it fills the disk's cache. Medians, in seconds; processor time and memory are those of the server and of the
kernel when the widget is drawn, not the browser's. A checkout with a .venv of its own is started with that.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from commands.environment import ROOT, venv_python
from commands.lab import wait_for
from tests.browser.lab import Browser

COURSE = "course.py", "commands", "helpers", "notebooks", "data", "pyproject.toml"
NOTEBOOK = "05_attention.ipynb"
FLOOR = "import torch", "import ipywidgets\nipywidgets.IntSlider()"
STAGES = {  # what ends one: a selector that the page shows, or a script that returns then
    "notebook on screen": ".jp-Notebook .jp-CodeCell",
    "kernel ready": """async () => {
        const { sessionContext } = window.jupyterapp.shell.currentWidget;
        await sessionContext.ready;
        await sessionContext.session.kernel.info;
        window.jupyterapp.commands.execute("notebook:run-all-cells");
    }""",
    "first cell has run": ".jp-CodeCell .jp-InputPrompt:text('[1]:')",
    "first widget drawn": ".jp-OutputArea-output :is([data-widget], .widget-slider)",
}
CONFIG = 'c.LabApp.news_url = None\nc.LabApp.expose_app_in_browser = True\nc.LabApp.extension_manager = "readonly"\n'


@dataclass
class Contender:
    """What is started, in a folder of its own."""

    folder: Path  # the home is in it, too
    command: list
    notebook: str


def course(folder, checkout):
    """A copy of a checkout."""
    for name in COURSE:
        copy = shutil.copytree if (checkout / name).is_dir() else shutil.copy
        copy(checkout / name, folder / name)
    own = venv_python(checkout / ".venv")
    python = str(own) if own.exists() else sys.executable
    return Contender(folder, [python, "course.py", "lab", "--here", "--no-browser"], NOTEBOOK)


def bare(folder):
    """JupyterLab with a notebook of two cells."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in FLOOR])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "floor.ipynb")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=localhost"]
    return Contender(folder, command, "floor.ipynb")


def environment(folder):
    """The caller's, with settings and home of its own, and the folder's helpers before any that is installed."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / "jupyter_lab_config.py").write_text(CONFIG, encoding="utf-8")
    own = {"HOME": home, "PYTHONPATH": folder, "JUPYTER_CONFIG_DIR": home}
    own |= {f"JUPYTER{name}_DIR": home / name for name in ("_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")}
    # Learners do not have this one set; with it, every start would compile every module.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {name: str(value) for name, value in own.items()} | {"PYTHONUNBUFFERED": "1"}


def measure(contender, page):
    """One start -> name of a stage, or of a cost -> its size."""
    shutil.rmtree(contender.folder / "my_notebooks", ignore_errors=True)  # the copies are laid anew
    lab = subprocess.Popen(
        contender.command, cwd=contender.folder, env=environment(contender.folder), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    begin = time.perf_counter()
    try:
        address, token = where(lab)
        moments = {"server answers": time.perf_counter()}
        page.goto(f"{address}/lab/tree/{contender.notebook}?token={token}", wait_until="commit")
        for stage, end in STAGES.items():
            if end.startswith("async"):
                page.evaluate(end)
            else:
                page.wait_for_selector(end, timeout=120_000, state="attached")
            moments[stage] = time.perf_counter()
        before = [begin, *moments.values()][:-1]
        taken = {stage: now - before for (stage, now), before in zip(moments.items(), before, strict=True)}
        return taken | {"all": moments[stage] - begin} | costs(lab.pid)
    finally:
        page.goto("about:blank")
        for process in (*psutil.Process(lab.pid).children(recursive=True), lab):
            process.kill()
        lab.wait()
        lab.stdout.close()


def where(lab):
    """The address and the token that it prints once it answers."""
    for line in lab.stdout:
        if found := re.search(r"(http://[\w.]+:\d+)/lab\S*token=(\w+)", line):
            wait_for(lab, found[1], lab.stdout)  # a bare one says so a little too early
            return found.groups()
    raise RuntimeError("JupyterLab did not start")


def costs(pid):
    """Processor seconds and megabytes of the server's processes and of the kernel."""
    found = {}
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        who = "kernel" if "ipykernel_launcher" in process.cmdline() else "server"
        cpu, memory = process.cpu_times(), process.memory_full_info()
        for name, value in (("CPU", cpu.user + cpu.system), ("USS MB", memory.uss / 1e6), ("RSS MB", memory.rss / 1e6)):
            found[f"{name}, {who}"] = found.get(f"{name}, {who}", 0) + value
    return found


def main(arguments):
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(prog="python course.py bench start")
    parser.add_argument("--times", type=int, default=3, help="counted runs of each (default: %(default)s)")
    parser.add_argument("--also", type=Path, help="another checkout of the course, such as an older one")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, Browser() as browser:
        folders = {name: Path(scratch, name) for name in ("floor", "ours", "also")}
        for folder in folders.values():
            folder.mkdir()
        contenders = {"floor": bare(folders["floor"]), "ours": course(folders["ours"], ROOT)}
        if options.also:
            contenders[options.also.name] = course(folders["also"], options.also)
        page = browser.new_page()
        runs = {name: [] for name in contenders}
        for number in range(options.times + 1):
            for name, contender in contenders.items():
                found = measure(contender, page)
                print(f"{number or 'warm-up'}  {name}: {found['all']:.1f} s", file=sys.stderr, flush=True)
                runs[name] += [found] if number else []
    print(f"{'seconds, medians of ' + str(options.times):24}", *(f"{name:>10}" for name in runs))
    for row in runs["ours"][0]:
        print(f"{row:24}", *(f"{statistics.median(run[row] for run in mine):10.1f}" for mine in runs.values()))


if __name__ == "__main__":
    main(sys.argv[1:])

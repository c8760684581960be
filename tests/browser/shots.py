"""Pictures of a notebook, top to bottom, as it looks in a real JupyterLab after "Run all".

python -m tests.browser.shots notebooks/05_attention.ipynb --out shots --theme dark --width 1280
python -m tests.browser.shots notebooks/05_attention.ipynb --out shots --widget attention-matrix
"""

import argparse
import sys
import tempfile
from pathlib import Path

from .lab import Browser, Server
from .notebook import THEMES

SCROLLER = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer"
FRAME = 78  # pixels that JupyterLab's side bars and margins take from the window's width


def shoot_notebook(notebook, folder, stem):
    """Save the notebook screen by screen (the last one ends where the notebook ends) and return the paths."""
    scroller = notebook.page.locator(SCROLLER)
    heights = scroller.evaluate("element => [element.scrollHeight, element.clientHeight]")
    paths = []
    for number, top in enumerate(range(0, *heights), start=1):
        scroller.evaluate("(element, top) => element.scrollTo(0, top)", top)
        notebook.page.wait_for_timeout(150)
        paths.append(folder / f"{stem}_{number:02}.png")
        scroller.screenshot(path=paths[-1])
    return paths


def shoot_widgets(notebook, name, folder, stem):
    """Save each widget of that name and return the paths."""
    notebook.widget(name)
    paths = []
    for number, widget in enumerate(notebook.page.locator(f'[data-widget="{name}"]').all(), start=1):
        paths.append(folder / f"{stem}_{name}_{number:02}.png")
        widget.screenshot(path=paths[-1])
    return paths


def main(arguments=None):
    """Take the pictures that the command line asks for and print where they are."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots", description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--theme", choices=THEMES, default="light")
    parser.add_argument("--width", type=int, default=1280, help="of the notebook itself, in pixels")
    parser.add_argument("--height", type=int, default=1400, help="of each picture, in pixels")
    parser.add_argument("--widget", help='only the widgets of this name, such as "attention-matrix"')
    parser.add_argument("--no-run", action="store_true", help="show the outputs that are stored in the file")
    wanted = parser.parse_args(arguments)
    wanted.out.mkdir(parents=True, exist_ok=True)
    stem = f"{wanted.notebook.stem}_{wanted.theme}"
    with tempfile.TemporaryDirectory() as folder, Browser() as browser, Server(folder) as server:
        size = {"width": wanted.width + FRAME, "height": wanted.height}
        notebook = browser.open(server, path=wanted.notebook, **size)
        notebook.theme(wanted.theme)
        try:
            if not wanted.no_run:
                notebook.run_all()
        except AssertionError as error:
            print(f"a cell failed, the picture shows it: {error}", file=sys.stderr)
        notebook.page.wait_for_timeout(1500)  # pictures and widgets arrive after their cells
        if wanted.widget:
            paths = shoot_widgets(notebook, wanted.widget, wanted.out, stem)
        else:
            paths = shoot_notebook(notebook, wanted.out, stem)
        for problem in notebook.errors + notebook.left_machine:
            print(f"not silent: {problem}", file=sys.stderr)
    print(*paths, sep="\n")


if __name__ == "__main__":
    main()

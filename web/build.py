"""Build the web edition: every notebook as one page that needs no Python, in a folder that any static host serves.

    python course.py site [--out FOLDER]

The notebooks run first, two at a time, about four minutes; those that have run before are taken from build/executed.
The folder can be opened from disk as well: start at index.html.
"""

import argparse
import shutil
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from PIL import Image

from helpers.widgets.base import HERE as WIDGETS
from notebooks.build import HERE as NOTEBOOKS
from notebooks.build import BuildError
from web.bundle import asset, bundle, data, policy
from web.execute import ROOT, executed
from web.outputs import Picture
from web.page import page_of

HERE = Path(__file__).parent
NAME = "Attention by hand"
MARKER = ".attention-by-hand"  # the file that makes a folder ours to empty
TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True)
COVER, DARK_COVER = (ROOT / "docs" / "pictures" / f"vector_plane{kind}.png" for kind in ("", "-dark"))
COVERS = {  # the figure of each notebook that the front page shows
    "01": 2, "02": 4, "03": 8, "04": 3, "05": 7, "06": 7, "07": 7, "08": 1, "09": 1, "10": 2, "11": 1, "12": 3,
}  # fmt: skip


def build(out, jobs=2, say=print):
    """Write the whole site into the folder `out`, which is emptied first; returns its pages.

    Raises:
        BuildError: a notebook could not be run, or `out` holds something that is no site.
    """
    sources = sorted((NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
    notebooks = executed(sources, jobs, say=say)
    pages = [page_of(source.stem, notebook) for source, notebook in zip(sources, notebooks, strict=True)]
    write(out, pages)
    return pages


def refuse_what_is_not_ours(out):
    """Raise a BuildError unless `out`, which is emptied before it is written, is new, empty, or an earlier site."""
    if out.exists() and not (out.is_dir() and ((out / MARKER).exists() or not any(out.iterdir()))):
        raise BuildError(
            f"{out} holds something else, and would be emptied. Choose a folder that is new or empty. "
            f"(If it is a site from before there was a {MARKER} in it, delete it by hand.)"
        )


def write(out, pages):
    """Write pages, pictures, front page and search."""
    refuse_what_is_not_ours(out)
    _empty(out)
    (out / "pictures").mkdir()
    for page in pages:
        page.picture = page.pictures[COVERS[page.number] - 1] if page.number in COVERS else cover()
        for picture in (*page.pictures, page.picture):
            for name, content in picture.files.items():
                (out / name).write_bytes(content)
    for before, page, after in zip([None, *pages[:-1]], pages, [*pages[1:], None], strict=True):
        stems = sorted({model["widget"] for model in page.states.models.values()})
        widgets = data({"models": page.states.models, "buffers": page.states.buffers})
        scripts = [asset("page.js"), *filter(None, [bundle(stems)])]
        around = {"page": page, "before": before, "after": after, "widgets": widgets, "heading": page.title}
        (out / page.address).write_text(_render("notebook.html", scripts, **around), encoding="utf-8")
    (out / "index.html").write_text(_render("index.html", [], pages=pages, heading=NAME), encoding="utf-8")
    index = {
        "pages": [[page.address, page.title] for page in pages],
        "sections": [[number, *section] for number, page in enumerate(pages) for section in page.sections],
    }
    searching = _render("search.html", [asset("search.js")], index=data(index), heading="Search")
    (out / "search.html").write_text(searching, encoding="utf-8")


def _empty(out):
    out.mkdir(parents=True, exist_ok=True)
    marker = out / MARKER  # first and always there: whoever interrupts us leaves a folder that is ours
    marker.write_text("python course.py site empties this folder before it writes the pages again.\n", encoding="utf-8")
    for old in set(out.iterdir()) - {marker}:
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()


def cover():
    """The picture of a page that has no figure: the widget of the README."""
    with Image.open(COVER) as picture:
        width, height = picture.size
    alt = "A widget: three words as arrows in the plane, their queries and keys, and the attention matrix they make."
    return Picture(f"pictures/{COVER.stem}", COVER.read_bytes(), DARK_COVER.read_bytes(), width // 2, height // 2, alt)


def _render(template, scripts, **values):
    styles = [(WIDGETS / "theme.css").read_text(encoding="utf-8"), asset("style.css")]
    head = asset("theme.js")
    return TEMPLATES.get_template(template).render(
        name=NAME, styles=styles, head=head, scripts=scripts, policy=policy([head, *scripts], styles), **values
    )


def main(arguments):
    """Build the site."""
    parser = argparse.ArgumentParser(prog="python course.py site", description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "_site", help="the folder to write (default: _site)")
    parser.add_argument("--jobs", type=int, default=2, help="how many notebooks run at a time (default: 2)")
    wanted = parser.parse_args(arguments)
    try:
        refuse_what_is_not_ours(wanted.out)
        pages = build(wanted.out, wanted.jobs)
    except BuildError as error:
        print(f"There is no site: {error}")
        return 1
    print(f"{len(pages)} pages in {wanted.out}: open {wanted.out / 'index.html'}, or put the folder on any web server.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The instructor's pages: every section they name exists, every slide has its place, no message is out of date."""

import json
import re
from pathlib import Path

import pytest

from docs import misconceptions

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
LESSONS = (ROOT / "docs" / "instructor" / "notebooks.md").read_text(encoding="utf-8")
NUMBERS = [path.stem[:2] for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))]
MINUTES = re.compile(r" \((\d+) minutes\)$")


def tables(text):
    """Every table of a page with the heading above it: the heading, and a list of rows, column -> cell."""
    heading = ""
    for title, block in re.findall(r"^#+ (.+)$|^(\|.*(?:\n\|.*)*)", text, re.MULTILINE):
        heading = title or heading
        if block:
            head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
            yield heading, [dict(zip(head, row, strict=True)) for row in rows]


def headings(number):
    """The headings of one notebook without their minutes -> the minutes they name, or None."""
    (source,) = (ROOT / "notebooks" / "source").glob(f"{number}_*.py")
    found = re.findall(r"^# #{1,3} (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    return {MINUTES.sub("", heading): (MINUTES.search(heading) or [None, None])[1] for heading in found}


def test_every_section_that_the_guide_names_exists():
    named = [(row["notebook"], row["section"]) for _, table in tables(GUIDE) for row in table if row.get("section")]
    assert len(named) > 150
    assert not [(notebook, section) for notebook, section in named if section not in headings(notebook)]


def test_every_slide_has_its_place():
    (slides,) = (table for _, table in tables(GUIDE) if "slide" in table[0])
    assert list(dict.fromkeys(int(row["slide"]) for row in slides)) == list(range(1, 30))


def test_the_page_of_misconceptions_is_what_the_registry_says():
    written = misconceptions.PAGE.read_text(encoding="utf-8")
    assert written == misconceptions.page(), "python -m docs.misconceptions writes it anew"


ROUTES = [(title, table) for title, table in tables(GUIDE) if "at" in table[0]]


@pytest.mark.parametrize(("title", "rows"), ROUTES, ids=[title for title, _ in ROUTES])
def test_the_minutes_of_a_route_add_up(title, rows):
    at = 0
    for row in rows:
        assert row["at"] == f"{at // 60}:{at % 60:02}", row["section"]
        at += int(row["min"])
        if row["section"].startswith("Exercise"):
            assert row["min"] == headings(row["notebook"])[row["section"]], row["section"]
    assert f"{at} minutes" in title


def test_three_moments_are_protected_in_every_route_of_the_course():
    assert len(ROUTES) == 5
    for title, rows in ROUTES:
        protected = {row["notebook"] for row in rows if row["what we do"].startswith("**!**")}
        assert protected == ({"05", "10"} if "latecomer" in title else {"01", "05", "10"}), title


@pytest.mark.parametrize("number", NUMBERS)
def test_the_answers_to_predictions_are_those_the_notebook_has_computed(number):
    """Every prediction of a notebook stands in the guide, in order, with the answer that its cell shows."""
    (notebook,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    shown = ["".join(o.get("data", {}).get("text/plain", "")) for cell in cells for o in cell.get("outputs", ())]
    computed = [found[1] for text in shown if (found := re.search(r"The code says (.+?); nothing", text))]
    told = [row["the code says"] for title, table in tables(LESSONS) if title.startswith(number) for row in table]
    assert told == computed

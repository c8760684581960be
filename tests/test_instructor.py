"""The instructor's pages: every section they name exists, every slide has its place, no message is out of date."""

import re
from pathlib import Path

from docs import misconceptions

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
MINUTES = re.compile(r" \(\d+ minutes\)$")


def tables(text):
    """Every table of a page, as a list of rows: column -> cell."""
    for block in re.findall(r"^\|.*(?:\n\|.*)*", text, re.MULTILINE):
        head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
        yield [dict(zip(head, row, strict=True)) for row in rows]


def headings(number):
    """The headings of one notebook, without their minutes."""
    (source,) = (ROOT / "notebooks" / "source").glob(f"{number}_*.py")
    found = re.findall(r"^# #{1,3} (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    return {MINUTES.sub("", heading) for heading in found}


def test_every_section_that_the_guide_names_exists():
    named = [(row["notebook"], row["section"]) for table in tables(GUIDE) for row in table if row.get("section")]
    assert len(named) > 40
    assert not [(notebook, section) for notebook, section in named if section not in headings(notebook)]


def test_every_slide_has_its_place():
    (slides,) = (table for table in tables(GUIDE) if "slide" in table[0])
    assert list(dict.fromkeys(int(row["slide"]) for row in slides)) == list(range(1, 30))


def test_the_page_of_misconceptions_is_what_the_registry_says():
    written = misconceptions.PAGE.read_text(encoding="utf-8")
    assert written == misconceptions.page(), "python -m docs.misconceptions writes it anew"

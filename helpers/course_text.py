"""The course's own text, a paragraph at a time: something real to search."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FEWEST_WORDS = 12  # shorter cells are headings and asides
MARKUP = re.compile(r"[*`>$\\]|^[#-]+ ", re.MULTILINE)
LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Passage:
    """A text cell of a notebook."""

    notebook: str  # "05 Attention"
    section: str  # the last heading before it, "" before the first
    text: str  # without markup, on one line

    def __str__(self):
        """Say where it stands, and how it begins."""
        where = f"{self.notebook}, {self.section}" if self.section else self.notebook
        return f"{where}: {shorten(self.text, 70, placeholder=' …')}"


def passages(folder=NOTEBOOKS):
    """Every text cell of the notebooks in a folder, in their order; headings name the passages that follow them."""
    return [passage for path in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb")) for passage in _of(path)]


def _of(path):
    title, section = path.stem.replace("_", " "), ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        source = "".join(cell["source"])
        for marks, heading in re.findall(r"^(#{1,3}) (.+)$", source, re.MULTILINE):
            title, section = (heading, "") if marks == "#" else (title, heading)
        prose = re.sub(r"^#+ .+$", "", LINK.sub(r"\1", source), flags=re.MULTILINE)
        text = " ".join(MARKUP.sub("", prose).split())
        if len(text.split()) >= FEWEST_WORDS:
            yield Passage(title, section, text)

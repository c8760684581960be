"""One executed notebook -> the parts of its page."""

import re
from dataclasses import dataclass, field
from html import unescape

from web.outputs import SHOWN, Outputs
from web.prose import Prose, coloured, plain
from web.state import States

HINT = re.compile(r'(?:\brun\s+)?`checks\.hint\("\w+"\)`(?:,\s+up to three times)?(\s+helps)?')


@dataclass
class Cell:
    """A piece of a page: prose, or code with what it has shown.

    Outputs that would spoil a prediction are in `folded`, with the text that speaks of them; `waits` names the models
    of the predictions.
    """

    prose: str = ""
    code: str = ""
    shown: list = field(default_factory=list)
    folded: list = field(default_factory=list)
    waits: list = field(default_factory=list)


@dataclass
class Page:
    """What a template needs to know of one notebook."""

    stem: str
    title: str
    question: str
    cells: list
    headings: list
    pictures: list
    states: States
    sections: list  # for the search: (anchor, heading, text)

    @property
    def number(self):
        """Such as "05"."""
        return self.stem[:2]

    @property
    def address(self):
        """The file of the page."""
        return f"{self.stem}.html"


def page_of(stem, notebook):
    """Read one executed notebook."""
    states, prose = States(notebook), Prose()
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    outputs = Outputs(stem, states, set(SHOWN.findall(code)))
    answered = {model: i for i, cell in enumerate(notebook.cells) for model in cell.metadata.get("reveals", ())}
    cells, sections, waiting = [], [], []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            known = len(prose.headings)
            html = prose.html(HINT.sub(_hints_below, cell.source))
            cells += _text(html, cells[-1] if cells else None)
            _take_in(sections, prose.headings[known:], html)
        elif cell.cell_type == "code":
            pieces = outputs.pieces(cell)
            cells.append(_code(cell.source, pieces, waiting))
            waiting = [model for model in waiting if answered[model] > index]
            waiting += [piece.prediction for piece in pieces if answered.get(piece.prediction, -1) > index]
    title = unescape(plain(next(html for level, _, html in prose.headings if level == 1)))
    question = " ".join(re.search(r"\*\*(.+?)\*\*", notebook.cells[0].source, re.DOTALL)[1].split())
    headings = [heading for heading in prose.headings if heading[0] > 1]
    return Page(stem, title, question, cells, headings, outputs.pictures, states, sections)


def _text(html, before):
    """A cell of text; what it says of outputs that are folded, up to the next heading, is folded with them."""
    said = ""
    if before and before.folded:
        said, *rest = re.split(r"(?=<h[1-6] id=)", html, maxsplit=1)
        html = "".join(rest)
    if said.strip():
        before.folded.append(f'<div class="prose">{said}</div>')
    return [Cell(prose=html)] if html else []


def _code(source, pieces, waiting):
    """A cell of code; what it shows is folded while predictions wait for it."""
    folded = [piece.html for piece in pieces if waiting and piece.spoils]
    shown = [piece.html for piece in pieces if not (waiting and piece.spoils)]
    return Cell(code=coloured(source), shown=shown, folded=folded, waits=list(waiting) if folded else [])


def _hints_below(call):
    """On a page no function is called for a hint: they stand below, folded."""
    text = "the hints below" + (" help" if call[1] else "")
    is_first = re.search(r"[.?]\s$|^$", call.string[: call.start()])
    return text[0].upper() + text[1:] if is_first else text


def _take_in(sections, headings, html):
    """Add a text cell to the sections that can be searched."""
    parts = re.split(r"<h[1-6] id=.*?</h[1-6]>", html)
    texts = [unescape(plain(part)) for part in parts]
    if sections and texts[0]:
        sections[-1][2] += " " + texts[0]
    sections += [
        [anchor, unescape(plain(name)), text] for (_, anchor, name), text in zip(headings, texts[1:], strict=True)
    ]

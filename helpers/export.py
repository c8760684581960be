"""The learner's work on one page: exercises as written, what was predicted, and what the checks said.

The page is HTML that stands alone: text and style, no scripts, nothing loaded from anywhere, no outputs.
"""

import ast
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from helpers import workspace
from helpers.checks import EXERCISES, progress

LONGEST = 20_000  # characters of one cell; what is longer was not written by hand
DEFINITION = re.compile(r"^def\s+(\w+)\s*\(", re.MULTILINE)
VERDICT = re.compile(r"([✓✗] You said .+)?The code says ", re.DOTALL)  # how what Predict.reveal shows begins
STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1b1b1f, #eceef2); --paper: light-dark(#ffffff, #111418);
  --bar: light-dark(#f6f7f9, #191d23); --line: light-dark(#d9dbe1, #343a44); --muted: light-dark(#5a5f6a, #a3a9b5);
  --passed: light-dark(#18703f, #79d49b); --failed: light-dark(#b3261e, #ff9d92); }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
pre { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--bar);
  overflow-x: auto; }
.passed { color: var(--passed); } .failed { color: var(--failed); } .open, .note { color: var(--muted); }
p, li, h3 { overflow-wrap: anywhere; } bdi { font-weight: 600; }
@media print { body { margin: 0; } pre { white-space: pre-wrap; } }
"""


@dataclass(frozen=True)
class Sheet:
    """What one notebook holds of the learner's own."""

    name: str
    exercises: tuple[tuple[str, str], ...] = ()  # name of the exercise, its cell as written
    predictions: tuple[tuple[str, str], ...] = ()  # the question, what was said beside what the code says
    problem: str = ""

    @property
    def is_empty(self):
        """Whether there is nothing to show."""
        return not (self.exercises or self.predictions or self.problem)


@dataclass(frozen=True)
class Exported:
    """The page that was written."""

    path: Path
    sheets: tuple[Sheet, ...]

    def __repr__(self):
        exercises = _count([one for sheet in self.sheets for one in sheet.exercises], "exercise")
        predictions = _count([one for sheet in self.sheets for one in sheet.predictions], "prediction")
        return f"{self.path.name}: {exercises}, {predictions}"


def export_my_work(folder=None):
    """Write the learner's exercises, predictions and states on one HTML page in their folder, under a dated name.

    Args:
        folder: where the notebooks lie; by default the learner's own.

    Returns:
        Exported, with the page's `path`. A page that is there already stays; the next one gets a number.

    Raises:
        FileNotFoundError: there is no such folder.
        OSError: the disk is full or read-only; no half page stays behind.
    """
    folder = Path(folder or workspace.learner_folder() or workspace.MY_NOTEBOOKS)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder.name} yet: `python course.py lab` makes it")
    sheets = tuple(read(path) for path in sorted(folder.glob("*.ipynb")))
    text = page(sheets, progress(), time.strftime("%Y-%m-%d"))
    return Exported(_write(folder, text), sheets)


def read(path):
    """What is the learner's own in one notebook; a damaged one is a Sheet with a problem."""
    try:
        cells = [_Cell(cell) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return Sheet(path.name, problem=f"This notebook could not be read ({type(error).__name__}).")
    exercises = [(name, cell.source) for cell in cells for name in cell.defined if name in EXERCISES]
    questions, predictions, problem = {}, [], ""
    for cell in cells:
        questions |= (new := cell.questions)
        if "" in new.values():
            problem = "A question in this notebook could not be read, so it is missing here."
        known = len(cell.revealed) == len(cell.verdicts)  # not so in a loop
        asked = [questions.get(name, "") for name in cell.revealed] if known else [""] * len(cell.verdicts)
        pairs = zip(asked, cell.verdicts, strict=True)
        predictions += [(question, verdict) for question, verdict in pairs if VERDICT.match(verdict).group(1)]
    return Sheet(path.name, tuple(exercises), tuple(predictions), problem)


class _Cell:
    """One cell of a notebook file; raises TypeError or AttributeError where the file is no notebook."""

    def __init__(self, cell):
        self.source = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
        outputs = cell.get("outputs", []) if self.source else []
        texts = ["".join(output.get("data", {}).get("text/plain", "")) for output in outputs]
        self.verdicts = [text for text in texts if VERDICT.match(text)]
        try:
            self.tree = ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # as learners write, and as nobody does
            self.tree = None

    @property
    def defined(self):
        """The functions it defines and has begun to write; of code that Python cannot read, all it starts."""
        if self.tree is None:
            return DEFINITION.findall(self.source)
        functions = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        return [node.name for node in functions if not all(map(_is_stub, node.body))]

    @property
    def questions(self):
        """Name of a Predict -> what it asks; "" where that cannot be read."""
        found = {}
        for node in ast.walk(self.tree) if self.tree else []:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _called(node.value) == "Predict":
                for target, text in zip(node.targets, node.value.args, strict=False):
                    found[_as_written(target)] = _asked(text)
        return found

    @property
    def revealed(self):
        """The names of the Predicts it reveals, in order."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)] if self.tree else []
        found = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "reveal"]
        return [_as_written(call.func.value) for call in sorted(found, key=lambda call: (call.lineno, call.col_offset))]


def _asked(node):
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""  # a number or ... is no question
    return _as_written(node)


def _as_written(node):
    """Code as text; "" where Python gives up, as on a sum of 600 pieces."""
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return ""


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_stub(statement):
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def page(sheets, states, date):
    """The whole page as text: every word of the learner's escaped."""
    shown = [sheet for sheet in sheets if not sheet.is_empty]
    sections = "".join(_section(sheet, {line.name: line for line in states.lines}) for sheet in shown)
    nothing = '<p class="note">No exercise was begun and no prediction made yet.</p>'
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>My work, {date}</title><style>{STYLE}</style></head>\n<body><main><h1>My work</h1>"
        f"<p>{date}. {states.sentence}.</p>{sections or nothing}</main></body></html>\n"
    )


def _section(sheet, lines):
    pieces = [f"<h2><bdi>{escape(sheet.name.removesuffix('.ipynb'))}</bdi></h2>"]
    if sheet.problem:
        pieces += [f'<p class="failed">{escape(sheet.problem)}</p>']
    for name, source in sheet.exercises:
        line, cut = lines[name], len(source) > LONGEST
        pieces += [
            f'<h3>{name} <span class="{line.css}">{line.symbol} {escape(line.state)}</span></h3>',
            f"<pre tabindex=0><code>{escape(source[:LONGEST])}</code></pre>",
            f'<p class="note">The first {LONGEST:,} of {len(source):,} characters.</p>' if cut else "",
        ]
    if sheet.predictions:
        items = "".join(
            f"<li><bdi>{escape(question[:LONGEST])}</bdi> {escape(verdict[:LONGEST])}</li>"
            for question, verdict in sheet.predictions
        )
        pieces += [f"<h3>Predictions</h3><ul>{items}</ul>"]
    return f"<section>{''.join(pieces)}</section>\n"


def _count(things, name):
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _write(folder, text):
    """Write under the first name of today that is free; "x" refuses one that is taken."""
    stem = f"my_work_{time.strftime('%Y-%m-%d')}"
    for name in (f"{stem}.html", *(f"{stem}_{number}.html" for number in range(2, 1000))):
        path = folder / name
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError as error:
            with suppress(OSError):
                path.unlink()  # half a page is none
            reason = (error.strerror or str(error)).lower()
            raise OSError(f"the page could not be written into {folder.name} ({reason})") from error
        return path
    raise FileExistsError(f"there are 1,000 pages of today in {folder.name}")

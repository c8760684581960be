"""What a cell has shown -> HTML: pictures as files, widgets as places where the host draws, the rest sanitised."""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from html import escape
from io import BytesIO

from nbformat import from_dict
from PIL import Image

from helpers.checks import EXERCISES, show_source
from helpers.checks.card import paragraph
from helpers.plots.style import ON_DARK
from helpers.quiz import QUESTIONS
from notebooks.build import WIDGET_VIEW
from web.prose import Prose, preformatted
from web.sanitise import sanitised
from web.state import States

DESCRIPTION = '<p class="figure-description"'
SHOWN = re.compile(r'^checks\.show_source\("(\w+)"\)', re.MULTILINE)
WIDE = 660  # pixels that a phone can show at once, if small
UNATTEMPTED = re.compile(r'aria-label="Check of (\w+): not attempted yet"')
NEEDS_NOTEBOOK = {  # what acts on the learner's own machine -> what a reader is told in its place
    "FreshCopies()": "In the notebook, a list stands here: a button for each notebook lays a fresh copy beside yours.",
    "ClassBoard()": "In the notebook, the switch of the class board stands here, and what the board holds of you.",
    "FreeMemory()": "In the notebook, a list of the running kernels stands here; a button ends those that rest.",
    "MyWork()": "In the notebook, a button stands here that puts your work on one page.",
    "checks.progress()": "In the notebook, a list of all exercises stands here, with what became of each.",
}
CONTROLS = "In the notebook, controls stand here, and Python answers them. This is what they show at first."


@dataclass
class Picture:
    """A figure: the files it becomes, on light pages and on dark ones, its size there and its text alternative.

    `rows` of other pictures are its parts, where it stands as a row that a phone breaks.
    """

    name: str  # without ending
    light: bytes
    dark: bytes
    width: int
    height: int
    alt: str
    rows: list = field(default_factory=list)

    @property
    def files(self):
        """Name -> content, of the whole and of its parts."""
        parts = {name: content for row in self.rows for part in row for name, content in part.files.items()}
        return {f"{self.name}.png": self.light, f"{self.name}-dark.png": self.dark, **parts}

    @property
    def image(self):
        """Both files of the whole; the style sheet shows one of them."""
        # Wide ones would be tiny on a phone, wider ones everywhere.
        wide = " wider" if self.width > 1600 else " wide" if self.width > WIDE else ""
        rest = f'alt="{escape(self.alt)}" width="{self.width}" height="{self.height}" loading="lazy" decoding="async">'
        kinds = (("on-light", f"{self.name}.png"), ("on-dark", f"{self.name}-dark.png"))
        return "".join(f'<img class="{kind}{wide}" src="{name}" {rest}' for kind, name in kinds)

    @property
    def html(self):
        """The picture as a page shows it: whole, or in parts."""
        if not self.rows:
            return f'<div class="scroller">{self.image}</div>'
        rows = ("".join(part.image for part in row) for row in self.rows)
        rows = "".join(f'<div class="panels">{row}</div>' for row in rows)
        return f'<div class="parts" role="img" aria-label="{escape(self.alt)}">{rows}</div>'


@dataclass
class Piece:
    """One output: its HTML; the model it is of, if it is a prediction; whether it would spoil one."""

    html: str
    prediction: str | None = None
    spoils: bool = True


@dataclass
class Outputs:
    """Turns the outputs of one notebook into HTML, and collects its pictures and its widgets' models.

    `shown` names the exercises whose reference has a cell of its own.
    """

    stem: str
    states: States
    shown: set = field(default_factory=set)
    pictures: list = field(default_factory=list)

    def pieces(self, cell):
        """What a code cell has shown, piece by piece."""
        last_line = cell.source.rstrip().rpartition("\n")[2]
        if last_line in NEEDS_NOTEBOOK:
            return [_remark(NEEDS_NOTEBOOK[last_line])]
        if last_line == "quiz.Quiz()":
            return list(self._quiz())
        reveals = "reveals" in cell.metadata
        return [piece for output in _joined(cell.outputs) for piece in self._one(output, reveals)]

    def _one(self, output, reveals=False):
        data = output.get("data", {})
        html = data.get("text/html", "")
        if output.output_type == "stream":
            yield Piece(preformatted(output.text))
        elif WIDGET_VIEW in data:
            yield from self._widget(data[WIDGET_VIEW]["model_id"], data.get("text/plain", ""))
        elif "image/png" in data:
            yield Piece(self._picture(data, output.metadata["image/png"]))
        elif exercise := UNATTEMPTED.search(html):
            yield Piece(exercise_card(exercise[1], exercise[1] not in self.shown), spoils=False)
        elif html.startswith(DESCRIPTION):
            return  # the picture that follows says it itself
        elif html:  # of a verdict, only what is true for a reader as well, who may have predicted
            clean = sanitised(html.replace("; nothing was predicted.", ".") if reveals else html)
            yield Piece(f'<div class="scroller">{clean}</div>' if "<table" in clean else clean)
        elif "text/markdown" in data:  # the map of the course; nobody has done an exercise on a page
            markdown = data["text/markdown"].replace("exercises done", "exercises")
            rows = Prose().html(re.sub(r"\b0 of (\d+) \|", r"\1 |", markdown))
            yield Piece(f'<div class="map">{rows}</div>')
        else:
            yield Piece(preformatted(data.get("text/plain", "")))

    def _widget(self, model, text):
        """One of our widgets; of others what can be shown: the widgets and the outputs inside them."""
        if self.states.stem(model):
            stem = self.states.use(model)
            note = self.states.models[model].get("note")
            is_prediction = stem == "predict"
            yield Piece(_place(model, text, note), model if is_prediction else None, spoils=not is_prediction)
            return
        yield _remark(CONTROLS)
        for inner in self._inside(model):
            for output in self.states.raw(inner).get("outputs", ()):
                yield from self._one(from_dict(output))
            if self.states.stem(inner):
                yield from self._widget(inner, "")

    def _inside(self, model):
        for child in self.states.children(model):
            yield child
            yield from self._inside(child)

    def _quiz(self):
        """The questions of the quiz, each answered by the package's code."""
        for number, question in enumerate(QUESTIONS, start=1):
            model, options, text = f"quiz-{number}", list(question.options), f"{number}. {question.text}"
            truth = options.index(question.answer())
            state = {"question": text, "options": options, "why": question.why, "truth": truth, "projector": False}
            self.states.add(model, "predict", state)
            yield Piece(_place(model, f"{text} {' | '.join(options)}"), model, spoils=False)

    def _picture(self, data, about):
        light, dark = (b64decode(data[kind]) for kind in ("image/png", ON_DARK))
        name = f"pictures/{self.stem[:2]}-{len(self.pictures) + 1}"
        width = about["width"]
        rows = [
            [_part(f"{name}-{r}{c}", light, dark, box, width) for c, box in enumerate(row)]
            for r, row in enumerate(about.get("parts", ()))
        ]
        self.pictures.append(Picture(name, light, dark, width, about["height"], about["alt"], rows))
        return self.pictures[-1].html


def _part(name, light, dark, box, width):
    """What lies in a rectangle (left, top, right, bottom) of a picture so wide; without a text: the whole has it."""
    left, top, right, bottom = box
    return Picture(name, _cropped(light, box, width), _cropped(dark, box, width), right - left, bottom - top, "")


def _cropped(png, box, width):
    part = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        scale = picture.width / width
        sides = (*picture.size, *picture.size)  # rounding may reach beyond them
        box = [min(round(scale * edge), side) for edge, side in zip(box, sides, strict=True)]
        picture.crop(box).save(part, "png", optimize=True)
    return part.getvalue()


def _joined(outputs):
    """What was printed in several pieces, in one."""
    joined = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1] = from_dict({**joined[-1], "text": joined[-1].text + output.text})
        else:
            joined.append(output)
    return joined


def _place(model, text, note=None):
    """Where the host draws a widget; until it has, the widget's few stable words stand there."""
    remark = f'<p class="remark">{escape(note)}</p>' if note else ""
    return f'{remark}<div class="widget" data-model="{escape(model)}"><p>{escape(text)}</p></div>'


def exercise_card(name, with_reference=True):
    """An exercise nobody has attempted: what to do with it, its hints one by one, and the reference, all folded."""
    hints = "".join(
        f"<details><summary>Hint {number} of {len(EXERCISES[name].hints)}</summary>{paragraph(hint)}</details>"
        for number, hint in enumerate(EXERCISES[name].hints, start=1)
    )
    reference = re.search(r"<details>.*</details>", show_source(name)._repr_html_(), re.DOTALL)[0]
    return (
        f'<div class="exercise" role="group" aria-label="Exercise {escape(name)}">'
        f'<p class="verdict"><span aria-hidden="true">○</span> <code>{escape(name)}</code>: yours to write</p>'
        "<p>In the notebook, this cell says at once what is right, or which mistake it was.</p>"
        f"{hints}{reference if with_reference else ''}</div>"
    )


def _remark(text):
    return Piece(f'<p class="remark">{escape(text)}</p>', spoils=False)

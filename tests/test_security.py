"""What the course never does: unpickle, run text as code, hand text to a shell, show text as HTML, keep a token.

The rules are read off the sources (ast); each place where a learner's text becomes HTML is tried with text that would
run.
"""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = "helpers", "commands", "board", "web", "deploy", "notebooks", "data/make", "bench"
SOURCES = [ROOT / "course.py", *(path for part in PARTS for path in sorted((ROOT / part).rglob("*.py")))]
FORBIDDEN = {  # what is called -> why not
    "eval": "runs text",
    "exec": "runs text",
    "compile": "makes code of text",
    "os.system": "hands text to a shell",
    "os.popen": "hands text to a shell",
    "subprocess.getoutput": "hands text to a shell",
    "pickle.load": "a pickle runs what it likes",
    "pickle.loads": "a pickle runs what it likes",
    "joblib.load": "a pickle inside",
    "dill.load": "a pickle inside",
    "torch.load": "a pickle inside",
    "torch.save": "a pickle inside; safetensors keeps numbers only",
    "pandas.read_pickle": "a pickle",
    "yaml.load": "builds what it likes; safe_load does not",
    "yaml.unsafe_load": "builds what it likes",
    "shelve.open": "a pickle inside",
    "marshal.loads": "loads code",
}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}


def names_of(tree):
    """What the names in a file stand for: `from torch import load as l` -> {"l": "torch.load"}."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return known


def problems(source):
    """What a source does that it must not, a sentence each."""
    tree = ast.parse(source)
    known = names_of(tree)
    for module in known.values():
        if module.partition(".")[0] in FORBIDDEN_MODULES:
            yield f"imports {module}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        first, dot, rest = ast.unparse(node.func).partition(".")
        name = f"{known.get(first, first)}{dot}{rest}".removeprefix("builtins.")
        if name in FORBIDDEN:
            yield f"line {node.lineno}: {name} {FORBIDDEN[name]}"
        for keyword in node.keywords:
            if keyword.arg in ("shell", "allow_pickle") and getattr(keyword.value, "value", True) is not False:
                yield f"line {node.lineno}: {name}({keyword.arg}=...)"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_unpickles_or_runs_text(path):
    assert not list(problems(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.load(path)",
        "from torch import load as l\nl(path)",
        "import pickle",
        "from pickle import loads",
        "eval(text)",
        "import builtins\nbuiltins.exec(text)",
        "import os as o\no.system(text)",
        "import numpy as np\nnp.load(p, allow_pickle=True)",
        "import numpy as np\nnp.load(p, allow_pickle=yes)",
        "import subprocess\nsubprocess.run(text, shell=True)",
        "import yaml\nyaml.load(text)",
        "import joblib",
    ],
)
def test_what_is_forbidden_is_found(source):
    assert list(problems(source))


def test_published_weights_are_numbers_only_and_pinned():
    from helpers import pretrained

    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in pretrained.SHA256.values())
    assert {Path(name).suffix for name in pretrained.SHA256} == {".safetensors", ".json"}
    assert re.fullmatch(r"[0-9a-f]{40}", pretrained.REVISION)  # a commit: a branch could move
    kept = {path.suffix for path in (ROOT / "data").rglob("*") if path.is_file()}
    assert not kept & {".pt", ".pth", ".pkl", ".pickle", ".bin", ".joblib", ".npz", ".ckpt"}


# --- text of a learner's that reaches a page

HOSTILE = '<img src=x onerror="alert(1)"></code></pre><script>alert(2)</script>&\'"'
RUNS = re.compile(r"<(?!/)(img|script|svg|iframe)\b", re.IGNORECASE)  # a tag that was never meant


def hostile_function(do):
    """A function with a name that would run, which prints, raises or returns what would run."""

    def learner(n):
        return do()

    learner.__name__ = learner.__qualname__ = HOSTILE
    return learner


def shout():
    print(HOSTILE)


def fail():
    raise ValueError(HOSTILE)


class Loud:
    """A result whose repr and class name would run."""

    def __repr__(self):
        return HOSTILE


Loud.__name__ = HOSTILE


def reports():
    from helpers.checks import check

    yield from (
        check(hostile_function(do), "causal_mask") for do in (shout, fail, Loud, lambda: HOSTILE, lambda: {HOSTILE: 1})
    )
    yield check(hostile_function(shout))  # under its own name, which is no exercise
    yield check(HOSTILE)
    yield check(hostile_function(shout), HOSTILE)


def shown():
    """Everything of the package that a notebook shows as HTML, made of text that would run: name, HTML."""
    from helpers import class_board, export, start_page, workspace
    from helpers.checks.hints import Hint, Source
    from helpers.checks.overview import Line, Progress
    from helpers.checks.report import Report
    from helpers.kernels import Kernel
    from helpers.museum.exhibits import Catalogue, Exhibit
    from helpers.quiz import Quiz
    from helpers.widgets.predict import Predict, Verdict

    for i, report in enumerate(reports()):
        yield f"check {i}", report._repr_html_()
    yield "Report", Report(HOSTILE, "failed", HOSTILE, HOSTILE, (HOSTILE,))._repr_html_()
    yield "Hint", Hint(HOSTILE, (HOSTILE,), more=False)._repr_html_()
    yield "Source", Source(HOSTILE, HOSTILE, HOSTILE)._repr_html_()
    line = Line(HOSTILE, "05", 5, "✗", f"tried. {HOSTILE}", "failed")
    yield "Progress", Progress((line,), {"05": HOSTILE})._repr_html_()
    yield "Catalogue", Catalogue((Exhibit(HOSTILE, shout, shout, HOSTILE, HOSTILE),))._repr_html_()
    yield "Verdict", Verdict(HOSTILE, HOSTILE, HOSTILE)._repr_html_()
    guess = Predict(HOSTILE, [HOSTILE, "b"], why=HOSTILE)
    yield "Predict", guess.reveal(HOSTILE)._repr_html_()
    panel = start_page.Panel()
    panel.say(HOSTILE)
    yield "Panel", panel.message.value
    yield "kernels", start_page._table([Kernel("1", HOSTILE, HOSTILE, 9.0, None, False)])
    report = {"time": HOSTILE, "exercise": HOSTILE, "status": HOSTILE, "diagnosis": HOSTILE}
    yield "class board", class_board._table([report])
    quiz = Quiz()
    quiz.unfold()
    quiz.compare()
    yield "Quiz", quiz.message.value
    entry = workspace.Entry("05", "05_attention.ipynb", HOSTILE, HOSTILE, 5, True, True)
    yield "FreshCopies", start_page.FreshCopies._row(start_page.FreshCopies(), entry, True).label.value
    sheet = export.Sheet(HOSTILE, (("softmax", HOSTILE),), ((HOSTILE, HOSTILE),), HOSTILE)
    yield "export", export.page([sheet], Progress((Line("softmax", "05", 5, "✗", HOSTILE, "failed"),), {}), "today")


def test_no_text_of_a_learner_runs_in_a_page():
    found = dict(shown())
    assert len(found) > 15
    wrong = {name: RUNS.search(html).group() for name, html in found.items() if RUNS.search(html)}
    assert not wrong


def html_sinks():
    """Where the package shows HTML: classes with _repr_html_ or _repr_markdown_, and ipywidgets' HTML."""
    for path in sorted((ROOT / "helpers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield from (
                    node.name for each in node.body if getattr(each, "name", "") in ("_repr_html_", "_repr_markdown_")
                )
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("widgets.HTML", "HTML", "display.HTML"):
                yield path.relative_to(ROOT).as_posix()


def test_every_place_that_shows_html_is_tried_here():
    tried = {"Report", "Hint", "Source", "Progress", "Catalogue", "Verdict"}
    tried |= {"helpers/start_page.py", "helpers/quiz/card.py"}  # Panel, kernels, FreshCopies; Quiz
    tried |= {"CourseMap"}  # Markdown, which JupyterLab sanitises: made of the course's own titles
    tried |= {"helpers/plots/style.py"}  # the text alternative of a figure, below
    tried |= {"helpers/class_board.py"}  # its table
    tried |= {"helpers/projector.py"}  # a style of its own, no text of anybody's
    assert set(html_sinks()) == tried


def test_the_text_alternative_of_a_figure_is_text(course_style, monkeypatch):
    from matplotlib import pyplot as plt

    from helpers.plots import style

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda thing, **_: shown.append(thing))
    ax = plt.figure().add_subplot()
    ax.set_label(f"Words: {HOSTILE}")
    style._publish(ax.figure)
    assert not RUNS.search(shown[0].data)
    assert "&lt;img" in shown[0].data


WRITES_HTML = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"


def test_no_widget_writes_html():
    for path in sorted((ROOT / "helpers" / "widgets").glob("*.js")):
        assert not re.search(WRITES_HTML, path.read_text("utf-8")), path.name


# --- secrets

SECRET = re.compile(
    r"token=[0-9a-f]{16,}|Authorization: |\bgh[pousr]_[A-Za-z0-9]{30,}|\bhf_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}"
    r"|BEGIN [A-Z ]*PRIVATE KEY"
)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_notebook_holds_a_token_or_the_path_of_a_machine(path):
    text = path.read_text("utf-8")
    assert not SECRET.search(text)
    outputs = json.dumps([cell.get("outputs") for cell in json.loads(text)["cells"]])
    assert not re.search(r"/home/\w+|/root/|/Users/\w+|[A-Z]:\\\\Users", outputs)

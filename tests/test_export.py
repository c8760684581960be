"""My work on one page: what the learner wrote, whatever they wrote, and never over a page that is there."""

import json
import re
from html.parser import HTMLParser

import pytest

from helpers import export
from helpers.checks import check, logbook

HOSTILE = '<script>alert(1)</script> </code></pre><img src=x onerror=alert(2)> & "quotes" \u202e \N{PILE OF POO} \ud800'


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.text += data


def code(source, *outputs):
    return {
        "cell_type": "code",
        "source": source.splitlines(keepends=True),
        "outputs": [{"output_type": "execute_result", "data": {"text/plain": [text]}} for text in outputs],
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(logbook, "learner_folder", lambda: tmp_path)
    monkeypatch.setattr(logbook, "_seen", {})
    return tmp_path


def write(folder, name, *cells):
    (folder / name).write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4}), encoding="utf-8")


def test_exercises_states_and_predictions_are_on_the_page(folder):
    write(
        folder,
        "05_attention.ipynb",
        {"cell_type": "markdown", "source": "def softmax(scores): in prose"},
        code("import torch\n\ndef softmax(scores):\n    return torch.sigmoid(scores)  # mine"),
        code('def scaled_dot_product_attention(query, key, value):\n    """Still to do."""\n    ...'),
        code("def helper_of_mine(x):\n    return x"),
        code('guess = widgets.Predict("How many weights?", [4, 16])\nguess', "Predict(How many weights? 4 | 16)"),
        code("guess.reveal(4 * 4)", "✗ You said 4. The code says 16. Every word looks at every word."),
        code("other.reveal(1)", "The code says 1; nothing was predicted."),
        code("print('what was printed')", "what was printed"),
    )
    check(lambda scores: scores.sigmoid(), "softmax")
    exported = export.export_my_work(folder)
    assert repr(exported) == f"{exported.path.name}: 1 exercise, 1 prediction"
    page = Page(exported.path)
    assert "return torch.sigmoid(scores)  # mine" in page.text
    assert "softmax ✗ tried. This is the sigmoid" in page.text
    assert "How many weights? ✗ You said 4. The code says 16." in page.text
    assert not re.search("Still to do|helper_of_mine|nothing was predicted|was printed|in prose", page.text)
    assert re.fullmatch(r"my_work_\d{4}-\d\d-\d\d\.html", exported.path.name)


def test_predictions_find_their_questions_where_several_are_revealed(folder):
    right, wrong = "✓ You said 1. The code says 1.", "✗ You said 2. The code says 1."
    write(
        folder,
        "01.ipynb",
        code("a, b = 1, 2\na = Predict('First?', [1, 2])\nb = Predict(f'{2}nd?', [1, 2])"),
        code("display(a.reveal(1))\nb.reveal(1)", "The code says 1; nothing was predicted.", right),
        code("for g in (a, b): display(g.reveal(1))", wrong, right),
    )
    (sheet,) = export.export_my_work(folder).sheets
    assert sheet.predictions == (("f'{2}nd?'", right), ("", wrong), ("", right))


def test_hostile_text_is_shown_as_typed_and_nothing_runs(folder):
    source = f"def softmax(scores):\n    return '''{HOSTILE}'''"
    write(folder, "05 <b>mine<.ipynb", code(source), code("g.reveal(1)", f"✓ You said {HOSTILE}. The code says 1."))
    exported = export.export_my_work(folder)
    page, text = Page(exported.path), exported.path.read_text(encoding="utf-8")
    assert not {"script", "img", "b", "link", "iframe"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on") or name in ("href", "src")]
    assert "<script>alert(1)</script> </code></pre><img src=x onerror=alert(2)>" in page.text
    assert "default-src 'none'" in text
    assert not re.search(r"https?://", text)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"cells": 3}', b'{"cells": [3]}', b'{"cells": [{"cell_type": "code"}]}', b"\xff\xfe",
     b'{"cells": [{"cell_type": "code", "source": [1]}]}', b"[" * 100_000,
     b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [3]}]}',
     b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [{"data": {"text/plain": [3]}}]}]}'],
)  # fmt: skip
def test_a_damaged_notebook_is_named_and_the_others_are_there(folder, content):
    (folder / "03_broken.ipynb").write_bytes(content)
    write(folder, "05.ipynb", code("def softmax(scores):\n    return 1"))
    page = Page(export.export_my_work(folder).path)
    assert "03_broken" in page.text
    assert "could not be read" in page.text
    assert "return 1" in page.text


@pytest.mark.parametrize("question", ["...", "3", " + ".join(["str(1)"] * 600)], ids=["dots", "number", "600 pieces"])
def test_a_question_that_cannot_be_read_is_said_and_all_else_is_there(folder, question):
    said = "✓ You said yes. The code says yes."
    write(
        folder,
        "04.ipynb",
        code("guess = Predict('An older question?', ['yes', 'no'])"),
        code(f"guess = Predict({question}, ['yes', 'no'])"),
        code("guess.reveal('yes')", said),
        code("def softmax(scores):\n    return 1"),
    )
    write(folder, "05.ipynb", code("def softmax(scores):\n    return 2"))
    exported = export.export_my_work(folder)
    assert "question in this notebook could not be read" in exported.sheets[0].problem
    assert exported.sheets[0].predictions == (("", said),)
    assert not exported.sheets[1].problem
    text = Page(exported.path).text
    assert all(part in text for part in (exported.sheets[0].problem, said, "return 1", "return 2"))


def test_what_is_revealed_may_be_written_at_any_length(folder):
    said = "✓ You said yes. The code says yes."
    write(folder, "04.ipynb", code(f"({' + '.join(['guess'] * 600)}).reveal('yes')", said))
    (sheet,) = export.export_my_work(folder).sheets
    assert sheet.predictions == (("", said),)


@pytest.mark.parametrize("source", ["def softmax(scores):\n    return (", "def softmax(scores):\n    x = '\x00'"])
def test_code_that_python_cannot_read_is_shown_all_the_same(folder, source):
    write(folder, "05.ipynb", code(source))
    (sheet,) = export.export_my_work(folder).sheets
    assert sheet.exercises == (("softmax", source),)


def test_a_cell_of_megabytes_is_cut_and_outputs_stay_out(folder):
    write(
        folder,
        "05.ipynb",
        code("def softmax(scores):\n    return '" + "x" * 3_000_000 + "'", "y" * 3_000_000),
    )
    path = export.export_my_work(folder).path
    assert path.stat().st_size < 100_000
    assert "The first 20,000 of 3,000,0" in Page(path).text


def test_an_empty_folder_gives_a_page_that_says_so(folder):
    page = Page(export.export_my_work(folder).path)
    assert "No exercise was begun" in page.text
    assert page.tags.count("section") == 0


def test_a_page_that_is_there_stays(folder):
    first = export.export_my_work(folder).path
    first.write_text("mine")
    others = [export.export_my_work(folder).path for _ in range(2)]
    assert first.read_text() == "mine"
    assert len({first, *others}) == 3
    assert [path.stem[-2:] for path in others] == ["_2", "_3"]


def test_no_folder_is_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"course\.py lab"):
        export.export_my_work(tmp_path / "nowhere")

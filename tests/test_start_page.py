"""What the buttons of the start page do, pressed in Python; tests/browser/test_start_page.py presses them for real."""

import json
from dataclasses import replace

import pytest

from helpers import start_page, workspace
from helpers.checks import EXERCISES, check, logbook
from helpers.kernels import QUIET, Kernel, NoServerError
from helpers.start_page import CourseMap, FreeMemory, FreshCopies, MyWork

# JSON that can be read, with half a letter that no file in UTF-8 can hold.
LONE = r'{"cells": [{"cell_type": "markdown", "source": "\ud800"}], "metadata": {}}'


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A course with one notebook, which the learner has opened."""
    monkeypatch.setattr(logbook, "_seen", {})
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# 05 A | B\n\n**Who, <b>me</b>?**\n\nAbout 60 minutes."}
    ]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "05_attention.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}}))
    workspace.lay_copies(tmp_path)
    return tmp_path


def test_the_map_counts_what_is_done(desk):
    row = "| 05 | [A \\| B](05_attention.ipynb) | Who, <b>me</b>? | 60 | {} of 3 |"
    assert row.format(0) in CourseMap(desk)._repr_markdown_()
    check(lambda scores: (scores - scores.logsumexp(-1, True)).exp(), "softmax")
    assert row.format(1) in CourseMap(desk)._repr_markdown_()
    assert "1 of" not in repr(CourseMap(desk))


def visible(action):
    return [child.description for child in action.children[-3:] if child.layout.display != "none"]


def test_a_fresh_copy_is_laid_after_yes_only(desk):
    mine = desk / "my_notebooks" / "05_attention.ipynb"
    mine.write_text("mine")
    page = FreshCopies(desk)
    row = page.rows["05"]
    assert visible(row) == ["Fresh copy"]
    row.button.click()
    assert "Then: a fresh copy?" in page.message.value
    assert visible(row) == ["Yes, keep mine beside it", "No"]
    row.no.click()
    assert "Nothing has changed" in page.message.value
    assert mine.read_text() == "mine"
    row.button.click()
    row.yes.click()
    assert "kept beside it" in page.message.value
    assert "Who" in mine.read_text()
    assert visible(row) == ["Fresh copy"]


@pytest.mark.parametrize("damaged", ["{", "{}", "[]", '{"cells": [{}], "metadata": {}}', LONE])
def test_a_copy_that_cannot_be_laid_is_a_sentence_and_mine_stays(desk, damaged):
    mine = desk / "my_notebooks" / "05_attention.ipynb"
    mine.write_text("mine")
    page = FreshCopies(desk)
    (desk / "notebooks" / "05_attention.ipynb").write_text(damaged)
    page.rows["05"].button.click()
    page.rows["05"].yes.click()
    assert "That did not work, and your copy is still there" in page.message.value
    assert mine.read_text() == "mine"
    assert [path.name for path in mine.parent.glob("05*.ipynb")] == [mine.name]


OWN = Kernel("own", "00_start.ipynb", "busy", 0.0, 210_000_000, own=True)
IDLE = Kernel("a", "05 <b>.ipynb", "idle", QUIET + 1, 400_000_000, own=False)
BUSY = Kernel("b", "03.ipynb", "busy", QUIET + 1, 300_000_000, own=False)


class FakeServer:
    def __init__(self, *kernels):
        self.running, self.ended = list(kernels), []

    def kernels(self):
        return self.running

    def end(self, kernels):
        ended = [one for one in kernels if one in self.running]
        self.running = [one for one in self.running if one not in ended]
        self.ended += ended
        return ended


def test_only_rest_makes_a_kernel_idle():
    assert IDLE.is_idle
    assert not any(one.is_idle for one in (BUSY, OWN, replace(IDLE, own=True), replace(IDLE, rested=QUIET / 2)))
    assert not any(replace(IDLE, state=state).is_idle for state in ("busy", "starting", "restarting", "unknown"))


def test_idle_kernels_end_after_yes_only():
    server = FakeServer(OWN, IDLE, BUSY)
    memory = FreeMemory(connect=lambda: server)
    assert not memory.table.value
    memory.show.click()
    assert "05 &lt;b&gt;.ipynb" in memory.table.value
    assert memory.table.value.index("00_start.ipynb") < memory.table.value.index("this one")
    assert "idle" in memory.table.value
    assert "1 kernel idle; ending would free 400 MB." in memory.message.value
    memory.end.button.click()
    assert "End 05 &lt;b&gt;.ipynb?" in memory.message.value
    memory.end.no.click()
    assert not server.ended
    memory.end.button.click()
    memory.end.yes.click()
    assert server.ended == [IDLE]
    assert "Ended 1 kernel: 400 MB free. No other kernel is idle" in memory.message.value
    assert "05" not in memory.table.value
    assert memory.end.layout.display == "none"


def test_a_kernel_that_began_to_work_meanwhile_is_told():
    server = FakeServer(OWN, IDLE)
    memory = FreeMemory(connect=lambda: server)
    memory.show.click()
    memory.end.button.click()
    server.running = [OWN, replace(IDLE, state="busy")]
    memory.end.yes.click()
    assert not server.ended
    assert "Nothing was ended: 1 kernel had begun to work or was gone already." in memory.message.value


def test_memory_that_nobody_knows_is_not_guessed():
    memory = FreeMemory(connect=lambda: FakeServer(OWN, replace(IDLE, memory=None)))
    memory.show.click()
    assert "free an unknown amount of memory" in memory.message.value


@pytest.mark.parametrize("error", [NoServerError("No Jupyter server was found"), OSError("refused"), ValueError("odd")])
def test_without_a_server_it_says_so(error):
    def connect():
        raise error

    memory = FreeMemory(connect)
    memory.show.click()
    assert str(error) in memory.message.value
    assert memory.end.layout.display == "none"


def test_my_work_says_where_it_lies(desk, monkeypatch):
    monkeypatch.setattr(start_page.workspace, "MY_NOTEBOOKS", desk / "my_notebooks")
    page = MyWork()
    page.children[0].click()
    assert "my_work_" in page.message.value
    assert list((desk / "my_notebooks").glob("my_work_*.html"))
    monkeypatch.setattr(start_page.workspace, "MY_NOTEBOOKS", desk / "nowhere")
    page.children[0].click()
    assert "That did not work: there is no folder nowhere yet" in page.message.value


def test_the_text_of_the_panels_is_always_the_same(desk):
    assert [repr(panel) for panel in (FreshCopies(desk), FreeMemory(), MyWork())] == [
        "FreshCopies()",
        "FreeMemory()",
        "MyWork()",
    ]


def test_the_warm_up_comes_first():
    assert list(EXERCISES)[:3] == ["mean_of_rows", "row_times_rows", "outer_sum"]

"""A full disk, and a folder that cannot be written: the verdict comes all the same, and nothing is half written."""

import shutil

import pytest

from helpers import workspace

from . import ROOT, apart, needs_root

FULL = "mount -t tmpfs -o size=64k none {folder} && "
FILLED = "dd if=/dev/zero of={folder}/full bs=1k 2>/dev/null; cd {folder} && "
READ_ONLY = "mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && "

WORK = """
import pathlib, torch
import helpers.export, helpers.workspace
from helpers.checks import check, logbook
from helpers.start_page import MyWork
logbook.learner_folder = helpers.workspace.learner_folder = lambda *_: pathlib.Path.cwd()
helpers.export.page = lambda *_: "x" * 100_000

def causal_mask(n):
    return torch.ones(n, n).tril() > 0

print(check(causal_mask))
panel = MyWork()
panel._on_click()
print(panel.message.value)
print("left behind:", [path.name for path in pathlib.Path.cwd().glob("my_work*")])
"""


@needs_root
@pytest.mark.parametrize(
    ("trouble", "reason", "remedy"),
    [
        (FULL + FILLED, "no space left on device", "make room"),
        (READ_ONLY + "cd {folder} && ", "read-only file system", "it is kept"),
    ],
    ids=["full", "read-only"],
)
def test_a_verdict_comes_all_the_same_and_no_half_page_is_left(tmp_path, trouble, reason, remedy):
    done = apart(trouble.format(folder=tmp_path) + f"exec $PYTHON -c '{WORK}'", "m")
    said = " ".join(done.stdout.split())
    assert "✓ causal_mask: passed" in said, done.stderr
    assert f"Your progress could not be saved ({reason}): {remedy}" in said
    assert f"That did not work: the page could not be written into {tmp_path.name} ({reason})" in said
    assert "left behind: []" in said
    assert not done.stderr


@needs_root
@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [(FULL, "The disk is full"), (READ_ONLY, "cannot be written: this folder is read-only")],
    ids=["full", "read-only"],
)
def test_the_start_says_what_to_do(tmp_path, trouble, sentence):
    copies = tmp_path / "my_notebooks"
    copies.mkdir()
    for name in ("course.py", "commands", "helpers", "notebooks"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    command = f"cd {tmp_path} && exec $PYTHON course.py lab --here --no-browser"
    done = apart(trouble.format(folder=copies) + command, "m", env={"PYTHONPATH": ""})
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fresh_copy_that_cannot_be_laid_leaves_mine_in_place(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "05_attention.ipynb", tmp_path / "notebooks")
    workspace.lay_copies(tmp_path)
    mine = tmp_path / "my_notebooks" / "05_attention.ipynb"
    mine.write_text("mine")
    monkeypatch.setattr(workspace, "_write", full)
    with pytest.raises(OSError, match="No space"):
        workspace.fresh("05", tmp_path)
    assert mine.read_text() == "mine"
    assert [path.name for path in mine.parent.glob("05*")] == ["05_attention.ipynb"]

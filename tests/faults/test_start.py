"""Starting twice, on a port that is taken, in a home with spaces and accents, in other languages, on other Pythons."""

import ast
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from commands import lab
from commands.environment import SetUpError

from . import ROOT

SOURCES = [ROOT / "course.py", *(path for part in ("commands", "helpers", "notebooks", "bench", "deploy", "data/make")
                                 for path in sorted((ROOT / part).rglob("*.py")))]  # fmt: skip
LOCALES = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},  # ASCII: what is read has to say it is utf-8
    "tr_TR": {"LC_ALL": "tr_TR.UTF-8"},  # where the small letter of I is none of the alphabet's; C where it is missing
}
READ = """
from helpers import course_text, datasets, vocabulary, workspace
from helpers.forecasting import Settings, read
from pathlib import Path
names = datasets.load_names()
print(ascii(sorted(set("".join(names.names)))[-1]), len(names.names), len(course_text.passages()) > 300)
print(ascii(datasets.load_dates(2, source="tr").source[0]))
print(len(workspace.lay_copies(Path.cwd())), "copies")
print(read(Settings("tail.csv", "day", ["sold"], 4, 1)).values.shape)
"""


@pytest.fixture
def taken():
    with socket.socket() as held:
        held.bind(("localhost", 0))
        held.listen()
        yield held.getsockname()[1]


def test_a_port_in_use_is_a_sentence_at_once(taken):
    with pytest.raises(SetUpError, match=f"Port {taken} on localhost is in use: leave --port out"):
        lab.free_port("localhost", taken, tries=1)
    assert lab.free_port("localhost", taken) > taken  # without --port the next one is taken


def test_an_address_of_another_machine_is_a_sentence():
    with pytest.raises(SetUpError, match=r"192\.0\.2\.1 is no address of this machine"):
        lab.free_port("192.0.2.1")


def test_a_second_lab_says_where_the_first_one_is(tmp_path, taken, capsys):
    word = tmp_path / lab.RUNNING
    with lab.announced(word, taken):
        assert not capsys.readouterr().out
        with lab.announced(word, taken + 1):
            assert f"JupyterLab is open on these notebooks already, at port {taken}" in capsys.readouterr().out
        assert word.read_text() == str(taken)  # the word of the first one stands
    assert not word.exists()


def test_the_word_of_a_lab_that_was_killed_is_no_second_one(tmp_path, taken, capsys):
    (tmp_path / lab.RUNNING).write_text("1")
    with lab.announced(tmp_path / lab.RUNNING, taken):
        assert not capsys.readouterr().out
        assert (tmp_path / lab.RUNNING).read_text() == str(taken)


@pytest.mark.parametrize("name", LOCALES)
def test_files_are_read_alike_in_every_locale(name, tmp_path):
    home = tmp_path / "Zoë Müller"
    (home / "notebooks").mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / "05_attention.ipynb", home / "notebooks")
    rows = "\n".join(f"2024-01-{day:02d},{day}" for day in range(1, 29))
    (home / "tail.csv").write_text(f"day,sold\n{rows}\n", encoding="utf-8")
    environment = {**os.environ, **LOCALES[name], "PYTHONPATH": str(ROOT), "HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", READ], cwd=home, env=environment, capture_output=True)
    assert done.stdout.decode("ascii").split("\n")[:-1] == [
        "'\\u2019' 6999 True", "'1 Nisan 2038'", "1 copies", "(28, 1)",
    ], done.stderr.decode(errors="replace")  # fmt: skip
    assert not done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_text_file_is_opened_with_its_encoding(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        names = {keyword.arg for keyword in node.keywords}
        positional = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        binary = any(isinstance(mode, str) and "b" in mode for mode in positional)
        if called == "read_text":
            assert node.args or "encoding" in names, f"line {node.lineno}: read_text() without an encoding"
        elif called == "write_text":
            assert len(node.args) > 1 or "encoding" in names, f"line {node.lineno}: write_text() without an encoding"
        elif called == "open" and not binary and not _opens_no_file(node):
            assert "encoding" in names, f"line {node.lineno}: open() without an encoding"


def _opens_no_file(node):
    """wave.open, urlopen's opener, webbrowser.open, and what writes nothing into the file it opens."""
    owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return owner in ("wave", "webbrowser", "direct", "DIRECT", "Image", "browser", "os", "context", "page")


def pythons():
    """The oldest and the newest Python that the course supports, where they can be had."""
    for version in ("3.11", "3.12", "3.13"):
        kept = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}")
        found = next(iter(kept), shutil.which(f"python{version}"))
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            yield pytest.param(found, id=version)


@pytest.mark.parametrize("python", list(pythons()))
def test_what_runs_before_the_set_up_runs_on_every_python(python, tmp_path):
    code = "import sys; sys.dont_write_bytecode = True; import course, helpers, helpers.workspace, importlib; "
    code += "[importlib.import_module(module) for module, _ in course.VERBS.values()]; course.main(['--help'])"
    done = subprocess.run([python, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "usage: python course.py VERB" in done.stdout, done.stderr
    assert not done.stderr


@pytest.mark.parametrize("python", list(pythons()))
def test_every_python_reads_all_sources(python):
    code = "import sys; [compile(open(path, 'rb').read(), path, 'exec') for path in sys.argv[1:]]"
    done = subprocess.run([python, "-W", "error", "-c", code, *map(str, SOURCES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_written_that_the_oldest_python_cannot_read(path):
    ast.parse(path.read_text("utf-8"), feature_version=(3, 11))

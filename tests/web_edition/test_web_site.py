"""The site as it is written: scripts and their policy, search, links between pages, the front page."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import pytest

from helpers.widgets import Predict
from notebooks.build import HERE as NOTEBOOKS
from web import execute
from web.build import COVERS, main, write
from web.bundle import ASSETS, WIDGETS, bundle, data

from .notebooks import code, html, page, view

SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))
STEMS = sorted(path.stem for path in WIDGETS.glob("*.py") if path.with_suffix(".js").exists())


@pytest.mark.parametrize("stem", STEMS)
def test_every_widget_makes_a_script(stem, tmp_path):
    text = bundle([stem])
    assert not re.search(r"^(import|export)\b", text, flags=re.MULTILINE)
    assert "</script" not in text.lower()
    assert f'WIDGETS["{stem}"]' in text
    if node := shutil.which("node"):
        (tmp_path / "bundle.js").write_text(text, encoding="utf-8")
        subprocess.run([node, "--check", tmp_path / "bundle.js"], check=True)


def test_nothing_of_ours_asks_another_host_or_makes_script_of_text():
    for path in [*ASSETS.iterdir(), *ASSETS.with_name("templates").iterdir()]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"https?://|//cdn|fetch\(|XMLHttpRequest|innerHTML|eval\(|new Function|@import|url\(", text
        ), path.name


@pytest.fixture
def site(tmp_path):
    guess = Predict("</script><script>hacked = 1</script>", ["<img src=x onerror='hacked = 1'>", "two"])
    guess.reveal("two")
    made = page(
        code("guess", view(guess)),
        code("guess.reveal()", html("<script>hacked = 1</script><p>two</p>"), reveals=[guess.model_id]),
        "## Part *two*\n\nSomething about gradients.\n\n## Part three\n\nNothing.",
    )
    write(tmp_path, [made])
    return tmp_path


def test_the_policy_admits_exactly_what_stands_in_the_page(site):
    for path in site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#39;", "'")
        directives = dict(part.split(" ", 1) for part in policy.split("; "))
        for kind, tag in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
            digests = [
                f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
                for one in re.findall(tag, text, flags=re.DOTALL)
            ]
            assert directives[kind].split() == digests
        assert directives["default-src"] == "'none'"
        assert "unsafe" not in policy
        assert text.index("Content-Security-Policy") < text.index("<style") < text.index("<script")


def test_what_a_widget_holds_cannot_end_the_script_that_carries_it(site):
    text = (site / "99_by_hand.html").read_text(encoding="utf-8")
    assert "hacked = 1</script><" not in text
    (carried,) = re.findall(r'<script type="application/json" id="widgets">(.*?)</script>', text, flags=re.DOTALL)
    (entry,) = json.loads(carried)["models"].values()
    assert entry["state"]["question"] == "</script><script>hacked = 1</script>"
    assert data("<!--") == '"\\u003c!--"'


def test_the_search_finds_sections_by_their_anchor(site):
    text = (site / "search.html").read_text(encoding="utf-8")
    index = json.loads(re.search(r'id="index">(.*?)</script>', text, flags=re.DOTALL)[1])
    assert index["pages"] == [["99_by_hand.html", "99 A title"]]
    assert index["sections"] == [
        [0, "99-a-title", "99 A title", "Why is it so? Some words."],
        [0, "part-two", "Part two", "Something about gradients."],
        [0, "part-three", "Part three", "Nothing."],
    ]


def test_pages_lead_to_their_neighbours_and_every_link_within_the_site_arrives(tmp_path):
    pages = [
        page(f"## Part\n\n[to the other](9{other}_x.ipynb)", title=f"# 9{n} Title\n\n**Why?**")
        for n, other in ((7, 8), (8, 7))
    ]
    for n, one in enumerate(pages, start=7):
        one.stem = f"9{n}_x"
    write(tmp_path, pages)
    first, second = ((tmp_path / f"9{n}_x.html").read_text(encoding="utf-8") for n in (7, 8))
    assert re.findall(r'rel="(\w+)" href="([^"]+)"', first.partition("<body>")[2]) == [("next", "98_x.html")]
    assert re.findall(r'rel="(\w+)" href="([^"]+)"', second.partition("<body>")[2]) == [("prev", "97_x.html")]
    for path in tmp_path.glob("*.html"):
        for target in re.findall(r'(?:href|src|action)="([^"#]+)["#]', path.read_text(encoding="utf-8")):
            assert target == "data:," or (tmp_path / target.partition("?")[0]).exists(), f"{path.name}: {target}"


def test_the_front_page_shows_a_figure_of_every_notebook_but_the_first():
    assert list(COVERS) == [source.name[:2] for source in SOURCES][1:]


def test_a_folder_that_holds_something_else_is_not_emptied(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("web.build.executed", lambda *_, **__: pytest.fail("it is to be emptied"))
    for name in "thesis.tex", "search.html":  # many a folder for the web has a page for searching
        (tmp_path / name).touch()
        assert main(["--out", str(tmp_path)]) == 1
        assert "holds something else" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"thesis.tex", "search.html"}


@pytest.mark.parametrize("where", ["web.build._render", "shutil.rmtree", "pathlib.Path.unlink"])
def test_a_folder_stays_ours_when_writing_is_interrupted(site, where, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    (site / "old.html").touch()
    with monkeypatch.context() as patch:
        patch.setattr(where, interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(site, [page("Text.")])
    write(site, [page("Text.")])
    assert not (site / "old.html").exists()
    assert (site / "search.html").exists()


def test_a_notebook_runs_again_when_what_its_outputs_depend_on_has_changed(tmp_path, monkeypatch):
    runs = []
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "execute", lambda *args, **kwargs: runs.append(args))
    depends = [
        *("helpers/plots/course.mplstyle", "helpers/plots/bars.py", "helpers/ask.py", "data/words.csv"),
        *("data/results/race.csv", "notebooks/05_attention.ipynb", "requirements.lock"),
    ]
    for name in [*depends, "helpers/widgets/core.js", "notebooks/source/99_x.py"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def ran():
        before = len(runs)
        execute.executed([tmp_path / "notebooks/source/99_x.py"], kept=tmp_path / "kept", say=lambda *_, **__: None)
        return len(runs) > before

    assert [ran(), ran()] == [True, False]
    for name in depends:
        (tmp_path / name).write_text("changed")
        assert [ran(), ran()] == [True, False], name
    (tmp_path / "helpers/widgets/core.js").write_text("changed")
    assert not ran()

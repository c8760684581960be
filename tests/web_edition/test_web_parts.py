"""The parts of the web edition: prose, outputs, folds, state, scripts and policy, search."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from nbformat.v4 import new_output

from helpers import prepared
from helpers.checks import EXERCISES, check, show_source
from helpers.widgets import HeadsView, Predict, WordMap
from notebooks.build import HERE as NOTEBOOKS
from notebooks.build import read_source
from web.build import COVERS, main, write
from web.bundle import ASSETS, WIDGETS, bundle, data
from web.outputs import NEEDS_NOTEBOOK
from web.prose import Prose, mathml, preformatted
from web.sanitise import sanitised

from .notebooks import code, html, page, view

SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))
STEMS = sorted(path.stem for path in WIDGETS.glob("*.py") if path.with_suffix(".js").exists())


# --- prose


def test_a_prime_is_as_large_as_its_letter():
    assert "<mrow><mi>k</mi><mo" in mathml("k'", "inline")
    assert "<msup><mi>k</mi><mn>2</mn></msup>" in mathml("k^2", "inline")


@pytest.mark.parametrize("latex", ["(-b)", "a = -b", r"a \cdot -b", r"a, \quad -b"])
def test_a_minus_without_a_left_hand_is_a_sign(latex):
    assert '<mo form="prefix">&#x02212;</mo>' in mathml(latex, "inline")


@pytest.mark.parametrize("latex", ["a - b", "f(a) - b", "[a] - b", "|a| - b", "a_1 - b", r"\left|a\right| - b"])
def test_a_minus_with_two_hands_stays_an_operator(latex):
    assert "<mo>&#x02212;</mo>" in mathml(latex, "inline")


def test_a_bar_stands_close_to_what_it_bounds():
    assert mathml("|a|", "inline").count('<mo lspace="0" rspace="0" stretchy="false">&#x0007C;</mo>') == 2


def test_a_formula_on_a_line_of_its_own_stands_in_no_paragraph():
    html = re.sub("<math.*?</math>", "m", Prose().html("so\n$$a$$\nand $b$.\n\n$$c$$\n\n> $$d$$"))
    formula = '<div class="formulas"><div class="formula scroller">m</div></div>\n'
    assert html == f"<p>so</p>\n{formula}<p>and m\u2060.</p>\n{formula}<blockquote>\n{formula}</blockquote>\n"


def test_formulas_become_mathml_and_no_dollar_is_left():
    for source in SOURCES:
        for cell in read_source(source).cells:
            if cell.cell_type == "markdown" and cell.source.count("$") > 1:
                shown = re.sub(r"<(code|pre)>.*?</\1>", "", Prose().html(cell.source), flags=re.DOTALL)
                assert "<math" in shown
                assert "$" not in shown, shown
                assert "\\" not in shown, shown


def test_headings_are_anchors_and_of_two_that_read_the_same_the_second_is_numbered():
    prose = Prose()
    assert prose.html("## Why *so*?\n\n## Why so?") == (
        '<h2 id="why-so">Why <em>so</em>?</h2>\n<h2 id="why-so-2">Why so?</h2>\n'
    )
    assert [(level, anchor) for level, anchor, _ in prose.headings] == [(2, "why-so"), (2, "why-so-2")]


def test_links_lead_from_page_to_page_and_markup_in_prose_is_shown_as_typed():
    assert 'href="05_attention.html"' in Prose().html("[five](05_attention.ipynb)")
    assert 'href="05_attention.html#why"' in Prose().html("[five](05_attention.ipynb#why)")
    assert "<script" not in Prose().html("a <script>alert(1)</script> b")
    assert "javascript" not in Prose().html("[x](javascript:alert(1))").replace("#harmful-link", "")
    assert "style=" not in Prose().html("| a | b |\n|:--|--:|\n| 1 | 2 |")


def test_no_line_begins_with_the_full_stop_behind_a_formula():
    assert "</math>\u2060." in Prose().html("so $a = b$.")
    assert "\u2060" not in Prose().html("so $a = b$ (or not).")


# --- what a notebook prints cannot act


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>hacked = 1</script>",
        '<img src="x" onerror="hacked = 1">',
        "<svg onload=hacked=1><script>hacked = 1</script></svg>",
        '<a href="javascript:hacked = 1">x</a>',
        '<a href="data:text/html,<script>hacked = 1</script>">x</a>',
        '<p onclick="hacked = 1" style="position:fixed" id="widgets">x</p>',
        '<iframe srcdoc="<script>hacked = 1</script>"></iframe>',
        '<form action="https://example.org"><input name=q></form>',
        '<audio src="https://example.org/x.wav"></audio>',
        "<style>@import 'https://example.org/x.css'</style>",
        "<math><mtext><table><mglyph><style><img src=x onerror=hacked=1>",
        "<!--><script>hacked = 1</script>-->",
        "<details ontoggle=hacked=1 open>x</details>",
    ],
)
def test_hostile_html_is_left_without_anything_that_acts(hostile):
    left = sanitised(hostile)
    assert not re.search(r"<(?!/?(?:p|a|audio|details|table)\b)\w", left), left
    assert not re.search(r"<[^>]*\s(?:on\w+|style|id|srcdoc|action)\s*=", left), left
    assert not re.search(r"<[^>]*(?:javascript:|data:text|example\.org)", left), left


def test_what_the_course_shows_survives_the_cleaning():
    report = check(lambda n: n, "causal_mask")._repr_html_()
    assert report.count("<p") == sanitised(report).count("<p") > 1
    assert 'class="check-card" role="group" aria-label="Check of' in sanitised(report)
    assert (
        sanitised('<audio controls><source src="data:audio/wav;base64,AA" type="audio/wav"></audio>').count(
            "data:audio"
        )
        == 1
    )


# --- predictions, exercises, panels


def cells_of(made, kind):
    return [cell for cell in made.cells if getattr(cell, kind)]


def test_what_would_spoil_a_prediction_is_folded_until_the_cell_that_answers_it():
    guess = Predict("How many?", [4, 8])
    guess.reveal(8)
    made = page(
        code("guess", view(guess)),
        code("1", new_output("stream", text="between")),
        code(
            "guess.reveal(8)",
            html("<p>The code says <strong>8</strong>; nothing was predicted. </p>"),
            reveals=[guess.model_id],
        ),
        code("2", new_output("stream", text="after")),
    )
    assert [cell.waits for cell in made.cells] == [[], [], [guess.model_id], [guess.model_id], []]
    assert [len(cell.folded) for cell in made.cells] == [0, 0, 1, 1, 0]
    assert made.cells[3].folded == ["<p>The code says <strong>8</strong>. </p>"]
    entry = made.states.models[guess.model_id]
    assert entry["answer"] == 1
    assert (entry["state"]["truth"], entry["state"]["said"], entry["state"]["choice"]) == (None, None, None)


def test_what_is_said_of_a_folded_output_is_folded_with_it():
    guess = Predict("How many?", [4, 8])
    guess.reveal(8)
    asked = code("guess", view(guess))
    shown = code("guess.reveal(8)", new_output("stream", text="8"), reveals=[guess.model_id])
    made = page(asked, shown, "Eight!\n\n## Next\n\nWords.", "More.")
    folded = [cell.folded for cell in made.cells if cell.folded]
    assert folded == [['<pre class="wraps">8</pre>', '<div class="prose"><p>Eight!</p>\n</div>']]
    prose = [cell.prose for cell in made.cells if cell.prose][1:]
    assert [text.split("\n")[0] for text in prose] == ['<h2 id="next">Next</h2>', "<p>More.</p>"]
    assert "Eight!" in made.sections[0][2], "the search finds it"


def test_what_was_printed_in_pieces_is_one_text():
    pieces = [new_output("stream", text=text) for text in ("one\n", "two <b>\n")]
    assert page(code("1", *pieces)).cells[1].shown == ['<pre class="wraps">one\ntwo &lt;b&gt;</pre>']


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a long sentence: True", "wraps"),
        ("one  two", "wraps"),
        ("model  score\nGRU    0.98", "columns"),
        ("a sentence,\nand another", "wraps"),
        ("if x:\n    y", "columns"),
        ("-   y = 1\n+   y = 2", "columns"),
    ],
)
def test_what_stands_in_columns_is_not_wrapped(text, kind):
    assert preformatted(text) == f'<pre class="{kind}">{text}</pre>'


def test_a_prediction_in_a_folded_cell_stays_to_be_made():
    first, second = (Predict(question, ["yes", "no"]) for question in ("First?", "Second?"))
    first.reveal("yes"), second.reveal("no")
    made = page(
        code("first", view(first)),
        code("first.reveal()", html("<p>1</p>"), view(second), reveals=[first.model_id]),
        code("second.reveal()", html("<p>2</p>"), reveals=[second.model_id]),
    )
    assert [len(cell.shown) for cell in made.cells] == [0, 1, 1, 0]
    assert [cell.waits for cell in made.cells] == [[], [], [first.model_id], [second.model_id]]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('For help: `checks.hint("split_heads")`.', "For help: the hints below."),
        ('For help, run\n`checks.hint("rnn_cell")`, up to three times.', "For help, the hints below."),
        ('Side by side. `checks.hint("merge_heads")` helps.', "Side by side. The hints below help."),
        ('Stuck? `checks.hint("mean_of_rows")`.', "Stuck? The hints below."),
    ],
)
def test_a_page_points_to_the_hints_below_instead_of_a_call(said, shown):
    assert shown in page(said).cells[1].prose


def test_an_exercise_nobody_attempted_offers_hints_and_the_reference_folded():
    def causal_mask(n): ...

    made = page(code("checks.check(causal_mask)", html(check(causal_mask)._repr_html_())))
    (shown,) = made.cells[1].shown
    assert "not attempted" not in shown
    assert shown.count("<details>") == len(EXERCISES["causal_mask"].hints) + 1
    assert "<details open" not in shown
    assert '<span class="nf">causal_mask</span>' in shown


def test_a_reference_with_a_cell_of_its_own_stands_on_the_page_once():
    def causal_mask(n): ...

    check_it = code("checks.check(causal_mask)", html(check(causal_mask)._repr_html_()))
    show_it = code('checks.show_source("causal_mask")', html(show_source("causal_mask")._repr_html_()))
    for cells in ((check_it,), (check_it, show_it)):
        shown = "".join(text for cell in page(*cells).cells for text in cell.shown)
        assert shown.count('<span class="nf">causal_mask</span>') == 1
        assert shown.count("<summary>Hint") == len(EXERCISES["causal_mask"].hints)


def test_every_panel_that_needs_the_notebook_is_one_of_the_course():
    lines = {cell.source.rpartition("\n")[2] for source in SOURCES for cell in read_source(source).cells}
    assert set(NEEDS_NOTEBOOK) | {"quiz.Quiz()"} <= lines


def test_the_quiz_asks_what_the_package_answers():
    made = page(code("quiz.Quiz()"))
    assert len(made.cells[1].shown) == len(made.states.models) == 8
    assert all(isinstance(entry["answer"], int) for entry in made.states.models.values())


# --- style


def test_pages_style_no_class_of_a_widget():
    style = re.sub(r"/\*.*?\*/", "", (ASSETS / "style.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    selectors = [one.strip() for group in re.findall(r"([^{}]+)\{", style) for one in group.split(",")]
    ours = {selector[1:] for selector in selectors if re.fullmatch(r"\.[\w-]+", selector)}
    widgets = "".join(path.read_text(encoding="utf-8") for path in WIDGETS.glob("*.js"))
    theirs = {name for names in re.findall(r'class: [`"]([^`"$]+)', widgets) for name in names.split()}
    assert {"steps", "number"} <= theirs
    assert ours & theirs == {"course-widget", "hidden", "scroller"}  # which mean the same in both


# --- state


def test_a_reader_of_sentences_carries_those_that_are_prepared():
    heads = HeadsView(prepared.load_reference(), prepared.BIG_DOG, layer=3, head=9)
    made = page(code("heads", view(heads)))
    entry = made.states.models[heads.model_id]
    assert list(entry["answers"]) == list(prepared.SENTENCES)
    answer = entry["answers"][prepared.WIDE]
    (number,) = [number for path, number in answer["buffers"] if path == ["maps", "codes"]]
    codes = np.frombuffer(base64.b64decode(made.states.buffers[number]), np.uint8)
    _, weights = prepared.load_reference().heads(prepared.WIDE)
    np.testing.assert_allclose(codes.reshape(weights.shape) / 255, weights, atol=0.002)
    assert "open the notebook" in "".join(made.cells[1].shown)


def test_a_map_of_words_carries_only_what_it_can_look_up_and_says_so():
    words = [f"word{i}" for i in range(50)]
    look = WordMap(words, np.eye(50), prepared=words[:10])
    made = page(code("look", view(look)))
    assert made.states.models[look.model_id]["state"]["vocabulary"].split("\n") == words[:10]
    assert "This page carries 10 words" in "".join(made.cells[1].shown)


def test_a_map_of_words_asks_only_for_words_that_it_carries():
    words = [f"word{i}" for i in range(50)]
    strange, known = (
        WordMap(words, np.eye(50), words[9], inputs=words[n : n + 3], prepared=words[5:15]) for n in (0, 6)
    )
    made = page(code("strange", view(strange)), code("known", view(known)))
    asked = [made.states.models[one.model_id]["state"]["inputs"] for one in (strange, known)]
    assert asked == [words[5:8], words[6:9]]


def test_the_same_array_travels_once():
    same = [WordMap([f"word{i}" for i in range(9)], np.eye(9)) for _ in range(2)]
    made = page(*(code("one", view(one)) for one in same))
    numbers = [dict((tuple(path), n) for path, n in made.states.models[one.model_id]["buffers"]) for one in same]
    assert numbers[0]["prepared_vectors", "data"] == numbers[1]["prepared_vectors", "data"]


# --- scripts and policy


@pytest.mark.parametrize("stem", STEMS)
def test_every_widget_makes_a_script(stem, tmp_path):
    text = bundle([stem])
    assert not re.search(r"^(import|export)\b", text, flags=re.MULTILINE)
    assert "</script" not in text.lower()
    assert f'WIDGETS["{stem}"]' in text
    if node := shutil.which("node"):
        (tmp_path / "bundle.js").write_text(text)
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


def test_a_folder_that_holds_something_else_is_not_emptied(tmp_path, capsys):
    (tmp_path / "thesis.tex").touch()
    assert main(["--out", str(tmp_path)]) == 1
    assert "holds something else" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_formulas_of_a_line_stand_in_a_box_each_and_a_long_name_may_break_at_its_joints():
    html = Prose().html("$$a = b, \\qquad c = d$$\n\n`torch.nn.functional` and `x @ W.T` and `key_tokens(...)`")
    assert html.count('<div class="formula scroller">') == 2
    assert "<code>torch.<wbr>nn.<wbr>functional</code>" in html
    assert "<code>x @ W.<wbr>T</code>" in html
    assert "<code>key_<wbr>tokens(...)</code>" in html

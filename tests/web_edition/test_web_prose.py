"""The prose of the web edition: formulas, headings, links, and HTML that is left without anything that acts."""

import re

import pytest

from helpers.checks import check
from notebooks.build import HERE as NOTEBOOKS
from notebooks.build import read_source
from web.prose import Prose, mathml
from web.sanitise import sanitised

SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))


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


def test_two_formulas_of_a_line_stand_in_a_box_each_and_a_long_name_may_break_at_its_joints():
    html = Prose().html("$$a = b, \\qquad c = d$$\n\n`torch.nn.functional` and `x @ W.T` and `key_tokens(...)`")
    assert html.count('<div class="formula scroller">') == 2
    assert "<code>torch.<wbr>nn.<wbr>functional</code>" in html
    assert "<code>x @ W.<wbr>T</code>" in html
    assert "<code>key_<wbr>tokens(...)</code>" in html


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

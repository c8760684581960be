"""The cells of the web edition: what is folded, exercises that nobody attempted, panels that need the notebook."""

import pytest
from nbformat.v4 import new_output

from helpers.checks import EXERCISES, check, show_source
from helpers.widgets import Predict
from notebooks.build import HERE as NOTEBOOKS
from notebooks.build import read_source
from web.outputs import NEEDS_NOTEBOOK
from web.prose import preformatted

from .notebooks import code, html, page, view

SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))


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

"""WordMap without a browser: what Python computes, answers and refuses, and its agreement with the browser's half."""

import json
import math
import subprocess

import numpy as np
import pytest
import torch
from traitlets import TraitError

from helpers.models import words
from helpers.widgets import WordMap
from helpers.widgets.base import HERE

TABLE = torch.randn(40, 6, generator=torch.Generator().manual_seed(0)) * torch.linspace(0.5, 3, 40)[:, None]
WORDS = [f"w{i}" for i in range(40)]


@pytest.fixture
def look():
    return WordMap(WORDS, TABLE, "w3", k=5)


# --- the numbers


def test_neighbours_are_the_models_own(look):
    ids, cosines = words.neighbours(3, TABLE, 5)
    assert [word for word, _ in look.neighbours] == [WORDS[i] for i in ids]
    np.testing.assert_allclose([cosine for _, cosine in look.neighbours], cosines, atol=5e-5)
    look.word, look.k = "w7", 2
    assert [word for word, _ in look.neighbours] == [WORDS[i] for i in words.neighbours(7, TABLE, 2)[0]]


def test_analogy_with_and_without_the_three(look):
    look.inputs = ["w1", "w2", "w3"]
    assert [word for word, _ in look.analogy] == [WORDS[i] for i in words.analogy(1, 2, 3, TABLE, 5)]
    look.exclude = False
    target = TABLE[2] - TABLE[1] + TABLE[3]
    ids, cosines = words.nearest(target, TABLE, 5)
    assert [word for word, _ in look.analogy] == [WORDS[i] for i in ids]
    np.testing.assert_allclose([cosine for _, cosine in look.analogy], cosines, atol=5e-5)


def test_plane_holds_the_words_on_screen(look):
    shown, flat, share = look.plane
    assert shown == ["w3", *[word for word, _ in look.neighbours]]
    expected, kept = words.principal_plane(TABLE[[int(word[1:]) for word in shown]])
    torch.testing.assert_close(flat, expected)
    assert share == kept
    look.show, look.inputs, look.exclude = "analogy", ["w1", "w2", "w3"], False
    shown, flat, _ = look.plane
    assert shown[:3] == ["w1", "w2", "w3"]
    assert len(set(shown)) == len(shown) == len(flat)


# --- what the browser is told


def test_answer_holds_the_question_and_enough_words_to_leave_three_out(look):
    for show, question in (("neighbours", ["w3"]), ("analogy", ["w0", "w1", "w2"])):
        look.show = show
        assert look.question == look.asked == question
        assert len(look.found) == 15
        assert np.array_equal(look.vectors, TABLE[[int(word[1:]) for word in look.asked + look.found]])
        shown = [word for word, _ in (look.neighbours if show == "neighbours" else look.analogy)]
        assert [word for word in look.found if word not in question][:5] == shown
    look.word = "w9"
    assert look.asked == ["w0", "w1", "w2"], "another question is on screen"


def test_question_and_answer_travel_together(look, monkeypatch):
    sent = []
    monkeypatch.setattr(look, "send_state", lambda key=None: sent.append(set(key)))
    look.set_state({"word": "w9"})
    assert look.asked == ["w9"]
    assert {"asked", "found", "vectors"} in sent


def test_browser_holds_the_prepared_words_only():
    few = WordMap(WORDS, TABLE, prepared=["w5", "w3"])
    assert np.array_equal(few.prepared_vectors, TABLE[[5, 3]])
    many = WordMap([f"w{i}" for i in range(500)], torch.ones(500, 2), k=1)
    assert many.prepared == [f"w{i}" for i in range(300)]
    assert many.vocabulary.count("\n") == 499


def test_bad_state_from_the_browser_is_refused(look):
    before = look.state()
    for state in ({"word": "zebra"}, {"inputs": ["w1", "w2", "<b>"]}, {"k": 13}, {"focus": -1}, {"show": "all"}):
        with pytest.raises(Exception, match=r"word|inputs|k:|focus|show"):
            look.set_state(state)
    with pytest.raises(ValueError, match="found: only Python sets it"):
        look.set_state({"word": "w9", "found": ["w1"]})
    assert look.state() == before
    assert look.asked == ["w3"]


def test_state_and_repr(look):
    assert repr(look) == "WordMap(40 words; neighbours of w3)"
    look.inputs, look.show = ["w1", "w2", "w3"], "analogy"
    assert repr(look) == "WordMap(40 words; w1 is to w2 as w3 is to ...)"
    assert look.state()["inputs"] == ["w1", "w2", "w3"]
    assert WordMap(WORDS, TABLE, inputs=["w1", "w2", "w3"]).show == "analogy"


# --- what is refused, with a sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"word": "w33x"}, 'word: "w33x" is not among the 40 words; near: w33'),
        ({"word": "<b>"}, 'word: "<b>" is not among the 40 words$'),
        ({"word": "x" * 10_000}, 'word: "x{40}" is not among the 40 words$'),
        ({"word": ""}, 'word: "" is not among'),
        ({"inputs": ["w1", "w2", "مرحبا"]}, 'inputs: "مرحبا" is not among the 40 words'),
        ({"inputs": ["w1", "w2"]}, "inputs"),
        ({"prepared": ["w1", "🙂"]}, 'prepared: "🙂" is not among'),
        ({"words": WORDS[:-1]}, "table: word should be 39 but is 40"),
        ({"words": [*WORDS[:-1], "w1"]}, 'words: "w1" stands there twice'),
        ({"words": [*WORDS[:-1], "a\nb"]}, "words: 'a.*b' cannot be shown on one line"),
        ({"words": "w1 w2"}, "words: expected a list of texts"),
        ({"words": WORDS[:3], "table": TABLE[:3]}, "words: expected at least 4"),
        ({"table": TABLE * (torch.arange(40) != 5)[:, None]}, 'table: the vector of "w5" is zero'),
        ({"table": [[1.0, math.nan]] * 40}, "table: expected finite numbers"),
        ({"k": 13}, "k: expected between 1 and 12, got 13"),
        ({"k": 0}, "k: expected between 1 and 12, got 0"),
    ],
)
def test_bad_input_is_refused(changed, sentence):
    with pytest.raises(Exception, match=sentence) as refused:
        WordMap(**{"words": WORDS, "table": TABLE} | changed)
    assert isinstance(refused.value, ValueError | TraitError)


def test_too_many_prepared_words_are_refused():
    many = [f"w{i}" for i in range(700)]
    with pytest.raises(ValueError, match="prepared: at most 600 words travel to the browser, got 700"):
        WordMap(many, torch.ones(700, 2), prepared=many)


def test_refused_word_changes_nothing(look):
    before, asked = look.neighbours, look.asked
    with pytest.raises(ValueError, match="near: w3"):
        look.word = "w3w"
    assert (look.neighbours, look.asked, look.word) == (before, asked, "w3")


# --- the browser's half, in node


def in_node(expression, **values):
    code = f"""import {{ cosine, fourthCorner, principalPlane, ranked }} from "{(HERE / "similar.js").as_uri()}";
    const {{ {", ".join(values)} }} = {json.dumps(values)};
    console.log(JSON.stringify({expression}));"""
    done = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_browser_and_python_rank_alike(look):
    order = in_node("ranked(table[3], table)", table=TABLE.tolist())
    ids, cosines = words.nearest(TABLE[3], TABLE, 40)
    assert [row for row, _ in order] == ids.tolist()
    np.testing.assert_allclose([cosine for _, cosine in order], cosines, atol=1e-5)
    target = in_node("fourthCorner(table[1], table[2], table[3])", table=TABLE.tolist())
    np.testing.assert_allclose(target, TABLE[2] - TABLE[1] + TABLE[3], atol=1e-5)


@pytest.mark.parametrize(("n_points", "width"), [(3, 2), (4, 384), (9, 6), (16, 384)])
def test_browser_and_python_lay_flat_alike(n_points, width):
    x = torch.randn(n_points, width, generator=torch.Generator().manual_seed(n_points))
    x[:, 0] *= 3  # two clear directions: where the spread is alike in many, any of them is right
    x[:, 1] *= 2
    answer = in_node("principalPlane(x)", x=x.tolist())
    flat, share = words.principal_plane(x)
    assert answer["share"] == pytest.approx(share, abs=1e-5)
    np.testing.assert_allclose(answer["flat"], flat, atol=2e-5)


def test_a_large_table_is_kept_once():
    words, table = ["up", "down", "left", "right"], torch.eye(4)
    assert WordMap(words, table)._table.data_ptr() == table.data_ptr()
    assert WordMap(words, table.double())._table.dtype == torch.float32
    assert not WordMap(words, table.clone().requires_grad_())._table.requires_grad

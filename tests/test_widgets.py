"""The Python half of the widgets, and its agreement with the JavaScript half (which node runs; no browser here)."""

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets
from ipywidgets.widgets.widget import _put_buffers, _remove_buffers

from helpers.models.attention import causal_mask, softmax
from helpers.widgets import AttentionMatrix, Predict
from helpers.widgets.base import HERE, SHARED, CourseWidget, RefusedError, as_array, joined
from tests.browser.examples import EXAMPLES

WORDS = ["The", "big", "dog"]
SCRIPTS = Path(__file__).parent / "widgets"
WIDGETS = sorted(path.stem for path in HERE.glob("*.js") if path.name not in SHARED)


def node(*arguments, **options):
    if shutil.which("node") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed")
    done = subprocess.run(["node", *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def vectors():
    torch.manual_seed(0)
    return torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 2)


@pytest.fixture
def matrix(vectors):
    return AttentionMatrix(WORDS, *vectors)


# --- JavaScript


def test_scripts_pass_their_own_tests():
    node("--test", *SCRIPTS.glob("*.test.mjs"))


@pytest.mark.parametrize("stem", WIDGETS)
def test_joined_files_are_one_module_with_render(stem, tmp_path):
    (tmp_path / "joined.mjs").write_text(joined(stem), encoding="utf-8")
    code = (
        "import('./joined.mjs').then(m => console.log(Object.keys(m), Object.keys(m.default), typeof m.default.render))"
    )
    assert node("-e", code, cwd=tmp_path).strip() == "[ 'default' ] [ 'render' ] function"


def attention_cases():
    generator = torch.Generator().manual_seed(1)
    for rows, columns, width in ((1, 1, 1), (3, 3, 2), (5, 9, 16), (12, 4, 64), (32, 32, 8)):
        query, key = torch.randn(rows, width, generator=generator), torch.randn(columns, width, generator=generator)
        value = torch.randn(columns, 3, generator=generator)
        random_mask = torch.rand(rows, columns, generator=generator) < 0.5
        random_mask[torch.arange(rows), torch.randint(columns, (rows,), generator=generator)] = True
        masks = [None, random_mask] + ([causal_mask(rows)] if rows == columns else [])
        for mask in masks:
            for scale in (True, False):
                for temperature in (0.05, 1.0, 5.0):
                    yield query, key, value, mask, scale, temperature


def test_browser_and_python_compute_the_same_attention():
    cases = list(attention_cases())
    names = ("query", "key", "value", "mask", "scale", "temperature")
    as_json = [
        {name: part.tolist() if torch.is_tensor(part) else part for name, part in zip(names, case, strict=True)}
        for case in cases
    ]
    answer = json.loads(node(SCRIPTS / "attend.mjs", input=json.dumps({"cases": as_json, "sizes": [1, 2, 7]})))
    for case, result in zip(cases, answer["results"], strict=True):
        query, key, value, mask, scale, temperature = case
        words, keys = [f"q{i}" for i in range(len(query))], [f"k{i}" for i in range(len(key))]
        widget = AttentionMatrix(
            words, query, key, value, key_tokens=keys, mask=mask, scale=scale, temperature=temperature
        )
        scores = [[-math.inf if score is None else score for score in row] for row in result["scores"]]
        for computed, shown in (("weights", result["weights"]), ("outputs", result["outputs"]), ("scores", scores)):
            # to 1e-5, relative for the large scores of a low temperature: the browser computes in double precision
            torch.testing.assert_close(
                getattr(widget, computed), torch.tensor(shown, dtype=torch.float32), atol=1e-5, rtol=1e-5
            )
    for n, mask in zip((1, 2, 7), answer["masks"], strict=True):
        assert torch.equal(torch.tensor(mask, dtype=torch.bool), causal_mask(n))


# --- AttentionMatrix: read back


def test_weights_are_the_softmax_of_the_scores_and_mix_the_values(matrix, vectors):
    torch.testing.assert_close(matrix.weights, softmax(matrix.scores))
    torch.testing.assert_close(matrix.weights.sum(dim=1), torch.ones(3))
    torch.testing.assert_close(matrix.outputs, matrix.weights @ vectors[2])
    torch.testing.assert_close(matrix.scores, vectors[0] @ vectors[1].T / 2)


def test_controls_change_what_is_read_back(matrix):
    before = matrix.scores
    matrix.temperature = 4
    torch.testing.assert_close(matrix.scores, before / 4)
    matrix.scale = False
    torch.testing.assert_close(matrix.scores, before / 2)
    matrix.focus = [2, 1]
    matrix.show = "scores"
    assert matrix.state() == {
        "temperature": 4.0, "scale": False, "show": "scores", "per_row": False, "beside": "nothing", "focus": [2, 1],
        "projector": False, "mask": None,
    }  # fmt: skip


def test_mask_hides_what_is_false(matrix):
    matrix.mask = causal_mask(3)
    assert torch.equal(matrix.mask, causal_mask(3))
    assert torch.equal(matrix.weights == 0, ~causal_mask(3))
    assert torch.equal(matrix.scores == -math.inf, ~causal_mask(3))
    torch.testing.assert_close(matrix.weights, softmax(matrix.scores))
    assert repr(matrix) == "AttentionMatrix(The big dog; temperature 1; masked)"
    matrix.mask = None
    assert matrix.mask is None
    assert (matrix.weights > 0).all()


KINDS = {
    "list": torch.Tensor.tolist,
    "list of tensors": list,
    "numpy": torch.Tensor.numpy,
    "float64": torch.Tensor.double,
    "bfloat16": torch.Tensor.bfloat16,
    "int": torch.Tensor.int,
    "requires_grad": lambda x: x.clone().requires_grad_(),
    "list of requires_grad": lambda x: list(x.clone().requires_grad_()),
    "transposed": lambda x: x.T.contiguous().T,
}


@pytest.mark.parametrize("kind", KINDS)
def test_lists_arrays_and_tensors_are_all_welcome(kind):
    x = torch.tensor([[1.0, -2.0], [0.0, 3.0], [4.0, 0.5]]).round()
    expected = AttentionMatrix(WORDS, x, x, x)
    given = KINDS[kind](x)
    torch.testing.assert_close(AttentionMatrix(WORDS, given, given, given).outputs, expected.outputs)


@pytest.mark.parametrize("kind", [torch.Tensor.tolist, torch.Tensor.numpy, torch.Tensor.int, torch.Tensor.float])
def test_mask_may_be_booleans_or_ones_in_any_form(vectors, kind):
    assert torch.equal(AttentionMatrix(WORDS, *vectors, mask=kind(causal_mask(3))).mask, causal_mask(3))


def test_later_changes_of_the_input_are_not_seen(vectors):
    query, key, value = vectors[0].numpy().copy(), vectors[1], vectors[2]
    matrix = AttentionMatrix(WORDS, query, key, value)
    before = matrix.weights
    query[:] = 0
    assert torch.equal(matrix.weights, before)


def test_cross_attention_has_words_of_its_own():
    matrix = AttentionMatrix(["un"], [[1.0, 0]], torch.eye(2), key_tokens=["one", "two"])
    assert matrix.weights.shape == (1, 2)
    assert matrix.key_tokens == ["one", "two"]


def test_one_word_attends_to_itself():
    assert AttentionMatrix(["one"], [[3.0]], [[2.0]], [[7.0]]).outputs.tolist() == [[7.0]]


def test_repr_is_stable_short_and_shows_words_as_typed():
    hostile = ["<b>", "🙂", "مرحبا", "x" * 10_000]
    matrix = AttentionMatrix(hostile, torch.eye(4), torch.eye(4), temperature=0.5)
    assert repr(matrix).startswith("AttentionMatrix(<b> 🙂 مرحبا xxx")
    assert repr(matrix).endswith("x; temperature 0.5)")
    assert len(repr(matrix)) < 110
    assert matrix._repr_mimebundle_()[0]["text/plain"] == repr(matrix)
    assert matrix.tokens == hostile


# --- AttentionMatrix: refused, with a sentence

EYE = np.eye(3)
HALF = {"mask": [[1, 1, 0.5]] * 3}
REFUSED = {
    "words that do not match": ((["a", "b"], EYE, EYE), {}, "tokens: expected one for each of 3 vectors, got 2"),
    "one text": (("The big dog", EYE, EYE), {}, "tokens: expected a list of words .* got 'The big dog'"),
    "numbers for words": (([1, 2, 3], EYE, EYE), {}, "tokens: expected a list of words"),
    "no words at all": ((None, EYE, EYE), {}, "tokens: expected a list of words .* got None"),
    "500 words": (([""] * 500, np.zeros((500, 1)), np.zeros((500, 1))), {}, "tokens: between 1 and 128 .* got 500"),
    "nothing": (([], [], []), {}, r"query: expected 2 axes \(query_pos d_key\) but got 1"),
    "vectors of nothing": ((WORDS, [[], [], []], EYE), {}, "query: expected at least one number"),
    "key too narrow": ((WORDS, EYE, EYE[:, :2]), {}, "key: d_key should be 3 but is 2"),
    "value too short": ((WORDS, EYE, EYE, EYE[:2]), {}, "value: key_pos should be 3 but is 2"),
    "batch": ((WORDS, EYE[None], EYE), {}, "query: expected 2 axes .* got 3"),
    "ragged": ((WORDS, [[1, 2], [3]], EYE), {}, "query: expected numbers in rows of equal length"),
    "text": ((WORDS, [["a"]], EYE), {}, "query: expected numbers"),
    "NaN": ((WORDS, EYE, EYE * np.nan), {}, "key: expected finite numbers, but 9 are NaN or infinite"),
    "too large for float32": ((WORDS, EYE * 1e300, EYE), {}, "query: expected finite numbers, but 3"),
    "key words": ((WORDS, EYE, EYE), {"key_tokens": ["a"]}, "key_tokens: expected one for each of 3 vectors, got 1"),
    "mask of another size": ((WORDS, EYE, EYE), {"mask": EYE[:2]}, "mask: query_pos should be 3 but is 2"),
    "row without True": (
        (WORDS, EYE, EYE),
        {"mask": EYE[[0, 1, 1]] * [1, 0, 0]},
        'mask: the row of "big" allows nothing',
    ),
    "mask to be added": ((WORDS, EYE, EYE), {"mask": np.where(EYE, 0, -np.inf)}, "mask: expected finite numbers"),
    "half a mask": ((WORDS, EYE, EYE), HALF, r"mask: expected True \(may attend\) or False"),
    "temperature 0": ((WORDS, EYE, EYE), {"temperature": 0}, "temperature: expected a positive number, got 0"),
    "temperature NaN": (
        (WORDS, EYE, EYE),
        {"temperature": math.nan},
        "temperature: expected a positive number, got nan",
    ),
    "focus outside": ((WORDS, EYE, EYE), {"focus": [0, 3]}, r"focus: no cell \[0, 3\] in a matrix of 3 by 3"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_with_a_sentence(case):
    arguments, settings, sentence = REFUSED[case]
    with pytest.raises(ValueError, match=sentence):
        AttentionMatrix(*arguments, **settings)


def test_a_setting_that_does_not_exist_is_named():
    with pytest.raises(TypeError, match="AttentionMatrix has no setting temprature"):
        AttentionMatrix(WORDS, EYE, EYE, temprature=2)


def test_outputs_need_values():
    with pytest.raises(ValueError, match="outputs: this AttentionMatrix was made without `value`"):
        _ = AttentionMatrix(WORDS, EYE, EYE).outputs


BAD_STATES = {
    "mask without a row": {"allowed": [[1, 1, 1]]},
    "mask that forbids all": {"allowed": [[1, 1, 1], [0, 0, 0], [1, 1, 1]]},
    "mask of text": {"allowed": "<b>"},
    "temperature": {"temperature": -1},
    "focus outside": {"focus": [3, 0]},
    "focus of text": {"focus": ["a", "b"]},
    "focus of one": {"focus": [0]},
    "show": {"show": "secrets"},
    "query of another size": {"query": [[1, 2]]},
    "query that is wider": {"query": [[1, 2, 3, 4, 5]] * 3},
    "bytes too few": {"key": {"shape": [3, 4], "data": b"1234"}},
    "no bytes, after a cell outside": {"focus": [99, 99], "key": {"shape": [3, 4]}},
    "text for bytes, after a cell outside": {"focus": [99, 99], "key": {"shape": [3, 4], "data": "1234"}},
    "NaN, after a good cell": {"focus": [1, 1], "query": [[math.nan] * 4] * 3},
    "NaN, after a mask that forbids all": {"allowed": [[0] * 3] * 3, "query": [[math.nan] * 4] * 3},
    "too large, after a good cell": {"focus": [1, 1], "temperature": 10**400},
    "other words": {"tokens": ["x"]},
    "words, after a good cell": {"focus": [1, 1], "key_tokens": ["a", "b", "c"]},
}


@pytest.mark.parametrize("case", BAD_STATES)
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(matrix, case, monkeypatch):
    before, weights = matrix.state(), matrix.weights
    told = []
    monkeypatch.setattr(matrix, "send_state", told.append)
    with pytest.raises(Exception, match=r"\w"):  # traitlets has errors of its own; in a kernel they end in the log
        matrix.set_state(BAD_STATES[case])
    assert matrix.state() == before
    assert torch.equal(matrix.weights, weights)
    assert told == [list(BAD_STATES[case])]  # the browser hears what still holds, and hears it once


def test_python_may_set_several_at_once_all_or_nothing(matrix):
    def set_both():
        with matrix.hold_trait_notifications():
            matrix.focus = [99, 99]
            matrix.query = [[math.nan] * 4] * 3

    with pytest.raises(RefusedError, match="query: expected finite numbers"):
        set_both()
    assert matrix.focus == [0, 0]


def test_what_is_not_sent_at_all_is_not_told_either(matrix, monkeypatch):
    told = []
    monkeypatch.setattr(matrix, "send_state", told.append)
    with pytest.raises(RefusedError):
        matrix.set_state({"comm": 1, "temperature": -1})
    assert told == [["temperature"]]


def test_the_browser_may_send_nested_lists(matrix):
    matrix.set_state({"allowed": [[1, 0, 0], [1, 1, 0], [1, 1, 1]], "temperature": 2, "focus": [1, 1]})
    assert torch.equal(matrix.mask, causal_mask(3))
    assert (matrix.temperature, matrix.focus) == (2.0, [1, 1])
    matrix.set_state({"allowed": None})
    assert matrix.mask is None


def test_arrays_travel_as_little_endian_bytes_and_come_back(matrix, vectors):
    sent = matrix.get_state()["query"]
    assert sent["shape"] == [3, 4]
    assert sent["data"] == vectors[0].numpy().astype("<f4").tobytes()
    matrix.set_state({"query": {"shape": [3, 4], "data": memoryview(bytes(48))}})
    assert not matrix.query.any()


def test_new_vectors_may_be_set_later_but_must_fit(matrix):
    matrix.query = torch.zeros(3, 4)
    torch.testing.assert_close(matrix.weights, torch.full((3, 3), 1 / 3))
    with pytest.raises(ValueError, match="key: d_key should be 4 but is 2"):
        matrix.key = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="value: key_pos should be 3 but is 1"):
        matrix.value = [[1.0]]


def test_as_array_takes_known_sizes():
    assert as_array("x", [[1, 2]], "a b", b=2).dtype == np.float32


# --- what the browser shows and never sets


def made(example):
    scope = {}
    exec(example.code, scope)
    return scope[example.variable]


def through_the_wire(state):
    state, paths, buffers = _remove_buffers(state)
    state = json.loads(json.dumps(state))
    _put_buffers(state, paths, [memoryview(bytes(buffer)) for buffer in buffers])
    return state


ANOTHER = {str: "x", int: 99, float: 9.5, list: ["x"], type(None): 1, dict: {"shape": [1], "data": bytes(4)}}
PYTHON_ONLY = [(name, trait) for name, example in EXAMPLES.items() for trait in type(made(example)).python_only]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_browser_may_send_back_all_that_it_was_sent(name):
    widget = made(EXAMPLES[name])
    before = through_the_wire(widget.get_state())
    widget.set_state(through_the_wire(widget.get_state()))
    assert through_the_wire(widget.get_state()) == before


@pytest.mark.parametrize(("name", "trait"), PYTHON_ONLY)
def test_what_only_python_sets_is_refused_with_all_that_came_before_it(name, trait, monkeypatch):
    widget = made(EXAMPLES[name])
    before, told = through_the_wire(widget.get_state()), []
    monkeypatch.setattr(widget, "send_state", told.append)
    value = before[trait]
    another = not value if isinstance(value, bool) else ANOTHER[type(value)]
    with pytest.raises(RefusedError, match=f"^{trait}: only Python sets it, not the browser"):
        widget.set_state({"projector": True, trait: another})
    assert through_the_wire(widget.get_state()) == before
    assert told == [["projector", trait]]


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_browser_may_set_is_judged(name):
    widget = made(EXAMPLES[name])
    own = set(widget.trait_names(sync=True)) - set(CourseWidget.class_trait_names())
    assert set(widget.python_only) <= own
    rest = own - set(widget.python_only) - set(widget._trait_validators)
    rest -= {"_anywidget_id", "_css", "_esm"}
    for trait in map(widget.traits().get, rest):
        bounds = getattr(trait, "min", None), getattr(trait, "max", None)
        assert isinstance(trait, traitlets.Bool | traitlets.Enum) or None not in bounds, trait.name


# --- Predict


@pytest.fixture
def guess():
    return Predict("How many weights over 4 words?", [4, 8, 16], why="Every word looks at every word.")


def test_right_prediction(guess):
    guess.set_state({"choice": 2})
    assert (guess.answer, guess.correct) == ("16", None)
    verdict = guess.reveal(16)
    assert repr(verdict) == "✓ You said 16. The code says 16. Every word looks at every word."
    assert guess.correct is True


def test_the_browser_cannot_reveal_an_answer_of_its_own(guess):
    with pytest.raises(RefusedError, match="said: only Python sets it"):
        guess.set_state({"choice": 1, "truth": 1, "said": 1})
    assert (guess.answer, guess.correct) == (None, None)
    guess.set_state({"choice": 1, "truth": None, "said": None})
    guess.reveal(16)
    guess.set_state({"choice": 2, "truth": 2, "said": 1})
    assert (guess.answer, guess.correct) == ("8", False)


def test_wrong_prediction(guess):
    guess.choice = 0
    assert repr(guess.reveal("16")) == "✗ You said 4. The code says 16. Every word looks at every word."
    assert (guess.answer, guess.correct) == ("4", False)


def test_no_prediction_never_blocks_and_always_reads_the_same(guess):
    sentence = "The code says 16; nothing was predicted. Every word looks at every word."
    assert repr(guess.reveal(16)) == repr(guess.reveal(16)) == sentence
    assert (guess.answer, guess.correct) == (None, None)


def test_a_choice_after_the_reveal_does_not_count(guess):
    guess.choice = 0
    guess.reveal(16)
    guess.set_state({"choice": 2})
    assert (guess.answer, guess.correct) == ("4", False)
    assert repr(guess.reveal(16)).startswith("✗ You said 4.")


@pytest.mark.parametrize(
    ("options", "computed", "found"),
    [
        ([3, 4], torch.tensor(4), "4"),
        ([True, False], np.float32(1) > 2, "False"),
        (["True", "False"], torch.tensor(3) == 3, "True"),
        ([0.5, 0.25], torch.tensor(0.25), "0.25"),
        ([(2, 3), (3, 2)], tuple(torch.zeros(2, 3).shape), "(2, 3)"),
        (["yes", "no"], "no", "no"),
        ([[1, 2], [2, 1]], torch.tensor([2, 1]), "[2, 1]"),
    ],
)
def test_numbers_booleans_and_tensors_are_compared_by_their_text(options, computed, found):
    guess = Predict("Which?", options)
    assert guess.reveal(computed).found == found
    assert guess.options[guess.truth] == found


@pytest.mark.parametrize(
    ("question", "options", "sentence"),
    [
        ("Which?", ["one"], "options: expected at least 2 to choose from, got 1"),
        ("Which?", [], "options: expected at least 2 to choose from, got 0"),
        ("Which?", ["a", "b", "a"], 'options: "a" stands there twice'),
        ("Which?", [1, "1"], 'options: "1" stands there twice'),
        ("Which?", "yes", "options: expected a list .* got 'yes'"),
        (" ", ["a", "b"], "question: expected a sentence, got ' '"),
        (7, ["a", "b"], "question: expected a sentence, got 7"),
    ],
)
def test_bad_questions_are_refused_with_a_sentence(question, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        Predict(question, options)


def test_an_answer_that_is_no_option_is_refused_and_reveals_nothing(guess):
    with pytest.raises(ValueError, match=r"answer: expected one of 4 \| 8 \| 16, got 5"):
        guess.reveal(5)
    assert guess.truth is None
    with pytest.raises(ValueError, match="choice: expected 0 to 2, got 3"):
        guess.set_state({"choice": 3})
    assert guess.answer is None


def test_predict_reads_the_same_before_and_after(guess):
    assert repr(guess) == "Predict(How many weights over 4 words? 4 | 8 | 16)"
    guess.choice = 1
    guess.reveal(4)
    assert repr(guess) == "Predict(How many weights over 4 words? 4 | 8 | 16)"


def test_hostile_text_is_shown_as_typed_in_the_verdict():
    hostile = "<img src=x onerror=alert(1)>"
    guess = Predict(hostile, [hostile, "🙂"], why=hostile)
    guess.choice = 1
    shown = guess.reveal(hostile)._repr_html_()
    assert "<img" not in shown
    assert shown.count("&lt;img src=x onerror=alert(1)&gt;") == 2
    assert repr(guess.reveal(hostile)) == f"✗ You said 🙂. The code says {hostile}. {hostile}"

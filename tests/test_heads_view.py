"""The Python half of HeadsView, and what travels to the browser (node unpacks it; no browser here)."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from helpers.prepared import BIG_DOG, SENTENCES, TIRED, load_reference
from helpers.pretrained import load_minilm
from helpers.widgets import HeadsView

SCRIPT = Path(__file__).parent / "widgets/heads.mjs"


@pytest.fixture(scope="module")
def minilm():
    return load_minilm()


@pytest.fixture
def view(minilm):
    return HeadsView(minilm, layer=3, head=9)


def random_weights(layers, heads, tokens, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (4 * torch.randn(layers, heads, tokens, tokens, generator=generator)).softmax(dim=-1)


# --- read back


def test_every_head_is_read_back_in_full_precision(view, minilm):
    _, weights = minilm.heads(BIG_DOG)
    assert view.tokens[:4] == ["[CLS]", "the", "big", "red"]
    assert torch.equal(view.weights, weights)
    assert torch.equal(view.attention(), weights[2, 8])
    assert torch.equal(view.attention(layer=1, head=3), weights[0, 2])
    assert view.attention()[3, 4].item() == pytest.approx(0.68, abs=0.005)
    assert torch.equal(view.shown, weights[2, 8])


def test_means_over_a_layer_and_over_those_switched_on(view):
    view.show = "layer"
    torch.testing.assert_close(view.shown, view.weights[2].mean(dim=0))
    assert view.heads_on == [(3, head) for head in range(1, 13)]
    view.show = "several"
    view.on = [[1, 3], [2, 9]]
    torch.testing.assert_close(view.shown, (view.attention(1, 3) + view.attention(2, 9)) / 2)
    assert view.state() == {
        "text": BIG_DOG, "layer": 3, "head": 9, "show": "several", "on": [[1, 3], [2, 9]], "focus": ["query", 2],
        "projector": False,
    }  # fmt: skip
    assert repr(view) == f"HeadsView({BIG_DOG}; layer 3, head 9; mean of 2)"


def test_one_head_always_stays_on(view):
    view.show = "several"
    assert view.on == [[3, 9]]
    with pytest.raises(ValueError, match="on: at least one head stays on"):
        view.on = []


def test_the_word_looked_at_first_has_the_strongest_tie(view):
    assert view.focus == ["query", view.tokens.index("big")]  # to dog: 0.73
    assert HeadsView(load_minilm(), "dog").focus == ["query", 1]
    assert HeadsView.of(["[CLS]", "[SEP]"], torch.full((1, 1, 2, 2), 0.5)).focus == ["query", 0]


def test_another_text_is_read(view, minilm):
    view.focus = ["key", 9]
    view.read("The dog")
    assert view.tokens == ["[CLS]", "the", "dog", "[SEP]"]
    assert torch.equal(view.weights, minilm.heads("The dog")[1])
    assert view.focus[0] == "query"
    assert repr(view) == "HeadsView(The dog; layer 3, head 9)"


def test_prepared_sentences_are_suggested_and_any_other_is_refused():
    view = HeadsView(load_reference(), TIRED)
    assert view.sentences == list(SENTENCES)
    with pytest.raises(ValueError, match="not among the 19 prepared texts"):
        view.read("Hello")
    assert view.text == TIRED


def test_weights_of_any_model_can_be_shown():
    weights = random_weights(1, 2, 5)
    view = HeadsView.of(list("abcde"), weights.tolist(), head=2)
    torch.testing.assert_close(view.attention(), weights[0, 1])
    assert not view.reads
    assert repr(view) == "HeadsView(a b c d e; layer 1, head 2)"
    with pytest.raises(ValueError, match="made of weights, it has no model to read with"):
        view.read("a")


# --- what travels


def unpacked(cases):
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    sent = [maps | {"weights": list(maps["weights"]), "heads": heads} for maps, heads in cases]
    done = subprocess.run(["node", SCRIPT], input=json.dumps(sent), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_browser_unpacks_what_python_holds_and_writes_the_same_decimals(view):
    views = [view, HeadsView.of(list("abcde"), random_weights(3, 2, 5)), HeadsView.of(["a"], torch.ones(1, 1, 1, 1))]
    heads = [[[1, 3], [3, 9], [6, 12]], [[3, 1], [1, 2]], [[1, 1]]]
    for one, chosen, result in zip(
        views, heads, unpacked([(v.maps, h) for v, h in zip(views, heads, strict=True)]), strict=True
    ):
        expected = torch.stack([one.attention(*head) for head in chosen])
        assert torch.equal(torch.tensor(result["maps"]), expected)
        torch.testing.assert_close(
            torch.tensor(result["mean"], dtype=torch.float32), expected.mean(dim=0), atol=1e-7, rtol=0
        )
        assert result["written"] == [[[f"{x:.2f}" for x in row] for row in head] for head in expected.tolist()]


def test_fifteen_tokens_of_72_heads_are_65_kilobytes(minilm):
    view = HeadsView(minilm, "the small grey cat sat on the mat and looked at me now")
    assert len(view.tokens) == 15
    assert len(view.maps["weights"]) == 64_800


# --- refused, with a sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected at least one word, got none"),
        (" \n ", "expected at least one word, got none"),
        ("dog " * 127, "129 word pieces, but at most 128 can be shown"),
        ("dog " * 2500, "10,000 characters make 2,502 word pieces, the model reads 256"),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused_and_what_was_there_stays(view, text, sentence):
    before, weights, told = view.state(), view.weights, []
    with pytest.raises(ValueError, match=f"text: {sentence}"):
        view.read(text)
    view.send = told.append
    view._asked(view, {"read": text}, [])
    assert told == [{"refused": f"text: {sentence}"}]
    assert view.state() == before
    assert view.weights is weights


@pytest.mark.parametrize(
    "text", ["🙂 👩‍👩‍👧", "مرحبا بالعالم", "<script>alert(1)</script>", "x" * 10_000, "dog " * 126]
)
def test_any_other_text_is_shown_as_typed(view, text):
    told = []
    view.send = told.append
    view._asked(view, {"read": text}, [])
    assert told == [{"refused": ""}]
    assert view.text == text
    assert 3 <= len(view.tokens) <= 128
    assert len(repr(view)) < 110


@pytest.mark.parametrize("nonsense", [7, None, ["dog"]])
def test_what_is_no_text_is_refused(view, nonsense):
    told = []
    view.send = told.append
    view._asked(view, {"read": nonsense}, [])
    assert told[0]["refused"].startswith("text: expected one string, got")


EVEN = torch.full((1, 2, 2, 2), 0.5)
REFUSED = {
    "three axes": (["a", "b"], EVEN[0], {}, r"weights: expected 4 axes \(layer head query_pos key_pos\) but got 3"),
    "too few tokens": (["a"], EVEN, {}, "weights: query_pos should be 1 but is 2"),
    "scores": (["a", "b"], 4 * EVEN - 3, {}, "rows sum to 1, .* scores need a softmax first"),
    "rows too large": (["a", "b"], 2 * EVEN, {}, r"a row sums to 2\.00"),
    "too many heads": (["a", "b"], EVEN.expand(145, 2, 2, 2)[:, :1], {}, "at most 144 heads can be shown, got 145"),
    "no words": ([], EVEN, {}, "tokens: between 1 and 128 can be shown, got 0"),
    "a layer that is not there": (["a", "b"], EVEN, {"layer": 2}, r"layer: choose 1 to 1 .*, not 2"),
    "head 0": (["a", "b"], EVEN, {"head": 0}, r"head: choose 1 to 2 \(heads count from 1\), not 0"),
    "a head on": (["a", "b"], EVEN, {"on": [[1, 3]]}, "head: choose 1 to 2"),
    "focus": (["a", "b"], EVEN, {"focus": ("query", 2)}, r'"query" or "key" and a position from 0 to 1'),
    "side": (["a", "b"], EVEN, {"focus": ("value", 1)}, "focus: expected"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_with_a_sentence(case):
    tokens, weights, settings, sentence = REFUSED[case]
    with pytest.raises(ValueError, match=sentence):
        HeadsView.of(tokens, weights, **settings)


@pytest.mark.parametrize("head", [(0, 1), (7, 1), (1, 13), (1, -1)])
def test_a_head_that_is_not_there_is_named(view, head):
    with pytest.raises(ValueError, match="choose 1 to"):
        view.attention(*head)


@pytest.mark.parametrize(
    "state",
    [
        {"layer": 7}, {"head": "x"}, {"on": [[0, 1]]}, {"on": [[1]]}, {"show": "all"}, {"focus": ["query", 99]},
        {"focus": ["query"]}, {"tokens": ["a"]}, {"maps": {}}, {"text": "<b>"},
    ],
)  # fmt: skip
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(view, state, monkeypatch):
    before, tokens, told = view.state(), view.tokens, []
    monkeypatch.setattr(view, "send_state", told.append)
    with pytest.raises(Exception, match=r"\w"):
        view.set_state(state)
    assert view.state() == before
    assert view.tokens == tokens
    assert told[-1] == list(state)

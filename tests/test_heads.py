"""Heads with a job: the score is a mean over exactly the pairs that the job names."""

import pytest
import torch

from helpers.models.heads import at_distance, best_head, head_scores, links, neighbour, rest, word_positions
from helpers.prepared import BIG_DOG, TO_CHECK, TO_FIND
from helpers.pretrained import load_minilm

TOKENS = ["[CLS]", "big", "red", "dog", "[SEP]", "[PAD]"]


def random_weights(n, layers=2, heads=3, seed=0):
    torch.manual_seed(seed)
    return torch.randn(layers, heads, n, n).softmax(dim=-1)


def test_jobs_name_pairs_among_the_words_only():
    assert word_positions(TOKENS) == [1, 2, 3]
    assert neighbour(-1)(TOKENS) == [(2, 1), (3, 2)]
    assert neighbour(2)(TOKENS) == [(1, 3)]
    assert rest(TOKENS) == [(1, 0), (2, 0), (3, 0)]
    assert links("red dog, big dog")(TOKENS) == [(2, 3), (1, 3)]


def test_a_score_is_the_mean_over_all_pairs_of_all_texts():
    first, second = random_weights(6), random_weights(3, seed=1)
    readings = [(TOKENS, first), (["[CLS]", "dog", "[SEP]"], second)]
    expected = (first[:, :, 1, 0] + first[:, :, 2, 0] + first[:, :, 3, 0] + second[:, :, 1, 0]) / 4
    torch.testing.assert_close(head_scores(readings, rest), expected)
    one_each = [links("red dog"), neighbour(3)]  # a text may have nothing to offer
    torch.testing.assert_close(head_scores(readings, one_each), first[:, :, 2, 3])


def test_a_head_that_spreads_evenly_scores_one_over_n():
    even = torch.full((1, 1, 6, 6), 1 / 6)
    for job in (rest, neighbour(1), links("big dog")):
        torch.testing.assert_close(head_scores([(TOKENS, even)], job), torch.full((1, 1), 1 / 6))


def test_the_best_head_counts_from_one():
    scores = torch.zeros(6, 12)
    scores[2, 8] = 0.5
    assert best_head(scores) == (3, 9, 0.5)


def test_what_cannot_be_scored_gets_a_sentence():
    weights = random_weights(6)
    with pytest.raises(ValueError, match=r'"cat" stands 0 times in .* not once'):
        head_scores([(TOKENS, weights)], links("big cat"))
    with pytest.raises(ValueError, match='"big" stands 2 times'):
        links("big dog")(["big", "big", "dog"])
    with pytest.raises(ValueError, match="no pair in any of the texts"):
        head_scores([(["[CLS]", "dog", "[SEP]"], random_weights(3))], neighbour(1))
    with pytest.raises(ValueError, match="query_pos should be 5 but is 6"):
        head_scores([(TOKENS[:5], weights)], rest)


@pytest.mark.parametrize("sentences", [TO_FIND, TO_CHECK])
def test_the_jobs_the_course_tells_of(sentences):
    minilm = load_minilm()
    readings = [minilm.heads(text) for text in sentences]
    jobs = [links(pairs) for pairs in sentences.values()]
    assert best_head(head_scores(readings, neighbour(-1)))[:2] == (1, 3)
    assert best_head(head_scores(readings, neighbour(1)))[:2] == (2, 9)
    near, far = (head_scores(readings, [at_distance(job, *span) for job in jobs]) for span in ((1, 1), (2, 9)))
    assert best_head(near)[:2] == (2, 9), "the next word is the noun: the next-word head does it as well"
    assert best_head(far)[:2] == (3, 9)
    assert far[1, 8] < 0.1 < 0.3 < far[2, 8]


def test_no_sentence_stands_in_both_lists_and_the_first_in_neither():
    assert not {BIG_DOG, *TO_FIND} & set(TO_CHECK)
    assert BIG_DOG not in TO_FIND

"""Words as vectors: cut, looked up, compared."""

import math

import pytest
import torch
from torch.nn import functional as F

from helpers.models import words


@pytest.fixture
def table():
    return torch.randn(12, 5, generator=torch.Generator().manual_seed(0)) * torch.arange(1, 13)[:, None]


# --- pieces


def test_the_longest_known_piece_comes_first():
    ids = {"id", "i", "##d", "##ris", "##r", "un", "##believ", "##able"}
    assert words.word_pieces("idris", ids) == ["id", "##ris"]
    assert words.word_pieces("unbelievable", ids) == ["un", "##believ", "##able"]
    assert words.word_pieces("did", ids) == ["[UNK]"]
    assert words.word_pieces("idx", ids) == ["[UNK]"], "one unknown piece makes the whole word unknown"


def test_a_text_is_lowered_stripped_of_accents_and_cut_at_marks():
    ids = {"cafe", "no", ",", "'", "m", "i", "_", "##s"}
    pieces = ["[CLS]", "cafe", "##s", "[UNK]", "no", ",", "i", "'", "m", "_", "[SEP]"]
    assert words.tokenize("Cafés? No, I'm_", ids) == pieces
    assert words.tokenize(" \n", ids) == ["[CLS]", "[SEP]"]


def test_a_word_without_end_is_unknown_at_once():
    assert words.tokenize("a" * 10_000, {"a", "##a"}) == ["[CLS]", "[UNK]", "[SEP]"]


# --- likeness


def test_cosine_is_torchs_own(table):
    torch.testing.assert_close(words.cosine(table[3], table), F.cosine_similarity(table[3][None], table))
    pairs = words.cosine(table[:, None], table[None])
    assert pairs.shape == (12, 12)
    torch.testing.assert_close(pairs, pairs.T)
    torch.testing.assert_close(pairs.diagonal(), torch.ones(12))


def test_cosine_knows_angles_and_no_lengths(table):
    torch.testing.assert_close(words.cosine(7 * table[3], table / 3), words.cosine(table[3], table))
    assert math.isnan(words.cosine(torch.zeros(2), torch.ones(2)))


def test_nearest_are_sorted_and_begin_with_the_vector_itself(table):
    ids, cosines = words.nearest(3 * table[7], table, 5)
    assert ids[0] == 7
    assert cosines[0].item() == pytest.approx(1)
    assert (cosines.diff() <= 0).all()
    assert words.nearest(table[7], table, 12)[0].sort().values.tolist() == list(range(12))


def test_nobody_is_their_own_neighbour(table):
    for word in range(12):
        ids, cosines = words.neighbours(word, table, 11)
        assert sorted([word, *ids.tolist()]) == list(range(12))
        torch.testing.assert_close(cosines, words.cosine(table[word], table[ids]))
    twins = torch.cat([table, table[:1]])
    assert words.neighbours(0, twins, 1)[0].tolist() == [12]
    assert words.neighbours(12, twins, 1)[0].tolist() == [0]


def test_analogy_leaves_out_the_question_and_only_the_question(table):
    for a, b, c in ((0, 1, 2), (5, 3, 11), (4, 4, 7)):
        ids = words.analogy(a, b, c, table, 12 - len({a, b, c}))
        assert set(ids.tolist()) == set(range(12)) - {a, b, c}
        nearest, _ = words.nearest(table[b] - table[a] + table[c], table, 12)
        assert ids.tolist() == [i for i in nearest.tolist() if i not in (a, b, c)]


def test_analogy_finds_the_fourth_corner():
    generator = torch.Generator().manual_seed(1)
    a, b, c = torch.randn(3, 8, generator=generator)
    others = torch.randn(50, 8, generator=generator)
    assert words.analogy(0, 1, 2, torch.stack([a, b, c, *others, 2 * (b - a + c)]), 1).tolist() == [53]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda table: words.nearest(table[0], table, 13), "between 1 and 12, because the table has 12 words; got 13"),
        (lambda table: words.nearest(table[0], table, 0), "k: expected between 1 and 12"),
        (lambda table: words.nearest(table[0, :4], table, 1), "table: d should be 4 but is 5"),
        (lambda table: words.neighbours(0, table, 12), "k: expected between 1 and 11, because a word has 11 others"),
        (lambda table: words.analogy(0, 1, 2, table, 10), "between 1 and 9, because there are 9 other words; got 10"),
        (lambda table: words.principal_plane(table[:2]), "x: two points or one are always flat; expected at least 3"),
    ],
)
def test_bad_questions_get_a_sentence(table, call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(table)


# --- the flat picture


def test_principal_plane_keeps_what_is_flat_already():
    generator = torch.Generator().manual_seed(2)
    flat = torch.randn(9, 2, generator=generator)
    turned = flat @ torch.linalg.qr(torch.randn(6, 6, generator=generator))[0][:2] + 5
    points, share = words.principal_plane(turned)
    torch.testing.assert_close(torch.cdist(points, points), torch.cdist(flat, flat), atol=1e-4, rtol=1e-4)
    assert share == pytest.approx(1)
    torch.testing.assert_close(points.mean(dim=0), torch.zeros(2), atol=1e-5, rtol=0)


def test_principal_plane_says_what_it_loses(table):
    points, share = words.principal_plane(table)
    assert share == pytest.approx((points.var(dim=0).sum() / table.var(dim=0).sum()).item(), rel=1e-4)
    assert 0.3 < share < 1
    assert (torch.pdist(points) <= torch.pdist(table) + 1e-4).all(), "a shadow is never longer than what casts it"
    assert (points.amax(dim=0) >= -points.amin(dim=0)).all(), "the farthest point lies on the positive side"


def test_equal_points_have_no_spread_to_keep():
    points, share = words.principal_plane(torch.ones(4, 3))
    assert (points == 0).all()
    assert share == 0


def test_the_one_that_points_nowhere_is_named():
    with pytest.raises(ValueError, match=r"^vector: expected a direction"):
        words.nearest(torch.zeros(2), torch.ones(1, 2), 1)
    with pytest.raises(ValueError, match=r"^table: row 0: expected a direction"):
        words.nearest(torch.ones(2), torch.zeros(1, 2), 1)


def test_a_line_has_no_plane():
    with pytest.raises(ValueError, match="x: expected points of two numbers or more, got 1"):
        words.principal_plane(torch.randn(5, 1))

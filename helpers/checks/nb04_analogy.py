"""Notebook 04, analogy: a is to b as c is to ...?"""

import math

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import words


def cases(seed):
    """Tables whose rows differ in length and lean to one side; the last two ask for every word that is left."""
    generator = torch.Generator().manual_seed(seed)

    def case(n_words, width, k):
        lengths = torch.rand(n_words, 1, generator=generator) * 3 + 0.3
        table = lengths * F.normalize(torch.randn(n_words, width, generator=generator) + 0.3, dim=-1)
        a, b, c = torch.randperm(n_words, generator=generator)[:3].tolist()
        return a, b, c, table, k

    paper = torch.tensor([[1.0, 0.0], [1.0, 2.0], [3.0, 0.0], [3.0, 1.9], [0.0, 1.0], [-1.0, 0.0]])
    return [
        (0, 1, 2, paper, 2),
        *(case(*sizes) for sizes in ((30, 4, 6), (25, 7, 5), (40, 3, 1), (60, 5, 8), (9, 6, 6), (14, 3, 11))),
    ]


def _ranked(cosines, k, without):
    cosines = cosines.clone()
    cosines[list(without)] = -math.inf
    return cosines.topk(k).indices


def _towards(target_of):
    """A wrong way to combine the three vectors -> the answer built on it."""

    def wrong(a, b, c, table, k):
        return _ranked(words.cosine(target_of(table[a], table[b], table[c]), table), k, (a, b, c))

    return wrong


def _by(likeness):
    """Another measure of likeness than the cosine -> the answer built on it."""

    def wrong(a, b, c, table, k):
        return _ranked(likeness(table[b] - table[a] + table[c], table), k, (a, b, c))

    return wrong


def _leaving_out(choose):
    """Too few of the three left out -> the answer built on it."""

    def wrong(a, b, c, table, k):
        return _ranked(words.cosine(table[b] - table[a] + table[c], table), k, choose(a, b, c))

    return wrong


def _cosines(a, b, c, table):
    return words.cosine(table[b] - table[a] + table[c], table)


def _dropped_after(a, b, c, table, k):
    best = _cosines(a, b, c, table).topk(k).indices
    return best[~torch.isin(best, torch.tensor([a, b, c]))]


def _counted_as(cosine):
    """The three words get this cosine, which does not keep them out -> the answer built on it."""

    def wrong(a, b, c, table, k):
        return _cosines(a, b, c, table).index_fill(0, torch.tensor([a, b, c]), cosine).topk(k).indices

    return wrong


def _rows_removed(a, b, c, table, k):
    kept = [i for i in range(len(table)) if i not in (a, b, c)]
    return _cosines(a, b, c, table)[kept].topk(k).indices


def _more_than_k(a, b, c, table, k):
    best = _cosines(a, b, c, table).topk(min(k + 3, len(table))).indices
    return best[~torch.isin(best, torch.tensor([a, b, c]))]


def _ids_added(a, b, c, table, k, without=()):
    return _ranked(words.cosine(table[b - a + c], table), k, without)


def _right(a, b, c, table, k):
    return _ranked(_cosines(a, b, c, table), k, (a, b, c))


MISCONCEPTIONS = {
    "inputs_not_excluded": Misconception(
        _leaving_out(lambda a, b, c: ()),
        "Some of the answers are the words of the question themselves: b and c are nearly always near their own sum. "
        "Nobody wants to hear them back.",
    ),
    "only_c_excluded": Misconception(
        _leaving_out(lambda a, b, c: (c,)),
        "c is left out, but a or b still turns up among the answers. All three words of the question are known.",
    ),
    "a_not_excluded": Misconception(
        _leaving_out(lambda a, b, c: (b, c)),
        "b and c are left out, but where many answers are wanted a turns up among them: it is in the question too.",
    ),
    "c_not_excluded": Misconception(
        _leaving_out(lambda a, b, c: (a, b)),
        "Not all of the three are left out: c, where the step starts, still turns up among the answers.",
        also=(_leaving_out(lambda a, b, c: (b,)),),
    ),
    "set_to_nan": Misconception(
        _counted_as(math.nan),
        "The words of the question come first, because their cosine is not a number (NaN): a row of zeros has none, "
        "and `topk` takes NaN for the largest of all. They should lose.",
    ),
    "set_to_zero": Misconception(
        _counted_as(0),
        "Nearly: the three get the cosine 0, which still beats every word that points away. They must lose against "
        "everybody.",
    ),
    "first_three_skipped": Misconception(
        lambda a, b, c, table, k: _cosines(a, b, c, table).argsort(descending=True)[3 : 3 + k],
        "The three best are skipped, whoever they are. The words of the question are often among the first, but not "
        "always the first three: leave out *them*, by their ids.",
    ),
    "signs_swapped": Misconception(
        _towards(lambda a, b, c: a - b + c),
        "The step goes backwards: this leads from b to a, starting at c. With a, b, c = man, king, woman it looks for "
        "somebody who is to *woman* as *man* is to *king*.",
    ),
    "c_subtracted": Misconception(
        _towards(lambda a, b, c: a + b - c),
        "c is subtracted. The answer should lie one step away from c; here it lies on the other side.",
    ),
    "stays_at_c": Misconception(
        _towards(lambda a, b, c: c),
        "These are the neighbours of c: a and b have no influence. From c one step is to be taken, that from a to b.",
    ),
    "a_forgotten": Misconception(
        _towards(lambda a, b, c: b + c),
        "The answers lie between b and c: a has no influence. What do b and c have that a has as well?",
    ),
    "all_added": Misconception(
        _towards(lambda a, b, c: a + b + c),
        "All three vectors are added, so the answers are words that have something of each. An analogy is a step: a "
        "difference.",
    ),
    "c_forgotten": Misconception(
        _towards(lambda a, b, c: b - a),
        "This is the step from a to b, looked up as if it were a word. The step has to start somewhere.",
    ),
    "ids_added": Misconception(
        _ids_added,
        "The ids are added, not the vectors: row number b - a + c has nothing to do with the three words.",
        also=(lambda *given: _ids_added(*given, without=given[:3]),),
    ),
    "dot_product": Misconception(
        _by(lambda target, table: table @ target),
        "Long vectors win: these are the largest dot products. Likeness of words is measured by the angle alone.",
    ),
    "distance": Misconception(
        _by(lambda target, table: -(table - target).norm(dim=-1)),
        "These are the nearest by distance, end point to end point. A short and a long vector of the same direction "
        "are far apart by distance and alike by angle.",
    ),
    "unit_vectors_first": Misconception(
        lambda a, b, c, table, k: _right(a, b, c, F.normalize(table, dim=-1), k),
        "Nearly, under another convention: every vector counts as if it had length 1, which is how the inventors "
        "did it. Here the three rows are taken as they are.",
    ),
    "farthest": Misconception(
        _by(lambda target, table: -words.cosine(target, table).nan_to_num(0)),
        "These words are the *least* alike: the list starts at the wrong end.",
        also=(
            lambda a, b, c, table, k: _cosines(a, b, c, table).index_fill(0, torch.tensor([a, b, c]), -2).argsort()[:k],
        ),
    ),
    "absolute": Misconception(
        _by(lambda target, table: words.cosine(target, table).abs()),
        "A word that points the opposite way counts as alike here: the sign of the cosine was lost.",
    ),
    "dropped_after": Misconception(
        _dropped_after,
        "The k best were chosen first and the words of the question dropped from them afterwards: too few are left.",
    ),
    "not_cut_to_k": Misconception(
        _more_than_k,
        "More were taken in advance, for those that drop out. But often fewer than three drop out, and then more than "
        "k come back.",
    ),
    "rows_removed": Misconception(
        _rows_removed,
        "The three rows were cut out of the table before the search, so that all rows behind them moved up: the ids no "
        "longer are those of the table.",
    ),
    "cosines": Misconception(
        lambda a, b, c, table, k: _cosines(a, b, c, table)[_right(a, b, c, table, k)],
        "These are cosines; asked for are the ids of the words that have them. `topk` finds both.",
        also=(lambda a, b, c, table, k: _cosines(a, b, c, table).topk(k).values,),
    ),
    "ids_and_cosines": Misconception(
        lambda a, b, c, table, k: (_right(a, b, c, table, k), _cosines(a, b, c, table)[_right(a, b, c, table, k)]),
        "The ids come with their cosines. Return the ids alone.",
        also=(lambda a, b, c, table, k: _cosines(a, b, c, table).topk(k)[::-1],),
    ),
    "all_that_topk_gives": Misconception(
        lambda a, b, c, table, k: tuple(_cosines(a, b, c, table).topk(k)),
        "`topk` gives two things: the largest values, and where they stand. Asked for are the places alone, the ids.",
        also=(
            lambda a, b, c, table, k: (_cosines(a, b, c, table)[_right(a, b, c, table, k)], _right(a, b, c, table, k)),
        ),
    ),
    "vectors": Misconception(
        lambda a, b, c, table, k: table[_right(a, b, c, table, k)],
        "These are the vectors of the right words; asked for are the words' ids.",
    ),
    "only_the_best": Misconception(
        lambda a, b, c, table, k: _right(a, b, c, table, 1)[0],
        "The best answer is right, but it comes alone, as one number. Asked for are the k best, even when k is 1.",
    ),
    "all_of_them": Misconception(
        lambda a, b, c, table, k: _right(a, b, c, table, len(table) - 3),
        "The order is right, but every word of the table comes back. Asked for are the k best.",
    ),
    "order_of_the_table": Misconception(
        lambda a, b, c, table, k: _right(a, b, c, table, k).sort().values,
        "The right words, in the order in which they stand in the table. The best should come first.",
    ),
    "worst_first": Misconception(
        lambda a, b, c, table, k: _right(a, b, c, table, k).flip(0),
        "The right words, the other way round: the best should come first.",
    ),
}

ANALOGY = Exercise(
    name="analogy",
    reference=words.analogy,
    returns=("ids",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(words.analogy,),
    hints=(
        "Draw a = (1, 0), b = (1, 2) and c = (3, 0). From a to b it is two up; two up from c is (3, 2). Which row of "
        "the table points most nearly that way? And which three rows are not allowed to win?",
        "table (V, D); one row (D,); the place we look for (D,); its cosine with every row (V,), three of them set so "
        "low that they never win; ids (k,), whole numbers.",
        "`target = ...`, from three rows of the table; then `cosines = words.cosine(target, table)`.",
    ),
    notebook="04",
    minutes=7,
    class_time=True,
)

EXERCISES = (ANALOGY,)

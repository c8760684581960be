"""Notebook 00, outer_sum: which axis stretches."""

import torch

from helpers.checks.exercise import Exercise, Misconception


def outer_sum(a, b):
    """Add every number of one vector to every number of another: sums_ij = a_i + b_j.

    a (n,), b (m,) -> (n, m)
    """
    return a[:, None] + b


def cases(seed):
    """Two by three for paper, then every order of lengths: shorter, longer, equal, and one of each."""
    generator = torch.Generator().manual_seed(seed)
    paper = torch.tensor([10.0, 20.0]), torch.tensor([1.0, 2.0, 3.0])
    sizes = (3, 5), (6, 2), (4, 4), (1, 5), (4, 1)
    drawn = ((torch.randn(n, generator=generator), torch.randn(m, generator=generator)) for n, m in sizes)
    return [paper, *drawn]


def _grid(a, b):
    return torch.meshgrid(a, b, indexing="ij")


MISCONCEPTIONS = {
    "transposed": Misconception(
        lambda a, b: a + b[:, None],
        "Rows and columns are exchanged: a runs along the rows here. Row i should belong to a_i, column j to b_j.",
    ),
    "no_new_axis": Misconception(
        lambda a, b: a + b,
        "First is added to first and second to second; lengths that differ give an error, and a length of 1 is "
        "stretched without a word. For every pair to meet, the two have to stretch along different axes.",
        also=(lambda a, b: a[None] + b, lambda a, b: a + b[None], lambda a, b: a[None] + b[None]),
    ),
    "two_columns": Misconception(
        lambda a, b: a[:, None] + b[:, None],
        "Both were made columns, and columns are added place by place too: first to first, second to second. For every "
        "pair to meet, the two have to stretch along different axes.",
    ),
    "products": Misconception(
        lambda a, b: a[:, None] * b,
        "Every pair has met, and was multiplied. Their sums are asked for.",
        also=(torch.kron,),
    ),
    "differences": Misconception(
        lambda a, b: a[:, None] - b,
        "Every pair has met, but the one was taken away from the other. Their sums are asked for.",
        also=(lambda a, b: b - a[:, None],),
    ),
    "only_a": Misconception(
        lambda a, b: _grid(a, b)[0],
        "Each row repeats a number of a: the shape is right, but b was not added.",
    ),
    "only_b": Misconception(
        lambda a, b: _grid(a, b)[1],
        "Each row is b itself: the shape is right, but a was not added.",
    ),
    "a_alone": Misconception(
        lambda a, b: a[:, None],
        "Only a is in it: b was not added.",
        also=(lambda a, b: a[:, None] + a, lambda a, b: a),
    ),
    "b_alone": Misconception(
        lambda a, b: b[None],
        "Only b is in it: a was not added.",
        also=(lambda a, b: b[:, None] + b, lambda a, b: b, lambda a, b: b[:, None]),
    ),
    "one_row": Misconception(
        lambda a, b: a[0] + b,
        "One number of the one vector was added to all of the other. Every number of a has a row of its own.",
        also=(lambda a, b: a + b[0],),
    ),
    "flattened": Misconception(
        lambda a, b: (a[:, None] + b).flatten(),
        "All the sums are there, in one long vector. They should stand in a table: one row for each number of a.",
    ),
    "pairs": Misconception(
        lambda a, b: torch.stack(_grid(a, b), dim=-1),
        "These are all the pairs, not added up yet: a third axis holds the two numbers.",
        also=(lambda a, b: torch.cartesian_prod(a, b),),
    ),
    "joined": Misconception(
        lambda a, b: torch.cat([a, b]),
        "The two vectors were put one behind the other. Nothing was added to anything.",
    ),
    "extra_axis": Misconception(
        lambda a, b: (a[:, None] + b)[None],
        "The sums are right, but an axis of size 1 too many stands around them.",
        also=(lambda a, b: (a[:, None] + b)[..., None],),
    ),
    "totals": Misconception(
        lambda a, b: a.sum() + b.sum(),
        "Everything was added up into a single number. Each pair has a sum of its own.",
    ),
    "total_of_b": Misconception(
        lambda a, b: a + b.sum(),
        "To each number of a the sum of *all* of b was added, or the other way round. Each pair has a sum of its own.",
        also=(lambda a, b: a.sum() + b,),
    ),
}

OUTER_SUM = Exercise(
    name="outer_sum",
    reference=outer_sum,
    returns=("sums",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    hints=(
        "a = (10, 20) and b = (1, 2, 3) make two rows: (11, 12, 13) and (21, 22, 23).",
        "A column (n, 1) and a row (m,), which counts as (1, m), make a table (n, m): each stretches along the axis "
        "where it has size 1.",
        "`column = a[:, None]` gives a its second axis, of size 1.",
    ),
    notebook="00",
    minutes=3,
    class_time=True,
)

EXERCISES = (OUTER_SUM,)

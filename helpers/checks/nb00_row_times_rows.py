"""Notebook 00, row_times_rows: what `@` adds up."""

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception


def row_times_rows(query, key):
    """Take the dot product of one row with each of many: score_j = sum_i query_i key_ji.

    query (d_key,), key (seq, d_key) -> (seq,)
    """
    return key @ query


def cases(seed):
    """Three keys for paper, then awkward sizes: one key, one number, and as many keys as numbers."""
    generator = torch.Generator().manual_seed(seed)
    paper = torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 0.0], [0.0, 1.0], [-2.0, 4.0]])
    sizes = (3, 5), (6, 2), (4, 7), (1, 4), (5, 1), (4, 4)
    drawn = (
        (torch.randn(width, generator=generator), torch.randn(n_keys, width, generator=generator))
        for n_keys, width in sizes
    )
    return [paper, *drawn]


MISCONCEPTIONS = {
    "place_by_place": Misconception(
        lambda query, key: query * key,
        "`*` multiplies place by place, so each row still has all its products. Those of a row are to be added up: one "
        "number for each row of key.",
    ),
    "summed_over_the_rows": Misconception(
        lambda query, key: (query * key).sum(dim=0),
        "The products are right, but they were added up down the columns. Each *row* of key gets a number of its own.",
    ),
    "summed_over_everything": Misconception(
        lambda query, key: (query * key).sum(),
        "All products were added up into one number. Each row of key gets a number of its own.",
    ),
    "averaged": Misconception(
        lambda query, key: (query * key).mean(dim=-1),
        "The products of each row were averaged, where a dot product adds them up.",
    ),
    "columns_of_key": Misconception(
        lambda query, key: query @ key,
        "The query meets the *columns* of key, which only works where there are as many rows as columns. In a "
        "product, what stands on the left goes row by row, what stands on the right column by column.",
    ),
    "a_column": Misconception(
        lambda query, key: key @ query[:, None],
        "The numbers are right, but they came back as a matrix of one column. With a vector on one side the result is "
        "a vector: no axis needs to be added.",
    ),
    "a_row": Misconception(
        lambda query, key: query[None] @ key.T,
        "The numbers are right, but they came back as a matrix of one row. A vector has one axis only.",
    ),
    "cosines": Misconception(
        lambda query, key: F.normalize(key, dim=-1) @ F.normalize(query, dim=-1),
        "These are the cosines: the lengths of the vectors were divided away. The dot product keeps them.",
        also=(
            lambda query, key: key @ F.normalize(query, dim=-1),
            lambda query, key: F.normalize(key, dim=-1) @ query,
        ),
    ),
    "distances": Misconception(
        lambda query, key: (key - query).norm(dim=-1),
        "These are the distances between the ends of the vectors. A dot product multiplies; nothing is subtracted.",
        also=(lambda query, key: (key - query).square().sum(dim=-1),),
    ),
    "scaled": Misconception(
        lambda query, key: key @ query / query.shape[-1] ** 0.5,
        "These are dot products divided by the root of the width. That will be right in notebook 05; here the bare "
        "products are asked for.",
    ),
    "shares": Misconception(
        lambda query, key: (key @ query).softmax(dim=-1),
        "These are shares already, with sum 1: a softmax came after the products. Only the products are asked for.",
    ),
    "first_row_only": Misconception(
        lambda query, key: key[0] @ query,
        "This is the dot product with the first row of key alone, one number. One for each row is asked for.",
    ),
    "query_ignored": Misconception(
        lambda query, key: key.sum(dim=-1),
        "These are the sums of the rows of key: the query has no influence.",
    ),
    "added": Misconception(
        lambda query, key: (query + key).sum(dim=-1),
        "Query and key were added where they should be multiplied.",
        also=(lambda query, key: query + key,),
    ),
    "sums_multiplied": Misconception(
        lambda query, key: query.sum() * key.sum(dim=-1),
        "Sums were multiplied. It goes the other way round: the products come first, place by place, and are then "
        "summed.",
        also=(lambda query, key: query.sum() * key.sum(), lambda query, key: sum(query) * sum(key)),
    ),
    "numbers_of_the_example": Misconception(
        lambda query, key: query[0] * key[:, 0] + query[1] * key[:, 1],
        "Only the first two numbers of each row count, as many as the example has. Other rows are longer, or shorter.",
    ),
    "key_with_itself": Misconception(
        lambda query, key: key.square().sum(dim=-1),
        "Each row of key was multiplied with itself: the query has no influence.",
    ),
    "all_with_all": Misconception(
        lambda query, key: key @ key.T,
        "Each row of key was multiplied with each other row of key: the query has no influence.",
    ),
}

ROW_TIMES_ROWS = Exercise(
    name="row_times_rows",
    reference=row_times_rows,
    returns=("scores",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    hints=(
        "Query (1, 2) meets the row (3, 0): 1 times 3 and 2 times 0, together 3. With the row (-2, 4) it makes -2 and "
        "8, together 6. Three rows make three numbers.",
        "query (d_key,) and key (seq, d_key) -> (seq,). `@` adds up over the last axis of what stands on its "
        "left: which of the two has to stand there, so that d_key meets d_key?",
        "`return key ...`: one sign and one name are missing.",
    ),
    notebook="00",
    minutes=3,
    class_time=True,
)

EXERCISES = (ROW_TIMES_ROWS,)

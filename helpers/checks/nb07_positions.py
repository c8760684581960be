"""Notebook 07, add_positions: where a token stands, added to what it is."""

import math

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import positions

# batch, seq, d_model, rows of the table: all different, then equal where a wrong axis would fit
SIZES = (2, 3, 4, 7), (4, 2, 3, 5), (3, 3, 2, 9), (3, 3, 4, 4), (1, 4, 2, 6), (3, 1, 2, 5), (2, 4, 6, 4), (3, 3, 3, 3)


def cases(seed):
    """Random vectors and tables; for paper: two texts of two words, whole numbers."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, seq, d_model, n):
        shapes = (batch, seq, d_model), (n, d_model)
        return tuple(torch.randn(shape, generator=generator) for shape in shapes)

    x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    table = torch.tensor([[10.0, 0.0], [20.0, 0.0], [0.0, 30.0], [0.0, 40.0]])
    return [(x, table), *(case(*size) for size in SIZES)]


def _rows(x, table):
    return table[: x.shape[1]]


def _sines(x, table):
    d_model = x.shape[-1] + x.shape[-1] % 2
    return x + positions.sinusoidal_positions(x.shape[1], d_model)[:, : x.shape[-1]]


def _joined(x, table):
    return torch.cat([x, _rows(x, table).expand_as(x)], dim=-1)


MISCONCEPTIONS = {
    "along_the_batch": Misconception(
        lambda x, table: x + table[: len(x), None],
        "All words of a text got the same row, and each text another one: the table ran along the batch. Where a word "
        "stands is the second axis of x.",
        also=(
            lambda x, table: x + table[: x.shape[1], None],
            lambda x, table: x + table[: len(x)],
        ),
    ),
    "counted_on": Misconception(
        lambda x, table: x + table[: len(x) * x.shape[1]].reshape(x.shape),
        "The positions are counted on from one text to the next. Every text begins at position 0.",
        also=(
            lambda x, table: x + table.reshape(x.shape),
            lambda x, table: x + table.reshape(*x.shape[:2], -1),
        ),
    ),
    "first_row_for_all": Misconception(
        lambda x, table: x + table[0],
        "Every word got the row of position 0, so nobody can tell them apart. Each position has a row of its own.",
    ),
    "row_behind_the_end": Misconception(
        lambda x, table: x + table[x.shape[1]],
        "Every word got one and the same row, that of the place behind the text's end. An index takes a single row; "
        "each word needs one of its own.",
    ),
    "last_rows": Misconception(
        lambda x, table: x + table[-x.shape[1] :],
        "These are the last rows of the table. The first word stands at position 0, and gets the first row.",
    ),
    "one_late": Misconception(
        lambda x, table: x + table[1 : x.shape[1] + 1],
        "Every word got the row of the next position: the count begins at 1. It begins at 0.",
    ),
    "reversed": Misconception(
        lambda x, table: x + _rows(x, table).flip(0),
        "The right rows in reverse order: the last word got row 0.",
    ),
    "multiplied": Misconception(
        lambda x, table: x * _rows(x, table),
        "The rows were multiplied with the vectors. They are added.",
    ),
    "subtracted": Misconception(
        lambda x, table: x - _rows(x, table),
        "The rows were taken away from the vectors, not added.",
    ),
    "averaged": Misconception(
        lambda x, table: (x + _rows(x, table)) / 2,
        "The average of vector and position: half of what it should be. The sum is asked for.",
    ),
    "joined": Misconception(
        _joined,
        "The rows stand beside the vectors, which are twice as wide now. They are added, so that the width stays.",
    ),
    "numbers_instead_of_rows": Misconception(
        lambda x, table: x + torch.arange(x.shape[1])[:, None],
        "The number of the position was added, 0, 1, 2 and so on, and the table is not used. That number says which "
        "row to take.",
    ),
    "vectors_scaled": Misconception(
        lambda x, table: x * math.sqrt(x.shape[-1]) + _rows(x, table),
        "The vectors were multiplied by the root of the width first. The paper of 2017 does so with its word vectors; "
        "here x is to be taken as it is.",
    ),
    "own_waves": Misconception(
        _sines,
        "Sines and cosines were added, whatever the table holds. The table may be a learned one: use its rows.",
    ),
    "positions_alone": Misconception(
        lambda x, table: _rows(x, table).expand_as(x),
        "Only the positions came back: what the words are is lost.",
        also=(_rows,),
    ),
}

POSITIONS = Exercise(
    name="add_positions",
    reference=positions.add_positions,
    returns=("output",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(positions.add_positions, positions.Embeddings),
    hints=(
        "Two texts of two words. The first words, (1, 2) and (5, 6), both stand at position 0 and get (10, 0): they "
        "become (11, 2) and (15, 6). The second words get (20, 0). Two rows of the table are left over.",
        "x (B, T, D) and the first T rows of the table, (T, D) -> (B, T, D): the missing axis is the batch, and all "
        "texts share the rows.",
        "`n_steps = x.shape[1]`",
    ),
    notebook="07",
    minutes=3,
    class_time=True,
)

EXERCISES = (POSITIONS,)

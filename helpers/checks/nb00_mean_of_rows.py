"""Notebook 00, mean_of_rows: which axis is which."""

import torch

from helpers.checks.exercise import Exercise, Misconception


def mean_of_rows(x):
    """Average over the middle axis: one row for each member of the batch.

    x (batch, seq, d_model) -> (batch, d_model)
    """
    return x.mean(dim=1)


def cases(seed):
    """A small batch for paper; then all axes different, one of each length 1, and a square one, which hides a swap."""
    generator = torch.Generator().manual_seed(seed)
    paper = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [8.0, 0.0]], [[0.0, 1.0], [0.0, 1.0], [0.0, 7.0]]])
    sizes = (4, 3, 5), (2, 6, 3), (3, 2, 7), (1, 5, 4), (5, 1, 3), (3, 4, 1), (3, 3, 3)
    return [(paper,), *((torch.randn(size, generator=generator),) for size in sizes)]


MISCONCEPTIONS = {
    "over_the_batch": Misconception(
        lambda x: x.mean(dim=0),
        "The first axis went, the batch: that mixes tables which have nothing to do with each other. Each table keeps "
        "a row of its own.",
        also=(lambda x: x.sum(dim=0), lambda x: x.sum(dim=0) / x.shape[1], lambda x: x.sum(dim=0) / len(x)),
    ),
    "over_the_numbers": Misconception(
        lambda x: x.mean(dim=-1),
        "The last axis went: every row was boiled down to a single number. Rows should be averaged with rows, number "
        "by number.",
        also=(lambda x: x.sum(dim=-1), lambda x: x.sum(dim=-1) / x.shape[1], lambda x: x.sum(dim=-1) / 2),
    ),
    "over_everything": Misconception(
        lambda x: x.mean(),
        "All numbers went into one. Without being told along which axis, `mean` and `sum` take them all.",
        also=(lambda x: x.sum(), lambda x: x.sum() / x.shape[1]),
    ),
    "over_two_axes": Misconception(
        lambda x: x.mean(dim=(0, 1)),
        "One row is left for the whole batch: the average ran over two axes. Each table should give a row.",
        also=(lambda x: x.mean(dim=(1, 2)), lambda x: x.mean(dim=(0, 2))),
    ),
    "axis_kept": Misconception(
        lambda x: x.mean(dim=1, keepdim=True),
        "The values are right, but an axis of size 1 was kept where the rows stood. Two axes should be left.",
    ),
    "sum": Misconception(
        lambda x: x.sum(dim=1),
        "The rows are added up along the right axis, and not divided by how many there are.",
    ),
    "divided_by_the_batch": Misconception(
        lambda x: x.sum(dim=1) / len(x),
        "The sums are right, but they were divided by the number of tables: `len` gives the size of the first axis.",
    ),
    "divided_by_the_width": Misconception(
        lambda x: x.sum(dim=1) / x.shape[-1],
        "The sums are right, but they were divided by the length of a row. How many rows were added?",
    ),
    "divided_by_the_example": Misconception(
        lambda x: x.sum(dim=1) / 3,
        "The sums are right, but they were always divided by the same number, however many rows a table has.",
        also=(lambda x: x.sum(dim=1) / 2,),
    ),
    "rounded_down": Misconception(
        lambda x: x.sum(dim=1) // x.shape[1],
        "The averages were rounded down to whole numbers: `//` drops what stands behind the point.",
    ),
    "rows_of_the_example": Misconception(
        lambda x: (x[:, 0] + x[:, 1] + x[:, 2]) / 3,
        "Always the first three rows are averaged, as many as the example has. Other tables have more rows, or fewer.",
        also=(lambda x: x[:, :3].mean(dim=1),),
    ),
    "squeezed": Misconception(
        lambda x: x.mean(dim=1).squeeze(),
        "The values are right, but every axis of size 1 was dropped: a batch of one table, or rows of one number, lose "
        "an axis that they need.",
        also=(lambda x: x.squeeze().mean(dim=1),),
    ),
    "reshaped": Misconception(
        lambda x: x.reshape(len(x), x.shape[2], x.shape[1]).mean(dim=-1),
        "The shape is right, but the numbers were dealt out anew: `reshape` and `view` read them off in order and "
        "never exchange two axes, so that numbers of different places were averaged.",
    ),
    "transposed": Misconception(
        lambda x: x.mean(dim=1).T,
        "The averages are right, with rows and columns exchanged: the batch should come first.",
    ),
    "first_row": Misconception(
        lambda x: x[:, 0],
        "This is the first row of each table; the others have no influence.",
    ),
    "last_row": Misconception(
        lambda x: x[:, -1],
        "This is the last row of each table; the others have no influence.",
    ),
    "only_the_first_table": Misconception(
        lambda x: x[0].mean(dim=0),
        "This is the average of the first table alone. What about the rest of the batch?",
    ),
    "largest": Misconception(
        lambda x: x.amax(dim=1),
        "This is the largest number of each column, not the average.",
    ),
    "median": Misconception(
        lambda x: x.median(dim=1).values,
        "This is the median, the number in the middle when sorted. The mean is the sum divided by the count.",
    ),
}

MEAN_OF_ROWS = Exercise(
    name="mean_of_rows",
    reference=mean_of_rows,
    returns=("means",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    hints=(
        "A table with the rows (1, 2), (3, 4) and (8, 0): the first column averages to 4, the second to 2. So this "
        "table becomes the row (4, 2). A batch of five tables becomes five rows.",
        "x (batch, seq, d_model) -> (batch, d_model): the axis in the middle goes. Counted from 0, which one is it?",
        "`x.mean(dim=...)`, with a number in place of the dots.",
    ),
    notebook="00",
    minutes=2,
    class_time=True,
)

EXERCISES = (MEAN_OF_ROWS,)

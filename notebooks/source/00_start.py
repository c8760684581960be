# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 Start
#
# **Where do we begin, and how does this course work?**
#
# About 25 minutes, 20 of them for the warm-up. Late? Leave the warm-up out if axes and broadcasting are old friends.
#
# You will be able to
#
# - find every notebook, run it, and start one over without losing what you wrote,
# - say which axis of a tensor means what, and what `@` and `+` do with axes,
# - see what you have done, and make room when the memory is full.

# %% [markdown]
# ## The map
#
# A notebook opens with a click on its name. Each asks one question and answers it by running code.

# %%
from helpers.start_page import CourseMap, FreeMemory, FreshCopies, MyWork

CourseMap()

# %% [markdown]
# The minutes count everything, exercises too. Whoever comes late can begin at 04.

# %% [markdown]
# ## How to read a notebook
#
# *Shift+Enter* runs a cell and goes to the next. Before some cells we commit to a prediction: a wrong guess teaches more
# than none. In an exercise we replace `...` by our own code, and the cell below says at once what is right, or which
# mistake it was. Nothing is ever in the way: "Run All Cells" works with every exercise still open.

# %% [markdown]
# ## Warm-up: shapes
#
# Twenty minutes on what happens in every notebook. First: our numbers stand in **tensors**, tables with any
# number of axes.

# %%
import torch

from helpers import checks, quiz, widgets

x = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [8.0, 0.0]], [[0.0, 1.0], [0.0, 1.0], [0.0, 7.0]]])
print("shape:", tuple(x.shape))
print("the second row of the first table:", x[0, 1])
print("added along axis 2:", x.sum(dim=2))

# %% [markdown]
# Two sentences of three words, each word a vector of two numbers: the axes are **batch, seq, d_model**, always in this order.
# Counted from 0, axis 0 picks the sentence, axis 1 the word, axis 2 the number. What runs along an axis is told which by `dim`,
# and takes that axis away: the sums have shape (2, 3), one for each word. `x.shape[2]` is the size of one axis, here 2, and
# `x[:, 0]` takes the first word of every sentence: a colon means "all".

# %% [markdown]
# ### Exercise: mean_of_rows (2 minutes)
#
# The simplest summary of a sentence is the average of its words. The first sentence above becomes (4, 2): 1, 3 and 8 average
# to 4, and 2, 4 and 0 to 2. Do it for the whole batch, without a loop. Stuck? `checks.hint("mean_of_rows")`.


# %%
def mean_of_rows(x):
    """x (batch, seq, d_model) -> (batch, d_model): the average row of each table."""
    ...


# %%
checks.check(mean_of_rows)

# %% [markdown]
# Before you write anything, the check says *not attempted yet*. Write something wrong on purpose once, `return x[:, 0]`, to
# see what it says then.

# %% [markdown]
# ## Warm-up: the matrix product
#
# `@` takes each **row** on its left and each **column** on its right, multiplies them place by place and adds up.

# %%
left = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
right = torch.tensor([[1.0, 0.0], [0.0, 1.0], [10.0, 0.0]])
print(left @ right)
print(tuple(left.shape), "@", tuple(right.shape), "->", tuple((left @ right).shape))

# %% [markdown]
# Top left: 1·1 + 2·0 + 3·10 = 31. The inner sizes, 3 and 3, must agree and vanish; the outer ones, 2 and 2, remain. With a
# vector on one side, that side's outer size is missing.

# %% [markdown]
# ### Exercise: row_times_rows (3 minutes)
#
# One word asks, all words answer: multiply `query` with **each row** of `key` and add up, which makes one number per row. (1, 2)
# and the rows (3, 0), (0, 1), (-2, 4) make 3, 2, 6. In [notebook 05](05_attention.ipynb) this line becomes attention.


# %%
def row_times_rows(query, key):
    """query (d_key,), key (seq, d_key) -> (seq,): the dot product with each row of key."""
    ...


# %%
checks.check(row_times_rows)

# %% [markdown]
# ## Warm-up: broadcasting
#
# `+` and `*` work place by place. Where the shapes differ, an axis of size 1 **stretches** to fit the other; a missing axis
# counts as size 1, added in front. Commit to an answer before it is computed.

# %%
stretched = widgets.Predict(
    "A column of shape (3, 1) plus a vector of shape (4,): which shape comes out?",
    [(3, 4), (4, 3), (3, 1), (7,), "an error"],
    why="The column stretches to the right, the vector, which counts as (1, 4), downwards.",
)
stretched

# %%
column, vector = torch.zeros(3, 1), torch.zeros(4)
print("the vector, made a column:", tuple(vector[:, None].shape))
stretched.reveal(tuple((column + vector).shape))

# %% [markdown]
# Handy, and dangerous: two vectors of lengths 3 and 1 may be added by mistake, and nobody complains. So we look at shapes
# often. `vector[:, None]` keeps the numbers and adds an axis of size 1 behind them: whoever needs a column makes one.

# %% [markdown]
# ### Exercise: outer_sum (3 minutes)
#
# Every number of `a` plus every number of `b`: (10, 20) and (1, 2, 3) make the rows (11, 12, 13) and (21, 22, 23). No loop.


# %%
def outer_sum(a, b):
    """a (n,), b (m,) -> (n, m): row i, column j holds a_i + b_j."""
    ...


# %%
checks.check(outer_sum)

# %% [markdown]
# ## Warm-up: shares
#
# At last a function that will be everywhere. **softmax** turns scores into shares, all positive, with sum 1. Of two scores, the
# one that is a point higher gets a share *e* = 2.72 times as large.

# %%
share = widgets.Predict(
    "Three scores: 1, 2 and 3. Which share does the largest get?",
    ["a third", "half, as 3 of 6", "about two thirds", "everything"],
    why="Each point multiplies the share by 2.72, so they stand as 1 to 2.72 to 7.39.",
)
share

# %%
shares = torch.softmax(torch.tensor([1.0, 2.0, 3.0]), dim=0)
print(" ".join(f"{one:.2f}" for one in shares), "  sum", f"{shares.sum():.2f}")
sizes = {"a third": 1 / 3, "half, as 3 of 6": 1 / 2, "about two thirds": 2 / 3, "everything": 1.0}
share.reveal(min(sizes, key=lambda option: abs(sizes[option] - shares[2])))

# %% [markdown]
# Soft, because the small ones keep something; max, because the largest gains most. How to write it, and where it breaks, is an
# exercise of notebook 05.

# %% [markdown]
# ## What is done
#
# Every exercise of the course, with what became of it. The checks write it down in your folder; run this cell again to
# refresh it.

# %%
checks.progress()

# %% [markdown]
# A notebook that you have begun is unfolded; the others open with a click. "Tried" comes with the last mistake that a check has
# named.

# %% [markdown]
# ## The class board
#
# In a class on a hub, the instructor sees on a board how many have passed each exercise and which mistakes come up. You see here
# what your checks tell it, and you decide whether they do. On your own machine there is no board.

# %%
from helpers.class_board import ClassBoard

ClassBoard()

# %% [markdown]
# ## Your copies
#
# These notebooks are yours: nothing overwrites them, and an update of the course leaves them alone. A fresh copy puts the
# course's notebook in place and keeps yours beside it, with the date in its name.

# %%
FreshCopies()

# %% [markdown]
# ## Free memory
#
# Each open notebook keeps a **kernel**, the process that runs its cells, and does so after its tab is closed. When the machine
# slows down, end those that rest. A kernel that is working is left alone.

# %%
FreeMemory()

# %% [markdown]
# ## Take your work with you
#
# One page with your exercises as you wrote them, your predictions and what the checks said, to keep, print or hand in. Save
# your notebooks first.

# %%
MyWork()

# %% [markdown]
# ## After the last notebook
#
# A quiz of eight questions, from splits to pictures, about ten minutes. Choose, then compare: as in every prediction,
# the course's own code computes which answer is right.

# %%
quiz.Quiz()

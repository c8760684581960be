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
# **Where do we begin, and how does this course work?** About 5 minutes.
#
# You will be able to find every notebook, run it, and start one over without losing what you wrote.

# %% [markdown]
# ## The map
#
# A notebook opens with a click on its name. Each asks one question and answers it by running code.

# %%
from helpers.start_page import CourseMap, FreshCopies

CourseMap()

# %% [markdown]
# ## How to read a notebook
#
# *Shift+Enter* runs a cell and goes to the next. Before some cells we commit to a prediction: a wrong guess teaches more
# than none. In an exercise we replace `...` by our own code, and the cell below says at once what is right, or which
# mistake it was. Nothing is ever in the way: "Run All Cells" works with every exercise still open.

# %% [markdown]
# ## Your copies
#
# These notebooks are yours: nothing overwrites them, and an update of the course leaves them alone. A fresh copy puts the
# course's notebook in place and keeps yours beside it, with the date in its name.

# %%
FreshCopies()

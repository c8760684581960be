# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12 Your own data
#
# **Is my forecast better than no forecast at all?**
#
# About 30 minutes with the CO₂, and as long as you like with a file of your own. Late? Leave out everything from *A faster
# machine* on.
#
# You will be able to
#
# - bring a CSV file of your own and read what the template says about it,
# - compare five forecasts without fooling yourself,
# - tell a gain from noise, and say so in one sentence,
# - keep the model, and move the work to a GPU or a batch queue.

# %%
import tempfile

import numpy as np
import torch

from helpers import forecasting, plots, splits, widgets

plots.use_course_style()

# %% [markdown]
# ## The problem
#
# Somebody shows you a network that forecasts sales, and a curve that follows the truth closely. Notebook 01 has shown how
# easily that is made from dice alone. So this is a template: **one cell to change**, and behind it the honest steps in the honest
# order. By default it forecasts the CO₂ over Hawaii half a year ahead.
#
# ## The one cell to change

# %%
settings = forecasting.Settings(
    path="../data/co2.csv",  # seen from the folder of this notebook
    time="week",  # the column with the times; None: the rows are evenly spaced
    values=["co2_ppm"],  # the first is forecast; further columns may help
    unit="ppm",
    length=24,  # steps that a forecast looks back
    horizon=6,  # steps that it looks ahead
    season=12,  # steps in a season (here 12 months; of days 7, of hours 24), or None
    every="month",  # means of each "hour", "day", "week", "month", "year"; None: rows as they are
    missing="last",  # "refuse" holes, or repeat the "last" value known
)
keep_in = None  # a folder for model and results, such as "../my_forecast"

# %% [markdown]
# ## Read, and say what was read
#
# Encoding, separator, decimal sign and the way dates are written are guessed from the whole file. A guess in silence would be
# a trap, so each one is told.

# %%
reading = forecasting.read(settings)
print(reading)

# %% [markdown]
# Read these lines once, slowly: a 3 April that was meant as 4 March shows here, and nowhere else. Five months without a
# measurement repeat the month before, because we asked for it; they may be looked at, but are no target.
#
# What the template does not understand, it refuses, in a sentence that says what to change:

# %%
from dataclasses import replace

for change in (
    {"values": ["co2"]},
    {"every": None, "missing": "refuse"},
    {"every": "year", "season": None},
):
    try:
        wrong = replace(settings, **change)
        forecasting.Task(forecasting.read(wrong), wrong)
    except ValueError as error:
        print("-", error)

# %% [markdown]
# A misspelt name, holes that nobody decided about, 44 years that are too few for windows of 24.
#
# ## An honest split
#
# Cut in time, as in [notebook 01](01_sequential_data.ipynb): the past to learn from, then **validation** to choose on, then the
# **test**. Windows that reach over a cut are dropped, and a gap as long as the horizon is left out besides. Scalers see
# training only.

# %%
task = forecasting.Task(reading, settings)
print(task)
train, test = task.starts["train"], task.starts["test"]
shared = splits.leaking_windows(train, test, settings.length, settings.horizon)
print("test windows that share a row with training:", shared.sum().item())
plots.series_in_parts(reading.times, reading.values[:, 0], task.cuts(), settings.label, title="Three parts, two gaps")

# %% [markdown]
# The levels of the test were never there before: a network that says *levels* must fail, as in notebook 01. So all models here
# say the **change** against the last value.
#
# ## What a good figure is worth
#
# R² is the share of the variance that a forecast explains: 1 is perfect, 0 is "always the mean", below 0 is worse than that. A
# forecast that follows a trend gets a good one for free; here there is a season as well.

# %%
variance = widgets.Predict(
    "The naive forecast says: as the last value. Which R² has it on validation?",
    ["above 0.9", "0.5 to 0.9", "0 to 0.5", "below 0"],
)
variance


# %%
def r_squared(part, forecast):
    """The share of the variance of a part's targets that a forecast of them explains."""
    _, truth = task.levels(part)
    return 1 - ((forecast - truth) ** 2).mean().item() / truth.var(correction=0).item()


windows, _ = task.levels("validation")
share = r_squared("validation", windows[:, -1, 0])
print(f"R² of the naive forecast: {share:.2f}")
bounds = {"above 0.9": 0.9, "0.5 to 0.9": 0.5, "0 to 0.5": 0, "below 0": -np.inf}
variance.reveal(next(text for text, bound in bounds.items() if share > bound))

# %% [markdown]
# Half a year ahead is the other half of the season: -0.76, worse than the mean. *One* month ahead the same forecast, which has
# learned nothing, gets 0.85 and looks like skill. So R² alone says little; we compare **errors with errors**, in the unit of
# the file.

# %% [markdown]
# ## Five forecasts
#
# *Naive* and *seasonal naive* (the same step of the last season that is known) learn nothing. *Ridge* is linear regression:
# each number of the window times a weight of its own, summed; large weights cost. A *GRU* ([notebook 03](03_lstm_vs_gru.ipynb))
# and a *Transformer* (07) are small, 32 wide; they stop when validation no longer improves, and run with three seeds each.

# %%
winner = widgets.Predict("Which has the smallest error on validation?", forecasting.CANDIDATES)
winner

# %% tags=["nbval-ignore-output"]
race = forecasting.run(task)
plots.bars(race.validation, f"mean absolute error of {settings.label}", title="A dot for each seed", number=race.number)

# %%
winner.reveal(race.chosen)

# %% [markdown]
# With the CO₂ ridge wins, clearly, in less than a second. 284 windows are few for a network, and a trend with a season *is*
# almost a weighted sum of the last 24 months. On your data it may be otherwise; that is why all five run, every time.

# %% [markdown]
# ## The test, once
#
# Validation has chosen (of a network, the best seed). Now two forecasts, and only two, meet the test: the chosen one and the
# better of those that learn nothing. Whoever tests all five and reports the best is choosing again, on the test.

# %% tags=["nbval-ignore-output"]
outcome = race.judge()
print(outcome.table)

# %% [markdown]
# The arrow marks the chosen one; a dash is a test that nobody looked at.

# %%
print(outcome.verdict)
levels = {name: outcome.levels[name] for name in (outcome.chosen, outcome.reference)}
page = plots.forecasts(outcome.times, outcome.levels["truth"], levels, settings.label, title=settings.ahead)

# %% [markdown]
# **What does "more than noise" mean?** Neighbouring windows share most of their rows, so 70 errors are not 70 independent
# facts. The test is cut into up to ten blocks of neighbours, each at least two horizons long; the gain of each block is one
# fact. How far their mean may be off by chance, in 19 of 20 cases, stands behind the ± (Student's t). Only a mean that is
# further than that from 0 is called a gain. If not, the sentence says *no better*.

# %% [markdown]
# ## Can it say no?
#
# A judge who always says yes is none. Dice again: steps that nobody can forecast.

# %%
dice = np.random.default_rng(0).standard_normal(600).cumsum()
with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
    file.write("walk\n" + "\n".join(f"{step:.4f}" for step in dice))
walk = forecasting.Settings(file.name, time=None, values=["walk"], length=20, horizon=5)
fair = forecasting.run(forecasting.Task(forecasting.read(walk), walk), seeds=(0,), n_steps=40).judge()
print(fair.headline)

# %% [markdown]
# The course's own tests throw more dice: on ten walks the same sentence; of a hundred, ridge is called better on four at most.
#
# ## Keep it
#
# Five files: the model as plain numbers (safetensors; a pickle may run code when it is opened), its settings with the versions
# of Python and torch, two tables, and the page of results. Without `keep_in` they go to a temporary folder. What lies there
# already is never overwritten unless you say so.

# %%
folder = keep_in or tempfile.mkdtemp()
print(*forecasting.save(folder, outcome, reading, page.figure), sep="\n")
model, known = forecasting.load(folder)
windows, _ = task.levels("test")
print("loaded, the same forecasts:", torch.equal(model(windows).detach(), outcome.levels[outcome.chosen]))
try:
    forecasting.save(folder, outcome, reading)
except FileExistsError as error:
    print("\na second time?", str(error).replace(str(folder), "The folder"))

# %%
last_window = torch.tensor(reading.values[-known.length :])[None]
level = f"{model(last_window).item():.4g}{known.measured_in}"
print(f"from {forecasting.show(reading.times[-1])}, {known.ahead}: {level}")

# %% [markdown]
# And this is what it was all for: the forecast from the last window, of a month that the file does not know. How far off it may
# be, the test has told: 0.48 ppm on average.

# %% [markdown]
# ## Now yours
#
# 1. Put your CSV beside this notebook (say `mine.csv`), and change the one cell: `path="mine.csv"`, your columns in `time` and
#    `values`, `unit`; `every=None` at first.
# 2. Which `horizon` would change a decision? `length`: a season or two.
# 3. Restart and run all. If a sentence stops you, do what it says. The text between the cells still speaks of the CO₂.
# 4. Read the notes, look at the picture: is the past still like the present?
# 5. Believe the verdict, above all when it says no. More rows help more than larger networks.

# %% [markdown]
# **What it does not do.** It forecasts one column at one distance, from the past of the columns you name. It knows no holidays
# and no plans, and gives no interval. If several series belong together (shops, patients), split by group first, as notebook 01
# does. You may change settings until validation looks good. Who changes them until the *test* looks good has used it up: then
# only new data can tell.

# %% [markdown]
# ## A faster machine
#
# `pick_device()` finds an NVIDIA GPU where there is one, and `fit` trains there: it moves the model and each batch, and at the end
# brings the model back. In your own loop you do the same. Both have to move, the model and the numbers it reads:

# %% tags=["nbval-ignore-output"]
from helpers.training import pick_device

device = pick_device()
print("this machine trains on:", device)

# %%
network = forecasting.train("GRU", task, n_steps=10).to(device)
said = network(windows.to(device)).cpu()  # back, for matplotlib and numpy
print("computed on that device, and back:", tuple(said.shape), said.device)

# %% [markdown]
# Networks this small gain nothing there: each step waits for Python, not for arithmetic. A GPU pays when there is much to
# multiply at once: widths and batches of some hundreds. Then **mixed precision** can save time and memory again. Only the
# forward pass and the loss change:
#
#     with torch.autocast("cuda", dtype=torch.bfloat16):
#         loss = F.smooth_l1_loss(network(x), change)
#     loss.backward()
#
# Products are then rounded to 8 significant bits; weights and optimiser stay in 32. Compare the validation error with and
# without.

# %% [markdown]
# ## A batch queue
#
# A cluster runs scripts, when it is their turn. A notebook runs from the command line as well: save this in the course's folder
# as `forecast.sh` and hand it in with `sbatch forecast.sh`:
#
#     #!/bin/bash
#     #SBATCH --job-name=forecast --time=00:30:00
#     #SBATCH --cpus-per-task=4 --mem=8G
#     #SBATCH --gres=gpu:1
#     source .venv/bin/activate
#     export TQDM_DISABLE=1 OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
#     jupyter nbconvert --to notebook --execute --output done \
#       my_notebooks/12_your_own_data.ipynb
#
# Leave out the `gpu` line if you do not use one: the queue is shorter.

# %% [markdown]
# **Can it be repeated?** A seed fixes the first weights and the order of the batches: on one machine, the same numbers. Another
# machine, another version of torch, a GPU: slightly different sums, and after hundreds of steps visibly different weights. So
# keep the versions (they are in `settings.json`), show several seeds, and claim nothing that is smaller than their spread.

# %%
twice = [forecasting.train("GRU", task, seed=1, n_steps=10)(windows) for _ in range(2)]
print("the same seed twice, the same forecasts:", torch.equal(*twice))

# %% [markdown]
# ## Summary
#
# - One cell to change; every guess is told, every doubt becomes a sentence.
# - Cut in time with a gap, scale by the past, say the change and not the level.
# - Choose on validation, look at the test once.
# - Better means better than what needs no learning, by more than noise.
# - On the CO₂ a linear regression beats both networks: say so when it happens to you.
#
# **Sources**
#
# - Hyndman and Athanasopoulos 2021, *Forecasting: Principles and practice*, 3rd edition (naive forecasts).
# - Diebold and Mariano 1995, *Comparing predictive accuracy*.
# - Law and Kelton, *Simulation modeling and analysis* (batch means).
# - Zeng et al. 2023, *Are Transformers effective for time series forecasting?* (often a line does as well).

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
# # 01 Sequential data
#
# **What makes data sequential, and how do I split it without cheating?**
#
# About 80 minutes with all exercises, 55 in class. Late? Leave out *A layer that reads step by step* and *The rest of the lab*.
#
# You will be able to
#
# - recognise a sequence, and cut it into windows,
# - beat, or not beat, a forecast that needs no network at all,
# - split sequences so that the score means what you think it means,
# - look at a stranger's split and say whether it leaks, and why.

# %%
import numpy as np
import torch
from IPython.display import Audio, display
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GroupShuffleSplit, TimeSeriesSplit, train_test_split

from helpers import baselines, checks, datasets, plots, splits, widgets

# %% [markdown]
# ## The problem: too good to be true
#
# Here is a made-up price: every step adds a random number. It is dice, so **nobody can know** where it goes next.

# %%
plots.use_course_style()
walk = torch.tensor(np.random.default_rng(0).standard_normal(2000).cumsum(), dtype=torch.float32)[:, None]
plots.lines(torch.arange(2000), {"dice": walk[:, 0]}, "step", "price (made up)", title="A random walk")

# %% [markdown]
# It has hills and valleys, as real prices do; none of them means anything. Now a model, a random forest (many decision
# trees that vote). It sees 20 values in a row and says how much the price will have changed 20 steps later. A quarter
# of these cases is kept for the test, as in every first course on machine learning.


# %%
def right_signs(train, test):
    """Train on some windows of the walk; the share of the others where it tells a rise from a fall."""
    forest = RandomForestRegressor(50, max_features=0.33, random_state=0).fit(X[train, :, 0], change[train])
    return np.mean((forest.predict(X[test, :, 0]) > 0) == (change[test].numpy() > 0))


X, y = splits.make_windows(walk, length=20, horizon=20)
change = (y - X[:, -1])[:, 0]
train, test = train_test_split(np.arange(len(X)), test_size=0.25, random_state=0)
dealt_at_random = right_signs(train, test)
print("rise or fall: right in more than 70% of the test:", bool(dealt_at_random > 0.7))

# %% [markdown]
# In fact 77% (print `dealt_at_random`), in a test that the model was not trained on, about something that nobody can
# know. You could sell this! It is wrong, and soon you will see at a glance why.
#
# ## The idea: order carries meaning
#
# Shuffle a table of customers, and nothing is lost. Shuffle the words of a sentence, and the meaning is gone. Data are
# **sequential** when their order matters. We write them as a matrix, one row per step, one column per feature:
# `(steps, features)`.

# %%
assets, co2 = datasets.load_assets(), datasets.load_co2()
words, vectors = datasets.load_words()
months = 1958 + np.arange(len(co2.values)) / 12 + 2 / 12  # it starts in March
ax = plots.lines(months, {"CO₂": co2.values[:, 0]}, "year", "parts per million", title="CO₂ in the air at Mauna Loa")
ax.set_ylim(310, 378)
print(assets, assets.values, sep="\n")
print("\na sentence:", words, "as a matrix", tuple(vectors.shape))

# %% [markdown]
# A table of prices by days, a text, a measured quantity: three sequences. In each, neighbours have to do with each other:
# that is what a model can use, and it is also what will deceive us. Press play for a fourth one.

# %%
sound, film = datasets.load_sound(), datasets.load_movie()
display(Audio(sound.samples.numpy(), rate=sound.rate))
milliseconds = 1000 * torch.arange(400) / sound.rate
plots.lines(milliseconds, {"sound": sound.samples[:400]}, "time (ms)", "air pressure", title="400 of 16,000 samples")
plots.in_a_row(film[::8], [f"{i}" for i in range(1, 61, 8)], "A film: every eighth frame")

# %% [markdown]
# Audio has one number per step; a film a whole image per step: 60 frames of 24 by 40 pixels are a matrix `(60, 960)`. Even a
# photograph becomes a sequence, cut into patches that are read row by row.

# %%
patched = widgets.Predict(
    "A photograph of 384 by 640 pixels, 3 colours each, is cut into patches of 128 by 128. Which shape has the sequence?",
    [(3, 15), (15, 16384), (15, 49152), (384, 640)],
    why="3 by 5 patches are 15 steps; each has 3 times 128 times 128 numbers.",
)
patched

# %%
photo = datasets.load_photo()[:, 20:404]
patches = photo.unfold(1, 128, 128).unfold(2, 128, 128).permute(1, 2, 0, 3, 4).flatten(0, 1)
plots.in_a_row(patches, title="A photograph as a sequence of 15 patches")
patched.reveal(tuple(patches.flatten(1).shape))

# %% [markdown]
# So `(steps, features)` holds them all. Notebook 09 reads such patches.
#
# ## A layer that reads step by step
#
# A dense layer sees all steps at once: $y = f(W x + b)$, with $x$ the whole sequence as one long row and $f$ an activation. A
# recurrent layer takes one step $x_t$ at a time and keeps a memory $h_t$ of what came before:
#
# $$h_t = f(W_x\,x_t + W_h\,h_{t-1} + b)$$
#
# with **the same weights at every step**. What does that mean for their number?

# %%
for n_steps in 3, 30, 300:
    dense, recurrent = torch.nn.Linear(n_steps * 5, 16), torch.nn.RNN(5, 16)
    counts = [sum(p.numel() for p in layer.parameters()) for layer in (dense, recurrent)]
    print(f"{n_steps:3} steps of 5 assets: dense {counts[0]:6,} weights, recurrent {counts[1]}")

# %% [markdown]
# The dense layer grows with the sequence, and has to learn anew at each place what a rise looks like. The recurrent one stays
# as it is, at 5 · 16 + 16 · 16 + 32 for a memory of 16 numbers (torch adds two $b$): it reads three days or three hundred.
# Notebook 02 builds it.
#
# ## First, a forecast without a network
#
# Whatever we build has to beat what needs no learning. **Naive**: nothing changes. **Seasonal naive**: the same as one season
# ago. We forecast sunspots, which return about every 11 years, five years ahead.

# %%
years, sunspots = 1700 + np.arange(309), datasets.load_sunspots().values[:, 0]
plots.lines(years, {"sunspots": sunspots}, "year", "yearly mean", title="What shall we forecast?")
naive = widgets.Predict(
    "Five years ahead, which is nearer on average?",
    ["the last known value", "the value of 11 years before", "both alike"],
    why="Eleven years before the target is six years ago, so it is known.",
)
naive

# %%
errors = {
    "the last known value": baselines.naive_mae(sunspots, horizon=5, start=200),
    "the value of 11 years before": baselines.seasonal_naive_mae(sunspots, season=11, start=200),
}
for forecast, error in errors.items():
    print(f"{forecast}: off by {error:.1f} spots on average")
naive.reveal(min(errors, key=errors.get))

# %% [markdown]
# 72.6 against 23.5, without training anything. The network of the next notebook will have to beat the *second* forecast, on
# test years of its own.
#
# ### Exercise at home: seasonal naive (6 minutes)
#
# The mean absolute error (MAE) of "the same as one season ago", for the steps from `start` to the end. Write torch or numpy.
# For help, here and in every exercise: `checks.hint("seasonal_naive_mae")`, up to three times.


# %%
def seasonal_naive_mae(x, season, start):
    """x (T,): T steps; season and start in steps -> the mean absolute error, one number."""
    ...


# %%
checks.check(seasonal_naive_mae)

# %% [markdown]
# ## By hand: windows
#
# A model wants examples: an input and an answer. A **window** slides over the series: `length` rows are the input, the row
# `horizon` steps after the last of them is the target. With length 3 and horizon 2:
#
# - 0 1 2 → **4**
# - 1 2 3 → **5**
# - 2 3 4 → **6**
#
# ### Exercise: make windows (8 minutes)
#
# Cut a series of T steps and F features into all its windows, one from every row, as long as its target exists:
# N = T - length - horizon + 1.


# %%
def make_windows(x, length, horizon):
    """x (T, F) -> X (N, length, F), y (N, F)."""
    ...


# %%
checks.check(make_windows)

# %% [markdown]
# ## The leak lab, first study: the dice
#
# Back to the forest. We change one thing only: instead of dealing out the windows at random, we cut in time at three
# quarters, before row 1500, train before the cut and test behind it. Windows that reach over the cut are dropped. Commit
# yourself first.

# %%
dice = widgets.Predict(
    "The same dice, the same forest, cut in time. How often is it right about rise or fall?",
    ["about 75%, as before", "about 60%", "about 50%, like a coin"],
)
dice

# %%
numbers = np.arange(len(X))  # of the windows: the one with number s starts at row s
train_in_time, test_in_time = numbers[: 1500 - 39], numbers[1500:]  # 39 = 20 + 20 - 1 reach over the cut
cut_in_time = right_signs(train_in_time, test_in_time)
shares = {"about 75%, as before": 0.75, "about 60%": 0.6, "about 50%, like a coin": 0.5}
dice.reveal(min(shares, key=lambda option: abs(shares[option] - cut_in_time)))

# %% [markdown]
# A coin. But one walk may be luck, so here are forty, computed beforehand (`bench/leaks.py`): one dot per walk.


# %%
def stored(study, model, metric):
    """Scores of many seeds from data/results/leaks.csv -> {"honest": (seeds,), "leaky": (seeds,)}."""
    rows = (leaks["study"] == study) & (leaks["model"] == model) & (leaks["metric"] == metric)
    return {split: leaks["score"][rows & (leaks["split"] == split)] for split in ("honest", "leaky")}


leaks = datasets.load_results("leaks")
walks = stored("random_walk", "forest", "right signs")
named = {"cut in time": walks["honest"], "dealt at random": walks["leaky"]}
plots.bars(named, "share of right signs, 40 walks", title="A forecast of dice")

# %% [markdown]
# Cut in time, the dots scatter around one half; dealt at random, walk after walk looks predictable, 72% on average. The model
# is the same. **The split made the skill.** How? We count the test windows that share at least one row with training.

# %%
for name, one, other in ("dealt at random", train, test), ("cut in time", train_in_time, test_in_time):
    shared = splits.leaking_windows(torch.as_tensor(one), torch.as_tensor(other), length=20, horizon=20)
    print(f"{name}: {shared.sum()} of {len(other)} test windows share rows with training")

# %% [markdown]
# All of them. The test window from row 501 has a neighbour in training, from row 500: 19 inputs are the same, and its target
# lies one step away. The forest need not forecast, only recognise the place. That is a **leak**.
#
# ## Look inside
#
# Between train and test now lies *validation*, explained below. **Your turn:** untick *drop straddling windows*: they reach
# over a cut. How wide must the gap (◇, unused rows behind each cut) be until nothing is hatched? Then shuffle. (The cell
# below reads the widget back.)

# %%
timeline = widgets.SplitTimeline(
    sunspots, length=11, horizon=5, fractions=(0.6, 0.2, 0.2), times=years, label="sunspots, yearly mean"
)
timeline

# %%
print([len(part) for part in timeline.split()], "windows; clean:", timeline.is_clean)
print(*timeline.leaks or ["no leak"], sep="\n")

# %% [markdown]
# At first 170, 47 and 47 windows, and no leak. With straddling windows kept, a gap of length + horizon - 1 = 15 rows cures it as
# well: a target lies that far behind its window's first row. With shuffled windows nothing helps. The last control, *scaler
# fitted on*, is a leak of its own, and your next exercise.
#
# ### Exercise: fit a scaler (3 minutes)
#
# Networks like inputs of about the size 1: `(x - mean) / std`, per feature. Learn both numbers from the right rows.


# %%
def fit_scaler(train, test):
    """train (N, F), test (M, F) -> mean (F,), std (F,), to be used on both."""
    ...


# %%
checks.check(fit_scaler)

# %% [markdown]
# ### Why three parts?
#
# Not only a mean: a median, a list of known words, a choice of columns, all of it is learnt from some rows, and those must
# be train's. That keeps two parts apart. But who tries many models and reports the best has chosen with the test. Here is how
# much that flatters: fifty "models" guess coins. **Validation** is a part of its own to choose on.

# %%
rng = np.random.default_rng(0)  # 300 times over: 50 models guess 100 coins of validation and 100 of the test
coins, calls = rng.random((300, 1, 2, 100)) < 0.5, rng.random((300, 50, 2, 100)) < 0.5
on_validation, on_test = np.moveaxis((calls == coins).mean(axis=-1), -1, 0)  # shares of right calls, (300, 50) each
chosen = on_validation.argmax(axis=1)
print(f"best of 50 on the test: {on_test.max(axis=1).mean():.0%} right on the test")
print(f"best of 50 on validation: {on_validation.max(axis=1).mean():.0%} right there,", end=" ")
print(f"{on_test[np.arange(300), chosen].mean():.0%} right on the test")

# %% [markdown]
# Eleven points of skill, from choosing alone: a score that chose is flattered, on validation too. So choose on validation
# (model, settings, when to stop), and report the test, looked at once, at the end.
#
# ### Exercise at home: chronological split (15 minutes)
#
# The cuts lie before rows `round(n_steps * fractions[0])` and `round(n_steps * (fractions[0] + fractions[1]))`. Return the rows at
# which each part's windows start, in order. A window needs every row from its start to its target; keep those wholly inside
# their part.


# %%
def chronological_split(n_steps, length, horizon, fractions):
    """Whole numbers, and three shares that sum to 1 -> train, validation, test: int64, (windows,) each."""
    ...


# %%
checks.check(chronological_split)

# %% [markdown]
# ## The leak lab, second study: old acquaintances
#
# 6,999 names of 880 places and languages, in 16 languages. The task: is it the name of a *place* or of a *language*? The
# model is simple and good: groups of letters, counted, and a linear model. No time here, no windows. What can leak?

# %%
data = datasets.load_names()
texts, kinds = np.array(data.names), np.array(data.kinds)
entities = np.unique(data.entities, return_inverse=True)[1]  # words -> numbers
france = data.entities.index("place:FR")
print(*texts[entities == entities[france]], sep=", ")
acquaintances = widgets.Predict(
    "Place or language? With whole entities apart, 93% are right. And with the names dealt out one by one?",
    ["more", "fewer", "the same to one percent"],
)
acquaintances

# %% [markdown]
# One country, eleven names, and most begin alike. Deal them out one by one, and *Francja* is in training while *Francie* is in
# the test: the model meets an old acquaintance. The same happens with patients, writers, machines, cities. So ask from whom or
# what each row comes, and keep apart what will be new when the model is used.
#
# ### Exercise: split by group (6 minutes)
#
# Each group goes to one side as a whole; train gets `round(fraction * number of groups)` of the *groups*, chosen by the seed.


# %%
def group_split(groups, fraction, seed):
    """groups (N,) whole numbers -> train_mask (N,), True = this row belongs to train."""
    ...


# %%
checks.check(group_split)


# %%
def accuracy(train, answers):
    """Train the n-gram classifier on the names of a mask; the share of right answers on the others."""
    return baselines.ngram_classifier().fit(texts[train], answers[train]).score(texts[~train], answers[~train])


apart = splits.group_split(torch.tensor(entities), 0.8, seed=0).numpy()
one_by_one = np.random.default_rng(0).permutation(apart)  # as many names, dealt out singly
gain = accuracy(one_by_one, kinds) - accuracy(apart, kinds)
display(acquaintances.reveal("more" if gain > 0.01 else "fewer" if gain < -0.01 else "the same to one percent"))
always = widgets.Predict(
    "Another question, the same names: which of 16 languages? Does dealing out one by one flatter again?",
    ["yes, it scores higher", "no difference", "no, it scores lower"],
)
always

# %% [markdown]
# 97% instead of 93 (print `accuracy(one_by_one, kinds)`): more than half of the errors are gone, and nobody became any
# wiser. Does a leak always flatter? Commit yourself above; here is the mean of ten seeds, computed beforehand.

# %%
by_language = stored("names", "n-grams: language", "accuracy")
honest, leaky = by_language["honest"].mean(), by_language["leaky"].mean()
print(f"entities apart {honest:.1%}, one by one {leaky:.1%}")
always.reveal("no, it scores lower" if leaky < honest - 0.01 else "yes, it scores higher")

# %% [markdown]
# Lower! *Francja* is Polish and in training, so *Francie* in the test looks Polish as well, but it is Czech: here the old
# acquaintance misleads.
#
# > **Small print.** A leak need not flatter. It makes the score an answer to another question, and one cannot know
# > beforehand in which direction it is wrong.

# %% [markdown]
# ## The rest of the lab
#
# More to explore: `stored(...)` has every seed. First, live, a "model" of the CO₂ that sees nothing but the *date*: it repeats the
# target of the nearest training window. R² is 1 for a perfect forecast, 0 for always saying the mean.

# %%
from sklearn.neighbors import KNeighborsRegressor

_, levels = splits.make_windows(co2.values, length=12, horizon=6)
numbers = np.arange(len(levels))
for name, early, late in [
    ("shuffled", *train_test_split(numbers, test_size=0.25, random_state=0)),
    ("cut in time", numbers[: 382 - 17], numbers[382:]),  # 17 = 12 + 6 - 1
]:
    model = KNeighborsRegressor(1).fit(early[:, None], levels[early])
    print(f"knows only the date, {name}: R² {model.score(late[:, None], levels[late]):.2f}")

print("\nmeans of the stored table\n" + " " * 26 + "honest  leaky")
for row in [
    ("co2", "LSTM on levels", "R2"),
    ("co2", "LSTM on changes", "R2"),
    ("scaler", "LSTM on levels", "R2"),
    ("scaler", "ridge", "R2"),
    ("gap", "forest", "error / naive error"),
    ("digits", "SVM", "accuracy"),
]:
    means = [scores.mean() for scores in stored(*row).values()]
    print("{:8}{:16}{:8.3f}{:7.3f}  {}".format(*row[:2], *means, row[2]))

# %% [markdown]
# - **co2**: shuffled, the date is enough. A network (LSTM, [notebook 03](03_lstm_vs_gru.ipynb)) cannot say levels it has never
#   seen; asked for *changes*, it does well honestly.
# - **scaler** fitted on everything: ridge (linear) does not notice, an LSTM fails either way. Still wrong: nobody has the
#   future's mean.
# - **gap**: dice; without one, windows right behind the cut look easier.
# - **digits** in 13 blocks, mostly other writers: harder than random images.
#
# ## The daily tools
#
# scikit-learn has both honest ways: `TimeSeriesSplit` (train on the past, test on what follows, several times) and
# `GroupShuffleSplit`. By default there is no gap!

# %%
span = 20 + 20 - 1
for gap in 0, span:
    folds = list(TimeSeriesSplit(n_splits=3, gap=gap).split(X))
    shared = [splits.leaking_windows(torch.tensor(a), torch.tensor(b), 20, 20).sum().item() for a, b in folds]
    print(f"TimeSeriesSplit, gap {gap:2}: test windows that share rows with train: {shared}")
rows, _ = next(GroupShuffleSplit(1, train_size=0.8, random_state=0).split(texts, groups=entities))
outside = np.delete(np.arange(len(texts)), rows)
print("GroupShuffleSplit: entities on both sides:", len(set(entities[rows]) & set(entities[outside])))

# %%
for wrong in (
    lambda: splits.chronological_split(100, 20, 20, (0.8, 0.1, 0.1)),
    lambda: splits.chronological_split(100, 5, 1, (0.8, 0.1, 0.2)),
    lambda: splits.make_windows(datasets.load_co2("week").values, 12, 6),
    lambda: splits.check_times(["2001-01-02", "2001-01-01"]),
):
    try:
        wrong()
    except ValueError as error:
        print("-", error)

# %% [markdown]
# With windows of 20 and a horizon of 20, `gap=39` makes `TimeSeriesSplit` honest. (That is strict: who forecasts does know the
# inputs before the cut, and some tests use them. But a training *target* behind it is the future.) And our own functions refuse what cannot be split,
# in a sentence that says why.
#
# ## Does it work? Six splits of strangers
#
# You review six projects. Which of them leak, and where? Commit to an answer for each; the code below finds out.

# %%
answers = ["honest", "leaks: the same rows", "leaks: the same people", "leaks: the scaler", "leaks: the choice"]
projects = {
    "A. Daily temperatures, windows of 7 days, target the next day. The first 80% of the windows train, the rest test.": (
        "A: the last training windows need rows that the first test windows use."
    ),
    "B. The same, but the 7 windows between train and test are left out.": "B: a window ends 7 + 1 - 1 rows behind its start, so 7 are enough.",
    "C. Ten heartbeats each of 50 patients, 500 rows in all. train_test_split deals out the rows.": (
        "C: a heart is recognised, not an illness."
    ),
    "D. The same heartbeats; GroupShuffleSplit with the patients as groups.": "D: new patients in the test.",
    "E. As B; but before it was cut, the whole series was scaled to mean 0 and std 1.": (
        "E: the test's days are in that mean."
    ),
    "F. As B; then ten forests were tried, and the one that was best in the test is reported with that score.": (
        "F: of ten, one is lucky in just this test."
    ),
}
guesses = [widgets.Predict(text, answers, why=f"({why})") for text, why in projects.items()]
display(*guesses)

# %%
windows, cut = torch.arange(1000 - 7), 800  # A, B, E, F: of 1,000 days
with_gap = splits.leaking_windows(windows[: cut - 7], windows[cut:], 7, 1).any()
without = splits.leaking_windows(windows[:cut], windows[cut:], 7, 1).any()
patients = np.arange(500) // 10
dealt, kept = (set(patients[rows]) for rows in train_test_split(np.arange(500), random_state=0))
grouped = splits.group_split(torch.tensor(patients), 0.8, seed=0).numpy()
scaler_rows, train_rows = torch.arange(1000), splits.rows_of(windows[: cut - 7], 7, 1)
chosen_on, reported_on = windows[cut:], windows[cut:]
found = [
    answers[1] if without else answers[0],
    answers[1] if with_gap else answers[0],
    answers[2] if dealt & kept else answers[0],
    answers[2] if set(patients[grouped]) & set(patients[~grouped]) else answers[0],
    answers[3] if len(scaler_rows) > len(train_rows) else answers[0],
    answers[4] if torch.isin(chosen_on, reported_on).any() else answers[0],
]
for guess, answer in zip(guesses, found, strict=True):
    display(guess.reveal(answer))

# %% [markdown]
# Two are honest, four leak. Four questions find it out, and each has its cure:
#
# - *Does a row, input or target, stand on two sides?* Drop what reaches over the cut.
# - *Does somebody?* Deal out whole groups.
# - *Was anything learnt from the test, even a mean?* Learn it from train, use it on both.
# - *Was anything chosen by the score that is reported?* Choose on validation, report the test.
#
# ## Limits
#
# An honest split tells how well a model does on *this* future. The next one may differ: another sun, another camera, another
# hospital. And a cut in time gives one score; walk forward (`TimeSeriesSplit`) gives several. Next: the layer that reads
# step by step, in [notebook 02](02_rnn_unfolding.ipynb).
#
# ## Summary
#
# - In a sequence the order matters; we write it as (steps, features).
# - A naive forecast comes first; on sunspots the last season beats the last value three to one.
# - A window is an input and a target; neighbouring windows share rows.
# - Shuffled windows leak: dice look predictable, 72% right instead of 50.
# - Cut in time and drop what straddles (or leave a gap); keep groups together; fit on train, choose on validation.
#
# **Sources**
#
# - *Practical Introduction to Deep Learning*, IDRIS (CNRS): kinds of sequences, dense and recurrent layers.
# - Kapoor and Narayanan 2023, *Leakage and the reproducibility crisis in machine-learning-based science*, Patterns 4.
# - Bergmeir and Benítez 2012, *On the use of cross-validation for time series predictor evaluation*, Information Sciences 191.
# - Data: see data/README.md (Scripps CO₂ and NOAA sunspots, public domain; Unicode CLDR names; the photograph by danielbuechele,
#   CC BY 2.0, from scikit-learn).

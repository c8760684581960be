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
# # 11 Find the bug
#
# **Everything runs, the loss falls, and the result is wrong. How do we find out?**
#
# About 60 minutes with all exercises, best in pairs. Late? Leave out *How professionals test models*.
#
# You will be able to
#
# - say why a falling loss and matching shapes prove next to nothing,
# - write four tests that find a bug in a model without looking into it,
# - audit what stands around a model: labels, checkpoints (its weights, as saved at one moment), scalers, pictures,
# - say what a bug has cost.

# %%
import torch
from torch.nn import functional as F

from helpers import checks, datasets, plots, training, widgets
from helpers.batches import Batches
from helpers.models import attention, letters
from helpers.museum import exhibits, mystery, parts, pipelines, properties, small, trained

plots.use_course_style()

# %% [markdown]
# ## The problem: silent bugs
#
# A loud bug stops with an error. A silent one goes on: numbers come out, the curve looks like a curve. All bugs in this museum
# are silent, and of a kind that people really make. We rebuilt them small.

# %%
exhibits.Catalogue()

# %% [markdown]
# On the right stands what everybody looks at first, and what lets the bug through. In the middle stand today's tools: four tests
# that we write, and four audits. A good test has two duties: **sound the alarm at the bug, and keep quiet at a right model**.

# %% [markdown]
# ## Room 1: too good to be true
#
# Two models learn to forecast the next letter of a name (places and languages, in 16 languages). They are equal but for one line.

# %% tags=["nbval-ignore-output"]
names = datasets.load_names()
alphabet = letters.Alphabet(names.part("train")[0], at_least=2)
train, test = (alphabet.encode(names.part(part)[0])[0][:, :16] for part in ("train", "test"))
models, losses = {}, {}
for name, line in trained.SUSPECTS.items():
    training.set_seed(0)
    models[name] = trained.NextLetter(len(alphabet), line)
    history = training.fit(
        models[name], trained.NextLetter.loss, Batches(train, size=64), n_steps=80, learning_rate=0.01
    )
    losses[name] = history.loss
plots.lines(range(80), losses, "step", "surprise per letter (nats)", title="two models that learn")

# %% [markdown]
# Both curves fall; B's falls further and nearly to zero: it is hardly ever surprised. Shapes agree, nothing warns.

# %%
suspect = widgets.Predict(
    "B forecasts the next letter far better than A. Which line will it be?",
    ["its positions", "its mask", "its learning rate", "none: B is simply better"],
)
suspect

# %% [markdown]
# How could one find out without reading the code? **Cover the future.** If nothing of what comes later is used, rewriting it
# must not change what was said before.
#
# ### Exercise: future_leaks (9 minutes)
#
# A model takes x (B, T, D) and gives (B, T, D). Return True if *any* output depends on a token after it. Numbers that should be
# equal differ by rounding, about 1e-7: see `atol` of `torch.allclose`. For help: `checks.hint("future_leaks")`.


# %%
def future_leaks(model, x):
    """Model: (B, T, D) -> (B, T, D); x (B, T, D) -> True if an output depends on a later token."""
    ...


# %%
checks.check(future_leaks)

# %% [markdown]
# The check has put your test on a bench of models, with and without the bug, and says which of both duties it missed. Now A and B,
# with the course's own test (or yours: take the name without `properties.`).

# %%
x = torch.randn(4, 8, 32)
leaks = {name: properties.future_leaks(model.stack, x) for name, model in models.items()}
print("the future leaks:", leaks)
print(exhibits.exhibit("one token of the future"))
suspect.reveal("its mask" if leaks["B"] and not leaks["A"] else "none: B is simply better")

# %% [markdown]
# Found: a `1` inside `tril`, minus the right line, plus the wrong one. B did not forecast the next letter, it *read* it. When it
# has to write, the next letter is not there yet:

# %%
batch = (test[:200],)
told = {name: training.evaluate(model, trained.NextLetter.loss, [batch]) for name, model in models.items()}
writing = {name: model.loss_while_writing(batch).item() for name, model in models.items()}
print("reported, B is better:", told["B"] < told["A"] - 0.5)
print("while writing, B is worse:", writing["B"] > writing["A"] + 0.2)

# %% [markdown]
# The order is reversed. The weaker test, *the loss goes down*, preferred the broken model.
#
# ## Room 2: it works, until the batch changes
#
# A colleague adds positions to x (batch, seq, d_model) from a table. The lines run, for every shape that she tries.

# %%
exhibits.exhibit("along the batch")

# %%
tried = {"one text": x[:1], "four different texts": x, "the same text four times": x[:1].expand(4, -1, -1)}
unseen = widgets.Predict(
    "Minus is right, plus is wrong. We shuffle a batch and compare. With which batch can this not find the bug?",
    list(tried),
)
unseen

# %% [markdown]
# ### Exercise: batch_order_matters (6 minutes)
#
# Which row of the batch a text happens to stand in must not change its output. Return True if it does. For help:
# `checks.hint("batch_order_matters")`.


# %%
def batch_order_matters(model, x):
    """Model: (B, T, D) -> (B, T, D); x (B, T, D) -> True if an output depends on the row it stands in."""
    ...


# %%
checks.check(batch_order_matters)

# %%
training.set_seed(0)
wrong = small.Stack(32, parts.add_positions_along_the_batch).eval()
found = {name: properties.batch_order_matters(wrong, batch) for name, batch in tried.items()}
print(found)
unseen.reveal(next(name for name, alarm in found.items() if not alarm))

# %% [markdown]
# With one text there is nothing to exchange, and it always gets row 0. Four equal texts are enough: they get four different
# outputs. In training nothing warns. Asked for the neighbours in a ring of letters
# ([notebook 06](06_multi_head_attention.ipynb)), the wrong model's loss falls from 2.5 to 1.6, and 31% of its answers are
# right; the right model's are all right (the table comes below).

# %% [markdown]
# ## Room 3: the company a text keeps
#
# Short texts are filled up with padding. A GRU reads on through it, and someone takes the state in the last column
# ([notebook 03](03_lstm_vs_gru.ipynb)).

# %%
exhibits.exhibit("in the padding")

# %% [markdown]
# ### Exercise: padding_matters (9 minutes)
#
# Here the model is called as `model(x, lengths)`; what stands behind a text's length is padding. Return True if the output of any
# *real* token depends on it. (Outputs at padding may be anything.) For help: `checks.hint("padding_matters")`.


# %%
def padding_matters(model, x, lengths):
    """Model: (B, T, D), (B,) -> (B, T, D); True if the output of a real token depends on padding."""
    ...


# %%
checks.check(padding_matters)

# %%
training.set_seed(0)
right, wrong = small.Summarised(8).eval(), small.Summarised(8, parts.read_in_the_last_column).eval()
x = torch.randn(3, 6, 8)
for lengths in (torch.tensor([6, 3, 2]), torch.tensor([6, 6, 6])):
    found = [properties.padding_matters(model, x, lengths) for model in (right, wrong)]
    print(f"lengths {lengths.tolist()}: alarm at the right model {found[0]}, at the wrong one {found[1]}")

# %% [markdown]
# With equal lengths there is no padding, and the test is blind: **a test is as good as its example.** Uneven lengths, more than one
# text, all sizes different: that is why the checks of this course use such awkward shapes.

# %% [markdown]
# ## Room 4: a bag of words
#
# Attention does not know where a token stands ([notebook 05](05_attention.ipynb)). If nobody adds positions, a reader is a bag
# of words. Nothing breaks.
#
# ### Exercise: order_ignored (6 minutes)
#
# Return True if the order of the tokens changes nothing but the order of the outputs. For help: `checks.hint("order_ignored")`.


# %%
def order_ignored(model, x):
    """Model: (B, T, D) -> (B, T, D); True if reordering the tokens only reorders the outputs."""
    ...


# %%
checks.check(order_ignored)

# %%
blind = widgets.Predict(
    "No positions are added. Which of these still knows something of the order?",
    ["a model that looks everywhere", "a model that only looks back", "neither"],
)
blind

# %%
training.set_seed(0)
x = torch.randn(2, 6, 8)
reader = small.Stack(8, parts.forget_positions).eval()
writer = small.Stack(8, parts.forget_positions, [parts.look_back]).eval()
ignored = [properties.order_ignored(model, x) for model in (reader, writer)]
print("ignored by the one that looks everywhere:", ignored[0], "  by the one that looks back:", ignored[1])
answers = {(True, False): "a model that only looks back", (True, True): "neither"}
blind.reveal(answers.get(tuple(ignored), "a model that looks everywhere"))

# %% [markdown]
# Looking back tells the first token (which sees one) from the last (which sees all).
#
# ## Room 5: four bugs around the model
#
# No test of the model finds these: it is right. What we need is an **audit**, a question to the numbers that go in and out. First
# symptom: sunspots of the next year, forecast from eleven, with a score of R² = 1.00.

# %%
score = widgets.Predict(
    "A linear forecast of next year's sunspots reports R² = 1.00: it is never off. What is wrong?",
    ["the scaler has seen the test", "the answer stands in the question", "the worst checkpoint was kept"],
)
score

# %%
x = datasets.load_sunspots().values
X, y = pipelines.cut_windows(x, length=11)
X_late, y_late = pipelines.cut_windows_late(x, length=11)
print("same shapes:", X.shape == X_late.shape and y.shape == y_late.shape)
inside = pipelines.answers_inside(X_late, y_late)
print("answer inside: right", pipelines.answers_inside(X, y), " late", inside)
print(exhibits.exhibit("one step late"))
score.reveal("the answer stands in the question" if inside else "the scaler has seen the test")

# %% [markdown]
# The answer is the last row of its own window. The audit takes one line: does any column of the question *equal* the answer? In use
# the model repeats last year.
#
# Second symptom: a healthy curve, a poor score on test. Seven validations, one checkpoint kept. Which?

# %%
losses = [2.1, 1.4, 0.9, 0.6, 0.5, 0.55, 0.7]
kept = {name: losses[keep(losses)] for name, keep in pipelines.KEEPING.items()}
print(kept)
print("the audit passes:", {name: pipelines.is_the_best(loss, losses) for name, loss in kept.items()})
exhibits.exhibit("worst checkpoint")

# %% [markdown]
# For accuracy higher is better, for a loss lower: `max`, copied, keeps the worst. The audit: *load* the checkpoint, validate again,
# compare with the best of the history. A look at the curve cannot find it, for the curve is right.
#
# Third: the scaler. The audit rewrites the test rows; the scaled *training* rows must stay as they were. Fourth: the picture.
# The audit: no weight where the mask forbids to look.

# %%
co2 = datasets.load_co2().values
for scaler in (pipelines.scale, pipelines.scale_with_everything):
    print(f"{scaler.__name__:24} knows the test: {pipelines.knows_the_test(scaler, co2, n_train=400)}")

training.set_seed(0)
query, key, mask = torch.randn(5, 8), torch.randn(5, 8), parts.look_back(torch.zeros(1, 5, 8))
drawn = [draw(query, key, mask) for draw in (pipelines.drawn_map, pipelines.drawn_without_mask)]
plots.attention_maps(drawn, list("abcde"), ["what the model used", "what was drawn"])
print("rows sum to 1:", [torch.allclose(weights.sum(dim=-1), torch.ones(5)) for weights in drawn])
print("sees the masked:", [pipelines.sees_the_masked(weights, mask) for weights in drawn])

# %% [markdown]
# Both maps have rows that sum to 1, and only one shows what the model did. The other was computed a second time for the picture,
# without the mask. Whoever draws must draw the weights of *this* forward pass.

# %% [markdown]
# ## What it cost
#
# Means of three seeds; the labels need none, nothing in them is random (`python course.py bench bugs`; the card in
# `data/README.md` says how). First columns: what is reported. Last column: what is true.

# %%
table = datasets.load_results("bugs")


def mean(study, version, measure):
    """The mean over the stored seeds."""
    rows = (table["study"] == study) & (table["version"] == version) & (table["measure"] == measure)
    return table["score"][rows].mean()


for study, (head, measures) in {
    "masks": ("nats", {"reported (nats)": "reported", "while writing (nats)": "writing"}),
    "positions": ("", {"loss at first": "first loss", "loss at last": "last loss", "accuracy": "accuracy"}),
    "padding": ("", {"in batches of 256": "in batches", "alone": "alone", "change with company": "changed"}),
    "labels": ("R²", {"reported (R2)": "reported", "next year (R2)": "next year"}),
    "checkpoints": ("", {"accuracy": "accuracy"}),
}.items():
    print(f"{study} {head}".ljust(16) + "".join(f"{name:>10}" for name in measures.values()))
    versions = table["version"][(table["study"] == study) & (table["measure"] == next(iter(measures)))]
    for version in dict.fromkeys(versions):
        print(f" {version:15}" + "".join(f"{mean(study, version, measure):10.2f}" for measure in measures))
    print()

# %% [markdown]
# - **Mask:** 0.10 and 0.35 reported, where the right model has 2.48; while writing 9 to 10, worse than a die with a side for each
#   letter (4.8).
# - **Positions:** along the batch is as bad as none, 31% instead of 100%.
# - **Padding:** the accuracy hardly suffers, the GRU learns to hold on. But 17% of the names get another answer when read alone.
# - **Labels:** 1.00 reported, 0.58 in truth; repeating last year has 0.59.
# - **Checkpoint:** 67% instead of 90%; the last one costs two points.

# %% [markdown]
# The scaler cost a ridge forecast nothing in [notebook 01](01_sequential_data.ipynb)'s study (R² = 0.97 with and without). The
# LSTM there is useless with both: R² is -3.5 on average with the right scaler, -2.7 with the wrong one; one seed of ten, at
# -8.0, makes most of that difference.
#
# A map drawn without its mask changes no score: it only puts 46% of its weight (in the stored study) where the model could not look,
# and misleads whoever reads it. **A bug may be free today.** Nobody knows that without the audit.

# %% [markdown]
# ## How professionals test models
#
# Four habits, three lines each. **Parity**: the same numbers as an implementation you trust, with random parameters. **Properties**:
# what must not matter, does not (today). **Overfit one batch**: a model that cannot learn eight examples by heart has a bug.
# **Gradient flow**: every parameter gets a gradient, or it is not connected: autograd tells.

# %%
q, k, v = torch.randn(3, 2, 5, 8)
ours, theirs = attention.causal_attention(q, k, v), F.scaled_dot_product_attention(q, k, v, is_causal=True)
print("parity:", torch.allclose(ours, theirs, atol=1e-6))

training.set_seed(0)
model, eight = trained.NextLetter(len(alphabet)), (train[:8],)
training.fit(model, trained.NextLetter.loss, [eight], n_steps=120, learning_rate=0.01)
print("one batch, learned by heart:", bool(model.loss(eight) < 0.5))

model.loss(eight).backward()
print("without a gradient:", [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()])

# %% [markdown]
# Libraries test themselves this way: PyTorch compares its fast functions with slow plain ones, and its gradients with differences.
# None of these tests needs the right answer, which for a model nobody knows.

# %% [markdown]
# ## In pairs: an unknown model
#
# Eight models stand in the store, some right, some not. Each says what it is meant for, and nothing else. **Your turn:** ask your four
# tests, agree on a diagnosis, *then* look at `mystery.solution(1)`. (Which of the tests may you not ask a model that reads?)

# %%
model = mystery.mystery(1)
print(model)
x, lengths = torch.randn(4, 7, 8), torch.tensor([7, 4, 5, 2])
print("the order of the batch matters:", properties.batch_order_matters(model, x))
print("the order is ignored:          ", properties.order_ignored(model, x))

# %% [markdown]
# These two keep quiet. Add the other two, then try 2 to 8. One of the bugs hides in one token; two models have none, and a pair that
# finds bugs everywhere has a test that cries wolf. Two alarms may have one cause: who looks ahead also reads the padding.

# %% [markdown]
# ## Summary
#
# - A silent bug leaves shapes right and lets the loss fall; it is often the *good* score that should alarm us.
# - A property test changes what must not matter, and compares: it needs no right answer and no look into the model.
# - A test must sound the alarm at the bug and keep quiet at a right model; it is as good as its example.
# - Around the model, audits: is the answer in the question, is this the checkpoint, who has seen the test, which mask is drawn?
# - Parity, properties, one batch by heart, gradient flow: three lines each, before any long training.
#
# **Sources**
#
# - Karpathy 2019, *A Recipe for Training Neural Networks* (overfit one batch, look at what depends on what).
# - Ribeiro et al. 2020, *Beyond Accuracy: Behavioral Testing of NLP Models with CheckList*.
# - Claessen and Hughes 2000, *QuickCheck* (properties instead of examples).
# - Kapoor and Narayanan 2023, *Leakage and the reproducibility crisis in machine-learning-based science*.

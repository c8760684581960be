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
# # 02 The recurrent neuron, unfolded
#
# **How can a network remember what it has read?**
#
# About 90 minutes with all exercises, 60 in class. Late? Leave out *Two layers in series*, *Explosions* and *A forecast*.
#
# You will be able to
#
# - compute the states of a recurrent neuron by hand,
# - unfold a recurrent layer and say which weights its steps share,
# - write the cell and the layer yourself, equal to torch's own,
# - say why such a layer forgets, and measure how fast.

# %%
import torch
from torch import nn
from torch.nn import functional as F

from helpers import baselines, checks, datasets, plots, splits, tasks, training, widgets
from helpers.batches import Batches
from helpers.models import recurrent, recurrent_layers, through_time

plots.use_course_style()
torch.set_printoptions(precision=2, sci_mode=False)

# %% [markdown]
# ## The problem: a neuron without a past
#
# A dense neuron computes $y = \tanh(w\,x + b)$. We let it read two stories, one number at a time. They begin differently and
# end alike.

# %%
story, other = torch.tensor([1.0, 0.0, 0.5]), torch.tensor([-1.0, 0.0, 0.5])
for name, numbers in {"story": story, "other": other}.items():
    print(f"{name}: reads {numbers.tolist()}, says", torch.tanh(1.0 * numbers))

# %% [markdown]
# At the last step both give the same answer, 0.46: the neuron sees only the number in front of it. What came before is gone.
#
# ## The idea: the output comes back as input
#
# At each step $t$ the neuron gets two things: the input $x_t$, and its own output of the step before, $h_{t-1}$, which we call
# its **state**:
#
# $$h_t = \tanh(w_x\,x_t + w_h\,h_{t-1} + b)$$
#
# The first step has no step before it. It gets the null vector, $h_0 = 0$.

# %% [markdown]
# ## By hand: one neuron
#
# Take $w_x = 1$, $w_h = 0.5$, $b = 0$ and let it read 1, 0, 0, 0: one knock, then silence. Three lines on paper are enough. But
# first:

# %%
echo = widgets.Predict(
    "The input is 1 at the first step and 0 afterwards. What does the state do after the first step?",
    ["it drops to 0 at once", "it fades away, step by step", "it stays where it is", "it grows"],
)
echo

# %%
h, states = 0.0, []
for x_t in [1.0, 0.0, 0.0, 0.0]:
    h = torch.tanh(torch.tensor(1.0 * x_t + 0.5 * h)).item()
    states.append(h)
print([f"{h:.2f}" for h in states])

shrinking = 0 < states[3] < states[2] < states[1] < states[0]
echo.reveal("it fades away, step by step" if shrinking else "it grows")

# %% [markdown]
# tanh(1) = 0.76, tanh(0.5 · 0.76) = 0.36, and so on. The knock rings on: the state *is* the memory. And it fades, which will
# be the trouble with it.
#
# ## A cell: several neurons at once
#
# With $H$ neurons the state is a vector, and every neuron sees the whole of it. One often reads that input and state are
# **concatenated** (laid end to end), multiplied by one large matrix, and sent through the tanh. That is the same as two products,
# added:

# %%
torch.manual_seed(0)
x_t, h = torch.randn(2), torch.rand(3)  # two inputs, three neurons
W_x, W_h, b = torch.randn(3, 2), torch.randn(3, 3), torch.randn(3)

one_product = torch.tanh(torch.cat([W_x, W_h], dim=1) @ torch.cat([x_t, h]) + b)
two_products = torch.tanh(W_x @ x_t + W_h @ h + b)
print("one product:", one_product, "  the same as two:", torch.allclose(one_product, two_products))

# %% [markdown]
# We keep the two products: soon one of them will move out of the loop.
#
# ### Exercise: rnn_cell (5 minutes)
#
# One step for a whole batch of B sequences: each **row** of x and h is one sequence's input (F numbers) and state (H neurons).
# Weights are stored as torch stores them, (out, in), so rows are multiplied from the left: `x @ W_x.T`. For help, run
# `checks.hint("rnn_cell")`, up to three times.


# %%
def rnn_cell(x, h, W_x, W_h, b):
    """x (B, F), h (B, H), W_x (H, F), W_h (H, H), b (H,) -> the next h (B, H)."""
    ...


# %%
checks.check(rnn_cell)

# %% [markdown]
# ## Unfold it
#
# A loop is hard to draw. So we draw the neuron once for each step, side by side, and the loop becomes an arrow from one copy to
# the next. The picture is **unfolded in time**.

# %%
plots.unfolded(4)

# %% [markdown]
# Four cells, but only one $W_x$, one $W_h$ and one $b$ (not drawn): **the copies share their weights**. What differs from step to
# step is the input and the state.

# %%
count = widgets.Predict(
    "A layer of 3 neurons reads vectors of 2 numbers. How many weights has it for 10 steps, and for 1,000?",
    ["18 and 18", "18 and 1,800", "180 and 18,000", "60 and 6,000"],
)
count

# %%
weights = [W_x, W_h, b]
for n_steps in (10, 1000):
    states, _ = recurrent.rnn_forward(torch.randn(1, n_steps, 2), torch.zeros(1, 3), *weights)
    print(f"{n_steps} steps give states {tuple(states.shape)}, from {sum(w.numel() for w in weights)} weights")
count.reveal("{0} and {0}".format(sum(w.numel() for w in weights)))

# %% [markdown]
# The same 18 numbers, 3·2 + 3·3 + 3, read a sequence of any length. That is the reason to share them, and the reason why each
# step back through time will multiply by the *same* matrix.
#
# ## Look inside
#
# Two neurons (*units*, in the widget), eight steps. Walk with the arrow keys, or click a step: the boxes below compute the
# state, the last lines spell it out. The dotted rails lead from the one $W_x$ and the one $W_h$ to every place where they are used.
#
# **Your turn:** which numbers change as you walk, and which never do?

# %%
x = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.5], [0.0, 0.0], [0.0, -0.5], [0.0, 0.0], [0.0, 0.5], [0.0, 0.0]])
W_x, b = torch.tensor([[0.4, 0.5], [-0.3, 0.4]]), torch.tensor([0.1, -0.1])
W_h = torch.tensor([[0.6, -0.8], [0.7, 0.6]])
stepper = widgets.RecurrentStepper(x, W_x, W_h, b)
stepper

# %%
neurons = {f"neuron {i + 1}": stepper.hidden[:, i] for i in range(2)}  # read back from the widget
plots.lines(range(1, 9), neurons, "step", "state", title="The states of the widget above")

# %% [markdown]
# Python computes the same states from the numbers of the widget. Both neurons swing for a while, one after the other: each hears
# what the other said one step before.
#
# ### Exercise: rnn_forward (7 minutes)
#
# The whole layer: go through the T steps, carry the state, keep all of them. `h0` is given (usually zeros). Use your own
# `rnn_cell`, or `recurrent.rnn_cell`. For help: `checks.hint("rnn_forward")`.


# %%
def rnn_forward(x, h0, W_x, W_h, b):
    """x (B, T, F), h0 (B, H), weights as in rnn_cell -> states (B, T, H) and the last of them (B, H)."""
    ...


# %%
checks.check(rnn_forward)

# %%
checks.show_source("rnn_forward")

# %% [markdown]
# When you have tried, open it. It has one trick: $x_t W_x^T + b$ does not need the state, so it is computed for **all steps at
# once**, before the loop begins. Is that really the same?

# %%
torch.manual_seed(0)
x_long, h0 = torch.randn(4, 50, 2), torch.rand(4, 2)
states, last = recurrent.rnn_forward(x_long, h0, W_x, W_h, b)

h = h0
for t in range(50):
    h = recurrent.rnn_cell(x_long[:, t], h, W_x, W_h, b)
print("step by step, the same:", torch.allclose(h, last, atol=1e-6))

# %% [markdown]
# The same, and cheaper: 128 steps with 128 neurons, forwards and backwards on one core, took 19 ms with both products
# inside the loop, 13 ms with one outside, and 14 ms in torch's own layer (`python course.py bench recurrent` measures it
# on your machine).
#
# ## Two layers in series
#
# The states are a sequence too. A second layer can read them, with weights of its own.

# %%
plots.unfolded(4, n_layers=2, title="Each layer reads the states of the one below")
layer = recurrent_layers.Recurrent("rnn", d_input=2, d_hidden=5, n_layers=2)
top, last = layer(x_long)
print("states of the top layer:", tuple(top.shape), "  last state of each layer:", tuple(last.shape))

# %% [markdown]
# A state of the top layer for each of 4 sequences and 50 steps; and the last state of both layers.
#
# ## Does it work?
#
# The same random weights, two layers, a first state that is not zero: ours beside torch's own `nn.RNN`.

# %%
torch.manual_seed(0)
torchs = nn.RNN(2, 5, num_layers=2, batch_first=True)
for parameter in torchs.parameters():
    nn.init.normal_(parameter, std=0.7)
ours, h0 = recurrent_layers.from_torch(torchs), torch.randn(2, 4, 5)

differences = [(mine - theirs).abs().max() for mine, theirs in zip(ours(x_long, h0), torchs(x_long, h0), strict=True)]
print("largest difference below one in a million:", (max(differences) < 1e-6).item())

# %% [markdown]
# Equal, states and last states. What you wrote is what torch computes.
#
# ## Backwards through time
#
# Training needs the gradient of the last state with respect to an early one: a matrix, the **Jacobian**. The only way back leads
# through every cell in between; the chain rule multiplies one factor for each, the last cell's on the left:
#
# $$\frac{\partial h_T}{\partial h_k} = \prod_{t=T}^{k+1} \operatorname{diag}(1 - h_t^2)\; W_h$$
#
# $1 - h_t^2$ is the slope of the tanh: 1 where the state is 0, almost 0 near ±1. diag puts the slopes on a diagonal: each scales a
# row of $W_h$.

# %%
h = torch.zeros(1, 2, requires_grad=True)  # plays the part of h_0
states, last = recurrent.rnn_forward(x[None], h, W_x, W_h, b)
by_autograd = torch.stack([torch.autograd.grad(last[0, i], h, retain_graph=True)[0][0] for i in range(2)])

by_hand = torch.eye(2)
for h_t in states[0].detach():
    by_hand = torch.diag(1 - h_t**2) @ W_h @ by_hand
print("eight factors multiplied:\n", by_hand, "\nthe same as autograd:", torch.allclose(by_hand, by_autograd))

# %% [markdown]
# ### Exercise at home: state_jacobian (15 minutes)
#
# In the matrix above, row $i$, column $j$ says how much neuron $i$'s last state moves when neuron $j$'s early one is nudged.
#
# The product from any step k to the last. Python counts from 0: `states[0]` is the $h_1$ of the formula. What should come out when
# k is the last step itself? Help: `checks.hint("state_jacobian")`.


# %%
def state_jacobian(states, W_h, k):
    """States (T, H) of one sequence, W_h (H, H), a step k -> d states[-1] / d states[k], (H, H)."""
    ...


# %%
checks.check(state_jacobian)

# %% [markdown]
# ## The limits, measured: gradients vanish
#
# A product of many factors rarely stays near 1. How much a matrix can stretch a vector is its **largest singular value**. We build
# layers of 32 neurons whose $W_h$ has *all* its singular values equal to 0.9, 1 or 1.5, and ask how strongly the last state depends
# on an input, against the distance between them.

# %%
fate = widgets.Predict(
    "All singular values are exactly 1: the matrix neither stretches nor shrinks. Over 100 steps, the gradient ...",
    ["stays about the same", "shrinks below a thousandth", "grows a thousandfold"],
)
fate

# %%
torch.manual_seed(0)
noise, curves = torch.randn(101, 4), {}
for value in (0.9, 1.0, 1.5):
    layer = through_time.orthogonal_init_(recurrent_layers.Recurrent("rnn", 4, 32), gain=value)
    curves[f"{value}"] = through_time.gradient_norms(layer, noise).flip(0)
distance, title = "steps back from the last state", "All singular values are ..."
plots.lines(range(101), curves, distance, "size of the gradient", log_y=True, title=title)

kept = curves["1.0"][100] / curves["1.0"][0]
fate.reveal("shrinks below a thousandth" if kept < 1e-3 else "stays about the same")

# %% [markdown]
# Each straight stretch on this axis is a constant factor for each step back. At 0.9 nothing is left of the first input; at 1.5 it
# counts more than the last one, though far less than 1.5 a hundred times over. And at exactly 1 the gradient still **vanishes**. The
# reason is the same: the slopes of the tanh, below 1, take some away at every step.
#
# **Your turn:** in the widget of *Look inside* choose *the gradient*, and slide the largest singular value.

# %% [markdown]
# > **Small print.** One often reads that the *spectral radius* of $W_h$ (the size of its largest eigenvalue) decides: below 1
# > vanish, above 1 explode. Two matrices with the same radius, 0.9, say how far one can trust that:

# %%
for W in (torch.tensor([[0.9, 0.0], [0.0, 0.9]]), torch.tensor([[0.9, 4.0], [0.0, 0.9]])):
    radius, stretch = torch.linalg.eigvals(W).abs().max(), torch.linalg.matrix_norm(W, ord=2)
    powers = {k: round(torch.linalg.matrix_norm(torch.linalg.matrix_power(W, k), ord=2).item(), 2) for k in (1, 10, 60)}
    print(f"radius {radius:.2f}, largest singular value {stretch:.2f}; after 1, 10, 60 steps: {list(powers.values())}")

# %% [markdown]
# The second one first grows sixteenfold and shrinks only in the very long run. The radius tells about infinitely many equal steps;
# a sequence has finitely many, each with slopes of its own. A largest singular value below 1 is a promise (the gradient
# must shrink); above 1 nothing is promised.
#
# ## Explosions, and clipping
#
# With singular values of 2, sixty steps make a gradient of some thousands. One step of gradient descent along it is no longer a
# small step. **Clipping** keeps its direction and shortens it to length 1. We try both, from the same start:

# %%
losses, flat = {}, {}
for name, clip in {"as it is": float("inf"), "clipped to 1": 1.0}.items():
    training.set_seed(0)
    layer = through_time.orthogonal_init_(recurrent_layers.Recurrent("rnn", 4, 32), gain=2.0)
    x_many, target = torch.randn(16, 60, 4), torch.randn(16, 32)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    before = F.mse_loss(layer(x_many)[0][:, -1], target)
    before.backward()
    length = nn.utils.clip_grad_norm_(layer.parameters(), clip)
    optimiser.step()
    after = layer(x_many)[0][:, -1]
    losses[name] = before.item(), F.mse_loss(after, target).item()
    flat[name] = (after.abs() > 0.99).float().mean().item() > 0.8
print("gradient longer than 1,000:", (length > 1000).item())
print("loss worse by more than 0.2:", {name: late - early > 0.2 for name, (early, late) in losses.items()})
print("most neurons beyond ±0.99:", flat)

# %% [markdown]
# The unclipped step throws nearly all neurons into the flat ends of the tanh, where hardly any gradient is left to come back with.
# Clipping heals explosions. It cannot heal vanishing: there is nothing to lengthen but noise.
#
# ## Short memory
#
# Does it matter for learning? The plainest test: a letter (one of four), then noise, then the question "which letter was it?" The
# number of noise symbols is the **lag**. We train one plain layer at lag 10 and another at lag 100, 400 steps each.


# %%
class Reader(nn.Module):
    """A recurrent layer, and a linear one on its last state."""

    def __init__(self, d_input, d_hidden, d_output):
        super().__init__()
        self.recurrent = recurrent_layers.Recurrent("rnn", d_input, d_hidden)
        self.answer = nn.Linear(d_hidden, d_output)

    def forward(self, x):
        """(batch, seq, d_input) -> (batch, d_output)."""
        return self.answer(self.recurrent(x)[0][:, -1])


def loss_by(criterion):
    """criterion(answer, truth) -> the loss of a model on a batch (x, truth), as training wants it."""
    return lambda model, batch: criterion(model(batch[0]), batch[1])


# %% tags=["nbval-ignore-output"]
def recall_accuracy(lag):
    """Train on fresh sequences, then count right answers on 1,000 more."""
    training.set_seed(1)  # 8 symbols, 4 letters and 4 kinds of noise, one-hot; 4 possible answers
    model, batches = Reader(8, 64, 4), [tasks.recall(32, lag) for _ in range(400)]
    training.fit(model, loss_by(F.cross_entropy), batches, n_epochs=1, learning_rate=0.01, clip=1.0)
    x, letter = tasks.recall(1000, lag)
    return (model(x).argmax(dim=1) == letter).float().mean().item()


right = {lag: recall_accuracy(lag) for lag in (10, 100)}
print({f"lag {lag}": f"{share:.0%}" for lag, share in right.items()})

# %%
print("lag 10 learned:", right[10] > 0.95)
table = datasets.load_results("memory")
plain = (table["kind"] == "rnn") & (table["init"] == "default") & (table["learning_rate"] == 0.01)
shares = {f"lag {lag}": table["accuracy"][plain & (table["lag"] == lag)] for lag in (20, 50, 100)}
plots.bars(shares, "share of right answers, five seeds; chance 0.25", title="A plain layer, default start")

# %% [markdown]
# Lag 10 is learned, every time. Lag 100 hangs on luck: two threads instead of one, which round sums in another order, and the same
# seed solved it. One run says little, so here are five seeds (stored; made by `python course.py bench memory`), a dot each. At lag
# 20 three of five solve it, at 50 two, at 100 none: four get about half right, more than chance. Other first weights, or smaller
# steps, help somewhat; gates, the subject of [notebook 03](03_lstm_vs_gru.ipynb), help more, if they start out open.

# %% [markdown]
# ## One after the other
#
# The second price. $h_{100}$ cannot be computed before $h_{99}$: whatever the machine, a recurrent layer takes its steps in
# turn. A product over all steps at once has no such queue. Both do the same multiplications here:

# %%
x_wide, W = torch.randn(1, 512, 256), torch.randn(256, 256) / 16
h = x_wide[:, 0]
for _ in range(512):
    h = h @ W  # each product waits for the one before
side_by_side = x_wide @ W  # none waits
print("in turn: 512 products of", tuple(h.shape), "  at once: one of", tuple(side_by_side.shape))

# %% [markdown]
# On two cores the queue took three times as long; on a GPU, idle while it waits, the gap is far wider. A large part of why
# attention ([notebook 05](05_attention.ipynb)), which looks at all steps at once, took over.
#
# ## A forecast
#
# The number of sunspots has a cycle of about 11 years. We forecast five years ahead from the last 11, split in the order of
# time as in [notebook 01](01_sequential_data.ipynb), scaled by the training years alone. Validation decides when to stop and
# how many neurons to take.

# %%
spots, length, horizon = datasets.load_sunspots().values, 11, 5
X, y = splits.make_windows(spots, length, horizon)
train, validation, test = splits.chronological_split(len(spots), length, horizon, (0.6, 0.2, 0.2))
mean, std = splits.fit_scaler(spots[splits.rows_of(train, length, horizon)], spots[test])
X, y = (X - mean) / std, (y - mean) / std


# %%
def train_forecaster(d_hidden):
    """Train until validation stops improving -> its best error there, and the model."""
    training.set_seed(0)
    model, parts = Reader(1, d_hidden, 1), [Batches(X[part], y[part], size=16) for part in (train, validation)]
    history = training.fit(model, loss_by(F.l1_loss), *parts, n_epochs=150, patience=20, learning_rate=3e-3)
    return min(error for _, error in history.validation), model


_, forecaster = min((train_forecaster(d_hidden) for d_hidden in (8, 16, 32)), key=lambda found: found[0])

# %%
first = int(test[0]) + length + horizon - 1  # the first year that is forecast
ridge = baselines.RidgeForecast().fit(X[train], y[train])
errors = {
    "as five years ago": baselines.naive_mae(spots[:, 0], horizon, first),
    "as eleven years ago": baselines.seasonal_naive_mae(spots[:, 0], 11, first),
    "a straight line (ridge)": ((ridge.predict(X[test]) - y[test]).abs().mean() * std).item(),
    "recurrent layer": ((forecaster(X[test]) - y[test]).abs().mean() * std).item(),
}
plots.bars(errors, "mean error (spots)", title="Sunspots, five years ahead", number="{:.0f}")
print("the network is better than five years ago:", errors["recurrent layer"] < errors["as five years ago"])
print("the network is better than a straight line:", errors["recurrent layer"] < errors["a straight line (ridge)"])

# %% [markdown]
# The network beats the naive forecast easily, since that one ignores the cycle. It does about as well as *the same as eleven
# years ago*, which is one subtraction; and a straight line with twelve numbers is better than both. We also tried windows of 22
# years: then *eleven years ago* (23) wins against the network (25 to 27) and the line (32). Four cycles of test years cannot
# settle such small differences.

# %% [markdown]
# ## Small print: cutting the way back
#
# Long sequences are often trained in pieces: back-propagation stops after some steps. The state that enters a piece **keeps its
# value** but is **detached**: nothing flows back through it. It is not set to zero: the forward pass still remembers. The price: what
# lies before the cut cannot be learned from.
#
# ### Exercise at home: truncated_gradient (12 minutes)
#
# The gradient of the sum of the last state, for each input, with the cut before step `cut` (from 0). Start from zeros.
# `recurrent.rnn_cell` wants a batch axis: `x[None]` adds one. Help: `checks.hint("truncated_gradient")`.


# %%
def truncated_gradient(x, W_x, W_h, b, cut):
    """x (T, F), one sequence, and a layer -> d sum(last state) / d x, (T, F); nothing flows through the state into `cut`."""
    ...


# %%
checks.check(truncated_gradient)

# %% [markdown]
# ## Summary
#
# - A recurrent neuron reads its own last output as well: the state is its memory. The first cell gets the null vector.
# - Unfolded, it is one cell for each step, all with the same weights.
# - Going back, each step multiplies by $W_h$ and by the slope of the tanh: gradients vanish or explode. Clipping heals only the second.
# - Steps cannot be computed at the same time.
# - Gates (03) can make the memory longer; attention (05) needs no turns at all.
#
# **Sources**
#
# - *Practical Introduction to Deep Learning*, IDRIS (CNRS): the recurrent neuron and its limits.
# - Elman 1990, *Finding structure in time*.
# - Bengio, Simard and Frasconi 1994, *Learning long-term dependencies with gradient descent is difficult*.
# - Pascanu, Mikolov and Bengio 2013, *On the difficulty of training recurrent neural networks* (clipping; what singular values promise).
# - Sunspot numbers: National Geophysical Data Center (NOAA), public domain.

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
# # 06 Multi-head attention
#
# **How can a word listen to two others at once, and still know who said what?**
#
# About 70 minutes with all exercises. Late? Leave out *What do twelve heads cost?* and *To explore*.
#
# You will be able to
#
# - say what one attention cannot do and two can,
# - cut vectors into heads and put them together again, and see why `view` alone is wrong,
# - write multi-head attention yourself, equal to PyTorch's,
# - find heads with a job in a published model, by a score and not by eye.

# %%
import torch

from helpers import checks, datasets, plots, prepared, tasks, training, widgets
from helpers.models import attention, heads
from helpers.models.ring import RingReader

plots.use_course_style()
torch.set_printoptions(precision=2, sci_mode=False)

# %% [markdown]
# ## The problem: two questions, one mixture
#
# Eight letters stand in a ring, each drawn from ten (A to J). Each place has to say two letters: the one **before** it and the
# one **after** it. Nobody needs to be clever, only to look in two directions.

# %%
training.set_seed(0)
letters, neighbours = tasks.ring(n_rows=1)
names = [*"ABCDEFGHIJ"]
for what, ids in (("ring  ", letters[0]), ("before", neighbours[0, :, 0]), ("after ", neighbours[0, :, 1])):
    print(what, *(names[i] for i in ids))

# %% [markdown]
# The last place stands before the first one. In *before*, every letter has moved one place to the right; in *after*, one to
# the left.
#
# Our reader is small: letter and place become a vector, **one attention** mixes the vectors, a linear layer says both
# letters. We know which attention would be right for each question. Is one mixture enough for both?

# %%
shares = {"about 10%": 0.10, "about 55%": 0.55, "about 80%": 0.80, "nearly all": 1.00}
one_head = widgets.Predict(
    "What share of all answers, before and after, does the reader with one attention get right?", list(shares)
)
one_head


# %%
def train(n_heads):
    """A reader with so many heads, after 400 steps on fresh rings."""
    training.set_seed(1)
    reader = RingReader(n_heads)
    rings = [tasks.ring(n_rows=128) for _ in range(400)]
    training.fit(reader, RingReader.loss, rings, n_epochs=1, learning_rate=1e-2)
    return reader


one = train(n_heads=1)
one

# %% tags=["nbval-ignore-output"]
test = tasks.ring(n_rows=2000)
right = one.is_right(test).float().mean(dim=(0, 1))
print(f"right before: {right[0]:.0%}, right after: {right[1]:.0%}")

# %%
print("one side nearly always right:", (right.max() > 0.85).item())
print("the other side seldom:", (right.min() < 0.35).item())
one_head.reveal(min(shares, key=lambda share: abs(shares[share] - right.mean())))

# %% [markdown]
# It answers one side and gives up the other. The arithmetic, for two ways to spend one row of weights:
#
# - **look one way only:** sure on that side, a guess among ten letters on the other: $\frac{1}{2}(100\% + 10\%) = 55\%$;
# - **half and half:** both letters are known, but not who stands where. One time in ten they are equal, else we toss a coin:
#   $\frac{1}{10} \cdot 100\% + \frac{9}{10} \cdot 50\% = 55\%$.

# %% tags=["nbval-ignore-output"]
places = [str(place) for place in range(1, 9)]
_, weights = one(test[0], need_weights=True)
plots.attention_map(weights.detach().mean(dim=(0, 1)), places, title="one head: a compromise")

# %% [markdown]
# The mean weights over 2,000 rings: both neighbours, one a little louder. A sum of two letters does not say which is which.
# How can one side then be right nine times in ten? The linear layer finds the *louder* letter, and that nearly always stands
# on the same side. The other answer is the second loudest, out of its reach.
#
# > **Small print.** Weights that depend on the letters gain a few points: hence a little more than 55%.

# %% [markdown]
# ## The idea: several attentions side by side
#
# Give the layer several smaller attentions, called **heads**. Each has its own $W_Q, W_K, W_V$ and its own row of weights for
# every word; the results stand side by side:
#
# $$\text{head}_i = \text{attention}(x W_{Q,i}^T,\; x W_{K,i}^T,\; x W_{V,i}^T), \qquad
# \text{output} = [\text{head}_1 \,|\, \text{head}_2]\; W_O^T$$

# %% [markdown]
# ## By hand: two heads
#
# Our three words again. The first two numbers are the arrows drawn in [notebook 05](05_attention.ipynb), *what* a word means;
# two more say *where* it stands: three points on a circle, 60 degrees apart.

# %%
words = ["The", "big", "dog"]
meaning = torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
place = torch.tensor([[1.00, 0.00], [0.50, 0.87], [-0.50, 0.87]])
x = torch.cat([meaning, place], dim=1)
x

# %% [markdown]
# **Head 1** compares meanings, with the matrix $W$ of notebook 05. **Head 2** compares places: the key is the place, the query
# is the place *turned back by 60 degrees* (and five times as long), so it points where the word before stands. Both hand over
# the meaning. Every matrix is (2, 4): from four numbers to two.

# %%
nothing, same = torch.zeros(2, 2), torch.eye(2)
stretch, turn = torch.tensor([[0.2, 0.0], [0.0, 1.5]]), 5 * torch.tensor([[0.50, 0.87], [-0.87, 0.50]])
W_query = [torch.cat([stretch, nothing], dim=1), torch.cat([nothing, turn], dim=1)]
W_key = [torch.cat([stretch, nothing], dim=1), torch.cat([nothing, same], dim=1)]
W_value = [torch.cat([same, nothing], dim=1)] * 2


def head(W_query, W_key, W_value):
    """One attention over x with three matrices of its own."""
    return attention.scaled_dot_product_attention(x @ W_query.T, x @ W_key.T, x @ W_value.T)


contexts, maps = zip(*map(head, W_query, W_key, W_value), strict=True)
plots.attention_maps(maps, words, ["head 1: big and dog", "head 2: the word before"])
print(torch.cat(contexts, dim=1))

# %% [markdown]
# Head 1 has the very weights of notebook 05. In head 2 *dog* gives *big* 0.75, *big* gives *The* 0.85, and *The*, which has
# nobody before it, stays with itself. Check one number on paper, the third of *dog*, from head 2:
# $0.13 \cdot 0.50 + 0.75 \cdot (-0.70) + 0.12 \cdot 0.81 = -0.36$.
#
# Each row has four numbers again, and they know their origin: two come from the first head, two from the second.

# %% [markdown]
# ## Slices of one projection
#
# Two heads, three matrices each: six products. Stack the six matrices below each other, all queries first, then all keys, then
# all values, and **one** product makes everything at once. A head is then a slice.

# %%
W_in = torch.cat([*W_query, *W_key, *W_value])
q, k, v = (x @ W_in.T).chunk(3, dim=-1)
slices = [slice(0, 2), slice(2, 4)]
sliced = [attention.scaled_dot_product_attention(q[:, s], k[:, s], v[:, s])[0] for s in slices]
print("W_in", tuple(W_in.shape), "  q, k and v", tuple(q.shape), tuple(k.shape), tuple(v.shape))
print("equal to two separate heads:", torch.allclose(torch.cat(sliced, dim=1), torch.cat(contexts, dim=1)))

# %% [markdown]
# Equal. So nobody builds separate heads: one wide projection is cut into slices of neighbouring numbers.
#
# Nobody loops over slices either. We give the head an **axis of its own**, before the words:
# `(batch, seq, d_model)` becomes `(batch, head, seq, d_head)`. Attention works on the last two axes, and does every text and
# every head at once.

# %%
first_head = widgets.Predict(
    "Three words of four numbers, two heads. What does head 1 hold after numbers.view(2, 3, 2), that is head, word, number?",
    ["the first two numbers of every word", "every second number of every word", "all of The and half of big"],
)
first_head

# %%
numbers = 10.0 * torch.arange(1, 4)[:, None] + torch.arange(4)
viewed = numbers.view(2, 3, 2)
cut = numbers.view(3, 2, 2).transpose(0, 1)
plots.landing_places(numbers, {"cut, then transposed": cut, "view alone": viewed}, words, title="three words")

held = numbers[:, :2], numbers[:, ::2], numbers.flatten()[:6]
first_head.reveal(
    next(o for o, n in zip(first_head.options, held, strict=True) if torch.equal(viewed[0].ravel(), n.ravel()))
)

# %% [markdown]
# Same shape, other numbers. `view` never moves anything: it counts the numbers off in the order in which they lie in memory,
# word after word. Eight of twelve land in another word's row (framed), and no error tells us. First cut each vector, **then**
# exchange the axes.
#
# ### Exercise: split_heads (6 minutes)
#
# Cut each vector into `n_heads` slices of neighbouring numbers. The texts of a batch stay the first axis. For help:
# `checks.hint("split_heads")`.


# %%
def split_heads(x, n_heads):
    """(batch, seq, d_model) -> (batch, head, seq, d_head), where d_head = d_model / n_heads."""
    ...


# %%
checks.check(split_heads)

# %% [markdown]
# ### Exercise at home: merge_heads (4 minutes)
#
# The way back: put the slices of each word side by side again. `checks.hint("merge_heads")` helps.


# %%
def merge_heads(x):
    """(batch, head, seq, d_head) -> (batch, seq, d_model)."""
    ...


# %%
checks.check(merge_heads)

# %% [markdown]
# ## The last matrix
#
# Side by side, the results of the heads do not meet: numbers 1 and 2 come from head 1, numbers 3 and 4 from head 2. One more
# matrix, the **output projection** $W_O$, mixes them. There is a second way to read it:

# %%
training.set_seed(0)
W_out = torch.randn(4, 4)
joined = torch.cat(contexts, dim=1) @ W_out.T
added = contexts[0] @ W_out[:, :2].T + contexts[1] @ W_out[:, 2:].T
print("side by side, then W_out = each head through its own columns, then added:", torch.allclose(joined, added))

# %% [markdown]
# Each head writes a contribution of full width, through *its* columns of $W_O$, and the contributions are added. Set these
# columns to zero, and the head is silent. We shall use that.
#
# > **Small print.** Drawings of attention often leave this matrix out. Without it, this layer would not combine what one head
# > found with what another found; later layers would have to.
#
# ## What do twelve heads cost?

# %%
cost = widgets.Predict(
    "Width 384, twelve heads instead of one. How many multiplications do the matrix products take?",
    ["twelve times as many", "exactly as many", "a twelfth"],
)
cost

# %%
from torch.utils.flop_counter import FlopCounterMode


def parameters_and_products(n_heads):
    """What a layer has to learn, and the multiplications it takes for a text of 128 tokens."""
    layer, text = attention.MultiHeadAttention(d_model=384, n_heads=n_heads), torch.randn(1, 128, 384)
    with FlopCounterMode(display=False) as counter:
        layer(text, text, text, need_weights=True)
    products = counter.get_total_flops() // 2  # it counts the additions as well
    return sum(parameter.numel() for parameter in layer.parameters()), products


(parameters, products), (parameters_12, products_12) = map(parameters_and_products, (1, 12))
print(f"{parameters:,} parameters and {products:,} multiplications, {parameters_12:,} and {products_12:,}")
cost.reveal({12: cost.options[0], 1: cost.options[1], 1 / 12: cost.options[2]}[products_12 / products])

# %% [markdown]
# Not one parameter, not one multiplication more: twelve slices of 32 instead of one of 384. Only the weights themselves are
# twelve matrices now, to be stored and put through the softmax.
#
# Measured for 8 texts of 512 tokens, forward and backward: 691 MiB with the weights written out, 49 MiB with PyTorch's own
# function, which never stores them, and a quarter of the time (`python course.py bench attention`).

# %% [markdown]
# ## In code
#
# ### Exercise at home: multi-head attention (15 minutes)
#
# All five stations: project, split, attend, merge, project. `W_in` holds the queries' rows first, then the keys', then the
# values'. Use your own functions, or `attention.split_heads`, `attention.merge_heads` and
# `attention.scaled_dot_product_attention`, which works on the last two axes and returns context *and* weights. (Your own of
# 05 does so too, if it says `.mT` for `.T`.) For help: `checks.hint("multi_head_attention")`.


# %%
def multi_head_attention(x, W_in, b_in, W_out, b_out, n_heads):
    """x (B, T, D), W_in (3D, D), b_in (3D,), W_out (D, D), b_out (D,) -> output (B, T, D)."""
    ...


# %%
checks.check(multi_head_attention)

# %%
checks.show_source("multi_head_attention")

# %% [markdown]
# ## Does it work?
#
# The course's `MultiHeadAttention` beside PyTorch's own module: the same parameters, all of them random (a bias of zero would
# hide a forgotten bias), and nobody may look at the last word. A **mask**, a table of True
# and False for each query and key, says so.
#
# > **Warning: opposite masks.** Here, and in PyTorch's function `F.scaled_dot_product_attention`, True means *may look*. In the
# > module `nn.MultiheadAttention` True means *may not*: hence the `~`. Mixed up, no error appears, and the model looks at just
# > what it should not see.

# %%
training.set_seed(0)
ours, torchs = attention.MultiHeadAttention(12, n_heads=3), torch.nn.MultiheadAttention(12, 3, batch_first=True)
for parameter in ours.parameters():
    torch.nn.init.normal_(parameter, std=0.3)
torchs.load_state_dict(dict(zip(torchs.state_dict(), ours.state_dict().values(), strict=True)))

texts, may_look = torch.randn(2, 5, 12), torch.ones(5, 5, dtype=torch.bool)
may_look[:, -1] = False
by_us = ours(texts, texts, texts, may_look, need_weights=True)
by_torch = torchs(texts, texts, texts, attn_mask=~may_look, average_attn_weights=False)
for what, mine, theirs in zip(("output", "weights of each head"), by_us, by_torch, strict=True):
    print(what, tuple(mine.shape), "difference below one in a million:", ((mine - theirs).abs().max() < 1e-6).item())

# %% [markdown]
# Equal, head by head. (Left to itself, `nn.MultiheadAttention` returns the *average* of the heads' weights: the very mixture
# that this notebook began with.) Now back to the ring.

# %%
two_heads = widgets.Predict(
    "The same reader, the same number of parameters, cut into two heads. What share of all answers is right?",
    list(shares),
)
two_heads

# %%
two = train(n_heads=2)
right = two.is_right(test).float().mean(dim=(0, 1))
print("parameters:", *(sum(parameter.numel() for parameter in reader.parameters()) for reader in (one, two)))
print("at least 95% on both sides:", (right > 0.95).all().item())
two_heads.reveal(min(shares, key=lambda share: abs(shares[share] - right.mean())))

# %% [markdown]
# From 55 or 60% to all, with not one parameter more. Nobody told the heads to share the work. Did they find the attention
# that we know to be right?

# %% tags=["nbval-ignore-output"]
_, weights = two(test[0], need_weights=True)
learned = weights.detach().mean(dim=0)
before, after = tasks.ring_attention()
learned = learned[(learned * before).sum(dim=(1, 2)).argsort(descending=True)]  # the one that looks before comes first
for mine, right_map, side in zip(learned, (before, after), ("before", "after"), strict=True):
    plots.attention_maps([mine, right_map], places, ["learned by a head", f"right for the letter {side}"])

# %%
gap = (learned - tasks.ring_attention()).abs().max()
print("no weight further than 0.05 from the right map:", (gap < 0.05).item())

# %% [markdown]
# Each head took one question. One lucky run? Five seeds each, and two more chances for the single head: longer training, and
# twice the width (`python course.py bench two_heads`).

# %%
table = datasets.load_results("two_heads")


def stored(n_heads, d_model=32, n_steps=400):
    """Right answers (%) in the five stored runs of one case."""
    rows = (table["heads"] == n_heads) & (table["d_model"] == d_model) & (table["steps"] == n_steps)
    return 100 * table["accuracy"][rows]


one_head_cases = {"1 head, 4 times the steps": stored(1, n_steps=1600), "1 head, twice as wide": stored(1, d_model=64)}
cases = {"1 head": stored(1)} | one_head_cases | {"2 heads": stored(2), "4 heads": stored(4)}
plots.bars(cases, "right answers (%), five seeds", number="{:.0f}%")

# %% [markdown]
# One head ends between 54.8% and 60.4%, however long and wide. Two heads solve it with every seed. A third and a fourth
# add nothing to the score.

# %% [markdown]
# ## To explore: switch a head off
#
# A head is silent when its columns of $W_O$ are zero. **Predict:** what becomes of the two answers? Then try a reader with
# four heads, `four = train(n_heads=4)`: which of its heads, 1 to 4, can it do without? The line is
# `without(four, 1).is_right(test).float().mean(dim=(0, 1))`.


# %%
def without(reader, head):
    """A copy of the reader in which one head, counted from 1, adds nothing."""
    silenced = RingReader(reader.attention.n_heads)
    silenced.load_state_dict(reader.state_dict())
    columns = silenced.attention.project_out.weight.chunk(reader.attention.n_heads, dim=1)
    torch.nn.init.zeros_(columns[head - 1])
    return silenced


remaining = torch.stack([without(two, head).is_right(test).float().mean(dim=(0, 1)) for head in (1, 2)])
print("without one head, one side is a guess among ten:", (remaining.amin(dim=1) < 0.2).all().item())
print("and the other is as good as before:", (remaining.amax(dim=1) > 0.95).all().item())

# %% [markdown]
# One side drops to about 10%, the other does not notice: two heads, two jobs. With four heads the jobs are shared: who
# loses one of them loses a part of one side, or nothing. In large models, too, many heads can be removed after training
# (Michel et al. 2019).

# %% [markdown]
# ## The real thing: 72 heads
#
# all-MiniLM-L6-v2 has six layers of twelve heads. Which of them look at the word before? We do not search by eye but by a
# **score**: how much of its weight does a head give to the word before, averaged over the words of six sentences? (The model
# puts *[CLS]* before and *[SEP]* after every text. They are not words: the first word has none before it, and is left out.)

# %%
minilm = prepared.load_minilm()
readings = [minilm.heads(sentence) for sentence in prepared.TO_FIND]
scores = heads.head_scores(readings, heads.neighbour(-1))
plots.head_map(scores, title="mean weight on the word before")

# %%
others = [minilm.heads(sentence) for sentence in prepared.TO_CHECK]
jobs = {"the word before": heads.neighbour(-1), "the word after": heads.neighbour(+1), "[CLS]": heads.rest}
for job, pairs in jobs.items():
    found, again = heads.head_scores(readings, pairs), heads.head_scores(others, pairs)
    layer, number, score = heads.best_head(found)
    print(
        f"{job}: layer {layer}, head {number} gives {score:.2f}, on six other sentences {again[layer - 1, number - 1]:.2f};"
    )
    print(f"   heads that give more than half: {(found > 0.5).sum()} of 72")

# %% [markdown]
# One head does nothing but look at the word before: our hand-made head 2, found by training. One looks ahead. Not by luck:
# sentences not used to find them give nearly the same. More than half of all heads mostly rest on [CLS]: a job, perhaps,
# or the lack of one.
#
# **Your turn:** type a sentence, walk its words with the arrow keys, switch heads on and off. Then choose *the mean of its
# layer*: what is left of head 3?

# %%
layer, number, _ = heads.best_head(scores)
view = widgets.HeadsView(minilm, prepared.BIG_DOG, layer=layer, head=number)
view

# %% [markdown]
# In the mean of its layer the 1.00 of head 3 fades to between 0.1 and 0.25.
#
# ## Limits
#
# Heads look at what they are given, and our hand-made head 2 only worked because we wrote the place into the vector. Without
# it, attention does not know in which order the words stand, however many heads it has. And heads only mix: what is done with
# the mixture, word by word, is the job of the rest of the block ([notebook 07](07_transformer_block.ipynb)).

# %% [markdown]
# ## Summary
#
# - One attention has one row of weights per word: it cannot listen to two words and keep them apart.
# - Heads are slices of one wide projection, each with weights of its own, at the same cost.
# - The head becomes an axis before the words: cut first, then transpose; `view` alone mixes the words.
# - The output projection lets the heads' results meet: each head adds a contribution through its own columns.
# - Some heads of a real model have a job we can name; a score finds them, and other sentences confirm it.
#
# **Sources**
#
# - Vaswani et al. 2017, *Attention is all you need*, section 3.2.2.
# - Michel et al. 2019, *Are sixteen heads really better than one?*
# - Clark et al. 2019, *What does BERT look at?* (heads with a job).
# - *Practical Introduction to Deep Learning*, IDRIS (CNRS): the example "The big dog".
# - Weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.

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
# # 05 Attention
#
# **How can a word take from the other words just what it needs?**
#
# About 90 minutes with all exercises. Late? Leave out *Why divide by the root of d?* and *What does it cost?*
#
# You will be able to
#
# - compute an attention matrix by hand and say what each number in it means,
# - tell query, key and value apart, and say what each is for,
# - write scaled dot-product attention yourself,
# - read the attention of a real, published model, and know what such a map does not tell.

# %%
import torch
from torch.nn import functional as F

from helpers import checks, plots, prepared, widgets
from helpers.models import attention

plots.use_course_style()
torch.set_printoptions(precision=2, sci_mode=False)

# %% [markdown]
# ## Where attention sits
#
# A Transformer is a stack of equal blocks. A matrix goes in, one row per word; a matrix of the same size comes out. This
# notebook opens one box.

# %%
plots.block_diagram(highlight="attention")

# %% [markdown]
# Everything else in this picture looks at one word at a time: the highlighted box is the only place where words meet. The
# other boxes have their own notebooks; none is needed today.

# %% [markdown]
# ## The problem: a word on its own
#
# A table of word vectors gives *dog* the same vector in every sentence. Nothing in it knows whether this dog is big.
# Here are three words as vectors in the plane, drawn by hand, and the simplest way to let them know of each other: their
# average.

# %%
words = ["The", "big", "dog"]
x = torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
plots.vectors(x, words, title="three words, far apart")
print("everybody gets the average:\n", x.mean(dim=0).expand(3, 2))

# %% [markdown]
# Three equal rows: every word knows of the others and none knows who it is. We need a *different* mixture for each word.

# %% [markdown]
# ## The idea: each word its own mixture
#
# One row of weights per word: positive, summing to 1. Together they form the **attention matrix**, and
#
# $$\text{output} = \text{weights} \times \text{vectors}.$$
#
# Before we run it, commit to an answer.

# %%
mixture = widgets.Predict(
    "The word big takes half of itself and half of dog. Where does its new vector lie?",
    ["halfway between big and dog", "on top of dog", "at the origin", "outside the triangle of the three words"],
)
mixture

# %%
weights = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.2, 0.4, 0.4]])
output = weights @ x
plots.values_and_outputs(x, output, words, title="each output is a mixture")

places = {"halfway between big and dog": (x[1] + x[2]) / 2, "on top of dog": x[2], "at the origin": torch.zeros(2)}
mixture.reveal(next(name for name, place in places.items() if torch.allclose(output[1], place)))

# %% [markdown]
# A mixture never leaves the triangle of what it mixes. *The* keeps itself, *big* stands between *big* and *dog*, *dog* takes
# a little of everything. So one question is left: **where do the weights come from?**

# %% [markdown]
# ## By hand: scores from dot products
#
# Two vectors that point the same way have a large dot product; opposite ones have a negative one. Let *dog* ask everybody: the
# word that asks is the **query**, the words that answer are the **keys**.

# %%
dog = x[2]
print("dog . The =", f"{dog @ x[0]:.2f}   (0.81)(0.50) + (0.59)(-0.87)")
print("dog . big =", f"{dog @ x[1]:.2f}   (0.81)(-0.70) + (0.59)(0.70)")
print("dog . dog =", f"{dog @ x[2]:.2f}   (0.81)(0.81) + (0.59)(0.59)")

# %% [markdown]
# Check one line on paper. All nine products at once are one matrix product, $M = X X^T$: $M_{ij}$ is row $i$ of $X$ times
# **row** $j$ of $X$. The transpose turns rows into columns.

# %%
scores = x @ x.T
plots.attention_map(scores, words, scores=True, title="every word asks every word")

# %%
listens = widgets.Predict(
    "These scores become weights. To which word will dog give most?", ["The", "big", "dog", "to all alike"]
)
listens

# %% [markdown]
# ### Exercise: softmax (5 minutes)
#
# Scores may be negative; weights must be positive and sum to 1 **in each row**:
#
# $$\text{weight}_j = \frac{e^{s_j}}{\sum_k e^{s_k}}$$
#
# Watch out for scores near 1000: $e^{1000}$ is too large for a computer, but the weights are not.
# `(..., n)` means: any axes before the last. For help, run `checks.hint("softmax")`, up to three times.


# %%
def softmax(scores):
    """Scores (..., n) -> weights of the same shape, each row summing to 1."""
    ...


# %%
checks.check(softmax)

# %%
weights = attention.softmax(scores / 2**0.5)
plots.attention_map(weights, words, title="attention without any training")
print("keys ten times longer, dog:", attention.softmax(x @ (10 * x).T / 2**0.5)[2])
listens.reveal(words[weights[2].argmax()])

# %% [markdown]
# *dog* gives itself 0.53, and *big* (0.23) no more than *The* (0.24). In English we expect *big* and *dog* to have more to
# say to each other. (Why we divided by $\sqrt 2$: in a moment.)
#
# > **Small print.** A score depends on lengths as well as on angles. With keys ten times longer no angle changes, and yet
# > *dog* hears only itself: 0, 0, 1.

# %% [markdown]
# ## Three roles: query, key, value
#
# Each word plays three parts, each with a vector and a matrix of its own that training will find:
#
# - **query** $q = x W_Q^T$: what am I looking for?
# - **key** $k = x W_K^T$: what do I have to offer?
# - **value** $v = x W_V^T$: what do I hand over?
#
# Scores compare queries with keys; weights mix values: a word can be found as "a noun" and hand over "an animal". We choose a
# matrix for queries and keys (shrink left-right, stretch up-down) and leave the values as they are.

# %%
W = torch.tensor([[0.2, 0.0], [0.0, 1.5]])
query, key, value = x @ W.T, x @ W.T, x
plots.vectors(query, words, role="query", title="queries (and keys)")
cosines = [F.cosine_similarity(v[1], v[2], dim=0).item() for v in (x, query)]
print(f"cosine of big and dog: {cosines[0]:.2f} before, {cosines[1]:.2f} after")

weights = attention.softmax(query @ key.T / 2**0.5)
plots.attention_map(weights, words, title="now big and dog listen to each other")
print("by hand:       ", 0.08 * value[0] + 0.49 * value[1] + 0.42 * value[2])
print("weights @ value", (weights @ value)[1])

# %% [markdown]
# The angle between *big* and *dog* almost closes (cosine 1 = same direction), and the two listen to each other: *big* gives
# *dog* 0.42, *dog* gives *big* 0.46; *The* is left to itself. With one matrix the *scores* are symmetric; the weights are
# not, since each row has its own sum. The last step, weights times values, is printed for *big*.

# %% [markdown]
# ## Look inside
#
# The same numbers, alive. Drag a word (or focus it and use the arrow keys), change a matrix, watch who listens to whom.
# Temperature is one more number that divides the scores before the softmax.
#
# **Your turn:** keep the tick at $W_Q = W_K$ and try to make *big* and *dog* each listen to the other **more than to itself**.

# %%
plane = widgets.VectorPlane(words, x, W, W, focus=[1, 2])
plane

# %%
possible = widgets.Predict(
    "With one matrix for queries and keys, can big and dog each listen to the other more than to itself?",
    ["yes, with the right one", "yes, with almost any", "no, never"],
)
possible


# %%
def listen_to_each_other(W_query, W_key):
    """(N, 2, 2), (N, 2, 2) -> how many of N make big and dog each give the other more than themselves."""
    scores = (x @ W_query.transpose(1, 2)) @ (x @ W_key.transpose(1, 2)).transpose(1, 2)
    return ((scores[:, 1, 2] > scores[:, 1, 1]) & (scores[:, 2, 1] > scores[:, 2, 2])).sum().item()


torch.manual_seed(0)
W_one, W_two = torch.randn(2, 10_000, 2, 2)
one, two = listen_to_each_other(W_one, W_one), listen_to_each_other(W_one, W_two)
print(f"of 10,000 random matrices {one} do it; of 10,000 random pairs more than a fifth: {two > 2000}")
possible.reveal("no, never" if one == 0 else "yes, with the right one")

# %% [markdown]
# None of the single matrices does it; many pairs do. Let $k$ be the longer of the two words' keys and $k'$ the other. With one
# matrix the query is the key, and $k \cdot k = |k|\,|k| \ge |k|\,|k'| \ge k \cdot k'$: its score with itself is at least as
# large as its score with the other. With two matrices a word can look for something that it does not offer.

# %% [markdown]
# ### Exercise: big and dog (12 minutes)
#
# Find $W_Q$ and $W_K$ such that *big* and *dog* each give the other more weight than they give themselves and more than they
# give *The*, while *The* still gives itself most. The widget above is your laboratory: untick $W_Q = W_K$ and copy the
# numbers, or read `plane.W_query` and `plane.W_key`.


# %%
def big_dog(x):
    """Words (3, 2) -> W_query (2, 2), W_key (2, 2), used as x @ W_query.T and x @ W_key.T."""
    ...


# %%
checks.check(big_dog)

# %% [markdown]
# ## Why divide by the root of d?
#
# The more terms, the larger the sum: the dot product of two random vectors of width $d$ is typically $\sqrt d$ in size. Large
# scores make the softmax choose one word and forget the rest, and a softmax that has chosen hardly learns: near 0 or 1 a
# weight hardly moves when a score does. We measure: eight random keys, how large is the largest weight?


# %%
def mean_largest_weight(d_key, scale):
    """Average over 2,000 random queries of the largest of eight weights."""
    query, key = torch.randn(2000, 1, d_key), torch.randn(2000, 8, d_key)
    scores = query @ key.mT / scale  # mT: the last two axes exchanged, in every one of the 2,000
    return attention.softmax(scores).amax(dim=-1).mean()


torch.manual_seed(0)
widths = [2, 8, 64, 512]
curves = {
    "not divided": [mean_largest_weight(d, 1) for d in widths],
    "divided by √d": [mean_largest_weight(d, d**0.5) for d in widths],
}
plots.lines(widths, curves, "width of query and key, d", "mean largest weight of 8", log_x=True)

# %% [markdown]
# Undivided, the largest weight climbs from 0.4 to almost 1: one word takes all. Divided by $\sqrt d$ it stays near 0.36,
# however wide the vectors.

# %% [markdown]
# ## In code
#
# ### Exercise: scaled dot-product attention (10 minutes)
#
# $$\text{weights} = \text{softmax}\!\left(\frac{Q K^T}{\sqrt{d}}\right), \qquad \text{context} = \text{weights} \times V$$
#
# where $d$ is the width of queries and keys, whatever it is. Use your own `softmax` or `torch.softmax`. For help:
# `checks.hint("scaled_dot_product_attention")`. When you have tried, the cell after the check shows the function that the
# rest of the course uses.


# %%
def scaled_dot_product_attention(query, key, value):
    """query (Tq, dk), key (Tk, dk), value (Tk, dv) -> context (Tq, dv), weights (Tq, Tk)."""
    ...


# %%
checks.check(scaled_dot_product_attention)

# %%
checks.show_source("scaled_dot_product_attention")

# %% [markdown]
# ## Does it work?
#
# The same random queries, keys and values through the course's function and through torch's own.

# %%
torch.manual_seed(0)
q, k, v = torch.randn(5, 16), torch.randn(7, 16), torch.randn(7, 3)
context, weights = attention.scaled_dot_product_attention(q, k, v)
torchs = F.scaled_dot_product_attention(q[None], k[None], v[None])[0]
print("largest difference below one in a million:", ((context - torchs).abs().max() < 1e-6).item())
print("every row of weights sums to 1:", torch.allclose(weights.sum(dim=-1), torch.ones(5)))

# %% [markdown]
# Equal. One more look at our three words: walk through the matrix with the arrow keys; the last line computes each cell.
# **Your turn:** at which temperature does *big* give *dog* less than 0.2? At which are the weights nearly alike? Python reads
# the widget back: run the cell below it again.

# %%
matrix = widgets.AttentionMatrix(words, query, key, value, focus=[1, 2])
matrix

# %%
print(f"temperature {matrix.temperature:.1f}: big gives dog {matrix.weights[1, 2]:.2f}")

# %% [markdown]
# Below about 0.1 *big* gives *dog* less than 0.2; above about 5 all weights are nearly alike.
#
# ## The real thing
#
# Nobody chose these matrices by hand: all-MiniLM-L6-v2, a published Transformer of six layers with twelve attentions (called
# **heads**) each, trained on a billion sentence pairs. It puts **[CLS]** before every text and **[SEP]** after it; a piece that
# continues a word begins with **##**. Its `weights` are counted from 0: layer, head.

# %%
minilm = prepared.load_minilm()
tokens, weights = minilm.heads(prepared.BIG_DOG)
plots.attention_map(weights[2, 8], tokens, title="layer 3, head 9: looking ahead to the noun")

# %% [markdown]
# *big* gives *dog* 0.73, across *red*; *red* gives *dog* 0.68, *small* gives *cat* 0.70. In this sentence each adjective, and
# *the*, looks ahead to its noun, and not at itself: two different matrices, found by training. The other words mostly look at
# [CLS]. A common reading: a row must sum to 1, so a word that finds nothing needs a place to rest.

# %% [markdown]
# All 72 heads of the model; click one and walk over the words. **Type a sentence of your own** and press Enter. Try *The dog is
# big and the cat is small*: does the adjective still find its noun? A name for a head is a guess to be tested. **Your turn:**
# which head looks at the word before, which at the word after?

# %%
widgets.HeadsView(minilm, prepared.BIG_DOG, layer=3, head=9)

# %% [markdown]
# In *The dog is big ...* the adjective stands behind its noun, and the head loses it: *big* gives [CLS] half, *dog* less than
# 0.06. It looks ahead, whoever stands there.
#
# Is this really the arithmetic we did by hand? The course's function on the queries and keys of layer 3, head 9, 32 numbers for
# each token (any values will do: we look at the weights); and the two heads you were asked for.

# %%
tokens, query, key = minilm.query_key(prepared.BIG_DOG, layer=3, head=9)
_, by_us = attention.scaled_dot_product_attention(query, key, value=key)
maps = torch.stack([weights[0, 2], weights[1, 8]])
plots.attention_maps(maps, tokens, ["layer 1, head 3: the word before", "layer 2, head 9: the word after"])
print("our weights are the model's own:", torch.allclose(by_us, weights[2, 8], atol=1e-5))

# %% [markdown]
# One looks at the word before, the other at the word after. Most of the 72 heads are harder to name, and a clear map
# is not yet an explanation of what the model does with it.

# %% [markdown]
# ## What does it cost?
#
# Every word asks every word. For $n$ words of width $d$, the three matrices and a fourth that follows
# ([notebook 06](06_multi_head_attention.ipynb)) take $4 n d^2$ multiplications, scores and mixture $2 n^2 d$.

# %%
d_model = 384
n = torch.arange(64, 1601, 64)
costs = {"projections": 4 * n * d_model**2 / 1e9, "scores and mixture": 2 * n**2 * d_model / 1e9}
plots.lines(n, costs, "sequence length n (tokens)", "multiplications (billions)", title="width 384")

# %% [markdown]
# The curves meet at $n = 2d = 768$: below, scores and mixture are the cheaper part; beyond, they take over, and for twice the
# text *this part* costs four times as much. The weights need memory too: for 8 texts of 512 tokens and 12 heads, forward
# and backward, the whole layer takes 691 MiB if they are written out as above, and 49 MiB with torch's own function, which
# never stores the whole matrix (`python course.py bench attention`).

# %% [markdown]
# ## Limits
#
# Does attention know in which order the words stand?

# %%
shuffled = [2, 1, 0]  # "dog big The"
context, _ = attention.scaled_dot_product_attention(x, x, x)
context_shuffled, _ = attention.scaled_dot_product_attention(x[shuffled], x[shuffled], x[shuffled])
print("same vectors, other order:", torch.allclose(context[shuffled], context_shuffled))

# %% [markdown]
# It does not: "dog big The" gives the very same vectors, reordered. A Transformer must be told positions
# ([notebook 07](07_transformer_block.ipynb)). And one matrix holds one kind of link; a sentence has many at once. That is
# what several heads are for (notebook 06).

# %% [markdown]
# ## Summary
#
# - Attention turns each vector into its own weighted mixture of all vectors.
# - Scores are dot products of queries and keys; a softmax over each row makes them weights; weights mix values.
# - Two matrices, $W_Q$ and $W_K$, let a word look for what it is not itself.
# - Dividing by $\sqrt d$ keeps the softmax from choosing too early.
# - A trained model has such matrices, and some of them do jobs we can name.
#
# **Sources**
#
# - Vaswani et al. 2017, *Attention is all you need*, equation 1.
# - *Practical Introduction to Deep Learning*, IDRIS (CNRS): the example "The big dog".
# - Clark et al. 2019, *What does BERT look at?* (heads with a job, attention to [CLS] and [SEP]).
# - Jain and Wallace 2019, *Attention is not explanation*.
# - Weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.

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
# # 07 The Transformer block
#
# **What has to stand around attention, so that many layers of it can work, and who may listen to whom?**
#
# About 80 minutes with all exercises. Late? Leave out *Each piece removed* and *Exercise at home: the whole block*.
#
# You will be able to
#
# - name the pieces of a block and say what goes wrong without each of them,
# - write the block yourself, equal to PyTorch's,
# - tell a model where a word stands, and show that it does not know otherwise,
# - turn one model into an encoder or a decoder with a mask, and prove which word can change which.

# %%
import torch
from torch.nn import functional as F

from helpers import checks, datasets, plots, tasks, training, widgets
from helpers.models import attention, block, dependence, pieces, positions, transformer

plots.use_course_style()
torch.set_printoptions(precision=2, sci_mode=False)

# %% [markdown]
# ## The problem: attention only mixes
#
# Our three words again. An attention makes of each word a mixture of all words. One layer is seldom enough, so we feed the
# result into the next attention, and so on, eight times.

# %%
words = ["The", "big", "dog"]
arrows = torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
stack = widgets.Predict(
    "Eight attentions in series and nothing else. Where do the three words end?",
    ["nearly at one point", "as far apart as before", "further apart than before"],
)
stack


# %%
def distances(layer, n_layers=8):
    """The largest distance between two words, before and after each layer."""
    states = [arrows]
    for _ in range(n_layers):
        states.append(layer(states[-1]))
    return torch.stack([torch.cdist(x, x).max() for x in states])


def mix(x):
    """Attention of x to itself, without matrices."""
    return attention.scaled_dot_product_attention(x, x, x)[0]


apart = distances(mix)
plots.lines(range(9), {"attention": apart}, "layers", "largest distance", title="mixed and mixed again")
ends = apart[-1] / apart[0]
stack.reveal(stack.options[0 if ends < 0.2 else 1 if ends < 1.2 else 2])

# %% [markdown]
# A mixture lies between what it mixes; mixed again and again, everything becomes the same. Learned matrices can slow this
# down, but more attention alone is no way to build something deep. A **block** puts three more things around it.

# %%
plots.block_diagram(highlight=None, title="one block, opened")

# %% [markdown]
# Two halves, attention and MLP. New are the MLP, the lines that lead *around* each half, and the boxes *add & norm*. We take them
# one at a time. (In the drawing the norm follows each sum, as in 2017; the code below norms first, *pre-norm*. The last box,
# *head*, only turns vectors into an answer: no attention head.)
#
# ## By hand: add, norm, MLP
#
# **Add** (the residual connection): a word keeps what it is and *adds* what it heard. Nothing can get lost on the way.

# %%
heard = mix(arrows)
print("dog was  ", arrows[2])
print("it heard ", heard[2])
print("it is now", (arrows + heard)[2])
added = {"attention alone": apart, "x + attention": distances(lambda x: x + mix(x))}
plots.lines(range(9), added, "layers", "largest distance", title="now they stay apart: too much")
print(
    "eight sums later, they are more than 50 times as far apart:",
    (added["x + attention"][-1] > 50 * apart[0]).item(),
)

# %% [markdown]
# The words stay apart, but sums grow, and large numbers make a softmax choose too early ([notebook 05](05_attention.ipynb)). So
# neither half reads x itself; it reads x after a norm.
#
# **Norm** (LayerNorm): for each word by itself, take away the mean of its numbers and divide by their spread. A learned weight
# and bias follow, for each of the $d$ numbers. The $10^{-5}$, called *eps*, keeps us from dividing by 0:
#
# $$\text{norm}(x) = \frac{x - \text{mean}(x)}{\sqrt{\text{var}(x) + 10^{-5}}} \cdot w + b$$

# %%
x = torch.tensor([1.0, 3.0, 5.0, 7.0])
spread = (x - x.mean()).pow(2).mean().sqrt()
print("mean", x.mean().item(), " spread", round(spread.item(), 2), " normed", (x - x.mean()) / spread)
print(
    "a hundred times as large, the same norm:",
    torch.allclose(F.layer_norm(100 * x, (4,)), F.layer_norm(x, (4,)), atol=1e-4),
)

# %% [markdown]
# Mean 4, squared distances 9, 1, 1, 9, so the spread is $\sqrt 5 = 2.24$: check one number on paper.
#
# **MLP**: two linear layers with a bend between them, for each word alone: the one place where something is *computed* from
# what was heard. The bend is GELU, a ReLU without a corner.
#
# ## In code: the block
#
# $$x \leftarrow x + \text{attention}(\text{norm}_1(x)), \qquad x \leftarrow x + \text{MLP}(\text{norm}_2(x))$$
#
# Two halves, one pattern: *norm, do something, add*.

# %%
training.set_seed(0)
one = block.TransformerBlock(d_model=8, n_heads=2, d_ff=32, norm_first=True)  # d_ff: the MLP's width inside
x = torch.randn(1, 5, 8)  # one text, five words, eight numbers each

normed = one.norm_1(x)
attended, _ = one.attention(normed, normed, normed)
middle = x + attended
end = middle + one.mlp(one.norm_2(middle))
print("in", tuple(x.shape), " middle", tuple(middle.shape), " out", tuple(end.shape))
print("the course's TransformerBlock does just that:", torch.allclose(one(x)[0], end))

config = transformer.TransformerConfig(d_model=8, n_heads=2, n_layers=3, d_ff=32, norm_first=True)
encoder = transformer.Encoder(config)
for layer in encoder.blocks:
    x, _ = layer(x)
    print("after another block:", tuple(x.shape))

# %% [markdown]
# The same size in and out, so blocks can stand in series: a stack of them is an **encoder**.

# %%
most = widgets.Predict(
    "Width 384, and an MLP four times as wide inside, as usual. Where do most of a block's parameters sit?",
    ["attention", "MLP", "norms"],
)
most

# %%
large = block.TransformerBlock(d_model=384, n_heads=12, d_ff=4 * 384)
parts = {"attention": [large.attention], "MLP": [large.mlp], "norms": [large.norm_1, large.norm_2]}
sizes = {name: sum(p.numel() for part in found for p in part.parameters()) for name, found in parts.items()}
print(sizes)
most.reveal(max(sizes, key=sizes.get))

# %% [markdown]
# Two thirds in the MLP: $8 d^2$, against $4 d^2$ in the attention ($W_Q, W_K, W_V, W_O$).
#
# ### Exercise at home: the whole block (12 minutes)
#
# Pre-norm, GELU, eps 1e-5. `p` is a dict: `W_in, b_in, W_out, b_out` for [notebook 06](06_multi_head_attention.ipynb)'s
# `attention.multi_head_attention(x, W_in, b_in, W_out, b_out, n_heads)`, which gives one tensor, `norm_1_weight, norm_1_bias,
# norm_2_weight, norm_2_bias`, and `W_1, b_1, W_2, b_2` for the MLP. `F.layer_norm(x, shape, weight, bias)` and `F.gelu` are
# yours. Help: `checks.hint("transformer_block")`; ours: `checks.show_source("transformer_block")`.


# %%
def transformer_block(x, p, n_heads):
    """x (B, T, D), p a dict of weights (out, in) and biases -> (B, T, D)."""
    ...


# %%
checks.check(transformer_block)

# %% [markdown]
# ## Does it work?
#
# Beside PyTorch's own layer, with its parameters, *all* drawn at random (unit norms and zero biases would hide a mistake), in
# both orders.
#
# > **Small print.** Post-norm, $x \leftarrow \text{norm}(x + \text{attention}(x))$, is the original of 2017, and BERT's. Most
# > models since GPT-2 norm first: the path around the halves then carries x untouched from the first block to the last, and
# > deep stacks train more easily. One last norm follows the last block.

# %%
pairs = {"attention.project_in.": "self_attn.in_proj_", "attention.project_out.": "self_attn.out_proj."}
pairs |= {"mlp.0.": "linear1.", "mlp.2.": "linear2.", "norm_1.": "norm1.", "norm_2.": "norm2."}
for norm_first in (False, True):
    ours = block.TransformerBlock(12, n_heads=3, d_ff=20, norm_first=norm_first)
    for parameter in ours.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    options = {"dropout": 0.0, "activation": "gelu", "batch_first": True, "norm_first": norm_first}
    theirs = torch.nn.TransformerEncoderLayer(12, 3, 20, **options)
    state = ours.state_dict()
    theirs.load_state_dict({t + kind: state[o + kind] for o, t in pairs.items() for kind in ("weight", "bias")})
    texts = torch.randn(2, 6, 12)
    gap = (ours(texts)[0] - theirs(texts)).abs().max()
    print(
        "norm first" if norm_first else "norm last ",
        "- difference below one in a hundred thousand:",
        (gap < 1e-5).item(),
    )

# %% [markdown]
# ## Each piece removed
#
# A task that seems to need everything: eight numbers in a ring, 0 to 5. Each place must say the **sum of its two neighbours**; what
# reaches 6 begins at 0 again, as on a clock. They have to be *fetched* from two other places, and then there is something to
# *compute*. Two blocks of width 32. We train the whole model live; five seeds of each are stored
# (`python course.py bench pieces`).

# %%
training.set_seed(0)
letters, neighbours = tasks.ring(n_rows=1, n_letters=6)
print("ring ", letters[0].tolist())
print("wanted", (neighbours[0].sum(dim=-1) % 6).tolist())
missed = widgets.Predict(
    "Trained whole, it learns to be always right. Without which piece does it fall below two thirds, besides attention?",
    ["MLP", "residual", "norm", "none of them"],
)
missed

# %%
model = pieces.RingAdder(without=None)
rings = [tasks.ring(n_rows=64, n_letters=6) for _ in range(800)]
training.fit(model, pieces.RingAdder.loss, rings, n_epochs=1, learning_rate=3e-3)
print(
    "the whole block, more than nine of ten right:", (model.accuracy(tasks.ring(n_rows=1000, n_letters=6)) > 0.9).item()
)

table = datasets.load_results("pieces")
runs = {name: 100 * table["accuracy"][table["without"] == name] for name in ("nothing", *pieces.PIECES)}
plots.bars(
    {f"without {name}" if name in pieces.PIECES else "whole": found for name, found in runs.items()},
    "right sums (%): the mean of five seeds, a dot each",
    number="{:.0f}%",
)
missed.reveal(next((name for name in missed.options if name in runs and runs[name].mean() < 67), "none of them"))

# %% [markdown]
# Without **attention** nothing can be fetched: chance, one in six. Without the **residual connections** four of five seeds stay
# far behind: each layer must hand on everything that later ones need, its own letter included. Without **norm** or **MLP** four
# seeds do as well as the whole, and one does not. An honest surprise: the softmax bends too, and for 36 sums that is
# enough. But two blocks are no deep model: in deep ones, these pieces buy sure training and room for knowledge.

# %% [markdown]
# ## Where does a word stand?
#
# In notebook 05 attention gave "dog big The" the same vectors in another order. Does a whole encoder, three blocks deep, know
# better?

# %%
order = widgets.Predict(
    'An encoder reads "dog bites man", then "man bites dog". What does it make of the word bites?',
    ["exactly the same vector", "two different vectors"],
)
order

# %%
training.set_seed(0)
dog, bites, man = torch.randn(3, 8)
there, _ = encoder(torch.stack([dog, bites, man])[None])
back, _ = encoder(torch.stack([man, bites, dog])[None])
same = torch.allclose(there[0, 1], back[0, 1], atol=1e-5)
print("all three the same, reordered:", torch.allclose(there.flip(1), back, atol=1e-5))
order.reveal(order.options[0 if same else 1])

# %% [markdown]
# Who bites whom is lost: without positions an encoder reads a *heap* of words. (Many drawings leave positions out altogether.) So
# we say where a word stands: a table with a row for each position, and the row is **added** to the word's vector. Such a table
# can be made of waves:

# %%
waves = positions.sinusoidal_positions(60, d_model=8)
columns = {f"number {i}": waves[:, i] for i in (0, 2, 4)}
plots.lines(range(60), columns, "position", "added to the vector", title="quick and slow waves tell the places apart")
print(
    "how alike two rows are depends on their distance alone:",
    torch.allclose(waves[3] @ waves[8], waves[40] @ waves[45]),
)

# %% [markdown]
# Like the digits of a number, quick waves tell neighbours apart and slow ones distant places. (Numbers 1, 3, 5, 7 are the same
# waves as cosines.) The other way: let the table be **learned**, like word vectors, as BERT and GPT-2 do. It then ends at the
# longest text it was trained for.
#
# ### Exercise: add_positions (3 minutes)
#
# All texts of a batch share the table; it may have more rows than a text has words. For help:
# `checks.hint("add_positions")`.


# %%
def add_positions(x, table):
    """x (B, T, D), table (n, D) with n >= T -> (B, T, D)."""
    ...


# %%
checks.check(add_positions)

# %%
placed = torch.stack([torch.stack([dog, bites, man]), torch.stack([man, bites, dog])])
read, _ = encoder(positions.add_positions(placed, waves))
print("bites is the same in both sentences:", torch.allclose(read[0, 1], read[1, 1], atol=1e-3))

# %% [markdown]
# Now the two sentences differ.
#
# ## One model, two masks
#
# A model that reads may look at the whole sentence. A model that *writes* must not see what it is about to write. The
# difference is a **mask**: a table of who may look at whom. True = may look. Looking back only is called **causal**.
#
# ### Exercise: causal_mask (3 minutes)


# %%
def causal_mask(n):
    """Who may look at whom: bool (n, n), row = who looks; itself and what came before."""
    ...


# %%
checks.check(causal_mask)

# %% [markdown]
# The mask acts between scores and softmax. Hide a score by making it **minus infinity**: $e^{-\infty} = 0$, and the rest of
# the row still shares out a whole.
#
# ### Exercise: causal_attention (7 minutes)
#
# Scores (divided by $\sqrt{d}$, as in notebook 05), mask, softmax, mixture. `attention.causal_mask` and `attention.softmax` are there, and `torch.where` chooses cell by
# cell, as in numpy; for help: `checks.hint("causal_attention")`.


# %%
def causal_attention(query, key, value):
    """query (T, d), key (T, d), value (T, v) -> context (T, v); nobody looks ahead."""
    ...


# %%
checks.check(causal_attention)

# %% [markdown]
# Now a sentence in two languages through **one** stack of blocks, with the very same weights: the English one looks both ways (an
# encoder, as BERT), the French one only back (a decoder, as GPT).

# %% tags=["nbval-ignore-output"]
decoder = transformer.Decoder(config)
missing, too_many = decoder.load_state_dict(encoder.state_dict())
print("the encoder's parameters fit the decoder:", not missing and not too_many)
english, french = ["The", "big", "red", "dog"], ["Le", "gros", "chien", "rouge"]
training.set_seed(1)
x, x_french = torch.randn(2, 4, 8) + waves[:4]
_, both_ways = encoder(x[None], need_weights=True)
_, only_back = decoder(x_french[None], need_weights=True)
plots.attention_map(both_ways[0, 0, 0].detach(), english, title="block 1, head 1: both ways")
plots.attention_map(
    only_back[0, 0, 0].detach(), french, mask=attention.causal_mask(4), title="the same head, only back"
)

# %% [markdown]
# Same parameters, another table of who may look. *Le* can only look at itself, so it gives itself 1.00. The other numbers mean
# nothing yet: vectors and weights are drawn at random. (Encoder and decoder also differ in what they are *trained* to do:
# [notebook 08](08_transformer_types.ipynb).)
#
# Try it: switch the mask, edit it with clicks, compare two masks side by side.

# %%
normed = encoder.blocks[0].norm_1(x[None])
q, k = encoder.query_key(x[None], layer=1, head=1)
widgets.AttentionMatrix(english, q[0], k[0], normed[0], mask=attention.causal_mask(4), beside="none")

# %% [markdown]
# ## What can depend on what?
#
# One block's mask says who looks at whom *in that block*. But the next block looks at what this one made. First a mask, then
# what it comes to after several blocks, and last every way from the inputs to the output you look at. Walk with the arrow
# keys.

# %%
view = widgets.DependencyView(english, mask="causal", depth=3)
view

# %% [markdown]
# Is it true? Ask the model itself. An output *depends* on an input if it has a gradient by it: autograd knows every path that
# the numbers have taken.

# %%
by_autograd = dependence.dependence(encoder, x, view.mask)  # in three blocks
view.depth = 3
print(by_autograd.int())
print("what the widget says is what autograd finds:", torch.equal(view.depends, by_autograd))

# %%
reach = widgets.Predict(
    "Every word may attend only to itself and its two neighbours. Can The change dog, three places on, in two blocks?",
    ["yes", "no"],
)
reach

# %%
two_blocks = transformer.Encoder(transformer.TransformerConfig(d_model=8, n_heads=2, n_layers=2, d_ff=32))
neighbours_only = attention.window_mask(4)
found = dependence.dependence(two_blocks, x, neighbours_only)
print(found.int())
reach.reveal("yes" if found[3, 0] else "no")

# %% [markdown]
# Two blocks carry a word two places, a third would do. Under the causal mask depth changes nothing: the past's past is past.
# **Your turn**, in the widget above: choose *neighbours only* and slide the blocks; then *causal*, tick *click edits
# the mask* and allow *The* to see *dog*. Who knows the future after one block, who after two?
#
# One wrong True is enough: after two blocks, every word that may look at *The* depends on *dog*
# ([notebook 11](11_find_the_bug.ipynb) catches this).

# %%
leak = attention.causal_mask(4)
leak[0, 3] = True
for depth in (1, 2):
    needed = dependence.blocks_needed(leak, depth)
    print(f"after {depth} block{'s'[: depth - 1]}, changed by dog:", *(english[i] for i in range(4) if needed[i, 3]))

# %% [markdown]
# ## Order without positions
#
# Back to the heap. Does a *decoder* without positions read a heap too?

# %%
training.set_seed(0)
after = torch.stack([torch.stack([dog, bites, man]), torch.stack([bites, dog, man])])
for n_layers in (1, 3):
    config = transformer.TransformerConfig(d_model=8, n_heads=2, n_layers=n_layers, d_ff=32)
    read, _ = transformer.Decoder(config)(after)
    same = torch.allclose(read[0, 2], read[1, 2], atol=1e-4)
    print(n_layers, "causal block" + "s" * (n_layers > 1) + ": man is the same after dog bites and bites dog:", same)

# %% [markdown]
# One causal block does, three do not. The first word has seen one word, the second two: after a block, *how much* a word has
# seen has left its trace, and the next block reads it. Most decoders are told positions all the same.
#
# ## Padding
#
# Texts of a batch differ in length; short ones are filled up with [PAD]. Nobody may look at it: `padding_mask`.

# %%
padded = torch.cat([x[:3], 100 * torch.randn(1, 8)])  # three words, and rubbish
masks = {"with the mask": attention.padding_mask([3], 4), "without": None}
for name, mask in masks.items():
    read, _ = encoder(padded[None], mask)
    alone, _ = encoder(padded[None, :3])
    print(f"{name}: the three words are as if read alone:", torch.allclose(read[0, :3], alone[0], atol=1e-5))
widgets.DependencyView([*english[:3], "[PAD]"], mask="padding", depth=2)

# %% [markdown]
# With the mask the rubbish changes nobody but itself (its own residual connection), and whoever averages over the words must
# leave it out again.
#
# ## Another source: cross-attention
#
# A translator has two texts. The French words ask, the English ones answer: **queries** from one text, **keys and values** from
# the other. That is no mask, but another source.

# %% tags=["nbval-ignore-output"]
training.set_seed(0)
layer = attention.MultiHeadAttention(d_model=8, n_heads=1)
output, weights = layer(x_french[None, :3], x[None], x[None], need_weights=True)
plots.attention_map(weights[0, 0].detach(), french[:3], key_tokens=english, title="three words listen to four")
print("an output for every word that asks:", tuple(output.shape))

# %% [markdown]
# Three rows, four columns: a row for each word that asks, and its weights sum to 1 over the *other* text. (These weights are
# untrained; notebook 08 trains them.) Every asking word may look at the whole source.
#
# ## Limits
#
# We know what a stack of blocks *can* depend on, not what it will use. What is learned is decided by the training: three kinds
# of model, three kinds of task, are notebook 08.

# %% [markdown]
# ## Summary
#
# - A block is two halves of one pattern: norm, do something (attention, MLP), add. The same size in and out.
# - Attention fetches, the MLP computes; the residual connection keeps x; the norm hands each half numbers of one size.
# - Without positions an encoder reads a heap; a row for each position is added to the vectors.
# - Encoder and decoder are the same blocks with another mask: both ways, or only back.
# - What depends on what goes through all blocks; autograd tells. Cross-attention is another source, no mask.
#
# **Sources**
#
# - Vaswani et al. 2017, *Attention is all you need*, section 3.
# - Xiong et al. 2020, *On layer normalization in the Transformer architecture* (norm first).
# - Dong et al. 2021, *Attention is not all you need* (attention alone makes all words alike).
# - Haviv et al. 2022, *Transformer language models without positional encodings still learn positional information*.
# - *Practical Introduction to Deep Learning*, IDRIS (CNRS): the block, "The big red dog" and "Le gros chien rouge".

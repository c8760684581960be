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
# # 10 A real Transformer in your own code
#
# **Is what we have built the real thing?**
#
# About 45 minutes. Late? Leave out *Search by meaning* and *What changed since*.
#
# You will be able to
#
# - load published weights into your own code and prove that nothing is missing,
# - find a head with a job by a score instead of by eye, and check that it was not luck,
# - say what an attention map does not tell,
# - search texts by meaning, show what the layers add to a look-up table, and say what this model lacks to be a chatbot.

# %%
import torch

from helpers import plots, prepared, pretrained, vocabulary, widgets
from helpers.datasets import load_results
from helpers.models import heads, positions, transformer, words

plots.use_course_style()

# %% [markdown]
# ## The problem: so far, only toys
#
# Everything we trained ourselves was small. The model of this notebook is not: **all-MiniLM-L6-v2**, published in 2021, trained
# on a billion pairs of sentences, downloaded millions of times a month. It turns any text into 384 numbers.
#
# Its authors published a file of numbers. The code around them is ours, from notebooks 05 to 07. First, how many numbers go
# where?

# %%
FRACTIONS = {"about a tenth": 0.1, "about a quarter": 0.25, "about half": 0.5}
share = widgets.Predict(
    "Besides six layers, the model has a table with a vector for each word piece. Which part of all its numbers is that?",
    list(FRACTIONS),
)
share


# %%
def count(module):
    """How many numbers a module holds."""
    return sum(parameter.numel() for parameter in module.parameters())


sizes = pretrained.CONFIG
embeddings = positions.Embeddings(
    pretrained.N_TOKENS, pretrained.N_POSITIONS, sizes.d_model, pretrained.N_SEGMENTS, sizes.eps
)
encoder = transformer.Encoder(sizes)
total = count(embeddings) + count(encoder)
print(f"{total / 1e6:.2f} million: encoder {count(encoder) / 1e6:.2f}, word table {count(embeddings.token) / 1e6:.2f}")
part = count(embeddings.token) / total
share.reveal(min(share.options, key=lambda option: abs(FRACTIONS[option] - part)))

# %% [markdown]
# Half of it is a look-up table: 30,522 word pieces ([notebook 04](04_word_vectors.ipynb)), 384 numbers each. The six layers,
# all the reading, are almost the other half; the last 0.20 million stand for positions. So far, all these numbers are random:
# we must fill in the published ones.

# %% [markdown]
# ## The idea: every number has its place
#
# The file holds named tensors. Loading means: rename, and refuse anything left over on either side. Here are the names of one
# layer, the published ones on the left, ours on the right (`mlp.0` and `mlp.2` are the two matrices of the MLP).

# %%
for published, ours in pretrained.LAYER_NAMES.items():
    print(f"{published:<27} -> {ours}")
print("attention.self.query, .key, .value -> attention.project_in (stacked)")

# %% [markdown]
# Query, key and value are published apart; we keep them in one matrix ([notebook 06](06_multi_head_attention.ipynb)). The rest
# is a change of names. What if we misspell a single one? We try it with our own random numbers.

# %%
tensors = encoder.state_dict()  # name -> tensor
tensors["blocks.0.norm_one.weight"] = tensors.pop("blocks.0.norm_1.weight")
try:
    encoder.load_state_dict(tensors)
except RuntimeError as error:
    print(error)

# %% [markdown]
# Refused, with both names: one place stayed empty, one tensor has no place. Now the published file. (Three tensors are left
# aside: a list of positions, a last layer for another task. `pretrained.translate??` shows the code.)
#
# Where the file is not to be found, the next cell says how to get it, and 19 prepared sentences stand in. Everything runs, but
# you cannot type sentences of your own, and the comparison below is one of stored numbers with themselves.

# %%
minilm = prepared.load_minilm()
minilm

# %% [markdown]
# ## Does it work?
#
# Every name has found its place. But swap `norm_1` and `norm_2`, and the names fit as well; the model would be wrong. Only
# its numbers can prove it right. The reference is `transformers`, the library that everybody uses for such models. What it
# computed for three sentences is stored with the course: the attention, and the *hidden states*, the vectors that each layer
# hands on. The same sentences through our code:

# %%
agree = widgets.Predict(
    "Six layers, 384 numbers for each token. How far are our numbers from the library's, at most?",
    ["exactly 0", "less than 0.00001", "about 0.01: another implementation is never the same"],
)
agree

# %%
theirs = prepared.load_reference()
differences = [
    (mine - reference).abs().max().item()
    for text in prepared.EXACT
    for mine, reference in zip(minilm.read(text), theirs.read(text), strict=True)
]
print("hidden states and attentions of", len(prepared.EXACT), "sentences")
largest = max(differences)
print(f"the largest of the library's numbers: {max(theirs.read(text)[0].abs().max() for text in prepared.EXACT):.1f}")
agree.reveal("exactly 0" if largest == 0 else agree.options[1] if largest < 1e-5 else agree.options[2])

# %% [markdown]
# Every hidden state, every weight of all 72 heads. What remains, about 0.000002 in numbers up to 5.8, is the last digit of a
# float, because sums are taken in another order. **What you built is the real thing**: attention, heads,
# residuals, norms, an MLP. No ingredient is secret.
#
# > **Small print.** The model is built like BERT, the best-known encoder (2018): it normalises *after* each sum (post-norm) and
# > adds $10^{-12}$ under the root, where [notebook 07](07_transformer_block.ipynb) used $10^{-5}$.

# %% [markdown]
# ## Look inside
#
# The model reads word *pieces*: `##` marks a piece that continues the one before. It puts **[CLS]** before and **[SEP]** after
# every text; they are no words. Three of the 72 heads. Beware: we count layers and heads from 1, Python from 0, so `weights[0, 2]`
# is layer 1, head 3.

# %%
tokens, weights = minilm.heads(prepared.BIG_DOG)
three = torch.stack([weights[0, 2], weights[1, 8], weights[2, 8]])
titles = ["layer 1, head 3", "layer 2, head 9", "layer 3, head 9"]
plots.attention_maps(three, tokens, titles)
sums = weights.sum(dim=-1)
print("every row of all 72 heads sums to 1:", torch.allclose(sums, torch.ones_like(sums)))

# %% [markdown]
# One looks at the word before, one at the word after; in the third, adjectives look ahead to their noun. And the other 69? Here
# are all of them, small; the chosen one is drawn as lines.
#
# **Your turn:** click through a few, walk over the words, type a sentence of your own. What do most heads of layers 3 to 5 look
# at? Make a guess, then run the cell below: it counts for your sentence.

# %%
view = widgets.HeadsView(minilm, prepared.BIG_DOG, layer=3, head=9)
view

# %%
by_words = view.weights[2:5, :, 1:-1].mean(dim=2)  # layers 3 to 5; the mean over the words, without [CLS] and [SEP]
first = by_words.argmax(dim=-1)  # (layer, head): the position that gets most
print(f"{(first == 0).sum()} of {first.numel()} heads give most to {view.tokens[0]}")

# %% [markdown]
# Averaged over the words, nearly all look at [CLS] first, even head 9 of layer 3: only its adjectives, and *the*, look at a noun.
# But eyes find what they look for: with 72 maps, one will please us by chance. We need a number for every head.

# %% [markdown]
# ## Heads with a job, found by a score
#
# A **job** says who should look at whom: pairs (query, key). A head's **score** is its mean weight on these pairs. 1 means: it
# does nothing else. By hand, for the head that looks back:

# %%
tokens, weights = minilm.heads("She wore a long black coat")
pairs = heads.neighbour(-1)(tokens)
print(tokens)
print("who looks at whom:", pairs)
by_hand = torch.stack([weights[0, 2, i, j] for i, j in pairs]).mean()
print(f"layer 1, head 3: {by_hand:.2f}")

# %% [markdown]
# Now for all 72 heads at once, over six sentences, as in notebook 06. They have 8 to 11 tokens each: a head that spread its
# attention evenly would score about 0.10.

# %%
readings = [minilm.heads(text) for text in prepared.TO_FIND]
jobs = {"the word before": heads.neighbour(-1), "the word after": heads.neighbour(1), "[CLS]": heads.rest}
for name, job in jobs.items():
    layer, head, score = heads.best_head(heads.head_scores(readings, job))
    print(f"{name:<16} layer {layer}, head {head:<2} {score:.2f}")

# %% [markdown]
# The first is perfect, and we did not have to look for it. How much goes to [CLS] in each head?

# %%
resting = heads.head_scores(readings, heads.rest)
plots.head_map(resting, title="Mean weight that a word gives [CLS]")

# %% [markdown]
# In layers 2 to 5 about 0.6 of all attention goes there. A common reading: a row of weights must sum to 1, so a head that finds
# nothing for a word needs a place to rest. A map full of [CLS] mostly says "not my job here".

# %% [markdown]
# ### Who finds the noun?
#
# In [notebook 05](05_attention.ipynb) we met layer 3, head 9, which links adjectives to their noun: *long coat, black coat, old
# man ...* Does it score best on all such pairs of our six sentences?

# %%
print(next(iter(prepared.TO_FIND.items())))  # the first sentence and its pairs
nouns = [heads.links(pairs) for pairs in prepared.TO_FIND.values()]
gaps = [j - i for (tokens, _), job in zip(readings, nouns, strict=True) for i, j in job(tokens)]
print(f"{len(gaps)} pairs; in {gaps.count(1)} the noun is the very next word")
scores = heads.head_scores(readings, nouns)
print("best: layer {}, head {}: {:.2f}".format(*heads.best_head(scores)))
print(f"the next-word head, layer 2, head 9: {scores[1, 8]:.2f}")

# %% [markdown]
# Found! Or not? A head that only looks at the next word is as good, for in 11 of 17 pairs the noun *is* the next word. A score
# needs a **control**: pairs in which the two explanations part.

# %%
finder = widgets.Predict(
    "Only pairs such as 'green leaf', where the noun is the very next word: which head gives the noun more?",
    ["layer 2, head 9: the word after", "layer 3, head 9: the noun", "both the same, to two decimals"],
)
finder

# %%
near = heads.head_scores(readings, [heads.at_distance(job, 1, 1) for job in nouns])
far = heads.head_scores(readings, [heads.at_distance(job, 2, 9) for job in nouns])
any_word = heads.head_scores(readings, heads.neighbour(2))
print(f"{'head 9, weight on':20}{'layer 2':>9}{'layer 3':>9}")
for name, scores in {"noun, next word": near, "noun, further on": far, "any word, two ahead": any_word}.items():
    print(f"{name:20}{scores[1, 8]:9.2f}{scores[2, 8]:9.2f}")
after, noun = near[1, 8].item(), near[2, 8].item()
finder.reveal(finder.options[2 if round(after, 2) == round(noun, 2) else 0 if after > noun else 1])

# %% [markdown]
# Next door, the next-word head does the job better. Across a word, as in "a **long** black **coat**", it has nothing to say, and
# head 9 of layer 3 is there; to a noun it gives about twice what it gives to any word two ahead. But these are six pairs, and we
# have chosen the best of 72: the best is also the luckiest. So: six *other* sentences.

# %%
fresh = [minilm.heads(text) for text in prepared.TO_CHECK]
fresh_nouns = [heads.at_distance(heads.links(pairs), 2, 9) for pairs in prepared.TO_CHECK.values()]
layer, head, score = heads.best_head(heads.head_scores(fresh, fresh_nouns))
print(f"other sentences, noun further on: layer {layer}, head {head} is first again, with {score:.2f}")

# %% [markdown]
# It holds, and it is modest: a good third of the weight, not all of it. "The adjective head" is a nickname for a tendency.
#
# **Your turn:** is there a head that looks *two* words back? Score the job `heads.neighbour(-2)` on `readings`, then on `fresh`.
# Compare with the 0.10 of an even spread: would you give that head a name? (The best has 0.17, and 0.16 on the fresh sentences,
# where another one is first: hardly a job.)

# %% [markdown]
# ## What such maps do not say: who is *it*?
#
# A famous pair of sentences:
#
# - The **animal** didn't cross the street because *it* was too tired.
# - The animal didn't cross the **street** because *it* was too wide.
#
# One word changes, and *it* means something else. Blog posts show a head that gets the first one right.

# %%
flips = widgets.Predict(
    "How many of the 72 heads follow, with more than 0.3 on the right noun in both sentences?",
    ["none", "one or two", "more than five"],
)
flips


# %%
def from_it(text, word):
    """How much *it* gives a word, in every head: (layer, head)."""
    tokens, weights = minilm.heads(text)
    return weights[:, :, tokens.index("it"), tokens.index(word)]


tired, wide = from_it(prepared.TIRED, "animal"), from_it(prepared.WIDE, "street")
found = ((tired > 0.3) & (wide > 0.3)).sum().item()
flips.reveal("none" if found == 0 else "one or two" if found < 3 else "more than five")

# %%
still_animal = from_it(prepared.WIDE, "animal")
shown = {
    "layer 4, head 2: animal, tired": tired[3, 1],
    "layer 4, head 2: animal, wide": still_animal[3, 1],
    "layer 4, head 2: street, wide": wide[3, 1],
    "layer 6, head 12: animal, tired": tired[5, 11],
    "layer 6, head 12: animal, wide": still_animal[5, 11],
    "best of all 72: street, wide": wide.max(),
}
plots.bars(shown, "weight from it", title="It does not flip")

# %% [markdown]
# Two heads tie *it* to *animal* when it is tired. When it is wide, head 12 of layer 6 keeps the animal all the same; head 2 of
# layer 4 lets go, but gives the street only 0.12. No head gives it more than 0.24. Whatever the model knows about *it*, no single
# map shows it. Showing only the first sentence would have been a lie.

# %% [markdown]
# ## Attention is not explanation
#
# If a map explained the model, its head would be missed. The model makes 384 numbers of a sentence: its vector. We switch each
# head off (what it hands over becomes zero) and look how far the vectors of our twelve sentences turn: 0 not at all, 1 to a
# right angle.

# %%
missed = widgets.Predict(
    "Without layer 1, head 3, the perfect previous-word head: how far does a sentence's vector turn?",
    ["0.002: hardly", "0.05: visibly", "0.5: another sentence"],
)
missed

# %%
table = load_results("heads")
change = torch.tensor(table["change"]).reshape(6, 12)
plots.head_map(
    change, title="1 - cosine, with the head switched off", marked=[(1, 3), (2, 9), (3, 9)], high=0.04, number="{:.3f}"
)
turned = change[0, 2].item()
missed.reveal(min(missed.options, key=lambda option: abs(float(option.partition(":")[0]) - turned)))

# %% [markdown]
# The three heads that we gave a job (framed) are hardly missed; the last layer, which was best at none of our jobs, matters up to
# thirty times as much. Part of that is place: it stands next to the output. But a map and its importance are two different
# questions. (Stored numbers: `python course.py bench heads` makes them in half a minute.)

# %% [markdown]
# ## Search by meaning
#
# What is the model for? The mean of its hidden states, scaled to length 1, is a vector for the whole text; similar texts get
# similar vectors (compared by cosine, as in notebook 04). Three sentences; the first and the last share a word.

# %%
nearest = widgets.Predict("To which of the two is 'My bank raised its interest rate' nearer?", list(prepared.BANKS[1:]))
nearest

# %%
rate, borrowing, river = minilm.embed(list(prepared.BANKS))
print(f"borrowing money {rate @ borrowing:.2f}, river bank {rate @ river:.2f}")
nearest.reveal(prepared.BANKS[1] if rate @ borrowing > rate @ river else prepared.BANKS[2])

# %% [markdown]
# No word in common, and yet nearer. Do we owe that to the six layers? Perhaps the look-up table knows it already: *bank* and
# *money* are neighbours there, too. A control again, the mean of the table's rows, which no layer has read:

# %%
vocab = vocabulary.load_vocabulary()
rows = [[vocab.row[word] for word in text.lower().split() if word in vocab.row] for text in prepared.BANKS]
means = torch.stack([vocab.table[row].mean(dim=0) for row in rows])
money, water = words.cosine(means[0], means[1:])
print(f"the table alone: borrowing money {money:.2f}, river bank {water:.2f}")

# %% [markdown]
# The table alone chooses the river: every *bank* has the same vector there, and the shared word wins. Read together with
# *interest rate*, it does not. One example, but it shows what the layers add. Now all the text of this course, as it stands on
# your disk:

# %% tags=["nbval-ignore-output"]
library = prepared.library(minilm)
ordered = sorted(library, key=lambda passage: len(passage.text))  # texts of like length share a batch
chunks = [ordered[i : i + 4] for i in range(0, len(ordered), 4)]
vectors = torch.cat([minilm.embed([passage.text for passage in chunk]) for chunk in chunks])
print(f"{len(ordered)} passages, {len({passage.notebook for passage in ordered})} notebooks")


# %%
def search(question, n=3):
    """The n passages nearest to a question, with their cosines."""
    cosines = vectors @ minilm.embed(question)[0]
    best = cosines.topk(n)
    return [
        (f"{cosine:.2f}", str(ordered[i]))
        for cosine, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]


# %% tags=["nbval-ignore-output"]
for question in prepared.QUESTIONS:
    print(question)
    for cosine, passage in search(question):
        print("  ", cosine, passage)

# %% [markdown]
# A search engine in a few lines, and nobody gave it a list of synonyms. **Your turn:** ask it something of your own,
# `search("...")`, then something that this course does not know, such as a recipe. It always finds *something*; a low cosine is
# the only sign that there is no answer.

# %% [markdown]
# ## Is this ChatGPT?
#
# The same parts, put to another use:
#
# | | this model | a chatbot |
# |---|---|---|
# | each word sees | all words | those before it |
# | learned to | put similar texts close together | say the next token, then to be helpful |
# | answers with | one vector | a token, again and again |
# | numbers | 23 million | many billions |
# | reads | 256 pieces | over 100,000 |
#
# It cannot write a word: nothing in it chooses one. Notebook 08 trains a model that can.

# %% [markdown]
# ## What changed since
#
# The block of 2017 is still recognisable in the large models of today. What was replaced:
#
# - **causal decoders** nearly everywhere: one task, any amount of text;
# - **pre-norm**, often without subtracting the mean: deeper stacks train calmly;
# - **rotary positions**: queries and keys are turned by an angle that grows with the position; no table is learned;
# - **memory**: heads share keys and values; the table of weights is computed in blocks and never stored whole;
# - **size**: thousands of times more numbers; often many MLPs per layer, of which each token uses a few.

# %% [markdown]
# ## Limits
#
# Twelve sentences are few, all in plain English, and we wrote them ourselves. Scores ask only for jobs somebody thought of. And
# similarity is what the training pairs called similar: "I like it" and "I hate it" get 0.65, far more than our two sentences
# about money. (`a, b = minilm.embed(["I like it", "I hate it"])`, then `a @ b`.) Notebook 11 asks how to catch the errors that no picture shows.

# %% [markdown]
# ## Summary
#
# - The published weights of a real Transformer fit our own code. Names that fit are not enough; the numbers agree to the last
#   digits of a float.
# - A job is a list of pairs, a score the mean weight on them; it needs a control and fresh sentences.
# - Much attention goes to [CLS]: a place to rest.
# - A clear map need not matter, and what matters need not be on any map.
# - The table alone follows shared words; read together, words change their meaning. That makes search by meaning possible.
#
# **Sources**
#
# - Reimers and Gurevych 2019, *Sentence-BERT*; Wang et al. 2020, *MiniLM*. Weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.
# - Clark et al. 2019, *What does BERT look at?* (heads with a job, attention to [CLS] and [SEP]).
# - Jain and Wallace 2019, *Attention is not explanation*; Wiegreffe and Pinter 2019, *Attention is not not explanation*.
# - Vaswani et al. 2017, *Attention is all you need* (the animal and the street: its authors' announcement of the same year).
# - Su et al. 2021, *RoFormer* (rotary positions).

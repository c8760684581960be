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
# # 08 Types of Transformer
#
# **What can we build from one and the same block?**
#
# About 90 minutes with all exercises. Late? Leave out *What does length cost?* and *Two tasks, one model*.
#
# You will be able to
#
# - tell encoder, decoder and encoder-decoder apart: what each sees, and what each is trained to do,
# - train each of them, and say how good it is beside something simpler,
# - write the loss of a language model, and cross-attention,
# - say why a chat program writes word after word, and what it keeps while it does.

# %%
import ipywidgets
import torch

from helpers import baselines, checks, plots, widgets
from helpers.batches import Batches
from helpers.datasets import load_dates, load_names, load_results
from helpers.models import letters, text
from helpers.models.generate import generate
from helpers.models.transformer import TransformerConfig
from helpers.training import evaluate, fit, set_seed

plots.use_course_style()

# %% [markdown]
# ## The problem: a block is no answer yet
#
# A block takes vectors and gives back as many vectors of the same size ([notebook 07](07_transformer_block.ipynb)). Nobody
# wants vectors. We want to know the language of a name, to invent a name, to translate a date. What has to come before the
# blocks, after them, and what may each word see?

# %%
plots.transformer_types()

# %% [markdown]
# - **Encoder**: every word sees all words. Trained to say something *about* a text.
# - **Decoder**: every word sees only what came before. Trained to say what comes *next*.
# - **Encoder-decoder**: one half reads, the other writes and looks at what was read. Trained to say what comes next in an
#   *answer*.
#
# > **Small print.** Slides often say that encoder and decoder differ in the mask. They also differ in what they are *trained to
# > do*; the mask is there because of it.


# %%
def small(n_layers):
    """All three are small today: width 64, four heads, one or two blocks."""
    return TransformerConfig(d_model=64, n_heads=4, n_layers=n_layers, d_ff=256, norm_first=True)


def plan(model, n_steps):
    """For `fit`: Adam, with steps that grow for a tenth of the time and then shrink to nothing."""
    optimiser = torch.optim.Adam(model.parameters())
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.003, n_steps, pct_start=0.1)
    return {"optimiser": optimiser, "scheduler": cycle}


# %% [markdown]
# ## Encoder: which language is this name?
#
# The names of [notebook 03](03_lstm_vs_gru.ipynb): names of languages and regions of the world, in 16 languages. What is named for
# training is not named in the test. Each letter becomes a vector; its place is added; two blocks; then the **mean** over the
# letters, and one linear layer.

# %%
names = load_names()
alphabet = letters.Alphabet(names.part("train")[0], at_least=2)
train, test = ((*alphabet.encode(texts), labels) for texts, labels in map(names.part, ("train", "test")))
unseen = Batches(*test, size=256, shuffle=False)
print(names, "  for training:", len(train[0]), "  unseen:", len(test[0]))

# %%
place = widgets.Predict(
    "In notebook 03 an LSTM reached 76% of unseen names, letters counted in groups 82%. Where will the encoder end?",
    ["ahead of both", "between the two", "behind both"],
)
place

# %% tags=["nbval-ignore-output"]
set_seed(1)
encoder = text.Classifier(len(alphabet), train[0].shape[1], len(names.languages), small(n_layers=2))
batches = Batches(*train, size=32)
steps = plan(encoder, n_steps=5 * len(batches))
for n_passes in range(1, 6):
    fit(encoder, letters.reading_loss, batches, n_epochs=1, **steps)
    print(f"after pass {n_passes}: {evaluate(encoder, letters.reading_accuracy, unseen):.1%} of unseen names")

# %%
accuracy = evaluate(encoder, letters.reading_accuracy, unseen)
memorised = evaluate(encoder, letters.reading_accuracy, Batches(*train, size=256))
race, types = load_results("race"), load_results("transformers")


def stored(task, model, column="score"):
    """The stored runs of one model of this notebook."""
    return types[column][(types["task"] == task) & (types["model"] == model)]


def raced(model):
    """The stored runs of one model of notebook 03, at equal width."""
    return race["test"][(race["stage"] == "race") & (race["model"] == model) & (race["equal"] != "parameters")]


print("this run lies within 5 points of the stored ones:", abs(accuracy - stored("classify", "encoder").mean()) < 0.05)
print("of the names it was trained on, it knows at least 10 points more:", memorised > accuracy + 0.1)
bars = {"n-grams": raced("n-grams"), "GRU": raced("GRU"), "LSTM": raced("LSTM"), "RNN": raced("RNN")}
plots.bars(bars | {"encoder": stored("classify", "encoder")}, "accuracy on unseen names (chance: 0.06)")
place.reveal("behind both" if accuracy < 0.758 else "between the two" if accuracy < 0.815 else "ahead of both")

# %% [markdown]
# Behind, and by much. **Why?** What it was trained on it knows far better than what it has not seen: it learns names by heart.
# A group of letters is the same clue wherever it stands; the n-grams are *built* so, and a recurrent layer nearly. The encoder
# has to find out from 4,882 names that neighbours matter at all. Transformers win where there is **much** text; 09 and 10
# come back to this.

# %% [markdown]
# ## Decoder: invent a name
#
# A decoder is trained on nothing but text: at every place, what comes next? So we write everything into the text. The first token
# says the language, the last one is the end.

# %%
signs = letters.Alphabet([["<de>", *"Rom", ">"]])
example, _ = signs.encode([["<de>", *"Rom", ">"]])
for read, expected in zip(example[0, :-1], example[0, 1:], strict=True):
    print(f"{signs.decode(read[None]):>4}  ->  {signs.decode(expected[None])}")

# %% [markdown]
# Four lessons from one name, all in one pass: thanks to the causal mask no place sees its answer. **The same text is
# question and answer, shifted by one.**
#
# The loss at one place is the *surprise*: minus the logarithm of the share that the model gave to the token that came. Certain
# and right: 0. One of 16 that are equally likely: $\log\,16 = 2.77$ *nats*.

# %% [markdown]
# ### Exercise: the loss of a language model (10 minutes)
#
# B texts of T places, V kinds of token; short texts are filled up with the token `pad`. Row `logits[:, t]` expects token
# `ids[:, t + 1]`. Return the mean surprise over all tokens that are expected somewhere and are not padding;
# `torch.nn.functional.cross_entropy` may help. For help: `checks.hint("next_token_loss")`.


# %%
def next_token_loss(logits, ids, pad):
    """logits (B, T, V), ids (B, T), pad: the id of padding -> the mean surprise, a tensor of one number."""
    ...


# %%
checks.check(next_token_loss)

# %% [markdown]
# ### Training
#
# Now all names. Two passes, a look, two passes, a look: the *first* name that comes in each of four languages, whatever it is.


# %%
def as_tokens(part):
    """The names of one part, each as a list: its language, its letters, the end."""
    return [[f"<{names.languages[label]}>", *name, ">"] for name, label in zip(*names.part(part), strict=True)]


def invent(languages, temperature=0.7):
    """A name in each of these languages: the first that the decoder writes."""
    start = torch.tensor([[signs.ids[f"<{language}>"]] for language in languages])
    ids = generate(decoder, start, n_places - 1, temperature=temperature, end=signs.ids[">"])
    return [signs.decode(row[1:]).rstrip(">") for row in ids]


signs = letters.Alphabet(as_tokens("train"), at_least=2)
learn, unseen = signs.encode(as_tokens("train")), Batches(*signs.encode(as_tokens("test")), size=1344, shuffle=False)
n_places = learn[0].shape[1]
print("tokens, padding and unknown among them:", len(signs), "  longest name with its signs:", n_places)

# %% tags=["nbval-ignore-output"]
set_seed(1)
decoder = text.LanguageModel(len(signs), n_places, small(n_layers=2))
batches = Batches(*learn, size=32)
steps = plan(decoder, n_steps=10 * len(batches))


def two_passes():
    """Train, then show."""
    fit(decoder, text.writing_loss, batches, n_epochs=2, **steps)
    surprise = evaluate(decoder, text.writing_loss, unseen)
    print(f"{surprise:.2f} nats; German, Finnish, French, Polish:", " | ".join(invent(["de", "fi", "fr", "pl"])))


two_passes()
two_passes()

# %% tags=["nbval-ignore-output"]
two_passes()
two_passes()

# %% [markdown]
# From letters in a heap to something one could look for on a map. Watch the surprise: it is lowest early on and rises again, as
# the decoder learns names by heart and grows too sure of itself; and still, to the eye, the names get better. One more
# round, then we ask a judge.

# %% tags=["nbval-ignore-output"]
two_passes()

# %% [markdown]
# ### Does it work?
#
# Taste is no measure. Our judge is the n-gram classifier: does it take an invented name for the language that was asked for? Of
# *real* unseen names it gets 82% right. And is a name **new**, or learned by heart? We take the first 640 names that come, not the best.
#
# The rival only counts: in each language, which letter followed which four, and where that was seldom seen, which three,
# two, one? It draws letter after letter by these shares, at temperature 1.

# %%
known, labels = names.part("train")
judge = baselines.ngram_classifier().fit(known, labels.tolist())
asked_for = torch.arange(16).repeat_interleave(40)  # 40 names in each language


def judged(temperature):
    """The shares of invented names that the judge takes for the language asked for, and that are new."""
    invented = invent([names.languages[i] for i in asked_for], temperature)
    return judge.score(invented, asked_for.tolist()), sum(name not in known for name in invented) / len(invented)


set_seed(2)
as_asked, new = judged(0.7)
real = judge.score(*(list(part) for part in names.part("test")))
print(f"real names, taken for their language: {real:.0%}")
print("invented names taken for the language asked: at least 65%:", as_asked > 0.65)
print("invented names that are new: at least 90%:", new > 0.9)

# %% tags=["nbval-ignore-output"]
print(f"invented: {as_asked:.0%} as asked, {new:.0%} new; stored runs, and counts of five letters beside them:")
for model in ("decoder", "n-grams"):
    score, share, nats = (stored("invent", model, column).mean() for column in ("score", "new", "nats"))
    print(f"{model}: {score:.0%} as asked, {share:.0%} new, {nats:.2f} nats on unseen names")

# %% [markdown]
# Counted letters win again: that belongs first. They are less surprised by unseen names, and the judge takes more of theirs for the
# language than of the *real* ones. Beware of that: the judge counts letters as well, and what it likes best is what stands
# closest to the names it knows. More of the decoder's names are new. It reads the language from a token, in one model for
# all 16; the counts are 16 models.

# %%
tilt = widgets.Predict(
    "We divide the logits by a temperature before we draw. At 0.2 instead of 0.7, the invented names are ...",
    [
        "more often as asked, less often new",
        "less often as asked, more often new",
        "more often both",
        "less often both",
    ],
)
tilt

# %%
temperatures = [0.2, 0.5, 0.7, 1.0, 1.5]
set_seed(3)
as_asked, new = zip(*map(judged, temperatures), strict=True)
plots.lines(temperatures, {"as asked": as_asked, "new": new}, "temperature", "share of invented names")

colder = ["more" if shares[0] > shares[2] else "less" for shares in (as_asked, new)]
both_alike = f"{colder[0]} often both"
tilt.reveal(both_alike if colder[0] == colder[1] else "{} often as asked, {} often new".format(*colder))

# %% [markdown]
# Cold: the likeliest letters nearly always; the judge places these names about as often as real ones, and more of them are known.
# Hot: every letter has its chance, everything is new, and more than half are taken for another language. There is no right
# temperature, only a choice.
#
# **Your turn:** choose a language and a temperature.


# %% tags=["nbval-ignore-output"]
@ipywidgets.interact(
    language=list(names.languages), temperature=ipywidgets.FloatSlider(0.7, min=0.1, max=2, continuous_update=False)
)
def show(language="de", temperature=0.7):
    """Eight names, as they come."""
    print(*invent([language] * 8, temperature), sep=", ")


# %% [markdown]
# ## Encoder-decoder: from words to figures
#
# *Thursday, April 1, 2038* → *2038-04-01*: two sides of different length and order. The encoder reads, the decoder writes digit
# after digit, and in each of its blocks stands one more attention: **queries from the decoder, keys and values from the
# encoder**. Nothing else is new: in training it too reads the right answer, shifted by one.
#
# ### Exercise at home: cross-attention (8 minutes)
#
# One head, no mask; matrices are stored (out, in). `from helpers.models.attention import scaled_dot_product_attention`: it works
# on the last two axes and returns context *and* weights. For help: `checks.hint("cross_attention")`.


# %%
def cross_attention(decoder, encoder, W_q, W_k, W_v):
    """decoder (B, Tt, D), encoder (B, Ts, D), W_q and W_k (d, D), W_v (D, D) -> (B, Tt, D)."""
    ...


# %%
checks.check(cross_attention)

# %% [markdown]
# Now 10,000 days between 1900 and 2099: the first 8,000 for training, the last 1,000 for the test. No day stands on both sides.
# `<` begins what is written, `>` ends it.

# %%
dates = load_dates()
targets = [f"<{day}>" for day in dates.target]
words, digits = letters.Alphabet(dates.source[:8000]), letters.Alphabet(targets[:8000])
source, lengths = words.encode(dates.source)
target, _ = digits.encode(targets)
print(dates)
print("signs to read:", len(words), "  to write:", len(digits), "  longest source:", source.shape[1])


def written(model, texts, words, digits):
    """What the model writes for each text, the likeliest sign at each step."""
    ids, lengths = words.encode(texts)
    start = torch.full((len(texts), 1), digits.ids["<"])
    ids = generate(model.reader(ids, lengths), start, 27, temperature=0, end=digits.ids[">"])
    return [digits.decode(row).strip("<>") for row in ids]


# %% tags=["nbval-ignore-output"]
set_seed(1)
translator = text.Translator(len(words), len(digits), source.shape[1], small(n_layers=1))
batches = Batches(source[:8000], lengths[:8000], target[:8000], size=16)
steps = plan(translator, n_steps=750)
print("         ", *dates.source[9000:9002], sep="   ")
for n_steps in (50, 50, 100, 200, 350):
    fit(translator, text.translating_loss, batches, n_steps=n_steps, **steps)
    print(f"{n_steps:3} more:", *written(translator, dates.source[9000:9002], words, digits), sep="   ")

# %%
rivals = widgets.Predict(
    "Two GRUs do the same, the second starting from the last state of the first; twice as many steps. How many days come out right?",
    ["nearly all", "about half", "fewer than one in four"],
)
rivals

# %%
solved = written(translator, dates.source[9000:], words, digits)
right = sum(mine == day for mine, day in zip(solved, dates.target[9000:], strict=True)) / 1000
print("at least 99% of 1,000 unseen days are right to the last digit:", right >= 0.99)

table = {"Transformer": "Transformer", "GRUs with attention": "GRU with attention", "GRUs without": "GRU"}
plots.bars({name: stored("translate", model) for name, model in table.items()}, "share of unseen days all right")
without = stored("translate", "GRU").mean()
rivals.reveal("nearly all" if without > 0.9 else "fewer than one in four" if without < 0.25 else "about half")

# %% [markdown]
# Not the Transformer is the secret, attention is: with it the GRUs get everything right as well. Without it the whole date has to
# pass through **one** vector, and with this training hardly any comes out whole. For this, attention was invented (Bahdanau
# et al. 2015). The Transformer came later, and threw out the recurrence.

# %% [markdown]
# ### Look inside: who looked where?
#
# Weights of cross-attention have a row for each sign that is written and a column for each that was read: an **alignment**. We
# draw the mean of the four heads.

# %%
looked = widgets.Predict(
    "Thursday, April 1, 2038 becomes 2038-04-01. When the 4 is written, where does the model look most?",
    ["Thursday", "April", "1", "2038"],
)
looked

# %% tags=["nbval-ignore-output"]
day = "Thursday, April 1, 2038"
ids, length = words.encode([day])
output, _ = digits.encode(["<2038-04-01>"])
_, weights = translator(ids, length, output, need_weights=True)
weights = weights[0, 0, :, :10].detach()  # the only layer, the only text: (head, written, read)
alignment = weights.mean(dim=0)
plots.alignment(alignment, "2038-04-01", day)

# %%
parts = {word: slice(day.index(word), day.index(word) + len(word)) for word in ("Thursday", "April", " 1,", "2038")}
shares = {word.strip(" ,"): alignment[6, letters_of].sum().item() for word, letters_of in parts.items()}
looked.reveal(max(shares, key=shares.get))

# %% [markdown]
# Nobody told it, and it looks where we would: for the 4 at the month's name, for 3, 8 and the last 1 at these figures. That a 0
# comes before the 1 each run sees elsewhere: at the *1*, the space before or the comma behind it. Where nothing has to be
# known the row is nearly **even**: a hyphen always comes, and after the 2 of the year only a 0 can.
#
# One head, alive: walk with the arrow keys; each weight is spelled out. **Your turn:** change `head` below.

# %%
query, key = translator.query_key(ids, length, output)
head = 1  # 0 to 3
view = widgets.AttentionMatrix(
    list("2038-04-01"),
    query[0, head, :10].detach(),
    key[0, head].detach(),
    key_tokens=list(day.replace(" ", "␣")),
    focus=[6, 10],
)
print("the widget's weights are the model's:", torch.allclose(view.weights, weights[head], atol=1e-4))
view

# %% [markdown]
# ## Writing without reading everything again
#
# A decoder writes one token, appends it, and asks again. Must it read the whole text each time? No place ever sees a later one:
# so the **keys and values** of earlier places do not change when the text grows. We keep them, and give the model only the
# newest token.

# %%
start = torch.tensor([[signs.ids[f"<{language}>"]] for language in names.languages])
kept, anew = (generate(decoder, start, 30, temperature=0, cached=cached) for cached in (True, False))
print("one name in each language, token for token the same:", torch.equal(kept, anew))
faster = widgets.Predict(
    "512 tokens, four blocks of width 256. How much faster is writing when keys and values are kept?",
    ["not faster", "up to 3 times", "3 to 10 times", "more than 10 times"],
)
faster

# %%
length_table = load_results("length")


def seconds(way):
    """The stored lengths and processor seconds of one way."""
    rows = length_table["way"] == way
    return length_table["tokens"][rows], length_table["cpu_seconds"][rows]


ways = "written, keys and values kept", "written, all read again"
tokens, _ = seconds(ways[0])
plots.lines(
    tokens, {way.split(", ")[1]: seconds(way)[1] for way in ways}, "tokens written", "seconds", log_x=True, log_y=True
)
ratio = seconds(ways[1])[1][-1] / seconds(ways[0])[1][-1]
print(f"512 tokens, stored: {ratio:.1f} times faster")
bounds = dict(zip(faster.options, (1, 3, 10, float("inf")), strict=True))
faster.reveal(next(option for option, bound in bounds.items() if ratio <= bound))

# %% [markdown]
# With keys and values kept, twice the text takes twice the time; without, more and more, in the end nearly four times
# (`python course.py bench generate`).
# This is why a chat program answers word after word at an even pace, and why a long conversation needs much memory: what it
# keeps are keys and values.

# %% [markdown]
# ## What does length cost?
#
# Every token looks at every other one: twice the text, four times the pairs. A GRU takes one step after the other: twice the
# text, twice the time. Who is faster?

# %%
ways = "read by a Transformer", "read by a GRU"
tokens, _ = seconds(ways[0])
plots.lines(
    tokens, {way.split()[-1]: seconds(way)[1] for way in ways}, "tokens read", "seconds", log_x=True, log_y=True
)

# %% [markdown]
# The GRU doubles with every doubling. The Transformer does too, as long as most of its work is done on single tokens; then
# the pairs take over, and a doubling costs three times as much. On this single core the Transformer was the faster one up to a
# thousand tokens or so; elsewhere the two lines may cross at another place.

# %% [markdown]
# ## To explore: two tasks, one model
#
# Whatever is put into words can be a task. We write before each date what is wanted, `iso:` or `fr:`, and train **one**
# encoder-decoder on both. It has to read the prefix as it reads the rest.

# %%
tasks = [f"iso: {day}" for day in dates.source] + [f"fr: {day}" for day in dates.source]
answers = [f"<{day}>" for day in dates.target + load_dates(target="fr").target]
asked, answered = letters.Alphabet(tasks), letters.Alphabet(answers)
practice = [i for i in range(20_000) if i % 10_000 < 8000]  # the days that the translator has learned from
learn = *asked.encode([tasks[i] for i in practice]), answered.encode([answers[i] for i in practice])[0]
print(tasks[9000], answers[9000], tasks[19_000], answers[19_000], sep="   ")

# %% tags=["nbval-ignore-output"]
set_seed(1)
both = text.Translator(len(asked), len(answered), learn[0].shape[1], small(n_layers=1))
steps = plan(both, n_steps=800)
for n_steps in (200, 400, 600, 800):
    fit(both, text.translating_loss, Batches(*learn, size=16), n_steps=200, **steps)
    print(f"{n_steps} steps:", *written(both, [tasks[9000], tasks[19_000]], asked, answered), sep="   ")

# %%
for rows in (slice(9000, 9500), slice(19_000, 19_500)):
    pairs = zip(written(both, tasks[rows], asked, answered), answers[rows], strict=True)
    share = sum(mine == right.strip("<>") for mine, right in pairs) / 500
    print(tasks[rows.start].partition(":")[0], "at least 85% of 500 unseen days all right:", share >= 0.85)

# %% [markdown]
# One set of weights, two tasks, told apart by a few letters at the front. Large models take this to the end: the task stands in
# the text, and nobody trains them for it anew. **Your turn:** train with `"pl"` or `"tr"` in the place of `"fr"`. Or give it a
# prefix it has never seen: what does `written(both, ["en: June 2, 1948"], asked, answered)` bring?

# %% [markdown]
# ## Limits
#
# - Our encoder lost to counting letters: with few texts, what is built in counts for more than what could be learned.
# - The judge of invented names is itself a model, with a taste of its own.
# - An alignment shows where a layer looked, not why the answer came out ([notebook 10](10_real_transformer.ipynb)).
# - Reading costs the square of the length; nothing in this notebook changes that.
#
# ## Summary
#
# - Encoder: all see all; trained to say something about a text. Decoder: only what came before; trained to say what comes next.
# - A decoder's text is question and answer, shifted by one; padding does not count.
# - Cross-attention: queries from the writer, keys and values from the reader; its weights are an alignment.
# - Writing goes token by token; what is kept are keys and values.
# - Whatever is written into the text, such as a language or a task, the model can be asked for.
#
# **Sources**
#
# - Vaswani et al. 2017, *Attention is all you need*, section 3.2.3.
# - Bahdanau et al. 2015, *Neural machine translation by jointly learning to align and translate*.
# - Radford et al. 2018, *Improving language understanding by generative pre-training* (decoder); Devlin et al. 2019, *BERT*
#   (encoder); Raffel et al. 2020, *Exploring the limits of transfer learning* (the task as a prefix).
# - Dates and names: Unicode CLDR; the task of inventing names follows a popular exercise for small language models.

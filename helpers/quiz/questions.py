"""Eight questions, one for each part of the course, and the package's own code that answers each of them.

No right answer is written down: it is computed when the learner asks for it, as in every Predict of the notebooks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from helpers.models.attention import MultiHeadAttention, causal_attention, scaled_dot_product_attention
from helpers.models.recurrent import lstm_cell, rnn_cell
from helpers.models.transformer import Encoder, TransformerConfig
from helpers.models.vision import patchify
from helpers.splits import leaking_windows, shuffled_split


@dataclass(frozen=True)
class Question:
    """One question with its options; `compute` runs the package and returns one of them."""

    text: str
    options: tuple[str, ...]
    compute: Callable[[], str]
    why: str  # the explanation, and the notebook to read again

    def answer(self):
        """What the code says; the learner's own random numbers go on as if nothing had happened."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return self.compute()


# --- what the code says; every function returns one of its question's options


def shuffled_windows():
    """01: the share of test windows that have a row in common with training."""
    train, _, test = shuffled_split(1000, 20, 1, (0.7, 0.1, 0.2), seed=0)
    share = leaking_windows(train, test, 20, 1).double().mean()
    shares = {"none of them": 0.0, "about a fifth": 0.2, "about half": 0.5, "nearly all of them": 1.0}
    return min(shares, key=lambda option: abs(shares[option] - share))


def shared_weights():
    """02: give each of five steps a copy of W_h, and put their gradients together again."""
    x, W_x, W_h, b = torch.randn(5, 1, 2), torch.randn(3, 2), torch.randn(3, 3), torch.randn(3)
    copies, shared = W_h.repeat(5, 1, 1).requires_grad_(), W_h.clone().requires_grad_()
    for weights in (copies, shared.expand(5, 3, 3)):
        h = torch.zeros(1, 3)
        for x_t, W_t in zip(x, weights, strict=True):
            h = rnn_cell(x_t, h, W_x, W_t, b)
        h.sum().backward()
    apart = copies.grad
    ways = {
        "the sum of what the five steps contribute": apart.sum(dim=0),
        "the mean of what the five steps contribute": apart.mean(dim=0),
        "what the last step alone contributes": apart[-1],
        "what the first step alone contributes": apart[0],
    }
    return matching(ways, shared.grad)


def open_gates():
    """03: a hundred steps of an LSTM whose forget gate stays at 1 and whose input gate stays at 0."""
    x, h, start = torch.randn(100, 1, 2), torch.zeros(1, 3), torch.randn(1, 3)
    c, biases = start, torch.tensor([-50.0, 50.0, 0.0, 0.0]).repeat_interleave(3)  # gates in torch's order i, f, g, o
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, torch.randn(12, 2), torch.randn(12, 3), biases, torch.zeros(12))
    ways = {
        "only zeros": torch.zeros(1, 3),
        "what was in it at the start": start,
        "the state h of the last step": h,
        "the average of all inputs": x.mean() * torch.ones(1, 3),
    }
    return matching(ways, c)


def one_weight():
    """05: raise the value of *big* by 1 and see whose context moves by the weight in row *dog*, column *big*."""
    big, dog = 1, 2
    query, key, value = torch.randn(3, 3, 2)
    before, weights = scaled_dot_product_attention(query, key, value)
    moved = {}
    for raised in (big, dog):
        raised_value = value + torch.eye(3)[:, [raised]]
        moved[raised] = (scaled_dot_product_attention(query, key, raised_value)[0] - before)[:, 0]
    ways = {
        "how much of dog's value goes into big's context": moved[dog][big],
        "how much of big's value goes into dog's context": moved[big][dog],
        "how much of dog's value goes into everybody's context": moved[dog].sum(),
        "the cosine between big and dog": torch.cosine_similarity(query[dog], key[big], dim=0),
    }
    return matching(ways, weights[dog, big])


def eight_heads():
    """06: count the weights of one wide head and of eight narrow ones."""
    one, eight = (sum(p.numel() for p in MultiHeadAttention(64, n_heads).parameters()) for n_heads in (1, 8))
    return {8.0: "eight times as many", 1.0: "as many as before", 1 / 8: "an eighth of them"}[eight / one]


def another_order():
    """07: read three vectors and the same in another order, without positions."""
    encoder = Encoder(TransformerConfig(d_model=8, n_heads=2, n_layers=2, d_ff=32)).eval()
    x, order = torch.randn(1, 3, 8), [2, 1, 0]
    ways = {
        "the same three vectors, in the same order as before": encoder(x)[0],
        "the same three vectors, in the new order": encoder(x)[0][:, order],
    }
    return matching(ways, encoder(x[:, order])[0], otherwise="three new vectors")


def exchanged_word():
    """08: exchange the third of five words under a causal mask and see whose context changes."""
    x = torch.randn(5, 4)
    other = x.clone()
    other[2] = torch.randn(4)
    changed = (causal_attention(x, x, x) - causal_attention(other, other, other)).abs().amax(dim=1) > 1e-6
    ways = {
        "only the third": [2],
        "the third, the fourth and the fifth": [2, 3, 4],
        "the first, the second and the third": [0, 1, 2],
        "all five": [0, 1, 2, 3, 4],
    }
    return next(option for option, places in ways.items() if places == changed.nonzero()[:, 0].tolist())


def half_the_patch():
    """09: count the weights of one attention over the patches, before and after halving their side."""
    image = torch.zeros(1, 3, 32, 32)
    before, after = (patchify(image, side).shape[1] ** 2 for side in (8, 4))
    return f"{after // before} times as many"


def matching(ways, found, otherwise=None):
    """The option whose numbers are those that were found."""
    return next((option for option, numbers in ways.items() if torch.allclose(numbers, found, atol=1e-5)), otherwise)


QUESTIONS = (
    Question(
        "A series of 1,000 rows is cut into windows of 20, and the windows are dealt out at random. How many of the "
        "test windows share a row with training?",
        ("none of them", "about a fifth", "about half", "nearly all of them"),
        shuffled_windows,
        "A window's neighbours begin one row before and after it, and most of those are in training. So cut in time, "
        "and drop the windows that straddle a cut. (Notebook 01)",
    ),
    Question(
        "A recurrent layer is unfolded over five steps. What is the gradient of its recurrent weights?",
        (
            "what the last step alone contributes",
            "what the first step alone contributes",
            "the sum of what the five steps contribute",
            "the mean of what the five steps contribute",
        ),
        shared_weights,
        "Unfolded, the picture shows five layers, but all have the same recurrent weights. These act five times, so "
        "five contributions add up. (Notebook 02)",
    ),
    Question(
        "For a hundred steps an LSTM's forget gate stays at 1 and its input gate at 0. What is in its cell state then?",
        (
            "only zeros",
            "what was in it at the start",
            "the state h of the last step",
            "the average of all inputs",
        ),
        open_gates,
        "The forget gate says how much is kept: 1 keeps all of it, and an input gate at 0 adds nothing. (Notebook 03)",
    ),
    Question(
        "In an attention matrix, row 'dog', column 'big' holds 0.4. What is that?",
        (
            "how much of big's value goes into dog's context",
            "how much of dog's value goes into big's context",
            "how much of dog's value goes into everybody's context",
            "the cosine between big and dog",
        ),
        one_weight,
        "The row listens to the column: 'dog' asks, 'big' answers. Each row sums to 1. (Notebook 05)",
    ),
    Question(
        "We replace one head of width 64 by eight heads of width 8. How many weights does the layer have?",
        ("eight times as many", "as many as before", "an eighth of them"),
        eight_heads,
        "The heads are slices of the same projections: more heads, each narrower, at the same cost. (Notebook 06)",
    ),
    Question(
        "An encoder without positions reads 'dog big The' in place of 'The big dog'. What comes out?",
        (
            "three new vectors",
            "the same three vectors, in the new order",
            "the same three vectors, in the same order as before",
        ),
        another_order,
        "Attention sees a set of words. Whoever wants it to see an order must add the positions. (Notebook 07)",
    ),
    Question(
        "Five words under a causal mask. We exchange the third. Whose context can change?",
        (
            "only the third",
            "the first, the second and the third",
            "the third, the fourth and the fifth",
            "all five",
        ),
        exchanged_word,
        "A word sees itself and what came before it, so a change travels to the right only. That is what lets a model "
        "write: it has never seen what it is asked to invent. (Notebooks 07 and 08)",
    ),
    Question(
        "A Vision Transformer reads 32 by 32 pixels. We halve the side of its patches, from 8 to 4. How many weights "
        "has each attention matrix now?",
        ("2 times as many", "4 times as many", "8 times as many", "16 times as many"),
        half_the_patch,
        "Half the side makes four times as many patches, and every patch looks at every patch: four times four. A long "
        "text is as dear, in the pretrained model too. (Notebooks 09 and 10)",
    ),
)

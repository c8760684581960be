"""Text, letter by letter: letters become numbers, and a recurrent layer reads them to the end, or writes them.

names -> Alphabet.encode -> ids (batch, seq), lengths (batch,) -> Reader -> logits (batch, n_classes)
a vector (batch, d_input) -> Writer -> logits (batch, seq, n_symbols), of the next letter at every step
"""

from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import expect_count, expect_sizes, expect_strings, expect_type
from helpers.models.recurrent import last_valid
from helpers.models.recurrent_layers import Recurrent
from helpers.shapes import expect_floats, expect_ids, expect_lengths, expect_shape

PADDING, UNKNOWN = 0, 1  # ids that stand for no letter, and for every letter that is not in the alphabet


class Alphabet:
    """The letters of some texts, numbered from 2: 0 is padding, 1 any other letter.

    Args:
        texts: where the letters come from; training texts only.
        at_least: letters rarer than this count as unknown, so that a model meets unknown letters while it learns.

    Raises:
        ValueError: no letter is left.

    >>> alphabet = Alphabet(["Rome", "Oslo"])
    >>> ids, lengths = alphabet.encode(["Oslo", "Ome"])
    >>> ids.shape, lengths.tolist(), alphabet.unseen("Zürich")
    (torch.Size([2, 4]), [4, 3], ['Z', 'ü', 'r', 'i', 'c', 'h'])
    """

    def __init__(self, texts, at_least=1):
        at_least = expect_count("at_least", at_least)
        counts = Counter(letter for text in _as_texts(texts) for letter in text)
        self.letters = sorted(letter for letter, count in counts.items() if count >= at_least)
        if not self.letters:
            raise ValueError(f"texts: no letter stands there at least {at_least} times")
        self.ids = {letter: number for number, letter in enumerate(self.letters, start=UNKNOWN + 1)}

    def __len__(self):
        """How many different ids there are, padding and unknown included."""
        return len(self.letters) + UNKNOWN + 1

    def unseen(self, text):
        """The letters of a text that are not in the alphabet, in order."""
        expect_type("text", text, str)
        return [letter for letter in text if letter not in self.ids]

    def encode(self, texts):
        """Texts -> ids (batch, seq), padded at the end, and lengths (batch,).

        Raises:
            ValueError: no text, or an empty one; the message names it.
        """
        texts = _as_texts(texts)
        if not texts:
            raise ValueError("texts: expected at least one to read, got none")
        for number, text in enumerate(texts):
            if not text:
                raise ValueError(f"texts: text {number} is empty; there must be at least one letter to read")
        rows = [torch.tensor([self.ids.get(letter, UNKNOWN) for letter in text]) for text in texts]
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PADDING)
        return ids, torch.tensor([len(row) for row in rows])

    def decode(self, ids):
        """The text of one row of ids (seq,), the way back; padding is left out, an unknown letter becomes a dot."""
        expect_ids("ids", ids, "seq", len(self))
        symbols = {number: letter for letter, number in self.ids.items()} | {PADDING: "", UNKNOWN: "."}
        return "".join(symbols[number] for number in ids.tolist())


def _as_texts(texts):
    """A list of texts; a text may also be a list of its symbols, such as ["<de>", "R", "o", "m"]."""
    if not isinstance(texts, list | tuple) or not all(isinstance(text, list | tuple) for text in texts):
        return expect_strings("texts", texts)
    return [expect_strings("texts", text) for text in texts]


class Reader(nn.Module):
    """Many to one: a vector for each letter, a recurrent layer, and an answer from the state after the last letter.

    Args:
        kind: "rnn", "gru" or "lstm".
        n_symbols: different ids, the length of an Alphabet.
        n_classes: possible answers.
        d_letter: width of a letter's vector.
        d_hidden: width of the state.
        two_way: a second set of cells reads from the end; the answer then comes from both last states.

    >>> Reader("gru", n_symbols=30, n_classes=4)(torch.ones(2, 7, dtype=torch.long), torch.tensor([3, 7])).shape
    torch.Size([2, 4])
    """

    def __init__(self, kind, n_symbols, n_classes, d_letter=64, d_hidden=128, two_way=False):
        super().__init__()
        expect_sizes(n_symbols=n_symbols, n_classes=n_classes, d_letter=d_letter)
        self.letter = nn.Embedding(n_symbols, d_letter)
        self.recurrent = Recurrent(kind, d_letter, d_hidden, two_way=two_way)
        self.answer = nn.Linear(2 * d_hidden if two_way else d_hidden, n_classes)

    def forward(self, ids, lengths):
        """Ids (batch, seq), lengths (batch,) -> logits (batch, n_classes)."""
        size = expect_ids("ids", ids, "batch seq", self.letter.num_embeddings)
        lengths = expect_lengths("lengths", lengths, size["seq"], size["batch"])
        ids = ids[:, : int(lengths.max())]  # no step beyond the longest text of this batch
        states, final = self.recurrent(self.letter(ids), lengths=lengths)
        if not self.recurrent.two_way:
            return self.answer(last_valid(states, lengths))
        hidden = final[0] if self.recurrent.kind == "lstm" else final
        return self.answer(torch.cat([hidden[0], hidden[1]], dim=1))


class Writer(nn.Module):
    """One to many: a vector becomes the first state of a GRU, and every step says which letter comes next.

    Args:
        d_input: width of the vector.
        n_symbols: different ids, the length of an Alphabet.
        d_letter: width of a letter's vector.
        d_hidden: width of the state.

    >>> writer = Writer(d_input=5, n_symbols=30)
    >>> writer(torch.randn(2, 5), torch.ones(2, 7, dtype=torch.long)).shape
    torch.Size([2, 7, 30])
    """

    def __init__(self, d_input, n_symbols, d_letter=16, d_hidden=64):
        super().__init__()
        expect_sizes(d_input=d_input, n_symbols=n_symbols, d_letter=d_letter, d_hidden=d_hidden)
        self.first = nn.Linear(d_input, d_hidden)
        self.letter = nn.Embedding(n_symbols, d_letter)
        self.recurrent = Recurrent("gru", d_letter, d_hidden)
        self.next = nn.Linear(d_hidden, n_symbols)

    def start(self, x):
        """What the state is before the first letter: (batch, d_input) -> (batch, d_hidden)."""
        expect_floats(weight=self.first.weight, x=x)
        expect_shape("x", x, "batch d_input", d_input=self.first.in_features)
        return self.first(x).tanh()

    def forward(self, x, ids):
        """Vectors (batch, d_input), letters (batch, seq) -> logits of each next letter (batch, seq, n_symbols)."""
        h = self.start(x)
        expect_ids("ids", ids, "batch seq", self.letter.num_embeddings, batch=len(h))
        states, _ = self.recurrent(self.letter(ids), h[None])
        return self.next(states)

    def step(self, ids, h):
        """One letter, as `generate` wants it: ids (batch,), h (batch, d_hidden) -> logits (batch, n_symbols), h."""
        batch = expect_ids("ids", ids, "batch", self.letter.num_embeddings)["batch"]
        expect_floats(weight=self.first.weight, h=h)
        expect_shape("h", h, "batch d_hidden", batch=batch, d_hidden=self.recurrent.d_hidden)
        _, h = self.recurrent(self.letter(ids)[:, None], h[None])
        return self.next(h[0]), h[0]


def reading_loss(model, batch):
    """Cross-entropy of a Reader's answers to a batch (ids, lengths, label)."""
    ids, lengths, label = batch
    return F.cross_entropy(model(ids, lengths), label)


def reading_accuracy(model, batch):
    """The share of a Reader's right answers to a batch (ids, lengths, label)."""
    ids, lengths, label = batch
    return (model(ids, lengths).argmax(dim=1) == label).float().mean()

"""The words of all-MiniLM-L6-v2, one vector each, and what the course asks of them.

    load_vocabulary()       21,745 words; where the weights are nowhere to be found, a few hundred that were prepared
    load_analogies()        pairs such as man, woman: ten kinds of six
    load_reviews()          64 sentences of our own, good and bad; their vectors by the whole Transformer

What each file is and where it comes from stands in data/README.md.
"""

import difflib
import functools
import io
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np
import torch

from helpers import pretrained
from helpers.arguments import expect_strings
from helpers.datasets import read_file
from helpers.shapes import expect_whole


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """Words, each with its row in a table of vectors, and the list of pieces that text is cut into."""

    words: list[str]
    table: torch.Tensor  # (word, 384) float32
    pieces: dict[str, int]  # all 30,522 word pieces -> their ids in the model
    row: dict[str, int] = field(init=False)  # word -> its row in the table

    def __post_init__(self):
        object.__setattr__(self, "row", {word: i for i, word in enumerate(self.words)})

    def find(self, *words):
        """The row of a word, or a list of the rows of several.

        Raises:
            ValueError: a word has no row; the message names words of a similar spelling.
        """
        for word in expect_strings("words", words):
            if word not in self.row:
                near = difflib.get_close_matches(word, self.words, 3)
                hint = f"; near: {', '.join(near)}" if near else ""
                raise ValueError(f'"{word:.40}" is not among the {len(self.words):,} words{hint}')
        rows = [self.row[word] for word in words]
        return rows[0] if len(rows) == 1 else rows

    def names(self, rows):
        """Rows (n,) -> a list of words."""
        rows = expect_whole("rows", rows).tolist()
        if outside := [row for row in rows if not 0 <= row < len(self.words)]:
            raise ValueError(f"rows: expected numbers from 0 to {len(self.words) - 1}, got {outside[0]}")
        return [self.words[i] for i in rows]

    def __repr__(self):
        return f"Vocabulary({len(self.words):,} words, {self.table.shape[1]} numbers each)"


@dataclass(frozen=True, repr=False)
class Analogies:
    """Pairs of words, in kinds: a question is made of two pairs of a kind."""

    pairs: dict[str, list[tuple[str, str]]]  # kind -> six pairs (first, second)

    def twenty(self):
        """Two questions (a, b, c, answer) of each kind: the first pair with the second, the third with the fourth."""
        return [(*pairs[i], *pairs[i + 1]) for pairs in self.pairs.values() for i in (0, 2)]

    def all(self):
        """All 300 questions: each pair of a kind with each other."""
        return [(*one, *other) for pairs in self.pairs.values() for one, other in permutations(pairs, 2)]

    def __repr__(self):
        return f"Analogies({', '.join(self.pairs)})"


@dataclass(frozen=True, repr=False)
class Reviews:
    """Short texts that praise or complain."""

    texts: list[str]
    labels: torch.Tensor  # (64,) int64: 1 good, 0 bad
    subjects: list[str]  # what each is about: "film", "meal", ...
    vectors: torch.Tensor  # (64, 384): the Transformer's vector of each text

    def __repr__(self):
        return f"Reviews({len(self.texts)} about {', '.join(dict.fromkeys(self.subjects))})"


@functools.cache
def load_vocabulary():
    """The whole words among the model's word pieces: those in plain letters that stand without ##.

    Without the weights it says so, and returns the words that were prepared: those the notebooks ask for, and their
    neighbours among all.

    Raises:
        ValueError: the weights are here and damaged.
    """
    pieces = read_file("word_pieces.txt").decode("utf-8").split("\n")[:-1]
    minilm = _minilm()
    if minilm is None:
        kept, table = _array("word_rows.npy").astype(int), torch.from_numpy(_array("word_table.npy")).float()
        print(f"Until then, {len(kept)} prepared words stand in for the table.")
    else:
        kept = [i for i, piece in enumerate(pieces) if piece.isascii() and piece.isalpha()]
        table = minilm.embeddings.token.weight[kept]
    return Vocabulary([pieces[i] for i in kept], table, {piece: i for i, piece in enumerate(pieces)})


def prepared_words():
    """The words that are kept without the weights."""
    pieces = read_file("word_pieces.txt").decode("utf-8").split("\n")[:-1]
    return [pieces[i] for i in _array("word_rows.npy")]


def load_analogies():
    """Ten kinds of six pairs of common words, written down before they were measured."""
    pairs = {}
    for line in read_file("analogies.csv").decode().splitlines()[1:]:
        kind, first, second = line.split(",")
        pairs.setdefault(kind, []).append((first, second))
    return Analogies(pairs)


def load_reviews():
    """64 sentences about eight subjects, half of them good, and their vectors (prepared, where the weights are not)."""
    rows = [line.split("\t") for line in read_file("reviews.tsv").decode("utf-8").splitlines()[1:]]
    subjects, labels, texts = map(list, zip(*rows, strict=True))
    minilm = _minilm()
    vectors = torch.from_numpy(_array("review_vectors.npy")).float() if minilm is None else minilm.embed(texts)
    return Reviews(texts, torch.tensor([int(label) for label in labels]), subjects, vectors)


@functools.cache
def _minilm():
    """The published model, or None, after a sentence that says how to get it."""
    try:
        return pretrained.load_minilm()
    except FileNotFoundError as error:
        print(f"{error}.")
        return None


def _array(name):
    return np.load(io.BytesIO(read_file(name)))

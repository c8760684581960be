"""Words as vectors: text -> pieces -> rows of a table, compared by the angle between them.

word_pieces, tokenize        text -> the pieces that have a row in the table
cosine, nearest, neighbours  how alike two words are, and which are most alike
analogy                      a is to b as c is to ...?
principal_plane              the flat picture that keeps as much as a flat picture can
"""

import math
import re
import unicodedata
from collections.abc import Container

import torch

from helpers.arguments import expect_count, expect_type
from helpers.shapes import expect_finite, expect_floats, expect_shape

LONGEST_WORD = 100  # letters; the published tokenizer gives up on longer ones


def tokenize(text, ids):
    """Cut a text into the pieces that a BERT model reads: [CLS], the pieces of each word, [SEP].

    Capitals and accents go first; a punctuation mark is a word of its own.

    Args:
        text: a string.
        ids: dict piece -> row of the table, or anything that knows what is `in` it.

    Returns:
        list of strings.

    Source: Devlin et al. 2019; we leave out what their tokenizer does for Chinese characters and for symbols such as =.

    >>> tokenize("Big dogs!", {"big", "dog", "##s", "!"})
    ['[CLS]', 'big', 'dog', '##s', '!', '[SEP]']
    """
    expect_type("text", text, str)
    expect_type("ids", ids, Container)
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")  # é -> e and a mark -> e
    words = re.findall(r"[^\W_]+|[^\w\s]|_", plain)
    return ["[CLS]", *(piece for word in words for piece in word_pieces(word, ids)), "[SEP]"]


def word_pieces(word, ids):
    """Cut one word into known pieces, the longest first; a piece inside a word is written with ## before it.

    >>> word_pieces("unhappily", {"un", "##happy", "##happi", "##ly"})
    ['un', '##happi', '##ly']
    >>> word_pieces("xyz", {"un"})
    ['[UNK]']
    """
    expect_type("word", word, str)
    expect_type("ids", ids, Container)
    pieces, start = [], 0
    while start < len(word) <= LONGEST_WORD:
        for stop in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:stop]
            if piece in ids:
                pieces.append(piece)
                start = stop
                break
        else:
            return ["[UNK]"]
    return pieces or ["[UNK]"]


def cosine(x, y):
    """The cosine of the angle between vectors: x . y / (|x| |y|), from -1 (opposite) to 1 (same direction).

    Args:
        x, y: (..., d), broadcast against each other; of a zero vector, which has no direction, the cosine is NaN.

    Returns:
        (...)

    >>> cosine(torch.tensor([2.0, 0.0]), torch.tensor([[1.0, 0.0], [0.0, 3.0], [-5.0, 0.0]])).tolist()
    [1.0, 0.0, -1.0]
    """
    expect_floats(x=x, y=y)
    d = expect_shape("x", x, "... d")["d"]
    expect_shape("y", y, "... d", d=d)
    return (x * y).sum(dim=-1) / (x.norm(dim=-1) * y.norm(dim=-1))


def nearest(vector, table, k):
    """The k rows of a table most alike to a vector, the most alike first.

    Args:
        vector: (d,)
        table: (word, d)
        k: how many.

    Returns:
        ids (k,) and their cosines (k,).

    Raises:
        ValueError: sizes that do not fit, or fewer than k rows.
    """
    expect_floats(vector=vector, table=table)
    d = expect_shape("vector", vector, "d")["d"]
    n_words = expect_shape("table", table, "word d", d=d)["word"]
    _expect_at_most(k, n_words, f"the table has {n_words} words")
    cosines, ids = _cosines("vector", vector, table).topk(k)
    return ids, cosines


def _cosines(name, vector, table):
    """The cosines of a vector with every row; NaN would stand above all others, so it is refused."""
    cosines = cosine(vector, table)
    if wrong := cosines.isnan().nonzero().flatten().tolist():
        who = name if not vector.any() or vector.isnan().any() else f"table: row {wrong[0]}"
        raise ValueError(f"{who}: expected a direction, got a vector that is zero or NaN")
    return cosines


def neighbours(word, table, k):
    """The k words most alike to one of them, itself left out: id, table (word, d) -> ids (k,), cosines (k,)."""
    expect_floats(table=table)
    n_words = expect_shape("table", table, "word d")["word"]
    word = expect_count("word", word, least=0, most=n_words - 1)
    _expect_at_most(k, len(table) - 1, f"a word has {len(table) - 1} others")
    ids, cosines = nearest(table[word], table, k + 1)
    others = ids != word
    return ids[others][:k], cosines[others][:k]


def analogy(a, b, c, table, k):
    """Answer "a is to b as c is to ...?": the k words nearest to b - a + c, the three themselves left out.

    Args:
        a, b, c: ids, rows of the table.
        table: (word, d)
        k: how many answers.

    Returns:
        ids (k,), the best first.

    Raises:
        ValueError: k is larger than the number of other words.

    Source: Mikolov et al. 2013, who scale every vector to length 1 first; we take the rows as they are.
    """
    expect_floats(table=table)
    n_words = expect_shape("table", table, "word d")["word"]
    for name, word in (("a", a), ("b", b), ("c", c)):
        expect_count(name, word, least=0, most=n_words - 1)
    others = n_words - len({int(a), int(b), int(c)})
    _expect_at_most(k, others, f"there are {others} other words")
    cosines = _cosines("b - a + c", table[b] - table[a] + table[c], table)
    cosines[[a, b, c]] = -math.inf  # the three are always near: their own sum is made of them
    return cosines.topk(k).indices


def principal_plane(x):
    """Lay points with many numbers flat: the two directions in which they spread most (principal components).

    Args:
        x: (point, d), at least 3 points and d at least 2.

    Returns:
        flat (point, 2), around (0, 0), each axis pointing to the side of the point farthest along it; and share, how
        much of the spread (variance) the picture keeps, from 0 to 1.
    """
    expect_finite("x", x)
    size = expect_shape("x", x, "point d")
    if size["d"] < 2:
        raise ValueError(f"x: expected points of two numbers or more, got {size['d']}")
    if size["point"] < 3:
        raise ValueError(f"x: two points or one are always flat; expected at least 3, got {len(x)}")
    centred = x.double() - x.double().mean(dim=0)
    U, S, _ = torch.linalg.svd(centred, full_matrices=False)
    flat = (U * S)[:, :2]
    farthest = flat.gather(0, flat.abs().argmax(dim=0, keepdim=True))
    share = (S[:2] ** 2).sum() / (S**2).sum().clamp(min=torch.finfo(S.dtype).tiny)
    return (flat * farthest.sign()).to(x.dtype), share.item()


def _expect_at_most(k, most, reason):
    if not 1 <= expect_count("k", k, least=-math.inf) <= most:
        raise ValueError(f"k: expected between 1 and {most}, because {reason}; got {k}")

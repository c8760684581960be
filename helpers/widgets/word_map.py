"""WordMap: look up any word of a table of vectors: its neighbours, and what a - b + c leads to."""

import difflib

import torch
import traitlets

from helpers.arguments import expect_strings
from helpers.models.words import analogy, cosine, nearest, neighbours, principal_plane
from helpers.widgets.base import Array, CourseWidget, as_array, validates

MOST_SHOWN = 12  # words beside those that were asked for; more labels cannot be told apart
MOST_PREPARED = 600  # words that travel to the browser: at 384 numbers each 900 kB
PREPARED = 300
NEAR_SPELLINGS = 3


class WordMap(CourseWidget):
    """Neighbours and analogies on a table of any size: the table stays in Python, which answers each search.

    A few hundred prepared words travel to the browser with their vectors, so that it can answer alone, among those,
    where no kernel does. Everything is readable back: ``neighbours``, ``analogy`` and ``plane`` are computed here, from
    the table and the words that are asked for now.

    Args:
        words: the words of the table, all different.
        table: (word, d_model), a vector for each; a tensor of float32 is not copied.
        word: the word whose neighbours are shown first.
        inputs: a, b, c of "a is to b as c is to ...", answered by the words nearest to b - a + c.
        show: "neighbours" or "analogy"; by default the one that was asked for.
        k: how many words are shown, from 1 to 12.
        exclude: whether the words of an analogy are left out of its answers.
        prepared: words that the browser can look up alone; by default the first 300.
        projector: everything larger, for the back row.

    Raises:
        ValueError: a word that is not in the table (near spellings are named), words or shapes that do not fit.

    >>> look = WordMap(["up", "down", "left", "right"], [[0, 1], [0, -1], [-1, 0.1], [1, 0.2]], "up", k=1)
    >>> look
    WordMap(4 words; neighbours of up)
    >>> [word for word, cosine in look.neighbours]
    ['right']
    """

    python_only = ("vocabulary", "prepared", "prepared_vectors", "asked", "found", "vectors")
    vocabulary = traitlets.Unicode().tag(sync=True)  # all words, one on a line: the browser knows which there are
    word = traitlets.Unicode().tag(sync=True)
    inputs = traitlets.List(traitlets.Unicode(), minlen=3, maxlen=3).tag(sync=True)
    show = traitlets.Enum(["neighbours", "analogy"], "neighbours").tag(sync=True)
    k = traitlets.Int(8).tag(sync=True)
    exclude = traitlets.Bool(True).tag(sync=True)
    focus = traitlets.Int(0, min=0, max=MOST_SHOWN - 1).tag(sync=True)  # the word of the list that is spelled out
    prepared = traitlets.List(traitlets.Unicode()).tag(sync=True)
    prepared_vectors = Array("word d_model")
    # Python's answer: the question, the nearest words (those of the question included), the vectors of both
    asked = traitlets.List(traitlets.Unicode()).tag(sync=True)
    found = traitlets.List(traitlets.Unicode()).tag(sync=True)
    vectors = Array("word d_model")

    def __init__(self, words, table, word=None, *, inputs=None, prepared=None, **settings):
        words = _as_words(words)
        checked = torch.from_numpy(as_array("table", table, "word d_model", word=len(words)))
        as_it_is = isinstance(table, torch.Tensor) and (table.dtype, table.device) == (checked.dtype, checked.device)
        self._table = table.detach() if as_it_is else checked  # not kept twice: 33 MB in notebook 04
        self._words, self._row = words, {word: i for i, word in enumerate(words)}
        if lengthless := torch.nonzero(self._table.norm(dim=1) == 0).flatten().tolist():
            raise ValueError(f'table: the vector of "{words[lengthless[0]]:.40}" is zero and has no direction')
        prepared = words[:PREPARED] if prepared is None else expect_strings("prepared", prepared)
        if len(prepared) > MOST_PREPARED:
            raise ValueError(f"prepared: at most {MOST_PREPARED} words travel to the browser, got {len(prepared)}")
        show = "analogy" if inputs is not None and word is None else "neighbours"
        super().__init__(
            vocabulary="\n".join(words),
            word=words[0] if word is None else word,
            inputs=words[:3] if inputs is None else expect_strings("inputs", inputs),
            prepared=prepared,
            prepared_vectors=self._table[[self._find("prepared", one) for one in prepared]],
            **{"show": show, "k": min(8, len(words) - 3)} | settings,
        )
        self._answer()

    @validates("word", "inputs")
    def _validate_words(self, proposal):
        for word in [proposal.value] if proposal.trait.name == "word" else proposal.value:
            self._find(proposal.trait.name, word)
        return proposal.value

    @validates("k")
    def _validate_k(self, proposal):
        most = min(MOST_SHOWN, len(self._words) - 3)
        if not 1 <= proposal.value <= most:
            raise ValueError(f"k: expected between 1 and {most}, got {proposal.value}")
        return proposal.value

    def _find(self, name, word):
        if word not in self._row:
            near = difflib.get_close_matches(word, self._words, NEAR_SPELLINGS) if len(word) <= 40 else []
            hint = f"; near: {', '.join(near)}" if near else ""
            raise ValueError(f'{name}: "{word:.40}" is not among the {len(self._words):,} words{hint}')
        return self._row[word]

    @traitlets.observe("word", "inputs", "show")
    def _answer(self, _change=None):
        """Tell the browser who is nearest; a few more than are shown, so that it can leave the question's words out."""
        question = self.question
        if self.asked == question:
            return
        target = self._target(question)
        found = [self._words[i] for i in nearest(target, self._table, min(MOST_SHOWN + 3, len(self._words)))[0]]
        with self.hold_sync():
            self.asked, self.found = question, found
            self.vectors = self._table[[self._row[word] for word in question + found]]

    @property
    def question(self):
        """The words that are asked for now: [word], or [a, b, c]."""
        return [self.word] if self.show == "neighbours" else list(self.inputs)

    def _target(self, question):
        rows = self._table[[self._row[word] for word in question]]
        return rows[0] if len(rows) == 1 else rows[1] - rows[0] + rows[2]

    @property
    def neighbours(self):
        """The k words most alike to ``word``: a list of (word, cosine), the most alike first."""
        return self._named(*neighbours(self._row[self.word], self._table, self.k))

    @property
    def analogy(self):
        """The k words nearest to b - a + c: a list of (word, cosine); without the three themselves, if ``exclude``."""
        target = self._target(self.inputs)
        if not self.exclude:
            return self._named(*nearest(target, self._table, self.k))
        ids = analogy(*(self._row[word] for word in self.inputs), self._table, self.k)
        return self._named(ids, cosine(target, self._table[ids]))

    @property
    def plane(self):
        """The flat picture: the words on it, their places (word, 2), and the share of their spread that it keeps."""
        found = [word for word, _ in (self.neighbours if self.show == "neighbours" else self.analogy)]
        words = list(dict.fromkeys([*self.question, *found]))
        return words, *principal_plane(self._table[[self._row[word] for word in words]])

    def _named(self, ids, cosines):
        return [(self._words[i], x) for i, x in zip(ids.tolist(), cosines.tolist(), strict=True)]

    def state(self):
        """What is asked for now, as a plain dict."""
        names = ("word", "inputs", "show", "k", "exclude", "focus", "projector")
        return {name: getattr(self, name) for name in names}

    def summary(self):  # noqa: D102 (see the base)
        a, b, c = self.inputs
        asked = f"neighbours of {self.word}" if self.show == "neighbours" else f"{a} is to {b} as {c} is to ..."
        return f"{len(self._words):,} words; {asked:.80}"


def _as_words(words):
    words = expect_strings("words", words)
    if len(words) < 4:
        raise ValueError(f"words: expected at least 4, or an analogy has no answer; got {len(words)}")
    if len(set(words)) < len(words):
        twice = next(word for i, word in enumerate(words) if word in words[:i])
        raise ValueError(f'words: "{twice:.40}" stands there twice')
    if bad := next((word for word in words if not word or "\n" in word), None):
        raise ValueError(f"words: {bad!r:.40} cannot be shown on one line")
    return words

"""HeadsView: a model reads a sentence; all its heads at a glance, one of them (or the mean of several) large."""

from dataclasses import dataclass

import numpy as np
import torch
import traitlets

from helpers.arguments import expect_list
from helpers.models.heads import word_positions
from helpers.widgets.base import MOST_TOKENS, CourseWidget, as_array, as_tokens, validates

MOST_HEADS = 144  # thumbnails: twelve layers of twelve
SENTENCE = "The big red dog chased the small cat"


class HeadsView(CourseWidget):
    """Who listens to whom, in every head of every layer; type a sentence, walk its words, switch heads on and off.

    Layers and heads count from 1. The browser holds the same float32 numbers as Python.

    Args:
        reader: has ``heads(text) -> tokens, weights (layer, head, seq, seq)``, as `pretrained.MiniLM`; its
            ``sentences``, if there are any, are suggested in the sentence box.
        text: what it reads first.
        layer, head: the head that is shown large.
        show: "one" head, the mean over its "layer", or the mean over "several", those in ``on``.
        on: heads switched on, [[layer, head], ...].
        focus: the word that is looked at: ("query", i) shows whom word i listens to, ("key", j) who listens to word j;
            by default the word with the strongest tie to another.
        projector: everything larger, for the back row.

    Raises:
        ValueError: a text that the reader refuses or that has more than 128 word pieces, a head that is not there.

    >>> view = HeadsView.of(["the", "dog"], torch.full((1, 3, 2, 2), 0.5), head=2)
    >>> view
    HeadsView(the dog; layer 1, head 2)
    >>> view.attention(layer=1, head=3).shape
    torch.Size([2, 2])
    """

    python_only = ("text", "tokens", "maps", "reads", "sentences")
    text = traitlets.Unicode().tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    maps = traitlets.Dict().tag(sync=True)  # the weights as they travel, see _packed
    reads = traitlets.Bool(True).tag(sync=True)  # whether there is a sentence box
    sentences = traitlets.List(traitlets.Unicode()).tag(sync=True)
    layer = traitlets.Int(1).tag(sync=True)
    head = traitlets.Int(1).tag(sync=True)
    show = traitlets.Enum(["one", "layer", "several"], "one").tag(sync=True)
    on = traitlets.List(traitlets.List(traitlets.Int(), minlen=2, maxlen=2)).tag(sync=True)
    focus = traitlets.List(minlen=2, maxlen=2, default_value=["query", 0]).tag(sync=True)

    def __init__(self, reader, text=SENTENCE, *, layer=1, head=1, focus=None, **settings):
        if not callable(getattr(reader, "heads", None)):
            raise TypeError(f"reader: expected what load_minilm() returns, with heads(text); got {reader!r:.60}")
        self._reader = reader
        self._take(text)
        settings = {"sentences": list(getattr(reader, "sentences", ()))} | settings
        super().__init__(**self._reading, layer=layer, head=head, **settings)
        self.focus = self._tie() if focus is None else list(expect_list("focus", focus))
        self.on_msg(self._asked)

    @classmethod
    def of(cls, tokens, weights, **settings):
        """Show weights that are there already: tokens, and (layer, head, seq, seq) with rows that sum to 1."""
        return cls(_Given(tokens, weights), " ".join(as_tokens("tokens", tokens)), reads=False, **settings)

    def read(self, text):
        """Read another text; if it is refused, what was shown stays.

        Raises:
            ValueError: as the constructor; or there is no model to read with.
        """
        if not self.reads:
            raise ValueError("read: this HeadsView was made of weights, it has no model to read with")
        self._take(text)
        with self.hold_sync():
            for name, value in self._reading.items():
                setattr(self, name, value)
            self.focus = self._tie()

    def _take(self, text):
        if not isinstance(text, str):
            raise TypeError(f"text: expected one string, got {type(text).__name__}")
        read = self._reader.heads(text)
        if not isinstance(read, tuple) or len(read) != 2:
            raise TypeError(f"reader: expected heads(text) to return tokens and weights, got {read!r:.40}")
        tokens, weights = read
        if len(tokens) > MOST_TOKENS:
            raise ValueError(f"text: {len(tokens)} word pieces, but at most {MOST_TOKENS} can be shown")
        tokens = as_tokens("tokens", tokens)
        weights = _as_weights(weights, len(tokens))
        self._weights = torch.from_numpy(weights)
        self._reading = {"text": text, "tokens": tokens, "maps": _packed(weights)}

    def _tie(self):
        """The word with the strongest tie to another word, as a focus."""
        words = word_positions(self.tokens)
        ties = self.shown[words][:, words].fill_diagonal_(0)
        return ["query", words[ties.amax(dim=1).argmax()] if words else 0]

    def _asked(self, _widget, content, _buffers):
        """Answer the sentence box."""
        try:
            self.read(content["read"])
        except (ValueError, TypeError) as error:
            self.send({"refused": str(error)})
        else:
            self.send({"refused": ""})

    @validates("text", "tokens", "maps")
    def _validate_reading(self, proposal):
        name = proposal.trait.name
        if proposal.value != self._reading[name]:
            raise ValueError(f"{name}: comes from what was read; call read(text) for another text")
        return proposal.value

    @traitlets.observe("show")
    def _start_with_the_chosen_head(self, _change):
        if self.show == "several" and not self.on:
            self.on = [[self.layer, self.head]]

    @validates("layer", "head")
    def _validate_number(self, proposal):
        name, number = proposal.trait.name, proposal.value
        self._index(**{name: number})
        return number

    @validates("on")
    def _validate_on(self, proposal):
        for layer, head in proposal.value:
            self._index(layer, head)
        if self.show == "several" and not proposal.value:
            raise ValueError("on: at least one head stays on, there is no mean of nothing")
        return proposal.value

    @validates("focus")
    def _validate_focus(self, proposal):
        side, i = proposal.value
        if side not in ("query", "key") or not isinstance(i, int) or not 0 <= i < len(self.tokens):
            last = len(self.tokens) - 1
            raise ValueError(f'focus: expected "query" or "key" and a position from 0 to {last}, got {proposal.value}')
        return proposal.value

    def _index(self, layer=1, head=1):
        for name, number, count in zip(("layer", "head"), (layer, head), self._weights.shape[:2], strict=True):
            if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= count:
                raise ValueError(f"{name}: choose 1 to {count} ({name}s count from 1), not {number}")
        return layer - 1, head - 1

    def attention(self, layer=None, head=None):
        """The weights of one head, (query_pos, key_pos), each row summing to 1; by default of the chosen one."""
        return self._weights[self._index(self.layer if layer is None else layer, self.head if head is None else head)]

    @property
    def weights(self):
        """Every head's weights, (layer, head, query_pos, key_pos); the only numbers here that count from 0."""
        return self._weights

    @property
    def heads_on(self):
        """The heads whose mean is shown, a list of (layer, head)."""
        whole_layer = [(self.layer, head + 1) for head in range(self._weights.shape[1])]
        several = [tuple(one) for one in self.on]
        return {"one": [(self.layer, self.head)], "layer": whole_layer, "several": several}[self.show]

    @property
    def shown(self):
        """The weights in the large picture, (query_pos, key_pos): one head's, or the mean over ``heads_on``."""
        return torch.stack([self.attention(*one) for one in self.heads_on]).mean(dim=0)

    def state(self):
        """What is shown now, as a plain dict."""
        return {name: getattr(self, name) for name in ("text", "layer", "head", "show", "on", "focus", "projector")}

    def summary(self):  # noqa: D102 (see the base)
        means = {"one": "", "layer": "; mean of the layer", "several": f"; mean of {len(self.heads_on)}"}
        return f"{self.text:.60}; layer {self.layer}, head {self.head}{means[self.show]}"


@dataclass(frozen=True)
class _Given:
    """A reader of one text that was read elsewhere."""

    tokens: list
    weights: object

    def heads(self, _text):
        return self.tokens, self.weights


def _as_weights(weights, n_tokens):
    weights = as_array("weights", weights, "layer head query_pos key_pos", query_pos=n_tokens, key_pos=n_tokens)
    n_heads = weights.shape[0] * weights.shape[1]
    if n_heads > MOST_HEADS:
        raise ValueError(f"weights: at most {MOST_HEADS} heads can be shown, got {n_heads}")
    sums = weights.sum(axis=-1)
    if weights.min() < 0 or not np.allclose(sums, 1, atol=0.01):
        wrong = sums.flat[abs(sums - 1).argmax()]
        raise ValueError(
            f"weights: expected weights from 0 to 1 whose rows sum to 1, but the smallest is {weights.min():.2f} and a "
            f"row sums to {wrong:.2f}; scores need a softmax first"
        )
    return weights


def _packed(weights):
    """Weights as the browser gets them: all of them, as float32."""
    return {"shape": list(weights.shape), "weights": weights.astype("<f4").tobytes()}

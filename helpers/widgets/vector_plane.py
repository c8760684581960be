"""VectorPlane: words as arrows in the plane, and the whole of attention that follows from where they point."""

import numpy as np
import torch
import traitlets

from helpers.arguments import expect_list, expect_type
from helpers.shapes import expect_shape
from helpers.widgets.attending import Attending
from helpers.widgets.base import Array, CourseWidget, as_array, as_tokens, validates

MOST_WORDS = 8
LARGEST = 100  # of any number: beyond it nothing can be seen, and products grow until the softmax overflows
GIVEN_BACK = ("x", "W_query", "W_key", "W_value", "same", "temperature", "scale")  # by the reset button


def _matrix():
    return Array("d_out d_in", allow_none=False, d_out=2, d_in=2)


def _as_matrix(name, W):
    return as_array(name, W, "d_out d_in", d_out=2, d_in=2)


class VectorPlane(Attending, CourseWidget):
    """Attention over vectors with two numbers: drag a word, edit a matrix, everything follows.

    q = x @ W_query.T,  k = x @ W_key.T,  v = x @ W_value.T;  outputs = softmax(q @ k.T / sqrt(2)) @ v

    Everything is readable back: ``q``, ``k``, ``v``, ``scores``, ``weights`` and ``outputs`` are computed here, in
    Python, from where the words and the numbers of the matrices are now. ``x`` and the matrices can be set as well.

    Args:
        words: between 2 and 8 of them.
        x: (word, 2), a vector for each.
        W_query, W_key, W_value: (2, 2), stored (out, in); the identity unless given. While ``same``, one of W_query
            and W_key is enough.
        same: W_query and W_key stay equal: whoever edits one edits both. False if two different ones are given.
        temperature: positive; scores are divided by it.
        scale: divide the scores by sqrt(2).
        projector: everything larger, for the back row.

    Raises:
        ValueError: shapes or words that do not fit, numbers that are not finite or beyond 100.

    >>> plane = VectorPlane(["The", "big", "dog"], [[0.5, -0.87], [-0.7, 0.7], [0.81, 0.59]], [[0.2, 0], [0, 1.5]])
    >>> plane
    VectorPlane(The big dog; W_Q = W_K)
    >>> bool(plane.weights[1, 1] > plane.weights[1, 2])  # big listens to itself more than to dog
    True
    """

    python_only = ("words", "start")
    words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    x = Array("word d_model", allow_none=False, d_model=2)
    W_query = _matrix()
    W_key = _matrix()
    W_value = _matrix()
    same = traitlets.Bool(True).tag(sync=True)
    # the cell that is spelled out: [query_pos, key_pos]
    focus = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)
    start = traitlets.Dict().tag(sync=True)  # what reset goes back to

    def __init__(self, words, x, W_query=None, W_key=None, W_value=None, *, same=True, focus=(0, 0), **settings):
        x = as_array("x", x, "word d_model", d_model=2)
        words = as_tokens("words", words, len(x))
        if not 2 <= len(words) <= MOST_WORDS:
            raise ValueError(f"words: between 2 and {MOST_WORDS} fit into the plane, got {len(words)}")
        given = {"W_query": W_query, "W_key": W_key, "W_value": W_value}
        matrices = {name: _as_matrix(name, W) for name, W in given.items() if W is not None}
        query, key = matrices.get("W_query"), matrices.get("W_key")
        if same is True and (query is None) != (key is None):  # one of the two is enough
            matrices["W_query"] = matrices["W_key"] = key if query is None else query
        matrices = {name: np.eye(2) for name in given} | matrices
        expect_type("same", same, bool)
        same = same and np.array_equal(matrices["W_query"], matrices["W_key"])
        super().__init__(words=words, x=x, same=same, focus=list(expect_list("focus", focus)), **matrices, **settings)
        values = {name: getattr(self, name) for name in GIVEN_BACK}
        self.start = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in values.items()}

    @validates("x", "W_query", "W_key", "W_value")
    def _validate_array(self, proposal):
        name, array = proposal.trait.name, proposal.value
        if name == "x":
            expect_shape("x", array, "word d_model", word=len(self.words))
        if abs(array).max() > LARGEST:
            raise ValueError(f"{name}: expected numbers from -{LARGEST} to {LARGEST}, got {abs(array).max():g}")
        return array

    @validates("focus")
    def _validate_focus(self, proposal):
        n = len(self.words)
        if not all(0 <= i < n for i in proposal.value):
            raise ValueError(f"focus: no cell {proposal.value} in a matrix of {n} by {n}")
        return proposal.value

    @traitlets.observe("W_query", "W_key", "same")
    def _keep_same(self, change):
        edited, other = ("W_key", "W_query") if change.name == "W_key" else ("W_query", "W_key")
        if self.same and not np.array_equal(getattr(self, edited), getattr(self, other)):
            setattr(self, other, getattr(self, edited))

    def _project(self, name):
        return torch.tensor(self.x) @ torch.tensor(getattr(self, name)).T

    @property
    def q(self):
        """The queries, (word, 2)."""
        return self._project("W_query")

    @property
    def k(self):
        """The keys, (word, 2)."""
        return self._project("W_key")

    @property
    def v(self):
        """The values, (word, 2)."""
        return self._project("W_value")

    @property
    def scores(self):
        """What enters the softmax, (query_pos, key_pos): scaled, and divided by the temperature."""
        return self._scores(self.q, self.k)

    @property
    def weights(self):
        """The attention weights, (query_pos, key_pos); each row sums to 1."""
        return self._attend(self.q, self.k, self.v)[1]

    @property
    def outputs(self):
        """The weighted values, (word, 2)."""
        return self._attend(self.q, self.k, self.v)[0]

    def state(self):
        """Where everything is now, as a plain dict."""
        return {name: getattr(self, name) for name in (*GIVEN_BACK, "focus", "projector")}

    def summary(self):  # noqa: D102 (see the base)
        return f"{' '.join(self.words):.60}; {'W_Q = W_K' if self.same else 'W_Q and W_K of their own'}"

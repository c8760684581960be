"""AttentionMatrix: queries and keys in, every weight visible, walkable and spelled out."""

import torch
import traitlets

from helpers.shapes import expect_shape
from helpers.widgets.attending import Attending, checked_mask
from helpers.widgets.base import Array, CourseWidget, as_array, as_tokens, validates


class AttentionMatrix(Attending, CourseWidget):
    """Scaled dot-product attention that moves: temperature, scale, masks, one cell spelled out.

    Everything is readable back: ``scores``, ``weights`` and ``outputs`` are computed here, in Python, from the inputs
    and the state of the controls.

    Args:
        tokens: the words of the queries (rows).
        query: (query_pos, d_key)
        key: (key_pos, d_key)
        value: (key_pos, d_value), or None when only the weights matter.
        key_tokens: the words of the keys (columns); the same as ``tokens`` unless given (cross-attention).
        mask: bool (query_pos, key_pos), True = may attend; None = all may.
        temperature: positive; scores are divided by it.
        scale: divide the scores by sqrt(d_key).
        projector: everything larger, for the back row.

    Raises:
        ValueError: shapes or words that do not fit, numbers that are not finite, a mask row without any True.

    >>> AttentionMatrix(["The", "big", "dog"], torch.eye(3), torch.eye(3))
    AttentionMatrix(The big dog; temperature 1)
    """

    python_only = ("tokens", "key_tokens")
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    key_tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    query = Array("query_pos d_key", allow_none=False)
    key = Array("key_pos d_key", allow_none=False)
    value = Array("key_pos d_value")
    allowed = Array("query_pos key_pos")  # the mask as it travels: 1 = may attend, None = no mask
    show = traitlets.Enum(["weights", "scores"], "weights").tag(sync=True)
    per_row = traitlets.Bool(False).tag(sync=True)  # colours from each row's smallest to its largest
    beside = traitlets.Enum(["nothing", "none", "causal", "padding"], "nothing").tag(sync=True)
    # the cell that is spelled out: [query_pos, key_pos]
    focus = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)

    def __init__(self, tokens, query, key, value=None, *, key_tokens=None, mask=None, **settings):
        query = as_array("query", query, "query_pos d_key")
        key = as_array("key", key, "key_pos d_key", d_key=query.shape[1])
        if value is not None:
            value = as_array("value", value, "key_pos d_value", key_pos=len(key))
        tokens = as_tokens("tokens", tokens, len(query))
        key_name = "tokens" if key_tokens is None else "key_tokens"
        key_tokens = as_tokens(key_name, tokens if key_tokens is None else key_tokens, len(key))
        super().__init__(
            tokens=tokens,
            key_tokens=key_tokens,
            query=query,
            key=key,
            value=value,
            allowed=None if mask is None else as_array("mask", mask, "query_pos key_pos"),
            **settings,
        )

    @validates("query", "key", "value")
    def _validate_vectors(self, proposal):
        n_queries, n_keys = len(self.tokens), len(self.key_tokens)
        sizes = {
            "query": {"query_pos": n_queries, "d_key": self.key.shape[1]},
            "key": {"key_pos": n_keys, "d_key": self.query.shape[1]},
            "value": {"key_pos": n_keys},
        }
        trait, array = proposal.trait, proposal.value
        if array is not None:
            expect_shape(trait.name, array, trait.axes, **sizes[trait.name])
        return array

    @validates("allowed")
    def _validate_allowed(self, proposal):
        return checked_mask(proposal.value, self.tokens, len(self.key_tokens))

    @validates("focus")
    def _validate_focus(self, proposal):
        i, j = proposal.value
        if not (0 <= i < len(self.tokens) and 0 <= j < len(self.key_tokens)):
            raise ValueError(f"focus: no cell {[i, j]} in a matrix of {len(self.tokens)} by {len(self.key_tokens)}")
        return [i, j]

    @property
    def mask(self):
        """Bool (query_pos, key_pos), True = may attend; None when there is no mask."""
        return None if self.allowed is None else torch.from_numpy(self.allowed != 0)

    @mask.setter
    def mask(self, mask):
        self.allowed = None if mask is None else as_array("mask", mask, "query_pos key_pos")

    @property
    def scores(self):
        """What enters the softmax, (query_pos, key_pos): scaled, divided by the temperature, -inf where masked."""
        return self._scores(torch.tensor(self.query), torch.tensor(self.key), self.mask)

    def _attention(self):
        query, key = torch.tensor(self.query), torch.tensor(self.key)
        value = key if self.value is None else torch.tensor(self.value)
        return self._attend(query, key, value, self.mask)

    @property
    def weights(self):
        """The attention weights, (query_pos, key_pos); each row sums to 1."""
        return self._attention()[1]

    @property
    def outputs(self):
        """The weighted values, (query_pos, d_value)."""
        if self.value is None:
            raise ValueError("outputs: this AttentionMatrix was made without `value`; pass value=... to mix something")
        return self._attention()[0]

    def state(self):
        """The state of the controls as a plain dict."""
        names = ("temperature", "scale", "show", "per_row", "beside", "focus", "projector")
        return {name: getattr(self, name) for name in names} | {"mask": self.mask}

    def summary(self):  # noqa: D102 (see the base)
        return f"{' '.join(self.tokens):.60}; temperature {self.temperature:g}{'' if self.mask is None else '; masked'}"

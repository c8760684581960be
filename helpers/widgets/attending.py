"""What the widgets about attention share: masks, the two knobs before the softmax, the numbers they give."""

import math

import numpy as np
import traitlets

from helpers.models.attention import scaled_dot_product_attention
from helpers.widgets.base import as_array, validates


def checked_mask(allowed, tokens, n_keys):
    """The mask as it travels, (query_pos, key_pos), after a look at it; None stays None.

    Raises:
        ValueError: another shape, other numbers than 0 and 1, or a row of ``tokens`` that allows nothing.
    """
    if allowed is None:
        return None
    as_array("mask", allowed, "query_pos key_pos", query_pos=len(tokens), key_pos=n_keys)
    if not np.isin(allowed, (0, 1)).all():
        raise ValueError("mask: expected True (may attend) or False in every cell, got other numbers")
    if not allowed.any(axis=1).all():
        word = tokens[int((~allowed.any(axis=1)).argmax())]
        raise ValueError(f'mask: the row of "{word:.40}" allows nothing; each row needs at least one True')
    return allowed


class Attending(traitlets.HasTraits):
    """Scaled dot-product attention with a temperature, and with the division by sqrt(d_key) on or off."""

    temperature = traitlets.Float(1.0).tag(sync=True)
    scale = traitlets.Bool(True).tag(sync=True)

    @validates("temperature")
    def _validate_temperature(self, proposal):
        if not 0 < proposal.value < math.inf:
            raise ValueError(f"temperature: expected a positive number, got {proposal.value}")
        return proposal.value

    def _scores(self, query, key, mask=None):
        """What enters the softmax, (query_pos, key_pos): -inf where masked."""
        scores = query @ key.T / (math.sqrt(query.shape[1]) if self.scale else 1.0) / self.temperature
        return scores if mask is None else scores.masked_fill(~mask, -math.inf)

    def _attend(self, query, key, value, mask=None):
        """Context (query_pos, d_value) and weights (query_pos, key_pos)."""
        factor = (1.0 if self.scale else math.sqrt(query.shape[1])) / self.temperature
        return scaled_dot_product_attention(query * factor, key, value, mask)

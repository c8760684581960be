"""What the widgets about attention share: the two knobs before the softmax, and the numbers they give."""

import math

import traitlets

from helpers.models.attention import scaled_dot_product_attention
from helpers.widgets.base import validates


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

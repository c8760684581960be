"""DependencyView: which output can be changed by which input, through blocks in series."""

import torch
import traitlets

from helpers.models.attention import causal_mask, padding_mask, window_mask
from helpers.models.dependence import blocks_needed
from helpers.widgets.attending import checked_mask
from helpers.widgets.base import Array, CourseWidget, as_array, as_tokens, validates

MOST_DEPTH = 4
MASKS = {  # name -> the mask over some words
    "none": lambda tokens: torch.ones(len(tokens), len(tokens), dtype=torch.bool),
    "causal": lambda tokens: causal_mask(len(tokens)),
    "padding": lambda tokens: padding_mask([_n_real(tokens)], len(tokens))[0, 0].repeat(len(tokens), 1),
    "neighbours": lambda tokens: window_mask(len(tokens)),
    "one back": lambda tokens: window_mask(len(tokens), back=1, ahead=0),
}


def _n_real(tokens):
    """A [PAD] at the end is padding; without one, the last word stands for it. The first word is always real."""
    padding = next((i for i, token in enumerate(reversed(tokens)) if token != "[PAD]"), len(tokens))
    return max(1, len(tokens) - max(1, padding))


class DependencyView(CourseWidget):
    """The mask of one block beside what a stack of such blocks makes of it.

    In each block a word hears those that its mask allows, and keeps itself by the residual connection; the next block
    hears what this one made. ``depends`` and ``blocks`` are computed here, in Python, and are what autograd finds in
    a real Encoder.

    Args:
        tokens: the words.
        mask: the same in every block: "none", "causal", "padding" (a [PAD] at the end, else the last word),
            "neighbours", "one back", or bool (query_pos, key_pos), True = may attend.
        depth: blocks in series, 1 to 4.
        projector: everything larger, for the back row.

    Raises:
        ValueError: words or a mask that do not fit, a name that is not among these, a depth outside 1 to 4.

    >>> DependencyView(["The", "big", "dog"], mask="causal").depends.int().tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """

    python_only = ("tokens",)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    allowed = Array("query_pos key_pos")  # the mask as it travels: 1 = may attend, None = all may
    depth = traitlets.Int(1).tag(sync=True)
    # the cell that is looked at: [output, input]
    focus = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)

    def __init__(self, tokens, mask="none", depth=1, **settings):
        tokens = as_tokens("tokens", tokens)
        settings.setdefault("focus", [len(tokens) - 1, 0])
        super().__init__(tokens=tokens, allowed=_as_sent(mask, tokens), depth=depth, **settings)

    @validates("allowed")
    def _validate_allowed(self, proposal):
        return checked_mask(proposal.value, self.tokens, len(self.tokens))

    @validates("depth")
    def _validate_depth(self, proposal):
        if not 1 <= proposal.value <= MOST_DEPTH:
            raise ValueError(f"depth: expected 1 to {MOST_DEPTH} blocks, got {proposal.value}")
        return proposal.value

    @validates("focus")
    def _validate_focus(self, proposal):
        if not all(0 <= place < len(self.tokens) for place in proposal.value):
            raise ValueError(f"focus: no cell {proposal.value} over {len(self.tokens)} words")
        return proposal.value

    @property
    def mask(self):
        """The mask of each block, bool (query_pos, key_pos), True = may attend; may be set by name."""
        return MASKS["none"](self.tokens) if self.allowed is None else torch.from_numpy(self.allowed != 0)

    @mask.setter
    def mask(self, mask):
        self.allowed = _as_sent(mask, self.tokens)

    @property
    def blocks(self):
        """How many blocks it takes from an input to an output, (out_pos, in_pos); 0 where there is no way."""
        return blocks_needed(self.mask, self.depth)

    @property
    def depends(self):
        """Which output can be changed by which input, bool (out_pos, in_pos)."""
        return self.blocks > 0

    def state(self):
        """The state of the controls as a plain dict."""
        return {"mask": self.mask} | {name: getattr(self, name) for name in ("depth", "focus", "projector")}

    def summary(self):  # noqa: D102 (see the base)
        name = next((name for name, make in MASKS.items() if torch.equal(make(self.tokens), self.mask)), "your own")
        return f"{' '.join(self.tokens):.60}; mask {name}; depth {self.depth}"


def _as_sent(mask, tokens):
    """A mask's name, or a mask, as the trait holds it; None where all may attend."""
    if mask is None or (isinstance(mask, str) and mask == "none"):
        return None
    if isinstance(mask, str):
        if mask not in MASKS:
            raise ValueError(f"mask: choose one of {', '.join(MASKS)}, or give booleans; got {mask!r:.40}")
        mask = MASKS[mask](tokens)
    return as_array("mask", mask, "query_pos key_pos")

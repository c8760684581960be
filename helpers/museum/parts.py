"""The parts of a small model: the right line, and below it the wrong ones that were really written.

    place(x, table) -> x               where the tokens stand
    mask(x, lengths) -> bool | None    who may look at whom; broadcastable to (batch, head, query_pos, key_pos)

x (batch, seq, d_model), table (n, d_model), lengths (batch,) or None.
"""

import torch

from helpers.models.attention import causal_mask, padding_mask

# --- where a token stands ------------------------------------------------------------------------------------------


def add_positions(x, table):
    """Right: the row of its place in the text."""
    n = x.shape[1]
    return x + table[:n]


def add_positions_along_the_batch(x, table):
    """Wrong: the row of its text in the batch; no shape complains."""
    n = x.shape[0]
    return x + table[:n, None]


def forget_positions(x, table):
    """Wrong: the table is there, and nobody adds it."""
    return x


def add_the_same_position(x, table):
    """Wrong: everybody stands in the first place."""
    return x + table[0]


# --- who may look at whom ------------------------------------------------------------------------------------------


def look_back(x, lengths=None):
    """Right, for a model that writes: at itself and at what came before."""
    return causal_mask(x.shape[1]).to(x.device)


def look_ahead(x, lengths=None):
    """Wrong: the other half, as in a library where True means "may not"."""
    return causal_mask(x.shape[1]).to(x.device).T


def look_one_ahead(x, lengths=None):
    """Wrong: one token of the future as well."""
    n = x.shape[1]
    return torch.ones(n, n, dtype=torch.bool, device=x.device).tril(1)


def look_everywhere(x, lengths=None):
    """Right for a model that reads, if there is no padding."""
    return


def look_at_real_tokens(x, lengths):
    """Right, for a model that reads: everywhere but at padding."""
    return padding_mask(lengths, x.shape[1]) if lengths is not None else None


def look_one_too_far(x, lengths):
    """Wrong: one token of padding as well, lengths counted from 1 and places from 0."""
    return padding_mask((lengths + 1).clamp(max=x.shape[1]), x.shape[1]) if lengths is not None else None


# --- the state that has read a text --------------------------------------------------------------------------------


def read_at_the_end(states, lengths):
    """Right: each text's state after its own last token, (batch, seq, d_hidden) -> (batch, d_hidden)."""
    rows = torch.arange(states.shape[0])
    return states[rows, lengths - 1]


def read_in_the_last_column(states, lengths):
    """Wrong: for a short text that is the state after its padding."""
    return states[:, -1]

"""Write one token after the other: choose from what the model expects next, append, ask again.

What was computed for earlier tokens does not change (they never see later ones), so their keys and values are kept.
"""

from collections.abc import Callable

import torch

from helpers.arguments import expect_count, expect_number, expect_type
from helpers.shapes import expect_floats, expect_ids, expect_shape


class Cache:
    """The keys and values of all positions so far, for every attention of a model.

    len(cache) is the number of positions kept. Pass the same cache at every step, and each position once.
    """

    def __init__(self):
        self.kept = {}  # attention module -> keys and values, each (batch, head, seq, d_head)

    def extend(self, attention, k, v):
        """Append the keys and values of new positions; return those of all positions."""
        if attention in self.kept:
            k, v = (torch.cat(pair, dim=-2) for pair in zip(self.kept[attention], (k, v), strict=True))
        self.kept[attention] = k, v
        return k, v

    def __len__(self):
        return max((k.shape[-2] for k, _ in self.kept.values()), default=0)


def generate(model, start, n, *, temperature=1.0, top_k=None, end=None, cached=True, generator=None):
    """Continue a batch of texts by up to n tokens.

    Args:
        model: model(ids (batch, seq), cache) -> logits (batch, seq, n_tokens); cache is a Cache or None.
        start: ids (batch, seq), seq >= 1, what is there already.
        n: how many tokens to append at most.
        temperature: the logits are divided by it: below 1 bolder, above 1 wilder; 0 always takes the likeliest token.
        top_k: choose among the k likeliest tokens only.
        end: the token that ends a text; after it only ``end`` follows, and when all texts have ended we stop.
        cached: keep keys and values (fast) or read the whole text again at each step (to compare).
        generator: a torch.Generator, for the same texts every time.

    Returns:
        ids (batch, seq + number of appended tokens)

    Raises:
        ValueError: an empty start, a negative temperature, top_k or n below 1.

    Source: top-k is Fan et al. 2018, "Hierarchical Neural Story Generation", section 5.
    """
    expect_ids("start", start, "batch seq")
    if not start.numel():
        raise ValueError("start: expected at least one token to continue, got none")
    n = expect_count("n", n)
    expect_type("model", model, Callable)
    end = None if end is None else expect_count("end", end, least=0)
    ids, new, cache = start, start, Cache() if cached else None
    ended = torch.zeros(len(start), dtype=torch.bool, device=start.device)
    with torch.no_grad():
        for _ in range(n):
            logits = model(new if cached else ids, cache)
            expect_type("what model returns", logits, torch.Tensor)
            logits = logits[:, -1]
            chosen = choose(logits, temperature, top_k, generator)
            if end is not None:
                chosen = torch.where(ended, end, chosen)
                ended |= chosen == end
            new = chosen[:, None]
            ids = torch.cat([ids, new], dim=1)
            if ended.all():
                break
    return ids


def choose(logits, temperature=1.0, top_k=None, generator=None):
    """Draw one token per row: (batch, n_tokens) -> ids (batch,). The arguments are those of ``generate``."""
    expect_floats(logits=logits)
    n_tokens = expect_shape("logits", logits, "batch n_tokens")["n_tokens"]
    expect_number("temperature", temperature, least=0)
    top_k = n_tokens if top_k is None else expect_count("top_k", top_k)
    if not n_tokens:
        raise ValueError("logits: expected numbers to choose from, got none")
    largest = logits.amax(dim=-1, keepdim=True)
    if not largest.isfinite().all():
        wrong = "NaN" if largest.isnan().any() else "a row whose largest is infinite"
        raise ValueError(f"logits: expected numbers to choose from, got {wrong}")
    if temperature == 0:
        return logits.argmax(dim=-1)
    if top_k < n_tokens:
        likeliest, places = logits.topk(top_k, dim=-1)
        logits = torch.full_like(logits, -torch.inf).scatter(-1, places, likeliest)
    scaled = (logits - largest) / temperature  # 0 at the most, however small the temperature
    return torch.multinomial(torch.softmax(scaled, dim=-1), 1, generator=generator)[:, 0]

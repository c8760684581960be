"""Four properties that a sequence model must have, each as a test that returns True when the bug is there.

None of them looks into the model. Each changes what must not matter, asks again, and compares: so they work for any
model(x) or model(x, lengths) -> (batch, seq, d_model), whoever wrote it. What is random inside (dropout) has to be
switched off first, by model.eval().
"""

from collections.abc import Callable

import torch

from helpers.arguments import expect_type
from helpers.shapes import expect_finite, expect_floats, expect_lengths, expect_shape

TOLERANCE = 1e-5  # what must be equal may differ by rounding, about 1e-6 for numbers of about 1


def differ(one, other):
    """Whether two tensors of one shape differ by more than rounding."""
    return not torch.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE)


def other_numbers(x):
    """Numbers that have nothing to do with x, of its shape; the same ones each time, so that a test can be repeated."""
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(20_431)).to(x)


def reorderings(n):
    """Two orders of n things, from which every other one can be made: all move on by one, and the first two exchange.

    One would not do: a model that looks round in a circle is the same after each has moved on.
    """
    places = torch.arange(n)
    return places.roll(1), places[[1, 0, *range(2, n)]] if n > 1 else places


def future_leaks(model, x):
    """Whether an output knows of what comes after it: rewrite the future, look at the past.

    Args:
        model: x -> (batch, seq, d_model)
        x: (batch, seq, d_model)

    >>> future_leaks(lambda x: x.cumsum(dim=1), torch.randn(2, 4, 3))
    False
    >>> future_leaks(lambda x: x.flip(1), torch.randn(2, 4, 3))
    True
    """
    _expect(model, x)
    answer, other = model(x), other_numbers(x)
    rewritten = {t: torch.cat([x[:, :t], other[:, t:]], dim=1) for t in range(1, x.shape[1])}
    return any(differ(model(each)[:, :t], answer[:, :t]) for t, each in rewritten.items())


def batch_order_matters(model, x):
    """Whether a text's output depends on its row in the batch: exchange the rows, put the outputs back.

    Args:
        model: x -> (batch, seq, d_model)
        x: (batch, seq, d_model), batch > 1 or there is nothing to exchange.

    >>> batch_order_matters(lambda x: x.cumsum(dim=1), torch.randn(2, 4, 3))
    False
    >>> batch_order_matters(lambda x: x.cumsum(dim=0), torch.randn(2, 4, 3))
    True
    """
    _expect(model, x)
    answer = model(x)
    return any(differ(model(x[order]), answer[order]) for order in reorderings(len(x)))


def padding_matters(model, x, lengths):
    """Whether the output of a real token depends on padding: write noise there, look at the real ones.

    Args:
        model: x, lengths -> (batch, seq, d_model)
        x: (batch, seq, d_model)
        lengths: (batch,), how many of each row are real; what stands behind is padding.

    >>> padding_matters(lambda x, lengths: x.cumsum(dim=1), torch.randn(2, 4, 3), torch.tensor([4, 2]))
    False
    >>> padding_matters(lambda x, lengths: x + x.mean(dim=1, keepdim=True), torch.randn(2, 4, 3), torch.tensor([4, 2]))
    True
    """
    size = _expect(model, x)
    lengths = expect_lengths("lengths", lengths, size["seq"], size["batch"])
    real = torch.arange(x.shape[1]) < lengths[:, None]  # (batch, seq)
    rewritten = torch.where(real[:, :, None], x, other_numbers(x))
    return differ(model(rewritten, lengths)[real], model(x, lengths)[real])


def order_ignored(model, x):
    """Whether the order of the tokens changes nothing but the order of the outputs: reorder, and put back.

    Args:
        model: x -> (batch, seq, d_model)
        x: (batch, seq, d_model), seq > 1

    >>> order_ignored(lambda x: x + x.mean(dim=1, keepdim=True), torch.randn(2, 4, 3))
    True
    >>> order_ignored(lambda x: x.cumsum(dim=1), torch.randn(2, 4, 3))
    False
    """
    size = _expect(model, x)
    if size["seq"] < 2:
        raise ValueError(f"x: expected two tokens or more, got {size['seq']}: there is nothing to reorder")
    answer = model(x)
    return not any(differ(model(x[:, order]), answer[:, order]) for order in reorderings(size["seq"]))


def _expect(model, x):
    expect_type("model", model, Callable)
    expect_floats(x=x)
    expect_finite("x", x)
    return expect_shape("x", x, "batch seq d_model")

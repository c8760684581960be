"""Look at a wrong result and say something true and useful about it, without knowing the mistake."""

import numpy as np
import torch

from helpers.checks.values import close, kind, parts


def describe_difference(got, expected, names, inputs=None):
    """The first thing worth saying about got against expected; both a tensor or a tuple of them.

    Args:
        got, expected: what came back, and what should have.
        names: of the results.
        inputs: name -> argument; one of them may have been handed back.

    Returns:
        The sentence, and the position of the output it is about (None when the structure itself is wrong).
    """
    if isinstance(got, tuple) != isinstance(expected, tuple) or len(parts(got)) != len(parts(expected)):
        return _structure(got, expected, names), None
    wrong = [
        i
        for i, (a, b) in enumerate(zip(parts(got), parts(expected), strict=True))
        if a.shape != b.shape or not close(a, b).all() or kind(a) != kind(b) != "decimal numbers"
    ]
    right = [name for i, name in enumerate(names) if i not in wrong]
    found = [(i, *_one(parts(got)[i], parts(expected)[i], inputs or {})) for i in wrong]
    position, specific, general = next((look for look in found if look[1]), found[0])
    sentence = f"`{names[position]}`: {specific or general}"
    return sentence + (f" (`{'`, `'.join(right)}`: right.)" if right else ""), position


def _structure(got, expected, names):
    wanted = f"{len(names)} results, `{', '.join(names)}`" if len(names) > 1 else f"one result, `{names[0]}`"
    if isinstance(got, tuple) and len(got) == 1:
        return f"It returns a tuple holding one thing (is there a stray comma after `return`?); expected {wanted}."
    count = f"a tuple of {len(got)}" if isinstance(got, tuple) else "one tensor"
    return f"It returns {count} of shape {_shapes(got)}; expected {wanted}, of shape {_shapes(expected)}."


def _shapes(value):
    return " and ".join(str(tuple(part.shape)) for part in parts(value))


def _one(got, expected, inputs):
    """What is specific about one wrong output, if anything, and what can always be said."""
    if given := _handed_back(got, inputs):
        return f"it is the input `{given}`, unchanged.", ""
    if got.shape != expected.shape:
        return _shape(got, expected), ""
    return next((sentence for look in LOOKS if (sentence := look(got, expected))), ""), _some(got, expected)


def _handed_back(got, inputs):
    tensors = [(name, value) for name, value in inputs.items() if isinstance(value, torch.Tensor) and value.dim()]
    return next((name for name, value in tensors if got.dtype == value.dtype and torch.equal(got, value)), "")


def _shape(got, expected):
    sentence = f"the shape is {tuple(got.shape)}, expected {tuple(expected.shape)}"
    if got.dim() == expected.dim() and got.dim() > 1 and got.mT.shape == expected.shape:
        return sentence + ("; it looks transposed." if close(got.mT, expected).all() else ", as if transposed.")
    if got.numel() == expected.numel():
        if close(got.reshape(expected.shape), expected).all():
            return sentence + "; the values are right, only the axes are not."
        return sentence + "; as many numbers, in other axes."
    if got.dim() < expected.dim():
        return sentence + "; an axis is lost (a sum, a maximum or an index such as `[0]` removes one)."
    return sentence + "."


def _not_finite(got, expected):
    bad = ~torch.isfinite(got) & torch.isfinite(expected)
    if not bad.any():
        return ""
    values = "NaN" if torch.isnan(got[bad]).all() else "infinity" if torch.isinf(got[bad]).all() else "NaN and infinity"
    return f"{int(bad.sum())} of {got.numel()} values are {values}: something overflows, or is divided by zero."


def _wrong_kind(got, expected):
    if kind(expected) in ("decimal numbers", kind(got)) or not close(got, expected).all():
        return ""
    return f"the values are right, but they are {kind(got)} ({got.dtype}); expected {kind(expected)}."


def _constant(got, expected):
    values = got.double()
    if got.numel() < 2 or not torch.isclose(values, values.flatten()[0].expand_as(values)).all():
        return ""
    first = got.flatten()[0].item()
    return f"every value is the same, {_number(first) if isinstance(first, float) else first}."


def _multiple(got, expected):
    known = expected.double().abs() > 1e-3
    if known.sum() < 2:
        return ""
    ratios = got.double()[known] / expected.double()[known]
    factor = ratios.median()
    if _number(factor) == "1.00" or not torch.allclose(ratios, factor, rtol=1e-4):
        return ""
    if not torch.allclose(got.double(), expected.double() * factor, atol=1e-4):
        return ""
    return f"right up to a factor: every value is {_number(factor)} times the expected one."


def _offset(got, expected):
    gap = got.double() - expected.double()
    if got.numel() < 3 or not gap.isfinite().all() or gap.std() > min(1e-4, 0.01 * gap.mean().abs()):
        return ""
    return f"right up to a constant: every value is off by {_number(gap.mean())}."


def _nearly(got, expected):
    gap = (got.double() - expected.double()).abs()
    if not gap.numel() or not gap.max() < 0.01 or kind(got) != kind(expected) or expected.double().abs().max() < 0.1:
        return ""
    return f"nearly: no value is off by more than {_number(gap.max())}. Is something rounded, or a constant different?"


def _transposed(got, expected):
    if got.dim() < 2 or got.shape != got.mT.shape or not close(got.mT, expected).all():
        return ""
    return "these are the expected numbers with rows and columns exchanged."


def _row_sums(got, expected):
    if not expected.is_floating_point() or expected.dim() < 1 or (expected < 0).any() or not _all_one(expected, -1):
        return ""
    if got.dim() > 1 and _all_one(got, -2) and not _all_one(got, -1):
        return "each column sums to 1, not each row."
    if not _all_one(got, -1):
        if torch.isclose(got.double().sum(), torch.ones((), dtype=torch.double), atol=1e-4):
            return "all values together sum to 1, not each row."
        sums = sorted({_number(total) for total in got.double().sum(-1).flatten()}, key=float)
        return f"each row should sum to 1, but here the sums are {', '.join(sums[:4])}{' ...' if sums[4:] else ''}."
    return _temperature(got, expected)


def _temperature(got, expected):
    """Rows sum to 1: were the scores only too large or too small?"""
    if (got < 0).any():
        return "each row sums to 1, but some weights are negative."
    ours, theirs = (torch.log(x.double().clamp(min=1e-30)) for x in (got, expected))
    ours, theirs = (x - x.mean(-1, keepdim=True) for x in (ours, theirs))
    factor = (ours * theirs).sum() / (theirs * theirs).sum().clamp(min=1e-12)
    if torch.allclose(ours, factor * theirs, atol=1e-3) and _number(factor) != "1.00":
        return f"each row sums to 1, but the scores behind it are {_number(factor)} times the expected ones."
    return f"each row sums to 1, but the weights differ: {_entry(got, expected)}"


def _all_one(x, axis):
    sums = x.double().sum(axis)
    return torch.allclose(sums, torch.ones_like(sums), atol=1e-4)


def _reordered(got, expected):
    ours, theirs = (x.double().flatten().sort().values for x in (got, expected))
    if got.numel() < 2 or not torch.allclose(ours, theirs, atol=1e-5):
        return ""
    return f"the expected numbers, in another order: {_entry(got, expected)}"


def _some(got, expected):
    wrong = int((~close(got, expected)).sum())
    share = "every value differs" if wrong == got.numel() else f"{wrong} of {got.numel()} values differ"
    return f"{share}: {_entry(got, expected)}"


def _entry(got, expected):
    gap = torch.nan_to_num((got.double() - expected.double()).abs(), nan=torch.inf, posinf=torch.inf)
    gap = gap.masked_fill(close(got, expected), 0)  # where both are -inf, they agree
    place = np.unravel_index(int(gap.argmax()), gap.shape)  # torch's imports its compiler: a second
    where = f"[{', '.join(str(int(i)) for i in place)}]" if place else "the result"
    a, b = got[place].item(), expected[place].item()
    if kind(got) == kind(expected) != "decimal numbers":
        return f"expected {b} but got {a} at {where}."
    digits = 2 if abs(a - b) >= 0.01 else 6
    a, b = (f"{value:.{digits}f}" if isinstance(value, float) else str(value) for value in (a, b))
    return f"expected {b} but got {a} at {where}."


def _number(value):
    return f"{float(value):.2f}" if abs(float(value)) >= 0.1 else f"{float(value):.2g}"


LOOKS = _not_finite, _wrong_kind, _constant, _transposed, _multiple, _offset, _nearly, _reordered, _row_sums

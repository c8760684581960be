"""Results as plain tensors, and whether two of them are the same."""

import copy

import numpy as np
import torch

TOLERANCE = 1e-5  # float32, values of about 1
LOWEST = -1e9  # below this a score means minus infinity


class UnreadableError(TypeError):
    """What came back cannot be read as numbers; the message is a sentence."""


def clone(value):
    """A copy that may be changed in place without harm: tensors, and containers of them; the rest as it is."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, (tuple, list)):
        return type(value)(clone(item) for item in value)
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    return value if callable(value) else copy.copy(value)


def differing(new, old):
    """Whether an argument is no longer what was handed in."""
    if isinstance(old, torch.Tensor):
        return not (new.shape == old.shape and torch.equal(torch.nan_to_num(new), torch.nan_to_num(old)))
    if isinstance(old, dict):
        return new.keys() != old.keys() or any(differing(new[key], old[key]) for key in old)
    if isinstance(old, (tuple, list)):
        return len(new) != len(old) or any(differing(a, b) for a, b in zip(new, old, strict=True))
    return False


def to_tensors(result, n_returns=1):
    """Turn what came back into a detached tensor, or a tuple of them, and a note about its form.

    Raises:
        UnreadableError: these are no numbers; the message says what they are.
    """
    if isinstance(result, (tuple, list)) and (isinstance(result, tuple) or n_returns > 1):
        parts = [to_tensors(part) for part in result]
        if any(isinstance(part, tuple) for part, _ in parts):
            raise UnreadableError("It returns a tuple inside a tuple: are there brackets too many?")
        return tuple(part for part, _ in parts), next((note for _, note in parts if note), "")
    if isinstance(result, torch.Tensor):
        if result.is_complex():
            raise UnreadableError(f"It returns complex numbers ({result.dtype}).")
        dense = result.detach().to_dense() if result.layout != torch.strided else result.detach()
        return dense.cpu().clone(), ""
    if isinstance(result, (bool, int, float)):
        try:
            return torch.tensor(result), ""
        except (RuntimeError, ValueError, OverflowError) as error:
            raise UnreadableError("It returns a whole number that is larger than a tensor can hold.") from error
    if isinstance(result, (np.ndarray, np.generic)):
        return _from_numpy(np.asarray(result)), "a numpy array, where the course works with torch tensors"
    if isinstance(result, list):
        return _from_list(result), "a list, where the course works with torch tensors"
    raise UnreadableError(f"It returns {_article(result)}, not a tensor.")


def _from_numpy(array):
    if array.dtype.kind not in "biuf":
        raise UnreadableError(f"It returns an array of {array.dtype}, not of numbers.")
    return torch.tensor(array.tolist(), dtype=torch.bool if array.dtype.kind == "b" else None).reshape(array.shape)


def _from_list(items):
    if items and all(isinstance(item, torch.Tensor) for item in items):
        if len({item.shape for item in items}) > 1:
            raise UnreadableError("It returns a list of tensors whose shapes differ.")
        return torch.stack([item.detach() for item in items])
    try:
        array = np.asarray([item.tolist() if isinstance(item, torch.Tensor) else item for item in items])
    except ValueError as error:
        raise UnreadableError("It returns a list whose rows differ in length.") from error
    return _from_numpy(array)


def _article(thing):
    name = type(thing).__name__
    if name == "generator":
        return "a generator (is there a `yield` where `return` belongs?)"
    if isinstance(thing, torch.nn.Module):
        return f"a layer ({name}), which holds its numbers in `.weight`"
    if callable(thing):
        return "a function (are the brackets of a call missing?)"
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def parts(value):
    """(tensor | tuple of tensors) -> tuple of tensors."""
    return value if isinstance(value, tuple) else (value,)


def kind(tensor):
    """The sort of number: "booleans", "whole numbers" or "decimal numbers"."""
    if tensor.dtype == torch.bool:
        return "booleans"
    return "decimal numbers" if tensor.is_floating_point() else "whole numbers"


def close(got, expected):
    """Elementwise: equal within 1e-5; NaN equals NaN; -1e9 and -inf are the same where scores are masked."""
    got, expected = (x.double().clamp(min=LOWEST) for x in (got, expected))
    return torch.isclose(got, expected, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)


def same(got, expected):
    """Whether two results agree in structure, shapes and values."""
    if isinstance(got, tuple) != isinstance(expected, tuple) or len(parts(got)) != len(parts(expected)):
        return False
    return all(a.shape == b.shape and bool(close(a, b).all()) for a, b in zip(parts(got), parts(expected), strict=True))


def is_finite(value):
    """Whether no part holds NaN or infinity."""
    return all(bool(torch.isfinite(part).all()) for part in parts(value))

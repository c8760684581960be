"""Checks of arguments that are no tensors: each error is a sentence that names the argument and what came.

expect_count     a whole number such as a size or a number of steps
expect_sizes     the sizes of weights
expect_divisor   a number of heads
expect_number    a decimal number such as a temperature
as_number        what a function returned
expect_shares    train, validation, test
expect_times     dates or numbers, in order
expect_choice    one of a few words
expect_type      a text, a function, a TransformerConfig
expect_strings   a list of texts
expect_list      a list with something in it
expect_pair      a row and a column
expect_filled    a dict of names
"""

import math
import numbers
import operator

import numpy as np

KINDS = {  # types that a sentence calls by another name
    "Callable": "a function",
    "Container": "a dict",
    "Iterable": "batches",
    "Module": "a model (nn.Module)",
    "Tensor": "a tensor (torch.tensor(...) makes one)",
    "dict": "a dict",
    "str": "a text",
}
MOST_POSITIONS = 16_384  # of a mask or a table made here: n by n booleans are then 268 MB
MOST_DEEP = 1_000  # layers in series
MOST_WIDE, MOST_ROWS = 16_384, 10_000_000  # numbers in a vector, vectors in a table; beyond, somebody has mistyped


def expect_count(name, count, least=1, most=None):
    """Check a whole number between least and most, and return it as an int; True and 3.0 are none.

    >>> expect_count("n_heads", 2.5)
    Traceback (most recent call last):
    ...
    TypeError: n_heads: expected a whole number, got 2.5
    """
    try:
        if isinstance(count, bool) or str(getattr(count, "dtype", "")).endswith("bool"):
            raise TypeError
        count = operator.index(count)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, got {told(count)}") from None
    if count < least or (most is not None and count > most):
        near = most if most is None or most < MOST_DEEP or count > most else None  # far bounds only where they matter
        raise ValueError(f"{name}: expected {_range(least, near)}, got {count}")
    return count


def expect_sizes(**sizes):
    """Check sizes of weights: whole numbers from 1 on, widths (d_...) up to 16,384, others up to ten million."""
    for name, size in sizes.items():
        expect_count(name, size, most=MOST_WIDE if name.startswith("d_") else MOST_ROWS)


def expect_divisor(name, count, whole):
    """Check that so many heads divide a width (d_model) into slices of one size.

    >>> expect_divisor("n_heads", 3, 8)
    Traceback (most recent call last):
    ...
    ValueError: n_heads: 3 heads do not divide d_model = 8
    """
    if whole % expect_count(name, count):
        raise ValueError(f"{name}: {count} heads do not divide d_model = {whole}")


def expect_number(name, number, least=-math.inf, most=math.inf, *, above=None):
    """Check a finite number between least and most, or one greater than ``above``; True is none.

    >>> expect_number("temperature", math.nan, above=0)
    Traceback (most recent call last):
    ...
    ValueError: temperature: expected a number above 0, got nan
    """
    plain = as_number(name, number)
    if not (math.isfinite(plain) and least <= plain <= most and (above is None or plain > above)):
        wanted = _range(least, most) if above is None else f"a number above {above}"
        raise ValueError(f"{name}: expected {wanted}, got {told(number)}")


def expect_times(name, times):
    """Check that times (steps,), dates or numbers, are known, sorted and all different."""
    given = times
    try:
        times = np.asarray(times)
        if times.dtype.kind in "UO":
            times = times.astype("datetime64" if times.dtype.kind == "U" else "datetime64[us]")  # None has no unit
    except (TypeError, ValueError):
        times = None
    if times is None or times.ndim != 1 or times.dtype.kind not in "Miuf":
        raise ValueError(f"{name}: expected dates such as 2024-03-01, or numbers, (steps,); got {given!r:.60}")
    unknown = np.isnat(times) if times.dtype.kind == "M" else np.isnan(times.astype(float))
    if unknown.any():
        raise ValueError(f"{name}: row {int(unknown.argmax())} has no time; fill it in or drop the row")
    for wrong, sentence in (
        (times[1:] == times[:-1], "is there twice; keep one row per time"),
        (times[1:] < times[:-1], "comes after a later one; sort the rows by time first"),
    ):
        if wrong.any():
            row = int(wrong.argmax()) + 1
            raise ValueError(f"{name}: {times[row]} (row {row}) {sentence}")


def expect_shares(name, shares):
    """Check three shares above 0 that sum to 1: train, validation, test."""
    if not hasattr(shares, "__iter__") or isinstance(shares, str | dict):
        raise TypeError(f"{name}: expected three shares such as (0.6, 0.2, 0.2), got {told(shares)}")
    shares = [as_number(name, share) for share in shares]
    if len(shares) != 3 or min(shares) <= 0 or not abs(sum(shares) - 1) <= 1e-6:  # NaN is never <=
        came = " + ".join(f"{share:g}" for share in shares) + f" = {sum(shares):g}"
        raise ValueError(f"{name}: expected three shares above 0 that sum to 1, got {came}")


def as_number(name, value):
    """What a function returned, as a float; NaN is one."""
    plain = value.item() if getattr(value, "shape", None) == () else value
    if isinstance(plain, bool) or not isinstance(plain, numbers.Real):
        raise TypeError(f"{name}: expected a number, got {told(value)}")
    return float(plain)


def expect_choice(name, choice, choices):
    """Check that something is one of a few words (or None, where that is among them).

    >>> expect_choice("kind", "gnu", ("rnn", "gru", "lstm"))
    Traceback (most recent call last):
    ...
    ValueError: kind: expected one of rnn, gru, lstm; got 'gnu'
    """
    if not any(choice is one or (isinstance(choice, str) and choice == one) for one in choices):
        words = ", ".join(str(one) for one in choices if one is not None)
        raise ValueError(f"{name}: expected one of {words}{' or None' * (None in choices)}; got {told(choice)}")


def expect_type(name, thing, kind):
    """Check that something is of a type: a class, or Callable for a function.

    >>> from collections.abc import Callable
    >>> expect_type("step", "tanh", Callable)
    Traceback (most recent call last):
    ...
    TypeError: step: expected a function, got 'tanh'
    """
    if not isinstance(thing, kind):
        wanted = KINDS.get(kind.__name__, f"a {kind.__name__}")
        hint = "; are the brackets of a call missing?" if isinstance(thing, type) else ""
        raise TypeError(f"{name}: expected {wanted}, got {told(thing)}{hint}")


def expect_list(name, things):
    """Check a list or tuple with something in it."""
    if not isinstance(things, list | tuple | range) or not things:
        raise ValueError(f"{name}: expected a list with at least one, got {told(things)}")
    return things


def expect_pair(name, pair, wanted):
    """Check a pair of whole numbers such as (row, column), and return them."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"{name}: expected {wanted}, got {told(pair)}")
    return tuple(expect_count(name, number, least=-math.inf) for number in pair)


def expect_filled(name, named):
    """Check a dict with at least one entry, whose keys are names."""
    if not isinstance(named, dict) or not named:
        raise TypeError(f'{name}: expected names and their numbers, such as {{"GRU": ...}}, got {told(named)}')
    expect_strings(name, named)


def expect_number_format(name, pattern):
    """Check how a number is written, such as "{:.2f}"."""
    expect_type(name, pattern, str)
    try:
        pattern.format(0.5)
    except (ValueError, IndexError, KeyError):
        raise ValueError(f'{name}: expected a format such as "{{:.2f}}", got {told(pattern)}') from None


def expect_strings(name, texts):
    """Check a list of texts, and return it as a list; one text alone is none.

    >>> expect_strings("texts", "Rome")
    Traceback (most recent call last):
    ...
    ValueError: texts: expected a list of texts such as ['Rome'], got one text
    """
    if isinstance(texts, str):
        raise ValueError(f"{name}: expected a list of texts such as [{texts!r:.40}], got one text")
    if not hasattr(texts, "__iter__"):
        raise TypeError(f"{name}: expected a list of texts, got {told(texts)}")
    texts = list(texts)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected texts, but {name}[{number}] is {told(text)}")
    return texts


def _range(least, most):
    if most in (None, math.inf):
        return "a finite number" if least == -math.inf else f"at least {least}"
    return f"at most {most}" if least == -math.inf else f"between {least} and {most}"


def told(thing):
    """What came, short enough for a sentence."""
    if getattr(thing, "shape", ()) != ():
        return f"{type(thing).__name__} of shape {tuple(thing.shape)}"
    return f"{thing!r:.60}"

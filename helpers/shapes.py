"""The names of the axes, and the functions that check tensors: each error names the argument and what came.

    expect_shape     the number of axes and their sizes
    expect_floats    tensors of decimal numbers, all of one kind
    expect_finite    such a tensor without NaN and infinity
    expect_ids       a tensor of whole numbers, rows of a table
    expect_mask      a tensor of booleans
    expect_whole     a row of whole numbers, in any form
    expect_lengths   how many steps of each sequence are real

What a public function is called with is checked where it comes in; what is called inside, a step of a loop or a layer
of a model, trusts its caller. NaN in a tensor is not looked for, except where it would decide unseen: arithmetic
hands it on, and a result of NaN is seen. Sizes, numbers and words are checked by helpers.arguments.

Axes are always named in words and in this order, batch first:

    batch seq d_model                     a batch of sequences of vectors
    batch head query_pos key_pos          attention scores and weights
    batch head seq d_head                 vectors after the split into heads
    batch channel height width            images
    steps features                        one time series

Widths start with d_ (d_model, d_head, d_key, d_value, d_ff, d_hidden); counts start with n_ (n_heads, n_layers).
"""

import torch

from helpers.arguments import told


def expect_shape(name, tensor, axes, **sizes):
    """Check the shape of one argument and return the size of each of its axes.

    Args:
        name: the argument's name, for the error.
        tensor: anything with a ``.shape``.
        axes: the axes in words, such as "batch seq d_model"; a leading "..." allows any further axes before them.
        **sizes: the axes whose size is known.

    Returns:
        dict axis name -> size.

    Raises:
        TypeError: the argument has no shape.
        ValueError: the number of axes or the size of one differs; the message names the axis and both sizes.

    >>> import numpy as np
    >>> expect_shape("query", np.zeros((2, 5, 8)), "batch seq d_model", d_model=8)
    {'batch': 2, 'seq': 5, 'd_model': 8}
    >>> expect_shape("key", np.zeros((5, 4)), "... seq d_key", d_key=8)
    Traceback (most recent call last):
    ...
    ValueError: key: d_key should be 8 but is 4 (its shape is (5, 4), read as ... seq d_key)
    """
    if not hasattr(tensor, "shape"):
        raise TypeError(f"{name}: expected an array or tensor with axes ({axes}), got {type(tensor).__name__}")
    shape = tuple(tensor.shape)
    names = axes.split()
    open_ended = names[0] == "..."
    names = names[1:] if open_ended else names
    if len(shape) < len(names) or (len(shape) > len(names) and not open_ended):
        at_least = "at least " if open_ended else ""
        raise ValueError(
            f"{name}: expected {at_least}{len(names)} axes ({axes}) but got {len(shape)} (its shape is {shape})"
        )
    found = dict(zip(names, shape[len(shape) - len(names) :], strict=True))
    for axis, size in sizes.items():
        if found[axis] != size:
            raise ValueError(
                f"{name}: {axis} should be {size} but is {found[axis]} (its shape is {shape}, read as {axes})"
            )
    return found


def expect_floats(**tensors):
    """Check that these are tensors of decimal numbers, all of the kind (dtype) of the first and on its device.

    Args:
        **tensors: the arguments, by name.

    Raises:
        TypeError: one is no tensor, or holds other numbers; the message names it, and the remedy.

    >>> expect_floats(x=torch.ones(2), W_x=torch.ones(2, dtype=torch.float64))
    Traceback (most recent call last):
    ...
    TypeError: W_x: expected torch.float32 as x, got torch.float64; W_x.float() makes it so
    """
    (first, model), *_ = tensors.items()
    for name, tensor in tensors.items():
        _expect_tensor(name, tensor, "a tensor of decimal numbers")
        if not tensor.is_floating_point():
            raise TypeError(f"{name}: expected decimal numbers, got {tensor.dtype}; {name}.float() makes them")
        # under autocast torch itself brings them together
        if tensor.dtype != model.dtype and not torch.is_autocast_enabled(tensor.device.type):
            like, to = "the model" if first == "weight" else first, {torch.float32: "float", torch.float64: "double"}
            remedy = f"; {name}.{to[model.dtype]}() makes it so" if model.dtype in to else ""
            raise TypeError(f"{name}: expected {model.dtype} as {like}, got {tensor.dtype}{remedy}")
        if tensor.device != model.device:
            raise ValueError(f"{name}: is on {tensor.device}, but {first} on {model.device}; {name}.to(...) moves it")


def expect_ids(name, ids, axes, n=None, **sizes):
    """Check whole numbers that stand for rows of a table, from 0 to n - 1; returns the sizes, as expect_shape.

    Raises:
        TypeError: no tensor, or no whole numbers.
        ValueError: axes that do not fit, or a number that is no row.

    >>> expect_ids("ids", torch.tensor([[0, 9]]), "batch seq", n=9)
    Traceback (most recent call last):
    ...
    ValueError: ids: expected numbers from 0 to 8, got 9
    """
    _expect_tensor(name, ids, "a tensor of whole numbers")
    if ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool:
        raise TypeError(f"{name}: expected whole numbers, got {ids.dtype}; {name}.long() makes them")
    found = expect_shape(name, ids, axes, **sizes)
    if n is not None and ids.numel():
        low, high = ids.min().item(), ids.max().item()
        if low < 0 or high >= n:
            raise ValueError(f"{name}: expected numbers from 0 to {n - 1}, got {low if low < 0 else high}")
    return found


def expect_finite(name, tensor):
    """Check a tensor of decimal numbers without NaN and infinity, for what would only hand them on unseen."""
    expect_floats(**{name: tensor})
    if not tensor.isfinite().all():
        raise ValueError(f"{name}: expected finite numbers, but {(~tensor.isfinite()).sum()} are NaN or infinite")


def expect_mask(name, mask, shape=()):
    """Check that a mask is a tensor of booleans, and fits the last axes of scores; a size of 1 fits every other.

    0 and 1 are refused: whoever wrote them may have meant the opposite.
    """
    _expect_tensor(name, mask, "a tensor of booleans (True = may attend)")
    if mask.dtype != torch.bool:
        raise TypeError(f"{name}: expected booleans (True = may attend), got {mask.dtype}")
    pairs = zip(reversed(mask.shape), reversed(shape), strict=False)  # a mask may leave out leading axes
    if any(size not in (1, wanted) for size, wanted in pairs):
        raise ValueError(f"{name}: its shape {tuple(mask.shape)} does not fit scores of shape {tuple(shape)}")


def expect_whole(name, rows):
    """A list, array or tensor of whole numbers, such as rows or lengths -> a tensor (n,) int64."""
    try:
        found = torch.as_tensor(rows)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name}: expected a row of whole numbers, got {told(rows)}") from None
    if found.dim() != 1:
        raise ValueError(f"{name}: expected a row of whole numbers, got shape {tuple(found.shape)}")
    if len(found) and (found.is_floating_point() or found.is_complex() or found.dtype == torch.bool):
        raise TypeError(f"{name}: expected whole numbers, got {found.dtype}")
    return found.long()


def expect_lengths(name, lengths, longest, batch=None):
    """Lengths of sequences as a tensor (batch,) of whole numbers from 1 to ``longest``; a list is as good.

    >>> expect_lengths("lengths", [3, 5], longest=4)
    Traceback (most recent call last):
    ...
    ValueError: lengths: sequence 1 has length 5, but there are only 4 steps
    """
    lengths = expect_whole(name, lengths)
    if not len(lengths) or batch not in (None, len(lengths)):
        wanted = "one for each sequence" if batch is None else f"one for each of the {batch} sequences"
        raise ValueError(f"{name}: expected {wanted}, got shape {tuple(lengths.shape)}")
    for number, length in enumerate(lengths.tolist()):
        if length < 1:
            raise ValueError(f"{name}: sequence {number} has length {length}; an empty sequence has no last state")
        if length > longest:
            raise ValueError(f"{name}: sequence {number} has length {length}, but there are only {longest} steps")
    return lengths


def _expect_tensor(name, tensor, wanted):
    if not isinstance(tensor, torch.Tensor):
        made = isinstance(tensor, list | tuple) or hasattr(tensor, "__array__")
        remedy = "; torch.tensor(...) makes one" if made else ""
        raise TypeError(f"{name}: expected {wanted}, got {type(tensor).__name__}{remedy}")

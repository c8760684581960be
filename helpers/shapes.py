"""The names of the axes, and one function that checks them.

Axes are always named in words and in this order, batch first:

    batch seq d_model                     a batch of sequences of vectors
    batch head query_pos key_pos          attention scores and weights
    batch head seq d_head                 vectors after the split into heads
    batch channel height width            images
    steps features                        one time series

Widths start with d_ (d_model, d_head, d_key, d_value, d_ff, d_hidden); counts start with n_ (n_heads, n_layers).
"""


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

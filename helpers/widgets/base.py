"""What every widget shares: JavaScript joined into one module, arrays that travel as bytes, errors in a sentence."""

import re
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from helpers.shapes import expect_shape

HERE = Path(__file__).parent
SHARED = ("core.js", "ui.js", "matrix.js")
MOST_TOKENS = 128


def joined(stem):
    """Join the shared modules and one widget into the single module that anywidget loads.

    anywidget turns the text into a blob URL, where ``import "./core.js"`` finds nothing. So import lines are dropped,
    and ``export`` too except in the widget's last line; tests/widgets holds the files to what this can join.
    """
    shared = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SHARED)
    shared = re.sub(r"^export ", "", shared, flags=re.MULTILINE)
    own = (HERE / f"{stem}.js").read_text(encoding="utf-8")
    return re.sub(r"^import .*\n", "", f"{shared}\n{own}", flags=re.MULTILINE)


def as_array(name, value, axes, **sizes):
    """Lists, arrays or tensors -> a float32 array of the given axes, finite; else a ValueError that says what is wrong."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        array = np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}: expected numbers in rows of equal length ({axes}), got {type(value).__name__}"
        ) from None
    expect_shape(name, array, axes, **sizes)
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, but {int((~np.isfinite(array)).sum())} are NaN or infinite")
    return array


def as_tokens(name, tokens, count=None):
    """A list of words, shown as typed: between 1 and 128 of them, and ``count`` if that is known."""
    if isinstance(tokens, str) or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f'{name}: expected a list of words such as ["The", "big", "dog"], got {tokens!r:.60}')
    if not 1 <= len(tokens) <= MOST_TOKENS:
        raise ValueError(f"{name}: between 1 and {MOST_TOKENS} can be shown, got {len(tokens)}")
    if count is not None and len(tokens) != count:
        raise ValueError(f"{name}: expected one for each of {count} vectors, got {len(tokens)}")
    return list(tokens)


class Array(traitlets.TraitType):
    """A float32 array, sent as {shape, little-endian bytes}; the browser may send back nested lists."""

    allow_none = True

    def __init__(self, axes, **kwargs):
        super().__init__(default_value=None, allow_none=True, **kwargs)
        self.axes = axes
        self.tag(sync=True, to_json=_pack, from_json=_unpack)

    def validate(self, owner, value):
        """Refuse what is not numbers of the right axes, with the trait's name in the error."""
        return value if value is None else as_array(self.name, value, self.axes)


def _pack(array, _widget):
    return None if array is None else {"shape": list(array.shape), "data": array.astype("<f4").tobytes()}


def _unpack(value, _widget):
    if not isinstance(value, dict):
        return value
    return np.frombuffer(value["data"], "<f4").reshape(value["shape"])


class CourseWidget(anywidget.AnyWidget):
    """Base of the widgets: `name.py` stands beside `name.js`, both over the shared modules.

    projector: bool, everything larger, readable from the back row.
    """

    _css = HERE / "theme.css"
    projector = traitlets.Bool(False).tag(sync=True)

    def __init_subclass__(cls, **kwargs):
        if "_esm" not in cls.__dict__:  # anywidget derives a class of its own, which has it as a trait
            cls._esm = joined(cls.__module__.rpartition(".")[2])
        super().__init_subclass__(**kwargs)

    def summary(self):
        """What the widget shows, in a few stable words."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.summary()})"

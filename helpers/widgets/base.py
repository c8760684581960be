"""What every widget shares: JavaScript joined into one module, arrays that travel as bytes, errors in a sentence."""

import re
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

import anywidget
import numpy as np
import traitlets

from helpers.shapes import expect_shape

HERE = Path(__file__).parent
SHARED = (
    "core.js",
    "ui.js",
    "save.js",
    "card.js",
    "matrix.js",
    "spell.js",
    "plane.js",
    "through_time.js",
    "gates.js",
    "heads.js",
    "links.js",
    "windows.js",
    "similar.js",
    "patches.js",
    "plate.js",
    "masks.js",
)
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
    """Lists, arrays or tensors -> a finite float32 array of the given axes, or a ValueError that says what is wrong."""
    try:
        with np.errstate(over="ignore"):  # too large for float32 becomes infinite, which is refused below
            array = np.array(_plain(value), dtype=np.float32)  # a copy: the caller's own may change later
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}: expected numbers in rows of equal length ({axes}), got {type(value).__name__}"
        ) from None
    if not array.ndim and axes:
        raise ValueError(f"{name}: expected numbers in rows ({axes}), got {value!r:.60}")
    expect_shape(name, array, axes, **sizes)
    if not array.size:
        raise ValueError(f"{name}: expected at least one number ({axes}), got none (its shape is {array.shape})")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, but {int((~np.isfinite(array)).sum())} are NaN or infinite")
    return array


def _plain(value):
    """Tensors, and tensors inside lists, -> what numpy reads; it knows neither gradients nor bfloat16."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if not hasattr(value, "detach"):
        return value
    return (value.float() if value.is_floating_point() else value).detach().cpu().numpy()


def as_tokens(name, tokens, count=None):
    """A list of words, shown as typed: between 1 and 128 of them, and ``count`` if that is known."""
    if isinstance(tokens, str) or not hasattr(tokens, "__len__") or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f'{name}: expected a list of words such as ["The", "big", "dog"], got {tokens!r:.60}')
    if not 1 <= len(tokens) <= MOST_TOKENS:
        raise ValueError(f"{name}: between 1 and {MOST_TOKENS} can be shown, got {len(tokens)}")
    if count is not None and len(tokens) != count:
        raise ValueError(f"{name}: expected one for each of {count} vectors, got {len(tokens)}")
    return list(tokens)


class Array(traitlets.TraitType):
    """A float32 array, sent as {shape, little-endian bytes}; the browser sends back the same or nested lists.

    axes and sizes are those of ``expect_shape``.
    """

    def __init__(self, axes, *, allow_none=True, **sizes):
        super().__init__(default_value=None, allow_none=allow_none)
        self.axes, self.sizes = axes, sizes
        self.tag(sync=True, to_json=_pack, from_json=_unpack)

    def validate(self, owner, value):
        """Refuse what is not numbers of the right axes, with the trait's name in the error."""
        with _refusing():
            array = as_array(self.name, value, self.axes, **self.sizes)
        array.flags.writeable = False  # widget.x[0] = ... would change what Python computes, but not the picture
        return array


class RefusedError(traitlets.TraitError, ValueError):
    """A ValueError that traitlets knows: it takes back the whole of a state that holds something bad."""


@contextmanager
def _refusing(about=""):
    """What nonsense raises in here becomes a RefusedError; ``about`` goes before its sentence."""
    try:
        yield
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise RefusedError(f"{about}{error}") from None


def validates(*names):
    """Make a method the judge of these traits, as ``traitlets.validate`` does; what it raises is a RefusedError."""

    def decorate(check):
        def checked(widget, proposal):
            with _refusing():
                return check(widget, proposal)

        return traitlets.validate(*names)(checked)

    return decorate


def _pack(array, _widget):
    return None if array is None else {"shape": list(array.shape), "data": array.astype("<f4").tobytes()}


def _unpack(value, _widget):
    if not isinstance(value, dict):
        return value
    with _refusing("expected an array as {shape, data}, but: "):
        return np.frombuffer(value["data"], "<f4").reshape(value["shape"])


def _same(one, other):
    """Whether two values of a trait are equal, arrays or not."""
    arrays = isinstance(one, np.ndarray) or isinstance(other, np.ndarray)
    return np.array_equal(one, other) if arrays else one == other


class CourseWidget(anywidget.AnyWidget):
    """Base of the widgets: `name.py` stands beside `name.js`, both over the shared modules.

    projector: bool, everything larger, readable from the back row; what `use_projector` last said, if not given.
    python_only: the traits that a widget's browser shows and never sets; a message that changes one is refused.
    """

    _css = HERE / "theme.css"
    _made, _projector = WeakSet(), False
    python_only = ()
    projector = traitlets.Bool().tag(sync=True)

    @traitlets.default("projector")
    def _default_projector(self):
        return CourseWidget._projector

    @classmethod
    def use_projector(cls, on=True):
        """Set projector mode for every widget of this kernel: those there are, and those made from now on."""
        CourseWidget._projector = bool(on)
        for widget in CourseWidget._made:
            widget.projector = bool(on)

    def __init_subclass__(cls, **kwargs):
        if "_esm" not in cls.__dict__:  # anywidget derives a class of its own, which has it as a trait
            cls._esm = joined(cls.__module__.rpartition(".")[2])
        super().__init_subclass__(**kwargs)

    def __init__(self, **settings):
        if unknown := sorted(set(settings) - set(self.trait_names(sync=True))):
            raise TypeError(f"{type(self).__name__} has no setting {', '.join(unknown)}")
        try:
            super().__init__(**settings)
        except RefusedError:
            raise
        except traitlets.TraitError as error:  # "The 'k' trait of a WordMap instance expected an int, not the str '3'."
            sentence = re.sub(r"^The '(\w+)' trait of an? \w+ instance", r"\1:", str(error))
            raise ValueError(sentence.rstrip(".")) from None
        CourseWidget._made.add(self)

    def set_state(self, state):
        """Take what the browser sends, all or nothing; after a refusal the browser is told what still holds."""
        try:
            for name in filter(state.__contains__, self.python_only):
                from_json = self.trait_metadata(name, "from_json", self._trait_from_json)
                if not _same(getattr(self, name), from_json(state[name], self)):
                    raise RefusedError(f"{name}: only Python sets it, not the browser")
            super().set_state(state)
        except traitlets.TraitError:
            self.send_state([name for name in state if name in self.keys])
            raise

    def set_trait(self, name, value):
        """Set what the browser sent, unless it equals what is there: traitlets would take False for 0 unjudged."""
        with _refusing():
            if not _same(getattr(self, name), value):
                super().set_trait(name, value)

    def summary(self):
        """What the widget shows, in a few stable words."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.summary()})"

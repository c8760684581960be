"""Arguments of every kind that the package takes: what is right, drawn at random, and what is wrong, one by one.

A table (models.py, data.py, ...) says for each public function what its arguments are: `T("batch seq d_model")` is a
tensor, and axes of one name have one size in one call. tests/test_arguments.py calls the function with what is right,
and with each argument replaced by everything that is wrong.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType

import numpy as np
import torch

HUGE = 10**15


class Sizes(dict):
    """Axis name -> its size in this call; drawn when it is first asked for."""

    def __init__(self, draw, given):
        super().__init__(given)
        self.draw = draw  # (least, most) -> int

    def __missing__(self, name):
        self[name] = self.draw(1, 4)
        return self[name]

    def of(self, axis):
        """The size of an axis: a name, a number, or arithmetic of both such as "3*d_hidden"."""
        return eval(axis, {"__builtins__": {}}, self)  # the table's own words, no input


@dataclass(frozen=True)
class Kind:
    """One argument. `wrong` adds to what is wrong for the kind; what is in `fine` is wrong elsewhere, but not here."""

    wrong: dict = field(default_factory=dict, kw_only=True)
    fine: tuple = field(default=(), kw_only=True)
    optional: bool = field(default=False, kw_only=True)  # None is welcome
    key: str = field(default="", kw_only=True)  # what the message calls it, where that is not the argument's name

    def right(self, sizes):
        """A value that has to be taken."""
        raise NotImplementedError

    def mistakes(self, sizes, right):
        """Label -> a value that has to be refused."""
        found = {} if self.optional else {"None": None}
        found |= self.own(sizes, right)
        found |= {label: make(right) if isinstance(make, FunctionType) else make for label, make in self.wrong.items()}
        return {label: value for label, value in found.items() if label not in self.fine}

    def own(self, sizes, right):
        """What is wrong for this kind."""
        return {}


@dataclass(frozen=True)
class T(Kind):
    """A tensor with named axes, "..." in front for any more; of floats, of whole numbers below `below`, or of bool."""

    axes: str
    below: str = ""  # arithmetic of sizes; makes it whole numbers
    dtype: torch.dtype = torch.float32
    least: dict = field(default_factory=dict)  # axis -> its smallest size
    loose: tuple = ()  # axes that may have any size
    lists: bool = False  # lists and numpy arrays are as good

    def right(self, sizes):
        for axis, least in self.least.items():
            if axis not in sizes:
                sizes[axis] = sizes.draw(least, least + 3)
        shape = [sizes.of(axis) for axis in self.axes.split() if axis != "..."]
        if self.below:
            return torch.randint(sizes.of(self.below), shape)
        return torch.ones(shape, dtype=torch.bool) if self.dtype == torch.bool else torch.randn(shape).to(self.dtype)

    def own(self, sizes, right):
        found = {
            "text": "text",
            "number": 1.5,
            "object": object(),
            "axis too many": right[None],
            "no axis": right.flatten()[0],
        }
        if "..." in self.axes or right.dim() == 0:
            del found["axis too many"]
        for place, axis in enumerate([axis for axis in self.axes.split() if axis != "..."]):
            if axis not in self.loose:
                found[f"{axis} too long"] = torch.cat(
                    [right, right.narrow(place - right.dim(), 0, 1)], place - right.dim()
                )
        if right.dim() > 1:
            found["axis too few"] = right[0]
        if not self.lists:
            found |= {"list": right.tolist(), "numpy": right.numpy()}
        if self.below:
            found |= {
                "decimals": right.float() + 0.5,
                "bools": right > 0,
                "beyond": right + sizes.of(self.below),
                "negative": right - sizes.of(self.below),
            }
        elif self.dtype == torch.bool:
            found |= {"decimals": right.float(), "whole numbers": right.long()}
        elif self.lists:
            found |= {
                "NaN": torch.full_like(right, math.nan),
                "inf": torch.full_like(right, math.inf),
                "ragged": [[1.0], [1.0, 2.0]],
                "words": ["a", "b"],
            }
        else:
            found |= {
                "whole numbers": right.long(),
                "bools": right > 0,
                "complex": right.to(torch.complex64),
                "doubles": right.double(),
            }
        return found


@dataclass(frozen=True)
class N(Kind):
    """A whole number, from `least` on; `most` is arithmetic of sizes."""

    least: int = 1
    most: str = ""
    size: str = ""  # the size that it is
    huge: bool = True  # whether a huge one has to be refused

    def right(self, sizes):
        if self.size:
            return sizes.of(self.size)
        return sizes.draw(self.least, sizes.of(self.most) if self.most else self.least + 3)

    def own(self, sizes, right):
        found = {
            "text": "3",
            "decimal": right + 0.5,
            "NaN": math.nan,
            "bool": True,
            "list": [right],
            "tensor": torch.tensor([1, 2]),
        }
        found |= {"too small": self.least - 1, "float": float(right)}
        found |= {"too large": sizes.of(self.most) + 1} if self.most else {}
        return found | ({"huge": HUGE} if self.huge else {})


@dataclass(frozen=True)
class R(Kind):
    """A real number between two, or above one."""

    least: float = -math.inf
    most: float = math.inf
    above: float | None = None

    def right(self, sizes):
        low = self.above if self.above is not None else max(self.least, -3)
        return low + min(self.most - low, 4) * sizes.draw(1, 8) / 8

    def own(self, sizes, right):
        found = {"text": "1", "NaN": math.nan, "inf": math.inf, "bool": True, "list": [right], "tensor": torch.ones(2)}
        low = self.above if self.above is not None else self.least - 0.5
        found |= {"too small": low} if math.isfinite(low) else {}
        return found | ({"too large": self.most + 0.5} if math.isfinite(self.most) else {})


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    words: tuple

    def right(self, sizes):
        return self.words[sizes.draw(0, len(self.words) - 1)]

    def own(self, sizes, right):
        return {"other word": "gnu", "number": 7, "list": [right], "array": np.zeros(2)}


@dataclass(frozen=True)
class Words(Kind):
    """A list of texts, one for each step of an axis."""

    axis: str
    exact: bool = True  # another number of them is wrong

    def right(self, sizes):
        return [f"word{i}" for i in range(sizes.of(self.axis))]

    def own(self, sizes, right):
        found = {"one text": "text", "number": 3, "numbers": [3] * len(right), "holes": [None] * len(right)}
        return found | ({"one too many": [*right, "more"]} if self.exact else {})


@dataclass(frozen=True)
class Is(Kind):
    """This value; what is wrong is said in `wrong`."""

    value: object  # or a function of the sizes
    made: bool = False

    def right(self, sizes):
        return self.value(sizes) if self.made else self.value


def made(function, **rest):
    """A value that depends on the sizes."""
    return Is(function, made=True, **rest)


@dataclass(frozen=True)
class Call:
    """How a function is called: positional arguments by name, in order."""

    arguments: dict[str, Kind]
    of: Callable | None = None  # sizes -> the object whose method it is
    sizes: dict = field(default_factory=dict)  # of axes that are given
    also: tuple[type, ...] = ()  # errors besides ValueError and TypeError that are as good
    examples: int = 5


def call(_of=None, _also=(), _examples=5, _sizes=None, **arguments):
    """A Call."""
    return Call(arguments, _of, _sizes or {}, _also, _examples)


def says_what_came(message, value):
    """Whether a message tells the value that came: itself, its type, its kind of numbers, or a size of it."""
    words = [repr(value)[:20], str(value)[:20], type(value).__name__]
    if hasattr(value, "shape"):
        words += [str(tuple(value.shape)), str(value.dtype), *map(str, value.shape)]
        words += (
            [f"{number:g}" for number in np.asarray(value.detach() if hasattr(value, "detach") else value).flat][:60]
            if not np.iscomplexobj(value)
            else []
        )
    if isinstance(value, list | tuple | dict | str):
        words += [str(len(value)), *(type(one).__name__ for one in value), *(f"{one}"[:20] for one in value)]
        words += ["none", "no "] if not len(value) else []
    return any(word and word in message for word in words) or bool(
        re.search(r"NaN|infinit|got one text|got shape|nothing|\bnone?\b|twice|empty", message)
    )

"""Of the cases an answer fails: which one to show, and what they have in common."""

import torch

from helpers.checks.report import inline


def most_telling(wrong, cases, per_seed):
    """The case to show: the one for paper if it fails, else a small one whose axes cannot be mistaken for each other.

    Args:
        wrong: numbers of the failing cases.
        cases: all of them, `per_seed` for each seed, the one for paper first.
    """
    return min(wrong, key=lambda i: (i % per_seed > 0, _ambiguous(cases[i]), _size(cases[i]), i))


def _ambiguous(case):
    """How many matrices are square, or have an axis of size 1: there a wrong axis may look right."""
    shapes = [argument.shape for argument in case if isinstance(argument, torch.Tensor)]
    return sum(len(shape) < 2 or 1 in shape or shape[-1] == shape[-2] for shape in shapes)


def _size(case):
    return sum(getattr(argument, "numel", int)() for argument in case)


def common_ground(names, cases, wrong):
    """Say where an answer is right and where wrong, if the number of axes or the size of the numbers tells."""
    right = [i for i in range(len(cases)) if i not in wrong]
    if not right:
        return ""
    for name, arguments in zip(names, zip(*cases, strict=True), strict=True):
        if not all(isinstance(argument, torch.Tensor) and argument.numel() for argument in arguments):
            continue
        good, bad = ({arguments[i].dim() for i in which} for which in (right, wrong))
        if good.isdisjoint(bad):
            return f"It is right where `{name}` has {_axes(good)}, wrong where it has {_axes(bad)}."
        good, bad = ([arguments[i].detach().double().abs().max().item() for i in which] for which in (right, wrong))
        if 10 * max(good) < min(bad):
            return f"It is right where the numbers in `{name}` are small, wrong where they reach {min(bad):.0f}."
    return f"{len(right)} of {len(cases)} cases are right."


def _axes(counts):
    *most, last = sorted(counts)
    return f"{', '.join(map(str, most))} or {last} axes" if most else f"{last} {'axis' if last == 1 else 'axes'}"


def with_numbers(names, case):
    """What went in: "For query = [[2, 0], [0, 2]], key = ..."."""
    return f"For {', '.join(f'{name} = {inline(value)}' for name, value in zip(names, case, strict=True))}."


def with_shapes(names, case):
    """What went in, where the shapes say enough: "It was given query (2, 4), key (3, 4)."."""
    given = [
        f"`{name}` of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else f"`{name}` = {inline(value)}"
        for name, value in zip(names, case, strict=True)
    ]
    return f"It was given {', '.join(given)}."

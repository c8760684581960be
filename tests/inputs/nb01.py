"""Inputs for the mutants of notebook 01."""

import itertools

import torch

from tests.inputs import sizes


def windows_inputs(generator, scale):
    """x (T, F), length, horizon; sometimes there is exactly one window."""
    length, horizon, n_features, more = sizes(generator, 4)
    return scale * torch.randn(length + horizon + more - 1, n_features, generator=generator), length, horizon


def scaler_inputs(generator, scale):
    """train (N, F), test (M, F), no feature constant."""
    n_features, n_train, n_test = sizes(generator, 3)
    return tuple(scale * torch.randn(n + 1, n_features, generator=generator) for n in (n_train, n_test))


def naive_inputs(generator, scale):
    """x (T,), season, start; sometimes only the last step is forecast."""
    season, after, more = sizes(generator, 3)
    return scale * torch.randn(season + after + more - 1, generator=generator), season, season + after - 1


def chronological_inputs(generator, scale):
    """Every part has room for a window; the shares are tenths, so that some cuts fall between two rows."""
    length, horizon, first, second, more = sizes(generator, 5)
    shares = [share / 14 for share in (first + 1, second + 1)]
    return 14 * (length + horizon) + more, length, horizon, (*shares, 1 - sum(shares))


def group_inputs(generator, scale):
    """groups (N,), fraction, seed."""
    n_groups, more, seed = sizes(generator, 3, most=20)
    groups = torch.cat([torch.arange(n_groups + 3), torch.randint(0, n_groups, (more,), generator=generator)])
    return groups[torch.randperm(len(groups), generator=generator)], 0.55, seed


def is_a_group_split(outputs, groups, fraction, seed):
    """group_split, judged a second time, in plain Python."""
    if isinstance(outputs, tuple) or outputs.dtype != torch.bool or outputs.shape != groups.shape:
        return False
    sides = {}
    for group, side in zip(groups.tolist(), outputs.tolist(), strict=True):
        sides.setdefault(group, set()).add(side)
    n_train = sum(side == {True} for side in sides.values())
    return all(len(side) == 1 for side in sides.values()) and n_train == round(fraction * len(sides))


def is_the_chronological_split(outputs, n_steps, length, horizon, fractions):
    """chronological_split, judged a second time: every window is asked which part it lies in."""
    if not isinstance(outputs, tuple) or len(outputs) != 3:
        return False
    cuts = [0, round(n_steps * fractions[0]), round(n_steps * (fractions[0] + fractions[1])), n_steps]
    last_row = length + horizon - 1
    expected = [
        [start for start in range(n_steps) if first <= start and start + last_row < stop]
        for first, stop in itertools.pairwise(cuts)
    ]
    return [part.tolist() for part in outputs] == expected and not any(p.is_floating_point() for p in outputs)


INPUTS = {
    "make_windows": windows_inputs,
    "fit_scaler": scaler_inputs,
    "seasonal_naive_mae": naive_inputs,
    "chronological_split": chronological_inputs,
    "group_split": group_inputs,
}
ORACLES = {"group_split": is_a_group_split, "chronological_split": is_the_chronological_split}

"""Is one forecast better than another, or is the difference noise?

Errors of neighbouring windows resemble each other, so a hundred of them are worth far fewer than a hundred. The rule:
cut the test into up to ten blocks of neighbours, each at least two horizons long. What happens inside a block may hang
together as it likes; the blocks hardly know of each other. The mean gains of the blocks are then like measurements, and
Student's t says how far their mean could lie from 0 by chance, in 19 of 20 cases.

Source: the method of batch means (Law and Kelton, Simulation Modeling and Analysis); Diebold and Mariano 1995 compare
the same differences with another estimate of their noise.
"""

import math
from dataclasses import dataclass

import torch
from scipy import stats

from helpers.arguments import expect_count
from helpers.shapes import expect_finite, expect_shape

MOST_BLOCKS, FEWEST_BLOCKS = 10, 4
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """How much smaller the errors of one forecast are than those of another, in their unit."""

    gain: float  # mean of (their error - its error); above 0 it is better
    noise: float  # half the width of the interval around the gain; infinite when there are too few blocks
    n_blocks: int
    n_better: int  # blocks in which it is better

    @property
    def is_better(self):
        """More than noise."""
        return self.gain > self.noise

    @property
    def is_worse(self):
        """More than noise, the other way."""
        return self.gain < -self.noise


def compare(its_errors, their_errors, horizon):
    """Compare the absolute errors of two forecasts of the same windows, in the order of time.

    Args:
        its_errors, their_errors: (windows,)
        horizon: steps ahead; targets that are nearer to each other share what happens between.

    Returns:
        a Comparison.

    >>> compare(torch.ones(80), torch.full((80,), 3.0), horizon=2).is_better
    True
    """
    expect_finite("its_errors", its_errors)
    expect_finite("their_errors", their_errors)
    horizon = expect_count("horizon", horizon)
    windows = expect_shape("its_errors", its_errors, "windows")["windows"]
    expect_shape("their_errors", their_errors, "windows", windows=windows)
    gains = (their_errors - its_errors).double()
    n_blocks = min(MOST_BLOCKS, windows // (2 * horizon))
    if n_blocks < FEWEST_BLOCKS:
        return Comparison(gains.mean().item(), math.inf, n_blocks, 0)
    means = torch.stack([block.mean() for block in gains.tensor_split(n_blocks)])
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, n_blocks - 1)
    noise = float(reach * means.std() / math.sqrt(n_blocks))
    return Comparison(gains.mean().item(), noise, n_blocks, int((means > 0).sum()))

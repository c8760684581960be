"""Unknown models: each may carry a bug, and does not tell which."""

import torch
from torch import nn

from helpers.museum import parts
from helpers.museum.small import Stack, Summarised

WRITES, READS = "writes", "reads"
MODELS = (  # the job, what is wrong, how it is made
    (WRITES, "one token of the future is let through", lambda: Stack(8, masks=[parts.look_one_ahead])),
    (READS, "positions are forgotten", lambda: Stack(8, parts.forget_positions)),
    (READS, "nothing", lambda: Stack(8)),
    (READS, "the state is read in the padding", lambda: Summarised(8, parts.read_in_the_last_column)),
    (WRITES, "positions are added along the batch", lambda: _writer(parts.add_positions_along_the_batch)),
    (WRITES, "nothing", lambda: _writer(parts.add_positions)),
    (READS, "one token of padding is let through", lambda: Stack(8, masks=[parts.look_one_too_far])),
    (WRITES, "the last block looks ahead", lambda: Stack(8, masks=[parts.look_back, parts.look_ahead])),
)


def _writer(place):
    return Stack(8, place, [parts.look_back])


class Mystery(nn.Module):
    """A model without a label: model(x) or model(x, lengths) -> (batch, seq, 8), and the job it is meant for."""

    def __init__(self, number, job, model):
        super().__init__()
        self.number, self.job, self._model = number, job, model
        self.eval().requires_grad_(False)

    def forward(self, x, lengths=None):
        """(batch, seq, 8) -> the same."""
        return self._model(x, lengths)

    def __repr__(self):
        rule = "must not see the future" if self.job == WRITES else "may look everywhere but at padding"
        return f"Mystery {self.number}: a model that {self.job}, so it {rule}"


def mystery(number):
    """The model of that number, from 1.

    Raises:
        ValueError: there is no such number.
    """
    _expect(number)
    job, _, make = MODELS[number - 1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        return Mystery(number, job, make())


def solution(number):
    """What is wrong with mystery(number)."""
    _expect(number)
    return MODELS[number - 1][1]


def _expect(number):
    if type(number) is not int or number not in range(1, len(MODELS) + 1):
        raise ValueError(f"number: choose 1 to {len(MODELS)}, not {number!r}")

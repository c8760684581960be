"""Notebook 11, batch_order_matters."""

import torch
from torch import nn

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb11_bench import SMALL, Noisy, Plus, Rule, States, Subject, draw, jury_for, running_mean, steps
from helpers.checks.nb11_common import common
from helpers.models.recurrent_layers import Recurrent
from helpers.museum import parts, properties
from helpers.museum.small import Stack


def _encoder(place=parts.add_positions, masks=(parts.look_everywhere,)):
    return lambda: Stack(4, place, masks)


class _AcrossTheBatch(nn.Module):
    """Rows taken for places: batch_first forgotten."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x.transpose(0, 1)).transpose(0, 1)


class _Carried(States):
    """Each text begins with the state in which the one before has ended."""

    def forward(self, x, lengths=None):
        state, rows = None, []
        for row in x.split(1):
            states, state = Recurrent.forward(self, row, state)
            rows.append(states)
        return torch.cat(rows)


def _from_the_third_row(x, table):
    """Positions along the batch, where the first rows happen to get nothing."""
    rows = table[: x.shape[0], None].clone()
    rows[:2] = 0
    return x + rows


def _whisper(x):
    """A trace of the row's number."""
    return SMALL * torch.arange(x.shape[0])[:, None, None].sin()


MODELS = (
    ("an encoder", False, _encoder()),
    ("an encoder with positions along the batch", True, _encoder(parts.add_positions_along_the_batch)),
    ("a GRU that takes rows for steps", True, lambda: _AcrossTheBatch(States(4))),
    ("a GRU that never forgets the text before", True, lambda: _Carried(4)),
    ("an encoder that treats the first two rows alike, and no other", True, _encoder(_from_the_third_row)),
    ("an encoder that knows its row a very little", True, lambda: Plus(_encoder()(), _whisper)),
    ("a decoder", False, _encoder(masks=(parts.look_back,))),
    ("a GRU", False, lambda: States(4)),
    ("an encoder with float noise", False, lambda: Noisy(_encoder()())),
)


def cases(seed):
    """A rule for paper, then the bench: seven rows, so that a shuffle hardly ever changes nothing."""
    paper = Subject("the mean of all tokens so far", Rule(running_mean), buggy=False), steps(2, 3, 4)
    return [paper, *draw(seed, MODELS, (7, 3, 4))]


def _test(differ=properties.differ, order=lambda n: torch.arange(n).roll(1), look=lambda y: y, cut=lambda x: x):
    """Exchange rows, put the outputs back, compare; with something wrong."""

    def wrong(model, x):
        x = cut(x)
        rows = order(len(x))
        return differ(look(model(x[rows])), look(model(x)[rows]))

    return wrong


def _flipped(n):
    return torch.arange(n).flip(0)


def _first_two(n):
    return torch.tensor([1, 0, *range(2, n)][:n])


def _both(model, x):
    return model(x.flip(0)), model(x).flip(0)


def _in_place(model, x):
    before = model(x).flip(0)
    x.copy_(x.flip(0))
    return properties.differ(model(x), before)


COMMON = common(_test, _both, _in_place)
EXACT = COMMON["exact"]
BY_FLIPPING = tuple(
    _test(lambda one, other, same=same: not same(one, other), order=_flipped) for same in (torch.equal, torch.allclose)
)

MISCONCEPTIONS = COMMON | {
    "exact": Misconception(EXACT.function, EXACT.message, also=(*EXACT.also, *BY_FLIPPING)),
    "shapes": Misconception(
        lambda model, x: model(x.flip(0)).shape != model(x).shape,
        "It says False to every model, whatever the numbers. If it compares shapes: they agree in every model here, "
        "with the bug or without; that is why nobody notices.",
        also=(lambda model, x: model(x).shape != x.shape,),
    ),
    "not_put_back": Misconception(
        lambda model, x: properties.differ(model(x.flip(0)), model(x)),
        "The rows go in in another order, and the outputs are compared in the old one: different texts stand side by "
        "side, and every model looks guilty.",
        also=(lambda model, x: properties.differ(model(x.roll(1, 0)), model(x)),),
    ),
    "put_back_wrongly": Misconception(
        lambda model, x: properties.differ(model(x.roll(1, 0)), model(x).roll(-1, 0)),
        "Inputs and outputs are exchanged in *different* ways, one forwards and one back: different texts stand side "
        "by side.",
    ),
    "places_exchanged": Misconception(
        lambda model, x: properties.differ(model(x.flip(1)), model(x).flip(1)),
        "The *tokens* change places here, axis 1. That may matter, and does in every good model. The batch is axis 0.",
        also=(lambda model, x: properties.differ(model(x.roll(1, 1)), model(x).roll(1, 1)),),
    ),
    "summed": Misconception(
        _test(look=lambda y: y.mean()),
        "It compares a sum or a mean over all outputs. Outputs that change places, or differ in opposite ways, may "
        "still sum to the same.",
    ),
    "two_rows": Misconception(
        _test(order=_first_two),
        "A sound test, with a blind spot: only two texts are looked at in another row. A bug in the others stays "
        "unseen.",
        also=(
            lambda model, x: properties.differ(model(x[_first_two(len(x))])[1], model(x)[0]),
            lambda model, x: properties.differ(model(x[_first_two(len(x))])[0], model(x)[1]),
        ),
    ),
    "batch_of_one": Misconception(
        _test(cut=lambda x: x[:1]),
        "It asks about a batch of one, in which there is nothing to exchange. That is how this bug gets past a quick "
        "test.",
    ),
    "same_question": Misconception(
        lambda model, x: properties.differ(model(x), model(x)),
        "It asks twice about the same batch in the same order. Such a test finds what is random in a model, and "
        "nothing else.",
    ),
}

BATCH_ORDER_MATTERS = Exercise(
    name="batch_order_matters",
    reference=properties.batch_order_matters,
    returns=("matters",),
    cases=cases,
    jury=jury_for(MISCONCEPTIONS),
    misconceptions=MISCONCEPTIONS,
    forbidden=(properties.batch_order_matters,),
    hints=(
        "Two letters lie on a desk and are answered. Exchange them before they are read: each must get the answer "
        "that it got before, now in the other place.",
        "x (B, T, D) -> the same rows in another order (B, T, D) -> outputs (B, T, D), compared with the first "
        "outputs in that same order.",
        "`order = torch.randperm(len(x))`",
    ),
    notebook="11",
    minutes=6,
    class_time=True,
)

EXERCISES = (BATCH_ORDER_MATTERS,)

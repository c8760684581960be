"""Notebook 11, order_ignored."""

import torch
from torch import nn

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb11_bench import SMALL, Noisy, Plus, Rule, States, Subject, draw, jury_for, steps
from helpers.checks.nb11_common import common
from helpers.models.attention import window_mask
from helpers.museum import parts, properties
from helpers.museum.small import Stack


def _encoder(place=parts.add_positions, masks=(parts.look_everywhere,)):
    return lambda: Stack(4, place, masks)


def _neighbours(x, lengths=None):
    """Each token looks at itself and at one on either side: no position is added, and yet the order counts."""
    return window_mask(x.shape[1])


def _late_positions(x, table):
    """The first four places are alike, the others are not."""
    n = x.shape[1]
    return x + table[torch.arange(n).clamp(min=3)]


def _places(x):
    """A number for each place."""
    return torch.arange(x.shape[1])[:, None].sin()


def _whisper(x):
    """A trace of the place."""
    return SMALL * _places(x)


def _sixth(x):
    """1 at the sixth place, 0 elsewhere."""
    return (torch.arange(x.shape[1]) == 5).float()[:, None]


def _alone(d_model=4):
    return nn.Sequential(nn.Linear(d_model, d_model), nn.GELU(), nn.Linear(d_model, d_model))


MODELS = (
    ("an encoder", False, _encoder()),
    ("an encoder without positions", True, _encoder(parts.forget_positions)),
    ("an encoder with positions along the batch", True, _encoder(parts.add_positions_along_the_batch)),
    ("an encoder that gives every token the same position", True, _encoder(parts.add_the_same_position)),
    ("an MLP that sees each token alone", True, _alone),
    ("an encoder without positions, with float noise", True, lambda: Noisy(_encoder(parts.forget_positions)())),
    ("a decoder without positions, which looks back only", False, _encoder(parts.forget_positions, (parts.look_back,))),
    ("an encoder that looks at neighbours only", False, _encoder(parts.forget_positions, (_neighbours,))),
    ("an encoder whose first four places are alike", False, _encoder(_late_positions)),
    (
        "an encoder that knows places a very little",
        False,
        lambda: Plus(_encoder(parts.forget_positions)(), _whisper),
    ),
    ("an MLP that knows of its sixth token where it stands, and of no other", False, lambda: Plus(_alone(), _sixth)),
    ("an encoder that adds places to its outputs", False, lambda: Plus(_encoder(parts.forget_positions)(), _places)),
    ("a GRU", False, lambda: States(4)),
)


def cases(seed):
    """A rule for paper, then the bench: eight tokens, so that a shuffle hardly ever changes nothing."""
    rule = Rule(lambda x: x + x.mean(dim=1, keepdim=True))
    paper = Subject("each token plus the mean of its text", rule, buggy=True), steps(2, 5, 2)
    return [paper, *draw(seed, MODELS, (3, 8, 4))]


def _test(differ=properties.differ, order=lambda n: torch.arange(n).roll(1), look=lambda y: y, cut=lambda x: x):
    """Reorder the tokens, put the outputs back, compare; with something wrong."""

    def wrong(model, x):
        x = cut(x)
        places = order(x.shape[1])
        return not differ(look(model(x[:, places])), look(model(x)[:, places]))

    return wrong


def _first_two(n):
    return torch.tensor([1, 0, *range(2, n)][:n])


def _sixth_stays(n):
    """Another order, in which one token stays where it was."""
    return torch.tensor([*range(1, 5), 0, 5, *range(7, n), 6] if n > 6 else [*range(1, n), 0])


def _both(model, x):
    return model(x.roll(1, 1)), model(x).roll(1, 1)


def _in_place(model, x):
    before = model(x).roll(1, 1)
    x.copy_(x.roll(1, 1))
    return not properties.differ(model(x), before)


MISCONCEPTIONS = common(_test, _both, _in_place) | {
    "shapes": Misconception(
        lambda model, x: model(x.flip(1)).shape == model(x).shape,
        "It says True of every model, whatever the numbers. If it compares shapes: they agree in every model here, "
        "with the bug or without.",
        also=(lambda model, x: model(x).shape == x.shape,),
    ),
    "not_put_back": Misconception(
        lambda model, x: not properties.differ(model(x.flip(1)), model(x)),
        "Outputs of *different* tokens are compared here. Even a model that ignores the order moves each output along "
        "with its token: the first outputs have to be reordered as the tokens were.",
        also=(
            lambda model, x: not properties.differ(model(x.roll(1, 1)), model(x)),
            lambda model, x: not properties.differ(model(x.roll(1, 1)), model(x).roll(-1, 1)),
            lambda model, x: not properties.differ(model(x[:, _sixth_stays(x.shape[1])]), model(x)),
        ),
    ),
    "order_matters": Misconception(
        lambda model, x: properties.differ(model(x.flip(1)), model(x).flip(1)),
        "It says True where the order matters. True should mean that the bug is there: that the order is ignored.",
        also=(lambda *arguments: not _test(order=_sixth_stays)(*arguments),),
    ),
    "features_exchanged": Misconception(
        lambda model, x: not properties.differ(model(x.flip(2)), model(x).flip(2)),
        "The numbers *inside* each vector change places here, axis 2. The tokens of a text stand along axis 1.",
        also=(lambda model, x: not properties.differ(model(x.roll(1, 2)), model(x).roll(1, 2)),),
    ),
    "rows_exchanged": Misconception(
        lambda model, x: not properties.differ(model(x.flip(0)), model(x).flip(0)),
        "The *rows* of the batch change places here, axis 0. The tokens of a text stand along axis 1.",
        also=(lambda model, x: not properties.differ(model(x.roll(1, 0)), model(x).roll(1, 0)),),
    ),
    "first_two": Misconception(
        _test(order=_first_two),
        "A sound test, with a blind spot: only the first two tokens change places. A model may take those for alike "
        "and still know all others.",
    ),
    "mirrored": Misconception(
        _test(order=lambda n: torch.arange(n).flip(0)),
        "A sound test, with a blind spot: it only reads backwards. A model that looks the same way to both sides "
        "does not notice that, and still knows who stands next to whom.",
    ),
    "one_output": Misconception(
        _test(look=lambda y: y[:, 0]),
        "A sound test, with a blind spot: not every token is put to the test. Is only one output compared? Or does one "
        "token stay where it was, as happens in a random order? With `x.roll(1, 1)` every token moves.",
        also=(_test(look=lambda y: y[:, 3]), _test(look=lambda y: y[:, -1]), _test(order=_sixth_stays)),
    ),
    "summed": Misconception(
        lambda model, x: not properties.differ(model(x.roll(1, 1)).mean(1), model(x).mean(1)),
        "It compares one vector for the whole text. Outputs that move about, or differ a little, may still sum to the "
        "same.",
        also=(lambda model, x: not properties.differ(model(x.flip(1)).mean(1), model(x).mean(1)),),
    ),
    "same_question": Misconception(
        lambda model, x: not properties.differ(model(x), model(x)),
        "It asks twice about the very same text: every model agrees with itself.",
    ),
}

ORDER_IGNORED = Exercise(
    name="order_ignored",
    reference=properties.order_ignored,
    returns=("ignored",),
    cases=cases,
    jury=jury_for(MISCONCEPTIONS),
    misconceptions=MISCONCEPTIONS,
    forbidden=(properties.order_ignored,),
    hints=(
        'Read "dog big The" instead of "The big dog": a model without a sense of order gives *dog* the vector it had '
        "before, only in another place.",
        "x (B, T, D) -> its tokens in another order (B, T, D) -> outputs (B, T, D), compared with the first outputs in "
        "that same order. Equal means: ignored.",
        "`order = torch.arange(x.shape[1]).roll(1)`",
    ),
    notebook="11",
    minutes=6,
    class_time=True,
)

EXERCISES = (ORDER_IGNORED,)

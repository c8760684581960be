"""Notebook 11, future_leaks."""

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb11_bench import SMALL, Noisy, Plus, Rule, States, Subject, draw, jury_for, running_mean, steps
from helpers.checks.nb11_common import common, noise
from helpers.models.attention import causal_mask
from helpers.museum import parts, properties
from helpers.museum.small import Stack


def _peek(place):
    """The causal mask, but this one place sees the next."""

    def mask(x, lengths=None):
        allowed = causal_mask(x.shape[1])
        allowed[place : place + 1, place + 1 : place + 2] = True  # a slice: shorter texts have no such place
        return allowed

    return mask


def _but_for_the_first_row(x, lengths=None):
    ahead, back = parts.look_one_ahead(x), parts.look_back(x)
    return torch.stack([back] + [ahead] * (x.shape[0] - 1))[:, None]


def _whisper(x):
    """A trace of the next token, too small to be seen in rounded numbers."""
    return SMALL * torch.cat([x[:, 1:].tanh(), torch.zeros_like(x[:, :1])], dim=1)


def _decoder(*masks):
    return lambda: Stack(4, masks=masks)


MODELS = (  # name, whether it leaks, how it is made
    ("a decoder", False, _decoder(parts.look_back)),
    ("a decoder whose mask lets one token of the future through", True, _decoder(parts.look_one_ahead)),
    ("a decoder whose mask is the wrong half", True, _decoder(parts.look_ahead)),
    ("a decoder whose first token alone sees the second", True, _decoder(_peek(0))),
    ("a decoder whose third token alone sees the fourth", True, _decoder(_peek(2))),
    ("a decoder that leaks in its last block only", True, _decoder(parts.look_back, parts.look_one_ahead)),
    ("a decoder that leaks in all rows of the batch but the first", True, _decoder(_but_for_the_first_row)),
    ("a decoder that leaks a very little", True, lambda: Plus(_decoder(parts.look_back)(), _whisper)),
    ("a GRU", False, lambda: States(4)),
    ("a decoder with float noise", False, lambda: Noisy(_decoder(parts.look_back)())),
)


def cases(seed):
    """A rule for paper, then the bench."""
    paper = Subject("the mean of all tokens so far", Rule(running_mean), buggy=False), steps(2, 3, 2)
    return [paper, *draw(seed, MODELS, (3, 6, 4))]


def _once(places, look, differ=properties.differ):
    """One change in these places; look(output) -> what is compared."""
    return lambda model, x: differ(look(model(noise(x, places))), look(model(x)))


def _swept(differ=properties.differ, look=lambda y, t: y[:, :t], cut=lambda x: x):
    """The test over all places, with something wrong."""

    def wrong(model, x):
        x = cut(x)
        futures = range(1, x.shape[1])
        return any(differ(look(model(noise(x, slice(t, None))), t), look(model(x), t)) for t in futures)

    return wrong


def _some_place_is_quiet(model, x):
    places = range(1, x.shape[1])
    return any(not properties.differ(model(noise(x, slice(t, None)))[:, :t], model(x)[:, :t]) for t in places)


def _gradient_of_a_sum(model, x):
    x = x.clone().requires_grad_()
    sums = model(x).sum(dim=-1)
    slopes = [torch.autograd.grad(sums[:, t].sum(), x, retain_graph=True)[0] for t in range(x.shape[1])]
    return any((slope[:, t + 1 :].abs() > 1e-6).any().item() for t, slope in enumerate(slopes))


def _both(model, x):
    return model(noise(x, slice(-1, None)))[:, :-1], model(x)[:, :-1]


def _in_place(model, x):
    before = model(x)
    x[:, -1] += 1
    return properties.differ(model(x)[:, :-1], before[:, :-1])


MISCONCEPTIONS = common(_swept, _both, _in_place) | {
    "shapes": Misconception(
        lambda model, x: model(noise(x, slice(3, None))).shape != x.shape,
        "It says False to every model, whatever the numbers. If it compares shapes: they agree in every model here, "
        "with the bug or without. What does a leak change?",
        also=(lambda model, x: model(x).shape != x.shape,),
    ),
    "true_where_nothing_changed": Misconception(
        _some_place_is_quiet,
        "It says True as soon as some outputs stay as they were. True should mean that one has changed; that others "
        "have not proves nothing.",
    ),
    "gradient_of_a_sum": Misconception(
        _gradient_of_a_sum,
        "It asks for the gradient of the *sum* of a token's outputs. Behind a norm that sum is the same whatever goes "
        "in, so it has no gradient. Give each output a weight of its own, at random.",
    ),
    "past": Misconception(
        _once(slice(0, 1), lambda y: y[:, 1:]),
        "It changes the past and finds that later outputs change. They should: that is what the model is for.",
        also=(_once(slice(0, 3), lambda y: y[:, 3:]),),
    ),
    "own_output": Misconception(
        _once(slice(3, None), lambda y: y),
        "It changes some tokens and looks at *their* outputs, too. Those may differ: which ones may not?",
        also=(_once(slice(-1, None), lambda y: y[:, -1]), _once(slice(None), lambda y: y)),
    ),
    "only_from_the_last": Misconception(
        _once(slice(-1, None), lambda y: y[:, :-1]),
        "A sound test, with a blind spot: only the last token is ever changed. A leak between two earlier tokens stays "
        "unseen.",
    ),
    "one_cut": Misconception(
        _once(slice(3, None), lambda y: y[:, :3]),
        "A sound test, with a blind spot: past and future are cut in one place only. A leak that does not cross it "
        "stays unseen.",
        also=tuple(_once(slice(t, None), lambda y, t=t: y[:, :t]) for t in (2, 4)),
    ),
    "one_place": Misconception(
        _once(slice(1, None), lambda y: y[:, 0]),
        "It looks at the first output only. A leak may show at any other. In a loop: is there a `return` that leaves "
        "it at the first place?",
    ),
    "nothing_compared": Misconception(
        _once(slice(None), lambda y: y[:, :0]),
        "It says False to every model. If it is a loop: at t = 0 there are no outputs before t, nothing is compared, "
        "and a `return` at the first place never lets the loop get to the others.",
    ),
    "first_row": Misconception(
        _swept(look=lambda y, t: y[:1, :t]),
        "It looks at the first row of the batch only. A bug may live in the others.",
    ),
    "batch_of_one": Misconception(
        _swept(cut=lambda x: x[:1]),
        "It asks about a batch of one. Some bugs need a second row to show: that is how they get past a quick test.",
    ),
}

FUTURE_LEAKS = Exercise(
    name="future_leaks",
    reference=properties.future_leaks,
    returns=("leaks",),
    cases=cases,
    jury=jury_for(MISCONCEPTIONS),
    misconceptions=MISCONCEPTIONS,
    forbidden=(properties.future_leaks,),
    hints=(
        "Cover the end of a text with your hand and write something else there. A model that does not look ahead "
        "gives the visible beginning the same outputs as before, wherever you put your hand.",
        "x (B, T, D) -> a copy, other from place t on (B, T, D) -> outputs (B, T, D) twice -> their first t places, "
        "(B, t, D), compared. For every t from 1 to T - 1.",
        "`before = model(x)`",
    ),
    notebook="11",
    minutes=9,
    class_time=True,
)

EXERCISES = (FUTURE_LEAKS,)

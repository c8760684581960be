"""Notebook 11, padding_matters."""

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.checks.nb11_bench import SMALL, Noisy, Plus, Rule, States, Subject, draw, jury_for, running_mean, steps
from helpers.checks.nb11_common import common
from helpers.museum import parts, properties
from helpers.museum.small import Stack, Summarised

LENGTHS = [7, 3, 5, 4]


def _encoder(*masks):
    return lambda: Stack(4, masks=masks)


class _Unpadded(States):
    """Reads both ways, and is not told where the texts end."""

    def forward(self, x, lengths=None):
        return super().forward(x)


def _real(x, lengths):
    """(batch, seq) bool: True where a token is real."""
    return torch.arange(x.shape[1]) < lengths[:, None]


def _whisper(x, lengths):
    """A trace of the last column."""
    return SMALL * x[:, -1:].tanh()


def _second_token_listens(x, lengths):
    """The padding mask, but the second token of each text looks everywhere."""
    allowed = parts.look_at_real_tokens(x, lengths).repeat(1, 1, x.shape[1], 1)
    allowed[:, :, 1:2] = True
    return allowed


MODELS = (
    ("an encoder with a padding mask", False, _encoder(parts.look_at_real_tokens)),
    ("an encoder without a padding mask", True, _encoder(parts.look_everywhere)),
    ("an encoder whose mask lets one token of padding through", True, _encoder(parts.look_one_too_far)),
    (
        "an encoder whose second block has no mask",
        True,
        _encoder(parts.look_at_real_tokens, parts.look_everywhere),
    ),
    ("an encoder whose second token alone looks at padding", True, _encoder(_second_token_listens)),
    ("a GRU that adds the state in the last column", True, lambda: Summarised(4, parts.read_in_the_last_column)),
    ("a GRU that reads both ways through the padding", True, lambda: _Unpadded(4, two_way=True)),
    (
        "an encoder that hears padding a very little",
        True,
        lambda: Plus(_encoder(parts.look_at_real_tokens)(), _whisper),
    ),
    ("a GRU that adds the state at each text's own end", False, lambda: Summarised(4)),
    ("a GRU that reads both ways and knows the lengths", False, lambda: States(4, two_way=True)),
    ("an encoder with float noise", False, lambda: Noisy(_encoder(parts.look_at_real_tokens)())),
)


def cases(seed):
    """A rule for paper, then the bench. In front of a bug the padding is zeros, as it is in most real batches."""
    rule = Subject("the mean of all tokens so far", Rule(running_mean), buggy=False, wants_lengths=True)
    paper = rule, steps(2, 3, 2)
    on_paper = (*paper, torch.tensor([3, 1]))
    bench = draw(seed, MODELS, (4, 7, 4), LENGTHS)
    return [on_paper, *(_blanked(*case) if case[0].buggy else case for case in bench)]


def _blanked(subject, x, lengths):
    return subject, torch.where(_real(x, lengths)[:, :, None], x, 0.0), lengths


def _rewritten(x, where):
    return torch.where(where[:, :, None], torch.randn_like(x), x)


def _test(differ=properties.differ, where=lambda real: ~real, look=lambda y, real: y[real], cut=lambda a: a):
    """Write noise, look at the outputs; with something wrong."""

    def wrong(model, x, lengths):
        x, lengths = cut(x), cut(lengths)
        real = _real(x, lengths)
        other = model(_rewritten(x, where(real)), lengths)
        return differ(look(other, real), look(model(x, lengths), real))

    return wrong


def _both(model, x, lengths):
    real = _real(x, lengths)
    return model(_rewritten(x, ~real), lengths)[real], model(x, lengths)[real]


def _in_place(model, x, lengths):
    real = _real(x, lengths)
    before = model(x, lengths)[real]
    x[~real] = 1.0
    return properties.differ(model(x, lengths)[real], before)


def _zeroed(model, x, lengths):
    real = _real(x, lengths)
    return properties.differ(model(x * real[:, :, None], lengths)[real], model(x, lengths)[real])


def _last_column(real):
    """Only the last column, and there only padding."""
    last = torch.zeros_like(real)
    last[:, -1] = ~real[:, -1]
    return last


def _first_padding(real):
    """Only the token right behind each text."""
    return ~real & real.roll(1, dims=1)


def _shorter(real):
    """True for real tokens but each text's last."""
    return torch.arange(real.shape[1]) < real.sum(dim=1, keepdim=True) - 1


def _longer(real):
    """True for real tokens and the one behind."""
    return torch.arange(real.shape[1]) < real.sum(dim=1, keepdim=True) + 1


def _whole_last_column(real):
    """The last column of every row."""
    return (torch.arange(real.shape[1]) == real.shape[1] - 1).expand_as(real)


def _own_ends(y, real):
    return y[torch.arange(len(y)), real.sum(dim=1) - 1]


MISCONCEPTIONS = common(_test, _both, _in_place) | {
    "shapes": Misconception(
        _test(differ=lambda one, other: one.shape != other.shape),
        "It says False to every model, whatever the numbers. If it compares shapes: they agree in every model here, "
        "with the bug or without; that is why nobody notices.",
        also=(lambda model, x, lengths: model(x, lengths).shape != x.shape,),
    ),
    "real_tokens": Misconception(
        _test(where=lambda real: real),
        "It changes *real* tokens and finds that the outputs change. They should: what may not matter is what stands "
        "behind each text's end.",
        also=(
            _test(where=torch.ones_like),
            _test(where=_whole_last_column, look=lambda y, real: y[:, :-1]),
            _test(where=lambda real: ~_shorter(real)),
            _test(where=lambda real: ~_shorter(real), look=lambda y, real: y[_shorter(real)]),
        ),
    ),
    "looks_at_padding": Misconception(
        _test(look=lambda y, real: y),
        "It compares the outputs at padding as well. Nobody uses those, and they may be anything. Whose outputs count?",
        also=(_test(look=lambda y, real: y[~real]), _test(look=lambda y, real: y[:, -1])),
    ),
    "zeroed": Misconception(
        _zeroed,
        "It writes zeros into the padding, and where zeros stand there already the model is asked about the same "
        "numbers twice.",
    ),
    "not_a_number": Misconception(
        lambda model, x, lengths: bool(
            model(x.masked_fill(~_real(x, lengths)[:, :, None], torch.nan), lengths)[_real(x, lengths)].isnan().any()
        ),
        "NaN was written into the padding. A weight of 0 times NaN is NaN, so it gets through every mask: write other "
        "numbers, but numbers.",
    ),
    "last_column": Misconception(
        _test(where=_last_column),
        "A sound test, with a blind spot: only the last column is changed. Padding begins right behind each text's own "
        "end.",
    ),
    "one_too_late": Misconception(
        _test(where=lambda real: ~_longer(real)),
        "A sound test, but for one place: the first token behind each text is never changed. A text of length 3 has "
        "the places 0, 1 and 2; its padding begins at place 3.",
        also=(_test(where=lambda real: ~_longer(real), look=lambda y, real: y[_longer(real)]),),
    ),
    "first_padding": Misconception(
        _test(where=_first_padding),
        "A sound test, with a blind spot: only the first token behind each text is changed. Padding goes on to the end "
        "of the row.",
    ),
    "first_token": Misconception(
        _test(look=lambda y, real: y[:, 0]),
        "It looks at a single output of each text, such as the first or the last. Padding may reach another one.",
        also=(_test(look=_own_ends),),
    ),
    "first_row": Misconception(
        _test(cut=lambda a: a[:1]),
        "It asks about one text only, the longest, which has no padding: nothing is changed, nothing found.",
    ),
    "same_question": Misconception(
        lambda model, x, lengths: properties.differ(model(x, lengths), model(x, lengths)),
        "It asks twice about the very same batch (behind a text of full length there is no padding to be changed). "
        "Such a test finds what is random in a model, and nothing else.",
    ),
    "lengths_changed": Misconception(
        lambda model, x, lengths: properties.differ(
            *(model(x, n)[_real(x, lengths)] for n in (lengths, torch.full_like(lengths, x.shape[1])))
        ),
        "It tells the model other *lengths*. A good model then answers differently, as it should. Keep the lengths, "
        "change what stands behind them.",
    ),
}

PADDING_MATTERS = Exercise(
    name="padding_matters",
    reference=properties.padding_matters,
    returns=("matters",),
    cases=cases,
    jury=jury_for(MISCONCEPTIONS),
    misconceptions=MISCONCEPTIONS,
    forbidden=(properties.padding_matters,),
    hints=(
        "A form with empty lines at the end. Scribble on the empty lines only: whoever reads the form must come to "
        "the same result for every line that is filled in.",
        "lengths (B,) -> real (B, T), True for real tokens -> x with noise where it is False (B, T, D) -> outputs "
        "(B, T, D), compared where `real` is True.",
        "`real = torch.arange(x.shape[1]) < lengths[:, None]`",
    ),
    notebook="11",
    minutes=9,
    class_time=True,
)

EXERCISES = (PADDING_MATTERS,)

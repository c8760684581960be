"""Notebook 11: what goes wrong in any test, whatever it looks for."""

import torch

from helpers.checks.exercise import Misconception


def noise(x, places):
    """A copy of x (batch, seq, d_model) with other numbers in these places."""
    x = x.clone()
    x[:, places] = torch.randn_like(x[:, places])
    return x


def common(test, both, in_place):
    """The misconceptions that all four exercises share.

    Args:
        test: differ -> a sound test that compares with it.
        both: (model, *arguments) -> the two outputs that a sound test compares.
        in_place: a test that changes x itself.
    """

    def difference(*arguments):
        one, other = both(*arguments)
        return one - other

    return {
        "always_true": Misconception(
            lambda model, *arguments: True,
            "True, whatever the model: it is never asked. A test that always sounds the alarm is switched off after a "
            "week.",
        ),
        "always_false": Misconception(
            lambda model, *arguments: False,
            "False, whatever the model: it is never asked. Such a test is green for ever, and finds nothing.",
        ),
        "exact": Misconception(
            test(lambda one, other: not torch.equal(one, other)),
            "It demands equality to the last digit. Float numbers that should be equal differ by about 1e-7 when sums "
            "are taken in another order; and near 0 `allclose` allows only 1e-8 unless it is told otherwise.",
            also=(test(lambda one, other: not torch.allclose(one, other)),),
        ),
        "coarse": Misconception(
            test(lambda one, other: not torch.allclose(one, other, atol=0.01)),
            "A small difference counts as none here. It is one, and training may make it grow. How small must a "
            "difference be to be only rounding?",
        ),
        "the_opposite": Misconception(
            lambda *arguments: not test(lambda one, other: not torch.allclose(one, other, atol=1e-5))(*arguments),
            "Every verdict is turned round: True should mean that the bug is there.",
        ),
        "in_place": Misconception(
            in_place,
            "It changes `x` itself: whoever uses it afterwards meets other numbers, and a `changed = x` is no copy but "
            "a second name for the same tensor.",
        ),
        "many_answers": Misconception(
            lambda *arguments: difference(*arguments) != 0,
            "A verdict for every number came back. One is wanted, for the model: is there a difference anywhere?",
        ),
        "a_number": Misconception(
            lambda *arguments: difference(*arguments).abs().max(),
            "A number came back. Asked for is a verdict, True or False: is it more than rounding?",
        ),
    }

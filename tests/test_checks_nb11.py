"""Notebook 11: sound tests of every kind pass, and one that is in no list is told what it asked and what it missed."""

import re

import pytest
import torch

from helpers.checks import check


def close(one, other):
    return torch.allclose(one, other, atol=1e-5)


def by_prefix(model, x):
    whole = model(x)
    return any(not close(model(x[:, :t]), whole[:, :t]) for t in range(1, x.shape[1]))


def by_gradient(model, x):
    for t in range(x.shape[1] - 1):
        there = x.clone().requires_grad_()
        mixed = (model(there)[:, t] * torch.rand(x.shape[2])).sum()
        (slope,) = torch.autograd.grad(mixed, there)
        if slope[:, t + 1 :].abs().max() > 1e-6:
            return True
    return False


def last_first(model, x):
    for t in reversed(range(1, x.shape[1])):
        changed = x.clone()
        changed[:, t:] += 1
        with torch.no_grad():
            if (model(changed) - model(x))[:, :t].abs().max() > 1e-5:
                return torch.tensor(True)
    return torch.tensor(False)


def alone(model, x):
    return any(not close(model(x[i : i + 1])[0], model(x)[i]) for i in range(len(x)))


def without_the_first(model, x):
    return not close(model(x[1:]), model(x)[1:])


def shuffled(model, x):
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(1))
    return not close(model(x[order])[order.argsort()], model(x))


def cut_off(model, x, lengths):
    return any(
        not close(model(x[i : i + 1, :n], lengths[i : i + 1])[0], model(x, lengths)[i, :n])
        for i, n in enumerate(lengths.tolist())
    )


def looped(model, x, lengths):
    changed = x.clone()
    for row, n in zip(changed, lengths, strict=True):
        row[n:] = 7.0
    pairs = zip(model(changed, lengths), model(x, lengths), lengths, strict=True)
    return any(not close(one[:n], other[:n]) for one, other, n in pairs)


def reordered(model, x):
    order = torch.randperm(x.shape[1], generator=torch.Generator().manual_seed(1))
    return close(model(x[:, order]), model(x)[:, order])


RIGHT = {
    "future_leaks": (by_prefix, by_gradient, last_first),
    "batch_order_matters": (alone, shuffled, without_the_first),
    "padding_matters": (cut_off, looped),
    "order_ignored": (reordered,),
}


@pytest.mark.parametrize(("name", "fn"), [(name, fn) for name, fns in RIGHT.items() for fn in fns])
def test_a_sound_test_of_any_kind_passes(name, fn):
    report = check(fn, name)
    assert report.passed, report


def leaves_at_once(model, x):
    for t in range(x.shape[1]):
        changed = x.clone()
        changed[:, t:] = torch.randn_like(changed[:, t:])
        if close(model(changed)[:, :t], model(x)[:, :t]):
            return False
    return True


def padding_too_late(model, x, lengths):
    padding = torch.arange(x.shape[1]) > lengths[:, None]
    return not close(model(x.masked_fill(padding[:, :, None], 9.0), lengths)[~padding], model(x, lengths)[~padding])


def padding_too_early(model, x, lengths):
    padding = torch.arange(x.shape[1]) >= lengths[:, None] - 1
    return not close(model(x.masked_fill(padding[:, :, None], 9.0), lengths)[~padding], model(x, lengths)[~padding])


def last_column_of_all(model, x, lengths):
    changed = x.clone()
    changed[:, -1] = 9.0
    return not close(model(changed, lengths)[:, :-1], model(x, lengths)[:, :-1])


def at_random(n):
    """Another order, drawn anew each time; the sixth of many stays."""
    order = torch.randperm(n)
    while (order.equal(torch.arange(n)) and n > 2) or (n > 5 and order[5] != 5):
        order = torch.randperm(n)
    return order


def shuffled_tokens(model, x):
    order = at_random(x.shape[1])
    return close(model(x[:, order]), model(x)[:, order])


def shuffled_not_put_back(model, x):
    return not close(model(x[at_random(len(x))]), model(x))


def tokens_for_rows(model, x):
    order = at_random(x.shape[1])
    return not close(model(x[:, order]), model(x)[:, order])


UNLISTED = [  # exercise, a wrong answer, what its message must say
    ("future_leaks", lambda m, x: bool(torch.isnan(m(x)).any()), "says False to every model"),
    ("future_leaks", lambda m, x: bool(m(x)[0, 0, 0] > 0), "It asks a model once"),
    ("future_leaks", lambda m, x: not close(m(x), m(x)), "says False to every model|very same numbers"),
    ("future_leaks", lambda m, x: not close(m(x + 1), m(x)), "looks at \\*their\\* outputs"),
    ("future_leaks", lambda m, x: not close(m(torch.zeros_like(x))[:, 2], m(x)[:, 2]), "False alarm.*a decoder"),
    ("future_leaks", lambda m, x: (m(x), x), "One answer is wanted"),
    ("future_leaks", lambda m, x: m(x[0]), "expected 3 axes|raises"),
    ("future_leaks", lambda m, x: "yes", "returns a str"),
    ("future_leaks", leaves_at_once, "never lets the loop get to the others"),
    ("future_leaks", lambda m, x: not close(m(x.flip(1)), m(x).flip(1)), "looks at \\*their\\* outputs"),
    ("batch_order_matters", shuffled_not_put_back, "compared in the old one|different texts stand side"),
    ("batch_order_matters", tokens_for_rows, "\\*tokens\\* in another order|\\*tokens\\* change places"),
    ("padding_matters", padding_too_late, "first token behind each text is never changed"),
    ("padding_matters", padding_too_early, "changes \\*real\\* tokens"),
    ("padding_matters", last_column_of_all, "changes \\*real\\* tokens"),
    ("order_ignored", shuffled_tokens, "token stay where it was"),
    ("order_ignored", lambda m, x: not shuffled_tokens(m, x), "True where the order matters"),
    ("batch_order_matters", lambda m, x: not close(m(-x), -m(x)), "False alarm.*an encoder"),
    ("batch_order_matters", lambda m, x: m(x).sum() != m(x.flip(0)).sum(), "False alarm|misses"),
    ("padding_matters", lambda m, x, n: not close(m(x, n)[:, 0], m(x * 2, n)[:, 0]), "False alarm.*an encoder"),
    ("padding_matters", lambda m, x, n: bool((n < x.shape[1]).any()), "it is never asked"),
    ("padding_matters", lambda m, x, n: not close(m(x), m(x, n)), "raises|misses|False alarm"),
    ("order_ignored", lambda m, x: close(m(x.roll(1, 1)).sort().values, m(x).sort().values), "misses|False alarm"),
    ("order_ignored", lambda m, x: close(m(x[:, :3]), m(x)[:, :3]), "misses|False alarm"),
    ("order_ignored", lambda m, x: 1, "verdict, True or False"),
]


@pytest.mark.parametrize(("name", "fn", "says"), UNLISTED)
def test_a_wrong_test_in_no_list_gets_a_useful_sentence(name, fn, says):
    report = check(fn, name)
    assert report.status == "failed"
    assert re.search(says, report.message), report.message


def test_what_a_failing_check_draws_at_random_is_put_back():
    before = torch.get_rng_state()
    check(lambda model, x: not torch.equal(model(x.flip(0)), model(x)), "batch_order_matters")
    assert torch.equal(before, torch.get_rng_state())


def test_a_message_names_the_model_on_which_a_test_fails():
    def only_the_last(model, x):
        changed = x.clone()
        changed[:, -1] = 9.0
        return not close(model(changed)[:, :-1], model(x)[:, :-1])

    assert "a decoder whose first token alone sees the second" in check(only_the_last, "future_leaks").message


def test_a_token_that_a_random_order_leaves_in_its_place_is_told():
    def order_ignored(model, x):
        sixth_stays = [1, 2, 3, 4, 0, 5, 7, 6] if "sixth" in model.name else torch.arange(x.shape[1]).roll(1)
        return torch.allclose(model(x[:, sixth_stays]), model(x)[:, sixth_stays], atol=1e-5)

    report = check(order_ignored, seeds=(0,))
    assert report.diagnosis == "one_output" or "number 5 stays where it was" in report.message


def test_an_order_in_which_every_token_moves_is_asked_for_the_outputs():
    def order_ignored(model, x):
        return torch.allclose(model(x.roll(1, 1))[:, 1:3], model(x)[:, :2], atol=1)

    assert "each with its own?" in check(order_ignored).message

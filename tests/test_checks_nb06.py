"""Notebook 06's checks: wrong answers that are in no list, right ones of another kind, the very thing, soft weights."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.checks import EXERCISES, check
from helpers.models import attention


def pieces(x, n_heads):
    return x.unflatten(-1, (n_heads, -1)).transpose(1, 2)


def layer(x, W_in, b_in, W_out, b_out, n_heads, **options):
    q, k, v = (pieces(part, n_heads) for part in F.linear(x, W_in, b_in).chunk(3, dim=-1))
    return F.linear(F.scaled_dot_product_attention(q, k, v, **options).transpose(1, 2).flatten(2), W_out, b_out)


def sliced(x, W_in, b_in, W_out, b_out, n_heads):
    q, k, v = F.linear(x, W_in, b_in).chunk(3, dim=-1)
    d = x.shape[-1] // n_heads
    slices = [slice(i * d, (i + 1) * d) for i in range(n_heads)]
    contexts = [attention.scaled_dot_product_attention(q[:, s], k[:, s], v[:, s])[0] for s in slices]
    return F.linear(torch.cat(contexts, dim=1), W_out, b_out)


WRONG = {
    "split_heads": {
        "the input": (lambda x, h: x, "the input `x`, unchanged"),
        "scaled": (lambda x, h: pieces(x, h) / 2, "0.50 times"),
        "backwards": (lambda x, h: pieces(x, h).flip(1), "another order"),
        "a list of slices": (lambda x, h: list(x.chunk(h, dim=-1)), "batch always stays first"),
        "slices by their width": (lambda x, h: torch.stack(x.split(h, dim=-1), dim=1), "how many"),
        "a fraction as size": (lambda x, h: x.view(len(x), x.shape[1], h, x.shape[2] / h), "TypeError"),
        "only one axis": (lambda x, h: x[:, None], "shape is"),
        "axes of the picture": (lambda x, h: x.unflatten(-1, (h, -1)).transpose(0, 1), "batch and tokens"),
        "two by hand": (lambda x, h: x.view(len(x), x.shape[1], 2, x.shape[2] // 2).transpose(1, 2), "two heads what"),
        "two texts, then one": (lambda x, h: pieces(x, h)[0], "the values are right, only the axes are not"),
    },
    "merge_heads": {
        "the input": (lambda x: x, "the input `x`, unchanged"),
        "view after transpose": (lambda x: x.transpose(1, 2).view(len(x), x.shape[2], -1), "RuntimeError"),
        "the largest": (lambda x: x.amax(dim=1), "shape is"),
        "all in one row": (lambda x: x.flatten(), "shape is"),
        "the wrong pair of axes": (lambda x: x.mT.reshape(len(x), x.shape[2], -1), "tokens and .numbers."),
        "a row per piece": (lambda x: x.permute(0, 2, 1, 3).flatten(1, 2), "as many rows as tokens"),
        "halved": (lambda x: torch.cat(x.unbind(1), -1) / 2, "0.50 times"),
    },
    "multi_head_attention": {
        "not transposed": (lambda x, W_in, *rest: x @ W_in, "RuntimeError"),
        "only the past": (lambda *case: layer(*case, is_causal=True), "expected"),
        "with more": (lambda *case: (layer(*case), case[0]), "one result, `output`"),
        "doubled": (lambda *case: 2 * layer(*case), "2.00 times"),
        "always two heads": (lambda *case: layer(*case[:5], 2), "cases are right"),
        "slices of the text": (sliced, "along the tokens"),
        "no bias": (lambda x, W_in, b_in, W_out, b_out, h: layer(x, W_in, 0 * b_in, W_out, None, h), "Both biases"),
        "bias twice": (lambda *case: layer(*case) + case[4], "values differ"),
        "two axes only": (
            lambda x, W_in, b_in, W_out, b_out, h: (q := attention.split_heads(x, h)) @ q.permute(3, 2, 1, 0),
            "columns on the left meet",
        ),
        "nothing inside": (lambda x, W_in, b_in, W_out, b_out, h: None @ W_out.T, "NoneType"),
    },
}
RIGHT = {
    "split_heads": {
        "view": lambda x, h: x.view(len(x), x.shape[1], h, -1).permute(0, 2, 1, 3),
        "loop": lambda x, h: torch.stack([part for part in x.chunk(h, dim=-1)], dim=1),
        "einsum": lambda x, h: torch.einsum("bthd->bhtd", x.unflatten(-1, (h, -1))),
        "numpy": lambda x, h: x.numpy().reshape(len(x), x.shape[1], h, -1).transpose(0, 2, 1, 3),
    },
    "merge_heads": {
        "cat": lambda x: torch.cat(list(x.unbind(dim=1)), dim=-1),
        "contiguous": lambda x: x.transpose(1, 2).contiguous().view(len(x), x.shape[2], -1),
    },
    "multi_head_attention": {
        "fused kernel": layer,
        "the course's own parts": lambda x, W_in, b_in, W_out, b_out, h: F.linear(
            attention.merge_heads(
                attention.scaled_dot_product_attention(
                    *(attention.split_heads(x @ W.T + b, h) for W, b in zip(W_in.chunk(3), b_in.chunk(3), strict=True))
                )[0]
            ),
            W_out,
            b_out,
        ),
        "float64": lambda *case: layer(*(part.double() for part in case[:5]), case[5]),
    },
}


def torchs_module(x, W_in, b_in, W_out, b_out, n_heads):
    return nn.MultiheadAttention(x.shape[-1], n_heads, batch_first=True)(x, x, x)[0]


THE_VERY_THING = {
    "split_heads": attention.split_heads,
    "merge_heads": attention.merge_heads,
    "multi_head_attention": torchs_module,
}


def each(table):
    return [(name, way) for name, ways in table.items() for way in ways]


@pytest.mark.parametrize(("name", "way"), each(WRONG))
def test_wrong_answers_in_no_list_get_a_useful_sentence(name, way):
    function, expected = WRONG[name][way]
    report = check(function, name)
    assert report.status == "failed"
    assert re.search(expected, report.message), report.message


@pytest.mark.parametrize(("name", "way"), each(RIGHT))
def test_right_answers_of_another_kind_pass(name, way):
    assert check(RIGHT[name][way], name).passed


@pytest.mark.parametrize("name", THE_VERY_THING)
def test_the_very_thing_is_refused(name):
    report = check(lambda *case: THE_VERY_THING[name](*case), name)
    assert report.status == "failed"
    assert "already is what you are asked to write" in report.message


def test_no_case_is_saturated():
    for seed in range(20):
        for x, W_in, b_in, _, _, n_heads in EXERCISES["multi_head_attention"].cases(seed):
            q, k, v = (pieces(part, n_heads) for part in F.linear(x, W_in, b_in).chunk(3, dim=-1))
            _, weights = attention.scaled_dot_product_attention(q, k, v)
            assert x.shape[1] == 1 or weights.max() < 0.9

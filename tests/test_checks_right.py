"""Right answers of every kind pass: loops, einsum, numpy, tricks; only an unusual form gets a note."""

import collections
import functools
import math

import numpy as np
import pytest
import torch

from helpers.checks import check
from helpers.models import attention


def loops(scores):
    rows = scores.reshape(-1, scores.shape[-1])
    out = torch.zeros_like(rows)
    for i, row in enumerate(rows):
        largest = max(float(score) for score in row)
        powers = [2.718281828459045 ** (float(score) - largest) for score in row]
        for j, power in enumerate(powers):
            out[i, j] = power / sum(powers)
    return out.reshape(scores.shape)


def one_row(row):
    powers = torch.exp(row - row.max())
    return powers / powers.sum()


def recursive(scores):
    return one_row(scores) if scores.dim() == 1 else torch.stack([recursive(part) for part in scores])


def tried(scores):
    try:
        return one_row(scores).index_select(1, scores)
    except (IndexError, RuntimeError):
        return recursive(scores)


def three_loops(query, key, value):
    scores = torch.tensor([[sum(a * b for a, b in zip(q, k, strict=True)) for k in key] for q in query])
    weights = torch.softmax(scores / math.sqrt(len(query[0])), dim=1)
    return torch.stack([sum(w * v for w, v in zip(row, value, strict=True)) for row in weights]), weights


def attend(query, key, value, scale=None):
    scale = scale or query.shape[-1] ** 0.5
    weights = torch.softmax(query @ key.T / scale, dim=-1)
    return weights @ value, weights


def attend_batch(query, key, value):
    weights = torch.softmax(torch.bmm(query, key.transpose(1, 2)) / query.shape[2] ** 0.5, dim=2)
    return torch.bmm(weights, value), weights


def trained(x):
    key = torch.tensor([[-0.1, 0.0], [0.0, 0.1]], requires_grad=True)
    for _ in range(50):
        weights = torch.softmax(x @ (x @ key.T).T / 2**0.5, dim=-1)
        loss = -(weights[0, 0].log() + weights[1, 2].log() + weights[2, 1].log())
        (slope,) = torch.autograd.grad(loss, key)
        key = (key - 0.3 * slope).detach().requires_grad_()
    return torch.eye(2), key


FORMS = "numpy", "list", "lists", "float64", "whole numbers"  # right, with a note about the form
RIGHT = {
    "softmax": {
        "loops": loops,
        "logsumexp": lambda s: torch.exp(s - torch.logsumexp(s, -1, keepdim=True)),
        "pairwise": lambda s: 1 / torch.exp(s.unsqueeze(-2) - s.unsqueeze(-1)).sum(-1),
        "max and transposes": lambda s: (lambda e: e / e.sum(-1)[..., None])(
            torch.exp(s - s.max(-1).values[..., None])
        ),
        "numpy": lambda s: loops(s).numpy(),
        "list": lambda s: loops(s).tolist(),
        "float64": lambda s: (s.double() - s.double().logsumexp(-1, True)).exp(),
        "needs grad": lambda s: loops(s).requires_grad_(),
        "any arguments": lambda *a, **k: loops(*a, **k),
        "powers of two": lambda s: 2 ** ((s - s.logsumexp(-1, True)) / math.log(2)),
        "expm1": lambda s: (lambda e: e / e.sum(-1, True))(torch.expm1(s - s.amax(-1, True)) + 1),
        "cumulative sums": lambda s: (lambda e: e / e.cumsum(-1)[..., -1:])(torch.exp(s - s.amax(-1, True))),
        "one axis after the other": recursive,
        "mapped": lambda s: torch.func.vmap(one_row)(s.reshape(-1, s.shape[-1])).reshape(s.shape),
        "a callable object": type("Softmax", (), {"__call__": lambda self, scores: loops(scores)})(),
        "a partial": functools.partial(lambda axis, s: torch.exp(s - s.logsumexp(axis, True)), -1),
        "without gradients": torch.no_grad()(lambda s: torch.exp(s - s.logsumexp(-1, True))),
        "half of it tried": tried,
        "another name": lambda z, axis=-1: (z - z.logsumexp(axis, True)).exp(),
    },
    "scaled_dot_product_attention": {
        "einsum": lambda q, k, v: (lambda w: (torch.einsum("qk,kv->qv", w, v), w))(
            torch.softmax(torch.einsum("qd,kd->qk", q, k) * q.shape[1] ** -0.5, -1)
        ),
        "three loops": three_loops,
        "numpy": lambda q, k, v: tuple(part.numpy() for part in attend(q, k, v)),
        "float64": lambda q, k, v: attend(q.double(), k.double(), v.double()),
        "products and sums": lambda q, k, v: (lambda w: ((w[:, :, None] * v).sum(1), w))(
            torch.exp(torch.log_softmax((q[:, None] * k).sum(-1) / math.sqrt(q.size(1)), -1))
        ),
        "as a batch of one": lambda q, k, v: tuple(part[0] for part in attend_batch(q[None], k[None], v[None])),
        "root taken of both": lambda q, k, v: attend(q / q.shape[1] ** 0.25, k / k.shape[1] ** 0.25, v, scale=1),
        "a named tuple": lambda q, k, v: collections.namedtuple("Attention", "context weights")(*attend(q, k, v)),
        "a list of two": lambda q, k, v: [*attend(q, k, v)],
        "query scaled first": lambda q, k, v: attend(q / k.shape[-1] ** 0.5, k, v, scale=1),
        "with a mask": lambda q, k, v, mask=None: attend(q, k, v),
        "the package's softmax": lambda q, k, v: (lambda w: (w @ v, w))(
            attention.softmax(q @ k.mT / q.size(-1) ** 0.5)
        ),
        "query by query": lambda q, k, v: tuple(map(torch.stack, zip(*(attend(row, k, v) for row in q), strict=True))),
    },
    "big_dog": {
        "turned as well": lambda x: (torch.tensor([[0.0, 1.0], [-1.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]])),
        "sharper": lambda x: (3 * torch.eye(2), torch.tensor([[-2.0, 0.0], [0.0, 2.0]])),
        "solved for": lambda x: ((torch.linalg.pinv(x) @ x[[0, 2, 1]]).T, torch.eye(2)),
        "trained": trained,
        "huge": lambda x: (1000 * torch.eye(2), torch.tensor([[-1000.0, 0.0], [0.0, 1000.0]])),
        "numpy": lambda x: (np.eye(2), np.diag([-1.0, 1.0])),
        "lists": lambda x: ([[1, 0], [0, 1]], [[-1.0, 0.0], [0.0, 1.0]]),
        "float64": lambda x: (torch.eye(2).double(), torch.diag(torch.tensor([-1.0, 1.0]))),
        "whole numbers": lambda x: (torch.tensor([[1, 0], [0, 1]]), torch.tensor([[-1, 0], [0, 1]])),
    },
}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, ways in RIGHT.items() for way in ways])
def test_unusual_right_answers_pass(name, way):
    report = check(RIGHT[name][way], name)
    assert report.passed, report
    assert bool(report.notes) == (way in FORMS)

"""Inputs for the mutants of notebook 05."""

import torch
from torch.nn import functional as F

from tests.inputs import sizes


def softmax_inputs(generator, scale):
    """Scores of one to four axes."""
    shape = sizes(generator, int(torch.randint(1, 5, (), generator=generator)))
    return (scale * torch.randn(shape, generator=generator),)


def attention_inputs(generator, scale):
    """query (Tq, dk), key (Tk, dk), value (Tk, dv)."""
    n_queries, n_keys, d_key, d_value = sizes(generator, 4)
    shapes = (n_queries, d_key), (n_keys, d_key), (n_keys, d_value)
    query, key, value = (torch.randn(shape, generator=generator) for shape in shapes)
    return scale * query, key, value


def is_granted(outputs, x):
    """big_dog, judged a second time: by torch's own attention, with value the identity it shows its weights."""
    if not isinstance(outputs, tuple) or [matrix.shape for matrix in outputs] != [(2, 2), (2, 2)]:
        return False
    query, key = (x @ matrix.to(x.dtype).T for matrix in outputs)
    the, big, dog = F.scaled_dot_product_attention(query[None], key[None], torch.eye(3)[None])[0]
    return bool(the[0] > the[1:].max() and big[2] > big[:2].max() and dog[1] > dog[[0, 2]].max())


INPUTS = {
    "softmax": softmax_inputs,
    "scaled_dot_product_attention": attention_inputs,
    "big_dog": lambda generator, scale: (torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]]),),
}
ORACLES = {"big_dog": is_granted}

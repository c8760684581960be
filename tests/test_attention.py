"""Our attention against torch's own, and the properties that any attention must have."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.models.attention import (
    MultiHeadAttention,
    causal_mask,
    merge_heads,
    multi_head_attention,
    padding_mask,
    scaled_dot_product_attention,
    softmax,
    split_heads,
)

BATCH, QUERIES, KEYS, D_MODEL, HEADS = 2, 5, 7, 12, 3


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def random_mask():
    mask = torch.rand(BATCH, 1, QUERIES, KEYS) < 0.6
    mask[..., 0] = True  # a query must have something to attend to
    return mask


def pair():
    """Our module and torch's with the same parameters, all of them random: zero biases would hide a mistake."""
    ours, theirs = MultiHeadAttention(D_MODEL, HEADS), nn.MultiheadAttention(D_MODEL, HEADS, batch_first=True)
    for parameter in ours.parameters():
        nn.init.normal_(parameter, std=0.5)
    theirs.in_proj_weight.data, theirs.in_proj_bias.data = ours.project_in.weight.data, ours.project_in.bias.data
    theirs.out_proj.weight.data, theirs.out_proj.bias.data = ours.project_out.weight.data, ours.project_out.bias.data
    return ours, theirs


@pytest.mark.parametrize("masked", [False, True])
def test_equals_torchs_function(masked):
    query, key, value = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 7, 4), torch.randn(2, 3, 7, 6)
    mask = random_mask() if masked else None
    context, weights = scaled_dot_product_attention(query, key, value, mask)
    torch.testing.assert_close(context, F.scaled_dot_product_attention(query, key, value, attn_mask=mask))
    assert weights.max() < 0.999, "saturated weights would hide a wrong scale"


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("cross", [False, True])
def test_equals_torchs_module_in_output_weights_and_gradients(cross, masked, need_weights):
    ours, theirs = pair()
    key = leaf(BATCH, KEYS, D_MODEL)
    query, value = (leaf(BATCH, QUERIES, D_MODEL), leaf(BATCH, KEYS, D_MODEL)) if cross else (key, key)
    shape = BATCH, HEADS, query.shape[1], KEYS
    mask = torch.rand(shape).argsort(dim=-1) < torch.randint(1, KEYS, (*shape[:-1], 1)) if masked else None
    inverted = ~mask.flatten(0, 1) if masked else None  # True means "may not" there, and the heads join the batch
    output, weights = ours(query, key, value, mask, need_weights)
    options = {"attn_mask": inverted, "need_weights": need_weights, "average_attn_weights": False}
    expected, expected_weights = theirs(query, key, value, **options)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)  # both None when nobody asked
    direction = torch.randn_like(output)
    parameters = [ours.project_in.weight, ours.project_in.bias, ours.project_out.weight, ours.project_out.bias]
    reference = [theirs.in_proj_weight, theirs.in_proj_bias, theirs.out_proj.weight, theirs.out_proj.bias]
    inputs = [query, key, value] if cross else [key]
    torch.testing.assert_close(
        torch.autograd.grad((output * direction).sum(), parameters + inputs),
        torch.autograd.grad((expected * direction).sum(), reference + inputs),
    )


def test_equals_torchs_fast_path_with_padding():
    ours, theirs = pair()
    x, lengths = torch.randn(BATCH, KEYS, D_MODEL), torch.tensor([4, 7])
    is_padding = torch.arange(KEYS) >= lengths[:, None]
    with torch.inference_mode():
        expected, _ = theirs.eval()(x, x, x, key_padding_mask=is_padding, need_weights=False)
        output, _ = ours(x, x, x, padding_mask(lengths, KEYS))
    torch.testing.assert_close(output, expected)


@pytest.mark.parametrize("masked", [False, True])
def test_the_function_is_the_module(masked):
    ours, _ = pair()
    x, mask = torch.randn(BATCH, KEYS, D_MODEL), causal_mask(KEYS) if masked else None
    parameters = ours.project_in.weight, ours.project_in.bias, ours.project_out.weight, ours.project_out.bias
    torch.testing.assert_close(multi_head_attention(x, *parameters, HEADS, mask), ours(x, x, x, mask)[0])


def test_each_head_sees_its_own_slice():
    """One head after another, each with its rows of W_in and its columns of W_out: the outputs add up."""
    ours, _ = pair()
    x, d_head = torch.randn(BATCH, KEYS, D_MODEL), D_MODEL // HEADS
    total = ours.project_out.bias.expand(BATCH, KEYS, D_MODEL)
    for head in range(HEADS):
        rows = slice(head * d_head, (head + 1) * d_head)
        matrices = zip(ours.project_in.weight.chunk(3), ours.project_in.bias.chunk(3), strict=True)
        q, k, v = (x @ W[rows].T + b[rows] for W, b in matrices)
        context, _ = scaled_dot_product_attention(q, k, v)
        total = total + context @ ours.project_out.weight[:, rows].T
    torch.testing.assert_close(ours(x, x, x)[0], total)


@pytest.mark.parametrize("masked", [False, True])
def test_explicit_and_fused_paths_agree(masked):
    ours, _ = pair()
    query, key = torch.randn(BATCH, QUERIES, D_MODEL), torch.randn(BATCH, KEYS, D_MODEL)
    mask = random_mask() if masked else None
    explicit, _ = ours(query, key, key, mask, need_weights=True)
    fused, no_weights = ours(query, key, key, mask)
    torch.testing.assert_close(explicit, fused)
    assert no_weights is None


def test_rows_sum_to_one_and_masked_weights_are_zero():
    mask = random_mask()
    _, weights = scaled_dot_product_attention(*(torch.randn(BATCH, 3, n, 4) for n in (QUERIES, KEYS, KEYS)), mask)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(BATCH, 3, QUERIES))
    assert (weights[~mask.expand_as(weights)] == 0).all()


def test_softmax_is_torchs_does_not_overflow_and_ignores_a_shift():
    scores = torch.randn(3, 4) * 3
    torch.testing.assert_close(softmax(scores), scores.softmax(dim=-1))
    torch.testing.assert_close(softmax(scores + 1000), softmax(scores), atol=1e-4, rtol=1e-3)
    assert softmax(torch.tensor([1e30, -1e30])).tolist() == [1, 0]
    assert softmax(torch.tensor([0.0, -math.inf])).tolist() == [1, 0]


def test_padding_does_not_matter():
    ours, _ = pair()
    x, mask = torch.randn(2, 6, D_MODEL), padding_mask([4, 6], 6)
    changed = x.clone()
    changed[0, 4:] = 100
    for need_weights in (False, True):
        before, after = ours(x, x, x, mask, need_weights)[0], ours(changed, changed, changed, mask, need_weights)[0]
        torch.testing.assert_close(before[0, :4], after[0, :4])
        alone = x[:1, :4]
        torch.testing.assert_close(before[:1, :4], ours(alone, alone, alone)[0])


def test_the_past_ignores_the_future():
    ours, _ = pair()
    x = torch.randn(1, 6, D_MODEL, requires_grad=True)
    output, _ = ours(x, x, x, causal_mask(6))
    (gradient,) = torch.autograd.grad(output[0, 2].sum(), x)
    assert (gradient[0, 3:] == 0).all()
    assert (gradient[0, :3].abs().amax(dim=-1) > 0).all()


def test_without_positions_another_order_gives_the_same_vectors_in_that_order():
    ours, _ = pair()
    x, order = torch.randn(1, 6, D_MODEL), torch.randperm(6)
    shuffled = x[:, order]
    torch.testing.assert_close(ours(x, x, x)[0][:, order], ours(shuffled, shuffled, shuffled)[0])


def test_heads_split_into_slices_and_merge_back():
    x = torch.arange(24.0).reshape(1, 2, 12)
    heads = split_heads(x, 3)
    assert heads[0, 1, 0].tolist() == [4, 5, 6, 7], "head 1 of token 0 is the second slice of its vector"
    assert torch.equal(merge_heads(heads), x)


def test_masks():
    assert causal_mask(1).tolist() == [[True]]
    assert torch.equal(causal_mask(4), torch.tensor([[j <= i for j in range(4)] for i in range(4)]))
    assert padding_mask([2, 3], 3).shape == (2, 1, 1, 3)


ROW_LESS = torch.tensor([[True, True], [False, False]])
MISTAKES = {
    "key: d_key should be 4 but is 3": lambda: scaled_dot_product_attention(
        torch.zeros(2, 4), torch.zeros(2, 3), torch.zeros(2, 3)
    ),
    "value: key_pos should be 2 but is 3": lambda: scaled_dot_product_attention(
        torch.zeros(2, 4), torch.zeros(2, 4), torch.zeros(3, 4)
    ),
    "query: expected at least 2 axes": lambda: scaled_dot_product_attention(*[torch.zeros(4)] * 3),
    "mask: a query has no key": lambda: scaled_dot_product_attention(*[torch.zeros(2, 4)] * 3, ROW_LESS),
    r"mask: its shape \(3, 3\) does not fit scores of shape \(2, 2\)": lambda: scaled_dot_product_attention(
        *[torch.zeros(2, 4)] * 3, causal_mask(3)
    ),
    r"mask: its shape \(4, 4\) does not fit": lambda: MultiHeadAttention(4, 2)(
        *[torch.zeros(1, 3, 4)] * 3, causal_mask(4)
    ),
    "mask: a query has no key to": lambda: MultiHeadAttention(4, 2)(*[torch.zeros(1, 2, 4)] * 3, ROW_LESS),
    "query: d_model should be 4 but is 5": lambda: MultiHeadAttention(4, 2)(*[torch.zeros(1, 3, 5)] * 3),
    "value: key_pos should be 3 but is 2": lambda: MultiHeadAttention(4, 2)(
        *[torch.zeros(1, 3, 4)] * 2, torch.zeros(1, 2, 4)
    ),
    "n_heads: 3 heads do not divide d_model = 4": lambda: MultiHeadAttention(4, 3),
    "n_heads: 5 heads do not divide d_model = 4": lambda: split_heads(torch.zeros(1, 2, 4), 5),
    "x: expected 4 axes": lambda: merge_heads(torch.zeros(2, 3, 4)),
    "lengths: sequence 0 has length 0": lambda: padding_mask([0, 2], 3),
    "lengths: sequence 0 has length 4, but there are only 3 steps": lambda: padding_mask([4], 3),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_get_a_sentence(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()


def test_a_mask_of_numbers_is_refused():
    with pytest.raises(TypeError, match=r"mask: expected booleans .* got torch\.float32"):
        scaled_dot_product_attention(*[torch.zeros(2, 4)] * 3, torch.ones(2, 2))

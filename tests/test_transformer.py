"""The encoder against torch's own layer, and what it must keep: the shape, and the numbers of each head."""

import math

import pytest
import torch
from torch import nn

from helpers.models.attention import causal_mask, padding_mask
from helpers.models.block import TransformerBlock
from helpers.models.positions import Embeddings
from helpers.models.transformer import Encoder, TransformerConfig
from tests.randomised import randomised

SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 3, "d_ff": 20}
MASKS = {"none": None, "causal": causal_mask(6), "padding": padding_mask([4, 6], 6)}


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def torchs_layer(block, eps):
    """nn.TransformerEncoderLayer with the parameters of one of our blocks."""
    reference = nn.TransformerEncoderLayer(
        12, 3, 20, dropout=0, activation="gelu", layer_norm_eps=eps, batch_first=True, norm_first=block.norm_first
    )
    names = {"self_attn.in_proj_": "attention.project_in.", "self_attn.out_proj.": "attention.project_out."}
    names |= {"linear1.": "mlp.0.", "linear2.": "mlp.2.", "norm1.": "norm_1.", "norm2.": "norm_2."}
    ours = block.state_dict()
    reference.load_state_dict({t + kind: ours[o + kind] for t, o in names.items() for kind in ("weight", "bias")})
    return reference, [(t + kind, o + kind) for t, o in names.items() for kind in ("weight", "bias")]


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("need_weights", [False, True])
def test_block_equals_torchs_layer_in_values_and_gradients(norm_first, mask, need_weights):
    eps = 0.1  # large enough to be seen
    block = randomised(TransformerBlock(12, 3, 20, norm_first, eps))
    reference, names = torchs_layer(block, eps)
    x = torch.randn(2, 6, 12)
    inverted = None if MASKS[mask] is None else ~MASKS[mask].expand(2, 3, 6, 6).flatten(0, 1)
    output, weights = block(x, MASKS[mask], need_weights)
    expected = reference(x, src_mask=inverted)
    torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-5)
    assert (weights is not None) == need_weights
    direction = torch.randn_like(output)
    (output * direction).sum().backward()
    (expected * direction).sum().backward()
    theirs, ours = dict(reference.named_parameters()), dict(block.named_parameters())
    assert len(ours) == len(names)
    for their_name, our_name in names:
        torch.testing.assert_close(ours[our_name].grad, theirs[their_name].grad, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_is_its_blocks_in_series(norm_first):
    encoder = randomised(Encoder(TransformerConfig(**SIZES, norm_first=norm_first)))
    layers = [torchs_layer(block, 1e-5)[0] for block in encoder.blocks]
    x = expected = torch.randn(2, 6, 12)
    for layer in layers:
        expected = layer(expected)
    if norm_first:
        expected = torch.layer_norm(expected, (12,), encoder.norm.weight, encoder.norm.bias)
    hidden, weights = encoder(x, need_weights=True)
    torch.testing.assert_close(hidden, expected, atol=1e-4, rtol=1e-4)
    assert hidden.shape == x.shape
    assert weights.shape == (3, 2, 3, 6, 6)
    assert encoder(x)[1] is None
    torch.testing.assert_close(encoder(x)[0], hidden, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm_first", [False, True])
def test_queries_and_keys_make_the_weights_of_their_head(norm_first):
    encoder = randomised(Encoder(TransformerConfig(**SIZES, norm_first=norm_first)))
    x, mask = torch.randn(2, 6, 12), padding_mask([4, 6], 6)
    _, weights = encoder(x, mask, need_weights=True)
    for layer in (1, 3):
        for head in (1, 3):
            query, key = encoder.query_key(x, layer, head, mask)
            scores = (query @ key.mT / math.sqrt(4)).masked_fill(~mask[:, 0], -math.inf)
            torch.testing.assert_close(scores.softmax(-1), weights[layer - 1, :, head - 1], atol=1e-4, rtol=1e-4)


def test_gradients_reach_every_parameter():
    encoder = Encoder(TransformerConfig(**SIZES))
    (encoder(torch.randn(2, 6, 12))[0] * torch.randn(2, 6, 12)).sum().backward()
    without = [name for name, parameter in encoder.named_parameters() if not parameter.grad.abs().sum() > 0]
    assert without == []


def test_embeddings_add_token_position_and_segment():
    embeddings = randomised(Embeddings(n_tokens=10, n_positions=7, d_model=4, n_segments=2, eps=0.1))
    ids, segments = torch.tensor([[1, 5, 2], [1, 1, 9]]), torch.tensor([[0, 0, 1], [1, 0, 0]])
    norm = embeddings.norm
    for given in (segments, None):
        segment = embeddings.segment.weight[torch.zeros_like(ids) if given is None else given]
        total = embeddings.token.weight[ids] + embeddings.position.weight[[0, 1, 2]] + segment
        expected = (total - total.mean(-1, keepdim=True)) / (total.var(-1, correction=0, keepdim=True) + 0.1).sqrt()
        torch.testing.assert_close(embeddings(ids, given), expected * norm.weight + norm.bias)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_heads": 5}, "n_heads: 5 heads do not divide d_model = 12"),
        ({"n_layers": 0}, "n_layers: expected at least 1, got 0"),
        ({"d_ff": -1}, "d_ff: expected at least 1"),
        ({"eps": 0.0}, "eps: expected a number above 0"),
        ({"eps": math.nan}, "eps: expected a number above 0"),
    ],
)
def test_a_config_that_cannot_work_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        TransformerConfig(**SIZES | change)


def test_a_config_of_fractions_is_refused_and_a_config_is_fixed():
    with pytest.raises(TypeError, match=r"d_model: expected a whole number, got 12\.0"):
        TransformerConfig(**SIZES | {"d_model": 12.0})
    with pytest.raises(AttributeError):
        TransformerConfig(**SIZES).d_model = 24


def test_mistakes_get_a_sentence():
    encoder, embeddings = Encoder(TransformerConfig(**SIZES)), Embeddings(10, 7, 4)
    x = torch.zeros(1, 6, 12)
    with pytest.raises(ValueError, match="x: d_model should be 12 but is 11"):
        encoder(torch.zeros(1, 6, 11))
    for layer, head, message in [(0, 1, "layer: choose 1 to 3"), (4, 1, "layer.*not 4"), (1, 0, "head: choose 1 to 3")]:
        with pytest.raises(IndexError, match=message):
            encoder.query_key(x, layer, head)
    with pytest.raises(ValueError, match="ids: 8 tokens, but there are only 7 positions"):
        embeddings(torch.zeros(1, 8, dtype=torch.long))
    with pytest.raises(ValueError, match=r"segments: .* n_segments = 0"):
        embeddings(torch.zeros(1, 2, dtype=torch.long), torch.zeros(1, 2, dtype=torch.long))

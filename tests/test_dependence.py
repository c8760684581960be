"""Which output can be changed by which input: counted from the mask, and asked of randomised models by autograd."""

import pytest
import torch

from helpers.models.attention import causal_mask, padding_mask, window_mask
from helpers.models.dependence import blocks_needed, dependence
from helpers.models.pieces import PIECES, BlockWithout, leave_out_
from helpers.models.transformer import Decoder, Encoder, TransformerConfig
from tests.randomised import randomised

N = 6
HOLE = causal_mask(N).clone()
HOLE[1, 4] = True  # one look into the future
MASKS = {
    "none": torch.ones(N, N, dtype=torch.bool),
    "causal": causal_mask(N),
    "padding": padding_mask([4], N)[0, 0].expand(N, N),
    "window": window_mask(N),
    "back": window_mask(N, back=1, ahead=0),
    "hole": HOLE,
    "others": ~torch.eye(N, dtype=torch.bool),
    "the next one": torch.eye(N, dtype=torch.bool).roll(1, dims=1),
}


def model(kind=Encoder, depth=2, norm_first=False):
    torch.manual_seed(depth)
    return randomised(kind(TransformerConfig(d_model=8, n_heads=2, n_layers=depth, d_ff=12, norm_first=norm_first)))


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_counting_agrees_with_autograd(name, depth):
    mask = MASKS[name]
    for norm_first in (False, True):
        found = dependence(model(depth=depth, norm_first=norm_first), torch.randn(N, 8), mask)
        assert torch.equal(found, blocks_needed(mask, depth) > 0)


def test_a_decoder_depends_on_the_past_alone():
    assert torch.equal(dependence(model(Decoder), torch.randn(N, 8)), causal_mask(N))
    assert dependence(model(), torch.randn(N, 8)).all()


def test_windows_grow_with_every_block_and_a_causal_mask_does_not():
    assert blocks_needed(MASKS["window"], 4)[0].tolist() == [1, 1, 2, 3, 4, 0]
    assert blocks_needed(MASKS["back"], 2)[3].tolist() == [0, 2, 1, 1, 0, 0]
    assert torch.equal(blocks_needed(MASKS["causal"], 4), causal_mask(N).long())


def test_one_hole_in_a_causal_mask_lets_the_future_through_to_all_behind_it():
    assert blocks_needed(HOLE, 1)[:, 4].tolist() == [0, 1, 0, 0, 1, 1]
    assert blocks_needed(HOLE, 2)[:, 4].tolist() == [0, 1, 2, 2, 1, 1]


def test_padding_is_read_by_nobody_but_itself():
    assert blocks_needed(MASKS["padding"], 4)[:, 5].tolist() == [0, 0, 0, 0, 0, 1]


def test_masks_must_be_square():
    with pytest.raises(ValueError, match="mask: key_pos should be 2 but is 3"):
        blocks_needed(torch.ones(2, 3, dtype=torch.bool), 1)
    with pytest.raises(ValueError, match=r"x: expected 2 axes \(seq d_model\)"):
        dependence(model(), torch.randn(1, N, 8))


# --- blocks that lack a piece


def lacking(piece):
    torch.manual_seed(0)
    return randomised(BlockWithout(piece, d_model=8, n_heads=2, d_ff=12))


def test_nothing_left_out_is_the_whole_block():
    x = torch.randn(2, 5, 8)
    whole = model(depth=1, norm_first=True)
    same = leave_out_(model(depth=1, norm_first=True), None)
    same.load_state_dict(whole.state_dict())
    torch.testing.assert_close(same(x, causal_mask(5))[0], whole(x, causal_mask(5))[0])


def test_each_piece_is_really_gone():
    x = torch.randn(2, 5, 8)
    block = lacking("attention")
    torch.testing.assert_close(block(x)[0], x + block.mlp(block.norm_2(x)))
    block = lacking("MLP")
    torch.testing.assert_close(block(x)[0], x + block.attention(*[block.norm_1(x)] * 3)[0])
    block = lacking("residual")
    torch.testing.assert_close(block(x)[0], block.mlp(block.norm_2(block.attention(*[block.norm_1(x)] * 3)[0])))
    block = lacking("norm")
    attended = x + block.attention(x, x, x)[0]
    torch.testing.assert_close(block(x)[0], attended + block.mlp(attended))


def test_pieces_are_left_out_of_every_block():
    for piece in PIECES:
        encoder = leave_out_(model(depth=3, norm_first=True), piece)
        assert [block.piece for block in encoder.blocks] == [piece] * 3
        assert any("norm" in name for name, _ in encoder.named_parameters()) == (piece != "norm")
    with pytest.raises(ValueError, match="piece: expected one of attention, MLP, residual, norm or None; got 'mask'"):
        leave_out_(model(norm_first=True), "mask")
    with pytest.raises(ValueError, match="its blocks are post-norm"):
        leave_out_(model(), "MLP")


def test_depends_the_same_in_double_precision_and_where_gradients_are_switched_off():
    decoder = randomised(Decoder(TransformerConfig(d_model=8, n_heads=2, n_layers=2, d_ff=16)))
    x = torch.randn(3, 8)
    with torch.no_grad():
        assert torch.equal(dependence(decoder, x), causal_mask(3))
    assert torch.equal(dependence(decoder.double(), x.double()), causal_mask(3))


def test_new_blocks_compute_as_the_encoder_did_and_know_what_they_lack():
    config = TransformerConfig(d_model=8, n_heads=2, n_layers=2, d_ff=16, norm_first=True)
    for piece in PIECES:
        assert leave_out_(Encoder(config).double(), piece)(torch.randn(1, 3, 8).double())[0].dtype == torch.float64
    with pytest.raises(ValueError, match="need_weights: this block has no attention"):
        leave_out_(Encoder(config), "attention")(torch.randn(1, 3, 8), need_weights=True)

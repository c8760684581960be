"""Decoder and encoder-decoder against torch's own layers, and generation with a cache against generation without."""

import pytest
import torch
from torch import nn

from helpers.models.attention import causal_mask, padding_mask
from helpers.models.block import CrossBlock, TransformerBlock, transformer_block
from helpers.models.generate import Cache, choose, generate
from helpers.models.positions import add_positions, sinusoidal_positions
from helpers.models.text import Classifier, LanguageModel, Translator, next_token_loss
from helpers.models.transformer import Decoder, Encoder, EncoderDecoder, TransformerConfig
from tests.randomised import randomised

D_MODEL, N_HEADS, D_FF, EPS = 12, 3, 20, 0.1
CONFIG = TransformerConfig(D_MODEL, N_HEADS, n_layers=2, d_ff=D_FF, norm_first=True)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_cross_block_equals_torchs_decoder_layer_in_values_and_gradients(norm_first, need_weights, padded):
    block = randomised(CrossBlock(D_MODEL, N_HEADS, D_FF, norm_first, EPS))
    theirs = nn.TransformerDecoderLayer(D_MODEL, N_HEADS, D_FF, 0, "gelu", EPS, batch_first=True, norm_first=norm_first)
    names = {"self_attn.in_proj_": "attention.project_in.", "self_attn.out_proj.": "attention.project_out."}
    names |= {"multihead_attn.in_proj_": "cross_attention.project_in."}
    names |= {"multihead_attn.out_proj.": "cross_attention.project_out."}
    names |= {"linear1.": "mlp.0.", "linear2.": "mlp.2."}
    names |= {"norm1.": "norm_1.", "norm2.": "norm_cross.", "norm3.": "norm_2."}
    pairs = [(t + kind, o + kind) for t, o in names.items() for kind in ("weight", "bias")]
    ours = block.state_dict()
    assert len(ours) == len(pairs)
    theirs.load_state_dict({their_name: ours[our_name] for their_name, our_name in pairs})
    x, source = torch.randn(2, 4, D_MODEL, requires_grad=True), torch.randn(2, 6, D_MODEL, requires_grad=True)
    source_mask = padding_mask([6, 3], 6) if padded else None
    output, weights, cross = block(x, source, causal_mask(4), source_mask, need_weights)
    padding = ~source_mask[:, 0, 0] if padded else None
    expected = theirs(x, source, tgt_mask=~causal_mask(4), memory_key_padding_mask=padding)
    torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-5)
    assert (weights is not None) == (cross is not None) == need_weights
    direction = torch.randn_like(output)
    parameters = dict(theirs.named_parameters()), dict(block.named_parameters())
    inputs = [x, source]
    gradients = torch.autograd.grad((expected * direction).sum(), [*inputs, *(parameters[0][t] for t, _ in pairs)])
    mine = torch.autograd.grad((output * direction).sum(), [*inputs, *(parameters[1][o] for _, o in pairs)])
    for one, other in zip(mine, gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_the_function_and_the_module_are_the_same_block():
    block = randomised(TransformerBlock(D_MODEL, N_HEADS, D_FF, norm_first=True))
    rename = {"attention.project_in": "in", "attention.project_out": "out", "mlp.0": "1", "mlp.2": "2"}
    p = {}
    for name, parameter in block.named_parameters():
        part, kind = name.rsplit(".", 1)
        p[f"{part}_{kind}" if part.startswith("norm") else f"{'W' if kind == 'weight' else 'b'}_{rename[part]}"] = (
            parameter
        )
    x = torch.randn(2, 5, D_MODEL)
    torch.testing.assert_close(transformer_block(x, p, N_HEADS), block(x)[0], atol=1e-5, rtol=1e-5)


def test_a_decoder_is_an_encoder_with_the_causal_mask():
    encoder, decoder = randomised(Encoder(CONFIG)), Decoder(CONFIG)
    decoder.load_state_dict(encoder.state_dict())
    x, padding = torch.randn(2, 5, D_MODEL), padding_mask([5, 2], 5)
    torch.testing.assert_close(decoder(x)[0], encoder(x, causal_mask(5))[0])
    torch.testing.assert_close(decoder(x, padding)[0], encoder(x, causal_mask(5) & padding)[0])
    assert not torch.allclose(decoder(x)[0], encoder(x)[0])


@pytest.mark.parametrize("norm_first", [False, True])
def test_no_target_position_knows_the_future_and_all_know_the_source(norm_first):
    config = TransformerConfig(D_MODEL, N_HEADS, n_layers=2, d_ff=D_FF, norm_first=norm_first)
    model = randomised(EncoderDecoder(config))
    source, target = torch.randn(1, 4, D_MODEL), torch.randn(1, 5, D_MODEL)
    hidden, weights = model(source, target, need_weights=True)
    assert weights.shape == (2, 1, N_HEADS, 5, 4)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 1, N_HEADS, 5))
    later = target.clone()
    later[:, 3:] += torch.randn(D_MODEL)
    changed = (model(source, later)[0] - hidden).abs().amax(-1)[0] > 1e-6
    assert changed.tolist() == [False, False, False, True, True]
    elsewhere = source.clone()
    elsewhere[:, 2] += torch.randn(D_MODEL)
    assert ((model(elsewhere, target)[0] - hidden).abs().amax(-1) > 1e-6).all()
    mask = padding_mask([2], 4)
    torch.testing.assert_close(model(elsewhere, target, mask)[0], model(source, target, mask)[0])


def language_model():
    return randomised(LanguageModel(n_tokens=11, n_positions=40, config=CONFIG))


@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 0}, {"top_k": 3}, {"end": 4}, {"temperature": 0.3, "top_k": 2}]
)
def test_a_cache_changes_nothing_but_the_time(settings):
    model, start = language_model(), torch.randint(11, (3, 4))
    texts = [
        generate(model, start, 30, cached=cached, generator=torch.Generator().manual_seed(1), **settings)
        for cached in (True, False)
    ]
    assert texts[0].tolist() == texts[1].tolist()
    assert texts[0].shape[1] == 34 or "end" in settings
    assert texts[0][:, :4].tolist() == start.tolist()


def test_logits_from_a_cache_are_those_of_the_whole_text():
    model, ids, cache = language_model(), torch.randint(11, (2, 9)), Cache()
    parts = [model(ids[:, :5], cache), model(ids[:, 5:6], cache), model(ids[:, 6:], cache)]
    torch.testing.assert_close(torch.cat(parts, dim=1), model(ids), atol=1e-5, rtol=1e-5)
    assert len(cache) == 9


def test_a_translator_continues_as_it_was_trained():
    model = randomised(Translator(n_source=9, n_target=7, n_positions=20, config=CONFIG))
    source, lengths = torch.randint(9, (3, 6)), torch.tensor([6, 2, 4])
    with torch.no_grad():
        written = generate(model.reader(source, lengths), torch.zeros(3, 1, dtype=torch.long), 10, temperature=0)
        logits, weights = model(source, lengths, written[:, :-1], need_weights=True)
    assert logits.argmax(-1).tolist() == written[:, 1:].tolist()
    assert weights[:, 1, :, :, 2:].abs().max() == 0, "padding is not attended to"
    uncached = generate(
        model.reader(source, lengths), torch.zeros(3, 1, dtype=torch.long), 10, temperature=0, cached=False
    )
    assert uncached.tolist() == written.tolist()


def test_after_the_end_nothing_but_the_end():
    texts = generate(
        language_model(), torch.randint(11, (20, 2)), 30, end=4, generator=torch.Generator().manual_seed(0)
    )
    for text in texts[:, 2:].tolist():
        if 4 in text:
            assert set(text[text.index(4) :]) == {4}
    assert any(4 in text for text in texts[:, 2:].tolist())
    only_end = generate(
        lambda ids, cache: torch.tensor([0.0, 9.0]).expand(*ids.shape, 2),
        torch.zeros(2, 1).long(),
        9,
        temperature=0,
        end=1,
    )
    assert only_end.tolist() == [[0, 1], [0, 1]]


def test_temperature_and_top_k():
    logits = torch.tensor([[0.0, 1.0, 2.0, 3.0]]).expand(4000, 4)
    generator = torch.Generator().manual_seed(0)
    for temperature in (0.5, 1.0, 2.0):
        drawn = torch.bincount(choose(logits, temperature, generator=generator), minlength=4) / 4000
        torch.testing.assert_close(drawn, torch.softmax(logits[0] / temperature, -1), atol=0.03, rtol=0)
    assert set(choose(logits, top_k=2, generator=generator).tolist()) == {2, 3}
    assert set(choose(logits, temperature=0).tolist()) == {3}
    assert set(choose(logits, top_k=99, generator=generator).tolist()) == {0, 1, 2, 3}


def test_next_token_loss_is_the_mean_surprise_over_real_tokens():
    logits, ids = torch.randn(2, 4, 5), torch.tensor([[1, 2, 3, 0], [4, 2, 0, 0]])
    surprise = -torch.log_softmax(logits, -1)
    expected = (surprise[0, 0, 2] + surprise[0, 1, 3] + surprise[1, 0, 2]) / 3
    torch.testing.assert_close(next_token_loss(logits, ids, pad=0), expected)
    with pytest.raises(ValueError, match="nothing but padding"):
        next_token_loss(logits, torch.zeros_like(ids), pad=0)


def test_padding_does_not_matter_to_a_classifier():
    model = randomised(Classifier(n_tokens=9, n_positions=8, n_classes=3, config=CONFIG))
    ids = torch.randint(9, (2, 5))
    padded = torch.cat([ids, torch.randint(9, (2, 3))], dim=1)
    torch.testing.assert_close(model(ids, [5, 5]), model(padded, [5, 5]), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(model(ids, [5, 5]), model(ids, [5, 4]))


def test_sinusoidal_positions_are_the_formula_and_a_step_is_a_rotation():
    table = sinusoidal_positions(50, 8)
    for t in (0, 1, 49):
        for i in range(4):
            angle = torch.tensor(t / 10_000 ** (2 * i / 8))
            torch.testing.assert_close(table[t, 2 * i : 2 * i + 2], torch.stack([angle.sin(), angle.cos()]))
    torch.testing.assert_close((table[:-7] * table[7:]).sum(-1), (table[0] * table[7]).sum().expand(43))


def test_positions_are_added_along_the_text():
    x, table = torch.randn(3, 3, 3), torch.randn(5, 3)
    for t in range(3):
        torch.testing.assert_close(add_positions(x, table)[:, t], x[:, t] + table[t])
        torch.testing.assert_close(add_positions(x, table, start=2)[:, t], x[:, t] + table[t + 2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: add_positions(torch.zeros(1, 6, 3), torch.zeros(5, 3)), "x: 6 positions, but the table has only 5"),
        (lambda: add_positions(torch.zeros(1, 2, 3), torch.zeros(5, 3), 4), "x: 6 positions, .* only 5"),
        (lambda: add_positions(torch.zeros(1, 2, 3), torch.zeros(5, 4)), "table: d_model should be 3 but is 4"),
        (lambda: sinusoidal_positions(3, 5), "d_model: expected an even width, for a sine and a cosine each, got 5"),
        (lambda: generate(None, torch.zeros(1, 0).long(), 3), "start: expected at least one token"),
        (lambda: generate(None, torch.zeros(1, 1).long(), 0), "n: expected at least 1"),
        (lambda: choose(torch.zeros(1, 3), -1), "temperature: expected at least 0, got -1"),
        (lambda: choose(torch.zeros(1, 3), float("nan")), "temperature: expected at least 0, got nan"),
        (lambda: choose(torch.zeros(1, 3), top_k=0), "top_k: expected at least 1, got 0"),
    ],
)
def test_mistakes_get_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_of_equals_no_more_than_top_k_are_chosen_from():
    assert len(choose(torch.zeros(500, 9), top_k=3).unique()) == 3


def test_the_smallest_temperature_takes_the_likeliest():
    assert choose(torch.tensor([[30.0, 20.0, -torch.inf]]), temperature=1e-38).tolist() == [0]


def test_a_row_of_which_nothing_can_be_chosen_is_refused():
    with pytest.raises(ValueError, match=r"logits: expected numbers .*, got a row whose largest is infinite"):
        choose(torch.tensor([[0.0, 1.0], [-torch.inf, -torch.inf]]))


def test_a_text_of_short_whole_numbers_has_the_same_loss():
    logits, ids = torch.randn(2, 5, 7), torch.randint(1, 7, (2, 5))
    assert next_token_loss(logits, ids.int(), pad=0) == next_token_loss(logits, ids, pad=0)

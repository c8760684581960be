"""What notebook 08 adds to its models: two GRUs that translate, cross-attention laid open, texts written down again."""

import pytest
import torch

from helpers.models.attention import cross_attention, padding_mask
from helpers.models.generate import generate
from helpers.models.letters import Alphabet
from helpers.models.recurrent_translator import RecurrentTranslator
from helpers.models.text import Classifier, LanguageModel, Translator, next_token_loss, translating_loss, writing_loss
from helpers.models.transformer import TransformerConfig
from tests.randomised import randomised

CONFIG = TransformerConfig(12, 3, n_layers=2, d_ff=20, norm_first=True)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def translators():
    kinds = {f"GRU, attention {on}": RecurrentTranslator(9, 7, d_model=8, attention=on) for on in (True, False)}
    return kinds | {"Transformer": Translator(9, 7, 20, CONFIG)}


@pytest.mark.parametrize("kind", translators())
def test_no_sign_knows_the_future_and_none_the_padding(kind):
    model = randomised(translators()[kind])
    source, lengths, target = torch.randint(2, 9, (2, 6)), torch.tensor([6, 3]), torch.randint(2, 7, (2, 5))
    logits = model(source, lengths, target)[0]
    other = target.clone()
    other[:, 3:] = (other[:, 3:] + 1) % 7
    same = torch.isclose(model(source, lengths, other)[0], logits, atol=1e-6).all(dim=-1)
    assert same.tolist() == [[True, True, True, False, False]] * 2
    elsewhere = source.clone()
    elsewhere[:, 4] = (elsewhere[:, 4] + 1) % 9
    same = torch.isclose(model(elsewhere, lengths, target)[0], logits, atol=1e-6).all(dim=-1)
    assert same.tolist() == [[False] * 5, [True] * 5], "position 4 is padding in the second"
    alone = model(source[1:, :3], lengths[1:], target[1:])[0]
    torch.testing.assert_close(alone, logits[1:], atol=1e-5, rtol=1e-5)


def test_grus_write_as_they_were_trained_and_refuse_a_cache():
    model = randomised(RecurrentTranslator(9, 7, d_model=8, attention=True))
    source, lengths, start = torch.randint(9, (3, 6)), torch.tensor([6, 2, 4]), torch.zeros(3, 1, dtype=torch.long)
    with torch.no_grad():
        written = generate(model.reader(source, lengths), start, 8, temperature=0, cached=False)
        assert model(source, lengths, written[:, :-1])[0].argmax(-1).tolist() == written[:, 1:].tolist()
        with pytest.raises(ValueError, match="cache: a GRU keeps no keys and values"):
            generate(model.reader(source, lengths), start, 8)


def test_cross_attention_leaves_out_what_the_mask_forbids():
    shapes = (2, 3, 5), (2, 4, 5), (6, 5), (6, 5), (5, 5)
    decoder, encoder, *matrices = (torch.randn(shape) for shape in shapes)
    mask = padding_mask([4, 2], 4)[:, 0]
    short = cross_attention(decoder[1:], encoder[1:, :2], *matrices)
    torch.testing.assert_close(cross_attention(decoder, encoder, *matrices, mask)[1:], short)


def test_queries_and_keys_are_those_of_the_last_cross_attention():
    model = randomised(Translator(9, 7, 20, CONFIG))
    batch = torch.randint(9, (2, 6)), torch.tensor([6, 6]), torch.randint(7, (2, 5))
    query, key = model.query_key(*batch)
    weights = (query @ key.mT / CONFIG.d_head**0.5).softmax(dim=-1)
    torch.testing.assert_close(weights, model(*batch, need_weights=True)[1][-1], atol=1e-5, rtol=1e-5)


def test_losses_do_not_depend_on_padding_beyond_the_longest_text():
    model, ids, lengths = randomised(LanguageModel(9, 20, CONFIG)), torch.tensor([[2, 3, 4], [5, 6, 0]]), [3, 2]
    wide, lengths = torch.nn.functional.pad(ids, (0, 4)), torch.tensor(lengths)
    torch.testing.assert_close(writing_loss(model, (wide, lengths)), next_token_loss(model(ids), ids, pad=0))
    translator = randomised(Translator(9, 7, 20, CONFIG))
    expected = next_token_loss(translator(ids, lengths, ids)[0], ids, pad=0)
    torch.testing.assert_close(translating_loss(translator, (wide, lengths, ids)), expected)
    classifier = randomised(Classifier(9, n_positions=3, n_classes=2, config=CONFIG))
    torch.testing.assert_close(classifier(wide, lengths), classifier(ids, lengths))


def test_what_is_encoded_can_be_written_down_again():
    alphabet = Alphabet(["Oslo", "Rome"])
    ids, _ = alphabet.encode(["Rome", "Olm", "Ulm"])
    assert [alphabet.decode(row) for row in ids] == ["Rome", "Olm", ".lm"]
    tokens = Alphabet([["<de>", *"Rom", ">"]])
    assert tokens.decode(tokens.encode([["<de>", "R", ">"]])[0][0]) == "<de>R>"

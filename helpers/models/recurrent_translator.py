"""What was there before the Transformer: one GRU reads, another writes, with attention between them or without.

Without attention all that the writer knows of the source has to fit into one state. With it, every step may look back
at all the states of the reader.
"""

import torch
from torch import nn

from helpers.arguments import expect_sizes
from helpers.models.attention import cross_attention, padding_mask
from helpers.models.recurrent_layers import Recurrent
from helpers.shapes import expect_ids, expect_lengths


class RecurrentTranslator(nn.Module):
    """Read a source, write a target, letter by letter; called as text.Translator is.

    Args:
        n_source, n_target: different ids on each side.
        d_model: width of a letter's vector and of both states.
        attention: whether the writer looks back at the source.

    Sources: Sutskever et al. 2014 (without); Luong et al. 2015, section 3.1 (with: each state of the writer asks, and
    the answer is used for the next letter). We project query, key and value as the Transformer does.

    >>> model = RecurrentTranslator(n_source=9, n_target=5, d_model=8, attention=True)
    >>> model(torch.tensor([[1, 5, 2, 0]]), torch.tensor([3]), torch.tensor([[3, 1]]))[0].shape
    torch.Size([1, 2, 5])
    """

    def __init__(self, n_source, n_target, d_model, attention):
        super().__init__()
        expect_sizes(n_source=n_source, n_target=n_target, d_model=d_model)
        self.source, self.target = nn.Embedding(n_source, d_model), nn.Embedding(n_target, d_model)
        self.reader_gru, self.writer_gru = (Recurrent("gru", d_model, d_model) for _ in range(2))
        self.projections = nn.ModuleList(nn.Linear(d_model, d_model, bias=False) for _ in "qkv") if attention else None
        self.output = nn.Linear(2 * d_model if attention else d_model, n_target)

    def forward(self, source, lengths, target):
        """Ids (batch, source_pos), lengths (batch,), ids (batch, target_pos) -> logits, and None for the weights."""
        batch = expect_ids("source", source, "batch source_pos", self.source.num_embeddings)["batch"]
        expect_ids("target", target, "batch target_pos", self.target.num_embeddings, batch=batch)
        return self.reader(source, lengths)(target), None

    def reader(self, source, lengths):
        """Read the source once; returns the model(ids) -> logits that writes, which ``generate`` wants uncached."""
        size = expect_ids("source", source, "batch source_pos", self.source.num_embeddings)
        lengths = expect_lengths("lengths", lengths, size["source_pos"], size["batch"])
        states, final = self.reader_gru(self.source(source), lengths=lengths)
        mask = padding_mask(lengths, source.shape[1])[:, 0]

        def next_logits(ids, cache=None):
            if cache is not None:
                raise ValueError("cache: a GRU keeps no keys and values; call generate(..., cached=False)")
            written, _ = self.writer_gru(self.target(ids), final)
            if self.projections:
                found = cross_attention(written, states, *(layer.weight for layer in self.projections), mask)
                written = torch.cat([written, found], dim=-1)
            return self.output(written)

        return next_logits

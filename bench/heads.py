"""What each head of all-MiniLM-L6-v2 does, and what is missing without it: 72 heads -> data/results/heads.csv.

    python course.py bench heads

Scores of the jobs of notebook 10 over its twelve sentences, and how far a sentence's vector turns when the head is
switched off: what it hands over is set to zero before the output projection. Half a minute of processor time.
"""

import csv
from pathlib import Path

import torch

from helpers.models.heads import at_distance, head_scores, links, neighbour, rest
from helpers.prepared import TO_CHECK, TO_FIND
from helpers.pretrained import load_minilm

TABLE = Path(__file__).parent.parent / "data/results/heads.csv"
SENTENCES = TO_FIND | TO_CHECK


def scores(minilm):
    """Name of the job -> (layer, head)."""
    readings = [minilm.heads(text) for text in SENTENCES]
    nouns = [links(pairs) for pairs in SENTENCES.values()]
    return {
        "before": head_scores(readings, neighbour(-1)),
        "after": head_scores(readings, neighbour(1)),
        "rest": head_scores(readings, rest),
        "noun_next": head_scores(readings, [at_distance(job, 1, 1) for job in nouns]),
        "noun_further": head_scores(readings, [at_distance(job, 2, 9) for job in nouns]),
    }


def changes(minilm):
    """1 - cosine of each sentence's vector with and without the head, the mean over sentences: (layer, head)."""
    texts, d_head = list(SENTENCES), minilm.encoder.config.d_head
    whole = minilm.embed(texts)
    found = torch.zeros(minilm.encoder.config.n_layers, minilm.encoder.config.n_heads)
    for layer, block in enumerate(minilm.encoder.blocks):
        for head, columns in enumerate(block.attention.project_out.weight.split(d_head, dim=1)):
            kept = columns.clone()
            columns.zero_()
            found[layer, head] = 1 - (minilm.embed(texts) * whole).sum(dim=-1).mean()
            columns.copy_(kept)
    assert torch.equal(minilm.embed(texts), whole), "every head is switched on again"
    return found


def run():
    """Measure and write the table; returns its columns."""
    minilm = load_minilm()
    columns = scores(minilm) | {"change": changes(minilm)}
    heads = [(layer, head) for layer in range(6) for head in range(12)]
    rows = [(layer + 1, head + 1, *(f"{c[layer, head]:.4f}" for c in columns.values())) for layer, head in heads]
    TABLE.write_bytes(
        ("\n".join(",".join(map(str, row)) for row in [("layer", "head", *columns), *rows]) + "\n").encode()
    )
    return columns


if __name__ == "__main__":
    torch.set_num_threads(1)
    run()
    rows = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
    for name in list(rows[0])[2:]:
        best = sorted(rows, key=lambda row: -float(row[name]))[:3]
        print(f"{name:<14}" + "   ".join(f"layer {row['layer']} head {row['head']}: {row[name]}" for row in best))

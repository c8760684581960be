"""Notebook 03, generate."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import recurrent


def _refuse(ids, h, d_hidden):
    """Say in the exercise's words what a step cannot take, before a library says it in its own."""
    if isinstance(ids, tuple):
        raise ValueError(f"step(ids, h) got {len(ids)} things as ids (`max` gives the values and where); it takes one")
    if not (isinstance(ids, torch.Tensor) and isinstance(h, torch.Tensor)):
        return
    if h.dim() != 2 or h.shape[1] != d_hidden:
        raise ValueError(f"step(ids, h) got an h of shape {tuple(h.shape)}, where a state is (B, {d_hidden})")
    if ids.shape != h.shape[:1]:
        raise ValueError(
            f"step(ids, h) got ids of shape {tuple(ids.shape)}, where one symbol for each text is ({len(h)},)"
        )
    if ids.is_floating_point():
        raise ValueError("step(ids, h) got decimal numbers as ids, where symbols are whole numbers")


def count(ids, h):
    """A step for paper: the next symbol, of five, is the one before plus the state, which counts the steps."""
    _refuse(ids, h, 1)
    return F.one_hot((ids + h[:, 0].long()) % 5, 5).float(), h + 1


@dataclass(frozen=True)
class Step:
    """A small random network as the step: what it writes depends on the symbol before and on the state."""

    symbols: torch.Tensor  # (vocabulary, d_hidden)
    W_h: torch.Tensor  # (d_hidden, d_hidden)
    W_out: torch.Tensor  # (vocabulary, d_hidden)

    def __call__(self, ids, h):
        """Ids (batch,), h (batch, d_hidden) -> logits (batch, vocabulary), h."""
        _refuse(ids, h, len(self.W_h))
        h = torch.tanh(self.symbols[ids] + h @ self.W_h.T)
        return h @ self.W_out.T, h


def cases(seed):
    """Batches of different sizes, texts of different lengths, and one that is empty."""
    generator = torch.Generator().manual_seed(seed)

    def case(batch, vocabulary, d_hidden, n):
        sizes = (vocabulary, d_hidden), (d_hidden, d_hidden), (vocabulary, d_hidden), (batch, d_hidden)
        *weights, h0 = (2 * torch.randn(size, generator=generator) for size in sizes)
        return Step(*weights), h0.tanh(), torch.randint(vocabulary, (batch,), generator=generator), n

    paper = count, torch.ones(2, 1), torch.tensor([0, 3]), 3
    return [paper, case(3, 7, 6, 8), case(5, 11, 8, 4), case(4, 6, 9, 12), case(1, 9, 7, 6), case(2, 5, 4, 1)]


def _write(step, h, ids, n, choose=lambda logits: logits.argmax(dim=-1), feed=None, carry=True):
    """The loop with something wrong: n symbols as a list of (batch,)."""
    start, h0, written = ids, h, []
    for _ in range(n):
        logits, h = step(ids, h if carry else h0)
        written.append(choose(logits))
        ids = feed(start, written) if feed else written[-1]
    return written


def _one_for_all(logits):
    return (logits.flatten().argmax() % logits.shape[1]).expand(len(logits))


def _stacked(**wrong):
    return lambda *arguments: torch.stack(_write(*arguments, **wrong), dim=1)


MISCONCEPTIONS = {
    "always_the_start": Misconception(
        _stacked(feed=lambda start, written: start),
        "Every step is fed the start symbol again, so what was written has no influence on what comes next.",
    ),
    "state_not_carried": Misconception(
        _stacked(carry=False),
        "Every step gets `h0`: the state that the step before gave back is lost, so each symbol knows only the one "
        "before it.",
    ),
    "nothing_carried": Misconception(
        _stacked(feed=lambda start, written: start, carry=False),
        "Every step is the first one again: it is fed the start symbol and `h0`, so the same symbol comes each time. "
        "What did the step before leave?",
    ),
    "one_behind": Misconception(
        _stacked(feed=lambda start, written: [start, *written][-2]),
        "Each step is fed the symbol before the last one: it lags one behind.",
    ),
    "start_included": Misconception(
        lambda step, h0, start, n: torch.stack([start, *_write(step, h0, start, n)][:n], dim=1),
        "The start symbol stands in the result, and the last symbol is missing. The start is given, not written.",
    ),
    "start_before_all": Misconception(
        lambda step, h0, start, n: torch.stack([start, *_write(step, h0, start, n)], dim=1),
        "The start symbol stands in front of the result, which is one longer than asked for. It is given, not written.",
    ),
    "one_too_few": Misconception(
        lambda step, h0, start, n: torch.stack([start, *_write(step, h0, start, n - 1)], dim=1)[:, 1:],
        "One symbol is missing at the end.",
    ),
    "one_too_many": Misconception(
        lambda step, h0, start, n: torch.stack(_write(step, h0, start, n + 1), dim=1),
        "There is one symbol too many at the end.",
    ),
    "last_only": Misconception(
        lambda *arguments: _write(*arguments)[-1],
        "Only the last symbol came back. Keep each one as it is written.",
    ),
    "steps_first": Misconception(
        lambda *arguments: torch.stack(_write(*arguments)),
        "The right symbols, with the axes the wrong way round: (n, B) came back. The batch comes first.",
    ),
    "one_row": Misconception(
        lambda *arguments: torch.cat(_write(*arguments)),
        "All symbols of all texts stand in one row. Each text of the batch has a row of its own.",
    ),
    "least_likely": Misconception(
        _stacked(choose=lambda logits: logits.argmin(dim=-1)),
        "The *least* likely symbol is chosen at every step.",
    ),
    "one_for_all": Misconception(
        _stacked(choose=_one_for_all),
        "One choice is made for the whole batch, so all texts are the same. Each row of logits has a favourite of its "
        "own.",
    ),
    "score_written": Misconception(
        lambda step, h0, start, n: torch.stack(_scores(step, h0, start, n), dim=1),
        "These are the largest logits, not the symbols they belong to: the score of the choice came back, where its "
        "number is asked for.",
    ),
    "all_scores": Misconception(
        lambda step, h0, start, n: torch.stack(_scores(step, h0, start, n, keep=lambda logits: logits), dim=1),
        "These are the logits of every symbol at every step. What is asked for is the chosen one.",
    ),
    "state_returned": Misconception(
        lambda *arguments: (torch.stack(_write(*arguments), dim=1), _last_state(*arguments)),
        "The symbols are right, but the state came back beside them. Only the symbols are asked for.",
    ),
}


def _scores(step, h, ids, n, keep=lambda logits: logits.amax(dim=-1)):
    kept = []
    for _ in range(n):
        logits, h = step(ids, h)
        ids = logits.argmax(dim=-1)
        kept.append(keep(logits))
    return kept


def _last_state(step, h, ids, n):
    for _ in range(n):
        logits, h = step(ids, h)
        ids = logits.argmax(dim=-1)
    return h


GENERATE = Exercise(
    name="generate",
    reference=recurrent.generate,
    returns=("ids",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(recurrent.generate,),
    hints=(
        "A step that adds the state to its symbol, in a state that counts 1, 2, 3: fed 0 it writes 1; fed that 1, with "
        "state 2, it writes 3; fed 3, with state 3, it writes 6, or 1 where there are only five symbols. Each step "
        "eats what the one before wrote.",
        "ids (B,) and h go into `step`; logits (B, V) and the next h come out; the largest of each row is the next ids "
        "(B,); n of these side by side: (B, n).",
        "`ids, h, written = start, h0, []`",
    ),
    notebook="03",
    minutes=10,
)

EXERCISES = (GENERATE,)

"""Notebook 03, last_valid."""

import torch

from helpers.checks.exercise import Exercise, Misconception
from helpers.models import recurrent


def cases(seed):
    """Every batch holds padding, and what stands there is random: whoever reads it is found out."""
    generator = torch.Generator().manual_seed(seed)

    def case(lengths, seq, d_hidden):
        return torch.randn(len(lengths), seq, d_hidden, generator=generator), torch.tensor(lengths)

    paper = torch.tensor([[[1.0, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]]]), torch.tensor([1, 2])
    return [
        paper,
        case([2, 5, 3], seq=5, d_hidden=4),
        case([4, 1, 2, 3], seq=4, d_hidden=2),  # as many sequences as steps: no shape tells the two axes apart
        case([3, 2, 3], seq=6, d_hidden=3),
        case([2], seq=4, d_hidden=3),
    ]


def _rows(states):
    return torch.arange(len(states))


def _known(states, lengths):
    """(batch, seq, 1), True before a sequence's end."""
    return (torch.arange(states.shape[1]) < lengths[:, None])[:, :, None]


MISCONCEPTIONS = {
    "reads_the_padding": Misconception(
        lambda states, lengths: states[:, -1],
        "This is the state after the last column, which for a short sequence is padding. `lengths` has no influence.",
    ),
    "one_late": Misconception(
        lambda states, lengths: states[_rows(states), lengths],
        "One step too far: this is the state after the first step of padding, and where there is no padding it stops "
        "with an error. Steps are counted from 0, lengths from 1.",
    ),
    "one_late_held": Misconception(
        lambda states, lengths: states[_rows(states), lengths.clamp(max=states.shape[1] - 1)],
        "One step too far wherever there is padding; only the full sequences are right. Steps are counted from 0, "
        "lengths from 1.",
    ),
    "one_early": Misconception(
        lambda states, lengths: states[_rows(states), lengths - 2],
        "One step too early: the last letter has not been read yet.",
    ),
    "first": Misconception(
        lambda states, lengths: states[:, 0],
        "This is the state after the first step: only one letter has been read.",
    ),
    "from_the_end": Misconception(
        lambda states, lengths: states[_rows(states), -lengths],
        "The lengths are counted back from the end of the row. Padding stands at the end, so the way to the last real "
        "step starts at the front.",
    ),
    "longest_for_all": Misconception(
        lambda states, lengths: states[:, lengths.max() - 1],
        "All sequences are read at the same step, the end of the longest; the shorter ones are padding there. Each has "
        "an end of its own.",
    ),
    "first_length_for_all": Misconception(
        lambda states, lengths: states[:, lengths[0] - 1],
        "All sequences are read at the same step, where the first of them ends. Each has an end of its own.",
    ),
    "every_pair": Misconception(
        lambda states, lengths: states[:, lengths - 1],
        "An axis too many: for every sequence this picks the ends of *all* sequences, as a slice with `:` does. Which "
        "sequence goes with which step has to be said for both.",
    ),
    "one_unit": Misconception(
        lambda states, lengths: states.gather(1, (lengths - 1)[:, None, None]),
        "The right step of each sequence, but only its first unit came back: `gather` takes as many numbers as its "
        "index has. Each state has H of them.",
        also=(
            lambda states, lengths: states.gather(1, (lengths - 1)[:, None, None])[:, 0],
            lambda states, lengths: states[_rows(states), lengths - 1, 0],
        ),
    ),
    "picks_sequences": Misconception(
        lambda states, lengths: states[lengths - 1],
        "One index picks along the first axis, which counts the sequences: whole sequences came back, with all their "
        "steps. (Where a length is larger than the batch, it stops with an error.)",
    ),
    "only_the_first": Misconception(
        lambda states, lengths: states[0, lengths - 1],
        "Every row comes from the first sequence. With a batch of one nobody would notice.",
    ),
    "axes_swapped": Misconception(
        lambda states, lengths: states[lengths - 1, _rows(states)],
        "Sequence and step have changed places. It runs where there are at least as many sequences as steps. In this "
        "course the batch always comes first.",
    ),
    "axis_kept": Misconception(
        lambda states, lengths: states[_rows(states), lengths - 1][:, None],
        "The right states, with an axis of size 1 too many: one step was picked, and its axis is still there.",
    ),
    "mean_of_the_known": Misconception(
        lambda states, lengths: (states * _known(states, lengths)).sum(dim=1) / lengths[:, None],
        "This is the mean over all real steps. A reasonable summary, and another one: asked for is the last state.",
    ),
    "sum_of_the_known": Misconception(
        lambda states, lengths: (states * _known(states, lengths)).sum(dim=1),
        "This is the sum over all real steps, not the last of them.",
    ),
    "mean_of_all": Misconception(
        lambda states, lengths: states.mean(dim=1),
        "This is the mean over all steps, padding included; `lengths` has no influence.",
    ),
    "largest_of_the_known": Misconception(
        lambda states, lengths: states.masked_fill(~_known(states, lengths), -torch.inf).amax(dim=1),
        "This is the largest value of each unit over all real steps. Asked for is the last state.",
    ),
    "padding_zeroed": Misconception(
        lambda states, lengths: states * _known(states, lengths),
        "The padding is zero now, but all the steps are still there: one state for each sequence is asked for.",
    ),
    "zeroed_and_read": Misconception(
        lambda states, lengths: (states * _known(states, lengths))[:, -1],
        "The padding was set to zero, and then it was read: every shorter sequence gets zeros.",
    ),
}

LAST_VALID = Exercise(
    name="last_valid",
    reference=recurrent.last_valid,
    returns=("last",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    forbidden=(recurrent.last_valid,),
    hints=(
        "Two sequences with one unit, whose states are 1, 2, 3 and 4, 5, 6, of lengths 1 and 2: the last real states "
        "are 1 and 5. What stands behind them (2, 3 and 6) is padding.",
        "states (B, T, H); for each of the B sequences one number of a step, (B,); result (B, H).",
        "`rows = torch.arange(len(states))` numbers the sequences; `states[rows, steps]` picks one step of each.",
    ),
    notebook="03",
    minutes=5,
    class_time=True,
)

EXERCISES = (LAST_VALID,)

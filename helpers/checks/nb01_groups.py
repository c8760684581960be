"""Notebook 01, group_split. Many answers are right: which groups go where is up to the seed."""

import torch

from helpers import splits
from helpers.checks.exercise import Exercise, Finding, Misconception

MANY = 15  # groups from which on "the first ones in order" is no accident: one chance in thousands
LARGE = 40  # rows from which on equal shares of every group are no accident


def cases(seed):
    """Groups of very different sizes, their rows anywhere, their numbers not 0, 1, 2 ...; one of them thrice.

    The same groups and the same seed once more, and with another seed: only so does it show what the seed does.
    """
    generator = torch.Generator().manual_seed(seed)

    def case(n_groups, n_rows, fraction):
        numbers = 100 + torch.randperm(5 * n_groups, generator=generator)[:n_groups]
        share = torch.arange(1.0, n_groups + 1)  # the last group has many times the rows of the first
        more = torch.multinomial(share, n_rows - n_groups, replacement=True, generator=generator)
        rows = torch.cat([torch.arange(n_groups), more])
        return numbers[rows[torch.randperm(n_rows, generator=generator)]], fraction, seed

    on_paper = torch.tensor([17, 17, 19, 17, 14, 19, 17, 18])
    more = case(18, 90, 0.7)
    return [(on_paper, 0.5, seed), more, case(22, 80, 0.6), case(30, 200, 0.2), more, (*more[:2], seed + 100)]


def judge(outputs, groups, fraction, seed):
    """None when every group stands on one side and train has its share of the groups."""
    known = torch.unique(groups)
    n_train = round(fraction * len(known))
    if isinstance(outputs, tuple):
        both = all(part.shape == groups.shape for part in outputs)
        return Finding("two_masks") if both else Finding(None, "Return one mask, with one entry per row.")
    if outputs.dtype != torch.bool:
        return _not_booleans(outputs, groups)
    if outputs.shape != groups.shape:
        if outputs.shape == known.shape:
            return Finding("mask_of_groups")
        return Finding(None, f"The mask has shape {tuple(outputs.shape)}, expected one entry per row: {len(groups)}.")
    train, test = groups[outputs].unique(), groups[~outputs].unique()
    torn = train[torch.isin(train, test)]
    if len(torn):
        sentence = f"{len(torn)} of {len(known)} groups stand on both sides, such as group {torn[0]}."
        return Finding(_why_torn(outputs, groups, fraction, known), sentence)
    if len(train) == n_train:
        in_order = len(known) >= MANY and any(
            torch.equal(train.sort().values, side) for side in _first(groups, n_train)
        )
        return Finding("seed_unused") if in_order else None
    sentence = (
        f"{len(train)} of {len(known)} groups are in train, expected round({fraction:.2f} * {len(known)}) = {n_train}."
    )
    why = _why_too_many(outputs, train, known, n_train, fraction)
    return Finding(why, " ".join(filter(None, (sentence, _aside(why, train, known, n_train)))))


def jury(outcomes, cases):
    """None when the same seed gives the same split, and another seed another one."""
    splits_of = {}  # groups -> seed -> the splits that came back
    for (groups, _, seed), outcome in zip(cases, outcomes, strict=True):
        splits_of.setdefault(tuple(groups.tolist()), {}).setdefault(seed, set()).add(tuple(outcome.value.tolist()))
    if any(len(found) > 1 for by_seed in splits_of.values() for found in by_seed.values()):
        return Finding("random_each_time")
    by_seeds = [found for groups, found in splits_of.items() if len(set(groups)) >= MANY and len(found) > 1]
    always_one = by_seeds and all(len(set.union(*found.values())) == 1 for found in by_seeds)
    return Finding("one_split_for_all") if always_one else None


def _not_booleans(outputs, groups):
    if outputs.dim() == 1 and len(outputs) and not outputs.is_floating_point() and torch.isin(outputs, groups).all():
        return Finding("group_numbers", _NO_MASK)
    if outputs.dim() == 1 and outputs.shape == groups.shape and torch.isin(outputs, torch.tensor([0, 1])).all():
        return Finding(None, "Ones and zeros came back: compare with something, so that they become True and False.")
    return Finding("row_numbers" if outputs.dim() == 1 and not outputs.is_floating_point() else None, _NO_MASK)


def _why_torn(mask, groups, fraction, known):
    n_rows = len(groups)
    share_of_rows = abs(mask.sum().item() - fraction * n_rows) < 1
    if share_of_rows and torch.equal(mask, torch.arange(n_rows) < mask.sum()):
        return "rows_cut"
    counts = [(groups == group).sum().item() for group in known]
    taken = [mask[groups == group].sum().item() for group in known]
    equal_shares = all(abs(n - fraction * count) < 1 for n, count in zip(taken, counts, strict=True))
    if equal_shares and (n_rows >= LARGE or not share_of_rows):
        return "inside_each_group"
    return "random_rows"


def _why_too_many(mask, train, known, n_train, fraction):
    if len(train) in (0, len(known)):
        return "one_side_empty"
    if len(train) == len(known) - n_train:
        return "sides_swapped"
    if len(train) == int(fraction * len(known)):
        return "rounded_down"
    of_rows, of_groups = (abs(share - fraction) for share in (mask.float().mean().item(), len(train) / len(known)))
    return "fraction_of_rows" if of_rows < min(0.12, of_groups / 2) else None


def _aside(why, train, known, n_train):
    """What else to look at."""
    if why == "one_side_empty" and not len(train):
        numbers = ", ".join(map(str, known[:4].tolist())) + " ..." * (len(known) > 4)
        return f"A group's number is only its name, they need not be 0, 1, 2 ...: here they are {numbers}."
    if why in (None, "one_side_empty") and len(train) > n_train:
        return (
            "Does each group count once? `set` does not see that two entries of a tensor are equal; `unique` does. Or "
            "was a number drawn that no group has?"
        )
    if why is None and len(train) < n_train:
        return "Was a group drawn twice (`choice` and `randint` put back), or a number drawn that no group has?"
    return None


def _first(groups, n_train):
    """The first groups by number, and in the order in which they appear; the last ones as well."""
    by_number = groups.unique()
    appearing = torch.tensor(list(dict.fromkeys(groups.tolist())))
    return [order.sort().values for known in (by_number, appearing) for order in (known[:n_train], known[-n_train:])]


_NO_MASK = "Expected is a mask: one True or False per row."


def _permuted(n, seed):
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed))


def _random_rows(groups, fraction, seed):
    return _permuted(len(groups), seed) < round(fraction * len(groups))


def _inside_each(groups, fraction, seed):
    mask = torch.zeros(len(groups), dtype=torch.bool)
    for group in groups.unique():
        rows = (groups == group).nonzero()[:, 0]
        mask[rows[_permuted(len(rows), seed)[: round(fraction * len(rows))]]] = True
    return mask


def _whole_groups(count):
    """count(known, groups, fraction) -> a mask of that many groups, chosen by the seed."""

    def wrong(groups, fraction, seed):
        known = groups.unique()
        chosen = known[_permuted(len(known), seed)][: count(known, groups, fraction)]
        return torch.isin(groups, chosen)

    return wrong


def _until_enough_rows(groups, fraction, seed):
    mask = torch.zeros(len(groups), dtype=torch.bool)
    for group in sorted(
        groups.unique(), key=lambda group: -(groups == group).sum()
    ):  # large ones first: few are enough
        if mask.sum() < fraction * len(groups):
            mask |= groups == group
    return mask


_right = _whole_groups(lambda known, groups, fraction: round(fraction * len(known)))

MISCONCEPTIONS = {
    "random_rows": Misconception(
        _random_rows,
        "The *rows* were dealt out, one by one, so rows of one group land on both sides. Deal out the groups.",
    ),
    "rows_cut": Misconception(
        lambda groups, fraction, seed: torch.arange(len(groups)) < round(fraction * len(groups)),
        "The rows were cut in two at the fraction, wherever the cut falls. Groups are scattered over the rows: deal "
        "out the groups.",
    ),
    "inside_each_group": Misconception(
        _inside_each,
        "The fraction was taken *inside each group*, so every group stands on both sides (`stratify` does that). The "
        "opposite is wanted: a group goes to one side as a whole.",
    ),
    "sides_swapped": Misconception(
        lambda groups, fraction, seed: ~_right(groups, fraction, seed),
        "Every group stands on one side, but the sides are exchanged: True means train, and the fraction is train's.",
    ),
    "fraction_of_rows": Misconception(
        _until_enough_rows,
        "Every group stands on one side, but there are too many or too few of them in train. The share of the *rows* "
        "is about right, but here the fraction counts groups. (A coin for each group misses their number as well.)",
    ),
    "rounded_down": Misconception(
        _whole_groups(lambda known, groups, fraction: int(fraction * len(known))),
        "Every group stands on one side; only their number in train is one too small, as when it is rounded down. "
        "(Or was a group drawn twice?)",
    ),
    "one_side_empty": Misconception(
        lambda groups, fraction, seed: torch.ones(len(groups), dtype=torch.bool),
        "One side is empty: all rows have the same answer.",
    ),
    "seed_unused": Misconception(
        lambda groups, fraction, seed: torch.isin(groups, groups.unique()[: round(fraction * len(groups.unique()))]),
        "Every group stands on one side and the share is right, but always the same groups, in order, are chosen. The "
        "seed is there to shuffle them.",
    ),
    "random_each_time": Misconception(
        lambda groups, fraction, seed: _right(groups, fraction, int(torch.randint(2**31, ()))),
        "The same groups with the same seed gave two different splits, so nobody could repeat what you found. Where "
        "does the seed go?",
    ),
    "one_split_for_all": Misconception(
        lambda groups, fraction, seed: _right(groups, fraction, 0),
        "Whatever the seed, the same groups are chosen: `seed` has no influence. Another seed, another split.",
    ),
    "group_numbers": Misconception(
        lambda groups, fraction, seed: groups[_right(groups, fraction, seed)].unique(),
        "The *numbers* of the chosen groups came back. One step is missing: which rows belong to them?",
    ),
    "row_numbers": Misconception(
        lambda groups, fraction, seed: _right(groups, fraction, seed).nonzero()[:, 0],
        "The *numbers* of the train rows came back.",
    ),
    "mask_of_groups": Misconception(
        lambda groups, fraction, seed: _permuted(len(groups.unique()), seed) < round(fraction * len(groups.unique())),
        "A mask over the *groups* came back. One step is missing: which rows belong to the chosen ones?",
    ),
    "two_masks": Misconception(
        lambda groups, fraction, seed: (_right(groups, fraction, seed), ~_right(groups, fraction, seed)),
        "Two masks came back. One is enough: what is not train is test.",
    ),
}

GROUPS = Exercise(
    name="group_split",
    reference=splits.group_split,
    returns=("train_mask",),
    cases=cases,
    judge=judge,
    jury=jury,
    misconceptions=MISCONCEPTIONS,
    forbidden=(splits.group_split,),
    hints=(
        "Groups 17, 17, 19, 17, 14, 19, 17, 18 and a fraction of 0.5: two of the four groups go to train, say 17 and "
        "18. Then the mask is True, True, False, True, False, False, True, True.",
        "groups (N,) -> known groups (G,), shuffled by the seed -> those of train (round(fraction * G),) -> mask (N,).",
        "`known = torch.unique(groups)`",
    ),
    notebook="01",
    minutes=6,
    class_time=True,
)

EXERCISES = (GROUPS,)

"""SplitTimeline: a series cut in three, every window in sight, and what leaks from one part into another."""

from typing import NamedTuple

import numpy as np
import torch
import traitlets

from helpers import splits
from helpers.widgets.base import Array, CourseWidget, as_array, validates

MOST_STEPS = 600  # more would be less than two pixels each
GIVEN_BACK = ("cuts", "gap", "shuffle", "drop", "scaler")  # by the reset button


class Leak(NamedTuple):
    """One way in which a split tells the model what it must not know."""

    name: str
    count: int
    of: int  # how many there are in all

    def __str__(self):
        return f"{self.name}: {self.count} of {self.of}"


class SplitTimeline(CourseWidget):
    """Move two cuts and a gap; see where each window goes, and which windows share rows with another part.

    ``split()``, ``leaks`` and ``is_clean`` are computed here, by helpers.splits, from where the cuts are now.

    Args:
        x: the series (steps,), drawn above the timeline; or only the number of its steps.
        length, horizon: of the windows, as in make_windows.
        fractions: three shares of the rows that sum to 1; or
        cuts: the two rows before which the series is cut.
        gap: rows left out after each cut.
        shuffle: windows are dealt out at random, instead of by time.
        drop: windows that straddle a cut are dropped; otherwise a window belongs to the part it starts in.
        scaler: mean and std are learnt from "train" or from "all" rows.
        times: one for each step, sorted; shown instead of the row numbers.
        label: what the series is, with its unit.
        seed: of the shuffle.
        projector: everything larger, for the back row.

    Raises:
        ValueError: a part too short for a window, fractions that do not sum to 1, NaN, times that are not sorted.

    >>> timeline = SplitTimeline(40, length=4, horizon=2, fractions=(0.5, 0.25, 0.25))
    >>> timeline
    SplitTimeline(40 steps cut at 20 and 30)
    >>> timeline.is_clean
    True
    >>> timeline.drop = False
    >>> print(*timeline.leaks, sep=", ")
    validation windows that share rows with train: 5 of 10, test windows that share rows with validation: 5 of 5
    """

    python_only = ("x", "n_steps", "length", "horizon", "times", "label", "order", "start")
    x = Array("steps")
    n_steps = traitlets.Int().tag(sync=True)
    length = traitlets.Int().tag(sync=True)
    horizon = traitlets.Int().tag(sync=True)
    cuts = traitlets.List(traitlets.Int(), minlen=2, maxlen=2).tag(sync=True)
    gap = traitlets.Int(0).tag(sync=True)
    shuffle = traitlets.Bool(False).tag(sync=True)
    drop = traitlets.Bool(True).tag(sync=True)
    scaler = traitlets.Enum(["train", "all"], "train").tag(sync=True)
    times = traitlets.List(traitlets.Unicode()).tag(sync=True)  # empty: row numbers
    label = traitlets.Unicode("").tag(sync=True)
    order = traitlets.List(traitlets.Int()).tag(sync=True)  # all windows, shuffled by the seed
    start = traitlets.Dict().tag(sync=True)  # what reset goes back to

    def __init__(self, x, *, length, horizon=1, fractions=None, cuts=None, times=None, seed=0, **settings):
        x, n_steps = (None, x) if isinstance(x, int) else (as_array("x", _column(x), "steps"), len(x))
        if not 3 <= n_steps <= MOST_STEPS:
            raise ValueError(f"x: between 3 and {MOST_STEPS} steps can be shown, got {n_steps}")
        if fractions is not None and cuts is not None:
            raise ValueError("cuts: give either fractions or cuts, not both")
        if cuts is None:
            fractions = (0.6, 0.2, 0.2) if fractions is None else fractions
            splits.chronological_split(n_steps, length, horizon, fractions)
            cuts = [round(n_steps * fractions[0]), round(n_steps * (fractions[0] + fractions[1]))]
        super().__init__(
            x=x,
            n_steps=n_steps,
            length=length,
            horizon=horizon,
            cuts=list(cuts),
            times=_as_times(times, n_steps),
            order=splits.window_order(n_steps, length, horizon, seed).tolist(),
            **settings,
        )
        self.seed = seed
        self.start = {name: getattr(self, name) for name in GIVEN_BACK}

    @validates("cuts", "gap", "n_steps", "length", "horizon")
    def _validate_cuts(self, proposal):
        names = "n_steps", "length", "horizon", "cuts", "gap"
        now = {name: getattr(self, name) for name in names} | {proposal.trait.name: proposal.value}
        n_steps, cuts = now["n_steps"], now.pop("cuts")
        if not 0 < cuts[0] < cuts[1] < n_steps:
            raise ValueError(f"cuts: expected two rows between 1 and {n_steps - 1}, the second later, got {cuts}")
        splits.chronological_split(fractions=_fractions(n_steps, cuts), **now)  # raises where a part is too short
        return proposal.value

    @validates("x")
    def _validate_x(self, proposal):
        if proposal.value is not None and len(proposal.value) != self.n_steps:
            raise ValueError(f"x: expected {self.n_steps} steps as before, got {len(proposal.value)}")
        return proposal.value

    def split(self):
        """Train, validation, test: the rows at which their windows start, int64, in the order they are dealt."""
        sizes = self.n_steps, self.length, self.horizon, _fractions(self.n_steps, self.cuts)
        if self.shuffle:
            return splits.shuffled_split(*sizes, seed=self.seed)
        return (splits.chronological_split if self.drop else splits.split_by_start)(*sizes, self.gap)

    @property
    def scaler_rows(self):
        """The rows that mean and std are learnt from: those of train's windows, or all."""
        train = splits.rows_of(self.split()[0], self.length, self.horizon)
        return train if self.scaler == "train" else torch.arange(self.n_steps)

    @property
    def mean_std(self):
        """Mean and standard deviation of the scaler's rows, two floats; needs a series."""
        if self.x is None:
            raise ValueError("mean_std: this SplitTimeline was made without a series, from the number of steps alone")
        x = torch.tensor(self.x)[:, None]
        mean, std = splits.fit_scaler(x[self.scaler_rows], x)
        return mean.item(), std.item()

    @property
    def leaks(self):
        """What leaks, as a list of Leak(name, count, of); empty where the split is honest."""
        train, validation, test = self.split()
        window = self.length, self.horizon
        pairs = (("validation", validation, "train", train), ("test", test, "train", train))
        pairs += (("test", test, "validation", validation),)
        found = [
            Leak(f"{name} windows that share rows with {other}", self._shared(theirs, ours), len(ours))
            for name, ours, other, theirs in pairs
        ]
        late = (train + self.length + self.horizon - 1 > test.min()).sum().item() if len(test) else 0
        found.append(Leak("train windows that reach into the time of the test", late, len(train)))
        outside = ~torch.isin(self.scaler_rows, splits.rows_of(train, *window))
        found.append(Leak("rows outside train that the scaler was fitted on", outside.sum().item(), self.n_steps))
        return [leak for leak in found if leak.count]

    def _shared(self, train, test):
        return splits.leaking_windows(train, test, self.length, self.horizon).sum().item()

    @property
    def is_clean(self):
        """Whether nothing leaks."""
        return not self.leaks

    def state(self):
        """Where everything is now, as a plain dict."""
        return {name: getattr(self, name) for name in (*GIVEN_BACK, "projector")}

    def summary(self):  # noqa: D102 (see the base)
        text = f"{self.n_steps} steps cut at {self.cuts[0]} and {self.cuts[1]}"
        text += f", gap {self.gap}" if self.gap else ""
        text += "; shuffled" if self.shuffle else "" if self.drop else "; straddling windows kept"
        return text + ("; scaler fitted on all" if self.scaler == "all" else "")


def _fractions(n_steps, cuts):
    return cuts[0] / n_steps, (cuts[1] - cuts[0]) / n_steps, (n_steps - cuts[1]) / n_steps


def _column(x):
    """A series of one feature may come as a column."""
    shape = getattr(x, "shape", ())
    return x[:, 0] if len(shape) == 2 and shape[1] == 1 else x


def _as_times(times, n_steps):
    if times is None:
        return []
    splits.check_times(times)
    if len(times) != n_steps:
        raise ValueError(f"times: expected one for each of {n_steps} steps, got {len(times)}")
    return [str(time) for time in np.asarray(times)]

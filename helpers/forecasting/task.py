"""Windows of a series in three parts, cut in time with a gap, and scaled by what training may know."""

import torch

from helpers.arguments import expect_type
from helpers.forecasting.reading import Reading
from helpers.forecasting.settings import Settings
from helpers.models.forecast import relative
from helpers.splits import chronological_split, fit_scaler, make_windows

PARTS = "train", "validation", "test"
FEWEST_WINDOWS = 10  # in each part; fewer say nothing


class Task:
    """What the forecasts are given, and what they are compared with.

    Args:
        reading: of read(settings).
        settings: the same.

    Attributes:
        starts: dict part -> the rows at which its windows start.
        windows: (windows, length, columns) float64, levels in the unit of the file; row i starts at step i.
        target: (windows,) the level to forecast.
        scaler: dict of the four buffers of a ChangeForecast, learnt from the training windows.

    Raises:
        ValueError: too few rows; the message says how many are needed, or which length would fit.
    """

    def __init__(self, reading, settings):
        expect_type("reading", reading, Reading)
        expect_type("settings", settings, Settings)
        self.settings = settings
        self.times, values = reading.times, torch.from_numpy(reading.values)
        self.starts = _measured_only(_split(len(values), settings), reading.measured, settings)
        self.windows, levels = make_windows(values, settings.length, settings.horizon)
        self.target = levels[:, 0]
        x, change = relative(self.windows), (self.target - self.windows[:, -1, 0])[:, None]
        x_mean, x_std = fit_scaler(*(x[self.starts[part]].flatten(0, 1) for part in ("train", "test")))
        y_mean, y_std = fit_scaler(*(change[self.starts[part]] for part in ("train", "test")))
        self.scaler = {"x_mean": x_mean, "x_std": x_std, "y_mean": y_mean, "y_std": y_std}
        self.x, self.y = ((x - x_mean) / x_std).float(), ((change - y_mean) / y_std).float()

    def scaled(self, part):
        """What a network sees and what it should say: x (windows, length, columns) and y (windows, 1), float32."""
        return self.x[self.starts[part]], self.y[self.starts[part]]

    def levels(self, part):
        """Windows (windows, length, columns) and targets (windows,) of a part, in the unit of the file."""
        return self.windows[self.starts[part]], self.target[self.starts[part]]

    def target_times(self, part):
        """The times of a part's targets, (windows,)."""
        return self.times[self.starts[part].numpy() + self.settings.length + self.settings.horizon - 1]

    def cuts(self):
        """Where each part begins and ends: dict part -> (first row, last row), both included."""
        span = self.settings.length + self.settings.horizon - 1
        return {part: (int(starts[0]), int(starts[-1]) + span) for part, starts in self.starts.items()}

    def __repr__(self):
        counts = ", ".join(f"{len(starts):,} {part}" for part, starts in self.starts.items())
        return f"Task(windows: {counts})"


def _measured_only(starts, measured, settings):
    """The windows whose target is a value of its own: to forecast a repeated one is no art, and no use."""
    ahead = settings.length + settings.horizon - 1
    kept = {part: rows[torch.from_numpy(measured)[rows + ahead]] for part, rows in starts.items()}
    for part, rows in kept.items():
        if len(rows) < FEWEST_WINDOWS:
            raise ValueError(f"missing: in the {part} part only {len(rows)} windows have a target that was measured")
    return kept


def _split(n_steps, settings):
    """The windows of each part; refused where one would have next to none."""
    length, horizon, gap, fractions = settings.length, settings.horizon, settings.gap, settings.fractions

    def fits(n_steps, length):
        try:
            parts = chronological_split(n_steps, length, horizon, fractions, gap)
        except ValueError:
            return None
        return parts if min(map(len, parts)) >= FEWEST_WINDOWS else None

    chronological_split(10_000 * (length + horizon + gap), length, horizon, fractions, gap)  # are the shares possible?
    parts = fits(n_steps, length)
    if parts is None:
        shortest = settings.season or 1
        shorter = next((each for each in range(length - 1, shortest - 1, -1) if fits(n_steps, each)), None)
        enough = n_steps
        while not fits(enough, length):
            enough += max(1, enough // 100)
        raise ValueError(
            f"length: {n_steps} rows are too few for windows of {length} with a horizon of {horizon} and a gap of "
            f"{gap} in three parts of {FEWEST_WINDOWS} windows or more; about {enough} would do"
            + (f", or a length of {shorter}" if shorter else "")
        )
    return dict(zip(PARTS, parts, strict=True))

"""The one thing to change: where the numbers stand, and what is to be forecast."""

from dataclasses import dataclass
from pathlib import PurePath

from helpers.arguments import expect_choice, expect_count, expect_shares, expect_strings

PERIODS = "hour", "day", "week", "month", "year"
MISSING = "refuse", "last"


@dataclass(frozen=True)
class Settings:
    """What to read and what to forecast, checked as soon as it is written down.

    Raises:
        ValueError, TypeError: a setting that cannot be meant; the message names it.

    >>> Settings("sales.csv", time="day", values="sold", length=28, horizon=7, season=7).values
    ('sold',)
    """

    path: str  # the CSV file, seen from the notebook's folder
    time: str | None  # name of the column with the times; None: the rows are in order and evenly spaced
    values: tuple[str, ...]  # names of the columns to read; the first is forecast, the others help if they can
    length: int  # steps that one forecast looks back
    horizon: int  # steps that it looks ahead
    season: int | None = None  # steps in a season (12 months, 7 days, 24 hours), or None
    unit: str = ""  # of the column that is forecast, for axes and sentences
    every: str | None = None  # one mean for each "hour", "day", "week", "month" or "year"; None: the rows as they are
    missing: str = "refuse"  # "last": a step without a value repeats the last known one
    date_format: str | None = None  # such as "%d/%m/%Y", where the guess is wrong
    fractions: tuple[float, float, float] = (0.6, 0.2, 0.2)  # of the steps: train, validation, test
    gap: int | None = None  # steps left out after each cut; None: as many as the horizon

    def __post_init__(self):
        for name, kinds in {"path": str | PurePath, "time": str | None, "unit": str, "date_format": str | None}.items():
            if not isinstance(getattr(self, name), kinds):
                raise TypeError(f"{name}: expected a text, got {getattr(self, name)!r:.60}")
        values = (self.values,) if isinstance(self.values, str) else tuple(expect_strings("values", self.values))
        if not values:
            raise ValueError(f'values: expected names of columns, such as ["sold"], got {self.values!r}')
        if len(set(values)) < len(values):
            raise ValueError(f"values: a column stands there twice: {', '.join(values)}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "path", str(self.path))
        expect_shares("fractions", self.fractions)
        object.__setattr__(self, "fractions", tuple(map(float, self.fractions)))
        object.__setattr__(self, "gap", self.horizon if self.gap is None else self.gap)
        for name, least in {"length": 1, "horizon": 1, "season": 1, "gap": 0}.items():
            size = getattr(self, name)
            if size is None and name == "season":
                continue
            object.__setattr__(self, name, expect_count(name, size, least))
        for name, choices in {"every": (None, *PERIODS), "missing": MISSING}.items():
            expect_choice(name, getattr(self, name), choices)
        if self.season is not None and self.season > self.length:
            raise ValueError(f"season: {self.season} steps are more than a window of length {self.length} sees")
        if self.every is not None and self.time is None:
            raise ValueError(f"every: one mean for each {self.every} needs a column with times")

    @property
    def target(self):
        """The column that is forecast."""
        return self.values[0]

    @property
    def label(self):
        """The column that is forecast, with its unit, for an axis; a name that ends in its unit says it once."""
        return f"{self.target.removesuffix(f'_{self.unit}')} ({self.unit})" if self.unit else self.target

    @property
    def ahead(self):
        """How far it looks ahead: "6 months ahead"."""
        return f"{self.horizon} {self.every or 'step'}{'s' if self.horizon > 1 else ''} ahead"

    @property
    def measured_in(self):
        """How the unit follows a number: " ppm", or nothing."""
        return f" {self.unit}" if self.unit else ""

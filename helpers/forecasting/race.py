"""The race: five forecasts on validation, then the best one and the best without learning on the test, once."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from helpers.arguments import expect_choice, expect_list, expect_type
from helpers.forecasting.candidates import CANDIDATES, NETWORKS, NO_LEARNING, forecast, train
from helpers.forecasting.task import Task
from helpers.forecasting.verdict import FEWEST_BLOCKS, Comparison, compare


@dataclass(frozen=True)
class Outcome:
    """What the test said of two forecasts: the one that validation chose, and the best that needs no learning."""

    task: Task
    chosen: str
    reference: str  # "naive", or "seasonal naive" where that is better on validation
    model: nn.Module  # the chosen one
    validation: dict[str, list[float]]  # name -> mean absolute error, one per seed
    times: np.ndarray  # of the test's targets, (windows,)
    levels: dict[str, torch.Tensor]  # "truth", and the two forecasts by name, (windows,) each
    comparison: Comparison

    def error(self, name):
        """The mean absolute error of one of the two on the test."""
        return (self.levels[name] - self.levels["truth"]).abs().mean().item()

    @property
    def headline(self):
        """Better than what needs no learning, or not? In four words."""
        if self.chosen not in NO_LEARNING and self.comparison.n_blocks < FEWEST_BLOCKS:
            return "Too few to tell"
        return f"{'Better' if self.comparison.is_better else 'No better'} than {self.reference}"

    @property
    def verdict(self):
        """The headline and its figures, in one sentence."""
        return f"{self.headline}: {self._figures()}."

    def _figures(self):
        compared, unit = self.comparison, self.task.settings.measured_in
        if self.chosen in NO_LEARNING:
            return "on validation nothing that learns beats it"
        figures = f"{self.chosen} is off by {short(self.error(self.chosen))}{unit} on average, {self.reference} by "
        figures += f"{short(self.error(self.reference))}{unit}"
        if compared.n_blocks < FEWEST_BLOCKS:
            needed = 2 * FEWEST_BLOCKS * self.task.settings.horizon
            return f"{figures}, but {len(self.times)} test windows are not the {needed} it takes"
        margin = f"{short(abs(compared.gain), 2)} ± {short(compared.noise, 2)}{unit}"
        if compared.is_better:
            blocks = f"in {compared.n_better} of {compared.n_blocks} blocks of the test"
            return f"{figures}; the gain, {margin}, is more than noise ({blocks})"
        if compared.is_worse:
            return f"it is worse; {figures}, and the loss, {margin}, is more than noise"
        return f"{figures}; the difference, {margin}, is within its noise"

    def rows(self):
        """The table: one row per forecast, with its errors on validation, and on the test for the two that took it."""
        for name, errors in self.validation.items():
            yield name, sum(errors) / len(errors), self.error(name) if name in (self.chosen, self.reference) else None

    @property
    def table(self):
        """The rows as text, an arrow before the chosen one; a dash where the test was not asked."""
        rows = list(self.rows())
        number = same_places(error for _, *errors in rows for error in errors if error)
        lines = [f"   {'mean absolute error':19}{'validation':>12}{'test':>12}"]
        for name, *errors in rows:
            cells = "".join(f"{'-' if error is None else number.format(error):>12}" for error in errors)
            lines.append(f"{'-> ' if name == self.chosen else '   '}{name:19}{cells}")
        return "\n".join(lines)

    def __repr__(self):
        return f"Outcome({self.verdict})"


def short(number, digits=3):
    """A number with so many significant digits, and no power of ten above a ten-thousandth.

    >>> short(243_871.2), short(0.04567), short(12)
    ('244,000', '0.0457', '12')
    """
    return f"{float(f'{number:.{digits}g}'):,.10g}"


def same_places(numbers):
    """A format for all of these numbers, with so many decimal places that the smallest has three digits.

    >>> same_places([1250.0, 0.04567]).format(1250.0)
    '1,250.0000'
    """
    return f"{{:,.{max(0, 2 - math.floor(math.log10(min(filter(None, numbers), default=1))))}f}}"


class Race:
    """All candidates, trained; validation may be looked at as often as one likes.

    Attributes:
        validation: dict name -> mean absolute errors in the unit of the file, one per seed.
        models: dict name -> the trained models, one per seed.
    """

    def __init__(self, task, models):
        self.task, self.models, self._outcome = task, models, None
        self.validation = {name: [self._error(model) for model in each] for name, each in models.items()}

    @property
    def chosen(self):
        """The candidate with the smallest mean error on validation; of equals the simplest."""
        return self._best(self.validation)

    @property
    def reference(self):
        """The best on validation that needs no learning."""
        return self._best(name for name in self.validation if name in NO_LEARNING)

    @property
    def number(self):
        """How the errors on validation are written, all with the same number of decimal places."""
        return same_places(error for errors in self.validation.values() for error in errors)

    def model(self, name):
        """The seed of a candidate that validation likes best."""
        expect_choice("name", name, self.models)
        errors = self.validation[name]
        return self.models[name][errors.index(min(errors))]

    def judge(self):
        """Look at the test: at the chosen forecast and at the reference, and at no other. The same answer each time."""
        if self._outcome is None:
            windows, truth = self.task.levels("test")
            levels = {name: forecast(self.model(name), windows) for name in (self.chosen, self.reference)}
            errors = [(levels[name] - truth).abs() for name in (self.chosen, self.reference)]
            self._outcome = Outcome(
                self.task,
                self.chosen,
                self.reference,
                self.model(self.chosen),
                self.validation,
                self.task.target_times("test"),
                {"truth": truth, **levels},
                compare(*errors, self.task.settings.horizon),
            )
        return self._outcome

    def _error(self, model):
        windows, truth = self.task.levels("validation")
        return (forecast(model, windows) - truth).abs().mean().item()

    def _best(self, names):
        return min(names, key=lambda name: sum(self.validation[name]) / len(self.validation[name]))


def run(task, seeds=(0, 1, 2), n_steps=200):
    """Train every candidate: the networks once per seed, the others once.

    Args:
        task: a Task.
        seeds: of the networks.
        n_steps: batches at most for each network; validation may end it earlier.

    Returns:
        a Race.
    """
    expect_type("task", task, Task)
    expect_list("seeds", seeds)
    names = [name for name in CANDIDATES if name != "seasonal naive" or task.settings.season]
    return Race(
        task,
        {
            name: [train(name, task, seed, n_steps) for seed in (seeds if name in NETWORKS else seeds[:1])]
            for name in names
        },
    )

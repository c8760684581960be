"""The five forecasts, from the simplest on: levels in, the level ahead out."""

import torch
from torch import nn
from torch.nn import functional as F

from helpers.arguments import expect_choice, expect_count, expect_type
from helpers.baselines import RidgeForecast
from helpers.batches import Batches
from helpers.forecasting.settings import Settings
from helpers.forecasting.task import Task
from helpers.models.forecast import (
    ChangeForecast,
    GruForecaster,
    Linear,
    Naive,
    SeasonalNaive,
    TransformerForecaster,
)
from helpers.training import fit, set_seed

CANDIDATES = "naive", "seasonal naive", "ridge", "GRU", "Transformer"
NO_LEARNING = CANDIDATES[:2]
NETWORKS = CANDIDATES[3:]
LEARNING_RATE = {"GRU": 2e-2, "Transformer": 5e-3}  # the best of three each, on validation of the CO2


def build(name, settings):
    """A candidate that has not learned yet: windows (windows, length, columns) -> levels (windows,).

    Raises:
        ValueError: no such candidate, or a seasonal one without a season.
    """
    expect_choice("name", name, CANDIDATES)
    expect_type("settings", settings, Settings)
    length, n_features = settings.length, len(settings.values)
    if name == "naive":
        return Naive()
    if name == "seasonal naive" and settings.season:
        return SeasonalNaive(settings.season, settings.horizon)
    networks = {
        "ridge": lambda: Linear(length, n_features),
        "GRU": lambda: GruForecaster(n_features),
        "Transformer": lambda: TransformerForecaster(length, n_features),
    }
    if name not in networks:
        raise ValueError(f"name: expected one of {', '.join(CANDIDATES)}; got {name!r} with season {settings.season}")
    return ChangeForecast(networks[name](), n_features)


def train(name, task, seed=0, n_steps=200):
    """A candidate that has learned from the task's training windows; validation says when to stop.

    Args:
        name: of CANDIDATES.
        task: a Task.
        seed: of the first weights and of the order of the batches.
        n_steps: batches at most; only the networks need them.

    Returns:
        an nn.Module, ready to use.
    """
    expect_type("task", task, Task)
    expect_count("n_steps", n_steps)
    set_seed(seed)
    model = build(name, task.settings)
    if name in NO_LEARNING:
        return model
    for buffer, value in task.scaler.items():
        getattr(model, buffer).copy_(value)
    if name == "ridge":
        _solve(model.network, *task.scaled("train"))
        return model.eval()
    optimiser = torch.optim.AdamW(model.network.parameters(), lr=LEARNING_RATE[name], weight_decay=0.01)
    fit(
        model.network,
        _loss,
        Batches(*task.scaled("train"), size=64),
        Batches(*task.scaled("validation"), size=1024, shuffle=False),
        n_steps=n_steps,
        optimiser=optimiser,
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, n_steps),
        clip=1.0,
        check_every=20,
        patience=6,
    )
    return model.eval()


@torch.no_grad()
def forecast(model, windows, size=4096):
    """The levels that a candidate says: windows (windows, length, columns) -> (windows,) on the CPU."""
    return torch.cat([model(part) for part in windows.split(size)])


def _loss(network, batch):
    x, change = batch
    return F.smooth_l1_loss(network(x), change)  # a few wild days in one's own data should not rule the fit


def _solve(line, x, y):
    """Put the ridge's solution into the layer: its own scaler is folded into weight and bias."""
    scaler, ridge = RidgeForecast().fit(x, y).model
    weight = torch.from_numpy(ridge.coef_.reshape(1, -1) / scaler.scale_)
    layer = next(each for each in line if isinstance(each, nn.Linear))
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.from_numpy(ridge.intercept_.reshape(1)) - weight @ torch.from_numpy(scaler.mean_))

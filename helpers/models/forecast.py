"""Forecasts of one number: windows in, the level some steps later out, in the unit of the series.

    Naive, SeasonalNaive                         repeat what was there
    Linear, GruForecaster, TransformerForecaster (windows, length, features), scaled -> the scaled change (windows, 1)
    ChangeForecast                               one of these between a scaler and the last value

Networks cannot say levels that they never saw, and most series reach new ones: so they say the *change*.
"""

import torch
from torch import nn

from helpers.arguments import MOST_POSITIONS, expect_count, expect_sizes, expect_type
from helpers.models.positions import add_positions, sinusoidal_positions
from helpers.models.recurrent_layers import Recurrent
from helpers.models.transformer import Encoder, TransformerConfig
from helpers.shapes import expect_floats, expect_shape


class Naive(nn.Module):
    """Nothing changes: (windows, length, features) -> the last value of the first feature, (windows,)."""

    def forward(self, windows):
        """(windows, length, features) -> (windows,)."""
        expect_floats(windows=windows)
        expect_shape("windows", windows, "windows length features")
        return windows[:, -1, 0]


class SeasonalNaive(nn.Module):
    """The same as one season before the target, or as many whole seasons as it takes to be known already.

    Args:
        season: steps in a season; a window must be at least as long.
        horizon: steps from the window's last row to the target.

    >>> SeasonalNaive(season=4, horizon=1)(torch.arange(6.0)[None, :, None])  # the target would be 6
    tensor([2.])
    """

    def __init__(self, season, horizon):
        super().__init__()
        self.season, self.horizon = expect_count("season", season), expect_count("horizon", horizon)

    def forward(self, windows):
        """(windows, length, features) -> (windows,)."""
        expect_floats(windows=windows)
        length = expect_shape("windows", windows, "windows length features")["length"]
        if length < self.season:
            raise ValueError(f"windows: {length} steps do not hold a season of {self.season}")
        seasons = -(-self.horizon // self.season)
        return windows[:, length - 1 + self.horizon - seasons * self.season, 0]


class Linear(nn.Sequential):
    """A straight line through every number of the window: (windows, length, features) -> (windows, 1)."""

    def __init__(self, length, n_features):
        expect_sizes(length=length, n_features=n_features)
        super().__init__(nn.Flatten(), nn.Linear(length * n_features, 1))


class GruForecaster(nn.Module):
    """A GRU reads the window; one linear layer makes a number of its last state.

    >>> GruForecaster(n_features=2)(torch.randn(3, 24, 2)).shape
    torch.Size([3, 1])
    """

    def __init__(self, n_features, d_hidden=32):
        super().__init__()
        expect_sizes(n_features=n_features)
        self.recurrent = Recurrent("gru", n_features, d_hidden)
        self.output = _quiet(nn.Linear(d_hidden, 1))

    def forward(self, x):
        """(windows, length, features) -> (windows, 1)."""
        _, last = self.recurrent(x)
        return self.output(last[0])


class TransformerForecaster(nn.Module):
    """An encoder over the window: a vector for each step, its position added; the last step's vector answers.

    >>> TransformerForecaster(length=24, n_features=2)(torch.randn(3, 24, 2)).shape
    torch.Size([3, 1])
    """

    def __init__(self, length, n_features, config=None):
        super().__init__()
        if config is None:
            config = TransformerConfig(d_model=32, n_heads=4, n_layers=1, d_ff=64, norm_first=True)
        expect_type("config", config, TransformerConfig)
        expect_count("length", length, most=MOST_POSITIONS)
        expect_sizes(n_features=n_features)
        self.step = nn.Linear(n_features, config.d_model)
        self.register_buffer("positions", sinusoidal_positions(length, config.d_model), persistent=False)
        self.encoder = Encoder(config)
        self.output = _quiet(nn.Linear(config.d_model, 1))

    def forward(self, x):
        """(windows, length, features) -> (windows, 1)."""
        expect_floats(weight=self.step.weight, x=x)
        expect_shape("x", x, "windows length features", features=self.step.in_features)
        hidden, _ = self.encoder(add_positions(self.step(x), self.positions))
        return self.output(hidden[:, -1])


class ChangeForecast(nn.Module):
    """A network between two scalers: the level ahead = the last value + the change that the network says.

    The feature that is forecast enters as its distance from its last value, so that no level is new to the network; the
    others enter as they are. Both are scaled, and so is the change.

    Args:
        network: (windows, length, features), scaled -> (windows, 1), scaled.
        n_features: columns of a window; the first is the one to forecast.

    >>> model = ChangeForecast(Linear(24, 2), n_features=2)
    >>> model(torch.randn(3, 24, 2, dtype=torch.float64)).shape
    torch.Size([3])
    """

    def __init__(self, network, n_features):
        super().__init__()
        expect_type("network", network, nn.Module)
        self.network = network
        expect_sizes(n_features=n_features)
        for name, size in {"x_mean": n_features, "x_std": n_features, "y_mean": 1, "y_std": 1}.items():
            fill = torch.zeros if name.endswith("mean") else torch.ones
            # float64, so that a change of cents is not lost in a level of millions
            self.register_buffer(name, fill(size, dtype=torch.float64))

    def forward(self, windows):
        """Levels (windows, length, features) -> the level ahead (windows,), as float64."""
        expect_floats(windows=windows)
        expect_shape("windows", windows, "windows length features", features=len(self.x_mean))
        scaled = (relative(windows.double()) - self.x_mean) / self.x_std
        weight = next(self.network.parameters(), torch.empty(0))
        change = self.network(scaled.to(weight.dtype)).double() * self.y_std + self.y_mean
        return windows[:, -1, 0] + change[:, 0]


def relative(windows):
    """(windows, length, features) -> the same with the first feature as its distance from its last value.

    >>> relative(torch.tensor([[[3.0, 9.0], [5.0, 8.0]]])).tolist()
    [[[-2.0, 9.0], [0.0, 8.0]]]
    """
    expect_floats(windows=windows)
    expect_shape("windows", windows, "windows length features")
    return torch.cat([windows[:, :, :1] - windows[:, -1:, :1], windows[:, :, 1:]], dim=2)


def _quiet(layer):
    """The last layer, starting at zero: before it has learned, a network says the mean change and no noise."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer

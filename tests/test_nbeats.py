"""N-BEATS: residuals between blocks, the sum of forecasts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods.nbeats import BackcastBlocks, nbeats
from torch import nn

MONTHS = Task("forecasting", Values(1), Values(1), "fixed", steps=12, period=12)


def seasonal(length: int) -> Split:
    t = np.arange(length)
    y = 10 + 0.1 * t + np.sin(2 * np.pi * t / 12)
    return Split([y[:-12, None]], [y[-12:, None]], series=("one",))


def test_each_block_looks_at_what_the_ones_before_it_left() -> None:
    body = BackcastBlocks(2, 4, 3, blocks=3, layers=2)
    x = torch.randn(5, 4, 2)
    left, found = x.reshape(5, 8), []
    for block in range(3):
        found.append(body.looks[block](left))
        if block < 2:
            left = left - body.backcasts[block](found[block])
    assert torch.allclose(body.sequence_state(x, torch.full((5,), 4)), torch.cat(found, dim=1))


def test_one_readout_of_all_blocks_is_the_sum_of_the_forecasts_of_each() -> None:
    body = BackcastBlocks(1, 4, 3, blocks=2, layers=1)
    V = nn.Linear(body.width, 6)
    h = body.sequence_state(torch.randn(5, 4, 1), torch.full((5,), 4))
    of_each = [h[:, 3 * b : 3 * b + 3] @ V.weight[:, 3 * b : 3 * b + 3].T for b in range(2)]
    assert torch.allclose(V(h), of_each[0] + of_each[1] + V.bias, atol=1e-6)


def test_every_weight_is_trained() -> None:
    body = BackcastBlocks(1, 4, 8, blocks=3, layers=2)
    body.sequence_state(torch.randn(50, 4, 1), torch.full((50,), 4)).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in body.parameters())


def test_a_season_on_a_trend_is_forecast_closely() -> None:
    train = seasonal(108)
    predict = nbeats(MONTHS, train, steps=80)
    answer = predict(Split([np.concatenate([train.x[0], train.y[0]])]))[0]
    t = np.arange(108, 120)
    truth = 10 + 0.1 * t + np.sin(2 * np.pi * t / 12)
    assert answer.shape == (12, 1)
    assert np.abs(answer[:, 0] - truth).mean() < 0.3  # the seasonal naive forecast is 1.2 off
    assert predict.notes["length_policy"] == "the last 24 steps"


def test_parameters_asked_for_choose_the_width() -> None:
    notes = nbeats(MONTHS, seasonal(108), parameters=5000, steps=1).notes
    assert abs(notes["parameters"] - 5000) <= 500


def test_blocks_and_layers_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="blocks and layers must be at least 1, got 0 and 2"):
        nbeats(MONTHS, seasonal(108), blocks=0)

"""The benchmark of statistical methods beside statsforecast: what is timed, and on which series."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods.baseline import naive2
from recurbench.registry import discover
from scripts import script

models = pytest.importorskip("statsforecast.models", reason="the extra nixtla is not installed")
ratio = script("benchmarks/forecaster_ratio.py")
TASK = Task("forecasting", Values(1), Values(1), "fixed", steps=7, period=4)


@pytest.mark.parametrize("low", [0.0, 100.0])
def test_the_adjusted_last_value_of_statsforecast_is_naive2(low: float) -> None:
    rng = np.random.default_rng(0)
    season = np.tile([8.0, 2.0, -5.0, -5.0], 12)[:47]
    for y in (low + season + rng.normal(size=47), low + rng.normal(size=47), low + season[:9]):
        history = y[:, None]
        train = Split([history[:-7]], [history[-7:]], series=["a"])
        mine = naive2(TASK, train)(Split([history], series=["a"]))[0][:, 0]
        assert ratio.Adjusted(models.Naive(), 4).forecast(y=y, h=7)["mean"] == pytest.approx(mine)


def test_every_row_names_a_method_that_there_is_and_a_model_of_statsforecast() -> None:
    known = discover().methods
    assert {ratio.method_of(name) for name in ratio.PEERS} <= set(known)
    assert all(hasattr(models, ratio.named(peer(12))) for peer in ratio.PEERS.values())


def test_series_are_spread_over_the_whole_data_set_and_none_is_taken_twice() -> None:
    assert ratio.spaced(range(100), 3) == [0, 49, 99]
    assert ratio.spaced(range(2), 5) == [0, 1]


def test_a_pair_ends_early_once_its_seconds_are_over() -> None:
    (one,) = discover().select_methods(["last-value"])
    histories = [np.arange(30.0)] * 5
    peer = ratio.PEERS["last-value"]
    assert ratio.compare(one, peer, TASK, histories, 1e9)[2] == 5
    assert ratio.compare(one, peer, TASK, histories, 0.0)[2] == 1


def test_a_series_that_the_model_cannot_fit_is_left_out() -> None:
    class Picky:
        def forecast(self, y: np.ndarray, h: int) -> None:
            if len(y) < 25:
                raise ValueError("too short")

    (one,) = discover().select_methods(["last-value"])
    histories = [np.arange(20.0), np.arange(30.0), np.arange(40.0)]
    assert ratio.compare(one, lambda _: Picky(), TASK, histories, 1e9)[2] == 2
    assert ratio.compare(one, lambda _: Picky(), TASK, histories[:1], 1e9)[2] == 0

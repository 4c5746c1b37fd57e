"""What the statistical methods answer on generated short series of the kinds that once went wrong."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods._arima import estimate
from recurbench.methods._held_out import CAUTION, ORIGINS, origins, weighed_errors
from recurbench.methods.sarimax import sarimax
from statsmodels.tsa.statespace.sarimax import SARIMAX

TASK = Task("forecasting", Values(1), Values(1), "fixed", 12, 12)


def split(y: np.ndarray) -> tuple[Split, Split]:
    known = y[:-12, None]
    return Split([known[:-12]], [known[-12:]], series=["a"]), Split([known], series=["a"])


def test_on_short_monthly_series_arima_is_not_worse_than_the_last_season():
    rng = np.random.default_rng(4)
    ours, last = [], []
    for _ in range(4):
        pattern = 0.3 * rng.normal(size=12)
        drift = np.where(np.arange(48) < 36, 0.03, -0.01) * rng.normal()
        y = 500 * np.exp(np.cumsum(drift) + np.tile(pattern, 4) + 0.1 * rng.normal(size=48))
        train, asked = split(y)
        answer = sarimax(TASK, train)(asked)[0][:, 0]
        ours.append(np.abs(answer - y[-12:]).mean() / y.mean())
        last.append(np.abs(y[-24:-12] - y[-12:]).mean() / y.mean())
    assert np.mean(ours) < 1.05 * np.mean(last)


def test_where_the_last_season_was_better_arima_says_so_and_repeats_it():
    pattern = np.array([5.0, 1, 7, 2, 8, 3, 9, 0, 4, 6, 2, 5])
    noise = np.random.default_rng(0).normal(size=48)
    y = 100 + np.tile(pattern, 4) + 1e-5 * noise
    train, asked = split(y)
    predict = sarimax(TASK, train)
    answer = predict(asked)[0][:, 0]
    assert np.abs(answer - y[-24:-12]).max() < 0.1


def test_a_constant_is_kept_only_if_the_likelihood_asks_for_it():
    rng = np.random.default_rng(1)
    task = Task("forecasting", Values(1), Values(1), "fixed", 6)

    def constant(y):
        train = Split([y[:-6, None]], [y[-6:, None]], series=["a"])
        predict = sarimax(task, train, order=(0, 1, 0), transform="none")
        return predict.notes["series"]["a"][0]["constant"]

    steps = rng.normal(size=80)
    assert not constant(np.cumsum(steps - steps.mean()))
    assert constant(np.cumsum(steps + 1))


def test_a_model_is_trusted_with_the_share_that_earlier_origins_ask_for():
    naives = {"last": np.zeros(4)}
    perfect, wrong = np.ones(4), -np.ones(4)
    errors = weighed_errors(np.array([wrong, perfect]), naives, np.ones(2))
    assert min(errors, key=errors.__getitem__) == (1, 1.0, "last")
    assert errors[0, 0.0, "last"] == errors[1, 0.0, "last"] == 1
    assert errors[0, 1.0, "last"] == pytest.approx(2 * (1 + CAUTION))


def test_earlier_origins_are_half_a_horizon_apart_and_end_where_the_history_is_too_short():
    assert list(origins(40, 25, 12)) == [34, 28]
    assert list(origins(26, 25, 12)) == []
    assert len(origins(1000, 25, 12)) == ORIGINS


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize(("order", "seasonal"), [((0, 1, 0), (0, 0, 0, 0)), ((0, 0, 0), (0, 1, 0, 4))])
def test_a_random_walk_is_fitted_as_statsmodels_fits_it(order, seasonal, constant):
    y = np.cumsum(0.3 + np.random.default_rng(0).normal(size=40))
    found = estimate(y, np.zeros((40, 0)), order, seasonal, constant)
    trend = "c" if constant else "n"
    model = SARIMAX(y, order=order, seasonal_order=seasonal, trend=trend, simple_differencing=True)
    assert model.loglike(found.params) == pytest.approx(
        len(found.params)
        + len(found.params) * (len(found.params) + 1) / (model.nobs - len(found.params) - 1)
        - found.aicc / 2
    )
    assert all(model.loglike(found.params * factor) < model.loglike(found.params) for factor in (0.95, 1.05))


def test_on_short_yearly_series_arima_is_not_worse_than_the_last_value():
    rng = np.random.default_rng(6)
    task = Task("forecasting", Values(1), Values(1), "fixed", 6)
    ours, last = [], []
    for steps in range(20, 32):
        y = 1000 * np.exp(np.cumsum(0.03 * rng.normal() + 0.04 * rng.normal(size=steps)))
        known = y[:-6, None]
        predict = sarimax(task, Split([known[:-6]], [known[-6:]], series=["a"]))
        answer = predict(Split([known], series=["a"]))[0][:, 0]
        ours.append(np.abs(answer - y[-6:]).mean() / y.mean())
        last.append(np.abs(y[-7] - y[-6:]).mean() / y.mean())
    assert np.mean(ours) < np.mean(last)

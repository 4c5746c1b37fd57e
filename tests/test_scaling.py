"""How forecasting examples are looked at: channels apart, units of train, the calendar; and answers back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from recurbench import Split, Task, Values
from recurbench.methods import time_domain
from recurbench.methods._scaling import View, learn_view
from recurbench.methods.esn import esn

TASK = Task("forecasting", Values(4), Values(2), "fixed", steps=3, period=4)


def split(length: int = 400, known: int = 1) -> Split:
    """Two targets, a covariate of the past, one known ahead; hourly, two series."""
    rng = np.random.default_rng(3)
    time = pd.date_range("2024-03-01", periods=length, freq="h").to_numpy()
    values = [rng.normal(size=(length, 4)) * [1, 50, 1, 1] + [0, 1000, 0, 0] for _ in range(2)]
    return Split(
        [v[:-3] for v in values],
        [v[-3:, :2] for v in values],
        [v[-3:, 4 - known :] for v in values] if known else (),
        series=("a", "b"),
        time=[time, time],
    )


def test_the_plain_view_leaves_everything_as_it_is() -> None:
    train = split()
    view = learn_view(TASK, train)
    assert view == View(TASK)
    assert view.split(train) is train
    assert view.task is TASK


def test_shared_channels_are_series_of_their_own_beside_all_covariates() -> None:
    train = split()
    view = learn_view(TASK, train, channels="shared")
    seen = view.split(train)
    assert (view.task.x.size, view.task.y.size, len(seen)) == (3, 1, 4)
    for i in range(2):
        for j in range(2):
            own = 2 * i + j
            assert np.array_equal(seen.x[own], train.x[i][:, [j, 2, 3]])
            assert np.array_equal(seen.y[own], train.y[i][:, [j]])
            assert np.array_equal(seen.ahead[own], train.ahead[i])
            assert seen.series[own] == (train.series[i], j)
    assert "beside all covariates" in view.notes["channels"]


@pytest.mark.parametrize("normalise", ["window", "train", "none"])
@pytest.mark.parametrize("channels", ["joint", "shared"])
@pytest.mark.parametrize("levels", [0, 5])
def test_answers_come_back_as_they_were_asked(normalise: str, channels: str, levels: int) -> None:
    train = split()
    view = learn_view(TASK, train, normalise=normalise, channels=channels)
    told = view.split(train).y
    if levels:
        told = [np.repeat(each[..., None], levels, axis=2) for each in told]
    back = view.answers(told)
    for answer, y in zip(back, train.y, strict=True):
        wanted = np.repeat(y[..., None], levels, axis=2) if levels else y
        assert answer == pytest.approx(wanted)


def test_units_of_train_bring_every_channel_to_mean_0_and_spread_1_but_what_is_known_ahead() -> None:
    train = split()
    seen = learn_view(TASK, train, normalise="train").split(train)
    together = np.concatenate(list(seen.x))
    assert together[:, :3].mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert together[:, :3].std(axis=0) == pytest.approx(1)
    assert np.array_equal(seen.x[0][:, 3], train.x[0][:, 3])
    assert np.array_equal(seen.ahead[0], train.ahead[0])


def test_level_and_unit_are_the_windows_own_or_none() -> None:
    window = np.array([[1.0, 5.0], [3.0, 5.0]])
    level, unit = View(TASK).level_and_unit(window)
    assert (level.tolist(), unit.tolist()) == ([3.0, 5.0], [1.0, 0.0])
    level, unit = View(TASK, "none").level_and_unit(window)
    assert (level.tolist(), unit.tolist()) == ([0.0, 0.0], [1.0, 1.0])


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("channels", ["joint", "shared"])
def test_the_calendar_goes_on_over_the_horizon(known: int, channels: str) -> None:
    train = split(known=known)
    view = learn_view(TASK, train, channels=channels, calendar=True)
    assert view.calendar == ("hour of day", "day of week")
    seen = view.split(train)
    assert seen.x[0].shape[1] == view.task.x.size
    assert seen.ahead[0].shape == (3, known + 4)
    hour = np.concatenate([seen.x[0][:, -4], seen.ahead[0][:, -4]])
    assert hour == pytest.approx(np.sin(2 * np.pi * np.arange(400) / 24), abs=1e-9)


def test_only_the_steps_kept_are_copied_and_their_time_with_them() -> None:
    train = split()
    view = learn_view(TASK, train, calendar=True)
    short, whole = view.split(train, 10), view.split(train)
    assert np.array_equal(short.x[1], whole.x[1][-10:])
    assert np.array_equal(short.ahead[1], whole.ahead[1])
    assert len(short.time[1]) == 13


@pytest.mark.parametrize(
    ("setting", "match"),
    [({"normalise": "all"}, "normalise must be"), ({"channels": "own"}, "channels must be")],
)
def test_settings_out_of_range_are_refused_in_words(setting: dict[str, str], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        learn_view(TASK, split(), **setting)


def test_missing_time_stamps_are_refused_in_words() -> None:
    train = split()
    view = learn_view(TASK, train, calendar=True)
    cut = Split(train.x, train.y, train.ahead, train.series, [t[:-1] for t in train.time])
    with pytest.raises(ValueError, match="399 time stamps for 397 steps of history and 3 ahead"):
        view.split(cut)


def clocked(length: int = 24 * 25) -> tuple[Task, Split, Split]:
    """A target that jumps in the working hours of five days: no season is given, the calendar knows."""
    stamps = pd.date_range("2024-01-01", periods=length, freq="h")
    rng = np.random.default_rng(0)
    y = 10.0 * ((stamps.hour >= 8) & (stamps.hour < 18)) * (stamps.dayofweek < 5) + rng.normal(size=length)
    task, time = Task("forecasting", Values(1), Values(1), "fixed", steps=24), stamps.to_numpy()
    ends = [length - 24 * k for k in range(1, 6)]

    def at(places: list[int]) -> Split:
        rows = [y[:end, None] for end in places]
        answers = [y[end : end + 24, None] for end in places]
        return Split(rows, answers, series=["one"] * len(places), time=[time[: end + 24] for end in places])

    return task, at([ends[-1] - 24]), at(ends)


@pytest.mark.parametrize("fit", [time_domain.time_domain_ridge])
def test_a_calendar_helps_where_hours_and_weekdays_rule(fit: Any) -> None:
    task, train, test = clocked()
    errors = [
        np.mean([(a - y) ** 2 for a, y in zip(predict(test.blind()), test.y, strict=True)])
        for predict in (fit(task, train, calendar=calendar) for calendar in (False, True))
    ]
    assert errors[1] < 0.8 * errors[0]


@pytest.mark.parametrize("normalise", ["window", "train", "none"])
@pytest.mark.parametrize("fit", [time_domain.time_domain_ridge, esn])
def test_every_normalisation_forecasts_a_season(fit: Any, normalise: str) -> None:
    t = np.arange(240)
    y = (10 + np.sin(2 * np.pi * t / 12))[:, None]
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=12, period=12)
    predict = fit(task, Split([y[:-24]], [y[-24:-12]]), normalise=normalise)
    (answer,) = predict(Split([y[:-12]]))
    assert answer == pytest.approx(y[-12:], abs=0.05)
    assert predict.notes["normalisation"].startswith(
        {"window": "per", "train": "minus", "none": "none"}[normalise]
    )

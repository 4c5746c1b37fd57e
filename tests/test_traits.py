"""Traits of a training part: known series have their known traits, and everything else has none."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.datasets import archive, date_tags, forecasting
from recurbench.task import Split, Task, Values
from recurbench.traits import irregularity, memory, season_strength, traits
from statsmodels.tsa.seasonal import seasonal_decompose

NUMBERS = Task("classification", Values(1), Values(2, symbols=True), "fixed")
SYMBOLS = Task("labelling", Values(30, symbols=True), Values(2, symbols=True), "same")


def process(phi, lag=1, n=1500, seed=0):
    """x_t = phi x_{t - lag} + e_t."""
    noise = np.random.default_rng(seed).normal(size=n)
    x = np.zeros(n)
    for t in range(n):
        x[t] = noise[t] + (phi * x[t - lag] if t >= lag else 0)
    return x[:, None]


@pytest.mark.parametrize("lag", [1, 4, 8, 16])
def test_the_lag_is_the_window_that_holds_the_step_that_matters(lag):
    found = memory([process(0.9, lag)])
    assert found["lag"] == lag
    # What stays unpredicted is 1 - phi^2 of the variance.
    assert found["noise"] == pytest.approx(0.19, abs=0.06)


def test_the_gain_says_what_four_times_the_window_adds():
    assert memory([process(0.9, 16)])["gain"] == pytest.approx(0.81, abs=0.06)
    assert memory([process(0.9, 1)])["gain"] == pytest.approx(0.0, abs=0.03)


def test_white_noise_has_no_lag_and_nothing_but_noise():
    found = memory([np.random.default_rng(s).normal(size=(60, 2)) for s in range(30)])
    assert found["lag"] == 0
    assert found["noise"] == pytest.approx(1, abs=0.02)


def test_one_step_a_constant_and_gaps_have_no_memory_to_speak_of():
    nothing = {"lag": None, "gain": None, "noise": None}
    assert memory([]) == nothing
    assert memory([np.ones((1, 3))] * 5) == nothing
    assert memory([np.ones((50, 1))] * 5) == nothing
    assert memory([np.full((50, 1), np.nan)]) == nothing


@pytest.mark.parametrize("period", [4, 7, 12])
def test_the_strength_of_a_season_is_that_of_the_decomposition_of_statsmodels(period):
    rng = np.random.default_rng(period)
    t = np.arange(period * 15)
    values = 0.1 * t + np.sin(2 * np.pi * t / period) + 0.5 * rng.normal(size=len(t))
    parts = seasonal_decompose(values, period=period)
    known = np.isfinite(parts.resid)
    resid, season = parts.resid[known], parts.seasonal[known]
    wanted = 1 - resid.var() / (season + resid).var()
    assert season_strength(values, period) == pytest.approx(wanted, abs=1e-9)


def test_what_has_no_period_or_is_short_or_flat_has_no_season():
    values = np.random.default_rng(0).normal(size=50)
    assert season_strength(values, None) is None
    assert season_strength(values, 1) is None
    assert season_strength(values[:20], 12) is None
    assert season_strength(np.ones(50), 12) is None


def test_even_steps_are_regular_and_gaps_are_not():
    days = np.datetime64("2020-01-01") + np.arange(50)
    assert irregularity([days]) == 0
    assert irregularity([np.array([0, 1, 3, 4])]) == pytest.approx(np.std([1, 2, 1]) / np.mean([1, 2, 1]))
    assert irregularity([]) is None
    # Months have 28 to 31 days.
    assert irregularity(forecasting.airline().train.time) == pytest.approx(0.028, abs=0.002)


def test_real_problems_have_the_traits_they_are_known_for():
    co2, tags, vowels = forecasting.co2(), date_tags.date_tags(), archive.japanese_vowels()
    found = [traits(each.task, each.train) for each in (co2, tags, vowels)]
    assert [each["aligned"] for each in found] == [0, 1, 0]
    assert found[0]["season"] > 0.95
    assert (found[2]["size"], found[2]["length"]) == (270, 15)
    # 7 to 26 steps in train.
    assert found[2]["length_spread"] == pytest.approx(19 / 15)
    assert found[1]["season"] is None


def test_test_data_change_no_trait():
    problem = archive.basic_motions()
    assert traits(problem.task, problem.train) == traits(problem.task, problem.train.blind())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 70), min_size=0, max_size=8), st.booleans(), st.integers(0, 9))
def test_traits_are_numbers_or_none_whatever_the_lengths_and_twice_the_same(lengths, symbols, seed):
    rng = np.random.default_rng(seed)
    x = [rng.integers(30, size=n) if symbols else rng.normal(size=(n, 1)) for n in lengths]
    task = SYMBOLS if symbols else NUMBERS
    found = traits(task, Split(x))
    assert all(value is None or np.isfinite(value) for value in found.values())
    assert found == traits(task, Split(x))
    assert json.loads(json.dumps(found)) == found


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 9), st.floats(1e-9, 1e9), st.floats(-100, 100))
def test_no_trait_depends_on_the_unit(seed, k, level):
    task = Task("forecasting", Values(1), Values(1), "fixed", 3, 12)
    values = process(0.8, n=120, seed=seed) + np.sin(np.arange(120) * np.pi / 6)[:, None]
    one = traits(task, Split([values], [values[:3]]))
    assert traits(task, Split([values * 1024], [values[:3]])) == one
    other = traits(task, Split([k * (values + level)], [values[:3]]))
    assert other.keys() == one.keys()
    for name, value in one.items():
        assert other[name] is None if value is None else other[name] == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize("value", [0.1, 0.3, 7.7])
@pytest.mark.parametrize("unit", [1e-6, 1.0, 3.7, 1e9])
def test_a_series_that_stands_still_has_no_memory_and_no_season_in_any_unit(value, unit):
    still = np.full((48, 1), value * unit)
    assert memory([still]) == {"lag": None, "gain": None, "noise": None}
    assert season_strength(still[:, 0], 12) is None
    line = (value + np.arange(48.0)) * unit
    assert season_strength(line, 12) is None

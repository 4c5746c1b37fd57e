from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods.sparse_ode import (
    Design,
    delay_lag,
    evaluate,
    fit_equations,
    monomials,
    sparse_ode,
    threshold_least_squares,
)
from scipy.integrate import solve_ivp

CLEAN = (5, 4)


def trajectory(slope, start, step, count):
    times = np.arange(count) * step
    return solve_ivp(slope, (0, times[-1]), start, t_eval=times, rtol=1e-10, atol=1e-10).y.T


def lorenz(count=4_000, step=0.01):
    def slope(_, s):
        x, y, z = s
        return [10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z]

    return trajectory(slope, [-8.0, 7.0, 27.0], step, count)


def oscillator(count, step=0.1):
    return trajectory(lambda _, s: [s[1], -2.0 * s[0] - 0.1 * s[1]], [2.0, 0.0], step, count)


def task(steps, channels=1, period=None):
    return Task("forecasting", Values(channels), Values(channels), "fixed", steps=steps, period=period)


def ask(values, steps, period=None, **settings):
    """Train on all but the last `steps` values and forecast those; returns forecast, truth and notes."""
    known, truth = values[:-steps], values[-steps:]
    train = Split([known[:-steps]], [known[-steps:]])
    predict = sparse_ode(task(steps, values.shape[1], period), train, **settings)
    return predict(Split([known]))[0], truth, predict.notes


def test_lorenz_equations_are_recovered_from_clean_data():
    fitted = fit_equations([lorenz()], Design(1, 1, CLEAN, 2, 0.02))
    step = 0.01
    wanted = {
        "x0'": {"x0": -10.0, "x1": 10.0},
        "x1'": {"x0": 28.0, "x1": -1.0, "x0*x2": -1.0},
        "x2'": {"x2": -8 / 3, "x0*x1": 1.0},
    }
    found = fitted.coefficients_by_term()
    for equation, terms in wanted.items():
        assert set(found[equation]) == set(terms)
        for name, value in terms.items():
            assert found[equation][name] / step == pytest.approx(value, rel=0.01)


def test_a_damped_oscillator_is_recovered_and_continued():
    forecast, truth, notes = ask(oscillator(400), 40)
    assert np.abs(forecast - truth).max() < 0.01
    found = notes["equations"]
    assert found["x0'"]["x1"] / 0.1 == pytest.approx(1.0, rel=0.01)
    assert found["x1'"]["x0"] / 0.1 == pytest.approx(-2.0, rel=0.01)
    assert found["x1'"]["x1"] / 0.1 == pytest.approx(-0.1, rel=0.05)


def test_lorenz_is_forecast_over_a_horizon_shorter_than_its_memory():
    values = lorenz(3_000, step=0.02)
    forecast, truth, _ = ask(values, 20)
    assert np.abs(forecast - truth).max() < 0.05 * values.std()


def test_a_single_channel_is_unfolded_by_delays():
    forecast, truth, notes = ask(oscillator(400)[:, :1], 20)
    assert notes["delays"] >= 2
    assert np.abs(forecast - truth).max() < 0.05


def test_a_season_drives_the_equations():
    t = np.arange(240.0)
    values = (50 + 0.1 * t + 5 * np.sin(2 * np.pi * t / 12))[:, None]
    forecast, truth, _ = ask(values, 12, period=12)
    assert np.abs(forecast - truth).max() < 1.0


def test_small_terms_are_struck_out_and_the_rest_refitted():
    rng = np.random.default_rng(0)
    terms = rng.normal(size=(500, 4))
    slopes = terms @ np.array([[2.0], [0.0], [-1.0], [0.01]])
    found = threshold_least_squares(terms, slopes, 0.05)[:, 0]
    assert list(np.flatnonzero(found)) == [0, 2]
    np.testing.assert_allclose(found[[0, 2]], np.linalg.lstsq(terms[:, [0, 2]], slopes, rcond=None)[0][:, 0])


def test_a_slope_of_nothing_gives_no_terms():
    assert not threshold_least_squares(np.ones((10, 2)), np.zeros((10, 1)), 0.1).any()


@given(st.integers(1, 4), st.integers(1, 4))
def test_all_monomials_are_there_once(dimension, degree):
    rows = monomials(dimension, degree)
    assert len(rows) == comb(dimension + degree, degree)
    assert len({tuple(row) for row in rows}) == len(rows)
    assert rows.sum(axis=1).max() == degree


def test_monomials_are_powers_multiplied():
    np.testing.assert_allclose(
        evaluate(np.array([[2.0, 3.0]]), np.array([[0, 0], [1, 0], [1, 2]])), [[1, 2, 18]]
    )


def test_equations_that_run_away_give_way_to_the_last_value_with_the_reason():
    t = np.arange(60.0)
    values = (1.0 / (70.0 - t))[:, None] * 100
    predict = sparse_ode(task(5), Split([values[:50]], [values[50:55]]))
    forecast = predict(Split([np.full((30, 1), 1e6)]))[0]
    np.testing.assert_allclose(forecast, 1e6)
    assert predict.notes["fallbacks"]["last value"] == 1
    assert any(reason.startswith("equations: left the room") for reason in predict.notes["fallbacks"])


def test_a_blow_up_stops_neither_the_other_states_nor_the_clock():
    # d x = x^2 from a positive start reaches infinity at step 1 / x.
    fitted = fit_equations([lorenz()[:, :1]], Design(1, 1, CLEAN, 2, 0.0))
    rising = type(fitted)(**{**fitted.__dict__, "coefficients": np.array([[0.0], [0.0], [1.0]])})
    ahead = rising.integrate(np.array([[0.5], [-0.5]]), np.zeros(2), 8)
    assert np.isnan(ahead[0]).all()
    exact = -0.5 / (1 + 0.5 * np.arange(1, 9))
    np.testing.assert_allclose(ahead[1, :, 0], exact * fitted.scale + fitted.centre, rtol=1e-4)


def test_a_constant_series_is_forecast_as_that_constant():
    forecast, truth, _ = ask(np.full((60, 1), 7.0), 5)
    np.testing.assert_allclose(forecast, truth)


def test_a_training_series_too_short_for_equations_carries_the_last_value_on():
    predict = sparse_ode(task(2), Split([np.array([[1.0], [2.0]])], [np.array([[3.0], [4.0]])]))
    np.testing.assert_allclose(predict(Split([np.array([[5.0], [6.0]])]))[0], [[6.0], [6.0]])
    assert "too short" in predict.notes["reason"]


def test_a_history_of_one_step_is_answered():
    values = oscillator(200)[:, :1]
    predict = sparse_ode(task(5), Split([values[:190]], [values[190:195]]))
    assert np.isfinite(predict(Split([values[:1]]))[0]).all()


def test_an_example_is_answered_alike_alone_and_among_others():
    values = oscillator(300)
    predict = sparse_ode(task(5, 2), Split([values[:190]], [values[190:195]]))
    test = Split([values[:200], values[:250], values[:222]])
    together = predict(test)
    np.testing.assert_array_equal(predict(test.take([1]))[0], together[1])


def test_the_delay_is_where_the_autocorrelation_has_decayed():
    angle = 2 * np.pi * np.arange(400) / 40
    # cos(angle) falls under 1/e after arccos(1/e) / 2 pi = .19 of a turn.
    assert delay_lag([np.sin(angle)[:, None]]) in (7, 8)


def test_settings_fix_degree_and_threshold():
    _, _, notes = ask(oscillator(200), 5, degree=1, threshold=0.2)
    assert (notes["degree"], notes["threshold"]) == (1, 0.2)


def test_missing_values_are_refused_in_words():
    values = oscillator(100)
    predict = sparse_ode(task(3, 2), Split([values[:90]], [values[90:93]]))
    with pytest.raises(ValueError, match="sparse-ode needs finite values"):
        predict(Split([np.full((5, 2), np.nan)]))

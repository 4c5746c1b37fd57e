import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.gaussian_ar import gaussian_ar, lag_choices, least_squares
from scipy.stats import norm
from statsmodels.tsa.ar_model import AutoReg

LEVELS = (0.1, 0.5, 0.9)


def forecasting(steps, channels=1, period=None, quantiles=(), past=None):
    x = Values(past or channels)
    return Task("forecasting", x, Values(channels), "fixed", steps=steps, period=period, quantiles=quantiles)


def autoregression(phi, count, seed=0, level=0.0):
    rng = np.random.default_rng(seed)
    phi = np.asarray(phi)
    x = np.zeros(count + 200)
    noise = rng.normal(size=len(x))
    for t in range(len(phi), len(x)):
        x[t] = phi @ x[t - len(phi) : t][::-1] + noise[t]
    return (x[200:] + level)[:, None]


def whole(values, steps, name="s"):
    return Split([values[:-steps]], [values[-steps:]], series=[name])


def test_known_coefficients_are_recovered():
    predict = gaussian_ar(forecasting(1), whole(autoregression([0.6, -0.5], 5_000), 1))
    law = predict.laws[0]
    assert law.difference == 0
    np.testing.assert_allclose(law.phi[:2], [0.6, -0.5], atol=0.05)
    assert law.variance == pytest.approx(1.0, abs=0.05)


def test_coefficients_equal_those_of_statsmodels_on_the_same_rows():
    values = autoregression([0.6, -0.5], 400, level=3.0)
    law = gaussian_ar(forecasting(1), whole(values, 1), order=2).laws[0]
    reference = AutoReg(values[:, 0], lags=2, hold_back=3).fit()
    np.testing.assert_allclose([law.constant, *law.phi], reference.params, rtol=1e-8)


def test_forecasts_and_their_spread_follow_the_formula_of_the_first_order():
    values = autoregression([0.8], 2_000)
    task = forecasting(6, quantiles=LEVELS)
    predict = gaussian_ar(task, whole(values, 6), order=1)
    law = predict.laws[0]
    phi, h = law.phi[0], np.arange(1, 7)
    middle = law.constant / (1 - phi)
    mean = middle + phi**h * (values[-1, 0] - middle)
    spread = np.sqrt(law.variance * (1 - phi ** (2 * h)) / (1 - phi**2))
    answer = predict(Split([values], series=["s"]))[0]
    assert answer.shape == (6, 1, 3)
    np.testing.assert_allclose(answer[:, 0, 1], mean)
    np.testing.assert_allclose(answer[:, 0, 2], mean + norm.ppf(0.9) * spread)


def test_a_random_walk_is_differenced_and_its_spread_grows_with_the_root():
    values = np.random.default_rng(3).normal(size=(800, 1)).cumsum(axis=0) + 0.3 * np.arange(800.0)[:, None]
    predict = gaussian_ar(forecasting(9), whole(values, 9))
    law = predict.laws[0]
    assert law.difference == 1
    assert law.spreads(9)[8] == pytest.approx(3 * law.spreads(9)[0], rel=0.25)
    forecast = predict(Split([values], series=["s"]))[0][:, 0]
    assert forecast[8] - values[-1, 0] == pytest.approx(9 * 0.3, abs=1.5)


def test_a_season_enters_through_its_lags():
    rng = np.random.default_rng(0)
    season = np.tile(rng.normal(size=12) * 10, 30)
    values = (season + 0.1 * rng.normal(size=360))[:, None]
    predict = gaussian_ar(forecasting(12, period=12), whole(values[:-12], 12), order=3)
    assert np.abs(predict(Split([values[:-12]]))[0] - values[-12:]).max() < 0.5
    assert max(predict.notes["lags"][0]) >= 12


def test_lags_never_reach_beyond_the_room():
    for lags in lag_choices(10, 12, 15):
        assert not lags or lags[-1] <= 15
    assert () in lag_choices(10, 12, 15)
    assert (1, 2, 12, 13, 14) in lag_choices(10, 12, 15)


def test_regressions_on_one_triangle_equal_regressions_on_the_rows():
    rng = np.random.default_rng(0)
    design, answer = rng.normal(size=(60, 4)), rng.normal(size=60)
    for chosen in ([], [1], [0, 3], [0, 1, 2, 3]):
        found = least_squares(design, answer, [np.array(chosen, dtype=int)])[0]
        columns = np.column_stack([np.ones(60), design[:, chosen]])
        weights, squares, *_ = np.linalg.lstsq(columns, answer, rcond=None)
        np.testing.assert_allclose([found.constant, *found.weights], weights, atol=1e-12)
        assert found.variance == pytest.approx(squares[0] / (60 - len(chosen) - 1))


def test_log_likelihood_is_the_sum_of_normal_densities_of_the_one_step_errors():
    values = autoregression([0.7, 0.1], 500, level=2.0)
    predict = gaussian_ar(forecasting(5), whole(values[:-5], 5))
    law = predict.laws[0]
    terms = predict.log_likelihood(Split([values[:-5]], [values[-5:]], series=["s"]))[0]
    weights = law.polynomial()
    wanted = []
    for t in range(495, 500):
        mean = law.constant + weights @ values[t - len(weights) : t, 0][::-1]
        wanted.append(norm.logpdf(values[t, 0], mean, np.sqrt(law.variance)))
    np.testing.assert_allclose(terms, wanted)


def test_changing_a_later_answer_changes_no_earlier_density():
    values = autoregression([0.7], 300)
    predict = gaussian_ar(forecasting(5), whole(values[:-5], 5))
    other = values[-5:].copy()
    other[3:] += 2.0
    before = predict.log_likelihood(Split([values[:-5]], [values[-5:]]))[0]
    after = predict.log_likelihood(Split([values[:-5]], [other]))[0]
    np.testing.assert_array_equal(before[:3], after[:3])
    assert before[3] != after[3]


def test_quantiles_cover_what_they_promise():
    values = autoregression([0.9], 4_000)
    predict = gaussian_ar(forecasting(4, quantiles=LEVELS), whole(values[:2_000], 4))
    origins = range(2_000, 3_990, 10)
    answers = np.array(predict(Split([values[:t] for t in origins])))
    truth = np.array([values[t : t + 4] for t in origins])
    inside = (truth >= answers[..., 0]) & (truth <= answers[..., 2])
    assert inside.mean() == pytest.approx(0.8, abs=0.06)
    assert (np.diff(answers, axis=-1) > 0).all()


def test_a_covariate_known_in_advance_moves_the_forecast():
    rng = np.random.default_rng(0)
    z = rng.normal(size=300)
    y = 2.0 + 5.0 * z + 0.1 * rng.normal(size=300)
    both = np.column_stack([y, z])
    train = Split([both[:280]], [both[280:284, :1]], [both[280:284, 1:]])
    test = Split([both[:290]], ahead=[both[290:294, 1:]])
    forecast = gaussian_ar(forecasting(4, past=2), train)(test)[0]
    assert np.abs(forecast - both[290:294, :1]).max() < 0.5


def test_series_of_very_different_size_share_coefficients():
    small = autoregression([0.8], 300, seed=1)
    train = Split([small[:-3], 1e4 * small[:-3]], [small[-3:], 1e4 * small[-3:]], series=["a", "b"])
    predict = gaussian_ar(forecasting(3), train)
    assert predict.notes["own_scale_per_series"]
    a, b = predict(Split([small, 1e4 * small], series=["a", "b"]))
    np.testing.assert_allclose(b, 1e4 * a)
    terms = predict.log_likelihood(Split([small[:-3], 1e4 * small[:-3]], [small[-3:], 1e4 * small[-3:]]))
    np.testing.assert_allclose(terms[0] - terms[1], np.log(1e4))


def test_channels_are_forecast_each_by_its_own_law():
    values = np.column_stack([autoregression([0.9], 500, seed=1), autoregression([-0.7], 500, seed=2)])
    predict = gaussian_ar(forecasting(2, channels=2), whole(values, 2))
    assert predict.laws[0].phi[0] > 0.7
    assert predict.laws[1].phi[0] < -0.5


def test_a_constant_series_is_forecast_as_that_constant():
    values = np.full((50, 1), 7.0)
    predict = gaussian_ar(forecasting(4, quantiles=LEVELS), whole(values, 4))
    np.testing.assert_allclose(predict(Split([values]))[0], 7.0, atol=1e-4)
    assert np.isfinite(predict.log_likelihood(Split([values], [values[:4]]))[0]).all()


@pytest.mark.parametrize("length", [1, 2, 5])
def test_short_histories_are_answered(length):
    values = np.arange(1.0, length + 4)[:, None]
    predict = gaussian_ar(forecasting(3), whole(values, 3))
    assert np.isfinite(predict(Split([values[:1], values]))[1]).all()


def test_no_law_that_runs_away_is_chosen():
    values = np.exp(0.1 * np.arange(120.0))[:, None]
    predict = gaussian_ar(forecasting(5), whole(values, 5))
    assert predict.laws[0].stable()


def test_labels_that_are_a_delayed_input_are_found_exactly():
    x = np.random.default_rng(0).normal(size=(40, 30, 1))
    y = [np.concatenate([np.zeros((3, 1)), row[:-3]]) for row in x]
    task = Task("labelling", Values(1), Values(1), "same", causal=True)
    predict = gaussian_ar(task, Split(list(x), y))
    answer = predict(Split([x[0]]))[0]
    np.testing.assert_allclose(answer[3:], y[0][3:], atol=1e-6)


def test_next_value_labels_give_the_autoregression():
    values = autoregression([0.6, 0.3], 3_000)
    task = Task("labelling", Values(1), Values(1), "same", causal=True, quantiles=LEVELS)
    predict = gaussian_ar(task, Split([values[:-1]], [values[1:]]))
    np.testing.assert_allclose(predict.laws[0].weights[:2], [0.6, 0.3], atol=0.05)
    assert predict(Split([values]))[0].shape == (3_000, 1, 3)
    terms = predict.log_likelihood(Split([values[:-1]], [values[1:]]))[0]
    assert terms.mean() == pytest.approx(norm(0, 1).entropy() * -1, abs=0.05)


def test_an_aligned_answer_does_not_move_when_the_future_does():
    x = np.random.default_rng(0).normal(size=(20, 30, 1))
    task = Task("labelling", Values(1), Values(1), "same", causal=True)
    predict = gaussian_ar(task, Split(list(x), [row.cumsum(axis=0) for row in x]))
    changed = x[0].copy()
    changed[15:] += 9.0
    np.testing.assert_array_equal(predict(Split([x[0]]))[0][:15], predict(Split([changed]))[0][:15])


def test_symbols_are_declined_and_missing_values_refused():
    with pytest.raises(Unsupported, match="is for numbers"):
        gaussian_ar(Task("labelling", Values(1), Values(2, symbols=True), "same"), Split([]))
    values = autoregression([0.5], 60)
    with pytest.raises(ValueError, match="gaussian-ar needs finite values"):
        gaussian_ar(forecasting(2), whole(values, 2))(Split([np.array([[np.nan]])]))


def test_small_numbers_are_forecast_as_large_ones_are():
    values = autoregression([0.6, -0.2], 120, level=3.0)
    one = gaussian_ar(forecasting(5), whole(values[:-5], 5))
    small = gaussian_ar(forecasting(5), whole(values[:-5] * 2.0**-30, 5))
    asked = [Split([values[:-5] * unit], series=["s"]) for unit in (1.0, 2.0**-30)]
    np.testing.assert_array_equal(small(asked[1])[0] / 2.0**-30, one(asked[0])[0])

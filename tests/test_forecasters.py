"""Forecasters of other libraries as methods: what they are given, what they answer, and how they fail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aeon.datasets import load_airline
from click.testing import CliRunner
from recurbench import Split, Task, Unsupported, Values, from_forecaster
from recurbench.cli.main import main
from recurbench.provenance import code_hash, files, version, versions
from recurbench.registry import discover
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, Ridge

DOCS = Path(__file__).parents[1] / "docs" / "plugins.md"
NO_STATSFORECAST = "statsforecast, of the extra nixtla, is not installed"
NOT_INSTALLED = {
    "statsforecast": NO_STATSFORECAST,
    **{
        name: f"{name} is not installed; it is no extra of the package"
        for name in ("sktime", "darts", "neuralforecast")
    },
}
LIBRARIES = ("statsforecast", "sktime", "darts", "sklearn", "neuralforecast")


def airline() -> np.ndarray:
    return np.asarray(load_airline(), dtype=np.float64)[:132]


def task(quantiles: tuple[float, ...] = (), extra: int = 0) -> Task:
    return Task("forecasting", Values(1 + extra), Values(1), "fixed", 6, 12, quantiles)


def train(series: np.ndarray) -> Split:
    return Split([series[:-6, None]], [series[-6:, None]], series=["a"])


def asked(series: np.ndarray) -> Split:
    return Split([series[:, None]], series=["a"])


def models() -> Any:
    return pytest.importorskip("statsforecast.models", reason=NO_STATSFORECAST)


def blocks() -> dict[str, str]:
    """The plugin files that the page on plugins shows, by the library they use."""
    text = DOCS.read_text(encoding="utf-8").partition("### A forecaster of another library")[2]
    shown = re.findall(r"```python\n(.*?)```", text.partition("\n### ")[0], re.DOTALL)
    return {name: code for code in shown for name in LIBRARIES if f"from {name}" in code}


def test_a_model_with_forward_is_fitted_once_and_applied() -> None:
    library = models()
    y, model = airline(), library.AutoTheta(season_length=12)
    predict = from_forecaster(task(), train(y[:120]), model)
    expected = library.AutoTheta(season_length=12).fit(y[:120]).forward(y=y, h=6)["mean"]
    np.testing.assert_allclose(predict(asked(y))[0][:, 0], expected, rtol=0.01)
    assert predict.notes["series"]["a"][0]["refitted"] is False
    assert predict.notes["forecaster"] == "statsforecast: AutoTheta"
    assert not hasattr(model, "model_"), "the object of the user was fitted"


def test_a_model_without_forward_is_fitted_to_each_history() -> None:
    library = models()
    y = airline()
    predict = from_forecaster(task(), train(y[:120]), library.SimpleExponentialSmoothing(0.3))
    expected = library.SimpleExponentialSmoothing(0.3).forecast(y=y, h=6)["mean"]
    np.testing.assert_allclose(predict(asked(y))[0][:, 0], expected, rtol=1e-5)
    assert predict.notes["series"]["a"][0]["refitted"] is True


def test_quantiles_come_in_the_order_asked_for_and_only_where_there_are_intervals() -> None:
    library = models()
    y, levels = airline(), (0.5, 0.9, 0.025)
    offered = from_forecaster(task(levels), train(y), library.Naive())(asked(y))[0][:, 0]
    expected = library.Naive().forecast(y=y, h=6, level=[80, 95])
    np.testing.assert_allclose(offered[:, 0], expected["mean"], rtol=1e-6)
    np.testing.assert_allclose(offered[:, 1], expected["hi-80"], rtol=1e-6)
    np.testing.assert_allclose(offered[:, 2], expected["lo-95"], rtol=1e-6)
    points = from_forecaster(task(levels), train(y), library.SimpleExponentialSmoothing(0.3))(asked(y))[0]
    assert points.shape == (6, 1)


def test_covariates_known_ahead_reach_a_model_that_takes_them() -> None:
    library = models()
    rng = np.random.default_rng(0)
    known = np.stack([rng.normal(size=126), np.ones(126)], axis=1)  # the second is constant and left out
    y = 5 * known[:, 0] + 0.01 * rng.normal(size=126)
    x = np.column_stack([y, known])
    given = Split([x[:114]], [y[114:120, None]], [known[114:120]], ["a"])
    predict = from_forecaster(task(extra=2), given, library.ARIMA(order=(0, 0, 0)))
    answer = predict(Split([x[:120]], ahead=[known[120:]], series=["a"]))[0][:, 0]
    np.testing.assert_allclose(answer, y[120:], atol=0.1)
    assert predict.notes["series"]["a"][0]["covariates"] == 1


def test_missing_values_are_filled_before_a_model_sees_them() -> None:
    library = models()
    y = airline()
    holed = y.copy()
    holed[60:63] = np.nan
    predict = from_forecaster(task(), train(holed), library.AutoTheta(season_length=12))
    assert np.isfinite(predict(asked(holed))[0]).all()
    assert predict.notes["fallbacks"] == []


class Failing:
    """A forecaster of statsforecast's form that fails as libraries do."""

    uses_exog = False

    def __init__(self, error: Exception) -> None:
        self.error = error

    def forecast(self, **_given: Any) -> dict[str, Any]:
        np.random.seed(0)  # noqa: NPY002
        raise self.error


# The second: a local variable of a library that no branch set on this series.
@pytest.mark.parametrize("kind", [Exception, UnboundLocalError])
def test_a_model_that_fails_on_a_series_gives_the_naive_forecast_and_the_reason(kind: type) -> None:
    y = airline()
    predict = from_forecaster(task(), train(y), Failing(kind("no model able to be fitted")))
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    np.testing.assert_array_equal(predict(asked(y))[0][:, 0], y[-12:-6])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    (reason,) = predict.notes["fallbacks"]
    assert reason == f"series a after 132 steps: Failing: {kind.__name__}: no model able to be fitted"


def test_a_wrong_name_in_the_code_of_a_user_is_no_matter_of_one_series() -> None:
    predict = from_forecaster(task(), train(airline()), Failing(AttributeError("no attribute 'lenght'")))
    with pytest.raises(AttributeError, match="lenght"):
        predict(asked(airline()))


def test_a_missing_attribute_inside_a_library_is_a_matter_of_one_series() -> None:
    model = models().MSTL(season_length=12)
    model.trend_forecaster = 3  # the library asks it for a method
    y = airline()
    predict = from_forecaster(task(), train(y), model)
    np.testing.assert_array_equal(predict(asked(y))[0][:, 0], y[-12:-6])
    assert any("MSTL: AttributeError" in reason for reason in predict.notes["fallbacks"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Ridge, r"takes an object, got the class Ridge; write Ridge\(...\)"),
        (DummyClassifier(), "DummyClassifier is a classifier"),
        (3, "darts, or a scikit-learn regressor, got int"),
    ],
    ids=["class", "classifier", "number"],
)
def test_what_is_no_forecaster_is_refused_in_words(given: object, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        from_forecaster(task(), train(airline()), given)


def test_lags_are_for_regressors_and_symbols_for_nobody() -> None:
    with pytest.raises(TypeError, match="Failing is none; leave lags out"):
        from_forecaster(task(), train(airline()), Failing(Exception()), lags=3)
    symbols = Task("forecasting", Values(3, symbols=True), Values(3, symbols=True), "fixed", 6)
    with pytest.raises(Unsupported, match="numbers, not symbols"):
        from_forecaster(symbols, train(airline()), Failing(Exception()))


def test_sktime_answers_points_and_quantiles_with_covariates_where_it_takes_them() -> None:
    naive = pytest.importorskip("sktime.forecasting.naive", reason=NOT_INSTALLED["sktime"])
    y = airline()
    points = from_forecaster(task(), train(y), naive.NaiveForecaster(strategy="drift"))(asked(y))[0][:, 0]
    np.testing.assert_allclose(points, y[-1] + (y[-1] - y[0]) / 131 * np.arange(1, 7), rtol=1e-6)
    lines = from_forecaster(task((0.1, 0.5, 0.9)), train(y), naive.NaiveForecaster())(asked(y))[0][:, 0]
    assert (np.diff(lines, axis=1) > 0).all()
    np.testing.assert_allclose(lines[:, 1], y[-1], rtol=1e-6)


def test_darts_fits_a_local_model_again_and_a_global_one_once() -> None:
    library = pytest.importorskip("darts.models", reason=NOT_INSTALLED["darts"])
    y = airline()
    local = from_forecaster(task(), train(y[:120]), library.NaiveSeasonal(K=12))
    np.testing.assert_allclose(local(asked(y))[0][:, 0], y[-12:-6], rtol=1e-6)
    assert local.notes["series"]["a"][0]["refitted"] is True
    pooled = from_forecaster(task(), train(y[:120]), library.LinearRegressionModel(lags=12))
    rows = np.lib.stride_tricks.sliding_window_view(y[:120], 13)
    by_hand = LinearRegression().fit(rows[:, :12], rows[:, 12])
    np.testing.assert_allclose(pooled(asked(y))[0][0, 0], by_hand.predict(y[None, -12:])[0], rtol=1e-5)
    assert pooled.notes["series"]["a"][0]["refitted"] is False


def test_darts_answers_quantiles_where_it_draws_paths() -> None:
    library = pytest.importorskip("darts.models", reason=NOT_INSTALLED["darts"])
    model = library.ExponentialSmoothing(seasonal_periods=12, random_state=0)
    predict = from_forecaster(task((0.1, 0.5, 0.9)), train(airline()), model)
    first, again = (predict(asked(airline()))[0][:, 0] for _ in range(2))
    assert (np.diff(first, axis=1) > 0).all()
    np.testing.assert_array_equal(first, again)
    points = from_forecaster(task((0.1, 0.5, 0.9)), train(airline()), library.Theta(seasonality_period=12))
    assert points(asked(airline()))[0].shape == (6, 1)


def test_the_page_shows_a_file_for_each_library() -> None:
    shown = blocks()
    assert set(shown) == set(LIBRARIES)
    for code in (shown[name] for name in LIBRARIES if name != "neuralforecast"):
        assert len(code.strip().partition("\n\n\n")[2].splitlines()) == 3


@pytest.mark.long
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_shown_file_runs_and_passes_every_check(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library, reason=NOT_INSTALLED.get(library))
    file = tmp_path / "mine.py"
    file.write_text(blocks()[library])
    checked = CliRunner().invoke(main, ["check", str(file)])
    assert checked.exit_code == 0, checked.output
    assert " 0 failed" in checked.output
    name = re.search(r'@method\("([a-z-]+)"', blocks()[library])
    assert name is not None
    words = ["--plugin", file, "--methods", name[1], "--datasets", "airline", "--out", tmp_path / "run"]
    ran = CliRunner().invoke(main, ["run", *map(str, words)])
    assert ran.exit_code == 0, ran.output
    assert name[1] in ran.output


def test_a_run_records_the_version_of_the_library_that_ran() -> None:
    models()
    assert versions()["statsforecast"] == version("statsforecast") != ""


def test_the_code_of_the_adapter_counts_as_code_of_a_method_that_uses_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(blocks()["sklearn"])
    plugin = discover([file]).methods["my-boosting"]
    read = {path.name for path in files(plugin)}
    assert {"mine.py", "_forecasters.py", "_forecaster_libraries.py", "_lag_regression.py"} <= read
    assert code_hash(plugin)

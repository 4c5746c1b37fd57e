"""The methods of statsforecast: against the library itself, and without it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from aeon.datasets import load_airline
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods import nixtla

models: Any = pytest.importorskip(
    "statsforecast.models", reason="statsforecast, of the extra nixtla, is not installed"
)

MONTHS = 12
DIRECT = {
    "auto_arima": lambda: models.AutoARIMA(season_length=12),
    "auto_ets": lambda: models.AutoETS(season_length=12),
    "auto_theta": lambda: models.AutoTheta(season_length=12),
    "auto_ces": lambda: models.AutoCES(season_length=12),
    "mstl": lambda: models.MSTL(season_length=12),
}


def airline() -> np.ndarray:
    return np.asarray(load_airline(), dtype=np.float64)


def task(period: int | None = MONTHS, quantiles: tuple[float, ...] = ()) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", 12, period, quantiles)


def train(series: np.ndarray) -> Split:
    return Split([series[:-12, None]], [series[-12:, None]], series=["a"])


def asked(*series: np.ndarray) -> Split:
    return Split([one[:, None] for one in series], series=["a"] * len(series))


@pytest.mark.parametrize("name", DIRECT)
def test_a_forecast_is_that_of_the_library(name: str) -> None:
    y = airline()[:132]
    predict = getattr(nixtla, name)(task(), train(y))
    expected = DIRECT[name]().forecast(y=y, h=12)["mean"]
    # The series is divided by its standard deviation, so an optimiser ends a little elsewhere.
    np.testing.assert_allclose(predict(asked(y))[0][:, 0], expected, rtol=0.02)
    assert predict.notes["fallbacks"] == []
    assert json.dumps(predict.notes)


@pytest.mark.parametrize("name", ["auto_ets", "auto_theta", "auto_ces", "mstl"])
def test_quantiles_are_the_ends_of_the_librarys_intervals(name: str) -> None:
    y = airline()[:132]
    lines = getattr(nixtla, name)(task(quantiles=(0.1, 0.5, 0.9)), train(y))(asked(y))[0][:, 0]
    expected = DIRECT[name]().forecast(y=y, h=12, level=[80])
    assert (np.diff(lines, axis=1) > 0).all()
    width = expected["hi-80"] - expected["lo-80"]
    np.testing.assert_allclose(lines[:, 2] - lines[:, 0], width, rtol=0.15)


def test_a_later_origin_is_answered_with_the_model_fitted_before() -> None:
    y = airline()
    predict = nixtla.auto_ets(task(), train(y[:120]))
    fitted = models.AutoETS(season_length=12).fit(y[:120] / y[:120].std())
    expected = y[:120].std() * fitted.forward(y=y[:132] / y[:120].std(), h=12)["mean"]
    np.testing.assert_allclose(predict(asked(y[:132]))[0][:, 0], expected, rtol=1e-4)


def test_a_period_too_long_for_states_is_removed_by_indices() -> None:
    t = np.arange(400.0)
    y = 10 + 3 * np.sin(2 * np.pi * t / 48) + 0.01 * np.random.default_rng(0).normal(size=400)
    coming = 10 + 3 * np.sin(2 * np.pi * np.arange(400, 412) / 48)
    for name in ("auto_ets", "auto_ces"):
        answer = getattr(nixtla, name)(task(48), train(y))(asked(y))[0][:, 0]
        np.testing.assert_allclose(answer, coming, atol=0.15)


def test_two_seasons_are_decomposed_together() -> None:
    t = np.arange(360.0)
    y = 20 + 3 * np.sin(2 * np.pi * t / 6) + 5 * np.sin(2 * np.pi * t / 30)
    later = np.arange(360, 372)
    coming = 20 + 3 * np.sin(2 * np.pi * later / 6) + 5 * np.sin(2 * np.pi * later / 30)
    answer = nixtla.mstl(task(6), train(y), seasons=(6, 30))(asked(y))[0][:, 0]
    np.testing.assert_allclose(answer, coming, atol=0.5)


def test_tbats_is_fitted_again_to_each_history_and_once_to_the_same() -> None:
    y = airline()[:40]
    predict = nixtla.tbats(task(None), train(y))
    assert predict.notes["series"]["a"][0]["refitted"]
    one, two = predict(asked(y, y))
    np.testing.assert_array_equal(one, two)
    expected = models.AutoTBATS(season_length=[1], use_arma_errors=False).forecast(y=y, h=12)["mean"]
    np.testing.assert_allclose(one[:, 0], expected, rtol=0.05)


@pytest.mark.parametrize("name", [*DIRECT, "tbats"])
@pytest.mark.parametrize("series", [np.full(40, 3.0), np.array([1.0, 2.0, 3.0])], ids=["constant", "short"])
def test_a_series_no_model_can_have_gets_the_naive_forecast_and_a_note(name: str, series: np.ndarray) -> None:
    one = Task("forecasting", Values(1), Values(1), "fixed", 1, None)
    predict = getattr(nixtla, name)(one, Split([series[:-1, None]], [series[-1:, None]], series=["a"]))
    assert predict(asked(series))[0].tolist() == [[series[-1]]]
    assert len(predict.notes["fallbacks"]) >= 1


@pytest.mark.parametrize("name", ["mstl", "tbats"])
def test_a_season_of_one_step_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at least 2 steps, got \\(1,\\)"):
        getattr(nixtla, name)(task(), train(airline()), seasons=(1,))


@pytest.mark.parametrize("name", [*DIRECT, "tbats"])
def test_without_statsforecast_the_row_says_how_to_get_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nixtla, "models", None)
    with pytest.raises(Unsupported, match=r"needs the package statsforecast; install it with pip install"):
        getattr(nixtla, name)(task(), train(airline()))


def test_the_methods_can_be_imported_without_statsforecast() -> None:
    code = (
        "import sys; sys.modules['statsforecast'] = None\n"
        "import importlib.abc\n"
        "from recurbench.methods import nixtla\n"
        "print(nixtla.models)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "None", done.stderr


def test_statsforecast_leaves_nothing_to_compile_until_a_model_is_called() -> None:
    numba = pytest.importorskip("numba")
    inside = [module for name, module in sys.modules.items() if name.startswith("statsforecast")]
    assert inside
    compiled = [
        key
        for module in inside
        for key, value in vars(module).items()
        if isinstance(value, numba.core.dispatcher.Dispatcher)
    ]
    assert compiled == []

"""Statistical methods of the package statsforecast, which the extra `nixtla` installs."""

from __future__ import annotations

from typing import Any

from recurbench import Split, Task, method
from recurbench.methods._forecaster_libraries import Statsforecast
from recurbench.methods._forecasters import per_series
from recurbench.methods._seasonal import Floats
from recurbench.task import Predictor, Unsupported

# Imported here and not in the methods: an import is not measured as the time of a fit. Nothing is compiled
# later: the models of statsforecast are compiled when it is built.
models: Any = None
try:
    from statsforecast import models as found_models

    models = found_models
except ModuleNotFoundError as missing:
    if missing.name != "statsforecast":
        raise

NEED = "this method needs the package statsforecast; install it with pip install 'recurbench[nixtla]'"
# With a longer period classical indices remove the season: each phase would be a state of the model.
LONGEST_STATE = 24
# Above, candidate orders are compared by conditional sums of squares, as R's auto.arima does.
EXACT_STEPS, EXACT_SEASON = 150, 12
# Choosing ARMA errors takes most of the time of TBATS, and a shorter series cannot show them.
ARMA_STEPS = 50


@method("auto-arima", family="statistical", kinds={"forecasting"}, recurrence="linear")
def auto_arima(task: Task, train: Split) -> Predictor:
    """ARIMA with orders chosen stepwise by AICc (Hyndman and Khandakar 2008), by statsforecast's AutoARIMA.

    A series of more than 150 steps or with a period above 12 has its orders chosen by conditional sums of
    squares, and only the last model fitted by maximum likelihood. With a period above 24 the season is
    removed by classical indices. Covariates known ahead are regressors. It costs much CPU time per series:
    `python benchmarks/forecaster_ratio.py --methods auto-arima` prints how much.

    Take this one rather than `sarimax` where the orders should be chosen among many: it tries up to 94 of
    them, `sarimax` eight.
    """
    found = _found()

    def build(history: Floats) -> Any:
        season = _state_season(task)
        approximate = len(history) > EXACT_STEPS or season > EXACT_SEASON
        return found.AutoARIMA(season_length=season, approximation=approximate)

    return per_series(
        task, train, build, Statsforecast(), found.AutoARIMA(), centred=True, indices=_long(task)
    )


@method("auto-ets", family="statistical", kinds={"forecasting"}, recurrence="linear")
def auto_ets(task: Task, train: Split) -> Predictor:
    """Exponential smoothing with the form of least AICc (Hyndman et al. 2002), by statsforecast's AutoETS.

    With a period above 24 the season is removed by classical indices. Unlike `ets` it mixes additive and
    multiplicative parts, and it gives quantiles.
    """
    return _one_model(task, train, _found().AutoETS, states=True)


@method("auto-theta", family="statistical", kinds={"forecasting"}, recurrence="linear")
def auto_theta(task: Task, train: Split) -> Predictor:
    """Theta with the best of four forms (Fiorucci et al. 2016), by statsforecast's AutoTheta.

    The forms are the standard and the optimised theta method, each with fixed and with moving coefficients of
    its line. A season that the test of the M4 competition finds is removed first.
    """
    return _one_model(task, train, _found().AutoTheta, states=False)


@method("auto-ces", family="statistical", kinds={"forecasting"}, recurrence="linear")
def auto_ces(task: Task, train: Split) -> Predictor:
    """Complex exponential smoothing (Svetunkov, Kourentzes and Ord 2022), by statsforecast's AutoCES.

    AICc chooses between no season and a season. With a period above 24 the season is removed by classical
    indices.
    """
    return _one_model(task, train, _found().AutoCES, states=True)


@method("mstl", family="statistical", kinds={"forecasting"}, recurrence="linear")
def mstl(task: Task, train: Split, *, seasons: tuple[int, ...] = ()) -> Predictor:
    """Trend and several seasons by LOESS (Bandara, Hyndman and Bergmeir 2021), by statsforecast's MSTL.

    Exponential smoothing without a season continues the trend, and each season repeats. A series shorter than
    two of the longest season loses that season. The multiplicative forms of the trend are left out.

    Parameters
    ----------
    seasons : tuple of int
        Periods in steps, such as (24, 168) for hourly data; none: that of the task.
    """
    found, periods = _found(), _periods(task, seasons)

    def build(history: Floats) -> Any:
        fitting = [each for each in periods if len(history) >= 2 * each]
        trend = found.AutoETS(model="ZZN")
        return found.MSTL(season_length=fitting, trend_forecaster=trend) if fitting else trend

    return per_series(task, train, build, Statsforecast(), found.AutoETS())


@method("tbats", family="statistical", kinds={"forecasting"}, recurrence="linear")
def tbats(task: Task, train: Split, *, seasons: tuple[int, ...] = ()) -> Predictor:
    """Trigonometric seasons, Box-Cox and ARMA errors (De Livera et al. 2011), by statsforecast's AutoTBATS.

    AIC chooses among the transformation, the trend and its damping; ARMA errors are tried from 50 steps on.
    A fitted model of statsforecast cannot be applied to a longer history, so it is fitted again at every
    test origin. That costs much CPU time: `python benchmarks/forecaster_ratio.py --methods tbats` prints how
    much. Of the suites only `offline` has it.

    Parameters
    ----------
    seasons : tuple of int
        Periods in steps, such as (24, 168) for hourly data; none: that of the task.
    """
    found, periods = _found(), _periods(task, seasons)

    def build(history: Floats) -> Any:
        return found.AutoTBATS(season_length=periods or [1], use_arma_errors=len(history) >= ARMA_STEPS)

    return per_series(task, train, build, Statsforecast(), found.AutoTBATS(season_length=[1]))


def _found() -> Any:
    """The models of statsforecast; Unsupported if it is not installed."""
    if models is None:
        raise Unsupported(NEED)
    return models


def _one_model(task: Task, train: Split, model: Any, *, states: bool) -> Predictor:
    """A model with the same settings for every history; states: whether each phase of a season is a state."""
    built = model(season_length=_state_season(task) if states else task.season)
    removed = states and _long(task)
    return per_series(task, train, lambda _history: built, Statsforecast(), built, indices=removed)


def _long(task: Task) -> bool:
    return task.season > LONGEST_STATE


def _state_season(task: Task) -> int:
    """The season of a model whose states are its phases: 1 where classical indices remove it first."""
    return 1 if _long(task) else task.season


def _periods(task: Task, seasons: tuple[int, ...]) -> list[int]:
    if any(each < 2 for each in seasons):
        raise ValueError(f"seasons must be periods of at least 2 steps, got {seasons}")
    return sorted(set(seasons)) or ([task.season] if task.season > 1 else [])

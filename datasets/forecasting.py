"""Classic series to forecast from several rolling origins, read from installed packages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from recurbench import About, Problem, Task, Values, dataset
from recurbench.datasets._series import Series, packaged, rolling, version
from recurbench.task import Array

# Mauna Loa has five months without a measurement, the last in April 1964: the series' 74th month.
LAST_GAP = 74

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

STATSMODELS = "public domain, as stated in statsmodels"
AEON = "no statement for the data; bundled in aeon (BSD-3-Clause)"


@dataset("co2", kind="forecasting")
def co2(*, horizon: int = 12, origins: int = 10, quantiles: bool = False) -> Problem:
    """Monthly mean carbon dioxide at Mauna Loa, parts per million, March 1958 to December 2001."""
    path = _statsmodels("co2")
    weekly = pd.read_csv(path)
    days = pd.DatetimeIndex(pd.to_datetime(weekly["date"], format="%Y%m%d"))
    # Months without a measurement come out of the resampling as gaps.
    monthly = weekly["co2"].set_axis(days).resample("MS").mean().interpolate()
    note = (
        "monthly means of the weekly values; the five months without one, all before May 1964 and before "
        "every test origin, are interpolated linearly"
    )
    series = Series("co2", _column(monthly), monthly.index.to_numpy())
    return _problem(series, _task(("ppm",), horizon, 12, quantiles), origins, _about(path, note), LAST_GAP)


@dataset("sunspots", kind="forecasting")
def sunspots(*, horizon: int = 11, origins: int = 8, quantiles: bool = False) -> Problem:
    """Yearly mean sunspot number, 1700 to 2008."""
    path = _statsmodels("sunspots")
    table = pd.read_csv(path)
    series = Series("sunspots", _column(table["SUNACTIVITY"]), _months(table["YEAR"].iloc[0], 12, len(table)))
    note = (
        "no period: a cycle lasts 9 to 14 years, so no number of steps is a season; the horizon is one cycle"
    )
    return _problem(series, _task(("sunspots",), horizon, None, quantiles), origins, _about(path, note))


@dataset("elnino", kind="forecasting")
def elnino(*, horizon: int = 12, origins: int = 10, quantiles: bool = False) -> Problem:
    """Monthly sea surface temperature in the eastern Pacific, degrees Celsius, 1950 to 2010."""
    path = _statsmodels("elnino")
    table = pd.read_csv(path)
    values = table.drop(columns="YEAR").to_numpy(dtype=np.float64).reshape(-1, 1)
    series = Series("elnino", values, _months(table["YEAR"].iloc[0], 1, len(values)))
    task = _task(("degrees C",), horizon, 12, quantiles)
    return _problem(series, task, origins, _about(path, "values as shipped"))


@dataset("airline", kind="forecasting")
def airline(*, horizon: int = 12, origins: int = 5, quantiles: bool = False) -> Problem:
    """Monthly international airline passengers in thousands, 1949 to 1960 (Box and Jenkins, series G)."""
    path = packaged("aeon", "datasets", "data", "Airline", "Airline.csv")
    table = pd.read_csv(path)
    time = pd.to_datetime(table["Date"], format="%Y-%m").to_numpy()
    about = _about(path, "values as shipped, no logarithm", "aeon", AEON)
    series = Series("airline", _column(table["Passengers"]), time)
    return _problem(series, _task(("passengers",), horizon, 12, quantiles), origins, about)


@dataset("macrodata", kind="forecasting")
def macrodata(*, horizon: int = 4, origins: int = 10, quantiles: bool = False) -> Problem:
    """Real GDP, unemployment and inflation of the United States by quarter, with past-only covariates."""
    path = _statsmodels("macrodata")
    table = pd.read_csv(path)
    targets = ("realgdp", "unemp", "infl")
    # realint is left out: it is tbilrate - infl, a target in disguise.
    past = ("realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "pop")
    values = table[[*targets, *past]].to_numpy(dtype=np.float64)
    series = Series("macrodata", values, _months(table["year"].iloc[0], 3, len(values)))
    note = (
        "three targets at once; covariates are known up to the origin only, for nothing macroeconomic is "
        "known ahead; no period, because the targets are published seasonally adjusted; values in their "
        "last revision"
    )
    return _problem(series, _task(targets, horizon, None, quantiles, past), origins, _about(path, note))


def _task(
    targets: tuple[str, ...],
    horizon: int,
    period: int | None,
    quantiles: bool,
    past: tuple[str, ...] = (),
) -> Task:
    """quantiles: nine levels are asked for, and the table shows the loss over them."""
    names = targets + past
    x, y = Values(len(names), names=names), Values(len(targets), names=targets)
    levels = LEVELS if quantiles else ()
    return Task("forecasting", x=x, y=y, length="fixed", steps=horizon, period=period, quantiles=levels)


def _about(path: Path, note: str, package: str = "statsmodels", licence: str = STATSMODELS) -> About:
    """Everything but the sentence on the origins, which `_problem` puts in front of the note."""
    return About(
        source=f"{path.name}, as bundled in {package}",
        licence=licence,
        protocol=note,
        reference="seasonal-naive",
        metric="mase",
        version=version(package, path),
    )


def _problem(series: Series, task: Task, origins: int, about: About, least: int = 2) -> Problem:
    """Ask at `origins` test origins; training keeps two seasons and at least `least` steps of history."""
    train, test = rolling([series], task.y.size, task.steps, origins, max(least, 2 * task.season))
    asked = f"{origins} test origins, {task.steps} steps apart; training ends at the first"
    metric = "pinball" if task.quantiles else about.metric
    about = replace(about, protocol=f"{asked}; {about.protocol}", metric=metric)
    return Problem(task, train, test, about)


def _statsmodels(name: str) -> Path:
    return packaged("statsmodels", "datasets", name, f"{name}.csv")


def _column(values: pd.Series[float]) -> Array:
    """[N] -> [N, 1] floats."""
    return values.to_numpy(dtype=np.float64)[:, None]


def _months(first_year: float, step: int, count: int) -> Array:
    """Time stamps `step` months apart from January of `first_year`."""
    months = np.datetime64(f"{int(first_year)}-01", "M") + step * np.arange(count)
    return months.astype("datetime64[ns]")

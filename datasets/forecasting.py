"""Classic series, forecast from rolling origins; read from installed packages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from recurbench import About, Problem, Task, Values, dataset
from recurbench.reading.series import Series, origins_text, packaged, rolling, version
from recurbench.task import Array

# At Mauna Loa five months have no measurement; the last of them is April 1964, month 74 of the series.
LAST_GAP = 74

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

STATSMODELS = "public domain, as stated in statsmodels"
AEON = "no statement for the data; bundled in aeon (BSD-3-Clause)"


@dataset("co2", kind="forecasting")
def co2(*, horizon: int = 12, origins: int = 10, quantiles: bool = False) -> Problem:
    """Monthly mean carbon dioxide at Mauna Loa, March 1958 to December 2001, in parts per million."""
    path = _statsmodels("co2")
    weekly = pd.read_csv(path)
    days = pd.DatetimeIndex(pd.to_datetime(weekly["date"], format="%Y%m%d"))
    # Months without a measurement are missing after the resampling.
    monthly = weekly["co2"].set_axis(days).resample("MS").mean().interpolate()
    note = (
        "monthly means of the weekly values; five months without a value, all before May 1964 and before "
        "every test origin, are interpolated linearly"
    )
    series = Series("co2", _column(monthly), monthly.index.to_numpy())
    return _problem(series, _task(("ppm",), horizon, 12, quantiles), origins, _about(path, note), LAST_GAP)


@dataset("sunspots", kind="forecasting")
def sunspots(*, horizon: int = 11, origins: int = 8, quantiles: bool = False) -> Problem:
    """Yearly mean sunspot numbers, 1700 to 2008; a cycle has 9 to 14 years."""
    path = _statsmodels("sunspots")
    table = pd.read_csv(path)
    series = Series("sunspots", _column(table["SUNACTIVITY"]), _months(table["YEAR"].iloc[0], 12, len(table)))
    note = "no period, because a cycle lasts 9 to 14 years; the default horizon is one cycle"
    return _problem(series, _task(("sunspots",), horizon, None, quantiles), origins, _about(path, note))


@dataset("elnino", kind="forecasting")
def elnino(*, horizon: int = 12, origins: int = 10, quantiles: bool = False) -> Problem:
    """Monthly sea surface temperature in the eastern Pacific, 1950 to 2010, in degrees Celsius."""
    path = _statsmodels("elnino")
    table = pd.read_csv(path)
    values = table.drop(columns="YEAR").to_numpy(dtype=np.float64).reshape(-1, 1)
    series = Series("elnino", values, _months(table["YEAR"].iloc[0], 1, len(values)))
    task = _task(("degrees C",), horizon, 12, quantiles)
    return _problem(series, task, origins, _about(path, "values as shipped"))


@dataset("airline", kind="forecasting")
def airline(*, horizon: int = 12, origins: int = 5, quantiles: bool = False) -> Problem:
    """Monthly international airline passengers, 1949 to 1960, in thousands (Box and Jenkins, series G)."""
    path = packaged("aeon", "datasets", "data", "Airline", "Airline.csv")
    table = pd.read_csv(path)
    time = pd.to_datetime(table["Date"], format="%Y-%m").to_numpy()
    about = _about(path, "values as shipped, no logarithm", "aeon", AEON)
    series = Series("airline", _column(table["Passengers"]), time)
    return _problem(series, _task(("passengers",), horizon, 12, quantiles), origins, about)


@dataset("macrodata", kind="forecasting")
def macrodata(*, horizon: int = 4, origins: int = 10, quantiles: bool = False) -> Problem:
    """Quarterly real GDP, unemployment and inflation of the United States, with covariates of the past."""
    path = _statsmodels("macrodata")
    table = pd.read_csv(path)
    targets = ("realgdp", "unemp", "infl")
    # realint is left out, because it is tbilrate - infl, and infl is a target.
    past = ("realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "pop")
    values = table[[*targets, *past]].to_numpy(dtype=np.float64)
    series = Series("macrodata", values, _months(table["year"].iloc[0], 3, len(values)))
    note = (
        "three targets; covariates are known up to the origin only; no period, because the targets are "
        "seasonally adjusted; values in their last revision"
    )
    return _problem(series, _task(targets, horizon, None, quantiles, past), origins, _about(path, note))


@dataset("nile", kind="forecasting")
def nile(*, horizon: int = 5, origins: int = 6, quantiles: bool = False) -> Problem:
    """Yearly flow of the Nile at Aswan, 1871 to 1970, in 10^8 cubic metres (Cobb 1978)."""
    path = _statsmodels("nile")
    table = pd.read_csv(path)
    series = Series("nile", _column(table["volume"]), _months(table["year"].iloc[0], 12, len(table)))
    task = _task(("flow",), horizon, None, quantiles)
    return _problem(series, task, origins, _about(path, "values as shipped; no period"))


@dataset("elec-equip", kind="forecasting")
def elec_equip(*, horizon: int = 12, origins: int = 8, quantiles: bool = False) -> Problem:
    """Monthly turnover of makers of electrical equipment in the euro area, 1995 to 2016, as an index."""
    path = _statsmodels("elec_equip")
    table = pd.read_csv(path)
    months = pd.to_datetime(table["DATE"], format="%b-%d-%Y").to_numpy()
    series = Series("elec-equip", _column(table.iloc[:, 1]), months)
    task = _task(("turnover",), horizon, 12, quantiles)
    return _problem(series, task, origins, _about(path, "values as shipped"))


@dataset("lynx", kind="forecasting")
def lynx(*, horizon: int = 10, origins: int = 5, quantiles: bool = False) -> Problem:
    """Lynx trapped per year in north-west Canada, 1821 to 1934 (Elton and Nicholson 1942)."""
    path = packaged("aeon", "datasets", "data", "Lynx", "Lynx.csv")
    table = pd.read_csv(path)
    series = Series(
        "lynx", _column(table.iloc[:, 1]), _months(table[table.columns[0]].iloc[0], 12, len(table))
    )
    note = (
        "values as shipped; no period, because a cycle lasts 9 to 10 years; the default horizon is one cycle"
    )
    task = _task(("lynx",), horizon, None, quantiles)
    return _problem(series, task, origins, _about(path, note, "aeon", AEON))


def _task(
    targets: tuple[str, ...],
    horizon: int,
    period: int | None,
    quantiles: bool,
    past: tuple[str, ...] = (),
) -> Task:
    """The task; with `quantiles` it asks for nine levels, and the metric is the loss over them."""
    names = targets + past
    x, y = Values(len(names), names=names), Values(len(targets), names=targets)
    levels = LEVELS if quantiles else ()
    return Task("forecasting", x=x, y=y, length="fixed", steps=horizon, period=period, quantiles=levels)


def _about(path: Path, note: str, package: str = "statsmodels", licence: str = STATSMODELS) -> About:
    """The description; `_problem` adds the sentence on the origins to the note."""
    return About(
        source=f"{path.name}, as bundled in {package}",
        licence=licence,
        protocol=note,
        reference="seasonal-naive",
        metric="mase",
        version=version(package, path),
    )


def _problem(series: Series, task: Task, origins: int, about: About, least: int = 2) -> Problem:
    """Build the problem. A training history has at least two seasons and `least` steps."""
    train, test = rolling([series], task.y.size, task.steps, origins, max(least, 2 * task.season))
    asked = f"{origins_text(origins, task.steps)}; training ends at the first"
    metric = "pinball" if task.quantiles else about.metric
    about = replace(about, protocol=f"{asked}; {about.protocol}", metric=metric)
    return Problem(task, train, test, about)


def _statsmodels(name: str) -> Path:
    return packaged("statsmodels", "datasets", name, f"{name}.csv")


def _column(values: pd.Series[float]) -> Array:
    """From [N] to floats [N, 1]."""
    return values.to_numpy(dtype=np.float64)[:, None]


def _months(first_year: float, step: int, count: int) -> Array:
    """`count` time stamps, `step` months apart, from January of `first_year`."""
    months = np.datetime64(f"{int(first_year)}-01", "M") + step * np.arange(count)
    return months.astype("datetime64[ns]")

"""Series of the user, from a table of series or a .tsf file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recurbench import About, Problem, Task, Values, dataset
from recurbench.reading.proposal import Options
from recurbench.reading.series import rolling
from recurbench.reading.series_problem import protocol_text, series_problem, source_text
from recurbench.task import SEVERAL

EXCERPTS = "a file of your own: excerpts allowed"  # with these words `bench/exemplars.py` allows excerpts


@dataset("csv", kind="forecasting", files=("path",))
def own_series(
    *,
    path: str = "",
    horizon: int | None = None,
    period: int | None = None,
    origins: int | None = None,
    step: int | None = None,
    refit: bool = False,
    id: str = "",
    time: str = "",
    target: tuple[str, ...] = (),
    covariates: tuple[str, ...] = (),
    ahead: tuple[str, ...] = (),
    missing: str = "interpolate",
    series: str = "",
    excerpts: bool = False,
    frequency: str = "",
    of_horizon: int | None = None,
) -> Problem:
    """Your own series, from a table with a time column and columns of numbers, or from a .tsf file.

    Parameters
    ----------
    path : str
        The file.
    horizon : int or None
        Steps to forecast; None: chosen from the season and the number of rows.
    period : int or None
        Rows in a season; None: the season of the frequency, or without dates by autocorrelation.
    origins : int or None
        Test origins per series; None: as many as fill the last 40 % of the rows.
    step : int or None
        Distance of the origins; None: half a horizon, or one horizon if origins are given.
    refit : bool
        Whether methods are fitted again at every test origin; otherwise once, before the first.
    id : str
        The column that names the series; several separated by commas.
    time : str
        The column of the time stamps.
    target : tuple of str
        The columns to forecast, each a series.
    covariates : tuple of str
        Covariates known up to the origin.
    ahead : tuple of str
        Covariates known ahead.
    missing : str
        What to do with missing values: interpolate, drop or refuse.
    series : str
        Only the first so many series, or those whose names fit a glob pattern.
    excerpts : bool
        Whether reports may show parts of the series with their forecasts.
    frequency : str
        Only the series of this frequency, such as monthly, from a file with several.
    of_horizon : int or None
        Only the series with this horizon, from a .tsf file with several; they are forecast at it.
    """
    columns = Options(id, time, target, covariates, ahead, series=series, frequency=frequency)
    protocol = replace(columns, horizon=horizon, origins=origins, step=step, period=period)
    return read_csv(
        path, replace(protocol, missing=missing, excerpts=excerpts, refit=refit, of_horizon=of_horizon)
    )


def read_csv(path: str | Path, options: Options) -> Problem:
    """Build the problem to forecast every series of a file from its last origins.

    Rows may be in any order.

    Raises
    ------
    Several
        If the series have more than one frequency, and neither period nor frequency is given; or if a .tsf
        file names more than one horizon, and neither horizon nor of_horizon is given.
    ValueError
        Names the file, the row, and what to do.
    """
    if not str(path):
        raise ValueError("the dataset csv needs a file; give --data FILE or csv[path=FILE]")
    made = series_problem(path, options)
    columns, protocol = made.file.columns, made.protocol
    task = Task(
        "forecasting",
        x=Values(len(columns), names=columns),
        y=Values(1, names=columns[:1]),
        length="fixed",
        steps=protocol.horizon,
        period=made.season,
    )
    kept = [one.series for one in made.kept]
    train, test = rolling(kept, 1, protocol.horizon, protocol.origins, step=protocol.step)
    about = About(
        source=source_text(made),
        licence=EXCERPTS if options.excerpts else "not stated: a file of your own",
        protocol=protocol_text(made),
        reference="seasonal-naive",
        metric="mase",
        version=f"sha256 {made.version}",
    )
    return Problem(task, train, test, about, rolling=SEVERAL, refit=bool(options.refit))

"""What can be done with a finished run: forecasts beyond the end of the data, and stored predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from recurbench.forecasting.beyond import Question, compute, prepare
from recurbench.forecasting.conformal import LEVELS
from recurbench.forecasting.coverage import coverage
from recurbench.forecasting.stored import predictions

__all__ = ["coverage", "forecast", "predictions"]


def forecast(
    folder: str | Path,
    method: str | None = None,
    steps: int | None = None,
    level: Sequence[float] = LEVELS,
    *,
    problem: str | None = None,
    ahead: str | Path | None = None,
    plugins: Sequence[str | Path] = (),
) -> pd.DataFrame:
    """Forecast beyond the end of the data of a run.

    The method is fitted again on every known step, with the settings and training steps of the run.

    Parameters
    ----------
    folder : path
        Directory of the run.
    method : str, optional
        A method of the run; by default the one that validation chose.
    steps : int, optional
        Steps to forecast; by default the horizon of the run. Further steps are forecast from forecasts.
    level : sequence of float
        Coverage of the intervals, as shares.
    problem : str, optional
        Which forecasting problem, if the run has several.
    ahead : path, optional
        CSV file with the future values of covariates that are known ahead.
    plugins : sequence of paths, optional
        Plugin files that the run used.

    Returns
    -------
    pandas.DataFrame
        One row per series and step with the columns series, time, step, forecast, and low_80, high_80, ... of
        each level: conformal intervals from the errors on validation and test. With several targets there is
        a column target. If the run asked for quantiles there is a column for each, such as quantile_0.1.
        `attrs["notes"]` holds sentences on the intervals and time stamps.

    Raises
    ------
    ValueError
        If the run has no forecasting problem, its data have changed, the method has no result, or future
        values of covariates are missing.
    """
    question = Question(
        problem,
        method,
        steps,
        tuple(level),
        Path(ahead) if ahead is not None else None,
        tuple(Path(each) for each in plugins),
    )
    made = compute(prepare(folder, question))
    made.frame.attrs["notes"] = list(made.notes)
    made.frame.attrs["opening"] = made.prepared.opening
    return made.frame

"""The result of a run in Python: its answer, its tables and forecasts, and what a notebook shows of it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from recurbench.given_table import stored
from recurbench.reports import formats
from recurbench.reports.page.notebook import first_screen
from recurbench.reports.statistics.series_scores import series_scores
from recurbench.reports.text import answer, data_frames
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, flat, read_run

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """The result of a run. `run` returns it, and `Result("runs/quick")` opens the result of an earlier run.

    In a notebook it shows the question, the answer and the main table. `print` shows the answer.

    Parameters
    ----------
    folder : path
        Directory of the run.
    lang : {"en", "ko"}
        Language of the answer and of what a notebook shows.
    plugins : sequence of paths
        Plugin files that the run used; `forecast` and `predictions` need them.

    Raises
    ------
    ValueError
        If the directory holds no run, or the language is not known.

    Notes
    -----
    The run is read once, when it is first needed. Open the directory again to see fits that were added later.

    Examples
    --------
    >>> result = recurbench.run(methods="theta,lstm", datasets="airline", seeds=1)
    >>> result.table()[["method", "score", "error_vs_reference"]]
    """

    def __init__(
        self, folder: str | Path, lang: str = "en", plugins: str | Path | Sequence[str | Path] = ()
    ) -> None:
        self.folder = Path(folder)
        self._say = Messages(lang)
        self._plugins = [plugins] if isinstance(plugins, str | Path) else list(plugins)
        self._run  # noqa: B018 - a directory without a run is refused here and not later

    @cached_property
    def _run(self) -> Run:
        return read_run(self.folder)

    @property
    def answer(self) -> str:
        """The answer: the sentences of the first screen of the page, one per line."""
        return "\n".join(answer.answer(self._run, self._say).sentences)

    def table(self) -> pd.DataFrame:
        """Return every method on every problem, the best on validation first.

        Returns
        -------
        pandas.DataFrame
            One row per problem and method. score, sd: mean and standard deviation on test, in the unit of
            the metric. mae: mean absolute error in the unit of the data. error_vs_reference: error as a share
            of the error of the reference method, so .8 is 20 % less; on a synthetic task both errors are
            counted from the best possible score. chosen: whether it is the best on validation. equal_on_test:
            whether the test part cannot tell it from the best (model confidence set), None where the test
            part is too small to say. validation: mean validation score. fits: number of test scores.
            cpu_seconds: of one seed. status: "ok", or how fits ended that have no score, with their number;
            reason: why.
        """
        return data_frames.methods(self._run)

    def lift(self) -> pd.DataFrame:
        """Return the gain from recurrence of every problem.

        Returns
        -------
        pandas.DataFrame
            One row per problem. recurrent, other: the best method of each side, chosen on validation. gain:
            skill of the first minus skill of the second; low, high: bounds of its 95 % interval. verdict, and
            reason: why there is no clear verdict.
        """
        return data_frames.gains(self._run, self._say)

    def series(self) -> pd.DataFrame:
        """Return the scores of every single series of the forecasting problems.

        Returns
        -------
        pandas.DataFrame
            One row per problem, sample, method and series: steps (the longest history), origins (how many
            forecasts were scored), and mase, smape, mae, rmse and the other metrics of the run, each a mean
            over origins and seeds. NaN where a metric is undefined for the series.
        """
        return series_scores(self._run)

    def predictions(self, level: Sequence[float] = (0.8, 0.95)) -> pd.DataFrame:
        """Return every stored prediction beside the true value, in the unit of the data.

        Parameters
        ----------
        level : sequence of float
            Nominal coverage of the conformal intervals of forecasts, as shares.

        Returns
        -------
        pandas.DataFrame
            Columns problem, method, seed, stage ("validation" or "test"), series and others. Of forecasts:
            origin, step, time, actual, predicted and the bounds of intervals; of cases: case, actual,
            predicted. `recurbench.forecasting.predictions` lists them all.

        Raises
        ------
        ValueError
            If the data of a problem are missing or have changed since the run.
        """
        from recurbench.forecasting import predictions  # loads what fits methods; only this call needs it

        return predictions(self.folder, plugins=self._plugins, level=level)

    def forecast(
        self,
        method: str | None = None,
        steps: int | None = None,
        *,
        level: Sequence[float] = (0.8, 0.95),
        problem: str | None = None,
        ahead: str | Path | None = None,
    ) -> pd.DataFrame:
        """Forecast beyond the end of the data. The method is fitted again on all of it.

        Parameters
        ----------
        method : str, optional
            A method of the run; by default the one that validation chose.
        steps : int, optional
            Steps to forecast; by default the horizon of the run.
        level : sequence of float
            Coverage of the intervals, as shares.
        problem : str, optional
            Which forecasting problem, if the run has several.
        ahead : path, optional
            CSV file with the future values of covariates that are known ahead.

        Returns
        -------
        pandas.DataFrame
            One row per series and step: series, time, step, forecast, and low_80, high_80, ... of each level.

        Raises
        ------
        ValueError
            If the run has no forecasting problem, its data have changed, or the method has no result.
        """
        from recurbench.forecasting import forecast  # loads what fits methods; only this call needs it

        return forecast(
            self.folder, method, steps, level, problem=problem, ahead=ahead, plugins=self._plugins
        )

    def predict(
        self, data: str | Path | pd.DataFrame, method: str | None = None, *, problem: str | None = None
    ) -> pd.DataFrame:
        """Predict new cases. The method is fitted again on all cases of the run, training and test part.

        Parameters
        ----------
        data : path or pandas.DataFrame
            The new cases: a .ts, .tsv or .npz file, or a table. Labels are not needed.
        method : str, optional
            A method of the run; by default the one that validation chose.
        problem : str, optional
            Which problem of classification or regression, if the run has several.

        Returns
        -------
        pandas.DataFrame
            One row per case: the case, the prediction, and the probability of each class where the method
            gives them.

        Raises
        ------
        ValueError
            If the run has no such problem, its data have changed, or the new cases do not fit.
        """
        from recurbench.forecasting.predict import ask, predict  # loads what fits methods
        from recurbench.registry import discover

        with tempfile.TemporaryDirectory() as folder:
            path = Path(data) if isinstance(data, str | Path) else stored(data, folder)[0]
            question = ask(self._run, path, discover(self._plugins), method=method, problem=problem)
            return predict(question, path).frame

    def fits(self) -> pd.DataFrame:
        """Return one row per fit and its score, with what is needed to repeat it.

        Returns
        -------
        pandas.DataFrame
            What `load` returns for the directory of the run.
        """
        return flat(self._run)

    def report(self, lang: str = "en") -> Path:
        """Write the page with all figures and tables.

        Parameters
        ----------
        lang : {"en", "ko"}
            Language of the page.

        Returns
        -------
        Path
            The page, one HTML file that needs no other file.

        Raises
        ------
        ValueError
            If the language is not known.
        """
        return formats.write(self._run, Messages(lang), self.folder / "report", ["html"])[0]

    def __repr__(self) -> str:
        found = answer.answer(self._run, self._say)
        return "\n".join(filter(None, (found.question, found.alarm, *found.sentences, found.aside)))

    def _repr_html_(self) -> str:
        return first_screen(self._run, self._say)

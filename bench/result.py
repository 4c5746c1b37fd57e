"""The result of a run in Python: its answer, its tables and forecasts, and what a notebook shows of it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from recurbench.reports import formats
from recurbench.reports.page.notebook import first_screen
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

    def __init__(self, folder: str | Path, lang: str = "en") -> None:
        self.folder = Path(folder)
        self._say = Messages(lang)
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
            the metric. error_vs_reference: error as a share of the error of the reference method, so .8 is
            20 % less; on a synthetic task both errors are counted from the best possible score. validation:
            mean validation score. fits: number of test scores. cpu_seconds: of one seed. status: "ok", or how
            fits ended that have no score, with their number; reason: why.
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

"""The metrics of classification and regression, problem by problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.metric_tables import of_problems, problem_grid
from recurbench.reports.page.section import Grid, Prose, Section
from recurbench.reports.statistics.case_scores import case_scores
from recurbench.reports.text import case_scores as words
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A table of each problem with its protocol; None for a run without labelled cases."""
    scored = case_scores(run)
    if not len(scored):
        return None
    grids = {str(problem): _of_problem(rows, say) for problem, rows in scored.groupby("problem", sort=False)}
    intro = Prose((say("cases.intro"), *words.reading(scored, say)))
    labels = dict(zip(scored["problem"], scored["label"], strict=True))
    return of_problems("cases", say("cases.title"), [intro], grids, labels)


def _of_problem(rows: pd.DataFrame, say: Messages) -> Grid:
    names = method_names(list(rows["method"]), say)
    title, notes = words.title(rows, say), words.notes(rows, say)
    return problem_grid(words.OF_CASES, rows, names, say, title, notes, words.values(rows, say))
